"""What each number of a month counted: kept when it is closed, so that what has changed since can
be found.

Of a count the deals (or tasks) are kept, of points the reaches with what they earned (millionths),
of money the deals with what they brought (ten-thousandths).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import ranking_items, ranking_money, ranking_setup
from salesdesk.services.periods import Period
from salesdesk.services.ranking_items import Asked
from salesdesk.services.ranking_numbers import MILESTONES, span_of

#: By metric: ids, or lines [deal, stage, value].
Behind = dict[str, list[Any]]
#: Numbers that count tasks, not deals.
OF_TASKS = frozenset(("tasks_total", "tasks_overdue", "postponements"))
_MONEY = ("revenue", "gross_profit")


def behind_all(r: Reader, period: Period, people: Iterable[int], *, now: int) -> dict[int, Behind]:
    """What the numbers of these people count in a period as it stands at ``now``."""
    setup = ranking_setup.of(r)
    scope, span = setup.scope(None), span_of(r, period, now)
    return {person: _behind(Asked(r, span, scope, person), setup) for person in people}


def _behind(asked: Asked, setup: ranking_setup.Setup) -> Behind:
    found: Behind = {}
    for metric, items in ranking_items.BY_METRIC.items():
        of_tasks = metric in OF_TASKS
        ids = [item.task_id if of_tasks else item.deal_id for item in items(asked)]
        found[metric] = sorted(one for one in ids if one is not None)
    reaches = ranking_items.reaches(asked)
    found["points"] = [
        [one.deal_id, one.stage_id, setup.points.on(one.stage_id, one.day)] for one in reaches
    ]
    for milestone, metric in MILESTONES.items():
        stages = set(asked.scope.with_milestone(milestone))
        found[metric] = sorted({one.deal_id for one in reaches if one.stage_id in stages})
    pairs = [(deal, asked.person_id) for deal in found["won"]]
    won = ranking_money.winnings(asked.r, asked.span, asked.scope, setup.rates, pairs)
    for metric in _MONEY:
        found[metric] = [[one.deal_id, 0, getattr(one, metric) or 0] for one in won]
    return found


def values(own: Mapping[str, list[Any]], metric: str) -> dict[tuple[int, int], int]:
    """What a number counts: its value by (deal or task, stage or 0)."""
    found: dict[tuple[int, int], int] = {}
    for one in own.get(metric, ()):
        key, stage, value = one if isinstance(one, list) else (one, 0, 1)
        found[key, stage] = found.get((key, stage), 0) + value
    return found
