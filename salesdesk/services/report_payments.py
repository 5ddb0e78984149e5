"""The report on payments: planned and actual, in and out, overdue; by month, deal, client or
contractor.

A line counts as planned in the period of its planned day, as actual in that of its actual day, each
at the rate of that day; as overdue where its planned day lies in the period, has passed, and
nothing was paid.
"""

from collections.abc import Iterator
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
#: Sums up to this fit into the columns of numbers.
_MUCH = 1 << 62
_FROM = (
    "FROM payment y JOIN deal d ON d.id = y.deal_id AND d.deleted_at IS NULL "
    f"JOIN stage s ON s.id = d.stage_id {parts.WITH_CONTACT} WHERE y.deleted_at IS NULL"
)
#: What a lost deal has not paid it will not.
_EXPECTED = " AND (y.actual_day IS NOT NULL OR s.kind <> 'lost')"
#: By what payments are told apart: the key of a line; of months the day that counts.
_LINE = {"deal": "d.id", "client": parts.CLIENT, "contractor": "y.contractor_id"}
#: The places of planned, actual and overdue, beside the direction.
_SIDES = {"in": 0, "out": 3}


def _read(r: Reader, query: Query, *, now: int) -> Table:
    group = REPORT.chosen(query, "group")
    money = Money(r)
    sums, left_out = _sums(r, query, now, group, money)
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
                 (*money.notes(), *left_out))  # fmt: skip


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


def _asked(r: Reader, query: Query, now: int, day: str) -> tuple[str, list[Any]]:
    """The payments whose planned or actual ``day`` lies in the period."""
    sql, params = parts.of_deals(r, query, now)
    last = query.period.last_day
    if day == "y.actual_day":
        last = min(last, r.zone.day_of(now))
    return (
        f"{_FROM}{_EXPECTED} AND {day} BETWEEN ? AND ?{sql}",
        [query.period.first_day, last, *params],
    )


def _sums(
    r: Reader, query: Query, now: int, group: str, money: Money
) -> tuple[dict[tuple[Any, ...], list[int]], list[str]]:
    """The sums of each line, and of all; and what was left out, in words. Payments in the
    workspace's currency are summed as columns, others are converted one by one."""
    found, others, notes = _at_home(r, query, now, group, money)
    if others:
        found += _abroad(r, query, now, group, money)
    return parts.summed(found, len(_NUMBERS)), notes


def _abroad(r: Reader, query: Query, now: int, group: str, money: Money) -> list[Fact]:
    """What payments in other currencies add to their lines."""
    today, found = r.zone.day_of(now), list[Fact]()
    for day, late in (("y.planned_day", "y.actual_day IS NULL AND y.planned_day < ?"),
                      ("y.actual_day", "0 * ?")):  # fmt: skip
        sql, params = _asked(r, query, now, day)
        for key, direction, code, is_late, at, amount in r.rows(
            f"SELECT {_LINE.get(group, '0')}, y.direction, y.currency, {late}, {day}, y.amount "
            f"{sql} AND y.currency <> ?",
            (today, *params, money.currency),
        ):
            found += _fact(group, day, key, direction, code, is_late, at, amount, money)
    return found


def _at_home(
    r: Reader, query: Query, now: int, group: str, money: Money
) -> tuple[list[Fact], bool, list[str]]:
    """What each line adds up to in the workspace's currency; whether there are payments in others;
    and what was left out. All of it is read at once."""
    import numpy as np

    from salesdesk.services import reports_columns

    first, last, today = query.period.first_day, query.period.last_day, r.zone.day_of(now)
    until = min(last, today)
    sql, params = parts.of_deals(r, query, now)
    line, about, planned, actual, amount = reports_columns.texts(
        r, [f"coalesce({_LINE.get(group, '0')}, 0)",
            "(y.direction = 'in') + 2 * (s.kind = 'lost') + 4 * (y.currency = ?)",
            "coalesce(y.planned_day, 0)", "coalesce(y.actual_day, 0)", "y.amount"],
        f"{_FROM} AND (y.planned_day BETWEEN ? AND ? OR y.actual_day BETWEEN ? AND ? "
        f"OR (y.planned_day IS NULL AND y.actual_day IS NULL)){sql}",
        (money.currency, first, last, first, until, *params),
    )  # fmt: skip
    incoming, is_lost, at_home = about & 1, about & 2 > 0, about >= 4
    unpaid = actual == 0
    given_up = unpaid & is_lost  # what a lost deal has not paid it will not
    lost = int(
        np.count_nonzero(given_up & ((planned == 0) | (planned >= first) & (planned <= last)))
    )
    dayless = int(np.count_nonzero(unpaid & ~is_lost & (planned == 0)))
    kept = at_home & ~given_up
    line, incoming, planned, actual, amount = (
        column[kept] for column in (line, incoming, planned, actual, amount)
    )
    if int(np.abs(amount).max(initial=0)) * max(len(amount), 1) > _MUCH:
        amount = amount.astype(object)  # whole numbers of any size
    side = np.where(incoming == 1, _SIDES["in"], _SIDES["out"])
    due, paid = (planned >= first) & (planned <= last), (actual >= first) & (actual <= until)
    late = due & (actual == 0) & (planned < today)
    found = []
    for day, counts in (
        (planned, ((due, _PLANNED), (late, _OVERDUE))), (actual, ((paid, _ACTUAL),))
    ):  # fmt: skip
        among = counts[0][0]
        keys, place = np.unique((day if group == "month" else line)[among], return_inverse=True)
        sums = np.zeros((len(keys), len(_NUMBERS)), amount.dtype)
        for which, number in counts:
            own = which[among]
            np.add.at(sums, (place[own], side[among][own] + number), amount[among][own])
        found += [
            Fact((bucket_start(key, "month") if group == "month" else key or None,), tuple(adds))
            for key, adds in zip(keys.tolist(), sums.tolist(), strict=True)
        ]
    return found, not at_home.all(), _told(lost, dayless)


def _fact(
    group: str, counted: str, key: int | None, direction: str, code: str, late: int,
    day: int | None, amount: int, money: Money, **about: Any,
) -> Iterator[Fact]:  # fmt: skip
    """What some money adds to its line; nothing in a currency without a rate. ``counted`` is the
    day that it counts by."""
    value = money.at(amount, code, day or 0)
    if value is None:
        return
    adds = [0] * len(_NUMBERS)
    side = _SIDES[direction]
    if counted == "y.actual_day":
        adds[side + _ACTUAL] = value
    else:
        adds[side + _PLANNED], adds[side + _OVERDUE] = value, value if late else 0
    line = bucket_start(day or 0, "month") if group == "month" else key
    yield Fact((line,), tuple(adds), **about)


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    """The payments themselves, those of the one kind that the column counts."""
    group, today, money = REPORT.chosen(query, "group"), r.zone.day_of(now), Money(r)
    day = "y.actual_day" if column.startswith("actual") else "y.planned_day"
    sql, params = _asked(r, query, now, day)
    facts: list[Fact] = []
    for line, direction, code, planned, paid, at, amount, deal, note, contractor in r.rows(
        f"SELECT {_LINE.get(group, '0')}, y.direction, y.currency, y.planned_day, y.actual_day, "
        f"{day}, y.amount, d.id, y.note, y.contractor_id {sql}",
        params,
    ):
        late = paid is None and planned is not None and planned < today
        facts += _fact(
            group, day, line, direction, code, late, at, amount, money, deal_id=deal,
            at=r.zone.start_of(at), about=note or "", contractor_id=contractor,
        )  # fmt: skip
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
