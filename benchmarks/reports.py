"""Every report of a year and of all time, beside pandas over the raw tables.

``python -m benchmarks.reports --quick`` measures a tenth of the size.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import reports_made
from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, median, show, timed
from benchmarks.reports_made import Size
from salesdesk.models.store import Reader, Store
from salesdesk.services import report_catalog
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query

if TYPE_CHECKING:
    from pandas import DataFrame

_YEAR_MS, _ALL_MS = 500.0, 2_000.0
_TIMES = 3
_YEAR = 365 * DAY


def size(quick: bool) -> Size:
    """The size promised, or a tenth of it."""
    return Size(10_000) if quick else Size()


def figures(path: Path, share: float = 1.0) -> list[Figure]:
    """A line a report and period; ``share`` of the goals holds for a smaller workspace."""
    found = []
    with Store.open(path) as store, store.read() as r:
        today = r.zone.day_of(NOW)
        periods = {
            "year": (Period(today - 364, today), _YEAR_MS * share),
            "all time": (Period(today - 3 * 366, today), _ALL_MS * share),
        }
        for name in filter(report_catalog.is_there, _BY_PANDAS):
            report = report_catalog.report(name)
            slow = median(timed(lambda name=name: _BY_PANDAS[name](r), 2))  # type: ignore[misc]
            for what, (period, goal) in periods.items():
                query = Query(period, "week")

                def ask(report: Any = report, query: Query = query) -> object:
                    return report.read(r, query, now=NOW)

                ask()
                ms = median(timed(ask, _TIMES))
                found.append(
                    Figure(f"report {name}, {what}", f"{ms:.0f} ms", f"{slow:.0f} ms (pandas)",
                           f"<= {goal:.0f} ms ({slow / ms:.1f} x faster)", ms <= goal)
                )  # fmt: skip
    return found


# -- the same by pandas, of a year ----------------------------------------------------------------


def _frame(r: Reader, table: str, columns: str, where: str = "1") -> "DataFrame":
    import pandas as pd

    names = columns.split(", ")
    return pd.DataFrame(r.rows(f"SELECT {columns} FROM {table} WHERE {where}"), columns=names)


def _moves(r: Reader) -> object:
    moves = _frame(r, "stage_move", "deal_id, to_stage_id, at, seq, owner_id", "undone = 0")
    moves = moves.sort_values(["deal_id", "at", "seq"])
    moves["owner_id"] = moves.groupby("deal_id")["owner_id"].ffill()
    moves["spent"] = moves.groupby("deal_id")["at"].diff()
    inside = moves[moves["at"] >= NOW - _YEAR]
    weeks = inside["at"] // (7 * DAY)
    return inside.groupby([weeks, "to_stage_id", "owner_id"]).size(), inside.groupby("to_stage_id")[
        "spent"
    ].quantile([0.5, 0.9])


def _deals(r: Reader, by: str) -> object:
    deals = _frame(r, "deal", "id, client_id, stage_id, owner_id, amount, created_at, closed_at, "
                              "lost_reason_id, expected_day")  # fmt: skip
    clients = _frame(r, "client", "id, source_id, industry_id")
    both = deals.merge(clients, left_on="client_id", right_on="id")
    inside = both[both["created_at"] >= NOW - _YEAR]
    return inside.groupby([by, "stage_id"])["amount"].agg(["sum", "count"])


def _tasks(r: Reader, state: str) -> object:
    tasks = _frame(r, "task", "kind_id, assignee_id, due_at, closed_at, state, deal_id")
    inside = tasks[tasks["state"] == state]
    at = inside["due_at" if state == "open" else "closed_at"]
    return inside[at >= NOW - _YEAR].groupby(["kind_id", "assignee_id"]).size()


def _inactive(r: Reader) -> object:
    tasks = _frame(r, "task", "deal_id, closed_at, state")
    deals = _frame(r, "deal", "id, client_id")
    both = tasks.merge(deals, left_on="deal_id", right_on="id")
    last = both.groupby("client_id")["closed_at"].max()
    busy = both[both["state"] == "open"]["client_id"].unique()
    return last[(last < NOW - 30 * DAY) & ~last.index.isin(busy)]


def _payments(r: Reader) -> object:
    lines = _frame(r, "payment", "direction, amount, planned_day, actual_day, deal_id")
    deals = _frame(r, "deal", "id, stage_id")
    both = lines.merge(deals, left_on="deal_id", right_on="id")
    months = both["planned_day"] // 30
    return both.groupby([months, "direction"])["amount"].sum()


_BY_PANDAS: dict[str, Callable[[Reader], object]] = {
    "transitions": _moves,
    "stage-time": _moves,
    "funnel": _moves,
    "plan-fact": _moves,
    "forecast": _moves,
    "workload": lambda r: _tasks(r, "open"),
    "actions": lambda r: _tasks(r, "done"),
    "inactive": _inactive,
    "repeat": lambda r: _deals(r, "client_id"),
    "refusals": lambda r: _deals(r, "lost_reason_id"),
    "payments": _payments,
    "industry": lambda r: _deals(r, "industry_id"),
    "source": lambda r: _deals(r, "source_id"),
    "children": lambda r: _deals(r, "owner_id"),
}


def by_pandas(name: str, r: Reader) -> object:
    """What pandas makes of the raw tables for a report."""
    return _BY_PANDAS[name](r)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="benchmarks.reports", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the size")
    chosen = options.parse_args()
    show(figures(reports_made.workspace(size(chosen.quick)), 0.1 if chosen.quick else 1.0))


if __name__ == "__main__":
    main()
