"""A small workspace made once and copied, the window on it, and a home of the test's own."""

import gettext
import io
import shutil
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from installer import messages
from salesdesk import text
from salesdesk.ui import theme
from tests.e2e.desk import Desk, small_workspace

OpenDesk = Callable[..., Desk]


class Strays(QObject):
    """Notices widgets that are shown before they stand in the window: each would flash up as a
    window of its own and take the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            plain = watched.windowType() in (Qt.WindowType.Window, Qt.WindowType.Widget)
            if plain and watched.isWindow() and not isinstance(watched, QMainWindow):
                where = [f"{f.filename}:{f.lineno}" for f in traceback.extract_stack(limit=6)]
                name = f"{type(watched).__name__} {watched.objectName()}"
                self.found.append(f"{name}, shown by {where}")
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the offscreen platform says of popups is no failure."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True))


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_workspace(tmp_path_factory.mktemp("pattern"))


@pytest.fixture
def path(pattern: Path, tmp_path: Path) -> Path:
    """A workspace of the test's own."""
    return Path(shutil.copy(pattern, tmp_path / "sales.salesdesk"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What this machine remembers, and where Qt puts its sockets."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("SALESDESK_HOME", str(folder))
    return folder


@pytest.fixture
def opened(
    qapp: QApplication, qtbot: QtBot, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenDesk]:
    """Opens the window, again after it was closed; what was open at the end is closed."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    desks: list[Desk] = []

    def open_desk(language: str | None = "en") -> Desk:
        desks.append(Desk(qtbot, path, tmp_path / "window.ini", language))
        return desks[-1]

    strays = Strays()
    qapp.installEventFilter(strays)
    yield open_desk
    qapp.removeEventFilter(strays)
    for desk in desks:
        if not desk.closed:
            desk.close()
    theme.set_mode("light")
    qapp.setStyleSheet("")
    assert not strays.found, "\n".join(strays.found)


@pytest.fixture
def desk(opened: OpenDesk) -> Desk:
    """The open window."""
    return opened()


@pytest.fixture
def russian(monkeypatch: pytest.MonkeyPatch) -> gettext.GNUTranslations:
    """The Russian texts from their source, whether or not they were compiled."""
    compiled = io.BytesIO()
    write_mo(compiled, messages.load(messages.TRANSLATIONS / "ru/LC_MESSAGES/salesdesk.po"))
    compiled.seek(0)
    words = gettext.GNUTranslations(compiled)
    monkeypatch.setitem(text._catalogues, "ru", words)
    return words
