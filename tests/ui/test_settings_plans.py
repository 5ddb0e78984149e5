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
    ranking_plans,
    settings,
)
from salesdesk.ui.settings.plans import PlansSection
from tests.ui.settings_desk import DELETE, ESC, Office, cell, grid, made, office, typed

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

ALT = Qt.KeyboardModifier.AltModifier


def test_plans_are_typed_into_the_grid(office: Office) -> None:
    section = office.open("plans")
    assert isinstance(section, PlansSection)
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
    section = office.open("plans")
    assert isinstance(section, PlansSection)
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


def test_a_total_of_a_quarter_is_shared_over_its_months(office: Office) -> None:
    section = office.open("plans")
    assert isinstance(section, PlansSection)
    office.click("settings-plans-span-quarter")
    table = grid(office, "settings-plans-grid")
    cell(table, "Anna Orlova", 8)
    typed(office, table, "9000000")
    months = section.months()
    assert len(months) == 3
    found = [office.ask(ranking_plans.plans, month) for month in months]
    assert all(len(each) == 1 for each in found)
    assert sum(each[0].value for each in found) == 9_000_000
    assert str(table.currentIndex().data()).replace("\u00a0", "") == "9000000"


def test_a_block_of_numbers_is_pasted_as_one_command(office: Office) -> None:
    section = office.open("plans")
    assert isinstance(section, PlansSection)
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
    office.type("settings-level_half", "120")
    assert office.ask(settings.get, settings.LEVEL_HALF) == 50
    assert "above green" in office.child("settings-level_half").accessibleDescription()
    office.type("settings-level_half", "60")
    assert office.ask(settings.get, settings.LEVEL_HALF) == 60


def test_a_block_of_plans_is_emptied_as_one_command(office: Office) -> None:
    section = office.open("plans")
    assert isinstance(section, PlansSection)
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
