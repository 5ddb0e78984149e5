"""Another theme dresses everything, seen or not, as if the program had started with it."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.ui import restyling, style, theme
from salesdesk.ui.pages import specs
from tests.e2e.desk import Desk, small_workspace

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

PAGES = [spec.key for spec in specs()]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_workspace(tmp_path_factory.mktemp("themes"))


@pytest.fixture
def desk(
    qapp: QApplication, qtbot: QtBot, workspace: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:  # fmt: skip
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setenv("SALESDESK_HOME", str(tmp_path))
    made = Desk(qtbot, workspace, tmp_path / "window.ini")
    yield made
    made.close()
    theme.set_mode("light")
    qapp.setStyleSheet("")


def picture(desk: Desk) -> QImage:
    desk.settle()
    focus = QApplication.focusWidget()
    if focus is not None:  # a blinking cursor is not of the theme
        focus.clearFocus()
    QApplication.processEvents()
    return desk.window.grab().toImage()


def dress_whole(qapp: QApplication) -> None:
    """Everything dressed from nothing, as at the start."""
    qapp.setStyleSheet("")
    qapp.setPalette(style.palette(theme.current()))
    qapp.setStyleSheet(style.sheet())
    theme.changed.emit()


def test_every_page_looks_as_if_started_so(qapp: QApplication, desk: Desk) -> None:
    for key in PAGES:
        desk.window.open_page(key)
        desk.settle()
    theme.set_mode("dark")
    switched = {}
    for key in PAGES:
        desk.window.open_page(key)
        switched[key] = picture(desk)
    assert restyling.waiting() == 0
    dress_whole(qapp)
    different = []
    for key in PAGES:
        desk.window.open_page(key)
        if picture(desk) != switched[key]:
            different.append(key)
    assert not different


def test_a_page_shown_at_once_after_the_switch_is_dressed(
    qapp: QApplication, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("settings", "board"):
        desk.window.open_page(key)
        desk.settle()
    monkeypatch.setattr(restyling, "_SLICE_SECONDS", -1.0)  # nothing is done when idle
    theme.set_mode("dark")
    assert restyling.waiting() > 100
    desk.window.open_page("settings")
    page = desk.window.page("settings")
    ground = theme.dark().surface
    sections = page.findChild(QWidget, "settings-sections")
    assert sections is not None
    drawn = sections.grab().toImage().pixelColor(sections.width() // 2, sections.height() - 3)
    assert drawn == ground


def test_back_and_forth_ends_where_it_began(qapp: QApplication, desk: Desk) -> None:
    desk.window.open_page("board")
    desk.settle()
    desk.qtbot.wait(500)  # the counts on the chips come a moment later
    before = picture(desk)
    for mode in ("dark", "light", "dark", "light"):
        theme.set_mode(mode)
    assert picture(desk) == before
