"""Any operation on the disk may fail, once or from then on: one sentence, nothing half-written.

Reading goes on while writing fails; what was acknowledged stays; a command that is tried again is
there once, also when the disk had done what it said it had not.
"""

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import sqlite
from salesdesk.models.store import LongCommand, Store
from tests.reliability import shim
from tests.reliability.crashed import faults, furnish
from tests.reliability.crashing import Worker
from tests.reliability.shim import CODES, FULL, Kind, Operation

pytestmark = pytest.mark.skipif(not shim.possible(), reason="this driver cannot be watched")

COMMANDS, CHECKPOINT, SEED = 12, 5, 4
#: Kind of operation, whether all later ones fail too, the code of the error (0: the kind's own),
#: and whether it was done all the same.
FAULTS: tuple[tuple[Kind, bool, int, bool], ...] = (
    ("write", False, 0, False), ("write", True, 0, False), ("write", True, FULL, False),
    ("sync", False, 0, False), ("sync", True, 0, False), ("sync", False, 0, True),
    ("read", False, 0, False), ("read", True, 0, False), ("open", False, 0, False),
    ("truncate", True, 0, False), ("delete", False, 0, False),
)  # fmt: skip


@dataclass(slots=True)
class Failing:
    """Lets operations of one kind through until number ``at`` (from 0), and then not; ``at`` -1
    only counts."""

    kind: Kind
    at: int = -1
    sticky: bool = False
    code: int = 0
    seen: int = 0
    failed: int = 0
    over: bool = False

    def __call__(self, operation: Operation) -> int:
        if operation.kind != self.kind or self.over:
            return 0
        number = self.seen
        self.seen += 1
        if self.at < 0 or number < self.at or (number > self.at and not self.sticky):
            return 0
        self.failed += 1
        return self.code or CODES[self.kind]


class Trial:
    """Some commands in a workspace of which one operation fails."""

    def __init__(self, folder: Path, failing: Failing, *, after: bool = False) -> None:
        self.path = folder / "desk.salesdesk"
        self.failing = failing
        self.after = after
        self.told: list[dict[str, Any]] = []
        self.wrong: list[str] = []

    def run(self) -> "Trial":
        """Work, and look at what is left once the disk is well again."""
        with shim.watching(self.path.parent, self.failing, after=self.after):
            try:
                worker = Worker(self.path, SEED, "true", self.told.append)
            except SalesDeskError:
                self.failing.over = True
                worker = Worker(self.path, SEED, "true", self.told.append)
            for count in range(COMMANDS):
                self._step(worker)
                if count % CHECKPOINT == CHECKPOINT - 1:
                    self._checkpoint(worker.store)
            worker.store.close()
        self.wrong += faults(self.path, self.told)
        self.wrong += _doubled(self.path)
        return self

    def _step(self, worker: Worker) -> None:
        """One command; once more when it failed, as a person would, after the disk is well."""
        state, before = worker.chance.getstate(), self.failing.failed
        try:
            worker.step()
        except SalesDeskError:
            if self.failing.failed == before:
                return  # a refusal of the business
        else:
            return
        self._read_on(worker.store)
        self.failing.over = True
        worker.chance.setstate(state)
        worker.count -= 1
        try:
            worker.step()
        except SalesDeskError as error:
            if error.title in ("The workspace could not be written", "The disk is full"):
                self.wrong.append(f"again, and failed again: {error.text()}")

    def _read_on(self, store: Store) -> None:
        if self.failing.kind in ("read", "open"):
            return
        with store.read() as r:
            if not r.value("SELECT count(*) FROM deal"):
                self.wrong.append("nothing to read")

    def _checkpoint(self, store: Store) -> None:
        """As the idle writer does, which tries again later."""
        try:
            sqlite.checkpoint(store.connection)
        except sqlite.DatabaseError:
            if not self.failing.failed:
                raise


def _doubled(path: Path) -> Iterator[str]:
    with Store.open(path) as store, store.read() as r:
        for what, table in (("title", "deal"), ("name", "tag")):
            for name, n in r.rows(
                f"SELECT {what}, count(*) FROM {table} WHERE deleted_at IS NULL "
                f"AND {what} LIKE 'Deal %' GROUP BY 1 HAVING count(*) > 1"
            ):
                yield f"{name} is there {n} times"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A workspace to copy."""
    (tmp_path / "first").mkdir()
    return furnish(tmp_path / "first" / "desk.salesdesk")


def _trials(fresh: Path, soak: bool, each: int) -> Iterator[Trial]:
    """Trials to run: all of them at full size, else ``each`` of every kind."""
    chance = random.Random(6)
    for kind, sticky, code, after in FAULTS:
        count = Failing(kind)
        _prepared(fresh, count).run()
        places = range(count.seen)
        for at in places if soak else sorted(chance.sample(places, min(each, len(places)))):
            yield _prepared(fresh, Failing(kind, at, sticky, code), after)


def _prepared(fresh: Path, failing: Failing, after: bool = False) -> Trial:
    folder = fresh.parent.parent / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(fresh, folder)
    return Trial(folder, failing, after=after)


def test_whatever_fails_nothing_is_half_done(fresh: Path, soak: bool) -> None:
    failed: Counter[str] = Counter()
    for trial in _trials(fresh, soak, 3):
        assert trial.run().wrong == [], trial.failing
        failed[trial.failing.kind] += trial.failing.failed
    assert {"write", "sync", "read", "open"} <= {kind for kind, n in failed.items() if n}


def test_a_blind_commit_is_found(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a commit whose error is passed over tells of what is not there."""

    def blind(self: LongCommand, txn_id: int) -> None:
        try:
            self.store.connection.execute("COMMIT")
        except sqlite.DatabaseError:
            return

    monkeypatch.setattr(LongCommand, "_commit", blind)
    for at in range(2, 20):
        trial = _prepared(fresh, Failing("sync", at, sticky=False))
        if any("acknowledged command" in wrong for wrong in trial.run().wrong):
            return
    pytest.fail("not found")
