"""Which digests a day has, and which are due at a moment."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from salesdesk.moments import SECOND, Zone, moment_of
from salesdesk.services import digest_days
from salesdesk.services.calendars import calendar_of
from salesdesk.services.digest_days import Part
from salesdesk.services.periods import Period

MOSCOW = Zone("Europe/Moscow")
ZONES = ["Europe/Moscow", "America/Havana", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Apia"]
DAYS = st.integers(date(2000, 1, 1).toordinal(), date(2040, 12, 31).toordinal())
HOUR = 3600 * SECOND


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def never(_day: int) -> bool:
    return False


def weekend(on: int) -> bool:
    return digest_days.usual_weekend(on)


def told(parts: tuple[Part, ...]) -> dict[str, tuple[str, str]]:
    return {
        part.kind: (
            date.fromordinal(part.shown().first_day).isoformat(),
            date.fromordinal(part.shown().last_day).isoformat(),
        )
        for part in parts
    }


def test_a_tuesday_a_monday_and_a_first_monday() -> None:
    assert told(digest_days.parts_on(day("2026-11-24"), never)) == {
        "days": ("2026-11-17", "2026-11-23")
    }
    assert told(digest_days.parts_on(day("2026-11-23"), never)) == {
        "days": ("2026-11-16", "2026-11-22"), "month": ("2026-11-01", "2026-11-22"),
    }  # fmt: skip
    assert told(digest_days.parts_on(day("2026-12-07"), never)) == {
        "days": ("2026-11-30", "2026-12-06"), "month": ("2026-12-01", "2026-12-06"),
        "month_before": ("2026-11-01", "2026-11-30"),
    }  # fmt: skip


def test_a_first_that_is_a_monday_has_no_month_to_date_yet() -> None:
    assert told(digest_days.parts_on(day("2026-06-01"), never)) == {
        "days": ("2026-05-25", "2026-05-31"), "month_before": ("2026-05-01", "2026-05-31"),
    }  # fmt: skip


def test_the_month_to_date_is_asked_for_whole_and_ends_with_yesterday() -> None:
    found = digest_days.part("month", day("2026-11-23"))
    assert found is not None
    assert found.period == Period(day("2026-11-01"), day("2026-11-30"))
    assert found.period.moments(MOSCOW, found.as_of(MOSCOW)) == (
        MOSCOW.start_of(day("2026-11-01")), MOSCOW.start_of(day("2026-11-23")),
    )  # fmt: skip
    assert found.is_cut()


@given(DAYS)
def test_every_day_tells_of_full_days_only(on: int) -> None:
    at = date.fromordinal(on)
    found = told(digest_days.parts_on(on, never))
    assert found["days"] == ((at - timedelta(7)).isoformat(), (at - timedelta(1)).isoformat())
    assert ("month" in found) == (at.weekday() == 0 and at.day > 1)
    assert ("month_before" in found) == (at.weekday() == 0 and at.day <= 7)
    assert all(last < at.isoformat() for _first, last in found.values())


@given(st.integers(2000, 2040), st.integers(1, 12))
def test_a_month_has_exactly_one_digest_of_the_month_before(year: int, month: int) -> None:
    first = date(year, month, 1).toordinal()
    found = [on for on in range(first, first + 28)
             if "month_before" in told(digest_days.parts_on(on, never))]  # fmt: skip
    assert len(found) == 1


def test_what_falls_on_days_off_comes_with_the_next_day() -> None:
    off = {day("2026-11-23"), day("2026-11-24")}  # a Monday and a Tuesday
    assert digest_days.parts_on(day("2026-11-23"), off.__contains__) == ()
    assert set(told(digest_days.parts_on(day("2026-11-25"), off.__contains__))) == {"days", "month"}
    assert set(told(digest_days.parts_on(day("2026-11-26"), off.__contains__))) == {"days"}
    new_year = set(range(day("2026-01-01"), day("2026-01-12")))  # with the first Monday in it
    assert told(digest_days.parts_on(day("2026-01-12"), new_year.__contains__)) == {
        "days": ("2026-01-05", "2026-01-11"), "month": ("2026-01-01", "2026-01-11"),
        "month_before": ("2025-12-01", "2025-12-31"),
    }  # fmt: skip


@given(DAYS, st.sampled_from(ZONES), st.integers(0, 1439))
def test_a_time_of_day_comes_on_every_day_also_across_dst(on: int, zone: str, minute: int) -> None:
    here = Zone(zone)
    at = digest_days.at(here, on, minute)
    following = digest_days.at(here, on + 1, minute)
    assert at <= following  # one of them may never come (Apia, 30 Dec 2011)
    assert at <= here.start_of(on + 1)
    assert here.start_of(on) <= at
    assert at < digest_days.at(here, on + 2, minute)


@given(DAYS, st.sampled_from(ZONES), st.integers(0, 1439), st.integers(0, 86_399))
def test_what_is_due_is_the_latest_of_each_kind(
    on: int, zone: str, minute: int, second: int
) -> None:
    here = Zone(zone)
    now = here.start_of(on) + second * SECOND
    found = digest_days.due(here, now, minute, weekend)
    assert len({part.kind for part in found}) == len(found) <= 3
    today = here.day_of(now)
    assert not (weekend(today) and found)
    for part in found:
        assert digest_days.at(here, part.day, minute) <= now
        assert today - digest_days.LATE_DAYS < part.day <= today
        assert not weekend(part.day)
        later = [each for each in range(part.day + 1, today + 1)
                 if part.kind in {one.kind for one in digest_days.parts_on(each, weekend)}
                 and digest_days.at(here, each, minute) <= now]  # fmt: skip
        assert not later


def test_due_before_and_after_the_hour() -> None:
    def kinds(text: str) -> list[tuple[str, str]]:
        now = MOSCOW.moment(datetime.fromisoformat(text))
        return [(part.kind, date.fromordinal(part.day).isoformat())
                for part in digest_days.due(MOSCOW, now, 540, never)]  # fmt: skip

    assert kinds("2026-11-24T08:59") == [("days", "2026-11-23"), ("month", "2026-11-23")]
    assert kinds("2026-11-24T09:00") == [("days", "2026-11-24"), ("month", "2026-11-23")]
    assert kinds("2026-12-07T09:00") == [
        ("days", "2026-12-07"), ("month", "2026-12-07"), ("month_before", "2026-12-07")
    ]  # fmt: skip


def test_what_was_missed_does_not_come_on_a_day_off() -> None:
    saturday = MOSCOW.moment(datetime.fromisoformat("2026-11-21T10:00"))
    assert [part.day for part in digest_days.due(MOSCOW, saturday, 540, never)][:1] == [
        day("2026-11-21")
    ]
    assert digest_days.due(MOSCOW, saturday, 540, weekend) == ()


def test_the_next_one_leaves_days_off_out() -> None:
    friday = MOSCOW.moment(datetime.fromisoformat("2026-11-20T09:00"))
    found = digest_days.next_moment(MOSCOW, friday, 540, weekend)
    assert found == MOSCOW.moment(datetime.fromisoformat("2026-11-23T09:00"))
    assert digest_days.next_moment(MOSCOW, friday - 1, 540, weekend) == friday
    assert digest_days.next_moment(MOSCOW, friday, 540, lambda _day: True) is None


def test_the_hour_stays_across_a_change_of_the_clock() -> None:
    berlin = Zone("Europe/Berlin")
    on = day("2026-10-25")  # the clocks go back
    moments = [digest_days.at(berlin, each, 540) for each in (on - 1, on, on + 1)]
    assert [b - a for a, b in pairwise(moments)] == [25 * HOUR, 24 * HOUR]
    spring = digest_days.at(berlin, day("2026-03-29"), 150)  # 02:30 never comes
    assert berlin.local(spring).strftime("%H:%M") == "03:00"


def test_weekends_and_holidays_are_a_choice() -> None:
    saturday, sunday, monday = day("2026-05-09"), day("2026-05-10"), day("2026-05-11")
    worked = day("2026-05-16")  # a Saturday that is worked
    calendar = calendar_of(MOSCOW, [saturday, sunday, monday], [2026])
    choose = digest_days.off_days
    none = choose("none", calendar, weekend)
    ends = choose("weekends", calendar, weekend)
    holidays = choose("holidays", calendar, weekend)
    days = (saturday, sunday, monday, worked)
    assert [none(each) for each in days] == [False] * 4
    assert [ends(each) for each in days] == [True, True, False, False]
    assert [holidays(each) for each in days] == [True, True, True, False]


def test_moments_are_moments() -> None:
    assert digest_days.at(MOSCOW, day("2026-11-20"), 540) == moment_of(
        datetime.fromisoformat("2026-11-20T09:00+03:00")
    )
