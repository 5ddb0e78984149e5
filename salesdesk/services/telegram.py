"""The Bot API of Telegram: who the bot is, which chats it knows, and sending texts and pictures.

The API has no way to tell a message that was sent twice from two messages. So a send is repeated
only where it is certain that the one before did not arrive: the server could not be reached, or it
said 429 (wait) or that the chat has another number. Everything else ends in a ``TelegramError``
that says whether it may have arrived.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import SalesDeskError
from salesdesk.services import telegram_wire
from salesdesk.services.secrets import hide, redacted
from salesdesk.services.telegram_wire import NoReply, Reply, Upload
from salesdesk.text import N_, tr

#: Limits of what is uploaded as a picture.
PHOTO_BYTES = 10_000_000
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20
#: Photos are shown not longer than this (pixels): what is longer cannot be read as a photo.
PHOTO_SHOWN = 2560
#: So long is waited altogether because Telegram asks for it (seconds); beyond that it is told.
LONGEST_WAIT = 60
#: Between two attempts to reach a server that does not answer at all.
_PAUSES = (1, 3)
_TOKEN_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

#: What became of a request, by a word that is kept in the database: a sentence each.
WORDS: dict[str, str] = {
    "not_reached": N_("Telegram could not be reached; nothing was sent."),
    "wait": N_("Telegram asks to wait {seconds} s; nothing was sent."),
    "token": N_("Telegram does not accept the token of the bot: enter it again in the settings."),
    "address": N_("Nothing answers there as Telegram does (404): the token or the address of the "
                  "server is wrong."),
    "blocked": N_("The bot was blocked: the person in this chat has to press Start again."),
    "kicked": N_("The bot was removed from this chat: add it there again."),
    "not_started": N_("The bot may not write first: the person has to open it and press Start."),
    "forbidden": N_("Telegram forbids it: {says}."),
    "chat": N_("Telegram knows no such chat: look it up again in the settings."),
    "thread": N_("There is no such topic in the chat: choose the chat again in the settings."),
    "refused": N_("Telegram refused it: {says}."),
    "large": N_("The picture is too large for the server; nothing was sent."),
    "polled": N_("Another program reads the messages of this bot, or it has a webhook: enter the "
                 "number of the chat by hand."),
    "redirected": N_("The server leads elsewhere ({status}): enter its present address in the "
                     "settings. Nothing was sent."),
    "moved": N_("The chat has another number, and that one moved as well; nothing was sent."),
    "late": N_("No answer came in time: it may have arrived. It is not sent again by itself."),
    "lost": N_("The connection broke off: it may have arrived. It is not sent again by itself."),
    "server": N_("The server failed ({status}): it may have arrived. It is not sent again by "
                 "itself."),
    "garbled": N_("The answer makes no sense: it may have arrived. It is not sent again by "
                  "itself."),
    "asked_in_vain": N_("Telegram did not answer ({why}); try again later."),
    "no_token": N_("The token of the bot is missing: enter it in the settings."),
    "bad_token": N_("This is no token of a bot: it looks like 123456:ABC-DEF."),
}  # fmt: skip
#: After these nothing has arrived, and the same may go through later by itself.
PASSING = frozenset({"not_reached", "wait"})
_UNCERTAIN = frozenset({"late", "lost", "server", "garbled"})


class TelegramError(SalesDeskError):
    """A request that failed. ``code`` is a key of ``WORDS``, ``wait`` how long to wait (seconds).

    ``uncertain``: it may have arrived all the same.
    """

    def __init__(self, code: str, /, wait: int = 0, **values: object) -> None:
        self.code, self.wait = code, wait
        self.uncertain = code in _UNCERTAIN
        super().__init__(N_("Telegram"), WORDS[code], **values)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that the bot has heard of: its number, what it is called, and the topic (if any)."""

    id: str
    name: str
    thread: int | None = None


def checked_token(token: str) -> str:
    """A token as the API makes them; raises ``TelegramError``."""
    wanted = token.strip()
    number, colon, rest = wanted.partition(":")
    if not (number.isascii() and number.isdecimal() and colon and rest) or not (
        set(rest) <= _TOKEN_SIGNS and len(wanted) <= 200
    ):
        raise TelegramError("bad_token")
    return wanted


class Telegram:
    """One bot on one server. ``sleep(seconds)`` is handed in; ``deadline`` is that of one
    request (seconds)."""

    def __init__(
        self,
        server: str,
        token: str,
        *,
        sleep: Callable[[float], object] = time.sleep,
        deadline: float = telegram_wire.DEADLINE,
    ) -> None:
        self._server, self._token = server.rstrip("/"), checked_token(token)
        self._sleep, self._deadline = sleep, deadline
        hide(self._token)

    def __repr__(self) -> str:
        return "Telegram(…)"

    # -- asking -------------------------------------------------------------------------------

    def name(self) -> str:
        """The bot's public name (``getMe``): whether the token is good. Raises TelegramError."""
        found = self._asked("getMe", {})
        name = found.get("username") if isinstance(found, dict) else None
        return f"@{name}" if name else tr("the bot")

    def chats(self) -> list[Chat]:
        """The chats in which somebody wrote to the bot (or pressed Start) in the last day, the
        latest first. Raises TelegramError."""
        found = self._asked(
            "getUpdates",
            # from the end: of more than a hundred the latest
            {
                "offset": "-100",
                "timeout": "0",
                "allowed_updates": '["message","channel_post","my_chat_member"]',
            },
        )
        known: dict[tuple[str, int | None], Chat] = {}
        for update in reversed(found if isinstance(found, list) else []):
            chat = _chat_of(update)
            if chat is not None:
                known.setdefault((chat.id, chat.thread), chat)
        return list(known.values())

    def _asked(self, method: str, fields: Mapping[str, str]) -> Any:
        """Ask for something; nothing is changed by it, so a failure is one more reason to ask
        again."""
        for pause in (*_PAUSES, None):
            reply = self._call(method, fields)
            if isinstance(reply, Reply) and reply.ok:
                return reply.result
            error = _error_of(reply)
            if pause is None or not (error.uncertain or error.code == "not_reached"):
                if error.uncertain:
                    raise TelegramError("asked_in_vain", why=error.code) from None
                raise error
            self._sleep(pause)
        raise AssertionError  # pragma: no cover - the loop ends by raising

    # -- sending ------------------------------------------------------------------------------

    def send_text(
        self, chat: str, text: str, *, thread: int | None = None, moved: Callable[[str], object]
    ) -> None:
        """Send a text in HTML. ``moved(number)`` is called when the chat has another number (it is
        sent there then). Raises TelegramError."""
        fields = {"text": text, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
        self._send("sendMessage", chat, thread, fields, None, moved)

    def send_picture(
        self,
        chat: str,
        png: bytes,
        caption: str,
        *,
        thread: int | None = None,
        whole: bool = False,
        moved: Callable[[str], object],
    ) -> None:
        """Send a picture with a text in HTML below it; ``whole``: as a file, which Telegram leaves
        as large as it is. Raises TelegramError."""
        fields = {"caption": caption, "parse_mode": "HTML"}
        method, part = ("sendDocument", "document") if whole else ("sendPhoto", "photo")
        self._send(method, chat, thread, fields, (part, png, "digest.png"), moved)

    def _send(
        self, method: str, chat: str, thread: int | None, fields: dict[str, str],
        upload: Upload | None, moved: Callable[[str], object],
    ) -> None:  # fmt: skip
        pauses, waited, number = list(_PAUSES), 0, chat
        while True:
            where = {"chat_id": number}
            if thread is not None:
                where["message_thread_id"] = str(thread)
            reply = self._call(method, {**where, **fields}, upload)
            if isinstance(reply, Reply) and reply.ok:
                return
            other = _migrated_to(reply)
            if other is not None:
                if number != chat:
                    raise TelegramError("moved")
                number = other
                moved(other)
                continue
            error = _error_of(reply)
            if error.code == "wait" and waited + error.wait <= LONGEST_WAIT:
                waited += error.wait
                self._sleep(error.wait)
            elif error.code == "not_reached" and pauses:
                self._sleep(pauses.pop(0))
            else:
                raise error

    def _call(
        self, method: str, fields: Mapping[str, str], upload: Upload | None = None
    ) -> Reply | NoReply:
        return telegram_wire.ask(
            self._server, self._token, method, fields, upload, deadline=self._deadline
        )


_NO_PREVIEW = '{"is_disabled":true}'


def _migrated_to(reply: Reply | NoReply) -> str | None:
    """The number that a group has since it is a supergroup."""
    if isinstance(reply, NoReply) or reply.ok:
        return None
    found = reply.parameters.get("migrate_to_chat_id")
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else None


def _error_of(reply: Reply | NoReply) -> TelegramError:
    """What went wrong."""
    if isinstance(reply, NoReply):
        return _error_of_silence(reply)
    status, says = reply.status, redacted(reply.description).rstrip(". ") or str(reply.status)
    lower = says.lower()
    if status == 429:
        asked = reply.parameters.get("retry_after")
        wait = asked if isinstance(asked, int) and 0 < asked < 10**6 else 30
        return TelegramError("wait", wait, seconds=wait)
    if status >= 500:
        return TelegramError("server", status=status)
    fixed = {401: "token", 404: "address", 409: "polled", 413: "large"}
    if status in fixed:
        return TelegramError(fixed[status])
    for part, code in _SAYINGS.get(status, {}).items():
        if part in lower:
            return TelegramError(code)
    return TelegramError("forbidden" if status == 403 else "refused", says=says)


#: What Telegram says, in part, by status.
_SAYINGS: dict[int, dict[str, str]] = {
    400: {"chat not found": "chat", "message thread not found": "thread"},
    403: {
        "blocked by the user": "blocked",
        "kicked": "kicked",
        "not a member": "kicked",
        "initiate conversation": "not_started",
        "user is deactivated": "blocked",
    },
}


def _error_of_silence(reply: NoReply) -> TelegramError:
    status = reply.status
    if reply.why == "redirected":
        return TelegramError("redirected", status=status)
    if not reply.sent:
        return TelegramError("not_reached")
    if status is not None and status >= 500:
        return TelegramError("server", status=status)
    if status == 413:  # said by what stands before the server, in HTML
        return TelegramError("large")
    if reply.why in ("garbled", "large_answer"):
        return TelegramError("address" if status in (401, 403, 404) else "garbled")
    return TelegramError(reply.why if reply.why in _UNCERTAIN else "lost")


def _chat_of(update: Any) -> Chat | None:
    """The chat of an update, if it has one that can be written to."""
    if not isinstance(update, dict):
        return None
    for key in ("message", "channel_post", "my_chat_member"):
        about = update.get(key)
        chat = about.get("chat") if isinstance(about, dict) else None
        if isinstance(about, dict) and isinstance(chat, dict) and isinstance(chat.get("id"), int):
            parts = (chat.get("first_name"), chat.get("last_name"))
            name = chat.get("title") or " ".join(str(part) for part in parts if part)
            topic = about.get("message_thread_id") if about.get("is_topic_message") else None
            return Chat(
                str(chat["id"]), str(name or chat.get("username") or chat["id"])[:120],
                topic if isinstance(topic, int) else None,
            )  # fmt: skip
    return None
