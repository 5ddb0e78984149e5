"""How far a sum of uncertain deals may come out: the 10-90 % range, by simulation.

Each throw draws how far the learned chances may be off (little was seen), how good the time is
(some months are better than others), and which of the deals are won: the largest deal by deal, all
others together by their mean and spread. The seed is fixed and deals are taken in a fixed order, so
equal questions have equal answers. This module loads numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesdesk.services.forecast_chances import AT_ALL, WEIGHT, Chances, ages, bins_of
from salesdesk.services.forecast_stays import DAY, Floats, Ints, Stays

SEED = 20_260_101
THROWS = 1000
#: So many of the largest deals are thrown one by one.
ONE_BY_ONE = 200
LOW, HIGH = 0.1, 0.9
#: How many stretches of time are compared to see how even they are, and how many must be known.
_STRETCHES, _FEWEST = 12, 3
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Outlook:
    """What open deals have before them: ``chance[deal, window]``, in which ``cell`` of what was
    learned each stands, ``doubt`` how many cases back that cell, its chance ``at_all``."""

    chance: Floats
    cell: Ints
    pipeline: Ints
    at_all: Floats
    doubt: Floats


@dataclass(frozen=True, slots=True)
class Band:
    """The middle, and the ends of the 10-90 % range, of each window."""

    expected: Floats
    low: Floats
    high: Floats


def outlook(
    chances: Chances, place: Ints, entered: Ints, moment: int, days: Sequence[tuple[float, float]]
) -> Outlook:
    """The chances of deals by their stage and age. ``days``: windows, from and to days from now."""
    ends = sorted({0.0, AT_ALL * 1.0, *(each for window in days for each in window)})
    within = dict(zip(ends, chances.within(ends), strict=True))
    age = ages(entered, moment)
    cell = bins_of(age)
    columns = [within[to][place, age] - within[since][place, age] for since, to in days]
    chance = np.stack(columns, axis=1) if columns else np.zeros((len(place), 0))
    return Outlook(
        np.maximum(chance, 0.0),
        place * chances.like.shape[1] + cell,
        chances.layout.pipeline[place],
        within[AT_ALL * 1.0][place, age],
        (chances.like[place, cell] + WEIGHT).astype(np.float64),
    )


def unevenness(stays: Stays, chances: Chances, moment: int, days: float) -> float:
    """How much the number won in a stretch of so many days differs beyond chance, squared and as a
    part of what was expected: from the last stretches before the moment."""
    [within] = chances.within([days])
    long = int(days * DAY)
    more, square, count = 0.0, 0.0, 0
    place = chances.layout.place[stays.stage]
    open_ones = np.flatnonzero(place >= 0)
    place = place[open_ones]
    entered, left = stays.entered[open_ones], stays.left[open_ones]
    closed, won = stays.closed[open_ones], stays.won[open_ones]
    first = int(entered.min()) if len(entered) else moment
    for back in range(1, _STRETCHES + 1):
        start = moment - back * long
        if start < first:
            break
        there = (entered <= start) & (left > start)
        chance = within[place[there], ages(entered[there], start)]
        expected = float(chance.sum())
        if expected < 1.0:
            continue
        happened = int((won[there] & (closed[there] <= start + long)).sum())
        more += (happened - expected) ** 2 - float((chance * (1 - chance)).sum())
        square += expected**2
        count += 1
    return min(max(more / square, 0.0), 1.0) if count >= _FEWEST else 0.0


def band(units: Floats, seen: Outlook, uneven: float, throws: int = THROWS) -> Band:
    """The range of the sum won in each window. ``units`` are amounts (or ones, to count deals)."""
    expected = units @ seen.chance
    windows = seen.chance.shape[1]
    low, high = np.zeros(windows), np.zeros(windows)
    if not len(units) or not windows:
        return Band(expected, low, high)
    rng = np.random.default_rng(SEED)
    off = _off(seen, rng, throws)
    # A fixed order, whatever the order of the question: the largest first.
    order = np.lexsort((np.arange(len(units)), -units))
    large, rest = order[:ONE_BY_ONE], order[ONE_BY_ONE:]
    luck = rng.random((len(large), throws))
    spread = np.sqrt(np.log1p(uneven))
    for window in range(windows):
        time = np.exp(spread * rng.standard_normal(throws) - spread**2 / 2)
        other = rng.standard_normal(throws)
        chance = seen.chance[:, window]
        if not chance.any():
            continue
        won = luck < chance[large, None] * off(seen.cell[large]) * time
        total = units[large] @ won
        if len(rest):
            total = total + _together(units[rest], chance[rest], seen.cell[rest], off, time, other)
        low[window], high[window] = np.quantile(total, (LOW, HIGH))
    return Band(expected, low, high)


class _Off:
    """By how much the chances of a cell are off in each throw; cells of a pipeline together."""

    def __init__(self, cells: Ints, factors: Floats) -> None:
        self._place = np.full(int(cells.max()) + 1, 0, np.int64)
        self._place[cells] = np.arange(len(cells))
        self._factors = factors

    def __call__(self, cells: Ints) -> Floats:
        return np.asarray(self._factors[self._place[cells]])


def _off(seen: Outlook, rng: np.random.Generator, throws: int) -> _Off:
    """The chance at all of each cell, moved on the scale of its odds by as much as its cases leave
    open; right on the average."""
    cells, first = np.unique(seen.cell, return_index=True)
    chance = np.clip(seen.at_all[first], _LEAST, 1 - _LEAST)
    odds = np.log(chance / (1 - chance))
    open_by = np.minimum(1 / np.sqrt(seen.doubt[first] * chance * (1 - chance)), 3.0)
    draws = rng.standard_normal((int(seen.pipeline.max()) + 1, throws))
    moved = odds[:, None] + open_by[:, None] * draws[seen.pipeline[first]]
    factors = 1 / (1 + np.exp(-moved))
    return _Off(cells, factors / factors.mean(axis=1, keepdims=True))


def _together(
    units: Floats, chance: Floats, cell: Ints, off: _Off, time: Floats, other: Floats
) -> Floats:
    """What many smaller deals come to: by the mean of each throw, spread as chance does."""
    cells, place = np.unique(cell, return_inverse=True)
    mean = np.bincount(place, units * chance) @ off(cells) * time
    usual = float(units @ chance)
    spread = np.sqrt(float((units**2) @ (chance * (1 - chance))))
    part = np.sqrt(mean / usual) if usual > 0 else 0.0
    return np.asarray(np.clip(mean + spread * part * other, 0.0, units.sum()))
