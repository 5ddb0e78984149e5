"""Charts over an axis: stacked columns, groups of columns, lines, a line within its band."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from salesdesk.ui import theme
from salesdesk.ui.reports.drawing import Drawing, Series
from salesdesk.ui.reports.legend import colour_of
from salesdesk.ui.reports.pointed import Pointed
from salesdesk.ui.widgets.linechart import steps_to

_LEAST = 110
_WIDEST = 44
_TOLD = 14
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class Plot(Pointed):
    """``draw`` shows some of the series of a drawing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, _LEAST, parent)
        self._drawing: Drawing | None = None
        self._series: tuple[Series, ...] = ()

    def draw(self, drawing: Drawing, series: Sequence[Series], spoken: str) -> None:
        """Draw anew; ``spoken`` is for a screen reader."""
        self._drawing, self._series, self._at = drawing, tuple(series), -1
        self.setAccessibleName(spoken)
        self.update()

    # -- measures -----------------------------------------------------------------------------

    def _labels(self) -> tuple[str, ...]:
        return self._drawing.labels if self._drawing is not None else ()

    def _kind(self) -> str:
        return self._drawing.kind if self._drawing is not None else "columns"

    def _ends(self) -> tuple[float, float]:
        """The lowest and the highest value that has to have room."""
        if self._kind() == "columns":
            pairs = list(zip(*(each.values for each in self._series), strict=True))
            ups = [sum(v for v in at if v is not None and v > 0) for at in pairs]
            downs = [sum(v for v in at if v is not None and v < 0) for at in pairs]
            return min(downs, default=0.0), max(ups, default=0.0)
        values = [v for each in self._series for v in each.values if v is not None]
        if self._drawing is not None:
            values += [v for v in (*self._drawing.low, *self._drawing.high) if v is not None]
        return min(min(values, default=0.0), 0.0), max(max(values, default=0.0), 0.0)

    def _scale(self) -> tuple[float, float, float]:
        """The bottom and the top of the axis, and the step of its lines."""
        low, high = self._ends()
        step = steps_to(max(high, -low))
        if self._whole():
            step = max(math.ceil(step - 1e-9), 1.0)
        top = max(step * math.ceil(high / step - 1e-9), step)
        return step * math.floor(low / step + 1e-9), top, step

    def _whole(self) -> bool:
        return all(v is None or v == int(v) for each in self._series for v in each.values)

    def _text(self, value: float) -> str:
        return self._drawing.number(value) if self._drawing is not None else ""

    def _box(self, scale: tuple[float, float, float]) -> QRectF:
        metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
        low, high, step = scale
        values = [low + line * step for line in range(round((high - low) / step) + 1)]
        wide = max(metrics.horizontalAdvance(self._text(value)) for value in values)
        left = wide + theme.S
        height = max(self.height() - theme.S - theme.L - theme.XS, 10.0)
        return QRectF(left, theme.S, max(self.width() - left - theme.XS, 10.0), height)

    def _y(self, box: QRectF, scale: tuple[float, float, float], value: float) -> float:
        low, high, _ = scale
        return box.bottom() - box.height() * (value - low) / (high - low)

    def column(self, at: int) -> QRectF:
        """Where the columns of a label stand, whole height."""
        return self._column(at, self._box(self._scale()))

    def _column(self, at: int, box: QRectF) -> QRectF:
        slot = box.width() / max(len(self._labels()), 1)
        wide = _WIDEST if self._kind() == "columns" else _WIDEST * 2
        width = min(max(slot * 0.72, 1.0), wide)
        return QRectF(box.left() + slot * at + (slot - width) / 2, box.top(), width, box.height())

    def _x(self, at: int, box: QRectF) -> float:
        return self._column(at, box).center().x()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._drawing is not None and self._series:
            with QPainter(self) as painter:
                self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale()
        box = self._box(scale)
        if 0 <= self._at < len(self._labels()):
            slot = box.width() / len(self._labels())
            over = QRectF(box.left() + slot * self._at, box.top(), slot, box.height())
            painter.fillRect(over, theme.current().hover)
        self._grid(painter, box, scale)
        kinds = {"columns": self._stacks, "groups": self._groups}
        kinds.get(self._kind(), self._lines)(painter, box, scale)

    def _grid(self, painter: QPainter, box: QRectF, scale: tuple[float, float, float]) -> None:
        look = theme.current()
        low, high, step = scale
        painter.setFont(theme.font(theme.SMALL, tabular=True))
        for line in range(round((high - low) / step) + 1):
            value = low + line * step
            y = round(self._y(box, scale, value)) + 0.5
            painter.setPen(QPen(look.faint if abs(value) < step / 2 else look.line, 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(look.muted)
            where = QRectF(0, y - 8, box.left() - theme.S, 16)
            painter.drawText(where, _RIGHT, self._text(value))
        self._days(painter, box)

    def _days(self, painter: QPainter, box: QRectF) -> None:
        """As many labels as fit, shortened where each has its own place."""
        labels = self._drawing.ticks if self._drawing is not None else ()
        metrics = painter.fontMetrics()
        slot = box.width() / max(len(labels), 1)
        widest = max((metrics.horizontalAdvance(text) for text in labels), default=1)
        roomy = slot >= 64
        fits = len(labels) if roomy else max(int(box.width() / (widest + theme.L)), 1)
        every = max(math.ceil(len(labels) / fits), 1)
        painter.setPen(theme.current().muted)
        end = 0.0
        for at in range(0, len(labels), every):
            room = int(slot - theme.XS) if roomy else widest + 1
            text = metrics.elidedText(labels[at], Qt.TextElideMode.ElideRight, room)
            wide = metrics.horizontalAdvance(text)
            left = min(max(self._x(at, box) - wide / 2, box.left()), box.right() - wide)
            if left >= end:
                painter.drawText(QPointF(left, box.bottom() + theme.L), text)
                end = left + wide + theme.XS

    def _stacks(self, painter: QPainter, box: QRectF, scale: tuple[float, float, float]) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for at in range(len(self._labels())):
            place = self._column(at, box)
            up = down = 0.0
            for each in self._series:
                value = each.values[at] or 0.0
                if not value:
                    continue
                start = up if value > 0 else down
                top, bottom = (self._y(box, scale, v) for v in (start + value, start))
                self._block(painter, place, min(top, bottom), max(top, bottom), colour_of(each))
                if value > 0:
                    up += value
                else:
                    down += value

    def _groups(self, painter: QPainter, box: QRectF, scale: tuple[float, float, float]) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        zero = self._y(box, scale, 0.0)
        for at in range(len(self._labels())):
            place = self._column(at, box)
            wide = place.width() / len(self._series)
            for n, each in enumerate(self._series):
                value = each.values[at]
                if value:
                    gap = 1.0 if wide > 4 else 0.0
                    bar = QRectF(place.left() + n * wide, 0, wide - gap, 0)
                    y = self._y(box, scale, value)
                    self._block(painter, bar, min(y, zero), max(y, zero), colour_of(each))

    @staticmethod
    def _block(painter: QPainter, place: QRectF, top: float, bottom: float, fill: QColor) -> None:
        gap = 1.0 if bottom - top > 3 else 0.0
        painter.setBrush(fill)
        painter.drawRect(QRectF(place.left(), top + gap, place.width(), bottom - top - gap))

    def _lines(self, painter: QPainter, box: QRectF, scale: tuple[float, float, float]) -> None:
        if self._kind() == "band" and self._drawing is not None:
            self._band(painter, box, scale)
        for each in self._series:
            pen = QPen(colour_of(each), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for piece in self._pieces(each.values, box, scale):
                painter.drawPolyline(QPolygonF(piece))
                if len(piece) < 2 or len(self._labels()) <= _TOLD:
                    painter.setBrush(colour_of(each))
                    for point in piece:
                        painter.drawEllipse(point, 2.2, 2.2)
                    painter.setBrush(Qt.BrushStyle.NoBrush)

    def _pieces(
        self, values: Sequence[float | None], box: QRectF, scale: tuple[float, float, float]
    ) -> list[list[QPointF]]:
        """The points of a line, apart where there is no value."""
        pieces: list[list[QPointF]] = [[]]
        for at, value in enumerate(values):
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append(QPointF(self._x(at, box), self._y(box, scale, value)))
        return [piece for piece in pieces if piece]

    def _band(self, painter: QPainter, box: QRectF, scale: tuple[float, float, float]) -> None:
        if self._drawing is None:
            return
        pairs = list(zip(self._drawing.low, self._drawing.high, strict=True))
        known = [(at, a, b) for at, (a, b) in enumerate(pairs) if a is not None and b is not None]
        upper = [QPointF(self._x(at, box), self._y(box, scale, high)) for at, _, high in known]
        lower = [QPointF(self._x(at, box), self._y(box, scale, low)) for at, low, _ in known]
        look = theme.current()
        fill = theme.mix(look.surface, colour_of(self._series[0]), 0.18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        if len(known) == 1:
            spot = self._column(known[0][0], box)
            painter.drawRect(QRectF(QPointF(spot.left(), upper[0].y()),
                                    QPointF(spot.right(), lower[0].y())))  # fmt: skip
        else:
            painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))

    # -- the pointer --------------------------------------------------------------------------

    def said(self, at: int) -> str:
        """What the tool tip says of a label: its values, the largest groups first where stacked."""
        lines = [self._labels()[at]]
        for each in self._series:
            value = each.values[at]
            if value is not None and (value or self._kind() != "columns"):
                lines.append(f"{each.name}  {self._text(value)}")
        if self._drawing is not None and self._drawing.low:
            low, high = self._drawing.low[at], self._drawing.high[at]
            if low is not None and high is not None:
                lines.append(f"{self._text(low)} – {self._text(high)}")
        return "\n".join(lines)

    def place_at(self, where: QPointF) -> int:
        labels, box = self._labels(), self._box(self._scale())
        if not labels or not box.contains(where):
            return -1
        at = int((where.x() - box.left()) / (box.width() / len(labels)))
        return min(at, len(labels) - 1)
