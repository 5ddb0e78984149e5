"""Each due rule on a table of cases: weekends, holidays, days off of the team, month ends, clock
changes both ways, dates in the past, empty dates. Moments are local texts."""

from datetime import date, datetime
from typing import Any

import pytest

from salesdesk.moments import Zone
from salesdesk.services.automation import Situation, TaskRule, first_due, new_task
from salesdesk.services.calendars import WorkCalendar, calendar_of, country_days_off

ZONES = {name: Zone(f"Europe/{name}") for name in ("Moscow", "Berlin")}


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _calendar(name: str, country: str) -> WorkCalendar:
    off = {**country_days_off(country, 2026), **country_days_off(country, 2027)}
    return calendar_of(ZONES[name], off, [2026, 2027], [day("2026-11-27")])


CALENDARS = {"Moscow": _calendar("Moscow", "RU"), "Berlin": _calendar("Berlin", "DE")}


def due(where: str, at: str, dates: dict[str, int | None], **says: Any) -> str | None:
    """The due moment of a rule's task, made by a move then and there."""
    zone = ZONES[where]
    rule = TaskRule(1, 1, "Do it", **says)
    situation = Situation(
        CALENDARS[where], None, {}, dates=dates, filled_fields=frozenset({"cost"})
    )
    found = first_due(rule, situation, zone.moment(datetime.fromisoformat(at)))
    made = new_task(rule, situation, zone.moment(datetime.fromisoformat(at)))
    assert made.due_at == found
    assert made.waits == (found is None)
    return None if found is None else zone.local(found).strftime("%Y-%m-%d %H:%M%z")[:19]


AFTER: list[tuple[str, str, int, str, dict[str, Any], str]] = [
    # minutes and hours are exact, whatever the day and the clock
    ("Moscow", "2026-11-20T17:50", 30, "minutes", {}, "2026-11-20 18:20+03"),
    ("Moscow", "2026-11-20T23:50", 30, "minutes", {}, "2026-11-21 00:20+03"),
    ("Moscow", "2026-12-31T23:59", 2, "minutes", {}, "2027-01-01 00:01+03"),
    ("Berlin", "2026-03-29T01:30", 1, "hours", {}, "2026-03-29 03:30+02"),
    ("Berlin", "2026-10-25T01:30", 2, "hours", {}, "2026-10-25 02:30+01"),
    ("Berlin", "2026-10-24T12:00", 24, "hours", {}, "2026-10-25 11:00+01"),
    ("Moscow", "2026-11-20T17:30", 24, "hours", {"shift_to_working_day": True},
     "2026-11-23 17:30+03"),
    # days count every day, and end with the working hours
    ("Moscow", "2026-11-20T10:00", 1, "days", {}, "2026-11-21 18:00+03"),
    ("Moscow", "2026-11-20T10:00", 1, "days", {"shift_to_working_day": True},
     "2026-11-23 18:00+03"),
    ("Moscow", "2026-11-25T10:00", 2, "days", {"shift_to_working_day": True},
     "2026-11-30 18:00+03"),  # the team's own day off, then a weekend
    ("Moscow", "2026-01-31T10:00", 28, "days", {}, "2026-02-28 18:00+03"),
    ("Moscow", "2026-02-28T10:00", 1, "days", {}, "2026-03-01 18:00+03"),
    ("Moscow", "2026-12-31T10:00", 1, "days", {}, "2027-01-01 18:00+03"),
    ("Berlin", "2026-03-28T10:00", 1, "days", {}, "2026-03-29 18:00+02"),
    ("Berlin", "2026-10-24T10:00", 1, "days", {}, "2026-10-25 18:00+01"),
    ("Berlin", "2026-03-28T10:00", 1, "days", {"due_minute": 150}, "2026-03-29 03:00+02"),
    ("Berlin", "2026-10-24T10:00", 1, "days", {"due_minute": 150}, "2026-10-25 02:30+02"),
    # today, as long as there is something left of it
    ("Moscow", "2026-11-20T17:59", 0, "days", {}, "2026-11-20 18:00+03"),
    ("Moscow", "2026-11-20T18:00", 0, "days", {}, "2026-11-23 18:00+03"),
    ("Moscow", "2026-11-26T19:00", 0, "working_days", {}, "2026-11-30 18:00+03"),
    ("Moscow", "2026-11-20T12:00", 0, "days", {"due_minute": 600}, "2026-11-20 10:00+03"),
    # working days skip weekends, holidays and the team's own days off
    ("Moscow", "2026-11-20T10:00", 1, "working_days", {}, "2026-11-23 18:00+03"),
    ("Moscow", "2026-11-03T10:00", 1, "working_days", {}, "2026-11-05 18:00+03"),
    ("Moscow", "2026-11-04T10:00", 1, "working_days", {}, "2026-11-05 18:00+03"),
    ("Moscow", "2026-11-26T10:00", 1, "working_days", {}, "2026-11-30 18:00+03"),
    ("Moscow", "2026-11-21T10:00", 0, "working_days", {}, "2026-11-23 18:00+03"),
    ("Moscow", "2026-11-21T10:00", 0, "working_days", {"shift_to_working_day": False},
     "2026-11-21 18:00+03"),
    ("Moscow", "2026-11-30T10:00", 1, "working_days", {}, "2026-12-01 18:00+03"),
    ("Moscow", "2026-12-30T10:00", 2, "working_days", {}, "2027-01-12 18:00+03"),
    ("Berlin", "2026-12-23T10:00", 2, "working_days", {}, "2026-12-28 18:00+01"),
    ("Berlin", "2026-10-23T10:00", 1, "working_days", {}, "2026-10-26 18:00+01"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "at", "amount", "unit", "more", "expected"), AFTER)
def test_after_the_move(
    where: str, at: str, amount: int, unit: str, more: dict[str, Any], expected: str
) -> None:
    assert due(where, at, {}, amount=amount, unit=unit, **more) == expected


@pytest.mark.parametrize(("where", "at", "amount", "unit", "more", "expected"), AFTER)
def test_after_an_event_that_holds_at_the_move(
    where: str, at: str, amount: int, unit: str, more: dict[str, Any], expected: str
) -> None:
    """Counted alike, but that a day off is no reason to go on by itself."""
    more = {"shift_to_working_day": unit == "working_days", **more}
    waits = {"due_rule": "on_event", "event": "field_filled", "event_field": "cost"}
    assert due(where, at, {}, amount=amount, unit=unit, **waits, **more) == expected


BEFORE: list[tuple[str, str, str | None, int, str, dict[str, Any], str | None]] = [
    ("Moscow", "2026-11-02T10:00", "2026-11-25", 3, "days", {}, "2026-11-22 18:00+03"),
    ("Moscow", "2026-11-02T10:00", "2026-11-25", 3, "days", {"shift_to_working_day": True},
     "2026-11-23 18:00+03"),
    ("Moscow", "2026-11-02T10:00", "2026-11-30", 3, "days", {"shift_to_working_day": True},
     "2026-11-30 18:00+03"),  # the team's own day off
    ("Moscow", "2026-11-02T10:00", "2026-11-25", 3, "working_days", {}, "2026-11-20 18:00+03"),
    ("Moscow", "2026-11-02T10:00", "2026-11-05", 1, "working_days", {}, "2026-11-03 18:00+03"),
    ("Moscow", "2026-11-02T10:00", "2027-01-12", 1, "working_days", {}, "2027-01-11 18:00+03"),
    ("Moscow", "2026-02-02T10:00", "2026-03-01", 1, "days", {}, "2026-02-28 18:00+03"),
    ("Moscow", "2026-11-02T10:00", "2026-11-20", 0, "days", {}, "2026-11-20 18:00+03"),
    ("Moscow", "2026-11-02T10:00", "2026-11-20", 0, "days", {"due_minute": 540},
     "2026-11-20 09:00+03"),
    ("Berlin", "2026-03-02T10:00", "2026-03-30", 1, "days", {"due_minute": 150},
     "2026-03-29 03:00+02"),
    ("Berlin", "2026-10-02T10:00", "2026-10-26", 1, "days", {}, "2026-10-25 18:00+01"),
    # past by the move: due now; empty: waits
    ("Moscow", "2026-11-20T10:00", "2026-11-22", 3, "days", {}, "2026-11-20 10:00+03"),
    ("Moscow", "2026-11-20T19:00", "2026-11-20", 0, "days", {}, "2026-11-20 19:00+03"),
    ("Moscow", "2026-11-20T10:00", "2020-01-01", 0, "working_days", {}, "2026-11-20 10:00+03"),
    ("Moscow", "2026-11-20T10:00", None, 3, "days", {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("where", "at", "field", "amount", "unit", "more", "expected"), BEFORE)
@pytest.mark.parametrize("name", ["expected_day", "Loading"])
def test_before_a_date(
    name: str,
    where: str,
    at: str,
    field: str | None,
    amount: int,
    unit: str,
    more: dict[str, Any],
    expected: str | None,
) -> None:
    dates = {name: None if field is None else day(field)}
    says = {"due_rule": "before_date", "date_field": name, "amount": amount, "unit": unit}
    assert due(where, at, dates, **says, **more) == expected


@pytest.mark.parametrize(
    ("at", "fixed", "more", "expected"),
    [
        ("2026-11-02T10:00", "2026-11-21", {}, "2026-11-21 18:00+03"),
        ("2026-11-02T10:00", "2026-11-21", {"shift_to_working_day": True}, "2026-11-23 18:00+03"),
        ("2026-11-02T10:00", "2026-11-27", {"shift_to_working_day": True}, "2026-11-30 18:00+03"),
        ("2026-11-02T10:00", "2026-12-31", {"due_minute": 600}, "2026-12-31 10:00+03"),
        ("2026-11-20T10:00", "2026-11-02", {}, "2026-11-20 10:00+03"),  # past: due now
    ],
)
def test_on_a_date(at: str, fixed: str, more: dict[str, Any], expected: str) -> None:
    says = {"due_rule": "on_date", "fixed_day": day(fixed)}
    assert due("Moscow", at, {}, **says, **more) == expected


def test_an_event_to_come_has_no_due_moment() -> None:
    says = {"due_rule": "on_event", "event": "field_filled", "event_field": "amount"}
    assert due("Moscow", "2026-11-20T10:00", {}, **says) is None


@pytest.mark.parametrize("unit", ["days", "working_days"])
@pytest.mark.parametrize("amount", [0, 5, 100_000])
def test_a_year_mistyped_stops_no_rule(unit: str, amount: int) -> None:
    says: dict[str, Any] = {"unit": unit, "amount": amount, "shift_to_working_day": True}
    at, rule = "2026-11-20T10:00", {"due_rule": "before_date", "date_field": "x", **says}
    for early in ("0001-01-01", "0226-11-20"):
        assert due("Moscow", at, {"x": day(early)}, **rule) == "2026-11-20 10:00+03"
    for late in ("9000-01-01", "9999-12-31"):
        found = due("Moscow", at, {"x": day(late)}, **rule)
        assert (found or "") > "8600"
        fixed = due("Moscow", at, {}, due_rule="on_date", fixed_day=day(late), **says)
        assert (fixed or "").startswith("9000-01-01")
