"""The list of what a number counts: two lines each, beside a thin line; Enter or a click opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QFrame, QListView, QScrollArea, QStyle, QStyledItemDelegate, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets import avatar, icons

_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()
_HEIGHT = 40
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_RAIL = 14
_MORE = 18
Index = QModelIndex | QPersistentModelIndex


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


class _Items(QAbstractListModel):
    """The items."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[LineItem] = []

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return item.spoken()
        if role == _ROLE.ToolTipRole:
            return "\n".join(filter(None, (f"{item.text} {item.strong}".strip(), item.below)))
        return None


class _Painter(QStyledItemDelegate):
    """Draws an item."""

    def __init__(self, view: "LineList") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: object, _index: Index) -> QSize:
        return QSize(100, _HEIGHT)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, item = theme.current(), self._view.item(index.row())
        rect = QRect(option.rect)
        hovered = index.row() == self._view.hovered
        current = bool(option.state & QStyle.StateFlag.State_Selected) and self._view.hasFocus()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if hovered or current:
            painter.setPen(QPen(look.accent, 1.5) if current else Qt.PenStyle.NoPen)
            painter.setBrush(look.hover)
            box = QRectF(rect).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        left = _RAIL + theme.XS
        if item.person is not None:
            where = QRectF(rect.left() + theme.XS, rect.top() + 9, theme.AVATAR, theme.AVATAR)
            avatar.paint(painter, where, item.initials or item.text, item.person)
            left = theme.AVATAR + theme.S + theme.XS
        else:
            painter.fillRect(rect.left() + theme.XS, rect.top(), 2, rect.height(), look.line)
        right = theme.XS + (_MORE if item.ruled and (hovered or current) else 0)
        inside = rect.adjusted(left, 3, -right, -3)
        self._texts(painter, inside, item)
        if item.ruled and (hovered or current):
            icons.paint(painter, "more", QRectF(self._view.more_rect(rect)), look.muted)
        painter.restore()

    def _texts(self, painter: QPainter, rect: QRect, item: LineItem) -> None:
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
        used = _text(painter, top, item.text, plain, colour) if item.text else -theme.XS
        if beside and item.strong:
            _text(painter, top.adjusted(used + theme.XS, 0, 0, 0), item.strong, strong, colour)
        if item.below:
            below = QRect(rect.left(), rect.top() + 17, rect.width(), 16)
            rest = item.below
            if not beside and item.strong:
                strong.setPixelSize(theme.SECONDARY)
                used = _text(painter, below, item.strong, strong, colour)
                below, rest = below.adjusted(used, 0, 0, 0), f" · {rest}"
            _text(painter, below, rest, theme.font(theme.SECONDARY, tabular=True), look.muted)


def _text(painter: QPainter, where: QRect, text: str, font: QFont, colour: QColor) -> int:
    """Draw a text in one line, shortened to fit; how wide it is."""
    painter.setFont(font)
    painter.setPen(colour)
    metrics = painter.fontMetrics()
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(where.width(), 0))
    painter.drawText(where, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), cut)
    return metrics.horizontalAdvance(cut)


class LineList(QListView):
    """As high as its items, for a panel that scrolls. ``opened(item)``: click or Enter;
    ``ruling_asked(item, place)``: the dots, the menu key or a right click on one that has them."""

    opened = Signal(object)
    ruling_asked = Signal(object, QPoint)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self._items = _Items(self)
        self.setObjectName(name)
        self.setModel(self._items)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.viewport().update)

    def set_items(self, items: Sequence[LineItem]) -> None:
        """Replace what is shown; the place of the keyboard stays."""
        at = self.currentIndex().row()
        self._items.beginResetModel()
        self._items.items = list(items)
        self._items.endResetModel()
        self.hovered = -1
        if items:
            self.setCurrentIndex(self._items.index(min(max(at, 0), len(items) - 1)))
        self.setFixedHeight(len(items) * _HEIGHT)

    def item(self, row: int) -> LineItem:
        """What stands in a row."""
        return self._items.items[row]

    def count(self) -> int:
        """How many there are."""
        return len(self._items.items)

    def more_rect(self, rect: QRect) -> QRect:
        """Where the dots of an item are."""
        return QRect(rect.right() - _MORE, rect.center().y() - theme.S, theme.ICON, theme.ICON)

    def _on_current(self, index: QModelIndex) -> None:
        """Keep the item of the keyboard in sight of the panel that scrolls."""
        holder = self.parentWidget()
        while holder is not None and not isinstance(holder, QScrollArea):
            holder = holder.parentWidget()
        inside = holder.widget() if isinstance(holder, QScrollArea) else None
        if isinstance(holder, QScrollArea) and inside is not None and self.hasFocus():
            centre = self.mapTo(inside, self.visualRect(index).center())
            holder.ensureVisible(centre.x(), centre.y(), 0, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(self.item(index.row()))
        elif event.key() == Qt.Key.Key_F10 and event.modifiers() == _SHIFT:
            self._ask_ruling(index)  # the menu key of keyboards that have none
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        self._ask_ruling(self.indexAt(event.pos()) if by_mouse else self.currentIndex())

    def _ask_ruling(self, index: Index) -> None:
        if index.isValid() and self.item(index.row()).ruled:
            self.ruling_asked.emit(self.item(index.row()), self._place(index))

    def _place(self, index: Index) -> QPoint:
        return self.viewport().mapToGlobal(self.more_rect(self.visualRect(index)).bottomLeft())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        row = self.indexAt(event.position().toPoint()).row()
        if row != self.hovered:
            self.hovered = row
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered = -1
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        where = event.position().toPoint()
        index = self.indexAt(where)
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        item = self.item(index.row())
        dots = self.more_rect(self.visualRect(index)).adjusted(-4, -8, 4, 8)
        if item.ruled and dots.contains(where):
            self.ruling_asked.emit(item, self._place(index))
        else:
            self.opened.emit(item)

    def wheelEvent(self, event: Any) -> None:
        event.ignore()  # the panel scrolls
