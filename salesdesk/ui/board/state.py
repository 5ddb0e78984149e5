"""What the board holds: a model a column, and cards shown in a place that is not yet written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk.services.cards import BoardFilter, DealCard, SortKey, StageColumn
from salesdesk.ui.board.layout import Heights, Layout
from salesdesk.ui.board.model import CardCache, ColumnModel, lines_of
from salesdesk.ui.board.narrow import Narrowing
from salesdesk.ui.board.placing import Place, Placing
from salesdesk.ui.board.source import After, Ask, BoardSource, ColumnIds, at_once, no_picture
from salesdesk.ui.board.words import Wording

#: So many deals of a column are read for the first picture; the rest follows after it.
FIRST = 16
#: From so many changed deals on, all columns are compared, off the GUI thread.
MANY = 40
#: With more deals than this, filtered counts and sums are not waited for.
SMALL = 2000
_SUMS_MS = 150
#: How soon the words are looked through again while a text filters, and while none does: somebody
#: who moves cards should not wait for what nobody asked for.
_PREPARE_MS, _CALM_MS = 300, 2000

_EVERYTHING = BoardFilter()


class Found(NamedTuple):
    """All columns and the deals of some of them, read together."""

    columns: list[StageColumn]
    ids: dict[int, ColumnIds]


class Board(QObject):
    """The columns of one pipeline.

    ``rebuilt``: there are other columns. ``heads_changed``: counts or sums are new. ``refreshing``
    and ``refreshed`` stand around changes that were read.
    """

    rebuilt = Signal()
    heads_changed = Signal()
    refreshing = Signal()
    refreshed = Signal()

    def __init__(
        self, heights: Heights, wording: Wording, ask: Ask = at_once, after: After = no_picture
    ) -> None:
        super().__init__()
        self.wording = wording
        self.columns: list[ColumnModel] = []
        self.sort: SortKey = "position"
        self.chosen = BoardFilter()
        #: So many rows of a column are seen at once; the view says it.
        self.seen = FIRST
        self.heights = heights
        self.cards = CardCache(self._read_cards)
        self._ask = ask
        self._after = after
        self._source: BoardSource | None = None
        self._placing = Placing()
        self._waiting: list[ColumnModel] = []
        self._asked: dict[str, tuple[Sequence[ColumnModel], Callable[[Found], object]]] = {}
        self._changes = 0
        self._narrowing: Narrowing | None = None
        self._words: dict[int, str] | None = None
        self._other_words: set[int] = set()
        self._rest = self._timer(0, self._complete_one)
        self._heads = self._timer(0, self.read_heads)
        self._sums = self._timer(_SUMS_MS, self.read_heads)
        self._preparing = self._timer(_PREPARE_MS, self.prepare)

    def _timer(self, interval: int, run: Callable[[], object]) -> QTimer:
        timer = QTimer(self, interval=interval, singleShot=True)
        timer.timeout.connect(run)
        return timer

    # -- questions ----------------------------------------------------------------------------

    def column(self, stage_id: int) -> ColumnModel | None:
        """The column of a stage."""
        return next((c for c in self.columns if c.column.id == stage_id), None)

    def where(self, deal_id: int) -> ColumnModel | None:
        """The column that shows a deal."""
        return next((c for c in self.columns if deal_id in c.members), None)

    def is_pending(self, deal_id: int) -> bool:
        """Whether the deal stands where the writer has not put it yet."""
        return deal_id in self._placing.places

    def placed_in(self, deal_id: int) -> int:
        """The stage where a deal waits for the writer, or 0."""
        place = self._placing.places.get(deal_id)
        return place.stage_id if place is not None else 0

    def by_hand(self) -> bool:
        """Whether cards stand where people put them, and all that may be seen are shown."""
        return self.sort == "position" and self.chosen.is_empty()

    def set_heights(self, heights: Heights) -> None:
        """Take the heights of cards of another font."""
        self.heights = heights
        for model in self.columns:
            model.layout.resize(*heights)

    # -- reading ------------------------------------------------------------------------------

    def open(self, source: BoardSource) -> None:
        """Show the columns of ``source``; their deals come with ``load``."""
        self._source = source
        self.cards.clear()
        self._placing.clear()
        self._narrowing = self._words = None
        self._asked.clear()
        self._build(self._first_columns(source))

    def show(self, source: BoardSource) -> None:
        """Show what another source answers, in the same columns where it has the same."""
        self._source = source
        self.cards.clear()
        self._waiting.clear()
        self._narrowing = self._words = None
        self._asked.clear()
        self._changes += 1
        loaded = [c for c in self.columns if c.loaded]
        found = self._found(source, loaded)
        self._show_loaded(found)

    def _first_columns(self, source: BoardSource) -> list[StageColumn]:
        """The columns for the first picture: of many deals, what a filter leaves comes later."""
        if self.chosen.is_whole():
            return source.columns(self.chosen)
        found = source.columns(_EVERYTHING)
        if sum(column.count for column in found) <= SMALL:
            return source.columns(self.chosen)
        self._after(self._heads.start)
        return [replace(column, count=0, summed=False) for column in found]

    def load(self, models: Sequence[ColumnModel]) -> None:
        """Read the first deals of the columns now and the others after the next picture."""
        if not self.by_hand() or self._source is None:
            self._reread(models, self._show_loaded)
            return
        seen = self.chosen.seen
        first = {model: self._source.first_ids(model.column.id, FIRST, seen) for model in models}
        self.cards.need(i for ids in first.values() for i in ids[: self.seen])
        for model, ids in first.items():
            model.load(self._with_placed(model, ColumnIds(ids, self._tall(ids))))
            if len(ids) == FIRST:
                self._waiting.append(model)
        if self._waiting:
            self._after(self._rest.start)

    def choose(self, chosen: BoardFilter, sort: SortKey) -> None:
        """Show what another filter lets through, in another order."""
        if (chosen, sort) == (self.chosen, self.sort):
            return
        self.chosen, self.sort = chosen, sort
        self._forget_old()
        self._waiting.clear()
        loaded = [c for c in self.columns if c.loaded]
        if not self._narrow(loaded):
            self._reread(loaded, self._show_loaded)
            if chosen.text:
                self._preparing.start(_PREPARE_MS)

    def prepare(self) -> None:
        """Have the words of all cards at hand: typing a filter is quick from then on."""
        source, chosen, sort, stamp = self._source, self.chosen, self.sort, self._changes
        if source is None or self._narrowing_fits():
            return
        words, other = self._words, list(self._other_words)
        stages = [model.column.id for model in self.columns if model.loaded]

        def run() -> tuple[dict[int, str], Narrowing]:
            known = source.words() if words is None else words
            if words is not None and other:
                known.update(dict.fromkeys(other, ""))
                known.update(source.words(other))
            base = chosen.without_text()
            columns = {stage: source.ids(stage, sort, base) for stage in stages}
            return known, Narrowing(base, sort, stamp, columns, known)

        def done(answer: tuple[dict[int, str], Narrowing]) -> None:
            if source is self._source:
                self._words, found = answer
                self._other_words.difference_update(other)
                self._narrowing = None if self._other_words else found  # renamed meanwhile

        self._ask(run, done, "board-words")

    def is_prepared(self) -> bool:
        """Whether the next keystroke is answered at once."""
        return self._narrowing_fits()

    def _narrowing_fits(self) -> bool:
        stages = [model.column.id for model in self.columns if model.loaded]
        narrowing = self._narrowing
        return narrowing is not None and narrowing.fits(
            self.chosen, self.sort, self._changes, stages
        )

    def _narrow(self, loaded: list[ColumnModel]) -> bool:
        """Filter by the text at once, if the words are at hand; sums follow in a moment."""
        narrowing = self._narrowing
        if narrowing is None or not self._narrowing_fits():
            return False
        first: dict[ColumnModel, ColumnIds] = {}
        for model in loaded:
            found = narrowing.first(model.column.id, self.chosen.text, FIRST + 1)
            first[model] = self._with_placed(model, ColumnIds(found.ids[:FIRST], found.tall))
            cut = len(found.ids) == FIRST + 1  # there may be more, counted after the picture
            count = model.column.count if cut else len(found.ids)
            model.column = replace(model.column, count=count, summed=False)
            if len(found.ids) > FIRST or len(model.ids) > FIRST:
                self._waiting.append(model)
        self.cards.need(i for found in first.values() for i in found.ids[: self.seen])
        for model, found in first.items():
            if model.ids[:FIRST] != found.ids:  # else the picture stays as it is
                model.load(found)
        if self._waiting:
            self._rest.start()
        self._sums.start()
        self.heads_changed.emit()
        return True

    def complete(self) -> None:
        """Read now what ``load`` left for later."""
        waiting, self._waiting = self._waiting, []
        for model in waiting:
            model.adopt(self._with_placed(model, self._rest_of(model.column.id)))

    def read_heads(self) -> None:
        """Read counts and sums; builds the columns anew if others exist now."""
        if self._source is None:
            return
        if self.chosen.is_whole():
            self._take_heads(self._source.columns(self.chosen))
        else:
            self._reread([], self._show_adopted, "board-heads")

    def refresh(self, ids: Sequence[int]) -> None:
        """Read these deals again, and where they stand; counts and sums follow shortly."""
        self._changes += 1
        self._other_words.update(ids)
        if self._waiting:  # perhaps they could not be read
            self._rest.start()
        if self._narrowing is not None:
            self._preparing.start(_PREPARE_MS if self.chosen.text else _CALM_MS)
        if len(ids) > MANY:
            self.cards.outdate(ids)
            self.refresh_all()
            return
        self._heads.start()
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
        self._read_again([c for c in self.columns if c.loaded and c.column.id in stale])
        for model in self.columns:
            model.refresh([i for i in ids if i in model.members])
        self.refreshed.emit()

    def refresh_all(self, anew: bool = False) -> None:
        """Compare every column with what is written now; ``anew``: the cards have changed too."""
        if anew:
            self.cards.outdate()
        self._reread([c for c in self.columns if c.loaded], self._show_adopted)

    def forget_cards(self) -> None:
        """Read every card that is seen again (a name or the day has changed)."""
        self.cards.clear()
        self._words = self._narrowing = None
        for model in self.columns:
            model.refresh_rows()

    def rename(self, ids: Sequence[int]) -> None:
        """What the cards of these deals say has changed, not where they stand."""
        self.cards.forget(ids)
        self._other_words.update(ids)
        if self._narrowing is not None:
            self._narrowing = None
            self._preparing.start(_PREPARE_MS if self.chosen.text else _CALM_MS)
        self._say_forgotten()

    def _forget_old(self) -> None:
        if self.cards.forget_old():
            self._say_forgotten()

    def _say_forgotten(self) -> None:
        for model in self.columns:
            model.forgotten.emit()

    def _read_again(self, models: list[ColumnModel]) -> None:
        if not (self.by_hand() and self.chosen.is_whole()):
            if models:
                self._reread(models, self._show_adopted)
            return
        for model in models:
            assert self._source is not None
            found = self._source.ids(model.column.id, self.sort, self.chosen)
            model.adopt(self._with_placed(model, found))

    def _reread(
        self, models: Sequence[ColumnModel], show: Callable[[Found], object], key: str = "board"
    ) -> None:
        """Ask for columns and deals as they are now, then ``show`` them.

        Only the latest question of a key is answered: it asks for what those before it asked for.
        """
        source, chosen, sort, changes = self._source, self.chosen, self.sort, self._changes
        if source is None:
            return
        asked, before = self._asked.get(key, ([], show))
        models = [*models, *(m for m in asked if m not in models and m in self.columns)]
        show = self._show_loaded if before == self._show_loaded else show
        self._asked[key] = (models, show)

        def done(found: Found) -> None:
            if source is not self._source or (chosen, sort) != (self.chosen, self.sort):
                return
            self._asked.pop(key, None)
            if changes != self._changes:
                self._reread(models, show, key)
                return
            self._forget_old()
            show(found)
            self._say_forgotten()  # where they have come to stand

        self._ask(lambda: self._found(source, models, chosen, sort), done, key)

    def _found(
        self,
        source: BoardSource,
        models: Sequence[ColumnModel],
        chosen: BoardFilter | None = None,
        sort: SortKey | None = None,
    ) -> Found:
        """Columns and deals as they are now."""
        chosen, sort = chosen or self.chosen, sort or self.sort
        ids = {m.column.id: source.ids(m.column.id, sort, chosen) for m in models}
        return Found(source.columns(chosen), ids)

    def _show_loaded(self, found: Found) -> None:
        for model in self.columns:
            if model.column.id in found.ids:
                model.load(self._with_placed(model, found.ids[model.column.id]))
        self._take_heads(found.columns)

    def _show_adopted(self, found: Found) -> None:
        self._adopt(found)
        self._take_heads(found.columns)

    def _adopt(self, found: Found) -> None:
        self.refreshing.emit()
        for model in self.columns:
            if model.column.id in found.ids:
                model.adopt(self._with_placed(model, found.ids[model.column.id]))
        self.refreshed.emit()

    def _take_heads(self, columns: list[StageColumn]) -> None:
        if [c.id for c in columns] != [c.column.id for c in self.columns]:
            self._build(columns)
            return
        for model, column in zip(self.columns, columns, strict=True):
            model.column = column
        self.heads_changed.emit()

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
        if not self._narrowing_fits():
            many = 1 if self.chosen.is_whole() else len(self._waiting)  # counting takes long there
            self._reread(self._waiting[:many], self._show_completed, "board-rest")
            return
        model = self._waiting.pop(0)
        found = self._rest_of(model.column.id)
        model.adopt(self._with_placed(model, found))
        if self.chosen.text and model.column.count != len(found.ids):
            model.column = replace(model.column, count=len(found.ids))
            self.heads_changed.emit()
        self._rest.start()

    def _show_completed(self, found: Found) -> None:
        """Who could not wait has had them read meanwhile (``complete``). The heads of all deals are
        known, perhaps better than when this was asked."""
        self._waiting = [model for model in self._waiting if model.column.id not in found.ids]
        show = self._adopt if self.chosen.is_whole() else self._show_adopted
        show(found)
        self._rest.start()

    def _rest_of(self, stage_id: int) -> ColumnIds:
        if self._narrowing is not None and self._narrowing_fits():
            return self._narrowing.ids(stage_id, self.chosen.text)
        assert self._source is not None
        return self._source.ids(stage_id, self.sort, self.chosen)

    def _read_cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        return self._source.cards(ids) if self._source is not None else {}

    # -- moving -------------------------------------------------------------------------------

    def place(self, ids: Sequence[int], stage_id: int, before: int) -> None:
        """Show the deals in their new place at once, marked as waiting for the writer."""
        target = self.column(stage_id)
        if target is None:
            return
        self.cards.need(ids)
        for model in self.columns:
            here = [i for i in ids if i in model.members]
            if here:
                model.remove(here)
                self._count(model, here, -1)
        self._placing.put(ids, Place(stage_id, before))
        self._count(target, ids, 1)
        if target.loaded:
            row = target.row_of(before) if before else -1
            target.insert(row if row >= 0 else len(target.ids), ids, self._tall(ids))
        target.mark(ids, True)
        self.heads_changed.emit()

    def settle(self, ids: Iterable[int]) -> None:
        """The writer has put the deals there; one that was moved again meanwhile waits on."""
        for deal_id in list(ids):
            model = self.where(deal_id) if self._placing.settle(deal_id) else None
            if model is not None:
                model.mark([deal_id], False)

    def take_back(self, ids: Sequence[int]) -> None:
        """The writer refused: the deals go back to where they are written."""
        self.settle(ids)
        for deal_id in ids:
            self._placing.take_back(deal_id)
        self.refresh(ids)

    def _settled(self, shown: dict[int, ColumnModel | None]) -> dict[int, int]:
        """Stages by deal, of those that already stand where this board itself has put them.

        Their column need not be read again: this keeps a move as cheap with 100,000 cards.
        """
        put = self._placing.stages(shown)
        if not self.by_hand():
            return {}
        return {
            deal_id: stage_id
            for deal_id, stage_id in put.items()
            if (model := shown[deal_id]) is not None and model.column.id == stage_id
        }

    def _with_placed(self, model: ColumnModel, found: ColumnIds) -> ColumnIds:
        """The deals as written, with those that wait for the writer where they go."""
        if not self._placing.places:
            return found
        ids, here = self._placing.merged(found.ids, model.column.id)
        return ColumnIds(ids, {**found.tall, **self._tall(here)})

    def _tall(self, ids: Iterable[int]) -> dict[int, int]:
        cards = ((deal_id, self.cards.get(deal_id)) for deal_id in ids)
        return {deal_id: lines_of(card) for deal_id, card in cards if card is not None}

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
