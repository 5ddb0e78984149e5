"""A workspace with a team to control, and the page opened on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context, Note
from salesdesk.ui.control.model import COLUMNS
from salesdesk.ui.control.panel import ControlPage
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.remember import Remember
from tests.builders import Desk, empty_store
from tests.ui.settling import settle, window_on

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
KEY = Qt.Key


@dataclass
class Story:
    """A lead, two sellers, one of another team; their deals and tasks by title."""

    desk: Desk
    anna: int
    ivan: int
    maria: int
    oleg: int
    stages: list[int]
    deals: dict[str, int]
    tasks: dict[str, int]
    now: int


class Board(Page):
    """Stands for the board: remembers what it was asked to show."""

    shown: list[object]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shown = []

    def show_item(self, item: object) -> None:
        self.shown.append(item)


def tell(folder: Path) -> Story:
    """It is Friday, 20 November 2026, 11:00."""
    desk = Desk(empty_store(folder))
    sales, service = desk.team("Sales"), desk.team("Service")
    anna = desk.person("Anna Orlova", role="team_lead", team_id=sales)
    ivan = desk.person("Ivan Petrov", team_id=sales)
    maria = desk.person("Maria Kim", team_id=sales)
    oleg = desk.person("Oleg Sidorov", team_id=service)
    desk.person("Boss", role="admin", in_ranking=0)
    stages = desk.pipeline("Sales")
    for stage in stages[:5]:
        desk.update("stage", stage, limit_days=7)
    deals, tasks = {}, {}
    for title, at, owner in (
        ("Cranes", "2026-11-18T10:00", ivan), ("Racks", "2026-11-02T10:00", maria),
        ("Loader", "2026-11-17T10:00", ivan), ("Rental", "2026-11-19T10:00", oleg),
    ):  # fmt: skip
        deals[title] = desk.deal(stages[1], at, owner, title=title, amount="100000")
    for title, deal, who, due in (
        ("Call back", "Cranes", ivan, "2026-11-19T15:00"),
        ("Send proposal", "Cranes", ivan, "2026-11-19T18:00"),
        ("Sign contract", "Racks", maria, "2026-11-20T10:00"),
        ("Estimate", "Racks", maria, "2026-11-20T17:00"),
        ("Visit", "Racks", maria, "2026-11-23T12:00"),
        ("Theirs", "Rental", oleg, "2026-11-19T12:00"),
    ):
        tasks[title] = desk.task(deals[deal], who, "2026-11-18T12:00", due)
        desk.update("task", tasks[title], title=title)
    done = tasks["Report"] = desk.task(deals["Cranes"], ivan, "2026-11-18T12:00",
                                       "2026-11-21T12:00")  # fmt: skip
    desk.update("task", done, title="Report", asks_result=1, result="They agreed")
    desk.fact(done, "2026-11-20T09:30", state="done")
    return Story(desk, anna, ivan, maria, oleg, stages, deals, tasks, desk.at("2026-11-20T11:00"))


class Open:
    """The window with the control desk."""

    def __init__(self, qtbot: QtBot, story: Story, folder: Path) -> None:
        self.qtbot, self.story = qtbot, story
        store = story.desk.store
        self.context = Context(store, Writer(store), lambda: story.now,
                               Remember(folder / "window.ini"))  # fmt: skip
        self.context.set_person(story.anna, "Anna Orlova", "team_lead")
        self.said: list[str] = []
        self.context.said.connect(self._on_said)
        specs = [
            PageSpec("control", lambda: "Control desk", "control", ControlPage),
            PageSpec("board", lambda: "Board", "board", Board),
        ]
        self.window = window_on(qtbot, self.context, specs, (1280, 800))
        page = self.window.page("control")
        assert isinstance(page, ControlPage)
        self.page = page
        self.window.open_page("control")
        self.settle()

    def _on_said(self, note: Note) -> None:
        self.said.append(note.text)

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        settle(self.qtbot, self.context, lambda: self.page.reading.is_reading, looks=14, rest=0)

    def close(self) -> None:
        self.window.close()
        self.context.close()

    def counts(self) -> dict[str, int | None]:
        return {key: self.page.tiles.tiles[key].count for key in self.page.tiles.keys}

    def titles(self) -> list[str]:
        model = self.page.table.desk
        return [str(model.index(at, 1).data()) for at in range(model.rowCount())]

    def row_of(self, title: str) -> int:
        return self.titles().index(title)

    def cell(self, title: str, column: str) -> str:
        model = self.page.table.desk
        return str(model.index(self.row_of(title), COLUMNS.index(column)).data())

    def press(self, title: str, column: str, held: Any = NONE) -> None:
        table = self.page.table
        index = table.desk.index(self.row_of(title), COLUMNS.index(column))
        QTest.mouseClick(table.viewport(), LEFT, held, table.visualRect(index).center())

    def tile(self, key: str) -> None:
        QTest.mouseClick(self.page.tiles.tiles[key], LEFT, NONE, QPoint(20, 20))
        self.settle()

    def key(self, key: Any, held: Any = NONE) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, held)

    def popup(self, kind: type[QWidget]) -> Any:
        self.qtbot.waitUntil(lambda: any(w.isVisible() for w in self.window.findChildren(kind)))
        return next(each for each in self.window.findChildren(kind) if each.isVisible())

    def value(self, sql: str, *params: Any) -> Any:
        with self.story.desk.store.read() as r:
            return r.value(sql, params)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = tell(tmp_path)
    yield made
    made.desk.store.close()


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, story: Story, tmp_path: Path) -> Iterator[Open]:
    theme.install(qapp, "light")
    made = Open(qtbot, story, tmp_path)
    yield made
    made.close()
    qapp.setStyleSheet("")
