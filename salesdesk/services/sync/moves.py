"""Stage moves of colleagues: those that travelled in the deal's field, and those that they made in
the CRM itself. Each counts once, from its true moment.

A line of the other end's history is one of three things: known already; the echo of a push, ours or
another seat's (the move itself travels); or a move made there, which is written here. The author of
the last kind is told by some CRMs and not by others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.books import Books
from salesdesk.models.store import Transaction
from salesdesk.services.sync import carried, local
from salesdesk.services.sync.maps import Maps
from salesdesk.services.sync.remote import FarMove

_SECOND = 1_000_000
#: An echo stands in the other end's history so near to the moment of the push.
_NEAR = 120 * _SECOND
#: Clocks of seats may differ by so much.
_ASKEW = 3 * 86_400 * _SECOND


@dataclass(slots=True)
class _Known:
    """A move of the deal that is known at both ends, or may have an echo there."""

    id: int
    move_id: int | None
    carried: str | None
    far_id: str | None
    pushed_at: int | None
    stage: int | None
    at: int


def bring(
    tx: Transaction,
    remote_id: int,
    mapping: Maps,
    deal: int,
    travelled: str,
    lines: Sequence[FarMove],
    *,
    takes: bool = True,
    ignores: bool = False,
) -> int:
    """Write the moves of a deal that are new here; returns how many.

    Without ``takes`` lines that no move explains are left for later (a person has yet to decide
    about the stage); with ``ignores`` they are noted and count nowhere (the stage of here was
    chosen).
    """
    books = tx.books()
    known = _known(books, remote_id, deal)
    made = _travelled(tx, books, remote_id, mapping, deal, travelled, known)
    there = {one.far_id for one in known}
    for line in sorted(lines, key=lambda one: (one.at, one.far_id)):
        stage = mapping.local_of("stage", line.stage)
        if line.far_id in there or stage is None:
            continue
        echo = _echo_of(line, stage, known)
        if echo is not None:
            echo.far_id = line.far_id
            books.update("sync_move", [{"id": echo.id, "far_id": line.far_id}])
        elif takes or ignores:
            move = None if ignores else _write(tx, mapping, deal, stage, line)
            books.insert(
                "sync_move",
                [{"remote_id": remote_id, "deal_id": deal, "move_id": move,
                  "far_id": line.far_id}],
            )  # fmt: skip
            made += move is not None
    return made


def _known(books: Books, remote_id: int, deal: int) -> list[_Known]:
    rows = books.rows(
        "SELECT x.id, x.move_id, x.carried, x.far_id, x.pushed_at, m.to_stage_id, "
        "coalesce(m.at, 0) FROM sync_move x LEFT JOIN stage_move m ON m.id = x.move_id "
        "WHERE x.deal_id = ? AND x.remote_id = ? ORDER BY m.at, x.id",
        (deal, remote_id),
    )
    return [_Known(*row) for row in rows]


def _travelled(
    tx: Transaction, books: Books, remote_id: int, mapping: Maps, deal: int, text: str,
    known: list[_Known],
) -> int:  # fmt: skip
    """Moves of other seats, with their person and the one who was responsible."""
    there = {one.carried for one in known}
    own = {
        local.move_id(row[0])
        for row in tx.rows("SELECT uid FROM stage_move WHERE deal_id = ?", (deal,))
    }
    fresh = [
        move
        for move in carried.moves(text)
        if move.id not in there and move.id not in own
        and mapping.local_of("stage", move.stage) is not None
    ]  # fmt: skip
    for move in fresh:
        owner = mapping.local_of("person", move.owner)
        stage = mapping.local_of("stage", move.stage)
        [key] = tx.insert(
            "stage_move",
            [_row(tx, deal, stage, move.at, mapping.local_of("person", move.mover), owner)],
        )
        [made] = books.insert(
            "sync_move",
            [{"remote_id": remote_id, "deal_id": deal, "move_id": key, "carried": move.id,
              "pushed_at": None}],
        )  # fmt: skip
        known.append(_Known(made, key, move.id, None, None, stage, move.at))
    return len(fresh)


def _row(
    tx: Transaction, deal: int, stage: int | None, at: int, mover: int | None, owner: int | None
) -> dict[str, Any]:
    amount = tx.value("SELECT amount FROM deal WHERE id = ?", (deal,))
    return {
        "deal_id": deal, "to_stage_id": stage, "at": at, "recorded_at": tx.now,
        "mover_id": mover, "mover_as": "sync", "owner_id": owner,
        "sets_owner": int(owner is not None), "amount": amount, "lost_reason_id": None,
        "override": None, "evidence": "reported",
    }  # fmt: skip


def _write(tx: Transaction, mapping: Maps, deal: int, stage: int, line: FarMove) -> int:
    """A move that somebody made at the other end."""
    mover = mapping.local_of("person", line.by)
    return tx.insert("stage_move", [_row(tx, deal, stage, line.at, mover, None)])[0]


def _echo_of(line: FarMove, stage: int, known: list[_Known]) -> _Known | None:
    """The move whose push left this line: one into the same stage without a line of its own; of
    our own pushes the moment is known, of other seats' the move came before."""
    fitting = [one for one in known if one.stage == stage and one.far_id is None]
    pushed = [one for one in fitting
              if one.pushed_at is not None and abs(one.pushed_at - line.at) <= _NEAR]  # fmt: skip
    if pushed:
        return max(pushed, key=lambda one: one.at)
    others = [one for one in fitting
              if one.pushed_at is None and one.carried is not None
              and one.at <= line.at + _ASKEW]  # fmt: skip
    return min(others, key=lambda one: one.at, default=None)


def settle(
    tx: Transaction, deal: int, stage: int, at: int, by: int | None, *, over_ours: bool = True
) -> bool:
    """Have the deal stand in a stage where the history that could be read does not lead; whether a
    move was written. Without ``over_ours`` a move made here that comes last is left standing."""
    row = tx.row(
        "SELECT to_stage_id, at, evidence FROM stage_move WHERE deal_id = ? AND undone = 0 "
        "AND superseded <> 1 ORDER BY at DESC, seq DESC LIMIT 1",
        (deal,),
    )
    if row is not None and (row[0] == stage or (row[2] == "acted" and not over_ours)):
        return False
    moment = at if row is None else max(at, row[1])
    tx.insert("stage_move", [_row(tx, deal, stage, moment, by, None)])
    return True
