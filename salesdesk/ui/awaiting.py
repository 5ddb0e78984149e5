"""How it is said what a task waits for, and why it no longer moves along with a date."""

from salesdesk.services.dealfields import FIELD_NAMES
from salesdesk.services.requirements import COLUMNS
from salesdesk.text import tr


def field_name(key: str) -> str:
    """What a field is called; the key itself for an own field."""
    known = FIELD_NAMES.get(COLUMNS.get(key, key))
    return tr(known) if known else key


def waits(event: str, name: str) -> str:
    """``waits for: child enters “Estimate ready”``; only that it waits when that is gone."""
    if not name:
        return tr("waiting")
    if event == "child_enters":
        return tr("waits for: child enters “{stage}”", stage=name)
    if event == "task_done":
        return tr("waits for: “{task}” is done", task=name)
    if event == "field_filled":
        return tr("waits for: “{field}” is filled in", field=field_name(name))
    return tr("waits for: {field}", field=field_name(name))


def kept(field: str) -> str:
    """Why a task stays where it is when the date moves."""
    return tr("set by hand: no longer moves with “{field}”", field=field_name(field))


def kept_since(field: str, when: str) -> str:
    """The same, with the day on which a person has set it."""
    return tr(
        "changed by hand on {when}: no longer moves with “{field}”",
        when=when, field=field_name(field),
    )  # fmt: skip
