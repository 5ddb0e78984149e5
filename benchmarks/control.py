"""The control desk of 200 people with 100,000 deals and 1 M tasks, beside a bare count of both.

Run ``python -m benchmarks.control``, or with ``--quick`` at a tenth of the size. The workspace is
seeded and kept in ``.benchmarks/``: a tenth of the tasks is open, most of them due around now.
"""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, median, percentile, show, timed
from benchmarks.synthetic import BATCH, STAGES, made_once
from salesdesk.models.store import LongCommand, Reader, Store
from salesdesk.services import control
from salesdesk.services.control import Asked
from salesdesk.services.control_lists import Listed
from salesdesk.services.control_scope import Whose

GOAL_MS = 150.0
HOUR = DAY // 24
REASONS = ("The client asked to call later", "No answer", "Waiting for documents", "Ill")


@dataclass(frozen=True, slots=True)
class Size:
    """How large."""

    people: int = 200
    deals: int = 100_000
    tasks: int = 1_000_000

    @property
    def name(self) -> str:
        """A file name for it."""
        return f"control-{self.people}-{self.deals}-{self.tasks}.salesdesk"


def size(quick: bool) -> Size:
    """The size promised, or a tenth of it."""
    return Size(200, 10_000, 100_000) if quick else Size()


def workspace(large: Size) -> Path:
    """The workspace of this size, made at the first asking."""
    return made_once(large.name, lambda store: _Maker(store, large).make())


class _Maker:
    """Writes deals with their tasks in batches, through the door."""

    def __init__(self, store: Store, size: Size) -> None:
        self.store, self.size = store, size
        self.rng = random.Random(size.tasks)
        self.people: list[int] = []
        self.stages: list[int] = []

    def make(self) -> None:
        """Furnish, then write batches of deals until there are enough."""
        with self.store.command("init", now=NOW, origin="demo") as tx:
            tx.insert("setting", [{"name": "zone", "value": '"Europe/Moscow"'},
                                  {"name": "currency", "value": '"RUB"'}])  # fmt: skip
            teams = tx.insert("team", [{"name": f"Team {n}", "name_key": f"team {n}"}
                                       for n in range(10)])  # fmt: skip
            self.people = tx.insert("person", [
                {"name": f"Person {n}", "name_key": f"person {n}", "team_id": teams[n % 10]}
                for n in range(self.size.people)
            ])  # fmt: skip
            [pipeline] = tx.insert("pipeline", [{"name": "Sales", "name_key": "sales"}])
            self.stages = tx.insert("stage", [
                {"pipeline_id": pipeline, "name": name, "name_key": name.casefold(),
                 "position": place, "kind": kind, "milestone": milestone, "limit_days": 20}
                for place, (name, kind, milestone) in enumerate(STAGES)
            ])  # fmt: skip
            tx.insert("absence", [
                {"person_id": person, "first_day": 739_940, "last_day": 740_000,
                 "substitute_id": self.people[0]} for person in self.people[1:6]
            ])  # fmt: skip
        command = self.store.long_command("import.deals", now=NOW)
        each = self.size.tasks // self.size.deals
        for start in range(0, self.size.deals, BATCH):
            self._batch(command, start, min(BATCH, self.size.deals - start), each)
        with command.transaction(last=True):
            pass

    def _batch(self, command: LongCommand, start: int, count: int, each: int) -> None:
        rng = self.rng
        with command.transaction() as tx:
            deals = tx.insert("deal", [
                {"number": n + 1, "title": f"Deal {n}", "title_key": f"deal {n}",
                 "currency": "RUB", "amount": 10_000_000, "pos": float(n)}
                for n in range(start, start + count)
            ])  # fmt: skip
            owners = {deal: rng.choice(self.people) for deal in deals}
            tx.insert("stage_move", [
                {"deal_id": deal, "to_stage_id": rng.choice(self.stages[:6]),
                 "at": NOW - HOUR - int(rng.expovariate(1 / (6 * DAY))), "recorded_at": NOW,
                 "mover_as": "import", "owner_id": owners[deal], "sets_owner": 1,
                 "evidence": "reported"} for deal in deals
            ])  # fmt: skip
            owned = [(deal, owners[deal]) for deal in deals for _ in range(each)]
            begun = [NOW - rng.randint(1, 3 * 365 * 24) * HOUR for _ in owned]
            tasks = tx.insert("task", [
                {"title": "Call", "deal_id": deal, "created_at": at,
                 "asks_result": int(rng.random() < 0.05), "result": "Agreed",
                 "accepted": 1 if at < NOW - 10 * DAY else None}
                for (deal, _), at in zip(owned, begun, strict=True)
            ])  # fmt: skip
            facts = list(self._facts(tasks, owned, begun))
            tx.insert("task_change", facts)

    def _facts(
        self, tasks: list[int], owned: list[tuple[int, int]], begun: list[int]
    ) -> Iterator[dict[str, Any]]:
        rng = self.rng
        for task, (_deal, owner), at in zip(tasks, owned, begun, strict=True):
            plain = {"task_id": task, "assignee_id": None, "due_at": None, "state": None,
                     "postponement": 0, "reason": None, "person_id": owner}  # fmt: skip
            opened = rng.random() < 0.1
            due = NOW + rng.randint(-48, 400) * HOUR if opened else at + 24 * HOUR
            yield {**plain, "at": at, "fields": 7, "assignee_id": owner, "due_at": due,
                   "state": "open"}  # fmt: skip
            if rng.random() < 0.2:
                yield {**plain, "at": min(at + 2 * HOUR, NOW), "fields": 2,
                       "due_at": due, "postponement": 1, "reason": rng.choice(REASONS)}  # fmt: skip
            if not opened:
                closed = min(at + rng.randint(3, 90) * HOUR, NOW)
                yield {**plain, "at": closed, "fields": 4, "state": "done"}


def floor(r: Reader) -> object:
    """What any answer must at least look at: each deal and each open task, counted bare."""
    deals = r.value("SELECT count(*) FROM deal WHERE deleted_at IS NULL AND open_tasks >= 0")
    return deals, r.value("SELECT count(due_at) FROM task WHERE state = 'open' "
                          "AND deleted_at IS NULL")  # fmt: skip


def figures(path: Path) -> list[Figure]:
    """The morning and the evening of everybody, each with its first list."""
    found = []
    with Store.open(path) as store:

        def bare() -> object:
            with store.read() as r:
                return floor(r)

        bare()
        lowest = median(timed(bare, 9))
        for evening, kind in ((False, "overdue"), (False, "stuck"), (True, "done")):

            def ask(evening: bool = evening, kind: str = kind) -> object:
                with store.read() as r:
                    return control.desk(r, Asked(Whose(), evening, Listed(kind)), now=NOW)

            ask()
            times = timed(ask, 15)
            worst = percentile(times, 0.95)
            name = f"control desk, {'evening' if evening else 'morning'}, {kind}, p95"
            found.append(Figure(name, f"{worst:.0f} ms", f"{lowest:.0f} ms (counting)",
                                f"<= {GOAL_MS:.0f} ms", worst <= GOAL_MS))  # fmt: skip
    return found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="benchmarks.control", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the size")
    chosen = options.parse_args()
    show(figures(workspace(size(chosen.quick))))


if __name__ == "__main__":
    main()
