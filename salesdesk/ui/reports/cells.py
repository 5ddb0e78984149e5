"""What stands in a cell of a report, by what its column holds: words, and what it is sorted by."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from salesdesk.moments import Zone
from salesdesk.names import folded
from salesdesk.services.report_table import DATED, NO_DATE, Column, Holds, Row, Table, Value
from salesdesk.text import N_, tr
from salesdesk.ui import formats
from salesdesk.ui.widgets.period import days_text

#: Stands for a count of nothing, which is not worth a figure.
NOTHING = "·"
#: What stands at the left of its column.
_CENT, _TENTH, _ONE = Decimal("0.01"), Decimal("0.1"), Decimal(1)
#: Shares at which colours begin.
_MARKS = (Decimal(50), Decimal(100))
_WORDS = frozenset(("text", "day", "week", "month", "moment", "yes_no"))
LEVELS = {
    "full": N_("The plan is met"), "half": N_("The plan is met in part"),
    "over": N_("Above what is acceptable"),
}  # fmt: skip


def is_words(holds: Holds) -> bool:
    """Whether it is read like a text, not like a figure."""
    return holds in _WORDS


def exact(value: Value) -> Decimal:
    """A figure with enough decimals for a screen."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return value if isinstance(value, Decimal) else Decimal(int(value or 0))


def days(value: Value) -> str:
    """Days with one decimal: ``3.4``."""
    return formats.decimal(exact(value).quantize(Decimal("0.1"), ROUND_HALF_UP), 1)


def percent(value: Value) -> str:
    """A share as ``52 %``; below ten with a decimal, if it has one. What is not quite a half or the
    whole does not say it is."""
    share = exact(value) * 100
    shown = share.quantize(_ONE, ROUND_HALF_UP)
    if shown != share and (abs(share) < 10 or shown in _MARKS):
        shown = share.quantize(_TENTH, ROUND_HALF_UP)
        if shown in _MARKS and shown > share:
            shown = share.quantize(_TENTH, ROUND_DOWN)
    figures = formats.decimal(shown, 1 if shown.as_tuple().exponent else 0)
    return tr("{n} %", n=figures).replace(" ", formats.NO_BREAK)


def plain(value: Value) -> str:
    """A number, with two decimals at most."""
    return formats.decimal(exact(value).quantize(Decimal("0.01"), ROUND_HALF_UP))


def amount(value: Value, currency: str) -> str:
    """Money with its currency: whole where it is."""
    return formats.money(exact(value).quantize(_CENT, ROUND_HALF_UP), currency)


def _is_whole(value: Value) -> bool:
    return value is None or exact(value).quantize(_CENT, ROUND_HALF_UP) % 1 == 0


def bucket(first_day: int, holds: Holds) -> str:
    """The name of a day, a week or a month by its first day."""
    if holds == "month":
        on = date.fromordinal(first_day)
        return formats.month(on.year * 12 + on.month - 1)
    return days_text(first_day, first_day + 6) if holds == "week" else formats.day(first_day)


def short_buckets(days: Sequence[int], holds: Holds) -> tuple[str, ...]:
    """The same below a chart: months with their year where it is another one than before."""
    if holds != "month":
        return tuple(formats.day_short(day) for day in days)
    found, before = [], 0
    for day in days:
        year = date.fromordinal(day).year
        month = formats.day_short(day).partition(formats.NO_BREAK)[2]
        found.append(month if year == before else f"{month}{formats.NO_BREAK}{year}")
        before = year
    return tuple(found)


class Wording:
    """The words of one table, as of one moment."""

    def __init__(self, table: Table, zone: Zone, now: int) -> None:
        self._table, self._zone, self._now = table, zone, now
        self._currency = next(
            (at for at, column in enumerate(table.columns) if column.key == "currency"), -1
        )
        self._by: dict[Holds, Callable[[Any], str]] = {
            "count": lambda n: formats.whole(n) if n else NOTHING,
            "number": plain, "points": formats.decimal, "days": days, "share": percent,
            "text": str,
            "yes_no": lambda yes: tr("Yes") if yes else tr("No"),
            "moment": lambda at: formats.moment(zone, at, now),
        }  # fmt: skip

        #: The column that names a row: the first with words.
        self.label = next((a for a, c in enumerate(table.columns) if is_words(c.holds)), 0)
        every = [*table.rows, *([table.total] if table.total is not None else [])]
        #: Digits behind the point in the columns with money: alike in all rows.
        self._digits = {
            at: 0 if all(_is_whole(row.cells[at]) for row in every) else 2
            for at, column in enumerate(table.columns)
            if column.holds == "money"
        }

    @staticmethod
    def name(column: Column) -> str:
        """What a column is called."""
        return column.title if column.named else tr(column.title)

    def title(self, column: Column) -> str:
        """What stands over a column; money says its currency there."""
        title = self.name(column)
        if column.holds == "money":
            return f"{title}, {formats.sign(self._table.currency)}"
        return title

    def about(self, column: Column) -> str:
        """What a column counts, in a sentence."""
        return tr(column.about) if column.about else ""

    def names(self, row: Row) -> list[str]:
        """What names a row: its label, and the words beside it (a month and a person)."""
        if row is self._table.total:
            return [self.text(row, self.label)]
        found = []
        for at in range(self.label, len(self._table.columns)):
            if not is_words(self._table.columns[at].holds):
                break
            found.append(self.text(row, at))
        return [name for name in found if name]

    def text(self, row: Row, at: int) -> str:
        """What stands in a cell."""
        value, column = row.cells[at], self._table.columns[at]
        if at == self.label and value is None:
            if row is self._table.total:
                return tr("Total")
            if column.holds in DATED:
                return tr(NO_DATE)
        if at in self._digits and value is not None:
            digits = self._digits[at]
            step = Decimal(1).scaleb(-digits)
            return formats.decimal(exact(value).quantize(step, ROUND_HALF_UP), digits)
        return self.value(value, column.holds, self._currency_of(row))

    def value(self, value: Value, holds: Holds, currency: str = "") -> str:
        """A value in words."""
        if value is None:
            return "" if is_words(holds) else formats.DASH
        if holds in ("amount", "money"):
            return amount(value, currency or self._table.currency)
        if holds in ("day", "week", "month") and isinstance(value, int):
            return bucket(value, holds)
        return self._by[holds](value)

    def in_full(self, value: Value, holds: Holds) -> str:
        """A value where nothing beside it says what it is."""
        return "0" if holds == "count" and not value else self.value(value, holds)

    def _currency_of(self, row: Row) -> str:
        return str(row.cells[self._currency] or "") if self._currency >= 0 else ""

    def spoken(self, row: Row, at: int) -> str:
        """A cell for a screen reader: its row, its column, what it says, what is special."""
        label = self.text(row, self.label)
        if at == self.label:
            return label
        column = self._table.columns[at]
        if not is_words(column.holds):
            label = ", ".join(self.names(row))
        said = f"{label}, {self.title(column)}: {self.text(row, at) or formats.DASH}"
        return ", ".join(filter(None, (said, self.special(row, column))))

    def special(self, row: Row, column: Column) -> str:
        """What the colour of a cell says, and its sign."""
        level = row.levels.get(column.key, "none")
        sign = row.signs.get(column.key, "")
        return sign or (tr(LEVELS[level]) if level in LEVELS else "")


def sort_key(value: Value) -> tuple[bool, Any]:
    """What cells are sorted by; what is empty comes last."""
    if value is None:
        return True, 0
    return False, folded(value) if isinstance(value, str) else value
