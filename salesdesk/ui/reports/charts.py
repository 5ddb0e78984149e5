"""The charts of the reports: columns of stages over time, and a bar for each stage."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salesdesk.ui import theme
from salesdesk.ui.formats import whole
from salesdesk.ui.widgets.linechart import steps_to

_LEGEND_ROW = 20
_SQUARE = 9
_WIDEST = 44
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Part:
    """A part of every column: its name, a stage's colour by name, its values by column."""

    name: str
    colour: str
    values: tuple[int, ...]


class StackedColumns(QWidget):
    """A column a day, week or month; the parts stand on each other."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._parts: list[Part] = []
        self._labels: list[str] = []
        self._highest = 0.0
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_data(self, parts: Sequence[Part], labels: Sequence[str], spoken: str) -> None:
        """Draw anew; ``spoken`` is for a screen reader."""
        self._parts, self._labels = list(parts), list(labels)
        columns = zip(*(part.values for part in parts), strict=True)
        self._highest = float(max(map(sum, columns), default=0))
        self.setAccessibleName(spoken)
        self.update()

    def _legend(self) -> list[list[tuple[float, Part]]]:
        metrics = QFontMetricsF(theme.font(theme.SECONDARY))
        rows: list[list[tuple[float, Part]]] = [[]] if self._parts else []
        x = 0.0
        for part in self._parts:
            width = _SQUARE + theme.XS + 2 + metrics.horizontalAdvance(part.name)
            if x and x + width > self.width():
                if len(rows) == 2:
                    break
                rows.append([])
                x = 0.0
            rows[-1].append((x, part))
            x += width + theme.M
        return rows

    def _plot(self) -> QRectF:
        metrics = QFontMetricsF(theme.font(theme.SMALL, tabular=True))
        left = metrics.horizontalAdvance(whole(int(self._top()))) + theme.S
        top = len(self._legend()) * _LEGEND_ROW + theme.S
        return QRectF(left, top, self.width() - left,
                      max(self.height() - top - theme.L - theme.XS, 10.0))  # fmt: skip

    def _step(self) -> float:
        return max(steps_to(self._highest), 1.0)

    def _top(self) -> float:
        step = self._step()
        return max(step * math.ceil(self._highest / step - 1e-9), step)

    def column(self, at: int) -> QRectF:
        """Where a column stands, whole height."""
        return self._column(at, self._plot())

    def _column(self, at: int, box: QRectF) -> QRectF:
        slot = box.width() / max(len(self._labels), 1)
        width = min(max(slot * 0.7, 1.0), _WIDEST)
        return QRectF(box.left() + slot * at + (slot - width) / 2, box.top(), width, box.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, top = self._plot(), self._top()
        self._paint_legend(painter)
        self._paint_grid(painter, box, top)
        look = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        for at in range(len(self._labels)):
            place, bottom = self._column(at, box), box.bottom()
            for part in self._parts:
                height = box.height() * part.values[at] / top
                if height:
                    painter.setBrush(look.stage(part.colour))
                    gap = 1.0 if height > 3 else 0.0
                    painter.drawRect(
                        QRectF(place.left(), bottom - height, place.width(), height - gap)
                    )
                    bottom -= height

    def _paint_legend(self, painter: QPainter) -> None:
        look = theme.current()
        painter.setFont(theme.font(theme.SECONDARY))
        for at, row in enumerate(self._legend()):
            for x, part in row:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.stage(part.colour))
                box = QRectF(x, at * _LEGEND_ROW + 5, _SQUARE, _SQUARE)
                painter.drawRoundedRect(box, 2, 2)
                painter.setPen(look.muted)
                x += _SQUARE + theme.XS + 2
                text = QRectF(x, at * _LEGEND_ROW, self.width() - x, _LEGEND_ROW)
                painter.drawText(text, _LEFT, part.name)

    def _paint_grid(self, painter: QPainter, box: QRectF, top: float) -> None:
        look = theme.current()
        painter.setFont(theme.font(theme.SMALL, tabular=True))
        value = 0.0
        while value <= top * 1.0001:
            y = box.bottom() - box.height() * value / top
            painter.setPen(QPen(look.line, 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(look.muted)
            painter.drawText(QRectF(0, y - 8, box.left() - theme.S, 16), _RIGHT, whole(int(value)))
            value += self._step()
        metrics = painter.fontMetrics()
        widest = max((metrics.horizontalAdvance(text) for text in self._labels), default=1)
        fits = max(int(box.width() / (widest + theme.L)), 1)
        every = max(math.ceil(len(self._labels) / fits), 1)
        for at in range(0, len(self._labels), every):
            wide = metrics.horizontalAdvance(self._labels[at])
            left = min(max(self.column(at).center().x() - wide / 2, box.left()), box.right() - wide)
            painter.drawText(QPointF(left, box.bottom() + theme.L), self._labels[at])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._said(event.pos().x()), self)
            return True
        return super().event(event)

    def _said(self, x: float) -> str:
        box = self._plot()
        at = int((x - box.left()) / (box.width() / max(len(self._labels), 1)))
        if x < box.left() or not 0 <= at < len(self._labels):
            return ""
        lines = [f"{p.name}  {whole(p.values[at])}" for p in self._parts if p.values[at]]
        return "\n".join([self._labels[at], *lines])


@dataclass(frozen=True, slots=True)
class StageBar:
    """A stage: ``share`` of the width is filled, up to ``soft`` in a paler colour."""

    name: str
    colour: str
    share: float
    text: str
    soft: float = 0.0
    note: str = ""
    tip: str = ""


class StageBars(QWidget):
    """A bar a stage, the number behind it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._bars: list[StageBar] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.ROW_HEIGHT)
        theme.changed.connect(self.update)

    def set_bars(self, bars: Sequence[StageBar], spoken: str) -> None:
        """Draw anew; ``spoken`` is for a screen reader."""
        self._bars = list(bars)
        self.setAccessibleName(spoken)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, len(self._bars) * theme.ROW_HEIGHT)

    def _row(self) -> float:
        return min(self.height() / max(len(self._bars), 1), float(theme.ROW_HEIGHT))

    def _measured(self, text_of: Callable[[StageBar], str], size: int, bold: bool) -> float:
        metrics = QFontMetricsF(theme.font(size, bold=bold, tabular=True))
        return max((metrics.horizontalAdvance(text_of(bar)) for bar in self._bars), default=0.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = self._row()
        names = min(self._measured(lambda bar: bar.name, theme.BODY, False), self.width() * 0.3)
        number = self._measured(lambda bar: bar.text, theme.BODY, True)
        notes = self._measured(lambda bar: bar.note, theme.SECONDARY, False)
        left = names + theme.M
        right = number + (notes + theme.S if notes else 0) + theme.M
        room = max(self.width() - left - right, 20.0)
        for at, bar in enumerate(self._bars):
            where = QRectF(0, at * row, self.width(), row)
            self._paint(painter, where, bar, QRectF(left, 0, room, row), number)

    def _paint(
        self, painter: QPainter, where: QRectF, bar: StageBar, track: QRectF, number: float
    ) -> None:
        look = theme.current()
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(look.text)
        name = painter.fontMetrics().elidedText(
            bar.name, Qt.TextElideMode.ElideRight, int(track.left() - theme.M) + 2
        )
        painter.drawText(where, _LEFT, name)
        height = min(where.height() * 0.56, 18.0)
        box = QRectF(track.left(), where.center().y() - height / 2, track.width(), height)
        colour = look.stage(bar.colour)
        self._fill(painter, box, bar.soft, theme.mix(look.surface, colour, 0.3))
        self._fill(painter, box, bar.share, colour)
        end = box.left() + box.width() * max(bar.share, bar.soft) + theme.S
        painter.setFont(theme.font(theme.BODY, bold=True, tabular=True))
        painter.setPen(look.text)
        painter.drawText(QRectF(end, where.top(), number + 4, where.height()), _LEFT, bar.text)
        if bar.note:
            wide = painter.fontMetrics().horizontalAdvance(bar.text)
            painter.setFont(theme.font(theme.SECONDARY, tabular=True))
            painter.setPen(look.muted)
            rest = QRectF(end + wide + theme.S, where.top(), where.width(), where.height())
            painter.drawText(rest, _LEFT, bar.note)

    def _fill(self, painter: QPainter, box: QRectF, share: float, colour: QColor) -> None:
        if share > 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            width = max(box.width() * min(share, 1.0), 2.0)
            painter.drawRoundedRect(QRectF(box.left(), box.top(), width, box.height()), 3, 3)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = int(event.pos().y() / max(self._row(), 1.0))
            tip = self._bars[at].tip if 0 <= at < len(self._bars) else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)
