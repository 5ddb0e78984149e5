"""Where a client or a deal lives on that was merged into another one."""

from collections.abc import Iterable
from typing import Any


def survivor(r: Any, table: str, key: int) -> int:
    """Where a client or deal lives on: itself, or the one it was merged into, however often."""
    seen = {key}
    while True:
        row = r.row(
            f"SELECT merged_into_id FROM {table} WHERE id = ? AND deleted_at IS NOT NULL", (key,)
        )
        if row is None or row[0] is None or row[0] in seen:
            return key
        key = row[0]
        seen.add(key)


def survivors(r: Any, table: str, keys: Iterable[int]) -> frozenset[int]:
    """Where several live on; ids that are none of a record stay."""
    return frozenset(survivor(r, table, key) for key in keys)
