"""Reading what the other end has, page by page, and merging it field by field.

A page is taken over in a few commands of origin ``sync``; its cursor commits with the last of them,
so that a kill anywhere loses nothing and repeats at most one page, which changes nothing the second
time. A record that cannot be taken over is set aside, and the others go on. What a record refers to
and is not here yet is fetched first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Store
from salesdesk.services.records import Asks
from salesdesk.services.sync import maps, outbox, owed, reasons, unreadable
from salesdesk.services.sync.applying import Applier, Pulled, Rules, Way
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.maps import Connection, Link, Maps
from salesdesk.services.sync.merge import RULES, Rule
from salesdesk.services.sync.moves import ONE_WRITE
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.planning import clashing
from salesdesk.services.sync.push import STOPPING
from salesdesk.services.sync.remote import (
    ENTITIES,
    Entity,
    FarMove,
    FarRecord,
    Remote,
    Stream,
    Value,
)
from salesdesk.services.sync.taking import NO_STAGE, references, uid_of
from salesdesk.services.sync.values import unpacked

#: In the order in which records depend on each other.
STREAMS: tuple[Stream, ...] = ("company", "contact", "deal", "task", "note", "move", "deleted")
#: What belongs to a deal.
_WITHIN: tuple[Entity, ...] = ("task", "note")
#: Records of one transaction beside an open window, a few milliseconds; and where there is none.
WINDOW_SLICE, ALONE_SLICE = 50, 125
#: What a record that cannot be read may raise; anything else ends the round.
_POISON = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError)
Lines = Mapping[str, Sequence[FarMove]]


class Puller:
    """Reads from one remote. ``told(stream, read, total)`` hears of progress; ``counts_from`` is
    the moment before which moves are noted and count nowhere; ``slice_size``: records of one
    transaction."""

    def __init__(
        self, store: Store, connection: Connection, mapping: Maps, remote: Remote, clock: Clock,
        *, rules: Rules = RULES, counts_from: int = 0,
        told: Callable[[Stream, int, int | None], object] | None = None,
        slice_size: int = WINDOW_SLICE,
    ) -> None:  # fmt: skip
        self.store = store
        self.id = connection.id
        self.way = Way(connection.id, mapping, remote, rules, counts_from)
        self.remote = remote
        self.clock = clock
        self.pulled = Pulled()
        self._told = told
        self._slice_size = slice_size
        #: What was looked for once: what is not here after that belongs to nothing that is synced.
        self._asked: dict[Entity, set[str]] = {}

    def run(self, streams: Sequence[Stream] = STREAMS) -> Pulled:
        """Read every stream to its present end. Raises ``Failure`` for what ends the round; where
        it was is kept. A stream that alone cannot be read does not hold up the others."""
        self._decided()
        self._mapped()
        try:
            self._begin_history()
        except Failure as failure:  # then the stream of all lines is read from its beginning
            self._refuse("move", failure)
        for stream in streams:
            try:
                while self._page(stream):
                    continue
                if stream == "note":
                    self._read_within()
                elif stream == "move":
                    self._make_up()
            except Failure as failure:
                self._refuse(stream, failure)
        return self.pulled

    def _refuse(self, stream: Stream, failure: Failure) -> None:
        """A stream goes no further; raises what ends the whole round."""
        if failure.kind in STOPPING:
            raise failure
        self.pulled.refused[stream] = failure

    def meet(self, entity: Entity, records: Sequence[FarRecord]) -> None:
        """Merge what these objects are at this moment."""
        lines = self._histories(records) if entity == "deal" else {}
        self._take(entity, records, lines)

    # -- pages ----------------------------------------------------------------------------------

    def _begin_history(self) -> None:
        """Before the first deal is read: what its history holds comes with it, page by page, so
        that a deal is written once; the stream of all lines tells what comes from now on."""
        with self.store.read() as r:
            if self._stood(r, "deal") is not None or self._stood(r, "move") is not None:
                return
        row = {
            "remote_id": self.id, "name": "move", "cursor": self.remote.present("move"),
            "read": 0, "first_done": 0, "total": None, "complete_at": None,
        }  # fmt: skip
        with self.store.books() as books:
            books.put("sync_stream", ("remote_id", "name"), [row])

    def _stood(self, a: Asks, stream: Stream) -> tuple[Any, ...] | None:
        """Cursor, whether it was read to its end once, how much was read of a stream, and up to
        when it is complete."""
        return a.row(
            "SELECT cursor, first_done, read, complete_at FROM sync_stream WHERE remote_id = ? "
            "AND name = ?",
            (self.id, stream),
        )

    def _page(self, stream: Stream) -> bool:
        with self.store.read() as r:
            cursor, first_done, read, complete = self._stood(r, stream) or ("", 0, 0, None)
        page = self.remote.page(stream, cursor)
        if page.more and page.cursor == cursor:
            raise Failure(Kind.MALFORMED, method=stream)
        if stream == "move":
            self._moves(page.moves, settled=bool(first_done))
            if not (first_done or page.more):
                self._stand()
        elif stream == "deleted":
            for entity in ENTITIES:
                gone = [each for each in page.records if each.entity == entity]
                self._take(entity, gone, {})
        else:
            lines = self._histories_then(page.records) if stream == "deal" else {}
            self._take(stream, page.records, lines)
        if not first_done:  # from then on walks overlap: what was read is read again
            read += len(page.records) + len(page.moves)
        last = {
            "remote_id": self.id, "name": stream, "cursor": page.cursor, "read": read,
            "first_done": int(first_done or not page.more), "total": page.total,
            "complete_at": complete if page.more else page.clock,
        }  # fmt: skip
        with self.store.books() as books:
            books.put("sync_stream", ("remote_id", "name"), [last])
        if self._told is not None:
            self._told(stream, read, page.total)
        return page.more

    def _make_up(self) -> None:
        """Read the histories that could not be read with their deals."""
        self._owed("moves", self._read_again)
        self.pulled.refused.pop("move", None)

    def _read_within(self) -> None:
        """Read tasks and notes that were passed by before their deals were here."""
        self._owed("within", self._take_within)

    def _take_within(self, deals: Sequence[str]) -> None:
        records = self.remote.within(deals)
        for entity in _WITHIN:
            self._take(entity, [one for one in records if one.entity == entity], {})

    def _owed(self, what: owed.What, reads: Callable[[Sequence[str]], object]) -> None:
        """Read what is owed of deals, some at a time; an answer that cannot be made out does not
        hold up the others."""
        with self.store.read() as r:
            missed = owed.noted(r, self.id, what)
        failed = None
        for start in range(0, len(missed), self.remote.batch):
            part = missed[start : start + self.remote.batch]
            try:
                reads([far for _, far in part])
            except Failure as failure:
                if failure.kind is not Kind.MALFORMED:
                    raise
                failed = failure
                continue
            with self.store.books() as books:
                books.remove("sync_owed", [key for key, _ in part])
        if failed is not None:
            raise failed

    def _read_again(self, deals: Sequence[str]) -> None:
        """Take deals over as they stand now, with their histories."""
        self.meet("deal", list(self.remote.get("deal", deals).values()))

    def _histories_then(self, records: Sequence[FarRecord]) -> Lines:
        """The history of the deals of a page that are synced, as long as they were as they are on
        it: what came since may have travelled with a change that was not read. The stream of all
        lines tells of it. Where it cannot be read the deals are noted, and it is made up for."""
        mapping = self.way.mapping
        known = {
            record.far_id: record.at + ONE_WRITE for record in records
            if mapping.syncs(record.fields.get("pipeline"))
        }  # fmt: skip
        try:
            found = self._histories([record for record in records if record.far_id in known])
        except Failure as failure:
            self._refuse("move", failure)
            with self.store.books() as books:
                # Else all lines are read from the beginning, where those of making are among them.
                if self._stood(books, "move") is not None or not self.remote.tells_making:
                    owed.note(books, self.id, "moves", known)
            return {}
        return {
            far: [line for line in lines if line.at <= known[far]] for far, lines in found.items()
        }

    def _histories(self, records: Sequence[FarRecord]) -> Lines:
        """The history of the deals of a page, also of those that have none."""
        ids = [record.far_id for record in records if not record.deleted]
        found: dict[str, list[FarMove]] = {far: [] for far in ids}
        for line in self.remote.moves_of(ids) if ids else ():
            found.setdefault(line.deal, []).append(line)
        return found

    def _moves(self, moves: Sequence[FarMove], *, settled: bool) -> None:
        """Lines of the history as the stream of all of them brings them. Where the deal was changed
        after it was last read, it is read again: a move may have travelled with that change."""
        lines: dict[str, list[FarMove]] = {}
        for line in moves:
            lines.setdefault(line.deal, []).append(line)
        with self.store.read() as r:
            known = maps.links_to(r, self.id, "deal", lines)
            noted = {
                (row[0], row[1])
                for row in r.rows_of(
                    "SELECT deal_id, far_id FROM sync_move WHERE remote_id = ? "
                    "AND deal_id IN ({ids})",
                    sorted({link.local_id for link in known.values()}),
                    (self.id,),
                )
            }
            asked = clashing(r, self.id, "deal", [link.local_id for link in known.values()])
        news: dict[str, list[FarMove]] = {}
        for far, link in known.items():
            if "stage" in asked.get(link.local_id, ()):  # its history is read when that is decided
                continue
            fresh = [one for one in lines[far] if (link.local_id, one.far_id) not in noted]
            if fresh:
                news[far] = fresh
        stale = [
            far for far, fresh in news.items()
            if max(line.at for line in fresh) > known[far].far_at - int(settled)
        ]  # fmt: skip
        for start in range(0, len(stale), self.remote.batch):
            self._read_again(stale[start : start + self.remote.batch])
        plain = [far for far in news if far not in set(stale)]
        for start in range(0, len(plain), self._slice_size):
            with self.store.command("sync.pull", now=self.clock.now(), origin="sync") as tx:
                applier = Applier(tx, self.way, "deal", self.pulled)
                for far in plain[start : start + self._slice_size]:
                    applier.tell_lines(news[far], known[far], more=not settled)
                applier.take((), {})

    def _stand(self) -> None:
        """The history was read for the first time: deals that it does not lead to where both ends
        agree (the other end may keep a part of it to itself) are brought there."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT l.far_id FROM sync_link l JOIN deal d ON d.id = l.local_id "
                "JOIN sync_map m ON m.remote_id = l.remote_id AND m.what = 'stage' "
                "AND m.far_id = json_extract(l.agreed, '$.stage') WHERE l.remote_id = ? "
                "AND l.entity = 'deal' AND l.state = 'linked' AND m.local_id <> d.stage_id "
                "AND NOT EXISTS (SELECT 1 FROM sync_conflict c WHERE c.remote_id = l.remote_id "
                "AND c.entity = 'deal' AND c.local_id = l.local_id AND c.field = 'stage' "
                "AND c.state <> 'done')",
                (self.id,),
            )
            known = maps.links_to(r, self.id, "deal", [row[0] for row in rows])
        links = list(known.values())
        for start in range(0, len(links), self._slice_size):
            with self.store.command("sync.pull", now=self.clock.now(), origin="sync") as tx:
                applier = Applier(tx, self.way, "deal", self.pulled)
                for link in links[start : start + self._slice_size]:
                    applier.tell_lines((), link)
                applier.take((), {})

    # -- records --------------------------------------------------------------------------------

    def _take(
        self, entity: Entity, records: Sequence[FarRecord], lines: Lines, depth: int = 0
    ) -> None:
        """Take records over in slices, after what they refer to."""
        if depth < len(ENTITIES):
            self._fetch(records, depth)
        self._replaced(entity, records)
        for start in range(0, len(records), self._slice_size):
            self._slice(entity, records[start : start + self._slice_size], lines)

    def _fetch(self, records: Sequence[FarRecord], depth: int) -> None:
        """What these records refer to and is not here."""
        for entity, keys in references(records).items():
            with self.store.read() as r:
                known = maps.local_ids_to(r, self.id, entity, keys)
            asked = self._asked.setdefault(entity, set())
            missing = [far for far in keys if far not in known and far not in asked]
            for start in range(0, len(missing), self.remote.batch):
                part = missing[start : start + self.remote.batch]
                found = self.remote.get(entity, part)
                fresh = [record for record in found.values() if not record.deleted]
                self._take(entity, fresh, {}, depth + 1)
                asked.update(part)  # not before: what was not answered is asked for again

    def _replaced(self, entity: Entity, records: Sequence[FarRecord]) -> None:
        """An object that carries the identifier of a record that is linked to another one is a copy
        of that, unless that is gone: then it was made anew after a lost answer."""
        by_uid = {uid: record.far_id for record in records if (uid := uid_of(record)) is not None}
        if entity == "note" or not by_uid:  # notes are not read by their keys everywhere
            return
        with self.store.read() as r:
            others = [
                far for uid, far in maps.linked_uids(r, self.id, entity, by_uid)
                if far != by_uid[uid]
            ]  # fmt: skip
        for start in range(0, len(others), self.remote.batch):
            part = others[start : start + self.remote.batch]
            there = self.remote.get(entity, part)
            gone = [FarRecord(entity, far, None, {}, 0, deleted=True)
                    for far in part if far not in there]  # fmt: skip
            if gone:
                self._slice(entity, gone, {})

    def _slice(self, entity: Entity, records: Sequence[FarRecord], lines: Lines) -> None:
        done = Pulled()  # counts what is written, not what is taken back
        try:
            with self.store.command("sync.pull", now=self.clock.now(), origin="sync") as tx:
                Applier(tx, self.way, entity, done).take(records, lines)
        except (*_POISON, SalesDeskError) as error:
            if not _is_poison(error):
                raise
            if len(records) > 1:
                half = len(records) // 2
                self._slice(entity, records[:half], lines)
                self._slice(entity, records[half:], lines)
                return
            with self.store.command("sync.pull", now=self.clock.now(), origin="sync") as tx:
                why = unreadable.why(records[0], error)
                Applier(tx, self.way, entity, done := Pulled()).aside(records[0], why)
        self.pulled.add(done)

    def _mapped(self) -> None:
        """Deals that were set aside for a stage without a partner, which has one now: read them
        again. What is there no more is no longer to be taken over."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT id, far_id, reason, json_extract(content, '$.stage') FROM sync_aside "
                "WHERE remote_id = ? AND stream = 'deal'",
                (self.id,),
            )
        known = self.way.mapping.local.get("stage", {})
        again = {far: key for key, far, reason, stage in rows
                 if stage in known and reasons.is_about(reason, NO_STAGE)}  # fmt: skip
        for start in range(0, len(again), self.remote.batch):
            part = list(again)[start : start + self.remote.batch]
            try:
                there = self.remote.get("deal", part)
                self.meet("deal", list(there.values()))
            except Failure as failure:  # they wait for the next round
                self._refuse("deal", failure)
                return
            with self.store.books() as books:
                books.remove("sync_aside", [again[far] for far in part if far not in there])

    def _decided(self) -> None:
        """What people decided: read those records again and merge them so."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT c.id, c.entity, l.far_id, c.field, c.state FROM sync_conflict c "
                "JOIN sync_link l ON l.remote_id = c.remote_id AND l.entity = c.entity "
                "AND l.local_id = c.local_id WHERE c.remote_id = ? "
                "AND c.state IN ('ours', 'theirs')",
                (self.id,),
            )
        chosen: dict[tuple[Entity, str], dict[str, Rule]] = {}
        clashes: dict[tuple[Entity, str], list[int]] = {}
        for key, entity, far, name, state in rows:
            chosen.setdefault((entity, far), {})[name] = state
            clashes.setdefault((entity, far), []).append(key)
        for (entity, far), rules in chosen.items():
            try:
                record = self.remote.get(entity, [far]).get(far)
                lines = self._histories([record]) if record and entity == "deal" else {}
            except Failure as failure:  # it waits for the next round
                self._refuse(entity, failure)
                continue
            if record is None:  # there is nothing left to decide about
                with self.store.books() as books:
                    books.update(
                        "sync_conflict",
                        [{"id": key, "state": "done"} for key in clashes[entity, far]],
                    )
                continue
            with self.store.command("sync.pull", now=self.clock.now(), origin="sync") as tx:
                Applier(tx, self.way, entity, self.pulled).take([record], lines, rules)
                outbox.hurry(tx.books(), self.id, entity, far, now=tx.now)


def _is_poison(error: Exception) -> bool:
    """Whether an error is about the record, and not about the file, the disk or the other end."""
    if isinstance(error, Failure):
        return False
    if isinstance(error, SalesDeskError):
        return type(error.__cause__).__name__ in ("IntegrityError", "DataError", "InterfaceError")
    return True


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
    """What a person has yet to decide, the oldest first; nothing of a record that was deleted, here
    or there, as long as it is."""
    rows = a.rows(
        "SELECT id, entity, local_id, field, before, ours, theirs, at FROM sync_conflict c "
        f"WHERE c.remote_id = ? AND {maps.ASKED} ORDER BY at, id",
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
