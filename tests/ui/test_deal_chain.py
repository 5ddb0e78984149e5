"""A walk through the panel by mouse and by keys: linked deals, what a task asks for, the money of
the chain, and a stage that asks for own fields of each kind, a task and a payment."""

import json
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from salesdesk.services import deals, payments, tasks
from salesdesk.services.payments import NewPayment
from salesdesk.ui.requirements import RequirementsForm
from salesdesk.ui.taskforms.forms import TextForm
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.checks import CheckLine
from salesdesk.ui.widgets.entries import ValueEdit
from tests.services.deal_story import DAY, Story
from tests.ui.deal_desk import DOWN, ENTER, ESC, Desk, desk, story

__all__ = ["desk", "story"]
KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


def child(desk: Desk) -> int:
    return next(one.id for one in desk.deal.linked if not one.is_parent)


def plain(text: str) -> str:
    """With blanks that break."""
    return text.replace("\xa0", " ")


def type_text(form: QWidget, text: str) -> None:
    """Replace what stands in a form of many lines, and take it by keys."""
    assert isinstance(form, TextForm)
    assert isinstance(form.field, QPlainTextEdit)
    form.field.setPlainText(text)
    QTest.keyClick(form.field, ENTER, CTRL)


def test_the_child_opens_by_enter_and_leads_back_by_a_click(desk: Desk, story: Story) -> None:
    made = child(desk)
    deals.assign(story.store, [made], story.ivan, person=None, now=story.now)
    late = tasks.NewTask("Ask for prices", made, due_at=story.now - DAY)
    tasks.add(story.store, late, person=None, now=story.now)
    deals.change(story.store, story.deal, {"cost": Decimal(1)}, person=None, now=story.now)
    desk.open(story.deal)
    row = desk.child(f"deal-linked-{made}")
    spoken = row.accessibleName()
    for told in ("Child deal: Estimate", "Logistics", "3 d", "Ivan Petrov", "1 overdue task"):
        assert told in plain(spoken)
    assert not desk.child("deal-mark-parent").isVisible()
    row.setFocus()
    QTest.keyClick(row, ENTER)
    desk.settle()
    assert desk.panel.deal_id == made
    back = desk.child("deal-mark-parent")
    assert "Meeting held" in back.accessibleName()
    assert "Maria Kim" in back.accessibleName()
    desk.click("deal-mark-parent")
    assert desk.panel.deal_id == story.deal


def test_a_deal_paid_through_its_child_is_not_told_to_have_no_payment(
    desk: Desk, story: Story
) -> None:
    desk.open(story.deal)
    empty = desk.child("deal-payments-empty")
    assert isinstance(empty, LinkButton)
    assert empty.text() == "No payment yet: plan the advance"
    paid = NewPayment(Decimal(1000), actual_day=date(2026, 11, 18).toordinal())
    payments.add(story.store, child(desk), paid, person=None, now=story.now)
    desk.settle()
    desk.open(story.deal)
    assert empty.isVisible()
    assert empty.text() == "Add a payment"


def test_text_and_checklist_of_a_task_by_keys(desk: Desk) -> None:
    title = "Call about the deposit"
    task = desk.task(title).id
    desk.task_menu(title)
    desk.trigger("text")
    type_text(desk.popup(), "Ask for the plan of the hall.")
    desk.settle()
    desk.task_menu(title)
    desk.trigger("checklist")
    type_text(desk.popup(), "Plan of the hall\nPass for the driver\n")
    desk.settle()
    assert desk.task(title).checklist == (
        ("Plan of the hall", False), ("Pass for the driver", False),
    )  # fmt: skip
    row = desk.panel.tasks.rows[task]
    assert row.details is not None
    assert row.details.isVisible()
    assert row.details.text.text() == "Ask for the plan of the hall."
    line = desk.child(f"deal-task-{task}-check-1")
    line.setFocus()
    QTest.keyClick(line, ENTER)
    desk.settle()
    assert desk.task(title).checklist[1] == ("Pass for the driver", True)
    assert desk.said[-1].text == "Call about the deposit: 1 of 2 done"
    assert "1/2" in row.text.accessibleName()
    assert QApplication.focusWidget() is line  # the keyboard stays on the line
    desk.context.undo()
    desk.settle()
    assert desk.task(title).checklist[1] == ("Pass for the driver", False)
    assert isinstance(line, CheckLine)
    assert not line.isChecked()
    QTest.keyClick(line, KEY.Key_Space)
    desk.settle()
    assert desk.task(title).checklist[1] == ("Pass for the driver", True)
    row.text.setFocus()
    QTest.keyClick(row.text, KEY.Key_Left)
    assert not row.details.isVisible()
    QTest.keyClick(row.text, KEY.Key_Right)
    assert row.details.isVisible()
    desk.click(f"deal-task-{task}-unfold")
    assert not row.details.isVisible()
    desk.task_menu(title)  # a line that was there stays ticked
    desk.trigger("checklist")
    type_text(desk.popup(), "Pass for the driver\nInvoice")
    desk.settle()
    assert desk.task(title).checklist == (("Pass for the driver", True), ("Invoice", False))


def test_a_tick_that_is_refused_is_taken_off_again(desk: Desk, story: Story) -> None:
    task = desk.task("Send proposal").id
    lines = (("One", False), ("Two", False))
    tasks.set_checklist(story.store, task, lines, person=None, now=story.now)
    desk.open()
    desk.click(f"deal-task-{task}-unfold")
    line = desk.child(f"deal-task-{task}-check-1")
    assert isinstance(line, CheckLine)
    with story.store.command("test", now=story.now) as tx:  # behind the panel's back
        tx.update("task", [{"id": task, "checklist": json.dumps([["One", False]])}])
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=line.rect().center())
    desk.settle()
    assert desk.problems
    assert not line.isVisible()  # the panel shows what is true


def test_a_task_says_why_it_stands_as_it_does(desk: Desk, story: Story) -> None:
    proposal, feedback = desk.task("Send proposal").id, desk.task("Get feedback").id
    with story.store.command("test", now=story.now) as tx:
        rule = tx.value("SELECT rule_id FROM task WHERE id = ?", (proposal,))
        tx.update("task_rule", [{"id": rule, "due_rule": "before_date",
                                 "date_field": "expected_day"}])  # fmt: skip
        note = '["person_left", "Boris"]'
        tx.update("task", [{"id": feedback, "note": note, "event": "child_enters",
                            "event_stage_id": story.estimate}])  # fmt: skip
        facts = {"task_id": feedback, "at": story.now, "fields": 2, "due_at": None}
        tx.insert("task_change", [facts])
        tx.touch("deal", [story.deal])
    due = story.now + 5 * DAY
    tasks.set_due(story.store, [proposal], due, person=story.maria, now=story.now)
    desk.open()
    kept = desk.panel.tasks.rows[proposal].text.accessibleName()
    assert "Changed by hand on 21 Nov: no longer moves with “Expected close date”" in plain(kept)
    waiting = desk.panel.tasks.rows[feedback].text.accessibleName()
    assert "Waiting" in waiting
    assert "Waits for: child enters “Estimate”" in waiting
    assert "Meant for Boris, who does not work here any more." in waiting


def test_the_parent_shows_the_money_of_its_child(desk: Desk, story: Story) -> None:
    planned = date(2026, 11, 18).toordinal()
    for amount, paid in ((40_000, planned), (50_000, None)):
        new = NewPayment(Decimal(amount), "out", None, planned, paid, contractor="TransLine")
        payments.add(story.store, child(desk), new, person=None, now=story.now)
    with story.store.command("test", now=1) as tx:
        stage = story.stages["Advance paid"]
        tx.update("stage", [{"id": stage, "paid_percent": 30}])
    desk.open()
    said = desk.child("deal-chain-money").accessibleName()
    said = plain(said)
    assert "To contractors: 40 000 of 90 000 ₽, late: 50 000 ₽ since 18 Nov" in said
    assert "TransLine: 40 000 of 90 000 ₽" in said
    gate = plain(desk.panel.payments.gate.text())
    assert gate == "“Advance paid” opens when 30% of 1 240 000 ₽ is paid: 0% so far"


OWN = (
    ("Machine", "text", "[]"), ("Floors", "number", "[]"), ("Handover", "date", "[]"),
    ("Type", "choice", '["New", "Rebuilt"]'), ("Lift", "yes_no", "[]"),
    ("Site fee", "money", "[]"),
)  # fmt: skip


def strict_stage(story: Story, without: str = "Lift") -> None:
    """ "Contract signed" asks for own fields of each kind, a task with its result, and a share."""
    with story.store.command("test", now=story.now) as tx:
        names = [name for name, _kind, _options in OWN if name != without]
        tx.insert(
            "custom_field",
            [
                {"name": name, "name_key": name.lower(), "kind": kind, "options": options,
                 "position": at}
                for at, (name, kind, options) in enumerate(OWN)
            ],
        )  # fmt: skip
        stage = story.stages["Contract signed"]
        tx.update("stage", [{"id": stage, "required": json.dumps(names), "paid_percent": 30}])
        [call] = tx.rows("SELECT id FROM task WHERE title = 'Call about the deposit'")
        tx.update("task", [{"id": call[0], "must_be_done": 1, "asks_result": 1}])
        tx.touch("deal", [story.deal])


def refused(desk: Desk) -> RequirementsForm:
    QTest.keyClick(desk.panel.pills.move_button, DOWN)
    desk.pick("Contract signed")
    form = desk.popup()
    assert isinstance(form, RequirementsForm)
    return form


def stays_open(form: RequirementsForm, field: QWidget, typed: str) -> None:
    """What is wrong is told where it was typed; then what stood there stands there again."""
    before = str(field.property("text")).replace("\xa0", " ")
    field.setFocus()
    for text, told in ((typed, True), (before, False)):
        QTest.keySequence(field, QKeySequence.StandardKey.SelectAll)
        QTest.keyClicks(field, text)
        if told:
            form.take()
            assert form.isVisible()
            assert form.problem.isVisible()
            assert QApplication.focusWidget() is field


@pytest.mark.parametrize(
    ("language", "chosen", "without"), [("en", "Type", "Lift"), ("ru", "Lift", "Type")]
)
def test_what_a_stage_asks_for_is_given_by_keys(
    desk: Desk, story: Story, language: str, chosen: str, without: str
) -> None:
    strict_stage(story, without)
    desk.context.set_language(language)
    desk.settle()
    form = refused(desk)
    name = f"move-requirements-{story.deal}"

    def field(which: str) -> QWidget:
        found = form.findChild(QWidget, f"{name}-{which}")
        assert found is not None, which
        return found

    assert QApplication.focusWidget() is field("Machine")
    QTest.keyClick(field("Machine"), ENTER)  # nothing yet: the keyboard stays where it is missing
    assert form.problem.isVisible()
    assert "Machine" in form.problem.text()
    for which, typed in (("Machine", "EX-200"), ("Floors", "12"), ("Handover", "24.12.2026")):
        QTest.keyClicks(field(which), typed)
    QTest.keyClick(field("Handover"), ENTER)
    assert QApplication.focusWidget() is field(chosen)
    QTest.keyClick(field(chosen), KEY.Key_Space)
    walk = QApplication.focusWidget()
    assert walk is not None
    for key in (DOWN, ENTER):
        QTest.keyClick(walk, key)
    desk.window.activateWindow()  # the offscreen platform has nobody who would do it
    QTest.keyClicks(field("Site fee"), "1500")
    paid = field("payment")
    assert isinstance(paid, ValueEdit)
    assert paid.value() == Decimal(372_000)
    stays_open(form, paid, "0")
    stays_open(form, field("payment-day"), "25.12.2030")
    QTest.keyClick(paid, ENTER)
    call = desk.task("Call about the deposit").id
    result = field(f"task-{call}-result")
    assert QApplication.focusWidget() is result
    assert isinstance(result, QLineEdit)
    QTest.keyClicks(result, "They pay today")
    QTest.keyClick(result, ENTER)
    desk.settle()
    assert desk.deal.stage == "Contract signed"
    values = {own.name: own.value for own in desk.deal.fields}
    assert values["Machine"] == "EX-200"
    assert values["Handover"] == "2026-12-24"
    assert values[chosen] in ("Rebuilt", "no")
    assert values[without] is None
    assert desk.deal.sums.percent == 30
    assert desk.task("Call about the deposit").result == "They pay today"
    desk.context.undo()
    desk.settle()
    assert desk.deal.stage == "Meeting held"
    assert not desk.deal.payments


def test_leaving_the_form_moves_nothing(desk: Desk, story: Story) -> None:
    strict_stage(story)
    desk.settle()
    form = refused(desk)
    said = desk.panel.pills.refusal.text.text()
    said = plain(said)
    assert "30% of 1 240 000 ₽ paid (so far 0%)" in said
    QTest.keyClick(form, ESC)
    desk.settle()
    assert desk.deal.stage == "Meeting held"
