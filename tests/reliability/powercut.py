"""What a disk may hold when the power fails: a recorded life, replayed up to any point.

What was synced is there. Of what was written since, anything may be there and anything may be
lost, in any order, and a write may be torn at any sector. The ``-shm`` file is never there: it is
memory. (A disk that lies about having synced is not played: nothing holds on such a disk.)
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.shim import Operation

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Told:
    """A command was acknowledged here."""

    what: dict[str, Any]


Line = Operation | Told


@dataclass(slots=True)
class _Kept:
    """A file: what lasts of it, and what was done since it was synced last."""

    lasting: bytearray = field(default_factory=bytearray)
    #: Whether its name lasts in the folder.
    named: bool = False
    #: It was removed, and the folder not synced since.
    gone: bool = False
    pending: list[Operation] = field(default_factory=list)


def cuts(
    base: dict[str, bytes], lines: Sequence[Line], points: Sequence[int], chance: random.Random
) -> Iterator[tuple[int, dict[str, bytes], list[dict[str, Any]]]]:
    """For each of ``points`` (0..len(lines), rising): the point, a state of the disk that a power
    cut before that line may leave, and what had been acknowledged by then."""
    disk = {name: _Kept(bytearray(data), True) for name, data in base.items()}
    told: list[dict[str, Any]] = []
    at = 0
    for point in points:
        for line in lines[at:point]:
            if isinstance(line, Told):
                told.append(line.what)
            else:
                _play(disk, line)
        at = point
        yield point, _left(disk, chance), list(told)


def _play(disk: dict[str, _Kept], line: Operation) -> None:
    if line.kind == "open":
        if line.made:
            disk[line.name] = _Kept()
    elif line.kind == "delete":
        if line.lasting:
            disk.pop(line.name, None)
        elif line.name in disk:
            disk[line.name].gone = True
    elif line.kind == "sync":
        kept = disk[line.name]
        for each in kept.pending:
            _apply(kept.lasting, each)
        kept.pending, kept.named = [], True
    elif line.kind in ("write", "truncate"):
        disk[line.name].pending.append(line)


def _apply(content: bytearray, line: Operation) -> None:
    if line.kind == "truncate":
        del content[line.at :]
        return
    _put(content, line.at, line.data)


def _put(content: bytearray, at: int, data: bytes) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def _left(disk: dict[str, _Kept], chance: random.Random) -> dict[str, bytes]:
    left = {}
    for name, kept in disk.items():
        if (kept.gone or not kept.named) and chance.random() < 0.5:
            continue
        content = bytearray(kept.lasting)
        share = chance.choice((0.0, 0.5, 0.9, 1.0))
        for line in kept.pending:
            if share in (0.0, 1.0) or line.kind == "truncate" or chance.random() < 0.5:
                if chance.random() < share or share == 1.0:
                    _apply(content, line)
            else:
                _tear(content, line, share, chance)
        left[name] = bytes(content)
    return left


def _tear(content: bytearray, line: Operation, share: float, chance: random.Random) -> None:
    """Some sectors of a write."""
    start, end = line.at, line.at + len(line.data)
    while start < end:
        stop = min(end, start // SECTOR * SECTOR + SECTOR)
        if chance.random() < share:
            _put(content, start, line.data[start - line.at : stop - line.at])
        start = stop
