"""What stages ask for, own fields, and links between pipelines, in the settings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from salesdesk.services import lists, people, pipelines
from salesdesk.ui.settings.asks import AsksForm, words
from tests.ui.board_story import NOW
from tests.ui.settings_desk import ENTER, ESC, Office, made, office

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]


def asks(office: Office, stage: str) -> AsksForm:
    """The form that says what a stage asks for."""
    office.click(f"settings-stage-{office.desk.stages[stage]}-asks")
    form = office.form()
    assert isinstance(form, AsksForm)
    return form


def test_fields_and_a_share_are_asked_for_as_one_command(office: Office) -> None:
    lists.add(
        office.store, "fields", "Machine", {"subject": "deal", "kind": "text"}, person=None, now=NOW
    )
    office.open("pipelines")
    before = office.store.last_txn()
    form = asks(office, "Contract signed")
    for name in ("amount", "Machine"):
        form.flags[name].click()
    form.percent.setFocus()
    QTest.keyClicks(form.percent, "30")
    form.close()
    office.settle()
    stage = office.stage("Contract signed")
    assert (stage.required, stage.paid_percent) == (("amount", "Machine"), 30)
    assert words(stage) == "30% paid, Amount, Machine"
    assert office.store.last_txn() == before + 1
    office.context.undo()
    office.settle()
    assert office.stage("Contract signed").required == ()


def test_enter_saves_a_share_and_a_wrong_one_is_told(office: Office) -> None:
    office.open("pipelines")
    form = asks(office, "Contract signed")
    form.percent.setFocus()
    QTest.keyClicks(form.percent, "300")
    assert form.problem.isVisible()
    office.click("settings-asks-ok")
    assert form.isVisible()
    assert form.percent.hasFocus()
    QTest.keyClick(form.percent, Qt.Key.Key_Backspace)
    assert not form.problem.isVisible()
    QTest.keyClick(form.percent, ENTER)
    office.settle()
    assert office.stage("Contract signed").paid_percent == 30


def test_the_title_of_what_a_stage_asks_for_has_room(office: Office) -> None:
    stage, name = office.desk.stages["Contract signed"], "Contract with the contractor signed"
    pipelines.change_stage(office.store, stage, {"name": name}, person=None, now=NOW)
    office.open("pipelines")
    form = asks(office, "Contract signed")
    title = form.findChild(QLabel)
    assert isinstance(title, QLabel)
    assert title.wordWrap()
    assert title.heightForWidth(title.width()) <= title.height()


def test_esc_leaves_it_as_it_was(office: Office) -> None:
    office.open("pipelines")
    form = asks(office, "Contract signed")
    form.flags["amount"].click()
    QTest.keyClick(form, ESC)
    office.settle()
    assert office.stage("Contract signed").required == ()


def test_an_own_field_is_made_chosen_from_and_removed(office: Office) -> None:
    office.open("lists")
    office.click("settings-list-deal_fields")
    office.type("settings-fields-deal-name", "Machine")
    [field] = office.ask(lists.items, "fields")
    assert (field.name, field.values["subject"], field.values["kind"]) == (
        "Machine",
        "deal",
        "text",
    )
    office.click(f"settings-field-{field.id}-kind")
    office.pick("One of a list")
    office.type(f"settings-field-{field.id}-options", "Crane; Loader;  Crane")
    [field] = office.ask(lists.items, "fields")
    assert field.values["options"] == ["Crane", "Loader"]
    office.click(f"settings-field-{field.id}-remove")
    assert office.ask(lists.items, "fields") == []


def test_fields_of_clients_stand_apart(office: Office) -> None:
    office.open("lists")
    office.click("settings-list-client_fields")
    office.type("settings-fields-client-name", "Fleet")
    office.type("settings-fields-client-name", "Owner")
    fields = office.ask(lists.items, "fields")
    assert {field.values["subject"] for field in fields} == {"client"}
    office.click(f"settings-field-{fields[1].id}-up")
    assert [field.name for field in office.ask(lists.items, "fields")] == ["Owner", "Fleet"]


def test_who_may_not_configure_only_sees_it(office: Office) -> None:
    values = {"role": "manager"}
    people.change_person(office.store, office.desk.people[2], values, person=None, now=NOW)
    office.context.set_person(office.desk.people[2], "Ivan Petrov", "manager")
    office.open("lists")
    office.click("settings-list-deal_fields")
    field = office.child("settings-fields-deal-name")
    assert isinstance(field, QLineEdit)
    assert not field.isVisible()
    QTest.keyClick(office.page, ENTER)
