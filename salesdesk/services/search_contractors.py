"""Contractors as they are found: there are some thousands of them at most, so their words are kept
in memory and looked through at every key, and read anew when one of them was written."""

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from weakref import WeakKeyDictionary

from salesdesk.models import indexed
from salesdesk.models.fulltext import split
from salesdesk.models.store import Reader, Store

#: With more lines of the log since, they are read anew without asking what was written.
_LINES = 1_000


@dataclass(frozen=True, slots=True)
class _Known:
    """All words in one text, a blank before each, those of one contractor after another's, the
    newest first: so a key costs one search in a text. ``starts`` are their places in it; ``words``
    those of letters alone. True up to a line of the log."""

    change_id: int
    keys: tuple[int, ...] = ()
    starts: tuple[int, ...] = (0,)
    text: str = ""
    words: frozenset[str] = frozenset()


_kept: WeakKeyDictionary[Store, _Known] = WeakKeyDictionary()
_lock = Lock()


def found(r: Reader, parts: Sequence[str], most: int) -> list[int]:
    """Contractors with words that begin so: of their names and their contact persons', e-mails and
    tax numbers, any digits of their phones. ``most`` of them, the newest first."""
    known = _known(r)
    taken = list(itertools.islice(_holding(known, parts), most))
    digits = "".join(parts)
    if len(parts) > 1 and digits.isdecimal():  # a phone typed with blanks and brackets
        taken += itertools.islice(_holding(known, [digits]), most)
    return list(dict.fromkeys(taken))[:most]


def _holding(known: _Known, parts: Sequence[str]) -> Iterator[int]:
    rarest = f" {max(parts, key=len)}"
    at = known.text.find(rarest)
    while at >= 0:
        place = bisect_right(known.starts, at) - 1
        start, stop = known.starts[place : place + 2]
        if all(known.text.find(f" {part}", start, stop) >= 0 for part in parts):
            yield known.keys[place]
        at = known.text.find(rarest, stop)


def words(r: Reader) -> frozenset[str]:
    """All their words of letters alone, for what is misspelt."""
    return _known(r).words


def _known(r: Reader) -> _Known:
    newest = indexed.newest(r)
    with _lock:
        known = _kept.get(r.store)
    if known is not None and known.change_id == newest:
        return known
    if known is None or _written(r, known.change_id, newest):
        known = _read(r, newest)
    else:
        known = replace(known, change_id=newest)
    with _lock:
        _kept[r.store] = known
    return known


def _written(r: Reader, after: int, newest: int) -> bool:
    """Whether a contractor or a contact person of one was written since a line of the log."""
    if not 0 <= newest - after <= _LINES:
        return True
    return bool(
        r.value(
            "SELECT EXISTS (SELECT 1 FROM change WHERE id > ? "
            "AND tbl IN ('contractor', 'contractor_contact'))",
            (after,),
        )
    )


def _read(r: Reader, newest: int) -> _Known:
    own: dict[int, list[str]] = {}
    for key, name, phone, email, tax_number in r.rows(
        "SELECT id, name, phone, email, tax_number FROM contractor WHERE deleted_at IS NULL "
        "ORDER BY id DESC"
    ):
        own[key] = [*split(name), *_numbers(phone, email), *split(tax_number or "")]
    for key, name, phone, email in r.rows(
        "SELECT contractor_id, name, phone, email FROM contractor_contact WHERE deleted_at IS NULL"
    ):
        if key in own:
            own[key] += (*split(name), *_numbers(phone, email))
    texts = ["".join(f" {word}" for word in each) for each in own.values()]
    starts = itertools.accumulate(map(len, texts), initial=0)
    letters = frozenset(word for each in own.values() for word in each if word.isalpha())
    return _Known(newest, tuple(own), tuple(starts), "".join(texts), letters)


def _numbers(phone: str | None, email: str | None) -> list[str]:
    return [*indexed.phone_words(phone or ""), *split(email or "")]
