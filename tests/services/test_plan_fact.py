"""Plan and fact by hand: pace, what is missing a day, large deals, teams; and the report of it."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from salesdesk.services import deals, people, periods, plan_fact, report_catalog, settings
from salesdesk.services.plan_fact import Fact, MonthOf
from salesdesk.services.report_table import Query, Table
from tests.builders import day, empty_store
from tests.services.closing_desk import NOVEMBER, OCTOBER, ClosingDesk

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClosingDesk]:
    """Now is Tuesday, 3 November: of its 21 working days 1 is gone and 20 are left."""
    with empty_store(tmp_path) as store:
        made = ClosingDesk(store)
        made.desk.plan("revenue", NOVEMBER, "2100000", person_id=made.anna)
        yield made


def read(desk: ClosingDesk, month: int, *metrics: str, **given: Any) -> list[MonthOf]:
    with desk.store.read() as r:
        return plan_fact.read(r, [month], metrics or ("revenue",), now=desk.now + 1, **given)


def of(desk: ClosingDesk, month: int, name: str, metric: str = "revenue", **given: Any) -> Fact:
    lines = read(desk, month, metric, **given)
    return next(line for line in lines if line.subject.name == name).facts[metric]


def report(desk: ClosingDesk, month: int, months: int = 1, **own: str) -> Table:
    with desk.store.read() as r:
        found = report_catalog.report("plan-fact")
        return found.read(r, Query(periods.of_months(month, months), own=own), now=desk.now + 1)


def win(desk: ClosingDesk, at: str, amount: str) -> int:
    deal = desk.desk.deal(desk.stages[0], at, desk.anna, amount=amount)
    desk.desk.move(deal, desk.stages[5], at)
    return deal


def test_the_pace_and_what_is_missing_a_day(desk: ClosingDesk) -> None:
    win(desk, "2026-11-02T12:00", "150000")
    [anna] = [line for line in read(desk, NOVEMBER) if line.subject.name == "Anna"]
    fact = anna.facts["revenue"]
    assert (anna.elapsed, anna.days_left) == (Fraction(1, 21), 20)
    assert fact.degree == Fraction(150_000, 2_100_000)
    assert fact.pace == Fraction(3, 2)  # 100,000 were planned for the day that is gone
    assert (fact.missing, fact.per_day) == (D(1_950_000), D(97_500))


def test_days_off_leave_fewer_days(desk: ClosingDesk) -> None:
    for text in ("2026-11-02", "2026-11-04", "2026-11-05"):
        desk.desk.insert("day_off", day=day(text), name="", origin="team")
    [anna] = [line for line in read(desk, NOVEMBER) if line.subject.name == "Anna"]
    assert (anna.elapsed, anna.days_left) == (Fraction(0), 18)
    assert anna.facts["revenue"].pace is None
    assert anna.facts["revenue"].per_day == D("116666.67")


def test_months_gone_and_to_come(desk: ClosingDesk) -> None:
    desk.desk.plan("revenue", NOVEMBER + 1, "2100000", person_id=desk.anna)
    gone, coming = read(desk, OCTOBER, "gross_profit"), read(desk, NOVEMBER + 1)
    assert {(line.elapsed, line.days_left) for line in gone} == {(Fraction(1), 0)}
    assert {(line.elapsed, line.days_left) for line in coming} == {(Fraction(0), 23)}
    fact = of(desk, OCTOBER, "Anna", "gross_profit")
    assert (fact.degree, fact.pace) == (Fraction(91, 100), Fraction(91, 100))
    assert (fact.missing, fact.per_day) == (D(90_000), None)


def test_above_the_plan_nothing_is_missing(desk: ClosingDesk) -> None:
    win(desk, "2026-11-02T12:00", "3000000")
    fact = of(desk, NOVEMBER, "Anna")
    assert (fact.missing, fact.per_day, fact.level) == (D(0), D(0), "full")


def test_without_a_plan_and_with_a_plan_of_nothing(desk: ClosingDesk) -> None:
    desk.desk.plan("revenue", OCTOBER, "0", person_id=desk.anna)
    nothing, none = of(desk, OCTOBER, "Anna"), of(desk, OCTOBER, "Boris")
    assert (nothing.plan, nothing.degree, nothing.pace, nothing.missing) == (D(0), None, None, D(0))
    assert (none.plan, none.degree, none.missing, none.per_day) == (None, None, None, None)


@pytest.mark.parametrize(("second", "is_large"), [("1000000", True), ("1000000.01", False)])
def test_a_large_deal_makes_half_of_a_month(desk: ClosingDesk, second: str, is_large: bool) -> None:
    """Anna's 1,000,000 of October beside two that bring as much together, or a kopeck more."""
    win(desk, "2026-10-20T12:00", "500000")
    win(desk, "2026-10-21T12:00", str(D(second) - 500_000))
    largest = of(desk, OCTOBER, "Anna").largest
    assert largest is not None
    assert (largest.deal_id, largest.is_large) == (desk.big, is_large)


def test_from_where_on_a_deal_is_large_is_a_setting(desk: ClosingDesk) -> None:
    win(desk, "2026-10-20T12:00", "500000")  # the large one makes two thirds
    for percent, is_large in ((66, True), (67, False)):
        settings.change(desk.store, {"large_deal_percent": percent}, **desk.later())
        largest = of(desk, OCTOBER, "Anna").largest
        assert largest is not None
        assert (largest.share, largest.is_large) == (Fraction(2, 3), is_large)


def test_teams_departments_and_everybody(desk: ClosingDesk) -> None:
    inner = people.add_team(desk.store, "Inner", {"parent_id": desk.sales}, **desk.later()).id
    people.change_person(desk.store, desk.boris, {"team_id": inner}, **desk.later())
    desk.desk.plan("revenue", OCTOBER, "4000000", team_id=desk.sales)
    teams = read(desk, OCTOBER, of="team")
    assert [line.subject.name for line in teams] == ["Sales", "Inner"]
    assert [line.facts["revenue"].value for line in teams] == [D(1_509_000), D(509_000)]
    [sales] = read(desk, OCTOBER, of="department")
    [whole] = read(desk, OCTOBER, of="month")
    assert sales.facts["revenue"].plan == whole.facts["revenue"].plan == D(4_000_000)
    [within] = read(desk, OCTOBER, of="month", team_id=inner)
    assert within.facts["revenue"].value == D(509_000)


def test_a_closed_month_stays_as_it_was(desk: ClosingDesk) -> None:
    desk.close()
    before = report(desk, OCTOBER)
    deals.change(desk.store, desk.big, {"amount": D(5)}, **desk.later())
    after = report(desk, OCTOBER)
    assert before.rows == after.rows
    assert after.notes == ("Closed months stand as they were closed.",)


def test_the_report_has_a_line_a_month_and_person(desk: ClosingDesk) -> None:
    table = report(desk, OCTOBER, 2)
    keys = [column.key for column in table.columns]
    assert keys[:7] == ["month", "person", "elapsed", "revenue", "revenue_plan", "revenue_degree",
                        "revenue_per_day"]  # fmt: skip
    rows = [dict(zip(keys, row.cells, strict=True)) for row in table.rows]
    assert [(row["month"], row["person"]) for row in rows] == [
        (day("2026-10-01"), "Boris"), (day("2026-10-01"), "Anna"),
        (day("2026-11-01"), "Anna"),  # Boris has neither a plan nor anything won
    ]  # fmt: skip
    assert table.rows[1].signs["revenue_largest"] == "One deal made 100\u00a0% of the month: Deal 1"
    assert table.total is not None
    total = dict(zip(keys, table.total.cells, strict=True))
    assert (total["revenue"], total["revenue_plan"]) == (D(1_509_000), D(2_100_000))


@pytest.mark.parametrize(
    ("won", "told"),
    [("150000.10", D(97_500)), ("2098500.50", D("74.98")), ("2100000", None), ("2200000", None)],
)
def test_what_is_missing_a_day_is_only_something_to_go_by(
    desk: ClosingDesk, won: str, told: D | None
) -> None:
    """Whole units of money from 100 on, hundredths below, nothing once the plan is met."""
    win(desk, "2026-11-02T12:00", won)
    table = report(desk, NOVEMBER)
    [row] = [row for row in table.rows if row.cells[1] == "Anna"]
    assert row.cells[table.place("revenue_per_day")] == told


def test_parts_of_months_are_taken_in_whole(desk: ClosingDesk) -> None:
    with desk.store.read() as r:
        found = report_catalog.report("plan-fact")
        part = Query(periods.Period(day("2026-10-10"), day("2026-10-12")))
        table = found.read(r, part, now=desk.now)
    assert table.rows == report(desk, OCTOBER).rows
    assert "whole months" in table.notes[0]


def test_all_time_is_only_as_long_as_there_is_something(desk: ClosingDesk) -> None:
    with desk.store.read() as r:
        ever = periods.Period(day("1900-01-01"), day("2200-01-01"))
        assert plan_fact.months_of(r, ever, desk.now) == [OCTOBER, NOVEMBER]
