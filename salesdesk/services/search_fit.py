"""How well a text fits what was typed, and where."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from salesdesk.models.fulltext import fold, split

_RUN = re.compile(r"[^\W_]+")
_NOTE_BEFORE, _NOTE_LENGTH = 24, 140

#: Places of a text: (start, length).
Marks = tuple[tuple[int, int], ...]


def fit(title: str, parts: Sequence[str]) -> float:
    """0..100: the very title, its beginning, the beginnings of its words, only some of them."""
    if not parts:
        return 0.0
    own = spaced(title)
    whole = own + " "
    typed = " " + " ".join(parts)
    if own == typed:
        return 100.0
    score = 40.0 * sum(f" {part}" in own for part in parts) / len(parts)
    score += 20.0 if own.startswith(typed) else 0.0
    return score + 10.0 * sum(f" {part} " in whole for part in parts) / len(parts)


@lru_cache(maxsize=30_000)
def spaced(text: str) -> str:
    """Its words with a blank before each: a word begins so where a blank and this stand in it."""
    return "".join(f" {word}" for word in split(text))


def marks(text: str, parts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places (start, length) of ``text`` where its words begin with what was typed."""
    if not parts:
        return
    folded = fold(text)
    places: Sequence[int] = range(len(text))
    if len(folded) != len(text):  # a letter has become two, or none
        each = [(char, place) for place, whole in enumerate(text) for char in fold(whole)]
        folded, places = "".join(char for char, _ in each), [place for _, place in each]
    for run in _RUN.finditer(folded):
        word = run.group()
        length = max((len(part) for part in parts if word.startswith(part)), default=0)
        if length:
            start, last = places[run.start()], places[run.start() + length - 1]
            yield start, last - start + 1


def is_number(parts: Sequence[str]) -> bool:
    """Whether digits of a phone or a tax number were typed."""
    return len("".join(parts)) >= 3 and all(part.isdecimal() for part in parts)


def _digit_marks(text: str, parts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the typed digits stand in a phone, whatever stands between them."""
    if not is_number(parts):
        return
    places = [place for place, char in enumerate(text) if char.isdecimal()]
    digits, typed = "".join(text[place] for place in places), "".join(parts)
    for each in (typed, "7" + typed[1:], typed[1:]):
        at = digits.find(each)
        if each and at >= 0:
            yield places[at], places[at + len(each) - 1] - places[at] + 1
            return


def places_of(text: str, parts: Sequence[str]) -> Marks:
    """Where words or digits of a text are what was typed."""
    return tuple(marks(text, parts)) or tuple(_digit_marks(text, parts))


def fitting_first(detail: str, parts: Sequence[str]) -> str:
    """Contact persons of whom what was typed is part come first: the end may be cut off."""
    return " · ".join(sorted(detail.split(" · "), key=lambda one: not places_of(one, parts)))


def snippet(text: str, places: Marks) -> tuple[str, Marks]:
    """A note's text around the first place that fits, on one line."""
    first = places[0][0] if places else 0
    start = max(first - _NOTE_BEFORE, 0)
    if start:
        start = text.find(" ", start, first) + 1 or start
    part = text[start : start + _NOTE_LENGTH]
    lead = "…" if start else ""
    flat = "".join(" " if char.isspace() else char for char in part)
    shift = len(lead) - start
    kept = ((at + shift, size) for at, size in places if at - start + size <= len(part))
    return lead + flat, tuple(kept)
