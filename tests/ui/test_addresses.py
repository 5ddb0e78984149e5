"""Pages tell where one is on them, and come there again: by the buttons, the keys and the mouse."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.widgets.goto import GoTo
from tests.ui.board_page_desk import context, desk, pattern

__all__ = ["context", "desk", "pattern"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
PAGES = ("board", "ranking", "reports")


@pytest.fixture
def window(qtbot: QtBot, qapp: Any, context: Context) -> MainWindow:
    theme.install(qapp, "light")
    made = MainWindow(context, [spec for spec in specs() if spec.key in PAGES])
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_way_through_pages_and_what_was_chosen_on_them(window: MainWindow) -> None:
    window.open_page("ranking")
    ranking: Any = window.page("ranking")
    ranking.days.chips.chip("quarter").click()
    window.open_page("reports")
    reports: Any = window.page("reports")
    reports.choose("funnel")
    assert dict(window.address().parts)["report"] == "funnel"
    walked = []
    while window.back.isEnabled():
        window.back.click()
        walked.append((window.open_key, dict(window.address().parts)))
    keys = [key for key, _ in walked]
    assert keys == ["reports", "ranking", "ranking", "board"]
    assert [parts.get("days") for _, parts in walked[1:3]] == ["quarter", "month"]
    assert walked[0][1]["report"] == "transitions"
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.open_key == "reports"
    assert dict(window.address().parts)["report"] == "funnel"
    assert not window.ahead.isEnabled()


def test_the_side_buttons_of_the_mouse(window: MainWindow) -> None:
    window.open_page("ranking")
    handle = window.windowHandle()
    assert handle is not None
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(handle, Qt.MouseButton.BackButton, none, QPoint(600, 400))
    assert window.open_key == "board"
    QTest.mouseClick(handle, Qt.MouseButton.ForwardButton, none, QPoint(600, 400))
    assert window.open_key == "ranking"


def test_an_address_is_copied_and_another_one_typed(window: MainWindow) -> None:
    window.open_page("ranking")
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    popover = window.findChild(GoTo)
    assert popover is not None
    assert popover.field.text() == "ranking?days=month"
    popover._on_copy()
    assert QGuiApplication.clipboard().text() == "ranking?days=month"
    window.ask()
    popover = next(each for each in window.findChildren(GoTo) if each.isVisible())
    popover.field.setText("ranking?days=2026-03-01..2026-03-31&team=1")
    QTest.keyClick(popover.field, Qt.Key.Key_Return)
    ranking: Any = window.page("ranking")
    assert ranking.asked().period.first_day < ranking.asked().period.last_day
    assert str(window.address()) == "ranking?days=2026-03-01..2026-03-31&team=1"
    window.go_to("ranking?days=yesterdayish&team=x")
    assert str(window.address()) == "ranking?days=2026-03-01..2026-03-31"
