"""A slider from nothing to a limit, drawn in the theme's colours, with a mark where it stood."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from salesdesk.ui import theme

_KNOB = 14
_TRACK = 4


class Slider(QSlider):
    """Steps ``0..limit``; arrows and Page keys move it, a click jumps there. The wheel scrolls the
    page, not the slider. ``set_mark(step)`` draws a tick at a step."""

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSingleStep(1)
        self._mark: int | None = None
        theme.changed.connect(self.update)

    def set_mark(self, step: int | None) -> None:
        """Where the tick is drawn."""
        self._mark = step
        self.update()

    def set_limit(self, limit: int) -> None:
        """How many steps there are."""
        self.setRange(0, max(limit, 1))
        self.setPageStep(max(limit // 10, 1))

    def sizeHint(self) -> QSize:
        return QSize(110, theme.CONTROL_HEIGHT - 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, theme.CONTROL_HEIGHT - 6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _to(self, x: float) -> None:
        share = (x - _KNOB / 2) / max(self.width() - _KNOB, 1)
        self.setValue(round(min(max(share, 0.0), 1.0) * self.maximum()))

    def _place(self, step: int) -> float:
        return _KNOB / 2 + (self.width() - _KNOB) * min(step, self.maximum()) / self.maximum()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, middle = theme.current(), self.height() / 2
        at = self._place(self.value())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.track)
            left, wide = _KNOB / 2, self.width() - _KNOB
            painter.drawRoundedRect(QRectF(left, middle - _TRACK / 2, wide, _TRACK), 2, 2)
            painter.setBrush(look.accent)
            painter.drawRoundedRect(QRectF(left, middle - _TRACK / 2, at - left, _TRACK), 2, 2)
            if self._mark is not None and self._mark != self.value():
                painter.setBrush(look.muted)
                painter.drawRect(QRectF(self._place(self._mark) - 0.75, middle - 6, 1.5, 12))
            focus = self.hasFocus()
            painter.setPen(QPen(look.text if focus else look.accent, 2 if focus else 1.5))
            painter.setBrush(look.raised)
            painter.drawEllipse(QPointF(at, middle), _KNOB / 2 - 1, _KNOB / 2 - 1)
