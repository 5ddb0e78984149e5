"""The emulated portal over HTTP: the address with its secret, or a token, bodies,
envelopes, the bucket; REST 3.0 and the server of tokens beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.emulators import bitrix24_v3, php
from tests.emulators.bitrix24_methods import Refusal
from tests.emulators.bitrix24_oauth import NOBODY, Caller
from tests.emulators.bitrix24_v3 import Exceptional
from tests.emulators.faults import reply
from tests.emulators.serving import serving

if TYPE_CHECKING:
    from tests.emulators.bitrix24 import Portal


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes
    portal: "Portal"

    def log_message(self, *_: object) -> None:
        """Nothing is logged: addresses hold secrets."""

    def do_POST(self) -> None:
        """Judge the address, read the body, answer."""
        self._serve("POST")

    def do_GET(self) -> None:
        """The same."""
        self._serve("GET")

    def _serve(self, verb: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        play = self.portal.faults.next()
        if play is not None:
            play(self, lambda: self._done(verb, body))
            return
        status, answer = self._done(verb, body)
        reply(self, status, answer, **self._more)

    def _done(self, verb: str, body: bytes) -> tuple[int, bytes]:
        portal, steps = self.portal, urlsplit(self.path).path.strip("/").split("/")
        self._more: dict[str, str] = {}
        third = steps[:2] == ["rest", "api"]
        written = php.xml if steps[-1].lower().endswith(".xml") and not third else _json
        if written is php.xml:
            self._more = {"Content_Type": "application/xml"}
        with portal.lock:
            portal.requests += 1
            try:
                if steps[0] == "oauth":
                    return self._oauth(verb, steps[-1])
                if not portal.takes():
                    raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
                if steps[0] != "rest":
                    raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "")
                if third:
                    return 200, self._third(verb, steps[2:], body)
                return 200, written(self._classic(steps[1:], body))
            except Refusal as refusal:
                return refusal.status, written(refusal.told())
            finally:
                portal.caller = NOBODY

    def _oauth(self, verb: str, what: str) -> tuple[int, bytes]:
        """The vendor's server of tokens, which no portal's bucket counts for."""
        query = php.parsed(urlsplit(self.path).query)
        if verb != "GET" or what not in ("authorize", "token"):
            raise Refusal(400, "invalid_request", "")
        if what == "authorize":
            self._more = {"Location": self.portal.oauth.authorized(query)}
            return 302, b""
        return 200, _json(self.portal.oauth.answer(query))

    def _classic(self, steps: list[str], body: bytes) -> dict[str, Any]:
        portal, params = self.portal, self._params(body)
        portal.caller = self._caller(steps[:-1], params.get("auth"))
        method = steps[-1].lower().removesuffix(".json").removesuffix(".xml")
        result, more = portal.answer(method, params, portal.caller.user)
        return {"result": result, **more, "time": portal.time()}

    def _third(self, verb: str, steps: list[str], body: bytes) -> bytes:
        """REST 3.0: JSON only, its token in the body, no suffix."""
        portal, method = self.portal, steps[-1].lower()
        params = {} if verb == "GET" and method in bitrix24_v3.PLAIN else self._object(verb, body)
        portal.caller = self._caller(steps[:-1], params.get("auth"))

        def do() -> bytes:
            return _json(
                {"result": bitrix24_v3.answer(portal, method, params), "time": portal.time()}
            )

        key = self.headers.get("Idempotency-Key")
        found, self._more = portal.replays.answer(key, method, params, do)
        return found

    def _caller(self, credential: list[str], token: object) -> Caller:
        """By the address, or by a token among the parameters: a header counts for nothing."""
        if len(credential) == 2:
            if credential != ["1", self.portal.secret]:
                raise Refusal(401, "INVALID_CREDENTIALS", "Invalid request credentials")
            return Caller(1)
        if credential:
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "")
        if not token:
            raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")
        return self.portal.oauth.caller(token)

    def _params(self, body: bytes) -> dict[str, Any]:
        kind = self.headers.get("Content-Type") or ""
        query = php.parsed(urlsplit(self.path).query)
        if "json" in kind:
            found = json.loads(body or b"{}")
            return query | (found if isinstance(found, dict) else {})
        if kind.startswith("multipart/"):
            return query | php.multipart(kind, body)
        return query | php.parsed(body.decode())

    def _object(self, verb: str, body: bytes) -> dict[str, Any]:
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        kind = self.headers.get("Content-Type") or ""
        if verb != "POST" or "json" not in kind or not isinstance(found, dict):
            raise Exceptional(400, "INVALIDJSON", "JSON is expected")
        return found


def _json(found: Any) -> bytes:
    return json.dumps(found).encode()


@contextmanager
def running(portal: "Portal") -> Iterator["Portal"]:
    """Serve a portal on loopback."""
    with serving(Handler, portal=portal) as portal.port:
        yield portal
