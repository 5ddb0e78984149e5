"""Sending a digest to a place, exactly once.

``sending`` is written before anything goes out, in a transaction that looks whether it went out
already, so that two processes never both send. What became of it is written after: ``sent``,
``failed`` (nothing arrived), ``unknown`` (it may have arrived; not repeated by itself) or
``skipped``. A ``sending`` that nobody finished is ``unknown`` after a while: it was cut off.
"""

import json
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Reader, Store
from salesdesk.moments import SECOND
from salesdesk.services import digest_days, digest_text, secrets, telegram
from salesdesk.services.digest import (
    FOLDER,
    Digest,
    Target,
    choices,
    days_off,
    find_target,
    migrated,
    targets,
)
from salesdesk.services.digest_days import Part
from salesdesk.services.secrets import redacted
from salesdesk.services.telegram import Telegram, TelegramError
from salesdesk.text import N_, tr

SENDING, SENT, FAILED, UNKNOWN, SKIPPED = "sending", "sent", "failed", "unknown", "skipped"
STATES: dict[str, str] = {
    SENDING: N_("Being sent"),
    SENT: N_("Sent"),
    FAILED: N_("Failed"),
    UNKNOWN: N_("It may have arrived"),
    SKIPPED: N_("Skipped"),
}
#: A send that is not finished after so long was cut off.
CUT_OFF = 15 * 60 * SECOND
#: What failed for now is tried again after so many minutes, the last one again and again.
_AGAIN = (2, 5, 15, 30, 60)
_MINUTE = 60 * SECOND
#: A PNG begins with so many bytes before anything else: its signature, width and height.
_PNG_HEAD = 24
#: Reasons of our own, beside those of Telegram.
WORDS: dict[str, str] = {
    **telegram.WORDS,
    "partly": N_("A part of it arrived, the rest did not ({why}). It is not sent again by itself."),
    "cut_off": N_("The program ended while it was being sent: it may have arrived. It is not sent "
                  "again by itself."),
    "missed": N_("Nothing was running when it was due."),
    "file": N_("{file} cannot be written ({reason})."),
    "keyring": N_("The token of the bot cannot be read: {says}"),
}  # fmt: skip
#: Failures after which the same is tried again by itself.
_PASSING = telegram.PASSING | {"file", "keyring"}


class Writes(Protocol):
    """Runs ``run(store)`` where writing is done (the writer thread of the window), and answers."""

    def __call__(self, run: Callable[[Store], Any], /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a digest at a place. ``code`` is a key of ``WORDS`` (empty: all is well),
    ``again`` the moment from which on it is tried again by itself, ``tries`` how often it was."""

    state: str
    code: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    again: int | None = None
    tries: int = 0

    def words(self) -> str:
        """A sentence for people; empty when it simply went out."""
        return tr(WORDS[self.code], **self.values) if self.code in WORDS else self.code

    def written(self) -> str | None:
        """As the database keeps it beside the state."""
        if not self.code:
            return None
        kept = {"code": self.code, "values": self.values, "again": self.again, "tries": self.tries}
        return redacted(json.dumps(kept, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Record:
    """What the database knows of a digest at a place."""

    id: int
    kind: str
    day: int
    target_id: int
    at: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Owed:
    """A digest that is to go out now, and where; ``skips``: it was missed and is only noted."""

    part: Part
    targets: tuple[Target, ...]
    skips: bool = False


# --- reading -------------------------------------------------------------------------------------


def records(r: Any, *, days: Iterable[int] = (), limit: int = 200) -> list[Record]:
    """What was sent, the newest first; of these days, or the latest."""
    wanted = list(days)
    sql = "SELECT id, kind, day, target_id, at, state, detail FROM digest_sent WHERE "
    if wanted:
        rows = r.rows_of(f"{sql} day IN ({{ids}}) AND deleted_at IS NULL", wanted)
    else:
        rows = r.rows(f"{sql} deleted_at IS NULL ORDER BY day DESC, id DESC LIMIT ?", (limit,))
    found = [
        Record(key, kind, day, target, at, _outcome(state, detail))
        for key, kind, day, target, at, state, detail in rows
    ]
    return sorted(found, key=lambda each: (-each.day, -each.id))


def _outcome(state: str, detail: str | None) -> Outcome:
    try:
        kept = json.loads(detail) if detail else {}
        return Outcome(
            state, str(kept.get("code", "")), dict(kept.get("values", {})),
            kept.get("again"), int(kept.get("tries", 0)),
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError):
        return Outcome(state, str(detail))


def owed(r: Reader, *, now: int, since: int = 0, any_hour: bool = False) -> list[Owed]:
    """What is to go out at ``now``: of each kind the latest that is due, to the places in use that
    do not have it. Nothing that was due before ``since``, or before a place was added.

    ``any_hour``: today's is due whatever the time of day (a scheduler asked for it).
    """
    wanted = choices(r)
    minute = 0 if any_hour else wanted.minute
    due = digest_days.due(r.zone, now, minute, days_off(r))
    known = {
        (each.kind, each.day, each.target_id): each.outcome
        for each in records(r, days=sorted({part.day for part in due}))
    }
    today = r.zone.day_of(now)
    found: list[Owed] = []
    for part in due:
        late = part.day < today
        moment = digest_days.at(r.zone, part.day, wanted.minute)
        asked = any_hour and not late
        going = tuple(
            target
            for target in targets(r)
            if target.active
            and (asked or moment >= max(since, target.made))
            and _wants(known.get((part.kind, part.day, target.id)), now)
        )
        if going:
            found.append(Owed(part, going, skips=late and not wanted.sends_missed))
    return found


def _wants(outcome: Outcome | None, now: int) -> bool:
    """Whether a place still gets a digest by itself."""
    if outcome is None:
        return True
    return outcome.state == FAILED and outcome.again is not None and outcome.again <= now


# --- what is written -----------------------------------------------------------------------------


class _NotNow(Exception):
    """It went out already, or somebody else is at it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__()


def claim(
    store: Store,
    part: Part,
    target_id: int,
    *,
    person: int | None,
    now: int,
    repeat: bool = False,
    origin: str = "rule",
) -> tuple[int, int] | Outcome:
    """Write that a digest is about to go to a place: the id of the record and how often it was
    tried before. What stands there instead, when it went out already, may have, was skipped or is
    being sent; ``repeat``: a person wants it all the same (but never beside one being sent)."""
    try:
        with store.command("digest.send", now=now, person=person, origin=origin) as tx:
            row = tx.row(
                "SELECT id, state, detail, at FROM digest_sent WHERE kind = ? AND day = ? "
                "AND target_id = ? AND deleted_at IS NULL ORDER BY id DESC LIMIT 1",
                (part.kind, part.day, target_id),
            )
            there = None if row is None else _outcome(row[1], row[2])
            if row is not None and there is not None:
                if there.state == SENDING and now - row[3] < CUT_OFF:
                    raise _NotNow(there)
                if not repeat and there.state != FAILED:
                    raise _NotNow(there)
            tries = 0 if there is None else there.tries
            fields = {"state": SENDING, "at": now, "person_id": person, "detail": None}
            if row is None:
                about = {"kind": part.kind, "day": part.day, "target_id": target_id}
                [key] = tx.insert("digest_sent", [{**about, **fields}])
            else:
                key = row[0]
                tx.update("digest_sent", [{"id": key, **fields}])
            tx.set_detail(title=find_target(tx, target_id).name)
    except _NotNow as known:
        return known.outcome
    return key, tries


def settle(store: Store, record_id: int, outcome: Outcome, *, now: int) -> None:
    """Write what became of it; a record that says something else by now stays as it is."""
    with store.command("digest.outcome", now=now, person=None, origin="rule") as tx:
        state = tx.value("SELECT state FROM digest_sent WHERE id = ?", (record_id,))
        if state in (SENDING, UNKNOWN):
            row = {"id": record_id, "state": outcome.state, "detail": outcome.written(), "at": now}
            tx.update("digest_sent", [row])


def settle_cut_off(store: Store, *, now: int) -> int:
    """Call unknown what was begun and never finished; how many those are."""
    with store.read() as r:
        found = r.rows(
            "SELECT s.id, t.kind FROM digest_sent s LEFT JOIN digest_target t "
            "ON t.id = s.target_id WHERE s.state = ? AND s.at <= ? AND s.deleted_at IS NULL",
            (SENDING, now - CUT_OFF),
        )
    for key, kind in found:
        again = kind == FOLDER  # writing the same files once more harms nobody
        settle(store, key, Outcome(FAILED if again else UNKNOWN, "cut_off",
                                   again=now if again else None), now=now)  # fmt: skip
    return len(found)


def skip(store: Store, part: Part, target_id: int, *, now: int) -> None:
    """Note that a digest was missed and is not sent any more."""
    claimed = claim(store, part, target_id, person=None, now=now)
    if not isinstance(claimed, Outcome):
        settle(store, claimed[0], Outcome(SKIPPED, "missed"), now=now)


# --- sending -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sender:
    """What sending takes: where to write, the clock, and the bot (or why there is none)."""

    write: Writes
    clock: Callable[[], int]
    bot: Callable[[], Telegram]
    person: int | None = None
    origin: str = "rule"


def send(
    sender: Sender, digest: Digest, png: bytes, target: Target, *, repeat: bool = False
) -> Outcome:
    """Send a digest with its picture to a place, unless it went there already; what became of it.

    What goes wrong on the way is told by the outcome, and kept in the database. Raises ``NotFound``
    for a place that is gone.
    """
    claimed = sender.write(
        lambda store: claim(
            store, digest.part, target.id,
            person=sender.person, now=sender.clock(), repeat=repeat, origin=sender.origin,
        )
    )  # fmt: skip
    if isinstance(claimed, Outcome):
        return claimed
    key, tries = claimed
    if target.kind == FOLDER:
        outcome = _write_files(digest, png, target)
    else:
        outcome = _send_to_chat(sender, digest, png, target)
    now = sender.clock()
    if outcome.state == FAILED and outcome.code in _PASSING:
        wait = int(outcome.values.get("seconds", 0)) * SECOND
        pause = _AGAIN[min(tries, len(_AGAIN) - 1)] * _MINUTE
        outcome = Outcome(FAILED, outcome.code, outcome.values, now + max(wait, pause), tries + 1)
    sender.write(lambda store: settle(store, key, outcome, now=now))
    return outcome


def _write_files(digest: Digest, png: bytes, target: Target) -> Outcome:
    from salesdesk.services import digest_files

    try:
        digest_files.write(target.address, digest, png)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Outcome(FAILED, "file", {"file": target.address, "reason": reason})
    return Outcome(SENT)


def _send_to_chat(sender: Sender, digest: Digest, png: bytes, target: Target) -> Outcome:
    """The picture with the first of the text, then the rest of it."""
    arrived = 0
    place = [target.address]

    def moved(number: str) -> None:
        place[0] = number
        now = sender.clock()
        sender.write(lambda store: migrated(store, target.id, number, now=now))

    first, *rest = digest_text.pieces(digest.text, digest_text.CAPTION, digest_text.MESSAGE)
    try:
        bot = sender.bot()
        bot.send_picture(
            place[0], png, digest_text.html(first),
            thread=target.thread, whole=_is_long(png), moved=moved,
        )  # fmt: skip
        for piece in rest:
            arrived += 1
            bot.send_text(place[0], digest_text.html(piece), thread=target.thread, moved=moved)
    except TelegramError as error:
        values = {name: redacted(str(value)) for name, value in error.values.items()}
        if arrived:
            return Outcome(UNKNOWN, "partly", {"why": redacted(error.text())})
        return Outcome(UNKNOWN if error.uncertain else FAILED, error.code, values)
    except SalesDeskError as error:
        return Outcome(FAILED, "keyring", {"says": redacted(error.text())})
    return Outcome(SENT)


def _is_long(png: bytes) -> bool:
    """Whether a picture is larger than Telegram shows photos (a team of many): then it goes as a
    file, which can be enlarged until it can be read."""
    return len(png) >= _PNG_HEAD and max(struct.unpack(">II", png[16:24])) > telegram.PHOTO_SHOWN


def bot_of(store: Store) -> Telegram:
    """The bot of the workspace, with the token in this machine's keyring. Raises ``NoKeyring``, and
    ``TelegramError`` where there is no token."""
    with store.read() as r:
        server, token = choices(r).server, secrets.get(r, secrets.TELEGRAM)
    if token is None:
        raise TelegramError("no_token")
    return Telegram(server, token)
