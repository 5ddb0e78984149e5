"""Misspelt words: the words there are that are almost like them (``rapidfuzz``).

The words are kept in memory and read anew when the index has gone on; a first search may wait for
them a few ten milliseconds, so the palette has them read when it opens.
"""

import itertools
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from salesdesk.models import fulltext, indexed
from salesdesk.models.fulltext import words
from salesdesk.models.store import Reader, Store
from salesdesk.services import search_contractors

_SHORTEST = 4
_LONG = 6
_ALTERNATIVES = 3
_GUESSES = 5
#: After so many more lines of the log the words are read anew.
_FAR, _LATE = 6_000, 200


@dataclass
class _Words:
    """Words in order, and their beginnings by length (made when first asked for)."""

    mark: fulltext.Mark
    ordered: list[str]
    beginnings: dict[int, list[str]] = field(default_factory=dict)

    def has(self, beginning: str) -> bool:
        """Whether a word begins so."""
        place = bisect_left(self.ordered, beginning)
        return place < len(self.ordered) and self.ordered[place].startswith(beginning)

    def cut(self, length: int) -> list[str]:
        """All beginnings of this length (shorter words whole), each once."""
        if length not in self.beginnings:
            cut = (word[:length] for word in self.ordered)
            self.beginnings[length] = [word for word, _ in itertools.groupby(cut)]
        return self.beginnings[length]


_known: WeakKeyDictionary[Store, _Words] = WeakKeyDictionary()
_lock = Lock()


def learn(r: Reader) -> None:
    """Read the words anew if the index has gone on since."""
    import rapidfuzz.process  # noqa: F401 - 20 ms that a misspelt word need not wait for

    mark = fulltext.mark_of(r)
    if mark is None:
        return
    with _lock:
        known = _known.get(r.store)
        if known is None or known.mark != mark:
            found = {
                word
                for kind in ("deal", "client")
                for word in fulltext.vocabulary(r, kind)
                if word.isalpha()
            }
            names = r.rows("SELECT name FROM person WHERE deleted_at IS NULL")
            found.update(word for (name,) in names for word in words(name))
            _known[r.store] = _Words(mark, sorted(found))


def guesses(r: Reader, typed: str, other: str) -> Iterator[list[str]]:
    """Lists of words near to what was typed, the likeliest first; ``other`` is the same typed in
    the other layout."""
    known = _known.get(r.store)
    mark = fulltext.mark_of(r)
    if known is None or mark is None or mark.filling or known.mark.filling or _is_old(r, known):
        learn(r)
        known = _known.get(r.store)
        if known is None:
            return
    late = _late(r, known)
    for text in (typed, other):
        parts = words(text)
        choices = [_near(known, part, late) for part in parts]
        if parts and all(choices) and any(len(part) >= _SHORTEST for part in parts):
            made = (list(guess) for guess in itertools.product(*choices))
            wanted = (guess for guess in made if guess != list(parts))
            yield from itertools.islice(wanted, _GUESSES)


def _is_old(r: Reader, known: _Words) -> bool:
    return indexed.newest(r) - known.mark.change_id > _FAR


def _late(r: Reader, known: _Words) -> set[str]:
    """The words of what was written since the words were read, and those of contractors."""
    found = set(search_contractors.words(r))  # never late: these are kept apart from the index
    for kind, keys in indexed.touched(r, known.mark.change_id, indexed.newest(r)).items():
        for _, own in indexed.documents(r, kind, sorted(keys, reverse=True)[:_LATE]):
            found.update(word for word in own if word.isalpha())
    return found


def _near(known: _Words, word: str, late: Collection[str]) -> list[str]:
    """The word itself if there is one that begins so, else the nearest beginnings of words."""
    if len(word) < _SHORTEST or not word.isalpha() or known.has(word):
        return [word]
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    most = 1 if len(word) < _LONG else 2
    nearest: dict[str, float] = {}
    for length in (len(word), len(word) + 1, len(word) - 1):
        cuts: Sequence[str] = known.cut(length)
        for pool in (cuts, {each[:length] for each in late}):
            for near, distance, _ in process.extract(
                word, pool, scorer=OSA.distance, score_cutoff=most, limit=_ALTERNATIVES
            ):
                nearest[near] = min(nearest.get(near, distance), distance)
    ordered = sorted(nearest, key=lambda near: (nearest[near], near[0] != word[0], near))
    return ordered[:_ALTERNATIVES]
