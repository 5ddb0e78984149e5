"""Deals that are known already, by external id, as an import compares them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

_FIELDS = (
    "title", "title_key", "client_id", "contact_id", "amount", "cost", "currency", "source_id",
    "industry_id", "expected_day", "probability", "lost_reason_id", "parent_id",
)  # fmt: skip


@dataclass(slots=True)
class KnownDeal:
    """A deal as it is; ``moves`` are all its standing (stage, moment), superseded ones too."""

    id: int
    pipeline: str | None
    stage: int | None
    owner: int | None
    created: int | None
    fields: dict[str, Any]
    moves: set[tuple[int, int]] = field(default_factory=set)
    reported: bool = False


def is_number(text: str) -> bool:
    """Whether a text may be the number of a deal (one that fits the database)."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def known_deals(r: Any, externals: Collection[str]) -> dict[str, KnownDeal]:
    """The deals with these external ids (of a reader or a transaction), deleted ones left out."""
    found: dict[str, KnownDeal] = {}
    by_id: dict[int, KnownDeal] = {}
    columns = ", ".join(f"d.{name}" for name in _FIELDS)
    for row in r.rows_of(
        f"SELECT d.id, d.external_id, p.name, d.stage_id, d.owner_id, d.created_at, {columns} "
        "FROM deal d LEFT JOIN pipeline p ON p.id = d.pipeline_id "
        "WHERE d.deleted_at IS NULL AND d.external_id IN ({ids})",
        sorted(externals),
    ):
        deal = KnownDeal(
            row[0], row[2], row[3], row[4], row[5], dict(zip(_FIELDS, row[6:], strict=True))
        )
        found[row[1]] = by_id[deal.id] = deal
    for deal_id, stage, at, evidence in r.rows_of(
        "SELECT deal_id, to_stage_id, at, evidence FROM stage_move "
        "WHERE undone = 0 AND deal_id IN ({ids})",
        by_id,
    ):
        by_id[deal_id].moves.add((stage, at))
        by_id[deal_id].reported |= evidence == "reported"
    return found


def tags_of(r: Any, deals: Collection[int]) -> dict[int, set[int]]:
    """Keys of the tags of deals."""
    found: dict[int, set[int]] = defaultdict(set)
    for deal, tag in r.rows_of(
        "SELECT deal_id, tag_id FROM deal_tag WHERE deleted_at IS NULL AND deal_id IN ({ids})",
        deals,
    ):
        found[deal].add(tag)
    return found
