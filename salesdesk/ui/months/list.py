"""The months at the left of the page: which are closed, which could be."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from salesdesk.moments import Zone, month_start
from salesdesk.services.closing import Month
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui import month_words as words
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.flatlist import FlatList

_MARK = 16


class MonthList(FlatList[Month]):
    """``opened(month)``; the one that is shown is marked."""

    row_height = 46

    def __init__(self, zone: Zone, name: str = "months-list") -> None:
        super().__init__(name)
        self._zone = zone
        self._now = 0
        self.shown = -1

    def show_months(self, months: tuple[Month, ...], shown: int, now: int) -> None:
        """Show these; the place of the keyboard is the one that is shown."""
        self._now, self.shown = now, shown
        self.set_items(months)
        at = next((at for at, one in enumerate(months) if one.month == shown), 0)
        self.setCurrentIndex(self.model().index(at, 0))
        self.viewport().update()

    def is_strong(self, item: Month) -> bool:
        return item.month == self.shown

    def said(self, item: Month) -> str:
        """What is to be said of a month."""
        if item.closing is not None:
            return words.closed_on(item.closing, self._zone, self._now)
        if item.is_over:
            return tr("Not closed")
        return tr("Goes on until {day}", day=formats.day_short(month_start(item.month + 1) - 1))

    def spoken(self, item: Month) -> str:
        said = [formats.month(item.month), self.said(item)]
        if item.left:
            said.append(tr("has corrections"))
        return ", ".join(said)

    def paint_item(self, painter: QPainter, rect: QRect, item: Month) -> None:
        look = theme.current()
        room = rect.adjusted(theme.S, 6, -theme.S, -6)
        strong = self.is_strong(item)
        painter.setFont(theme.font(theme.BODY, bold=strong))
        painter.setPen(look.accent if strong else look.text)
        top = QRect(room.left(), room.top(), room.width() - _MARK, 17)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(top, left, formats.month(item.month))
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(look.muted)
        below = QRect(room.left(), room.top() + 18, room.width(), 16)
        state = painter.fontMetrics().elidedText(
            self.said(item), Qt.TextElideMode.ElideRight, below.width()
        )
        painter.drawText(below, left, state)
        where = QRectF(room.right() - _MARK + 2, room.top() + 1, _MARK - 2, _MARK - 2)
        if item.left:
            icons.paint(painter, "warning", where, look.warning)
        elif item.closing is not None:
            icons.paint(painter, "check", where, look.good)
