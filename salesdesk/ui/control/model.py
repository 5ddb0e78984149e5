"""The list of the control desk as Qt asks for it: all ids, lines read when they come into sight."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from salesdesk.moments import Zone
from salesdesk.services.control_lists import Listed, Row
from salesdesk.text import tr
from salesdesk.ui.control.words import Cells, Heads, Wording, heads

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("check", "title", "about", "person", "when", "more", "menu")
_ROLE = Qt.ItemDataRole
_NOTHING = QModelIndex()
#: Lines read at a time when they come into sight.
PAGE = 120


class DeskModel(QAbstractTableModel):
    """``wanted(ids)`` asks for lines that were looked at; ``ticked()``: other rows are selected."""

    wanted = Signal(object)
    ticked = Signal()

    def __init__(self, zone: Zone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listed = Listed()
        self.ids = array("q")
        self.ticks: set[int] = set()
        self._zone = zone
        self._now = 0
        self._rows: dict[int, Row] = {}
        self._cells: dict[int, Cells] = {}
        self._missed: set[int] = set()
        self._coming: set[int] = set()
        self._asking = QTimer(self, interval=0, singleShot=True)
        self._asking.timeout.connect(self._ask)
        self.heads: Heads = heads(self.listed)

    # -- what is shown ------------------------------------------------------------------------

    def show_list(self, listed: Listed, ids: "array[int]", first: Iterable[Row], now: int) -> None:
        """Show a list; of the same list as before only what changed is told."""
        fresh = {row.id: row for row in first}
        if listed != self.listed:
            self.beginResetModel()
            self.listed, self.ids = listed, ids
            self._rows, self._now = fresh, now
            self._cells.clear()
            self._coming.clear()
            self._missed.clear()
            self.ticks.clear()
            self.heads = heads(listed)
            self.endResetModel()
            self.ticked.emit()
            return
        self._now = now
        kept = set(ids)
        self._match(ids)
        self._rows = {key: row for key, row in self._rows.items() if key in kept}
        self._coming.clear()
        self._missed = self._rows.keys() - fresh.keys()  # they may have changed: read again
        if self._missed:
            self._asking.start()
        self.take_rows(fresh.values())
        if not self.ticks <= kept:
            self.ticks &= kept
            self.ticked.emit()

    def take_out(self, gone: Iterable[int]) -> None:
        """These are leaving: the list is shown without them until it is read anew."""
        left = set(gone)
        self._match(array("q", (key for key in self.ids if key not in left)))
        self.ticks -= left
        self.ticked.emit()

    def _match(self, ids: "array[int]") -> None:
        """Take out and put in rows until the ids are these."""
        if ids == self.ids:
            return
        kept = set(ids) & set(self.ids)
        if [key for key in ids if key in kept] != [key for key in self.ids if key in kept]:
            self.beginResetModel()
            self.ids = array("q", ids)
            self.endResetModel()
            return
        for start, end in reversed(_runs([at for at, key in enumerate(self.ids)
                                          if key not in kept])):  # fmt: skip
            self.beginRemoveRows(_NOTHING, start, end)
            del self.ids[start : end + 1]
            self.endRemoveRows()
        for start, end in _runs([at for at, key in enumerate(ids) if key not in kept]):
            self.beginInsertRows(_NOTHING, start, end)
            self.ids[start:start] = ids[start : end + 1]
            self.endInsertRows()

    def take_rows(self, rows: Iterable[Row]) -> None:
        """Lines that were read; those that look otherwise now are told."""
        wording = Wording(self._zone, self._now)
        changed: set[int] = set()
        for row in rows:
            self._rows[row.id] = row
            self._coming.discard(row.id)
            cells = wording.cells(row, self.listed)
            if self._cells.get(row.id) != cells:
                self._cells[row.id] = cells
                changed.add(row.id)
        places = [at for at, key in enumerate(self.ids) if key in changed] if changed else []
        for start, end in _runs(places):
            self.dataChanged.emit(self.index(start, 0), self.index(end, len(COLUMNS) - 1))

    def reword(self) -> None:
        """Say everything anew: the language has changed."""
        self.heads = heads(self.listed)
        self._cells.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self.take_rows(list(self._rows.values()))

    def row(self, at: int) -> Row | None:
        """The line of a row, when it has been read."""
        return self._rows.get(self.ids[at]) if 0 <= at < len(self.ids) else None

    def cells(self, at: int) -> Cells | None:
        """What the cells of a row say; None while it is being read."""
        key = self.ids[at]
        found = self._cells.get(key)
        if found is None and key in self._rows:
            found = self._cells[key] = Wording(self._zone, self._now).cells(
                self._rows[key], self.listed
            )
        if found is None and key not in self._coming:
            self._missed.add(key)
            self._asking.start()
        return found

    def _ask(self) -> None:
        """Ask for the lines that were missed, and for some below them."""
        places = [at for at, key in enumerate(self.ids) if key in self._missed][: 2 * PAGE]
        self._missed.clear()
        if not places:
            return
        below = self.ids[places[-1] + 1 : places[-1] + 1 + PAGE]
        keys = [self.ids[at] for at in places]
        keys += [key for key in below if key not in self._rows and key not in self._coming]
        self._coming.update(keys)
        self.wanted.emit(array("q", keys))

    # -- what is selected ---------------------------------------------------------------------

    def tick(self, rows: Sequence[int], on: bool | None = None) -> None:
        """Select rows or not; without ``on`` the other way round."""
        for at in rows:
            key = self.ids[at]
            turned = key not in self.ticks if on is None else on
            (self.ticks.add if turned else self.ticks.discard)(key)
        if rows:
            left, right = self.index(min(rows), 0), self.index(max(rows), len(COLUMNS) - 1)
            self.dataChanged.emit(left, right)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)
        self.ticked.emit()

    def tick_all(self, on: bool) -> None:
        """Select everything in the list, or nothing."""
        self.tick(range(len(self.ids)), on)

    def chosen(self) -> list[int]:
        """What is selected, in the order of the list."""
        return [key for key in self.ids if key in self.ticks]

    # -- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and index.column() == 0:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        name = COLUMNS[section] if 0 <= section < len(COLUMNS) else ""
        if role == _ROLE.DisplayRole:
            return getattr(self.heads, name, "")
        if role == _ROLE.AccessibleTextRole:
            named = {"check": tr("Selected"), "menu": tr("What can be done")}
            return named.get(name) or getattr(self.heads, name, "")
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.ids):
            return None
        name = COLUMNS[index.column()]
        if name == "check" and role == _ROLE.CheckStateRole:
            on = self.ids[index.row()] in self.ticks
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role not in (_ROLE.DisplayRole, _ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            return None
        cells = self.cells(index.row())
        if cells is None:
            return None
        text = str(getattr(cells, name, ""))
        if role == _ROLE.ToolTipRole:
            return text or None
        if role == _ROLE.AccessibleTextRole:
            return cells.spoken() if name in ("check", "menu", "title") else text
        return text


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring rows as (first, last)."""
    found: list[tuple[int, int]] = []
    for at in rows:
        if found and found[-1][1] == at - 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found
