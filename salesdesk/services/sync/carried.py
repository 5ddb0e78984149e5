"""The stage moves that travel in a field of the deal: compact, capped, joined without loss. Pure.

The vendors' histories cannot be back-dated and one of them tells no author; so each move also
travels with its id, its true moment, who moved the deal and who was responsible. A line a move, the
newest last: ``id moment stage mover owner``, the moment in microseconds to the base of 36, the
others keys of the other end (``-`` for none). A sixth part says how often the move was taken back
or put back again after it had travelled, odd for one that does not count. A seventh is
the moment (of the other end, seconds to the base of 36) when the deal was last changed there before
the move arrived, behind a ``-`` where it arrived without leaving a line in the other end's own
history. Both may be missing. The first line is the version of this format.

Rulings travel among them in lines of the same parts, whose id and stage begin with ``!``
(``carried_rulings``).
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

_NAME = "sd"
_VERSION = f"{_NAME}1"
_NONE = "-"
#: Parts of a line that are always there, and what stands for the others.
_PARTS = 5
_REST = ("0", "")
_SECOND = 1_000_000
#: How the id and the stage of a line begin that is a ruling. It comes before all ids of moves.
RULING = "!"
#: A ruling's turns have two digits, so that texts compare as numbers.
_TURNS = slice(1, 3)
_MOST_TURNS = 98
#: It is not told when a move arrived.
UNTOLD = -1
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Characters that the field may hold; both vendors take more.
MOST = 4000
#: A move so much older than the newest one of its deal travels no more.
YEAR = 366 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class CarriedMove:
    """A move; ``at`` is its moment in µs UTC, ``id`` is the move's own everywhere. ``stage``,
    ``mover`` and ``owner`` are keys of the other end, "" for none. ``turns``: how often it was
    taken back, and put back after that; only the seat that made it counts them. ``after``: when the
    deal was last changed there before the move arrived (µs, whole seconds; ``UNTOLD``). Where it
    ``leaves`` a line in the other end's history, that is the first one into its stage since."""

    at: int
    id: str
    stage: str
    mover: str = ""
    owner: str = ""
    turns: int = 0
    after: int = UNTOLD
    leaves: bool = False

    @property
    def taken_back(self) -> bool:
        """Whether it counts no more."""
        return self.turns % 2 == 1

    @property
    def is_ruling(self) -> bool:
        """Whether the line is no move, but what a team lead decided about one."""
        return self.id.startswith(RULING) and self.stage[_TURNS].isdecimal()


def text(moves: Iterable[CarriedMove], most: int = MOST) -> str:
    """The field's text: the newest moves that have room."""
    lines: list[str] = []
    room = most - len(_VERSION)
    for move in sorted(set(moves), reverse=True):
        line = " ".join(
            (
                move.id,
                based(move.at),
                move.stage or _NONE,
                move.mover or _NONE,
                move.owner or _NONE,
                *_tail(move),
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
    return [line for line in lines(given) if not line.is_ruling]


def lines(given: str) -> list[CarriedMove]:
    """The same with the rulings among them."""
    version, _, rest = given.strip().partition("\n")
    if version.strip() != _VERSION:
        return []
    return sorted({move for move in map(_read, rest.splitlines()) if move is not None})


def _is_newer(given: str) -> bool:
    """Whether a newer version wrote a text: what it says is not understood here, and stays."""
    version = given.strip().partition("\n")[0].strip()
    number = version.removeprefix(_NAME)
    return version.startswith(_NAME) and number.isdecimal() and version != _VERSION


def _read(line: str) -> CarriedMove | None:
    parts = line.split()
    if not _PARTS <= len(parts) <= _PARTS + len(_REST):
        return None
    key, at, stage, mover, owner, turns, after = *parts, *_REST[len(parts) - _PARTS :]
    moment = after.removeprefix(_NONE)
    if not (line.isascii() and at.isalnum() and turns.isdecimal() and f"{moment}0".isalnum()):
        return None
    stage, mover, owner = ("" if part == _NONE else part for part in (stage, mover, owner))
    found = CarriedMove(int(at, 36), key, stage, mover, owner, int(turns))
    if not moment:
        return found
    return replace(found, after=int(moment, 36) * _SECOND, leaves=moment == after)


def _tail(move: CarriedMove) -> list[str]:
    """The parts of a line that may be missing."""
    if move.after == UNTOLD:
        return [str(move.turns)] if move.turns else []
    return [str(move.turns), ("" if move.leaves else _NONE) + based(move.after // _SECOND)]


def joined(mine: str, other: str, most: int = MOST) -> str:
    """The moves of both texts; of two of one id the one that turned more often, else the later one,
    with what either tells of its arrival: whoever joins them, in whatever order, comes to the same
    text. One that a newer version wrote is all of it."""
    newer = [given for given in (mine, other) if _is_newer(given)]
    if newer:
        return max(newer)
    known = {move.id: move for move in lines(other)}
    for move in lines(mine):
        there = known.get(move.id, move)
        found = max(there, move, key=lambda one: (turns_of(one), one))
        leaves, after = max((one.leaves, one.after) for one in (there, move))
        at = max(there.at, move.at) if found.is_ruling else found.at
        known[move.id] = replace(found, at=at, after=after, leaves=leaves)
    return text(known.values(), most)


def arriving(given: str, own: Set[str], stage: str, after: int, most: int = MOST) -> str:
    """The text as it goes out to a deal that was last changed there at ``after``, together with
    ``stage`` ("" where that does not change): the last move that counts leaves a line, if it is one
    of ours (``own``) and has left none; our others leave none. Going back by an undo is no
    move."""
    if _is_newer(given):
        return given
    found = lines(given)
    all_moves = [line for line in found if not line.is_ruling]
    last = max((move for move in all_moves if not move.taken_back), default=None)
    leads = last is not None and last.stage == stage and (
        last.after == UNTOLD or (not last.leaves and last is all_moves[-1])
    )  # fmt: skip
    return text((_arriving(line, after, leads=leads and line is last)
                 if line.id in own and not line.is_ruling else line for line in found),
                most)  # fmt: skip


def _arriving(move: CarriedMove, after: int, *, leads: bool) -> CarriedMove:
    if leads or move.after == UNTOLD:
        return replace(move, after=after - after % _SECOND, leaves=leads)
    return move


def onward(mine: str, known: str, own: Set[str]) -> str:
    """The text of here, in which a move (or ruling) counts or was taken back, and no more is told;
    those that were made here (``own``) go on from how often they turned by a text that is
    ``known``."""
    if RULING not in known and not any(line.count(" ") >= _PARTS for line in known.splitlines()):
        return mine
    there = {move.id: turns_of(move) for move in lines(known) if move.id in own}
    return text(_turned(move, there.get(move.id, 0)) for move in lines(mine))


def _turned(move: CarriedMove, known: int) -> CarriedMove:
    turns = turns_of(move)
    return move if known <= turns else with_turns(move, known + (known % 2 != turns % 2))


def turns_of(line: CarriedMove) -> int:
    """How often a move or a ruling was taken back, and put back after that."""
    return int(line.stage[_TURNS]) if line.is_ruling else line.turns


def with_turns(line: CarriedMove, turns: int) -> CarriedMove:
    """The same move or ruling that has turned so often."""
    if not line.is_ruling:
        return replace(line, turns=turns)
    kept = min(turns, _MOST_TURNS + turns % 2)
    return replace(line, stage=f"{RULING}{kept:02}{line.stage[_TURNS.stop :]}")


def recent(given: str, most: int = MOST) -> str:
    """The text without moves that are more than a year older than its newest one."""
    if _is_newer(given):
        return given
    found = lines(given)
    return text((move for move in found if move.at >= found[-1].at - YEAR), most)


def based(number: int) -> str:
    """A number in the digits of this format."""
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits
