"""Try a rule before it lives: what would it have done with the real moves of the last weeks?

The same pure engine answers as when a deal moves (``automation``); nothing is written. People,
absences and working days are taken as they are now; who was responsible, the dates of the deals and
the load of people as they were at each move. Task rules that wait for an event are listed as
waiting: when the event would have come is not told.
"""

import heapq
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from salesdesk.models import derive
from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.services import automation, happenings, surroundings
from salesdesk.services.automation import Situation, TaskRule
from salesdesk.services.link_rules import LinkRule

#: How many moves are looked at between two words of progress.
STEP = 2_000
_MOVES = (
    "SELECT m.at, m.deal_id, d.title, coalesce(s.owner_id, m.owner_id), d.parent_id "
    "FROM stage_move m JOIN deal d ON d.id = m.deal_id LEFT JOIN span s "
    "ON s.deal_id = m.deal_id AND s.start = m.at AND s.stage_id = m.to_stage_id "
    "WHERE m.to_stage_id = ? AND m.at >= ? AND m.at <= ? AND m.undone = 0 AND m.superseded = 0 "
    "AND d.deleted_at IS NULL ORDER BY m.at, m.seq"
)


@dataclass(frozen=True, slots=True)
class TriedTask:
    """A task that the rule would have made at the move ``at``; ``late``: it would be overdue now,
    had nobody done it."""

    at: int
    deal_id: int
    deal: str
    assignee_id: int | None
    due_at: int | None
    waits: bool
    late: bool


@dataclass(frozen=True, slots=True)
class TriedDeal:
    """A child deal that a link would have opened, or a parent that it would have moved."""

    at: int
    deal_id: int
    deal: str
    owner_id: int | None
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done with so many ``moves`` into its stage."""

    moves: int
    tasks: tuple[TriedTask, ...] = ()
    deals: tuple[TriedDeal, ...] = ()

    @property
    def late(self) -> int:
        """How many of the tasks would be overdue now."""
        return sum(task.late for task in self.tasks)

    def by_person(self) -> Counter[int | None]:
        """How many tasks each person would have got."""
        return Counter(task.assignee_id for task in self.tasks)


Steps = Generator[tuple[int, int], None, Trial]


def of_task_rule(r: Reader, rule: TaskRule, *, since: int, now: int) -> Steps:
    """The tasks of ``rule`` (saved or not) at all moves into its stage from ``since`` to ``now``.

    Yields (moves done, moves in all), returns the Trial.
    """
    moves = r.rows(_MOVES, (rule.stage_id, since, now))
    trial = _TaskTrial(r, rule, moves, now)
    for start in range(0, len(moves), STEP):
        yield start, len(moves)
        for move in moves[start : start + STEP]:
            trial.add(move)
    return Trial(len(moves), tuple(trial.tasks))


def of_link_rule(r: Reader, rule: LinkRule, *, since: int, now: int) -> Steps:
    """The child deals of a link, or the parents that it would have moved."""
    moves = r.rows(_MOVES, (rule.stage_id, since, now))
    asked = TaskRule(
        0, rule.target_stage_id, "", assignee_rule=rule.assignee_rule,
        assignee_id=rule.assignee_id, team_id=rule.team_id,
    )  # fmt: skip
    people = _TaskTrial(r, asked, moves, now)
    found: list[TriedDeal] = []
    for start in range(0, len(moves), STEP):
        yield start, len(moves)
        for at, deal, title, owner, parent in moves[start : start + STEP]:
            if rule.kind == "open_child":
                who = people.assignee(at, owner)
                found.append(TriedDeal(at, deal, rule.title or title, who, deal))
            elif parent is not None:
                found.append(TriedDeal(at, deal, title, owner, parent))
    return Trial(len(moves), deals=tuple(found))


class _TaskTrial:
    """The surroundings of move after move, in their order."""

    def __init__(self, r: Reader, rule: TaskRule, moves: list[tuple[Any, ...]], now: int) -> None:
        self.rule, self.now, self.zone = rule, now, r.zone
        self.tasks: list[TriedTask] = []
        people = surroundings.people_on(r, r.zone.day_of(now))
        self._around = Situation(
            surroundings.calendar(r), None, people, team_parents=surroundings.parents_of_teams(r)
        )
        self._dates = _dates(r, rule, {move[1] for move in moves})
        self._loads = _Loads(r, moves, rule.id) if rule.assignee_rule == "least_loaded" else None
        self._known: dict[Any, tuple[int | None, int | None]] = {}

    def add(self, move: tuple[Any, ...]) -> None:
        """What the rule would have done at one move."""
        at, deal, title, owner, _parent = move
        assignee, due = self._decided(at, deal, owner)
        waits = due is None and self.rule.due_rule in ("on_event", "before_date")
        late = due is not None and due < self.now
        self.tasks.append(TriedTask(at, deal, title, assignee, due, waits, late))
        if self._loads is not None and assignee is not None:
            self._loads.count(assignee)

    def assignee(self, at: int, owner: int | None) -> int | None:
        """Who the rule would have chosen."""
        load = self._loads.at(at) if self._loads is not None else {}
        around = replace(self._around, responsible_id=owner, load=load)
        chosen = automation.assignee_of(self.rule, around, self.zone.day_of(at))
        if self._loads is not None and chosen is not None:
            self._loads.count(chosen)
        return chosen

    def _decided(self, at: int, deal: int, owner: int | None) -> tuple[int | None, int | None]:
        """Assignee and due moment; remembered where only the day and the owner decide."""
        key = (self.zone.day_of(at), owner) if self._is_of_the_day() else None
        found = self._known.get(key) if key is not None else None
        if found is None:
            load = self._loads.at(at) if self._loads is not None else {}
            dates = {self.rule.date_field or "": self._dates.at(deal, at)}
            around = replace(self._around, responsible_id=owner, load=load, dates=dates)
            made = automation.new_task(self.rule, around, at)
            found = made.assignee_id, made.due_at
            if key is not None:
                self._known[key] = found
        return found

    def _is_of_the_day(self) -> bool:
        rule = self.rule
        days = rule.unit in ("days", "working_days") and rule.amount > 0
        by_day = rule.due_rule == "on_event" or (rule.due_rule == "after_move" and days)
        return by_day and self._loads is None


class _Loads:
    """Open tasks by person at moments that only go forward; those that the rule itself has made
    are left out: it is tried as if it had not lived."""

    def __init__(self, r: Reader, moves: list[tuple[Any, ...]], rule_id: int) -> None:
        first = moves[0][0] if moves else 0
        self._load: Counter[int] = Counter()
        self._ends: list[tuple[int, int]] = []
        self._coming = r.rows(
            "SELECT h.start, h.stop, h.person_id FROM hold h JOIN task t ON t.id = h.item_id "
            "WHERE h.kind = ? AND (h.stop IS NULL OR h.stop > ?) AND t.rule_id IS NOT ? "
            "ORDER BY h.start",
            (derive.TASK, first, rule_id),
        )
        self._place = 0

    def at(self, moment: int) -> Counter[int]:
        """The load just before a moment."""
        while self._place < len(self._coming) and self._coming[self._place][0] < moment:
            _start, stop, person = self._coming[self._place]
            self._place += 1
            self._load[person] += 1
            if stop is not None:
                heapq.heappush(self._ends, (stop, person))
        while self._ends and self._ends[0][0] <= moment:
            self._load[heapq.heappop(self._ends)[1]] -= 1
        return self._load

    def count(self, person: int) -> None:
        """One more task, which the rule would have made."""
        self._load[person] += 1


class _Dates:
    """A date field of deals through time: by deal, moments of change and the day before each."""

    def __init__(self, now: dict[int, int | None]) -> None:
        self.now = now
        self.moments: dict[int, list[int]] = defaultdict(list)
        self.before: dict[int, list[int | None]] = defaultdict(list)

    def at(self, deal: int, moment: int) -> int | None:
        """The day that the field held at a moment."""
        place = bisect_right(self.moments[deal], moment) if deal in self.moments else 0
        known = self.before.get(deal, [])
        return known[place] if place < len(known) else self.now.get(deal)


def _dates(r: Reader, rule: TaskRule, deals: Iterable[int]) -> _Dates:
    """The date field that a rule hangs on; nothing for other rules."""
    if rule.due_rule != "before_date" or rule.date_field is None:
        return _Dates({})
    column = "expected_day" if rule.date_field == "expected_close" else rule.date_field
    ids = sorted(deals)
    if column not in happenings.DAYS:
        return _own_dates(r, rule.date_field, ids)
    found = _Dates(dict(r.rows_of(f"SELECT id, {column} FROM deal WHERE id IN ({{ids}})", ids)))
    for deal, at, old in r.rows_of(
        f"SELECT c.row_id, t.at, c.old {_LOG} AND c.tbl = 'deal' AND c.field = ? "
        "AND c.row_id IN ({ids}) ORDER BY c.id",
        ids,
        (column,),
    ):
        found.moments[deal].append(at)
        found.before[deal].append(old)
    return found


_LOG = (
    "FROM change c JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
    f"WHERE m.undone = 0 AND m.origin <> 'undo' AND c.{OF_RECORDS}"
)


def _own_dates(r: Reader, name: str, ids: list[int]) -> _Dates:
    """An own field; it held nothing before it was first filled in."""
    found = _Dates({})
    values: dict[int, int] = {}
    for key, deal, value in r.rows_of(
        "SELECT v.id, v.subject_id, v.value FROM field_value v JOIN custom_field f "
        "ON f.id = v.field_id WHERE f.subject = 'deal' AND f.name = ? AND v.deleted_at IS NULL "
        "AND v.subject_id IN ({ids})",
        ids,
        (name,),
    ):
        found.now[deal] = happenings.day_in(value)
        values[key] = deal
    for key, at, field, old in r.rows_of(
        f"SELECT c.row_id, t.at, c.field, c.old {_LOG} AND c.tbl = 'field_value' "
        "AND (c.field = 'value' OR c.field IS NULL) AND c.row_id IN ({ids}) ORDER BY c.id",
        values,
    ):
        found.moments[values[key]].append(at)
        found.before[values[key]].append(happenings.day_in(old) if field else None)
    return found
