"""``make bench``: all figures beside their floors. ``--quick`` uses small workspaces."""

import argparse
from collections.abc import Callable

from benchmarks import (
    board_scroll,
    control,
    dealpanel,
    digest,
    drops,
    forecast,
    imports,
    merge,
    moves,
    palette,
    past,
    pivots,
    ranking_room,
    reports,
    reports_made,
    rules,
    start,
    switch,
    sync,
    sync_http,
    sync_window,
    why,
)
from benchmarks import filter as board_filter
from benchmarks.figures import Figure, show
from benchmarks.synthetic import Size, workspace

PARTS = (
    "start", "moves", "ranking", "ranking-room", "drop", "scroll", "import", "switch", "clients",
    "deal", "control", "palette", "filter", "past", "rules", "reports", "pivots", "forecast", "why",
    "digest", "sync", "sync-http", "sync-window",
)  # fmt: skip


def main() -> None:
    """Measure and print, part by part."""
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the size and less")
    options.add_argument(
        "--only",
        choices=PARTS,
    )
    chosen = options.parse_args()
    large = Size(10_000, 100_000, 200) if chosen.quick else Size(100_000, 1_000_000, 200)
    small = Size(1_000, 10_000)
    parts: dict[str, Callable[[], list[Figure]]] = {
        "moves": lambda: moves.move_figures(workspace(large), workspace(small)),
        "ranking": lambda: moves.ranking_figures(workspace(large)),
        "import": lambda: imports.figures(5_000 if chosen.quick else 100_000),
        "start": lambda: start.figures(workspace(large), workspace(small)),
        "scroll": lambda: board_scroll.figures(10_000 if chosen.quick else 100_000),
        "switch": lambda: switch.figures(workspace(large)),
        "clients": lambda: [
            *merge.merge_figures(workspace(small)),
            *merge.typing_figures(10_000 if chosen.quick else 100_000),
        ],
        "palette": lambda: palette.figures(large, small),
        "filter": lambda: board_filter.figures(workspace(large)),
        "past": lambda: past.figures(workspace(large)),
        "drop": lambda: drops.figures(workspace(large)),
        "deal": lambda: dealpanel.figures(workspace(large)),
        "rules": lambda: rules.figures(10_000 if chosen.quick else 100_000),
        "forecast": lambda: forecast.figures(workspace(large), workspace(Size(3_000, 30_000))),
        "ranking-room": lambda: ranking_room.figures(
            workspace(large), workspace(Size(large.open_deals, large.moves))
        ),
        "digest": lambda: [
            *digest.figures(workspace(large)),
            *digest.figures(workspace(small), 20),
        ],
        "sync": lambda: sync.figures(2_000 if chosen.quick else 50_000),
        "sync-http": lambda: sync_http.figures(2_000 if chosen.quick else 50_000),
        "sync-window": lambda: sync_window.figures(2_000 if chosen.quick else 50_000),
        "why": lambda: why.figures(workspace(Size(large.open_deals, large.moves, 20))),
        "control": lambda: control.figures(control.workspace(control.size(chosen.quick))),
        "reports": lambda: reports.figures(
            reports_made.workspace(reports.size(chosen.quick)), 0.1 if chosen.quick else 1.0
        ),
        "pivots": lambda: pivots.figures(
            reports_made.workspace(reports.size(chosen.quick)), 0.1 if chosen.quick else 1.0
        ),
    }
    missed: list[Figure] = []
    for name, measure in parts.items():
        if chosen.only in (None, name):
            found = measure()
            show(found)
            missed += [figure for figure in found if figure.met is False]
    print(f"{len(missed)} goal(s) missed" if missed else "all goals met")


if __name__ == "__main__":
    main()
