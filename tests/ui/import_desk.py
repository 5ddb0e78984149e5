"""Files to import, and the import page opened on a workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from salesdesk.models.store import Store
from salesdesk.services.writer import Writer
from salesdesk.ui.context import Context
from salesdesk.ui.imports.panel import ImportPage
from salesdesk.ui.page import PageSpec
from salesdesk.ui.remember import Remember
from tests.builders import Desk, empty_store
from tests.services.importing import NOW
from tests.ui.settling import settle, window_on

HEAD = "number,owner,product,account,stage,created,closed,amount\n"
GOOD = (
    HEAD
    + "1,Ann Lee,Rack,Vega,New,2024-01-10,,100\n2,Bob Ray,Crane,Mira,Won,2024-01-11,2024-02-01,7\n"
    + "3,Ann Lee,Rack,,Talk,2024-01-12,,\n4,Ann Lee,Lift,Vega,Lost,2024-01-12,2024-02-02,5\n"
)
BAD = GOOD + "5,Ann Lee,Rack,Vega,New,2024-13-45,,1\n6,Bob Ray,Rack,Vega,New,2024-01-02,,many\n"


class Open:
    """The window with the import page."""

    def __init__(self, qtbot: QtBot, store: Store, folder: Path) -> None:
        self.store, self.qtbot, self.folder = store, qtbot, folder
        self.context = Context(store, Writer(store), lambda: NOW, Remember(folder / "window.ini"))
        self.went: list[str] = []
        self.context.page_asked.connect(lambda page, _item: self.went.append(page))
        self.context.address_asked.connect(self.went.append)
        spec = PageSpec("import", lambda: "Import", "import", ImportPage)
        self.window = window_on(qtbot, self.context, [spec])
        page = self.window.page("import")
        assert isinstance(page, ImportPage)
        self.page = page

    def settle(self) -> None:
        """Wait until nothing is being read, tried or written."""
        settle(
            self.qtbot, self.context,
            lambda: self.page._timer.isActive() or self.page.carrier.running, timeout=60_000,
        )  # fmt: skip

    def file(self, text: str, name: str = "big_sales.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def bring(self, text: str, name: str = "big_sales.csv") -> None:
        self.page.open_file(self.file(text, name))
        self.settle()

    def press(self, name: str) -> None:
        found = self.window.findChild(QAbstractButton, name)
        assert found is not None, name
        assert found.isVisible(), name
        assert found.isEnabled(), name
        found.click()

    def columns(self) -> list[tuple[str, ...]]:
        model = self.page.columns.columns.model
        return [
            tuple(str(model.index(row, column).data()) for column in range(4))
            for row in range(model.rowCount())
        ]

    def choose(self, row: int, value: object) -> None:
        """Choose a field for a line of the table."""
        card = self.page.columns.columns
        card.open_cell(row, 1)
        assert card.picker is not None
        card.picker.picked.emit(value)
        card.picker.close()
        self.settle()

    def count(self, table: str = "deal") -> int:
        with self.store.read() as r:
            return int(r.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL"))

    def texts(self) -> str:
        labels = self.window.findChildren(QLabel)
        return "\n".join(each.text() for each in labels if each.isVisible())


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    with empty_store(tmp_path) as store:
        Desk(store)
        made = Open(qtbot, store, tmp_path)
        yield made
        made.window.close()
        made.context.close()
