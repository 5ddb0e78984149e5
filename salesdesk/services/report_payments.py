"""The report on payments: planned and actual, in and out, overdue; by month, deal, client or
contractor.

A line counts as planned in the period of its planned day, as actual in that of its actual day, each
at the rate of that day; as overdue where its planned day lies in the period, has passed, and
nothing was paid.
"""

from typing import Any, cast

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import report_parts as parts
from salesdesk.services.levels import Level
from salesdesk.services.periods import bucket_start
from salesdesk.services.report_parts import WHOLE, Fact, Money
from salesdesk.services.report_table import Behind, Chart, Choice, Column, Query, Report, Row, Table
from salesdesk.text import N_, ntr

GROUP = Choice(
    "group", N_("By"), "month",
    {"month": N_("Month"), "deal": N_("Deal"), "client": N_("Client"),
     "contractor": N_("Contractor")},
)  # fmt: skip
_NUMBERS = (
    Column("planned_in", N_("Planned in"), "money",
           N_("Money that clients were to pay in this time"), opens=True),
    Column("actual_in", N_("Came in"), "money", N_("Money that clients paid"), opens=True),
    Column("overdue_in", N_("Overdue in"), "money",
           N_("Planned for a day that has passed, and not paid"), opens=True),
    Column("planned_out", N_("Planned out"), "money",
           N_("Money that contractors were to get in this time"), opens=True),
    Column("actual_out", N_("Went out"), "money", N_("Money that contractors got"), opens=True),
    Column("overdue_out", N_("Overdue out"), "money",
           N_("Planned for a day that has passed, and not paid out"), opens=True),
)  # fmt: skip
_PLANNED, _ACTUAL, _OVERDUE = range(3)
_LINES = (
    "SELECT y.id, y.direction, y.amount, y.currency, y.planned_day, y.actual_day, y.contractor_id, "
    f"d.id, s.kind, {parts.CLIENT}, y.note FROM payment y JOIN deal d ON d.id = y.deal_id "
    f"AND d.deleted_at IS NULL JOIN stage s ON s.id = d.stage_id {parts.WITH_CONTACT} "
    "WHERE y.deleted_at IS NULL"
)


def _read(r: Reader, query: Query, *, now: int) -> Table:
    group = REPORT.chosen(query, "group")
    money = Money(r)
    facts, lost, dayless = _facts(r, query, now, group, money)
    sums = parts.summed(facts, len(_NUMBERS))
    names = _names(r, group, sums)
    rows = [
        _row(group, names.get(line[0]), line, numbers)
        for line, numbers in sums.items()
        if line != WHOLE
    ]
    rows.sort(key=_order)
    total = Row((None, *map(amount_of, sums[WHOLE])), WHOLE)
    chart = Chart("columns" if group == "month" else "bars", group, ("actual_in", "overdue_in"))
    if group == "month":
        chart = Chart("groups", group, ("planned_in", "actual_in", "planned_out", "actual_out"))
    return Table((_first(group), *_NUMBERS), tuple(rows), money.currency, total, chart,
                 (*money.notes(), *_told(lost, dayless)))  # fmt: skip


def _told(lost: int, dayless: int) -> list[str]:
    """What was left out."""
    notes = []
    if lost:
        notes.append(ntr("{n} unpaid payment of a lost deal is left out.",
                         "{n} unpaid payments of lost deals are left out.", lost))  # fmt: skip
    if dayless:
        notes.append(
            ntr("{n} payment has no day yet and is in no period.",
                "{n} payments have no day yet and are in no period.", dayless)
        )  # fmt: skip
    return notes


def _first(group: str) -> Column:
    return Column(group, GROUP.values[group], "month" if group == "month" else "text")


def _row(group: str, name: int | str | None, key: tuple[Any, ...], numbers: list[int]) -> Row:
    late = {
        name: "over"
        for name in ("overdue_in", "overdue_out")
        if numbers[parts.place(_NUMBERS, name)]
    }
    levels = cast("dict[str, Level]", late)
    shown = name if group == "month" else parts.label(group, cast("str | None", name))
    return Row(
        (shown, *map(amount_of, numbers)), key, levels,
        deal_id=key[0] if group == "deal" else None,
        client_id=key[0] if group == "client" else None,
        nameless=(group,) if name is None else (),
    )  # fmt: skip


def _order(row: Row) -> tuple[Any, ...]:
    name = row.cells[0]
    return (bool(row.nameless), name.casefold() if isinstance(name, str) else name, row.key)


def _names(r: Reader, group: str, lines: Any) -> dict[int, Any]:
    keys = sorted({line[0] for line in lines if line != WHOLE and line[0]})
    if group == "month":
        return {key: key for key in keys}
    column = "title" if group == "deal" else "name"
    sql = f"SELECT id, {column} FROM {group} WHERE id IN ({{ids}})"
    return dict(r.rows_of(sql, keys))


def _facts(
    r: Reader, query: Query, now: int, group: str, money: Money
) -> tuple[list[Fact], int, int]:
    """What each payment adds to the lines; how many unpaid ones of lost deals, and how many
    without any day, were left out."""
    today = r.zone.day_of(now)
    sql, params = parts.of_deals(r, query, now)
    first, last = query.period.first_day, query.period.last_day
    facts: list[Fact] = []
    lost = dayless = 0
    for row in r.rows(_LINES + sql, params):
        _key, direction, amount, code, planned, actual, contractor, deal, kind, client, note = row
        if actual is None and kind == "lost":
            lost += planned is None or first <= planned <= last
            continue
        if planned is None and actual is None:
            dayless += 1
            continue
        of_line = {"deal": deal, "client": client, "contractor": contractor}.get(group)
        side = 0 if direction == "in" else 3

        def add(
            day: int, *places: int, side: int = side, of_line: int | None = of_line,
            amount: int = amount, code: str = code, deal: int = deal, note: str = note or "",
            contractor: int | None = contractor,
        ) -> None:  # fmt: skip
            value = money.at(amount, code, day)
            if value is not None:
                adds = [0] * len(_NUMBERS)
                for place in places:
                    adds[side + place] = value
                line = bucket_start(day, "month") if group == "month" else of_line
                facts.append(Fact((line,), tuple(adds), deal, r.zone.start_of(day), note,
                                  contractor_id=contractor))  # fmt: skip

        if planned is not None and first <= planned <= last:
            late = actual is None and planned < today
            add(planned, *((_PLANNED, _OVERDUE) if late else (_PLANNED,)))
        if actual is not None and first <= actual <= last and actual <= today:
            add(actual, _ACTUAL)
    return facts, lost, dayless


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    group = REPORT.chosen(query, "group")
    facts, _lost, _dayless = _facts(r, query, now, group, Money(r))
    return parts.behind(r, facts, key, parts.place(_NUMBERS, column), money=True)


REPORT = Report(
    "payments",
    N_("Payments"),
    N_("What was planned and what was paid, in and out, and what is overdue"),
    frozenset({"pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    (GROUP,),
    looks_ahead=True,
    first_period="quarter",
)
