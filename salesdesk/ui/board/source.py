"""Where the board reads from: the protocol, and nothing of how it is answered."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from salesdesk.services.cards import BoardFilter, DealCard, SortKey, StageColumn

#: ``ask(run, done, key)``: call ``run()`` somewhere, then ``done(answer)`` on the GUI thread; only
#: the latest question of a key is answered.
Ask = Callable[[Callable[[], Any], Callable[[Any], object], str], object]
#: ``after(run)``: call ``run()`` once the first picture of a window is there.
After = Callable[[Callable[[], object]], object]


def at_once(run: Callable[[], Any], done: Callable[[Any], object], _key: str) -> None:
    """Ask here and now."""
    done(run())


def no_picture(run: Callable[[], object]) -> None:
    """Call at once: no picture is waited for."""
    run()


class ColumnIds(NamedTuple):
    """The deals of one column in the order shown; the cards of ``tall`` have further lines (bits
    of ``layout``)."""

    ids: "array[int]"
    tall: Mapping[int, int] = MappingProxyType({})


class BoardSource(Protocol):
    """What the board asks for; each answer is from the present state of the workspace.

    ``columns``, ``ids`` and ``words`` may be asked on another thread.
    """

    def columns(self, chosen: BoardFilter) -> list[StageColumn]:
        """The columns in their order, with counts and sums of the deals that the filter lets
        through."""

    def ids(self, stage_id: int, sort: SortKey, chosen: BoardFilter) -> ColumnIds:
        """The deals of a column that the filter lets through."""

    def first_ids(
        self, stage_id: int, limit: int, seen: frozenset[int] | None = None
    ) -> "array[int]":
        """The first deals of a column by position that may be seen: for the first picture."""

    def words(self, ids: Sequence[int] | None = None) -> dict[int, str]:
        """By deal what a text is looked for in, folded: of these deals, or of all."""

    def cards(self, ids: Sequence[int]) -> dict[int, DealCard]:
        """The cards of those deals that exist, by id."""
