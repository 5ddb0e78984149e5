"""What begins later today, kept in memory: thousands of tasks may fall due before the day ends, and
each ranking of a period that is not over must leave them out."""

import threading
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from salesdesk.models import derive
from salesdesk.models.store import Reader, Store

#: Kind and pipeline of holds, and how many of them there are.
Counted = tuple[tuple[int, int, int], ...]
#: Start, kind, person, pipeline and item of a hold.
_Row = tuple[int, int, int, int, int]
_ROWS = "SELECT start, kind, person_id, scope_id, item_id FROM hold WHERE start >= ? AND start < ?"


@dataclass(frozen=True, slots=True)
class Later:
    """The holds that begin in some moments: how many, by person (the very same object as the last
    time where nothing has changed), and the deals of which the time with a person begins."""

    people: dict[int, Counted]
    opened: set[int]


@dataclass(slots=True)
class _Kept:
    """The holds that begin in ``[low, high)``, sorted, as they were after transaction ``txn``."""

    low: int
    high: int
    txn: int
    rows: list[_Row]
    counts: dict[int, Counter[tuple[int, int]]] = field(init=False)
    told: dict[int, Counted] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)
    opened: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.counts = defaultdict(Counter)
        for row in self.rows:
            self._count(row, 1)

    def reach(self, r: Reader, low: int, high: int, txn: int) -> bool:
        """Bring it to another moment and transaction; False where that cannot be done."""
        if high != self.high or low < self.low or txn < self.txn:
            return False
        begun = r.store.day_changes.begun(self.txn, txn)
        if begun is None:
            return False
        self.txn = txn
        known = all(self._take(sign, tuple(row)) for sign, *row in begun)
        place = bisect_left(self.rows, (low,))
        for row in self.rows[:place]:
            self._count(row, -1)
        del self.rows[:place]
        self.low = low
        return known

    def _take(self, sign: int, row: Any) -> bool:
        """Take in that a hold comes or goes; False where one goes that is not known."""
        if not self.low <= row[0] < self.high:
            return True
        if sign > 0:
            insort(self.rows, row)
        else:
            place = bisect_left(self.rows, row)
            if self.rows[place : place + 1] != [row]:
                return False
            del self.rows[place]
        self._count(row, sign)
        return True

    def _count(self, row: _Row, n: int) -> None:
        _, kind, person, pipeline, item = row
        if kind == derive.OPEN:
            self.opened[item] += n
        self.counts[person][kind, pipeline] += n
        self.stale.add(person)

    def tell(self) -> Later:
        """What is kept."""
        for person in self.stale:
            found = self.counts[person]
            self.told[person] = tuple((*key, n) for key, n in sorted(found.items()) if n)
        self.stale.clear()
        return Later(self.told.copy(), {item for item, n in self.opened.items() if n})


@dataclass(slots=True)
class _Memory:
    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: _Kept | None = None


_memories: "WeakKeyDictionary[Store, _Memory]" = WeakKeyDictionary()
_memories_lock = threading.Lock()


def later(r: Reader, low: int, high: int) -> Later:
    """What begins in the moments ``[low, high)``, to the end of a day."""
    txn = int(r.value("SELECT coalesce(max(id), 0) FROM txn"))
    with _memories_lock:
        memory = _memories.setdefault(r.store, _Memory())
    with memory.lock:
        kept = memory.kept
        if kept is None or not kept.reach(r, low, high, txn):
            rows = sorted(r.rows(_ROWS, (low, high)))
            kept = memory.kept = _Kept(low, high, txn, rows)
        return kept.tell()
