"""A report as Qt asks for it: rows in the order wanted, those that hold a text, the sum last."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from salesdesk.names import folded
from salesdesk.services.report_table import Column, Row, Table, Value
from salesdesk.ui import shortcuts
from salesdesk.ui.reports.cells import Wording, is_words, sort_key

_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()
_TIMES = ("day", "week", "month")
EMPTY = Table((), (), "")
Index = QModelIndex | QPersistentModelIndex


class ReportModel(QAbstractTableModel):
    """``rows`` are those that are shown; the sum of all is only there while nothing is left out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = EMPTY
        self.words: Wording | None = None
        self.rows: list[Row] = []
        self.sorted_by, self.upwards = "", False
        self.typed = ""
        #: What rows are found by, made with the first search.
        self._texts: list[str] = []
        #: Whether there is something behind cells at all.
        self.opens = False
        #: Whether these are things behind a number: each leads to where it is.
        self.listed = False
        #: What a name in a column would narrow to (column key, value).
        self.narrowing: Callable[[str, Value], Mapping[str, int | str]] = lambda _key, _value: {}

    def set_table(self, table: Table, words: Wording, opens: bool) -> None:
        """Show another table, sorted and filtered as the one before where that can be."""
        self.beginResetModel()
        self.table, self.words, self.opens = table, words, opens
        self._texts = []
        if self.sorted_by and all(c.key != self.sorted_by for c in table.columns):
            self.sorted_by = ""
        self._arrange()
        self.endResetModel()

    def sort_by(self, key: str, upwards: bool) -> None:
        """Another order; without a key the report's own."""
        self.beginResetModel()
        self.sorted_by, self.upwards = key, upwards
        self._arrange()
        self.endResetModel()

    def want_sort(self, key: str, upwards: bool) -> None:
        """The order of a table that is still being read."""
        self.sorted_by, self.upwards = key, upwards

    def filter(self, typed: str) -> None:
        """Only rows with every typed word (or the same keys in the other layout) in their texts."""
        if typed == self.typed:
            return
        self.beginResetModel()
        self.typed = typed
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        rows = self._found(list(self.table.rows))
        if any(column.key == self.sorted_by for column in self.table.columns):
            at = self.table.place(self.sorted_by)
            empty = [row for row in rows if row.cells[at] is None]
            known = [row for row in rows if row.cells[at] is not None]
            known.sort(key=lambda row: sort_key(row.cells[at]), reverse=not self.upwards)
            rows = known + empty
        if self.table.total is not None and not self.typed and rows:
            rows.append(self.table.total)
        self.rows = rows

    def _found(self, rows: list[Row]) -> list[Row]:
        words = folded(self.typed).split()
        if not words or self.words is None:
            return rows
        other = folded("".join(map(shortcuts.other_layout, self.typed))).split()
        if not self._texts:
            self._texts = list(map(self._text, rows))
        return [
            row
            for row, text in zip(rows, self._texts, strict=True)
            if all(w in text for w in words) or all(w in text for w in other)
        ]

    def _text(self, row: Row) -> str:
        """All words of a row; its figures are not looked for."""
        words = self.words
        if words is None:
            return ""
        places = (at for at, column in enumerate(self.table.columns) if is_words(column.holds))
        found = " ".join(words.text(row, at) for at in places)
        return folded(found).replace("\u00a0", " ")

    # -- cells ------------------------------------------------------------------------------------

    def column(self, at: int) -> Column:
        """A column by its place."""
        return self.table.columns[at]

    @property
    def label(self) -> int:
        """The column that names a row."""
        return self.words.label if self.words is not None else 0

    def row_at(self, at: int) -> Row:
        """A row by its place on the screen."""
        return self.rows[at]

    def is_total(self, at: int) -> bool:
        """Whether the sum stands there."""
        return self.rows[at] is self.table.total

    def has_behind(self, index: Index) -> bool:
        """Whether a cell has something behind it."""
        if not self.opens or not index.isValid() or not self.column(index.column()).opens:
            return False
        return bool(self.rows[index.row()].cells[index.column()])

    def leads(self, index: Index) -> bool:
        """Whether a text leads somewhere: the label of a row to fewer rows, a deal, a client, its
        days; any name to what is of that person or team."""
        if not index.isValid() or self.is_total(index.row()):
            return False
        row = self.rows[index.row()]
        if self.listed:
            return index.column() == self.label and bool(row.key)
        if self.narrows(row, index.column()):
            return True
        if index.column() != self.label:
            return False
        dated = self.column(self.label).holds in _TIMES and row.cells[self.label] is not None
        return row.deal_id is not None or row.client_id is not None or dated

    def narrows(self, row: Row, at: int) -> Mapping[str, int | str]:
        """What a cell asks for as less of the report; nothing where it does not. What a row narrows
        to is said by the column of that name, by the label where there is none."""
        key = self.table.columns[at].key
        if row.narrows:
            elsewhere = any(column.key in row.narrows for column in self.table.columns)
            if key in row.narrows or (at == self.label and not elsewhere):
                return row.narrows
        return self.narrowing(key, row.cells[at])

    def place_of(self, key: tuple[Any, ...], column: str) -> Index:
        """Where a cell stands; nowhere when it is not shown."""
        columns = [each.key for each in self.table.columns]
        for at, row in reversed(list(enumerate(self.rows))):  # the sum before rows without keys
            if row.key == key and column in columns:
                return self.index(at, columns.index(column))
        return _NOTHING

    def shown(self) -> Table:
        """The table as it is shown: for files and charts."""
        total = self.table.total
        rows = tuple(row for row in self.rows if row is not total)
        return replace(self.table, rows=rows, total=None if self.typed else total)

    # -- what Qt asks -----------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.table.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        known = orientation == Qt.Orientation.Horizontal and section < len(self.table.columns)
        if not known or self.words is None or section < 0:
            return None
        column = self.table.columns[section]
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return self.words.title(column)
        if role == _ROLE.ToolTipRole:
            title = self.words.title(column)
            return "\n".join(filter(None, (title, self.words.about(column))))
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid() or self.words is None:
            return None
        row, at = self.rows[index.row()], index.column()
        if role == _ROLE.DisplayRole:
            return self.words.text(row, at)
        if role == _ROLE.AccessibleTextRole:
            return self.words.spoken(row, at)
        if role == _ROLE.ToolTipRole:
            return self.words.special(row, self.table.columns[at]) or None
        return None
