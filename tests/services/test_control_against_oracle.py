"""The control desk's numbers and lists equal a slow independent recomputation from the bare facts,
on random histories; the length of each list is its number."""

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.store import Reader
from salesdesk.moments import datetime_of, moment_of
from salesdesk.services import control, control_lists, control_scope
from salesdesk.services import settings as workspace_settings
from salesdesk.services.control import Asked
from salesdesk.services.control_lists import EVENING, MORNING, Listed
from salesdesk.services.control_scope import DAY, Whose
from tests.builders import empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, MOMENTS, STEPS, Step, Team, moments, random_steps
from tests.oracle.adapter import world_of
from tests.oracle.world import Move, OwnerChange, Unset, World

_DAY = timedelta(days=1)


@dataclass
class TaskTruth:
    """A task as its facts leave it; ``had`` are (from, until, who) in which someone had it open."""

    id: int
    deal: int | None
    asks: bool
    result: str | None
    accepted: int | None
    event: str | None
    created: int
    assignee: int | None = None
    due: int | None = None
    state: str = "open"
    closed: int | None = None
    put_off: list[tuple[int, int | None]] | None = None
    had: list[tuple[int, int | None, int | None]] | None = None


@dataclass
class DealTruth:
    """A deal as its facts leave it."""

    id: int
    stage: int
    owner: int | None
    since: int


class Truth:
    """Everything that the desk says, by definition; one thing after the other, slowly."""

    def __init__(self, r: Reader, now: int) -> None:
        self.now = now
        at = datetime_of(now).astimezone(r.zone.info)
        midnight = datetime.combine(at.date(), datetime.min.time())
        starts = [midnight + step * _DAY for step in range(3)]
        self.today, self.tomorrow, self.after = (
            moment_of(start.replace(tzinfo=r.zone.info)) for start in starts
        )
        self.stages = {
            key: (kind, limit) for key, kind, limit in r.rows(
                "SELECT id, kind, limit_days FROM stage"
            )
        }  # fmt: skip
        self.waits_days = workspace_settings.get(r, workspace_settings.WAITS_DAYS)
        self.ended_today = {
            row[0] for row in r.rows(
                "SELECT f.task_id FROM task_change f JOIN command k ON k.id = f.command_id "
                "WHERE f.state = 'done' AND k.at >= ?", (self.today,),
            )
        }  # fmt: skip
        self.tasks = self._tasks(r)
        self.deals = self._deals(r)

    def _tasks(self, r: Reader) -> list[TaskTruth]:
        gone = {row[0] for row in r.rows("SELECT id FROM deal WHERE deleted_at IS NOT NULL")}
        facts = defaultdict(list)
        for row in r.rows(
            "SELECT task_id, at, seq, fields, assignee_id, due_at, state, postponement "
            "FROM task_change WHERE undone = 0"
        ):
            facts[row[0]].append(row[1:])
        found = []
        for row in r.rows(
            "SELECT id, deal_id, asks_result, result, accepted, event, created_at FROM task "
            "WHERE deleted_at IS NULL"
        ):
            if row[1] not in gone and facts[row[0]]:
                key, deal, asks, result, accepted, event, created = row
                task = TaskTruth(key, deal, bool(asks), result, accepted, event, created)
                _replay(task, sorted(facts[task.id]))
                found.append(task)
        return found

    def _deals(self, r: Reader) -> list[DealTruth]:
        world = world_of(r)
        deleted = {deal.id for deal in world.deals if deal.deleted}
        found = []
        for deal in world.deals:
            if deal.id in deleted:
                continue
            walked = _walk(world, deal.id)
            if walked is not None and self.stages[walked.stage][0] == "open":
                found.append(walked)
        return found

    # -- the lists ----------------------------------------------------------------------------

    def list_of(self, kind: str, has: Callable[[int | None], bool]) -> set[int]:
        """The ids that a list must hold."""
        if kind in control_lists.DEALS:
            tests: dict[str, Callable[[DealTruth], bool]] = {
                "idle": lambda deal: (
                    not any(t.deal == deal.id and t.state == "open" for t in self.tasks)
                ),
                "stuck": self.is_stuck,
            }
            return {d.id for d in self.deals if has(d.owner) and tests[kind](d)}
        return {t.id for t in self.tasks if has(t.assignee) and self._in(kind, t)}

    def is_stuck(self, deal: DealTruth) -> bool:
        limit = self.stages[deal.stage][1]
        return limit is not None and self.now - deal.since > limit * _DAY // timedelta(
            microseconds=1
        )

    def _in(self, kind: str, task: TaskTruth) -> bool:
        due, opened = task.due, task.state == "open"
        if kind == "done":
            ended = any(
                stop == task.closed and who is not None and start < stop
                for start, stop, who in task.had or []
                if stop is not None
            )
            ended = ended or (task.assignee is None and task.id in self.ended_today)
            closed = task.closed
            return (
                task.state == "done" and ended and closed is not None
                and self.today <= closed <= self.now
            )  # fmt: skip
        if kind == "postponed":
            return any(
                self.today <= at <= self.now and who is not None for at, who in task.put_off or []
            )
        if kind == "accept":
            waits = task.accepted is None and task.result is not None
            return task.state == "done" and task.asks and waits
        if kind == "waiting":
            old = self.now - task.created > self.waits_days * _DAY // timedelta(microseconds=1)
            return opened and due is None and task.event is not None and old
        if not opened or due is None:
            return False
        return {
            "overdue": due < self.now, "today": self.now <= due < self.tomorrow,
            "left": self.today <= due < self.tomorrow,
            "tomorrow": self.tomorrow <= due < self.after,
        }[kind]  # fmt: skip

    def habits(self, has: Callable[[int | None], bool]) -> dict[int, tuple[int, int]]:
        """(times, tasks) by person; several of one task at one moment are one."""
        since = self.now - control.HABIT_DAYS * _DAY // timedelta(microseconds=1)
        points = {
            (who, at, task.id)
            for task in self.tasks
            for at, who in task.put_off or []
            if who is not None and has(who) and since < at <= self.now
        }
        return {
            who: (sum(one[0] == who for one in points),
                  len({one[2] for one in points if one[0] == who}))
            for who, _, _ in points
        }  # fmt: skip


def _replay(task: TaskTruth, facts: list[tuple[Any, ...]]) -> None:
    task.put_off, task.had = [], []
    begun: int | None = None
    for at, _seq, fields, assignee, due, state, put_off in facts:
        if begun is not None and task.state == "open" and at > begun:
            task.had.append((begun, at, task.assignee))
        if fields & 1:
            task.assignee = assignee
        if fields & 2:
            task.due = due
        if fields & 4:
            if state != "open" and (task.state == "open" or begun is None):
                task.closed = at
            task.state = state
        if put_off:
            task.put_off.append((at, task.assignee))
        begun = at


def _walk(world: World, deal: int) -> DealTruth | None:
    """Where a deal stands, since when, and whose it is: its facts in order."""
    facts: list[tuple[int, Any, Move | OwnerChange]] = [
        (move.at, move.order, move) for move in world.moves if move.deal == deal and move.live
    ]
    facts += [(one.at, one.order, one) for one in world.owner_changes if one.deal == deal]
    stage, owner, since = None, None, 0
    for at, _order, fact in sorted(facts, key=lambda each: each[:2]):
        if isinstance(fact, OwnerChange):
            owner = fact.person
            continue
        if not isinstance(fact.owner, Unset):
            owner = fact.owner
        if fact.stage != stage:
            stage, since = fact.stage, at
    return None if stage is None else DealTruth(deal, stage, owner, since)


def compare(r: Reader, now: int, whose: Whose, person: int | None, me: int | None = None) -> None:
    """The desk's answer and the truth, number by number."""
    truth = Truth(r, now)
    shown = whose.only(person)
    for evening in (False, True):
        for kind in EVENING if evening else MORNING:
            asked = Asked(whose, evening, Listed(kind), person, me)
            desk = control.desk(r, asked, now=now)
            wanted = truth.list_of(kind, shown.has)
            if kind == "accept" and me is not None:  # nobody accepts their own results
                wanted -= {task.id for task in truth.tasks if task.assignee == me}
            assert set(desk.ids) == wanted, kind
            assert len(desk.ids) == len(wanted) == desk.count(kind), kind
            assert [row.id for row in desk.first] == list(desk.ids[: control.FIRST])
    desk = control.desk(r, Asked(whose, False), now=now)
    for load in desk.loads:
        mine = [t for t in truth.tasks if t.state == "open" and t.assignee == load.person_id]
        assert load.numbers.opened == len(mine)
    standing: dict[tuple[int | None, int], list[DealTruth]] = defaultdict(list)
    for deal in truth.deals:
        if whose.has(deal.owner):
            standing[deal.owner, deal.stage].append(deal)
    assert desk.counted.standing.keys() == standing.keys()
    for key, deals in standing.items():
        cell, stood = desk.counted.standing[key], [now - deal.since for deal in deals]
        assert (cell.deals, cell.stood, cell.longest) == (len(deals), sum(stood), max(stood))
        assert cell.stuck == sum(map(truth.is_stuck, deals))
    habits = truth.habits(whose.has)
    found = {one.person_id: (one.times, one.tasks) for one in desk.habits}
    assert found.items() <= habits.items()
    assert len(found) == min(len(habits), control.POSTPONERS)
    assert sorted((n for n, _ in found.values()), reverse=True) == [n for n, _ in found.values()]


def _play(steps: list[Step], now: int, seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, False)
        for stage in team.stages[:10]:
            team.desk.update("stage", stage, limit_days=chance.choice((None, 1, 2, 3)))
        for step in steps:
            team.tell(step)
        _busy_days(team, chance, team.at(now))
        for task in team.tasks:
            what = chance.randrange(5)
            if what == 0:
                team.desk.update("task", task, asks_result=1, result="Agreed")
            elif what == 1:
                team.desk.update("task", task, event="field", event_field="amount")
            elif what == 2:
                team.desk.update("task", task, asks_result=1, result="No", accepted=1)
        someone = [one for one in team.people if one is not None and one > 0]
        with store.read() as r:
            for _ in range(3):
                when = _moment(r, chance, team.at(now))
                compare(r, when, Whose(), None)
            compare(r, when, Whose(nobody=False), chance.choice(someone))
            members = control_scope.whose(r, None, team.groups[1], now=when)
            compare(r, when, members, None, someone[0])
            compare(r, when, Whose(frozenset(someone[:2])), someone[0])


def _busy_days(team: Team, chance: random.Random, now: int) -> None:
    """Deals and tasks of the last days, so that every list holds something."""
    desk, hour = team.desk, 3_600_000_000
    someone = [*team.people[:3], None]
    for _ in range(8):
        at = now - chance.randrange(100) * hour
        team.deals.append(desk.deal(chance.choice(team.stages[:6]), at, chance.choice(someone)))
    for _ in range(20):
        waits = chance.randrange(5) == 0
        at = now - chance.randrange(1, 400 if waits else 40) * hour
        due = None if waits else now + chance.randrange(-40, 60) * hour
        deal = chance.choice([*team.deals, None])
        task = desk.task(deal, chance.choice(someone), at, due)
        team.tasks.append(task)
        later = now - chance.randrange(0, 14) * hour
        what = chance.randrange(5)
        if what == 0:
            desk.fact(task, later, state="done")
        elif what == 1:
            desk.fact(task, later, due_at=now + chance.randrange(60) * hour, postponement=1)
        elif what == 2 and chance.randrange(2):
            desk.fact(task, later, state="cancelled")
    for _ in range(2):
        desk.delete("deal", chance.choice(team.deals))
    desk.delete("task", chance.choice(team.tasks))


def _moment(r: Reader, chance: random.Random, now: int) -> int:
    """Often the very moment of something, when it matters what comes first."""
    sources = (
        "SELECT at FROM task_change",
        "SELECT due_at FROM task WHERE due_at > 0 AND state = 'open'",
        "SELECT closed_at FROM task WHERE state = 'done'",
        f"SELECT since + limit_days * {DAY} FROM deal, stage WHERE stage.id = stage_id",
        f"SELECT at + {control.HABIT_DAYS * DAY} FROM task_change WHERE postponement = 1",
    )
    rows = r.rows(chance.choice(sources))
    near = [row[0] for row in rows if row[0] and abs(row[0] - now) < 30 * 3_600_000_000]
    if not near or chance.randrange(4) == 0:
        return now + chance.randrange(2)
    return int(chance.choice(near))


@settings(max_examples=400 if SOAK else 4)
@given(steps=st.lists(STEPS, max_size=20), now=moments(), seed=st.integers(0, 99))
def test_every_number_and_list_equals_the_truth(steps: list[Step], now: int, seed: int) -> None:
    _play(steps, now, seed)


@pytest.mark.parametrize("seed", range(200 if SOAK else 4))
def test_long_histories(seed: int) -> None:
    steps = random_steps(seed, 40)
    tasks = ("task", "fact", "fact", "fact")
    steps = [(tasks[at % 4] if at % 3 == 0 else step[0], *step[1:])
             for at, step in enumerate(steps)]  # fmt: skip
    _play(steps, random.Random(seed).randrange(20, DAYS) * len(MOMENTS) + seed % 6, seed)
