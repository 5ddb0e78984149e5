"""The workspace that the reports are measured on: deals with ten moves and ten tasks each, clients,
payments, sources, reasons and plans; seeded, kept in ``.benchmarks/``."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clock import DAY, NOW
from benchmarks.synthetic import STAGES, made_once
from salesdesk.models.store import LongCommand, Store, Transaction
from salesdesk.moments import month_of

YEARS = 3
MOVES = TASKS = 10
_BATCH = 250
HOUR = DAY // 24


@dataclass(frozen=True, slots=True)
class Size:
    """How large: deals, each with ten moves and ten tasks; people."""

    deals: int = 100_000
    people: int = 200

    @property
    def name(self) -> str:
        """A file name for it."""
        return f"reports-{self.people}-{self.deals}.salesdesk"


def workspace(size: Size) -> Path:
    """The workspace of this size, made at the first asking."""
    return made_once(size.name, lambda store: _Maker(store, size).make())


class _Maker:
    """Writes deals with everything about them in batches, through the door."""

    def __init__(self, store: Store, size: Size) -> None:
        self.store, self.size = store, size
        self.rng = random.Random(size.deals)
        self.ids: dict[str, list[int]] = {}

    def make(self) -> None:
        """Furnish, then write batches of deals until there are enough."""
        with self.store.command("init", now=NOW, origin="demo") as tx:
            self._furnish(tx)
        command = self.store.long_command("import.deals", now=NOW)
        for start in range(0, self.size.deals, _BATCH):
            self._batch(command, start, min(_BATCH, self.size.deals - start))
        with command.transaction(last=True):
            pass

    def _furnish(self, tx: Transaction) -> None:
        tx.insert("setting", [{"name": "zone", "value": '"Europe/Moscow"'},
                              {"name": "currency", "value": '"RUB"'}])  # fmt: skip
        for table, what, count in (
            ("team", "Team", 10), ("source", "Source", 8), ("industry", "Industry", 12),
            ("task_kind", "Kind", 6), ("lost_reason", "Reason", 9), ("contractor", "Haulier", 50),
        ):  # fmt: skip
            self.ids[table] = tx.insert(table, [
                {"name": f"{what} {n}", "name_key": f"{what} {n}".casefold()} for n in range(count)
            ])  # fmt: skip
        self.ids["person"] = tx.insert("person", [
            {"name": f"Person {n}", "name_key": f"person {n}",
             "team_id": self.ids["team"][n % 10]} for n in range(self.size.people)
        ])  # fmt: skip
        [pipeline] = tx.insert("pipeline", [{"name": "Sales", "name_key": "sales"}])
        self.ids["stage"] = tx.insert("stage", [
            {"pipeline_id": pipeline, "name": name, "name_key": name.casefold(), "kind": kind,
             "position": place, "milestone": milestone, "probability": min(90, 10 + place * 15)}
            for place, (name, kind, milestone) in enumerate(STAGES)
        ])  # fmt: skip
        self.ids["client"] = tx.insert("client", [
            {"kind": "company", "name": f"Company {n}", "name_key": f"company {n}",
             "source_id": self.rng.choice(self.ids["source"]),
             "industry_id": self.rng.choice(self.ids["industry"])}
            for n in range(max(10, self.size.deals // 10))
        ])  # fmt: skip
        month = month_of(NOW // DAY + 719_163)
        tx.insert("plan", [
            {"metric": "actions", "kind_id": kind, "person_id": person, "month": month - back,
             "value": 200_000}
            for person in self.ids["person"] for kind in self.ids["task_kind"][:3]
            for back in range(12)
        ])  # fmt: skip

    def _batch(self, command: LongCommand, start: int, count: int) -> None:
        rng, ids = self.rng, self.ids
        with command.transaction() as tx:
            deals = tx.insert("deal", [
                {"number": n + 1, "title": f"Deal {n}", "title_key": f"deal {n}",
                 "currency": "RUB", "amount": rng.randint(10, 2_000) * 10_000_000,
                 "client_id": rng.choice(ids["client"]), "pos": float(n),
                 "lost_reason_id": rng.choice(ids["lost_reason"]),
                 "expected_day": NOW // DAY + 719_163 + rng.randint(-90, 180),
                 "parent_id": None}
                for n in range(start, start + count)
            ])  # fmt: skip
            moves: list[dict[str, Any]] = []
            payments: list[dict[str, Any]] = []
            tasks: list[tuple[int, int, int]] = []
            for deal in deals:
                owner = rng.choice(ids["person"])
                born = NOW - rng.randint(1, YEARS * 365) * DAY
                moves += self._moves(deal, owner, born)
                payments += self._payments(deal, born)
                tasks += [(deal, owner, born + n * 5 * DAY) for n in range(TASKS)]
            tx.insert("stage_move", moves)
            tx.insert("payment", payments)
            self._tasks(tx, tasks)

    def _moves(self, deal: int, owner: int, born: int) -> list[dict[str, Any]]:
        """Ten moves up and down, the last one maybe to an end."""
        rng, stages = self.rng, self.ids["stage"]
        path = [0]
        while len(path) < MOVES:
            path.append(rng.choice([n for n in range(6) if n != path[-1]]))
        if rng.random() < 0.7:
            path[-1] = 6 if rng.random() < 0.4 else 7
        at, found = born, []
        for place, step in enumerate(path):
            found.append({
                "deal_id": deal, "to_stage_id": stages[step], "at": min(at, NOW - 1),
                "recorded_at": NOW, "mover_as": "import", "owner_id": owner,
                "sets_owner": int(place == 0), "evidence": "reported", "lost_reason_id": None,
            })  # fmt: skip
            at += rng.randint(1, 9) * DAY + rng.randint(1, HOUR)
        return found

    def _payments(self, deal: int, born: int) -> list[dict[str, Any]]:
        rng = self.rng
        day = born // DAY + 719_163 + rng.randint(0, 120)
        return [
            {"deal_id": deal, "direction": which, "amount": rng.randint(1, 900) * 10_000_000,
             "currency": "RUB", "planned_day": day, "note": None,
             "actual_day": day + rng.randint(-3, 9) if rng.random() < 0.8 else None,
             "contractor_id": rng.choice(self.ids["contractor"]) if which == "out" else None}
            for which in ("in", "out")
        ]  # fmt: skip

    def _tasks(self, tx: Transaction, wanted: list[tuple[int, int, int]]) -> None:
        rng = self.rng
        begun = [min(at, NOW - HOUR) for _, _, at in wanted]
        made = tx.insert("task", [
            {"title": "Call", "deal_id": deal, "created_at": at,
             "kind_id": rng.choice(self.ids["task_kind"])}
            for (deal, _, _), at in zip(wanted, begun, strict=True)
        ])  # fmt: skip
        facts: list[dict[str, Any]] = []
        for task, (_, owner, _), at in zip(made, wanted, begun, strict=True):
            plain = {"task_id": task, "assignee_id": None, "due_at": None, "person_id": owner}
            opened = rng.random() < 0.02
            due = NOW + rng.randint(-48, 700) * HOUR if opened else at + 24 * HOUR
            facts.append({**plain, "at": at, "fields": 7, "assignee_id": owner, "due_at": due,
                          "state": "open"})  # fmt: skip
            if not opened:
                closed = min(at + rng.randint(3, 90) * HOUR, NOW - 1)
                facts.append({**plain, "at": closed, "fields": 4, "state": "done"})
        tx.insert("task_change", facts)
