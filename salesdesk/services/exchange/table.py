"""A table as it stands in a foreign file: texts, row numbers, and how the file was read."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from salesdesk.errors import SalesDeskError
from salesdesk.names import clean
from salesdesk.services.exchange.rejects import LONG_CELL, MORE_CELLS, Reject, shortened
from salesdesk.text import N_

_LONGEST_HEADING = 2_000
#: So many rows of so many cells above a heading may be its title; a word in it is no number.
TITLE_ROWS, TITLE_CELLS = 8, 2
_NUMBER = re.compile(r"[\d\s.,:/%+-]+")

#: The number of a row as a spreadsheet counts (the heading is 1), and its cells.
Row = tuple[int, tuple[str, ...]]


class UnreadableFile(SalesDeskError):
    """A file that is no table, or none that can be read; nothing was imported."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("The file cannot be read"), message, **values)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a foreign file is too much.

    ``child_seconds`` and ``child_bytes`` bound the process that reads spreadsheets and pages.
    """

    file_bytes: int = 256 * 1024 * 1024
    unpacked_bytes: int = 2 * 1024 * 1024 * 1024
    rows: int = 1_100_000
    columns: int = 2_000
    cell_chars: int = 100_000
    child_seconds: float = 60.0
    child_bytes: int = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing about how the file was read: an ``N_`` text and its values."""

    message: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What the reader found out by itself.

    ``kind`` is ``csv``, ``xlsx`` or ``html``; ``delimiter`` is ``comma``, ``semicolon``, ``tab``,
    ``bar`` or ``none`` (empty for other kinds); ``damaged`` counts bytes that are no text in this
    encoding (they read as U+FFFD), ``sheets`` the sheets of a workbook.
    """

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    damaged: int = 0
    sheets: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table out of a file.

    ``headings`` are trimmed, duplicates stay. ``rows`` have exactly one cell a heading; short rows
    are filled up, rows of empty cells are left out. ``spoilt`` are rows that cannot be taken as
    they are (their cells as in the file), and ``rejects`` says why, one for each.
    """

    headings: tuple[str, ...]
    rows: list[Row]
    found: Found
    notes: tuple[Note, ...] = ()
    spoilt: tuple[Row, ...] = ()
    rejects: tuple[Reject, ...] = field(default=())

    @property
    def read(self) -> int:
        """Rows that count as read: those that can be judged and those that are spoilt."""
        return len(self.rows) + len(self.spoilt)

    def column(self, index: int) -> list[str]:
        """The cells of one column, in the order of ``rows``."""
        return [cells[index] for _, cells in self.rows]

    def addresses(self) -> tuple[str, ...]:
        """A name for each column that no other column has.

        The second ``Note`` is ``Note (2)``, a column without a heading ``Column 3``.
        """
        headings, used = set(self.headings), set[str]()
        names: list[str] = []
        for place, heading in enumerate(self.headings, 1):
            name = base = heading or f"Column {place}"
            number = 1
            while name in used or (number > 1 and name in headings):
                number += 1
                name = f"{base} ({number})"
            used.add(name)
            names.append(name)
        return tuple(names)


class Assembly:
    """Puts numbered records together into a table: the first is the heading. A title above it (one
    cell, and a few rows of a cell or two, above a row of many words) is left out with a note.

    ``add`` one record after the other, ``spoil`` those that the reader itself could not take, then
    ``table``. Raises ``UnreadableFile`` for too many rows or columns, or no heading at all.
    """

    def __init__(self, limits: Limits, titles: bool = True) -> None:
        self._limits = limits
        self._titles = titles
        self._above: list[Row] = []
        self._headings: tuple[str, ...] | None = None
        self._width = 0
        self._rows: list[Row] = []
        self._bad: list[tuple[Row, Reject]] = []
        self._notes: list[Note] = []

    def extend(self, records: Iterable[tuple[int, list[str]]]) -> None:
        """Take records in order; those without any text are left out."""
        longest = self._limits.cell_chars
        add = self._rows.append
        for number, cells in records:
            if not cells or not "".join(cells).strip():
                continue
            if len(cells) != self._width or max(map(len, cells)) > longest:
                taken = self._judge(number, cells)
                if taken is None:
                    continue
                cells = taken
            add((number, tuple(cells)))
            if len(self._rows) > self._limits.rows:
                raise UnreadableFile(
                    N_("The file has more than {n} rows: split it and import the parts."),
                    n=self._limits.rows,
                )

    def spoil(self, number: int, cells: list[str], problem: str) -> None:
        """Note a record that cannot be taken, with its problem."""
        value = next((cell for cell in cells if cell.strip()), "")
        self._bad.append(((number, tuple(cells)), Reject(number, "", shortened(value), problem)))

    def table(self, found: Found, notes: Iterable[Note] = ()) -> Table:
        """All of it as a table."""
        if self._headings is None:
            raise UnreadableFile(N_("The file is empty: it has neither a heading nor rows."))
        if self._above and not self._is_below_title():
            return self._without_titles().table(found, notes)
        self._bad.sort(key=lambda one: one[0][0])
        return Table(
            self._headings,
            self._rows,
            found,
            (*self._notes, *notes),
            tuple(row for row, _ in self._bad),
            tuple(why for _, why in self._bad),
        )

    def _judge(self, number: int, cells: list[str]) -> list[str] | None:
        """The heading, or a record that is shorter, longer or larger than usual."""
        if self._headings is None:
            self._first = number
            self._headings = _headings(cells, self._limits)
            self._width = len(self._headings)
            return None
        cells = trimmed(cells)
        if len(cells) > self._width and self._is_title(cells):
            self._above = [(self._first, self._headings or ()), *self._rows]
            self._above += [row for row, _ in self._bad]
            self._above.append((number, tuple(cells)))
            self._rows.clear()
            self._bad.clear()
            self._headings = _headings(cells, self._limits)
            self._width = len(self._headings)
            self._notes = [Note(N_("Row {n} is the heading; what is above it is a title."),
                                (("n", number),))]  # fmt: skip
            return None
        if len(cells) > self._width:
            extra = next(cell for cell in cells[self._width :] if cell.strip())
            why = Reject(number, "", shortened(extra), MORE_CELLS)
            self._bad.append(((number, tuple(cells)), why))
            return None
        cells = cells + [""] * (self._width - len(cells))
        for heading, cell in zip(self._headings, cells, strict=True):
            if len(cell) > self._limits.cell_chars:
                why = Reject(number, heading, shortened(cell), LONG_CELL)
                self._bad.append(((number, tuple(cells)), why))
                return None
        return cells

    def _is_below_title(self) -> bool:
        """Whether the rows after a heading below a title bear it out: most are as rich as it."""
        rich = sum(_filled(row) > TITLE_CELLS for _, row in self._rows)
        return rich * 2 > len(self._rows)

    def _without_titles(self) -> "Assembly":
        """The same records, of which the first is the heading after all."""
        again = Assembly(self._limits, titles=False)
        kept = [(row, why) for row, why in self._bad if why.problem != MORE_CELLS]
        lost = [row for row, why in self._bad if why.problem == MORE_CELLS]
        records = sorted([*self._above, *self._rows, *lost], key=lambda row: row[0])
        again.extend((number, trimmed(list(cells))) for number, cells in records)
        again._bad += kept
        return again

    def _is_title(self, cells: list[str]) -> bool:
        """Whether all that was read so far stands above a heading of these cells."""
        if not self._titles or self._above or self._headings is None:
            return False
        if len(self._rows) + len(self._bad) >= TITLE_ROWS:
            return False
        if any(why.problem != MORE_CELLS for _, why in self._bad):
            return False
        rows = (*self._rows, *(row for row, _ in self._bad))
        most = max((_filled(row) for _, row in rows), default=1)
        words = {cell.strip() for cell in cells} - {""}
        return (
            _filled(self._headings) == 1
            and most <= TITLE_CELLS
            and len(words) > 2 * most
            and len(words) == _filled(cells)
            and not any(map(_NUMBER.fullmatch, words))
        )


def _filled(cells: Sequence[str]) -> int:
    """How many of the cells hold anything."""
    return sum(map(bool, map(str.strip, cells)))


def trimmed(cells: list[str]) -> list[str]:
    """``cells`` without the empty ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _headings(cells: list[str], limits: Limits) -> tuple[str, ...]:
    headings = tuple(clean(cell) for cell in trimmed(cells))
    if len(headings) > limits.columns:
        raise UnreadableFile(
            N_("The file has {n} columns; more than {most} are not read."),
            n=len(headings),
            most=limits.columns,
        )
    if any(len(heading) > _LONGEST_HEADING for heading in headings):
        raise UnreadableFile(
            N_("The first row is no heading: one of its cells is longer than {n} characters."),
            n=_LONGEST_HEADING,
        )
    return headings
