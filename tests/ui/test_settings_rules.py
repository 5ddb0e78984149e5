"""Task rules of every kind in the settings: said, changed, drafted, tried, and what is wrong."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from salesdesk.services import lists, people, pipelines, rule_trial, task_rules
from salesdesk.services.task_rules import TaskRule
from salesdesk.ui.settings import rule_trial as trying
from salesdesk.ui.settings.rule_forms import DueForm, TitleForm
from salesdesk.ui.settings.rule_row import RuleRow
from salesdesk.ui.settings.rules import RulesSection
from tests.ui.board_story import NOW
from tests.ui.settings_desk import ENTER, Office, made, office

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

BY: Any = {"person": None, "now": NOW}


def tasks(office: Office) -> RulesSection:
    section = office.open("rules")
    assert isinstance(section, RulesSection)
    return section


def saved(office: Office, title: str = "Call back", **values: Any) -> TaskRule:
    """A rule of its own in the stage Meeting held."""
    rule = TaskRule(0, office.desk.stages["Meeting held"], title)
    key = task_rules.add_task_rule(office.store, replace(rule, **values), **BY).id
    return rule_of(office, key)


def rule_of(office: Office, key: int) -> TaskRule:
    found: TaskRule = next(rule for rule in office.rules() if rule.id == key)
    return found


def said(office: Office, key: int | str) -> str:
    return office.child(f"settings-rule-{key}-sentence").accessibleName()


def due_form(office: Office, key: int, token: str = "due") -> DueForm:
    office.click(f"settings-rule-{key}-{token}")
    form = office.form()
    assert isinstance(form, DueForm)
    return form


def save(office: Office, form: DueForm) -> None:
    office.click(f"{form.objectName()}-save", form)


def test_due_before_an_own_date_field_with_a_time_and_working_days(office: Office) -> None:
    lists.add(office.store, "fields", "Delivery", {"subject": "deal", "kind": "date"}, **BY)
    rule = saved(office)
    tasks(office)
    form = due_form(office, rule.id)
    form.due.chip("before_date").click()
    assert not form.unit.chip("hours").isVisibleTo(form)
    form.amount.setText("2")
    office.click(form.date.objectName(), form)
    office.pick("Delivery")
    form.time.setText("9:30")
    form.shift.click()
    save(office, form)
    now = rule_of(office, rule.id)
    assert (now.due_rule, now.amount, now.unit, now.date_field) == (
        "before_date", 2, "days", "Delivery",
    )  # fmt: skip
    assert (now.due_minute, now.shift_to_working_day) == (570, True)
    assert said(office, rule.id).endswith(
        "due 2 days, 09:30, on a working day before Delivery. On leaving: keep."
    )
    office.context.undo()
    office.settle()
    assert rule_of(office, rule.id) == rule


def test_due_on_a_fixed_date(office: Office) -> None:
    rule = saved(office)
    section = tasks(office)
    form = due_form(office, rule.id)
    form.due.chip("on_date").click()
    save(office, form)
    assert office.form() is form  # a date is needed
    assert form.wrong.text()
    day = section.today() + 20
    form.day.set_value(day)
    QTest.keyClick(form.day, ENTER)
    office.settle()
    now = rule_of(office, rule.id)
    assert (now.due_rule, now.fixed_day) == ("on_date", day)
    assert office.wrong(f"settings-rule-{rule.id}") == ""


@pytest.mark.parametrize("event", ["task_done", "child_enters", "field_filled"])
def test_due_after_each_event(office: Office, event: str) -> None:
    other = saved(office, "Prepare the papers")
    rule = saved(office)
    tasks(office)
    form = due_form(office, rule.id)
    form.due.chip("on_event").click()
    form.awaits.set_value(event)
    form._fit()
    assert [each for each, target in form.targets.items() if target.isVisibleTo(form)] == [event]
    office.click(form.targets[event].objectName(), form)
    office.pick({
        "task_done": "Prepare the papers · Meeting held",
        "child_enters": "Turnkey services · Advance paid", "field_filled": "Cost",
    }[event])  # fmt: skip
    form.amount.setText("3")
    save(office, form)
    now = rule_of(office, rule.id)
    assert (now.due_rule, now.event, now.amount) == ("on_event", event, 3)
    assert (now.event_task_rule_id, now.event_stage_id, now.event_field) == {
        "task_done": (other.id, None, None),
        "child_enters": (None, office.desk.stages["Advance paid"], None),
        "field_filled": (None, None, "cost"),
    }[event]
    words = {
        "task_done": "“Prepare the papers” is done",
        "child_enters": "a child deal enters Turnkey services · Advance paid",
        "field_filled": "“Cost” is filled in",
    }[event]
    assert f"due 3 days after {words}." in said(office, rule.id)


def test_the_kind_and_the_result_stand_beside_the_task(office: Office) -> None:
    kind = lists.add(office.store, "task_kinds", "Paper", **BY).id
    rule = saved(office, kind_id=kind, asks_result=True, amount=0, unit="hours")
    tasks(office)
    assert said(office, rule.id).startswith(
        "When a deal enters Meeting held, create Call back (Paper, asks for a result) for the "
        "responsible person, due at once."
    )


def test_words_are_reached_by_tab_and_opened_by_the_keyboard(office: Office) -> None:
    rule = saved(office)
    section = tasks(office)
    row = section.lines.rows()[("rule", rule.id)]
    assert isinstance(row, RuleRow)
    row.tokens["stage"].setFocus()
    reached = []
    for _ in range(5):
        focus = office.window.focusWidget()
        assert focus is not None
        reached.append(focus.objectName().rsplit("-", 1)[-1])
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert reached == ["in", "title", "who", "due", "leave"]
    QTest.keyClick(row.tokens["when"], Qt.Key.Key_Space)
    office.settle()
    form = office.form()
    assert isinstance(form, DueForm)
    form.close()


def test_what_a_rule_names_and_is_gone_is_said_in_one_line(office: Office) -> None:
    field = lists.add(
        office.store, "fields", "Delivery", {"subject": "deal", "kind": "date"}, **BY
    ).id
    dated = saved(office, "Pack", due_rule="before_date", date_field="Delivery")
    named = saved(office, "Load", assignee_rule="person", assignee_id=office.desk.people[2])
    past = saved(office, "Greet", due_rule="on_date", fixed_day=700_000)
    tasks(office)
    assert office.wrong(f"settings-rule-{dated.id}") == ""
    assert "is past" in office.wrong(f"settings-rule-{past.id}")
    lists.remove(office.store, "fields", field, **BY)
    left = office.store.zone.day_of(NOW) - 1
    people.change_person(office.store, office.desk.people[2], {"last_day": left}, **BY)
    office.page.section("rules").refresh()
    assert "“Delivery” was deleted" in office.wrong(f"settings-rule-{dated.id}")
    assert "does not work here any more" in office.wrong(f"settings-rule-{named.id}")


def test_the_task_carries_a_text_a_checklist_and_asks_for_a_result(office: Office) -> None:
    lists.add(office.store, "fields", "Route", {"subject": "deal", "kind": "text"}, **BY)
    rule = saved(office)
    tasks(office)
    office.click(f"settings-rule-{rule.id}-title")
    form = office.form()
    assert isinstance(form, TitleForm)
    QTest.keyClicks(form.description, "About ")
    office.click(form.insert.objectName(), form)
    office.pick("Route")
    QTest.keyClicks(form.checklist, "Passport")
    QTest.keyClick(form.checklist, ENTER)
    QTest.keyClicks(form.checklist, "Stamp")
    form.asks.click()
    form.description.insertPlainText(" {nothing}")
    QTest.keyClick(form.checklist, ENTER, Qt.KeyboardModifier.ControlModifier)
    assert "nothing" in form.wrong.text()  # a deal has no such field
    form.description.setPlainText("About {Route}")
    office.click(f"{form.objectName()}-save", form)
    now = rule_of(office, rule.id)
    assert (now.description, now.checklist) == ("About {Route}", ("Passport", "Stamp"))
    assert now.asks_result
    assert "(with a text, checklist of 2, asks for a result)" in said(office, rule.id)
    office.context.undo()
    office.settle()
    assert rule_of(office, rule.id) == rule


# -- drafts and trials ----------------------------------------------------------------------------


def test_a_draft_is_changed_and_tried_before_it_is_saved(office: Office) -> None:
    section = tasks(office)
    before, count = office.store.last_txn(), len(office.rules())
    office.click("settings-rule-add")
    assert not section.add_rule.isEnabled()
    assert "draft" in section.trial.heading.accessibleName()
    office.click("settings-rule-draft-in")
    office.pick("Meeting held")
    office.click("settings-rule-draft-who")
    office.pick("the supervisor")
    office.click("settings-trial-run")
    draft = section.drafts["rule"]
    assert isinstance(draft, TaskRule)
    expected = expected_of(office, draft)
    assert section.trial.list.model_.rowCount() == len(expected.tasks) > 0
    assert office.store.last_txn() == before
    office.click("settings-rule-draft-keep")
    assert len(office.rules()) == count + 1
    rule = next(each for each in office.rules() if each.title == "A new task")
    assert rule.assignee_rule == "supervisor"
    assert section.drafts["rule"] is None
    office.context.undo()
    office.settle()
    assert len(office.rules()) == count


def in_sight(office: Office, row: str) -> bool:
    widget = office.child(row)
    return widget.visibleRegion().boundingRect().height() == widget.height()


def has_focus(office: Office) -> str:
    focus = office.window.focusWidget()
    return "" if focus is None else focus.objectName()


def test_a_draft_is_led_to_and_so_is_what_it_becomes(office: Office) -> None:
    office.window.resize(1112, 420)
    for number in range(4):  # the draft stands below all of them, its rule above
        saved(office, f"Rule {number}")
    section = tasks(office)
    office.click("settings-rule-add")
    office.qtbot.waitUntil(lambda: in_sight(office, "settings-rule-draft"))
    assert has_focus(office) == "settings-rule-draft-in"
    office.click("settings-rule-draft-drop")
    assert has_focus(office) == "settings-rule-add"
    office.click("settings-rule-add")
    office.qtbot.waitUntil(lambda: in_sight(office, "settings-rule-draft"))
    assert section.drafts["rule"] is not None
    office.click("settings-rule-draft-keep")
    key = max(rule.id for rule in office.rules())
    assert has_focus(office) == f"settings-rule-{key}-in"
    office.qtbot.waitUntil(lambda: in_sight(office, f"settings-rule-{key}"))


def test_tab_walks_the_rules_as_they_stand(office: Office) -> None:
    rule = saved(office)
    tasks(office)
    office.click("settings-rule-add")
    office.click("settings-rule-draft-keep")  # of the first stage: above the other one
    made_later = max(each.id for each in office.rules())
    for key, next_ in ((made_later, rule.id), (rule.id, None)):
        office.child(f"settings-rule-{key}-actions").setFocus()
        QTest.keyClick(office.window, Qt.Key.Key_Tab)
        at = has_focus(office)
        assert at == ("settings-rule-add" if next_ is None else f"settings-rule-{next_}-in")


def test_who_may_not_save_drafts_and_tries_all_the_same(office: Office) -> None:
    values = {"role": "manager"}
    people.change_person(office.store, office.desk.people[2], values, **BY)
    office.context.set_person(office.desk.people[2], "Ivan Petrov", "manager")
    rule = saved(office)
    section = tasks(office)
    assert not office.child(f"settings-rule-{rule.id}-title").isEnabled()
    assert office.actions(f"settings-rule-{rule.id}") == ["try"]
    office.click("settings-rule-add")
    office.click("settings-rule-draft-in")
    office.pick("Meeting held")
    assert not office.child("settings-rule-draft-keep").isVisible()
    office.click("settings-trial-run")
    assert section.trial.list.model_.rowCount() > 0
    office.act("settings-rule-draft", "remove")
    assert section.drafts["rule"] is None


def expected_of(office: Office, rule: TaskRule | None) -> rule_trial.Trial:
    """What the service says of the same days."""
    assert rule is not None
    zone = office.store.zone
    since = zone.start_of(zone.day_of(NOW) - trying.DAYS)
    with office.store.read() as r:
        steps = rule_trial.of_task_rule(r, rule, since=since, now=NOW)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                found: rule_trial.Trial = end.value
                return found


def test_a_trial_counts_tasks_people_and_late_ones(office: Office) -> None:
    rule = saved(office, amount=1, unit="hours")
    section = tasks(office)
    before = office.store.last_txn()
    office.act(f"settings-rule-{rule.id}", "try")
    card = section.trial
    expected = expected_of(office, rule)
    shown = card.numbers.texts()
    assert f"{len(expected.tasks)} tasks" in shown
    assert f"{expected.late} would be late today" in shown
    assert f"{len(expected.by_person())} people" in shown
    most = max(expected.by_person().values())
    assert "Nothing has been written. Most for " in card.told.text()
    assert f"({most})." in card.told.text()
    assert office.store.last_txn() == before
    opened: list[object] = []
    office.context.page_asked.connect(lambda page, item: opened.append((page, item)))
    card.list.setCurrentIndex(card.list.model_.index(0))
    QTest.keyClick(card.list, ENTER)
    assert opened == [("board", card.list.model_.rows[0].deal_id)]
    assert card.list.model_.rows[0].at == max(task.at for task in expected.tasks)


def test_what_is_tried_comes_into_sight_below_many_rules(office: Office) -> None:
    rules = [saved(office, f"Task {n}") for n in range(12)]
    section = tasks(office)
    assert section.trial.visibleRegion().isEmpty()
    office.act(f"settings-rule-{rules[0].id}", "try")
    office.settle()
    assert not section.trial.numbers.visibleRegion().isEmpty()


def test_without_a_draft_everything_of_the_pipeline_is_tried(office: Office) -> None:
    saved(office, "One")
    saved(office, "Two", stage_id=office.desk.stages["New request"])
    section = tasks(office)
    office.click("settings-trial-run")
    inside = {s.id for s in section.stages()}
    expected = sum(
        len(expected_of(office, rule).tasks) for rule in office.rules() if rule.stage_id in inside
    )
    assert section.trial.list.model_.rowCount() == expected > 0
    other = pipelines.add_pipeline(office.store, "Service", counts=False, **BY).id
    office.settle()
    office.page.pipeline.set_value(other)
    office.page.pipeline.chosen.emit(other)
    assert section.trial.list.isHidden()  # what was tried belongs to the other pipeline
    assert section.nothing.isVisibleTo(section)
    assert not section.rows()


def test_a_trial_can_be_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = saved(office)
    section = tasks(office)
    card = section.trial
    monkeypatch.setattr(rule_trial, "STEP", 1)
    card.try_rules([rule], "")
    card.progress.button.click()
    office.settle()
    assert "Stopped" in card.told.text()
    assert card.list.isHidden()
    office.act(f"settings-rule-{rule.id}", "try")  # and tried again
    assert not card.list.isHidden()


def test_rules_are_moved_by_the_menu_and_by_keys(office: Office) -> None:
    first, second = saved(office, "One"), saved(office, "Two")
    section = tasks(office)
    office.act(f"settings-rule-{second.id}", "up")

    def order() -> list[int]:
        ids = [rule.id for rule in office.rules()]
        return [key for key in ids if key in (first.id, second.id)]

    assert order() == [second.id, first.id]
    token = office.child(f"settings-rule-{second.id}-title")
    token.setFocus()
    QTest.keyClick(token, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    office.settle()
    assert order() == [first.id, second.id]
    assert [row.key for row in section.rows() if row.key in (first.id, second.id)] == order()
