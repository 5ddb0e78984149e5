"""What the open deals are expected to bring: by probability and date, and by the team's history.

(a) is exact (``forecast_deals.weighted``); (b) is an estimate (``forecast_chances``) with a range
(``forecast_range``). Each row of (a) is a month of expected close; (b) says of each month to come
what is won in it, whatever date the deals carry. Where a pipeline has no closed deal yet, (b) has
nothing to go by and takes probability and date for it. This module loads numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from salesdesk.models.store import Reader
from salesdesk.moments import month_of, month_start
from salesdesk.services import ranking_setup
from salesdesk.services.forecast_chances import AT_ALL, Chances, learn
from salesdesk.services.forecast_deals import UNDATED, OpenDeals, Weighted, open_deals, weighted
from salesdesk.services.forecast_range import Outlook, Throws, outlook, unevenness
from salesdesk.services.forecast_stays import DAY, Floats, Ints, Marks, history, layout_of
from salesdesk.services.report_table import Query

#: Over how many days the evenness of past months is judged.
MONTH_DAYS = 30
_GIVEN = 1e12


@dataclass(frozen=True)
class Forecast:
    """One answer. ``rows`` are month numbers, ``UNDATED`` last, from ``first_month`` of the period
    on; ``outlook`` has a window for each of them and one for all together."""

    now: int
    today: int
    first_month: int
    rows: tuple[int, ...]
    deals: OpenDeals
    chances: Chances
    outlook: Outlook
    known: Marks
    uneven: float

    @cached_property
    def weighted(self) -> dict[int, Weighted]:
        """(a) by month of expected close, months outside the rows too."""
        return weighted(self.deals)

    @cached_property
    def bands(self) -> list[tuple[float, float, float]]:
        """(b) by row, and of all rows together at the end: expected, low, high."""
        whole = Throws(self.outlook).of(self.deals.units())
        return [whole.band(at, self.uneven) for at in range(len(self.rows) + 1)]

    def late(self) -> Marks:
        """Deals that were expected before today."""
        return (self.deals.day >= 0) & (self.deals.day < self.today)


def look(r: Reader, query: Query, *, now: int) -> Forecast:
    """The forecast of the months that a period touches."""
    setup = ranking_setup.of(r)
    layout = layout_of(setup, query.pipeline_id)
    past = history(r, setup)
    deals = open_deals(r, setup, query, past, layout, now=now)
    chances = learn(past.stays, layout, now)
    today = r.zone.day_of(now)
    first, last = month_of(query.period.first_day), month_of(query.period.last_day)
    rows = _rows(deals, first, last, today)
    windows = [_window(r, month, now) for month in rows]
    ends = {0.0, MONTH_DAYS, float(AT_ALL), *(end for window in windows for end in window)}
    within = chances.within(ends)
    seen = outlook(chances, deals.place, deals.entered, now, within, windows)
    uneven = unevenness(past.stays, layout, within[MONTH_DAYS], now, MONTH_DAYS)
    known = chances.knows(deals.place)
    seen = _completed(seen, deals, rows, known)
    return Forecast(now, today, first, rows, deals, chances, seen, known, uneven)


def _completed(seen: Outlook, deals: OpenDeals, rows: Sequence[int], known: Marks) -> Outlook:
    """With the chances of deals that have no history, and a window for all rows together."""
    chance = seen.chance
    if not known.all():
        chance[~known] = _by_date(deals, rows)[~known]
    whole = np.minimum(chance.sum(axis=1), 1.0)
    return Outlook(
        np.asfortranarray(np.column_stack((chance, whole))),
        seen.cell,
        seen.pipeline,
        np.where(known, seen.at_all, deals.percent / 100),
        np.where(known, seen.doubt, _GIVEN),  # a probability is taken as it is given
    )


def _rows(deals: OpenDeals, first: int, last: int, today: int) -> tuple[int, ...]:
    """The months between two that have deals, or in which something may be won."""
    dated = {int(each) for each in np.unique(deals.month) if first <= each <= last}
    ahead = range(max(first, month_of(today)), min(last, month_of(today + AT_ALL)) + 1)
    return (*sorted(dated.union(ahead)), UNDATED)


def _window(r: Reader, month: int, now: int) -> tuple[float, float]:
    """Days from now at which a month begins and ends; what is gone by, or is further away than is
    looked, is nothing."""
    today = r.zone.day_of(now)
    if not month_of(today) <= month <= month_of(today + AT_ALL):
        return 0.0, 0.0
    start, stop = (r.zone.start_of(month_start(each)) for each in (month, month + 1))
    return days_until(start, now), days_until(stop, now)


def days_until(moment: int, now: int) -> float:
    """Days to a moment, none if it is gone by, and no more than are looked ahead."""
    return min(max((moment - now) / DAY, 0.0), float(AT_ALL))


def _by_date(deals: OpenDeals, rows: Sequence[int]) -> Floats:
    """The chances where nothing was ever closed: the probability, in the row of the date."""
    found = np.zeros((len(deals.deal), len(rows)))
    for at, month in enumerate(rows):
        mine = deals.month == month
        found[mine, at] = deals.percent[mine] / 100
    return found


def cell_of(found: Forecast, at: Ints) -> tuple[Ints, Ints]:
    """Of deals by place: how many cases like them are closed, and how many of these were won."""
    stage, age = np.divmod(found.outlook.cell[at], found.chances.like.shape[1])
    return found.chances.like[stage, age], found.chances.like_won[stage, age]
