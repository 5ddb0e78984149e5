"""What the methods of the emulated portal answer: lists by fifty, filters, batches."""

import operator
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.emulators import php

if TYPE_CHECKING:
    from tests.emulators.bitrix24 import Portal

_TYPES = {1: "lead", 2: "deal", 3: "contact", 4: "company"}
_PAGE = 50
_OPERATOR = re.compile(r"^(>=|<=|!=|!@|>|<|!|@|=|%)?(.+)$")
_COMMON = {"id", "assignedById", "createdTime", "updatedTime", "createdBy", "updatedBy",
           "originatorId", "originId", "comments", "sourceId"}  # fmt: skip
FIELDS = {
    "deal": _COMMON | {"title", "categoryId", "stageId", "opportunity", "isManualOpportunity",
                       "currencyId", "probability", "begindate", "closedate", "companyId",
                       "contactId", "contactIds", "movedTime", "movedBy", "stageSemanticId",
                       "lastActivityTime"},
    "lead": _COMMON | {"title", "stageId", "opportunity", "isManualOpportunity", "currencyId",
                       "companyId", "contactId", "contactIds", "movedTime", "movedBy",
                       "stageSemanticId", "fm"},
    "contact": _COMMON | {"name", "secondName", "lastName", "companyId", "companyIds", "fm"},
    "company": _COMMON | {"title", "industry", "fm"},
}  # fmt: skip


class Refusal(Exception):
    """The portal says no."""

    def __init__(self, status: int, code: object, description: str = "") -> None:
        self.status, self.code, self.description = status, code, description
        super().__init__(f"{code}: {description}")

    def told(self) -> dict[str, Any]:
        """Its body."""
        return {"error": self.code, "error_description": self.description}


def paged(rows: Iterable[dict[str, Any]], params: Mapping[str, Any]) -> tuple[list[Any], Any]:
    start = int(params.get("start") or 0)
    if start == -1:  # nothing is counted, nor read beyond the page
        return list(islice(rows, _PAGE)), {"total": 0}
    found = list(rows)
    more = {"next": start + _PAGE} if start + _PAGE < len(found) else {}
    return found[start : start + _PAGE], {"total": len(found), **more}


def filtered(
    rows: Iterable[dict[str, Any]], chosen: Mapping[str, Any], allowed: Callable[[str], bool]
) -> Iterator[dict[str, Any]]:
    """Those rows that fit, one after the other; refuses at once what it may not be asked."""
    fits = _fitting_all(chosen, allowed)
    return (row for row in rows if fits(row))


def _fitting_all(
    chosen: Mapping[str, Any], allowed: Callable[[str], bool]
) -> Callable[[dict[str, Any]], bool]:
    """Whether a row fits; under a number stand conditions of their own, one of which may do."""
    tests: list[tuple[str, Callable[[Any], bool]]] = []
    groups = []
    for name, value in chosen.items():
        if name == "logic":
            continue
        if name.isdigit():
            parts = value if isinstance(value, Mapping) else dict(enumerate(value))
            groups.append(_fitting_all({str(key): one for key, one in parts.items()}, allowed))
            continue
        found = _OPERATOR.match(name)
        assert found is not None
        sign, column = found.group(1) or "=", found.group(2)
        if not allowed(column):
            raise Refusal(400, "INVALID_ARG_VALUE", f"field '{column}' is not allowed in filter")
        tests.append((column, _fitting(sign, value)))
    enough = any if chosen.get("logic") == "OR" else all

    def fits(row: dict[str, Any]) -> bool:
        found = [each(row.get(column)) for column, each in tests]
        return enough([*found, *(each(row) for each in groups)])

    return fits


def _fitting(sign: str, wanted: Any) -> Callable[[Any], bool]:
    if sign == "@" or (sign == "=" and isinstance(wanted, list)):
        among = {str(each) for each in wanted}
        return lambda value: str(value) in among
    if sign in ("=", "!"):
        text = str(wanted)
        return lambda value: (str(value) == text) == (sign == "=")
    try:
        compares, limit = _COMPARES[sign], _ordered(wanted)
    except (KeyError, TypeError, ValueError):
        raise Refusal(400, "INVALID_ARG_VALUE", "filter") from None
    return lambda value: compares(_ordered(value), limit)


_COMPARES: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@lru_cache(1 << 16)
def _ordered(value: Any) -> float:
    try:
        return float(value or 0)  # an empty text is nought, as to its database
    except (TypeError, ValueError):
        return datetime.fromisoformat(str(value)).timestamp()


def _walked(items: Mapping[int, dict[str, Any]], chosen: Mapping[str, Any]) -> Iterator[Any]:
    """Items by their ids, from where a walk has come to: as its database does by an index."""
    keys = sorted(items)
    after = str(chosen.get(">id") or "")
    start = bisect_right(keys, int(after)) if after.isdecimal() else 0
    return (items[key] for key in islice(keys, start, None))


def _kind(params: Mapping[str, Any]) -> str:
    kind = _TYPES.get(int(params.get("entityTypeId") or 0))
    if kind is None:
        raise Refusal(400, "NOT_FOUND", "entityTypeId")
    return kind


def _item_list(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    kind = _kind(params)
    known = FIELDS[kind] | (set(portal.userfields) if kind == "deal" else set())
    chosen = params.get("filter") or {}
    chosen = chosen if isinstance(chosen, dict) else {}
    rows = filtered(_walked(portal.items[kind], chosen), chosen, lambda name: name in known)
    part, more = paged(rows, params)
    part = [_spelled(portal, row, params) for row in part]
    if "*" not in (params.get("select") or ["*"]):
        part = [{name: row.get(name) for name in params["select"]} | {"id": row["id"]}
                for row in part]  # fmt: skip
    return {"items": part}, more


def _item_add(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    fields = params.get("fields")
    if not isinstance(fields, dict):
        raise Refusal(400, "100", "Could not find value for parameter {fields}")
    fields = _named(portal, fields, params)
    return {"item": _spelled(portal, portal.made(_kind(params), fields, by), params)}, {}


def _item_update(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    fields = _named(portal, params.get("fields") or {}, params)
    item = portal.changed(_kind(params), int(params.get("id") or 0), fields, by)
    return {"item": _spelled(portal, item, params)}, {}


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def _spelled(portal: "Portal", item: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """An item, its custom fields in camel case unless their own names are asked for."""
    if params.get("useOriginalUfNames") == "Y":
        return dict(item)
    return {_camel(name) if name in portal.userfields else name: value
            for name, value in item.items()}  # fmt: skip


def _named(portal: "Portal", fields: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that are given, their custom ones by their own names."""
    if not isinstance(fields, dict):
        raise Refusal(400, "100", "fields must be array")
    if params.get("useOriginalUfNames") == "Y":
        return fields
    names: dict[str, str] = {_camel(name): name for name in portal.userfields}
    return {str(names.get(name) or name): value for name, value in fields.items()
            if name not in portal.userfields}  # fmt: skip


def _item_get(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    item = portal.items[_kind(params)].get(int(params.get("id") or 0))
    if item is None:
        raise Refusal(400, "NOT_FOUND", "Элемент не найден")
    return {"item": _spelled(portal, item, params)}, {}


def _history(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    chosen = params.get("filter") or {}
    lines: Iterable[dict[str, Any]] = portal.history
    if isinstance(owners := chosen.get("@OWNER_ID"), list):
        wanted = {int(owner) for owner in owners}
        found = (line for owner in wanted for line in portal.lines.get(owner, ()))
        lines = sorted(found, key=lambda line: line["ID"])
    elif (after := str(chosen.get(">ID") or "")).isdecimal():
        place = bisect_right(portal.history, int(after), key=lambda line: line["ID"])
        lines = islice(portal.history, place, None)
    if int(params.get("entityTypeId") or 0) == 1:
        lines = (line for line in lines if "STATUS_ID" in line)
    else:
        lines = (line for line in lines if _is_here(portal.items["deal"], line))
    if (params.get("order") or {}).get("ID", "ASC").upper() == "DESC":
        lines = reversed(list(lines))
    columns = {"ID", "OWNER_ID", "TYPE_ID", "CREATED_TIME", "CATEGORY_ID", "STAGE_ID", "STATUS_ID"}
    part, more = paged(filtered(lines, chosen, lambda name: name in columns), params)
    return {"items": part}, more


def _is_here(deals: Mapping[int, dict[str, Any]], line: Mapping[str, Any]) -> bool:
    """Whether the deal of a line is there, and in the pipeline where the line was written."""
    deal = deals.get(line["OWNER_ID"])
    return deal is not None and deal["categoryId"] == line["CATEGORY_ID"]


def _task_row(task: dict[str, Any], select: Any) -> dict[str, Any]:
    shown = {name: value for name, value in task.items() if name != "ufCrmTask"}
    if "UF_CRM_TASK" in (select or ()):
        shown["ufCrmTask"] = task["ufCrmTask"]
    return shown


def _task_add(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    fields = params.get("fields") or {}
    if not fields.get("TITLE") or not fields.get("RESPONSIBLE_ID"):
        raise Refusal(400, "ERROR_CORE", "Не указано название задачи<br>")
    now = portal.text()
    task = {
        "id": str(portal.key()), "title": fields["TITLE"],
        "description": fields.get("DESCRIPTION") or "", "status": str(fields.get("STATUS") or 2),
        "responsibleId": str(fields["RESPONSIBLE_ID"]), "createdBy": str(by), "changedBy": str(by),
        "createdDate": now, "changedDate": now, "deadline": fields.get("DEADLINE") or None,
        "closedDate": None, "ufCrmTask": list(fields.get("UF_CRM_TASK") or []),
    }  # fmt: skip
    portal.tasks[int(task["id"])] = task
    portal.offline.happened("ONTASKADD", int(task["id"]))
    return {"task": _task_row(task, ())}, {}


def _task_update(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    if task is None:
        raise Refusal(400, "0", "wrong task id")
    fields = params.get("fields")
    if not isinstance(fields, dict) or not fields:
        raise Refusal(400, "100", "Could not find value for parameter {fields}")
    names = {"TITLE": "title", "DESCRIPTION": "description", "RESPONSIBLE_ID": "responsibleId",
             "DEADLINE": "deadline", "STATUS": "status", "UF_CRM_TASK": "ufCrmTask"}  # fmt: skip
    for name, own in names.items():
        if name in fields:
            value = fields[name]
            task[own] = list(value) if name == "UF_CRM_TASK" else str(value) or None
    return _task_saved(portal, task, by)


def _task_saved(portal: "Portal", task: dict[str, Any], by: int, **news: Any) -> Any:
    """A task that was changed."""
    task |= {**news, "changedDate": portal.text(), "changedBy": str(by)}
    portal.offline.happened("ONTASKUPDATE", int(task["id"]))
    return {"task": _task_row(task, ())}, {}


def _task_complete(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    if task is None:
        raise Refusal(400, "0", "wrong task id")
    return _task_saved(portal, task, by, status="5", closedDate=portal.text())


def _task_renew(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    if task is None or task["status"] != "5":
        raise Refusal(400, "0", "Action on the task is not allowed")
    return _task_saved(portal, task, by, status="2", closedDate=None)


def _task_get(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    return ([] if task is None else {"task": _task_row(task, params.get("select"))}), {}


def _task_list(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    columns = {"ID": "id", "CHANGED_DATE": "changedDate", "RESPONSIBLE_ID": "responsibleId",
               "CREATED_DATE": "createdDate"}  # fmt: skip
    rows = sorted(portal.tasks.values(), key=lambda row: int(row["id"]))
    chosen = dict(params.get("filter") or {})
    bound = chosen.pop("UF_CRM_TASK", None)
    if bound:
        rows = [row for row in rows if bound in row["ufCrmTask"]]
    named = {}
    for name, value in chosen.items():
        found = _OPERATOR.match(name)
        assert found is not None
        if found.group(2) not in columns:
            raise Refusal(400, "100", f"unknown filter {name}")
        named[f"{found.group(1) or ''}{columns[found.group(2)]}"] = value
    part, more = paged(filtered(rows, named, lambda _name: True), params)
    return {"tasks": [_task_row(row, params.get("select")) for row in part]}, more


def _comment_add(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    fields = params.get("fields") or {}
    if fields.get("ENTITY_TYPE") != "deal" or not fields.get("COMMENT"):
        raise Refusal(400, "INVALID_ARG_VALUE", "COMMENT")
    if int(fields.get("ENTITY_ID") or 0) not in portal.items["deal"]:
        raise Refusal(400, "OWNER_NOT_FOUND", "")
    return portal.comment(int(fields["ENTITY_ID"]), fields["COMMENT"], by), {}


def _comment_list(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    chosen = params.get("filter") or {}
    if "ENTITY_ID" not in chosen or "ENTITY_TYPE" not in chosen:
        raise Refusal(400, "100", "filter")
    rows = [row for row in portal.comments.values() if row["ENTITY_ID"] == int(chosen["ENTITY_ID"])]
    return paged(rows, params)


def _comment_update(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    comment = portal.comments.get(int(params.get("id") or 0))
    if comment is None:
        raise Refusal(400, "NOT_FOUND", "")
    comment["COMMENT"] = (params.get("fields") or {}).get("COMMENT") or comment["COMMENT"]
    return True, {}


def _userfield_add(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    fields = params.get("fields") or {}
    name = str(fields.get("FIELD_NAME") or "").upper()
    name = name if name.startswith("UF_CRM_") else f"UF_CRM_{name}"
    if not fields.get("FIELD_NAME") or not fields.get("USER_TYPE_ID"):
        raise Refusal(400, "", "FIELD_NAME")
    if len(name) > 50 or not re.fullmatch(r"[A-Z0-9_]+", name) or name in portal.userfields:
        raise Refusal(400, "ERROR_CORE", name)
    portal.userfields[name] = {**fields, "FIELD_NAME": name, "ID": str(portal.key())}
    return int(portal.userfields[name]["ID"]), {}


def _statuses(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    entity = str((params.get("filter") or {}).get("ENTITY_ID") or "")
    number = entity.removeprefix("DEAL_STAGE").strip("_")
    return portal.stages(None if entity == "STATUS" else int(number or 0)), {}


def _batch(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    commands = params.get("cmd") or {}
    if isinstance(commands, list):
        commands = {str(place): one for place, one in enumerate(commands)}
    results: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for place, (name, command) in enumerate(commands.items()):
        method, _, query = str(command).partition("?")
        try:
            if place >= _PAGE:
                raise Refusal(400, "ERROR_BATCH_LENGTH_EXCEEDED", "")
            if method.lower() == "batch":
                raise Refusal(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "")
            results[name] = portal.answer(method, php.parsed(_referred(query, results)), by)[0]
        except Refusal as refusal:
            errors[name] = refusal.told()
            if str(params.get("halt")) == "1":
                break
    found: dict[str, Any] = {
        "result": results or [], "result_error": errors or [], "result_total": [],
        "result_next": [], "result_time": {name: portal.time() for name in results} or [],
    }  # fmt: skip
    return found, {}


def _referred(query: str, results: Mapping[str, Any]) -> str:
    """``$result[key][field]`` is what an earlier call answered."""

    def put(found: "re.Match[str]") -> str:
        value: Any = results
        for part in re.findall(r"\[([^\]]+)\]", unquote(found.group(0))):
            try:
                value = value[int(part)] if isinstance(value, list) else value[part]
            except (IndexError, KeyError, TypeError):
                return ""  # PHP's reading of what is not there
        return str(value)

    return re.sub(r"(?:\$|%24)result(?:(?:\[|%5B)[^\]&%]+(?:\]|%5D))+", put, query)


METHODS: dict[str, Callable[["Portal", Mapping[str, Any], int], Any]] = {
    "scope": lambda portal, _params, _by: (list(portal.scopes), {}),
    "profile": lambda portal, _params, by: (
        {"ID": str(by), "ADMIN": by in portal.admins, "NAME": "Anna", "LAST_NAME": "Orlova"}, {}
    ),
    "crm.category.list": lambda _portal, _params, _by: (
        {"categories": [{"id": 0, "name": "Sales", "sort": 300, "isDefault": "Y"},
                        {"id": 3, "name": "Wholesale", "sort": 400, "isDefault": "N"}]}, {}
    ),
    "crm.status.list": _statuses,
    "crm.deal.userfield.list": lambda portal, _params, _by: (list(portal.userfields.values()), {}),
    "crm.deal.userfield.add": _userfield_add,
    "crm.item.list": _item_list, "crm.item.add": _item_add, "crm.item.update": _item_update,
    "crm.item.get": _item_get, "crm.stagehistory.list": _history,
    "tasks.task.add": _task_add, "tasks.task.update": _task_update, "tasks.task.get": _task_get,
    "tasks.task.list": _task_list, "tasks.task.complete": _task_complete,
    "tasks.task.renew": _task_renew,
    "crm.timeline.comment.add": _comment_add, "crm.timeline.comment.list": _comment_list,
    "crm.timeline.comment.update": _comment_update, "batch": _batch,
}  # fmt: skip
