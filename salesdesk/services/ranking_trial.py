"""The ranking as it would be if skipped stages counted (or did not), before that is saved.

Only deals that ever jumped over a stage differ. They are derived once a period by the very function
that derives them when the setting is saved, and kept until something is written.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from salesdesk.models import derive, trial
from salesdesk.models.store import Reader, Store
from salesdesk.services import ranking_money, settings
from salesdesk.services.ranking_money import Pair
from salesdesk.services.ranking_numbers import MILESTONES, People, Question, Span

_KEPT = 6


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

    def differences(self, span: Span) -> Iterator[tuple[int, Reached]]:
        """What goes (-1) and what comes (+1) in the span, of people alone."""
        for sign, deals in ((-1, self.saved), (1, self.tried)):
            for reaches in deals.values():
                for one in reaches:
                    if span.start <= one.at < span.stop and one.person_id != derive.NOBODY:
                        yield sign, one


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
    values = ", ".join(f"({left}, {entered})" for left, entered in pairs)
    rows = r.rows(
        f"WITH jump (left, entered) AS (VALUES {values}) "
        "SELECT DISTINCT m.deal_id FROM stage_move m WHERE m.at >= ? AND m.at < ? "
        "AND +m.undone = 0 AND +m.superseded = 0 AND EXISTS (SELECT 1 FROM stage_move j "
        "WHERE j.deal_id = m.deal_id AND j.at < ? AND j.undone = 0 AND j.superseded = 0 "
        "AND (j.from_stage_id, j.to_stage_id) IN (SELECT left, entered FROM jump))",
        (r.zone.start_of(span.first), *[r.zone.start_of(span.after)] * 2),
    )
    return [row[0] for row in rows]


def change(r: Reader, span: Span, asked: Question, people: People, found: Trial) -> None:
    """Put what would differ into everybody's numbers (what is saved stays beside them)."""
    stages = asked.scope.stages
    counted: dict[tuple[int, str], dict[int, set[int]]] = {}
    for sign, one in found.differences(span):
        stage = stages.get(one.stage_id)
        if stage is None:
            continue
        people.mine(one.person_id).points += sign * asked.points.on(one.stage_id, one.day)
        metric = MILESTONES.get(stage.milestone or "")
        if metric is not None:
            sides = counted.setdefault((one.deal_id, metric), {-1: set(), 1: set()})
            sides[sign].add(one.person_id)
    for (_deal, metric), sides in counted.items():
        for sign, persons in sides.items():
            for person in persons:
                people.mine(person).add(metric, sign)
    _change_money(r, span, asked, people, found)


def _change_money(r: Reader, span: Span, asked: Question, people: People, found: Trial) -> None:
    won = set(asked.scope.with_milestone("won"))
    for sign, deals in ((-1, found.saved), (1, found.tried)):
        reaches = (one for rows in deals.values() for one in rows)
        for line in ranking_money.converted(r, first_won(reaches, won, span), asked.rates):
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
