"""The cards under the table: points over the days of the period, plan and fact of each person."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking import chartdata
from salesdesk.ui.ranking.bars import BarList
from salesdesk.ui.ranking.chartdata import PersonLine
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card
from salesdesk.ui.widgets.linechart import LineChart

_COLOURED = 7


class Charts(QWidget):
    """``picked(person_id, metric)``: a person's bar was clicked."""

    picked = Signal(int, str)

    def __init__(
        self,
        set_plans: Callable[[], object],
        show_month: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._set_plans, self._show_month = set_plans, show_month
        self._answer: Answer | None = None
        self._strong: int | None = None
        self._drawn = "revenue"
        self.lines = LineChart("ranking-lines", lambda value: formats.decimal(_plain(value)))
        self.day = BarList("ranking-day-points")
        self.no_points = EmptyState("ranking-no-points", "", icon="ranking")
        self.points = self._card(self.lines, self.day, self.no_points)
        self.bars = BarList("ranking-plans")
        self.no_plans = EmptyState("ranking-no-plans", " ", " ", self._on_plans, "flag")
        self.plans = self._card(self.bars, self.no_plans)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.points, 7)
        row.addWidget(self.plans, 4)
        self.day.picked.connect(lambda person: self.picked.emit(person, "points"))
        self.bars.picked.connect(lambda person: self.picked.emit(person, self._drawn))

    def _card(self, *pages: QWidget) -> Card:
        card = Card(" ", theme.M)
        stack = QStackedWidget()
        for page in pages:
            stack.addWidget(page)
        card.body.addWidget(stack, 1)
        return card

    def _show(self, card: Card, page: QWidget) -> None:
        stack = page.parentWidget()
        assert isinstance(stack, QStackedWidget)
        stack.setCurrentWidget(page)

    def set_answer(self, answer: Answer) -> None:
        """Draw another state."""
        self._answer = answer
        self.retranslate()

    def set_strong(self, person_id: int | None) -> None:
        """Draw this person's line stronger."""
        if person_id != self._strong:
            self._strong = person_id
            if self._answer is not None:
                self._show_points(self._answer)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.no_points.set_texts(
            tr("No points in this period yet: a deal earns them when it enters a stage.")
        )
        if self._answer is not None:
            self._show_points(self._answer)
            self._show_plans(self._answer)

    # -- points -------------------------------------------------------------------------------

    def _show_points(self, answer: Answer) -> None:
        self.points.title.set_text(chartdata.points_title(answer))
        lines = chartdata.person_lines(answer)
        if not lines:
            self._show(self.points, self.no_points)
        elif len(answer.days.days) == 1:
            bars = chartdata.day_bars(answer)
            self.day.set_lines(bars.lines, bars.count, bars.spoken())
            self._show(self.points, self.day)
        else:
            self._show_lines(answer, lines)

    def _show_lines(self, answer: Answer, lines: list[PersonLine]) -> None:
        series, more = chartdata.light_series(lines, _COLOURED)
        spoken = chartdata.points_spoken(lines)
        self.lines.set_data(series, chartdata.day_labels(answer), more, spoken)
        self._show(self.points, self.lines)

    # -- plans --------------------------------------------------------------------------------

    def _show_plans(self, answer: Answer) -> None:
        bars = chartdata.plan_bars(answer)
        if bars is None:
            self.plans.title.set_text(chartdata.plain_plan_title(answer))
            self._say_why(answer.ranking.period.is_day)
            self._show(self.plans, self.no_plans)
            return
        self._drawn = bars.metric
        self.plans.title.set_text(bars.title)
        self.bars.set_lines(bars.lines, bars.count, bars.spoken())
        self._show(self.plans, self.bars)

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


def _plain(value: float) -> Decimal:
    return Decimal(repr(round(value, 4)))
