"""kill -9 at any moment: what was acknowledged is there, nothing is half-done, derived rows agree.

Controls that are wrong on purpose must be found, or the proof would prove nothing.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.crashed import faults, furnish

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork, no SIGKILL")

#: A new workspace after so many kills.
LIVES = 25


class Crashing:
    """The process that forks workers, and their pipe."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("crashing.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def life(self, path: Path, seed: int, mode: str, seconds: float) -> list[dict[str, Any]]:
        """Let a worker live so long and kill it; what it acknowledged."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(path), seed, mode]).encode() + b"\n")
        self.process.stdin.flush()
        ready = self.line().split()
        assert ready[0] == "ready", ready
        time.sleep(seconds)
        os.kill(int(ready[1]), signal.SIGKILL)
        told = []
        while (line := self.line()) != "dead":
            told.append(json.loads(line))
        return told

    def line(self) -> str:
        """The next line; a torn last one cannot be, lines are written at once."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()

    def close(self) -> None:
        """No more requests."""
        self.process.communicate()


@pytest.fixture
def crashing() -> Iterator[Crashing]:
    process = Crashing()
    yield process
    process.close()


def _lives(
    crashing: Crashing, folder: Path, kills: int, mode: str, longest: float
) -> Iterator[tuple[int, list[str]]]:
    """How many commands each life acknowledged, and what was wrong after it."""
    chance = random.Random(11)
    for kill in range(kills):
        if kill % LIVES == 0:
            path = furnish(folder / f"{mode}{kill}.salesdesk")
        seconds = chance.uniform(0.0, longest)
        told = crashing.life(path, kill, mode, seconds)
        yield len(told), faults(path, told)


def test_nothing_is_lost_or_half_done(crashing: Crashing, tmp_path: Path, soak: bool) -> None:
    kills, acknowledged = 1000 if soak else 20, 0
    lives = _lives(crashing, tmp_path, 10 * kills, "true", 0.2)  # a slow machine needs more of them
    for lived, (told, wrong) in enumerate(lives, 1):
        assert wrong == []
        acknowledged += told
        if lived >= kills and acknowledged > 20:
            return
    pytest.fail("hardly anything was acknowledged")


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [("early", "acknowledged command"), ("torn", "has . of 5"), ("stale", "not as rebuilt")],
)
def test_planted_faults_are_found(
    mode: str, sentence: str, crashing: Crashing, tmp_path: Path
) -> None:
    for _, wrong in _lives(crashing, tmp_path, 80, mode, 0.4):
        if any(re.search(sentence, fault) for fault in wrong):
            return
    pytest.fail(f"{mode} was not found")
