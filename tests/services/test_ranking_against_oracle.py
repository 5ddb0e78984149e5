"""Every number of the ranking equals a slow independent recomputation, on random histories."""

import random
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesdesk.models import derived
from salesdesk.models.store import Reader
from salesdesk.moments import POINTS_SCALE
from salesdesk.services import ranking_explain
from salesdesk.services.periods import Period, of_month, of_week
from salesdesk.services.ranking import METRICS, RankingRow, points_by_day, ranking
from salesdesk.services.ranking_points import Points
from tests.builders import day, empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments, random_steps
from tests.oracle import ranking_oracle
from tests.oracle.adapter import world_of


def compare(r: Reader, period: Period, now: int, **asked: Any) -> None:
    """The program's answer and the oracle's, number by number."""
    world = world_of(r)
    answer = ranking(r, period, now=now, **asked)
    renamed = {"team": asked.get("team_id"), "pipeline": asked.get("pipeline_id")}
    table = asked.get("weights")
    points = None
    if table is not None:
        points = {stage: tuple((since if since >= 0 else None, Decimal(value) / POINTS_SCALE)
                               for since, value in zip(days, table._points[stage], strict=True))
                  for stage, days in table._days.items()}  # fmt: skip
    truth = ranking_oracle.ranking(
        world, period.first_day, period.last_day, now, points=points, **renamed
    )
    assert [row.person_id for row in answer.rows] == [row.person.id for row in truth.rows]
    for mine, true in zip(answer.rows, truth.rows, strict=True):
        assert {metric: mine.value(metric) for metric in METRICS} == true.numbers
        assert mine.points == true.points
        assert (mine.rank, mine.rank_change) == (true.rank, true.rank_change)
        assert (mine.revenue, mine.gross_profit) == (true.revenue, true.gross_profit)
        assert mine.standing == true.standing
        assert mine.postponements == true.postponements
        assert mine.levels == true.levels
        if points is None:
            explained(r, period, now, mine, true, renamed["pipeline"])
    if period.first_day <= r.zone.day_of(now):
        pipeline = renamed["pipeline"]
        days = points_by_day(r, period, now=now, pipeline_id=pipeline, weights=table)
        for row in answer.rows:
            assert row.person_id is not None
            assert sum(days.earned.get(row.person_id, ())) == row.points
    shown = {code for row in answer.rows for code in row.unrated}
    assert set(answer.unrated) == shown <= truth.unrated
    credited = {ruling.person for ruling in world.rulings if ruling.person is not None}
    if "team_id" not in asked and all(world.person(one).in_ranking for one in credited):
        assert shown == truth.unrated


def explained(
    r: Reader,
    period: Period,
    now: int,
    row: RankingRow,
    true: ranking_oracle.Row,
    pipeline: int | None,
) -> None:
    """The list behind each number adds up to it and names the items that the oracle counted."""
    assert row.person_id is not None
    for metric in (*METRICS, "points", "revenue", "gross_profit"):
        found = ranking_explain.explain(
            r, period, row.person_id, metric, now=now, pipeline_id=pipeline
        )
        assert found.total == row.value(metric), metric
        assert sum(line.value for line in found.lines) == found.total, metric
        counted = [line for line in found.lines if line.counts]
        if metric != "points":
            assert len(counted) == len(true.items.get(metric, [])), metric
        items: list[Any] = true.items.get(metric, [])
        if metric == "points":
            reaches = sorted((line.deal_id, line.move_id, line.stage_id) for line in counted)
            assert reaches == sorted((i.deal, i.move, i.stage.id) for i in items)
        elif metric in ("revenue", "gross_profit"):
            money = sorted((line.deal_id, line.value) for line in counted)
            assert money == sorted(items)
        elif metric.startswith("tasks"):
            assert {line.task_id for line in counted} == set(items)
        else:
            assert {line.deal_id for line in counted} == set(items)


def tables(r: Reader) -> dict[str, list[tuple[Any, ...]]]:
    """Everything derived; rows of sums that say nothing left out."""
    found = {}
    for name in ("span", "reach", "hold", "won_line", "tally_day", "tally_month", "won_sum",
                 "stage_total"):  # fmt: skip
        rows = r.rows(f"SELECT * FROM {name}")
        sums = {"tally_day": 4, "tally_month": 4, "won_sum": 4, "stage_total": 2}
        kept = [row for row in rows if name not in sums or any(row[sums[name] :])]
        found[name] = sorted(kept, key=repr)
    return found


@given(
    steps=st.lists(STEPS, min_size=10, max_size=60),
    now=moments(),
    more=st.integers(0, 1),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    skipped=st.booleans(),
)
@example(steps=[("deal", 5, 0, 0, 0), ("move", 9, 1, 5, 1)], now=9, more=0, span=(0, 40),
         skipped=False)  # fmt: skip
def test_every_number_equals_the_oracle(
    steps: list[Step],
    now: int,
    more: int,
    span: tuple[int, int],
    skipped: bool,
) -> None:
    _play_and_compare(steps, now, more, span, skipped)


@pytest.mark.parametrize("seed", range(300 if SOAK else 10))
def test_long_histories_equal_the_oracle(seed: int) -> None:
    chance = random.Random(seed)
    now = chance.randrange(DAYS * 6)
    span = (chance.randrange(DAYS), chance.randrange(DAYS))
    steps = random_steps(seed)
    early = [moment - moment % 6 + 2 for _, moment, *_ in chance.sample(steps, 6)]
    _play_and_compare(steps, now, seed % 2, span, seed % 3 == 0, early)


def _play_and_compare(
    steps: list[Step],
    now: int,
    more: int,
    span: tuple[int, int],
    skipped: bool,
    early: Sequence[int] = (),
) -> None:
    """``early``: moments of days on which much happens later than then."""
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, skipped)
        for place, step in enumerate(steps):
            team.tell(step)
            if place == len(steps) // 2:  # what is kept in memory must follow
                with store.read() as r:
                    ranking(r, of_month(FIRST + 20), now=team.at(now))
        when = team.at(now) + more
        today = store.zone.day_of(when)
        with store.read() as r:
            compare(r, of_month(today), when)
            compare(r, of_month(FIRST + 20), when, team_id=team.groups[1])
            compare(r, Period(today, today), when, team_id=team.groups[0])
            compare(r, of_week(FIRST + span[0]), when, pipeline_id=1 + span[1] % 3)
            compare(r, Period(FIRST + min(span), FIRST + max(span)), when)
            compare(r, of_month(today), when, weights=_other_points(team))
            for moment in map(team.at, early):
                compare(r, of_week(store.zone.day_of(moment)), moment)
            before = tables(r)
        with store.command("rebuild", now=when) as tx:
            derived.rebuild(tx)
        with store.read() as r:
            assert tables(r) == before
            compare(r, of_month(today), when)


def _other_points(team: Team) -> Points:
    table = Points()
    table.add(team.stages[2], None, 3 * POINTS_SCALE)
    table.add(team.stages[2], day("2026-03-12"), POINTS_SCALE // 10)
    table.add(team.stages[6], None, 7_000_001)
    return table
