"""The plans and norms of a period, ready to be compared with the numbers of the ranking.

A person's norm is the person's own, else that of the nearest team above, else everybody's; of each
the month's goes before the one for all months.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import MONEY_SCALE, POINTS_SCALE, amount_of, month_of
from salesdesk.services import planning
from salesdesk.services.levels import MOMENT_NORMS, NORMED, PLANNED, Level, Thresholds
from salesdesk.services.periods import Period
from salesdesk.services.ranking_setup import Member, Setup

#: How many units of a number make 1.
SCALES = {"points": POINTS_SCALE, "revenue": MONEY_SCALE, "gross_profit": MONEY_SCALE}
_NOTHING: Mapping[int | None, Decimal] = {}
#: (person, team); (None, None) is everybody
Subject = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A plan or norm of a period, ready to be compared with scaled integers.

    ``value`` is exact; ``full`` and ``half`` are the smallest numbers (in the metric's units) at
    which a plan's levels begin (None: it has no colour), ``over`` the greatest that a norm accepts.
    """

    value: Fraction
    shown: Decimal
    full: int | None = None
    half: int | None = None
    over: int | None = None

    def level(self, number: int) -> Level:
        """The level of a number in the metric's units."""
        if self.over is not None:
            return "over" if number > self.over else "none"
        if self.full is None or self.half is None:
            return "none"
        if number >= self.full:
            return "full"
        return "half" if number >= self.half else "none"


@dataclass(frozen=True, slots=True)
class Targets:
    """The plans and norms of one row for a period, by metric, and as they are shown.

    ``paces``: what of each plan falls on the working days already gone. Rankings share them.
    """

    by_metric: dict[str, Target]
    plans: dict[str, Decimal]
    norms: dict[str, Decimal]
    paces: dict[str, Decimal]


#: Those of whoever has none.
_NO_TARGETS = Targets({}, {}, {}, {})


def plan_target(metric: str, value: Fraction, thresholds: Thresholds) -> Target:
    """A plan made ready."""
    shown = planning.decimal_of(value)
    if value <= 0:
        return Target(value, shown)
    units = value * SCALES.get(metric, 1)
    return Target(value, shown, _ceil(units * thresholds.full), _ceil(units * thresholds.half))


def norm_target(metric: str, value: Fraction) -> Target:
    """A norm made ready."""
    units = value * SCALES.get(metric, 1)
    return Target(value, planning.decimal_of(value), over=units.numerator // units.denominator)


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


# --- reading -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Entered:
    """Plans and norms of some months: subject -> metric -> month -> value."""

    plans: dict[Subject, dict[str, dict[int | None, Decimal]]]
    norms: dict[Subject, dict[str, dict[int | None, Decimal]]]


def _entered(r: Any, first_month: int, last_month: int) -> _Entered:
    found = _Entered(defaultdict(dict), defaultdict(dict))
    values: dict[int, Decimal] = {}  # few are different
    for table, target in (("plan", found.plans), ("norm", found.norms)):
        for person, team, metric, month, value in r.rows(
            f"SELECT person_id, team_id, metric, month, value FROM {table} "
            "WHERE deleted_at IS NULL AND (month IS NULL OR month BETWEEN ? AND ?) ORDER BY id",
            (first_month, last_month),
        ):
            subject = (person, None if person is not None else team)
            if value not in values:
                values[value] = amount_of(value)
            target[subject].setdefault(metric, {})[month] = values[value]
    return found


class PeriodTargets:
    """The targets of a period, for persons and for teams; ``today`` only matters for the pace."""

    def __init__(self, r: Reader, setup: Setup, period: Period, today: int) -> None:
        self._setup = setup
        self.period = period
        #: what whoever asks has made of the targets and wants to keep as long as they hold
        self.made: dict[Any, Any] = {}
        self._today = today
        self._last_month = month_of(period.last_day)
        self._entered = _entered(r, month_of(period.first_day), self._last_month)
        self._plans: dict[tuple[Any, ...], tuple[Target, Decimal] | None] = {}
        self._persons: dict[int, Targets] = {}
        self._known_norms: dict[tuple[Any, ...], dict[str, Target]] = {}
        self._planned_metrics = {one for own in self._entered.plans.values() for one in own}
        self._groups: dict[int | None, Targets] = {}
        self._shares: dict[tuple[Any, ...], Fraction | None] = {}

    def of_person(self, person: Member) -> Targets:
        """Plans and norms of a person."""
        found = self._persons.get(person.id)
        if found is None:
            entered = self._entered.plans.get((person.id, None), {})
            own = {metric: entered[metric] for metric in PLANNED if metric in entered}
            norms = self._norms(person) if self._entered.norms else {}
            if not own and not norms:
                return _NO_TARGETS
            found = self._planned(own)
            found.by_metric.update(norms)
            found.norms.update({metric: norm.shown for metric, norm in norms.items()})
            self._persons[person.id] = found
        return found

    def of_group(self, team_id: int | None, members: Sequence[Member]) -> Targets:
        """The plans of the last line: of a team (month by month its own where set, else the sum of
        its members'), or of everybody (the sum over teams that are in no other, and over people
        without one). ``members`` are all people of the group."""
        found = self._groups.get(team_id)
        if found is None:
            found = self._groups[team_id] = self._planned(self._group_plans(team_id, members))
        return found

    def _group_plans(
        self, team_id: int | None, members: Sequence[Member]
    ) -> dict[str, dict[int, Decimal]]:
        metrics = [metric for metric in PLANNED if metric in self._planned_metrics]
        if team_id is not None:
            return {metric: self._of_team(metric, team_id, members) for metric in metrics}
        roots = [team for team, (_, parent) in self._setup.teams.items()
                 if parent not in self._setup.teams]  # fmt: skip
        inside = {root: self._setup.teams_within(root) for root in roots}
        loose = [p for p in members if not any(p.team_id in within for within in inside.values())]
        plans = {}
        for metric in metrics:
            parts = [self._monthly((person.id, None), metric) for person in loose]
            for root in roots:
                own = [person for person in members if person.team_id in inside[root]]
                parts.append(self._of_team(metric, root, own))
            plans[metric] = planning.of_team({}, parts)
        return plans

    def _of_team(self, metric: str, team_id: int, members: Iterable[Member]) -> dict[int, Decimal]:
        own = self._monthly((None, team_id), metric)
        return planning.of_team(own, (self._monthly((p.id, None), metric) for p in members))

    def _monthly(self, subject: Subject, metric: str) -> dict[int, Decimal]:
        found = self._entered.plans.get(subject, {}).get(metric, _NOTHING)
        return {month: value for month, value in found.items() if month is not None}

    def _planned(self, schedules: Mapping[str, Mapping[Any, Decimal]]) -> Targets:
        targets, paces = {}, {}
        for metric, schedule in schedules.items():
            found = self._plan(metric, schedule) if schedule else None
            if found is not None:
                targets[metric], paces[metric] = found
        plans = {metric: target.shown for metric, target in targets.items()}
        return Targets(targets, plans, {}, paces)

    def _plan(self, metric: str, schedule: Mapping[int, Decimal]) -> tuple[Target, Decimal] | None:
        """The plan and its pace; people often share one, so it is worked out once."""
        scale = SCALES.get(metric, 1)
        same = (scale, *sorted(schedule.items()))
        if same not in self._plans:
            calendar = self._setup.calendar
            value = planning.plan_of(schedule, self.period, calendar)
            if value is None:
                self._plans[same] = None
            else:
                pace = planning.pace_of(schedule, self.period, calendar, self._today)
                target = plan_target(metric, value, self._setup.thresholds)
                self._plans[same] = target, planning.decimal_of(pace or Fraction(0))
        return self._plans[same]

    def _norms(self, person: Member) -> dict[str, Target]:
        """Those of a person; whoever has none of their own has those of the team."""
        own = (person.id, None) in self._entered.norms
        key = ("person", person.id) if own else ("team", person.team_id)
        if key not in self._known_norms:
            self._known_norms[key] = self._norms_of(person)
        return self._known_norms[key]

    def _norms_of(self, person: Member) -> dict[str, Target]:
        found = {}
        for metric in NORMED:
            if metric in MOMENT_NORMS:
                norm = self._norm(person, metric, self._last_month)
                value = None if norm is None else Fraction(norm)
            else:
                value = self._shared(person, metric)
            if value is not None:
                found[metric] = norm_target(metric, value)
        return found

    def _shared(self, person: Member, metric: str) -> Fraction | None:
        """A norm of the whole period: its months' norms shared out, worked out once for all whose
        norms are the same."""
        months = range(month_of(self.period.first_day), self._last_month + 1)
        monthly = tuple(self._norm(person, metric, month) for month in months)
        if monthly not in self._shares:
            schedule = {month: value for month, value in zip(months, monthly, strict=True)
                        if value is not None}  # fmt: skip
            self._shares[monthly] = planning.plan_of(schedule, self.period, self._setup.calendar)
        return self._shares[monthly]

    def _norm(self, person: Member, metric: str, month: int) -> Decimal | None:
        for subject in self._subjects(person):
            schedule = self._entered.norms.get(subject, {}).get(metric, _NOTHING)
            value = schedule.get(month, schedule.get(None))
            if value is not None:
                return value
        return None

    def _subjects(self, person: Member) -> list[Subject]:
        subjects: list[Subject] = [(person.id, None)]
        team, seen = person.team_id, set[int]()
        while team is not None and team in self._setup.teams and team not in seen:
            seen.add(team)
            subjects.append((None, team))
            team = self._setup.teams[team][1]
        return [*subjects, (None, None)]


def of_period(r: Reader, setup: Setup, period: Period, today: int) -> PeriodTargets:
    """The targets of a period, worked out once while nothing of the configuration changes."""
    key = (PeriodTargets, period, today)
    found: PeriodTargets | None = setup.memo.get(key)
    if found is None:
        if len(setup.memo) > 60:
            setup.memo.clear()
        found = setup.memo[key] = PeriodTargets(r, setup, period, today)
    return found
