r"""Tables as text: delimiters, quotation marks, and what goes wrong with them.

Besides doubled quotation marks, a mark may be escaped by a backslash (``\"``); which of the two a
file uses is tried out. A mark that is never closed spoils its own row only: reading goes on with
the next line.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator
from itertools import islice

from salesdesk.services.exchange.rejects import OPEN_QUOTE
from salesdesk.services.exchange.table import Assembly, Limits, UnreadableFile
from salesdesk.text import N_

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_NONE = "\x1f"
_QUOTE = "\x1e"
_END = "\x1d"
_SAMPLE_ROWS = 300
_SAMPLE_CHARS = 200_000
_MOST_OPEN_QUOTES = 100
_SEP = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)


def read_delimited(text: str, limits: Limits) -> tuple[Assembly, str]:
    """The records of ``text`` and the name of its delimiter (``none`` for a single column)."""
    named = _SEP.match(text)
    if named:
        text = text[named.end() :]
    if not text.strip():
        raise UnreadableFile(N_("The file is empty: it has neither a heading nor rows."))
    for sign in (_NONE, _QUOTE, _END):
        text = text.replace(sign, " ")
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    text = _escapes_marked(text)
    name = _named(named.group(1)) if named else _delimiter(text)
    delimiter = named.group(1) if named else DELIMITERS.get(name, _NONE)
    assembly = Assembly(limits)
    _read(text, delimiter, assembly)
    return assembly, name


def _named(sign: str) -> str:
    return next((name for name, known in DELIMITERS.items() if known == sign), sign)


def _reader(text: str, delimiter: str, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _read(text: str, delimiter: str, assembly: Assembly) -> None:
    """Feed all records; a record that swallowed the end of the text had an open quotation mark."""
    number = 0
    for _ in range(_MOST_OPEN_QUOTES):
        source = _Records(text, delimiter, number)
        assembly.extend(source)
        if source.open_at is None:
            return
        number = source.number
        line, text = _first_line(text, source.open_at)
        cells = next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
        assembly.spoil(number, [_unmarked(cell) for cell in cells], OPEN_QUOTE)
        if not text.strip():
            return
    raise UnreadableFile(N_("The file has too many quotation marks that are not closed."))


class _Records:
    """Numbered records of a text; after the last one, ``open_at`` is the physical line (from 0) of
    a record whose quotation mark is not closed, and ``number`` the number of the last record.
    """

    def __init__(self, text: str, delimiter: str, number: int) -> None:
        self.number = number
        self.open_at: int | None = None
        self._text = text
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        text = self._text
        marked = _QUOTE in text
        ended = text + ("" if text.endswith(("\n", "\r")) else "\n") + _END
        reader = csv.reader(io.StringIO(ended, newline=""), delimiter=self._delimiter)
        line = 0
        for number, cells in enumerate(reader, self.number + 1):
            if cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    self.number, self.open_at = number, line
                return
            line = reader.line_num
            self.number = number
            yield number, [_unmarked(cell) for cell in cells] if marked else cells


def _first_line(text: str, line: int) -> tuple[str, str]:
    """The physical line number ``line`` (from 0) and all that follows it."""
    stream = io.StringIO(text, newline="")
    for _ in islice(stream, line):
        pass
    return stream.readline().rstrip("\r\n"), stream.read()


def _unmarked(cell: str) -> str:
    return cell.replace(_QUOTE, '"')


def _escapes_marked(text: str) -> str:
    r"""``text`` with each ``\"`` replaced by one sign, if that is how it escapes quotation marks.

    It is not where doubling alone makes sense of every row: there a backslash before a closing
    mark is the end of a path.
    """
    if '\\"' not in text:
        return text
    marked = text.replace('\\"', _QUOTE)
    doubled, escaped = _even_rows(text), _even_rows(marked)
    return text if doubled >= escaped else marked


def _even_rows(text: str) -> tuple[bool, float]:
    """Whether the quotation marks are in order, and the share of rows as wide as the heading."""
    delimiter = DELIMITERS.get(_delimiter(text), _NONE)
    try:
        widths = [len(cells) for cells in _reader(text, delimiter, strict=True) if cells]
        strict = True
    except csv.Error:
        widths = [len(cells) for cells in _reader(text, delimiter) if cells]
        strict = False
    return strict, widths.count(widths[0]) / len(widths) if widths else 0.0


def _delimiter(text: str) -> str:
    """The delimiter that divides the heading and the first rows most evenly."""
    sample = text.lstrip("\r\n")[:_SAMPLE_CHARS]
    best, name = 0.0, "none"
    for candidate, sign in DELIMITERS.items():
        records = (cells for cells in _reader(sample, sign) if any(map(str.strip, cells)))
        widths = [len(cells) for cells in islice(records, _SAMPLE_ROWS)]
        if not widths or widths[0] < 2:
            continue
        if len(sample) == _SAMPLE_CHARS and len(widths) > 2 and len(widths) < _SAMPLE_ROWS:
            widths.pop()
        even = sum(1.0 if w == widths[0] else 0.4 if 1 < w < widths[0] else 0.0 for w in widths)
        score = widths[0] * even / len(widths)
        if score > best:
            best, name = score, candidate
    return name
