"""What ``import`` found out about a file by itself: encoding, delimiter, dates, decimal signs."""

from collections.abc import Sequence
from typing import Any

from salesdesk.services.exchange.columns import Format
from salesdesk.services.exchange.table import Found
from salesdesk.text import N_, tr

_DELIMITERS = {
    "comma": N_("comma"), "semicolon": N_("semicolon"), "tab": N_("tab"),
    "bar": N_("vertical bar"), "none": N_("one column"),
}  # fmt: skip


def document(found: Found, formats: Sequence[Format]) -> dict[str, Any]:
    """For scripts: null where a kind of file has no such thing."""
    return {
        "kind": found.kind,
        "encoding": found.encoding or None,
        "delimiter": found.delimiter or None,
        "sheet": found.sheet or None,
        "dates": {one.name: one.dates for one in formats if one.dates},
        "decimal": {one.name: one.decimal for one in formats if one.decimal},
    }


def line(found: Found, formats: Sequence[Format]) -> str:
    """For people: ``Found: CSV, Windows-1251, semicolon; created_at D.M.Y; amount 0,00``."""
    delimiter = _DELIMITERS.get(found.delimiter)
    how = [found.encoding, tr(delimiter) if delimiter else found.delimiter, found.sheet]
    parts = [", ".join((found.kind.upper(), *filter(None, how)))]
    parts += [f"{one.name} {one.dates or f'0{one.decimal}00'}" for one in formats]
    return tr("Found: {how}", how="; ".join(parts))


def doubts(formats: Sequence[Format]) -> list[str]:
    """Dates that may as well be read the other way round; with full stops the day is first."""
    return [
        tr("Nothing in “{column}” tells day and month apart: the day was taken to be the first.",
           column=one.heading)
        for one in formats
        if one.dates and not one.decided and "." not in one.dates
    ]  # fmt: skip
