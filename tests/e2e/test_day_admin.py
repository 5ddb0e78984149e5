"""An administrator's whole day, by mouse and by keyboard alone."""

from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.moments import month_of
from salesdesk.services import lists, pins, pipelines, ranking_plans, settings, stage_points, task_rules
from salesdesk.ui import theme
from tests.e2e.days import Day, day, office
from tests.e2e.desk import ADVANCE, CTRL, HELD, KEY, SIGNED

__all__ = ["day", "office"]


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
    section(day, "Tasks")
    day.press("settings-rule-stage")
    day.pick(SIGNED)
    day.fill("settings-rule-name", "Check the papers")
    day.press("settings-rule-add")
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
    index = day.row_of("settings-plans-grid", "Maria Kim").siblingAtColumn(1)
    day.bring(view, view.visualRect(index).center())
    day.click_at(view.viewport().mapToGlobal(view.visualRect(index).center()))
    day.write("40")
    day.go(KEY.Key_Return)
    maria = day.office.ids["Maria Kim"]
    month = month_of(day.store.zone.day_of(day.clock()))
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
    assert day.says("nav-tasks").startswith("Задачи")
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
