"""The numbers of everybody in a period, counted from the tallies.

Tallies count beginnings and ends by day. What a day's tally cannot know is put right by a few rows:
what lies later than now on the last day, and what was counted twice (``prev_at``, ``prev_stop``).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.services import ranking_money, ranking_tally
from salesdesk.services.periods import Period
from salesdesk.services.ranking_points import Points
from salesdesk.services.ranking_setup import Scope
from salesdesk.services.ranking_tally import Prefix, Tallies
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
_STATES = {
    derive.OPEN: "in_work",
    derive.OVERDUE: "tasks_overdue",
    derive.IDLE: "deals_without_tasks",
}
_SEEN = {derive.SEEN: "requests_total", derive.TASK: "tasks_total"}
_HOLDS = {**_BEGUN, **_STATES, **_SEEN}


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

    def is_any(self) -> bool:
        """Whether a number is other than 0 (``standing`` and postponements are beside them)."""
        return bool(
            self.requests_total or self.in_work or self.requests_new or self.meetings_scheduled
            or self.meetings_held or self.contracts_signed or self.advances_paid or self.won
            or self.lost or self.tasks_total or self.tasks_overdue or self.deals_without_tasks
            or self.points or self.revenue or self.gross_profit
        )  # fmt: skip


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


People = defaultdict[int, Numbers]


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: the deals of which pipelines, at which points (``saved`` beside them)."""

    scope: Scope
    points: Points
    saved: Points
    rates: Rates

    def bounds(self, span: Span) -> list[int]:
        """The days between which one table of points holds, the first and the last of the span
        among them."""
        tables = [self.points] if self.points is self.saved else [self.points, self.saved]
        changes = {day for one in tables for day in one.changes(span.first, span.after)}
        return [span.first, *sorted(changes), span.after]


def count(
    r: Reader, span: Span, earlier: Span, asked: Question, memo: dict[Any, Any]
) -> tuple[People, People]:
    """Everybody's numbers in a span, and what decides the order of an ``earlier`` one.

    ``memo`` (of the configuration) keeps the latter: it follows from the tallies of its days alone.
    """
    tallies = ranking_tally.of(r)
    bounds, before = asked.bounds(span), asked.bounds(earlier)
    people: People = defaultdict(Numbers)
    with tallies.lock:
        prefixes = tallies.before(r, bounds + before, span.after if span.cut else None)
        now, then = prefixes[: len(bounds)], prefixes[len(bounds) :]
        _add_all_reaches(tallies, bounds, now, asked, people)
        _add_holds(tallies, now[0], now[-1], asked.scope, people)
        money = ranking_money.sums_of(tallies, now[0], now[-1], asked.scope, asked.rates.home)
        key = ("earlier", earlier, asked.scope.pipelines)
        kept = memo.get(key) if asked.points is asked.saved else None
        if kept is not None and all(a is b for a, b in zip(kept[0], then, strict=True)):
            past: People = kept[1]
            kept_money = None
        else:
            past = defaultdict(Numbers)
            _add_all_reaches(tallies, before, then, asked, past)
            kept_money = ranking_money.sums_of(
                tallies, then[0], then[-1], asked.scope, asked.rates.home
            )
    special = _Corrections(r, span, asked, people).run()
    ranking_money.add(r, span, asked.scope, asked.rates, money, special, people)
    if kept_money is not None:
        special = _Corrections(r, earlier, asked, past).run(order_only=True)
        ranking_money.add(r, earlier, asked.scope, asked.rates, kept_money, special, past)
        if asked.points is asked.saved:
            memo[key] = then, past
    return people, past


def _add_all_reaches(
    tallies: Tallies, bounds: list[int], prefixes: list[Prefix], asked: Question, people: People
) -> None:
    for place, day in enumerate(bounds[:-1]):
        _add_reaches(tallies, (prefixes[place], prefixes[place + 1]), day, asked, people)


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
    for number, person, stage in tallies.by_kind[derive.REACH]:
        n = until[number] - before[number]
        if n and stage in worth:
            earned, kept, metric = worth[stage]
            row = people[person]
            row.points += n * earned
            row.saved_points += n * kept
            if metric is not None:
                setattr(row, metric, getattr(row, metric) + n)


def _add_holds(
    tallies: Tallies, before: Prefix, until: Prefix, scope: Scope, people: People
) -> None:
    holds = scope.pipelines | {0} if scope.loose else scope.pipelines
    for kind, metric in _HOLDS.items():
        if kind in _STATES:
            plus, minus = until.plus, until.minus
        elif kind in _BEGUN:
            plus, minus = until.plus, before.plus
        else:
            plus, minus = until.plus, before.minus
        for number, person, pipeline in tallies.by_kind[kind]:
            n = plus[number] - minus[number]
            if n and pipeline in holds:
                row = people[person]
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
                people[person].standing[milestone] += n


_TWICE = (
    "SELECT deal_id, person_id, stage_id FROM reach WHERE prev_at >= ? AND prev_at < ? AND at < ? "
    "AND person_id <> 0"
)
_AGAIN = (
    "SELECT kind, person_id, scope_id FROM hold WHERE prev_stop > ? AND prev_stop < ? "
    f"AND ((kind IN ({derive.SEEN}, {derive.TASK}) AND start < ?) "
    f"OR (kind = {derive.LOST} AND start >= ?))"
)
_CROSSED = f"FROM hold c WHERE c.prev_stop = 0 AND c.kind = {derive.CROSS}"
Pair = tuple[int, int]


class _Corrections:
    """What the tallies of whole days count too much (or too little)."""

    def __init__(self, r: Reader, span: Span, asked: Question, people: People) -> None:
        self.r = r
        self.span = span
        self.scope = asked.scope
        self.points = asked.points
        self.saved = asked.saved
        self.people = people
        #: from now to the end of the last day
        self.later = (span.stop, r.zone.start_of(span.after))
        #: (deal, person): winnings that the sums of days do not tell rightly
        self.special: set[Pair] = set()

    def run(self, order_only: bool = False) -> set[Pair]:
        """Apply all of them, or those to what decides the order alone; returns ``special``."""
        span = self.span
        if span.cut:
            self._later_reaches()
        for deal, person, stage in self.r.rows(_TWICE, (span.start, span.stop, span.stop)):
            self._milestone(deal, person, stage, -1)
        crossed = self.r.row(f"SELECT 1 {_CROSSED} LIMIT 1") is not None
        if crossed:
            self._crossed_reaches()
        if order_only:
            return self.special
        again = Counter(self.r.rows(_AGAIN, (span.start, span.stop, span.stop, span.start)))
        for (kind, person, pipeline), n in again.items():
            self._hold(kind, person, pipeline, -n)
        if crossed:
            self._crossed_requests()
        if span.cut:
            self._later_stands(self._later_holds())
        return self.special

    def _milestone(self, deal: int, person: int, stage_id: int, n: int) -> None:
        stage = self.scope.stages.get(stage_id)
        metric = MILESTONES.get(stage.milestone or "") if stage is not None else None
        if metric is not None:
            self.people[person].add(metric, n)
            if metric == "won":
                self.special.add((deal, person))

    def _hold(self, kind: int, person: int, pipeline: int, n: int) -> None:
        if kind in _HOLDS and self.scope.holds(pipeline):
            self.people[person].add(_HOLDS[kind], n)

    def _later_reaches(self) -> None:
        """Reaches later than now on the last day."""
        day = self.span.after - 1
        for deal, person, stage in self.r.rows(
            "SELECT deal_id, person_id, stage_id FROM reach WHERE at >= ? AND at < ? "
            "AND person_id <> 0",
            self.later,
        ):
            if stage in self.scope.stages:
                self.people[person].points -= self.points.on(stage, day)
                self.people[person].saved_points -= self.saved.on(stage, day)
                self._milestone(deal, person, stage, -1)

    def _later_holds(self) -> set[int]:
        """What begins, and what ends, later than now on the last day; returns the deals whose time
        with a person does."""
        deals = set()
        for item, kind, person, pipeline in self.r.rows(
            "SELECT item_id, kind, person_id, scope_id FROM hold WHERE start >= ? AND start < ?",
            self.later,
        ):
            self._hold(kind, person, pipeline, -1)
            if kind == derive.OPEN:
                deals.add(item)
        for item, kind, person, pipeline in self.r.rows(
            "SELECT item_id, kind, person_id, scope_id FROM hold WHERE stop >= ? AND stop < ?",
            self.later,
        ):
            if kind in _STATES:
                self._hold(kind, person, pipeline, 1)
            if kind == derive.OPEN:
                deals.add(item)
        return deals

    def _later_stands(self, deals: set[int]) -> None:
        """The same for where deals stand: those moved later, or given to another person."""
        stages = {key: stage for key, stage in self.scope.stages.items()
                  if stage.milestone in STANDING}  # fmt: skip
        deals |= {row[0] for row in self.r.rows(
            "SELECT deal_id FROM stage_move WHERE at >= ? AND at < ?", self.later)}  # fmt: skip
        closed = [stage.id for stage in stages.values() if stage.kind != "open"]
        deals |= {row[0] for row in self.r.rows_of(
            "SELECT deal_id FROM span WHERE start >= ? AND start < ? AND stage_id IN ({ids})",
            closed, self.later)}  # fmt: skip
        low, high = self.later
        for start, stop, stage_id, person in self.r.rows_of(
            "SELECT start, stop, stage_id, owner_id FROM span WHERE owner_id IS NOT NULL "
            "AND deal_id IN ({ids})",
            deals,
        ):
            stage = stages.get(stage_id)
            if stage is not None and stage.milestone is not None:
                begun = low <= start < high
                ended = stop is not None and low <= stop < high
                self.people[person].standing[stage.milestone] += ended - begun

    def _crossed_reaches(self) -> None:
        """Deals that reached one milestone in several pipelines."""
        found: dict[tuple[Any, ...], set[int]] = defaultdict(set)
        for deal, person, stage_id in self.r.rows(
            "SELECT deal_id, person_id, stage_id FROM reach WHERE deal_id IN "
            f"(SELECT c.item_id {_CROSSED}) AND at >= ? AND at < ? AND person_id <> 0",
            (self.span.start, self.span.stop),
        ):
            stage = self.scope.stages.get(stage_id)
            if stage is not None and stage.milestone in MILESTONES:
                found[deal, person, stage.milestone].add(stage.pipeline_id)
        for (deal, person, milestone), pipelines in found.items():
            self.people[person].add(MILESTONES[milestone], 1 - len(pipelines))
            if milestone == "won" and len(pipelines) > 1:
                self.special.add((deal, person))

    def _crossed_requests(self) -> None:
        """Deals that a person was responsible for in several pipelines."""
        found: dict[tuple[int, int], set[int]] = defaultdict(set)
        for deal, person, pipeline in self.r.rows(
            f"SELECT item_id, person_id, scope_id FROM hold WHERE kind = {derive.SEEN} "
            f"AND item_id IN (SELECT c.item_id {_CROSSED}) AND start < ? "
            "AND (stop IS NULL OR stop > ?)",
            (self.span.stop, self.span.start),
        ):
            if pipeline in self.scope.pipelines:
                found[deal, person].add(pipeline)
        for (_deal, person), pipelines in found.items():
            self.people[person].requests_total += 1 - len(pipelines)
