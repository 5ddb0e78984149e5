"""Choosing the columns of the ranking: ticked or not, put in order with the mouse or by keys."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.ranking.columns import BASIC, COLUMNS, FIXED, chosen
from salesdesk.ui.ranking.table import RankingTable
from salesdesk.ui.ranking.words import TITLES
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import IconButton, LinkButton
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.popup import Popover, show_under

_ROLE = Qt.ItemDataRole
_ROW, _BOX = 28, 16
_ROWS, _WIDTH = 14, 270
_COLUMNS_KEY, _SORT_KEY = "ranking/columns", "ranking/sort"
Index = QModelIndex | QPersistentModelIndex


class _Painter(QStyledItemDelegate):
    """A box, the name, and at the right a grip that says the row can be moved."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(_WIDTH, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = theme.current()
        rect, state = QRectF(option.rect), option.state
        on = index.data(_ROLE.CheckStateRole) == Qt.CheckState.Checked.value
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = bool(state & QStyle.StateFlag.State_Selected)
        if current or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(look.accent, 1.2) if current else Qt.PenStyle.NoPen)
            painter.setBrush(look.hover)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme.XS, theme.XS)
        box = QRectF(rect.left() + theme.S, rect.center().y() - _BOX / 2 + 0.5, _BOX - 1, _BOX - 1)
        painter.setPen(QPen(look.accent if on else look.faint, 1))
        painter.setBrush(look.accent if on else look.surface)
        painter.drawRoundedRect(box, 3, 3)
        if on:
            icons.paint(painter, "check", box.adjusted(1.5, 1.5, -1.5, -1.5), look.accent_text)
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(look.text if on else look.muted)
        words = rect.adjusted(_BOX + 2 * theme.S, 0, -theme.XL, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.faint)
        for step in range(6):  # the grip
            x = rect.right() - theme.L + 5 * (step % 2)
            y = rect.center().y() - 5 + 5 * (step // 2)
            painter.drawEllipse(QRectF(x, y, 2, 2))
        painter.restore()


class ColumnList(QListWidget):
    """All columns but the fixed ones, those that are shown first; ``chosen(columns)`` on each
    change, with the fixed ones."""

    chosen = Signal(object)

    def __init__(self, columns: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dragged = -1
        self._pressed = -1
        self._moved = False
        self.setObjectName("ranking-column-list")
        self.setAccessibleName(tr("Columns"))
        self.setItemDelegate(_Painter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("role", "palette")  # on the ground of the popover
        self.setMinimumWidth(_WIDTH + theme.L)
        self.setFixedHeight(_ROW * _ROWS + 2)
        self.set_columns(columns)

    def set_columns(self, columns: Sequence[str]) -> None:
        """Show a choice without telling."""
        self.clear()
        rest = [one for one in COLUMNS if one not in columns]
        for one in (*columns, *rest):
            if one in FIXED:
                continue
            item = QListWidgetItem(tr(TITLES[one]), self)
            item.setData(_ROLE.UserRole, one)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self._tick(item, one in columns)
        self.setCurrentRow(0)

    def columns(self) -> tuple[str, ...]:
        """What is ticked, in order, after the fixed ones."""
        items = [self.item(at) for at in range(self.count())]
        return (*FIXED, *(str(item.data(_ROLE.UserRole)) for item in items if _is_on(item)))

    def toggle(self, row: int) -> None:
        """Tick a column or take it away; the last one stays."""
        item = self.item(row)
        if _is_on(item) and len(self.columns()) == len(FIXED) + 1:
            return
        self._tick(item, not _is_on(item))
        self.chosen.emit(self.columns())

    def move_row(self, row: int, to: int) -> None:
        """Put a column in another place."""
        if row == to or not 0 <= to < self.count():
            return
        item = self.takeItem(row)
        self.insertItem(to, item)
        self.setCurrentItem(item)
        self.chosen.emit(self.columns())

    def _tick(self, item: QListWidgetItem, on: bool) -> None:
        item.setData(
            _ROLE.CheckStateRole, (Qt.CheckState.Checked if on else Qt.CheckState.Unchecked).value
        )
        said = tr("{column}, shown", column=item.text()) if on else item.text()
        item.setData(_ROLE.AccessibleTextRole, said)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        held = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
        if step is not None and event.modifiers() & held:
            self.move_row(self.currentRow(), self.currentRow() + step)
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle(self.currentRow())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = self._dragged = self.row_at(event)
        self._moved = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton or self._dragged < 0:
            super().mouseMoveEvent(event)
            return
        over = self.row_at(event)
        if over >= 0 and over != self._dragged:
            self._moved = True
            self.move_row(self._dragged, over)
            self._dragged = over

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self._moved and self._pressed >= 0 and self.row_at(event) == self._pressed:
            self.toggle(self._pressed)
        self._pressed = self._dragged = -1

    def row_at(self, event: QMouseEvent) -> int:
        """The row under the pointer; -1 where there is none."""
        index = self.indexAt(event.position().toPoint())
        return index.row() if index.isValid() else -1


def _is_on(item: QListWidgetItem) -> bool:
    return bool(item.data(_ROLE.CheckStateRole) == Qt.CheckState.Checked.value)


class ColumnsPopover(Popover):
    """The list with what it is for, and the way back; ``chosen(columns)``."""

    chosen = Signal(object)

    def __init__(self, columns: Sequence[str], parent: QWidget) -> None:
        super().__init__("ranking-columns-popover", tr("Columns"), parent)
        head = QHBoxLayout()
        head.setContentsMargins(theme.S, theme.XS, theme.XS, 0)
        head.addWidget(SectionLabel(tr("Columns")))
        head.addStretch(1)
        self.again = LinkButton(tr("As at first"), "ranking-columns-reset", self._on_again)
        head.addWidget(self.again)
        self.list = ColumnList(columns)
        self.list.chosen.connect(self.chosen)
        self.body.addLayout(head)
        self.body.addWidget(self.list)
        told = label(tr("Drag to put in order, or Alt with the arrows."), "small")
        told.setContentsMargins(theme.S, 0, theme.S, theme.XS)
        self.body.addWidget(told)

    def showEvent(self, event: object) -> None:
        self.list.setFocus()

    def _on_again(self) -> None:
        self.list.set_columns(BASIC)
        self.chosen.emit(BASIC)


class ColumnsButton(IconButton):
    """Opens the list of columns; what is chosen, dragged and sorted is remembered."""

    def __init__(self, table: RankingTable, remember: Remember) -> None:
        super().__init__("columns", "", "ranking-columns", self.open, "quiet")
        self._table, self._remember = table, remember
        table.set_columns(chosen(remember.text(_COLUMNS_KEY).split()))
        table.set_sorted(_sort_of(remember.text(_SORT_KEY)))
        table.arranged.connect(self._on_chosen)
        table.sorting_changed.connect(self._on_sorted)

    def retranslate(self) -> None:
        """Say it anew."""
        self.set_text(tr("Columns"))

    def open(self) -> None:
        """Show the list."""
        popover = ColumnsPopover(self._table.ranking.shown, self)
        popover.chosen.connect(self._on_chosen)
        show_under(popover, self, right=True)

    def _on_chosen(self, columns: tuple[str, ...]) -> None:
        self._remember.set(_COLUMNS_KEY, " ".join(columns))
        self._table.set_columns(columns)

    def _on_sorted(self, by: tuple[str, bool] | None) -> None:
        said = "" if by is None else f"{by[0]} {'down' if by[1] else 'up'}"
        self._remember.set(_SORT_KEY, said)


def _sort_of(text: str) -> tuple[str, bool] | None:
    """A sort order as it was remembered; None for what cannot be read."""
    column, _, way = text.partition(" ")
    return (column, way == "down") if column in COLUMNS and way in ("down", "up") else None
