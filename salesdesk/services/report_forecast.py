"""The report ``forecast``: what the open deals are expected to bring, by month.

A row is a month of expected close, the last one deals without such a date. ``weighted`` is exact
and by the dates; ``expected``, ``low`` and ``high`` are estimates from the team's own history and
say what is won in that month, whatever date the deals carry. So a month gone by, and the row
without a date, expect nothing: what is won of those deals is won in months to come. numpy is loaded
when the report is read.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, month_of, month_start
from salesdesk.services import report_parts
from salesdesk.services.report_table import (
    MOST_THINGS,
    Behind,
    Chart,
    Column,
    Query,
    Report,
    Row,
    Table,
    Thing,
)
from salesdesk.text import N_, ntr, tr

if TYPE_CHECKING:
    from salesdesk.services.forecast import Forecast

_CENT, _ONE = Decimal("0.01"), Decimal(1)
_SMALL = 100
_DAY = DAY_SECONDS * SECOND
#: Below so many closed deals it is said that the range is rough.
_FEW = 30
_BY_HISTORY = ("expected", "low", "high")

COLUMNS = (
    Column("period", N_("Month"), "month", N_("The month of the expected close.")),
    Column("deals", N_("Deals"), "count",
           N_("Open deals that are expected to close in this month."), opens=True),
    Column("amount", N_("Amount"), "money", N_("What these deals are about."), opens=True),
    Column("weighted", N_("By probability"), "money",
           N_("Each amount times the probability of the deal, else of its stage."), opens=True),
    Column("expected", N_("By history"), "money",
           N_("What is won in this month if deals go on as those before them did, by stage and "
              "time in it; whatever date they carry."), opens=True),
    Column("low", N_("Range from"), "money",
           N_("In nine of ten cases more than this is won in the month."), opens=True),
    Column("high", N_("Range to"), "money",
           N_("In nine of ten cases less than this is won in the month."), opens=True),
)  # fmt: skip


def read(r: Reader, query: Query, *, now: int) -> Table:
    """The months of the period in order, then the deals without a date. Months without deals are
    shown where something may be won in them."""
    from salesdesk.services import forecast, ranking_setup
    from salesdesk.services.forecast_deals import UNDATED

    found = forecast.look(r, query, now=now)
    rows, sums = [], [Decimal(0)] * 4
    deals = 0
    for at, month in enumerate(found.rows):
        line = found.weighted.get(month)
        history = _history(found, at)
        if line is None and not history[2]:
            continue
        count, amount, weighted = (
            (line.deals, line.amount, line.weighted) if line else (0, Decimal(0), Decimal(0))
        )
        day = None if month == UNDATED else month_start(month)
        late = day is not None and month < month_of(found.today)
        said = tr("This month is over, these deals are still open.") if late else ""
        said = said or (tr("No expected close date") if day is None else "")
        rows.append(
            Row(
                (day, count, amount, weighted, *history), (day,),
                levels={"period": "over"} if late else {},
                signs={"period": said} if said else {},
            )
        )  # fmt: skip
        deals += count
        for place, value in enumerate((amount, weighted, history[0])):
            sums[place] += value
    low, high = _history(found, len(found.rows))[1:]  # of all together: less than the ends' sums
    return Table(
        COLUMNS,
        tuple(rows),
        ranking_setup.of(r).rates.home,
        total=Row((None, deals, *sums[:3], low, high)) if rows else None,
        chart=Chart("band", "period", ("expected", "weighted"), low="low", high="high"),
        notes=_notes(found),
    )


def _history(found: "Forecast", at: int) -> tuple[Decimal, Decimal, Decimal]:
    expected, low, high = found.bands[at]
    return _money(expected), _money(low), _money(high)


def _money(estimate: float) -> Decimal:
    """An estimate is no better for its cents, unless it is small."""
    step = _ONE if estimate >= _SMALL else _CENT
    return Decimal(repr(estimate)).quantize(step, ROUND_HALF_UP).quantize(_CENT)


def _notes(found: "Forecast") -> tuple[str, ...]:
    from salesdesk.services.forecast_deals import UNDATED

    notes = []
    late = found.late()
    count = int(late.sum())
    if count:
        before = sum(found.deals.month[late] < found.rows[0])
        notes.append(
            ntr("{n} open deal was expected before today.",
                "{n} open deals were expected before today.", count)
        )  # fmt: skip
        if before:
            notes.append(
                ntr("{n} of them in months before this period.",
                    "{n} of them in months before this period.", int(before))
            )  # fmt: skip
    undated = found.weighted.get(UNDATED)
    if undated is not None:
        notes.append(
            ntr("{n} open deal has no expected close date: the row without a month.",
                "{n} open deals have no expected close date: the row without a month.",
                undated.deals)
        )  # fmt: skip
    closed = int(found.chances.closings.sum())
    if len(found.deals.deal) and not found.known.all():
        notes.append(
            tr("Where no deal was closed yet there is no history: the range takes the "
               "probabilities and the dates for it.")
        )  # fmt: skip
    elif 0 < closed < _FEW:
        notes.append(
            ntr("Only {n} deal was closed so far: the range is rough.",
                "Only {n} deals were closed so far: the range is rough.", closed)
        )  # fmt: skip
    return (
        *notes,
        *(
            tr("{currency} has no rate: its amounts are left out.", currency=code)
            for code in found.deals.unrated
        ),
    )


# -- what is behind a number ----------------------------------------------------------------------


def behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    """The deals behind a number, the largest share first. Shares add up to what is weighted or
    expected; behind the ends of the range stand the shares of what is expected."""
    from salesdesk.services import forecast
    from salesdesk.services.forecast_deals import UNDATED

    found = forecast.look(r, query, now=now)
    month = UNDATED if not row or row[0] is None else month_of(row[0])
    whole = row == report_parts.WHOLE
    if column in _BY_HISTORY:
        at = len(found.rows) if whole else found.rows.index(month)
        return _by_history(r, found, at)
    rows = set(found.rows) if whole else {month}
    return _by_date(r, found, rows, column)


def _by_date(r: Reader, found: "Forecast", rows: set[int], column: str) -> Behind:
    import numpy as np

    from salesdesk.services.forecast_deals import CENT, CENT_PERCENT, UNRATED, shares

    deals = found.deals.only(np.isin(found.deals.month, sorted(rows)))
    lines = zip(*(each.tolist() for each in (
        deals.deal, deals.money, deals.rate, deals.percent, deals.own, deals.place)),
        strict=True)  # fmt: skip
    every = list(lines)
    if column == "deals":
        values = [Decimal(1)] * len(every)
    else:
        whole = sum((getattr(found.weighted[month], column) for month in rows
                     if month in found.weighted), Decimal(0))  # fmt: skip
        if column == "amount":
            values = shares((money * rate for _, money, rate, *_ in every), whole, CENT)
        else:
            parts = (money * rate * percent for _, money, rate, percent, *_ in every)
            values = shares(parts, whole, CENT_PERCENT)
    order = sorted(range(len(every)), key=lambda at: (-values[at], every[at][0]))
    titles = report_parts.titles(r, "deal", (every[at][0] for at in order[:MOST_THINGS]))
    stages = report_parts.names_of(r, "stage")
    keys = found.chances.layout.keys
    things = []
    for at in order[:MOST_THINGS]:
        deal, money, rate, percent, own, place = every[at]
        share = f"{percent}\u00a0%"
        about = (
            tr("own probability {share}", share=share)
            if own
            else tr("stage {stage}, {share}", stage=stages[keys[place]], share=share)
        )
        left_out = rate == UNRATED and money != 0 and column != "deals"
        value = 1 if column == "deals" else values[at]
        if left_out:
            about = tr("no rate for its currency")
        things.append(Thing(titles[deal], value, about, deal_id=deal, counts=not left_out))
    holds = "count" if column == "deals" else "money"
    return Behind(tuple(things), holds, len(every) - len(things))  # type: ignore[arg-type]


def _by_history(r: Reader, found: "Forecast", at: int) -> Behind:
    import numpy as np

    from salesdesk.services.forecast import cell_of
    from salesdesk.services.forecast_deals import shares

    chance = found.outlook.chance[:, at]
    worth = found.deals.units() * chance
    adding = np.flatnonzero(worth > 0)
    adding = adding[np.lexsort((found.deals.deal[adding], -worth[adding]))]
    # A millionth of a cent is exact enough for an estimate.
    parts = [round(each * 1e8) for each in worth[adding].tolist()]
    whole = sum((_history(found, row)[0] for row in range(len(found.rows))), Decimal(0))
    values = shares(parts, whole if at == len(found.rows) else _history(found, at)[0], 1_000_000)
    shown = adding[:MOST_THINGS]
    ids = found.deals.deal[shown].tolist()
    titles = report_parts.titles(r, "deal", ids)
    like, won = cell_of(found, shown)
    stages = report_parts.names_of(r, "stage")
    things = []
    for deal, value, place, part, cases, good, known, entered in zip(
        ids, values[: len(ids)], found.deals.place[shown].tolist(), chance[shown].tolist(),
        like.tolist(), won.tolist(), found.known[shown].tolist(),
        found.deals.entered[shown].tolist(), strict=True,
    ):  # fmt: skip
        words = {
            "stage": stages[found.chances.layout.keys[place]],
            "days": _days((found.now - entered) // _DAY),
            "share": f"{round(part * 100)}\u00a0%",
        }
        things.append(Thing(titles[deal], value, _why(words, cases, good, known), deal_id=deal))
    return Behind(tuple(things), "money", len(adding) - len(shown))


def _days(days: int) -> str:
    return ntr("{n} day", "{n} days", days)


def _why(words: Mapping[str, str], cases: int, won: int, known: bool) -> str:
    """Why a deal is given its chance: what became of those like it."""
    if not known:
        return tr("{share}: probability and date, there is no history", share=words["share"])
    if not cases:
        return tr("{share}: none stood so long in {stage} before ({days})", **words)
    said = ntr("of {n} like it {won} was won", "of {n} like it {won} were won", cases, won=won)
    return tr("{share}: {stage} for {days}; {said}", said=said, **words)


REPORT = Report(
    "forecast",
    N_("Forecast"),
    N_("What the open deals are expected to bring, by month: by probability, and from history."),
    frozenset({"pipeline", "person", "team", "deals"}),
    read,
    behind,
    looks_ahead=True,
    first_period="year",
)
