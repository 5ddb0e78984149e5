"""Offline events of the emulated portal: changes wait in a queue until an application fetches them.

A row tells that an object changed, not how often. It is fetched for good, or reserved under a
``process_id`` until it is confirmed. What a subscriber changes itself under its ``auth_connector``
does not come back to it."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.emulators.bitrix24_methods import Refusal, filtered, paged

if TYPE_CHECKING:
    from tests.emulators.bitrix24 import Portal

_KEPT = 30 * 86_400.0
_DEFAULT = 50
_COLUMNS = {"ID", "TIMESTAMP_X", "EVENT_NAME", "MESSAGE_ID", "PROCESS_ID", "ERROR"}
EVENTS = {
    *(f"ONCRM{kind}{what}" for kind in ("LEAD", "DEAL", "CONTACT", "COMPANY")
      for what in ("ADD", "UPDATE", "DELETE")),
    "ONCRMDEALMOVETOCATEGORY", "ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE",
}  # fmt: skip


@dataclass
class _Row:
    key: int
    at: float
    event: str
    data: dict[str, Any]
    message: str
    connector: str
    process: str = ""
    reserved: float = 0.0
    failed: bool = False


class Offline:
    """The queue. ``silent``: rows do not name their object, as documented samples show it."""

    def __init__(self, portal: "Portal") -> None:
        self.silent = False
        self._portal = portal
        self._bound: set[tuple[str, str]] = set()
        self._rows: list[_Row] = []
        self._last = 400
        self._writer = ""

    @contextmanager
    def asked(self, params: Mapping[str, Any]) -> Iterator[None]:
        """Changes in here are made under the ``auth_connector`` of a call. It is one of an
        application: a webhook has none to name."""
        connector = params.get("auth_connector") if self._portal.caller.app else None
        before, self._writer = self._writer, str(connector or "")
        try:
            yield
        finally:
            self._writer = before

    def bind(self, event: str, connector: str) -> None:
        """Queue an event from now on."""
        self._bound.add((event, connector))

    def happened(self, event: str, key: int, **fields: Any) -> None:
        """An object changed: one row for each subscriber but the one that changed it."""
        data = _data(event, {"ID": str(key), **fields})
        for bound, connector in sorted(self._bound):
            if bound == event and not (connector and connector == self._writer):
                self._queue(event, key, connector, data)

    def _queue(self, event: str, key: int, connector: str, data: dict[str, Any]) -> None:
        message = hashlib.md5(f"{event}|{key}".encode()).hexdigest()
        for row in self._rows:
            # A reserved row is being worked on already: what happens since then is news.
            if (row.message, row.connector, row.process) == (message, connector, ""):
                row.at, row.data = self._portal.clock(), data
                return
        self._last += 1
        self._rows.append(_Row(self._last, self._portal.clock(), event, data, message, connector))

    def rows(self, connector: str) -> list[_Row]:
        """What waits for a subscriber; what nobody confirmed for a month is gone."""
        oldest = self._portal.clock() - _KEPT
        self._rows = [row for row in self._rows if not row.process or row.reserved > oldest]
        return [row for row in self._rows if row.connector == connector]

    def reserve(self, rows: list[_Row], process: str) -> None:
        """Hide rows from other readers until they are confirmed."""
        for row in rows:
            row.process, row.reserved = process, self._portal.clock()
            row.failed = False

    def forget(self, rows: list[_Row]) -> None:
        """Delete rows."""
        gone = {row.key for row in rows}
        self._rows = [row for row in self._rows if row.key not in gone]

    def of(self, process: str) -> list[_Row]:
        """The rows that a process has reserved."""
        return [row for row in self._rows if row.process == process]

    def told(self, row: _Row) -> dict[str, Any]:
        """A row as it is answered."""
        return {"ID": str(row.key), "TIMESTAMP_X": self._portal.text(row.at),
                "EVENT_NAME": row.event, "EVENT_DATA": False if self.silent else row.data,
                "EVENT_ADDITIONAL": False, "MESSAGE_ID": row.message}  # fmt: skip


def _data(event: str, fields: dict[str, str]) -> dict[str, Any]:
    if not event.startswith("ONTASK"):
        return {"FIELDS": fields}
    before = {} if event == "ONTASKADD" else {"FIELDS_BEFORE": fields}
    return before if event == "ONTASKDELETE" else {**before, "FIELDS_AFTER": fields}


def _judged(portal: "Portal") -> None:
    """Offline events are for an application that an administrator has let in."""
    if not portal.caller.app:
        raise Refusal(403, "WRONG_AUTH_TYPE", "Application context required")
    if portal.caller.user not in portal.admins:
        raise Refusal(403, "ACCESS_DENIED", "Access denied!")


def _needed(params: Mapping[str, Any], name: str) -> str:
    if not params.get(name):
        raise Refusal(400, "100", f"Could not find value for parameter {{{name}}}")
    return str(params[name])


def _bind(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    _judged(portal)
    event = _needed(params, "event").upper()
    if params.get("event_type") != "offline":
        _needed(params, "handler")
        raise Refusal(400, "ERROR_CORE", "nobody is called on loopback")
    if event not in EVENTS:
        raise Refusal(400, "ERROR_EVENT_NOT_FOUND", event)
    portal.offline.bind(event, str(params.get("auth_connector") or ""))
    return True, {}


def _get(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    """Fetch free rows, those of a process once more, or (``error``) those that were given up."""
    _judged(portal)
    offline = portal.offline
    process, failed = str(params.get("process_id") or ""), _yes(params.get("error"))
    rows = [
        row for row in offline.rows(str(params.get("auth_connector") or ""))
        if row.failed == failed and (row.process == process or (failed and not process))
    ]  # fmt: skip
    rows = rows[: int(params.get("limit") or _DEFAULT)]
    told = [offline.told(row) for row in rows]
    if _yes(params.get("clear", 1)):
        offline.forget(rows)
        return {"process_id": None, "events": told}, {}
    process = process or secrets.token_hex(5)
    offline.reserve(rows, process)
    return {"process_id": process, "events": told}, {}


def _list(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    """Look at the queue, reserved rows too; nothing changes."""
    _judged(portal)
    offline = portal.offline
    rows = [
        {**offline.told(row), "PROCESS_ID": row.process, "ERROR": str(int(row.failed))}
        for row in offline.rows(str(params.get("auth_connector") or ""))
    ]  # fmt: skip
    rows = list(filtered(rows, params.get("filter") or {}, lambda name: name in _COLUMNS))
    if str((params.get("order") or {}).get("ID", "ASC")).upper() == "DESC":
        rows = rows[::-1]
    return paged(rows, params)


def _clear(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    """Confirm rows of a process; all of them if none is named."""
    _judged(portal)
    rows = portal.offline.of(_needed(params, "process_id"))
    portal.offline.forget(_meant(rows, params, ("id", "message_id")))
    return True, {}


def _error(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    """Give rows of a process up: they are answered to ``error: 1`` only."""
    _judged(portal)
    rows = portal.offline.of(_needed(params, "process_id"))
    for row in _meant(rows, params, ("message_id",)):
        row.failed = True
    return True, {}


def _meant(rows: list[_Row], params: Mapping[str, Any], names: tuple[str, ...]) -> list[_Row]:
    for name in names:
        if name in params:
            named = params[name] if isinstance(params[name], list) else [params[name]]
            given = {str(one) for one in named}
            return [row for row in rows if given & {str(row.key), row.message}]
    return rows


def _yes(value: object) -> bool:
    return str(value) in ("1", "True", "Y")


METHODS: dict[str, Callable[["Portal", Mapping[str, Any], int], Any]] = {
    "event.bind": _bind, "event.offline.get": _get, "event.offline.list": _list,
    "event.offline.clear": _clear, "event.offline.error": _error,
    "feature.get": lambda portal, params, _by: (
        {"value": "Y" if params.get("CODE") in portal.features else "N"}, {}
    ),
}  # fmt: skip
