"""The page of tasks: lists, whose, everything by keys, forms, the week, results."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QPlainTextEdit

from salesdesk.models import fulltext
from salesdesk.services import tasks
from salesdesk.ui import formats
from salesdesk.ui.taskforms.adding import NewTaskForm
from salesdesk.ui.taskforms.due import DueForm
from salesdesk.ui.taskforms.forms import TextForm
from salesdesk.ui.taskforms.giving_back import GiveBackForm
from salesdesk.ui.taskforms.subject import SubjectPicker
from salesdesk.ui.tasks import words
from salesdesk.ui.tasks.details import TaskSheet
from salesdesk.ui.tasks.model import dragged
from salesdesk.ui.tasks.paint import places
from salesdesk.ui.tasks.panel import TasksPage
from salesdesk.ui.widgets.popup import Picker
from tests.ui.tasks_desk import CTRL, KEY, SHIFT, Open, Story, opened, story

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["opened", "story"]

HOUR = 3_600 * 1_000_000


def test_lists_count_and_show_ones_own_tasks(opened: Open) -> None:
    assert opened.titles() == ["Send the offer", "Greet"]
    chips = opened.page.bar.lists
    assert chips.chip("overdue").text() == "Overdue · 2"
    assert not chips.chip("accept").isVisible()
    assert not opened.page.people.isVisible()
    chips.chip("overdue").click()
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]
    opened.key(KEY.Key_3)
    assert opened.titles() == ["Visit"]
    opened.key(KEY.Key_4)
    assert opened.page.stack.currentWidget() is opened.page.empty
    assert opened.page.address() == {"view": "list", "list": "waiting", "people": "mine"}


def test_the_rail_counts_what_is_due(opened: Open, story: Story) -> None:
    rail = opened.window.rail
    opened.qtbot.waitUntil(lambda: rail._buttons["tasks"]._count == 4)
    tasks.complete(story.desk.store, [story.late], person=story.maria, now=story.now)
    opened.qtbot.waitUntil(lambda: rail._buttons["tasks"]._count == 3)


def test_a_lead_sees_the_team_and_one_person_of_it(opened: Open, story: Story) -> None:
    opened.be(story.anna, "team_lead")
    opened.show({"list": "overdue", "people": "team"})
    assert opened.titles() == ["Call again", "Call back", "Sign"]
    opened.show({"list": "overdue", "people": str(story.ivan)})
    assert opened.titles() == ["Sign"]
    opened.show({"people": "mine"})
    assert opened.titles() == []


def test_enter_opens_the_deal_or_the_client(opened: Open, story: Story) -> None:
    opened.key(KEY.Key_Return)
    assert opened.other("board") == [story.deal]
    opened.show("today")
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Return)
    assert opened.other("clients") == [story.client]


def test_the_ring_completes_and_undo_brings_back(opened: Open, story: Story) -> None:
    view = opened.page.list
    where = places(view.visualRect(opened.page.model.index(0)), False).ring.center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    opened.settle()
    assert story.line(story.noon).state == "done"
    assert opened.said == ["Done: Send the offer"]
    assert opened.titles() == ["Greet"]
    opened.key(KEY.Key_Z, CTRL)
    assert opened.titles() == ["Send the offer", "Greet"]


def test_a_result_is_asked_for(opened: Open, story: Story) -> None:
    story.desk.update("task", story.noon, asks_result=1)
    opened.settle()
    opened.key(KEY.Key_D)
    form = opened.popup()
    assert isinstance(form, TextForm)
    form.take()
    assert form.problem.text() == "This task asks for its result."
    assert isinstance(form.field, QPlainTextEdit)
    form.field.setPlainText("They agree")
    form.take()
    opened.settle()
    assert story.line(story.noon).result == "They agree"


def test_many_are_postponed_with_one_reason_each_at_its_time(opened: Open, story: Story) -> None:
    opened.show("overdue")
    opened.key(KEY.Key_Down, SHIFT)
    assert opened.page.bar.selection.count.text() == "2 selected"
    opened.key(KEY.Key_P)
    form = opened.popup()
    assert isinstance(form, DueForm)
    assert form.reason is not None
    form.take()
    assert form.problem.text() == "Say why it is postponed."
    form.reason.setText("on a trip")
    form.choose("working")
    form.take()
    opened.settle()
    assert story.local(story.late) == "2026-11-23T10:00"
    assert story.line(story.older).postponed == 1
    assert opened.said == ["2 tasks postponed"]
    opened.key(KEY.Key_Z, CTRL)
    assert story.local(story.late) == "2026-11-19T10:00"
    assert story.line(story.older).postponed == 0


def test_in_an_hour(opened: Open, story: Story) -> None:
    opened.key(KEY.Key_P)
    form = opened.popup()
    assert isinstance(form, DueForm)
    assert form.reason is not None
    form.reason.setText("busy")
    form.choose("hour")
    assert form.clock.text() == "13:00"
    form.take()
    opened.settle()
    assert story.local(story.noon) == "2026-11-20T13:00"


def test_no_answer_by_one_key(opened: Open, story: Story) -> None:
    opened.show("overdue")
    opened.key(KEY.Key_X)
    assert story.local(story.older) == "2026-11-23T10:00"
    assert opened.titles() == ["Call back"]
    opened.show("planned")
    opened.page.list.go(opened.titles().index("Visit"))
    opened.key(KEY.Key_X)
    assert opened.said[-1] == "“No answer” is for calls."


def test_space_selects_and_the_selection_is_given_to_another(opened: Open, story: Story) -> None:
    opened.be(story.anna, "team_lead")
    opened.show({"list": "overdue", "people": "team"})
    opened.key(KEY.Key_Space)
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Space)
    assert opened.page.model.chosen() == [story.older, story.ivans]
    opened.key(KEY.Key_R)
    picker = opened.popup()
    assert isinstance(picker, Picker)
    picker.picked.emit(story.anna)
    picker.close()
    opened.settle()
    assert {story.line(each).assignee for each in (story.older, story.ivans)} == {"Anna Orlova"}
    assert not opened.page.model.ticks


def test_a_result_is_accepted_or_given_back(opened: Open, story: Story) -> None:
    for task in (story.late, story.noon):
        story.desk.update("task", task, asks_result=1)
        tasks.complete(story.desk.store, [task], person=story.maria, now=story.now, result="ok")
    opened.be(story.anna, "team_lead")
    opened.show({"list": "accept", "people": "mine"})
    assert opened.page.bar.lists.chip("accept").text() == "To accept · 2"
    assert sorted(opened.titles()) == ["Call back", "Send the offer"]
    opened.page.list.go(opened.titles().index("Call back"))
    opened.key(KEY.Key_B)
    form = opened.popup()
    assert isinstance(form, GiveBackForm)
    assert form.accessibleName() == "What is missing in “Call back”?"
    assert "New due date" in [label.text() for label in form.findChildren(QLabel)]
    form.take()
    assert form.problem.text() == "Say what is missing."
    form.field.setPlainText("For how much?")
    form.take()
    opened.settle()
    assert story.local(story.late) == "2026-11-23T18:00"
    opened.key(KEY.Key_A)
    assert opened.titles() == []
    opened.be(story.maria, "manager")
    opened.show({"list": "planned", "people": "mine"})
    row = opened.titles().index("Call back")
    spoken = opened.page.model.index(row).data(int(Qt.ItemDataRole.AccessibleTextRole))
    assert "given back: For how much?" in spoken


def test_while_the_search_is_prepared_the_picker_says_so_and_fills_in(
    opened: Open, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_of, ready = fulltext.mark_of, False
    monkeypatch.setattr(fulltext, "mark_of", lambda r: mark_of(r) if ready else None)
    opened.key(KEY.Key_N)
    form = opened.popup()
    assert isinstance(form, NewTaskForm)
    form.subject.click()
    opened.settle()
    picker = opened.popup()
    assert isinstance(picker, SubjectPicker)
    field, found = picker.field, picker.list
    QTest.keyClicks(field, "cran")
    opened.qtbot.waitUntil(lambda: found.item(0).text() == "Search is being prepared…")
    QTest.keyClick(field, KEY.Key_Return)
    assert picker.isVisible()
    ready = True
    opened.qtbot.waitUntil(lambda: "Cranes" in form.subject.accessibleName())


def test_a_task_is_added_for_a_deal_that_was_found(opened: Open, story: Story) -> None:
    opened.key(KEY.Key_N)
    form = opened.popup()
    assert isinstance(form, NewTaskForm)
    form.title.setText("Check the site")
    form.subject.click()
    opened.settle()
    picker = opened.popup()
    field, found = picker.findChild(QLineEdit), picker.findChild(QListWidget)
    assert field is not None
    assert found is not None
    QTest.keyClicks(field, "cran")
    QTest.keyClick(field, KEY.Key_Return)
    opened.qtbot.waitUntil(lambda: "Cranes" in form.subject.accessibleName())
    form.take()
    opened.settle()
    opened.show("planned")
    assert "Check the site" in opened.titles()
    with story.desk.store.read() as r:
        sql = "SELECT deal_id, assignee_id FROM task WHERE title = 'Check the site'"
        assert r.row(sql) == (story.deal, story.maria)


def test_a_phone_is_copied(opened: Open) -> None:
    opened.show("overdue")
    opened.key(KEY.Key_C, CTRL)
    assert QApplication.clipboard().text() == "+7 912 555"


def test_the_week_moves_tasks_by_keys_and_by_dragging(opened: Open, story: Story) -> None:
    opened.key(KEY.Key_W)
    week = opened.page.week
    assert [len(day.tasks.ids) for day in week.days] == [0, 0, 1, 1, 2, 0, 0]
    assert week.days[4].accessibleName() == "Friday 20\u00a0Nov, 2 tasks"
    week.focus_day(4)
    opened.key(KEY.Key_Right, SHIFT)
    form = opened.popup()
    assert isinstance(form, DueForm)
    assert form.reason is not None
    form.reason.setText("tired")
    form.take()
    opened.settle()
    assert story.local(story.noon) == "2026-11-21T15:00"
    data = week.days[5].tasks.mimeData([week.days[5].tasks.index(0)])
    drop = QDropEvent(
        QPoint(5, 5), Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    week.days[4].dropEvent(drop)
    opened.settle()
    assert story.local(story.noon) == "2026-11-20T15:00"
    assert story.line(story.noon).postponed == 1
    week.days[2].dropEvent(drop)
    opened.settle()
    assert opened.said[-1] == "A task cannot be moved to a day that is over."
    opened.key(KEY.Key_BracketRight)
    assert week.days[0].tasks.ids == (story.next,)
    assert opened.page.bar.before.text() == "2 overdue before"
    opened.page.bar.before.click()
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]


def test_an_empty_day_leads_to_what_is_overdue(opened: Open, story: Story) -> None:
    tasks.complete(story.desk.store, [story.noon, story.alone], person=story.maria, now=story.now)
    opened.show("today")
    assert opened.page.empty.button.text() == "Overdue"
    opened.page.empty.button.click()
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]


def test_it_begins_with_what_is_overdue_when_nothing_is_for_today(
    opened: Open, story: Story
) -> None:
    store, now = story.desk.store, story.now
    tasks.postpone(store, [story.noon, story.alone], now + 90 * HOUR, "Later",
                   person=story.maria, now=now)  # fmt: skip

    def begun() -> TasksPage:
        made = TasksPage(opened.context)
        opened.qtbot.addWidget(made)
        made.show()
        made.activated()
        opened.settle()
        return made

    page = begun()
    assert (page.kind, page.address()["list"]) == ("overdue", "overdue")
    assert page.bar.lists.value() == "overdue"
    page.go_to({"list": "today"})
    opened.settle()
    assert page.kind == "today"
    opened.context.remember.set("tasks/list", "today")  # the person's own choice wins
    assert begun().kind == "today"
    opened.context.remember.set("tasks/list", "")
    again = begun()
    tasks.complete(store, [story.late, story.older], person=story.maria, now=now)
    opened.settle()
    assert (again.kind, begun().kind) == ("overdue", "today")


def test_a_task_shows_what_is_to_be_done_and_is_ticked_by_keys(opened: Open, story: Story) -> None:
    store = story.desk.store
    by: Any = {"person": story.maria, "now": story.now}
    tasks.describe(store, story.noon, "With the price of transport\nand the crane", **by)
    lines = (("Route", True), ("Price", False), ("Terms", False))
    tasks.set_checklist(store, story.noon, lines, **by)
    opened.settle()
    item = opened.page.model.item(0)
    assert item is not None
    zone = store.zone
    assert words.beside(item, zone) == "With the price of transport"
    assert "1 of 3 done" in words.spoken(item, zone, story.now)
    opened.page.list.go(0)
    opened.key(KEY.Key_Right)
    sheet = opened.popup()
    assert isinstance(sheet, TaskSheet)
    assert sheet.details.text.text() == "With the price of transport\nand the crane"
    assert sheet.details.lines[1].hasFocus()
    opened.key(KEY.Key_Space)
    opened.key(KEY.Key_Down)
    opened.key(KEY.Key_Return)
    assert [on for _line, on in story.line(story.noon).checklist] == [True, True, True]
    assert [line.isChecked() for line in sheet.details.lines] == [True, True, True]
    opened.key(KEY.Key_Up)
    opened.key(KEY.Key_Space)
    assert story.line(story.noon).checklist[1] == ("Price", False)
    assert opened.said[-1] == "Send the offer: 2 of 3 done"
    opened.key(KEY.Key_Left)
    assert QApplication.activePopupWidget() is None
    where = places(opened.page.list.visualRect(opened.page.model.index(0)), False).steps
    QTest.mouseClick(opened.page.list.viewport(), Qt.MouseButton.LeftButton, pos=where.center())
    assert isinstance(opened.popup(), TaskSheet)
    opened.key(KEY.Key_Escape)
    opened.page.set_view(True)
    opened.settle()
    day = next(day for day in opened.page.week.days if story.noon in day.tasks.ids)
    day.go(day.tasks.ids.index(story.noon))
    day.setFocus()
    opened.page.doing.show_more()
    assert isinstance(opened.popup(), TaskSheet)
    tasks.complete(store, [story.noon], **by)
    sheet = opened.popup()
    assert isinstance(sheet, TaskSheet)
    opened.key(KEY.Key_Space)
    assert opened.problems
    assert not sheet.details.lines[2].isEnabled()
    opened.key(KEY.Key_Escape)


def test_a_kept_date_says_since_when(opened: Open, story: Story) -> None:
    stage = story.desk.insert("stage", pipeline_id=1, name="Ship", name_key="ship")
    rule = story.desk.insert("task_rule", stage_id=stage, title="Load", due_rule="before_date",
                             date_field="expected_day")  # fmt: skip
    story.desk.update("task", story.noon, rule_id=rule)
    by = {"person": story.maria, "now": story.now}
    tasks.set_due(story.desk.store, [story.noon], story.now + HOUR, **by)
    opened.settle()
    item = opened.page.model.item(0)
    assert item is not None
    said = words.beside(item, story.desk.store.zone)
    day = story.desk.store.zone.day_of(story.now)
    since = f"changed by hand on {formats.day_short(day)}"
    assert said == f"{since}: no longer moves with “Expected close date”"


def test_several_tasks_go_to_an_earlier_day_as_one_command(opened: Open, story: Story) -> None:
    store, both = story.desk.store, (story.noon, story.alone)
    for task, hour in zip(both, ("15:00", "17:00"), strict=True):
        due = story.desk.at(f"2026-11-21T{hour}")
        tasks.set_due(store, [task], due, person=story.maria, now=story.now)
    opened.key(KEY.Key_W)
    opened.settle()
    later, today = opened.page.week.days[5], opened.page.week.days[4]
    data = later.tasks.mimeData([later.tasks.index(row) for row in range(2)])
    today.dropEvent(QDropEvent(
        QPoint(5, 5), Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    ))  # fmt: skip
    opened.settle()
    assert opened.said[-1] == "Due date changed: 2 tasks"
    assert [story.local(task)[8:] for task in both] == ["20T15:00", "20T17:00"]
    opened.key(KEY.Key_Z, CTRL)
    opened.settle()
    assert [story.local(task)[8:] for task in both] == ["21T15:00", "21T17:00"]


def test_a_card_is_taken_along_by_the_mouse(
    opened: Open, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.key(KEY.Key_W)
    day = opened.page.week.days[4]
    taken: list[list[int]] = []
    monkeypatch.setattr(QDrag, "exec", lambda drag, *_: taken.append(dragged(drag.mimeData())))
    centre = day.visualRect(day.tasks.index(1)).center()
    QTest.mousePress(day.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    held = Qt.MouseButton.LeftButton
    for step in (4, 30, 60):
        to = centre + QPoint(step, 0)
        move = QMouseEvent(
            QMouseEvent.Type.MouseMove, to.toPointF(), day.viewport().mapToGlobal(to).toPointF(),
            held, held, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(day.viewport(), move)
    QTest.mouseRelease(day.viewport(), held, pos=centre)
    assert taken == [[story.alone]]


def test_an_address_leads_back(opened: Open) -> None:
    opened.page.go_to({"view": "week", "week": "2026-11-25", "people": "mine"})
    opened.settle()
    assert opened.page.address()["week"] == "2026-11-23"
    opened.page.go_to({"view": "list", "list": "overdue", "week": "nonsense"})
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]


def test_another_language(opened: Open) -> None:
    opened.context.set_language("ru")
    opened.settle()
    assert opened.page.title.text() == "Задачи"
    opened.context.set_language("en")
