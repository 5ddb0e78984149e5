"""The charts of reports: what they draw of a table, the legend, values under the pointer, files."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolTip
from pytestqt.qtbot import QtBot

from salesdesk.moments import Zone
from salesdesk.services.report_table import Chart, Column, Row, Table
from salesdesk.ui import theme
from salesdesk.ui.reports import files, picture
from salesdesk.ui.reports.cells import Wording
from salesdesk.ui.reports.draw import ChartCard
from salesdesk.ui.reports.drawing import MOST_BARS, Drawing, drawing
from salesdesk.ui.reports.files import Shown
from salesdesk.ui.reports.grid import GridView
from tests.builders import day
from tests.ui.reports_desk import Open, opened, told

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["opened", "told"]
ZONE = Zone("Europe/Moscow")
COLUMNS = (
    Column("month", "Month", "month"), Column("who", "Manager", "text"),
    Column("revenue", "Revenue", "money"), Column("low", "At least", "money"),
    Column("high", "At most", "money"),
)  # fmt: skip


def row(month: str, who: str, *amounts: str | None) -> Row:
    found = tuple(None if each is None else Decimal(each) for each in amounts)
    return Row((day(f"{month}-01"), who, *found), (month, who))


TABLE = Table(
    COLUMNS,
    (row("2026-03", "Anna", "300", "200", "400"), row("2026-01", "Anna", "100", "50", "150"),
     row("2026-01", "Ivan", "40", None, None)),
    "RUB", chart=Chart("columns", "month", ("revenue",)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    theme.install(qapp, "light")
    yield
    qapp.setStyleSheet("")


def drawn(table: Table) -> Drawing:
    made = drawing(table, Wording(table, ZONE, 0))
    assert made is not None
    return made


def test_months_without_a_row_have_a_place_too() -> None:
    made = drawn(replace(TABLE, rows=TABLE.rows[:2]))
    assert made.labels == ("January\u00a02026", "February\u00a02026", "March\u00a02026")
    assert made.ticks == ("Jan\u00a02026", "Feb", "Mar")
    assert made.series[0].values == (100.0, 0.0, 300.0)
    lines = drawn(replace(TABLE, rows=TABLE.rows[:2], chart=Chart("lines", "month", ("revenue",))))
    assert lines.series[0].values == (100.0, 300.0)


def test_months_gone_by_and_without_a_date_are_not_drawn() -> None:
    rows = (*TABLE.rows[:2], Row((None, "Ivan", Decimal(7), None, None), (None,)))
    chart = Chart("columns", "month", ("revenue",), since=day("2026-02-01"))
    table = replace(TABLE, rows=rows, chart=chart)
    made = drawn(table)
    assert (made.labels, made.series[0].values) == (("March\u00a02026",), (300.0,))
    assert Wording(table, ZONE, 0).text(rows[-1], 0) == "No date"


def test_a_row_is_named_by_all_its_words() -> None:
    words = Wording(TABLE, ZONE, 0)
    assert words.names(TABLE.rows[0]) == ["March\u00a02026", "Anna"]
    assert words.spoken(TABLE.rows[0], 2) == "March\u00a02026, Anna, Revenue, ₽: 300"


@pytest.mark.parametrize(("most", "step"), [(0, 1.0), (3, 1.0), (9, 3.0), (17, 5.0)])
def test_whole_numbers_have_whole_lines(qtbot: QtBot, most: int, step: float) -> None:
    card = ChartCard()
    qtbot.addWidget(card)
    whole = Table((*COLUMNS[:2], Column("deals", "Deals")), (Row((day("2026-01-01"), "A", most)),),
                  "RUB", chart=Chart("columns", "month", ("deals",)))  # fmt: skip
    made = drawing(whole, Wording(whole, ZONE, 0))
    if made is not None:
        card.set_drawing(made, "Deals")
    assert card.plot._scale()[2] == step


def test_the_values_of_a_column_make_the_series() -> None:
    made = drawn(replace(TABLE, chart=Chart("columns", "month", ("revenue",), "who")))
    assert [(each.name, each.values) for each in made.series] == [
        ("Anna", (100.0, 0.0, 300.0)), ("Ivan", (40.0, 0.0, 0.0)),
    ]  # fmt: skip


def test_the_longest_bars_are_drawn_and_the_rest_is_told() -> None:
    rows = tuple(row("2026-01", f"p{at}", str(at)) for at in range(MOST_BARS + 5))
    rows = tuple(replace(each, cells=(*each.cells, None, None)) for each in rows)
    made = drawn(replace(TABLE, rows=rows, chart=Chart("bars", "who", ("revenue",))))
    assert [bar.name for bar in made.bars] == [f"p{at}" for at in range(MOST_BARS + 4, 4, -1)]
    assert made.bars[0].values == (1.0,)
    assert made.left_out == 5
    few = drawn(replace(TABLE, rows=rows[:3], chart=Chart("bars", "who", ("revenue",))))
    assert [bar.name for bar in few.bars] == ["p0", "p1", "p2"]


def test_nothing_is_drawn_of_nothing() -> None:
    empty = replace(TABLE, rows=(row("2026-01", "Anna", "0", None, None),))
    assert drawing(empty, Wording(empty, ZONE, 0)) is None
    none = replace(TABLE, chart=None)
    assert drawing(none, Wording(none, ZONE, 0)) is None


@pytest.mark.parametrize("kind", ["columns", "groups", "lines", "band"])
def test_values_are_told_under_the_pointer(qtbot: QtBot, kind: str) -> None:
    table = replace(TABLE, rows=TABLE.rows[:2])
    chart = Chart(kind, "month", ("revenue", "high"))  # type: ignore[arg-type]
    if kind == "band":
        chart = replace(chart, series=("revenue",), low="low", high="high")
    card = ChartCard()
    qtbot.addWidget(card)
    card.resize(600, 300)
    card.set_drawing(drawn(replace(table, chart=chart)), "Money")
    card.show()
    qtbot.waitExposed(card)
    plot = card.plot
    last = 2 if kind in ("columns", "groups") else 1
    QTest.mouseMove(plot, plot.column(0).center().toPoint() + QPoint(0, 1))
    QTest.mouseMove(plot, plot.column(last).center().toPoint())
    said = plot.said(last).replace("\u00a0", " ")
    lines = {"band": ["Revenue  300 ₽", "200 ₽ – 400 ₽"]}
    expected = lines.get(kind, ["Revenue  300 ₽", "At most  400 ₽"])
    assert said.splitlines() == ["March 2026", *expected]
    qtbot.waitUntil(lambda: QToolTip.text().replace("\u00a0", " ") == said)
    QToolTip.hideText()


def test_the_legend_switches_series_but_never_the_last(qtbot: QtBot) -> None:
    card = ChartCard()
    qtbot.addWidget(card)
    card.resize(600, 300)
    card.set_drawing(drawn(replace(TABLE, chart=Chart("groups", "month", ("revenue", "high")))),
                     "Money")  # fmt: skip
    card.show()
    qtbot.waitExposed(card)
    legend = card.legend
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert [each.key for each in legend.shown()] == ["high"]
    assert "Revenue" not in card.plot.accessibleName()
    QTest.keyClick(legend, Qt.Key.Key_Right)
    QTest.keyClick(legend, Qt.Key.Key_Space)
    assert [each.key for each in legend.shown()] == ["high"]
    QTest.keyClick(legend, Qt.Key.Key_Left)
    QTest.keyClick(legend, Qt.Key.Key_Space)
    assert [each.key for each in legend.shown()] == ["revenue", "high"]


def test_money_below_nothing_has_room() -> None:
    rows = (row("2026-01", "Anna", "-300", "0", "0"), row("2026-02", "Anna", "100", "0", "0"))
    card = ChartCard()
    card.resize(600, 300)
    card.set_drawing(drawn(replace(TABLE, rows=rows)), "Money")
    low, high, step = card.plot._scale()
    assert (low, high) == (-300.0, 100.0)
    assert step == 100.0
    assert not card.grab().isNull()


def test_ten_thousand_rows_are_a_page_like_any_other(qtbot: QtBot) -> None:
    many = tuple(row("2026-01", f"Person {at}", str(at), None, None) for at in range(10_000))
    table = replace(TABLE, rows=many, chart=None)
    view = GridView("grid")
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    view.set_table(table, Wording(table, ZONE, 0), opens=False)
    view.sort_column(2)
    assert view.model_of.index(0, 1).data() == "Person 9999"
    view.filter("person 123")
    assert view.model_of.rowCount() == 20
    index = view.model_of.index(19, 2)
    view.scrollTo(index)
    assert view.visualRect(index).isValid()


def test_names_of_the_rows_stay_in_sight(qtbot: QtBot) -> None:
    columns = (COLUMNS[1], *(replace(COLUMNS[2], key=f"c{at}") for at in range(30)))
    rows = tuple(Row((f"Person {at}", *[Decimal(at)] * 30), (at,)) for at in range(9))
    table = Table(columns, rows, "RUB")
    view = GridView("grid")
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    qtbot.waitExposed(view)
    view.set_table(table, Wording(table, ZONE, 0), opens=False)
    view.setCurrentIndex(view.model_of.index(8, 0))
    assert not view.is_kept()
    before = view.viewport().grab(QRect(0, 0, view.kept_width() - 1, 280)).toImage()
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
    assert view.is_kept()
    index = view.indexAt(QPoint(5, 40))
    assert (index.row(), index.column()) == (1, 0)
    assert view.indexAt(QPoint(600, 40)).column() > 20
    after = view.viewport().grab(QRect(0, 0, view.kept_width() - 1, 280)).toImage()
    assert after == before


# -- files of the page ----------------------------------------------------------------------------


def save(opened: Open, suffix: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
    shown = opened.page._saying()
    assert shown is not None
    files.save_as(opened.context, opened.page, f"Report.{suffix}", shown)
    opened.settle()


def test_what_is_shown_is_saved(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.own("rows", "people")
    opened.page.table.sort_column(7)
    opened.page.table.sort_column(7)
    for suffix in ("xlsx", "csv", "png"):
        save(opened, suffix, tmp_path / "report", monkeypatch)
    book = load_workbook(tmp_path / "report.xlsx")
    rows = [[cell.value for cell in line] for line in book["Stage moves"].iter_rows()]
    assert rows[0] == ["Manager", "New", "Set", "Held", "Signed", "Won", "Lost", "Total"]
    assert [line[0] for line in rows[1:]] == ["Nobody", "Ivan Petrov", "Anna Orlova", "Total"]
    assert [line[-1] for line in rows[1:]] == [1, 3, 5, 9]
    asked = {line[0].value: line[1].value for line in book["What was asked"].iter_rows()}
    assert asked["Period"] == "1–30 Nov 2026"
    assert asked["Grouped by"] == "people"
    assert asked["Made at"] == "20 Nov 2026 18:30, Europe/Moscow"
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [[str(cell) for cell in line] for line in rows]
    assert QImage(str(tmp_path / "report.png")).width() >= 2560


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_picture_has_the_colours_of_the_theme(qapp: QApplication, mode: theme.Mode) -> None:
    theme.set_mode(mode)
    rows = tuple(replace(each, levels={"revenue": "full"}) for each in TABLE.rows)
    shown = Shown("Money", replace(TABLE, rows=rows), (("Report", "Money"),) * 4)
    image = picture.drawn(shown, ZONE, 0).toImage()
    found = {image.pixelColor(x, y).name() for x in range(0, image.width(), 7)
             for y in range(0, image.height(), 3)}  # fmt: skip
    look = theme.current()
    assert {look.background.name(), look.surface.name(), look.good_soft.name()} <= found
    theme.set_mode("light")


def test_a_long_table_is_cut_in_a_picture_and_says_so(qapp: QApplication) -> None:
    rows = tuple(row("2026-01", f"p{at}", str(Fraction(at)), None, None) for at in range(400))
    shown = Shown("Money", replace(TABLE, rows=rows), (("Report", "Money"),) * 4)
    made = picture.Picture(shown, ZONE, 0)
    assert made.table.model_of.rowCount() == picture.MOST_ROWS
    made.deleteLater()
