"""The ranking, told in examples: shape of the answer, ranks, plans, trying other points."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.services import (
    ranking_charts,
    ranking_explain,
    ranking_plans,
    ranking_points,
    ranking_setup,
    rulings,
)
from salesdesk.services.levels import NORMED, PLANNED, Thresholds, level
from salesdesk.services.periods import Period, of_month
from salesdesk.services.ranking import METRICS, Ranking, as_json, ranking
from salesdesk.services.ranking_targets import SCALES, norm_target, plan_target
from tests.builders import Desk, day, empty_store

NOVEMBER = of_month(day("2026-11-15"))
MONTH = 2026 * 12 + 10


class Office:
    """Two teams of a department, a lead, an administrator, one sales pipeline."""

    def __init__(self, store: Store) -> None:
        self.store = store
        desk = self.desk = Desk(store)
        self.department = desk.team("Sales")
        self.north = desk.team("North", self.department)
        self.south = desk.team("South", self.department)
        self.anna = desk.person("Anna Orlova", team_id=self.north)
        self.boris = desk.person("boris", team_id=self.north)
        self.vera = desk.person("Vera", team_id=self.south)
        self.lead = desk.person("Lead", team_id=self.department, role="team_lead")
        self.admin = desk.person("Admin", role="admin", in_ranking=0)
        self.stages = desk.pipeline("Sales")
        (self.new, self.set, self.held, self.signed, self.advance, self.won,
         self.lost) = self.stages  # fmt: skip
        self.now = desk.at("2026-11-21T12:00")

    def ranking(self, period: Period = NOVEMBER, **asked: Any) -> Ranking:
        with self.store.read() as r:
            return ranking(r, period, now=self.now, **asked)

    def row(self, person: int, period: Period = NOVEMBER, **asked: Any) -> Any:
        return next(row for row in self.ranking(period, **asked).rows if row.person_id == person)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with empty_store(tmp_path) as store:
        yield Office(store)


def test_the_document_is_what_scripts_rely_on(office: Office) -> None:
    desk = office.desk
    deal = desk.deal(office.new, "2026-11-02T10:00", office.anna, amount="2900000", cost="1990000")
    for place, stage in enumerate(office.stages[1:6]):
        desk.move(deal, stage, f"2026-11-0{3 + place}T10:00")
    desk.plan("meetings_held", MONTH, "2", person_id=office.anna)
    found = as_json(office.ranking())
    assert (found["from"], found["to"]) == ("2026-11-01", "2026-11-30")
    first = found["rows"][0]
    assert list(first)[:5] == ["rank", "rank_change", "person", "team", "points"]
    assert {name: first[name] for name in ("rank", "rank_change", "person", "team", "points")} == {
        "rank": 1, "rank_change": 0, "person": "Anna Orlova", "team": "North", "points": "61.1",
    }  # fmt: skip
    assert [first[name] for name in METRICS] == [1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert first["revenue"] == "2900000.00"
    assert first["gross_profit"] == "910000.00"
    assert first["levels"] == {
        **dict.fromkeys((*PLANNED, *NORMED), "none"),
        "meetings_held": "half",
    }
    assert first["plans"] == {"meetings_held": "2"}
    assert first["standing"]["meeting_held"] == 0
    assert [row["person"] for row in found["rows"]] == ["Anna Orlova", "boris", "Vera"]
    assert [row["rank"] for row in found["rows"]] == [1, 2, 2]


def test_everything_moves_at_once_when_a_fact_is_undone(office: Office) -> None:
    desk = office.desk
    deal = desk.deal(office.new, "2026-11-02T10:00", office.anna)
    assert office.row(office.anna).points == Decimal("0.1")
    moved = desk.move(deal, office.held, "2026-11-21T11:00")
    assert office.row(office.anna).meetings_held == 1
    desk.undo(moved)
    assert office.row(office.anna).points == Decimal("0.1")
    desk.redo(moved)
    assert office.row(office.anna).points == Decimal("3.1")
    desk.delete("deal", deal)
    assert office.row(office.anna).requests_total == 0


def test_another_process_wrote(office: Office) -> None:
    office.desk.deal(office.new, "2026-10-02T10:00", office.anna)
    assert office.row(office.anna).in_work == 1
    with Store.open(office.store.path) as other, other.command("m", now=2) as tx:
        [deal] = tx.rows("SELECT id FROM deal")
        move = {"deal_id": deal[0], "to_stage_id": office.lost, "recorded_at": 0}
        tx.insert("stage_move", [{**move, "at": office.desk.at("2026-10-20T10:00")}])
    assert office.row(office.anna).in_work == 0
    assert office.row(office.anna, of_month(day("2026-10-01"))).lost == 1


def test_team_and_its_line(office: Office) -> None:
    desk = office.desk
    for person, stage in ((office.anna, office.set), (office.boris, office.held)):
        desk.deal(stage, "2026-11-02T10:00", person)
    desk.deal(office.won, "2026-11-03T10:00", office.vera, amount="10")
    desk.plan("points", MONTH, "3", person_id=office.anna)
    desk.plan("points", MONTH, "5", person_id=office.boris)
    desk.plan("points", MONTH, "100", team_id=office.south)
    north = office.ranking(team_id=office.north)
    assert [row.person for row in north.rows] == ["boris", "Anna Orlova"]
    assert north.total.points == 4
    assert north.total.plans["points"] == 8
    assert north.total.levels["points"] == "half"
    assert office.ranking(team_id=office.south).total.plans["points"] == 100
    assert office.ranking(team_id=office.department).total.plans["points"] == 8
    desk.plan("points", MONTH, "39", team_id=office.department)
    everybody = office.ranking()
    assert everybody.total.plans["points"] == 39
    assert everybody.total.levels["points"] == "full"
    assert everybody.total.revenue == 10


def test_pace_is_the_share_of_the_working_days_gone(office: Office) -> None:
    office.desk.plan("meetings_held", MONTH, "21", person_id=office.anna)
    row = office.row(office.anna)
    assert row.plans["meetings_held"] == 21
    assert row.paces["meetings_held"] == 15  # of 21 working days 15 lie before Saturday, the 21st
    today = office.row(office.anna, Period(day("2026-11-20"), day("2026-11-20")))
    assert (today.plans, today.paces) == ({}, {})


def test_other_points_are_tried_without_saving(office: Office, tmp_path: Path) -> None:
    desk = office.desk
    desk.deal(office.set, "2026-11-02T10:00", office.anna)
    desk.deal(office.held, "2026-11-12T10:00", office.boris)
    table = tmp_path / "weights.toml"
    table.write_text(
        '[points]\n"Set" = "7"\n"sales/HELD" = "1.5"\n'
        '[[change]]\nfrom = "2026-11-12"\n[change.points]\n"Held" = "2"\n'
    )
    with office.store.read() as r:
        weights = ranking_points.from_file(table, ranking_setup.of(r).stage_names())
    tried = office.ranking(weights=weights)
    assert [(row.person, row.points, row.rank) for row in tried.rows[:2]] == [
        ("Anna Orlova", Decimal(7), 1),
        ("boris", Decimal(2), 2),
    ]
    assert [row.saved_points for row in tried.rows[:2]] == [Decimal(1), Decimal(3)]
    assert [row.saved_rank for row in tried.rows[:2]] == [2, 1]
    assert as_json(tried)["rows"][0]["saved_rank"] == 2
    assert office.ranking().rows[0].person == "boris"


@pytest.mark.parametrize(
    "text",
    ['[points]\n"Nowhere" = "7"', '[points]\n"Set" = 7.5', '[points]\n"Set" = "x"', "[points",
     '[points]\n"Set" = "7"\n"SET" = "8"', 'points = "7"',
     '[[change]]\nfrom = "soon"', '[other]\nx = "1"', '[points]\nSet = "NaN"'],
)  # fmt: skip
def test_tables_that_cannot_be_read(office: Office, tmp_path: Path, text: str) -> None:
    table = tmp_path / "weights.toml"
    table.write_text(text)
    with office.store.read() as r:
        stages = ranking_setup.of(r).stage_names()
    with pytest.raises(Invalid):
        ranking_points.from_file(table, stages)


def test_charts(office: Office) -> None:
    desk = office.desk
    desk.deal(office.set, "2026-11-02T00:00", office.anna)
    desk.deal(office.held, "2026-11-21T10:00", office.anna)
    desk.deal(office.held, "2026-11-21T18:00", office.anna)  # later than now
    desk.points(office.held, "5", day("2026-11-20"))
    with office.store.read() as r:
        found = ranking_charts.points_by_day(r, NOVEMBER, now=office.now)
        weeks = ranking_charts.points_by_week(r, day("2026-11-21"), now=office.now)
    assert (found.days[0], found.days[-1]) == (day("2026-11-01"), day("2026-11-21"))
    assert found.running(office.anna)[::19] == (Decimal(0), Decimal(1))
    assert found.running(office.anna)[-1] == 6 == office.row(office.anna).points
    assert len(weeks[office.anna]) == 12
    assert weeks[office.anna][-3:] == (Decimal(1), Decimal(0), Decimal(5))
    assert office.boris not in weeks


def test_levels_go_by_exact_shares() -> None:
    limits = Thresholds()
    for metric, fact in (("won", 3), ("points", Decimal("2.5")), ("revenue", Decimal("0.33"))):
        for plan in (Decimal("6.01"), Decimal(3), Decimal("2.5"), Decimal("0.66"), Decimal(0)):
            from fractions import Fraction

            value = Fraction(plan)
            units = int(fact * SCALES.get(metric, 1))
            target = plan_target(metric, value, limits)
            assert target.level(units) == level(metric, fact, value)
    for norm in (Decimal(0), Decimal("2.5"), Decimal(3)):
        from fractions import Fraction

        assert norm_target("lost", Fraction(norm)).level(3) == level("lost", 3, Fraction(norm))


def test_plans_are_entered_shared_and_removed(office: Office) -> None:
    def enter(value: Decimal | None, person: int | None, **whose: Any) -> int:
        return ranking_plans.set_plan(
            office.store, "revenue", MONTH, value, person=person, now=office.now, **whose
        )

    enter(Decimal("100"), office.admin, person_id=office.anna)
    enter(Decimal("120"), office.lead, person_id=office.anna)
    assert office.row(office.anna).plans["revenue"] == 120
    quarter = enter(Decimal("1000.01"), office.admin, team_id=office.north, months=3)
    with office.store.read() as r:
        shared = [entry.value for month in range(MONTH, MONTH + 3)
                  for entry in ranking_plans.plans(r, month) if entry.team_id]  # fmt: skip
    assert (len(shared), sum(shared)) == (3, Decimal("1000.01"))
    office.desk.undo(quarter)
    enter(None, office.lead, person_id=office.anna)
    assert office.row(office.anna).plans == {}
    for person, whose in (
        (office.boris, {"person_id": office.boris}),
        (office.admin, {}),
        (office.admin, {"person_id": office.anna, "team_id": office.north}),
    ):
        with pytest.raises((Refused, Invalid)):
            enter(Decimal(1), person, **whose)
    with pytest.raises(Invalid):
        enter(Decimal("NaN"), office.admin, person_id=office.anna)


def test_norms_hold_for_everybody_or_one(office: Office) -> None:
    norm: dict[str, Any] = {"person": office.admin, "now": office.now}
    ranking_plans.set_norm(office.store, "lost", Decimal(1), **norm)
    ranking_plans.set_norm(office.store, "lost", Decimal(3), person_id=office.boris, **norm)
    for person in (office.anna, office.boris):
        for _ in range(2):
            desk = office.desk
            desk.move(desk.deal(office.new, "2026-11-02T10:00", person), office.lost,
                      "2026-11-03T10:00")  # fmt: skip
    assert office.row(office.anna).levels["lost"] == "over"
    assert office.row(office.boris).levels["lost"] == "none"
    assert office.row(office.boris).norms["lost"] == 3
    with pytest.raises(Refused):
        ranking_plans.set_norm(office.store, "lost", None, person=office.lead, now=office.now)
    with office.store.read() as r:
        assert len(ranking_plans.norms(r, None)) == 2


def test_rulings(office: Office) -> None:
    desk, store = office.desk, office.store
    deal = desk.deal(office.new, "2026-11-02T10:00", office.anna)
    desk.move(deal, office.held, "2026-11-03T10:00")
    asked: dict[str, Any] = {"reason": "handed over", "now": office.now}
    for person in (office.anna, office.boris):
        with pytest.raises(Refused):
            rulings.void(store, deal, office.held, person=person, **asked)
    with pytest.raises(Invalid):
        rulings.void(store, deal, office.held, person=office.lead, reason=" ", now=office.now)
    with pytest.raises(NotFound):
        rulings.void(store, deal, office.won, person=office.lead, **asked)
    rulings.credit(store, deal, office.held, office.boris, person=office.lead, **asked)
    assert office.row(office.boris).points == 3
    with pytest.raises(Refused):
        rulings.credit(store, deal, office.new, office.lead, person=office.lead, **asked)
    void = rulings.void(store, deal, office.held, person=office.admin, **asked)
    assert office.row(office.boris).points == 0
    with store.read() as r:
        found = rulings.rulings(r, deal)
        shown = ranking_explain.explain(r, NOVEMBER, office.anna, "points", now=office.now)
    assert [(one.kind, one.holds, one.person) for one in found] == [
        ("credit", False, "boris"),
        ("void", True, None),
    ]
    voided = next(line for line in shown.lines if line.ruling == "void")
    assert (voided.value, voided.counts, voided.reason) == (0, False, "handed over")
    rulings.restore(store, deal, office.held, found[1].move_id, person=office.lead, **asked)
    assert office.row(office.anna).points == Decimal("3.1")
    desk.undo(void)
    assert office.row(office.anna).points == Decimal("3.1")


def test_an_explanation_shows_what_did_not_count(office: Office) -> None:
    desk = office.desk
    deal = desk.deal(office.new, "2026-11-02T10:00", office.anna, amount="5", currency="XYZ")
    for moment, stage in (("03", office.held), ("04", office.set), ("05", office.held)):
        desk.move(deal, stage, f"2026-11-{moment}T10:00")
    desk.move(deal, office.won, "2026-11-06T10:00")
    with office.store.read() as r:
        points = ranking_explain.explain(r, NOVEMBER, office.anna, "points", now=office.now)
        held = ranking_explain.explain(r, NOVEMBER, office.anna, "meetings_held", now=office.now)
        money = ranking_explain.explain(r, NOVEMBER, office.anna, "revenue", now=office.now)
        everything = ranking_explain.explain_all(r, NOVEMBER, office.anna, now=office.now)
        standing = ranking_explain.explain(
            r, Period(day("2026-11-01"), day("2026-11-05")), office.anna, "standing:meeting_held",
            now=office.now,
        )  # fmt: skip
        with pytest.raises(NotFound):
            ranking_explain.explain(r, NOVEMBER, office.anna, "happiness", now=office.now)
    again = [line for line in points.lines if not line.counts]
    assert [(line.stage, line.already) for line in again] == [("Held", desk.at("2026-11-03T10:00"))]
    assert [(one.stage, one.count, one.each) for one in points.stages] == [
        ("New", 1, Decimal("0.1")), ("Set", 1, 1), ("Held", 1, 3), ("Won", 1, 35),
    ]  # fmt: skip
    assert (held.total, len(held.lines)) == (1, 2)
    assert [(line.unrated, line.value, line.counts) for line in money.lines] == [("XYZ", 0, False)]
    assert office.ranking().unrated == ("XYZ",)
    assert [line.deal_id for line in standing.lines] == [deal]
    document = ranking_explain.as_json(everything)
    assert document["person"] == "Anna Orlova"
    assert document["numbers"]["points"]["total"] == "39.1"
    assert document["numbers"]["won"]["total"] == 1
