"""Plans shared over working days without losing a kopeck, and the levels they lead to."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.moments import Zone, month_of
from salesdesk.services import levels, periods, planning
from salesdesk.services.calendars import WorkCalendar, calendar_of, country_days_off
from salesdesk.services.periods import Period

MOSCOW = Zone("Europe/Moscow")
CALENDAR = calendar_of(MOSCOW, country_days_off("RU", 2026), [2026])
WEEKENDS = WorkCalendar(MOSCOW)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def month(text: str) -> int:
    return month_of(day(text + "-01"))


NOVEMBER = {month("2026-11"): Decimal(6)}


def test_whole_month_is_exactly_the_plan() -> None:
    november = periods.of_month(day("2026-11-10"))
    assert planning.plan_of(NOVEMBER, november, CALENDAR) == 6


def test_part_of_a_month_is_shared_by_working_days() -> None:
    # November 2026 in Russia: 21 weekdays less Unity Day (4 November, a Wednesday) = 20
    week = periods.of_week(day("2026-11-04"))
    assert planning.plan_of(NOVEMBER, week, CALENDAR) == Fraction(6 * 4, 20)
    weekend = Period(day("2026-11-21"), day("2026-11-22"))
    assert planning.plan_of(NOVEMBER, weekend, CALENDAR) == 0


def test_period_over_two_months_sums_both_shares() -> None:
    plans = {**NOVEMBER, month("2026-12"): Decimal("12.5")}
    both = Period(day("2026-11-30"), day("2026-12-31"))
    assert planning.plan_of(plans, both, CALENDAR) == Fraction(6, 20) + Fraction(25, 2)


def test_no_plan_at_all_is_none_and_a_missing_month_adds_nothing() -> None:
    quarter = periods.of_quarter(day("2026-11-10"))
    assert planning.plan_of({}, quarter, CALENDAR) is None
    assert planning.plan_of(NOVEMBER, quarter, CALENDAR) == 6
    assert planning.plan_of(NOVEMBER, periods.of_month(day("2026-10-10")), CALENDAR) is None


def test_month_without_working_days_shares_by_calendar_days() -> None:
    closed = WorkCalendar(MOSCOW, days_off=frozenset(range(day("2026-11-01"), day("2026-12-01"))))
    assert planning.plan_of(NOVEMBER, periods.of_month(day("2026-11-01")), closed) == 6
    tenth = Period(day("2026-11-01"), day("2026-11-03"))
    assert planning.plan_of(NOVEMBER, tenth, closed) == Fraction(6, 10)


def test_pace_counts_the_working_days_already_gone() -> None:
    november = periods.of_month(day("2026-11-10"))
    pace = planning.pace_of
    assert pace(NOVEMBER, november, CALENDAR, day("2026-11-01")) == 0
    # gone before 10 November: 2, 3, 5, 6, 9
    assert pace(NOVEMBER, november, CALENDAR, day("2026-11-10")) == Fraction(6 * 5, 20)
    assert pace(NOVEMBER, november, CALENDAR, day("2026-12-01")) == 6
    assert pace({}, november, CALENDAR, day("2026-11-10")) is None
    quarter = periods.of_quarter(day("2026-11-10"))
    assert pace(NOVEMBER, quarter, CALENDAR, day("2026-10-20")) == 0


amounts = st.decimals(0, 10_000_000, places=2) | st.decimals(0, 1000, places=4)


@given(amounts, st.integers(month("2024-01"), month("2027-01")), st.sampled_from([1, 3, 6, 12]))
def test_sharing_over_months_loses_nothing(total: Decimal, first: int, months: int) -> None:
    shared = planning.over_months(total, first, months, WEEKENDS)
    assert sum(shared.values()) == total
    assert list(shared) == list(range(first, first + months))
    whole = periods.of_months(first, months)
    worked = WEEKENDS.working_days_between(whole.first_day, whole.last_day)
    for number, value in shared.items():
        span = periods.of_months(number)
        days = WEEKENDS.working_days_between(span.first_day, span.last_day)
        assert abs(Fraction(value) - Fraction(total) * days / worked) <= Fraction(1, 100)
    assert planning.plan_of(shared, whole, WEEKENDS) == Fraction(total)


@given(st.integers(1, 29), amounts)
def test_parts_of_a_month_add_up_to_it(cut: int, plan: Decimal) -> None:
    first, last = day("2026-11-01"), day("2026-11-30")
    plans = {month("2026-11"): plan}
    left = planning.plan_of(plans, Period(first, first + cut - 1), CALENDAR)
    right = planning.plan_of(plans, Period(first + cut, last), CALENDAR)
    assert left is not None
    assert right is not None
    assert left + right == Fraction(plan)


def test_team_s_plan_is_its_own_month_by_month_else_the_sum() -> None:
    october, november = month("2026-10"), month("2026-11")
    members = [{october: Decimal(3), november: Decimal(4)}, {november: Decimal("1.5")}]
    assert planning.of_team({}, members) == {october: Decimal(3), november: Decimal("5.5")}
    assert planning.of_team({november: Decimal(9)}, members) == {
        october: Decimal(3),
        november: Decimal(9),
    }


def test_the_norm_of_a_moment() -> None:
    own = {month("2026-11"): Decimal(2)}
    assert planning.norm_at(own, day("2026-11-30"), Decimal(5)) == 2
    assert planning.norm_at(own, day("2026-12-01"), Decimal(5)) == 5
    assert planning.norm_at(own, day("2026-12-01")) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(10, 7), "1.43"),
        (Fraction(1, 8), "0.13"),
        (Fraction(-1, 8), "-0.13"),
        (Fraction(6), "6.00"),
    ],
)
def test_rounding_is_half_up_and_once(value: Fraction, text: str) -> None:
    assert str(planning.decimal_of(value)) == text


@pytest.mark.parametrize(
    ("metric", "fact", "target", "expected"),
    [
        ("won", 2, Decimal(2), "full"),
        ("won", 1, Decimal(2), "half"),
        ("won", 0, Decimal(2), "none"),
        ("won", 3, None, "none"),
        ("won", 0, Decimal(0), "none"),
        ("points", Decimal("9.9"), Fraction(10), "half"),
        ("gross_profit", Decimal("-1"), Decimal(2), "none"),
        ("revenue", Fraction(1, 3), Fraction(1, 3), "full"),
        ("lost", 4, Decimal(4), "none"),
        ("lost", 5, Decimal(4), "over"),
        ("tasks_overdue", 1, Decimal(0), "over"),
        ("tasks_overdue", 1, None, "none"),
        ("requests_total", 5, Decimal(5), "none"),
        ("tasks_total", 50, Decimal(5), "none"),
    ],
)
def test_levels(metric: str, fact: int, target: Decimal | None, expected: str) -> None:
    assert levels.level(metric, fact, target) == expected


def test_single_day_compares_only_what_holds_at_a_moment() -> None:
    assert levels.level("won", 1, Decimal(1), one_day=True) == "none"
    assert levels.level("lost", 9, Decimal(1), one_day=True) == "none"
    assert levels.level("tasks_overdue", 9, Decimal(1), one_day=True) == "over"


def test_thresholds_are_settings() -> None:
    strict = levels.Thresholds(full=Fraction(6, 5), half=Fraction(3, 4))
    assert levels.level("won", 10, Decimal(10), thresholds=strict) == "half"
    assert levels.level("won", 12, Decimal(10), thresholds=strict) == "full"
    assert levels.level("won", 7, Decimal(10), thresholds=strict) == "none"
