"""Connecting to a CRM: looking at it, mapping, making fields, and what goes first.

The secret goes into the machine's keyring before anything else is written; without a keyring that
can be trusted nothing is. Connecting again to the account of before finds the links of before.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk import names
from salesdesk.errors import Refused
from salesdesk.models.books import Books
from salesdesk.models.store import Store, Transaction
from salesdesk.services import secrets
from salesdesk.services.people import require_admin, write_person
from salesdesk.services.pipelines import write_pipeline, write_stage
from salesdesk.services.records import Asks
from salesdesk.services.sync import catalog, completeness, mapping, maps, outbox
from salesdesk.services.sync.catalog import Access
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.mapping import Own, Pair
from salesdesk.services.sync.remote import (
    Account,
    Entity,
    FarPerson,
    FarPipeline,
    Remote,
    Structure,
    WantedField,
)
from salesdesk.text import N_

#: The custom fields that the sync itself needs.
NEEDED = (
    WantedField("uid", "deal", "SalesDesk UID", "text"),
    WantedField("moves", "deal", "SalesDesk moves", "text"),
)
_CONNECTED = N_("{name} is connected already: disconnect it first.")
_LACKS = N_("The key lacks rights in the CRM: {missing}. Grant them and try again.")
_FIELDS = N_("{name} needs the fields {fields}: let them be made, or have an administrator do it.")
_NOTHING = N_("No CRM is connected; nothing was changed.")
_OTHER = N_("This is the key of {name}, not of {connected}: disconnect that one first.")
_NO_PIPELINE = N_("No pipeline is mapped to one of {name}: nothing would be synced.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What was found at the other end: who answers, what is there, a proposed mapping, and the
    fields that are missing. ``deals``, ``tasks`` and ``notes`` would be sent first."""

    account: Account
    structure: Structure
    pairs: tuple[Pair, ...]
    fields: tuple[str, ...]
    deals: int
    tasks: int
    notes: int


def look(r: Asks, remote: Remote) -> Offer:
    """Look at the other end; nothing is written anywhere. Raises ``Failure``, and ``Refused`` where
    rights are missing without which it tells too little."""
    account = remote.check()
    try:
        structure = remote.structure()
    except Failure as failure:
        if failure.kind is Kind.PERMISSION and account.missing:
            raise Refused(_LACKS, missing=", ".join(account.missing)) from None
        raise
    pairs = mapping.propose(mapping.ours(r), structure)
    there = {field.code.upper() for field in structure.fields}
    missing = tuple(
        one.name for one in NEEDED
        if not any(code.endswith(f"_{one.key.upper()}") for code in there)
        and not (remote.kind == "bitrix24" and one.key == "uid")
    )  # fmt: skip
    counts = first_counts(r, pairs)
    return Offer(
        account, structure, tuple(pairs), missing, counts["deal"], counts["task"], counts["note"]
    )


def first_counts(r: Asks, pairs: Sequence[Pair]) -> dict[str, int]:
    """How many deals, tasks and notes would be sent first with this mapping."""
    pipelines = pipelines_of(pairs)
    return {entity: len(_keys(r, entity, pipelines)) for entity in ("deal", "task", "note")}


def make_pipelines(tx: Transaction, far: Sequence[FarPipeline]) -> list[Pair]:
    """Pipelines like those at the other end, with their stages; which is which. They are of the
    command that connects: taken back alone, deals would come for stages that are gone. Raises
    ``Invalid`` where a name is taken."""
    made: list[Pair] = []
    for one in far:
        key = write_pipeline(tx, None, {"name": one.name, "counts": True})
        made.append(Pair(Own("pipeline", key, one.name), one.far_id, one.name, "name"))
        for name, stage in zip(_apart([s.name for s in one.stages]), one.stages, strict=True):
            values: dict[str, Any] = {"name": name, "kind": stage.kind}
            if one.passes_on and stage.kind == "won":  # the deal that it became is won, or is not
                values["milestone"] = None
            row = write_stage(tx, key, None, values)
            own = Own("stage", row, name, None, key, stage.kind)
            made.append(Pair(own, stage.far_id, stage.name, "name"))
    return made


def _make_people(tx: Transaction, far: Sequence[FarPerson]) -> list[Pair]:
    """In a workspace of nobody: everybody who works there, else no deal would have a person."""
    if tx.row("SELECT 1 FROM person LIMIT 1") is not None:
        return []
    working = [one for one in far if one.active and names.clean(one.name)]
    made: list[Pair] = []
    for name, one in zip(_apart([p.name for p in working]), working, strict=True):
        key = write_person(tx, None, {"name": name, "email": one.email or None})
        made.append(Pair(Own("person", key, name, one.email), one.far_id, one.name, "name"))
    return made


def _apart(there: Sequence[str]) -> list[str]:
    """Names, each of which is only one's; there, two may have the same one."""
    taken = {names.key(name) for name in there}
    found: dict[str, str] = {}
    for one in there:
        name, number = one, 1
        while (key := names.key(name)) in found or (number > 1 and key in taken):
            number += 1
            name = f"{one} {number}"
        found[key] = name
    return list(found.values())


def connect(
    store: Store,
    access: Access,
    remote: Remote,
    offer: Offer,
    pairs: Sequence[Pair],
    *,
    make_fields: bool,
    made: Sequence[FarPipeline] = (),
    pipelines: Iterable[int] | None = None,
    sends: bool = True,
    options: Mapping[str, Any] | None = None,
    person: int | None,
    now: int,
) -> int:
    """Connect; returns the key of the connection. ``made``: pipelines there that are made here,
    too, and synced. ``pipelines``: sync only these. ``sends``: what is here already goes, not only
    what changes from now on. A workspace without people gets those who work there.

    Raises ``Refused`` where rights or fields are missing or another CRM is connected, ``NoKeyring``
    without a keyring that can be trusted; nothing is written then.
    """
    name = maps.name_of(access.kind)
    _check(store, offer, pairs, made, name, make_fields)
    with store.read() as r:
        require_admin(r, person)
        secrets.keep(r, catalog.SECRET, access.secret)
    fields = dict(remote.make_fields(NEEDED)) if make_fields or not offer.fields else {}
    kept = {**(options or {}), "fields": fields, "stages": stage_names(offer.structure)}
    with store.command("sync.connect", now=now, person=person) as tx:
        require_admin(tx, person)
        tx.set_detail(title=f"{name}: {offer.account.name}")
        new = make_pipelines(tx, made)
        if pipelines is not None:
            pipelines = [*pipelines, *pipelines_of(new)]
        books = tx.books()
        key = _row(tx, books, access, offer.account, kept, now)
        people = _make_people(tx, offer.structure.people)
        keep_mapping(books, key, [*pairs, *new, *people], pipelines)
        if sends:
            _send_first(tx, books, key, now)
    return key


def stage_names(structure: Structure) -> dict[str, str]:
    """What the stages there are called, for what is said about them."""
    return {
        stage.far_id: f"{pipeline.name} / {stage.name}"
        for pipeline in structure.pipelines
        for stage in pipeline.stages
    }


def renew(store: Store, access: Access, remote: Remote, *, person: int | None, now: int) -> int:
    """Go on with another key for the account that is connected: what waits, the links and all
    choices stay. Returns the key of the connection.

    Raises ``Failure``, ``Refused`` where another account answers, nothing is connected or rights
    are missing, ``NoKeyring``; nothing is written then.
    """
    account = remote.check()
    access = catalog.moved(access, remote)
    with store.read() as r:
        require_admin(r, person)
        found = maps.connection(r)
        if found is None:
            raise Refused(_NOTHING)
        if (found.kind, found.account_id) != (access.kind, account.account_id):
            raise Refused(_OTHER, name=account.name, connected=found.account)
        if account.missing:
            raise Refused(_LACKS, missing=", ".join(account.missing))
        secrets.keep(r, catalog.SECRET, access.secret)
    with store.command("sync.connect", now=now, person=person) as tx:
        require_admin(tx, person)
        tx.set_detail(title=f"{maps.NAMES.get(access.kind, access.kind)}: {account.name}")
        values = {"state": "on", "problem": None, "base_url": access.base,
                  "user_id": account.user_id}  # fmt: skip
        tx.books().update("sync_remote", [{"id": found.id, **values}])
    return found.id


def _check(
    store: Store, offer: Offer, pairs: Sequence[Pair], made: Sequence[FarPipeline], name: str,
    make_fields: bool,
) -> None:  # fmt: skip
    with store.read() as r:
        if maps.connection(r) is not None:
            raise Refused(_CONNECTED, name=name)
    if offer.account.missing:
        raise Refused(_LACKS, missing=", ".join(offer.account.missing))
    if offer.fields and not make_fields:
        raise Refused(_FIELDS, name=name, fields=", ".join(offer.fields))
    if not made and not pipelines_of(pairs):
        raise Refused(_NO_PIPELINE, name=name)


def pipelines_of(pairs: Iterable[Pair]) -> list[int]:
    """Our pipelines that have a partner."""
    return [pair.own.id for pair in pairs if pair.own.what == "pipeline" and pair.far_id]


def _row(
    tx: Transaction, books: Books, access: Access, account: Account, options: Mapping[str, Any],
    now: int,
) -> int:  # fmt: skip
    """The connection: that of before, where it is the same account."""
    values = {
        "kind": access.kind, "base_url": access.base, "account_id": account.account_id,
        "account": account.name, "user_id": account.user_id, "state": "on", "problem": None,
        "connected_at": now, "options": json.dumps(dict(options), ensure_ascii=False),
        "seen_change": int(tx.value("SELECT coalesce(max(id), 0) FROM change")),
    }  # fmt: skip
    before = maps.before(books, access.kind, account.account_id)
    if before is not None:
        known = books.value("SELECT options FROM sync_remote WHERE id = ?", (before,))
        kept = {**completeness.kept(json.loads(known or "{}")), **options}
        text = json.dumps(kept, ensure_ascii=False)
        books.update("sync_remote", [{"id": before, **values, "options": text}])
        return before
    seat = str(tx.value("SELECT value FROM setting WHERE name = 'uid'") or "").strip('"')
    return books.insert("sync_remote", [{**values, "seat": seat}])[0]


def keep_mapping(
    books: Books, remote_id: int, pairs: Sequence[Pair], pipelines: Iterable[int] | None
) -> None:
    """Keep the mapping; of pipelines that are not wanted, and their stages, nothing. Deals of a
    pipeline that was not synced before were passed by: they are read from the beginning."""
    wanted = set(pipelines_of(pairs)) if pipelines is None else set(pipelines)
    old = books.rows("SELECT id, what, far_id FROM sync_map WHERE remote_id = ?", (remote_id,))
    books.remove("sync_map", [row[0] for row in old])
    known = {far for _, what, far in old if what == "pipeline"}
    if any(pair.far_id not in known for pair in pairs if pair.own.id in wanted
           and pair.own.what == "pipeline" and pair.far_id):  # fmt: skip
        read = books.rows(
            "SELECT id FROM sync_stream WHERE remote_id = ? AND name IN ('deal', 'task', 'note')",
            (remote_id,),
        )
        books.remove("sync_stream", [row[0] for row in read])
    kept = [
        pair for pair in pairs
        if pair.far_id
        and not (pair.own.what == "pipeline" and pair.own.id not in wanted)
        and not (pair.own.what == "stage" and pair.own.within not in wanted)
    ]  # fmt: skip
    books.insert(
        "sync_map",
        [{"remote_id": remote_id, "what": pair.own.what, "local_id": pair.own.id,
          "far_id": pair.far_id} for pair in kept],
    )  # fmt: skip


def _send_first(tx: Transaction, books: Books, remote_id: int, now: int) -> None:
    """Everything that is here and synced is to be sent."""
    found = books.rows(
        "SELECT local_id FROM sync_map WHERE remote_id = ? AND what = 'pipeline'", (remote_id,)
    )
    pipelines = [row[0] for row in found]
    entities: tuple[Entity, ...] = ("deal", "task", "note")
    for entity in entities:
        linked = books.rows(
            "SELECT local_id FROM sync_link WHERE remote_id = ? AND entity = ?",
            (remote_id, entity),
        )
        keys = set(_keys(tx, entity, pipelines)) - {row[0] for row in linked}
        outbox.want(books, remote_id, entity, sorted(keys), now=now)


_FIRST = {
    "deal": "SELECT id FROM deal WHERE deleted_at IS NULL AND pipeline_id IN ({ids})",
    "task": "SELECT t.id FROM task t JOIN deal d ON d.id = t.deal_id WHERE t.state = 'open' "
    "AND t.deleted_at IS NULL AND d.deleted_at IS NULL AND d.pipeline_id IN ({ids})",
    "note": "SELECT n.id FROM note n JOIN deal d ON d.id = n.deal_id WHERE n.deleted_at IS NULL "
    "AND d.deleted_at IS NULL AND d.pipeline_id IN ({ids})",
}


def _keys(a: Asks, entity: str, pipelines: Iterable[int]) -> list[int]:
    return [row[0] for row in a.rows_of(_FIRST[entity], sorted(pipelines))]


def disconnect(store: Store, *, person: int | None, now: int) -> None:
    """End the connection: the secret is forgotten, the links stay for another time. Raises
    ``Refused`` where nothing is connected."""
    with store.read() as r:
        found = maps.connection(r)
        if found is None:
            raise Refused(_NOTHING)
        secrets.delete(r, catalog.SECRET)
    with store.command("sync.disconnect", now=now, person=person) as tx:
        require_admin(tx, person)
        tx.set_detail(title=found.account)
        tx.books().update("sync_remote", [{"id": found.id, "state": "off", "problem": None}])
        tx.touch("task_rule", ())  # rules that rested make tasks again
