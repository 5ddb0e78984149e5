"""Rows of amoCRM (Kommo) and records of ours: one into the other. Pure; no calls.

A stage is named by its pipeline and status together, for won and lost (142, 143) are the same in
every pipeline. Amounts are whole units there. Custom fields are named by their codes.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from salesdesk import names
from salesdesk.services.sync.remote import Draft, Entity, FarMove, FarRecord, Value, WantedField

WON, LOST = 142, 143
UID_CODE = "SALESDESK_UID"
PATHS: dict[Entity, str] = {
    "deal": "leads", "contact": "contacts", "company": "companies", "task": "tasks",
}  # fmt: skip
HOLDS: Mapping[Entity, frozenset[str]] = {
    "company": frozenset({"name", "phones", "emails"}),
    "contact": frozenset({"name", "phones", "emails", "company"}),
    "deal": frozenset(
        {"title", "amount", "currency", "pipeline", "stage", "owner", "company", "contact",
         "lost_reason", "created_at"}
    ),
    "task": frozenset({"title", "deal", "owner", "due_at", "done", "result"}),
    "note": frozenset({"deal", "text"}),
}  # fmt: skip
#: What is asked along with a list.
WITH = {"deal": "contacts,loss_reason", "contact": "leads"}
#: Lists whose filters may be off.
FILTERED = ("deal", "contact", "company")
_SECOND = 1_000_000
_MARK = re.compile(r"\s*\[sd:([0-9a-f]{32})\]\s*$")
_KINDS = {"text": "textarea", "number": "numeric", "whole": "numeric", "moment": "date_time",
          "choice": "select"}  # fmt: skip
#: The kind of a task that has none of ours: a call.
_CALL = 1


def stage(pipeline: object, status: object) -> str:
    """The key of a stage."""
    return f"{pipeline}/{status}" if pipeline and status else ""


def status_of(key: Value) -> tuple[int, int]:
    """Pipeline and status of a stage's key."""
    pipeline, _, status = str(key).partition("/")
    return int(pipeline), int(status)


def kind_of(status: object) -> Literal["open", "won", "lost"]:
    """What a status means: the two that end a lead are the same in every pipeline."""
    return "won" if str(status) == str(WON) else "lost" if str(status) == str(LOST) else "open"


def moment(seconds: Any) -> int:
    """A moment; 0 for none."""
    return int(seconds) * _SECOND if seconds else 0


def mark(uid: str) -> str:
    """What stands for our identifier in a text."""
    return f"[sd:{uid}]"


def without_mark(text: str) -> tuple[str, str | None]:
    """A text without our mark, and the identifier in it."""
    found = _MARK.search(text)
    return (text, None) if found is None else (text[: found.start()], found.group(1))


# -- records --------------------------------------------------------------------------------------


def record(entity: Entity, item: Mapping[str, Any], codes: Mapping[str, str]) -> FarRecord:
    """A lead, contact, company or task. ``codes`` are our fields by the codes there."""
    if entity == "task":
        return task(item)
    own = values(item)
    reads = {"deal": _deal, "company": _named, "contact": _contact}
    fields = reads[entity](item, own)
    if entity == "deal" and "moves" in codes:
        fields["moves"] = str((own.get(codes["moves"]) or ("",))[0] or "")
    uid = str((own.get(codes.get("uid", UID_CODE)) or ("",))[0] or "")
    by = str(item.get("updated_by") or "")  # 0 is a robot
    return FarRecord(
        entity, str(item["id"]), uid or None, fields, moment(item.get("updated_at")), by or None,
        deleted=bool(item.get("is_deleted")),
        published_by=str((own.get(code_of("by")) or ("",))[0] or ""),
    )  # fmt: skip


def values(item: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Values of custom fields by code (by id where there is none); the block may be null."""
    found = {}
    for one in item.get("custom_fields_values") or ():
        code = str(one.get("field_code") or one.get("field_id"))
        found[code] = tuple(each.get("value") for each in one.get("values") or ())
    return found


def _embedded(item: Mapping[str, Any], name: str) -> str:
    """The key of the (main) record that is embedded."""
    found = (item.get("_embedded") or {}).get(name) or ()
    main = [one for one in found if one.get("is_main")] or list(found)
    return str(main[0]["id"]) if main else ""


def _deal(item: Mapping[str, Any], _own: Mapping[str, tuple[Any, ...]]) -> dict[str, Value]:
    price = item.get("price")
    fields: dict[str, Value] = {
        "title": names.clean(str(item.get("name") or "")),
        "amount": Decimal(str(price)) if price else None,
        "pipeline": str(item.get("pipeline_id") or ""),
        "stage": stage(item.get("pipeline_id"), item.get("status_id")),
        "owner": str(item.get("responsible_user_id") or ""),
        "lost_reason": str(item.get("loss_reason_id") or ""),
        "company": _embedded(item, "companies"),
        "created_at": moment(item.get("created_at")),
    }
    if "contacts" in (item.get("_embedded") or {}):
        fields["contact"] = _embedded(item, "contacts")
    return fields


def _named(item: Mapping[str, Any], own: Mapping[str, tuple[Any, ...]]) -> dict[str, Value]:
    return {
        "name": names.clean(str(item.get("name") or "")),
        "phones": tuple(str(one) for one in own.get("PHONE", ()) if one),
        "emails": tuple(str(one) for one in own.get("EMAIL", ()) if one),
    }


def _contact(item: Mapping[str, Any], own: Mapping[str, tuple[Any, ...]]) -> dict[str, Value]:
    return {**_named(item, own), "company": _embedded(item, "companies")}


def task(item: Mapping[str, Any]) -> FarRecord:
    """A task; its result is an empty list where there is none."""
    text, uid = without_mark(str(item.get("text") or ""))
    result = item.get("result")
    told = str(result.get("text") or "") if isinstance(result, Mapping) else ""
    deal = str(item.get("entity_id") or "") if item.get("entity_type") == "leads" else ""
    fields: dict[str, Value] = {
        "title": names.clean(text), "deal": deal,
        "owner": str(item.get("responsible_user_id") or ""),
        "due_at": moment(item.get("complete_till")) or None,
        "done": bool(item.get("is_completed")), "result": told,
    }  # fmt: skip
    by = str(item.get("updated_by") or "")
    return FarRecord("task", str(item["id"]), uid, fields, moment(item.get("updated_at")),
                     by or None)  # fmt: skip


def note(item: Mapping[str, Any]) -> FarRecord | None:
    """A note of a deal; None for those of other kinds (calls, messages of services)."""
    if item.get("note_type") != "common":
        return None
    text, uid = without_mark(str((item.get("params") or {}).get("text") or ""))
    at = moment(item.get("created_at"))
    fields: dict[str, Value] = {"deal": str(item.get("entity_id") or ""), "text": text, "at": at}
    by = str(item.get("created_by") or "")
    return FarRecord("note", str(item["id"]), uid, fields, moment(item.get("updated_at")),
                     by or None)  # fmt: skip


def move(event: Mapping[str, Any]) -> FarMove | None:
    """A line of the feed of events: a lead changed its status; 0 is a robot."""
    status, left = _status(event.get("value_after")), _status(event.get("value_before"))
    if status is None or event.get("type") != "lead_status_changed":
        return None
    by = str(event.get("created_by") or "")
    return FarMove(
        str(event["id"]), str(event["entity_id"]), str(status.get("pipeline_id") or ""),
        stage(status.get("pipeline_id"), status.get("id")), moment(event.get("created_at")),
        by or None, "" if left is None else stage(left.get("pipeline_id"), left.get("id")),
    )  # fmt: skip


def _status(values: Any) -> Mapping[str, Any] | None:
    return next((one["lead_status"] for one in values or () if "lead_status" in one), None)


# -- what is written ------------------------------------------------------------------------------


def held(name: str, value: Value) -> Value:
    """A value as it can be held: whole units of money, whole seconds."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1), ROUND_HALF_UP).normalize() or None
    if name in ("due_at", "at", "created_at") and isinstance(value, int):
        return value - value % _SECOND
    return value.strip() if isinstance(value, str) else value


def body(
    entity: Entity, draft: Draft, codes: Mapping[str, str], *, new: bool,
    there: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One element of the array that is sent; ``there`` is the object as it stands, where kinds of
    its values are to be kept."""
    made: dict[str, Any] = {} if new else {"id": int(draft.far_id)}
    if entity == "task":
        return made | _task_body(draft, new)
    if entity == "note":
        text = f"{draft.fields.get('text') or ''}\n{mark(draft.uid)}"
        made |= {"note_type": "common", "params": {"text": text}}
        if new:
            made |= {"entity_id": int(str(draft.fields.get("deal") or 0)), "request_id": draft.uid}
        return made
    made |= _record_body(entity, draft.fields, new)
    own = _own_body(draft, codes, new, kinds_of(there or {}))
    if own:
        made["custom_fields_values"] = own
    if new:
        made["request_id"] = draft.uid
        links = {
            kind: [{"id": int(str(draft.fields[name]))}]
            for name, kind in (("company", "companies"), ("contact", "contacts"))
            if draft.fields.get(name)
        }
        if links:
            made["_embedded"] = links
    return made


def _record_body(entity: Entity, fields: Mapping[str, Value], new: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    title = "title" if entity == "deal" else "name"
    if title in fields:
        found["name"] = fields[title]
    if fields.get("owner"):
        found["responsible_user_id"] = int(str(fields["owner"]))
    if entity != "deal":
        return found
    if "amount" in fields:
        amount = fields["amount"]
        found["price"] = 0 if amount is None else int(Decimal(str(amount)))
    if fields.get("stage"):
        found["pipeline_id"], found["status_id"] = status_of(fields["stage"])
    if fields.get("lost_reason"):
        found["loss_reason_id"] = int(str(fields["lost_reason"]))
    elif "lost_reason" in fields:
        found["loss_reason_id"] = None
    if new and fields.get("created_at"):
        found["created_at"] = int(str(fields["created_at"])) // _SECOND
    return found


def kinds_of(item: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """The kinds of phones and e-mails (at work, mobile), by field and value."""
    return {
        (str(one.get("field_code")), str(each.get("value"))): each["enum_code"]
        for one in item.get("custom_fields_values") or ()
        for each in one.get("values") or ()
        if each.get("enum_code")
    }


def _own_body(
    draft: Draft, codes: Mapping[str, str], new: bool, kinds: Mapping[tuple[str, str], Any]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if new:
        code = codes.get("uid", UID_CODE)
        found.append({"field_code": code, "values": [{"value": draft.uid}]})
    if "moves" in draft.fields and "moves" in codes:
        found.append({"field_code": codes["moves"], "values": [{"value": draft.fields["moves"]}]})
    for name, code in (("phones", "PHONE"), ("emails", "EMAIL")):
        lines = draft.fields.get(name)
        if isinstance(lines, tuple):
            each = [{"value": one, "enum_code": kinds.get((code, one), "WORK")} for one in lines]
            found.append({"field_code": code, "values": each or None})
    return found


def _task_body(draft: Draft, new: bool) -> dict[str, Any]:
    fields, found = draft.fields, dict[str, Any]()
    if new or "title" in fields:
        found["text"] = f"{fields.get('title') or ''} {mark(draft.uid)}"
    if new:
        found |= {"task_type_id": _CALL, "request_id": draft.uid}
    if fields.get("due_at"):
        found["complete_till"] = int(str(fields["due_at"])) // _SECOND
    if fields.get("owner"):
        found["responsible_user_id"] = int(str(fields["owner"]))
    if fields.get("deal"):
        found |= {"entity_id": int(str(fields["deal"])), "entity_type": "leads"}
    if "done" in fields:
        found["is_completed"] = bool(fields["done"])
    if fields.get("result"):
        found["result"] = {"text": fields["result"]}
    return found


def results(row: Mapping[str, Value], codes: Mapping[str, str]) -> dict[str, Any]:
    """Published results of one deal."""
    return {
        "id": int(str(row["far_id"])),
        "custom_fields_values": [
            {"field_code": codes[name], "values": [{"value": _published(name, value)}]}
            for name, value in row.items()
            if name in codes
        ],
    }


def _published(name: str, value: Value) -> Any:
    if name == "at" and isinstance(value, int):
        return value // _SECOND
    return float(value) if isinstance(value, Decimal) else value


def field(wanted: WantedField) -> dict[str, Any]:
    """A custom field to make; people do not edit it there."""
    made: dict[str, Any] = {
        "type": "text" if wanted.key == "uid" else _KINDS[wanted.kind], "name": wanted.name,
        "code": code_of(wanted.key), "is_api_only": True,
    }  # fmt: skip
    if wanted.choices:
        made["enums"] = [
            {"value": choice, "sort": place} for place, choice in enumerate(wanted.choices, 1)
        ]
    return made


def code_of(key: str) -> str:
    """The code of a field of ours."""
    return f"SALESDESK_{key.upper()}"
