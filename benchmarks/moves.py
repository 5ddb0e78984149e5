"""One move, from the service call to the durable commit; and the ranking."""

import random
from pathlib import Path
from typing import Any

from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, median, percentile, timed
from benchmarks.synthetic import moves_frame
from salesdesk.models import sqlite
from salesdesk.models.store import Store
from salesdesk.services import deals
from salesdesk.services.periods import Period, of_month
from salesdesk.services.ranking import ranking

TIMES = 400


def floor_commit(store: Store, times: int = TIMES) -> list[float]:
    """Milliseconds of one bare row, committed with ``synchronous=FULL``, on the same file."""
    connection = store.connection
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, text TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (text) VALUES ('row')")
        connection.execute("COMMIT")

    return timed(commit, times)


def move_times(store: Store, times: int = TIMES) -> list[float]:
    """Milliseconds of moves of random open deals, each to the next stage."""
    rng = random.Random(5)
    with store.read() as r:
        stages = [row[0] for row in r.rows("SELECT id FROM stage ORDER BY position")]
        ids = [row[0] for row in r.rows(
            "SELECT id FROM deal WHERE stage_id IN (?, ?) ORDER BY id", stages[:2]
        )]  # fmt: skip
    chosen = rng.sample(ids, min(times + 20, len(ids)))
    now = [NOW]

    def move() -> Any:
        now[0] += 1_000_000
        return deals.move(store, [chosen.pop()], stages[2], person=1, now=now[0])

    timed(move, min(20, len(chosen) // 2))
    return timed(move, min(times, len(chosen)))


def move_figures(path: Path, small: Path) -> list[Figure]:
    """A move in a large workspace beside a bare commit, and beside a small workspace."""
    with Store.open(path) as store:
        sqlite.checkpoint(store.connection)
        floors, times = floor_commit(store), move_times(store)
        floors += floor_commit(store)
    with Store.open(small) as store:
        sqlite.checkpoint(store.connection)
        few = move_times(store)
    p50, p95 = median(times), percentile(times, 0.95)
    f50, f95 = median(floors), percentile(floors, 0.95)
    ratio = p50 / median(few)
    return [
        Figure("one move, large workspace, p50", f"{p50:.2f} ms", f"{f50:.2f} ms",
               "<= floor + 1.5 ms", p50 <= f50 + 1.5),
        Figure("one move, large workspace, p95", f"{p95:.2f} ms", f"{f95:.2f} ms",
               "<= floor + 3 ms", p95 <= f95 + 3),
        Figure("a move with many moves behind it", f"{p50:.2f} ms", f"{median(few):.2f} ms (few)",
               f"<= 1.3 x (is {ratio:.2f})", ratio <= 1.3),
    ]  # fmt: skip


def ranking_figures(path: Path) -> list[Figure]:
    """The ranking of a month after a move, of longer periods, beside pandas over the tables."""
    with Store.open(path) as store:
        zone = store.zone
        today = zone.day_of(NOW)
        periods = {
            "month": of_month(today),
            "year": Period(today - 364, today),
            "all time": Period(today - 3 * 365, today),
        }
        found = []
        slow = pandas_ranking(store, NOW - 30 * DAY)
        for name, period in periods.items():

            def ask(period: Period = period) -> object:
                with store.read() as r:
                    return ranking(r, period, now=NOW)

            ask()
            ms = median(timed(ask, 15))
            goal = 5.0 if name == "month" else 50.0
            found.append(
                Figure(f"ranking, {name}", f"{ms:.1f} ms", f"{slow:.0f} ms (pandas, month)",
                       f"<= {goal:.0f} ms, >= 40 x faster ({slow / ms:.0f} x)",
                       ms <= goal and slow / ms >= 40)
            )  # fmt: skip
        return found


def pandas_ranking(store: Store, since: int) -> float:
    """Milliseconds of points and milestones of a month by pandas, read from the tables."""

    def ask() -> object:
        with store.read() as r:
            moves = moves_frame(r)
            points: dict[int, int] = dict(r.rows("SELECT stage_id, points FROM stage_points"))
        moves = moves.sort_values("at").drop_duplicates(["deal", "stage"])
        inside = moves[moves["at"] >= since]
        scored = inside.assign(points=inside["stage"].map(points))
        return scored.groupby("owner")["points"].sum(), inside.groupby(["owner", "stage"]).size()

    return median(timed(ask, 2))
