"""What must always hold in a workspace, and whether everything derived equals a rebuild."""

from dataclasses import dataclass, field
from typing import Any

from salesdesk.models import derived, indexed
from salesdesk.models.parts import HIGH, PART, PART_BITS
from salesdesk.models.store import Reader, Store
from salesdesk.text import N_, tr

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold; ``name`` is stable, for scripts."""

    name: str
    message: str
    values: dict[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """The sentence in the chosen language."""
        return tr(self.message, **self.values)


#: Each query counts what must not be there.
_QUERIES: tuple[tuple[str, str, str], ...] = (
    (
        "deal_without_stage",
        N_("{n} deals have moves but stand in no stage."),
        (
            "SELECT count(*) FROM deal d WHERE d.stage_id IS NULL AND EXISTS "
            "(SELECT 1 FROM stage_move m WHERE m.deal_id = d.id AND m.undone = 0)"
        ),
    ),
    (
        "deal_without_moves",
        N_("{n} deals have no moves."),
        (
            "SELECT count(*) FROM deal d WHERE d.deleted_at IS NULL AND NOT EXISTS "
            "(SELECT 1 FROM stage_move m WHERE m.deal_id = d.id AND m.undone = 0)"
        ),
    ),
    (
        "pipeline_of_stage",
        N_("{n} deals stand in a stage of another pipeline."),
        (
            "SELECT count(*) FROM deal d JOIN stage s ON s.id = d.stage_id "
            "WHERE d.pipeline_id IS NOT s.pipeline_id"
        ),
    ),
    (
        "segment",
        N_("{n} deals have no present segment of their stage and responsible person."),
        (
            "SELECT count(*) FROM deal d WHERE d.deleted_at IS NULL AND d.stage_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM span s WHERE s.deal_id = d.id AND s.stop IS NULL "
            "AND s.stage_id = d.stage_id AND s.owner_id IS d.owner_id)"
        ),
    ),
    (
        "segment_gap",
        N_("{n} segments do not begin where the one before ended."),
        (
            "SELECT count(*) FROM (SELECT start, lag(stop) OVER w AS before, lag(deal_id) OVER w "
            "AS other FROM span WINDOW w AS (PARTITION BY deal_id ORDER BY start)) "
            "WHERE other IS NOT NULL AND before IS NOT start"
        ),
    ),
    (
        "open_tasks",
        N_("{n} deals count another number of open tasks than they have."),
        (
            "SELECT count(*) FROM deal d LEFT JOIN (SELECT deal_id, count(*) AS n FROM task "
            "WHERE state = 'open' AND deleted_at IS NULL GROUP BY deal_id) t ON t.deal_id = d.id "
            "WHERE d.deleted_at IS NULL AND d.open_tasks <> coalesce(t.n, 0)"
        ),
    ),
    (
        "stage_total",
        N_("{n} totals of stages are not those of the deals in them."),
        (
            "WITH standing AS (SELECT stage_id, currency, coalesce(amount, 0) AS amount FROM deal "
            "WHERE deleted_at IS NULL AND stage_id IS NOT NULL) SELECT count(*) FROM "
            f"(SELECT stage_id, currency, count(*) AS n, sum(amount & {PART - 1}) AS amount "
            "FROM standing GROUP BY 1, 2 UNION ALL "
            f"SELECT stage_id, currency || '{HIGH}', 0, sum(amount >> {PART_BITS}) AS high "
            f"FROM standing GROUP BY 1, 2 HAVING sum(amount >> {PART_BITS}) <> 0) d FULL JOIN "
            "(SELECT * FROM stage_total WHERE n <> 0 OR amount <> 0) t "
            "ON t.stage_id = d.stage_id AND t.currency = d.currency "
            "WHERE d.n IS NOT t.n OR d.amount IS NOT t.amount"
        ),
    ),
    (
        "log",
        N_("{n} lines of the log belong to no transaction."),
        (
            "SELECT count(*) FROM change c LEFT JOIN txn t ON t.id = c.txn_id "
            "WHERE t.id IS NULL OR c.id NOT BETWEEN t.first_change AND t.last_change"
        ),
    ),
    (
        "undone",
        N_("{n} facts of commands that stand are marked undone."),
        (
            "SELECT count(*) FROM stage_move m JOIN command c ON c.id = m.command_id "
            "WHERE m.undone = 1 AND c.undone = 0"
        ),
    ),
)
_UNFINISHED = N_("{n} commands were never finished.")
_FULL_TEXT = N_("{n} records are not found by their words.")

#: Derived tables, and derived columns of the others; the first column is the key.
_DERIVED: dict[str, str] = {
    "span": "SELECT deal_id, start, stop, stage_id, owner_id FROM span",
    "reach": "SELECT deal_id, stage_id, person_id, at, day, move_id, prev_at, credited FROM reach",
    "hold": "SELECT item_id, kind, start, person_id, scope_id, stop, prev_stop FROM hold",
    "won_line": "SELECT deal_id, day, person_id, scope_id, currency, n, amount, cost FROM won_line",
    "tally_day": "SELECT * FROM tally_day WHERE plus <> 0 OR minus <> 0",
    "tally_month": "SELECT * FROM tally_month WHERE plus <> 0 OR minus <> 0",
    "won_sum": "SELECT * FROM won_sum WHERE n <> 0 OR amount <> 0 OR cost <> 0",
    "stage_total": "SELECT * FROM stage_total WHERE n <> 0 OR amount <> 0 OR own_amount <> 0 "
    "OR own_weighted <> 0",
    "deal": "SELECT id, pipeline_id, stage_id, owner_id, since, created_at, closed_at, open_tasks, "
    "next_due, next_task_id FROM deal",
    "task": "SELECT id, assignee_id, due_at, state, closed_at, postponed FROM task",
    "stage_move": "SELECT id, superseded, from_stage_id, spent FROM stage_move",
}


def check(r: Reader, *, unfinished_is_fault: bool = False) -> list[Finding]:
    """What does not hold. ``unfinished_is_fault``: nobody is running a command of several
    transactions, so that one marked so was left by a crash."""
    found = []
    for name, message, sql in _QUERIES:
        n = int(r.value(sql) or 0)
        if n:
            found.append(Finding(name, message, {"n": n}))
    n = indexed.differing(r)
    if n:
        found.append(Finding("full_text", _FULL_TEXT, {"n": n}))
    if unfinished_is_fault:
        n = int(r.value("SELECT count(*) FROM command WHERE state = 'running'"))
        if n:
            found.append(Finding("unfinished", _UNFINISHED, {"n": n}))
    return found


class _Same(Exception):
    """Rolls back a rebuild that changed nothing."""


def rebuild(store: Store, *, person: int | None, now: int) -> dict[str, int]:
    """Derive everything again from the facts; returns how many rows differed, by table.

    When none did, nothing is written.
    """
    with store.read() as r:
        r.value("SELECT count(*) FROM txn")  # the snapshot begins with the first question
        try:
            with store.command("rebuild", now=now, person=person, origin="cli") as tx:
                derived.rebuild(tx)
                found = {table: _differing(r, tx, sql) for table, sql in _DERIVED.items()}
                if not any(found.values()):
                    raise _Same
                tx.set_detail(**found)
        except _Same:
            pass
        found["search_fts"] = indexed.differing(r)
    if found["search_fts"]:
        for _ in indexed.fill(store, anew=True):
            pass
    return found


def _differing(before: Any, after: Any, sql: str) -> int:
    old, new = set(before.rows(sql)), set(after.rows(sql))
    return max(len(old - new), len(new - old))
