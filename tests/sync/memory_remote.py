"""A CRM in memory that does the protocol strictly: its own clock in whole seconds, live paging,
a history of stages that nobody can write, no unique identifiers. ``fault`` hands in what fails."""

import itertools
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import (
    Account,
    Draft,
    Entity,
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

_SECOND = 1_000_000
PAGE = 5
HOLDS: dict[Entity, frozenset[str]] = {
    "company": frozenset({"name", "phones", "emails", "tax_number"}),
    "contact": frozenset({"name", "phones", "emails", "company"}),
    "deal": frozenset(
        {"title", "amount", "currency", "pipeline", "stage", "owner", "company", "contact",
         "expected_day", "created_at", "moves"}
    ),
    "task": frozenset({"title", "deal", "owner", "due_at", "done", "result"}),
    "note": frozenset({"deal", "text", "at"}),
}  # fmt: skip
STAGES = (
    FarStage("S:NEW", "New", "open", 1), FarStage("S:MEET", "Meeting", "open", 2),
    FarStage("S:PAY", "Paid", "open", 3), FarStage("S:WON", "Won", "won", 4),
    FarStage("S:LOST", "Lost", "lost", 5),
)  # fmt: skip


@dataclass(slots=True)
class Portal:
    """What the CRM holds; several ``MemoryRemote`` (laptops) and colleagues share one."""

    now: Callable[[], int]
    tells_movers: bool = False
    whole_amounts: bool = False
    tells_making: bool = True
    rows: dict[Entity, dict[str, FarRecord]] = field(default_factory=dict)
    history: list[FarMove] = field(default_factory=list)
    removed: list[FarRecord] = field(default_factory=list)
    #: Results of the ranking that its people carry.
    results: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    _keys: "itertools.count[int]" = field(default_factory=lambda: itertools.count(101))

    def clock(self) -> int:
        """Its time, in whole seconds."""
        return self.now() - self.now() % _SECOND

    def table(self, entity: Entity) -> dict[str, FarRecord]:
        """The objects of a kind."""
        return self.rows.setdefault(entity, {})

    def add(
        self, entity: Entity, fields: Mapping[str, Value], uid: str | None = None,
        by: str | None = None,
    ) -> FarRecord:  # fmt: skip
        """A new object."""
        key, at = str(next(self._keys)), self.clock()
        held = self.held(entity, fields)
        if entity == "deal":
            held = {"created_at": at, "moves": "", "amount": None, "owner": "1", **held}
        made = FarRecord(entity, key, uid, held, at, by, moved_at=at, moved_by=by)
        self.table(entity)[key] = made
        if entity == "deal" and self.tells_making:
            self._tell(made, by, "")
        return made

    def claimed(self, key: str, by: str) -> None:
        """Results are published into a deal."""
        self.table("deal")[key] = replace(self.table("deal")[key], published_by=by, at=self.clock())

    def edit(
        self, entity: Entity, key: str, fields: Mapping[str, Value], by: str | None = None
    ) -> FarRecord:
        """Set fields; an edit that changes nothing is none."""
        was = self.table(entity)[key]
        held = {k: v for k, v in self.held(entity, fields).items() if k != "created_at"}
        if all(was.fields.get(name) == value for name, value in held.items()):
            return was
        moved = "stage" in held and held["stage"] != was.fields.get("stage")
        at = self.clock()
        made = replace(was, fields={**was.fields, **held}, at=at, by=by)
        if moved:
            made = replace(made, moved_at=at, moved_by=by)
        self.table(entity)[key] = made
        if moved:
            self._tell(made, by, str(was.fields.get("stage") or ""))
        return made

    def remove(self, entity: Entity, key: str, by: str | None = None) -> None:
        """A colleague deletes an object; its key is told in the stream of what was deleted."""
        was = self.table(entity).pop(key)
        self.removed.append(replace(was, at=self.clock(), by=by, deleted=True))

    def held(self, entity: Entity, fields: Mapping[str, Value]) -> dict[str, Value]:
        """Fields as it holds them; unknown ones are dropped without a word."""
        found: dict[str, Value] = {}
        for name, value in fields.items():
            if name not in HOLDS[entity]:
                continue
            if name == "amount" and self.whole_amounts and isinstance(value, Decimal):
                value = value.quantize(Decimal(1), ROUND_HALF_UP)
            if name in ("due_at", "at", "created_at") and isinstance(value, int):
                value = value - value % _SECOND
            found[name] = value
        return found

    def _tell(self, deal: FarRecord, by: str | None, before: str) -> None:
        key = f"{len(self.history):08d}"
        self.history.append(
            FarMove(
                key, deal.far_id, str(deal.fields.get("pipeline") or ""),
                str(deal.fields.get("stage") or ""), deal.at, by if self.tells_movers else None,
                before,
            )
        )  # fmt: skip


#: Called before and after each write; may raise ``Failure``: before, nothing was done.
Fault = Callable[[str, str], None]


def _fine(_when: str, _what: str) -> None:
    """No fault."""


class MemoryRemote:
    """One laptop's way to the portal, as the person ``user``."""

    kind = "memory"
    publishes_to: frozenset[Place] = frozenset({"deal", "person"})
    batch = 4
    sweep = 0
    holds = HOLDS

    def __init__(self, portal: Portal, user: str = "1", fault: Fault = _fine) -> None:
        self.portal = portal
        self.user = user
        self.fault = fault
        self.calls = 0
        self.made: list[str] = []

    @property
    def tells_making(self) -> bool:
        return self.portal.tells_making

    def check(self) -> Account:
        return Account("portal-1", "Portal", self.user, "Somebody", self.portal.clock())

    def structure(self) -> Structure:
        people = (FarPerson("1", "Mary"), FarPerson("2", "Max"), FarPerson("9", "Stranger"))
        return Structure((FarPipeline("P", "Sales", STAGES),), people, currency="RUB")

    def make_fields(self, wanted: Sequence[WantedField]) -> Mapping[str, str]:
        names = {one: f"{one.key}@person" if one.entity == "person" else one.key for one in wanted}
        return {name: f"F-{name}" for name in names.values()}

    def use_fields(self, known: Mapping[str, str]) -> None:
        """Nothing to know."""

    def page(self, stream: Stream, cursor: str) -> Page:
        self.calls += 1
        self.fault("read", stream)
        clock = self.portal.clock()
        if stream == "deleted":
            start = int(cursor or 0)
            gone = self.portal.removed[start : start + PAGE]
            more = start + PAGE < len(self.portal.removed)
            return Page(str(start + len(gone)), more, clock, tuple(gone))
        if stream == "move":
            start = int(cursor or 0)
            lines = self.portal.history[start : start + PAGE]
            return Page(str(start + len(lines)), start + PAGE < len(self.portal.history), clock,
                        moves=tuple(lines))  # fmt: skip
        at, after = (int(part) for part in (cursor or "-1:0").split(":"))
        rows = self.portal.table(stream).values()
        found = [row for row in rows if (row.at, int(row.far_id)) > (at, after)]
        found.sort(key=lambda row: (row.at, int(row.far_id)))
        part = found[:PAGE]
        more = len(found) > PAGE
        if part:
            last = part[-1]
            cursor = f"{last.at}:{last.far_id}"
        if not more and part:  # the same second may bring more: read it again
            cursor = f"{part[-1].at - _SECOND}:{1 << 40}"
        return Page(cursor, more, clock, tuple(part))

    def present(self, stream: Stream) -> str:
        self.fault("read", stream)
        return str(len(self.portal.history)) if stream == "move" else ""

    def count(self, stream: Stream) -> int | None:
        self.fault("read", "count")
        if stream == "move":
            return len(self.portal.history)
        return len(self.portal.table("task")) if stream == "task" else None

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        self.fault("read", "moves")
        return [line for line in self.portal.history if line.deal in deals]

    def within(self, deals: Sequence[str]) -> Sequence[FarRecord]:
        self.fault("read", "within")
        tables = (self.portal.table("task"), self.portal.table("note"))
        return [row for table in tables for row in table.values()
                if row.fields.get("deal") in deals]  # fmt: skip

    def as_held(self, entity: Entity, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        return self.portal.held(entity, fields)

    def find(
        self, entity: Entity, uids: Sequence[str], within: str = ""
    ) -> Mapping[str, FarRecord]:
        self.fault("read", "find")
        rows = self.portal.table(entity).values()
        return {row.uid: row for row in rows if row.uid in uids and row.uid is not None}

    def get(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        self.fault("read", "get")
        table = self.portal.table(entity)
        return {key: table[key] for key in far_ids if key in table}

    def standing(self, entity: Entity, far_ids: Sequence[str]) -> Set[str]:
        self.fault("read", "standing")
        return self.portal.table(entity).keys() & set(far_ids)

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        return [self._write(entity, draft, make=True) for draft in drafts]

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        return [self._write(entity, draft, make=False) for draft in drafts]

    def _write(self, entity: Entity, draft: Draft, make: bool) -> Outcome:
        self.calls += 1
        try:
            self.fault("before", entity)
            if make:
                found = self.portal.add(entity, draft.fields, draft.uid, self.user)
                self.made.append(draft.uid)
            elif draft.far_id not in self.portal.table(entity):
                raise Failure(Kind.GONE)
            else:
                found = self.portal.edit(entity, draft.far_id, draft.fields, self.user)
            self.fault("after", entity)
        except Failure as failure:
            return Outcome(draft.uid, failure=failure)
        return Outcome(draft.uid, found.far_id, found)

    def publish(self, rows: Sequence[Mapping[str, Value]]) -> None:
        """Of a deal only the claim is kept."""
        for row in rows:
            if row["entity"] == "person":
                self.portal.results[str(row["far_id"])] = row
                continue
            self.portal.claimed(str(row["far_id"]), str(row.get("by") or ""))

    def close(self) -> None:
        """Nothing to give back."""
