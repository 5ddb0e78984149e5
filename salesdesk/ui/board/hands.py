"""Mouse and keys on the cards of one column."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from salesdesk.ui.board.column import ColumnView, parts
from salesdesk.ui.board.paint import CardPainter

_FLAG = QItemSelectionModel.SelectionFlag
_KEY = Qt.Key
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_WALKING = _SHIFT | Qt.KeyboardModifier.KeypadModifier
_STEPS = {_KEY.Key_Up: -1, _KEY.Key_Down: 1}


class Column(ColumnView):
    """A column under the hands.

    Signals: ``began()`` a new selection begins here (others end), ``lifted(row, place)`` the mouse
    pulls a card, ``dragged(place)`` and ``released(place)`` follow it (global places),
    ``opened(id)``, ``entered()`` the keyboard has come here.
    """

    began = Signal()
    lifted = Signal(int, QPoint)
    dragged = Signal(QPoint)
    released = Signal(QPoint)
    opened = Signal(object)
    entered = Signal()

    def __init__(self, painter: CardPainter, parent: QWidget | None = None) -> None:
        super().__init__(painter, parent)
        self._press: QPoint | None = None
        self._pulling = False
        self._narrow = -1
        #: Arrow keys keep the selection (it was made by Space).
        self.keeps = False

    # -- what is chosen -----------------------------------------------------------------------

    def chosen_ids(self) -> list[int]:
        """The selected deals in the order shown."""
        if self._column is None or not self.selectionModel().hasSelection():
            return []
        rows = sorted(
            row
            for part in parts(self.selectionModel().selection())
            for row in range(part.top(), part.bottom() + 1)
        )
        return [self._column.ids[row] for row in rows]

    def current_id(self) -> int:
        """The deal under the keyboard, 0 when there is none."""
        row = self.currentIndex().row()
        return self._column.ids[row] if self._column is not None and row >= 0 else 0

    def choose(self, row: int, keep_others: bool = False) -> None:
        """Select one row, make it current and bring it into view."""
        if self._column is None or not 0 <= row < len(self._column.ids):
            return
        index = self._column.index(row)
        self._anchor = row
        self.selectionModel().setCurrentIndex(
            index, _FLAG.Select if keep_others else _FLAG.ClearAndSelect
        )
        self.scrollTo(index)

    def go(self, row: int) -> None:
        """Bring the keyboard to a row and leave the selection alone."""
        if self._column is not None:
            self._anchor = row
            index = self._column.index(row)
            self.selectionModel().setCurrentIndex(index, _FLAG.NoUpdate)
            self.scrollTo(index)

    def choose_ids(self, ids: list[int]) -> None:
        """Select these deals, those of them that are here."""
        if self._column is None:
            return
        rows = [row for row in map(self._column.row_of, ids) if row >= 0]
        if not rows and not self.selectionModel().hasSelection():
            return
        self.selectionModel().clearSelection()
        for row in rows:
            self._select_rows(row, row, _FLAG.Select)
        if rows:
            index = self._column.index(rows[0])
            self.selectionModel().setCurrentIndex(index, _FLAG.NoUpdate)
            self._anchor = rows[0]

    # -- mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        row = self.indexAt(place).row()
        self._press, self._narrow = None, -1
        if event.button() != Qt.MouseButton.LeftButton:
            if row >= 0 and not self.selectionModel().isRowSelected(row):
                self.began.emit()
                self.choose(row)
            return
        self.keeps = False
        modifiers = event.modifiers()
        if row < 0:
            if not modifiers & (_CTRL | _SHIFT):
                self.began.emit()
                self.clearSelection()
            return
        self._press = place
        self._choose_by_mouse(row, modifiers)

    def _choose_by_mouse(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        assert self._column is not None
        index, selection = self._column.index(row), self.selectionModel()
        if modifiers & _SHIFT and self._anchor >= 0:
            self._select_rows(self._anchor, row, _FLAG.ClearAndSelect)
            selection.setCurrentIndex(index, _FLAG.NoUpdate)
        elif modifiers & _CTRL:
            selection.setCurrentIndex(index, _FLAG.Toggle)
            self._anchor = row
        elif selection.isRowSelected(row):
            # Several may be pulled together: only a click without a pull narrows the selection.
            self._narrow = row
            selection.setCurrentIndex(index, _FLAG.NoUpdate)
        else:
            self.began.emit()
            self.choose(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if self._pulling:
            self.dragged.emit(event.globalPosition().toPoint())
        elif self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            far = (place - self._press).manhattanLength() >= QApplication.startDragDistance()
            row = self.indexAt(self._press).row()
            if far and row >= 0:
                self._pulling = True
                self.lifted.emit(row, self.port.mapToGlobal(self._press))
                self.dragged.emit(event.globalPosition().toPoint())
        else:
            self._hover(self.indexAt(place).row())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        pulling, self._pulling = self._pulling, False
        self._press = None
        if pulling:
            self.released.emit(event.globalPosition().toPoint())
        elif self._narrow >= 0:
            self.began.emit()
            self.choose(self._narrow)
        self._narrow = -1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press = None
        row = self.indexAt(event.position().toPoint()).row()
        if event.button() == Qt.MouseButton.LeftButton and row >= 0 and self._column is not None:
            self.opened.emit(self._column.ids[row])

    def stop_pulling(self) -> None:
        """The drag was cancelled: until the button is released the mouse does nothing."""
        self._pulling = False
        self._press = None
        self._narrow = -1

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        target = self._target(event)
        if target is None:
            if event.key() == _KEY.Key_Space and not event.modifiers():
                self._toggle()
            elif event.key() in (_KEY.Key_Return, _KEY.Key_Enter) and self.current_id():
                self.opened.emit(self.current_id())
            else:
                event.ignore()
            return
        if self._column is not None and self._column.ids:
            self._walk(target, bool(event.modifiers() & _SHIFT))

    def _target(self, event: QKeyEvent) -> int | None:
        """The row that a key leads to, or ``None`` for another key."""
        if self._column is None or event.modifiers() & ~_WALKING:
            return None
        count = len(self._column.ids)
        row, key = self.currentIndex().row(), event.key()
        if key == _KEY.Key_Home:
            return 0
        if key == _KEY.Key_End:
            return count - 1
        if key in (_KEY.Key_PageUp, _KEY.Key_PageDown):
            down = 1 if key == _KEY.Key_PageDown else -1
            y = self.card_rect(max(row, 0)).top() + down * self.port.height()
            return min(max(self.row_at(y), 0), count - 1)
        if key in _STEPS:
            step = _STEPS[_KEY(key)]
            return min(max(row + step, 0), count - 1) if row >= 0 else 0
        return None

    def _walk(self, row: int, extend: bool) -> None:
        assert self._column is not None
        index, selection = self._column.index(row), self.selectionModel()
        if extend:
            anchor = self._anchor if self._anchor >= 0 else max(self.currentIndex().row(), 0)
            self._anchor = anchor
            self._select_rows(anchor, row, _FLAG.ClearAndSelect)
            selection.setCurrentIndex(index, _FLAG.NoUpdate)
            self.scrollTo(index)
        elif self.keeps:
            self.go(row)
        else:
            self.began.emit()
            self.choose(row)

    def _toggle(self) -> None:
        if self._column is None or self.currentIndex().row() < 0:
            return
        self.keeps = True
        row = self.currentIndex().row()
        self._select_rows(row, row, _FLAG.Toggle)
        self._anchor = row

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self.currentIndex().isValid():
            self._update_row(self.currentIndex().row())  # Qt would paint all cards anew
        else:
            super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._update_row(self.currentIndex().row())
