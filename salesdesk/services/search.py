"""Find anything: deals, clients, tasks, notes and people by what was typed, best first.

What was typed is tried as it is, then as if typed in the other keyboard layout, then with its
misspelt words put right by the words that there are. Each kind brings its newest candidates from
the full text (``models.fulltext``), and these are ranked by how well their titles fit.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from salesdesk.models import fulltext, indexed
from salesdesk.models.fulltext import fold, words
from salesdesk.models.store import Reader, Store
from salesdesk.services import layouts, search_records, search_spelling
from salesdesk.services.search_records import Hit, Scope, Spot
from salesdesk.services.writer import Slices

__all__ = [
    "KINDS", "Answer", "Group", "Hit", "Spot", "catch_up", "fitting", "fold", "recall", "search",
    "warm", "words", "workspace_id",
]  # fmt: skip

KINDS = ("deal", "client", "task", "person", "note")
#: Candidates of a kind that are ranked; the newest ones.
_POOL, _OWN_POOL = 50, 24
#: Fewer hits than these are not enough: the other layout and other spellings are tried too.
_ENOUGH = 3
#: A longer tail of the log (an import is running) is left to the index.
_TAIL_LINES = 6_000
_CLIENTS_WHOSE_DEALS = 3
_LATER = 200.0


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, best first; ``more``: there are others that were cut off."""

    kind: str
    hits: tuple[Hit, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups, the one with the best hit first. When nothing fits what was typed, ``meant`` is the
    same in the other layout if that fits, and ``is_guess`` says that similar spellings fit."""

    typed: str
    groups: tuple[Group, ...] = ()
    meant: str = ""
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is looked for, by whom."""

    scope: Scope
    recent: dict[Spot, int]
    kinds: tuple[str, ...]
    tail: indexed.Touched


def catch_up(store: Store, **_who: object) -> Slices[None]:
    """Bring the index up to date with everything written, in slices (for the writer thread)."""
    return indexed.catch_up(store)


def warm(r: Reader) -> None:
    """Read what a first search would wait for: the words that there are."""
    search_spelling.learn(r)


def recall(
    r: Reader, recent: Iterable[Spot], *, people: frozenset[int] | None, limit: int = 8
) -> tuple[Hit, ...]:
    """The records that someone opened lately, latest first, as far as they are still there."""
    spots = list(dict.fromkeys(recent))
    found: dict[Spot, Hit] = {}
    for kind in KINDS:
        keys = [spot.id for spot in spots if spot.kind == kind]
        for hit in search_records.hits(r, kind, keys, (), people):
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
    """What was found for ``typed``: at most ``limit`` hits of each kind.

    ``people``: whose records may be seen (None: everybody's); ``recent`` records, latest first,
    come before others that fit as well.
    """
    asked = _Asked(
        Scope(r, people),
        {spot: place for place, spot in reversed(list(enumerate(recent)))},
        tuple(kind for kind in KINDS if kind in kinds),
        _tail(r),
    )
    found = _find(r, asked, words(typed), limit)
    meant, is_guess = "", False
    if _count(found) < _ENOUGH:
        other = layouts.switched(typed)
        more = _find(r, asked, words(other), limit) if other else {}
        meant = other if more and not found else ""
        found = _joined(found, more, limit)
        if not found:
            for guess in search_spelling.guesses(r, typed, other, _late_words(r, asked.tail)):
                more = _find(r, asked, guess, limit)
                is_guess = is_guess or bool(more)
                found = _joined(found, more, limit)
                if _count(found) >= _ENOUGH:
                    break
    groups = sorted(found.values(), key=lambda group: -group.hits[0].score)
    return Answer(typed, tuple(groups), meant, is_guess)


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
                best = max(best, search_records.fit(text, asked) + 1)
    return best


# --- finding -------------------------------------------------------------------------------------


def _find(r: Reader, asked: _Asked, parts: Sequence[str], limit: int) -> dict[str, Group]:
    """Groups by kind for words that all must be found."""
    if not parts:
        return {}
    found: dict[str, Group] = {}
    clients: list[int] = []
    for kind in sorted(asked.kinds, key=lambda kind: kind != "client"):
        keys = _keys(r, asked, kind, parts)
        if kind == "deal" and len(keys) < limit:
            theirs = search_records.deals_of(r, clients[:_CLIENTS_WHOSE_DEALS], limit)
            keys += asked.scope.take(kind, [theirs], limit)
        hits = search_records.hits(r, kind, list(dict.fromkeys(keys)), parts, None)
        if not hits:
            continue
        ranked = sorted((_lifted(hit, asked) for hit in hits), key=lambda h: (-h.score, -h.id))
        if kind == "client":
            clients = [hit.id for hit in ranked]
        shown = tuple(search_records.with_details(r, ranked[:limit], parts))
        found[kind] = Group(kind, shown, len(ranked) > limit)
    return found


def _keys(r: Reader, asked: _Asked, kind: str, parts: Sequence[str]) -> list[int]:
    """Candidates of a kind, newest first."""
    if kind == "person":
        return search_records.people_named(r, parts)
    late = asked.tail.get(kind, set())
    ways = [parts]
    digits = "".join(parts)
    if kind == "client" and len(parts) > 1 and digits.isdecimal():
        ways.append([digits])  # a phone typed with blanks and brackets
    first: list[int] = []
    if kind == "deal" and len(parts) == 1 and digits.isdecimal():
        first += search_records.numbered(r, digits)
    for way in ways:
        first += _late(r, kind, late, way)
    keys = asked.scope.take(kind, [first], len(first))
    for way in ways:
        indexed_ones = (
            [key for key in part if key not in late] for part in fulltext.found(r, kind, way)
        )
        wanted = _POOL if asked.scope.people is None else _OWN_POOL
        keys += asked.scope.take(kind, indexed_ones, wanted, way)
    return keys


def _late(r: Reader, kind: str, keys: Collection[int], parts: Sequence[str]) -> list[int]:
    """Those of the records touched since the index was brought up to date that fit."""
    if not keys:
        return []
    return [
        key
        for key, own in indexed.documents(r, kind, sorted(keys, reverse=True))
        if all(any(word.startswith(part) for word in own) for part in parts)
    ]


def _late_words(r: Reader, tail: indexed.Touched) -> set[str]:
    found: set[str] = set()
    for kind, keys in tail.items():
        for _, own in indexed.documents(r, kind, sorted(keys)):
            found.update(own)
    return found


def _tail(r: Reader) -> indexed.Touched:
    """What was written since the index was brought up to date; nothing while that is very much."""
    mark = fulltext.mark_of(r)
    if mark is None:
        return {}
    newest = indexed.newest(r)
    if newest <= mark.change_id or newest - mark.change_id > _TAIL_LINES:
        return {}
    return indexed.touched(r, mark.change_id, newest)


def _lifted(hit: Hit, asked: _Asked) -> Hit:
    place = asked.recent.get(Spot(hit.kind, hit.id))
    return hit if place is None else replace(hit, score=hit.score + max(30.0 - place, 10.0))


def _count(found: dict[str, Group]) -> int:
    return sum(len(group.hits) for group in found.values())


def _joined(first: dict[str, Group], then: dict[str, Group], limit: int) -> dict[str, Group]:
    """Hits of another reading come after those of the first."""
    if not first or not then:
        return then or first
    joined = dict(first)
    for kind, group in then.items():
        if kind not in joined:
            joined[kind] = replace(
                group, hits=tuple(replace(hit, score=hit.score - _LATER) for hit in group.hits)
            )
            continue
        known = {hit.id for hit in joined[kind].hits}
        late = [replace(hit, score=hit.score - _LATER) for hit in group.hits if hit.id not in known]
        both = (*joined[kind].hits, *late)
        joined[kind] = Group(kind, both[:limit], group.more or len(both) > limit)
    return joined
