"""A quiet list of two-line rows: what waits, what was sent, what was set aside, what was read."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from salesdesk.ui import theme
from salesdesk.ui.widgets.flatlist import FlatList

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Line:
    """A row: ``text``, ``below`` it in grey, something at the ``right``. ``share`` (0..1) draws a
    bar below, ``bad`` writes the second line in red; ``target`` is what opens."""

    text: str
    below: str = ""
    right: str = ""
    share: float | None = None
    bad: bool = False
    target: object = None


class LineList(FlatList[Line]):
    """``opened(line)``; rows of one height."""

    def __init__(self, name: str, height: int = 44) -> None:
        self.row_height = height
        super().__init__(name)

    def spoken(self, item: Line) -> str:
        return ", ".join(filter(None, (item.text, item.below, item.right)))

    def paint_item(self, painter: QPainter, rect: QRect, item: Line) -> None:
        look = theme.current()
        two = bool(item.below) or item.share is not None
        first = QRect(rect.left(), rect.top() + 4, rect.width(), 18) if two else rect
        painter.setFont(theme.font(theme.SECONDARY, tabular=True))
        painter.setPen(look.muted)
        painter.drawText(first, _RIGHT, item.right)
        taken = painter.fontMetrics().horizontalAdvance(item.right) + theme.S
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(look.bad if item.bad and not two else look.text)
        self._draw(painter, first.adjusted(0, 0, -taken, 0), item.text)
        if item.share is not None:
            self._bar(painter, QRectF(rect.left(), rect.top() + 28, rect.width(), 5), item.share)
        elif item.below:
            painter.setFont(theme.font(theme.SECONDARY))
            painter.setPen(look.bad if item.bad else look.muted)
            self._draw(painter, QRect(rect.left(), rect.top() + 22, rect.width(), 17), item.below)

    @staticmethod
    def _draw(painter: QPainter, rect: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, _LEFT, shown)

    @staticmethod
    def _bar(painter: QPainter, rect: QRectF, share: float) -> None:
        look = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.track)
        painter.drawRoundedRect(rect, 2.5, 2.5)
        painter.setBrush(look.accent)
        rect.setWidth(max(5.0, rect.width() * max(0.0, min(share, 1.0))))
        painter.drawRoundedRect(rect, 2.5, 2.5)
