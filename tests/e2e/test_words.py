"""Language and theme changed while every page is open; what the window remembers."""

import gettext
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QWidget,
)

from salesdesk.services import report_catalog
from salesdesk.ui import theme
from salesdesk.ui.settings.panel import SECTIONS
from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk, small_workspace

_ROLES = (
    Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole,
)  # fmt: skip
_ROOT = QModelIndex()
_SAME = {"SalesDesk", ""}


class Texts:
    """The English texts that have another one in Russian, exact and with places."""

    def __init__(self, words: gettext.GNUTranslations) -> None:
        catalogue: dict[object, str] = words._catalog  # type: ignore[attr-defined]
        self.exact: set[str] = set()
        self.patterns: list[re.Pattern[str]] = []
        self._known: dict[str, bool] = {}
        for key, translated in catalogue.items():
            source = key[0] if isinstance(key, tuple) else key
            assert isinstance(source, str)
            source = source.rpartition("\4")[2]
            if source in _SAME or source == translated:
                continue
            if "{" not in source:
                self.exact.add(source)
            elif (pattern := _pattern(source)) is not None:
                self.patterns.append(pattern)

    def left(self, shown: str) -> bool:
        """Whether a text that is shown is one of them."""
        if shown not in self._known:
            text = shown.strip()
            matches = text in self.exact or any(p.fullmatch(text) for p in self.patterns)
            self._known[shown] = matches
        return self._known[shown]


def _pattern(source: str) -> re.Pattern[str] | None:
    """What a text with places may look like; none when it is hardly more than its places."""
    parts = list(string.Formatter().parse(source))
    if sum(len(re.findall("[A-Za-z]", literal)) for literal, *_ in parts) < 4:
        return None
    made = (re.escape(literal) + ("" if name is None else ".+") for literal, name, *_ in parts)
    return re.compile("".join(made), re.DOTALL)


def texts_of(top: QWidget) -> Iterator[tuple[str, str]]:
    """Everything that is shown or spoken in ``top``: where, what."""
    for widget in [top, *top.findChildren(QWidget)]:
        if not widget.isVisibleTo(top):
            continue
        name = f"{type(widget).__name__} {widget.objectName()}"
        said = [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        if isinstance(widget, QLabel | QAbstractButton):
            said.append(widget.text())
        if isinstance(widget, QLineEdit):
            said.append(widget.placeholderText())
        if isinstance(widget, QAbstractItemView):
            said += _items(widget)
        yield from ((name, text) for text in said if text)


def _items(view: QAbstractItemView) -> list[str]:
    model = view.model()
    # PySide hides the columnCount of a list: it is always one.
    columns = range(1 if isinstance(model, QAbstractListModel) else model.columnCount(_ROOT))
    rows = range(min(model.rowCount(_ROOT), 20))
    across = Qt.Orientation.Horizontal
    found = [model.headerData(at, across, role) for at in columns for role in _ROLES]
    found += [
        model.index(row, at).data(role) for row in rows for at in columns for role in _ROLES
    ]  # fmt: skip
    return [text for text in found if isinstance(text, str)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace whose own names are Russian, so that English is the program's."""
    return small_workspace(tmp_path, "ru")


def visit_all(desk: Desk) -> Iterator[str]:
    """Every page in turn, of reports and settings every one."""
    inside = {"settings": [key for key, *_ in SECTIONS], "reports": list(report_catalog.NAMES)}
    for key in desk.window._specs:
        for item in inside.get(key, [None]):
            desk.window.open_page(key, item)
            desk.settle()
            yield key if item is None else f"{key}/{item}"


def open_panel(desk: Desk) -> None:
    desk.window.open_page("board")
    desk.board.show_deal(desk.board.view.lanes[1].model.ids[0])
    desk.settle()
    assert desk.panel_is_open()


def test_language_and_theme_change_with_every_page_open(
    desk: Desk, russian: gettext.GNUTranslations
) -> None:
    problems: list[object] = []
    desk.context.problem.connect(problems.append)
    open_panel(desk)
    assert {each.partition("/")[0] for each in visit_all(desk)} == set(desk.window._specs)
    before = desk.window.grab().toImage()
    desk.context.set_language("ru")
    desk.context.set_theme("dark")
    desk.settle()
    texts = Texts(russian)
    left = {
        f"{key}: {where}: {text!r}"
        for key in visit_all(desk)
        for where, text in texts_of(desk.window)
        if texts.left(text)
    }
    assert not left, "\n".join(sorted(left))
    assert desk.window.windowTitle().endswith("— SalesDesk")
    assert not texts.left(desk.window.windowTitle().partition(" — ")[0])
    after = desk.window.grab().toImage()
    assert after.pixelColor(5, 5) != before.pixelColor(5, 5)
    desk.context.set_language("en")
    desk.window.open_page("board")
    desk.settle()
    english = {text for _, text in texts_of(desk.window)}
    assert not english & {russian.gettext(each) for each in ("Undo", "Redo", "Settings", "Board")}
    assert problems == []


# -- memory ---------------------------------------------------------------------------------------


def test_the_window_comes_back_as_it_was_left(opened: OpenDesk) -> None:
    first = opened()
    first.window.resize(780, 600)
    first.click(first.board.filters.chips["mine"])
    first.board.filters.sort = "amount"
    first.board.refilter()
    lane = first.board.view.lanes[1]
    lane.head.collapse_asked.emit()
    folded = lane.stage_id
    first.window._on_toggle_rail()
    first.context.set_language("ru")
    first.context.set_theme("dark")
    first.window.open_page("ranking")
    first.settle()
    first.close()

    again = opened(None)
    assert again.window.open_key == "ranking"
    assert (again.window.width(), again.window.height()) == (780, 600)
    assert again.window.rail.collapsed
    assert again.context.language == "ru"
    assert theme.current().name == "dark"
    again.window.open_page("board")
    again.settle()
    assert again.board.filters.chips["mine"].isChecked()
    assert again.board.board.sort == "amount"
    assert folded in again.board.view.collapsed()
    mine = [again.board.board.cards.get(deal) for deal in again.board.view.lanes[0].model.ids]
    assert {card.owner for card in mine if card is not None} == {again.context.person_name}
    again.close()


def test_nonsense_in_what_is_remembered_does_no_harm(opened: OpenDesk, tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_text(_NONSENSE, encoding="utf-8")
    desk = opened()
    assert desk.window.open_key == "board"
    assert desk.board.view.lanes
    assert len(list(visit_all(desk))) >= len(desk.window._specs)
    assert desk.error() == ("", "")


_NONSENSE = """[window]
geometry=@@@
page=nowhere
theme=pink
language=tlh
rail_collapsed=perhaps
[board]
pipeline=none
sort=sideways
chips=mine nobody 7
folded=1 x 9999999999999999999
[ranking]
team=\xff
pipeline=-1
period=never
period/kind=never
panel=7
"""
