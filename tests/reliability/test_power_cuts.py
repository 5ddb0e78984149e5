"""A power cut at any moment: what was acknowledged is there, nothing is half-done.

The life of a workspace is recorded as the driver's own operations on files, and replayed up to any
point with what a disk may then hold (``powercut``). Settings that are wrong on purpose must fail.
"""

import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import SalesDeskError
from salesdesk.models import sqlite
from tests.reliability import shim
from tests.reliability.crashed import faults, furnish
from tests.reliability.crashing import Worker
from tests.reliability.powercut import Line, Told, cuts
from tests.reliability.shim import Operation

pytestmark = pytest.mark.skipif(not shim.possible(), reason="this driver cannot be watched")

#: Commands of one recorded life; the log goes into the file every so many.
COMMANDS, CHECKPOINT = 40, 7


@dataclass(frozen=True)
class Life:
    """The file as it was, and what was done since."""

    base: dict[str, bytes]
    lines: list[Line]


def _record(folder: Path, seed: int, mode: str = "true") -> Life:
    """A life of some commands, with the log copied into the file now and then, closed once."""
    folder.mkdir()
    path = furnish(folder / "desk.salesdesk")
    base = {path.name: path.read_bytes()}
    lines: list[Line] = []

    def note(operation: Operation) -> int:
        if operation.kind != "read":
            lines.append(operation)
        return 0

    with shim.watching(folder, note):
        for half in (0, 1):
            worker = Worker(path, seed + half * 1000, mode, lambda told: lines.append(Told(told)))
            for count in range(COMMANDS // 2):
                with suppress(SalesDeskError):
                    worker.step()
                if count % CHECKPOINT == CHECKPOINT - 1:
                    sqlite.checkpoint(worker.store.connection)
            worker.store.close()
    return Life(base, lines)


def _points(life: Life, count: int, chance: random.Random) -> list[int]:
    """Moments to cut at, more of them just before and after something was synced or told."""
    telling = [
        at for at, line in enumerate(life.lines) if isinstance(line, Told) or line.kind == "sync"
    ]
    near = [chance.choice(telling) + chance.choice((0, 1)) for _ in range(count // 2)]
    return sorted(near + [chance.randrange(len(life.lines) + 1) for _ in range(count - len(near))])


def _cut(life: Life, folder: Path, count: int, seed: int) -> Iterator[tuple[int, list[str]]]:
    """How many commands had been told at each cut, and what was wrong after it."""
    chance = random.Random(seed)
    for _, files, told in cuts(life.base, life.lines, _points(life, count, chance), chance):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        yield len(told), faults(folder / "desk.salesdesk", told)


def test_nothing_told_is_lost_or_half_done(tmp_path: Path, soak: bool) -> None:
    """10,000 cuts of twenty lives at full size."""
    lives, of_each = (20, 500) if soak else (2, 50)
    told = 0
    for seed in range(lives):
        life = _record(tmp_path / f"life{seed}", seed)
        for acknowledged, wrong in _cut(life, tmp_path / "cut", of_each, seed):
            assert wrong == []
            told += acknowledged
    assert told > lives * of_each


# -- what is wrong on purpose ----------------------------------------------------------------------


def _hasty(monkeypatch: pytest.MonkeyPatch, synchronous: str) -> None:
    unlock = sqlite.unlock

    def unlock_hastily(connection: Any) -> None:
        unlock(connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}")

    monkeypatch.setattr(sqlite, "unlock", unlock_hastily)


def _in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """No log, and no journal either."""

    def use_none(connection: Any) -> None:
        connection.execute("PRAGMA journal_mode = OFF")

    monkeypatch.setattr(sqlite, "use_wal", use_none)


PLANTED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, str]] = {
    "normal": (lambda patch: _hasty(patch, "NORMAL"), "true", "acknowledged command"),
    "off": (lambda patch: _hasty(patch, "OFF"), "true", "acknowledged command|cannot be"),
    "no journal": (_in_place, "true", "."),
    "early": (lambda _: None, "early", "acknowledged command"),
    "torn": (lambda _: None, "torn", "has . of 5"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_faults_are_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, mode, sentence = PLANTED[name]
    with monkeypatch.context() as patch:
        plant(patch)
        life = _record(tmp_path / "life", 3, mode)
    for wrong in _wrongs(life, tmp_path / "cut"):
        if any(re.search(sentence, fault) for fault in wrong):
            return
    pytest.fail(f"{name} was not found")


def _wrongs(life: Life, folder: Path) -> Iterator[list[str]]:
    """What was wrong after each of 200 cuts; a workspace that does not open is wrong, too."""
    cutting = _cut(life, folder, 200, 5)
    while True:
        try:
            yield next(cutting)[1]
        except StopIteration:
            return
        except SalesDeskError as error:
            yield [error.text()]
            return
