"""A first pull as a dry run: everything is read, nothing is written, and what would come of it is
counted: new here, here already, and what stays away and why."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from salesdesk import names
from salesdesk.models.store import Reader, Store
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.mapping import Pair
from salesdesk.services.sync.remote import Entity, FarRecord, Remote, Structure

#: What is read; tasks and notes follow their deals.
READ: tuple[Entity, ...] = ("company", "contact", "deal")
_TABLES = {"company": "client", "contact": "client", "deal": "deal"}


@dataclass(slots=True)
class Rehearsed:
    """What a first pull would do, by kind. ``read`` counts objects there, ``new`` those that would
    be made here, ``here`` those that are here already. Of deals ``elsewhere`` are in pipelines that
    are not synced, ``unplaced`` in stages without a partner, by the name of the stage."""

    read: Counter[Entity] = field(default_factory=Counter)
    new: Counter[Entity] = field(default_factory=Counter)
    here: Counter[Entity] = field(default_factory=Counter)
    elsewhere: int = 0
    unplaced: Counter[str] = field(default_factory=Counter)


def rehearse(
    store: Store,
    remote: Remote,
    structure: Structure,
    pairs: Sequence[Pair],
    made: Sequence[str],
    told: Callable[[Entity, int], object],
    found: Rehearsed,
) -> None:
    """Read all companies, contacts and deals and count them into ``found``; ``made`` are far
    pipelines that would be made here. ``told(kind, read)`` hears of each page and may raise to
    stop. Raises ``Failure``."""
    placed = _Placed(structure, pairs, made)
    for entity in READ:
        cursor, more = "", True
        seen: set[str] = set()
        while more:
            page = remote.page(entity, cursor)
            if page.more and page.cursor == cursor:
                raise Failure(Kind.MALFORMED, method=entity)
            fresh = [one for one in page.records if one.far_id not in seen and not one.deleted]
            seen |= {one.far_id for one in fresh}  # pages overlap
            with store.read() as r:
                known = _here(r, entity, fresh)
            for one in fresh:
                _count(found, one, known, placed)
            cursor, more = page.cursor, page.more
            told(entity, found.read[entity])


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


def _count(found: Rehearsed, record: FarRecord, known: Mapping[str, bool], placed: _Placed) -> None:
    entity, fields = record.entity, record.fields
    found.read[entity] += 1
    if known.get(record.far_id):
        found.here[entity] += 1
    elif entity == "deal" and str(fields.get("pipeline") or "") not in placed.pipelines:
        found.elsewhere += 1
    elif entity == "deal" and str(fields.get("stage") or "") not in placed.stages:
        stage = str(fields.get("stage") or "")
        found.unplaced[placed.names.get(stage, stage)] += 1
    else:
        found.new[entity] += 1


def _here(r: Reader, entity: Entity, records: Sequence[FarRecord]) -> dict[str, bool]:
    """Which of these are here: by our identifier, a company also by its name."""
    uids: dict[bytes, str] = {}
    for one in records:
        try:
            uids[bytes.fromhex(one.uid or "")] = one.far_id
        except ValueError:
            continue
    uids.pop(b"", None)
    rows = r.rows_of(f"SELECT uid FROM {_TABLES[entity]} WHERE uid IN ({{ids}})", list(uids))
    found = {uids[row[0]]: True for row in rows}
    if entity == "company":
        keys = {names.key(str(one.fields.get("name") or "")): one.far_id for one in records}
        rows = r.rows_of(
            "SELECT name_key FROM client WHERE kind = 'company' AND deleted_at IS NULL "
            "AND name_key IN ({ids})",
            [key for key in keys if key],
        )
        found |= {keys[row[0]]: True for row in rows}
    return found
