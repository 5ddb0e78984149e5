"""Deals that are known already, by external id (or what stands for it, ``keys``), as an import
compares them.

The external id of a deal merged away stands for the one that it lives on in. What a file tells of
the merged one as it was is no news; only what is new goes to the survivor.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from salesdesk.services.exchange import keys
from salesdesk.services.survivors import survivor

_FIELDS = (
    "title", "title_key", "client_id", "contact_id", "amount", "cost", "currency", "source_id",
    "industry_id", "expected_day", "probability", "lost_reason_id", "parent_id",
)  # fmt: skip


@dataclass(slots=True)
class KnownDeal:
    """A deal as it is; ``moves`` are all its standing (stage, moment), superseded ones too.
    ``merged`` is the deal merged into it that the file names instead, as it was."""

    id: int
    pipeline: str | None
    stage: int | None
    owner: int | None
    created: int | None
    fields: dict[str, Any]
    moves: set[tuple[int, int]] = field(default_factory=set)
    reported: bool = False
    merged: "KnownDeal | None" = None

    def tells(self, name: str, value: Any) -> bool:
        """Whether a value of a field is news: neither this deal nor the merged one has it."""
        both = (self,) if self.merged is None else (self, self.merged)
        return all(value != deal.fields.get(name) for deal in both)


class Merged(NamedTuple):
    """A deal merged away: its key, the one that it lives on in, and when it was merged."""

    id: int
    stays: int
    at: int


def merged_away(r: Any, externals: Collection[str]) -> dict[str, Merged]:
    """Deals merged away, by external id, that live on in a deal which is there."""
    found: dict[str, Merged] = {}
    gone = "merged_into_id IS NOT NULL AND deleted_at IS NOT NULL"
    for external, key in keys.ids_of(r, "deal", externals, gone).items():
        stays = survivor(r, "deal", key)
        if r.value("SELECT deleted_at IS NULL FROM deal WHERE id = ?", (stays,)):
            at = r.value("SELECT deleted_at FROM deal WHERE id = ?", (key,))
            found[external] = Merged(key, stays, at)
    return found


def is_number(text: str) -> bool:
    """Whether a text may be the number of a deal (one that fits the database)."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def known_deals(r: Any, externals: Collection[str]) -> dict[str, KnownDeal]:
    """The deals with these external ids (of a reader or a transaction), deleted ones left out."""
    living = keys.ids_of(r, "deal", externals, "deleted_at IS NULL")
    merged = merged_away(r, set(externals) - living.keys())
    of_merged = {key for each in merged.values() for key in (each.id, each.stays)}
    deals = _loaded(r, {*living.values(), *of_merged})
    found = {external: deals[key] for external, key in living.items()}
    for external, each in merged.items():
        gone, stays = deals[each.id], deals[each.stays]
        found[external] = replace(stays, moves=stays.moves | gone.moves, merged=gone)
    return found


def _loaded(r: Any, keys: Collection[int]) -> dict[int, KnownDeal]:
    by_id: dict[int, KnownDeal] = {}
    columns = ", ".join(f"d.{name}" for name in _FIELDS)
    for row in r.rows_of(
        f"SELECT d.id, p.name, d.stage_id, d.owner_id, d.created_at, {columns} "
        "FROM deal d LEFT JOIN pipeline p ON p.id = d.pipeline_id "
        "WHERE d.id IN ({ids})",
        sorted(keys),
    ):
        by_id[row[0]] = KnownDeal(
            row[0], row[1], row[2], row[3], row[4], dict(zip(_FIELDS, row[5:], strict=True))
        )
    for deal_id, stage, at, evidence in r.rows_of(
        "SELECT deal_id, to_stage_id, at, evidence FROM stage_move "
        "WHERE undone = 0 AND deal_id IN ({ids})",
        by_id,
    ):
        by_id[deal_id].moves.add((stage, at))
        by_id[deal_id].reported |= evidence == "reported"
    return by_id
