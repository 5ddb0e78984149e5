"""Periods of local days: what "month" means, where it ends, the one before, and its name.

A period is asked for in whole local days, both included, and is never changed by the clock; the
moments it covers are ``[from, to)`` (domain.md section 2). Pure: nothing here reads the clock.
"""

from dataclasses import dataclass
from datetime import date

from salesdesk.errors import Invalid
from salesdesk.moments import Zone, month_of, month_start
from salesdesk.text import N_, language

#: English dates are written day first, as on the pictures of the design: "1–30 Nov 2026".
_LOCALES = {"en": "en_GB", "ru": "ru"}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The local days ``first_day..last_day`` (ordinals), both included.

    Raises ``Invalid`` when the last day lies before the first.
    """

    first_day: int
    last_day: int

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise Invalid(N_("A period cannot end before it begins."))

    @property
    def days(self) -> int:
        """Number of days."""
        return self.last_day - self.first_day + 1

    @property
    def is_day(self) -> bool:
        """Whether it is a single day (plans are not shown for one)."""
        return self.first_day == self.last_day

    def moments(self, zone: Zone, now: int | None = None) -> tuple[int, int]:
        """``[from, to)`` of the period as moments.

        With ``now``, a period that contains now ends now and includes what happened at this very
        now: ``to`` is then ``now + 1`` microsecond. A period that is over or has not begun is as it
        is, and so is every period without ``now`` (the earlier one of a change of rank).
        """
        start, stop = zone.start_of(self.first_day), zone.start_of(self.last_day + 1)
        if now is not None and start <= now < stop:
            return start, now + 1
        return start, stop

    def contains(self, day: int) -> bool:
        """Whether the day lies in the period."""
        return self.first_day <= day <= self.last_day

    def until(self, day: int) -> "Period":
        """The same period, not going beyond ``day`` when that lies in it (for labels)."""
        return Period(self.first_day, day) if self.contains(day) else self

    def whole_months(self) -> int:
        """How many whole calendar months the period is made of; 0 when it is not."""
        first, after = month_of(self.first_day), month_of(self.last_day + 1)
        whole = month_start(first) == self.first_day and month_start(after) == self.last_day + 1
        return after - first if whole else 0

    def previous(self) -> "Period":
        """The period just before: as many whole calendar months, else as many days."""
        months = self.whole_months()
        if months:
            return of_months(month_of(self.first_day) - months, months)
        return Period(self.first_day - self.days, self.first_day - 1)

    def label(self) -> str:
        """The period for people, in the chosen language: ``1–30 Nov 2026``."""
        from babel.dates import format_interval, format_skeleton

        first, last = date.fromordinal(self.first_day), date.fromordinal(self.last_day)
        locale = _LOCALES[language()]
        if first == last:
            return str(format_skeleton("yMMMd", first, locale=locale))
        return str(format_interval(first, last, "yMMMd", locale=locale))


def of_day(day: int) -> Period:
    """That day alone."""
    return Period(day, day)


def of_week(day: int) -> Period:
    """The week of a day, Monday first."""
    monday = day - (day - 1) % 7
    return Period(monday, monday + 6)


def of_months(first_month: int, count: int = 1) -> Period:
    """``count`` whole calendar months from a month number on."""
    return Period(month_start(first_month), month_start(first_month + count) - 1)


def of_month(day: int) -> Period:
    """The calendar month of a day."""
    return of_months(month_of(day))


def of_quarter(day: int) -> Period:
    """The calendar quarter of a day."""
    month = month_of(day)
    return of_months(month - month % 3, 3)


def of_year(day: int) -> Period:
    """The calendar year of a day."""
    month = month_of(day)
    return of_months(month - month % 12, 12)


def bucket_start(day: int, by: str) -> int:
    """The first day of the ``day``, ``week`` or ``month`` that a day lies in (reports)."""
    if by == "month":
        return month_start(month_of(day))
    return of_week(day).first_day if by == "week" else day
