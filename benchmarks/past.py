"""The board on any past day, out of all moves of a workspace."""

import random
import time
from pathlib import Path

from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, percentile
from salesdesk.models.store import Store
from salesdesk.services import board, past, timeline

ROUNDS = 40
#: So many cards of a column are seen.
SEEN = 9


def figures(path: Path) -> list[Figure]:
    """Lines for a past day (columns, sums, order and the cards that are seen), and for reading the
    past, once, before the first of them."""
    with Store.open(path) as store, store.read() as r:
        moves = int(r.value("SELECT count(*) FROM stage_move"))
        pipeline = board.pipelines(r)[0].id
        start = time.perf_counter()
        found = timeline.load(r, pipeline)
        loaded = time.perf_counter() - start
        dice = random.Random(moves)
        times = []
        for _ in range(ROUNDS):
            at = NOW - dice.randrange(900) * DAY
            start = time.perf_counter()
            shown = found.at(at)
            seen = [deal for ids in shown.ids.values() for deal in ids[:SEEN]]
            past.cards_at(r, seen, at, found.moved_tasks)
            times.append((time.perf_counter() - start) * 1000)
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return [
        Figure(f"the board on any past day, {moves:,} moves, p95", f"{p95:.1f} ms",
               f"p50 {p50:.1f} ms", "<= 200 ms", p95 <= 200),
        Figure("reading the past once, in the background", f"{loaded:.2f} s", "", "", True),
    ]  # fmt: skip
