"""Why a number is so, what if points were others, what a lead should check: beside pandas over the
raw tables, in the same run."""

import random
from decimal import Decimal
from pathlib import Path

from benchmarks.clock import NOW
from benchmarks.figures import Figure, median, timed
from benchmarks.synthetic import moves_frame
from salesdesk.models.store import Store
from salesdesk.services import doubts, ranking_explain, what_if
from salesdesk.services.periods import Period, of_month
from salesdesk.services.ranking import ranking

#: The lines of the first page, and through how many moves those that earn nothing are looked for.
PAGE, DEPTH = 30, 5_000


def figures(path: Path) -> list[Figure]:
    """All of them for one workspace."""
    with Store.open(path) as store:
        today = store.zone.day_of(NOW)
        periods = {"month": of_month(today), "year": Period(today - 364, today),
                   "all time": Period(today - 3 * 365, today)}  # fmt: skip
        return [
            *what_if_figures(store, periods["year"]),
            *(one for name, period in periods.items() for one in why_figures(store, name, period)),
            *(
                one
                for name, period in periods.items()
                for one in doubt_figures(store, name, period)
            ),
        ]


def what_if_figures(store: Store, period: Period) -> list[Figure]:
    """One change of the points: the orders of a year, and pandas over all moves."""
    with store.read() as r:
        first = timed(lambda: what_if.both(r, period, now=NOW), 1)[0]
        read = median(timed(lambda: what_if.both(r, period, now=NOW), 9))
        bases = what_if.both(r, period, now=NOW)
        stages = [one.stage_id for one in bases[0].stages]
    rng = random.Random(3)

    def change() -> object:
        points = {stage: Decimal(rng.randrange(400)) / 10 for stage in stages}
        return what_if.orders(*bases, points)

    def table() -> object:
        points = {stage: Decimal(rng.randrange(400)) / 10 for stage in stages}
        with store.read() as r:
            weights = what_if.tried_points(r, points)
            return ranking(r, period, now=NOW, weights=weights)

    table()
    whole = median(timed(table, 9))
    ms, slow = median(timed(change, 200)), pandas_orders(store, period)
    with store.read() as r:
        skipped = timed(lambda: what_if.both(r, period, now=NOW, skipped=True), 1)[0]
        again = median(timed(lambda: what_if.both(r, period, now=NOW, skipped=True), 9))
    beside = f"{slow:.0f} ms (pandas)"
    return [
        Figure("what if: one change, both orders of a year", f"{ms:.2f} ms", beside,
               f"<= 50 ms, {slow / ms:.0f} x faster", ms <= 50),
        Figure("what if: the whole table of a year", f"{whole:.1f} ms", beside,
               f"<= 50 ms, {slow / whole:.0f} x faster", whole <= 50),
        Figure("what if: what people reached in a year", f"{read:.1f} ms ({first:.0f} first)",
               beside, f"<= 50 ms, {slow / read:.0f} x faster", read <= 50),
        Figure("what if: skipped stages the other way round", f"{again:.1f} ms",
               f"{skipped:.0f} ms (first)", "<= 50 ms once known", again <= 50),
    ]  # fmt: skip


def pandas_orders(store: Store, period: Period) -> float:
    """Milliseconds of the order of a period with other points by pandas, from the tables."""
    start, stop = period.moments(store.zone, NOW)

    def ask() -> object:
        with store.read() as r:
            moves = moves_frame(r)
        moves = moves.sort_values("at")
        moves["owner"] = moves["owner"].where(moves["sets"] == 1).groupby(moves["deal"]).ffill()
        first = moves.drop_duplicates(["deal", "stage"])
        inside = first[(first["at"] >= start) & (first["at"] < stop)]
        scored = inside.assign(points=inside["stage"].map(lambda stage: 1.5 * stage))
        return scored.groupby("owner")["points"].sum().sort_values(ascending=False)

    return median(timed(ask, 2))


def why_figures(store: Store, name: str, period: Period) -> list[Figure]:
    """The first page of why a person has so many points, and so many requests."""
    with store.read() as r:
        person = r.value("SELECT id FROM person ORDER BY id LIMIT 1")

        def ask(metric: str) -> object:
            return ranking_explain.explain(
                r, period, person, metric, now=NOW, limit=PAGE, depth=DEPTH
            )

        found = []
        for metric, goal in (("points", 100), ("requests_total", 100)):
            ask(metric)
            ms = median(timed(lambda metric=metric: ask(metric), 5))  # type: ignore[misc]
            found.append(
                Figure(f"why: {metric}, {name}, first page", f"{ms:.1f} ms", "", f"<= {goal} ms",
                       ms <= goal)
            )  # fmt: skip
    return found


def doubt_figures(store: Store, name: str, period: Period) -> list[Figure]:
    """A page of the doubtful moves (an import made all of them), one reason, and their count."""
    with store.read() as r:
        page = median(timed(lambda: doubts.page(r, period, now=NOW), 5))
        back = median(timed(lambda: doubts.page(r, period, now=NOW, reason="back"), 3))
        count = median(timed(lambda: doubts.count(r, period, now=NOW), 5))
    return [
        Figure(f"doubtful moves, {name}: a page", f"{page:.1f} ms", "", "<= 100 ms", page <= 100),
        Figure(f"doubtful moves, {name}: one rare reason", f"{back:.1f} ms", "", "", None),
        Figure(f"doubtful moves, {name}: their count", f"{count:.1f} ms", "", "<= 100 ms",
               count <= 100),
    ]  # fmt: skip
