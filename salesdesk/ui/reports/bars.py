"""Lying bars: one a row (or one a series), the number behind it, what else there is in grey."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salesdesk.ui import theme
from salesdesk.ui.reports.drawing import Drawing, Lying, Series
from salesdesk.ui.reports.legend import colour_of

_ROW, _MORE, _LEAST = 32, 18, 20
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NAMES = 0.3


class Bars(QWidget):
    """``draw`` shows some of the series of a drawing of lying bars."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._drawing: Drawing | None = None
        self._series: tuple[Series, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.ROW_HEIGHT)
        theme.changed.connect(self.update)

    def draw(self, drawing: Drawing, series: Sequence[Series], spoken: str) -> None:
        """Draw anew; ``spoken`` is for a screen reader."""
        self._drawing, self._series = drawing, tuple(series)
        self.setAccessibleName(spoken)
        self.updateGeometry()
        self.update()

    def _bars(self) -> tuple[Lying, ...]:
        return self._drawing.bars if self._drawing is not None else ()

    def _high(self) -> int:
        return _ROW + _MORE * (max(len(self._series), 1) - 1)

    def sizeHint(self) -> QSize:
        return QSize(320, len(self._bars()) * self._high())

    def least_height(self) -> int:
        """What it needs to be read."""
        return len(self._bars()) * (_LEAST + (_LEAST - 4) * (max(len(self._series), 1) - 1))

    def _row(self) -> float:
        return min(self.height() / max(len(self._bars()), 1), float(self._high()))

    def _places(self) -> list[int]:
        """Which of the bars' values are drawn."""
        known = self._drawing.series if self._drawing is not None else ()
        shown = {each.key for each in self._series}
        return [at for at, each in enumerate(known) if each.key in shown]

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._paint_all(painter)

    def _paint_all(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bars, row = self._bars(), self._row()
        body = QFontMetricsF(theme.font(theme.BODY))
        bold = QFontMetricsF(theme.font(theme.BODY, bold=True, tabular=True))
        small = QFontMetricsF(theme.font(theme.SECONDARY, tabular=True))
        names = max((body.horizontalAdvance(bar.name) for bar in bars), default=0.0)
        names = min(names + 2, self.width() * _NAMES)
        numbers = max((bold.horizontalAdvance(t) for bar in bars for t in bar.texts), default=0.0)
        notes = max((small.horizontalAdvance(bar.note) for bar in bars), default=0.0)
        left = names + theme.M
        room = self.width() - left - numbers - theme.L
        with_notes = notes and room - notes - theme.S > self.width() * 0.25
        room = max(room - (notes + theme.S if with_notes else 0), 20.0)
        for at, bar in enumerate(bars):
            where = QRectF(0, at * row, self.width(), row)
            self._name(painter, where, bar, names)
            self._paint(painter, where, bar, left, room, bool(with_notes))

    def _name(self, painter: QPainter, where: QRectF, bar: Lying, room: float) -> None:
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(theme.current().text)
        shown = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(where, _LEFT, shown)

    def _paint(
        self, painter: QPainter, where: QRectF, bar: Lying, left: float, room: float, notes: bool
    ) -> None:
        look, places = theme.current(), self._places()
        lane = where.height() / max(len(places), 1)
        thick = min(lane * 0.62, 18.0 if len(places) < 2 else 13.0)
        for n, at in enumerate(places):
            middle = where.top() + lane * (n + 0.5)
            box = QRectF(left, middle - thick / 2, room, thick)
            colour = self._colour(bar, at)
            if bar.pale and n == 0:
                _fill(painter, box, bar.pale, theme.mix(look.surface, colour, 0.3))
            _fill(painter, box, bar.values[at], colour)
            end = left + room * max(bar.values[at], bar.pale if n == 0 else 0.0) + theme.S
            painter.setFont(theme.font(theme.BODY, bold=True, tabular=True))
            painter.setPen(look.text)
            line = QRectF(end, middle - lane / 2, where.width(), lane)
            painter.drawText(line, _LEFT, bar.texts[at])
            if notes and bar.note and n == 0:
                end += painter.fontMetrics().horizontalAdvance(bar.texts[at]) + theme.S
                painter.setFont(theme.font(theme.SECONDARY, tabular=True))
                painter.setPen(look.muted)
                painter.drawText(QRectF(end, line.top(), where.width(), lane), _LEFT, bar.note)

    def _colour(self, bar: Lying, at: int) -> QColor:
        known = self._drawing.series if self._drawing is not None else ()
        if bar.colour and len(known) == 1:
            return theme.current().stage(bar.colour)
        return colour_of(known[at])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = int(event.pos().y() / max(self._row(), 1.0))
            bars = self._bars()
            QToolTip.showText(event.globalPos(), bars[at].tip if at < len(bars) else "", self)
            return True
        return super().event(event)


def _fill(painter: QPainter, box: QRectF, share: float, colour: QColor) -> None:
    if share > 0:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        width = max(box.width() * min(share, 1.0), 2.0)
        painter.drawRoundedRect(QRectF(box.left(), box.top(), width, box.height()), 3, 3)
