"""Calls to a portal of Bitrix24: envelopes, batches of fifty, codes of errors, paused methods, and
a portal that has moved to another address.

The secret is a part of the address: it goes to another host only where that one is asked as safely
as the first (never over plain http, never another scheme), and only once.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from salesdesk.errors import Invalid
from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Clock, Pace
from salesdesk.services.sync.wire import Reply, Wire, detail

#: Calls in one request.
BATCH = 50
_SECOND = 1_000_000
_SCOPE = "INSUFFICIENT_SCOPE"
#: The scopes that methods need, by the beginnings of their names; the first that fits.
_SCOPES_OF = {"user.userfield": "user.userfield", "user.update": "user", "user.": "user_brief",
              "tasks.": "task", "task.": "task"}  # fmt: skip
#: How long a method rests where the portal does not say (old ones do not).
_RESTS = 600 * _SECOND

_CODES: dict[str, Kind] = {
    **dict.fromkeys(
        ("NO_AUTH_FOUND", "INVALID_CREDENTIALS", "EXPIRED_TOKEN", "PORTAL_DELETED", "ERROR_OAUTH",
         "INVALID_TOKEN", "WRONG_AUTH_TYPE", "APPLICATION_NOT_FOUND", "AUTHORIZATION_ERROR"),
        Kind.AUTH,
    ),
    **dict.fromkeys(
        (_SCOPE, "USER_ACCESS_ERROR", "ALLOWED_ONLY_INTRANET_USER",
         "PAYMENT_REQUIRED", "METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED",
         "ERROR_METHOD_NOT_FOUND", "INVALID_REQUEST"),
        Kind.PERMISSION,
    ),
    "QUERY_LIMIT_EXCEEDED": Kind.RATE, "OVERLOAD_LIMIT": Kind.BLOCKED,
    "OPERATION_TIME_LIMIT": Kind.PAUSED, "INTERNAL_SERVER_ERROR": Kind.UNKNOWN,
    "ERROR_UNEXPECTED_ANSWER": Kind.UNKNOWN, "NOT_FOUND": Kind.GONE, "ERROR_NOT_FOUND": Kind.GONE,
    "OWNER_NOT_FOUND": Kind.GONE,
}  # fmt: skip
#: The same by the status, where a code says nothing; 400 is about the record alone.
_STATUSES = {401: Kind.AUTH, 403: Kind.PERMISSION, 404: Kind.GONE, 410: Kind.AUTH, 429: Kind.RATE}
#: A method and its parameters.
Call = tuple[str, Mapping[str, Any]]


class Referred(str):
    """A value of a call inside a batch that the portal takes from the answer of one before."""

    __slots__ = ()


class Portal:
    """One portal by its webhook's address, up to and with the secret."""

    def __init__(self, url: str, clock: Clock, pace: Pace, *, plain_http: bool = False) -> None:
        self._clock = clock
        self.wire = Wire(url, judge(clock), pace, clock, plain_http=plain_http)
        #: The moment of the last answer by the portal's clock.
        self.now = 0
        #: The address that it moved to, without the secret; "" while it has not.
        self.moved = ""
        self._resets: dict[str, int] = {}
        self._parked: dict[str, int] = {}

    @property
    def user(self) -> int:
        """Whose key it is: the webhook's address says so (``.../rest/1/secret``)."""
        number = self.wire.base.rstrip("/").split("/")[-2]
        return int(number) if number.isdecimal() else 0

    def call(self, method: str, params: Mapping[str, Any] | None = None,
             writes: bool = False) -> Any:  # fmt: skip
        """The result of one call; raises ``Failure``."""
        return self.answer(method, params or {}, writes).get("result")

    def answer(
        self, method: str, params: Mapping[str, Any], writes: bool = False
    ) -> Mapping[str, Any]:
        """The envelope of one call; raises ``Failure``."""
        resting = self._resting(method)
        if resting is not None:
            raise resting
        try:
            reply = self._posted(method, params, writes)
        except Failure as failure:
            raise self._parking(method, failure) from None
        content = reply.content
        if not isinstance(content, dict) or "result" not in content:
            raise Failure(Kind.UNKNOWN if writes else Kind.MALFORMED, method=method)
        times = content.get("time")
        self._noted(method, times if isinstance(times, dict) else {})
        return content

    def _posted(self, method: str, params: Mapping[str, Any], writes: bool) -> Reply:
        for again in (True, False):
            try:
                return self.wire.call(
                    "POST", f"/{method}.json", content=dict(params), writes=writes
                )
            except Failure as failure:
                if failure.kind is not Kind.REDIRECTED or not again:
                    raise
                self._follow(failure)
        raise AssertionError  # the second time answers or raises

    def _follow(self, failure: Failure) -> None:
        """Call the host that a redirect names, if it is as safe as this one; else raise."""
        base = urlsplit(self.wire.base)
        to = urlsplit(urljoin(self.wire.base, failure.location or ""))
        path = base.path[base.path.find("/rest/") :]
        head, found, _ = to.path.partition("/rest/")
        host = f"{to.scheme}://{to.netloc}{head.rstrip('/') if found else ''}"
        if to.scheme != base.scheme or to.netloc == base.netloc or to.username is not None:
            raise failure
        if not found and to.path not in ("", "/"):
            raise failure  # a page to log in at is no portal
        try:
            self.wire.move(host + path)
        except Invalid:
            raise failure from None
        self.moved = host

    def _noted(self, method: str, times: Mapping[str, Any]) -> None:
        """The portal's clock, and when the method's time begins anew."""
        started = rows.moment_of(times.get("date_start"))
        self.now = started or self._clock.now()
        resets = times.get("operating_reset_at")
        if resets:
            self._resets[method] = int(float(resets)) * _SECOND

    def _resting(self, method: str) -> Failure | None:
        until = self._parked.get(method, 0)
        if until <= self._clock.now():
            return None
        return Failure(Kind.PAUSED, method, retry_at=until, method=method)

    def _parking(self, method: str, failure: Failure) -> Failure:
        """A method that is blocked rests until its time begins anew; others go on. That moment is
        of the portal's clock: by a clock of here that is days behind it would be days ahead. A
        scope that is missing is named: the portal does not."""
        if failure.field == _SCOPE:
            return Failure(failure.kind, f"{scope_of(method)}: {failure.detail}", method=method)
        if failure.kind is not Kind.PAUSED:
            return failure
        now = self._clock.now()
        until = failure.retry_at or self._resets.get(method) or 0
        self._parked[method] = until if now < until < now + _RESTS else now + _RESTS
        return Failure(Kind.PAUSED, failure.detail or method, retry_at=self._parked[method],
                       method=method)  # fmt: skip

    # -- many at once ---------------------------------------------------------------------------

    def many(self, calls: Mapping[str, Call], writes: bool) -> dict[str, Any]:
        """Several calls, fifty a request: the result or the failure of each by its key. Those
        without an answer are missing. Raises ``Failure`` for what concerns all of them, unless
        some were answered: then it stands at the others."""
        found: dict[str, Any] = {}
        together: list[str] = []
        for key, (method, params) in calls.items():
            resting = self._resting(method)
            if resting is not None:
                found[key] = resting
            elif _has_empty_list(params):  # brackets cannot say it
                found[key] = self._alone(method, params, writes)
            else:
                together.append(key)
        for start in range(0, len(together), BATCH):
            part = together[start : start + BATCH]
            try:
                self._batch({key: calls[key] for key in part}, writes, found)
            except Failure as failure:
                if not found:
                    raise
                found |= dict.fromkeys(part, failure)
        return found

    def chain(
        self, call: Callable[[int | Referred], Call], after: int, last: str, pages: int
    ) -> Iterator[Any]:
        """A page of a walk and those that follow it, in one request: each asks for what stands
        behind the ``last`` row of the one before, which the portal puts in. Ends where a page was
        not answered; raises ``Failure`` where that is the first."""
        calls = {"0": call(after)}
        for page in range(1, pages):
            calls[str(page)] = call(Referred(f"$result[{_key(page - 1)}]{last}"))
        answers = self.many(calls, writes=False)
        if isinstance(first := answers.get("0"), Failure):
            raise first
        for page in range(pages):
            answer = answers.get(str(page))
            if answer is None or isinstance(answer, Failure):
                return
            yield answer

    def _alone(self, method: str, params: Mapping[str, Any], writes: bool) -> Any:
        try:
            return self.call(method, params, writes)
        except Failure as failure:
            return failure

    def _batch(self, calls: Mapping[str, Call], writes: bool, found: dict[str, Any]) -> None:
        commands = {_key(place): command(*call) for place, call in enumerate(calls.values())}
        answer = self.call("batch", {"halt": 0, "cmd": commands}, writes)
        parts = {name: named(named(answer).get(name)) for name in
                 ("result", "result_error", "result_time")}  # fmt: skip
        for place, (key, (method, _)) in enumerate(calls.items()):
            name = _key(place)
            resets = named(parts["result_time"].get(name)).get("operating_reset_at")
            if resets:
                self._resets[method] = int(float(resets)) * _SECOND
            if name in parts["result_error"]:
                error = parts["result_error"][name]
                said = error if isinstance(error, dict) else {"error": error}
                found[key] = self._parking(method, failure_of(said, 400, self._clock.now()))
            elif name in parts["result"]:
                found[key] = parts["result"][name]


def named(found: Any) -> Mapping[str, Any]:
    """A map; an empty one is written as an empty list there, one with the keys 0, 1... as a
    list."""
    if isinstance(found, list):
        return {str(place): one for place, one in enumerate(found)}
    return found if isinstance(found, dict) else {}


def command(method: str, params: Mapping[str, Any]) -> str:
    """A call inside a batch: the method and its parameters in brackets."""
    parts = [f"{_name(name)}={_value(text)}" for name, text in _flat("", params)]
    return f"{method}?{'&'.join(parts)}" if parts else method


def _key(place: int) -> str:
    """The key of a call inside a batch."""
    return f"c{place}"


def _value(text: str) -> str:
    """As it is written in an address; what refers to an answer is looked for as it stands."""
    return text if isinstance(text, Referred) else quote(text, safe="")


@lru_cache(4096)
def _name(name: str) -> str:
    """As it is written in an address; there are few."""
    return quote(name, safe="[]")


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _flat(f"{prefix}[{name}]" if prefix else str(name), one)
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _flat(f"{prefix}[{place}]", one)
    else:
        yield prefix, value if isinstance(value, str) else "" if value is None else str(value)


def _has_empty_list(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_empty_list(one) for one in value.values())
    return isinstance(value, list | tuple) and not value


def judge(clock: Clock) -> Callable[[Reply], Failure | None]:
    """What an answer of the portal means."""

    def judged(reply: Reply) -> Failure | None:
        if isinstance(reply.content, dict) and "error" in reply.content:
            return failure_of(reply.content, reply.status, clock.now())
        if reply.status == 403 and reply.content is None:
            return Failure(Kind.BLOCKED)  # a page of a proxy or a guard says nothing of our rights
        kind = _STATUSES.get(reply.status)
        if kind is Kind.RATE:
            return Failure(Kind.RATE, retry_at=clock.now() + 2 * _SECOND)
        return None if kind is None else Failure(kind, str(reply.status))

    return judged


def scope_of(method: str) -> str:
    """The scope that a method needs."""
    found = (scope for start, scope in _SCOPES_OF.items() if method.startswith(start))
    return next(found, method.partition(".")[0])


def failure_of(body: Mapping[str, Any], status: int, now: int) -> Failure:
    """The failure that an error's code means; texts are shown and decide nothing. Inside a batch
    the status is 400."""
    newer = named(body.get("error"))  # REST 3.0
    found = newer.get("code") if newer else body.get("error")
    code = str("" if found is None else found)
    text = detail((newer.get("message") if newer else body.get("error_description")) or code)
    kind = _CODES.get(code.upper())
    if code.upper() == "ACCESS_DENIED":  # of the plan or the whole webhook, or of one record
        kind = Kind.INVALID if status == 400 else Kind.PERMISSION
    if kind is None:
        kind = _STATUSES.get(status) or (Kind.UNKNOWN if status >= 500 else Kind.INVALID)
    if code.upper() == _SCOPE:
        return Failure(kind, text, field=_SCOPE)
    if kind is Kind.RATE:
        return Failure(kind, text, retry_at=now + 2 * _SECOND)
    if kind is Kind.PAUSED:
        resets = named(body.get("time")).get("operating_reset_at")
        return Failure(kind, text, retry_at=int(float(resets)) * _SECOND if resets else None)
    return Failure(kind, text)
