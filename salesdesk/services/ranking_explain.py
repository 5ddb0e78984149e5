"""What is behind each number of the ranking: the deals, moves and tasks whose sum it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, datetime_of, plain, points_of
from salesdesk.services import (
    closing_frozen,
    ranking_items,
    ranking_money,
    ranking_setup,
    ranking_trial,
)
from salesdesk.services import ranking_uncounted as uncounted_moves
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
    ``already`` is the moment of the reach that counted before (of ``already_by``, another person),
    ``ruling`` is ``void`` or ``credit`` (taken away: given to ``credited_to``) with its ``reason``
    and who ruled (``by``), ``undone`` a move that was taken back, ``deleted`` a deal that was,
    ``instead`` who got it because the person is not in the ranking, ``unrated`` a currency that has
    no rate.
    A line that counts because of a ruling has ``ruling`` ``credit``, its reason and who ruled.
    ``correction``: no thing, but what has changed since the month was closed, so that the lines add
    up to the number of then. ``person_id`` and ``person`` are there in lists of several people.
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
    already_by: str | None = None
    ruling: str | None = None
    reason: str | None = None
    credited_to: str | None = None
    by: str | None = None
    undone: bool = False
    deleted: bool = False
    instead: str | None = None
    unrated: str | None = None
    correction: bool = False
    person_id: int | None = None
    person: str | None = None


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
    """A number and the lines that add up to it, newest first; ``stages`` for points alone.

    With a ``limit`` asked for, ``more`` lines that count are left out (``total`` and ``stages``
    take them in all the same). ``since``: moves that earn nothing are listed from this moment on,
    earlier ones were not looked for (empty: all are listed). ``person_id`` is None for several
    people.
    """

    person_id: int | None
    person: str
    metric: str
    period: Period
    total: int | Decimal
    lines: tuple[Line, ...]
    stages: tuple[StageSum, ...] = ()
    more: int = 0
    since: int | None = None


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
    lines = _lines(asked, metric, setup.points if weights is None else weights)
    if pipeline_id is None and weights is None and skipped is None:
        lines += _corrected(r, period, metric, now, lines, person_id)
    lines.sort(key=_newest_first)
    whole = lines if limit is None else lines[:limit]
    low = _low(asked, metric, lines, limit, depth)
    shown = [*whole, *_nothing(asked, metric, low)] if low is not None else whole
    named = tuple(_named(r, setup.stages, sorted(shown, key=_newest_first)))
    since = low if low is not None and low > asked.span.start else None
    return Explanation(
        person_id, name, metric, period, _sum(metric, lines), named,
        _stage_sums(setup.stages, lines) if metric == "points" else (),
        sum(line.counts for line in lines[len(whole):]), since,
    )  # fmt: skip


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
    names = {person.id: person.name for person in setup.people}
    lines: list[Line] = []
    for key in people:
        asked = _asked(r, period, key, now, pipeline_id, skipped)
        lines += [
            replace(line, person_id=key, person=names.get(key))
            for line in _lines(asked, metric, points)
            if line.counts
        ]
    if pipeline_id is None and weights is None and skipped is None:
        lines += _corrected(r, period, metric, now, lines, None, team_id)
    lines.sort(key=_newest_first)
    whole = lines if limit is None else lines[:limit]
    return Explanation(
        None, "", metric, period, _sum(metric, lines), tuple(_named(r, setup.stages, whole)),
        _stage_sums(setup.stages, lines) if metric == "points" else (), len(lines) - len(whole),
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


def _lines(asked: Asked, metric: str, points: Points) -> list[Line]:
    """What the number counts (and what it shows beside: a second reach of a milestone)."""
    if metric == "points":
        return [
            _reach_line(reach, points_of(points.on(reach.stage_id, reach.day)))
            for reach in ranking_items.reaches(asked)
        ]
    if metric in _MONEY:
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
    zero: int | Decimal = Decimal(0) if metric == "points" or metric in _MONEY else 0
    return sum((line.value for line in lines), zero)


def _low(
    asked: Asked, metric: str, lines: list[Line], limit: int | None, depth: int | None
) -> int | None:
    """From when on moves that earn nothing are listed; None for numbers that count no moves."""
    if metric != "points" and metric not in _MILESTONE_OF:
        return None
    low = asked.span.start if depth is None else uncounted_moves.back_to(asked, depth)
    if limit is None or len(lines) <= limit:
        return low
    last = lines[limit - 1].at
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


def _corrected(
    r: Reader, period: Period, metric: str, now: int, lines: list[Line], person_id: int | None,
    team_id: int | None = None,
) -> list[Line]:  # fmt: skip
    """What leads from the number as it would be now to the one of the closed month."""
    frozen = closing_frozen.ranking_of(r, period, now=now, team_id=team_id)
    if frozen is None or frozen.closed is None:
        return []
    rows = (frozen.total,) if person_id is None else frozen.rows
    row = next((row for row in rows if row.person_id == person_id), None)
    zero = _sum(metric, ())
    difference = (zero if row is None else row.value(metric)) - _sum(metric, lines)
    return [Line(difference, at=frozen.closed.at, correction=True)] if difference else []


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
    stages: dict[int, ranking_setup.Stage], lines: Iterable[Line]
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
                 "reason", "credited_to", "by", "already_by", "instead", "unrated"):  # fmt: skip
        value = getattr(line, name)
        if value is not None:
            found[name] = value
    return found | {name: True for name in ("undone", "deleted", "correction")
                    if getattr(line, name)}  # fmt: skip
