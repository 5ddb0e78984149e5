"""An account of amoCRM on loopback, as strict as the vendor's documentation: HAL envelopes, 204 for
nothing, pages that move while rows change, seven requests in a second and a block after that,
custom fields that may be null, no deletion. A colleague edits through ``Account.edit``."""

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.amocrm_http import running
from tests.emulators.amocrm_lists import Refusal
from tests.emulators.amocrm_oauth import OAuth
from tests.emulators.faults import Faults

TOKEN = "canary.long-lived.t0ken"
_SYSTEM = {142: "Успешно реализовано", 143: "Закрыто и не реализовано"}
_UNSORTED = 58_141_803
_TAKEN = {
    "leads": {"name", "price", "responsible_user_id", "pipeline_id", "status_id", "created_by",
              "loss_reason_id", "created_at", "closed_at", "custom_fields_values",
              "tags_to_add", "tags_to_delete"},
    "contacts": {"name", "first_name", "last_name", "responsible_user_id", "created_at",
                 "custom_fields_values", "tags_to_add", "tags_to_delete"},
    "companies": {"name", "responsible_user_id", "created_at", "custom_fields_values",
                  "tags_to_add", "tags_to_delete"},
    "tasks": {"text", "complete_till", "entity_id", "entity_type", "task_type_id", "duration",
              "responsible_user_id", "is_completed", "result", "created_by"},
}  # fmt: skip


@dataclass
class Account:
    """The state of the account. ``clock`` answers seconds."""

    clock: Callable[[], float]
    token: str = TOKEN
    #: When the long-lived token ends.
    token_ends: float = math.inf
    limits: bool = False
    admin: bool = True
    currency: str = "RUB"
    filters: bool = True
    fails_above: int = 250
    #: Kinds that have links of their own; those of leads alone are documented everywhere.
    linked: tuple[str, ...] = ("leads", "contacts")
    refuses: str = ""
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
        self.oauth = OAuth(self.clock)
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

    def lets_in(self, header: str) -> bool:
        """Whether a request with this ``Authorization`` is answered."""
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer":
            return False
        if token == self.token:
            return self.clock() < self.token_ends
        return self.oauth.lets_in(token)

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
            raise Refusal.of("NotFound", "id")
        if "updated_at" in given:  # older clients were refused for it
            raise Refusal.of("InvalidValue", "updated_at")
        if kind == "leads" and row["status_id"] == _UNSORTED:
            raise Refusal.of("NotSupportedChoice", "status_id")
        before = (row.get("pipeline_id"), row.get("status_id"))
        self._set(kind, row, given)
        row |= {"updated_at": self.now(), "updated_by": by}
        after = (row.get("pipeline_id"), row.get("status_id"))
        if kind == "leads" and before != after:
            row["closed_at"] = self.now() if after[1] in _SYSTEM else None
            row["loss_reason_id"] = row["loss_reason_id"] if after[1] == 143 else None
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
        for name in given:
            if name not in _TAKEN[kind] | {"id", "request_id", "_embedded", "updated_at"}:
                raise Refusal.of("NotExpected", name)
        if self.refuses and given.get("name") == self.refuses:
            raise Refusal.of("InvalidValue", "name")
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
            if not isinstance(row["created_at"], int) or row["created_at"] > self.now():
                raise Refusal.of("InvalidValue", "created_at")
            statuses = {one["id"] for one in self.pipeline()["_embedded"]["statuses"]}
            if row["status_id"] not in statuses or row["pipeline_id"] != 6_950_551:
                raise Refusal.of("NotSupportedChoice", "status_id")
        self._set_own(kind, row, given.get("custom_fields_values"))
        self._embed(kind, row, given)

    def _embed(self, kind: str, row: dict[str, Any], given: Mapping[str, Any]) -> None:
        """Tags that are given replace those that are there; what a new lead belongs to is linked,
        what a contact does is not."""
        embedded = given.get("_embedded") or {}
        tags = row["_embedded"]["tags"]
        if "tags" in embedded:
            tags = list(embedded["tags"] or ())
        gone = {str(one.get("name")) for one in given.get("tags_to_delete") or ()}
        tags = [one for one in tags if str(one.get("name")) not in gone]
        row["_embedded"]["tags"] = tags + list(given.get("tags_to_add") or ())
        for name in ("companies", "contacts"):
            for one in embedded.get(name) or () if kind == "leads" else ():
                if int(one["id"]) not in self.rows[name]:
                    raise Refusal.of("NotSupportedChoice", f"_embedded.{name}")
                self.link(kind, row["id"], name, int(one["id"]), is_main=True)

    def link(self, kind: str, key: int, other: str, to: int, *, is_main: bool = False) -> None:
        """Link two objects; what is linked already is answered with an error."""
        row = self.rows[kind][key]
        there = row["_embedded"].setdefault(other, [])
        if to not in self.rows[other]:
            raise Refusal(400, "to_entity_id")
        if any(one["id"] == to for one in there):
            raise Refusal(500, "Internal Server Error")
        if other == "companies" and there:
            raise Refusal(400, "one company")
        main = is_main or not there
        if other == "contacts" and main:
            for one in there:
                one["is_main"] = False
        there.append({"id": to, "is_main": main} if other == "contacts" else {"id": to})
        row["updated_at"] = self.now()

    def unlink(self, kind: str, key: int, other: str, to: int) -> None:
        """Undo a link."""
        embedded = self.rows[kind][key]["_embedded"]
        left = [one for one in embedded.get(other, ()) if one["id"] != to]
        if left and other == "contacts" and not any(one["is_main"] for one in left):
            left[0]["is_main"] = True
        embedded[other] = left

    def _set_own(self, kind: str, row: dict[str, Any], given: Any) -> None:
        """Values given for a field replace all of it; other fields stay."""
        codes = {one["code"]: one for one in self.fields[kind].values()}
        kept = {one["field_code"]: one for one in row["custom_fields_values"] or ()}
        for place, one in enumerate(given or ()):
            known = codes.get(one.get("field_code")) or self.fields[kind].get(one.get("field_id"))
            if known is None:
                raise Refusal.of("NotSupportedChoice", f"custom_fields_values.{place}.field_id")
            if one["values"] == []:
                raise Refusal.of("NotBlank", f"custom_fields_values.{place}.values")
            kept[known["code"]] = {
                "field_id": known["id"], "field_code": known["code"], "field_name": known["name"],
                "field_type": known["type"], "values": one["values"],
            }  # fmt: skip
            if one["values"] is None:
                del kept[known["code"]]
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


__all__ = ["TOKEN", "Account", "running"]
