"""The cards under the table: points over the days of the period, plan and fact of each person."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QAction, QPainter
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import chartdata, chartfile, words
from salesdesk.ui.ranking.bars import BarList, paint_lines
from salesdesk.ui.ranking.chartdata import Bars, PersonLine
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card
from salesdesk.ui.widgets.popup import show_under

if TYPE_CHECKING:
    from salesdesk.ui.ranking.plots import PointsPlot


#: Whose plans the bars show is remembered under this name.
_BARS_KEY = "ranking/bars"


def load_plots(_r: Any) -> None:
    """Import what draws lines, away from the GUI thread: it takes half a second."""
    import pyqtgraph  # noqa: F401


class ChartCard(Card):
    """A card with a menu at its title; one of its pages is seen."""

    def __init__(self, name: str, opens: Callable[[], QMenu]) -> None:
        super().__init__("", theme.M)
        self._opens = opens
        self.more = IconButton("more", "", f"{name}-menu", self._on_more, "quiet")
        self.stack = QStackedWidget()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        self.title.show()
        head.addWidget(self.title, 1)
        head.addWidget(self.more)
        self.more.setFixedSize(theme.XL, theme.L)
        kept = self.more.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # titles side by side stand at one height
        self.more.setSizePolicy(kept)
        self.body.addLayout(head)
        self.body.addWidget(self.stack, 1)

    def add(self, page: QWidget) -> None:
        """One more page."""
        self.stack.addWidget(page)

    def see(self, page: QWidget, drawn: bool) -> None:
        """Show a page; ``drawn``: there is a picture on it to be saved."""
        self.stack.setCurrentWidget(page)
        self.more.setVisible(drawn)

    def _on_more(self) -> None:
        show_under(self._opens(), self.more, right=True)


class Charts(QWidget):
    """``picked(person_id, metric)``: a person's bar was clicked."""

    picked = Signal(int, str)

    def __init__(
        self,
        context: Context,
        set_plans: Callable[[], object],
        show_month: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._set_plans, self._show_month = set_plans, show_month
        self._answer: Answer | None = None
        self._strong: int | None = None
        self._loading = False
        self.lines: PointsPlot | None = None
        self.coming = QWidget()
        self.day = BarList("ranking-day-points")
        self.no_points = EmptyState("ranking-no-points", "", icon="ranking")
        self.points = ChartCard("ranking-points-card", self._points_menu)
        for page in (self.coming, self.day, self.no_points):
            self.points.add(page)
        self.bars = BarList("ranking-plans")
        self.no_plans = EmptyState("ranking-no-plans", " ", " ", self._on_plans, "flag")
        self.plans = ChartCard("ranking-plans-card", self._plans_menu)
        for page in (self.bars, self.no_plans):
            self.plans.add(page)
        self._day_bars = self._plan_bars = Bars("", "revenue", [], 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.points, 7)
        row.addWidget(self.plans, 4)
        self.day.picked.connect(lambda person: self.picked.emit(person, "points"))
        self.bars.picked.connect(lambda person: self.picked.emit(person, self._plan_bars.metric))

    def set_answer(self, answer: Answer) -> None:
        """Draw another state."""
        self._answer = answer
        self.retranslate()

    def set_strong(self, person_id: int | None) -> None:
        """Draw this person's line stronger."""
        self._strong = person_id
        if self.lines is not None:
            self.lines.set_strong(person_id)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.no_points.set_texts(
            tr("No points in this period yet: a deal earns them when it enters a stage.")
        )
        for card in (self.points, self.plans):
            card.more.set_text(tr("More of the chart"))
        if self._answer is not None:
            self._show_points(self._answer)
            self._show_plans(self._answer)

    # -- points -------------------------------------------------------------------------------

    def _show_points(self, answer: Answer) -> None:
        self.points.title.set_text(chartdata.points_title(answer))
        lines = chartdata.person_lines(answer)
        if not lines:
            self.points.see(self.no_points, False)
        elif len(answer.days.days) == 1:
            bars = self._day_bars = chartdata.day_bars(answer)
            self.day.set_lines(bars.lines, bars.count, bars.spoken())
            self.points.see(self.day, True)
        elif self.lines is None:
            self.points.see(self.coming, False)
            self._load()
        else:
            self._show_lines(self.lines, answer, lines)

    def _show_lines(self, plot: "PointsPlot", answer: Answer, lines: list[PersonLine]) -> None:
        spoken = chartdata.points_spoken(lines)
        plot.set_data(lines, chartdata.day_labels(answer), spoken)
        self.points.see(plot, True)

    def _load(self) -> None:
        """The lines come when what draws them is there; what else is on the page does not wait."""
        if not self._loading:
            self._loading = True
            self._context.read(load_plots, done=self._on_loaded, key="ranking-plots")

    def _on_loaded(self, _nothing: object) -> None:
        from salesdesk.ui.ranking.plots import PointsPlot

        self.lines = PointsPlot("ranking-lines")
        self.lines.set_strong(self._strong)
        self.points.add(self.lines)
        if self._answer is not None:
            self._show_points(self._answer)

    # -- plans --------------------------------------------------------------------------------

    def _show_plans(self, answer: Answer) -> None:
        bars = chartdata.plan_bars(answer, self._context.remember.text(_BARS_KEY))
        if bars is None:
            self.plans.title.set_text(chartdata.plain_plan_title(answer))
            self._say_why(answer.ranking.period.is_day)
            self.plans.see(self.no_plans, False)
            return
        self._plan_bars = bars
        self.plans.title.set_text(bars.title)
        self.bars.set_lines(bars.lines, bars.count, bars.spoken())
        self.plans.see(self.bars, True)

    def _say_why(self, one_day: bool) -> None:
        if one_day:
            self.no_plans.set_texts(
                tr("A single day is not held against plans: choose a week or a month."),
                tr("Show the month"),
            )
        else:
            self.no_plans.set_texts(
                tr("No plans for this period yet: with plans, the numbers take on colours."),
                tr("Set plans"),
            )

    def _on_plans(self) -> None:
        if self._answer is not None and self._answer.ranking.period.is_day:
            self._show_month()
        else:
            self._set_plans()

    # -- files --------------------------------------------------------------------------------

    def _points_menu(self) -> QMenu:
        page = self.lines if self.points.stack.currentWidget() is self.lines else None
        title = self.points.title.accessibleName()
        draws = self._draws(self._day_bars)
        if page is not None:
            draws = page.draw
        return chartfile.save_menu(
            self._context, self, "ranking-points-save", title, self.points.stack.size(), draws
        )

    def _plans_menu(self) -> QMenu:
        """Whose plans are drawn, and the files."""
        made = chartfile.save_menu(
            self._context, self, "ranking-plans-save", self.plans.title.accessibleName(),
            self.bars.size(), self._draws(self._plan_bars),
        )  # fmt: skip
        metrics = [] if self._answer is None else chartdata.planned_metrics(self._answer)
        first = made.actions()[0]
        for metric in metrics:
            action = QAction(tr(words.TITLES[metric]), made, checkable=True)
            action.setObjectName(f"ranking-plans-{metric}")
            action.setChecked(metric == self._plan_bars.metric)
            action.triggered.connect(partial(self._on_metric, metric))
            made.insertAction(first, action)
        made.insertSeparator(first)
        return made

    def _on_metric(self, metric: str, _on: bool = True) -> None:
        self._context.remember.set(_BARS_KEY, metric)
        if self._answer is not None:
            self._show_plans(self._answer)

    def _draws(self, bars: Bars) -> chartfile.Draws:
        def draw(painter: QPainter, width: float, height: float) -> None:
            room = QRectF(0, 0, width, height)
            paint_lines(painter, room, bars.lines, bars.count, theme.current())

        return draw
