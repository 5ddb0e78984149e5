"""The lists behind the numbers of the control desk: ids in order, and the lines of a page of them.

The length of a list is its number (``control_numbers``); both are made of the same conditions.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import absences, settings
from salesdesk.services.control_numbers import (
    accept_sql,
    done_lately_sql,
    open_stages,
    postponed_sql,
    stuck_before,
    waiting_sql,
    waits_before,
)
from salesdesk.services.control_scope import DAY, Days, Whose, living
from salesdesk.services.tasks import shown_state

MORNING = ("overdue", "today", "idle", "stuck", "waiting", "accept")
EVENING = ("done", "left", "postponed", "tomorrow", "accept")
#: Lists of deals; all others are of tasks.
DEALS = frozenset(("idle", "stuck", "standing"))
#: Lists of tasks that are closed.
CLOSED = frozenset(("done", "accept"))


@dataclass(frozen=True, slots=True)
class Listed:
    """Which list: its ``kind`` (of ``MORNING`` or ``EVENING``), or ``standing`` (a person's deals
    in the stage ``about``), or ``absent`` (tasks to hand over during the absence ``about``)."""

    kind: str = "overdue"
    about: int = 0

    @property
    def of_deals(self) -> bool:
        """Whether it lists deals."""
        return self.kind in DEALS


@dataclass(frozen=True, slots=True)
class PutOff:
    """The latest postponement of a task: by whom, from when to when, why; ``times`` that day."""

    by: str | None
    before: int | None
    after: int | None
    at: int
    reason: str | None
    times: int


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of a list; moments in microseconds UTC. ``shown`` is its state at the moment,
    ``often`` whether it was put off as often as the settings call a habit."""

    id: int
    title: str
    icon: str | None
    deal_id: int | None
    deal: str | None
    client_id: int | None
    client: str | None
    person_id: int | None
    person: str | None
    due_at: int | None
    shown: str
    postponed: int
    asks_result: bool
    result: str | None
    event: str | None
    created_at: int
    closed_at: int | None
    put_off: PutOff | None = None
    often: bool = False


@dataclass(frozen=True, slots=True)
class DealRow:
    """A deal of a list: how long it has stood in its stage (microseconds) of how many days."""

    id: int
    title: str
    client: str | None
    person_id: int | None
    person: str | None
    stage_id: int
    stage: str
    colour: str
    stood: int
    limit_days: int | None
    open_tasks: int
    next_due: int | None
    shown: str

    @property
    def deal_id(self) -> int:
        """Itself."""
        return self.id


Row = TaskRow | DealRow


def ids(
    r: Reader, listed: Listed, whose: Whose, *, now: int, me: int | None = None
) -> "array[int]":
    """Keys of all tasks (or deals) of a list, in its order, for ``me`` who looks."""
    if listed.of_deals:
        return _deal_ids(r, listed, whose, now)
    if listed.kind == "absent":
        return array("q", absences.tasks_to_hand_over(r, listed.about, now=now))
    days = Days.of(r, now)
    ranges = {
        "overdue": (None, now), "today": (now, days.tomorrow), "left": (days.today, days.tomorrow),
        "tomorrow": (days.tomorrow, days.after),
    }  # fmt: skip
    if listed.kind in ranges:
        return _due_ids(r, *ranges[listed.kind], whose)
    source, params = _source(r, listed.kind, whose, days, me)
    newest = " DESC" if listed.kind in ("done", "postponed") else ""
    return _keys(r.rows(f"SELECT id FROM ({source}) ORDER BY at{newest}, id", params))


def _keys(rows: Iterable[tuple[Any, ...]]) -> "array[int]":
    return array("q", (row[0] for row in rows))


def _due_ids(r: Reader, since: int | None, until: int, whose: Whose) -> "array[int]":
    low, params = ("", (until,)) if since is None else (" AND t.due_at >= ?", (until, since))
    return _keys(
        r.rows(
            "SELECT t.id FROM task t INDEXED BY ix_task_due WHERE t.state = 'open' "
            f"AND t.deleted_at IS NULL AND t.due_at < ?{low}{living(r)}"
            f"{whose.where('t.assignee_id')} ORDER BY t.due_at, t.id",
            params,
        )
    )


def _source(
    r: Reader, kind: str, whose: Whose, days: Days, me: int | None
) -> tuple[str, tuple[int, ...]]:
    if kind == "done":
        return done_lately_sql(r, whose, days.today), (days.today, days.now)
    if kind == "postponed":
        return postponed_sql(whose), (days.today, days.now)
    if kind == "waiting":
        return waiting_sql(whose, living(r)), (waits_before(r, days.now),)
    return accept_sql(whose, living(r), me), ()


def _deal_ids(r: Reader, listed: Listed, whose: Whose, now: int) -> "array[int]":
    """Deals in open stages; the longest in its stage first, the stuck by how far beyond."""
    if listed.kind == "stuck":
        return stuck_ids(r, whose, now=now)
    found: list[tuple[int, int]] = []
    condition = " AND d.open_tasks = 0" if listed.kind == "idle" else ""
    for stage, _limit in open_stages(r):
        if listed.kind == "idle" or stage == listed.about:
            found += _in_stage(r, stage, whose, condition, ())
    return array("q", (deal for _since, deal in sorted(found)))


def stuck_ids(r: Reader, whose: Whose, *, now: int, most: int = -1) -> "array[int]":
    """Deals beyond the limit of their stage, the farthest first; ``most`` of them at most."""
    found: list[tuple[int, int]] = []
    for stage, limit in open_stages(r):
        if limit is None:
            continue
        bound = stuck_before(limit, now)
        rows = _in_stage(r, stage, whose, " AND d.since < ?", (bound,), most)
        found += ((since + limit * DAY, deal) for since, deal in rows)
    found.sort()
    return array("q", (deal for _late, deal in (found if most < 0 else found[:most])))


def _in_stage(
    r: Reader, stage: int, whose: Whose, condition: str, params: tuple[int, ...], most: int = -1
) -> list[tuple[int, int]]:
    """(since, deal) of the deals in a stage, in this order."""
    rows = r.rows(
        "SELECT d.since, d.id FROM deal d WHERE d.stage_id = ? AND d.deleted_at IS NULL"
        f"{condition}{whose.where('d.owner_id')} ORDER BY d.since, d.id LIMIT ?",
        (stage, *params, most),
    )
    return [(row[0], row[1]) for row in rows]


def rows(r: Reader, listed: Listed, wanted: Sequence[int], *, now: int) -> list[Row]:
    """The lines of these tasks (or deals), in this order; what is gone is left out."""
    known: dict[int, Row] = {}
    if listed.of_deals:
        known.update((row.id, row) for row in _deal_rows(r, wanted, now))
    else:
        known.update((row.id, row) for row in _task_rows(r, listed, wanted, now))
    return [known[one] for one in wanted if one in known]


_TASKS = (
    "SELECT t.id, t.title, k.icon, t.deal_id, d.title, c.id, c.name, t.assignee_id, p.name, "
    "t.due_at, t.state, t.postponed, t.asks_result, t.result, t.event, t.created_at, t.closed_at "
    "FROM task t LEFT JOIN task_kind k ON k.id = t.kind_id LEFT JOIN deal d ON d.id = t.deal_id "
    "LEFT JOIN client c ON c.id = coalesce(t.client_id, d.client_id) "
    "LEFT JOIN person p ON p.id = t.assignee_id WHERE t.id IN ({ids})"
)


def _task_rows(r: Reader, listed: Listed, wanted: Sequence[int], now: int) -> list[TaskRow]:
    days = Days.of(r, now)
    put_off = _put_off(r, wanted, days) if listed.kind == "postponed" else {}
    habit = settings.get(r, settings.HABIT_TIMES)
    found = []
    for row in r.rows_of(_TASKS, wanted):
        shown = shown_state(row[10], row[9], row[14], now, days.tomorrow)
        cells: tuple[Any, ...] = (*row[:10], shown, row[11], bool(row[12]), *row[13:])
        found.append(TaskRow(*(*cells, put_off.get(row[0]), row[11] >= habit)))
    return found


def _put_off(r: Reader, wanted: Sequence[int], days: Days) -> dict[int, PutOff]:
    """The latest postponement of each task until now, and how many there were today."""
    facts = r.rows_of(
        "SELECT c.task_id, c.at, c.seq, c.due_at, c.postponement, c.reason, p.name "
        "FROM task_change c LEFT JOIN person p ON p.id = c.person_id "
        "WHERE c.undone = 0 AND c.fields & 2 AND c.task_id IN ({ids})",
        wanted,
    )
    found: dict[int, PutOff] = {}
    due: dict[int, int | None] = {}
    for task, at, _seq, after, counts, reason, by in sorted(facts, key=lambda fact: fact[:3]):
        if counts and at <= days.now:
            times = found[task].times if task in found else 0
            times += at >= days.today
            found[task] = PutOff(by, due.get(task), after, at, reason, times)
        due[task] = after
    return found


_DEALS = (
    "SELECT d.id, d.title, c.name, d.owner_id, p.name, s.id, s.name, s.colour, d.since, "
    "s.limit_days, d.open_tasks, d.next_due FROM deal d JOIN stage s ON s.id = d.stage_id "
    "LEFT JOIN client c ON c.id = d.client_id LEFT JOIN person p ON p.id = d.owner_id "
    "WHERE d.id IN ({ids})"
)


def _deal_rows(r: Reader, wanted: Sequence[int], now: int) -> list[DealRow]:
    tomorrow = Days.of(r, now).tomorrow
    found = []
    for row in r.rows_of(_DEALS, wanted):
        shown = shown_state("open", row[11], "waits", now, tomorrow) if row[10] else "none"
        cells: tuple[Any, ...] = (*row[:8], max(0, now - row[8]), *row[9:], shown)
        found.append(DealRow(*cells))
    return found
