"""The stage moves that travel in a field of the deal: compact, capped, joined without loss. Pure.

The vendors' histories cannot be back-dated and one of them tells no author; so each move also
travels with its id, its true moment, who moved the deal and who was responsible. A line a move, the
newest last: ``id moment stage mover owner``, the moment in microseconds to the base of 36, the
others keys of the other end (``-`` for none). A move that was taken back after it had travelled
says so in a sixth part: how often it was taken back or put back again, odd for one that does not
count. The first line is the version of this format.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

_VERSION = "sd1"
_NONE = "-"
#: Parts of a line after its id: moment, stage, mover, owner, and how often it turned.
_PARTS = 5
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Characters that the field may hold; both vendors take more.
MOST = 4000
#: A move so much older than the newest one of its deal travels no more.
YEAR = 366 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class CarriedMove:
    """A move; ``at`` is its moment in µs UTC, ``id`` is the move's own everywhere. ``stage``,
    ``mover`` and ``owner`` are keys of the other end, "" for none. ``turns``: how often it was
    taken back, and put back after that; only the seat that made it counts them."""

    at: int
    id: str
    stage: str
    mover: str = ""
    owner: str = ""
    turns: int = 0

    @property
    def taken_back(self) -> bool:
        """Whether it counts no more."""
        return self.turns % 2 == 1


def text(moves: Iterable[CarriedMove], most: int = MOST) -> str:
    """The field's text: the newest moves that have room."""
    lines: list[str] = []
    room = most - len(_VERSION)
    for move in sorted(set(moves), reverse=True):
        line = " ".join(
            (
                move.id,
                _based(move.at),
                move.stage or _NONE,
                move.mover or _NONE,
                move.owner or _NONE,
                *([str(move.turns)] if move.turns else ()),
            )
        )
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return "\n".join((_VERSION, *reversed(lines))) if lines else ""


def moves(given: str) -> list[CarriedMove]:
    """The moves of a text in order; lines that cannot be read are left out, and so is all of a
    format that is not known (a newer version wrote it)."""
    version, _, rest = given.strip().partition("\n")
    if version.strip() != _VERSION:
        return []
    found = []
    for line in rest.splitlines():
        key, *parts = line.split() or [""]
        turns = parts.pop() if len(parts) == _PARTS else "0"
        plain = len(parts) == _PARTS - 1 and f"{parts[0]}{turns}".isascii()
        if plain and parts[0].isalnum() and turns.isdecimal():
            stage, mover, owner = ("" if part == _NONE else part for part in parts[1:])
            found.append(CarriedMove(int(parts[0], 36), key, stage, mover, owner, int(turns)))
    return sorted(set(found))


def joined(mine: str, other: str, most: int = MOST) -> str:
    """The moves of both texts; of two of one id the one that turned more often, else the later one:
    whoever joins them, in whatever order, comes to the same text."""
    known = {move.id: move for move in moves(other)}
    for move in moves(mine):
        there = known.get(move.id, move)
        known[move.id] = max(there, move, key=lambda one: (one.turns, one))
    return text(known.values(), most)


def onward(mine: str, known: str, own: Set[str]) -> str:
    """The text of here, in which a move counts or was taken back, and no more is told; those that
    were made here (``own``) go on from how often they turned by a text that is ``known``."""
    if not any(line.count(" ") == _PARTS for line in known.splitlines()):
        return mine
    there = {move.id: move.turns for move in moves(known) if move.id in own}
    return text(_turned(move, there.get(move.id, 0)) for move in moves(mine))


def _turned(move: CarriedMove, known: int) -> CarriedMove:
    if known <= move.turns:
        return move
    return replace(move, turns=known + (known % 2 != move.turns % 2))


def recent(given: str, most: int = MOST) -> str:
    """The text without moves that are more than a year older than its newest one."""
    found = moves(given)
    return text((move for move in found if move.at >= found[-1].at - YEAR), most)


def _based(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits
