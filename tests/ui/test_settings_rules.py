"""Task rules of every kind in the settings: said, changed, drafted, tried, and what is wrong."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from salesdesk.services import lists, people, rule_trial, task_rules
from salesdesk.services.task_rules import TaskRule
from salesdesk.ui.settings import rule_trial as trying
from salesdesk.ui.settings import rule_words
from salesdesk.ui.settings.rule_forms import DueForm
from salesdesk.ui.settings.rules import RuleRow, TasksSection
from tests.ui.board_story import NOW
from tests.ui.settings_desk import ENTER, Office, made, office

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["made", "office"]

BY: Any = {"person": None, "now": NOW}


def tasks(office: Office) -> TasksSection:
    section = office.open("tasks")
    assert isinstance(section, TasksSection)
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
    row = section.rules.rows()[("rule", rule.id)]
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
    office.page.section("tasks").refresh()
    assert "“Delivery” is gone" in office.wrong(f"settings-rule-{dated.id}")
    assert "does not work here" in office.wrong(f"settings-rule-{named.id}")


def test_a_rule_without_its_references_says_which(office: Office) -> None:
    section = tasks(office)
    plain = TaskRule(1, office.desk.stages["Meeting held"], "X")
    cases = {
        "Its stage is gone": replace(plain, stage_id=10**6),
        "The person is gone": replace(plain, assignee_rule="person", assignee_id=10**6),
        "The team is gone": replace(plain, assignee_rule="least_loaded", team_id=10**6),
        "The rule of the task": replace(
            plain, due_rule="on_event", event="task_done", event_task_rule_id=10**6
        ),
        "The stage that it waits": replace(
            plain, due_rule="on_event", event="child_enters", event_stage_id=10**6
        ),
        "“No” that it waits": replace(
            plain, due_rule="on_event", event="field_filled", event_field="No"
        ),
        "The kind of the task": replace(plain, kind_id=10**6),
    }
    for words, rule in cases.items():
        assert words in rule_words.problem(rule, section.found)
    assert rule_words.problem(plain, section.found) == ""


# -- drafts and trials ----------------------------------------------------------------------------


def test_a_draft_is_changed_and_tried_before_it_is_saved(office: Office) -> None:
    section = tasks(office)
    before, count = office.store.last_txn(), len(office.rules())
    section.stage.set_value(office.desk.stages["Meeting held"])
    office.type("settings-rule-name", "Ask how it was", end=None)
    office.click("settings-rule-draft-add")
    assert not section.draft_button.isEnabled()
    office.click("settings-rule-draft-who")
    office.pick("the supervisor")
    office.click("settings-rule-draft-try")
    assert section.trial.isVisible()
    expected = expected_of(office, section.draft)
    assert section.trial.list.model_.rowCount() == len(expected.tasks) > 0
    assert office.store.last_txn() == before
    office.click("settings-rule-draft-keep")
    assert len(office.rules()) == count + 1
    rule = next(each for each in office.rules() if each.title == "Ask how it was")
    assert rule.assignee_rule == "supervisor"
    assert section.draft is None
    office.context.undo()
    office.settle()
    assert len(office.rules()) == count


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
    office.click(f"settings-rule-{rule.id}-try")
    panel = section.trial
    expected = expected_of(office, rule)
    shown = panel.numbers.accessibleName()
    assert f"{len(expected.tasks)} task" in shown
    assert f"{expected.late} would be late today" in shown
    assert len(expected.by_person()) <= panel.people.count()
    assert panel.people.item(0).number == str(max(expected.by_person().values()))
    assert "Nothing has been written" in panel.told.text()
    assert office.store.last_txn() == before
    opened: list[object] = []
    office.context.page_asked.connect(lambda page, item: opened.append((page, item)))
    panel.list.setCurrentIndex(panel.list.model_.index(0))
    QTest.keyClick(panel.list, ENTER)
    assert opened == [("board", expected.tasks[0].deal_id)]
    office.click(panel.close_button.objectName(), panel)
    assert panel.isHidden()


def test_a_trial_can_be_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = saved(office)
    section = tasks(office)
    panel = section.trial
    monkeypatch.setattr(rule_trial, "STEP", 1)
    panel.try_task_rule(rule, "")
    panel.progress.button.click()
    office.settle()
    assert "Stopped" in panel.told.text()
    assert panel.list.isHidden()
    office.click(f"settings-rule-{rule.id}-try")  # and tried again
    assert not panel.list.isHidden()


def test_the_panel_leaves_with_the_section(office: Office) -> None:
    rule = saved(office)
    section = tasks(office)
    office.click(f"settings-rule-{rule.id}-try")
    assert section.trial.isVisible()
    office.open("points")
    assert not section.trial.isVisible()
