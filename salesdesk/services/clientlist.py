"""The list of clients: which ones, in which order, and what each line shows.

``ids`` chooses and sorts all of them (background work at 100,000); ``rows`` reads the lines of a
page. A deal is a client's when it names the client as company or as contact person.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, money_of
from salesdesk.services import board, client_filters, phones, rates
from salesdesk.services.cards import Range
from salesdesk.services.client_filters import (
    SORTS,
    ClientFilter,
    ClientKind,
    ClientSort,
    made_at,
    seen_by,
    uid_at,
)

__all__ = [
    "SORTS", "ClientFilter", "ClientKind", "ClientRow", "ClientSort", "ids", "last_activity",
    "made_at", "rows", "seen_by", "uid_at",
]  # fmt: skip
_SIDES = ("client_id", "contact_id")


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
    where, params = client_filters.where(r, chosen, now)
    order, order_params = _order(chosen)
    sql = f"SELECT c.id FROM client c WHERE c.deleted_at IS NULL{where} ORDER BY {order}"
    found = array("q", (row[0] for row in r.rows(sql, (*params, *order_params))))
    if chosen.brought != (None, None):
        found = _that_brought(r, found, chosen.brought)
    if chosen.sort in ("quiet", "revenue", "deals"):
        weight = _weights(r, chosen.sort)
        started = _started(r) if chosen.sort == "quiet" else {}
        return array("q", sorted(found, key=lambda key: _rank(key, weight, started)))
    return found


def _that_brought(r: Reader, keys: "array[int]", brought: Range) -> "array[int]":
    """Those whose won deals brought so much, in the workspace's currency."""
    sums = _weights(r, "revenue")
    low, high = (None if end is None else money_of(end) for end in brought)
    return array(
        "q",
        (
            key
            for key in keys
            if (low is None or sums.get(key, 0) >= low)
            and (high is None or sums.get(key, 0) <= high)
        ),
    )


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
