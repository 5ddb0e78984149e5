"""The charts of the ranking: values of a day, lines switched by the legend, colours, files."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from salesdesk.errors import SalesDeskError
from salesdesk.services import periods, ranking_charts
from salesdesk.ui import theme
from salesdesk.ui.ranking import chartfile
from salesdesk.ui.ranking.chartdata import COLOURS, PersonLine, person_lines
from salesdesk.ui.ranking.legend import Legend
from salesdesk.ui.ranking.plots import PointsPlot
from tests.builders import day
from tests.ui.ranking_desk import KEY, LEFT, Open, opened, story  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def plot_of(opened: Open) -> PointsPlot:
    opened.qtbot.waitUntil(lambda: opened.page.charts.lines is not None)
    plot = opened.page.charts.lines
    assert plot is not None
    opened.qtbot.waitUntil(plot.isVisible)
    return plot


def test_lines_are_the_running_sums_of_the_service(opened: Open) -> None:
    plot = plot_of(opened)
    with opened.story.desk.store.read() as r:
        month = periods.of_month(day("2026-11-20"))
        found = ranking_charts.points_by_day(r, month, now=opened.story.now)
    assert [line.name for line in plot.shown()] == ["Anna Orlova", "Ivan Petrov", "Maria Kim"]
    for line in plot.shown():
        assert line.values == tuple(map(float, found.running(line.person_id)))
        xs, ys = plot._curves[line.person_id].getData()
        assert (list(xs), list(ys)) == (list(range(20)), list(line.values))
    totals = {row.person_id: row.points for row in opened.ranking().rows}
    assert all(Decimal(repr(line.values[-1])) == totals[line.person_id] for line in plot.shown())


def test_the_pointer_tells_all_values_of_a_day(opened: Open) -> None:
    plot = plot_of(opened)
    box = plot.plot.getPlotItem().getViewBox()
    where = plot.plot.mapFromScene(box.mapViewToScene(QPointF(8.2, 20)))
    QTest.mouseMove(plot.plot.viewport(), where - QPoint(40, 0))
    QTest.mouseMove(plot.plot.viewport(), where)
    assert plot.readout.isVisible()
    assert plot.said() == "9\u00a0Nov, Anna Orlova 11.1, Maria Kim 3.1, Ivan Petrov 0"
    plot.legend.toggle(opened.story.maria)
    assert "Maria" not in plot.said()
    outside = plot.plot.mapFromScene(QPointF(2, 2))
    QTest.mouseMove(plot.plot.viewport(), outside)
    assert not plot.readout.isVisible()


def test_keys_walk_the_days_and_esc_leaves(opened: Open) -> None:
    plot = plot_of(opened)
    plot.plot.setFocus()
    opened.key(KEY.Key_Left)
    assert plot.said().startswith("20\u00a0Nov, Anna Orlova 46.1")
    opened.key(KEY.Key_Left)
    assert plot.plot.accessibleDescription().startswith("19\u00a0Nov")
    opened.key(KEY.Key_Home)
    assert plot.said().startswith("1\u00a0Nov")
    opened.key(KEY.Key_Escape)
    assert not plot.readout.isVisible()


def test_the_legend_switches_lines_by_mouse_and_keyboard(opened: Open) -> None:
    plot, (anna, maria) = plot_of(opened), (opened.story.anna, opened.story.maria)
    legend = plot.legend
    first = legend.places(legend.width())[0][0].center().toPoint()
    QTest.mouseClick(legend, LEFT, NONE, first)
    assert [line.name for line in plot.shown()] == ["Ivan Petrov", "Maria Kim"]
    assert anna not in plot._curves
    QTest.mouseClick(legend, LEFT, CTRL, first)
    assert [line.person_id for line in plot.shown()] == [anna]
    QTest.mouseClick(legend, LEFT, CTRL, first)
    assert len(plot.shown()) == 3
    legend.setFocus()
    opened.key(KEY.Key_Right)
    opened.key(KEY.Key_Right)
    assert legend.accessibleName() == "Lines of the chart: Maria Kim, shown"
    opened.key(KEY.Key_Space)
    assert legend.accessibleName() == "Lines of the chart: Maria Kim, hidden"
    assert maria not in plot._curves
    opened.page.refresh()
    opened.settle()
    assert maria not in plot._curves  # what was switched stays so with other numbers


def many(count: int) -> list[PersonLine]:
    return [
        PersonLine(at, f"Person number {at}", lambda: (Decimal(0),), at % COLOURS, Decimal(at))
        for at in range(1, count + 1)
    ]


def test_of_many_as_many_are_drawn_as_have_colours(qtbot: QtBot) -> None:
    legend = Legend("some-legend")
    qtbot.addWidget(legend)
    legend.resize(500, 60)
    legend.set_lines(many(40))
    assert [one for one in range(1, 41) if legend.shown(one)] == list(range(1, COLOURS + 1))
    legend.set_strong(30)
    assert legend.shown(30)
    legend.set_strong(None)
    places = legend.places(500)
    assert places[-1][1] == -1  # "and n more"
    assert places[-1][0].right() <= 500
    assert legend.heightForWidth(500) == 40
    legend._open_more()
    menu = legend.findChildren(QMenu)[0]
    assert len(menu.actions()) == 40 - (len(places) - 1)
    assert not legend.shown(40)
    menu.actions()[-1].trigger()
    assert legend.shown(40)


def test_colours_follow_the_theme_and_words_the_language(opened: Open) -> None:
    plot = plot_of(opened)
    line = plot.shown()[0]
    light = plot._curves[line.person_id].opts["pen"].color()
    opened.context.set_theme("dark")
    dark = plot._curves[line.person_id].opts["pen"].color()
    assert light != dark == theme.current().line_of(line.colour)
    assert plot.plot.backgroundBrush().color() == theme.current().surface
    opened.context.set_language("ru")
    assert plot._days.labels[0] == "1\u00a0ноя"
    opened.context.set_language("en")
    opened.context.set_theme("light")


def test_a_line_has_the_colour_of_its_avatar_while_it_is_free(opened: Open) -> None:
    answer = opened.page._answer
    assert answer is not None
    colours = [line.colour for line in person_lines(answer)]
    assert len(set(colours)) == len(colours)


def test_the_bars_show_the_plans_of_the_metric_that_is_chosen(opened: Open) -> None:
    charts = opened.page.charts
    assert charts.plans.title.accessibleName() == "Plan and fact: Revenue"
    menu = charts._plans_menu()
    names = [action.objectName() for action in menu.actions() if action.isCheckable()]
    assert names == ["ranking-plans-revenue", "ranking-plans-meetings_held"]
    assert menu.actions()[0].isChecked()
    menu.actions()[1].trigger()
    assert charts.bars.accessibleName() == "Plan and fact: Meetings held, Maria Kim 1 / 2"
    assert opened.context.remember.text("ranking/bars") == "meetings_held"
    opened.page.refresh()
    opened.settle()
    assert "Meetings held" in charts.plans.title.accessibleName()


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_charts_are_saved(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    plot_of(opened)
    for card, opens in (("points", opened.page.charts._points_menu),
                        ("plans", opened.page.charts._plans_menu)):  # fmt: skip
        path = tmp_path / f"{card}.{suffix}"
        chosen = str(path.with_suffix(""))  # the suffix is added
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, to=chosen: (to, ""))
        menu = opens()
        next(one for one in menu.actions() if one.objectName().endswith(suffix)).trigger()
        assert path.stat().st_size > 1000
        if suffix == "svg":
            said = path.read_text()
            assert said.count("<text") > 5 and "Anna Orlova" in said  # noqa: PT018
            assert "<image" not in said  # letters and lines, no pixels
        else:
            assert QImage(str(path)).width() > 2 * 200


def test_a_picture_that_cannot_be_written_is_said_in_a_sentence(
    qapp: QApplication, tmp_path: Path
) -> None:
    for name in ("x.png", "x.svg"):
        with pytest.raises(SalesDeskError, match="cannot be written"):
            chartfile.save(tmp_path / "no" / name, "Points", QSize(300, 200), lambda *_: None)


def test_what_draws_is_not_imported_with_the_page() -> None:
    code = "import sys, salesdesk.ui.ranking.panel; print('pyqtgraph' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
