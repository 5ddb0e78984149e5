"""Stage moves as columns: what the reports count of many moves at once; loads numpy.

The index by moment holds all that is read here, so that no row is. Who was responsible is asked of
a short period's moves one by one; from an eighth of the protocol on it is faster to tell it out of
all facts at once.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.services.forecast_stays import Ints, Marks, numbers
from salesdesk.services.reports_moves import Bucket, Filter, ask

#: What can be read of a move: moments, keys (0: none), microseconds in the stage left (-1: none).
_OF_MOVE = {
    "at": "m.at", "stage": "m.to_stage_id", "left": "coalesce(m.from_stage_id, 0)",
    "spent": "coalesce(m.spent, -1)",
}  # fmt: skip
_OF_MOVES = {
    "at": "at", "stage": "stage_id", "left": "coalesce(from_stage_id, 0)",
    "spent": "coalesce(spent, -1)", "person": "coalesce(person_id, 0)",
}  # fmt: skip
#: Of how many moves one has to be asked for, so that all are read.
_MANY = 8
_LIVE_DEALS = " AND m.deal_id NOT IN (SELECT id FROM deal WHERE deleted_at IS NOT NULL)"
#: Before every moment, and how many stretches a count may have to be laid out in full.
_BEGINNING, _WIDE = -(1 << 62), 1 << 22
#: What several numbers in one may come to.
_PACKED = 1 << 62

Columns = dict[str, Ints]


def texts(r: Reader, columns: Sequence[str], rest: str, params: Sequence[Any] = ()) -> list[Ints]:
    """Whole numbers by column; ``columns`` are terms in SQL that are never empty, ``rest`` is the
    query after them. SQLite hands each column over as one text."""
    terms = ", ".join(f"group_concat({term})" for term in columns)
    row = r.row(f"SELECT {terms} {rest}", tuple(params))
    return [numbers(text) for text in row or [None] * len(columns)]


def packed(
    r: Reader, columns: Sequence[tuple[str, int]], rest: str, params: Sequence[Any] = ()
) -> list[Ints]:
    """The same of numbers from 0 up to a bound (itself left out; 0: there is none), several of them
    handed over as one: the number of texts is what takes the time."""
    groups: list[list[tuple[str, int]]] = []
    room = 0
    for term, bound in columns:
        if 0 < bound <= room:
            groups[-1].append((term, bound))
        else:
            groups.append([(term, bound)])
            room = _PACKED if bound else 0
        room //= bound or 1
    found: list[Ints] = []
    for group, column in zip(
        groups, texts(r, [_one(g) for g in groups], rest, params), strict=True
    ):
        unpacked = []
        for _term, bound in group[:0:-1]:
            column, value = np.divmod(column, bound)
            unpacked.append(value)
        found += [column, *reversed(unpacked)]
    return found


def _one(group: Sequence[tuple[str, int]]) -> str:
    (term, _bound), *others = group
    for other, bound in others:
        term = f"(({term}) * {bound} + {other})"
    return term


def _bound(r: Reader, table: str) -> int:
    """What no key of the table reaches."""
    return int(r.value(f"SELECT coalesce(max(id), 0) FROM {table}")) + 1


def read(r: Reader, asked: Filter, parts: Sequence[Bucket], wanted: Iterable[str]) -> Columns:
    """The live moves in a period (all stages), in any order; of the people asked for, where there
    are any.

    ``parts`` follow one another; ``wanted`` names columns: at, stage, left, spent, person (0 is
    nobody).
    """
    names = list(wanted)
    if not parts:
        return {name: np.empty(0, np.int64) for name in names}
    start, stop = parts[0].start, parts[-1].stop
    if "person" not in names and asked.persons is None:
        where = (
            "FROM stage_move m WHERE m.undone = 0 AND m.superseded = 0 AND m.at >= ? "
            f"AND m.at < ?{_LIVE_DEALS}{asked.of_deals('m.deal_id')}"
        )
        terms = [_OF_MOVE[name] for name in names]
        found = texts(r, terms, where, (start, stop, *asked.given))
        return dict(zip(names, found, strict=True))
    if not _is_long(r, start, stop):
        return _found(r, asked, Bucket(0, start, stop), names)
    columns = _with_owners(r, asked, start, stop, names)
    if asked.persons is not None:
        kept = np.isin(columns["person"], sorted(asked.persons))
        columns = {name: column[kept] for name, column in columns.items()}
    return columns


def _is_long(r: Reader, start: int, stop: int) -> bool:
    """Whether so much of the protocol is asked for that reading all of it is faster."""
    many = int(r.value("SELECT coalesce(max(id), 0) FROM stage_move")) // _MANY
    inside = r.value(
        "SELECT count(*) FROM (SELECT 1 FROM stage_move WHERE at >= ? AND at < ? LIMIT ?)",
        (start, stop, many + 1),
    )
    return bool(inside > many)


def _found(r: Reader, asked: Filter, part: Bucket, names: list[str]) -> Columns:
    """The moves of a short period, each with its owner where that matters."""
    terms = ", ".join(_OF_MOVES[name] for name in names)
    where = f"1{asked.of_persons('person_id')}{asked.of_deals('deal_id')}"
    rows = list(ask(r, [part], f"SELECT {terms} FROM moves WHERE {where}", asked.given))
    table = np.array(rows, np.int64).reshape(-1, len(names))
    return {name: table[:, at] for at, name in enumerate(names)}


def _with_owners(r: Reader, asked: Filter, start: int, stop: int, names: list[str]) -> Columns:
    """The moves of a period, with who was responsible once each had been applied: whoever was made
    so last. Moves that gave way are asked too: whom the first of them made responsible is so from
    the beginning on (``reports_moves.OWNERS``)."""
    others = [name for name in names if name not in ("person", "at")]
    fact = "m.superseded <> 0 OR m.at < ?"
    deals, people, stages = _bound(r, "deal"), _bound(r, "person"), _bound(r, "stage")
    bounds = {"stage": stages, "left": stages}
    at, seq, deal, gave_way, owner, *rest = packed(
        r,
        [("m.at", 0), ("m.seq", 0), ("m.deal_id", deals),
         (f"CASE WHEN {fact} THEN 1 + (m.superseded = 1) ELSE 0 END", 3),
         ("CASE WHEN m.sets_owner = 1 THEN coalesce(m.owner_id, 0) + 1 ELSE 0 END", people + 1),
         *((_OF_MOVE[name], bounds.get(name, 0)) for name in others)],
        "FROM stage_move m WHERE m.undone = 0 AND m.at < ? AND (m.sets_owner = 1 OR "
        f"(m.superseded = 0 AND m.at >= ?)){_LIVE_DEALS}{asked.of_deals('m.deal_id')}",
        (start, stop, start, *asked.given),
    )  # fmt: skip
    owner = owner - 1
    own, mine = gave_way == 0, owner >= 0
    when, order, of_deal, to = packed(
        r,
        [("m.at", 0), ("m.seq", 0), ("m.deal_id", deals), ("coalesce(m.person_id, 0)", people)],
        f"FROM owner_change m WHERE m.undone = 0 AND m.at < ?{asked.of_deals('m.deal_id')}",
        (stop, *asked.given),
    )  # fmt: skip
    since = _first_ever(deal, at, seq, mine & (gave_way == 2))
    facts = [
        np.concatenate((column[mine], more))
        for column, more in ((deal, of_deal), (since, when), (seq, order), (owner, to))
    ]
    found = dict(zip(others, (column[own] for column in rest), strict=True))
    found["at"] = at[own]
    found["person"] = _owners(facts, deal[own], at[own], seq[own])
    return found


def _first_ever(deal: Ints, at: Ints, seq: Ints, gave_way: Marks) -> Ints:
    """The moments, where the first of a deal's moves that gave way stands before all others."""
    [places] = np.nonzero(gave_way)
    if not len(places):
        return at
    places = places[np.lexsort((seq[places], at[places], deal[places]))]
    first = np.ones(len(places), np.bool_)
    first[1:] = deal[places][1:] != deal[places][:-1]
    moved = at.copy()
    moved[places[first]] = _BEGINNING
    return moved


def _owners(facts: list[Ints], deal: Ints, at: Ints, seq: Ints) -> Ints:
    """Who was responsible for a deal at a moment: the latest fact up to then, else nobody. Most
    deals have a single one; for the others facts and questions are put in order."""
    of_fact, since, order, owner = facts
    size = int(max(of_fact.max(initial=0), deal.max(initial=0))) + 1
    times = np.bincount(of_fact, minlength=size)
    one_owner, one_at, one_seq = (np.zeros(size, np.int64) for _ in range(3))
    one_owner[of_fact], one_at[of_fact], one_seq[of_fact] = owner, since, order
    begun = (at > one_at[deal]) | ((at == one_at[deal]) & (seq >= one_seq[deal]))
    found = np.where((times[deal] == 1) & begun, one_owner[deal], 0)
    [asked], many = np.nonzero(times[deal] > 1), times[of_fact] > 1
    if len(asked):
        told = [column[many] for column in (of_fact, since, order, owner)]
        found[asked] = _latest(told, deal[asked], at[asked], seq[asked])
    return found


def _latest(facts: list[Ints], deal: Ints, at: Ints, seq: Ints) -> Ints:
    of_fact, since, order, owner = facts
    count = len(of_fact)
    every = [np.concatenate(pair) for pair in ((of_fact, deal), (since, at), (order, seq))]
    is_question = np.arange(count + len(deal)) >= count
    # A move that makes someone responsible is a fact itself: at equal places facts go first.
    places = np.lexsort((is_question, every[2], every[1], every[0]))
    last = np.maximum.accumulate(np.where(is_question[places], -1, np.arange(len(places))))
    fact = places[np.maximum(last, 0)]
    known = (last >= 0) & (every[0][fact] == every[0][places])
    owners = np.where(known, owner[np.minimum(fact, max(count - 1, 0))], 0)
    found = np.empty(len(deal), np.int64)
    asked = is_question[places]
    found[places[asked] - count] = owners[asked]
    return found


def came_through(
    r: Reader,
    moments: tuple[int, int, int],
    own: Sequence[int],
    steps: Sequence[int],
    among: str = "",
    given: Sequence[Any] = (),
) -> tuple[int, list[int], list[int]]:
    """Of the deals created in the stages ``own`` in a period (its two moments, then now): how many
    there are, and by step (a stage) those that came no further and those that entered it."""
    start, stop, now = moments
    until = max(stop, now + 1)
    born = f"m.from_stage_id IS NULL AND m.at < ? AND m.to_stage_id IN ({keys_in(own)})"
    width = max((*own, *steps), default=0) + 1
    # All moves of a deal come after its creation, so the period's beginning is theirs. Each is one
    # number: three would be three times as long to hand over.
    entered = f"CASE WHEN m.to_stage_id < {width} THEN m.to_stage_id ELSE 0 END"
    [line] = texts(
        r, [f"(m.deal_id * {width} + {entered}) * 4 + ({born}) * 2 + (m.at <= ?)"],
        "FROM stage_move m WHERE m.undone = 0 AND m.superseded = 0 AND m.at >= ? "
        f"AND m.at < ?{_LIVE_DEALS}{among}",
        (stop, now, start, until, *given),
    )  # fmt: skip
    line, here = np.divmod(line, 4)
    deal, stage = np.divmod(line, width)
    deals, row = _places(deal) if len(deal) else (deal, deal)
    is_born = np.zeros(len(deals), np.bool_)
    is_born[row[here >= 2]] = True
    seen = np.zeros((len(deals), len(steps)), np.bool_)
    for place, step in enumerate(steps):
        seen[row[(stage == step) & (here % 2 == 1)], place] = True
    seen = seen[is_born]
    last = [int((seen[:, at] & ~seen[:, at + 1 :].any(axis=1)).sum()) for at in range(len(steps))]
    return int(is_born.sum()), last, seen.sum(axis=0).tolist()


def counted(columns: Sequence[Ints]) -> list[tuple[int, ...]]:
    """How many rows are alike: a line for each combination of the columns' values, the number last.
    Without columns, or without rows, there is none."""
    if not columns or not len(columns[0]):
        return []
    known, code = [], np.zeros(len(columns[0]), np.int64)
    width = 1
    for column in columns:
        values, place = _places(column)
        known.append(values)
        code, width = code * len(values) + place, width * len(values)
    if width < _WIDE:
        number = np.bincount(code, minlength=width)
        [codes] = np.nonzero(number)
        number = number[codes]
    else:
        codes, number = np.unique(code, return_counts=True)
    found = [number]
    for values in reversed(known):
        codes, place = np.divmod(codes, len(values))
        found.append(values[place])
    return list(zip(*(column.tolist() for column in reversed(found)), strict=True))


def _places(column: Ints) -> tuple[Ints, Ints]:
    """The different values in order, and where each row's stands among them."""
    low, high = int(column.min()), int(column.max())
    if high - low >= _WIDE:
        return np.unique(column, return_inverse=True)
    there = np.zeros(high - low + 1, np.bool_)
    there[column - low] = True
    [values] = np.nonzero(there)
    return values + low, (np.cumsum(there) - 1)[column - low]
