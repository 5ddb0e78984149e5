"""What services answer, gathered into one value: two workspaces (or moments) that answer alike are
the same to everybody who uses them."""

from typing import Any

from salesdesk.models.derived import rebuild
from salesdesk.models.store import Store
from salesdesk.services import board, tasks
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.ranking import ranking

_RECORDS = (
    "deal", "task", "client", "person", "stage", "pipeline", "note", "payment", "source", "tag",
    "lost_reason", "deal_tag", "task_rule", "stage_points",
)  # fmt: skip
_FACTS = ("stage_move", "owner_change", "task_change", "reach_ruling")
_DERIVED = ("span", "reach", "hold", "won_line")
#: Sums may keep rows of zeros that a rebuild does not make: (table, key columns).
_SUMS = {"tally_day": 4, "tally_month": 4, "won_sum": 4, "stage_total": 2}


def records(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Records that exist and facts that count, without the marks of when they were deleted."""
    with store.read() as r:
        found = {
            table: r.rows(f"SELECT * FROM {table} WHERE deleted_at IS NULL ORDER BY id")
            for table in _RECORDS
        }
        for table in _FACTS:
            owner = "task" if table == "task_change" else "deal"
            found[table] = r.rows(
                f"SELECT f.* FROM {table} f JOIN {owner} o ON o.id = f.{owner}_id "
                "WHERE f.undone = 0 AND o.deleted_at IS NULL ORDER BY f.id"
            )
    return found


def derived(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything derived, sums of nothing left out."""
    with store.read() as r:
        found = {table: r.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4") for table in _DERIVED}
        for table, keys in _SUMS.items():
            rows = r.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4")
            found[table] = [row for row in rows if any(row[keys:])]
    return found


def assert_rebuilt_alike(store: Store, now: int) -> None:
    """What every command kept up to date is what a rebuild makes of the facts alone."""
    before, deals = derived(store), records(store)
    with store.command("rebuild", now=now, origin="cli") as tx:
        rebuild(tx)
    after = derived(store)
    for table, rows in before.items():
        assert rows == after[table], table
    assert records(store) == deals


def answers(store: Store, now: int) -> dict[str, Any]:
    """The board, the tasks and the ranking, as people see them."""
    found: dict[str, Any] = {}
    with store.read() as r:
        for pipeline in board.pipelines(r):
            for column in board.columns(r, pipeline.id):
                ids = board.ids(r, column.id, BoardFilter(), now=now)
                cards = board.cards(r, ids, now=now)
                found[f"{pipeline.name}/{column.name}"] = (column, [cards[key] for key in ids])
        found["tasks"] = tasks.tasks(r, now=now)
        today = r.zone.day_of(now)
        for days in (0, 40):
            answer = ranking(r, Period(today - days, today), now=now)
            found[f"ranking {days}"] = answer.rows
    return found
