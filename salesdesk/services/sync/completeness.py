"""Up to which moment what the ranking says of a colleague is complete.

What a person does at this computer is here at once. What colleagues do arrives by the CRM: it is
complete up to the moment to which the CRM was read. Somebody who works with a SalesDesk elsewhere
may be offline: of them nothing is known beyond the latest move that their computer sent, so what is
said is the earlier of the two. It is a lower bound: later things may be here, too.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models.books import Books
from salesdesk.models.store import Reader
from salesdesk.moments import Zone
from salesdesk.services.sync import maps

#: Streams that bring what the ranking counts.
_COUNTED = ("deal", "task", "move")
#: Under which name the options keep the latest moves that came from other seats, by person.
_HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Completeness:
    """By person up to when everything is here (µs UTC; None: the CRM is being read for the first
    time); ``read``: up to when the CRM was read. Who is not there is complete."""

    zone: Zone
    now: int
    read: int | None = None
    people: Mapping[int, int | None] = field(default_factory=dict)


def of_people(r: Reader, viewer: int | None, *, now: int) -> Completeness:
    """How complete the data of those is who are people of the CRM, or send moves from elsewhere;
    the ``viewer`` works here."""
    found = maps.connection(r)
    if found is None:
        return Completeness(r.zone, now)
    read = _read_to(r, found.id)
    heard = {int(key): int(at) for key, at in (found.options.get(_HEARD) or {}).items()}
    rows = r.rows(
        "SELECT local_id FROM sync_map WHERE remote_id = ? AND what = 'person'", (found.id,)
    )
    people = ({row[0] for row in rows} | heard.keys()) - {viewer}
    return Completeness(r.zone, now, read, {
        each: None if read is None else min(read, heard.get(each, read)) for each in people
    })  # fmt: skip


def _read_to(r: Reader, remote_id: int) -> int | None:
    """Up to when all that counts was read; None while something never was."""
    sql = "SELECT name, complete_at FROM sync_stream WHERE remote_id = ?"
    rows: dict[str, int | None] = dict(r.rows(sql, (remote_id,)))
    moments = [rows.get(name) for name in _COUNTED]
    known = [at for at in moments if at is not None]
    return min(known) if len(known) == len(moments) else None


def kept(options: Mapping[str, Any]) -> dict[str, Any]:
    """What stays true of an account when it is connected again: moves that were read already are
    not heard of once more."""
    return {_HEARD: options[_HEARD]} if _HEARD in options else {}


def hear(books: Books, remote_id: int, moves: Iterable[tuple[int | None, int]]) -> None:
    """Take note of moves that came from other seats: (who moved, when)."""
    latest: dict[str, int] = {}
    for person, at in moves:
        if person is not None:
            latest[str(person)] = max(at, latest.get(str(person), at))
    if not latest:
        return
    text = books.value("SELECT options FROM sync_remote WHERE id = ?", (remote_id,))
    options = json.loads(text or "{}")
    heard = options.get(_HEARD) or {}
    news = {person: at for person, at in latest.items() if at > heard.get(person, 0)}
    if news:
        text = json.dumps({**options, _HEARD: {**heard, **news}}, ensure_ascii=False)
        books.update("sync_remote", [{"id": remote_id, "options": text}])
