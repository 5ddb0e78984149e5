"""Try a rule before it lives: what would it have done with the real moves of the last weeks?

The same pure engine answers as when a deal moves (``automation``, ``assigning``); nothing is
written. People, absences and working days are taken as they are now; who was responsible, the dates
of the deals, what had happened to them and the load of people as they were at each move. A task
that waits is listed as waiting: when its event would have come is not told.

Answers that depend on the day, the date or the responsible person alone are asked once and
remembered, so that a hundred thousand moves take a second or two.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import SECOND
from salesdesk.services import automation, happenings, rule_problems, surroundings, trial_past
from salesdesk.services.assigning import (
    Assignment,
    assignment_of,
    least_loaded_of,
    members_on,
    substitute_of,
)
from salesdesk.services.automation import NEVER, Situation
from salesdesk.services.rulebook import LinkRule, TaskRule

#: How many moves are looked at between two words of progress.
STEP = 2_000
_SECONDS = {"minutes": 60, "hours": 3600}
_MOVES = (
    "SELECT m.at, m.deal_id, d.title, coalesce(s.owner_id, m.owner_id), d.parent_id, m.seq "
    "FROM stage_move m JOIN deal d ON d.id = m.deal_id LEFT JOIN span s "
    "ON s.deal_id = m.deal_id AND s.start = m.at AND s.stage_id = m.to_stage_id "
    "WHERE m.to_stage_id = ? AND m.at >= ? AND m.at <= ? AND m.undone = 0 AND m.superseded = 0 "
    "AND d.deleted_at IS NULL ORDER BY m.at, m.seq"
)
#: Rules of a stage that have their turn before a saved one (a draft comes last).
_EARLIER = (
    "SELECT o.id FROM task_rule o LEFT JOIN task_rule x ON x.id = ?2 AND x.deleted_at IS NULL "
    "WHERE o.stage_id = ?1 AND o.id <> ?2 "
    "AND (x.id IS NULL OR (o.position, o.id) < (x.position, x.id))"
)
#: A move: moment, deal, its title, who was responsible, the parent, its place among the facts.
Move = tuple[Any, ...]


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
    yield 0, len(moves)
    around = _around(r, rule, now)
    whose, due_of = _Whose(r, rule, around, moves), _due_of(r, rule, around, moves)
    waiting = rule.due_rule in ("on_event", "before_date")
    day_of, found = r.zone.day_of, []
    for start in range(0, len(moves), STEP):
        yield start, len(moves)
        for at, deal, title, owner, _parent, _seq in moves[start : start + STEP]:
            day = day_of(at)
            due = due_of(at, day, deal)
            late = due is not None and due < now
            waits = waiting and due is None
            found.append(TriedTask(at, deal, title, whose(at, day, owner), due, waits, late))
    return Trial(len(moves), tuple(found))


def of_link_rule(r: Reader, rule: LinkRule, *, since: int, now: int) -> Steps:
    """The child deals of a link, or the parents that it would have moved."""
    moves = r.rows(_MOVES, (rule.stage_id, since, now))
    yield 0, len(moves)
    if not _leads(r, rule):
        return Trial(len(moves))
    asked = rule.owner_rule()
    whose = _Whose(r, asked, _around(r, asked, now), moves)
    follows = _Parents(r, rule, moves)
    found: list[TriedDeal] = []
    for start in range(0, len(moves), STEP):
        yield start, len(moves)
        for at, deal, title, owner, parent, seq in moves[start : start + STEP]:
            if rule.kind == "open_child":
                who = whose(at, r.zone.day_of(at), owner)
                found.append(TriedDeal(at, deal, rule.title or title, who, deal))
            elif follows.moved(parent, (at, seq)):
                found.append(TriedDeal(at, deal, title, owner, parent))
    return Trial(len(moves), deals=tuple(found))


def _around(r: Reader, rule: TaskRule, now: int) -> Situation:
    trouble = rule_problems.trouble_of(rule, rule_problems.known(r))
    return Situation(
        surroundings.calendar(r), None, surroundings.people_on(r, r.zone.day_of(now)),
        team_parents=surroundings.parents_of_teams(r), team_names=surroundings.names_of_teams(r),
        troubles={rule.id: trouble} if trouble else {},
    )  # fmt: skip


# -- whose ----------------------------------------------------------------------------------------


class _Whose:
    """Who would have got the task of each move, move after move in their order."""

    def __init__(self, r: Reader, rule: TaskRule, around: Situation, moves: list[Move]) -> None:
        self._rule, self._around = rule, around
        self._known: dict[tuple[int, int | None], Assignment] = {}
        self._members: dict[int, list[int]] = {}
        self._substitutes: dict[tuple[int, int], int] = {}
        self._loads = None
        if rule.assignee_rule == "least_loaded" and rule.id not in around.troubles and moves:
            before = r.rows(_EARLIER, (rule.stage_id, rule.id))
            self._loads = trial_past.Loads(r, moves[0][0], rule.id, {row[0] for row in before})

    def __call__(self, at: int, day: int, owner: int | None) -> int | None:
        """The assignee; everybody's load counts what was given before."""
        if self._loads is None:
            return self._of_the_day(day, owner)
        members = self._members.get(day)
        if members is None:
            members = self._members[day] = members_on(
                self._rule.team_id, self._around.people, self._around.team_parents, day
            )
        if not members:
            return self._of_the_day(day, owner)
        chosen = self._standing_in(least_loaded_of(members, self._loads.at(at)), day)
        self._loads.count(chosen)
        return chosen

    def _standing_in(self, person: int, day: int) -> int:
        found = self._substitutes.get((person, day))
        if found is None:
            found = substitute_of(person, self._around.people, day)
            self._substitutes[person, day] = found
        return found

    def _of_the_day(self, day: int, owner: int | None) -> int | None:
        found = self._known.get((day, owner))
        if found is None:
            around = replace(self._around, responsible_id=owner)
            found = self._known[day, owner] = assignment_of(self._rule, around, day)
        return found.person_id


# -- until when -----------------------------------------------------------------------------------

#: The due moment of a move: its moment, its day, its deal.
Due = Callable[[int, int, int], int | None]


def _due_of(r: Reader, rule: TaskRule, around: Situation, moves: list[Move]) -> Due:
    trouble = around.troubles.get(rule.id)
    never = trouble is not None and trouble[0] in NEVER
    if rule.due_rule == "before_date":
        if never:
            return _by_day(replace(rule, due_rule="after_move", amount=0), around)
        return _before_dates(r, rule, around, moves)
    if rule.due_rule == "on_date":
        fixed = automation.due_of(rule, around, 0)
        return lambda at, _day, _deal: None if fixed is None else max(at, fixed)
    after = _after(rule, around)
    if rule.due_rule == "after_move" or never:
        return after
    happened = trial_past.of_event(r, rule, {move[1] for move in moves})
    return lambda at, day, deal: after(at, day, deal) if happened(deal, at) else None


def _after(rule: TaskRule, around: Situation) -> Due:
    if rule.unit not in _SECONDS:
        return _by_day(rule, around)
    if rule.shifts():
        return lambda at, _day, _deal: automation.due_of(rule, around, at)
    length = rule.amount * _SECONDS[rule.unit] * SECOND
    return lambda at, _day, _deal: at + length


def _by_day(rule: TaskRule, around: Situation) -> Due:
    """The due moment of a rule in days: that of the whole day, but where it would be over by the
    move (0 days, after the working hours)."""
    start_of = around.calendar.zone.start_of
    early: dict[int, int | None] = {}
    late: dict[int, int | None] = {}

    def due(at: int, day: int, _deal: int) -> int | None:
        if day not in early:
            early[day] = automation.due_of(rule, around, start_of(day))
        found = early[day]
        if found is None or found > at or rule.amount:
            return found
        if day not in late:
            late[day] = automation.due_of(rule, around, at)
        return late[day]

    return due


def _before_dates(r: Reader, rule: TaskRule, around: Situation, moves: list[Move]) -> Due:
    name = rule.date_field or ""
    past = trial_past.of_field(r, name, {move[1] for move in moves})
    known: dict[Any, int | None] = {}

    def due(at: int, _day: int, deal: int) -> int | None:
        value = past.at(deal, at)
        if value not in known:
            day = happenings.day_in(value) if isinstance(value, str) else value
            known[value] = automation.due_of(rule, replace(around, dates={name: day}), 0)
        found = known[value]
        return None if found is None else max(at, found)

    return due


# -- parents that a link would move ---------------------------------------------------------------


def _leads(r: Reader, rule: LinkRule) -> bool:
    """Whether the stage that a link leads to can be entered."""
    sql = "SELECT 1 FROM stage WHERE id = ? AND deleted_at IS NULL AND archived = 0"
    return r.value(sql, (rule.target_stage_id,)) is not None


#: Where an entry stands among the facts: its moment and its number.
Place = tuple[int, int]


class _Parents:
    """Where parents stood at each move, and whether the link would have moved them from there."""

    def __init__(self, r: Reader, rule: LinkRule, moves: list[Move]) -> None:
        self._rule = rule
        self._stages = surroundings.stages_of(r)
        self._entries: dict[int, list[tuple[Place, int, bool]]] = {}
        self._moved: dict[int, Place] = {}
        parents = {move[4] for move in moves} - {None} if rule.kind == "move_parent" else set()
        for deal, at, seq, stage, by in r.rows_of(
            "SELECT m.deal_id, m.at, m.seq, m.to_stage_id, m.mover_as FROM stage_move m "
            "JOIN deal d ON d.id = m.deal_id WHERE d.deleted_at IS NULL AND m.undone = 0 "
            "AND m.superseded = 0 AND m.deal_id IN ({ids}) ORDER BY m.deal_id, m.at, m.seq",
            sorted(parents),
        ):
            self._entries.setdefault(deal, []).append(((at, seq), stage, by == "rule"))

    def moved(self, parent: int | None, place: Place) -> bool:
        """Whether a parent would have been moved by the child's move with this moment and place
        among the facts (places only go forward)."""
        stood = None if parent is None else self._stood(parent, place)
        if parent is None or stood is None:
            return False
        entered, stage = stood
        tried = self._moved.get(parent)
        if tried is not None and tried > entered:
            stage = self._rule.target_stage_id
        target = self._stages[self._rule.target_stage_id]
        if not surroundings.may_go(self._stages.get(stage), target, self._rule.allows_back):
            return False
        self._moved[parent] = place
        return True

    def _stood(self, parent: int, place: Place) -> tuple[Place, int] | None:
        """Where the parent stood when it was this link's turn: other links of the same move may
        have had theirs before."""
        entries = self._entries.get(parent, [])
        following = bisect_left(entries, place, key=lambda entry: entry[0])
        if not following:
            return None
        entered, stage, _ = entries[following - 1]
        for at, other, by_rule in entries[following:]:
            if at[0] != place[0] or not by_rule or other == self._rule.target_stage_id:
                break
            entered, stage = at, other
        return entered, stage
