"""Rulings on reaches, as they travel among the moves of a deal (``carried``). Pure.

A line a ruling, in the five parts of a move: ``!<moment><kind>.<entry>.<stage>``, the moment of the
entry that is ruled upon, ``!<turns><reason>``, who ruled, and to whom a reach was credited. So a
version that knows of no rulings keeps the line as a move into a stage that it does not have, and
joins it rightly: of two with one id the one that turned more often. The line has the moment of its
entry and stands right before it: it drops out of the field when its entry does, and is never taken
for the last move. ``turns`` (two digits) is how often the ruling was taken back or put back; it is
no sixth part, for of a move that was taken back a line in the other end's history is expected.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from salesdesk.services.sync import carried
from salesdesk.services.sync.carried import RULING, CarriedMove

_KINDS = {"v": "void", "c": "credit", "r": "restore"}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}
#: So many characters of a reason travel.
REASON = 80
#: What an entry is called that is known by its line in the other end's history.
OF_HISTORY = "#"


@dataclass(frozen=True, slots=True)
class CarriedRuling:
    """A ruling; ``at`` is its moment, ``entered`` that of the move it is about (µs UTC). ``entry``
    is that move's own id, or behind ``OF_HISTORY`` its line in the other end's history. ``kind`` is
    ``void``, ``credit`` or ``restore``; ``stage``, ``by`` and ``to`` are keys of the other end, ""
    for none. ``turns``: how often it was taken back, and put back after that."""

    at: int
    entry: str
    entered: int
    kind: str
    stage: str
    by: str = ""
    to: str = ""
    reason: str = ""
    turns: int = 0

    @property
    def taken_back(self) -> bool:
        """Whether it holds no more."""
        return self.turns % 2 == 1


def line_of(ruling: CarriedRuling) -> CarriedMove:
    """A ruling as it stands among the moves."""
    moment = carried.based(ruling.at)
    key = f"{RULING}{moment}{_LETTERS[ruling.kind]}.{ruling.entry}.{ruling.stage}"
    reason = urlsafe_b64encode(_short(ruling.reason).encode()).decode().rstrip("=")
    line = CarriedMove(ruling.entered, key, f"{RULING}00{reason}", ruling.by, ruling.to)
    return carried.with_turns(line, ruling.turns)


def rulings(given: str) -> list[CarriedRuling]:
    """The rulings of a text, the oldest first; what cannot be read is left out."""
    if RULING not in given:
        return []
    found = (_read(line) for line in carried.lines(given) if line.is_ruling)
    return sorted((one for one in found if one is not None),
                  key=lambda one: (one.at, one.entry, one.stage, one.kind))  # fmt: skip


def _read(line: CarriedMove) -> CarriedRuling | None:
    head, *rest = line.id.removeprefix(RULING).split(".", 2)
    moment, kind = head[:-1], _KINDS.get(head[-1:])
    if kind is None or len(rest) != 2 or not all((moment.isalnum(), *rest)):
        return None
    entry, stage = rest
    return CarriedRuling(
        int(moment, 36), entry, line.at, kind, stage, line.mover, line.owner,
        _reason(line.stage[len(RULING) + 2 :]), carried.turns_of(line),
    )  # fmt: skip


def _reason(given: str) -> str:
    try:
        return urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode()
    except ValueError:
        return ""


def _short(reason: str) -> str:
    return reason if len(reason) <= REASON else f"{reason[: REASON - 1]}…"
