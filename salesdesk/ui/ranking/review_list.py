"""Moves to check, in three lines each: what moved, when, and why it is listed."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from salesdesk.services.doubts import Doubt
from salesdesk.ui import theme
from salesdesk.ui.widgets import avatar, icons
from salesdesk.ui.widgets.lines import LineItem, LineList, text_line

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = theme.AVATAR + theme.S + theme.XS
_DOTS = 18


class ReviewList(LineList):
    """``below`` of an item has two lines; an avatar says whose deal it is."""

    row_height = 60

    def spoken(self, item: LineItem) -> str:
        return item.spoken().replace("\n", ", ")

    def tip(self, item: LineItem) -> str:
        return "\n".join(filter(None, (item.initials, super().tip(item))))

    def paint_row(self, painter: QPainter, rect: QRect, item: LineItem, active: bool) -> None:
        look = theme.current()
        if item.person is not None:
            where = QRectF(rect.left() + theme.XS, rect.top() + 8, theme.AVATAR, theme.AVATAR)
            avatar.paint(painter, where, item.initials, item.person)
        dots = _DOTS if item.ruled and active else 0
        inside = rect.adjusted(_LEFT, 5, -theme.XS - dots, 0)
        if dots:
            icons.paint(painter, "more", QRectF(self.more_rect(rect)), look.muted)
        self._first(painter, inside, item)
        when, _, why = item.below.partition("\n")
        small = theme.font(theme.SECONDARY, tabular=True)
        strong = theme.font(theme.SECONDARY, bold=True)
        colour = look.muted if item.quiet else look.text
        second = QRect(inside.left(), inside.top() + 17, inside.width(), 16)
        used = text_line(painter, second, item.strong, strong, colour)
        text_line(painter, second.adjusted(used, 0, 0, 0), f" · {when}", small, look.muted)
        third = QRect(inside.left(), inside.top() + 33, inside.width(), 16)
        loud = isinstance(item.source, Doubt) and not item.quiet
        text_line(painter, third, why, small, look.warning if loud else look.muted)

    def _first(self, painter: QPainter, inside: QRect, item: LineItem) -> None:
        look = theme.current()
        top = QRect(inside.left(), inside.top(), inside.width(), 17)
        colour = look.muted if item.quiet else look.text
        if item.number:
            painter.setFont(theme.font(theme.BODY, bold=not item.quiet, tabular=True))
            painter.setPen(colour)
            painter.drawText(top, _RIGHT, item.number)
            wide = painter.fontMetrics().horizontalAdvance(item.number)
            top = top.adjusted(0, 0, -wide - theme.S, 0)
        font = theme.font(theme.BODY)
        font.setStrikeOut(item.struck)
        text_line(painter, top, item.text, font, colour)
