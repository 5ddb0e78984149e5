"""The numbers of the control desk by person: open tasks, deals that stand, what was done today.

Everything is counted in one pass an index: tasks by due moment, deals by stage, holds by moment.
"""

from collections import Counter
from dataclasses import dataclass, field

from salesdesk.models.derive import POSTPONED, TASK
from salesdesk.models.store import Reader
from salesdesk.services import settings
from salesdesk.services.control_scope import DAY, Days, Whose, living
from salesdesk.services.records import Asks

Person = int | None


@dataclass(slots=True)
class Numbers:
    """One person's work (or that of nobody).

    Open tasks by due moment: due before today (``earlier``), today before now (``missed``), later
    today (``ahead``), ``tomorrow``, after it or without a due moment (``rest``); of the last
    ``waiting`` wait too long. ``accept`` are results to accept, ``deals`` open deals, ``idle``
    those without a task and ``stuck`` those beyond their stage's limit; ``done`` and ``postponed``
    are tasks done and put off today.
    """

    earlier: int = 0
    missed: int = 0
    ahead: int = 0
    tomorrow: int = 0
    rest: int = 0
    waiting: int = 0
    accept: int = 0
    deals: int = 0
    idle: int = 0
    stuck: int = 0
    done: int = 0
    postponed: int = 0

    @property
    def overdue(self) -> int:
        """Open tasks that were due before now."""
        return self.earlier + self.missed

    @property
    def left(self) -> int:
        """Open tasks that are due today, late already or not."""
        return self.missed + self.ahead

    @property
    def opened(self) -> int:
        """All open tasks."""
        return self.earlier + self.missed + self.ahead + self.tomorrow + self.rest

    def of(self, kind: str) -> int:
        """The number behind a list of ``control_lists``."""
        return int(getattr(self, {"today": "ahead"}.get(kind, kind)))


@dataclass(frozen=True, slots=True)
class Standing:
    """Deals of one person that stand in one stage; times in microseconds."""

    deals: int
    stood: int
    longest: int
    stuck: int

    @property
    def mean(self) -> int:
        """How long they have stood there on average."""
        return self.stood // self.deals


@dataclass(slots=True)
class Counted:
    """Numbers by person, and deals that stand by (person, stage)."""

    numbers: dict[Person, Numbers] = field(default_factory=dict)
    standing: dict[tuple[Person, int], Standing] = field(default_factory=dict)

    def of(self, person_id: Person) -> Numbers:
        """The numbers of a person, to be added to."""
        return self.numbers.setdefault(person_id, Numbers())

    def total(self, kind: str, whose: Whose) -> int:
        """The sum over those that are looked at."""
        return sum(one.of(kind) for person, one in self.numbers.items() if whose.has(person))


def counted(r: Reader, whose: Whose, *, now: int, evening: bool, me: int | None = None) -> Counted:
    """All numbers, for ``me`` who looks; what was done and put off today only for the ``evening``,
    what waits too long only for the morning."""
    days, there, found = Days.of(r, now), living(r), Counted()
    _count_open(r, whose, days, there, found)
    _count_deals(r, whose, now, found)
    asked: list[tuple[str, str, tuple[int, ...]]] = [("accept", accept_sql(whose, there, me), ())]
    if evening:
        asked.append(("done", done_lately_sql(r, whose, days.today), (days.today, now)))
        asked.append(("postponed", postponed_sql(whose), (days.today, now)))
    else:
        asked.append(("waiting", waiting_sql(whose, there), (waits_before(r, now),)))
    for name, source, params in asked:
        people = f"SELECT group_concat(coalesce(assignee_id, 0)) FROM ({source})"
        for person, n in _spread(r.value(people, params)):
            setattr(found.of(person), name, n)
    return found


def _spread(people: str | None) -> list[tuple[Person, int]]:
    """How often each person is named in a list ``3,0,3`` (0: nobody)."""
    if not people:
        return []
    return [(int(one) or None, n) for one, n in Counter(people.split(",")).items()]


def _count_open(r: Reader, whose: Whose, days: Days, there: str, found: Counted) -> None:
    """Open tasks, range by range along the index by due moment; it holds all that is asked for.

    Grouping in the database would sort them all: a list of people counted here is faster.
    """
    ranges = (
        ("earlier", "t.due_at < ?", (days.today,)),
        ("missed", "t.due_at >= ? AND t.due_at < ?", (days.today, days.now)),
        ("ahead", "t.due_at >= ? AND t.due_at < ?", (days.now, days.tomorrow)),
        ("tomorrow", "t.due_at >= ? AND t.due_at < ?", (days.tomorrow, days.after)),
        ("rest", "t.due_at >= ?", (days.after,)),
        ("rest", "t.due_at IS NULL", ()),
    )
    for name, condition, params in ranges:
        people = r.value(
            "SELECT group_concat(coalesce(t.assignee_id, 0)) FROM task t INDEXED BY ix_task_due "
            f"WHERE t.state = 'open' AND t.deleted_at IS NULL AND {condition}{there}"
            f"{whose.where('t.assignee_id')}",
            params,
        )
        for person, n in _spread(people):
            numbers = found.of(person)
            setattr(numbers, name, getattr(numbers, name) + n)


def open_stages(r: Reader) -> list[tuple[int, int | None]]:
    """The stages in which deals stand open, with their limits (days)."""
    return [
        (row[0], row[1]) for row in r.rows("SELECT id, limit_days FROM stage WHERE kind = 'open'")
    ]


def stuck_before(limit_days: int | None, now: int) -> int:
    """Deals that came into a stage of this limit before this moment are stuck (0: none is)."""
    return 0 if limit_days is None else now - limit_days * DAY


def _count_deals(r: Reader, whose: Whose, now: int, found: Counted) -> None:
    """Deals stage by stage, in the order of an index by stage and person: nothing is sorted."""
    sql = (
        "SELECT d.owner_id, count(*), sum(? - d.since), max(? - d.since), sum(d.open_tasks = 0), "
        "sum(d.since < ?) FROM deal d WHERE d.stage_id = ? AND d.deleted_at IS NULL"
        f"{whose.where('d.owner_id')} GROUP BY d.owner_id"
    )
    for stage, limit in open_stages(r):
        bounds = (now, now, stuck_before(limit, now), stage)
        for person, deals, stood, longest, idle, stuck in r.rows(sql, bounds):
            numbers = found.of(person)
            numbers.deals += deals
            numbers.idle += idle
            numbers.stuck += stuck
            found.standing[person, stage] = Standing(deals, stood, longest, stuck)


# What lists and numbers are both made of; each yields id, assignee_id and what it is ordered by.


def accept_sql(whose: Whose, there: str, me: int | None = None) -> str:
    """Done tasks that asked for a result, have one, and were neither accepted nor given back;
    without those of ``me``: nobody accepts results of their own."""
    own = "" if me is None else f" AND t.assignee_id IS NOT {int(me)}"
    return (
        "SELECT t.id, t.assignee_id, t.closed_at AS at FROM task t WHERE t.state = 'done' "
        "AND t.asks_result = 1 AND t.accepted IS NULL AND t.result IS NOT NULL "
        f"AND t.deleted_at IS NULL{own}{there}{whose.where('t.assignee_id')}"
    )


def waiting_sql(whose: Whose, there: str) -> str:
    """Open tasks that wait for an event since before a moment (one parameter)."""
    return (
        "SELECT t.id, t.assignee_id, t.created_at AS at FROM task t WHERE t.state = 'open' "
        "AND t.deleted_at IS NULL AND t.due_at IS NULL AND t.event IS NOT NULL "
        f"AND t.created_at < ?{there}{whose.where('t.assignee_id')}"
    )


def waits_before(r: Asks, now: int) -> int:
    """Tasks that wait since before this moment wait too long."""
    return now - settings.get(r, settings.WAITS_DAYS) * DAY


def done_sql(whose: Whose) -> str:
    """Tasks that someone had and that were closed as done between two moments, both included."""
    return (
        "SELECT DISTINCT t.id, t.assignee_id, t.closed_at AS at FROM hold h "
        "JOIN task t ON t.id = h.item_id AND t.closed_at = h.stop "
        f"WHERE h.kind = {TASK} AND h.stop >= ? AND h.stop <= ? AND t.state = 'done'"
        f"{whose.where('t.assignee_id')}"
    )


def done_lately_sql(r: Reader, whose: Whose, since: int) -> str:
    """The same, tasks of nobody among them; ``since`` is the first of the two moments. Holds tell
    of people only, so those are found in what was written since, but for what imports brought."""
    had = done_sql(whose)
    if not whose.nobody:
        return had
    before = r.value("SELECT id FROM txn WHERE at < ? ORDER BY id DESC LIMIT 1", (since,)) or 0
    written = (
        "SELECT f.task_id FROM txn x JOIN command k ON k.id = x.command_id "
        "JOIN change c ON c.id BETWEEN x.first_change AND x.last_change "
        "JOIN task_change f ON f.id = c.row_id "
        f"WHERE x.id > {before} AND k.origin <> 'import' AND c.tbl = 'task_change' "
        "AND f.state = 'done'"
    )
    return (
        f"{had} UNION SELECT t.id, t.assignee_id, t.closed_at FROM task t WHERE t.id IN ({written})"
        " AND t.state = 'done' AND t.assignee_id IS NULL AND t.deleted_at IS NULL "
        f"AND t.closed_at >= ?1 AND t.closed_at <= ?2{living(r)}"
    )


def postponed_sql(whose: Whose) -> str:
    """Tasks that someone had when they were put off between two moments, both included."""
    return (
        "SELECT t.id, t.assignee_id, max(h.start) AS at FROM hold h "
        f"JOIN task t ON t.id = h.item_id WHERE h.start >= ? AND h.start <= ? "
        f"AND h.kind = {POSTPONED}{whose.where('t.assignee_id')} GROUP BY t.id"
    )
