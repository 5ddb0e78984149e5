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
from tests.builders import empty_store
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
