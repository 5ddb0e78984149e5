"""The legend of a chart: a click, or Space on the one of the keyboard, switches a series."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.reports.drawing import Series

ROW = 22
_SQUARE = 9
_MOST_ROWS = 2
_LONGEST = 180


def colour_of(series: Series) -> QColor:
    """A stage's colour, else one of the theme's."""
    look = theme.current()
    return look.stage(series.colour) if series.colour else look.line_of(series.place)


@dataclass(frozen=True, slots=True)
class _Entry:
    box: QRectF
    series: Series


class Legend(QWidget):
    """``switched()``: other series are to be drawn; those in ``hidden`` are not."""

    switched = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._series: tuple[Series, ...] = ()
        self.hidden: set[str] = set()
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_series(self, series: Sequence[Series]) -> None:
        """Show these; what was switched off stays so while it is there."""
        self._series = tuple(series)
        known = {each.key for each in series}
        self.hidden &= known
        if known and self.hidden >= known:
            self.hidden.clear()
        self._at = min(self._at, max(len(series) - 1, 0))
        self._say()
        self._fit()
        self.update()

    def shown(self) -> tuple[Series, ...]:
        """The series that are switched on."""
        return tuple(each for each in self._series if each.key not in self.hidden)

    def switch(self, at: int) -> None:
        """Switch a series off, or on again; the last one stays."""
        key = self._series[at].key
        if key in self.hidden:
            self.hidden.discard(key)
        elif len(self.hidden) + 1 < len(self._series):
            self.hidden.add(key)
        self._say()
        self.update()
        self.switched.emit()

    def _say(self) -> None:
        names = ", ".join(each.name for each in self.shown())
        said = tr("Legend: {names}", names=names)
        if self._series:  # and the entry of the keyboard
            here = self._series[self._at]
            said += f"; {here.name}: {tr('hidden') if here.key in self.hidden else tr('shown')}"
        self.setAccessibleName(said)
        self.setToolTip(tr("Click a name to switch it off or on (Space)"))

    def _entries(self) -> list[_Entry]:
        return self._laid(self.width())

    def _laid(self, width: int) -> list[_Entry]:
        metrics = QFontMetricsF(theme.font(theme.SECONDARY))
        found: list[_Entry] = []
        x, row = 0.0, 0
        for each in self._series:
            wide = _SQUARE + theme.S + min(metrics.horizontalAdvance(each.name), _LONGEST)
            if x and x + wide > width:
                x, row = 0.0, row + 1
            if row >= _MOST_ROWS:
                break
            found.append(_Entry(QRectF(x, row * ROW, wide, ROW), each))
            x += wide + theme.M
        return found

    def heightForWidth(self, width: int) -> int:
        entries = self._laid(width)
        return int(entries[-1].box.bottom()) if entries else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its rows: a layout would rather squeeze it."""
        self.setFixedHeight(max(self.heightForWidth(self.width()), ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        look = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, entry in enumerate(self._entries()):
            off = entry.series.key in self.hidden
            square = QRectF(entry.box.left() + 1, entry.box.center().y() - _SQUARE / 2,
                            _SQUARE, _SQUARE)  # fmt: skip
            colour = colour_of(entry.series)
            painter.setPen(QPen(look.faint, 1) if off else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if off else colour)
            painter.drawRoundedRect(square, 2, 2)
            font = theme.font(theme.SECONDARY)
            font.setStrikeOut(off)
            painter.setFont(font)
            painter.setPen(look.muted)
            text = entry.box.adjusted(_SQUARE + theme.XS + 3, 0, 2, 0)
            name = painter.fontMetrics().elidedText(
                entry.series.name, Qt.TextElideMode.ElideRight, int(text.width()) + 1
            )
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), name)
            if self.hasFocus() and at == self._at:
                painter.setPen(QPen(look.accent, 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(entry.box.adjusted(-2, 2, 3, -2), 4, 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        for at, entry in enumerate(self._entries()):
            if entry.box.contains(event.position()):
                self._at = at
                self.switch(at)
                return

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = any(entry.box.contains(event.position()) for entry in self._entries())
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.setCursor(hand if over else arrow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = event.key()
        if not self._series:
            super().keyPressEvent(event)
        elif key in steps:
            self._at = (self._at + steps[Qt.Key(key)]) % len(self._entries())
            self._say()
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.switch(self._at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
