"""Where the colours of the ranking begin and end, and people at the edges of a period: who joined
inside it, left, changed the team, was away. The numbers are counted by hand in each test."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.models.store import Store
from salesdesk.services.periods import Period, of_day, of_month, of_months
from salesdesk.services.ranking import Ranking, RankingRow, ranking
from tests.builders import Desk, day, empty_store

MONTH = 2026 * 12 + 10
NOVEMBER = of_month(day("2026-11-15"))


class Office:
    """Two teams, a seller, a sales pipeline; it is the evening of 30 November."""

    def __init__(self, store: Store) -> None:
        self.store = store
        desk = self.desk = Desk(store)
        self.north, self.south = desk.team("North"), desk.team("South")
        self.anna = desk.person("Anna", team_id=self.north)
        (self.new, self.set, self.held, self.signed, self.advance, self.won,
         self.lost) = desk.pipeline("Sales")  # fmt: skip
        self.now = desk.at("2026-11-30T20:00")

    def ranking(self, period: Period = NOVEMBER, team: int | None = None) -> Ranking:
        with self.store.read() as r:
            return ranking(r, period, now=self.now, team_id=team)

    def row(self, person: int, period: Period = NOVEMBER, team: int | None = None) -> RankingRow:
        return next(row for row in self.ranking(period, team).rows if row.person_id == person)

    def people(self, period: Period = NOVEMBER, team: int | None = None) -> list[str]:
        return [row.person for row in self.ranking(period, team).rows]

    def wins(self, person: int, amount: str, at: str = "2026-11-10T12:00") -> int:
        return self.desk.deal(self.won, at, person, amount=amount)

    def loses(self, person: int, count: int, at: str = "2026-11-10T12:00") -> None:
        for _ in range(count):
            self.desk.deal(self.lost, at, person)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with empty_store(tmp_path) as store:
        yield Office(store)


# -- colours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "level"),
    [
        ("0", "none"), ("4999", "none"), ("4999.99", "none"), ("4999.9999", "none"),
        ("5000", "half"), ("5000.01", "half"), ("9999", "half"), ("9999.9999", "half"),
        ("10000", "full"), ("10000.01", "full"),
    ],
)  # fmt: skip
def test_money_changes_its_colour_at_the_very_share(office: Office, fact: str, level: str) -> None:
    office.desk.plan("revenue", MONTH, "10000", person_id=office.anna)
    office.wins(office.anna, fact)
    assert office.row(office.anna).revenue == Decimal(fact)
    assert office.row(office.anna).levels["revenue"] == level


@pytest.mark.parametrize(
    ("points", "level"),
    [("49.99", "none"), ("49.999999", "none"), ("50", "half"), ("99.99", "half"),
     ("99.999999", "half"), ("100", "full")],
)  # fmt: skip
def test_points_change_their_colour_at_the_very_share(
    office: Office, points: str, level: str
) -> None:
    office.desk.plan("points", MONTH, "100", person_id=office.anna)
    office.desk.points(office.held, points, day("2026-11-01"))
    office.desk.deal(office.held, "2026-11-05T12:00", office.anna)
    assert office.row(office.anna).points == Decimal(points)
    assert office.row(office.anna).levels["points"] == level


def test_three_tenths_are_three_times_a_tenth(office: Office) -> None:
    office.desk.plan("points", MONTH, "0.3", person_id=office.anna)
    for at in ("05", "06", "07"):
        office.desk.deal(office.new, f"2026-11-{at}T12:00", office.anna)
    assert office.row(office.anna).levels["points"] == "full"


@pytest.mark.parametrize(("held", "level"), [(0, "none"), (1, "none"), (2, "half"), (3, "full")])
def test_a_plan_of_three(office: Office, held: int, level: str) -> None:
    office.desk.plan("meetings_held", MONTH, "3", person_id=office.anna)
    for _ in range(held):
        office.desk.deal(office.held, "2026-11-05T12:00", office.anna)
    assert office.row(office.anna).levels["meetings_held"] == level


def test_the_shares_are_settings(office: Office) -> None:
    office.desk.insert("setting", name="level_full", value="90")
    office.desk.insert("setting", name="level_half", value="30")
    office.desk.plan("revenue", MONTH, "10000", person_id=office.anna)
    office.wins(office.anna, "8999.99")
    assert office.row(office.anna).levels["revenue"] == "half"
    office.wins(office.anna, "0.01")
    assert office.row(office.anna).levels["revenue"] == "full"


@pytest.mark.parametrize("plan", [None, "0"])
def test_no_plan_and_a_plan_of_nothing_have_no_colour(office: Office, plan: str | None) -> None:
    if plan is not None:
        office.desk.plan("revenue", MONTH, plan, person_id=office.anna)
    assert office.row(office.anna).levels["revenue"] == "none"
    office.wins(office.anna, "5000")
    row = office.row(office.anna)
    assert row.levels["revenue"] == "none"
    assert not row.plans.get("revenue")
    assert not row.paces.get("revenue")
    assert office.ranking().total.levels["revenue"] == "none"


@pytest.mark.parametrize(
    ("norm", "lost", "level"),
    [("0", 0, "none"), ("0", 1, "over"), ("1", 1, "none"), ("1", 2, "over"), ("1.5", 1, "none"),
     ("1.5", 2, "over")],
)  # fmt: skip
def test_above_the_norm_is_red_at_it_is_not(
    office: Office, norm: str, lost: int, level: str
) -> None:
    office.desk.norm("lost", norm)
    office.loses(office.anna, lost)
    assert office.row(office.anna).levels["lost"] == level


def test_no_norm_is_never_red(office: Office) -> None:
    office.loses(office.anna, 9)
    assert office.row(office.anna).levels["lost"] == "none"
    assert "lost" not in office.row(office.anna).norms


def test_norms_of_a_moment_hold_for_a_single_day_plans_do_not(office: Office) -> None:
    desk = office.desk
    desk.norm("tasks_overdue", "0")
    desk.norm("deals_without_tasks", "1")
    desk.norm("lost", "0")
    desk.plan("won", MONTH, "1", person_id=office.anna)
    office.wins(office.anna, "1", "2026-11-20T09:00")
    office.loses(office.anna, 1, "2026-11-20T09:00")
    deal = desk.deal(office.new, "2026-11-20T09:00", office.anna)
    desk.task(deal, office.anna, "2026-11-20T09:00", "2026-11-20T10:00")
    desk.deal(office.new, "2026-11-20T09:00", office.anna)
    row = office.row(office.anna, of_day(day("2026-11-20")))
    assert (row.won, row.lost, row.tasks_overdue, row.deals_without_tasks) == (1, 1, 1, 1)
    assert row.levels["won"] == row.levels["lost"] == row.levels["deals_without_tasks"] == "none"
    assert row.levels["tasks_overdue"] == "over"
    assert (row.plans, row.paces) == ({}, {})


def test_plan_and_norm_of_part_of_a_month(office: Office) -> None:
    """21 working days in November: 2-6 and 9-13 are ten of them."""
    office.desk.plan("revenue", MONTH, "21000", person_id=office.anna)
    office.desk.norm("lost", "2.1", MONTH)
    half = Period(day("2026-11-02"), day("2026-11-15"))
    office.wins(office.anna, "9999.99", "2026-11-03T12:00")
    row = office.row(office.anna, half)
    assert row.plans["revenue"] == 10000
    assert row.levels["revenue"] == "half"
    office.wins(office.anna, "0.01", "2026-11-15T23:59:59")
    assert office.row(office.anna, half).levels["revenue"] == "full"
    office.loses(office.anna, 1, "2026-11-03T12:00")
    assert office.row(office.anna, half).norms["lost"] == 1
    assert office.row(office.anna, half).levels["lost"] == "none"
    office.loses(office.anna, 1, "2026-11-04T12:00")
    assert office.row(office.anna, half).levels["lost"] == "over"


def test_a_day_off_takes_its_share_of_the_plan_to_the_other_days(office: Office) -> None:
    office.desk.plan("revenue", MONTH, "20000", person_id=office.anna)
    office.desk.insert("day_off", day=day("2026-11-04"), name="Unity Day")
    week = Period(day("2026-11-02"), day("2026-11-08"))
    assert office.row(office.anna, week).plans["revenue"] == 4000  # four of twenty working days
    assert office.row(office.anna).plans["revenue"] == 20000
    holiday = Period(day("2026-11-03"), day("2026-11-04"))
    assert office.row(office.anna, holiday).plans["revenue"] == 1000


def test_a_quarter_adds_its_months(office: Office) -> None:
    for month, value in ((MONTH - 1, "1000"), (MONTH, "2000"), (MONTH + 1, "3000")):
        office.desk.plan("revenue", month, value, person_id=office.anna)
    office.wins(office.anna, "2999.99", "2026-10-01T00:00")
    quarter = of_months(MONTH - 1, 3)
    assert office.row(office.anna, quarter).plans["revenue"] == 6000
    assert office.row(office.anna, quarter).levels["revenue"] == "none"
    office.wins(office.anna, "0.01", "2026-11-30T19:00")
    assert office.row(office.anna, quarter).levels["revenue"] == "half"


def test_the_last_moment_of_the_month_in_the_zone_of_the_team(office: Office) -> None:
    office.desk.plan("won", MONTH, "1", person_id=office.anna)
    office.now = office.desk.at("2026-12-10T12:00")
    deal = office.desk.deal(office.new, "2026-11-02T12:00", office.anna)
    office.desk.move(deal, office.won, "2026-12-01T00:00")
    assert office.row(office.anna).levels["won"] == "none"
    other = office.desk.deal(office.new, "2026-11-02T12:00", office.anna)
    office.desk.move(other, office.won, "2026-11-30T23:59:59.999999")
    assert office.row(office.anna).levels["won"] == "full"


# -- people at the edges --------------------------------------------------------------------------


def test_who_joined_inside_the_month_has_the_whole_plan(office: Office) -> None:
    """Plans are not shortened for people who join: the lead sets what is fair."""
    boris = office.desk.person("Boris", team_id=office.north, first_day=day("2026-11-16"))
    office.desk.plan("won", MONTH, "2", person_id=boris)
    office.wins(boris, "10", "2026-11-20T12:00")
    row = office.row(boris)
    assert [row.plans["won"], row.levels["won"]] == [2, "half"]
    assert row.paces["won"] == Decimal("1.90")  # twenty of 21 working days are gone
    assert row.rank_change == 0  # ranked in October too: nobody had anything
    assert office.people() == ["Boris", "Anna"]


def test_who_has_not_begun_yet_has_no_row(office: Office) -> None:
    office.desk.person("Vera", team_id=office.north, first_day=day("2026-12-01"))
    assert office.people() == ["Anna"]
    office.now = office.desk.at("2026-12-01T09:00")
    assert office.people() == ["Anna", "Vera"]


def test_who_left_is_shown_where_there_are_numbers(office: Office) -> None:
    gleb = office.desk.person("Gleb", team_id=office.north, last_day=day("2026-11-10"))
    office.desk.plan("won", MONTH, "1", person_id=gleb)
    office.wins(gleb, "10", "2026-11-09T12:00")
    assert office.row(gleb).levels["won"] == "full"
    assert office.people(of_day(day("2026-11-20"))) == ["Anna"]
    assert office.people(of_month(day("2026-12-01"))) == ["Anna"]
    open_deal = office.desk.deal(office.new, "2026-11-09T12:00", gleb)
    assert office.people(of_day(day("2026-11-20"))) == ["Anna", "Gleb"]  # it is still theirs
    office.desk.give(open_deal, office.anna, "2026-11-11T12:00")
    assert office.people(of_day(day("2026-11-20"))) == ["Anna"]


def test_who_changed_the_team_takes_the_numbers_along(office: Office) -> None:
    desk = office.desk
    desk.plan("won", MONTH, "1", person_id=office.anna)
    desk.plan("won", MONTH, "5", team_id=office.south)
    office.wins(office.anna, "10", "2026-11-05T12:00")
    assert office.ranking(team=office.north).total.won == 1
    desk.update("person", office.anna, team_id=office.south)
    assert office.people(team=office.north) == []
    assert office.ranking(team=office.north).total.won == 0
    south = office.ranking(team=office.south)
    assert (south.rows[0].person, south.rows[0].team, south.rows[0].levels["won"]) == (
        "Anna", "South", "full",
    )  # fmt: skip
    total = south.total
    assert [total.won, total.plans["won"], total.levels["won"]] == [1, 5, "none"]


def test_a_leave_shortens_neither_plan_nor_pace(office: Office) -> None:
    office.now = office.desk.at("2026-11-16T00:00")
    office.desk.plan("revenue", MONTH, "2100", person_id=office.anna)
    office.wins(office.anna, "1000", "2026-11-03T12:00")
    before = office.row(office.anna)
    assert [before.plans["revenue"], before.paces["revenue"]] == [2100, 1000]  # ten of 21 days
    office.desk.insert(
        "absence", person_id=office.anna, first_day=day("2026-11-09"), last_day=day("2026-11-20")
    )
    assert office.row(office.anna) == before
    assert office.people(of_day(day("2026-11-12"))) == ["Anna"]


def test_standing_deals_by_their_milestone(office: Office) -> None:
    desk = office.desk
    for stage in (office.set, office.set, office.held, office.advance):
        desk.deal(stage, "2026-11-05T12:00", office.anna)
    row = office.row(office.anna)
    assert [row.value(f"standing:{milestone}") for milestone in row.standing] == [2, 1, 0, 1]
    assert office.ranking().total.value("standing:meeting_scheduled") == 2
