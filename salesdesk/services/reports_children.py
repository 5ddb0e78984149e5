"""The report on child deals: filtered by any field of their parent, with what they were to be done
by and when they were.

A child with accepted prices of contractors has their deadlines: the latest planned day, and the
latest actual one once all of them are done. One that was won while work of it is not marked as done
was ready on the day of the win, or on that of its last work done if that is later: it is late no
more. Without accepted prices the expected close date is the plan, and the day on which it was won
the fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import amounts, filters
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.reports_moves import filter_of

_ROWS = (
    "SELECT d.id, d.number, d.title, l.name, s.name, s.kind, o.name, c.name, d.amount, d.cost, "
    "d.currency, d.created_at, d.closed_at, d.expected_day, p.id, p.number, p.title, pl.name, "
    "ps.name, po.name, q.names, q.planned, q.actual, q.open "
    "FROM deal d JOIN stage s ON s.id = d.stage_id JOIN pipeline l ON l.id = d.pipeline_id "
    "LEFT JOIN person o ON o.id = d.owner_id LEFT JOIN client c ON c.id = d.client_id "
    "JOIN deal p ON p.id = d.parent_id AND p.deleted_at IS NULL "
    "JOIN stage ps ON ps.id = p.stage_id JOIN pipeline pl ON pl.id = p.pipeline_id "
    "LEFT JOIN person po ON po.id = p.owner_id "
    "LEFT JOIN (SELECT a.deal_id, group_concat(DISTINCT k.name) AS names, "
    "max(a.planned_day) AS planned, max(a.actual_day) AS actual, "
    "sum(a.actual_day IS NULL) AS open FROM contractor_quote a "
    "JOIN contractor k ON k.id = a.contractor_id WHERE a.accepted = 1 AND a.deleted_at IS NULL "
    "GROUP BY a.deal_id) q ON q.deal_id = d.id WHERE d.deleted_at IS NULL "
)


_EVERY = BoardFilter()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the children and of their parents; nothing asks for all.

    ``parent`` is a filter of deals (``filters``), ``parent_stages`` the stages where the parent may
    stand; ``overdue``: only children that are late.
    """

    parent: BoardFilter = _EVERY
    parent_stages: frozenset[int] | None = None
    pipeline_id: int | None = None
    person_id: int | None = None
    team_id: int | None = None
    contractor_id: int | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """A child deal beside its parent.

    Days are ordinals: ``planned_day`` and ``actual_day`` of its deadline. ``late_days`` counts from
    the planned day to the actual one, or to today while it is open; 0 in time, None without a plan.
    ``contractors`` are those whose prices were accepted.
    """

    id: int
    number: int
    title: str
    pipeline: str
    stage: str
    kind: str
    person: str | None
    company: str | None
    amount: Decimal | None
    cost: Decimal | None
    currency: str
    created_day: int
    planned_day: int | None
    actual_day: int | None
    late_days: int | None
    contractors: str | None
    parent_id: int
    parent_number: int
    parent: str
    parent_pipeline: str
    parent_stage: str
    parent_person: str | None

    @property
    def overdue(self) -> bool:
        """Whether it was or is later than planned."""
        return bool(self.late_days)


def children(r: Reader, period: Period, asked: Asked, *, now: int) -> list[Child]:
    """Child deals made in the period, by the planned day (those without one last)."""
    start, stop = period.moments(r.zone, now)
    sql, params = _conditions(r, asked, now)
    today = r.zone.day_of(now)
    found = [
        _child(r, row, today)
        for row in r.rows(
            f"{_ROWS} AND d.created_at >= ? AND d.created_at < ?{sql}", (start, stop, *params)
        )
    ]
    found = [one for one in found if one.overdue or not asked.overdue]
    found.sort(key=lambda one: (one.planned_day is None, one.planned_day or 0, one.id))
    return found


def _conditions(r: Reader, asked: Asked, now: int) -> tuple[str, list[Any]]:
    about = filter_of(r, None, asked.person_id, asked.team_id)
    sql, params = about.of_persons("d.owner_id"), list[Any]()
    if asked.pipeline_id is not None:
        sql += " AND d.pipeline_id = ?"
        params.append(asked.pipeline_id)
    if asked.contractor_id is not None:
        sql += (
            " AND (d.id IN (SELECT deal_id FROM contractor_quote WHERE contractor_id = ? "
            "AND accepted = 1 AND deleted_at IS NULL) OR d.id IN (SELECT deal_id FROM payment "
            "WHERE contractor_id = ? AND deleted_at IS NULL))"
        )
        params += [asked.contractor_id] * 2
    if asked.parent_stages is not None:
        keys = keys_in(asked.parent_stages)
        sql += f" AND p.stage_id IN ({keys})"
    if not asked.parent.is_whole():
        chosen = asked.parent
        if chosen.owner_ids is None:
            chosen = filters.resolved(r, chosen, None)
        where, given = filters.where(chosen, now, r.zone)
        sql += (
            " AND p.id IN (SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id "
            f"WHERE d.deleted_at IS NULL{where})"
        )
        params += given
    return sql, params


def _child(r: Reader, row: Sequence[Any], today: int) -> Child:
    kind, closed, expected = row[5], row[12], row[13]
    names, agreed, done, unfinished = row[20:24]
    actual: int | None = None
    won = r.zone.day_of(closed) if kind == "won" and closed is not None else None
    if names is None:
        actual = won
    elif not unfinished:
        actual = done
    elif won is not None:  # work that nobody marked as done was done by the win
        actual = max(won, done or won)
    planned = expected if agreed is None else agreed
    money = (None if kept is None else amount_of(kept) for kept in row[8:10])
    late = _late(kind, planned, actual, today)
    cells: tuple[Any, ...] = (
        *row[:8], *money, row[10], r.zone.day_of(row[11]), planned, actual, late, names,
        *row[14:20],
    )  # fmt: skip
    return Child(*cells)


def _late(kind: str, planned: int | None, actual: int | None, today: int) -> int | None:
    """How many days late; what was given up is not late any more."""
    if planned is None or (kind == "lost" and actual is None):
        return None
    return max(0, (today if actual is None else actual) - planned)


def children_json(rows: Sequence[Child]) -> dict[str, Any]:
    """The document of ``salesdesk report children --json``."""
    return {"rows": [_line(row) for row in rows]}


def _line(one: Child) -> dict[str, Any]:
    return {
        "id": one.id, "number": one.number, "title": one.title, "pipeline": one.pipeline,
        "stage": one.stage, "kind": one.kind, "person": one.person, "company": one.company,
        "amount": _money(one.amount), "cost": _money(one.cost), "currency": one.currency,
        "created": _day(one.created_day), "planned": _day(one.planned_day),
        "actual": _day(one.actual_day), "late_days": one.late_days, "overdue": one.overdue,
        "contractors": one.contractors, "parent_id": one.parent_id,
        "parent_number": one.parent_number, "parent": one.parent,
        "parent_pipeline": one.parent_pipeline, "parent_stage": one.parent_stage,
        "parent_person": one.parent_person,
    }  # fmt: skip


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else amounts.written(amount)


def _day(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()
