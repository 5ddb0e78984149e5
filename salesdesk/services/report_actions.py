"""The report on actions: tasks done by kind, person (or team) and period, against their own plans.

A task counts on the day on which it was done last, for whoever has it; one that was opened again is
not done. Its plan is that of its kind (``action_plans``), shared over the working days of the
period as all plans are, and not compared with for a single day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import month_of
from salesdesk.services import action_plans, levels, planning
from salesdesk.services import report_parts as parts
from salesdesk.services.board import currency
from salesdesk.services.periods import Period, bucket_start
from salesdesk.services.ranking_setup import Setup
from salesdesk.services.report_parts import WHOLE, Fact
from salesdesk.services.report_table import Behind, Chart, Choice, Column, Query, Report, Row, Table
from salesdesk.services.reports_moves import Bucket, buckets
from salesdesk.text import N_, tr

EACH = Choice(
    "each", N_("Time"), "period",
    {"period": N_("The whole period"), "day": N_("Days"), "week": N_("Weeks"),
     "month": N_("Months")},
)  # fmt: skip
WHOSE = Choice("whose", N_("Rows"), "people", {"people": N_("People"), "teams": N_("Teams")})
KINDS = Choice(
    "kinds", N_("Kinds of task"), "all", {"all": N_("All"), "planned": N_("Those with a plan")}
)
_DONE = Column("done", N_("Done"), about=N_("Tasks done"), opens=True, plan="plan")
_PLAN = Column("plan", N_("Plan"), "number", N_("How many there were to be"))
_SHARE = Column("share", N_("Of the plan"), "share")
_ROWS = (
    "FROM task t LEFT JOIN deal d ON d.id = t.deal_id LEFT JOIN stage s ON s.id = d.stage_id "
    "WHERE t.state = 'done' AND t.deleted_at IS NULL AND t.closed_at >= ? AND t.closed_at < ?"
)
_DONE_THEN = (
    "FROM task t WHERE t.state = 'done' AND t.deleted_at IS NULL AND t.closed_at >= ? "
    "AND t.closed_at < ?"
)
#: Tasks of deals that were deleted do not count. They are few: without a filter of deals all tasks
#: are counted, and these are taken off.
_GONE = "t.deal_id IN (SELECT id FROM deal WHERE deleted_at IS NOT NULL)"
_ALONE = f"{_DONE_THEN} AND (t.deal_id IS NULL OR NOT {_GONE})"

#: first day of the part of the period, kind, person or team
_Key = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for. ``steps``: the parts of the period that have begun; ``names``: of people,
    or of teams."""

    r: Reader
    query: Query
    now: int
    setup: Setup
    persons: frozenset[int] | None
    by: str
    teams: bool
    steps: list[Bucket]
    team_of: Mapping[int, int | None]
    names: Mapping[int, str]

    def whose(self, person: int | None) -> int | None:
        """The person, or the team of the person."""
        return self.team_of.get(person or 0) if self.teams else person

    def days(self, step: Bucket) -> Period:
        """The days of a part, those ahead too."""
        period = self.query.period
        if self.by == "period":
            return period
        first = last = max(step.first, period.first_day)
        while last < period.last_day and bucket_start(last + 1, self.by) == step.first:
            last += 1
        return Period(first, last)


def _asked(r: Reader, query: Query, now: int) -> _Asked:
    about = parts.asked(r, query, now)
    by = REPORT.chosen(query, "each")
    if by == "period":
        steps = [Bucket(query.period.first_day, *query.period.moments(r.zone, now))]
    else:
        steps = buckets(r, query.period, now, by)
    teams = REPORT.chosen(query, "whose") == "teams"
    if teams:
        names = {key: name for key, (name, _) in about.setup.teams.items()}
    else:
        names = {one.id: one.name for one in about.setup.people}
    team_of = {one.id: one.team_id for one in about.setup.people}
    return _Asked(r, query, now, about.setup, about.persons, by, teams, steps, team_of, names)


def _read(r: Reader, query: Query, *, now: int) -> Table:
    asked = _asked(r, query, now)
    plans, done = _plans(asked), _counts(asked)
    if REPORT.chosen(query, "kinds") == "planned":
        planned = action_plans.planned_kinds(r)
        done = {key: n for key, n in done.items() if key[1] in planned}
    kinds = parts.names_of(r, "task_kind")
    order = {kind: place for place, kind in enumerate(action_plans.kinds(r))}
    rows = [_row(asked, kinds, key, done.get(key, 0), plans.get(key)) for key in {*done, *plans}]
    rows.sort(key=lambda row: (row.key[0], order.get(row.key[1], len(order)), row.key[1] or 0,
                               row.key[2] is None, str(row.cells[-4]).casefold(), row.key[2] or 0)
    )  # fmt: skip
    who = ("team", N_("Team")) if asked.teams else ("person", N_("Person"))
    columns = [Column("kind", N_("Kind of task"), "text"), Column(*who, "text")]
    if asked.by != "period":
        columns.insert(0, parts.step_column(asked.by))
    whole = Row((*([None] * len(columns)), sum(done.values()), None, None), WHOLE)
    label = who[0] if asked.by == "period" else "period"
    return Table(
        (*columns, _DONE, _PLAN, _SHARE), tuple(rows), currency(r), whole,
        Chart("columns", label, ("done",), split="kind"), _told(query, asked.by),
    )  # fmt: skip


def _told(query: Query, by: str) -> tuple[str, ...]:
    if by == "day" or query.period.is_day:
        return (tr("Single days are not compared with their small share of a plan."),)
    return ()


def _row(
    asked: _Asked, kinds: Mapping[int, str], key: _Key, done: int, plan: Fraction | None
) -> Row:
    first, kind, whose = key
    side = "team" if asked.teams else "person"
    name = asked.names.get(whose or 0)
    action = kinds.get(kind or 0)
    labels = (parts.label("kind", action), parts.label(side, name))
    share = None if plan is None or plan <= 0 else done / plan
    numbers = (done, None if plan is None else planning.decimal_of(plan), share)
    level = levels.of_plan(done, plan, asked.setup.thresholds)
    return Row(
        (*labels, *numbers) if asked.by == "period" else (first, *labels, *numbers), key,
        {"done": level} if plan is not None else {},
        narrows={} if whose is None else {side: whose},
        nameless=tuple(
            which for which, text in (("kind", action), (side, name)) if text is None
        ),
    )  # fmt: skip


# -- plans ----------------------------------------------------------------------------------------


def _plans(asked: _Asked) -> dict[_Key, Fraction]:
    """The plans of each part of the period that is more than a day."""
    found: dict[_Key, Fraction] = {}
    schedules = _schedules(asked)
    known: dict[tuple[Any, ...], Fraction | None] = {}  # people often share a plan
    for step in asked.steps:
        days = asked.days(step)
        if days.is_day:
            continue
        for (kind, whose), schedule in schedules.items():
            same = (days, *sorted(schedule.items()))
            if same not in known:
                known[same] = planning.plan_of(schedule, days, asked.setup.calendar)
            plan = known[same]
            if plan is not None:
                found[step.first, kind, whose] = plan
    return found


def _schedules(asked: _Asked) -> dict[tuple[int, int], Mapping[int, Decimal]]:
    """Plans month by month, by kind and by the person or team asked for."""
    period = asked.query.period
    entered = action_plans.schedules(asked.r, month_of(period.first_day), month_of(period.last_day))
    here = [
        one for one in asked.setup.people
        if not one.deleted and (asked.persons is None or one.id in asked.persons)
    ]  # fmt: skip
    kinds = action_plans.kinds(asked.r)
    found: dict[tuple[int, int], Mapping[int, Decimal]] = {}
    for kind in kinds:
        if not asked.teams:
            for one in here:
                found[kind, one.id] = entered.get((kind, (one.id, None)), {})
            continue
        for team in {one.team_id for one in here if one.team_id in asked.setup.teams}:
            own = [] if team is None else [one.id for one in here if one.team_id == team]
            if team is not None:
                found[kind, team] = planning.of_team(
                    entered.get((kind, (None, team)), {}) if asked.query.person_id is None else {},
                    [entered.get((kind, (key, None)), {}) for key in own],
                )
    return {key: schedule for key, schedule in found.items() if schedule}


# -- tasks done -----------------------------------------------------------------------------------


def _scope(asked: _Asked) -> tuple[str, list[Any]]:
    """The tasks asked for, and the parameters after the moments."""
    about = parts.asked(asked.r, asked.query, asked.now)
    people = about.of_persons("t.assignee_id")
    if not about.among and asked.query.pipeline_id is None:
        return _ALONE + people, []
    sql, params = f"{_ROWS} AND d.deleted_at IS NULL{about.among}{people}", list(about.given)
    if asked.query.pipeline_id is not None:
        sql += " AND s.pipeline_id = ?"
        params.append(asked.query.pipeline_id)
    return sql, params


def _counts(asked: _Asked) -> dict[_Key, int]:
    """How many tasks were done, by part of the period, kind, and person or team."""
    found: dict[_Key, int] = defaultdict(int)
    if not asked.steps:
        return found
    sql, params = _scope(asked)
    if sql.startswith(_ALONE):
        people = sql.removeprefix(_ALONE)
        _count(asked, found, f"{_DONE_THEN}{people}", params, 1)
        _count(asked, found, f"{_DONE_THEN} AND {_GONE}{people}", params, -1)
    else:
        _count(asked, found, sql, params, 1)
    return {key: n for key, n in found.items() if n}


def _count(
    asked: _Asked, found: dict[_Key, int], sql: str, params: Sequence[Any], sign: int
) -> None:
    import numpy as np

    from salesdesk.services import reports_columns

    terms = ["coalesce(t.kind_id, 0)", "coalesce(t.assignee_id, 0)"]
    if asked.by != "period":
        terms.append("t.closed_at")
    given = (asked.steps[0].start, asked.steps[-1].stop, *params)
    columns = reports_columns.texts(asked.r, terms, sql, given)
    if asked.by != "period":
        starts = [step.start for step in asked.steps]
        columns[2] = np.searchsorted(starts, columns[2], side="right") - 1
    for kind, person, *step, n in reports_columns.counted(columns):
        first = asked.steps[step[0] if step else 0].first
        found[first, kind or None, asked.whose(person or None)] += sign * n


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    asked = _asked(r, query, now)
    planned: frozenset[int | None] = frozenset(action_plans.planned_kinds(r))
    every = REPORT.chosen(query, "kinds") == "all"
    facts = []
    for step in asked.steps:
        if key and key[0] != step.first:
            continue
        sql, params = _scope(asked)
        facts += [
            Fact((step.first, kind, asked.whose(person)), (1,), deal, at, "", task)
            for task, deal, at, kind, person in r.rows(
                f"SELECT t.id, t.deal_id, t.closed_at, t.kind_id, t.assignee_id {sql}",
                (step.start, step.stop, *params),
            )
            if every or kind in planned
        ]
    return parts.behind(r, facts, key, 0)


REPORT = Report(
    "actions",
    N_("Actions"),
    N_("Tasks done by kind and person, against their own plans"),
    frozenset({"pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    (EACH, WHOSE, KINDS),
)
