"""What if stages earned other points, or skipped stages counted: both orders of a period.

What people reached is counted once a period (``basis``); whatever is then tried only multiplies
(``orders``), without asking the workspace again. Both are exact: saving what was tried for all time
gives these very points and places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader, Store
from salesdesk.moments import points_int, points_of
from salesdesk.services import (
    people,
    ranking_count,
    ranking_reached,
    ranking_setup,
    ranking_trial,
    settings,
    stage_points,
)
from salesdesk.services.periods import Period
from salesdesk.services.ranking_numbers import Numbers, Question, span_of
from salesdesk.services.ranking_points import Points
from salesdesk.services.ranking_setup import Member, Setup
from salesdesk.text import N_

_EVER = 0
_ENDLESS = 10**7
#: Reaches of a stage in the period, and what they earn at the saved points (millionths).
Reached = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seller:
    """What a person reached in the period, by stage, and what decides between equal points.

    ``always``: the person has a row whatever the points are. ``revenue`` in ten-thousandths.
    """

    person_id: int
    person: str
    sort_key: str
    always: bool
    won: int
    revenue: int
    reached: Mapping[int, Reached]

    def points(self, tried: Mapping[int, int]) -> int:
        """The person's points (millionths) with ``tried`` points for some stages."""
        return sum(
            count * tried[stage] if stage in tried else saved
            for stage, (count, saved) in self.reached.items()
        )


@dataclass(frozen=True, slots=True)
class TriedStage:
    """A stage: what it earns today, and how often it was reached in the period."""

    stage_id: int
    stage: str
    pipeline_id: int
    pipeline: str
    points: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What the orders of a period follow from. ``skipped``: skipped stages are counted in it;
    ``skipped_saved``: whether the workspace counts them."""

    period: Period
    stages: tuple[TriedStage, ...]
    sellers: tuple[Seller, ...]
    skipped: bool
    skipped_saved: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A person in both orders; ``saved_rank`` is None for one who has no row as it is saved."""

    person_id: int
    person: str
    rank: int
    points: Decimal
    saved_rank: int | None
    saved_points: Decimal

    @property
    def up(self) -> int:
        """How many places up (+) or down (-)."""
        return 0 if self.saved_rank is None else self.saved_rank - self.rank


def basis(
    r: Reader,
    period: Period,
    *,
    now: int,
    team_id: int | None = None,
    pipeline_id: int | None = None,
    skipped: bool | None = None,
) -> Basis:
    """What everybody reached in a period, skipped stages counted (or not) as told."""
    setup, saved = ranking_setup.of(r), settings.get(r, settings.COUNT_SKIPPED)
    other = ranking_trial.wanted(r, skipped)
    span, earlier = span_of(r, period, now), span_of(r, period.previous(), None)
    asked = Question(setup.scope(pipeline_id), setup.points, setup.points, setup.rates)
    numbers, _ = ranking_count.count(r, span, earlier, asked, setup.memo)
    trial = None if other is None else ranking_trial.of(r, span, other)
    if trial is not None:
        numbers = numbers.share()
        ranking_trial.change(r, span, asked, numbers, trial)
    reached = {
        person: _counted(own, asked.points)
        for person, own in ranking_reached.reached(r, span, asked, trial).items()
    }
    today = r.zone.day_of(now)
    sellers = tuple(
        _seller(person, numbers.get(person.id, Numbers()), reached.get(person.id, {}), today)
        for person in _members(setup, team_id)
    )
    return Basis(
        period, _stages(setup, asked, sellers, today), sellers,
        saved if other is None else other, saved,
    )  # fmt: skip


def both(
    r: Reader,
    period: Period,
    *,
    now: int,
    team_id: int | None = None,
    pipeline_id: int | None = None,
    skipped: bool | None = None,
) -> tuple[Basis, Basis]:
    """As it is saved, and as it is tried (the same where skipped stages are not tried)."""
    saved = basis(r, period, now=now, team_id=team_id, pipeline_id=pipeline_id)
    if ranking_trial.wanted(r, skipped) is None:
        return saved, saved
    return saved, basis(
        r, period, now=now, team_id=team_id, pipeline_id=pipeline_id, skipped=skipped
    )


def _members(setup: Setup, team_id: int | None) -> list[Member]:
    within = None if team_id is None else setup.teams_within(team_id)
    return [
        one for one in setup.people if one.in_ranking and (within is None or one.team_id in within)
    ]


def _seller(person: Member, own: Numbers, reached: Mapping[int, Reached], today: int) -> Seller:
    without = own.copy()
    without.points = 0
    always = (person.role == "manager" and person.active_on(today)) or without.is_any()
    return Seller(
        person.id, person.name, person.sort_key, always, own.won, own.revenue,
        {stage: one for stage, one in reached.items() if one[0]},
    )  # fmt: skip


def _counted(own: ranking_reached.Reached, points: Points) -> dict[int, Reached]:
    """By stage: how often, and what it earns as it is saved."""
    found: dict[int, Reached] = {}
    for (stage, day), n in own.items():
        count, saved = found.get(stage, (0, 0))
        found[stage] = count + n, saved + n * points.on(stage, day)
    return found


def _stages(
    setup: Setup, asked: Question, sellers: Sequence[Seller], today: int
) -> tuple[TriedStage, ...]:
    """The stages that can be tried: those in use, and others that were reached in the period."""
    counts = dict.fromkeys(asked.scope.stages, 0)
    for seller in sellers:
        for stage, (count, _saved) in seller.reached.items():
            counts[stage] += count
    order = {key: place for key, (_counts, place) in setup.pipeline_order.items()}
    shown = [
        stage
        for stage in asked.scope.stages.values()
        if counts[stage.id] or not (stage.deleted or stage.archived)
        if stage.pipeline_id in order
    ]
    shown.sort(key=lambda one: (order[one.pipeline_id], one.pipeline_id, one.position, one.id))
    return tuple(
        TriedStage(one.id, one.name, one.pipeline_id, setup.pipelines[one.pipeline_id][0],
                   points_of(asked.points.on(one.id, today)), counts[one.id])
        for one in shown
    )  # fmt: skip


# --- trying ------------------------------------------------------------------------------------


def orders(saved: Basis, tried: Basis, points: Mapping[int, Decimal]) -> tuple[Place, ...]:
    """Everybody in the order of what is tried, with the place and the points that are saved."""
    before = {one[0].person_id: (rank, one[1]) for rank, one in _ranked(saved, {})}
    other = {stage: points_int(value) for stage, value in points.items()}
    return tuple(
        Place(
            seller.person_id, seller.person, rank, points_of(earned),
            before[seller.person_id][0] if seller.person_id in before else None,
            points_of(before[seller.person_id][1]) if seller.person_id in before else Decimal(0),
        )
        for rank, (seller, earned) in _ranked(tried, other)
    )  # fmt: skip


def _ranked(one: Basis, tried: Mapping[int, int]) -> list[tuple[int, tuple[Seller, int]]]:
    """Sellers with a row and their points, in order, with their ranks."""
    rows = [(seller, seller.points(tried)) for seller in one.sellers]
    shown = [row for row in rows if row[0].always or row[1]]
    shown.sort(key=lambda row: (-row[1], -row[0].won, -row[0].revenue, row[0].sort_key,
                                row[0].person_id))  # fmt: skip
    found: list[tuple[int, tuple[Seller, int]]] = []
    last: tuple[int, int, int] | None = None
    rank = 0
    for place, (seller, points) in enumerate(shown, 1):
        score = points, seller.won, seller.revenue
        if score != last:
            rank, last = place, score
        found.append((rank, (seller, points)))
    return found


def tried_points(r: Reader, tried: Mapping[int, Decimal]) -> Points | None:
    """The saved points with other ones for some stages, for all time; None when none is tried."""
    if not tried:
        return None
    setup = ranking_setup.of(r)
    saved, made = setup.points, Points()
    changes = saved.changes(_EVER, _ENDLESS)
    for stage in setup.stages:
        if stage in tried:
            made.add(stage, None, points_int(tried[stage]))
            continue
        made.add(stage, None, saved.on(stage, _EVER))
        for day in changes:
            made.add(stage, day, saved.on(stage, day))
    return made


# --- saving ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tried:
    """What is tried: points by stage, and whether skipped stages count (None: as saved)."""

    points: Mapping[int, Decimal] = field(default_factory=dict)
    skipped: bool | None = None

    @property
    def is_any(self) -> bool:
        """Whether anything is tried."""
        return bool(self.points) or self.skipped is not None


def apply(
    store: Store,
    tried: Tried,
    *,
    valid_from: int | None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Save what was tried as one command; returns its id.

    The points hold from the day ``valid_from`` on (empty: for all time); whether skipped stages
    count holds for all time. Raises ``Refused`` for anybody but administrators, ``Invalid`` for
    points that cannot be, ``NotFound`` for a stage that is gone.
    """
    with store.command("points.apply", now=now, person=person, origin=origin) as tx:
        people.require_admin(tx, person)
        for stage, points in tried.points.items():
            # One that was deleted has its points still, for what was reached in its time.
            if tx.value("SELECT 1 FROM stage WHERE id = ?", (stage,)) is None:
                raise NotFound(N_("There is no such stage any more."))
            stage_points.write_points(tx, stage, points, valid_from)
        if tried.skipped is not None:
            settings.write(tx, {settings.COUNT_SKIPPED.name: tried.skipped})
        tx.set_detail(stages=len(tried.points))
    return tx.command_id
