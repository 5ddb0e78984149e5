"""``sync queue``: what waits, what the CRM did not take, and what to do with it."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, add_json, tables
from salesdesk.commands.session import Session
from salesdesk.commands.values import count_given
from salesdesk.errors import NotFound, Refused
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Store
    from salesdesk.moments import Zone
    from salesdesk.services.records import Asks
    from salesdesk.services.sync.clashes import Key, Teller
    from salesdesk.services.sync.maps import Connection
    from salesdesk.services.sync.outbox import Waiting
    from salesdesk.services.sync.pull import OpenClash

    Titles = Mapping[Key, str]

_STATES = {
    "waiting": N_("waits"), "sending": N_("being sent"), "unknown": N_("is looked up"),
    "failed": N_("not taken"), "conflict": N_("to be decided"), "aside": N_("set aside"),
}  # fmt: skip


def queue_arguments(queue: argparse.ArgumentParser) -> None:
    """``sync queue [retry|anew|discard|resolve ID]``."""
    steps = queue.add_subparsers(dest="step", metavar=tr("ACTION"))
    for name in ("retry", "anew", "discard", "resolve"):
        step = steps.add_parser(name, allow_abbrev=False)
        step.add_argument("id", type=count_given, metavar="ID")
        if name == "resolve":
            step.add_argument("--take", choices=("ours", "theirs"), required=True)
        add_json(step)


def run_queue(session: Session, options: argparse.Namespace, store: "Store") -> Answer:
    """What waits, or one step with one of its lines."""
    from salesdesk.services.sync import maps, rounds

    with store.read() as r:
        connection = maps.connection(r)
    if connection is None:
        raise Refused(rounds.NOT_CONNECTED)
    if options.step is not None:
        return _step(session, options, store, connection)
    document = queue_json(store, connection)
    return Answer(document, lambda: queue_text(document))


def _step(
    session: Session, options: argparse.Namespace, store: "Store", connection: "Connection"
) -> Answer:
    from salesdesk.services.sync import deciding

    now, person = session.now(store.zone), session.person(store)
    table = "sync_conflict" if options.step == "resolve" else "sync_queue"
    with store.read() as r:
        there = r.value(
            f"SELECT 1 FROM {table} WHERE id = ? AND remote_id = ?", (options.id, connection.id)
        )
    if there is None:
        raise NotFound(N_("There is no line {id} in the queue."), id=options.id)
    if options.step == "retry":
        deciding.retry(store, [options.id], person=person, now=now)
    elif options.step == "anew":
        deciding.send_anew(store, [options.id], person=person, now=now)
    elif options.step == "discard":
        deciding.discard(store, [options.id], person=person, now=now)
    else:
        deciding.decide(store, [options.id], options.take, person=person, now=now)
    return Answer(queue_json(store, connection), tr("Done."))


def queue_json(store: "Store", connection: "Connection") -> dict[str, Any]:
    """``{"queue": [...], "conflicts": [...], "aside": [...]}``, as docs/cli.md lists their keys."""
    from salesdesk.services.sync import clashes, outbox, pull, reasons

    with store.read() as r:
        waiting = outbox.lines(r, connection.id)
        asked = pull.open_clashes(r, connection.id)
        needs = {one.id: need for one in waiting if (need := reasons.need(one.detail)) is not None}
        keys = [(one.entity, one.local_id) for one in waiting]
        keys += [(one.entity, one.local_id) for one in asked]
        known = clashes.records(r, [*keys, *needs.values()])
        titles = {key: one.title for key, one in known.items()}
        told = clashes.Teller(r, connection)
        return {
            "queue": [_waiting_json(one, needs.get(one.id), titles) for one in waiting],
            "conflicts": [_clash_json(one, titles, told, store.zone) for one in asked],
            "aside": _aside_json(r, connection),
        }


def _waiting_json(one: "Waiting", need: "Key | None", titles: "Titles") -> dict[str, Any]:
    from salesdesk.moments import datetime_of
    from salesdesk.services.sync import reasons

    if need is not None:
        says = reasons.waits(need[0], titles.get(need, str(need[1])))
    else:
        says = reasons.why(one.failure, one.detail or "")
    return {
        "id": one.id, "kind": one.entity, "local_id": one.local_id,
        "title": titles.get((one.entity, one.local_id)), "state": one.state,
        "since": datetime_of(one.at).isoformat(), "tries": one.tries,
        "failure": one.failure, "detail": one.detail, "says": says,
    }  # fmt: skip


def _clash_json(one: "OpenClash", titles: "Titles", told: "Teller", zone: "Zone") -> dict[str, Any]:
    values = {"before": one.before, "ours": one.ours, "theirs": one.theirs}
    said = {side: told(one, value) for side, value in values.items()}
    return {
        "id": one.id, "kind": one.entity, "local_id": one.local_id,
        "title": titles.get((one.entity, one.local_id)), "field": one.field,
        **{side: _shown(value) for side, value in values.items()},
        "named": {
            side: tables.told(one.value, one.holds, zone, one.currency)
            for side, one in said.items()
        },
    }  # fmt: skip


def _aside_json(r: "Asks", connection: "Connection") -> list[dict[str, Any]]:
    from salesdesk.services.sync import reasons

    stages = connection.options.get("stages") or {}
    rows = r.rows(
        "SELECT id, stream, far_id, reason FROM sync_aside WHERE remote_id = ? ORDER BY id",
        (connection.id,),
    )
    return [
        {"id": line, "kind": stream, "remote_id": far_id,
         "reason": reasons.told(reasons.named(reason, stages))}
        for line, stream, far_id, reason in rows
    ]  # fmt: skip


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else None if value is None else str(value)


def _clash_text(field: str, named: dict[str, str]) -> str:
    return tr("{field}: yours {ours}, theirs {theirs}, before {before}", field=tr(field), **named)


def queue_text(document: dict[str, Any]) -> str:
    """The same as a table, a line each."""
    from salesdesk.services.sync.reasons import FIELDS, KINDS

    def row(one: dict[str, Any], state: str, title: str | None, detail: str) -> list[str]:
        return [
            str(one["id"]), tr(KINDS[one["kind"]]), tr(_STATES[state]), title or tables.NONE, detail
        ]  # fmt: skip

    rows = [row(one, one["state"], one["title"], one["says"]) for one in document["queue"]]
    rows += [
        row(one, "conflict", one["title"], _clash_text(FIELDS[one["field"]], one["named"]))
        for one in document["conflicts"]
    ]
    rows += [row(one, "aside", one["remote_id"], one["reason"]) for one in document["aside"]]
    heads = ["ID", tr("Kind"), tr("State"), tr("Title"), tr("Detail")]
    return tables.table(heads, rows) if rows else tr("Nothing waits.")
