"""The mapping of a connection that is in use, and another one in its place: no key is asked for
again, links and choices stay.

What stands here holds: a deal whose stage or person has another partner than before goes to that
one in the CRM. Deals and tasks that came from the CRM for a person without a partner here become
that of the partner, as the CRM has it.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from salesdesk.errors import Refused
from salesdesk.models.books import Books
from salesdesk.models.store import Store
from salesdesk.services.people import require_admin
from salesdesk.services.records import Asks
from salesdesk.services.sync import connect, mapping, maps, outbox
from salesdesk.services.sync.connect import Offer
from salesdesk.services.sync.mapping import Pair, What
from salesdesk.services.sync.maps import Maps
from salesdesk.services.sync.remote import Entity, FarPipeline, Remote
from salesdesk.services.sync.rounds import NOT_CONNECTED
from salesdesk.text import N_

_NO_PIPELINE = N_("No pipeline would be synced any more: pause the sync or disconnect instead.")
#: Records whose fields are mapped: those that are linked and refer to one of ours.
_LINKED = {
    ("deal", "person"): "SELECT id FROM deal WHERE deleted_at IS NULL AND owner_id IN ({ids})",
    ("deal", "stage"): "SELECT id FROM deal WHERE deleted_at IS NULL AND stage_id IN ({ids})",
    ("deal", "lost_reason"): "SELECT id FROM deal WHERE deleted_at IS NULL "
    "AND lost_reason_id IN ({ids})",
    ("task", "person"): "SELECT id FROM task WHERE deleted_at IS NULL AND assignee_id IN ({ids})",
}  # fmt: skip


def nothing() -> Refused:
    """That nothing is connected (any more)."""
    return Refused(NOT_CONNECTED)


#: What is here of some pipelines or stages, as connecting sends it first.
_HERE: dict[Entity, str] = {
    "deal": "SELECT d.id FROM deal d WHERE d.deleted_at IS NULL AND d.{column} IN ({{ids}})",
    "task": "SELECT t.id FROM task t JOIN deal d ON d.id = t.deal_id WHERE t.state = 'open' "
    "AND t.deleted_at IS NULL AND d.deleted_at IS NULL AND d.{column} IN ({{ids}})",
    "note": "SELECT n.id FROM note n JOIN deal d ON d.id = n.deal_id WHERE n.deleted_at IS NULL "
    "AND d.deleted_at IS NULL AND d.{column} IN ({{ids}})",
}


def first(a: Asks, pairs: Sequence[Pair]) -> dict[Entity, list[int]]:
    """What is here, and not there, of pipelines and stages that would get a partner with this
    mapping and have none so far."""
    found = maps.connection(a)
    known = maps.load(a, found.id) if found is not None else Maps({}, {})
    synced = {one.own.id: one.own.id in known.pipelines for one in pairs
              if one.own.what == "pipeline" and one.far_id}  # fmt: skip
    fresh = {
        "pipeline_id": [key for key, before in synced.items() if not before],
        "stage_id": [one.own.id for one in pairs if one.own.what == "stage" and one.far_id
                     and synced.get(one.own.within) and not known.far_of("stage", one.own.id)],
    }  # fmt: skip
    here: dict[Entity, list[int]] = {}
    for entity, sql in _HERE.items():
        keys = {row[0] for column, ids in fresh.items()
                for row in a.rows_of(sql.format(column=column), ids)}  # fmt: skip
        links = maps.links_of(a, found.id, entity, keys) if found is not None else {}
        here[entity] = sorted(keys - links.keys())
    return here


def counts(a: Asks, pairs: Sequence[Pair]) -> dict[str, int]:
    """How much of it there is."""
    return {entity: len(keys) for entity, keys in first(a, pairs).items()}


def look(r: Asks, remote: Remote) -> Offer:
    """Look at the other end, with the mapping as it is; nothing is written. Raises ``Failure``, and
    ``Refused`` where nothing is connected."""
    found = maps.connection(r)
    if found is None:
        raise nothing()
    offer = connect.look(r, remote)
    known, names = maps.load(r, found.id), mapping.names_of(offer.structure)
    pairs = []
    for own in mapping.ours(r):
        far = known.far_of(own.what, own.id)
        pairs.append(Pair(own, far, names[own.what].get(far, ""), "none"))
    return replace(offer, pairs=tuple(pairs))


def change(
    store: Store,
    offer: Offer,
    pairs: Sequence[Pair],
    *,
    made: Sequence[FarPipeline] = (),
    sends: bool = True,
    person: int | None,
    now: int,
) -> int:
    """Keep another mapping; returns the command. ``made``: pipelines there that are made here, too,
    and synced; ``sends``: what is here already of pipelines and stages that had no partner goes.

    Raises ``Refused`` where nothing is connected or nothing would be synced; nothing is written
    then."""
    if not made and not connect.pipelines_of(pairs):
        raise Refused(_NO_PIPELINE)
    with store.command("sync.settings", now=now, person=person) as tx:
        require_admin(tx, person)
        found = maps.connection(tx)
        if found is None:
            raise nothing()
        tx.set_detail(title=found.account)
        before = maps.load(tx, found.id)
        fresh = first(tx, pairs)
        new = connect.make_pipelines(tx, made)
        books = tx.books()
        kept = {**found.options, "stages": connect.stage_names(offer.structure)}
        text = json.dumps(kept, ensure_ascii=False)
        books.update("sync_remote", [{"id": found.id, "options": text}])
        connect.keep_mapping(books, found.id, [*pairs, *new], None)
        for entity, keys in fresh.items() if sends else ():
            outbox.want(books, found.id, entity, keys, now=now)
        after = maps.load(tx, found.id)
        _want_anew(books, found.id, before, after, now)
        tx.touch("task_rule", ())  # who makes the tasks is of pipelines that are synced
    _take(store, found.id, before, after, now)
    return tx.command_id


def _want_anew(books: Books, remote_id: int, before: Maps, after: Maps, now: int) -> None:
    """What refers to one of ours that has another partner is looked at, and sent where it
    differs."""
    for (entity, what), sql in _LINKED.items():
        was, now_is = before.far.get(what, {}), after.far.get(what, {})
        other = [key for key, far in now_is.items() if was.get(key) != far]
        keys = [row[0] for row in books.rows_of(sql, sorted(other))]
        kind: Entity = "deal" if entity == "deal" else "task"
        links = maps.links_of(books, remote_id, kind, keys)
        outbox.want(books, remote_id, kind, sorted(links), now=now, wakes=False)


#: Fields that are mapped, by kind of record: what is mapped, and our column.
_FIELDS: tuple[tuple[Entity, What, str, str], ...] = (
    ("deal", "person", "owner", "owner_id"),
    ("task", "person", "owner", "assignee_id"),
    ("deal", "lost_reason", "lost_reason", "lost_reason_id"),
)
#: The last moment of which something is told of a record's person.
_LAST = {
    "deal": "(SELECT max(at) FROM (SELECT at FROM owner_change WHERE deal_id = t.id "
    "AND undone = 0 UNION ALL SELECT at FROM stage_move WHERE deal_id = t.id AND undone = 0))",
    "task": "(SELECT max(at) FROM task_change WHERE task_id = t.id AND undone = 0)",
}


def _take(store: Store, remote_id: int, before: Maps, after: Maps, now: int) -> None:
    """What came with somebody (or a reason) that had no partner here, and has one now, gets it."""
    with store.command("sync.pull", now=now, origin="sync") as tx:
        for entity, what, name, column in _FIELDS:
            known = before.local.get(what, {})
            fresh = {far: key for far, key in after.local.get(what, {}).items() if far not in known}
            rows = tx.rows_of(
                f"SELECT t.id, json_extract(l.agreed, '$.{name}'), max(l.far_at, "
                f"coalesce({_LAST[entity]}, 0)) FROM sync_link l JOIN {entity} t "
                f"ON t.id = l.local_id AND t.{column} IS NULL AND t.deleted_at IS NULL "
                "WHERE l.remote_id = ? AND l.entity = ? AND l.state = 'linked' "
                f"AND json_extract(l.agreed, '$.{name}') IN ({{ids}})",
                sorted(fresh),
                (remote_id, entity),
            )
            found = [(key, fresh[far], at) for key, far, at in rows]
            if what == "lost_reason":
                tx.update("deal", [{"id": key, column: one} for key, one, _ in found])
            elif entity == "deal":
                tx.insert(
                    "owner_change",
                    [{"deal_id": key, "person_id": one, "at": at} for key, one, at in found],
                )
            else:
                tx.insert(
                    "task_change",
                    [{"task_id": key, "at": at, "fields": 1, "assignee_id": one,
                      "person_id": None} for key, one, at in found],
                )  # fmt: skip
