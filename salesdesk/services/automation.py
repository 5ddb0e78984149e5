"""What a stage move does to tasks: pure rules in, actions out; no reading and no writing here.

The mover (``services.deals``) gathers the rules, the open tasks and a ``Situation``, asks
``actions_for`` and writes what it answers. How the words of domain.md section 3 are read:

* A rule in minutes or hours gives a moment. A rule in days or working days gives a due *day*; a
  rule may carry a time of day (``due_minute``), which is wall-clock time whatever the clocks did in
  between, and without one the end of the working day is meant.
* ``after_move`` with 0 days, after the working hours are over: the end of the next working day,
  so that no task is born overdue by its own rule.
* ``on_event`` has no due moment until the event; a condition that holds already at the move (the
  field is filled in, the child stands there, the other task was done) is an event of that moment.
* The policy ``keep`` / ``complete`` / ``cancel`` belongs to the rule and concerns the tasks of the
  rules of the stage left. A lost deal then cancels every open task of its own, those made by hand
  too; a won deal keeps them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from salesdesk.moments import SECOND
from salesdesk.services import braces
from salesdesk.services.assigning import Absence, Note, People, PersonInfo, assignment_of
from salesdesk.services.calendars import WorkCalendar
from salesdesk.services.checklists import Checklist
from salesdesk.services.rulebook import EventKind, LeavePolicy, TaskRule

__all__ = [
    "DATE_SET", "Absence", "Actions", "CloseTask", "Event", "NewTask", "OpenTask", "PersonInfo",
    "Situation", "StageKind", "TaskRule", "actions_for", "answers", "assignee_of", "blocking",
    "due_of", "new_task",
]  # fmt: skip

#: What a task waits for whose date is still empty.
DATE_SET = "date_set"
Closing = Literal["complete", "cancel"]
StageKind = Literal["open", "won", "lost"]
#: Troubles of a rule with which what its task would wait for never comes.
NEVER = frozenset({"stage_deleted", "stage_archived", "task_deleted", "field_deleted"})

_UNIT_SECONDS = {"minutes": 60, "hours": 3600}
#: A date beyond these (a year mistyped) counts as one of them: calendars end, and no rule stops a
#: move. The years 1000 and 9000.
_EARLIEST, _LATEST = 364_878, 3_286_818


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task of the deal that moves.

    ``rule_stage_id`` is the stage of the rule that made it, empty for a task made by hand.
    """

    id: int
    title: str
    rule_id: int | None = None
    rule_stage_id: int | None = None
    leave_policy: LeavePolicy = "keep"
    must_be_done: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """The deal and its surroundings at the move.

    ``dates`` are the deal's date fields as days; ``load`` counts open tasks by person;
    ``team_parents`` is the tree of teams, with ``team_names``. ``filled_fields``, ``child_stages``
    (stages that child deals have entered) and ``done_rules`` (rules whose task is done on this
    deal) say which events have happened before. ``words`` fill in the texts of tasks (``braces``).
    ``troubles`` say of broken rules (by id) what they point to that is not there any more.
    """

    calendar: WorkCalendar
    responsible_id: int | None
    people: People
    left_stage_id: int | None = None
    entered_kind: StageKind = "open"
    dates: Mapping[str, int | None] = field(default_factory=dict)
    load: Mapping[int, int] = field(default_factory=dict)
    team_parents: Mapping[int, int | None] = field(default_factory=dict)
    filled_fields: frozenset[str] = frozenset()
    child_stages: frozenset[int] = frozenset()
    done_rules: frozenset[int] = frozenset()
    words: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[int, Note] = field(default_factory=dict)
    team_names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that waiting tasks of a deal may wait for."""

    kind: EventKind
    stage_id: int | None = None
    task_rule_id: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to create: ``due_at`` is a moment or empty, ``waits``: it awaits an event;
    ``description`` has the fields of the deal filled in, ``note`` says why it is whose it is."""

    rule: TaskRule
    assignee_id: int | None
    supervisor_id: int | None
    due_at: int | None
    waits: bool = False
    description: str | None = None
    note: Note | None = None

    @property
    def checklist(self) -> Checklist:
        """The lines that it begins with."""
        return tuple((line, False) for line in self.rule.checklist)

    @property
    def awaits(self) -> str | None:
        """The event that it waits for, if it waits."""
        return (self.rule.event or DATE_SET) if self.waits else None

    @property
    def awaited_field(self) -> str | None:
        """The field whose filling in it waits for, if it waits for one."""
        return (self.rule.event_field or self.rule.date_field) if self.waits else None

    @property
    def title(self) -> str:
        """The task's title."""
        return self.rule.title


@dataclass(frozen=True, slots=True)
class CloseTask:
    """A task to close, and how: ``complete`` or ``cancel``."""

    task: OpenTask
    how: Closing


@dataclass(frozen=True, slots=True)
class Actions:
    """What a move does to tasks, in the order in which it is to be done: close, then create."""

    create: tuple[NewTask, ...] = ()
    close: tuple[CloseTask, ...] = ()


def actions_for(
    entered_rules: Iterable[TaskRule],
    open_tasks: Iterable[OpenTask],
    situation: Situation,
    now: int,
) -> Actions:
    """What entering a stage does: ``entered_rules`` are the rules of the stage entered,
    ``open_tasks`` all open tasks of the deal (those of the stage left are found among them by
    ``situation.left_stage_id``), ``now`` the moment of the move.
    """
    rules = sorted(entered_rules, key=lambda rule: (rule.position, rule.id))
    return Actions(
        create=_created(rules, situation, now), close=tuple(_closed(open_tasks, situation))
    )


def _created(rules: Iterable[TaskRule], situation: Situation, now: int) -> tuple[NewTask, ...]:
    """Tasks created by the same move count at once where the one with the fewest is looked for."""
    load = dict(situation.load)
    situation = replace(situation, load=load)
    created = []
    for rule in rules:
        made = new_task(rule, situation, now)
        created.append(made)
        if made.assignee_id is not None:
            load[made.assignee_id] = load.get(made.assignee_id, 0) + 1
    return tuple(created)


def blocking(open_tasks: Iterable[OpenTask], left_stage_id: int | None) -> list[OpenTask]:
    """The open tasks that must be done before the deal may leave the stage: those so marked which
    the stage's rules made, or which were made by hand."""
    return [
        task
        for task in open_tasks
        if task.must_be_done and task.rule_stage_id in (None, left_stage_id)
    ]


def _closed(open_tasks: Iterable[OpenTask], situation: Situation) -> Iterable[CloseTask]:
    for task in open_tasks:
        automatic = task.rule_stage_id is not None
        left = automatic and task.rule_stage_id == situation.left_stage_id
        if left and task.leave_policy != "keep":
            yield CloseTask(task, "complete" if task.leave_policy == "complete" else "cancel")
        elif situation.entered_kind == "lost":
            yield CloseTask(task, "cancel")


def new_task(rule: TaskRule, situation: Situation, now: int) -> NewTask:
    """The task that a rule creates at a move made at ``now``."""
    given = assignment_of(rule, situation, situation.calendar.zone.day_of(now))
    person = situation.people.get(given.person_id) if given.person_id is not None else None
    due = first_due(rule, situation, now)
    waits = due is None and rule.due_rule in ("on_event", "before_date")
    return NewTask(
        rule, given.person_id, person.superior() if person else None, due, waits,
        braces.filled(rule.description, situation.words), given.note,
    )  # fmt: skip


def first_due(rule: TaskRule, situation: Situation, now: int) -> int | None:
    """When the task of a move is due; empty while it waits.

    What a broken rule waits for never comes: the move is taken for the event, and a date that is
    gone is that of the move.
    """
    trouble = situation.troubles.get(rule.id)
    never = trouble is not None and trouble[0] in NEVER
    if rule.due_rule == "on_event" and not never and not _happened(rule, situation):
        return None
    due = due_of(rule, situation, now)
    if due is None and never:
        return _after(replace(rule, due_rule="after_move", amount=0), situation.calendar, now)
    return due


def assignee_of(rule: TaskRule, situation: Situation, first_day: int) -> int | None:
    """Who gets the task on its first day, after substitution; empty when there is nobody."""
    return assignment_of(rule, situation, first_day).person_id


# --- due moments -------------------------------------------------------------------------------


def due_of(rule: TaskRule, situation: Situation, at: int) -> int | None:
    """The due moment of a rule's task; ``at`` is the move, or for ``on_event`` the event.

    Empty for ``before_date`` while the date field is empty and for ``on_date`` without a date; a
    date that is past makes the task due at ``at``. Call it again when the date field changes: the
    due moment moves along.
    """
    calendar = situation.calendar
    if rule.due_rule in ("after_move", "on_event"):
        return _after(rule, calendar, at)
    fixed = rule.due_rule == "on_date"
    day = rule.fixed_day if fixed else situation.dates.get(rule.date_field or "")
    if day is None:
        return None
    day = min(max(day, _EARLIEST), _LATEST)
    return max(at, _on_day(rule, calendar, day if fixed else _before(rule, calendar, day)))


def _after(rule: TaskRule, calendar: WorkCalendar, at: int) -> int:
    if rule.unit in _UNIT_SECONDS:
        due = at + rule.amount * _UNIT_SECONDS[rule.unit] * SECOND
        return _moment_shifted(due, calendar) if rule.shifts() else due
    today = calendar.zone.day_of(at)
    step = calendar.add_working_days(today, rule.amount) if rule.unit == "working_days" else None
    due = _on_day(rule, calendar, today + rule.amount if step is None else step)
    if rule.amount == 0 and due <= at and rule.due_minute is None:
        return _on_day(rule, calendar, calendar.next_working(today + 1))
    return due


def _before(rule: TaskRule, calendar: WorkCalendar, day: int) -> int:
    if rule.unit == "working_days":
        return calendar.add_working_days(day, -rule.amount)
    return day - rule.amount


def _on_day(rule: TaskRule, calendar: WorkCalendar, day: int) -> int:
    if rule.shifts():
        day = calendar.next_working(day)
    if rule.due_minute is not None:
        return calendar.at(day, rule.due_minute)
    return calendar.end_of_working_day(day)


def _moment_shifted(due: int, calendar: WorkCalendar) -> int:
    day = calendar.zone.day_of(due)
    target = calendar.next_working(day)
    if target == day:
        return due
    local = calendar.zone.local(due)
    return calendar.at(target, local.hour * 60 + local.minute) + (
        local.second * SECOND + local.microsecond
    )


# --- events ------------------------------------------------------------------------------------


def answers(rule: TaskRule, event: Event) -> bool:
    """Whether the event is the one that the rule's task waits for."""
    if rule.due_rule != "on_event" or rule.event != event.kind:
        return False
    if event.kind == "task_done":
        return rule.event_task_rule_id == event.task_rule_id
    if event.kind == "child_enters":
        return rule.event_stage_id == event.stage_id
    return rule.event_field == event.field


def _happened(rule: TaskRule, situation: Situation) -> bool:
    if rule.event == "task_done":
        return rule.event_task_rule_id in situation.done_rules
    if rule.event == "child_enters":
        return rule.event_stage_id in situation.child_stages
    return rule.event_field in situation.filled_fields
