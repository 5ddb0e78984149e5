"""The chance that an open deal is won, and when: learned from the stays up to a moment.

Of each open stage the daily hazards of leaving it are estimated for every stage that may follow,
won and lost among them (competing risks), by the time spent in it; whoever still stands there, or
left later than the moment, is right-censored. Where few deals were seen, hazards of an age are
drawn towards those of the stage, those of a stage towards those of the pipeline. From these, going
backwards day by day, follows the chance to be won within any number of days. docs/forecast.md tells
it in prose. This module loads numpy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from salesdesk.services.forecast_stays import DAY, Floats, Ints, Layout, Marks, Stays

#: First day of each age; beyond the last one hazards stay the same.
EDGES = np.array((0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365))
LAST = int(EDGES[-1])
_AGES = LAST + 1
_AGE_BINS = np.searchsorted(EDGES, np.arange(_AGES), side="right") - 1
#: "At all" means within so many days: of what nobody has seen yet nothing is claimed.
AT_ALL = 730
#: What is usual in the pipeline weighs as much as so many events of a stage; what is usual in the
#: stage as so many of an age (docs/forecast.md says how they were chosen).
OF_STAGE, OF_AGE = 2.0, 1.0
#: In a pipeline that never won (or never lost), half a case stands for what may yet come.
_HALF = 0.5
WON, LOST, GONE = 0, 1, 2  # places behind the open stages, among what may follow


@dataclass(frozen=True, slots=True)
class Chances:
    """What was learned. ``daily[stage, bin, next]`` is the chance of a day, ``next`` an open stage
    by place, then won, lost and elsewhere. ``like`` counts, by stage and age, the cases that stood
    there so long and are closed by now, ``like_won`` those of them that were won. ``closings`` is
    by pipeline: closed cases, 0 where there is nothing to learn from.
    """

    layout: Layout
    daily: Floats
    like: Ints
    like_won: Ints
    closings: Ints

    def knows(self, place: Ints) -> Marks:
        """Whether there is any history for open stages by place."""
        return np.asarray(self.closings[self.layout.pipeline[place]] > 0, np.bool_)

    def within(self, days: Iterable[float]) -> dict[float, Floats]:
        """The chances to be won within each of these numbers of days (in rising order), by stage
        and age in days. Between whole days the chance grows evenly."""
        ends = sorted(set(days))
        steps = self._steps(sorted({round_(each) for each in ends for round_ in (floor, ceil)}))
        return {
            each: steps[floor(each)]
            + (each - floor(each)) * (steps[ceil(each)] - steps[floor(each)])
            for each in ends
        }

    def _steps(self, wanted: Sequence[int]) -> dict[int, Floats]:
        """By whole days."""
        stages = len(self.layout.keys)
        to_stage = np.ascontiguousarray(self.daily[:, :, :stages])
        to_won = self.daily[:, :, stages + WON]
        stay = (1.0 - self.daily.sum(axis=2))[:, _AGE_BINS]
        chance = before = np.zeros((stages, _AGES))
        found = {0: chance}
        for day in range(1, (wanted[-1] if wanted else 0) + 1):
            # A stage is left at noon, so to say: half a day more is left of the time.
            begun = 1.5 * chance[:, 0] - 0.5 * before[:, 0]
            before = chance
            jump = to_won + to_stage @ begun
            older = np.concatenate((chance[:, 1:], chance[:, -1:]), axis=1)
            chance = jump[:, _AGE_BINS] + stay * older
            if day in wanted:
                found[day] = chance
        return found


def ages(entered: Ints, moment: int | Ints) -> Ints:
    """Days since the entry, to the nearest, no more than the last that are told apart."""
    return np.minimum((moment - entered + DAY // 2) // DAY, LAST)


def bins_of(age: Ints) -> Ints:
    """The place among ``EDGES`` of ages in days."""
    return np.asarray(_AGE_BINS[age], np.int64)


def learn(stays: Stays, layout: Layout, moment: int) -> Chances:
    """What the stays up to a moment teach; nothing after it is looked at."""
    stages, bins = len(layout.keys), len(EDGES)
    place = layout.place[stays.stage]
    known = (place >= 0) & (stays.entered <= moment)
    place, entered, left = place[known], stays.entered[known], stays.left[known]
    ended = left <= moment
    days = (np.minimum(left, moment) - entered) // DAY
    age = np.minimum(days, LAST)
    seen = _exposure(place, age, days, ended, stages)
    events = _events(layout, place, age, stays.follows[known], ended)
    closed = stays.closed[known] <= moment
    cells = place[closed] * bins + _AGE_BINS[age[closed]]
    won = stays.won[known][closed]
    like = _reached(np.bincount(cells, minlength=stages * bins), stages)
    like_won = _reached(np.bincount(cells[won], minlength=stages * bins), stages)
    closings = np.zeros(len(layout.pipelines), np.int64)
    np.add.at(closings, layout.pipeline, events[:, :, stages : GONE + stages].sum(axis=(1, 2)))
    daily = _shrunk(layout, events.astype(np.float64), seen)
    return Chances(layout, daily, like, like_won, closings)


def _exposure(place: Ints, age: Ints, days: Ints, ended: Marks, stages: int) -> Floats:
    """Days that deals stood at risk, by stage and age. The day on which one is lost from sight
    counts half; days beyond the last age are of the last."""
    cells = place * _AGES + age
    of_ended = np.bincount(cells[ended], minlength=stages * _AGES).reshape(stages, _AGES)
    of_censored = np.bincount(cells[~ended], minlength=stages * _AGES).reshape(stages, _AGES)
    whole = of_ended + of_censored
    later = np.cumsum(whole[:, ::-1], axis=1)[:, ::-1]
    at_risk = later - of_censored / 2
    old = age == LAST
    at_risk[:, LAST] += np.bincount(
        place[old], weights=(days[old] - LAST).astype(np.float64), minlength=stages
    )
    return np.add.reduceat(at_risk, EDGES, axis=1)


def _events(layout: Layout, place: Ints, age: Ints, follows: Ints, ended: Marks) -> Ints:
    """How many left a stage at an age, and where to."""
    stages, bins = len(layout.keys), len(EDGES)
    kind = layout.kind[follows[ended]]
    target = np.where(kind == 0, layout.place[follows[ended]], stages + kind - 1)
    targets = stages + 3
    cells = (place[ended] * bins + _AGE_BINS[age[ended]]) * targets + target
    return np.bincount(cells, minlength=stages * bins * targets).reshape(stages, bins, targets)


def _reached(last: Ints, stages: int) -> Ints:
    """How many stood at least so long, out of how many stood just so long."""
    counts = last.reshape(stages, len(EDGES))
    return np.asarray(np.cumsum(counts[:, ::-1], axis=1)[:, ::-1], np.int64)


def _shrunk(layout: Layout, events: Floats, seen: Floats) -> Floats:
    """Daily hazards: of an age towards the stage's, of a stage towards the pipeline's."""
    stages = len(layout.keys)
    targets = events.shape[2]
    of_stage, seen_stage = events.sum(axis=1), seen.sum(axis=1)
    usual = np.zeros((stages, targets))
    for number in range(len(layout.pipelines)):
        mine = layout.pipeline == number
        if mine.any():
            usual[mine] = _usual(layout, of_stage[mine], seen_stage[mine], mine, stages)
    weight = OF_STAGE / usual.sum(axis=1)
    stage = (of_stage + weight[:, None] * usual) / (seen_stage + weight)[:, None]
    weight = OF_AGE / stage.sum(axis=1)
    daily = events + weight[:, None, None] * stage[:, None, :]
    daily /= (seen + weight[:, None])[:, :, None]
    return np.asarray(daily / np.maximum(daily.sum(axis=2, keepdims=True), 1.0))


def _usual(layout: Layout, events: Floats, seen: Floats, mine: Marks, stages: int) -> Floats:
    """What is usual in a pipeline: won, lost, gone elsewhere, or on to the stage behind."""
    exposure = seen.sum() + 1.0
    found = np.zeros((len(events), events.shape[1]))
    found[:, stages + WON] = (events[:, stages + WON].sum() + _HALF) / exposure
    found[:, stages + LOST] = (events[:, stages + LOST].sum() + _HALF) / exposure
    found[:, stages + GONE] = events[:, stages + GONE].sum() / exposure
    onwards = events[:, :stages].sum() / exposure
    following = layout.following[mine]
    there = np.flatnonzero(following >= 0)
    found[there, following[there]] = onwards
    # More than everything cannot happen in a day.
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1.0))
