"""Find anything: deals, clients, contractors, tasks, notes, people, by what was typed, best first.

What was typed is tried as it is, then as if typed in the other keyboard layout, then with its
misspelt words put right by the words that there are. Each kind brings its newest candidates from
the full text (``models.fulltext``), and these are ranked by how well their titles fit.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from salesdesk.models import fulltext, indexed
from salesdesk.models.fulltext import fold, words
from salesdesk.models.store import Reader, Store
from salesdesk.services import (
    layouts,
    search_contractors,
    search_fit,
    search_people,
    search_records,
    search_spelling,
)
from salesdesk.services.search_records import Candidate, Hit, Scope, Spot
from salesdesk.services.writer import Slices

__all__ = [
    "KINDS", "Answer", "Group", "Hit", "Spot", "catch_up", "fitting", "fold", "recall", "search",
    "warm", "words", "workspace_id",
]  # fmt: skip

KINDS = ("deal", "client", "contractor", "task", "person", "note")
#: Candidates of a kind that are ranked; the newest ones.
_POOL, _OWN_POOL = 40, 24
#: Fewer hits than these are not enough: the other layout and other spellings are tried too.
_ENOUGH = 3
#: A longer tail of the log (an import is running) is left to the index.
_TAIL_LINES = 6_000
_CLIENTS_WHOSE_DEALS = 3
_FEW_DEALS = 5
#: Of very many records touched since, so many of each kind are looked at.
_LATE = 200
_LATER = 200.0

_Found = dict[str, list[Candidate]]


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, best first; ``more``: there are others that were cut off."""

    kind: str
    hits: tuple[Hit, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups, the one with the best hit first. When nothing fits what was typed, ``meant`` is the
    same in the other layout if that fits, and ``is_guess`` says that similar spellings fit.
    ``is_partial``: much was written lately, and not all of it can be found yet."""

    typed: str
    groups: tuple[Group, ...] = ()
    meant: str = ""
    is_guess: bool = False
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is looked for, by whom."""

    scope: Scope
    recent: dict[Spot, int]
    kinds: tuple[str, ...]
    tail: indexed.Touched
    has_index: bool
    is_partial: bool


def catch_up(store: Store, **_who: object) -> Slices[None]:
    """Bring the index up to date with everything written, in slices (for the writer thread)."""
    return indexed.catch_up(store)


def warm(r: Reader, people: frozenset[int] | None = None) -> None:
    """Read what a first search would wait for: all words, and what ``people`` have."""
    search_spelling.learn(r)
    search_contractors.words(r)
    search_people.learn(r)
    Scope(r, people).learn()


def recall(
    r: Reader, recent: Iterable[Spot], *, people: frozenset[int] | None, limit: int = 8
) -> tuple[Hit, ...]:
    """The records that someone opened lately, latest first, as far as they are still there."""
    spots = list(dict.fromkeys(recent))
    found: dict[Spot, Hit] = {}
    for kind in KINDS:
        keys = [spot.id for spot in spots if spot.kind == kind]
        there = search_records.candidates(r, kind, keys, (), people)
        for hit in search_records.with_details(r, there):
            found[Spot(kind, hit.id)] = hit
    return tuple(found[spot] for spot in spots if spot in found)[:limit]


def search(
    r: Reader,
    typed: str,
    *,
    people: frozenset[int] | None = None,
    recent: Sequence[Spot] = (),
    kinds: Collection[str] = KINDS,
    limit: int = 5,
) -> Answer:
    """What was found for ``typed``: ``limit`` hits of each kind, more where few kinds are found.

    ``people``: whose records may be seen (None: everybody's); ``recent`` records, latest first,
    come before others that fit as well.
    """
    asked = _Asked(
        Scope(r, people),
        {spot: place for place, spot in reversed(list(enumerate(recent)))},
        tuple(kind for kind in KINDS if kind in kinds),
        *_tail(r),
    )
    found = _find(r, asked, words(typed))
    meant, is_guess = "", False
    if _count(found) < _ENOUGH:
        other = layouts.switched(typed)
        more = _find(r, asked, words(other)) if other else {}
        meant = other if more and not found else ""
        found = _joined(found, more)
        if not found:
            for guess in search_spelling.guesses(r, typed, other):
                found = _joined(found, _find(r, asked, guess))
                if _count(found) >= _ENOUGH:
                    break
            is_guess = bool(found)
    groups = tuple(_groups(r, found, limit))
    return Answer(typed, groups, meant, is_guess, asked.is_partial)


def _groups(r: Reader, found: _Found, limit: int) -> Iterator[Group]:
    each = max(limit, 2 * limit // max(len(found), 1))
    ordered = sorted(found.items(), key=lambda item: -item[1][0].score)
    for kind, hits in ordered:
        shown = tuple(search_records.with_details(r, hits[:each]))
        yield Group(kind, shown, len(hits) > each)


def workspace_id(r: Reader) -> str:
    """What tells this workspace from others on a machine, wherever its file lies."""
    return str(r.value("SELECT value FROM setting WHERE name = 'uid'") or "").strip('"')


def fitting(texts: Sequence[str], typed: str) -> float:
    """How well any of ``texts`` (one thing in several languages) fits what was typed, in either
    layout: 0 is not at all."""
    best = 0.0
    for asked in (words(typed), words(layouts.switched(typed))):
        for text in texts if asked else ():
            own = words(text)
            if all(any(word.startswith(part) for word in own) for part in asked):
                best = max(best, search_fit.fit(text, asked) + 1)
    return best


# --- finding -------------------------------------------------------------------------------------


def _find(r: Reader, asked: _Asked, parts: Sequence[str]) -> _Found:
    """Hits by kind, best first, for words that all must be found."""
    found: _Found = {}
    if not parts:
        return found
    for kind in sorted(asked.kinds, key=lambda kind: kind != "client"):
        keys = _keys(r, asked, kind, parts)
        if kind == "deal" and len(keys) < _FEW_DEALS:
            clients = [hit.id for hit in found.get("client", ())[:_CLIENTS_WHOSE_DEALS]]
            theirs = search_records.deals_of(r, clients, _FEW_DEALS)
            keys += asked.scope.take(kind, [theirs], _FEW_DEALS)
        there = search_records.candidates(r, kind, list(dict.fromkeys(keys)), parts, None)
        if there:
            found[kind] = sorted((_lifted(one, asked) for one in there), reverse=True)
    return found


def _keys(r: Reader, asked: _Asked, kind: str, parts: Sequence[str]) -> list[int]:
    """Candidates of a kind: those of this very number, those opened or changed lately, the newest
    of the index."""
    if kind == "person":
        return search_people.named(r, parts)
    if kind == "contractor":
        return search_contractors.found(r, parts, _POOL)
    late = set(sorted(asked.tail.get(kind, ()), reverse=True)[:_LATE])
    recent = {spot.id for spot in asked.recent if spot.kind == kind}
    ways = [parts]
    digits = "".join(parts)
    if kind == "client" and len(parts) > 1 and digits.isdecimal():
        ways.append([digits])  # a phone typed with blanks and brackets
    first: list[int] = []
    if kind == "deal" and len(parts) == 1 and digits.isdecimal():
        first += search_records.numbered(r, digits)
    for way in ways:
        first += _fitting(r, kind, late | recent, way)
    keys = asked.scope.take(kind, [first], len(first))
    wanted = _POOL if asked.scope.people is None else _OWN_POOL
    for way in ways if asked.has_index else ():
        indexed_ones = (
            [key for key in part if key not in late] for part in fulltext.found(r, kind, way)
        )
        keys += asked.scope.take(kind, indexed_ones, wanted, way)
    return keys


def _fitting(r: Reader, kind: str, keys: Collection[int], parts: Sequence[str]) -> list[int]:
    """Those of the records that fit, without the index."""
    if not keys:
        return []
    return [
        key
        for key, own in indexed.documents(r, kind, sorted(keys, reverse=True))
        if all(any(word.startswith(part) for word in own) for part in parts)
    ]


def _tail(r: Reader) -> tuple[indexed.Touched, bool, bool]:
    """What was written since the index was brought up to date (nothing while that is very much);
    whether there is an index (a workspace of before has none for its first seconds); whether
    something cannot be found yet."""
    mark = fulltext.mark_of(r)
    if mark is None:
        return {}, False, True
    newest = indexed.newest(r)
    if newest - mark.change_id > _TAIL_LINES:
        return {}, True, True
    is_filling = mark.filling is not None
    if newest <= mark.change_id:
        return {}, True, is_filling
    found = indexed.touched(r, mark.change_id, newest)
    return found, True, is_filling or any(len(keys) > _LATE for keys in found.values())


def _lifted(one: Candidate, asked: _Asked) -> Candidate:
    place = asked.recent.get(Spot(one.kind, one.id))
    return one if place is None else one._replace(score=one.score + max(30.0 - place, 10.0))


def _count(found: _Found) -> int:
    return sum(len(hits) for hits in found.values())


def _joined(first: _Found, then: _Found) -> _Found:
    """Hits of another reading come after those of the first."""
    if not first or not then:
        return then or first
    joined = dict(first)
    for kind, hits in then.items():
        known = {hit.id for hit in first.get(kind, ())}
        late = [hit._replace(score=hit.score - _LATER) for hit in hits if hit.id not in known]
        if late:
            joined[kind] = [*first.get(kind, ()), *late]
    return joined
