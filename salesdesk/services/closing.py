"""Closing a month: its ranking is kept as it stands, and later changes become corrections.

A team lead or an administrator closes a month once it is over, in any order. An administrator opens
it again, with a reason; undo does so, too. What is kept: rows of the ranking, plans, norms, levels,
points, teams and who was in them, rates, thresholds, the currency, the table of bonuses, and what
each number counted. Several months may be closed and opened again; the latest closing holds.
"""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk import moments
from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Reader, Store
from salesdesk.moments import month_start, month_text, plain
from salesdesk.names import clean
from salesdesk.services import (
    bonuses,
    closing_behind,
    closing_corrections,
    closing_frozen,
    people,
    periods,
    ranking,
    ranking_setup,
    rights,
    settings,
    stage_points,
)
from salesdesk.services.closing_frozen import Frozen, row_json, target_json
from salesdesk.services.periods import Period
from salesdesk.services.ranking_rows import Closing, Ranking
from salesdesk.services.records import Saved
from salesdesk.text import N_, language

FORMAT = 1
_NOT_OVER = N_("{month} is not over yet: it can be closed from {day} on.")
_CLOSED = N_("{month} is closed already; nothing was changed.")
_OPEN = N_("{month} is not closed; nothing was changed.")
_TAKEN = N_("{later} took corrections of {month} in: open {later} again first.")


def is_over(r: Any, month: int, now: int) -> bool:
    """Whether a month is over, so that it may be closed."""
    return bool(r.zone.day_of(now) >= month_start(month + 1))


def is_begun(r: Any, month: int, now: int) -> bool:
    """Whether a month has begun, so that there is something to say of it."""
    return bool(r.zone.day_of(now) >= month_start(month))


def may_reopen(r: Any, person: int | None) -> bool:
    """Whether someone may open a closed month again."""
    return rights.may(r, person, "admin") and rights.may(r, person, "lead")


# --- verbs -------------------------------------------------------------------------------------


def close(
    store: Store,
    month: int,
    *,
    take: bool = True,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Close a month; ``take``: corrections of earlier closed months, as far as no later one has
    taken them in yet, become lines of its bonus sheet.

    Raises ``Refused`` for a month that is not over or closed already, and for whoever may not.
    """
    with store.command("month.close", now=now, person=person, origin=origin) as tx:
        rights.require(tx, person, "lead")
        if not is_over(tx, month, now):
            day = month_start(month + 1)
            raise Refused(_NOT_OVER, month=_named(month), day=periods.of_day(day).label())
        # Nothing has been written in this transaction, and nobody else writes meanwhile.
        with store.read() as r:
            if closing_frozen.found(r, month, _EVER) is not None:
                raise Refused(_CLOSED, month=_named(month))
            content = _content(r, month, person, now, take)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        row = {"month": month, "at": now, "person_id": person, "content": text}
        [key] = tx.insert("closed_month", [row])
        tx.set_detail(name=month_text(month))
    return Saved(tx.command_id, key)


_EVER = 1 << 62


def reopen(
    store: Store,
    month: int,
    *,
    reason: str,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Open a closed month again; its numbers are counted anew from then on. Returns the command id.

    Raises ``Invalid`` without a reason, ``Refused`` for a month that is open, for one whose
    corrections a later closed month has taken in, and for whoever may not.
    """
    with store.command("month.reopen", now=now, person=person, origin=origin) as tx:
        rights.require(tx, person, "admin")
        rights.require(tx, person, "lead")
        cleaned = clean(reason)
        if not cleaned:
            raise Invalid(N_("Say why; nothing was changed."))
        keys = [
            row[0]
            for row in tx.rows(
                "SELECT id FROM closed_month WHERE month = ? AND deleted_at IS NULL", (month,)
            )
        ]
        if not keys:
            raise Refused(_OPEN, month=_named(month))
        with store.read() as r:
            require_untaken(r, month, keys)
        tx.delete("closed_month", keys)
        tx.set_detail(name=month_text(month), reason=cleaned)
    return tx.command_id


def require_untaken(r: Reader, month: int, keys: list[int]) -> None:
    """Raise ``Refused`` where a later closed month has taken in corrections of these closings."""
    for later in closing_frozen.every(r, _EVER):
        if any(one.closed_id in keys for one in later.taken):
            raise Refused(_TAKEN, later=_named(later.month), month=_named(month))


def _named(month: int) -> str:
    """A month in a sentence: ``October 2026``."""
    from babel.dates import format_skeleton

    on = date.fromordinal(month_start(month))
    return str(format_skeleton("yMMMM", on, locale=language()))


# --- what is kept ------------------------------------------------------------------------------


def _content(r: Reader, month: int, person: int | None, now: int, take: bool) -> dict[str, Any]:
    period = periods.of_months(month)
    setup = ranking_setup.of(r)
    answer = ranking.live(r, period, now=now)
    ids = [row.person_id for row in answer.rows if row.person_id is not None]
    full, half = setup.thresholds.full, setup.thresholds.half
    return {
        "format": FORMAT,
        "first_day": period.first_day,
        "last_day": period.last_day,
        "by": None if person is None else people.person_of(r, person).name,
        "currency": answer.currency,
        "rows": [row_json(row) for row in answer.rows],
        "total": row_json(answer.total),
        "teams": [_team(r, period, team, now) for team in people.teams(r)],
        "thresholds": [str(full), str(half)],
        "plans": list(map(target_json, closing_corrections.targets(r, "plan", month))),
        "norms": list(map(target_json, closing_corrections.targets(r, "norm", month))),
        "points": _points(r, setup),
        "rates": [[one.currency, one.valid_from, plain(one.rate)] for one in settings.rates(r)],
        "bonus": {
            "by": settings.get(r, settings.BONUS_BY),
            "steps": [[one.from_percent, int(one.percent * 100)] for one in bonuses.steps(r)],
        },
        "taken": _taken(r, month, now) if take else [],
        "behind": closing_behind.behind_all(r, period, ids, now=now),
    }


def _team(r: Reader, period: Period, team: people.Team, now: int) -> dict[str, Any]:
    answer = ranking.live(r, period, now=now, team_id=team.id)
    return {
        "id": team.id,
        "name": team.name,
        "parent_id": team.parent_id,
        "lead_id": team.lead_id,
        "places": [[row.person_id, row.rank, row.rank_change] for row in answer.rows],
        "total": row_json(answer.total),
    }


def _points(r: Reader, setup: ranking_setup.Setup) -> list[list[Any]]:
    found = []
    for one in stage_points.points_history(r):
        stage = setup.stages.get(one.stage_id)
        if stage is not None and not stage.deleted:
            pipeline = setup.pipelines[stage.pipeline_id][0]
            found.append([stage.name, pipeline, one.valid_from, plain(one.points)])
    return found


def _taken(r: Reader, month: int, now: int) -> list[list[Any]]:
    found: list[list[Any]] = []
    for frozen in closing_frozen.every(r, now):
        if frozen.month < month:
            found += [
                [frozen.id, frozen.month, one.person_id, one.person, one.metric, str(one.now)]
                for one in closing_corrections.outstanding(r, frozen, now)
            ]
    return found


# --- questions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the list. ``moved``: a closed month some of whose numbers would be others today;
    ``left``: and no later closed month has taken all of that in yet."""

    month: int
    is_over: bool
    closing: Closing | None
    points: Decimal
    revenue: Decimal
    gross_profit: Decimal
    moved: bool = False
    left: bool = False


def months(r: Reader, *, now: int, count: int = 13) -> list[Month]:
    """The present month and those before, the latest first; no further back than the first deal,
    but for closed ones."""
    present = moments.month_of(r.zone.day_of(now))
    first = r.value("SELECT min(at) FROM reach")
    earliest = present if first is None else moments.month_of(r.zone.day_of(first))
    closed = {one.month: one for one in closing_frozen.every(r, now)}
    wanted = set(range(max(earliest, present - count + 1), present + 1)) | closed.keys()
    return [_month(r, month, closed.get(month), now) for month in sorted(wanted, reverse=True)]


def month_of(r: Reader, month: int, *, now: int) -> Month:
    """Any month, as the list tells it."""
    return _month(r, month, closing_frozen.found(r, month, now), now)


def _month(r: Reader, month: int, frozen: Frozen | None, now: int) -> Month:
    answer = ranking.ranking(r, periods.of_months(month), now=now)
    total = answer.total
    moved = left = False
    if frozen is not None:
        changed = closing_corrections.changed_numbers(r, frozen, now)
        moved = bool(changed)
        left = bool(closing_corrections.outstanding_of(r, frozen, changed, now))
    return Month(
        month, is_over(r, month, now), answer.closed, total.points, total.revenue,
        total.gross_profit, moved, left,
    )  # fmt: skip


def closed_within(r: Reader, period: Period, *, now: int) -> list[tuple[int, bool]]:
    """The closed months that lie wholly in a longer period, and whether their numbers have moved
    since: such a period is counted from what the workspace holds now."""
    if period.whole_months() == 1:
        return []
    return [
        (frozen.month, closing_corrections.has_moved(r, frozen, now))
        for frozen in closing_frozen.every(r, now)
        if period.contains(frozen.period.first_day) and period.contains(frozen.period.last_day)
    ]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at before a month is closed.

    ``kind``: ``nobody`` (no person has a row), ``no_amount`` (deals won without an amount),
    ``no_plan`` (people without the plan that counts for bonuses), ``no_rate`` (currencies),
    ``no_steps`` (no table of bonuses), ``corrections`` (of an earlier closed month),
    ``open_before`` (earlier months that are open).
    ``names`` are titles, names, codes or months (``2026-10``), ``ids`` their keys.
    """

    kind: str
    names: tuple[str, ...]
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What closing a month would keep, and what is still doubtful."""

    month: int
    is_over: bool
    ranking: Ranking
    plans: int
    norms: int
    teams: int
    rates: int
    steps: int
    doubts: tuple[Doubt, ...]


def outlook(r: Reader, month: int, *, now: int) -> Outlook:
    """How a month stands before it is closed; of one that has not begun nothing is doubtful."""
    answer = ranking.live(r, periods.of_months(month), now=now)
    plans = closing_corrections.targets(r, "plan", month)
    table = bonuses.steps(r)
    doubts = () if not is_begun(r, month, now) else (
        Doubt("nobody", () if answer.rows else ("",)),
        _no_amount(r, answer, now), _no_plan(r, answer), Doubt("no_rate", answer.unrated),
        Doubt("no_steps", () if table else ("",)), *_open_corrections(r, month, now),
        _open_before(r, month, now),
    )  # fmt: skip
    return Outlook(
        month, is_over(r, month, now), answer, len(plans),
        len(closing_corrections.targets(r, "norm", month)), len(people.teams(r)),
        len(settings.rates(r)), len(table), tuple(one for one in doubts if one.names),
    )  # fmt: skip


def _no_amount(r: Reader, answer: Ranking, now: int) -> Doubt:
    ids = [row.person_id for row in answer.rows if row.person_id is not None and row.won]
    behind = closing_behind.behind_one(r, answer.period, ids, "won", now=now)
    deals = {deal for own in behind.values() for deal in own}
    rows = r.rows_of("SELECT id, title FROM deal WHERE amount IS NULL AND id IN ({ids})", deals)
    return Doubt("no_amount", tuple(row[1] for row in rows), tuple(row[0] for row in rows))


def _no_plan(r: Reader, answer: Ranking) -> Doubt:
    by = settings.get(r, settings.BONUS_BY)
    rows = [row for row in answer.rows if not row.plans.get(by)]
    return Doubt("no_plan", tuple(row.person for row in rows),
                 tuple(row.person_id for row in rows if row.person_id is not None))  # fmt: skip


def _open_corrections(r: Reader, month: int, now: int) -> list[Doubt]:
    return [
        Doubt("corrections", (month_text(frozen.month),), (frozen.month,))
        for frozen in closing_frozen.every(r, now)
        if frozen.month < month and closing_corrections.outstanding(r, frozen, now)
    ]


def _open_before(r: Reader, month: int, now: int) -> Doubt:
    """Earlier open months of this year and the last, once any month was closed."""
    closed = {one.month for one in closing_frozen.every(r, now)}
    first = min(closed, default=month)
    found = [one for one in range(max(first, month - 12), month) if one not in closed]
    return Doubt("open_before", tuple(map(month_text, found)), tuple(found))
