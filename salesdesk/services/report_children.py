"""The report on child deals as a table like all others; what its rows are is said in
``reports_children``.

Its filter of deals is about the parents: "out of deals sold in March" is a filter of them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import report_parts as parts
from salesdesk.services import reports_children
from salesdesk.services.board import currency
from salesdesk.services.levels import Level
from salesdesk.services.report_parts import WHOLE
from salesdesk.services.report_table import (
    Behind,
    Chart,
    Choice,
    Column,
    Query,
    Report,
    Row,
    Table,
    Thing,
    Value,
)
from salesdesk.services.reports_children import Asked, Child
from salesdesk.text import N_, ntr

_DEADLINES = {"all": N_("All"), "late": N_("Late"), "open": N_("Not done yet")}
_PARENTS = {"any": N_("Any"), "open": N_("Open"), "won": N_("Won"), "lost": N_("Lost")}


def _contractors(r: Reader) -> Mapping[str, str]:
    rows = r.rows("SELECT id, name FROM contractor WHERE deleted_at IS NULL ORDER BY name_key, id")
    return {str(key): name for key, name in rows}


DEADLINE = Choice("deadline", N_("Deadline"), "all", _DEADLINES)
PARENTS = Choice("parents", N_("Parent deal"), "any", _PARENTS)
CONTRACTOR = Choice("contractor", N_("Contractor"), "any", {"any": N_("Any")}, offered=_contractors)
_COLUMNS = (
    Column("title", N_("Title"), "text"),
    Column("number", N_("Deal number")),
    Column("pipeline", N_("Pipeline"), "text"),
    Column("stage", N_("Stage"), "text"),
    Column("person", N_("Person"), "text"),
    Column("planned", N_("Planned"), "day", N_("The deadline: of its contractors, else its own")),
    Column("actual", N_("Actual"), "day", N_("When all of it was done")),
    Column("late_days", N_("Days late"), about=N_("From the planned day on"), opens=True),
    Column("contractors", N_("Contractor"), "text"),
    Column("parent", N_("Parent deal"), "text"),
    Column("parent_stage", N_("Stage of the parent"), "text"),
    Column("parent_person", N_("Its person"), "text"),
    Column("company", N_("Company"), "text"),
    Column("amount", N_("Amount"), "amount"),
    Column("cost", N_("Cost"), "amount"),
    Column("currency", N_("Currency"), "text"),
    Column("created", N_("Created"), "day"),
)
_LATE = "late_days"


def _read(r: Reader, query: Query, *, now: int) -> Table:
    rows = _children(r, query, now)
    late = [one for one in rows if one.overdue]
    cells: list[Value] = [None] * len(_COLUMNS)
    cells[parts.place(_COLUMNS, _LATE)] = sum(one.late_days or 0 for one in late)
    notes = ntr("{n} child deal", "{n} child deals", len(rows))
    said = ntr("{n} of them is late", "{n} of them are late", len(late))
    return Table(
        _COLUMNS, tuple(_row(one) for one in rows), currency(r), Row(tuple(cells), WHOLE),
        Chart("columns", "person", (_LATE,), split="pipeline") if late else None,
        (notes, said) if late else (notes,) if rows else (),
    )  # fmt: skip


def _children(r: Reader, query: Query, now: int) -> list[Child]:
    """The children asked for."""
    contractor, kind = REPORT.chosen(query, "contractor"), REPORT.chosen(query, "parents")
    stages = None
    if kind != "any":
        stages = frozenset(row[0] for row in r.rows("SELECT id FROM stage WHERE kind = ?", (kind,)))
    deadline = REPORT.chosen(query, "deadline")
    asked = Asked(
        query.deals, stages, query.pipeline_id, query.person_id, query.team_id,
        None if contractor == "any" else int(contractor), deadline == "late",
    )  # fmt: skip
    found = reports_children.children(r, query.period, asked, now=now)
    found = [one for one in found if deadline != "open" or _is_open(one)]
    return sorted(found, key=lambda one: -(one.late_days or 0))  # the latest first, then by day


def _is_open(one: Child) -> bool:
    return one.actual_day is None and one.kind != "lost"


def _row(one: Child) -> Row:
    levels: dict[str, Level] = {_LATE: "over"} if one.overdue else {}
    cells: tuple[str | int | Decimal | None, ...] = (
        one.title, one.number, one.pipeline, one.stage, parts.label("person", one.person),
        one.planned_day, one.actual_day, one.late_days, one.contractors, one.parent,
        one.parent_stage, parts.label("person", one.parent_person), one.company, one.amount,
        one.cost, one.currency, one.created_day,
    )  # fmt: skip
    nameless = [
        key
        for key, name in (("person", one.person), ("parent_person", one.parent_person))
        if name is None
    ]
    return Row(cells, (one.id,), levels, deal_id=one.id, nameless=tuple(nameless))


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    """The late children themselves."""
    return parts.listed(
        [
            Thing(one.title, one.late_days or 0, one.parent, deal_id=one.id)
            for one in _children(r, query, now)
            if key in (WHOLE, (one.id,)) and one.late_days
        ]
    )


REPORT = Report(
    "children",
    N_("Child deals"),
    N_("Child deals by their parents, with planned and actual deadlines"),
    frozenset({"pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    (DEADLINE, PARENTS, CONTRACTOR),
)
