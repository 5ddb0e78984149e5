"""What is tried out is what saving it would give: skipped stages, points, on random histories."""

import random
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from salesdesk.errors import Refused
from salesdesk.models.store import Store
from salesdesk.services import history, settings, what_if
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


@examples(max_examples=1000 if SOAK else 14)
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


@pytest.mark.parametrize("seed", range(100 if SOAK else 3))
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
        asked: list[tuple[Period, dict[str, Any]]] = [
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


#: Points to try by place of the stage, equal ones among them.
POINTS = st.dictionaries(st.integers(0, 11), st.sampled_from(["0", "1", "1", "-2.5", "0.3", "100"]))


@examples(max_examples=1000 if SOAK else 14)
@given(
    steps=st.lists(STEPS, min_size=10, max_size=50),
    now=moments(),
    points=POINTS,
    skipped=st.sampled_from([None, False, True]),
    counted=st.booleans(),
)
def test_points_tried_are_points_saved(
    steps: list[Step], now: int, points: dict[int, str], skipped: bool | None, counted: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, counted)
        for step in steps:
            team.tell(step)
        tried = {team.stages[place]: Decimal(value) for place, value in points.items()}
        _orders_are_rankings(team, team.at(now), tried, skipped)


@pytest.mark.parametrize("seed", range(60 if SOAK else 2))
def test_points_of_long_histories_tried_and_saved(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    with empty_store(tmp_path) as store:
        team = Team(store, seed % 3 == 0)
        for step in random_steps(seed):
            team.tell(step)
        tried = {stage: Decimal(chance.randrange(-3, 9)) for stage in chance.sample(team.stages, 6)}
        _orders_are_rankings(team, team.at(chance.randrange(DAYS * 6)), tried, seed % 2 == 0)


def _orders_are_rankings(
    team: Team, when: int, tried: dict[int, Decimal], skipped: bool | None
) -> None:
    """The panel's orders are those of the table, and of the ranking once all is applied."""
    store = team.desk.store
    asked: list[tuple[Period, dict[str, Any]]] = [
        (of_month(store.zone.day_of(when)), {}),
        (of_month(FIRST + 20), {"team_id": team.groups[0]}),
        (Period(FIRST + 9, FIRST + 30), {"pipeline_id": 1}),
    ]

    def answers() -> list[Ranking]:
        with store.read() as r:
            return [ranking(r, period, now=when, **more) for period, more in asked]

    before = answers()
    with store.read() as r:
        weights = what_if.tried_points(r, tried)
        for (period, more), saved in zip(asked, before, strict=True):
            pair = what_if.both(r, period, now=when, skipped=skipped, **more)
            places = what_if.orders(*pair, tried)
            table = ranking(r, period, now=when, weights=weights, skipped=skipped, **more)
            assert [(one.person_id, one.rank, one.points) for one in places] == [
                (row.person_id, row.rank, row.points) for row in table.rows
            ]
            ranks = {row.person_id: (row.rank, row.points) for row in saved.rows}
            for one in places:
                known = ranks.get(one.person_id, (None, Decimal(0)))
                assert (one.saved_rank, one.saved_points) == known
    told_before = [[(row.person_id, row.points, row.rank) for row in one.rows] for one in before]
    if not tried and skipped is None:
        return
    with store.read() as r:
        expected = [
            what_if.orders(*what_if.both(r, period, now=when, skipped=skipped, **more), tried)
            for period, more in asked
        ]
    command = what_if.apply(
        store, what_if.Tried(tried, skipped), valid_from=None, person=None, now=when
    )
    for now_saved, places in zip(answers(), expected, strict=True):
        assert [(row.person_id, row.rank, row.points) for row in now_saved.rows] == [
            (place.person_id, place.rank, place.points) for place in places
        ]
    history.undo(store, command, person=None, now=when)
    assert told_before == [
        [(row.person_id, row.points, row.rank) for row in one.rows] for one in answers()
    ]


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


def test_points_from_a_day_on_leave_what_was(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        anna = desk.person("Anna", role="manager")
        admin, lead = desk.person("Admin", role="admin"), desk.person("Lead", role="team_lead")
        new, *_ = desk.pipeline("Sales")
        for moment in ("2026-11-09T23:00", "2026-11-10T00:00"):
            desk.deal(new, moment, anna)
        now, november = desk.at("2026-11-20T10:00"), of_month(day("2026-11-10"))
        tried = what_if.Tried({new: Decimal(2)})
        with pytest.raises(Refused):
            what_if.apply(store, tried, valid_from=None, person=lead, now=now)

        def points() -> Decimal:
            with store.read() as r:
                return ranking(r, november, now=now).rows[0].points

        assert points() == Decimal("0.2")
        command = what_if.apply(store, tried, valid_from=day("2026-11-10"), person=admin, now=now)
        assert points() == Decimal("2.1")
        history.undo(store, command, person=admin, now=now)
        assert points() == Decimal("0.2")
