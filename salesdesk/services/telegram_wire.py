"""One request to the Bot API and what came of it: never longer than its deadline, never a larger
answer than allowed, and always known whether it may have arrived.

Nothing here repeats anything. A token is part of the address, so no error carries one.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

#: One request ends within this, whatever the other side does (seconds).
DEADLINE = 30.0
#: Connecting, and waiting for the next bytes.
_CONNECT, _WAIT = 8.0, 25.0
#: An answer of the Bot API is small; getUpdates has a hundred messages at most.
MOST_BYTES = 4_000_000
_LOCAL = ("127.0.0.1", "::1", "localhost")
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


class _Wire:
    """Knows what has gone out, and cuts the connection when time is up."""

    def __init__(self, seconds: float) -> None:
        self.began = False
        self.late = False
        self._streams: list[Any] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Wire":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore tells: connections made, requests begun."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._streams.append(info.get("return_value"))
            if self.late:
                self._cut()
        elif event.endswith("send_request_headers.started") and "proxy" not in event:
            self.began = True

    def _cut(self) -> None:
        """Time is up: whoever waits for this connection is woken by its end."""
        import socket

        self.late = True
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            made = stream.get_extra_info("socket") if stream is not None else None
            if made is not None:
                try:
                    made.shutdown(socket.SHUT_RDWR)
                except OSError:  # it has ended already
                    continue


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
    import httpx

    own = urlsplit(server).hostname in _LOCAL
    limits = httpx.Timeout(min(_WAIT, deadline), connect=min(_CONNECT, deadline))
    files = None if upload is None else {upload[0]: (upload[2], upload[1])}
    began = time.monotonic()
    with _Wire(deadline) as wire:
        try:
            with (
                httpx.Client(
                    timeout=limits, follow_redirects=False, trust_env=not own, http2=False
                ) as client,
                client.stream(
                    "POST", f"{server}/bot{token}/{method}", data=dict(fields), files=files,
                    headers={"Accept-Encoding": "identity", "User-Agent": "SalesDesk/1"},
                    extensions={"trace": wire.trace},
                ) as answer,
            ):  # fmt: skip
                return _read(answer, began + deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return NoReply("late" if wire.late else "not_reached", sent=wire.began)
        except httpx.TimeoutException:
            return NoReply("late", sent=wire.began)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError):
            return NoReply("late" if wire.late else "lost", sent=wire.began)


def _read(answer: "httpx.Response", until: float) -> Reply | NoReply:
    status = answer.status_code
    if 300 <= status < 400:
        return NoReply("redirected", sent=False, status=status)
    if answer.headers.get("content-encoding", "identity") != "identity":
        return NoReply("garbled", sent=True, status=status)
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return NoReply("large_answer", sent=True, status=status)
        if time.monotonic() > until:
            return NoReply("late", sent=True, status=status)
    return _judged(bytes(body), status)


def _judged(body: bytes, status: int) -> Reply | NoReply:
    """The envelope, or that there is none."""
    try:
        found = json.loads(body)
        ok = found["ok"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return NoReply("garbled", sent=True, status=status)
    if not isinstance(ok, bool) or ok != (status == 200):
        return NoReply("garbled", sent=True, status=status)
    parameters = found.get("parameters")
    return Reply(
        status, ok, found.get("result"), str(found.get("description") or "")[:300],
        parameters if isinstance(parameters, dict) else {},
    )  # fmt: skip
