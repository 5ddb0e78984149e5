"""Taking over records of one kind in one transaction: which is which, the merge field by field, the
moves, and what is kept of it all. Questions are asked for all of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from salesdesk.models.store import Transaction
from salesdesk.services.sync import (
    carried,
    local,
    maps,
    options,
    outbox,
    owed,
    publishing,
    reasons,
    rulings,
)
from salesdesk.services.sync.local import Local
from salesdesk.services.sync.maps import Link, Maps
from salesdesk.services.sync.merge import Clash, Merged, Rule, merge, same
from salesdesk.services.sync.moves import Moves, Told
from salesdesk.services.sync.planning import sent
from salesdesk.services.sync.remote import Entity, FarMove, FarRecord, Remote, Stream, Value
from salesdesk.services.sync.taking import GONE, NO_STAGE, REFERENCES, NewDeal, Taker, Unplaced
from salesdesk.services.sync.values import packed

Rules = Mapping[tuple[Entity, str], Rule]
_LINK = ("remote_id", "entity", "local_id")
#: The key of a line of a deal's making, before all others.
_MAKING = "0"
#: Fields of which is kept what stands there, though it means nothing here so far.
_MAPPED = ("owner", "lost_reason")


@dataclass(slots=True)
class Pulled:
    """What a pass of reading did. ``refused``: streams that could not go on, and why."""

    records: int = 0
    moves: int = 0
    clashes: int = 0
    aside: int = 0
    refused: dict[Stream, Exception] = field(default_factory=dict)

    def add(self, other: "Pulled") -> None:
        """Count what another one counted, too."""
        self.records += other.records
        self.moves += other.moves
        self.clashes += other.clashes
        self.aside += other.aside


@dataclass(frozen=True, slots=True)
class _Clashed:
    """A row of ``sync_conflict``: the values (packed) that a person was shown."""

    id: int
    state: str
    ours: str
    theirs: str

    def holds(self, ours: Value, theirs: Value) -> bool:
        """Whether a decision holds: nobody wrote something else since into what it gives up."""
        if self.state == "ours":
            return packed({"value": theirs}) == self.theirs
        return self.state == "theirs" and packed({"value": ours}) == self.ours


@dataclass(frozen=True, slots=True)
class Way:
    """What every taking over needs: the connection, its mapping and rules, the remote, and the
    moment from which moves count."""

    id: int
    mapping: Maps
    remote: Remote
    rules: Rules
    counts_from: int = 0


class Applier:
    """Takes records of one kind over; ``pulled`` counts."""

    def __init__(self, tx: Transaction, way: Way, entity: Entity, pulled: Pulled) -> None:
        self.tx = tx
        self.books = tx.books()
        self.way = way
        self.entity = entity
        self.pulled = pulled
        self.taker = Taker(tx, way.id, way.mapping)
        self.holds = way.remote.holds.get(entity, frozenset())
        self._links: dict[str, Link] = {}
        self._ours: dict[int, Local] = {}
        self._there: dict[int, dict[str, _Clashed]] = {}
        self._asides: dict[str, int] = {}
        self._keep: list[dict[str, Value]] = []
        self._told: list[Told] = []
        self._news: list[tuple[FarRecord, Sequence[FarMove], NewDeal]] = []

    def take(
        self, records: Sequence[FarRecord], lines: Mapping[str, Sequence[FarMove]],
        decided: Mapping[str, Rule] | None = None,
    ) -> None:  # fmt: skip
        """Take them over. Raises what a record that cannot be read raises, ``Unplaced`` not: such
        a one is set aside."""
        self._look_up(records)
        for record in records:
            try:
                if record.deleted:
                    self._gone(record)
                else:
                    self._one(record, self._history(record, lines), decided or {})
            except Unplaced as reason:
                self.aside(record, reason)
        self._make_deals()
        self.pulled.moves += Moves(self.tx, self.way.id, self.way.mapping).bring(self._told)
        texts = {one.deal: one.text for one in self._told}
        rulings.bring(self.tx, self.way.id, self.way.mapping, texts)
        self.books.put("sync_link", _LINK, self._keep)
        publishing.hear(self.books, self.way.id, records)

    def _look_up(self, records: Sequence[FarRecord]) -> None:
        remote_id, entity = self.way.id, self.entity
        far_ids = [record.far_id for record in records]
        self._links = maps.links_to(self.tx, remote_id, entity, far_ids)
        self.taker.look_up(records)
        keys = {found.local_id for found in self._links.values()}
        keys |= {key for key in map(self.taker.own, records) if key is not None}
        self._ours = local.records(self.tx, remote_id, self.way.mapping, entity, keys)
        for key, name, *cells in self.tx.rows_of(
            "SELECT local_id, field, id, state, ours, theirs FROM sync_conflict "
            "WHERE remote_id = ? AND entity = ? AND state IN ('open', 'ours', 'theirs') "
            "AND local_id IN ({ids})",
            sorted(keys),
            (remote_id, entity),
        ):
            self._there.setdefault(key, {})[name] = _Clashed(*cells)
        self._asides = dict(
            self.tx.rows_of(
                "SELECT far_id, id FROM sync_aside WHERE remote_id = ? AND stream = ? "
                "AND far_id IN ({ids})",
                far_ids,
                (remote_id, entity),
            )
        )

    # -- one record -----------------------------------------------------------------------------

    def _one(
        self, record: FarRecord, lines: Sequence[FarMove], decided: Mapping[str, Rule]
    ) -> None:
        known = self._links.get(record.far_id)
        if known is not None:
            self._merge(record, lines, known.local_id, dict(known.agreed), known, decided)
        else:
            key = self.taker.own(record)
            if key is not None:  # its making had arrived
                agreed = sent(self.tx, self.way.id, self._ours[key], record, self.way.remote)
                self._merge(record, lines, key, agreed, None, decided)
                self._found_again(key)
            elif (key := self.taker.namesake(record)) is not None:
                self._ours |= local.records(
                    self.tx, self.way.id, self.way.mapping, self.entity, [key]
                )
                self._merge(record, lines, key, {}, None, decided)
            elif self._wanted(record):
                self._make(record, lines)
        if record.far_id in self._asides and self._placed(record, "stage"):
            self.books.remove("sync_aside", [self._asides[record.far_id]])

    def _make(self, record: FarRecord, lines: Sequence[FarMove]) -> None:
        if self.entity == "deal":
            new = self.taker.new_deal(record, told=any(map(self._counts, lines)))
            self._news.append((record, lines, new))
        else:
            self._made(record, self.taker.make(record))

    def _made(self, record: FarRecord, key: int) -> None:
        self.pulled.records += 1
        unmapped = {name: record.fields[name] for name in _MAPPED
                    if name in self.holds and name in record.fields}  # fmt: skip
        self._link(record, key, {**unmapped, **self._theirs(record)})

    def _make_deals(self) -> None:
        """New deals are made together."""
        keys = self.taker.make_deals([new for _, _, new in self._news])
        self._owe_within()
        for key, (record, lines, _) in zip(keys, self._news, strict=True):
            self._made(record, key)
            if lines or record.fields.get("moves"):
                stage = self.way.mapping.local_of("stage", record.fields.get("stage"))
                self._tell(record, key, lines, stage, owner=record.fields.get("owner"))

    def _owe_within(self) -> None:
        """Tasks and notes of deals that are new here were passed by, where their streams have
        begun: a deal that was set aside, or came from a pipeline that is not synced."""
        begun = self._news and self.tx.value(
            "SELECT 1 FROM sync_stream WHERE remote_id = ? AND name IN ('task', 'note') LIMIT 1",
            (self.way.id,),
        )
        if begun:
            owed.note(self.books, self.way.id, "within", [one.far_id for one, _, _ in self._news])

    def _history(
        self, record: FarRecord, lines: Mapping[str, Sequence[FarMove]]
    ) -> Sequence[FarMove]:
        """The history of a deal that was read with it; where the other end's does not tell how
        colleagues' deals were made, with a line of that."""
        found, at = lines.get(record.far_id), record.fields.get("created_at")
        if found is None:
            return ()
        if self.way.remote.tells_making or record.uid is not None or not isinstance(at, int):
            return found
        first = min(found, key=lambda one: (one.at, one.far_id), default=None)
        stage = str(record.fields.get("stage") or "") if first is None else first.before
        return (FarMove(_MAKING, record.far_id, "", stage, at), *found)

    def _counts(self, line: FarMove) -> bool:
        """Whether a line of a new deal's history becomes one of its protocol here."""
        known = self.way.mapping.local_of("stage", line.stage) is not None
        return known and line.at >= self.way.counts_from

    def _merge(
        self, record: FarRecord, lines: Sequence[FarMove], key: int, agreed: dict[str, Value],
        known: Link | None, decided: Mapping[str, Rule],
    ) -> None:  # fmt: skip
        entity = self.entity
        found = self._merged(record, key, agreed, decided)
        if found.take:
            self.taker.take(entity, key, found.take, record)
            self.pulled.records += known is not None and found.take.keys() != {"moves"}
        clashes = {clash.field for clash in found.clashes}
        clashing = "stage" in clashes
        if entity == "deal":
            stage = self.way.mapping.local_of("stage", found.agreed.get("stage"))
            at = known.far_at if known is not None else record.at
            self._tell(
                record, key, lines, None if clashing else stage, takes=not clashing,
                ours="stage" in found.send, read_at=max(at, record.at),
                before="" if known is None else str(known.agreed.get("moves") or ""),
                owner=None if "owner" in clashes else found.agreed.get("owner"),
            )  # fmt: skip
            if not self._placed(record, "stage"):
                self.aside(record, Unplaced(NO_STAGE, stage=record.fields.get("stage")))
        kept = {**found.agreed, **{name: record.fields[name] for name in found.send}}
        news = known is None or known.gone or known.far_at != record.at
        if news or known is None or packed(kept) != packed(known.agreed):
            self._link(record, key, kept)
        self._clashes(key, found.clashes)
        if agreed:  # else they only meet, by their name
            self._ruled(key, found, decided)
        if found.send.keys() - ({"moves"} if clashing else set()):
            outbox.want(self.books, self.way.id, entity, [key], now=self.tx.now, wakes=news)

    def _merged(
        self, record: FarRecord, key: int, agreed: Mapping[str, Value], decided: Mapping[str, Rule]
    ) -> Merged:
        here, theirs = self._ours[key], self._theirs(record)
        own = {name: value for name, value in here.fields.items() if name in self.holds}
        if "moves" in own:
            own["moves"] = carried.onward(str(own["moves"]), _moves_known(agreed, theirs),
                                          here.own_moves)  # fmt: skip
        ours = dict(self.way.remote.as_held(self.entity, own))
        # It had no partner here; what it was changed to there since has one.
        ours |= {name: agreed[name] for name in here.empty & agreed.keys() & theirs.keys()
                 if not same(theirs[name], agreed[name])}  # fmt: skip
        asked = self._there.get(key, {})
        holds = {
            (self.entity, name): rule for name, rule in decided.items()
            if name not in asked or asked[name].holds(ours.get(name), theirs.get(name))
        }  # fmt: skip
        rules = {**self.way.rules, **holds}
        return merge(self.entity, agreed, ours, theirs, self.way.mapping.is_closed, rules)

    def _theirs(self, record: FarRecord) -> dict[str, Value]:
        return {
            name: value
            for name, value in record.fields.items()
            if name in self.holds and self._placed(record, name)
        }

    def _placed(self, record: FarRecord, name: str) -> bool:
        """Whether a key of the other end means something here; what does not is left alone."""
        value = record.fields.get(name)
        if name in ("stage", "lost_reason") and value:
            return self.way.mapping.local_of(name, value) is not None
        if name == "owner":
            return self.way.mapping.local_of("person", value) is not None
        if name in REFERENCES and value:
            return (name, str(value)) in self.taker.refs
        return True

    def _wanted(self, record: FarRecord) -> bool:
        """Whether a record that is new here belongs to what is synced."""
        fields = record.fields
        if self.entity == "deal":
            return self.way.mapping.syncs(fields.get("pipeline"))
        if self.entity in ("task", "note"):
            return ("deal", str(fields.get("deal") or "")) in self.taker.refs
        return True

    def _link(self, record: FarRecord, key: int, agreed: Mapping[str, Value]) -> None:
        self.taker.linked.add(key)
        self._keep.append(
            {"remote_id": self.way.id, "entity": self.entity, "local_id": key,
             "far_id": record.far_id, "agreed": packed(agreed), "far_at": record.at,
             "state": "linked"}
        )  # fmt: skip

    def _found_again(self, key: int) -> None:
        """What was sent with an unknown outcome is there: nothing needs to be looked up."""
        rows = self.books.rows(
            "SELECT id FROM sync_queue WHERE remote_id = ? AND entity = ? AND local_id = ? "
            "AND state = 'unknown'",
            (self.way.id, self.entity, key),
        )
        self.books.update(
            "sync_queue",
            [{"id": row[0], "state": "waiting", "next_at": self.tx.now} for row in rows],
        )

    def _tell(
        self, record: FarRecord, key: int, lines: Sequence[FarMove], stage: int | None, *,
        takes: bool = True, ours: bool = False, read_at: int | None = None, owner: Value = None,
        before: str = "",
    ) -> None:  # fmt: skip
        """The moves of a deal, the stage and the responsible person on whom both ends agree, the
        stage perhaps that of here (``ours``): who moved the deal there did not move it into that.
        What the text of moves told ``before`` is not forgotten."""
        by = None if ours else self.way.mapping.local_of("person", record.moved_by)
        at = record.moved_at if record.moved_at is not None else record.at
        stands = None if stage is None else (stage, at, by)
        text = str(record.fields.get("moves") or "")
        if before and before != text:
            text = carried.joined(text, before)
        born = record.fields.get("created_at") if record.uid is None else None
        self._told.append(
            Told(
                key, text, read_at or record.at, lines, takes, stands,
                counts_from=self.way.counts_from,
                owner=self.way.mapping.local_of("person", owner),
                born=born if isinstance(born, int) else None,
            )
        )  # fmt: skip

    def tell_lines(self, lines: Sequence[FarMove], known: Link, *, more: bool = False) -> None:
        """Lines of the history of one deal that is known already; they lead to where both ends
        agree. While there are ``more`` to come it is held there: left where the first of them led,
        because reading ends, it would seem to have been moved there by us."""
        text = str(known.agreed.get("moves") or "")
        stage = self.way.mapping.local_of("stage", known.agreed.get("stage"))
        last = max((line.at for line in lines), default=known.far_at)
        self._told.append(
            Told(
                known.local_id, text if carried.lines(text) else "", known.far_at, lines,
                stands=None if stage is None else (stage, last, None), over_ours=False, more=more,
                counts_from=self.way.counts_from,
            )
        )  # fmt: skip

    # -- what a person has to see -----------------------------------------------------------------

    def _clashes(self, key: int, clashes: Sequence[Clash]) -> None:
        """Keep the clashes of a record as they are now; those that are none any more go."""
        there = self._there.get(key, {})
        fields = {clash.field for clash in clashes}
        self.books.update(
            "sync_conflict",
            [{"id": one.id, "state": "done"} for name, one in there.items()
             if name not in fields],
        )  # fmt: skip
        for clash in clashes:
            values = {
                "before": packed({"value": clash.before}), "ours": packed({"value": clash.ours}),
                "theirs": packed({"value": clash.theirs}),
            }  # fmt: skip
            known = there.get(clash.field)
            if known is not None:
                state = known.state if known.holds(clash.ours, clash.theirs) else "open"
                self.books.update("sync_conflict", [{"id": known.id, "state": state, **values}])
                continue
            self.pulled.clashes += 1
            self.books.insert(
                "sync_conflict",
                [{"remote_id": self.way.id, "entity": self.entity, "local_id": key,
                  "field": clash.field, "at": self.tx.now, "state": "open", **values}],
            )  # fmt: skip

    def _ruled(self, key: int, found: Merged, decided: Mapping[str, Rule]) -> None:
        """Keep what a rule decided, to be shown; not what somebody did."""
        rows = []
        for one in found.ruled:
            if one.field not in decided and (self.entity, one.field) in options.CHOICES:
                values = {"before": one.before, "ours": one.ours, "theirs": one.theirs}
                state = "taken" if one.field in found.take else "kept"
                rows.append(
                    {"remote_id": self.way.id, "entity": self.entity, "local_id": key,
                     "field": one.field, "at": self.tx.now, "state": state,
                     **{name: packed({"value": value}) for name, value in values.items()}}
                )  # fmt: skip
        if rows:
            self.books.insert("sync_conflict", rows)

    def aside(self, record: FarRecord, why: Exception) -> None:
        """Set a record aside, with the reason."""
        self.pulled.aside += record.far_id not in self._asides
        try:
            content = packed(record.fields)
            content.encode()  # a text may hold what is no text
        except (TypeError, ValueError, ArithmeticError):
            content = "{}"
        self.books.put(
            "sync_aside",
            ("remote_id", "stream", "far_id"),
            [{"remote_id": self.way.id, "stream": record.entity, "far_id": record.far_id,
              "reason": reasons.kept(why), "content": content, "at": self.tx.now}],
        )  # fmt: skip

    def _gone(self, record: FarRecord) -> None:
        """It was deleted there: here it stays, no longer linked, and that is shown."""
        known = self._links.get(record.far_id)
        if known is not None and not known.gone:
            self.books.update("sync_link", [{"id": known.id, "state": "gone"}])
            self.aside(record, Unplaced(GONE))


def _moves_known(agreed: Mapping[str, Value], theirs: Mapping[str, Value]) -> str:
    """What is known of how often moves turned: the text that was agreed upon and that of there."""
    before, there = (str(fields.get("moves") or "") for fields in (agreed, theirs))
    return before if before == there else carried.joined(before, there)
