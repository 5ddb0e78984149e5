"""Open deals as a forecast takes them, and the exact weighted sum by month of expected close.

Money stays whole numbers until it is rounded once: a sum of ten-thousandths times the rate in
hundred-millionths times percent. This module loads numpy.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from salesdesk.models.store import Reader
from salesdesk.moments import MONEY_SCALE, month_of
from salesdesk.services.forecast_stays import Floats, History, Ints, Layout, Marks, numbers
from salesdesk.services.ranking_setup import Setup
from salesdesk.services.rates import SCALE, Rates, divided
from salesdesk.services.report_table import Query
from salesdesk.services.reports_moves import Filter, filter_of

#: A deal without an expected close, and a currency without a rate.
UNDATED, UNRATED = -1, 0
#: What one unit of the workspace's currency comes to in money times rate, and times percent too.
UNIT = MONEY_SCALE * SCALE
_CENT = UNIT // 100
_LOW_BITS = 30
_FIELDS = (
    "SELECT group_concat(d.id || ',' || coalesce(d.expected_day, -1) || ',' "
    "|| coalesce(d.amount, 0) || ',' || {currency} || ',' || coalesce(d.probability, -1)) "
    "FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.deleted_at IS NULL "
    "AND d.id IN (SELECT value FROM json_each(?)){wanted}"
)


@dataclass(frozen=True, slots=True)
class OpenDeals:
    """A row for each open deal, by key. ``day`` and ``month`` are those of the expected close
    (``UNDATED``), ``money`` in ten-thousandths of its own currency, ``rate`` the
    hundred-millionths of it (``UNRATED``), ``percent`` its own probability or the stage's (``own``
    tells which). ``place`` is the stage's in the layout, ``entered`` the moment of the entry."""

    deal: Ints
    day: Ints
    month: Ints
    money: Ints
    rate: Ints
    percent: Ints
    own: Marks
    place: Ints
    entered: Ints
    unrated: tuple[str, ...] = ()

    def only(self, wanted: Any) -> "OpenDeals":
        """Some of them: marks, or places."""
        return OpenDeals(
            self.deal[wanted], self.day[wanted], self.month[wanted], self.money[wanted],
            self.rate[wanted], self.percent[wanted], self.own[wanted], self.place[wanted],
            self.entered[wanted], self.unrated,
        )  # fmt: skip

    def units(self) -> Floats:
        """Amounts in the workspace's currency, for estimates."""
        return np.asarray(self.money.astype(np.float64) * self.rate / UNIT)


def standing(history: History, layout: Layout, moment: int) -> tuple[Ints, Ints, Ints]:
    """Deals that stood in an open stage as of a moment, by key: deal, place, moment of entry."""
    stays = history.stays
    there = (stays.entered <= moment) & (stays.left > moment)
    there &= layout.place[stays.stage] >= 0
    return stays.deal[there], layout.place[stays.stage[there]], stays.entered[there]


def open_deals(
    r: Reader, setup: Setup, query: Query, history: History, layout: Layout, *, now: int
) -> OpenDeals:
    """The open deals that are asked for, as they are now, at the rates of today."""
    deal, place, entered = standing(history, layout, now)
    about = asked(r, query, now=now)
    mine = owned(history, deal, about, now)
    deal, place, entered = deal[mine], place[mine], entered[mine]
    today = r.zone.day_of(now)
    codes = Currencies(r, setup.rates, today)
    sql = _FIELDS.format(currency=codes.sql("d.currency"), wanted=about.among)
    ids = json.dumps(deal.tolist())
    table = numbers(r.value(sql, (ids, *about.given))).reshape(-1, 5)
    table = table[np.argsort(table[:, 0])]
    kept = np.searchsorted(deal, table[:, 0])
    rate = codes.rates[table[:, 3]]
    left_out = table[(rate == UNRATED) & (table[:, 2] != 0), 0]
    usual = stage_percents(r, layout)[place[kept]]
    own = table[:, 4] >= 0
    return OpenDeals(
        table[:, 0], table[:, 1], months_of(table[:, 1]), table[:, 2], rate,
        np.where(own, table[:, 4], usual), own, place[kept], entered[kept],
        _currencies_of(r, left_out),
    )  # fmt: skip


def asked(r: Reader, query: Query, *, now: int) -> Filter:
    """Whose deals, and which of them, a query is about."""
    return filter_of(r, query.pipeline_id, query.person_id, query.team_id, query.deals, now=now)


def owned(history: History, deal: Ints, whose: Filter, moment: int) -> Marks:
    """Which of the deals belonged to the people asked for as of a moment."""
    if whose.persons is None:
        return np.ones(len(deal), np.bool_)
    people = np.array(sorted(whose.persons), np.int64)
    return np.isin(history.segments.owner_at(deal, moment), people)


class Currencies:
    """The currencies that have a rate, by number, with the rates of a day; the number -1 is any
    other, whose rate is ``UNRATED``."""

    def __init__(self, r: Reader, known: Rates, day: int) -> None:
        rows = r.rows("SELECT DISTINCT currency FROM rate WHERE deleted_at IS NULL")
        self._codes = [known.home, *sorted({row[0] for row in rows} - {known.home})]
        rates = [known.rate_of(code, day) or UNRATED for code in self._codes]
        self.rates = np.array([*rates, UNRATED], np.int64)

    def number(self, code: str) -> int:
        """The number of a currency."""
        return self._codes.index(code) if code in self._codes else -1

    def sql(self, column: str) -> str:
        """The number of the currency in a column; codes are letters alone (``settings``)."""
        cases = " ".join(f"WHEN '{code}' THEN {at}" for at, code in enumerate(self._codes))
        return f"CASE {column} {cases} ELSE -1 END"


def _currencies_of(r: Reader, deals: Ints) -> tuple[str, ...]:
    """The currencies of some deals, by name."""
    if not len(deals):
        return ()
    rows = r.rows(
        "SELECT DISTINCT currency FROM deal WHERE id IN (SELECT value FROM json_each(?)) "
        "ORDER BY currency",
        (json.dumps(deals.tolist()),),
    )
    return tuple(row[0] for row in rows)


def stage_percents(r: Reader, layout: Layout) -> Ints:
    """The probability of each open stage, by place."""
    known: dict[int, int] = dict(r.rows("SELECT id, probability FROM stage"))
    return np.array([known[key] for key in layout.keys], np.int64)


def months_of(days: Ints) -> Ints:
    """Month numbers of days; ``UNDATED`` for those without one."""
    each, place = np.unique(days, return_inverse=True)
    months = [UNDATED if day < 0 else month_of(int(day)) for day in each]
    return np.array(months, np.int64)[place]


# -- exact sums -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weighted:
    """The deals expected in a month: how many, their amount, and that weighted by probability."""

    deals: int
    amount: Decimal
    weighted: Decimal


def weighted(deals: OpenDeals) -> dict[int, Weighted]:
    """By month of the expected close (``UNDATED`` among them); exact, rounded half up once."""
    months, month = np.unique(deals.month, return_inverse=True)
    rates, rate = np.unique(deals.rate, return_inverse=True)
    percents, percent = np.unique(deals.percent, return_inverse=True)
    group = (month * len(rates) + rate) * len(percents) + percent
    groups = len(months) * len(rates) * len(percents)
    sizes, sums = np.bincount(group, minlength=groups), _exact(deals.money, group, groups)
    found: dict[int, list[int]] = {}
    for at in np.flatnonzero(sizes).tolist():
        which, of_percent = divmod(at, len(percents))
        of_month, of_rate = divmod(which, len(rates))
        line = found.setdefault(int(months[of_month]), [0, 0, 0])
        amount = sums[at] * int(rates[of_rate])
        line[0] += int(sizes[at])
        line[1] += amount
        line[2] += amount * int(percents[of_percent])
    return {month: _rounded(*line) for month, line in found.items()}


def _rounded(deals: int, amount: int, share: int) -> Weighted:
    return Weighted(deals, cents(divided(amount, _CENT)), cents(divided(share, _CENT * 100)))


def _exact(money: Ints, group: Ints, groups: int) -> list[int]:
    """Sums of whole numbers by group, in halves small enough to stay exact."""
    low = np.bincount(group, (money & ((1 << _LOW_BITS) - 1)).astype(np.float64), groups)
    high = np.bincount(group, (money >> _LOW_BITS).astype(np.float64), groups)
    return [(int(up) << _LOW_BITS) + int(down) for up, down in zip(high, low, strict=True)]


def cents(number: int) -> Decimal:
    """Hundredths as a decimal with two places."""
    return Decimal(number).scaleb(-2)


def shares(parts: Iterable[int], whole: Decimal, unit: int) -> list[Decimal]:
    """Parts (whole numbers of which ``unit`` make a cent) in cents, so that they add up to
    ``whole``: what rounding leaves over goes to those that lost most by it."""
    down = [divmod(part, unit) for part in parts]
    missing = int(whole.scaleb(2)) - sum(each for each, _ in down)
    all_of_them, some = divmod(missing, len(down) or 1)
    order = sorted(range(len(down)), key=lambda at: (-down[at][1], at))
    more = set(order[:some])
    return [cents(each + all_of_them + (at in more)) for at, (each, _) in enumerate(down)]


#: For ``shares``: what a cent is in money times rate, and times percent.
CENT, CENT_PERCENT = _CENT, _CENT * 100
