"""``sync``: connect to a CRM, one round, what waits."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from salesdesk import names
from salesdesk.commands import Answer, WrongUsage, add_json, tables
from salesdesk.commands.session import Session
from salesdesk.commands.sync_queue import queue_arguments, run_queue
from salesdesk.errors import NotFound, Refused
from salesdesk.text import N_, ntr, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Store
    from salesdesk.services.sync.catalog import Access
    from salesdesk.services.sync.connect import Offer
    from salesdesk.services.sync.maps import Connection
    from salesdesk.services.sync.pace import RealClock
    from salesdesk.services.sync.remote import FarPipeline, Remote
    from salesdesk.services.sync.rounds import Summary
    from salesdesk.services.sync.verifying import Verified

_WHATS = {
    "pipeline": N_("Pipeline"), "stage": N_("Stage"), "person": N_("Person"),
    "lost_reason": N_("Reason of a loss"),
}  # fmt: skip
#: What stops the sync until another key is there, or more is allowed to this one.
_ANOTHER_KEY = ("auth", "permission")
_ASKS = N_("Nothing was connected: look at the mapping, and say --accept-mapping when it is right.")


def sync_arguments(parser: argparse.ArgumentParser) -> None:
    """``sync connect|status|run|verify|queue|disconnect``."""
    group = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"))
    connect = group.add_parser("connect", help=tr("connect to a remote CRM"), allow_abbrev=False)
    connect.add_argument("remote", choices=("bitrix24", "amocrm"))
    connect.add_argument("--url", metavar="BASE", help=tr("the address of the account"))
    connect.add_argument(
        "--webhook-stdin", action="store_true", help=tr("read the webhook from standard input")
    )
    connect.add_argument(
        "--token-stdin", action="store_true", help=tr("read the token from standard input")
    )
    connect.add_argument("--accept-mapping", action="store_true", help=tr("ask nothing"))
    connect.add_argument("--create-fields", action="store_true", help=tr("make fields there"))
    connect.add_argument("--pipeline", action="append", help=tr("sync only this pipeline"))
    connect.add_argument(
        "--only-new", action="store_true", help=tr("send only what changes from now on")
    )
    connect.add_argument(
        "--plain-http", action="store_true", help=tr("allow http to other machines, on purpose")
    )
    connect.add_argument(
        "--leads", dest="leads_pipeline", action="store_true",
        help=tr("Bitrix24: read leads, too, as deals of a pipeline of their own"),
    )  # fmt: skip
    status = group.add_parser("status", help=tr("how the sync stands"), allow_abbrev=False)
    run = group.add_parser("run", help=tr("one full round"), allow_abbrev=False)
    run.add_argument("--dry-run", action="store_true", help=tr("only say what would be done"))
    verify = group.add_parser(
        "verify", help=tr("compare everything with the CRM"), allow_abbrev=False
    )
    queue = group.add_parser("queue", help=tr("what waits, failed or conflicts"))
    queue_arguments(queue)
    disconnect = group.add_parser("disconnect", help=tr("end the connection"), allow_abbrev=False)
    for sub in (connect, status, run, verify, queue, disconnect):
        add_json(sub)


def run_sync(session: Session, options: argparse.Namespace) -> Answer:
    """One of the actions."""
    if options.action == "connect":
        _check_connect(options)
    with session.store() as store:
        actions = {
            "connect": _connect, "status": _status, "run": _run, "verify": _verify,
            "queue": run_queue, "disconnect": _disconnect,
        }  # fmt: skip
        return actions[options.action](session, options, store)


def _check_connect(options: argparse.Namespace) -> None:
    if options.remote == "bitrix24" and (not options.webhook_stdin or options.token_stdin):
        raise WrongUsage(tr("connect bitrix24 needs --webhook-stdin"))
    if options.remote == "bitrix24" and options.url:
        raise WrongUsage(tr("the webhook is an address itself: --url is for amocrm"))
    if options.remote == "amocrm" and not (options.url and options.token_stdin):
        raise WrongUsage(tr("connect amocrm needs --url and --token-stdin"))
    if options.remote == "amocrm" and (options.webhook_stdin or options.leads_pipeline):
        raise WrongUsage(tr("--webhook-stdin and --leads are for bitrix24"))


# -- connecting -----------------------------------------------------------------------------------


def _connect(session: Session, options: argparse.Namespace, store: "Store") -> Answer:
    from salesdesk.commands.finding import find_pipeline
    from salesdesk.services.sync import catalog, connect, maps
    from salesdesk.services.sync.failures import Failure

    access = _access(options)
    with store.read() as r:
        before = maps.connection(r)
    if before is not None and before.problem in _ANOTHER_KEY:
        return _renew(session, store, access, before)
    kept = {name: True for name in ("plain_http", "leads_pipeline") if getattr(options, name)}
    remote = catalog.remote(access, _clock(session, store), store.zone, kept)
    try:
        with store.read() as r:
            offer = connect.look(r, remote)
            here = any(pair.own.what == "pipeline" for pair in offer.pairs)
            asked = options.pipeline or () if here else ()
            only = [find_pipeline(r, name).id for name in asked]
        if not options.accept_mapping:
            session.note(_mapping_text(offer))
            raise Refused(_ASKS)
        access = catalog.moved(access, remote)
        connect.connect(
            store, access, remote, offer, offer.pairs, make_fields=options.create_fields,
            made=_made(offer, options.pipeline or ()),
            pipelines=only or None, sends=not options.only_new,
            options=kept,
            person=session.person(store), now=session.now(store.zone),
        )  # fmt: skip
    except Failure as failure:
        raise failure.while_connecting() from None
    finally:
        remote.close()
    document = _offer_json(access, offer)
    name = f"{maps.name_of(access.kind)}, {offer.account.name}"
    said = tr("Connected to {name}.", name=name)
    return Answer(document, lambda: f"{said}\n\n{_mapping_text(offer)}")


def _renew(session: Session, store: "Store", access: "Access", before: "Connection") -> Answer:
    """Another key for the account that is connected, where that of before no longer does."""
    from salesdesk.services.sync import catalog, connect, maps, rounds
    from salesdesk.services.sync.failures import Failure

    remote = catalog.remote(access, _clock(session, store), store.zone, before.options)
    try:
        connect.renew(
            store, access, remote, person=session.person(store), now=session.now(store.zone)
        )
    except Failure as failure:
        raise failure.while_connecting() from None
    finally:
        remote.close()
    with store.read() as r:
        waiting = rounds.status(r).waiting
    document = {
        "remote": before.kind, "account": before.account, "mapping": [], "waiting": waiting,
    }  # fmt: skip
    name = f"{maps.name_of(before.kind)}, {before.account}"
    said = tr("Connected to {name}.", name=name)
    return Answer(document, lambda: said)


def _made(offer: "Offer", wanted: Sequence[str]) -> "list[FarPipeline]":
    """Pipelines there that are made here: that of the leads unless one like it is here; in a
    workspace that has none all of them, or those ``wanted``."""
    from salesdesk.services.sync.bitrix24_rows import LEADS

    mapped = {pair.far_id for pair in offer.pairs if pair.own.what == "pipeline"}
    there = offer.structure.pipelines
    if not mapped:
        called = (_called(there, name) for name in wanted)
        return list({one.far_id: one for one in called}.values()) if wanted else list(there)
    return [one for one in there if one.far_id == LEADS and LEADS not in mapped]


def _called(there: "Sequence[FarPipeline]", wanted: str) -> "FarPipeline":
    """The pipeline there of that name; raises NotFound."""
    from salesdesk.services.pipelines import NO_PIPELINE_CALLED

    found = next((one for one in there if names.key(one.name) == names.key(wanted)), None)
    if found is None:
        known = ", ".join(one.name for one in there) or tables.NONE
        raise NotFound(NO_PIPELINE_CALLED, name=names.clean(wanted), pipelines=known)
    return found


def _clock(session: Session, store: "Store") -> "RealClock":
    """Time that passes from the moment that is taken for now."""
    from salesdesk.services.sync.pace import RealClock

    ahead = session.now(store.zone) - session.clock()
    return RealClock(lambda: session.clock() + ahead)


def _access(options: argparse.Namespace) -> "Access":
    """The secret comes by standard input: never in arguments, which others on the machine see."""
    from salesdesk.services.sync import catalog

    given = sys.stdin.readline().strip()
    if not given:
        raise WrongUsage(tr("nothing came by standard input"))
    if options.remote == "bitrix24":
        return catalog.webhook(given, plain_http=options.plain_http)
    return catalog.token(options.url, given, plain_http=options.plain_http)


def _offer_json(access: "Access", offer: "Offer") -> dict[str, Any]:
    return {
        "remote": access.kind,
        "account": offer.account.name,
        "mapping": [
            {"what": pair.own.what, "ours": pair.own.name, "theirs": pair.far_name or None,
             "id": pair.far_id or None, "why": pair.why}
            for pair in offer.pairs
        ],
        "waiting": offer.deals + offer.tasks + offer.notes,
    }  # fmt: skip


def _mapping_text(offer: "Offer") -> str:
    heads = [tr("What"), tr("Here"), tr("There")]
    rows = [
        [tr(_WHATS[pair.own.what]), pair.own.name, pair.far_name or tables.NONE]
        for pair in offer.pairs
    ]
    return tables.table(heads, rows)


# -- how it stands, and rounds --------------------------------------------------------------------


def _status(_session: Session, _options: argparse.Namespace, store: "Store") -> Answer:
    from salesdesk.services.sync import rounds

    with store.read() as r:
        found = rounds.status(r)
    return Answer(rounds.as_json(found), lambda: _summary_text(found))


def _run(session: Session, options: argparse.Namespace, store: "Store") -> Answer:
    from salesdesk.models import lock
    from salesdesk.services.sync import rounds
    from salesdesk.services.sync.pull import ALONE_SLICE, WINDOW_SLICE
    from salesdesk.services.sync.turn import turn

    clock = _clock(session, store)
    with _remote(store, clock) as remote:
        if options.dry_run:
            return _dry_run(store, remote, clock)
        in_window = lock.is_open_in_window(store.path)
        with turn(store):
            done = rounds.one_round(
                store, remote, clock,
                told=lambda stream, read, total: session.note(_progress(stream, read, total)),
                ahead=True, slice_size=WINDOW_SLICE if in_window else ALONE_SLICE,
            )  # fmt: skip
    return Answer(rounds.as_json(done), lambda: _summary_text(done))


def _dry_run(store: "Store", remote: "Remote", clock: "RealClock") -> Answer:
    """What a round would send, and before the first one what it would take over."""
    from salesdesk.services.sync import rehearsal, rounds

    found = rounds.dry_run(store, remote, clock)
    document: dict[str, Any] = {
        "would_send": [{"kind": kind, "id": key, "new": new} for kind, key, new in found]
    }
    said = [ntr("{n} object would be sent.", "{n} objects would be sent.", len(found))]
    first = rehearsal.of_connection(store, remote)
    if first is not None:
        document["would_take"] = rehearsal.as_json(first)
        new, here = sum(first.new.values()), sum(first.here.values())
        said += [
            ntr("{n} object would be taken over.", "{n} objects would be taken over.", new),
            ntr("{n} object of the CRM is here already.",
                "{n} objects of the CRM are here already.", here),
        ]  # fmt: skip
    return Answer(document, "\n".join(said))


def _verify(session: Session, _options: argparse.Namespace, store: "Store") -> Answer:
    from salesdesk.services.sync import rounds
    from salesdesk.services.sync.turn import turn

    clock = _clock(session, store)
    with _remote(store, clock) as remote, turn(store):
        found = rounds.verify(store, remote, clock)
    return Answer(rounds.verified_json(found), lambda: _verified_text(found))


@contextmanager
def _remote(store: "Store", clock: "RealClock") -> "Iterator[Remote]":
    """The CRM that is connected; the address that it has moved to is kept."""
    from salesdesk.services.sync import catalog, maps, rounds

    with store.read() as r:
        connection = maps.connection(r)
        if connection is None:
            raise Refused(rounds.NOT_CONNECTED)
        remote = catalog.of_connection(r, connection, clock)
    try:
        yield remote
    finally:
        catalog.keep_address(store, connection, remote)
        remote.close()


def _verified_text(found: "Verified") -> str:
    told = (
        (found.there, ntr("{n} differed in the CRM and was met as news.",
                          "{n} differed in the CRM and were met as news.", len(found.there))),
        (found.here, ntr("{n} differed here and waits to be sent.",
                         "{n} differed here and wait to be sent.", len(found.here))),
        (found.gone, ntr("{n} is not in the CRM any more.",
                         "{n} are not in the CRM any more.", len(found.gone))),
        (found.unknown, ntr("{n} of the CRM was not here and was taken over.",
                            "{n} of the CRM were not here and were taken over.",
                            len(found.unknown))),
    )  # fmt: skip
    lines = [ntr("{n} record compared.", "{n} records compared.", found.compared)]
    lines += [text for rows, text in told if rows]
    if not found.noticed:
        lines.append(tr("Both sides agree."))
    return "\n".join(lines)


def _progress(stream: str, read: int, total: int | None) -> str:
    return f"{stream}: {read}" if total is None else f"{stream}: {read} / {total}"


def _summary_text(found: "Summary") -> str:
    parts = [
        tr("sent {n}", n=found.pushed), tr("taken over {n}", n=found.pulled),
        tr("waiting {n}", n=found.waiting), tr("failed {n}", n=found.failed),
        tr("conflicts {n}", n=found.conflicts), tr("unknown {n}", n=found.unknown),
    ]  # fmt: skip
    return ", ".join(parts)


def _disconnect(session: Session, _options: argparse.Namespace, store: "Store") -> Answer:
    from salesdesk.services.sync import connect
    from salesdesk.services.sync.turn import turn

    now = session.now(store.zone)
    with turn(store):
        connect.disconnect(store, person=session.person(store), now=now)
    return Answer({"disconnected": True}, tr("Disconnected; what was linked is kept in mind."))
