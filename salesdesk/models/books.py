"""Books about the workspace: rows that are no content of it, without log, history or undo.

What the sync knows (``models.sync``) is written here and nowhere else: in a transaction of its own
(``store.books()``), or inside a command's (``Books(tx)``), so that a cursor commits with its page.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from salesdesk.models import sqlite
from salesdesk.models.asking import CHUNK, Asking, Row
from salesdesk.moments import Zone

if TYPE_CHECKING:
    from salesdesk.models.store import Store

#: The tables that are kept so.
TABLES = frozenset(
    {
        "sync_remote", "sync_map", "sync_link", "sync_queue", "sync_conflict", "sync_stream",
        "sync_owed", "sync_aside", "sync_move", "sync_round",
    }
)  # fmt: skip


class Books(Asking):
    """Writes to the tables of ``TABLES``; reads see what it wrote."""

    def __init__(self, store: "Store") -> None:
        self.store = store
        self._connection = store.connection

    @property
    def zone(self) -> Zone:
        """The workspace's time zone."""
        return self.store.zone

    def insert(self, table: str, rows: Sequence[dict[str, Any]]) -> list[int]:
        """New rows, all with the same fields; returns their keys."""
        if not rows:
            return []
        names = self._checked(table, rows[0])
        first = int(self.value(f"SELECT coalesce(max(id), 0) + 1 FROM {table}"))
        ids = list(range(first, first + len(rows)))
        self._many(
            f"INSERT INTO {table} (id, {', '.join(names)}) VALUES (?, {sqlite.rows_in(names)})",
            [(key, *(row[name] for name in names)) for key, row in zip(ids, rows, strict=True)],
        )
        return ids

    def put(self, table: str, keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
        """New rows, or other values for those with the same ``keys`` (a unique constraint)."""
        if not rows:
            return
        names = self._checked(table, rows[0])
        sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
        self._many(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({sqlite.rows_in(names)}) "
            f"ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}",
            [tuple(row[name] for name in names) for row in rows],
        )

    def update(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Set fields of rows (each has ``id``), all with the same fields."""
        if not rows:
            return
        names = [name for name in self._checked(table, rows[0]) if name != "id"]
        self._many(
            f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
            [(*(row[name] for name in names), row["id"]) for row in rows],
        )

    def remove(self, table: str, ids: Iterable[int]) -> None:
        """Take rows out for good."""
        self._checked(table, {})
        keys = list(ids)
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            self._connection.execute(
                f"DELETE FROM {table} WHERE id IN ({sqlite.rows_in(part)})", part
            )

    def _checked(self, table: str, row: dict[str, Any]) -> list[str]:
        if table not in TABLES:
            raise KeyError(table)
        columns = self.store.columns(table)
        for name in row:
            if name not in columns:
                raise KeyError(f"{table}.{name}")
        return list(row)

    def _many(self, sql: str, values: Sequence[Row]) -> None:
        sqlite.write(self._connection, sql, values)
