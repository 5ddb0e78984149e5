"""The ranking keeps sums in memory between two questions; they must never be others than those
that somebody gets who asks for the first time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models.day_changes import KEPT, MODULUS, DayChanges
from salesdesk.models.store import Store
from salesdesk.services import history, invariants
from salesdesk.services.periods import Period
from salesdesk.services.ranking import Ranking, ranking
from tests.builders import Desk, empty_store
from tests.services.test_undo_laws import Player


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


def _asked(store: Store, now: int, days: int = 20) -> Ranking:
    today = store.zone.day_of(now)
    with store.read() as r:
        return ranking(r, Period(today - days, today), now=now)


@given(st.integers(0, 1_000_000), st.integers(2, 12))
def test_kept_sums_are_those_of_a_first_question(folder: Path, seed: int, count: int) -> None:
    for old in folder.glob("kept.salesdesk*"):
        old.unlink()
    player = Player(empty_store(folder, "kept.salesdesk"), folder, seed)
    with player.store as store, Store.open(store.path) as other:
        _asked(store, player.now)
        for _ in range(count):
            player.play()
            if player.done and player.rng.random() < 0.2:
                history.undo(store, player.done.pop(), person=None, now=player.now)
            if player.rng.random() < 0.2:  # another process writes in between
                mine, player.store = player.store, other
                player.play()
                player.store = mine
            if player.rng.random() < 0.8:
                with Store.open(store.path) as fresh:
                    assert _asked(store, player.now) == _asked(fresh, player.now)


def test_what_falls_due_with_time_alone_is_counted(tmp_path: Path) -> None:
    """Two tasks of a day; nothing is written while it passes, and a clock may be put back."""
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna = desk.person("Anna")
        stage = desk.pipeline("Sales")[0]
        deal = desk.deal(stage, "2026-11-20T08:00", anna)
        for due in ("2026-11-20T14:00", "2026-11-20T18:00"):
            desk.task(deal, anna, "2026-11-20T09:00", due)

        def overdue(clock: str) -> int:
            found = _asked(store, desk.at(f"2026-11-20T{clock}"))
            return next(row.tasks_overdue for row in found.rows if row.person_id == anna)

        hours = ("12:00", "15:00", "19:00", "15:00", "12:00", "19:00")
        assert [overdue(clock) for clock in hours] == [0, 1, 2, 1, 0, 2]


def test_differences_are_told_only_when_they_lead_there() -> None:
    changes = DayChanges()
    changes.add(1, {7: (5, [("a",)])}, [])
    changes.add(2, {7: (MODULUS - 3, [("b",)]), 8: (1, [("c",)])}, [])
    assert changes.since(7, 10, 10) == []
    assert changes.since(7, 15, 12) == [("b",)]
    assert changes.since(7, 10, 12) == [("b",), ("a",)]
    assert changes.since(7, 11, 12) is None
    assert changes.since(8, 0, 1) == [("c",)]
    changes.add(3, {8: (2, [("d",)] * 1000)}, [])
    assert changes.since(7, 15, 12) is None


def test_beginnings_are_told_only_without_a_gap() -> None:
    changes = DayChanges()
    for txn, begun in ((4, [("a",)]), (5, []), (6, [("b",)]), (8, [("c",)]), (9, None)):
        changes.add(txn, {}, begun)
    assert changes.begun(3, 6) == [("a",), ("b",)]
    assert changes.begun(6, 6) == []
    assert changes.begun(2, 4) is None
    assert changes.begun(6, 8) is None  # 7 was written by another process
    assert changes.begun(8, 9) is None
    for txn in range(10, 10 + KEPT):
        changes.add(txn, {}, [(txn,)])
    assert changes.begun(8, 10) is None
    assert changes.begun(9, 11) == [(10,), (11,)]


def test_a_task_that_is_put_off_within_the_day(tmp_path: Path) -> None:
    """As many fall due that day as before: only the moment tells."""
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna = desk.person("Anna")
        deal = desk.deal(desk.pipeline("Sales")[0], "2026-11-20T08:00", anna)
        task = desk.task(deal, anna, "2026-11-20T09:00", "2026-11-20T14:00")

        def overdue(clock: str) -> int:
            return _asked(store, desk.at(f"2026-11-20T{clock}")).total.tasks_overdue

        assert overdue("12:00") == 0
        desk.fact(task, "2026-11-20T12:30", due_at=desk.at("2026-11-20T18:00"))
        assert [overdue(clock) for clock in ("13:00", "15:00", "19:00")] == [0, 0, 1]
        desk.fact(task, "2026-11-20T13:30", state="done")
        assert [overdue(clock) for clock in ("13:00", "15:00", "19:00")] == [0, 0, 0]


def test_a_number_that_was_given_back_is_another_transaction(tmp_path: Path) -> None:
    """A step of the sync that found nothing leaves its number to whoever writes next."""
    with empty_store(tmp_path) as store, Store.open(store.path) as other:
        desk = Desk(store)
        anna = desk.person("Anna")
        deal = desk.deal(desk.pipeline("Sales")[0], "2026-11-20T08:00", anna)
        now = desk.at("2026-11-20T13:00")
        assert _asked(store, now).total.tasks_overdue == 0
        with store.command("sync", now=now, origin="sync"):
            pass
        desk.store = other
        desk.task(deal, anna, "2026-11-20T09:00", "2026-11-20T14:00")
        found = _asked(store, now)
        with Store.open(store.path) as fresh:
            assert found == _asked(fresh, now)
        assert found.total.tasks_overdue == 0


def test_one_pipeline_is_not_all_there_is(tmp_path: Path) -> None:
    """Tasks without a deal count where no pipeline is asked for, also where there is but one."""
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna = desk.person("Anna")
        deal = desk.deal(desk.pipeline("Sales")[0], "2026-11-20T08:00", anna)
        for of in (deal, None):
            desk.task(of, anna, "2026-11-20T09:00", "2026-11-20T14:00")
        now = desk.at("2026-11-20T15:00")
        today = store.zone.day_of(now)

        def tasks(pipeline: int | None) -> int:
            with store.read() as r:
                found = ranking(r, Period(today - 3, today), now=now, pipeline_id=pipeline)
            return found.total.tasks_total

        assert [tasks(of) for of in (None, 1, None, 1)] == [2, 1, 2, 1]


def test_the_period_before_may_change_too(tmp_path: Path) -> None:
    """Ranks are compared with what the history of those days says now."""
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        stages = desk.pipeline("Sales")
        people = [desk.person(name) for name in ("Anna", "Ben")]
        deals = [desk.deal(stages[0], "2026-10-05T08:00", person) for person in people]
        first = desk.move(deals[0], stages[1], "2026-10-06T08:00")
        desk.move(deals[1], stages[1], "2026-11-19T08:00")
        now = desk.at("2026-11-20T15:00")

        def changes() -> dict[str, int]:
            return {row.person: row.rank_change for row in _asked(store, now, days=30).rows}

        assert changes() == {"Ben": 1, "Anna": -1}
        desk.undo(first)
        assert changes() == {"Ben": 0, "Anna": -1}


def test_after_a_rebuild_nothing_is_counted_twice(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna = desk.person("Anna")
        deal = desk.deal(desk.pipeline("Sales")[0], "2026-11-20T08:00", anna)
        desk.task(deal, anna, "2026-11-20T09:00", "2026-11-20T14:00")
        now = desk.at("2026-11-20T13:00")
        before = _asked(store, now)
        store.connection.execute("UPDATE stage_total SET n = n + 1")
        assert any(invariants.rebuild(store, person=None, now=now).values())
        assert _asked(store, now) == before


def test_a_deal_that_is_twice_given_to_somebody_later(tmp_path: Path) -> None:
    """And has nobody in between: the second time is still to come when the first is over."""
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna, ben = desk.person("Anna"), desk.person("Ben")
        deal = desk.deal(desk.pipeline("Sales")[2], "2026-11-19T08:00")
        for person, clock in ((anna, "12:00"), (None, "13:00"), (ben, "15:00")):
            desk.give(deal, person, f"2026-11-20T{clock}")

        def standing(clock: str) -> int:
            found = _asked(store, desk.at(f"2026-11-20T{clock}"))
            return found.total.standing["meeting_held"]

        hours = ("11:00", "12:30", "14:00", "16:00")
        assert [standing(clock) for clock in hours] == [0, 1, 0, 1]
