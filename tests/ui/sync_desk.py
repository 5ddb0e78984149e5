"""The sync in a real window on a seat of the sync's tests, with short words to work on it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import deals
from salesdesk.services.sync.failures import Failure
from salesdesk.services.sync.remote import Account
from salesdesk.services.writer import Writer
from salesdesk.ui.context import Context, Note
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.remember import Remember
from salesdesk.ui.sync.page import SyncPage
from salesdesk.ui.sync.running import Makes, SyncDesk
from tests.emulators.keyrings import in_memory
from tests.sync.memory_remote import MemoryRemote, Portal
from tests.sync.seats import Clock, Seat, seat

WEBHOOK = "https://portal.bitrix24.ru/rest/1/c4naryc4nary/"


class Way:
    """How the tests make remotes: all of them lead to one portal."""

    def __init__(self, found: Seat) -> None:
        self.seat = found
        self.missing: tuple[str, ...] = ()
        self.failing: Failure | None = None
        #: Calls are answered when it is set.
        self.wait: threading.Event | None = None
        #: Set once a call has been made.
        self.called = threading.Event()

    def remote(self, *_given: Any) -> Any:
        made = MemoryRemote(self.seat.remote.portal, fault=self._fault)
        if self.missing:
            account = Account("portal-1", "Portal", "1", "Mary", 0, missing=self.missing)
            made.check = lambda: account  # type: ignore[method-assign]
        return made

    of_connection = remote

    def _fault(self, _when: str, _what: str) -> None:
        self.called.set()
        if self.wait is not None:
            self.wait.wait(10)
        if self.failing is not None:
            raise self.failing


class Opened:
    """A window on a seat; an administrator sits here."""

    def __init__(self, qtbot: QtBot, found: Seat, folder: Path, makes: Makes | None = None) -> None:
        """``makes``: how remotes are made; all lead to the seat's portal unless it is given."""
        self.qtbot, self.seat = qtbot, found
        self.way = Way(found)
        self.context = Context(
            found.store, Writer(found.store), lambda: found.clock.at,
            Remember(folder / "window.ini"),
        )  # fmt: skip
        self.said: list[Note] = []
        self.problems: list[Any] = []
        self.context.said.connect(self.said.append)
        self.context.problem.connect(self.problems.append)
        self.desk = SyncDesk(self.context, makes or self.way)
        keys = ("board", "settings", "sync", "clients", "tasks", "ranking")
        self.window = MainWindow(self.context, [one for one in specs() if one.key in keys])
        qtbot.addWidget(self.window)
        self.window.resize(1280, 720)
        self.window.show()
        qtbot.waitExposed(self.window)

    def settle(self) -> None:
        for _ in range(2):
            QTest.qWait(15)
            self.qtbot.waitUntil(lambda: not self.context.writer.busy())
            self.qtbot.waitUntil(lambda: self.context.background.pending() == 0)

    def page(self) -> SyncPage:
        self.window.open_page("sync")
        self.settle()
        page = self.window.page("sync")
        assert isinstance(page, SyncPage)
        return page

    def child(self, name: str) -> Any:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> None:
        button = self.child(name)
        assert isinstance(button, QAbstractButton)
        assert button.isVisible(), name
        assert button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def rounds(self) -> int:
        return int(self.seat.value("SELECT count(*) FROM sync_round WHERE ended_at IS NOT NULL"))

    def close(self) -> None:
        self.window.close()
        self.context.close()


@pytest.fixture(autouse=True)
def a_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with in_memory(monkeypatch):
        yield


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Seat]:
    clock = Clock()
    made = seat(tmp_path, Portal(clock.now), clock)
    yield made
    made.store.close()


@pytest.fixture
def opened(qtbot: QtBot, found: Seat, tmp_path: Path) -> Iterator[Opened]:
    made = Opened(qtbot, found, tmp_path)
    yield made
    made.close()


def alone(found: Seat) -> None:
    """As if nothing had ever been connected."""
    with found.store.books() as books:
        for table in ("sync_map", "sync_remote"):
            books.remove(table, [row[0] for row in books.rows(f"SELECT id FROM {table}")])


def admin(found: Seat) -> None:
    """Somebody who leads: from now on managers are bound by their role."""
    with found.store.command("person.add", now=found.clock.at) as tx:
        tx.insert("person", [{"name": "Ada", "name_key": "ada", "role": "admin"}])


def clash(found: Seat) -> int:
    """A deal whose title was changed here and in the CRM; returns it."""
    deal = found.deal("Crane")
    found.round()
    deals.change(found.store, deal, {"title": "Crane here"}, **found.by())
    found.clock.at += 5_000_000
    far = found.far(deal)
    found.remote.portal.edit("deal", far.far_id, {"title": "Crane there"}, "2")
    found.round()
    assert found.value("SELECT count(*) FROM sync_conflict WHERE state = 'open'") == 1
    return deal


def key(what: Qt.Key) -> None:
    """Press a key where the keyboard is."""
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, what)


def tabbed(n: int) -> list[str]:
    """Where so many presses of Tab lead."""
    found = []
    for _ in range(n):
        key(Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        found.append(widget.objectName() if widget is not None else "")
    return found
