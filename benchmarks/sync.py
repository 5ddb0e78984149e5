"""The sync against a CRM in memory, which answers at once: what is measured is ours. A first pull
of a whole team's deals with their moves, a round in which nothing happened, one with changes."""

import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, median, timed
from benchmarks.synthetic import FOLDER
from salesdesk.services import deals
from salesdesk.services.sync import rounds
from salesdesk.services.sync.remote import Entity, FarMove, FarRecord, Page, Stream
from tests.sync.memory_remote import MemoryRemote, Portal
from tests.sync.seats import SECOND, START, Clock, Seat, seat

MOVES = 4
CHANGES = 100
#: Deals with their moves a second that make 50,000 deals in a minute.
_RATE = 50_000 / 60


class StillRemote(MemoryRemote):
    """A portal in which nobody works while it is read: pages of 50 without sorting again."""

    batch = 50

    def __init__(self, portal: Portal, user: str = "1") -> None:
        super().__init__(portal, user)
        self._ordered: dict[Entity, list[FarRecord]] = {}
        self._lines: dict[str, list[FarMove]] = {}

    def page(self, stream: Stream, cursor: str) -> Page:
        table = [] if stream == "move" or stream == "deleted" else self._sorted(stream)
        start = int(cursor) if cursor.isdecimal() else 0
        part, more = tuple(table[start : start + self.batch]), len(table) > start + self.batch
        if stream == "move":
            lines = self.portal.history
            found = tuple(lines[start : start + self.batch])
            stop = start + len(found)
            return Page(str(stop), stop < len(lines), self.portal.clock(), moves=found)
        if ":" in cursor or not part:
            return super().page(stream, cursor)
        then = str(start + len(part)) if more else f"{part[-1].at - SECOND}:{1 << 40}"
        return Page(then, more, self.portal.clock(), part, total=len(table))

    def _sorted(self, stream: Entity) -> list[FarRecord]:
        """The objects of a kind as they were at the first look, by when they were changed."""
        if stream not in self._ordered:
            rows = self.portal.table(stream).values()
            self._ordered[stream] = sorted(rows, key=lambda row: (row.at, int(row.far_id)))
        return self._ordered[stream]

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        if not self._lines:
            for line in self.portal.history:
                self._lines.setdefault(line.deal, []).append(line)
        return [line for deal in deals for line in self._lines.get(deal, ())]


def figures(count: int) -> list[Figure]:
    """All figures for a portal of so many deals."""
    portal, clock = team(count)
    clock.at += 3600 * SECOND
    with connected(portal, clock) as one:
        before = peak()
        begun = time.perf_counter()
        found = rounds.one_round(one.store, one.remote, one.clock)
        took = time.perf_counter() - begun
        more = peak() - before
        moved = one.value("SELECT count(*) FROM stage_move WHERE superseded = 0 AND undone = 0")
        if left := wrong(one, count, found.failed):
            raise AssertionError(left)
        idle = median(timed(one.round, 8)[1:])
        changed = median([_changed(one, n) for n in range(5)])
    return [
        goal(f"first pull: {count:,} deals, {moved:,} moves", count, took),
        Figure("first pull: memory that came on top", f"{more:.0f} MB", "", "<= 100 MB",
               more <= 100),
        Figure("a round in which nothing happened", f"{idle:.0f} ms", f"{count:,} deals", "", None),
        Figure(f"a round with {CHANGES} changed deals", f"{changed:.0f} ms",
               f"{changed / CHANGES:.1f} ms a deal", "", None),
    ]  # fmt: skip


def goal(what: str, count: int, took: float) -> Figure:
    """How fast so many deals came, in ``took`` seconds."""
    rate = count / took
    return Figure(what, f"{took:.1f} s", f"{rate:,.0f} deals/s", f">= {_RATE:.0f} deals/s",
                  rate >= _RATE)  # fmt: skip


def team(count: int) -> tuple[Portal, Clock]:
    """A CRM with so many deals, each with ``MOVES`` lines of history."""
    clock = Clock()
    portal = Portal(clock.now)
    stages = ("S:NEW", "S:MEET", "S:PAY", "S:WON")
    firms = [portal.add("company", {"name": f"Company {n}", "phones": (), "emails": (),
                                    "tax_number": None}, by="2").far_id
             for n in range(max(1, count // 10))]  # fmt: skip
    for n in range(count):
        clock.at = START + n * 10 * SECOND
        made = portal.add(
            "deal",
            {"title": f"Deal {n}", "amount": Decimal(n % 1000 * 100), "currency": "RUB",
             "pipeline": "P", "stage": stages[0], "owner": str(1 + n % 2),
             "company": firms[n % len(firms)], "contact": "", "expected_day": None},
            by="2",
        )  # fmt: skip
        for stage in stages[1:MOVES]:
            clock.at += SECOND
            portal.edit("deal", made.far_id, {"stage": stage}, by="2")
    return portal, clock


@contextmanager
def connected(portal: Portal, clock: Clock) -> Iterator[Seat]:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="sync-", dir=FOLDER) as folder:
        one = seat(Path(folder), portal, clock)
        one.remote = StillRemote(portal)
        with one.store:
            yield one


def wrong(one: Seat, count: int, failed: int) -> str:
    """What a first pull left out, in a sentence; nothing when it is whole."""
    deals_here = one.value("SELECT count(*) FROM deal WHERE deleted_at IS NULL")
    aside = one.value("SELECT count(*) FROM sync_aside")
    if (deals_here, aside, failed) != (count, 0, 0):
        return f"{deals_here} of {count} deals, {aside} set aside, {failed} failed"
    moved = one.value("SELECT count(*) FROM stage_move WHERE superseded = 0 AND undone = 0")
    return "" if moved == count * MOVES else f"{moved} moves instead of {count * MOVES}"


def _changed(one: Seat, turn: int) -> float:
    """Milliseconds of a round that sends ``CHANGES`` deals."""
    with one.store.read() as r:
        keys = [row[0] for row in r.rows("SELECT id FROM deal ORDER BY id LIMIT ?", (CHANGES,))]
    for key in keys:
        deals.change(one.store, key, {"amount": Decimal(7 + turn)}, **one.by())
    [took] = timed(one.round, 1)
    return took


def peak() -> float:
    """The most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
