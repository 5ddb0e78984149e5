"""Every page of a whole workspace, as a screen reader and as a keyboard find it.

Qt's accessibility tree has no nameless control, siblings have names of their own, and the Tab key
comes to everything that takes the keyboard.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from salesdesk import app
from salesdesk.moments import moment_of
from salesdesk.services import story
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.widgets.help import ShortcutList
from salesdesk.ui.widgets.labels import SectionLabel
from tests.ui.test_names import PLACES, nameless, unnamed

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

NOW = moment_of(datetime(2026, 11, 20, 9, tzinfo=UTC))
_MOST_TABS = 600


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.salesdesk"
    story.make_sample(path, now=NOW, language="en", requests=30).close()
    return path


@pytest.fixture(scope="module")
def opened(
    qapp: QApplication, sample: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[MainWindow, Context]]:
    """One window for all pages: they are made once, as in a day's work."""
    hooks = sys.excepthook, threading.excepthook
    store = app._open(sample, NOW)
    memory = tmp_path_factory.mktemp("memory") / "window.ini"
    context = app._context(store, sample, lambda: NOW, "en", memory)
    window = app._window(qapp, context, "light")
    window.resize(1440, 900)
    window.show()
    yield window, context
    window.close()
    window.deleteLater()
    QApplication.processEvents()
    context.close()
    store.close()
    sys.excepthook, threading.excepthook = hooks
    theme.set_mode("light")
    qapp.setStyleSheet("")


def settle(qtbot: QtBot, context: Context) -> None:
    for _ in range(3):
        qtbot.waitUntil(lambda: context.background.pending() == 0 and not context.writer.busy())
        qtbot.wait(20)


def twins(top: QWidget) -> list[str]:
    """Siblings of one name that are both seen."""
    found = []
    for parent in [top, *top.findChildren(QWidget)]:
        names: set[str] = set()
        for child in parent.children():
            name = child.objectName()
            if not isinstance(child, QWidget) or not name or name.startswith("qt_"):
                continue
            if child.isHidden():
                continue
            if name in names:
                found.append(f"{name} in {parent.objectName() or type(parent).__name__}")
            names.add(name)
    return found


def wants_keys(top: QWidget) -> set[QWidget]:
    """Everything seen that takes the keyboard by Tab."""
    return {
        widget
        for widget in top.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }  # fmt: skip


def by_tab(top: QWidget) -> set[QWidget]:
    """Where the Tab key comes, until it is where it was."""
    top.activateWindow()
    seen: set[QWidget] = set()
    for _ in range(_MOST_TABS):
        at = QApplication.focusWidget() or top
        QTest.keyClick(at, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in seen:
            return seen
        seen.add(now)
    return seen


def unreached(top: QWidget) -> list[str]:
    reached = by_tab(top)  # first: of buttons that exclude each other Tab then wants one
    return sorted(
        f"{widget.objectName() or type(widget).__name__} in {_page_of(widget)}"
        for widget in wants_keys(top) - reached
    )


def _page_of(widget: QWidget) -> str:
    parent = widget.parentWidget()
    while parent is not None and not parent.objectName():
        parent = parent.parentWidget()
    return parent.objectName() if parent is not None else "nothing"


def check(window: QWidget) -> None:
    found = {
        "without a name": nameless(window),
        "without an object name": unnamed(window),
        "named like a sibling": twins(window),
        "not reached by Tab": unreached(window),
    }
    assert not any(found.values()), "\n".join(
        f"{what}: {each}" for what, some in found.items() for each in some
    )


@pytest.mark.parametrize(("page", "item"), PLACES, ids=[f"{k}-{i}" for k, i in PLACES])
def test_a_page_for_readers_and_keys(
    opened: tuple[MainWindow, Context], qtbot: QtBot, page: str, item: str | None
) -> None:
    window, context = opened
    window.open_page(page, item)
    settle(qtbot, context)
    check(window)


def _number_of(context: Context, table: str) -> int:
    with context.store.read() as r:
        return int(r.value(f"SELECT min(id) FROM {table} WHERE deleted_at IS NULL"))


#: What opens a panel beside a page, by the page.
PANELS: dict[str, Callable[[Context], object]] = {
    "board": lambda context: _number_of(context, "deal"),
    "ranking": lambda context: _number_of(context, "person"),
    "clients": lambda context: _number_of(context, "client"),
    "contractors": lambda context: _number_of(context, "contractor"),
    "tasks": lambda context: _number_of(context, "task"),
}


@pytest.mark.parametrize("page", [s.key for s in specs() if s.key in PANELS])
def test_a_panel_for_readers_and_keys(
    opened: tuple[MainWindow, Context], qtbot: QtBot, page: str
) -> None:
    window, context = opened
    window.open_page(page, PANELS[page](context))
    settle(qtbot, context)
    check(window)


def test_the_list_of_keys_is_whole(opened: tuple[MainWindow, Context], qtbot: QtBot) -> None:
    """Under ``?`` stand the keys of every page, seen before or not, each page by its title."""
    window, context = opened
    window.open_page("board")
    settle(qtbot, context)
    window.show_shortcuts()
    shown = window.findChild(ShortcutList)
    assert shown is not None
    qtbot.waitUntil(lambda: all(spec.key in window._pages for spec in window.specs))
    qtbot.wait(50)
    titles = {spec.title() for spec in specs()}
    groups = list(shortcuts.entries())
    assert groups[0] == shortcuts.GENERAL
    assert titles & set(groups) >= {"Board", "Ranking", "Import"}
    heads = {each.accessibleName() for each in shown.findChildren(SectionLabel)}
    assert set(groups) <= heads
    shown.close()


def _tip_names_keys(button: QAbstractButton, keys: str) -> bool:
    return shortcuts.shown(keys) in button.toolTip()


def test_tool_tips_name_the_keys(opened: tuple[MainWindow, Context], qtbot: QtBot) -> None:
    """A button that stands for a shortcut says so."""
    window, context = opened
    window.open_page("board")
    settle(qtbot, context)
    for name, keys in (
        ("nav-ranking", "Ctrl+"), ("import-choose-file", "Ctrl+O"),
        ("ranking-period-before", "["), ("undo", "Ctrl+Z"), ("redo", "Ctrl+Shift+Z"),
        ("rail-toggle", "Ctrl+\\"), ("rail-find", "Ctrl+K"), ("board-new", "N"),
    ):  # fmt: skip
        found = [each for each in window.findChildren(QAbstractButton) if each.objectName() == name]
        assert found, name
        assert all(_tip_names_keys(each, keys) for each in found), name


def test_what_is_wrong_is_found(opened: tuple[MainWindow, Context], qtbot: QtBot) -> None:
    window, context = opened
    window.open_page("board")
    settle(qtbot, context)
    page = window.page("board")
    one, two = QPushButton("One", page), QPushButton("Two", page)
    for button in (one, two):
        button.setObjectName("twin")
        button.show()
    assert twins(window) == ["twin in page-board"]
    two.setObjectName("other")
    assert twins(window) == []
    assert unreached(window) == []
    trap = Trap(page)
    trap.setObjectName("trap")
    trap.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    trap.show()
    trap.setFocus()
    assert unreached(window)
    for widget in (one, two, trap):
        widget.hide()
        widget.deleteLater()


class Trap(QWidget):
    """Takes the Tab key and goes nowhere."""

    def focusNextPrevChild(self, _forward: bool) -> bool:
        return True
