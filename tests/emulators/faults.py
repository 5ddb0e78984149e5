"""Faults that an emulator plays: lined up by ``then``, one a request, each before or after the
request was done."""

import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

#: How a request is answered: gets the handler, a way to do what was asked for (which returns status
#: and body), and answers or not.
Play = Callable[[BaseHTTPRequestHandler, Callable[[], tuple[int, bytes]]], None]


class Faults:
    """The line of what comes next; without one, requests are simply answered."""

    def __init__(self) -> None:
        self.plays: deque[Play | None] = deque()

    def then(self, *plays: Play | None) -> None:
        """Answer the next requests so; None is as usual."""
        self.plays.extend(plays)

    def next(self) -> Play | None:
        """The next one."""
        return self.plays.popleft() if self.plays else None


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Answer."""
    handler.send_response(status)
    for name, value in {"Content_Type": "application/json", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Reset the connection."""
    made: socket.socket = handler.connection
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True  # else its thread keeps the connection to read on
    made.close()


def lost_after(handler: BaseHTTPRequestHandler, do: Callable[[], tuple[int, bytes]]) -> None:
    """It is done, and the answer is lost."""
    do()
    hang_up(handler)


def lost_before(handler: BaseHTTPRequestHandler, _do: Callable[[], tuple[int, bytes]]) -> None:
    """The connection ends before anything is done."""
    hang_up(handler)


def html_after(handler: BaseHTTPRequestHandler, do: Callable[[], tuple[int, bytes]]) -> None:
    """It is done, and a proxy answers with a page."""
    do()
    reply(handler, 200, b"<html><body>Bad gateway</body></html>", Content_Type="text/html")


def answers(status: int, body: bytes = b"{}", **headers: str) -> Play:
    """Nothing is done, and this is answered."""

    def play(handler: BaseHTTPRequestHandler, _do: Callable[[], tuple[int, bytes]]) -> None:
        reply(handler, status, body, **headers)

    return play


def fails_after(status: int) -> Play:
    """It is done, and an error is answered."""

    def play(handler: BaseHTTPRequestHandler, do: Callable[[], tuple[int, bytes]]) -> None:
        do()
        reply(handler, status, b"")

    return play


def slow(seconds: float) -> Play:
    """It is done, and the answer comes late."""

    def play(handler: BaseHTTPRequestHandler, do: Callable[[], tuple[int, bytes]]) -> None:
        status, body = do()
        time.sleep(seconds)
        reply(handler, status, body)

    return play


__all__ = [
    "Faults", "Play", "answers", "fails_after", "hang_up", "html_after", "lost_after",
    "lost_before", "reply", "slow",
]  # fmt: skip
