"""The board as of a moment: whatever happened later, it is the board that was shown then."""

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import board, deals, history, past, tasks
from salesdesk.services.cards import BoardFilter
from salesdesk.services.past import PastColumn

START = 1_795_000_000 * SECOND
HOUR = 3_600 * SECOND
Boards = tuple[list[PastColumn], ...]


def boards(store: Store, as_of: int) -> Boards:
    """The boards of all pipelines."""
    with store.read() as r:
        return tuple(past.board_at(r, one.id, as_of) for one in board.pipelines(r))


class Life:
    """Random verbs on a workspace, an hour and more apart."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.now = START
        self.dice = random.Random(seed)
        self.seen: list[tuple[int, Boards]] = []
        with store.read() as r:
            self.stages = [row[0] for row in r.rows("SELECT id FROM stage ORDER BY id")]
            self.people = [row[0] for row in r.rows("SELECT id FROM person ORDER BY id")]

    def keys(self, table: str, where: str = "deleted_at IS NULL") -> list[int]:
        with self.store.read() as r:
            return [row[0] for row in r.rows(f"SELECT id FROM {table} WHERE {where} ORDER BY id")]

    def step(self) -> None:
        """One verb that makes sense, and a look at the boards."""
        self.now += self.dice.randrange(1, 60 * HOUR)
        verbs: list[Any] = [self.create, self.create]
        present = self.keys("deal")
        if present:
            verbs += [self.move, self.move, self.move, self.change, self.assign, self.place]
            verbs += [self.delete, self.add_task, self.add_task, self.edit_task, self.edit_task]
        if self.keys("deal", "deleted_at IS NOT NULL"):
            verbs.append(self.restore)
        self.dice.choice(verbs)()
        self.seen.append((self.now, boards(self.store, self.now)))

    def create(self) -> None:
        new = deals.NewDeal(
            f"Deal {self.now}", self.dice.choice(self.stages), self.dice.choice(self.people),
            amount=self.dice.choice([None, Decimal(100), Decimal("12.34")]),
            currency=self.dice.choice(["RUB", "USD"]),
        )  # fmt: skip
        deals.create(self.store, new, person=None, now=self.now)

    def move(self) -> None:
        ids = self.dice.sample(self.keys("deal"), 1)
        stage = self.dice.choice(self.stages)
        deals.move(self.store, ids, stage, person=None, now=self.now, override="test")

    def change(self) -> None:
        values: dict[str, Any] = self.dice.choice(
            [{"title": f"Named {self.now}"}, {"amount": Decimal(self.dice.randrange(999))},
             {"probability": 50}, {"probability": None}, {"currency": "RUB"}]
        )  # fmt: skip
        deal = self.dice.choice(self.keys("deal"))
        deals.change(self.store, deal, values, person=None, now=self.now)

    def assign(self) -> None:
        ids = self.dice.sample(self.keys("deal"), 1)
        who = self.dice.choice([*self.people, None])
        deals.assign(self.store, ids, who, person=None, now=self.now)

    def place(self) -> None:
        deal = self.dice.choice(self.keys("deal"))
        [stage] = self.keys("stage", f"id = (SELECT stage_id FROM deal WHERE id = {deal})")
        deals.move(self.store, [deal], stage, before=0, person=None, now=self.now)

    def delete(self) -> None:
        deals.delete(self.store, [self.dice.choice(self.keys("deal"))], person=None, now=self.now)

    def restore(self) -> None:
        gone = self.keys("deal", "deleted_at IS NOT NULL")
        deals.restore(self.store, [self.dice.choice(gone)], person=None, now=self.now)

    def add_task(self) -> None:
        due = self.dice.choice([None, self.now + self.dice.randrange(200 * HOUR)])
        new = tasks.NewTask(
            f"Task {self.now}", self.dice.choice(self.keys("deal")), None,
            self.dice.choice(self.people), due,
        )  # fmt: skip
        tasks.add(self.store, new, person=None, now=self.now)

    def edit_task(self) -> None:
        opened = self.keys("task", "state = 'open' AND deleted_at IS NULL")
        if not opened:
            return self.create()
        some = [self.dice.choice(opened)]
        known: dict[str, Any] = {"person": None, "now": self.now}
        verb = self.dice.randrange(5)
        if verb == 0:
            tasks.complete(self.store, some, result="done", **known)
        elif verb == 1:
            tasks.cancel(self.store, some, **known)
        elif verb == 2:
            tasks.postpone(self.store, some, self.now + 90 * HOUR, "later", **known)
        elif verb == 3:
            tasks.rename(self.store, some[0], f"Renamed {self.now}", **known)
        else:
            tasks.set_due(self.store, some, self.now - HOUR, **known)
        return None


def add_people(store: Store) -> None:
    with store.command("test", now=START) as tx:
        tx.insert(
            "person",
            [{"name": name, "name_key": name.lower(), "in_ranking": 1} for name in ("Anna", "Ira")],
        )


@pytest.mark.parametrize("seed", range(6))
def test_whatever_came_later_the_board_of_then_stays(workspace: Path, seed: int) -> None:
    with Store.open(workspace) as store:
        add_people(store)
        life = Life(store, seed)
        for _ in range(70):
            life.step()
        for at, seen in life.seen:
            assert boards(store, at) == seen, at


@pytest.mark.parametrize("seed", range(3))
def test_as_of_now_it_is_the_board_of_the_window(workspace: Path, seed: int) -> None:
    with Store.open(workspace) as store:
        add_people(store)
        life = Life(store, seed)
        for _ in range(60):
            life.step()
        shown = boards(store, life.now)
        with store.read() as r:
            for one, columns in zip(board.pipelines(r), shown, strict=True):
                for column, there in zip(columns, board.columns(r, one.id), strict=True):
                    assert (column.id, column.count, column.amount, column.weighted) == (
                        there.id, there.count, there.amount, there.weighted,
                    )  # fmt: skip
                    assert column.unrated == there.unrated
                    order = list(board.ids(r, column.id, BoardFilter(), now=life.now))
                    assert [card.id for card in column.deals] == order
                    cards = board.cards(r, order, now=life.now)
                    for card in column.deals:
                        same = cards[card.id]
                        for name in ("title", "company", "owner", "amount", "task_state",
                                     "next_task", "next_due", "days_in_stage"):  # fmt: skip
                            assert getattr(card, name) == getattr(same, name), name


@pytest.mark.parametrize("seed", range(4))
def test_undone_commands_are_as_if_they_had_never_been(workspace: Path, seed: int) -> None:
    with Store.open(workspace) as store:
        add_people(store)
        life = Life(store, seed)
        for _ in range(40):
            life.step()
        kept = list(life.seen)
        with store.read() as r:
            last = r.value("SELECT max(id) FROM command")
        for _ in range(12):
            life.step()
        with store.read() as r:
            ids = [row[0] for row in r.rows("SELECT id FROM command WHERE id > ?", (last,))]
        for command in reversed(ids):
            history.undo(store, command, person=None, now=life.now + HOUR)
        for at, seen in [*kept, (life.now, kept[-1][1])]:
            # the latest look is further away: what depends on the moment itself is left out
            found = boards(store, at)
            assert facts(found) == facts(seen)


def facts(shown: Boards) -> list[Any]:
    """Everything of the boards but what the moment itself decides."""
    return [
        (column.name, column.count, column.amount, column.weighted,
         [(card.id, card.title, card.owner, card.amount, card.next_task, card.stage_entered_at)
          for card in column.deals])
        for columns in shown for column in columns
    ]  # fmt: skip
