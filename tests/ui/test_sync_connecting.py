"""Connecting in a real window: three steps, the key, what is refused, by keyboard alone."""

import threading
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from salesdesk.services import secrets
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Page, Stream
from salesdesk.ui.sync.pairs import PairList
from salesdesk.ui.sync.wizard import Wizard
from tests.emulators.keyrings import PlainText
from tests.sync.memory_remote import MemoryRemote
from tests.ui.sync_desk import WEBHOOK, Opened, a_keyring, admin, alone, found, key, opened, tabbed

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
CANARY = "c4naryc4nary"
WAIT = 5000


def to_the_pairs(opened: Opened, qtbot: QtBot) -> None:
    """Begin to connect, as far as the list of what is what."""
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    qtbot.waitUntil(lambda: opened.child("sync-account").text() == "Portal answers", timeout=WAIT)
    opened.child("sync-fields").click()
    opened.press("sync-next")


def test_connecting_in_three_steps(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    opened.seat.deal("Crane")
    page = opened.page()
    opened.press("sync-nothing-action")
    secret = opened.child("sync-secret")
    assert isinstance(secret, QLineEdit)
    assert secret.echoMode() == QLineEdit.EchoMode.Password
    assert not opened.child("sync-next").isEnabled()
    QTest.keyClicks(secret, WEBHOOK)
    opened.press("sync-next")
    qtbot.waitUntil(lambda: opened.child("sync-account").text() == "Portal answers", timeout=WAIT)
    assert secret.text() == ""
    assert not opened.child("sync-next").isEnabled()  # the fields are to be made: asked first
    opened.child("sync-fields").click()
    opened.press("sync-next")
    opened.settle()
    pairs = opened.child("sync-pairs")
    assert isinstance(pairs, PairList)
    words = [pairs.spoken(item) for item in pairs.items]
    assert words[:4] == ["Pipelines", "Sales → Sales", "New → New", "Meeting → Meeting"]
    assert "Mary → Mary" in words
    assert "Sent first: 1 deal, with the clients, " in opened.child("sync-counts").text()
    assert opened.seat.value("SELECT count(*) FROM sync_remote") == 0  # nothing written so far
    opened.press("sync-next")
    qtbot.waitUntil(lambda: page.wizard is None, timeout=WAIT)
    qtbot.waitUntil(lambda: opened.rounds() > 0, timeout=WAIT)
    assert [one.fields["title"] for one in opened.seat.remote.portal.table("deal").values()] == [
        "Crane"
    ]
    assert opened.said[0].text == "Connected to Portal"
    assert opened.window.focusWidget() is page.area
    assert not opened.problems


def test_the_secret_is_nowhere_but_in_the_keyring(
    opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    test_connecting_in_three_steps(opened, qtbot)
    with opened.seat.store.read() as r:
        assert secrets.get(r, "sync") == "1/c4naryc4nary"
    shown = [one.text() for one in opened.window.findChildren(QLabel)]
    shown += [one.text() for one in opened.window.findChildren(QLineEdit)]
    shown += [one.text() for one in opened.window.findChildren(QAbstractButton)]
    shown += [one.text for one in opened.said]
    assert CANARY not in " ".join(shown)
    assert CANARY not in str(opened.window.address())
    opened.context.remember.save()
    opened.seat.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file.name
    rows = opened.seat.value("SELECT group_concat(options || base_url || account) FROM sync_remote")
    assert CANARY not in rows


def test_without_a_keyring_there_is_a_refusal_and_nothing_is_written(
    opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    alone(opened.seat)
    file = tmp_path / "plain"
    keyring.set_keyring(PlainText(file))
    page = opened.page()
    opened.press("sync-nothing-action")
    assert isinstance(page.wizard, Wizard)
    kept = page.wizard.kept
    qtbot.waitUntil(lambda: "no keyring" in kept.text(), timeout=WAIT)
    assert not opened.child("sync-secret").isEnabled()
    assert not opened.child("sync-next").isEnabled()
    assert not file.exists()
    assert opened.seat.value("SELECT count(*) FROM sync_remote") == 0


def test_missing_rights_are_named_and_one_cannot_go_on(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    opened.way.missing = ("task",)
    opened.page()
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    qtbot.waitUntil(lambda: "missing: task" in opened.child("sync-rights").text(), timeout=WAIT)
    opened.child("sync-fields").click()
    assert not opened.child("sync-next").isEnabled()


def test_a_right_that_was_granted_is_seen_with_the_key_that_was_tested(
    opened: Opened, qtbot: QtBot
) -> None:
    alone(opened.seat)
    opened.way.missing = ("task",)
    opened.page()
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    rights = opened.child("sync-rights")
    qtbot.waitUntil(lambda: "missing: task" in rights.text(), timeout=WAIT)
    opened.press("sync-back")
    assert opened.child("sync-secret").text() == ""
    assert "tested" in opened.child("sync-secret").placeholderText()
    opened.way.missing = ()
    opened.press("sync-next")
    qtbot.waitUntil(lambda: "has the rights" in rights.text(), timeout=WAIT)


def test_leads_that_are_wanted_later_are_asked_for(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    page = opened.page()
    to_the_pairs(opened, qtbot)
    wizard = page.wizard
    assert isinstance(wizard, Wizard)
    asked = wizard._answered
    assert asked is not None
    for _ in range(2):
        opened.press("sync-back")
    opened.press("sync-next")
    assert wizard._answered is asked  # nothing has changed: nobody is asked again
    opened.press("sync-back")
    opened.press("sync-leads")
    opened.press("sync-next")
    qtbot.waitUntil(lambda: wizard._answered is not asked, timeout=WAIT)
    assert wizard._answered is not None
    assert wizard._answered.kept == {"leads_pipeline": True}
    assert wizard._answered.access == asked.access


def test_the_key_of_one_crm_does_not_connect_the_other(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    opened.page()
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    qtbot.waitUntil(lambda: opened.child("sync-account").text() == "Portal answers", timeout=WAIT)
    opened.press("sync-back")
    assert opened.child("sync-next").isEnabled()
    opened.press("sync-kind-amocrm")
    QTest.keyClicks(opened.child("sync-base"), "https://example.amocrm.ru")
    assert not opened.child("sync-next").isEnabled()
    opened.press("sync-kind-bitrix24")
    assert opened.child("sync-next").isEnabled()


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Kind.NOT_SENT, "check the address"), (Kind.AUTH, "does not accept this key"),
     (Kind.BLOCKED, "try again later"), (Kind.MALFORMED, "cannot be read")],
)  # fmt: skip
def test_what_goes_wrong_while_connecting_is_not_told_of_a_sync(
    opened: Opened, qtbot: QtBot, kind: Kind, said: str
) -> None:
    alone(opened.seat)
    opened.way.failing = Failure(kind)
    opened.page()
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    text = opened.child("sync-wizard-said")
    qtbot.waitUntil(lambda: said in text.text(), timeout=WAIT)
    assert not any(word in text.text() for word in ("any more", "sent later", "connect again"))


def test_plain_http_is_offered_for_the_address_that_asks_for_it(opened: Opened) -> None:
    alone(opened.seat)
    opened.page()
    opened.press("sync-nothing-action")
    secret = opened.child("sync-secret")
    QTest.keyClicks(secret, WEBHOOK.replace("https:", "http:"))
    opened.press("sync-next")
    assert opened.child("sync-http").isVisible()
    opened.press("sync-http")
    secret.clear()
    QTest.keyClicks(secret, WEBHOOK)
    assert not opened.child("sync-http").isVisible()
    assert not opened.child("sync-http").isChecked()


def test_the_crm_has_the_name_that_it_has_in_the_language(opened: Opened) -> None:
    alone(opened.seat)
    opened.page()
    opened.press("sync-nothing-action")
    opened.context.set_language("ru")
    try:
        assert opened.child("sync-kind-bitrix24").text() == "Битрикс24"
    finally:
        opened.context.set_language("en")


def test_what_is_no_webhook_is_told_in_a_sentence(opened: Opened) -> None:
    alone(opened.seat)
    opened.page()
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), "hello")
    opened.press("sync-next")
    assert "no incoming webhook" in opened.child("sync-wizard-said").text()


def test_a_pipeline_may_be_left_out(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    page = opened.page()
    to_the_pairs(opened, qtbot)
    pairs = opened.child("sync-pairs")
    row = next(one for one in pairs.items if one.pair is not None)
    pairs.picker(row.pair).picked.emit("")
    opened.settle()
    assert "Sales → not synced" in [pairs.spoken(item) for item in pairs.items]
    assert not opened.child("sync-next").isEnabled()  # nothing would be synced
    opened.press("sync-cancel")
    assert page.wizard is None


def test_only_an_administrator_connects(opened: Opened) -> None:
    alone(opened.seat)
    admin(opened.seat)
    opened.context.set_person(opened.seat.people["1"], "Mary", "manager")
    page = opened.page()
    assert not page.nothing.button.isVisible()
    page.connect_crm()
    assert page.wizard is None


def test_connecting_by_keyboard_alone(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    opened.window.activateWindow()
    page = opened.page()
    opened.child("sync-nothing-action").setFocus()
    key(Qt.Key.Key_Return)
    assert opened.child("sync-secret").hasFocus()
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.child("sync-account").text() == "Portal answers", timeout=WAIT)
    assert opened.child("sync-fields").hasFocus()
    key(Qt.Key.Key_Space)
    assert tabbed(3) == ["sync-cancel", "sync-back", "sync-next"]
    key(Qt.Key.Key_Return)
    assert opened.child("sync-pairs").hasFocus()
    assert tabbed(7) == [
        "sync-try", "sync-sends-all", "sync-sends-new", "sync-since", "sync-cancel", "sync-back",
        "sync-next",
    ]  # fmt: skip
    key(Qt.Key.Key_Escape)
    key(Qt.Key.Key_Escape)
    assert opened.child("sync-secret").hasFocus()
    key(Qt.Key.Key_Escape)
    assert page.wizard is None


@pytest.mark.parametrize("way", ["cancel", "escape", "closing"])
def test_leaving_ends_the_trial(opened: Opened, qtbot: QtBot, way: str) -> None:
    alone(opened.seat)
    page = opened.page()
    to_the_pairs(opened, qtbot)
    reads: list[str] = []
    goes_on, ended = threading.Event(), threading.Event()

    class Slow(MemoryRemote):
        def page(self, stream: Stream, cursor: str) -> Page:
            reads.append(stream)
            goes_on.wait(WAIT / 1000)
            return super().page(stream, cursor)

        def close(self) -> None:
            ended.set()

    opened.way.remote = lambda *_given: Slow(opened.seat.remote.portal)  # type: ignore[method-assign]
    opened.press("sync-try")
    qtbot.waitUntil(lambda: bool(reads), timeout=WAIT)
    if way == "cancel":
        opened.press("sync-cancel")
    elif way == "escape":
        while page.wizard is not None:
            QTest.keyClick(page.wizard, Qt.Key.Key_Escape)
    else:
        opened.context.closing.emit()
    goes_on.set()
    assert ended.wait(WAIT / 1000)
    assert reads == ["company"]
    QTest.qWait(15)
