"""Every stay of every deal in a stage, as columns: what a forecast learns from.

One query hands the segments over as one text, which numpy reads: a hundred thousand rows are no
hundred thousand objects of Python. Segments know neither undone moves nor deleted deals, and
imported moves stand at their own moments. Moments are microseconds; this module loads numpy.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
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
#: So many transactions, or lines of the log, are too much to follow.
_FEW, _MUCH = 500, 5_000
#: So many signs are read into numbers in a millisecond or two.
_PIECE = 1 << 18
_TOUCHING = ("deal", "stage_move", "owner_change")
_TOUCHED = "SELECT DISTINCT tbl, row_id FROM change WHERE id BETWEEN ? AND ? AND tbl IN (?, ?, ?)"
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
class Segments:
    """Who was responsible for what stood where: a row for each segment, by deal and moment (the
    next one of the deal ends it; 0 is nobody)."""

    deal: Ints
    stage: Ints
    owner: Ints
    start: Ints

    def owner_at(self, deals: Ints, moment: int) -> Ints:
        """Who was responsible for each of these deals (which existed then)."""
        before = self.start <= moment
        deal, owner = self.deal[before], self.owner[before]
        last = np.searchsorted(deal, deals, side="right") - 1
        return owner[last]


@dataclass(frozen=True, slots=True)
class History:
    """What happened to all deals as of a transaction; ``kinds`` are those of the stages."""

    stays: Stays
    segments: Segments
    kinds: Mapping[int, str]
    txn: int


_known: "WeakKeyDictionary[Store, History]" = WeakKeyDictionary()
_lock = threading.Lock()


def history(r: Reader, setup: Setup) -> History:
    """What happened to all deals. It is kept; of what was written since only the deals that were
    touched are read again."""
    kinds = {key: stage.kind for key, stage in setup.stages.items()}
    txn = int(r.value("SELECT coalesce(max(id), 0) FROM txn"))
    with _lock:
        known = _known.get(r.store)
    if known is not None and known.txn == txn and known.kinds == kinds:
        return known
    segments = None if known is None else _caught_up(r, known, txn)
    if segments is None:
        segments = _segments(numbers(r.value(_SPANS)))
    found = History(stays_of(segments.deal, segments.stage, segments.start, kinds), segments,
                    kinds, txn)  # fmt: skip
    with _lock:
        _known[r.store] = found
    return found


def numbers(text: str | None) -> Ints:
    """The numbers of a text with commas between them; read in pieces, between which others (the
    window) have their turn."""
    found, start, size = [np.empty(0, np.int64)], 0, len(text or "")
    while text and start < size:
        stop = text.find(",", start + _PIECE)
        stop = size if stop < 0 else stop
        found.append(np.fromstring(text[start:stop], np.int64, sep=","))
        start = stop + 1
    return np.concatenate(found)


def _segments(read: Ints) -> Segments:
    table = read.reshape(-1, 4)
    deal, start = table[:, 0], table[:, 3]
    same = deal[1:] == deal[:-1]
    if (deal[1:] < deal[:-1]).any() or (same & (start[1:] < start[:-1])).any():
        table = table[np.lexsort((start, deal))]  # the table is kept in this order, mostly
    return Segments(*(np.ascontiguousarray(table[:, at]) for at in range(4)))


def _caught_up(r: Reader, known: History, txn: int) -> Segments | None:
    """What is known, with the deals touched since read again; None when it is better to read
    everything: much was written, or something was taken back (which may be about any deal)."""
    written = r.rows(
        "SELECT t.first_change, t.last_change, m.origin FROM txn t JOIN command m "
        "ON m.id = t.command_id WHERE t.id > ? ORDER BY t.id LIMIT ?",
        (known.txn, _FEW + 1),
    )
    many = len(written) > _FEW or sum(last - first for first, last, _ in written) > _MUCH
    if txn < known.txn or many or any(origin == "undo" for *_, origin in written):
        return None
    ids: dict[str, set[int]] = {table: set() for table in _TOUCHING}
    for first, last, _ in written:
        for table, row in r.rows(_TOUCHED, (first, last, *_TOUCHING)):
            ids[table].add(row)
    deals = set(ids["deal"])
    for table in _TOUCHING[1:]:
        rows = r.rows_of(f"SELECT deal_id FROM {table} WHERE id IN ({{ids}})", ids[table])
        deals.update(row[0] for row in rows)
    rows = r.rows_of(
        "SELECT deal_id, stage_id, coalesce(owner_id, 0), start FROM span WHERE deal_id IN ({ids})",
        sorted(deals),
    )
    old = known.segments
    kept = ~np.isin(old.deal, np.array(sorted(deals), np.int64))
    table = np.stack((old.deal[kept], old.stage[kept], old.owner[kept], old.start[kept]), axis=1)
    return _segments(np.concatenate((table, np.array(rows, np.int64).reshape(-1, 4))))


def stays_of(deal: Ints, stage: Ints, start: Ints, kinds: Mapping[int, str]) -> Stays:
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


def _closings(
    deal: Ints, stage: Ints, entered: Ints, kinds: Mapping[int, str]
) -> tuple[Ints, Marks]:
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
