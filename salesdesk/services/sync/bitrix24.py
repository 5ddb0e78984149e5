"""Bitrix24 by an incoming webhook: the universal ``crm.item.*`` methods, classic tasks, comments.

The credential is part of the address, so the address is never shown. One request may hold fifty
calls (``batch``): it counts once for the portal's bucket and answers each call on its own. Creating
is not idempotent there: our identifier travels as ``originId`` and is looked up before any repeat.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from salesdesk.moments import Zone
from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync.bitrix24_rows import ENTITY_TYPES, ORIGINATOR
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Clock, Pace
from salesdesk.services.sync.remote import (
    Account,
    Draft,
    Entity,
    FarField,
    FarMove,
    FarPerson,
    FarPipeline,
    FarRecord,
    FarStage,
    Outcome,
    Page,
    Stream,
    Structure,
    Value,
    WantedField,
)
from salesdesk.services.sync.wire import Reply, Wire, detail

#: What the sync needs the webhook to be allowed.
SCOPES = ("crm", "task", "user_brief")
#: Two requests a second drain from the portal's bucket of fifty; all seats of an office share it.
RATE, BURST = 2.0, 45.0
PAGE = 50
_SECOND = 1_000_000
_OVERLAP = 120 * _SECOND

_AUTH = ("NO_AUTH_FOUND", "INVALID_CREDENTIALS", "expired_token", "PORTAL_DELETED", "ERROR_OAUTH",
         "invalid_token", "user_access_error", "allowed_only_intranet_user")  # fmt: skip
_PERMISSION = ("insufficient_scope", "ACCESS_DENIED", "PAYMENT_REQUIRED",
               "ERROR_METHOD_NOT_FOUND")  # fmt: skip


class Bitrix24:
    """One portal. ``url`` is the webhook's address up to and with its secret."""

    kind = "bitrix24"
    batch = 50

    def __init__(
        self, url: str, clock: Clock, zone: Zone, *, pace: Pace | None = None,
        plain_http: bool = False,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._zone = zone
        self._wire = Wire(
            url, judge(clock), pace or Pace(clock, RATE, BURST), clock, plain_http=plain_http
        )
        self._moves_field = ""
        self.now = 0

    @property
    def holds(self) -> Mapping[Entity, frozenset[str]]:
        """What it can hold; the moves travel once their field is there."""
        return rows.HOLDS if self._moves_field else rows.HOLDS_WITHOUT_MOVES

    def close(self) -> None:
        """Give the connections back."""
        self._wire.close()

    # -- who and what ---------------------------------------------------------------------------

    def check(self) -> Account:
        """Whether the webhook works, and which scopes it lacks."""
        granted = {str(one) for one in self._call("scope") or ()}
        user = self._call("profile") or {}
        name = " ".join(
            part for part in (str(user.get("NAME") or ""), str(user.get("LAST_NAME") or "")) if part
        )
        missing = tuple(one for one in SCOPES if not _has(granted, one))
        host = self._wire.base.split("/")[2]
        admin = bool(user.get("ADMIN", True))
        return Account(
            host, host, str(user.get("ID") or ""), name, self.now, missing, may_make_fields=admin
        )

    def structure(self) -> Structure:
        """Pipelines with their stages, people, custom fields."""
        found = self._call("crm.category.list", {"entityTypeId": ENTITY_TYPES["deal"]}) or {}
        pipelines = [
            FarPipeline(str(one["id"]), str(one["name"]), self._stages(int(one["id"])))
            for one in sorted(found.get("categories", ()), key=lambda one: int(one.get("sort", 0)))
        ]
        return Structure(
            tuple(pipelines), tuple(self._people()),
            {stage.far_id: stage.name for one in pipelines for stage in one.stages
             if stage.kind == "lost"},
            tuple(self._fields()),
        )  # fmt: skip

    def _stages(self, category: int) -> tuple[FarStage, ...]:
        entity = "DEAL_STAGE" if category == 0 else f"DEAL_STAGE_{category}"
        found = self._call(
            "crm.status.list", {"filter": {"ENTITY_ID": entity}, "order": {"SORT": "ASC"}}
        )
        return tuple(
            FarStage(
                str(one["STATUS_ID"]), str(one["NAME"]),
                rows.SEMANTICS.get(str(one.get("SEMANTICS") or ""), "open"),
                int(one.get("SORT") or 0),
            )
            for one in found or ()
        )  # fmt: skip

    def _people(self) -> Iterator[FarPerson]:
        start: int | None = 0
        while start is not None:
            reply = self._answer("user.get", {"FILTER": {"USER_TYPE": "employee"}, "start": start})
            for one in reply.get("result") or ():
                name = f"{one.get('NAME') or ''} {one.get('LAST_NAME') or ''}".strip()
                yield FarPerson(
                    str(one["ID"]), name or str(one["ID"]), one.get("EMAIL") or None,
                    bool(one.get("ACTIVE", True)),
                )  # fmt: skip
            following = reply.get("next")
            start = None if following is None else int(following)

    def _fields(self) -> Iterator[FarField]:
        for one in self._call("crm.deal.userfield.list", {"filter": {"LANG": "ru"}}) or ():
            label = one.get("EDIT_FORM_LABEL") or one.get("FIELD_NAME")
            code = str(one["FIELD_NAME"])
            yield FarField(code, code, str(label), "deal", str(one.get("USER_TYPE_ID") or ""))

    def make_fields(self, wanted: Sequence[WantedField]) -> Mapping[str, str]:
        """Make the custom fields of deals that are not there yet."""
        there = {one.code for one in self._fields()}
        made = {}
        for one in wanted:
            if one.entity != "deal" or one.key == "uid":  # originId holds the identifier
                continue
            name = f"UF_CRM_SD_{one.key.upper()}"
            if name not in there:
                self._call("crm.deal.userfield.add", {"fields": rows.field(name, one)}, True)
            made[one.key] = name
        self.use_fields(made)
        return made

    def use_fields(self, known: Mapping[str, str]) -> None:
        """Work with fields that were made before."""
        self._moves_field = known.get("moves", "")

    # -- reading --------------------------------------------------------------------------------

    def page(self, stream: Stream, cursor: str) -> Page:
        """The next page. Records are walked by id inside a window that begins where the last one
        ended, by the portal's clock and with an overlap: ``since:id:until``."""
        if stream == "deleted":
            return Page(cursor, False, self._clock.now())
        if stream == "move":
            return self._history_page(cursor)
        if stream == "task":
            return self._task_page(cursor)
        if stream == "note":
            return Page(cursor, False, self._clock.now())  # comments are read with their deal
        return self._item_page(stream, cursor)

    def _item_page(self, entity: Entity, cursor: str) -> Page:
        since, after, until = _cursor(cursor)
        chosen: dict[str, Any] = {">id": after}
        if since:
            chosen[">=updatedTime"] = rows.moment_text(since, self._zone)
        answer = self._answer(
            "crm.item.list",
            {"entityTypeId": ENTITY_TYPES[entity], "select": ["*", "UF_*"], "filter": chosen,
             "order": {"id": "ASC"}, "start": -1, "useOriginalUfNames": "Y"},
        )  # fmt: skip
        items = (answer.get("result") or {}).get("items") or []
        until = until or self.now
        more = len(items) >= PAGE
        last = max((int(one["id"]) for one in items), default=after)
        following = f"{since}:{last}:{until}" if more else f"{max(0, until - _OVERLAP)}:0:0"
        found = tuple(self._record(entity, one) for one in items)
        return Page(following, more, self.now, found)

    def _task_page(self, cursor: str) -> Page:
        since, after, until = _cursor(cursor)
        chosen: dict[str, Any] = {">ID": after}
        if since:
            chosen[">=CHANGED_DATE"] = rows.moment_text(since, self._zone)
        answer = self._answer(
            "tasks.task.list",
            {"filter": chosen, "order": {"ID": "asc"}, "select": list(rows.TASK_SELECT),
             "start": -1},
        )  # fmt: skip
        items = (answer.get("result") or {}).get("tasks") or []
        until = until or self.now
        more = len(items) >= PAGE
        last = max((int(one["id"]) for one in items), default=after)
        following = f"{since}:{last}:{until}" if more else f"{max(0, until - _OVERLAP)}:0:0"
        found = (rows.task(one) for one in items)
        return Page(following, more, self.now, tuple(one for one in found if one is not None))

    def _history_page(self, cursor: str) -> Page:
        after = int(cursor or 0)
        answer = self._answer(
            "crm.stagehistory.list",
            {"entityTypeId": ENTITY_TYPES["deal"], "filter": {">ID": after},
             "order": {"ID": "ASC"}, "start": -1},
        )  # fmt: skip
        items = (answer.get("result") or {}).get("items") or []
        last = max((int(one["ID"]) for one in items), default=after)
        found = tuple(rows.move(one) for one in items)
        return Page(str(last), len(items) >= PAGE, self.now, moves=found)

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """The history of some deals, walked by its ids."""
        found: list[FarMove] = []
        after = 0
        while deals:
            answer = self._answer(
                "crm.stagehistory.list",
                {"entityTypeId": ENTITY_TYPES["deal"],
                 "filter": {">ID": after, "@OWNER_ID": [int(one) for one in deals]},
                 "order": {"ID": "ASC"}, "start": -1},
            )  # fmt: skip
            items = (answer.get("result") or {}).get("items") or []
            found += [rows.move(one) for one in items]
            if len(items) < PAGE:
                break
            after = max(int(one["ID"]) for one in items)
        return found

    def find(
        self, entity: Entity, uids: Sequence[str], within: str = ""
    ) -> Mapping[str, FarRecord]:
        """Objects that carry our identifiers."""
        if entity == "note":
            return self._find_notes(uids, within)
        if entity == "task":
            return self._find_tasks(uids, within)
        found: dict[str, FarRecord] = {}
        for start in range(0, len(uids), PAGE):
            answer = self._answer(
                "crm.item.list",
                {"entityTypeId": ENTITY_TYPES[entity], "select": ["*", "UF_*"],
                 "filter": {"originatorId": ORIGINATOR,
                            "@originId": list(uids[start : start + PAGE])},
                 "order": {"id": "ASC"}, "start": -1, "useOriginalUfNames": "Y"},
            )  # fmt: skip
            for one in (answer.get("result") or {}).get("items") or []:
                record = self._record(entity, one)
                found.setdefault(record.uid or "", record)  # the oldest of doubles
        return found

    def _find_notes(self, uids: Sequence[str], within: str) -> Mapping[str, FarRecord]:
        if not within:
            return {}
        answer = self._call(
            "crm.timeline.comment.list",
            {"filter": {"ENTITY_ID": int(within), "ENTITY_TYPE": "deal"}, "order": {"ID": "ASC"}},
        )
        found = (rows.note(one, within) for one in answer or ())
        return {one.uid: one for one in found if one.uid in uids and one.uid is not None}

    def _find_tasks(self, uids: Sequence[str], within: str) -> Mapping[str, FarRecord]:
        """Tasks are not searched by our identifier: those of the deal are looked through, without
        one those made lately."""
        chosen: dict[str, Any] = {"UF_CRM_TASK": f"D_{within}"} if within else {}
        found: dict[str, FarRecord] = {}
        after = 0
        while True:
            answer = self._answer(
                "tasks.task.list",
                {"filter": {**chosen, ">ID": after}, "order": {"ID": "asc"},
                 "select": list(rows.TASK_SELECT), "start": -1},
            )  # fmt: skip
            items = (answer.get("result") or {}).get("tasks") or []
            for one in items:
                record = rows.task(one)
                if record is not None and record.uid in uids and record.uid is not None:
                    found.setdefault(record.uid, record)
            if len(items) < PAGE or len(found) == len(uids):
                return found
            after = max(int(one["id"]) for one in items)

    def get(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        """The objects as they stand."""
        if entity in ("task", "note"):
            return self._get_each(entity, far_ids)
        found: dict[str, FarRecord] = {}
        for start in range(0, len(far_ids), PAGE):
            answer = self._answer(
                "crm.item.list",
                {"entityTypeId": ENTITY_TYPES[entity], "select": ["*", "UF_*"],
                 "filter": {"@id": [int(one) for one in far_ids[start : start + PAGE]]},
                 "order": {"id": "ASC"}, "start": -1, "useOriginalUfNames": "Y"},
            )  # fmt: skip
            for one in (answer.get("result") or {}).get("items") or []:
                record = self._record(entity, one)
                found[record.far_id] = record
        return found

    def _get_each(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        if entity == "note":
            return {}
        calls = {
            key: ("tasks.task.get", {"taskId": int(key), "select": list(rows.TASK_SELECT)})
            for key in far_ids
        }
        found: dict[str, FarRecord] = {}
        for key, answer in self._many(calls, writes=False).items():
            if not isinstance(answer, Failure) and isinstance(answer, dict):
                record = rows.task(answer.get("task") or {})
                if record is not None:
                    found[key] = record
        return found

    def _record(self, entity: Entity, item: Mapping[str, Any]) -> FarRecord:
        return rows.record(entity, item, self._zone, self._moves_field)

    # -- writing --------------------------------------------------------------------------------

    def as_held(self, entity: Entity, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        """Whole seconds; amounts to the hundredth; texts without blanks at their ends."""
        return {name: _held(name, value) for name, value in fields.items()}

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make objects, fifty in a request."""
        calls = {draft.uid: self._making(entity, draft) for draft in drafts}
        return self._written(entity, drafts, self._many(calls, writes=True))

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Set fields, fifty in a request. A task's end is a method of its own."""
        calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for draft in drafts:
            calls[draft.uid] = self._changing(entity, draft)
            if entity == "task" and draft.fields.get("done") is True:
                calls[f"{draft.uid}.done"] = (
                    "tasks.task.complete", {"taskId": int(draft.far_id)}
                )  # fmt: skip
        answers = self._many(calls, writes=True)
        for draft in drafts:
            done = answers.get(f"{draft.uid}.done")
            if done is not None:
                answers[draft.uid] = done
        return self._written(entity, drafts, answers)

    def _making(self, entity: Entity, draft: Draft) -> tuple[str, Mapping[str, Any]]:
        if entity == "task":
            return "tasks.task.add", {"fields": rows.task_fields(draft, new=True)}
        if entity == "note":
            return "crm.timeline.comment.add", {"fields": rows.note_fields(draft)}
        fields = rows.item_fields(entity, draft.fields, self._zone, self._moves_field)
        fields |= {"originatorId": ORIGINATOR, "originId": draft.uid}
        return "crm.item.add", {
            "entityTypeId": ENTITY_TYPES[entity], "fields": fields, "useOriginalUfNames": "Y",
        }  # fmt: skip

    def _changing(self, entity: Entity, draft: Draft) -> tuple[str, Mapping[str, Any]]:
        if entity == "task":
            fields = rows.task_fields(draft, new=False)
            return "tasks.task.update", {"taskId": int(draft.far_id), "fields": fields}
        if entity == "note":
            return "crm.timeline.comment.update", {
                "id": int(draft.far_id), "fields": {"COMMENT": rows.note_fields(draft)["COMMENT"]},
            }  # fmt: skip
        return "crm.item.update", {
            "entityTypeId": ENTITY_TYPES[entity], "id": int(draft.far_id),
            "fields": rows.item_fields(entity, draft.fields, self._zone, self._moves_field),
            "useOriginalUfNames": "Y",
        }  # fmt: skip

    def _written(
        self, entity: Entity, drafts: Sequence[Draft], answers: Mapping[str, Any]
    ) -> list[Outcome]:
        return [self._outcome(entity, draft, answers.get(draft.uid)) for draft in drafts]

    def _outcome(self, entity: Entity, draft: Draft, answer: Any) -> Outcome:
        if isinstance(answer, Failure):
            return Outcome(draft.uid, failure=answer)
        if answer is None:
            return Outcome(draft.uid, failure=Failure(Kind.UNKNOWN))
        if entity == "note":
            return Outcome(draft.uid, draft.far_id or str(answer))
        if entity == "task":
            record = rows.task((answer or {}).get("task") or {})
        else:
            record = self._record(entity, (answer or {}).get("item") or {})
        if record is None:
            return Outcome(draft.uid, failure=Failure(Kind.UNKNOWN))
        return Outcome(draft.uid, record.far_id, record)

    def publish(self, rows_: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking into the deals' fields."""
        calls = {
            str(place): (
                "crm.item.update",
                {"entityTypeId": ENTITY_TYPES["deal"], "id": int(str(row["far_id"])),
                 "fields": rows.results(row), "useOriginalUfNames": "Y"},
            )
            for place, row in enumerate(rows_)
        }  # fmt: skip
        for answer in self._many(calls, writes=True).values():
            if isinstance(answer, Failure) and answer.kind is not Kind.GONE:
                raise answer

    # -- calls ----------------------------------------------------------------------------------

    def _call(self, method: str, params: Mapping[str, Any] | None = None,
              writes: bool = False) -> Any:  # fmt: skip
        return self._answer(method, params or {}, writes).get("result")

    def _answer(
        self, method: str, params: Mapping[str, Any], writes: bool = False
    ) -> Mapping[str, Any]:
        """One call's envelope; the portal's clock is noted."""
        reply = self._wire.call("POST", f"/{method}.json", content=dict(params), writes=writes)
        content = reply.content
        if not isinstance(content, dict) or "result" not in content:
            raise Failure(Kind.UNKNOWN if writes else Kind.MALFORMED, method=method)
        started = (content.get("time") or {}).get("date_start")
        if started:
            self.now = rows.moment(started)
        return content

    def _many(
        self, calls: Mapping[str, tuple[str, Mapping[str, Any]]], writes: bool
    ) -> dict[str, Any]:
        """Several calls, fifty a request: the answer or the failure of each by its key."""
        found: dict[str, Any] = {}
        keys = list(calls)
        for start in range(0, len(keys), self.batch):
            part = keys[start : start + self.batch]
            commands = {f"c{place}": _command(*calls[key]) for place, key in enumerate(part)}
            answer = self._call("batch", {"halt": 0, "cmd": commands}, writes) or {}
            results, errors = (_map(answer.get(name)) for name in ("result", "result_error"))
            for place, key in enumerate(part):
                name = f"c{place}"
                if name in errors:
                    found[key] = failure_of(_map(errors[name]), 400, self._clock.now())
                elif name in results:
                    found[key] = results[name]
        return found


def _has(granted: set[str], scope: str) -> bool:
    wider = {"user_brief": ("user", "user_basic", "user_brief"), "task": ("task", "tasks")}
    return any(one in granted for one in wider.get(scope, (scope,)))


def _map(found: Any) -> Mapping[str, Any]:
    """An empty map is written as an empty list there."""
    return found if isinstance(found, dict) else {}


def _cursor(text: str) -> tuple[int, int, int]:
    """``since:id:until``: the beginning of the window, the last id read, the end of the window."""
    since, after, until = (text or "0:0:0").split(":")
    return int(since), int(after), int(until)


def _held(name: str, value: Value) -> Value:
    if name in ("due_at", "at", "created_at") and isinstance(value, int):
        return value - value % _SECOND
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.01")).normalize()
    return value.strip() if isinstance(value, str) else value


def _command(method: str, params: Mapping[str, Any]) -> str:
    """A call inside a batch: the method and its parameters in brackets."""
    parts = [f"{name}={quote(text, safe='')}" for name, text in _flat("", params)]
    return f"{method}?{'&'.join(parts)}" if parts else method


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _flat(f"{prefix}[{name}]" if prefix else str(name), one)
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _flat(f"{prefix}[{place}]", one)
    else:
        yield prefix, "" if value is None else str(value)


def judge(clock: Clock) -> Callable[[Reply], Failure | None]:
    """What an answer of the portal means."""

    def judged(reply: Reply) -> Failure | None:
        if isinstance(reply.content, dict) and "error" in reply.content:
            return failure_of(reply.content, reply.status, clock.now())
        if reply.status == 401:
            return Failure(Kind.AUTH)
        if reply.status == 403:
            return Failure(Kind.PERMISSION)
        if reply.status == 429 or (reply.status == 503 and reply.content is None):
            return Failure(Kind.RATE, retry_at=clock.now() + 2 * _SECOND)
        return None

    return judged


def failure_of(body: Mapping[str, Any], status: int, now: int) -> Failure:
    """The failure that an error's code means; texts are shown and decide nothing."""
    code = str(body.get("error") or "")
    said = detail(body.get("error_description") or code)
    if code == "QUERY_LIMIT_EXCEEDED":
        return Failure(Kind.RATE, said, retry_at=now + 2 * _SECOND)
    if code == "OVERLOAD_LIMIT":
        return Failure(Kind.BLOCKED, said)
    if code == "OPERATION_TIME_LIMIT":
        resets = (body.get("time") or {}).get("operating_reset_at")
        at = int(resets) * _SECOND if resets else now + 600 * _SECOND
        return Failure(Kind.PAUSED, said, retry_at=at)
    if code in _AUTH or status == 401:
        return Failure(Kind.AUTH, said)
    if code in _PERMISSION and status != 400:
        return Failure(Kind.PERMISSION, said)
    if code in ("NOT_FOUND", "ERROR_NOT_FOUND") or status == 404:
        return Failure(Kind.GONE, said)
    if status >= 500:
        return Failure(Kind.UNKNOWN, said)
    return Failure(Kind.INVALID, said)
