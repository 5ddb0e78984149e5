"""Any report at the command line, by its table alone: options, document, file and text."""

import argparse
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import WrongUsage, tables
from salesdesk.commands.values import iso
from salesdesk.moments import month_of
from salesdesk.services import amounts
from salesdesk.text import tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader
    from salesdesk.moments import Zone
    from salesdesk.services.periods import Period
    from salesdesk.services.report_table import Choice, Column, Holds, Report, Row, Table, Value

#: What was asked, as (name, words).
Told = tuple[tuple[str, str], ...]
#: Before the names of own options, in what was parsed.
_OWN = "own_"
_DAYS = ("day", "week", "month")
#: So many digits after the point has a length of time or a number, a share.
_FEW, _FOUR = 2, 4


# -- options --------------------------------------------------------------------------------------


def add_own(parser: argparse.ArgumentParser, reports: Iterable["Report"]) -> None:
    """The own options of reports, each key once."""
    found: dict[str, list[tuple[Report, Choice]]] = {}
    for report in reports:
        for choice in report.own:
            found.setdefault(choice.key, []).append((report, choice))
    for key, uses in found.items():
        told = "; ".join(f"{report.name}: {_values(choice)}" for report, choice in uses)
        parser.add_argument(
            f"--{key}", dest=f"{_OWN}{key}", metavar=tr("VALUE"), help=told.replace("%", "%%")
        )


def _values(choice: "Choice") -> str:
    if choice.values:
        return ", ".join(choice.values)
    return tr("{least} to {most} (default: {default})", least=choice.least, most=choice.most,
              default=choice.default)  # fmt: skip


def own_of(report: "Report", options: argparse.Namespace) -> dict[str, str]:
    """The own options that were given; those of other reports, and values that are none, are
    wrong usage."""
    known = {choice.key: choice for choice in report.own}
    found = {}
    for name, value in vars(options).items():
        if not name.startswith(_OWN) or value is None:
            continue
        key = name.removeprefix(_OWN)
        if key not in known:
            raise WrongUsage(
                tr("The report “{name}” has no option --{option}.", name=report.name, option=key)
            )
        if not _is_one(known[key], value):
            raise WrongUsage(
                tr("--{option} is {values}, not “{value}”.", option=key,
                   values=_values(known[key]), value=value)
            )  # fmt: skip
        found[key] = value
    return found


def _is_one(choice: "Choice", value: str) -> bool:
    if choice.values:
        return value in choice.values
    whole = value.isascii() and value.isdecimal() and len(value) < 10
    return whole and choice.least <= int(value) <= choice.most


# -- answers --------------------------------------------------------------------------------------


def document(table: "Table", zone: "Zone") -> dict[str, Any]:
    """``rows`` by the keys of the columns: money with two digits, shares with four, days as dates;
    ``total``, ``currency`` and ``notes`` where there are any."""
    found: dict[str, Any] = {"rows": [_line(table, row, zone) for row in table.rows]}
    if table.total is not None:
        found["total"] = _line(table, table.total, zone)
    return {**found, "currency": table.currency, "notes": list(table.notes)}


def _line(table: "Table", row: "Row", zone: "Zone") -> dict[str, Any]:
    return {
        column.key: None if column.key in row.nameless else _json(column, cell, zone)
        for column, cell in zip(table.columns, row.cells, strict=True)
    }


def _json(column: "Column", cell: "Value", zone: "Zone") -> Any:
    if cell is None or isinstance(cell, bool):
        return cell
    if column.holds == "moment":
        return iso(int(cell), zone)
    if column.holds in _DAYS:
        return date.fromordinal(int(cell)).isoformat()
    if column.holds in ("money", "amount"):
        return amounts.written(Decimal(str(cell)))
    if column.holds == "points":
        return format(Decimal(str(cell)), "f")
    if isinstance(cell, Fraction | Decimal) or column.holds in ("share", "days", "number"):
        return format(_digits(column, cell), "f")
    return cell


def _digits(column: "Column", cell: Any) -> Decimal:
    from salesdesk.services.planning import decimal_of

    return decimal_of(Fraction(cell), _FOUR if column.holds == "share" else _FEW)


def write(
    r: "Reader", path: Path, report: "Report", table: "Table", period: "Period", words: Told
) -> None:
    """Write the table to a file, with the colours of the page; ``words`` say what was asked."""
    from salesdesk.services import report_files

    lines = ((tr("Report"), tr(report.title)), (tr("What it says"), tr(report.about)),
             (tr("Period"), period.label()), *words)  # fmt: skip
    told = report_files.Told(tr(report.title), lines)
    report_files.write(path, table, told, r.zone, _colours(path), report_files.limits_of(r))


def write_keyed(
    r: "Reader", path: Path, title: str, holds: Mapping[str, "Holds"], rows: Iterable["Row"],
    currency: str,
) -> None:  # fmt: skip
    """Write a table whose heads are the keys that scripts know, with formats and colours where the
    file has them."""
    from salesdesk.services import report_files
    from salesdesk.services.report_table import Column, Table

    columns = tuple(Column(key, key, kind, named=True) for key, kind in holds.items())
    found = Table(columns, tuple(rows), currency)
    told = report_files.Told(title)
    report_files.write(path, found, told, r.zone, _colours(path), report_files.limits_of(r))


def _colours(path: Path) -> Mapping[str, tuple[str, str]]:
    """What levels look like: asked for only where a file has colours."""
    if path.suffix.lower() == ".csv":
        return {}
    from salesdesk.ui.saving import colours

    return colours()


def text(period: str, table: "Table", zone: "Zone") -> str:
    """The table for people, with its last line and what was left out."""
    if not table.rows:
        return "\n\n".join((period, tr("There is nothing to show for this time."), *table.notes))
    heads = [column.title if column.named else tr(column.title) for column in table.columns]
    shown = [_shown(table, row, zone) for row in table.rows]
    if table.total is not None:
        total = _shown(table, table.total, zone)
        total[0] = total[0] if total[0] != tables.NONE else tr("Total")
        shown.append([cell if cell != tables.NONE else "" for cell in total])
    right = [
        place
        for place, column in enumerate(table.columns)
        if column.holds not in ("text", "moment", *_DAYS)
    ]
    return "\n\n".join((period, tables.table(heads, shown, right), *table.notes))


def _shown(table: "Table", row: "Row", zone: "Zone") -> list[str]:
    from salesdesk.services.report_table import NO_DATE

    code = {
        place: column.key for place, column in enumerate(table.columns) if column.key == "currency"
    }
    own = next((str(row.cells[place]) for place in code), table.currency)
    told = [
        _told(column, cell, zone, own if column.holds == "amount" else table.currency)
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    if row.cells[0] is None and table.columns[0].holds in _DAYS and row is not table.total:
        told[0] = tr(NO_DATE)
    return told


def _told(column: "Column", cell: "Value", zone: "Zone", currency: str) -> str:
    from salesdesk.ui import formats

    if cell is None:
        return tables.NONE
    if isinstance(cell, bool):
        return tr("yes") if cell else tr("no")
    if isinstance(cell, str):
        return cell
    told: Mapping[str, Any] = {
        "moment": lambda: tables.moment(int(cell), zone),
        "day": lambda: tables.day(int(cell)),
        "week": lambda: tables.day(int(cell)),
        "month": lambda: formats.month(month_of(int(cell))),
        "money": lambda: tables.money(Decimal(str(cell)), currency),
        "amount": lambda: tables.money(Decimal(str(cell)), currency),
        "share": lambda: f"{formats.decimal(_percent(cell), 1)} %",
        "days": lambda: formats.decimal(_digits(column, cell), 1),
    }
    if column.holds in told:
        return str(told[column.holds]())
    if isinstance(cell, int):
        return tables.count(cell)
    return formats.decimal(_digits(column, cell))


def _percent(share: Any) -> Decimal:
    from salesdesk.services.planning import decimal_of

    return decimal_of(Fraction(share) * 100, 1)
