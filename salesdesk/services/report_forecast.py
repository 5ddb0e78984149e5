"""The report ``forecast``: what the open deals are expected to bring, by month.

A row is a month of expected close, the last one deals without such a date. ``weighted`` is exact
and by the dates; ``expected``, ``low`` and ``high`` are estimates from the team's own history and
say what is won in that month, whatever date the deals carry. So a month gone by, and the row
without a date, expect nothing: what is won of those deals is won in months to come. numpy is loaded
when the report is read.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from salesdesk.models.store import Reader
from salesdesk.moments import month_of, month_start
from salesdesk.services import report_parts
from salesdesk.services.report_table import Behind, Chart, Column, Query, Report, Row, Table
from salesdesk.text import N_, ntr, tr

if TYPE_CHECKING:
    from salesdesk.services.forecast import Forecast

_CENT, _ONE = Decimal("0.01"), Decimal(1)
_SMALL = 100
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
        chart=Chart(
            "band",
            "period",
            ("expected", "weighted"),
            low="low",
            high="high",
            since=month_start(month_of(found.today)),
        ),
        notes=(*_notes(found), *_tried(r, query, now)),
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
        before = sum(found.deals.month[late] < found.first_month)
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


def _tried(r: Reader, query: Query, now: int) -> tuple[str, ...]:
    """What the replay came to, if it was made today: which of both to go by."""
    from salesdesk.services import forecast_verdict
    from salesdesk.services.forecast_replay import kept

    known = kept(r, query, now=now)
    if known is None:
        return ()
    found = forecast_verdict.verdict(known.lines["month", "money"])
    if found.better == "unknown" or not found.dated:
        return ()
    return (tr("On past Mondays: {verdict}", verdict=forecast_verdict.sentence(found)),)


# -- what is behind a number ----------------------------------------------------------------------


def behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    """The deals behind a number, the largest share first. Shares add up to what is weighted or
    expected; behind the ends of the range stand the shares of what is expected."""
    from salesdesk.services import forecast, forecast_behind
    from salesdesk.services.forecast_deals import UNDATED

    found = forecast.look(r, query, now=now)
    whole = row == report_parts.WHOLE
    month = UNDATED if whole or row[0] is None else month_of(row[0])
    if column in _BY_HISTORY:
        at = len(found.rows) if whole else found.rows.index(month)
        every = range(len(found.rows)) if whole else (at,)
        expected = sum((_history(found, each)[0] for each in every), Decimal(0))
        return forecast_behind.by_history(r, found, at, expected)
    return forecast_behind.by_date(r, found, found.rows if whole else (month,), column)


REPORT = Report(
    "forecast",
    N_("Forecast"),
    N_("What the open deals are expected to bring, by month: by probability, and from history."),
    frozenset({"pipeline", "person", "team", "deals"}),
    read,
    behind,
    looks_ahead=True,
    first_period="twelve",
)
