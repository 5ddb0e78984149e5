"""The page of the reports on a real workspace: the services' numbers, what is behind them, filters
that stay on the way down and back, both languages."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.moments import month_of
from salesdesk.services import deals, periods, report_catalog, reports
from salesdesk.ui.reports import query
from salesdesk.ui.reports.query import Cell
from tests.builders import Desk, day, empty_store
from tests.ui.reports_desk import KEY, NOVEMBER, Open, Told, opened, told

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["opened", "told"]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


# -- the three oldest reports ---------------------------------------------------------------------


def test_moves_by_day_and_stage_as_the_service_counts_them(opened: Open) -> None:
    assert opened.heads() == ["Period", "New", "Set", "Held", "Signed", "Won", "Lost", "Total"]
    rows = opened.rows()
    assert rows[0] == ["2\u00a0Nov\u00a02026", "2", *"·" * 5, "2"]
    assert rows[-1] == ["Total", "3", "2", "1", "1", "1", "1", "9"]
    found = opened.ask(reports.transitions, NOVEMBER, pipeline_id=1)
    assert sum(row.count for row in found) == int(rows[-1][-1])
    assert [plain(row[0]) for row in rows[:-1]] == [
        f"{at} Nov 2026" for at in (2, 3, 5, 9, 13, 17, 19)
    ]


def test_by_week_by_person_by_team_and_by_stage_left(opened: Open) -> None:
    opened.page.filters.by._on_picked("week")
    opened.settle()
    assert opened.rows()[0][0] == "2–8\u00a0Nov\u00a02026"
    assert opened.rows()[0][-1] == "5"
    opened.own("rows", "people")
    assert [(row[0], row[-1]) for row in opened.rows()] == [
        ("Anna Orlova", "5"), ("Ivan Petrov", "3"), ("Nobody", "1"), ("Total", "9"),
    ]  # fmt: skip
    opened.own("rows", "teams")
    assert [(row[0], row[-1]) for row in opened.rows()][:3] == [
        ("Sales", "5"), ("Fitting", "3"), ("Without a team", "1"),
    ]  # fmt: skip
    opened.own("rows", "from")
    assert [(row[0], row[-1]) for row in opened.rows()][:3] == [
        ("Created", "3"), ("New", "2"), ("Set", "2"),
    ]  # fmt: skip
    opened.own("rows", "each")
    found = opened.ask(reports.transitions, NOVEMBER, "week", pipeline_id=1, split_from=True)
    assert len(opened.rows()) == len(found) + 1


@pytest.mark.parametrize(
    ("rows", "row", "column", "expected"),
    [
        ("periods", 0, 1, ["Racks, 2 Nov 11:00 · → New · Ivan Petrov",
                           "Cranes, 2 Nov 10:00 · → New · Anna Orlova"]),
        ("people", 1, 6, ["Racks, 13 Nov 11:00 · Set → Lost · Ivan Petrov"]),
        ("people", 2, 7, ["Pump, 17 Nov 09:00 · → New"]),
        ("teams", 0, 5, ["Cranes, 19 Nov 10:00 · Signed → Won · Anna Orlova"]),
        ("from", 1, 2, ["Racks, 3 Nov 11:00 · New → Set · Ivan Petrov",
                        "Cranes, 3 Nov 10:00 · New → Set · Anna Orlova"]),
        ("people", 3, 3, ["Cranes, 5 Nov 10:00 · Set → Held · Anna Orlova"]),
    ],
)  # fmt: skip
def test_a_number_lists_its_moves(
    opened: Open, rows: str, row: int, column: int, expected: list[str]
) -> None:
    opened.own("rows", rows)
    opened.click(row, column)
    assert opened.page.panel.isVisible()
    assert opened.things() == expected
    head = opened.heads()[column]
    assert opened.page.panel.title.text() == f"{head}: {len(expected)}"


@pytest.mark.parametrize("report", ["transitions", "stage-time", "funnel"])
def test_every_number_has_as_many_things_as_it_says(opened: Open, report: str) -> None:
    opened.choose(report)
    found = report_catalog.report(report)
    ways = [{}, *({"rows": key} for key in found.own[0].values)] if found.own else [{}]
    for own in ways:
        for key, value in own.items():
            opened.own(key, value)
        asked = opened.page.asked()
        table = opened.ask(query.read, asked).table
        for row in [*table.rows, *([table.total] if table.total else [])]:
            for at, column in enumerate(table.columns):
                n = row.cells[at]
                if column.opens and column.holds == "count" and n:
                    behind = opened.ask(query.behind, asked, Cell(row.key, column.key))
                    assert sum(one.value for one in behind.things if one.counts) == n


def test_time_in_stage(opened: Open) -> None:
    opened.choose("stage-time")
    times = opened.ask(reports.stage_time, NOVEMBER, pipeline_id=1)
    rows = opened.rows()
    assert [row[0] for row in rows] == [row.stage for row in times]
    assert rows[0] == ["New", "2", "1.0", "1.0", "1.0", "1"]
    assert rows[1] == ["Set", "2", "6.0", "6.0", "9.2", "·"]
    assert rows[4] == ["Advance", "·", "—", "—", "—", "1"]
    assert not opened.page.filters.by.isVisible()
    assert "Set 6.0" in opened.page.chart.bars.accessibleName()
    opened.click(1, 4)
    assert opened.things() == [
        "Racks, 10.0, 13 Nov 11:00 · Ivan Petrov", "Cranes, 2.0, 5 Nov 10:00 · Anna Orlova",
    ]  # fmt: skip
    assert opened.page.panel.title.text() == "90 %, days: 9.2"
    opened.click(1, 1)
    assert opened.things()[0] == "Racks, 13 Nov 11:00 · 10 days in this stage · Ivan Petrov"
    opened.click(4, 5)
    assert opened.things() == ["Old, 6 Oct 09:00 · 45 days in this stage · Anna Orlova"]


def test_the_funnel_counts_both_ways(opened: Open) -> None:
    opened.choose("funnel")
    rows = opened.rows()
    assert [row[:2] for row in rows] == [
        ["New", "3"], ["Set", "2"], ["Held", "1"], ["Signed", "1"], ["Advance", "1"], ["Won", "1"],
    ]  # fmt: skip
    assert [plain(cell) for cell in rows[1][2:]] == ["67 %", "67 %", "2"]
    assert rows[4][4] == "·"
    assert opened.page.body.note.text().startswith("3 deals were created.")
    opened.click(1, 1)
    assert opened.things() == ["Racks, 2 Nov 11:00 · Lost", "Cranes, 2 Nov 10:00 · Won"]


# -- what is asked --------------------------------------------------------------------------------


def test_pipeline_team_and_person(opened: Open) -> None:
    filters = opened.page.filters
    filters.pipeline._on_picked(0)
    opened.settle()
    assert opened.heads()[-2:] == ["Open", "Total"]
    filters.team._on_picked(opened.told.fitters)
    opened.settle()
    assert opened.rows()[-1][-1] == "4"
    filters.person._on_picked(opened.told.anna)
    opened.settle()
    assert filters.team.value == 0
    assert opened.rows()[-1][-1] == "5"
    opened.choose("funnel")
    assert filters.pipeline.value == 1  # a funnel is of one pipeline
    assert opened.rows()[0][1] == "1"


def test_a_filter_of_deals_stays_on_the_way_down(opened: Open) -> None:
    opened.page.filters.deals.take("amount", "1000000..")
    opened.settle()
    assert opened.rows()[-1][-1] == "5"
    opened.click(0, 1)
    assert opened.things() == ["Cranes, 2 Nov 10:00 · → New · Anna Orlova"]
    chain = plain(opened.page.panel.chain.text())
    assert chain == ("Stage moves › 1–30 Nov 2026 › Sales › Amount: from 1 000 000 › 2 Nov 2026")
    opened.choose("funnel")
    assert opened.rows()[0][1] == "1"
    assert opened.page.filters.clear_chip.isVisible()
    opened.page.filters.clear_chip.click()
    opened.settle()
    assert opened.rows()[0][1] == "3"


def test_the_own_deals_are_those_of_whoever_asks(opened: Open) -> None:
    opened.page.filters.deals.take("who", "mine")
    opened.settle()
    assert opened.rows()[-1][-1] == "5"
    opened.context.set_person(opened.told.ivan, "Ivan Petrov", "manager")
    opened.page.refresh()
    opened.settle()
    assert opened.rows()[-1][-1] == "3"


def test_a_label_narrows(opened: Open) -> None:
    opened.own("rows", "people")
    opened.click(0, 0)
    assert opened.page.filters.person.value == opened.told.anna
    assert opened.rows()[-1][-1] == "5"
    assert len(opened.rows()) == 6
    opened.click(2, 0)  # a day
    assert opened.page.filters.days.period() == periods.of_day(day("2026-11-05"))
    opened.window.walk(-1)
    opened.settle()
    assert opened.page.filters.days.period() == NOVEMBER
    opened.window.walk(-1)
    opened.settle()
    assert opened.page.filters.person.value == 0


def test_what_is_chosen_is_remembered(
    opened: Open, qtbot: QtBot, told: Told, tmp_path: Path
) -> None:
    opened.page.filters.by._on_picked("month")
    opened.own("rows", "people")
    opened.page.filters.days.set_period(periods.of_month(day("2026-10-10")))
    opened.settle()
    before = opened.rows()
    opened.close()
    again = Open(qtbot, told, tmp_path)
    assert again.page.filters.days.period() == periods.of_month(day("2026-10-10"))
    assert again.page.filters.by.value == "month"
    assert again.rows() == before
    again.close()


def test_days_are_kept_from_report_to_report(opened: Open) -> None:
    october = periods.of_month(day("2026-10-10"))
    opened.page.filters.days.set_period(october)
    opened.choose("stage-time")
    assert opened.page.filters.days.period() == october
    ahead = [n for n in report_catalog.NAMES if report_catalog.report(n).looks_ahead]
    opened.choose(ahead[0])
    assert opened.page.filters.days.period() == periods.of_months(month_of(day("2026-11-01")), 12)
    assert opened.page.filters.days.ahead
    popover = opened.page.filters.days._open_popover()
    offered = {each.text(): each for each in popover.findChildren(QPushButton)}
    assert "Last month" not in offered
    offered["Next month"].click()
    assert opened.page.filters.days.text() == "2026-12-01..2026-12-31"
    popover = opened.page.filters.days._open_popover()
    offered = {each.text(): each for each in popover.findChildren(QPushButton)}
    offered["12 months"].click()
    assert opened.page.filters.days.text() == "twelve"  # they move with the month
    opened.choose("funnel")
    assert opened.page.filters.days.period() == october
    popover = opened.page.filters.days._open_popover()
    offered = {each.text(): each for each in popover.findChildren(QPushButton)}
    offered["All time"].click()
    assert opened.page.filters.days.text() == "2026-10-06..2026-11-20"


# -- the table ------------------------------------------------------------------------------------


def test_heads_sort_and_the_sum_stays_last(opened: Open) -> None:
    head = opened.page.table.head
    opened.own("rows", "people")
    for expected in (["Anna Orlova", "Ivan Petrov", "Nobody"],
                     ["Nobody", "Ivan Petrov", "Anna Orlova"],
                     ["Anna Orlova", "Ivan Petrov", "Nobody"]):  # fmt: skip
        where = QPoint(head.sectionViewportPosition(0) + 10, head.height() // 2)
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton,
                         Qt.KeyboardModifier.NoModifier, where)  # fmt: skip
        assert [row[0] for row in opened.rows()] == [*expected, "Total"]
    table = opened.page.table
    table.setCurrentIndex(table.model_of.index(0, 7))
    QTest.keyClick(table, KEY.Key_S)
    assert opened.page.address()["sort"] == "-total"
    QTest.keyClick(table, KEY.Key_S)
    assert [row[-1] for row in opened.rows()] == ["1", "3", "5", "9"]


def test_a_text_filters_the_rows(opened: Open) -> None:
    opened.own("rows", "each")
    QTest.keyClick(opened.page.table, KEY.Key_Slash)
    field = opened.page.body.field
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, "petrov set")
    assert {row[4] for row in opened.rows()} == {"Ivan Petrov"}
    assert opened.page.body.count.text() == "2 of 9"
    assert opened.page.address()["find"] == "petrov set"
    field.setText("зуекщм")  # petrov, in the other layout
    assert len(opened.rows()) == 3
    field.setText("nobody like this")
    assert opened.rows() == []
    assert "nobody like this" in opened.page.body.note.text()
    QTest.keyClick(field, KEY.Key_Escape)
    assert len(opened.rows()) == 10
    assert QApplication.focusWidget() is opened.page.table


def test_nothing_in_a_period_says_so(opened: Open) -> None:
    filters = opened.page.filters
    filters.days.set_period(periods.of_month(day("2026-01-10")))
    opened.settle()
    empty = opened.page.empty
    assert empty.isVisible()
    assert QApplication.focusWidget() is empty.button
    assert not opened.page.body.card.isVisible()
    assert "Nothing of this happened" in empty.accessibleName()
    opened.choose("funnel")
    assert empty.isVisible()
    empty.button.click()
    opened.settle()
    assert filters.days.period() == periods.of_year(day("2026-11-20"))
    assert opened.page.body.card.isVisible()
    assert QApplication.focusWidget() is opened.page.table
    filters.deals.take("amount", "9000000..")
    opened.settle()
    assert empty.button.text() == "Without filters"
    empty.button.click()
    opened.settle()
    assert opened.page.body.card.isVisible()


def test_a_workspace_without_pipelines(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    class Bare(Told):
        def __init__(self, folder: Path) -> None:
            self.desk = Desk(empty_store(folder))
            self.anna = self.desk.person("Anna Orlova", role="admin")
            self.now = self.desk.at("2026-11-20T18:30")

    bare = Bare(tmp_path)
    made = Open(qtbot, bare, tmp_path)
    for report in report_catalog.NAMES:
        made.choose(report)
    for report in ("funnel", "stage-time", "transitions"):
        made.choose(report)
        assert made.page.empty.isVisible()
    made.choose("funnel")
    assert made.page.empty.button.text() == "Make a pipeline"
    made.page.empty.button.click()
    assert made.shown("settings") == ["pipelines"]
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


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Readings of a person's moves wait until it is opened."""
    event, read = threading.Event(), query.read

    def slow(r: Any, asked: query.Asked, *, now: int) -> query.Answer:
        if asked.query.person_id is not None:
            event.wait(5)
        return read(r, asked, now=now)

    monkeypatch.setattr(query, "read", slow)
    yield event
    event.set()


def test_what_takes_long_shows_progress_and_can_be_stopped(
    gate: threading.Event, qtbot: QtBot, told: Told, tmp_path: Path
) -> None:
    made = Open(qtbot, told, tmp_path)
    progress = made.page.body.progress
    assert not progress.isVisible()
    made.page.filters.person._on_picked(told.anna)
    qtbot.waitUntil(progress.isVisible)
    progress.button.click()
    assert not progress.isVisible()
    assert made.page.empty.button.text() == "Read it"
    gate.set()
    made.settle()
    assert made.page.empty.isVisible()  # the answer of what was stopped never comes
    made.page.empty.button.click()
    made.settle()
    assert made.rows()[-1][-1] == "5"
    made.close()


def test_a_newer_question_takes_the_place_of_an_older_one(
    gate: threading.Event, qtbot: QtBot, told: Told, tmp_path: Path
) -> None:
    made = Open(qtbot, told, tmp_path)
    made.page.filters.person._on_picked(told.anna)
    made.page.filters.person._on_picked(0)
    made.page.filters.pipeline._on_picked(0)
    qtbot.waitUntil(lambda: made.heads()[-2:] == ["Open", "Total"])  # not after the slow one
    gate.set()
    made.settle()
    assert made.rows()[-1][-1] == "10"
    made.close()


# -- every report ---------------------------------------------------------------------------------


def test_every_report_opens_in_both_languages(opened: Open) -> None:
    opened.page.filters.days.set_period(periods.of_year(day("2026-11-20")))
    for language in ("en", "ru"):
        opened.context.set_language(language)
        for name in report_catalog.NAMES:
            opened.choose(name)
            answer = opened.page._answer
            assert answer is not None
            assert answer.asked.report == name
            width = len(answer.table.columns)
            assert all(len(row.cells) == width for row in answer.table.rows)
            assert opened.page.body.card.isVisible() != opened.page.empty.isVisible()
            _names(opened.page)
    opened.context.set_language("en")


def test_another_language_at_once(opened: Open) -> None:
    opened.choose("stage-time")
    opened.context.set_language("ru")
    opened.settle()
    assert opened.rows()[1][1:5] == ["2", "6,0", "6,0", "9,2"]


def _names(page: QWidget) -> None:
    for widget in page.findChildren(QWidget):
        pressed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if pressed and widget.isVisible() and not isinstance(widget, QLabel):
            name = widget.objectName()
            assert widget.accessibleName() or name.startswith("qt_"), (name, widget)


def test_everything_to_press_has_a_name(opened: Open) -> None:
    opened.page.drill.open(Cell(("total",), "total"))
    opened.settle()
    _names(opened.page)


@pytest.mark.parametrize("size", [(980, 600), (1280, 720), (1920, 1080)])
def test_it_fits_from_small_to_large(opened: Open, size: tuple[int, int]) -> None:
    opened.window.resize(*size)
    for report in ("transitions", "stage-time", "funnel"):
        opened.choose(report)
        page = opened.page
        assert page.table.horizontalScrollBar().maximum() == 0
        if size[1] > 700:
            assert page.body.verticalScrollBar().maximum() == 0
        assert page.chart.geometry().bottom() < page.body.card.geometry().top()
        assert page.chart.mapTo(page, QPoint(0, 0)).x() >= 0


def test_shares_and_days_are_written_for_people() -> None:
    from salesdesk.ui.reports import cells

    assert plain(cells.percent(Fraction(1, 3))) == "33 %"
    assert plain(cells.percent(Fraction(1, 30))) == "3.3 %"
    assert plain(cells.percent(Fraction(0))) == "0 %"
    shares = ("0.4999", "0.499", "0.49", "0.5", "0.9999", "0.996", "1", "1.004")
    assert [plain(cells.percent(Decimal(share))) for share in shares] == [
        "49.9 %", "49.9 %", "49 %", "50 %", "99.9 %", "99.6 %", "100 %", "100.4 %",
    ]  # fmt: skip
    assert cells.days(Fraction(5, 2)) == "2.5"
