"""The Bot API of Telegram on loopback, as far as SalesDesk can tell the difference.

Envelopes, multipart uploads, limits of texts and pictures, HTML entities, topics and chats are
judged as the real one does; ``then(...)`` lines up how the next requests are answered. What was
delivered is kept in ``delivered``, be it answered or not.
"""

import json
import re
import socket
import struct
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from html import unescape
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.emulators.serving import serving

TOKEN = "123456789:AAcanary_Q7-thisTokenIsNowhereElse"
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_TAG = re.compile(r"<(/?)([a-z]+)>")
_TAGS = frozenset({"b", "i", "u", "s", "code", "pre", "strong", "em"})

#: How a request is answered: gets the handler, the method and a way to deliver; ``True`` says that
#: nothing more is to be done.
Play = Callable[["Handler", str, Callable[[], Any]], None]


@dataclass
class Request:
    """A request as it came."""

    method: str
    fields: dict[str, str]
    upload: bytes | None = None
    file: str | None = None


@dataclass
class Chat:
    """A chat that the bot may write to."""

    id: int
    title: str
    kind: str = "private"
    topics: tuple[int, ...] = ()


class Refusal(Exception):
    """The API says no."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        self.code, self.description, self.parameters = code, description, parameters
        super().__init__(description)


@dataclass
class Emulator:
    """The state of the service."""

    port: int = 0
    token: str = TOKEN
    chats: dict[int, Chat] = field(default_factory=dict)
    updates: list[Any] = field(default_factory=list)
    plays: deque[Play] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    delivered: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def then(self, *plays: Play) -> None:
        """The next requests are answered so, one after the other; then as usual."""
        self.plays.extend(plays)

    def chat(self, number: int = 42, title: str = "Sales", **more: Any) -> Chat:
        made = self.chats[number] = Chat(number, title, **more)
        return made

    def texts(self) -> list[str]:
        """What was delivered, as people read it."""
        return [read_html(one.fields.get("text", one.fields.get("caption", "")))
                for one in self.delivered]  # fmt: skip

    # -- methods ------------------------------------------------------------------------------

    def answer(self, asked: Request) -> Any:
        """The result of a method; raises ``Refusal``."""
        if asked.method == "getMe":
            return {"id": 123456789, "is_bot": True, "username": "desk_bot", "first_name": "Desk"}
        if asked.method == "getUpdates":
            start = int(asked.fields.get("offset", 0))
            return self.updates[start if start < 0 else 0 :][:100]
        if asked.method == "sendMessage":
            self._judge_text(asked.fields.get("text", ""), 4096, "message")
        elif asked.method == "sendPhoto":
            self._judge_photo(asked)
            self._judge_text(asked.fields.get("caption", ""), 1024, "caption")
        elif asked.method == "sendDocument":
            if asked.upload is None or len(asked.upload) > 50_000_000:
                raise Refusal(413, "Request Entity Too Large")
            self._judge_text(asked.fields.get("caption", ""), 1024, "caption")
        else:
            raise Refusal(404, "Not Found: method not found")
        chat = self._chat(asked)
        self.delivered.append(asked)
        return {"message_id": len(self.delivered), "date": 1, "chat": {"id": chat.id}}

    def _chat(self, asked: Request) -> Chat:
        try:
            chat = self.chats[int(asked.fields["chat_id"])]
        except (KeyError, ValueError):
            raise Refusal(400, "Bad Request: chat not found") from None
        topic = asked.fields.get("message_thread_id")
        if topic is not None and int(topic) not in chat.topics:
            raise Refusal(400, "Bad Request: message thread not found")
        return chat

    def _judge_text(self, text: str, most: int, what: str) -> None:
        said = read_html(text)
        if not said.strip() and what == "message":
            raise Refusal(400, "Bad Request: message text is empty")
        if len(said.encode("utf-16-le")) // 2 > most:
            raise Refusal(400, f"Bad Request: {what} is too long")

    def _judge_photo(self, asked: Request) -> None:
        if asked.upload is None:
            raise Refusal(400, "Bad Request: there is no photo in the request")
        if len(asked.upload) > 10_000_000:
            raise Refusal(413, "Request Entity Too Large")
        if asked.upload[:8] != b"\x89PNG\r\n\x1a\n":
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        width, height = struct.unpack(">II", asked.upload[16:24])
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")


def read_html(text: str) -> str:
    """The text after its entities were parsed; raises ``Refusal`` as the API does."""
    open_tags: list[str] = []
    count = 0

    def tag(found: re.Match[str]) -> str:
        nonlocal count
        closes, name = found[1], found[2]
        if name not in _TAGS:
            raise Refusal(
                400, f'Bad Request: can\'t parse entities: unsupported start tag "{name}"'
            )
        if not closes:
            count += 1
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            raise Refusal(400, "Bad Request: can't parse entities: unmatched end tag")
        return ""

    bare = _TAG.sub(tag, text)
    if open_tags:
        raise Refusal(400, "Bad Request: can't parse entities: can't find end tag")
    if "<" in bare or ">" in bare or "&" in _ENTITY.sub("", bare):
        raise Refusal(400, "Bad Request: can't parse entities: unescaped sign")
    if count > 100:
        raise Refusal(400, "Bad Request: can't parse entities: too many entities")
    return unescape(bare)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    emulator: Emulator
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        self.close_connection = True
        asked = self._asked()
        parts = urlsplit(self.path).path.split("/")
        emulator = self.emulator
        emulator.requests.append(asked)
        if len(parts) != 3 or not re.fullmatch(r"bot\d+:[\w-]+", parts[1]):
            self.refuse(Refusal(404, "Not Found"))
            return
        if parts[1] != f"bot{emulator.token}":
            self.refuse(Refusal(401, "Unauthorized"))
            return
        asked.method = parts[2]
        if emulator.plays:
            emulator.plays.popleft()(self, asked.method, lambda: emulator.answer(asked))
            return
        try:
            self.give(emulator.answer(asked))
        except Refusal as error:
            self.refuse(error)

    def _asked(self) -> Request:
        kind = self.headers.get("Content-Type", "")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if kind.startswith("multipart/form-data"):
            return _read_multipart(kind, body)
        if kind.startswith("application/json"):
            return Request("", {name: str(value) for name, value in json.loads(body).items()})
        found = parse_qs(body.decode(), keep_blank_values=True)
        return Request("", {name: values[0] for name, values in found.items()})

    # -- answers ------------------------------------------------------------------------------

    def give(self, result: Any) -> None:
        """Success."""
        self.reply(200, {"ok": True, "result": result})

    def refuse(self, error: Refusal) -> None:
        """Failure, in the envelope of the API."""
        document: dict[str, Any] = {
            "ok": False, "error_code": error.code, "description": error.description,
        }  # fmt: skip
        if error.parameters:
            document["parameters"] = error.parameters
        self.reply(error.code, document)

    def reply(self, status: int, document: Any) -> None:
        """Any status with a JSON body (or bytes)."""
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def hang_up(self) -> None:
        """End the connection, as a server that fell over does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _read_multipart(kind: str, body: bytes) -> Request:
    whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=HTTP)
    made = Request("", {})
    for part in whole.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            made.upload, made.file = content, part.get_filename()
        else:
            made.fields[name] = content.decode("utf-8")
    return made


# -- ways to answer -------------------------------------------------------------------------------


def refuses(code: int, description: str, **parameters: Any) -> Play:
    """An error in the envelope; nothing is delivered."""
    return lambda handler, _method, _deliver: handler.refuse(
        Refusal(code, description, **parameters)
    )


def waits(seconds: int) -> Play:
    """429."""
    return refuses(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def moves(number: int) -> Play:
    """The group is a supergroup now."""
    return refuses(
        400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=number
    )


def answers(status: int, body: bytes, delivers: bool = False, **headers: str) -> Play:
    """Anything at all, HTML of a proxy for example."""

    def play(handler: Handler, _method: str, deliver: Callable[[], Any]) -> None:
        if delivers:
            deliver()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return play


def hangs_up(delivers: bool) -> Play:
    """The connection ends without an answer."""

    def play(handler: Handler, _method: str, deliver: Callable[[], Any]) -> None:
        if delivers:
            deliver()
        handler.hang_up()

    return play


def is_silent(seconds: float, delivers: bool = True) -> Play:
    """Delivered, and no answer for so long."""

    def play(handler: Handler, _method: str, deliver: Callable[[], Any]) -> None:
        if delivers:
            deliver()
        time.sleep(seconds)
        handler.hang_up()

    return play


def is_slow(seconds: float) -> Play:
    """As usual, after a while."""

    def play(handler: Handler, _method: str, deliver: Callable[[], Any]) -> None:
        time.sleep(seconds)
        handler.give(deliver())

    return play


def drips(seconds: float, headers: bool = False) -> Play:
    """Delivered, and the answer comes byte by byte without an end."""

    def play(handler: Handler, _method: str, deliver: Callable[[], Any]) -> None:
        deliver()
        end = time.monotonic() + seconds
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: " if headers
                            else b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")  # fmt: skip
        try:
            while time.monotonic() < end:
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:  # the other side has had enough
            return

    return play


@contextmanager
def emulator() -> Iterator[Emulator]:
    """The service, answering while the block runs."""
    state = Emulator()
    with serving(Handler, emulator=state) as state.port:
        yield state


def png(width: int = 8, height: int = 8) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    raw = zlib.compress((b"\0" + b"\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")
