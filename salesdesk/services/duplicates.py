"""Likely duplicates of clients: while one is being typed, and as a list to work through.

Two clients of a kind are likely the same when their names are (without legal forms), or nearly so;
when they share a tax number, an e-mail or a phone (not one that many share, such as a
switchboard, and not with different extensions). A company and its contact person are two.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from salesdesk.models.asking import Asking
from salesdesk.models.store import Reader, Store
from salesdesk.names import clean
from salesdesk.services import clientlist, phones
from salesdesk.services.clientnames import NameIndex, core, index_of

Reason = Literal["name", "near", "phone", "email", "tax"]
#: The stronger reason first.
REASONS: tuple[Reason, ...] = ("tax", "phone", "email", "name", "near")
#: Clients sharing a number: more than so many, and it is a switchboard.
_SHARED = 4
_NEAR, _SHORTEST = 85.0, 5
_WINDOW = 6


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An open deal of a client that was found."""

    id: int
    number: int
    title: str
    stage: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A client that is likely meant, why, and its open deals (at most ``DEALS``)."""

    id: int
    kind: str
    name: str
    company: str | None
    reasons: tuple[Reason, ...]
    open_deals: tuple[OpenDeal, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What has been typed of a client; ``but`` is the client itself, when it is there already."""

    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    tax_number: str | None = None
    kind: str | None = None
    but: int | None = None


DEALS = 3


def likely(r: Reader, typed: Typed, *, limit: int = 5) -> list[Match]:
    """Clients that what is being typed likely duplicates, the surest first."""
    found: dict[int, set[Reason]] = defaultdict(set)
    region = phones.region_of(r)
    for value in typed.phones:
        _same_contact(r, "phone", value, region, found)
    for value in typed.emails:
        _same_contact(r, "email", value, region, found)
    if number := clean(typed.tax_number or ""):
        rows = r.rows(
            "SELECT id FROM client WHERE tax_number IN (?, ?) AND deleted_at IS NULL LIMIT 20",
            (number, number.replace(" ", "")),
        )
        for (key,) in rows:
            found[key].add("tax")
    if len(clean(typed.name)) >= 2:
        _same_name(index_of(r), typed, found)
    if typed.but is not None:
        found.pop(typed.but, None)
        for key in _related(r, typed.but):
            found.pop(key, None)
    return _matches(r, found, typed.kind, limit)


def in_title(r: Reader, title: str, *, limit: int = 3) -> list[Match]:
    """Clients with open deals whom the title of a new deal names: by their name, a word of it that
    few have, or a phone."""
    found: dict[int, set[Reason]] = defaultdict(set)
    index = index_of(r)
    words = core(title).split()
    for length in range(min(len(words), 5), 0, -1):
        for start in range(len(words) - length + 1):
            part = words[start : start + length]
            _add(found, index.by_core.get(" ".join(part), ()), "name")
            _add(found, index.by_core.get(" ".join(sorted(part)), ()), "name")
    for word in words:
        known = index.by_word.get(word, set())
        if len(word) >= 4 and len(known) <= 20:
            _add(found, known, "near")
    digits = "".join(char for char in title if char.isdigit() or char in "+")
    if len(digits) >= 7:
        _same_contact(r, "phone", digits, phones.region_of(r), found)
    return [match for match in _matches(r, found, None, 30) if match.open_deals][:limit]


def _add(found: dict[int, set[Reason]], keys: Iterable[int], reason: Reason) -> None:
    for key in keys:
        found[key].add(reason)


def _same_contact(
    r: Reader, kind: Reason, value: str, region: str, found: dict[int, set[Reason]]
) -> None:
    known = phones.key(kind, value, region)
    if len(known) < 5:
        return
    own = phones.split_extension(value)[1]
    for key, there in r.rows(
        "SELECT x.client_id, x.value FROM client_contact x JOIN client c ON c.id = x.client_id "
        "WHERE x.value_key = ? AND x.kind = ? AND x.deleted_at IS NULL AND c.deleted_at IS NULL "
        "LIMIT 20",
        (known, kind),
    ):
        other = phones.split_extension(there)[1] if kind == "phone" else ""
        if not own or not other or own == other:
            found[key].add(kind)


def _same_name(index: NameIndex, typed: Typed, found: dict[int, set[Reason]]) -> None:
    same = index.named(typed.name)
    _add(found, sorted(same)[:20], "name")
    kind = typed.kind or "company"
    wanted = core(typed.name, kind)
    if len(wanted) < _SHORTEST:
        return
    from rapidfuzz import fuzz, process

    near: dict[int, float] = {}
    for part in index.alike(wanted):
        scored = process.extract(
            wanted, part, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=5 + len(same)
        )
        near |= {key: score for _, score, key in scored if key not in same}
    _add(found, sorted(near, key=lambda key: (-near[key], key))[:5], "near")


def _related(r: Reader, client: int) -> set[int]:
    """A contact person's company and a company's contact persons: they share phones rightly."""
    return {
        row[0]
        for row in r.rows(
            "SELECT company_id FROM client WHERE id = ? AND company_id IS NOT NULL "
            "UNION SELECT id FROM client WHERE company_id = ?",
            (client, client),
        )
    }


def _matches(r: Reader, found: dict[int, set[Reason]], kind: str | None, limit: int) -> list[Match]:
    if not found:
        return []
    known = {
        row[0]: row[1:]
        for row in r.rows_of(
            "SELECT c.id, c.kind, c.name, f.name FROM client c "
            "LEFT JOIN client f ON f.id = c.company_id "
            "WHERE c.deleted_at IS NULL AND c.id IN ({ids})",
            sorted(found),
        )
    }
    order = sorted(
        known,
        key=lambda key: (
            min(REASONS.index(reason) for reason in found[key]),
            kind is not None and known[key][0] != kind,
            key,
        ),
    )
    deals = open_deals(r, order[: max(limit, 10)])
    return [
        Match(
            key, known[key][0], known[key][1], known[key][2], _sorted(found[key]),
            tuple(deals.get(key, ())[:DEALS]),
        )
        for key in order[:limit]
    ]  # fmt: skip


def _sorted(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=REASONS.index))


def open_deals(r: Reader, keys: Sequence[int]) -> dict[int, list[OpenDeal]]:
    """The open deals of clients, the newest first."""
    found: dict[int, list[OpenDeal]] = defaultdict(list)
    for side in ("client_id", "contact_id"):
        for key, *deal in r.rows_of(
            f"SELECT d.{side}, d.id, d.number, d.title, s.name, p.name FROM deal d "
            "JOIN stage s ON s.id = d.stage_id LEFT JOIN person p ON p.id = d.owner_id "
            "WHERE d.deleted_at IS NULL AND s.kind = 'open' "
            f"AND d.{side} IN ({{ids}}) ORDER BY d.created_at DESC",
            keys,
        ):
            found[key].append(OpenDeal(*deal))
    return found


# -- the list to work through ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A client of a group, with what helps to tell which one should stay."""

    id: int
    kind: str
    name: str
    company: str | None
    phone: str | None
    email: str | None
    deals: int
    active_at: int


@dataclass(frozen=True, slots=True)
class Group:
    """Clients that are likely one, and why."""

    members: tuple[Member, ...]
    reasons: tuple[Reason, ...]


def groups(
    r: Reader, people: frozenset[int] | None = None, *, now: int, limit: int = 200
) -> list[Group]:
    """Likely duplicates among all clients (of ``people``), the surest first; background work."""
    pairs: dict[tuple[int, int], set[Reason]] = defaultdict(set)
    index = index_of(r)
    _pairs_by_contact(r, pairs)
    _pairs_by_tax(r, pairs)
    _pairs_by_name(index, pairs)
    _pairs_near(index, pairs)
    for pair in _not_pairs(r):
        pairs.pop(pair, None)
    seen = _seen(r, people)
    joined: dict[int, set[int]] = {}
    why: dict[int, set[Reason]] = {}
    for (one, other), reasons in pairs.items():
        if index.kinds.get(one) != index.kinds.get(other):
            continue
        if seen is not None and not (one in seen and other in seen):
            continue
        _join(joined, why, one, other, reasons)
    sets = {id(group): group for group in joined.values()}
    order = sorted(
        sets.values(),
        key=lambda group: (min(REASONS.index(each) for each in why[min(group)]), min(group)),
    )[:limit]
    return _groups(r, order, why, now)


def _join(
    joined: dict[int, set[int]], why: dict[int, set[Reason]], one: int, other: int,
    reasons: set[Reason],
) -> None:  # fmt: skip
    together = joined.get(one, {one}) | joined.get(other, {other})
    said = why.get(one, set()) | why.get(other, set()) | reasons
    for key in together:
        joined[key], why[key] = together, said


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _pairs_by_contact(r: Reader, pairs: dict[tuple[int, int], set[Reason]]) -> None:
    shared: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for kind, known, client, value in r.rows(
        "SELECT x.kind, x.value_key, x.client_id, x.value FROM client_contact x "
        "JOIN client c ON c.id = x.client_id WHERE x.deleted_at IS NULL AND c.deleted_at IS NULL "
        "AND length(x.value_key) >= 5 AND x.value_key IN (SELECT value_key FROM client_contact "
        "WHERE deleted_at IS NULL GROUP BY value_key HAVING count(DISTINCT client_id) > 1)"
    ):
        shared[(kind, known)].append((client, value))
    for (kind, _), there in shared.items():
        if len({client for client, _ in there}) > _SHARED:
            continue
        for place, (one, first) in enumerate(there):
            for other, second in there[place + 1 :]:
                if one != other and _same_extension(kind, first, second):
                    pairs[_pair(one, other)].add("phone" if kind == "phone" else "email")


def _same_extension(kind: str, first: str, second: str) -> bool:
    if kind != "phone":
        return True
    one, other = phones.split_extension(first)[1], phones.split_extension(second)[1]
    return not one or not other or one == other


def _pairs_by_tax(r: Reader, pairs: dict[tuple[int, int], set[Reason]]) -> None:
    shared: dict[str, list[int]] = defaultdict(list)
    for client, number in r.rows(
        "SELECT id, replace(tax_number, ' ', '') FROM client WHERE deleted_at IS NULL "
        "AND tax_number IS NOT NULL AND tax_number <> ''"
    ):
        shared[number].append(client)
    for there in shared.values():
        _all_pairs(there, "tax", pairs)


def _pairs_by_name(index: NameIndex, pairs: dict[tuple[int, int], set[Reason]]) -> None:
    for name, there in list(index.by_core.items()):
        if name and 1 < len(there) <= 20:
            _all_pairs(sorted(there), "name", pairs)


def _all_pairs(
    there: Sequence[int], reason: Reason, pairs: dict[tuple[int, int], set[Reason]]
) -> None:
    for place, one in enumerate(there):
        for other in there[place + 1 :]:
            pairs[_pair(one, other)].add(reason)


def _pairs_near(index: NameIndex, pairs: dict[tuple[int, int], set[Reason]]) -> None:
    """Names nearly alike stand near each other when sorted by their beginning or their end."""
    from rapidfuzz import fuzz

    named = [(name, key) for key, name in list(index.cores.items()) if len(name) >= _SHORTEST]
    for turned in (False, True):
        order = sorted((name[::-1] if turned else name, key) for name, key in named)
        for place, (name, key) in enumerate(order):
            for other, there in order[place + 1 : place + 1 + _WINDOW]:
                if name != other and fuzz.ratio(name, other, score_cutoff=_NEAR):
                    pairs[_pair(key, there)].add("near")


def _seen(r: Reader, people: frozenset[int] | None) -> set[int] | None:
    if people is None:
        return None
    where, params = clientlist.seen_by(people)
    rows = r.rows(f"SELECT c.id FROM client c WHERE c.deleted_at IS NULL{where}", params)
    return {row[0] for row in rows}


def _groups(
    r: Reader, order: Sequence[set[int]], why: dict[int, set[Reason]], now: int
) -> list[Group]:
    lines = clientlist.rows(r, [key for group in order for key in sorted(group)], now=now)
    found = []
    for group in order:
        members = [lines[key] for key in sorted(group) if key in lines]
        if len(members) > 1:
            shown = tuple(
                Member(
                    each.id, each.kind, each.name, each.company, each.phone, each.email,
                    each.deals, each.active_at,
                )
                for each in members
            )  # fmt: skip
            found.append(Group(shown, _sorted(why[min(group)])))
    return found


# -- "these are two" -------------------------------------------------------------------------------


def _not_pairs(r: Asking) -> list[tuple[int, int]]:
    rows = r.rows("SELECT client_id, other_id FROM client_apart WHERE deleted_at IS NULL")
    return [_pair(*row) for row in rows]


def keep_apart(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Say that these clients are no duplicates of each other; returns the command.

    A merge carries what was said of the merged over to the one that stays (``merging``).
    """
    keys = sorted(set(ids))
    with store.command("client.apart", now=now, person=person) as tx:
        known = set(_not_pairs(tx))
        rows: list[dict[str, Any]] = [
            {"client_id": one, "other_id": other}
            for place, one in enumerate(keys)
            for other in keys[place + 1 :]
            if (one, other) not in known
        ]
        tx.insert("client_apart", rows)
        tx.touch("client", keys)
        tx.set_detail(count=len(keys))
    return tx.command_id
