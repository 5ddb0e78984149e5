"""An undo that a crash interrupted is carried to its end, or taken back where it is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk import app
from salesdesk.errors import SalesDeskError
from salesdesk.models import lock
from salesdesk.models.store import Store
from salesdesk.services import deals, history
from tests.builders import Desk, empty_store
from tests.services.importing import HEAD, NOW, bring


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        Desk(opened)
        yield opened


def _rows(first: int, count: int) -> str:
    return HEAD + "".join(f"{n},T{n},Ann,New,2024-01-10,,,1\n" for n in range(first, first + count))


def _alive(store: Store) -> int:
    with store.read() as r:
        return int(r.value("SELECT count(*) FROM deal WHERE deleted_at IS NULL"))


def test_an_interrupted_undo_is_finished(store: Store, tmp_path: Path) -> None:
    result = bring(store, tmp_path, _rows(0, 250))
    assert result.command_id is not None
    steps = history.undo_steps(store, result.command_id, person=None, now=NOW + 1)
    next(steps)
    steps.close()
    assert 0 < _alive(store) < 250
    assert history.recover(store, now=NOW + 2) == 1
    assert _alive(store) == 0
    assert history.recover(store, now=NOW + 3) == 0


def test_one_that_is_refused_is_taken_back_and_the_workspace_opens(
    store: Store, tmp_path: Path
) -> None:
    bring(store, tmp_path, _rows(0, 250))
    with store.read() as r:
        ids = [row[0] for row in r.rows("SELECT id FROM deal ORDER BY id")]
    gone = deals.delete(store, ids, person=None, now=NOW + 1)
    bring(store, tmp_path, _rows(240, 5), now=NOW + 2)
    steps = history.undo_steps(store, gone, person=None, now=NOW + 3)
    next(steps)
    steps.close()
    assert history.recover(store, now=NOW + 4) == 1
    assert _alive(store) == 5
    with store.read() as r:
        assert r.value("SELECT undone FROM command WHERE id = ?", (gone,)) == 0
        assert r.value("SELECT count(*) FROM command WHERE state = 'running'") == 0


def test_a_workspace_that_cannot_be_put_in_order_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_store(tmp_path) as store:
        Desk(store)
        result = bring(store, tmp_path, _rows(0, 250))
        assert result.command_id is not None
        steps = history.undo_steps(store, result.command_id, person=None, now=NOW + 1)
        next(steps)
        steps.close()
        path = store.path

    def refuse(_store: Store, *, now: int) -> int:
        raise SalesDeskError("Nothing was written", "The disk is full.")

    monkeypatch.setattr(history, "recover", refuse)
    with pytest.raises(SalesDeskError, match="full"):
        app._recovered(path, NOW + 2)
    lock.exclusive(path).release()  # refused while anyone has it open
    monkeypatch.undo()
    opened, unfinished = app._recovered(path, NOW + 3)
    with opened:
        assert unfinished == 1
        assert _alive(opened) == 0
