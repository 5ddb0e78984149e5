"""The sync in a real window: the foot of the rail, the page, conflicts, choices, the worker."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import deals, secrets
from salesdesk.services.sync import maps, options, outbox, publishing
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.text import set_language
from salesdesk.ui.deal.differs import Differs
from tests.ui.sync_desk import (
    WEBHOOK,
    Opened,
    a_keyring,
    admin,
    alone,
    clash,
    found,
    key,
    opened,
    tabbed,
)

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
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


def test_what_was_deleted_in_the_crm_is_made_anew_or_left(opened: Opened, qtbot: QtBot) -> None:
    keys = [opened.seat.deal(title) for title in ("Crane", "Loader")]
    opened.seat.round()
    for deal in keys:
        opened.seat.remote.portal.remove("deal", opened.seat.far(deal).far_id)
        deals.change(opened.seat.store, deal, {"amount": Decimal(5)}, **opened.seat.by())
    opened.seat.round()
    page = opened.page()
    texts = [opened.child(f"sync-failed-0-{verb}").text() for verb in ("open", "retry", "discard")]
    assert texts == ["Open", "Make it there anew", "Keep it here alone"]
    assert not opened.child("sync-failed-all").isVisible()  # they do not go by another try
    opened.press("sync-failed-0-retry")
    table = opened.seat.remote.portal.table("deal")
    qtbot.waitUntil(lambda: len(table) == 1, timeout=WAIT)
    opened.settle()
    opened.press("sync-failed-0-discard")
    qtbot.waitUntil(page.panel.failed.isHidden, timeout=WAIT)
    assert [one.fields["title"] for one in table.values()] == ["Crane"]


@pytest.mark.parametrize(
    ("kind", "problem", "helps"),
    [("bitrix24", "permission", "grant it crm, task and user"),
     ("amocrm", "permission", "that of an administrator"),
     ("bitrix24", "redirected", "connect it at the new one")],
)  # fmt: skip
def test_what_stopped_it_says_what_helps(
    opened: Opened, kind: str, problem: str, helps: str
) -> None:
    with opened.seat.store.books() as books:
        row = {"id": 1, "kind": kind, "state": "stopped", "problem": problem}
        books.update("sync_remote", [row])
    opened.page()
    assert helps in opened.child("sync-trouble").text()


def test_connecting_again_knows_the_address(opened: Opened) -> None:
    with opened.seat.store.books() as books:
        row = {"id": 1, "kind": "amocrm", "base_url": "https://zavod.amocrm.ru", "problem": "auth",
               "state": "stopped"}  # fmt: skip
        books.update("sync_remote", [row])
    opened.page()
    opened.press("sync-connect-again")
    assert opened.child("sync-base").text() == "https://zavod.amocrm.ru"
    assert opened.window.focusWidget() is opened.child("sync-secret")
    assert not opened.child("sync-next").isEnabled()  # the key is what it lacks
    QTest.keyClicks(opened.child("sync-secret"), "long-token")
    assert opened.child("sync-next").isEnabled()


def test_pause_keeps_rounds_away_and_resume_brings_one(opened: Opened, qtbot: QtBot) -> None:
    opened.page()
    opened.press("sync-pause")
    qtbot.waitUntil(lambda: opened.child("sync-said").text() == "Sync paused", timeout=WAIT)
    opened.seat.deal("Crane")
    opened.desk.now()
    QTest.qWait(200)
    assert opened.rounds() == 0
    opened.press("sync-pause")
    qtbot.waitUntil(lambda: opened.rounds() >= 1, timeout=WAIT)
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
    qtbot.waitUntil(opened.child("sync-compare").isEnabled, timeout=WAIT)
    assert opened.seat.value("SELECT title FROM deal WHERE id = ?", deal) == "There"
    opened.press("sync-compare")
    qtbot.waitUntil(lambda: "both sides agree" in said.text(), timeout=WAIT)
    assert not opened.problems


# -- the worker -----------------------------------------------------------------------------------


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
    qtbot.waitUntil(lambda: opened.window.findChild(QWidget, "rail-sync") is not None, timeout=WAIT)
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
