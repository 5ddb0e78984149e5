"""The ranking page: days, teams, rulings, other points, files, languages, sizes."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.moments import Zone
from salesdesk.services import periods, settings
from salesdesk.services.exporting import Sheet
from salesdesk.services.periods import Period
from salesdesk.ui import saving
from salesdesk.ui.ranking import export
from salesdesk.ui.ranking.words import COLUMNS
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.period import DaysPopover, PeriodBar, after, days_text
from salesdesk.ui.widgets.popup import Picker
from salesdesk.ui.widgets.reason import ReasonForm
from tests.builders import Desk, day, empty_store
from tests.ui.ranking_desk import KEY, Deals, Open, Story, opened, story  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


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


def test_a_team_of_which_nobody_is_in_the_ranking_leads_back_to_everybody(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = Desk(empty_store(tmp_path))
    boss = desk.person("Boss", role="admin", in_ranking=0)
    anna = desk.person("Anna")
    team = desk.team("Logistics")
    story = Story(desk, boss, anna, anna, [], {}, team, desk.at("2026-11-20T18:30"))
    made = Open(qtbot, story, tmp_path)
    assert not made.page.empty.isVisible()
    made.page.asking.team.set_value(team)
    made.page.asking.changed.emit()
    made.settle()
    assert made.page.empty.isVisible()
    assert made.page.empty._text.text() == "Logistics: nobody is in the ranking of these days."
    made.page.empty.button.click()
    made.settle()
    assert not made.page.empty.isVisible()
    assert made.page.table.ranking.lines[0].name == "Anna"
    made.close()
    desk.store.close()


def test_a_reach_is_voided_with_a_reason_and_undone(opened: Open) -> None:
    story = opened.story
    opened.click(story.maria, "points")
    panel = opened.page.sides.panel
    item = next(panel.lines.item(at) for at in range(panel.lines.count())
                if panel.lines.item(at).strong == "→ Held" and
                panel.lines.item(at).source.counts)  # fmt: skip
    assert item.ruled
    opened.page.sides.rulings._ask_void(item.source, QPoint(400, 300))
    form = opened.popup(ReasonForm)
    assert not form.action.isEnabled()
    QTest.keyClicks(form.field, "Agreed by phone")
    QTest.keyClick(form.field, KEY.Key_Return)
    opened.settle()
    voided = "voided by Anna Orlova: Agreed by phone"
    opened.qtbot.waitUntil(lambda: any(voided in said for said in opened.lines()))
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
    item = opened.page.sides.panel.lines.item(0)
    opened.page.sides.rulings._pick(item.source, story.ivan, QPoint(400, 300))
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
    credited = "credited to Maria Kim by Anna Orlova: Handed over"
    assert any(credited in said for said in opened.lines())


def test_nobody_rules_on_their_own_reaches_and_a_manager_on_none(opened: Open) -> None:
    opened.click(opened.story.anna, "points")
    listed = opened.page.sides.panel.lines
    assert not any(listed.item(at).ruled for at in range(listed.count()))
    opened.context.set_person(opened.story.ivan, "Ivan Petrov", "manager")
    opened.click(opened.story.maria, "points")
    assert not any(listed.item(at).ruled for at in range(listed.count()))


def test_other_points_are_tried_and_nothing_is_saved(opened: Open) -> None:
    story = opened.story
    opened.page.sides.try_button.click()
    opened.settle()
    panel = opened.page.sides.tryout
    assert panel.isVisible()
    held = panel.weights.row(story.stages[2])
    held.field.setText("100")
    held.field.textEdited.emit("100")
    orders = [panel.orders.spoken(row) for row in panel.orders.items]
    assert orders[1] == "2. Maria Kim, 101.2, Saved: place 3, 4.2 points"  # at once
    QTest.qWait(200)
    opened.settle()
    assert opened.text(story.maria, "points") == "101.2"
    assert opened.text(story.anna, "points") == "143.1"
    assert "with the saved points" in opened.tip(story.maria, "rank")
    held.field.setText("many")
    held.field.textEdited.emit("many")
    assert panel.problem.isVisible()
    held.slider.setValue(0)
    assert not panel.problem.isVisible()
    assert panel.orders.items[0].now.points == Decimal("43.1")
    panel.close_panel()
    opened.settle()
    assert opened.text(story.maria, "points") == "4.2"


def sheet_of(opened: Open) -> Sheet:
    answer = opened.page._answer
    assert answer is not None
    return export.sheet(answer)


def test_the_table_is_saved_as_a_file(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    saving.save(opened.context, opened.page, "Ranking.csv", lambda: sheet_of(opened))
    opened.settle()
    rows = target.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("Rank,Change,Manager,Team,Points,")
    assert rows[1].startswith("1,1,Anna Orlova,Turnkey,46.1,")
    assert len(rows) == 5
    assert opened.window.floats.toast.text() == "Saved as out.csv"


def test_a_workbook_has_the_colours_of_the_table(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    answer = opened.page._answer
    assert answer is not None
    menu = export.file_menu(opened.context, opened.page, export.Given(answer, (), ()))
    next(each for each in menu.actions() if "XLSX" in each.text()).trigger()
    opened.settle()
    sheet = load_workbook(target).worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for at, row in enumerate((*answer.ranking.rows, answer.ranking.total), 2):
        for metric, name in (
            ("points", "Points"),
            ("won", "Deals won"),
            ("revenue", "Revenue, RUB"),
        ):
            cell = sheet.cell(at, heads[name])
            assert Decimal(str(cell.value)) == row.value(metric)
            level = "none" if row is answer.ranking.total else row.levels.get(metric, "none")
            assert (cell.fill.fill_type is None) == (level == "none")
    last = [cell.value for cell in sheet[len(answer.ranking.rows) + 2]]
    assert last[0] == "Total"
    assert last.count("Total") == 1


def test_another_language_at_once(opened: Open) -> None:
    opened.click(opened.story.maria, "points")
    opened.context.set_language("ru")
    opened.settle()
    assert opened.text(opened.story.anna, "points") == "46,1"
    assert opened.text(opened.story.anna, "revenue") == "4,1 / 4,0"
    assert opened.page.sides.panel.isVisible()


@pytest.mark.parametrize("width", [980, 1280, 1440, 1920])
def test_it_fits_from_small_to_large(
    qapp: QApplication, qtbot: QtBot, story: Story, tmp_path: Path, width: int
) -> None:
    made = Open(qtbot, story, tmp_path, (width, 720))
    made.page.sides.explain(story.maria, "points")
    made.settle()
    table = made.page.table
    wide = sum(table.columnWidth(at) for at in range(len(COLUMNS)))
    room = table.viewport().width()
    assert wide == room or (width < 1440 and table.horizontalScrollBar().maximum() > 0)
    shown = not table.isColumnHidden(COLUMNS.index("weeks"))
    assert shown == (width != 1280)  # where much is out of sight anyway nothing is left out
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
