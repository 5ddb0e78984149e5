"""Filters of deals: as texts and back, as SQL against a plain predicate, saved under names."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.moments import DAY_SECONDS, SECOND, Zone
from salesdesk.services import (
    board,
    dealfields,
    deals,
    filter_choices,
    filters,
    history,
    lists,
    merging,
    people,
    rights,
    saved_filters,
    task_filters,
)
from salesdesk.services.cards import BoardFilter, FieldTest
from salesdesk.ui import addresses
from salesdesk.ui.addresses import Address, Trail
from tests.ui.board_desk import NAMES, Desk, new_desk
from tests.ui.board_story import NOW

DAY = DAY_SECONDS * SECOND
TODAY = date(2026, 11, 21).toordinal()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A workspace that no test here changes."""
    made = new_desk(tmp_path_factory.mktemp("filters") / "sales.salesdesk")
    with made.store.read() as r:
        ids = [row[0] for row in r.rows("SELECT id FROM deal ORDER BY id")]
    by: Any = {"person": None, "now": NOW}
    options = {"kind": "choice", "options": ["red", "blue"], "subject": "deal"}
    lists.add(made.store, "fields", "Colour", options, **by)
    lists.add(made.store, "fields", "Weight", {"kind": "number", "subject": "deal"}, **by)
    lists.add(made.store, "fields", "Place", {"kind": "text", "subject": "deal"}, **by)
    for at, deal in enumerate(ids):
        if at % 3 == 0:
            dealfields.set_tags(made.store, deal, ["urgent"] if at % 2 else ["urgent", "vip"], **by)
        if at % 4 == 1:
            dealfields.set_own_field(made.store, deal, 1, ("red", "blue")[at % 8 == 1], **by)
            dealfields.set_own_field(made.store, deal, 2, Decimal(at) / 2, **by)
            dealfields.set_own_field(made.store, deal, 3, "Уфа, склад", **by)
        if at % 5 == 0:
            deals.change(made.store, deal, {"expected_day": TODAY + at - 10}, **by)
        if at % 7 == 0:
            deals.assign(made.store, [deal], None, **by)
    yield made
    made.store.close()


def passing(desk: Desk, chosen: BoardFilter) -> set[int]:
    """The deals on the board that the filter lets through."""
    with desk.store.read() as r:
        return {
            deal for stage in desk.stages.values() for deal in board.ids(r, stage, chosen, now=NOW)
        }


def facts(desk: Desk) -> list[dict[str, Any]]:
    """Everything that filters ask about, for a plain predicate."""
    names = (
        "id", "title", "company", "client_id", "owner_id", "amount", "created_at", "since",
        "expected_day", "open_tasks", "next_due", "kind", "limit_days", "source_id",
    )  # fmt: skip
    with desk.store.read() as r:
        rows = r.rows(
            "SELECT d.id, d.title, c.name, d.client_id, d.owner_id, d.amount, d.created_at, "
            "d.since, d.expected_day, d.open_tasks, d.next_due, s.kind, s.limit_days, d.source_id "
            "FROM deal d JOIN stage s ON s.id = d.stage_id "
            "LEFT JOIN client c ON c.id = d.client_id "
            "WHERE s.pipeline_id = ? AND d.deleted_at IS NULL",
            (desk.pipeline,),
        )
        tags = r.rows("SELECT deal_id, tag_id FROM deal_tag WHERE deleted_at IS NULL")
    return [
        dict(zip(names, row, strict=True)) | {"tags": {t for d, t in tags if d == row[0]}}
        for row in rows
    ]


def plainly(deal: dict[str, Any], chosen: BoardFilter, zone: Zone) -> bool:
    """The same filter, told another way."""

    def days(text: str, at: int | None, of: Any) -> bool:
        if not text:
            return True
        span = filters.days_of(text, TODAY)
        if span is None or at is None:
            return span is None and at is None
        return bool(span[0] <= of(at) <= span[1])

    amount = Decimal(deal["amount"] or 0) / 10_000
    low, high = chosen.amount
    checks = [
        chosen.owner_ids is None or (deal["owner_id"] or 0) in chosen.owner_ids,
        chosen.seen is None or deal["owner_id"] is None or deal["owner_id"] in chosen.seen,
        not chosen.overdue or (deal["next_due"] is not None and deal["next_due"] < NOW),
        not chosen.no_task or (deal["open_tasks"] == 0 and deal["kind"] == "open"),
        not chosen.stuck
        or (deal["kind"] == "open" and NOW - deal["since"] > deal["limit_days"] * DAY),
        not chosen.clients or deal["client_id"] in chosen.clients,
        not chosen.tags or bool(deal["tags"] & chosen.tags),
        not chosen.sources or (deal["source_id"] or 0) in chosen.sources,
        low is None or amount >= low,
        high is None or amount <= high,
        days(chosen.created, deal["created_at"], zone.day_of),
        days(chosen.entered, deal["since"], zone.day_of),
        days(chosen.expected, deal["expected_day"], int),
        chosen.text.casefold() in deal["title"].casefold()
        or chosen.text.casefold() in (deal["company"] or "").casefold(),
    ]
    return all(checks)


SOME_DAYS = st.one_of(
    st.just(""),
    st.sampled_from(filters.NAMED_DAYS),
    st.tuples(st.integers(-20, 5), st.integers(0, 9)).map(
        lambda pair: filters.days_text(TODAY + pair[0], TODAY + pair[0] + pair[1])
    ),
    st.integers(-20, 5).map(lambda back: filters.days_text(None, TODAY + back)),
)
FEW = st.frozensets(st.integers(0, 6), max_size=3)
AMOUNTS = st.one_of(st.none(), st.integers(0, 2000).map(lambda k: Decimal(k * 1000)))
FILTERS = st.builds(
    BoardFilter,
    overdue=st.booleans(), no_task=st.booleans(), stuck=st.booleans(),
    text=st.sampled_from(["", "", "a", "Crane", "uralmet", "rack"]),
    who=st.sampled_from(["", "mine", "team"]),
    people=FEW, teams=st.frozensets(st.integers(1, 2), max_size=1),
    clients=st.frozensets(st.integers(1, 6), max_size=3),
    tags=st.frozensets(st.integers(1, 2), max_size=2), sources=FEW,
    amount=st.tuples(AMOUNTS, AMOUNTS), created=SOME_DAYS, expected=SOME_DAYS, entered=SOME_DAYS,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(FILTERS, st.one_of(st.none(), FEW))
def test_the_sql_of_a_filter_is_the_filter(
    desk: Desk, chosen: BoardFilter, seen: frozenset[int] | None
) -> None:
    # One condition or two at a time: all of them at once let nothing through.
    every = filters.to_texts(chosen)
    for name in every:
        some = filters.from_texts({name: every[name]})
        with desk.store.read() as r:
            some = replace(filters.resolved(r, some, desk.people[0]), seen=seen)
        wanted = {deal["id"] for deal in facts(desk) if plainly(deal, some, desk.store.zone)}
        assert passing(desk, some) == wanted, (name, every[name])


@settings(max_examples=30, deadline=None)
@given(FILTERS)
def test_counts_and_sums_are_of_the_deals_that_pass(desk: Desk, chosen: BoardFilter) -> None:
    chosen = replace(chosen, who="", people=frozenset(), teams=frozenset(), created="")
    with desk.store.read() as r:
        columns = board.columns(r, desk.pipeline, chosen, now=NOW)
        for column in columns:
            cards = board.cards(r, board.ids(r, column.id, chosen, now=NOW), now=NOW).values()
            assert column.count == len(cards)
            assert column.amount == sum((card.amount or 0 for card in cards), Decimal(0))


#: What a choice may be called, with all that means something in an address.
_CHOICES = st.one_of(
    st.sampled_from(["red", "a.b", "1..5", "|", "a|b", "..", "~", "\\", "\\|", "x.", ".", "50 %"]),
    st.text("|.~\\a", min_size=1, max_size=5),
)


@given(FILTERS, st.lists(_CHOICES, max_size=3))
def test_texts_tell_the_whole_filter(chosen: BoardFilter, words: list[str]) -> None:
    tests = [FieldTest(3, "has", ("Уфа",)), FieldTest(12, "between", ("1", ""))]
    tests += [FieldTest(7, "is", tuple(words))] if words else []
    chosen = replace(chosen, fields=tuple(sorted(tests, key=lambda test: f"f{test.field_id}")))
    texts = filters.to_texts(chosen)
    assert filters.from_texts(texts) == chosen
    written = str(Address("board", texts))
    assert addresses.read(written) == Address("board", texts)


def test_addresses_from_before_are_read_as_they_were() -> None:
    texts = {"f1": "red|dark blue", "f2": "1.5..", "f3": "2026-03-01..2026-03-31", "f4": "~a..b|c"}
    assert filters.from_texts(texts).fields == (
        FieldTest(1, "is", ("red", "dark blue")),
        FieldTest(2, "between", ("1.5", "")),
        FieldTest(3, "between", ("2026-03-01", "2026-03-31")),
        FieldTest(4, "has", ("a..b|c",)),
    )


@pytest.mark.parametrize(
    "texts",
    [
        {"who": "boss"}, {"people": "1,x"}, {"amount": "12"}, {"amount": "a..b"},
        {"amount": "nan.."}, {"created": "2026-02-30.."}, {"entered": "some day"},
        {"people": "9" * 40}, {"amount": "1e99.."},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(texts: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        filters.from_texts(texts)
    [(name, text)] = texts.items()
    assert f"{name}={text}" in refused.value.text() or text in refused.value.text()


def test_own_fields_and_numbers(desk: Desk) -> None:
    def found(texts: dict[str, str]) -> set[int]:
        return passing(desk, filters.from_texts(texts))

    assert filters.from_texts({"f" + "9" * 20: "red"}).fields == ()  # no field has such a number
    with desk.store.read() as r:
        values = r.rows("SELECT field_id, subject_id, value FROM field_value")
        here = {deal["id"] for deal in facts(desk)}
        [(deal, number)] = r.rows("SELECT id, number FROM deal WHERE id = ?", (min(here),))
    red = {s for f, s, v in values if f == 1 and v == "red"} & here
    assert found({"f1": "red"}) == red
    assert red
    assert found({"f1": "red|blue"}) == {s for f, s, _ in values if f == 1} & here
    heavy = {s for f, s, v in values if f == 2 and Decimal("2.5") <= Decimal(v) <= 9} & here
    assert found({"f2": "2.5..9"}) == heavy
    assert found({"f3": "~уфа"}) == {s for f, s, _ in values if f == 3} & here
    assert found({"f3": "~100%"}) == set()
    assert found({"text": f"#{number}"}) == {deal}


def test_named_days_of_a_wednesday() -> None:
    today = date(2026, 11, 18).toordinal()

    def days(name: str) -> list[str]:
        span = filters.days_of(name, today)
        assert span is not None
        return [date.fromordinal(day).isoformat() for day in span]

    assert days("week") == ["2026-11-16", "2026-11-22"]
    assert days("quarter") == ["2026-10-01", "2026-12-31"]
    assert days("last_month") == ["2026-10-01", "2026-10-31"]
    assert days("next_month") == ["2026-12-01", "2026-12-31"]
    assert days("last_30") == ["2026-10-20", "2026-11-18"]
    assert filters.days_of("none", today) is None


def test_what_there_is_to_choose(desk: Desk) -> None:
    with desk.store.read() as r:
        names = [name for _, name in filter_choices.find(r, "people", "", TODAY)]
        assert sorted(names) == sorted(NAMES)
        one = filter_choices.find(r, "people", "", TODAY, frozenset({desk.people[1]}))
        assert one == [(str(desk.people[1]), NAMES[1])]
        assert filter_choices.find(r, "clients", "URAL", TODAY)[0][1] == "Uralmet"
        assert filter_choices.named(r, "tags", ["1", "99"]) == ["urgent", "#99"]
        assert [field.kind for field in filter_choices.own_fields(r)] == [
            "choice", "number", "text",
        ]  # fmt: skip


# -- saved ----------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new_desk(tmp_path / "sales.salesdesk", (1, 0, 0, 0, 0, 0, 0))
    yield made.store
    made.store.close()


def names_of(store: Store, person: int | None) -> list[tuple[str, bool]]:
    with store.read() as r:
        found = saved_filters.saved_filters(r, "board", person)
    return [(each.name, each.is_shared) for each in found]


def test_filters_are_saved_for_oneself_or_everybody_and_undone(store: Store) -> None:
    by: Any = {"now": NOW}
    texts = {"who": "mine", "overdue": "1"}
    saved = saved_filters.save(store, "board", "  My  late ", texts, shared=False, person=1, **by)
    saved_filters.save(store, "board", "All late", {"overdue": "1"}, shared=True, person=2, **by)
    assert names_of(store, 1) == [("My late", False), ("All late", True)]
    assert names_of(store, 2) == [("All late", True)]
    again = saved_filters.save(
        store, "board", "my LATE", {"stuck": "1"}, shared=False, person=1, **by
    )
    assert again.id == saved.id
    with store.read() as r:
        assert saved_filters.saved_filters(r, "board", 1)[0].texts == {"stuck": "1"}
    history.undo(store, again.command_id, person=1, **by)
    with store.read() as r:
        assert saved_filters.saved_filters(r, "board", 1)[0].texts == texts
    saved_filters.rename(store, saved.id, "Mine", person=1, **by)
    command = saved_filters.delete(store, saved.id, person=1, **by)
    assert names_of(store, 1) == [("All late", True)]
    history.undo(store, command, person=1, **by)
    saved_filters.share(store, saved.id, True, person=1, **by)
    assert names_of(store, 2) == [("All late", True), ("Mine", True)]


def test_a_saved_filter_needs_a_name_something_to_filter_and_its_owner(store: Store) -> None:
    by: Any = {"now": NOW}
    with pytest.raises(Invalid):
        saved_filters.save(store, "board", " ", {"stuck": "1"}, shared=False, person=1, **by)
    with pytest.raises(Invalid):
        saved_filters.save(store, "board", "Nothing", {}, shared=False, person=1, **by)
    mine = saved_filters.save(store, "board", "A", {"stuck": "1"}, shared=False, person=1, **by)
    saved_filters.save(store, "board", "B", {"stuck": "1"}, shared=False, person=1, **by)
    with pytest.raises(Invalid):
        saved_filters.rename(store, mine.id, "b", person=1, **by)
    with pytest.raises((NotFound, Refused)):
        saved_filters.delete(store, mine.id, person=2, **by)
    assert names_of(store, 1) == [("A", False), ("B", False)]


def test_a_manager_sees_the_own_deals_and_those_of_nobody(store: Store) -> None:
    by: Any = {"person": None, "now": NOW}
    manager = people.add_person(store, "Petr Novikov", {"role": "manager"}, **by).id
    with store.read() as r:
        seen = rights.seen_people(r, manager, day=TODAY)
        stage = r.value("SELECT id FROM stage ORDER BY position LIMIT 1")
    assert seen == frozenset({manager})
    for owner in (manager, None, 1):
        deals.create(store, deals.NewDeal("Mine?", stage, owner), **by)
    with store.read() as r:
        chosen = BoardFilter(seen=seen)
        ids = board.ids(r, stage, chosen, now=NOW)
        owners = {card.owner_id for card in board.cards(r, ids, now=NOW).values()}
        assert owners == {manager, None}
        assert list(board.first_ids(r, stage, 16, seen)) == list(ids)
    assert chosen.is_empty()
    assert not chosen.is_whole()


# -- addresses ------------------------------------------------------------------------------------


def test_the_way_back_and_forward() -> None:
    trail = Trail()
    board_, mine = Address("board"), Address("board", {"who": "mine"})
    typed = Address("board", {"who": "mine", "text": "a"})
    for address, step in ((board_, True), (mine, True), (typed, False), (typed, True)):
        trail.visit(address, step)
    assert not trail.can_go(1)
    assert trail.go(-1) == board_
    assert trail.go(-1) is None
    assert trail.go(1) == typed
    trail.go(-1)
    trail.visit(Address("ranking"))
    assert not trail.can_go(1)
    assert trail.go(-1) == board_


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text(min_size=1)))
def test_any_text_survives_in_an_address(page: str, parts: dict[str, str]) -> None:
    if page.strip() != page or "?" in page:
        return
    assert addresses.read(str(Address(page, parts)).rstrip("\n")).parts.keys() == parts.keys()


def test_a_filter_that_names_a_merged_client_finds_the_survivor(desk: Desk) -> None:
    store = desk.store
    with store.read() as r:
        stays, gone = (row[0] for row in r.rows("SELECT id FROM client WHERE kind = 'company' "
                                                "ORDER BY id LIMIT 2"))  # fmt: skip
    texts = {"clients": str(gone)}
    filters_before = filters.from_texts(texts)
    saved_filters.save(store, "board", "Them", texts, shared=False, person=1, now=NOW)
    merged = merging.merge_clients(store, stays, [gone], person=None, now=NOW)
    with store.read() as r:
        [found] = saved_filters.saved_filters(r, "board", 1)
        chosen = filters.resolved(r, filters_before, 1)
        where, params = task_filters.where(r, task_filters.from_texts(texts), NOW)
    assert found.texts == {"clients": str(stays)}
    assert chosen.clients == {stays}
    assert passing(desk, chosen) == passing(desk, BoardFilter(clients=frozenset({stays}))) != set()
    assert str(gone) not in map(str, params)
    assert stays in params
    assert where
    history.undo(store, merged.command_id, person=None, now=NOW)  # others use the same workspace
