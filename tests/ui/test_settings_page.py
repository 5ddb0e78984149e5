"""The settings by mouse and keyboard, on a real workspace."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salesdesk import text
from salesdesk.services import (
    days_off,
    lists,
    people,
    pipelines,
    settings,
    stage_points,
    task_rules,
)
from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.remember import Remember
from salesdesk.ui.settings.cells import Token
from salesdesk.ui.settings.panel import SECTIONS
from salesdesk.ui.settings.section import Row
from tests.builders import empty_store
from tests.ui.board_desk import Desk
from tests.ui.board_story import NOW
from tests.ui.settings_desk import DELETE, DOWN, ENTER, ESC, Office, cell, grid, made, office

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

ALT = Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize("key", [key for key, _title, _class in SECTIONS])
def test_every_section_of_a_workspace_without_anything_in_it(
    qtbot: QtBot, tmp_path: Path, key: str
) -> None:
    with empty_store(tmp_path) as store:
        context = Context(store, Writer(store), lambda: NOW, Remember(tmp_path / "w.ini"))
        empty = Office(qtbot, Desk(store, 0, {}, []), context)
        empty.open(key)
        assert empty.page.section().isVisible()
        assert empty.page.pipeline.isHidden()
        assert not empty.problems
        context.close()


def test_a_stage_is_renamed_by_keys_and_undone(office: Office) -> None:
    office.open("pipelines")
    key = office.desk.stages["Meeting held"]
    office.type(f"settings-stage-{key}-name", "Talk held")
    assert office.stage("Meeting held").name == "Talk held"
    assert office.said[-1].action == "Undo"
    office.context.undo()
    office.settle()
    assert office.entry(f"settings-stage-{key}-name").text() == "Meeting held"


def test_what_is_not_valid_is_said_while_typed_and_never_kept(office: Office) -> None:
    office.open("pipelines")
    name = f"settings-stage-{office.desk.stages['Meeting held']}"
    office.type(f"{name}-probability", "150")
    assert "100" in office.wrong(name)
    assert office.entry(f"{name}-probability").editing()
    assert office.stage("Meeting held").probability == 50
    QTest.keyClick(office.child(f"{name}-probability"), ESC)
    assert office.wrong(name) == ""
    office.type(f"{name}-probability", "55")
    assert office.stage("Meeting held").probability == 55
    office.type(f"{name}-limit", "")
    assert office.stage("Meeting held").limit_days is None


def test_a_refusal_stands_where_it_was_asked_for(office: Office) -> None:
    office.open("pipelines")
    held = f"settings-stage-{office.desk.stages['Meeting held']}"
    office.type(f"{held}-name", "Won")
    assert "Won" in office.wrong(held)
    assert office.entry(f"{held}-name").text() == "Meeting held"
    assert "remove" not in office.actions(held)  # deals stand there
    assert not office.problems
    assert office.order().count("Meeting held") == 1


def test_stages_are_put_in_order_by_buttons_and_keys(office: Office) -> None:
    office.open("pipelines")
    first, second = (office.desk.stages[name] for name in ("New request", "Meeting scheduled"))
    office.act(f"settings-stage-{first}", "down")
    assert office.order()[:2] == ["Meeting scheduled", "New request"]
    field = office.child(f"settings-stage-{second}-name")
    field.setFocus()
    QTest.keyClick(field, DOWN, ALT)
    office.settle()
    assert office.order()[:2] == ["New request", "Meeting scheduled"]
    assert office.window.focusWidget() is field


def test_stages_and_pipelines_are_added_coloured_and_deleted(office: Office) -> None:
    office.open("pipelines")
    block = f"settings-pipeline-{office.desk.pipeline}"
    office.type(f"{block}-stage-name", "Estimate")
    added = next(each for each in office.ask(pipelines.stages) if each.name == "Estimate"
                 and each.pipeline_id == office.desk.pipeline)  # fmt: skip
    assert office.order()[-3:] == ["Estimate", "Won", "Lost"]
    office.click(f"settings-stage-{added.id}-colour")
    office.pick("Violet")
    office.click(f"settings-stage-{added.id}-milestone")
    office.pick("Contract signed")
    stage = office.ask(pipelines.stage_of, added.id)
    assert (stage.colour, stage.milestone) == ("violet", "contract_signed")
    office.act(f"settings-stage-{added.id}", "remove")
    assert "Estimate" not in office.order()
    office.type("settings-pipeline-name", "Service")
    assert [each.name for each in office.ask(pipelines.pipelines)][-1] == "Service"
    office.click(f"{block}-counts")
    assert not office.ask(pipelines.pipelines)[0].counts


def test_a_change_from_elsewhere_keeps_what_is_being_typed(office: Office) -> None:
    office.open("pipelines")
    held = office.desk.stages["Meeting held"]
    office.type(f"settings-stage-{held}-name", "Talk", end=None)
    pipelines.change_stage(
        office.store, held, {"probability": 61, "name": "Met"}, person=None, now=NOW
    )
    office.settle()
    assert office.entry(f"settings-stage-{held}-name").text() == "Talk"
    assert office.entry(f"settings-stage-{held}-probability").text().startswith("61")


def draft(office: Office, title: str, stage: str) -> None:
    """Draft a task rule and save it."""
    office.click("settings-rule-add")
    office.click("settings-rule-draft-in")
    office.pick(stage)
    office.click("settings-rule-draft-title")
    field = office.form().findChild(QLineEdit, "settings-rule-draft-task-text")
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, title)
    QTest.keyClick(field, ENTER)
    office.settle()
    office.click("settings-rule-draft-keep")


def test_task_rules_are_sentences(office: Office) -> None:
    office.open("rules")
    before = len(office.rules())
    draft(office, "Send the offer", "Meeting held")
    assert len(office.rules()) == before + 1
    rule = next(each for each in office.rules() if each.title == "Send the offer")
    name = f"settings-rule-{rule.id}"
    sentence = office.child(f"{name}-sentence")
    assert sentence.accessibleName() == (
        "When a deal enters Meeting held, create Send the offer for the responsible person, "
        "due 1 working day after the move. On leaving: keep."
    )
    office.click(f"{name}-who")
    office.pick("the supervisor")
    office.click(f"{name}-leave")
    office.pick("must be done")
    office.click(f"{name}-due")
    form = office.form()
    amount = form.findChild(QLineEdit, f"{name}-when-amount")
    assert amount is not None
    amount.selectAll()
    QTest.keyClicks(amount, "3")
    office.click(f"{name}-when-unit-hours", form)
    office.click(f"{name}-when-save", form)
    rule = next(each for each in office.rules() if each.id == rule.id)
    assert (rule.assignee_rule, rule.must_be_done) == ("supervisor", True)
    assert (rule.amount, rule.unit, rule.due_rule) == (3, "hours", "after_move")
    assert "due 3 hours after the move. On leaving: must be done." in sentence.accessibleName()
    office.click(f"{name}-leave")
    office.pick("cancel")
    rule = next(each for each in office.rules() if each.id == rule.id)
    assert (rule.leave_policy, rule.must_be_done) == ("cancel", False)
    office.act(name, "remove")
    assert len(office.rules()) == before
    office.context.undo()
    office.settle()
    assert len(office.rules()) == before + 1


def test_a_task_rule_names_a_person_a_kind_and_another_stage(office: Office) -> None:
    kind = lists.add(office.store, "task_kinds", "Paper", person=None, now=NOW).id
    office.open("rules")
    draft(office, "Call the office", "Meeting held")
    rule = next(each for each in office.rules() if each.title == "Call the office")
    name = f"settings-rule-{rule.id}"
    office.click(f"{name}-who")
    office.pick("Anna Orlova")
    office.click(f"{name}-in")
    office.pick("Advance paid")
    office.click(f"{name}-title")
    form = office.form()
    title = form.findChild(QLineEdit, f"{name}-task-text")
    assert title is not None
    title.selectAll()
    QTest.keyClick(title, DELETE)
    QTest.keyClick(title, ENTER)
    assert office.form() is form  # an empty title does not close it
    QTest.keyClicks(title, "Sign the papers")
    office.click(f"{name}-task-kind", form)
    office.pick("Paper")
    office.click(f"{name}-task-save", form)
    rule = next(each for each in office.rules() if each.id == rule.id)
    assert (rule.title, rule.kind_id) == ("Sign the papers", kind)
    assert (rule.assignee_rule, rule.assignee_id) == ("person", office.desk.people[1])
    assert rule.stage_id == office.desk.stages["Advance paid"]


def test_points_hold_from_a_date_on_or_for_all_time(office: Office) -> None:
    office.open("points")
    stage = office.desk.stages["Meeting held"]
    today = office.store.zone.day_of(NOW)
    name = f"settings-points-{stage}-value"
    office.type("settings-points-day", "+3")
    office.type(name, "4,5")
    found = office.ask(stage_points.points_history, stage)
    assert [(each.valid_from, each.points) for each in found][-1] == (today + 3, Decimal("4.5"))
    assert office.entry(name).text() == "0"  # what holds today
    office.click("settings-points-since-always")
    office.type(name, "2")
    found = office.ask(stage_points.points_history, stage)
    assert [(each.valid_from, each.points) for each in found] == [(None, Decimal(2))]
    assert office.entry(name).text() == "2"
    office.click("settings-skipped")
    assert office.ask(settings.get, settings.COUNT_SKIPPED)


def test_working_hours_and_own_days_off(office: Office) -> None:
    office.open("calendar")
    office.type("settings-hours-from", "8:30")
    assert office.ask(settings.get, settings.WORKING_HOURS) == (510, 1080)
    office.type("settings-hours-to", "7")
    assert office.ask(settings.get, settings.WORKING_HOURS) == (510, 1080)
    office.click("settings-country")
    office.pick("Germany")
    assert office.ask(settings.get, settings.COUNTRY) == "DE"
    day = date.fromordinal(office.store.zone.day_of(NOW)).replace(month=12, day=23)
    office.type("settings-day-off-day", f"{day:%d.%m.%Y}")
    office.type("settings-day-off-name", "Office party")
    found = office.ask(days_off.days_off, day.toordinal(), day.toordinal())
    own = next(each for each in found if each.origin == days_off.TEAM)
    assert own.name == "Office party"
    office.click(f"settings-day-off-{own.id}-remove")
    found = office.ask(days_off.days_off, day.toordinal(), day.toordinal())
    assert not [each for each in found if each.origin == days_off.TEAM]


def test_lists_and_rates(office: Office) -> None:
    office.open("lists")
    office.type("settings-lost_reasons-name", "Robot")
    reason = office.ask(lists.find, "lost_reasons", "Robot")
    office.click(f"settings-lost_reasons-{reason.id}-not_refusal")
    assert office.ask(lists.find, "lost_reasons", "Robot").values["not_refusal"] is True
    office.type("settings-lost_reasons-name", "robot")
    assert "already" in office.child("settings-lost_reasons").findChildren(QLabel)[-1].text()
    office.click("settings-list-task_kinds")
    office.type("settings-task_kinds-name", "Visit")
    kind = office.ask(lists.find, "task_kinds", "Visit")
    office.click(f"settings-task_kinds-{kind.id}-icon")
    office.pick("Meeting")
    assert office.ask(lists.find, "task_kinds", "Visit").values["icon"] == "calendar"
    office.click("settings-list-currencies")
    office.type("settings-rate-code", "usd", end=None)
    office.type("settings-rate-value", "91,5")
    assert [(each.currency, each.rate) for each in office.ask(settings.rates)] == [
        ("USD", Decimal("91.5"))
    ]


def test_what_a_role_may_not_do_is_not_offered(office: Office) -> None:
    store, by = office.store, {"person": None, "now": NOW}
    people.change_person(store, office.desk.people[2], {"role": "manager"}, **by)  # type: ignore[arg-type]
    office.open("pipelines")
    assert office.child("settings-refused").isHidden()
    office.context.set_person(office.desk.people[2], "Ivan Petrov", "manager")
    office.settle()
    assert office.child("settings-refused").isVisible()
    name = f"settings-stage-{office.desk.stages['Meeting held']}-name"
    assert not office.child(name).isEnabled()
    office.open("plans")
    table = grid(office, "settings-plans-grid")
    cell(table, "Maria Kim", 1)
    assert not table.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable
    office.open("appearance")
    assert office.child("settings-theme-dark").isEnabled()


def test_language_and_theme_hold_at_once(office: Office) -> None:
    section = office.open("appearance")
    office.click("settings-theme-dark")
    assert theme.current().is_dark
    chip = office.child("settings-language-ru")
    chip.setFocus()
    office.context.language_changed.connect(office.page.retranslate)
    office.click("settings-language-ru")
    try:
        assert text.language() == "ru"
        assert office.page.section() is not section
        assert office.window.focusWidget() is office.child("settings-language-ru")
        assert office.page.sections.item(0).text() == text.tr("People and teams")
    finally:
        office.context.set_language("en")
        theme.set_mode("light")
        office.settle()


def test_the_configuration_goes_out_and_comes_in(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "desk.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    office.open("pipelines")
    office.page.export_button.click()
    office.settle()
    content = file.read_text(encoding="utf-8")
    assert "Turnkey services" in content
    for _ in range(2):  # the first time it writes down what had never been set
        office.page.import_button.click()
        office.settle()
    assert "nothing was changed" in office.said[-1].text
    file.write_text(content.replace("Meeting held", "Talk held"), encoding="utf-8")
    office.page.import_button.click()
    office.settle()
    assert "Talk held" in office.order()
    file.write_text("[[pipelines", encoding="utf-8")
    office.page.import_button.click()
    office.settle()
    assert "ends too early" in office.problems[-1].message
    file.write_bytes(b"\xff\xfe\x00\x01")
    office.page.import_button.click()
    office.settle()
    assert "UTF-8" in office.problems[-1].message


def test_a_backup_is_made_now(office: Office) -> None:
    office.open("backups")
    office.click("settings-backup-now")
    office.settle()
    button = office.page.section().findChild(QAbstractButton, "settings-backup-now")
    assert isinstance(button, QAbstractButton)
    assert button.hasFocus()
    assert "Backup made and verified" in office.said[-1].text
    assert len(office.page.section().findChildren(Row)) == 1


@pytest.mark.parametrize("key", [key for key, _title, _class in SECTIONS])
def test_everything_has_a_name_and_fits(office: Office, key: str) -> None:
    section = office.open(key)
    interactive = (QAbstractButton, QLineEdit, QAbstractItemView)
    for widget in section.findChildren(QWidget):
        if isinstance(widget, QHeaderView):
            continue  # Qt's own, named by its table
        if isinstance(widget, interactive) and not widget.objectName().startswith("qt_"):
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()
    area = office.page._made[key]
    assert area.horizontalScrollBar().maximum() == 0
    assert not [each for each in section.findChildren(Token) if each.isVisible() and not
                each.text()]  # fmt: skip


def test_sections_are_walked_by_keys_and_remembered(office: Office) -> None:
    office.page.sections.setFocus()
    QTest.keyClick(office.page.sections, DOWN)
    QTest.keyClick(office.page.sections, DOWN)
    assert office.page.sections.currentRow() == 2
    assert office.context.remember.text("settings/section") == SECTIONS[2][0]


def test_rules_of_other_kinds_are_told_as_they_are(office: Office) -> None:
    rule = task_rules.TaskRule(
        0, office.desk.stages["Meeting held"], "Check the payment", due_rule="before_date",
        amount=2, date_field="expected_day", assignee_rule="supervisor", leave_policy="cancel",
    )  # fmt: skip
    key = task_rules.add_task_rule(office.store, rule, person=None, now=NOW).id
    office.open("rules")
    assert office.child(f"settings-rule-{key}-sentence").accessibleName() == (
        "When a deal enters Meeting held, create Check the payment for the supervisor, "
        "due 2 days before Expected close date. On leaving: cancel."
    )


def test_nothing_is_offered_that_would_be_refused(office: Office) -> None:
    office.open("pipelines")
    name = f"settings-stage-{office.desk.stages['Meeting held']}"
    assert office.child(f"{name}-actions").isEnabled()
    office.context.set_person(None, "", "")
    people.change_person(office.store, office.desk.people[2], {"role": "manager"}, person=None,
                         now=NOW)  # fmt: skip
    office.context.set_person(office.desk.people[2], "Ivan Petrov", "manager")
    office.settle()
    assert not office.child(f"{name}-actions").isEnabled()
    assert not office.child("settings-pipeline").isVisible()
    office.context.set_person(office.desk.people[0], "Maria Kim", "admin")
    office.settle()
    assert office.child(f"{name}-actions").isEnabled()


def test_a_list_is_put_in_order_by_dragging(office: Office) -> None:
    office.open("lists")
    ids = [item.id for item in office.ask(lists.items, "lost_reasons")]
    grips = [office.child(f"settings-lost_reasons-{key}-grip") for key in ids]
    start = grips[0].rect().center()
    below = grips[0].mapFromGlobal(grips[2].mapToGlobal(grips[2].rect().bottomLeft()))
    QTest.mousePress(grips[0], Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(grips[0], start + QPoint(0, 20))
    QTest.mouseMove(grips[0], below)
    QTest.mouseRelease(grips[0], Qt.MouseButton.LeftButton, pos=below)
    office.settle()
    order = [item.id for item in office.ask(lists.items, "lost_reasons")]
    assert order == [*ids[1:3], ids[0], *ids[3:]]
    grip = office.child(f"settings-lost_reasons-{ids[0]}-grip")
    QTest.mousePress(grip, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(grip, start - QPoint(0, 90))
    QTest.keyClick(grip, ESC)
    QTest.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=start - QPoint(0, 90))
    office.settle()
    assert [item.id for item in office.ask(lists.items, "lost_reasons")] == order
    office.context.undo()
    office.settle()
    assert [item.id for item in office.ask(lists.items, "lost_reasons")] == ids


def test_services_of_contractors_and_fields_on_the_card(office: Office) -> None:
    office.open("lists")
    office.click("settings-list-services")
    office.type("settings-services-name", "Road transport")
    office.type("settings-services-name", "Crane")
    service = office.ask(lists.find, "services", "Crane")
    office.click(f"settings-services-{service.id}-up")
    assert [item.name for item in office.ask(lists.items, "services")] == [
        "Crane", "Road transport"
    ]  # fmt: skip
    office.click("settings-list-deal_fields")
    office.type("settings-fields-deal-name", "Weight")
    field = office.ask(lists.find, "fields", "Weight")
    office.click(f"settings-field-{field.id}-on_card")
    assert office.ask(lists.find, "fields", "Weight").values["on_card"] is True
    office.context.undo()
    office.settle()
    assert office.ask(lists.find, "fields", "Weight").values["on_card"] is False
    office.click("settings-list-client_fields")
    office.type("settings-fields-client-name", "Fleet")
    fleet = office.ask(lists.find, "fields", "Fleet")
    assert office.page.findChild(QWidget, f"settings-field-{fleet.id}-on_card") is None
