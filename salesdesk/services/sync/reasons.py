"""Why something was set aside or waits, kept so that it is told in whatever language is chosen:
the sentence and what fills it, not the words of the day."""

import json
from collections.abc import Mapping

from salesdesk.errors import SalesDeskError
from salesdesk.services.sync.failures import WORDS, Kind
from salesdesk.services.sync.remote import ENTITIES, Entity
from salesdesk.text import N_, tr

#: What an object waits for, in the queue's ``detail``: ``depends company 12``.
DEPENDS = "depends"
#: What fields are called.
FIELDS = {
    "title": N_("Title"), "name": N_("Name"), "amount": N_("Amount"), "currency": N_("Currency"),
    "pipeline": N_("Pipeline"), "stage": N_("Stage"), "owner": N_("Responsible"),
    "company": N_("Company"), "contact": N_("Contact"), "expected_day": N_("Expected close date"),
    "lost_reason": N_("Reason of a loss"), "created_at": N_("Created"),
    "phones": N_("Phones"), "emails": N_("E-mails"), "tax_number": N_("Tax number"),
    "deal": N_("Deal"), "due_at": N_("Due"), "done": N_("Done"), "result": N_("Result"),
    "text": N_("Text"), "at": N_("Moment"), "moves": N_("Stage moves"),
}  # fmt: skip
#: What kinds of objects are called.
KINDS = {
    "company": N_("Company"), "contact": N_("Contact"), "deal": N_("Deal"), "task": N_("Task"),
    "note": N_("Note"),
}  # fmt: skip
#: What one waits for, by kind.
WAITS = {
    "company": N_("waits for the company “{title}”"),
    "contact": N_("waits for the contact “{title}”"),
    "deal": N_("waits for the deal “{title}”"),
    "task": N_("waits for the task “{title}”"),
    "note": N_("waits for the note “{title}”"),
}


def kept(error: Exception) -> str:
    """An error as it is kept."""
    if not isinstance(error, SalesDeskError):
        return str(error)
    values = {name: str(value) for name, value in error.values.items()}
    return json.dumps({"message": error.message, "values": values}, ensure_ascii=False)


def told(text: str) -> str:
    """A kept error in the chosen language; what was kept otherwise as it is."""
    try:
        found = json.loads(text)
        words = {"kind": KINDS, "field": FIELDS}
        values = {name: tr(words[name][value]) if value in words.get(name, ()) else value
                  for name, value in found["values"].items()}  # fmt: skip
        return tr(str(found["message"]), **values)
    except (ValueError, TypeError, KeyError, IndexError):
        return text


def is_about(text: str, message: str) -> bool:
    """Whether a kept error has this message."""
    try:
        return bool(json.loads(text)["message"] == message)
    except (ValueError, TypeError, KeyError):
        return False


def named(text: str, stages: Mapping[str, str]) -> str:
    """A kept error with the name of the stage that it is about in the place of its key there."""
    try:
        found = json.loads(text)
        key = found["values"]["stage"]
    except (ValueError, TypeError, KeyError):
        return text
    found["values"]["stage"] = stages.get(key, key)
    return json.dumps(found, ensure_ascii=False)


def need(detail: str | None) -> tuple[Entity, int] | None:
    """What the detail of a row of the queue says that it waits for: kind and record of here."""
    word, _, rest = (detail or "").partition(" ")
    name, _, key = rest.partition(" ")
    for entity in ENTITIES:
        if word == DEPENDS and name == entity and key.isdecimal():
            return entity, int(key)
    return None


def waits(entity: Entity, title: str) -> str:
    """What it waits for, in words."""
    return tr(WAITS[entity], title=title)


def why(failure: str | None, detail: str = "") -> str:
    """A class of failure in words; what a vendor says comes with it, fields by their names."""
    try:
        kind = Kind(failure)
    except ValueError:
        return detail
    names = [each.strip() for each in detail.split(",")]
    if names and all(name in FIELDS for name in names):
        detail = ", ".join(tr(FIELDS[name]) for name in names)
    return tr(WORDS[kind], detail=detail)
