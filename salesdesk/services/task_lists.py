"""The lists of the page of tasks: which tasks, how many, whose; and the tasks of a week by days.

Lists come as ids alone, in their order; ``lines`` reads what a few of them show. So a list of
100,000 tasks is a matter of milliseconds and only what is looked at is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from salesdesk.models.store import Reader
from salesdesk.services import awaiting, task_filters, tasks
from salesdesk.services.control_numbers import accept_sql, done_sql
from salesdesk.services.control_scope import DAY, Whose, living
from salesdesk.services.task_filters import EVERY, Params, TaskFilter
from salesdesk.services.tasks import TaskLine

LISTS = ("overdue", "today", "planned", "waiting", "accept", "done")
#: How far back the list of done tasks goes, in days.
DONE_DAYS = 30
#: So many tasks of a list at most (and of a day of the week).
MOST, MOST_A_DAY = 100_000, 500
_OPEN = "FROM task t WHERE t.state = 'open' AND t.deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list, of these people (None: everybody), with those of nobody or without.

    Results to accept are those of ``results`` (None: everybody), without those of ``me``, who
    looks: nobody accepts results of their own. ``chosen`` leaves out more of every list.
    """

    kind: str = "today"
    people: frozenset[int] | None = None
    nobody: bool = True
    results: frozenset[int] | None = None
    me: int | None = None
    chosen: TaskFilter = EVERY

    @property
    def whose(self) -> Whose:
        """The people as a condition."""
        return Whose(self.people, self.nobody)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: the task, the client behind it, a phone to call, what it waits for.

    ``remark`` says why a supervisor gave the task back; ``accepted`` that its result was accepted;
    ``kept`` is the date field that it no longer moves along with, set by hand at ``kept_since``.
    """

    task: TaskLine
    client_id: int | None = None
    phone: str = ""
    waits: str = ""
    remark: str = ""
    accepted: bool = False
    kept: str = ""
    kept_since: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A list: the ids in their order, and how many tasks each of the lists has."""

    asked: Asked
    ids: tuple[int, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Week:
    """The open tasks due on each of seven days from ``first_day`` (an ordinal) on, and how many
    overdue ones lie before."""

    first_day: int
    days: tuple[tuple[int, ...], ...]
    before: int


def listed(r: Reader, asked: Asked, *, now: int) -> Answer:
    """A list with the numbers of all lists."""
    return Answer(asked, tuple(ids(r, asked, now=now)), counts(r, asked, now=now))


def ids(r: Reader, asked: Asked, *, now: int) -> list[int]:
    """The tasks of a list in its order: by due moment, the latest first of those that are done."""
    sql, params, order = _list_sql(r, asked, now)
    more, found = task_filters.where(r, asked.chosen, now)
    rows = r.rows(f"{sql}{more} ORDER BY {order} LIMIT {MOST}", (*params, *found))
    return [row[0] for row in rows]


def _list_sql(r: Reader, asked: Asked, now: int) -> tuple[str, Params, str]:
    there, whose = living(r), asked.whose
    if asked.kind == "done":
        return f"{done_sql(whose)}{there}", (now - DONE_DAYS * DAY, now), "3 DESC, 1 DESC"
    if asked.kind == "accept":
        return accept_sql(Whose(asked.results), there, asked.me), (), "3, 1"
    end = r.zone.start_of(r.zone.day_of(now) + 1)
    when, params, order = {
        "overdue": ("t.due_at < ?", (now,), "t.due_at, t.id"),
        "today": ("t.due_at >= ? AND t.due_at < ?", (now, end), "t.due_at, t.id"),
        "planned": ("(t.due_at >= ? OR t.due_at IS NULL AND t.event IS NULL)", (end,),
                    "t.due_at IS NULL, t.due_at, t.id"),
        "waiting": ("t.due_at IS NULL AND t.event IS NOT NULL", (), "t.created_at, t.id"),
    }[asked.kind]  # fmt: skip
    return (
        f"SELECT t.id {_OPEN} AND {when}{there}{whose.where('t.assignee_id')}",
        params,
        order,
    )


def counts(r: Reader, asked: Asked, *, now: int) -> dict[str, int]:
    """How many tasks there are in each list of these people; done ones are not counted."""
    end = r.zone.start_of(r.zone.day_of(now) + 1)
    there, mine = living(r), asked.whose.where("t.assignee_id")
    more, found = task_filters.where(r, asked.chosen, now)
    row = r.row(
        "SELECT coalesce(sum(t.due_at < ?), 0), coalesce(sum(t.due_at >= ? AND t.due_at < ?), 0), "
        f"coalesce(sum(t.due_at >= ?), 0) {_OPEN} AND t.due_at IS NOT NULL{there}{mine}{more}",
        (now, now, end, end, *found),
    )
    free = r.row(
        "SELECT coalesce(sum(t.event IS NOT NULL), 0), coalesce(sum(t.event IS NULL), 0) "
        f"{_OPEN} AND t.due_at IS NULL{there}{mine}{more}",
        found,
    )
    assert row is not None
    assert free is not None
    results = accept_sql(Whose(asked.results), there, asked.me)
    accept = r.value(f"SELECT count(*) FROM ({results}{more})", found)
    return {
        "overdue": row[0], "today": row[1], "planned": row[2] + free[1], "waiting": free[0],
        "accept": accept,
    }  # fmt: skip


def due_count(r: Reader, person_id: int | None, *, now: int) -> int:
    """How many of somebody's open tasks are overdue or due today."""
    if person_id is None:
        return 0
    end = r.zone.start_of(r.zone.day_of(now) + 1)
    found = r.value(
        f"SELECT count(*) {_OPEN} AND t.due_at < ?{living(r)} AND t.assignee_id = ?",
        (end, person_id),
    )
    return int(found)


def week(r: Reader, asked: Asked, first_day: int, *, now: int) -> Week:
    """The open tasks of a week, by the days on which they are due, each day by the clock."""
    more, found = task_filters.where(r, asked.chosen, now)
    where = f"{living(r)}{asked.whose.where('t.assignee_id')}{more}"
    starts = [r.zone.start_of(first_day + step) for step in range(8)]
    days = tuple(
        tuple(
            row[0]
            for row in r.rows(
                f"SELECT t.id {_OPEN} AND t.due_at >= ? AND t.due_at < ?{where} "
                f"ORDER BY t.due_at, t.id LIMIT {MOST_A_DAY}",
                (start, stop, *found),
            )
        )
        for start, stop in pairwise(starts)
    )
    before = r.value(
        f"SELECT count(*) {_OPEN} AND t.due_at < ?{where}", (min(starts[0], now), *found)
    )
    return Week(first_day, days, before)


def lines(r: Reader, wanted: Sequence[int], *, now: int) -> list[Item]:
    """What these tasks show, in their order."""
    found = tasks.by_ids(r, wanted, now=now)
    more = {
        row[0]: row[1:]
        for row in r.rows_of(
            "SELECT t.id, coalesce(t.client_id, d.client_id), d.contact_id, t.remark, t.accepted "
            "FROM task t LEFT JOIN deal d ON d.id = t.deal_id WHERE t.id IN ({ids})",
            [task.id for task in found],
        )
    }
    waits = awaiting.awaited(r, [task.id for task in found if task.event is not None])
    kept = awaiting.kept(r, [task.id for task in found if task.from_rule])
    since = awaiting.when_set_by_hand(r, kept) if kept else {}
    calls = [task.id for task in found if task.icon == "phone"]
    phones = _phones(r, {key for task in calls for key in more[task][:2] if key is not None})
    made = []
    for task in found:
        client, contact, remark, accepted = more[task.id]
        phone = (phones.get(contact) or phones.get(client) or "") if task.icon == "phone" else ""
        made.append(
            Item(task, client, phone, waits.get(task.id, ""), remark or "", bool(accepted),
                 kept.get(task.id, ""), since.get(task.id))
        )  # fmt: skip
    return made


def _phones(r: Reader, clients: set[int]) -> dict[int | None, str]:
    """The first phone of each of these clients."""
    found: dict[int | None, str] = {}
    for client, value in r.rows_of(
        "SELECT client_id, value FROM client_contact WHERE kind = 'phone' AND deleted_at IS NULL "
        "AND client_id IN ({ids}) ORDER BY position, id",
        sorted(clients),
    ):
        found.setdefault(client, value)
    return found
