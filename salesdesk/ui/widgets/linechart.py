"""A light line chart: a few lines over days, a legend, the values of a day under the pointer."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salesdesk.ui import theme

_LEGEND_ROW = 20
_DOT = 7
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name, its values, and the colour (``theme.line_of``); None draws it faint and
    without a place in the legend."""

    name: str
    values: tuple[float, ...]
    colour: int | None = 0
    strong: bool = False


def steps_to(most: float, lines: int = 4) -> float:
    """A round distance of the grid's lines, so that about ``lines`` reach ``most``."""
    if most <= 0:
        return 1.0
    rough = most / lines
    size = float(10 ** math.floor(math.log10(rough)))
    return next(size * step for step in _STEPS if size * step >= rough * 0.999)


class LineDrawing:
    """What is drawn, on any painter: from (0, 0) to ``size``, in the colours of a theme."""

    def __init__(self, number: Callable[[float], str]) -> None:
        self.number = number
        self.series: list[Series] = []
        self.labels: list[str] = []
        self.more = ""
        self.size = QSizeF()

    def set_data(self, series: Sequence[Series], labels: Sequence[str], more: str) -> None:
        """``labels`` are those of the x axis, one a value; ``more`` closes the legend."""
        self.series, self.labels, self.more = list(series), list(labels), more

    def point(self, series: int, at: int) -> QPointF:
        """Where a value is drawn."""
        return self._place(self.plot(), self._top(), at, self.series[series].values[at])

    def at(self, where: QPointF) -> int:
        """The place of the value nearest to a point of the plot; -1 outside of it."""
        box = self.plot()
        if not self.labels or not box.adjusted(-6, 0, 6, 0).contains(where):
            return -1
        share = (where.x() - box.left()) / max(box.width(), 1.0)
        return min(max(round(share * (len(self.labels) - 1)), 0), len(self.labels) - 1)

    def said(self, at: int) -> str:
        """The values of a day in words, a line each."""
        known = [s for s in self.series if s.colour is not None and at < len(s.values)]
        known.sort(key=lambda s: -s.values[at])
        lines = [f"{s.name}  {self.number(s.values[at])}" for s in known]
        return "\n".join([self.labels[at], *lines])

    # -- measures -----------------------------------------------------------------------------

    def _top(self) -> float:
        most = max((max(s.values, default=0.0) for s in self.series), default=0.0)
        step = steps_to(most)
        return max(step * math.ceil(most / step - 1e-9), step)

    def _small(self) -> QFontMetricsF:
        return QFontMetricsF(theme.font(theme.SMALL, tabular=True))

    def plot(self) -> QRectF:
        """Where the lines are."""
        wide = self._small().horizontalAdvance(self.number(self._top()))
        legend = len(self._legend()) * _LEGEND_ROW
        left, top = wide + theme.S, legend + theme.S
        return QRectF(left, top, self.size.width() - left - theme.XS,
                      max(self.size.height() - top - theme.L - theme.XS, 10.0))  # fmt: skip

    def _place(self, box: QRectF, most: float, at: int, value: float) -> QPointF:
        last = max(len(self.labels) - 1, 1)
        x = box.left() + box.width() * at / last
        return QPointF(x, box.bottom() - box.height() * max(value, 0.0) / most)

    def _legend(self) -> list[list[tuple[float, str, int | None]]]:
        """Rows of (x, text, colour); at most two rows."""
        metrics = QFontMetricsF(theme.font(theme.SECONDARY))
        words: list[tuple[str, int | None]] = []
        words += [(s.name, s.colour) for s in self.series if s.colour is not None]
        if self.more:
            words.append((self.more, None))
        rows: list[list[tuple[float, str, int | None]]] = [[]] if words else []
        x = 0.0
        for text, colour in words:
            dot = _DOT + theme.XS + 2 if colour is not None else 0
            width = dot + metrics.horizontalAdvance(text)
            if x and x + width > self.size.width():
                if len(rows) == 2:
                    break
                rows.append([])
                x = 0.0
            rows[-1].append((x, text, colour))
            x += width + theme.M
        return rows

    # -- painting -----------------------------------------------------------------------------

    def paint(self, painter: QPainter, look: theme.Theme, at: int = -1) -> None:
        """Draw everything, and the values of one day stronger."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, most = self.plot(), self._top()
        self._paint_legend(painter, look)
        self._paint_grid(painter, look, box, most)
        for series in sorted(self.series, key=lambda s: (s.colour is not None, s.strong)):
            self._paint_line(painter, look, box, most, series)
        if 0 <= at < len(self.labels):
            self._paint_day(painter, look, box, at)

    def _paint_legend(self, painter: QPainter, look: theme.Theme) -> None:
        painter.setFont(theme.font(theme.SECONDARY))
        for at, row in enumerate(self._legend()):
            top = at * _LEGEND_ROW
            for x, text, colour in row:
                if colour is not None:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(look.line_of(colour))
                    painter.drawEllipse(QRectF(x, top + 6, _DOT, _DOT))
                    x += _DOT + theme.XS + 2
                painter.setPen(look.muted)
                where = QRectF(x, top, self.size.width() - x, _LEGEND_ROW)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_grid(self, painter: QPainter, look: theme.Theme, box: QRectF, most: float) -> None:
        painter.setFont(theme.font(theme.SMALL, tabular=True))
        step = steps_to(most)
        value = 0.0
        while value <= most * 1.0001:
            y = self._place(box, most, 0, value).y()
            painter.setPen(QPen(look.line, 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(look.muted)
            where = QRectF(0, y - 8, box.left() - theme.S, 16)
            painter.drawText(
                where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                self.number(value),
            )  # fmt: skip
            value += step
        self._paint_days(painter, look, box)

    def _paint_days(self, painter: QPainter, look: theme.Theme, box: QRectF) -> None:
        """As many labels as fit, the first among them."""
        count = len(self.labels)
        if not count:
            return
        metrics = self._small()
        widest = max(metrics.horizontalAdvance(text) for text in self.labels) + theme.L
        fits = max(int(box.width() / widest), 1)
        every = max(math.ceil((count - 1) / fits), 1)
        painter.setPen(look.muted)
        end = 0.0
        for at in range(0, count, every):
            x = self._place(box, 1.0, at, 0).x()
            wide = metrics.horizontalAdvance(self.labels[at])
            left = min(max(x - wide / 2, box.left()), self.size.width() - wide)
            if left >= end:  # the first one stands to the right of its place
                painter.drawText(QPointF(left, box.bottom() + theme.L), self.labels[at])
                end = left + wide + theme.S

    def _paint_line(
        self, painter: QPainter, look: theme.Theme, box: QRectF, most: float, series: Series
    ) -> None:
        if series.colour is None:
            pen = QPen(theme.mix(look.surface, look.faint, 0.45), 1)
        else:
            pen = QPen(look.line_of(series.colour), 3 if series.strong else 2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        places = [self._place(box, most, at, value) for at, value in enumerate(series.values)]
        painter.drawPolyline(QPolygonF(places))

    def _paint_day(self, painter: QPainter, look: theme.Theme, box: QRectF, at: int) -> None:
        most = self._top()
        x = self._place(box, most, at, 0).x()
        painter.setPen(QPen(look.faint, 1))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        for series in self.series:
            if series.colour is not None and at < len(series.values):
                colour: QColor = look.line_of(series.colour)
                painter.setPen(QPen(look.surface, 1.5))
                painter.setBrush(colour)
                where = self._place(box, most, at, series.values[at])
                painter.drawEllipse(where, 3.5, 3.5)


class LineChart(QWidget):
    """``set_data`` draws anew; ``labels`` are those of the x axis, one a value."""

    def __init__(
        self, name: str, number: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._drawing = LineDrawing(number)
        self._at = -1
        self.setMouseTracking(True)
        self.setMinimumHeight(110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_data(
        self, series: Sequence[Series], labels: Sequence[str], more: str, spoken: str
    ) -> None:
        """``more`` closes the legend ("and 4 more"); ``spoken`` is for a screen reader."""
        self._drawing.set_data(series, labels, more)
        self._at = -1
        self.setAccessibleName(spoken)
        self.update()

    def point(self, series: int, at: int) -> QPointF:
        """Where a value is drawn (for tests)."""
        return self._sized().point(series, at)

    def _sized(self) -> LineDrawing:
        self._drawing.size = QSizeF(self.size())
        return self._drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._sized().paint(QPainter(self), theme.current(), self._at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._sized().at(event.position())
        if at != self._at:
            self._at = at
            self.update()
        if at >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), self._drawing.said(at), self)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._at = -1
        self.update()
