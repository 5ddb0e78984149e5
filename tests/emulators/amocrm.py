"""An account of amoCRM on loopback, as strict as the vendor's documentation: HAL envelopes, 204 for
nothing, pages that move while rows change, seven requests in a second and a block after that,
custom fields that may be null, no deletion. A colleague edits through ``Account.edit``."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.emulators import php
from tests.emulators.faults import Faults, reply

TOKEN = "canary.long-lived.t0ken"
_SYSTEM = {142: "Успешно реализовано", 143: "Закрыто и не реализовано"}
_TYPES = {"text", "textarea", "numeric", "select", "date_time", "url", "checkbox", "multitext"}


class Refusal(Exception):
    """The account says no."""

    def __init__(self, status: int, detail: str = "", errors: Any = None) -> None:
        self.status, self.detail, self.errors = status, detail, errors
        super().__init__(detail)

    @classmethod
    def of(cls, code: str, path: str) -> "Refusal":
        """A value that is not taken."""
        return cls(400, errors=[{"code": code, "path": path, "detail": "This value is not valid."}])


@dataclass
class Account:
    """The state of the account. ``clock`` answers seconds."""

    clock: Callable[[], float]
    token: str = TOKEN
    limits: bool = False
    admin: bool = True
    filters: bool = True
    fails_above: int = 250
    rows: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"leads": {}, "contacts": {}, "companies": {}, "tasks": {}}
    )
    notes: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"leads": {}, "contacts": {}, "companies": {}}
    )
    faults: Faults = field(default_factory=Faults)
    requests: int = 0
    refused: int = 0
    blocked: bool = False
    port: int = 0
    _seen: deque[float] = field(default_factory=deque)
    _last: int = 900_000
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        for kind in ("contacts", "companies"):
            for code in ("PHONE", "EMAIL"):
                key = self.key()
                self.fields[kind][key] = {
                    "id": key,
                    "code": code,
                    "name": code,
                    "type": "multitext",
                }

    @property
    def url(self) -> str:
        """The address of the account."""
        return f"http://127.0.0.1:{self.port}"

    def key(self) -> int:
        self._last += 1
        return self._last

    def now(self) -> int:
        """Its clock, in whole seconds."""
        return int(self.clock())

    # -- what a colleague does ----------------------------------------------------------------

    def add(self, kind: str, by: int = 7, **values: Any) -> int:
        """Somebody makes an object in the CRM."""
        with self.lock:
            return int(self._add(kind, values, by)["id"])

    def edit(self, kind: str, key: int, by: int = 7, **values: Any) -> None:
        """Somebody changes an object in the CRM."""
        with self.lock:
            self._update(kind, {"id": key, **values}, by)

    # -- rows -----------------------------------------------------------------------------------

    def _add(self, kind: str, given: Mapping[str, Any], by: int) -> dict[str, Any]:
        now = self.now()
        row: dict[str, Any] = {
            "id": self.key(), "name": "", "responsible_user_id": by, "group_id": 0,
            "created_by": by, "updated_by": by, "created_at": now, "updated_at": now,
            "account_id": 31_000_001, "is_deleted": False, "custom_fields_values": None,
            "_embedded": {"tags": [], "companies": []},
        }  # fmt: skip
        if kind == "leads":
            row |= {"price": 0, "pipeline_id": 6_950_551, "status_id": 58_141_807,
                    "loss_reason_id": None, "closed_at": None}  # fmt: skip
            row["_embedded"]["contacts"] = []
        if kind == "tasks":
            if not given.get("text") or not given.get("complete_till"):
                raise Refusal.of("FieldMissing", "complete_till")
            row = {
                "id": row["id"], "created_by": by, "updated_by": by, "created_at": now,
                "updated_at": now, "responsible_user_id": by, "entity_id": None,
                "entity_type": None, "is_completed": False, "task_type_id": 1, "text": "",
                "result": [], "complete_till": 0,
            }  # fmt: skip
        self.rows[kind][row["id"]] = row
        self._set(kind, row, given)
        return row

    def _update(self, kind: str, given: Mapping[str, Any], by: int) -> dict[str, Any]:
        row = self.rows[kind].get(int(given.get("id") or 0))
        if row is None:
            raise Refusal(404, "Not found")
        before = (row.get("pipeline_id"), row.get("status_id"))
        self._set(kind, row, given)
        row |= {"updated_at": self.now(), "updated_by": by}
        after = (row.get("pipeline_id"), row.get("status_id"))
        if kind == "leads" and before != after:
            row["closed_at"] = self.now() if after[1] in _SYSTEM else None
            self._tell(row, before, after, by)
        return row

    def _set(self, kind: str, row: dict[str, Any], given: Mapping[str, Any]) -> None:
        plain = {
            "leads": ("name", "price", "responsible_user_id", "pipeline_id", "status_id",
                      "loss_reason_id", "created_at"),
            "contacts": ("name", "responsible_user_id"),
            "companies": ("name", "responsible_user_id"),
            "tasks": ("text", "complete_till", "entity_id", "entity_type", "task_type_id",
                      "responsible_user_id", "is_completed"),
        }[kind]  # fmt: skip
        for name in plain:
            if name in given:
                row[name] = given[name]
        if kind == "tasks":
            if isinstance(given.get("result"), Mapping):
                row["result"] = {"text": given["result"]["text"]}
            return
        if kind == "leads":
            if not isinstance(row["price"], int):
                raise Refusal.of("InvalidType", "price")
            statuses = {one["id"] for one in self.pipeline()["_embedded"]["statuses"]}
            if row["status_id"] not in statuses or row["pipeline_id"] != 6_950_551:
                raise Refusal.of("NotSupportedChoice", "status_id")
        self._set_own(kind, row, given.get("custom_fields_values"))
        for name, own in (given.get("_embedded") or {}).items():
            row["_embedded"][name] = [{"id": int(one["id"])} for one in own or ()]

    def _set_own(self, kind: str, row: dict[str, Any], given: Any) -> None:
        """Values given for a field replace all of it; other fields stay."""
        codes = {one["code"]: one for one in self.fields[kind].values()}
        kept = {one["field_code"]: one for one in row["custom_fields_values"] or ()}
        for place, one in enumerate(given or ()):
            known = codes.get(one.get("field_code")) or self.fields[kind].get(one.get("field_id"))
            if known is None:
                raise Refusal.of("NotSupportedChoice", f"custom_fields_values.{place}.field_id")
            kept[known["code"]] = {
                "field_id": known["id"], "field_code": known["code"], "field_name": known["name"],
                "field_type": known["type"], "values": one["values"],
            }  # fmt: skip
        row["custom_fields_values"] = list(kept.values()) or None

    def _tell(self, row: Mapping[str, Any], before: Any, after: Any, by: int) -> None:
        def status(pair: Any) -> list[Any]:
            return [{"lead_status": {"pipeline_id": pair[0], "id": pair[1]}}]

        self.events.append(
            {"id": f"01k9{len(self.events):012d}", "type": "lead_status_changed",
             "entity_id": row["id"], "entity_type": "lead", "created_by": by,
             "created_at": self.now(), "value_before": status(before),
             "value_after": status(after)}
        )  # fmt: skip

    def pipeline(self) -> dict[str, Any]:
        """The pipeline of the account."""
        named = (
            (58_141_803, "Неразобранное", 1), (58_141_807, "New request", 0),
            (58_141_811, "Meeting scheduled", 0), (58_141_815, "Advance paid", 0),
            *((key, name, 0) for key, name in _SYSTEM.items()),
        )  # fmt: skip
        return {
            "id": 6_950_551, "name": "Sales", "sort": 1, "is_main": True, "is_archive": False,
            "_embedded": {"statuses": [
                {"id": key, "name": name, "sort": place * 10, "type": kind,
                 "pipeline_id": 6_950_551}
                for place, (key, name, kind) in enumerate(named, 1)
            ]},
        }  # fmt: skip

    # -- requests -------------------------------------------------------------------------------

    def takes(self) -> bool:
        """Whether one more request is within seven in a rolling second; the third refusal blocks
        the address."""
        if self.blocked:
            raise Refusal(403)
        if not self.limits:
            return True
        now = self.clock()
        while self._seen and self._seen[0] <= now - 1:
            self._seen.popleft()
        self._seen.append(now)
        if len(self._seen) > 7:
            self.refused += 1
            self.blocked = self.refused >= 3
            return False
        return True


def _listed(account: Account, path: str, name: str, rows: list[Any], query: Any) -> Any:
    limit, page = int(query.get("limit") or 50), int(query.get("page") or 1)
    if limit > 250:
        raise Refusal(400, "limit")
    part = rows[(page - 1) * limit : page * limit]
    if not part:
        return None
    links = {"self": {"href": path}}
    if page * limit < len(rows):
        links["next"] = {"href": f"{account.url}{path}?page={page + 1}"}
    return {"_page": page, "_links": links, "_embedded": {name: part}}


def _ids(chosen: Any) -> set[int] | None:
    if chosen is None:
        return None
    values = chosen.values() if isinstance(chosen, dict) else chosen
    return {int(one) for one in ([values] if isinstance(values, str) else values)}


def _chosen(account: Account, kind: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = list(account.rows[kind].values())
    deleted = "only_deleted" in str(query.get("with") or "")
    if kind != "tasks":
        rows = [row for row in rows if bool(row["is_deleted"]) == deleted]
    wanted = query.get("filter") or {}
    if account.filters:
        ids = _ids(wanted.get("id"))
        rows = [row for row in rows if ids is None or row["id"] in ids]
        since = (wanted.get("updated_at") or {}).get("from")
        rows = [row for row in rows if since is None or row["updated_at"] >= int(since)]
        for key, values in (wanted.get("custom_fields_values") or {}).items():
            texts = {str(one) for one in (values.values() if isinstance(values, dict) else values)}
            rows = [row for row in rows if _own(row, int(key)) & texts]
        if kind == "tasks" and wanted.get("entity_id"):
            owners = _ids(wanted["entity_id"]) or set()
            rows = [row for row in rows if row["entity_id"] in owners]
    if query.get("query"):
        text = str(query["query"])
        rows = [row for row in rows if text in json.dumps(row)]
    order = query.get("order") or {}
    column, way = next(iter(order.items()), ("id", "asc"))
    return sorted(rows, key=lambda row: (row[column], row["id"]), reverse=way == "desc")


def _own(row: Mapping[str, Any], key: int) -> set[str]:
    return {
        str(value["value"])
        for one in row["custom_fields_values"] or ()
        if one["field_id"] == key
        for value in one["values"]
    }


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    account: Account

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        """Read."""
        self._serve("GET")

    def do_POST(self) -> None:
        """Make."""
        self._serve("POST")

    def do_PATCH(self) -> None:
        """Change."""
        self._serve("PATCH")

    def do_DELETE(self) -> None:
        """There is none."""
        self._serve("DELETE")

    def _serve(self, verb: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        play = self.account.faults.next()
        if play is not None:
            play(self, lambda: self._done(verb, body))
            return
        status, answer = self._done(verb, body)
        kind = "application/hal+json" if status < 400 else "application/problem+json"
        reply(self, status, answer, Content_Type=kind)

    def _done(self, verb: str, body: bytes) -> tuple[int, bytes]:
        account = self.account
        with account.lock:
            account.requests += 1
            try:
                if not account.takes():
                    return 429, b"<html>429 Too Many Requests</html>"
                if self.headers.get("Authorization") != f"Bearer {account.token}":
                    raise Refusal(401, "Unauthorized")
                found = self._answer(verb, body)
            except Refusal as refusal:
                if refusal.status == 403 and not refusal.detail:
                    return 403, b"<html>403 Forbidden</html>"
                told: dict[str, Any] = {"title": "Error", "status": refusal.status,
                                        "detail": refusal.detail}  # fmt: skip
                if refusal.errors:
                    told["validation-errors"] = [{"request_id": "0", "errors": refusal.errors}]
                return refusal.status, json.dumps(told).encode()
        return (204, b"") if found is None else (200, json.dumps(found).encode())

    def _answer(self, verb: str, body: bytes) -> Any:
        parts = urlsplit(self.path)
        query = php.parsed(parts.query)
        steps = parts.path.strip("/").split("/")
        if steps[:2] != ["api", "v4"]:
            raise Refusal(404, "Not found")
        path, steps = parts.path, steps[2:]
        if verb == "GET":
            return self._read(path, steps, query)
        given = json.loads(body or b"[]")
        if verb not in ("POST", "PATCH") or not isinstance(given, list):
            raise Refusal(405 if verb == "DELETE" else 400, "Method not allowed")
        return self._write(verb, steps, given)

    def _read(self, path: str, steps: list[str], query: Mapping[str, Any]) -> Any:
        account, name = self.account, steps[-1]
        if steps == ["account"]:
            return {"id": 31_000_001, "name": "Demo", "subdomain": "demo", "current_user_id": 1,
                    "currency": "RUB", "is_api_filter_enabled": account.filters}  # fmt: skip
        if steps == ["users"]:
            if not account.admin:
                raise Refusal(403, "Forbidden")
            people = [
                {"id": key, "name": who, "email": "", "rights": {"is_active": True}}
                for key, who in ((1, "Anna Orlova"), (7, "Maria Kim"))
            ]
            return _listed(account, path, name, people, query)
        if steps == ["leads", "pipelines"]:
            return {"_total_items": 1, "_embedded": {"pipelines": [account.pipeline()]}}
        if steps == ["leads", "loss_reasons"]:
            return {"_embedded": {"loss_reasons": [{"id": 11, "name": "Too expensive"}]}}
        if name == "custom_fields":
            rows = list(account.fields[steps[0]].values())
            return _listed(account, path, name, rows, query)
        if steps == ["events"]:
            return self._events(path, query)
        if name == "notes":
            notes = list(account.notes.values())
            if len(steps) == 3:
                notes = [one for one in notes if one["entity_id"] == int(steps[1])]
            since = ((query.get("filter") or {}).get("updated_at") or {}).get("from")
            notes = [one for one in notes if since is None or one["updated_at"] >= int(since)]
            return _listed(account, path, name, notes[::-1], query)
        if steps[0] in account.rows and len(steps) == 1:
            return _listed(account, path, name, _chosen(account, name, query), query)
        raise Refusal(404, "Not found")

    def _events(self, path: str, query: Mapping[str, Any]) -> Any:
        if int(query.get("limit") or 50) > 100:
            raise Refusal(400, "limit")
        wanted = query.get("filter") or {}
        ids = _ids(wanted.get("entity_id"))
        if ids is not None and len(ids) > 10:
            raise Refusal(400, "entity_id")
        since = (wanted.get("created_at") or {}).get("from")
        rows = [
            one for one in reversed(self.account.events)
            if (ids is None or one["entity_id"] in ids)
            and (since is None or one["created_at"] >= int(since))
        ]  # fmt: skip
        return _listed(self.account, path, "events", rows, query)

    def _write(self, verb: str, steps: list[str], given: list[Any]) -> Any:
        account, name = self.account, steps[-1]
        if len(given) > 250:
            raise Refusal(400, "too many")
        if name == "custom_fields":
            return self._make_fields(steps[0], given)
        if name == "notes":
            return {"_embedded": {"notes": [self._note(verb, one) for one in given]}}
        if name not in account.rows:
            raise Refusal(404, "Not found")
        saved = given[: account.fails_above]
        made = []
        for place, one in enumerate(saved):
            write = account._add if verb == "POST" else account._update
            row = write(name, one, 1)
            told = {"id": row["id"], "updated_at": row["updated_at"]}
            if verb == "POST":
                told["request_id"] = str(one.get("request_id") or place)
            made.append(told)
        if len(given) > account.fails_above:
            raise Refusal(504, "Gateway Timeout")
        return {"_embedded": {name: made}}

    def _note(self, verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
        account = self.account
        if verb == "PATCH":
            note = account.notes[int(given["id"])]
            note |= {"params": given["params"], "updated_at": account.now()}
        else:
            if int(given["entity_id"]) not in account.rows["leads"]:
                raise Refusal(400, "entity_id")
            note = {"id": account.key(), "entity_id": int(given["entity_id"]), "created_by": 1,
                    "note_type": given["note_type"], "params": given["params"],
                    "created_at": account.now(), "updated_at": account.now()}  # fmt: skip
            account.notes[note["id"]] = note
        return {"id": note["id"], "request_id": str(given.get("request_id") or "0")}

    def _make_fields(self, kind: str, given: list[Any]) -> Any:
        made = []
        codes = {one["code"] for one in self.account.fields[kind].values()}
        for one in given:
            if one.get("type") not in _TYPES or one.get("code") in codes:
                raise Refusal.of("NotSupportedChoice", "type")
            key = self.account.key()
            self.account.fields[kind][key] = {"id": key, **one}
            made.append(self.account.fields[kind][key])
        return {"_embedded": {"custom_fields": made}}


@contextmanager
def running(account: Account) -> Iterator[Account]:
    """Serve an account on loopback."""

    class Own(Handler):
        pass

    Own.account = account
    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.daemon_threads = True
    account.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield account
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
