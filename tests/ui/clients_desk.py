"""The page of clients in a window, on a real workspace, with short words to work on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import clients, clientview
from salesdesk.services.clients import NewClient
from salesdesk.services.clientview import ClientView
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.clients.page import ClientsPage
from salesdesk.ui.context import Context, Note
from salesdesk.ui.remember import Remember
from tests.services.deal_story import Story, told_story

ENTER, ESC, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down
CTRL = Qt.KeyboardModifier.ControlModifier


class Desk:
    """The page in a window; other pages of lists take it with a ``page_class`` of their own."""

    page_class: Any = ClientsPage

    def __init__(self, qtbot: QtBot, story: Story, context: Context) -> None:
        self.qtbot = qtbot
        self.story = story
        self.context = context
        self.said: list[Note] = []
        self.problems: list[Any] = []
        self.asked: list[tuple[str, object]] = []
        context.said.connect(self.said.append)
        context.problem.connect(self.problems.append)
        context.page_asked.connect(lambda page, item: self.asked.append((page, item)))
        self.window = QWidget()
        qtbot.addWidget(self.window)
        column = QVBoxLayout(self.window)
        column.setContentsMargins(0, 0, 0, 0)
        self.page = self.page_class(context)
        for widget in (*self.page.header_widgets(), *self.page.header_actions()):
            column.addWidget(widget)
        column.addWidget(self.page, 1)
        self.window.resize(1200, 800)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.page.activated()
        self.settle()

    @property
    def panel(self) -> Any:
        return self.page.panel

    def settle(self, more_ms: int = 0) -> None:
        """Let reads, writes and short waits come to their end."""
        if more_ms:
            QTest.qWait(min(more_ms, 20))
        for _ in range(3):
            self.qtbot.waitUntil(self._calm)
            QApplication.processEvents()

    def _calm(self) -> bool:
        page = self.page
        timers = [timer for timer in self.window.findChildren(QTimer) if timer.isSingleShot()]
        return not (
            self.context.background.pending()
            or self.context.writer.busy()
            or page.reading.is_reading
            or any(timer.isActive() for timer in timers)
        )

    def add(self, name: str, kind: clients.ClientKind = "company", **more: Any) -> int:
        new = NewClient(kind, name, **more)
        made = clients.add(self.story.store, new, person=None, now=self.story.now).id
        self.settle(400)
        return made

    def key(self, name: str) -> int:
        with self.story.store.read() as r:
            found = r.value("SELECT id FROM client WHERE name = ? AND deleted_at IS NULL", (name,))
        return int(found)

    def view(self, key: int) -> ClientView:
        with self.story.store.read() as r:
            return clientview.opened(r, key, now=self.story.now).client

    def names(self) -> list[str]:
        """What the list shows."""
        model = self.page.model
        for row in range(model.rowCount()):
            model.line(row)
        self.settle()
        lines = [model.line(row) for row in range(model.rowCount())]
        return [line.name for line in lines if line is not None]

    def child(self, name: str, inside: QWidget | None = None) -> QWidget:
        found = (inside or self.window).findChild(QWidget, name)
        assert found is not None, name
        return found

    def text_of(self, name: str) -> str:
        return self.child(f"{name}-value").accessibleName().partition(": ")[2]

    def type_into(self, row: str, typed: str, end: Qt.Key | None = ENTER) -> None:
        QTest.keyClick(self.child(f"{row}-value"), ENTER)
        editor = self.child(f"{row}-editor")
        assert isinstance(editor, QLineEdit)
        editor.clear()
        QTest.keyClicks(editor, typed)
        if end is not None:
            QTest.keyClick(editor, end)
            self.settle(120)

    def popup(self) -> QWidget:
        found = QApplication.activePopupWidget()
        assert found is not None
        return found

    def pick(self, wanted: str) -> None:
        """Choose a line of the list that is open."""
        view = self.popup().findChild(QListView)
        assert view is not None
        model = view.model()
        for row in range(model.rowCount()):
            if model.index(row, 0).data() == wanted:
                view.setCurrentIndex(model.index(row, 0))
                focus = QApplication.focusWidget()
                assert focus is not None
                QTest.keyClick(focus, ENTER)
                self.settle(120)
                return
        raise AssertionError([model.index(row, 0).data() for row in range(model.rowCount())])

    def click(self, name: str) -> None:
        QTest.mouseClick(self.child(name), Qt.MouseButton.LeftButton)
        self.settle(120)

    def click_row(
        self, name: str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        table = self.page.table
        row = self.names().index(name)
        place = table.visualRect(self.page.model.index(row, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, held, QPoint(place))
        self.settle(150)

    def press(self, key: Qt.Key, widget: QWidget | None = None,
              held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:  # fmt: skip
        QTest.keyClick(widget or self.page.table, key, held)
        self.settle(150)

    def undo(self) -> None:
        self.context.undo()
        self.settle(400)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[Desk]:
    theme.install(qapp, "light")
    story = told_story(tmp_path)
    context = Context(
        story.store, Writer(story.store), lambda: story.now, Remember(tmp_path / "w.ini")
    )
    context.set_person(story.maria, "Maria Kim", "manager")
    made = Desk(qtbot, story, context)
    yield made
    context.close()
    story.store.close()
