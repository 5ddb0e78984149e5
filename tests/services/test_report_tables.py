"""The reports on tasks, clients, payments and refusals: what is easily counted otherwise."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store
from salesdesk.services import (
    action_plans,
    board,
    configuration,
    plan_blocks,
    ranking_plans,
    report_catalog,
)
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period, of_month
from salesdesk.services.plan_blocks import Cell
from salesdesk.services.report_table import Behind, Query, Row, Table, offered_by
from tests.builders import Desk, day, empty_store

NOVEMBER = of_month(day("2026-11-15"))
MONTH = 2026 * 12 + 10
NOW = "2026-11-20T12:00"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        yield opened


class Office:
    """A desk with a pipeline and two people, and questions to it."""

    def __init__(self, store: Store) -> None:
        self.desk = desk = Desk(store)
        self.team = desk.team("Sales")
        self.anna = desk.person("Anna", team_id=self.team)
        self.boris = desk.person("Boris", team_id=self.team)
        stages = desk.pipeline("Sales")
        self.new, self.set, self.won, self.lost = stages[0], stages[1], stages[5], stages[6]
        self.client = self.named("client", "Uralmet", kind="company")

    def named(self, table: str, name: str, **fields: Any) -> int:
        return self.desk.insert(table, name=name, name_key=name.casefold(), **fields)

    def read(self, name: str, period: Period = NOVEMBER, now: str = NOW, **query: Any) -> Table:
        own = {key: query.pop(key) for key in list(query) if key not in Query.__slots__}
        self._asked = report_catalog.report(name), Query(period, own=own, **query), now
        table: Table = self._ask("read")
        return table

    def behind(self, row: Row | None, column: str) -> Behind:
        """What is behind a number of the table that was read last (None: of its last line)."""
        found: Behind = self._ask("behind", () if row is None else row.key, column)
        return found

    def _ask(self, what: str, *more: Any) -> Any:
        report, query, now = self._asked
        with self.desk.store.read() as r:
            return getattr(report, what)(r, query, *more, now=self.desk.at(now))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def _lines(table: Table, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row.cells[table.place(key)] for key in keys) for row in table.rows]


def _total(table: Table, key: str) -> Any:
    assert table.total is not None
    return table.total.cells[table.place(key)]


def test_a_deal_lost_twice_is_one_refusal(office: Office) -> None:
    desk = office.desk
    dear, spam = desk.lost_reason("Too expensive"), desk.lost_reason("Spam", True)
    again = desk.deal(office.new, "2026-11-02T10:00", office.anna, amount="100")
    desk.move(again, office.lost, "2026-11-03T10:00", lost_reason_id=spam)
    desk.move(again, office.set, "2026-11-04T10:00")
    desk.move(again, office.lost, "2026-11-05T10:00", office.boris, lost_reason_id=dear)
    back = desk.deal(office.new, "2026-11-02T10:00", office.anna, amount="70")
    desk.move(back, office.lost, "2026-11-06T10:00", lost_reason_id=dear)
    desk.move(back, office.set, "2026-12-02T10:00")
    junk = desk.deal(office.new, "2026-11-02T10:00", office.anna, amount="9")
    desk.move(junk, office.lost, "2026-11-07T10:00", lost_reason_id=spam)
    table = office.read("refusals", now="2026-12-20T12:00", group="person", across="stage")
    assert _lines(table, "person", "stage", "lost", "amount", "apart") == [
        ("Anna", "New", 1, 70, 1), ("Boris", "Set", 1, 100, 0),
    ]  # fmt: skip
    assert [one.deal_id for one in office.behind(table.rows[0], "apart").things] == [junk]
    assert [one.deal_id for one in office.behind(None, "lost").things] == [again, back]
    anna = office.read("refusals", now="2026-12-20T12:00", group="person", person_id=office.anna)
    assert _total(anna, "lost") == 1, (
        "an earlier loss of a deal that somebody else lost last is none"
    )
    reasons = office.read("refusals", now="2026-12-20T12:00")
    assert _lines(reasons, "reason", "lost", "share") == [
        ("Too expensive", 2, 1), ("Spam", 0, 0),
    ]  # fmt: skip
    assert reasons.notes == ("1 lost deal was no refusal: it is counted apart.",)
    december = office.read("refusals", of_month(day("2026-12-01")), "2026-12-20T12:00")
    assert december.rows == ()


def test_refusals_are_those_of_sales(office: Office) -> None:
    other = office.desk.pipeline("Logistics", counts=False)
    office.desk.deal(other[6], "2026-11-03T10:00", office.anna)
    assert office.read("refusals").rows == ()
    named = office.read("refusals", pipeline_id=2, group="stage")
    assert _lines(named, "stage", "lost") == [("No stage before", 1)]
    assert named.rows[0].nameless == ("stage",)


def test_workload_now_and_ahead(office: Office) -> None:
    desk, anna = office.desk, office.anna
    deal = desk.deal(office.new, "2026-11-02T10:00", anna)
    desk.task(deal, anna, "2026-11-02T10:00", "2026-11-19T10:00")
    on_time = desk.task(deal, anna, "2026-11-02T10:00", NOW)
    desk.task(None, anna, "2026-11-02T10:00", "2026-11-20T11:59")
    desk.task(deal, None, "2026-11-02T10:00", "2026-11-25T11:59")
    desk.task(deal, anna, "2026-11-02T10:00", "2026-10-25T11:59")
    desk.task(deal, anna, "2026-11-02T10:00")
    table = office.read("workload")
    keys = ("period", "person", "open", "overdue", "today", "ahead")
    assert _lines(table, *keys) == [
        (day("2026-11-19"), "Anna", 1, 1, 0, 0),
        (day("2026-11-20"), "Anna", 2, 1, 1, 0),
        (day("2026-11-25"), "Nobody", 1, 0, 0, 1),
    ]
    assert [one.task_id for one in office.behind(table.rows[1], "today").things] == [on_time]
    assert table.notes == (
        "1 overdue task was due before this period.", "1 open task has no due moment.",
    )  # fmt: skip
    assert table.rows[1].levels == {"overdue": "over"}
    filtered = office.read("workload", deals=BoardFilter(text="deal"))
    assert _total(filtered, "open") == 3, "a task without a deal is none of a filter of deals"
    desk.delete("deal", deal)
    assert _total(office.read("workload"), "open") == 1


def test_clients_are_quiet_from_the_very_moment_on(office: Office) -> None:
    desk = office.desk
    deal = desk.deal(office.new, "2026-11-02T10:00", office.anna, client_id=office.client,
                     amount="500")  # fmt: skip
    task = desk.task(deal, office.anna, "2026-10-02T10:00")
    assert office.read("inactive").rows == (), "a waiting task is open"
    desk.fact(task, "2026-10-21T12:00", state="done")
    assert office.read("inactive", now=NOW).rows == (), "done in the last thirty days"
    quiet = office.read("inactive", now=f"{NOW}:00.000001").rows
    assert [row.client_id for row in quiet] == [office.client]
    table = office.read("inactive", days="29")
    assert _lines(table, "client", "person", "open_deals", "amount", "idle_days") == [
        ("Uralmet", "Anna", 1, 500, 30)
    ]
    assert office.behind(None, "amount").things[0].value == 500
    assert office.read("inactive", days="29", having="none").rows == ()
    assert office.read("inactive", days="29", kind="contact").rows == ()
    assert office.read("inactive", days="29", person_id=office.boris).rows == ()
    office.desk.task(None, office.boris, "2026-10-02T10:00")
    own = {"client_id": office.client}
    desk.update("task", 2, **own)
    assert office.read("inactive", days="29").rows == ()


def test_a_contact_and_its_company_share_a_deal(office: Office) -> None:
    person = office.named("client", "Irina", kind="contact", company_id=office.client)
    both = {"client_id": office.client, "contact_id": person}
    office.desk.deal(office.new, "2026-11-02T10:00", office.anna, **both)
    table = office.read("inactive")
    assert _lines(table, "client", "open_deals") == [("Irina", 1), ("Uralmet", 1)]
    assert _total(table, "open_deals") == len(office.behind(None, "open_deals").things) == 1


def test_repeat_sales(office: Office) -> None:
    desk, about = office.desk, {"client_id": office.client}
    first = desk.deal(office.new, "2026-11-01T10:00", office.anna, **about)
    desk.update("deal", first, amount=0)
    desk.update("deal", first, amount=1_000_0000)
    desk.update("deal", first, amount=5_000_0000)
    undone = desk.commands[-1]
    desk.update("deal", first, amount=900_0000)
    desk.move(first, office.won, "2026-11-04T10:00")
    second = desk.deal(office.new, "2026-11-01T10:00", office.anna, amount="300", **about)
    desk.move(second, office.won, "2026-11-14T22:00")
    desk.deal(office.won, "2026-11-05T10:00", office.anna, amount="1")
    desk.undo(undone)
    table = office.read("repeat")
    keys = ("client", "won", "revenue", "first_offer", "change", "days_between", "days_since")
    assert _lines(table, *keys) == [
        ("Uralmet", 2, 1200, 1300, -100, Fraction(21, 2), 5)
    ]  # fmt: skip
    assert [one.value for one in office.behind(table.rows[0], "change").things] == [-100]
    assert table.notes == (
        "1 of 1 clients bought more than once.", "1 won deal without a client is left out.",
    )  # fmt: skip
    assert office.read("repeat", least="3").rows == ()


def test_the_first_offer_is_in_its_own_currency(office: Office) -> None:
    office.desk.rate("USD", "90")
    deal = office.desk.deal(office.new, "2026-11-01T10:00", office.anna, amount="10",
                            currency="USD", client_id=office.client)  # fmt: skip
    office.desk.update("deal", deal, amount=1000_0000, currency="RUB")
    office.desk.move(deal, office.won, "2026-11-04T10:00")
    assert _lines(office.read("repeat"), "revenue", "first_offer") == [(1000, 900)]
    office.desk.update("deal", deal, currency="XYZ")
    table = office.read("repeat")
    assert _lines(table, "won", "revenue", "change") == [(1, 0, 0)]
    assert table.notes == ("XYZ has no rate: its amounts are left out.",)


def test_payments_planned_actual_overdue(office: Office) -> None:
    desk = office.desk
    open_deal = desk.deal(office.new, "2026-11-01T10:00", office.anna, client_id=office.client)
    lost = desk.deal(office.lost, "2026-11-01T10:00", office.anna)
    haulier = office.named("contractor", "Magistral")

    def pay(deal: int, planned: str | None, actual: str | None, **more: Any) -> None:
        days = {"planned_day": planned and day(planned), "actual_day": actual and day(actual)}
        desk.insert(
            "payment", deal_id=deal, **{"amount": 100_0000, "currency": "RUB"} | days | more
        )

    pay(open_deal, "2026-11-03", "2026-12-05")
    pay(open_deal, "2026-11-19", None)
    pay(open_deal, "2026-11-20", None, direction="out", contractor_id=haulier)
    pay(open_deal, "2026-11-19", None, currency="XYZ")
    pay(open_deal, None, None)
    pay(lost, "2026-11-19", None)
    pay(lost, "2026-11-19", "2026-11-18")
    months = office.read("payments", Period(NOVEMBER.first_day, day("2026-12-31")),
                         "2026-12-20T10:00")  # fmt: skip
    assert _lines(months, "month", "planned_in", "actual_in", "overdue_in", "overdue_out") == [
        (day("2026-11-01"), 300, 100, 100, 100), (day("2026-12-01"), 0, 100, 0, 0),
    ]  # fmt: skip
    assert months.notes == (
        "XYZ has no rate: its amounts are left out.",
        "1 unpaid payment of a lost deal is left out.",
        "1 payment has no day yet and is in no period.",
    )
    now = office.read("payments")
    assert (_total(now, "overdue_in"), _total(now, "overdue_out")) == (100, 0), "today is not late"
    contractors = office.read("payments", group="contractor")
    assert _lines(contractors, "contractor", "planned_out") == [
        ("Magistral", 100), ("No contractor", 0),
    ]  # fmt: skip
    clients = office.read("payments", group="client")
    assert [row.client_id for row in clients.rows] == [office.client, None]
    assert office.behind(clients.rows[0], "planned_out").things[0].contractor_id == haulier
    assert {row.deal_id for row in office.read("payments", group="deal").rows} == {open_deal, lost}


def test_through_child_deals_too(office: Office) -> None:
    desk = office.desk
    trade, farms = office.named("industry", "Trade"), office.named("industry", "Farms")
    desk.update("client", office.client, industry_id=trade)
    top = desk.deal(office.new, "2026-11-01T10:00", client_id=office.client, amount="10",
                    industry_id=farms)  # fmt: skip
    child = desk.deal(office.won, "2026-11-02T10:00", parent_id=top, amount="20")
    desk.deal(office.lost, "2026-11-03T10:00", parent_id=child, amount="30")
    desk.deal(office.won, "2026-11-04T10:00", industry_id=farms, amount="40")
    beside = office.read("industry")
    keys = ("industry", "deals", "amount", "won", "conversion", "child_deals", "child_amount",
            "child_won")  # fmt: skip
    assert _lines(beside, *keys) == [
        ("Farms", 1, 40, 1, 1, 0, 0, 0), ("Trade", 1, 10, 0, 0, 2, 50, 1),
    ]  # fmt: skip
    among = office.read("industry", children="among")
    assert _lines(among, "industry", "deals", "amount", "won", "lost") == [
        ("Trade", 3, 60, 1, 1), ("Farms", 1, 40, 1, 0),
    ]  # fmt: skip
    assert sum(one.value for one in office.behind(None, "amount").things) == 100
    assert _total(office.read("industry", children="without"), "deals") == 2


class Planned:
    """Kinds of task with plans, and tasks done."""

    def __init__(self, office: Office) -> None:
        self.office, desk = office, office.desk
        self.call, self.visit = (office.named("task_kind", name) for name in ("Call", "Visit"))
        metric = action_plans.metric_of(self.call)
        cells = [(Cell(metric, office.anna, None, MONTH), Decimal(4)),
                 (Cell(metric, None, office.team, MONTH), Decimal(21))]  # fmt: skip
        plan_blocks.set_cells(desk.store, cells, person=None, now=1)
        for person, kind, done in (
            (office.anna, self.call, "2026-11-02T10:00"), (office.anna, self.call, NOW),
            (office.boris, self.visit, "2026-11-30T23:00"), (None, None, "2026-11-03T10:00"),
        ):  # fmt: skip
            task = desk.task(None, person, "2026-11-01T10:00")
            desk.update("task", task, kind_id=kind)
            desk.fact(task, done, state="done")


def test_actions_against_their_plans(office: Office) -> None:
    Planned(office)
    table = office.read("actions")
    keys = ("kind", "person", "done", "plan", "share")
    assert _lines(table, *keys) == [
        ("Call", "Anna", 2, 4, Fraction(1, 2)), ("No kind", "Nobody", 1, None, None),
    ]  # fmt: skip
    assert table.rows[0].levels == {"done": "half"}
    over = office.read("actions", now="2026-12-20T10:00", whose="teams", kinds="planned")
    assert _lines(over, "kind", "team", "done", "plan") == [("Call", "Sales", 2, 21)]
    weeks = office.read("actions", each="week")
    # 21 working days in November 2026 (without any calendar), 5 in a week; the first is a Sunday.
    assert _lines(weeks, "period", "kind", "done", "plan") == [
        (day("2026-11-02"), "Call", 1, Decimal("0.95")),
        (day("2026-11-02"), "No kind", 1, None),
        (day("2026-11-09"), "Call", 0, Decimal("0.95")),
        (day("2026-11-16"), "Call", 1, Decimal("0.95")),
    ]
    days = office.read("actions", each="day")
    assert {row.cells[days.place("plan")] for row in days.rows} == {None}
    assert days.notes == ("Single days are not compared with their small share of a plan.",)


def test_plans_of_actions_are_plans_of_a_kind(office: Office) -> None:
    planned = Planned(office)
    store, desk = office.desk.store, office.desk
    with store.read() as r:
        assert action_plans.planned_kinds(r) == {planned.call}
        found = {(one.metric, one.person_id): one.value for one in ranking_plans.plans(r, MONTH)}
    assert found == {(f"actions:{planned.call}", office.anna): 4,
                     (f"actions:{planned.call}", None): 21}  # fmt: skip
    visits = action_plans.metric_of(planned.visit)
    ranking_plans.set_plan(store, visits, MONTH, Decimal(2), person_id=office.anna, person=None,
                           now=2)  # fmt: skip
    before = [Cell(action_plans.metric_of(planned.call), office.anna, None, MONTH + 1)]
    plan_blocks.copy_before(store, before, person=None, now=3)
    with store.read() as r:
        assert [one.value for one in ranking_plans.plans(r, MONTH + 1)] == [4]
        assert len(ranking_plans.plans(r, MONTH)) == 3
    for wrong in ("actions", "actions:x", "acts:1"):
        with pytest.raises(Invalid):
            ranking_plans.set_plan(store, wrong, MONTH, Decimal(1), person_id=office.anna,
                                   person=None, now=4)  # fmt: skip
    desk.person("Boss", role="admin")
    with pytest.raises(Refused):
        ranking_plans.set_plan(store, visits, MONTH, Decimal(9), person_id=office.anna,
                               person=office.boris, now=5)  # fmt: skip


def test_plans_of_actions_in_a_configuration_file(office: Office, tmp_path: Path) -> None:
    Planned(office)
    with office.desk.store.read() as r:
        content = configuration.export_configuration(r)
    assert 'metric = "actions", kind = "Call", months = { 2026-11 = "4" }' in content
    with empty_store(tmp_path, "other.salesdesk") as other:
        told = content.replace('zone = "Europe/Moscow"', 'zone = "UTC"')
        configuration.import_configuration(other, told, person=None, now=1)
        with other.read() as r:
            assert configuration.export_configuration(r) == told
            assert len(action_plans.schedules(r, MONTH, MONTH)) == 2
        broken = told.replace('kind = "Call"', 'kind = "Knock"')
        with pytest.raises(Exception, match="Knock"):
            configuration.import_configuration(other, broken, person=None, now=2)


def test_a_won_child_is_late_no_more(office: Office) -> None:
    desk = office.desk
    parent = desk.deal(office.new, "2026-11-01T10:00", office.anna)
    child = desk.deal(office.new, "2026-11-01T10:00", office.boris, parent_id=parent)
    haulier = office.named("contractor", "Magistral")
    quotes = [
        desk.insert("contractor_quote", contractor_id=haulier, deal_id=child, price=1,
                    currency="RUB", day=day("2026-11-01"), accepted=1,
                    planned_day=day("2026-11-05"), actual_day=done and day(done))
        for done in ("2026-11-04", None)
    ]  # fmt: skip

    def late(now: str = "2027-02-01T10:00") -> Any:
        return _lines(office.read("children", now=now), "actual", "late_days")[0]

    assert late("2026-11-15T10:00") == (None, 10)
    desk.move(child, office.won, "2026-11-08T10:00")
    assert late() == (day("2026-11-08"), 3)
    desk.update("contractor_quote", quotes[0], actual_day=day("2026-11-10"))
    assert late() == (day("2026-11-10"), 5)
    desk.update("contractor_quote", quotes[1], actual_day=day("2026-11-09"))
    assert late() == (day("2026-11-10"), 5)
    table = office.read("children", deadline="late", contractor=str(haulier), parents="open")
    assert office.behind(table.rows[0], "late_days").things[0].deal_id == child
    assert _total(table, "late_days") == 5
    assert office.read("children", contractor="99").rows == ()
    assert office.read("children", parents="won").rows == ()
    assert office.read("children", deadline="open").rows == ()
    report = report_catalog.report("children")
    with desk.store.read() as r:
        assert offered_by(r, report.own[2]) == {"any": "Any", str(haulier): "Magistral"}


def test_every_number_that_opens_has_a_sentence(office: Office) -> None:
    """On an empty workspace, too, each report answers, and says what its numbers count."""
    for name in filter(report_catalog.is_there, report_catalog.NAMES[5:]):
        if name == "pivot":
            continue
        table = office.read(name)
        assert table.rows == () or name == "inactive", name
        assert table.currency == "RUB"
        for column in table.columns:
            assert column.about or not column.opens, (name, column.key)
    with office.desk.store.read() as r:
        assert board.currency(r) == "RUB"
