"""The table of the ranking: heads in two lines, columns fitted to the width, arrows and Enter."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.ranking.columns import COLUMNS, MILESTONE_OF, chosen, metric_of
from salesdesk.ui.ranking.drawing import HEAD, ROW, ROW_COMPARED
from salesdesk.ui.ranking.fit import Fitted, fitted
from salesdesk.ui.ranking.model import Index, RankingModel
from salesdesk.ui.ranking.paint import CellPainter
from salesdesk.ui.ranking.query import Answer


class Head(QHeaderView):
    """Heads of one or two lines over the figures."""

    def __init__(self, model: RankingModel, painter: CellPainter, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model, self._painter = model, painter
        self.setObjectName("ranking-head")
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.M)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEAD)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        column, by = COLUMNS[logicalIndex], self._model.sorted_by
        sign = "" if by is None or by[0] != column else "▼" if by[1] else "▲"
        painter.save()
        self._painter.cells.head(painter, rect, column, sign)
        painter.restore()


class RankingTable(QTableView):
    """``explained(person_id or None, metric)``: a number was clicked or Enter pressed on it;
    ``walked(...)``: the keyboard went to another one; ``left()``: Esc; ``arranged(columns)``: a
    head was dragged to another place; ``sorting_changed``: column and whether downwards, or
    None."""

    explained = Signal(object, str)
    walked = Signal(object, str)
    left = Signal()
    arranged = Signal(object)
    sorting_changed = Signal(object)
    #: Whether there is a bar to scroll sideways is another now, and with it the height.
    grown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ranking = RankingModel(self)
        self.cells = CellPainter(self.ranking, self)
        self._restoring = False
        self._tight = False
        self._fitted: Fitted | None = None
        self.setObjectName("ranking-table")
        self.setModel(self.ranking)
        self.setItemDelegate(self.cells)
        head = Head(self.ranking, self.cells, self)
        self.setHorizontalHeader(head)
        head.sectionClicked.connect(lambda at: self.sort_by(COLUMNS[at]))
        head.sectionMoved.connect(self._on_head_moved)
        self._ordering = False
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.viewport().update)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Ranking"))
        self.ranking.reword()
        self.fit()

    def set_answer(self, answer: Answer) -> None:
        """Show another state; the cell of the keyboard stays with its person."""
        kept, rows = self.current(), self.ranking.rowCount()
        self._restoring = True
        self.ranking.set_answer(answer)
        if self.verticalHeader().defaultSectionSize() != self.row_height():
            self.verticalHeader().setDefaultSectionSize(self.row_height())
        if kept is not None:
            self.select(*kept)
        self._restoring = False
        if rows != self.ranking.rowCount():
            self._fitted = None  # the head forgets widths with the rows
            QTimer.singleShot(0, self, self._show_top)  # once it has its height
        self.fit()

    def dataChanged(self, topLeft: Index, bottomRight: Index, roles: Sequence[int] = ()) -> None:
        """Paint these rows anew; Qt would paint the whole table."""
        if QAccessible.isActive():
            super().dataChanged(topLeft, bottomRight, roles)
            return
        top = self.rowViewportPosition(topLeft.row())
        below = self.rowViewportPosition(bottomRight.row()) + self.rowHeight(bottomRight.row())
        self.viewport().update(0, top, self.viewport().width(), below - top)

    def _show_top(self) -> None:
        """Begin with the first row where that of the keyboard is seen then too."""
        row = self.currentIndex().row()
        if (row + 1) * self.row_height() <= self.viewport().height():
            self.scrollToTop()

    def current(self) -> tuple[int | None, str] | None:
        """The person (None: the sum) and the column of the keyboard's cell."""
        index = self.currentIndex()
        if not index.isValid() or index.row() >= len(self.ranking.lines):
            return None
        return self.ranking.line(index.row()).row.person_id, COLUMNS[index.column()]

    def column_of(self, metric: str) -> str:
        """The column where a metric's number stands; what has none stands for itself beside
        another one, or for the points."""
        shown = self.ranking.shown
        beside = {f"standing:{milestone}": name for name, milestone in MILESTONE_OF.items()}
        beside["postponements"] = "tasks_overdue"
        wanted = (metric, beside.get(metric, metric), "points")
        return next((one for one in wanted if one in shown), "person")

    def select(self, person_id: int | None, column: str) -> bool:
        """Go to a cell without telling; False when the person has no row."""
        row = self.ranking.row_of(person_id)
        if row < 0:
            return False
        was, self._restoring = self._restoring, True
        self.setCurrentIndex(self.ranking.index(row, COLUMNS.index(column)))
        self._restoring = was
        return True

    def row_height(self) -> int:
        """How high a row is."""
        answer = self.ranking.answer
        return ROW_COMPARED if answer is not None and answer.other is not None else ROW

    def full_height(self) -> int:
        """As high as all its rows."""
        bar = self.horizontalScrollBar()
        scroll = bar.sizeHint().height() if self._tight else 0
        return HEAD + self.row_height() * len(self.ranking.lines) + scroll

    # -- columns ------------------------------------------------------------------------------

    def fit(self) -> None:
        """Give each column what it needs of the width; what does not fit at all scrolls."""
        room = self.viewport().width()
        if not self.ranking.lines or room <= 0:
            return
        ranking = self.ranking
        found = fitted(ranking.shown, ranking.widest(), ranking.heads(), room)
        was, self._tight = self._tight, found.tight
        if was != self._tight:
            self.grown.emit()
        if found == self._fitted:
            return
        self._fitted, self.cells.cells.pad = found, found.pad
        self._order()
        for at, column in enumerate(COLUMNS):
            width = found.widths.get(column, 0)
            if self.isColumnHidden(at) != (width == 0):
                self.setColumnHidden(at, width == 0)
            if width and width != self.columnWidth(at):
                self.setColumnWidth(at, width)
        self.viewport().update()
        self.horizontalHeader().viewport().update()

    def set_columns(self, columns: tuple[str, ...]) -> None:
        """Show these columns in this order."""
        self.ranking.set_shown(columns)
        self._fitted = None
        kept = self.current()
        if kept is not None and kept[1] not in columns:
            self.select(kept[0], "person")
        self.fit()

    def _order(self) -> None:
        """Put the sections where their columns stand; the hidden ones go behind."""
        shown, head = self.ranking.shown, self.horizontalHeader()
        self._ordering = True
        for at, column in enumerate((*shown, *(one for one in COLUMNS if one not in shown))):
            now = head.visualIndex(COLUMNS.index(column))
            if now != at:
                head.moveSection(now, at)
        self._ordering = False

    def _on_head_moved(self, _section: int, _before: int, _now: int) -> None:
        if self._ordering:
            return
        head = self.horizontalHeader()
        shown = set(self.ranking.shown)
        placed = [COLUMNS[head.logicalIndex(at)] for at in range(len(COLUMNS))]
        # Told when the drag is over: sections that move back under the pointer would jump.
        QTimer.singleShot(
            0, self, lambda: self.arranged.emit(chosen(filter(shown.__contains__, placed)))
        )

    def sort_by(self, column: str) -> None:
        """Sort by a column: numbers downwards first, then upwards, then by rank again."""
        first = column not in ("person", "team")
        by = self.ranking.sorted_by
        found: tuple[str, bool] | None = (column, first)
        if column == "rank":
            found = None
        elif by is not None and by[0] == column:
            found = (column, not first) if by[1] == first else None
        self.set_sorted(found)
        self.sorting_changed.emit(found)

    def sort_by_current(self) -> None:
        """Sort by the column of the keyboard's cell."""
        asked = self.current()
        if asked is not None:
            self.sort_by(asked[1])

    def set_sorted(self, by: tuple[str, bool] | None) -> None:
        """Sort without telling; the keyboard's cell stays with its person."""
        kept = self.current()
        self.ranking.set_sorted(by)
        if kept is not None:
            self.select(*kept)
        self.horizontalHeader().viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    # -- mouse and keyboard -------------------------------------------------------------------

    def _on_current(self, *_: object) -> None:
        asked = self.current()
        if asked is not None and not self._restoring:
            self.walked.emit(asked[0], metric_of(asked[1]))

    def _explain_current(self) -> None:
        asked = self.current()
        if asked is not None:
            self.explained.emit(asked[0], metric_of(asked[1]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._explain_current()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            under = self.indexAt(event.position().toPoint())
            if under.isValid() and under == self.currentIndex():
                self._explain_current()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, where: QPoint | None) -> None:
        index = self.indexAt(where) if where is not None else None
        under = (index.row(), index.column()) if index is not None else (-1, -1)
        if under != self.cells.hovered:
            self.cells.hovered = under
            hand = under[0] >= 0
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.verticalScrollBar().maximum() == 0 and not event.angleDelta().x():
            event.ignore()  # what is around it scrolls
        else:
            super().wheelEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.full_height())
