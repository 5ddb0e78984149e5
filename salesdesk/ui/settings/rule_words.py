"""How a task rule is said: its sentence, the words in it, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from salesdesk.services.link_rules import LinkRule
from salesdesk.services.lists import Item
from salesdesk.services.people import Person, Team
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.services.task_rules import DATE_FIELDS, FILLABLE, TaskRule
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats
from salesdesk.ui.widgets.popup import Option

#: Days go by this name in rules of imported configurations.
_SAME = {"expected_close": "expected_day"}
#: The places stay places: the words are put there by the sentence.
_PLACES = {
    name: f"{{{name}}}"
    for name in ("stage", "task", "who", "when", "leave", "date", "event")
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What the sentences name; ``stages`` with the archived ones, ``fields`` are the own fields of
    deals, ``today`` the local day, ``problems`` what is said of broken rules and links."""

    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    rules: tuple[TaskRule, ...]
    links: tuple[LinkRule, ...]
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    kinds: tuple[Item, ...]
    fields: tuple[Item, ...]
    today: int
    problems: Mapping[tuple[str, int], str] = field(default_factory=dict)

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
        return f"{self.pipeline_name(stage.id)} · {stage.name}"

    def pipeline_of(self, key: int | None) -> int | None:
        """The pipeline of a stage."""
        stage = self.stage(key)
        return None if stage is None else stage.pipeline_id

    def pipeline_name(self, key: int | None) -> str:
        """The name of the pipeline of a stage."""
        holder = self.pipeline_of(key)
        return next((p.name for p in self.pipelines if p.id == holder), formats.DASH)

    def living(self) -> list[Stage]:
        """The stages that deals can enter, in the order of the pipelines."""
        place = {each.id: at for at, each in enumerate(self.pipelines)}
        found = [stage for stage in self.stages if not stage.archived]
        return sorted(found, key=lambda stage: place.get(stage.pipeline_id, 0))

    def stage_options(self) -> list[Option]:
        """All of them to choose from, with their pipelines."""
        return [Option(s.id, self.stage_name(s.id, far=True)) for s in self.living()]

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
    if rule.kind_id is not None or rule.asks_result or rule.checklist or rule.description:
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


def who(rule: TaskRule | LinkRule, people: Sequence[Person], teams: Sequence[Team]) -> str:
    """Who gets the task, or becomes responsible for the child deal."""
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
    """The kind of the task, whether it has a text and a checklist and asks for a result."""
    parts = []
    if rule.kind_id is not None:
        parts.append(next((k.name for k in kinds if k.id == rule.kind_id), formats.DASH))
    if rule.description:
        parts.append(tr("with a text"))
    if rule.checklist:
        n = len(rule.checklist)
        parts.append(ntr("checklist of {n}", "checklist of {n}", n))
    if rule.asks_result:
        parts.append(tr("asks for a result"))
    return ", ".join(parts)


# -- what is wrong --------------------------------------------------------------------------------


def problem(rule: TaskRule, found: Found) -> str:
    """What the rule names that is gone or past, and what happens therefore; empty: nothing."""
    said = found.problems.get(("task_rule", rule.id), "")
    past = rule.fixed_day is not None and rule.fixed_day < found.today
    if rule.due_rule == "on_date" and past:
        day = tr("{day} is past: the task is due at once.", day=formats.day(rule.fixed_day or 1))
        said = f"{said} {day}".strip()
    return said


def link_problem(link: LinkRule, found: Found) -> str:
    """What a link names that is gone; empty: nothing."""
    return found.problems.get(("link_rule", link.id), "")
