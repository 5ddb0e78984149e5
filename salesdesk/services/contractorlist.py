"""The list of contractors: which ones, in which order, and what each line shows.

A directory has some thousands of entries at most: the texts are compared here, folded, and a phone
is found by any of its digits.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.names import folded
from salesdesk.services import phones, rates, ratings

ContractorSort = Literal["name", "rating", "recent", "price"]
SORTS: tuple[ContractorSort, ...] = ("name", "rating", "recent", "price")


@dataclass(frozen=True, slots=True)
class ContractorFilter:
    """What the list shows; an empty one shows every contractor. ``service``: those who do it or
    named a price for it (0: who do nothing yet); ``least``: rated so well overall; ``price`` sorts
    by the last price for the service, the cheapest first."""

    text: str = ""
    service: int | None = None
    least: int | None = None
    sort: ContractorSort = "name"

    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return replace(self, sort="name") == ContractorFilter()


@dataclass(frozen=True, slots=True)
class ContractorRow:
    """A line of the list. ``rating`` is the overall one (``rated``: by how many ratings; 0 with one
    of a file); ``price`` the last price named (for the service that the list is filtered by), on
    ``day``; ``works`` counts accepted quotes, ``late`` those of them that came or are late."""

    id: int
    name: str
    phone: str | None
    services: tuple[str, ...]
    rating: Decimal | None
    rated: int
    price: Decimal | None
    currency: str
    day: int | None
    quotes: int
    works: int
    late: int


def ids(r: Reader, chosen: ContractorFilter) -> "array[int]":
    """Keys of the contractors chosen, in order."""
    rows = r.rows(
        "SELECT id, name_key FROM contractor WHERE deleted_at IS NULL ORDER BY name_key, id"
    )
    keys = [row[0] for row in rows]
    if chosen.service is not None:
        keys = _of_service(r, keys, chosen.service)
    words = chosen.text.strip()
    if words:
        found = _found(r, words)
        keys = [key for key in keys if key in found]
        if chosen.sort == "name":
            begins = {row[0]: not folded(row[1]).startswith(folded(words)) for row in rows}
            keys.sort(key=lambda key: begins[key])
    if chosen.least is None and chosen.sort != "rating":
        return array("q", _sorted(r, keys, chosen))
    rated = ratings.overall(r)
    if chosen.least is not None:
        keys = [key for key in keys if rated.get(key, 0.0) >= chosen.least]
    if chosen.sort == "rating":
        keys.sort(key=lambda key: -rated.get(key, 0.0))
    return array("q", _sorted(r, keys, chosen))


def _sorted(r: Reader, keys: list[int], chosen: ContractorFilter) -> list[int]:
    """By what their last prices tell; keys come by name."""
    if chosen.sort == "recent":
        last: dict[int, int] = dict(
            r.rows(
                "SELECT contractor_id, max(day) FROM contractor_quote WHERE deleted_at IS NULL "
                "GROUP BY contractor_id"
            )
        )
        return sorted(keys, key=lambda key: -last.get(key, 0))
    if chosen.sort == "price":
        worth = comparable(r, last_prices(r, chosen.service or None))
        return sorted(keys, key=lambda key: (key not in worth, worth.get(key, 0)))
    return keys


def _of_service(r: Reader, keys: list[int], service: int) -> list[int]:
    does = "SELECT contractor_id FROM contractor_service WHERE deleted_at IS NULL"
    if service == 0:
        busy = {row[0] for row in r.rows(does)}
        return [key for key in keys if key not in busy]
    found = {
        row[0]
        for row in r.rows(
            f"{does} AND service_id = ? UNION SELECT contractor_id FROM contractor_quote "
            "WHERE deleted_at IS NULL AND service_id = ?",
            (service, service),
        )
    }
    return [key for key in keys if key in found]


def _found(r: Reader, typed: str) -> set[int]:
    """Contractors that hold the words, or a phone with the digits, in anything of theirs."""
    wanted, region = folded(typed), phones.region_of(r)
    digits = phones.search_keys(typed, region)
    found: set[int] = set()
    for key, phone, *columns in r.rows(
        "SELECT id, phone, name, email, tax_number, notes FROM contractor "
        "WHERE deleted_at IS NULL UNION ALL SELECT contractor_id, phone, name, email, duty, NULL "
        "FROM contractor_contact WHERE deleted_at IS NULL"
    ):
        # What is kept is clean already: this is ``folded``, several times as fast.
        text = "\n".join(filter(None, columns)).casefold().replace("ё", "е")
        if wanted in text:
            found.add(key)
        elif digits and phone:
            number = _phone_key(phone, region)
            if any(part in number for part in digits):
                found.add(key)
    named = [one.id for one in services(r) if wanted in folded(one.name)]
    found.update(
        row[0]
        for row in r.rows_of(
            "SELECT contractor_id FROM contractor_service WHERE deleted_at IS NULL "
            "AND service_id IN ({ids})",
            named,
        )
    )
    return found


@lru_cache(maxsize=65_536)
def _phone_key(phone: str, region: str) -> str:
    """The digits by which a phone is found: those of a whole directory are kept."""
    return phones.phone_key(phone, region)


def last_prices(
    r: Reader, service: int | None = None, keys: Sequence[int] | None = None
) -> dict[int, tuple[int, str, int]]:
    """The latest price of contractors (None: of all), for a service (None: for any): money,
    currency, day, by contractor."""
    where = "deleted_at IS NULL" + ("" if service is None else " AND service_id = ?")
    sql = f"SELECT contractor_id, price, currency, day FROM contractor_quote WHERE {where}{{only}}"
    order = " ORDER BY day, id"
    given = () if service is None else (service,)
    if keys is None:
        rows = r.rows(sql.format(only="") + order, given)
    else:
        rows = r.rows_of(sql.format(only=" AND contractor_id IN ({ids})") + order, keys, given)
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def comparable(r: Reader, prices: Mapping[int, tuple[int, str, int]]) -> dict[int, int]:
    """Prices as money in the workspace's currency; those without a rate are left out."""
    known = rates.load(r)
    found = {key: known.convert(*price) for key, price in prices.items()}
    return {key: money for key, money in found.items() if money is not None}


# -- the lines ------------------------------------------------------------------------------------


def rows(
    r: Reader, keys: Sequence[int], *, service: int | None = None, today: int
) -> dict[int, ContractorRow]:
    """The lines of these contractors; one that is gone is left out. ``service``: whose last price
    is told."""
    region = phones.region_of(r)
    does = services_of(r, keys)
    rated = ratings.averages(r, keys)
    prices = last_prices(r, service, keys)
    counts = _counts(r, keys, today)
    found = {}
    for key, name, phone in r.rows_of(
        "SELECT id, name, phone FROM contractor WHERE deleted_at IS NULL AND id IN ({ids})", keys
    ):
        price, currency, day = prices.get(key, (None, "", None))
        one = rated.get(key, ratings.NO_RATINGS)
        found[key] = ContractorRow(
            key, name, phones.phone(phone, region).shown if phone else None,
            tuple(does.get(key, ())), one.overall, one.count,
            None if price is None else amount_of(price), currency, day,
            *counts.get(key, (0, 0, 0)),
        )  # fmt: skip
    return found


def services_of(r: Reader, keys: Sequence[int]) -> dict[int, list[str]]:
    """Names of the services that contractors do, in the order of the list of services."""
    found: dict[int, list[str]] = {}
    for key, name in r.rows_of(
        "SELECT x.contractor_id, s.name FROM contractor_service x "
        "JOIN service s ON s.id = x.service_id WHERE x.deleted_at IS NULL "
        "AND s.deleted_at IS NULL AND x.contractor_id IN ({ids}) ORDER BY s.position, s.id",
        keys,
    ):
        found.setdefault(key, []).append(name)
    return found


def _counts(r: Reader, keys: Sequence[int], today: int) -> dict[int, tuple[int, int, int]]:
    """How many prices each named, how many were accepted, how many of these are late."""
    return {
        row[0]: (row[1], row[2], row[3])
        for row in r.rows_of(
            "SELECT contractor_id, count(*), sum(accepted), sum(accepted = 1 AND planned_day "
            "IS NOT NULL AND coalesce(actual_day, ?) > planned_day) FROM contractor_quote "
            "WHERE deleted_at IS NULL AND contractor_id IN ({ids}) GROUP BY contractor_id",
            keys,
            (today,),
        )
    }


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A service of the list of services."""

    id: int
    name: str


def services(r: Reader) -> tuple[ServiceName, ...]:
    """All services, in their order."""
    return tuple(
        ServiceName(*row)
        for row in r.rows(
            "SELECT id, name FROM service WHERE deleted_at IS NULL ORDER BY position, id"
        )
    )
