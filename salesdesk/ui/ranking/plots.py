"""Points over time, drawn by pyqtgraph: a line a person, the values of a day under the pointer.

Imported when the page first has lines to show: pyqtgraph takes half a second to load.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking.chartdata import PersonLine
from salesdesk.ui.ranking.legend import Legend
from salesdesk.ui.widgets.linechart import steps_to

_DOT = 7
_READ_ROW = 18
_BEYOND = 30


def _number(value: float) -> str:
    return formats.decimal(Decimal(repr(round(value, 4))))


def _thin(colour: QColor, width: float = 1.0) -> QPen:
    """A pen as wide in pixels, however the plot is scaled."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen


class _Days(pg.AxisItem):  # type: ignore[misc]
    """As many days as fit, the first among them."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.labels: list[str] = []

    def boundingRect(self) -> QRectF:
        """With the half of a label that stands beyond each end."""
        return QRectF(super().boundingRect()).adjusted(-_BEYOND, 0, _BEYOND, 0)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        count = len(self.labels)
        if not count:
            return []
        metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
        widest = max(map(metrics.horizontalAdvance, self.labels)) + theme.L
        every = max(math.ceil((count - 1) / max(int(size / widest), 1)), 1)
        return [(float(every), [float(at) for at in range(0, count, every)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [self.labels[int(v)] if 0 <= int(v) < len(self.labels) else "" for v in values]


class _Numbers(pg.AxisItem):  # type: ignore[misc]
    """Round numbers, a line of the grid each."""

    def __init__(self) -> None:
        super().__init__("left")
        self.step = 1.0

    def boundingRect(self) -> QRectF:
        """With the half of a number that stands above and below."""
        return QRectF(super().boundingRect()).adjusted(0, -_BEYOND, 0, _BEYOND)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        count = round(maxVal / self.step)
        return [(self.step, [self.step * at for at in range(count + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [_number(value) for value in values]


class Readout(QWidget):
    """The values of a day beside the line under the pointer: all lines, the highest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._day = ""
        self._rows: list[tuple[str, str, int]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_day(self, day: str, rows: list[tuple[str, str, int]], x: float, room: QRect) -> None:
        """Show (name, value, colour) beside ``x``, in two columns or more where one is too low."""
        self._day, self._rows = day, rows
        self._down = max(min(len(rows), int((room.height() - 34) // _READ_ROW)), 1)
        columns = math.ceil(len(rows) / self._down) if rows else 1
        metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
        wide = max((metrics.horizontalAdvance(f"{n}  {v}") for n, v, _ in rows), default=40.0)
        self._column = int(wide) + 34
        size = QSize(max(columns * self._column, 110) + theme.S,
                     28 + _READ_ROW * min(self._down, len(rows)) + theme.XS)  # fmt: skip
        left = x + theme.M
        if left + size.width() > room.right():
            left = x - theme.M - size.width()
        top = room.top() + max((room.height() - size.height()) // 3, 0)
        self.setGeometry(QRect(round(max(left, room.left())), top, size.width(), size.height()))
        self.show()
        self.raise_()
        self.update()

    def said(self) -> str:
        """The values in words."""
        return ", ".join([self._day, *(f"{name} {value}" for name, value, _ in self._rows)])

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(look.line, 1))
            painter.setBrush(look.raised)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.setFont(theme.font(theme.SMALL, bold=True))
            painter.setPen(look.text)
            painter.drawText(QPointF(theme.S + 2, 18), self._day)
            painter.setFont(theme.font(theme.SMALL, tabular=True))
            for at, (name, value, colour) in enumerate(self._rows):
                column, row = divmod(at, self._down)
                left, top = theme.S + 2 + column * self._column, 26 + row * _READ_ROW
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.line_of(colour))
                painter.drawEllipse(QRectF(left, top + 5.5, _DOT, _DOT))
                where = QRectF(left + 12, top, self._column - 24, _READ_ROW)
                painter.setPen(look.muted)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, name)
                painter.setPen(look.text)
                right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(where, right, value)


class PointsPlot(QWidget):
    """The legend, and below it the lines; ``set_data`` draws anew."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[PersonLine] = []
        self._curves: dict[int, Any] = {}
        self._strong: int | None = None
        self._at = -1
        self._days, self._numbers = _Days(), _Numbers()
        self.legend = Legend(f"{name}-legend")
        self.plot = pg.PlotWidget(axisItems={"bottom": self._days, "left": self._numbers})
        self.plot.setObjectName(name)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMinimumHeight(80)
        self.plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.getViewBox().setDefaultPadding(0)
        item.layout.setContentsMargins(0, theme.S, theme.L, 0)  # half a label beyond the ends
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._dots = pg.ScatterPlotItem(size=_DOT, pxMode=True)
        self._dots.setZValue(10)
        for mark in (self._cross, self._dots):
            item.addItem(mark, ignoreBounds=True)
            mark.hide()
        self.readout = Readout(self.plot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.legend)
        column.addWidget(self.plot, 1)
        self.legend.switched.connect(self._draw)
        self.plot.installEventFilter(self)
        # The scene's own signal leaves out moves that follow each other closely, the last one too.
        self.plot.viewport().setMouseTracking(True)
        self.plot.viewport().installEventFilter(self)
        theme.changed.connect(self._dress)
        self._dress()

    def set_data(self, lines: Sequence[PersonLine], labels: Sequence[str], spoken: str) -> None:
        """Draw other lines; ``labels`` name the days, ``spoken`` is for a screen reader."""
        self._lines = list(lines)
        self._days.labels = list(labels)
        self.plot.setAccessibleName(spoken)
        self.plot.setToolTip("")
        self.legend.set_lines(self._lines)
        self._leave_day()
        self._draw()

    def set_strong(self, person_id: int | None) -> None:
        """Draw this person's line stronger."""
        if person_id != self._strong:
            self._strong = person_id
            self.legend.set_strong(person_id)
            self._draw()

    def shown(self) -> list[PersonLine]:
        """The lines that are switched on."""
        return [line for line in self._lines if self.legend.shown(line.person_id)]

    # -- drawing ------------------------------------------------------------------------------

    def _draw(self) -> None:
        item = self.plot.getPlotItem()
        shown = self.shown()
        gone = self._curves.keys() - {line.person_id for line in shown}
        for person in gone:
            item.removeItem(self._curves.pop(person))
        days = np.arange(len(self._days.labels), dtype=float)
        for line in shown:
            curve = self._curves.get(line.person_id)
            if curve is None:
                curve = self._curves[line.person_id] = pg.PlotCurveItem(
                    antialias=True, skipFiniteCheck=True
                )
                item.addItem(curve, ignoreBounds=True)
            curve.setData(days[: len(line.values)], np.array(line.values))
        most = max((max(line.values, default=0.0) for line in shown), default=0.0)
        self._numbers.step = steps_to(most)
        top = max(math.ceil(most / self._numbers.step - 1e-9), 1) * self._numbers.step
        metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
        self._numbers.setWidth(math.ceil(metrics.horizontalAdvance(_number(top))) + theme.S + 2)
        item.setRange(xRange=(0, max(len(days) - 1, 1)), yRange=(0, top), padding=0)
        self._days.picture = self._numbers.picture = None
        self._pens()
        if self._at >= 0:
            self.show_day(self._at)

    def _pens(self) -> None:
        look = theme.current()
        for line in self._lines:
            curve = self._curves.get(line.person_id)
            if curve is None:
                continue
            strong = line.person_id == self._strong
            pen = _thin(look.line_of(line.colour), 3 if strong else 2)
            pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # round ones take twice as long
            curve.setPen(pen)
            curve.setZValue(2 if strong else 1)

    def _dress(self) -> None:
        """The colours of the theme."""
        look = theme.current()
        self.plot.setBackground(look.surface)
        for axis in (self._days, self._numbers):
            axis.setPen(QPen(Qt.PenStyle.NoPen) if axis is self._numbers else _thin(look.line))
            axis.setTickPen(_thin(look.line))
            axis.setTextPen(QPen(look.muted))
            axis.setTickFont(theme.font(theme.SMALL, tabular=True))
            axis.setStyle(tickLength=0, tickTextOffset=theme.XS + 2, hideOverlappingLabels=False)
        self._days.setHeight(theme.XL)
        self._numbers.setGrid(255)
        self._numbers.setZValue(-1)  # the grid behind the lines
        self._cross.setPen(_thin(look.faint))
        self._pens()
        if self._at >= 0:
            self.show_day(self._at)

    def draw(self, painter: QPainter, width: float, height: float) -> None:
        """Paint legend and lines on any painter, from (0, 0), as they stand on the screen, but for
        the day that is marked."""
        self._leave_day()
        painter.save()
        self.legend.draw(painter, width, theme.current())
        painter.setBrush(Qt.BrushStyle.NoBrush)  # curves would be filled with the last one
        top = self.legend.heightForWidth(int(width)) + theme.XS
        self.plot.render(painter, QRectF(0, top, width, height - top), self.plot.viewport().rect(),
                         Qt.AspectRatioMode.IgnoreAspectRatio)  # fmt: skip
        painter.restore()

    # -- a day --------------------------------------------------------------------------------

    def day_at(self, scene: QPointF) -> int:
        """The day nearest to a point of the scene; -1 outside of the plot."""
        box = self.plot.getPlotItem().getViewBox()
        if not self._days.labels or not box.sceneBoundingRect().adjusted(-6, 0, 6, 0).contains(
            scene
        ):
            return -1
        at = round(float(box.mapSceneToView(scene).x()))
        return min(max(at, 0), len(self._days.labels) - 1)

    def show_day(self, at: int) -> None:
        """Mark a day and show the values of all lines on it."""
        look = theme.current()
        lines = [line for line in self.shown() if at < len(line.values)]
        lines.sort(key=lambda line: -line.values[at])
        self._at = at
        self._cross.setPos(at)
        self._dots.setData(
            x=[at] * len(lines), y=[line.values[at] for line in lines],
            brush=[look.line_of(line.colour) for line in lines],
            pen=_thin(look.surface, 1.5),
        )  # fmt: skip
        for mark in (self._cross, self._dots):
            mark.show()
        box = self.plot.getPlotItem().getViewBox()
        x = self.plot.mapFromScene(box.mapViewToScene(QPointF(at, 0))).x()
        rows = [(line.name, _number(line.values[at]), line.colour) for line in lines]
        self.readout.show_day(self._days.labels[at], rows, x, self.plot.viewport().rect())
        self.plot.setAccessibleDescription(self.readout.said())

    def _leave_day(self) -> None:
        self._at = -1
        for mark in (self._cross, self._dots):
            mark.hide()
        self.readout.hide()

    def _on_pointer(self, scene: QPointF) -> None:
        at = self.day_at(scene)
        if at < 0:
            self._leave_day()
        elif at != self._at:
            self.show_day(at)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self._leave_day()
        elif event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._on_pointer(self.plot.mapToScene(event.position().toPoint()))
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _on_key(self, key: Qt.Key) -> bool:
        last = len(self._days.labels) - 1
        if key == Qt.Key.Key_Escape and self._at >= 0:
            self._leave_day()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and last >= 0:
            step = 1 if key == Qt.Key.Key_Right else -1
            self.show_day(last if self._at < 0 else min(max(self._at + step, 0), last))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and last >= 0:
            self.show_day(0 if key == Qt.Key.Key_Home else last)
        else:
            return False
        return True

    def said(self) -> str:
        """What the readout says; nothing when no day is marked."""
        return self.readout.said() if self._at >= 0 else tr("No day is marked")
