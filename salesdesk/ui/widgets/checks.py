"""Yes or no: a box that is seen in both themes, with or without words."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from salesdesk.ui import theme
from salesdesk.ui.widgets import icons

_BOX = 16


class Flag(QCheckBox):
    """Yes or no; ``chosen(bool)`` when a person changes it."""

    chosen = Signal(bool)

    def __init__(self, name: str, accessible: str, text: str = "", width: int = 0) -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        if not text:
            self.setToolTip(accessible)
        if width:
            self.setFixedWidth(width)
        self.clicked.connect(self.chosen)

    def set_value(self, value: bool) -> None:
        """Show without telling."""
        self.setChecked(bool(value))

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(_BOX + 2 + (theme.S + wide if wide else 0), theme.CONTROL_HEIGHT - 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 0.0 if self.text() else theme.S - 1.0
        box = QRectF(left + 0.5, (self.height() - _BOX) / 2 + 0.5, _BOX - 1, _BOX - 1)
        on, focus = self.isChecked(), self.hasFocus()
        ground = now.accent if on else now.surface
        edge = now.text if on and focus else now.accent if on or focus else now.faint
        if not self.isEnabled():
            ground, edge = (now.faint, now.faint) if on else (now.background, now.line)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 3, 3)
        if on:
            icons.paint(painter, "check", box.adjusted(1.5, 1.5, -1.5, -1.5), now.accent_text)
        if self.text():
            painter.setPen(now.text if self.isEnabled() else now.muted)
            where = self.rect().adjusted(_BOX + theme.S, 0, 0, 0)
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, self.text())
