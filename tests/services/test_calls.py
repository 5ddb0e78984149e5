"""Calls over HTTP to servers that misbehave: each ends in time and says what may have arrived."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from salesdesk.services.calls import Answer, Caller, NoAnswer

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that does ``serve`` with each connection."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                try:
                    made, _ = listening.accept()
                except OSError:
                    return
                with made:
                    try:
                        serve(made)
                    except OSError:  # the other side has gone
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _heard(made: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = made.recv(65_536)
        if not part:
            break
        heard += part
    return heard


def _drip(what: bytes) -> Callable[[socket.socket], None]:
    def serve(made: socket.socket) -> None:
        _heard(made)
        for byte in what:
            made.sendall(bytes([byte]))
            time.sleep(0.1)

    return serve


@pytest.fixture
def caller() -> Iterator[Caller]:
    made = Caller("http://127.0.0.1")
    yield made
    made.close()


def _says(answer: bytes) -> Callable[[socket.socket], None]:
    def serve(made: socket.socket) -> None:
        _heard(made)
        made.sendall(answer)

    return serve


def test_an_answer_comes_as_it_is(caller: Caller) -> None:
    with server(_says(_OK)) as url:
        found = caller.call("POST", url, content=b"{}")
    assert isinstance(found, Answer)
    assert (found.status, found.body, found.headers["content-length"]) == (200, b"ok", "2")


def test_a_redirect_is_an_answer(caller: Caller) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with server(_says(moved)) as url:
        found = caller.call("POST", url)
    assert isinstance(found, Answer)
    assert (found.status, found.headers["location"]) == (302, "http://127.0.0.1:1/")


@pytest.mark.parametrize("what", [_OK[:30] * 9, _OK[:40] + b"0" * 400])
def test_a_drip_is_cut_off(caller: Caller, what: bytes) -> None:
    with server(_drip(what)) as url:
        start = time.monotonic()
        assert caller.call("GET", url, deadline=0.6) == NoAnswer("late", sent=True)
        assert time.monotonic() - start < 5
    with server(_says(_OK)) as url:  # and the next call is none the worse
        assert isinstance(caller.call("GET", url), Answer)


def test_too_much_is_not_read(caller: Caller) -> None:
    much = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000
    with server(_says(much)) as url:
        found = caller.call("GET", url, most_bytes=100_000)
    assert found == NoAnswer("large_answer", sent=True, status=200)


def test_what_was_not_asked_for_is_not_unpacked(caller: Caller) -> None:
    zipped = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"
    with server(_says(zipped)) as url:
        assert caller.call("GET", url) == NoAnswer("garbled", sent=True, status=200)


def test_nobody_there_got_nothing(caller: Caller) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert caller.call("POST", f"http://127.0.0.1:{port}") == NoAnswer("not_reached", sent=False)


def test_a_connection_that_ends_after_the_request_may_have_done_it(caller: Caller) -> None:
    def serve(made: socket.socket) -> None:
        _heard(made)

    with server(serve) as url:
        found = caller.call("POST", url, content=b"{}")
    assert isinstance(found, NoAnswer)
    assert (found.why, found.sent) == ("lost", True)


def test_no_error_tells_the_address(caller: Caller) -> None:
    found = caller.call("POST", "http://nowhere.invalid/rest/1/canary-secret/x")
    assert isinstance(found, NoAnswer)
    assert "canary" not in repr(found)
