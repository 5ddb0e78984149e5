"""Blocks of plans: set, copied, raised as one command; who may."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid, Refused
from salesdesk.services import history, plan_blocks, planning, ranking_plans
from salesdesk.services.plan_blocks import Cell
from tests.builders import Desk, empty_store

JANUARY = 2026 * 12
NOW = 1_770_000_000_000_000


class Team:
    """A boss, a lead and two sellers of two teams."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(empty_store(folder))
        self.store = self.desk.store
        self.sales, other = self.desk.team("Sales"), self.desk.team("Service")
        self.boss = self.desk.person("Boss", role="admin")
        self.lead = self.desk.person("Lead", role="team_lead", team_id=self.sales)
        self.ivan = self.desk.person("Ivan", team_id=self.sales)
        self.oleg = self.desk.person("Oleg", team_id=other)

    def set(self, values: list[tuple[Cell, Decimal | None]], by: int | None = None) -> int:
        done = plan_blocks.set_cells(self.store, values, person=by or self.boss, now=NOW)
        return done.command_id

    def plan(self, person: int, month: int, metric: str = "won") -> Decimal | None:
        with self.store.read() as r:
            found = ranking_plans.plans(r, JANUARY + month - 1)
        return next(
            (each.value for each in found if (each.person_id, each.metric) == (person, metric)),
            None,
        )


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = Team(tmp_path)
    yield made
    made.store.close()


def cell(person: int, month: int = 1, months: int = 1, metric: str = "won") -> Cell:
    return Cell(metric, person, None, JANUARY + month - 1, months)


def test_a_block_is_one_command_and_one_undo(team: Team) -> None:
    ten, year = Decimal(10), Decimal(1200)
    command = team.set([(cell(team.ivan), ten), (cell(team.oleg, 1, 12, "revenue"), year)])
    assert team.plan(team.ivan, 1) == 10
    parts = [team.plan(team.oleg, month, "revenue") for month in range(1, 13)]
    assert sum(part for part in parts if part is not None) == year
    history.undo(team.store, command, person=team.boss, now=NOW)
    assert team.plan(team.ivan, 1) is None
    assert team.plan(team.oleg, 5, "revenue") is None


def test_a_lead_plans_for_the_own_team_and_a_manager_for_nobody(team: Team) -> None:
    five = Decimal(5)
    team.set([(cell(team.ivan), five), (Cell("won", None, team.sales, JANUARY), five)], team.lead)
    for by, whose in ((team.lead, team.oleg), (team.ivan, team.ivan)):
        with pytest.raises(Refused):
            team.set([(cell(team.ivan), None), (cell(whose), five)], by)
        with pytest.raises(Refused):
            plan_blocks.change_by(team.store, [cell(whose)], Decimal(10), person=by, now=NOW)
        with pytest.raises(Refused):
            plan_blocks.copy_before(team.store, [cell(whose, 2)], person=by, now=NOW)
        entry = ranking_plans.Entry("lost", None, None, None, five)
        with pytest.raises(Refused):
            plan_blocks.set_norms(team.store, [(entry, five)], person=by, now=NOW)
    assert team.plan(team.ivan, 1) == 5  # what was refused left nothing behind


def test_months_are_copied_one_by_one_and_what_had_none_before_stays(team: Team) -> None:
    team.set([(cell(team.ivan, 1), Decimal(1)), (cell(team.ivan, 3), Decimal(3)),
              (cell(team.ivan, 5), Decimal(50))])  # fmt: skip
    quarter = [cell(team.ivan, 4, 3)]
    done = plan_blocks.copy_before(team.store, quarter, person=team.boss, now=NOW)
    assert done.cells == 1
    assert [team.plan(team.ivan, month) for month in (4, 5, 6)] == [1, 50, 3]
    plan_blocks.change_by(team.store, quarter, Decimal("-50"), person=team.boss, now=NOW)
    assert [team.plan(team.ivan, month) for month in (4, 5, 6)] == [Decimal("0.5"), 25,
                                                                    Decimal("1.5")]  # fmt: skip
    assert team.plan(team.ivan, 1) == 1
    nothing = [cell(team.oleg)]
    with pytest.raises(Invalid, match="no earlier plans"):
        plan_blocks.copy_before(team.store, nothing, person=team.boss, now=NOW)
    with pytest.raises(Invalid, match="No plan stands there"):
        plan_blocks.change_by(team.store, nothing, Decimal(10), person=team.boss, now=NOW)


@given(value=st.decimals(0, 10**9, places=2), percent=st.decimals(-100, 900, places=1))
def test_a_percentage_is_right_to_the_hundredth(value: Decimal, percent: Decimal) -> None:
    found = planning.scaled(value, percent)
    assert abs(found - value * (100 + percent) / 100) <= Decimal("0.005")
    assert found >= 0
