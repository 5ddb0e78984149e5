"""Columns of a foreign table for guessing: the folded heading, and what the values look like."""

import re
from functools import cached_property

from salesdesk.names import folded
from salesdesk.services.exchange.dates import NO_DATE, DateColumn, detect_dates
from salesdesk.services.exchange.hintwords import Look
from salesdesk.services.exchange.numbers import currency_code, detect_numbers
from salesdesk.services.exchange.table import Table

_SAMPLE = 300
#: So few rows do not tell a number that is repeated by mistake from one that is no number of rows.
_FEW_ROWS = 20
_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[^\w№]+|_")
_ID_WORDS = frozenset(("id", "key", "code", "number", "no", "guid", "uuid", "код", "номер", "ид"))


def fold_heading(heading: str) -> str:
    """A heading for comparing: ``CaseID``, ``case_id`` and ``Case: ID`` are all ``case id``."""
    text = _CAMEL.sub(" ", heading.strip())
    text = folded(_SIGNS.sub(" ", text)).replace("№", " номер ")
    return " ".join(text.split())


def profiles(table: Table) -> list["Profile"]:
    """A profile of each column of ``table``."""
    return [
        Profile(place, fold_heading(heading), table.column(place))
        for place, heading in enumerate(table.headings)
    ]


class Profile:
    """A column: its place (from 0), folded heading and values; judgements are made when asked."""

    def __init__(self, place: int, heading: str, values: list[str]) -> None:
        self.place = place
        self.heading = heading
        self.values = values

    @cached_property
    def sample(self) -> list[str]:
        """Some hundreds of filled cells, from all over the column."""
        filled = [text.strip() for text in self.values if text.strip()]
        return filled[:: max(1, len(filled) // _SAMPLE)]

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(1 for text in self.values if text.strip())

    @cached_property
    def distinct(self) -> int:
        """How many different texts there are."""
        return len({text.strip() for text in self.values if text.strip()})

    @cached_property
    def _as_dates(self) -> DateColumn:
        return detect_dates(self.sample)

    @property
    def days_of_excel(self) -> bool:
        """Whether all could be days as Excel numbers them; or amounts, or keys."""
        return self._as_dates.order == "serial"

    @cached_property
    def dates(self) -> float:
        """The share of dates; none of ``days_of_excel``."""
        column = self._as_dates
        filled = column.total - column.empty
        if not filled or self.days_of_excel:
            return 0.0
        return 0.7 if column.order == "epoch" else 1 - column.bad / filled

    @cached_property
    def numbers(self) -> float:
        """The share of numbers."""
        column = detect_numbers(self.sample)
        filled = column.total - column.empty
        return 1 - column.bad / filled if filled else 0.0

    def looks_like_id(self) -> bool:
        """Whether every row has its own text, and it looks like a number or a code."""
        if not self.values or self.filled < len(self.values) or self.distinct < self.filled:
            return False
        coded = all(len(text) <= 40 and " " not in text for text in self.sample)
        named = bool(_ID_WORDS & set(self.heading.split()))
        digits = sum(1 for text in self.sample if any(sign.isdigit() for sign in text))
        told = named or (self.place == 0 and digits * 2 > len(self.sample))
        return coded and self.dates < 0.5 and told

    def likeness(self, look: Look) -> float:
        """How much the values look like that, 0..1; without values nothing speaks against it."""
        if not self.sample:
            return 1.0 if not self.values else 0.9
        return _JUDGES[look](self)


def is_filled(text: str) -> bool:
    """Whether a cell of dates holds one (``не закрыта`` is none)."""
    text = text.strip()
    return bool(text) and text.casefold() not in NO_DATE


def _date(column: Profile) -> float:
    if column.days_of_excel:
        return 0.6
    return column.dates if column.dates >= 0.5 else 0.0


def _number(column: Profile) -> float:
    return column.numbers if column.numbers >= 0.5 and column.dates < 0.9 else 0.0


def _name(column: Profile) -> float:
    if column.dates > 0.8:
        return 0.0
    return 0.6 if column.numbers > 0.9 else 1.0


def _id(column: Profile) -> float:
    if column.dates > 0.9 > 0.5 > column.numbers:
        return 0.0
    if column.distinct < 0.98 * column.filled:  # some rows twice, or a number of something else
        return 0.5 if column.filled <= _FEW_ROWS or column.distinct * 2 >= column.filled else 0.0
    return 1.0 if column.filled >= 0.98 * len(column.values) else 0.5


def _repeated(column: Profile) -> float:
    if column.dates > 0.9 and column.numbers < 0.5:
        return 0.0
    if column.filled < 3:
        return 1.0
    return 1.0 if column.distinct < 0.95 * column.filled else 0.2


def _few(column: Profile) -> float:
    if column.dates > 0.8 and column.numbers < 0.5:
        return 0.0
    if column.distinct <= 60 or column.distinct <= 0.1 * column.filled:
        return 1.0
    return 0.7 if column.distinct <= 0.3 * column.filled else 0.0


def _currency(column: Profile) -> float:
    known = sum(1 for text in column.sample if currency_code(text))
    return known / len(column.sample)


def _any(column: Profile) -> float:
    return 1.0 if column.dates < 0.9 or column.numbers > 0.5 else 0.5


_JUDGES = {
    "any": _any,
    "id": _id,
    "repeated": _repeated,
    "few": _few,
    "date": _date,
    "number": _number,
    "name": _name,
    "currency": _currency,
}
