"""The page of the reports on a real workspace: the services' numbers, the moves behind them, what
is chosen and remembered, files, both languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import deals, periods, reports
from salesdesk.services.periods import Period
from salesdesk.services.writer import Writer
from salesdesk.ui import saving, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.remember import Remember
from salesdesk.ui.reports.panel import ReportsPage
from salesdesk.ui.reports.query import Behind
from tests.builders import Desk, day, empty_store

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
KEY = Qt.Key
NOVEMBER = Period(day("2026-11-01"), day("2026-11-30"))


class Told:
    """Two pipelines, two people of two teams, and moves in October and November."""

    def __init__(self, folder: Path) -> None:
        desk = self.desk = Desk(empty_store(folder))
        self.sellers, self.fitters = desk.team("Sales"), desk.team("Fitting")
        self.anna = desk.person("Anna Orlova", role="team_lead", team_id=self.sellers)
        self.ivan = desk.person("Ivan Petrov", role="manager", team_id=self.fitters)
        self.stages = desk.pipeline("Sales")
        self.other = desk.pipeline("Service", [("Open", "open"), ("Done", "won")], counts=False)
        new, planned, held, signed, advance, won, lost = self.stages
        self.cranes = desk.deal(new, "2026-11-02T10:00", self.anna, title="Cranes")
        for stage, at in ((planned, "03T10"), (held, "05T10"), (signed, "09T10"), (won, "19T10")):
            desk.move(self.cranes, stage, f"2026-11-{at}:00")
        self.racks = desk.deal(new, "2026-11-02T11:00", self.ivan, title="Racks")
        desk.move(self.racks, planned, "2026-11-03T11:00")
        desk.move(self.racks, lost, "2026-11-13T11:00")
        self.pump = desk.deal(new, "2026-11-17T09:00", None, title="Pump")
        self.visit = desk.deal(self.other[0], "2026-11-04T09:00", self.ivan, title="Visit")
        self.old = desk.deal(advance, "2026-10-06T09:00", self.anna, title="Old")
        self.now = desk.at("2026-11-20T18:30")


class Boards(Page):
    """Stands for the board: remembers what it was asked to show."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shown: list[object] = []

    def show_item(self, item: object) -> None:
        self.shown.append(item)


class Open:
    """The window with the page of the reports."""

    def __init__(self, qtbot: QtBot, told: Told, folder: Path) -> None:
        self.qtbot, self.told = qtbot, told
        store = told.desk.store
        self.context = Context(
            store, Writer(store), lambda: told.now, Remember(folder / "window.ini")
        )
        self.context.set_person(told.anna, "Anna Orlova", "team_lead")
        specs = [
            PageSpec("reports", lambda: "Reports", "reports", ReportsPage),
            PageSpec("board", lambda: "Board", "board", Boards),
        ]
        self.window = MainWindow(self.context, specs)
        qtbot.addWidget(self.window)
        self.window.resize(1280, 760)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        page = self.window.page("reports")
        assert isinstance(page, ReportsPage)
        self.page = page
        self.window.open_page("reports")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        idle = 0

        def quiet() -> bool:
            nonlocal idle
            busy = self.context.writer.busy() or self.context.background.pending()
            idle = 0 if busy else idle + 1
            return idle > 3

        self.qtbot.waitUntil(quiet)
        QTest.qWait(20)

    def close(self) -> None:
        self.window.close()
        self.context.close()

    def choose(self, report: str) -> None:
        self.page.report.chip(report).click()
        self.settle()

    def heads(self) -> list[str]:
        return list(self.page.table.model_of.grid.heads)

    def rows(self) -> list[list[str]]:
        return [[cell.text for cell in row] for row in self.page.table.model_of.grid.rows]

    def ask(self, question: Any, *args: Any, **more: Any) -> Any:
        return self.context.ask(question, *args, now=self.told.now, **more)

    def click(self, row: int, column: int) -> None:
        table = self.page.table
        index = table.model_of.index(row, column)
        table.scrollTo(index)
        where = table.visualRect(index).center()
        held = Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, held, where)
        self.settle()

    def moves(self) -> list[str]:
        listed = self.page.panel.lines
        return [listed.item(at).spoken() for at in range(listed.count())]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    yield made
    made.desk.store.close()


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, told: Told, tmp_path: Path) -> Iterator[Open]:
    theme.install(qapp, "light")
    made = Open(qtbot, told, tmp_path)
    yield made
    made.close()
    qapp.setStyleSheet("")


def test_moves_by_day_and_stage_as_the_service_counts_them(opened: Open) -> None:
    assert opened.heads() == ["Period", "New", "Set", "Held", "Signed", "Won", "Lost", "Total"]
    rows = opened.rows()
    assert rows[0] == ["2 Nov\u00a02026".replace(" ", "\u00a0"), "2", *"·" * 5, "2"]
    assert rows[-1] == ["Total", "3", "2", "1", "1", "1", "1", "9"]
    found = opened.ask(reports.transitions, NOVEMBER, pipeline_id=1)
    assert sum(row.count for row in found) == int(rows[-1][-1])
    assert [row[0] for row in rows[:-1]] == list(dict.fromkeys(
        f"{at} Nov 2026".replace(" ", "\u00a0") for at in (2, 3, 5, 9, 13, 17, 19)
    ))  # fmt: skip


def test_by_week_by_person_and_by_team(opened: Open) -> None:
    opened.page.by.chip("week").click()
    opened.settle()
    assert opened.rows()[0][0] == "2–8\u00a0Nov\u00a02026"
    assert opened.rows()[0][-1] == "5"
    opened.page.rows.chip("people").click()
    assert [(row[0], row[-1]) for row in opened.rows()] == [
        ("Anna Orlova", "5"), ("Ivan Petrov", "3"), ("Nobody", "1"), ("Total", "9"),
    ]  # fmt: skip
    opened.page.rows.chip("teams").click()
    assert [(row[0], row[-1]) for row in opened.rows()][:3] == [
        ("Sales", "5"), ("Fitting", "3"), ("Without a team", "1"),
    ]  # fmt: skip
    assert opened.page.rows.chip("periods").text() == "Weeks"


@pytest.mark.parametrize(
    ("rows", "row", "column", "expected"),
    [
        (
            "periods",
            0,
            1,
            ["Racks, 2 Nov 11:00 · Ivan Petrov", "Cranes, 2 Nov 10:00 · Anna Orlova"],
        ),
        ("people", 1, 6, ["Racks, 13 Nov 11:00 · Ivan Petrov"]),
        ("people", 2, 7, ["Pump → New, 17 Nov 09:00"]),
        ("teams", 0, 5, ["Cranes, 19 Nov 10:00 · Anna Orlova"]),
        ("people", 3, 3, ["Cranes, 5 Nov 10:00 · Anna Orlova"]),
    ],
)
def test_a_number_lists_its_moves(
    opened: Open, rows: str, row: int, column: int, expected: list[str]
) -> None:
    opened.page.rows.chip(rows).click()
    opened.click(row, column)
    assert opened.page.panel.isVisible()
    assert [said.replace("\u00a0", " ") for said in opened.moves()] == expected
    assert opened.page.panel.title.text() == ("1 move" if len(expected) == 1 else "2 moves")


def test_every_number_has_as_many_moves_as_it_says(opened: Open) -> None:
    for rows in ("periods", "people", "teams"):
        opened.page.rows.chip(rows).click()
        for row in opened.page.table.model_of.grid.rows:
            for cell in row:
                if cell.behind is not None:
                    opened.page.list_moves(cell.behind)
                    opened.settle()
                    assert opened.page.panel.lines.count() == int(cell.text)


def test_keys_walk_the_table_enter_lists_esc_closes_and_a_deal_opens(opened: Open) -> None:
    table = opened.page.table
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, KEY.Key_Right)
    QTest.keyClick(table, KEY.Key_Right)
    QTest.keyClick(table, KEY.Key_Down)
    QTest.keyClick(table, KEY.Key_Return)
    opened.settle()
    assert opened.page.panel.title.text() == "2 moves"
    QTest.keyClick(table, KEY.Key_Escape)
    assert not opened.page.panel.isVisible()
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, KEY.Key_Return)
    opened.settle()
    opened.page.panel.lines.setFocus()
    QTest.keyClick(opened.page.panel.lines, KEY.Key_Return)
    board = opened.window.page("board")
    assert isinstance(board, Boards)
    assert board.shown == [opened.told.racks]


def test_time_in_stage(opened: Open) -> None:
    opened.choose("stage-time")
    times = opened.ask(reports.stage_time, NOVEMBER, pipeline_id=1)
    rows = opened.rows()
    assert [row[0] for row in rows] == [row.stage for row in times]
    assert rows[0] == ["New", "2", "1.0", "1.0", "1.0", "1"]
    assert rows[1] == ["Set", "2", "6.0", "6.0", "9.2", "0"]
    assert rows[4] == ["Advance", "0", "—", "—", "—", "1"]
    assert not opened.page.by.isVisible()
    assert "Set 6.0" in opened.page.chart.bars.accessibleName()


def test_the_funnel_counts_both_ways(opened: Open) -> None:
    opened.choose("funnel")
    rows = opened.rows()
    assert [row[:2] for row in rows] == [
        ["New", "3"], ["Set", "2"], ["Held", "1"], ["Signed", "1"], ["Advance", "1"], ["Won", "1"],
    ]  # fmt: skip
    assert rows[1][2:] == ["67 %", "67 %", "2"]
    assert rows[4][4] == "0"
    assert opened.page.note.text().startswith("3 deals were created.")


def test_pipeline_team_and_person(opened: Open) -> None:
    page = opened.page
    page.pipeline._on_picked(0)
    opened.settle()
    assert opened.heads()[-2:] == ["Open", "Total"]
    page.team._on_picked(opened.told.fitters)
    opened.settle()
    assert opened.rows()[-1][-1] == "4"
    page.person._on_picked(opened.told.anna)
    opened.settle()
    assert page.team.value == 0
    assert opened.rows()[-1][-1] == "5"
    page.report.chip("funnel").click()
    opened.settle()
    assert page.pipeline.value == 1  # a funnel is of one pipeline
    assert opened.rows()[0][1] == "1"


def test_what_is_chosen_is_remembered(
    opened: Open, qtbot: QtBot, told: Told, tmp_path: Path
) -> None:
    opened.choose("transitions")
    opened.page.by.chip("month").click()
    opened.page.rows.chip("people").click()
    opened.page.days.set_period(periods.of_month(day("2026-10-10")))
    opened.settle()
    before = opened.rows()
    opened.close()
    again = Open(qtbot, told, tmp_path)
    assert again.page.days.period() == periods.of_month(day("2026-10-10"))
    assert again.page.by.value() == "month"
    assert again.rows() == before
    again.close()


def test_nothing_in_a_period_says_so(opened: Open) -> None:
    opened.page.days.set_period(periods.of_month(day("2026-01-10")))
    opened.settle()
    assert opened.page.empty.isVisible()
    assert not opened.page.card.isVisible()
    assert "Nothing has moved" in opened.page.empty.accessibleName()
    opened.choose("funnel")
    assert "No deals were created" in opened.page.empty.accessibleName()
    opened.page.empty.button.click()
    opened.settle()
    assert opened.page.days.period() == periods.of_year(day("2026-11-20"))
    assert opened.page.card.isVisible()
    opened.page.days.chips.chip("month").click()
    opened.settle()
    assert opened.page.card.isVisible()


def test_a_workspace_without_pipelines(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    class Bare(Told):
        def __init__(self, folder: Path) -> None:
            self.desk = Desk(empty_store(folder))
            self.anna = self.desk.person("Anna Orlova", role="admin")
            self.now = self.desk.at("2026-11-20T18:30")

    bare = Bare(tmp_path)
    made = Open(qtbot, bare, tmp_path)
    for report in ("funnel", "stage-time", "transitions"):
        made.choose(report)
        assert made.page.empty.isVisible()
    made.choose("funnel")
    assert made.page.empty.button.text() == "Make a pipeline"
    made.close()
    bare.desk.store.close()


def test_a_move_is_in_the_report_a_moment_later(opened: Open) -> None:
    opened.click(0, 1)
    told = opened.told
    opened.context.write(deals.move, [told.pump], told.stages[1])
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.rows()[-1][-1] == "10")
    opened.window.open_page("board")
    opened.context.undo()
    opened.settle()
    assert opened.rows()[-1][-1] == "10"
    opened.window.open_page("reports")
    opened.settle()
    assert opened.rows()[-1][-1] == "9"


@pytest.mark.parametrize(
    ("report", "lines", "second"),
    [
        ("transitions", 10, "2026-11-02,Sales,New,Anna Orlova,Sales,1"),
        ("stage-time", 8, "New,2,1.00,1.00,1.00,1"),
        ("funnel", 7, "New,3,1.0000,1.0000,3"),
    ],
)
def test_a_report_is_saved_as_a_file(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    report: str, lines: int, second: str,
) -> None:  # fmt: skip
    opened.choose(report)
    chosen = tmp_path / "report"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(chosen), ""))
    saving.save(opened.context, opened.page, "Report.csv", opened.page._sheet)
    opened.settle()
    rows = (tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == lines
    assert rows[1] == second


def test_a_column_tells_its_parts(opened: Open) -> None:
    chart = opened.page.chart.columns
    where = chart.column(1).center().toPoint()
    event = QHelpEvent(QEvent.Type.ToolTip, where, chart.mapToGlobal(where))
    QApplication.sendEvent(chart, event)
    assert QToolTip.text().replace("\u00a0", " ") == "3 Nov\nSet  2"
    QToolTip.hideText()


def test_another_language_at_once(opened: Open) -> None:
    opened.choose("stage-time")
    opened.context.set_language("ru")
    opened.settle()
    assert opened.rows()[1][1:5] == ["2", "6,0", "6,0", "9,2"]


def test_everything_to_press_has_a_name(opened: Open) -> None:
    opened.page.list_moves(Behind())
    opened.settle()
    for widget in opened.page.findChildren(QWidget):
        pressed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if pressed and widget.isVisible() and not isinstance(widget, QLabel):
            name = widget.objectName()
            assert widget.accessibleName() or name.startswith("qt_"), (name, widget)


@pytest.mark.parametrize("size", [(980, 600), (1280, 720), (1920, 1080)])
def test_it_fits_from_small_to_large(opened: Open, size: tuple[int, int]) -> None:
    opened.window.resize(*size)
    for report in ("transitions", "stage-time", "funnel"):
        opened.choose(report)
        table = opened.page.table
        assert table.horizontalScrollBar().maximum() == 0
        if size[1] > 700:
            assert opened.page.area.verticalScrollBar().maximum() == 0
        chart = opened.page.chart
        assert chart.geometry().bottom() < opened.page.card.geometry().top()
        assert chart.mapTo(opened.page, QPoint(0, 0)).x() >= 0
