"""The difference of two orders of ids, as precise removals and insertions. No Qt here."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Removal(NamedTuple):
    """Remove ``rows`` rows from ``row`` on."""

    row: int
    rows: int


class Insertion(NamedTuple):
    """Insert ``ids`` before ``row``."""

    row: int
    ids: Sequence[int]


def steps(old: "array[int]", new: "array[int]") -> Iterator[Removal | Insertion]:
    """Removals (from the end on), then insertions (from the start on), that turn old into new.

    An id that only changed its place is removed and inserted; the fewest such ids are touched.
    """
    head = _common_head(old, new)
    tail = _common_tail(old, new, head)
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    kept = _kept(was, now)
    runs = list(_runs([row for row, item in enumerate(was) if item not in kept]))
    for start, end in reversed(runs):
        yield Removal(head + start, end - start)
    for start, end in _runs([row for row, item in enumerate(now) if item not in kept]):
        yield Insertion(head + start, now[start:end])


def _common_head(a: "array[int]", b: "array[int]") -> int:
    """The length of the common beginning: a binary search whose comparisons run in C."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_tail(a: "array[int]", b: "array[int]", head: int) -> int:
    low, high = 0, min(len(a), len(b)) - head
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _kept(was: "array[int]", now: "array[int]") -> set[int]:
    """The ids that stay: a longest run of ids that stand in the same order in both."""
    place = {item: row for row, item in enumerate(was)}
    common = [item for item in now if item in place]
    ends: list[int] = []
    heads: list[int] = []
    before: dict[int, int | None] = {}
    for item in common:
        at = bisect_left(ends, place[item])
        before[item] = heads[at - 1] if at else None
        if at == len(ends):
            ends.append(place[item])
            heads.append(item)
        else:
            ends[at] = place[item]
            heads[at] = item
    kept: set[int] = set()
    item_or_none: int | None = heads[-1] if heads else None
    while item_or_none is not None:
        kept.add(item_or_none)
        item_or_none = before[item_or_none]
    return kept


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring rows as ``(start, end)``, the end not included."""
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[start], rows[at - 1] + 1
            start = at
