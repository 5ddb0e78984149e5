"""The points of people over time, for the ranking's charts."""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.moments import points_of
from salesdesk.services import ranking_setup, ranking_tally
from salesdesk.services.periods import Period
from salesdesk.services.ranking_numbers import Span, span_of
from salesdesk.services.ranking_points import Points


@dataclass(frozen=True, slots=True)
class PointsByDay:
    """Points by person and day, for charts.

    ``days`` are all days of the period up to now, ``earned`` the points of each of them by person;
    people without any are left out.
    """

    days: tuple[int, ...]
    earned: dict[int, tuple[Decimal, ...]] = field(default_factory=dict)

    def running(self, person_id: int) -> tuple[Decimal, ...]:
        """The points of a person up to and including each day."""
        total, found = Decimal(0), []
        for points in self.earned.get(person_id, (Decimal(0),) * len(self.days)):
            total += points
            found.append(total)
        return tuple(found)


def points_by_day(
    r: Reader,
    period: Period,
    *,
    now: int,
    pipeline_id: int | None = None,
    weights: Points | None = None,
) -> PointsByDay:
    """The points of everybody on each day of a period, not beyond now."""
    setup = ranking_setup.of(r)
    scope = setup.scope(pipeline_id)
    points = setup.points if weights is None else weights
    span = span_of(r, period, now)
    size = max(0, min(span.after, r.zone.day_of(now) + 1) - span.first)
    found: dict[int, list[int]] = {}
    rows = r.rows_of(
        "SELECT day, person_id, scope_id, plus FROM tally_day WHERE kind = ? AND day IN ({ids})",
        range(span.first, span.first + size),
        (derive.REACH,),
    )
    rows += _later(r, span) if size else []
    for day, person, stage, n in rows:
        if stage in scope.stages:
            own = found.setdefault(person, [0] * size)
            own[day - span.first] += n * points.on(stage, day)
    days = tuple(range(span.first, span.first + size))
    return PointsByDay(
        days,
        {p: tuple(points_of(value) for value in own) for p, own in found.items() if any(own)},
    )


def _later(r: Reader, span: Span) -> list[tuple[Any, ...]]:
    """Reaches later than now on the last day, to be taken off."""
    if not span.cut:
        return []
    return r.rows(
        "SELECT day, person_id, stage_id, -1 FROM reach "
        "WHERE at >= ? AND at < ? AND person_id <> 0",
        (span.stop, r.zone.start_of(span.after)),
    )


def points_by_week(
    r: Reader,
    last_day: int,
    *,
    now: int,
    weeks: int = 12,
    pipeline_id: int | None = None,
) -> dict[int, tuple[Decimal, ...]]:
    """The points of everybody in the ``weeks`` weeks up to the one of ``last_day``, oldest first.

    A week ends on Sunday, and nothing later than now counts; people without points are left out.
    """
    setup = ranking_setup.of(r)
    scope, points = setup.scope(pipeline_id), setup.points
    monday = last_day - (last_day - 1) % 7
    first = monday - 7 * (weeks - 1)
    span = span_of(r, Period(first, monday + 6), now)
    stop = min(span.after, r.zone.day_of(now) + 1)
    if stop <= first:
        return {}
    days = sorted({*range(first, stop, 7), *points.changes(first, stop), stop})
    tallies = ranking_tally.of(r)
    found: dict[int, list[int]] = {}
    with tallies.lock:
        sums = tallies.before(r, days)
        for (day, before), (_, until) in pairwise(zip(days, sums, strict=True)):
            for number, person, stage in tallies.by_kind[derive.REACH]:
                n = until.plus[number] - before.plus[number]
                if n and stage in scope.stages:
                    own = found.setdefault(person, [0] * weeks)
                    own[(day - first) // 7] += n * points.on(stage, day)
    for day, person, stage, n in _later(r, span):
        if stage in scope.stages:
            found[person][(day - first) // 7] += n * points.on(stage, day)
    return {p: tuple(points_of(value) for value in own) for p, own in found.items() if any(own)}
