"""The whole program on a small workspace: the window as ``salesdesk.app`` wires it, and its hands.

Keys and mouse events go to the window of the platform, as those of a person do; nothing is called
by its Python name that a person could not reach.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk import app
from salesdesk.models.store import Store
from salesdesk.moments import moment_of
from salesdesk.services import deals, pipelines
from salesdesk.services import tasks as task_verbs
from salesdesk.services.tasks import TaskLine
from salesdesk.ui.board.lane import Lane
from salesdesk.ui.board.panel import BoardPage
from salesdesk.ui.deal.panel import DealPanel
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.ranking.panel import RankingPage
from salesdesk.ui.ranking.words import COLUMNS
from tests.services.configured import hire, workspace
from tests.ui.settling import settle

KEY = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton

#: A working day, Friday noon in Moscow; the clock of the tests goes on from here.
NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NAMES = ("Anna Orlova", "Boris Yudin", "Vera Kim")
RUSSIAN_NAMES = ("Анна Орлова", "Борис Юдин", "Вера Ким")
NEW, SET, HELD, SIGNED, ADVANCE, WON, LOST = (
    "New request", "Meeting scheduled", "Meeting held", "Contract signed", "Advance paid", "Won",
    "Lost",
)  # fmt: skip
_DEALS = (
    (NEW, "Excavator rental", 0, 900_000, 1), (NEW, "Loader overhaul", 1, None, 1),
    (NEW, "Crane transport", 2, 1_240_000, 2), (NEW, "Warehouse racks", 0, 300_000, 3),
    (SET, "Concrete delivery", 0, 450_000, 2), (SET, "Fleet telematics", 1, 780_000, 4),
    (HELD, "Service contract", 0, 2_100_000, 5), (SIGNED, "Bulldozer repair", 2, 610_000, 8),
)  # fmt: skip


def small_workspace(folder: Path, language: str = "en") -> Path:
    """A sales department of three people with eight deals; returns the closed file."""
    store = workspace(folder, name="sales.salesdesk", language=language)
    roles = ("admin", "manager", "manager")
    names = NAMES if language == "en" else RUSSIAN_NAMES
    people = [hire(store, name, role) for name, role in zip(names, roles, strict=True)]
    with store.read() as r:
        stages = [each.id for each in pipelines.stages(r)]
    for place, title, who, amount, age in _DEALS:
        new = deals.NewDeal(
            title if language == "en" else f"Сделка {age}-{who}",
            stages[(NEW, SET, HELD, SIGNED).index(place)], people[who],
            amount=None if amount is None else Decimal(amount),
        )  # fmt: skip
        deals.create(store, new, person=people[who], now=moment_of(NOON - timedelta(days=age)))
    store.close()
    return store.path


def moving_clock() -> Callable[[], int]:
    """A clock that starts at noon and goes on like any other."""
    begun = time.monotonic()
    return lambda: moment_of(NOON) + int((time.monotonic() - begun) * 1_000_000)


class Desk:
    """An open window with short words to work in it."""

    def __init__(self, qtbot: QtBot, path: Path, memory: Path, language: str | None = "en") -> None:
        self.qtbot, self.path = qtbot, path
        self.closed = False
        self.clock = moving_clock()
        self.store: Store = app._open(path, self.clock())
        self.context = app._context(self.store, path, self.clock, language, memory)
        application = QApplication.instance()
        self.window: MainWindow = app._window(application, self.context)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.settle()

    def close(self) -> None:
        """Close the window as its cross does, then what stands behind it."""
        self.closed = True
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()
        self.context.close()
        self.store.close()

    # -- what is shown --------------------------------------------------------------------------

    @property
    def board(self) -> BoardPage:
        page = self.window.page("board")
        assert isinstance(page, BoardPage)
        return page

    @property
    def ranking(self) -> RankingPage:
        page = self.window.page("ranking")
        assert isinstance(page, RankingPage)
        return page

    @property
    def panel(self) -> DealPanel:
        found = self.window.findChild(DealPanel)
        assert isinstance(found, DealPanel)
        return found

    def panel_is_open(self) -> bool:
        found = self.window.findChild(DealPanel)
        return isinstance(found, DealPanel) and found.isVisible()

    def lane(self, name: str) -> Lane:
        return next(lane for lane in self.board.view.lanes if lane.model.column.name == name)

    def titles(self, name: str) -> list[str]:
        """The cards of a column as they are shown."""
        cards = self.board.board.cards
        self.board.board.complete()
        shown = [cards.get(deal) for deal in self.lane(name).model.ids]
        return [card.title for card in shown if card is not None]

    def toast(self) -> str:
        """What the toast says; nothing when there is none."""
        toast = self.window.floats.toast
        return toast.text() if toast.isVisible() else ""

    def error(self) -> tuple[str, str]:
        """Title and sentence of the error bar; empty when there is none."""
        bar = self.window.floats.errors
        return (bar.title.text(), bar.message.text()) if bar.isVisible() else ("", "")

    def points(self, name: str) -> Decimal:
        """The points of a person as the table of the ranking shows them."""
        model = self.ranking.table.ranking
        column = COLUMNS.index("points")
        names = [line.name for line in model.lines]
        return Decimal(model.index(names.index(name), column).data())

    # -- what is written ------------------------------------------------------------------------

    def stored(self, name: str) -> set[str]:
        """The titles of the deals that stand in a stage by the file."""
        with self.store.read() as r:
            sql = "SELECT title FROM deal WHERE stage_id = ? AND deleted_at IS NULL"
            return {row[0] for row in r.rows(sql, (pipelines.find_stage(r, None, name).id,))}

    def deal(self, title: str) -> int:
        with self.store.read() as r:
            return int(r.value("SELECT id FROM deal WHERE title = ?", (title,)))

    def amount(self, title: str) -> Decimal | None:
        with self.store.read() as r:
            found = r.value("SELECT amount FROM deal WHERE title = ?", (title,))
        return None if found is None else Decimal(found) / 10_000

    def tasks(self, title: str) -> dict[str, str]:
        """The tasks of a deal: state by title."""
        deal = self.deal(title)
        with self.store.read() as r:
            lines: list[TaskLine] = task_verbs.of_deal(r, deal, now=self.clock())
        return {line.title: line.state for line in lines}

    # -- hands ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Until nothing is being written, read or waiting to be shown."""
        settle(self.qtbot, self.context, looks=4, timeout=15_000)

    def until(self, holds: Callable[[], bool], seconds: float = 5.0) -> None:
        self.qtbot.waitUntil(holds, timeout=int(seconds * 1000))

    def focus(self) -> str:
        """The name of the widget that has the keyboard."""
        found = QApplication.focusWidget()
        return found.objectName() if found is not None else ""

    def _screen_window(self) -> QWindow:
        """The window of the platform that gets the keys now."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.window
        handle = top.windowHandle()
        assert handle is not None
        return handle

    def key(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press keys, one after the other."""
        for each in keys:
            QTest.keyClick(self._screen_window(), each, held)
            QApplication.processEvents()

    def type(self, text: str) -> None:
        """Type a Latin text."""
        for char in text:
            QTest.keyClick(self._screen_window(), char)  # type: ignore[call-overload]

    def tab_to(self, wanted: str, most: int = 40) -> None:
        """Walk with Tab to the widget whose name begins so."""
        seen = []
        for _ in range(most):
            if self.focus().startswith(wanted):
                return
            seen.append(self.focus())
            self.key(KEY.Key_Tab)
        raise AssertionError(f"Tab does not reach {wanted}: {seen}")

    def click(self, widget: QWidget, held: Qt.KeyboardModifier = NONE) -> None:
        """Click the middle of a widget on the screen."""
        self.click_at(widget.mapToGlobal(widget.rect().center()), held)

    def click_at(self, place: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        handle = self._screen_window()
        QTest.mouseClick(handle, LEFT, held, handle.mapFromGlobal(place))

    def double_click_at(self, place: QPoint) -> None:
        handle = self._screen_window()
        local = handle.mapFromGlobal(place)
        QTest.mouseClick(handle, LEFT, NONE, local)
        QTest.mouseDClick(handle, LEFT, NONE, local)

    def card(self, title: str) -> QPoint:
        """The middle of a card on the screen."""
        place = self.board.view.card_place(self.deal(title))
        assert place.isValid(), title
        return place.center()

    def drag(self, start: QPoint, to: QPoint | Callable[[], QPoint], stop: bool = False) -> None:
        """Press, pull in steps as a hand does, release; ``stop`` presses Esc before that.

        ``to`` may be asked for while the cards hang on the mouse.
        """
        handle = self._screen_window()
        begin = handle.mapFromGlobal(start)
        QTest.mousePress(handle, LEFT, NONE, begin)
        QTest.mouseMove(handle, begin + QPoint(12, 6))
        QApplication.processEvents()
        end = handle.mapFromGlobal(to() if callable(to) else to)
        for part in (0.4, 0.7, 1.0):
            QTest.mouseMove(handle, begin + (end - begin) * part)
            QApplication.processEvents()
        if stop:
            assert self.board.view.drag.is_on()
            self.key(KEY.Key_Escape)
        QTest.mouseRelease(handle, LEFT, NONE, end)
        QApplication.processEvents()


# -- other processes ------------------------------------------------------------------------------


def command(path: Path, *words: str, now: int | None = None) -> "subprocess.Popen[str]":
    """A command line of its own on the same workspace."""
    given = [sys.executable, "-m", "salesdesk", "--workspace", str(path)]
    if now is not None:
        moment = datetime.fromtimestamp(now // 1_000_000, UTC) + timedelta(
            microseconds=now % 1_000_000
        )
        given += ["--now", moment.isoformat()]
    return subprocess.Popen(
        [*given, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def environment() -> dict[str, str]:
    """What the processes of a test see."""
    root = Path(__file__).resolve().parents[2]
    around = {**os.environ, "PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen"}
    around.pop("QT_LOGGING_RULES", None)
    return around
