"""The mapping of a connected CRM is changed in the window: from the menu and from what was set
aside, with no key asked for again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.ui.sync.pairs import PairList
from salesdesk.ui.sync.remapping import Remapping
from tests.sync.seats import Seat
from tests.ui.sync_desk import Opened, a_keyring, admin, found, key, opened, tabbed

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
WAIT = 5000


def set_aside(one: Seat) -> None:
    """A deal of the CRM in a stage without a partner."""
    with one.store.books() as books:
        row = books.value("SELECT id FROM sync_map WHERE far_id = 'S:PAY'")
        books.remove("sync_map", [row])
    one.remote.portal.add("deal", {"title": "Far", "pipeline": "P", "stage": "S:PAY"})
    one.round()


def shown(opened: Opened, qtbot: QtBot) -> PairList:
    """The mapping, when it was read."""
    page = opened.page()
    assert isinstance(page.wizard, Remapping)
    step = page.wizard.match
    qtbot.waitUntil(step.isVisible, timeout=WAIT)
    opened.settle()
    assert step.pairs is not None
    return step.pairs


def choose(pairs: PairList, name: str, far: str) -> None:
    """Another partner for one of ours."""
    row = next(one for one in pairs.items if one.pair is not None and one.pair.own.name == name)
    assert row.pair is not None
    pairs.picker(row.pair).picked.emit(far)


def test_from_what_was_set_aside(opened: Opened, qtbot: QtBot) -> None:
    set_aside(opened.seat)
    opened.seat.deal("Own", "S:PAY")
    page = opened.page()
    assert opened.child("sync-aside-remap").text() == "Change the mapping"
    opened.press("sync-aside-remap")
    pairs = shown(opened, qtbot)
    words = [pairs.spoken(item) for item in pairs.items]
    assert words[:5] == ["Pipelines", "Sales → Sales", "New → New", "Meeting → Meeting",
                         "Paid → none"]  # fmt: skip
    assert not opened.child("sync-remapping-save").isEnabled()  # nothing is other than it was
    for name in ("sync-counts", "sync-try", "sync-sends", "sync-since"):
        assert not opened.child(name).isVisible()
    choose(pairs, "Paid", "S:PAY")
    opened.settle()
    assert opened.child("sync-sends").isVisible()
    assert opened.child("sync-counts").text().startswith("Sent first: 1 deal")
    opened.press("sync-remapping-save")
    qtbot.waitUntil(lambda: page.wizard is None, timeout=WAIT)
    qtbot.waitUntil(page.panel.aside.isHidden, timeout=WAIT)
    assert opened.seat.value("SELECT count(*) FROM deal WHERE title = 'Far'") == 1
    assert opened.said[-1].text == "The mapping is changed; the next round goes by it"
    assert not opened.problems


def test_from_the_menu_by_keys_alone(opened: Opened, qtbot: QtBot) -> None:
    page = opened.page()
    page.more_button.setFocus()
    key(Qt.Key.Key_Space)
    opened.settle()
    menu = opened.child("sync-menu")
    assert [one.text() for one in menu.actions()] == [
        "Choices of the sync", "Change the mapping…", "", "Disconnect…",
    ]  # fmt: skip
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    pairs = shown(opened, qtbot)
    assert opened.window.focusWidget() is pairs
    assert tabbed(1) == ["sync-remapping-cancel"]  # nothing is other than it was
    choose(pairs, "Max", "9")
    opened.settle()
    pairs.setFocus()
    assert tabbed(2) == ["sync-remapping-cancel", "sync-remapping-save"]
    key(Qt.Key.Key_Escape)
    assert page.wizard is None
    assert opened.seat.value("SELECT count(*) FROM sync_map WHERE far_id = '9'") == 0


def test_only_an_administrator_changes_it(opened: Opened) -> None:
    set_aside(opened.seat)
    admin(opened.seat)
    page = opened.page()
    opened.context.set_person(opened.seat.people["1"], "Mary", "manager")
    opened.settle()
    assert not opened.child("sync-aside-remap").isVisible()
    page.change_mapping()
    assert page.wizard is None


def test_what_goes_wrong_is_said_and_nothing_is_changed(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> None:
        raise Failure(Kind.NOT_SENT)

    page = opened.page()
    monkeypatch.setattr(opened.way, "of_connection", fails)
    page.change_mapping()
    said = opened.child("sync-remapping-said")
    qtbot.waitUntil(lambda: "cannot be reached" in said.text(), timeout=WAIT)
    assert not opened.child("sync-remapping-save").isEnabled()
    opened.press("sync-remapping-cancel")
    assert page.wizard is None
    assert opened.seat.value("SELECT count(*) FROM sync_map") == 8
