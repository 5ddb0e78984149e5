"""Which computer publishes the results of the ranking: one at a time, and every one knows which.

A claim says who publishes and since when. It travels in a field of the deals that are published;
the latest one holds, at every seat that reads it, and one that ends publishing is a claim of
nobody. What is known of it is kept with the connection (``publisher``).
"""

import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from salesdesk.models.books import Books
from salesdesk.moments import datetime_of
from salesdesk.services import machine
from salesdesk.services.records import Asks
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.remote import FarRecord

_SECOND = 1_000_000
_TEXT = re.compile(r"(.*)\[([0-9a-f]*) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z\]", re.DOTALL)
#: So much of the seat's identifier tells a team's computers apart.
_SHORT = 12
_MOST = 120


@dataclass(frozen=True, slots=True)
class Claim:
    """Who publishes: the computer's own id (empty for nobody), what it is called, and since when
    (µs UTC, whole seconds)."""

    computer: str
    name: str
    since: int

    def text(self) -> str:
        """As it stands in the CRM, to be read by people, too."""
        at = datetime_of(self.since).strftime("%Y-%m-%dT%H:%M:%SZ")
        name = self.name.replace("[", "(").replace("]", ")")[:_MOST]
        return f"{name} [{self.computer} {at}]".lstrip()

    def _order(self) -> tuple[int, str]:
        return self.since, self.computer

    def is_later(self, other: "Claim | None") -> bool:
        """Whether this claim holds and the other does no longer."""
        return other is None or self._order() > other._order()


def read(text: str) -> Claim | None:
    """A claim as it stands in the CRM; None for what is none."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    try:
        at = datetime.strptime(found[3], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Claim(found[2], found[1].strip(), int(at.timestamp()) * _SECOND)


def known(options: Mapping[str, Any]) -> Claim | None:
    """The claim that is known here."""
    return read(str(options.get("publisher") or ""))


def own(connection: Connection) -> str:
    """The id of this computer, whatever it is called: a copy of the workspace on another one is
    another seat."""
    return _hashed(connection, machine.computer())


def _hashed(connection: Connection, computer: str) -> str:
    import hashlib

    return hashlib.sha256(f"{connection.seat} {computer}".encode()).hexdigest()[:_SHORT]


def is_own(connection: Connection) -> bool:
    """Whether this computer is the one that publishes; earlier claims knew it by its name."""
    found = known(connection.options)
    return found is not None and found.computer in (
        own(connection), _hashed(connection, platform.node())
    )  # fmt: skip


def other(connection: Connection) -> Claim | None:
    """The claim of another computer, if it is one that publishes."""
    found = known(connection.options)
    return found if found and found.computer and not is_own(connection) else None


def claim(a: Asks, connection: Connection, person: int | None, now: int) -> Claim:
    """A claim of this computer, later than the one that is known."""
    who = a.value("SELECT name FROM person WHERE id = ?", (person,))
    name = ", ".join(filter(None, (who, platform.node())))
    return Claim(own(connection), name, _after(connection, now))


def release(connection: Connection, now: int) -> Claim:
    """A claim of nobody."""
    return Claim("", "", _after(connection, now))


def _after(connection: Connection, now: int) -> int:
    before = known(connection.options)
    least = 0 if before is None else before.since + _SECOND
    return max(now - now % _SECOND, least)


def hear(books: Books, remote_id: int, records: Iterable[FarRecord]) -> None:
    """Take note of the claims on deals that were read: the latest one holds from now on."""
    found = [one for one in (read(record.published_by) for record in records) if one is not None]
    if not found:
        return
    latest = max(found, key=lambda one: (one.since, one.computer))
    kept = json.loads(
        books.value("SELECT options FROM sync_remote WHERE id = ?", (remote_id,)) or "{}"
    )
    if latest.is_later(known(kept)):
        kept |= {"publisher": latest.text(), "publisher_told": latest.text()}
        text = json.dumps(kept, ensure_ascii=False)
        books.update("sync_remote", [{"id": remote_id, "options": text}])
