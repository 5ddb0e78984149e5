"""Rulings that came with a deal's moves: each is written here once, with who ruled and when, as
what the sync did. Which of them holds is told by their moments alone, so that all seats count the
same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models.store import Transaction
from salesdesk.names import clean
from salesdesk.services.sync import carried_rulings
from salesdesk.services.sync.carried_rulings import OF_HISTORY, CarriedRuling
from salesdesk.services.sync.local import move_id
from salesdesk.services.sync.maps import Maps

#: A ruling of here: move, stage, moment, kind.
_Key = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """A ruling that stands here; ``own``: it was made here."""

    id: int
    undone: bool
    own: bool


@dataclass(slots=True)
class _Deals:
    """What is known here of some deals: moves by what they are called where they travel, and
    rulings."""

    entries: dict[tuple[int, str], int] = field(default_factory=dict)
    rulings: dict[_Key, _Known] = field(default_factory=dict)


def bring(tx: Transaction, remote_id: int, mapping: Maps, texts: Mapping[int, str]) -> None:
    """Write what is new in the texts of moves, by deal. A ruling whose move, stage or favoured
    person is not known here is left for later: it stays in the text."""
    told = {deal: found for deal, text in texts.items() if (found := carried_rulings.rulings(text))}
    if not told:
        return
    deals = _known(tx, remote_id, told)
    rows: list[dict[str, Any]] = []
    flags: list[tuple[int, int, int]] = []
    for deal, ruling in ((deal, ruling) for deal, found in told.items() for ruling in found):
        row = _row(deal, ruling, deals, mapping)
        if row is None:
            continue
        known = deals.rulings.get((row["move_id"], row["stage_id"], ruling.at, ruling.kind))
        if known is None:
            rows.append(row)
        elif not known.own and known.undone != ruling.taken_back:
            flags.append((int(ruling.taken_back), known.id, deal))
    tx.insert("reach_ruling", rows)
    tx.flag_facts("reach_ruling", flags)


def _known(tx: Transaction, remote_id: int, keys: Mapping[int, object]) -> _Deals:
    found = _Deals()
    for deal, key, uid in tx.rows_of(
        "SELECT deal_id, id, uid FROM stage_move WHERE deal_id IN ({ids})", keys
    ):
        found.entries[deal, move_id(uid)] = key
    for deal, key, carried, far in tx.rows_of(
        "SELECT deal_id, move_id, carried, far_id FROM sync_move WHERE move_id IS NOT NULL "
        "AND +remote_id = ? AND deal_id IN ({ids})",
        keys,
        (remote_id,),
    ):
        found.entries |= {(deal, name): key for name in (carried, far and OF_HISTORY + far) if name}
    for move, stage, at, kind, *rest in tx.rows_of(
        "SELECT u.move_id, u.stage_id, u.at, u.kind, u.id, u.undone, c.origin <> 'sync' "
        "FROM reach_ruling u JOIN command c ON c.id = u.command_id WHERE u.deal_id IN ({ids})",
        keys,
    ):
        key, undone, own = rest
        found.rulings[move, stage, at, kind] = _Known(key, bool(undone), bool(own))
    return found


def _row(deal: int, ruling: CarriedRuling, deals: _Deals, mapping: Maps) -> dict[str, Any] | None:
    """The ruling as it is kept here; None where something that it needs has no counterpart."""
    move = deals.entries.get((deal, ruling.entry))
    stage = mapping.local_of("stage", ruling.stage)
    to = mapping.local_of("person", ruling.to)
    if move is None or stage is None or (ruling.kind == "credit" and to is None):
        return None
    return {
        "deal_id": deal, "stage_id": stage, "move_id": move, "kind": ruling.kind, "person_id": to,
        "reason": clean(ruling.reason), "by_id": mapping.local_of("person", ruling.by),
        "at": ruling.at, "undone": int(ruling.taken_back),
    }  # fmt: skip
