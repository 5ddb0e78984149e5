"""Cards that stand where the writer has not put them yet. No Qt here."""

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """Before which deal of which stage; 0 is the end."""

    stage_id: int
    before: int


class Placing:
    """Where deals were put by hand, until the writer has put them there and that was read."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        self._underway: dict[int, int] = {}
        self._landed: dict[int, int] = {}
        self._seen: set[int] = set()

    def clear(self) -> None:
        """Nothing waits any more."""
        self.places.clear()
        self._underway.clear()
        self._landed.clear()

    def put(self, ids: Sequence[int], place: Place) -> None:
        """The deals wait for the writer there."""
        for deal_id in ids:
            self.places[deal_id] = place
            self._underway[deal_id] = self._underway.get(deal_id, 0) + 1

    def settle(self, deal_id: int) -> bool:
        """The writer has put a deal there; false for one that was moved again meanwhile."""
        left = self._underway.pop(deal_id, 1) - 1
        was_seen = deal_id in self._seen
        self._seen.discard(deal_id)
        if left > 0:
            self._underway[deal_id] = left
            return False
        place = self.places.pop(deal_id, None)
        if place is not None and not was_seen:
            self._landed[deal_id] = place.stage_id
        return True

    def take_back(self, deal_id: int) -> None:
        """The writer refused."""
        self._landed.pop(deal_id, None)

    def stages(self, ids: Iterable[int]) -> dict[int, int]:
        """Stages by deal, of those that were put somewhere since they were last asked for."""
        asked = list(ids)
        put = {i: self.places[i].stage_id for i in asked if i in self.places}
        self._seen.update(put)
        put.update((i, self._landed.pop(i)) for i in asked if i in self._landed)
        return put

    def merged(self, ids: "array[int]", stage_id: int) -> tuple["array[int]", list[int]]:
        """The deals of a stage as written, with those that wait where they go; and the latter."""
        found = array("q", (i for i in ids if i not in self.places))
        here = [i for i, place in self.places.items() if place.stage_id == stage_id]
        for deal_id in here:
            before = self.places[deal_id].before
            found.insert(found.index(before) if before in found else len(found), deal_id)
        return found, here
