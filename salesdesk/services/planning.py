"""Plans and norms: monthly numbers shared out over working days, exactly.

A *schedule* maps month numbers to the plan of that month (one metric, one person or team). Shares
are exact fractions; ``rounded`` makes decimals of them, once, at the end.

A month without a single working day shares its plan over its calendar days, so that the plan of a
whole month is the plan in every month. A period that touches no month with a plan has no plan
(``None``); months without one add nothing to the others.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from salesdesk.moments import month_of, month_start, months_between
from salesdesk.services.calendars import WorkCalendar
from salesdesk.services.periods import Period

Schedule = Mapping[int, Decimal]


def share_of_month(month: int, period: Period, calendar: WorkCalendar) -> Fraction:
    """The part of a month's working days that lies in the period, 0..1."""
    first, last = month_start(month), month_start(month + 1) - 1
    inside_first, inside_last = max(first, period.first_day), min(last, period.last_day)
    if inside_last < inside_first:
        return Fraction(0)
    whole = calendar.working_days_between(first, last)
    if whole == 0:
        return Fraction(inside_last - inside_first + 1, last - first + 1)
    return Fraction(calendar.working_days_between(inside_first, inside_last), whole)


def plan_of(schedule: Schedule, period: Period, calendar: WorkCalendar) -> Fraction | None:
    """The plan of a period: the whole period asked for, never cut at now."""
    total: Fraction | None = None
    for month in months_between(period.first_day, period.last_day):
        value = schedule.get(month)
        if value is not None:
            share = Fraction(value) * share_of_month(month, period, calendar)
            total = share if total is None else total + share
    return total


def pace_of(
    schedule: Schedule, period: Period, calendar: WorkCalendar, today: int
) -> Fraction | None:
    """The plan's share for the working days already gone: those of the period before ``today``.

    The whole plan once the period is over, 0 before it begins.
    """
    if today > period.last_day:
        return plan_of(schedule, period, calendar)
    if today <= period.first_day:
        plan = plan_of(schedule, period, calendar)
        return None if plan is None else Fraction(0)
    gone = plan_of(schedule, Period(period.first_day, today - 1), calendar)
    if gone is None and plan_of(schedule, period, calendar) is not None:
        return Fraction(0)
    return gone


def norm_at(schedule: Schedule, day: int, always: Decimal | None = None) -> Decimal | None:
    """What is acceptable at a moment of a day: the norm of its month, else the one for always."""
    return schedule.get(month_of(day), always)


def of_team(own: Schedule, members: Iterable[Schedule]) -> dict[int, Decimal]:
    """A team's schedule: month by month its own where it is set, else the sum of its members'
    (everybody in the team and in the teams inside it)."""
    total: dict[int, Decimal] = {}
    for schedule in members:
        for month, value in schedule.items():
            total[month] = total.get(month, Decimal(0)) + value
    return {**total, **own}


def over_months(
    total: Decimal,
    first_month: int,
    months: int,
    calendar: WorkCalendar,
    step: Decimal = Decimal("0.01"),
) -> dict[int, Decimal]:
    """A plan entered for a quarter, half-year or year, shared over its months by working days.

    Each month gets a multiple of ``step`` (of a finer one when the total is finer). The running
    sums are rounded, not the months, so that the months add up to ``total`` to the last digit and
    none is further than a step from its exact share.
    """
    exponent = total.as_tuple().exponent
    if isinstance(exponent, int) and exponent < 0:
        step = min(step, Decimal(1).scaleb(exponent))
    weights = _weights(first_month, months, calendar)
    whole, running, given = sum(weights), 0, Decimal(0)
    result = {}
    for index, weight in enumerate(weights):
        running += weight
        until = rounded(Fraction(total) * Fraction(running, whole), step)
        if index == months - 1:
            until = total
        result[first_month + index] = until - given
        given = until
    return result


def _weights(first_month: int, months: int, calendar: WorkCalendar) -> list[int]:
    starts = [month_start(first_month + index) for index in range(months + 1)]
    spans = list(pairwise(starts))
    weights = [calendar.working_days_between(first, after - 1) for first, after in spans]
    return weights if any(weights) else [after - first for first, after in spans]


def scaled(value: Decimal, percent: Decimal) -> Decimal:
    """A plan made greater (or, below 0, smaller) by a percentage, rounded half up to hundredths."""
    return max(Decimal(0), rounded(Fraction(value) * (100 + Fraction(percent)) / 100))


def rounded(value: Fraction, step: Decimal = Decimal("0.01")) -> Decimal:
    """The multiple of ``step`` nearest to an exact value, half away from zero (half up)."""
    units = value / Fraction(step)
    sign = -1 if units < 0 else 1
    whole = (2 * abs(units.numerator) + units.denominator) // (2 * units.denominator)
    return Decimal(sign * whole) * step


def decimal_of(value: Fraction, places: int = 2) -> Decimal:
    """An exact value for a screen or a script, rounded half up to ``places`` decimals."""
    return rounded(value, Decimal(1).scaleb(-places))
