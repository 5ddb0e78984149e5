"""One request to the Bot API and what came of it: never longer than its deadline, never a larger
answer than allowed, and always known whether it may have arrived.

Nothing here repeats anything. A token is part of the address, so no error carries one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesdesk.services.calls import DEADLINE, Answer, Caller, NoAnswer

__all__ = ["DEADLINE", "MOST_BYTES", "NoReply", "Reply", "Upload", "ask"]

#: An answer of the Bot API is small; getUpdates has a hundred messages at most.
MOST_BYTES = 4_000_000
#: A file: the field it goes in, its content, its name.
Upload = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in the envelope of the API."""

    status: int
    ok: bool
    result: Any
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoReply:
    """There was none that can be understood.

    ``sent``: the request (or a part of it) had gone out, so that it may have arrived. ``why`` is
    ``not_reached``, ``late``, ``lost``, ``redirected``, ``garbled`` or ``large_answer``; ``status``
    that of the answer, if there was one.
    """

    why: str
    sent: bool
    status: int | None = None


def ask(
    server: str,
    token: str,
    method: str,
    fields: Mapping[str, str],
    upload: Upload | None = None,
    *,
    deadline: float = DEADLINE,
) -> Reply | NoReply:
    """Call a method with its fields; ``upload`` is (field, bytes, file name)."""
    files = None if upload is None else {upload[0]: (upload[2], upload[1])}
    caller = Caller(server, agent="SalesDesk/1")
    try:
        found = caller.call(
            "POST", f"{server}/bot{token}/{method}", data=dict(fields), files=files,
            deadline=deadline, most_bytes=MOST_BYTES,
        )  # fmt: skip
    finally:
        caller.close()
    if isinstance(found, NoAnswer):
        return NoReply(found.why, found.sent, found.status)
    return _judged(found)


def _judged(found: Answer) -> Reply | NoReply:
    """The envelope, or that there is none."""
    status = found.status
    if 300 <= status < 400:
        return NoReply("redirected", sent=False, status=status)
    try:
        content = json.loads(found.body)
        ok = content["ok"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return NoReply("garbled", sent=True, status=status)
    if not isinstance(ok, bool) or ok != (status == 200):
        return NoReply("garbled", sent=True, status=status)
    parameters = content.get("parameters")
    return Reply(
        status, ok, content.get("result"), str(content.get("description") or "")[:300],
        parameters if isinstance(parameters, dict) else {},
    )  # fmt: skip
