"""One round of the sync: look through the log, send, read, send what the merge wants sent.

A round may end anywhere, by a failure, a wish to stop or a kill; the next one goes on from what is
written down. Nothing here knows a vendor, Qt or a thread.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from salesdesk.errors import Refused
from salesdesk.models.store import Store
from salesdesk.moments import datetime_of
from salesdesk.services.records import Asks
from salesdesk.services.sync import maps, options, outbox, verifying
from salesdesk.services.sync.ahead import reading
from salesdesk.services.sync.failures import WORDS, Failure, Kind
from salesdesk.services.sync.maps import Connection, Maps
from salesdesk.services.sync.merge import Rule
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.pull import WINDOW_SLICE, Puller
from salesdesk.services.sync.push import Pusher
from salesdesk.services.sync.remote import Entity, Remote, Stream
from salesdesk.services.sync.verifying import Verified
from salesdesk.text import N_

NOT_CONNECTED = N_("No CRM is connected: connect one first.")
#: These stop the sync until a person has done something; the others pass.
_ASKING = (Kind.AUTH, Kind.REDIRECTED)
_MOVED = N_("The CRM has moved to another address: connect again with the new one.")
_STOPPED = {Kind.AUTH.value: WORDS[Kind.AUTH], Kind.REDIRECTED.value: _MOVED}


@dataclass(frozen=True, slots=True)
class Summary:
    """How the sync stands, or what a round did; moments µs UTC."""

    remote: str
    pushed: int = 0
    pulled: int = 0
    waiting: int = 0
    failed: int = 0
    conflicts: int = 0
    unknown: int = 0
    oldest_unsent: int | None = None
    last_success: int | None = None
    problem: str | None = None


def status(a: Asks) -> Summary:
    """How the sync stands now; raises ``Refused`` where no CRM is connected."""
    found = maps.connection(a)
    if found is None:
        raise Refused(NOT_CONNECTED)
    counts = outbox.counts(a, found.id)
    clashes = a.value(
        "SELECT count(*) FROM sync_conflict WHERE remote_id = ? AND state = 'open'", (found.id,)
    )
    last = a.value(
        "SELECT max(ended_at) FROM sync_round WHERE remote_id = ? AND problem IS NULL", (found.id,)
    )
    return Summary(
        found.kind, waiting=counts.get("waiting", 0) + counts.get("sending", 0),
        failed=counts.get("failed", 0), conflicts=int(clashes), unknown=counts.get("unknown", 0),
        oldest_unsent=outbox.oldest(a, found.id), last_success=last, problem=found.problem,
    )  # fmt: skip


def one_round(
    store: Store,
    remote: Remote,
    clock: Clock,
    *,
    rules: Mapping[tuple[Entity, str], Rule] | None = None,
    told: Callable[[Stream, int, int | None], object] | None = None,
    ahead: bool = False,
    slice_size: int = WINDOW_SLICE,
) -> Summary:
    """One full round, by ``rules`` or those that were chosen for the connection; ``ahead``: a
    thread reads the next page while one is taken over, ``slice_size`` records in one transaction.
    Raises ``Failure`` for what ended it; what was done stays done and is in the books. Raises
    ``Refused`` where no CRM is connected or the sync is stopped."""
    connection = _usable(store)
    begun = clock.now()
    with store.books() as books:
        [key] = books.insert("sync_round", [{"remote_id": connection.id, "started_at": begun}])
    counted = {"pushed": 0, "pulled": 0, "failed": 0}
    try:
        _run(store, connection, remote, clock, rules, told, ahead, slice_size, counted)
    except Failure as failure:
        _end(store, connection, key, counted, clock.now(), failure)
        raise
    _end(store, connection, key, counted, clock.now(), None)
    with store.read() as r:
        return replace(
            status(r), pushed=counted["pushed"], pulled=counted["pulled"],
        )  # fmt: skip


def _usable(store: Store) -> Connection:
    with store.read() as r:
        found = maps.connection(r)
    if found is None:
        raise Refused(NOT_CONNECTED)
    if found.state == "stopped":
        raise Refused(_STOPPED.get(found.problem or "", WORDS[Kind.AUTH]))
    return found


def _run(
    store: Store, connection: Connection, remote: Remote, clock: Clock,
    rules: Mapping[tuple[Entity, str], Rule] | None,
    told: Callable[[Stream, int, int | None], object] | None, ahead: bool, slice_size: int,
    counted: dict[str, int],
) -> None:  # fmt: skip
    with store.read() as r:
        mapping = maps.load(r, connection.id)
    outbox.survey(store, connection, now=clock.now())
    with _reading_ahead(remote, mapping) if ahead else nullcontext(remote) as far:
        puller = Puller(
            store, connection, mapping, far, clock, told=told, slice_size=slice_size,
            rules=rules or options.rules(connection.options),
            counts_from=_counts_from(store, connection),
        )  # fmt: skip
        pusher = Pusher(store, connection, mapping, far, clock, meets=puller.meet)
        try:
            pusher.run()
            puller.run()
            pusher.run()
            verifying.next_part(store, connection, puller, clock)
            _refused((*puller.pulled.refused.values(), *pusher.sent.refused.values()))
        finally:
            counted["pushed"], counted["failed"] = pusher.sent.pushed, pusher.sent.failed
            counted["pulled"] = puller.pulled.records + puller.pulled.moves


def _reading_ahead(remote: Remote, mapping: Maps) -> AbstractContextManager[Remote]:
    return reading(remote, lambda deal: mapping.syncs(deal.fields.get("pipeline")))


def _refused(failures: Sequence[Exception]) -> None:
    """What held up a kind of object alone ends the round after all the others went. A pause of one
    method is over by itself and is no problem."""
    for failure in failures:
        if not (isinstance(failure, Failure) and failure.kind is Kind.PAUSED):
            raise failure


def _end(
    store: Store, connection: Connection, key: int, counted: Mapping[str, int], now: int,
    failure: Failure | None,
) -> None:  # fmt: skip
    problem = None if failure is None else failure.kind.value
    with store.books() as books:
        books.update("sync_round", [{"id": key, "ended_at": now, "problem": problem, **counted}])
        if failure is not None and failure.kind in _ASKING:
            books.update(
                "sync_remote",
                [{"id": connection.id, "state": "stopped", "problem": problem}],
            )
        elif connection.problem is not None or problem == Kind.PERMISSION.value:
            lacks = problem if problem == Kind.PERMISSION.value else None
            books.update("sync_remote", [{"id": connection.id, "problem": lacks}])


def verify(
    store: Store,
    remote: Remote,
    clock: Clock,
    *,
    rules: Mapping[tuple[Entity, str], Rule] | None = None,
) -> Verified:
    """Compare everything that both ends agreed upon with what they hold; what differs is merged,
    queued or shown. Raises ``Failure`` and ``Refused`` as a round does."""
    connection = _usable(store)
    outbox.survey(store, connection, now=clock.now())
    with store.read() as r:
        mapping = maps.load(r, connection.id)
    puller = Puller(
        store, connection, mapping, remote, clock, rules=rules or options.rules(connection.options),
        counts_from=_counts_from(store, connection),
    )  # fmt: skip
    return verifying.verify(store, connection, puller, clock)


def _counts_from(store: Store, connection: Connection) -> int:
    since = options.counts_from(connection.options)
    return 0 if since is None else store.zone.start_of(since)


def dry_run(store: Store, remote: Remote, clock: Clock) -> list[tuple[Entity, int, bool]]:
    """What a round would send: kind, record, and whether it is new there. Nothing is written but
    where the log was looked through to."""
    connection = _usable(store)
    outbox.survey(store, connection, now=clock.now())
    with store.read() as r:
        mapping = maps.load(r, connection.id)
    return Pusher(store, connection, mapping, remote, clock, dry=True).run().dry


def as_json(found: Summary) -> dict[str, Any]:
    """The document of ``salesdesk sync run`` and ``sync status`` (cli.md)."""
    document: dict[str, Any] = {
        "remote": found.remote, "pushed": found.pushed, "pulled": found.pulled,
        "waiting": found.waiting, "failed": found.failed, "conflicts": found.conflicts,
        "unknown": found.unknown, "oldest_unsent": _moment(found.oldest_unsent),
        "last_success": _moment(found.last_success),
    }  # fmt: skip
    if found.problem is not None:
        document["problem"] = found.problem
    return document


def verified_json(found: Verified) -> dict[str, Any]:
    """The document of ``salesdesk sync verify`` (docs/cli.md)."""
    ours = {"there": found.there, "here": found.here, "gone": found.gone}
    return {
        "compared": found.compared,
        **{name: [{"kind": kind, "local_id": key} for kind, key in rows]
           for name, rows in ours.items()},
        "unknown": [{"kind": kind, "remote_id": far} for kind, far in found.unknown],
    }  # fmt: skip


def _moment(at: int | None) -> str | None:
    return None if at is None else datetime_of(at).isoformat()
