"""Few records that are found by their words: those of all are kept in memory as one text and looked
through at every key, and read anew when one of them was written."""

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from weakref import WeakKeyDictionary

from salesdesk.models import indexed
from salesdesk.models.store import Reader, Store

#: With more lines of the log since, they are read anew without asking what was written.
_LINES = 1_000

#: Keys of records with their words, those that come first in a list first.
Words = Iterable[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Texts:
    """All words in one text, a blank before each, those of one record after another's: so a key
    costs one search in a text. ``starts`` are their places in it; ``words`` those of letters alone.
    True up to a line of the log."""

    change_id: int
    keys: tuple[int, ...]
    starts: tuple[int, ...]
    text: str
    words: frozenset[str]

    def holding(self, parts: Sequence[str]) -> Iterator[int]:
        """Keys of the records that have a word for each of the parts, one that begins so."""
        rarest = f" {max(parts, key=len)}"
        at = self.text.find(rarest)
        while at >= 0:
            place = bisect_right(self.starts, at) - 1
            start, stop = self.starts[place : place + 2]
            if all(self.text.find(f" {part}", start, stop) >= 0 for part in parts):
                yield self.keys[place]
            at = self.text.find(rarest, stop)


class Memory:
    """What ``read`` tells of the records of ``tables``, for each workspace, as long as none of
    them is written."""

    def __init__(self, tables: Sequence[str], read: Callable[[Reader], Words]) -> None:
        self._tables = ", ".join(f"'{table}'" for table in tables)
        self._read = read
        self._kept: WeakKeyDictionary[Store, Texts] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, r: Reader) -> Texts:
        """The words as they are now."""
        newest = indexed.newest(r)
        with self._lock:
            kept = self._kept.get(r.store)
        if kept is not None and kept.change_id == newest:
            return kept
        if kept is None or self._written(r, kept.change_id, newest):
            kept = _texts(newest, self._read(r))
        else:
            kept = replace(kept, change_id=newest)
        with self._lock:
            self._kept[r.store] = kept
        return kept

    def _written(self, r: Reader, after: int, newest: int) -> bool:
        """Whether one of the records was written since a line of the log."""
        if not 0 <= newest - after <= _LINES:
            return True
        sql = f"SELECT EXISTS (SELECT 1 FROM change WHERE id > ? AND tbl IN ({self._tables}))"
        return bool(r.value(sql, (after,)))


def _texts(newest: int, found: Words) -> Texts:
    own = dict(found)
    texts = ["".join(f" {word}" for word in each) for each in own.values()]
    starts = itertools.accumulate(map(len, texts), initial=0)
    letters = frozenset(word for each in own.values() for word in each if word.isalpha())
    return Texts(newest, tuple(own), tuple(starts), "".join(texts), letters)
