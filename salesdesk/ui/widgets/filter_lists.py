"""Parts of a filter that are lists of the workspace: people, clients, stages, own fields ..."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from salesdesk.services import filter_choices
from salesdesk.services.filter_choices import List, OwnField, Pairs
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_parts import Part

#: Lists that may be very long: they are looked through in the background.
_FAR = ("clients",)
#: Days by name of what has happened, and of what is to come.
PAST = ("today", "week", "month", "quarter", "last_30", "last_month")
AHEAD = ("week", "month", "quarter", "next_month", "past", "none")


def many(
    context: Context,
    which: List,
    label: str,
    seen: frozenset[int] | None,
    nobody: str = "",
    key: str = "",
) -> Part:
    """Several of a list of the workspace; of people those ``seen``. ``nobody`` names what has none
    of them; ``key`` is the part's name where it is not that of the list."""

    def find(typed: str) -> Pairs:
        today = context.store.zone.day_of(context.now())
        found: Pairs = context.ask(filter_choices.find, which, typed, today, seen)
        return [*found, ("0", nobody)] if nobody and not typed else found

    def names(values: Sequence[str]) -> list[str]:
        found = context.ask(filter_choices.named, which, values)
        known = zip(values, found, strict=True)
        return [nobody if value == "0" and nobody else name for value, name in known]

    def look(typed: str, done: Callable[[Pairs], None]) -> None:
        today = context.store.zone.day_of(context.now())
        context.read(
            filter_choices.find, which, typed, today, seen, done=done, key=f"filter-{which}"
        )

    far = which in _FAR
    return Part(key or which, label, "many", None if far else find, names, look if far else None)


def one(key: str, label: str, words: Mapping[str, str]) -> Part:
    """One of a few values, with their words."""

    def find(typed: str) -> Pairs:
        wanted = typed.casefold()
        return [(value, text) for value, text in words.items() if wanted in text.casefold()]

    def names(values: Sequence[str]) -> list[str]:
        return [words.get(value, value) for value in values]

    return Part(key, label, "one", find, names)


def own(field: OwnField, today: int) -> Part:
    """An own field, by its kind."""
    key = f"f{field.id}"
    if field.kind in ("number", "money"):
        return Part(key, field.name, "range", amounts=field.kind == "money")
    if field.kind == "date":
        return Part(key, field.name, "days", today=today)
    if field.kind in ("choice", "yes_no"):
        return _choice(key, field)
    return Part(key, field.name, "words")


def _choice(key: str, field: OwnField) -> Part:
    words = {option: option for option in field.options}
    if field.kind == "yes_no":
        words = {"yes": tr("Yes"), "no": tr("No")}
    return replace(one(key, field.name, words), kind="many", choices=True)
