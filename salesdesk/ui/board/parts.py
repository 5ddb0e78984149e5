"""What the cards of the board can be filtered by."""

from collections.abc import Sequence
from typing import Any

from salesdesk.services import filter_choices
from salesdesk.services.filter_choices import List, OwnField, Pairs
from salesdesk.text import tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_parts import Part

_PAST = ("today", "week", "month", "quarter", "last_30", "last_month")
_AHEAD = ("week", "month", "quarter", "next_month", "past", "none")


def parts(context: Context, seen: frozenset[int] | None, past: bool = False) -> list[Part]:
    """Person, team, client, tag, source, amount, dates and own fields; of a past board the people
    alone."""
    today = context.store.zone.day_of(context.now())
    people = [
        _many(context, "people", tr("Person"), seen, tr("Nobody")),
        _many(context, "teams", tr("Team"), None),
    ]
    if past:
        return people
    found = [
        *people,
        _many(context, "clients", tr("Client"), None),
        _many(context, "tags", tr("Tag"), None),
        _many(context, "sources", tr("Source"), None, trp("source", "None")),
        Part("amount", tr("Amount"), "range"),
        Part("created", trp("deal", "Created"), "days", days=_PAST, today=today),
        Part("expected", tr("Expected close"), "days", days=_AHEAD, today=today),
        Part("entered", tr("In the stage since"), "days", days=_PAST, today=today),
    ]
    return found + [_own(field, today) for field in context.ask(filter_choices.own_fields)]


def _many(
    context: Context, which: List, label: str, seen: frozenset[int] | None, nobody: str = ""
) -> Part:
    def find(typed: str) -> Pairs:
        today = context.store.zone.day_of(context.now())
        found: Pairs = context.ask(filter_choices.find, which, typed, today, seen)
        return [*found, ("0", nobody)] if nobody and not typed else found

    def names(values: Sequence[str]) -> list[str]:
        found = context.ask(filter_choices.named, which, values)
        known = zip(values, found, strict=True)
        return [nobody if value == "0" and nobody else name for value, name in known]

    return Part(which, label, "many", find, names)


def _own(field: OwnField, today: int) -> Part:
    key = f"f{field.id}"
    if field.kind in ("number", "money"):
        return Part(key, field.name, "range")
    if field.kind == "date":
        return Part(key, field.name, "days", today=today)
    if field.kind in ("choice", "yes_no"):
        return _choice(key, field)
    return Part(key, field.name, "words")


def _choice(key: str, field: OwnField) -> Part:
    words: dict[str, Any] = {option: option for option in field.options}
    if field.kind == "yes_no":
        words = {"yes": tr("Yes"), "no": tr("No")}

    def find(typed: str) -> Pairs:
        wanted = typed.casefold()
        return [(value, text) for value, text in words.items() if wanted in text.casefold()]

    def names(values: Sequence[str]) -> list[str]:
        return [words.get(value, value) for value in values]

    return Part(key, field.name, "many", find, names, "|")
