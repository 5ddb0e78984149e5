"""The list in the middle: rows to select, to open, to do something with; by mouse and keyboard."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from salesdesk.moments import Zone
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.control.model import COLUMNS, DeskModel
from salesdesk.ui.control.paint import ROW, RowPainter, box_in, text_in, tick_box

_KEY = Qt.Key
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_CHECK, _MENU = 40, 40
#: The last three columns: their share of the room in percent, at least, at most; the title and what
#: it is about have the rest.
_LAST = {
    "plain": ((18, 136, 190), (15, 118, 170), (12, 92, 160)),
    "deals": ((16, 136, 190), (19, 140, 240), (12, 100, 140)),
    "wide": ((16, 132, 180), (17, 128, 200), (24, 130, 999)),
}
_WIDE = frozenset(("accept", "done", "postponed"))


class Head(QHeaderView):
    """The heads of the columns; the first one is the box that selects everything."""

    def __init__(self, model: DeskModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model
        self.setObjectName("control-head")
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.XL)
        model.ticked.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.CONTROL_HEIGHT)

    def all_ticked(self) -> Qt.CheckState:
        """Whether everything is selected, some of it, or nothing."""
        ticks, there = len(self._model.ticks), len(self._model.ids)
        if not ticks:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if ticks == there else Qt.CheckState.PartiallyChecked

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        look, name = theme.current(), COLUMNS[logicalIndex]
        painter.save()
        painter.fillRect(rect, look.surface)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        if name == "check":
            if self._model.ids:
                tick_box(painter, box_in(rect), self.all_ticked())
        elif name != "menu":
            text = str(self._model.headerData(logicalIndex, Qt.Orientation.Horizontal))
            inside = rect.adjusted(theme.S, 0, -theme.S, -1)
            text_in(painter, inside, text, theme.font(theme.SMALL, bold=True), look.muted)
        painter.restore()


class DeskTable(QTableView):
    """``opened(row)``: Enter or a double click; ``menu_asked(row, place)``: the dots, the menu key
    or a right click; ``left()``: Esc with nothing selected."""

    opened = Signal(int)
    menu_asked = Signal(int, QPoint)
    left = Signal()

    def __init__(self, zone: Zone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = DeskModel(zone, self)
        self.rows = RowPainter(self.desk, self)
        self._anchor = -1
        self._fitted: tuple[int, ...] = ()
        self.setObjectName("control-table")
        self.setModel(self.desk)
        self.setItemDelegate(self.rows)
        self.head = Head(self.desk, self)
        self.setHorizontalHeader(self.head)
        self.head.sectionClicked.connect(self._on_head)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        lines = self.verticalHeader()
        lines.hide()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(ROW)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.desk.ticked.connect(self.viewport().update)
        self.desk.modelReset.connect(self._on_reset)
        self.desk.rowsInserted.connect(self._on_rows)
        self.desk.rowsRemoved.connect(self._on_rows)
        theme.changed.connect(self.viewport().update)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Tasks and deals"))
        self.desk.reword()

    def go(self, row: int) -> None:
        """Bring the keyboard to a row."""
        row = min(max(row, 0), len(self.desk.ids) - 1)
        if row >= 0:
            self.setCurrentIndex(self.desk.index(row, 1))

    def acted_on(self) -> list[int]:
        """What a command is about: everything selected, else the row of the keyboard."""
        chosen = self.desk.chosen()
        row = self.currentIndex().row()
        if not chosen and 0 <= row < len(self.desk.ids):
            return [self.desk.ids[row]]
        return chosen

    def _on_reset(self) -> None:
        self._anchor = -1
        self.rows.hovered = -1
        self.fit()
        self.go(0)

    def _on_rows(self) -> None:
        """The keyboard has a row as soon as there is one."""
        self._anchor = -1
        if not self.currentIndex().isValid():
            self.go(0)
        self._on_current()

    def _on_current(self) -> None:
        self.rows.current = self.currentIndex().row()
        self.viewport().update()

    def _on_head(self, section: int) -> None:
        if COLUMNS[section] == "check":
            self.desk.tick_all(self.head.all_ticked() != Qt.CheckState.Checked)

    # -- columns ------------------------------------------------------------------------------

    def fit(self) -> None:
        """Share out the room."""
        room = self.viewport().width() - _CHECK - _MENU
        if room <= 0:
            return
        listed = self.desk.listed
        kind = "wide" if listed.kind in _WIDE else "deals" if listed.of_deals else "plain"
        last = [min(max(room * share // 100, least), most) for share, least, most in _LAST[kind]]
        rest = max(room - sum(last), 0)
        title = rest * (60 if listed.of_deals else 47) // 100
        made = (_CHECK, title, rest - title, *last, _MENU)
        if made != self._fitted:
            self._fitted = made
            for at, width in enumerate(made):
                self.setColumnWidth(at, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    # -- keyboard -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        if key in (_KEY.Key_Return, _KEY.Key_Enter) and row >= 0:
            self.opened.emit(row)
        elif key == _KEY.Key_Space and row >= 0:
            self._anchor = row
            self.desk.tick([row])
        elif key in (_KEY.Key_Up, _KEY.Key_Down) and event.modifiers() & _SHIFT and row >= 0:
            self._extend(row, row + (1 if key == _KEY.Key_Down else -1))
        elif key == _KEY.Key_A and event.modifiers() & _CTRL:
            self.desk.tick_all(True)
        elif key == _KEY.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _extend(self, row: int, to: int) -> None:
        if 0 <= to < len(self.desk.ids):
            self.desk.tick([row, to], True)
            self.go(to)

    def _leave(self) -> None:
        if self.desk.ticks:
            self.desk.tick_all(False)
        else:
            self.left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.rows.focused = True
        if not self.currentIndex().isValid():
            self.go(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.rows.focused = False
        self.viewport().update()

    # -- mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        index = self.indexAt(where)
        left = event.button() == Qt.MouseButton.LeftButton
        if not index.isValid() or not left:
            super().mousePressEvent(event)
            return
        row, name = index.row(), COLUMNS[index.column()]
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.setCurrentIndex(index)
        if event.modifiers() & _SHIFT and self._anchor >= 0:
            low, high = sorted((self._anchor, row))
            self.desk.tick(range(low, high + 1), True)
        elif name == "check" or event.modifiers() & _CTRL:
            self._anchor = row
            self.desk.tick([row])
        elif name == "menu":
            self.menu_asked.emit(row, self._place(row))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and COLUMNS[index.column()] not in ("check", "menu"):
            self.opened.emit(index.row())
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            place = event.globalPos() if by_mouse else self._place(index.row())
            self.menu_asked.emit(index.row(), place)

    def _place(self, row: int) -> QPoint:
        rect = self.visualRect(self.desk.index(row, COLUMNS.index("menu")))
        return self.viewport().mapToGlobal(rect.bottomLeft())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row())
        pointing = index.isValid() and COLUMNS[index.column()] in ("check", "menu")
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor
        )

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.rows.hovered:
            self.rows.hovered = row
            self.viewport().update()
