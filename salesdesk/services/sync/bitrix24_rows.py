"""Rows of Bitrix24 and records of ours: one into the other. Pure; no calls.

Numbers may come as texts, dates as moments of the portal's midnight, an absent list as an empty
one: what is read is read kindly, what is written is written strictly.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from salesdesk.moments import Zone, datetime_of
from salesdesk.services.sync.remote import (
    Draft,
    Entity,
    FarMove,
    FarRecord,
    Value,
    WantedField,
)

ENTITY_TYPES: dict[Entity, int] = {"deal": 2, "contact": 3, "company": 4}
ORIGINATOR = "SALESDESK"
SEMANTICS: dict[str, Literal["open", "won", "lost"]] = {"S": "won", "F": "lost"}
HOLDS_WITHOUT_MOVES: Mapping[Entity, frozenset[str]] = {
    "company": frozenset({"name", "phones", "emails"}),
    "contact": frozenset({"name", "phones", "emails", "company"}),
    "deal": frozenset(
        {"title", "amount", "currency", "pipeline", "stage", "owner", "company", "contact",
         "expected_day", "created_at"}
    ),
    "task": frozenset({"title", "deal", "owner", "due_at", "done"}),
    "note": frozenset({"deal", "text", "at"}),
}  # fmt: skip
HOLDS: Mapping[Entity, frozenset[str]] = {
    **HOLDS_WITHOUT_MOVES, "deal": HOLDS_WITHOUT_MOVES["deal"] | {"moves"},
}  # fmt: skip
TASK_SELECT = ("ID", "TITLE", "DESCRIPTION", "STATUS", "RESPONSIBLE_ID", "DEADLINE",
               "CHANGED_DATE", "CREATED_DATE", "CLOSED_DATE", "UF_CRM_TASK")  # fmt: skip
#: Our identifier where there is no field for one: at the end of a task's or a comment's text.
_MARK = re.compile(r"\s*\[sd:([0-9a-f]{32})\]\s*$")
_COMPLETED = "5"


def moment(text: str) -> int:
    """A moment of the portal as µs UTC."""
    at = datetime.fromisoformat(text)
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


def moment_text(at: int, zone: Zone) -> str:
    """A moment as the portal reads it, with an offset."""
    return datetime_of(at - at % 1_000_000).astimezone(zone.info).isoformat()


def mark(uid: str) -> str:
    """What stands for our identifier in a text."""
    return f"[sd:{uid}]"


def without_mark(text: str) -> tuple[str, str | None]:
    """A text without our mark, and the identifier in it."""
    found = _MARK.search(text)
    return (text, None) if found is None else (text[: found.start()], found.group(1))


# -- items ----------------------------------------------------------------------------------------


def record(entity: Entity, item: Mapping[str, Any], zone: Zone, moves_field: str) -> FarRecord:
    """A deal, contact or company."""
    reads = {"deal": _deal, "company": _company, "contact": _contact}
    fields = reads[entity](item, zone)
    if entity == "deal" and moves_field:
        fields["moves"] = str(item.get(moves_field) or item.get(_camel(moves_field)) or "")
    own = item.get("originatorId") == ORIGINATOR
    uid = str(item.get("originId") or "") if own else ""
    return FarRecord(
        entity, str(item["id"]), uid or None, fields, _moment_of(item.get("updatedTime")),
        _text(item.get("updatedBy")) or None,
        moved_at=_moment_of(item.get("movedTime")) or None,
        moved_by=_text(item.get("movedBy")) or None,
    )  # fmt: skip


def _deal(item: Mapping[str, Any], zone: Zone) -> dict[str, Value]:
    contacts = item.get("contactIds") or ()
    contact = item.get("contactId") or (contacts[0] if contacts else None)
    return {
        "title": _text(item.get("title")),
        "amount": _decimal(item.get("opportunity")),
        "currency": _text(item.get("currencyId")),
        "pipeline": _text(item.get("categoryId")),
        "stage": _text(item.get("stageId")),
        "owner": _text(item.get("assignedById")),
        "company": _key(item.get("companyId")),
        "contact": _key(contact),
        "expected_day": _day(item.get("closedate"), zone),
        "created_at": _moment_of(item.get("createdTime")),
    }


def _company(item: Mapping[str, Any], _zone: Zone) -> dict[str, Value]:
    return {"name": _text(item.get("title")), **_lines(item)}


def _contact(item: Mapping[str, Any], _zone: Zone) -> dict[str, Value]:
    parts = (item.get("name"), item.get("secondName"), item.get("lastName"))
    name = " ".join(_text(part) for part in parts if part)
    firms = item.get("companyIds") or ()
    firm = item.get("companyId") or (firms[0] if firms else None)
    return {"name": name, "company": _key(firm), **_lines(item)}


def _lines(item: Mapping[str, Any]) -> dict[str, Value]:
    """Phones and e-mails, of the block that comes with everything alone."""
    block = item.get("fm")
    if not isinstance(block, list):
        return {}
    found: dict[str, list[str]] = {"PHONE": [], "EMAIL": []}
    for one in block:
        kind = str(one.get("typeId") or "")
        if kind in found and one.get("value"):
            found[kind].append(str(one["value"]))
    return {"phones": tuple(found["PHONE"]), "emails": tuple(found["EMAIL"])}


def item_fields(
    entity: Entity, fields: Mapping[str, Value], zone: Zone, moves_field: str
) -> dict[str, Any]:
    """What is written of an item."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _PLAIN.get(entity, {}):
            found[_PLAIN[entity][name]] = value
        elif name in _KEYS:
            found[_KEYS[name]] = int(str(value)) if value else 0
    if "amount" in fields:
        amount = fields["amount"]
        found["opportunity"] = 0 if amount is None else float(Decimal(str(amount)))
        found["isManualOpportunity"] = "Y"
    if fields.get("expected_day") is not None and entity == "deal":
        found["closedate"] = date.fromordinal(int(str(fields["expected_day"]))).isoformat()
    if entity == "deal" and "contact" in fields:
        contact = fields["contact"]
        found["contactIds"] = [int(str(contact))] if contact else []
    if entity == "contact" and "name" in fields:
        first, _, last = str(fields["name"] or "").partition(" ")
        found |= {"name": first, "secondName": "", "lastName": last}
    if moves_field and "moves" in fields:
        found[moves_field] = fields["moves"]
    if fields.keys() & {"phones", "emails"}:
        found["fm"] = [
            {"typeId": kind, "valueType": "WORK", "value": value}
            for name, kind in (("phones", "PHONE"), ("emails", "EMAIL"))
            for value in _tuple(fields.get(name))
        ]
    return found


_PLAIN: dict[Entity, dict[str, str]] = {
    "deal": {"title": "title", "currency": "currencyId", "stage": "stageId"},
    "company": {"name": "title"},
    "contact": {},
}
_KEYS = {"pipeline": "categoryId", "owner": "assignedById", "company": "companyId"}


def results(row: Mapping[str, Value]) -> dict[str, Any]:
    """Published results, by the fields that were made for them."""
    return {
        f"UF_CRM_SD_{name.upper()}": value if not isinstance(value, Decimal) else float(value)
        for name, value in row.items()
        if name not in ("entity", "far_id")
    }


def field(name: str, wanted: WantedField) -> dict[str, Any]:
    """A custom field to make."""
    kinds = {"text": "string", "number": "double", "whole": "integer", "moment": "datetime",
             "choice": "enumeration"}  # fmt: skip
    made: dict[str, Any] = {
        "FIELD_NAME": name, "USER_TYPE_ID": kinds[wanted.kind], "XML_ID": name,
        "LABEL": wanted.name, "EDIT_FORM_LABEL": wanted.name, "MULTIPLE": "N", "MANDATORY": "N",
    }  # fmt: skip
    if wanted.choices:
        made["LIST"] = [
            {"VALUE": choice, "SORT": place * 10, "DEF": "N", "XML_ID": f"{name}_{place}"}
            for place, choice in enumerate(wanted.choices, 1)
        ]
    return made


# -- moves, tasks, comments -----------------------------------------------------------------------


def move(item: Mapping[str, Any]) -> FarMove:
    """A line of the history of stages; it does not tell who moved."""
    return FarMove(
        f"{int(item['ID']):012d}", str(item["OWNER_ID"]), _text(item.get("CATEGORY_ID")),
        _text(item.get("STAGE_ID")), _moment_of(item.get("CREATED_TIME")),
    )  # fmt: skip


def task(item: Mapping[str, Any]) -> FarRecord | None:
    """A task; None for one that is not there (an empty answer)."""
    if not item.get("id"):
        return None
    _, uid = without_mark(_text(item.get("description")))
    bound = item.get("ufCrmTask") or ()
    deal = next((str(one)[2:] for one in bound or () if str(one).startswith("D_")), "")
    due = item.get("deadline")
    fields: dict[str, Value] = {
        "title": _text(item.get("title")),
        "deal": deal,
        "owner": _text(item.get("responsibleId")),
        "due_at": _moment_of(due) if due else None,
        "done": _text(item.get("status")) == _COMPLETED,
    }
    at = _moment_of(item.get("changedDate") or item.get("createdDate"))
    return FarRecord("task", str(item["id"]), uid, fields, at, _text(item.get("changedBy")) or None)


def task_fields(draft: Draft, *, new: bool) -> dict[str, Any]:
    """What is written of a task; our identifier ends its text."""
    fields, found = draft.fields, dict[str, Any]()
    if "title" in fields:
        found["TITLE"] = fields["title"]
    if fields.get("owner"):
        found["RESPONSIBLE_ID"] = int(str(fields["owner"]))
    if "due_at" in fields:
        due = fields["due_at"]
        found["DEADLINE"] = "" if due is None else datetime_of(int(str(due))).isoformat()
    if fields.get("deal"):
        found["UF_CRM_TASK"] = [f"D_{fields['deal']}"]
    if fields.get("done") is False and not new:
        found["STATUS"] = 2
    if new:
        found["DESCRIPTION"] = mark(draft.uid)
        if fields.get("done") is True:
            found["STATUS"] = int(_COMPLETED)
    return found


def note(item: Mapping[str, Any], deal: str) -> FarRecord:
    """A comment of a deal."""
    text, uid = without_mark(_text(item.get("COMMENT")))
    at = _moment_of(item.get("CREATED"))
    return FarRecord("note", str(item["ID"]), uid, {"deal": deal, "text": text, "at": at}, at,
                     _text(item.get("AUTHOR_ID")) or None)  # fmt: skip


def note_fields(draft: Draft) -> dict[str, Any]:
    """What is written of a comment; our identifier ends its text."""
    text = str(draft.fields.get("text") or "")
    return {
        "ENTITY_ID": int(str(draft.fields.get("deal") or 0)), "ENTITY_TYPE": "deal",
        "COMMENT": f"{text}\n{mark(draft.uid)}",
    }  # fmt: skip


# -- values ---------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _key(value: Any) -> str:
    """A key; 0 and nothing are none."""
    return "" if value in (None, "", 0, "0") else str(value)


def _tuple(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _decimal(value: Any) -> Decimal | None:
    """An amount; 0 stands for none there."""
    try:
        found = Decimal(str(value or 0))
    except InvalidOperation:
        return None
    return found.normalize() if found.is_finite() and found else None


def _moment_of(value: Any) -> int:
    """A moment, 0 for one that cannot be read."""
    try:
        return moment(str(value)) if value else 0
    except ValueError:
        return 0


def _day(value: Any, _zone: Zone) -> int | None:
    """The day of a date: the portal writes it as a moment of its own day."""
    try:
        return date.fromisoformat(str(value)[:10]).toordinal() if value else None
    except ValueError:
        return None


def _camel(name: str) -> str:
    """``UF_CRM_SD_MOVES`` as the item methods may spell it: ``ufCrmSdMoves``."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)
