"""Made-up workspaces of any size, written through the door; seeded, kept in ``.benchmarks/``."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clock import DAY, NOW
from salesdesk.models import sqlite
from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import LongCommand, Reader, Store
from salesdesk.moments import SECOND
from salesdesk.services import search

FOLDER = Path(__file__).parent.parent / ".benchmarks"
YEARS = 3
BATCH = 400
STAGES = (
    ("New request", "open", "new"), ("Meeting scheduled", "open", "meeting_scheduled"),
    ("Meeting held", "open", "meeting_held"), ("Offer", "open", None),
    ("Contract signed", "open", "contract_signed"), ("Advance paid", "open", "advance_paid"),
    ("Won", "won", "won"), ("Lost", "lost", "lost"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How large: deals that are open, moves in all, people."""

    open_deals: int
    moves: int
    people: int = 20

    @property
    def name(self) -> str:
        """A file name for it."""
        return f"desk-{self.open_deals}-{self.moves}-{self.people}.salesdesk"


def workspace(size: Size) -> Path:
    """A fresh copy of the workspace of this size (made at the first asking)."""
    kept = made_once(size.name, lambda store: _Maker(store, size).make())
    copy = FOLDER / f"copy-{size.name}"
    for old in FOLDER.glob(f"copy-{size.name}*"):
        old.unlink()
    shutil.copy(kept, copy)
    return copy


def made_once(name: str, fill: Callable[[Store], object]) -> Path:
    """The workspace kept under this name; ``fill`` writes it at the first asking. One that was
    interrupted is not kept."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / name
    if not path.exists():
        print(f"Making {name} ...", flush=True)
        unfinished = path.with_name(f"new-{name}")
        for old in FOLDER.glob(f"{unfinished.name}*"):
            old.unlink()
        create_workspace(unfinished)
        with Store.open(unfinished) as store:
            fill(store)
            for _ in search.catch_up(store):  # else the window does it beside what is measured
                pass
            sqlite.optimize(store.connection)
            store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        unfinished.rename(path)
    return path


def moves_frame(r: Reader) -> Any:
    """The raw moves as a pandas frame: deal, stage, at, owner, sets."""
    import pandas as pd

    return pd.DataFrame(
        r.rows("SELECT deal_id, to_stage_id, at, owner_id, sets_owner FROM stage_move "
               "WHERE undone = 0 AND superseded = 0"),
        columns=["deal", "stage", "at", "owner", "sets"],
    )  # fmt: skip


class _Maker:
    def __init__(self, store: Store, size: Size) -> None:
        self.store = store
        self.size = size
        self.rng = random.Random(size.moves)
        self.people: list[int] = []
        self.stages: list[int] = []
        self.clients: list[int] = []
        self._number = 0

    def make(self) -> None:
        """Furnish, then write deals until there are enough moves."""
        with self.store.command("init", now=NOW, origin="demo") as tx:
            tx.insert("setting", [{"name": "zone", "value": '"Europe/Moscow"'},
                                  {"name": "currency", "value": '"RUB"'}])  # fmt: skip
            self.people = tx.insert("person", [
                {"name": f"Person {n}", "name_key": f"person {n}"}
                for n in range(self.size.people)
            ])  # fmt: skip
            [pipeline] = tx.insert("pipeline", [{"name": "Sales", "name_key": "sales"}])
            colours = ("slate", "blue", "teal", "violet", "orange", "pink", "green", "red")
            self.stages = tx.insert("stage", [
                {"pipeline_id": pipeline, "name": name, "name_key": name.casefold(),
                 "position": place, "kind": kind, "milestone": milestone, "limit_days": 30,
                 "probability": min(90, 10 + place * 15), "colour": colours[place]}
                for place, (name, kind, milestone) in enumerate(STAGES)
            ])  # fmt: skip
            tx.insert("stage_points", [{"stage_id": stage, "points": 1_000_000 * (place + 1)}
                                       for place, stage in enumerate(self.stages)])  # fmt: skip
            tx.insert("task_rule", [
                {"stage_id": stage, "title": title, "amount": days, "unit": "working_days",
                 "leave_policy": "cancel"}
                for stage in self.stages[:6] for title, days in (("Call", 1), ("Send offer", 3))
            ])  # fmt: skip
            self.clients = tx.insert("client", [
                {"kind": "company", "name": f"Company {n}", "name_key": f"company {n}"}
                for n in range(2_000)
            ])  # fmt: skip
        command = self.store.long_command("import.deals", now=NOW)
        opened = 0
        moves = 0
        while opened < self.size.open_deals or moves < self.size.moves:
            paths = []
            for _ in range(BATCH):
                wants_open = opened < self.size.open_deals
                if not wants_open and moves >= self.size.moves:
                    break
                spare = self.size.moves - moves - (self.size.open_deals - opened)
                paths.append(self._path(wants_open, spare))
                opened += wants_open
                moves += len(paths[-1])
            self._write(command, paths)
        with command.transaction(last=True):
            pass

    def _path(self, stays_open: bool, spare: int) -> list[int]:
        """Places of the stages that a deal entered, in order."""
        most = min(6, max(1, spare))
        path = list(range(self.rng.randint(1, most)))
        if stays_open:
            return path
        return [*path, 6 if self.rng.random() < 0.3 else 7]

    def _write(self, command: LongCommand, paths: list[list[int]]) -> None:
        rows: list[dict[str, Any]] = []
        for _ in paths:
            self._number += 1
            rows.append({
                "number": self._number, "title": f"Deal {self._number}",
                "title_key": f"deal {self._number}", "currency": "RUB",
                "amount": self.rng.randint(10, 2_000) * 10_000_000, "cost": None,
                "client_id": self.rng.choice(self.clients), "pos": float(self._number),
            })  # fmt: skip
        with command.transaction() as tx:
            ids = tx.insert("deal", rows)
            moves: list[dict[str, Any]] = []
            busy: list[tuple[int, int]] = []
            for deal, path in zip(ids, paths, strict=True):
                owner = self.rng.choice(self.people)
                at = NOW - self.rng.randint(1, YEARS * 365) * DAY + self.rng.randint(0, DAY)
                for place, step in enumerate(path):
                    moves.append({
                        "deal_id": deal, "to_stage_id": self.stages[step], "at": min(at, NOW - 1),
                        "recorded_at": NOW, "mover_as": "import", "owner_id": owner,
                        "sets_owner": int(place == 0), "evidence": "reported", "amount": None,
                    })  # fmt: skip
                    at += self.rng.randint(1, 9) * DAY
                if path[-1] < 6 and self.rng.random() < 0.6:
                    busy.append((deal, owner))
            tx.insert("stage_move", moves)
            tasks = tx.insert("task", [
                {"title": "Call", "deal_id": deal, "created_at": NOW - DAY} for deal, _ in busy
            ])  # fmt: skip
            tx.insert("task_change", [
                {"task_id": task, "at": NOW - DAY, "fields": 7, "assignee_id": owner,
                 "due_at": NOW + self.rng.randint(-20, 200) * 3600 * SECOND, "state": "open"}
                for task, (_, owner) in zip(tasks, busy, strict=True)
            ])  # fmt: skip
