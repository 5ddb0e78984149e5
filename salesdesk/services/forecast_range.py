"""How far a sum of uncertain deals may come out: the 10-90 % range, by simulation.

Each throw draws how far the learned chances may be off (little was seen), how good the time is
(some months are better than others), and which of the deals are won: the largest deal by deal, all
others together by their mean and spread. The seed is fixed and deals are taken in a fixed order, so
equal questions have equal answers. This module loads numpy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from salesdesk.services.forecast_chances import OF_STAGE, Chances, ages, bins_of
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
    chance = np.zeros((len(place), len(windows)), order="F")  # taken window by window
    for at, (since, to) in enumerate(windows):
        chance[:, at] = within[to][place, age] - within[since][place, age]
    return Outlook(
        np.maximum(chance, 0.0),
        place * chances.like.shape[1] + cell,
        chances.layout.pipeline[place],
        list(within.values())[-1][place, age],
        (chances.like[place, cell] + OF_STAGE).astype(np.float64),
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

    def __init__(self, seen: Outlook, count: int = THROWS) -> None:
        self.seen = seen
        self.count = count
        rng = np.random.default_rng(SEED)
        self._first, self.of_cell = np.unique(
            seen.cell, return_index=True, return_inverse=True
        )[1:]  # fmt: skip
        self.off = self._doubt(rng)
        self.luck = rng.random((min(ONE_BY_ONE, len(seen.cell)), count))

    def _doubt(self, rng: np.random.Generator) -> Floats:
        """By how much the chances of each cell are off in each throw, right on the average: the
        odds at all are moved by as much as the cases leave open, in a pipeline all together."""
        seen, first = self.seen, self._first
        chance = np.clip(seen.at_all[first], _LEAST, 1 - _LEAST)
        odds = np.log(chance / (1 - chance))
        open_by = np.minimum(1 / np.sqrt(seen.doubt[first] * chance * (1 - chance)), _DOUBTFUL)
        draws = rng.standard_normal((int(seen.pipeline.max(initial=0)) + 1, self.count))
        moved = odds[:, None] + open_by[:, None] * draws[seen.pipeline[first]]
        factors = 1 / (1 + np.exp(-moved))
        return np.asarray(factors / factors.mean(axis=1, keepdims=True))

    def of(self, units: Floats) -> "Sum":
        """The throws of a sum: of amounts, or of ones to count deals."""
        return Sum(self, units)


class Sum:
    """What the deals of some throws come to together, each with its amount."""

    def __init__(self, throws: Throws, units: Floats) -> None:
        self._throws = throws
        order = np.argsort(-units, kind="stable")  # the largest first, then by the deal's key
        self._large, self._rest = order[:ONE_BY_ONE], order[ONE_BY_ONE:]
        self._units = units
        self._whole_rest = float(units[self._rest].sum())

    def band(self, window: int, uneven: float) -> tuple[float, float, float]:
        """Expected, low and high of the sum won in a window."""
        throws = self._throws
        chance = throws.seen.chance[:, window]
        usual = float(self._units @ chance)
        if usual <= 0:
            return 0.0, 0.0, 0.0
        rng = np.random.default_rng(SEED + 1 + window)
        spread = np.sqrt(np.log1p(uneven))
        time = np.exp(spread * rng.standard_normal(throws.count) - spread**2 / 2)
        off = throws.off[throws.of_cell[self._large]]
        won = throws.luck < chance[self._large, None] * off * time
        total = self._units[self._large] @ won
        if len(self._rest):
            total = total + self._together(chance[self._rest], time, rng)
        low, high = np.quantile(total, (LOW, HIGH))
        return usual, float(low), float(high)

    def _together(self, chance: Floats, time: Floats, rng: np.random.Generator) -> Floats:
        """What many smaller deals come to: by the mean of each throw, spread as chance does."""
        throws, units = self._throws, self._units[self._rest]
        worth = units * chance
        mean = np.bincount(throws.of_cell[self._rest], worth, len(throws.off)) @ throws.off * time
        whole = float(worth.sum())
        spread = np.sqrt(float(worth @ (units * (1 - chance))))
        part = np.sqrt(mean / whole) if whole > 0 else np.zeros(throws.count)
        total = mean + spread * part * rng.standard_normal(throws.count)
        return np.asarray(np.clip(total, 0.0, self._whole_rest))
