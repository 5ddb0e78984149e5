"""Reports: ``report NAME --from --to``."""

import argparse
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, children, report_tables, tables
from salesdesk.commands.numbers import add_period, period_of, told_written, written
from salesdesk.commands.session import Session
from salesdesk.commands.take import add_output, output_path
from salesdesk.errors import NotBuilt
from salesdesk.services import report_catalog
from salesdesk.services.exporting import SUFFIXES, Cell, Sheet
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader
    from salesdesk.services.periods import Period
    from salesdesk.services.report_table import Holds, Query, Report

#: Reports whose documents are older than their tables, and a promise to scripts as they are.
KEPT = ("transitions", "stage-time", "funnel", "children")
#: Columns of the documents, for people.
HEADINGS = {
    "period": N_("Period"),
    "pipeline": N_("Pipeline"),
    "stage": N_("Stage"),
    "from": N_("From"),
    "person": N_("Person"),
    "team": N_("Team"),
    "count": N_("Moves"),
    "reached": N_("Reached"),
    "entered": N_("Entered"),
    "conversion_from_first": N_("Of the first"),
    "conversion_from_previous": N_("Of the one before"),
    "moves_out": N_("Moves out"),
    "median_days": N_("Median, days"),
    "mean_days": N_("Mean, days"),
    "p90_days": N_("90 % within, days"),
    "now_in_stage": N_("Now in stage"),
    **children.SHOWN,
}
_SHARES = ("conversion_from_first", "conversion_from_previous")


def report_arguments(parser: argparse.ArgumentParser) -> None:
    """``report NAME --from --to [--by] [--split] [--pipeline] [--person] [--team] [--output]`` and
    the own options of the reports."""
    names = report_catalog.NAMES
    parser.add_argument("name", choices=names, metavar=tr("NAME"), help=", ".join(names))
    add_period(parser)
    parser.add_argument(
        "--by", choices=("day", "week", "month"), default="day",
        help=tr("what transitions and workload are summed by (default: day)"),
    )  # fmt: skip
    parser.add_argument("--split", choices=("from",), help=tr("transitions by the stage left too"))
    parser.add_argument("--pipeline", metavar=tr("NAME"), help=tr("only this pipeline"))
    parser.add_argument("--person", metavar=tr("NAME"), help=tr("only this person"))
    parser.add_argument("--team", metavar=tr("NAME"), help=tr("only this team"))
    children.add_children(parser)
    with_own = [name for name in names if name != "children" and report_catalog.is_there(name)]
    report_tables.add_own(parser, map(report_catalog.report, with_own))
    add_output(parser)


def run_report(session: Session, options: argparse.Namespace) -> Answer:
    """The rows of a report."""
    period = period_of(options)
    children.refuse_elsewhere(options)
    path = None if options.output is None else output_path(options.output, SUFFIXES)
    if not report_catalog.is_there(options.name):
        raise NotBuilt(
            N_("The report “{name}” is not part of this version yet."), name=options.name
        )
    report = report_catalog.report(options.name)
    own = report_tables.own_of(report, options)
    with session.store() as store, store.read() as r:
        now = session.now(store.zone)
        if options.name not in KEPT or own:
            return _table(r, report, options, period, own, now, path)
        document = _document(r, period, options, now)
        if path is not None:
            return _kept_written(r, path, options, document)
    return Answer(document, lambda: _text(period, document["rows"]))


def _table(
    r: "Reader", report: "Report", options: argparse.Namespace, period: "Period",
    own: dict[str, str], now: int, path: Path | None,
) -> Answer:  # fmt: skip
    """A report by its table."""
    from salesdesk.services.report_table import Query

    limits: Any = whose(r, options)
    query = Query(period, options.by, own=own, **limits)
    table, zone = report.read(r, query, now=now), r.zone
    document = report_tables.document(table, zone)
    if path is not None:
        report_tables.write(r, path, report, table, period, _words(report, options, query))
        return told_written(path, document)
    days = tables.day(zone.day_of(now)) if report.timeless else period.label()
    return Answer(document, lambda: report_tables.text(days, table, zone))


def _words(
    report: "Report", options: argparse.Namespace, query: "Query"
) -> tuple[tuple[str, str], ...]:
    """What was asked beside the period, for whoever opens the file."""
    asked = ((tr("Pipeline"), options.pipeline), (tr("Team"), options.team),
             (tr("Person"), options.person))  # fmt: skip
    own = [(choice, report.chosen(query, choice.key)) for choice in report.own]
    return (
        *((name, words) for name, words in asked if words),
        *((tr(choice.title), tr(choice.values.get(value, value))) for choice, value in own),
    )


def whose(r: "Reader", options: argparse.Namespace) -> dict[str, int | None]:
    """The pipeline, the person and the team asked for."""
    from salesdesk.commands.finding import find_pipeline
    from salesdesk.services import people

    return {
        "pipeline_id": find_pipeline(r, options.pipeline).id if options.pipeline else None,
        "person_id": people.find_person(r, options.person).id if options.person else None,
        "team_id": people.find_team(r, options.team).id if options.team else None,
    }


def _document(
    r: "Reader", period: "Period", options: argparse.Namespace, now: int
) -> dict[str, Any]:
    from salesdesk.services import reports

    chosen: dict[str, Any] = {"now": now, **whose(r, options)}
    if options.name == "children":
        return children.children_document(r, period, options, chosen)
    if options.name == "transitions":
        split = options.split == "from"
        rows = reports.transitions(r, period, options.by, split_from=split, **chosen)
        return reports.transitions_json(rows, split_from=split)
    if options.name == "funnel":
        return reports.funnel_json(reports.funnel(r, period, **chosen))
    return reports.stage_time_json(reports.stage_time(r, period, **chosen))


def _kept_written(
    r: "Reader", path: Path, options: argparse.Namespace, document: dict[str, Any]
) -> Answer:
    """A document as a file: CSV with its values alone, XLSX with their formats."""
    rows = document["rows"]
    if path.suffix.lower() == ".csv":
        return written(path, _sheet(options.name, rows), document)
    from salesdesk.services import settings
    from salesdesk.services.report_table import Row

    holds = {key: _holds(key, rows, options.by) for key in (rows[0] if rows else ["stage"])}
    lines = [Row(tuple(_value(_cell(key, row[key])) for key in holds)) for row in rows]
    home = settings.get(r, settings.CURRENCY)
    report_tables.write_keyed(r, path, options.name, holds, lines, home)
    return told_written(path, document)


def _holds(key: str, rows: list[dict[str, Any]], by: str) -> "Holds":
    """What a column of a document holds."""
    if key == "period":
        return "month" if by == "month" else "day"
    if key in children.DAYS:
        return "day"
    if key in children.MONEY:
        return "amount"
    if key in _SHARES:
        return "share"
    if key.endswith("_days") and key != "late_days":
        return "days"
    number = key not in ("id", "number") and not key.endswith("_id")
    return "count" if number and any(isinstance(row[key], int) for row in rows) else "text"


def _value(cell: Cell) -> Any:
    """A day by its number, as tables have it."""
    return cell.toordinal() if isinstance(cell, date) else cell


def _sheet(name: str, rows: list[dict[str, Any]]) -> Sheet:
    from salesdesk.services import exporting

    headings = list(rows[0]) if rows else ["stage"]
    return exporting.sheet(name, headings, [[_cell(k, row[k]) for k in headings] for row in rows])


def _cell(name: str, value: Any) -> Cell:
    """What a document says as text, as a date or number where it is one."""
    if name in ("period", *children.DAYS) and value is not None:
        return date.fromisoformat(value)
    if name in children.MONEY and value is not None:
        return Decimal(value)
    if name in _SHARES or name.endswith("_days"):
        return None if value is None else Decimal(str(value))
    found: Cell = value
    return found


def _text(period: "Period", rows: list[dict[str, Any]]) -> str:
    if not rows:
        return f"{period.label()}\n\n{tr('Nothing happened in this time.')}"
    names = [name for name in rows[0] if name in HEADINGS or not _is_child(rows[0])]
    shown = [[_shown(name, row[name]) for name in names] for row in rows]
    right = [place for place, name in enumerate(names) if _is_number(name, rows)]
    heads = [tr(HEADINGS[name]) if name in HEADINGS else name for name in names]
    return f"{period.label()}\n\n{tables.table(heads, shown, right)}"


def _is_child(row: dict[str, Any]) -> bool:
    """A row of the report on children says more than people are shown."""
    return "parent_id" in row


def _is_number(name: str, rows: list[dict[str, Any]]) -> bool:
    return name in _SHARES or name.endswith("_days") or isinstance(rows[0][name], int)


def _shown(name: str, value: Any) -> str:
    from salesdesk.ui import formats

    if value is None:
        return tables.NONE
    if isinstance(value, int):
        return tables.count(value)
    if name in ("period", *children.DAYS):
        return tables.day(date.fromisoformat(value).toordinal())
    if name in _SHARES:
        return f"{formats.decimal(Decimal(value) * 100, 1)} %"
    if name.endswith("_days"):
        return formats.decimal(Decimal(str(value)), 1)
    return str(value)
