"""A portal of Bitrix24 on loopback, as strict as the vendor's documentation: envelopes, codes of
errors, pages of fifty, batches, silently dropped fields, the leaky bucket, a history of stages that
nobody can write. A colleague edits through ``Portal.edit``."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.emulators import php
from tests.emulators.faults import Faults, reply

SECRET = "canary0s3cr3t"
_ZONE = timezone(timedelta(hours=3))
_PAGE = 50
_TYPES = {2: "deal", 3: "contact", 4: "company"}
_COMMON = {"id", "assignedById", "createdTime", "updatedTime", "createdBy", "updatedBy",
           "originatorId", "originId", "comments", "sourceId"}  # fmt: skip
_FIELDS = {
    "deal": _COMMON | {"title", "categoryId", "stageId", "opportunity", "isManualOpportunity",
                       "currencyId", "probability", "begindate", "closedate", "companyId",
                       "contactId", "contactIds", "movedTime", "movedBy", "stageSemanticId"},
    "contact": _COMMON | {"name", "secondName", "lastName", "companyId", "companyIds", "fm"},
    "company": _COMMON | {"title", "industry", "fm"},
}  # fmt: skip
_READ_ONLY = {"id", "createdTime", "updatedTime", "createdBy", "updatedBy", "movedTime", "movedBy",
              "stageSemanticId"}  # fmt: skip
_OPERATOR = re.compile(r"^(>=|<=|!=|!@|>|<|!|@|=|%)?(.+)$")


class Refusal(Exception):
    """The portal says no."""

    def __init__(self, status: int, code: object, description: str = "") -> None:
        self.status, self.code, self.description = status, code, description
        super().__init__(f"{code}: {description}")


@dataclass
class Portal:
    """The state of the portal. ``clock`` answers seconds; ``limits``: whether the bucket counts."""

    clock: Callable[[], float]
    secret: str = SECRET
    limits: bool = False
    drops: frozenset[str] = frozenset()
    refuses: str = ""
    scopes: tuple[str, ...] = ("crm", "task", "user_brief")
    items: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"deal": {}, "contact": {}, "company": {}}
    )
    tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    userfields: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    requests: int = 0
    refused: int = 0
    port: int = 0
    _level: float = 0.0
    _level_at: float = 0.0
    _last: int = 100
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def webhook(self) -> str:
        """The address of the incoming webhook."""
        return f"http://127.0.0.1:{self.port}/rest/1/{self.secret}/"

    # -- what a colleague does ----------------------------------------------------------------

    def add(self, kind: str, by: int = 7, **fields: Any) -> int:
        """Somebody makes an object in the CRM."""
        with self.lock:
            return int(self._add(kind, fields, by)["id"])

    def edit(self, kind: str, key: int, by: int = 7, **fields: Any) -> None:
        """Somebody changes an object in the CRM."""
        with self.lock:
            self._update(kind, key, fields, by)

    # -- items ----------------------------------------------------------------------------------

    def text(self, at: float | None = None) -> str:
        """A moment as it is written there."""
        moment = int(self.clock() if at is None else at)
        return datetime.fromtimestamp(moment, UTC).astimezone(_ZONE).isoformat()

    def key(self) -> int:
        self._last += 1
        return self._last

    def _known(self, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields that it knows; others are dropped without a word, as the real one does."""
        known = _FIELDS[kind] - _READ_ONLY - self.drops
        own = set(self.userfields) if kind == "deal" else set()
        return {
            name: value for name, value in fields.items()
            if name in known or (name in own and name not in self.drops)
        }  # fmt: skip

    def _add(self, kind: str, fields: Mapping[str, Any], by: int) -> dict[str, Any]:
        now = self.text()
        item: dict[str, Any] = {
            "id": self.key(), "assignedById": by, "createdBy": by, "updatedBy": by,
            "createdTime": now, "updatedTime": now, "originatorId": None, "originId": None,
        }  # fmt: skip
        if kind == "deal":
            item |= {"title": f"Deal #{item['id']}", "categoryId": 0, "opportunity": 0,
                     "currencyId": "RUB", "companyId": None, "contactId": None, "contactIds": [],
                     "movedTime": now, "movedBy": by, "closedate": None,
                     "begindate": None}  # fmt: skip
        elif kind == "contact":
            item |= {"name": "", "secondName": "", "lastName": "", "companyId": None, "fm": []}
        else:
            item |= {"title": "", "fm": []}
        item |= self._typed(kind, self._known(kind, fields))
        if kind == "deal":
            item.setdefault("stageId", self.first(item["categoryId"]))
            self._check_stage(item)
        self.items[kind][item["id"]] = item
        if kind == "deal":
            self._tell(item, 1)
        return item

    def _update(self, kind: str, key: int, fields: Mapping[str, Any], by: int) -> dict[str, Any]:
        item = self.items[kind].get(key)
        if item is None:
            raise Refusal(400, "NOT_FOUND", "Элемент не найден")
        news = self._typed(kind, self._known(kind, fields))
        changed = {name: value for name, value in news.items() if item.get(name) != value}
        if not changed:
            return item  # the save is skipped: nothing is bumped
        before = (item.get("categoryId"), item.get("stageId"))
        made = {**item, **changed}
        if kind == "deal":
            self._check_stage(made)
        item.update(changed)
        item |= {"updatedTime": self.text(), "updatedBy": by}
        if kind == "deal" and before != (item["categoryId"], item["stageId"]):
            item |= {"movedTime": self.text(), "movedBy": by}
            self._tell(item, 5 if before[0] != item["categoryId"] else 2)
        return item

    def _typed(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Values of the kinds that the item methods answer with."""
        made = dict(fields)
        for name in ("categoryId", "assignedById", "companyId", "contactId"):
            if name in made:
                number = int(made[name] or 0)
                made[name] = number if number or name == "categoryId" else None
        if "contactIds" in made:
            if not isinstance(made["contactIds"], list):
                made["contactIds"] = [] if made["contactIds"] in ("", None) else None
                if made["contactIds"] is None:
                    raise Refusal(400, "100", "contactIds must be array")
            made["contactIds"] = [int(each) for each in made["contactIds"]]
            made["contactId"] = made["contactIds"][0] if made["contactIds"] else None
        if "opportunity" in made:
            made["opportunity"] = float(made["opportunity"] or 0)
        if made.get("closedate"):
            made["closedate"] = f"{str(made['closedate'])[:10]}T03:00:00+03:00"
        for name in ("originId", "originatorId"):
            if name in made:
                made[name] = made[name] or None
        return made

    def _check_stage(self, item: dict[str, Any]) -> None:
        stages = {stage["STATUS_ID"]: stage for stage in self.stages(item["categoryId"])}
        if item["stageId"] not in stages:
            raise Refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "stageId")
        item["stageSemanticId"] = stages[item["stageId"]]["SEMANTICS"] or "P"

    def _tell(self, item: Mapping[str, Any], kind: int) -> None:
        self.history.append(
            {"ID": len(self.history) + 9001, "TYPE_ID": kind, "OWNER_ID": item["id"],
             "CREATED_TIME": self.text(), "CATEGORY_ID": item["categoryId"],
             "STAGE_SEMANTIC_ID": item["stageSemanticId"], "STAGE_ID": item["stageId"]}
        )  # fmt: skip

    def stages(self, category: int) -> list[dict[str, Any]]:
        """The stages of a pipeline, those of a fresh portal."""
        prefix = f"C{category}:" if category else ""
        named = (
            ("NEW", "New request", None), ("PREPARATION", "Meeting scheduled", None),
            ("HELD", "Meeting held", None), ("CONTRACT", "Contract signed", None),
            ("PREPAYMENT_INVOICE", "Advance paid", None), ("WON", "Won", "S"),
            ("LOSE", "Lost", "F"), ("APOLOGY", "Apology", "F"),
        )  # fmt: skip
        return [
            {"ENTITY_ID": f"DEAL_STAGE_{category}" if category else "DEAL_STAGE",
             "STATUS_ID": prefix + code, "NAME": name, "SORT": str(place * 10),
             "SEMANTICS": semantics, "CATEGORY_ID": None, "SYSTEM": "N"}
            for place, (code, name, semantics) in enumerate(named, 1)
        ]  # fmt: skip

    def first(self, category: int) -> str:
        """The first stage of a pipeline."""
        return str(self.stages(category)[0]["STATUS_ID"])

    # -- requests -------------------------------------------------------------------------------

    def takes(self) -> bool:
        """Whether the leaky bucket takes one more request."""
        if not self.limits:
            return True
        now = self.clock()
        self._level = max(0.0, self._level - 2 * (now - self._level_at))
        self._level_at = now
        if self._level > 50:
            self.refused += 1
            return False
        self._level += 1
        return True

    def answer(self, method: str, params: Mapping[str, Any], by: int) -> Any:
        """What a method answers; raises ``Refusal``."""
        found = _METHODS.get(method.lower())
        if found is None:
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        return found(self, params, by)

    def time(self) -> dict[str, Any]:
        """The block of times of every answer."""
        at = self.clock()
        return {"start": at, "finish": at, "duration": 0.0, "processing": 0.0,
                "date_start": self.text(), "date_finish": self.text(), "operating": 0}  # fmt: skip


def _page(rows: list[dict[str, Any]], params: Mapping[str, Any]) -> tuple[list[Any], Any]:
    start = int(params.get("start") or 0)
    if start == -1:
        return rows[:_PAGE], {"total": 0}
    more = {"next": start + _PAGE} if start + _PAGE < len(rows) else {}
    return rows[start : start + _PAGE], {"total": len(rows), **more}


def _filtered(
    rows: list[dict[str, Any]], chosen: Mapping[str, Any], allowed: Callable[[str], bool]
) -> list[dict[str, Any]]:
    for name, value in chosen.items():
        found = _OPERATOR.match(name)
        assert found is not None
        sign, column = found.group(1) or "=", found.group(2)
        if not allowed(column):
            raise Refusal(400, "INVALID_ARG_VALUE", f"field '{column}' is not allowed in filter")
        rows = [row for row in rows if _fits(row.get(column), sign, value)]
    return rows


def _fits(value: Any, sign: str, wanted: Any) -> bool:
    if sign == "@":
        return str(value) in {str(each) for each in wanted}
    if sign == "=":
        if isinstance(wanted, list):
            return str(value) in {str(each) for each in wanted}
        return str(value) == str(wanted)
    if sign == "!":
        return str(value) != str(wanted)
    left, right = _ordered(value), _ordered(wanted)
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[sign]


def _ordered(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return datetime.fromisoformat(str(value)).timestamp()


def _kind(params: Mapping[str, Any]) -> str:
    kind = _TYPES.get(int(params.get("entityTypeId") or 0))
    if kind is None:
        raise Refusal(400, "NOT_FOUND", "entityTypeId")
    return kind


def _item_list(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    kind = _kind(params)
    known = _FIELDS[kind] | (set(portal.userfields) if kind == "deal" else set())
    rows = sorted(portal.items[kind].values(), key=lambda row: row["id"])
    chosen = params.get("filter") or {}
    rows = _filtered(rows, chosen if isinstance(chosen, dict) else {}, lambda name: name in known)
    part, more = _page(rows, params)
    if "*" not in (params.get("select") or ["*"]):
        part = [{name: row.get(name) for name in params["select"]} | {"id": row["id"]}
                for row in part]  # fmt: skip
    return {"items": part}, more


def _item_add(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
    fields = params.get("fields")
    if not isinstance(fields, dict):
        raise Refusal(400, "100", "Could not find value for parameter {fields}")
    return {"item": portal._add(_kind(params), fields, by)}, {}


def _item_update(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
    fields = params.get("fields") or {}
    return {"item": portal._update(_kind(params), int(params.get("id") or 0), fields, by)}, {}


def _item_get(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    item = portal.items[_kind(params)].get(int(params.get("id") or 0))
    if item is None:
        raise Refusal(400, "NOT_FOUND", "Элемент не найден")
    return {"item": item}, {}


def _history(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    rows = [row for row in portal.history if int(row["OWNER_ID"]) in portal.items["deal"]]
    here = {item["id"]: item["categoryId"] for item in portal.items["deal"].values()}
    rows = [row for row in rows if row["CATEGORY_ID"] == here[row["OWNER_ID"]]]
    columns = {"ID", "OWNER_ID", "TYPE_ID", "CREATED_TIME", "CATEGORY_ID", "STAGE_ID"}
    rows = _filtered(rows, params.get("filter") or {}, lambda name: name in columns)
    part, more = _page(rows, params)
    return {"items": part}, more


def _task_row(task: dict[str, Any], select: Any) -> dict[str, Any]:
    shown = {name: value for name, value in task.items() if name != "ufCrmTask"}
    if "UF_CRM_TASK" in (select or ()):
        shown["ufCrmTask"] = task["ufCrmTask"]
    return shown


def _task_add(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
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
    return {"task": _task_row(task, ("UF_CRM_TASK",))}, {}


def _task_update(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    if task is None:
        raise Refusal(400, "0", "wrong task id")
    fields = params.get("fields") or {}
    names = {"TITLE": "title", "DESCRIPTION": "description", "RESPONSIBLE_ID": "responsibleId",
             "DEADLINE": "deadline", "STATUS": "status", "UF_CRM_TASK": "ufCrmTask"}  # fmt: skip
    for name, own in names.items():
        if name in fields:
            value = fields[name]
            task[own] = list(value) if name == "UF_CRM_TASK" else str(value) or None
    task |= {"changedDate": portal.text(), "changedBy": str(by)}
    return {"task": _task_row(task, ("UF_CRM_TASK",))}, {}


def _task_complete(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    if task is None:
        raise Refusal(400, "0", "wrong task id")
    task |= {"status": "5", "closedDate": portal.text(), "changedDate": portal.text(),
             "changedBy": str(by)}  # fmt: skip
    return {"task": _task_row(task, ("UF_CRM_TASK",))}, {}


def _task_get(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    task = portal.tasks.get(int(params.get("taskId") or 0))
    return ([] if task is None else {"task": _task_row(task, params.get("select"))}), {}


def _task_list(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
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
    rows = _filtered(rows, named, lambda _name: True)
    part, more = _page(rows, params)
    return {"tasks": [_task_row(row, params.get("select")) for row in part]}, more


def _comment_add(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
    fields = params.get("fields") or {}
    if fields.get("ENTITY_TYPE") != "deal" or not fields.get("COMMENT"):
        raise Refusal(400, "INVALID_ARG_VALUE", "COMMENT")
    if int(fields.get("ENTITY_ID") or 0) not in portal.items["deal"]:
        raise Refusal(400, "OWNER_NOT_FOUND", "")
    key = portal.key()
    portal.comments[key] = {"ID": str(key), "ENTITY_ID": int(fields["ENTITY_ID"]),
                            "COMMENT": fields["COMMENT"], "CREATED": portal.text(),
                            "AUTHOR_ID": str(by)}  # fmt: skip
    return key, {}


def _comment_list(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    chosen = params.get("filter") or {}
    if "ENTITY_ID" not in chosen or "ENTITY_TYPE" not in chosen:
        raise Refusal(400, "100", "filter")
    rows = [row for row in portal.comments.values() if row["ENTITY_ID"] == int(chosen["ENTITY_ID"])]
    return _page(rows, params)


def _comment_update(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    comment = portal.comments.get(int(params.get("id") or 0))
    if comment is None:
        raise Refusal(400, "NOT_FOUND", "")
    comment["COMMENT"] = (params.get("fields") or {}).get("COMMENT") or comment["COMMENT"]
    return True, {}


def _userfield_add(portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    fields = params.get("fields") or {}
    name = str(fields.get("FIELD_NAME") or "").upper()
    name = name if name.startswith("UF_CRM_") else f"UF_CRM_{name}"
    if not fields.get("FIELD_NAME") or not fields.get("USER_TYPE_ID"):
        raise Refusal(400, "", "FIELD_NAME")
    if len(name) > 50 or not re.fullmatch(r"[A-Z0-9_]+", name) or name in portal.userfields:
        raise Refusal(400, "ERROR_CORE", name)
    portal.userfields[name] = {**fields, "FIELD_NAME": name, "ID": str(portal.key())}
    return int(portal.userfields[name]["ID"]), {}


def _users(_portal: Portal, params: Mapping[str, Any], _by: int) -> Any:
    rows = [
        {"ID": "1", "ACTIVE": True, "NAME": "Anna", "LAST_NAME": "Orlova", "EMAIL": ""},
        {"ID": "7", "ACTIVE": True, "NAME": "Maria", "LAST_NAME": "Kim", "EMAIL": ""},
    ]
    return _page(rows, params)


def _batch(portal: Portal, params: Mapping[str, Any], by: int) -> Any:
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
            errors[name] = {"error": refusal.code, "error_description": refusal.description}
            if str(params.get("halt")) == "1":
                break
    found: dict[str, Any] = {
        "result": results or [], "result_error": errors or [], "result_total": [],
        "result_next": [], "result_time": [],
    }  # fmt: skip
    return found, {}


def _referred(query: str, results: Mapping[str, Any]) -> str:
    """``$result[key][field]`` is what an earlier call answered."""

    def put(found: "re.Match[str]") -> str:
        value: Any = results
        for part in re.findall(r"\[([^\]]+)\]", unquote(found.group(0))):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return str(value)

    return re.sub(r"(?:\$|%24)result(?:(?:\[|%5B)[^\]&%]+(?:\]|%5D))+", put, query)


_METHODS: dict[str, Callable[[Portal, Mapping[str, Any], int], Any]] = {
    "scope": lambda portal, _params, _by: (list(portal.scopes), {}),
    "profile": lambda _portal, _params, by: (
        {"ID": str(by), "ADMIN": True, "NAME": "Anna", "LAST_NAME": "Orlova"}, {}
    ),
    "crm.category.list": lambda _portal, _params, _by: (
        {"categories": [{"id": 0, "name": "Sales", "sort": 300, "isDefault": "Y"},
                        {"id": 3, "name": "Wholesale", "sort": 400, "isDefault": "N"}]}, {}
    ),
    "crm.status.list": lambda portal, params, _by: (
        portal.stages(int(str(params["filter"]["ENTITY_ID"]).rpartition("_")[2])
                      if str(params["filter"]["ENTITY_ID"])[-1].isdigit() else 0), {}
    ),
    "user.get": _users,
    "crm.deal.userfield.list": lambda portal, _params, _by: (list(portal.userfields.values()), {}),
    "crm.deal.userfield.add": _userfield_add,
    "crm.item.list": _item_list, "crm.item.add": _item_add, "crm.item.update": _item_update,
    "crm.item.get": _item_get, "crm.stagehistory.list": _history,
    "tasks.task.add": _task_add, "tasks.task.update": _task_update, "tasks.task.get": _task_get,
    "tasks.task.list": _task_list, "tasks.task.complete": _task_complete,
    "crm.timeline.comment.add": _comment_add, "crm.timeline.comment.list": _comment_list,
    "crm.timeline.comment.update": _comment_update, "batch": _batch,
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    portal: Portal

    def log_message(self, *_: object) -> None:
        """Nothing is logged: addresses hold secrets."""

    def do_POST(self) -> None:
        """Judge the address, read the body, answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        play = self.portal.faults.next()
        if play is not None:
            play(self, lambda: self._done(body))
            return
        status, answer = self._done(body)
        reply(self, status, answer)

    def do_GET(self) -> None:
        """The same."""
        self.do_POST()

    def _done(self, body: bytes) -> tuple[int, bytes]:
        portal = self.portal
        with portal.lock:
            portal.requests += 1
            try:
                if not portal.takes():
                    raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
                method, by = self._addressed()
                result, more = portal.answer(method, self._params(body), by)
            except Refusal as refusal:
                found = {"error": refusal.code, "error_description": refusal.description}
                return refusal.status, json.dumps(found).encode()
            return 200, json.dumps({"result": result, **more, "time": portal.time()}).encode()

    def _addressed(self) -> tuple[str, int]:
        parts = urlsplit(self.path).path.strip("/").split("/")
        if len(parts) != 4 or parts[0] != "rest" or not parts[1].isdigit():
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "")
        if parts[2] != self.portal.secret:
            raise Refusal(401, "INVALID_CREDENTIALS", "Invalid request credentials")
        return parts[3].removesuffix(".json").removesuffix(".xml"), int(parts[1])

    def _params(self, body: bytes) -> dict[str, Any]:
        if "json" in (self.headers.get("Content-Type") or ""):
            found = json.loads(body or b"{}")
            return found if isinstance(found, dict) else {}
        query = urlsplit(self.path).query
        return php.parsed(query) | php.parsed(body.decode())


@contextmanager
def running(portal: Portal) -> Iterator[Portal]:
    """Serve a portal on loopback."""

    class Own(Handler):
        pass

    Own.portal = portal
    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.daemon_threads = True
    portal.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
