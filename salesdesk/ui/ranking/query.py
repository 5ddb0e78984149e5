"""What the page asks for in the background, in one reading of one state of the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.moments import points_int
from salesdesk.services import ranking as rankings
from salesdesk.services import ranking_explain, ranking_setup
from salesdesk.services.periods import Period
from salesdesk.services.ranking import PointsByDay, Ranking, RankingRow
from salesdesk.services.ranking_explain import Explanation
from salesdesk.services.ranking_points import Points

_EVER = 0
_ENDLESS = 10**7
#: Changes in these tables alone change no number of the ranking.
INDIFFERENT = frozenset(("note", "client", "client_contact", "tag", "deal_tag", "saved_view"))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ranking: the days, whose, of which pipeline; ``tried`` are points by stage to try,
    ``against`` the days it is compared with."""

    period: Period
    team_id: int | None = None
    pipeline_id: int | None = None
    tried: tuple[tuple[int, Decimal], ...] = ()
    against: Period | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranking, points by day of its period, and by week up to its last day; ``other`` is the
    ranking of the period it is compared with."""

    asked: Asked
    ranking: Ranking
    days: PointsByDay
    weeks: dict[int, tuple[Decimal, ...]]
    other: Ranking | None = None

    def rows_before(self) -> dict[int | None, RankingRow]:
        """By person (None: the sum) the rows of the period it is compared with."""
        if self.other is None:
            return {}
        return {row.person_id: row for row in (*self.other.rows, self.other.total)}


def read(r: Any, asked: Asked, *, now: int) -> Answer:
    """Everything the page shows but the panel at its side."""
    return weighed(r, asked, tried_points(r, dict(asked.tried)), now=now)


def weighed(r: Any, asked: Asked, weights: Points | None, *, now: int) -> Answer:
    """The same with other points than the saved ones."""
    period, pipeline = asked.period, asked.pipeline_id
    ranking = rankings.ranking(
        r, period, now=now, team_id=asked.team_id, pipeline_id=pipeline, weights=weights
    )
    days = rankings.points_by_day(r, period, now=now, pipeline_id=pipeline, weights=weights)
    last = min(period.last_day, max(r.zone.day_of(now), period.first_day))
    weeks = rankings.points_by_week(r, last, now=now, pipeline_id=pipeline)
    other = None
    if asked.against is not None:
        other = rankings.ranking(
            r, asked.against, now=now, team_id=asked.team_id, pipeline_id=pipeline, weights=weights
        )
    return Answer(asked, ranking, days, weeks, other)


def explain(r: Any, asked: Asked, person_id: int, metric: str, *, now: int) -> Explanation:
    """What a number of a person counts."""
    return ranking_explain.explain(
        r, asked.period, person_id, metric, now=now, pipeline_id=asked.pipeline_id,
        weights=tried_points(r, dict(asked.tried)),
    )  # fmt: skip


def tried_points(r: Any, tried: Mapping[int, Decimal]) -> Points | None:
    """The saved points with other ones for some stages; None when nothing is tried."""
    if not tried:
        return None
    setup = ranking_setup.of(r)
    saved, made = setup.points, Points()
    changes = saved.changes(_EVER, _ENDLESS)
    for stage in setup.stages:
        if stage in tried:
            made.add(stage, None, points_int(tried[stage]))
            continue
        made.add(stage, None, saved.on(stage, _EVER))
        for day in changes:
            made.add(stage, day, saved.on(stage, day))
    return made


@dataclass(frozen=True, slots=True)
class StagePoints:
    """A stage and what it earns today."""

    stage_id: int
    stage: str
    pipeline: str
    points: Decimal


def stage_points(r: Any, *, now: int) -> list[StagePoints]:
    """The stages of the pipelines that count, in their order."""
    from salesdesk.services import pipelines

    day = r.zone.day_of(now)
    counting = {one.id: one for one in pipelines.pipelines(r) if one.counts}
    order = {key: place for place, key in enumerate(counting)}
    stages = [s for s in pipelines.stages(r, day=day) if s.pipeline_id in counting]
    stages.sort(key=lambda stage: (order[stage.pipeline_id], stage.position, stage.id))
    return [StagePoints(s.id, s.name, counting[s.pipeline_id].name, s.points) for s in stages]
