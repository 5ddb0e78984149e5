"""The table of clients: keys of all of them, lines read a page at a time, in the background."""

from array import array
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from salesdesk.moments import Zone
from salesdesk.services.clientlist import ClientRow
from salesdesk.text import tr, trp
from salesdesk.ui import formats
from salesdesk.ui.clients import words

Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()
_ROLE = Qt.ItemDataRole
PAGE = 64
_KEPT = 40
COLUMNS = ("name", "company", "phone", "email", "open", "won", "revenue", "active")
RIGHT = {"open", "won", "revenue"}


class ClientModel(QAbstractTableModel):
    """``ask(keys)`` is called for the lines of a page that is looked at; ``put`` brings them."""

    def __init__(self, zone: Zone, ask: Callable[[list[int]], object], parent: QObject) -> None:
        super().__init__(parent)
        self._zone = zone
        self._ask = ask
        self._keys: array[int] = array("q")
        self._rows: dict[int, ClientRow] = {}
        self._asked: dict[int, None] = {}
        self.now = 0
        self.currency = "RUB"

    def set_keys(self, keys: "array[int]") -> None:
        """Another choice or order of clients."""
        self.beginResetModel()
        self._keys = keys
        self._rows.clear()
        self._asked.clear()
        self.endResetModel()

    def put(self, rows: dict[int, ClientRow]) -> None:
        """Lines that were asked for."""
        if len(self._asked) > _KEPT:
            self._rows.clear()
            last = list(self._asked)[-1]
            self._asked = {last: None}
        self._rows.update(rows)
        if self._keys:
            last_column = len(COLUMNS) - 1
            end = self.index(len(self._keys) - 1, last_column)
            self.dataChanged.emit(self.index(0, 0), end)

    def forget(self) -> None:
        """Lines may have changed: they are read anew when they are looked at; old ones stay seen
        until then."""
        self._asked.clear()
        if self._keys:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._keys) - 1, len(COLUMNS) - 1)
            )

    def keys(self) -> "array[int]":
        """The clients in their order."""
        return self._keys

    def key_at(self, row: int) -> int | None:
        """The client of a row."""
        return self._keys[row] if 0 <= row < len(self._keys) else None

    def row_of(self, key: int) -> int:
        """The row of a client, -1 when it is not listed."""
        return self._keys.index(key) if key in self._keys else -1

    def line(self, row: int) -> ClientRow | None:
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
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Any, role: int = _ROLE.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.TextAlignmentRole and COLUMNS[section] in RIGHT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != _ROLE.DisplayRole:
            return None
        return {
            "name": tr("Client"), "company": tr("Company"), "phone": tr("Phone"),
            "email": tr("E-mail"), "open": trp("deals", "Open"), "won": trp("deals", "Won"),
            "revenue": trp("deals", "Brought"), "active": tr("Activity"),
        }[COLUMNS[section]]  # fmt: skip

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        column = COLUMNS[index.column()]
        if role == _ROLE.TextAlignmentRole and column in RIGHT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (_ROLE.DisplayRole, _ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            return None
        line = self.line(index.row())
        if line is None:
            return "" if role == _ROLE.DisplayRole else None
        text = self.text(line, column)
        if role == _ROLE.ToolTipRole:
            return text if column in ("name", "company", "email") else None
        return text

    def text(self, line: ClientRow, column: str) -> str:
        """What stands in a cell."""
        if column == "open":
            return formats.whole(line.open_deals) if line.open_deals else ""
        if column == "won":
            return formats.whole(line.won_deals) if line.won_deals else ""
        if column == "revenue":
            return formats.money(line.revenue, self.currency) if line.revenue else ""
        if column == "active":
            return words.ago(self._zone, line.active_at, self.now)
        return getattr(line, column) or ""
