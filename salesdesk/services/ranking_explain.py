"""What is behind each number of the ranking: the deals, moves and tasks whose sum it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, datetime_of, plain, points_of
from salesdesk.services import (
    amounts,
    closing_frozen,
    ranking_items,
    ranking_money,
    ranking_reached,
    ranking_setup,
    ranking_trial,
)
from salesdesk.services import ranking_uncounted as uncounted_moves
from salesdesk.services.metric_names import MONEY
from salesdesk.services.periods import Period
from salesdesk.services.ranking import METRICS
from salesdesk.services.ranking_items import Asked, Item
from salesdesk.services.ranking_lines import Explanation, Line, StageSum
from salesdesk.services.ranking_numbers import MILESTONES, STANDING, Question, span_of
from salesdesk.services.ranking_points import Points
from salesdesk.text import N_

__all__ = [
    "EXPLAINED", "Explanation", "Line", "StageSum", "as_json", "explain", "explain_all",
    "explain_people",
]  # fmt: skip

#: Every number that can be explained; ``standing:meeting_held`` and the like beside them.
EXPLAINED = (*METRICS, "postponements", "points", "revenue", "gross_profit")
_MILESTONE_OF = {metric: milestone for milestone, metric in MILESTONES.items()}


def explain(
    r: Reader,
    period: Period,
    person_id: int,
    metric: str,
    *,
    now: int,
    pipeline_id: int | None = None,
    weights: Points | None = None,
    skipped: bool | None = None,
    limit: int | None = None,
    depth: int | None = None,
) -> Explanation:
    """What the number ``metric`` of a person counts in a period as it stands at ``now``.

    ``weights`` and ``skipped`` as for the ranking. ``limit``: only so many of the lines that count,
    the newest; ``depth``: look through so many moves for those that earn nothing. Raises
    ``NotFound`` for a person or a metric that does not exist.
    """
    setup = ranking_setup.of(r)
    name = next((p.name for p in setup.people if p.id == person_id), None)
    if name is None:
        raise NotFound(N_("There is no such person any more."))
    skipped = ranking_trial.wanted(r, skipped)
    asked = _asked(r, period, person_id, now, pipeline_id, skipped)
    points = setup.points if weights is None else weights
    whole = _whole(asked, (person_id,), metric, points, limit)
    if pipeline_id is None and weights is None and skipped is None:
        whole.correct(_kept(r, period, metric, now, person_id))
    lines, more = whole.newest(limit)
    low = _low(asked, metric, lines, more, depth)
    shown = [*lines, *_nothing(asked, metric, low)] if low is not None else lines
    named = tuple(_named(r, setup.stages, sorted(shown, key=_newest_first)))
    since = low if low is not None and low > asked.span.start else None
    return Explanation(
        person_id, name, metric, period, whole.total, named, whole.stages, more, since
    )


def explain_people(
    r: Reader,
    period: Period,
    people: Sequence[int],
    metric: str,
    *,
    now: int,
    team_id: int | None = None,
    pipeline_id: int | None = None,
    weights: Points | None = None,
    skipped: bool | None = None,
    limit: int | None = None,
) -> Explanation:
    """The same for the sum over several people (the rows of the ranking, of a team).

    What earned nothing stands with each person alone. ``team_id``: whose last line it is, for a
    month that is closed.
    """
    setup = ranking_setup.of(r)
    skipped = ranking_trial.wanted(r, skipped)
    points = setup.points if weights is None else weights
    asked = _asked(r, period, 0, now, pipeline_id, skipped)
    whole = _whole(asked, people, metric, points, limit)
    whole.lines = [line for line in whole.lines if line.counts]
    if pipeline_id is None and weights is None and skipped is None:
        whole.correct(_kept(r, period, metric, now, None, team_id))
    lines, more = whole.newest(limit)
    names = {person.id: person.name for person in setup.people}
    lines = [replace(one, person=names.get(one.person_id or 0)) for one in lines]
    return Explanation(
        None, "", metric, period, whole.total, tuple(_named(r, setup.stages, lines)),
        whole.stages, more,
    )  # fmt: skip


def explain_all(
    r: Reader,
    period: Period,
    person_id: int,
    *,
    now: int,
    pipeline_id: int | None = None,
    weights: Points | None = None,
) -> tuple[Explanation, ...]:
    """Every number of a person explained, in the order of ``EXPLAINED``."""
    return tuple(
        explain(r, period, person_id, metric, now=now, pipeline_id=pipeline_id, weights=weights)
        for metric in EXPLAINED
    )


def _asked(
    r: Reader, period: Period, person_id: int, now: int, pipeline_id: int | None,
    skipped: bool | None,
) -> Asked:  # fmt: skip
    span = span_of(r, period, now)
    tried = None if skipped is None else ranking_trial.of(r, span, skipped)
    return Asked(r, span, ranking_setup.of(r).scope(pipeline_id), person_id, tried)


@dataclass(slots=True)
class _Whole:
    """All that a number counts: its lines (``left`` older ones were not read), their sum."""

    lines: list[Line]
    total: int | Decimal
    stages: tuple[StageSum, ...] = ()
    left: int = 0

    def correct(self, kept: tuple[int | Decimal, int] | None) -> None:
        """Add what leads from the number as it would be now to the one of the closed month."""
        if kept is not None and kept[0] != self.total:
            line = Line(kept[0] - self.total, at=kept[1], correction=True)
            self.lines.append(line)
            self.total = kept[0]

    def newest(self, limit: int | None) -> tuple[list[Line], int]:
        """The newest lines, newest first, and how many more count."""
        self.lines.sort(key=_newest_first)
        shown = self.lines if limit is None else self.lines[:limit]
        return shown, self.left + sum(line.counts for line in self.lines[len(shown) :])


def _whole(
    asked: Asked, people: Sequence[int], metric: str, points: Points, limit: int | None
) -> _Whole:
    """What the number counts, of several people together. Points of which only the newest lines are
    wanted are summed up from the tallies; the other lines are not read."""
    if metric == "points" and limit is not None and asked.trial is None:
        return _newest_points(asked, people, points, limit)
    lines: list[Line] = []
    for person in people:
        own = _lines(replace(asked, person_id=person), metric, points)
        lines += [replace(line, person_id=person) for line in own]
    if metric != "points":
        return _Whole(lines, _sum(metric, lines))
    reached = Counter((line.stage_id or 0, Decimal(line.value)) for line in lines)
    return _Whole(lines, _sum(metric, lines), _stage_sums(asked, reached))


def _newest_points(asked: Asked, people: Sequence[int], points: Points, limit: int) -> _Whole:
    setup = ranking_setup.of(asked.r)
    question = Question(asked.scope, points, points, setup.rates)
    everybody = ranking_reached.reached(asked.r, asked.span, question)
    counts: Counter[tuple[int, Decimal]] = Counter()
    for person in people:
        for (stage, day), n in everybody.get(person, {}).items():
            counts[stage, points_of(points.on(stage, day))] += n
    lines = [
        replace(_reach_line(reach, points_of(points.on(reach.stage_id, reach.day))),
                person_id=person)
        for person, reach in ranking_items.newest(asked, people, limit)
    ]  # fmt: skip
    total = sum((n * each for (_stage, each), n in counts.items()), Decimal(0))
    left = sum(counts.values()) - len(lines)
    return _Whole(lines, total, _stage_sums(asked, counts), left)


def _stage_sums(asked: Asked, counts: Mapping[tuple[int, Decimal], int]) -> tuple[StageSum, ...]:
    """So many reaches by (stage, points each), in the order of the stages."""
    stages = asked.scope.stages
    order = sorted(
        (one for one, n in counts.items() if n),
        key=lambda one: (stages[one[0]].pipeline_id, stages[one[0]].position, one[0], one[1]),
    )
    return tuple(
        StageSum(stage, stages[stage].name, counts[stage, each], each, counts[stage, each] * each)
        for stage, each in order
    )


def _lines(asked: Asked, metric: str, points: Points) -> list[Line]:
    """What the number counts (and what it shows beside: a second reach of a milestone)."""
    if metric == "points":
        return [
            _reach_line(reach, points_of(points.on(reach.stage_id, reach.day)))
            for reach in ranking_items.reaches(asked)
        ]
    if metric in MONEY:
        return _money(asked, metric)
    if metric in _MILESTONE_OF:
        return _milestone(asked, _MILESTONE_OF[metric])
    if metric.partition(":")[0] == "standing" and metric.partition(":")[2] in STANDING:
        return _counted(ranking_items.standing(asked, metric.partition(":")[2]))
    if metric in ranking_items.BY_METRIC:
        return _counted(ranking_items.BY_METRIC[metric](asked))
    raise NotFound(N_("There is no number “{name}” in the ranking."), name=metric)


def _newest_first(line: Line) -> tuple[int, int, int, int]:
    place = line.deal_id or line.task_id or 0
    return -(line.at or 0), place, line.stage_id or 0, line.person_id or 0


def _sum(metric: str, lines: Iterable[Line]) -> int | Decimal:
    zero: int | Decimal = Decimal(0) if metric == "points" or metric in MONEY else 0
    return sum((line.value for line in lines), zero)


def _low(asked: Asked, metric: str, lines: list[Line], more: int, depth: int | None) -> int | None:
    """From when on moves that earn nothing are listed; None for numbers that count no moves."""
    if metric != "points" and metric not in _MILESTONE_OF:
        return None
    low = asked.span.start if depth is None else uncounted_moves.back_to(asked, depth)
    last = lines[-1].at if more and lines else None
    return low if last is None else max(low, last)


def _nothing(asked: Asked, metric: str, low: int) -> list[Line]:
    """Moves that earn nothing."""
    zero: int | Decimal = Decimal(0) if metric == "points" else 0
    milestone = _MILESTONE_OF.get(metric)
    stages = asked.scope.stages if milestone is None else asked.scope.with_milestone(milestone)
    wanted = set(stages)
    return [
        _reach_line(reach, zero)
        for reach in uncounted_moves.uncounted(asked, low)
        if reach.stage_id in wanted
    ]


def _kept(
    r: Reader, period: Period, metric: str, now: int, person_id: int | None,
    team_id: int | None = None,
) -> tuple[int | Decimal, int] | None:  # fmt: skip
    """The number of a closed month as it was kept, and when; None for days that are not closed."""
    frozen = closing_frozen.ranking_of(r, period, now=now, team_id=team_id)
    if frozen is None or frozen.closed is None:
        return None
    rows = (frozen.total,) if person_id is None else frozen.rows
    row = next((row for row in rows if row.person_id == person_id), None)
    return (_sum(metric, ()) if row is None else row.value(metric)), frozen.closed.at


def _counted(items: Iterable[Item]) -> list[Line]:
    return [
        Line(1, at=item.at, deal_id=item.deal_id, task_id=item.task_id, stage_id=item.stage_id)
        for item in items
    ]


def _reach_line(reach: ranking_items.Reach, value: int | Decimal) -> Line:
    return Line(
        value, reach.counts, reach.at, reach.deal_id, move_id=reach.move_id,
        stage_id=reach.stage_id, already=reach.already, already_by=reach.already_by,
        ruling=reach.ruling, reason=reach.reason, credited_to=reach.credited_to, by=reach.by,
        undone=reach.undone, deleted=reach.deleted, instead=reach.instead,
    )  # fmt: skip


def _milestone(asked: Asked, milestone: str) -> list[Line]:
    """A deal counts once, with its first reach; later ones of the milestone are shown."""
    lines: list[Line] = []
    seen: dict[int, int] = {}
    stages = set(asked.scope.with_milestone(milestone))
    for reach in sorted(ranking_items.reaches(asked), key=lambda one: (one.at, one.stage_id)):
        if reach.stage_id in stages:
            line = _reach_line(reach, 1)
            if reach.deal_id in seen:
                line = replace(line, value=0, counts=False, already=seen[reach.deal_id])
            seen.setdefault(reach.deal_id, reach.at)
            lines.append(line)
    return lines


def _money(asked: Asked, metric: str) -> list[Line]:
    setup = ranking_setup.of(asked.r)
    stages = set(asked.scope.with_milestone("won"))
    first: dict[ranking_money.Pair, tuple[int, int]] = {}
    for reach in ranking_items.reaches(asked):  # in their order
        if reach.stage_id in stages:
            first.setdefault((reach.deal_id, asked.person_id), (reach.at, reach.day))
    lines = []
    for won in ranking_money.converted(asked.r, first, setup.rates):
        unrated = ", ".join(sorted(won.unrated)) or None
        money = won.revenue if metric == "revenue" else won.gross_profit
        counts = money is not None
        value = amount_of(money or 0)
        amount = amount_of(won.revenue) if metric == "gross_profit" and won.revenue else None
        lines.append(Line(value, counts, won.at, won.deal_id, unrated=unrated, amount=amount))
    return lines


def _named(r: Reader, stages: dict[int, ranking_setup.Stage], lines: list[Line]) -> list[Line]:
    """The lines with titles and names."""
    tasks = {
        row[0]: row[1:]
        for row in r.rows_of(
            "SELECT id, title, deal_id FROM task WHERE id IN ({ids})",
            {line.task_id for line in lines if line.task_id is not None},
        )
    }
    placed = [
        replace(line, task=tasks[line.task_id][0], deal_id=tasks[line.task_id][1])
        if line.task_id is not None
        else line
        for line in lines
    ]
    deals = {
        row[0]: row[1:]
        for row in r.rows_of(
            "SELECT id, title, number FROM deal WHERE id IN ({ids})",
            {line.deal_id for line in placed if line.deal_id is not None},
        )
    }
    found = []
    for line in placed:
        title, number = deals.get(line.deal_id, (None, None))
        stage = stages[line.stage_id].name if line.stage_id in stages else None
        found.append(replace(line, deal=title, number=number, stage=stage))
    return found


# --- JSON --------------------------------------------------------------------------------------


def as_json(found: Iterable[Explanation]) -> dict[str, Any]:
    """The document of ``salesdesk ranking --explain PERSON --json``; decimals are strings."""
    answers = list(found)
    document: dict[str, Any] = {}
    if answers:
        period = answers[0].period
        document["person"] = answers[0].person
        document["from"] = date.fromordinal(period.first_day).isoformat()
        document["to"] = date.fromordinal(period.last_day).isoformat()
    document["numbers"] = {
        answer.metric: {
            "total": _value(answer.metric, answer.total),
            "lines": [_line_json(answer.metric, line) for line in answer.lines],
        }
        for answer in answers
    }
    return document


def _value(metric: str, value: int | Decimal) -> int | str:
    if isinstance(value, int):
        return value
    return amounts.written(value) if metric in MONEY else plain(value)


def _line_json(metric: str, line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {"value": _value(metric, line.value), "counts": line.counts}
    for name in ("at", "already"):
        moment = getattr(line, name)
        if moment is not None:
            found[name] = datetime_of(moment).isoformat()
    for name in ("deal_id", "number", "deal", "task_id", "task", "move_id", "stage", "ruling",
                 "reason", "credited_to", "by", "already_by", "instead", "unrated"):  # fmt: skip
        value = getattr(line, name)
        if value is not None:
            found[name] = value
    return found | {name: True for name in ("undone", "deleted", "correction")
                    if getattr(line, name)}  # fmt: skip
