"""The Bot API, every answer of it: what arrives, what is repeated, and what is told."""

import io
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from salesdesk.services import telegram, telegram_wire
from salesdesk.services.telegram import Telegram, TelegramError
from tests.emulators import telegram as emulators
from tests.emulators.telegram import TOKEN, Emulator, png


@pytest.fixture
def server() -> Iterator[Emulator]:
    with emulators.emulator() as made:
        made.chat(42)
        yield made


class Bot:
    """A bot whose waits cost no time, and what it was told."""

    def __init__(self, server: Emulator, deadline: float = 20.0, token: str = TOKEN) -> None:
        self.slept: list[float] = []
        self.moves: list[str] = []
        self.bot = Telegram(server.url, token, sleep=self.slept.append, deadline=deadline)

    def photo(self, chat: str = "42", caption: str = "Hello", thread: int | None = None) -> None:
        self.bot.send_picture(chat, png(), caption, thread=thread, moved=self.moves.append)

    def text(self, text: str = "Hello", chat: str = "42") -> None:
        self.bot.send_text(chat, text, moved=self.moves.append)

    def fails(self) -> TelegramError:
        with pytest.raises(TelegramError) as caught:
            self.photo()
        assert TOKEN not in str(caught.value) + caught.value.text()
        return caught.value


def test_what_is_sent_arrives_as_it_was(server: Emulator) -> None:
    bot = Bot(server)
    server.chat(-100, "Forum", topics=(7,))
    bot.photo(caption="<b>A &amp; B</b> 😀")
    bot.text("x &lt; y")
    bot.photo(chat="-100", thread=7)
    assert server.texts() == ["A & B 😀", "x < y", "Hello"]
    assert server.delivered[0].upload == png()
    assert server.delivered[0].file == "digest.png"
    assert server.delivered[2].fields["message_thread_id"] == "7"
    assert bot.bot.name() == "@desk_bot"


def test_the_chats_that_wrote_are_found(server: Emulator) -> None:
    server.updates = [
        {"update_id": 1, "message": {"chat": {"id": 5, "first_name": "Ann", "last_name": "Lee"}}},
        {"update_id": 2, "my_chat_member": {"chat": {"id": -7, "title": "Team"}}},
        {"update_id": 3, "message": {"chat": {"id": -9, "title": "Forum"}, "is_topic_message": True,
                                     "message_thread_id": 3}},
        {"update_id": 4, "message": {"chat": {"id": 5, "first_name": "Ann"}}},
        {"update_id": 5, "poll": {}}, "nonsense",
    ]  # fmt: skip
    found = Bot(server).bot.chats()
    assert [(chat.id, chat.name, chat.thread) for chat in found] == [
        ("5", "Ann", None), ("-9", "Forum", 3), ("-7", "Team", None)
    ]  # fmt: skip


def test_of_many_messages_the_latest_are_asked_for(server: Emulator) -> None:
    server.updates = [
        {"message": {"chat": {"id": n, "first_name": f"P{n}"}}} for n in range(1, 251)
    ]
    assert [chat.id for chat in Bot(server).bot.chats()] == [str(n) for n in range(250, 150, -1)]


@pytest.mark.parametrize(
    ("code", "says", "expected"),
    [
        (400, "Bad Request: chat not found", "chat"),
        (400, "Bad Request: can't parse entities: unclosed tag", "refused"),
        (400, "Bad Request: message text is empty", "refused"),
        (400, "Bad Request: message is too long", "refused"),
        (400, "Bad Request: message thread not found", "thread"),
        (401, "Unauthorized", "token"),
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "kicked"),
        (403, "Forbidden: bot can't initiate conversation with a user", "not_started"),
        (403, "Forbidden: not enough rights", "forbidden"),
        (404, "Not Found", "address"),
        (409, "Conflict: terminated by other getUpdates request", "polled"),
        (413, "Request Entity Too Large", "large"),
    ],
)
def test_a_refusal_is_told_and_not_repeated(
    server: Emulator, code: int, says: str, expected: str
) -> None:
    server.then(emulators.refuses(code, says))
    error = Bot(server).fails()
    assert (error.code, error.uncertain) == (expected, False)
    assert "{" not in error.text()
    assert len(server.requests) == 1
    assert not server.delivered


def test_a_wrong_token_and_a_wrong_path(server: Emulator) -> None:
    assert Bot(server, token="99:AAwrong").fails().code == "token"
    for wrong in ("nonsense", "12:a/b", "12:", ":ab", "12:a b", "12:é"):
        with pytest.raises(TelegramError) as caught:
            Telegram(server.url, wrong)
        assert caught.value.code == "bad_token"


def test_429_is_obeyed_up_to_a_limit(server: Emulator) -> None:
    bot = Bot(server)
    server.then(emulators.waits(17), emulators.waits(20))
    bot.photo()
    assert bot.slept == [17, 20]
    assert len(server.delivered) == 1
    server.then(emulators.waits(50), emulators.waits(50))
    error = bot.fails()
    assert (error.code, error.wait, error.uncertain) == ("wait", 50, False)
    assert bot.slept == [17, 20, 50]
    assert len(server.delivered) == 1
    server.then(emulators.refuses(429, "Too Many Requests"))
    bot.photo()
    assert bot.slept[-1] == 30


def test_a_group_that_moved_is_followed_once(server: Emulator) -> None:
    bot = Bot(server)
    server.chat(-1001)
    server.then(emulators.moves(-1001))
    bot.photo()
    assert bot.moves == ["-1001"]
    assert server.delivered[0].fields["chat_id"] == "-1001"
    server.then(emulators.moves(-1001), emulators.moves(-1002))
    assert bot.fails().code == "moved"
    assert len(server.delivered) == 1


@pytest.mark.parametrize(
    ("play", "expected"),
    [
        (emulators.refuses(500, "Internal Server Error"), "server"),
        (emulators.answers(502, b"<html>Bad gateway</html>", delivers=True), "server"),
        (emulators.answers(504, b"", delivers=True), "server"),
        (emulators.answers(503, b"{}"), "server"),
        (emulators.answers(200, b"<html>Log in</html>", delivers=True), "garbled"),
        (emulators.answers(200, b"[" * 100_000, delivers=True), "garbled"),
        (emulators.answers(200, b'{"ok": "yes"}', delivers=True), "garbled"),
        (emulators.answers(200, b"\x1f\x8b", True, Content_Encoding="gzip"), "garbled"),
        (emulators.answers(200, b" " * 5_000_000, delivers=True), "garbled"),
        (emulators.hangs_up(delivers=True), "lost"),
        (emulators.hangs_up(delivers=False), "lost"),
        (emulators.is_silent(8), "late"),
        (emulators.drips(8), "late"),
        (emulators.drips(8, headers=True), "late"),
    ],
)
def test_what_may_have_arrived_is_never_repeated(
    server: Emulator, play: emulators.Play, expected: str
) -> None:
    server.then(play)
    bot = Bot(server, deadline=1.0 if expected == "late" else 20.0)
    began = time.monotonic()
    error = bot.fails()
    assert (error.code, error.uncertain) == (expected, True)
    assert time.monotonic() - began < 5
    assert len(server.requests) == 1
    assert not bot.slept


def test_a_redirect_is_not_followed(server: Emulator) -> None:
    server.then(emulators.answers(302, b"", Location=f"{server.url}/elsewhere"))
    error = Bot(server).fails()
    assert (error.code, error.uncertain) == ("redirected", False)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "code"), [(413, "large"), (404, "address"), (403, "address")])
def test_what_stands_before_the_server_answers_in_html(
    server: Emulator, status: int, code: str
) -> None:
    server.then(emulators.answers(status, b"<html>No</html>"))
    error = Bot(server).fails()
    assert (error.code, error.uncertain) == (code, False)


def test_a_server_that_is_not_there_is_tried_three_times(server: Emulator) -> None:
    bot = Bot(server)
    bot.bot._server = "http://127.0.0.1:1"
    error = bot.fails()
    assert (error.code, error.uncertain) == ("not_reached", False)
    assert bot.slept == [1, 3]


def test_questions_are_repeated_since_they_change_nothing(server: Emulator) -> None:
    bot = Bot(server)
    server.then(emulators.hangs_up(False), emulators.answers(502, b""))
    assert bot.bot.name() == "@desk_bot"
    server.then(*[emulators.hangs_up(False)] * 3)
    with pytest.raises(TelegramError) as caught:
        bot.bot.name()
    assert (caught.value.code, caught.value.uncertain) == ("asked_in_vain", False)
    server.then(emulators.refuses(409, "Conflict: can't use getUpdates while webhook is active"))
    with pytest.raises(TelegramError, match="number of the chat by hand"):
        bot.bot.chats()


def test_the_token_is_in_no_log(server: Emulator) -> None:
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        bot = Bot(server)
        bot.photo()
        server.then(emulators.hangs_up(False))
        bot.fails()
        said = kept.getvalue()
        assert "sendPhoto" in said
        assert TOKEN not in said
        assert TOKEN.partition(":")[2] not in said
        control = logging.getLogger("elsewhere")
        control.info("POST /bot%s/getMe", TOKEN)  # a log that knows nothing of secrets
        assert TOKEN in kept.getvalue()
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert TOKEN not in repr(bot.bot)


def test_the_watch_ends_with_the_request(server: Emulator) -> None:
    Bot(server).photo()
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer)]


def test_the_description_is_kept_short(server: Emulator) -> None:
    server.then(emulators.refuses(400, "x" * 10_000))
    assert len(Bot(server).fails().text()) < 400


def test_limits_are_those_of_the_service() -> None:
    assert (telegram.PHOTO_BYTES, telegram.PHOTO_SIDES, telegram.PHOTO_RATIO) == (
        10_000_000, 10_000, 20
    )  # fmt: skip
    assert telegram_wire.DEADLINE <= 30
