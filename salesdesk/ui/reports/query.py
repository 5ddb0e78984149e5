"""What the page asks for in the background: a report, and what is behind one of its numbers."""

import json
from dataclasses import dataclass, replace
from typing import Any

from salesdesk.services import filters, report_catalog, report_table
from salesdesk.services.report_table import Behind, Column, Query, Report, Row, Table, Thing
from salesdesk.text import N_, tr
from salesdesk.ui.reports.cells import Wording

#: Stands for nobody among people: a filter that nobody passes.
_NO_ONE = frozenset((-1,))


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a report: the key of its row, and of its column."""

    row: tuple[Any, ...]
    column: str

    def text(self) -> str:
        """As an address has it."""
        return json.dumps([self.row, self.column], ensure_ascii=False, separators=(",", ":"))


def cell_of(text: str) -> Cell | None:
    """The cell of an address; None where it is none."""
    try:
        row, column = json.loads(text)
    except (ValueError, TypeError):
        return None
    if not isinstance(row, list) or not isinstance(column, str):
        return None
    return Cell(_tuples(row), column)


def _tuples(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuples(each) if isinstance(each, list) else each for each in values)


@dataclass(frozen=True, slots=True)
class Asked:
    """A report of what, by whom ("mine" are the deals of ``person_id``). ``listed``: not the
    report, but the list of what is behind that number."""

    report: str
    query: Query
    person_id: int | None = None
    listed: Cell | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, the report, and its table; of a list the names of the row and the column
    whose number it is behind."""

    asked: Asked
    report: Report
    table: Table
    names: tuple[str, ...] = ()


def read(r: Any, asked: Asked, *, now: int) -> Answer:
    """The table."""
    report = report_catalog.report(asked.report)
    if asked.listed is not None:
        table = report_table.read(r, report, settled(r, asked), now=now)
        found = behind(r, asked, asked.listed, now=now)
        names = _names(table, Wording(table, r.zone, now), asked.listed)
        return Answer(asked, report, listing(found, table.currency), names)
    return Answer(asked, report, report_table.read(r, report, settled(r, asked), now=now))


def _names(table: Table, words: Wording, cell: Cell) -> tuple[str, ...]:
    """What a cell stands for; nothing of one that is gone."""
    every = (*table.rows, *([table.total] if table.total is not None else []))
    row = next((row for row in every if row.key == cell.row), None)
    column = next((column for column in table.columns if column.key == cell.column), None)
    if row is None or column is None:
        return ()
    return *words.names(row), words.name(column)


def behind(r: Any, asked: Asked, cell: Cell, *, now: int) -> Behind:
    """What a number counts."""
    report = report_catalog.report(asked.report)
    if report.behind is None:
        return Behind(())
    return report.behind(r, settled(r, asked), cell.row, cell.column, now=now)


def settled(r: Any, asked: Asked) -> Query:
    """The question with the people that its filter of deals comes to for whoever asks."""
    chosen = asked.query.deals
    if chosen.is_whole():
        return asked.query
    found = filters.resolved(r, chosen, asked.person_id)
    if found.owner_ids is not None:
        people = found.owner_ids or _NO_ONE
        found = replace(found, who="", teams=frozenset(), people=people, owner_ids=people)
    return replace(asked.query, deals=found)


def earliest(r: Any) -> int:
    """The day of the first move of all."""
    first = r.value("SELECT min(at) FROM stage_move WHERE undone = 0")
    return int(r.zone.day_of(first)) if first is not None else 1


# -- what is behind a number, as a table -----------------------------------------------------------


def listing(found: Behind, currency: str) -> Table:
    """The things behind a number as a table of their own."""
    counted = found.holds == "count"
    dated = any(thing.at is not None for thing in found.things)
    told = any(thing.about for thing in found.things)
    columns = [Column("title", N_("Name"), "text")]
    columns += [Column("about", N_("About"), "text")] if told else []
    columns += [Column("at", N_("When"), "moment")] if dated else []
    columns += [] if counted else [Column("value", N_("Value"), found.holds)]
    kept = {column.key for column in columns}
    rows = tuple(_row(thing, kept) for thing in found.things)
    notes = (tr("{n} more are not listed.", n=found.more),) if found.more else ()
    return Table(tuple(columns), rows, currency, notes=notes)


def _row(thing: Thing, kept: set[str]) -> Row:
    cells = {"title": thing.title, "about": thing.about, "at": thing.at, "value": thing.value}
    signs = {} if thing.counts else {"title": tr("Does not count")}
    return Row(
        tuple(value for key, value in cells.items() if key in kept),
        goal_of(thing) or (), signs=signs, deal_id=thing.deal_id, client_id=thing.client_id,
    )  # fmt: skip


def goal_of(thing: Thing) -> tuple[str, int] | None:
    """The page that shows a thing, and its id there."""
    goals = (("tasks", thing.task_id), ("board", thing.deal_id), ("clients", thing.client_id),
             ("contractors", thing.contractor_id))  # fmt: skip
    return next(((page, key) for page, key in goals if key is not None), None)
