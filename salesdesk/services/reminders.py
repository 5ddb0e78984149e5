"""What to remind a person of: tasks that are due now, once each; after an absence, one summary.

Pure but for two questions: ``check`` gets what was remembered before and gives what to remember
from now on. A due moment is reminded of when it lies between the last look and now (plus how early
a person wants to know); what was told ahead of its moment is kept until that moment has passed.
"""

import json
from dataclasses import dataclass, field

from salesdesk.models.store import Reader
from salesdesk.services import task_lists, tasks
from salesdesk.services.control_scope import DAY, living
from salesdesk.services.tasks import TaskLine

#: After so many days without a look one reminder sums up.
AWAY_DAYS = 3
MOST = 20
_MINUTE = 60_000_000

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Memory:
    """What was reminded of: ``seen`` is the moment of the last look (None: never), ``told`` are
    (task, due moment) still ahead of it, ``later`` what was put off: (task, due moment) by the
    moment to come back."""

    seen: int | None = None
    told: frozenset[Pair] = frozenset()
    later: dict[Pair, int] = field(default_factory=dict)

    def written(self) -> str:
        """As text, to be kept on this machine."""
        later = [[*pair, at] for pair, at in sorted(self.later.items())]
        return json.dumps({"seen": self.seen, "told": sorted(self.told), "later": later})

    def put_off(self, pairs: list[Pair], until: int) -> "Memory":
        """Come back to these at ``until``."""
        return Memory(self.seen, self.told, {**self.later, **dict.fromkeys(pairs, until)})


def read_memory(text: str) -> Memory:
    """What was written; nothing when it makes no sense."""
    try:
        found = json.loads(text)
        return Memory(
            None if found["seen"] is None else int(found["seen"]),
            frozenset((int(task), int(due)) for task, due in found["told"]),
            {(int(task), int(due)): int(at) for task, due, at in found["later"]},
        )
    except (ValueError, TypeError, KeyError):
        return Memory()


@dataclass(frozen=True, slots=True)
class Reminder:
    """``due``: tasks whose moment has come; or, after days away, ``missed`` tasks that became
    overdue meanwhile, ``overdue`` in all and ``today`` due today."""

    due: tuple[TaskLine, ...] = ()
    away: bool = False
    missed: int = 0
    overdue: int = 0
    today: int = 0

    @property
    def pairs(self) -> list[Pair]:
        """The tasks with their due moments."""
        return [(task.id, task.due_at) for task in self.due if task.due_at is not None]


def check(
    r: Reader, memory: Memory, person_id: int, *, now: int, early: int = 0
) -> tuple[Memory, Reminder | None]:
    """What to remind ``person_id`` of at ``now`` (None: nothing), and what to remember.

    ``early`` is in minutes. A first look ever, and one before the last (a clock set back), begins
    anew without a reminder.
    """
    ahead = now + early * _MINUTE
    if memory.seen is None or memory.seen > now:
        return Memory(now, memory.told, memory.later), None
    if now - memory.seen >= AWAY_DAYS * DAY:
        return _after_absence(r, memory.seen, person_id, now, ahead)
    came = [pair for pair in _due(r, person_id, memory.seen, ahead) if pair not in memory.told]
    back = [pair for pair, at in memory.later.items() if at <= now]
    due = dict(_still(r, person_id, [*came, *(pair for pair in back if pair not in came)]))
    told = frozenset(pair for pair in (*memory.told, *came) if pair[1] >= now)
    later = {pair: at for pair, at in memory.later.items() if at > now}
    after = Memory(now, told, later)
    if not due:
        return after, None
    return after, Reminder(tuple(tasks.by_ids(r, list(due)[:MOST], now=now)))


def _after_absence(
    r: Reader, seen: int, person_id: int, now: int, ahead: int
) -> tuple[Memory, Reminder | None]:
    mine = task_lists.Asked(people=frozenset((person_id,)), nobody=False)
    numbers = task_lists.counts(r, mine, now=now)
    missed = len(_due(r, person_id, seen, now))
    told = frozenset(_due(r, person_id, now, ahead))
    after = Memory(now, told, {})
    if not missed and not numbers["today"]:
        return after, None
    found = Reminder((), True, missed, numbers["overdue"], numbers["today"])
    return after, found


def _due(r: Reader, person_id: int, after: int, until: int) -> list[Pair]:
    """Open tasks of a person due after ``after`` and not after ``until``."""
    found = r.rows(
        "SELECT t.id, t.due_at FROM task t WHERE t.state = 'open' AND t.deleted_at IS NULL "
        f"AND t.due_at > ? AND t.due_at <= ?{living(r)} AND t.assignee_id = ? ORDER BY t.due_at",
        (after, until, person_id),
    )
    return [(row[0], row[1]) for row in found]


def _still(r: Reader, person_id: int, pairs: list[Pair]) -> list[Pair]:
    """Those that are still open, due at that moment, and this person's."""
    there = {
        (row[0], row[1])
        for row in r.rows_of(
            "SELECT id, due_at, assignee_id FROM task WHERE state = 'open' "
            "AND deleted_at IS NULL AND id IN ({ids})",
            [pair[0] for pair in pairs],
        )
        if row[2] == person_id
    }
    return [pair for pair in pairs if pair in there]
