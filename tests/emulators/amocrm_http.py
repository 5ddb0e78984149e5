"""The emulated account of amoCRM over HTTP: routes, envelopes, arrays that are saved or refused."""

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.emulators import php
from tests.emulators.amocrm_lists import Refusal, chosen, ids, listed, ordered, shown
from tests.emulators.amocrm_oauth import Revoked
from tests.emulators.faults import reply
from tests.emulators.serving import serving

if TYPE_CHECKING:
    from tests.emulators.amocrm import Account

_TYPES = {"text", "textarea", "numeric", "select", "date_time", "url", "checkbox", "multitext"}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes
    account: "Account"

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
                if (verb, self.path) == ("POST", "/oauth2/access_token"):
                    kind = self.headers.get("Content-Type") or ""
                    return 200, json.dumps(account.oauth.answer(kind, body)).encode()
                if not account.lets_in(self.headers.get("Authorization") or ""):
                    raise Refusal(401, "Unauthorized")
                found = self._answer(verb, body)
            except Revoked as refusal:
                return refusal.status, json.dumps(refusal.told()).encode()
            except Refusal as refusal:
                if refusal.status == 403 and not refusal.detail:
                    return 403, b"<html>403 Forbidden</html>"
                told: dict[str, Any] = {"title": "Error", "status": refusal.status,
                                        "detail": refusal.detail}  # fmt: skip
                if refusal.errors:
                    told["validation-errors"] = refusal.errors
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
        if steps[0] in account.rows and len(steps) == 1:
            rows = [shown(row, query) for row in chosen(account, name, query)]
            return listed(account, path, name, rows, query)
        if steps[0] in account.rows and len(steps) == 2 and steps[1].isdecimal():
            row = account.rows[steps[0]].get(int(steps[1]))
            return None if row is None else shown(row, query)
        if name == "links" and len(steps) == 3 and steps[0] in account.linked:
            return self._links(path, account.rows[steps[0]].get(int(steps[1])), query)
        if name == "custom_fields":
            fields = list(account.fields[steps[0]].values())
            return listed(account, path, name, fields, query)
        if name == "notes" and steps[0] == "leads":
            return self._notes(path, steps, query)
        return self._read_account(path, steps, query)

    def _read_account(self, path: str, steps: list[str], query: Mapping[str, Any]) -> Any:
        account = self.account
        if steps == ["account"]:
            asked = "is_api_filter_enabled" in str(query.get("with") or "")
            more = {"is_api_filter_enabled": account.filters} if asked else {}
            return {"id": 31_000_001, "name": "Demo", "subdomain": "demo", "current_user_id": 1,
                    "currency": account.currency, **more}  # fmt: skip
        if steps == ["users"]:
            if not account.admin:
                raise Refusal(403, "Forbidden")
            people = [
                {"id": key, "name": who, "email": "", "rights": {"is_active": True}}
                for key, who in ((1, "Anna Orlova"), (7, "Maria Kim"))
            ]
            return listed(account, path, "users", people, query)
        if steps == ["leads", "pipelines"]:
            return {"_total_items": 1, "_embedded": {"pipelines": [account.pipeline()]}}
        if steps == ["leads", "loss_reasons"]:
            return {"_embedded": {"loss_reasons": [{"id": 11, "name": "Too expensive"}]}}
        if steps == ["events"]:
            return self._events(path, query)
        raise Refusal(404, "Not found")

    def _notes(self, path: str, steps: list[str], query: Mapping[str, Any]) -> Any:
        wanted = query.get("filter") or {}
        notes = ordered(list(self.account.notes.values()), "notes", query)
        since, kinds = (wanted.get("updated_at") or {}).get("from"), wanted.get("note_type")
        notes = [
            one for one in notes
            if (len(steps) != 3 or one["entity_id"] == int(steps[1]))
            and (not kinds or one["note_type"] in kinds)
            and (since is None or one["updated_at"] >= int(since))
        ]  # fmt: skip
        return listed(self.account, path, "notes", notes, query)

    def _links(self, path: str, row: Mapping[str, Any] | None, query: Mapping[str, Any]) -> Any:
        if row is None:
            raise Refusal(404, "Not found")
        links = [
            {"to_entity_id": one["id"], "to_entity_type": kind,
             "metadata": {"main_contact": bool(one.get("is_main"))} if kind == "contacts" else None}
            for kind in ("companies", "contacts")
            for one in row["_embedded"].get(kind, ())
        ]  # fmt: skip
        return listed(self.account, path, "links", links, query) or {"_embedded": {"links": []}}

    def _events(self, path: str, query: Mapping[str, Any]) -> Any:
        if int(query.get("limit") or 50) > 100:
            raise Refusal(400, "limit")
        wanted = query.get("filter") or {}
        keys = ids(wanted.get("entity_id"))
        if keys is not None and len(keys) > 10:
            raise Refusal(400, "entity_id")
        since = (wanted.get("created_at") or {}).get("from")
        rows = [
            one for one in reversed(self.account.events)
            if (keys is None or one["entity_id"] in keys)
            and (since is None or one["created_at"] >= int(since))
        ]  # fmt: skip
        return listed(self.account, path, "events", rows, query)

    def _write(self, verb: str, steps: list[str], given: list[Any]) -> Any:
        account, name = self.account, steps[-1]
        if len(given) > 250:
            raise Refusal(400, "too many")
        if name == "custom_fields":
            return self._make_fields(steps[0], given)
        if name == "notes":
            return {"_embedded": {"notes": [self._note(verb, one) for one in given]}}
        if steps[0] not in account.rows:
            raise Refusal(404, "Not found")
        if len(steps) == 3 and steps[2] in ("link", "unlink"):
            return self._link(steps, given)
        if len(steps) != 1:
            raise Refusal(404, "Not found")
        made = self._saved(verb, name, given[: account.fails_above])
        if len(given) > account.fails_above:
            raise Refusal(504, "Gateway Timeout")
        return {"_links": {}, "_embedded": {name: made}}

    def _saved(self, verb: str, name: str, given: list[Any]) -> list[dict[str, Any]]:
        """Save an array, or none of it: each element that is refused is named by its request."""
        account = self.account
        before = {
            int(one["id"]): copy.deepcopy(account.rows[name].get(int(one["id"])))
            for one in given if verb == "PATCH" and one.get("id")
        }  # fmt: skip
        events, first = len(account.events), account._last
        made: list[dict[str, Any]] = []
        refused = []
        for place, one in enumerate(given):
            request = str(one.get("request_id") or place)
            try:
                row = (account._add if verb == "POST" else account._update)(name, one, 1)
            except Refusal as refusal:
                if not refusal.errors:
                    raise
                refused.append({"request_id": request, "errors": refusal.errors})
                continue
            made.append({"id": row["id"], "updated_at": row["updated_at"], "request_id": request})
            if verb == "PATCH":
                del made[-1]["request_id"]
        if refused:
            for key in [key for key in account.rows[name] if key > first]:
                del account.rows[name][key]
            account.rows[name] |= {key: row for key, row in before.items() if row is not None}
            del account.events[events:]
            raise Refusal(400, "Request validation failed", refused)
        return made

    def _link(self, steps: list[str], given: list[Any]) -> Any:
        account, kind, key = self.account, steps[0], int(steps[1])
        if key not in account.rows.get(kind, {}) or kind not in account.linked:
            raise Refusal(404, "Not found")
        for one in given:
            other, to = str(one["to_entity_type"]), int(one["to_entity_id"])
            if steps[2] == "unlink":
                account.unlink(kind, key, other, to)
            else:
                main = bool((one.get("metadata") or {}).get("is_main"))
                account.link(kind, key, other, to, is_main=main)
        return None if steps[2] == "unlink" else {"_embedded": {"links": given}}

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
def running(account: "Account") -> Iterator["Account"]:
    """Serve an account on loopback."""
    with serving(Handler, account=account) as account.port:
        yield account
