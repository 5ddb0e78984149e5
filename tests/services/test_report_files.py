"""Reports as files, opened again and compared cell by cell: numbers, formats, colours, hostile
names, what was asked."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from salesdesk import text
from salesdesk.errors import Invalid, SalesDeskError
from salesdesk.moments import Zone
from salesdesk.services import levels, report_files
from salesdesk.services.levels import Level, Thresholds
from salesdesk.services.report_files import Told
from salesdesk.services.report_table import Column, Row, Table
from salesdesk.ui.saving import colours
from tests.builders import day

ZONE = Zone("Europe/Moscow")
TOLD = Told("Everything", (("Period", "1–30 Nov 2026"), ("Person", "=cmd|' /C calc'!A0")))
HOSTILE = ("=1+1", "+7 912 345-67-89", "@SUM(A1)", "\tindented", "-2+3", "＝1", "a\x07b", "'quoted")
COLUMNS = (
    Column("name", "Name", "text"),
    Column("count", "Deals", "count"),
    Column("share", "Share", "share"),
    Column("days", "Days", "days"),
    Column("revenue", "Revenue", "money", plan="revenue_plan"),
    Column("revenue_plan", "Plan", "money"),
    Column("price", "Price", "amount"),
    Column("currency", "Currency", "text"),
    Column("points", "Points", "points"),
    Column("on", "On", "day"),
    Column("month", "Month", "month"),
    Column("at", "At", "moment"),
    Column("late", "Late", "yes_no"),
)
AT = 1_795_000_000_000_000


def row(name: str, revenue: str, level: Level = "none", **more: Any) -> Row:
    cells = (
        name, 12, Fraction(2, 3), Fraction(10, 3), Decimal(revenue), Decimal(1000),
        Decimal("99.5"), "USD", Decimal("110.3"), day("2026-11-20"), day("2026-11-01"), AT, True,
    )  # fmt: skip
    found = {} if level == "none" else {"revenue": level}
    return Row(cells, (name,), levels={**found, **more})


TABLE = Table(
    COLUMNS,
    (row("Anna", "1200", "full"), row("Maria", "500", "half", count="over"), row("Ivan", "499.99"),
     *(row(name, "0") for name in HOSTILE)),
    "RUB",
    total=Row((None, 36, None, None, Decimal("2199.99"), Decimal(3000), *[None] * 7), ("total",)),
    notes=("Two deals were left out.",),
)  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> None:
    text.set_language("en")


def written(path: Path, table: Table = TABLE, told: Told = TOLD, **more: Any) -> Any:
    assert report_files.write(path, table, told, ZONE, colours(), **more) == len(table.rows)
    return load_workbook(path)


@pytest.fixture
def sheet(tmp_path: Path) -> Worksheet:
    found: Worksheet = written(tmp_path / "report.xlsx")["Everything"]
    return found


def at(words: str) -> datetime:
    """A day as a spreadsheet gives it back."""
    return datetime.fromisoformat(words)


def line(sheet: Worksheet, at: int) -> list[Any]:
    return [cell.value for cell in sheet[at]]


def test_cells_hold_what_the_table_holds(sheet: Worksheet) -> None:
    assert line(sheet, 1) == [
        "Name", "Deals", "Share", "Days", "Revenue, ₽", "Plan, ₽", "Price", "Currency", "Points",
        "On", "Month", "At", "Late",
    ]  # fmt: skip
    moment = ZONE.local(AT).replace(tzinfo=None)
    assert line(sheet, 2) == [
        "Anna", 12, 0.666667, 3.3333, 1200, 1000, 99.5, "USD", 110.3, at("2026-11-20"),
        at("2026-11-01"), moment, True,
    ]  # fmt: skip
    assert line(sheet, len(TABLE.rows) + 2) == ["Total", 36, None, None, 2199.99, 3000,
                                                *[None] * 7]  # fmt: skip
    assert sheet.max_row == len(TABLE.rows) + 2


def test_numbers_have_their_formats(sheet: Worksheet) -> None:
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == [
        "General", "#,##0", "0.0%", "0.0", '#,##0.00\\ "₽"', '#,##0.00\\ "₽"', '#,##0.00\\ "$"',
        "General", "#,##0.0##", "d mmm yyyy", "mmmm yyyy", "d mmm yyyy hh:mm", "General",
    ]  # fmt: skip
    assert [sheet["J2"].is_date, sheet["L2"].is_date, sheet["E2"].data_type] == [True, True, "n"]


def test_whole_numbers_end_with_no_separator(tmp_path: Path) -> None:
    columns = (Column("name", "Name", "text"), Column("plan", "Plan", "number"))
    rows = (Row(("A", Decimal(7)), ("A",)), Row(("B", Decimal("7.25")), ("B",)))
    sheet = written(tmp_path / "plans.xlsx", Table(columns, rows, "RUB"))["Everything"]
    assert [sheet.cell(at, 2).number_format for at in (2, 3)] == ["#,##0", "#,##0.##"]


def test_days_are_written_as_the_language_does(tmp_path: Path) -> None:
    text.set_language("ru")
    sheet = written(tmp_path / "report.xlsx")["Everything"]
    assert sheet["J2"].number_format == "dd.mm.yyyy"
    assert sheet.cell(len(TABLE.rows) + 2, 1).value == "Итого"


def test_levels_are_colours_of_the_light_theme(sheet: Worksheet) -> None:
    expected = {"E2": ("DDF3E8", "0F7654"), "E3": ("FDF0CC", "8A6100"), "B3": ("FDE3E0", "B42318")}
    for place, (ground, ink) in expected.items():
        cell = sheet[place]
        assert cell.fill.fill_type == "solid"
        assert (cell.fill.fgColor.rgb[2:], cell.font.color.rgb[2:]) == (ground, ink)
        assert cell.font.bold
    coloured = {
        cell.coordinate for line in sheet.iter_rows() for cell in line if cell.fill.fill_type
    }
    assert coloured == set(expected)


def test_the_sheet_can_be_worked_with(sheet: Worksheet) -> None:
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:M{len(TABLE.rows) + 1}"
    assert all(cell.font.bold and cell.alignment.wrap_text for cell in sheet[1])
    assert all(cell.font.bold for cell in sheet[len(TABLE.rows) + 2])
    widths = {key: at.width for key, at in sheet.column_dimensions.items()}
    assert len(widths) == len(COLUMNS)
    assert all(9 <= width <= 48 for width in widths.values())
    assert widths["A"] >= len("+7 912 345-67-89")


def test_hostile_names_stay_text(sheet: Worksheet) -> None:
    for at, name in enumerate(HOSTILE, 5):
        cell = sheet.cell(at, 1)
        assert cell.data_type == "s"
        assert cell.value == name.replace("\x07", "")


def test_the_second_sheet_says_what_was_asked(tmp_path: Path) -> None:
    book = written(tmp_path / "report.xlsx")
    assert book.sheetnames == ["Everything", "What was asked"]
    lines = [[cell.value for cell in line] for line in book["What was asked"].iter_rows()]
    assert lines == [
        ["Everything", None], ["Period", "1–30 Nov 2026"], ["Person", "=cmd|' /C calc'!A0"],
        ["Note", "Two deals were left out."],
    ]  # fmt: skip
    assert book["What was asked"]["B3"].data_type == "s"


# -- rules for plans ------------------------------------------------------------------------------


def ruled(sheet: Worksheet, limits: Thresholds) -> dict[int, str]:
    """The ground that the rules of column E give each row, worked out by hand."""
    [ranges] = [each for each in sheet.conditional_formatting if str(each.sqref)[0] == "E"]
    first, second, last = ranges.rules
    assert [first.priority, second.priority, last.priority] == [1, 2, 3]
    found = {}
    for at in range(2, sheet.max_row):
        fact, plan = Fraction(str(sheet.cell(at, 5).value)), Fraction(str(sheet.cell(at, 6).value))
        for rule, share in ((first, limits.full), (second, limits.half)):
            met = f"E2*{share.denominator}>=$F2*{share.numerator}"
            assert rule.formula == [f"AND(ISNUMBER($F2),$F2>0,{met})"]
            if plan > 0 and fact * share.denominator >= plan * share.numerator:
                found[at] = rule.dxf.fill.bgColor.rgb[2:]
                break
        else:
            assert last.formula == ["TRUE"]
            found[at] = last.dxf.fill.bgColor.rgb[2:]
    return found


@settings(max_examples=10, deadline=None)
@given(
    facts=st.lists(st.decimals(0, 3000, places=2), min_size=1, max_size=8),
    full=st.fractions(Fraction(1, 2), Fraction(3, 2), max_denominator=20),
)
def test_the_rules_say_what_the_levels_say(
    tmp_path_factory: pytest.TempPathFactory, facts: list[Decimal], full: Fraction
) -> None:
    limits = Thresholds(full, full / 2)
    rows = tuple(
        row(str(at), str(fact), levels.of_plan(fact, Decimal(1000), limits))
        for at, fact in enumerate(facts)
    )
    path = tmp_path_factory.mktemp("rules") / "report.xlsx"
    sheet = written(path, replace(TABLE, rows=rows), limits=limits)["Everything"]
    shown: Mapping[str, str] = {level: ground for level, (ground, _ink) in colours().items()}
    if not any(each.levels for each in rows):
        assert not list(sheet.conditional_formatting)
        return
    assert ruled(sheet, limits) == {
        at: shown.get(each.levels.get("revenue", "none"), "FFFFFF")
        for at, each in enumerate(rows, 2)
    }


# -- CSV, refusals --------------------------------------------------------------------------------


def test_csv_has_plain_numbers_and_guards_formulas(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    report_files.write(path, TABLE, TOLD, ZONE, {})
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    moment = str(ZONE.local(AT).replace(tzinfo=None))
    assert rows[1] == [
        "Anna", "12", "0.666667", "3.3333", "1200", "1000", "99.5", "USD", "110.3", "2026-11-20",
        "2026-11-01", moment, "Yes",
    ]  # fmt: skip
    assert [line[0] for line in rows[4:8]] == ["'=1+1", "+7 912 345-67-89", "'@SUM(A1)",
                                               "'\tindented"]  # fmt: skip
    assert rows[-1][:6] == ["Total", "36", "", "", "2199.99", "3000"]


def test_nothing_is_written_where_it_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="must end in"):
        report_files.write(tmp_path / "report.pdf", TABLE, TOLD, ZONE, {})
    with pytest.raises(SalesDeskError, match="cannot be written"):
        report_files.write(tmp_path / "no" / "report.xlsx", TABLE, TOLD, ZONE, {})
    assert not list(tmp_path.iterdir())


def test_titles_that_a_spreadsheet_refuses(tmp_path: Path) -> None:
    told = Told("Plan [and] fact: 1/2 of a very long name indeed?")
    book = written(tmp_path / "report.xlsx", told=told)
    assert book.sheetnames[0] == "Plan and fact 12 of a very long"
    empty = written(tmp_path / "empty.xlsx", replace(TABLE, rows=(), total=None), Told("[]"))
    assert empty.sheetnames[0] == "Report"
    assert empty["Report"].max_row == 1


def test_the_column_that_names_the_rows_stays_in_sight(tmp_path: Path) -> None:
    columns = (Column("number", "No."), COLUMNS[0])
    table = Table(columns, (Row((12, "Cranes"), (12,)),), "RUB")
    assert written(tmp_path / "report.xlsx", table)["Everything"].freeze_panes == "C2"


def test_dates_beyond_a_spreadsheet(tmp_path: Path) -> None:
    old = Row(tuple(date(1812, 9, 7).toordinal() if c.holds == "day" else None for c in COLUMNS))
    sheet = written(tmp_path / "report.xlsx", replace(TABLE, rows=(old,)))["Everything"]
    assert sheet["J2"].value == "1812-09-07"
