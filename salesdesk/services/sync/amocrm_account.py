"""Calls to an account of amoCRM (Kommo): envelopes, pages, what is known of the account, and what
an answer means.

A 403 is a missing right or a blocked address, and its body does not say which: after a pause that
was asked for, or where even the account itself is refused, the address is blocked.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Clock, Pace
from salesdesk.services.sync.wire import Reply, Wire, detail
from salesdesk.text import N_, tr

PAGE, EVENTS = 250, 100
_SECOND = 1_000_000
_UNPAID = N_("the account is not paid for")
#: So long after too many calls a 403 is a block.
_WARNED = 60 * _SECOND


class AmoAccount:
    """One account at ``url`` (``https://example.amocrm.ru``) by a long-lived token."""

    def __init__(
        self, url: str, token: str, clock: Clock, pace: Pace, *, plain_http: bool = False
    ) -> None:
        self._clock = clock
        self._headers = {"Authorization": f"Bearer {token}"}
        self._warned = 0
        self.wire = Wire(url, judge(clock), pace, clock, plain_http=plain_http)
        #: The latest change seen so far (seconds of the account's clock): no later than its now.
        self.newest = 0
        self._known: dict[str, Any] | None = None
        self._unsorted: frozenset[str] | None = None

    def call(
        self, verb: str, path: str, content: Any = None, *,
        params: Mapping[str, Any] | None = None, writes: bool = False, repeats: bool = True,
    ) -> Any:  # fmt: skip
        """What one call is answered with, None for nothing (204); raises ``Failure``."""
        try:
            reply = self.wire.call(
                verb, f"/api/v4{path}", params=params, content=content, headers=self._headers,
                writes=writes, repeats=repeats,
            )  # fmt: skip
        except Failure as failure:
            raise self._meant(path, failure) from None
        return reply.content

    def _meant(self, path: str, failure: Failure) -> Failure:
        now = self._clock.now()
        if failure.kind is Kind.RATE:
            self._warned = now
        if failure.kind is not Kind.PERMISSION or failure.field != "403":
            return failure
        blocked = Failure(Kind.BLOCKED, failure.detail)
        warned = bool(self._warned) and 0 <= now - self._warned <= _WARNED
        if warned or path.startswith("/account"):
            self.wire.breaker.saw(blocked)
            return blocked
        try:
            self.call("GET", "/account")
        except Failure as found:
            if found.kind is Kind.BLOCKED:
                return found
        return failure

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A page, an object, or an empty map for nothing."""
        found = self.call("GET", path, params=params)
        return found if isinstance(found, dict) else {}

    def page(
        self, path: str, name: str, params: Mapping[str, Any]
    ) -> tuple[list[Mapping[str, Any]], bool]:
        """The rows of one page, and whether there is another: a next link alone says so."""
        found = self.get(path, params)
        items = list((found.get("_embedded") or {}).get(name) or ())
        for one in items:
            at = one.get("updated_at") or one.get("created_at") or 0
            self.newest = max(self.newest, int(at) if str(at).isdecimal() else 0)
        return items, bool((found.get("_links") or {}).get("next"))

    def all(self, path: str, name: str, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """All rows of a list, page after page."""
        number, more = 1, True
        while more:
            items, more = self.page(path, name, {**params, "page": number})
            yield from items
            number += 1

    # -- what is known of it --------------------------------------------------------------------

    def facts(self) -> Mapping[str, Any]:
        """The account itself; asked once."""
        if self._known is None:
            self._known = self.get("/account", {"with": "is_api_filter_enabled,version"})
        return self._known

    @property
    def filters(self) -> bool:
        """Whether lists of leads, contacts and companies can be filtered."""
        found = self.facts()
        asked = found.get("is_api_filter_enabled")
        inner = (found.get("_embedded") or {}).get("is_api_filter_enabled")
        return (asked if asked is not None else inner) not in (False, 0, "0")

    @property
    def currency(self) -> str:
        """The one currency of all its amounts; "" where it is not told."""
        return str(self.facts().get("currency") or "")

    def unsorted(self) -> frozenset[str]:
        """Statuses of requests that nobody sorted yet: they are not ours to touch."""
        if self._unsorted is None:
            found = self.get("/leads/pipelines")
            self._unsorted = frozenset(
                str(status["id"])
                for one in (found.get("_embedded") or {}).get("pipelines") or ()
                for status in (one.get("_embedded") or {}).get("statuses") or ()
                if int(status.get("type") or 0) == 1
            )
        return self._unsorted


def judge(clock: Clock) -> Callable[[Reply], Failure | None]:
    """What an answer of the account means."""
    kinds = {401: Kind.AUTH, 404: Kind.GONE, 400: Kind.INVALID, 422: Kind.INVALID,
             405: Kind.INVALID}  # fmt: skip

    def judged(reply: Reply) -> Failure | None:
        if reply.status == 429:
            wait = reply.headers.get("retry-after", "")
            seconds = int(wait) if wait.isdecimal() else 1
            return Failure(Kind.RATE, retry_at=clock.now() + seconds * _SECOND)
        if reply.status == 403:
            told = isinstance(reply.content, dict) and reply.content.get("title")
            kind = Kind.PERMISSION if told else Kind.BLOCKED
            return Failure(kind, detail(_said(reply)), field="403")
        if reply.status == 402:
            return Refusals(Kind.PERMISSION, tr(_UNPAID), {})
        if reply.status in kinds:
            found = refusals(reply.content)
            return Refusals(kinds[reply.status], detail(_said(reply)), found)
        if reply.status in (502, 504):
            return Failure(Kind.UNKNOWN, str(reply.status), field=str(reply.status))
        return None

    return judged


class Refusals(Failure):
    """A request that was refused. ``by_request``: what is wrong, by the ``request_id`` of the
    element (its place as text where it has none)."""

    def __init__(self, kind: Kind, said: str, by_request: Mapping[str, str]) -> None:
        super().__init__(kind, said)
        self.by_request = by_request


def refusals(content: Any) -> dict[str, str]:
    """What an answer says is wrong with each element of a request."""
    told = content.get("validation-errors") if isinstance(content, dict) else None
    found = {}
    for one in told if isinstance(told, list) else ():
        errors = one.get("errors") or [{}]
        found[str(one.get("request_id"))] = f"{errors[0].get('path')}: {errors[0].get('detail')}"
    return found


def _said(reply: Reply) -> str:
    """What the account says is wrong: with the field, where it names one."""
    content = reply.content if isinstance(reply.content, dict) else {}
    named = refusals(content)
    if named:
        return next(iter(named.values()))
    return str(content.get("detail") or content.get("title") or reply.status)
