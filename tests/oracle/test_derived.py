"""What the store derives from random facts, counted one by one, equals the oracle."""

import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models import derive, migrate
from salesdesk.models.derived import rebuild
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import SECOND
from salesdesk.services import history
from tests.oracle.adapter import world_of
from tests.oracle.ranking_oracle import MILESTONES, STANDING, ranking
from tests.oracle.story import day
from tests.oracle.world import World

HOUR = 3600 * SECOND
FIRST, LAST = day("2026-02-20"), day("2026-04-10")
PERSONS = ("Anna", "Boris", "Vera", "Director")
#: A winter's end with a clock change (29 March 2026 in Berlin) in the middle.
PERIODS = (
    ("2026-03-01", "2026-03-31"),
    ("2026-03-29", "2026-03-29"),
    ("2026-02-25", "2026-03-10"),
    ("2026-01-01", "2026-12-31"),
)
NOW_DAY = day("2026-04-05")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "team.salesdesk"
    migrate.create_workspace(path)
    return path


@pytest.fixture
def store(tmp_path: Path, empty: Path) -> Iterator[Store]:
    path = tmp_path / empty.name
    shutil.copy(empty, path)
    with Store.open(path) as opened:
        yield opened


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "name_key": name.casefold(), **more}


def configure(tx: Transaction, skipped: bool) -> None:
    tx.insert("setting", [{"name": "zone", "value": '"Europe/Berlin"'}])
    value = "true" if skipped else "false"
    tx.insert("setting", [{"name": "count_skipped_stages", "value": value}])
    tx.insert("person", [named(name, in_ranking=int(name != "Director")) for name in PERSONS])
    pipelines = [named("Sales", counts=1), named("Service", counts=1), named("Other", counts=0)]
    tx.insert("pipeline", pipelines)
    reasons = [named("Price", not_refusal=0), named("Spam", not_refusal=1)]
    tx.insert("lost_reason", reasons)
    kinds = ["open", "open", "open", "open", "won", "lost", "lost"]
    for pipeline in (1, 2, 3):
        held = ["meeting_scheduled", "meeting_held", "meeting_held"]
        paid = ["contract_signed", "contract_signed", "advance_paid"]
        marks = ["new", *(paid if pipeline == 2 else held), "won", "lost", "lost"]
        stages = [
            named(f"{pipeline}-{n}", pipeline_id=pipeline, position=n, kind=kind, milestone=mark)
            for n, (kind, mark) in enumerate(zip(kinds, marks, strict=True))
        ]
        for stage in tx.insert("stage", stages):
            tx.insert("stage_points", [{"stage_id": stage, "points": stage * 100_000}])
            since = {"stage_id": stage, "valid_from": day("2026-03-15"), "points": stage * 1_000}
            tx.insert("stage_points", [since])


class Chance:
    """Random facts, thick around midnights, month ends and the clock change."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        zone = store.zone
        self.moments = [zone.start_of(d) + n for d in range(FIRST, LAST, 3) for n in (-1, 0, 1)]
        special = ("2026-03-01", "2026-03-29", "2026-03-30", "2026-04-01")
        self.moments += [zone.start_of(day(d)) + n for d in special for n in (-1, 0, 1, 2 * HOUR)]

    def moment(self) -> int:
        return self.random.choice(self.moments)

    def person(self) -> int | None:
        return self.random.choice((1, 1, 2, 2, 3, 4, None))

    def move(self, deal: int, evidence: str) -> dict[str, Any]:
        pipeline = 1 + deal % 3
        place = self.random.choice((0, 0, 1, 2, 3, 4, 5, 6))
        at = self.moment()
        return {
            "deal_id": deal,
            "to_stage_id": 7 * (pipeline - 1) + place + 1,
            "at": at,
            "recorded_at": at,
            "mover_id": 1,
            "mover_as": "import",
            "owner_id": self.person(),
            "sets_owner": self.random.randint(0, 1),
            "lost_reason_id": self.random.choice((1, 2, None)) if place > 4 else None,
            "evidence": evidence,
        }

    def task_change(self, task: int, fields: int) -> dict[str, Any]:
        return {
            "task_id": task,
            "at": self.moment(),
            "fields": fields,
            "assignee_id": self.person(),
            "due_at": self.random.choice((self.moment(), None)),
            "state": "open" if fields == 7 else self.random.choice(("open", "done", "cancelled")),
        }


def play(store: Store, chance: Chance) -> None:
    """A few commands of random facts, some of them undone and done again."""
    rnd = chance.random
    commands = []
    with store.command("fill", now=chance.moment()) as tx:
        deals = [
            {"number": n, "title": f"d{n}", "title_key": f"d{n}", "currency": "RUB", "amount": n}
            for n in range(1, 10)
        ]
        ids = tx.insert("deal", deals)
        tx.insert("stage_move", [chance.move(deal, rnd.choice(KINDS)) for deal in ids])
        tasks = [
            {"title": f"t{n}", "deal_id": rnd.choice((*ids, None)), "created_at": 0}
            for n in range(14)
        ]
        made = tx.insert("task", tasks)
        tx.insert("task_change", [chance.task_change(task, 7) for task in made])
    for _ in range(12):
        with store.command("more", now=chance.moment()) as tx:
            deal = rnd.choice(ids)
            moves = [chance.move(deal, rnd.choice(KINDS)) for _ in range(rnd.randint(1, 3))]
            entries = tx.insert("stage_move", moves)
            change = {"deal_id": rnd.choice(ids), "person_id": chance.person()}
            tx.insert("owner_change", [{**change, "at": chance.moment()}])
            fields = rnd.choice((1, 2, 3, 4, 5))
            tx.insert("task_change", [chance.task_change(rnd.choice(made), fields)])
            if rnd.random() < 0.4:
                ruling = {"deal_id": deal, "stage_id": moves[0]["to_stage_id"]}
                kind = rnd.choice(("void", "credit", "restore"))
                person = rnd.choice((1, 2, 3)) if kind == "credit" else None
                more = {"move_id": entries[0], "kind": kind, "person_id": person}
                at = {"reason": "because", "at": chance.moment()}
                tx.insert("reach_ruling", [{**ruling, **more, **at}])
        commands.append(tx.command_id)
    undone = rnd.sample(commands, 5)
    for command in undone:
        history.undo(store, command, person=None, now=chance.moment())
    for command in undone[:2]:
        history.redo(store, command, person=None, now=chance.moment())
    with store.command("delete", now=chance.moment()) as tx:
        tx.delete("deal", [rnd.choice(ids)])
        tx.delete("task", [rnd.choice(made)])
        tx.update("deal", [{"id": rnd.choice(ids), "lost_reason_id": rnd.choice((1, 2))}])


KINDS = ("acted", "acted", "reported", "assumed", "told")


def counted(r: Any, world: World, start: int, stop: int) -> dict[tuple[int, str], list[Any]]:
    """The items behind every number, read from the derived rows one by one."""
    found: dict[tuple[int, str], set[Any]] = defaultdict(set)
    counts = {p.id for p in world.pipelines if p.counts}
    last = stop - 1
    for item, kind, begin, person, scope, end in r.rows(
        "SELECT item_id, kind, start, person_id, scope_id, stop FROM hold"
    ):
        if scope not in counts and scope != 0:
            continue
        meets = begin < stop and (end is None or end > start)
        at_end = begin <= last and (end is None or end > last)
        inside = start <= begin < stop
        truth = {
            derive.SEEN: ("requests_total", meets),
            derive.OPEN: ("in_work", at_end),
            derive.NEW: ("requests_new", inside),
            derive.LOST: ("lost", at_end and inside),
            derive.IDLE: ("deals_without_tasks", at_end),
            derive.TASK: ("tasks_total", meets),
            derive.OVERDUE: ("tasks_overdue", at_end),
        }.get(kind)
        if truth is not None and truth[1]:
            found[person, truth[0]].add(item)
    for deal, stage, person, at, move in r.rows(
        "SELECT deal_id, stage_id, person_id, at, move_id FROM reach"
    ):
        info = world.stage(stage)
        if start <= at < stop and info.pipeline in counts:
            found[person, "points"].add((deal, stage, move))
            if info.milestone in MILESTONES:
                found[person, MILESTONES[info.milestone]].add(deal)
    return {key: sorted(items) for key, items in found.items()}


def standing(r: Any, world: World, last: int) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = defaultdict(int)
    for begin, end, stage, owner in r.rows("SELECT start, stop, stage_id, owner_id FROM span"):
        info = world.stage(stage)
        counts = next(p.counts for p in world.pipelines if p.id == info.pipeline)
        here = begin <= last and (end is None or end > last)
        if counts and here and owner is not None and info.milestone in STANDING:
            found[owner, info.milestone] += 1
    return dict(found)


def compare(store: Store) -> None:
    with store.read() as r:
        world = world_of(r)
        now = store.zone.start_of(NOW_DAY) + 12 * HOUR
        for first, last in PERIODS:
            answer = ranking(world, day(first), day(last), now)
            start, stop = store.zone.start_of(day(first)), store.zone.start_of(day(last) + 1)
            stop = now + 1 if start <= now < stop else stop
            derived = counted(r, world, start, stop)
            stands = standing(r, world, stop - 1)
            for row in answer.rows:
                for metric in (*row.numbers, "points"):
                    items: list[Any] = row.items.get(metric, [])
                    if metric == "points":
                        items = [(reach.deal, reach.stage.id, reach.move) for reach in items]
                    key = (row.person.id, metric)
                    assert sorted(items) == derived.get(key, []), (first, last, key)
                for milestone, number in row.standing.items():
                    assert number == stands.get((row.person.id, milestone), 0)


@pytest.mark.parametrize("seed", range(25))
def test_derived_rows_equal_the_oracle(store: Store, seed: int) -> None:
    with store.command("configure", now=0) as tx:
        configure(tx, skipped=seed % 2 == 1)
    play(store, Chance(store, seed))
    compare(store)


def test_rebuild_equals_the_oracle(store: Store) -> None:
    with store.command("configure", now=0) as tx:
        configure(tx, skipped=True)
    play(store, Chance(store, 1000))
    with store.command("rebuild", now=0) as tx:
        rebuild(tx)
    compare(store)
