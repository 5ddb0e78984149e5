"""The settings in a window, on a real workspace, with short words to work on them."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salesdesk.models.store import Store
from salesdesk.services import pipelines, task_rules
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context, Note
from salesdesk.ui.remember import Remember
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.panel import SettingsPage
from salesdesk.ui.settings.section import Row
from tests.ui.board_desk import Desk, new_desk
from tests.ui.board_story import NOW

ENTER, ESC, DOWN, DELETE = (
    Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Delete,
)  # fmt: skip


class Office:
    """The page in a window, with short words to work on it."""

    def __init__(self, qtbot: QtBot, desk: Desk, context: Context) -> None:
        self.qtbot, self.desk, self.store, self.context = qtbot, desk, desk.store, context
        self.window = QWidget()
        qtbot.addWidget(self.window)
        row = QHBoxLayout(self.window)
        row.setContentsMargins(0, 0, 0, 0)
        self.page = SettingsPage(context)
        row.addWidget(self.page)
        self.window.resize(1112, 668)
        self.window.show()
        self.page.activated()
        self.said: list[Note] = []
        self.problems: list[Any] = []
        context.said.connect(self.said.append)
        context.problem.connect(self.problems.append)

    def settle(self) -> None:
        QApplication.processEvents()
        for _ in range(3):
            self.qtbot.waitUntil(
                lambda: not self.context.background.pending() and not self.context.writer.busy()
            )
            QApplication.processEvents()

    def open(self, key: str) -> QWidget:
        self.page.show_item(key)
        self.settle()
        return self.page.section(key)

    def child(self, name: str) -> QWidget:
        found = self.page.section().findChild(QWidget, name)
        assert found is not None, name
        return found

    def entry(self, name: str) -> Entry:
        found = self.child(name)
        assert isinstance(found, Entry)
        return found

    def type(self, name: str, typed: str, end: Qt.Key | None = ENTER) -> None:
        field = self.child(name)
        assert isinstance(field, QLineEdit)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, typed) if typed else QTest.keyClick(field, DELETE)
        if end is not None:
            QTest.keyClick(field, end)
        self.settle()

    def click(self, name: str, inside: QWidget | None = None) -> None:
        found = inside.findChild(QWidget, name) if inside else self.child(name)
        assert isinstance(found, QAbstractButton), name
        where = QPoint(8, found.height() // 2)
        QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=where)
        self.settle()

    def pick(self, words: str) -> None:
        """Choose from the list that is open."""
        popup = QApplication.activePopupWidget()
        assert popup is not None
        view = popup.findChild(QListView)
        assert view is not None
        model = view.model()
        texts = [str(model.index(at, 0).data()) for at in range(model.rowCount())]
        view.setCurrentIndex(model.index(texts.index(words), 0))
        field = popup.findChild(QLineEdit)
        QTest.keyClick(field if field is not None and field.isVisible() else view, ENTER)
        self.settle()

    def act(self, row: str, action: str) -> None:
        """Choose from the menu of a row, with the keyboard."""
        button = self.child(f"{row}-actions")
        button.setFocus()
        QTest.keyClick(button, ENTER)
        self.settle()
        found = QApplication.activePopupWidget()
        assert isinstance(found, QMenu)
        wanted = [each for each in found.actions() if each.objectName() == f"{row}-menu-{action}"]
        assert wanted, [each.objectName() for each in found.actions()]
        found.setActiveAction(wanted[0])
        QTest.keyClick(found, ENTER)
        self.settle()

    def actions(self, row: str) -> list[str]:
        """What the menu of a row offers."""
        self.click(f"{row}-actions")
        self.settle()
        found = QApplication.activePopupWidget()
        assert isinstance(found, QMenu)
        names = [each.objectName().rsplit("-", 1)[-1] for each in found.actions()]
        found.close()
        return [name for name in names if name]

    def form(self) -> QWidget:
        popup = QApplication.activePopupWidget()
        assert popup is not None
        return popup

    def wrong(self, row: str) -> str:
        found = self.child(row)
        assert isinstance(found, Row)
        return found.wrong.text()

    def ask(self, question: Any, *args: Any, **given: Any) -> Any:
        with self.store.read() as r:
            return question(r, *args, **given)

    def stage(self, name: str) -> pipelines.Stage:
        found: pipelines.Stage = self.ask(pipelines.stage_of, self.desk.stages[name])
        return found

    def order(self) -> list[str]:
        return [stage.name for stage in self.ask(pipelines.stages, self.desk.pipeline)]

    def rules(self) -> list[Any]:
        found: list[Any] = self.ask(task_rules.task_rules)
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Desk]:
    """The workspace, made once; every test works on a copy of the file."""
    path = tmp_path_factory.mktemp("settings") / "made.salesdesk"
    desk = new_desk(path)
    desk.store.close()
    return path, desk


@pytest.fixture
def office(
    qtbot: QtBot, tmp_path: Path, made: tuple[Path, Desk], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path / "home"))
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.install(application, "light")
    path = tmp_path / "team.salesdesk"
    shutil.copy(made[0], path)
    desk = replace(made[1], store=Store.open(path))
    context = Context(desk.store, Writer(desk.store), lambda: NOW, Remember(tmp_path / "w.ini"))
    context.set_person(desk.people[0], "Maria Kim", "admin")
    office = Office(qtbot, desk, context)
    yield office
    office.settle()
    context.close()
    desk.store.close()


def grid(office: Office, name: str) -> QTableView:
    found = office.child(name)
    assert isinstance(found, QTableView)
    return found


def cell(table: QTableView, row: str, metric: int) -> None:
    model = table.model()
    names = [str(model.index(at, 0).data()).strip() for at in range(model.rowCount())]
    index = model.index(names.index(row), metric)
    table.setFocus()
    table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    table.scrollTo(index)


def field_of(table: QTableView) -> QLineEdit:
    """The field in which a number is being typed."""
    found = table.findChildren(QLineEdit, "settings-grid-editor")
    return next(each for each in found if each.isVisible())


def typed(office: Office, table: QTableView, keys: str, end: Qt.Key | None = ENTER) -> None:
    QTest.keyClicks(table, keys[:1])
    editor = field_of(table)
    QTest.keyClicks(editor, keys[1:])
    if end is not None:
        QTest.keyClick(editor, end)
    office.settle()
