"""The wire to a remote: calls at a pace that its limits allow, failures by their class.

What is the same for all vendors is here; what a status or a code means is judged by the adapter
(``Judge``). Addresses are https, or http on this very machine (tests, a tunnel), or http anywhere
where an administrator said so.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.errors import Invalid
from salesdesk.services import secrets
from salesdesk.services.calls import (
    DEADLINE,
    Answer,
    Caller,
    NoAnswer,
    Upload,
    host_of,
    is_local,
)
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Breaker, Clock, Pace
from salesdesk.text import N_

_LONGEST = 300
_TAG = re.compile(r"</?[a-z]{1,10} ?/?>", re.IGNORECASE)
#: A call that was too much is made again so many times.
_AGAIN = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose body was read: ``content`` is what its JSON says, None without a body."""

    status: int
    content: Any
    headers: Mapping[str, str]


#: What a vendor means by an answer: the failure, or None where it is none.
Judge = Callable[[Reply], Failure | None]


class Wire:
    """Calls to one server. One thread at a time."""

    def __init__(
        self, base: str, judge: Judge, pace: Pace, clock: Clock, *, plain_http: bool = False
    ) -> None:
        self.base = checked(base, plain_http=plain_http)
        self.breaker = Breaker(clock)
        self._plain_http = plain_http
        self._judge = judge
        self._pace = pace
        self._clock = clock
        self._caller = Caller(self.base)

    def close(self) -> None:
        """Give the connections back."""
        self._caller.close()

    def move(self, base: str) -> None:
        """Call another address from now on; raises ``Invalid`` as ``checked`` does."""
        self.base = checked(base, plain_http=self._plain_http)
        self._caller.close()
        self._caller = Caller(self.base)

    def call(
        self,
        verb: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: Any = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
        writes: bool = False,
        repeats: bool = True,
        deadline: float = DEADLINE,
    ) -> Reply:
        """One call; ``content`` goes as JSON, ``path`` is added to the base. Raises ``Failure``.

        ``writes``: it may change something, so that an answer that did not come leaves its outcome
        unknown. What only reads is then simply not done. ``repeats``: a call that was too much is
        made again after the pause, some times.
        """
        for again in range(_AGAIN, -1, -1):
            self.breaker.check()
            self._pace.take()
            try:
                found = self._caller.call(
                    verb, f"{self.base}{path}", params=params, content=_json(content), data=data,
                    files=files, headers={**_kinds(content), **(headers or {})}, deadline=deadline,
                )  # fmt: skip
            finally:
                self._pace.answered()
            try:
                reply = self._read(found, writes)
            except Failure as failure:
                self._saw(failure)
                if failure.kind is not Kind.RATE or not repeats or not again:
                    raise
                self._pause(failure)
                continue
            self._saw(None)
            return reply
        raise AssertionError  # the last time answers or raises

    def _pause(self, failure: Failure) -> None:
        if failure.retry_at is not None:
            self._clock.sleep(max(0, failure.retry_at - self._clock.now()) / 1_000_000)

    def _saw(self, failure: Failure | None) -> None:
        self.breaker.saw(failure)
        if failure is None:
            self._pace.accepted()
        elif failure.kind is Kind.RATE:
            self._pace.refused()

    def _read(self, found: Answer | NoAnswer, writes: bool) -> Reply:
        if isinstance(found, NoAnswer):
            if found.sent and writes:
                raise Failure(Kind.UNKNOWN)
            raise Failure(Kind.MALFORMED if found.why == "garbled" else Kind.NOT_SENT)
        if 300 <= found.status < 400 and found.status != 304:
            where = found.headers.get("location", "")
            host = host_of(where)
            raise Failure(Kind.REDIRECTED, host, location=where if host else "")
        content, readable = _content(found.body)
        reply = Reply(found.status, content, found.headers)
        failure = self._judge(reply)
        if failure is not None and (failure.kind is not Kind.UNKNOWN or writes):
            raise failure
        if found.status >= 500:
            raise Failure(Kind.UNKNOWN if writes else Kind.NOT_SENT, detail=str(found.status))
        if failure is not None or (not readable and found.status != 202):
            raise Failure(Kind.UNKNOWN if writes else Kind.MALFORMED)
        return reply


def _json(content: Any) -> bytes | None:
    return None if content is None else json.dumps(content, ensure_ascii=False).encode()


def _kinds(content: Any) -> dict[str, str]:
    made = {"Accept": "application/json"}
    return made if content is None else {**made, "Content-Type": "application/json"}


def checked(base: str, *, plain_http: bool = False) -> str:
    """An address without its last slash; raises ``Invalid`` for one that is none, or that would
    send secrets in plain text."""
    host, scheme = host_of(base.strip()), base.strip().partition(":")[0].casefold()
    if scheme not in ("http", "https") or not host:
        raise Invalid(N_("An address looks like https://example.bitrix24.ru; nothing was changed."))
    if scheme == "http" and not is_local(base) and not plain_http:
        raise Invalid(
            N_("{host} would get the key in plain text: use https; nothing was changed."),
            host=host,
        )
    return base.strip().rstrip("/")


def detail(text: object) -> str:
    """What a vendor says, short and without secrets, nor tags of HTML."""
    return _TAG.sub(" ", secrets.redacted(str(text or "")))[:_LONGEST].strip()


def _content(body: bytes) -> tuple[Any, bool]:
    """What a body holds, and whether it can be read; an empty one holds nothing."""
    if not body.strip():
        return None, True
    try:
        return json.loads(body, parse_float=Decimal), True
    except (ValueError, RecursionError):
        return None, False
