"""Stage moves that travel: each counts once, from its true moment, for its person, whatever the
clocks, the order of the rounds and the robots of the CRM."""

import json
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesdesk.services import deals, history
from salesdesk.services.sync import carried
from salesdesk.services.sync.carried import CarriedMove
from salesdesk.services.sync.failures import Failure, Kind
from tests.sync.memory_remote import HOLDS, Portal
from tests.sync.seats import MINUTE, SECOND, Clock, Seat, seat

DAY = 86_400 * SECOND


class Skewed:
    """A seat whose clock is off."""

    def __init__(self, clock: Clock, off: int) -> None:
        self._clock = clock
        self._off = off

    @property
    def at(self) -> int:
        return self._clock.at + self._off

    @at.setter
    def at(self, value: int) -> None:
        self._clock.at = value - self._off

    def now(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def stages(one: Seat, deal: int) -> list[str]:
    return [stage for stage, _ in one.protocol(deal)]


def test_there_and_back_within_one_round(pair: tuple[Seat, Seat], portal: Portal) -> None:
    mary, max_ = pair
    deal = mary.deal()
    mary.round()
    max_.round()
    there = max_.here(mary.far(deal))
    for stage in ("S:MEET", "S:NEW"):
        mary.clock.at += MINUTE
        mary.move(deal, stage)
    mary.round()
    max_.round()
    assert max_.protocol(there) == mary.protocol(deal)
    assert stages(max_, there) == ["S:NEW", "S:MEET", "S:NEW"]
    mary.clock.at += MINUTE
    portal.edit("deal", mary.far(deal).far_id, {"stage": "S:MEET"}, by="9")  # no echo of ours
    for one in (mary, max_, mary, max_):
        one.round()
    assert stages(mary, deal) == stages(max_, there) == ["S:NEW", "S:MEET", "S:NEW", "S:MEET"]


def test_a_lost_answer_counts_a_move_once(mary_max: tuple[Seat, Seat]) -> None:
    mary, max_ = mary_max
    deal = mary.deal()
    mary.round()
    lost = iter([True])

    def fault(when: str, _what: str) -> None:
        if when == "after" and next(lost, False):
            raise Failure(Kind.UNKNOWN)

    mary.remote.fault = fault
    mary.move(deal, "S:PAY")
    mary.round()
    mary.clock.at += 20 * MINUTE
    mary.round()
    max_.round()
    assert stages(mary, deal) == ["S:NEW", "S:PAY"]
    assert max_.protocol(max_.here(mary.far(deal))) == mary.protocol(deal)


@pytest.fixture
def mary_max(pair: tuple[Seat, Seat]) -> tuple[Seat, Seat]:
    return pair


def test_a_move_taken_back_counts_nowhere(pair: tuple[Seat, Seat]) -> None:
    mary, max_ = pair
    deal = mary.deal()
    mary.move(deal, "S:MEET")
    command = mary.value("SELECT max(id) FROM command WHERE kind = 'deal.move'")
    mary.round()
    max_.round()
    there = max_.here(mary.far(deal))
    assert stages(max_, there) == ["S:NEW", "S:MEET"]
    history.undo(mary.store, command, **mary.by())
    for one in (mary, max_, mary, max_):
        one.round()
    assert stages(mary, deal) == stages(max_, there) == ["S:NEW"]
    assert max_.round().pushed == mary.round().pushed == 0


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
def test_a_move_taken_back_and_put_back_counts_everywhere_as_at_its_seat(
    pair: tuple[Seat, Seat], tmp_path: Path, turns: int
) -> None:
    """Each turn travels; another seat sees each of them, a third one all of them at once."""
    mary, max_ = pair
    deal = mary.deal()
    mary.move(deal, "S:MEET")
    command = mary.value("SELECT max(id) FROM command WHERE kind = 'deal.move'")
    for one in (mary, max_):
        one.round()
    there = max_.here(mary.far(deal))
    for turn in range(turns):
        mary.clock.at += 20 * MINUTE
        (history.redo if turn % 2 else history.undo)(mary.store, command, **mary.by())
        for one in (mary, max_, mary, max_):
            one.round()
        wanted = ["S:NEW", "S:MEET"] if turn % 2 else ["S:NEW"]
        assert stages(mary, deal) == stages(max_, there) == wanted
        assert max_.protocol(there) == mary.protocol(deal)
        assert max_.round().pushed == mary.round().pushed == 0
    (tmp_path / "third").mkdir()
    with (ann := seat(tmp_path / "third", mary.remote.portal, mary.clock, "3")).store:
        for _ in range(2):
            ann.round()
        assert ann.protocol(ann.here(mary.far(deal))) == mary.protocol(deal)


def test_two_seats_move_one_deal_offline(pair: tuple[Seat, Seat]) -> None:
    mary, max_ = pair
    deal = mary.deal()
    mary.round()
    max_.round()
    there = max_.here(mary.far(deal))
    mary.move(deal, "S:MEET")
    mary.clock.at += MINUTE
    max_.move(there, "S:WON")
    max_.round()
    mary.round()  # closed beats open, and both moves happened
    max_.round()
    assert stages(mary, deal) == stages(max_, there) == ["S:NEW", "S:MEET", "S:WON"]
    assert mary.far(deal).fields["stage"] == "S:WON"
    assert mary.round().conflicts == 0


@pytest.mark.parametrize("off", [-3 * DAY, 3 * DAY])
def test_clocks_that_are_days_off(tmp_path: Path, portal: Portal, clock: Clock, off: int) -> None:
    with ExitStack() as stack:
        mary = seat(tmp_path, portal, clock, "1")
        max_ = seat(tmp_path, portal, Skewed(clock, off), "2")  # type: ignore[arg-type]
        for one in (mary, max_):
            stack.enter_context(one.store)
        clock.at += 10 * DAY
        deal = mary.deal()
        mary.round()
        max_.round()
        there = max_.here(mary.far(deal))
        max_.move(there, "S:MEET")
        max_.round()
        mary.round()
        mary.move(deal, "S:PAY")
        mary.round()
        max_.round()
        assert stages(mary, deal) == stages(max_, there) == ["S:NEW", "S:MEET", "S:PAY"]


def test_a_later_move_into_the_same_stage_is_no_echo(mary_max: tuple[Seat, Seat]) -> None:
    """Nor is the line of the making: whoever reads it all at once tells them apart."""
    mary, max_ = mary_max
    portal = mary.remote.portal
    deal = mary.deal()
    for stage in ("S:MEET", "S:PAY"):
        mary.round()
        mary.clock.at += 20 * MINUTE
        mary.move(deal, stage)
    mary.round()
    for stage in ("S:NEW", "S:MEET", "S:NEW"):
        mary.clock.at += 20 * MINUTE
        portal.edit("deal", mary.far(deal).far_id, {"stage": stage}, by="9")
    mary.round()
    max_.round()
    told = ["S:NEW", "S:MEET", "S:PAY", "S:NEW", "S:MEET", "S:NEW"]
    assert stages(mary, deal) == told
    assert max_.protocol(max_.here(mary.far(deal))) == mary.protocol(deal)


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("paused", [False, True])
def test_a_deal_that_was_made_there_counts_from_its_making(
    mary_max: tuple[Seat, Seat], moved: bool, paused: bool
) -> None:
    """Also where no history tells of it: its first line says which stage it left. And where the
    history rests while the deal is read."""
    mary, _ = mary_max
    portal = mary.remote.portal
    portal.tells_making = False

    def fault(_when: str, what: str) -> None:
        if what in ("move", "moves"):
            raise Failure(Kind.PAUSED)

    if paused:
        for one in mary_max:
            one.remote.fault = fault
    far = portal.add("deal", {"title": "New", "pipeline": "P", "stage": "S:NEW"}, by="9").far_id
    made = portal.clock()
    for one in mary_max if moved else ():
        one.round()
    mary.clock.at += 60 * MINUTE
    then = portal.edit("deal", far, {"stage": "S:PAY"}, by="9")
    mary.clock.at += MINUTE  # another second: it is not read twice
    portal.add("deal", {"title": "Later", "pipeline": "P", "stage": "S:NEW"}, by="9")
    for one in mary_max:
        one.round()
        one.remote.fault = lambda _when, _what: None
        one.round()
        assert one.protocol(one.here(then)) == [("S:NEW", made), ("S:PAY", then.at)]


def test_moves_before_the_chosen_day_do_not_count(mary_max: tuple[Seat, Seat]) -> None:
    mary, _ = mary_max
    portal = mary.remote.portal
    far = portal.add("deal", {"title": "Old", "pipeline": "P", "stage": "S:NEW"}, by="2")
    mary.clock.at += DAY
    portal.edit("deal", far.far_id, {"stage": "S:MEET"}, by="2")
    mary.clock.at += 10 * DAY
    portal.edit("deal", far.far_id, {"stage": "S:PAY"}, by="2")
    day = mary.store.zone.day_of(mary.clock.at - DAY)
    options(mary, {"counts_from": date.fromordinal(day).isoformat()})
    mary.round()
    assert stages(mary, mary.here(portal.table("deal")[far.far_id])) == ["S:PAY"]


def insert(one: Seat, table: str, **fields: Any) -> int:
    """A row of the configuration."""
    with one.store.command("test", now=one.clock.at) as tx:
        return tx.insert(table, [fields])[0]


def options(one: Seat, chosen: dict[str, Any]) -> None:
    """Keep options with the connection."""
    with one.store.books() as books:
        books.update("sync_remote", [{"id": 1, "options": json.dumps(chosen)}])


def test_the_crm_makes_the_tasks_where_it_was_told_to(mary_max: tuple[Seat, Seat]) -> None:
    mary, _ = mary_max
    insert(
        mary, "task_rule", stage_id=mary.stages["S:MEET"], title="Call", event="entered", position=0
    )
    options(mary, {"automates": {str(mary.pipeline): "crm"}})
    mary.store.cache.clear()
    first = mary.deal()
    mary.move(first, "S:MEET")
    assert mary.value("SELECT count(*) FROM task") == 0
    options(mary, {})
    mary.store.cache.clear()
    second = mary.deal()
    mary.move(second, "S:MEET")
    assert mary.value("SELECT count(*) FROM task") == 1


def test_old_moves_leave_the_field() -> None:
    year = carried.YEAR
    found = [CarriedMove(at, f"id{at}", "S") for at in (1, year // 2, year + 2, year + 3)]
    left = carried.moves(carried.recent(carried.text(found)))
    assert [move.at for move in left] == [year // 2, year + 2, year + 3]


def test_a_deal_outside_of_what_is_synced_keeps_its_place(
    mary_max: tuple[Seat, Seat],
) -> None:
    mary, _ = mary_max
    deal = mary.deal(amount=Decimal(5))
    mary.round()
    other = insert(mary, "pipeline", name="Own", name_key="own", counts=1, position=1)
    stage = insert(mary, "stage", pipeline_id=other, name="A", name_key="a", kind="open",
                        position=1, probability=10)  # fmt: skip
    deals.move(mary.store, [deal], stage, **mary.by())
    mary.round()
    assert mary.far(deal).fields["stage"] == "S:NEW"
    portal = mary.remote.portal
    back = mary.deal("Second")
    mary.round()
    portal.edit("deal", mary.far(back).far_id, {"pipeline": "Q", "stage": "Q:1", "title": "T"})
    mary.round()
    assert mary.value("SELECT title FROM deal WHERE id = ?", back) == "T"
    assert mary.value("SELECT count(*) FROM sync_aside") == 1
    portal.edit("deal", mary.far(back).far_id, {"pipeline": "P", "stage": "S:PAY"})
    mary.round()
    assert mary.value("SELECT count(*) FROM sync_aside") == 0
    assert stages(mary, back)[-1] == "S:PAY"


def test_deleted_there_and_restored(mary_max: tuple[Seat, Seat]) -> None:
    mary, _ = mary_max
    portal = mary.remote.portal
    deal = mary.deal()
    mary.round()
    kept = portal.table("deal").pop(mary.far(deal).far_id)
    deals.change(mary.store, deal, {"title": "Ours"}, **mary.by())
    mary.clock.at += MINUTE
    assert mary.round().failed == 1
    portal.table("deal")[kept.far_id] = kept
    portal.edit("deal", kept.far_id, {"amount": Decimal(7)}, by="2")
    for _ in range(3):
        mary.clock.at += 20 * MINUTE
        mary.round()
    assert mary.value("SELECT state FROM sync_link") == "linked"
    assert mary.value("SELECT amount FROM deal") == 70_000
    assert mary.far(deal).fields["title"] == "Ours"


def test_a_conflict_that_is_none_any_more_goes(mary_max: tuple[Seat, Seat]) -> None:
    mary, _ = mary_max
    portal = mary.remote.portal
    deal = mary.deal(amount=Decimal(1))
    mary.round()
    deals.change(mary.store, deal, {"amount": Decimal(2)}, **mary.by())
    portal.edit("deal", mary.far(deal).far_id, {"amount": Decimal(3)}, by="2")
    assert mary.round().conflicts == 1
    deals.change(mary.store, deal, {"amount": Decimal(3)}, **mary.by())
    found = mary.round()
    assert (found.conflicts, found.waiting) == (0, 0)


WORDS = st.sampled_from(("mary", "max", "crm", "sync mary", "sync max", "undo"))
STAGE = st.sampled_from(("S:NEW", "S:MEET", "S:PAY"))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(WORDS, STAGE), min_size=3, max_size=14))
def test_what_truly_happened(story: list[tuple[str, str]]) -> None:
    """Against a slow model: what each did, when. Conflicts are avoided by reading before moving."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").exists() else None) as folder:
        clock = Clock()
        portal = Portal(clock.now)
        with ExitStack() as stack:
            seats = {name: seat(Path(folder), portal, clock, user)
                     for name, user in (("mary", "1"), ("max", "2"))}  # fmt: skip
            for one in seats.values():
                stack.enter_context(one.store)
            mary, max_ = seats["mary"], seats["max"]
            deal = mary.deal()
            mary.round()
            max_.round()
            here = {"mary": deal, "max": max_.here(mary.far(deal))}
            truth = [("S:NEW", mary.protocol(deal)[0][1], None)]
            for who, stage in story:
                clock.at += 5 * MINUTE
                if who.startswith("sync"):
                    seats[who.split()[1]].round()
                elif who == "crm" and truth[-1][0] != stage:
                    for one in (mary, max_):  # nobody has moved it meanwhile
                        one.round()
                    clock.at += 5 * MINUTE
                    portal.edit("deal", mary.far(deal).far_id, {"stage": stage}, by="9")
                    truth.append((stage, portal.clock(), None))
                    for one in (mary, max_):
                        one.round()
                elif who in seats and truth[-1][0] != stage:
                    other = seats["max" if who == "mary" else "mary"]
                    for one in (other, seats[who]):
                        one.round()
                    seats[who].move(here[who], stage)
                    truth.append((stage, clock.at, None))
            for one in (mary, max_, mary, max_):
                clock.at += 20 * MINUTE
                one.round()
            true = [(stage, at) for stage, at, _ in truth]
            assert mary.protocol(deal) == true
            assert max_.protocol(here["max"]) == true
            assert mary.far(deal).fields["stage"] == truth[-1][0]
            assert {one.round().pushed for one in (mary, max_)} == {0}


def test_without_a_field_for_moves_an_echo_is_one(mary_max: tuple[Seat, Seat]) -> None:
    mary, _ = mary_max
    mary.remote.holds = {**HOLDS, "deal": HOLDS["deal"] - {"moves"}}
    deal = mary.deal()
    for stage in ("S:MEET", "S:PAY", "S:MEET"):
        mary.round()
        mary.clock.at += 20 * MINUTE
        mary.move(deal, stage)
    mary.round()
    mary.round()
    assert stages(mary, deal) == ["S:NEW", "S:MEET", "S:PAY", "S:MEET"]
    mary.clock.at += 20 * MINUTE
    mary.remote.portal.edit("deal", mary.far(deal).far_id, {"stage": "S:PAY"}, by="9")
    mary.round()
    assert stages(mary, deal)[-2:] == ["S:MEET", "S:PAY"]


@pytest.mark.parametrize("off", [-3 * DAY, 3 * DAY])
def test_what_was_sent_is_no_move_of_the_crm(
    tmp_path: Path, portal: Portal, clock: Clock, off: int
) -> None:
    """No field tells of the moves: only that they were noted when they went out."""
    mary = seat(tmp_path, portal, Skewed(clock, off), "1")  # type: ignore[arg-type]
    mary.remote.holds = {**HOLDS, "deal": HOLDS["deal"] - {"moves"}}
    with mary.store:
        clock.at += 10 * DAY
        deal = mary.deal()
        mary.round()
        clock.at += 20 * MINUTE
        mary.move(deal, "S:MEET")
        true = mary.protocol(deal)
        for _ in range(3):
            mary.round()
        assert mary.protocol(deal) == true


def test_there_and_back_leaves_no_line_there(mary_max: tuple[Seat, Seat]) -> None:
    """Both moves travel, and the stage did not change: a move made there soon after is one."""
    mary, _ = mary_max
    portal, deal = mary.remote.portal, mary.deal()
    mary.round()
    for stage in ("S:MEET", "S:NEW"):
        mary.clock.at += MINUTE
        mary.move(deal, stage)
    mary.round()
    far = mary.far(deal).far_id
    for stage in ("S:PAY", "S:NEW", "S:MEET"):
        mary.clock.at += 20 * SECOND
        portal.edit("deal", far, {"stage": stage}, by="9")
    mary.round()
    assert stages(mary, deal) == ["S:NEW", "S:MEET", "S:NEW", "S:PAY", "S:NEW", "S:MEET"]


def test_moves_that_a_newer_version_wrote_stay(mary: Seat, portal: Portal) -> None:
    deal = mary.deal()
    mary.round()
    far = mary.far(deal).far_id
    portal.edit("deal", far, {"moves": "sd2\nwhat is new"}, by="2")
    mary.rounds(2)
    mary.clock.at += 20 * MINUTE
    mary.move(deal, "S:MEET")
    mary.rounds(3)
    fields = portal.table("deal")[far].fields
    assert (fields["stage"], fields["moves"]) == ("S:MEET", "sd2\nwhat is new")
    assert stages(mary, deal) == ["S:NEW", "S:MEET"]
    assert mary.round().pushed == 0
