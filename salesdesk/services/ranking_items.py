"""The single deals, tasks and reaches that a person's numbers count, found through the indexes.

Rows that began in the period, rows that ended after its beginning, and rows that go on still
(through the deals and tasks that are the person's now) are all there is: history before the period
is not walked through.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.services.ranking_numbers import Span
from salesdesk.services.ranking_setup import Scope

_OF_TASKS = frozenset((derive.TASK, derive.OVERDUE, derive.POSTPONED))


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose numbers of which period."""

    r: Reader
    span: Span
    scope: Scope
    person_id: int


@dataclass(frozen=True, slots=True)
class Item:
    """A deal or a task that counts, since (or at) ``at``."""

    at: int
    deal_id: int | None = None
    task_id: int | None = None
    stage_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """A reach of the person, or an entry that is none (``counts`` false) and why."""

    deal_id: int
    stage_id: int
    move_id: int
    at: int
    day: int
    counts: bool = True
    already: int | None = None
    ruling: str | None = None
    reason: str | None = None
    credited_to: str | None = None


# --- holds -------------------------------------------------------------------------------------

_COLUMNS = "item_id, start, scope_id, stop"


def _going_on(asked: Asked, kind: int) -> list[tuple[Any, ...]]:
    """Holds without an end: of what is the person's now."""
    if kind in _OF_TASKS:
        own = "SELECT id FROM task WHERE assignee_id = ? AND state = 'open' AND deleted_at IS NULL"
    else:
        own = "SELECT id FROM deal WHERE owner_id = ? AND deleted_at IS NULL"
    return asked.r.rows(
        f"SELECT {_COLUMNS} FROM hold WHERE item_id IN ({own}) AND kind = ? AND person_id = ? "
        "AND start < ? AND stop IS NULL",
        (asked.person_id, kind, asked.person_id, asked.span.stop),
    )


def _ended_after(asked: Asked, kind: int, moment: int) -> list[tuple[Any, ...]]:
    """Holds that began before the period's end and ended at or after a moment."""
    return asked.r.rows(
        f"SELECT {_COLUMNS} FROM hold WHERE stop >= ? AND kind = ? AND person_id = ? AND start < ?",
        (moment, kind, asked.person_id, asked.span.stop),
    )


def _begun(asked: Asked, kind: int) -> list[tuple[Any, ...]]:
    """Holds (or points) that began in the period."""
    return asked.r.rows(
        f"SELECT {_COLUMNS} FROM hold WHERE start >= ? AND start < ? AND kind = ? "
        "AND person_id = ?",
        (asked.span.start, asked.span.stop, kind, asked.person_id),
    )


def _items(asked: Asked, kind: int, rows: Iterable[tuple[Any, ...]]) -> list[Item]:
    """One item a deal (or task), with its earliest row."""
    first: dict[int, int] = {}
    for item, start, scope, _stop in rows:
        if asked.scope.holds(scope):
            first[item] = min(first.get(item, start), start)
    if kind in _OF_TASKS:
        return [Item(at, task_id=item) for item, at in first.items()]
    return [Item(at, deal_id=item) for item, at in first.items()]


def _overlapping(kind: int) -> Callable[[Asked], list[Item]]:
    def found(asked: Asked) -> list[Item]:
        rows = _ended_after(asked, kind, asked.span.start + 1) + _going_on(asked, kind)
        return _items(asked, kind, rows)

    return found


def _at_the_end(kind: int) -> Callable[[Asked], list[Item]]:
    def found(asked: Asked) -> list[Item]:
        rows = _ended_after(asked, kind, asked.span.stop) + _going_on(asked, kind)
        return _items(asked, kind, rows)

    return found


def _new(asked: Asked) -> list[Item]:
    return _items(asked, derive.NEW, _begun(asked, derive.NEW))


def _lost(asked: Asked) -> list[Item]:
    rows = [row for row in _begun(asked, derive.LOST)
            if row[3] is None or row[3] >= asked.span.stop]  # fmt: skip
    return _items(asked, derive.LOST, rows)


def _postponements(asked: Asked) -> list[Item]:
    return [
        Item(start, task_id=item)
        for item, start, scope, _stop in _begun(asked, derive.POSTPONED)
        if asked.scope.holds(scope)
    ]


#: The numbers that count holds.
BY_METRIC: dict[str, Callable[[Asked], list[Item]]] = {
    "requests_total": _overlapping(derive.SEEN),
    "in_work": _at_the_end(derive.OPEN),
    "requests_new": _new,
    "lost": _lost,
    "tasks_total": _overlapping(derive.TASK),
    "tasks_overdue": _at_the_end(derive.OVERDUE),
    "deals_without_tasks": _at_the_end(derive.IDLE),
    "postponements": _postponements,
}


def standing(asked: Asked, milestone: str) -> list[Item]:
    """Deals of the person that stand in a stage of the milestone at the period's end."""
    rows = asked.r.rows_of(
        "SELECT deal_id, start, stage_id FROM span WHERE owner_id = ? AND start < ? "
        "AND (stop IS NULL OR stop >= ?) AND stage_id IN ({ids})",
        asked.scope.with_milestone(milestone),
        (asked.person_id, asked.span.stop, asked.span.stop),
    )
    return [Item(start, deal_id=deal, stage_id=stage) for deal, start, stage in rows]


# --- reaches -----------------------------------------------------------------------------------


def reaches(asked: Asked) -> list[Reach]:
    """The person's reaches in the period, in order."""
    rows = asked.r.rows(
        "SELECT deal_id, stage_id, move_id, at, day, credited FROM reach "
        "WHERE at >= ? AND at < ? AND person_id = ? ORDER BY at, deal_id, stage_id",
        (asked.span.start, asked.span.stop, asked.person_id),
    )
    rulings = _rulings(asked.r, {row[2] for row in rows if row[5]})
    found = []
    for deal, stage, move, at, day, credited in rows:
        if stage in asked.scope.stages:
            ruling = rulings.get((move, stage)) if credited else None
            kind, reason = ("credit", ruling[1]) if ruling else (None, None)
            found.append(Reach(deal, stage, move, at, day, ruling=kind, reason=reason))
    return found


def uncounted(asked: Asked) -> list[Reach]:
    """Entries with which the person was responsible in the period and that earn the person nothing:
    the stage had been reached before, or a ruling took the reach away."""
    rows = asked.r.rows(
        "SELECT m.deal_id, m.to_stage_id, m.id, m.at, r.at, r.move_id, r.person_id "
        "FROM stage_move m JOIN span s ON s.deal_id = m.deal_id AND s.stage_id = m.to_stage_id "
        "AND s.start <= m.at AND (s.stop IS NULL OR s.stop > m.at) AND s.owner_id = ? "
        "LEFT JOIN reach r ON r.deal_id = m.deal_id AND r.stage_id = m.to_stage_id "
        "WHERE m.at >= ? AND m.at < ? AND m.undone = 0 AND m.superseded = 0",
        (asked.person_id, asked.span.start, asked.span.stop),
    )
    rulings = _rulings(asked.r, {row[2] for row in rows})
    found = []
    for deal, stage, move, at, reached_at, by_move, holder in rows:
        if stage not in asked.scope.stages or (by_move == move and holder == asked.person_id):
            continue
        kind, reason, name = rulings.get((move, stage), (None, None, None))
        already = reached_at if by_move != move and kind != "void" else None
        if kind not in ("void", "credit"):
            kind, reason, name = None, None, None
            if already is None or already > at:
                continue
        day = asked.r.zone.day_of(at)
        found.append(Reach(deal, stage, move, at, day, False, already, kind, reason, name))
    return found


def _rulings(
    r: Reader, moves: set[int]
) -> dict[tuple[int, int], tuple[str | None, str | None, str | None]]:
    """The latest ruling that stands, by (move, stage): kind, reason, name of who is credited."""
    return {
        (move, stage): (kind, reason, name)
        for move, stage, kind, reason, name in r.rows_of(
            "SELECT u.move_id, u.stage_id, u.kind, u.reason, p.name FROM reach_ruling u "
            "LEFT JOIN person p ON p.id = u.person_id WHERE u.undone = 0 AND u.move_id IN ({ids}) "
            "ORDER BY u.seq",
            moves,
        )
    }
