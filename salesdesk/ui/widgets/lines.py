"""The list of what a number counts: two lines each, beside a thin line; Enter or a click opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QFontMetrics, QKeyEvent, QPainter

from salesdesk.ui import theme
from salesdesk.ui.widgets import avatar, icons
from salesdesk.ui.widgets.flatlist import FlatList, Index

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_RAIL = 14
_MORE = 18


@dataclass(frozen=True, slots=True)
class LineItem:
    """``text`` with ``strong`` in bold behind it (below, if there is no room), ``below`` in grey;
    crossed out when ``struck``.

    ``number`` stands at the right end; ``person`` draws an avatar in place of the thin line (of
    ``initials`` when the text is more than a name);
    ``ruled``: there is something to decide about it; ``source`` is what it stands for.
    """

    text: str
    strong: str = ""
    below: str = ""
    number: str = ""
    struck: bool = False
    quiet: bool = False
    person: int | None = None
    initials: str = ""
    ruled: bool = False
    source: Any = None

    def spoken(self) -> str:
        """For a screen reader."""
        said = (f"{self.text} {self.strong}".strip(), self.number, self.below)
        return ", ".join(part for part in said if part)


class LineList(FlatList[LineItem]):
    """As high as its items, for a panel that scrolls. ``opened(item)``: click or Enter;
    ``ruling_asked(item, place)``: the dots, the menu key or a right click on one that has them."""

    ruling_asked = Signal(object, QPoint)
    row_height = 40

    def set_items(self, items: Sequence[LineItem]) -> None:
        """Replace what is shown; the place of the keyboard stays."""
        at = self.currentIndex().row()
        super().set_items(items)
        self.hovered = -1
        if items:
            self.setCurrentIndex(self.model().index(min(max(at, 0), len(items) - 1), 0))

    def item(self, row: int) -> LineItem:
        """What stands in a row."""
        return self.items[row]

    def count(self) -> int:
        """How many there are."""
        return len(self.items)

    def spoken(self, item: LineItem) -> str:
        return item.spoken()

    def tip(self, item: LineItem) -> str:
        return "\n".join(filter(None, (f"{item.text} {item.strong}".strip(), item.below)))

    def paint_row(self, painter: QPainter, rect: QRect, item: LineItem, active: bool) -> None:
        look, left = theme.current(), _RAIL + theme.XS
        if item.person is not None:
            top = rect.top() + (rect.height() - theme.AVATAR) / 2
            where = QRectF(rect.left() + theme.XS, top, theme.AVATAR, theme.AVATAR)
            avatar.paint(painter, where, item.initials or item.text, item.person)
            left = theme.AVATAR + theme.S + theme.XS
        else:
            painter.fillRect(rect.left() + theme.XS, rect.top(), 2, rect.height(), look.line)
        dots = item.ruled and active
        right = theme.XS + (_MORE if dots else 0)
        _texts(painter, rect.adjusted(left, 3, -right, -3), item)
        if dots:
            icons.paint(painter, "more", QRectF(self.more_rect(rect)), look.muted)

    def more_rect(self, rect: QRect) -> QRect:
        """Where the dots of an item are."""
        return QRect(rect.right() - _MORE, rect.center().y() - theme.S, theme.ICON, theme.ICON)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F10 and event.modifiers() == _SHIFT:
            self._ask_ruling(self.currentIndex())  # the menu key of keyboards that have none
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        self._ask_ruling(self.indexAt(event.pos()) if by_mouse else self.currentIndex())

    def pressed_at(self, index: Index, where: QPoint) -> None:
        item = self.item(index.row())
        dots = self.more_rect(self.visualRect(index)).adjusted(-4, -8, 4, 8)
        if item.ruled and dots.contains(where):
            self.ruling_asked.emit(item, self._place(index))
        else:
            self.opened.emit(item)

    def _ask_ruling(self, index: Index) -> None:
        if index.isValid() and self.item(index.row()).ruled:
            self.ruling_asked.emit(self.item(index.row()), self._place(index))

    def _place(self, index: Index) -> QPoint:
        return self.viewport().mapToGlobal(self.more_rect(self.visualRect(index)).bottomLeft())


def _texts(painter: QPainter, rect: QRect, item: LineItem) -> None:
    look = theme.current()
    top = QRect(rect.left(), rect.top(), rect.width(), 17)
    if not item.below:
        top = rect
    if item.number:
        painter.setFont(theme.font(theme.BODY, bold=not item.quiet, tabular=True))
        painter.setPen(look.muted if item.quiet else look.text)
        painter.drawText(top, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                         item.number)  # fmt: skip
        wide = painter.fontMetrics().horizontalAdvance(item.number)
        top = top.adjusted(0, 0, -wide - theme.S, 0)
    colour = look.muted if item.quiet else look.text
    plain = theme.font(theme.BODY)
    plain.setStrikeOut(item.struck)
    strong = QFont(plain)
    strong.setWeight(QFont.Weight.DemiBold)
    whole = QFontMetrics(plain).horizontalAdvance(item.text) + theme.XS
    beside = whole + QFontMetrics(strong).horizontalAdvance(item.strong) <= top.width()
    used = text_line(painter, top, item.text, plain, colour) if item.text else -theme.XS
    if beside and item.strong:
        text_line(painter, top.adjusted(used + theme.XS, 0, 0, 0), item.strong, strong, colour)
    if item.below:
        below = QRect(rect.left(), rect.top() + 17, rect.width(), 16)
        rest = item.below
        if not beside and item.strong:
            strong.setPixelSize(theme.SECONDARY)
            used = text_line(painter, below, item.strong, strong, colour)
            below, rest = below.adjusted(used, 0, 0, 0), f" · {rest}"
        text_line(painter, below, rest, theme.font(theme.SECONDARY, tabular=True), look.muted)


def text_line(painter: QPainter, where: QRect, text: str, font: QFont, colour: QColor) -> int:
    """Draw a text in one line, shortened to fit; how wide it is."""
    painter.setFont(font)
    painter.setPen(colour)
    metrics = painter.fontMetrics()
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(where.width(), 0))
    painter.drawText(where, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), cut)
    return metrics.horizontalAdvance(cut)
