"""The page of the board in a real window on a real workspace, and short words to work on it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from salesdesk.models.store import Store
from salesdesk.services import board as questions
from salesdesk.ui import theme
from salesdesk.ui.board.choose import ChoiceList
from salesdesk.ui.board.lane import Lane
from salesdesk.ui.board.panel import BoardPage
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import PageSpec
from tests.ui.board_desk import Desk, add_rule, new_context, new_desk
from tests.ui.board_story import NOW
from tests.ui.settling import settle

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Open:
    """The window with the page of the board."""

    def __init__(self, qtbot: QtBot, desk: Desk, context: Context) -> None:
        self.desk, self.context, self.qtbot = desk, context, qtbot
        self.window = MainWindow(context, [PageSpec("board", lambda: "Board", "board", BoardPage)])
        qtbot.addWidget(self.window)
        self.window.resize(1440, 900)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        page = self.window.page("board")
        assert isinstance(page, BoardPage)
        self.page = page
        self.opened: list[int] = []
        page.deal_opened.connect(self.opened.append)
        self.settle()
        page.focus_board()

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        settle(self.qtbot, self.context, rest=30)

    def lane(self, name: str) -> Lane:
        stage = self.desk.stages[name]
        return next(lane for lane in self.page.view.lanes if lane.stage_id == stage)

    def ids(self, name: str) -> list[int]:
        return list(self.lane(name).model.ids)

    def stored(self, name: str) -> list[int]:
        """The deals of a stage as they are written."""
        chosen = self.page.board.chosen
        return list(self.context.ask(questions.ids, self.desk.stages[name], chosen, now=NOW))

    def drag(self, name: str, row: int, to: QPoint) -> None:
        """Drag a card to a global place."""
        cards = self.lane(name).cards
        port, start = cards.viewport(), cards.card_rect(row).center()
        QTest.mousePress(port, LEFT, NONE, start)
        QTest.mouseMove(port, start + QPoint(30, 10))
        QTest.mouseMove(port, port.mapFromGlobal(to))
        QTest.mouseRelease(port, LEFT, NONE, port.mapFromGlobal(to))

    def above(self, name: str, row: int) -> QPoint:
        cards = self.lane(name).cards
        rect = cards.card_rect(row)
        return cards.viewport().mapToGlobal(QPoint(rect.center().x(), rect.top() + 8))

    def toast(self) -> str:
        return self.window.floats.toast.text()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, held)

    def choice(self) -> ChoiceList:
        found = [each for each in self.page.findChildren(ChoiceList) if each.isVisible()]
        assert len(found) == 1
        return found[0]


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace made once; each test gets a copy."""
    made = new_desk(tmp_path_factory.mktemp("board") / "pattern.salesdesk")
    add_rule(made, "Meeting held", "Send the proposal")
    made.store.close()
    return made


@pytest.fixture
def desk(pattern: Desk, tmp_path: Path) -> Iterator[Desk]:
    path = Path(shutil.copy(pattern.store.path, tmp_path / "sales.salesdesk"))
    made = replace(pattern, store=Store.open(path))
    yield made
    made.store.close()


@pytest.fixture
def context(desk: Desk, tmp_path: Path) -> Iterator[Context]:
    made = new_context(desk, tmp_path)
    yield made
    made.close()


@pytest.fixture
def board(qapp: QApplication, qtbot: QtBot, desk: Desk, context: Context) -> Iterator[Open]:
    theme.install(qapp, "light")
    yield Open(qtbot, desk, context)
    qapp.setStyleSheet("")
