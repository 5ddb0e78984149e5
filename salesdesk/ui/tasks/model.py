"""A list of tasks as Qt asks for it: all ids, lines read when they come into sight, ticks."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from salesdesk.moments import Zone
from salesdesk.services.task_lists import Item
from salesdesk.ui.tasks import words

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-salesdesk-tasks"
_NOTHING = QModelIndex()
_ROLE = Qt.ItemDataRole
#: Lines read at a time.
PAGE = 80


class TaskModel(QAbstractListModel):
    """``ticked()``: other rows are selected. ``fetch(ids)`` reads lines (few at a time)."""

    ticked = Signal()

    def __init__(
        self,
        zone: Zone,
        now: Callable[[], int],
        fetch: Callable[[Sequence[int]], list[Item]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.ids: tuple[int, ...] = ()
        self.ticks: set[int] = set()
        self.zone = zone
        self.now = now
        self._fetch = fetch
        self._items: dict[int, Item] = {}

    def set_ids(self, ids: tuple[int, ...]) -> None:
        """Show these tasks; their lines are read anew. What is gone is no more selected."""
        self._items.clear()
        if ids == self.ids:
            if ids:
                self.dataChanged.emit(self.index(0), self.index(len(ids) - 1))
            return
        self.beginResetModel()
        self.ids = ids
        kept = self.ticks & set(ids)
        changed = kept != self.ticks
        self.ticks = kept
        self.endResetModel()
        if changed:
            self.ticked.emit()

    def reword(self) -> None:
        """The language has changed."""
        if self.ids:
            self.dataChanged.emit(self.index(0), self.index(len(self.ids) - 1))

    def item(self, row: int) -> Item | None:
        """The line of a row, read now with its neighbours if need be; None when it is gone."""
        if not 0 <= row < len(self.ids):
            return None
        key = self.ids[row]
        if key not in self._items:
            start = max(0, row - PAGE // 4)
            wanted = [each for each in self.ids[start : start + PAGE] if each not in self._items]
            self._items.update((found.task.id, found) for found in self._fetch(wanted))
        return self._items.get(key)

    def items(self, ids: Sequence[int]) -> list[Item]:
        """The lines of these tasks, as far as they are there."""
        missing = [key for key in ids if key not in self._items]
        if missing:
            self._items.update((found.task.id, found) for found in self._fetch(missing))
        return [self._items[key] for key in ids if key in self._items]

    # -- ticks --------------------------------------------------------------------------------

    def tick(self, rows: Iterable[int], on: bool | None = None) -> None:
        """Select rows, unselect them, or (None) turn them over."""
        places = [row for row in rows if 0 <= row < len(self.ids)]
        for row in places:
            key = self.ids[row]
            turned = key not in self.ticks if on is None else on
            (self.ticks.add if turned else self.ticks.discard)(key)
        if places:
            self.dataChanged.emit(self.index(min(places)), self.index(max(places)))
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

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid():
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemIsDropEnabled

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if role == _ROLE.CheckStateRole and index.isValid():
            on = self.ids[index.row()] in self.ticks
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role not in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            return None
        found = self.item(index.row())
        if found is None:
            return None
        if role == _ROLE.DisplayRole:
            return found.task.title
        if role == _ROLE.AccessibleTextRole:
            return words.spoken(found, self.zone, self.now())
        parts = [found.task.title, words.about(found), words.beside(found, self.zone)]
        return "\n".join(part for part in parts if part)

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The rows that are dragged: all selected ones when one of them is."""
        keys = [self.ids[index.row()] for index in indexes]
        if any(key in self.ticks for key in keys):
            keys = self.chosen()
        made = QMimeData()
        made.setData(MIME, " ".join(map(str, keys)).encode("ascii"))
        return made

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction


def dragged(data: QMimeData) -> list[int]:
    """The tasks in what is dragged."""
    return [int(part) for part in bytes(data.data(MIME).data()).decode("ascii").split()]
