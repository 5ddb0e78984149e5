"""The desk of the sample story: a queue of moments, and tasks that people do, put off or forget.

Everything is done through the verbs that people use, in the order of time.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import checklists, tasks
from salesdesk.services.story_cast import Cast
from salesdesk.services.story_days import WorkTime

Act = Callable[..., None]
#: How punctual those are who do not sell.
HELPERS = 0.93
_TWO_DAYS = 2 * 86_400 * SECOND
_LATELY = 80 * 86_400 * SECOND
_PARTS = 200


@dataclass
class Desk:
    """Time, chance and the tasks of everybody. What lies after ``now`` never happens."""

    store: Store
    cast: Cast
    time: WorkTime
    rng: random.Random
    now: int
    _queue: list[tuple[int, int, Act, tuple[Any, ...]]] = field(default_factory=list)
    _count: int = 0
    _known: set[int] = field(default_factory=set)
    _punctual: dict[int, float] = field(default_factory=dict)
    _careful: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._punctual = {seller.id: seller.punctual for seller in self.cast.sellers}
        self._careful = {seller.id: seller.careful for seller in self.cast.sellers}

    def at(self, moment: int, act: Act, *arguments: Any) -> None:
        """Let ``act(moment, *arguments)`` happen at a moment, unless that lies ahead of us."""
        if moment <= self.now:
            self._count += 1
            heapq.heappush(self._queue, (moment, self._count, act, arguments))

    def run(self, told: Callable[[float], object] = lambda _share: None) -> None:
        """Play everything up to now; ``told(share)`` hears how far it is, from 0 to 1, and may
        raise to end it."""
        begun = self._queue[0][0] if self._queue else self.now
        whole = max(self.now - begun, 1)
        shown = -1
        while self._queue:
            moment, _, act, arguments = heapq.heappop(self._queue)
            if (part := (moment - begun) * _PARTS // whole) != shown:
                shown = part
                told(part / _PARTS)
            act(moment, *arguments)

    def is_late(self, at: int) -> bool:
        """Whether a moment belongs to the last weeks. Before, helpers' tasks are closed by their
        moves alone and further tasks are fewer: nobody looks at so many of them any more."""
        return self.now - at < _LATELY

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in this share of cases."""
        return self.rng.random() < share

    def leave_alone(self, task: int) -> None:
        """A task of which somebody else decides what becomes of it."""
        self._known.add(task)

    # -- tasks ----------------------------------------------------------------------------------

    def look_at_tasks(self, at: int, deal: int, every: bool = False) -> None:
        """Decide what becomes of the tasks of a deal that nobody has looked at yet; those that wait
        for an event are looked at once they have woken. ``every``: of helpers, too, however long
        ago; nothing closes these by itself."""
        for task, due, assignee, _ in self.open_tasks(deal):
            if due is not None and task not in self._known:
                self._known.add(task)
                if every or assignee in self._punctual or self.is_late(at):
                    self._plan(at, task, due, assignee, deal)
                if self.is_late(at):
                    self.at(self.time.soon(at, 60, 1500), self._tick, task)

    def open_tasks(self, deal: int) -> list[tuple[int, int | None, int | None, bool]]:
        """The open tasks of a deal: id, due, assignee, whether it must be done."""
        with self.store.read() as r:
            return [
                (row[0], row[1], row[2], bool(row[3]))
                for row in r.rows(
                    "SELECT id, due_at, assignee_id, must_be_done FROM task "
                    "WHERE deal_id = ? AND state = 'open' AND deleted_at IS NULL ORDER BY id",
                    (deal,),
                )
            ]

    def finish_duties(self, at: int, deal: int) -> None:
        """Do the tasks without which the deal may not leave its stage."""
        due = [task for task, _, _, must in self.open_tasks(deal) if must]
        if due:
            tasks.complete(self.store, due, person=self._whose(due[0]), now=at)

    def _plan(self, at: int, task: int, due: int | None, assignee: int | None, deal: int) -> None:
        if due is None:
            return
        punctual = self._punctual.get(assignee or 0, HELPERS)
        if self.chance(punctual):
            first = min(max(at, due - _TWO_DAYS), due)
            self.at(self.time.between(first, due), self._do, task, deal)
        elif self.chance(0.4):
            self.at(self.time.later(due, 0, 1), self._put_off, task, deal)
        else:
            self.at(self.time.later(due, 2, 4 + int(18 * (1 - punctual))), self._do, task, deal)

    def _tick(self, at: int, task: int) -> None:
        """A line or two of the checklist are done, if the task has one and is still open."""
        with self.store.read() as r:
            row = r.row("SELECT state, checklist FROM task WHERE id = ?", (task,))
        lines = checklists.read(row[1]) if row is not None and row[0] == "open" else ()
        for place in range(min(len(lines), self.rng.randint(1, 2))):
            tasks.tick(self.store, task, place, True, person=self._whose(task), now=at)

    def _do(self, at: int, task: int, deal: int) -> None:
        whose = self._whose(task)
        if whose is None:
            return
        result = self.rng.choice(self.cast.notes) if self._asks_result(task) else None
        tasks.complete(self.store, [task], person=whose, now=at, result=result)
        self.agree_on_next(at, deal)

    def _asks_result(self, task: int) -> bool:
        with self.store.read() as r:
            return bool(r.value("SELECT asks_result FROM task WHERE id = ?", (task,)))

    def agree_on_next(self, at: int, deal: int) -> None:
        """A careful seller leaves no deal without a next task."""
        with self.store.read() as r:
            row = r.row(
                "SELECT d.owner_id, d.open_tasks FROM deal d JOIN stage s ON s.id = d.stage_id "
                "JOIN pipeline p ON p.id = s.pipeline_id "
                "WHERE d.id = ? AND s.kind = 'open' AND p.counts = 1 AND d.deleted_at IS NULL",
                (deal,),
            )
        if row is None or row[1] or not self.chance(self._careful.get(row[0], 0.9)):
            return
        if not self.is_late(at) and self.chance(0.6):
            return
        title, kind = self.rng.choice(self.cast.followups)
        day = self.store.zone.day_of(self.time.later(at, 4, 11))
        new = tasks.NewTask(
            title, deal, assignee_id=row[0], due_at=self.time.end_of(day), kind_id=kind
        )
        tasks.add(self.store, new, person=row[0], now=at)
        self.look_at_tasks(at, deal)

    def _put_off(self, at: int, task: int, deal: int) -> None:
        whose = self._whose(task)
        if whose is None:
            return
        due = self.time.end_of(self.store.zone.day_of(self.time.later(at, 1, 4)))
        reason = self.rng.choice(self.cast.postponed)
        tasks.postpone(self.store, [task], due, reason, person=whose, now=at)
        self._plan(at, task, due, whose, deal)

    def _whose(self, task: int) -> int | None:
        """Who has an open task; nobody when it is closed."""
        with self.store.read() as r:
            found: int | None = r.value(
                "SELECT assignee_id FROM task WHERE id = ? AND state = 'open'", (task,)
            )
        return found
