"""How a task rule is said: its sentence, the words in it, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from salesdesk.services.lists import Item
from salesdesk.services.people import Person, Team
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.services.task_rules import DATE_FIELDS, FILLABLE, TaskRule
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats

#: Days go by this name in rules of imported configurations.
_SAME = {"expected_close": "expected_day"}
#: The places stay places: the words are put there by the sentence.
_PLACES = {
    name: f"{{{name}}}"
    for name in ("stage", "task", "who", "when", "leave", "date", "event")
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What the sentences name; ``fields`` are the own fields of deals, ``today`` the local day."""

    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    rules: tuple[TaskRule, ...]
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    kinds: tuple[Item, ...]
    fields: tuple[Item, ...]
    today: int

    def stage(self, key: int | None) -> Stage | None:
        """A stage that is there."""
        return next((stage for stage in self.stages if stage.id == key), None)

    def stage_name(self, key: int | None, far: bool = False) -> str:
        """The name of a stage; ``far``: with that of its pipeline before it."""
        stage = self.stage(key)
        if stage is None:
            return formats.DASH
        if not far:
            return stage.name
        holder = next((p.name for p in self.pipelines if p.id == stage.pipeline_id), "")
        return f"{holder} · {stage.name}"

    def rule(self, key: int | None) -> TaskRule | None:
        """A task rule that is there."""
        return next((rule for rule in self.rules if rule.id == key), None)

    def dates(self) -> dict[str, str]:
        """The date fields of a deal with their names, own ones too."""
        own = {item.name: item.name for item in self.fields if item.values["kind"] == "date"}
        return {**{name: tr(text) for name, text in DATE_FIELDS.items()}, **own}

    def fillable(self) -> dict[str, str]:
        """The fields whose filling in can be waited for, with their names."""
        own = {item.name: item.name for item in self.fields}
        return {**{name: tr(text) for name, text in FILLABLE.items()}, **own}


def field_key(name: str | None) -> str:
    """The name by which a field is known here."""
    return _SAME.get(name or "", name or "")


# -- the sentence ---------------------------------------------------------------------------------


def template(rule: TaskRule) -> str:
    """The sentence of a rule, with places for its words."""
    words = _template(rule)
    if rule.kind_id is not None or rule.asks_result:
        words = words.replace("{task}", "{task} ({more})")
    return words


def _template(rule: TaskRule) -> str:
    at_once = not rule.amount
    if rule.due_rule == "before_date":
        if at_once:
            return tr("When a deal enters {stage}, create {task} for {who}, due {when} of {date}. "
                      "On leaving: {leave}.", **_PLACES)  # fmt: skip
        return tr("When a deal enters {stage}, create {task} for {who}, due {when} before {date}. "
                  "On leaving: {leave}.", **_PLACES)  # fmt: skip
    if rule.due_rule == "on_date":
        return tr("When a deal enters {stage}, create {task} for {who}, due on {when}. "
                  "On leaving: {leave}.", **_PLACES)  # fmt: skip
    if rule.due_rule == "on_event":
        if at_once:
            return tr("When a deal enters {stage}, create {task} for {who}, due {when} when "
                      "{event}. On leaving: {leave}.", **_PLACES)  # fmt: skip
        return tr("When a deal enters {stage}, create {task} for {who}, due {when} after {event}. "
                  "On leaving: {leave}.", **_PLACES)  # fmt: skip
    if at_once:
        return tr("When a deal enters {stage}, create {task} for {who}, due {when}. "
                  "On leaving: {leave}.", **_PLACES)  # fmt: skip
    return tr("When a deal enters {stage}, create {task} for {who}, due {when} after the move. "
              "On leaving: {leave}.", **_PLACES)  # fmt: skip


def when(rule: TaskRule) -> str:
    """The time until a task is due: ``1 working day``, ``3 days, 12:00, on a working day``."""
    by_day = rule.unit in ("days", "working_days")
    if rule.due_rule == "on_date":
        text = formats.DASH if rule.fixed_day is None else formats.day(rule.fixed_day)
        by_day = True
    elif rule.amount:
        text = span(rule.amount, rule.unit)
    elif rule.due_rule == "before_date":
        text = trp("due", "on the day")
    else:
        text = trp("due", "the same day") if by_day else trp("due", "at once")
    parts = [text]
    if rule.due_minute is not None and by_day:
        parts.append(clock(rule.due_minute))
    if rule.shift_to_working_day:
        parts.append(tr("on a working day"))
    return ", ".join(parts)


def span(amount: int, unit: str) -> str:
    """So many minutes, hours, days or working days."""
    if unit == "minutes":
        return ntr("{n} minute", "{n} minutes", amount)
    if unit == "hours":
        return ntr("{n} hour", "{n} hours", amount)
    if unit == "days":
        return ntr("{n} day", "{n} days", amount)
    return ntr("{n} working day", "{n} working days", amount)


def clock(minutes: int) -> str:
    """A time of day from minutes since midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def who(rule: TaskRule, people: Sequence[Person], teams: Sequence[Team]) -> str:
    """Who gets the task."""
    if rule.assignee_rule == "person":
        return next((p.name for p in people if p.id == rule.assignee_id), formats.DASH)
    if rule.assignee_rule == "supervisor":
        return tr("the supervisor")
    if rule.assignee_rule == "least_loaded":
        team = next((t.name for t in teams if t.id == rule.team_id), formats.DASH)
        return tr("the least loaded in {team}", team=team)
    return tr("the responsible person")


def date(rule: TaskRule, found: Found) -> str:
    """The date field that the task is due before."""
    name = field_key(rule.date_field)
    return found.dates().get(name, name) or formats.DASH


def event(rule: TaskRule, found: Found) -> str:
    """What the task waits for: ``“Send the offer” is done``."""
    if rule.event == "task_done":
        awaited = found.rule(rule.event_task_rule_id)
        return tr("“{task}” is done", task=awaited.title if awaited else formats.DASH)
    if rule.event == "child_enters":
        return tr("a child deal enters {stage}",
                  stage=found.stage_name(rule.event_stage_id, far=True))  # fmt: skip
    name = field_key(rule.event_field)
    return tr("“{field}” is filled in", field=found.fillable().get(name, name) or formats.DASH)


def more(rule: TaskRule, kinds: Sequence[Item]) -> str:
    """The kind of the task, and whether it asks for a result."""
    parts = []
    if rule.kind_id is not None:
        parts.append(next((k.name for k in kinds if k.id == rule.kind_id), formats.DASH))
    if rule.asks_result:
        parts.append(tr("asks for a result"))
    return ", ".join(parts)


def spoken(rule: TaskRule, found: Found, leave: str) -> str:
    """The whole sentence as a text."""
    words = {"task": rule.title, "stage": found.stage_name(rule.stage_id), "leave": leave,
             "who": who(rule, found.people, found.teams), "when": when(rule),
             "date": date(rule, found), "event": event(rule, found),
             "more": more(rule, found.kinds)}  # fmt: skip
    said = template(rule)
    for name, text in words.items():
        said = said.replace(f"{{{name}}}", text)
    return said


# -- what is wrong --------------------------------------------------------------------------------


def problem(rule: TaskRule, found: Found) -> str:
    """What the rule names that is gone, and what happens therefore; empty: nothing is wrong."""
    if found.stage(rule.stage_id) is None:
        return tr("Its stage is gone: the rule does nothing until it gets another one.")
    return _wrong_due(rule, found) or _wrong_assignee(rule, found) or _wrong_kind(rule, found)


def _wrong_due(rule: TaskRule, found: Found) -> str:
    if rule.due_rule == "before_date" and field_key(rule.date_field) not in found.dates():
        return tr("The field “{field}” is gone: the task waits, with no date to come.",
                  field=rule.date_field or formats.DASH)  # fmt: skip
    if rule.due_rule == "on_date" and rule.fixed_day is not None and rule.fixed_day < found.today:
        return tr("{day} is past: the task is due at once.", day=formats.day(rule.fixed_day))
    if rule.due_rule != "on_event":
        return ""
    if rule.event == "task_done" and found.rule(rule.event_task_rule_id) is None:
        return tr("The rule of the task that it waits for is gone: choose what else to wait for.")
    if rule.event == "child_enters" and found.stage(rule.event_stage_id) is None:
        return tr("The stage that it waits for is gone: choose what else to wait for.")
    if rule.event == "field_filled" and field_key(rule.event_field) not in found.fillable():
        return tr("The field “{field}” that it waits for is gone: choose what else to wait for.",
                  field=rule.event_field or formats.DASH)  # fmt: skip
    return ""


def _wrong_assignee(rule: TaskRule, found: Found) -> str:
    return wrong_assignee(rule.assignee_rule, rule.assignee_id, rule.team_id, found.people,
                          found.teams, found.today)  # fmt: skip


def wrong_assignee(
    how: str,
    person_id: int | None,
    team_id: int | None,
    people: Sequence[Person],
    teams: Sequence[Team],
    today: int,
) -> str:
    """What is wrong with who gets something by a rule; empty: nothing."""
    if how == "person":
        person = next((each for each in people if each.id == person_id), None)
        if person is None:
            return tr("The person is gone: the supervisor gets it, else the responsible person.")
        if not person.works_on(today):
            return tr("{name} does not work here now: the supervisor gets it, else the "
                      "responsible person.", name=person.name)  # fmt: skip
    if how == "least_loaded" and all(team.id != team_id for team in teams):
        return tr("The team is gone: the responsible person gets it.")
    return ""


def _wrong_kind(rule: TaskRule, found: Found) -> str:
    if rule.kind_id is None or any(kind.id == rule.kind_id for kind in found.kinds):
        return ""
    return tr("The kind of the task is gone: choose another one.")
