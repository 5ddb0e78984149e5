"""Builds small workspaces through the store, in the order of the telling.

``Desk`` writes bare facts (one command each), so that histories can be told that no verb would
write: moves of the past, of one moment, undone ones. Moments are given as local texts
(``"2026-11-03T10:00"``) or as integers.
"""

import functools
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import money_of, points_int
from salesdesk.names import key
from salesdesk.services import history

KEEP = -1
"""As an owner: whoever it was."""

#: The stages of a sales pipeline: name, kind, milestone, points.
SALES = (
    ("New", "open", "new", "0.1"),
    ("Set", "open", "meeting_scheduled", "1"),
    ("Held", "open", "meeting_held", "3"),
    ("Signed", "open", "contract_signed", "7"),
    ("Advance", "open", "advance_paid", "15"),
    ("Won", "won", "won", "35"),
    ("Lost", "lost", "lost", "0"),
)


def day(text: str) -> int:
    """The number of a day, ``2026-11-03``."""
    return date.fromisoformat(text).toordinal()


@functools.cache
def _empty() -> Path:
    """An empty workspace to copy: making one takes a while."""
    folder = tempfile.TemporaryDirectory(prefix="salesdesk-empty-")
    _folders.append(folder)
    path = Path(folder.name) / "empty.salesdesk"
    create_workspace(path)
    return path


_folders: list[tempfile.TemporaryDirectory[str]] = []


def empty_store(folder: Path, name: str = "team.salesdesk") -> Store:
    """A new workspace without anything in it, opened."""
    path = folder / name
    shutil.copy(_empty(), path)
    return Store.open(path)


class Desk:
    """A workspace and short words to tell what happened in it; each returns the new id."""

    def __init__(self, store: Store, zone: str = "Europe/Moscow", **settings: object) -> None:
        self.store = store
        self.clock = 0
        self.commands: list[int] = []
        for name, value in {"zone": zone, "currency": "RUB", **settings}.items():
            self.insert("setting", name=name, value=json.dumps(value))
        self._numbers = 0

    def at(self, moment: str | int) -> int:
        """A moment from its local text."""
        if isinstance(moment, int):
            return moment
        return self.store.zone.moment(datetime.fromisoformat(moment))

    # -- one command each -----------------------------------------------------------------------

    def insert(self, table: str, **row: Any) -> int:
        """Insert one row as one command."""
        with self._command() as tx:
            [made] = tx.insert(table, [row])
        self.commands.append(tx.command_id)
        return made

    def update(self, table: str, row_id: int, **fields: Any) -> None:
        """Change one row as one command (deals that depend on it are derived again)."""
        from salesdesk.services.records import mark_dependents

        with self._command() as tx:
            tx.update(table, [{"id": row_id, **fields}])
            mark_dependents(tx, table, [row_id], fields)
        self.commands.append(tx.command_id)

    def _command(self) -> AbstractContextManager[Transaction]:
        self.clock += 1
        return self.store.command("test", now=self.clock, origin="cli")

    # -- configuration --------------------------------------------------------------------------

    def team(self, name: str, parent: int | None = None) -> int:
        return self.insert("team", name=name, name_key=key(name), parent_id=parent)

    def person(self, name: str, **fields: Any) -> int:
        return self.insert("person", name=name, name_key=key(name), **fields)

    def pipeline(
        self, name: str, stages: Sequence[Sequence[str | None]] = SALES, counts: bool = True
    ) -> list[int]:
        """A pipeline; returns the ids of its stages."""
        pipeline = self.insert("pipeline", name=name, name_key=key(name), counts=int(counts))
        return [
            self.stage(pipeline, place, *stage)  # type: ignore[arg-type]
            for place, stage in enumerate(stages)
        ]

    def stage(
        self,
        pipeline: int,
        position: int,
        name: str,
        kind: str = "open",
        milestone: str | None = None,
        points: str | None = None,
    ) -> int:
        made = self.insert(
            "stage", pipeline_id=pipeline, name=name, name_key=key(name), position=position,
            kind=kind, milestone=milestone,
        )  # fmt: skip
        if points is not None:
            self.points(made, points)
        return made

    def points(self, stage: int, points: str, since: int | None = None) -> int:
        value = points_int(Decimal(points))
        return self.insert("stage_points", stage_id=stage, valid_from=since, points=value)

    def rate(self, currency: str, rate: str, since: int | None = None) -> int:
        units = int(Decimal(rate) * 100_000_000)
        return self.insert("rate", currency=currency, rate=units, valid_from=since)

    def plan(self, metric: str, month: int, value: str, **whose: int) -> int:
        units = money_of(Decimal(value))
        return self.insert("plan", metric=metric, month=month, value=units, **whose)

    def norm(self, metric: str, value: str, month: int | None = None, **whose: int) -> int:
        units = money_of(Decimal(value))
        return self.insert("norm", metric=metric, month=month, value=units, **whose)

    def lost_reason(self, name: str, not_refusal: bool = False) -> int:
        row = {"name": name, "name_key": key(name), "not_refusal": int(not_refusal)}
        return self.insert("lost_reason", **row)

    # -- deals ----------------------------------------------------------------------------------

    def deal(self, stage: int, at: str | int, owner: int | None = None, **fields: Any) -> int:
        """A deal that was created in a stage; ``amount`` and ``cost`` are texts of decimals."""
        with self._command() as tx:
            made = self.insert_deal(tx, fields)
            self._insert_move(tx, made, stage, self.at(at), owner)
        self.commands.append(tx.command_id)
        return made

    def insert_deal(self, tx: Transaction, fields: Mapping[str, Any]) -> int:
        """The row of a deal that has not happened yet."""
        self._numbers += 1
        title = f"Deal {self._numbers}"
        row = {"number": self._numbers, "title": title, "title_key": key(title),
               "currency": "RUB", **fields}  # fmt: skip
        for name in ("amount", "cost"):
            if isinstance(row.get(name), str):
                row[name] = money_of(Decimal(row[name]))
        return tx.insert("deal", [row])[0]

    def move(
        self, deal: int, stage: int, at: str | int, owner: int | None = KEEP, **fields: Any
    ) -> int:
        """A move; returns its command (``history.undo``)."""
        with self._command() as tx:
            if "lost_reason_id" in fields:
                tx.update("deal", [{"id": deal, "lost_reason_id": fields["lost_reason_id"]}])
            self._insert_move(tx, deal, stage, self.at(at), owner, **fields)
        self.commands.append(tx.command_id)
        return tx.command_id

    def _insert_move(
        self, tx: Transaction, deal: int, stage: int, at: int, owner: int | None, **fields: Any
    ) -> None:
        own = {"owner_id": None if owner == KEEP else owner, "sets_owner": int(owner != KEEP)}
        row = {"deal_id": deal, "to_stage_id": stage, "at": at, "recorded_at": at, **own}
        tx.insert("stage_move", [{**row, **fields}])

    def moves(self, deal: int) -> list[int]:
        """The ids of a deal's moves, in the order of their recording."""
        with self.store.read() as r:
            sql = "SELECT id FROM stage_move WHERE deal_id = ? ORDER BY id"
            return [row[0] for row in r.rows(sql, (deal,))]

    def give(self, deal: int, person: int | None, at: str | int) -> int:
        return self.insert("owner_change", deal_id=deal, person_id=person, at=self.at(at))

    def rule(self, kind: str, deal: int, stage: int, move: int, person: int | None = None) -> int:
        row = {"deal_id": deal, "stage_id": stage, "move_id": move, "kind": kind}
        return self.insert("reach_ruling", **row, person_id=person, reason="because", at=self.clock)

    # -- tasks ----------------------------------------------------------------------------------

    def task(
        self, deal: int | None, person: int | None, at: str | int, due: str | int | None = None
    ) -> int:
        moment = self.at(at)
        with self._command() as tx:
            row = {"title": "Call", "deal_id": deal, "created_at": moment}
            [made] = tx.insert("task", [row])
            fact = {"task_id": made, "at": moment, "fields": 7, "assignee_id": person,
                    "due_at": None if due is None else self.at(due), "state": "open"}  # fmt: skip
            tx.insert("task_change", [fact])
        self.commands.append(tx.command_id)
        return made

    def fact(self, task: int, at: str | int, **what: Any) -> int:
        """A change of a task: ``assignee_id``, ``due_at``, ``state``, ``postponement``."""
        bits = {"assignee_id": 1, "due_at": 2, "state": 4}
        fields = sum(bit for name, bit in bits.items() if name in what)
        return self.insert("task_change", task_id=task, at=self.at(at), fields=fields, **what)

    # -- taking back ----------------------------------------------------------------------------

    def undo(self, command: int) -> None:
        history.undo(self.store, command, person=None, now=self.clock)

    def redo(self, command: int) -> None:
        history.redo(self.store, command, person=None, now=self.clock)

    def delete(self, table: str, row_id: int) -> None:
        self.update(table, row_id, deleted_at=self.clock + 1)

    def restore(self, table: str, row_id: int) -> None:
        self.update(table, row_id, deleted_at=None)
