"""The three-way merge and the moves that travel in a field: their laws."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.services.sync import carried
from salesdesk.services.sync.carried import CarriedMove
from salesdesk.services.sync.merge import RULES, merge
from salesdesk.services.sync.remote import Value
from salesdesk.services.sync.values import packed, unpacked

Fields = dict[str, Value]

_KEYS = st.sampled_from(("title", "amount", "owner", "stage", "expected_day", "company"))
_VALUES = st.one_of(
    st.none(), st.integers(-5, 5), st.sampled_from(("a", "b", "won")), st.decimals(0, 9, places=2)
)
_FIELDS = st.dictionaries(_KEYS, _VALUES)


def _closed(stage: object) -> bool:
    return stage == "won"


@given(_FIELDS, _FIELDS, _FIELDS)
def test_nothing_is_lost_and_both_ends_come_to_the_same(
    before: Fields, ours: Fields, theirs: Fields
) -> None:
    found = merge("deal", before, ours, theirs, _closed)
    clashing = {clash.field for clash in found.clashes}
    for name in ours.keys() & theirs.keys():
        here = found.take.get(name, ours[name])
        there = found.send.get(name, theirs[name])
        if name in clashing:
            assert (here, there) == (ours[name], theirs[name])
            assert found.agreed.get(name) == before.get(name)
        else:
            assert here == there == found.agreed[name]
        changed_here, changed_there = (
            ours[name] != before.get(name),
            theirs[name] != before.get(name),
        )
        if changed_here and not changed_there:
            assert here == ours[name]
        if changed_there and not changed_here:
            assert there == theirs[name]
        if changed_here and changed_there and ours[name] != theirs[name]:
            assert name in clashing or RULES[("deal", name)] in ("theirs", "closed")


@given(_FIELDS, _FIELDS, _FIELDS)
def test_a_second_merge_has_nothing_left_to_do(
    before: Fields, ours: Fields, theirs: Fields
) -> None:
    once = merge("deal", before, ours, theirs, _closed)
    again = merge("deal", once.agreed, {**ours, **once.take}, {**theirs, **once.send}, _closed)
    assert not again.send
    assert not again.take
    assert again.clashes == once.clashes


def test_the_rules_of_the_contract() -> None:
    before: Fields = {"stage": "a", "owner": "1", "amount": Decimal(5), "pipeline": "p"}
    ours: Fields = {"stage": "b", "owner": "2", "amount": Decimal(6), "pipeline": "p"}
    theirs: Fields = {"stage": "won", "owner": "3", "amount": Decimal(7), "pipeline": "q"}
    found = merge("deal", before, ours, theirs, _closed)
    assert found.take == {"stage": "won", "owner": "3", "pipeline": "q"}
    assert not found.send
    assert [clash.field for clash in found.clashes] == ["amount"]
    both_moved = merge("deal", before, ours, {**theirs, "stage": "c"}, _closed)
    assert {clash.field for clash in both_moved.clashes} == {"amount", "stage"}
    done = merge("task", {"done": False}, {"done": True}, {"done": False}, _closed)
    assert done.send == {"done": True}
    reopened = merge("task", {}, {"done": True}, {"done": False}, _closed)
    assert reopened.agreed == {"done": True}
    phones = merge("contact", {"phones": ()}, {"phones": ("1",)}, {"phones": ("2",)}, _closed)
    assert phones.agreed == {"phones": ("1", "2")}


_MOVES = st.lists(
    st.builds(
        CarriedMove,
        st.integers(0, 10**9).map(lambda second: second * 1_000_000),
        st.uuids().map(lambda each: each.hex[:12]),
        st.sampled_from(("C1:NEW", "142", "58141803")),
        st.sampled_from(("", "7", "700017")),
        st.sampled_from(("", "1", "700018")),
        st.integers(0, 3),
        st.sampled_from((carried.UNTOLD, 0, 1_800_000_000_000_000)),
    ).map(lambda move: replace(move, leaves=move.after > 0)),
    max_size=30,
    unique_by=lambda move: move.id,
)


@given(_MOVES, _MOVES)
def test_moves_travel_and_join_without_loss(
    mine: list[CarriedMove], other: list[CarriedMove]
) -> None:
    assert carried.moves(carried.text(mine)) == sorted(mine)
    together = carried.joined(carried.text(mine), carried.text(other))
    known = {move.id: move for move in other} | {move.id: move for move in mine}
    assert carried.moves(together) == sorted(known.values())
    assert carried.joined(together, carried.text(other)) == together


@given(_MOVES, st.data())
def test_the_order_in_which_texts_are_joined_is_all_one(
    moves: list[CarriedMove], data: st.DataObject
) -> None:
    """Whatever each of three seats knows of how often a move turned and how it arrived."""
    at = st.sampled_from((carried.UNTOLD, 0, 5_000_000, 9_000_000))
    texts = [
        carried.text(
            replace(move, turns=data.draw(st.integers(0, 2)), after=(after := data.draw(at)),
                    leaves=after != carried.UNTOLD and data.draw(st.booleans()))
            for move in moves
        )
        for _ in range(3)
    ]  # fmt: skip
    one, two, three = texts
    together = carried.joined(one, carried.joined(two, three))
    assert together == carried.joined(carried.joined(three, one), two)
    assert carried.joined(together, one) == together


def test_what_a_move_tells_of_its_arrival() -> None:
    """The last one leaves a line there, what travels with it none; each says so once."""
    moves = [CarriedMove(at * 1_000_000, f"id{at}", "S", after=carried.UNTOLD) for at in (1, 2, 3)]
    own = {"id2", "id3"}
    text = carried.arriving(carried.text(moves), own, "S", 7_500_000)
    told = carried.moves(text)
    assert [(move.after, move.leaves) for move in told] == [
        (carried.UNTOLD, False), (7_000_000, False), (7_000_000, True),
    ]  # fmt: skip
    assert carried.arriving(text, own, "S", 9_000_000) == text
    back = carried.text([*told[:2], replace(told[2], turns=1)])
    assert carried.arriving(back, own, "S", 9_000_000) == back
    assert carried.moves(carried.arriving(carried.text(moves), own, "", 0))[-1].leaves is False


@given(_MOVES, st.integers(0, 9), st.booleans())
def test_a_move_goes_on_from_how_often_it_turned(
    mine: list[CarriedMove], known: int, own: bool
) -> None:
    """Whether it counts is as here; whoever joins the texts sees what its seat says."""
    here = [replace(move, turns=move.turns % 2) for move in mine]
    there = carried.text(replace(move, turns=known) for move in mine)
    names = {move.id for move in mine} if own else set()
    told = carried.onward(carried.text(here), there, names)
    together = {move.id: move for move in carried.moves(carried.joined(told, there))}
    assert [move.taken_back for move in carried.moves(told)] == [m.taken_back for m in sorted(here)]
    for move in here:
        joined = together[move.id]
        assert joined.turns >= known
        assert joined.taken_back == move.taken_back or not own


@given(_MOVES, st.integers(0, 600))
def test_a_capped_field_keeps_the_newest(mine: list[CarriedMove], most: int) -> None:
    short = carried.text(mine, most)
    assert len(short) <= most
    kept = carried.moves(short)
    assert kept == sorted(mine)[len(mine) - len(kept) :]


def test_what_others_wrote_there_is_no_move() -> None:
    assert carried.moves("") == carried.moves("sd2\na b c d e") == carried.moves("hello") == []
    assert [move.id for move in carried.moves("sd1\nx 1 2\nid zz st - 9")] == ["id"]
    for tail in ("1 - 2", "x", "1 -!", "1 ?"):
        assert carried.moves(f"sd1\nid zz st - 9 {tail}") == []


@given(_FIELDS)
def test_values_come_back_as_they_were(fields: Fields) -> None:
    assert unpacked(packed(fields)) == fields


@pytest.mark.parametrize("newer", ["sd2\na b c d e", "sd10\n?"])
def test_a_text_of_a_newer_version_is_never_overwritten(newer: str) -> None:
    """What it says is another seat's: our moves travel again as soon as we can read it."""
    ours = carried.text([CarriedMove(5, "id", "st")])
    for other in ("", ours, "hello"):
        assert carried.joined(newer, other) == carried.joined(other, newer) == newer
    assert carried.recent(newer) == newer
    assert carried.arriving(newer, {"id"}, "st", 7) == newer
    found = merge("deal", {"moves": newer}, {"moves": ours}, {"moves": newer}, lambda _: False)
    assert "moves" not in found.send
    assert carried.joined(ours, "hello") == ours
