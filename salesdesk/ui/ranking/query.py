"""What the page asks for in the background, in one reading of one state of the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from salesdesk.services import ranking as rankings
from salesdesk.services import ranking_explain, what_if
from salesdesk.services.periods import Period
from salesdesk.services.ranking import PointsByDay, Ranking, RankingRow
from salesdesk.services.ranking_explain import Explanation
from salesdesk.services.ranking_points import Points
from salesdesk.services.sync import completeness
from salesdesk.services.sync.completeness import Completeness
from salesdesk.services.what_if import Basis

#: Changes in these tables alone change no number of the ranking.
INDIFFERENT = frozenset(("note", "client", "client_contact", "tag", "deal_tag", "saved_view"))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ranking: the days, whose, of which pipeline; ``tried`` are points by stage to try,
    ``skipped`` whether skipped stages count in the trial (None: as saved), ``against`` the days it
    is compared with; the ``viewer`` works at this computer."""

    period: Period
    team_id: int | None = None
    pipeline_id: int | None = None
    tried: tuple[tuple[int, Decimal], ...] = ()
    against: Period | None = None
    skipped: bool | None = None
    viewer: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranking, points by day of its period, and by week up to its last day; ``other`` is the
    ranking of the period it is compared with, ``complete`` how much of it a CRM has brought."""

    asked: Asked
    ranking: Ranking
    days: PointsByDay
    weeks: dict[int, tuple[Decimal, ...]]
    other: Ranking | None = None
    complete: Completeness | None = None

    def rows_before(self) -> dict[int | None, RankingRow]:
        """By person (None: the sum) the rows of the period it is compared with; who has none there
        had nothing."""
        if self.other is None:
            return {}
        found = {row.person_id: row for row in (*self.other.rows, self.other.total)}
        for row in self.ranking.rows:
            if row.person_id not in found:
                found[row.person_id] = _nothing(row)
        return found


def _nothing(row: RankingRow) -> RankingRow:
    """A row of the same person without any numbers."""
    counts: dict[str, Any] = dict.fromkeys((*rankings.METRICS, "postponements"), 0)
    amounts: dict[str, Any] = dict.fromkeys(("points", "revenue", "gross_profit"), Decimal(0))
    return replace(
        row, rank=0, rank_change=0, standing={}, levels={}, plans={}, norms={}, paces={},
        unrated=(), saved_rank=None, saved_points=None, **counts, **amounts,
    )  # fmt: skip


def read(r: Any, asked: Asked, *, now: int) -> Answer:
    """Everything the page shows but the panel at its side."""
    found = weighed(r, asked, what_if.tried_points(r, dict(asked.tried)), now=now)
    return replace(found, complete=completeness.of_people(r, asked.viewer, now=now))


def weighed(r: Any, asked: Asked, weights: Points | None, *, now: int) -> Answer:
    """The same with other points than the saved ones."""
    period, pipeline = asked.period, asked.pipeline_id
    tried: dict[str, Any] = {"weights": weights, "skipped": asked.skipped}
    ranking = rankings.ranking(
        r, period, now=now, team_id=asked.team_id, pipeline_id=pipeline, **tried
    )
    days = rankings.points_by_day(r, period, now=now, pipeline_id=pipeline, **tried)
    last = min(period.last_day, max(r.zone.day_of(now), period.first_day))
    weeks = rankings.points_by_week(r, last, now=now, pipeline_id=pipeline)
    other = None
    if asked.against is not None:
        other = rankings.ranking(
            r, asked.against, now=now, team_id=asked.team_id, pipeline_id=pipeline, **tried
        )
    return Answer(asked, ranking, days, weeks, other)


@dataclass(frozen=True, slots=True)
class Why:
    """Which number is to be explained, how many of its lines are wanted, and through how many moves
    to look for those that earn nothing. ``person_id`` None: the last line."""

    asked: Asked
    person_id: int | None
    metric: str
    limit: int | None = None
    depth: int | None = None


def why(r: Any, wanted: Why, people: Sequence[int], *, now: int) -> Explanation:
    """What a number counts; of the last line with the ``people`` it adds up."""
    asked = wanted.asked
    tried: dict[str, Any] = {
        "now": now, "pipeline_id": asked.pipeline_id, "limit": wanted.limit,
        "weights": what_if.tried_points(r, dict(asked.tried)), "skipped": asked.skipped,
    }  # fmt: skip
    if wanted.person_id is None:
        return ranking_explain.explain_people(
            r, asked.period, people, wanted.metric, team_id=asked.team_id, **tried
        )
    return ranking_explain.explain(
        r, asked.period, wanted.person_id, wanted.metric, depth=wanted.depth, **tried
    )


def orders(r: Any, asked: Asked, *, now: int) -> tuple[Basis, Basis]:
    """What the orders follow from: as it is saved, and as skipped stages are tried."""
    return what_if.both(
        r, asked.period, now=now, team_id=asked.team_id, pipeline_id=asked.pipeline_id,
        skipped=asked.skipped,
    )  # fmt: skip
