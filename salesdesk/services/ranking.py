"""The ranking of a period: rows, order, ranks and their change, levels (domain.md section 4)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import Zone, amount_of, datetime_of, plain, points_of
from salesdesk.services import (
    amounts,
    closing_frozen,
    ranking_count,
    ranking_setup,
    ranking_sums,
    ranking_targets,
    ranking_trial,
)
from salesdesk.services.levels import MOMENT_NORMS, Level
from salesdesk.services.periods import Period
from salesdesk.services.ranking_charts import PointsByDay, points_by_day, points_by_week
from salesdesk.services.ranking_numbers import Numbers, People, Question, span_of
from salesdesk.services.ranking_points import Points
from salesdesk.services.ranking_rows import LEVELLED, METRICS, Closing, Ranking, RankingRow
from salesdesk.services.ranking_setup import Member, Setup
from salesdesk.services.ranking_targets import PeriodTargets, Targets

__all__ = [
    "LEVELLED", "METRICS", "Closing", "PointsByDay", "Ranking", "RankingRow", "as_json", "live",
    "points_by_day", "points_by_week", "ranking",
]  # fmt: skip

_NOTHING = Numbers()


def ranking(
    r: Reader,
    period: Period,
    *,
    now: int,
    team_id: int | None = None,
    pipeline_id: int | None = None,
    weights: Points | None = None,
    skipped: bool | None = None,
    changes: bool = True,
) -> Ranking:
    """The ranking of a period as it stands at ``now``; of exactly one closed calendar month as it
    stood when it was closed.

    ``team_id``: only people of that team and of the teams inside it. ``weights``: points to try out
    in place of the saved ones (``ranking_points.from_file``). ``skipped``: try out whether stages
    that a deal jumps over count. Of one pipeline, and with what is tried out, a closed month is
    counted anew too (``closed`` is then empty). Not asked for the ``changes`` of rank, it leaves
    them 0 where it is counted anew.
    """
    skipped = ranking_trial.wanted(r, skipped)
    if pipeline_id is None and weights is None and skipped is None:
        frozen = closing_frozen.ranking_of(r, period, now=now, team_id=team_id)
        if frozen is not None:
            return frozen
    return live(
        r, period, now=now, team_id=team_id, pipeline_id=pipeline_id, weights=weights,
        skipped=skipped, changes=changes,
    )  # fmt: skip


def live(
    r: Reader,
    period: Period,
    *,
    now: int,
    team_id: int | None = None,
    pipeline_id: int | None = None,
    weights: Points | None = None,
    skipped: bool | None = None,
    changes: bool = True,
) -> Ranking:
    """The same counted from what the workspace holds now, whether the month is closed or not."""
    setup = ranking_setup.of(r)
    scope = setup.scope(pipeline_id)
    points = setup.points if weights is None else weights
    span = span_of(r, period, now)
    earlier = span_of(r, period.previous(), None) if changes else None
    asked = Question(scope, points, setup.points, setup.rates)
    numbers, before = ranking_count.count(r, span, earlier, asked, setup.memo)
    other = ranking_trial.wanted(r, skipped)
    tried = weights is not None or other is not None
    saved: dict[int, _Key] | None = None
    if tried:
        saved = {key: (own.saved_points, own.won, own.revenue) for key, own in numbers.items()}
    if other is not None:
        numbers, before = numbers.share(), before.share()
        for one, people in ((span, numbers), (earlier, before)):
            if one is not None:
                ranking_trial.change(r, one, asked, people, ranking_trial.of(r, one, other))
    today = r.zone.day_of(now)
    shown = [
        (person, own)
        for person in _people(setup, team_id)
        for own in (numbers.get(person.id, _NOTHING),)
        if (person.role == "manager" and person.active_on(today)) or own.is_any()
    ]
    places = _Places(shown, saved)
    scores: Mapping[int, _Key] | None = None
    if not changes:
        scores = {person.id: _score(own) for person, own in shown}
    elif pipeline_id is None and not tried:
        scores = closing_frozen.scores(r, period.previous(), now)
    if scores is not None:
        places.compare(scores)
    else:
        places.compare_numbers(before, setup.memo.setdefault(_Places, {}))
    targets = ranking_targets.of_period(r, setup, period, today)
    lines = _Lines(setup, targets, places, pipeline_id)
    rows = lines.rows()
    group = _group(setup, team_id)
    sums = ranking_sums.of([own for _, own in shown], targets.made)
    total = _total(sums, targets.of_group(team_id, group), period, setup, team_id)
    return Ranking(
        period, span.start, span.stop, rows, total, total.unrated, setup.rates.home,
        team_id, pipeline_id, tried,
    )  # fmt: skip


def _people(setup: Setup, team_id: int | None) -> list[Member]:
    """The people who may have a row."""
    if team_id is None:
        return [person for person in setup.people if person.in_ranking]
    within = setup.teams_within(team_id)
    return [p for p in setup.people if p.in_ranking and p.team_id in within]


def _group(setup: Setup, team_id: int | None) -> list[Member]:
    """The people whose plans make up the last line's."""
    return [person for person in _people(setup, team_id) if not person.deleted]


Shown = list[tuple[Member, Numbers]]
_Key = tuple[int, int, int]
_ZERO: _Key = (0, 0, 0)


class _Places:
    """The order of the rows, their ranks, and their ranks in the period before."""

    def __init__(self, shown: Shown, saved: Mapping[int, _Key] | None) -> None:
        self.people = [person.id for person, _ in shown]
        self.order = sorted(shown, key=_place)
        self.ranks = _ranks([(person.id, _score(own)) for person, own in self.order])
        self.earlier: dict[int, int] = {}
        self.saved = {} if saved is None else self._ranked(saved)

    def compare(self, before: Mapping[int, _Key]) -> None:
        """With what decided the order of the period before."""
        self.earlier = self._ranked(before)

    def compare_numbers(self, before: People, kept: dict[Any, Any]) -> None:
        """The same from the numbers; ``kept`` is what it came to the last time, for these very
        numbers."""
        known = kept.get("earlier")
        if known is None or known[0] is not before or known[1] != self.people:
            scores = {key: _score(before.get(key, _NOTHING)) for key in self.people}
            known = kept["earlier"] = before, self.people, self._ranked(scores)
        self.earlier = known[2]

    def _ranked(self, scores: Mapping[int, _Key]) -> dict[int, int]:
        found = [(person, scores.get(person, _ZERO)) for person in self.people]
        found.sort(key=itemgetter(1), reverse=True)
        return _ranks(found)


def _score(own: Numbers) -> _Key:
    return own.points, own.won, own.revenue


def _place(line: tuple[Member, Numbers]) -> tuple[int, int, int, str, int]:
    person, own = line
    return -own.points, -own.won, -own.revenue, person.sort_key, person.id


def _ranks(scores: Sequence[tuple[int, _Key]]) -> dict[int, int]:
    """Ranks of people in order; equal scores share one (1, 2, 2, 4)."""
    ranks: dict[int, int] = {}
    rank, last = 0, None
    for place, (person, score) in enumerate(scores, 1):
        if score != last:
            rank, last = place, score
        ranks[person] = rank
    return ranks


class _Lines:
    """Makes rows. A row that is as it was the last time is the same object: after a move, all but
    those of one or two people."""

    def __init__(
        self, setup: Setup, targets: PeriodTargets, places: _Places, pipeline_id: int | None
    ) -> None:
        self.setup = setup
        self.targets = targets
        self.places = places
        self.pipeline_id = pipeline_id
        self.made: dict[Any, tuple[Numbers, int, int, RankingRow]] = targets.made

    def rows(self) -> tuple[RankingRow, ...]:
        """Those of everybody."""
        places, made, pipeline = self.places, self.made, self.pipeline_id
        found = []
        for person, own in places.order:
            rank, earlier = places.ranks[person.id], places.earlier[person.id]
            key = (person.id, pipeline)
            known = None if places.saved else made.get(key)
            if known is None or known[1] != rank or known[2] != earlier or (
                known[0] is not own and known[0] != own
            ):  # fmt: skip
                known = own, rank, earlier, self._made(person, own, rank, earlier)
                if not places.saved:
                    made[key] = known
            found.append(known[3])
        return tuple(found)

    def _made(self, person: Member, own: Numbers, rank: int, earlier: int) -> RankingRow:
        targets, one_day = self.targets.of_person(person), self.targets.period.is_day
        levels, plans, norms = _compared(own, targets, one_day)
        saved = self.places.saved
        return RankingRow(
            person.id, person.name, person.team_id, self.setup.team_named(person),
            rank, earlier - rank, points_of(own.points),
            own.requests_total, own.in_work, own.requests_new, own.meetings_scheduled,
            own.meetings_held, own.contracts_signed, own.advances_paid, own.won, own.lost,
            own.tasks_total, own.tasks_overdue, own.deals_without_tasks, own.postponements,
            amount_of(own.revenue), amount_of(own.gross_profit), own.standing,
            levels, plans, norms, {} if one_day else targets.paces, tuple(sorted(own.unrated)),
            saved.get(person.id), points_of(own.saved_points) if saved else None,
        )  # fmt: skip


_NO_LEVELS: dict[str, Level] = dict.fromkeys(LEVELLED, "none")


def _compared(
    own: Numbers, targets: Targets, one_day: bool
) -> tuple[dict[str, Level], dict[str, Decimal], dict[str, Decimal]]:
    """Levels, plans and norms; a single day shows only what is acceptable at a moment."""
    levels = _NO_LEVELS.copy()
    if not one_day:
        for metric, target in targets.by_metric.items():
            levels[metric] = target.level(getattr(own, metric))
        return levels, targets.plans, targets.norms
    for metric in MOMENT_NORMS:
        if metric in targets.by_metric:
            levels[metric] = targets.by_metric[metric].level(getattr(own, metric))
    norms = {metric: norm for metric, norm in targets.norms.items() if metric in MOMENT_NORMS}
    return levels, {}, norms


def _total(
    own: Numbers, targets: Targets, period: Period, setup: Setup, team_id: int | None
) -> RankingRow:
    """The last line: the sums of the rows (``own``), against the plan of the team."""
    levels, plans, norms = _compared(own, targets, period.is_day)
    team = setup.teams[team_id][0] if team_id in setup.teams else None
    return RankingRow(
        None, "", team_id, team, 0, 0, points_of(own.points),
        own.requests_total, own.in_work, own.requests_new, own.meetings_scheduled,
        own.meetings_held, own.contracts_signed, own.advances_paid, own.won, own.lost,
        own.tasks_total, own.tasks_overdue, own.deals_without_tasks, own.postponements,
        amount_of(own.revenue), amount_of(own.gross_profit), own.standing,
        levels, plans, norms, {} if period.is_day else targets.paces, tuple(sorted(own.unrated)),
    )  # fmt: skip


# --- JSON --------------------------------------------------------------------------------------


def as_json(answer: Ranking, zone: Zone | None = None) -> dict[str, Any]:
    """The document of ``salesdesk ranking --json`` (cli.md); decimals are strings. ``closed_at``
    has the offset of ``zone``."""
    at = None if answer.closed is None else datetime_of(answer.closed.at)
    if at is not None and zone is not None:
        at = at.astimezone(zone.info)
    document: dict[str, Any] = {
        "from": date.fromordinal(answer.period.first_day).isoformat(),
        "to": date.fromordinal(answer.period.last_day).isoformat(),
        "currency": answer.currency,
        "closed_at": None if at is None else at.isoformat(),
        "rows": [_row_json(row) for row in answer.rows],
        "total": _row_json(answer.total),
        "unrated": list(answer.unrated),
    }
    for name in ("rank", "rank_change", "person"):
        del document["total"][name]
    return document


def _row_json(row: RankingRow) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rank": row.rank,
        "rank_change": row.rank_change,
        "person": row.person,
        "team": row.team,
        "points": plain(row.points),
    }
    found |= {metric: getattr(row, metric) for metric in METRICS}
    found |= {
        "standing": dict(row.standing),
        "postponements": row.postponements,
        "revenue": amounts.written(row.revenue),
        "gross_profit": amounts.written(row.gross_profit),
        "levels": dict(row.levels),
        "plans": {metric: plain(value) for metric, value in row.plans.items()},
        "norms": {metric: plain(value) for metric, value in row.norms.items()},
        "paces": {metric: plain(value) for metric, value in row.paces.items()},
    }
    if row.unrated:
        found["unrated"] = list(row.unrated)
    if row.saved_points is not None:
        found["saved_rank"] = row.saved_rank
        found["saved_points"] = plain(row.saved_points)
    return found
