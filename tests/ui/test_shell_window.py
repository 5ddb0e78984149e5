"""The window: pages, rail, undo keys in both layouts, toast, errors, languages, memory."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.errors import NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.text import N_, set_language, tr
from salesdesk.ui import excepthook, shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.widgets.help import ShortcutList
from tests.builders import empty_store
from tests.ui.shell_gallery import Gallery, add_person, new_context, specs

CYRILLIC_YA = Qt.Key(0x042F)
CYRILLIC_IS_NEW_TO_QTEST = pytest.mark.qt_log_ignore("keyToAscii", extend=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = empty_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def context(qtbot: QtBot, qapp: QApplication, tmp_path: Path, store: Store) -> Iterator[Context]:
    theme.install(qapp, "light")
    made = new_context(tmp_path, store)
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> MainWindow:
    made = MainWindow(context, specs())
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def test_pages_are_made_when_first_shown(qtbot: QtBot, context: Context) -> None:
    made: list[str] = []
    window = MainWindow(context, specs(made))
    qtbot.addWidget(window)
    assert made == ["board"]
    window.rail.chosen.emit("gallery")
    assert (window.open_key, made) == ("gallery", ["board", "gallery"])
    assert window.windowTitle() == "Ranking — SalesDesk"
    context.go("board")
    context.go("gallery")
    assert made == ["board", "gallery"]
    context.go("no such page")
    assert window.open_key == "gallery"


def test_keys_open_pages_and_collapse_the_rail(window: MainWindow, context: Context) -> None:
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.open_key == "gallery"
    assert window.rail.width() == theme.RAIL_WIDTH
    QTest.keyClick(window, Qt.Key.Key_Backslash, Qt.KeyboardModifier.ControlModifier)
    assert window.rail.width() == theme.RAIL_COLLAPSED
    assert context.remember.flag("window/rail_collapsed")


@CYRILLIC_IS_NEW_TO_QTEST
@pytest.mark.parametrize("key", [Qt.Key.Key_Z, CYRILLIC_YA], ids=["latin", "cyrillic"])
def test_undo_and_redo_by_key_in_both_layouts(
    window: MainWindow, context: Context, qtbot: QtBot, key: Qt.Key
) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    context.write(add_person)
    qtbot.waitUntil(context.can_undo)
    QTest.keyClick(window, key, control)
    qtbot.waitUntil(context.can_redo)
    assert not context.can_undo()
    QTest.keyClick(window, key, control | shift)
    qtbot.waitUntil(context.can_undo)


@CYRILLIC_IS_NEW_TO_QTEST
def test_letters_mean_the_key_and_spare_those_who_type(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("board")
    field = QLineEdit(page)
    field.show()
    calls: list[str] = []
    shortcuts.add(page, "N", N_("New deal"), lambda: calls.append("new"))
    shortcuts.add(page, "/", N_("Filter"), lambda: calls.append("filter"))
    page.setFocus()
    for key in (Qt.Key.Key_N, Qt.Key(0x0422), Qt.Key.Key_Slash, Qt.Key.Key_Period):
        QTest.keyClick(window, key)
    assert calls == ["new", "new", "filter", "filter"]
    field.setFocus()
    QTest.keyClicks(field, "n/")
    assert field.text() == "n/"
    assert len(calls) == 4
    window.open_page("gallery")
    QTest.keyClick(window, Qt.Key.Key_N)
    assert len(calls) == 4
    assert shortcuts.latin("Т") == "n"


def test_a_key_is_called_as_it_is_written_on_the_keyboard() -> None:
    set_language("ru")
    assert shortcuts.shown("Del") == "Delete"
    assert shortcuts.shown("Ctrl+Space") == "Ctrl + Пробел"


def test_the_list_of_shortcuts(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_Question)
    shown = window.findChild(ShortcutList)
    assert isinstance(shown, ShortcutList)
    texts = " ".join(entry.text for group in shortcuts.entries().values() for entry in group)
    assert "Undo" in texts
    assert "Redo" in texts
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(ShortcutList) is None)


def test_a_toast_goes_with_its_language_and_an_error_changes_it(
    window: MainWindow, context: Context, qtbot: QtBot
) -> None:
    context.say("Maria Kim works here now")
    assert window.floats.toast.isVisible()
    context.fail(NotFound(N_("This client does not exist any more.")))
    context.say("Once more")
    errors = window.floats.errors
    assert errors.message.text() == "This client does not exist any more."
    context.set_language("ru")
    assert not window.floats.toast.isVisible()
    assert errors.isVisible()
    assert errors.message.text() == tr("This client does not exist any more.")
    assert errors.message.text() != "This client does not exist any more."
    assert errors.accessibleName().endswith(errors.message.text())


def test_the_toast_offers_undo_and_goes(window: MainWindow, context: Context, qtbot: QtBot) -> None:
    context.write(add_person, say=lambda _command: "Maria Kim works here now")
    qtbot.waitUntil(window.floats.toast.isVisible)
    toast = window.floats.toast
    assert toast.text() == "Maria Kim works here now"
    middle = toast.geometry().center().x()
    assert abs(middle - window.centralWidget().rect().center().x()) <= 1  # type: ignore[union-attr]
    assert toast.geometry().bottom() < window.height()
    toast.button.click()
    qtbot.waitUntil(lambda: toast.text().startswith("Taken back: "))
    toast._timer.start(1)
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_errors_stay_until_closed_and_details_can_be_copied(
    window: MainWindow, context: Context, qtbot: QtBot
) -> None:
    context.fail(Refused(N_("The stage “{stage}” wants a reason."), stage="Lost"))
    bar = window.floats.errors
    assert bar.isVisible()
    assert bar.title.text() == "Refused"
    assert bar.message.text() == "The stage “Lost” wants a reason."
    bar.copy_button.click()
    assert "salesdesk.errors.Refused" in QGuiApplication.clipboard().text()
    window.resize(900, 600)
    assert window.rect().contains(bar.mapTo(window, bar.rect().bottomRight()))
    bar.close_button.click()
    assert not bar.isVisible()


def test_a_longer_error_after_a_short_one_has_its_room(
    window: MainWindow, context: Context
) -> None:
    context.fail(Refused(N_("The stage “{stage}” wants a reason."), stage="Lost"))
    bar = window.floats.errors
    short = bar.height()
    context.fail(Refused(N_("The stage “{stage}” wants a reason."), stage="Lost " * 30))
    assert bar.height() > short
    QApplication.processEvents()
    assert bar.message.height() >= bar.message.heightForWidth(bar.message.width())


def test_what_went_wrong_is_not_told_to_whoever_sits_down_next(
    window: MainWindow, context: Context
) -> None:
    context.fail(Refused(N_("The stage “{stage}” wants a reason."), stage="Lost"))
    context.set_person(7, "Maria Kim", "manager")
    assert not window.floats.errors.isVisible()


def test_uncaught_errors_are_shown(
    window: MainWindow, context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "__excepthook__", lambda *_: None)
    excepthook.install(context)

    def fail() -> None:
        raise RuntimeError("the wheel came off")

    thread = threading.Thread(target=fail)
    with qtbot.waitSignal(context.problem, timeout=2000):
        thread.start()
    thread.join()
    assert window.floats.errors.title.text() == "Something went wrong"
    assert "wheel" not in window.floats.errors.message.text()


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_language_and_theme_change_without_a_restart(
    window: MainWindow, context: Context, qtbot: QtBot
) -> None:
    window.open_page("gallery")
    page = window.page("gallery")
    assert isinstance(page, Gallery)
    texts: list[str] = []
    original = page.retranslate
    page.retranslate = lambda: (original(), texts.append(context.language))  # type: ignore[method-assign, assignment, func-returns-value]
    window.rail.who.click()
    menu = window.findChild(QMenu, "who-menu")
    assert isinstance(menu, QMenu)
    russian = [a for m in menu.findChildren(QMenu) for a in m.actions() if a.text() == "Русский"]
    russian[0].trigger()
    menu.close()
    assert context.language == "ru"
    assert texts == ["ru"]
    before = window.grab().toImage().pixelColor(300, 400)
    context.set_theme("dark")
    assert window.grab().toImage().pixelColor(300, 400) != before
    context.set_theme("light")
    context.set_language("en")
    qtbot.wait(10)


def test_the_window_comes_back_as_it_was(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    first = MainWindow(context, specs())
    qtbot.addWidget(first)
    first.show()
    first.resize(780, 600)
    first.open_page("tasks")
    first._on_toggle_rail()
    first.close()
    assert (tmp_path / "window.ini").exists()
    second = MainWindow(context, specs())
    qtbot.addWidget(second)
    assert second.open_key == "tasks"
    assert second.rail.collapsed
    assert (second.width(), second.height()) == (780, 600)


def test_nonsense_in_the_memory_does_no_harm(qtbot: QtBot, context: Context) -> None:
    for name in ("window/geometry", "window/page", "window/rail_collapsed"):
        context.remember.set(name, "nonsense ☃")
    window = MainWindow(context, specs())
    qtbot.addWidget(window)
    assert window.open_key == "board"
    assert not window.rail.collapsed
    assert context.remember.number("window/page", 5) == 5
    assert context.remember.numbers("window/page") == []


def test_who_and_counts_stand_in_the_rail(window: MainWindow, context: Context) -> None:
    assert window.rail.who.accessibleName() == "Anna Orlova · Administrator"
    window.rail.refresh_counts()
    tasks = window.findChild(QAbstractButton, "nav-tasks")
    assert isinstance(tasks, QAbstractButton)
    assert tasks.accessibleName() == "Tasks, 4"


def test_everything_interactive_is_named(window: MainWindow, context: Context) -> None:
    window.open_page("gallery")
    nameless = [
        f"{type(widget).__name__} {widget.objectName()!r} {widget.accessibleName()!r}"
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
        and not (widget.objectName() and widget.accessibleName())
    ]
    assert nameless == []


def test_a_window_of_nothing_opens(qtbot: QtBot, context: Context) -> None:
    window = MainWindow(context, [])
    qtbot.addWidget(window)
    window.show()
    assert window.open_key == ""
