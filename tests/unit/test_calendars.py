"""Working days of countries and teams, and the end of the working day."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid
from salesdesk.moments import Zone
from salesdesk.services.calendars import (
    WorkCalendar,
    calendar_of,
    country_days_off,
)

MOSCOW = Zone("Europe/Moscow")


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def country_working_days(country: str, year: int) -> set[int]:
    off = country_days_off(country, year)
    return {one for one in range(day(f"{year}-01-01"), day(f"{year + 1}-01-01")) if one not in off}


def russian(year: int, own: tuple[str, ...] = ()) -> WorkCalendar:
    return calendar_of(MOSCOW, country_days_off("RU", year), [year], map(day, own))


def test_russian_year_has_the_working_days_of_the_production_calendar() -> None:
    # 2024: 248 working days; 2025: 247 (production calendars of the Russian labour ministry)
    assert len(country_working_days("RU", 2024)) == 248
    assert len(country_working_days("RU", 2025)) == 247


def test_working_saturday_and_the_day_exchanged_for_it() -> None:
    working = country_working_days("RU", 2024)
    assert day("2024-04-27") in working  # a Saturday
    assert day("2024-04-29") not in working  # the Monday exchanged for it
    calendar = russian(2024)
    assert calendar.is_working(day("2024-04-27"))
    assert not calendar.is_working(day("2024-04-29"))


def test_weekend_is_the_country_s_own() -> None:
    working = country_working_days("IL", 2026)
    assert day("2026-11-20") not in working  # Friday
    assert day("2026-11-22") in working  # Sunday


def test_days_off_carry_the_holiday_s_name() -> None:
    off = country_days_off("DE", 2026)
    assert off[day("2026-12-25")]
    assert off[day("2026-11-21")] == ""


def test_subdivision_and_unknown_country() -> None:
    assert day("2026-01-06") in country_days_off("DE", 2026, "BY")
    assert day("2026-01-06") not in country_days_off("DE", 2026)
    with pytest.raises(Invalid) as raised:
        country_days_off("XX", 2026)
    assert "XX" in raised.value.text()


def test_adding_working_days_passes_over_holidays_and_own_days_off() -> None:
    calendar = russian(2024, own=("2024-05-02",))
    assert calendar.add_working_days(day("2024-04-26"), 1) == day("2024-04-27")
    assert calendar.add_working_days(day("2024-04-27"), 1) == day("2024-05-03")
    assert calendar.add_working_days(day("2024-05-03"), -1) == day("2024-04-27")
    assert calendar.add_working_days(day("2024-05-01"), 0) == day("2024-05-01")
    assert calendar.next_working(day("2024-05-01")) == day("2024-05-03")
    assert calendar.next_working(day("2024-05-03")) == day("2024-05-03")


def test_years_that_were_not_copied_have_weekends_only() -> None:
    calendar = russian(2024)
    assert calendar.is_working(day("2025-01-01"))
    assert not calendar.is_working(day("2025-01-04"))
    assert calendar.add_working_days(day("2024-12-28"), 1) == day("2025-01-01")


@given(st.integers(738_000, 741_000), st.integers(0, 900), st.sets(st.integers(738_000, 741_900)))
def test_counts_equal_a_walk_day_by_day(first: int, length: int, own: set[int]) -> None:
    calendar = WorkCalendar(MOSCOW, days_off=frozenset(own))
    last = first + length
    walked = [d for d in range(first, last + 1) if calendar.is_working(d)]
    assert calendar.working_days_between(first, last) == len(walked)
    for n, expected in enumerate(d for d in walked if d > first):
        assert calendar.add_working_days(first, n + 1) == expected
    for n, expected in enumerate(d for d in reversed(walked) if d < last):
        assert calendar.add_working_days(last, -n - 1) == expected


def test_empty_span_has_no_working_days() -> None:
    assert WorkCalendar(MOSCOW).working_days_between(10, 9) == 0


def test_working_day_ends_at_six_unless_said_otherwise() -> None:
    at = day("2026-11-20")
    six = MOSCOW.moment(datetime.fromisoformat("2026-11-20T18:00"))
    assert WorkCalendar(MOSCOW).end_of_working_day(at) == six
    whole = WorkCalendar(MOSCOW, closes=1440)
    assert whole.end_of_working_day(at) == MOSCOW.start_of(at + 1)


def test_calendar_without_working_days_says_so() -> None:
    closed = WorkCalendar(MOSCOW, days_off=frozenset(range(700_000, 780_000)))
    with pytest.raises(Invalid):
        closed.add_working_days(day("2026-11-20"), 1)
    with pytest.raises(Invalid):
        closed.add_working_days(day("2026-11-20"), -1)
