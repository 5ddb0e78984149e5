"""What a found record shows, and whether someone may see it."""

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from weakref import WeakKeyDictionary

from salesdesk.models import indexed
from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader, Store
from salesdesk.moments import amount_of
from salesdesk.services.search_fit import (
    Marks,
    fit,
    fitting_first,
    is_number,
    marks,
    places_of,
    snippet,
)

#: So few people's deals are told apart in memory; so many candidates of others are looked at.
_FEW = 5
_LOOKED, _FAR, _OWN = 1_000, 12_000, 2_000


class Spot(NamedTuple):
    """A record: its kind and key."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record. ``title`` and ``detail`` (the client of a deal, the deal of a task or a note,
    contact persons and phone of a contractor) with the places (start, length) that fit; the rest as
    far as the kind has it.

    ``deal_id`` and ``client_id`` say where a task or a note belongs; ``deals`` counts a client's
    open ones; ``due_at`` is a task's moment; ``role`` a person's; ``services`` a contractor's.
    """

    kind: str
    id: int
    title: str
    marks: Marks = ()
    detail: str = ""
    detail_marks: Marks = ()
    score: float = 0.0
    is_open: bool = True
    number: int | None = None
    stage: str = ""
    colour: str = ""
    owner: str = ""
    owner_id: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    due_at: int | None = None
    at: int | None = None
    deals: int = 0
    role: str = ""
    services: str = ""
    is_company: bool = False
    deal_id: int | None = None
    client_id: int | None = None


# --- who sees it ---------------------------------------------------------------------------------


def seen(kind: str, people: frozenset[int] | None) -> str:
    """A condition on a record ``x`` that these people may see it; empty when all may.

    What is nobody's is seen by all (``services.rights``).
    """
    if people is None or kind in ("person", "contractor"):
        return ""
    ids = keys_in(people)
    return _SEEN[kind].replace("{people}", ids)


_CLIENT = """(EXISTS (SELECT 1 FROM deal d WHERE d.client_id = {key}
AND d.deleted_at IS NULL AND {who}) OR EXISTS (SELECT 1 FROM deal d WHERE d.contact_id = {key}
AND d.deleted_at IS NULL AND {who}))"""


def _client(key: str) -> str:
    theirs = _CLIENT.replace("{key}", key).replace("{who}", "d.owner_id IN ({people})")
    return f"({theirs} OR {_nobodys(key)})"


def _nobodys(key: str) -> str:
    return "NOT " + _CLIENT.replace("{key}", key).replace("{who}", "d.owner_id IS NOT NULL")


_SEEN = {
    "deal": "x.owner_id IS NULL OR x.owner_id IN ({people})",
    "client": _client("x.id"),
    "task": """x.assignee_id IN ({people}) OR x.supervisor_id IN ({people}) OR EXISTS
(SELECT 1 FROM deal d WHERE d.id = x.deal_id AND d.owner_id IN ({people}))
OR (x.assignee_id IS NULL AND x.supervisor_id IS NULL AND NOT EXISTS
(SELECT 1 FROM deal d WHERE d.id = x.deal_id AND d.owner_id IS NOT NULL))""",
    "note": (
        "CASE WHEN x.deal_id IS NOT NULL THEN EXISTS (SELECT 1 FROM deal d WHERE d.id = x.deal_id "
        "AND (d.owner_id IS NULL OR d.owner_id IN ({people}))) ELSE "
        + _client("x.client_id")
        + " END"
    ),
}


class Scope:
    """Who looks: which candidates of the full text they may see. Whose deals and clients they are
    is read once a question, where few people are looked for."""

    def __init__(self, r: Reader, people: frozenset[int] | None) -> None:
        self.people = people
        self._r = r
        self._own: _Own | None = None

    def take(
        self, kind: str, parts: Iterable[list[int]], wanted: int, typed: Sequence[str] = ()
    ) -> list[int]:
        """The first ``wanted`` keys that may be seen; among very many others' the newest.

        Few own deals are held against what was ``typed`` one by one; own clients, or many deals,
        after a long way through those of others.
        """
        taken: list[int] = []
        looked = 0
        by_heart = bool(typed) and self._is_by_heart(kind)
        if by_heart and kind == "deal":
            return self._one_by_one(kind, typed)[:wanted]
        for part in parts:
            taken += self._allowed(kind, part, looked)
            looked += len(part)
            if len(taken) >= wanted:
                break
            if looked >= _LOOKED and kind in ("task", "note"):
                break
            if looked >= (_LOOKED if by_heart else _FAR) and typed and self._is_few():
                return list(dict.fromkeys(taken + self._one_by_one(kind, typed)))[:wanted]
        return taken[:wanted]

    def _is_few(self) -> bool:
        return self.people is not None and len(self.people) <= _FEW

    def learn(self) -> None:
        """Read what the first key would wait for."""
        for kind in ("deal", "client"):
            if self._is_by_heart(kind):
                self._one_by_one(kind, ())

    def _is_by_heart(self, kind: str) -> bool:
        """Whether all own records of the kind can be kept in memory."""
        if kind not in ("deal", "client") or not self._is_few():
            return False
        return len(self._own_deals() if kind == "deal" else self._own_clients()) <= _OWN

    def _one_by_one(self, kind: str, typed: Sequence[str]) -> list[int]:
        own = self.read_own()
        if own is None:
            return []
        if kind not in own.words:
            keys = own.deals if kind == "deal" else own.clients
            made = indexed.documents(self._r, kind, sorted(keys, reverse=True)[:_OWN])
            own.words[kind] = [(key, "".join(f" {word}" for word in words)) for key, words in made]
        found = own.words[kind]
        for part in typed:
            begun = f" {part}"
            found = [one for one in found if begun in one[1]]
        return [key for key, _ in found]

    def _allowed(self, kind: str, keys: list[int], looked: int) -> list[int]:
        if self.people is None:
            return keys
        if not self._is_few():
            return self._asked(kind, keys)
        if kind == "deal":
            own = self._own_deals()
            return [key for key in keys if key in own]
        if kind == "client":
            own = self._own_clients()
            others = [key for key in keys if key not in own] if looked < _LOOKED else []
            own = own.union(self._of_nobody(others))
            return [key for key in keys if key in own]
        return self._notes(keys) if kind == "note" else self._asked(kind, keys)

    def _notes(self, keys: list[int]) -> list[int]:
        """Those of the notes that stand at own deals; of others the database knows. Each is asked
        for once."""
        own = self.read_own()
        known = own.notes if own is not None else {}
        unknown = [key for key in keys if key not in known]
        if unknown:
            sql = "SELECT id, deal_id FROM note WHERE id IN ({ids})"
            deals = {key: deal for key, deal in self._r.rows_of(sql, unknown) if deal is not None}
            others = set(self._asked("note", [key for key in unknown if key not in deals]))
            mine = self._own_deals()
            known.update((key, deals.get(key) in mine or key in others) for key in unknown)
        return [key for key in keys if known[key]]

    def _of_nobody(self, clients: list[int]) -> list[int]:
        """Those of the clients that are nobody's; each is asked for once."""
        own = self.read_own()
        known = own.of_nobody if own is not None else {}
        unknown = [key for key in clients if key not in known]
        if unknown:
            found = self._asked("client", unknown, _nobodys("x.id"))
            known.update(dict.fromkeys(unknown, False) | dict.fromkeys(found, True))
        return [key for key in clients if known[key]]

    def _asked(self, kind: str, keys: list[int], condition: str = "") -> list[int]:
        condition = condition or seen(kind, self.people)
        sql = f"SELECT x.id FROM {kind} x WHERE ({condition}) AND x.id IN ({{ids}})"
        may = {row[0] for row in self._r.rows_of(sql, keys)}
        return [key for key in keys if key in may]

    def read_own(self) -> "_Own | None":
        """Read whose deals and clients they are, where that will be asked for."""
        if self._own is None and self._is_few():
            self._own = _own_of(self._r, self.people or frozenset())
        return self._own

    def _own_deals(self) -> frozenset[int]:
        own = self.read_own()
        return own.deals if own is not None else frozenset()

    def _own_clients(self) -> frozenset[int]:
        own = self.read_own()
        return own.clients if own is not None else frozenset()


@dataclass(frozen=True, slots=True)
class _Own:
    """Deals of some people and of nobody, and the clients of the first; up to a transaction.
    Words of theirs, whether other clients are nobody's, and whether notes may be seen, are learnt
    as they are asked for."""

    people: frozenset[int]
    txn: int
    deals: frozenset[int]
    clients: frozenset[int]
    #: keys with their words, a blank before each
    words: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    of_nobody: dict[int, bool] = field(default_factory=dict)
    notes: dict[int, bool] = field(default_factory=dict)


_kept: "WeakKeyDictionary[Store, _Own]" = WeakKeyDictionary()
_kept_lock = threading.Lock()


def _own_of(r: Reader, people: frozenset[int]) -> _Own:
    """Kept from one key to the next, until something is written: also what leaves no line in the
    log, as the undo of a handing over."""
    txn = int(r.value("SELECT coalesce(max(id), 0) FROM txn"))
    with _kept_lock:
        kept = _kept.get(r.store)
    if kept is not None and (kept.people, kept.txn) == (people, txn):
        return kept
    ids = ", ".join(map(str, sorted(people)))
    sql = "SELECT id, owner_id, client_id, contact_id FROM deal WHERE deleted_at IS NULL AND"
    rows = r.rows(f"{sql} owner_id IN ({ids}) UNION ALL {sql} owner_id IS NULL")
    clients = {key for row in rows if row[1] is not None for key in row[2:] if key is not None}
    own = _Own(people, txn, frozenset(row[0] for row in rows), frozenset(clients))
    with _kept_lock:
        _kept[r.store] = own
    return own


# --- reading -------------------------------------------------------------------------------------

_LIGHT = {
    "deal": (
        "SELECT x.id, x.title, x.closed_at IS NULL, x.number FROM deal x "
        "WHERE x.deleted_at IS NULL AND x.merged_into_id IS NULL"
    ),
    "client": (
        "SELECT x.id, x.name, 1, NULL FROM client x "
        "WHERE x.deleted_at IS NULL AND x.merged_into_id IS NULL"
    ),
    "task": (
        "SELECT x.id, x.title, x.state = 'open', NULL FROM task x "
        "LEFT JOIN deal d ON d.id = x.deal_id LEFT JOIN client c ON c.id = x.client_id "
        "WHERE x.deleted_at IS NULL AND d.deleted_at IS NULL AND c.deleted_at IS NULL"
    ),
    "note": (
        "SELECT x.id, x.text, 1, NULL FROM note x "
        "LEFT JOIN deal d ON d.id = x.deal_id LEFT JOIN client c ON c.id = x.client_id "
        "WHERE x.deleted_at IS NULL AND d.deleted_at IS NULL AND c.deleted_at IS NULL"
    ),
    "person": (
        "SELECT x.id, x.name, x.last_day IS NULL, NULL FROM person x WHERE x.deleted_at IS NULL"
    ),
    "contractor": "SELECT x.id, x.name, 1, NULL FROM contractor x WHERE x.deleted_at IS NULL",
}


class Candidate(NamedTuple):
    """A record that may be a hit: what it takes to rank it."""

    score: float
    id: int
    kind: str
    title: str
    is_open: int
    number: int | None
    asked: tuple[str, ...]


def candidates(
    r: Reader, kind: str, keys: Sequence[int], parts: Sequence[str], people: frozenset[int] | None
) -> list[Candidate]:
    """Records that are there and may be seen, with how well they fit."""
    if not keys:
        return []
    allowed = seen(kind, people)
    sql = _LIGHT[kind] + (f" AND ({allowed})" if allowed else "") + " AND x.id IN ({ids})"
    asked = tuple(parts)
    base = _KIND[kind] + (_BY_NUMBER if kind in _NUMBERED and is_number(parts) else 0.0)
    extra = _OPEN.get(kind, 0.0)
    found = []
    for key, title, is_open, number in r.rows_of(sql, keys):
        score = base + (extra if is_open else 0.0)
        if kind != "note":
            score += fit(title, asked)
        if number is not None and asked == (str(number),):
            score += _THE_NUMBER
        found.append(Candidate(score, key, kind, title, is_open, number, asked))
    return found


#: Which kind comes first where titles fit alike; what is open comes before what is closed.
_KIND = {"deal": 6.0, "client": 8.0, "contractor": 7.0, "person": 4.0, "task": 0.0, "note": 0.0}
_OPEN = {"deal": 8.0, "task": 12.0}
_BY_NUMBER, _THE_NUMBER = 20.0, 150.0
_NUMBERED = ("client", "contractor")


def with_details(r: Reader, found: Sequence[Candidate]) -> Iterator[Hit]:
    """Candidates of one kind with all that they show."""
    if not found:
        return
    kind = found[0].kind
    rows = {row[0]: row[1:] for row in r.rows_of(_DETAILS[kind], [one.id for one in found])}
    for one in found:
        detail, *rest = rows[one.id]
        more = dict(zip(_SHOWN[kind], rest, strict=True))
        if more.get("amount") is not None:
            more["amount"] = amount_of(more["amount"])
        title, places = one.title, tuple(marks(one.title, one.asked))
        if kind == "note":
            title, places = snippet(title, places)
        if kind == "contractor":
            detail = fitting_first(detail, one.asked)
        fits = places_of(detail or "", one.asked)
        yield Hit(kind, one.id, title, places, detail or "", fits, one.score, bool(one.is_open),
                  one.number, **more)  # fmt: skip


#: What the columns of ``_DETAILS`` after key and detail are.
_SHOWN = {
    "deal": ("stage", "colour", "owner", "owner_id", "amount", "currency"),
    "client": ("deals", "is_company"),
    "task": ("deal_id", "client_id", "due_at", "owner", "owner_id"),
    "note": ("deal_id", "client_id", "at", "owner"),
    "person": ("role",),
    "contractor": ("services",),
}
_DETAILS = {
    "deal": (
        "SELECT x.id, coalesce(c.name, k.name), coalesce(s.name, ''), coalesce(s.colour, ''), "
        "coalesce(p.name, ''), x.owner_id, x.amount, x.currency "
        "FROM deal x LEFT JOIN client c ON c.id = x.client_id "
        "LEFT JOIN client k ON k.id = x.contact_id LEFT JOIN stage s ON s.id = x.stage_id "
        "LEFT JOIN person p ON p.id = x.owner_id WHERE x.id IN ({ids})"
    ),
    "client": (
        "SELECT x.id, concat_ws(' · ', k.name, (SELECT value FROM client_contact n WHERE "
        "n.client_id = x.id AND n.kind = 'phone' AND n.deleted_at IS NULL "
        "ORDER BY n.position, n.id LIMIT 1)), "
        "(SELECT count(*) FROM deal d WHERE d.client_id = x.id AND d.deleted_at IS NULL "
        "AND d.closed_at IS NULL) + (SELECT count(*) FROM deal d WHERE d.contact_id = x.id "
        "AND d.client_id IS NOT x.id AND d.deleted_at IS NULL AND d.closed_at IS NULL), "
        "x.kind = 'company' FROM client x LEFT JOIN client k ON k.id = x.company_id "
        "WHERE x.id IN ({ids})"
    ),
    "task": (
        "SELECT x.id, coalesce(d.title, c.name), x.deal_id, x.client_id, x.due_at, "
        "coalesce(p.name, ''), x.assignee_id FROM task x LEFT JOIN deal d ON d.id = x.deal_id "
        "LEFT JOIN client c ON c.id = x.client_id LEFT JOIN person p ON p.id = x.assignee_id "
        "WHERE x.id IN ({ids})"
    ),
    "note": (
        "SELECT x.id, coalesce(d.title, c.name), x.deal_id, x.client_id, x.at, "
        "coalesce(p.name, '') FROM note x "
        "LEFT JOIN deal d ON d.id = x.deal_id LEFT JOIN client c ON c.id = x.client_id "
        "LEFT JOIN person p ON p.id = x.person_id WHERE x.id IN ({ids})"
    ),
    "person": (
        "SELECT x.id, t.name, x.role FROM person x LEFT JOIN team t ON t.id = x.team_id "
        "WHERE x.id IN ({ids})"
    ),
    "contractor": (
        "SELECT x.id, concat_ws(' · ', x.phone, (SELECT group_concat(said, ' · ') FROM (SELECT "
        "concat_ws(' ', n.name, n.phone) said FROM contractor_contact n WHERE n.contractor_id = "
        "x.id AND n.deleted_at IS NULL ORDER BY n.position, n.id))), coalesce((SELECT "
        "group_concat(name, ', ') FROM (SELECT s.name FROM contractor_service l JOIN service s ON "
        "s.id = l.service_id WHERE l.contractor_id = x.id AND l.deleted_at IS NULL AND "
        "s.deleted_at IS NULL ORDER BY s.position, s.id)), '') "
        "FROM contractor x WHERE x.id IN ({ids})"
    ),
}


def numbered(r: Reader, digits: str) -> list[int]:
    """The deal of this very number."""
    if len(digits) > 18:
        return []
    return [row[0] for row in r.rows("SELECT id FROM deal WHERE number = ?", (int(digits),))]


def deals_of(r: Reader, clients: Sequence[int], limit: int) -> list[int]:
    """The newest deals of clients (found by a phone, an address, a number of theirs), and of the
    companies that they are contact persons of."""
    if not clients:
        return []
    sql = "SELECT company_id FROM client WHERE company_id IS NOT NULL AND id IN ({ids})"
    clients = [*clients, *(row[0] for row in r.rows_of(sql, clients))]
    found: set[int] = set()
    for column, client in itertools.product(("client_id", "contact_id"), clients):
        sql = f"SELECT id FROM deal WHERE {column} = ? AND deleted_at IS NULL ORDER BY id DESC"
        found.update(row[0] for row in r.rows(f"{sql} LIMIT ?", (client, limit)))
    return sorted(found, reverse=True)[:limit]
