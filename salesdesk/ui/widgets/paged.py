"""A long list as a table: keys of all rows, lines read a page at a time in the background, and the
table that shows it, hiding its weakest columns while the first has too little room.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets.table import Table

Index = QModelIndex | QPersistentModelIndex
Line = TypeVar("Line")
_NOTHING = QModelIndex()
_ROLE = Qt.ItemDataRole
PAGE = 64
_KEPT = 40
_STARTS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ENDS = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class PagedModel(QAbstractTableModel, Generic[Line]):
    """``ask(keys)`` is called for the lines of a page that is looked at; ``put`` brings them.

    A list names its ``columns``, those that end at the ``right``, those with a ``tips`` of their
    text, and overrides ``title`` and ``text``.
    """

    columns: tuple[str, ...] = ()
    right: frozenset[str] = frozenset()
    tips: frozenset[str] = frozenset()

    def __init__(self, ask: Callable[[list[int]], object], parent: QObject) -> None:
        super().__init__(parent)
        self._ask = ask
        self._keys: array[int] = array("q")
        self._rows: dict[int, Line] = {}
        self._asked: dict[int, None] = {}

    def title(self, column: str) -> str:
        """What stands over a column."""
        raise NotImplementedError

    def text(self, line: Line, column: str) -> str:
        """What stands in a cell."""
        raise NotImplementedError

    def set_keys(self, keys: "array[int]") -> None:
        """Another choice or order."""
        self.beginResetModel()
        self._keys = keys
        self._rows.clear()
        self._asked.clear()
        self.endResetModel()

    def put(self, rows: Mapping[int, Line]) -> None:
        """Lines that were asked for."""
        if len(self._asked) > _KEPT:
            self._rows.clear()
            last = list(self._asked)[-1]
            self._asked = {last: None}
        self._rows.update(rows)
        self._all_changed()

    def forget(self) -> None:
        """Lines may have changed: they are read anew when they are looked at; old ones stay seen
        until then."""
        self._asked.clear()
        self._all_changed()

    def _all_changed(self) -> None:
        if self._keys:
            end = self.index(len(self._keys) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), end)

    def keys(self) -> "array[int]":
        """The keys in their order."""
        return self._keys

    def key_at(self, row: int) -> int | None:
        """The key of a row."""
        return self._keys[row] if 0 <= row < len(self._keys) else None

    def row_of(self, key: int) -> int:
        """The row of a key, -1 when it is not listed."""
        return self._keys.index(key) if key in self._keys else -1

    def line(self, row: int) -> Line | None:
        """The line of a row; asks for its page when it is not there."""
        page = row // PAGE
        if page not in self._asked:
            self._asked[page] = None
            self._ask(list(self._keys[page * PAGE : (page + 1) * PAGE]))
        return self._rows.get(self._keys[row])

    # -- for the view ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Any, role: int = _ROLE.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.TextAlignmentRole and self.columns[section] in self.right:
            return _ENDS
        return self.title(self.columns[section]) if role == _ROLE.DisplayRole else None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        column = self.columns[index.column()]
        if role == _ROLE.TextAlignmentRole and column in self.right:
            return _ENDS
        if role not in (_ROLE.DisplayRole, _ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            return None
        line = self.line(index.row())
        if line is None:
            return "" if role == _ROLE.DisplayRole else None
        text = self.text(line, column)
        if role == _ROLE.ToolTipRole:
            return text if column in self.tips else None
        return text


class PagedPainter(QStyledItemDelegate, Generic[Line]):
    """Draws a cell; quick, because a screen has hundreds. Override ``look`` and ``begin``."""

    def __init__(self, table: "PagedTable[Line]") -> None:
        super().__init__(table)
        self._table = table

    def look(self, line: Line, column: str) -> tuple[QColor, bool]:
        """The colour of a cell's text, and whether it is bold."""
        now = theme.current()
        return (now.text, True) if column == self._table.lines.columns[0] else (now.muted, False)

    def begin(self, painter: QPainter, line: Line, column: str, inside: QRect) -> int:
        """Draw what stands before a text; how much room it takes."""
        return 0

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        now, row, lines = theme.current(), index.row(), self._table.lines
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, now.accent_soft)
        elif row == self._table.hovered:
            painter.fillRect(rect, now.hover)
        painter.setPen(now.line)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        line, column = lines.line(row), lines.columns[index.column()]
        if line is None:
            if index.column() == 0:
                self._waiting(painter, rect, now.track)
            return
        text = lines.text(line, column)
        if not text:
            return
        inside = rect.adjusted(theme.M, 0, -theme.M, 0)
        inside.adjust(self.begin(painter, line, column, inside), 0, 0, 0)
        colour, bold = self.look(line, column)
        painter.setFont(theme.font(bold=bold, tabular=True))
        painter.setPen(colour)
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(text) > inside.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, _ENDS if column in lines.right else _STARTS, text)

    @staticmethod
    def _waiting(painter: QPainter, rect: Any, colour: QColor) -> None:
        bar = QRectF(rect.left() + theme.M, rect.center().y() - 3, rect.width() * 0.5, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(bar, 3, 3)


class PagedTable(Table, Generic[Line]):
    """``opened(index)`` by Enter or a double click; a click selects. ``widths`` are by column, the
    first one stretches; ``weak`` columns go first when there is little room, in that order."""

    def __init__(
        self,
        name: str,
        lines: PagedModel[Line],
        widths: Mapping[str, int],
        weak: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, "", parent=parent)
        self.lines = lines
        self.hovered = -1
        self._widths, self._weak = widths, tuple(weak)
        self.setModel(lines)
        head = self.horizontalHeader()
        head.setStretchLastSection(False)
        head.setSectionsClickable(False)
        for place, column in enumerate(lines.columns):
            self.setColumnWidth(place, widths[column])
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.entered.connect(self._on_entered)
        theme.changed.connect(self.viewport().update)

    def _on_entered(self, index: QModelIndex) -> None:
        if index.row() != self.hovered:
            self.hovered = index.row()
            self.viewport().update()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.hovered = -1
        self.viewport().update()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Hide the weakest columns while the first one would have too little room."""
        first, *others = self.lines.columns
        room = self.viewport().width() - self._widths[first]
        wanted = sum(self._widths[column] for column in others)
        hidden = set()
        for column in self._weak:
            if wanted <= room:
                break
            hidden.add(column)
            wanted -= self._widths[column]
        for place, column in enumerate(self.lines.columns):
            if self.isColumnHidden(place) != (column in hidden):
                self.setColumnHidden(place, column in hidden)

    def current_key(self) -> int | None:
        """The key of the row with the keyboard."""
        index = self.currentIndex()
        return self.lines.key_at(index.row()) if index.isValid() else None

    def selected_keys(self) -> list[int]:
        """The keys selected, in the order of the list."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        keys = [self.lines.key_at(row) for row in rows]
        return [key for key in keys if key is not None]

    def go_to(self, key: int) -> None:
        """Select the row of a key, if it is listed."""
        row = self.lines.row_of(key)
        if row >= 0:
            self.setCurrentIndex(self.lines.index(row, 0))
            self.selectRow(row)
            # The rows of a list that was just filled have their places a moment later.
            QTimer.singleShot(0, self, self._show_current)

    def _show_current(self) -> None:
        self.scrollTo(self.currentIndex())
