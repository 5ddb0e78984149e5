"""The forecast on past Mondays, as the page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services.forecast_verdict import verdict
from salesdesk.services.report_table import Query
from salesdesk.services.writer import Writer
from salesdesk.text import set_language
from salesdesk.ui import theme
from salesdesk.ui.context import Context, Problem
from salesdesk.ui.remember import Remember
from salesdesk.ui.reports.forecast_chart import ReplayChart
from salesdesk.ui.reports.forecast_replay import ReplayView
from salesdesk.ui.reports.panel import ReportsPage
from tests.services.forecasting import ALL, Year, mondays, tell

LEFT = Qt.MouseButton.LeftButton


@dataclass
class Opened:
    """The view in a window of its own, on some months of sales."""

    qtbot: QtBot
    year: Year
    context: Context
    view: ReplayView
    problems: list[Problem]

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.context.background.pending() == 0, timeout=20_000)
        self.qtbot.wait(20)

    def press(self, name: str) -> None:
        button = self.view.findChild(QWidget, name)
        assert button is not None
        QTest.mouseClick(button, LEFT)


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    year = tell(tmp_path, 120)
    theme.set_mode("light")
    writer = Writer(year.desk.store)
    context = Context(year.desk.store, writer, lambda: year.now, Remember(tmp_path / "r.ini"))
    problems: list[Problem] = []
    context.problem.connect(problems.append)
    top = QWidget()
    qtbot.addWidget(top)
    column = QVBoxLayout(top)
    view = ReplayView(context, top)
    column.addWidget(view)
    top.resize(1000, 520)
    top.show()
    yield Opened(qtbot, year, context, view, problems)
    context.close()
    year.desk.store.close()


def test_it_says_in_one_sentence_which_forecast_is_closer(opened: Opened) -> None:
    view = opened.view
    assert not view.card.isVisible()  # nothing was asked yet
    view.show(ALL)
    assert view.progress.isVisible()
    assert not view.again.isVisible()
    opened.settle()
    assert view.card.isVisible()
    assert not view.progress.isVisible()
    assert view.chart.isVisible()
    said = view.verdict.text()
    assert "missed by" in said
    assert said.endswith((" less.", "first."))
    assert "Mondays what happened lay in the range" in view.range.text()
    assert said in view.chart.accessibleName()
    assert "Mondays in the range" in view.figures.accessibleName()
    money = view.figures.accessibleName()
    opened.press("forecast-measure-deals")
    assert view.figures.accessibleName() != money
    month = view.figures.accessibleName()
    opened.press("forecast-horizon-quarter")
    assert view.figures.accessibleName() != month
    assert opened.context.remember.text("forecast/horizon") == "quarter"
    assert not opened.problems


def test_cancel_stops_it_and_it_can_be_asked_for_again(opened: Opened) -> None:
    view = opened.view
    view.show(ALL)
    opened.press("forecast-progress-cancel")
    opened.settle()
    assert not view.progress.isVisible()
    assert not view.chart.isVisible()
    assert view.again.isVisible()
    assert view.again.text() == "Try it on the past"
    view.show(ALL)  # shown once more, as after a change of the report: stays stopped
    assert not view.progress.isVisible()
    opened.press("forecast-again")
    opened.settle()
    assert view.chart.isVisible()
    assert not opened.problems


def test_another_question_takes_the_place_of_the_one_under_way(opened: Opened) -> None:
    view, person = opened.view, opened.year.people[0]
    view.show(ALL)
    view.show(Query(ALL.period, person_id=person))
    opened.settle()
    all_of_it = opened.year.replay()
    mine = opened.year.replay(Query(ALL.period, person_id=person))
    assert view._lines() == mine.lines["month", "money"]
    assert view._lines() != all_of_it.lines["month", "money"]
    view.show(Query(ALL.period, person_id=person, by="month"))  # what it does not look at
    assert not view.progress.isVisible()


def test_a_hidden_view_asks_nothing(opened: Opened) -> None:
    view = opened.view
    view.show(ALL)
    view.hide()
    opened.settle()
    assert not view._lines()
    view.show()
    opened.settle()
    assert view._lines()


def test_monday_by_monday_under_the_pointer(opened: Opened) -> None:
    view = opened.view
    view.show(ALL)
    opened.settle()
    lines = view._lines()
    at = next(at for at, each in enumerate(lines) if each.happened)
    assert "What happened" in view.chart.said(at)
    assert "By probability" in view.chart.said(at)
    assert "not over yet" in view.chart.said(len(lines) - 1)
    point = view.chart.point(at)
    QTest.mouseMove(view.chart, QPoint(round(point.x()), round(point.y())))
    assert view.chart.rect().contains(point.toPoint())


def test_mondays_stand_where_they_are_in_time(qtbot: QtBot) -> None:
    """Weeks in which nothing was open are a gap: no line, no colour, nothing to point at."""
    whole = mondays(*[(90.0, 80.0, 40.0, 120.0, 100.0)] * 21)
    theme.set_mode("light")
    chart = ReplayChart("mondays")
    qtbot.addWidget(chart)
    chart.resize(900, 240)
    chart.set_lines([*whole[:5], *whole[15:19], whole[20]], str, "")
    xs = [chart.point(at).x() for at in range(10)]
    week = xs[1] - xs[0]
    assert [round((x - xs[0]) / week) for x in xs] == [*range(5), *range(15, 19), 20]
    assert xs[-1] - xs[0] == pytest.approx(20 * week)
    assert [len(run) for run in chart.runs()] == [5, 4, 1]
    height = chart.point(0).y()
    for at, hit in ((3, 3), (4, 4), (5, 5), (9, 9)):
        assert chart.place_at(QPointF(xs[at] + 1, height)) == hit
    hole = QPointF((xs[4] + xs[5]) / 2, height)
    assert chart.place_at(hole) == -1
    picture = chart.grab().toImage()
    ratio = picture.width() / chart.width()

    def colours(x: float) -> set[str]:
        low, high = round(chart.point(0).y() - 30), round(chart.point(0).y() + 60)
        return {picture.pixelColor(round(x * ratio), round(y * ratio)).name()
                for y in range(low, high)}  # fmt: skip

    look = theme.current()
    nothing = {look.background.name(), look.surface.name(), look.line.name()}
    assert colours(hole.x()) <= nothing
    assert not colours((xs[1] + xs[2]) / 2) <= nothing
    assert not colours(xs[9] - 2) <= nothing  # a Monday alone is seen


def test_the_amounts_beside_the_chart_have_room(qtbot: QtBot) -> None:
    chart = ReplayChart("mondays")
    qtbot.addWidget(chart)
    chart.resize(900, 240)
    said = {0.0: "0", 50.0: "500 thousand", 100.0: "1 M", 150.0: "1.5 M"}
    chart.set_lines(mondays(*[(90.0, 80.0, 40.0, 120.0, 100.0)] * 5), said.__getitem__, "")
    metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
    assert chart.point(0).x() > metrics.horizontalAdvance("500 thousand")


def test_the_page_of_the_reports_has_it_below_the_table(opened: Opened) -> None:
    page = ReportsPage(opened.context)
    opened.qtbot.addWidget(page)
    page.resize(1200, 900)
    page.show()
    page.go_to({"report": "forecast", "days": "2026-11-01..2027-02-28"})
    view = page.findChild(ReplayView)
    assert view is not None
    opened.qtbot.waitUntil(lambda: bool(view.verdict.text()), timeout=20_000)
    assert view.isVisible()
    assert page.body.table.model_of.table.columns[0].key == "period"
    page.hide()


def test_whichever_is_closer_stands_first() -> None:
    def names(*fact: float, dated: int = 5) -> list[str]:
        lines = mondays(*[fact] * 10, dated=dated)  # type: ignore[arg-type]
        return [what for _, what in ReplayView._pairs(verdict(lines))]

    assert names(140.0, 90.0, 80.0, 120.0, 100.0)[0] == "history missed by"
    assert names(100.0, 150.0, 120.0, 180.0, 100.0)[0] == "probability missed by"
    silent = names(0.0, 90.0, 80.0, 120.0, 100.0, dated=0)
    assert not any("probability" in what for what in silent)


def test_language_and_theme_change_at_once(opened: Opened) -> None:
    view = opened.view
    view.show(ALL)
    opened.settle()
    set_language("ru")
    view.retranslate()
    theme.set_mode("dark")
    opened.qtbot.wait(20)
    picture = view.chart.grab().toImage()
    assert picture.pixelColor(2, picture.height() - 2).lightness() < 100
    set_language("en")
    view.retranslate()
    assert view.card.title.accessibleName() == "Tried on past Mondays"
    theme.set_mode("light")
