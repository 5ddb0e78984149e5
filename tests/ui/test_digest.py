"""The digest in the settings: places, bot, preview, sending by hand and by itself."""

import struct
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit

from salesdesk.services import digest, digest_sending, secrets, settings, telegram
from salesdesk.services.digest_text import plain
from salesdesk.ui.digest import begin, drawing
from salesdesk.ui.digest.desk import DigestDesk
from salesdesk.ui.settings.digest import DigestSection
from salesdesk.ui.settings.digest_preview import PreviewCard
from tests.emulators import telegram as emulators
from tests.emulators.keyrings import in_memory
from tests.emulators.telegram import TOKEN, Emulator
from tests.ui.board_story import NOW
from tests.ui.settings_desk import ENTER, Office, made, office

__all__ = ["made", "office"]
# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

DAY = 86_400_000_000


class Post:
    """The section with Telegram on loopback, and short words for it."""

    def __init__(self, office: Office, server: Emulator) -> None:
        self.office, self.server = office, server
        self.context = office.context
        self.desk = DigestDesk.of(office.context)
        found = office.open("digest")
        assert isinstance(found, DigestSection)
        self.section = found
        self.busy(lambda: bool(found.bot.said.text()))

    def busy(self, ready: Any) -> None:
        """Wait for what comes from the net or the keyring."""
        self.office.qtbot.waitUntil(lambda: bool(ready()))
        self.office.settle()

    def chat(self, name: str = "Sales", address: str = "42") -> int:
        made = digest.add_target(
            self.office.store, "telegram", name, address, person=None, now=NOW - 40 * DAY
        )
        self.office.settle()
        return made.id

    def preview(self) -> PreviewCard:
        self.office.click("digest-show")
        found = self.section.preview
        assert found is not None
        self.busy(lambda: bool(found.text.text()))
        return found

    def states(self) -> list[tuple[str, str, str]]:
        records = self.office.ask(digest_sending.records)
        return [(each.kind, date.fromordinal(each.day).isoformat(), each.outcome.state)
                for each in records]  # fmt: skip

    def at(self, moment: int) -> None:
        """It is now so late."""
        self.context.now = lambda: moment


@pytest.fixture
def post(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with in_memory(monkeypatch), emulators.emulator() as server:
        server.chat(42)
        settings.change(office.store, {"digest_server": server.url}, person=None, now=NOW)
        yield Post(office, server)


def keep_token(post: Post) -> None:
    with post.office.store.read() as r:
        secrets.keep(r, secrets.TELEGRAM, TOKEN)


def test_a_token_is_kept_in_the_keyring_and_never_shown(post: Post) -> None:
    field = post.office.child("digest-token")
    assert isinstance(field, QLineEdit)
    assert field.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(field, TOKEN)
    QTest.keyClick(field, ENTER)
    assert field.text() == ""
    post.busy(lambda: bool(post.office.said))
    assert "@desk_bot" in post.office.said[0].text
    with post.office.store.read() as r:
        assert secrets.get(r, secrets.TELEGRAM) == TOKEN
    shown = " ".join(each.text() for each in post.section.findChildren(QLabel))
    assert TOKEN not in shown + str(post.office.said)
    post.busy(post.section.bot.forget.isVisible)
    post.office.click("digest-token-forget")
    post.busy(lambda: not post.section.bot.forget.isVisible())
    with post.office.store.read() as r:
        assert secrets.get(r, secrets.TELEGRAM) is None


@pytest.mark.parametrize(
    ("typed", "says"), [("nonsense", "no token of a bot"), ("12:wrong", "does not accept")]
)
def test_a_wrong_token_is_told_in_place(post: Post, typed: str, says: str) -> None:
    post.office.type("digest-token", typed)
    post.busy(lambda: says in post.section.bot.said.text())
    assert not post.office.problems
    with post.office.store.read() as r:
        assert secrets.get(r, secrets.TELEGRAM) is None


def test_a_token_is_kept_while_telegram_cannot_be_asked(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram, "_PAUSES", (0, 0))
    post.server.then(*[emulators.refuses(502, "Bad Gateway")] * 3)
    post.office.type("digest-token", TOKEN)
    post.office.qtbot.waitUntil(lambda: "did not answer" in post.section.bot.said.text())
    post.office.settle()
    assert post.section.bot.forget.isVisible()
    with post.office.store.read() as r:
        assert secrets.get(r, secrets.TELEGRAM) == TOKEN


def test_without_a_keyring_there_is_no_place_for_a_token(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = office.open("digest")
    assert isinstance(found, DigestSection)
    office.qtbot.waitUntil(lambda: "trusts" in found.bot.said.text())
    assert not found.bot.token.isEnabled()


def test_chats_are_found_and_added(post: Post) -> None:
    keep_token(post)
    post.server.updates = [{"message": {"chat": {"id": -77, "title": "Team <1>"}}}]
    post.office.click("digest-find")
    post.busy(lambda: bool(post.section.places._chats))
    post.office.click("digest-chat--77")
    [target] = post.office.ask(digest.targets)
    assert (target.kind, target.name, target.address) == ("telegram", "Team <1>", "-77")
    assert "Next" in post.section.next.text()
    post.office.click("digest-chat--77")
    assert "there already" in post.section.places.add.wrong.text()
    post.server.updates = []
    post.office.click("digest-find")
    post.busy(lambda: "Nobody has written" in post.section.places.said.text())


def test_a_chat_is_typed_and_a_wrong_number_is_told(post: Post) -> None:
    post.office.type("digest-chat-name", "Sales", None)
    post.office.type("digest-chat-number", "Sales", None)
    post.office.click("digest-chat-add")
    assert post.office.ask(digest.targets) == []
    assert post.section.places.add.wrong.text()
    post.office.type("digest-chat-number", "-1001234567890", None)
    post.office.click("digest-chat-add")
    [target] = post.office.ask(digest.targets)
    assert target.address == "-1001234567890"
    post.office.click(f"digest-target-{target.id}-used")
    assert not post.office.ask(digest.targets)[0].active
    assert "nowhere" in post.section.next.text()
    post.office.click(f"digest-target-{target.id}-remove")
    assert post.office.ask(digest.targets) == []
    post.context.undo()
    post.office.settle()
    assert len(post.office.ask(digest.targets)) == 1


def test_a_folder_is_added_and_tried(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "wall"
    place.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(place))
    post.office.click("digest-folder")
    [target] = post.office.ask(digest.targets)
    assert (target.kind, target.address) == ("folder", str(place))
    post.office.click(f"digest-target-{target.id}-test")
    post.busy(lambda: any("can be written" in note.text for note in post.office.said))
    assert list(place.iterdir()) == []
    place.rmdir()
    place.write_text("")
    post.office.click(f"digest-target-{target.id}-test")
    row = f"digest-target-{target.id}"
    post.office.qtbot.waitUntil(lambda: "cannot be written" in post.office.wrong(row))


def test_a_chat_is_tried(post: Post) -> None:
    keep_token(post)
    key = post.chat()
    post.office.click(f"digest-target-{key}-test")
    post.busy(lambda: any("A test went" in note.text for note in post.office.said))
    assert len(post.server.delivered) == 1
    post.server.then(emulators.refuses(403, "Forbidden: bot was blocked by the user"))
    post.office.click(f"digest-target-{key}-test")
    post.office.qtbot.waitUntil(
        lambda: "press Start again" in post.office.wrong(f"digest-target-{key}")
    )


def test_the_choices_are_settings(post: Post) -> None:
    post.office.type("digest-at", "8:30")
    for name in ("digest-off-weekends", "digest-missed-skip", "digest-theme-dark",
                 "digest-red-true"):  # fmt: skip
        post.office.click(name)
    found = post.office.ask(digest.choices)
    assert (found.minute, found.off, found.sends_missed) == (510, "weekends", False)
    assert (found.theme, found.without_red) == ("dark", True)
    post.office.type("digest-server", "http://elsewhere.example")
    assert "cannot be" in post.section.bot.server_said.text()
    assert post.office.ask(digest.choices).server == post.server.url


def test_the_preview_is_what_goes_out(post: Post) -> None:
    keep_token(post)
    key = post.chat()
    card = post.preview()
    made = card._made
    assert made is not None
    picture = drawing.fitted(card._image)
    post.office.click("digest-send")
    post.busy(lambda: bool(post.server.delivered))
    post.busy(lambda: post.states() and post.states()[0][2] == "sent")
    [sent] = post.server.delivered
    assert sent.upload == picture
    assert post.server.texts() == [plain(made.digest.text)]
    assert [note.text for note in post.office.said] == ["Digest sent: Sales"]
    assert not card.send_button.isVisible()
    row = post.office.child(f"digest-place-{key}-send")
    assert row.property("accessibleName") == "Send again"
    post.office.click(f"digest-place-{key}-send")
    post.busy(lambda: len(post.server.delivered) == 2)


def test_the_picture_is_enlarged_by_a_key(post: Post) -> None:
    card = post.preview()
    card.picture.setFocus()
    QTest.keyClick(card.picture, ENTER)
    whole = QApplication.activePopupWidget()
    assert whole is not None
    assert whole.objectName() == "digest-whole"
    assert whole.width() <= post.office.window.width()
    QTest.keyClick(whole, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None


def test_the_preview_goes_from_day_to_day(post: Post) -> None:
    card = post.preview()
    assert not card.after.isEnabled()
    seen = {card.text.text()}
    for _ in range(7):
        post.office.click("digest-before")
        post.busy(lambda: card._made is not None and card._made.digest.part.day == card.day)
        seen.add(card.text.text())
    assert len(seen) == 8
    found = card._found
    assert found is not None
    monday = card.day
    while date.fromordinal(monday).weekday():
        monday -= 1
    card.day = monday
    card.refresh()
    post.busy(lambda: card.kinds.chip("month").isVisible() or date.fromordinal(monday).day == 1)


def test_names_are_no_markup_in_the_preview(post: Post) -> None:
    store = post.office.store
    with store.command("person.change", now=NOW, person=None) as tx:
        tx.update("person", [{"id": post.office.desk.people[0], "name": "<b>Ann</b> & Co"}])
    card = post.preview()
    assert "<b>Ann</b> & Co" not in card.text.text()


def test_what_went_wrong_stands_at_the_place(post: Post) -> None:
    keep_token(post)
    key = post.chat()
    post.server.then(emulators.hangs_up(True))
    post.preview()
    post.office.click("digest-send")
    post.busy(lambda: post.states() and post.states()[0][2] == "unknown")
    post.office.qtbot.waitUntil(
        lambda: "may have arrived" in post.office.wrong(f"digest-target-{key}")
    )
    assert "may have arrived" in post.office.said[-1].text
    assert not post.office.problems


# --- by itself -----------------------------------------------------------------------------------


def test_it_goes_out_by_itself_on_the_computer_that_was_chosen(post: Post) -> None:
    keep_token(post)
    post.chat()
    post.desk.look()
    post.office.settle()
    assert post.states() == []
    post.office.click("digest-here-here")
    post.office.settle()
    assert post.states() == []  # nothing that was due before
    zone = post.context.store.zone
    tomorrow = post.context.today() + 1
    post.at(zone.start_of(tomorrow) + 9 * 3600 * 1_000_000)
    post.desk.look()
    post.busy(lambda: any(state == "sent" for _, _, state in post.states()))
    post.busy(lambda: post.desk._busy == 0)
    assert {day for _, day, _ in post.states()} == {date.fromordinal(tomorrow).isoformat()}
    n = len(post.server.delivered)
    post.desk.look()
    post.office.settle()
    assert len(post.server.delivered) == n
    post.office.click("digest-here-not")
    post.at(zone.start_of(tomorrow + 1) + 9 * 3600 * 1_000_000)
    post.desk.look()
    post.office.settle()
    assert len(post.server.delivered) == n


def test_the_window_goes_on_while_telegram_is_slow(post: Post) -> None:
    keep_token(post)
    post.chat()
    post.preview()
    post.server.then(emulators.is_slow(1.5))
    post.office.click("digest-send")
    turns = 0
    while not any(state == "sent" for _, _, state in post.states()):
        QGuiApplication.processEvents()
        time.sleep(0.005)
        turns += 1
        assert turns < 2000
    assert turns > 20  # one or two, where the window waits for the answer
    post.busy(lambda: post.desk._busy == 0)


def test_nothing_is_loaded_where_another_computer_sends(post: Post) -> None:
    begin(post.context)
    assert not post.desk._timer.isActive()
    post.desk.set_sends_here(True)
    post.desk._timer.stop()
    begin(post.context)
    assert post.desk._timer.isActive()
    post.busy(lambda: not post.desk._looking)


def test_the_scheduler_lines_are_copied_and_saved(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.office.click("digest-scheduler-cron")
    post.office.click("digest-schedule-copy")
    copied = QGuiApplication.clipboard().text()
    assert str(post.context.store.path) in copied
    assert copied.rstrip().endswith("--lang en digest --send")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    post.office.click("digest-scheduler-systemd")
    post.office.click("digest-schedule-save")
    assert (tmp_path / "salesdesk-digest.timer").is_file()
    assert (tmp_path / "salesdesk-digest.service").is_file()


def test_a_manager_sees_the_preview_and_changes_nothing(post: Post) -> None:
    post.chat()
    post.context.set_person(post.office.desk.people[1], "Somebody", "manager")
    with post.office.store.command("person.change", now=NOW, person=None) as tx:
        tx.update("person", [
            {"id": post.office.desk.people[0], "role": "admin"},
            {"id": post.office.desk.people[1], "role": "manager"},
        ])  # fmt: skip
    post.office.settle()
    assert not post.section.body.isEnabled()
    assert not post.section.places.ways.isVisible()
    assert not post.section.bot.server.isEnabled()
    card = post.preview()
    assert card.text.text()
    assert post.section.here.isEnabled()
    keep_token(post)
    post.office.click("digest-send")
    post.busy(lambda: any(state == "sent" for _, _, state in post.states()))
    post.busy(lambda: post.desk._busy == 0)


# --- pictures ------------------------------------------------------------------------------------


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize(
    ("width", "height"),
    [(1440, 700), (1440, 9000), (4000, 60), (30, 5000), (6_000, 6_000), (1, 1)],
)
def test_a_picture_is_made_to_fit(width: int, height: int) -> None:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    found = size(drawing.fitted(image))
    assert sum(found) <= 10_000
    assert max(found) <= 20 * min(found)
    if width + height <= 10_000 and max(width, height) <= 20 * min(width, height):
        assert found == (width, height)


def test_a_large_team_is_drawn_as_far_as_it_can_be_read(post: Post) -> None:
    with post.office.store.command("person.add", now=NOW, person=None) as tx:
        tx.insert("person", [
            {"name": f"P {n}", "name_key": f"p {n}", "role": "manager", "in_ranking": 1}
            for n in range(200)
        ])  # fmt: skip
    [part] = [each for each in post.office.ask(digest.parts, post.context.today(), now=NOW)
              if each.kind == "days"]  # fmt: skip
    made_of = post.office.ask(drawing.read, part)
    found = size(drawing.png(made_of))
    assert len(made_of.answer.ranking.rows) > 200
    assert found[1] <= 2560
    assert found[0] >= 1440


def test_a_picture_of_too_many_bytes_is_made_smaller() -> None:
    image = QImage(600, 400, QImage.Format.Format_RGB32)
    for x in range(600):
        for y in range(0, 400, 3):
            image.setPixel(x, y, (x * 7919 + y * 104_729) % 0xFFFFFF)
    whole = drawing.fitted(image)
    found = drawing.fitted(image, most_bytes=len(whole) // 2)
    assert len(found) <= len(whole) // 2
    assert size(found)[0] < 600
