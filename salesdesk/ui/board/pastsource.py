"""The board's answers as of a past moment, from a timeline in memory."""

from array import array
from collections.abc import Sequence

from salesdesk.services import board, past
from salesdesk.services.cards import BoardFilter, DealCard, SortKey, StageColumn
from salesdesk.services.past import PastCard
from salesdesk.services.timeline import PastBoard, Timeline
from salesdesk.services.writer import Store
from salesdesk.ui.board.source import ColumnIds

_NOTHING: "array[int]" = array("q")


class PastSource:
    """A pipeline as it stood; filters but the people's are of the present and do not hold here."""

    def __init__(self, store: Store, timeline: Timeline, then: PastBoard) -> None:
        self._store, self._timeline, self._then = store, timeline, then
        self._stages = {deal: stage for stage, ids in then.ids.items() for deal in ids}
        self._columns = {column.id: column for column in then.columns}

    def columns(self, _chosen: BoardFilter) -> list[StageColumn]:
        """The columns as they stood."""
        return self._then.columns

    def ids(self, stage_id: int, _sort: SortKey, _chosen: BoardFilter) -> ColumnIds:
        """The deals of a column as they stood."""
        return ColumnIds(self._then.ids.get(stage_id, _NOTHING))

    def first_ids(
        self, stage_id: int, limit: int, _seen: frozenset[int] | None = None
    ) -> "array[int]":
        """The first deals of a column."""
        return self._then.ids.get(stage_id, _NOTHING)[:limit]

    def words(self, _ids: Sequence[int] | None = None) -> dict[int, str]:
        """Nothing: a past board is not searched."""
        return {}

    def cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        """The cards as they were."""
        with self._store.read() as r:
            found = past.cards_at(r, ids, self._then.at, self._timeline.moved_tasks)
        return {key: self._card(card) for key, card in found.items() if key in self._stages}

    def _card(self, card: PastCard) -> DealCard:
        column = self._columns[self._stages[card.id]]
        age = board.age(card.stage_entered_at, column.limit_days, self._then.at)
        return DealCard(
            card.id, card.number, card.title, card.company, card.amount, card.currency,
            card.owner_id, card.owner, card.owner_id or 0, card.task_state, card.next_task,
            card.next_due, card.days_in_stage, age if column.kind == "open" else "fresh",
            stage_id=column.id,
        )  # fmt: skip
