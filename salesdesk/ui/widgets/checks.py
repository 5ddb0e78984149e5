"""Yes or no: a box that is seen in both themes, with or without words."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from salesdesk.ui import theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import is_enter

_BOX = 16


class Flag(QCheckBox):
    """Yes or no; ``chosen(bool)`` when a person changes it, by Space, Enter or a click."""

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            left = 0.0 if self.text() else theme.S - 1.0
            self._paint_box(painter, left, (self.height() - _BOX) / 2)
            if self.text():
                now = theme.current()
                painter.setPen(now.text if self.isEnabled() else now.muted)
                where = self.rect().adjusted(_BOX + theme.S, 0, 0, 0)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, self.text())

    def _paint_box(self, painter: QPainter, left: float, top: float) -> None:
        now = theme.current()
        box = QRectF(left + 0.5, top + 0.5, _BOX - 1, _BOX - 1)
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


class CheckLine(Flag):
    """A line of a checklist, in as many rows as its width asks for; quiet when it is ticked."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_line(self, text: str, ticked: bool) -> None:
        """Show another line."""
        self.setText(text)
        self.setAccessibleName(text)
        self.set_value(ticked)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(_BOX + theme.S + 80, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(_BOX + theme.S + 40, _BOX + theme.XS)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, max(width - _BOX - theme.S, 20), 10_000)
        flags = int(Qt.TextFlag.TextWordWrap)
        needed = self.fontMetrics().boundingRect(room, flags, self.text()).height()
        return max(needed, _BOX) + theme.XS

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            first = self.fontMetrics().height()
            self._paint_box(painter, 0.0, theme.XS / 2 + max(first - _BOX, 0) / 2)
            quiet = self.isChecked() or not self.isEnabled()
            painter.setPen(now.muted if quiet else now.text)
            where = self.rect().adjusted(_BOX + theme.S, theme.XS // 2, 0, 0)
            painter.drawText(where, int(Qt.TextFlag.TextWordWrap), self.text())
