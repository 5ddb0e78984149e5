"""The model of one column: ids in order, and the cards of the rows that are looked at."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from salesdesk.services.cards import DealCard, StageColumn
from salesdesk.ui.board.diff import Insertion, steps
from salesdesk.ui.board.layout import CHAIN, OWN, Layout
from salesdesk.ui.board.source import ColumnIds
from salesdesk.ui.board.words import Wording

Index = QModelIndex | QPersistentModelIndex
ID_ROLE = int(Qt.ItemDataRole.UserRole)
CARD_ROLE = ID_ROLE + 1
PENDING_ROLE = ID_ROLE + 2
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_ROOT = QModelIndex()
#: So many cards are read at once: two or three columns' worth of what is seen, under 1 ms.
_PAGE = 24
#: To let go of so many numbers takes time.
_MANY = 1000


def lines_of(card: DealCard) -> int:
    """The further lines of a card, as bits of ``layout``."""
    return (CHAIN if card.children else 0) | (OWN if card.fields else 0)


class CardCache:
    """Cards read so far, shared by the columns, the oldest dropped beyond ``keep``."""

    def __init__(
        self, read: Callable[[Sequence[int]], dict[int, DealCard]], keep: int = 1500
    ) -> None:
        self._read = read
        self._keep = keep
        self._cards: dict[int, DealCard] = {}
        self._old: set[int] = set()

    def get(self, deal_id: int) -> DealCard | None:
        """The card if it has been read."""
        return self._cards.get(deal_id)

    def need(self, ids: Iterable[int]) -> None:
        """Read those of the cards that are missing, by one question."""
        missing = [deal_id for deal_id in ids if deal_id not in self._cards]
        if missing:
            self.put(self._read(missing))

    def put(self, cards: dict[int, DealCard]) -> None:
        """Take cards read elsewhere."""
        self._cards.update(cards)
        while len(self._cards) > self._keep:
            del self._cards[next(iter(self._cards))]

    def again(self, ids: Sequence[int]) -> dict[int, DealCard]:
        """Read the cards anew; those that no longer exist are forgotten."""
        found = self._read(ids)
        for deal_id in ids:
            self._cards.pop(deal_id, None)
        self.put(found)
        return found

    def forget(self, ids: Iterable[int]) -> None:
        """Drop these cards; they are read again when they are seen."""
        for deal_id in ids:
            self._cards.pop(deal_id, None)

    def outdate(self, ids: Iterable[int] | None = None) -> None:
        """These cards (all, without ids) are painted as they are until ``forget_old``."""
        self._old.update(self._cards if ids is None else ids)

    def forget_old(self) -> bool:
        """Drop what was outdated; whether there was anything."""
        old, self._old = self._old, set()
        self.forget(old)
        return bool(old)

    def clear(self) -> None:
        """Forget everything."""
        self._cards.clear()
        self._old.clear()


class ColumnModel(QAbstractListModel):
    """One column. Resets only on load; every other change is a precise signal.

    ``forgotten``: cards may have been dropped that are in the picture."""

    forgotten = Signal()

    def __init__(
        self,
        column: StageColumn,
        cards: CardCache,
        layout: Layout,
        wording: Wording,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.column = column
        self.cards = cards
        self._wording = wording
        self.layout = layout
        self.ids: array[int] = array("q")
        self.members: set[int] = set()
        #: What was shown before: thousands of numbers are let go of after the picture.
        self._before: object = None
        self.loaded = False
        self.pending: set[int] = set()

    # -- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = index.row()
        if not 0 <= row < len(self.ids):
            return None
        if role == ID_ROLE:
            return self.ids[row]
        if role == CARD_ROLE:
            return self.card(row)
        if role == PENDING_ROLE:
            return self.ids[row] in self.pending
        if role not in (_DISPLAY, _TOOLTIP, _ACCESSIBLE):
            return None
        card = self.card(row)
        if card is None:
            return None
        if role == _DISPLAY:
            return card.title
        return self._spoken(card, role)

    # -- questions ----------------------------------------------------------------------------

    def card(self, row: int) -> DealCard | None:
        """The card of a row; reads the page around it when it is not there yet."""
        found = self.cards.get(self.ids[row])
        if found is None:
            start = max(0, row - _PAGE // 3)
            self.cards.need(self.ids[start : start + _PAGE])
            found = self.cards.get(self.ids[row])
        return found

    def row_of(self, deal_id: int) -> int:
        """The row of a deal, -1 when it is not in this column."""
        return self.ids.index(deal_id) if deal_id in self.members else -1

    def after(self, row: int, without: AbstractSet[int] = frozenset()) -> int:
        """The id of the first row from ``row`` on that is not in ``without``; 0 at the end."""
        for at in range(max(row, 0), len(self.ids)):
            if self.ids[at] not in without:
                return self.ids[at]
        return 0

    # -- changes ------------------------------------------------------------------------------

    def load(self, found: ColumnIds) -> None:
        """Show these deals instead of all before (a reset)."""
        self.beginResetModel()
        if len(self.ids) > _MANY:
            self._before = self.ids, self.members
        self.ids = array("q", found.ids)
        self.members = set(self.ids)
        self.layout.load(len(self.ids), self._rows_in(found.tall))
        self.loaded = True
        self.endResetModel()

    def adopt(self, found: ColumnIds) -> None:
        """Come to these deals in this order by precise removals and insertions."""
        self._before = None
        if not self.loaded:
            self.load(found)
            return
        for step in steps(self.ids, found.ids):
            if isinstance(step, Insertion):
                self.insert(step.row, step.ids, found.tall)
            else:
                self.remove_rows(step.row, step.rows)
        wanted, shown = self._rows_in(found.tall), self.layout.tall_rows()
        for row in wanted.keys() | shown.keys():
            if wanted.get(row, 0) != shown.get(row, 0):
                self._set_lines(row, wanted.get(row, 0))

    def insert(self, row: int, ids: Sequence[int], tall: Mapping[int, int]) -> None:
        """Insert deals before ``row``."""
        self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
        self.ids[row:row] = array("q", ids)
        self.members.update(ids)
        lines = {row + k: tall[deal_id] for k, deal_id in enumerate(ids) if deal_id in tall}
        self.layout.insert(row, len(ids), lines)
        self.endInsertRows()

    def remove_rows(self, row: int, count: int) -> None:
        """Remove ``count`` rows from ``row`` on."""
        self.beginRemoveRows(QModelIndex(), row, row + count - 1)
        self.members.difference_update(self.ids[row : row + count])
        del self.ids[row : row + count]
        self.layout.remove(row, count)
        self.endRemoveRows()

    def remove(self, ids: Iterable[int]) -> None:
        """Remove those of the deals that are here."""
        for row in sorted((r for r in map(self.row_of, ids) if r >= 0), reverse=True):
            self.remove_rows(row, 1)

    def refresh(self, ids: Iterable[int]) -> None:
        """Paint the deals anew (their cards, heights or marks changed)."""
        for deal_id in ids:
            row = self.row_of(deal_id)
            if row < 0:
                continue
            card = self.cards.get(deal_id)
            if card is None or not self._set_lines(row, lines_of(card)):
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def mark(self, ids: Iterable[int], pending: bool) -> None:
        """Mark deals as waiting for the writer, or no longer."""
        ids = list(ids)
        if pending:
            self.pending.update(ids)
        else:
            self.pending.difference_update(ids)
        self.refresh(ids)

    def _set_lines(self, row: int, lines: int) -> bool:
        changed = self.layout.set_lines(row, lines)
        if changed:
            index = self.index(row)
            self.dataChanged.emit(index, index, [int(Qt.ItemDataRole.SizeHintRole)])
        return changed

    def _rows_in(self, tall: Mapping[int, int]) -> dict[int, int]:
        if not tall:
            return {}
        return {row: tall[deal_id] for row, deal_id in enumerate(self.ids) if deal_id in tall}

    def _spoken(self, card: DealCard, role: int) -> str:
        wording = self._wording
        return wording.tooltip(card) if role == _TOOLTIP else wording.spoken(card, self.column)

    def refresh_rows(self) -> None:
        """Paint every row anew."""
        if self.ids:
            self.dataChanged.emit(self.index(0), self.index(len(self.ids) - 1))
