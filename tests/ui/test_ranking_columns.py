"""The ranking page: columns chosen, ordered and sorted, numbers compared, teams as a tree."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from salesdesk.services import periods
from salesdesk.services.periods import Period
from salesdesk.ui import theme
from salesdesk.ui.ranking import words
from salesdesk.ui.ranking.against import as_far, year_before
from salesdesk.ui.ranking.choosing import ColumnList, ColumnsPopover
from salesdesk.ui.ranking.columns import BASIC, COLUMNS, EXTRA, chosen, value_of
from salesdesk.ui.ranking.export import sheet
from salesdesk.ui.widgets.treepick import Node, TreePicker
from tests.builders import day
from tests.ui.ranking_desk import KEY, LEFT, Open, Story, opened, story  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


def shown(opened: Open) -> list[str]:
    """The columns from the left, as they are seen."""
    head = opened.page.table.horizontalHeader()
    logical = [head.logicalIndex(at) for at in range(head.count())]
    return [COLUMNS[at] for at in logical if not head.isSectionHidden(at)]


def choose(opened: Open) -> ColumnsPopover:
    opened.page.columns.click()
    found: ColumnsPopover = opened.popup(ColumnsPopover)
    return found


# -- columns --------------------------------------------------------------------------------------


def test_at_first_the_columns_of_the_picture(opened: Open) -> None:
    assert shown(opened) == list(BASIC)
    assert opened.page.table.ranking.shown == BASIC


def test_a_column_is_taken_away_and_another_one_shown_by_keys(opened: Open) -> None:
    popover = choose(opened)
    assert QApplication.focusWidget() is popover.list
    assert popover.list.item(0).text() == "Points"
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Space)
    assert "weeks" not in shown(opened)
    rows = [popover.list.item(at).data(Qt.ItemDataRole.UserRole) for at in
            range(popover.list.count())]  # fmt: skip
    assert rows[-len(EXTRA) :] == list(EXTRA)
    popover.list.setCurrentRow(rows.index("postponements"))
    opened.key(KEY.Key_Return)
    assert shown(opened)[-1] == "postponements"
    assert opened.text(opened.story.maria, "postponements") == "0"
    remembered = opened.context.remember.text("ranking/columns").split()
    assert remembered == shown(opened)


def test_the_list_is_as_wide_as_its_popover_on_the_same_ground(opened: Open) -> None:
    theme.set_mode("dark")
    opened.context.set_language("ru")
    popover = choose(opened)
    listed = popover.list
    assert listed.width() == popover.body.contentsRect().width() > 300
    first = listed.visualItemRect(listed.item(0))
    assert first.width() == listed.viewport().width()
    picture, ratio = popover.grab().toImage(), popover.devicePixelRatioF()
    between = listed.mapTo(popover, QPoint(0, listed.height() - 1))
    seen = picture.pixelColor(round((between.x() + 1) * ratio), round(between.y() * ratio))
    ground = theme.current().raised
    theme.set_mode("light")
    assert seen == ground


def test_columns_are_put_in_order_by_keys_and_with_the_mouse(opened: Open) -> None:
    listed = choose(opened).list
    listed.setCurrentRow(2)
    QTest.keyClick(listed, KEY.Key_Up, ALT)
    QTest.keyClick(listed, KEY.Key_Up, ALT)
    assert shown(opened)[:4] == ["rank", "person", "requests_total", "points"]
    start, end = (listed.visualItemRect(listed.item(at)).center() for at in (0, 2))
    view = listed.viewport()
    QTest.mousePress(view, LEFT, NONE, start)
    for step in (QPoint(start.x(), start.y() + 20), QPoint(start.x(), start.y() + 30), end):
        QTest.mouseMove(view, step)
    QTest.mouseRelease(view, LEFT, NONE, end)
    assert shown(opened)[2:5] == ["points", "weeks", "requests_total"]


def test_the_last_column_stays_and_the_first_choice_comes_back(opened: Open) -> None:
    popover = choose(opened)
    for row in range(popover.list.count() - 1, -1, -1):
        if popover.list.item(row).data(Qt.ItemDataRole.UserRole) in BASIC:
            popover.list.toggle(row)
    assert len(shown(opened)) == 3
    popover.again.click()
    assert shown(opened) == list(BASIC)


def test_a_head_is_dragged_but_never_before_the_names(opened: Open) -> None:
    head = opened.page.table.horizontalHeader()
    head.moveSection(head.visualIndex(COLUMNS.index("revenue")), 2)
    QTest.qWait(20)
    assert shown(opened)[:3] == ["rank", "person", "revenue"]
    head.moveSection(head.visualIndex(COLUMNS.index("won")), 0)
    QTest.qWait(20)
    assert shown(opened)[:4] == ["rank", "person", "won", "revenue"]
    assert opened.context.remember.text("ranking/columns").split()[2:4] == ["won", "revenue"]


def test_what_was_chosen_and_sorted_is_there_again(
    opened: Open, qtbot: QtBot, story: Story, tmp_path: Path
) -> None:
    opened.page.columns._on_chosen(("rank", "person", "lost", "points", "pace_revenue"))
    opened.page.table.sort_by("points")
    opened.close()
    again = Open(qtbot, story, tmp_path)
    assert shown(again) == ["rank", "person", "lost", "points", "pace_revenue"]
    assert again.page.table.ranking.sorted_by == ("points", True)
    again.close()


@pytest.mark.parametrize("text", ["", "nothing", "rank person", "rank rank nothing"])
def test_a_choice_that_cannot_be_read_is_the_first(text: str) -> None:
    assert chosen(text.split()) == BASIC


@given(st.lists(st.sampled_from([*COLUMNS, "happiness"])))
def test_a_choice_has_each_column_once_after_the_fixed_ones(names: list[str]) -> None:
    found = chosen(names)
    assert found[:2] == ("rank", "person")
    assert len(set(found)) == len(found) > 2
    assert set(found) <= set(COLUMNS)


def test_extra_columns_open_what_they_count(opened: Open) -> None:
    opened.page.columns._on_chosen((*BASIC, *EXTRA))
    opened.settle()
    maria = opened.story.maria
    assert opened.text(maria, "standing:meeting_held") == "1"
    assert opened.text(maria, "team") == "Turnkey"
    opened.click(maria, "standing:meeting_held")
    assert len(opened.lines()) == 1
    opened.click(None, "standing:meeting_held")
    assert len(opened.lines()) == 1
    assert opened.text(opened.story.ivan, "pace_revenue") == ""  # no plan, no pace
    assert opened.text(opened.story.anna, "pace_revenue") == "154\u00a0%"
    assert opened.page.table.horizontalScrollBar().maximum() > 0


# -- sorting --------------------------------------------------------------------------------------


def test_a_head_sorts_downwards_then_upwards_then_by_rank(opened: Open) -> None:
    anna, maria, ivan = opened.story.anna, opened.story.maria, opened.story.ivan
    head = opened.page.table.horizontalHeader()

    def press(column: str) -> None:
        x = head.sectionViewportPosition(COLUMNS.index(column)) + 10
        QTest.mouseClick(head.viewport(), LEFT, NONE, QPoint(x, 20))

    assert opened.people() == [anna, ivan, maria, None]
    press("requests_total")
    assert opened.people() == [maria, anna, ivan, None]  # equal ones by rank
    press("requests_total")
    assert opened.people() == [anna, ivan, maria, None]
    press("requests_total")
    assert opened.page.table.ranking.sorted_by is None
    press("person")
    assert opened.people() == [anna, ivan, maria, None]
    press("person")
    assert opened.people() == [maria, ivan, anna, None]
    assert opened.context.remember.text("ranking/sort") == "person down"
    assert opened.page.table.current() == (anna, "points")


def test_s_sorts_by_the_column_of_the_cell(opened: Open) -> None:
    opened.page.table.select(opened.story.maria, "requests_new")
    opened.key(KEY.Key_S)
    assert opened.people()[0] == opened.story.maria
    assert opened.page.table.current() == (opened.story.maria, "requests_new")


def test_every_column_sorts_by_its_number(opened: Open) -> None:
    rows = {row.person_id: row for row in opened.ranking().rows}
    for column in COLUMNS:
        if column in ("rank", "person", "team", "weeks"):
            continue
        opened.page.table.set_sorted((column, True))
        numbers = [value_of(rows[person], column) for person in opened.people()[:-1]]
        having = [number for number in numbers if number is not None]
        assert having == sorted(having, reverse=True), column
        assert numbers[: len(having)] == having, column  # those without one come last


# -- compared -------------------------------------------------------------------------------------


def test_numbers_against_the_period_before(opened: Open) -> None:
    opened.page.asking.against._choose("before")
    opened.settle()
    october = Period(day("2026-10-01"), day("2026-10-20"))
    before = {row.person_id: row for row in opened.ranking(october).rows}
    now = {row.person_id: row for row in opened.ranking().rows}
    model = opened.page.table.ranking
    for person in opened.people()[:-1]:
        line = model.line(model.row_of(person))
        for column, cell in line.cells.items():
            if column in words.MONEY:
                continue
            then = before[person].value(column) if person in before else 0
            difference = Decimal(now[person].value(column)) - Decimal(then)
            said = cell.below.replace("−", "-").replace("=", "0")
            assert Decimal(said) == difference, column
    assert "1–20\u00a0Oct\u00a02026: 1 (-1)".replace("-", "−") in opened.tip(
        opened.story.ivan, "requests_new"
    )
    assert opened.page.asking.against.text() == "vs 1–20\u00a0Oct\u00a02026"


def test_a_comparison_is_in_the_address_and_in_the_file(opened: Open) -> None:
    page = opened.page
    page.asking.against._choose("year")
    opened.settle()
    assert page.address()["with"] == "year"
    page.go_to({"days": "month", "with": "2026-09-01..2026-09-30"})
    opened.settle()
    assert page.asked().against == Period(day("2026-09-01"), day("2026-09-30"))
    answer = page._answer
    assert answer is not None
    found = sheet(answer)
    at = found.headings.index("Points, 1–30\u00a0Sep\u00a02026")
    assert found.headings[at - 1] == "Points"
    assert [row[at] for row in found.rows] == [0, 0, 0, 0]
    opened.window.walk(-1)
    opened.settle()
    page.go_to({"days": "month", "with": "nonsense"})
    assert page.asked().against is None


def test_the_menu_of_comparisons_and_own_days(opened: Open) -> None:
    button = opened.page.asking.against
    menu = button._menu()
    assert isinstance(menu, QMenu)
    texts = {action.objectName(): action for action in menu.actions()}
    assert texts["ranking-against-menu-none"].isChecked()
    texts["ranking-against-menu-before"].trigger()
    opened.settle()
    assert opened.context.remember.text("ranking/against") == "before"
    button._on_days(Period(day("2026-01-01"), day("2026-01-31")))
    opened.settle()
    assert button.address() == "2026-01-01..2026-01-31"


def test_as_many_days_as_have_gone() -> None:
    november, october = (periods.of_month(day(f"2026-{month}-01")) for month in (11, 10))
    assert as_far(october, november, day("2026-11-20")) == Period(
        day("2026-10-01"), day("2026-10-20")
    )
    assert as_far(october, november, day("2026-11-30")) == october
    assert as_far(october, november, day("2026-12-05")) == october
    february = periods.of_month(day("2026-02-01"))
    march = periods.of_month(day("2026-03-01"))
    assert as_far(february, march, day("2026-03-30")) == february


def test_a_year_ago() -> None:
    assert year_before(periods.of_month(day("2026-11-05"))) == periods.of_month(day("2025-11-05"))
    week = periods.of_week(day("2026-11-18"))
    assert year_before(week) == periods.of_week(day("2025-11-19"))
    leap = Period(day("2028-02-10"), day("2028-02-29"))
    assert year_before(leap) == Period(day("2027-02-10"), day("2027-02-28"))


# -- teams ----------------------------------------------------------------------------------------


def tree(opened: Open) -> TreePicker:
    opened.page.team.click()
    found: TreePicker = opened.popup(TreePicker)
    return found


def names(picker: TreePicker) -> list[str]:
    return [picker.model.node(row).text for row in range(picker.model.rowCount())]


def test_departments_fold_and_one_is_chosen_by_keys(opened: Open) -> None:
    desk = opened.story.desk
    crane = desk.team("Cranes", opened.story.team)
    desk.update("person", opened.story.maria, team_id=crane)
    opened.context.set_person(opened.story.anna, "Anna Orlova", "team_lead")
    opened.page.asking.read_choices()
    picker = tree(opened)
    assert names(picker) == ["Everybody", "Turnkey", "Cranes", "Service"]
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Left)
    assert names(picker) == ["Everybody", "Turnkey", "Service"]
    opened.key(KEY.Key_Right)
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Return)
    opened.settle()
    assert opened.people() == [opened.story.maria, None]
    assert opened.page.address()["team"] == str(crane)
    assert opened.page.asking.about() == ["Cranes"]


def test_a_click_on_the_sign_folds_and_on_the_name_picks(opened: Open) -> None:
    desk = opened.story.desk
    desk.team("Cranes", opened.story.team)
    opened.page.asking.read_choices()
    picker = tree(opened)
    row = picker.list.visualRect(picker.model.index(1))
    view = picker.list.viewport()
    QTest.mouseClick(view, LEFT, NONE, QPoint(row.left() + 10, row.center().y()))
    assert names(picker) == ["Everybody", "Turnkey", "Service"]
    QTest.mouseClick(view, LEFT, NONE, QPoint(row.left() + 60, row.center().y()))
    opened.settle()
    assert opened.people() == [opened.story.anna, opened.story.maria, None]


def test_typing_keeps_what_matches_with_the_way_there(opened: Open) -> None:
    nodes = [Node(0, "All"), Node(1, "North"), Node(2, "Crews", 1), Node(3, "Alpha", 2),
             Node(4, "Beta", 2), Node(5, "South"), Node(6, "Alphabet", 1),
             Node(7, "Rest")]  # fmt: skip
    picker = TreePicker(nodes, "some-tree", "Teams", 4, opened.page)
    assert picker.list.currentIndex().row() == 4
    picker.show()
    picker.field.setText("alph")
    assert names(picker) == ["North", "Crews", "Alpha", "South", "Alphabet"]
    assert picker.list.currentIndex().row() == 2
    got: list[object] = []
    picker.picked.connect(got.append)
    QTest.keyClick(picker.field, KEY.Key_Return)
    assert got == [3]


def test_the_list_of_columns_is_read_aloud(opened: Open) -> None:
    listed = ColumnList(BASIC)
    said = listed.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Points, shown"
    listed.deleteLater()
