"""What the tallies of whole days count too much or too little, put right by a few rows.

What lies later than now on the last day; what was counted twice in the period (``prev_at``,
``prev_stop``); deals that have been in several pipelines.
"""

from collections import Counter, defaultdict
from typing import Any

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.services.ranking_later import later
from salesdesk.services.ranking_money import Pair
from salesdesk.services.ranking_numbers import (
    HOLDS,
    MILESTONES,
    STANDING,
    STATES,
    Kept,
    People,
    Question,
    Span,
)

_TWICE = (
    "SELECT deal_id, person_id, stage_id FROM reach WHERE prev_at >= ? AND prev_at < ? AND at < ? "
    "AND person_id <> 0"
)
_AGAIN = (
    "SELECT kind, person_id, scope_id FROM hold WHERE prev_stop > ? AND prev_stop < ? "
    f"AND ((kind IN ({derive.SEEN}, {derive.TASK}) AND start < ?) "
    f"OR (kind = {derive.LOST} AND start >= ?))"
)
_CROSSED = f"FROM hold c WHERE c.prev_stop = 0 AND c.kind = {derive.CROSS}"


class Corrections:
    """What the tallies of whole days count too much (or too little)."""

    def __init__(
        self, r: Reader, span: Span, asked: Question, people: People, kept: Kept | None = None
    ) -> None:
        self.r = r
        self.span = span
        self.scope = asked.scope
        self.points = asked.points
        self.saved = asked.saved
        self.people = people
        #: what the last ranking of such a span came to
        self.kept = kept if kept is not None else {}
        #: from now to the end of the last day
        self.later = (span.stop, r.zone.start_of(span.after))
        #: (deal, person): winnings that the sums of days do not tell rightly
        self.special: set[Pair] = set()

    def run(self, order_only: bool = False) -> set[Pair]:
        """Apply all of them, or those to what decides the order alone; returns ``special``."""
        span = self.span
        if span.cut:
            self._later_reaches()
        for deal, person, stage in self.r.rows(_TWICE, (span.start, span.stop, span.stop)):
            self._milestone(deal, person, stage, -1)
        crossed = self.r.row(f"SELECT 1 {_CROSSED} LIMIT 1") is not None
        if crossed:
            self._crossed_reaches()
        if order_only:
            return self.special
        again = Counter(self.r.rows(_AGAIN, (span.start, span.stop, span.stop, span.start)))
        for (kind, person, pipeline), n in again.items():
            self._hold(kind, person, pipeline, -n)
        if crossed:
            self._crossed_requests()
        if span.cut:
            self._later_stands(self._later_holds())
        return self.special

    def _milestone(self, deal: int, person: int, stage_id: int, n: int) -> None:
        stage = self.scope.stages.get(stage_id)
        metric = MILESTONES.get(stage.milestone or "") if stage is not None else None
        if metric is not None:
            self.people.mine(person).add(metric, n)
            if metric == "won":
                self.special.add((deal, person))

    def _hold(self, kind: int, person: int, pipeline: int, n: int) -> None:
        if kind in HOLDS and self.scope.holds(pipeline):
            self.people.mine(person).add(HOLDS[kind], n)

    def _later_reaches(self) -> None:
        """Reaches later than now on the last day."""
        day = self.span.after - 1
        for deal, person, stage in self.r.rows(
            "SELECT deal_id, person_id, stage_id FROM reach WHERE at >= ? AND at < ? "
            "AND person_id <> 0",
            self.later,
        ):
            if stage in self.scope.stages:
                own = self.people.mine(person)
                own.points -= self.points.on(stage, day)
                own.saved_points -= self.saved.on(stage, day)
                self._milestone(deal, person, stage, -1)

    def _later_holds(self) -> set[int]:
        """What begins, and what ends, later than now on the last day; returns the deals whose time
        with a person does."""
        begun, scope = later(self.r, *self.later), self.scope
        self.people.shift(
            begun.people,
            lambda holds: [
                (HOLDS[kind], -n) for kind, pipeline, n in holds
                if kind in HOLDS and scope.holds(pipeline)
            ],
            self.kept,
        )  # fmt: skip
        deals = begun.opened
        for item, kind, person, pipeline in self.r.rows(
            "SELECT item_id, kind, person_id, scope_id FROM hold WHERE stop >= ? AND stop < ?",
            self.later,
        ):
            if kind in STATES:
                self._hold(kind, person, pipeline, 1)
            if kind == derive.OPEN:
                deals.add(item)
        return deals

    def _later_stands(self, deals: set[int]) -> None:
        """The same for where deals stand: those moved later, or given to another person."""
        stages = {key: stage for key, stage in self.scope.stages.items()
                  if stage.milestone in STANDING}  # fmt: skip
        deals |= {row[0] for row in self.r.rows(
            "SELECT deal_id FROM stage_move WHERE at >= ? AND at < ?", self.later)}  # fmt: skip
        closed = [stage.id for stage in stages.values() if stage.kind != "open"]
        deals |= {row[0] for row in self.r.rows_of(
            "SELECT deal_id FROM span WHERE start >= ? AND start < ? AND stage_id IN ({ids})",
            closed, self.later)}  # fmt: skip
        low, high = self.later
        for start, stop, stage_id, person in self.r.rows_of(
            "SELECT start, stop, stage_id, owner_id FROM span WHERE owner_id IS NOT NULL "
            "AND deal_id IN ({ids})",
            deals,
        ):
            stage = stages.get(stage_id)
            if stage is not None and stage.milestone is not None:
                begun = low <= start < high
                ended = stop is not None and low <= stop < high
                self.people.mine(person).standing[stage.milestone] += ended - begun

    def _crossed_reaches(self) -> None:
        """Deals that reached one milestone in several pipelines."""
        found: dict[tuple[Any, ...], set[int]] = defaultdict(set)
        for deal, person, stage_id in self.r.rows(
            "SELECT deal_id, person_id, stage_id FROM reach WHERE deal_id IN "
            f"(SELECT c.item_id {_CROSSED}) AND at >= ? AND at < ? AND person_id <> 0",
            (self.span.start, self.span.stop),
        ):
            stage = self.scope.stages.get(stage_id)
            if stage is not None and stage.milestone in MILESTONES:
                found[deal, person, stage.milestone].add(stage.pipeline_id)
        for (deal, person, milestone), pipelines in found.items():
            self.people.mine(person).add(MILESTONES[milestone], 1 - len(pipelines))
            if milestone == "won" and len(pipelines) > 1:
                self.special.add((deal, person))

    def _crossed_requests(self) -> None:
        """Deals that a person was responsible for in several pipelines."""
        found: dict[tuple[int, int], set[int]] = defaultdict(set)
        for deal, person, pipeline in self.r.rows(
            f"SELECT item_id, person_id, scope_id FROM hold WHERE kind = {derive.SEEN} "
            f"AND item_id IN (SELECT c.item_id {_CROSSED}) AND start < ? "
            "AND (stop IS NULL OR stop > ?)",
            (self.span.stop, self.span.start),
        ):
            if pipeline in self.scope.pipelines:
                found[deal, person].add(pipeline)
        for (_deal, person), pipelines in found.items():
            self.people.mine(person).requests_total += 1 - len(pipelines)
