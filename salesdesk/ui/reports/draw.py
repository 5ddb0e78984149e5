"""The card with the chart of a report: its legend, and what draws it."""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget, QWidget

from salesdesk.text import ntr
from salesdesk.ui import formats, theme
from salesdesk.ui.reports.bars import Bars
from salesdesk.ui.reports.drawing import Drawing
from salesdesk.ui.reports.legend import Legend
from salesdesk.ui.reports.plot import Plot
from salesdesk.ui.widgets.labels import Card, label

_LEAST = 160


class ChartCard(Card):
    """``set_drawing`` shows another one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", theme.M, parent)
        self._drawing: Drawing | None = None
        self.legend = Legend("reports-legend")
        self.plot = Plot("reports-plot")
        self.bars = Bars("reports-bars")
        self.more = label("", "small")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.plot)
        self._stack.addWidget(self.bars)
        self.body.addWidget(self.legend)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(self.more)
        self.legend.switched.connect(self._draw)

    def set_drawing(self, drawing: Drawing, title: str) -> None:
        """Draw another table, under this title."""
        self._drawing = drawing
        self.title.set_text(title)
        self.legend.set_series(drawing.series)
        self.legend.setVisible(len(drawing.series) > 1)
        self.more.setVisible(drawing.left_out > 0)
        if drawing.left_out:
            self.more.setText(
                ntr("{n} more row is in the table", "{n} more rows are in the table",
                    drawing.left_out)
            )  # fmt: skip
        self._draw()

    def _draw(self) -> None:
        drawing = self._drawing
        if drawing is None:
            return
        here = self.bars if drawing.kind == "bars" else self.plot
        self._stack.setCurrentWidget(here)
        here.draw(drawing, self.legend.shown(), self._spoken(drawing))

    def _spoken(self, drawing: Drawing) -> str:
        """The chart for a screen reader."""
        title = self.title.accessibleName()
        if drawing.kind == "bars":
            told = ", ".join(f"{bar.name} {' / '.join(bar.texts)}" for bar in drawing.bars)
            return f"{title}: {told}"
        number: Callable[[float], str] = drawing.number
        sums = ", ".join(
            f"{each.name} {number(sum(v for v in each.values if v))}"
            for each in self.legend.shown()
        )
        return f"{title}: {sums}".replace(formats.NO_BREAK, " ")

    def least_height(self, width: int) -> int:
        """What it needs to be read at a width."""
        drawing = self._drawing
        if drawing is None or drawing.kind != "bars":
            return _LEAST + self._legend_height(width)
        return self.full_height(width) - self.bars.sizeHint().height() + self.bars.least_height()

    def full_height(self, width: int) -> int:
        """As high as is of use at a width: bars need no more than their rows."""
        drawing = self._drawing
        if drawing is None or drawing.kind != "bars":
            return 10 * theme.ROW_HEIGHT
        more = 3 * theme.S if drawing.left_out else 0
        bars = self.bars.sizeHint().height()
        return bars + theme.ROW_HEIGHT + theme.L + more + self._legend_height(width)

    def _legend_height(self, width: int) -> int:
        if self._drawing is None or len(self._drawing.series) < 2:
            return 0
        return self.legend.heightForWidth(width - 2 * theme.M - 2) + theme.S
