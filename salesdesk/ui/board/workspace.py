"""The board's answers from the open workspace."""

from array import array
from collections.abc import Callable, Sequence

from salesdesk.services import board
from salesdesk.services.cards import BoardFilter, DealCard, SortKey, StageColumn
from salesdesk.services.writer import Store
from salesdesk.ui.board.layout import CHAIN, OWN
from salesdesk.ui.board.source import ColumnIds


class WorkspaceSource:
    """One pipeline of a workspace; ``now()`` is asked for each question."""

    def __init__(self, store: Store, pipeline_id: int, now: Callable[[], int]) -> None:
        self.pipeline_id = pipeline_id
        self._store = store
        self._now = now

    def columns(self, chosen: BoardFilter) -> list[StageColumn]:
        """The columns with counts and sums of the deals chosen."""
        with self._store.read() as r:
            return board.columns(r, self.pipeline_id, chosen, now=self._now())

    def ids(self, stage_id: int, sort: SortKey, chosen: BoardFilter) -> ColumnIds:
        """The deals of a column, and which of them have children or own fields to tell."""
        with self._store.read() as r:
            found = board.ids(r, stage_id, chosen, sort, now=self._now())
            tall = dict.fromkeys(board.parents(r, stage_id), CHAIN)
            for deal_id in board.with_own_fields(r, stage_id):
                tall[deal_id] = tall.get(deal_id, 0) | OWN
            return ColumnIds(found, tall)

    def first_ids(
        self, stage_id: int, limit: int, seen: frozenset[int] | None = None
    ) -> "array[int]":
        """The first deals of a column that may be seen."""
        with self._store.read() as r:
            return board.first_ids(r, stage_id, limit, seen)

    def words(self, ids: Sequence[int] | None = None) -> dict[int, str]:
        """By deal what a text is looked for in: of these deals, or of all of the pipeline."""
        with self._store.read() as r:
            return board.words(r, self.pipeline_id, ids)

    def cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        """The cards of these deals."""
        with self._store.read() as r:
            return board.cards(r, ids, now=self._now())
