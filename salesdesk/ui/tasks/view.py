"""A list of tasks to walk, to select and to open, by mouse and keyboard."""

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QListView, QWidget

from salesdesk.ui import theme
from salesdesk.ui.tasks.model import TaskModel
from salesdesk.ui.tasks.paint import CardPainter, LinePainter, places

_KEY = Qt.Key
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class TaskView(QListView):
    """The current row is the keyboard's; Space, Ctrl and Shift select rows (ticks of the model).

    ``opened(row)``: Enter or a double click; ``menu_asked(row, place)``: the menu key or a right
    click; ``left()``: Esc with nothing selected.
    """

    opened = Signal(int)
    menu_asked = Signal(int, QPoint)
    left = Signal()

    def __init__(
        self, name: str, tasks: TaskModel, painter: LinePainter | CardPainter,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.tasks, self.painter = tasks, painter
        self._anchor = -1
        self.setObjectName(name)
        self.setModel(tasks)
        self.setItemDelegate(painter)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.selectionModel().currentChanged.connect(self._on_current)
        tasks.ticked.connect(self.viewport().update)
        tasks.modelAboutToBeReset.connect(self._note_current)
        tasks.modelReset.connect(self._keep_current)
        self._kept = (0, -1)

    def row(self) -> int:
        """The row of the keyboard; -1 for none."""
        return self.currentIndex().row()

    def go(self, row: int) -> None:
        """Bring the keyboard to a row."""
        row = min(max(row, 0), len(self.tasks.ids) - 1)
        if row >= 0:
            self.setCurrentIndex(self.tasks.index(row))

    def acted_on(self) -> list[int]:
        """What a command is about: everything selected, else the task of the keyboard."""
        chosen = self.tasks.chosen()
        if not chosen and 0 <= self.row() < len(self.tasks.ids):
            return [self.tasks.ids[self.row()]]
        return chosen

    def place_of(self, row: int) -> QPoint:
        """Where a form about a row opens."""
        rect = self.visualRect(self.tasks.index(row))
        return self.viewport().mapToGlobal(QPoint(rect.left() + 48, rect.bottom() + 1))

    def _note_current(self) -> None:
        row = self.row()
        key = self.tasks.ids[row] if 0 <= row < len(self.tasks.ids) else 0
        self._kept = (key, row)

    def _keep_current(self) -> None:
        """The keyboard stays on its task; when that is gone, on the one in its place."""
        self._anchor = self.painter.hovered = self.painter.current = -1
        key, row = self._kept
        if key in self.tasks.ids:
            self.go(self.tasks.ids.index(key))
        elif row >= 0 or self.hasFocus():
            self.go(row)

    def _on_current(self) -> None:
        self.painter.current = self.row()
        self.viewport().update()

    # -- keyboard -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.row()
        if key in (_KEY.Key_Return, _KEY.Key_Enter) and row >= 0:
            self.opened.emit(row)
        elif key == _KEY.Key_Space and row >= 0:
            self._anchor = row
            self.tasks.tick([row])
        elif key in (_KEY.Key_Up, _KEY.Key_Down) and event.modifiers() & _SHIFT and row >= 0:
            to = row + (1 if key == _KEY.Key_Down else -1)
            self.tasks.tick([row, to], True)
            self.go(to)
        elif key == _KEY.Key_A and event.modifiers() & _CTRL:
            self.tasks.tick_all(True)
        elif key == _KEY.Key_Escape and self.tasks.ticks:
            self.tasks.tick_all(False)
        elif key == _KEY.Key_Escape:
            self.left.emit()
        elif event.text() and event.text().isprintable():
            event.ignore()  # letters are keys of the page, not a search in the list
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.painter.focused = True
        if not self.currentIndex().isValid():
            self.go(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.painter.focused = False
        self.viewport().update()

    # -- mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        row = index.row()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.modifiers() & _SHIFT and (self._anchor >= 0 or self.row() >= 0):
            low, high = sorted((self._anchor if self._anchor >= 0 else self.row(), row))
            self.tasks.tick(range(low, high + 1), True)
            self.setCurrentIndex(index)
        elif event.modifiers() & _CTRL:
            self._anchor = row
            self.tasks.tick([row])
            self.setCurrentIndex(index)
        else:
            self.setCurrentIndex(index)
            self.pressed_at(row, event.position().toPoint())
            super().mousePressEvent(event)

    def pressed_at(self, row: int, where: QPoint) -> None:
        """A plain press somewhere on a row."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index.row())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            place = event.globalPos() if by_mouse else self.place_of(index.row())
            self.menu_asked.emit(index.row(), place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.painter.hovered:
            self.painter.hovered = row
            self.viewport().update()


class LineView(TaskView):
    """Tasks as lines: the ring completes (``done_asked``), the phone calls (``call_asked``); the
    right arrow and the mark of a checklist show what is to be done (``more_asked``)."""

    done_asked = Signal(int)
    more_asked = Signal(int)
    call_asked = Signal(int)

    def __init__(self, name: str, tasks: TaskModel, parent: QWidget | None = None) -> None:
        super().__init__(name, tasks, LinePainter(tasks), parent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & (_SHIFT | _CTRL)
        if event.key() == _KEY.Key_Right and plain and self.row() >= 0:
            self.more_asked.emit(self.row())
        else:
            super().keyPressEvent(event)

    def pressed_at(self, row: int, where: QPoint) -> None:
        parts = places(self.visualRect(self.tasks.index(row)), self.painter.team)
        item = self.tasks.item(row)
        if item is None:
            return
        if _wide(parts.box).contains(where):
            self._anchor = row
            self.tasks.tick([row])
        elif _wide(parts.ring).contains(where):
            self.done_asked.emit(row)
        elif parts.menu.contains(where):
            self.menu_asked.emit(row, self.viewport().mapToGlobal(parts.menu.bottomLeft()))
        elif item.phone and parts.phone.contains(where):
            self.call_asked.emit(row)
        elif parts.more(item).contains(where):
            self.more_asked.emit(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        where = event.position().toPoint()
        index = self.indexAt(where)
        item = self.tasks.item(index.row())
        parts = places(self.visualRect(index), self.painter.team)
        live = item is not None and (
            where.x() < parts.icon.left()
            or parts.menu.contains(where)
            or (bool(item.phone) and parts.phone.contains(where))
            or parts.more(item).contains(where)
        )
        shape = Qt.CursorShape.PointingHandCursor if live else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)


def _wide(where: QRect) -> QRect:
    return where.adjusted(-theme.S, 0, theme.S, 0)
