r"""Tables as text: delimiters, quotation marks, and what goes wrong with them.

Besides doubled quotation marks, a mark may be escaped by a backslash (``\"``); which of the two a
file uses is tried out. Bare marks inside a quoted cell are understood where they can be; a mark
that is never closed spoils its own row only: reading goes on with the next line. Blanks between
a delimiter and a quotation mark are dropped where all rows make sense without them.
"""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from salesdesk.services.exchange.rejects import OPEN_QUOTE
from salesdesk.services.exchange.table import (
    TITLE_CELLS,
    TITLE_ROWS,
    Assembly,
    Limits,
    UnreadableFile,
)
from salesdesk.text import N_

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_NOTHING = ' \t\r\n\v\f\u00a0,;|"'
_NONE = "\x1f"
_QUOTE = "\x1e"
_END = "\x1d"
_SAMPLE_ROWS = 300
_SAMPLE_CHARS = 200_000
#: So many of the rows below a title are as wide as their heading.
_EVEN = 0.8
_SEP = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)


def read_delimited(text: str, limits: Limits) -> tuple[Assembly, str]:
    """The records of ``text`` and the name of its delimiter (``none`` for a single column)."""
    named = _SEP.match(text)
    if named:
        text = text[named.end() :]
    if not text.strip(_NOTHING):
        raise UnreadableFile(N_("The file is empty: it has neither a heading nor rows."))
    for sign in (_NONE, _QUOTE, _END):
        text = text.replace(sign, " ")
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    text = _escapes_marked(text)
    name = _named(named.group(1)) if named else _delimiter(text)
    delimiter = named.group(1) if named else DELIMITERS.get(name, _NONE)
    assembly = Assembly(limits)
    assembly.extend(_records(text, _Dialect(delimiter, _is_spaced(text, delimiter)), assembly))
    return assembly, name


def _named(sign: str) -> str:
    return next((name for name, known in DELIMITERS.items() if known == sign), sign)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How cells are divided; ``spaced``: blanks may stand before a quotation mark."""

    delimiter: str
    spaced: bool = False

    def read(self, lines: Iterable[str], strict: bool = False) -> Iterator[list[str]]:
        return csv.reader(
            lines, delimiter=self.delimiter, skipinitialspace=self.spaced, strict=strict
        )


def _is_spaced(text: str, delimiter: str) -> bool:
    """Whether the cells are written ``1, "A, B", C``."""
    if not re.search(rf'(?:{re.escape(delimiter)}|^) +"', text, re.MULTILINE):
        return False
    return _even_rows(text, _Dialect(delimiter, True)) >= _even_rows(text, _Dialect(delimiter))


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return _Dialect(delimiter).read(io.StringIO(text, newline=""))


class _Lines:
    """Physical lines of a text, some of which may be put back."""

    def __init__(self, text: str) -> None:
        self.taken: list[str] = []
        self._stream = io.StringIO(text, newline="")
        self._back: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._stream)
        self.taken.append(line)
        return line

    def put_back(self, lines: list[str]) -> None:
        self._back.extend(reversed(lines))


def _records(text: str, dialect: _Dialect, assembly: Assembly) -> Iterator[tuple[int, list[str]]]:
    """Numbered records; those with a quotation mark out of place are mended or spoilt.

    No line is read more than twice: an open mark runs to the next mark at most.
    """
    marked = _QUOTE in text
    lines = _Lines(text)
    reader = dialect.read(lines, strict=True)
    number = 0
    while True:
        try:
            for cells in reader:
                number += 1
                lines.taken.clear()
                yield number, [_unmarked(cell) for cell in cells] if marked else cells
            return
        except csv.Error:
            number += 1
            first, rest = lines.taken[0], lines.taken[1:]
            lines.taken.clear()
            lines.put_back(rest)
        mended = None if rest else _mended(first, dialect)
        if mended is None:
            cells = next(
                csv.reader([first], delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE), []
            )
            assembly.spoil(number, [_unmarked(cell) for cell in cells], OPEN_QUOTE)
        else:
            yield number, [_unmarked(cell) for cell in mended]


def _mended(line: str, dialect: _Dialect) -> list[str] | None:
    """The cells of a line with bare quotation marks inside quoted cells; none if one is open."""
    sign = re.escape(dialect.delimiter)
    line = line.rstrip("\r\n")
    doubled = re.sub(rf'(?<!^)(?<!{sign})"(?!{sign}|$)', '""', line)
    for text, strict in ((doubled, True), (line, False)):
        try:
            found = list(dialect.read([text + "\n", _END], strict))
        except csv.Error:
            continue
        if len(found) == 2:
            return found[0]
    return None


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
    doubled, escaped = (
        _even_rows(one, _Dialect(DELIMITERS.get(_delimiter(one), _NONE))) for one in (text, marked)
    )
    return text if doubled >= escaped else marked


def _even_rows(text: str, dialect: _Dialect) -> tuple[bool, float]:
    """Whether the quotation marks are in order, and the share of rows as wide as the heading."""
    try:
        widths = _widths(text, dialect, strict=True)
        strict = True
    except csv.Error:
        widths = _widths(text, dialect)
        strict = False
    return strict, widths.count(widths[0]) / len(widths) if widths else 0.0


def _widths(text: str, dialect: _Dialect, strict: bool = False) -> list[int]:
    lines = io.StringIO(text, newline="")
    return [len(cells) for cells in dialect.read(lines, strict) if cells]


def _delimiter(text: str) -> str:
    """The delimiter that divides the heading and the first rows most evenly."""
    sample = text.lstrip("\r\n")[:_SAMPLE_CHARS]
    best, name, fits = 0.0, "none", 0.0
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
            best, name, fits = score, candidate, even / len(widths)
    below = "none" if fits > _EVEN else _below_title(sample)
    return name if below == "none" else below


def _below_title(sample: str) -> str:
    """The delimiter of a table below a title: a few lines that it does not divide, then a heading
    and rows that it divides evenly. A blank behind it is a text's."""
    best, name = 0.0, "none"
    for candidate, sign in DELIMITERS.items():
        records = (cells for cells in _reader(sample, sign) if any(map(str.strip, cells)))
        found = list(islice(records, _SAMPLE_ROWS))
        above = next((at for at, cells in enumerate(found) if len(cells) > TITLE_CELLS), 0)
        heading, rows = found[above], found[above + 1 :]
        if not 0 < above <= TITLE_ROWS or any(cell[:1].isspace() for cell in heading):
            continue
        even = sum(len(cells) == len(heading) for cells in rows) / max(len(rows), 1)
        if even > _EVEN and len(heading) * even > best:
            best, name = len(heading) * even, candidate
    return name
