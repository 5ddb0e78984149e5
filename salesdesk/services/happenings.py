"""What has happened to a deal, as far as task rules ask: its dates, what is filled in, which stages
its children have entered, which tasks are done. Read in transactions, for ``automation``."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from salesdesk.models.store import Transaction
from salesdesk.services.automation import TaskRule

#: Fields of a deal that rules may name: those with a day, and those whose filling in is an event.
DAYS = ("start_day", "expected_day")
FILLED = ("amount", "cost", *DAYS)
#: What rules may call a date of a deal; own fields beside them.
DATES = (*DAYS, "expected_close")


@dataclass(frozen=True, slots=True)
class Happenings:
    """``dates`` as days by field (own fields by name), ``filled`` fields, stages entered by child
    deals, and rules whose task is done."""

    dates: dict[str, int | None] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()
    child_stages: frozenset[int] = frozenset()
    done_rules: frozenset[int] = frozenset()


def of_deal(tx: Transaction, deal_id: int, rules: Iterable[TaskRule]) -> Happenings:
    """What the rules ask of a deal; nothing is read that none of them asks."""
    asked = {(rule.due_rule, rule.event) for rule in rules}
    kinds = {event for due, event in asked if due == "on_event"}
    dated = any(due == "before_date" for due, _ in asked)
    if not dated and not kinds:
        return Happenings()
    dates: dict[str, int | None] = {}
    filled: frozenset[str] = frozenset()
    if dated or "field_filled" in kinds:
        dates, filled = _fields(tx, deal_id)
    return Happenings(
        dates,
        filled,
        _entered_by_children(tx, deal_id) if "child_enters" in kinds else frozenset(),
        _done(tx, deal_id) if "task_done" in kinds else frozenset(),
    )


def _fields(tx: Transaction, deal_id: int) -> tuple[dict[str, int | None], frozenset[str]]:
    row = tx.row(f"SELECT {', '.join(FILLED)} FROM deal WHERE id = ?", (deal_id,)) or ()
    values = dict(zip(FILLED, row, strict=True))
    filled = {name for name, value in values.items() if value is not None}
    dates = {name: values[name] for name in DAYS}
    dates["expected_close"] = values["expected_day"]
    for name, kind, value in tx.rows(
        "SELECT f.name, f.kind, v.value FROM field_value v JOIN custom_field f "
        "ON f.id = v.field_id WHERE v.subject_id = ? AND f.subject = 'deal' "
        "AND v.deleted_at IS NULL AND f.deleted_at IS NULL",
        (deal_id,),
    ):
        if value not in (None, ""):
            filled.add(name)
        if kind == "date":
            dates[name] = day_in(value)
    return dates, frozenset(filled)


def day_in(value: Any) -> int | None:
    """The day that an own field holds; None for an empty one and for a text that is no date."""
    try:
        return date.fromisoformat(value).toordinal() if value else None
    except ValueError:
        return None


def _entered_by_children(tx: Transaction, deal_id: int) -> frozenset[int]:
    rows = tx.rows(
        "SELECT DISTINCT m.to_stage_id FROM deal c JOIN stage_move m ON m.deal_id = c.id "
        "WHERE c.parent_id = ? AND c.deleted_at IS NULL AND m.undone = 0 AND m.superseded = 0",
        (deal_id,),
    )
    return frozenset(row[0] for row in rows)


def _done(tx: Transaction, deal_id: int) -> frozenset[int]:
    rows = tx.rows(
        "SELECT DISTINCT rule_id FROM task WHERE deal_id = ? AND state = 'done' "
        "AND rule_id IS NOT NULL AND deleted_at IS NULL",
        (deal_id,),
    )
    return frozenset(row[0] for row in rows)
