"""amoCRM and Kommo (API v4) by a long-lived token.

Pages are numbered there, and rows move between them while colleagues edit: streams are read newest
change first and stop at the cursor, and a page's end is told by the absence of a next link alone.
Nothing tells a creation from its repeat: our identifier is a custom field, looked up before one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from salesdesk.services.sync import amocrm_rows as rows
from salesdesk.services.sync.amocrm_rows import PATHS
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

#: Seven requests a second are allowed; at exactly seven one in twenty was refused.
RATE, BURST = 6.7, 1.0
PAGE, EVENTS = 250, 100
_SECOND = 1_000_000
_OVERLAP = 120
_WITH = {"deal": "contacts,loss_reason", "contact": "leads"}


class AmoCrm:
    """One account at ``url`` (``https://example.amocrm.ru``)."""

    kind = "amocrm"
    batch = 50

    def __init__(
        self, url: str, token: str, clock: Clock, *, pace: Pace | None = None,
        plain_http: bool = False,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._headers = {"Authorization": f"Bearer {token}"}
        self._wire = Wire(
            url, judge(clock), pace or Pace(clock, RATE, BURST), clock, plain_http=plain_http
        )
        self._codes: dict[str, str] = {}
        self._uid_fields: dict[Entity, int] = {}

    @property
    def holds(self) -> Mapping[Entity, frozenset[str]]:
        """What it can hold; the moves travel once their field is there."""
        if "moves" not in self._codes:
            return rows.HOLDS
        return {**rows.HOLDS, "deal": rows.HOLDS["deal"] | {"moves"}}

    def close(self) -> None:
        """Give the connections back."""
        self._wire.close()

    # -- who and what ---------------------------------------------------------------------------

    def check(self) -> Account:
        """Whether the token works; reading people needs an administrator's."""
        found = self._get("/account", {"with": "datetime_settings,version"}) or {}
        missing = []
        try:
            self._get("/users", {"limit": 1})
        except Failure as failure:
            if failure.kind is not Kind.PERMISSION:
                raise
            missing.append("users")
        return Account(
            str(found.get("id") or ""), str(found.get("name") or found.get("subdomain") or ""),
            str(found.get("current_user_id") or ""), "", self._clock.now(), tuple(missing),
            may_make_fields=not missing,
        )  # fmt: skip

    def structure(self) -> Structure:
        """Pipelines with their stages, people, reasons, custom fields."""
        account = self._get("/account", {}) or {}
        found = self._embedded("/leads/pipelines", "pipelines", {})
        reasons = {
            str(one["id"]): str(one["name"])
            for one in self._embedded("/leads/loss_reasons", "loss_reasons", {})
        }
        pipelines = [
            FarPipeline(str(one["id"]), str(one["name"]), _stages(one))
            for one in sorted(found, key=lambda one: int(one.get("sort") or 0))
            if not one.get("is_archive")
        ]
        people = [
            FarPerson(str(one["id"]), str(one["name"]), one.get("email") or None,
                      bool((one.get("rights") or {}).get("is_active", True)))
            for one in self._all("/users", "users", {"limit": PAGE})
        ]  # fmt: skip
        return Structure(
            tuple(pipelines), tuple(people), reasons, tuple(self._fields("deal")),
            str(account.get("currency") or ""),
        )  # fmt: skip

    def _fields(self, entity: Entity) -> Iterator[FarField]:
        path = f"/{PATHS[entity]}/custom_fields"
        for one in self._all(path, "custom_fields", {"limit": PAGE}):
            yield FarField(str(one["id"]), str(one.get("code") or ""), str(one["name"]), entity,
                           str(one.get("type") or ""))  # fmt: skip

    def make_fields(self, wanted: Sequence[WantedField]) -> Mapping[str, str]:
        """Make the custom fields that are not there yet; ``uid`` on deals, contacts, companies."""
        known: dict[str, str] = {}
        for entity in ("deal", "contact", "company"):
            there = {one.code: one.far_id for one in self._fields(entity)}
            missing = [
                one for one in wanted
                if (one.entity == entity or one.key == "uid")
                and rows.code_of(one.key) not in there
            ]  # fmt: skip
            if missing:
                path = f"/{PATHS[entity]}/custom_fields"
                self._call("POST", path, [rows.field(one) for one in missing], writes=True)
                there = {one.code: one.far_id for one in self._fields(entity)}
            for one in wanted:
                if one.entity == entity or one.key == "uid":
                    code = rows.code_of(one.key)
                    known[f"{one.key}@{entity}"] = f"{code}:{there.get(code, '')}"
        self.use_fields(known)
        return known

    def use_fields(self, known: Mapping[str, str]) -> None:
        """Work with fields that were made before."""
        self._codes, self._uid_fields = {}, {}
        for name, told in known.items():
            key, _, entity = name.partition("@")
            code, _, number = told.partition(":")
            self._codes[key] = code
            if key == "uid" and number.isdecimal():
                self._uid_fields[_ENTITIES[entity]] = int(number)

    # -- reading --------------------------------------------------------------------------------

    def page(self, stream: Stream, cursor: str) -> Page:
        """The next page. The cursor is ``since:page:until``: rows changed since then, newest first,
        so that an edited row comes again rather than slips away."""
        if stream == "move":
            return self._event_page(cursor)
        if stream == "deleted":
            return self._deleted_page(cursor)
        since, number, until = _cursor(cursor)
        until = until or self._clock.now() // _SECOND
        chosen: dict[str, Any] = {"limit": PAGE, "page": number, "order[updated_at]": "desc"}
        if since:
            chosen["filter[updated_at][from]"] = since
        if stream in _WITH:
            chosen["with"] = _WITH[stream]
        path = "/leads/notes" if stream == "note" else f"/{PATHS[stream]}"
        name = "notes" if stream == "note" else PATHS[stream]
        found = self._get(path, chosen) or {}
        items = (found.get("_embedded") or {}).get(name) or []
        more = "next" in (found.get("_links") or {})
        records = [self._record(stream, one) for one in items]
        fresh = tuple(one for one in records if one is not None and one.at // _SECOND >= since)
        more = more and len(fresh) == len([one for one in records if one is not None])
        following = f"{since}:{number + 1}:{until}" if more else f"{until - _OVERLAP}:1:0"
        return Page(following, more, self._clock.now(), tuple(reversed(fresh)))

    def _event_page(self, cursor: str) -> Page:
        since, number, until = _cursor(cursor)
        until = until or self._clock.now() // _SECOND
        chosen: dict[str, Any] = {
            "filter[type]": "lead_status_changed", "filter[entity]": "lead", "limit": EVENTS,
            "page": number,
        }  # fmt: skip
        if since:
            chosen["filter[created_at][from]"] = since
        found = self._get("/events", chosen) or {}
        items = (found.get("_embedded") or {}).get("events") or []
        more = "next" in (found.get("_links") or {})
        moves = tuple(one for one in map(rows.move, items) if one is not None)
        following = f"{since}:{number + 1}:{until}" if more else f"{until - _OVERLAP}:1:0"
        return Page(following, more, self._clock.now(), moves=moves)

    def _deleted_page(self, cursor: str) -> Page:
        since, number, until = _cursor(cursor)
        until = until or self._clock.now() // _SECOND
        chosen = {"with": "only_deleted", "limit": PAGE, "page": number}
        found = self._get("/leads", chosen) or {}
        items = (found.get("_embedded") or {}).get("leads") or []
        more = "next" in (found.get("_links") or {})
        records = tuple(
            FarRecord("deal", str(one["id"]), None, {}, rows.moment(one.get("updated_at")),
                      deleted=True)
            for one in items
            if int(one.get("updated_at") or 0) >= since
        )  # fmt: skip
        following = f"{since}:{number + 1}:{until}" if more else f"{until - _OVERLAP}:1:0"
        return Page(following, more, self._clock.now(), records)

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """The history of some deals: ten a request."""
        found: list[FarMove] = []
        for start in range(0, len(deals), 10):
            chosen: dict[str, Any] = {
                "filter[type]": "lead_status_changed", "filter[entity]": "lead", "limit": EVENTS,
            }  # fmt: skip
            for place, deal in enumerate(deals[start : start + 10]):
                chosen[f"filter[entity_id][{place}]"] = deal
            for event in self._all("/events", "events", chosen):
                line = rows.move(event)
                if line is not None:
                    found.append(line)
        return found

    def find(
        self, entity: Entity, uids: Sequence[str], within: str = ""
    ) -> Mapping[str, FarRecord]:
        """Objects that carry our identifiers."""
        if entity in ("task", "note"):
            return self._find_marked(entity, uids, within)
        field = self._uid_fields.get(entity)
        found: dict[str, FarRecord] = {}
        for start in range(0, len(uids), self.batch):
            part = uids[start : start + self.batch]
            for uid in part:
                chosen: dict[str, Any] = {"limit": PAGE}
                if field is not None:
                    chosen[f"filter[custom_fields_values][{field}][]"] = uid
                else:
                    chosen["query"] = uid
                for one in self._all(f"/{PATHS[entity]}", PATHS[entity], chosen):
                    record = self._record(entity, one)
                    if record is not None and record.uid == uid:
                        found.setdefault(uid, record)
        return found

    def _find_marked(
        self, entity: Entity, uids: Sequence[str], within: str
    ) -> Mapping[str, FarRecord]:
        """Tasks and notes carry our identifier in their text."""
        chosen: dict[str, Any] = {"limit": PAGE}
        if entity == "task":
            path, name = "/tasks", "tasks"
            if within:
                chosen |= {"filter[entity_type]": "leads", "filter[entity_id][]": within}
        else:
            path, name = (f"/leads/{within}/notes" if within else "/leads/notes"), "notes"
        found: dict[str, FarRecord] = {}
        for one in self._all(path, name, chosen):
            record = self._record(entity, one)
            if record is not None and record.uid is not None and record.uid in uids:
                found.setdefault(record.uid, record)
        return found

    def get(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        """The objects as they stand."""
        path, name = ("/leads/notes", "notes") if entity == "note" else (
            f"/{PATHS[entity]}", PATHS[entity])  # fmt: skip
        found: dict[str, FarRecord] = {}
        for start in range(0, len(far_ids), self.batch):
            chosen: dict[str, Any] = {"limit": PAGE}
            if entity in _WITH:
                chosen["with"] = _WITH[entity]
            for place, key in enumerate(far_ids[start : start + self.batch]):
                chosen[f"filter[id][{place}]"] = key
            for one in self._all(path, name, chosen):
                record = self._record(entity, one)
                if record is not None and record.far_id in far_ids and not record.deleted:
                    found[record.far_id] = record
        return found

    def _record(self, entity: Stream, item: Mapping[str, Any]) -> FarRecord | None:
        if entity == "note":
            return rows.note(item)
        return rows.record(_ENTITIES[entity], item, self._codes)

    # -- writing --------------------------------------------------------------------------------

    def as_held(self, entity: Entity, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        """Whole units of money, whole seconds."""
        return {name: rows.held(name, value) for name, value in fields.items()}

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make objects, all in one request; a refusal of the whole is tried one by one."""
        return self._write("POST", entity, drafts, new=True)

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Set fields of objects."""
        return self._write("PATCH", entity, drafts, new=False)

    def _write(
        self, verb: str, entity: Entity, drafts: Sequence[Draft], *, new: bool
    ) -> Sequence[Outcome]:
        path = "/leads/notes" if entity == "note" else f"/{PATHS[entity]}"
        name = "notes" if entity == "note" else PATHS[entity]
        content = [rows.body(entity, draft, self._codes, new=new) for draft in drafts]
        try:
            found = self._call(verb, path, content, writes=True) or {}
        except Failure as failure:
            if failure.kind is Kind.INVALID and len(drafts) > 1:
                return [self._write(verb, entity, [one], new=new)[0] for one in drafts]
            return [Outcome(one.uid, failure=failure) for one in drafts]
        items = (found.get("_embedded") or {}).get(name) or []
        return _outcomes(entity, drafts, items, new)

    def publish(self, rows_: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking into the deals' fields."""
        for start in range(0, len(rows_), self.batch):
            part = rows_[start : start + self.batch]
            content = [rows.results(row, self._codes) for row in part]
            self._call("PATCH", "/leads", content, writes=True)

    # -- calls ----------------------------------------------------------------------------------

    def _call(
        self, verb: str, path: str, content: Any = None, *,
        params: Mapping[str, Any] | None = None, writes: bool = False,
    ) -> Any:  # fmt: skip
        reply = self._wire.call(
            verb, f"/api/v4{path}", params=params, content=content, headers=self._headers,
            writes=writes,
        )  # fmt: skip
        return reply.content

    def _get(self, path: str, params: Mapping[str, Any]) -> Any:
        return self._call("GET", path, params=params)

    def _embedded(self, path: str, name: str, params: Mapping[str, Any]) -> list[Any]:
        found = self._get(path, params) or {}
        items: list[Any] = (found.get("_embedded") or {}).get(name) or []
        return items

    def _all(self, path: str, name: str, params: Mapping[str, Any]) -> Iterator[Any]:
        """All pages of a list; the absence of a next link is the only end."""
        number = 1
        while True:
            found = self._get(path, {**params, "page": number}) or {}
            yield from (found.get("_embedded") or {}).get(name) or []
            if "next" not in (found.get("_links") or {}):
                return
            number += 1


_ENTITIES: dict[str, Entity] = {
    "deal": "deal", "contact": "contact", "company": "company", "task": "task", "note": "note",
}  # fmt: skip


def _stages(pipeline: Mapping[str, Any]) -> tuple[FarStage, ...]:
    """The stages of a pipeline; the one of requests not sorted yet is not ours to move in."""
    found = (pipeline.get("_embedded") or {}).get("statuses") or ()
    return tuple(
        FarStage(
            rows.stage(pipeline["id"], one["id"]), str(one["name"]),
            "won" if one["id"] == rows.WON else "lost" if one["id"] == rows.LOST else "open",
            int(one.get("sort") or 0),
        )
        for one in sorted(found, key=lambda one: int(one.get("sort") or 0))
        if int(one.get("type") or 0) != 1
    )  # fmt: skip


def _cursor(text: str) -> tuple[int, int, int]:
    since, number, until = (text or "0:1:0").split(":")
    return int(since), int(number), int(until)


def _outcomes(
    entity: Entity, drafts: Sequence[Draft], items: Sequence[Mapping[str, Any]], new: bool
) -> list[Outcome]:
    """The outcome of each: by the request's id where it is new, by its key where it is not."""
    if new:
        by_uid = {str(one.get("request_id") or ""): str(one["id"]) for one in items}
    else:
        keys = {str(one["id"]) for one in items}
        by_uid = {draft.uid: draft.far_id for draft in drafts if draft.far_id in keys}
    return [
        Outcome(draft.uid, by_uid[draft.uid])
        if draft.uid in by_uid
        else Outcome(draft.uid, failure=Failure(Kind.UNKNOWN))
        for draft in drafts
    ]


def judge(clock: Clock) -> Callable[[Reply], Failure | None]:
    """What an answer of the account means."""
    kinds = {401: Kind.AUTH, 402: Kind.PERMISSION, 404: Kind.GONE, 400: Kind.INVALID,
             422: Kind.INVALID, 405: Kind.INVALID}  # fmt: skip

    def judged(reply: Reply) -> Failure | None:
        if reply.status == 429:
            wait = reply.headers.get("retry-after", "")
            seconds = int(wait) if wait.isdecimal() else 1
            return Failure(Kind.RATE, retry_at=clock.now() + seconds * _SECOND)
        if reply.status == 403:
            told = isinstance(reply.content, dict) and reply.content.get("title")
            return Failure(Kind.PERMISSION if told else Kind.BLOCKED, detail(_said(reply)))
        if reply.status in kinds:
            return Failure(kinds[reply.status], detail(_said(reply)))
        return None

    return judged


def _said(reply: Reply) -> str:
    """What the account says is wrong: with the field, where it names one."""
    content = reply.content if isinstance(reply.content, dict) else {}
    for one in content.get("validation-errors") or ():
        for error in one.get("errors") or ():
            return f"{error.get('path')}: {error.get('detail')}"
    return str(content.get("detail") or content.get("title") or reply.status)
