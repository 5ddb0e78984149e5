"""A slider over days: the months are marked, arrow keys walk by day, with Ctrl by week."""

from datetime import date

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from salesdesk.text import language
from salesdesk.ui import formats, theme

_EDGE = 8.0
_HANDLE = 7.0
_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -30,
    Qt.Key.Key_PageUp: 30,
}


class DaySlider(QWidget):
    """Days (ordinals) from ``first`` to ``last``; ``chosen(day)`` while it is moved."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("past-slider")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(160)
        self.setFixedHeight(34)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.first = self.last = self.day = date(2000, 1, 1).toordinal()
        theme.changed.connect(self.update)

    def set_range(self, first: int, last: int) -> None:
        """The days that can be chosen."""
        self.first, self.last = min(first, last), last
        self.set_day(self.day)

    def set_day(self, day: int) -> None:
        """Show a day without telling."""
        self.day = min(max(day, self.first), self.last)
        self.update()

    def _choose(self, day: int) -> None:
        before = self.day
        self.set_day(day)
        if self.day != before:
            self.chosen.emit(self.day)

    def _x(self, day: int) -> float:
        width = self.width() - 2 * _EDGE
        return _EDGE + width * (day - self.first) / max(self.last - self.first, 1)

    def _day_at(self, x: float) -> int:
        share = (x - _EDGE) / max(self.width() - 2 * _EDGE, 1)
        return self.first + round(share * (self.last - self.first))

    # -- hands --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._day_at(event.position().x()))
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(self._day_at(event.position().x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._choose(self.day + (1 if event.angleDelta().y() > 0 else -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(self.first if key == Qt.Key.Key_Home else self.last)
        elif key in _KEYS and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            week = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self._choose(self.day + _KEYS[key] * (7 if week else 1))
        else:
            event.ignore()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as p:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            look = theme.current()
            y, x = 11.0, self._x(self.day)
            self._paint_months(p, y)
            p.setPen(
                QPen(theme.mix(look.accent_soft, look.faint, 0.55), 3, c=Qt.PenCapStyle.RoundCap)
            )
            p.drawLine(QPointF(_EDGE, y), QPointF(self.width() - _EDGE, y))
            p.setPen(QPen(look.accent, 3, c=Qt.PenCapStyle.RoundCap))
            p.drawLine(QPointF(_EDGE, y), QPointF(x, y))
            if self.hasFocus():
                halo = look.accent_soft
                p.setPen(QPen(look.accent, 1))
                p.setBrush(halo)
                p.drawEllipse(QPointF(x, y), _HANDLE + 3, _HANDLE + 3)
            p.setPen(QPen(look.raised, 2))
            p.setBrush(look.accent)
            p.drawEllipse(QPointF(x, y), _HANDLE, _HANDLE)

    def _paint_months(self, p: QPainter, y: float) -> None:
        """A short stroke at the first of each month, its name where there is room."""
        look = theme.current()
        p.setFont(theme.font(theme.TINY))
        metrics = p.fontMetrics()
        free = 0.0
        on = date.fromordinal(self.first).replace(day=1)
        while on.toordinal() <= self.last:
            place = self._x(on.toordinal())
            if on.toordinal() >= self.first:
                p.setPen(QPen(theme.mix(look.accent_soft, look.faint, 0.7), 1))
                p.drawLine(QPointF(place, y + 6), QPointF(place, y + 10))
                text = self._month(on)
                wide = metrics.horizontalAdvance(text)
                if place - wide / 2 >= free and place + wide / 2 <= self.width():
                    p.setPen(look.muted)
                    box = QRectF(place - wide / 2 - 2, y + 10, wide + 4, 12)
                    p.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
                    free = place + wide / 2 + theme.M
            on = on.replace(year=on.year + on.month // 12, month=on.month % 12 + 1)

    def _month(self, on: date) -> str:
        if on.month == 1:
            return str(on.year)
        text = formats.day_short(on.toordinal())
        parts = [each for each in text.replace(formats.NO_BREAK, " ").split() if not each.isdigit()]
        return " ".join(parts)[: 3 if language() == "ru" else None]
