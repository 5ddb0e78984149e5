"""What is to go of an object that waits, and what came of it: links, adoption, fields that the
other end dropped. Everything here looks and writes books; nothing calls the other end."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from salesdesk.models.books import Books
from salesdesk.services.records import Asks
from salesdesk.services.sync import carried, outbox
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.local import Local
from salesdesk.services.sync.maps import Link
from salesdesk.services.sync.merge import same
from salesdesk.services.sync.outbox import Waiting
from salesdesk.services.sync.remote import Draft, Entity, FarRecord, Remote, Value
from salesdesk.services.sync.values import packed, unpacked

#: Fields that are told when an object is made and never changed there.
_ONLY_NEW = frozenset({"created_at"})
#: Fields that hold keys of the other end.
_KEYS = frozenset({"owner", "pipeline", "stage", "lost_reason", "company", "contact", "deal"})


@dataclass(frozen=True, slots=True)
class Plan:
    """An object to be sent: its row of the queue, its fields (as the remote holds them), those that
    go, and its link if it has one. ``asks``: fields that a person has yet to decide about.
    ``own_moves``: those of its moves that were made here."""

    row: Waiting
    uid: str
    held: Mapping[str, Value]
    draft: Draft
    link: Link | None
    asks: frozenset[str] = frozenset()
    own_moves: Set[str] = frozenset()

    def arriving(self, after: int, *, leaves: bool = True) -> "Plan":
        """The same with what its moves tell of their arrival, at a deal that was last changed there
        at ``after`` (µs by the other end). ``leaves``: a stage leaves a line of history there."""
        fields = self.draft.fields
        if not fields.keys() & {"moves", "stage"} or not self.held.get("moves"):
            return self
        text = str(fields.get("moves", self.held["moves"]))
        stage = str(fields.get("stage") or "") if leaves else ""
        told = carried.arriving(text, self.own_moves, stage, after)
        if told == text:
            return self
        return replace(self, draft=replace(self.draft, fields={**fields, "moves": told}))


def goes(one: Local, link: Link | None) -> bool:
    """Whether a record is one that is sent: what was deleted is not, nor what is gone there."""
    return not one.deleted and (one.synced if link is None else not link.gone)


def plan(
    remote: Remote, row: Waiting, one: Local, link: Link | None, clashing: frozenset[str]
) -> Plan | None:
    """What is to go; None when nothing is."""
    holds = remote.holds.get(row.entity, frozenset())
    own = {name: value for name, value in one.fields.items() if name in holds}
    held = dict(remote.as_held(row.entity, own))
    if link is None:
        fields = {name: value for name, value in held.items() if not same(value, None)}
        return Plan(row, one.uid, held, Draft(one.uid, fields), None, own_moves=one.own_moves)
    agreed = link.agreed
    if "moves" in held:  # what others wrote there stays
        known = str(agreed.get("moves") or "")
        both = carried.joined(carried.onward(str(held["moves"] or ""), known, one.own_moves), known)
        held["moves"] = carried.recent(both)
    changed: dict[str, Value] = {
        name: value
        for name, value in held.items()
        if not same(value, agreed.get(name)) and name not in clashing and name not in _ONLY_NEW
    }
    if "stage" in clashing:  # its moves travel when that is decided
        changed.pop("pipeline", None)
        changed.pop("moves", None)
    elif changed.keys() & {"stage", "pipeline"}:
        changed |= {name: held[name] for name in ("stage", "pipeline") if name in held}
    if not changed and not clashing:
        return None
    draft = Draft(one.uid, changed, link.far_id)
    return Plan(row, one.uid, held, draft, link, clashing, one.own_moves)


def clashing(
    a: Asks, remote_id: int, entity: Entity, ids: Iterable[int]
) -> dict[int, frozenset[str]]:
    """Fields that a person has yet to decide, by record."""
    found: dict[int, set[str]] = {}
    for key, name in a.rows_of(
        "SELECT local_id, field FROM sync_conflict WHERE remote_id = ? AND entity = ? "
        "AND state IN ('open', 'ours', 'theirs') AND local_id IN ({ids})",
        list(ids),
        (remote_id, entity),
    ):
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


def dropped(found: Plan, record: FarRecord | None) -> tuple[str, ...]:
    """Fields that the other end said yes to and dropped, or changed, without a word."""
    if record is None:
        return ()
    names = []
    for name, value in found.draft.fields.items():
        if name not in record.fields or name in _ONLY_NEW or same(record.fields[name], value):
            continue
        if name == "moves":
            both = carried.joined(str(value or ""), str(record.fields[name] or ""))
            if both == record.fields[name]:
                continue
        names.append(name)
    return tuple(names)


def refusal(names: tuple[str, ...]) -> Failure | None:
    """The same as a failure that a person looks at."""
    if not names:
        return None
    return Failure(Kind.INVALID, detail=", ".join(names), field=names[0])


def differs(
    found: Link, record: FarRecord, held: Iterable[str] = (), asks: Set[str] = frozenset()
) -> bool:
    """Whether the other end holds something else than what was agreed upon. What was never agreed
    upon was nothing, of the fields that are ``held`` at both ends; keys of other records may mean
    nothing here. About fields that are ``asks`` a person decides."""
    names = (found.agreed.keys() | (set(held) - _KEYS)) - _ONLY_NEW - asks
    if "stage" in asks:
        names -= {"pipeline"}
    return any(
        name in record.fields and not same(record.fields[name], found.agreed.get(name))
        for name in names
    )


def link(
    books: Books, remote_id: int, entity: Entity, local_id: int, far_id: str,
    agreed: Mapping[str, Value], far_at: int,
) -> None:  # fmt: skip
    """Keep that a record here and an object there are one, and on what they agree."""
    books.put(
        "sync_link",
        ("remote_id", "entity", "local_id"),
        [
            {
                "remote_id": remote_id, "entity": entity, "local_id": local_id, "far_id": far_id,
                "agreed": packed(agreed), "far_at": far_at, "state": "linked",
            }
        ],
    )  # fmt: skip


def adopt(
    books: Books, remote_id: int, record: FarRecord, local_id: int, agreed: Mapping[str, Value]
) -> bool:
    """An object that carries our identifier and was not linked: its making had arrived; ``agreed``
    as of ``sent``. A copy of it that is linked to another record already is none; whether it was
    adopted."""
    taken = books.value(
        "SELECT local_id FROM sync_link WHERE remote_id = ? AND entity = ? AND far_id = ?",
        (remote_id, record.entity, record.far_id),
    )
    if taken is not None and taken != local_id:
        return False
    link(books, remote_id, record.entity, local_id, record.far_id, agreed, record.at)
    return True


def sent(
    a: Asks, remote_id: int, one: Local, record: FarRecord, remote: Remote
) -> dict[str, Value]:
    """What was agreed upon with an object whose making arrived without an answer: what was sent.
    Where that is not known, what stands here, as long as nothing was written since; else only what
    both have alike, and the stage where our last move that arrived is the one that stands there.
    What is empty there was perhaps dropped, and is sent again."""
    holds = remote.holds.get(record.entity, frozenset())
    held = remote.as_held(
        record.entity, {name: value for name, value in one.fields.items() if name in holds}
    )
    theirs = {name: value for name, value in record.fields.items() if name in holds}
    row = a.row(
        "SELECT sending_upto >= last_change, sent FROM sync_queue WHERE remote_id = ? "
        "AND entity = ? AND local_id = ?",
        (remote_id, record.entity, one.id),
    )
    still = row is not None and bool(row[0]) and not outbox.unseen(a, remote_id)
    went = {} if row is None or row[1] is None else unpacked(row[1])
    found = {
        name: value if same(value, None) else went.get(name, held.get(name, value))
        for name, value in theirs.items()
        if name in went or still or same(value, None) or same(value, held.get(name, value))
    }
    text = str(theirs.get("moves") or "")
    last = max((move for move in carried.moves(text) if not move.taken_back), default=None)
    if last is not None and last.id in one.own_moves and last.stage == theirs.get("stage"):
        found |= {name: theirs[name] for name in ("stage", "pipeline") if name in theirs}
    return {**found, **({"moves": theirs["moves"]} if "moves" in theirs else {})}
