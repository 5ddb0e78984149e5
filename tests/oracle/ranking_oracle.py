"""The ranking of a period, recomputed from bare facts (domain.md section 4) the slow way.

``ranking`` walks over every deal and every task for every question and keeps, for each person and
metric, the very items that it counted. Nothing here is shared with the program but its clock
arithmetic (``salesdesk.moments``).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.oracle import lives
from tests.oracle.lives import Stay, Step
from tests.oracle.targets import levels_of, targets_of
from tests.oracle.world import Deal, Person, Ruling, Stage, World

MILESTONES = {
    "meeting_scheduled": "meetings_scheduled",
    "meeting_held": "meetings_held",
    "contract_signed": "contracts_signed",
    "advance_paid": "advances_paid",
    "won": "won",
}
COUNTED = (
    "requests_total",
    "in_work",
    "requests_new",
    "meetings_scheduled",
    "meetings_held",
    "contracts_signed",
    "advances_paid",
    "won",
    "lost",
    "tasks_total",
    "tasks_overdue",
    "deals_without_tasks",
)
STANDING = ("meeting_scheduled", "meeting_held", "contract_signed", "advance_paid")

#: points of a stage: (valid from, points); what a "what if" puts in place of the saved ones.
PointsTable = Mapping[int, tuple[tuple[int | None, Decimal], ...]]


@dataclass(frozen=True)
class Reach:
    """A reach that counts, with its person (None: nobody's) and the points it earns."""

    deal: int
    stage: Stage
    move: int
    at: int
    day: int
    person: int | None
    points: Decimal
    credited: bool = False


@dataclass
class Row:
    """A row of the ranking. ``items`` has, by metric, the ids of the deals or tasks counted, the
    reaches under ``points``, and pairs (deal, value) under ``revenue`` and ``gross_profit``."""

    person: Person
    items: dict[str, list[object]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    points: Decimal = Decimal(0)
    revenue: Decimal = Decimal(0)
    gross_profit: Decimal = Decimal(0)
    standing: dict[str, int] = field(default_factory=dict)
    postponements: int = 0
    targets: dict[str, Fraction] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    rank: int = 0
    rank_change: int = 0

    def fact(self, metric: str) -> Decimal:
        """Any of the numbers that may have a plan or a norm."""
        if metric in self.numbers:
            return Decimal(self.numbers[metric])
        return {
            "points": self.points,
            "revenue": self.revenue,
            "gross_profit": self.gross_profit,
        }[metric]

    def has_a_number(self) -> bool:
        return any(self.fact(m) != 0 for m in (*COUNTED, "points", "revenue", "gross_profit"))


@dataclass
class Ranking:
    rows: list[Row]
    unrated: set[str]

    def row(self, person_id: int) -> Row:
        return next(row for row in self.rows if row.person.id == person_id)


def moments_of(world: World, first: int, last: int, now: int | None) -> tuple[int, int]:
    """``[from, to)`` of the days; a period that contains now includes this very now and ends."""
    start, stop = world.zone.start_of(first), world.zone.start_of(last + 1)
    return (start, now + 1) if now is not None and start <= now < stop else (start, stop)


def earlier(first: int, last: int) -> tuple[int, int]:
    """The period just before: as many whole calendar months, else as many days."""
    from datetime import date

    begin, after = date.fromordinal(first), date.fromordinal(last + 1)
    if begin.day == 1 and after.day == 1:
        months = (after.year - begin.year) * 12 + after.month - begin.month
        number = begin.year * 12 + begin.month - 1 - months
        return date(number // 12, number % 12 + 1, 1).toordinal(), first - 1
    return first - (last - first + 1), first - 1


# --- reaches -----------------------------------------------------------------------------------


def reaches(world: World, points: PointsTable | None = None) -> list[Reach]:
    """All reaches of all deals, in pipelines that count or not."""
    found = []
    for deal in world.deals:
        if deal.deleted:
            continue
        steps = lives.steps_of(world, deal.id)
        for stage in world.stages:
            reach = _reach(world, deal, steps, stage, points)
            if reach is not None:
                found.append(reach)
    return found


def _reach(
    world: World, deal: Deal, steps: list[Step], stage: Stage, points: PointsTable | None
) -> Reach | None:
    for step in steps:
        if step.move is None or not _enters(world, step, stage):
            continue
        ruling = _ruling(world, deal.id, stage.id, step.move.id)
        if ruling is not None and ruling.kind == "void":
            continue
        credited = ruling is not None and ruling.kind == "credit"
        person = ruling.person if ruling is not None and credited else step.owner
        day = world.zone.day_of(step.at)
        return Reach(
            deal.id,
            stage,
            step.move.id,
            step.at,
            day,
            person if credited else _in_ranking(world, person, steps, step),
            _points_on(stage, day, points),
            credited,
        )
    return None


def _enters(world: World, step: Step, stage: Stage) -> bool:
    """Whether the step's move enters the stage, or passes over it where those count."""
    assert step.stage is not None
    if step.stage.id == stage.id:
        return True
    left, entered = step.left, step.stage
    if not world.counts_skipped or left is None or stage.kind != "open" or stage.deleted:
        return False
    if entered.kind == "lost":
        return False
    same = left.pipeline == entered.pipeline == stage.pipeline
    return same and left.order < stage.order < entered.order


def _ruling(world: World, deal: int, stage: int, move: int) -> Ruling | None:
    """The latest ruling about this entry."""
    about = [r for r in world.rulings if (r.deal, r.stage, r.move) == (deal, stage, move)]
    return max(about, key=lambda r: r.order, default=None)


def _in_ranking(world: World, person: int | None, steps: list[Step], since: Step) -> int | None:
    """The person, or for one out of the ranking the first one in it who becomes responsible."""
    if person is None or world.person(person).in_ranking:
        return person
    later = steps[steps.index(since) + 1 :]
    for step in later:
        if step.owner is not None and world.person(step.owner).in_ranking:
            return step.owner
    return None


def _points_on(stage: Stage, day: int, table: PointsTable | None) -> Decimal:
    """The points of a stage as they were at a day."""
    saved = stage.points if table is None else table.get(stage.id, ())
    best: tuple[int, Decimal] | None = None
    for valid_from, points in saved:
        since = -1 if valid_from is None else valid_from
        if since <= day and (best is None or since >= best[0]):
            best = (since, points)
    return best[1] if best else Decimal(0)


# --- money -------------------------------------------------------------------------------------


def _converted(
    world: World, amount: Decimal | None, currency: str, day: int, unrated: set[str]
) -> Decimal | None:
    """In the workspace's currency at the rate of a day; None (and named) without a rate."""
    if not amount:
        return Decimal(0)
    if currency == world.currency:
        return amount
    rates = [r for r in world.rates if r.currency == currency]
    if not rates:
        unrated.add(currency)
        return None
    held = [r for r in rates if r.valid_from is None or r.valid_from <= day]
    if held:
        rate = max(held, key=lambda r: -1 if r.valid_from is None else r.valid_from)
    else:
        rate = min(rates, key=lambda r: r.valid_from or 0)
    return (amount * rate.rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _profit(world: World, deal: Deal, revenue: Decimal, day: int, unrated: set[str]) -> Decimal:
    """Amount less the deal's own cost and the costs of its child deals."""
    costs = [deal, *(d for d in world.deals if d.parent == deal.id and not d.deleted)]
    for one in costs:
        revenue -= _converted(world, one.cost, one.currency, day, unrated) or Decimal(0)
    return revenue


# --- one period --------------------------------------------------------------------------------


class _Period:
    """The numbers of everybody in ``[start, stop)``."""

    def __init__(
        self,
        world: World,
        start: int,
        stop: int,
        pipeline: int | None,
        points: PointsTable | None,
    ) -> None:
        self.world, self.start, self.stop = world, start, stop
        self.pipeline = pipeline
        self.pipelines = world.counted_pipelines(pipeline)
        self.items: dict[int | None, dict[str, list[object]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self.standing: dict[int | None, dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(STANDING, 0)
        )
        self.postponements: dict[int | None, int] = defaultdict(int)
        self.unrated: set[str] = set()
        self._count_reaches(points)
        for deal in world.deals:
            if not deal.deleted:
                self._count_deal(deal, lives.steps_of(world, deal.id))
        self._count_tasks()

    def _add(self, person: int | None, metric: str, item: object) -> None:
        if item not in self.items[person][metric]:
            self.items[person][metric].append(item)

    def _inside(self, moment: int) -> bool:
        return self.start <= moment < self.stop

    def _counts(self, step: Step) -> bool:
        return step.stage is not None and step.stage.pipeline in self.pipelines

    def _count_reaches(self, points: PointsTable | None) -> None:
        first_won: dict[tuple[int | None, int], Reach] = {}
        for reach in reaches(self.world, points):
            if not self._inside(reach.at) or reach.stage.pipeline not in self.pipelines:
                continue
            self._add(reach.person, "points", reach)
            metric = MILESTONES.get(reach.stage.milestone or "")
            if metric is not None:
                self._add(reach.person, metric, reach.deal)
            if metric == "won":
                known = first_won.get((reach.person, reach.deal))
                if known is None or reach.at < known.at:
                    first_won[reach.person, reach.deal] = reach
        for (person, deal_id), reach in first_won.items():
            self._count_money(person, self.world.deal(deal_id), reach.day)

    def _count_money(self, person: int | None, deal: Deal, day: int) -> None:
        unrated: set[str] = set()
        revenue = _converted(self.world, deal.amount, deal.currency, day, unrated)
        if revenue is not None:
            profit = _profit(self.world, deal, revenue, day, unrated)
            self._add(person, "revenue", (deal.id, revenue))
            self._add(person, "gross_profit", (deal.id, profit))
        if person is not None:
            self.unrated |= unrated

    def _count_deal(self, deal: Deal, steps: list[Step]) -> None:
        self._count_requests(deal, steps)
        created = lives.creation_of(steps)
        if created is not None and self._inside(created.at) and self._counts(created):
            since = steps[steps.index(created) :]
            self._add(self._first_responsible(since), "requests_new", deal.id)
        last = lives.state_at(steps, self.stop - 1)
        if last is None or last.stage is None or not self._counts(last):
            return
        if last.stage.milestone in STANDING:
            self.standing[last.owner][last.stage.milestone] += 1
        if last.stage.kind == "open":
            self._add(last.owner, "in_work", deal.id)
            if not self._has_open_task(deal):
                self._add(last.owner, "deals_without_tasks", deal.id)
        if last.stage.kind == "lost":
            entry = last.entered()
            assert entry.move is not None
            if self._inside(entry.at) and _is_refusal(deal, entry, steps):
                person = _in_ranking(self.world, entry.owner, steps, entry)
                self._add(person, "lost", deal.id)

    def _count_requests(self, deal: Deal, steps: list[Step]) -> None:
        for stay in lives.stays_of(steps):
            if self._counts(stay.step) and self._open_stay(stay):
                self._add(stay.step.owner, "requests_total", deal.id)
        for step in steps:
            if step.move is None or not self._inside(step.at) or not self._counts(step):
                continue
            if _closes(step):
                self._add(step.owner, "requests_total", deal.id)

    def _open_stay(self, stay: Stay) -> bool:
        stage = stay.step.stage
        return stage is not None and stage.kind == "open" and stay.meets(self.start, self.stop)

    def _first_responsible(self, steps: list[Step]) -> int | None:
        for step in steps:
            if step.owner is not None and self.world.person(step.owner).in_ranking:
                return step.owner
        return None

    def _has_open_task(self, deal: Deal) -> bool:
        for task in self.world.tasks:
            if task.deal == deal.id and not task.deleted:
                state = lives.task_at(lives.task_states(self.world, task), self.stop - 1)
                if state is not None and state.state == "open":
                    return True
        return False

    def _task_counts(self, deal_id: int | None) -> bool:
        if deal_id is None:
            return self.pipeline is None
        if self.world.deal(deal_id).deleted:
            return False
        steps = lives.steps_of(self.world, deal_id)
        return bool(steps) and self._counts(steps[-1])

    def _count_tasks(self) -> None:
        for task in self.world.tasks:
            if task.deleted or not self._task_counts(task.deal):
                continue
            states = lives.task_states(self.world, task)
            for index, state in enumerate(states):
                until = states[index + 1].at if index + 1 < len(states) else self.stop
                if state.state == "open" and max(state.at, self.start) < min(until, self.stop):
                    self._add(state.assignee, "tasks_total", task.id)
            last = lives.task_at(states, self.stop - 1)
            if last is not None and last.state == "open" and self._overdue(last.due):
                self._add(last.assignee, "tasks_overdue", task.id)
            for fact, state in zip(lives.task_facts(self.world, task), states, strict=True):
                if fact.postponement and self._inside(fact.at):
                    self.postponements[state.assignee] += 1

    def _overdue(self, due: int | None) -> bool:
        return due is not None and due < self.stop - 1

    def row(self, person: Person) -> Row:
        """The row of a person, without ranks and levels."""
        items = {metric: list(found) for metric, found in self.items[person.id].items()}
        row = Row(person, items)
        row.numbers = {metric: len(items.get(metric, [])) for metric in COUNTED}
        earned = [reach for reach in items.get("points", []) if isinstance(reach, Reach)]
        row.points = sum((reach.points for reach in earned), Decimal(0))
        row.revenue = _summed(items.get("revenue", []))
        row.gross_profit = _summed(items.get("gross_profit", []))
        row.standing = dict(self.standing[person.id])
        row.postponements = self.postponements[person.id]
        return row


def _closes(step: Step) -> bool:
    """Whether the step closes the deal, or closes it the other way."""
    if step.stage is None or step.stage.kind == "open":
        return False
    return step.left is None or step.left.kind != step.stage.kind


def _is_refusal(deal: Deal, entry: Step, steps: list[Step]) -> bool:
    """By the reason given with the entry; while the deal still stands there, by the one it has."""
    assert entry.move is not None
    if deal.refusal is not None and steps[-1].entered() is entry:
        return deal.refusal
    return entry.move.refusal


def _summed(pairs: list[object]) -> Decimal:
    return sum((pair[1] for pair in pairs if isinstance(pair, tuple)), Decimal(0))


# --- the ranking -------------------------------------------------------------------------------


def ranking(
    world: World,
    first_day: int,
    last_day: int,
    now: int,
    *,
    team: int | None = None,
    pipeline: int | None = None,
    points: PointsTable | None = None,
) -> Ranking:
    """The ranking of the days ``first_day..last_day`` (both included) as it stands at ``now``."""
    start, stop = moments_of(world, first_day, last_day, now)
    period = _Period(world, start, stop, pipeline, points)
    rows = [row for row in map(period.row, _people(world, team)) if _is_shown(world, row, now)]
    _rank(rows)
    before = moments_of(world, *earlier(first_day, last_day), None)
    past = _Period(world, *before, pipeline, points)
    old = [past.row(row.person) for row in rows]
    _rank(old)
    old_ranks = {row.person.id: row.rank for row in old}
    for row in rows:
        row.rank_change = old_ranks[row.person.id] - row.rank
        row.targets = targets_of(world, row.person, first_day, last_day)
        row.levels = levels_of(world, row.fact, row.targets, one_day=first_day == last_day)
    return Ranking(rows, period.unrated)


def _people(world: World, team: int | None) -> list[Person]:
    teams = None if team is None else world.team_and_inside(team)
    return [p for p in world.persons if p.in_ranking and (teams is None or p.team in teams)]


def _is_shown(world: World, row: Row, now: int) -> bool:
    today = world.zone.day_of(now)
    person = row.person
    begun = person.first_day is None or person.first_day <= today
    here = begun and (person.last_day is None or today <= person.last_day)
    return (here and person.role == "manager") or row.has_a_number()


def _rank(rows: list[Row]) -> None:
    """Sort by points, won, revenue, name; equal points, won and revenue share a rank."""
    rows.sort(key=lambda row: row.person.name.casefold())
    rows.sort(key=lambda row: (row.points, row.numbers["won"], row.revenue), reverse=True)
    for index, row in enumerate(rows):
        key = (row.points, row.numbers["won"], row.revenue)
        above = rows[index - 1] if index else None
        same = above is not None and key == (above.points, above.numbers["won"], above.revenue)
        row.rank = above.rank if above is not None and same else index + 1
