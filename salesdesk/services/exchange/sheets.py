"""The cells of a workbook's sheet as texts, read as a stream (for the child process).

openpyxl (read-only, its XML through defusedxml) opens the workbook: sheets, shared strings,
formats. The sheet itself goes through expat here, several times faster than by openpyxl's cells,
with the same protection: a document type or an entity declaration is refused.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from salesdesk.services.exchange.numbers import currency_code

Record = tuple[int, list[str]]

_CHUNK = 1 << 16
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_MIDNIGHT = dt.time()
_TRUTH = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}
#: Signs in a format: ``[$€-407]``, ``"руб."``, ``\\$``, ``$``.
_SIGN = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\([^ ])|([$€£¥₽])')
_ISO_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d.*)")


class Forbidden(Exception):
    """XML that a spreadsheet never holds: a document type, an entity, a cell out of bounds."""


@dataclass(slots=True)
class Unsaved:
    """How many formulas have no saved value: no spreadsheet program has worked them out."""

    count: int = 0


def records(sheet: Any, unsaved: Unsaved | None = None) -> Iterator[Record]:
    """Row numbers and texts of openpyxl's read-only ``sheet``, in order, empty rows left out.

    Dates are ISO texts, numbers plain texts with the 15 digits that a spreadsheet keeps, shares
    shown as percentages ``30%``, amounts with the currency that their format shows (``5 USD``),
    formulas their saved values; one that has none is an empty cell, counted in ``unsaved``. Raises
    ``Forbidden`` or ``ExpatError`` for a sheet that is none.
    """
    parser = _Parser(sheet, unsaved or Unsaved())
    with sheet._get_source() as source:
        while chunk := source.read(_CHUNK):
            parser.feed(chunk)
            yield from parser.taken()
        parser.feed(b"", last=True)
        yield from parser.taken()


class _Parser:
    """Handlers of expat that put rows together."""

    def __init__(self, sheet: Any, unsaved: Unsaved) -> None:
        self._unsaved = unsaved
        self._formats = _Formats(sheet.parent)
        self._strings: Any = sheet._shared_strings
        self._rows: list[Record] = []
        self._row = 0
        self._column = 0
        self._cells: list[str] = []
        self._kind = "n"
        self._style = 0
        self._text: list[str] = []
        self._collecting = False
        self._is_formula = False
        self._phonetic = False
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters
        self._expat.StartDoctypeDeclHandler = _forbid
        self._expat.EntityDeclHandler = _forbid

    def feed(self, chunk: bytes, last: bool = False) -> None:
        self._expat.Parse(chunk, last)

    def taken(self) -> list[Record]:
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            place = attributes.get("r")
            self._column = _column(place) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._text, self._is_formula = [], False
        elif name == "f":
            self._is_formula = True
        elif name == "v" or (name == "t" and not self._phonetic):
            self._collecting = True
        elif name == "row":
            self._row = max(int(attributes.get("r", 0)), self._row + 1)
            if self._row > _MOST_ROWS:
                raise Forbidden
            self._cells, self._column = [], 0
        elif name == "rPh":
            self._phonetic = True

    def _characters(self, text: str) -> None:
        if self._collecting:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._collecting = False
        elif name == "c":
            if self._text:
                self._place(self._cell_text("".join(self._text)))
            elif self._is_formula and self._kind != "str":  # a text may be empty
                self._unsaved.count += 1
        elif name == "row":
            if self._cells:
                self._rows.append((self._row, self._cells))
        elif name == "rPh":
            self._phonetic = False

    def _place(self, text: str) -> None:
        if not text:
            return
        if not 0 < self._column <= _MOST_COLUMNS:
            raise Forbidden
        cells = self._cells
        if len(cells) < self._column:
            cells.extend([""] * (self._column - len(cells)))
        cells[self._column - 1] = text

    def _cell_text(self, text: str) -> str:
        kind = self._kind
        if kind == "s":
            return str(self._strings[int(text)])
        if kind == "n":
            return self._formats.number(text, self._style)
        if kind == "b":
            return _TRUTH.get(text.strip(), text)
        if kind == "d":
            return _ISO_MOMENT.sub(r"\1 \2", text.strip())
        return text


class _Formats:
    """What the styles of a workbook make of a number."""

    def __init__(self, book: Any) -> None:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

        self._epoch = book.epoch
        self._dates = frozenset(book._date_formats)
        self._times = frozenset(book._timedelta_formats)
        numbers = [style.numFmtId for style in book._cell_styles]
        codes = [
            BUILTIN_FORMATS.get(number, "")
            if number < BUILTIN_FORMATS_MAX_SIZE
            else book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]
            for number in numbers
        ]
        self._shares = frozenset(place for place, code in enumerate(codes) if "%" in code)
        # A built-in format shows the currency of whoever looks at it.
        self._currencies = {
            place: currency
            for place, code in enumerate(codes)
            if numbers[place] >= BUILTIN_FORMATS_MAX_SIZE and (currency := _currency(code))
        }

    def number(self, text: str, style: int) -> str:
        if style in self._dates:
            return self._date(float(text), style in self._times)
        if text.isdecimal() and len(text) < 16:
            return text + self._currencies.get(style, "")
        exact = Decimal(format(float(text), ".15g"))
        if style in self._shares and exact:
            return plain(exact * 100) + "%"
        return plain(exact) + self._currencies.get(style, "")

    def _date(self, serial: float, duration: bool) -> str:
        from openpyxl.utils.datetime import from_excel

        try:
            value = from_excel(serial, self._epoch, timedelta=duration)
        except (ValueError, OverflowError):
            return plain(Decimal(format(serial, ".15g")))
        if isinstance(value, dt.datetime):
            return _moment_text(value)
        return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _currency(code: str) -> str:
    """What a format writes behind its numbers, if it names one currency: `` USD``."""
    signs = [next(filter(None, groups), "") for groups in _SIGN.findall(code.partition(";")[0])]
    found = {currency for sign in signs if (currency := currency_code(sign))}
    return f" {found.pop()}" if len(found) == 1 else ""


def plain(exact: Decimal) -> str:
    """A number without exponent or padding zeros."""
    text = format(exact, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _moment_text(value: dt.datetime) -> str:
    """ISO text, to the millisecond (finer is noise of the serial number); a date at midnight."""
    value += dt.timedelta(microseconds=500)
    value = value.replace(microsecond=value.microsecond // 1000 * 1000)
    if value.time() == _MIDNIGHT:
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")


def _column(place: str) -> int:
    """The column (from 1) of a place like ``AB12``."""
    column = 0
    for sign in place:
        if not "A" <= sign <= "Z":
            break
        column = column * 26 + ord(sign) - 64
        if column > _MOST_COLUMNS:
            raise Forbidden
    return column


def _forbid(*_: object) -> None:
    raise Forbidden
