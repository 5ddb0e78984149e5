"""What each number of a month counted: kept when it is closed, so that what has changed since can
be found.

Of a count the deals (or tasks) are kept, of points the reaches with what they earned (millionths),
of money the deals with what they brought (ten-thousandths). Everybody's is read at once: asked
person by person (``ranking_items``) two hundred people would take a minute.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.services import ranking_money, ranking_setup
from salesdesk.services.metric_names import MONEY
from salesdesk.services.periods import Period
from salesdesk.services.ranking_numbers import HOLDS, MILESTONES, STATES, Span, span_of
from salesdesk.services.ranking_setup import Scope, Setup

#: By metric: ids, or lines [deal, stage, value].
Behind = dict[str, list[Any]]
#: Numbers that count tasks, not deals.
OF_TASKS = frozenset(("tasks_total", "tasks_overdue", "postponements"))
_KIND = {metric: kind for kind, metric in HOLDS.items()}
_BEGUN = frozenset((derive.NEW, derive.LOST, derive.POSTPONED))
_TASKS = frozenset((derive.TASK, derive.OVERDUE))
#: The milestone that a number counts.
MILESTONE_OF = {metric: milestone for milestone, metric in MILESTONES.items()}
_OPEN_TASKS = "SELECT id FROM task WHERE state = 'open' AND deleted_at IS NULL"
_LIVE_DEALS = "SELECT id FROM deal WHERE owner_id IS NOT NULL AND deleted_at IS NULL"
#: Person, item, pipeline (0: none), end.
_Hold = tuple[int, int, int, int | None]


def behind_all(r: Reader, period: Period, people: Iterable[int], *, now: int) -> dict[int, Behind]:
    """What the numbers of these people count in a period as it stands at ``now``."""
    found: dict[int, Behind] = {person: {} for person in people}
    for metric in (*_KIND, "points", *MILESTONE_OF, *MONEY):
        for person, own in behind_one(r, period, found, metric, now=now).items():
            found[person][metric] = own
    return found


def behind_one(
    r: Reader, period: Period, people: Iterable[int], metric: str, *, now: int
) -> dict[int, list[Any]]:
    """The same for one number."""
    setup = ranking_setup.of(r)
    span, scope, wanted = span_of(r, period, now), setup.scope(None), set(people)
    if metric in MONEY:
        return behind_money(r, period, wanted, now=now)[metric]
    elif metric in _KIND:
        found = _holds(r, span, scope, metric)
    elif metric == "points":
        found = _points(r, span, setup)
    else:
        found = _reached(r, span, scope, MILESTONE_OF[metric])
    return {person: found.get(person, []) for person in wanted}


def behind_money(
    r: Reader, period: Period, people: Iterable[int], *, now: int
) -> dict[str, dict[int, list[Any]]]:
    """The same for revenue and gross profit, read once for both."""
    return behind_months(r, [period], people, now=now)[0]


def behind_months(
    r: Reader, periods: Sequence[Period], people: Iterable[int], *, now: int
) -> list[dict[str, dict[int, list[Any]]]]:
    """The same for several periods, the earliest first; the deals of all are read at once."""
    setup = ranking_setup.of(r)
    spans, wanted = [span_of(r, period, now) for period in periods], set(people)
    first: list[dict[tuple[int, int], tuple[int, int]]] = [{} for _ in periods]
    starts = [span.start for span in spans]
    # The day alone is not in the index: it is looked up for those that were won, not for all.
    for deal, person, at, day in r.rows_of(
        "SELECT r.deal_id, r.person_id, r.at, (SELECT x.day FROM reach x WHERE "
        "x.deal_id = r.deal_id AND x.stage_id = r.stage_id) FROM reach r "
        "WHERE r.at >= ? AND r.at < ? AND r.person_id <> 0 AND r.stage_id IN ({ids})",
        setup.scope(None).with_milestone("won"),
        (starts[0], max(span.stop for span in spans)),
    ):
        place = bisect_right(starts, at) - 1
        if person in wanted and at < spans[place].stop:
            own = first[place]
            own[deal, person] = min(own.get((deal, person), (at, day)), (at, day))
    worth = ranking_money.Worth(r, {deal for own in first for deal, _ in own}, setup.rates)
    found = []
    for own in first:
        lines: dict[str, dict[int, list[Any]]] = {
            metric: {person: [] for person in wanted} for metric in MONEY
        }
        for one in worth.of(own):
            lines["revenue"][one.person_id].append([one.deal_id, 0, one.revenue or 0])
            lines["gross_profit"][one.person_id].append([one.deal_id, 0, one.gross_profit or 0])
        found.append(lines)
    return found


# --- what goes on and what begins --------------------------------------------------------------


def _holds(r: Reader, span: Span, scope: Scope, metric: str) -> dict[int, list[Any]]:
    kind = _KIND[metric]
    rows = _begun(r, span, kind) if kind in _BEGUN else _going_on(r, span, kind)
    found: dict[int, list[Any]] = defaultdict(list)
    for person, item, pipeline, stop in rows:
        lost_still = kind != derive.LOST or stop is None or stop >= span.stop
        if scope.holds(pipeline) and lost_still:
            found[person].append(item)
    if kind != derive.POSTPONED:  # a deal (or task) counts once
        return {person: sorted(set(items)) for person, items in found.items()}
    return {person: sorted(items) for person, items in found.items()}


def _begun(r: Reader, span: Span, kind: int) -> list[_Hold]:
    """What began in the period."""
    return r.rows(
        "SELECT person_id, item_id, scope_id, stop FROM hold "
        "WHERE start >= ? AND start < ? AND kind = ?",
        (span.start, span.stop, kind),
    )


def _going_on(r: Reader, span: Span, kind: int) -> list[_Hold]:
    """What went on in the period, or (states) at its end."""
    ended = span.stop if kind in STATES else span.start + 1
    rows = r.rows(
        "SELECT person_id, item_id, scope_id, stop FROM hold "
        "WHERE stop >= ? AND kind = ? AND start < ?",
        (ended, kind, span.stop),
    )
    own = _OPEN_TASKS if kind in _TASKS else _LIVE_DEALS
    rows += r.rows(
        f"SELECT person_id, item_id, scope_id, stop FROM hold WHERE item_id IN ({own}) "
        "AND kind = ? AND start < ? AND stop IS NULL",
        (kind, span.stop),
    )
    return rows


# --- reaches -----------------------------------------------------------------------------------


def _points(r: Reader, span: Span, setup: Setup) -> dict[int, list[Any]]:
    scope, found = setup.scope(None), defaultdict[int, list[Any]](list)
    for person, deal, stage, day in _reaches(r, span):
        if stage in scope.stages:
            found[person].append([deal, stage, setup.points.on(stage, day)])
    return found


def _reached(r: Reader, span: Span, scope: Scope, milestone: str) -> dict[int, list[Any]]:
    stages = set(scope.with_milestone(milestone))
    found: dict[int, set[int]] = defaultdict(set)
    for person, deal, stage, _day in _reaches(r, span):
        if stage in stages:
            found[person].add(deal)
    return {person: sorted(deals) for person, deals in found.items()}


def _reaches(r: Reader, span: Span) -> list[tuple[Any, ...]]:
    return r.rows(
        "SELECT person_id, deal_id, stage_id, day FROM reach WHERE at >= ? AND at < ? "
        "AND person_id <> 0 ORDER BY at, deal_id, stage_id",
        (span.start, span.stop),
    )


def values(own: Mapping[str, list[Any]], metric: str) -> dict[tuple[int, int], int]:
    """What a number counts: its value by (deal or task, stage or 0)."""
    found: dict[tuple[int, int], int] = {}
    for one in own.get(metric, ()):
        key, stage, value = one if isinstance(one, list) else (one, 0, 1)
        found[key, stage] = found.get((key, stage), 0) + value
    return found
