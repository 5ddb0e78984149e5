"""A process that works in a workspace until it is killed, and tells what was acknowledged.

Reads ``WORKSPACE SEED MODE`` lines; for each a child is forked from this warm process and works
through the services. The child says ``ready PID``, then a JSON line for every acknowledged command;
when it has been killed and buried, the parent says ``dead``. Modes: ``true``, and three that are
wrong on purpose: ``early`` (acknowledges before the commit), ``torn`` (a large command as several
small ones) and ``stale`` (derived rows are not kept up).
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from salesdesk.errors import SalesDeskError
from salesdesk.models import transaction
from salesdesk.models.store import Store
from salesdesk.services import deals, history, tasks

NOW = 1_700_000_000_000_000
MINUTE = 60_000_000
BATCH = 5
Tell = Callable[[dict[str, Any]], None]


class Worker:
    """One life: commands one after another, each told once it is done."""

    def __init__(self, path: Path, seed: int, mode: str, tell: Tell) -> None:
        self.store = Store.open(path)
        self.chance = random.Random(seed)
        self.mode = mode
        self.tell = tell
        self.name = f"{seed}"
        self.count = 0
        self.verbs: tuple[Callable[[], None], ...] = (
            self.create, self.move, self.move, self.change, self.task, self.batch, self.undo
        )  # fmt: skip
        if mode in ("early", "torn"):
            self.verbs = (self.create,) if mode == "early" else (self.batch,)
        try:
            history.recover(self.store, now=NOW)
        except SalesDeskError:
            self.store.close()
            raise

    def work(self) -> None:
        """Until the end, which comes from outside."""
        while True:
            with suppress(SalesDeskError):
                self.step()

    def step(self) -> None:
        """One command, if what it would change is there. Raises SalesDeskError when refused."""
        self.count += 1
        self.chance.choice(self.verbs)()

    @property
    def now(self) -> int:
        """A minute passes with each command."""
        return NOW + self.count * MINUTE

    def acknowledge(self, command: int, **what: object) -> None:
        """Tell the command and the lines that it logged."""
        with self.store.read() as r:
            lines = r.value(
                "SELECT sum(last_change - first_change + 1) FROM txn WHERE command_id = ?",
                (command,),
            )
        self.tell({"command": command, "lines": lines, **what})

    def one(self, table: str) -> int:
        """A random record."""
        with self.store.read() as r:
            ids = r.rows(f"SELECT id FROM {table} WHERE deleted_at IS NULL")
        return int(self.chance.choice(ids)[0])

    def create(self) -> None:
        """A deal with the tasks of its stage; ``early`` tells before it is so."""
        title = f"Deal {self.name}.{self.count}"
        if self.mode == "early":
            with self.store.command("deal.create", now=self.now) as tx:
                tx.insert("tag", [{"name": title, "name_key": title}])
                self.tell({"command": tx.command_id, "lines": 1})
                time.sleep(0.005)
            return
        new = deals.NewDeal(title, self.one("stage"), owner_id=self.one("person"))
        made = deals.create(self.store, new, person=None, now=self.now)
        self.acknowledge(made.command_id, title=title)

    def move(self) -> None:
        """Two deals at once."""
        ids = sorted({self.one("deal"), self.one("deal")})
        stage = self.one("stage")
        made = deals.move(self.store, ids, stage, person=None, now=self.now)
        self.acknowledge(made.command_id)

    def change(self) -> None:
        """A few fields."""
        values = {"title": f"Changed {self.count}", "probability": self.chance.randrange(101)}
        made = deals.change(self.store, self.one("deal"), values, person=None, now=self.now)
        self.acknowledge(made)

    def task(self) -> None:
        """Done."""
        with self.store.read() as r:
            found = r.rows("SELECT id FROM task WHERE state = 'open' AND deleted_at IS NULL")
        if found:
            key = int(self.chance.choice(found)[0])
            made = tasks.complete(self.store, [key], person=None, now=self.now)
            self.acknowledge(made if isinstance(made, int) else made.command_id)

    def batch(self) -> None:
        """Contractors of one batch, each in a transaction of its own, all of them or none."""
        name = f"batch {self.name}.{self.count}"
        row = {"name": name, "name_key": name}
        if self.mode == "torn":
            for _ in range(BATCH):
                with self.store.command("import", now=self.now) as tx:
                    tx.insert("contractor", [row])
            return
        long = self.store.long_command("import", now=self.now, origin="import")
        for number in range(BATCH):
            with long.transaction(last=number == BATCH - 1) as tx:
                tx.insert("contractor", [row])
        assert long.id is not None
        self.acknowledge(long.id, batch=name)

    def undo(self) -> None:
        """Take any command back."""
        with self.store.read() as r:
            last = int(r.value("SELECT coalesce(max(id), 1) FROM command"))
        command = self.chance.randint(max(2, last - 30), max(2, last))
        made = history.undo(self.store, command, person=None, now=self.now)
        self.acknowledge(made.command_id, undid=command)


def say(text: str) -> None:
    """One line, at once and whole."""
    os.write(1, f"{text}\n".encode())


def requests() -> Iterator[tuple[Path, int, str]]:
    """What standard input asks for."""
    for line in sys.stdin:
        path, seed, mode = json.loads(line)
        yield Path(path), int(seed), str(mode)


def live(path: Path, seed: int, mode: str) -> None:
    """One child's life."""
    if mode == "stale":
        kept: Callable[..., None] = transaction.Transaction._mark_dirty
        transaction.Transaction._mark_dirty = (  # type: ignore[method-assign]
            lambda self, table, ids, rows: (
                None if table == "stage_move" else kept(self, table, ids, rows)
            )
        )
    worker = Worker(path, seed, mode, lambda told: say(json.dumps(told)))
    say(f"ready {os.getpid()}")
    worker.work()


def main() -> None:
    """Fork, wait for the end, tell it."""
    for path, seed, mode in requests():
        child = os.fork()
        if child == 0:
            try:
                live(path, seed, mode)
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
