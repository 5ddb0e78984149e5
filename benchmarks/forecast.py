"""The forecast of a year and its replay, beside pandas over the raw tables.

Run ``python -m benchmarks.forecast``, or with ``--quick`` at a tenth of the size and less. With
``--on FILE --now ISO`` it prints what the replay on a workspace comes to: the figures of
docs/forecast.md. Beside both forecasts stands the simplest of all: as much as the time before.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, median, percentile, show, timed
from benchmarks.synthetic import Size, workspace
from salesdesk.models.store import Store
from salesdesk.services import deals, forecast_replay, report_forecast
from salesdesk.services.forecast_replay import HORIZONS, Said
from salesdesk.services.forecast_verdict import sentence, verdict
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query

_WEEK = 7


def figures(path: Path, small: Path) -> list[Figure]:
    """The report of a year: first, again, after a move; and the replay of a smaller workspace."""
    with Store.open(path) as store:
        today = store.zone.day_of(NOW)
        query = Query(Period(today, today + 364))

        def ask(now: int = NOW) -> object:
            with store.read() as r:
                return report_forecast.read(r, query, now=now)

        first = timed(ask, 1)[0]
        again = percentile(timed(ask, 7), 0.95)
        moved = statistics.median(_after_moves(store, ask))
        slow = pandas_forecast(store)
    with Store.open(small) as store:

        def replay() -> object:
            with store.read() as r:
                return forecast_replay.replay(r, query, now=NOW, anew=True)

        replay()
        whole = median(timed(replay, 3))
    beside = f"{slow:.0f} ms (pandas, (a) alone)"
    return [
        Figure("forecast of a year, first", f"{first:.0f} ms", beside, "-", None),
        Figure("forecast of a year, p95", f"{again:.0f} ms", beside,
               f"<= 500 ms ({slow / again:.1f} x)", again <= 500),
        Figure("forecast of a year, after a move", f"{moved:.0f} ms", beside, "<= 500 ms",
               moved <= 500),
        Figure("replay of 52 Mondays, 10,000 deals", f"{whole:.0f} ms", "-", "<= 2000 ms",
               whole <= 2000),
    ]  # fmt: skip


def _after_moves(store: Store, ask: Callable[[int], object]) -> list[float]:
    """Milliseconds of the report right after a move, a few times."""
    with store.read() as r:
        stages = [row[0] for row in r.rows("SELECT id FROM stage ORDER BY position")]
        ids = [row[0] for row in r.rows(
            "SELECT id FROM deal WHERE stage_id = ? ORDER BY id LIMIT 5", stages[:1])]  # fmt: skip
    found = []
    for at, deal in enumerate(ids):
        now = NOW + (at + 1) * DAY // 24
        deals.move(store, [deal], stages[1], person=1, now=now)
        found += timed(partial(ask, now), 1)
    return found


def pandas_forecast(store: Store) -> float:
    """Milliseconds of the weighted sum by month alone, by pandas over the tables."""
    import pandas as pd

    def ask() -> object:
        with store.read() as r:
            rows = r.rows(
                "SELECT d.expected_day, d.amount, d.probability, s.probability, s.kind "
                "FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.deleted_at IS NULL"
            )
            moves = r.rows("SELECT deal_id, to_stage_id, at FROM stage_move WHERE undone = 0")
        frame = pd.DataFrame(rows, columns=["day", "amount", "own", "usual", "kind"])
        frame = frame[frame["kind"] == "open"]
        share = frame["amount"].fillna(0) * frame["own"].fillna(frame["usual"]) / 100
        lives = pd.DataFrame(moves, columns=["deal", "stage", "at"]).sort_values(["deal", "at"])
        stays = lives.groupby("deal")["at"].diff()
        return share.groupby(frame["day"].fillna(-1) // 30).sum(), stays.groupby(lives["stage"])

    return median(timed(ask, 2))


# -- the figures of docs/forecast.md --------------------------------------------------------------


def print_replay(path: Path, now: str) -> None:
    """What the replay on a workspace comes to, line by line as a table of Markdown."""
    with Store.open(path) as store, store.read() as r:
        moment = store.zone.moment(datetime.fromisoformat(now))
        found = forecast_replay.replay(r, Query(Period(1, 1)), now=moment)
    print("| horizon, measure | Mondays | (a) missed | (b) missed | as before missed "
          "| (a) leaned | (b) leaned | in the range |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for (horizon, measure), lines in found.lines.items():
        one = verdict(lines)
        shares = (one.missed_by_date, one.missed, _as_before(lines, HORIZONS[horizon]),
                  one.leans_by_date, one.leans)  # fmt: skip
        told = " | ".join("-" if each is None else f"{each * 100:.1f} %" for each in shares)
        print(f"| {horizon}, {measure} | {one.mondays} | {told} | {one.held} of {one.mondays} |")
        print(f"  {sentence(one)}")


def _as_before(lines: Sequence[Said], days: int) -> float | None:
    """How far it would have missed to say: as much as happened the last time that was known."""
    back = -(-days // _WEEK)
    pairs = [
        (before.happened, each.happened)
        for before, each in zip(lines, lines[back:], strict=False)
        if before.happened is not None and each.happened is not None
    ]
    whole = sum(fact for _, fact in pairs)
    return sum(abs(said - fact) for said, fact in pairs) / whole if whole else None


def main() -> None:
    """Measure and print, or replay a workspace."""
    options = argparse.ArgumentParser(prog="benchmarks.forecast", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the size and less")
    options.add_argument("--on", type=Path, metavar="FILE", help="a workspace to replay")
    options.add_argument("--now", default="", metavar="ISO", help="its moment")
    chosen = options.parse_args()
    if chosen.on is not None:
        print_replay(chosen.on, chosen.now)
        return
    large = Size(10_000, 100_000, 200) if chosen.quick else Size(100_000, 1_000_000, 200)
    show(figures(workspace(large), workspace(Size(3_000, 30_000))))


if __name__ == "__main__":
    main()
