"""A panel of a deal in a window, on a real workspace, with short words to work on it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salesdesk.services import dealview, tasks
from salesdesk.services.dealview import DealView
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context, Note
from salesdesk.ui.deal.panel import DealPanel
from salesdesk.ui.remember import Remember
from tests.services.deal_story import Story, told_story

ENTER, ESC, TAB, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Down


class Desk:
    """A panel in a window, with short words to work on it."""

    def __init__(self, qtbot: QtBot, story: Story, context: Context) -> None:
        self.qtbot = qtbot
        self.story = story
        self.context = context
        self.window = QWidget()
        qtbot.addWidget(self.window)
        row = QHBoxLayout(self.window)
        row.setContentsMargins(0, 0, 0, 0)
        self.panel = DealPanel(context)
        row.addWidget(self.panel)
        self.window.resize(340, 860)
        self.window.show()
        self.said: list[Note] = []
        self.problems: list[Any] = []
        context.said.connect(self.said.append)
        context.problem.connect(self.problems.append)

    def open(self, deal_id: int = 0) -> None:
        self.panel.open_deal(deal_id or self.story.deal)
        self.settle()

    def settle(self) -> None:
        """Let reads and writes come to their end."""
        QApplication.processEvents()

        def calm() -> None:
            assert not self.context.background.pending()
            assert not self.context.writer.busy()
            assert not self.panel._soon.isActive()
            assert not self.panel._below.isActive()
            assert not self.panel.history._rest.isActive()

        for _ in range(3):
            self.qtbot.waitUntil(calm_or_fail(calm))
            QApplication.processEvents()

    @property
    def deal(self) -> DealView:
        with self.story.store.read() as r:
            return dealview.deal_view(r, self.panel.deal_id or 0, now=self.story.now)

    def child(self, name: str) -> QWidget:
        found = self.panel.findChild(QWidget, name)
        assert found is not None, name
        return found

    def text_of(self, name: str) -> str:
        return self.child(f"{name}-value").accessibleName().partition(": ")[2]

    def type_into(self, row: str, typed: str, end: Qt.Key | None = ENTER) -> None:
        """Edit a row by keys: Enter begins, what stands there is replaced, ``end`` ends."""
        QTest.keyClick(self.child(f"{row}-value"), ENTER)
        editor = self.child(f"{row}-editor")
        assert isinstance(editor, QLineEdit)
        editor.selectAll()
        QTest.keyClicks(editor, typed)
        if end is not None:
            QTest.keyClick(editor, end)
            self.settle()

    def popup(self) -> QWidget:
        found = QApplication.activePopupWidget()
        assert found is not None
        return found

    def choose(self, *keys: Qt.Key) -> None:
        """Press keys in the list that is open. What they ask for is answered when the list's window
        is gone: the offscreen platform takes the focus from a form that opened meanwhile."""
        focus = QApplication.focusWidget()
        assert focus is not None
        gone = Event()
        self.context.writer.submit(lambda _store: gone.wait(5))
        for key in keys:
            QTest.keyClick(focus, key)
        QApplication.processEvents()
        gone.set()
        self.settle()

    def pick(self, wanted: str) -> None:
        """Choose a line of the list that is open by its text."""
        popup = self.popup()
        view = popup.findChild(QListView)
        assert view is not None
        model = view.model()
        for row in range(model.rowCount()):
            if model.index(row, 0).data() == wanted:
                view.setCurrentIndex(model.index(row, 0))
                self.choose(ENTER)
                return
        raise AssertionError([model.index(row, 0).data() for row in range(model.rowCount())])

    def trigger(self, action: str) -> None:
        """Choose an entry of the menu that is open."""
        menu = self.popup()
        [found] = [each for each in menu.actions() if each.objectName().endswith(f"-{action}")]
        menu.close()
        found.trigger()
        self.settle()

    def click(self, name: str) -> None:
        QTest.mouseClick(self.child(name), Qt.MouseButton.LeftButton)
        self.settle()

    def task(self, title: str) -> tasks.TaskLine:
        return next(task for task in self.deal.tasks if task.title == title)

    def task_menu(self, title: str) -> None:
        QTest.keyClick(self.child(f"deal-task-{self.task(title).id}-text"), ENTER)
        self.settle()

    def history(self) -> list[str]:
        return [
            f"{entry.text} {entry.strong}".strip() for entry in self.panel.history.view.entries()
        ]


def calm_or_fail(calm: Callable[[], None]) -> Callable[[], bool]:
    def check() -> bool:
        try:
            calm()
        except AssertionError:
            return False
        return True

    return check


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = told_story(tmp_path)
    yield told
    told.store.close()


@pytest.fixture
def desk(qtbot: QtBot, story: Story, tmp_path: Path, qapp: QApplication) -> Iterator[Desk]:
    theme.install(qapp, "light")
    context = Context(
        story.store, Writer(story.store), lambda: story.now, Remember(tmp_path / "w.ini")
    )
    context.set_person(story.maria, "Maria Kim", "manager")
    made = Desk(qtbot, story, context)
    made.open()
    yield made
    context.close()
