"""The laws of undo, on random sequences of commands through the services.

Whatever was done: undone all of it, every service answers as before; one from the middle undone and
done again, nothing has changed; and what is derived equals a rebuild at every point.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Refused, SalesDeskError
from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import deals, history, tasks
from tests.builders import Desk, empty_store
from tests.services.answers import answers, assert_rebuilt_alike, records
from tests.services.importing import DEALS, HEAD, MOVES, NOW, bring

HOUR = 3600 * SECOND


class Player:
    """Plays random commands on a small workspace."""

    def __init__(self, store: Store, folder: Path, seed: int) -> None:
        self.store = store
        self.folder = folder
        self.rng = random.Random(seed)
        self.now = NOW
        self.done: list[int] = []
        self._furnish()

    def _furnish(self) -> None:
        desk = Desk(self.store)
        bring(self.store, self.folder, HEAD + "a,A,Ann,New,2024-01-10,,,100\nb,B,Bob,Talk,,,,5\n")
        with self.store.read() as r:
            self.stages = [row[0] for row in r.rows("SELECT id FROM stage ORDER BY position")]
            self.people = [row[0] for row in r.rows("SELECT id FROM person ORDER BY id")]
            self.reason = None
        desk.insert("person", name="Lea", name_key="lea", role="admin", in_ranking=0)
        desk.insert("pipeline", name="Service", name_key="service", counts=0, position=5)
        with self.store.read() as r:
            other = r.value("SELECT id FROM pipeline WHERE name = 'Service'")
        desk.insert("stage", pipeline_id=other, name="Job", name_key="job")
        with self.store.read() as r:
            job = r.value("SELECT id FROM stage WHERE name = 'Job'")
        desk.insert("task_rule", stage_id=self.stages[1], title="Call", amount=1, unit="days",
                    leave_policy="cancel")  # fmt: skip
        desk.insert("task_rule", stage_id=self.stages[1], title="Write", amount=2, unit="hours")
        desk.insert("link_rule", stage_id=self.stages[2], kind="open_child", target_stage_id=job,
                    title="Deliver")  # fmt: skip

    def play(self) -> None:
        """One random command; one that is refused changes nothing and is not counted."""
        self.now += self.rng.choice((0, 1, HOUR, 30 * HOUR))
        verb = self.rng.choice(self._verbs())
        try:
            result = verb()
        except SalesDeskError:
            return
        command = result if isinstance(result, int) else getattr(result, "command_id", None)
        if command is not None:
            self.done.append(command)

    def _verbs(self) -> list[Callable[[], object]]:
        return [self._create, self._move, self._move, self._move, self._assign, self._change,
                self._delete, self._note, self._add_task, self._close, self._postpone,
                self._reassign, self._import_deals, self._import_moves]  # fmt: skip

    def _deals(self) -> list[int]:
        with self.store.read() as r:
            rows = r.rows("SELECT id FROM deal WHERE deleted_at IS NULL ORDER BY id")
        return [row[0] for row in rows]

    def _deal(self) -> int:
        return int(self.rng.choice(self._deals() or [1]))

    def _open_task(self) -> list[int]:
        with self.store.read() as r:
            rows = r.rows("SELECT id FROM task WHERE state = 'open' AND deleted_at IS NULL")
        return [self.rng.choice(rows)[0]] if rows else [1]

    def _person(self) -> int:
        return int(self.rng.choice(self.people))

    def _create(self) -> object:
        new = deals.NewDeal("New deal", self.rng.choice(self.stages), self._person(),
                            amount=Decimal(self.rng.randint(1, 9)))  # fmt: skip
        return deals.create(self.store, new, person=None, now=self.now)

    def _move(self) -> object:
        count = self.rng.randint(1, 2)
        found = self._deals()
        ids = self.rng.sample(found, min(count, len(found)))
        before = self.rng.choice((None, 0))
        stage = self.rng.choice(self.stages)
        return deals.move(self.store, ids, stage, before=before, person=None, now=self.now)

    def _assign(self) -> object:
        return deals.assign(self.store, [self._deal()], self._person(), person=None, now=self.now)

    def _change(self) -> object:
        values = self.rng.choice(
            ({"amount": Decimal(self.rng.randint(1, 99))}, {"title": f"T{self.rng.random()}"},
             {"probability": self.rng.randint(0, 100)}, {"cost": Decimal(3)}, {"amount": None})
        )  # fmt: skip
        return deals.change(self.store, self._deal(), dict(values), person=None, now=self.now)

    def _delete(self) -> object:
        return deals.delete(self.store, [self._deal()], person=None, now=self.now)

    def _note(self) -> object:
        return deals.add_note(self.store, self._deal(), "hm", person=None, now=self.now)

    def _add_task(self) -> object:
        due = self.now + self.rng.randint(-5, 50) * HOUR
        new = tasks.NewTask("Think", self._deal(), assignee_id=self._person(), due_at=due)
        return tasks.add(self.store, new, person=None, now=self.now)

    def _close(self) -> object:
        verb = self.rng.choice((tasks.complete, tasks.cancel))
        return verb(self.store, self._open_task(), person=None, now=self.now)

    def _postpone(self) -> object:
        due = self.now + 9 * HOUR
        return tasks.postpone(self.store, self._open_task(), due, "x", person=None, now=self.now)

    def _reassign(self) -> object:
        person = self._person()
        return tasks.reassign(self.store, self._open_task(), person, person=None, now=self.now)

    def _import_deals(self) -> object:
        stage = self.rng.choice(("New", "Talk", "Won", "Lost"))
        text = (
            HEAD + f"{self.rng.choice('abcd')},I,{self.rng.choice(('Ann', 'Eve'))},{stage},,,,7\n"
        )
        return bring(self.store, self.folder, text, DEALS, now=self.now)

    def _import_moves(self) -> object:
        rows = "".join(
            f"{self.rng.choice('abe')},{self.rng.choice(('New', 'Talk', 'Won'))},"
            f"2024-03-{self.rng.randint(1, 9):02d}\n"
            for _ in range(2)
        )
        return bring(self.store, self.folder, "case,stage,at\n" + rows, MOVES, now=self.now)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("undo")


def _player(folder: Path, seed: int) -> Player:
    path = folder / "undo.salesdesk"
    for old in folder.glob("undo.salesdesk*"):
        old.unlink()
    return Player(empty_store(folder, path.name), folder, seed)


@given(st.integers(0, 1_000_000), st.integers(1, 10))
def test_undo_of_everything_in_order(folder: Path, seed: int, count: int) -> None:
    player = _player(folder, seed)
    with player.store as store:
        later = player.now + 10**13
        seen, kept = answers(store, later), records(store)
        for _ in range(count):
            player.play()
        for command in reversed(player.done):
            assert history.undo(store, command, person=None, now=later).kept == ()
        assert answers(store, later) == seen
        assert records(store) == kept
        assert_rebuilt_alike(store, later)


@given(st.integers(0, 1_000_000), st.integers(1, 10))
def test_undo_of_everything_in_any_order(folder: Path, seed: int, count: int) -> None:
    player = _player(folder, seed)
    with player.store as store:
        later = player.now + 10**13
        seen, kept = answers(store, later), records(store)
        for _ in range(count):
            player.play()
        order = player.done[:]
        player.rng.shuffle(order)
        for _ in range(len(order)):  # what is refused now (a number taken) is possible later
            order = [command for command in order if not _undone(store, command, later)]
        assert order == []
        assert answers(store, later) == seen
        assert records(store) == kept
        assert_rebuilt_alike(store, later)


def _undone(store: Store, command: int, now: int) -> bool:
    try:
        history.undo(store, command, person=None, now=now)
    except Refused:
        return False
    return True


@given(st.integers(0, 1_000_000), st.integers(2, 10))
def test_one_from_the_middle_undone_and_done_again(folder: Path, seed: int, count: int) -> None:
    player = _player(folder, seed)
    with player.store as store:
        later = player.now + 10**13
        for _ in range(count):
            player.play()
        if not player.done:
            return
        command = player.rng.choice(player.done)
        seen, kept = answers(store, later), records(store)
        if not _undone(store, command, later):
            assert answers(store, later) == seen
            assert records(store) == kept
            return
        assert_rebuilt_alike(store, later)
        history.redo(store, command, person=None, now=later)
        assert answers(store, later) == seen
        assert records(store) == kept
        assert_rebuilt_alike(store, later)
