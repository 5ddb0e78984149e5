"""The table of a report: cells to walk through, heads to sort by, numbers and labels to open."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from salesdesk.services.report_table import Table
from salesdesk.ui import theme
from salesdesk.ui.reports import paint
from salesdesk.ui.reports.cells import Wording, is_words
from salesdesk.ui.reports.model import Index, ReportModel

ROW = theme.ROW_HEIGHT
_HEAD_LEAST = theme.CONTROL_HEIGHT
_FIRST_MOST, _WORDS_MOST, _OTHER_MOST, _LEAST = 280, 240, 170, 44
#: Measured of a long table: its longest texts.
_MEASURED, _ALL_MEASURED = 6, 24
_MARKS = 13


class _Head(QHeaderView):
    """Heads over their columns; a click sorts: downwards, upwards, as the report has it."""

    def __init__(self, view: "GridView") -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._view = view
        self.high = _HEAD_LEAST
        self.setObjectName("reports-head")
        self.setSectionsClickable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.XL)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.high)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        paint.head(painter, rect, self._view.model_of, logicalIndex, self._view.pad)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._view.is_kept():
            rect = QRect(0, 0, self._view.kept_width(), self.height())
            with QPainter(self.viewport()) as painter:
                self.paintSection(painter, rect, self._view.model_of.label)


class GridView(QTableView):
    """``opened(row key, column key)``: Enter or a click on a number with something behind it;
    ``label_opened(row, column)``: on a text that leads somewhere; ``left()``: Esc; ``sorted()``:
    another order was chosen."""

    opened = Signal(object, str)
    label_opened = Signal(object, int)
    left = Signal()
    sorted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_of = ReportModel(self)
        self.hovered = (-1, -1)
        self.pad = theme.M
        self._widths: list[int] = []
        self._needed: list[float] = []
        self.setObjectName(name)
        self.setModel(self.model_of)
        self.setItemDelegate(paint.CellPainter(self))
        self.head = _Head(self)
        self.head.sectionClicked.connect(self.sort_column)
        self.setHorizontalHeader(self.head)
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

    # -- what is shown ------------------------------------------------------------------------

    def set_table(self, table: Table, words: Wording, opens: bool) -> None:
        """Show another table; the place of the keyboard stays where it was, if it is there."""
        at, scrolled = self.currentIndex(), self.verticalScrollBar().value()
        self.model_of.set_table(table, words, opens)
        self._needed = []
        self._stand(at.row(), at.column())
        self.verticalScrollBar().setValue(scrolled)
        self.fit()

    def _stand(self, row: int, column: int) -> None:
        rows, columns = self.model_of.rowCount(), self.model_of.columnCount()
        if rows and columns:
            row, column = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
            self.setCurrentIndex(self.model_of.index(row, column))

    def filter(self, typed: str) -> None:
        """Show only rows that hold a text."""
        at = self.currentIndex()
        self.model_of.filter(typed)
        self._needed = []
        self._stand(at.row(), at.column())

    def sort_column(self, at: int) -> None:
        """Sort by a column: once more turns the order, a third time is the report's own."""
        model, key = self.model_of, self.model_of.column(at).key
        words = is_words(model.column(at).holds)
        if model.sorted_by != key:
            model.sort_by(key, upwards=words)
        elif model.upwards is words:
            model.sort_by(key, upwards=not words)
        else:
            model.sort_by("", False)
        self._stand(0, at)
        self.sorted.emit()

    def select(self, key: tuple[object, ...], column: str) -> None:
        """Stand on a cell."""
        index = self.model_of.place_of(key, column)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    # -- measures -----------------------------------------------------------------------------

    def full_height(self) -> int:
        """As high as all its rows."""
        wide = sum(self.columnWidth(at) for at in range(self.model_of.columnCount()))
        bar = self.horizontalScrollBar().sizeHint().height()
        rows = ROW * self.model_of.rowCount()
        return self.head.high + rows + (bar if wide > self.width() else 0)

    def natural_width(self) -> int:
        """As wide as its columns with heads of as many lines as they have words."""
        self.pad = theme.M
        return sum(self._wanted(self._needs(), str.split))

    def fit(self) -> None:
        """Share the width out: what the texts need, and the rest alike; too much of it scrolls."""
        if not self.model_of.table.columns:
            return
        room = self.viewport().width()
        ways: tuple[tuple[int, Callable[[str], list[str]]], ...] = (
            (theme.M, lambda text: [text]), (theme.M, str.split), (theme.S, str.split),
            (theme.XS + 2, str.split),
        )  # fmt: skip
        needs = self._needed = self._needed or self._needs()
        for pad, parts in ways:
            self.pad = pad
            self._widths = self._wanted(needs, parts)
            if sum(self._widths) <= room:
                break
        spare = room - sum(self._widths)
        if spare > 0:
            each, rest = divmod(spare, len(self._widths))
            self._widths = [w + each + (at < rest) for at, w in enumerate(self._widths)]
        for at, width in enumerate(self._widths):
            self.setColumnWidth(at, width)
        self._fit_head()

    def _needs(self) -> list[float]:
        """The width of the widest cell of each column; of many rows the longest texts tell."""
        model, bold = self.model_of, QFontMetricsF(theme.font(bold=True, tabular=True))
        words = model.words
        if words is None:
            return []
        needs = []
        for at, column in enumerate(model.table.columns):
            marked = any(column.key in row.levels or column.key in row.signs for row in model.rows)
            texts = [words.text(model.rows[row], at) for row in self._telling(at)]
            longest = sorted(set(texts), key=len)[-_MEASURED:]
            wide = max((bold.horizontalAdvance(text) for text in longest), default=0.0)
            needs.append(wide + (_MARKS if marked else 0))
        return needs

    def _telling(self, at: int) -> list[int]:
        """The rows whose cell in a column may be its widest: all of a few, else by its value."""
        rows = self.model_of.rows
        if len(rows) <= _ALL_MEASURED:
            return list(range(len(rows)))
        known = [place for place, row in enumerate(rows) if row.cells[at] is not None]
        if any(isinstance(rows[place].cells[at], str) for place in known[:1]):
            known.sort(key=lambda place: len(str(rows[place].cells[at])))
            return known[-_MEASURED:]
        known.sort(key=lambda place: rows[place].cells[at])  # type: ignore[arg-type, return-value]
        return known[:_MEASURED] + known[-_MEASURED:]

    def _wanted(self, needs: list[float], parts: Callable[[str], list[str]]) -> list[int]:
        """What the columns need when heads may break into ``parts``."""
        head = QFontMetricsF(theme.font(theme.SMALL, bold=True))
        widths = []
        for at, column in enumerate(self.model_of.table.columns):
            title = str(self.model_of.headerData(at, Qt.Orientation.Horizontal))
            heads = max((head.horizontalAdvance(part) for part in parts(title)), default=0)
            words = is_words(column.holds)
            most = _WORDS_MOST if words else _OTHER_MOST
            most = _FIRST_MOST if at == self.model_of.label else most
            need = max(min(needs[at], most), heads) + 2 * self.pad + 2
            widths.append(int(max(need, _LEAST)))
        return widths

    def _fit_head(self) -> None:
        """As many lines as the heads need at these widths."""
        metrics = QFontMetricsF(theme.font(theme.SMALL, bold=True))
        high = 0.0
        flags = int(Qt.TextFlag.TextWordWrap)
        for at, width in enumerate(self._widths):
            title = str(self.model_of.headerData(at, Qt.Orientation.Horizontal))
            box = QRect(0, 0, width - 2 * self.pad, 400)
            high = max(high, metrics.boundingRect(box, flags, title).height())
        wanted = max(int(high) + theme.M + theme.XS, _HEAD_LEAST)
        if wanted != self.head.high:
            self.head.high = wanted
            self.updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    # -- the column that names the rows stays in sight --------------------------------------------

    def is_kept(self) -> bool:
        """Whether the names of the rows would be out of sight, and are painted at the left."""
        model = self.model_of
        return bool(model.table.columns) and self.columnViewportPosition(model.label) < 0

    def kept_width(self) -> int:
        """How wide that column is."""
        return self.columnWidth(self.model_of.label)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.is_kept():
            with QPainter(self.viewport()) as painter:
                self._paint_names(painter)

    def _paint_names(self, painter: QPainter) -> None:
        look = theme.current()
        wide, high = self.kept_width(), self.viewport().height()
        painter.fillRect(0, 0, wide, high, look.surface)
        first = max(self.rowAt(0), 0)
        for at in range(first, self.model_of.rowCount()):
            rect = QRect(0, self.rowViewportPosition(at), wide, ROW)
            if rect.top() > high:
                break
            index = self.model_of.index(at, self.model_of.label)
            chosen = index == self.currentIndex()
            if chosen:
                painter.fillRect(rect, look.accent_soft)
            paint.whole(painter, rect, self.model_of, index, self.pad, self.hovered,
                        chosen and self.hasFocus() if chosen else None)  # fmt: skip
        painter.fillRect(wide, 0, 1, high, look.line)

    def indexAt(self, point: QPoint) -> QModelIndex:
        if self.is_kept() and 0 <= point.x() < self.kept_width():
            row = self.rowAt(point.y())
            return self.model_of.index(row, self.model_of.label) if row >= 0 else QModelIndex()
        return super().indexAt(point)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if dx or self.is_kept():
            self.viewport().update()
            self.head.viewport().update()

    # -- keys and the pointer -----------------------------------------------------------------

    def open_at(self, index: Index) -> None:
        """Open what is behind a cell, or where its label leads."""
        model = self.model_of
        if model.has_behind(index):
            self.opened.emit(model.row_at(index.row()).key, model.column(index.column()).key)
        elif model.leads(index):
            self.label_opened.emit(model.row_at(index.row()), index.column())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.open_at(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys of the page here."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        under = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and under.isValid() and under == self.currentIndex():
            self.open_at(under)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover((index.row(), index.column()))
        leads = self.model_of.has_behind(index) or self.model_of.leads(index)
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(hand if leads else arrow)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover((-1, -1))

    def _hover(self, under: tuple[int, int]) -> None:
        if under != self.hovered:
            self.hovered = under
            self.viewport().update()
