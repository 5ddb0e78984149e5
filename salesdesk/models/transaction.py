"""A transaction: the only way to write. It logs each change, and derives before it commits."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from salesdesk.models import following, guarding, sqlite
from salesdesk.models.asking import Asking, Row
from salesdesk.models.books import Books

if TYPE_CHECKING:
    from salesdesk.models.store import LongCommand, Store

FACTS = {"stage_move", "owner_change", "reach_ruling", "task_change"}
#: Tables that the cached configuration is read from.
CONFIGURATION = {
    "absence", "custom_field", "day_off", "calendar_year", "link_rule", "lost_reason", "person",
    "pipeline", "setting", "stage", "stage_points", "task_kind", "task_rule", "team",
}  # fmt: skip
#: Fields of a deal that sums depend on.
SUMMED = {"amount", "cost", "currency", "probability", "deleted_at", "parent_id", "lost_reason_id"}


class Transaction(Asking):
    """Reads see what it wrote; ``finish`` writes log and derived rows (called by the store)."""

    def __init__(self, store: "Store", command: "LongCommand", last: bool) -> None:
        self.store = store
        self._command = command
        self.kind = command.kind
        self.now = command.now
        self.person = command.person
        self.origin = command.origin
        self._connection = store.connection
        self._log: list[tuple[int, int, str, int, str | None, Any, Any]] = []
        self._next_change = self._top("change")
        self._first_change = self._next_change
        self.txn_id = self._top("txn")
        self.tables: dict[str, set[int]] = {}
        self.dirty_deals: set[int] = set()
        self.dirty_tasks: set[int] = set()
        self.new_deals: set[int] = set()
        self.deals_before: dict[int, dict[str, Any]] = {}
        self._next_ids: dict[str, int] = {}
        self.new_tasks: dict[int, int | None] = {}
        self.places: dict[int, float] = {}
        self.day_changes: dict[int, tuple[int, list[Row]]] = {}
        self.begun: list[Row] | None = []
        self._last = last
        self.command_id = self._begin(command)
        self._watch = guarding.watch_of(self)

    @property
    def zone(self) -> Any:
        """The workspace's time zone."""
        return self.store.zone

    # -- writing ------------------------------------------------------------------------------

    def insert(self, table: str, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Insert records or facts, all with the same fields; returns their keys."""
        if not rows:
            return []
        columns = self.store.columns(table)
        first = self._next_ids.get(table) or self._top(table)
        ids = list(range(first, first + len(rows)))
        self._next_ids[table] = first + len(rows)
        if self._watch is not None:
            self._watch.inserting(table, ids, rows)
        names = ["id", *rows[0]]
        makes_uid = "uid" in columns and "uid" not in rows[0]
        makes_seq = "seq" in columns
        values = []
        for key, row in zip(ids, rows, strict=True):
            line = [key, *row.values()]
            if makes_uid:
                line.append(self.store.identities.make(self.now))
            if makes_seq:
                line.append(self._next_change)
            values.append(tuple(line))
            self._log.append((self._next_change, self.txn_id, table, key, None, None, None))
            self._next_change += 1
        names += ["uid"] * makes_uid + ["seq"] * makes_seq
        if table in FACTS:
            names.append("command_id")
            values = [(*line, self.command_id) for line in values]
        self._check(names, columns, table)
        self._many(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({sqlite.rows_in(names)})", values
        )
        self._note(table, ids)
        self._mark_dirty(table, ids, rows)
        return ids

    def update(self, table: str, rows: Sequence[dict[str, Any]]) -> int:
        """Set fields of records (each row has ``id``); logs what really changed and counts it."""
        changed = 0
        for fields, group in _by_fields(rows):
            changed += self._update_group(table, fields, group)
        return changed

    def _update_group(self, table: str, fields: tuple[str, ...], rows: list[dict[str, Any]]) -> int:
        self._check(fields, self.store.columns(table), table)
        if self._watch is not None:
            self._watch.changing(table, fields, rows)
        found = self.rows_of(
            f"SELECT id, {', '.join(fields)} FROM {table} WHERE id IN ({{ids}})",
            [row["id"] for row in rows],
        )
        before = {row[0]: row[1:] for row in found}
        values, ids = [], []
        for row in rows:
            old = before.get(row["id"])
            new = tuple(row[field] for field in fields)
            if old is None or old == new:
                continue
            self._log_fields(table, row["id"], fields, old, new)
            values.append((*new, row["id"]))
            ids.append(row["id"])
        sets = ", ".join(f"{field} = ?" for field in fields)
        if values:
            self._many(f"UPDATE {table} SET {sets} WHERE id = ?", values)
            self._note(table, ids)
            self._mark_changed(table, ids, fields, before)
        return len(values)

    def delete(self, table: str, ids: Iterable[int]) -> int:
        """Mark records deleted."""
        return self.update(table, [{"id": key, "deleted_at": self.now} for key in ids])

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """What the program writes by itself inside a person's command (automation, links): not
        subject to that person's rights."""
        watch, self._watch = self._watch, None
        try:
            yield
        finally:
            self._watch = watch

    def place(self, deal_id: int, old: float, pos: float) -> None:
        """Put a deal that moves in its place in the column; written together with its new stage,
        so that the board's index is touched once."""
        was = self.places.get(deal_id, old)
        if was != pos:
            self._log_fields("deal", deal_id, ("pos",), (was,), (pos,))
            self.places[deal_id] = pos
            self.dirty_deals.add(deal_id)
            self._note("deal", [deal_id])

    def claim(self, subject: str, ids: Sequence[int]) -> None:
        """Say which deals, tasks or clients the command is about, also where nothing may need to be
        written: raises Refused when they are not this person's to change."""
        if self._watch is not None:
            self._watch.claiming(subject, ids)

    def set_undone(self, command_id: int, undone: bool) -> None:
        """Mark a command undone, or not any more; its facts follow by ``flag_facts``."""
        self._connection.execute(
            "UPDATE command SET undone = ? WHERE id = ?", (int(undone), command_id)
        )

    def flag_facts(self, table: str, flags: Sequence[tuple[int, int, int]]) -> None:
        """Mark facts undone or not: (flag, key of the fact, key of its deal or task) each."""
        if not flags:
            return
        self._many(f"UPDATE {table} SET undone = ? WHERE id = ?", [row[:2] for row in flags])
        owners = [row[2] for row in flags]
        of_tasks = table == "task_change"
        (self.dirty_tasks if of_tasks else self.dirty_deals).update(owners)
        self._note(table, [row[1] for row in flags])
        self._note("task" if of_tasks else "deal", owners)

    def finish_command(self, command_id: int) -> None:
        """Mark a command of several transactions as done (recovery of one found running)."""
        self._connection.execute("UPDATE command SET state = 'done' WHERE id = ?", (command_id,))

    def books(self) -> Books:
        """The books of the sync, written in this transaction: a cursor commits with its page."""
        return Books(self.store)

    # -- derived rows: not logged, written by models.derived alone -------------------------------

    def derived(self, sql: str, values: Sequence[Row]) -> None:
        """Write derived rows (``models.derived`` only)."""
        if values:
            self._many(sql, values)

    def touch(self, table: str, ids: Iterable[int]) -> None:
        """Note rows as changed for the subscribers."""
        self._note(table, list(ids))

    # -- the end ------------------------------------------------------------------------------

    def changed_fields(self, table: str) -> list[tuple[int, str | None, Any, Any]]:
        """What it wrote to a table so far: key, field (None: a new row), old and new value."""
        return [line[3:] for line in self._log if line[2] == table]

    @property
    def size(self) -> int:
        """How many lines of the log it wrote."""
        return len(self._log)

    @property
    def wrote_books_alone(self) -> bool:
        """Whether it is a step of the sync that found nothing new: no line of the history."""
        whole = self._last and not self._continued
        return self.origin == "sync" and whole and not self._log and not self.tables

    def finish(self) -> dict[str, tuple[int, ...]]:
        """Derive, write the log, and tell which rows were touched, by table."""
        following.follow(self)
        if self.dirty_deals or self.dirty_tasks:
            from salesdesk.models.derived import refresh

            refresh(self)
        self._many(
            "INSERT INTO change (id, txn_id, tbl, row_id, field, old, new) VALUES (?,?,?,?,?,?,?)",
            self._log,
        )
        if self.wrote_books_alone:  # its key is free again, also for another process
            self._connection.execute("DELETE FROM command WHERE id = ?", (self.command_id,))
            return {}
        self._connection.execute(
            "INSERT INTO txn (id, command_id, at, first_change, last_change) VALUES (?,?,?,?,?)",
            (self.txn_id, self.command_id, self.now, self._first_change, self._next_change - 1),
        )
        if self._last and self._continued:
            self.finish_command(self.command_id)
        if CONFIGURATION & self.tables.keys():
            self.store.cache.clear()
        self.store.tops.update(
            self._next_ids,
            change=self._next_change, txn=self.txn_id + 1, command=self._next_command,
        )  # fmt: skip
        return {table: tuple(sorted(ids)) for table, ids in self.tables.items()}

    # -- inside -------------------------------------------------------------------------------

    def _begin(self, command: "LongCommand") -> int:
        self._continued = command.id is not None
        self._next_command = self._top("command")
        if command.id is not None:
            return command.id
        key = self._next_command
        self._next_command += 1
        command.uid = self.store.identities.make(self.now)
        self._connection.execute(
            "INSERT INTO command (id, uid, kind, origin, person_id, at, undoes_id, state, undone, "
            "detail) VALUES (?,?,?,?,?,?,?,?,0,?)",
            (
                key,
                command.uid,
                command.kind,
                command.origin,
                command.person,
                command.now,
                command.undoes,
                "done" if self._last else "running",
                command.detail,
            ),
        )
        return key

    def set_detail(self, **detail: Any) -> None:
        """What the command was about, for the history (JSON)."""
        self._connection.execute(
            "UPDATE command SET detail = ? WHERE id = ?",
            (json.dumps(detail, ensure_ascii=False), self.command_id),
        )

    def set_kind(self, kind: str) -> None:
        """The command turned out to be of another kind (a move that left every deal's stage)."""
        self.kind = self._command.kind = kind
        self._connection.execute(
            "UPDATE command SET kind = ? WHERE id = ?", (kind, self.command_id)
        )

    def _top(self, table: str) -> int:
        """The next free key; remembered from one transaction to the next by the store."""
        known = self.store.tops.get(table)
        if known is not None:
            return known
        return int(self.value(f"SELECT coalesce(max(id), 0) + 1 FROM {table}"))

    def _many(self, sql: str, values: Sequence[Row]) -> None:
        if values:
            sqlite.write(self._connection, sql, values)

    def _check(self, names: Iterable[str], columns: tuple[str, ...], table: str) -> None:
        for name in names:
            if name not in columns:
                raise KeyError(f"{table}.{name}")

    def _note(self, table: str, ids: Iterable[int]) -> None:
        self.tables.setdefault(table, set()).update(ids)

    def _log_fields(
        self, table: str, key: int, fields: tuple[str, ...], old: Row, new: Row
    ) -> None:
        for field, was, becomes in zip(fields, old, new, strict=True):
            if was != becomes:
                self._log.append((self._next_change, self.txn_id, table, key, field, was, becomes))
                self._next_change += 1

    def _mark_dirty(self, table: str, ids: list[int], rows: Sequence[dict[str, Any]]) -> None:
        if table == "deal":
            self.dirty_deals.update(ids)
            self.new_deals.update(ids)
            self.dirty_deals.update(row["parent_id"] for row in rows if row.get("parent_id"))
        elif table == "task":
            self.dirty_tasks.update(ids)
            for key, row in zip(ids, rows, strict=True):
                self.new_tasks[key] = row.get("deal_id")
        elif table == "task_change":
            self.dirty_tasks.update(row["task_id"] for row in rows)
        elif table in FACTS:
            self.dirty_deals.update(row["deal_id"] for row in rows)
            self._note("deal", [row["deal_id"] for row in rows])

    def _mark_changed(
        self, table: str, ids: list[int], fields: tuple[str, ...], before: dict[int, Row]
    ) -> None:
        if table == "task" and {"deleted_at", "deal_id"} & set(fields):
            self.dirty_tasks.update(ids)
            if "deal_id" in fields:
                for key in ids:
                    self.new_tasks.pop(key, None)
                place = fields.index("deal_id")
                self.dirty_deals.update(old[place] for old in before.values() if old[place])
        if table != "deal" or not SUMMED & set(fields):
            return
        self.dirty_deals.update(ids)
        for key in ids:
            known = self.deals_before.setdefault(key, {})
            for field, value in zip(fields, before[key], strict=True):
                known.setdefault(field, value)
        if "parent_id" in fields:
            place = fields.index("parent_id")
            self.dirty_deals.update(before[key][place] for key in ids if before[key][place])


def _by_fields(
    rows: Sequence[dict[str, Any]],
) -> list[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(field for field in row if field != "id"), []).append(row)
    return list(groups.items())
