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
from salesdesk.services.calendars import WorkCalendar

DueRule = Literal["after_move", "before_date", "on_date", "on_event"]
Unit = Literal["minutes", "hours", "days", "working_days"]
EventKind = Literal["task_done", "child_enters", "field_filled"]
#: What a task waits for whose date is still empty.
DATE_SET = "date_set"
AssigneeRule = Literal["responsible", "person", "supervisor", "least_loaded"]
LeavePolicy = Literal["keep", "complete", "cancel"]
Closing = Literal["complete", "cancel"]
StageKind = Literal["open", "won", "lost"]

_UNIT_SECONDS = {"minutes": 60, "hours": 3600}


@dataclass(frozen=True, slots=True)
class TaskRule:
    """A task that is created when a deal enters ``stage_id``.

    ``amount`` and ``unit`` serve ``after_move``, ``before_date`` (days, working days) and
    ``on_event`` (after the event). ``shift_to_working_day`` empty means the default: yes for
    ``after_move`` in working days, no otherwise. ``fixed_day`` is a day, ``due_minute`` minutes
    from local midnight.
    """

    id: int
    stage_id: int
    title: str
    kind_id: int | None = None
    due_rule: DueRule = "after_move"
    amount: int = 1
    unit: Unit = "days"
    date_field: str | None = None
    fixed_day: int | None = None
    due_minute: int | None = None
    event: EventKind | None = None
    event_stage_id: int | None = None
    event_task_rule_id: int | None = None
    event_field: str | None = None
    shift_to_working_day: bool | None = None
    assignee_rule: AssigneeRule = "responsible"
    assignee_id: int | None = None
    team_id: int | None = None
    leave_policy: LeavePolicy = "keep"
    must_be_done: bool = False
    position: int = 0
    asks_result: bool = False

    def shifts(self) -> bool:
        """Whether a due day that is not a working day goes to the next working day."""
        if self.shift_to_working_day is not None:
            return self.shift_to_working_day
        return self.due_rule == "after_move" and self.unit == "working_days"


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
class Absence:
    """Days ``first_day..last_day`` (both included) on which someone is away."""

    first_day: int
    last_day: int
    substitute_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """What the assignee rules need to know of a person.

    ``team_lead_id`` is the lead of the person's team (of the team above, for the lead of one).
    """

    id: int
    supervisor_id: int | None = None
    team_id: int | None = None
    team_lead_id: int | None = None
    active: bool = True
    absences: tuple[Absence, ...] = ()

    def superior(self) -> int | None:
        """The supervisor: the person named, else the lead of the team; nobody is their own."""
        for found in (self.supervisor_id, self.team_lead_id):
            if found is not None and found != self.id:
                return found
        return None

    def absence_on(self, day: int) -> Absence | None:
        """The absence that covers a day."""
        return next((a for a in self.absences if a.first_day <= day <= a.last_day), None)


@dataclass(frozen=True, slots=True)
class Situation:
    """The deal and its surroundings at the move.

    ``dates`` are the deal's date fields as days; ``load`` counts open tasks by person;
    ``team_parents`` is the tree of teams. ``filled_fields``, ``child_stages`` (stages that child
    deals have entered) and ``done_rules`` (rules whose task is done on this deal) say which events
    have happened before.
    """

    calendar: WorkCalendar
    responsible_id: int | None
    people: Mapping[int, PersonInfo]
    left_stage_id: int | None = None
    entered_kind: StageKind = "open"
    dates: Mapping[str, int | None] = field(default_factory=dict)
    load: Mapping[int, int] = field(default_factory=dict)
    team_parents: Mapping[int, int | None] = field(default_factory=dict)
    filled_fields: frozenset[str] = frozenset()
    child_stages: frozenset[int] = frozenset()
    done_rules: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that waiting tasks of a deal may wait for."""

    kind: EventKind
    stage_id: int | None = None
    task_rule_id: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to create: ``due_at`` is a moment or empty, ``waits``: it awaits an event."""

    rule: TaskRule
    assignee_id: int | None
    supervisor_id: int | None
    due_at: int | None
    waits: bool = False

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
    created = []
    for rule in rules:
        made = new_task(rule, situation, now)
        created.append(made)
        if made.assignee_id is not None:
            load = {**situation.load}
            load[made.assignee_id] = load.get(made.assignee_id, 0) + 1
            situation = replace(situation, load=load)
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
    today = situation.calendar.zone.day_of(now)
    assignee = assignee_of(rule, situation, today)
    person = situation.people.get(assignee) if assignee is not None else None
    due = None
    if rule.due_rule != "on_event" or _happened(rule, situation):
        due = due_of(rule, situation, now)
    waits = due is None and rule.due_rule in ("on_event", "before_date")
    return NewTask(rule, assignee, person.superior() if person else None, due, waits)


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
    if rule.due_rule == "on_date":
        day = rule.fixed_day
    else:
        day = _before(rule, calendar, situation.dates.get(rule.date_field or ""))
    return None if day is None else max(at, _on_day(rule, calendar, day))


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


def _before(rule: TaskRule, calendar: WorkCalendar, day: int | None) -> int | None:
    if day is None:
        return None
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


# --- assignees ---------------------------------------------------------------------------------


def assignee_of(rule: TaskRule, situation: Situation, first_day: int) -> int | None:
    """Who gets the task on its first day, after substitution; empty when there is nobody.

    Someone who left is replaced by their supervisor, else by the deal's responsible person.
    """
    chosen = _chosen(rule, situation, first_day)
    return None if chosen is None else substitute_of(chosen, situation.people, first_day)


def _chosen(rule: TaskRule, situation: Situation, day: int) -> int | None:
    people, responsible = situation.people, situation.responsible_id
    wanted: int | None = responsible
    if rule.assignee_rule == "person":
        wanted = rule.assignee_id
    elif rule.assignee_rule == "supervisor":
        info = people.get(responsible) if responsible is not None else None
        wanted = (info.superior() if info else None) or responsible
    elif rule.assignee_rule == "least_loaded":
        wanted = _least_loaded(rule.team_id, situation, day)
    for candidate in (wanted, _superior(wanted, people), responsible):
        if candidate is not None and _is_active(candidate, people):
            return candidate
    return None


def _superior(person_id: int | None, people: Mapping[int, PersonInfo]) -> int | None:
    info = people.get(person_id) if person_id is not None else None
    return info.superior() if info else None


def _is_active(person_id: int, people: Mapping[int, PersonInfo]) -> bool:
    info = people.get(person_id)
    return info is not None and info.active


def _least_loaded(team_id: int | None, situation: Situation, day: int) -> int | None:
    """The member of the team (and the teams inside it) with the fewest open tasks: those present
    first, then the lowest id; without members, the responsible person."""
    members = [
        info
        for info in situation.people.values()
        if info.active and _inside(info.team_id, team_id, situation.team_parents)
    ]
    if not members:
        return situation.responsible_id
    best = min(
        members,
        key=lambda info: (
            info.absence_on(day) is not None,
            situation.load.get(info.id, 0),
            info.id,
        ),
    )
    return best.id


def _inside(team_id: int | None, wanted: int | None, parents: Mapping[int, int | None]) -> bool:
    seen: set[int] = set()
    while team_id is not None and team_id not in seen:
        if team_id == wanted:
            return True
        seen.add(team_id)
        team_id = parents.get(team_id)
    return False


def substitute_of(person_id: int, people: Mapping[int, PersonInfo], day: int) -> int:
    """The person, or who stands in for them on a day: a substitute who is absent too passes on to
    theirs. A chain that ends with nobody present, or turns in a circle, leaves the task with the
    person it was meant for."""
    seen = {person_id}
    current: int = person_id
    while True:
        info = people.get(current)
        absence = info.absence_on(day) if info else None
        if absence is None:
            return current
        following = absence.substitute_id
        if following is None or following in seen or not _is_active(following, people):
            return person_id
        seen.add(following)
        current = following
