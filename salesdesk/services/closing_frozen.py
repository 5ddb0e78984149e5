"""Closed months as they stand in the workspace: what was frozen, read once, and the ranking that it
answers with.

What a month holds is written when it is closed (``closing``) and never changed: a month that is
reopened and closed again is another record. Decimals are kept as exact strings.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from salesdesk.models.store import Reader, Store
from salesdesk.moments import money_of, month_of, points_int
from salesdesk.services.periods import Period
from salesdesk.services.ranking_rows import Closing, Ranking, RankingRow

#: Points (millionths), deals won, revenue (ten-thousandths): what decides the order.
Score = tuple[int, int, int]
_DECIMALS = frozenset(("points", "revenue", "gross_profit", "saved_points"))
_BY_METRIC = frozenset(("plans", "norms", "paces"))


@dataclass(frozen=True, slots=True)
class FrozenTeam:
    """A team as it was: who was in it and in the teams inside it, their ranks and changes of rank
    within it, and its last line. ``parent_id`` and ``lead_id`` are as they were, too."""

    id: int
    name: str
    parent_id: int | None
    lead_id: int | None
    places: tuple[tuple[int, int, int], ...]
    total: RankingRow


@dataclass(frozen=True, slots=True)
class Target:
    """A plan or norm of the month as it was entered; ``always``: a norm that held in every
    month."""

    metric: str
    person_id: int | None
    team_id: int | None
    value: Decimal
    always: bool = False
    kind_id: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A correction of an earlier closed month (the record ``closed_id``) that this one took in: up
    to which number it has been accounted for."""

    closed_id: int
    month: int
    person_id: int
    person: str
    metric: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Frozen:
    """A closed month. ``bonus_steps``: from which percentage of the plan on how much of the gross
    profit (hundredths of a percent), by the degree of ``bonus_by``. ``points`` (stage, pipeline,
    day or None, points) and ``rates`` (currency, day or None, rate) are kept to be looked up."""

    id: int
    month: int
    closing: Closing
    period: Period
    start: int
    stop: int
    currency: str
    rows: tuple[RankingRow, ...]
    scores: Mapping[int, Score]
    total: RankingRow
    teams: Mapping[int, FrozenTeam]
    plans: tuple[Target, ...]
    norms: tuple[Target, ...]
    thresholds: tuple[str, str]
    points: tuple[tuple[str, str, int | None, str], ...]
    rates: tuple[tuple[str, int | None, str], ...]
    bonus_by: str
    bonus_steps: tuple[tuple[int, int], ...]
    taken: tuple[Taken, ...]

    def row_of(self, person_id: int) -> RankingRow | None:
        """The row of a person, if there was one."""
        return next((row for row in self.rows if row.person_id == person_id), None)

    def plan_of(self, metric: str, person_id: int) -> Decimal | None:
        """The plan of a person as it was entered, exactly."""
        return next(
            (p.value for p in self.plans if p.metric == metric and p.person_id == person_id), None
        )


# --- what is written ---------------------------------------------------------------------------


def row_json(row: RankingRow) -> dict[str, Any]:
    """A row of the ranking with every number of it."""
    found = {field.name: getattr(row, field.name) for field in fields(RankingRow)}
    for name in _DECIMALS:
        found[name] = None if found[name] is None else str(found[name])
    for name in _BY_METRIC:
        found[name] = {metric: str(value) for metric, value in found[name].items()}
    return {name: value for name, value in found.items() if value is not None}


def row_read(found: Mapping[str, Any]) -> RankingRow:
    """The row that ``row_json`` wrote."""
    given: dict[str, Any] = {"person_id": None, "team_id": None, "team": None, **found}
    for name in _DECIMALS & given.keys():
        given[name] = Decimal(given[name])
    for name in _BY_METRIC:
        given[name] = {metric: Decimal(value) for metric, value in given[name].items()}
    given["unrated"] = tuple(given["unrated"])
    return RankingRow(**given)


def target_json(one: Target) -> list[Any]:
    """A plan or norm in a line."""
    return [one.metric, one.person_id, one.team_id, str(one.value), one.always, one.kind_id]


def _read(r: Reader, row: tuple[Any, ...], content: Mapping[str, Any]) -> Frozen:
    key, month, at, person = row
    period = Period(content["first_day"], content["last_day"])
    start, stop = period.moments(r.zone)
    rows = tuple(map(row_read, content["rows"]))
    return Frozen(
        key, month, Closing(at, person, content["by"]), period, start, stop, content["currency"],
        rows, _scores(rows), row_read(content["total"]),
        {one["id"]: _team_read(one) for one in content["teams"]},
        tuple(map(_target_read, content["plans"])), tuple(map(_target_read, content["norms"])),
        (content["thresholds"][0], content["thresholds"][1]),
        tuple(tuple(one) for one in content["points"]),
        tuple(tuple(one) for one in content["rates"]),
        content["bonus"]["by"], tuple((one[0], one[1]) for one in content["bonus"]["steps"]),
        tuple(map(_taken_read, content["taken"])),
    )  # fmt: skip


def _scores(rows: tuple[RankingRow, ...]) -> dict[int, Score]:
    return {
        row.person_id: (points_int(row.points), row.won, money_of(row.revenue))
        for row in rows
        if row.person_id is not None
    }


def _team_read(found: Mapping[str, Any]) -> FrozenTeam:
    return FrozenTeam(
        found["id"], found["name"], found["parent_id"], found["lead_id"],
        tuple((one[0], one[1], one[2]) for one in found["places"]), row_read(found["total"]),
    )  # fmt: skip


def _taken_read(one: list[Any]) -> Taken:
    return Taken(one[0], one[1], one[2], one[3], one[4], Decimal(one[5]))


def _target_read(one: list[Any]) -> Target:
    return Target(one[0], one[1], one[2], Decimal(one[3]), bool(one[4]), one[5])


# --- questions ---------------------------------------------------------------------------------

_known: "WeakKeyDictionary[Store, dict[int, Frozen]]" = WeakKeyDictionary()
_lock = threading.Lock()
_SELECT = "SELECT id, month, at, person_id FROM closed_month WHERE deleted_at IS NULL AND at <= ?"


def found(r: Reader, month: int, now: int) -> Frozen | None:
    """What was frozen of a month; None while it is open (or was still open at ``now``)."""
    row = r.row(f"{_SELECT} AND month = ? ORDER BY id DESC LIMIT 1", (now, month))
    return None if row is None else _of(r, row)


def every(r: Reader, now: int) -> list[Frozen]:
    """All closed months, the oldest first."""
    by_month = {row[1]: row for row in r.rows(f"{_SELECT} ORDER BY month, id", (now,))}
    return [_of(r, row) for row in by_month.values()]


def of_id(r: Reader, key: int) -> Frozen | None:
    """A closed month by its record, also one that was opened again since."""
    row = r.row("SELECT id, month, at, person_id FROM closed_month WHERE id = ?", (key,))
    return None if row is None else _of(r, row)


def accounted(r: Reader, about: Frozen, person_id: int, metric: str, until: int) -> Decimal:
    """Up to which number of a person a closed month has been accounted for: the one that was
    frozen, or the latest that a later closing (with a record up to ``until``) took in."""
    row = about.row_of(person_id)
    value = Decimal(0) if row is None else Decimal(row.value(metric))
    keys = "SELECT id FROM closed_month WHERE deleted_at IS NULL AND id > ? AND id <= ? ORDER BY id"
    for (key,) in r.rows(keys, (about.id, until)):
        later = of_id(r, key)
        assert later is not None
        for one in later.taken:
            if (one.closed_id, one.person_id, one.metric) == (about.id, person_id, metric):
                value = one.value
    return value


def behind(r: Reader, frozen: Frozen) -> dict[int, dict[str, list[Any]]]:
    """What the numbers of each person counted when the month was closed (``closing_behind``)."""
    text = r.value("SELECT content FROM closed_month WHERE id = ?", (frozen.id,))
    return {int(person): own for person, own in json.loads(text)["behind"].items()}


def _of(r: Reader, row: tuple[Any, ...]) -> Frozen:
    with _lock:
        known = _known.setdefault(r.store, {})
        if row[0] in known:
            return known[row[0]]
    text = r.value("SELECT content FROM closed_month WHERE id = ?", (row[0],))
    made = _read(r, row, json.loads(text))
    with _lock:
        known[row[0]] = made
    return made


def month_asked(period: Period) -> int | None:
    """The month when the period is exactly one calendar month."""
    return month_of(period.first_day) if period.whole_months() == 1 else None


def ranking_of(r: Reader, period: Period, *, now: int, team_id: int | None) -> Ranking | None:
    """The ranking of exactly one closed calendar month; None for any other period, and for a team
    that was not there when the month was closed."""
    month = month_asked(period)
    frozen = None if month is None else found(r, month, now)
    if frozen is None:
        return None
    rows, total = frozen.rows, frozen.total
    if team_id is not None:
        team = frozen.teams.get(team_id)
        if team is None:
            return None
        rows, total = _within(frozen, team), team.total
    return Ranking(
        period, frozen.start, frozen.stop, rows, total, total.unrated, frozen.currency, team_id,
        closed=frozen.closing,
    )  # fmt: skip


def _within(frozen: Frozen, team: FrozenTeam) -> tuple[RankingRow, ...]:
    rows = {row.person_id: row for row in frozen.rows}
    return tuple(
        replace(rows[person], rank=rank, rank_change=change) for person, rank, change in team.places
    )


def scores(r: Reader, period: Period, now: int) -> Mapping[int, Score] | None:
    """What decided the order of a closed month, by person; None for any other period."""
    month = month_asked(period)
    frozen = None if month is None else found(r, month, now)
    return None if frozen is None else frozen.scores
