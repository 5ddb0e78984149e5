"""What lists can be filtered by: people, teams, clients, stages, tags, own fields ..., by name.

Values are texts, as an address has them; ``0`` stands for nobody, or none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from salesdesk.services.board import like

List = Literal[
    "people", "teams", "clients", "tags", "sources", "industries", "kinds", "pipelines", "stages"
]
Pairs = list[tuple[str, str]]
_MOST = 60
_PIPELINES = "SELECT id FROM pipeline WHERE deleted_at IS NULL"
#: Table, and what else must hold (of today).
_TABLES: dict[str, tuple[str, str]] = {
    "people": ("person", "t.last_day IS NULL OR t.last_day >= ?"),
    "teams": ("team", "? > 0"),
    "clients": ("client", "t.merged_into_id IS NULL AND ? > 0"),
    "tags": ("tag", "? > 0"),
    "sources": ("source", "? > 0"),
    "industries": ("industry", "? > 0"),
    "kinds": ("task_kind", "? > 0"),
    "pipelines": ("pipeline", "? > 0"),
    "stages": ("stage", f"? > 0 AND t.pipeline_id IN ({_PIPELINES})"),
}
#: Lists in an order of their own.
_PLACED = {
    "industries": "t.position", "kinds": "t.position", "pipelines": "t.position",
    "stages": "(SELECT position FROM pipeline WHERE id = t.pipeline_id), t.pipeline_id, t.position",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of the workspace's own; ``options`` of a choice."""

    id: int
    name: str
    kind: str
    options: tuple[str, ...]


def find(r: Any, which: List, typed: str, today: int, seen: frozenset[int] | None = None) -> Pairs:
    """Entries whose name has ``typed`` in it, at most sixty, those that begin with it first; of
    people only those ``seen``. Stages are named with their pipeline where there are several."""
    table, where = _TABLES[which]
    pattern = like(typed)
    placed = f"{_PLACED[which]}, " if which in _PLACED else ""
    rows = r.rows(
        f"SELECT t.id, t.name FROM {table} t WHERE t.deleted_at IS NULL AND ({where}) "
        "AND replace(t.name_key, 'ё', 'е') LIKE ? ESCAPE '\\' "
        f"ORDER BY replace(t.name_key, 'ё', 'е') NOT LIKE ? ESCAPE '\\', {placed}t.name_key "
        "LIMIT ?",
        (today, pattern, pattern[1:], _MOST if which != "people" else -1),
    )
    some = [row for row in rows if which != "people" or seen is None or row[0] in seen]
    shown = _shown(r, which, some[:_MOST])
    return [(str(key), name) for key, name in shown]


def _shown(r: Any, which: List, rows: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Entries as they are called in a filter."""
    if which != "stages" or r.value("SELECT count(*) FROM pipeline WHERE deleted_at IS NULL") < 2:
        return list(rows)
    inside = dict(
        r.rows_of(
            "SELECT s.id, p.name FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
            "WHERE s.id IN ({ids})",
            [key for key, _name in rows],
        )
    )
    return [(key, f"{name} · {inside.get(key, '')}") for key, name in rows]


def named(r: Any, which: List, values: Sequence[str]) -> list[str]:
    """The names of entries, in their order; a number that is unknown stands for itself."""
    table, _ = _TABLES[which]
    ids = [int(value) for value in values]
    rows = r.rows_of(f"SELECT id, name FROM {table} WHERE id IN ({{ids}})", ids)
    known = dict(_shown(r, which, rows))
    return [known.get(key, f"#{key}") for key in ids]


def own_fields(r: Any, subject: Literal["deal", "client"] = "deal") -> list[OwnField]:
    """The own fields of deals or of clients, in their order."""
    rows = r.rows(
        "SELECT id, name, kind, options FROM custom_field WHERE subject = ? "
        "AND deleted_at IS NULL ORDER BY position, id",
        (subject,),
    )
    return [OwnField(key, name, kind, tuple(json.loads(given))) for key, name, kind, given in rows]
