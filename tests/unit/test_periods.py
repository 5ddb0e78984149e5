"""What a period covers, where it ends, and which one comes before it."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk import text
from salesdesk.errors import Invalid
from salesdesk.moments import Zone
from salesdesk.services import periods
from salesdesk.services.periods import Period

MOSCOW = Zone("Europe/Moscow")
BERLIN = Zone("Europe/Berlin")
DAY = 86_400_000_000
HOUR = DAY // 24


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def at(text: str, zone: Zone = MOSCOW) -> int:
    return zone.moment(datetime.fromisoformat(text))


def test_month_covers_its_days_and_not_the_next_midnight() -> None:
    february = periods.of_month(day("2026-02-10"))
    assert (february.first_day, february.last_day) == (day("2026-02-01"), day("2026-02-28"))
    assert february.moments(MOSCOW) == (at("2026-02-01T00:00"), at("2026-03-01T00:00"))


def test_period_that_contains_now_ends_with_now_included() -> None:
    november = periods.of_month(day("2026-11-21"))
    now = at("2026-11-21T15:30")
    assert november.moments(MOSCOW, now) == (at("2026-11-01T00:00"), now + 1)
    first = at("2026-11-01T00:00")
    assert november.moments(MOSCOW, first) == (first, first + 1)
    last = at("2026-12-01T00:00") - 1
    assert november.moments(MOSCOW, last) == november.moments(MOSCOW)


def test_period_past_or_to_come_is_as_given() -> None:
    november = periods.of_month(day("2026-11-21"))
    for now in (at("2026-10-31T23:59"), at("2026-12-01T00:00"), at("2027-01-01T00:00")):
        assert november.moments(MOSCOW, now) == november.moments(MOSCOW)


def test_days_of_clock_changes_have_23_and_25_hours() -> None:
    spring = periods.of_day(day("2026-03-29")).moments(BERLIN)
    autumn = periods.of_day(day("2026-10-25")).moments(BERLIN)
    assert spring[1] - spring[0] == 23 * HOUR
    assert autumn[1] - autumn[0] == 25 * HOUR


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
        (("2026-02-01", "2026-06-30"), ("2025-09-01", "2026-01-31")),
        (("2026-11-01", "2026-11-10"), ("2026-10-22", "2026-10-31")),
        (("2026-11-02", "2026-12-01"), ("2026-10-03", "2026-11-01")),
        (("2026-11-16", "2026-11-22"), ("2026-11-09", "2026-11-15")),
        (("2026-03-01", "2026-03-01"), ("2026-02-28", "2026-02-28")),
    ],
)
def test_period_before(period: tuple[str, str], before: tuple[str, str]) -> None:
    assert Period(day(period[0]), day(period[1])).previous() == Period(
        day(before[0]), day(before[1])
    )


@given(st.integers(700_000, 760_000), st.integers(0, 800))
def test_previous_touches_the_period_and_has_the_same_kind(first: int, length: int) -> None:
    period = Period(first, first + length)
    before = period.previous()
    assert before.last_day + 1 == period.first_day
    assert before.whole_months() == period.whole_months() or not period.whole_months()
    if not period.whole_months():
        assert before.days == period.days


def test_week_begins_on_monday_quarter_and_year_on_their_first() -> None:
    saturday = day("2026-11-21")
    assert periods.of_week(saturday) == Period(day("2026-11-16"), day("2026-11-22"))
    assert periods.of_week(day("2026-11-16")).first_day == day("2026-11-16")
    assert periods.of_quarter(saturday) == Period(day("2026-10-01"), day("2026-12-31"))
    assert periods.of_year(saturday) == Period(day("2026-01-01"), day("2026-12-31"))
    assert [periods.bucket_start(saturday, by) for by in ("day", "week", "month")] == [
        saturday,
        day("2026-11-16"),
        day("2026-11-01"),
    ]


def test_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(Invalid):
        Period(10, 9)


def test_labels_follow_the_language() -> None:
    november = periods.of_month(day("2026-11-21"))
    try:
        text.set_language("en")
        assert november.label() == "1–30 Nov 2026"
        assert november.until(day("2026-11-21")).label() == "1–21 Nov 2026"
        assert periods.of_day(day("2026-11-21")).label() == "21 Nov 2026"
        text.set_language("ru")
        assert november.label().startswith("1–30 нояб. 2026")
    finally:
        text.set_language("en")
