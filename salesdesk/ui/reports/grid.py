"""The table of a report: cells to walk through; a number with something behind it can be opened."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

from salesdesk.ui import theme
from salesdesk.ui.reports.tables import Cell, Grid

_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()
ROW = theme.ROW_HEIGHT
HEAD = theme.CONTROL_HEIGHT + theme.M
_FIRST_MOST, _OTHER_MOST, _OTHER_LEAST = 260, 170, 48
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


class GridModel(QAbstractTableModel):
    """A ``Grid`` as Qt asks for it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.grid = Grid((), [])

    def set_grid(self, grid: Grid) -> None:
        """Show another table."""
        self.beginResetModel()
        self.grid = grid
        self.endResetModel()

    def cell(self, index: Index) -> Cell:
        """The cell at a place."""
        return self.grid.rows[index.row()][index.column()]

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.grid.rows)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.grid.heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.grid.heads):
            return None
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return self.grid.heads[section]
        if role == _ROLE.ToolTipRole and section < len(self.grid.tips):
            return self.grid.tips[section] or None
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.cell(index)
        if role == _ROLE.DisplayRole:
            return cell.text
        if role == _ROLE.AccessibleTextRole:
            row = self.grid.rows[index.row()][0].text
            if not index.column():
                return row
            return f"{row}, {self.grid.heads[index.column()]}: {cell.text}"
        return None


class _Painter(QStyledItemDelegate):
    """Numbers right, a line below each row; what can be opened is underlined under the pointer."""

    def __init__(self, view: "GridView") -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, cell = theme.current(), self._view.model_of.cell(index)
        rect = QRect(option.rect)
        hovered = self._view.hovered == (index.row(), index.column())
        painter.save()
        if index.row() == self._view.hovered[0]:
            painter.fillRect(rect, look.hover)
        if index.row() < len(self._view.model_of.grid.rows) - 1:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        opens = hovered and cell.behind is not None
        painter.setPen(look.accent if opens else look.muted if cell.quiet else look.text)
        font = theme.font(theme.BODY, bold=cell.strong, tabular=True)
        font.setUnderline(opens)
        painter.setFont(font)
        inside = rect.adjusted(self._view.pad, 0, -self._view.pad, -1)
        text = painter.fontMetrics().elidedText(
            cell.text, Qt.TextElideMode.ElideRight, inside.width() + 1
        )
        painter.drawText(inside, _RIGHT if index.column() else _LEFT, text)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            strong = bool(option.state & QStyle.StateFlag.State_HasFocus)
            colour = look.accent if strong else theme.mix(look.accent, look.line, 0.5)
            painter.setPen(QPen(colour, 1.5))
            box = rect.adjusted(1, 1, -2, -2)
            painter.drawRoundedRect(box, theme.XS, theme.XS)
        painter.restore()


class _Head(QHeaderView):
    """Heads right over their numbers, in two lines where there is no room."""

    def __init__(self, view: "GridView") -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._view = view
        self.setObjectName("reports-head")
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.XL)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEAD)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        look = theme.current()
        painter.save()
        painter.fillRect(rect, look.surface)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        painter.setPen(look.muted)
        painter.setFont(theme.font(theme.SMALL, bold=True))
        inside = rect.adjusted(self._view.pad, 0, -self._view.pad, 0)
        model = self.model()
        text = str(model.headerData(logicalIndex, Qt.Orientation.Horizontal))
        side = Qt.AlignmentFlag.AlignRight if logicalIndex else Qt.AlignmentFlag.AlignLeft
        flags = int(side | Qt.AlignmentFlag.AlignBottom) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(inside.adjusted(0, 0, 0, -theme.S), flags, text)
        painter.restore()


class GridView(QTableView):
    """``opened(Behind)``: Enter or a click on a number that can be listed; ``left()``: Esc."""

    opened = Signal(object)
    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_of = GridModel(self)
        self.hovered = (-1, -1)
        self.pad = theme.M
        self.setObjectName(name)
        self.setModel(self.model_of)
        self.setItemDelegate(_Painter(self))
        self.setHorizontalHeader(_Head(self))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        theme.changed.connect(self.viewport().update)

    def set_grid(self, grid: Grid) -> None:
        """Show another table; the place of the keyboard stays where it was, if it is there."""
        at, scrolled = self.currentIndex(), self.verticalScrollBar().value()
        row, column = at.row(), at.column()
        self.model_of.set_grid(grid)
        if grid.rows and grid.heads:
            row = min(max(row, 0), len(grid.rows) - 1)
            column = min(max(column, 0), len(grid.heads) - 1)
            self.setCurrentIndex(self.model_of.index(row, column))
            self.verticalScrollBar().setValue(scrolled)
        self.fit()

    def full_height(self) -> int:
        """As high as all its rows."""
        wide = sum(self.columnWidth(at) for at in range(self.model_of.columnCount()))
        bar = self.horizontalScrollBar().sizeHint().height()
        return HEAD + ROW * self.model_of.rowCount() + (bar if wide > self.width() else 0)

    def fit(self) -> None:
        """Share the width out: what the texts need, and the rest alike; too much of it scrolls."""
        grid = self.model_of.grid
        if not grid.heads:
            return
        room = self.viewport().width()
        ways: tuple[tuple[int, Callable[[str], list[str]]], ...] = (
            (theme.M, lambda text: [text]), (theme.M, str.split), (theme.S, str.split),
        )  # fmt: skip
        widths: list[int] = []
        for pad, parts in ways:
            self.pad = pad
            widths = self._widths(parts)
            if sum(widths) <= room:
                break
        spare = room - sum(widths)
        if spare > 0:
            each, rest = divmod(spare, len(widths))
            widths = [width + each + (place < rest) for place, width in enumerate(widths)]
        for at, width in enumerate(widths):
            self.setColumnWidth(at, width)

    def _widths(self, parts: Callable[[str], list[str]]) -> list[int]:
        """What the columns need when heads may break into ``parts``."""
        grid = self.model_of.grid
        head = QFontMetricsF(theme.font(theme.SMALL, bold=True))
        bold = QFontMetricsF(theme.font(theme.BODY, bold=True, tabular=True))
        widths = []
        for at, text in enumerate(grid.heads):
            cells = max((bold.horizontalAdvance(row[at].text) for row in grid.rows), default=0)
            heads = max((head.horizontalAdvance(part) for part in parts(text)), default=0)
            need = max(heads, cells) + 2 * self.pad + 2
            most = _OTHER_MOST if at else _FIRST_MOST
            widths.append(int(min(max(need, _OTHER_LEAST), most)))
        return widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def open_current(self) -> None:
        """List what is behind the cell of the keyboard, if anything is."""
        index = self.currentIndex()
        if index.isValid():
            behind = self.model_of.cell(index).behind
            if behind is not None:
                self.opened.emit(behind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.open_current()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        under = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and under.isValid() and under == self.currentIndex():
            self.open_current()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover((index.row(), index.column()))
        opens = index.isValid() and self.model_of.cell(index).behind is not None
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(hand if opens else arrow)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover((-1, -1))

    def _hover(self, under: tuple[int, int]) -> None:
        if under != self.hovered:
            self.hovered = under
            self.viewport().update()
