"""When two names are the same, and a key to find them by."""

import unicodedata
from functools import lru_cache

_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": " "})


def clean(name: str) -> str:
    """The name as it is kept: NFC, runs of blanks (no-break ones too) made one, ends trimmed."""
    return " ".join(unicodedata.normalize("NFC", name).translate(_BLANKS).split())


def key(name: str) -> str:
    """What decides whether two names are the same (domain.md section 2)."""
    return unicodedata.normalize("NFC", clean(name).casefold())


def folded(text: str) -> str:
    """Text for searching: without case, and with Cyrillic yo as ye."""
    return key(text).replace("ё", "е")


@lru_cache(4_000)
def initials(name: str | None, skipped: frozenset[str] = frozenset()) -> str:
    """Two letters for an avatar: the first and the last word's, quotes and other signs left out; a
    dash for nobody. Words that are ``skipped`` (folded) do not count, if there are others."""
    words = [word for word in map(_bare, (name or "").split()) if word]
    words = [word for word in words if folded(word) not in skipped] or words
    if not words:
        return "–"
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


def _bare(word: str) -> str:
    return "".join(sign for sign in word if sign.isalnum())
