"""What a portal of Bitrix24 is asked for: lists by their ids, without counting."""

from collections.abc import Mapping, Sequence
from typing import Any

from salesdesk.moments import Zone
from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync.bitrix24_portal import Call, Referred

ALL = ("*", "UF_*")
HISTORY = "crm.stagehistory.list"


def comments_of(deal: str, start: int) -> Call:
    """Comments of a deal, from the one at ``start`` on."""
    owner = {"ENTITY_ID": rows.number(deal), "ENTITY_TYPE": rows.type_of(deal)}
    return "crm.timeline.comment.list", {"filter": owner, "order": {"ID": "ASC"}, "start": start}


def tasks_of(chosen: Mapping[str, Any]) -> Call:
    """Tasks that fit a filter."""
    return "tasks.task.list", {
        "filter": dict(chosen), "order": {"ID": "asc"}, "select": list(rows.TASK_SELECT),
        "start": -1,
    }  # fmt: skip


def listed(kind: int, chosen: Mapping[str, Any], select: Sequence[str]) -> Call:
    """Items of a type that fit a filter."""
    return "crm.item.list", {
        "entityTypeId": kind, "select": list(select), "filter": dict(chosen),
        "order": {"id": "ASC"}, "start": -1, "useOriginalUfNames": "Y",
    }  # fmt: skip


def lines_of(kind: int, chosen: Mapping[str, Any], way: str = "ASC") -> Call:
    """Lines of the history of stages that fit a filter."""
    return HISTORY, {"entityTypeId": kind, "filter": dict(chosen), "order": {"ID": way},
                     "start": -1}  # fmt: skip


def cursor(text: str) -> tuple[int, int, int]:
    """``since:id:until``: the beginning of the window, the last id read, the end of the window."""
    since, after, until = (text or "0:0:0").split(":")
    return int(since), int(after), int(until)


def window(key: str, changed: str, since: int, after: int | Referred, zone: Zone) -> dict[str, Any]:
    """The filter of a walk by id over what changed since a moment."""
    chosen: dict[str, Any] = {key: after}
    if since:
        chosen[changed] = rows.moment_text(since, zone)
    return chosen


def happened(since: int, after: int | Referred, zone: Zone) -> dict[str, Any]:
    """The filter of a walk by id over deals that changed since a moment, or in which something
    happened."""
    moment = rows.moment_text(since, zone)
    either = {"logic": "OR", "0": {">=updatedTime": moment}, "1": {">=lastActivityTime": moment}}
    return {">id": after, "0": either}
