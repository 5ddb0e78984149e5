"""How a task rule is said."""

from collections.abc import Sequence

from salesdesk.services.people import Person, Team
from salesdesk.services.task_rules import DATE_FIELDS, TaskRule
from salesdesk.text import ntr, tr
from salesdesk.ui import formats


def template(rule: TaskRule) -> str:
    """The sentence of a rule, with places for its words."""
    if rule.due_rule == "before_date":
        date = tr(DATE_FIELDS.get(rule.date_field or "", "")) if rule.date_field else "—"
        words = tr("When a deal enters {stage}, create {task} for {who}, due {when} before "
                   "“[date]”. On leaving: {leave}.", **_PLACES)  # fmt: skip
        return words.replace("[date]", date)
    if rule.due_rule == "on_date":
        return tr("When a deal enters {stage}, create {task} for {who}, due on {when}. "
                  "On leaving: {leave}.", **_PLACES)  # fmt: skip
    if rule.due_rule == "on_event":
        return tr("When a deal enters {stage}, create {task} for {who}, due {when} after what it "
                  "waits for. On leaving: {leave}.", **_PLACES)  # fmt: skip
    return tr("When a deal enters {stage}, create {task} for {who}, due {when} after the move. "
              "On leaving: {leave}.", **_PLACES)  # fmt: skip


#: The places stay places: the words are put there by the sentence.
_PLACES = {name: f"{{{name}}}" for name in ("stage", "task", "who", "when", "leave")}


def when(rule: TaskRule) -> str:
    """The time until a task is due: ``1 working day``, ``3 days, 12:00``."""
    if rule.due_rule == "on_date":
        text = formats.DASH if rule.fixed_day is None else formats.day(rule.fixed_day)
    else:
        text = span(rule.amount, rule.unit)
    if rule.due_minute is not None and rule.unit in ("days", "working_days"):
        return f"{text}, {clock(rule.due_minute)}"
    return text


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
