"""A workspace with a ranking to look at, and the page opened on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import periods
from salesdesk.services import ranking as rankings
from salesdesk.services.periods import Period
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.ranking.panel import RankingPage
from salesdesk.ui.ranking.words import COLUMNS
from salesdesk.ui.remember import Remember
from tests.builders import Desk, day, empty_store
from tests.ui.settling import settle, window_on

LEFT = Qt.MouseButton.LeftButton
NOVEMBER = 2026 * 12 + 10
KEY = Qt.Key


@dataclass
class Story:
    """A workspace with two sellers of one team, one of another, and what they did."""

    desk: Desk
    anna: int
    maria: int
    ivan: int
    stages: list[int]
    deals: dict[str, int]
    team: int
    now: int


class Deals(Page):
    """Stands for the board: remembers what it was asked to show."""

    shown: list[object]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shown = []

    def show_item(self, item: object) -> None:
        self.shown.append(item)


def tell(folder: Path) -> Story:
    desk = Desk(empty_store(folder))
    turnkey, service = desk.team("Turnkey"), desk.team("Service")
    anna = desk.person("Anna Orlova", role="team_lead", team_id=turnkey)
    maria = desk.person("Maria Kim", role="manager", team_id=turnkey)
    ivan = desk.person("Ivan Petrov", role="manager", team_id=service)
    desk.person("Boss", role="admin", in_ranking=0)
    stages = desk.pipeline("Sales")
    new, planned, held, signed, _advance, won, lost = stages
    deals = {}
    deals["Cranes"] = desk.deal(new, "2026-11-02T10:00", anna, title="Cranes", amount="4100000")
    for stage, at in ((planned, "03"), (held, "05"), (signed, "09"), (won, "19")):
        desk.move(deals["Cranes"], stage, f"2026-11-{at}T12:00")
    deals["Racks"] = desk.deal(new, "2026-11-04T10:00", maria, title="Racks", amount="900000")
    desk.move(deals["Racks"], held, "2026-11-06T10:00")
    desk.move(deals["Racks"], planned, "2026-11-10T10:00")
    desk.move(deals["Racks"], held, "2026-11-12T10:00")
    deals["Loader"] = desk.deal(new, "2026-11-16T10:00", maria, title="Loader")
    desk.move(deals["Loader"], lost, "2026-11-17T10:00")
    deals["Rental"] = desk.deal(new, "2026-10-20T10:00", ivan, title="Rental", currency="USD",
                                amount="100")  # fmt: skip
    desk.move(deals["Rental"], won, "2026-11-11T10:00")
    desk.task(deals["Racks"], maria, "2026-11-12T10:00", "2026-11-13T18:00")
    for person, value in ((anna, "4000000"), (maria, "2000000")):
        desk.plan("revenue", NOVEMBER, value, person_id=person)
    desk.plan("meetings_held", NOVEMBER, "2", person_id=maria)
    desk.norm("lost", "0", NOVEMBER, person_id=maria)
    now = desk.at("2026-11-20T18:30")
    return Story(desk, anna, maria, ivan, stages, deals, turnkey, now)


class Open:
    """The window with the page of the ranking."""

    def __init__(
        self, qtbot: QtBot, story: Story, folder: Path, size: tuple[int, int] = (1280, 800)
    ) -> None:
        self.qtbot, self.story = qtbot, story
        store = story.desk.store
        self.context = Context(store, Writer(store), lambda: story.now,
                               Remember(folder / "window.ini"))  # fmt: skip
        self.context.set_person(story.anna, "Anna Orlova", "team_lead")
        specs = [
            PageSpec("ranking", lambda: "Ranking", "ranking", RankingPage),
            PageSpec("board", lambda: "Board", "board", Deals),
            PageSpec("settings", lambda: "Settings", "settings", Deals),
        ]
        self.window = window_on(qtbot, self.context, specs, size)
        page = self.window.page("ranking")
        assert isinstance(page, RankingPage)
        self.page = page
        self.window.open_page("ranking")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        settle(self.qtbot, self.context)

    def close(self) -> None:
        self.window.close()
        self.context.close()

    def ranking(self, period: Period | None = None, **more: Any) -> rankings.Ranking:
        """What the service says."""
        month = periods.of_month(day("2026-11-20"))
        with self.story.desk.store.read() as r:
            return rankings.ranking(r, period or month, now=self.story.now, **more)

    def text(self, person: int | None, column: str) -> str:
        model = self.page.table.ranking
        return str(model.index(model.row_of(person), COLUMNS.index(column)).data())

    def tip(self, person: int | None, column: str) -> str:
        model = self.page.table.ranking
        index = model.index(model.row_of(person), COLUMNS.index(column))
        return str(index.data(Qt.ItemDataRole.ToolTipRole))

    def people(self) -> list[int | None]:
        return [line.row.person_id for line in self.page.table.ranking.lines]

    def click(self, person: int | None, column: str) -> None:
        table = self.page.table
        index = table.ranking.index(table.ranking.row_of(person), COLUMNS.index(column))
        table.scrollTo(index)
        QTest.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.NoModifier,
                         table.visualRect(index).center())  # fmt: skip
        self.settle()

    def key(self, key: Qt.Key) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)

    def lines(self) -> list[str]:
        listed = self.page.sides.panel.lines
        return [listed.item(at).spoken() for at in range(listed.count())]

    def popup(self, kind: type[QWidget]) -> Any:
        found = [each for each in self.window.findChildren(kind) if each.isVisible()]
        assert len(found) == 1
        return found[0]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = tell(tmp_path)
    yield made
    made.desk.store.close()


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, story: Story, tmp_path: Path) -> Iterator[Open]:
    theme.install(qapp, "light")
    made = Open(qtbot, story, tmp_path)
    yield made
    made.close()
    qapp.setStyleSheet("")
