"""Which digests belong to a day, which days have none, and which digest is due at a moment.

Every day: the last seven full days. On Mondays also the calendar month to date, on the first Monday
of a month the month before, whole. What falls on a day off comes with the next day that is none.
Pure: days are ordinals of local days, times of day minutes from midnight.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from salesdesk.moments import Zone, month_of, month_start
from salesdesk.services.calendars import WorkCalendar
from salesdesk.services.periods import Period, of_month, of_months
from salesdesk.text import N_

DAYS, MONTH, MONTH_BEFORE = "days", "month", "month_before"
#: The kinds in the order in which they go out.
KINDS: dict[str, str] = {
    DAYS: N_("Last seven days"),
    MONTH: N_("Month to date"),
    MONTH_BEFORE: N_("Month before"),
}
#: On which days nothing is sent.
EVERY_DAY, WEEKENDS, HOLIDAYS = "none", "weekends", "holidays"
#: What is older than this (days) is not sent any more, whatever was missed.
LATE_DAYS = 7
_MONDAY, _WEEKEND = 0, (5, 6)
_LONGEST_BREAK = 31

IsOff = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A digest of a day: its kind, the day it is of, and the days that it tells about."""

    kind: str
    day: int
    period: Period

    def as_of(self, zone: Zone) -> int:
        """The moment that it takes for now, so that it says the same at whatever hour it is made:
        the first of its day, when all days that it tells about are gone (their pace is the whole
        plan); of a month to date, which ends there, the last one before."""
        return zone.start_of(self.day) - self.is_cut()

    def is_cut(self) -> bool:
        """Whether its days are not over yet: a month to date."""
        return self.period.contains(self.day)

    def shown(self) -> Period:
        """The days that are over in it, for headings."""
        return self.period.until(self.day - 1)


def part(kind: str, day: int) -> Part | None:
    """The digest of a kind on a day; none where the month has no full day yet."""
    if kind == DAYS:
        return Part(kind, day, Period(day - 7, day - 1))
    if kind == MONTH_BEFORE:
        return Part(kind, day, of_months(month_of(day) - 1))
    return None if month_start(month_of(day)) == day else Part(kind, day, of_month(day))


def parts_on(day: int, is_off: IsOff) -> tuple[Part, ...]:
    """The digests of a day, those of the days off just before it among them; none on a day off."""
    return () if is_off(day) else parts_of(day, is_off)


def parts_of(day: int, is_off: IsOff) -> tuple[Part, ...]:
    """The same of a day that somebody asks for, be it a day off."""
    kinds = set(_own(day))
    before = day - 1
    while day - before <= _LONGEST_BREAK and is_off(before):
        kinds |= set(_own(before))
        before -= 1
    found = (part(kind, day) for kind in KINDS if kind in kinds)
    return tuple(each for each in found if each is not None)


def _own(day: int) -> Iterator[str]:
    yield DAYS
    at = date.fromordinal(day)
    if at.weekday() == _MONDAY:
        yield MONTH
        if at.day <= 7:
            yield MONTH_BEFORE


def at(zone: Zone, day: int, minute: int) -> int:
    """The moment of a time of day."""
    midnight = datetime.combine(date.fromordinal(day), time())
    return zone.moment(midnight + timedelta(minutes=minute))


def due(zone: Zone, now: int, minute: int, is_off: IsOff) -> tuple[Part, ...]:
    """Of each kind the latest digest whose time has come, not older than a week: what was missed
    before it is not sent any more. On a day off nothing is due, be it missed or not."""
    today = zone.day_of(now)
    if is_off(today):
        return ()
    latest: dict[str, Part] = {}
    for day in range(today, today - LATE_DAYS, -1):
        if at(zone, day, minute) <= now:
            for each in parts_on(day, is_off):
                latest.setdefault(each.kind, each)
    return tuple(latest[kind] for kind in KINDS if kind in latest)


def next_moment(zone: Zone, now: int, minute: int, is_off: IsOff) -> int | None:
    """When the next digest goes out; None when every day of the next weeks is off."""
    today = zone.day_of(now)
    for day in range(today, today + 2 * _LONGEST_BREAK):
        moment = at(zone, day, minute)
        if moment > now and not is_off(day):
            return moment
    return None


def off_days(choice: str, calendar: WorkCalendar, weekend: IsOff) -> IsOff:
    """Whether a day is off, by the choice in the settings; ``weekend`` tells the country's."""
    if choice == HOLIDAYS:
        return lambda day: not calendar.is_working(day)
    if choice == WEEKENDS:
        return lambda day: weekend(day) and not calendar.is_working(day)
    return lambda _day: False


def usual_weekend(day: int) -> bool:
    """Saturday and Sunday."""
    return date.fromordinal(day).weekday() in _WEEKEND
