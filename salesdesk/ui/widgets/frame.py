"""A value at rest: its frame with the focus and under the pointer, and what begins to edit it."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from salesdesk.ui import theme

#: Keys that begin to edit a value that has the focus.
EDIT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_F2)


def paint_frame(widget: QWidget) -> None:
    """Paint it behind what the widget paints itself (first thing in its ``paintEvent``)."""
    if not (widget.hasFocus() or widget.underMouse()):
        return
    now = theme.current()
    with QPainter(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(now.accent if widget.hasFocus() else now.line, 1))
        box = widget.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)


#: To Qt a label has one class of Qt as its base; to a type checker this one is a label as well.
if TYPE_CHECKING:
    _Label = QLabel
else:
    _Label = object


class AtRest(_Label):
    """Named before a kind of label as a base: it asks to be edited, ``wanted()`` (a signal of the
    label's own), by a click, or by a key while it has the focus."""

    wanted: ClassVar[Signal]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in EDIT_KEYS:
            self.wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.focusPolicy() != Qt.FocusPolicy.NoFocus:
            paint_frame(self)
        super().paintEvent(event)
