"""Every stay of every deal in a stage, as columns: what a forecast learns from.

One query hands the segments over as one text, which numpy reads: a hundred thousand rows are no
hundred thousand objects of Python. Segments know neither undone moves nor deleted deals, and
imported moves stand at their own moments. Moments are microseconds; this module loads numpy.
"""

import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from salesdesk.models.store import Reader, Store
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services.ranking_setup import Setup
from salesdesk.services.report_parts import selling

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

#: The end of what goes on.
NEVER = 2**62
KINDS = {"open": 0, "won": 1, "lost": 2}
DAY = DAY_SECONDS * SECOND
_SPANS = (
    "SELECT group_concat(deal_id || ',' || stage_id || ',' || coalesce(owner_id, 0) || ',' "
    "|| start) FROM span"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The stages a forecast is about: ``place`` is where an open stage stands among them (-1: it is
    none of them), ``kind`` is 0 open, 1 won, 2 lost, 3 elsewhere; both by the stage's key.

    ``pipeline`` and ``following`` are by place: the number of the pipeline, and the place of the
    open stage behind it (-1: the last one).
    """

    keys: tuple[int, ...]
    pipelines: tuple[int, ...]
    place: Ints
    kind: Ints
    pipeline: Ints
    following: Ints


def layout_of(setup: Setup, pipeline_id: int | None) -> Layout:
    """The stages of the pipeline asked for, else of those that count in the ranking."""
    wanted = selling(setup, pipeline_id)
    size = max(setup.stages, default=0) + 2
    place, kind = np.full(size, -1, np.int64), np.full(size, 3, np.int64)
    keys: list[int] = []
    pipeline: list[int] = []
    following: list[int] = []
    for stage in setup.stages.values():  # by pipeline and place
        if stage.pipeline_id not in wanted:
            continue
        kind[stage.id] = KINDS[stage.kind]
        if stage.kind != "open":
            continue
        if pipeline and pipeline[-1] == wanted.index(stage.pipeline_id) and not stage.archived:
            following[-1] = len(keys)
        place[stage.id] = len(keys)
        keys.append(stage.id)
        pipeline.append(wanted.index(stage.pipeline_id))
        following.append(-1)
    return Layout(
        tuple(keys), tuple(wanted), place, kind,
        np.array(pipeline, np.int64), np.array(following, np.int64),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stays:
    """A row for each stay, by deal and moment; owner changes do not end one.

    ``entered <= moment < left`` (``NEVER``: it goes on). ``follows``: the stage entered next, -1
    for none. ``closed``: when the deal is closed for the first time after the stay began, ``NEVER``
    for never, and ``won`` whether that is a win; for stays in closed stages they are of that very
    stay.
    """

    deal: Ints
    stage: Ints
    entered: Ints
    left: Ints
    follows: Ints
    closed: Ints
    won: Marks


@dataclass(frozen=True, slots=True)
class Owners:
    """Who was responsible: a row for each segment, by deal and moment (0: nobody)."""

    deal: Ints
    start: Ints
    owner: Ints

    def at(self, deals: Ints, moment: int) -> Ints:
        """Who was responsible for each of these deals (which existed then)."""
        before = self.start <= moment
        deal, owner = self.deal[before], self.owner[before]
        last = np.searchsorted(deal, deals, side="right") - 1
        return owner[last]


@dataclass(frozen=True, slots=True)
class History:
    """All stays, and who was responsible, of one state of the workspace."""

    stays: Stays
    owners: Owners
    last_change: int


_known: "WeakKeyDictionary[Store, tuple[History, tuple[Any, ...]]]" = WeakKeyDictionary()
_lock = threading.Lock()


def history(r: Reader, setup: Setup) -> History:
    """What happened to all deals; kept until anything is written or a stage is of another kind."""
    kinds = tuple((key, stage.kind) for key, stage in setup.stages.items())
    with _lock:
        known = _known.get(r.store)
    if known and known[0].last_change == setup.last_change and known[1] == kinds:
        return known[0]
    found = _read(r, kinds, setup.last_change)
    with _lock:
        _known[r.store] = (found, kinds)
    return found


def numbers(text: str | None) -> Ints:
    """The numbers of a text with commas between them."""
    return np.fromstring(text or "", np.int64, sep=",")


def _read(r: Reader, kinds: tuple[tuple[int, str], ...], last_change: int) -> History:
    table = numbers(r.value(_SPANS)).reshape(-1, 4)
    order = np.lexsort((table[:, 3], table[:, 0]))
    if not np.array_equal(order, np.arange(len(order))):  # the key's own order, mostly
        table = table[order]
    deal, stage, owner, start = (np.ascontiguousarray(table[:, at]) for at in range(4))
    return History(stays_of(deal, stage, start, dict(kinds)), Owners(deal, start, owner),
                   last_change)  # fmt: skip


def stays_of(deal: Ints, stage: Ints, start: Ints, kinds: dict[int, str]) -> Stays:
    """Stays out of segments in order of deal and moment, each of which lasts until the next."""
    if not len(deal):
        none = np.empty(0, np.int64)
        return Stays(none, none, none, none, none, none, np.empty(0, np.bool_))
    begins = np.ones(len(deal), np.bool_)
    begins[1:] = (deal[1:] != deal[:-1]) | (stage[1:] != stage[:-1])
    deal, stage, entered = deal[begins], stage[begins], start[begins]
    left, follows = np.full(len(deal), NEVER, np.int64), np.full(len(deal), -1, np.int64)
    same = deal[1:] == deal[:-1]
    left[:-1][same], follows[:-1][same] = entered[1:][same], stage[1:][same]
    closed, won = _closings(deal, stage, entered, kinds)
    return Stays(deal, stage, entered, left, follows, closed, won)


def _closings(deal: Ints, stage: Ints, entered: Ints, kinds: dict[int, str]) -> tuple[Ints, Marks]:
    """When the deal of each stay is closed next (or is closed by it), and whether it is won."""
    size = max(int(stage.max()), *kinds, 0) + 1
    of_kind = np.zeros(size, np.int64)
    for key, word in kinds.items():
        of_kind[key] = KINDS[word]
    kind = of_kind[stage]
    count = len(deal)
    here = np.where(kind > 0, np.arange(count), count)
    following = np.minimum.accumulate(here[::-1])[::-1]
    sure = np.minimum(following, count - 1)
    known = (following < count) & (deal[sure] == deal)
    closed = np.where(known, entered[sure], NEVER)
    return closed, known & (kind[sure] == 1)
