"""Calls over HTTP that end when they must: a deadline for the whole call, a limit for the answer,
no redirects followed, and always known whether the request may have arrived.

httpx limits each wait, not the whole: a server that drips a byte a second is cut off here by ending
its connection. Nothing is repeated, and no error carries an address, for addresses hold secrets.
"""

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

#: One call ends within this, whatever the other side does (seconds).
DEADLINE = 30.0
#: An answer has so many bytes at most.
MOST_BYTES = 16_000_000
#: Connecting, and waiting for the next bytes.
_CONNECT, _WAIT = 8.0, 25.0
_KEPT = 8
_LOCAL = ("127.0.0.1", "::1", "localhost")
#: A file that goes along: name, content.
Upload: TypeAlias = tuple[str, bytes]
Why = Literal["not_reached", "late", "lost", "garbled", "large_answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status; names of headers are in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There was none, or none that was read to its end. ``sent``: the request, or a part of it, had
    gone out, so that it may have arrived and been done."""

    why: Why
    sent: bool
    status: int | None = None


def host_of(url: str) -> str:
    """The host of an address; empty where it is none, whatever was typed."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_local(url: str) -> bool:
    """Whether an address is this very machine."""
    return host_of(url) in _LOCAL


class Caller:
    """Calls to one server, over connections that are kept. To be used by one thread at a time."""

    def __init__(self, base: str, *, agent: str = "SalesDesk/1.0") -> None:
        import httpx

        self._client = httpx.Client(
            timeout=httpx.Timeout(_WAIT, connect=_CONNECT),
            follow_redirects=False,
            trust_env=not is_local(base),  # a proxy is for what is far away
            headers={"Accept-Encoding": "identity", "User-Agent": agent},
        )
        self._streams: list[Any] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def call(
        self,
        verb: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, Upload] | None = None,
        deadline: float = DEADLINE,
        most_bytes: int = MOST_BYTES,
    ) -> Answer | NoAnswer:
        """One call. ``content`` is a body as it is, ``data`` (with ``files``) a form."""
        import httpx

        with _Watch(self, deadline) as watch:
            try:
                with self._client.stream(
                    verb, url, headers=dict(headers or {}), params=params, content=content,
                    data=data, files=files, extensions={"trace": watch.trace},
                ) as answer:  # fmt: skip
                    return _read(answer, watch, most_bytes)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
                return NoAnswer("late" if watch.late else "not_reached", sent=watch.began)
            except httpx.TimeoutException:
                return NoAnswer("late", sent=watch.began)
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError):
                return NoAnswer("late" if watch.late else "lost", sent=watch.began)

    def _made(self, stream: Any) -> None:
        with self._lock:  # one call at a time: what is older than the last few is closed
            self._streams = [*self._streams[-_KEPT:], stream]

    def _cut(self) -> None:
        """End every connection: whoever waits for one is woken."""
        with self._lock:
            streams, self._streams = self._streams, []
        for stream in streams:
            made = stream.get_extra_info("socket") if stream is not None else None
            if made is not None:
                try:
                    made.shutdown(socket.SHUT_RDWR)
                except OSError:  # it has ended already
                    continue


class _Watch:
    """Knows what of one call has gone out, and cuts the connections when its time is up."""

    def __init__(self, caller: Caller, seconds: float) -> None:
        self.began = self.late = False
        self.until = time.monotonic() + seconds
        self._caller = caller
        self._timer = threading.Timer(seconds, self._on_late)
        self._timer.daemon = True

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._timer.cancel()
        self._timer.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore tells: connections made, requests begun."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._caller._made(info.get("return_value"))
            if self.late:
                self._caller._cut()
        elif event.endswith("send_request_headers.started") and "proxy" not in event:
            self.began = True

    def _on_late(self) -> None:
        self.late = True
        self._caller._cut()


def _read(answer: "httpx.Response", watch: _Watch, most_bytes: int) -> Answer | NoAnswer:
    status = answer.status_code
    if answer.headers.get("content-encoding", "identity") != "identity":
        return NoAnswer("garbled", sent=True, status=status)  # half a megabyte may hide 500
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > most_bytes:
            return NoAnswer("large_answer", sent=True, status=status)
        if time.monotonic() > watch.until:
            return NoAnswer("late", sent=True, status=status)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status, bytes(body), headers)
