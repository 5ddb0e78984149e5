"""A workspace with tasks of two people, and the page of tasks opened on it in a window."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import tasks
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.pages import specs
from salesdesk.ui.remember import Remember
from salesdesk.ui.tasks.panel import TasksPage
from tests.builders import Desk, empty_store
from tests.ui.settling import window_on

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
KEY = Qt.Key
NOW = "2026-11-20T12:00"  # a Friday


class Other(Page):
    """Stands for another page: remembers what it was asked to show."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shown: list[object] = []

    def show_item(self, item: object) -> None:
        self.shown.append(item)


class Story:
    """A lead and two managers of one team; calls of every state for a deal and a client."""

    def __init__(self, folder: Path) -> None:
        desk = self.desk = Desk(empty_store(folder))
        group = desk.team("Sales")
        self.anna = desk.person("Anna Orlova", role="team_lead", team_id=group)
        self.maria = desk.person("Maria Kim", role="manager", team_id=group)
        self.ivan = desk.person("Ivan Petrov", role="manager", team_id=group)
        self.client = desk.insert("client", kind="company", name="Agro", name_key="agro")
        desk.insert("client_contact", client_id=self.client, kind="phone", value="+7 912 555",
                    value_key="7912555")  # fmt: skip
        self.call = desk.insert("task_kind", name="Call", name_key="call", icon="phone")
        self.offer = desk.insert("task_kind", name="Offer", name_key="offer", icon="file")
        new = desk.pipeline("Sales")[0]
        self.deal = desk.deal(new, "2026-11-02T10:00", self.maria, client_id=self.client,
                              title="Cranes", title_key="cranes")  # fmt: skip
        self.late = self.task("Call back", "2026-11-19T10:00")
        self.older = self.task("Call again", "2026-11-18T10:00")
        self.noon = self.task("Send the offer", "2026-11-20T15:00", kind=self.offer)
        self.next = self.task("Visit", "2026-11-23T09:30", kind=self.offer)
        self.ivans = self.task("Sign", "2026-11-19T11:00", who=self.ivan)
        self.alone = self.task("Greet", "2026-11-20T17:00", deal=False)
        self.now = desk.at(NOW)

    def task(self, title: str, due: str, *, kind: int = 0, who: int = 0, deal: bool = True) -> int:
        desk = self.desk
        made = desk.task(self.deal if deal else None, who or self.maria, "2026-11-10T10:00", due)
        about = {} if deal else {"client_id": self.client}
        desk.update("task", made, title=title, kind_id=kind or self.call, **about)
        return made

    def line(self, task: int) -> tasks.TaskLine:
        with self.desk.store.read() as r:
            return tasks.by_ids(r, [task], now=self.now)[0]

    def local(self, task: int) -> str:
        """When a task is due, as the clock on the wall says it."""
        due = self.line(task).due_at
        assert due is not None
        return datetime.isoformat(self.desk.store.zone.local(due).replace(tzinfo=None))[:16]


class Open:
    """The window with the page of tasks, as Maria or as the lead sees it."""

    def __init__(self, qtbot: QtBot, story: Story, folder: Path) -> None:
        self.qtbot, self.story = qtbot, story
        store = story.desk.store
        self.context = Context(store, Writer(store), lambda: story.now, Remember(folder / "w.ini"))
        self.context.set_person(story.maria, "Maria Kim", "manager")
        self.said: list[str] = []
        self.problems: list[Any] = []
        self.context.said.connect(lambda note: self.said.append(note.text))
        self.context.problem.connect(self.problems.append)
        [spec] = [each for each in specs(self.context) if each.key == "tasks"]
        others = [PageSpec(key, lambda: "Other", "board", Other) for key in ("board", "clients")]
        self.window = window_on(qtbot, self.context, [spec, *others])
        self.window.open_page("tasks")
        page = self.window.page("tasks")
        assert isinstance(page, TasksPage)
        self.page = page
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        for _ in range(2):
            QTest.qWait(70)
            self.qtbot.waitUntil(lambda: not self.context.writer.busy())
            self.qtbot.waitUntil(lambda: not self.context.background.pending())
        QApplication.processEvents()

    def be(self, person: int, role: str) -> None:
        self.context.set_person(person, "Somebody", role)
        self.settle()

    def show(self, item: object) -> None:
        self.window.open_page("tasks", item)
        self.settle()

    def titles(self) -> list[str]:
        model = self.page.model
        return [str(model.index(row).data()) for row in range(model.rowCount())]

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, held)
        self.settle()

    def popup(self) -> QWidget:
        found = QApplication.activePopupWidget()
        assert found is not None
        return found

    def other(self, key: str) -> list[object]:
        page = self.window.page(key)
        assert isinstance(page, Other)
        return page.shown

    def close(self) -> None:
        self.window.close()
        self.context.close()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.desk.store.close()


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, story: Story, tmp_path: Path) -> Iterator[Open]:
    theme.install(qapp, "light")
    made = Open(qtbot, story, tmp_path)
    yield made
    made.close()
