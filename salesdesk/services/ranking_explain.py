"""What is behind each number of the ranking: the deals, moves and tasks whose sum it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, datetime_of, plain, points_of
from salesdesk.services import ranking_items, ranking_money, ranking_setup
from salesdesk.services.periods import Period
from salesdesk.services.ranking import METRICS, money_text
from salesdesk.services.ranking_items import Asked, Item
from salesdesk.services.ranking_numbers import MILESTONES, STANDING, span_of
from salesdesk.services.ranking_points import Points
from salesdesk.text import N_

#: Every number that can be explained; ``standing:meeting_held`` and the like beside them.
EXPLAINED = (*METRICS, "postponements", "points", "revenue", "gross_profit")
_MILESTONE_OF = {metric: milestone for milestone, metric in MILESTONES.items()}
_MONEY = ("revenue", "gross_profit")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a number counts, or (``counts`` false, value 0) shows and does not count.

    ``at`` is the moment of it: the reach, the entry, since when. Of lines that do not count:
    ``already`` is the moment of the reach that counted before, ``ruling`` is ``void`` or ``credit``
    (taken away: given to ``credited_to``) with its ``reason``, ``unrated`` a currency that has no
    rate.
    A line that counts because of a ruling has ``ruling`` ``credit`` and its reason.
    """

    value: int | Decimal
    counts: bool = True
    at: int | None = None
    deal_id: int | None = None
    deal: str | None = None
    number: int | None = None
    task_id: int | None = None
    task: str | None = None
    move_id: int | None = None
    stage_id: int | None = None
    stage: str | None = None
    already: int | None = None
    ruling: str | None = None
    reason: str | None = None
    credited_to: str | None = None
    unrated: str | None = None


@dataclass(frozen=True, slots=True)
class StageSum:
    """So many reaches of a stage, at so many points each (more lines when the points changed)."""

    stage_id: int
    stage: str
    count: int
    each: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number and the lines that add up to it, newest first; ``stages`` for points alone."""

    person_id: int
    person: str
    metric: str
    period: Period
    total: int | Decimal
    lines: tuple[Line, ...]
    stages: tuple[StageSum, ...] = ()


def explain(
    r: Reader,
    period: Period,
    person_id: int,
    metric: str,
    *,
    now: int,
    pipeline_id: int | None = None,
    weights: Points | None = None,
) -> Explanation:
    """What the number ``metric`` of a person counts in a period as it stands at ``now``.

    Raises ``NotFound`` for a person or a metric that does not exist.
    """
    setup = ranking_setup.of(r)
    name = next((p.name for p in setup.people if p.id == person_id), None)
    if name is None:
        raise NotFound(N_("There is no such person any more."))
    scope = setup.scope(pipeline_id)
    asked = Asked(r, span_of(r, period, now), scope, person_id)
    points = setup.points if weights is None else weights
    if metric == "points":
        lines = _points(asked, points)
    elif metric in _MONEY:
        lines = _money(asked, metric)
    elif metric in _MILESTONE_OF:
        lines = _milestone(asked, _MILESTONE_OF[metric])
    elif metric.partition(":")[0] == "standing" and metric.partition(":")[2] in STANDING:
        lines = _counted(ranking_items.standing(asked, metric.partition(":")[2]))
    elif metric in ranking_items.BY_METRIC:
        lines = _counted(ranking_items.BY_METRIC[metric](asked))
    else:
        raise NotFound(N_("There is no number “{name}” in the ranking."), name=metric)
    lines.sort(key=lambda line: (-(line.at or 0), line.deal_id or 0, line.stage_id or 0))
    named = tuple(_named(r, setup.stages, lines))
    zero: int | Decimal = Decimal(0) if metric == "points" or metric in _MONEY else 0
    total = sum((line.value for line in named), zero)
    stages = _stage_sums(setup.stages, named) if metric == "points" else ()
    return Explanation(person_id, name, metric, period, total, named, stages)


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


def _counted(items: Iterable[Item]) -> list[Line]:
    return [
        Line(1, at=item.at, deal_id=item.deal_id, task_id=item.task_id, stage_id=item.stage_id)
        for item in items
    ]


def _points(asked: Asked, points: Points) -> list[Line]:
    lines = []
    for reach in ranking_items.reaches(asked):
        value = points_of(points.on(reach.stage_id, reach.day))
        lines.append(_reach_line(reach, value))
    return lines + [_reach_line(reach, Decimal(0)) for reach in ranking_items.uncounted(asked)]


def _reach_line(reach: ranking_items.Reach, value: int | Decimal) -> Line:
    return Line(
        value, reach.counts, reach.at, reach.deal_id, move_id=reach.move_id,
        stage_id=reach.stage_id, already=reach.already, ruling=reach.ruling, reason=reach.reason,
        credited_to=reach.credited_to,
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
    lines += [
        _reach_line(reach, 0)
        for reach in ranking_items.uncounted(asked)
        if reach.stage_id in stages
    ]
    return lines


def _money(asked: Asked, metric: str) -> list[Line]:
    setup = ranking_setup.of(asked.r)
    stages = set(asked.scope.with_milestone("won"))
    pairs = {
        (reach.deal_id, asked.person_id)
        for reach in ranking_items.reaches(asked)
        if reach.stage_id in stages
    }
    lines = []
    for won in ranking_money.winnings(asked.r, asked.span, asked.scope, setup.rates, pairs):
        unrated = ", ".join(sorted(won.unrated)) or None
        money = won.revenue if metric == "revenue" else won.gross_profit
        counts = money is not None
        value = amount_of(money or 0)
        lines.append(Line(value, counts, won.at, won.deal_id, unrated=unrated))
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


def _stage_sums(
    stages: dict[int, ranking_setup.Stage], lines: tuple[Line, ...]
) -> tuple[StageSum, ...]:
    counts: dict[tuple[int, Decimal], int] = {}
    for line in lines:
        if line.counts and line.stage_id is not None:
            same = (line.stage_id, Decimal(line.value))
            counts[same] = counts.get(same, 0) + 1
    order = sorted(
        counts,
        key=lambda one: (stages[one[0]].pipeline_id, stages[one[0]].position, one[0], one[1]),
    )
    return tuple(
        StageSum(stage, stages[stage].name, counts[stage, each], each, counts[stage, each] * each)
        for stage, each in order
    )


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
    return money_text(value) if metric in _MONEY else plain(value)


def _line_json(metric: str, line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {"value": _value(metric, line.value), "counts": line.counts}
    for name in ("at", "already"):
        moment = getattr(line, name)
        if moment is not None:
            found[name] = datetime_of(moment).isoformat()
    for name in ("deal_id", "number", "deal", "task_id", "task", "move_id", "stage", "ruling",
                 "reason", "credited_to", "unrated"):  # fmt: skip
        value = getattr(line, name)
        if value is not None:
            found[name] = value
    return found
