"""What people decide about the sync: conflicts, what failed, pauses; and the choices of an
administrator (rules of the merge, who makes the tasks, who publishes)."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from salesdesk.errors import Invalid, Refused
from salesdesk.models.books import Books
from salesdesk.models.store import Reader, Store
from salesdesk.services import braces
from salesdesk.services.people import require_admin
from salesdesk.services.records import Asks
from salesdesk.services.sync import (
    catalog,
    clashes,
    desk,
    maps,
    options,
    outbox,
    publishing,
    pull,
    rounds,
)
from salesdesk.services.sync.clashes import Record
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.merge import Rule
from salesdesk.services.sync.options import Result
from salesdesk.services.sync.remote import Entity, Place
from salesdesk.text import N_

_NOT_YOURS = N_("“{title}” is not yours to decide about; nothing was changed.")
_NO_RULE = N_("There is no such rule for this field; nothing was changed.")
_PUBLISHES = N_("{name} publishes the results since {when}: take it over if this computer shall.")
_ELSEWHERE = N_(
    "{name} publishes the results since {when}: end it there, or take it over first; nothing was "
    "changed."
)
_NOT_HERE = N_("This computer does not publish the results: there is nothing to end.")
_NO_RESULT = N_("Choose at least one of points, rank, band and moment; nothing was changed.")
_NO_PLACE = N_("{name} has no fields of people: results go to its deals; nothing was changed.")
_GONE = N_(
    "It was deleted in the CRM: make it there anew, or discard it to keep it here alone; nothing"
    " was changed."
)
_NOT_GONE = N_("Only what was deleted in the CRM is made there anew; nothing was changed.")
_DECIDED = N_("This was decided before; nothing was changed.")
_TAKEN = ("ours", "theirs")


def decide(store: Store, clashes: Sequence[int], take: str, *, person: int | None, now: int) -> int:
    """Decide conflicts (keys of ``sync_conflict``): ``ours`` or ``theirs`` holds from the next
    round on. Returns how many. Raises ``Refused`` for a record that somebody may not change, and
    where nothing is to be decided any more."""
    if take not in _TAKEN:
        raise Invalid(_NO_RULE)
    _require(store, "sync_conflict", clashes, person)
    with store.read() as r:
        states = r.rows_of("SELECT state FROM sync_conflict WHERE id IN ({ids})", clashes)
    if any(state not in ("open", *_TAKEN) for (state,) in states):
        raise Refused(_DECIDED)
    for key in clashes:
        pull.decide(store, key, take, person=person, now=now)
    return len(clashes)


def retry(store: Store, rows: Sequence[int], *, person: int | None, now: int) -> int:
    """Try what failed (keys of ``sync_queue``) again in the next round; returns how many. Raises
    ``Refused`` for what was deleted there: nothing would come of it (``send_anew``)."""
    _require(store, "sync_queue", rows, person)
    with store.read() as r:
        if outbox.gone(r, _connected(r).id).keys() & set(rows):
            raise Refused(_GONE)
    for key in rows:
        outbox.retry(store, key, now=now)
    return len(rows)


def send_anew(store: Store, rows: Sequence[int], *, person: int | None, now: int) -> int:
    """Make what was deleted in the CRM (keys of ``sync_queue``) there once more; returns how
    many. Raises ``Refused`` for what is still there."""
    _require(store, "sync_queue", rows, person)
    with store.read() as r:
        found = _connected(r)
        if set(rows) - outbox.gone(r, found.id).keys():
            raise Refused(_NOT_GONE)
    outbox.send_anew(store, found.id, rows, now=now)
    return len(rows)


def discard(store: Store, rows: Sequence[int], *, person: int | None, now: int) -> int:
    """Do not send what failed; a later change of the record is sent again. Returns how many."""
    _require(store, "sync_queue", rows, person)
    for key in rows:
        outbox.discard(store, key)
    return len(rows)


def _require(store: Store, table: str, keys: Sequence[int], person: int | None) -> None:
    """Raise ``Refused`` unless somebody may change all the records that these rows are about."""
    with store.read() as r:
        found = r.rows_of(f"SELECT entity, local_id FROM {table} WHERE id IN ({{ids}})", keys)
        known = clashes.records(r, [(row[0], row[1]) for row in found])
        for record in known.values():
            _require_one(r, record, person)


def _require_one(r: Reader, record: Record, person: int | None) -> None:
    if not desk.may_decide(r, person, record):
        raise Refused(_NOT_YOURS, title=record.title)


# -- going on -------------------------------------------------------------------------------------


def set_paused(store: Store, on: bool, *, person: int | None, now: int) -> None:
    """Let no round begin by itself, or let them again. Whoever sits at this workspace may."""
    del person, now

    def change(kept: dict[str, Any]) -> None:
        kept["paused"] = on

    with store.books() as books:
        _change(books, change)


def resume(store: Store, *, person: int | None, now: int) -> None:
    """Try again after something stopped the sync; it stops again where nothing has changed."""
    del person, now
    with store.books() as books:
        found = _connected(books)
        books.update("sync_remote", [{"id": found.id, "state": "on", "problem": None}])


# -- an administrator's choices -------------------------------------------------------------------


def set_rule(
    store: Store, entity: Entity, field: str, rule: Rule, *, person: int | None, now: int
) -> int:
    """Choose what decides when both ends changed a field; returns the command. Raises ``Invalid``
    for a rule that the field cannot have."""
    if rule not in options.CHOICES.get((entity, field), ()):
        raise Invalid(_NO_RULE)

    def change(kept: dict[str, Any]) -> None:
        own = {**(kept.get("rules") or {}), f"{entity}.{field}": rule}
        if rule == options.CHOICES[entity, field][0]:
            del own[f"{entity}.{field}"]
        kept["rules"] = own

    return _configure(store, change, person, now)


def set_automates(store: Store, pipeline_id: int, who: str, *, person: int | None, now: int) -> int:
    """Say who makes the tasks of a pipeline; returns the command. Raises ``Invalid``."""
    if who not in options.AUTOMATES:
        raise Invalid(_NO_RULE)

    def change(kept: dict[str, Any]) -> None:
        kept["automates"] = {**(kept.get("automates") or {}), str(pipeline_id): who}

    return _configure(store, change, person, now)


def set_publishing(
    store: Store, on: bool, *, take_over: bool = False, person: int | None, now: int
) -> int:
    """Let this computer publish the results of the ranking, or end that; returns the command.
    Raises ``Refused`` where another one does, unless it is taken over from that one, and where this
    one has nothing to end."""
    with store.read() as r:
        found = _connected(r)
        there = publishing.other(found)
        if there is not None and not (on and take_over):
            when = braces.moment_text(r.zone, there.since)
            raise Refused(_PUBLISHES if on else _ELSEWHERE, name=there.name, when=when)
        if not on and not publishing.is_own(found):
            raise Refused(_NOT_HERE)
        claim = publishing.claim(r, found, person, now) if on else publishing.release(found, now)

    def change(kept: dict[str, Any]) -> None:
        kept["publisher"] = claim.text()
        _publish_anew(kept)

    return _configure(store, change, person, now)


def set_results(store: Store, results: Sequence[Result], *, person: int | None, now: int) -> int:
    """Choose which results of the ranking are published; returns the command. Raises ``Invalid``
    for none and for what is no result."""
    if not results or not set(results) <= set(options.RESULTS):
        raise Invalid(_NO_RESULT)

    def change(kept: dict[str, Any]) -> None:
        kept["results"] = [one for one in options.RESULTS if one in results]
        _publish_anew(kept)

    return _configure(store, change, person, now)


def set_results_to(store: Store, place: Place, *, person: int | None, now: int) -> int:
    """Choose what results are published of, deals in work or people of the CRM; returns the
    command. Raises ``Invalid`` where the CRM cannot."""
    with store.read() as r:
        found = _connected(r)
    if place not in catalog.publishes_to(found.kind):
        raise Invalid(_NO_PLACE, name=maps.name_of(found.kind))

    def change(kept: dict[str, Any]) -> None:
        kept["results_to"] = place
        _publish_anew(kept)

    return _configure(store, change, person, now)


def publish_again(store: Store, *, person: int | None, now: int) -> int:
    """Try at once what the CRM refused: somebody granted what was missing; returns the command."""
    return _configure(store, _publish_anew, person, now)


def _publish_anew(kept: dict[str, Any]) -> None:
    """Have the next round publish, also where it did, or was refused, on this day."""
    kept.pop("published", None)
    kept.pop("results_refused", None)


def set_counts_from(store: Store, day: int | None, *, person: int | None, now: int) -> int:
    """Let moves of the CRM's history count from a local day (ordinal) on, or all of them; returns
    the command. Raises ``Invalid`` for a day that is yet to come."""
    if day is not None and day > store.zone.day_of(now):
        raise Invalid(N_("A day that is yet to come: nothing would count; nothing was changed."))

    def change(kept: dict[str, Any]) -> None:
        kept["counts_from"] = None if day is None else date.fromordinal(day).isoformat()

    return _configure(store, change, person, now)


def _configure(
    store: Store, change: Callable[[dict[str, Any]], None], person: int | None, now: int
) -> int:
    with store.command("sync.settings", now=now, person=person) as tx:
        require_admin(tx, person)
        found = _change(tx.books(), change)
        tx.touch("task_rule", ())  # who makes the tasks is remembered with their rules
        tx.set_detail(title=found.account)
    return tx.command_id


def _change(books: Books, change: Callable[[dict[str, Any]], None]) -> Connection:
    """Change the options of the connection as they are at this moment."""
    found = _connected(books)
    kept = dict(found.options)
    change(kept)
    books.update("sync_remote", [{"id": found.id, "options": json.dumps(kept, ensure_ascii=False)}])
    return found


def _connected(a: Asks) -> Connection:
    found = maps.connection(a)
    if found is None:
        raise Refused(rounds.NOT_CONNECTED)
    return found
