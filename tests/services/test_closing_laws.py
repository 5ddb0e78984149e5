"""Whatever happens after a month was closed: its ranking stays, the corrections say exactly what
the number would be now and which deals and tasks make the difference, and plan and fact follow."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.store import Reader
from salesdesk.services import (
    closing,
    closing_corrections,
    closing_frozen,
    history,
    periods,
    plan_fact,
    ranking,
    report_catalog,
)
from salesdesk.services.closing_corrections import NUMBERS
from salesdesk.services.report_table import Query
from tests.builders import empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, STEPS, Step, Team, random_steps
from tests.oracle import ranking_oracle
from tests.oracle.adapter import world_of

MARCH = 2026 * 12 + 2
LATE = DAYS * 6 - 1


def answers(r: Reader, team: Team, now: int) -> list[str]:
    """The ranking of March to the byte: of everybody, and of each team."""
    period = periods.of_months(MARCH)
    every = [ranking.ranking(r, period, now=now, team_id=t) for t in (None, *team.groups)]
    return [repr((one.rows, one.total, one.closed, one.unrated)) for one in every]


def check_corrections(r: Reader, now: int) -> None:
    """Each number is told if and only if it differs, with what it would be now; the deals and tasks
    make exactly the difference."""
    period = periods.of_months(MARCH)
    live = {row.person_id: row for row in ranking.live(r, period, now=now).rows}
    frozen = closing_frozen.found(r, MARCH, now)
    assert frozen is not None
    told = {
        (one.person_id, one.metric): one
        for one in closing_corrections.corrections(r, MARCH, now=now)
        if one.what == "number"
    }
    for person in {row.person_id for row in frozen.rows} | live.keys():
        assert person is not None
        for metric in NUMBERS:
            row = frozen.row_of(person)
            was: Any = 0 if row is None else row.value(metric)
            becomes: Any = live[person].value(metric) if person in live else 0
            one = told.pop((person, metric), None)
            if was == becomes:
                assert one is None
                continue
            assert one is not None
            assert (one.closed, one.now, one.difference) == (was, becomes, becomes - was)
            if person in live:
                assert sum(item.now - item.was for item in one.items) == one.difference, metric
    assert not told


@contextmanager
def played(steps: list[Step], skipped: bool) -> Iterator[Team]:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, skipped)
        for step in steps:
            team.tell(step)
        yield team


def _close_and_go_on(before: list[Step], after: list[Step], skipped: bool) -> None:
    with played(before, skipped) as team:
        store, now = team.desk.store, team.at(LATE)
        team.desk.clock = now
        with store.read() as r:
            world = world_of(r)
        truth = ranking_oracle.ranking(
            world, periods.of_months(MARCH).first_day, periods.of_months(MARCH).last_day, now
        )
        command = closing.close(store, MARCH, person=None, now=now).command_id
        with store.read() as r:
            kept = answers(r, team, now)
            rows = ranking.ranking(r, periods.of_months(MARCH), now=now).rows
            assert closing_corrections.corrections(r, MARCH, now=now) == ()
        assert [(row.person_id, row.points, row.gross_profit) for row in rows] == [
            (row.person.id, row.points, row.gross_profit) for row in truth.rows
        ]
        for step in after:
            team.tell(step)
        with store.read() as r:
            assert answers(r, team, now) == kept
            check_corrections(r, now)
        history.undo(store, command, person=None, now=now)
        with store.read() as r:
            period = periods.of_months(MARCH)
            assert ranking.ranking(r, period, now=now) == ranking.live(r, period, now=now)


@settings(max_examples=200 if SOAK else 10)
@given(
    before=st.lists(STEPS, min_size=5, max_size=25),
    after=st.lists(STEPS, min_size=3, max_size=20),
    skipped=st.booleans(),
)
def test_nothing_changes_a_closed_month(
    before: list[Step], after: list[Step], skipped: bool
) -> None:
    _close_and_go_on(before, after, skipped)


@pytest.mark.parametrize("seed", range(100 if SOAK else 4))
def test_long_histories_change_no_closed_month(seed: int) -> None:
    _close_and_go_on(random_steps(seed, 80), random_steps(seed + 1000, 60), seed % 2 == 0)


# --- plan and fact -----------------------------------------------------------------------------


def _plan_and_fact(r: Reader, team: Team, now: int, own: dict[str, str]) -> None:
    """The things behind each number add up to it; missing and a day's share follow from it."""
    report = report_catalog.report("plan-fact")
    query = Query(periods.of_months(MARCH - 1, 3), own=own)
    table = report.read(r, query, now=now)
    rows = [*table.rows, *([table.total] if table.total else [])]
    for row in rows:
        cells: dict[str, Any] = {
            c.key: cell for c, cell in zip(table.columns, row.cells, strict=True)
        }
        for column in table.columns:
            if not column.opens:
                continue
            assert report.behind is not None
            behind = report.behind(r, query, row.key, column.key, now=now)
            value, plan = cells[column.key], cells[f"{column.key}_plan"]
            assert sum((thing.value for thing in behind.things), Decimal(0)) == value
            if plan:
                assert cells[f"{column.key}_degree"] == Fraction(value) / Fraction(plan)
                assert cells.get(f"{column.key}_missing", max(plan - value, 0)) == max(
                    plan - value, 0
                )
    assert all(0 <= row.cells[table.place("elapsed")] <= 1 for row in table.rows)  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(30 if SOAK else 2))
def test_plan_and_fact_add_up(seed: int) -> None:
    chance = random.Random(seed)
    with played(random_steps(seed, 100), False) as team:
        store, now = team.desk.store, team.at(chance.randrange(DAYS * 6))
        team.desk.clock = team.at(LATE)
        for close in (False, True):
            if close:
                now = team.at(LATE)
                closing.close(store, MARCH, person=None, now=now)
                for step in random_steps(seed + 500, 30):
                    team.tell(step)
            with store.read() as r:
                for of in ("person", "team", "department", "month"):
                    for metric in ("money", "points", "won"):
                        _plan_and_fact(r, team, now, {"of": of, "metric": metric})


@pytest.mark.parametrize("seed", range(3))
def test_the_large_deal_is_the_one_that_made_most_of_it(seed: int) -> None:
    """Against the oracle's list of what each person won."""
    with played(random_steps(seed, 120), False) as team:
        now, period = team.at(LATE), periods.of_months(MARCH)
        with team.desk.store.read() as r:
            world = world_of(r)
            lines = plan_fact.read(r, [MARCH], ("revenue",), now=now)
        truth = ranking_oracle.ranking(world, period.first_day, period.last_day, now)
        items: dict[int, Any] = {row.person.id: row.items.get("revenue", []) for row in truth.rows}
        brought = {person: dict(own) for person, own in items.items()}
        for line in lines:
            assert line.subject.person_id is not None
            deals: dict[int, Decimal] = brought[line.subject.person_id]
            fact, most = line.facts["revenue"], max(deals.values(), default=Decimal(0))
            largest = fact.largest
            assert (largest is not None) == (fact.value > 0)
            if largest is not None:
                assert largest.value == most == deals[largest.deal_id]
                assert largest.is_large == (2 * most >= fact.value)
