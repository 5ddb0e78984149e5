"""An administrator's whole day, by mouse and by keyboard alone."""

from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from salesdesk.moments import month_of
from salesdesk.services import (
    lists,
    pins,
    pipelines,
    ranking_plans,
    settings,
    stage_points,
    task_rules,
)
from salesdesk.ui import theme
from tests.e2e.days import Day, day, keys_alone, office
from tests.e2e.desk import CTRL, HELD, KEY, SIGNED

__all__ = ["day", "keys_alone", "office"]


def stage(day: Day, name: str) -> int:
    with day.store.read() as r:
        return pipelines.find_stage(r, None, name).id


@pytest.mark.usefixtures("russian")
def test_an_admins_day_by_mouse(day: Day, tmp_path: Path) -> None:
    day.take("who-list", "Anna Orlova")
    day.press("nav-settings")
    somebody_new_by_mouse(day)
    stages_by_mouse(day)
    points_by_mouse(day)
    a_rule_by_mouse(day)
    lists_by_mouse(day)
    plans_by_mouse(day)
    the_configuration_by_mouse(day, tmp_path)
    a_backup_by_mouse(day)
    language_and_theme_by_mouse(day)
    another_person_by_mouse(day)


def section(day: Day, title: str) -> None:
    day.take("settings-sections", title)


def somebody_new_by_mouse(day: Day) -> None:
    section(day, "People and teams")
    day.fill("settings-person-name", "Pavel Lisin")
    day.press("settings-person-add")
    assert day.toast() == "Pavel Lisin added"
    day.shows("settings-person-role-value", "Manager")
    day.press("settings-person-role-value")
    day.pick("Team lead")
    day.press("settings-person-team_id-value")
    day.pick("South")
    row = "SELECT role || ' ' || team_id FROM person WHERE name = 'Pavel Lisin'"
    assert day.one(row) == f"team_lead {day.office.ids['South']}"
    day.press("settings-managers-see")
    day.pick("team")
    with day.store.read() as r:
        assert settings.get(r, settings.MANAGERS_SEE) == "team"


def stages_by_mouse(day: Day) -> None:
    section(day, "Pipelines")
    held = f"settings-stage-{stage(day, HELD)}"
    day.fill(f"{held}-limit", "3", KEY.Key_Return)
    day.press(f"{held}-asks")
    day.press("settings-asks-amount")
    day.fill("settings-asks-percent", "10")
    day.press("settings-asks-ok")
    with day.store.read() as r:
        found = pipelines.stage_of(r, stage(day, HELD))
    assert (found.limit_days, list(found.required), found.paid_percent) == (3, ["amount"], 10)


def points_by_mouse(day: Day) -> None:
    section(day, "Points")
    signed = stage(day, SIGNED)
    day.fill("settings-points-day", "01.12.2026", KEY.Key_Return)
    day.fill(f"settings-points-{signed}-value", "9", KEY.Key_Return)
    with day.store.read() as r:
        found = [(p.valid_from, p.points) for p in stage_points.points_history(r, signed)]
    assert found[-1][1] == Decimal(9)
    assert "earns 9 from" in day.toast()
    assert "from 1" in day.texts()
    assert "9" in day.texts()


def a_rule_by_mouse(day: Day) -> None:
    section(day, "Tasks and links")
    day.press("settings-rule-add")
    day.press("settings-rule-draft-in")
    day.pick(SIGNED)
    day.press("settings-rule-draft-title")
    day.fill("settings-rule-draft-task-text", "Check the papers", KEY.Key_Return)
    day.press("settings-rule-draft-keep")
    with day.store.read() as r:
        rule = next(one for one in task_rules.task_rules(r) if one.title == "Check the papers")
    assert rule.stage_id == stage(day, SIGNED)
    day.press(f"settings-rule-{rule.id}-who")
    day.pick("the supervisor")
    with day.store.read() as r:
        rule = next(one for one in task_rules.task_rules(r) if one.id == rule.id)
    assert rule.assignee_rule == "supervisor"


def lists_by_mouse(day: Day) -> None:
    section(day, "Lists")
    day.press("settings-list-lost_reasons")
    day.fill("settings-lost_reasons-name", "Robot")
    day.press("settings-lost_reasons-add")
    with day.store.read() as r:
        reason = lists.find(r, "lost_reasons", "Robot")
    day.press(f"settings-lost_reasons-{reason.id}-not_refusal")
    with day.store.read() as r:
        assert lists.find(r, "lost_reasons", "Robot").values["not_refusal"] is True
    day.press("settings-list-deal_fields")
    day.fill("settings-fields-deal-name", "Delivery")
    day.press("settings-fields-deal-add")
    field = day.one("SELECT id FROM custom_field WHERE name = 'Delivery'")
    day.press(f"settings-field-{field}-kind")
    day.pick("One of a list")
    day.fill(f"settings-field-{field}-options", "By road; By rail", KEY.Key_Return)
    with day.store.read() as r:
        values = lists.find(r, "fields", "Delivery").values
    assert (values["kind"], list(values["options"])) == ("choice", ["By road", "By rail"])


def plans_by_mouse(day: Day) -> None:
    section(day, "Plans and norms")
    view = day.view("settings-plans-grid")
    month = month_of(day.store.zone.day_of(day.clock()))
    row = day.row_of("settings-plans-grid", "Maria Kim")
    index = row.siblingAtColumn(1 + month % 12)
    view.scrollTo(index)
    day.bring(view, view.visualRect(index).center())
    day.click_at(view.viewport().mapToGlobal(view.visualRect(index).center()))
    day.write("40")
    day.go(KEY.Key_Return)
    maria = day.office.ids["Maria Kim"]
    with day.store.read() as r:
        found = [plan.value for plan in ranking_plans.plans(r, month) if plan.person_id == maria]
    assert found == [40]


def the_configuration_by_mouse(day: Day, folder: Path) -> None:
    file = folder / "desk.toml"
    day.in_dialog(lambda: day.press("settings-export"), file)
    content = file.read_text(encoding="utf-8")
    assert "Check the papers" in content
    file.write_text(content.replace("Meeting held", "Talk held"), encoding="utf-8")
    day.in_dialog(lambda: day.press("settings-import"), file)
    assert day.toast().startswith("Configuration imported: ")
    assert stage(day, "Talk held")
    day.press("undo")
    assert stage(day, HELD)


def a_backup_by_mouse(day: Day) -> None:
    section(day, "Backups")
    day.press("settings-backup-now")
    day.until(lambda: "Backup made and verified" in day.toast(), 10)


def language_and_theme_by_mouse(day: Day) -> None:
    section(day, "Appearance")
    day.press("settings-theme-dark")
    assert theme.current().name == "dark"
    day.press("settings-language-ru")
    assert "Настройки" in day.texts()
    assert "Задачи" in day.says("nav-tasks")
    day.press("settings-language-en")
    day.press("settings-theme-light")


def another_person_by_mouse(day: Day) -> None:
    day.press("rail-who")
    day.pick("Give me a PIN")
    day.fill("pin-first", "2468")
    day.fill("pin-again", "2468")
    day.press("pin-keep")
    assert day.toast() == "Your PIN is kept"
    day.press("rail-who")
    day.pick("Another person works here")
    day.take("who-list", "Pavel Lisin")
    assert day.context.person_name == "Pavel Lisin"
    day.press("rail-who")
    day.pick("Another person works here")
    day.take("who-list", "Anna Orlova")
    day.fill("who-pin", "1111")
    day.press("who-choose")
    day.shows("who-wrong", "This is not the PIN of Anna Orlova.")
    assert day.context.person_name == "Pavel Lisin"
    day.fill("who-pin", "2468")
    day.press("who-choose")
    assert day.context.person_name == "Anna Orlova"
    with day.store.read() as r:
        assert pins.has_pin(r, day.office.ids["Anna Orlova"])


@pytest.mark.usefixtures("russian", "keys_alone")
def test_an_admins_day_by_keyboard_alone(day: Day, tmp_path: Path) -> None:
    day.walk_to("Anna Orlova")
    day.go(KEY.Key_Return)
    day.page("settings")
    assert day.focus() == "settings-sections"
    somebody_new_by_keys(day)
    stages_by_keys(day)
    points_by_keys(day)
    a_rule_by_keys(day)
    lists_by_keys(day)
    plans_by_keys(day)
    the_configuration_by_keys(day, tmp_path)
    a_backup_by_keys(day)
    language_and_theme_by_keys(day)
    another_person_by_keys(day)


def to_section(day: Day, title: str) -> None:
    """Leave what is open for another page and come back: the sections have the keyboard then."""
    day.page("board")
    day.page("settings")
    assert day.focus() == "settings-sections"
    day.walk_to(title)
    day.settle()


def at(day: Day, name: str, text: str, end: Qt.Key = KEY.Key_Return) -> None:
    """Walk to a field and type over it."""
    day.tab_to(name, 200)
    day.over(text, end)


def choose(day: Day, name: str, words: str) -> None:
    """Walk to a button that opens a list, and choose from it."""
    day.tab_to(name, 200)
    day.go(KEY.Key_Return)
    day.pick_by_keys(words)


def somebody_new_by_keys(day: Day) -> None:
    day.walk_to("People and teams")
    choose(day, "settings-managers-see", "team")
    at(day, "settings-person-name", "Pavel Lisin")
    assert day.toast() == "Pavel Lisin added"
    choose(day, "settings-person-role-value", "Team lead")
    choose(day, "settings-person-team_id-value", "South")
    row = "SELECT role || ' ' || team_id FROM person WHERE name = 'Pavel Lisin'"
    assert day.one(row) == f"team_lead {day.office.ids['South']}"


def stages_by_keys(day: Day) -> None:
    to_section(day, "Pipelines")
    held = f"settings-stage-{stage(day, HELD)}"
    at(day, f"{held}-limit", "3")
    day.tab_to(f"{held}-asks")
    day.go(KEY.Key_Return)
    day.tab_to("settings-asks-amount")
    day.go(KEY.Key_Space)
    at(day, "settings-asks-percent", "10")  # Enter there saves
    with day.store.read() as r:
        found = pipelines.stage_of(r, stage(day, HELD))
    assert (found.limit_days, list(found.required), found.paid_percent) == (3, ["amount"], 10)


def points_by_keys(day: Day) -> None:
    to_section(day, "Points")
    signed = stage(day, SIGNED)
    at(day, "settings-points-day", "01.12.2026")
    at(day, f"settings-points-{signed}-value", "9")
    assert "earns 9 from" in day.toast()


def a_rule_by_keys(day: Day) -> None:
    to_section(day, "Tasks and links")
    day.tab_to("settings-rule-add", 200)
    day.go(KEY.Key_Return)
    assert day.focus() == "settings-rule-draft-in"
    day.go(KEY.Key_Return)
    day.pick_by_keys(SIGNED)
    day.tab_to("settings-rule-draft-title")
    day.go(KEY.Key_Return)
    day.over("Check the papers", KEY.Key_Return)
    day.tab_to("settings-rule-draft-keep")
    day.go(KEY.Key_Return)
    with day.store.read() as r:
        rule = next(one for one in task_rules.task_rules(r) if one.title == "Check the papers")
    assert rule.stage_id == stage(day, SIGNED)


def lists_by_keys(day: Day) -> None:
    to_section(day, "Lists")
    day.tab_to("settings-list-lost_reasons")
    day.go(KEY.Key_Return)
    at(day, "settings-lost_reasons-name", "Robot")
    with day.store.read() as r:
        assert lists.find(r, "lost_reasons", "Robot").name == "Robot"
    day.back_to("settings-list-deal_fields", 120)
    day.go(KEY.Key_Return)
    at(day, "settings-fields-deal-name", "Delivery")
    field = day.one("SELECT id FROM custom_field WHERE name = 'Delivery'")
    day.back_to(f"settings-field-{field}-kind")
    day.go(KEY.Key_Return)
    day.pick_by_keys("One of a list")
    at(day, f"settings-field-{field}-options", "By road; By rail")
    with day.store.read() as r:
        values = lists.find(r, "fields", "Delivery").values
    assert (values["kind"], list(values["options"])) == ("choice", ["By road", "By rail"])


def plans_by_keys(day: Day) -> None:
    to_section(day, "Plans and norms")
    day.tab_to("settings-plans-grid", 60)
    view = day.view("settings-plans-grid")
    day.walk_to("Maria Kim")
    if view.currentIndex().column() == 0:
        day.key(KEY.Key_Right)
    day.write("40")
    day.go(KEY.Key_Return)
    maria = day.office.ids["Maria Kim"]
    month = month_of(day.store.zone.day_of(day.clock()))
    with day.store.read() as r:
        found = [plan.value for plan in ranking_plans.plans(r, month) if plan.person_id == maria]
    assert found == [40]


def the_configuration_by_keys(day: Day, folder: Path) -> None:
    file = folder / "desk.toml"
    to_section(day, "Backups")
    day.back_to("settings-export")
    day.in_dialog(lambda: day.go(KEY.Key_Return), file)
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("Meeting held", "Talk held"), encoding="utf-8")
    day.tab_to("settings-import")
    day.in_dialog(lambda: day.go(KEY.Key_Return), file)
    assert stage(day, "Talk held")
    day.go(KEY.Key_Z, held=CTRL)
    assert stage(day, HELD)


def a_backup_by_keys(day: Day) -> None:
    day.tab_to("settings-backup-now", 60)
    day.go(KEY.Key_Return)
    day.until(lambda: "Backup made and verified" in day.toast(), 10)


def language_and_theme_by_keys(day: Day) -> None:
    to_section(day, "Appearance")
    day.tab_to("settings-theme-dark")
    day.go(KEY.Key_Return)
    assert theme.current().name == "dark"
    day.back_to("settings-language-ru")
    day.go(KEY.Key_Return)
    assert "Настройки" in day.texts()
    assert day.focus() == "settings-language-ru"
    day.back_to("settings-language-en")
    day.go(KEY.Key_Return)


def who(day: Day, words: str) -> None:
    """The menu at the foot of the rail."""
    day.tab_to("rail-who", 120)
    day.go(KEY.Key_Return)
    day.pick_by_keys(words)


def another_person_by_keys(day: Day) -> None:
    who(day, "Give me a PIN")
    day.write("2468")
    day.go(KEY.Key_Return)
    day.write("2468")
    day.go(KEY.Key_Return)
    assert day.toast() == "Your PIN is kept"
    who(day, "Another person works here")
    day.walk_to("Pavel Lisin")
    day.go(KEY.Key_Return)
    assert day.context.person_name == "Pavel Lisin"
    who(day, "Another person works here")
    day.walk_to("Anna Orlova")
    day.go(KEY.Key_Return)
    assert day.focus() == "who-pin"
    day.write("1111")
    day.go(KEY.Key_Return)
    day.shows("who-wrong", "This is not the PIN of Anna Orlova.")
    day.write("2468")
    day.go(KEY.Key_Return)
    assert day.context.person_name == "Anna Orlova"
