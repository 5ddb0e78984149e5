"""Payments in the panel of a deal, and the deal as it was: by mouse and keyboard."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from salesdesk.services import deals, payments
from salesdesk.services.payments import NewPayment
from salesdesk.ui.deal.payment_form import PartForm
from tests.services.deal_story import DAY, Story
from tests.ui.deal_desk import ENTER, ESC, Desk, desk, story

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["desk", "story"]


def plan(desk: Desk, amount: int, **fields: object) -> int:
    """A payment that was written elsewhere."""
    story = desk.story
    new = NewPayment(Decimal(amount), **fields)  # type: ignore[arg-type]
    payments.add(story.store, story.deal, new, person=story.maria, now=story.now)
    desk.settle()
    return max(line.id for line in desk.deal.payments)


def today(desk: Desk) -> int:
    return desk.story.store.zone.day_of(desk.story.now)


def fill_in(desk: Desk, name: str, typed: str) -> QLineEdit:
    field = desk.child(f"deal-payment-{name}")
    assert isinstance(field, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, typed)
    return field


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_payment_is_planned_by_keys_and_undone(desk: Desk) -> None:
    assert desk.child("deal-payments-empty").isVisible()
    desk.child("deal-payments-empty").setFocus()
    QTest.keyClick(desk.child("deal-payments-empty"), Qt.Key.Key_Space)
    amount = fill_in(desk, "amount", "372000")
    assert amount.hasFocus()
    fill_in(desk, "planned", "01.12.2026")
    QTest.keyClick(fill_in(desk, "note", "Advance"), ENTER)
    desk.settle()
    [line] = desk.deal.payments
    assert (line.amount, line.note, line.state) == (Decimal(372_000), "Advance", "planned")
    assert desk.panel.payments.form.isHidden()
    assert plain(desk.panel.payments.total.text()) == "Paid 0 of 1 240 000 ₽ · 0%"
    desk.context.undo()
    desk.settle()
    assert desk.deal.payments == ()
    assert desk.child("deal-payments-empty").isVisible()


def test_one_key_marks_the_next_payment_as_paid_today(desk: Desk) -> None:
    plan(desk, 90_000, direction="out", contractor="Rigging", planned_day=today(desk) - 9)
    late = plan(desk, 372_000, planned_day=today(desk) - 1)
    assert desk.panel.marks.late.text() == "2 payments late"
    desk.panel.area.setFocus()
    desk.child("deal-title-value").setFocus()
    QTest.keyClick(desk.child("deal-title-value"), Qt.Key.Key_P)
    desk.settle()
    paid = next(line for line in desk.deal.payments if line.id == late)
    assert paid.actual_day == today(desk)
    assert desk.panel.marks.share.text() == "Paid 30%"
    assert desk.panel.marks.late.text() == "1 payment late"
    assert desk.said[-1].text == "Marked as paid"
    assert desk.history()[0] == "Paid: 372 000 ₽".replace(" 000", "\u00a0000").replace(
        " ₽", "\u00a0₽"
    )


def test_a_part_is_paid_and_the_rest_stays(desk: Desk) -> None:
    payment = plan(desk, 500_000)
    line = next(line for line in desk.deal.payments if line.id == payment)
    desk.panel.payments._part(line)
    form = desk.popup()
    assert isinstance(form, PartForm)
    form.amount.selectAll()
    QTest.keyClicks(form.amount, "200000")
    assert plain(form.says.text()) == "300 000 ₽ stays planned."
    QTest.keyClick(form.amount, ENTER)
    desk.settle()
    assert [(line.amount, line.state) for line in desk.deal.payments] == [
        (Decimal(300_000), "planned"), (Decimal(200_000), "paid"),
    ]  # fmt: skip
    assert plain(desk.said[-1].text) == "Part paid, 300 000 ₽ still to come"


def test_what_is_wrong_is_said_in_the_form_and_what_was_typed_stays(desk: Desk) -> None:
    payment = plan(desk, 500)
    QTest.keyClick(desk.child(f"deal-payment-{payment}-text"), ENTER)
    desk.trigger("change")
    form = desk.panel.payments.form
    QTest.keyClick(fill_in(desk, "amount", "a lot"), ENTER)
    assert "Not a number" in form.problem.text()
    fill_in(desk, "amount", "700")
    QTest.keyClick(fill_in(desk, "actual", "01.01.2030"), ENTER)
    desk.settle()
    assert "has not come yet" in form.problem.text()
    assert form.isVisible()
    QTest.keyClick(fill_in(desk, "actual", "01.11.2026"), ENTER)
    desk.settle()
    [line] = desk.deal.payments
    assert (line.amount, line.state) == (Decimal(700), "paid")
    assert not desk.problems


def test_delete_removes_a_payment(desk: Desk) -> None:
    payment = plan(desk, 500)
    row = desk.child(f"deal-payment-{payment}-text")
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Delete)
    desk.settle()
    assert desk.deal.payments == ()
    assert desk.said[-1].action == "Undo"


def test_a_line_of_the_history_shows_the_deal_as_it_was_then(desk: Desk, story: Story) -> None:
    plan(desk, 500)
    deals.change(
        story.store, story.deal, {"amount": Decimal(5)}, person=None, now=story.now + DAY
    )  # fmt: skip
    desk.settle()
    view = desk.panel.history.view
    rows = [f"{entry.text} {entry.strong}" for entry in view.entries()]
    view.setFocus()
    view.setCurrentIndex(view.model().index(rows.index("Meeting scheduled → Meeting held"), 0))
    QTest.keyClick(view, ENTER)
    desk.settle()
    panel = desk.panel
    assert panel.past.isVisible()
    assert plain(panel.past.text.text()) == "As it was on 18 Nov 16:20"
    assert desk.text_of("deal-amount") == "1 240 000 ₽".replace(" ", "\u00a0")
    assert panel.payments.isHidden()
    assert panel.pills.isHidden()
    QTest.keyClick(desk.child("deal-title-value"), ENTER)
    assert not panel.title.editing()
    QTest.keyClick(view, Qt.Key.Key_P)
    QTest.keyClick(view, ESC)
    desk.settle()
    assert panel.past.isHidden()
    assert desk.text_of("deal-amount") == "5\u00a0₽"
    assert panel.payments.isVisible()


def test_a_past_without_the_deal_is_said_and_what_is_shown_stays(desk: Desk, story: Story) -> None:
    desk.panel.open_deal(story.deal, story.now - 100 * DAY)
    desk.settle()
    assert [problem.message for problem in desk.problems] == [
        "This deal was not there yet at that moment."
    ]
    assert desk.panel.isVisible()
    assert desk.panel.past.isHidden()


def test_number_and_link_are_copied(desk: Desk) -> None:
    actions = {each.objectName(): each for each in desk.panel.menu_of_deal().actions()}
    actions["deal-menu-list-copy-number"].trigger()
    assert QGuiApplication.clipboard().text() == f"#{desk.deal.number}"
    actions["deal-menu-list-copy-link"].trigger()
    assert QGuiApplication.clipboard().text() == f"board?deal={desk.deal.id}"


def test_what_lies_below_the_edge_follows(desk: Desk) -> None:
    desk.window.resize(340, 260)
    panel = desk.panel
    desk.settle()
    assert panel._opened is not None
    panel._show_parts(panel._opened, another=True)
    assert panel.history.isHidden()
    desk.settle()
    assert not panel.history.isHidden()
    panel._show_parts(panel._opened, another=True)
    panel._show_parts(panel._opened, another=False)  # a change from elsewhere comes in between
    for part in (panel.fields, panel.tasks, panel.history, panel.notes):
        assert not part.isHidden()
    assert len(panel.tasks.rows) == len(desk.deal.tasks)
