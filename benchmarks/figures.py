"""Measuring and printing: milliseconds, percentiles, a line a figure."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what, how much, the floor or comparison, the goal, and whether it was met."""

    what: str
    value: str
    floor: str
    goal: str
    met: bool | None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0..1) of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def timed(run: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each run. Garbage is collected between the runs, as it is between two events
    in the window (``salesdesk.ui.collecting``)."""
    found = []
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            start = time.perf_counter()
            run()
            found.append((time.perf_counter() - start) * 1000)
            gc.collect(1)
    finally:
        if was_on:
            gc.enable()
    return found


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def show(figures: Sequence[Figure]) -> None:
    """Print lines, aligned."""
    for figure in figures:
        mark = {True: "ok  ", False: "MISS", None: "    "}[figure.met]
        print(f"{mark} {figure.what:<58} {figure.value:>26}   floor {figure.floor:<24} "
              f"goal {figure.goal}", flush=True)  # fmt: skip
