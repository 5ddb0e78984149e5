"""The plain facts from which the oracle recomputes everything: lists of small records.

Days are ordinals of local days, moments microseconds UTC, months ``year * 12 + month - 1``.
``order`` decides between facts of one moment, and is comparable between moves and changes of the
responsible person. A history contains undone and superseded moves: they carry ``live=False``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from salesdesk.moments import Zone


class Unset(Enum):
    """What a fact does not say."""

    KEEP = "keep"


KEEP = Unset.KEEP
Order = tuple[int, ...]


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    role: str = "manager"
    team: int | None = None
    in_ranking: bool = True
    first_day: int | None = None
    last_day: int | None = None


@dataclass(frozen=True)
class Team:
    id: int
    parent: int | None = None


@dataclass(frozen=True)
class Pipeline:
    id: int
    counts: bool = True


@dataclass(frozen=True)
class Stage:
    """``points``: (valid from a day, or None: since ever; points)."""

    id: int
    pipeline: int
    order: int
    kind: str = "open"
    milestone: str | None = None
    points: tuple[tuple[int | None, Decimal], ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Deal:
    """``refusal``: whether the lost reason that the deal has now is a refusal; None without one."""

    id: int
    amount: Decimal | None = None
    currency: str = "RUB"
    cost: Decimal | None = None
    parent: int | None = None
    deleted: bool = False
    refusal: bool | None = None


@dataclass(frozen=True)
class Move:
    """``owner``: who became responsible with the move (None: nobody), KEEP when it says nothing.
    ``refusal`` is false when the lost reason given with it is marked "not a refusal"."""

    id: int
    deal: int
    stage: int
    at: int
    order: Order
    owner: int | Unset | None = KEEP
    refusal: bool = True
    live: bool = True


@dataclass(frozen=True)
class OwnerChange:
    deal: int
    person: int | None
    at: int
    order: Order


@dataclass(frozen=True)
class Ruling:
    """``kind``: ``void``, ``credit`` or ``restore``."""

    deal: int
    stage: int
    move: int
    kind: str
    order: Order
    person: int | None = None


@dataclass(frozen=True)
class Task:
    id: int
    deal: int | None = None
    deleted: bool = False


@dataclass(frozen=True)
class TaskFact:
    """What holds of a task from a moment on; its first fact is its creation."""

    task: int
    at: int
    order: Order
    assignee: int | Unset | None = KEEP
    due: int | Unset | None = KEEP
    state: str | Unset = KEEP
    postponement: bool = False


@dataclass(frozen=True)
class Rate:
    """Units of the workspace's currency for one unit of ``currency`` from a day on."""

    currency: str
    rate: Decimal
    valid_from: int | None = None


@dataclass(frozen=True)
class Target:
    """A plan (always with a month) or a norm (perhaps without) of a person, a team or everybody."""

    metric: str
    value: Decimal
    month: int | None
    person: int | None = None
    team: int | None = None


def weekdays(day: int) -> bool:
    """Monday to Friday."""
    return (day - 1) % 7 < 5


@dataclass
class World:
    zone: Zone
    currency: str = "RUB"
    persons: list[Person] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    owner_changes: list[OwnerChange] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    task_facts: list[TaskFact] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    plans: list[Target] = field(default_factory=list)
    norms: list[Target] = field(default_factory=list)
    is_working: Callable[[int], bool] = weekdays
    counts_skipped: bool = False
    full: Decimal = Decimal(1)
    half: Decimal = Decimal("0.5")

    def stage(self, stage_id: int) -> Stage:
        return next(stage for stage in self.stages if stage.id == stage_id)

    def person(self, person_id: int) -> Person:
        return next(person for person in self.persons if person.id == person_id)

    def deal(self, deal_id: int) -> Deal:
        return next(deal for deal in self.deals if deal.id == deal_id)

    def team_and_inside(self, team_id: int) -> set[int]:
        """The team and all teams below it."""
        found = {team_id}
        while True:
            more = {t.id for t in self.teams if t.parent in found} - found
            if not more:
                return found
            found |= more

    def counted_pipelines(self, pipeline: int | None) -> set[int]:
        """The pipelines that count, or the one asked for if it does."""
        counting = {p.id for p in self.pipelines if p.counts}
        return counting if pipeline is None else counting & {pipeline}
