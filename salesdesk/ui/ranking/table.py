"""The table of the ranking: heads in two lines, columns fitted to the width, arrows and Enter."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.ranking.model import RankingModel
from salesdesk.ui.ranking.paint import PAD, SPARK_WIDTH, TIGHT, CellPainter
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.ranking.words import COLUMNS, NUMBERS

ROW = theme.CONTROL_HEIGHT + theme.S
HEAD = theme.CONTROL_HEIGHT + theme.M
_WEEKS = COLUMNS.index("weeks")
_PERSON = COLUMNS.index("person")
_NAME_MOST = 280
#: From roomy to narrow: room at the sides, the little charts, the longest name with its avatar.
_WAYS = (
    (PAD, True, 190), (PAD - 1, True, 150), (PAD - 2, True, 140), (TIGHT, True, 130),
    (PAD - 1, False, 160), (TIGHT, False, 130), (TIGHT, False, 104),
)  # fmt: skip
_LEFT = ("rank", "person")


class Head(QHeaderView):
    """Heads of one or two lines over the figures."""

    def __init__(self, model: RankingModel, painter: CellPainter, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model, self._painter = model, painter
        self.setObjectName("ranking-head")
        self.setSectionsClickable(False)
        self.setSectionsMovable(False)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.M)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEAD)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        look, column = theme.current(), COLUMNS[logicalIndex]
        painter.save()
        painter.fillRect(rect, look.surface)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.line)
        painter.setPen(look.muted)
        painter.setFont(self._painter.fonts.head)
        pad = self._painter.pad
        left = theme.S if column == "rank" else pad
        inside = rect.adjusted(left, 0, -pad, -theme.S)
        side = Qt.AlignmentFlag.AlignLeft if column in _LEFT else Qt.AlignmentFlag.AlignRight
        if column == "weeks":
            side = Qt.AlignmentFlag.AlignRight
        flags = int(side | Qt.AlignmentFlag.AlignBottom)
        painter.drawText(inside, flags, self._model.head(column))
        painter.restore()


class RankingTable(QTableView):
    """``explained(person_id or None, metric)``: a number was clicked or Enter pressed on it;
    ``walked(...)``: the keyboard went to another one; ``left()``: Esc."""

    explained = Signal(object, str)
    walked = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ranking = RankingModel(self)
        self.cells = CellPainter(self.ranking, self)
        self._restoring = False
        self._tight = False
        self._fitted: tuple[int, list[int]] = (0, [])
        self.setObjectName("ranking-table")
        self.setModel(self.ranking)
        self.setItemDelegate(self.cells)
        self.setHorizontalHeader(Head(self.ranking, self.cells, self))
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
        if kept is not None:
            self.select(*kept)
        self._restoring = False
        if rows != self.ranking.rowCount():
            self._fitted = (0, [])  # the head forgets widths with the rows
        self.fit()

    def current(self) -> tuple[int | None, str] | None:
        """The person (None: the sum) and the column of the keyboard's cell."""
        index = self.currentIndex()
        if not index.isValid() or index.row() >= len(self.ranking.lines):
            return None
        return self.ranking.line(index.row()).row.person_id, COLUMNS[index.column()]

    def select(self, person_id: int | None, column: str) -> bool:
        """Go to a cell without telling; False when the person has no row."""
        row = self.ranking.row_of(person_id)
        if row < 0:
            return False
        was, self._restoring = self._restoring, True
        self.setCurrentIndex(self.ranking.index(row, COLUMNS.index(column)))
        self._restoring = was
        return True

    def full_height(self) -> int:
        """As high as all its rows."""
        bar = self.horizontalScrollBar()
        scroll = bar.sizeHint().height() if self._tight else 0
        return HEAD + ROW * len(self.ranking.lines) + scroll

    # -- columns ------------------------------------------------------------------------------

    def fit(self) -> None:
        """Give each column what it needs and share out the rest; what does not fit goes narrower,
        then without the little charts, then scrolls."""
        room = self.viewport().width()
        if not self.ranking.lines or room <= 0:
            return
        widths: list[int] = []
        widest, heads = self.ranking.widest(), self._heads()
        for pad, spark, name in _WAYS:
            self.cells.pad = pad
            widths = [_width(column, widest, heads[column], pad, spark, name) for column in COLUMNS]
            if sum(widths) <= room:
                break
        spare = room - sum(widths)
        if spare > 0:
            widths = self._shared(widths, spare)
        self._tight = spare < 0
        if (self.cells.pad, widths) == self._fitted:
            return
        self._fitted = self.cells.pad, widths
        if self.isColumnHidden(_WEEKS) != (widths[_WEEKS] == 0):
            self.setColumnHidden(_WEEKS, widths[_WEEKS] == 0)
        for at, width in enumerate(widths):
            if width and width != self.columnWidth(at):
                self.setColumnWidth(at, width)
        self.viewport().update()
        self.horizontalHeader().viewport().update()

    def _heads(self) -> dict[str, float]:
        """How wide the heads are, by column."""
        fonts = self.cells.fonts
        return {
            column: max(fonts.width(part, "head") for part in self.ranking.head(column).split("\n"))
            for column in COLUMNS
        }

    def _shared(self, widths: list[int], spare: int) -> list[int]:
        """The spare room: a part to the names, the rest to all figures alike."""
        made = list(widths)
        wider = min(spare // 3, _NAME_MOST - made[_PERSON])
        made[_PERSON] += max(wider, 0)
        spare -= max(wider, 0)
        takers = [at for at, name in enumerate(COLUMNS) if name in NUMBERS or
                  (name == "weeks" and made[at])]  # fmt: skip
        each, rest = divmod(spare, len(takers))
        for place, at in enumerate(takers):
            made[at] += each + (1 if place < rest else 0)
        return made

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


def _width(
    column: str, widest: dict[str, float], head: float, pad: int, spark: bool, name: int
) -> int:
    """What a column needs of the width; ``name`` is the most that a name gets."""
    if column == "rank":
        need = widest[column] + theme.S + theme.XS
    elif column == "person":
        need = min(widest[column] + theme.AVATAR + theme.S, name) + 2
    elif column == "weeks":
        need = max(SPARK_WIDTH, head) + theme.S if spark else -2 * pad
    else:
        need = widest[column]
    if column == "points":
        need = max(need, 50)
    return int(max(need, head if column != "weeks" else need) + 2 * pad + 0.99)


def metric_of(column: str) -> str:
    """The metric that a column opens: the names and the little charts stand for the points."""
    return column if column in NUMBERS else "points"
