"""A small office for the scripted days, and the hands that work in it.

Every act is an event of mouse or keyboard at the window of the platform; widgets are found by the
names that screen readers and style sheets know, and must be in sight to be pressed.
"""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFileDialog,
    QLabel,
    QMenu,
    QScrollArea,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salesdesk import app
from salesdesk.models.store import Store
from salesdesk.ui import theme
from salesdesk.ui.widgets import choose_person
from tests.e2e.conftest import Strays
from tests.e2e.day_office import Office
from tests.e2e.desk import (
    CTRL,
    KEY,
    NONE,
    SHIFT,
    Desk,
    moving_clock,
)


class Day(Desk):
    """The window at a first start: nobody is chosen on this machine yet."""

    def __init__(self, qtbot: QtBot, office: Office, folder: Path) -> None:
        self.qtbot, self.office, self.closed = qtbot, office, False
        self.path = Path(shutil.copy(office.path, folder / "office.salesdesk"))
        self.clock = moving_clock()
        self.store: Store = app._open(self.path, self.clock())
        self.context = app._context(self.store, self.path, self.clock, "en")
        application = QApplication.instance()
        self.window = app._window(application, self.context)
        self.window.resize(1440, 900)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        app._after_first_paint(self.context, _Alone(), self.path)
        self.until(lambda: self.find("who-chooser") is not None)
        self.settle()

    # -- what is seen ---------------------------------------------------------------------------

    def find(self, name: str) -> QWidget | None:
        """The widget of this name that is in sight, the one in front first."""
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        for top in (front, self.window):
            if top is None:
                continue
            if top.objectName() == name:
                return top
            for one in top.findChildren(QWidget, name):
                if one.isVisible():
                    return one
        return None

    def seen(self, name: str) -> QWidget:
        """The widget of this name; it must be in sight."""
        found = self.find(name)
        if found is None:
            self.until(lambda: self.find(name) is not None)
            found = self.find(name)
        assert found is not None, name
        return found

    def says(self, name: str) -> str:
        """What a widget is called or shows."""
        found = self.seen(name)
        text = getattr(found, "text", None)
        shown = str(text()) if callable(text) else ""
        return shown or found.accessibleName()

    def shows(self, name: str, text: str) -> None:
        """Wait until a widget says this (what is read anew comes a moment after the write)."""
        if self.says(name) != text:
            self.qtbot.wait(150)
            self.settle()
        for _ in range(100):
            if self.says(name) == text:
                return
            self.qtbot.wait(50)
        assert self.says(name) == text

    def lists(self, name: str, words: str) -> None:
        """Wait until a list shows a row with these words."""
        for _ in range(100):
            if any(words in row for row in self.rows(name)):
                return
            self.qtbot.wait(50)
        raise AssertionError(f"no row “{words}” in {name}: {self.rows(name)}")

    def view(self, name: str) -> QAbstractItemView:
        found = self.seen(name)
        assert isinstance(found, QAbstractItemView)
        return found

    def rows(self, name: str) -> list[str]:
        """What stands in the rows of a list, as a screen reader says it."""
        return [_row_text(self.view(name), at) for at in range(self._count(name))]

    def _count(self, name: str) -> int:
        return self.view(name).model().rowCount()

    def row_of(self, name: str, words: str) -> QModelIndex:
        view = self.view(name)
        for at in range(view.model().rowCount()):
            if words in _row_text(view, at):
                return view.model().index(at, 0)
        raise AssertionError(f"no row “{words}” in {name}: {self.rows(name)}")

    def texts(self) -> str:
        """Everything that labels in sight say."""
        labels = self.window.findChildren(QLabel)
        popup = QApplication.activePopupWidget()
        labels += popup.findChildren(QLabel) if popup is not None else []
        return "\n".join(one.text() for one in labels if one.isVisible())

    def popup(self) -> str:
        """The name of the popup in front."""
        found = QApplication.activePopupWidget()
        return found.objectName() if found is not None else ""

    def offered(self) -> list[str]:
        """The pages of the rail that are in sight."""
        keys = [spec.key for spec in self.window.specs]
        return [key for key in keys if (one := self.find(f"nav-{key}")) and one.isVisible()]

    def one(self, sql: str, *values: Any) -> Any:
        """A value of the file."""
        with self.store.read() as r:
            return r.value(sql, values)

    def task(self, title: str) -> tuple[Any, ...]:
        """State, postponements, result and due moment of the latest task of this title."""
        with self.store.read() as r:
            found = r.row(
                "SELECT state, postponed, result, due_at, assignee_id, remark FROM task "
                "WHERE title = ? ORDER BY id DESC LIMIT 1", (title,),
            )  # fmt: skip
        assert found is not None, title
        return tuple(found)

    def local(self, moment: int) -> str:
        return datetime.isoformat(self.store.zone.local(moment).replace(tzinfo=None))[:16]

    # -- the mouse ------------------------------------------------------------------------------

    def press(self, name: str) -> None:
        """Click a button, after turning the wheel until it is in sight."""
        widget = self.seen(name)
        assert widget.isEnabled(), name
        self.bring(widget)
        self.click(widget)
        self.settle()

    def bring(self, widget: QWidget, place: QPoint | None = None) -> None:
        """Turn the wheel over the area that scrolls until the widget is in its sight."""
        area: QWidget | None = widget.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if not isinstance(area, QScrollArea) or area.widget() is None:
            return
        for _ in range(60):
            where = widget.mapTo(area, place or widget.rect().center())
            if area.rect().adjusted(0, 8, 0, -8).contains(QPoint(area.width() // 2, where.y())):
                return
            down = where.y() > area.height() // 2
            middle = area.viewport().mapToGlobal(area.viewport().rect().center())
            self.wheel(middle, -120 if down else 120)

    def wheel(self, place: QPoint, by: int) -> None:
        handle = self._screen_window()
        event = QWheelEvent(
            QPointF(handle.mapFromGlobal(place)), QPointF(place), QPoint(), QPoint(0, by),
            Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(handle, event)
        QApplication.processEvents()

    def place(self, name: str, words: str) -> QPoint:
        """The middle of a row on the screen."""
        view, index = self.view(name), self.row_of(name, words)
        view.scrollTo(index)
        rect = view.visualRect(index)
        if isinstance(view, QTableView) and rect.width() < 60:  # a box to tick stands first
            rect = view.visualRect(index.siblingAtColumn(1))
        self.bring(view, rect.center())
        middle = QPoint(min(rect.center().x(), rect.left() + 120), rect.center().y())
        return view.viewport().mapToGlobal(middle)

    def take(self, name: str, words: str, held: Qt.KeyboardModifier = NONE) -> None:
        """Click a row."""
        self.click_at(self.place(name, words), held)
        self.settle()

    def pick(self, words: str) -> None:
        """Click a line of the list that has popped up."""
        popup = QApplication.activePopupWidget()
        assert popup is not None, words
        if isinstance(popup, QMenu):
            action = _action(popup, words)
            self.click_at(popup.mapToGlobal(popup.actionGeometry(action).center()))
        else:
            view = popup.findChild(QAbstractItemView)
            assert view is not None
            self.take(view.objectName(), words)
        self.settle()

    def menu_at(self, place: QPoint) -> None:
        """Press the right button."""
        handle = self._screen_window()
        QTest.mouseClick(handle, Qt.MouseButton.RightButton, NONE, handle.mapFromGlobal(place))
        self.settle()

    def fill(self, name: str, text: str, end: Qt.Key | None = None) -> None:
        """Click into a field and type over what stands there."""
        self.press(name)
        self.over(text, end)

    # -- the keyboard ---------------------------------------------------------------------------

    def over(self, text: str, end: Qt.Key | None = None) -> None:
        """Type over what stands in the field that has the keyboard."""
        self.key(KEY.Key_A, held=CTRL)
        if text:
            self.write(text)
        else:
            self.key(KEY.Key_Delete)
        if end is not None:
            self.key(end)
        self.settle()

    def write(self, text: str) -> None:
        """Type any text; letters that the test library has no key for come as the system sends
        them."""
        for char in text:
            if ord(char) < 128:
                QTest.keyClick(self._screen_window(), char)  # type: ignore[call-overload]
                continue
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, ord(char.upper()), NONE, char)
                QApplication.sendEvent(self._screen_window(), event)

    def go(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press keys and wait until all of it is done."""
        self.key(*keys, held=held)
        self.settle()

    def menu_key(self) -> None:
        """Shift+F10, which every keyboard has."""
        self.go(KEY.Key_F10, held=SHIFT)

    def page(self, key: str) -> None:
        """Ctrl and the number of a page, 0 for the tenth."""
        at = [spec.key for spec in self.window.specs].index(key)
        self.go(Qt.Key(int(KEY.Key_0) + (at + 1) % 10), held=CTRL)
        assert self.window.open_key == key

    def walk_to(self, words: str, most: int = 40) -> None:
        """Walk down the list that has the keyboard to a row."""
        view = QApplication.focusWidget()
        assert isinstance(view, QAbstractItemView), self.focus()
        for _ in range(most):
            wanted = self.row_of(view.objectName(), words).row()
            at = view.currentIndex().row()
            if at == wanted:
                return
            self.key(KEY.Key_Down if at < wanted else KEY.Key_Up)
        raise AssertionError(f"arrows do not reach “{words}”: {self.rows(view.objectName())}")

    def pick_by_keys(self, words: str) -> None:
        """Choose from the list that has popped up: type ahead where it has a field, else arrows."""
        popup = QApplication.activePopupWidget()
        assert popup is not None, words
        if isinstance(popup, QMenu):
            for _ in range(30):
                active = popup.activeAction()
                if active is not None and words in active.text():
                    break
                self.key(KEY.Key_Down)
            else:
                raise AssertionError(f"no “{words}” in the menu")
        else:
            view = popup.findChild(QAbstractItemView)
            assert view is not None
            wanted = self.row_of(view.objectName(), words).row()
            for _ in range(40):
                at = view.currentIndex().row()
                if at == wanted:
                    break
                self.key(KEY.Key_Down if at < wanted else KEY.Key_Up)
        self.go(KEY.Key_Return)

    def back_to(self, wanted: str, most: int = 40) -> None:
        """Walk backwards with Shift+Tab."""
        for _ in range(most):
            if self.focus().startswith(wanted):
                return
            self.key(KEY.Key_Backtab, held=Qt.KeyboardModifier.ShiftModifier)
        raise AssertionError(f"Shift+Tab does not reach {wanted}")

    # -- files ----------------------------------------------------------------------------------

    def in_dialog(self, opens: Callable[[], None], file: Path) -> None:
        """Do what opens a dialog of files, paste the file's name there and press Enter."""
        left = [8]  # a list of known names may pop up before, and Enter leaves that first

        def answer() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QFileDialog) and left[0]:
                if left[0] == 8:
                    QGuiApplication.clipboard().setText(str(file))
                    QTest.keyClick(dialog.windowHandle(), KEY.Key_V, CTRL)
                else:
                    QTest.keyClick(dialog.windowHandle(), KEY.Key_Return)
                left[0] -= 1
            elif isinstance(dialog, QFileDialog):
                dialog.reject()
            if left[0] == 8 or isinstance(QApplication.activeModalWidget(), QFileDialog):
                QTimer.singleShot(50, answer)

        QTimer.singleShot(50, answer)
        opens()
        self.window.activateWindow()  # the offscreen platform has nobody who would do it
        self.settle()
        assert 0 < left[0] < 8, "the dialog of files did not take the name"


class _Alone:
    """Stands for the claim on the workspace: nobody else starts a window in a test."""

    def listen(self) -> None:
        """Nothing to listen to."""


def _row_text(view: QAbstractItemView, row: int) -> str:
    model, said = view.model(), []
    several = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for column in range(several):
        index = model.index(row, column)
        told = index.data(int(Qt.ItemDataRole.AccessibleTextRole)) or index.data()
        if told:
            said.append(str(told))
    return " | ".join(said)


def _action(menu: QMenu, words: str) -> QAction:
    for action in menu.actions():
        if words in action.text():
            return action
    raise AssertionError(f"no “{words}” in {[one.text() for one in menu.actions()]}")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The workspace, made once; each day has a copy."""
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def day(
    qapp: QApplication, qtbot: QtBot, office: Office, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Day]:  # fmt: skip
    """The window at a first start; it is closed at the end."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    strays = Strays()
    qapp.installEventFilter(strays)
    opened = Day(qtbot, office, tmp_path)
    yield opened
    qapp.removeEventFilter(strays)
    if not opened.closed:
        opened.close()
    choose_person._TRIES.clear()
    theme.set_mode("light")
    qapp.setStyleSheet("")
    assert not strays.found, "\n".join(strays.found)


@pytest.fixture
def keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the mouse fails."""

    def refuse(*_given: object) -> None:
        raise AssertionError("the mouse was used in a day by keyboard")

    for name in ("mouseClick", "mouseDClick", "mousePress", "mouseMove", "mouseRelease"):
        monkeypatch.setattr(QTest, name, refuse)
    monkeypatch.setattr(Day, "wheel", refuse)
