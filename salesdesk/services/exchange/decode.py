"""From bytes to text: which encoding a file is in, or that it is no text at all.

In order: a byte order mark; valid UTF-8; UTF-16 by its zero bytes; UTF-8 with a few damaged bytes
(they read as U+FFFD and are counted); else the single-byte encoding whose words look most like
words, Windows-1251 when in doubt.
"""

import codecs
import re
from dataclasses import dataclass

from salesdesk.services.exchange.table import UnreadableFile
from salesdesk.text import N_

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with BOM"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SINGLE_BYTE = (
    ("cp1251", "Windows-1251"),
    ("cp1252", "Windows-1252"),
    ("koi8-r", "KOI8-R"),
    ("cp866", "CP866"),
)
_SAMPLE = 200_000
_CONTROL = re.compile("[\0-\x08\x0e-\x19\x1c-\x1f]")
_WORD = re.compile(r"[^\W\d_]+")
_COMMON = frozenset("оеаинтсрвлкмдпуяызбОЕАИНТСРВЛКМДПУЯЫЗБ")
_CLEAN_SIGNS = frozenset(" №«»—–…“”„‘’•·°±©®™₽€£§§¹²³½×")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the name of its encoding, and how many damaged places became U+FFFD."""

    text: str
    encoding: str
    damaged: int = 0


def decode(data: bytes) -> Decoded:
    """The text in ``data``, without a byte order mark; raises ``UnreadableFile`` for no text."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _checked(_tolerant(data[len(mark) :], codec, name))
    wide = _without_mark(data)
    if wide:
        return _checked(_tolerant(data, wide, "UTF-16"))
    if b"\0" in data:
        raise _binary()
    try:
        return _checked(Decoded(data.decode("utf-8"), "UTF-8"))
    except UnicodeDecodeError:
        pass
    attempt = _tolerant(data, "utf-8", "UTF-8")
    letters = sum(1 for c in attempt.text if c > "\x7f") - attempt.text.count("\ufffd")
    if letters >= 2 * attempt.damaged:
        return _checked(attempt)
    return _checked(_single_byte(data))


def _tolerant(data: bytes, codec: str, name: str) -> Decoded:
    before = data.count("\ufffd".encode(codec)) if codec == "utf-8" else 0
    text = data.decode(codec, "replace")
    return Decoded(text, name, max(0, text.count("\ufffd") - before))


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of mostly Latin text is zero."""
    sample = data[:4096]
    if len(sample) < 8 or b"\0" not in sample:
        return None
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if odd > len(sample) // 4 and not even:
        return "utf-16-le"
    if even > len(sample) // 4 and not odd:
        return "utf-16-be"
    return None


def _checked(decoded: Decoded) -> Decoded:
    sample = decoded.text[:_SAMPLE]
    if "\0" in decoded.text or len(_CONTROL.findall(sample)) > 2 + len(sample) // 1000:
        raise _binary()
    if decoded.damaged > 10 + len(decoded.text) // 20:
        raise _binary()
    return decoded


def _single_byte(data: bytes) -> Decoded:
    sample = data[:_SAMPLE]
    scores = [
        (_score(sample.decode(codec, "replace")), codec, name) for codec, name in _SINGLE_BYTE
    ]
    best = max(scores, key=lambda one: one[0])
    _, codec, name = scores[0] if best[0] <= scores[0][0] else best
    if best[0] <= 0 and _odd(sample):
        raise _binary()
    return _tolerant(data, codec, name)


def _odd(sample: bytes) -> bool:
    """Whether too much of the sample is outside ASCII for a few stray signs."""
    return sum(1 for byte in sample if byte > 0x7F) > len(sample) // 10


def _score(text: str) -> float:
    """How much the words outside ASCII look like words: higher is better."""
    score = 0.0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        cyrillic = sum(1 for c in word if "\u0400" <= c <= "\u04ff")
        cased = word.islower() or word.isupper() or word.istitle()
        if cyrillic == len(word):
            common = sum(1 for c in word if c in _COMMON)
            score += (common - (len(word) - common)) if cased else -len(word)
        elif cyrillic:
            score -= len(word)
        else:
            accents = sum(1 for c in word if c > "\x7f")
            score += accents if cased and accents * 2 <= len(word) else -accents
    score -= sum(1 for c in text if c > "\x7f" and not c.isalpha() and c not in _CLEAN_SIGNS)
    return score


def _binary() -> UnreadableFile:
    return UnreadableFile(
        N_("This is not a table but a binary file: save it as XLSX or CSV and import that.")
    )
