"""The list of clients: which ones, in which order, and what each line shows.

``ids`` chooses and sorts all of them (background work at 100,000); ``rows`` reads the lines of a
page. A deal is a client's when it names the client as company or as contact person.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.services import board, phones, rates

ClientKind = Literal["company", "contact"]
ClientSort = Literal["name", "quiet", "revenue", "deals", "newest"]
SORTS: tuple[ClientSort, ...] = ("name", "newest", "quiet", "revenue", "deals")
_DAY = DAY_SECONDS * SECOND


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What the list shows; an empty one shows every client.

    ``quiet_days``: no open task, and nothing done, noted or moved for so many days. ``people``:
    clients with a deal of these people, and those that are nobody's; None: all.
    """

    text: str = ""
    kind: ClientKind | None = None
    source_id: int | None = None
    industry_id: int | None = None
    quiet_days: int | None = None
    people: frozenset[int] | None = None
    sort: ClientSort = "name"

    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return replace(self, sort="name", people=None) == ClientFilter()


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A line of the list. ``revenue`` is what won deals brought, in the workspace's currency
    (``unrated`` names currencies left out); ``active_at`` is the moment of the last activity."""

    id: int
    kind: ClientKind
    name: str
    company: str | None
    phone: str | None
    email: str | None
    source: str | None
    industry: str | None
    deals: int
    open_deals: int
    won_deals: int
    revenue: Decimal
    unrated: tuple[str, ...]
    open_tasks: int
    active_at: int


def ids(r: Reader, chosen: ClientFilter, *, now: int) -> "array[int]":
    """Keys of the clients chosen, in order."""
    where, params = _where(r, chosen, now)
    order, order_params = _order(chosen)
    sql = f"SELECT c.id FROM client c WHERE c.deleted_at IS NULL{where} ORDER BY {order}"
    found = array("q", (row[0] for row in r.rows(sql, (*params, *order_params))))
    if chosen.sort in ("quiet", "revenue", "deals"):
        weight = _weights(r, chosen.sort)
        started = _started(r) if chosen.sort == "quiet" else {}
        return array("q", sorted(found, key=lambda key: _rank(key, weight, started)))
    return found


def _rank(key: int, weight: dict[int, int], started: dict[int, int]) -> int:
    """The largest first; for the longest silence the earliest moment first."""
    if started:
        return max(weight.get(key, 0), started.get(key, 0))
    return -weight.get(key, 0)


def _order(chosen: ClientFilter) -> tuple[str, list[Any]]:
    if chosen.sort == "newest":
        return "c.uid DESC", []
    if chosen.text and chosen.sort == "name":
        start = board.like(chosen.text)[1:]
        return "replace(c.name_key, 'ё', 'е') NOT LIKE ? ESCAPE '\\', c.name_key, c.id", [start]
    return "c.name_key, c.id", []


def _where(r: Reader, chosen: ClientFilter, now: int) -> tuple[str, list[Any]]:
    where = ""
    params: list[Any] = []
    for column in ("kind", "source_id", "industry_id"):
        value = getattr(chosen, column)
        if value is not None:
            where += f" AND c.{column} = ?"
            params.append(value)
    if chosen.text.strip():
        more, found = _text(r, chosen.text)
        where, params = where + more, params + found
    if chosen.quiet_days is not None:
        more, found = _quiet(now - chosen.quiet_days * _DAY)
        where, params = where + more, params + found
    if chosen.people is not None:
        more, found = seen_by(chosen.people)
        where, params = where + more, params + found
    return where, params


def _text(r: Reader, text: str) -> tuple[str, list[Any]]:
    """Words of the name, digits of a phone or of the tax number, part of an e-mail."""
    contacts = "SELECT client_id FROM client_contact WHERE deleted_at IS NULL AND "
    where, params = [], []
    words = text.split()
    where.append(
        " AND ".join(["replace(c.name_key, 'ё', 'е') LIKE ? ESCAPE '\\'"] * len(words)) or "0"
    )
    params += [board.like(word) for word in words]
    keys = phones.search_keys(text, phones.region_of(r))
    for digits in keys:
        where.append(f"c.id IN ({contacts}kind = 'phone' AND value_key LIKE ?)")
        params.append(f"%{digits}%")
    if keys:
        where.append("c.tax_number LIKE ?")
        params.append(f"%{keys[0]}%")
    if len(words) == 1:
        where.append(f"c.id IN ({contacts}kind = 'email' AND value_key LIKE ? ESCAPE '\\')")
        params.append(board.like(text))
    return f" AND ({' OR '.join(f'({each})' for each in where)})", params


_SIDES = ("client_id", "contact_id")


def _quiet(cut: int) -> tuple[str, list[Any]]:
    """No open task, and nothing happened since ``cut``."""
    busy: list[str] = []
    params: list[Any] = []
    for side in _SIDES:
        busy.append(
            f"SELECT {side} FROM deal WHERE deleted_at IS NULL AND {side} IS NOT NULL "
            "AND (open_tasks > 0 OR since >= ?)"
        )
        busy.append(
            f"SELECT d.{side} FROM note n JOIN deal d ON d.id = n.deal_id WHERE n.at >= ? "
            f"AND n.deleted_at IS NULL AND d.deleted_at IS NULL AND d.{side} IS NOT NULL"
        )
        params += [cut, cut]
    busy.append("SELECT client_id FROM note WHERE client_id IS NOT NULL AND at >= ? "
                "AND deleted_at IS NULL")  # fmt: skip
    busy.append("SELECT client_id FROM task WHERE client_id IS NOT NULL AND deleted_at IS NULL "
                "AND (state = 'open' OR (state = 'done' AND closed_at >= ?))")  # fmt: skip
    params += [cut, cut]
    where = f" AND c.uid < ? AND c.id NOT IN ({' UNION '.join(busy)})"
    params.insert(0, uid_at(cut))
    for side in _SIDES:
        where += (
            f" AND NOT EXISTS (SELECT 1 FROM deal d JOIN task t ON t.deal_id = d.id "
            f"WHERE d.{side} = c.id AND d.deleted_at IS NULL AND t.deleted_at IS NULL "
            "AND t.state = 'done' AND t.closed_at >= ?)"
        )
        params.append(cut)
    return where, params


def seen_by(people: Iterable[int]) -> tuple[str, list[Any]]:
    """Clients of these people, and those that are nobody's, as SQL over ``c``.

    A client is of those who are responsible for its deals; a contact person is also of those of the
    company (as in ``rights``).
    """
    who = sorted(people)
    marks = ", ".join("?" * len(who)) or "NULL"
    deals = [
        f"SELECT {side} FROM deal WHERE deleted_at IS NULL AND {side} IS NOT NULL AND owner_id"
        for side in _SIDES
    ]
    theirs = " UNION ".join(f"{each} IN ({marks})" for each in deals)
    anybodys = " UNION ".join(f"{each} IS NOT NULL" for each in deals)
    where = (
        f" AND (c.id IN ({theirs}) OR c.company_id IN ({theirs}) OR (c.id NOT IN ({anybodys}) "
        f"AND (c.company_id IS NULL OR c.company_id NOT IN ({anybodys}))))"
    )
    return where, who * 4


def uid_at(moment: int) -> bytes:
    """The least identity of a record made at a moment or later (identities begin with time)."""
    return max(moment // 1000, 0).to_bytes(6, "big") + bytes(10)


def made_at(uid: bytes) -> int:
    """When a record was made, from its identity."""
    return int.from_bytes(uid[:6], "big") * 1000


# -- sorting by what happened ----------------------------------------------------------------------


def _weights(r: Reader, sort: ClientSort) -> dict[int, int]:
    """What clients are sorted by: open deals, revenue, the moment of the last activity."""
    found: dict[int, int] = defaultdict(int)
    if sort == "deals":
        for side in _SIDES:
            for key, count in r.rows(
                f"SELECT d.{side}, count(*) FROM deal d JOIN stage s ON s.id = d.stage_id "
                f"WHERE d.deleted_at IS NULL AND s.kind = 'open' AND d.{side} IS NOT NULL "
                f"GROUP BY d.{side}"
            ):
                found[key] += count
        return found
    if sort == "revenue":
        for side in _SIDES:
            _add_revenue(r, side, found)
        return found
    for sql in _ACTIVE_ALL:
        for key, at in r.rows(sql):
            found[key] = max(found[key], at or 0)
    return found


def _add_revenue(r: Reader, side: str, found: dict[int, int]) -> None:
    known = rates.load(r)
    for key, amount, code, closed in r.rows(
        f"SELECT d.{side}, d.amount, d.currency, d.closed_at FROM deal d "
        "JOIN stage s ON s.id = d.stage_id WHERE d.deleted_at IS NULL AND s.kind = 'won' "
        f"AND d.amount IS NOT NULL AND d.{side} IS NOT NULL"
    ):
        found[key] += known.convert(amount, code, r.zone.day_of(closed or 0)) or 0


def _started(r: Reader) -> dict[int, int]:
    """When each client was made: nobody was silent before."""
    return {
        key: made_at(uid)
        for key, uid in r.rows("SELECT id, uid FROM client WHERE deleted_at IS NULL")
    }


def _activity(only: str = "") -> tuple[str, ...]:
    """Queries of (client, moment of something that happened); ``only`` limits the clients."""
    found = []
    for side in _SIDES:
        limit = f" AND d.{side} {only}" if only else f" AND d.{side} IS NOT NULL"
        found.append(f"SELECT d.{side}, max(coalesce(d.since, d.created_at)) FROM deal d "
                     f"WHERE d.deleted_at IS NULL{limit} GROUP BY d.{side}")  # fmt: skip
        found.append(f"SELECT d.{side}, max(t.closed_at) FROM deal d JOIN task t ON "
                     f"t.deal_id = d.id WHERE d.deleted_at IS NULL AND t.deleted_at IS NULL "
                     f"AND t.state = 'done'{limit} GROUP BY d.{side}")  # fmt: skip
        found.append(f"SELECT d.{side}, max(n.at) FROM deal d JOIN note n ON n.deal_id = d.id "
                     f"WHERE d.deleted_at IS NULL AND n.deleted_at IS NULL{limit} "
                     f"GROUP BY d.{side}")  # fmt: skip
    limit = f" AND client_id {only}" if only else " AND client_id IS NOT NULL"
    found.append("SELECT client_id, max(closed_at) FROM task WHERE deleted_at IS NULL "
                 f"AND state = 'done'{limit} GROUP BY client_id")  # fmt: skip
    found.append(f"SELECT client_id, max(at) FROM note WHERE deleted_at IS NULL{limit} "
                 "GROUP BY client_id")  # fmt: skip
    return tuple(found)


_ACTIVE_ALL = _activity()
_ACTIVE = _activity("IN ({ids})")


def last_activity(r: Reader, keys: Sequence[int]) -> dict[int, int]:
    """The moment of each client's last activity: made, a deal created or moved, a task done, a
    note written."""
    found = {
        key: made_at(uid)
        for key, uid in r.rows_of("SELECT id, uid FROM client WHERE id IN ({ids})", keys)
    }
    for sql in _ACTIVE:
        for key, at in r.rows_of(sql, keys):
            found[key] = max(found.get(key, 0), at or 0)
    return found


# -- the lines -------------------------------------------------------------------------------------

_ROWS = (
    "SELECT c.id, c.kind, c.name, f.name, s.name, i.name FROM client c "
    "LEFT JOIN client f ON f.id = c.company_id LEFT JOIN source s ON s.id = c.source_id "
    "LEFT JOIN industry i ON i.id = c.industry_id "
    "WHERE c.deleted_at IS NULL AND c.id IN ({ids})"
)


def rows(r: Reader, keys: Sequence[int], *, now: int) -> dict[int, ClientRow]:
    """The lines of these clients; one that is gone is left out."""
    region = phones.region_of(r)
    contacts = _first_contacts(r, keys)
    brought = {key: _Brought() for key in keys}
    _gather_deals(r, keys, brought)
    tasks = _open_tasks(r, keys)
    active = last_activity(r, keys)
    found = {}
    for key, kind, name, company, source, industry in r.rows_of(_ROWS, keys):
        phone = contacts.get((key, "phone"))
        sums = brought[key]
        found[key] = ClientRow(
            key, kind, name, company, None if phone is None else phones.phone(phone, region).shown,
            contacts.get((key, "email")), source, industry, sums.all, sums.open, sums.won,
            amount_of(sums.revenue), tuple(sorted(sums.unrated)),
            sums.tasks + tasks.get(key, 0), active.get(key, now),
        )  # fmt: skip
    return found


class _Brought:
    """Counts and sums over the deals of one client."""

    def __init__(self) -> None:
        self.all = self.open = self.won = self.revenue = self.tasks = 0
        self.unrated: set[str] = set()


def _gather_deals(r: Reader, keys: Sequence[int], brought: dict[int, _Brought]) -> None:
    known = rates.load(r)
    for side in _SIDES:
        for key, kind, amount, code, closed, open_tasks in r.rows_of(
            f"SELECT d.{side}, s.kind, d.amount, d.currency, d.closed_at, d.open_tasks "
            "FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.deleted_at IS NULL "
            f"AND d.{side} IN ({{ids}})",
            keys,
        ):
            sums = brought[key]
            sums.all += 1
            sums.tasks += open_tasks
            sums.open += kind == "open"
            sums.won += kind == "won"
            if kind == "won" and amount:
                money = known.convert(amount, code, r.zone.day_of(closed or 0))
                sums.revenue += money or 0
                if money is None:
                    sums.unrated.add(code)


def _open_tasks(r: Reader, keys: Sequence[int]) -> dict[int, int]:
    return dict(
        r.rows_of(
            "SELECT client_id, count(*) FROM task WHERE state = 'open' AND deal_id IS NULL "
            "AND deleted_at IS NULL AND client_id IN ({ids}) GROUP BY client_id",
            keys,
        )
    )


def _first_contacts(r: Reader, keys: Sequence[int]) -> dict[tuple[int, str], str]:
    """The first phone and e-mail of each client."""
    found: dict[tuple[int, str], str] = {}
    for key, kind, value in r.rows_of(
        "SELECT client_id, kind, value FROM client_contact WHERE deleted_at IS NULL "
        "AND client_id IN ({ids}) ORDER BY position, id",
        keys,
    ):
        found.setdefault((key, kind), value)
    return found
