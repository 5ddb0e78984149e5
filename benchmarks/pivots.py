"""Pivots of a year and of all time, beside pandas over the raw tables.

``python -m benchmarks.pivots --quick`` measures a tenth of the size.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks import reports, reports_made
from benchmarks.clock import NOW
from benchmarks.figures import Figure, median, show, timed
from salesdesk.models.store import Store
from salesdesk.services import pivot
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query

_YEAR_MS, _ALL_MS = 500.0, 2_000.0
_TIMES = 3
#: What is asked, and which frame of ``reports`` answers something like it.
_ASKED: tuple[tuple[str, dict[str, str], str], ...] = (
    ("won deals by month and person",
     {"rows": "closed:month", "columns": "person", "date": "closed", "only.state": '["won"]'},
     "repeat"),
    ("amount by source and month",
     {"rows": "source", "columns": "created:month", "measure": "sum:amount"}, "source"),
    ("median profit by person", {"rows": "person", "measure": "median:profit"}, "repeat"),
    ("moves by week and stage",
     {"entity": "move", "rows": "at:week", "columns": "stage"}, "transitions"),
    ("moves by person and stage",
     {"entity": "move", "rows": "person", "columns": "stage"}, "transitions"),
    ("median days by stage left",
     {"entity": "move", "rows": "left", "measure": "median:spent"}, "stage-time"),
    ("tasks by person and state",
     {"entity": "task", "rows": "person", "columns": "state"}, "actions"),
)  # fmt: skip


def figures(path: Path, share: float = 1.0) -> list[Figure]:
    """A line a pivot and period; ``share`` of the goals holds for a smaller workspace."""
    found: list[Figure] = []
    slow: dict[str, float] = {}
    with Store.open(path) as store, store.read() as r:
        today = r.zone.day_of(NOW)
        year = Period(today - 364, today)
        for name, own, frame in _ASKED:
            if frame not in slow:
                slow[frame] = median(timed(lambda f=frame: reports.by_pandas(f, r), 2))  # type: ignore[misc]
            for what, goal in (("year", _YEAR_MS), ("all time", _ALL_MS)):
                every = {"all": "1"} if what == "all time" else {}
                query = Query(year, own={**own, **every})

                def ask(query: Query = query) -> Any:
                    return pivot.read(r, query, now=NOW)

                ask()
                ms = median(timed(ask, _TIMES))
                found.append(
                    Figure(f"pivot: {name}, {what}", f"{ms:.0f} ms",
                           f"{slow[frame]:.0f} ms (pandas)",
                           f"<= {goal * share:.0f} ms ({slow[frame] / ms:.1f} x faster)",
                           ms <= goal * share)
                )  # fmt: skip
    return found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="benchmarks.pivots", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the size")
    chosen = options.parse_args()
    where = reports_made.workspace(reports.size(chosen.quick))
    show(figures(where, 0.1 if chosen.quick else 1.0))


if __name__ == "__main__":
    main()
