"""Reports as files: XLSX with real numbers, their formats and colours, and CSV with plain numbers.

Any ``Table`` can be written. In XLSX cells have the colours of their levels (handed in: they are
the theme's), and where a column names its plan, rules that colour it anew when somebody changes a
figure. A second sheet says what was asked. Texts stay texts, whatever they begin with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from salesdesk.errors import Invalid
from salesdesk.models.store import Reader
from salesdesk.moments import Zone
from salesdesk.services import exporting
from salesdesk.services.amounts import sign
from salesdesk.services.levels import DEFAULT, Level, Thresholds
from salesdesk.services.report_table import DATED, NO_DATE, Column, Holds, Row, Table, Value
from salesdesk.services.settings import thresholds
from salesdesk.text import N_, language, tr

#: Ground and text of each level, six hexadecimal digits each; without any there are no colours.
Colours = Mapping[str, tuple[str, str]]
_WIDEST, _NARROWEST = 48, 9
_WORDS = frozenset(("text", "yes_no"))
#: What rows are named by: the first such column stays in sight.
_NAMES = frozenset(("text", "day", "week", "month", "moment"))
#: Decimals that a fraction keeps in a file.
_PLACES = {"share": 6, "days": 4}
_LONGEST_NAME = 31


@dataclass(frozen=True, slots=True)
class Told:
    """What the second sheet says: a title, and what was asked as (name, words)."""

    title: str
    lines: tuple[tuple[str, str], ...] = ()


def write(
    path: Path,
    table: Table,
    told: Told,
    zone: Zone,
    colours: Colours,
    limits: Thresholds = DEFAULT,
) -> int:
    """Write a table to ``path`` by its suffix, ``.xlsx`` or ``.csv``; returns how many rows.

    ``colours`` are those of the light theme; ``limits`` are where they begin (``limits_of``). The
    file appears whole or not at all. Raises Invalid for another suffix, and SalesDeskError when the
    file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return exporting.write_sheet(path, csv_sheet(table, told, zone))
    if suffix != ".xlsx":
        raise Invalid(N_("{file} must end in .csv or .xlsx; nothing was written."), file=path.name)
    # The file first: a workbook cannot be given up half-way.
    with exporting.written_whole(path) as part, part.open("wb") as file:
        _Book(table, told, zone, colours, limits).made().save(file)
    return len(table.rows)


def limits_of(r: Reader) -> Thresholds:
    """The thresholds of the colours, for the rules of a file."""
    return thresholds(r)


# -- words and values ------------------------------------------------------------------------------


def title_of(column: Column, currency: str) -> str:
    """The head of a column; money says its currency."""
    title = column.title if column.named else tr(column.title)
    return f"{title}, {sign(currency)}" if column.holds == "money" else title


def value_of(value: Value, holds: Holds, zone: Zone | None) -> exporting.Cell | bool:
    """A cell as a file keeps it: days and moments as such, fractions as decimals."""
    if value is None:
        return None
    if holds in ("day", "week", "month") and isinstance(value, int):
        return date.fromordinal(value)
    if holds == "moment" and isinstance(value, int) and zone is not None:
        return exporting.local(value, zone)
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        step = Decimal(1).scaleb(-_PLACES.get(holds, 4))
        return exact.quantize(step, ROUND_HALF_UP)
    if holds == "yes_no":
        return bool(value)
    return value


def csv_sheet(table: Table, told: Told, zone: Zone | None) -> exporting.Sheet:
    """The table with plain numbers; its sum is the last row. ``zone`` is that of its moments."""
    heads = [title_of(column, table.currency) for column in table.columns]
    lines = [_plain(table, row, zone) for row in (*table.rows, *_total(table))]
    return exporting.sheet(told.title, heads, lines)


def _plain(table: Table, row: Row, zone: Zone | None) -> list[exporting.Cell]:
    found: list[exporting.Cell] = []
    for at, column in enumerate(table.columns):
        value = _cell(table, row, at, zone)
        if isinstance(value, bool):
            value = tr("Yes") if value else tr("No")
        if isinstance(value, Decimal) and column.holds in ("money", "amount"):
            value = value.normalize() if value == value.to_integral_value() else value
            value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
        found.append(value)
    return found


def _cell(table: Table, row: Row, at: int, zone: Zone | None) -> exporting.Cell | bool:
    if at == 0 and row.cells[0] is None:
        if row is table.total:
            return tr("Total")
        if table.columns[0].holds in DATED:
            return tr(NO_DATE)
    return value_of(row.cells[at], table.columns[at].holds, zone)


def _total(table: Table) -> tuple[Row, ...]:
    return (table.total,) if table.total is not None else ()


def number_format(holds: Holds, currency: str) -> str:
    """How a spreadsheet shows a column: money with its currency, shares as percent, dates."""
    dated = "dd.mm.yyyy" if language() == "ru" else "d mmm yyyy"
    money = f'#,##0.00\\ "{sign(currency)}"'
    return {
        "count": "#,##0", "number": "#,##0.##", "points": "#,##0.0##", "days": "0.0",
        "share": "0.0%", "money": money, "amount": money,
        "day": dated, "week": dated, "month": "mmmm yyyy", "moment": f"{dated} hh:mm",
    }.get(holds, "General")  # fmt: skip


# -- XLSX ------------------------------------------------------------------------------------------


class _Book:
    """A workbook in the making."""

    def __init__(
        self, table: Table, told: Told, zone: Zone, colours: Colours, limits: Thresholds
    ) -> None:
        self._table, self._told, self._zone = table, told, zone
        self._colours, self._limits = colours, limits
        self._currency = next(
            (at for at, column in enumerate(table.columns) if column.key == "currency"), -1
        )
        self._styles: dict[tuple[str, Level, bool], Any] = {}
        self._formats: dict[tuple[Holds, str], str] = {}

    def made(self) -> Any:
        """The workbook."""
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet(_sheet_name(self._told.title))
        self._prepare(sheet)
        sheet.append(self._heads(sheet))
        for row in (*self._table.rows, *_total(self._table)):
            sheet.append(self._row(sheet, row))
        self._rules(sheet)
        self._tell(book)
        return book

    def _prepare(self, sheet: Any) -> None:
        """What a sheet that is written row by row must know before the first."""
        from openpyxl.utils import get_column_letter

        words = (at for at, column in enumerate(self._table.columns) if column.holds in _NAMES)
        sheet.freeze_panes = f"{get_column_letter(next(words, 0) + 2)}2"
        for at, _column in enumerate(self._table.columns):
            sheet.column_dimensions[get_column_letter(at + 1)].width = self._width(at)
        sheet.row_dimensions[1].height = 30
        last = get_column_letter(max(len(self._table.columns), 1))
        if self._table.rows:
            sheet.auto_filter.ref = f"A1:{last}{len(self._table.rows) + 1}"
        sheet.sheet_view.showGridLines = True

    def _width(self, at: int) -> float:
        """In characters: of the longest text, of numbers as they are shown."""
        column = self._table.columns[at]
        words = title_of(column, self._table.currency).split()
        need = max((len(word) for word in words), default=0) + 3
        for row in (*self._table.rows, *_total(self._table)):
            need = max(need, _length(row.cells[at], column.holds) + 2)
        return float(min(max(need, _NARROWEST), _WIDEST))

    def _heads(self, sheet: Any) -> list[Any]:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Border, Font, Side

        cells = []
        for column in self._table.columns:
            cell = WriteOnlyCell(sheet, exporting.spreadsheet_value(self._title(column)))
            cell.data_type = "s"
            cell.font = Font(bold=True)
            side = "left" if column.holds in _WORDS else "right"
            cell.alignment = Alignment(horizontal=side, vertical="bottom", wrap_text=True)
            cell.border = Border(bottom=Side("thin"))
            cells.append(cell)
        return cells

    def _title(self, column: Column) -> str:
        return title_of(column, self._table.currency)

    def _row(self, sheet: Any, row: Row) -> list[Any]:
        from openpyxl.cell import WriteOnlyCell

        cells = []
        for at, column in enumerate(self._table.columns):
            value = _cell(self._table, row, at, self._zone)
            kept = exporting.spreadsheet_value(value)
            cell = WriteOnlyCell(sheet, kept)
            if isinstance(kept, str):
                cell.data_type = "s"
            level = row.levels.get(column.key, "none")
            self._style(cell, self._format(row, column, value), level, row is self._table.total)
            cells.append(cell)
        return cells

    def _format(self, row: Row, column: Column, value: object) -> str:
        code = self._table.currency
        if column.holds == "amount" and self._currency >= 0:
            code = str(row.cells[self._currency] or code)
        # "#,##0.##" would show a whole number with a separator behind it: "7,".
        whole = column.holds == "number" and isinstance(value, int | Decimal) and value % 1 == 0
        key: tuple[Holds, str] = ("count" if whole else column.holds, code)
        if key not in self._formats:
            self._formats[key] = number_format(*key)
        return self._formats[key]

    def _style(self, cell: Any, shown: str, level: Level, is_total: bool) -> None:
        """The same few styles are made once: making one costs more than writing a cell."""
        from copy import copy

        key = (shown, level, is_total)
        if key in self._styles:
            cell._style = copy(self._styles[key])
            return
        cell.number_format = shown
        if level in self._colours:
            from openpyxl.styles import Font, PatternFill

            ground, ink = self._colours[level]
            cell.fill = PatternFill("solid", fgColor=ground)
            cell.font = Font(bold=True, color=ink)
        elif is_total:
            from openpyxl.styles import Border, Font, Side

            cell.font = Font(bold=True)
            cell.border = Border(top=Side("thin"))
        self._styles[key] = copy(cell._style)

    def _rules(self, sheet: Any) -> None:
        """Rules for columns that stand beside their plans, as the levels say at this moment."""
        keys = [column.key for column in self._table.columns]
        for at, column in enumerate(self._table.columns):
            coloured = any(column.key in row.levels for row in self._table.rows)
            if column.plan in keys and coloured:
                there, rows = keys.index(column.plan), len(self._table.rows)
                _plan_rules(sheet, at, there, rows, self._colours, self._limits)

    def _tell(self, book: Any) -> None:
        """The second sheet: what was asked, and the notes of the answer."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font

        sheet = book.create_sheet(_sheet_name(tr("What was asked")))
        sheet.column_dimensions["A"].width = 22
        sheet.column_dimensions["B"].width = 80

        def text(words: str, bold: bool = False) -> Any:
            cell = WriteOnlyCell(sheet, exporting.spreadsheet_value(words))
            cell.data_type = "s"
            cell.font = Font(bold=bold)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            return cell

        sheet.append([text(self._told.title, bold=True)])
        for name, words in self._told.lines:
            sheet.append([text(name), text(words)])
        for note in self._table.notes:
            sheet.append([text(tr("Note")), text(note)])


def _plan_rules(
    sheet: Any, fact: int, plan: int, rows: int, colours: Colours, limits: Thresholds
) -> None:
    """Green from the whole plan on, yellow from its half, else (or without a plan) no colour."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    here, there = get_column_letter(fact + 1), get_column_letter(plan + 1)
    there = f"${there}"
    where = f"{here}2:{here}{rows + 1}"
    for level, share in (("full", limits.full), ("half", limits.half)):
        if level not in colours:
            continue
        ground, ink = colours[level]
        # By multiplication: a fraction of the plan need not be a decimal number.
        met = f"{here}2*{share.denominator}>={there}2*{share.numerator}"
        rule = FormulaRule(
            [f"AND(ISNUMBER({there}2),{there}2>0,{met})"], stopIfTrue=True,
            fill=PatternFill("solid", bgColor=ground), font=Font(bold=True, color=ink),
        )  # fmt: skip
        sheet.conditional_formatting.add(where, rule)
    nothing = FormulaRule(
        ["TRUE"], fill=PatternFill("solid", bgColor="FFFFFF"), font=Font(color="000000")
    )
    sheet.conditional_formatting.add(where, nothing)


def _length(value: Value, holds: Holds) -> int:
    """About as many characters as a cell shows."""
    if value is None:
        return 0
    if isinstance(value, str):
        return max((len(line) for line in value.splitlines()), default=0)
    if holds in ("day", "week", "month", "moment"):
        return 17 if holds in ("moment", "month") else 12
    whole = f"{int(value):,}"
    return len(whole) + {"money": 6, "amount": 6, "share": 4, "count": 0}.get(holds, 3)


def _sheet_name(title: str) -> str:
    """A name that a spreadsheet takes: without its special signs, not too long, not empty."""
    kept = "".join(sign for sign in title if sign not in "[]:*?/\\" and sign >= " ").strip(" '")
    return kept[:_LONGEST_NAME] or tr("Report")
