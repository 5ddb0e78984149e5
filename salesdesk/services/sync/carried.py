"""The stage moves that travel in a field of the deal: compact, capped, joined without loss. Pure.

The vendors' histories cannot be back-dated and one of them tells no author; so each move also
travels with its id, its true moment, who moved the deal and who was responsible. A line a move, the
newest last: ``id moment stage mover owner``, the moment in microseconds to the base of 36, the
others keys of the other end (``-`` for none). A move that was taken back after it had travelled has
no stage: its line says so to those who have read it. The first line is the version of this format.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_VERSION = "sd1"
_NONE = "-"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Characters that the field may hold; both vendors take more.
MOST = 4000
#: A move so much older than the newest one of its deal travels no more.
YEAR = 366 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class CarriedMove:
    """A move; ``at`` is its moment in µs UTC, ``id`` is the move's own everywhere. ``stage``,
    ``mover`` and ``owner`` are keys of the other end, "" for none; without a stage it was taken
    back."""

    at: int
    id: str
    stage: str
    mover: str = ""
    owner: str = ""


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
        parts = line.split()
        if len(parts) == 5 and parts[1].isalnum() and parts[1].isascii():
            stage, mover, owner = ("" if part == _NONE else part for part in parts[2:])
            found.append(CarriedMove(int(parts[1], 36), parts[0], stage, mover, owner))
    return sorted(set(found))


def joined(mine: str, other: str, most: int = MOST) -> str:
    """The moves of both texts; of two of one id the one that was taken back, else the later one:
    whoever joins them, in whatever order, comes to the same text."""
    known = {move.id: move for move in moves(other)}
    for move in moves(mine):
        there = known.get(move.id, move)
        known[move.id] = max(there, move, key=lambda one: (not one.stage, one))
    return text(known.values(), most)


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
