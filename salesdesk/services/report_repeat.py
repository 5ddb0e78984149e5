"""The report on repeat sales: clients by number of won deals, the time between them, and how the
amount changed from the first offer to the win.

A deal is its company's, else that of its contact person's company, else the contact person's. The
first offer is the first amount above nothing that the log knows of a deal.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from salesdesk.models.asking import OF_RECORDS, keys_in
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.services import report_parts as parts
from salesdesk.services.report_parts import WHOLE, Fact, Money
from salesdesk.services.report_table import Behind, Chart, Choice, Column, Query, Report, Row, Table
from salesdesk.text import N_, ntr

LEAST = Choice("least", N_("Won deals at least"), "1", least=1, most=1000)
_DAY = DAY_SECONDS * SECOND
_NUMBERS = (
    Column("won", N_("Won"), about=N_("Deals won in the period"), opens=True),
    Column("revenue", N_("Revenue"), "money", N_("What they amount to"), opens=True),
    Column("first_offer", N_("First offer"), "money",
           N_("What was offered for them at first"), opens=True),
    Column("change", N_("Change"), "money",
           N_("From the first offer to the win"), opens=True),
)  # fmt: skip
_COLUMNS = (
    Column("client", N_("Client"), "text"),
    *_NUMBERS,
    Column("change_share", N_("Change, %"), "share", N_("Of the first offer")),
    Column("first_day", N_("First win"), "day"),
    Column("last_day", N_("Last win"), "day"),
    Column("days_between", N_("Days between"), "days", N_("On average, from one win to the next")),
    Column("days_since", N_("Days since"), about=N_("Since the last win")),
)
_ROWS = (
    f"SELECT d.id, {parts.CLIENT}, d.closed_at, d.amount, d.currency FROM deal d "
    f"JOIN stage s ON s.id = d.stage_id {parts.WITH_CONTACT} WHERE d.deleted_at IS NULL "
    "AND s.kind = 'won' AND d.closed_at >= ? AND d.closed_at < ? AND s.pipeline_id IN ({pipelines})"
)


def _read(r: Reader, query: Query, *, now: int) -> Table:
    money = Money(r)
    facts, homeless = _facts(r, query, now, money)
    sums = parts.summed(facts, len(_NUMBERS))
    wins: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for fact in facts:
        wins[fact.line].append(fact.at or 0)
    names: dict[int, str] = dict(r.rows_of("SELECT id, name FROM client WHERE id IN ({ids})",
                           sorted(line[0] for line in wins)))  # fmt: skip
    rows = [
        _row(r, names[line[0]], line, sums[line], sorted(moments), now)
        for line, moments in wins.items()
    ]
    rows.sort(key=lambda row: (-sums[row.key][0], -sums[row.key][1], row.cells[0]))
    return Table(
        _COLUMNS, tuple(rows), money.currency, _total(sums[WHOLE], list(wins.values())),
        Chart("bars", "client", ("won",)), (*_told(wins, homeless), *money.notes()),
    )  # fmt: skip


def _told(wins: dict[tuple[Any, ...], list[int]], homeless: int) -> list[str]:
    again = sum(len(moments) > 1 for moments in wins.values())
    notes = []
    if again:
        notes.append(ntr("{n} of {all} clients bought more than once.",
                         "{n} of {all} clients bought more than once.", again,
                         all=len(wins)))  # fmt: skip
    if homeless:
        notes.append(ntr("{n} won deal without a client is left out.",
                         "{n} won deals without a client are left out.", homeless))  # fmt: skip
    return notes


def _row(
    r: Reader, name: str, key: tuple[Any, ...], numbers: list[int], wins: Sequence[int], now: int
) -> Row:
    won, revenue, offered, change = numbers
    first, last = wins[0], wins[-1]
    cells = (
        name, won, amount_of(revenue), amount_of(offered), amount_of(change),
        parts.share(change, offered), r.zone.day_of(first), r.zone.day_of(last),
        Fraction(last - first, (won - 1) * _DAY) if won > 1 else None,
        (now - last) // _DAY,
    )  # fmt: skip
    return Row(cells, key, client_id=key[0])


def _total(numbers: list[int], wins: list[list[int]]) -> Row:
    """All of them; the time between wins is the mean of all gaps."""
    won, revenue, offered, change = numbers
    gaps = sum(len(moments) - 1 for moments in wins)
    between = sum(max(moments) - min(moments) for moments in wins)
    cells = (
        None, won, amount_of(revenue), amount_of(offered), amount_of(change),
        parts.share(change, offered), None, None, Fraction(between, gaps * _DAY) if gaps else None,
        None,
    )  # fmt: skip
    return Row(cells, WHOLE)


def _facts(r: Reader, query: Query, now: int, money: Money) -> tuple[list[Fact], int]:
    """A fact a won deal of a client with enough of them; and how many have no client. Offer and
    amount are converted at the rate of the day of winning: the change is that of the price."""
    setup = parts.asked(r, query, now).setup
    pipelines = keys_in(parts.selling(setup, query.pipeline_id))
    sql, params = parts.of_deals(r, query, now)
    start, stop = query.period.moments(r.zone, now)
    rows = r.rows(_ROWS.format(pipelines=pipelines) + sql, (start, stop, *params))
    count: dict[int, int] = defaultdict(int)
    for row in rows:
        count[row[1] or 0] += 1
    homeless = count.pop(0, 0)
    least = int(REPORT.chosen(query, "least"))
    rows = [row for row in rows if count.get(row[1] or 0, 0) >= least]
    first = first_offers(r, {row[0]: (row[3], row[4]) for row in rows})
    facts = []
    for deal, client, closed, amount, code in rows:
        day = r.zone.day_of(closed)
        brought = money.at(amount, code, day)
        offer = money.at(*first[deal], day)
        if brought is None or offer is None:
            brought = offer = 0
        facts.append(Fact((client,), (1, brought, offer, brought - offer), deal, closed))
    return facts, homeless


Offer = tuple[int | None, str]


def first_offers(r: Reader, now: Mapping[int, Offer]) -> dict[int, Offer]:
    """The first amount above nothing that the log knows of each deal, with the currency that it was
    in then; ``now`` are the present ones. Undone commands never were."""
    values: dict[tuple[int, str], list[tuple[int, Any]]] = defaultdict(list)
    for deal, field, line, old, new, stands in r.rows_of(
        "SELECT c.row_id, c.field, c.id, c.old, c.new, m.undone = 0 AND m.origin <> 'undo' "
        "FROM change c JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
        "WHERE c.tbl = ? AND c.row_id IN ({ids}) "
        f"AND c.{OF_RECORDS} AND c.field IN ('amount', 'currency') ORDER BY c.id",
        list(now),
        ("deal",),
    ):
        kept = values[deal, field]
        if not kept:
            kept.append((0, old))
        if stands:
            kept.append((line, new))
    found = dict(now)
    for deal in {deal for deal, _ in values}:
        amount, code = now[deal]
        offers = values.get((deal, "amount"), [(0, amount)])
        line, first = next((each for each in offers if each[1]), (0, amount))
        codes = [one for at, one in values.get((deal, "currency"), [(0, code)]) if at <= line]
        found[deal] = first, codes[-1]
    return found


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    place = parts.place(_NUMBERS, column)
    facts, _homeless = _facts(r, query, now, Money(r))
    return parts.behind(r, facts, key, place, money=place > 0)


REPORT = Report(
    "repeat",
    N_("Repeat sales"),
    N_("Who bought how often, how long it takes until they buy again, and what became of the "
       "first offer"),
    frozenset({"pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    (LEAST,),
    first_period="year",
)  # fmt: skip
