"""What the forecast would have said on past Mondays, against what happened.

On each Monday only facts up to it count: the deals that stood open then, whose they were, the
chances learned from the stays until then. Amounts, expected dates and probabilities are read back
from the log (what an import brought holds since the deal began); rates are those of today on both
sides, so that exchange does not look like an error. What happened is what those very deals, open on
the Monday, brought within the horizon. Numbers are for comparing, hence floats. This module loads
numpy.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from salesdesk.models.store import Reader, Store
from salesdesk.services import ranking_setup
from salesdesk.services.forecast_chances import learn
from salesdesk.services.forecast_deals import (
    UNIT,
    UNRATED,
    Currencies,
    asked,
    owned,
    stage_percents,
    standing,
)
from salesdesk.services.forecast_range import Throws, outlook, unevenness
from salesdesk.services.forecast_stays import (
    DAY,
    NEVER,
    Floats,
    History,
    Ints,
    Layout,
    history,
    layout_of,
    numbers,
)
from salesdesk.services.report_table import Query
from salesdesk.services.rewinding import field_spans
from salesdesk.services.writer import Stopped

#: What is forecast: so many days from the Monday on, in money or in won deals.
HORIZONS: Mapping[str, int] = {"month": 30, "quarter": 91}
MEASURES = ("money", "deals")
MONDAYS = 52
#: A Monday counts when so many deals had been closed by then.
LEAST_CLOSED = 10
_WEEK = 7
_THROWS = 500
_FIELDS = ("amount", "currency", "probability", "expected_day")


@dataclass(frozen=True, slots=True)
class Said:
    """One Monday (a day) of one horizon and measure: ``by_date`` is (a), the others are (b).

    ``happened`` is None while the horizon is not over. Of ``deals`` open ones ``dated`` had an
    expected date and ``priced`` an amount."""

    day: int
    by_date: float
    expected: float
    low: float
    high: float
    happened: float | None
    deals: int
    dated: int
    priced: int

    @property
    def held(self) -> bool:
        """Whether what happened lay in the range."""
        return self.happened is not None and self.low <= self.happened <= self.high


@dataclass(frozen=True, slots=True)
class Replay:
    """All Mondays, the earliest first, by (horizon, measure); ``first_day`` of the history."""

    lines: Mapping[tuple[str, str], tuple[Said, ...]]
    currency: str
    first_day: int | None


_kept: "WeakKeyDictionary[Store, dict[Any, Replay]]" = WeakKeyDictionary()
_lock = threading.Lock()


def kept(r: Reader, query: Query, *, now: int) -> Replay | None:
    """The replay of today, if it was made already."""
    with _lock:
        return _kept.get(r.store, {}).get(_key(r, query, now))


def replay(
    r: Reader,
    query: Query,
    *,
    now: int,
    progress: Callable[[int, int], object] | None = None,
    stopped: Callable[[], bool] | None = None,
    anew: bool = False,
) -> Replay:
    """What would have been said on the last Mondays; kept for the day. ``progress(done, of)``;
    raises ``Stopped`` soon after ``stopped()`` is true."""
    known = None if anew else kept(r, query, now=now)
    if known is not None:
        return known
    past = _Past(r, query, now)
    lines: dict[tuple[str, str], list[Said]] = {
        (horizon, measure): [] for horizon in HORIZONS for measure in MEASURES
    }
    mondays = list(_mondays(r, now))
    for done, (day, moment) in enumerate(mondays):
        if stopped is not None and stopped():
            raise Stopped
        for key, said in past.on(day, moment):
            lines[key].append(said)
        if progress is not None:
            progress(done + 1, len(mondays))
    first = past.first
    found = Replay(
        {key: tuple(each) for key, each in lines.items()},
        past.setup.rates.home,
        None if first is None else r.zone.day_of(first),
    )
    with _lock:
        # Those of earlier days are of no use any more.
        today = r.zone.day_of(now)
        mine = {key: one for key, one in _kept.get(r.store, {}).items() if key[0] == today}
        _kept[r.store] = mine | {_key(r, query, now): found}
    return found


def _key(r: Reader, query: Query, now: int) -> tuple[Any, ...]:
    return (
        r.zone.day_of(now), query.pipeline_id, query.person_id, query.team_id, query.deals,
    )  # fmt: skip


def _mondays(r: Reader, now: int) -> Iterator[tuple[int, int]]:
    """The last Mondays and the moments at which they begin, the earliest first."""
    today = r.zone.day_of(now)
    last = today - (today - 1) % _WEEK
    for back in range(MONDAYS - 1, -1, -1):
        day = last - back * _WEEK
        yield day, r.zone.start_of(day)


class _Past:
    """What is known of the past, and what was said on a Monday of it."""

    def __init__(self, r: Reader, query: Query, now: int) -> None:
        self.now = now
        self.setup = ranking_setup.of(r)
        self.layout: Layout = layout_of(self.setup, query.pipeline_id)
        self.history: History = history(r, self.setup)
        self.about = asked(r, query, now=now)
        self.among: Ints | None = None
        if self.about.among:
            sql = "SELECT d.id FROM deal d WHERE 1" + self.about.of_deals("d.id")
            rows = r.rows(sql, self.about.given)
            self.among = np.array(sorted(row[0] for row in rows), np.int64)
        self.percents = _Changing(stage_percents(r, self.layout), np.array(self.layout.keys))
        self.percents.change(field_spans(r, "stage", ("probability",)), int)
        self._read_deals(r)
        own = self.layout.place[self.history.stays.stage] >= 0
        begun = self.history.stays.entered[own]
        self.first = int(begun.min()) if len(begun) else None

    def _read_deals(self, r: Reader) -> None:
        codes = Currencies(r, self.setup.rates, r.zone.day_of(self.now))
        self.rates = codes.rates
        text = r.value(
            "SELECT group_concat(d.id || ',' || coalesce(d.amount, 0) || ',' "
            f"|| {codes.sql('d.currency')} || ',' || coalesce(d.probability, -1) || ',' "
            "|| coalesce(d.expected_day, -1)) FROM deal d WHERE d.deleted_at IS NULL"
        )
        table = numbers(text).reshape(-1, 5)
        table = table[np.argsort(table[:, 0])]
        self.deals = table[:, 0]
        self.fields = {
            name: _Changing(table[:, at + 1], self.deals) for at, name in enumerate(_FIELDS)
        }
        read: dict[str, Callable[[Any], int]] = {
            "amount": lambda value: int(value or 0),
            "currency": codes.number,
            "probability": lambda value: -1 if value is None else int(value),
            "expected_day": lambda value: -1 if value is None else int(value),
        }
        spans = field_spans(r, "deal", _FIELDS)
        for name in _FIELDS:
            self.fields[name].change([one for one in spans if one.field == name], read[name])

    def on(self, day: int, moment: int) -> Iterator[tuple[tuple[str, str], Said]]:
        """What was said; nothing while there was no history to speak of."""
        deal, place, entered = standing(self.history, self.layout, moment)
        mine = owned(self.history, deal, self.about, moment)
        if self.among is not None:
            mine &= np.isin(deal, self.among)
        deal, place, entered = deal[mine], place[mine], entered[mine]
        chances = learn(self.history.stays, self.layout, moment)
        if not len(deal) or chances.closings.sum() < LEAST_CLOSED:
            return
        at = np.searchsorted(self.deals, deal)
        then = {name: field.at(moment)[at] for name, field in self.fields.items()}
        worth = {
            "money": self._units(then["amount"], then["currency"]),
            "deals": np.ones(len(deal)),
        }
        truly = self._units(self.fields["amount"].now[at], self.fields["currency"].now[at])
        happened = {"money": truly, "deals": worth["deals"]}
        own = then["probability"]
        percent = np.where(own >= 0, own, self.percents.at(moment)[place])
        closed, won = self._outcomes(deal, moment)
        within = chances.within((0.0, *HORIZONS.values()))
        windows = [(0.0, days) for days in HORIZONS.values()]
        throws = Throws(outlook(chances, place, entered, moment, within, windows), _THROWS)
        sums = {measure: throws.of(units) for measure, units in worth.items()}
        uneven, before = 0.0, 1
        expected_day = then["expected_day"]
        known = (len(deal), int((expected_day >= 0).sum()), int((worth["money"] > 0).sum()))
        for window, (horizon, days) in enumerate(HORIZONS.items()):
            # Before enough quarters are known: as if months were good or bad each for itself.
            stays = self.history.stays
            told = unevenness(stays, self.layout, within[days], moment, days)
            uneven, before = told or uneven * before / days, days
            inside = (expected_day >= day) & (expected_day < day + days)
            brought = won & (closed <= moment + days * DAY)
            over = moment + days * DAY <= self.now
            for measure in MEASURES:
                expected, low, high = sums[measure].band(window, uneven)
                by_date = float((worth[measure] * percent)[inside].sum()) / 100
                fact = float(happened[measure][brought].sum()) if over else None
                yield (horizon, measure), Said(
                    day, by_date, expected, low, high, fact, *known
                )  # fmt: skip

    def _units(self, money: Ints, code: Ints) -> Floats:
        rate = np.where(money != 0, self.rates[code], UNRATED)
        return np.asarray(money.astype(np.float64) * rate / UNIT)

    def _outcomes(self, deal: Ints, moment: int) -> "tuple[Ints, np.ndarray[Any, Any]]":
        """When deals that stood open were closed (``NEVER``: not by now), and whether won."""
        stays = self.history.stays
        there = (stays.entered <= moment) & (stays.left > moment)
        at = np.flatnonzero(there)[np.searchsorted(stays.deal[there], deal)]
        closed = np.where(stays.closed[at] <= self.now, stays.closed[at], NEVER)
        return closed, stays.won[at]


class _Changing:
    """Values by record (of sorted keys), as they are and as they were."""

    def __init__(self, now: Ints, keys: Ints) -> None:
        self.now = now
        self._keys = keys
        self._rows = np.empty(0, np.int64)
        self._since = np.empty(0, np.int64)
        self._until = np.empty(0, np.int64)
        self._values = np.empty(0, np.int64)

    def change(self, spans: Any, read: Callable[[Any], int]) -> None:
        """Take in when they were otherwise (``rewinding.FieldSpan``)."""
        order = {int(key): at for at, key in enumerate(self._keys)}
        known = [one for one in spans if one.row in order]
        self._rows = np.array([order[one.row] for one in known], np.int64)
        self._since = np.array([one.since for one in known], np.int64)
        self._until = np.array([one.until for one in known], np.int64)
        self._values = np.array([read(one.value) for one in known], np.int64)

    def at(self, moment: int) -> Ints:
        """The values as of a moment."""
        then = (self._since <= moment) & (self._until > moment)
        found = self.now.copy()
        found[self._rows[then]] = self._values[then]
        return found
