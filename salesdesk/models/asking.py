"""Questions in SQL, asked alike by readers and by transactions (which see what they wrote)."""

from collections.abc import Iterable
from typing import Any

from salesdesk.models import sqlite

Row = tuple[Any, ...]
#: Keys of one query at most: SQLite allows a limited number of places.
CHUNK = 500
#: Lines about records, the only ones that are looked up by what they are about (a fact names its
#: command itself). A query that is to use the index says so word for word.
OF_RECORDS = "tbl NOT IN ('stage_move', 'owner_change', 'reach_ruling', 'task_change')"


def keys_in(keys: Iterable[int]) -> str:
    """``1, 2, 3`` for a list in SQL; ``NULL`` for none."""
    return ", ".join(map(str, sorted(keys))) or "NULL"


class Asking:
    """Text queries on one connection; rows come as tuples."""

    _connection: sqlite.Connection

    def rows(self, sql: str, params: Any = ()) -> list[Row]:
        """All rows of a query."""
        found: list[Row] = self._connection.execute(sql, params).fetchall()
        return found

    def row(self, sql: str, params: Any = ()) -> Row | None:
        """The first row, or none."""
        found: Row | None = self._connection.execute(sql, params).fetchone()
        return found

    def value(self, sql: str, params: Any = ()) -> Any:
        """The first column of the first row, or none."""
        found = self._connection.execute(sql, params).fetchone()
        return None if found is None else found[0]

    def rows_of(self, sql: str, ids: Any, params: tuple[Any, ...] = ()) -> list[Row]:
        """Rows of ``sql``, whose ``{ids}`` stands for a list of keys; any number of keys."""
        keys = list(ids)
        found: list[Row] = []
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            found += self.rows(sql.format(ids=sqlite.rows_in(part)), (*params, *part))
        return found
