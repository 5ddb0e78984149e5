"""A first pull as a dry run: everything is read, nothing is written, and what would come of it is
counted: new here, here already, and what stays away and why."""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from salesdesk import names
from salesdesk.models.store import Reader, Store
from salesdesk.services.sync import maps
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.mapping import Own, Pair, What
from salesdesk.services.sync.push import STOPPING
from salesdesk.services.sync.remote import Entity, FarRecord, Remote, Stream, Structure
from salesdesk.services.sync.taking import uid_of

#: What is read; tasks, notes and moves follow their deals, and are only counted.
READ: tuple[Entity, ...] = ("company", "contact", "deal")
COUNTED: tuple[Stream, ...] = ("task", "note", "move")
_TABLES = {"company": "client", "contact": "client", "deal": "deal"}


@dataclass(slots=True)
class Rehearsed:
    """What a first pull would do, by kind. ``read`` counts objects there, ``new`` those that would
    be made here, ``here`` those that are here already. Of deals ``elsewhere`` are in pipelines that
    are not synced, ``unplaced`` in stages without a partner, by the name of the stage. ``there``:
    how many tasks, notes and moves the other end has, of all its deals; None where it does not
    tell."""

    read: Counter[Entity] = field(default_factory=Counter)
    new: Counter[Entity] = field(default_factory=Counter)
    here: Counter[Entity] = field(default_factory=Counter)
    elsewhere: int = 0
    unplaced: Counter[str] = field(default_factory=Counter)
    there: dict[Stream, int | None] = field(default_factory=dict)


def rehearse(
    store: Store,
    remote: Remote,
    structure: Structure,
    pairs: Sequence[Pair],
    made: Sequence[str],
    told: Callable[[Entity, int], object],
    found: Rehearsed,
    *,
    account_id: str = "",
) -> None:
    """Read all companies, contacts and deals and count them into ``found``; ``made`` are far
    pipelines that would be made here; what was linked to this account before is here.
    ``told(kind, read)`` hears of each page and may raise to stop. Raises ``Failure``."""
    with store.read() as r:
        before = maps.before(r, remote.kind, account_id)
    placed = _Placed(structure, pairs, made)
    for entity in READ:
        cursor, more = "", True
        seen: set[str] = set()
        taken: set[int] = set()
        while more:
            page = remote.page(entity, cursor)
            if page.more and page.cursor == cursor:
                raise Failure(Kind.MALFORMED, method=entity)
            fresh = [one for one in page.records if one.far_id not in seen and not one.deleted]
            seen |= {one.far_id for one in fresh}  # pages overlap
            with store.read() as r:
                known = _here(r, entity, fresh, taken, before)
            for one in fresh:
                _count(found, one, known, placed)
            cursor, more = page.cursor, page.more
            told(entity, found.read[entity])
    for stream in COUNTED:
        found.there[stream] = _counted(remote, stream)


def of_connection(store: Store, remote: Remote) -> Rehearsed | None:
    """What the first pull of the connection in use would do; None once its deals were read to their
    end: after that only news come. Raises ``Failure``."""
    with store.read() as r:
        found = maps.connection(r)
        if found is None or r.value(
            "SELECT 1 FROM sync_stream WHERE remote_id = ? AND name = 'deal' AND first_done = 1",
            (found.id,),
        ):
            return None
        mapping = maps.load(r, found.id)
    whats: tuple[What, ...] = ("pipeline", "stage")
    pairs = [
        Pair(Own(what, key, ""), far, "", "name")
        for what in whats for key, far in mapping.far.get(what, {}).items()
    ]  # fmt: skip
    made = Rehearsed()
    rehearse(store, remote, remote.structure(), pairs, (), lambda _entity, _read: None, made,
             account_id=found.account_id)  # fmt: skip
    return made


def as_json(found: Rehearsed) -> dict[str, Any]:
    """The document of ``would_take`` (docs/cli.md)."""
    document: dict[str, Any] = {
        kind: {"new": found.new[kind], "here": found.here[kind]} for kind in READ
    }
    document["deal"] |= {
        "not_synced": found.elsewhere, "without_stage": dict(sorted(found.unplaced.items()))
    }  # fmt: skip
    return {**document, **{kind: {"there": n} for kind, n in found.there.items()}}


def _counted(remote: Remote, stream: Stream) -> int | None:
    try:
        return remote.count(stream)
    except Failure as failure:
        if failure.kind in STOPPING:
            raise
        return None  # of what cannot be counted that is said


class _Placed:
    """Which pipelines and stages there have a partner here."""

    def __init__(self, structure: Structure, pairs: Sequence[Pair], made: Sequence[str]) -> None:
        self.pipelines = {one.far_id for one in pairs if one.own.what == "pipeline" and one.far_id}
        self.pipelines |= set(made)
        self.stages = {one.far_id for one in pairs if one.own.what == "stage" and one.far_id}
        self.names: dict[str, str] = {}
        for pipeline in structure.pipelines:
            for stage in pipeline.stages:
                self.names[stage.far_id] = stage.name
                if pipeline.far_id in made:
                    self.stages.add(stage.far_id)


def _count(found: Rehearsed, record: FarRecord, known: Set[str], placed: _Placed) -> None:
    entity, fields = record.entity, record.fields
    found.read[entity] += 1
    if record.far_id in known:
        found.here[entity] += 1
    elif entity == "deal" and str(fields.get("pipeline") or "") not in placed.pipelines:
        found.elsewhere += 1
    elif entity == "deal" and str(fields.get("stage") or "") not in placed.stages:
        stage = str(fields.get("stage") or "")
        found.unplaced[placed.names.get(stage, stage)] += 1
    else:
        found.new[entity] += 1


def _here(
    r: Reader, entity: Entity, records: Sequence[FarRecord], taken: set[int], before: int | None
) -> set[str]:
    """Which of these are here: linked by a connection ``before``, by our identifier, a company also
    by its name. As in a pull a record of here is one object's, the first one's that comes: it is
    added to ``taken``."""
    far_ids = [one.far_id for one in records]
    links = maps.links_to(r, before, entity, far_ids) if before is not None else {}
    taken |= {link.local_id for link in links.values()}
    uids = {uid for uid in map(uid_of, records) if uid is not None}
    owns: dict[bytes | None, int] = dict(
        r.rows_of(f"SELECT uid, id FROM {_TABLES[entity]} WHERE uid IN ({{ids}})", sorted(uids))
    )
    named = _named(r, records) if entity == "company" else {}
    found = set(links)
    for one in records:
        if one.far_id in links:
            continue
        key = owns.get(uid_of(one))
        if key is None or key in taken:
            others = taken.union(owns.values())
            key = next((each for each in named.get(_key(one), ()) if each not in others), None)
        if key is not None:
            taken.add(key)
            found.add(one.far_id)
    return found


def _named(r: Reader, records: Sequence[FarRecord]) -> dict[str, list[int]]:
    """Companies of here by the names that these have."""
    found: dict[str, list[int]] = {}
    for key, name in r.rows_of(
        "SELECT id, name_key FROM client WHERE kind = 'company' AND deleted_at IS NULL "
        "AND name_key IN ({ids})",
        sorted({_key(one) for one in records} - {""}),
    ):
        found.setdefault(name, []).append(key)
    return found


def _key(record: FarRecord) -> str:
    return names.key(str(record.fields.get("name") or ""))
