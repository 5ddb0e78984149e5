"""A digest goes out once: whatever answers come, whoever else is at it, whenever it is killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.moments import SECOND
from salesdesk.services import (
    digest,
    digest_days,
    digest_files,
    digest_sending,
    digest_text,
    history,
    settings,
)
from salesdesk.services.digest import Digest, Target
from salesdesk.services.digest_sending import Outcome, Sender
from salesdesk.services.secrets import NoKeyring
from salesdesk.services.telegram import Telegram
from tests.builders import Desk, empty_store
from tests.emulators import telegram as emulators
from tests.emulators.telegram import TOKEN, Emulator, png
from tests.latest import undo_last
from tests.services.digest_process import NOW as PROCESS_NOW

MONDAY = date(2026, 11, 23).toordinal()
MINUTE = 60 * SECOND


class Post:
    """A workspace with a place or two, a clock, and a bot on loopback."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.store = empty_store(folder)
        Desk(self.store)
        self.server = server
        self.slept: list[float] = []
        self.deadline = 20.0
        self.at("2026-11-20T10:00")

    def at(self, text: str) -> int:
        """It is now so late."""
        self.now = self.store.zone.moment(datetime.fromisoformat(text))
        return self.now

    def chat(self, address: str = "42", name: str = "Sales", **more: Any) -> Target:
        saved = digest.add_target(
            self.store, "telegram", name, address, person=None, now=self.now, **more
        )
        return self.place(saved.id)

    def folder(self, path: Path) -> Target:
        saved = digest.add_target(
            self.store, "folder", path.name, str(path), person=None, now=self.now
        )
        return self.place(saved.id)

    def place(self, key: int) -> Target:
        with self.store.read() as r:
            return digest.find_target(r, key)

    def sender(self) -> Sender:
        return Sender(
            write=lambda run: run(self.store), clock=lambda: self.now,
            bot=lambda: Telegram(
                self.server.url, TOKEN, sleep=self.slept.append, deadline=self.deadline
            ),
        )  # fmt: skip

    def send(self, target: Target, *, lines: int = 1, day: int = MONDAY, **more: Any) -> Outcome:
        text = tuple((digest_text.Span(f"Line {n} " + "x" * 60),) for n in range(lines))
        return digest_sending.send(self.sender(), Digest(part(day), text), png(), target, **more)

    def owed(self, **more: Any) -> list[tuple[str, str, tuple[str, ...], bool]]:
        with self.store.read() as r:
            return [
                (each.part.kind, date.fromordinal(each.part.day).isoformat(),
                 tuple(target.name for target in each.targets), each.skips)
                for each in digest_sending.owed(r, now=self.now, **more)
            ]  # fmt: skip

    def states(self) -> list[tuple[str, str]]:
        with self.store.read() as r:
            return [(each.outcome.state, each.outcome.code) for each in digest_sending.records(r)]


def part(day: int, kind: str = "days") -> digest_days.Part:
    found = digest_days.part(kind, day)
    assert found is not None
    return found


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with emulators.emulator() as server:
        server.chat(42)
        made = Post(tmp_path, server)
        yield made
        made.store.close()


def test_what_was_sent_is_not_sent_again(post: Post) -> None:
    chat = post.chat()
    assert post.send(chat) == Outcome("sent")
    assert post.send(chat) == Outcome("sent")
    assert len(post.server.delivered) == 1
    assert post.states() == [("sent", "")]
    assert post.send(chat, repeat=True).state == "sent"
    assert len(post.server.delivered) == 2


def test_sending_is_written_before_anything_goes_out(post: Post) -> None:
    seen: list[list[tuple[str, str]]] = []
    chat = post.chat()

    def look(handler: Any, _method: str, deliver: Any) -> None:
        seen.append(post.states())
        handler.give(deliver())

    post.server.then(look)
    post.send(chat)
    assert seen == [[("sending", "")]]


def test_a_long_text_comes_in_pieces_after_the_picture(post: Post) -> None:
    assert post.send(post.chat(), lines=150).state == "sent"
    sizes = [len(text) for text in post.server.texts()]
    assert len(sizes) == 4
    assert sizes[0] <= 1024
    assert max(sizes) <= 4096
    said = "\n".join(post.server.texts()).splitlines()
    assert [line.split()[1] for line in said] == [str(n) for n in range(150)]


def test_a_picture_too_long_to_be_read_goes_as_a_file(post: Post) -> None:
    chat = post.chat()
    made = Digest(part(MONDAY), ((digest_text.Span("Hello"),),))
    digest_sending.send(post.sender(), made, png(1440, 2560), chat)
    digest_sending.send(post.sender(), made, png(1440, 2561), chat, repeat=True)
    assert [one.method for one in post.server.delivered] == ["sendPhoto", "sendDocument"]
    assert post.server.texts() == ["Hello", "Hello"]


def test_a_part_that_did_not_arrive_leaves_the_whole_unknown(post: Post) -> None:
    post.server.then(emulators.is_slow(0), emulators.refuses(403, "Forbidden: bot was kicked"))
    outcome = post.send(post.chat(), lines=60)
    assert (outcome.state, outcome.code) == ("unknown", "partly")
    assert "removed from this chat" in outcome.words()
    assert post.owed() == []


@pytest.mark.parametrize(
    ("play", "state", "code", "tried_again"),
    [
        (emulators.refuses(400, "Bad Request: chat not found"), "failed", "chat", False),
        (emulators.refuses(401, "Unauthorized"), "failed", "token", False),
        (emulators.refuses(403, "Forbidden: bot was blocked by the user"), "failed", "blocked",
         False),
        (emulators.refuses(404, "Not Found"), "failed", "address", False),
        (emulators.refuses(413, "Request Entity Too Large"), "failed", "large", False),
        (emulators.waits(100), "failed", "wait", True),
        (emulators.answers(302, b"", Location="https://example.org"), "failed", "redirected",
         False),
        (emulators.refuses(500, "Internal Server Error"), "unknown", "server", False),
        (emulators.answers(502, b"<html>", delivers=True), "unknown", "server", False),
        (emulators.hangs_up(True), "unknown", "lost", False),
        (emulators.is_silent(8), "unknown", "late", False),
        (emulators.answers(200, b"<html>", delivers=True), "unknown", "garbled", False),
    ],
)  # fmt: skip
def test_every_answer_has_its_state(
    post: Post, play: emulators.Play, state: str, code: str, tried_again: bool
) -> None:
    chat = post.chat()
    post.at("2026-11-23T09:00")
    post.server.then(play)
    post.deadline = 1.0 if code == "late" else 20.0
    outcome = post.send(chat)
    post.deadline = 20.0
    assert (outcome.state, outcome.code) == (state, code)
    assert outcome.words()
    assert "{" not in outcome.words()
    before = len(post.server.requests)
    post.now += 3 * 60 * MINUTE
    owed = [each for each in post.owed() if each[0] == "days"]
    assert bool(owed) == tried_again
    if state == "unknown":
        assert post.send(chat).state == "unknown"
        assert len(post.server.requests) == before
        assert post.send(chat, repeat=True).state == "sent"  # a person wants it


def test_a_wait_is_over_when_telegram_says(post: Post) -> None:
    chat = post.chat()
    post.at("2026-11-24T09:00")
    post.server.then(emulators.waits(600))
    assert post.send(chat, day=MONDAY + 1).again == post.now + 600 * SECOND
    post.now += 599 * SECOND
    assert ("days", "2026-11-24", ("Sales",), False) not in post.owed()
    post.now += SECOND
    assert ("days", "2026-11-24", ("Sales",), False) in post.owed()
    assert post.send(chat, day=MONDAY + 1).state == "sent"


def test_pauses_grow(post: Post) -> None:
    chat = post.chat()
    pauses = []
    for _ in range(7):
        post.server.then(emulators.waits(61))
        outcome = post.send(chat)
        assert outcome.again is not None
        pauses.append((outcome.again - post.now) // MINUTE)
        post.now = outcome.again
    assert pauses == [2, 5, 15, 30, 60, 60, 60]


def test_a_chat_that_moved_is_saved(post: Post) -> None:
    chat = post.chat()
    post.server.chat(-1001)
    post.server.then(emulators.moves(-1001))
    assert post.send(chat, lines=40).state == "sent"
    assert post.place(chat.id).address == "-1001"
    assert {one.fields["chat_id"] for one in post.server.delivered} == {"-1001"}
    assert len(post.server.delivered) == 2


def test_without_a_keyring_nothing_goes_out_and_it_is_said(post: Post) -> None:
    def shut() -> Telegram:
        raise NoKeyring("Locked.")

    chat = post.chat()
    sender = Sender(lambda run: run(post.store), lambda: post.now, shut)
    made = Digest(part(MONDAY), ((digest_text.Span("Hello"),),))
    outcome = digest_sending.send(sender, made, png(), chat)
    assert (outcome.state, outcome.code) == ("failed", "keyring")
    assert "Locked." in outcome.words()
    assert not post.server.requests


def test_the_token_is_not_in_the_database(post: Post, tmp_path: Path) -> None:
    post.server.then(emulators.refuses(400, f"Bad Request: {TOKEN} is nonsense"))
    outcome = post.send(post.chat())
    assert TOKEN not in outcome.words()
    with post.store.read() as r:
        said = json.dumps([str(row) for row in r.rows("SELECT * FROM digest_sent")]
                          + [str(row) for row in r.rows("SELECT * FROM change")])  # fmt: skip
    assert "nonsense" in said
    assert TOKEN not in said


# --- files ---------------------------------------------------------------------------------------


def test_a_folder_gets_files_named_by_the_day(post: Post, tmp_path: Path) -> None:
    place = tmp_path / "wall"
    place.mkdir()
    assert post.send(post.folder(place)).state == "sent"
    assert sorted(each.name for each in place.iterdir()) == [
        "digest-2026-11-23.png", "digest-2026-11-23.txt"
    ]  # fmt: skip
    assert (place / "digest-2026-11-23.png").read_bytes() == png()
    assert (place / "digest-2026-11-23.txt").read_text().startswith("Line 0")


def test_a_file_is_always_the_same_one(tmp_path: Path) -> None:
    made = Digest(part(MONDAY), ((digest_text.Span("Hello"),),))
    months = Digest(part(MONDAY, "month"), ((digest_text.Span("Month"),),))
    address = str(tmp_path / "wall.png")
    digest_files.write(address, made, png())
    digest_files.write(address, made, png())
    digest_files.write(address, months, png())
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "wall-month.png", "wall-month.txt", "wall.png", "wall.txt"
    ]  # fmt: skip


def test_a_folder_that_is_away_is_told_and_tried_again(post: Post, tmp_path: Path) -> None:
    place = post.folder(tmp_path / "away")
    outcome = post.send(place)
    assert (outcome.state, outcome.code) == ("failed", "file")
    assert str(tmp_path / "away") in outcome.words()
    (tmp_path / "away").mkdir()
    assert post.send(place).state == "sent"


# --- what is due ---------------------------------------------------------------------------------


def test_nothing_is_due_before_a_place_was_made_or_the_laptop_was_chosen(post: Post) -> None:
    post.at("2026-11-24T15:00")
    chat = post.chat()
    assert post.owed() == []
    post.at("2026-11-25T08:59")
    assert post.owed() == []
    post.at("2026-11-25T09:00")
    assert post.owed() == [("days", "2026-11-25", ("Sales",), False)]
    assert post.owed(since=post.now + 1) == []
    assert post.send(chat, day=MONDAY + 2).state == "sent"
    assert post.owed() == []


def test_a_scheduler_sends_todays_whatever_the_hour(post: Post) -> None:
    post.at("2026-11-24T15:00")
    post.chat()
    assert post.owed(any_hour=True) == [("days", "2026-11-24", ("Sales",), False)]
    post.at("2026-11-25T00:01")
    assert ("days", "2026-11-25", ("Sales",), False) in post.owed(any_hour=True)


def test_missed_days_are_sent_once_the_latest_of_each_kind(post: Post) -> None:
    chat = post.chat()  # on Friday the 20th
    post.at("2026-11-27T08:00")  # the laptop was away from Monday to Thursday
    assert post.owed() == [
        ("days", "2026-11-26", ("Sales",), False), ("month", "2026-11-23", ("Sales",), False)
    ]  # fmt: skip
    post.send(chat, day=MONDAY + 3)
    assert post.owed() == [("month", "2026-11-23", ("Sales",), False)]
    post.at("2026-11-27T09:00")
    assert [each[:2] for each in post.owed()] == [("days", "2026-11-27"), ("month", "2026-11-23")]


def test_missed_days_may_be_skipped(post: Post) -> None:
    settings.change(post.store, {"digest_missed": "skip"}, person=None, now=post.now)
    chat = post.chat()
    post.at("2026-11-27T08:00")
    assert [each[3] for each in post.owed()] == [True, True]
    digest_sending.skip(post.store, part(MONDAY + 3), chat.id, now=post.now)
    assert post.states() == [("skipped", "missed")]
    assert post.send(chat, day=MONDAY + 3).state == "skipped"
    assert not post.server.requests
    post.at("2026-11-27T09:30")
    assert ("days", "2026-11-27", ("Sales",), False) in post.owed()


def test_what_is_older_than_a_week_is_not_sent_any_more(post: Post) -> None:
    post.chat()
    post.at("2027-03-12T08:00")  # Friday
    assert [each[:2] for each in post.owed()] == [("days", "2027-03-11"), ("month", "2027-03-08")]


def test_days_off_have_none(post: Post) -> None:
    settings.change(post.store, {"digest_off": "weekends"}, person=None, now=post.now)
    post.chat()
    for text in ("2026-11-21T10:00", "2026-11-22T20:00"):  # though Friday's was missed
        post.at(text)
        assert post.owed() == []
        assert post.owed(any_hour=True) == []
    post.at("2026-11-23T09:00")
    assert [each[0] for each in post.owed()] == ["days", "month"]


def test_places_not_in_use_get_nothing(post: Post) -> None:
    chat = post.chat()
    post.at("2026-11-24T10:00")
    assert post.owed()
    digest.change_target(post.store, chat.id, {"active": False}, person=None, now=post.now)
    assert post.owed() == []


# --- one after the other -------------------------------------------------------------------------


def run(post: Post, target: Target, point: str = "") -> "subprocess.Popen[str]":
    file = Path(__file__).with_name("digest_process.py")
    words = [sys.executable, str(file), str(post.store.path), post.server.url, str(target.id),
             str(MONDAY), point]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)


def test_two_processes_at_once_send_one(post: Post) -> None:
    chat = post.chat()
    post.server.then(emulators.is_slow(1.5))
    both = [run(post, chat), run(post, chat)]
    said = sorted(each.communicate(timeout=60)[0].strip() for each in both)
    assert len(post.server.requests) == 1
    assert said in (["sending", "sent"], ["sent", "sent"])
    assert post.states() == [("sent", "")]


@pytest.mark.parametrize(
    ("point", "requests", "state"),
    [
        ("before write 1", 0, None),
        ("after write 1", 0, "sending"),
        ("before write 2", 1, "sending"),
        ("after write 2", 1, "sent"),
    ],
)
def test_killed_between_the_states(
    post: Post, point: str, requests: int, state: str | None
) -> None:
    chat = post.chat()
    killed = run(post, chat, point)
    killed.communicate(timeout=60)
    assert killed.returncode == 9
    assert len(post.server.requests) == requests
    assert [each for each, _ in post.states()] == ([] if state is None else [state])
    post.now = PROCESS_NOW + digest_sending.CUT_OFF
    cut_off = digest_sending.settle_cut_off(post.store, now=post.now)
    assert cut_off == (state == "sending")
    if state == "sending":
        assert post.states() == [("unknown", "cut_off")]
    again = run(post, chat)
    again.communicate(timeout=60)
    assert len(post.server.requests) == max(requests, 1 if state is None else 0)


def test_one_that_is_being_sent_is_left_alone_even_by_a_person(post: Post) -> None:
    chat = post.chat()
    claimed = digest_sending.claim(post.store, part(MONDAY), chat.id, person=None, now=post.now)
    assert not isinstance(claimed, Outcome)
    assert post.send(chat, repeat=True).state == "sending"
    assert not post.server.requests
    assert digest_sending.settle_cut_off(post.store, now=post.now) == 0


def test_what_went_out_is_not_undone(post: Post) -> None:
    chat = post.chat()
    post.send(chat)
    with post.store.read() as r:
        commands = r.rows("SELECT id FROM command WHERE kind LIKE 'digest.%' AND kind <> ?",
                          ("digest.add",))  # fmt: skip
    assert len(commands) == 2
    for (command,) in commands:
        with pytest.raises(Refused, match="cannot be taken back"):
            history.undo(post.store, command, person=None, now=post.now)
    undo_last(post.store, person=None, now=post.now)  # the place is gone, not the record
    with post.store.read() as r:
        assert digest.targets(r) == []
    assert post.states() == [("sent", "")]


# --- places --------------------------------------------------------------------------------------


def test_places_are_judged(post: Post, tmp_path: Path) -> None:
    chat = post.chat("-1001234567890", "  Team ")
    assert (chat.name, chat.address) == ("Team", "-1001234567890")
    for wrong in ("", "Sales", "@", "12 3", "@a b", "https://t.me/x"):
        with pytest.raises(Invalid, match="is no chat"):
            post.chat(wrong)
    for wrong in ("", "here", "../there"):
        with pytest.raises(Invalid, match="is no whole path"):
            digest.add_target(post.store, "folder", "F", wrong, person=None, now=post.now)
    with pytest.raises(Invalid, match="there already"):
        post.chat("-1001234567890", "Other")
    assert post.chat("-1001234567890", "Topic", thread=3).thread == 3
    with pytest.raises(NotFound):
        digest.change_target(post.store, 99, {"name": "x"}, person=None, now=post.now)
    digest.remove_target(post.store, chat.id, person=None, now=post.now)
    with post.store.read() as r:
        assert [each.name for each in digest.targets(r)] == ["Topic"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://api.telegram.org", True), ("https://proxy.example/tg/", True),
        ("http://127.0.0.1:8081", True), ("http://localhost:8081", True),
        ("http://proxy.example", False), ("https://me:secret@proxy.example", False),
        ("https://proxy.example/?x=1", False), ("ftp://proxy.example", False), ("", False),
    ],
)  # fmt: skip
def test_the_server_is_https_or_this_machine(post: Post, value: str, kept: bool) -> None:
    if not kept:
        with pytest.raises(Invalid):
            settings.change(post.store, {"digest_server": value}, person=None, now=post.now)
        return
    settings.change(post.store, {"digest_server": value}, person=None, now=post.now)
    with post.store.read() as r:
        assert digest.choices(r).server == value.rstrip("/")
