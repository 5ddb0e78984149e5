"""The ranking keeps sums in memory between two questions; they must never be others than those
that somebody gets who asks for the first time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models.day_changes import MODULUS, DayChanges
from salesdesk.models.store import Store
from salesdesk.services import history
from salesdesk.services.periods import Period
from salesdesk.services.ranking import Ranking, ranking
from tests.builders import Desk, empty_store
from tests.services.test_undo_laws import Player


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


def _asked(store: Store, now: int) -> Ranking:
    today = store.zone.day_of(now)
    with store.read() as r:
        return ranking(r, Period(today - 20, today), now=now)


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
    changes.add({7: (5, [("a",)])})
    changes.add({7: (MODULUS - 3, [("b",)]), 8: (1, [("c",)])})
    assert changes.since(7, 10, 10) == []
    assert changes.since(7, 15, 12) == [("b",)]
    assert changes.since(7, 10, 12) == [("b",), ("a",)]
    assert changes.since(7, 11, 12) is None
    assert changes.since(8, 0, 1) == [("c",)]
    changes.add({8: (2, [("d",)] * 1000)})
    assert changes.since(7, 15, 12) is None
