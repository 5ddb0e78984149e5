"""The panel of a deal by mouse and keyboard, on a real workspace."""

import gettext
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QWidget,
)

from salesdesk import text
from salesdesk.services import clients, dealhistory, deals, dealview, lists
from salesdesk.ui.requirements import RequirementsForm
from tests.services.deal_story import Story, add_phone
from tests.ui.deal_desk import DOWN, ENTER, ESC, TAB, Desk, desk, story

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["desk", "story"]


# -- what it shows --------------------------------------------------------------------------------


def test_a_deal_of_another_one_is_only_looked_at(desk: Desk, story: Story) -> None:
    with story.store.command("person.add", now=story.now) as tx:
        tx.insert("person", [{"name": "Olga", "name_key": "olga", "role": "admin"}])
        [row] = tx.rows("SELECT owner_id FROM deal WHERE id = ?", (story.deal,))
    other = next(each for each in (story.maria, story.ivan) if each != row[0])
    desk.context.set_person(other, "Somebody", "manager")
    desk.settle()
    assert not desk.panel.pills.isVisible()
    assert not desk.panel.owner.isEnabled()
    offered = [each.objectName() for each in desk.panel.menu_of_deal().actions()]
    assert not any(name.endswith("-delete") for name in offered)
    before, note = len(desk.deal.notes), desk.deal.notes[0].id
    assert desk.panel.findChild(QWidget, f"deal-note-{note}-remove") is None
    desk.panel.notes.add()
    assert not desk.panel.notes.writing()
    for task in desk.deal.tasks:
        if task.state == "open":
            assert desk.panel.tasks.rows[task.id].dot.isEnabled() == (task.assignee_id == other)
    desk.context.set_person(row[0], "Owner", "manager")
    desk.settle()
    assert desk.panel.pills.isVisible()
    assert desk.panel.owner.isEnabled()
    assert len(desk.deal.notes) == before


def test_it_shows_the_deal(desk: Desk) -> None:
    assert desk.text_of("deal-title") == "Excavator rental, 3 months"
    assert desk.text_of("deal-amount") == "1 240 000 ₽".replace(" ", "\u00a0")
    assert desk.text_of("deal-company") == "Vector-Agro · 2 deals"
    assert desk.text_of("deal-contact") == "Pavel Gromov"
    assert desk.text_of("deal-close").replace("\u00a0", " ") == "12 Dec 2026"
    assert desk.text_of("deal-in-stage").replace("\u00a0", " ") == "2 d (limit 7 d)"
    assert desk.panel.owner.accessibleName() == "Responsible: Maria Kim"
    spoken = desk.child(f"deal-task-{desk.task('Send proposal').id}-text").accessibleName()
    assert spoken == "Send proposal, Today, today 18:00 · auto, Maria Kim"
    assert desk.child("deal-notes").isVisible()


def test_history_says_what_a_move_earned(desk: Desk) -> None:
    entries = {f"{e.text} {e.strong}": e.below for e in desk.panel.history.view.entries()}
    below = entries["Meeting scheduled → Meeting held"].replace("\u00a0", " ")
    assert below == "18 Nov 16:20 · Maria Kim · +3 points"
    assert entries["Opened Logistics deal “Estimate” "].endswith("automatic")
    assert entries["Created in New request"].endswith("+0.1 points")


def test_the_phone_calls_and_copies(desk: Desk, story: Story) -> None:
    assert not desk.child("deal-phone").isVisible()
    add_phone(story, "Pavel Gromov", "+7 912 555-01-42")
    QTest.qWait(250)
    desk.settle()
    dialled: list[str] = []
    desk.panel.fields.phone._dial = dialled.append
    desk.click("deal-phone-call")
    assert dialled == ["tel:+7-912-555-01-42"]
    desk.click("deal-phone-copy")
    assert QGuiApplication.clipboard().text() == "+79125550142"


def test_a_long_history_shows_fifty_lines_and_more_when_asked(desk: Desk, story: Story) -> None:
    for step in range(120):
        deals.change(
            story.store, story.deal, {"amount": Decimal(step)}, person=None, now=story.now + step
        )
    desk.settle()
    assert len(desk.history()) == 50
    assert desk.panel.history.more.text() == "and 81 more…"
    desk.panel.history.more.click()
    desk.settle()
    assert len(desk.history()) == 131
    assert not desk.panel.history.more.isVisible()


def test_a_long_history_follows_what_it_is_the_history_of(
    desk: Desk, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The panel does not wait for it."""
    desk.open()
    told = desk.history()
    desk.panel.close_panel()
    monkeypatch.setattr(dealview, "_MANY_TASKS", 1)
    desk.panel.open_deal(story.deal)
    desk.qtbot.waitUntil(lambda: desk.panel._opened is not None)
    opened: Any = desk.panel._opened
    assert opened.history is dealhistory.LATER
    assert desk.panel.history.isHidden()
    desk.panel.retranslate()
    desk.settle()
    assert (desk.history(), desk.panel.history.isHidden()) == (told, False)
    with story.store.read() as r:
        other = next(one.id for one in dealview.deal_view(r, story.deal, now=story.now).linked)
    desk.panel.open_deal(other)
    desk.panel.open_deal(story.deal)
    desk.settle()
    assert desk.history() == told
    desk.type_into("deal-title", "Excavator")
    assert len(desk.history()) == len(told) + 1


def test_arrow_keys_walk_the_history(desk: Desk) -> None:
    view = desk.panel.history.view
    view.setFocus()
    walked: list[object] = []
    view.walked.connect(walked.append)
    for _ in range(4):
        QTest.keyClick(view, DOWN)
    assert view.currentIndex().row() >= 3
    assert walked


# -- fields in place ------------------------------------------------------------------------------


def test_the_title_is_edited_by_keys_and_undone(desk: Desk) -> None:
    desk.type_into("deal-title", "Excavator rental, 4 months")
    assert desk.deal.title == "Excavator rental, 4 months"
    assert (desk.said[-1].text, desk.said[-1].action) == ("Title changed", "Undo")
    assert desk.history()[0] == "Title: Excavator rental, 3 months → Excavator rental, 4 months"
    desk.context.undo()
    desk.settle()
    assert desk.text_of("deal-title") == "Excavator rental, 3 months"
    assert desk.panel.history.view.entries()[1].undone


def test_what_is_not_valid_is_said_while_typed_and_never_kept(desk: Desk) -> None:
    desk.type_into("deal-amount", "12 apples", end=None)
    editor = desk.child("deal-amount-editor")
    assert "Not a number" in editor.accessibleDescription()
    QTest.keyClick(editor, ENTER)
    desk.settle()
    assert desk.panel.amount.editing()
    assert desk.deal.amount == Decimal(1_240_000)
    QTest.keyClick(editor, ESC)
    desk.settle()
    assert not desk.panel.amount.editing()
    assert desk.panel.isVisible()


def test_fields_of_every_kind(desk: Desk, story: Story) -> None:
    own = lists.add(
        story.store, "fields", "Machine", {"subject": "deal", "kind": "text"}, person=None, now=1
    ).id
    QTest.qWait(250)
    desk.settle()
    desk.click("deal-more")
    desk.type_into("deal-amount", "1 500 000,50")
    desk.type_into("deal-close", "24.12.2026")
    desk.type_into("deal-cost", "900000")
    desk.type_into("deal-probability", "65")
    desk.type_into("deal-tags", "VIP, rent")
    desk.type_into(f"deal-own-{own}", "EX-200")
    deal = desk.deal
    assert (deal.amount, deal.cost) == (Decimal("1500000.5"), Decimal(900_000))
    assert desk.text_of("deal-close").replace("\u00a0", " ") == "24 Dec 2026"
    assert (deal.probability, deal.tags) == (65, ("rent", "VIP"))
    assert deal.fields[0].value == "EX-200"
    assert not desk.problems
    QTest.keyClick(desk.child("deal-source-value"), ENTER)
    desk.pick("Referral")
    assert desk.deal.source == "Referral"
    assert desk.text_of("deal-source") == "Referral"


def test_a_change_from_elsewhere_keeps_what_is_being_typed(desk: Desk, story: Story) -> None:
    desk.type_into("deal-close", "1.1", end=None)
    deals.change(
        story.store, story.deal, {"amount": Decimal(77), "expected_day": 740_000}, person=None,
        now=story.now,
    )  # fmt: skip
    desk.settle()
    assert desk.text_of("deal-amount") == "77\u00a0₽"
    editor = desk.child("deal-close-editor")
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "1.1"


def test_only_this_deal_is_read_again(
    desk: Desk, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(desk.panel, "_on_read", lambda opened: asked.append(opened.deal.id))
    other = desk.deal.linked[0].id
    deals.change(story.store, other, {"amount": Decimal(5)}, person=None, now=story.now)
    desk.settle()
    # It is the child of this deal: its amount stands here, but its own changes tell its own id.
    first = list(asked)
    deals.change(story.store, story.deal, {"amount": Decimal(6)}, person=None, now=story.now)
    desk.settle()
    assert first in ([], [story.deal])
    assert asked[len(first) :] == [story.deal]


def test_a_company_is_found_by_typing_and_made_when_new(desk: Desk, story: Story) -> None:
    for name in ("Uralmet", "Uralstroy", "TransLine"):
        clients.add(story.store, clients.NewClient("company", name), person=None, now=story.now)
    desk.settle()
    QTest.keyClick(desk.child("deal-company-value"), ENTER)
    desk.settle()
    field = desk.popup().findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "uralm")
    QTest.qWait(100)
    desk.settle()
    QTest.keyClick(field, ENTER)
    desk.settle()
    assert desk.deal.company == "Uralmet"
    before = story.store.last_txn()
    QTest.keyClick(desk.child("deal-contact-value"), ENTER)
    field = desk.popup().findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "Olga New")
    QTest.keyClick(field, ENTER)
    desk.settle()
    assert desk.deal.contact == "Olga New"
    assert story.store.last_txn() == before + 1
    desk.context.undo()
    desk.settle()
    assert desk.text_of("deal-contact") == "Pavel Gromov"


def test_the_responsible_person_is_chosen_from_a_list(desk: Desk) -> None:
    QTest.keyClick(desk.panel.owner, Qt.Key.Key_Space)
    desk.pick("Ivan Petrov")
    assert desk.deal.owner == "Ivan Petrov"
    assert desk.panel.owner.accessibleName() == "Responsible: Ivan Petrov"
    assert desk.history()[0] == "Responsible: Maria Kim → Ivan Petrov"


# -- moving ---------------------------------------------------------------------------------------


def test_won_is_one_press(desk: Desk) -> None:
    desk.click("deal-won")
    assert desk.deal.stage == "Won"
    assert desk.said[-1].text == "Moved to Won"
    assert not desk.panel.pills.won.isVisible()
    assert desk.panel.pills.lost.isVisible()


def test_lost_asks_for_the_reason_by_keys(desk: Desk) -> None:
    QTest.keyClick(desk.panel.pills.lost, Qt.Key.Key_Space)
    desk.choose(DOWN, ENTER)
    assert (desk.deal.stage, desk.deal.lost_reason) == ("Lost", "Went to a competitor")
    assert desk.text_of("deal-lost") == "Went to a competitor"
    assert desk.said[-1].text == "Moved to Lost · 3 tasks closed"


def test_leaving_the_list_of_reasons_moves_nothing(desk: Desk) -> None:
    desk.click("deal-lose")
    desk.choose(ESC)
    assert QApplication.activePopupWidget() is None
    assert desk.panel.isVisible()
    assert desk.deal.stage == "Meeting held"


def test_move_to_any_stage(desk: Desk) -> None:
    QTest.keyClick(desk.panel.pills.move_button, DOWN)
    desk.pick("Contract signed")
    assert desk.deal.stage == "Contract signed"


def test_a_refused_move_says_what_is_missing_and_a_lead_may_override(
    desk: Desk, story: Story
) -> None:
    with story.store.command("stage.change", now=story.now) as tx:
        tx.update("stage", [{"id": story.stages["Contract signed"], "required": '["source"]'}])
    desk.settle()
    QTest.keyClick(desk.panel.pills.move_button, DOWN)
    desk.pick("Contract signed")
    refusal = desk.panel.pills.refusal
    assert refusal.text.text() == "Not moved. First: fill in Source."
    form = desk.popup()
    assert isinstance(form, RequirementsForm)
    assert not form.override.isVisible()
    form.close()
    assert desk.deal.stage == "Meeting held"
    desk.context.set_person(story.admin, "Anna Orlova", "admin")
    refusal.button.click()
    form = desk.popup()
    assert isinstance(form, RequirementsForm)
    form.override.click()
    QTest.keyClicks(form.reason, "agreed by phone")
    QTest.keyClick(form.reason, ENTER)
    desk.settle()
    assert desk.deal.stage == "Contract signed"
    assert not refusal.isVisible()
    assert "agreed by phone" in desk.panel.history.view.entries()[0].below


# -- notes, linked deals, keys --------------------------------------------------------------------


def test_a_note_is_added_and_a_draft_is_kept(desk: Desk, story: Story) -> None:
    QTest.keyClick(desk.panel.pills.note, Qt.Key.Key_Space)
    field = desk.panel.notes.field
    QTest.keyClicks(field, "Half a thought")
    child = desk.deal.linked[0].id
    desk.open(child)
    assert not desk.panel.notes.writing()
    desk.open(story.deal)
    assert field.toPlainText() == "Half a thought"
    QTest.keyClick(field, ENTER, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert desk.deal.notes[0].text == "Half a thought"
    assert desk.history()[0] == "Note: Half a thought"
    assert not desk.panel.notes.writing()
    before, note = len(desk.deal.notes), desk.deal.notes[0].id
    desk.click(f"deal-note-{note}-remove")
    assert note not in [each.id for each in desk.deal.notes]
    assert "Note removed" in desk.history()[0]
    desk.context.undo()
    desk.settle()
    assert len(desk.deal.notes) == before


def test_a_linked_deal_opens(desk: Desk, story: Story) -> None:
    opened: list[int] = []
    desk.panel.deal_opened.connect(opened.append)
    child = desk.deal.linked[0].id
    desk.click(f"deal-linked-{child}")
    assert opened == [child]
    assert desk.text_of("deal-title") == "Estimate"
    desk.click(f"deal-linked-{story.deal}")
    assert desk.text_of("deal-title") == "Excavator rental, 3 months"


def test_escape_leaves_step_by_step(desk: Desk) -> None:
    closed: list[bool] = []
    desk.panel.closed.connect(lambda: closed.append(True))
    desk.panel.tasks.add()
    QTest.keyClick(desk.panel.tasks.form.title, ESC)
    assert not desk.panel.tasks.form.isVisible()
    desk.type_into("deal-title", "Something else", end=None)
    QTest.keyClick(desk.child("deal-title-editor"), ESC)
    assert not closed
    QTest.keyClick(desk.child("deal-title-value"), ESC)
    assert closed == [True]
    assert not desk.panel.isVisible()
    assert desk.panel.deal_id is None


def test_everything_is_reached_by_tab_and_has_names(desk: Desk, story: Story) -> None:
    add_phone(story, "Pavel Gromov", "+7 912 555-01-42")
    QTest.qWait(250)
    desk.click("deal-more")
    desk.panel.tasks.add()
    desk.panel.notes.add()
    desk.settle()
    seen: list[str] = []
    desk.child("deal-title-value").setFocus()
    for _ in range(80):
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus.objectName() in seen:
            break
        assert focus.objectName()
        assert focus.accessibleName(), focus.objectName()
        seen.append(focus.objectName())
        QTest.keyClick(focus, TAB)
    wanted = {
        "deal-title-value", "deal-amount-value", "deal-owner", "deal-won", "deal-lose", "deal-move",
        "deal-company-value", "deal-phone-call", "deal-tags-value", "deal-more",
        "deal-add-task-title", "deal-add-task-time", "deal-note", "deal-history", "deal-close",
    }  # fmt: skip
    assert wanted <= set(seen), wanted - set(seen)
    assert seen.index("deal-company-value") < seen.index("deal-more")
    assert seen.index("deal-more") < seen.index("deal-history")
    for button in desk.panel.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.objectName(), button
            assert button.accessibleName(), button.objectName()


def test_a_deleted_deal_can_only_be_restored(desk: Desk) -> None:
    desk.panel.menu_of_deal().actions()[-1].trigger()
    desk.settle()
    assert desk.deal.deleted
    assert desk.panel.gone.isVisible()
    assert not desk.panel.pills.won.isVisible()
    desk.click("deal-restore")
    assert desk.panel.gone.isHidden()
    assert desk.panel.pills.won.isVisible()


def test_a_deal_whose_making_was_taken_back_closes_the_panel(desk: Desk, story: Story) -> None:
    new = deals.NewDeal("Mistake", story.stages["New request"])
    made: list[Any] = []
    desk.context.write(deals.create, new, done=made.append)
    desk.settle()
    desk.open(made[0].deal_ids[0])
    assert desk.text_of("deal-title") == "Mistake"
    desk.context.undo()
    desk.settle()
    assert not desk.panel.isVisible()
    assert not desk.problems


def test_a_deal_that_never_was_is_said(desk: Desk) -> None:
    desk.open(999)
    assert not desk.panel.isVisible()
    assert [problem.message for problem in desk.problems] == ["This deal does not exist any more."]


# -- look -----------------------------------------------------------------------------------------


def test_language_and_theme_change_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(text._catalogues, "ru", _Russian())
    desk.context.set_language("ru")
    desk.settle()
    assert desk.child("deal-company-value").accessibleName().startswith("Компания: ")
    assert desk.text_of("deal-close") == "12.12.2026"
    assert desk.panel.history.view.entries()[-1].text == "Создана на этапе"
    before = desk.panel.grab().toImage().pixelColor(QPoint(150, 120))
    desk.context.set_theme("dark")
    desk.settle()
    assert desk.panel.grab().toImage().pixelColor(QPoint(150, 120)) != before
    desk.context.set_theme("light")
    desk.context.set_language("en")
    desk.settle()
    assert desk.child("deal-company-value").accessibleName().startswith("Company: ")


class _Russian(gettext.NullTranslations):
    """A catalogue of two words, whatever the real one has by now."""

    def gettext(self, message: str) -> str:
        return {"Company": "Компания", "Created in": "Создана на этапе"}.get(message, message)


@pytest.mark.parametrize("width", [300, 340, 420])
def test_nothing_is_wider_than_the_panel(desk: Desk, width: int) -> None:
    desk.window.resize(width, 720)
    desk.panel.tasks.add()
    desk.settle()
    inside = desk.panel.area.widget()
    assert inside is not None
    assert inside.width() <= desk.panel.area.viewport().width()
    for child in inside.findChildren(QWidget):
        if child.isVisible():
            right = child.mapTo(inside, QPoint(child.width(), 0)).x()
            assert right <= inside.width(), child.objectName() or child


def test_hidden_it_reads_nothing_and_catches_up(desk: Desk, story: Story) -> None:
    desk.panel.hide()
    deals.change(story.store, story.deal, {"title": "Renamed"}, person=None, now=story.now)
    desk.settle()
    assert desk.text_of("deal-title") == "Excavator rental, 3 months"
    desk.panel.show()
    desk.settle()
    assert desk.text_of("deal-title") == "Renamed"
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_fields_can_be_set_to_is_read_again_when_it_has_changed(
    desk: Desk, story: Story
) -> None:
    assert desk.panel._opened is not None
    before = desk.panel._opened.choices
    desk.open()
    assert desk.panel._opened.choices is before
    with story.store.command("list.add", now=story.now) as tx:
        tx.insert("source", [{"name": "Fair", "name_key": "fair", "position": 99}])
    desk.settle()
    desk.open()
    assert "Fair" in [each.name for each in desk.panel._opened.choices.sources]
