"""A workspace with stage moves to report on, and the page of the reports opened on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from salesdesk.services.periods import Period
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.remember import Remember
from salesdesk.ui.reports.panel import ReportsPage
from tests.builders import Desk, day, empty_store
from tests.ui.settling import settle, window_on

KEY = Qt.Key
NOVEMBER = Period(day("2026-11-01"), day("2026-11-30"))


class Told:
    """Two pipelines, two people of two teams, and moves in October and November."""

    def __init__(self, folder: Path) -> None:
        desk = self.desk = Desk(empty_store(folder))
        self.sellers, self.fitters = desk.team("Sales"), desk.team("Fitting")
        self.anna = desk.person("Anna Orlova", role="team_lead", team_id=self.sellers)
        self.ivan = desk.person("Ivan Petrov", role="manager", team_id=self.fitters)
        self.stages = desk.pipeline("Sales")
        self.other = desk.pipeline("Service", [("Open", "open"), ("Done", "won")], counts=False)
        new, planned, held, signed, advance, won, lost = self.stages
        self.cranes = desk.deal(new, "2026-11-02T10:00", self.anna, title="Cranes",
                                amount="4100000")  # fmt: skip
        for stage, at in ((planned, "03T10"), (held, "05T10"), (signed, "09T10"), (won, "19T10")):
            desk.move(self.cranes, stage, f"2026-11-{at}:00")
        self.racks = desk.deal(new, "2026-11-02T11:00", self.ivan, title="Racks", amount="900000")
        desk.move(self.racks, planned, "2026-11-03T11:00")
        desk.move(self.racks, lost, "2026-11-13T11:00")
        self.pump = desk.deal(new, "2026-11-17T09:00", None, title="Pump")
        self.visit = desk.deal(self.other[0], "2026-11-04T09:00", self.ivan, title="Visit")
        self.old = desk.deal(advance, "2026-10-06T09:00", self.anna, title="Old")
        desk.task(self.pump, self.anna, "2026-11-17T09:00", "2026-11-18T18:00")
        self.now = desk.at("2026-11-20T18:30")


class Shown(Page):
    """Stands for another page: remembers what it was asked to show."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shown: list[object] = []

    def show_item(self, item: object) -> None:
        self.shown.append(item)


class Open:
    """The window with the page of the reports."""

    def __init__(self, qtbot: QtBot, told: Told, folder: Path) -> None:
        self.qtbot, self.told = qtbot, told
        store = told.desk.store
        self.context = Context(
            store, Writer(store), lambda: told.now, Remember(folder / "window.ini")
        )
        self.context.set_person(told.anna, "Anna Orlova", "team_lead")
        others = ("board", "tasks", "clients", "settings")
        specs = [
            PageSpec("reports", lambda: "Reports", "reports", ReportsPage),
            *(PageSpec(key, lambda key=key: key, key, Shown) for key in others),  # type: ignore[misc]
        ]
        self.window = window_on(qtbot, self.context, specs, (1280, 760))
        page = self.window.page("reports")
        assert isinstance(page, ReportsPage)
        self.page = page
        self.window.open_page("reports")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        settle(self.qtbot, self.context)

    def close(self) -> None:
        self.window.close()
        self.context.close()

    def go(self, address: str) -> None:
        self.window.go_to(address)
        self.settle()

    def choose(self, report: str) -> None:
        self.page.choose(report)
        self.settle()

    def own(self, key: str, value: str) -> None:
        """Choose one of a report's own options."""
        self.page.filters.own.buttons[key]._take(value)
        self.settle()

    def heads(self) -> list[str]:
        model = self.page.table.model_of
        ways = Qt.Orientation.Horizontal
        return [str(model.headerData(at, ways)) for at in range(model.columnCount())]

    def rows(self) -> list[list[str]]:
        model = self.page.table.model_of
        return [
            [str(model.index(row, at).data()) for at in range(model.columnCount())]
            for row in range(model.rowCount())
        ]

    def ask(self, question: Any, *args: Any, **more: Any) -> Any:
        return self.context.ask(question, *args, now=self.told.now, **more)

    def click(self, row: int, column: int) -> None:
        table = self.page.table
        index = table.model_of.index(row, column)
        table.scrollTo(index)
        where = table.visualRect(index).center()
        held = Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, held, where)
        self.settle()

    def things(self) -> list[str]:
        """What the panel lists, as a screen reader says it."""
        listed = self.page.panel.lines
        said = [listed.item(at).spoken() for at in range(listed.count())]
        return [text.replace("\u00a0", " ") for text in said]

    def shown(self, page: str) -> list[object]:
        """What another page was asked to show."""
        other = self.window.page(page)
        assert isinstance(other, Shown)
        return other.shown


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    yield made
    made.desk.store.close()


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, told: Told, tmp_path: Path) -> Iterator[Open]:
    theme.install(qapp, "light")
    made = Open(qtbot, told, tmp_path)
    yield made
    made.close()
    qapp.setStyleSheet("")
