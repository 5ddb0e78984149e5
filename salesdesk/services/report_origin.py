"""Deals by where they come from: what the reports by industry and by source share.

Deals created in the period, child deals among them. A deal's industry is that of its company; its
source the one of the client's first contact. A client who has none leaves it to the deal itself,
and that to its parent deal, and on upward.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import report_parts as parts
from salesdesk.services.report_parts import WHOLE, Fact, Money
from salesdesk.services.report_table import (
    Behind,
    Chart,
    Choice,
    Column,
    Query,
    Report,
    Row,
    Table,
    Value,
)
from salesdesk.text import N_

CHILDREN = Choice(
    "children", N_("Child deals"), "beside",
    {"beside": N_("Beside the others"), "among": N_("Among the others"),
     "without": N_("Left out")},
)  # fmt: skip
_NUMBERS = (
    Column("deals", N_("Deals"), about=N_("Deals created in the period"), opens=True),
    Column("amount", N_("Amount"), "money", N_("What these deals amount to"), opens=True),
    Column("won", N_("Won"), about=N_("How many of them are won by now"), opens=True),
    Column("won_amount", N_("Won for"), "money", N_("What the won ones amount to"), opens=True),
    Column("lost", N_("Lost"), about=N_("How many of them are lost by now"), opens=True),
)  # fmt: skip
_OF_CHILDREN = (
    Column("child_deals", N_("Child deals"), about=N_("Child deals created in the period"),
           opens=True),
    Column("child_amount", N_("Their amount"), "money", N_("What the child deals amount to"),
           opens=True),
    Column("child_won", N_("Of them won"), about=N_("How many of the child deals are won by now"),
           opens=True),
)  # fmt: skip
_CONVERSION = Column("conversion", N_("Conversion"), "share", N_("Won ones among all of them"))
_ALL = (*_NUMBERS, *_OF_CHILDREN)
_DEALS, _WON = 0, 2
_ROWS = (
    "SELECT d.id, d.parent_id, {own}, d.amount, d.currency, s.kind, d.created_at, d.closed_at "
    "FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN client c ON c.id = d.client_id "
    "LEFT JOIN client ct ON ct.id = d.contact_id LEFT JOIN client cc ON cc.id = ct.company_id "
    "WHERE d.deleted_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """By what deals are told apart: the table of names, and what a deal has of its own, over c
    (company), ct (contact person), cc (its company) and d."""

    table: str
    title: str
    own: str


INDUSTRY = Origin(
    "industry", N_("Industry"),
    "coalesce(c.industry_id, cc.industry_id, ct.industry_id, d.industry_id)",
)  # fmt: skip
SOURCE = Origin(
    "source", N_("Source"), "coalesce(c.source_id, ct.source_id, cc.source_id, d.source_id)"
)


def report(origin: Origin, name: str, title: str, about: str) -> Report:
    """The report by one of them."""

    def read(r: Reader, query: Query, *, now: int) -> Table:
        return _table(r, origin, query, made.chosen(query, "children"), now)

    def behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
        place = parts.place(_ALL, column)
        facts = _facts(r, origin, query, made.chosen(query, "children"), now, Money(r))
        return parts.behind(r, facts, key, place, money=_ALL[place].holds == "money")

    takes = frozenset({"pipeline", "person", "team", "deals"})
    made = Report(name, title, about, takes, read, behind, (CHILDREN,), first_period="year")
    return made


def _table(r: Reader, origin: Origin, query: Query, children: str, now: int) -> Table:
    money = Money(r)
    shown = _ALL if children == "beside" else _NUMBERS
    sums = parts.summed(_facts(r, origin, query, children, now, money), len(_ALL))
    names = parts.names_of(r, origin.table)
    lines = [
        _row(shown, parts.label(origin.table, names.get(line[0])), line, numbers,
             () if line[0] in names else (origin.table,))
        for line, numbers in sums.items() if line != WHOLE
    ]  # fmt: skip
    lines.sort(key=lambda row: (-sums[row.key][0], str(row.cells[0]).casefold(), row.key[0] or 0))
    columns = (Column(origin.table, origin.title, "text"), *_NUMBERS, _CONVERSION)
    return Table(
        (*columns, *shown[len(_NUMBERS) :]), tuple(lines), money.currency,
        _row(shown, None, WHOLE, sums[WHOLE]),
        Chart("bars", origin.table, ("won",), pale="deals", beside=("conversion",)), money.notes(),
    )  # fmt: skip


def _row(
    shown: Sequence[Column], name: str | None, key: tuple[Any, ...], numbers: list[int],
    nameless: tuple[str, ...] = (),
) -> Row:  # fmt: skip
    cells: list[Value] = [
        amount_of(value) if column.holds == "money" else value
        for column, value in zip(shown, numbers, strict=False)
    ]
    cells.insert(len(_NUMBERS), parts.share(numbers[_WON], numbers[_DEALS]))
    return Row((name, *cells), key, nameless=nameless)


def _facts(
    r: Reader, origin: Origin, query: Query, children: str, now: int, money: Money
) -> list[Fact]:
    """A fact a deal. Closed deals are converted at the rate of the day on which they were closed,
    open ones at today's; one without a rate counts, its amount does not."""
    sql, params = parts.of_deals(r, query, now)
    start, stop = query.period.moments(r.zone, now)
    if children == "without":
        sql += " AND d.parent_id IS NULL"
    rows = r.rows(
        f"{_ROWS.format(own=origin.own)} AND d.created_at >= ? AND d.created_at < ?{sql}",
        (start, stop, *params),
    )
    inherited = _inherited(r, origin, {row[1] for row in rows if row[2] is None and row[1]})
    today = r.zone.day_of(now)
    facts = []
    for deal, parent, own, amount, code, kind, created, closed in rows:
        line = own if own is not None else inherited.get(parent)
        value = money.at(amount, code, today if closed is None else r.zone.day_of(closed)) or 0
        won = int(kind == "won")
        if parent is not None and children == "beside":
            adds = (0, 0, 0, 0, 0, 1, value, won)
        else:
            adds = (1, value, won, value * won, int(kind == "lost"), 0, 0, 0)
        facts.append(Fact((line,), adds, deal, created))
    return facts


def _inherited(r: Reader, origin: Origin, parents: Iterable[int]) -> dict[int, int | None]:
    """What deals have, of their own or of those above them."""
    above: dict[int, tuple[int | None, int | None]] = {}
    wanted = set(parents)
    sql = _ROWS.format(own=origin.own).replace(" WHERE d.deleted_at IS NULL", "")
    while wanted:
        for row in r.rows_of(f"{sql} WHERE d.id IN ({{ids}})", sorted(wanted)):
            above[row[0]] = (row[2], row[1])
        known = wanted
        wanted = {
            parent
            for deal in known
            for own, parent in (above.get(deal, (None, None)),)
            if own is None and parent is not None and parent not in above
        }
    return {deal: _first_of(above, deal) for deal in above}


def _first_of(above: dict[int, tuple[int | None, int | None]], deal: int) -> int | None:
    seen: set[int] = set()
    at: int | None = deal
    while at is not None and at in above and at not in seen:
        seen.add(at)
        own, parent = above[at]
        if own is not None:
            return own
        at = parent
    return None
