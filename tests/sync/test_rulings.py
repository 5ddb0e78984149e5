"""Rulings of team leads travel with the moves: every seat counts the same points, whoever ruled
last decides, and a seat that does not know of rulings loses none."""

from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import NotFound
from salesdesk.services import dealevents, history, rulings
from salesdesk.services.sync import carried, carried_rulings
from salesdesk.services.sync.carried import CarriedMove
from salesdesk.services.sync.carried_rulings import CarriedRuling
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, SECOND, Clock, Seat, seat
from tests.sync.test_stories import Skewed

Pair = tuple[Seat, Seat]
DAY = 86_400 * SECOND


def reached(one: Seat, deal: int) -> dict[str, str]:
    """Whose the reaches of a deal are, by stage."""
    stages = {key: name for name, key in one.stages.items()}
    people = {key: name for name, key in one.people.items()}
    with one.store.read() as r:
        rows = r.rows("SELECT stage_id, person_id FROM reach WHERE deal_id = ?", (deal,))
    return {stages[stage]: people.get(person, "?") for stage, person in rows}


def void(one: Seat, deal: int, stage: str = "S:MEET", reason: str = "Не та сделка") -> int:
    return rulings.void(one.store, deal, one.stages[stage], reason=reason, **one.by())


def ruled(one: Seat, deal: int) -> list[tuple[Any, ...]]:
    """The rulings on a deal as a seat tells them, by their moments."""
    with one.store.read() as r:
        return sorted((u.at, u.kind, u.person, u.reason, u.by, u.holds)
                      for u in rulings.rulings(r, deal))  # fmt: skip


def settle(*seats: Seat) -> None:
    """Everybody reads what everybody wrote, and then nothing is left to send."""
    for one in (*seats, *seats):
        one.clock.at += MINUTE
        one.round()
    assert [one.round().pushed for one in seats] == [0] * len(seats)


@pytest.fixture
def moved(pair: Pair) -> tuple[Seat, Seat, int, int]:
    """A deal of Mary's that came to a meeting, and what it is at Max's."""
    mary, max_ = pair
    deal = mary.deal()
    mary.clock.at += MINUTE
    mary.move(deal, "S:MEET")
    settle(mary, max_)
    there = max_.here(mary.far(deal))
    assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1", "S:MEET": "1"}
    return mary, max_, deal, there


def test_a_reach_that_was_voided_counts_nowhere(moved: tuple[Seat, Seat, int, int]) -> None:
    mary, max_, deal, there = moved
    at = max_.clock.at + SECOND
    by: dict[str, Any] = {"person": None, "now": at}
    rulings.void(max_.store, there, max_.stages["S:MEET"], reason="Не было", **by)
    settle(max_, mary)
    assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1"}
    assert ruled(mary, deal) == ruled(max_, there) == [(at, "void", None, "Не было", None, True)]


def test_who_ruled_and_in_whose_favour_travel(moved: tuple[Seat, Seat, int, int]) -> None:
    """It comes in as what the sync did: told in the history, and sent back by nobody."""
    mary, max_, deal, there = moved
    for one in (mary, max_):
        with one.store.command("test", now=1, origin="import") as tx:
            [key] = tx.insert("person", [{"name": "Ann", "name_key": "ann", "role": "admin"}])
        one.people["3"] = key
        with one.store.books() as books:
            remote = books.value("SELECT id FROM sync_remote")
            row = {"remote_id": remote, "what": "person", "local_id": key, "far_id": "3"}
            books.insert("sync_map", [row])
    by: dict[str, Any] = {"person": max_.people["3"], "now": max_.clock.at}
    to = max_.people["2"]
    rulings.credit(max_.store, there, max_.stages["S:MEET"], to, reason="Max met them", **by)
    settle(max_, mary)
    assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1", "S:MEET": "2"}
    [told] = ruled(mary, deal)
    assert told[1:5] == ("credit", "Max", "Max met them", "Ann")
    command = mary.value("SELECT command_id FROM reach_ruling")
    assert mary.value("SELECT origin FROM command WHERE id = ?", command) == "sync"


def test_a_ruling_that_was_reversed_travels_too(moved: tuple[Seat, Seat, int, int]) -> None:
    """By a ruling of somebody else, and by taking it back and putting it back."""
    mary, max_, deal, there = moved
    command = void(max_, there)
    settle(max_, mary)
    move = mary.value("SELECT move_id FROM reach_ruling")
    for turn in range(3):
        max_.clock.at += MINUTE
        (history.redo if turn % 2 else history.undo)(max_.store, command, **max_.by())
        settle(max_, mary)
        assert ("S:MEET" in reached(mary, deal)) == ("S:MEET" in reached(max_, there))
        assert ("S:MEET" in reached(mary, deal)) == (turn % 2 == 0)
    history.redo(max_.store, command, **max_.by())
    settle(max_, mary)
    stage = mary.stages["S:MEET"]
    rulings.restore(mary.store, deal, stage, move, reason="It was", **mary.by())
    settle(mary, max_)
    assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1", "S:MEET": "1"}
    assert [one[1] for one in ruled(max_, there)] == ["void", "restore"]


def test_the_latest_ruling_holds_whoever_is_read_first(
    moved: tuple[Seat, Seat, int, int],
) -> None:
    mary, max_, deal, there = moved
    void(mary, deal)
    max_.clock.at += MINUTE
    to = max_.people["2"]
    stage = max_.stages["S:MEET"]
    rulings.credit(max_.store, there, stage, to, reason="Max met them", **max_.by())
    settle(max_, mary)  # the later one arrives first
    assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1", "S:MEET": "2"}
    assert ruled(mary, deal) == ruled(max_, there)
    assert [one[-1] for one in ruled(mary, deal)] == [False, True]


@pytest.mark.parametrize("off", [-3 * DAY, 3 * DAY])
def test_who_sees_a_ruling_rules_after_it_whatever_the_clocks(
    tmp_path: Path, portal: Portal, clock: Clock, off: int
) -> None:
    mary = seat(tmp_path, portal, clock, "1")
    max_ = seat(tmp_path, portal, Skewed(clock, off), "2")  # type: ignore[arg-type]
    with mary.store, max_.store:
        deal = mary.deal()
        mary.move(deal, "S:MEET")
        settle(mary, max_)
        there = max_.here(mary.far(deal))
        void(max_, there)
        settle(max_, mary)
        move = mary.value("SELECT move_id FROM reach_ruling")
        stage = mary.stages["S:MEET"]
        rulings.restore(mary.store, deal, stage, move, reason="It was", **mary.by())
        settle(mary, max_)
        assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1", "S:MEET": "1"}
        with pytest.raises(NotFound):
            rulings.restore(mary.store, deal, stage, move, reason="Again", **mary.by())


def test_a_move_that_a_colleague_made_in_the_crm_is_ruled_upon(pair: Pair, portal: Portal) -> None:
    """Each seat wrote that move itself; the line of the CRM's history says which it is."""
    mary, max_ = pair
    deal = mary.deal()
    settle(mary, max_)
    mary.clock.at += 20 * MINUTE
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:MEET"}, by="2")
    settle(mary, max_)
    there = max_.here(mary.far(deal))
    void(max_, there)
    settle(max_, mary)
    assert reached(mary, deal) == reached(max_, there) == {"S:NEW": "1"}


def test_a_seat_that_is_new_reads_rulings_with_the_deal(
    moved: tuple[Seat, Seat, int, int], tmp_path: Path
) -> None:
    mary, max_, deal, there = moved
    void(max_, there)
    settle(max_, mary)
    (tmp_path / "third").mkdir()
    with (ann := seat(tmp_path / "third", mary.remote.portal, mary.clock, "3")).store:
        settle(ann)
        assert reached(ann, ann.here(mary.far(deal))) == {"S:NEW": "1"}


def test_what_came_is_told_in_the_deal_and_not_undone_as_ones_own(
    moved: tuple[Seat, Seat, int, int],
) -> None:
    mary, max_, deal, there = moved
    void(max_, there)
    settle(max_, mary)
    with mary.store.read() as r:
        told = [one for one in dealevents.events(r, deal) if one.kind == "reach_voided"]
    assert [(one.reason, one.origin) for one in told] == [("Не та сделка", "sync")]


# -- the format -----------------------------------------------------------------------------------

RULING = CarriedRuling(
    at=9_000_000_000, entry="a1b2", entered=5_000_000, kind="void", stage="C1:NEW", by="7",
    reason="Не та",
)  # fmt: skip


@pytest.mark.parametrize("given", [
    RULING,
    CarriedRuling(at=1, entry="#17", entered=0, kind="credit", stage="S", to="12"),
    CarriedRuling(at=1, entry="a", entered=0, kind="restore", stage="S", reason="x", turns=3),
])  # fmt: skip
def test_a_ruling_comes_back_as_it_was(given: CarriedRuling) -> None:
    text = carried.text([carried_rulings.line_of(given)])
    assert carried_rulings.rulings(text) == [given]
    assert carried.moves(text) == []


def test_a_seat_of_before_passes_rulings_on() -> None:
    """It reads a line of a ruling as a move into a stage that nobody has: five parts, a moment, no
    turns. So it keeps the line, joins it as such, and takes none for the last move of a deal."""
    text = carried.text([CarriedMove(5_000_000, "a1b2", "S"), carried_rulings.line_of(RULING)])
    version, ruling, move = text.splitlines()
    assert (version, move.split()[0]) == ("sd1", "a1b2")
    assert ruling.isascii()
    assert len(ruling.split()) == 5
    assert ruling.split()[1] == move.split()[1]
    turned = carried_rulings.line_of(CarriedRuling(**{**_fields(RULING), "turns": 2}))
    assert turned > carried_rulings.line_of(RULING)  # of two the one that turned more often


def _fields(ruling: CarriedRuling) -> dict[str, Any]:
    return {name: getattr(ruling, name) for name in CarriedRuling.__slots__}


def test_a_ruling_goes_with_its_move() -> None:
    """It leaves the field before its move does."""
    lines = [carried_rulings.line_of(RULING), CarriedMove(5_000_000, "a1b2", "S")]
    newer = CarriedMove(5_000_001 + carried.YEAR, "c", "S")
    assert carried.moves(carried.recent(carried.text([*lines, newer]))) == [newer]
    assert carried_rulings.rulings(carried.recent(carried.text([*lines, newer]))) == []
    short = carried.text(lines, len(carried.text(lines[1:])))
    assert carried.moves(short) == lines[1:]


def test_a_long_reason_is_cut_once() -> None:
    long = CarriedRuling(**{**_fields(RULING), "reason": "слово " * 100})
    [cut] = carried_rulings.rulings(carried.text([carried_rulings.line_of(long)]))
    assert cut.reason.startswith("слово слово")
    assert len(cut.reason) <= carried_rulings.REASON
    assert carried_rulings.line_of(cut) == carried_rulings.line_of(long)


@pytest.mark.parametrize("line", [
    "!1v.a.S 5 !00x - -", "!v.a.S 5 !00- - -", "!1q.a.S 5 !00- - -", "!1v.a 5 !00- - -",
    "!1v.a.S 5 S - -", "! 5 !00- - -", "!1v.a.S 5 !0 - -",
])  # fmt: skip
def test_what_cannot_be_read_is_no_ruling(line: str) -> None:
    found = carried_rulings.rulings(f"sd1\n{line}")
    assert [one.reason for one in found] in ([], [""])


def test_a_ruling_is_no_last_move() -> None:
    """What a move tells of its arrival does not depend on a ruling behind it."""
    ruling = CarriedRuling(at=1, entry="#9", entered=8, kind="void", stage="S")
    far = carried_rulings.line_of(ruling)
    text = carried.arriving(carried.text([CarriedMove(5, "id", "S"), far]), {"id"}, "S", 0)
    assert carried.moves(text) == [CarriedMove(5, "id", "S", after=0, leaves=True)]
