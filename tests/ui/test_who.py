"""Who works here: chosen over the window, with a PIN where there is one; undo stays personal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from salesdesk.services import deals, machine, people, pins
from salesdesk.ui.widgets import choose_person
from salesdesk.ui.widgets.choose_person import PersonChooser
from salesdesk.ui.widgets.pin import PinPopover
from salesdesk.ui.widgets.popup import show_under
from salesdesk.ui.widgets.who import who_menu
from tests.services.office import NOW
from tests.ui.office_window import Opened, opened

ENTER, ESC, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "home"))
    with opened(qtbot, tmp_path) as made:
        yield made
    choose_person._TRIES.clear()


def chooser(desk: Opened) -> PersonChooser:
    desk.context.ask_who()
    found = desk.window.findChild(PersonChooser)
    assert found is not None
    return found


def chosen(desk: Opened) -> tuple[str, int | None]:
    return desk.context.person_name, machine.known(desk.office.store.path).person


def test_the_person_is_chosen_by_typing_and_remembered(desk: Opened) -> None:
    assert chosen(desk) == ("", None)
    shown = chooser(desk)
    assert shown.later.text() == "Later"
    shown.search.setText("ьфч")  # "max", typed in the other layout
    QTest.keyClick(shown.search, ENTER)
    desk.settle()
    assert chosen(desk) == ("Max", desk.office.ids["Max"])
    assert desk.said[-1].text == "Max works on this computer now"
    assert desk.window.findChild(PersonChooser) is None
    assert desk.window.rail.who.accessibleName() == "Max · Manager"


def test_by_keys_alone_and_later(desk: Opened) -> None:
    shown = chooser(desk)
    names = [one.name for one in shown.list.model_.shown]
    assert names == sorted(names)
    QTest.keyClick(shown.search, DOWN)
    QTest.keyClick(shown.search, DOWN)
    QTest.keyClick(shown, ESC)
    desk.settle()
    assert chosen(desk) == ("", None)
    shown = chooser(desk)
    QTest.mouseClick(shown.later, Qt.MouseButton.LeftButton)
    desk.settle()
    assert desk.window.findChild(PersonChooser) is None


def give_pin(desk: Opened, name: str, pin: str) -> None:
    key = desk.office.ids[name]
    pins.set_pin(desk.office.store, key, pin, person=key, now=NOW)


def test_a_pin_is_asked_and_wrong_ones_slow_down(desk: Opened) -> None:
    give_pin(desk, "Mary", "1357")
    desk.work_as("Max")
    desk.context.ask_who(desk.office.ids["Mary"])
    shown = desk.window.findChild(PersonChooser)
    assert shown is not None
    assert shown.pin.isVisible()
    assert shown.pin.echoMode() == QLineEdit.EchoMode.Password
    for wrong in range(1, 4):
        QTest.keyClicks(shown.pin, "0000")
        QTest.keyClick(shown.pin, ENTER)
        assert shown.wrong.isVisible()
        assert shown.go.isEnabled() == (wrong < 3)
    assert shown.wrong.text() == "Wrong PIN. Try again in 5 seconds."
    QTest.keyClicks(shown.pin, "1357")
    QTest.keyClick(shown.pin, ENTER)
    assert desk.context.person_name == "Max"
    for _ in range(5):
        shown._on_second()
    assert shown.go.isEnabled()
    QTest.keyClicks(shown.pin, "1357")
    QTest.keyClick(shown.pin, ENTER)
    desk.settle()
    assert desk.context.person_name == "Mary"


def test_back_from_the_pin_to_the_list(desk: Opened) -> None:
    give_pin(desk, "Ada", "1357")
    shown = chooser(desk)
    shown.list.setCurrentIndex(shown.list.model_.index(0))
    shown.list.setFocus()
    QTest.keyClick(shown.list, ENTER)
    assert shown.title.text() == "Ada"
    QTest.keyClick(shown, ESC)
    assert shown.list.isVisible()
    assert shown.title.text() == "Who works here?"


def test_giving_oneself_a_pin(desk: Opened) -> None:
    desk.work_as("Mary")
    texts = [action.text() for action in who_menu(desk.window).actions()]
    assert "Give me a PIN…" in texts
    popover = PinPopover(desk.context)
    show_under(popover, desk.window.rail.who)
    QTest.keyClicks(popover.first, "1234")
    QTest.keyClicks(popover.again, "1235")
    QTest.keyClick(popover.again, ENTER)
    assert popover.wrong.text() == "The two are not the same."
    popover.first.setText("12")
    popover.again.setText("12")
    QTest.keyClick(popover.again, ENTER)
    desk.settle()
    assert "4 to 8 digits" in popover.wrong.text()
    popover.first.setText("123456")
    popover.again.setText("123456")
    QTest.keyClick(popover.again, ENTER)
    desk.settle()
    with desk.office.store.read() as r:
        assert pins.is_right(r, desk.office.ids["Mary"], "123456")
    texts = [action.text() for action in who_menu(desk.window).actions()]
    assert "Change my PIN…" in texts
    assert "Remove my PIN" in texts


def test_undo_reaches_the_own_commands(desk: Opened) -> None:
    desk.work_as("Mary")
    desk.context.write(deals.change, desk.office.deals["Mary"], {"title": "Mine"})
    desk.settle()
    assert desk.context.can_undo()
    desk.work_as("Max")
    assert not desk.context.can_undo()
    desk.work_as("Mary")
    assert desk.context.can_undo()
    desk.context.undo()
    desk.settle()
    assert desk.said[-1].text == "Taken back: Deal changed · Deal Mary"
    with desk.office.store.read() as r:
        sql = "SELECT title FROM deal WHERE id = ?"
        assert r.value(sql, (desk.office.deals["Mary"],)) == "Deal Mary"


def seen(desk: Opened) -> list[int] | None:
    found = desk.context.seen
    return None if found is None else sorted(found)


def test_pages_and_rights_follow_the_person(desk: Opened) -> None:
    rail, context = desk.window.rail, desk.context
    desk.work_as("Lena", "team_lead")
    desk.window.open_page("import")
    assert desk.window.open_key == "import"
    assert context.may("plans")
    assert not context.may("settings")
    desk.work_as("Mary")
    assert desk.window.open_key == "history"
    assert rail._buttons["import"].isHidden()
    desk.window.open_page("import")
    assert desk.window.open_key == "history"
    assert desk.said[-1].text == "“Import” is for team leads and administrators."
    assert seen(desk) == [desk.office.ids["Mary"]]
    assert context.may("deal", desk.office.deals["Mary"])
    assert not context.may("deal", desk.office.deals["Max"])
    people.change_person(
        desk.office.store, desk.office.ids["Mary"], {"role": "admin"}, person=None, now=NOW
    )
    desk.settle()
    assert context.role == "admin"
    assert seen(desk) is None
    assert not rail._buttons["import"].isHidden()


def test_a_machine_starts_with_nobody_until_somebody_is_chosen(desk: Opened) -> None:
    from salesdesk import app

    path = desk.office.store.path
    first = app._context(desk.office.store, path, lambda: NOW, "en")
    assert first.person_id is None
    first.close()
    machine.remember_person(path, desk.office.ids["Olga"])
    again = app._context(desk.office.store, path, lambda: NOW, "en")
    assert (again.person_name, again.role) == ("Olga", "manager")
    again.close()
