"""How far a sum of uncertain deals may come out: the 10-90 % range, by simulation.

Each throw draws how far the learned chances may be off (little was seen), how good the time is
(some months are better than others), and which of the deals are won: the largest deal by deal, all
others together by their mean and spread. The seed is fixed and deals are taken in a fixed order, so
equal questions have equal answers. This module loads numpy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from salesdesk.services.forecast_chances import WEIGHT, Chances, ages, bins_of
from salesdesk.services.forecast_stays import DAY, Floats, Ints, Layout, Stays

SEED = 20_260_101
THROWS = 1000
#: So many of the largest deals are thrown one by one.
ONE_BY_ONE = 200
LOW, HIGH = 0.1, 0.9
#: How many stretches of time are compared to see how even they are, and how many must be known.
_STRETCHES, _FEWEST = 12, 3
_LEAST = 1e-9
#: Odds are moved by no more than so much (a normal deviate of them).
_DOUBTFUL = 3.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What open deals have before them: ``chance[deal, window]``, in which ``cell`` of what was
    learned each stands, ``doubt`` how many cases back that cell, its chance ``at_all``."""

    chance: Floats
    cell: Ints
    pipeline: Ints
    at_all: Floats
    doubt: Floats


def outlook(
    chances: Chances, place: Ints, entered: Ints, moment: int, within: Mapping[float, Floats],
    windows: Sequence[tuple[float, float]],
) -> Outlook:  # fmt: skip
    """The chances of deals by their stage and age. ``within`` are those to be won within so many
    days, the furthest last; ``windows``: from and to days from now, of the keys of ``within``."""
    age = ages(entered, moment)
    cell = bins_of(age)
    chance = np.zeros((len(place), len(windows)))
    for at, (since, to) in enumerate(windows):
        chance[:, at] = within[to][place, age] - within[since][place, age]
    return Outlook(
        np.maximum(chance, 0.0),
        place * chances.like.shape[1] + cell,
        chances.layout.pipeline[place],
        list(within.values())[-1][place, age],
        (chances.like[place, cell] + WEIGHT).astype(np.float64),
    )


def unevenness(stays: Stays, layout: Layout, within: Floats, moment: int, days: int) -> float:
    """How much the number won in a stretch of so many days differs beyond chance, squared and as a
    part of what was expected: from the last stretches before the moment. ``within`` are the chances
    to be won in so many days."""
    place = layout.place[stays.stage]
    begun = np.flatnonzero((place >= 0) & (stays.entered <= moment))
    long = days * DAY
    base = moment - _STRETCHES * long
    # At which of the stretches' beginnings each stay went on.
    since = np.maximum(-((base - stays.entered[begun]) // long), 0)
    until = np.minimum(-((base - stays.left[begun]) // long), _STRETCHES)
    times = np.maximum(until - since, 0)
    rows = np.repeat(begun, times)
    if not len(rows):
        return 0.0
    firsts = np.cumsum(times) - times
    stretch = np.repeat(since - firsts, times) + np.arange(len(rows))
    start = np.asarray(base + stretch * long, np.int64)
    chance = within[place[rows], ages(stays.entered[rows], start)]
    won = stays.won[rows] & (stays.closed[rows] <= start + long)
    expected = np.bincount(stretch, chance, _STRETCHES)
    usual = np.bincount(stretch, chance * (1 - chance), _STRETCHES)
    happened = np.bincount(stretch, won, _STRETCHES)
    known = expected >= 1.0
    if known.sum() < _FEWEST:
        return 0.0
    more = float((((happened - expected) ** 2 - usual)[known]).sum())
    return min(max(more / float((expected[known] ** 2).sum()), 0.0), 1.0)


class Throws:
    """The throws about some deals, the same for whatever is summed up."""

    def __init__(self, seen: Outlook, throws: int = THROWS) -> None:
        self._seen = seen
        self._rng = np.random.default_rng(SEED)
        self._throws = throws
        if len(seen.cell):
            self._cells, self._of_cell = np.unique(seen.cell, return_inverse=True)
            self._off = self._doubt()
            self._luck = self._rng.random((min(ONE_BY_ONE, len(seen.cell)), throws))

    def _doubt(self) -> Floats:
        """By how much the chances of each cell are off in each throw, right on the average: the
        odds at all are moved by as much as the cases leave open, in a pipeline all together."""
        seen = self._seen
        first = np.unique(self._of_cell, return_index=True)[1]
        chance = np.clip(seen.at_all[first], _LEAST, 1 - _LEAST)
        odds = np.log(chance / (1 - chance))
        open_by = np.minimum(1 / np.sqrt(seen.doubt[first] * chance * (1 - chance)), _DOUBTFUL)
        draws = self._rng.standard_normal((int(seen.pipeline.max()) + 1, self._throws))
        moved = odds[:, None] + open_by[:, None] * draws[seen.pipeline[first]]
        factors = 1 / (1 + np.exp(-moved))
        return np.asarray(factors / factors.mean(axis=1, keepdims=True))

    def band(self, units: Floats, window: int, uneven: float) -> tuple[float, float, float]:
        """Expected, low and high of the sum won in a window. ``units`` are amounts, or ones to
        count deals."""
        chance = self._seen.chance[:, window]
        usual = float(units @ chance)
        if usual <= 0:
            return 0.0, 0.0, 0.0
        rng = np.random.default_rng(SEED + 1 + window)
        spread = np.sqrt(np.log1p(uneven))
        time = np.exp(spread * rng.standard_normal(self._throws) - spread**2 / 2)
        order = np.argsort(-units, kind="stable")  # the largest first, then by the deal's key
        large, rest = order[:ONE_BY_ONE], order[ONE_BY_ONE:]
        total = units[large] @ (
            self._luck < chance[large, None] * self._off[self._of_cell[large]] * time
        )
        if len(rest):
            other = rng.standard_normal(self._throws)
            total = total + self._together(units[rest], chance[rest], rest, time, other)
        low, high = np.quantile(total, (LOW, HIGH))
        return usual, float(low), float(high)

    def _together(
        self, units: Floats, chance: Floats, rest: Ints, time: Floats, other: Floats
    ) -> Floats:
        """What many smaller deals come to: by the mean of each throw, spread as chance does."""
        usual = np.bincount(self._of_cell[rest], units * chance, len(self._cells))
        mean = usual @ self._off * time
        whole = float(usual.sum())
        spread = np.sqrt(float((units**2) @ (chance * (1 - chance))))
        part = np.sqrt(mean / whole) if whole > 0 else np.zeros(self._throws)
        return np.asarray(np.clip(mean + spread * part * other, 0.0, units.sum()))
