"""What changed on a board between two moments: deals that came, went, moved, changed hands or
amount."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services.timeline import Difference, Timeline

Kind = Literal["won", "lost", "new", "moved", "gone", "owner", "amount"]
#: In the order in which they are told.
KINDS: tuple[Kind, ...] = ("won", "lost", "moved", "new", "gone", "owner", "amount")


@dataclass(frozen=True, slots=True)
class Changed:
    """One deal that is otherwise now. ``old`` and ``new`` are names of stages or people, or amounts
    in ``currency``; of a deal that changed in several ways the first kind of ``KINDS`` tells."""

    deal_id: int
    title: str
    kind: Kind
    old: str | Decimal | None
    new: str | Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, by kind and title, at most ``limit`` of it; and how many of each kind."""

    before: int
    after: int
    lines: tuple[Changed, ...]
    counts: Mapping[Kind, int]


def changes(
    r: Reader,
    timeline: Timeline,
    before: int,
    after: int,
    *,
    owners: frozenset[int] | None = None,
    limit: int = 200,
) -> Changes:
    """What is other ``after`` than it was ``before``, of deals of ``owners`` (then or later)."""
    stages: dict[int, tuple[str, str]] = {
        row[0]: (row[1], row[2])
        for row in r.rows(
            "SELECT id, name, kind FROM stage WHERE pipeline_id = ?", (timeline.pipeline_id,)
        )
    }
    found = [
        (_kind(each, stages), each)
        for each in timeline.differences(before, after)
        if owners is None or any((owner or 0) in owners for owner in _standing_owners(each))
    ]
    counts = Counter(kind for kind, _ in found)
    found.sort(key=lambda pair: KINDS.index(pair[0]))
    shown = found[:limit]
    deals = {
        row[0]: (row[1], row[2])
        for row in r.rows_of(
            "SELECT id, title, currency FROM deal WHERE id IN ({ids})",
            [each.deal_id for _, each in shown],
        )
    }
    people: dict[int, str] = dict(r.rows("SELECT id, name FROM person"))
    lines = [_line(kind, each, deals[each.deal_id], stages, people) for kind, each in shown]
    lines.sort(key=lambda line: (KINDS.index(line.kind), line.title, line.deal_id))
    return Changes(before, after, tuple(lines), dict(counts))


def _standing_owners(each: Difference) -> list[int | None]:
    return [owner for owner, stage in zip(each.owners, each.stages, strict=True) if stage]


def _kind(each: Difference, stages: Mapping[int, tuple[str, str]]) -> Kind:
    old, new = each.stages
    if old != new:
        kind = stages[new][1] if new else ""
        if kind == "won":
            return "won"
        if kind == "lost":
            return "lost"
        if not new:
            return "gone"
        return "moved" if old else "new"
    return "owner" if each.owners[0] != each.owners[1] else "amount"


def _line(
    kind: Kind,
    each: Difference,
    deal: tuple[str, str],
    stages: Mapping[int, tuple[str, str]],
    people: Mapping[int, str],
) -> Changed:
    title, currency = deal
    if kind == "owner":
        old, new = (people.get(owner or 0) for owner in each.owners)
        return Changed(each.deal_id, title, kind, old, new, currency)
    if kind == "amount":
        amounts = [None if amount is None else amount_of(amount) for amount in each.amounts]
        return Changed(each.deal_id, title, kind, amounts[0], amounts[1], currency)
    names = [stages[stage][0] if stage else None for stage in each.stages]
    return Changed(each.deal_id, title, kind, names[0], names[1], currency)
