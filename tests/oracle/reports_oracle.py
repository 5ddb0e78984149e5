"""The reports ``transitions``, ``stage-time`` and ``funnel``, recomputed from bare facts."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.oracle import lives
from tests.oracle.lives import Step
from tests.oracle.ranking_oracle import moments_of
from tests.oracle.world import Stage, World

#: first day of the period, stage entered, responsible person, stage left (when asked)
Key = tuple[int, int, int | None, int | None]
DAY = 86_400 * 1_000_000


@dataclass
class StageTime:
    """Days of the stays that ended in the period, and the deals that stand there at its end."""

    stage: Stage
    days: list[Fraction] = field(default_factory=list)
    now: list[int] = field(default_factory=list)

    def percentile(self, share: Fraction) -> Fraction | None:
        """By linear interpolation between the nearest ranks; the median for 1/2."""
        if not self.days:
            return None
        ordered = sorted(self.days)
        place = (len(ordered) - 1) * share
        low = place.numerator // place.denominator
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    def mean(self) -> Fraction | None:
        return sum(self.days, Fraction(0)) / len(self.days) if self.days else None


@dataclass(frozen=True)
class FunnelStep:
    stage: Stage
    reached: int
    entered: int
    from_first: Fraction | None
    from_previous: Fraction | None


def _persons(world: World, person: int | None, team: int | None) -> set[int] | None:
    if person is not None:
        return {person}
    if team is None:
        return None
    inside = world.team_and_inside(team)
    return {p.id for p in world.persons if p.team in inside}


def _bucket(day: int, by: str) -> int:
    if by == "week":
        return day - (day - 1) % 7
    return date.fromordinal(day).replace(day=1).toordinal() if by == "month" else day


def transitions(
    world: World,
    first: int,
    last: int,
    now: int,
    *,
    by: str = "day",
    split_from: bool = False,
    pipeline: int | None = None,
    person: int | None = None,
    team: int | None = None,
) -> dict[Key, list[int]]:
    """The ids of the moves behind each number."""
    start, stop = moments_of(world, first, last, now)
    wanted = _persons(world, person, team)
    found: dict[Key, list[int]] = defaultdict(list)
    for deal in world.deals:
        if deal.deleted:
            continue
        for step in lives.steps_of(world, deal.id):
            if step.move is None or step.stage is None or not start <= step.at < stop:
                continue
            if pipeline is not None and step.stage.pipeline != pipeline:
                continue
            if wanted is not None and step.owner not in wanted:
                continue
            left = step.left.id if split_from and step.left else None
            day = _bucket(world.zone.day_of(step.at), by)
            found[day, step.stage.id, step.owner, left].append(step.move.id)
    return dict(found)


def stage_time(
    world: World,
    first: int,
    last: int,
    now: int,
    *,
    pipeline: int,
    person: int | None = None,
    team: int | None = None,
) -> list[StageTime]:
    """One record a stage of the pipeline, in order."""
    start, stop = moments_of(world, first, last, now)
    wanted = _persons(world, person, team)
    rows = {s.id: StageTime(s) for s in _stages(world, pipeline)}
    for deal in world.deals:
        if deal.deleted:
            continue
        steps = lives.steps_of(world, deal.id)
        entered: Step | None = None
        for step in steps:
            if step.move is None:
                continue
            inside = start <= step.at < stop and (wanted is None or step.owner in wanted)
            if entered is not None and step.left is not None and inside and step.left.id in rows:
                rows[step.left.id].days.append(Fraction(step.at - entered.at, DAY))
            entered = step
        last_step = lives.state_at(steps, stop - 1)
        if last_step is None or last_step.stage is None or last_step.stage.id not in rows:
            continue
        if wanted is None or last_step.owner in wanted:
            rows[last_step.stage.id].now.append(deal.id)
    return list(rows.values())


def _stages(world: World, pipeline: int) -> list[Stage]:
    stages = [s for s in world.stages if s.pipeline == pipeline and not s.deleted]
    return sorted(stages, key=lambda s: s.order)


def funnel(
    world: World,
    first: int,
    last: int,
    now: int,
    *,
    pipeline: int,
    person: int | None = None,
    team: int | None = None,
) -> list[FunnelStep]:
    """How many deals created in the period ever reached each step or a later one."""
    start, stop = moments_of(world, first, last, now)
    wanted = _persons(world, person, team)
    stages = [s for s in _stages(world, pipeline) if s.kind != "lost"]
    stages.sort(key=lambda s: (s.kind == "won", s.order))
    place = {stage.id: index for index, stage in enumerate(stages)}
    reached, entered = [0] * len(stages), [0] * len(stages)
    for deal in world.deals:
        steps = [] if deal.deleted else lives.steps_of(world, deal.id)
        created = lives.creation_of(steps)
        if created is None or not start <= created.at < stop or created.stage is None:
            continue
        if created.stage.pipeline != pipeline:
            continue
        since = steps[steps.index(created) :]
        owner = next((s.owner for s in since if s.owner is not None), None)
        if wanted is not None and owner not in wanted:
            continue
        been = {s.stage.id for s in steps if s.move and s.stage and s.at <= now}
        places = {place[stage] for stage in been if stage in place}
        for index in range(len(stages)):
            reached[index] += bool(places) and max(places) >= index
            entered[index] += index in places
    return [
        FunnelStep(
            stage,
            reached[index],
            entered[index],
            _share(reached[index], reached[0]) if index else Fraction(1),
            _share(reached[index], reached[index - 1]) if index else Fraction(1),
        )
        for index, stage in enumerate(stages)
    ]


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
