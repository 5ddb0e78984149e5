"""What can stand in a field: how a kind of value is shown, typed, read and judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.names import clean
from salesdesk.services.amounts import TOO_LARGE, fits
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.widgets.popup import Option


class Kind:
    """A kind of value. ``read`` raises ``ValueError`` with the sentence to show."""

    multiline = False

    def show(self, value: Any) -> str:
        """As it stands in the row; a dash for nothing."""
        return formats.DASH if value is None or value == "" else self.typed(value)

    def typed(self, value: Any) -> str:
        """As it stands in the editor."""
        return "" if value is None else str(value)

    def read(self, text: str) -> Any:
        """The value that was typed."""
        raise NotImplementedError


@dataclass(frozen=True)
class TextKind(Kind):
    """One line of text; empty is ``None`` unless it is required."""

    required: bool = False
    longest: int = 500

    def read(self, text: str) -> str | None:
        kept = clean(text)
        if not kept and self.required:
            raise ValueError(tr("This cannot be empty."))
        if len(kept) > self.longest:
            raise ValueError(tr("At most {n} characters.", n=self.longest))
        return kept or None


@dataclass(frozen=True)
class MultilineKind(Kind):
    """Text of many lines."""

    longest: int = 20_000
    multiline = True

    def read(self, text: str) -> str | None:
        if len(text) > self.longest:
            raise ValueError(tr("At most {n} characters.", n=self.longest))
        return text.strip() or None


@dataclass(frozen=True)
class MoneyKind(Kind):
    """An amount (``Decimal``); empty is ``None``."""

    currency: str

    def show(self, value: Any) -> str:
        return formats.money(value, self.currency)

    def typed(self, value: Any) -> str:
        return "" if value is None else formats.typed(value)

    def read(self, text: str) -> Decimal | None:
        return formats.read_money(text) if text.strip() else None


@dataclass(frozen=True)
class NumberKind(Kind):
    """A number (``Decimal``) within limits, with at most ``places`` decimals; ``grouped``: a comma
    or point before exactly three figures divides thousands."""

    least: Decimal | int = 0
    most: Decimal | int = 1_000_000
    places: int = 0
    required: bool = False
    unit: str = ""
    grouped: bool = False

    def show(self, value: Any) -> str:
        if value is None:
            return formats.DASH
        figures = formats.decimal(Decimal(value))
        return f"{figures} {self.unit}".rstrip()

    def typed(self, value: Any) -> str:
        if value is None:
            return ""
        value = Decimal(value)
        return formats.typed(value) if self.grouped else formats.decimal(value)

    def read(self, text: str) -> Decimal | None:
        if not text.strip():
            if self.required:
                raise ValueError(tr("This cannot be empty."))
            return None
        value = formats.read_decimal(text, self.grouped or not self.places)
        if value != round(value, self.places):
            wanted = tr("At most {n} digits after the point.", n=self.places)
            raise ValueError(wanted if self.places else tr("Only a whole number."))
        if not fits(value):
            raise ValueError(tr(TOO_LARGE))
        if not self.least <= value <= self.most:
            least, most = Decimal(self.least), Decimal(self.most)
            low, high = formats.decimal(least), formats.decimal(most)
            raise ValueError(tr("From {low} to {high}.", low=low, high=high))
        return value


@dataclass(frozen=True)
class DateKind(Kind):
    """A day (ordinal); empty is ``None``. ``today`` gives the local day of now."""

    today: Callable[[], int]

    def typed(self, value: Any) -> str:
        return "" if value is None else formats.day(value)

    def read(self, text: str) -> int | None:
        return formats.read_day(text, self.today()) if text.strip() else None

    def opens_on(self, day: int | None) -> int:
        """Where a calendar opens: on the day, else on today (of the workspace, not the machine)."""
        return self.today() if day is None else day


@dataclass(frozen=True)
class ChoiceKind(Kind):
    """One of a list, chosen with type-ahead; ``options`` is asked each time the list opens."""

    options: Callable[[], Sequence[Option]]

    def show(self, value: Any) -> str:
        found = next((each.text for each in self.options() if each.value == value), None)
        return found or formats.DASH

    def read(self, text: str) -> Any:
        raise ValueError(text)
