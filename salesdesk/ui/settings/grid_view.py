"""A grid of numbers that is worked on like a spreadsheet."""

from collections.abc import Iterable
from decimal import Decimal

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.settings.grid import Change, GridModel, Place
from salesdesk.ui.settings.grid_editor import NumberDelegate
from salesdesk.ui.settings.grid_text import Left, Reader, cells_of, text_of
from salesdesk.ui.widgets.table import Table

_ROLE = Qt.ItemDataRole
_LEAST, _EDGE = 60, 16
_CTRL = Qt.KeyboardModifier.ControlModifier
_ARRIVING = (
    Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.MouseFocusReason,
)  # fmt: skip
_GROUP = N_("Plans and norms")
_LISTED = (
    ("F2", N_("Edit the cell (or just type, or Enter)")),
    ("Ctrl+C", N_("Copy the cells")), ("Ctrl+V", N_("Paste cells from a spreadsheet")),
    ("Ctrl+D", N_("Fill down from the first row selected")),
    ("Delete", N_("Empty the cells")),
)  # fmt: skip


class Grid(Table):
    """Typing, Enter, F2 or a second click edits; Enter and Tab lead on; copies, pastes, fills down,
    empties. ``judged(text)`` says what is wrong (empty: nothing), ``chosen()`` that other cells are
    selected."""

    judged = Signal(str)
    chosen = Signal()

    def __init__(self, name: str, accessible: str, model: GridModel) -> None:
        super().__init__(name, accessible, theme.CONTROL_HEIGHT)
        self.grid = model
        self._wanted: list[int] = []
        self._entering = False
        self._pressed_again = False
        self.setProperty("look", "grid")
        self.setModel(model)
        self.editor = NumberDelegate(model.kind, self)
        self.editor.judged.connect(self.judged)
        self.editor.ended.connect(self._on_ended)
        self.editor.refused.connect(self._on_refused)
        self.setItemDelegate(self.editor)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        trigger = QAbstractItemView.EditTrigger
        # Not SelectedClicked: it waits out a double click, and loses the keys typed meanwhile.
        self.setEditTriggers(trigger.AnyKeyPressed | trigger.EditKeyPressed)
        head = self.horizontalHeader()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(_LEAST)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.names = _Names(self)
        self._runs = {"c": self.copy, "v": self.paste, "d": self.fill_down}
        model.modelReset.connect(self._measure)
        model.modelReset.connect(lambda: self.judged.emit(""))  # the cells it spoke of are gone
        model.dataChanged.connect(lambda *_: self._measure())
        self.horizontalScrollBar().valueChanged.connect(lambda _at: self.names.follow())
        self.opened.connect(self._on_opened)
        for keys, text in _LISTED:
            shortcuts.listed(self, keys, text, _GROUP)

    # -- widths -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def fit_height(self, most: int = 40) -> None:
        super().fit_height(most)
        if sum(self._wanted) > self.viewport().width():
            self.setFixedHeight(self.height() + self.horizontalScrollBar().sizeHint().height())
        self.names.follow()

    def _measure(self) -> None:
        """What every column needs: its head, and the longest of its texts."""
        head, body = QFontMetrics(theme.font(theme.SMALL, bold=True)), self.fontMetrics()
        strong = QFontMetrics(theme.font(bold=True, tabular=True))
        model = self.grid
        self._wanted = []
        for column in range(model.columnCount()):
            title = str(model.headerData(column, Qt.Orientation.Horizontal))
            texts = [str(model.index(row, column).data() or "") for row in range(len(model.lines))]
            longest = max(reversed(texts), key=len, default="")
            font = strong if longest in ("", *texts[-1:]) or not column else body
            widest = max(head.horizontalAdvance(line) for line in title.split("\n"))
            needed = max(widest, font.horizontalAdvance(longest))
            self._wanted.append(max(needed, _LEAST - _EDGE) + _EDGE)
        self._share_width()

    def _share_width(self) -> None:
        """Numbers share what is left equally; the names take the rest. What does not fit scrolls,
        and the names stay."""
        room = self.viewport().width() - sum(self._wanted)
        each, rest = divmod(max(0, room), max(1, len(self._wanted)))
        for column, width in enumerate(self._wanted):
            self.setColumnWidth(column, width + each + (0 if column else rest))
        self.names.follow()

    # -- what is selected ---------------------------------------------------------------------

    def is_editing(self) -> bool:
        """Whether a number is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def places(self) -> list[Place]:
        """The cells selected whose numbers may be set."""
        return [self.grid.place(at) for at in self._selected() if self.grid.is_editable(at)]

    def numbers(self) -> list[Decimal]:
        """The numbers that stand in the cells selected."""
        found = (self.grid.shown(at) for at in self._selected())
        return [value for value in found if value is not None]

    def _selected(self) -> list[QModelIndex]:
        found = [at for at in self.selectedIndexes() if at.column()]
        return sorted(found, key=lambda at: (at.row(), at.column()))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.chosen.emit()

    # -- a second click -----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.indexAt(event.position().toPoint())
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed_again = plain and at.isValid() and self.selectedIndexes() == [at]
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = self.currentIndex()
        if self._pressed_again and at == self.indexAt(event.position().toPoint()):
            self._on_opened(at)
        self._pressed_again = False

    # -- keys ---------------------------------------------------------------------------------

    def _on_opened(self, index: QModelIndex) -> None:
        if self.grid.is_editable(index) and not self.is_editing():
            self.edit(index)

    def _go(self, right: int, down: int) -> bool:
        """To the next cell; along a row past its end to the next row. Whether there is one."""
        at = self.currentIndex()
        row, column = at.row() + down, at.column() + right
        if right and not 1 <= column < self.grid.columnCount():
            row, column = row + right, 1 if right > 0 else self.grid.columnCount() - 1
        if not 0 <= row < self.grid.rowCount():
            return False
        self.setCurrentIndex(self.grid.index(row, column))
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        run = self._runs.get(_letter(event))
        if run is not None:
            run()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.empty()
        elif key == Qt.Key.Key_Escape and self._entering:
            self._entering = False  # Tab leads out of the grid again
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """While numbers are being entered Tab leads from cell to cell; else, or past the last cell,
        out of the grid."""
        if self._entering and not self.is_editing() and self._go(1 if next else -1, 0):
            return True
        return super().focusNextPrevChild(next)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _ARRIVING:
            self._entering = False
        if event.reason() in _ARRIVING[:2] and not self.selectedIndexes():
            self.setCurrentIndex(self.currentIndex())  # where the keyboard is, is seen
        super().focusInEvent(event)

    def _on_ended(self, right: int, down: int) -> None:
        self._entering = True
        self._go(right, down)

    def _on_refused(self, index: QModelIndex, text: str, why: str) -> None:
        """What was typed is not a number and is not kept: seen where it was typed, and said."""
        self.grid.mark({self.grid.place(index): text.strip()})
        self.judged.emit(f"{Left(unread=[text]).sentence()} {why}")

    # -- blocks -------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the cells selected on the clipboard, as a spreadsheet takes them."""
        rows: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda at: (at.row(), at.column())):
            rows.setdefault(index.row(), []).append(str(index.data() or "").strip())
        if rows:
            QGuiApplication.clipboard().setText(text_of(list(rows.values())))

    def paste(self) -> None:
        """Set what is on the clipboard from the first cell selected on; one cell fills them all.
        What cannot be read is marked and said, the rest is kept."""
        rows = cells_of(QGuiApplication.clipboard().text())
        targets = self._targets(rows)
        if not targets:
            return
        reader, left, marks = Reader(self.grid.kind, rows), Left(), {}
        changes: list[Change] = []
        for index, text in targets:
            if reader.is_blank(text) or (index.isValid() and not index.column()):
                continue
            if not index.isValid():
                left.outside += 1
            elif not self.grid.is_editable(index):
                left.locked += 1
            else:
                place = self.grid.place(index)
                try:
                    changes.append((*place, reader.read(text, self.grid.value(index))))
                except ValueError:
                    left.unread.append(text)
                    marks[place] = text.strip()
        self.grid.mark(marks)
        self.judged.emit(left.sentence())
        self.grid.set_all(changes)

    def _targets(self, rows: list[list[str]]) -> list[tuple[QModelIndex, str]]:
        """Every cell of a block with where it goes (nowhere: beyond the edge)."""
        chosen = self.selectedIndexes() or [self.currentIndex()]
        if not rows or not chosen[0].isValid():
            return []
        if len(rows) == 1 and len(rows[0]) == 1:
            return [(at, rows[0][0]) for at in chosen]
        top, left = min(at.row() for at in chosen), min(at.column() for at in chosen)
        self._select(top, left, len(rows), max(len(row) for row in rows))
        return [
            (self.grid.index(top + down, left + right), cell)
            for down, row in enumerate(rows)
            for right, cell in enumerate(row)
        ]

    def _select(self, top: int, left: int, rows: int, columns: int) -> None:
        """The block that was pasted is selected, to be seen and worked on."""
        bottom = min(top + rows, self.grid.rowCount()) - 1
        right = min(left + columns, self.grid.columnCount()) - 1
        block = QItemSelection(self.grid.index(top, left), self.grid.index(bottom, right))
        self.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def fill_down(self) -> None:
        """The first row selected holds in those below it; of one row, the one above it does."""
        chosen = self._selected()
        if not chosen:
            return
        first = chosen[0].row()
        if chosen[-1].row() == first:
            first -= 1
        self._set(
            (at, self.grid.value(self.grid.index(first, at.column())))
            for at in chosen
            if at.row() > first >= 0
        )

    def empty(self) -> None:
        """Take the numbers away."""
        self._set((at, None) for at in self._selected())

    def _set(self, values: Iterable[tuple[QModelIndex, Decimal | None]]) -> None:
        self.grid.mark({})
        self.judged.emit("")
        self.grid.set_all(
            [(*self.grid.place(at), value) for at, value in values if self.grid.is_editable(at)]
        )


def _letter(event: QKeyEvent) -> str:
    """The letter pressed together with Ctrl alone, whatever the layout; else nothing."""
    if event.modifiers() != _CTRL or not 0 < event.key() < 0x10000:
        return ""
    return shortcuts.latin(chr(event.key()))


class _Names(QTableView):
    """The names, standing over the grid while its numbers are scrolled aside."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.setObjectName(f"{grid.objectName()}-names")
        self.setAccessibleName(tr("Names"))
        self.setModel(grid.grid)
        self.setSelectionModel(grid.selectionModel())
        self.setProperty("look", "grid")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(off)
        self.setVerticalScrollBarPolicy(off)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(grid.verticalHeader().defaultSectionSize())
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setDefaultAlignment(grid.horizontalHeader().defaultAlignment())
        head.setHighlightSections(False)
        bar = grid.verticalScrollBar()
        bar.valueChanged.connect(self.verticalScrollBar().setValue)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self.viewport()) as painter:
            edge = self.viewport().rect().topRight()
            painter.setPen(theme.current().line)
            painter.drawLine(edge.x(), 0, edge.x(), self.viewport().height())

    def follow(self) -> None:
        """Stand where the names would be, as long as they are scrolled away."""
        grid = self._grid
        away = grid.horizontalScrollBar().value() > 0
        if away:
            for column in range(1, grid.grid.columnCount()):
                self.setColumnHidden(column, True)
            width = grid.columnWidth(0)
            self.setColumnWidth(0, width)
            self.horizontalHeader().setFixedHeight(grid.horizontalHeader().height())
            view = grid.viewport().geometry()
            edge = grid.frameWidth()
            self.setGeometry(QRect(edge, edge, width + 1, view.bottom() - edge + 1))
            self.raise_()
        self.setVisible(away)
