"""A screen reader finds a name on everything that can be worked, on every page.

The tree is walked as an assistive program walks it; an object name stands on every such widget, so
that it can be found by its name in every language.
"""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salesdesk.services import report_catalog
from salesdesk.ui import theme
from salesdesk.ui.pages import specs
from salesdesk.ui.settings.panel import SECTIONS
from tests.e2e.desk import CTRL, KEY, SET, Desk, small_workspace

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

_INTERACTIVE = {
    QAccessible.Role.Button, QAccessible.Role.ButtonMenu, QAccessible.Role.ButtonDropDown,
    QAccessible.Role.CheckBox, QAccessible.Role.RadioButton, QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText, QAccessible.Role.SpinBox, QAccessible.Role.Slider,
    QAccessible.Role.Link, QAccessible.Role.List, QAccessible.Role.ListItem,
    QAccessible.Role.Table, QAccessible.Role.Tree, QAccessible.Role.TreeItem,
    QAccessible.Role.PageTab, QAccessible.Role.MenuItem, QAccessible.Role.ColumnHeader,
}  # fmt: skip
_KINDS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QPlainTextEdit, QTextEdit,
)  # fmt: skip
_DEEP = 40
_MANY = 60

#: Every page, of reports and settings every one.
PLACES: list[tuple[str, str | None]] = []
for _spec in specs():
    _inside = {"settings": [each[0] for each in SECTIONS], "reports": list(report_catalog.NAMES)}
    PLACES += [(_spec.key, item) for item in _inside.get(_spec.key, [None])]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_workspace(tmp_path_factory.mktemp("names"))


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


def nameless(top: QWidget) -> list[str]:
    """Everything in the accessible tree of ``top`` that can be worked and has no name."""
    root = QAccessible.queryAccessibleInterface(top)
    assert root is not None
    found: list[str] = []
    _walk(root, [], found)
    return found


def _walk(item: QAccessibleInterface, path: list[str], found: list[str]) -> None:
    if not item.isValid() or item.state().invisible or len(path) > _DEEP:
        return
    name = item.text(QAccessible.Text.Name)
    called = getattr(item.object(), "objectName", str)()  # a card is an item without an object
    here = [*path, f"{item.role().name} {called}".strip()]
    if item.role() in _INTERACTIVE and not name.strip():
        found.append(" > ".join(here[-4:]))
    for at in range(min(item.childCount(), _MANY)):
        child = item.child(at)
        if child is not None:
            _walk(child, here, found)


def unnamed(top: QWidget) -> list[str]:
    """Widgets that can be worked without an object name (the tests', and everybody's, handle)."""
    return [
        f"{type(widget).__name__} in {_owner(widget)}"
        for widget in top.findChildren(QWidget)
        if _can_be_worked(widget) and not widget.objectName()
    ]


def _can_be_worked(widget: QWidget) -> bool:
    # Parts of Qt's own widgets: heads of tables, the cross in a field, scroll bars.
    inner = isinstance(widget, QHeaderView) or isinstance(widget.parentWidget(), QLineEdit)
    inner = inner or (isinstance(widget, QScrollBar) and not widget.accessibleName())
    takes_keys = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return not inner and (isinstance(widget, _KINDS) or takes_keys)


def _owner(widget: QWidget) -> str:
    parent = widget.parentWidget()
    while parent is not None and not parent.objectName():
        parent = parent.parentWidget()
    return parent.objectName() if parent is not None else ""


def check(top: QWidget) -> None:
    missing = nameless(top)
    assert not missing, "\n".join(missing)
    without = unnamed(top)
    assert not without, "\n".join(without)


@pytest.mark.parametrize(("page", "item"), PLACES, ids=[f"{k}-{i}" for k, i in PLACES])
def test_everything_on_a_page_has_a_name(desk: Desk, page: str, item: str | None) -> None:
    desk.window.open_page(page, item)
    desk.settle()
    assert desk.window.open_key == page
    check(desk.window)


def test_everything_in_the_panel_of_a_deal_has_a_name(desk: Desk) -> None:
    desk.board.show_deal(desk.deal(desk.titles(SET)[0]))
    desk.settle()
    desk.panel.tasks.add()
    desk.panel.notes.add()
    desk.panel.amount.edit()
    desk.settle()
    assert desk.panel_is_open()
    check(desk.window)


def test_everything_that_opens_over_the_board_has_a_name(desk: Desk) -> None:
    for key in (KEY.Key_N, KEY.Key_M, KEY.Key_Question):
        desk.board.focus_board()
        desk.key(key)
        check(QApplication.activePopupWidget() or desk.window)
        desk.key(KEY.Key_Escape)
    desk.key(KEY.Key_Right, held=CTRL)
    desk.settle()
    assert desk.toast()
    check(desk.window)
    desk.key(KEY.Key_Slash)
    desk.type("x")
    desk.settle()
    check(desk.window)


def test_what_has_no_name_is_found(desk: Desk) -> None:
    page = desk.window.page("board")
    button, field = QPushButton(page), QLineEdit(page)
    for widget in (button, field):
        widget.show()
    assert len(nameless(desk.window)) == 2
    assert unnamed(desk.window) == ["QPushButton in page-board", "QLineEdit in page-board"]
    button.setText("Press")
    field.setAccessibleName("Type")
    assert nameless(desk.window) == []


def test_a_card_is_told_as_it_is_shown(desk: Desk) -> None:
    cards = desk.lane(SET).cards
    root = QAccessible.queryAccessibleInterface(cards)
    assert root is not None
    assert root.text(QAccessible.Text.Name) == SET
    first = root.child(0)
    assert first is not None
    said = first.text(QAccessible.Text.Name)
    title = desk.titles(SET)[0]
    assert title in said
    assert len(said) > len(title)
