"""Where the board reads from: the protocol, and nothing of how it is answered."""

from array import array
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from salesdesk.services.cards import BoardFilter, DealCard, SortKey, StageColumn


class ColumnIds(NamedTuple):
    """The deals of one column in the order shown.

    ``tall`` holds the ids whose card has a child line; ``whole`` is false where ``ids`` are only
    the first ones.
    """

    ids: "array[int]"
    tall: AbstractSet[int]
    whole: bool = True


class BoardSource(Protocol):
    """What the board asks for. Every answer is from the present state of the workspace."""

    def columns(self) -> list[StageColumn]:
        """The columns in their order, with counts and sums of all their deals."""

    def ids(
        self, stage_id: int, sort: SortKey, chosen: BoardFilter, limit: int | None = None
    ) -> ColumnIds:
        """The deals of a column that the filter lets through; only the first ``limit`` if given."""

    def cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        """The cards of those deals that exist, by id."""
