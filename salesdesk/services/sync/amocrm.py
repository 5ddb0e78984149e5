"""amoCRM and Kommo (API v4) by a long-lived token.

Pages are numbered there, and rows move between them while colleagues edit: leads, contacts and
companies are read newest change first and stop at the cursor; tasks and notes by their ids inside a
window that is open at the top. Where a window begins is told by the changes themselves: no clock of
this machine decides it. Nothing tells a creation from its repeat: our identifier is a custom field,
looked up before one.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from salesdesk.services.sync import amocrm_rows as rows
from salesdesk.services.sync.amocrm_account import EVENTS, PAGE, AmoAccount
from salesdesk.services.sync.amocrm_rows import PATHS
from salesdesk.services.sync.amocrm_writing import Writing
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
    Place,
    Stream,
    Structure,
    Value,
    WantedField,
)

#: Seven requests in any second are allowed; one client at exactly seven was refused. They may come
#: together, so that a slow answer is made up for; not at the start: what ran here before counts.
RATE, BURST, FIRST, WINDOW = 6.8, 7.0, 1.0, 7
_OVERLAP = 120
#: Pages of the newest that are looked through before anything is searched for.
_NEWEST = 2


class AmoCrm:
    """One account at ``url`` (``https://example.amocrm.ru``)."""

    kind = "amocrm"
    #: Its users have no custom fields.
    publishes_to: frozenset[Place] = frozenset({"deal"})
    tells_making = False

    def __init__(
        self, url: str, token: str, clock: Clock, *, pace: Pace | None = None,
        plain_http: bool = False,
    ) -> None:  # fmt: skip
        self._clock = clock
        pace = pace or Pace(clock, RATE, BURST, window=WINDOW, first=FIRST)
        self.account = AmoAccount(url, token, clock, pace, plain_http=plain_http)
        self._writing = Writing(self.account, clock, self.find)
        self._codes: dict[str, str] = {}
        self._uid_fields: dict[Entity, int] = {}

    @property
    def batch(self) -> int:
        """Fewer than recommended after one was too heavy."""
        return self._writing.batch

    @property
    def holds(self) -> Mapping[Entity, frozenset[str]]:
        """What it can hold; the moves travel once their field is there."""
        if "moves" not in self._codes:
            return rows.HOLDS
        return {**rows.HOLDS, "deal": rows.HOLDS["deal"] | {"moves"}}

    def rest_until(self, moment: int) -> None:
        """Call nothing before a moment: an earlier run was told that the address is blocked."""
        self.account.wire.breaker.open_until(moment)

    def close(self) -> None:
        """Give the connections back."""
        self.account.wire.close()

    # -- who and what ---------------------------------------------------------------------------

    def check(self) -> Account:
        """Whether the token works; reading people needs an administrator's."""
        found = self.account.facts()
        missing = []
        try:
            self.account.get("/users", {"limit": 1})
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
        found = self.account.get("/leads/pipelines")
        there = (found.get("_embedded") or {}).get("pipelines") or ()
        pipelines = [
            FarPipeline(str(one["id"]), str(one["name"]), _stages(one), bool(one.get("is_main")))
            for one in sorted(there, key=lambda one: int(one.get("sort") or 0))
            if not one.get("is_archive")
        ]
        reasons = {
            str(one["id"]): str(one["name"])
            for one in self.account.all("/leads/loss_reasons", "loss_reasons", {"limit": PAGE})
        }
        people = [
            FarPerson(str(one["id"]), str(one["name"]), one.get("email") or None,
                      bool((one.get("rights") or {}).get("is_active", True)))
            for one in self.account.all("/users", "users", {"limit": PAGE})
        ]  # fmt: skip
        return Structure(
            tuple(pipelines), tuple(people), reasons, tuple(self._fields("deal")),
            self.account.currency,
        )  # fmt: skip

    def _fields(self, entity: Entity) -> Iterator[FarField]:
        path = f"/{PATHS[entity]}/custom_fields"
        for one in self.account.all(path, "custom_fields", {"limit": PAGE}):
            yield FarField(str(one["id"]), str(one.get("code") or ""), str(one["name"]), entity,
                           str(one.get("type") or ""))  # fmt: skip

    def make_fields(self, wanted: Sequence[WantedField]) -> Mapping[str, str]:
        """Make the custom fields that are not there yet; ``uid`` on deals, contacts, companies."""
        known: dict[str, str] = {}
        for entity in ("deal", "contact", "company"):
            asked = [one for one in wanted if one.entity == entity or one.key == "uid"]
            there = {one.code: one.far_id for one in self._fields(entity)}
            missing = [one for one in asked if rows.code_of(one.key) not in there]
            if missing:
                path = f"/{PATHS[entity]}/custom_fields"
                content = [rows.field(one) for one in missing]
                self.account.call("POST", path, content, writes=True)
                there = {one.code: one.far_id for one in self._fields(entity)}
            for one in asked:
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
        self._writing.codes = self._codes

    # -- reading --------------------------------------------------------------------------------

    def page(self, stream: Stream, cursor: str) -> Page:
        """The next page. The cursor is ``since:page:until`` in seconds of the account's clock."""
        if stream == "move":
            return self._event_page(cursor)
        since, number, until = _cursor(cursor)
        chosen: dict[str, Any] = {"limit": PAGE, "page": number}
        ordered = stream in rows.FILTERED or stream == "deleted"
        if since and (stream != "deleted"):
            chosen["filter[updated_at][from]"] = since
        chosen |= {"order[updated_at]": "desc"} if ordered else {"order[id]": "asc"}
        if stream == "deleted":
            chosen["with"] = "only_deleted"
        elif stream == "note":
            chosen["filter[note_type]"] = "common"
        elif stream in rows.WITH:
            chosen["with"] = rows.WITH[stream]
        before = self.account.newest
        items, more = self.account.page(*_place(stream), chosen)
        fresh = [one for one in items if int(one.get("updated_at") or 0) >= since]
        if ordered:
            more = more and len(fresh) == len(items)  # older ones follow: this is the end
            until = until or max((int(one.get("updated_at") or 0) for one in items), default=since)
            fresh.reverse()
        else:  # what changed while this walk went on is read again
            until = until or max(before, since)
        return Page(
            _following(since, number, until, more), more, self._clock.now(),
            tuple(self._records(stream, fresh)),
        )  # fmt: skip

    def _records(self, stream: Stream, items: Sequence[Mapping[str, Any]]) -> Iterator[FarRecord]:
        for one in items:
            if stream == "deleted":
                at = rows.moment(one.get("updated_at"))
                yield FarRecord("deal", str(one["id"]), None, {}, at, deleted=True)
                continue
            record = self._record(_ENTITIES[stream], one)
            if record is None or (stream == "deal" and self._is_unsorted(one)):
                continue
            if stream != "task" or record.uid or record.fields["deal"]:
                yield record

    def _is_unsorted(self, lead: Mapping[str, Any]) -> bool:
        return str(lead.get("status_id")) in self.account.unsorted()

    def _event_page(self, cursor: str) -> Page:
        """Their order is not documented: the next walk begins before this one did."""
        since, number, until = _cursor(cursor)
        chosen: dict[str, Any] = {**_MOVED, "limit": EVENTS, "page": number}
        if since:
            chosen["filter[created_at][from]"] = since
        before = self.account.newest
        items, more = self.account.page("/events", "events", chosen)
        moves = tuple(one for one in map(rows.move, items) if one is not None)
        until = until or max(before, since)
        return Page(_following(since, number, until, more), more, self._clock.now(), moves=moves)

    def present(self, stream: Stream) -> str:
        """Before the newest change; the other streams tell by their windows."""
        if stream != "move":
            return ""
        items, _ = self.account.page("/events", "events", {**_MOVED, "limit": EVENTS})
        newest = max((int(one.get("created_at") or 0) for one in items), default=0)
        return _following(0, 1, newest, more=False)

    def count(self, _stream: Stream) -> int | None:
        """It tells no numbers."""
        return None

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """The history of some deals: ten a request."""
        found: dict[str, FarMove] = {}
        for start in range(0, len(deals), 10):
            chosen: dict[str, Any] = {**_MOVED, "limit": EVENTS}
            part = deals[start : start + 10]
            chosen |= {f"filter[entity_id][{place}]": deal for place, deal in enumerate(part)}
            for event in self.account.all("/events", "events", chosen):
                line = rows.move(event)
                if line is not None and line.deal in part:
                    found[line.far_id] = line
        return list(found.values())

    def within(self, deals: Sequence[str]) -> Sequence[FarRecord]:
        """Tasks of ten leads a request, the notes of each."""
        found: list[FarRecord] = []
        for start in range(0, len(deals), 10):
            part = deals[start : start + 10]
            chosen: dict[str, Any] = {"limit": PAGE, "filter[entity_type]": "leads"}
            chosen |= {f"filter[entity_id][{place}]": deal for place, deal in enumerate(part)}
            tasks = self._records("task", list(self.account.all("/tasks", "tasks", chosen)))
            found += [one for one in tasks if one.fields.get("deal") in part]
        for deal in deals:
            path = f"/leads/{deal}/notes"
            try:
                notes = list(self.account.all(path, "notes", {"limit": PAGE}))
            except Failure as failure:
                if failure.kind is not Kind.GONE:
                    raise
                continue
            found += self._records("note", notes)
        return found

    def find(
        self, entity: Entity, uids: Sequence[str], within: str = ""
    ) -> Mapping[str, FarRecord]:
        """Objects that carry our identifiers: first among the newest, for a search may lag."""
        left = set(uids)
        if entity in ("task", "note"):
            return self._find_marked(entity, left, within)
        found: dict[str, FarRecord] = {}
        path, number, more = PATHS[entity], 1, True
        chosen: dict[str, Any] = {"limit": PAGE, "order[updated_at]": "desc"}
        while more and number <= _NEWEST and left:
            items, more = self.account.page(f"/{path}", path, {**chosen, "page": number})
            self._take_found(entity, items, left, found)
            number += 1
        for uid in sorted(left) if more else ():
            for search in self._searches(entity, uid):
                items, _ = self.account.page(f"/{path}", path, {"limit": PAGE, **search})
                self._take_found(entity, items, left, found)
                if uid not in left:
                    break
        return found

    def _searches(self, entity: Entity, uid: str) -> Iterator[dict[str, str]]:
        field = self._uid_fields.get(entity)
        if field is not None and self.account.filters:
            yield {f"filter[custom_fields_values][{field}][]": uid}
        yield {"query": uid}

    def _find_marked(self, entity: Entity, left: set[str], within: str) -> Mapping[str, FarRecord]:
        """Tasks and notes carry our identifier in their text: the newest first."""
        chosen: dict[str, Any] = {"limit": PAGE, "order[id]": "desc"}
        path, name = _place(entity)
        if within and entity == "task":
            chosen |= {"filter[entity_type]": "leads", "filter[entity_id][]": within}
        elif within:
            path = f"/leads/{within}/notes"
        found: dict[str, FarRecord] = {}
        number, more = 1, True
        while more and left:
            items, more = self.account.page(path, name, {**chosen, "page": number})
            self._take_found(entity, items, left, found)
            number += 1
        return found

    def _take_found(
        self, entity: Entity, items: Sequence[Mapping[str, Any]], left: set[str],
        found: dict[str, FarRecord],
    ) -> None:  # fmt: skip
        for one in items:
            record = self._record(entity, one)
            if record is not None and record.uid in left:
                found[record.uid] = record
                left.discard(record.uid)

    def get(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        """The objects as they stand."""
        found: dict[str, FarRecord] = {}
        for key, item in self._writing.rows(entity, far_ids).items():
            record = self._record(entity, item)
            if record is not None and not record.deleted:
                found[key] = record
        return found

    @property
    def sweep(self) -> int:
        """What was deleted is a list of its own."""
        return 0

    def standing(self, entity: Entity, far_ids: Sequence[str]) -> Set[str]:
        """Read as they stand."""
        return self.get(entity, far_ids).keys()

    def _record(self, entity: Entity, item: Mapping[str, Any]) -> FarRecord | None:
        if entity == "note":
            return rows.note(item)
        found = rows.record(entity, item, self._codes)
        if entity == "contact" and not found.fields["company"]:
            return self._without_company(found)
        if entity == "deal" and self.account.currency:
            return replace(found, fields={**found.fields, "currency": self.account.currency})
        return found

    def _without_company(self, found: FarRecord) -> FarRecord:
        """A contact that tells no company: where contacts are linked with none at all, that is
        nobody's change, and it is not told."""
        if not found.deleted:
            self._writing.see_contact(found.far_id)
        if self._writing.links_contacts is not False:
            return found
        told = {name: value for name, value in found.fields.items() if name != "company"}
        return replace(found, fields=told)

    # -- writing --------------------------------------------------------------------------------

    def as_held(self, entity: Entity, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        """Whole units of money, whole seconds. An amount of another currency than the account's
        cannot be held there: it is neither sent nor compared."""
        held = {name: rows.held(name, value) for name, value in fields.items()}
        if entity != "deal" or "currency" not in held:
            return held
        own = self.account.currency
        if own and held["currency"] not in ("", None, own):
            held.pop("amount", None)
        return {**held, "currency": own or held["currency"]}

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make objects, all in one request; what is refused is set aside, the rest sent again."""
        return self._writing.create(entity, drafts)

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Set fields of objects, and links."""
        return self._writing.update(entity, drafts)

    def publish(self, rows_: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking into the deals' fields."""
        self._writing.publish(rows_)


_MOVED = {"filter[type]": "lead_status_changed", "filter[entity]": "lead"}
_ENTITIES: dict[str, Entity] = {
    "deal": "deal", "contact": "contact", "company": "company", "task": "task", "note": "note",
}  # fmt: skip


def _place(stream: Stream) -> tuple[str, str]:
    """The path of a list, and the name of its rows."""
    if stream == "note":
        return "/leads/notes", "notes"
    name = PATHS[_ENTITIES["deal" if stream == "deleted" else stream]]
    return f"/{name}", name


def _stages(pipeline: Mapping[str, Any]) -> tuple[FarStage, ...]:
    """The stages of a pipeline; the one of requests not sorted yet is not ours to move in."""
    found = (pipeline.get("_embedded") or {}).get("statuses") or ()
    return tuple(
        FarStage(
            rows.stage(pipeline["id"], one["id"]), str(one["name"]),
            rows.kind_of(one["id"]), int(one.get("sort") or 0),
        )
        for one in sorted(found, key=lambda one: int(one.get("sort") or 0))
        if int(one.get("type") or 0) != 1
    )  # fmt: skip


def _cursor(text: str) -> tuple[int, int, int]:
    since, number, until = (text or "0:1:0").split(":")
    return int(since), int(number), int(until)


def _following(since: int, number: int, until: int, more: bool) -> str:
    """The cursor after a page; the next window overlaps this one."""
    if more:
        return f"{since}:{number + 1}:{until}"
    return f"{max(since, until - _OVERLAP)}:1:0"
