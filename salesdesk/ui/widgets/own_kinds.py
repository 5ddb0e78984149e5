"""Kinds of values of deals and clients: tags, a probability of one's own, own fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.names import clean, key
from salesdesk.services.amounts import LIMIT
from salesdesk.services.dealview import Named, OwnField
from salesdesk.services.own_fields import own_value
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.widgets.kinds import (
    ChoiceKind,
    DateKind,
    Kind,
    MoneyKind,
    NumberKind,
    TextKind,
)
from salesdesk.ui.widgets.popup import Option


class TagsKind(Kind):
    """Names with commas between them; the value is a tuple."""

    def show(self, value: Any) -> str:
        return ", ".join(value) if value else formats.DASH

    def typed(self, value: Any) -> str:
        return ", ".join(value or ())

    def read(self, text: str) -> tuple[str, ...]:
        found = {key(name): clean(name) for name in text.split(",") if clean(name)}
        if any(len(name) > 60 for name in found.values()):
            raise ValueError(tr("At most {n} characters.", n=60))
        return tuple(found.values())


@dataclass(frozen=True)
class ProbabilityKind(Kind):
    """The deal's own probability, whole percents; empty shows that of the stage."""

    of_stage: int

    def show(self, value: Any) -> str:
        if value is None:
            return f"{tr('{n}%', n=self.of_stage)} · {tr('as the stage')}"
        return tr("{n}%", n=int(value))

    def typed(self, value: Any) -> str:
        return "" if value is None else str(int(value))

    def read(self, text: str) -> int | None:
        value = NumberKind(0, 100).read(text.replace("%", ""))
        return None if value is None else int(value)


def options_of(given: Sequence[Named], current: tuple[int | None, str | None]) -> list[Option]:
    """Options for a list that may be left empty; the present value is there even if it was taken
    off the list since."""
    found = [Option(None, formats.DASH), *(Option(each.id, each.name) for each in given)]
    key_, name = current
    if key_ is not None and key_ not in {each.id for each in given}:
        found.append(Option(key_, name or str(key_)))
    return found


def own_kind(field: OwnField, currency: str, today: Callable[[], int]) -> Kind:
    """How an own field is shown and typed."""
    if field.kind == "number":
        return NumberKind(-LIMIT, LIMIT, places=6)
    if field.kind == "money":
        return MoneyKind(currency)
    if field.kind == "date":
        return DateKind(today)
    if field.kind == "yes_no":
        return ChoiceKind(
            lambda: [Option(None, formats.DASH), Option(True, tr("Yes")), Option(False, tr("No"))]
        )
    if field.kind == "choice":
        given = [Option(None, formats.DASH), *(Option(each, each) for each in field.options)]
        if field.value is not None and field.value not in field.options:
            given.append(Option(field.value, field.value))
        return ChoiceKind(lambda: given)
    return TextKind()


def own_shown(field: OwnField) -> Any:
    """The value of an own field for its kind; text that does not fit is not shown as a value."""
    value = own_value(field.kind, field.value)
    fits = {"number": Decimal, "money": Decimal, "date": int, "yes_no": bool}.get(field.kind, str)
    return value if isinstance(value, fits) else None
