"""What open tasks hang on: what a waiting one waits for, and which ones a person has taken off the
date that they moved along with."""

from collections.abc import Iterable, Sequence

from salesdesk.models.store import Reader, Transaction

#: Bits of a fact: it sets the due moment; it sets all, being the task's first.
_DUE, _MADE = 2, 7


def awaited(r: Reader, tasks: Sequence[int]) -> dict[int, str]:
    """By waiting task, the stage, the task or the field (by its key) that it waits for.

    Empty when that is gone; tasks that do not wait are left out.
    """
    return {
        task: name or ""
        for task, name in r.rows_of(
            "SELECT t.id, coalesce(s.name, w.title, a.title, t.event_field) FROM task t "
            "LEFT JOIN stage s ON s.id = t.event_stage_id "
            "LEFT JOIN task w ON w.id = t.event_task_id "
            "LEFT JOIN task_rule u ON u.id = t.rule_id AND t.event = 'task_done' "
            "LEFT JOIN task_rule a ON a.id = u.event_rule_id "
            "WHERE t.state = 'open' AND t.event IS NOT NULL AND t.due_at IS NULL "
            "AND t.id IN ({ids})",
            tasks,
        )
    }


def kept(r: Reader, tasks: Sequence[int]) -> dict[int, str]:
    """By open task, the date field (by its key) that it no longer moves along with, because a
    person has set its due moment."""
    hanging: dict[int, str | None] = dict(
        r.rows_of(
            "SELECT t.id, u.date_field FROM task t JOIN task_rule u ON u.id = t.rule_id "
            "WHERE t.state = 'open' AND u.due_rule = 'before_date' AND t.id IN ({ids})",
            tasks,
        )
    )
    if not hanging:
        return {}
    return {task: hanging[task] or "" for task in sorted(set_by_hand(r, hanging))}


def set_by_hand(a: Reader | Transaction, tasks: Iterable[int]) -> set[int]:
    """The tasks whose due moment a person has set: they stay where they were put."""
    return set(when_set_by_hand(a, tasks))


def when_set_by_hand(a: Reader | Transaction, tasks: Iterable[int]) -> dict[int, int]:
    """By task whose due moment a person has set, the moment when that was done last."""
    rows = a.rows_of(
        "SELECT f.task_id, max(f.at) FROM task_change f JOIN command c ON c.id = f.command_id "
        f"WHERE f.fields & {_DUE} AND f.fields <> {_MADE} AND f.undone = 0 "
        "AND c.kind LIKE 'task.%' AND c.kind <> 'task.complete' AND f.task_id IN ({ids}) "
        "GROUP BY f.task_id",
        list(tasks),
    )
    return dict(rows)
