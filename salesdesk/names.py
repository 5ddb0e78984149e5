"""When two names are the same, and a key to find them by."""

import unicodedata

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
