"""REST 3.0 of the emulated portal: tasks in words and numbers, and writes that can be repeated
under an ``Idempotency-Key``. The tasks are those of the classic methods."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.emulators.bitrix24_methods import Refusal
from tests.emulators.bitrix24_oauth import Caller

if TYPE_CHECKING:
    from tests.emulators.bitrix24 import Portal

_KEPT = 86_400.0
_LIMIT = 50
_MOST = 1_000
_REQUIRED = ("title", "creatorId", "responsibleId")
_WRITABLE = {*_REQUIRED, "deadline", "description", "crmItemIds", "priority", "xmlId", "status"}
_PRIORITIES = {"0": "low", "1": "average", "2": "high"}
_STATUSES = {"2": "pending", "3": "in_progress", "4": "awaiting_control", "5": "completed",
             "6": "deferred"}  # fmt: skip
_OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "in", "between")


class Exceptional(Refusal):
    """A refusal of REST 3.0; ``fields``: what each field is refused for."""

    def __init__(self, status: int, name: str, message: str = "", **fields: str) -> None:
        super().__init__(status, f"BITRIX_REST_V3_EXCEPTION_{name}EXCEPTION", message)
        self.fields = fields

    def told(self) -> dict[str, Any]:
        """Its body."""
        found: dict[str, Any] = {"code": self.code, "message": self.description}
        if self.fields:
            found["validation"] = [
                {"field": name, "message": message} for name, message in self.fields.items()
            ]
        return {"error": found}


# -- repeated writes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Answer:
    at: float
    asked: str
    body: bytes


class Replays:
    """Answers to writes by credential, user, method and key; each is kept for a day."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self._answers: dict[tuple[Caller, str, str], _Answer] = {}

    def answer(
        self, key: str | None, method: str, params: Mapping[str, Any], do: Callable[[], bytes]
    ) -> tuple[bytes, dict[str, str]]:
        """The body of the answer and its headers; a failure is not kept."""
        if key is None or method not in WRITES:
            return do(), {}
        if not 1 <= len(key) <= 255 or not all(" " <= sign <= "~" for sign in key):
            raise Exceptional(400, "INVALIDIDEMPOTENCYKEY", "Idempotency-Key")
        scope = (self._portal.caller, method, key)
        # The token is no part of what is asked: a repeat may come after it was renewed.
        asked = {name: value for name, value in params.items() if name != "auth"}
        found = json.dumps(asked, sort_keys=True)
        before = self._answers.get(scope)
        if before is None or before.at + _KEPT <= self._portal.clock():
            body = do()
            self._answers[scope] = _Answer(self._portal.clock(), found, body)
            return body, {"Idempotency_Key": key}
        if before.asked != found:
            raise Exceptional(422, "IDEMPOTENCYKEYREUSED", "Another body came under this key")
        return before.body, {"Idempotency_Key": key, "Idempotent_Replayed": "true"}


# -- methods --------------------------------------------------------------------------------------


def answer(portal: "Portal", method: str, params: Mapping[str, Any]) -> Any:
    """What a method of REST 3.0 answers; raises ``Refusal``."""
    found = _METHODS.get(method)
    if found is None:
        raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    if method.startswith("tasks.") and "tasks" not in portal.scopes:
        raise Exceptional(403, "INSUFFICIENTSCOPE", "tasks")
    with portal.offline.asked(params):
        return found(portal, params)


def _add(portal: "Portal", params: Mapping[str, Any]) -> Any:
    fields = _fields(params)
    missing = {name: "is required" for name in _REQUIRED if not fields.get(name)}
    if missing:
        raise Exceptional(400, "VALIDATION_REQUESTVALIDATION", "Invalid request", **missing)
    key, now = portal.key(), portal.text()
    task: dict[str, Any] = {
        "id": str(key), "description": "", "status": "2", "priority": "1", "deadline": None,
        "changedBy": str(portal.caller.user), "createdDate": now, "changedDate": now,
        "closedDate": None, "ufCrmTask": [], "xmlId": None,
    }  # fmt: skip
    portal.tasks[key] = task | _classic(fields)
    portal.offline.happened("ONTASKADD", key)
    return {"item": _shown(portal.tasks[key], params.get("select"))}


def _update(portal: "Portal", params: Mapping[str, Any]) -> Any:
    task = _task(portal, params)
    task |= _classic(_fields(params))
    task |= {"changedDate": portal.text(), "changedBy": str(portal.caller.user)}
    portal.offline.happened("ONTASKUPDATE", int(task["id"]))
    return {"result": True}


def _delete(portal: "Portal", params: Mapping[str, Any]) -> Any:
    key = int(_task(portal, params)["id"])
    del portal.tasks[key]
    portal.offline.happened("ONTASKDELETE", key)
    return {"result": True}


def _get(portal: "Portal", params: Mapping[str, Any]) -> Any:
    return {"item": _shown(_task(portal, params), params.get("select"))}


def _list(portal: "Portal", params: Mapping[str, Any]) -> Any:
    keys = sorted(portal.tasks)
    for condition in params.get("filter") or ():
        _fits(0, condition)  # it is judged where there are no tasks, too
        keys = [key for key in keys if _fits(key, condition)]
    pages = params.get("pagination") or {}
    limit, page = int(pages.get("limit", _LIMIT)), int(pages.get("page", 1))
    start = int(pages.get("offset", (page - 1) * limit))
    if not 1 <= limit <= _MOST or start < 0:
        raise Exceptional(400, "INVALIDPAGINATION", "pagination")
    chosen = params.get("select") or ["id"]
    return {"items": [_shown(portal.tasks[key], chosen) for key in keys[start : start + limit]]}


def _described(_portal: "Portal", _params: Mapping[str, Any]) -> Any:
    return {"openapi": "3.0.0", "paths": {f"/{name}": {"post": {}} for name in sorted(_METHODS)}}


def _fields(params: Mapping[str, Any]) -> dict[str, Any]:
    fields = params.get("fields")
    if not isinstance(fields, dict):
        raise Exceptional(400, "VALIDATION_REQUESTVALIDATION", "Invalid request", fields="required")
    for name in fields:
        if name not in _WRITABLE:
            raise Exceptional(400, "UNKNOWNDTOPROPERTY", str(name))
    return fields


def _task(portal: "Portal", params: Mapping[str, Any]) -> dict[str, Any]:
    task = portal.tasks.get(int(params.get("id") or 0))
    if task is None:
        raise Exceptional(400, "ENTITYNOTFOUND", "Task not found")
    return task


def _classic(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the classic methods keep them: numbers and words become their strings."""
    made: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "creatorId":
            made["createdBy"] = str(value)
        elif name == "responsibleId":
            made[name] = str(value)
        elif name == "crmItemIds":
            made["ufCrmTask"] = list(value)
        elif name == "deadline":
            made[name] = _moment(value)
        elif name in ("priority", "status"):
            made[name] = _code(name, value)
        else:
            made[name] = value
    return made


def _moment(value: Any) -> str | None:
    if value is None:
        return None
    try:
        offset = datetime.fromisoformat(str(value)).tzinfo
    except ValueError:
        offset = None
    if offset is None:
        raise Exceptional(
            400, "VALIDATION_REQUESTVALIDATION", "Invalid request", deadline="ISO 8601 with offset"
        )
    return str(value)


def _code(name: str, word: Any) -> str:
    words = _PRIORITIES if name == "priority" else _STATUSES
    for code, meaning in words.items():
        if meaning == word:
            return code
    raise Exceptional(400, "VALIDATION_REQUESTVALIDATION", "Invalid request", **{name: str(word)})


def _shown(task: Mapping[str, Any], select: Any) -> dict[str, Any]:
    """A task in numbers and words; what is selected and unknown is left out without a word."""
    found = {
        "id": int(task["id"]), "title": task["title"], "description": task["description"],
        "creatorId": int(task["createdBy"]), "responsibleId": int(task["responsibleId"]),
        "deadline": task["deadline"], "status": _STATUSES[task["status"]],
        "priority": _PRIORITIES[task.get("priority", "1")], "crmItemIds": list(task["ufCrmTask"]),
        "xmlId": task.get("xmlId"), "created": task["createdDate"], "changed": task["changedDate"],
    }  # fmt: skip
    return {name: value for name, value in found.items() if not select or name in select}


def _fits(key: int, condition: Any) -> bool:
    """Whether a task fits ``["id", operator, value]``: lists of tasks filter by nothing else."""
    if isinstance(condition, dict):
        every = any if condition.get("logic") == "or" else all
        return every(_fits(key, one) for one in condition.get("conditions") or ())
    if not isinstance(condition, list) or len(condition) != 3:
        raise Exceptional(400, "VALIDATION_REQUESTVALIDATION", "Invalid request", filter="shape")
    name, sign, value = condition
    if name != "id":
        raise Exceptional(400, "UNKNOWNDTOPROPERTY", str(name))
    if sign not in _OPERATORS:
        raise Exceptional(400, "UNKNOWNFILTEROPERATOR", str(sign))
    if sign == "in":
        return key in [int(one) for one in value]
    if sign == "between":
        return int(value[0]) <= key <= int(value[1])
    wanted = int(value)
    return {"=": key == wanted, "!=": key != wanted, ">": key > wanted, ">=": key >= wanted,
            "<": key < wanted, "<=": key <= wanted}[sign]  # fmt: skip


#: Only these know an ``Idempotency-Key``; for others it means nothing.
WRITES = {"tasks.task.add": _add, "tasks.task.update": _update, "tasks.task.delete": _delete}
PLAIN = {"rest.documentation.openapi": _described, "documentation": _described}
_METHODS = {**WRITES, **PLAIN, "tasks.task.get": _get, "tasks.task.list": _list}
