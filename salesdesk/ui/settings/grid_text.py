"""A block of cells as text: what a spreadsheet puts on the clipboard, and what it takes from it."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from salesdesk.services import planning
from salesdesk.text import ntr, tr
from salesdesk.ui.formats import NO_BREAK
from salesdesk.ui.widgets.kinds import NumberKind

_PERCENT = re.compile(r"\s*([+-]?)\s*([^%+-]+?)\s*%\s*")
_SHOWN = 3
_LONGEST = 24


def cells_of(text: str) -> list[list[str]]:
    """The rows and cells of a text: tabs and line breaks, quoted where a cell holds such."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    if not plain:
        return []
    if '"' in plain and len(plain) < csv.field_size_limit():
        return list(csv.reader(io.StringIO(plain), delimiter="\t"))
    return [line.split("\t") for line in plain.split("\n")]


def text_of(rows: Sequence[Sequence[str]]) -> str:
    """Rows and cells as text; numbers without blanks between their thousands."""
    return "\n".join("\t".join(cell.replace(NO_BREAK, "") for cell in row) for row in rows)


class Reader:
    """Reads the numbers of one block; how they are written follows from all of them together."""

    def __init__(self, kind: NumberKind, rows: Sequence[Sequence[str]]) -> None:
        from salesdesk.services.exchange.numbers import detect_numbers

        self._kind = kind
        found = (_PERCENT.fullmatch(cell) for row in rows for cell in row)
        shares = [match[2] for match in found if match is not None]
        plain = [cell for row in rows for cell in row if "%" not in cell]
        self._column = detect_numbers([*plain, *shares])

    def is_blank(self, cell: str) -> bool:
        """Whether a cell says nothing: what it is pasted on stays."""
        return self._column.is_blank(cell)

    def read(self, cell: str, there: Decimal | None) -> Decimal:
        """The number of a cell. ``+10 %`` raises what stands ``there``, ``80 %`` is a part of
        that.

        Raises ``ValueError`` for what is no number, or none that fits.
        """
        share = _PERCENT.fullmatch(cell)
        if share is None:
            value = self._column.parse(cell).value
        elif there is None:
            raise ValueError(cell)
        else:
            percent = self._column.parse(share[2]).value
            change = {"+": percent, "-": -percent}.get(share[1], percent - 100)
            value = planning.scaled(there, change)
        kind = self._kind
        if not kind.least <= value <= kind.most or value != round(value, kind.places):
            raise ValueError(cell)
        return value


@dataclass
class Left:
    """What a paste left out: texts that are no number, cells of others, cells beyond the edge."""

    unread: list[str] = field(default_factory=list)
    locked: int = 0
    outside: int = 0

    def sentence(self) -> str:
        """One sentence, empty when nothing was left out."""
        parts = []
        if self.unread:
            shown = ", ".join(tr("“{text}”", text=_short(each)) for each in self.unread[:_SHOWN])
            more = ", …" if len(self.unread) > _SHOWN else ""
            parts.append(
                ntr("{n} cell could not be read and stays as it was: {texts}",
                    "{n} cells could not be read and stay as they were: {texts}",
                    len(self.unread), texts=shown + more)
            )  # fmt: skip
        if self.locked:
            parts.append(ntr("{n} cell is not yours to change",
                             "{n} cells are not yours to change", self.locked))  # fmt: skip
        if self.outside:
            parts.append(ntr("{n} cell lies outside the table",
                             "{n} cells lie outside the table", self.outside))  # fmt: skip
        said = "; ".join(parts)
        return f"{said}." if said else ""


def _short(text: str) -> str:
    plain = text.strip()
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
