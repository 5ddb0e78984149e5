"""How it is said what a task waits for, and why it no longer moves along with a date."""

from salesdesk.moments import Zone
from salesdesk.services.dealfields import FIELD_NAMES
from salesdesk.services.requirements import COLUMNS
from salesdesk.services.tasks import TaskLine
from salesdesk.text import tr
from salesdesk.ui import formats


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


def kept(field: str, since: int | None, zone: Zone) -> str:
    """Why a task stays where it is when the date moves, with the day (of the moment ``since``) on
    which a person has set it."""
    if since is None:
        return tr("set by hand: no longer moves with “{field}”", field=field_name(field))
    return tr(
        "changed by hand on {when}: no longer moves with “{field}”",
        when=formats.day_short(zone.day_of(since)), field=field_name(field),
    )  # fmt: skip


def why(task: TaskLine, waited: str | None, field: str, since: int | None, zone: Zone) -> str:
    """Why a task stands as it does, a line each: what an open one waits for (``waited``), why it no
    longer moves along with a date (of ``field``), why somebody else got it."""
    parts = []
    if task.state == "open" and task.event and task.due_at is None:
        parts.append(waits(task.event, waited or ""))
    if task.state == "open" and field:
        parts.append(kept(field, since, zone))
    if task.note:
        parts.append(task.note)
    return "\n".join(part[:1].upper() + part[1:] for part in parts)


def progress(task: TaskLine) -> str:
    """``2/5`` of a checklist; nothing without one."""
    if not task.checklist:
        return ""
    return f"{sum(ticked for _line, ticked in task.checklist)}/{len(task.checklist)}"
