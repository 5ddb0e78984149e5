"""The frame that a value at rest shows: with the focus, and under the pointer."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from salesdesk.ui import theme

#: Keys that begin to edit a value that has the focus.
EDIT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_F2)


def paint_frame(widget: QWidget) -> None:
    """Paint it behind what the widget paints itself (first thing in its ``paintEvent``)."""
    if not (widget.hasFocus() or widget.underMouse()):
        return
    now = theme.current()
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(now.accent if widget.hasFocus() else now.line, 1))
    box = widget.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    painter.end()
