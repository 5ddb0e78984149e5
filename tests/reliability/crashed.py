"""A workspace to crash, and everything that may be wrong with it afterwards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from salesdesk.models import migrate
from salesdesk.models.derived import rebuild
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.services import history, workspaces

NOW = 1_700_000_000_000_000
BATCH = 5
DERIVED = {
    "deal": "id, pipeline_id, stage_id, owner_id, since, created_at, closed_at, open_tasks, "
    "next_due, next_task_id",
    "task": "id, assignee_id, due_at, state, closed_at, postponed",
    "stage_move": "id, undone, superseded, from_stage_id, spent",
    **dict.fromkeys(
        ("span", "reach", "hold", "tally_day", "tally_month", "won_line", "won_sum", "stage_total"),
        "*",
    ),
}
#: How many columns at the end are sums; a row of which nothing is left may stay or go.
SUMS = {"tally_day": 2, "tally_month": 2, "won_sum": 3, "stage_total": 4}


class _TakeBack(Exception):
    """Ends a transaction that only looked."""


def furnish(path: Path) -> Path:
    """A new workspace with a pipeline, people and a task rule."""
    migrate.create_workspace(path)
    with Store.open(path) as store, store.command("init", now=NOW) as tx:
        (pipeline,) = tx.insert("pipeline", [{"name": "Sales", "name_key": "sales"}])
        kinds = ["open", "open", "open", "won", "open"]
        stages = [
            {"pipeline_id": pipeline, "name": f"S{n}", "name_key": f"s{n}", "kind": kind,
             "position": n, "milestone": "won" if kind == "won" else None}
            for n, kind in enumerate(kinds)
        ]  # fmt: skip
        ids = tx.insert("stage", stages)
        people = [{"name": name, "name_key": name.lower()} for name in ("Anna", "Boris", "Vera")]
        owners = tx.insert("person", people)
        tx.insert("task_rule", [{"stage_id": key, "title": f"Call at {key}"} for key in ids[:3]])
        made = tx.insert(
            "deal",
            [
                {"number": n, "title": f"First {n}", "title_key": f"first {n}", "currency": "RUB",
                 "amount": n * 10_000}
                for n in range(1, 9)
            ],
        )  # fmt: skip
        tx.insert(
            "stage_move",
            [
                {"deal_id": deal, "to_stage_id": ids[0], "at": NOW, "recorded_at": NOW,
                 "owner_id": owners[deal % 3], "sets_owner": 1}
                for deal in made
            ],
        )  # fmt: skip
    return path


def _derived(r: Reader | Transaction) -> dict[str, set[tuple[Any, ...]]]:
    return {
        table: {
            row
            for row in r.rows(f"SELECT {what} FROM {table}")
            if table not in SUMS or any(row[-SUMS[table] :])
        }
        for table, what in DERIVED.items()
    }


def _rebuilt(store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """Derived rows as they are and as a rebuild makes them; the rebuild is taken back."""
    kept: dict[str, Any] = {}
    try:
        with store.command("rebuild", now=NOW) as tx:
            before = _derived(tx)
            rebuild(tx)
            kept = _derived(tx)
            raise _TakeBack
    except _TakeBack:
        return before, kept


def _lost(r: Reader, told: list[dict[str, Any]]) -> Iterator[str]:
    for ack in told:
        state = r.value("SELECT state FROM command WHERE id = ?", (ack["command"],))
        lines = r.value(
            "SELECT count(*) FROM change c JOIN txn t ON c.id BETWEEN t.first_change AND "
            "t.last_change WHERE t.command_id = ?",
            (ack["command"],),
        )
        if state != "done" or lines < (ack["lines"] or 0):
            yield f"acknowledged command {ack['command']} is {state} with {lines} lines"
        if "title" in ack and not r.value("SELECT 1 FROM deal WHERE title = ?", (ack["title"],)):
            found = r.value(
                "SELECT count(*) FROM change WHERE tbl = 'deal' AND field = 'title' AND old = ?",
                (ack["title"],),
            )
            if not found:
                yield f"acknowledged deal {ack['title']} is not there"


def _half_done(r: Reader) -> Iterator[str]:
    for name, n in r.rows(
        "SELECT name, count(*) FROM contractor WHERE deleted_at IS NULL GROUP BY name"
    ):
        if n != BATCH:
            yield f"{name} has {n} of {BATCH}"
    running = r.value("SELECT count(*) FROM command WHERE state <> 'done'")
    if running:
        yield f"{running} commands never finished"
    gaps = r.value(
        "SELECT count(*) FROM (SELECT first_change, lag(last_change) OVER (ORDER BY id) AS last "
        "FROM txn) WHERE first_change <> last + 1"
    )
    stray = r.value(
        "SELECT count(*) FROM change c WHERE NOT EXISTS (SELECT 1 FROM txn t WHERE t.id = c.txn_id "
        "AND c.id BETWEEN t.first_change AND t.last_change)"
    )
    if gaps or stray:
        yield f"the log has {gaps} gaps and {stray} stray lines"


def faults(path: Path, told: list[dict[str, Any]]) -> list[str]:
    """Everything wrong with a workspace after a crash and the recovery."""
    with Store.open(path) as store:
        history.recover(store, now=NOW)
        with store.read() as r:
            found = [*_lost(r, told), *_half_done(r)]
        before, after = _rebuilt(store)
    found += [f"{table} is not as rebuilt" for table in before if before[table] != after[table]]
    return found + list(workspaces.check_file(path, quick=True).faults)
