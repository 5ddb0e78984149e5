"""The page of clients by mouse and keyboard, on a real workspace."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QPlainTextEdit

from salesdesk.services import merging, tasks
from salesdesk.ui.board.new_deal import NewDealForm
from salesdesk.ui.widgets.pick import ClientPicker, Picked
from tests.ui.clients_desk import CTRL, DOWN, ENTER, ESC, Desk, desk

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["desk"]
VECTOR = "Vector-Agro"


# -- the list --------------------------------------------------------------------------------------


def test_the_list_shows_clients_and_finds_them(desk: Desk) -> None:
    desk.add("Baltic Cargo", phones=("8 (812) 333-44-55",))
    assert desk.names() == ["Baltic Cargo", "Pavel Gromov", VECTOR]
    for typed, found in (("812 33", ["Baltic Cargo"]), ("gromov", ["Pavel Gromov"]), ("zz", [])):
        desk.page.filters.field.setText(typed)
        desk.settle(100)
        assert desk.names() == found
    assert desk.page.empty.isVisible()
    desk.page.empty.button.click()
    desk.settle(100)
    assert len(desk.names()) == 3


def test_filters_by_keys(desk: Desk) -> None:
    filters = desk.page.filters
    filters.kinds.chip("contact").click()
    desk.settle(100)
    assert desk.names() == ["Pavel Gromov"]
    filters.list.clear_chip.click()
    filters.sort.click()
    desk.pick("Newest first")
    assert desk.names() == ["Pavel Gromov", VECTOR]
    filters.more.button.click()
    desk.pick("Activity")
    desk.pick("Nothing for 30 days")
    assert desk.names() == []
    assert desk.page.address() == {"quiet": "30", "sort": "newest"}


def test_the_keyboard_walks_and_the_panel_follows(desk: Desk) -> None:
    desk.press(ENTER)
    assert desk.panel.title.value() == "Pavel Gromov"
    desk.press(DOWN)
    assert desk.panel.title.value() == VECTOR
    desk.panel.title.setFocus()
    desk.press(ESC, desk.panel.title._shown)
    assert not desk.panel.isVisible()
    assert desk.page.table.hasFocus()


# -- the panel -------------------------------------------------------------------------------------


def test_the_panel_shows_all_about_a_client(desk: Desk) -> None:
    desk.click_row(VECTOR)
    view = desk.view(desk.key(VECTOR))
    assert desk.panel.figures.accessibleName().replace("\u00a0", " ").startswith("open: 2, won: 0")
    assert desk.panel.people.list.item(0).text == "Pavel Gromov"
    assert desk.panel.deals.list.count() == len(view.deals) == 2
    desk.panel.deals.list.opened.emit(desk.panel.deals.list.item(1))
    assert desk.asked[-1] == ("board", view.deals[1].id)


def test_a_phone_is_added_called_copied_changed_and_removed(desk: Desk) -> None:
    desk.click_row(VECTOR)
    desk.click("client-add-phone")
    editor = desk.child("client-new-phone-editor")
    assert isinstance(editor, QLineEdit)
    editor.insert("8 (912) 555-01-42 доб. 3")
    QTest.keyClick(editor, ENTER)
    desk.settle(150)
    [contact] = desk.view(desk.key(VECTOR)).contacts
    row = f"client-contact-{contact.id}"
    assert desk.text_of(row) == "+7 912 555-01-42 ext. 3"
    called: list[str] = []
    desk.panel.fields.contacts.opens = called.append
    desk.click(f"{row}-use")
    desk.click(f"{row}-copy")
    assert called == ["tel:+7-912-555-01-42;ext=3"]
    assert QGuiApplication.clipboard().text() == "+79125550142 ext. 3"
    desk.type_into(row, "ask the guard")
    assert desk.panel.fields.contacts.rows[contact.id]._problem.text().startswith("Not a phone")
    desk.type_into(row, "")
    assert desk.view(desk.key(VECTOR)).contacts == ()
    desk.undo()
    assert desk.view(desk.key(VECTOR)).contacts[0].value == "ask the guard"


def test_fields_are_edited_in_place_and_taken_back(desk: Desk) -> None:
    desk.click_row(VECTOR)
    key = desk.key(VECTOR)
    desk.type_into("client-tax", "7707083894")
    tax = desk.panel.fields.rows["tax_number"]
    assert tax._problem.text().startswith("The check digits")
    desk.type_into("client-tax", "7707083893")
    assert tax._problem.text() == ""
    desk.child("client-source-value").setFocus()
    desk.panel.fields.rows["source_id"].edit()
    desk.pick("Referral")
    desk.type_into("client-title", "Vector Agro")
    view = desk.view(key)
    assert (view.name, view.tax_number, view.source) == ("Vector Agro", "7707083893", "Referral")
    desk.undo()
    desk.undo()
    assert (desk.view(key).name, desk.view(key).source) == (VECTOR, None)
    desk.type_into("client-title", "", end=None)
    assert desk.panel.title._problem.isVisible()


def test_notes_and_tasks_without_a_deal(desk: Desk) -> None:
    desk.click_row(VECTOR)
    key = desk.key(VECTOR)
    note = desk.child("client-note")
    assert isinstance(note, QPlainTextEdit)
    QTest.keyClicks(note, "They pay late.")
    QTest.keyClick(note, ENTER, CTRL)
    desk.settle(150)
    field = desk.child("client-task-title")
    QTest.keyClicks(field, "Congratulate")
    QTest.keyClick(field, ENTER)
    desk.settle(150)
    view = desk.view(key)
    assert [each.text for each in view.notes] == ["They pay late."]
    assert [(each.title, each.assignee, each.state) for each in view.tasks] == [
        ("Congratulate", "Maria Kim", "open")
    ]
    desk.click(f"client-task-{view.tasks[0].id}-done")
    assert desk.view(key).tasks[0].state == "done"
    desk.undo()
    assert desk.view(key).tasks[0].state == "open"
    with desk.story.store.read() as r:
        assert tasks.tasks(r, now=desk.story.now)


# -- new ones, duplicates --------------------------------------------------------------------------


def test_a_new_client_by_n_with_a_warning(desk: Desk) -> None:
    desk.press(Qt.Key.Key_N)
    form = desk.popup()
    name = desk.child("new-client-name", form)
    assert isinstance(name, QLineEdit)
    name.insert("ООО vector agro")
    desk.settle(200)
    matches = desk.child("new-client-matches", form)
    assert matches.isVisible()
    lines = desk.child("new-client-matches-list", form)
    assert isinstance(lines, QListView)
    assert lines.model().index(0, 0).data().startswith(VECTOR)
    assert "Excavator rental" in lines.model().index(1, 0).data() + lines.model().index(2, 0).data()
    name.setText("Quite another")
    desk.settle(200)
    assert not matches.isVisible()
    QTest.keyClicks(desk.child("new-client-phone", form), "8 912 555 01 99")
    QTest.keyClick(desk.child("new-client-phone", form), ENTER)
    desk.settle(300)
    assert desk.panel.title.value() == "Quite another"
    [contact] = desk.view(desk.key("Quite another")).contacts
    assert contact.phone is not None
    assert contact.phone.shown == "+7 912 555-01-99"
    desk.undo()
    assert desk.names() == ["Pavel Gromov", VECTOR]


def test_what_is_there_already_is_opened_instead(desk: Desk) -> None:
    desk.page.new_client()
    form = desk.popup()
    QTest.keyClicks(desk.child("new-client-name", form), "vector agro")
    desk.settle(200)
    lines = desk.child("new-client-matches-list", form)
    assert isinstance(lines, QListView)
    lines.setCurrentIndex(lines.model().index(0, 0))
    QTest.keyClick(lines, ENTER)
    desk.settle(200)
    assert desk.panel.title.value() == VECTOR


def test_choosing_a_client_warns_of_a_near_one(desk: Desk) -> None:
    picker = ClientPicker(desk.context, "company", "test-pick", "Company", None, False, desk.window)
    picked: list[Picked] = []
    picker.picked.connect(picked.append)
    picker.show()
    QTest.keyClicks(picker.field, "Vektor-Agro LLC")
    desk.settle(300)
    assert picker.matches.isVisible()
    picker.matches.list.opened.emit(picker.matches.list.item(0))
    assert picked[0].id == desk.key(VECTOR)


def test_a_new_deal_warns_of_an_open_one(desk: Desk) -> None:
    form = NewDealForm("New request", desk.window, desk.context)
    chosen: list[int] = []
    form.deal_wanted.connect(chosen.append)
    form.open_under(desk.page.table)
    QTest.keyClicks(form.title, "Trench for Gromov")
    desk.settle(300)
    assert form.matches is not None
    assert form.matches.title.text() == "An open deal with Pavel Gromov exists"
    form.matches.list.opened.emit(form.matches.list.item(0))
    assert chosen[0] in {deal.id for deal in desk.view(desk.key("Pavel Gromov")).deals}


# -- merging ---------------------------------------------------------------------------------------


def test_duplicates_are_merged_field_by_field_and_taken_back(desk: Desk) -> None:
    other = desk.add("ООО Vector Agro", phones=("+7 912 555-01-99",), tax_number="7707083893")
    key = desk.key(VECTOR)
    desk.click("clients-duplicates")
    desk.settle(400)
    view = desk.page.duplicates.merge
    assert desk.page.duplicates.list.count() == 1
    model = view.table.merge
    rows = {model.text(row, 0): row for row in range(model.rowCount())}
    view.table.setCurrentIndex(model.index(rows["Name"], 2))
    desk.press(Qt.Key.Key_Space, view.table)
    assert model.choices["name"] == other
    desk.click("duplicates-merge-ok")
    desk.settle(400)
    merged = desk.view(other)
    assert (merged.id, merged.name, merged.tax_number) == (key, "ООО Vector Agro", "7707083893")
    assert desk.page.duplicates.empty.isVisible()
    desk.undo()
    assert desk.view(key).name == VECTOR
    assert not desk.view(other).deleted


def test_another_one_may_stay(desk: Desk) -> None:
    other = desk.add("Zeta")
    desk.page.show_merge("client", [desk.key(VECTOR), other])
    desk.settle(200)
    table = desk.page.merge.table
    assert table.merge.stays == desk.key(VECTOR)
    table.take(table.merge.index(0, 2))
    desk.settle(200)
    assert table.merge.stays == other
    QTest.keyClick(table, ENTER, CTRL)
    desk.settle(400)
    assert desk.page.stack.currentWidget() is desk.page.splitter
    assert desk.panel.title.value() == "Zeta"
    assert len(desk.view(other).deals) == 2


def test_different_clients_are_kept_apart(desk: Desk) -> None:
    desk.add("Vector Agro LLC")
    desk.page.show_duplicates()
    desk.settle(400)
    desk.click("duplicates-merge-apart")
    desk.settle(500)
    assert desk.page.duplicates.list.count() == 0


def test_open_deals_are_merged(desk: Desk) -> None:
    desk.click_row(VECTOR)
    desk.click("client-deals-merge")
    desk.settle(200)
    model = desk.page.merge.table.merge
    assert desk.page.merge.title.text() == "Merge 2 deals into one"
    desk.click("merge-ok")
    desk.settle(300)
    view = desk.view(desk.key(VECTOR))
    assert [deal.id for deal in view.deals] == [model.stays]
    desk.undo()
    assert len(desk.view(desk.key(VECTOR)).deals) == 2


# -- the rest --------------------------------------------------------------------------------------


def test_every_word_changes_with_the_language(desk: Desk) -> None:
    desk.click_row(VECTOR)
    desk.context.set_language("ru")
    desk.page.retranslate()
    desk.settle(100)
    assert desk.page.table.accessibleName() == desk.page.title.text()
    QApplication.processEvents()
    assert desk.problems == []


def test_ten_thousand_clients_are_read_by_pages(desk: Desk) -> None:
    with desk.story.store.command("test", now=desk.story.now) as tx:
        tx.insert("client", [
            {"kind": "company", "name": f"Company {n:05}", "name_key": f"company {n:05}"}
            for n in range(10_000)
        ])  # fmt: skip
    desk.settle(700)
    model = desk.page.model
    assert model.rowCount() == 10_002
    assert len(model._rows) < 400
    desk.page.table.scrollToBottom()
    desk.settle(100)
    desk.page.table.viewport().grab()
    desk.settle(100)
    assert model.line(10_000) is not None


def test_one_of_three_is_left_out_of_a_merge(desk: Desk) -> None:
    keys = [desk.key(VECTOR), desk.add("Zeta"), desk.add("Eta")]
    desk.page.show_merge("client", keys)
    desk.settle(100)
    view = desk.page.merge
    table = view.table
    assert table.merge.preview is not None
    place = [member.name for member in table.merge.preview.members].index("Eta") + 1
    table.setCurrentIndex(table.merge.index(0, place))
    assert view.drop_button.text() == "Leave out “Eta”"
    desk.click("merge-drop")
    assert not view.drop_button.isVisible()
    desk.click("merge-ok")
    assert sorted(desk.names()) == ["Eta", "Pavel Gromov", VECTOR]


def test_links_to_a_merged_client_lead_to_the_one_that_stays(desk: Desk) -> None:
    other = desk.add("Zeta")
    merging.merge_clients(
        desk.story.store, desk.key(VECTOR), [other], person=None, now=desk.story.now
    )
    desk.page.show_item(other)
    desk.settle(200)
    assert desk.panel.title.value() == VECTOR


def test_deals_merged_from_the_board_lead_back_to_it(desk: Desk) -> None:
    deals = tuple(deal.id for deal in desk.view(desk.key(VECTOR)).deals)
    desk.page.show_item(("merge_deals", deals))
    desk.settle(100)
    stays = desk.page.merge.table.merge.stays
    desk.click("merge-ok")
    assert desk.asked[-1] == ("board", stays)
    desk.page.show_item(("merge", [desk.key(VECTOR), desk.add("Zeta")]))
    desk.settle(100)
    desk.click("merge-cancel")
    assert desk.asked[-1] == ("board", stays)


def test_a_phone_that_another_one_has_is_warned_of_while_typed(desk: Desk) -> None:
    desk.add("Zeta", phones=("8 (812) 333-44-55",))
    desk.click_row(VECTOR)
    assert not desk.panel.matches.isVisible()
    desk.click("client-add-phone")
    editor = desk.child("client-new-phone-editor")
    QTest.keyClicks(editor, "+7 812 3334455")
    desk.settle()
    assert desk.panel.matches.isVisible()
    assert desk.panel.matches.list.item(0).text == "Zeta"
