"""The way down from a number and back, addresses, and saved views, on the page of the reports."""

from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from salesdesk.ui.palette.commands import commands
from salesdesk.ui.widgets.saved import SavedFilters
from tests.ui.reports_desk import KEY, Open, opened, told

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
__all__ = ["opened", "told"]


# -- the way down and back ------------------------------------------------------------------------


def test_keys_walk_the_table_enter_lists_esc_closes_and_a_deal_opens(opened: Open) -> None:
    table = opened.page.table
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, KEY.Key_Right)
    QTest.keyClick(table, KEY.Key_Right)
    QTest.keyClick(table, KEY.Key_Down)
    QTest.keyClick(table, KEY.Key_Return)
    opened.settle()
    assert opened.page.panel.title.text() == "Set: 2"
    QTest.keyClick(table, KEY.Key_Escape)
    assert not opened.page.panel.isVisible()
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, KEY.Key_Return)
    opened.settle()
    opened.page.panel.lines.setFocus()
    QTest.keyClick(opened.page.panel.lines, KEY.Key_Return)
    assert opened.shown("board") == [opened.told.racks]
    opened.window.walk(-1)
    opened.settle()
    assert opened.window.open_key == "reports"
    assert opened.page.panel.isVisible()
    assert opened.page.panel.title.text() == "Set: 2"
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1, 2)
    opened.window.walk(-1)
    opened.settle()
    assert not opened.page.panel.isVisible()


def test_what_is_behind_a_number_as_a_table(opened: Open) -> None:
    opened.click(7, 7)
    QTest.keyClick(opened.page.table, KEY.Key_L)
    opened.settle()
    assert not opened.page.panel.isVisible()
    assert opened.heads() == ["Name", "About", "When"]
    assert len(opened.rows()) == 9
    assert opened.rows()[0] == ["Cranes", "Signed → Won · Anna Orlova", "19\u00a0Nov 10:00"]
    assert opened.page.body.about.text().endswith("Total")
    opened.click(0, 0)
    assert opened.shown("board") == [opened.told.cranes]
    opened.window.walk(-1)
    opened.settle()
    assert len(opened.rows()) == 9
    opened.page.body.back_button.click()
    opened.settle()
    assert opened.heads()[0] == "Period"
    assert opened.page.panel.isVisible()


def test_one_step_back_leads_out_of_what_was_looked_into(opened: Open) -> None:
    opened.window.open_page("board")
    opened.go("reports?report=transitions&days=month")
    for row, column in ((1, 2), (7, 7), (1, 2)):
        opened.click(row, column)
    QTest.keyClick(opened.page.table, KEY.Key_L)
    opened.settle()
    QTest.keyClick(opened.page.table, KEY.Key_Escape)  # the report again, with the panel
    opened.settle()
    QTest.keyClick(opened.page.table, KEY.Key_Escape)  # without it
    opened.settle()
    assert "cell" not in opened.page.address()
    opened.window.walk(-1)
    assert opened.window.open_key == "board"


def test_things_that_are_no_deals_open_where_they_are(opened: Open) -> None:
    opened.go("reports?report=workload&days=month")
    row = next(at for at, cells in enumerate(opened.rows()) if "Anna Orlova" in cells)
    opened.click(row, opened.heads().index("Overdue"))
    QTest.keyClick(opened.page.panel.lines, KEY.Key_Return)
    [task] = opened.shown("tasks")
    assert isinstance(task, int)
    opened.window.walk(-1)
    opened.settle()
    QTest.keyClick(opened.page.table, KEY.Key_L)
    opened.settle()
    opened.page.table.setCurrentIndex(opened.page.table.model_of.index(0, 0))
    QTest.keyClick(opened.page.table, KEY.Key_Return)
    opened.settle()
    assert opened.shown("tasks") == [task, task]


def test_an_address_has_all_of_it(opened: Open) -> None:
    opened.go("reports?report=transitions&days=2026-10-01..2026-11-30&by=month&rows=people"
              "&amount=1000000..&sort=-stage-1")  # fmt: skip
    assert opened.rows()[0][0] == "Anna Orlova"
    before = opened.rows()
    address = str(opened.window.address())
    opened.go("reports?report=funnel")
    assert opened.heads()[0] == "Stage"
    opened.go(address)
    assert opened.rows() == before
    assert str(opened.window.address()) == address


def test_an_address_that_cannot_be_read_is_said(opened: Open) -> None:
    problems: list[Any] = []
    opened.context.problem.connect(problems.append)
    opened.go("reports?report=nonsense&amount=lots&cell=[[&by=fortnight&rows=moons")
    assert [problem.message for problem in problems] == [
        "“amount=lots” is no filter; nothing was filtered by it."
    ]
    assert opened.rows()[-1][-1] == "9"


# -- saved views ----------------------------------------------------------------------------------


def test_a_view_is_saved_chosen_renamed_and_removed(opened: Open) -> None:
    opened.own("rows", "people")
    before = opened.rows()
    popover = opened.page._saved()
    assert isinstance(popover, SavedFilters)
    popover.name.setText("By person")
    popover._on_save()
    opened.settle()
    opened.choose("funnel")
    chooser = opened.page._chooser()
    texts = [chooser.list.item(at).text() for at in range(chooser.list.count())]
    assert texts[-2:] == ["SAVED", "By person"]
    chooser._take(chooser.list.item(chooser.list.count() - 1))
    opened.settle()
    assert opened.rows() == before
    popover = opened.page._saved()
    assert popover.list.currentItem().text() == "By person"
    popover._on_remove()
    opened.settle()
    assert opened.page._saved().list.count() == 0
    opened.context.undo()
    opened.settle()
    assert opened.page._saved().list.count() == 1


def test_a_view_for_everybody_is_found_in_the_palette(opened: Open) -> None:
    opened.own("rows", "people")
    before = opened.rows()
    popover = opened.page._saved()
    popover.name.setText("Who moved what")
    popover.shared.setChecked(True)
    popover._on_save()
    opened.settle()
    opened.choose("funnel")
    opened.window.open_page("board")
    opened.context.set_person(opened.told.ivan, "Ivan Petrov", "manager")
    [found] = [each for each in commands(opened.window) if "Who moved what" in each.text]
    assert found.text == "Report: Who moved what"
    found.run()
    opened.settle()
    assert opened.window.open_key == "reports"
    assert opened.rows() == before


def test_the_chooser_finds_in_both_layouts(opened: Open) -> None:
    chooser = opened.page._chooser()
    chooser.show()
    assert chooser.list.currentItem().text() == "Stage moves"
    assert "moved into each stage" in chooser.about.text()
    chooser.field.setText("агттуд")  # funnel, in the other layout
    assert chooser.list.currentItem().text() == "Funnel"
    QTest.keyClick(chooser.field, KEY.Key_Return)
    opened.settle()
    assert opened.heads()[0] == "Stage"


def test_a_name_in_any_column_narrows(opened: Open) -> None:
    opened.own("rows", "each")
    heads = opened.heads()
    row = next(at for at, row in enumerate(opened.rows()) if "Ivan Petrov" in row)
    opened.click(row, heads.index("Team"))
    assert opened.page.filters.team.value == opened.told.fitters
    assert {row[heads.index("Team")] for row in opened.rows()[:-1]} == {"Fitting"}
    opened.click(0, heads.index("Team"))  # it is all there is: nothing more to narrow
    assert opened.page.filters.team.value == opened.told.fitters
    opened.click(0, heads.index("Manager"))
    assert opened.page.filters.person.value == opened.told.ivan
