"""Prefix sums of the tallies: what began and ended before a day, by kind, person and scope.

Months are added up in memory once. Before each use the stamps in the file are compared (a row a
month or day, see ``models.derived_sums``), so that what this process, another one or a rebuild
changed is read again, and nothing else.
"""

import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from salesdesk.models.derived_sums import STAMP
from salesdesk.models.store import Reader, Store
from salesdesk.moments import month_of, month_start

Key = tuple[int, int, int]
Stamps = dict[int, int]
#: Person, kind, scope, what began, what ended.
DayTally = tuple[Any, ...]
#: How many days' sums are remembered.
KEPT = 40
#: Adding up a whole month costs about as much as so many days.
MONTH_COST = 2


@dataclass(slots=True)
class Prefix:
    """Sums of everything before a day, by the number of the key (missing at the end: 0)."""

    plus: "array[int]"
    minus: "array[int]"

    def copy(self) -> "Prefix":
        """A copy to add to."""
        return Prefix(self.plus[:], self.minus[:])

    def reach(self, size: int) -> None:
        """Make room for so many keys."""
        missing = size - len(self.plus)
        if missing > 0:
            zeros = array("q", bytes(8 * missing))
            self.plus.extend(zeros)
            self.minus.extend(zeros)


@dataclass(slots=True)
class _Kept:
    """A prefix that was worked out, and what it rests on."""

    prefix: Prefix
    months: Stamps
    days: Stamps


class Tallies:
    """The prefix sums of one workspace, shared by the threads of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keys: list[Key] = []
        #: by kind: (number of the key, person, scope)
        self.by_kind: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._numbers: dict[Key, int] = {}
        self._stamps: Stamps = {}
        self._sums: dict[int, Prefix] = {}
        self._kept: dict[int, _Kept] = {}

    def before(self, r: Reader, days: list[int]) -> list[Prefix]:
        """The sums of all days before each of ``days``; to be read only, under ``lock``.

        The same object comes again as long as nothing in those days has changed.
        """
        wanted = set(days)
        stamps = _month_stamps(r)
        day_stamps = _day_stamps(r, wanted)
        self._forget(stamps)
        found: dict[int, Prefix] = {}
        last: tuple[int, Prefix] | None = None
        for day in sorted(wanted):
            found[day] = self._before(r, day, stamps, day_stamps, last)
            last = day, found[day]
        size = len(self.keys)
        for prefix in found.values():
            prefix.reach(size)
        return [found[day] for day in days]

    def _forget(self, stamps: Stamps) -> None:
        """Drop what rests on months that have changed."""
        changed = [m for m in stamps.keys() | self._stamps.keys()
                   if stamps.get(m) != self._stamps.get(m)]  # fmt: skip
        if changed:
            first = min(changed)
            self._sums = {month: sums for month, sums in self._sums.items() if month <= first}
        self._stamps = stamps

    def _before(
        self,
        r: Reader,
        day: int,
        stamps: Stamps,
        day_stamps: Stamps,
        earlier: tuple[int, Prefix] | None,
    ) -> Prefix:
        month = month_of(day)
        first = month_start(month)
        months = {m: stamp for m, stamp in stamps.items() if m < month}
        days = {d: stamp for d, stamp in day_stamps.items() if first <= d < day}
        kept = self._kept.pop(day, None)
        if kept is None or kept.months != months or kept.days != days:
            kept = _Kept(self._worked_out(r, day, stamps, earlier), months, days)
        self._kept[day] = kept
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return kept.prefix

    def _worked_out(
        self, r: Reader, day: int, stamps: Stamps, earlier: tuple[int, Prefix] | None
    ) -> Prefix:
        """From the cheapest of: an earlier day, the months before, those up to its month's end."""
        month = month_of(day)
        first, after = month_start(month), month_start(month + 1)
        forward, backward = day - first + MONTH_COST, after - day + 2 * MONTH_COST
        if earlier is not None and day - earlier[0] <= min(forward, backward):
            prefix = earlier[1].copy()
            self._add_days(r, prefix, earlier[0], day, 1)
        elif forward <= backward:
            prefix = self._sum_of_months(r, month, stamps).copy()
            self._add_days(r, prefix, first, day, 1)
        else:
            prefix = self._sum_of_months(r, month + 1, stamps).copy()
            self._add_days(r, prefix, day, after, -1)
        return prefix

    def _sum_of_months(self, r: Reader, month: int, stamps: Stamps) -> Prefix:
        """The sums of all months before ``month``."""
        start = max((m for m in self._sums if m <= month), default=None)
        prefix = Prefix(array("q"), array("q")) if start is None else self._sums[start]
        todo = sorted(m for m in stamps if m < month and (start is None or m >= start))
        if not todo:
            return prefix
        rows = r.rows(
            "SELECT month, kind, person_id, scope_id, plus, minus FROM tally_month "
            "WHERE month BETWEEN ? AND ? AND kind > ? ORDER BY month",
            (todo[0], todo[-1], STAMP),
        )
        for m, of_month in groupby(rows, key=itemgetter(0)):
            prefix = prefix.copy()
            self._add(prefix, ((row[1], row[2], row[3], row[4], row[5]) for row in of_month), 1)
            self._sums[m + 1] = prefix
        return prefix

    def _add_days(self, r: Reader, prefix: Prefix, first: int, stop: int, sign: int) -> None:
        rows = r.rows(_DAYS, (first, stop, STAMP))
        self._add(prefix, rows, sign)

    def _add(self, prefix: Prefix, rows: Iterable[tuple[Any, ...]], sign: int) -> None:
        numbers = self._numbers
        for kind, person, scope, plus, minus in rows:
            number = numbers.get((kind, person, scope))
            if number is None:
                number = self._number((kind, person, scope))
            if number >= len(prefix.plus):
                prefix.reach(len(self.keys))
            prefix.plus[number] += sign * plus
            prefix.minus[number] += sign * minus

    def _number(self, key: Key) -> int:
        number = len(self.keys)
        self.keys.append(key)
        self._numbers[key] = number
        self.by_kind[key[0]].append((number, key[1], key[2]))
        return number


_DAYS = (
    "SELECT kind, person_id, scope_id, plus, minus FROM tally_day "
    "WHERE day >= ? AND day < ? AND kind > ?"
)


def of_day(r: Reader, day: int) -> list[DayTally]:
    """The tallies of a single day: person, kind, scope, plus, minus."""
    return r.rows(
        "SELECT person_id, kind, scope_id, plus, minus FROM tally_day WHERE day = ?", (day,)
    )


def stamp_of_day(r: Reader, day: int) -> int:
    """The stamp of a single day; 0 when it has no tallies."""
    return int(r.value("SELECT coalesce(max(plus), 0) FROM tally_day WHERE day = ?", (-day,)))


def _month_stamps(r: Reader) -> Stamps:
    """Stamps of the months that have rows."""
    return dict(r.rows("SELECT -month, plus FROM tally_month WHERE month < 0"))


def _day_stamps(r: Reader, days: set[int]) -> Stamps:
    """Stamps of the days between the beginning of a month and each of ``days``."""
    stamps: Stamps = {}
    for month in {month_of(day) for day in days}:
        first = month_start(month)
        last = max(day for day in days if month_of(day) == month) - 1
        if last >= first:
            stamps.update(
                r.rows(
                    "SELECT -day, plus FROM tally_day WHERE day BETWEEN ? AND ?", (-last, -first)
                )
            )
    return stamps


_known: "WeakKeyDictionary[Store, Tallies]" = WeakKeyDictionary()
_known_lock = threading.Lock()


def of(r: Reader) -> Tallies:
    """The sums of the reader's workspace."""
    with _known_lock:
        found = _known.get(r.store)
        if found is None:
            found = _known[r.store] = Tallies()
        return found
