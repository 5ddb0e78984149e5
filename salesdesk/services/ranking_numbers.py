"""The numbers of everybody in a period, counted from the tallies.

Tallies count beginnings and ends by day. What they cannot know is put right afterwards
(``ranking_corrections``).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar

from salesdesk.models import derive
from salesdesk.models.derived_sums import currency_code
from salesdesk.models.store import Reader
from salesdesk.services import ranking_money
from salesdesk.services.periods import Period
from salesdesk.services.ranking_money import Sums
from salesdesk.services.ranking_points import Points
from salesdesk.services.ranking_setup import Scope
from salesdesk.services.ranking_tally import DayTally, Prefix, Tallies
from salesdesk.services.rates import Rates

#: The metric that counts the reaches of a milestone.
MILESTONES = {
    "meeting_scheduled": "meetings_scheduled",
    "meeting_held": "meetings_held",
    "contract_signed": "contracts_signed",
    "advance_paid": "advances_paid",
    "won": "won",
}
#: Milestones in whose stages deals are said to stand.
STANDING = ("meeting_scheduled", "meeting_held", "contract_signed", "advance_paid")
#: Metrics that count what begins in the period, and those of a state at its end.
_BEGUN = {derive.NEW: "requests_new", derive.LOST: "lost", derive.POSTPONED: "postponements"}
STATES = {
    derive.OPEN: "in_work",
    derive.OVERDUE: "tasks_overdue",
    derive.IDLE: "deals_without_tasks",
}
_SEEN = {derive.SEEN: "requests_total", derive.TASK: "tasks_total"}
HOLDS = {**_BEGUN, **STATES, **_SEEN}


@dataclass(slots=True)
class Numbers:
    """A person's numbers: counts, points in millionths, money in ten-thousandths."""

    requests_total: int = 0
    in_work: int = 0
    requests_new: int = 0
    meetings_scheduled: int = 0
    meetings_held: int = 0
    contracts_signed: int = 0
    advances_paid: int = 0
    won: int = 0
    lost: int = 0
    tasks_total: int = 0
    tasks_overdue: int = 0
    deals_without_tasks: int = 0
    points: int = 0
    saved_points: int = 0
    revenue: int = 0
    gross_profit: int = 0
    postponements: int = 0
    standing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDING, 0))
    unrated: set[str] = field(default_factory=set)

    def add(self, metric: str, n: int) -> None:
        """Add to one of the counts."""
        setattr(self, metric, getattr(self, metric) + n)

    def shift(self, by: Iterable[tuple[str, int]]) -> None:
        """Add to several counts."""
        for metric, n in by:
            self.add(metric, n)

    def copy(self) -> "Numbers":
        """A copy to add to."""
        found = Numbers(*_COUNTS_OF(self))
        found.standing = self.standing.copy()
        found.unrated = self.unrated.copy()
        return found

    def is_any(self) -> bool:
        """Whether a number is other than 0 (``standing`` and postponements are beside them)."""
        return bool(
            self.requests_total or self.in_work or self.requests_new or self.meetings_scheduled
            or self.meetings_held or self.contracts_signed or self.advances_paid or self.won
            or self.lost or self.tasks_total or self.tasks_overdue or self.deals_without_tasks
            or self.points or self.revenue or self.gross_profit
        )  # fmt: skip


T = TypeVar("T")
#: By person: numbers, what was added to them, and what they came to.
Kept = dict[int, tuple[Numbers, Any, Numbers]]

_COUNTS_OF = attrgetter(*[one.name for one in fields(Numbers)][:-2])


@dataclass(frozen=True, slots=True)
class Span:
    """``[start, stop)`` in moments, and the days ``first..after`` (``after`` excluded) whose
    tallies hold it; ``cut`` when the last day's tally also holds later moments."""

    start: int
    stop: int
    first: int
    after: int
    cut: bool


def span_of(r: Reader, period: Period, now: int | None) -> Span:
    """The span of a period; with ``now``, a period that contains now ends now."""
    start, stop = period.moments(r.zone, now)
    after = r.zone.day_of(stop - 1) + 1
    return Span(start, stop, period.first_day, after, r.zone.start_of(after) != stop)


class People(dict[int, Numbers]):
    """Numbers by person. Copies share them; those of a person are copied when ``mine`` asks for
    them to be changed. After a move nearly all are the very same objects as before it."""

    __slots__ = ("_own",)

    def __init__(self, found: "Mapping[int, Numbers] | None" = None) -> None:
        super().__init__(found or {})
        self._own: set[int] = set()

    def mine(self, person: int) -> Numbers:
        """The numbers of a person, to be added to."""
        known = self.get(person)
        if known is None or person not in self._own:
            known = self[person] = Numbers() if known is None else known.copy()
            self._own.add(person)
        return known

    def shift(
        self,
        people: Mapping[int, T],
        of: Callable[[T], Iterable[tuple[str, int]]],
        kept: Kept,
    ) -> None:
        """Add to the numbers of people (``of`` says from what they are given which metrics, and how
        much) what is mostly the same as the last time: then they are the very objects that are
        ``kept`` since."""
        own = self._own
        for person, given in people.items():
            base = self.get(person)
            known = kept.get(person)
            if base is None or person in own:
                self.mine(person).shift(of(given))
            elif known is not None and known[0] is base and known[1] == given:
                self[person] = known[2]
            else:
                found = self[person] = base.copy()
                found.shift(of(given))
                kept[person] = base, given, found

    def share(self) -> "People":
        """A copy to add to; what stands here is changed by neither from now on."""
        self._own.clear()
        return People(self)


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: the deals of which pipelines, at which points (``saved`` beside them)."""

    scope: Scope
    points: Points
    saved: Points
    rates: Rates

    def bounds(self, first: int, stop: int) -> list[int]:
        """The days between which one table of points holds, ``first`` and ``stop`` among them."""
        tables = [self.points] if self.points is self.saved else [self.points, self.saved]
        changes = {day for one in tables for day in one.changes(first, stop)}
        return [first, *sorted(changes), stop]

    @property
    def is_plain(self) -> bool:
        """Whether the saved points alone are asked for, so that answers are worth keeping."""
        return self.points is self.saved


@dataclass(slots=True)
class Tallied:
    """What the tallies of some days say of everybody."""

    people: People
    money: Sums

    @classmethod
    def nothing(cls) -> "Tallied":
        """What no days say."""
        return cls(People(), Sums())

    def copy(self) -> "Tallied":
        """A copy to add to."""
        return Tallied(self.people.share(), self.money.copy())


def tallied(
    tallies: Tallies,
    bounds: list[int],
    prefixes: list[Prefix],
    asked: Question,
    holds: bool = False,
) -> Tallied:
    """What the prefix sums say; without ``holds`` only what decides the order."""
    people = People()
    for place, day in enumerate(bounds[:-1]):
        _add_reaches(tallies, (prefixes[place], prefixes[place + 1]), day, asked, people)
    if holds:
        _add_holds(tallies, prefixes[0], prefixes[-1], asked.scope, people)
    money = ranking_money.sums_of(tallies, prefixes[0], prefixes[-1], asked.scope, asked.rates.home)
    return Tallied(people, money)


def add_day(day: int, rows: Iterable[DayTally], asked: Question, found: Tallied) -> None:
    """Add tallies of the day that is not over."""
    scope, people = asked.scope, found.people
    own = currency_code(asked.rates.home)
    for person, kind, place, plus, minus in rows:
        stage = scope.stages.get(place)
        if kind == derive.REACH and stage is not None:
            row = people.mine(person)
            row.points += plus * asked.points.on(place, day)
            row.saved_points += plus * asked.saved.on(place, day)
            metric = MILESTONES.get(stage.milestone or "")
            if metric is not None:
                row.add(metric, plus)
        elif kind == derive.STAND and stage is not None:
            if stage.milestone in STANDING:
                people.mine(person).standing[stage.milestone] += plus - minus
        elif kind in (derive.WORTH, derive.WORTH_HIGH, derive.WINS):
            found.money.take(kind, person, place, (plus, minus), scope, own)
        elif kind in HOLDS and scope.holds(place):
            n = plus - minus if kind in STATES else plus
            people.mine(person).add(HOLDS[kind], n)


def _add_reaches(
    tallies: Tallies, pair: tuple[Prefix, Prefix], day: int, asked: Question, people: People
) -> None:
    """Reaches of days that share one table of points."""
    before, until = pair[0].plus, pair[1].plus
    worth = {
        stage.id: (asked.points.on(stage.id, day), asked.saved.on(stage.id, day),
                   MILESTONES.get(stage.milestone or ""))
        for stage in asked.scope.stages.values()
    }  # fmt: skip
    rows: dict[int, Numbers] = {}
    for number, person, stage in tallies.by_kind[derive.REACH]:
        n = until[number] - before[number]
        if n and stage in worth:
            earned, kept, metric = worth[stage]
            row = rows.get(person) or rows.setdefault(person, people.mine(person))
            row.points += n * earned
            row.saved_points += n * kept
            if metric is not None:
                setattr(row, metric, getattr(row, metric) + n)


def _add_holds(
    tallies: Tallies, before: Prefix, until: Prefix, scope: Scope, people: People
) -> None:
    holds = scope.pipelines | {0} if scope.loose else scope.pipelines
    rows: dict[int, Numbers] = {}
    for kind, metric in HOLDS.items():
        if kind in STATES:
            plus, minus = until.plus, until.minus
        elif kind in _BEGUN:
            plus, minus = until.plus, before.plus
        else:
            plus, minus = until.plus, before.minus
        for number, person, pipeline in tallies.by_kind[kind]:
            n = plus[number] - minus[number]
            if n and pipeline in holds:
                row = rows.get(person) or rows.setdefault(person, people.mine(person))
                setattr(row, metric, getattr(row, metric) + n)
    plus, minus = until.plus, until.minus
    milestones = {
        stage.id: stage.milestone for stage in scope.stages.values() if stage.milestone in STANDING
    }
    for number, person, stage_id in tallies.by_kind[derive.STAND]:
        milestone = milestones.get(stage_id)
        if milestone is not None:
            n = plus[number] - minus[number]
            if n:
                people.mine(person).standing[milestone] += n
