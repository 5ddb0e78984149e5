"""Plan against fact by month: of people, teams, departments, or of everybody.

Facts and plans are those of the ranking of each month, so that a closed month stands as it was
closed. What is missing is shared over the working days that are left, today among them; the share
of the month that has elapsed is that of the working days before today (as the pace is).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, money_of, month_of
from salesdesk.services import (
    closing_behind,
    closing_frozen,
    people,
    periods,
    planning,
    ranking,
    ranking_setup,
    settings,
)
from salesdesk.services.levels import Level
from salesdesk.services.metric_names import MONEY
from salesdesk.services.periods import Period
from salesdesk.services.ranking_rows import Ranking, RankingRow

Of = Literal["person", "team", "department", "month"]
#: Rankings of months, by team.
Known = dict[tuple[int, int | None], Ranking]


@dataclass(frozen=True, slots=True)
class Largest:
    """The deal that brought most of a month; ``is_large``: at least the threshold's share."""

    deal_id: int
    title: str
    value: Decimal
    share: Fraction
    is_large: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A number against its plan. ``degree`` is fact / plan, ``pace`` fact / what of the plan falls
    on the working days gone; None without a plan above 0 (or before its first working day).

    ``missing`` is never below 0; ``per_day`` is shared over the working days left, rounded half up
    to hundredths; None when none are left.
    """

    value: int | Decimal
    plan: Decimal | None
    degree: Fraction | None
    pace: Fraction | None
    missing: Decimal | None
    per_day: Decimal | None
    level: Level
    largest: Largest | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose month it is: a person (``person_id``), a team (``team_id``) or everybody (neither).
    ``members`` are the people whose numbers make it up."""

    name: str
    person_id: int | None = None
    team_id: int | None = None
    team: str | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthOf:
    """The facts of a subject in a month, by metric. ``elapsed`` is the share of the month's working
    days that are gone, ``days_left`` those that are left."""

    month: int
    subject: Subject
    facts: Mapping[str, Fact]
    elapsed: Fraction
    days_left: int
    closed: bool = False
    unrated: tuple[str, ...] = field(default=())


def months_of(r: Reader, period: Period, now: int) -> list[int]:
    """The months that a period touches, as far as there can be anything in them."""
    present = month_of(r.zone.day_of(now))
    row = r.row("SELECT min(month), max(month) FROM plan WHERE deleted_at IS NULL") or (None, None)
    first = r.value("SELECT min(at) FROM reach")
    reached = None if first is None else month_of(r.zone.day_of(first))
    earliest = min(m for m in (row[0], reached, present) if m)
    latest = max(row[1] or present, present)
    begin, end = month_of(period.first_day), month_of(period.last_day)
    return list(range(max(begin, earliest), min(end, latest) + 1))


def read(
    r: Reader,
    months: Iterable[int],
    metrics: tuple[str, ...],
    *,
    now: int,
    of: Of = "person",
    person_id: int | None = None,
    team_id: int | None = None,
    largest: bool = True,
    known: Known | None = None,
) -> list[MonthOf]:
    """Plan and fact of these months, a line for each subject of each month. ``largest``: with the
    deal that brought most. ``known`` keeps the rankings for whoever asks again."""
    percent = settings.get(r, settings.LARGE_DEAL) if largest else None
    threshold = None if percent is None else Fraction(percent, 100)
    every, found = list(months), list[MonthOf]()
    brought = Brought(r, every, now)
    for month in every:
        one = Month(r, month, metrics, threshold, now, known, brought)
        found += one.lines(of, person_id, team_id)
    return found


class Brought:
    """What each deal won in some months brought to whom, read once for all of them when it is
    first asked for."""

    def __init__(self, r: Reader, months: Sequence[int], now: int) -> None:
        self._r, self._months, self._now = r, months, now
        self._found: dict[int, dict[str, dict[int, list[Any]]]] = {}

    def of(self, month: int) -> dict[str, dict[int, list[Any]]]:
        """The lines of a month, by number and person (see ``closing_behind``)."""
        if not self._found:
            every = [person.id for person in ranking_setup.of(self._r).people]
            spans = [periods.of_months(one) for one in self._months]
            lines = closing_behind.behind_months(self._r, spans, every, now=self._now)
            self._found = dict(zip(self._months, lines, strict=True))
        return self._found[month]


class Month:
    """One month: its working days, and the deals that brought its money."""

    def __init__(
        self,
        r: Reader,
        month: int,
        metrics: tuple[str, ...],
        threshold: Fraction | None,
        now: int,
        known: Known | None = None,
        brought: Brought | None = None,
    ) -> None:
        self.r, self.month, self.metrics, self.now = r, month, metrics, now
        self._brought = Brought(r, [month], now) if brought is None else brought
        self._known: Known = {} if known is None else known
        self.threshold = threshold
        self._behind: dict[tuple[bool, str], dict[int, list[Any]]] = {}
        self._best_of: dict[tuple[bool, str], dict[int, tuple[int, int]]] = {}
        self._titles: dict[int, str] = {}
        self.period = periods.of_months(month)
        calendar = ranking_setup.of(r).calendar
        today = r.zone.day_of(now)
        first, last = self.period.first_day, self.period.last_day
        whole = calendar.working_days_between(first, last)
        begin = min(max(today, first), last + 1)
        self.days_left = calendar.working_days_between(begin, last) if begin <= last else 0
        self.elapsed = Fraction(whole - self.days_left, whole) if whole else Fraction(today > last)

    def lines(self, of: Of, person_id: int | None, team_id: int | None) -> list[MonthOf]:
        """A line a subject; of people and teams asked for together only those who have a fact or a
        plan."""
        if of in ("team", "department"):
            lines = [self._of_team(team) for team in self._teams(of, team_id)]
            return [line for line in lines if line is not None]
        answer = self._ranking(team_id)
        if person_id is not None:
            rows = [row for row in answer.rows if row.person_id == person_id]
            return [self._of_person(answer, row) for row in rows]
        if of == "month":
            return [self._whole(answer, answer.total.team or "", team_id)]
        return [self._of_person(answer, row) for row in answer.rows if self._is_any(row)]

    def _is_any(self, row: RankingRow) -> bool:
        """Whether a row has a plan, or a number other than 0."""
        return any(row.value(metric) or metric in row.plans for metric in self.metrics)

    def _ranking(self, team_id: int | None) -> Ranking:
        key = self.month, team_id
        if key not in self._known:
            self._known[key] = ranking.ranking(
                self.r, self.period, now=self.now, team_id=team_id, changes=False
            )
        return self._known[key]

    def _teams(self, of: Of, within: int | None) -> list[people.Team]:
        known = people.teams(self.r)
        if within is not None:
            inside = people.teams_within(self.r, within)
            known = [team for team in known if team.id in inside]
        ids = {team.id for team in known}
        return [team for team in known if of == "team" or team.parent_id not in ids]

    def _of_team(self, team: people.Team) -> MonthOf | None:
        answer = self._ranking(team.id)
        if not answer.rows or not self._is_any(answer.total):
            return None
        return self._whole(answer, team.name, team.id)

    def _whole(self, answer: Ranking, name: str, team_id: int | None) -> MonthOf:
        members = tuple(row.person_id for row in answer.rows if row.person_id is not None)
        subject = Subject(name, team_id=team_id, members=members)
        return self._line(answer, subject, answer.total)

    def _of_person(self, answer: Ranking, row: RankingRow) -> MonthOf:
        assert row.person_id is not None
        subject = Subject(row.person, row.person_id, row.team_id, row.team, (row.person_id,))
        return self._line(answer, subject, row)

    def _line(self, answer: Ranking, subject: Subject, row: RankingRow) -> MonthOf:
        facts = {metric: self._fact(answer, subject, row, metric) for metric in self.metrics}
        return MonthOf(
            self.month, subject, facts, self.elapsed, self.days_left, answer.closed is not None,
            row.unrated,
        )  # fmt: skip

    def _fact(self, answer: Ranking, subject: Subject, row: RankingRow, metric: str) -> Fact:
        value, plan = row.value(metric), row.plans.get(metric)
        level = row.levels.get(metric, "none")
        largest = self._largest(answer, subject, metric, value)
        if plan is None:
            return Fact(value, None, None, None, None, None, level, largest)
        missing = max(plan - value, Decimal(0))
        per_day = planning.rounded(Fraction(missing) / self.days_left) if self.days_left else None
        due = Fraction(plan) * self.elapsed
        return Fact(
            value, plan, Fraction(value) / Fraction(plan) if plan > 0 else None,
            Fraction(value) / due if due > 0 else None, missing, per_day, level, largest,
        )  # fmt: skip

    def _largest(
        self, answer: Ranking, subject: Subject, metric: str, value: int | Decimal
    ) -> Largest | None:
        if self.threshold is None or metric not in MONEY or value <= 0:
            return None
        best = self._best(answer, subject.members, metric)
        if best is None:
            return None
        deal, brought = best
        share = Fraction(brought, money_of(Decimal(value)))
        return Largest(
            deal, self._title(answer, metric, deal), amount_of(brought), share,
            share >= self.threshold,
        )  # fmt: skip

    def _best(
        self, answer: Ranking, members: tuple[int, ...], metric: str
    ) -> tuple[int, int] | None:
        """The deal that brought some people most, and what; of equal ones the first."""
        if len(members) == 1:
            return self._bests(answer, metric).get(members[0])
        by_deal = self.things(answer, members, metric).items()
        return max(((key, value) for (key, _), value in by_deal), key=_by_value, default=None)

    def _bests(self, answer: Ranking, metric: str) -> dict[int, tuple[int, int]]:
        """The same of each person."""
        key = (answer.closed is not None, metric)
        if key not in self._best_of:
            self._best_of[key] = {
                person: max(((line[0], line[2]) for line in lines), key=_by_value)
                for person, lines in self._lines_of(answer, metric).items()
                if lines
            }
        return self._best_of[key]

    def _title(self, answer: Ranking, metric: str, deal: int) -> str:
        """The title of a deal; asked for the largest of everybody at once."""
        if deal not in self._titles:
            wanted = {deal, *(best[0] for best in self._bests(answer, metric).values())}
            rows = self.r.rows_of("SELECT id, title FROM deal WHERE id IN ({ids})", wanted)
            self._titles.update((row[0], row[1]) for row in rows)
        return self._titles.get(deal, "")

    def things(
        self, answer: Ranking, members: Iterable[int], metric: str
    ) -> dict[tuple[int, int], int]:
        """What a number of some people counts, by (deal or task, stage or 0) in the units of the
        database; of a closed month as it was closed."""
        behind, found = self._lines_of(answer, metric), dict[tuple[int, int], int]()
        for person in members:
            own = {metric: behind.get(person, [])}
            for thing, value in closing_behind.values(own, metric).items():
                found[thing] = found.get(thing, 0) + value
        return found

    def _lines_of(self, answer: Ranking, metric: str) -> dict[int, list[Any]]:
        """What a number counts, by person."""
        key = (answer.closed is not None, metric)
        if key not in self._behind:
            self._read_behind(answer, metric)
        return self._behind[key]

    def _read_behind(self, answer: Ranking, metric: str) -> None:
        """Read what the number counts for everybody, of money both numbers."""
        closed = answer.closed is not None
        wanted = MONEY if metric in MONEY else (metric,)
        if closed:
            frozen = closing_frozen.found(self.r, self.month, self.now)
            assert frozen is not None
            kept = closing_frozen.behind(self.r, frozen)
            found = {
                name: {person: own.get(name, []) for person, own in kept.items()} for name in wanted
            }
        elif metric in MONEY:
            found = self._brought.of(self.month)
        else:
            every = [person.id for person in ranking_setup.of(self.r).people]
            one = closing_behind.behind_one(self.r, self.period, every, metric, now=self.now)
            found = {metric: one}
        self._behind |= {(closed, name): own for name, own in found.items()}


def _by_value(one: tuple[int, int]) -> tuple[int, int]:
    return one[1], -one[0]
