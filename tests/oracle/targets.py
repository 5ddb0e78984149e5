"""Plans, norms and levels, recomputed by walking day by day."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracle.world import Person, Target, World

PLANNED = (
    "requests_new",
    "meetings_scheduled",
    "meetings_held",
    "contracts_signed",
    "advances_paid",
    "won",
    "points",
    "revenue",
    "gross_profit",
)
AT_A_MOMENT = ("tasks_overdue", "deals_without_tasks")


def month_of(day: int) -> int:
    at = date.fromordinal(day)
    return at.year * 12 + at.month - 1


def shared(
    world: World, monthly: Callable[[int], Decimal | None], first: int, last: int
) -> Fraction | None:
    """Monthly numbers shared out over the working days of their months, summed over the days."""
    total: Fraction | None = None
    for month in range(month_of(first), month_of(last) + 1):
        value = monthly(month)
        if value is None:
            continue
        begin = date(month // 12, month % 12 + 1, 1).toordinal()
        days = [day for day in range(begin, begin + 31) if month_of(day) == month]
        worked = [day for day in days if world.is_working(day)] or days
        inside = [day for day in worked if first <= day <= last]
        total = (total or Fraction(0)) + Fraction(value) * len(inside) / len(worked)
    return total


def targets_of(world: World, person: Person, first: int, last: int) -> dict[str, Fraction]:
    """Plans and norms of a person for the days ``first..last``, for every metric that has one."""
    found: dict[str, Fraction] = {}
    for metric in PLANNED:
        plan = shared(world, lambda month, m=metric: _plan(world, m, person, month), first, last)  # type: ignore[misc]
        if plan is not None:
            found[metric] = plan
    lost = shared(world, lambda month: _norm(world, "lost", person, month), first, last)
    if lost is not None:
        found["lost"] = lost
    for metric in AT_A_MOMENT:
        norm = _norm(world, metric, person, month_of(last))
        if norm is not None:
            found[metric] = Fraction(norm)
    return found


def _plan(world: World, metric: str, person: Person, month: int) -> Decimal | None:
    mine = [p for p in world.plans if (p.metric, p.month, p.person) == (metric, month, person.id)]
    return mine[-1].value if mine else None


def _norm(world: World, metric: str, person: Person, month: int) -> Decimal | None:
    """The person's, else that of the nearest team, else everybody's; the month's before the one
    for all months."""
    team, seen = person.team, set[int]()
    subjects: list[tuple[int | None, int | None]] = [(person.id, None)]
    while team is not None and team not in seen:
        seen.add(team)
        subjects.append((None, team))
        team = next((t.parent for t in world.teams if t.id == team), None)
    subjects.append((None, None))
    for subject in subjects:
        for wanted in (month, None):
            for norm in world.norms:
                if _about(norm, metric, subject) and norm.month == wanted:
                    return norm.value
    return None


def _about(norm: Target, metric: str, subject: tuple[int | None, int | None]) -> bool:
    return norm.metric == metric and (norm.person, norm.team) == subject


def levels_of(
    world: World,
    fact: Callable[[str], Decimal],
    targets: dict[str, Fraction],
    *,
    one_day: bool,
) -> dict[str, str]:
    """The level of every metric that has a plan or a norm; a single day compares only what holds
    at a moment."""
    levels = {}
    for metric in (*PLANNED, "lost", *AT_A_MOMENT):
        levels[metric] = "none"
        target = targets.get(metric)
        if target is None or (one_day and metric not in AT_A_MOMENT):
            continue
        if metric not in PLANNED:
            if Fraction(fact(metric)) > target:
                levels[metric] = "over"
        elif target > 0:
            share = Fraction(fact(metric)) / target
            if share >= Fraction(world.full):
                levels[metric] = "full"
            elif share >= Fraction(world.half):
                levels[metric] = "half"
    return levels
