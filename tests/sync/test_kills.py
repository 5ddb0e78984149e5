"""A round may end anywhere: before and after every commit, before and after every call. Whatever
comes next begins from the file alone. Twenty kills in the suite, two hundred in a soak."""

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Store
from salesdesk.services import clients, deals, tasks
from salesdesk.services.sync import rounds
from salesdesk.services.sync.failures import Failure, Kind
from tests.conftest import SOAK
from tests.sync.memory_remote import Portal
from tests.sync.seats import MINUTE, Clock, Seat, seat

KILLS = 200 if SOAK else 20


class Killed(BaseException):
    """The process ends here."""


class Countdown:
    """Kills at the n-th step of a round."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


def work(mary: Seat, portal: Portal, dice: random.Random) -> None:
    """A morning of two people: things made and changed here and there."""
    by = mary.by
    for n in range(3):
        firm = clients.add(
            mary.store, clients.NewClient("company", f"Firm {dice.random()}"), **by()
        ).id
        deal = mary.deal(f"Crane {n}", amount=Decimal(dice.randrange(1, 900)), client_id=firm)
        mary.move(deal, dice.choice(["S:MEET", "S:PAY"]))
        tasks.add(
            mary.store,
            tasks.NewTask("Call", deal_id=deal, assignee_id=mary.people["1"],
                          due_at=mary.clock.at + 60 * MINUTE),
            **by(),
        )  # fmt: skip
        deals.add_note(mary.store, deal, "Wants it soon", **by())
    for n in range(3):
        far = portal.add("deal", {"title": f"Lift {n}", "pipeline": "P", "stage": "S:NEW"}, by="2")
        mary.clock.at += MINUTE
        portal.edit("deal", far.far_id, {"stage": "S:MEET"}, by="2")


def with_kill(mary: Seat, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A round that ends at a step; whether it did."""
    count = Countdown(step)
    mary.remote.fault = count
    books, command = Store.books, Store.command

    def hooked(wrapped: Callable[..., Any]) -> Callable[..., Any]:
        from contextlib import contextmanager

        @contextmanager
        def around(self: Store, *args: Any, **more: Any) -> Any:
            with wrapped(self, *args, **more) as got:
                yield got
                count()  # nothing of it is kept
            count()  # all of it is

        return around

    monkeypatch.setattr(Store, "books", hooked(books))
    monkeypatch.setattr(Store, "command", hooked(command))
    try:
        mary.round()
    except Killed:
        return True
    finally:
        monkeypatch.undo()
        mary.remote.fault = lambda *_: None
    return False


def again(mary: Seat) -> None:
    """Another process opens the same file."""
    path = mary.store.path
    mary.store.close()
    mary.store = Store.open(path)


def settled(mary: Seat) -> None:
    """Rounds until nothing moves."""
    for _ in range(6):
        mary.clock.at += 20 * MINUTE
        mary.round()
    with mary.store.read() as r:
        found = rounds.status(r)
    assert (found.waiting, found.failed, found.unknown, found.conflicts) == (0, 0, 0, 0)


def check(mary: Seat, portal: Portal) -> None:
    """Nothing lost, nothing doubled, both ends equal."""
    assert mary.value("SELECT count(*) FROM sync_queue") == 0
    for entity, table in (("company", "client"), ("deal", "deal"), ("task", "task"),
                          ("note", "note")):  # fmt: skip
        here = mary.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL")
        there = portal.table(entity)  # type: ignore[arg-type]
        assert here == len(there), entity
        uids = [row.uid for row in there.values() if row.uid is not None]
        assert len(uids) == len(set(uids)), entity
    names = {key: name for name, key in mary.stages.items()}
    with mary.store.read() as r:
        rows = r.rows(
            "SELECT d.title, d.amount, d.stage_id, l.far_id, d.id FROM deal d JOIN sync_link l "
            "ON l.entity = 'deal' AND l.local_id = d.id"
        )
    for title, amount, stage, far_id, deal in rows:
        far = portal.table("deal")[far_id]
        assert (title, names[stage]) == (far.fields["title"], far.fields["stage"])
        kept = far.fields["amount"]
        assert amount == (None if kept is None else kept * 10_000)
        stages = [each for each, _ in mary.protocol(deal)]
        assert len(stages) == len(set(stages)) == 2, stages


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_loses_and_doubles_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    clock = Clock()
    portal = Portal(clock.now)
    mary = seat(tmp_path, portal, clock)
    work(mary, portal, dice)
    killed = with_kill(mary, dice.randrange(1, 160), monkeypatch)
    again(mary)
    if killed:
        with_kill(mary, dice.randrange(1, 120), monkeypatch)
        again(mary)
    settled(mary)
    check(mary, portal)
    mary.store.close()


def test_a_control_that_sends_again_blindly_doubles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from salesdesk.services.sync.push import Pusher

    clock = Clock()
    portal = Portal(clock.now)
    mary = seat(tmp_path, portal, clock)
    mary.deal()
    lost = iter([True])

    def fault(when: str, _what: str) -> None:
        if when == "after" and next(lost, False):
            raise Failure(Kind.UNKNOWN)

    def blindly(self: Pusher, each: Any, failure: Failure, *_: Any, **__: Any) -> dict[str, Any]:
        del failure
        return {"id": each.row.id, "state": "waiting", "next_at": self.clock.now()}

    mary.remote.fault = fault
    monkeypatch.setattr(Pusher, "_after", blindly)
    mary.round()
    assert len(portal.table("deal")) == 2
    mary.store.close()
