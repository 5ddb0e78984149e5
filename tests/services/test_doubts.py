"""Doubtful moves: the list against a slow recount of random histories, page by page; what was
looked at leaves it and comes back; who may."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Reader
from salesdesk.services import doubts, history, rulings
from salesdesk.services.doubts import Doubt
from salesdesk.services.doubts_found import DAY
from salesdesk.services.periods import Period, of_month
from tests.builders import KEEP, Desk, day, empty_store

HOUR = DAY // 24
FIRST = day("2026-03-02")
#: What happens: hours later, to which deal, into which stage, how recorded, by whom.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 5, 20, 24, 60]), st.integers(0, 3), st.integers(0, 6),
        st.sampled_from([0, 0, 0, 23, 25, 200]),
        st.sampled_from(["person", "person", "cli", "import", "sync", "rule"]),
    ),
    min_size=4, max_size=40,
)  # fmt: skip


@given(steps=STEPS, now=st.integers(1, 40), gone=st.integers(0, 6))
def test_the_list_is_what_a_slow_recount_finds(
    steps: list[tuple[int, int, int, int, str]], now: int, gone: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        desk = Desk(store)
        anna = desk.person("Anna")
        stages = desk.pipeline("Sales")
        at = desk.at("2026-03-02T09:00")
        deals: dict[int, int] = {}
        for hours, which, stage, late, mover in steps:
            at += hours * HOUR
            more = {"mover_as": mover, "recorded_at": at + late * HOUR}
            if which not in deals:
                deals[which] = desk.deal(stages[stage], at, anna)
            else:
                desk.move(deals[which], stages[stage], at, KEEP, **more)
        if gone in deals:
            desk.delete("deal", deals[gone])
        period, when = Period(FIRST, FIRST + 10), desk.at("2026-03-02T09:00") + now * 12 * HOUR
        with store.read() as r:
            found = list(doubts.page(r, period, now=when, limit=1000).doubts)
            truth = _recount(r, period, when)
            assert {one.move_id: set(one.reasons) for one in found} == truth
            assert found == sorted(found, key=lambda one: (-one.when, -one.move_id))
            assert _pages(r, period, when, 2) == found
            for reason in doubts.REASONS:
                only = doubts.page(r, period, now=when, reason=reason, limit=1000).doubts
                assert {one.move_id for one in only} == {
                    move for move, reasons in truth.items() if reason in reasons
                }
            assert doubts.count(r, period, now=when) == len(found)


def _pages(r: Reader, period: Period, now: int, limit: int) -> list[Doubt]:
    found: list[Doubt] = []
    after = None
    while True:
        part = doubts.page(r, period, now=now, limit=limit, after=after)
        found += part.doubts
        after = part.after
        if after is None:
            return found


def _recount(r: Reader, period: Period, now: int) -> dict[int, set[str]]:
    """Move by move, each with the one before and the one after it."""
    start, stop = period.moments(r.zone, now)
    place: dict[Any, int] = dict(r.rows("SELECT id, position FROM stage WHERE kind <> 'lost'"))
    found: dict[int, set[str]] = {}
    for (deal,) in r.rows("SELECT id FROM deal WHERE deleted_at IS NULL"):
        moves = r.rows(
            "SELECT id, at, recorded_at, to_stage_id, mover_as FROM stage_move "
            "WHERE deal_id = ? AND undone = 0 ORDER BY at, seq",
            (deal,),
        )
        lived = [one for n, one in enumerate(moves) if n == 0 or one[3] != moves[n - 1][3]]
        for n, (move, at, recorded, stage, mover) in enumerate(lived):
            reasons = set()
            left = lived[n - 1][3] if n else None
            then = lived[n + 1] if n + 1 < len(lived) else None
            if mover in ("import", "cli"):
                reasons.add("outside")
            if mover not in ("import", "sync") and abs(recorded - at) > DAY:
                reasons.add("late")
            known = then is not None and {left, stage, then[3]} <= place.keys()
            soon = known and then is not None and then[1] <= min(now, at + DAY)
            if soon and then is not None and place[left] < place[stage] > place[then[3]]:
                reasons.add("back")
            if reasons and start <= at < stop:
                found[move] = reasons
    return found


class Office:
    """A seller with doubtful moves, two leads (one of them sells too)."""

    def __init__(self, folder: Path) -> None:
        self.desk = desk = Desk(empty_store(folder))
        self.store = desk.store
        self.anna = desk.person("Anna", role="manager")
        self.lead = desk.person("Lead", role="team_lead")
        self.seller = desk.person("Seller", role="team_lead")
        new, self.planned, self.held, *_ = desk.pipeline("Sales")
        self.cranes = desk.deal(new, "2026-11-02T10:00", self.anna, title="Cranes")
        desk.move(self.cranes, self.held, "2026-11-05T10:00")
        desk.move(self.cranes, self.planned, "2026-11-05T16:00")
        self.racks = desk.deal(new, "2026-11-03T10:00", self.seller, title="Racks")
        desk.move(self.racks, self.held, "2026-11-10T10:00", mover_as="cli")
        self.now = desk.at("2026-11-20T12:00")

    def page(self, **asked: Any) -> tuple[Doubt, ...]:
        with self.store.read() as r:
            november = of_month(day("2026-11-15"))
            return doubts.page(r, november, now=self.now, **asked).doubts

    def who(self, person: int) -> dict[str, Any]:
        return {"person": person, "now": self.now}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


def test_what_is_said_of_a_doubtful_move(office: Office) -> None:
    by_script, cranes = office.page()
    assert (cranes.deal, cranes.left, cranes.stage, cranes.reasons) == (
        "Cranes", "New", "Held", ("back",),
    )  # fmt: skip
    assert cranes.back_at == office.desk.at("2026-11-05T16:00")
    assert [(one.person, str(one.points)) for one in cranes.earned] == [("Anna", "3")]
    assert (by_script.deal, by_script.reasons, str(by_script.points)) == (
        "Racks",
        ("outside",),
        "3",
    )


def test_tasks_put_off_again_and_again_just_before_they_are_due(office: Office) -> None:
    desk = office.desk
    task = desk.task(office.cranes, office.anna, "2026-11-06T10:00", "2026-11-07T10:00")
    for of_day in (7, 9, 11):
        due = desk.at(f"2026-11-{of_day + 2:02}T10:00")
        desk.fact(task, f"2026-11-{of_day:02}T09:00", due_at=due, postponement=1)
        assert len(office.page(reason="postponed")) == int(of_day == 11)
    [found] = office.page(reason="postponed")
    assert (found.task, found.times, found.deal, found.stage) == ("Call", 3, "Cranes", "Set")
    assert found.when == desk.at("2026-11-11T09:00")
    calm = desk.task(office.cranes, office.anna, "2026-11-06T10:00", "2026-11-07T10:00")
    for of_day in (8, 10, 12):  # overdue already: no trick to keep it from being so
        due = desk.at(f"2026-11-{of_day + 1:02}T10:00")
        desk.fact(calm, f"2026-11-{of_day:02}T12:00", due_at=due, postponement=1)
    assert len(office.page(reason="postponed")) == 1


def test_looked_at_it_leaves_the_list_and_comes_back(office: Office) -> None:
    _, cranes = office.page()
    command = doubts.look(
        office.store, [cranes.move_id], "  Postponed by the client ", **office.who(office.lead)
    )
    assert [one.deal for one in office.page()] == ["Racks"]
    [looked] = office.page(looked=True)
    assert (looked.looked_by, looked.note) == ("Lead", "Postponed by the client")
    with pytest.raises(Invalid):
        doubts.look(office.store, [cranes.move_id], **office.who(office.lead))
    history.undo(office.store, command, **office.who(office.lead))
    assert len(office.page()) == 2
    doubts.look(office.store, [cranes.move_id], **office.who(office.lead))
    doubts.relist(office.store, [cranes.move_id], **office.who(office.lead))
    assert len(office.page()) == 2
    assert office.page(looked=True) == ()
    with pytest.raises(NotFound):
        doubts.relist(office.store, [cranes.move_id], **office.who(office.lead))


def test_who_may_say_that_it_was_looked_at(office: Office) -> None:
    racks, cranes = office.page()
    with pytest.raises(Refused):
        doubts.look(office.store, [cranes.move_id], **office.who(office.anna))
    with pytest.raises(Refused, match="of their own"):
        doubts.look(office.store, [cranes.move_id, racks.move_id], **office.who(office.seller))
    with pytest.raises(NotFound):
        doubts.look(office.store, [12345], **office.who(office.lead))
    assert len(office.page()) == 2


def test_who_ruled_what_in_a_period(office: Office) -> None:
    lead = office.who(office.lead)
    rulings.void(office.store, office.cranes, office.held, reason="By phone", **lead)
    command = rulings.credit(
        office.store, office.racks, office.held, office.anna, reason="Handed over", **lead
    )
    with office.store.read() as r:
        told = rulings.of_period(r, of_month(day("2026-11-15")))
        before = rulings.of_period(r, of_month(day("2026-10-15")))
    assert before == []
    assert [(one.deal, one.kind, one.holder, one.person, one.by, one.holds) for one in told] == [
        ("Racks", "credit", "Seller", "Anna", "Lead", True),
        ("Cranes", "void", "Anna", None, "Lead", True),
    ]
    history.undo(office.store, command, **lead)
    lead["now"] += 1
    rulings.restore(
        office.store, office.cranes, office.held, told[1].move_id, reason="It was held", **lead
    )
    with office.store.read() as r:
        told = rulings.of_period(r, of_month(day("2026-11-15")))
    assert [(one.kind, one.holds, one.undone) for one in told] == [
        ("restore", True, False), ("credit", False, True), ("void", False, False),
    ]  # fmt: skip
