"""The emulated portal over HTTP: the address with its secret, bodies, envelopes, the bucket."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.emulators import php
from tests.emulators.bitrix24_methods import Refusal
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
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        play = self.portal.faults.next()
        if play is not None:
            play(self, lambda: self._done(body))
            return
        status, answer = self._done(body)
        reply(self, status, answer)

    def do_GET(self) -> None:
        """The same."""
        self.do_POST()

    def _done(self, body: bytes) -> tuple[int, bytes]:
        portal = self.portal
        with portal.lock:
            portal.requests += 1
            try:
                if not portal.takes():
                    raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
                method, by = self._addressed()
                result, more = portal.answer(method, self._params(body), by)
            except Refusal as refusal:
                found = {"error": refusal.code, "error_description": refusal.description}
                return refusal.status, json.dumps(found).encode()
            return 200, json.dumps({"result": result, **more, "time": portal.time()}).encode()

    def _addressed(self) -> tuple[str, int]:
        parts = urlsplit(self.path).path.strip("/").split("/")
        if len(parts) != 4 or parts[0] != "rest" or not parts[1].isdigit():
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "")
        if parts[2] != self.portal.secret:
            raise Refusal(401, "INVALID_CREDENTIALS", "Invalid request credentials")
        return parts[3].removesuffix(".json").removesuffix(".xml"), int(parts[1])

    def _params(self, body: bytes) -> dict[str, Any]:
        if "json" in (self.headers.get("Content-Type") or ""):
            found = json.loads(body or b"{}")
            return found if isinstance(found, dict) else {}
        query = urlsplit(self.path).query
        return php.parsed(query) | php.parsed(body.decode())


@contextmanager
def running(portal: "Portal") -> Iterator["Portal"]:
    """Serve a portal on loopback."""
    with serving(Handler, portal=portal) as portal.port:
        yield portal
