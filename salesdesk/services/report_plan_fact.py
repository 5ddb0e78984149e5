"""The report on plan and fact: by month and person, team or department, what was planned, what was
reached, what is missing, and the deal that makes most of a month."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import month_start
from salesdesk.services import closing_behind, periods, plan_fact, planning, ranking, settings
from salesdesk.services.levels import PLANNED, Level
from salesdesk.services.metric_names import METRIC_NAMES, MONEY, in_units
from salesdesk.services.plan_fact import Fact, Known, Largest, Month, MonthOf, Of
from salesdesk.services.report_parts import listed_as
from salesdesk.services.report_table import (
    Behind,
    Chart,
    Choice,
    Column,
    Holds,
    Query,
    Report,
    Row,
    Table,
    Thing,
    Value,
)
from salesdesk.text import N_, tr

_BOTH = "money"
_METRICS = {_BOTH: N_("Revenue and gross profit")} | {name: METRIC_NAMES[name] for name in PLANNED}
_OF: dict[str, str] = {
    "person": N_("People"), "team": N_("Teams"), "department": N_("Departments"),
    "month": N_("Everybody together"),
}  # fmt: skip
_PLANS = {name: N_("Plan") for name in PLANNED} | {
    "revenue": N_("Revenue plan"), "gross_profit": N_("Profit plan"),
}  # fmt: skip
_TOTAL = "total"
#: From here on what is missing a day is told in whole units of money.
_SMALL = 100


def _chosen(query: Query) -> tuple[tuple[str, ...], Of]:
    metric = REPORT.chosen(query, "metric")
    metrics = MONEY if metric == _BOTH else (metric,)
    of: Any = "person" if query.person_id is not None else REPORT.chosen(query, "of")
    return metrics, of


def _read(r: Reader, query: Query, *, now: int) -> Table:
    metrics, of = _chosen(query)
    months = plan_fact.months_of(r, query.period, now)
    known: Known = {}
    lines = plan_fact.read(
        r, months, metrics, now=now, of=of, person_id=query.person_id, team_id=query.team_id,
        known=known,
    )  # fmt: skip
    total = _total(r, query, months, lines, metrics, now, known)
    columns = _columns(metrics, of)
    rows = tuple(_row(line, metrics, of) for line in lines)
    return Table(
        columns, rows, settings.get(r, settings.CURRENCY), total,
        _chart(metrics, of, len(months)) if rows else None, tuple(_notes(query, lines)),
    )  # fmt: skip


# -- columns and rows -----------------------------------------------------------------------------


def _columns(metrics: tuple[str, ...], of: Of) -> tuple[Column, ...]:
    found = [Column("month", N_("Month"), "month")]
    if of == "person":
        found.append(Column("person", N_("Manager"), "text"))
    if of in ("team", "department"):
        found.append(Column("team", N_("Team"), "text"))
    found.append(
        Column("elapsed", N_("Gone"), "share",
               N_("The share of the month's working days that is gone"))
    )  # fmt: skip
    for metric in metrics:
        found += _of_metric(metric, len(metrics) == 1)
    return tuple(found)


def _of_metric(metric: str, alone: bool) -> list[Column]:
    holds = _holds(metric)
    target: Holds = holds if metric in MONEY else "number"
    plan = f"{metric}_plan"
    found = [
        Column(metric, METRIC_NAMES[metric], holds, opens=True, plan=plan),
        Column(plan, _PLANS[metric], target, colour="slate"),
        Column(f"{metric}_degree", N_("Met"), "share", N_("The fact, as a share of the plan")),
        Column(f"{metric}_pace", N_("Pace"), "share",
               N_("The fact, as a share of what was planned for the working days gone")),
        Column(f"{metric}_missing", N_("Missing"), target, N_("What is missing to the plan")),
        Column(f"{metric}_per_day", N_("A day"), target,
               N_("What is missing, by working day that is left; nothing once the plan is met")),
        Column(f"{metric}_largest", N_("Largest deal"), "share",
               N_("The share of the deal that brought most")),
    ]  # fmt: skip
    left_out = () if alone else ("_pace", "_missing")
    if metric not in MONEY:
        left_out = (*left_out, "_largest")
    return [one for one in found if not one.key.endswith(left_out)]


def _holds(metric: str) -> Holds:
    if metric in MONEY:
        return "money"
    return "points" if metric == "points" else "count"


def _row(line: MonthOf, metrics: tuple[str, ...], of: Of) -> Row:
    subject = line.subject
    cells: list[Value] = [month_start(line.month)]
    if of != "month":
        cells.append(subject.name)
    cells.append(line.elapsed)
    levels: dict[str, Level] = {}
    signs: dict[str, str] = {}
    for metric in metrics:
        fact = line.facts[metric]
        cells += _cells(fact, metric, len(metrics) == 1)
        levels |= {metric: fact.level, f"{metric}_degree": fact.level}
        if fact.largest is not None and fact.largest.is_large:
            signs[f"{metric}_largest"] = _said(fact.largest)
    key = (of, line.month, subject.person_id or 0, subject.team_id or 0)
    narrows = {"person": subject.person_id} if subject.person_id else {}
    if of in ("team", "department") and subject.team_id:
        narrows = {"team": subject.team_id}
    return Row(tuple(cells), key, levels, signs, narrows=narrows)


def _cells(fact: Fact, metric: str, alone: bool) -> list[Value]:
    found: list[Value] = [fact.value, fact.plan, fact.degree]
    if alone:
        found += [fact.pace, fact.missing]
    found.append(_a_day(fact, metric))
    if metric in MONEY:
        found.append(None if fact.largest is None else fact.largest.share)
    return found


def _a_day(fact: Fact, metric: str) -> Decimal | None:
    """What is missing a day: nothing where the plan is met; money without its hundredths unless it
    is little, as it is only something to go by."""
    if not fact.per_day:
        return None
    if metric not in MONEY or fact.per_day < _SMALL:
        return fact.per_day
    return planning.rounded(Fraction(fact.per_day), Decimal(1))


def _said(largest: Largest) -> str:
    part, whole = largest.share.as_integer_ratio()
    share = (200 * part + whole) // (2 * whole)  # rounded half up; a largest deal is above 0
    return tr("One deal made {share} of the month: {title}", share=f"{share}\u00a0%",
              title=largest.title)  # fmt: skip


def _total(
    r: Reader, query: Query, months: list[int], lines: list[MonthOf], metrics: tuple[str, ...],
    now: int, known: Known,
) -> Row | None:  # fmt: skip
    """The sum of all months: of the person, of the team, or of everybody."""
    if len(lines) < 2:
        return None
    whole = lines
    if query.person_id is None:
        whole = plan_fact.read(
            r, months, metrics, now=now, of="month", team_id=query.team_id, largest=False,
            known=known,
        )  # fmt: skip
    _, of = _chosen(query)
    cells: list[Value] = [None, None] if of == "month" else [None, None, None]
    for metric in metrics:
        facts = [line.facts[metric] for line in whole]
        cells += _sums(facts, metric, len(metrics) == 1)
    return Row(tuple(cells), (_TOTAL,))


def _sums(facts: list[Fact], metric: str, alone: bool) -> list[Value]:
    zero: int | Decimal = 0
    value = sum((one.value for one in facts), zero)
    plans = [one.plan for one in facts if one.plan is not None]
    plan = sum(plans, Decimal(0)) if plans else None
    degree = Fraction(value) / Fraction(plan) if plan else None
    missing = None if plan is None else max(plan - value, Decimal(0))
    sums: list[Value] = [value, plan, degree, *([None, missing] if alone else []), None]
    return [*sums, *([None] if metric in MONEY else [])]


def _chart(metrics: tuple[str, ...], of: Of, months: int) -> Chart:
    fact, plan = metrics[0], f"{metrics[0]}_plan"
    if of == "month":
        return Chart("groups", "month", (fact, plan))
    label = "person" if of == "person" else "team"
    if months > 1:
        return Chart("lines", "month", (fact,), split=label)
    return Chart("groups", label, (fact, plan))


def _notes(query: Query, lines: list[MonthOf]) -> list[str]:
    found = []
    if lines and not query.period.whole_months():
        found.append(tr("Plans are compared by whole months: they are taken in whole."))
    if any(line.closed for line in lines):
        found.append(tr("Closed months stand as they were closed."))
    unrated = sorted({code for line in lines for code in line.unrated})
    if unrated:
        found.append(tr("Left out of the sums: {names} has no rate in the settings.",
                        names=", ".join(unrated)))  # fmt: skip
    return found


# -- what is behind a number ----------------------------------------------------------------------


def _behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    if row[0] == _TOTAL:
        months = plan_fact.months_of(r, query.period, now)
        asked = [(month, query.person_id, query.team_id) for month in months]
    else:
        of, month, person, team = row
        asked = [(month, person or None, (team or None) if of != "person" else query.team_id)]
    found: dict[tuple[int, int], int] = {}
    for one in asked:
        for key, value in _things(r, column, *one, now=now).items():
            found[key] = found.get(key, 0) + value
    return _listed(r, column, found)


def _things(
    r: Reader, metric: str, month: int, person: int | None, team: int | None, *, now: int
) -> dict[tuple[int, int], int]:
    answer = ranking.ranking(r, periods.of_months(month), now=now, team_id=team)
    members = [one.person_id for one in answer.rows if one.person_id in (person or one.person_id,)]
    known = [one for one in members if one is not None]
    return Month(r, month, (metric,), None, now).things(answer, known, metric)


def _listed(r: Reader, metric: str, found: dict[tuple[int, int], int]) -> Behind:
    titles: dict[int, str] = dict(
        r.rows_of("SELECT id, title FROM deal WHERE id IN ({ids})", {key for key, _ in found})
    )
    stages: dict[int, str] = dict(
        r.rows_of("SELECT id, name FROM stage WHERE id IN ({ids})", {one for _, one in found})
    )
    assert metric not in closing_behind.OF_TASKS
    order = sorted(found, key=lambda key: (-found[key], key))

    def thing(key: tuple[int, int]) -> Thing:
        deal, stage = key
        value = in_units(metric, found[key])
        return Thing(titles.get(deal, ""), value, stages.get(stage, ""), deal_id=deal)

    return listed_as(order, thing, _holds(metric))


REPORT = Report(
    "plan-fact", N_("Plan and fact"),
    N_("What was planned and what was reached, by month; a deal that makes most of one is marked."),
    frozenset(("person", "team")), _read, _behind,
    (
        Choice("metric", N_("Number"), _BOTH, _METRICS),
        Choice("of", N_("Grouped by"), "person", _OF),
    ),
    first_period="month",
)  # fmt: skip
