"""Rows of Bitrix24 and records of ours: one into the other. Pure; no calls.

Numbers may come as texts, dates as moments of the portal's midnight, an absent list as an empty
one: what is read is read kindly, what is written is written strictly.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

from salesdesk import names
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
LEAD_TYPE = 1
#: Leads stand in a pipeline of their own; their keys, and those of their stages, begin so.
LEAD, LEADS = "L_", "leads"
ORIGINATOR = "SALESDESK"
SEMANTICS: dict[str, Literal["open", "won", "lost"]] = {"S": "won", "F": "lost"}
HOLDS_WITHOUT_MOVES: Mapping[Entity, frozenset[str]] = {
    "company": frozenset({"name", "phones", "emails"}),
    "contact": frozenset({"name", "phones", "emails", "company"}),
    "deal": frozenset(
        {"title", "amount", "currency", "pipeline", "stage", "owner", "company", "contact",
         "expected_day"}
    ),
    "task": frozenset({"title", "deal", "owner", "due_at", "done"}),
    "note": frozenset({"deal", "text"}),
}  # fmt: skip
HOLDS: Mapping[Entity, frozenset[str]] = {
    **HOLDS_WITHOUT_MOVES, "deal": HOLDS_WITHOUT_MOVES["deal"] | {"moves"},
}  # fmt: skip
TASK_SELECT = ("ID", "TITLE", "DESCRIPTION", "STATUS", "RESPONSIBLE_ID", "DEADLINE",
               "CHANGED_DATE", "CREATED_DATE", "CLOSED_DATE", "UF_CRM_TASK")  # fmt: skip
#: Our identifier where there is no field for one: at the end of a task's or a comment's text.
_MARK = re.compile(r"\s*\[sd:([0-9a-f]{32})\]\s*$")
_COMPLETED = "5"
#: How the names of our custom fields begin.
_FIELD = "UF_CRM_SD_"


@lru_cache(4096)
def moment(text: str) -> int:
    """A moment of the portal as µs UTC."""
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000


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
        fields["moves"] = _text(own_value(item, moves_field))
    own = item.get("originatorId") == ORIGINATOR
    uid = str(item.get("originId") or "") if own else ""
    return FarRecord(
        entity, str(item["id"]), uid or None, fields, moment_of(item.get("updatedTime")),
        _key(item.get("updatedBy")) or None,
        moved_at=moment_of(item.get("movedTime")) or None,
        moved_by=_key(item.get("movedBy")) or None,
        published_by=_text(own_value(item, f"{_FIELD}BY")) if entity == "deal" else "",
    )  # fmt: skip


def lead(item: Mapping[str, Any], zone: Zone) -> FarRecord:
    """A lead, as a deal of the leads' pipeline."""
    found = record("deal", item, zone, "")
    fields = {**found.fields, "pipeline": LEADS, "stage": lead_key(found.fields["stage"])}
    del fields["expected_day"]
    return replace(found, far_id=lead_key(found.far_id), uid=None, fields=fields)


def number(key: str) -> int:
    """The number of a deal, or of a lead."""
    return int(key.removeprefix(LEAD))


def is_key(key: str) -> bool:
    """Whether something is the key of a deal, a lead, a company or a contact."""
    digits = key.removeprefix(LEAD)
    return digits.isascii() and digits.isdecimal()


def bound(key: str) -> str:
    """What a task is bound to, of a deal's or a lead's key."""
    return key if key.startswith(LEAD) else f"D_{key}"


def type_of(key: str) -> str:
    """What a deal's key is the key of, in the words of the timeline."""
    return "lead" if key.startswith(LEAD) else "deal"


def kind_of(status: Mapping[str, Any]) -> Literal["open", "won", "lost"]:
    """What a stage means."""
    return SEMANTICS.get(str(status.get("SEMANTICS") or ""), "open")


def lead_key(key: object) -> str:
    """The key of a lead, or of a stage of one."""
    return f"{LEAD}{key}"


def own_value(item: Mapping[str, Any], name: str) -> Any:
    """The value of a custom field, however the portal spells its name."""
    tail = name.removeprefix("UF_CRM")
    spelled = (name, f"ufCrm{tail}", _camel(name), name.lower())
    return next((item[one] for one in spelled if item.get(one) is not None), None)


def _deal(item: Mapping[str, Any], zone: Zone) -> dict[str, Value]:
    contacts = item.get("contactIds") or ()
    contact = item.get("contactId") or (contacts[0] if contacts else None)
    return {
        "title": names.clean(_text(item.get("title"))),
        "amount": _decimal(item.get("opportunity")),
        "currency": _text(item.get("currencyId")),
        "pipeline": _text(item.get("categoryId")),
        "stage": _text(item.get("stageId")),
        "owner": _key(item.get("assignedById")),
        "company": _key(item.get("companyId")),
        "contact": _key(contact),
        "expected_day": _day(item.get("closedate"), zone),
        "created_at": moment_of(item.get("createdTime")),
    }


def _company(item: Mapping[str, Any], _zone: Zone) -> dict[str, Value]:
    return {"name": names.clean(_text(item.get("title"))), **_lines(item)}


def _contact(item: Mapping[str, Any], _zone: Zone) -> dict[str, Value]:
    parts = (item.get("name"), item.get("secondName"), item.get("lastName"))
    name = " ".join(_text(part) for part in parts if part)
    firms = item.get("companyIds") or ()
    firm = item.get("companyId") or (firms[0] if firms else None)
    return {"name": names.clean(name), "company": _key(firm), **_lines(item)}


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
    entity: Entity, fields: Mapping[str, Value], moves_field: str,
    there: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """What is written of an item; ``there`` is its block of phones and e-mails as it stands."""
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
    if "expected_day" in fields:
        day = fields["expected_day"]
        found["closedate"] = "" if day is None else date.fromordinal(int(str(day))).isoformat()
    if entity == "deal" and "contact" in fields:
        contact = fields["contact"]
        found["contactIds"] = [int(str(contact))] if contact else []
    if entity == "contact" and "name" in fields:
        first, _, last = str(fields["name"] or "").partition(" ")
        found |= {"name": first, "secondName": "", "lastName": last}
    if moves_field and "moves" in fields:
        found[moves_field] = fields["moves"]
    block = [
        row
        for name, kind in _LINES.items() if name in fields
        for row in _lines_to(kind, _tuple(fields[name]), there)
    ]  # fmt: skip
    if block:
        kept = [_row(one, str(one.get("value") or "")) for one in there
                if str(one.get("typeId")) not in {_LINES[name] for name in fields
                                                  if name in _LINES}]  # fmt: skip
        found["fm"] = [*block, *kept]
    return found


def lead_fields(fields: Mapping[str, Value]) -> dict[str, Any]:
    """What is written of a lead: its pipeline is what it is."""
    own = {name: value for name, value in fields.items() if name not in _NOT_OF_LEADS}
    found = item_fields("deal", own, "")
    if "stageId" in found:
        found["stageId"] = str(found["stageId"]).removeprefix(LEAD)
    return found


_NOT_OF_LEADS = ("pipeline", "expected_day", "moves")
_LINES = {"phones": "PHONE", "emails": "EMAIL"}


def _lines_to(
    kind: str, wanted: Sequence[str], there: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of one kind that make the values be these, in this order: rows that are there are
    changed by their ids, what is left over is emptied, the rest is new."""
    old = [one for one in there if one.get("typeId") == kind and one.get("id")]
    types = {str(one.get("value")): one.get("valueType") for one in old}
    rows = [
        {**({"id": int(str(old[place]["id"]))} if place < len(old) else {}), "typeId": kind,
         "valueType": types.get(value) or "WORK", "value": value}
        for place, value in enumerate(wanted)
    ]  # fmt: skip
    return rows + [_row(one, "") for one in old[len(wanted) :]]


def _row(one: Mapping[str, Any], value: str) -> dict[str, Any]:
    return {"id": int(str(one["id"])), "typeId": str(one.get("typeId")),
            "valueType": str(one.get("valueType") or "WORK"), "value": value}  # fmt: skip


_PLAIN: dict[Entity, dict[str, str]] = {
    "deal": {"title": "title", "currency": "currencyId", "stage": "stageId"},
    "company": {"name": "title"},
    "contact": {},
}
_KEYS = {"pipeline": "categoryId", "owner": "assignedById", "company": "companyId"}


def results(row: Mapping[str, Value], choices: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Published results, by the fields that were made for them; of a choice its key is held."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if key in ("entity", "far_id"):
            continue
        name = f"{_FIELD}{key.upper()}"
        if choices.get(name):
            found[name] = choices[name].get(str(value), "")
        else:
            found[name] = result(key, value)
    return found


def result(key: str, value: Value) -> Any:
    """A published value as it is written."""
    if key == "at" and isinstance(value, int):
        return datetime_of(value).isoformat()
    return float(value) if isinstance(value, Decimal) else value


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


def has_id(item: Mapping[str, Any]) -> bool:
    """Whether a line of the history of stages has an id."""
    return str(_either(item, "ID")).isdecimal()


def move(item: Mapping[str, Any], of_lead: bool = False) -> FarMove:
    """A line of the history of stages; it does not tell who moved."""
    number = int(_either(item, "ID"))
    owner, at = _text(_either(item, "OWNER_ID")), moment_of(_either(item, "CREATED_TIME"))
    if of_lead:
        stage = _text(_either(item, "STATUS_ID") or _either(item, "STAGE_ID"))
        return FarMove(f"{LEAD}{number:012d}", lead_key(owner), LEADS, lead_key(stage), at)
    return FarMove(
        f"{number:012d}", owner, _text(_either(item, "CATEGORY_ID")),
        _text(_either(item, "STAGE_ID")), at,
    )  # fmt: skip


def _either(item: Mapping[str, Any], name: str) -> Any:
    """A value under its name in capitals, or in camel case."""
    return item[name] if name in item else item.get(_camel(name))


def task(item: Mapping[str, Any]) -> FarRecord | None:
    """A task, with the fields that the answer tells; None for one that is not there."""
    if not item.get("id"):
        return None
    _, uid = without_mark(_text(item.get("description")))
    fields: dict[str, Value] = {}
    if "title" in item:
        fields["title"] = names.clean(_text(item["title"]))
    if "ufCrmTask" in item:
        fields["deal"] = _bound(item["ufCrmTask"])
    if "responsibleId" in item:
        fields["owner"] = _key(item["responsibleId"])
    if "deadline" in item:
        fields["due_at"] = moment_of(item["deadline"]) or None
    if "status" in item:
        fields["done"] = _text(item["status"]) == _COMPLETED
    at = moment_of(item.get("changedDate") or item.get("createdDate"))
    return FarRecord("task", str(item["id"]), uid, fields, at, _key(item.get("changedBy")) or None)


def _bound(found: Any) -> str:
    """The deal, or lead, that a task belongs to."""
    bound = [str(one) for one in found] if isinstance(found, list | tuple) else []
    deal = next((one[2:] for one in bound if one.startswith("D_")), "")
    return deal or next((one for one in bound if one.startswith(LEAD)), "")


def task_fields(draft: Draft, *, new: bool) -> dict[str, Any]:
    """What is written of a task; our identifier ends its text. Its end is a method of its own."""
    fields, found = draft.fields, dict[str, Any]()
    if "title" in fields:
        found["TITLE"] = fields["title"]
    if fields.get("owner"):
        found["RESPONSIBLE_ID"] = int(str(fields["owner"]))
    if "due_at" in fields:
        due = fields["due_at"]
        found["DEADLINE"] = "" if due is None else datetime_of(int(str(due))).isoformat()
    if fields.get("deal"):
        deal = str(fields["deal"])
        found["UF_CRM_TASK"] = [deal if deal.startswith(LEAD) else f"D_{deal}"]
    if new:
        found["DESCRIPTION"] = mark(draft.uid)
    return found


def note(item: Mapping[str, Any], deal: str) -> FarRecord:
    """A comment of a deal."""
    text, uid = without_mark(_text(item.get("COMMENT")))
    at = moment_of(item.get("CREATED"))  # it is not said when it was changed
    return FarRecord("note", str(item["ID"]), uid, {"deal": deal, "text": text, "at": at}, at,
                     _text(item.get("AUTHOR_ID")) or None)  # fmt: skip


def note_fields(draft: Draft) -> dict[str, Any]:
    """What is written of a comment; our identifier ends its text."""
    text, deal = str(draft.fields.get("text") or ""), str(draft.fields.get("deal") or "0")
    return {
        "ENTITY_ID": number(deal),
        "ENTITY_TYPE": type_of(deal),
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


def moment_of(value: Any) -> int:
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


@lru_cache(256)
def _camel(name: str) -> str:
    """``UF_CRM_SD_MOVES`` as the item methods may spell it: ``ufCrmSdMoves``."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)
