"""The single deals, tasks and reaches that a person's numbers count, found through the indexes.

Rows that began in the period, rows that ended after its beginning, and rows that go on still
(through the deals and tasks that are the person's now) are all there is: history before the period
is not walked through.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.services.ranking_numbers import Span
from salesdesk.services.ranking_setup import Scope
from salesdesk.services.ranking_trial import Reached, Trial

_OF_TASKS = frozenset((derive.TASK, derive.OVERDUE, derive.POSTPONED))


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose numbers of which period."""

    r: Reader
    span: Span
    scope: Scope
    person_id: int
    #: other reaches than the saved ones are tried out
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A deal or a task that counts, since (or at) ``at``."""

    at: int
    deal_id: int | None = None
    task_id: int | None = None
    stage_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """A reach of the person, or an entry that is none (``counts`` false) and why.

    ``already``: the stage had been reached at this moment (by ``already_by``, another person).
    ``ruling`` is ``void`` or ``credit``, with its ``reason``, whom it is ``credited_to`` and who
    ruled (``by``). ``undone``: the move was taken back; ``deleted``: the deal was. ``instead``: who
    got the reach because the person is not in the ranking (empty: nobody did).
    """

    deal_id: int
    stage_id: int
    move_id: int
    at: int
    day: int
    counts: bool = True
    already: int | None = None
    already_by: str | None = None
    ruling: str | None = None
    reason: str | None = None
    credited_to: str | None = None
    by: str | None = None
    undone: bool = False
    deleted: bool = False
    instead: str | None = None


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
    found = [
        Reached(row[0], row[1], asked.person_id, *row[2:])
        for row in asked.r.rows(
            "SELECT deal_id, stage_id, at, day, move_id, credited FROM reach "
            "WHERE at >= ? AND at < ? AND person_id = ?",
            (asked.span.start, asked.span.stop, asked.person_id),
        )
    ]
    if asked.trial is not None:
        found = _tried(asked, asked.trial, found)
    found = sorted(
        (one for one in found if one.stage_id in asked.scope.stages),
        key=lambda one: (one.at, one.deal_id, one.stage_id),
    )
    ruled = rulings(asked.r, {one.move_id for one in found if one.credited})
    return [_reach(one, ruled) for one in found]


def newest(asked: Asked, people: Sequence[int], limit: int) -> list[tuple[int, Reach]]:
    """The newest ``limit`` saved reaches of these people in the period, with whose each is."""
    persons, stages = (", ".join(map(str, keys)) for keys in (people, asked.scope.stages))
    found = [
        Reached(*row)
        for row in asked.r.rows(
            "SELECT deal_id, stage_id, person_id, at, day, move_id, credited FROM reach "
            f"WHERE at >= ? AND at < ? AND +person_id IN ({persons}) AND stage_id IN ({stages}) "
            "ORDER BY at DESC, deal_id, stage_id LIMIT ?",
            (asked.span.start, asked.span.stop, limit),
        )
    ]
    ruled = rulings(asked.r, {one.move_id for one in found if one.credited})
    return [(one.person_id, _reach(one, ruled)) for one in found]


def _tried(asked: Asked, trial: Trial, saved: list[Reached]) -> list[Reached]:
    """The reaches of the person as they would be."""
    kept = [one for one in saved if one.deal_id not in trial.saved]
    return kept + [
        one
        for reaches in trial.tried.values()
        for one in reaches
        if one.person_id == asked.person_id and asked.span.start <= one.at < asked.span.stop
    ]


def _reach(one: Reached, ruled: "Rulings") -> Reach:
    ruling = ruled.get((one.move_id, one.stage_id)) if one.credited else None
    if ruling is None:
        return Reach(one.deal_id, one.stage_id, one.move_id, one.at, one.day)
    return Reach(
        one.deal_id, one.stage_id, one.move_id, one.at, one.day, ruling="credit",
        reason=ruling.reason, by=ruling.by,
    )  # fmt: skip


class Ruled(NamedTuple):
    """A ruling that stands: ``to`` is whom it credits, ``by`` who ruled."""

    kind: str
    reason: str
    to: str | None
    by: str | None


Rulings = dict[tuple[int, int], Ruled]


def rulings(r: Reader, moves: set[int]) -> Rulings:
    """The latest ruling that stands, by (move, stage)."""
    deals = r.rows_of("SELECT id, deal_id FROM stage_move WHERE id IN ({ids})", moves)
    of_deal = {row[1] for row in deals}
    return {
        (move, stage): Ruled(*rest)
        for move, stage, *rest in r.rows_of(
            "SELECT u.move_id, u.stage_id, u.kind, u.reason, p.name, b.name FROM reach_ruling u "
            "LEFT JOIN person p ON p.id = u.person_id LEFT JOIN person b ON b.id = u.by_id "
            "WHERE u.undone = 0 AND u.deal_id IN ({ids}) ORDER BY u.at, u.kind, u.seq",
            of_deal,
        )
        if move in moves
    }
