"""Ratings of contractors by criteria, from closed work: the verbs, and what they average to.

Work is closed once an accepted quote has an actual day, or its deal is won or lost. Each person
rates a piece of work once by each criterion, 1 to 5; rating again replaces it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services.records import Asks
from salesdesk.text import N_

#: Criteria, in the order in which they are shown.
CRITERIA = ("price", "quality", "deadlines")
BEST = 5
_CENT = Decimal("0.01")
_LONGEST_WHY = 2_000
#: So many days late at most for 5, 4, 3 and 2 points; later is 1.
_LATE = ((0, 5), (2, 4), (5, 3), (10, 2))


@dataclass(frozen=True, slots=True)
class Average:
    """What ratings average to: the mean of ``count`` ratings, to the hundredth."""

    mean: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Averages:
    """Ratings of one contractor: by criterion (those rated), and ``overall``, the mean of these
    means. Without ratings ``overall`` is what a file brought in (``of_file``), or None."""

    by: Mapping[str, Average]
    overall: Decimal | None
    of_file: bool = False

    @property
    def count(self) -> int:
        """How many ratings there are."""
        return sum(one.count for one in self.by.values())


NO_RATINGS = Averages({}, None)


def averages(r: Asks, keys: Sequence[int] | None = None) -> dict[int, Averages]:
    """The ratings of contractors (None: of all) that have any, by contractor."""
    sums: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    ratings = (
        "SELECT contractor_id, criterion, sum(score), count(*) FROM contractor_rating "
        "WHERE deleted_at IS NULL{only} GROUP BY contractor_id, criterion"
    )
    for key, criterion, total, count in _rows(r, ratings, "contractor_id", keys):
        sums[key][criterion] = (total, count)
    files = "SELECT id, rating FROM contractor WHERE rating IS NOT NULL{only}"
    found = {
        key: Averages({}, Decimal(rating), of_file=True)
        for key, rating in _rows(r, files, "id", keys)
    }
    found |= {key: averaged(by) for key, by in sums.items()}
    return found


def overall(r: Asks) -> dict[int, float]:
    """The overall ratings of all contractors that have one, to sort by (``averages`` are exact)."""
    found: dict[int, float] = dict(
        r.rows("SELECT id, rating FROM contractor WHERE rating IS NOT NULL")
    )
    means = (
        "SELECT contractor_id, avg(score) AS mean FROM contractor_rating "
        "WHERE deleted_at IS NULL GROUP BY contractor_id, criterion"
    )
    found |= dict(r.rows(f"SELECT contractor_id, avg(mean) FROM ({means}) GROUP BY contractor_id"))
    return {key: round(float(mean), 9) for key, mean in found.items()}


def _rows(r: Asks, sql: str, column: str, keys: Sequence[int] | None) -> list[tuple[Any, ...]]:
    if keys is None:
        return r.rows(sql.format(only=""))
    return r.rows_of(sql.format(only=f" AND {column} IN ({{ids}})"), keys)


def averaged(sums: Mapping[str, tuple[int, int]]) -> Averages:
    """Averages from (sum, count) by criterion."""
    means = {
        criterion: Decimal(total) / count for criterion, (total, count) in sums.items() if count
    }
    by = {
        criterion: Average(_cents(means[criterion]), sums[criterion][1])
        for criterion in CRITERIA
        if criterion in means
    }
    return Averages(by, _cents(sum(means.values(), Decimal(0)) / len(means)) if means else None)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def proposed(planned_day: int | None, actual_day: int | None) -> int | None:
    """What the deadlines of a piece of work deserve: 5 on time, 4 up to two days late, 3 up to
    five, 2 up to ten, else 1; None where one of the days is not known."""
    if planned_day is None or actual_day is None:
        return None
    late = actual_day - planned_day
    return next((score for most, score in _LATE if late <= most), 1)


# -- verbs ----------------------------------------------------------------------------------------


def rate(
    store: Store,
    quote_id: int,
    scores: Mapping[str, int],
    why: str = "",
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Rate closed work by one or more of CRITERIA, 1 to 5; what the person said of it before is
    replaced. Returns the command.

    Raises Refused for work that is not closed, Invalid for a score or criterion that is none.
    """
    checked = {name: _score(name, score) for name, score in scores.items()}
    if not checked:
        raise Invalid(N_("There is no score to keep; nothing was changed."))
    with store.command("rating.give", now=now, person=person, origin=origin) as tx:
        contractor = _closed_work(tx, quote_id)
        before: dict[str, int] = dict(
            tx.rows(
                "SELECT criterion, id FROM contractor_rating WHERE quote_id = ? "
                "AND person_id IS ? AND deleted_at IS NULL",
                (quote_id, person),
            )
        )
        row = {"day": tx.zone.day_of(now), "why": why.strip()[:_LONGEST_WHY] or None}
        changed = [
            {"id": before[name], "score": score, **row}
            for name, score in checked.items()
            if name in before
        ]
        tx.update("contractor_rating", changed)
        whose = {"contractor_id": contractor, "quote_id": quote_id, "person_id": person}
        fresh = [
            {**whose, "criterion": name, "score": score, **row}
            for name, score in checked.items()
            if name not in before
        ]
        tx.insert("contractor_rating", fresh)
        _tell(tx, [contractor])
    return tx.command_id


def remove(store: Store, ids: Iterable[int], *, person: int | None, now: int) -> int:
    """Remove ratings: one's own, or (for a team lead) anybody's. Returns the command."""
    with store.command("rating.remove", now=now, person=person) as tx:
        keys = list(ids)
        rows = tx.rows_of(
            "SELECT contractor_id FROM contractor_rating WHERE id IN ({ids}) "
            "AND deleted_at IS NULL",
            keys,
        )
        if not rows:
            raise NotFound(N_("This rating does not exist any more; nothing was changed."))
        tx.delete("contractor_rating", keys)
        _tell(tx, [row[0] for row in rows])
    return tx.command_id


def _closed_work(tx: Transaction, quote_id: int) -> int:
    """The contractor of a quote whose work is closed."""
    row = tx.row(
        "SELECT q.contractor_id, q.accepted, q.actual_day IS NOT NULL "
        "OR coalesce(s.kind, 'open') <> 'open' FROM contractor_quote q "
        "LEFT JOIN deal d ON d.id = q.deal_id LEFT JOIN stage s ON s.id = d.stage_id "
        "WHERE q.id = ? AND q.deleted_at IS NULL",
        (quote_id,),
    )
    if row is None:
        raise NotFound(N_("This price does not exist any more; nothing was changed."))
    if not row[1] or not row[2]:
        raise Refused(N_("Only work that is done can be rated: say first when it was done."))
    return int(row[0])


def _score(criterion: str, score: int) -> int:
    if criterion not in CRITERIA:
        raise Invalid(N_("There is no criterion “{name}”; nothing was changed."), name=criterion)
    if score not in range(1, BEST + 1):
        raise Invalid(N_("A score is a whole number from 1 to 5; nothing was changed."))
    return score


def _tell(tx: Transaction, keys: Sequence[int]) -> None:
    title = tx.value("SELECT name FROM contractor WHERE id = ?", (keys[0],))
    tx.set_detail(title=title)
    tx.touch("contractor", keys)
