"""Choosing one of a tree (a department, a group inside it): branches fold, typing finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPolygonF, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from salesdesk.names import folded
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.popup import Popover
from salesdesk.ui.widgets.search import type_ahead
from salesdesk.ui.widgets.switcher import Switcher
from salesdesk.ui.widgets.typed import Typed

_ROLE = Qt.ItemDataRole
_ROW, _STEP, _FOLD = 28, 16, 18
_SEARCHED, _ROWS = 7, 12
_NOTHING = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the tree: what it stands for, its text, and how deep it is (0 at the left). Its
    branch is what follows and is deeper."""

    value: Any
    text: str
    depth: int = 0


class _Nodes(QAbstractListModel):
    """The lines that are to be seen: not those inside a folded branch; while something is typed,
    what matches with the branches that lead there."""

    def __init__(self, nodes: Sequence[Node], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = list(nodes)
        self._folded: set[int] = set()
        self._typed = Typed()
        self.shown: list[int] = list(range(len(self._all)))

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index.row())
        if role == _ROLE.DisplayRole:
            return node.text
        if role == _ROLE.AccessibleTextRole:
            if self.has_branch(index.row()):
                state = tr("folded") if self.is_folded(index.row()) else tr("open")
                return f"{node.text}, {state}"
            return node.text
        return QSize(0, _ROW) if role == _ROLE.SizeHintRole else None

    def node(self, row: int) -> Node:
        """The line in a row."""
        return self._all[self.shown[row]]

    def has_branch(self, row: int) -> bool:
        """Whether there is something inside."""
        at = self.shown[row] + 1
        return at < len(self._all) and self._all[at].depth > self._all[at - 1].depth

    def is_folded(self, row: int) -> bool:
        """Whether what is inside is hidden."""
        return self.shown[row] in self._folded and not self._typed

    def fold(self, row: int, hide: bool) -> None:
        """Hide or show what is inside."""
        if self.has_branch(row) and not self._typed and hide != self.is_folded(row):
            (self._folded.add if hide else self._folded.discard)(self.shown[row])
            self._renew()

    def parent_of(self, row: int) -> int:
        """The row of the branch that a row is in; -1 at the top."""
        depth = self.node(row).depth
        above = (at for at in range(row - 1, -1, -1) if self.node(at).depth < depth)
        return next(above, -1)

    def filter(self, typed: str) -> None:
        """Keep what holds every typed word, also when typed in the wrong keyboard layout."""
        self._typed = Typed(typed)
        self._renew()

    def matches(self, row: int) -> bool:
        """Whether a row itself holds what was typed (others only lead to one that does)."""
        return self._typed.finds(folded(self.node(row).text))

    def _renew(self) -> None:
        self.beginResetModel()
        self.shown = self._found() if self._typed else self._unfolded()
        self.endResetModel()

    def _unfolded(self) -> list[int]:
        shown, hidden_below = [], -1
        for at, node in enumerate(self._all):
            if 0 <= hidden_below < node.depth:
                continue
            hidden_below = node.depth if at in self._folded else -1
            shown.append(at)
        return shown

    def _found(self) -> list[int]:
        kept: set[int] = set()
        way: list[int] = []
        for at, node in enumerate(self._all):
            way = [*way[: node.depth], at]
            if self._typed.finds(folded(node.text)):
                kept.update(way)
        return sorted(kept)


class _Painter(QStyledItemDelegate):
    """Indented lines, a triangle before a branch."""

    def __init__(self, model: _Nodes, current: object, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._current = model, current

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, node = theme.current(), self._model.node(index.row())
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(look.accent_soft)
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), theme.XS, theme.XS)
        left = rect.left() + theme.XS + _STEP * node.depth
        if self._model.has_branch(index.row()):
            middle = QPointF(left + _FOLD / 2 - 2, rect.center().y() + 0.5)
            painter.setBrush(look.muted)
            closed = self._model.is_folded(index.row())
            ends = ((-2, -4), (-2, 4), (3, 0)) if closed else ((-4, -2), (4, -2), (0, 3))
            painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in ends]))
        strong = node.value == self._current
        painter.setFont(theme.font(theme.BODY, bold=strong))
        painter.setPen(look.text)
        words = QRectF(left + _FOLD, rect.top(), rect.right() - left - 2 * _FOLD, rect.height())
        text = painter.fontMetrics().elidedText(
            node.text, Qt.TextElideMode.ElideRight, int(words.width())
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        if strong:
            box = QRectF(rect.right() - theme.XL, rect.center().y() - 6.5, 13, 13)
            icons.paint(painter, "check", box, look.accent)
        painter.restore()


class TreePicker(Popover):
    """Arrows walk, Left and Right fold and unfold, Enter or a click picks, typing finds;
    ``picked(value)``."""

    picked = Signal(object)

    def __init__(
        self, nodes: Iterable[Node], name: str, accessible: str, current: object, parent: QWidget
    ) -> None:
        super().__init__(name, accessible, parent)
        given = list(nodes)
        self.model = _Nodes(given, self)
        self.field = type_ahead(f"{name}-search", accessible)
        self.list = QListView()
        self.list.setObjectName(f"{name}-list")
        self.list.setAccessibleName(accessible)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(self.model, current, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        searched = len(given) > _SEARCHED
        self.field.setVisible(searched)
        if searched:
            self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for watched in (self.field, self.list, self.list.viewport()):
            watched.installEventFilter(self)
        self.field.textChanged.connect(self._on_typed)
        self._fit(given)
        at = next((at for at, node in enumerate(given) if node.value == current), 0)
        self.list.setCurrentIndex(self.model.index(at))

    def _fit(self, given: list[Node]) -> None:
        metrics = self.fontMetrics()
        widest = max(
            (metrics.horizontalAdvance(n.text) + _STEP * n.depth for n in given), default=0
        )
        self.list.setMinimumWidth(min(max(widest + 3 * _FOLD + theme.XL, 220), 420))
        self.list.setFixedHeight(min(max(len(given), 1), _ROWS) * _ROW + 2)

    def showEvent(self, event: QShowEvent) -> None:
        (self.field if self.field.isVisibleTo(self) else self.list).setFocus()
        self.list.scrollTo(self.list.currentIndex())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event) or super().eventFilter(watched, event)
        if (
            watched is self.list.viewport()
            and event.type() == QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
        ):
            self._on_click(event)
            return True
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        row, key = self.list.currentIndex().row(), event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(row)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._go(row + (1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not self.field.text():
            self._fold_or_walk(row, key == Qt.Key.Key_Left)
        else:
            return False
        return True

    def _fold_or_walk(self, row: int, left: bool) -> None:
        if row < 0:
            return
        if left and (self.model.is_folded(row) or not self.model.has_branch(row)):
            self._go(self.model.parent_of(row))
        else:
            self.model.fold(row, left)
            self._go(row)

    def _go(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(row))

    def _on_typed(self, typed: str) -> None:
        self.model.filter(typed)
        rows = range(self.model.rowCount())
        self._go(next((row for row in rows if self.model.matches(row)), 0))

    def _on_click(self, event: QMouseEvent) -> None:
        index = self.list.indexAt(event.position().toPoint())
        if not index.isValid():
            return
        row = index.row()
        start = theme.XS + _STEP * self.model.node(row).depth
        on_sign = start <= event.position().x() < start + _FOLD
        if on_sign and self.model.has_branch(row):
            self.model.fold(row, not self.model.is_folded(row))
            self._go(row)
        else:
            self._pick(row)

    def _pick(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            value = self.model.node(row).value
            self.close()
            self.picked.emit(value)


class TreeSwitcher(Switcher):
    """A switcher whose list is a tree."""

    def set_nodes(self, nodes: Iterable[Node], what: str) -> None:
        """What there is to choose; an unknown value falls back to the first."""
        self._nodes = list(nodes)
        self.set_options([(node.value, node.text) for node in self._nodes], what)

    def _list(self) -> Popover:
        name = f"{self.objectName()}-list"
        picker = TreePicker(self._nodes, name, self._what, self.value, self)
        picker.picked.connect(self._on_picked)
        return picker
