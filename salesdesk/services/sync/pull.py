"""Reading what the other end has, page by page, and merging it field by field.

A page is one command of origin ``sync``; its cursor commits with it, so that a kill anywhere loses
nothing and repeats at most one page, which changes nothing the second time. A record that cannot be
taken over is set aside, and the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Store, Transaction
from salesdesk.services.records import Asks
from salesdesk.services.sync import local, maps, moves, outbox
from salesdesk.services.sync.carried import moves as carried_moves
from salesdesk.services.sync.maps import Connection, Link, Maps
from salesdesk.services.sync.merge import RULES, Clash, Merged, Rule, merge
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.push import link as keep_link
from salesdesk.services.sync.remote import Entity, FarMove, FarRecord, Remote, Stream, Value
from salesdesk.services.sync.taking import Taker, Unplaced
from salesdesk.services.sync.values import packed, unpacked

#: In the order in which records depend on each other.
STREAMS: tuple[Stream, ...] = ("company", "contact", "deal", "task", "note", "move", "deleted")
#: Records of one transaction beside an open window: about five milliseconds.
SLICE = 8


@dataclass(slots=True)
class Pulled:
    """What a pass of reading did."""

    records: int = 0
    moves: int = 0
    clashes: int = 0
    aside: int = 0


class Puller:
    """Reads from one remote. ``told(stream, read, total)`` hears of progress."""

    def __init__(
        self, store: Store, connection: Connection, mapping: Maps, remote: Remote, clock: Clock,
        *, rules: Mapping[tuple[Entity, str], Rule] = RULES,
        told: Callable[[Stream, int, int | None], object] | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self.id = connection.id
        self.mapping = mapping
        self.remote = remote
        self.clock = clock
        self.rules = rules
        self.pulled = Pulled()
        self._told = told

    def run(self, streams: Sequence[Stream] = STREAMS) -> Pulled:
        """Read every stream to its present end. Raises ``Failure``; where it was is kept."""
        self._decided()
        for stream in streams:
            while self._page(stream):
                continue
        return self.pulled

    # -- pages ----------------------------------------------------------------------------------

    def _page(self, stream: Stream) -> bool:
        with self.store.read() as r:
            row = r.row(
                "SELECT cursor, first_done, read FROM sync_stream WHERE remote_id = ? AND name = ?",
                (self.id, stream),
            )
            history = r.value(
                "SELECT first_done FROM sync_stream WHERE remote_id = ? AND name = 'move'",
                (self.id,),
            )
        cursor, first_done, read = row or ("", 0, 0)
        page = self.remote.page(stream, cursor)
        lines: dict[str, list[FarMove]] = {}
        if stream == "deal" and history:
            lines = self._histories(page.records)
        if stream == "move":
            for line in page.moves:
                lines.setdefault(line.deal, []).append(line)
        read += len(page.records) + len(page.moves)
        last = {
            "remote_id": self.id, "name": stream, "cursor": page.cursor, "read": read,
            "first_done": int(first_done or not page.more), "total": page.total,
            "complete_at": None if page.more else page.clock,
        }  # fmt: skip
        self._take_page(stream, page.records, lines, last)
        if self._told is not None:
            self._told(stream, read, page.total)
        return page.more

    def _histories(self, records: Sequence[FarRecord]) -> dict[str, list[FarMove]]:
        """The history of the deals of a page."""
        found: dict[str, list[FarMove]] = {}
        ids = [record.far_id for record in records if not record.deleted]
        for start in range(0, len(ids), self.remote.batch):
            for line in self.remote.moves_of(ids[start : start + self.remote.batch]):
                found.setdefault(line.deal, []).append(line)
        return found

    def _take_page(
        self, stream: Stream, records: Sequence[FarRecord],
        lines: Mapping[str, Sequence[FarMove]], last: Mapping[str, Value],
    ) -> None:  # fmt: skip
        """Take a page over in slices; the cursor commits with the last of them."""
        steps: list[FarRecord | str] = list(lines) if stream == "move" else list(records)
        for start in range(0, max(len(steps), 1), SLICE):
            part = steps[start : start + SLICE]
            now = self.clock.now()
            with self.store.command("sync.pull", now=now, origin="sync") as tx:
                for step in part:
                    if isinstance(step, str):
                        self._take_moves(tx, step, lines[step])
                    else:
                        self._take_record(tx, stream, step, lines.get(step.far_id, ()))
                if start + SLICE >= len(steps):
                    tx.books().put("sync_stream", ("remote_id", "name"), [dict(last)])

    # -- one record -----------------------------------------------------------------------------

    def _take_record(
        self, tx: Transaction, stream: Stream, record: FarRecord, lines: Sequence[FarMove]
    ) -> None:
        try:
            if record.deleted or stream == "deleted":
                self._gone(tx, record)
            else:
                self._merge(tx, record, lines)
        except Unplaced as reason:
            self._aside(tx, stream, record, reason)
        else:
            self._not_aside(tx, stream, record.far_id)

    def _merge(
        self, tx: Transaction, record: FarRecord, lines: Sequence[FarMove],
        decided: Mapping[str, Rule] | None = None,
    ) -> None:  # fmt: skip
        entity, taker = record.entity, Taker(tx, self.id, self.mapping)
        known = maps.links_to(tx, self.id, entity, [record.far_id]).get(record.far_id)
        agreed = dict(known.agreed) if known is not None else {}
        key = known.local_id if known is not None else taker.own(record)
        if known is None and key is not None:
            agreed = dict(record.fields)  # its making had arrived: what differs here is news there
            self._found_again(tx, entity, key)
        if key is None:
            key = taker.namesake(record)
        if key is None:
            if not self._wanted(record):
                return
            key = taker.make(record)
            self.pulled.records += 1
        found = self._merged(tx, record, key, agreed, decided or {})
        if found.take:
            taker.take(entity, key, found.take, record)
            self.pulled.records += known is not None
        if entity == "deal":
            self._stages(tx, record, key, lines, found)
        kept = {**found.agreed, **{name: record.fields[name] for name in found.send}}
        if known is None or packed(kept) != packed(known.agreed) or known.far_at != record.at:
            keep_link(tx.books(), self.id, entity, key, record.far_id, kept, record.at)
        self._clashes(tx, entity, key, found.clashes)
        if found.send:
            outbox.want(tx.books(), self.id, entity, [key], now=tx.now)

    def _found_again(self, tx: Transaction, entity: Entity, key: int) -> None:
        """What was sent with an unknown outcome is there: nothing needs to be looked up."""
        books = tx.books()
        rows = books.rows(
            "SELECT id FROM sync_queue WHERE remote_id = ? AND entity = ? AND local_id = ? "
            "AND state = 'unknown'",
            (self.id, entity, key),
        )
        books.update(
            "sync_queue", [{"id": row[0], "state": "waiting", "next_at": tx.now} for row in rows]
        )

    def _merged(
        self, tx: Transaction, record: FarRecord, key: int, agreed: Mapping[str, Value],
        decided: Mapping[str, Rule],
    ) -> Merged:  # fmt: skip
        entity = record.entity
        one = local.records(tx, self.id, self.mapping, entity, [key])[key]
        holds = self.remote.holds.get(entity, frozenset())
        own = {name: value for name, value in one.fields.items() if name in holds}
        ours = self.remote.as_held(entity, own)
        theirs = {
            name: value
            for name, value in record.fields.items()
            if name in holds and self._placed(name, value)
        }
        rules = {**self.rules, **{(entity, name): rule for name, rule in decided.items()}}
        return merge(entity, agreed, ours, theirs, self.mapping.is_closed, rules)

    def _placed(self, name: str, value: Value) -> bool:
        """Whether a key of the other end means something here; what does not is left alone."""
        if name in ("stage", "lost_reason") and value:
            return self.mapping.local_of(name, value) is not None
        if name == "owner":
            return self.mapping.local_of("person", value) is not None
        return True

    def _wanted(self, record: FarRecord) -> bool:
        """Whether a record that is new here belongs to what is synced."""
        if record.entity == "deal":
            pipeline = self.mapping.local_of("pipeline", record.fields.get("pipeline"))
            return pipeline in self.mapping.pipelines
        return True

    def _stages(
        self, tx: Transaction, record: FarRecord, key: int, lines: Sequence[FarMove], found: Merged
    ) -> None:
        """The moves of a deal, and the stage on which both ends agree."""
        clashes = any(clash.field == "stage" for clash in found.clashes)
        moves.bring(
            tx, self.id, self.mapping, key, str(record.fields.get("moves") or ""), lines,
            takes=not clashes and "stage" not in found.send, ignores="stage" in found.send,
        )  # fmt: skip
        stage = self.mapping.local_of("stage", found.agreed.get("stage"))
        if stage is not None and not clashes:
            by = self.mapping.local_of("person", record.moved_by)
            at = record.moved_at if record.moved_at is not None else record.at
            moves.settle(tx, key, stage, at, by)

    # -- what a person has to see -----------------------------------------------------------------

    def _clashes(self, tx: Transaction, entity: Entity, key: int, clashes: Sequence[Clash]) -> None:
        """Keep the clashes of a record as they are now; those that are none any more go."""
        books = tx.books()
        there = {
            row[1]: (row[0], row[2])
            for row in books.rows(
                "SELECT id, field, state FROM sync_conflict WHERE remote_id = ? AND entity = ? "
                "AND local_id = ? AND state IN ('open', 'ours', 'theirs')",
                (self.id, entity, key),
            )
        }
        fields = {clash.field for clash in clashes}
        books.update(
            "sync_conflict",
            [{"id": row, "state": "done"} for name, (row, _) in there.items()
             if name not in fields],
        )  # fmt: skip
        for clash in clashes:
            values = {
                "before": packed({"value": clash.before}), "ours": packed({"value": clash.ours}),
                "theirs": packed({"value": clash.theirs}),
            }  # fmt: skip
            if clash.field in there:
                books.update("sync_conflict", [{"id": there[clash.field][0], **values}])
                continue
            self.pulled.clashes += 1
            books.insert(
                "sync_conflict",
                [{"remote_id": self.id, "entity": entity, "local_id": key, "field": clash.field,
                  "at": tx.now, "state": "open", **values}],
            )  # fmt: skip

    def _decided(self) -> None:
        """What people decided: read those records again and merge them so."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT c.entity, l.far_id, c.field, c.state FROM sync_conflict c "
                "JOIN sync_link l ON l.remote_id = c.remote_id AND l.entity = c.entity "
                "AND l.local_id = c.local_id WHERE c.remote_id = ? "
                "AND c.state IN ('ours', 'theirs')",
                (self.id,),
            )
        chosen: dict[tuple[Entity, str], dict[str, Rule]] = {}
        for entity, far, name, state in rows:
            chosen.setdefault((entity, far), {})[name] = state
        for (entity, far), rules in chosen.items():
            record = self.remote.get(entity, [far]).get(far)
            lines = self.remote.moves_of([far]) if record is not None and entity == "deal" else ()
            with self.store.command("sync.pull", now=self.clock.now(), origin="sync") as tx:
                if record is not None:
                    self._merge(tx, record, lines, rules)

    def _aside(self, tx: Transaction, stream: Stream, record: FarRecord, why: Unplaced) -> None:
        self.pulled.aside += 1
        tx.books().put(
            "sync_aside",
            ("remote_id", "stream", "far_id"),
            [{"remote_id": self.id, "stream": stream, "far_id": record.far_id, "reason": str(why),
              "content": packed(record.fields), "at": tx.now}],
        )  # fmt: skip

    def _not_aside(self, tx: Transaction, stream: Stream, far_id: str) -> None:
        books = tx.books()
        key = books.value(
            "SELECT id FROM sync_aside WHERE remote_id = ? AND stream = ? AND far_id = ?",
            (self.id, stream, far_id),
        )
        if key is not None:
            books.remove("sync_aside", [key])

    # -- moves and deletions ----------------------------------------------------------------------

    def _take_moves(self, tx: Transaction, far_deal: str, lines: Sequence[FarMove]) -> None:
        """Lines of the history of one deal, as the stream of all of them brings them."""
        known = maps.links_to(tx, self.id, "deal", [far_deal]).get(far_deal)
        if known is None:
            return
        key = known.local_id
        text = str(known.agreed.get("moves") or "")
        self.pulled.moves += moves.bring(
            tx, self.id, self.mapping, key, text if carried_moves(text) else "", lines
        )
        stage = self.mapping.local_of("stage", known.agreed.get("stage"))
        if stage is not None:
            last = max(line.at for line in lines)
            moves.settle(tx, key, stage, last, None, over_ours=False)

    def _gone(self, tx: Transaction, record: FarRecord) -> None:
        """It was deleted there: here it stays, no longer linked, and that is shown."""
        known = maps.links_to(tx, self.id, record.entity, [record.far_id]).get(record.far_id)
        if known is not None and not known.gone:
            tx.books().update("sync_link", [{"id": known.id, "state": "gone"}])


@dataclass(frozen=True, slots=True)
class OpenClash:
    """A field that a person has yet to decide: ``at`` is when it was noticed."""

    id: int
    entity: Entity
    local_id: int
    field: str
    before: Value
    ours: Value
    theirs: Value
    at: int


def open_clashes(a: Asks, remote_id: int) -> list[OpenClash]:
    """What a person has yet to decide, the oldest first."""
    rows = a.rows(
        "SELECT id, entity, local_id, field, before, ours, theirs, at FROM sync_conflict "
        "WHERE remote_id = ? AND state = 'open' ORDER BY at, id",
        (remote_id,),
    )
    found = []
    for row in rows:
        values = (unpacked(text)["value"] for text in row[4:7])
        cells: tuple[Any, ...] = (*row[:4], *values, row[7])
        found.append(OpenClash(*cells))
    return found


def decide(store: Store, clash_id: int, take: str, *, person: int | None, now: int) -> None:
    """Have a clash decided: ``ours`` or ``theirs`` holds from the next round on."""
    with store.books() as books:
        books.update(
            "sync_conflict",
            [{"id": clash_id, "state": take, "person_id": person, "decided_at": now}],
        )


__all__ = ["STREAMS", "Link", "OpenClash", "Pulled", "Puller", "decide", "open_clashes"]
