"""What the verbs of the configuration share: names that are free, order, and what follows from it.

Derivation depends on a few fields of the configuration; ``mark_dependents`` says which deals are to
be derived again when one of them changes, in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from salesdesk import names
from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Transaction
from salesdesk.text import N_

Row = tuple[Any, ...]


class Asks(Protocol):
    """What answers queries: a reader, or a transaction that sees what it wrote."""

    def rows(self, sql: str, params: Any = ()) -> list[Row]: ...
    def row(self, sql: str, params: Any = ()) -> Row | None: ...
    def value(self, sql: str, params: Any = ()) -> Any: ...
    def rows_of(self, sql: str, ids: Any, params: tuple[Any, ...] = ()) -> list[Row]: ...
    @property
    def zone(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Saved:
    """What a verb did: the command (for undo) and the record that it was about."""

    command_id: int
    id: int


def free_name(
    a: Asks,
    table: str,
    name: str,
    *,
    but: int | None = None,
    within: tuple[str, int] | None = None,
) -> dict[str, str]:
    """``name`` and ``name_key`` for a record of ``table``, cleaned.

    Raises ``Invalid`` for an empty name and for one that another live record has (``but`` is the
    record itself, ``within`` a column and its value when names are free elsewhere).
    """
    cleaned = names.clean(name)
    if not cleaned:
        raise Invalid(N_("A name cannot be empty."))
    taken = named(a, table, cleaned, within=within)
    if taken is not None and taken != but:
        raise Invalid(N_("There is something with the name “{name}” already."), name=cleaned)
    return {"name": cleaned, "name_key": names.key(cleaned)}


def named(a: Asks, table: str, name: str, *, within: tuple[str, int] | None = None) -> int | None:
    """The id of the live record with this name (domain.md section 2), or none."""
    sql = f"SELECT id FROM {table} WHERE name_key = ? AND deleted_at IS NULL"
    if table == "stage":  # an archived one has given its name back
        sql += " AND archived = 0"
    params: list[Any] = [names.key(name)]
    if within is not None:
        sql += f" AND {within[0]} = ?"
        params.append(within[1])
    found: int | None = a.value(f"{sql} ORDER BY id LIMIT 1", tuple(params))
    return found


def must_exist(a: Asks, table: str, key: int, what: str) -> None:
    """Raise ``NotFound`` unless the record is there; ``what`` is a marked sentence."""
    if a.value(f"SELECT 1 FROM {table} WHERE id = ? AND deleted_at IS NULL", (key,)) is None:
        raise NotFound(what)


def last_position(a: Asks, table: str, within: tuple[str, int] | None = None) -> int:
    """A position after all others."""
    sql = f"SELECT coalesce(max(position), -1) + 1 FROM {table} WHERE deleted_at IS NULL"
    if within is None:
        return int(a.value(sql))
    return int(a.value(f"{sql} AND {within[0]} = ?", (within[1],)))


def set_fields(tx: Transaction, table: str, key: int, row: dict[str, Any]) -> bool:
    """Set fields of one record (none at all is fine); whether anything changed."""
    return bool(row) and tx.update(table, [{"id": key, **row}]) > 0


def put_in_order(tx: Transaction, table: str, ids: Sequence[int]) -> None:
    """Give the records the positions 0, 1, 2, ... in the order of ``ids``."""
    tx.update(table, [{"id": key, "position": place} for place, key in enumerate(ids)])


def same_set(given: Iterable[int], there: Iterable[int]) -> None:
    """Raise ``Invalid`` unless an order names everything once."""
    if sorted(given) != sorted(there):
        raise Invalid(N_("A new order must name everything once; nothing was changed."))


# --- what derivation depends on ------------------------------------------------------------------

#: Fields of the configuration that reaches, holds and tallies follow from.
DERIVED_FROM = {
    "stage": frozenset({"kind", "position", "milestone", "pipeline_id", "deleted_at", "archived"}),
    "person": frozenset({"in_ranking"}),
    "lost_reason": frozenset({"not_refusal"}),
    "setting": frozenset({"value", "deleted_at"}),
}
#: Fields of a stage that only matter where skipped stages count.
ONLY_SKIPPED = frozenset({"position", "deleted_at", "archived"})


def mark_dependents(tx: Transaction, table: str, ids: Iterable[int], fields: Iterable[str]) -> None:
    """Have the deals derived again that depend on these fields of these records.

    Call it in the transaction that changes them, be it a verb, an undo or an import. Which
    pipelines count and what a stage earns is asked when numbers are read and needs nothing here.
    """
    fields = DERIVED_FROM.get(table, frozenset()) & set(fields)
    if not fields:
        return
    keys = list(ids)
    if table == "stage":
        if not fields <= ONLY_SKIPPED or skipped_count(tx):
            _mark_stages(tx, keys)
    elif table == "person":
        _mark_people(tx, keys)
    elif table == "lost_reason":
        _mark_reasons(tx, keys)
    else:
        _mark_settings(tx, keys)


def skipped_count(tx: Transaction) -> bool:
    """Whether stages that a deal jumps over count as reached."""
    name = "SELECT value FROM setting WHERE name = 'count_skipped_stages' AND deleted_at IS NULL"
    return bool(tx.value(name) == "true")


def _mark_stages(tx: Transaction, ids: list[int]) -> None:
    """Deals that ever entered a stage of these stages' pipelines: what was skipped between two
    others depends on stages that the deal never saw."""
    pipelines = tx.rows_of("SELECT DISTINCT pipeline_id FROM stage WHERE id IN ({ids})", ids)
    found = tx.rows_of(
        "SELECT DISTINCT m.deal_id FROM stage_move m JOIN stage s ON s.id = m.to_stage_id "
        "WHERE s.pipeline_id IN ({ids})",
        [row[0] for row in pipelines],
    )
    tx.dirty_deals.update(row[0] for row in found)


def _mark_people(tx: Transaction, ids: list[int]) -> None:
    for sql in (
        "SELECT DISTINCT deal_id FROM stage_move WHERE owner_id IN ({ids})",
        "SELECT DISTINCT deal_id FROM owner_change WHERE person_id IN ({ids})",
        "SELECT DISTINCT deal_id FROM reach_ruling WHERE person_id IN ({ids})",
    ):
        tx.dirty_deals.update(row[0] for row in tx.rows_of(sql, ids))


def _mark_reasons(tx: Transaction, ids: list[int]) -> None:
    for sql in (
        "SELECT DISTINCT deal_id FROM stage_move WHERE lost_reason_id IN ({ids})",
        "SELECT id FROM deal WHERE lost_reason_id IN ({ids})",
    ):
        tx.dirty_deals.update(row[0] for row in tx.rows_of(sql, ids))


def _mark_settings(tx: Transaction, ids: list[int]) -> None:
    """Whether skipped stages count concerns every deal; other settings concern none."""
    tx.store.cache.clear()
    skipped = "SELECT id FROM setting WHERE name = 'count_skipped_stages'"
    if tx.value(skipped) in ids:
        tx.dirty_deals.update(row[0] for row in tx.rows("SELECT id FROM deal"))
