"""A list that is as high as its items, for a panel that scrolls: hover, Enter and click, painted by
its kind."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

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
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QListView, QScrollArea, QStyle, QStyledItemDelegate, QWidget

from salesdesk.ui import theme

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()


class _Items(QAbstractListModel):
    """The items; their words come from the list."""

    def __init__(self, view: "FlatList[Any]") -> None:
        super().__init__(view)
        self._view = view
        self.items: list[Any] = []

    def set_items(self, items: list[Any]) -> None:
        """Other items; of as many as before only those that differ are told."""
        if len(items) != len(self.items):
            self.beginResetModel()
            self.items = items
            self.endResetModel()
            return
        before, self.items = self.items, items
        for at, (old, new) in enumerate(zip(before, items, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(at), self.index(at))

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.items):
            return None
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return self._view.spoken(self.items[index.row()])
        if role == _ROLE.ToolTipRole:
            return self._view.tip(self.items[index.row()])
        return None


class _Painter(QStyledItemDelegate):
    """Ground and edge of a row; the list paints what stands on it."""

    def __init__(self, view: "FlatList[Any]") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: object, _index: Index) -> QSize:
        return QSize(100, self._view.row_height)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, view, rect = theme.current(), self._view, QRect(option.rect)
        item = view.items[index.row()]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        current, hovered = selected and view.hasFocus(), index.row() == view.hovered
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = view.is_strong(item)
        if current or strong or hovered:
            painter.setPen(QPen(look.accent, 1.5) if current else Qt.PenStyle.NoPen)
            painter.setBrush(look.accent_soft if strong else look.hover)
            box = QRectF(rect).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        view.paint_row(painter, rect, item, current or hovered)
        painter.restore()


class FlatList(QListView, Generic[T]):
    """``opened(item)``: a click or Enter. Give it ``paint_item`` (or ``paint_row``),
    ``spoken`` and maybe ``tip``."""

    opened = Signal(object)
    row_height = 40

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self._model = _Items(self)
        self.setObjectName(name)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.setFixedHeight(0)
        theme.changed.connect(self.viewport().update)

    @property
    def items(self) -> list[T]:
        """What is listed."""
        return self._model.items

    def set_items(self, items: Sequence[T]) -> None:
        """Show other items."""
        self._model.set_items(list(items))
        self.setFixedHeight(len(items) * self.row_height)

    def reword(self) -> None:
        """The language has changed."""
        self.viewport().update()

    def is_strong(self, item: T) -> bool:
        """Whether an item is marked."""
        return False

    def paint_row(self, painter: QPainter, rect: QRect, item: T, active: bool) -> None:
        """Paint a whole row; ``active``: under the mouse or the keyboard."""
        self.paint_item(painter, rect.adjusted(theme.S, 0, -theme.S, 0), item)

    def paint_item(self, painter: QPainter, rect: QRect, item: T) -> None:
        """Paint what stands in a row, within its margins."""
        raise NotImplementedError

    def spoken(self, item: T) -> str:
        """For a screen reader."""
        raise NotImplementedError

    def tip(self, item: T) -> str | None:
        """What the tool tip says."""
        return self.spoken(item)

    def _on_current(self, index: QModelIndex) -> None:
        """Keep the item of the keyboard in sight of the area that scrolls."""
        holder: QObject | None = self.parent()
        while holder is not None and not isinstance(holder, QScrollArea):
            holder = holder.parent()
        inside = holder.widget() if isinstance(holder, QScrollArea) else None
        if isinstance(holder, QScrollArea) and inside is not None and self.hasFocus():
            centre = self.mapTo(inside, self.visualRect(index).center())
            holder.ensureVisible(centre.x(), centre.y(), 0, self.row_height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if index.isValid():
                self.opened.emit(self.items[index.row()])
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        where = event.position().toPoint()
        index = self.indexAt(where)
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.pressed_at(index, where)

    def pressed_at(self, index: Index, where: QPoint) -> None:
        """A click on a row, at a place of the viewport."""
        self.opened.emit(self.items[index.row()])

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

    def wheelEvent(self, event: Any) -> None:
        event.ignore()  # the area around it scrolls
