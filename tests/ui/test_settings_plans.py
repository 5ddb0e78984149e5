"""Plans and norms, typed into their grids on a real workspace."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
)

from salesdesk.services import (
    action_plans,
    lists,
    ranking_plans,
    settings,
)
from salesdesk.ui.settings.grid_editor import MARKED
from salesdesk.ui.settings.grid_view import Grid
from salesdesk.ui.settings.plans import PlansSection
from tests.ui.settings_desk import DELETE, ESC, Office, cell, field_of, grid, made, office, typed

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


def by_metric(office: Office) -> PlansSection:
    """The grid with the metrics of one period beside each other."""
    section = office.open("plans")
    assert isinstance(section, PlansSection)
    office.click("settings-plans-view-metrics")
    return section


def test_plans_are_typed_into_the_grid(office: Office) -> None:
    section = by_metric(office)
    table = grid(office, "settings-plans-grid")
    maria, month = office.desk.people[0], section.month
    cell(table, "Maria Kim", 1)
    typed(office, table, "25")
    plans = office.ask(ranking_plans.plans, month)
    assert [(each.metric, each.person_id, each.value) for each in plans] == [
        ("requests_new", maria, Decimal(25))
    ]
    cell(table, "Turnkey", 1)
    assert str(table.currentIndex().data()) == "25"  # the sum of its people
    cell(table, "Maria Kim", 1)
    QTest.keyClick(table, DELETE)
    office.settle()
    assert office.ask(ranking_plans.plans, month) == []


def test_a_wrong_plan_is_explained_and_not_kept(office: Office) -> None:
    section = by_metric(office)
    table = grid(office, "settings-plans-grid")
    cell(table, "Maria Kim", 1)
    typed(office, table, "2x")
    problem = office.child("settings-plans-grid-problem")
    assert isinstance(problem, QLabel)
    assert "Not a number" in problem.text()
    assert table.state() == QAbstractItemView.State.EditingState
    editor = table.findChild(QLineEdit, "settings-grid-editor")
    assert editor is not None
    QTest.keyClick(editor, ESC)
    office.settle()
    assert office.ask(ranking_plans.plans, section.month) == []
    assert problem.text() == ""


def test_what_is_no_number_is_said_when_the_mouse_leaves_it(office: Office) -> None:
    section = by_metric(office)
    table = grid(office, "settings-plans-grid")
    cell(table, "Maria Kim", 1)
    left = table.currentIndex()
    typed(office, table, "2x", None)
    other = left.siblingAtColumn(2)
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(other).center())
    office.settle()
    problem = office.child("settings-plans-grid-problem")
    assert isinstance(problem, QLabel)
    assert problem.isVisible()
    assert "“2x”" in problem.text()
    assert "Not a number" in problem.text()
    assert left.data(MARKED) == "2x"
    assert office.ask(ranking_plans.plans, section.month) == []
    cell(table, "Maria Kim", 1)
    typed(office, table, "3")
    assert problem.text() == ""
    assert left.data(MARKED) is None
    typed(office, table, "5y", None)
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(left).center())
    assert problem.text()
    office.click("settings-plans-after")  # the cell that it speaks of is not there any more
    assert not problem.isVisible()


def test_keys_right_after_a_second_click_are_not_lost(office: Office) -> None:
    section = by_metric(office)
    table = grid(office, "settings-plans-grid")
    cell(table, "Maria Kim", 1)
    place = table.visualRect(table.currentIndex()).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)
    field = table.findChild(QLineEdit, "settings-grid-editor")
    assert field is not None  # at once, not after the time of a double click
    QTest.keyClicks(field, "25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    office.settle()
    assert [each.value for each in office.ask(ranking_plans.plans, section.month)] == [25]


def test_a_total_of_a_quarter_is_shared_over_its_months(office: Office) -> None:
    section = by_metric(office)
    office.click("settings-plans-span-quarter")
    table = grid(office, "settings-plans-grid")
    cell(table, "Anna Orlova", 8)
    typed(office, table, "9000000")
    months = section.months()
    assert len(months) == 3
    found = [office.ask(ranking_plans.plans, month) for month in months]
    assert all(len(each) == 1 for each in found)
    assert sum(each[0].value for each in found) == 9_000_000
    cell(table, "Anna Orlova", 8)
    assert str(table.currentIndex().data()).replace("\u00a0", "") == "9000000"


def test_a_block_of_numbers_is_pasted_as_one_command(office: Office) -> None:
    section = by_metric(office)
    table = grid(office, "settings-plans-grid")
    QGuiApplication.clipboard().setText("5\t6\n7\t8\n")
    cell(table, "Anna Orlova", 1)
    before = office.store.last_txn()
    QTest.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    office.settle()
    assert office.store.last_txn() == before + 1
    values = sorted(each.value for each in office.ask(ranking_plans.plans, section.month))
    assert values == [5, 6, 7, 8]


def test_norms_and_thresholds(office: Office) -> None:
    section = office.open("plans")
    assert isinstance(section, PlansSection)
    table = grid(office, "settings-norms-grid")
    cell(table, "Everybody", 2)
    typed(office, table, "3")
    office.click("settings-norms-span-month")
    cell(table, "Maria Kim", 1)
    typed(office, table, "4")
    always = office.ask(ranking_plans.norms, None)
    assert ("tasks_overdue", Decimal(3)) in [(each.metric, each.value) for each in always]
    month = office.ask(ranking_plans.norms, section.month)
    assert [(each.metric, each.person_id) for each in month] == [("lost", office.desk.people[0])]
    office.click("settings-norms-after")
    cell(table, "Maria Kim", 1)
    typed(office, table, "6")
    after = office.ask(ranking_plans.norms, section.month + 1)
    assert [each.value for each in after] == [6]
    office.type("settings-level_half", "120")
    assert office.ask(settings.get, settings.LEVEL_HALF) == 50
    assert "above green" in office.child("settings-level_half").accessibleDescription()
    office.type("settings-level_half", "60")
    assert office.ask(settings.get, settings.LEVEL_HALF) == 60
    office.type("settings-waits_days", "10")
    office.type("settings-habit_times", "2")
    assert office.ask(settings.get, settings.WAITS_DAYS) == 10
    assert office.ask(settings.get, settings.HABIT_TIMES) == 2


def test_a_block_of_plans_is_emptied_as_one_command(office: Office) -> None:
    section = by_metric(office)
    table = grid(office, "settings-plans-grid")
    QGuiApplication.clipboard().setText("5\t6\n7\t8\n")
    cell(table, "Anna Orlova", 1)
    QTest.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    office.settle()
    table.selectAll()
    before = office.store.last_txn()
    QTest.keyClick(table, DELETE)
    office.settle()
    assert office.ask(ranking_plans.plans, section.month) == []
    assert office.store.last_txn() == before + 1
    office.context.undo()
    office.settle()
    assert len(office.ask(ranking_plans.plans, section.month)) == 4


# -- month beside month ---------------------------------------------------------------------------

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def by_month(office: Office, metric: str = "Revenue") -> tuple[PlansSection, Grid]:
    """One metric, the months of 2026 beside each other."""
    section = office.open("plans")
    assert isinstance(section, PlansSection)
    office.click("settings-plans-metric")
    office.pick(metric)
    return section, section.plan_grid


def planned(office: Office, person: int, month: int) -> Decimal | None:
    """The plan of someone in a month of 2026 (1..12)."""
    found = office.ask(ranking_plans.plans, 2026 * 12 + month - 1)
    return next((each.value for each in found if each.person_id == person), None)


def block(table: Grid, top: str, left: int, rows: int, columns: int) -> None:
    """Select a block with Shift and the arrows."""
    cell(table, top, left)
    for _ in range(columns - 1):
        QTest.keyClick(table, Qt.Key.Key_Right, SHIFT)
    for _ in range(rows - 1):
        QTest.keyClick(table, Qt.Key.Key_Down, SHIFT)


def problem(office: Office) -> str:
    found = office.child("settings-plans-grid-problem")
    assert isinstance(found, QLabel)
    return found.text()


def test_what_cannot_be_read_is_said_and_marked_and_the_rest_is_kept(office: Office) -> None:
    _section, table = by_month(office)
    anna, ivan = sorted(office.desk.people, key=lambda each: name_of(office, each))[:2]
    cell(table, name_of(office, anna), 1)
    QGuiApplication.clipboard().setText(
        "1 200 000,50 ₽\tabout 5\t\t0,25\r\n2.500.000\t—\t300\t1/2\r\n"
    )
    before = office.store.last_txn()
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    office.settle()
    assert office.store.last_txn() == before + 1  # one command, one undo
    assert [planned(office, anna, month) for month in (1, 2, 3, 4)] == [
        Decimal("1200000.5"), None, None, Decimal("0.25")
    ]  # fmt: skip
    assert [planned(office, ivan, month) for month in (1, 2, 3, 4)] == [2_500_000, None, 300, None]
    said = problem(office)
    assert "2 cells could not be read" in said
    assert "“about 5”, “1/2”" in said
    cell(table, name_of(office, anna), 2)
    assert "about 5" in str(table.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole))
    typed(office, table, "7")
    assert problem(office) == ""  # what is set anew is not marked any more
    office.context.undo()
    office.context.undo()
    office.settle()
    assert planned(office, anna, 1) is None


def test_a_percentage_in_a_block_changes_what_stands_there(office: Office) -> None:
    _section, table = by_month(office)
    anna = office.desk.people[0]
    name = name_of(office, anna)
    QGuiApplication.clipboard().setText("100\t200\t300")
    cell(table, name, 1)
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    office.settle()
    QGuiApplication.clipboard().setText("+10%\t50 %\t-5%\t10%")
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    office.settle()
    assert [planned(office, anna, month) for month in (1, 2, 3, 4)] == [110, 100, 285, None]
    assert "1 cell could not be read" in problem(office)  # nothing stands there to be a part of


def test_a_block_beyond_the_edge_keeps_what_fits(office: Office) -> None:
    _section, table = by_month(office)
    anna = office.desk.people[0]
    cell(table, name_of(office, anna), 12)
    QGuiApplication.clipboard().setText("5\t6\t7")
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    office.settle()
    assert "1 cell lies outside the table" in problem(office)
    # December, and the year: shared over its months, of which December has its part
    assert sum(planned(office, anna, month) or 0 for month in range(1, 13)) == 6


def test_a_block_is_copied_out_and_one_number_fills_a_block(office: Office) -> None:
    _section, table = by_month(office)
    first, second = sorted(office.desk.people, key=lambda each: name_of(office, each))[:2]
    block(table, name_of(office, first), 1, 2, 3)
    QGuiApplication.clipboard().setText("1234,5")
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    office.settle()
    assert {planned(office, one, m) for one in (first, second) for m in (1, 2, 3)} == {
        Decimal("1234.5")
    }
    block(table, name_of(office, first), 1, 2, 2)
    QTest.keyClick(table, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "1234.5\t1234.5\n1234.5\t1234.5"
    assert "4 numbers, sum" in office.child("settings-plans-selected").property("text")


def test_the_keyboard_of_a_spreadsheet(office: Office) -> None:
    _section, table = by_month(office)
    first, second = sorted(office.desk.people, key=lambda each: name_of(office, each))[:2]
    cell(table, name_of(office, first), 1)
    at = table.currentIndex()
    typed(office, table, "10", Qt.Key.Key_Tab)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (at.row(), 2)
    typed(office, table, "20")
    assert (table.currentIndex().row(), table.currentIndex().column()) == (at.row() + 1, 2)
    QTest.keyClick(table, Qt.Key.Key_Backtab)
    assert table.currentIndex().column() == 1
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = field_of(table)
    QTest.keyClicks(editor, "30")
    QTest.keyClick(editor, ESC)
    office.settle()
    assert planned(office, second, 1) is None
    block(table, name_of(office, first), 1, 2, 2)
    before = office.store.last_txn()
    QTest.keyClick(table, Qt.Key.Key_D, CTRL)  # fill down
    office.settle()
    assert office.store.last_txn() == before + 1
    assert [planned(office, second, month) for month in (1, 2)] == [10, 20]
    QTest.keyClick(table, DELETE)
    office.settle()
    assert [planned(office, one, 1) for one in (first, second)] == [None, None]
    column = table.currentIndex().column()
    QTest.keyClick(table, Qt.Key.Key_Tab)
    assert table.currentIndex().column() == column + 1  # from cell to cell, until Esc
    QTest.keyClick(table, ESC)
    QTest.keyClick(table, Qt.Key.Key_Tab)
    assert not table.hasFocus()


def test_the_month_before_is_copied_and_raised(office: Office) -> None:
    section, table = by_month(office, "Meetings held")
    maria = office.desk.people[0]
    cell(table, "Maria Kim", 1)
    typed(office, table, "25")
    cell(table, "Maria Kim", 2)
    office.click("settings-plans-copy-before")
    assert planned(office, maria, 2) == 25
    office.click("settings-plans-change-by")  # +10 % on the cell of the keyboard
    assert planned(office, maria, 2) == Decimal("27.5")
    office.type("settings-plans-percent", "-20")
    assert planned(office, maria, 2) == 22
    office.context.undo()
    office.settle()
    assert planned(office, maria, 2) == Decimal("27.5")
    cell(table, "Maria Kim", 7)
    office.click("settings-plans-copy-before")
    assert "no earlier plans" in office.problems[-1].message
    assert section.plan_grid.numbers() == []


def test_the_year_is_shared_and_the_last_line_sums_up(office: Office) -> None:
    _section, table = by_month(office)
    maria = office.desk.people[0]
    year = table.model().columnCount() - 1
    cell(table, "Maria Kim", year)
    typed(office, table, "12000")
    months = [planned(office, maria, month) for month in range(1, 13)]
    assert sum(each for each in months if each is not None) == 12_000
    assert len(set(months)) > 1  # by working days
    cell(table, "Turnkey", 1)
    typed(office, table, "5000")
    total = table.model().index(table.model().rowCount() - 1, 1)
    assert str(total.siblingAtColumn(0).data()).strip() == "Sum"
    assert str(total.data()).replace("\u00a0", "").replace(",", "") == "5000"  # the team's own
    assert not total.flags() & Qt.ItemFlag.ItemIsEditable


def test_norms_are_pasted_as_one_command(office: Office) -> None:
    office.open("plans")
    table = grid(office, "settings-norms-grid")
    QGuiApplication.clipboard().setText("3\t4\t5")
    cell(table, "Maria Kim", 1)
    before = office.store.last_txn()
    QTest.keyClick(table, Qt.Key.Key_V, CTRL)
    office.settle()
    assert office.store.last_txn() == before + 1
    mine = [each for each in office.ask(ranking_plans.norms, None)
            if each.person_id == office.desk.people[0]]  # fmt: skip
    assert sorted(each.value for each in mine) == [3, 4, 5]


def name_of(office: Office, person: int) -> str:
    with office.store.read() as r:
        return str(r.value("SELECT name FROM person WHERE id = ?", (person,)))


def test_a_kind_of_task_is_planned(office: Office) -> None:
    """By month any kind can be chosen; by metric those stand there that have a plan."""
    made = lists.add(office.desk.store, "task_kinds", "Visit", {"icon": "phone"}, person=None,
                     now=1)  # fmt: skip
    section = office.open("plans")
    assert isinstance(section, PlansSection)
    call = action_plans.metric_of(made.id)
    section.which.set_value(call)
    section.which.chosen.emit(call)
    office.settle()
    table = grid(office, "settings-plans-grid")
    cell(table, "Maria Kim", 3)
    typed(office, table, "40")
    month = section.month - section.month % 12 + 2
    [plan] = office.ask(ranking_plans.plans, month)
    assert (plan.metric, plan.person_id, plan.value) == (call, office.desk.people[0], 40)
    section.month = month
    office.click("settings-plans-view-metrics")
    titles = [title for _key, title in section.plans.columns]
    assert titles[-1] == "Done: Visit"
    assert len(titles) == 10
