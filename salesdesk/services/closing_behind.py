"""What each number of a month counted: kept when it is closed, so that what has changed since can
be found.

Of a count the deals (or tasks) are kept, of points the reaches with what they earned (millionths),
of money the deals with what they brought (ten-thousandths).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import ranking_items, ranking_money, ranking_setup
from salesdesk.services.metric_names import MONEY
from salesdesk.services.periods import Period
from salesdesk.services.ranking_items import Asked
from salesdesk.services.ranking_numbers import MILESTONES, Span, span_of

#: By metric: ids, or lines [deal, stage, value].
Behind = dict[str, list[Any]]
#: Numbers that count tasks, not deals.
OF_TASKS = frozenset(("tasks_total", "tasks_overdue", "postponements"))


def behind_all(r: Reader, period: Period, people: Iterable[int], *, now: int) -> dict[int, Behind]:
    """What the numbers of these people count in a period as it stands at ``now``."""
    metrics = (*ranking_items.BY_METRIC, "points", *MILESTONES.values(), *MONEY)
    found: dict[int, Behind] = {person: {} for person in people}
    for metric in metrics:
        for person, own in behind_one(r, period, found, metric, now=now).items():
            found[person][metric] = own
    return found


def behind_one(
    r: Reader, period: Period, people: Iterable[int], metric: str, *, now: int
) -> dict[int, list[Any]]:
    """The same for one number."""
    setup = ranking_setup.of(r)
    span, scope = span_of(r, period, now), setup.scope(None)
    every = [Asked(r, span, scope, person) for person in people]
    if metric in MONEY:
        return _money(r, span, setup, {one.person_id for one in every}, metric)
    if metric in ranking_items.BY_METRIC:
        return {one.person_id: _ids(one, metric) for one in every}
    return {one.person_id: _of_reaches(one, metric, setup) for one in every}


def _ids(asked: Asked, metric: str) -> list[int]:
    items = ranking_items.BY_METRIC[metric](asked)
    ids = [item.task_id if metric in OF_TASKS else item.deal_id for item in items]
    return sorted(one for one in ids if one is not None)


def _of_reaches(asked: Asked, metric: str, setup: ranking_setup.Setup) -> list[Any]:
    reaches = ranking_items.reaches(asked)
    if metric == "points":
        worth = setup.points
        return [[one.deal_id, one.stage_id, worth.on(one.stage_id, one.day)] for one in reaches]
    milestone = next(key for key, name in MILESTONES.items() if name == metric)
    stages = set(asked.scope.with_milestone(milestone))
    return sorted({one.deal_id for one in reaches if one.stage_id in stages})


def _money(
    r: Reader, span: Span, setup: ranking_setup.Setup, people: set[int], metric: str
) -> dict[int, list[Any]]:
    """All winnings at once: a report asks for the months of years."""
    scope = setup.scope(None)
    pairs = {
        (row[0], row[1])
        for row in r.rows_of(
            "SELECT deal_id, person_id FROM reach WHERE at >= ? AND at < ? AND person_id <> 0 "
            "AND stage_id IN ({ids})",
            scope.with_milestone("won"),
            (span.start, span.stop),
        )
        if row[1] in people
    }
    found: dict[int, list[Any]] = {person: [] for person in people}
    for one in ranking_money.winnings(r, span, scope, setup.rates, pairs):
        found[one.person_id].append([one.deal_id, 0, getattr(one, metric) or 0])
    return found


def values(own: Mapping[str, list[Any]], metric: str) -> dict[tuple[int, int], int]:
    """What a number counts: its value by (deal or task, stage or 0)."""
    found: dict[tuple[int, int], int] = {}
    for one in own.get(metric, ()):
        key, stage, value = one if isinstance(one, list) else (one, 0, 1)
        found[key, stage] = found.get((key, stage), 0) + value
    return found
