"""Tasks that wait, and tasks that hang on a date: what the writes of a command do to them.

Called before a transaction commits, whatever verb wrote it, so that no verb can forget to. A task
wakes when its event happens; one that hangs on a date of the deal moves along with it, until a
person has set its due moment by hand. What is written here belongs to the command that caused it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from salesdesk.models.store import Transaction
from salesdesk.services import automation, awaiting, happenings, surroundings
from salesdesk.services.automation import DATE_SET, Event, Situation, TaskRule
from salesdesk.services.rulebook import EventKind
from salesdesk.services.task_rules import rules_ever

#: A field of a deal that was changed: deal, name, old and new value.
Filled = tuple[int, str, Any, Any]
#: The bit of a fact that sets the due moment.
_DUE = 2
#: Days go by this name in rules of imported configurations.
_SAME = {"expected_day": "expected_close", "expected_close": "expected_day"}
_OPEN = (
    "SELECT t.id, t.rule_id, t.due_at, t.event FROM task t "
    "WHERE t.deal_id = ? AND t.state IN ('open', 'new') AND t.deleted_at IS NULL "
    "AND t.rule_id IS NOT NULL ORDER BY t.id"
)


def follow(tx: Transaction) -> None:
    """Wake and move along the tasks that depend on what the transaction wrote."""
    rules: dict[int, TaskRule] = tx.store.cached("rules_that_wait", _rules_that_wait, tx)
    if not rules:
        return
    filled = _filled(tx)
    happened = _happened(tx, filled, {rule.event for rule in rules.values()})
    dates = _dates(filled)
    for deal in sorted(happened.keys() | dates.keys()):
        _follow_deal(tx, deal, rules, happened.get(deal, []), dates.get(deal, set()))


def _rules_that_wait(tx: Any) -> dict[int, TaskRule]:
    """Rules, deleted ones too (their tasks go on waiting), by id."""
    return {r.id: r for r in rules_ever(tx) if r.due_rule in ("on_event", "before_date")}


# -- what happened --------------------------------------------------------------------------------


def _happened(
    tx: Transaction, filled: list[Filled], awaited: set[EventKind | None]
) -> dict[int, list[Event]]:
    """Events by the deal whose tasks may wait for them; only of the kinds that are awaited."""
    found: dict[int, list[Event]] = defaultdict(list)
    for deal, name, old, new in filled:
        if old in (None, "") and new not in (None, ""):
            found[deal].append(Event("field_filled", field=name))
    if "child_enters" in awaited:
        _children_entered(tx, found)
    if "task_done" in awaited:
        _tasks_done(tx, found)
    return found


def _children_entered(tx: Transaction, found: dict[int, list[Event]]) -> None:
    moves = [row[0] for row in tx.changed_fields("stage_move") if row[1] is None]
    for parent, stage in tx.rows_of(
        "SELECT d.parent_id, m.to_stage_id FROM stage_move m JOIN deal d ON d.id = m.deal_id "
        "WHERE d.parent_id IS NOT NULL AND m.id IN ({ids})",
        moves,
    ):
        found[parent].append(Event("child_enters", stage_id=stage))


def _tasks_done(tx: Transaction, found: dict[int, list[Event]]) -> None:
    facts = [row[0] for row in tx.changed_fields("task_change") if row[1] is None]
    for deal, rule in tx.rows_of(
        "SELECT t.deal_id, t.rule_id FROM task_change f JOIN task t ON t.id = f.task_id "
        "WHERE f.state = 'done' AND t.rule_id IS NOT NULL AND t.deal_id IS NOT NULL "
        "AND f.id IN ({ids})",
        facts,
    ):
        found[deal].append(Event("task_done", task_rule_id=rule))


def _filled(tx: Transaction) -> list[Filled]:
    """Fields of deals, own ones too, that were changed: deal, name, old and new value."""
    found = [
        (deal, name, old, new)
        for deal, name, old, new in tx.changed_fields("deal")
        if name in happenings.FILLED
    ]
    old_of = {
        key: old if field == "value" else None
        for key, field, old, _ in tx.changed_fields("field_value")
        if field in (None, "value", "deleted_at")
    }
    for key, deal, name, value in tx.rows_of(
        "SELECT v.id, v.subject_id, f.name, CASE WHEN v.deleted_at IS NULL THEN v.value END "
        "FROM field_value v JOIN custom_field f ON f.id = v.field_id "
        "WHERE f.subject = 'deal' AND v.id IN ({ids})",
        old_of,
    ):
        found.append((deal, name, old_of[key], value))
    return found


def _dates(filled: list[Filled]) -> dict[int, set[str]]:
    """Names of the fields that changed and may be dates, by deal."""
    found: dict[int, set[str]] = defaultdict(set)
    for deal, name, _old, _new in filled:
        found[deal] |= {name, _SAME.get(name, name)}
    return found


# -- what follows ---------------------------------------------------------------------------------


def _follow_deal(
    tx: Transaction,
    deal: int,
    rules: dict[int, TaskRule],
    happened: list[Event],
    dates: set[str],
) -> None:
    waking, hanging = [], []
    for task, rule_id, due, event in tx.rows(_OPEN, (deal,)):
        rule = rules.get(rule_id)
        if rule is None:
            continue
        if rule.due_rule == "before_date":
            if rule.date_field in dates:
                hanging.append((task, rule, due, event))
        elif due is None and any(automation.answers(rule, one) for one in happened):
            waking.append((task, rule))
    if not waking and not hanging:
        return
    around = _situation(tx, deal, [rule for _, rule, *_ in [*waking, *hanging]])
    by_hand = awaiting.set_by_hand(tx, [task for task, *_ in hanging])
    due_moments = {task: automation.due_of(rule, around, tx.now) for task, rule in waking}
    marks: list[dict[str, Any]] = []
    for task, rule, due, event in hanging:
        if task in by_hand:
            continue
        new = automation.due_of(rule, around, tx.now)
        if new != due:
            due_moments[task] = new
        awaits = DATE_SET if new is None else None
        if awaits != event:
            marks.append({"id": task, "event": awaits, "event_field": rule.date_field})
    _write(tx, due_moments, marks)


def _situation(tx: Transaction, deal: int, rules: Iterable[TaskRule]) -> Situation:
    found = happenings.of_deal(tx, deal, rules)
    return Situation(surroundings.calendar(tx), None, {}, dates=found.dates)


def _write(
    tx: Transaction, due_moments: dict[int, int | None], marks: list[dict[str, Any]]
) -> None:
    with tx.unwatched():
        if marks:
            tx.update("task", marks)
        if due_moments:
            tx.insert(
                "task_change",
                [
                    {"task_id": task, "at": tx.now, "fields": _DUE, "due_at": due}
                    for task, due in due_moments.items()
                ],
            )
