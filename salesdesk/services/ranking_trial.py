"""The ranking as it would be if skipped stages counted (or did not), before that is saved.

Only deals that ever jumped over a stage differ. They are derived once a period by the very function
that derives them when the setting is saved, and kept until something is written.
"""

import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from salesdesk.models import derive, trial
from salesdesk.models.store import Reader, Store
from salesdesk.services import ranking_money, settings
from salesdesk.services.ranking_money import Pair
from salesdesk.services.ranking_numbers import MILESTONES, People, Question, Span

_KEPT = 6
#: Two keys of stages as one number.
_PAIR = 1 << 32


class Reached(NamedTuple):
    """A reach, as saved or as tried."""

    deal_id: int
    stage_id: int
    person_id: int
    at: int
    day: int
    move_id: int
    credited: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The deals that would have reached other stages: all their reaches as saved, and as tried."""

    saved: dict[int, tuple[Reached, ...]]
    tried: dict[int, tuple[Reached, ...]]
    #: what was worked out of it; forgotten with it when something is written
    memo: dict[Any, Any] = field(default_factory=dict)

    def delta(self, span: Span, asked: Question) -> "Delta":
        """What would differ in a span, summed up: another table of points only multiplies it."""
        bounds = tuple(asked.bounds(span.first, span.after))
        until = bisect_left(self._moments(), span.stop)
        key = (asked.scope.pipelines, bounds, until)
        found: Delta | None = self.memo.get(key)
        if found is None:
            found = self.memo[key] = _summed(self, span, asked, bounds)
        return found

    def _moments(self) -> list[int]:
        """When anything is reached, as saved or as tried, in order."""
        found: list[int] | None = self.memo.get("moments")
        if found is None:
            sides = (*self.saved.values(), *self.tried.values())
            found = self.memo["moments"] = sorted(one.at for rows in sides for one in rows)
        return found

    def differences(self, span: Span) -> Iterator[tuple[int, Reached]]:
        """What goes (-1) and what comes (+1) in the span, of people alone."""
        for sign, deals in ((-1, self.saved), (1, self.tried)):
            for reaches in deals.values():
                for one in reaches:
                    if span.start <= one.at < span.stop and one.person_id != derive.NOBODY:
                        yield sign, one


@dataclass(slots=True)
class Delta:
    """What would differ in a span: reaches by (person, stage, day from which the points hold), the
    metrics of milestones, and the first winnings by (deal, person) that go (-1) and come (+1)."""

    reached: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    counted: Counter[tuple[int, str]] = field(default_factory=Counter)
    won: dict[int, dict[Pair, tuple[int, int]]] = field(default_factory=dict)


def _summed(found: Trial, span: Span, asked: Question, bounds: tuple[int, ...]) -> Delta:
    delta, stages = Delta(), asked.scope.stages
    seen: set[tuple[int, int, str, int]] = set()
    for sign, one in found.differences(span):
        stage = stages.get(one.stage_id)
        if stage is None:
            continue
        since = bounds[bisect_right(bounds, one.day) - 1]
        delta.reached[one.person_id, one.stage_id, since] += sign
        metric = MILESTONES.get(stage.milestone or "")
        if metric is not None and (sign, one.deal_id, metric, one.person_id) not in seen:
            seen.add((sign, one.deal_id, metric, one.person_id))
            delta.counted[one.person_id, metric] += sign
    won = set(asked.scope.with_milestone("won"))
    for sign, deals in ((-1, found.saved), (1, found.tried)):
        delta.won[sign] = first_won((one for rows in deals.values() for one in rows), won, span)
    for pair in delta.won[-1].keys() & delta.won[1].keys():
        if delta.won[-1][pair] == delta.won[1][pair]:
            del delta.won[-1][pair], delta.won[1][pair]
    return delta


def wanted(r: Reader, skipped: bool | None) -> bool | None:
    """``skipped`` when it is another than the saved setting, else None: nothing is tried."""
    return (
        None if skipped is None or skipped == settings.get(r, settings.COUNT_SKIPPED) else skipped
    )


_known: "WeakKeyDictionary[Store, dict[tuple[int, ...], Trial]]" = WeakKeyDictionary()
_lock = threading.Lock()


def of(r: Reader, span: Span, skipped: bool) -> Trial:
    """What would differ in the days of a span."""
    last = int(r.value("SELECT coalesce(max(id), 0) FROM command"))
    key = (last, span.first, span.after, int(skipped))
    with _lock:
        kept = _known.setdefault(r.store, {})
        found = kept.get(key)
    if found is None:
        found = _made(r, span, skipped)
        with _lock:
            for old in [one for one in kept if one[0] != last][: len(kept)] + list(kept)[:-_KEPT]:
                kept.pop(old, None)
            kept[key] = found
    return found


def _made(r: Reader, span: Span, skipped: bool) -> Trial:
    rules = trial.other_rules(r, skipped)
    deals = _jumping(r, span, trial.jumps(rules))
    saved: dict[int, list[Reached]] = {deal: [] for deal in deals}
    for row in r.rows_of(
        "SELECT deal_id, stage_id, person_id, at, day, move_id, credited FROM reach "
        "WHERE deal_id IN ({ids})",
        deals,
    ):
        saved[row[0]].append(Reached(*row))
    found = Trial({}, {})
    for deal, rows in trial.reaches(r, deals, rules).items():
        tried = {
            Reached(deal, one.stage, one.person, one.at, r.zone.day_of(one.at), one.move,
                    one.credited)
            for one in rows
        }  # fmt: skip
        if tried != set(saved[deal]):
            found.saved[deal] = tuple(sorted(saved[deal]))
            found.tried[deal] = tuple(sorted(tried))
    return found


def _jumping(r: Reader, span: Span, pairs: list[tuple[int, int]]) -> list[int]:
    """Deals that moved in the days of the span and jumped then or before."""
    if not pairs:
        return []
    keys = ", ".join(str(left * _PAIR + entered) for left, entered in pairs)
    stop = r.zone.start_of(span.after)
    rows = r.rows(
        "WITH moved (deal_id) AS MATERIALIZED (SELECT DISTINCT deal_id FROM stage_move "
        "WHERE at >= ? AND at < ? AND +undone = 0 AND +superseded = 0) "
        "SELECT DISTINCT j.deal_id FROM moved CROSS JOIN stage_move j ON j.deal_id = moved.deal_id "
        f"WHERE j.from_stage_id * {_PAIR} + j.to_stage_id IN ({keys}) AND j.at < ? "
        "AND j.undone = 0 AND j.superseded = 0",
        (r.zone.start_of(span.first), stop, stop),
    )
    return [row[0] for row in rows]


def change(r: Reader, span: Span, asked: Question, people: People, found: Trial) -> None:
    """Put what would differ into everybody's numbers (what is saved stays beside them)."""
    delta = found.delta(span, asked)
    for (person, stage, day), n in delta.reached.items():
        if n:
            people.mine(person).points += n * asked.points.on(stage, day)
    for (person, metric), n in delta.counted.items():
        if n:
            people.mine(person).add(metric, n)
    for sign, first in delta.won.items():
        for line in ranking_money.converted(r, first, asked.rates):
            own = people.mine(line.person_id)
            if sign > 0:
                own.unrated |= line.unrated
            if line.revenue is not None and line.gross_profit is not None:
                own.revenue += sign * line.revenue
                own.gross_profit += sign * line.gross_profit


def first_won(reaches: Iterable[Reached], won: set[int], span: Span) -> dict[Pair, tuple[int, int]]:
    """When each (deal, person) won first in the span: moment and day."""
    first: dict[Pair, tuple[int, int]] = {}
    for one in reaches:
        inside = span.start <= one.at < span.stop and one.person_id != derive.NOBODY
        if inside and one.stage_id in won:
            pair = (one.deal_id, one.person_id)
            first[pair] = min(first.get(pair, (one.at, one.day)), (one.at, one.day))
    return first
