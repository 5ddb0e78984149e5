"""Working days and hours.

The country's calendar comes from the ``holidays`` library once a year and is copied into the
workspace (``country_days_off``); from then on ``WorkCalendar`` answers from that copy alone, so
that an update of the library changes no past number.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from salesdesk.errors import Invalid
from salesdesk.moments import Zone
from salesdesk.text import N_

_WEEKEND = (5, 6)
_SEARCHED_YEARS = 60
OPENS = 9 * 60
CLOSES = 18 * 60


def year_days(year: int) -> range:
    """The days (ordinals) of a year."""
    return range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)


def country_days_off(
    country: str, year: int, subdivision: str | None = None, language: str | None = None
) -> dict[int, str]:
    """Days of a year on which a country does not work, with the holiday's name.

    The country's own weekend counts (Friday and Saturday in some), and a Saturday that was made a
    working day in exchange for another day is none of them. The name is empty on a weekend.
    ``country`` and ``subdivision`` are ISO 3166 codes. Raises ``Invalid`` for a country that the
    library does not know; years outside what it knows have weekends only.
    """
    import holidays

    try:
        calendar = holidays.country_holidays(
            country, subdiv=subdivision, years=year, expand=False, language=language
        )
    except NotImplementedError as error:
        raise Invalid(
            N_("There is no calendar of working days for the country {country}."),
            country=f"{country}-{subdivision}" if subdivision else country,
        ) from error
    days = (date.fromordinal(day) for day in year_days(year))
    return {day.toordinal(): calendar.get(day) or "" for day in days if not _works(calendar, day)}


def _works(calendar: object, day: date) -> bool:
    return bool(calendar.is_working_day(day))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked, and when the working day ends.

    ``non_working`` are the days off copied from the country's calendar, weekends among them, of the
    years ``known_years``; in other years Saturday and Sunday are off. ``days_off`` are the team's
    own. ``opens`` and ``closes`` are minutes from midnight, local (1440: the end of the day).
    """

    zone: Zone
    non_working: frozenset[int] = frozenset()
    known_years: frozenset[int] = frozenset()
    days_off: frozenset[int] = frozenset()
    opens: int = OPENS
    closes: int = CLOSES
    _years: dict[int, list[int]] = field(default_factory=dict, repr=False, compare=False)
    _ends: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    def is_working(self, day: int) -> bool:
        """Whether the day is worked."""
        if day in self.days_off or day in self.non_working:
            return False
        at = date.fromordinal(day)
        return at.year in self.known_years or at.weekday() not in _WEEKEND

    def working_days_between(self, first_day: int, last_day: int) -> int:
        """How many of the days ``first_day..last_day`` (both included) are worked; 0 when the
        last lies before the first."""
        if last_day < first_day:
            return 0
        first, last = date.fromordinal(first_day).year, date.fromordinal(last_day).year
        total = sum(len(self._of_year(year)) for year in range(first, last))
        before = bisect_left(self._of_year(first), first_day)
        return total - before + bisect_right(self._of_year(last), last_day)

    def next_working(self, day: int) -> int:
        """The day itself when it is worked, else the next one that is."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def add_working_days(self, day: int, n: int) -> int:
        """The ``n``-th working day after the day (before it, for a negative ``n``); 0 is the day.

        Raises ``Invalid`` when the calendar has no such day within 60 years of idle search or the
        years of the calendar end.
        """
        if n == 0:
            return day
        return self._forward(day, n) if n > 0 else self._backward(day, -n)

    def end_of_working_day(self, day: int) -> int:
        """The moment at which the working hours of a day end."""
        found = self._ends.get(day)
        if found is None:
            found = self._ends[day] = self.at(day, self.closes)
        return found

    def at(self, day: int, minutes: int) -> int:
        """The moment of a local time, in minutes from midnight, on a day."""
        midnight = datetime.combine(date.fromordinal(day), time())
        return self.zone.moment(midnight + timedelta(minutes=minutes))

    def _forward(self, day: int, left: int) -> int:
        year = date.fromordinal(day).year
        for current in range(year, min(year + _SEARCHED_YEARS + left // 200, 9999)):
            days = self._of_year(current)
            start = bisect_right(days, day)
            if start + left <= len(days):
                return days[start + left - 1]
            left -= len(days) - start
        raise _endless()

    def _backward(self, day: int, left: int) -> int:
        year = date.fromordinal(day).year
        for current in range(year, max(year - _SEARCHED_YEARS - left // 200, 1), -1):
            days = self._of_year(current)
            stop = bisect_left(days, day)
            if left <= stop:
                return days[stop - left]
            left -= stop
        raise _endless()

    def _of_year(self, year: int) -> list[int]:
        found = self._years.get(year)
        if found is None:
            found = [day for day in year_days(year) if self.is_working(day)]
            self._years[year] = found
        return found


def _endless() -> Invalid:
    return Invalid(N_("The calendar of working days does not reach that far."))


def calendar_of(
    zone: Zone,
    country_off: Iterable[int],
    known_years: Iterable[int],
    own_off: Iterable[int] = (),
    hours: tuple[int, int] = (OPENS, CLOSES),
) -> WorkCalendar:
    """A ``WorkCalendar`` from what the workspace keeps; ``hours`` in minutes from midnight."""
    opens, closes = hours
    return WorkCalendar(
        zone, frozenset(country_off), frozenset(known_years), frozenset(own_off), opens, closes
    )
