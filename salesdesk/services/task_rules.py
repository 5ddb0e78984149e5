"""Task rules: which tasks a stage makes. Saved here, applied by ``automation``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Store, Transaction
from salesdesk.names import clean
from salesdesk.services import braces, own_fields
from salesdesk.services.people import require_admin
from salesdesk.services.records import (
    Asks,
    Saved,
    last_position,
    must_exist,
    put_in_order,
    same_set,
)
from salesdesk.services.rulebook import (
    TASK_RULE,
    AssigneeRule,
    DueRule,
    EventKind,
    LeavePolicy,
    TaskRule,
    Unit,
    task_rule,
    task_rule_row,
)
from salesdesk.text import N_

__all__ = [
    "DATE_FIELDS", "FILLABLE", "TaskRule", "add_task_rule", "change_task_rule", "delete_task_rule",
    "reorder_task_rules", "task_rules", "write_task_rule",
]  # fmt: skip

#: Date fields of a deal that a task can be due before, with their names.
DATE_FIELDS = {"expected_day": N_("Expected close date"), "start_day": N_("Start date")}
#: Fields of a deal whose filling in a task can wait for, with their names; own fields by name.
FILLABLE = {
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "expected_day": N_("Expected close date"),
    "start_day": N_("Start date"),
}
NO_RULE = N_("There is no such task rule any more; nothing was changed.")


def task_rules(r: Asks, stage_id: int | None = None) -> list[TaskRule]:
    """The rules of a stage (or all), by stage and in their order."""
    found = r.rows(
        f"SELECT {TASK_RULE} FROM task_rule WHERE deleted_at IS NULL "
        "ORDER BY stage_id, position, id"
    )
    return [task_rule(row) for row in found if stage_id in (None, row[1])]


def rules_ever(r: Asks) -> list[TaskRule]:
    """All rules, those deleted too: tasks that they made may still wait."""
    return [task_rule(row) for row in r.rows(f"SELECT {TASK_RULE} FROM task_rule")]


def add_task_rule(
    store: Store, rule: TaskRule, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Add a rule at the end of its stage (``rule.id`` and ``rule.position`` are not looked at).

    Raises ``Invalid`` with one sentence for a rule that says nothing clear.
    """
    with store.command("task_rule.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        position = last_position(tx, "task_rule", ("stage_id", rule.stage_id))
        key = write_task_rule(tx, replace(rule, id=0, position=position))
    return Saved(tx.command_id, key)


def change_task_rule(
    store: Store, rule: TaskRule, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Save a rule as given; the tasks that it made already stay as they are."""
    with store.command("task_rule.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "task_rule", rule.id, NO_RULE)
        write_task_rule(tx, rule)
    return Saved(tx.command_id, rule.id)


def delete_task_rule(
    store: Store, rule_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Delete a rule; the tasks that it made stay."""
    with store.command("task_rule.delete", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "task_rule", rule_id, NO_RULE)
        waiting = tx.value(
            "SELECT title FROM task_rule WHERE event_rule_id = ? AND deleted_at IS NULL", (rule_id,)
        )
        if waiting is not None:
            raise Invalid(
                N_("The task “{title}” waits for this one: change that rule first."), title=waiting
            )
        tx.delete("task_rule", [rule_id])
    return Saved(tx.command_id, rule_id)


def reorder_task_rules(
    store: Store,
    stage_id: int,
    ids: Sequence[int],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Put the rules of a stage in another order; returns the command id."""
    with store.command("task_rule.order", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        same_set(ids, (rule.id for rule in task_rules(tx, stage_id)))
        put_in_order(tx, "task_rule", ids)
    return tx.command_id


def write_task_rule(tx: Transaction, rule: TaskRule) -> int:
    """Add a rule (``id`` 0) or save it inside a transaction; returns the id."""
    check(tx, rule)
    row = task_rule_row(rule)
    if not rule.id:
        return tx.insert("task_rule", [row])[0]
    tx.update("task_rule", [{"id": rule.id, **row}])
    return rule.id


# --- judging -----------------------------------------------------------------------------------


def check(a: Asks, rule: TaskRule) -> None:
    """Raise ``Invalid`` (or ``NotFound``) with one sentence unless the rule can be carried out."""
    if not clean(rule.title):
        raise Invalid(N_("A task rule needs the title of the task."))
    for value, words in (
        (rule.due_rule, get_args(DueRule)), (rule.unit, get_args(Unit)),
        (rule.assignee_rule, get_args(AssigneeRule)), (rule.leave_policy, get_args(LeavePolicy)),
        (rule.event, (None, *get_args(EventKind))),
    ):  # fmt: skip
        if value not in words:
            raise Invalid(N_("A task rule cannot say “{value}”."), value=value)
    must_exist(a, "stage", rule.stage_id, N_("There is no such stage any more."))
    if rule.kind_id is not None:
        must_exist(a, "task_kind", rule.kind_id, N_("There is no such kind of task any more."))
    _check_due(a, rule)
    if rule.due_rule == "on_event":
        _check_event(a, rule)
    _check_assignee(a, rule)
    _check_text(a, rule)


def _check_due(a: Asks, rule: TaskRule) -> None:
    if not 0 <= rule.amount <= 100_000:
        raise Invalid(
            N_("“{title}”: the time until it is due cannot be below 0."), title=rule.title
        )
    if rule.due_minute is not None and not 0 <= rule.due_minute < 1440:
        raise Invalid(N_("“{title}”: the time of day lies outside the day."), title=rule.title)
    if rule.due_rule == "before_date":
        if rule.unit not in ("days", "working_days"):
            raise Invalid(
                N_("“{title}”: before a date, count in days or working days."), title=rule.title
            )
        kind = own_fields.known(a).get(rule.date_field or "", (0, ""))[1]
        if rule.date_field not in DATE_FIELDS and kind != "date":
            raise Invalid(N_("“{title}”: say which date it is due before."), title=rule.title)
    if rule.due_rule == "on_date" and rule.fixed_day is None:
        raise Invalid(N_("“{title}”: say on which date it is due."), title=rule.title)


def _check_event(a: Asks, rule: TaskRule) -> None:
    if rule.event == "task_done" and rule.event_task_rule_id is not None:
        if rule.event_task_rule_id == rule.id:
            raise Invalid(N_("“{title}” cannot wait for itself."), title=rule.title)
        must_exist(a, "task_rule", rule.event_task_rule_id, NO_RULE)
        _check_waiting(a, rule)
    elif rule.event == "child_enters" and rule.event_stage_id is not None:
        must_exist(a, "stage", rule.event_stage_id, N_("There is no such stage any more."))
    elif rule.event == "field_filled" and rule.event_field:
        if rule.event_field not in FILLABLE and rule.event_field not in own_fields.known(a):
            raise NotFound(N_("A deal has no field “{name}”."), name=rule.event_field)
    else:
        raise Invalid(N_("“{title}”: say which event it waits for."), title=rule.title)


def _check_waiting(a: Asks, rule: TaskRule) -> None:
    """Tasks that wait for each other would wait for ever."""
    awaited = dict(a.rows("SELECT id, event_rule_id FROM task_rule WHERE deleted_at IS NULL"))
    awaited[rule.id] = rule.event_task_rule_id
    seen, current = set[int](), rule.event_task_rule_id
    while current is not None and current not in seen:
        if current == rule.id:
            raise Invalid(N_("“{title}” and other tasks wait for each other."), title=rule.title)
        seen.add(current)
        current = awaited.get(current)


def _check_assignee(a: Asks, rule: TaskRule) -> None:
    if rule.assignee_rule == "person":
        if rule.assignee_id is None:
            raise Invalid(N_("“{title}”: say who gets the task."), title=rule.title)
        must_exist(a, "person", rule.assignee_id, N_("There is no such person any more."))
    if rule.assignee_rule == "least_loaded":
        if rule.team_id is None:
            raise Invalid(N_("“{title}”: say which team gets the task."), title=rule.title)
        must_exist(a, "team", rule.team_id, N_("There is no such team any more."))


def _check_text(a: Asks, rule: TaskRule) -> None:
    wrong = braces.unknown(rule.description, own_fields.known(a))
    if wrong:
        raise Invalid(
            N_("“{title}”: the text names {field}, and a deal has no such field."),
            title=rule.title,
            field=f"{{{wrong[0]}}}",
        )
