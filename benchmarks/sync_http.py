"""The first pull of a whole team's deals over real HTTP: a portal of Bitrix24 in a process of its
own, limits switched off, read as ``salesdesk sync run`` reads it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.sync import MOVES, goal, peak, wrong
from benchmarks.synthetic import FOLDER
from salesdesk.moments import Zone
from salesdesk.services.sync import rounds
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.pace import Pace
from salesdesk.services.sync.pull import ALONE_SLICE
from tests.emulators import bitrix24
from tests.sync.seats import SECOND, START, Clock, Seat, seat_at

#: Stages of the pipeline there by those of here; half of the deals are won, the others are open.
_STAGES = {"S:NEW": "NEW", "S:MEET": "PREPARATION", "S:PAY": "HELD", "S:WON": "WON",
           "S:LOST": "LOSE"}  # fmt: skip
_ZONE = "Europe/Moscow"


class _Now(Clock):
    """Time that passes, from the moment at which the portal stands."""

    def __init__(self, at: int) -> None:
        self._at, self._begun = at, time.monotonic()

    def now(self) -> int:
        return self._at + int((time.monotonic() - self._begun) * SECOND)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def figures(count: int) -> list[Figure]:
    """All figures for a portal of so many deals."""
    with portal(count) as one:
        before = peak()
        begun = time.perf_counter()
        found = rounds.one_round(
            one.store, one.remote, one.clock, ahead=True, slice_size=ALONE_SLICE
        )
        took = time.perf_counter() - begun
        more = peak() - before
        if left := wrong(one, count, found.failed):
            raise AssertionError(left)
    return [
        goal(f"first pull over HTTP: {count:,} deals, {count * MOVES:,} moves", count, took),
        Figure("first pull over HTTP: memory that came on top", f"{more:.0f} MB", "", "", None),
    ]


@contextmanager
def portal(count: int) -> Iterator[Seat]:
    """A seat without deals, connected to a portal with so many in a process of its own."""
    clock = _Now(START + 30 * 86_400 * SECOND + count * 10 * SECOND)
    FOLDER.mkdir(exist_ok=True)
    with _served(count) as url, TemporaryDirectory(prefix="sync-", dir=FOLDER) as folder:
        far = Bitrix24(url, clock, Zone(_ZONE), pace=Pace(clock, 1e6, 1e6))
        with seat_at(Path(folder), far, clock, "0", _STAGES) as one:
            yield one


@contextmanager
def _served(count: int) -> Iterator[str]:
    """The address of a portal with so many deals."""
    command = [sys.executable, "-m", "benchmarks.sync_http", str(count)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def _serve(count: int) -> None:
    """Tell the address, then serve until nobody listens."""
    at = START // SECOND
    portal = bitrix24.Portal(lambda: at)
    with bitrix24.running(portal):
        firms = [portal.add("company", title=f"Company {n}") for n in range(max(1, count // 10))]
        for n in range(count):
            at += 10
            deal = portal.add("deal", title=f"Deal {n}", stageId="NEW", opportunity=n % 1000 * 100,
                              companyId=firms[n % len(firms)])  # fmt: skip
            for stage in ("PREPARATION", "HELD", "WON" if n % 2 else "PREPARATION"):
                at += 2
                portal.edit("deal", deal, stageId=stage)
        print(portal.webhook, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
