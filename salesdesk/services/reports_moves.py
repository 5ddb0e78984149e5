"""What the reports share: which moves are asked for, and who was responsible with each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.services import filters, ranking_setup
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period, bucket_start
from salesdesk.services.ranking_setup import Setup
from salesdesk.text import N_

_BUCKETS = 3000
#: Before every moment.
_BEGINNING = -(1 << 62)

#: Who was made responsible for the deal of a move ``m``, and when. Moves that gave way are asked
#: too: whom the first of them made responsible is so from the beginning on.
OWNERS = f"""
SELECT owner_id, at, seq FROM stage_move WHERE deal_id = m.deal_id AND undone = 0
AND superseded <> 1 AND sets_owner = 1 UNION ALL
SELECT person_id, at, seq FROM owner_change WHERE deal_id = m.deal_id AND undone = 0 UNION ALL
SELECT owner_id, CASE row_number() OVER (ORDER BY at, seq) WHEN 1 THEN {_BEGINNING} ELSE at END, seq
FROM stage_move WHERE deal_id = m.deal_id AND undone = 0 AND superseded = 1 AND sets_owner = 1
"""
#: The person responsible once the move ``m`` has been applied, by the facts.
OWNER_WITH = f"""
(SELECT f.owner_id FROM ({OWNERS}) f
WHERE f.at < m.at OR (f.at = m.at AND f.seq <= m.seq) ORDER BY f.at DESC, f.seq DESC LIMIT 1)
"""
#: The same, sooner: a stay that begins with the move has its owner, unless the owner changed again
#: at that very moment; then the facts are asked one by one.
OWNER = f"""
CASE WHEN m.sets_owner = 1 THEN m.owner_id
WHEN s.start IS NOT NULL AND a.at IS NULL THEN s.owner_id
ELSE {OWNER_WITH} END
"""
#: Changes of the responsible person in a period, also by moves that follow another one of the same
#: moment: 2 x (from, to).
AGAIN = """
again (deal_id, at) AS MATERIALIZED (
SELECT deal_id, at FROM owner_change WHERE undone = 0 AND at >= ? AND at < ? UNION
SELECT deal_id, at FROM stage_move WHERE undone = 0 AND sets_owner = 1
AND (superseded = 2 OR (superseded = 0 AND spent = 0)) AND at >= ? AND at < ?)
"""
#: Live moves of deals that are not deleted, with their owner, by ``bucket``; found by their moments
#: (the plus signs keep the planner from indexes of its own).
MOVES = f"""
moves (bucket, id, deal_id, at, stage_id, from_stage_id, spent, person_id) AS (
SELECT b.first, m.id, m.deal_id, m.at, m.to_stage_id, m.from_stage_id, m.spent, {OWNER}
FROM bucket b CROSS JOIN stage_move m ON m.at >= b.start AND m.at < b.stop
JOIN deal d ON d.id = m.deal_id AND d.deleted_at IS NULL
LEFT JOIN span s ON s.deal_id = m.deal_id AND s.start = m.at AND s.stage_id = m.to_stage_id
LEFT JOIN again a ON a.deal_id = m.deal_id AND a.at = m.at
WHERE +m.undone = 0 AND +m.superseded = 0)
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a report is about. ``persons``: only these responsible people (None: all and nobody);
    ``among``: a condition on deals in SQL (``d`` and its stage ``s``), with its parameters."""

    setup: Setup
    pipeline_id: int | None
    persons: frozenset[int] | None
    among: str = ""
    given: tuple[Any, ...] = ()

    def stages(self) -> list[int]:
        """The stages of the pipeline asked for, or all."""
        return [
            stage.id
            for stage in self.setup.stages.values()
            if self.pipeline_id is None or stage.pipeline_id == self.pipeline_id
        ]

    def of_persons(self, column: str) -> str:
        """A condition on a column with a person's key; starts with AND where there is one."""
        if self.persons is None:
            return ""
        return f" AND {column} IN ({keys_in(self.persons)})"

    def of_deals(self, column: str) -> str:
        """A condition on a column with a deal's key, whose parameters are ``given``; starts with
        AND where there is one."""
        if not self.among:
            return ""
        return (
            f" AND {column} IN (SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id "
            f"WHERE d.deleted_at IS NULL{self.among})"
        )


def filter_of(
    r: Reader,
    pipeline_id: int | None,
    person_id: int | None,
    team_id: int | None,
    deals: BoardFilter | None = None,
    *,
    now: int = 0,
) -> Filter:
    """What is asked for; a person goes before a team. ``deals`` is a filter of deals as of
    ``now``; "mine" in it is only known once it was ``filters.resolved``."""
    setup = ranking_setup.of(r)
    if deals is not None and deals.owner_ids is None:
        deals = filters.resolved(r, deals, None)
    among, given = ("", []) if deals is None else filters.where(deals, now, r.zone)
    persons: frozenset[int] | None = None
    if person_id is not None:
        persons = frozenset((person_id,))
    elif team_id is not None:
        within = setup.teams_within(team_id)
        persons = frozenset(person.id for person in setup.people if person.team_id in within)
    return Filter(setup, pipeline_id, persons, among, tuple(given))


def first_counting(setup: Setup) -> int:
    """The first pipeline that counts in the ranking, else the first; raises ``NotFound``."""
    order = sorted(
        (not counts, position, key) for key, (counts, position) in setup.pipeline_order.items()
    )
    if not order:
        raise NotFound(N_("There is no pipeline to report on."))
    return order[0][2]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day, week or month of a report: its first day, and the moments of it that are asked for."""

    first: int
    start: int
    stop: int


def buckets(r: Reader, period: Period, now: int, by: str) -> list[Bucket]:
    """The days, weeks or months of a period, cut to it (and to now)."""
    start, stop = period.moments(r.zone, now)
    found: list[Bucket] = []
    for day in range(period.first_day, period.last_day + 1):
        first = bucket_start(day, by)
        low, high = max(start, r.zone.start_of(day)), min(stop, r.zone.start_of(day + 1))
        if low >= stop:
            break
        if high <= low:  # a day that a zone skipped: Samoa had no 30 December 2011
            continue
        if found and found[-1].first == first:
            found[-1] = Bucket(first, found[-1].start, high)
        else:
            found.append(Bucket(first, low, high))
    return found


def whole(r: Reader, period: Period, now: int) -> list[Bucket]:
    """A period (cut to now) in one piece; nothing of one that is still to come."""
    start, stop = period.moments(r.zone, now)
    return [Bucket(period.first_day, start, stop)] if start < stop else []


def ask(
    r: Reader, parts: list[Bucket], select: str, params: Iterable[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Rows of a query over ``moves``; ``params`` belong to ``select``."""
    for place in range(0, len(parts), _BUCKETS):
        some = parts[place : place + _BUCKETS]
        values = ", ".join(["(?, ?, ?)"] * len(some))
        whole = (some[0].start, some[-1].stop)
        sql = f"WITH bucket (first, start, stop) AS (VALUES {values}), {AGAIN}, {MOVES} {select}"
        given = [value for one in some for value in (one.first, one.start, one.stop)]
        yield from r.rows(sql, (*given, *whole, *whole, *params))
