"""The sync in a real window: the foot of the rail, the page, connecting, conflicts, the worker."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import secrets
from salesdesk.services.sync import maps, options, outbox, publishing
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.turn import turn
from salesdesk.text import set_language
from salesdesk.ui import sync
from salesdesk.ui.deal.differs import Differs
from salesdesk.ui.sync.pairs import PairList
from tests.emulators.keyrings import PlainText
from tests.sync.seats import Seat
from tests.ui.sync_desk import Opened, a_keyring, admin, alone, clash, found, opened

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
WEBHOOK = "https://portal.bitrix24.ru/rest/1/c4naryc4nary/"
CANARY = "c4naryc4nary"
WAIT = 5000


# -- the foot of the rail -------------------------------------------------------------------------


def test_without_a_crm_there_is_no_line(opened: Opened, qtbot: QtBot) -> None:
    alone(opened.seat)
    QTest.qWait(350)
    opened.settle()
    assert opened.child("rail-sync").isHidden()


def test_the_line_says_how_it_stands_and_opens_the_page(opened: Opened, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: opened.window.findChild(QWidget, "rail-sync") is not None, timeout=WAIT)
    line = opened.child("rail-sync")
    qtbot.waitUntil(lambda: line.accessibleName() == "Not synced yet", timeout=WAIT)
    opened.seat.round()
    opened.seat.clock.at += 120_000_000
    line.refresh()
    qtbot.waitUntil(lambda: line.accessibleName() == "Synced 2\u00a0min\u00a0ago", timeout=WAIT)
    opened.press("rail-sync")
    assert opened.window.open_key == "sync"


# -- connecting -----------------------------------------------------------------------------------


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
    assert "1 deal" in opened.child("sync-counts").text()
    assert opened.seat.value("SELECT count(*) FROM sync_remote") == 0  # nothing written so far
    opened.press("sync-next")
    qtbot.waitUntil(lambda: page.wizard is None, timeout=WAIT)
    qtbot.waitUntil(lambda: opened.rounds() > 0, timeout=WAIT)
    assert [one.fields["title"] for one in opened.seat.remote.portal.table("deal").values()] == [
        "Crane"
    ]
    assert opened.said[0].text == "Connected to Portal"
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
    assert page.wizard is not None
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
    opened.press("sync-nothing-action")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    qtbot.waitUntil(lambda: opened.child("sync-account").text() == "Portal answers", timeout=WAIT)
    opened.child("sync-fields").click()
    opened.press("sync-next")
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


# -- how it stands --------------------------------------------------------------------------------


def test_what_waits_is_named_and_goes_at_sync_now(opened: Opened, qtbot: QtBot) -> None:
    opened.seat.deal("Crane")
    opened.desk.start()
    qtbot.waitUntil(lambda: opened.rounds() > 0, timeout=WAIT)
    qtbot.waitUntil(lambda: not opened.desk.state.running, timeout=WAIT)
    opened.seat.deal("Loader")
    page = opened.page()
    qtbot.waitUntil(lambda: bool(page.panel.waiting.list.items), timeout=WAIT)
    line = page.panel.waiting.list.items[0]
    assert (line.text, line.below) == ("1 deal", "Loader")
    opened.press("sync-now")
    qtbot.waitUntil(lambda: len(opened.seat.remote.portal.table("deal")) == 2, timeout=WAIT)
    qtbot.waitUntil(page.panel.waiting.isHidden, timeout=WAIT)


def test_what_the_crm_does_not_take_can_be_tried_again_or_left(
    opened: Opened, qtbot: QtBot
) -> None:
    opened.way.failing = None
    deal = opened.seat.deal("Crane")
    refused = Failure(Kind.INVALID, "no such title")

    def fault(when: str, what: str) -> None:
        if (when, what) == ("before", "deal"):
            raise refused

    opened.seat.remote.fault = fault
    opened.seat.round()
    page = opened.page()
    assert page.panel.failed.heading.text() == "1 record was not taken by the CRM"
    why = page.panel.failed.findChildren(QLabel)
    assert any("no such title" in each.text() for each in why)
    opened.press("sync-failed-0-discard")
    qtbot.waitUntil(page.panel.failed.isHidden, timeout=WAIT)
    assert opened.seat.value("SELECT state FROM sync_queue WHERE local_id = ?", deal) == "discarded"


def test_pause_keeps_rounds_away_and_resume_brings_one(opened: Opened, qtbot: QtBot) -> None:
    opened.page()
    opened.press("sync-pause")
    qtbot.waitUntil(lambda: opened.child("sync-said").text() == "Sync paused", timeout=WAIT)
    opened.seat.deal("Crane")
    opened.desk.now()
    QTest.qWait(200)
    assert opened.rounds() == 0
    opened.press("sync-pause")
    qtbot.waitUntil(lambda: opened.rounds() == 1, timeout=WAIT)
    assert len(opened.seat.remote.portal.table("deal")) == 1


def test_what_stopped_the_sync_is_said_and_tried_again(opened: Opened, qtbot: QtBot) -> None:
    opened.way.failing = Failure(Kind.AUTH)
    opened.page()
    opened.press("sync-now")
    qtbot.waitUntil(lambda: opened.child("sync-said").text() == "Sync needs you", timeout=WAIT)
    assert "does not accept the key" in opened.child("sync-trouble").text()
    assert opened.child("sync-connect-again").isVisible()
    opened.way.failing = None
    opened.press("sync-again")
    qtbot.waitUntil(lambda: opened.child("sync-said").text().startswith("Synced"), timeout=WAIT)


def test_another_key_for_the_same_account_goes_on(opened: Opened, qtbot: QtBot) -> None:
    opened.seat.deal("Crane")
    opened.seat.round()
    with opened.seat.store.books() as books:
        values = {"kind": "bitrix24", "state": "stopped", "problem": "auth"}
        books.update("sync_remote", [{"id": 1, **values}])
    opened.seat.deal("Loader")
    page = opened.page()
    opened.press("sync-connect-again")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    qtbot.waitUntil(lambda: page.wizard is None, timeout=WAIT)
    qtbot.waitUntil(lambda: len(opened.seat.remote.portal.table("deal")) == 2, timeout=WAIT)
    with opened.seat.store.read() as r:
        assert secrets.get(r, "sync") == "1/c4naryc4nary"
    assert opened.seat.value("SELECT count(*) FROM sync_remote") == 1


def test_a_key_of_another_account_is_refused(opened: Opened, qtbot: QtBot) -> None:
    with opened.seat.store.books() as books:
        values = {"kind": "bitrix24", "account_id": "another", "state": "stopped"}
        books.update("sync_remote", [{"id": 1, "problem": "auth", **values}])
    opened.page()
    opened.press("sync-connect-again")
    QTest.keyClicks(opened.child("sync-secret"), WEBHOOK)
    opened.press("sync-next")
    said = opened.child("sync-wizard-said")
    qtbot.waitUntil(lambda: "not of Portal" in said.text(), timeout=WAIT)
    with opened.seat.store.read() as r:
        assert secrets.get(r, "sync") is None


def test_disconnecting_forgets_the_key_and_keeps_the_records(opened: Opened, qtbot: QtBot) -> None:
    with opened.seat.store.read() as r:
        secrets.keep(r, "sync", "1/c4naryc4nary")
    opened.seat.deal("Crane")
    opened.seat.round()
    page = opened.page()
    page._ask_disconnect()
    opened.settle()
    form = opened.window.findChild(QWidget, "sync-leave")
    assert form is not None
    button = form.findChild(QAbstractButton, "sync-leave-do")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.nothing, timeout=WAIT)
    with opened.seat.store.read() as r:
        assert secrets.get(r, "sync") is None
        assert maps.connection(r) is None
    assert opened.seat.value("SELECT count(*) FROM deal") == 1
    assert opened.seat.value("SELECT count(*) FROM sync_link") == 1


# -- conflicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("button", "title"), [("ours", "Crane here"), ("theirs", "Crane there")])
def test_a_conflict_is_decided_on_the_page(
    opened: Opened, qtbot: QtBot, button: str, title: str
) -> None:
    deal = clash(opened.seat)
    page = opened.page()
    row = page.panel.clashes.findChild(QWidget, "sync-clash-0")
    assert row is not None
    texts = [one.text() for one in row.findChildren(QLabel)]
    assert {"Crane", "Crane here", "Crane there", "Before", "Yours", "Memory"} <= set(texts)
    assert opened.seat.value("SELECT title FROM deal WHERE id = ?", deal) == "Crane here"
    opened.press(f"sync-clash-0-{button}")
    qtbot.waitUntil(page.panel.clashes.isHidden, timeout=WAIT)
    qtbot.waitUntil(lambda: opened.seat.far(deal).fields["title"] == title, timeout=WAIT)
    qtbot.waitUntil(
        lambda: opened.seat.value("SELECT title FROM deal WHERE id = ?", deal) == title,
        timeout=WAIT,
    )


def test_the_deal_says_that_a_field_is_to_be_decided(opened: Opened, qtbot: QtBot) -> None:
    deal = clash(opened.seat)
    line = Differs(opened.context)
    qtbot.addWidget(line)
    line.show_deal(deal)
    qtbot.waitUntil(line.isVisible, timeout=WAIT)
    assert line.text.text() == "1 field differs from the CRM:"
    line.button.click()
    assert opened.window.open_key == "sync"


def test_colleagues_conflicts_are_counted_not_shown(opened: Opened, qtbot: QtBot) -> None:
    clash(opened.seat)
    admin(opened.seat)
    opened.context.set_person(opened.seat.people["2"], "Max", "manager")
    page = opened.page()
    assert page.panel.clashes.isHidden()
    assert "belongs to a colleague" in page.panel.others.text()


# -- choices --------------------------------------------------------------------------------------


def test_choices_are_made_in_the_settings(opened: Opened, qtbot: QtBot) -> None:
    opened.window.open_page("settings", "sync")
    opened.settle()
    pipeline = opened.seat.pipeline
    opened.press(f"settings-sync-who-{pipeline}-crm")
    opened.child("settings-sync-rule-deal-amount-of").chosen.emit("theirs")
    opened.settle()
    opened.press("settings-sync-publish")
    with opened.seat.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    assert options.automates(connection.options, pipeline) == "crm"
    assert options.own_rules(connection.options) == {("deal", "amount"): "theirs"}
    assert publishing.is_own(connection)
    since = opened.child("settings-sync-since")
    since._pick(opened.seat.store.zone.day_of(opened.seat.clock.at) - 30)
    opened.settle()
    with opened.seat.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    assert options.counts_from(connection.options) == since.value
    assert not opened.problems


def test_another_computer_publishes_until_it_is_taken_over(opened: Opened) -> None:
    claim = publishing.Claim("0a1b2c", "Max, PC-7", opened.seat.clock.at // 10**6 * 10**6)
    with opened.seat.store.books() as books:
        text = json.dumps({"publisher": claim.text()})
        books.update("sync_remote", [{"id": 1, "options": text}])
    opened.window.open_page("settings", "sync")
    opened.settle()
    assert "Max, PC-7 publishes them" in opened.child("settings-sync-publisher").text()
    assert opened.child("settings-sync-publish").isHidden()
    opened.press("settings-sync-take-over")
    with opened.seat.store.read() as r:
        connection = maps.connection(r)
    assert connection is not None
    assert publishing.is_own(connection)
    assert opened.child("settings-sync-publish").isChecked()
    assert not opened.problems


def test_everything_is_compared_with_the_crm(opened: Opened, qtbot: QtBot) -> None:
    deal = opened.seat.deal("Crane")
    opened.seat.round()
    opened.seat.clock.at += 5_000_000
    opened.seat.deal("Loader")  # what was read last is read again anyway
    for _ in range(2):  # each round compares a kind: the next one tasks
        opened.seat.round()
    page = opened.page()
    far = opened.seat.far(deal)
    table = opened.seat.remote.portal.table("deal")
    table[far.far_id] = replace(far, fields={**far.fields, "title": "There"})  # never told
    opened.press("sync-compare")
    said = page.panel.compared
    qtbot.waitUntil(lambda: "1 differed" in said.text(), timeout=WAIT)
    qtbot.waitUntil(lambda: not opened.desk.state.running, timeout=WAIT)
    assert opened.seat.value("SELECT title FROM deal WHERE id = ?", deal) == "There"
    opened.press("sync-compare")
    qtbot.waitUntil(lambda: "both sides agree" in said.text(), timeout=WAIT)
    assert not opened.problems


# -- the worker -----------------------------------------------------------------------------------


def test_the_worker_stops_with_the_window(qtbot: QtBot, found: Seat, tmp_path: Path) -> None:
    made = Opened(qtbot, found, tmp_path)
    made.desk.start()
    qtbot.waitUntil(lambda: made.rounds() == 1, timeout=WAIT)
    names = [one.name for one in threading.enumerate()]
    assert "sync" in names
    made.close()
    assert "sync" not in [one.name for one in threading.enumerate() if one.is_alive()]


def test_it_begins_by_itself_only_where_a_crm_is_connected(opened: Opened, qtbot: QtBot) -> None:
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "off"}])
    sync.begin(opened.context)
    QTest.qWait(100)
    assert "sync" not in [one.name for one in threading.enumerate()]
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "on"}])
    sync.begin(opened.context)
    qtbot.waitUntil(lambda: opened.rounds() == 1, timeout=WAIT)


def test_the_worker_waits_while_another_program_syncs(opened: Opened, qtbot: QtBot) -> None:
    with turn(opened.seat.store):
        opened.desk.now()
        QTest.qWait(200)
        assert opened.rounds() == 0
        assert opened.desk.state.error is None
    opened.desk.now()
    qtbot.waitUntil(lambda: opened.rounds() == 1, timeout=WAIT)


def test_offline_says_so_and_what_waits(opened: Opened, qtbot: QtBot) -> None:
    opened.way.failing = Failure(Kind.NOT_SENT)
    opened.seat.deal("Crane")
    page = opened.page()
    opened.press("sync-now")
    qtbot.waitUntil(lambda: page.panel.said.text() == "Offline · 1 change waits", timeout=WAIT)
    assert not opened.problems


def test_both_languages_and_back(opened: Opened) -> None:
    clash(opened.seat)
    page = opened.page()
    opened.context.set_language("ru")
    opened.settle()
    assert page.title.text() != ""
    opened.context.set_language("en")
    opened.settle()
    assert page.title.text() == "Sync"
    set_language("en")


# -- keyboard and roles ---------------------------------------------------------------------------


def key(what: Qt.Key) -> None:
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, what)


def tabbed(n: int) -> list[str]:
    """Where so many presses of Tab lead."""
    found = []
    for _ in range(n):
        key(Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        found.append(widget.objectName() if widget is not None else "")
    return found


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


def test_a_conflict_is_the_first_that_tab_comes_to(opened: Opened, qtbot: QtBot) -> None:
    clash(opened.seat)
    opened.window.activateWindow()
    page = opened.page()
    page.area.setFocus()
    wanted = ["sync-clash-0-open", "sync-clash-0-ours", "sync-clash-0-theirs"]
    assert tabbed(3) == wanted
    key(Qt.Key.Key_Space)
    qtbot.waitUntil(page.panel.clashes.isHidden, timeout=WAIT)


def test_a_manager_is_not_called_to_what_a_colleague_decides(opened: Opened, qtbot: QtBot) -> None:
    clash(opened.seat)
    opened.seat.deal("Loader")
    opened.seat.round()
    admin(opened.seat)
    opened.context.set_person(opened.seat.people["2"], "Max", "manager")
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "stopped", "problem": "auth"}])
    page = opened.page()
    assert not opened.child("sync-connect-again").isVisible()
    assert "administrator" in opened.child("sync-trouble").text()
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "on", "problem": None}])
    page.reading.refresh()
    line = opened.child("rail-sync")
    line.refresh()
    qtbot.waitUntil(lambda: line.accessibleName().startswith("Synced"), timeout=WAIT)
    assert page.panel.said.text().startswith("Synced")
    assert not page.panel.others.isHidden()


def test_a_manager_reads_no_names_of_colleagues_records(opened: Opened) -> None:
    admin(opened.seat)
    opened.seat.deal("Crane")
    opened.context.set_person(opened.seat.people["2"], "Max", "manager")
    with opened.seat.store.read() as r:
        connection = maps.connection(r)
        assert connection is not None
    outbox.survey(opened.seat.store, connection, now=opened.seat.clock.at)
    page = opened.page()
    lines = page.panel.waiting.list.items
    assert [(line.text, line.below) for line in lines] == [("1 deal", "records of colleagues")]
