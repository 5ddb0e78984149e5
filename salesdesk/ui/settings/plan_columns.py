"""What the grid of plans shows: its columns, its lines, and the numbers that follow from others.

A column is one metric over one or several months; a line is a person, a team, or the sum of all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from salesdesk.services import action_plans, planning
from salesdesk.services.metric_names import METRIC_NAMES
from salesdesk.services.people import Person, Team
from salesdesk.services.plan_blocks import Cell, Subject
from salesdesk.services.ranking_plans import Entry as Planned
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.settings.grid import TOTAL, Line
from salesdesk.ui.settings.teams import tree

#: How many months a column is for.
SPANS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
Schedules = Mapping[tuple[Subject, str], Mapping[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Column:
    """A metric over ``months`` months from month ``first`` on."""

    metric: str
    first: int
    months: int
    title: str

    @property
    def span(self) -> range:
        """Its months."""
        return range(self.first, self.first + self.months)

    def cell(self, subject: Subject) -> Cell:
        """The cell of a person or a team in this column."""
        return Cell(self.metric, subject[0], subject[1], self.first, self.months)


def title_of(metric: str, kinds: Mapping[int, str]) -> str:
    """What a metric is called; plans of actions by their kind of task (``action_plans``)."""
    name, kind = action_plans.parts_of(metric)
    return tr(METRIC_NAMES[name]) if kind is None else tr("Done: {kind}", kind=kinds.get(kind, ""))


def of_metrics(
    metrics: Iterable[str], first: int, months: int, kinds: Mapping[int, str]
) -> list[Column]:
    """Metric beside metric, all over the same months."""
    return [Column(metric, first, months, title_of(metric, kinds)) for metric in metrics]


def of_months(metric: str, year: int, months: int) -> list[Column]:
    """One metric, the months (quarters, halves) of a year beside each other and the year last."""
    start = year * 12
    found = [
        Column(metric, first, months, _named(first, months))
        for first in range(start, start + 12, months)
    ]
    return found if months == 12 else [*found, Column(metric, start, 12, str(year))]


def _named(first: int, months: int) -> str:
    if months == 1:
        return formats.month(first).partition(formats.NO_BREAK)[0]
    part = first % 12 // months + 1
    if months == 3:
        return tr("Quarter {n}", n=part)
    return tr("Half-year {n}", n=part) if months == 6 else str(first // 12)


def schedules(plans: Iterable[Planned]) -> dict[tuple[Subject, str], dict[int, Decimal]]:
    """Plans by (subject, metric) and month."""
    found: dict[tuple[Subject, str], dict[int, Decimal]] = {}
    for each in plans:
        if each.month is not None:
            key = (each.person_id, each.team_id), each.metric
            found.setdefault(key, {})[each.month] = each.value
    return found


def entered(known: Schedules, columns: Sequence[Column]) -> dict[tuple[Subject, Column], Decimal]:
    """What was entered in each cell: the sum over its months."""
    found = {}
    subjects = {subject for subject, _metric in known}
    for column in columns:
        for subject in subjects:
            value = _sum(known.get((subject, column.metric), {}), column.span)
            if value is not None:
                found[subject, column] = value
    return found


def followed(
    known: Schedules, columns: Sequence[Column], people: Sequence[Person], teams: Sequence[Team]
) -> dict[tuple[Subject, Column], Decimal]:
    """What follows: of a team, month by month its own plan, else the sum of its people; in the last
    line the sum over teams that are in no other and over people without one."""
    roots = {person.id: _teams_of(person, teams) for person in people}
    there = {team.id for team in teams}
    tops = [team.id for team in teams if team.parent_id not in there]
    loose = [person.id for person in people if not roots[person.id]]
    found: dict[tuple[Subject, Column], Decimal] = {}
    for column in columns:

        def of(subject: Subject, metric: str = column.metric) -> Mapping[int, Decimal]:
            return known.get((subject, metric), {})

        by_team = {}
        for team in teams:
            members = [of((key, None)) for key, above in roots.items() if team.id in above]
            by_team[team.id] = planning.of_team(of((None, team.id)), members)
            value = _sum(by_team[team.id], column.span)
            if value is not None:
                found[(None, team.id), column] = value
        parts = [*(by_team[team] for team in tops), *(of((key, None)) for key in loose)]
        total = _sum(planning.of_team({}, parts), column.span)
        if total is not None:
            found[TOTAL, column] = total
    return found


def _sum(schedule: Mapping[int, Decimal], months: range) -> Decimal | None:
    inside = [schedule[month] for month in months if month in schedule]
    return sum(inside, Decimal(0)) if inside else None


def _teams_of(person: Person, teams: Sequence[Team]) -> set[int]:
    """The team of a person and those around it."""
    above = {team.id: team.parent_id for team in teams}
    found: set[int] = set()
    team = person.team_id
    while team is not None and team in above and team not in found:
        found.add(team)
        team = above[team]
    return found


def lines(
    people: Sequence[Person], teams: Sequence[Team], mine: Iterable[Subject], first: Subject | None
) -> list[Line]:
    """Teams as a tree with their people, those without a team at the end; with ``TOTAL`` a last
    line for all of them, with (None, None) a first one for everybody."""
    editable = set(mine)
    found: list[Line] = []
    everybody: Subject = (None, None)
    if first == everybody:
        found.append(Line(everybody, tr("Everybody"), 0, True, everybody in editable))
    known = {team.id for team in teams}
    for team, depth in tree(tuple(teams)):
        subject: Subject = (None, team.id)
        found.append(Line(subject, team.name, depth, True, subject in editable))
        inside = [each for each in people if each.team_id == team.id]
        found += [_person(each, depth + 1, editable) for each in inside]
    found += [_person(each, 0, editable) for each in people if each.team_id not in known]
    if first == TOTAL and found:
        found.append(Line(TOTAL, tr("Sum"), 0, True, False))
    return found


def _person(person: Person, depth: int, editable: set[Subject]) -> Line:
    subject: Subject = (person.id, None)
    return Line(subject, person.name, depth, False, subject in editable)
