"""What is tried out is what saving it would give: skipped stages, points, on random histories."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models.store import Store
from salesdesk.services import settings
from salesdesk.services.periods import Period, of_month, of_week
from salesdesk.services.ranking import METRICS, Ranking, RankingRow, ranking
from tests.builders import Desk, day, empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments, random_steps


def told(row: RankingRow) -> tuple[object, ...]:
    """What a row says, but for plans (nobody tries them) and what was saved."""
    return (
        row.person_id, row.rank, row.rank_change, row.points, row.revenue, row.gross_profit,
        row.postponements, row.standing, row.levels, *(row.value(metric) for metric in METRICS),
    )  # fmt: skip


def rows(found: Ranking) -> list[tuple[object, ...]]:
    return [told(row) for row in found.rows]


def save(store: Store, skipped: bool, now: int) -> None:
    settings.change(store, {"count_skipped_stages": skipped}, person=None, now=now)


@given(
    steps=st.lists(STEPS, min_size=10, max_size=50),
    now=moments(),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    skipped=st.booleans(),
)
def test_skipped_stages_tried_are_skipped_stages_saved(
    steps: list[Step], now: int, span: tuple[int, int], skipped: bool
) -> None:
    _try_and_save(steps, now, span, skipped)


@pytest.mark.parametrize("seed", range(100 if SOAK else 6))
def test_long_histories_tried_and_saved(seed: int) -> None:
    chance = random.Random(seed)
    span = (chance.randrange(DAYS), chance.randrange(DAYS))
    _try_and_save(random_steps(seed), chance.randrange(DAYS * 6), span, seed % 2 == 0)


def _try_and_save(steps: list[Step], now: int, span: tuple[int, int], skipped: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, skipped)
        for step in steps:
            team.tell(step)
        when = team.at(now)
        asked = [
            (of_month(store.zone.day_of(when)), {}),
            (Period(FIRST + min(span), FIRST + max(span)), {"pipeline_id": 1 + span[0] % 2}),
            (of_month(FIRST + 20), {"team_id": team.groups[1]}),
            *((of_week(FIRST + first), {}) for first in (7, 14, 21, 28)),
        ]
        with store.read() as r:
            before = [ranking(r, period, now=when, **more) for period, more in asked]
            tried = [ranking(r, period, now=when, skipped=not skipped, **more)
                     for period, more in asked]  # fmt: skip
        save(store, not skipped, when)
        with store.read() as r:
            saved = [ranking(r, period, now=when, **more) for period, more in asked]
            back = [ranking(r, period, now=when, skipped=skipped, **more)
                    for period, more in asked]  # fmt: skip
        for one, other in zip(tried, saved, strict=True):
            assert rows(one) == rows(other)
            assert told(one.total) == told(other.total)
        for one, other in zip(back, before, strict=True):
            assert rows(one) == rows(other)


def test_a_jump_of_before_takes_a_later_entry_its_reach(tmp_path: Path) -> None:
    """Passed over in February, entered in March: skipped stages counted, March has nothing."""
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna = desk.person("Anna", role="manager")
        new, planned, held, signed, *_ = desk.pipeline("Sales")
        deal = desk.deal(new, "2026-02-10T10:00", anna)
        desk.move(deal, signed, "2026-02-12T10:00")
        desk.move(deal, held, "2026-03-05T10:00")
        now, march = desk.at("2026-03-20T10:00"), of_month(day("2026-03-05"))

        def numbers(period: Period, skipped: bool | None) -> tuple[str, int, int]:
            with store.read() as r:
                [row] = ranking(r, period, now=now, skipped=skipped).rows
            return str(row.points), row.meetings_held, row.meetings_scheduled

        assert numbers(march, None) == numbers(march, False) == ("3", 1, 0)
        assert numbers(march, True) == ("0", 0, 0)
        assert numbers(march.previous(), True) == ("11.1", 1, 1)
        desk.undo(desk.commands[-2])  # the jump
        assert numbers(march, True) == ("4", 1, 1)
        assert planned
