"""What the charts over an axis share: the place under the pointer, and what the tool tip says."""

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salesdesk.ui import theme


class Pointed(QWidget):
    """A chart says ``said(at)`` of the place ``place_at(where)`` under the pointer (-1: none),
    which it has as ``_at`` when it paints."""

    def __init__(self, name: str, least: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._at = -1
        self.setMouseTracking(True)
        self.setMinimumHeight(least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def place_at(self, where: QPointF) -> int:
        """The place under a point of the widget; -1 where there is none."""
        raise NotImplementedError

    def said(self, at: int) -> str:
        """What the tool tip says of a place."""
        raise NotImplementedError

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self.place_at(event.position())
        if at != self._at:
            self._at = at
            self.update()
        if at >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), self.said(at), self)
        else:
            QToolTip.hideText()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._at = -1
        self.update()
