"""The points of people over time, for the ranking's charts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from typing import Any

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.moments import points_of
from salesdesk.services import ranking_setup, ranking_tally, ranking_trial
from salesdesk.services.periods import Period
from salesdesk.services.ranking_numbers import Span, span_of
from salesdesk.services.ranking_points import Points
from salesdesk.services.ranking_setup import Scope, Setup


class Earned(Mapping[int, tuple[Decimal, ...]]):
    """The points of each day by person. Decimals are made of what is asked for: of two hundred
    people over years a chart draws a few."""

    def __init__(self, units: dict[int, list[int]]) -> None:
        self._units = units

    def __getitem__(self, person_id: int) -> tuple[Decimal, ...]:
        return tuple(map(points_of, self._units[person_id]))

    def __contains__(self, person_id: object) -> bool:
        return person_id in self._units

    def __iter__(self) -> Iterator[int]:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)


@dataclass(frozen=True, slots=True)
class PointsByDay:
    """Points by person and day, for charts.

    ``days`` are all days of the period up to now, ``earned`` the points of each of them by person;
    people without any are left out.
    """

    days: tuple[int, ...]
    earned: Mapping[int, tuple[Decimal, ...]] = field(default_factory=dict)

    def running(self, person_id: int) -> tuple[Decimal, ...]:
        """The points of a person up to and including each day."""
        return tuple(accumulate(self.earned.get(person_id, (Decimal(0),) * len(self.days))))


def points_by_day(
    r: Reader,
    period: Period,
    *,
    now: int,
    pipeline_id: int | None = None,
    weights: Points | None = None,
    skipped: bool | None = None,
) -> PointsByDay:
    """The points of everybody on each day of a period, not beyond now; ``weights`` and ``skipped``
    as for the ranking."""
    setup = ranking_setup.of(r)
    span = span_of(r, period, now)
    days = range(span.first, min(span.after, r.zone.day_of(now) + 1))
    points = setup.points if weights is None else weights
    scope = setup.scope(pipeline_id)
    found = _earned(r, setup, scope, points, span, days)
    other = ranking_trial.wanted(r, skipped)
    if other is not None and days:
        tried = ranking_trial.of(r, span, other).differences(span)
        rows = [(one.day, one.person_id, one.stage_id, sign) for sign, one in tried]
        _add(found, rows, scope, points, days)
    return PointsByDay(tuple(days), Earned({p: own for p, own in found.items() if any(own)}))


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
    monday = last_day - (last_day - 1) % 7
    first = monday - 7 * (weeks - 1)
    span = span_of(r, Period(first, monday + 6), now)
    days = range(first, min(span.after, r.zone.day_of(now) + 1))
    found = _earned(r, setup, setup.scope(pipeline_id), setup.points, span, days)
    return {
        person: tuple(points_of(sum(own[7 * week : 7 * week + 7])) for week in range(weeks))
        for person, own in found.items()
        if any(own)
    }


def _earned(
    r: Reader, setup: Setup, scope: Scope, points: Points, span: Span, days: range
) -> dict[int, list[int]]:
    """Points (millionths) by person and day. All days but the last are kept as long as nothing in
    them changes: after a move of today that day alone is read."""
    if not days:
        return {}
    tallies, last = ranking_tally.of(r), days[-1]
    with tallies.lock:
        sums = tallies.before(r, [days[0], last])
    key = ("points", days, scope.pipelines)
    kept = setup.memo.get(key) if points is setup.points else None
    if kept is None or kept[0] is not sums[0] or kept[1] is not sums[1]:
        past: dict[int, list[int]] = {}
        _add(past, _tallied(r, days[:-1]), scope, points, days)
        kept = *sums, past
        if points is setup.points:
            setup.memo[key] = kept
    found = {person: own[:] for person, own in kept[2].items()}
    _add(found, _tallied(r, days[-1:]) + _later(r, span), scope, points, days)
    return found


def _add(
    found: dict[int, list[int]],
    rows: list[tuple[Any, ...]],
    scope: Scope,
    points: Points,
    days: range,
) -> None:
    for day, person, stage, n in rows:
        if stage in scope.stages:
            own = found.get(person)
            if own is None:
                own = found[person] = [0] * len(days)
            own[day - days[0]] += n * points.on(stage, day)


def _tallied(r: Reader, days: range) -> list[tuple[Any, ...]]:
    """Reaches by day, person and stage."""
    return r.rows_of(
        "SELECT day, person_id, scope_id, plus FROM tally_day WHERE kind = ? AND day IN ({ids})",
        days,
        (derive.REACH,),
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
