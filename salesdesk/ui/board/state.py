"""What the board holds: a model a column, and cards shown in a place that is not yet written."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk.services.cards import BoardFilter, DealCard, SortKey, StageColumn
from salesdesk.ui.board.layout import Layout
from salesdesk.ui.board.model import CardCache, ColumnModel
from salesdesk.ui.board.source import BoardSource, ColumnIds
from salesdesk.ui.board.words import Wording

#: So many deals of a column are read for the first picture; the rest follows after it.
FIRST = 60
#: From so many changed deals on, all columns are compared.
MANY = 200


class Place(NamedTuple):
    """Before which deal of which stage; 0 is the end."""

    stage_id: int
    before: int


class Board(QObject):
    """The columns of one pipeline.

    ``rebuilt``: there are other columns. ``heads_changed``: counts or sums are new.
    ``completed``: a column (its model) now has all its deals. ``refreshing`` and ``refreshed``
    stand around changes that were read.
    """

    rebuilt = Signal()
    heads_changed = Signal()
    completed = Signal(object)
    refreshing = Signal()
    refreshed = Signal()

    def __init__(self, heights: tuple[int, int, int], wording: Wording) -> None:
        super().__init__()
        self.wording = wording
        self.columns: list[ColumnModel] = []
        self.sort: SortKey = "position"
        self.chosen = BoardFilter()
        self.heights = heights
        self.cards = CardCache(self._read_cards)
        self._source: BoardSource | None = None
        self._placed: dict[int, Place] = {}
        self._landed: dict[int, int] = {}
        self._waiting: list[ColumnModel] = []
        self._rest = QTimer(self, interval=0, singleShot=True)
        self._rest.timeout.connect(self._complete_one)
        self._heads = QTimer(self, interval=0, singleShot=True)
        self._heads.timeout.connect(self.read_heads)

    # -- questions ----------------------------------------------------------------------------

    def column(self, stage_id: int) -> ColumnModel | None:
        """The column of a stage."""
        return next((c for c in self.columns if c.column.id == stage_id), None)

    def where(self, deal_id: int) -> ColumnModel | None:
        """The column that shows a deal."""
        return next((c for c in self.columns if c.row_of(deal_id) >= 0), None)

    def is_pending(self, deal_id: int) -> bool:
        """Whether the deal stands where the writer has not put it yet."""
        return deal_id in self._placed

    def by_hand(self) -> bool:
        """Whether cards stand where people put them, and all of them are shown."""
        return self.sort == "position" and self.chosen.is_empty()

    def set_heights(self, heights: tuple[int, int, int]) -> None:
        """Take the heights of cards (plain, more with a child line, gap) of another font."""
        self.heights = heights
        for model in self.columns:
            model.layout.resize(*heights)

    # -- reading ------------------------------------------------------------------------------

    def open(self, source: BoardSource) -> None:
        """Show the columns of ``source``; their deals come with ``load``."""
        self._source = source
        self.cards.clear()
        self._placed.clear()
        self._build(source.columns())

    def load(self, models: Iterable[ColumnModel]) -> None:
        """Read the first deals of the columns now and the others after the next picture."""
        for model in models:
            found = self._read(model, FIRST)
            model.load(found)
            self.cards.need(found.ids[:12])
            if not found.whole and model not in self._waiting:
                self._waiting.append(model)
        if self._waiting:
            self._rest.start()

    def choose(self, chosen: BoardFilter, sort: SortKey) -> None:
        """Show what another filter lets through, in another order."""
        if (chosen, sort) != (self.chosen, self.sort):
            self.chosen, self.sort = chosen, sort
            self._waiting.clear()
            self.load([c for c in self.columns if c.loaded])

    def complete(self) -> None:
        """Read now what ``load`` left for later."""
        while self._waiting:
            self._complete_one()

    def read_heads(self) -> None:
        """Read counts and sums; builds the columns anew if others exist now."""
        if self._source is None:
            return
        columns = self._source.columns()
        if [c.id for c in columns] != [c.column.id for c in self.columns]:
            self._build(columns)
            return
        for model, column in zip(self.columns, columns, strict=True):
            model.column = column
        self.heads_changed.emit()

    def refresh(self, ids: Sequence[int]) -> None:
        """Read these deals again, and where they stand; counts and sums follow shortly."""
        self._heads.start()
        if len(ids) > MANY:
            self.refresh_all()
            return
        self.refreshing.emit()
        before = {deal_id: self.where(deal_id) for deal_id in ids}
        settled = self._settled(before)
        found = self.cards.again(ids)
        stale: set[int] = set()
        for deal_id, model in before.items():
            card = found.get(deal_id)
            if card is not None and settled.get(deal_id) == card.stage_id:
                continue
            stale.add(card.stage_id if card is not None else 0)
            stale.add(model.column.id if model is not None else 0)
        for model in self.columns:
            if model.loaded and model.column.id in stale:
                model.adopt(self._read(model))
            model.refresh(ids)
        self.refreshed.emit()

    def refresh_all(self) -> None:
        """Compare every column with what is written now."""
        self.refreshing.emit()
        self.cards.clear()
        self._heads.start()
        for model in self.columns:
            if model.loaded:
                model.adopt(self._read(model))
                model.refresh_rows()
        self.refreshed.emit()

    def _settled(self, shown: dict[int, ColumnModel | None]) -> dict[int, int]:
        """Stages by deal, of those that already stand where this board itself has put them.

        Their column need not be read again: this keeps a move as cheap with 100,000 cards.
        """
        put = {i: self._placed[i].stage_id for i in shown if i in self._placed}
        put.update((i, self._landed.pop(i)) for i in shown if i in self._landed)
        if not self.by_hand():
            return {}
        return {
            deal_id: stage_id
            for deal_id, stage_id in put.items()
            if (model := shown[deal_id]) is not None and model.column.id == stage_id
        }

    def _build(self, columns: list[StageColumn]) -> None:
        self._waiting.clear()
        old = self.columns
        self.columns = [
            ColumnModel(column, self.cards, Layout(*self.heights), self.wording, self)
            for column in columns
        ]
        self.rebuilt.emit()
        for model in old:
            model.deleteLater()

    def _complete_one(self) -> None:
        if not self._waiting:
            return
        model = self._waiting.pop(0)
        model.adopt(self._read(model))
        self.completed.emit(model)
        if self._waiting:
            self._rest.start()

    def _read_cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        return self._source.cards(ids) if self._source is not None else {}

    def _read(self, model: ColumnModel, limit: int | None = None) -> ColumnIds:
        """The deals of a column as written, with those that wait for the writer where they go."""
        assert self._source is not None
        found = self._source.ids(model.column.id, self.sort, self.chosen, limit)
        if not self._placed:
            return found
        ids = array("q", (i for i in found.ids if i not in self._placed))
        tall = set(found.tall)
        for deal_id, place in self._placed.items():
            if place.stage_id == model.column.id:
                at = ids.index(place.before) if place.before in ids else len(ids)
                ids.insert(at, deal_id)
                card = self.cards.get(deal_id)
                if card is not None and card.child is not None:
                    tall.add(deal_id)
        return ColumnIds(ids, tall, found.whole)

    # -- moving -------------------------------------------------------------------------------

    def place(self, ids: Sequence[int], stage_id: int, before: int) -> None:
        """Show the deals in their new place at once, marked as waiting for the writer."""
        target = self.column(stage_id)
        if target is None:
            return
        self.cards.need(ids)
        for model in self.columns:
            here = [i for i in ids if model.row_of(i) >= 0]
            model.remove(here)
            self._count(model, here, -1)
        self._placed.update((deal_id, Place(stage_id, before)) for deal_id in ids)
        self._count(target, ids, 1)
        if target.loaded:
            row = target.row_of(before) if before else -1
            target.insert(row if row >= 0 else len(target.ids), ids, self._tall(ids))
        target.mark(ids, True)
        self.heads_changed.emit()

    def settle(self, ids: Iterable[int]) -> None:
        """The writer has put the deals there."""
        for deal_id in list(ids):
            place = self._placed.pop(deal_id, None)
            model = self.where(deal_id)
            if place is not None:
                self._landed[deal_id] = place.stage_id
            if model is not None:
                model.mark([deal_id], False)

    def take_back(self, ids: Sequence[int]) -> None:
        """The writer refused: the deals go back to where they are written."""
        self.settle(ids)
        for deal_id in ids:
            self._landed.pop(deal_id, None)
        self.refresh(ids)

    def _tall(self, ids: Iterable[int]) -> set[int]:
        cards = ((deal_id, self.cards.get(deal_id)) for deal_id in ids)
        return {deal_id for deal_id, card in cards if card is not None and card.child is not None}

    def _count(self, model: ColumnModel, ids: Sequence[int], by: int) -> None:
        """Keep count and sum of a head true until the next reading of the heads."""
        cards = [card for card in map(self.cards.get, ids) if card is not None]
        amount = sum(
            (c.amount for c in cards if c.amount and c.currency == self.wording.currency),
            Decimal(0),
        )
        column = model.column
        model.column = replace(
            column,
            count=max(0, column.count + by * len(ids)),
            amount=column.amount + by * amount,
            weighted=column.weighted + by * amount * column.probability / 100,
        )
