"""Every number of the reports equals a slow independent recomputation, on random histories."""

import random
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models.store import Reader
from salesdesk.services import reports
from salesdesk.services.periods import Period
from tests.builders import empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments, random_steps
from tests.oracle import reports_oracle
from tests.oracle.adapter import world_of
from tests.oracle.world import World


@given(
    steps=st.lists(STEPS, min_size=10, max_size=60),
    now=moments(),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    skipped=st.booleans(),
)
def test_every_number_equals_the_oracle(
    steps: list[Step], now: int, span: tuple[int, int], skipped: bool
) -> None:
    _play_and_compare(steps, now, span, skipped)


@pytest.mark.parametrize("seed", range(100 if SOAK else 6))
def test_long_histories_equal_the_oracle(seed: int) -> None:
    chance = random.Random(seed)
    span = (chance.randrange(DAYS), chance.randrange(DAYS))
    _play_and_compare(random_steps(1000 + seed), chance.randrange(DAYS * 6), span, False)


def _play_and_compare(steps: list[Step], now: int, span: tuple[int, int], skipped: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, skipped)
        for step in steps:
            team.tell(step)
        when = team.at(now)
        with store.read() as r:
            world = world_of(r)
            period = Period(FIRST + min(span), FIRST + max(span))
            for whose in ({}, {"person": team.people[0]}, {"team": team.groups[1]}):
                _transitions(r, world, period, when, whose)
                for pipeline in (1, 2):
                    _stage_time(r, world, period, when, pipeline, whose)
                    _funnel(r, world, period, when, pipeline, whose)


def _asked(whose: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}_id": value for name, value in whose.items()}


def _days(period: Period) -> tuple[int, int]:
    return period.first_day, period.last_day


def _transitions(r: Reader, world: World, period: Period, now: int, whose: dict[str, Any]) -> None:
    for by, split in (("day", False), ("week", True), ("month", False)):
        rows = reports.transitions(r, period, by, now=now, split_from=split, **_asked(whose))
        truth = reports_oracle.transitions(
            world, *_days(period), now, by=by, split_from=split, **whose
        )
        mine = {
            (row.first_day, row.stage_id, row.person_id, row.from_stage_id): row for row in rows
        }
        assert {key: row.count for key, row in mine.items()} == {
            key: len(moves) for key, moves in truth.items()
        }


def _stage_time(
    r: Reader, world: World, period: Period, now: int, pipeline: int, whose: dict[str, Any]
) -> None:
    rows = reports.stage_time(r, period, now=now, pipeline_id=pipeline, **_asked(whose))
    truth = reports_oracle.stage_time(world, *_days(period), now, pipeline=pipeline, **whose)
    assert [
        (row.stage_id, row.moves_out, row.median_days, row.mean_days, row.p90_days,
         row.now_in_stage)
        for row in rows
    ] == [
        (true.stage.id, len(true.days), true.percentile(Fraction(1, 2)), true.mean(),
         true.percentile(Fraction(9, 10)), len(true.now))
        for true in truth
    ]  # fmt: skip


def _funnel(
    r: Reader, world: World, period: Period, now: int, pipeline: int, whose: dict[str, Any]
) -> None:
    answer = reports.funnel(r, period, now=now, pipeline_id=pipeline, **_asked(whose))
    truth = reports_oracle.funnel(world, *_days(period), now, pipeline=pipeline, **whose)
    assert [
        (step.stage_id, step.reached, step.entered, step.conversion_from_first,
         step.conversion_from_previous)
        for step in answer.steps
    ] == [
        (true.stage.id, true.reached, true.entered, true.from_first, true.from_previous)
        for true in truth
    ]  # fmt: skip
