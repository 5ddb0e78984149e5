"""The tasks in the panel of a deal: completed, postponed, given on, added."""

from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCalendarWidget,
    QLineEdit,
    QPlainTextEdit,
)

from salesdesk.ui.formats import read_day
from salesdesk.ui.taskforms.due import DueForm
from salesdesk.ui.taskforms.forms import TextForm, read_clock
from salesdesk.ui.widgets.buttons import IconButton
from tests.services.deal_story import DAY, Story
from tests.ui.deal_desk import DOWN, ENTER, Desk, desk, story

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["desk", "story"]


def test_a_task_is_completed_by_its_state_and_opened_again(desk: Desk) -> None:
    task = desk.task("Send proposal")
    desk.click(f"deal-task-{task.id}-state")
    assert desk.task("Send proposal").state == "done"
    assert desk.said[-1].text == "Done: Send proposal"
    assert task.id not in desk.panel.tasks.rows
    desk.click("deal-tasks-closed")
    desk.click(f"deal-task-{task.id}-state")
    assert desk.task("Send proposal").state == "open"


def test_a_task_that_asks_for_its_result(desk: Desk, story: Story) -> None:
    task = desk.task("Call about the deposit")
    with story.store.command("task.change", now=story.now) as tx:
        tx.update("task", [{"id": task.id, "asks_result": 1}])
        tx.touch("deal", [story.deal])
    desk.settle()
    desk.click(f"deal-task-{task.id}-state")
    form = desk.popup()
    assert isinstance(form, TextForm)
    form.take()
    assert form.problem.text() == "This task asks for its result."
    assert isinstance(form.field, QPlainTextEdit)
    QTest.keyClicks(form.field, "They pay on Friday")
    QTest.keyClick(form.field, ENTER, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert desk.task("Call about the deposit").result == "They pay on Friday"


def test_a_task_is_postponed_with_a_reason(desk: Desk, story: Story) -> None:
    desk.task_menu("Call about the deposit")
    desk.trigger("postpone")
    form = desk.popup()
    assert isinstance(form, DueForm)
    assert form.reason is not None
    QTest.keyClick(form.reason, ENTER)
    assert form.problem.text() == "Say why it is postponed."
    QTest.keyClicks(form.reason, "on holiday")
    QTest.keyClick(form.chips["working"], Qt.Key.Key_Space)
    QTest.keyClick(form.reason, ENTER)
    desk.settle()
    task = desk.task("Call about the deposit")
    assert (task.due_at, task.postponed) == (story.at("2026-11-23T12:00"), 1)
    spoken = desk.child(f"deal-task-{task.id}-text").accessibleName()
    assert "postponed 1×" in spoken
    assert desk.panel.history.view.entries()[0].below.endswith("on holiday")


def test_what_is_not_due_yet_is_postponed_to_a_later_day(desk: Desk, story: Story) -> None:
    """Now it is Friday the 20th; the 27th is a Friday, too."""
    desk.task_menu("Call about the deposit")
    desk.trigger("due")
    form = desk.popup()
    assert isinstance(form, DueForm)
    form.day.setText("27.11")
    form.take()
    desk.settle()
    desk.task_menu("Call about the deposit")
    desk.trigger("postpone")
    form = desk.popup()
    assert isinstance(form, DueForm)
    assert form.reason is not None
    assert form.chips == {}
    monday = date(2026, 11, 30).toordinal()
    assert read_day(form.day.text(), monday) == monday
    form.reason.setText("on holiday")
    proposed = form.day.text()
    for earlier in ("23.11.2026", "27.11.2026"):
        form.day.setText(earlier)
        form.take()
        assert form.problem.text() == "Choose a later moment than it is due."
    form.day.setText(proposed)
    form.take()
    desk.settle()
    task = desk.task("Call about the deposit")
    assert (task.due_at, task.postponed) == (story.at("2026-11-30T12:00"), 1)


def test_a_day_is_picked_in_the_calendar(desk: Desk, story: Story) -> None:
    desk.task_menu("Call about the deposit")
    desk.trigger("postpone")
    form = desk.popup()
    assert isinstance(form, DueForm)
    assert form.reason is not None
    button = form.findChild(IconButton, "deal-postpone-calendar")
    assert button is not None
    button.click()
    desk.settle()
    month = desk.popup().findChild(QCalendarWidget)
    assert month is not None
    month.activated.emit(QDate(2026, 12, 1))
    desk.settle()
    assert desk.popup() is form
    form.reason.setText("moved house")
    form.take()
    desk.settle()
    assert desk.task("Call about the deposit").due_at == story.at("2026-12-01T12:00")


def test_no_answer_moves_the_call_to_the_next_working_day(desk: Desk, story: Story) -> None:
    desk.task_menu("Call about the deposit")
    desk.trigger("no-answer")
    task = desk.task("Call about the deposit")
    assert (task.due_at, task.postponed) == (story.at("2026-11-23T12:00"), 1)


def test_a_task_is_given_to_someone_renamed_and_dated(desk: Desk, story: Story) -> None:
    desk.task_menu("Send proposal")
    desk.trigger("reassign")
    desk.pick("Ivan Petrov")
    assert desk.task("Send proposal").assignee == "Ivan Petrov"
    desk.task_menu("Send proposal")
    desk.trigger("due")
    form = desk.popup()
    assert isinstance(form, DueForm)
    form.day.setText("30.11")
    form.clock.setText("9")
    QTest.keyClick(form.clock, ENTER)
    desk.settle()
    task = desk.task("Send proposal")
    assert (task.due_at, task.postponed) == (story.at("2026-11-30T09:00"), 0)
    desk.task_menu("Send proposal")
    desk.trigger("rename")
    rename = desk.popup()
    assert isinstance(rename, TextForm)
    assert isinstance(rename.field, QLineEdit)
    rename.field.selectAll()
    QTest.keyClicks(rename.field, "Send the final proposal")
    QTest.keyClick(rename.field, ENTER)
    desk.settle()
    desk.task_menu("Send the final proposal")
    desk.trigger("cancel")
    assert desk.task("Send the final proposal").state == "cancelled"


def test_a_task_is_added_in_the_panel(desk: Desk, story: Story) -> None:
    QTest.keyClick(desk.panel.pills.task, Qt.Key.Key_Space)
    form = desk.panel.tasks.form
    QTest.keyClick(form.title, ENTER)
    assert form.problem.text() == "A task needs a title."
    QTest.keyClick(form.kind, DOWN)
    desk.pick("Call")
    QTest.keyClick(form.assignee, DOWN)
    desk.pick("Ivan Petrov")
    QTest.keyClick(form.due, DOWN)
    desk.pick("In 3 days")
    form.clock.setText("10:30")
    QTest.keyClicks(form.title, "Ask for the papers")
    QTest.keyClick(form.title, ENTER)
    desk.settle()
    task = desk.task("Ask for the papers")
    assert (task.kind, task.assignee) == ("Call", "Ivan Petrov")
    assert task.due_at == story.at("2026-11-24T10:30")
    assert not form.isVisible()


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("18:00", 1080), ("9", 540), ("930", 570), ("9.05", 545), ("0:00", 0), (" 23:59 ", 1439)],
)
def test_times_as_people_type_them(typed: str, minutes: int) -> None:
    assert read_clock(typed) == minutes


@pytest.mark.parametrize("typed", ["", "noon", "24:00", "12:60", "1:2:3"])
def test_what_is_no_time(typed: str) -> None:
    with pytest.raises(ValueError):
        read_clock(typed)


def test_a_minute_later_tasks_are_judged_anew(desk: Desk, story: Story) -> None:
    story.now += DAY
    desk.panel._on_minute()
    desk.settle()
    spoken = desk.child(f"deal-task-{desk.task('Send proposal').id}-text").accessibleName()
    assert "Overdue" in spoken
    assert desk.text_of("deal-in-stage").startswith("3")
