"""The page of the ranking on a real workspace: the numbers of the services, why they are so, other
days and people, rulings, what is tried out, by mouse and keyboard, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.moments import Zone
from salesdesk.services import deals, periods, ranking_explain, settings
from salesdesk.services import ranking as rankings
from salesdesk.services.periods import Period
from salesdesk.services.writer import Writer
from salesdesk.ui import saving, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.ranking.panel import RankingPage
from salesdesk.ui.ranking.ruling import ReasonForm
from salesdesk.ui.ranking.words import COLUMNS
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.period import DaysPopover, PeriodBar, after, days_text
from salesdesk.ui.widgets.popup import Picker
from tests.builders import Desk, day, empty_store

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
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
        self.window = MainWindow(self.context, specs)
        qtbot.addWidget(self.window)
        self.window.resize(*size)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        page = self.window.page("ranking")
        assert isinstance(page, RankingPage)
        self.page = page
        self.window.open_page("ranking")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being written or read."""
        idle = 0

        def quiet() -> bool:
            nonlocal idle
            busy = self.context.writer.busy() or self.context.background.pending()
            idle = 0 if busy else idle + 1
            return idle > 3

        self.qtbot.waitUntil(quiet)
        QTest.qWait(20)

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
        listed = self.page.panel.lines
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


def test_the_table_says_what_the_service_says(opened: Open) -> None:
    answer = opened.ranking()
    assert opened.people() == [*(row.person_id for row in answer.rows), None]
    for row in (*answer.rows, answer.total):
        for metric in rankings.METRICS:
            assert opened.text(row.person_id, metric).split(" ")[0] == str(row.value(metric))
    assert opened.text(opened.story.anna, "points") == "46.1"
    assert opened.text(opened.story.anna, "revenue") == "4.1 / 4.0"
    assert opened.text(opened.story.maria, "meetings_held") == "1 / 2"
    assert opened.text(opened.story.maria, "lost") == "1 > 0"
    assert opened.text(None, "person") == "Team"


def test_a_colour_is_said_in_words_too(opened: Open) -> None:
    anna, maria = opened.story.anna, opened.story.maria
    lines = {line.row.person_id: line for line in opened.page.table.ranking.lines}
    assert lines[anna].cells["revenue"].level == "full"
    assert lines[maria].cells["meetings_held"].level == "half"
    assert "the plan is met" in opened.tip(anna, "revenue")
    assert "Plan 2: 50 %, on the way" in opened.tip(maria, "meetings_held")
    assert "Pace 7" in opened.tip(maria, "meetings_held")
    assert "above the norm" in opened.tip(maria, "lost")
    model = opened.page.table.ranking
    index = model.index(model.row_of(anna), COLUMNS.index("revenue"))
    assert "Anna Orlova" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_currency_without_a_rate_is_named(opened: Open) -> None:
    assert opened.page.notice.isVisible()
    assert "USD" in opened.page.notice.text()
    assert "USD" in opened.tip(opened.story.ivan, "revenue")


def test_a_click_on_the_points_tells_stages_and_moves(opened: Open) -> None:
    assert not opened.page.panel.isVisible()
    opened.click(opened.story.maria, "points")
    panel = opened.page.panel
    assert panel.isVisible()
    assert panel.title.text() == "Why 4.2 points?"
    assert panel.who.text() == "Maria Kim · 1–20\u00a0Nov\u00a02026"
    assert "Held 3" in panel.stages.accessibleName()
    assert any("already counted 6\u00a0Nov" in said for said in opened.lines())
    assert any(said.startswith("Loader → New, +0.1, 16\u00a0Nov 10:00") for said in opened.lines())


@pytest.mark.parametrize("metric", [*rankings.METRICS, "revenue", "gross_profit"])
def test_every_number_lists_what_it_counts(opened: Open, metric: str) -> None:
    for person in (opened.story.anna, opened.story.maria):
        opened.click(person, metric)
        with opened.story.desk.store.read() as r:
            month = periods.of_month(day("2026-11-20"))
            found = ranking_explain.explain(r, month, person, metric, now=opened.story.now)
        assert opened.page.panel.lines.count() == len(found.lines)
        items = [opened.page.panel.lines.item(at) for at in range(len(found.lines))]
        counted = sum((Decimal(item.source.value) for item in items), Decimal(0))
        row = next(row for row in opened.ranking().rows if row.person_id == person)
        assert counted == row.value(metric)


def test_the_team_s_number_leads_to_its_people(opened: Open) -> None:
    opened.click(None, "points")
    assert opened.page.panel.title.text() == "Why 85.3 points?"
    assert [said.split(",")[0] for said in opened.lines()] == [
        "Anna Orlova", "Ivan Petrov", "Maria Kim",
    ]  # fmt: skip
    listed = opened.page.panel.lines
    QTest.mouseClick(listed.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(60, 100))
    opened.settle()
    assert opened.page.panel.title.text() == "Why 4.2 points?"
    assert opened.page.table.current() == (opened.story.maria, "points")


def test_a_deal_of_the_list_opens_on_the_board(opened: Open) -> None:
    opened.click(opened.story.ivan, "won")
    listed = opened.page.panel.lines
    listed.setFocus()
    QTest.keyClick(listed, KEY.Key_Return)
    board = opened.window.page("board")
    assert isinstance(board, Deals)
    assert opened.window.open_key == "board"
    assert board.shown == [opened.story.deals["Rental"]]


def test_arrows_walk_enter_explains_esc_closes(opened: Open) -> None:
    table = opened.page.table
    assert QApplication.focusWidget() is table
    assert table.current() == (opened.story.anna, "points")
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Right)
    opened.key(KEY.Key_Right)
    assert table.current() == (opened.story.ivan, "requests_total")
    assert not opened.page.panel.isVisible()
    opened.key(KEY.Key_Return)
    opened.settle()
    assert opened.page.panel.title.text() == "Requests in all: 1"
    opened.key(KEY.Key_Down)
    QTest.qWait(200)
    opened.settle()
    assert opened.page.panel.title.text() == "Requests in all: 2"
    opened.key(KEY.Key_Escape)
    assert not opened.page.panel.isVisible()
    assert QApplication.focusWidget() is table


def test_a_move_is_in_the_ranking_at_once_and_the_cell_stays(opened: Open) -> None:
    opened.click(opened.story.maria, "points")
    opened.context.write(deals.move, [opened.story.deals["Racks"]], opened.story.stages[5])
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.text(opened.story.maria, "points") == "39.2")
    opened.settle()
    assert opened.page.panel.title.text() == "Why 39.2 points?"
    assert opened.page.table.current() == (opened.story.maria, "points")
    assert opened.people()[1] == opened.story.maria
    opened.context.undo()
    opened.qtbot.waitUntil(lambda: opened.text(opened.story.maria, "points") == "4.2")


def test_a_hidden_page_reads_nothing_until_it_is_shown(opened: Open) -> None:
    opened.window.open_page("board")
    opened.context.write(deals.move, [opened.story.deals["Racks"]], opened.story.stages[5])
    opened.settle()
    assert opened.text(opened.story.maria, "points") == "4.2"
    opened.window.open_page("ranking")
    opened.settle()
    assert opened.text(opened.story.maria, "points") == "39.2"


def test_other_days_team_and_what_is_remembered(
    opened: Open, qtbot: QtBot, story: Story, tmp_path: Path
) -> None:
    page = opened.page
    week = page.days.chips.chip("week")
    week.click()
    opened.settle()
    answer = opened.ranking(periods.of_week(day("2026-11-20")))
    assert opened.people() == [*(row.person_id for row in answer.rows), None]
    assert opened.text(story.anna, "points") == "35"
    page.team._on_picked(story.team)
    opened.settle()
    assert opened.people() == [story.anna, story.maria, None]
    assert opened.text(None, "person") == "Turnkey"
    opened.close()
    again = Open(qtbot, story, tmp_path)
    assert again.page.days.kind() == "week"
    assert again.page.team.value == story.team
    assert again.people() == [story.anna, story.maria, None]
    again.close()


def test_the_month_before_by_key_and_by_dates(opened: Open) -> None:
    opened.key(KEY.Key_BracketLeft)
    opened.settle()
    assert opened.page.days.period() == periods.of_month(day("2026-10-15"))
    assert opened.page.days.days.text() == "1–31\u00a0Oct\u00a02026"
    assert opened.page.days.chips.value() == ""
    opened.page.days.days.click()
    form = opened.popup(DaysPopover)
    form.first.setText("nonsense")
    form.button.click()
    assert form.isVisible()
    assert "Not a date" in form.problem.text()
    form.first.setText("2.11.2026")
    form.last.setText("6.11.2026")
    QTest.keyClick(form.last, KEY.Key_Return)
    opened.settle()
    assert opened.page.days.period() == Period(day("2026-11-02"), day("2026-11-06"))
    assert opened.text(opened.story.maria, "meetings_held") == "1 / 0.5"


def test_a_period_without_moves_says_so(opened: Open) -> None:
    opened.page.days.set_period(periods.of_day(day("2026-11-15")))
    opened.settle()
    charts = opened.page.charts
    assert charts.no_points.isVisible()
    assert "earns them" in charts.no_points.accessibleName()
    assert charts.no_plans.isVisible()
    assert "single day" in charts.no_plans.accessibleName()
    charts.no_plans.button.click()
    opened.settle()
    assert opened.page.days.kind() == "month"
    assert charts.bars.isVisible()
    opened.page.days.set_period(periods.of_month(day("2026-08-15")))
    opened.settle()
    charts.no_plans.button.click()
    settings_page = opened.window.page("settings")
    assert isinstance(settings_page, Deals)
    assert settings_page.shown == ["plans"]


def test_nobody_in_the_ranking_is_told_what_to_do(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = Desk(empty_store(tmp_path))
    boss = desk.person("Boss", role="admin", in_ranking=0)
    story = Story(desk, boss, boss, boss, [], {}, 0, desk.at("2026-11-20T18:30"))
    made = Open(qtbot, story, tmp_path)
    assert made.page.empty.isVisible()
    assert not made.page.card.isVisible()
    made.page.empty.button.click()
    assert made.window.open_key == "settings"
    made.close()
    desk.store.close()


def test_a_reach_is_voided_with_a_reason_and_undone(opened: Open) -> None:
    story = opened.story
    opened.click(story.maria, "points")
    panel = opened.page.panel
    item = next(panel.lines.item(at) for at in range(panel.lines.count())
                if panel.lines.item(at).strong == "→ Held" and
                panel.lines.item(at).source.counts)  # fmt: skip
    assert item.ruled
    opened.page.rulings._ask_void(item.source, QPoint(400, 300))
    form = opened.popup(ReasonForm)
    assert not form.action.isEnabled()
    QTest.keyClicks(form.field, "Agreed by phone")
    QTest.keyClick(form.field, KEY.Key_Return)
    opened.settle()
    opened.qtbot.waitUntil(lambda: any("voided: Agreed by phone" in x for x in opened.lines()))
    assert panel.title.text() == "Why 4.2 points?"  # the next entry counts now
    struck = [panel.lines.item(at) for at in range(panel.lines.count())
              if panel.lines.item(at).struck]  # fmt: skip
    assert len(struck) == 1
    assert struck[0].ruled
    opened.context.undo()
    opened.settle()
    opened.qtbot.waitUntil(lambda: not any("voided" in said for said in opened.lines()))


def test_a_reach_is_credited_to_someone_else(opened: Open) -> None:
    story = opened.story
    opened.click(story.ivan, "won")
    item = opened.page.panel.lines.item(0)
    opened.page.rulings._pick(item.source, story.ivan, QPoint(400, 300))
    picker = opened.popup(Picker)
    names = [
        picker.list.model().index(at, 0).data() for at in range(picker.list.model().rowCount())
    ]
    assert names == ["Maria Kim"]
    QTest.keyClick(picker.list, KEY.Key_Return)
    form = opened.popup(ReasonForm)
    form.field.setText("Handed over")
    form.action.click()
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.text(story.maria, "won") == "1")
    assert opened.text(story.ivan, "won") == "0"
    assert any("credited to Maria Kim: Handed over" in said for said in opened.lines())


def test_nobody_rules_on_their_own_reaches_and_a_manager_on_none(opened: Open) -> None:
    opened.click(opened.story.anna, "points")
    listed = opened.page.panel.lines
    assert not any(listed.item(at).ruled for at in range(listed.count()))
    opened.context.set_person(opened.story.ivan, "Ivan Petrov", "manager")
    opened.click(opened.story.maria, "points")
    assert not any(listed.item(at).ruled for at in range(listed.count()))


def test_other_points_are_tried_and_nothing_is_saved(opened: Open) -> None:
    story = opened.story
    opened.page.try_button.click()
    QTest.qWait(20)
    panel = opened.page.tryout
    assert panel.isVisible()
    held = panel._fields[story.stages[2]]
    held.setText("100")
    held.textEdited.emit("100")
    QTest.keyClick(held, KEY.Key_Return)
    opened.settle()
    assert opened.text(story.maria, "points") == "101.2"
    assert opened.text(story.anna, "points") == "143.1"
    assert "with the saved points" in opened.tip(story.maria, "rank")
    orders = [panel.lines.item(at).spoken() for at in range(panel.lines.count())]
    assert orders[1] == "2. Maria Kim, 101.2, Saved: place 3, 4.2 points"
    held.setText("many")
    QTest.keyClick(held, KEY.Key_Return)
    assert panel.problem.isVisible()
    panel.close_panel()
    opened.settle()
    assert opened.text(story.maria, "points") == "4.2"


def test_the_table_is_saved_as_a_file(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    saving.save(opened.context, opened.page, "Ranking.csv", opened.page._sheet)
    opened.settle()
    rows = target.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("Rank,Change,Manager,Team,Points,")
    assert rows[1].startswith("1,1,Anna Orlova,Turnkey,46.1,")
    assert len(rows) == 5
    assert opened.window.floats.toast.text() == "Saved as out.csv"


def test_another_language_at_once(opened: Open) -> None:
    opened.click(opened.story.maria, "points")
    opened.context.set_language("ru")
    opened.settle()
    assert opened.text(opened.story.anna, "points") == "46,1"
    assert opened.text(opened.story.anna, "revenue") == "4,1 / 4,0"
    assert opened.page.panel.isVisible()


@pytest.mark.parametrize("width", [980, 1280, 1440, 1920])
def test_it_fits_from_small_to_large(
    qapp: QApplication, qtbot: QtBot, story: Story, tmp_path: Path, width: int
) -> None:
    made = Open(qtbot, story, tmp_path, (width, 720))
    made.page.explain(story.maria, "points")
    made.settle()
    table = made.page.table
    wide = sum(table.columnWidth(at) for at in range(len(COLUMNS)))
    room = table.viewport().width()
    assert wide == room or (width < 1440 and table.horizontalScrollBar().maximum() > 0)
    shown = not table.isColumnHidden(COLUMNS.index("weeks"))
    assert shown == (width > 1280)
    fonts = table.cells.fonts
    for line in table.ranking.lines:
        for column, cell in line.cells.items():
            assert fonts.cell(cell) <= table.columnWidth(COLUMNS.index(column))
    made.close()


def test_two_hundred_people_scroll_in_the_table(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = Desk(empty_store(tmp_path))
    people = [desk.person(f"Seller {at:03}", role="manager") for at in range(200)]
    now = desk.at("2026-11-20T18:30")
    story = Story(desk, people[0], people[1], people[2], [], {}, 0, now)
    made = Open(qtbot, story, tmp_path)
    table = made.page.table
    assert len(made.people()) == 201
    assert table.height() < 560
    assert table.verticalScrollBar().maximum() > 0
    assert made.page.charts.isVisible()
    table.selectionModel().setCurrentIndex(
        table.ranking.index(150, 2), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    assert table.visualRect(table.currentIndex()).top() >= 0
    made.close()
    desk.store.close()


def test_names_of_periods() -> None:
    text = [
        days_text(day("2026-11-01"), day("2026-11-30")),
        days_text(day("2026-10-01"), day("2026-12-31")),
        days_text(day("2025-12-28"), day("2026-01-03")),
        days_text(day("2026-11-20"), day("2026-11-20")),
    ]
    assert [each.replace("\u00a0", " ") for each in text] == [
        "1–30 Nov 2026", "1 Oct – 31 Dec 2026", "28 Dec 2025 – 3 Jan 2026", "20 Nov 2026",
    ]  # fmt: skip
    november = periods.of_month(day("2026-11-20"))
    assert after(november) == periods.of_month(day("2026-12-01"))
    assert after(november.previous()) == november
    assert after(Period(10, 12)) == Period(13, 15)


def test_month_is_the_present_one_tomorrow_too(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    zone = Zone("Europe/Moscow")
    now = [zone.moment(datetime.fromisoformat("2026-11-30T23:59"))]
    bar = PeriodBar("ranking-period", zone, lambda: now[0], Remember(tmp_path / "w.ini"))
    qtbot.addWidget(bar)
    bar.retranslate()
    assert bar.period().last_day == day("2026-11-30")
    now[0] += 120_000_000
    bar.refresh()
    assert bar.period() == periods.of_month(day("2026-12-01"))
    assert bar.days.text().startswith("1–31\u00a0Dec")


def test_everything_to_press_has_a_name(opened: Open) -> None:
    opened.click(opened.story.maria, "meetings_held")
    for widget in opened.page.findChildren(QWidget):
        pressed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if pressed and widget.isVisible() and not isinstance(widget, QLabel):
            name = widget.objectName()
            assert widget.accessibleName() or name.startswith("qt_"), (name, widget)


def test_levels_go_by_the_settings(opened: Open) -> None:
    maria = opened.story.maria
    opened.context.set_person(None, "", "admin")
    opened.context.write(settings.change, {"level_half": 20, "level_full": 40})
    opened.settle()
    opened.qtbot.waitUntil(lambda: "the plan is met" in opened.tip(maria, "meetings_held"))
