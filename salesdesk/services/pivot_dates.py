"""Days, weeks, months, quarters and years as a dimension of a pivot: their SQL and their names.

The key of all of them is the ordinal of their first local day; what lies before or after all that
a calendar of a business holds is ``EARLIER`` or ``LATER``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

from salesdesk.moments import DAY_SECONDS, SECOND, Zone, month_of, month_start
from salesdesk.services.periods import Period, of_week
from salesdesk.text import language, tr

EARLIER: Final = 0
LATER: Final = 9_999_999
#: The years that are told apart where no period limits them.
_FIRST, _LAST = 1980, 2079
_DAY = DAY_SECONDS * SECOND
#: The ordinal of 1 January 1970.
_EPOCH = 719_163
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LOCALES = {"en": "en_GB", "ru": "ru"}


def first_of(day: int, by: str) -> int:
    """The first day of the day, week, month, quarter or year that a day lies in."""
    if by == "week":
        return of_week(day).first_day
    if by == "day":
        return day
    month = month_of(day)
    return month_start(month - month % _MONTHS[by])


def after(first: int, by: str) -> int:
    """The first day of the next one."""
    if by in ("day", "week"):
        return first + (7 if by == "week" else 1)
    return month_start(month_of(first) + _MONTHS[by])


def between(first: int, last: int, by: str) -> Iterator[int]:
    """The first days of all from ``first`` to ``last`` (both first days themselves)."""
    while first <= last:
        yield first
        first = after(first, by)


def sql(column: str, kind: str, by: str, zone: Zone, period: Period | None) -> str:
    """The key of a ``moment`` or ``day`` column; ``period`` limits what can come, where it does."""
    if by in _MONTHS:
        whole = Period(date(_FIRST, 1, 1).toordinal(), date(_LAST, 12, 31).toordinal())
        return _tree_of(column, kind, by, zone, period or whole)
    day = column if kind == "day" else _day_of(column, zone, period)
    return day if by == "day" else f"({day} - 1) / 7 * 7 + 1"


def _tree_of(column: str, kind: str, by: str, zone: Zone, period: Period) -> str:
    """The month, quarter or year: found by halving."""
    firsts = list(between(first_of(period.first_day, by), first_of(period.last_day, by), by))
    firsts.append(after(firsts[-1], by))
    bounds = firsts if kind == "day" else [zone.start_of(day) for day in firsts]
    leaves = [EARLIER, *firsts[:-1], LATER]
    return f"CASE WHEN {column} IS NOT NULL THEN {_tree(column, bounds, leaves)} END"


def _tree(column: str, bounds: list[int], leaves: list[int]) -> str:
    """A CASE that gives ``leaves[n]`` where n of the ``bounds`` are at or before the column."""
    if not bounds:
        return str(leaves[0])
    middle = len(bounds) // 2
    below = _tree(column, bounds[:middle], leaves[: middle + 1])
    above = _tree(column, bounds[middle + 1 :], leaves[middle + 1 :])
    return f"CASE WHEN {column} < {bounds[middle]} THEN {below} ELSE {above} END"


def _day_of(column: str, zone: Zone, period: Period | None) -> str:
    """The local day of a moment (the sum is above 0, so that the division rounds down)."""
    bounds, offsets = _clock(zone.name)
    if period is not None:  # the clock's changes in these days alone
        start, stop = period.moments(zone)
        first, last = bisect_right(bounds, start), bisect_left(bounds, stop)
        bounds, offsets = bounds[first:last], offsets[first : last + 1]
    return f"({column} + {_EPOCH * _DAY} + {_tree(column, list(bounds), list(offsets))}) / {_DAY}"


@lru_cache(maxsize=8)
def _clock(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """When the clock of a zone was changed, and what was added to UTC before, between and after."""
    zone = Zone(name)
    days = range(date(_FIRST, 1, 1).toordinal(), date(_LAST, 12, 31).toordinal(), 14)
    moments = [zone.start_of(day) for day in days]
    bounds: list[int] = []
    offsets = [_offset(zone, moments[0])]
    for low, high in pairwise(moments):
        if _offset(zone, low) != _offset(zone, high):
            bounds.append(_change(zone, low, high))
            offsets.append(_offset(zone, high))
    return tuple(bounds), tuple(offsets)


def _offset(zone: Zone, moment: int) -> int:
    added = zone.local(moment).utcoffset()
    assert added is not None
    return (added.days * DAY_SECONDS + added.seconds) * SECOND


def _change(zone: Zone, low: int, high: int) -> int:
    """The first moment of the later clock."""
    old = _offset(zone, low)
    while low + 1 < high:
        middle = (low + high) // 2
        if _offset(zone, middle) == old:
            low = middle
        else:
            high = middle
    return high


def name(first: int, by: str) -> str:
    """A day, week, month, quarter or year for people, in the chosen language."""
    if first == EARLIER:
        return tr("Earlier")
    if first == LATER:
        return tr("Later")
    from babel.dates import format_skeleton

    day = date.fromordinal(first)
    if by == "year":
        return str(day.year)
    if by == "quarter":
        return tr("Q{quarter} {year}", quarter=day.month // 3 + 1, year=day.year)
    locale = _LOCALES[language()]
    if by == "month":
        return str(format_skeleton("yMMM", day, locale=locale))
    if by == "week":
        return Period(first, first + 6).label()
    return str(format_skeleton("yMMMd", day, locale=locale))
