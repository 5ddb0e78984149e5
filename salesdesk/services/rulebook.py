"""The rules of stages as everybody hands them around: task rules and links, and their rows.

Saved in ``task_rules`` and ``link_rules``, carried out by ``automation`` and ``moving``.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from salesdesk.names import clean

DueRule = Literal["after_move", "before_date", "on_date", "on_event"]
Unit = Literal["minutes", "hours", "days", "working_days"]
EventKind = Literal["task_done", "child_enters", "field_filled"]
AssigneeRule = Literal["responsible", "person", "supervisor", "least_loaded"]
LeavePolicy = Literal["keep", "complete", "cancel"]
LinkKind = Literal["open_child", "move_parent"]


@dataclass(frozen=True, slots=True)
class TaskRule:
    """A task that is created when a deal enters ``stage_id``.

    ``amount`` and ``unit`` serve ``after_move``, ``before_date`` (days, working days) and
    ``on_event`` (after the event). ``shift_to_working_day`` empty means the default: yes for
    ``after_move`` in working days, no otherwise. ``fixed_day`` is a day, ``due_minute`` minutes
    from local midnight. ``description`` may name fields of the deal in braces (see ``braces``),
    ``checklist`` are the lines that the task begins with.
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
    description: str | None = None
    checklist: tuple[str, ...] = ()

    def shifts(self) -> bool:
        """Whether a due day that is not a working day goes to the next working day."""
        if self.shift_to_working_day is not None:
            return self.shift_to_working_day
        return self.due_rule == "after_move" and self.unit == "working_days"


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Entering ``stage_id`` opens a child at, or moves the parent to, ``target_stage_id``.

    Client and contact always go with a child; ``copied`` names what else does, ``filled`` what a
    child that moves its parent fills in there: columns of the deal, or own fields by their names.
    ``keeps_in_step``: later changes of them go along, too; ``allows_back``: the parent may be
    moved back. ``title`` is the child's (empty: the parent's).
    """

    id: int
    stage_id: int
    kind: LinkKind
    target_stage_id: int
    title: str | None = None
    assignee_rule: AssigneeRule = "responsible"
    assignee_id: int | None = None
    team_id: int | None = None
    copied: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    position: int = 0
    keeps_in_step: bool = False
    allows_back: bool = False

    def owner_rule(self) -> TaskRule:
        """The rule by which the owner of a child is found, as that of a task."""
        return TaskRule(
            0, self.target_stage_id, "", assignee_rule=self.assignee_rule,
            assignee_id=self.assignee_id, team_id=self.team_id,
        )  # fmt: skip


#: The columns of a task rule and of a link in the order of their fields.
TASK_RULE = (
    "id, stage_id, title, kind_id, due_rule, amount, unit, date_field, fixed_day, due_minute, "
    "event, event_stage_id, event_rule_id, event_field, shift, assignee_rule, assignee_id, "
    "team_id, leave_policy, must_be_done, position, asks_result, description, checklist"
)
LINK_RULE = (
    "id, stage_id, kind, target_stage_id, title, assignee_rule, assignee_id, team_id, copied, "
    "filled, position, keeps_in_step, allows_back"
)


def task_rule(row: tuple[Any, ...]) -> TaskRule:
    """A task rule of its row (``TASK_RULE``)."""
    shift = None if row[14] is None else bool(row[14])
    cells: tuple[Any, ...] = (
        *row[:14], shift, *row[15:19], bool(row[19]), row[20], bool(row[21]), row[22],
        tuple(json.loads(row[23] or "[]")),
    )  # fmt: skip
    return TaskRule(*cells)


def link_rule(row: tuple[Any, ...]) -> LinkRule:
    """A link of its row (``LINK_RULE``)."""
    fields = (tuple(json.loads(row[8])), tuple(json.loads(row[9])))
    cells: tuple[Any, ...] = (*row[:8], *fields, row[10], bool(row[11]), bool(row[12]))
    return LinkRule(*cells)


def task_rule_row(rule: TaskRule) -> dict[str, Any]:
    """The columns of a task rule but its key, as they are written."""
    shift, lines = rule.shift_to_working_day, [line for line in rule.checklist if line.strip()]
    return {
        "stage_id": rule.stage_id, "title": clean(rule.title), "kind_id": rule.kind_id,
        "due_rule": rule.due_rule, "amount": rule.amount, "unit": rule.unit,
        "date_field": rule.date_field, "fixed_day": rule.fixed_day,
        "due_minute": rule.due_minute, "event": rule.event,
        "event_stage_id": rule.event_stage_id, "event_rule_id": rule.event_task_rule_id,
        "event_field": rule.event_field, "shift": None if shift is None else int(shift),
        "assignee_rule": rule.assignee_rule, "assignee_id": rule.assignee_id,
        "team_id": rule.team_id, "leave_policy": rule.leave_policy,
        "must_be_done": int(rule.must_be_done), "position": rule.position,
        "asks_result": int(rule.asks_result),
        "description": (rule.description or "").strip() or None,
        "checklist": json.dumps([clean(line) for line in lines], ensure_ascii=False),
    }  # fmt: skip


def link_rule_row(rule: LinkRule) -> dict[str, Any]:
    """The same for a link."""
    return {
        "stage_id": rule.stage_id, "kind": rule.kind, "target_stage_id": rule.target_stage_id,
        "title": rule.title or None, "assignee_rule": rule.assignee_rule,
        "assignee_id": rule.assignee_id, "team_id": rule.team_id,
        "copied": json.dumps(list(rule.copied), ensure_ascii=False),
        "filled": json.dumps(list(rule.filled), ensure_ascii=False), "position": rule.position,
        "keeps_in_step": int(rule.keeps_in_step), "allows_back": int(rule.allows_back),
    }  # fmt: skip
