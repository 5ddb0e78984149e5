"""Tables and figures for people at a terminal, in the chosen language."""

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from salesdesk.moments import Zone
from salesdesk.text import tr
from salesdesk.ui import formats

NONE = "–"
_WIDEST = 48


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Aligned columns under their headings; ``right`` are the columns of numbers."""
    lines = [[_one_line(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(headings))]
    lines.insert(1, ["─" * width for width in widths])
    return "\n".join(_joined(line, widths, right) for line in lines)


def _joined(line: list[str], widths: list[int], right: Sequence[int]) -> str:
    cells = []
    for place, (cell, width) in enumerate(zip(line, widths, strict=True)):
        blank = " " * (width - _width(cell))
        cells.append(blank + cell if place in right else cell + blank)
    return "  ".join(cells).rstrip()


def _one_line(text: str) -> str:
    """Without line breaks and control characters, and not wider than a column may be."""
    kept = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return kept if len(kept) <= _WIDEST else kept[: _WIDEST - 1] + "…"


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(bool(unicodedata.combining(sign)) for sign in text)


def count(n: int | None) -> str:
    """A whole number with its thousands apart."""
    return NONE if n is None else formats.whole(n)


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency."""
    return NONE if amount is None else formats.money(amount, currency)


def moment(at: int | None, zone: Zone) -> str:
    """A moment with its date, to the minute."""
    if at is None:
        return NONE
    local = zone.local(at)
    return f"{formats.day(local.date().toordinal())} {local:%H:%M}"


def day(ordinal: int | None) -> str:
    """A day with its year."""
    return NONE if ordinal is None else formats.day(ordinal)


def told(value: Any, holds: str, zone: Zone, currency: str = "") -> str:
    """A value by what it ``holds`` (as in ``dealhistory``, or ``yes_no``)."""
    if value is None:
        return NONE
    if holds == "money":
        return money(Decimal(value), currency)
    if holds == "moment":
        return moment(int(value), zone)
    if holds == "day":
        return day(int(value))
    if holds == "yes_no":
        return tr("Yes") if value else tr("No")
    return f"{value} %" if holds == "percent" else str(value)
