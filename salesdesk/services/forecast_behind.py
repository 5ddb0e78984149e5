"""The deals behind a number of the forecast, each with its share and why; loads numpy."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from salesdesk.models.store import Reader
from salesdesk.services import report_parts
from salesdesk.services.forecast import Forecast, cell_of
from salesdesk.services.forecast_deals import CENT, CENT_PERCENT, UNRATED, shares
from salesdesk.services.forecast_stays import DAY
from salesdesk.services.report_table import MOST_THINGS, Behind, Thing
from salesdesk.text import ntr, tr

#: Estimates are cut into millionths of a cent.
_FINE = 1_000_000
#: From shares so large on, on the average, cents say nothing.
_LARGE = 100


class _Deal(NamedTuple):
    """An open deal as ``OpenDeals`` has it."""

    id: int
    money: int
    rate: int
    percent: int
    own: bool
    place: int


def by_date(r: Reader, found: Forecast, months: Sequence[int], column: str) -> Behind:
    """The deals expected in these months: their number, amount or weighted amount."""
    deals = found.deals.only(np.isin(found.deals.month, months))
    fields = (deals.deal, deals.money, deals.rate, deals.percent, deals.own, deals.place)
    every = [_Deal(*line) for line in zip(*(each.tolist() for each in fields), strict=True)]
    lines = [found.weighted[month] for month in months if month in found.weighted]
    values: Sequence[int | Decimal]
    if column == "deals":
        values = [1] * len(every)
    elif column == "amount":
        whole = sum((line.amount for line in lines), Decimal(0))
        values = shares((one.money * one.rate for one in every), whole, CENT)
    else:
        whole = sum((line.weighted for line in lines), Decimal(0))
        parts = (one.money * one.rate * one.percent for one in every)
        values = shares(parts, whole, CENT_PERCENT)
    order = sorted(range(len(every)), key=lambda at: (-values[at], every[at].id))[:MOST_THINGS]
    titles = report_parts.titles(r, "deal", (every[at].id for at in order))
    stages = report_parts.names_of(r, "stage")
    things = []
    for at in order:
        one = every[at]
        left_out = column != "deals" and one.rate == UNRATED and one.money != 0
        stage = stages[found.chances.layout.keys[one.place]]
        about = tr("no rate for its currency") if left_out else _given(one, stage)
        things.append(
            Thing(titles[one.id], values[at], about, deal_id=one.id, counts=not left_out)
        )  # fmt: skip
    more = len(every) - len(things)
    return Behind(tuple(things), "count" if column == "deals" else "money", more)


def _given(one: _Deal, stage: str) -> str:
    """Where a probability comes from."""
    share = f"{one.percent}\u00a0%"
    if one.own:
        return tr("own probability {share}", share=share)
    return tr("stage {stage}, {share}", stage=stage, share=share)


def by_history(r: Reader, found: Forecast, at: int, expected: Decimal) -> Behind:
    """The deals that may be won in a row (by its place), with their part of what is expected."""
    chance = found.outlook.chance[:, at]
    worth = found.deals.units() * chance
    adding = np.flatnonzero(worth > 0)
    adding = adding[np.lexsort((found.deals.deal[adding], -worth[adding]))]
    parts = [round(each * 100 * _FINE) for each in worth[adding].tolist()]
    step = 100 if expected >= _LARGE * len(parts) else 1
    values = [each * step for each in shares(parts, expected / step, _FINE * step)]
    shown = adding[:MOST_THINGS]
    like, won = cell_of(found, shown)
    ids = found.deals.deal[shown].tolist()
    titles = report_parts.titles(r, "deal", ids)
    stages = report_parts.names_of(r, "stage")
    things = []
    for place, (one, deal, value) in enumerate(zip(shown.tolist(), ids, values, strict=False)):
        share = f"{round(float(chance[one]) * 100)}\u00a0%"
        if not found.known[one]:
            why = tr("{share}: probability and date, there is no history", share=share)
        else:
            days = int((found.now - found.deals.entered[one]) // DAY)
            why = tr(
                "{share}: {like} ({stage}, {days})",
                share=share, like=_like(int(like[place]), int(won[place])),
                stage=stages[found.chances.layout.keys[int(found.deals.place[one])]],
                days=ntr("{n} day", "{n} days", days),
            )  # fmt: skip
        things.append(Thing(titles[deal], value, why, deal_id=deal))
    return Behind(tuple(things), "money", len(adding) - len(shown))


def _like(cases: int, won: int) -> str:
    """What became of those that stood as long in the same stage."""
    if not cases:
        return tr("none like it is closed yet")
    return ntr("of {n} like it {won} was won", "of {n} like it {won} were won", cases, won=won)
