"""The control desk on a real workspace: numbers and lists, many at once, people, absences; by mouse
and keyboard."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from salesdesk.errors import Refused
from salesdesk.services import absences, tasks
from salesdesk.text import N_
from salesdesk.ui.control.forms import AbsenceSheet, ManySheet
from salesdesk.ui.control.people import LoadItem
from salesdesk.ui.taskforms.adding import NewTaskForm
from salesdesk.ui.taskforms.due import DueForm
from salesdesk.ui.taskforms.giving_back import GiveBackForm
from salesdesk.ui.widgets.popup import Picker
from tests.builders import day
from tests.ui.control_desk import (  # noqa: F401 - fixtures
    CTRL,
    KEY,
    LEFT,
    SHIFT,
    Board,
    Open,
    opened,
    story,
)

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


def test_a_lead_sees_the_own_tree(opened: Open) -> None:
    assert opened.counts() == {
        "overdue": 3, "today": 1, "idle": 1, "stuck": 1, "waiting": 0, "accept": 1,
    }  # fmt: skip
    assert opened.titles() == ["Call back", "Send proposal", "Sign contract"]
    assert opened.cell("Call back", "about") == "Cranes"
    assert opened.cell("Call back", "when") == "Yesterday 15:00"
    assert opened.page.team.text().strip() == "Sales"
    assert "Oleg Sidorov" not in {item.name for item in opened.page.side.loads.items}


def test_nobody_chosen_sees_everybody_and_may_choose_a_team(opened: Open) -> None:
    opened.context.set_person(None, "", "")
    opened.settle()
    assert opened.counts()["overdue"] == 4
    opened.page.team.chosen.emit(2)
    opened.settle()
    assert opened.titles() == ["Theirs"]


def test_a_tile_opens_its_list(opened: Open) -> None:
    opened.tile("idle")
    assert opened.titles() == ["Loader"]
    assert opened.cell("Loader", "when") == "Set"
    assert opened.page.bar.title.text() == "Deals without a task · 1"
    QTest.keyClick(opened.page.table, KEY.Key_4)
    opened.settle()
    assert opened.titles() == ["Racks"]
    assert opened.cell("Racks", "more") == "18 d of 7"
    opened.tile("waiting")
    assert opened.page.empty.isVisible()


def test_a_list_that_empties_keeps_the_keyboard_near(opened: Open) -> None:
    page = opened.page
    QTest.keyClick(page.table, KEY.Key_A, CTRL)
    QTest.keyClick(page.table, KEY.Key_P)
    sheet = opened.popup(DueForm)
    sheet.reason.setText("Ill")
    sheet.take()
    opened.settle()
    assert page.empty.isVisible()
    assert page.tiles.tiles["overdue"].hasFocus()
    opened.key(KEY.Key_2)
    opened.settle()
    assert opened.titles()
    assert page.table.hasFocus()
    opened.key(KEY.Key_5)
    opened.settle()
    assert page.empty.isVisible()
    assert page.tiles.tiles["waiting"].hasFocus()
    opened.key(KEY.Key_1)
    opened.context.undo()
    opened.settle()
    assert len(opened.titles()) == 3
    assert page.table.hasFocus()


def test_many_are_postponed_with_one_reason_and_taken_back(opened: Open) -> None:
    opened.press("Call back", "check")
    opened.press("Sign contract", "check")
    assert opened.page.bar.selection.count.text() == "2 selected"
    QTest.mouseClick(opened.page.bar.buttons["postpone"], LEFT)
    sheet = opened.popup(DueForm)
    sheet.take()
    assert "Say why" in sheet.problem.text()
    sheet.reason.setText("Ill")
    sheet.chips["tomorrow"].click()
    sheet.take()
    opened.settle()
    assert opened.said[-1] == "2 tasks postponed"
    assert opened.titles() == ["Send proposal"]
    sql = "SELECT count(DISTINCT command_id) FROM task_change WHERE postponement = 1"
    assert opened.value(sql) == 1
    assert opened.value(sql.replace("DISTINCT command_id", "*")) == 2
    opened.context.undo()
    opened.settle()
    assert opened.titles() == ["Call back", "Send proposal", "Sign contract"]


def test_what_is_postponed_leaves_the_list_at_once(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    ask = opened.context.ask

    def noted(question: Callable[..., Any], *args: Any, **given: Any) -> Any:
        asked.append(question)
        return ask(question, *args, **given)

    monkeypatch.setattr(opened.context, "ask", noted)
    opened.page.table.desk.tick_all(True)
    opened.page.act("postpone", opened.page.bar)
    opened.popup(DueForm)
    assert tasks.by_ids not in asked  # thousands may be selected: read in the background
    form = opened.popup(DueForm)
    assert form.reason is not None
    form.reason.setText("Not reached")
    form.take()
    assert opened.titles() == []  # before anything was written or read
    assert opened.counts()["overdue"] == 0
    opened.settle()
    assert opened.titles() == []
    opened.context.undo()
    opened.settle()
    assert len(opened.titles()) == 3


def test_what_is_refused_comes_back(opened: Open) -> None:
    def refused(*_args: object, **_kw: object) -> int:
        raise Refused(N_("No."))

    before = opened.titles()
    ids = list(opened.page.table.desk.ids)
    opened.page.actions_.write(refused, say="", gone=ids)
    assert opened.titles() == []
    opened.settle()
    assert opened.titles() == before


def test_by_keyboard_alone(opened: Open) -> None:
    table = opened.page.table
    assert QApplication.focusWidget() is table
    opened.key(KEY.Key_Space)
    opened.key(KEY.Key_Down, SHIFT)
    assert [table.desk.ids.index(key) for key in table.desk.chosen()] == [0, 1]
    opened.key(KEY.Key_R)
    picker = opened.popup(Picker)
    options = [picker.list.model().index(at, 0).data() for at in range(5)]
    assert "Maria Kim · 3 open" in options
    picker.list.setCurrentIndex(picker.list.model().index(options.index("Maria Kim · 3 open"), 0))
    QTest.keyClick(picker.list, KEY.Key_Return)
    opened.settle()
    assert opened.said[-1] == "2 tasks for Maria Kim"
    assert opened.cell("Call back", "person") == "Maria Kim"
    table.setFocus()
    opened.window.activateWindow()
    opened.qtbot.waitUntil(opened.window.isActiveWindow)
    QTest.keyClick(table, KEY.Key_A, CTRL)
    assert len(table.desk.chosen()) == 3
    QTest.keyClick(table, KEY.Key_Escape)
    assert table.desk.chosen() == []
    QTest.keyClick(table, KEY.Key_D)
    opened.settle()
    assert opened.said[-1] == "1 task done"
    QTest.keyClick(table, KEY.Key_Return)
    assert opened.window.open_key == "board"


def test_a_person_limits_tiles_and_list(opened: Open) -> None:
    loads = opened.page.side.loads
    item = next(one for one in loads.items if one.name == "Maria Kim")
    assert (item.first, item.aside, item.last) == ("3 open", "1 today", "1 late")
    loads.opened.emit(item)
    opened.settle()
    assert opened.titles() == ["Sign contract"]
    assert opened.counts()["overdue"] == 1
    assert opened.page.bar.person.isVisible()
    opened.page.bar.person.click()
    opened.settle()
    assert opened.counts()["overdue"] == 3


def test_times_in_stages_open_the_deals(opened: Open) -> None:
    times = opened.page.side.times
    names = [name for _, name in times.times.people]
    at = names.index("Maria Kim")
    cell = times.model().index(at, 2)
    assert cell.data() == "18"
    tip = str(cell.data(Qt.ItemDataRole.ToolTipRole))
    assert tip == "Maria Kim · Set: 1 deal, on average 18 d of 7, the longest 18 d; 1 stuck"
    times.opened.emit(opened.story.maria, opened.story.stages[1])
    opened.settle()
    assert opened.titles() == ["Racks"]
    opened.page.bar.person.click()
    opened.settle()
    assert opened.titles() == ["Call back", "Send proposal", "Sign contract"]


def test_a_result_is_accepted_or_given_back(opened: Open) -> None:
    opened.tile("accept")
    assert opened.cell("Report", "more") == "They agreed"
    opened.key(KEY.Key_A)
    opened.settle()
    assert opened.said[-1] == "1 result accepted"
    assert opened.titles() == []
    opened.context.undo()
    opened.settle()
    opened.page.table.setFocus()
    opened.key(KEY.Key_B)
    sheet = opened.popup(GiveBackForm)
    sheet.field.setPlainText("No figures")
    sheet.take()
    opened.settle()
    task = opened.story.tasks["Report"]
    assert opened.value("SELECT remark FROM task WHERE id = ?", task) == "No figures"
    assert opened.value("SELECT state FROM task WHERE id = ?", task) == "open"


def test_deals_without_a_task_get_one(opened: Open) -> None:
    opened.tile("idle")
    opened.key(KEY.Key_T)
    sheet = opened.popup(ManySheet)
    sheet.take()
    assert "title" in sheet.problem.text()
    sheet.title.setText("Call them")
    sheet.take()
    opened.settle()
    assert opened.counts()["idle"] == 0
    found = opened.value("SELECT assignee_id FROM task WHERE title = 'Call them'")
    assert found == opened.story.ivan


def test_a_new_task(opened: Open) -> None:
    QTest.mouseClick(opened.page.new_button, LEFT)
    sheet = opened.popup(NewTaskForm)
    sheet.title.setText("Prepare the meeting")
    sheet.take()
    opened.settle()
    assert opened.said[-1] == "Task added: Prepare the meeting"
    sql = "SELECT assignee_id FROM task WHERE title = 'Prepare the meeting' AND deal_id IS NULL"
    assert opened.value(sql) == opened.story.anna


def test_the_evening_looks_back(opened: Open) -> None:
    opened.context.write(tasks.complete, [opened.story.tasks["Call back"]])
    later = opened.story.desk.at("2026-11-25T18:00")
    opened.context.write(tasks.postpone, [opened.story.tasks["Estimate"]], later, "No figures yet")
    opened.settle()
    opened.key(KEY.Key_E)
    opened.settle()
    assert opened.counts() == {"done": 2, "left": 1, "postponed": 1, "tomorrow": 0, "accept": 1}
    opened.tile("postponed")
    assert opened.cell("Estimate", "when") == "20\u00a0Nov → 25\u00a0Nov 18:00"
    assert opened.cell("Estimate", "more") == "Anna Orlova · No figures yet"
    opened.tile("done")
    assert set(opened.titles()) == {"Call back", "Report"}
    item: LoadItem = opened.page.side.loads.items[0]
    assert item.aside.endswith("tomorrow")


def test_an_absence_is_added_and_its_tasks_handed_over(opened: Open) -> None:
    QTest.mouseClick(opened.page.absence_button, LEFT)
    sheet = opened.popup(AbsenceSheet)
    sheet._on_picked("who", opened.story.ivan)
    sheet._on_picked("substitute", opened.story.maria)
    sheet.last.setText("24.11.2026")
    sheet.take()
    opened.settle()
    side = opened.page.side
    assert side.away.item(0).text == "Ivan Petrov"
    assert side.away.item(0).number == "2 tasks"
    side.away.opened.emit(side.away.item(0))
    opened.settle()
    assert opened.titles() == ["Call back", "Send proposal"]
    assert opened.page.bar.hand.text() == "Give all to Maria Kim"
    opened.page.bar.hand.click()
    opened.settle()
    assert opened.said[-1] == "2 tasks for Maria Kim"
    assert opened.page.listed.kind == "overdue"  # nothing is left to hand over
    away = side.away.item(0).source
    page, middle = opened.page, opened.page.mapToGlobal(opened.page.rect().center())
    menu = page.actions_.away_menu(away, [], page.show_away, middle)
    next(action for action in menu.actions() if action.objectName().endswith("-end")).trigger()
    opened.settle()
    assert side.away.count() == 0


def test_the_menu_of_a_row(opened: Open) -> None:
    opened.press("Send proposal", "menu")
    menu = opened.popup(QMenu)
    named = {action.objectName(): action for action in menu.actions()}
    assert "control-menu-postpone" in named
    named["control-menu-deal"].trigger()
    menu.close()
    board = opened.window.page("board")
    assert isinstance(board, Board)
    assert board.shown == [opened.story.deals["Cranes"]]


def test_a_long_list_is_read_as_it_comes_into_sight(opened: Open) -> None:
    desk, now = opened.story.desk, opened.story.now
    with desk.store.command("test", now=now, origin="cli") as tx:
        made = tx.insert("task", [{"title": f"Task {n:03}", "created_at": now - 900_000_000}
                                  for n in range(200)])  # fmt: skip
        tx.insert("task_change", [
            {"task_id": task, "at": now - 900_000_000, "fields": 7, "due_at": now - 800_000 + at,
             "assignee_id": opened.story.ivan, "state": "open"} for at, task in enumerate(made)
        ])  # fmt: skip
    opened.settle()
    table = opened.page.table
    assert opened.counts()["overdue"] == len(table.desk.ids) == 203
    assert table.desk.row(202) is None
    QTest.keyClick(table, KEY.Key_End, CTRL)
    opened.settle()
    assert table.desk.row(202) is not None
    assert opened.titles()[202] == "Task 199"
    QTest.keyClick(table, KEY.Key_A, CTRL)
    assert opened.page.bar.selection.count.text() == "203 selected"
    opened.page.actions_.give(table.acted_on(), False, opened.story.maria, "Maria Kim")
    opened.settle()
    assert opened.said[-1] == "203 tasks for Maria Kim"
    assert opened.cell("Task 199", "person") == "Maria Kim"


def test_only_what_changed_is_told(opened: Open) -> None:
    model = opened.page.table.desk
    resets: list[int] = []
    told: list[tuple[int, int]] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.dataChanged.connect(lambda a, b, *_: told.append((a.row(), b.row())))
    opened.context.write(tasks.rename, opened.story.tasks["Send proposal"], "Send the offer")
    opened.settle()
    assert opened.titles()[1] == "Send the offer"
    assert told == [(1, 1)]
    assert resets == []


def test_the_address_leads_back(opened: Open) -> None:
    opened.tile("stuck")
    address = dict(opened.page.address())
    assert address == {"at": "morning", "list": "stuck"}
    opened.page.set_evening(True)
    opened.settle()
    opened.page.go_to(address)
    opened.settle()
    assert opened.titles() == ["Racks"]
    opened.context.set_language("ru")
    opened.context.set_language("en")
    assert opened.page.title.text() == "Control desk"


def test_an_ended_absence_and_refusals(opened: Open) -> None:
    store, now = opened.story.desk.store, opened.story.now
    today = day("2026-11-20")
    saved = absences.add_absence(
        store, opened.story.ivan, today - 2, today + 5, person=None, now=now
    )
    absences.end_absence(store, saved.id, person=None, now=now)
    with store.read() as r:
        assert [one.last_day for one in absences.absences(r)] == [today - 1]
        assert absences.away(r, now=now) == []
