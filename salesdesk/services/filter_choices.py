"""What deals can be filtered by: people, teams, clients, tags, sources, own fields, by name.

Values are texts, as an address has them; ``0`` stands for nobody, or none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from salesdesk.services.board import like

List = Literal["people", "teams", "clients", "tags", "sources"]
Pairs = list[tuple[str, str]]
_MOST = 60
#: Table, whether its keys are folded, and what else must hold.
_TABLES: dict[str, tuple[str, str]] = {
    "people": ("person", "t.last_day IS NULL OR t.last_day >= ?"),
    "teams": ("team", "? > 0"),
    "clients": ("client", "t.merged_into_id IS NULL AND ? > 0"),
    "tags": ("tag", "? > 0"),
    "sources": ("source", "? > 0"),
}


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of the workspace's own; ``options`` of a choice."""

    id: int
    name: str
    kind: str
    options: tuple[str, ...]


def find(r: Any, which: List, typed: str, today: int, seen: frozenset[int] | None = None) -> Pairs:
    """Entries whose name has ``typed`` in it, at most sixty, those that begin with it first; of
    people only those ``seen``."""
    table, where = _TABLES[which]
    pattern = like(typed)
    rows = r.rows(
        f"SELECT t.id, t.name FROM {table} t WHERE t.deleted_at IS NULL AND ({where}) "
        "AND replace(t.name_key, 'ё', 'е') LIKE ? ESCAPE '\\' "
        "ORDER BY replace(t.name_key, 'ё', 'е') NOT LIKE ? ESCAPE '\\', t.name_key LIMIT ?",
        (today, pattern, pattern[1:], _MOST if which != "people" else -1),
    )
    some = [row for row in rows if which != "people" or seen is None or row[0] in seen]
    return [(str(key), name) for key, name in some[:_MOST]]


def named(r: Any, which: List, values: Sequence[str]) -> list[str]:
    """The names of entries, in their order; a number that is unknown stands for itself."""
    table, _ = _TABLES[which]
    ids = [int(value) for value in values]
    known = dict(r.rows_of(f"SELECT id, name FROM {table} WHERE id IN ({{ids}})", ids))
    return [known.get(key, f"#{key}") for key in ids]


def own_fields(r: Any) -> list[OwnField]:
    """The own fields of deals, in their order."""
    rows = r.rows(
        "SELECT id, name, kind, options FROM custom_field WHERE subject = 'deal' "
        "AND deleted_at IS NULL ORDER BY position, id"
    )
    return [OwnField(key, name, kind, tuple(json.loads(given))) for key, name, kind, given in rows]
