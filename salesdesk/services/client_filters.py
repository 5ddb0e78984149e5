"""What the list of clients is filtered by: as texts by name (an address, a saved filter), as SQL.

``kind=company&source=3,0&quiet=30&deals=open&brought=100000..&f7=~Ufa``. Parts must all hold; of
several sources, people or tags one is enough. 0 stands for none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services import board, filters, phones
from salesdesk.services.cards import FieldTest, Range
from salesdesk.services.conditions import Condition
from salesdesk.services.filter_words import (
    EVER,
    NEVER,
    days_in,
    days_of,
    ids_of,
    ids_text,
    range_of,
    range_text,
    tests_of,
    tests_texts,
    unreadable,
)

ClientKind = Literal["company", "contact"]
ClientSort = Literal["name", "quiet", "revenue", "deals", "newest"]
#: With an open deal, with none open, with a won one, without any.
Deals = Literal["", "open", "idle", "won", "none"]
SORTS: tuple[ClientSort, ...] = ("name", "newest", "quiet", "revenue", "deals")
DEALS: tuple[Deals, ...] = ("open", "idle", "won", "none")
_DAY = DAY_SECONDS * SECOND
#: The parts that are keys of records, by their names in texts.
_SETS: Final = {
    "source": "sources", "industry": "industries", "owners": "owners", "teams": "teams",
    "tags": "tags",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What the list shows; an empty one shows every client.

    ``quiet_days``: no open task, and nothing done, noted or moved for so many days. ``owners`` and
    ``teams``: with a deal of one of them; ``tags``: with a deal that has one. ``brought``: what won
    deals brought, in the workspace's currency; ``made``: days on which the client was entered.
    ``people`` (what a role may see): clients with a deal of these people, and those that are
    nobody's; None: all.
    """

    text: str = ""
    kind: ClientKind | None = None
    sources: frozenset[int] = frozenset()
    industries: frozenset[int] = frozenset()
    quiet_days: int | None = None
    owners: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    deals: Deals = ""
    brought: Range = (None, None)
    made: str = ""
    fields: tuple[FieldTest, ...] = ()
    people: frozenset[int] | None = None
    sort: ClientSort = "name"

    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return replace(self, sort="name", people=None) == ClientFilter()


def to_texts(chosen: ClientFilter) -> dict[str, str]:
    """A filter and its order as texts by name, without what is not chosen (and without what a role
    may see)."""
    found: dict[str, str] = {"kind": chosen.kind or ""}
    found |= {name: ids_text(getattr(chosen, field)) for name, field in _SETS.items()}
    found["quiet"] = "" if chosen.quiet_days is None else str(chosen.quiet_days)
    found |= {"deals": chosen.deals, "brought": range_text(chosen.brought), "made": chosen.made}
    found |= tests_texts(chosen.fields)
    found |= {"text": chosen.text, "sort": "" if chosen.sort == "name" else chosen.sort}
    return {name: text for name, text in found.items() if text}


def from_texts(texts: Mapping[str, str]) -> ClientFilter:
    """The filter and the order of texts by name; other names are passed over.

    Raises Invalid, with the text that cannot be read.
    """
    found: dict[str, Any] = {
        field: ids_of(name, texts.get(name, "")) for name, field in _SETS.items()
    }
    found["kind"] = _word(texts, "kind", ("company", "contact")) or None
    found["deals"] = _word(texts, "deals", DEALS)
    found["sort"] = _word(texts, "sort", SORTS) or "name"
    quiet = texts.get("quiet", "")
    if quiet:
        if not (quiet.isascii() and quiet.isdecimal() and len(quiet) < 6):
            raise unreadable("quiet", quiet)
        found["quiet_days"] = int(quiet)
    found["brought"] = range_of("brought", texts.get("brought", ""))
    found["made"] = days_in("made", texts.get("made", ""))
    found["fields"] = tests_of(texts)
    return ClientFilter(text=texts.get("text", ""), **found)


def _word(texts: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    text = texts.get(name, "")
    if text and text not in known:
        raise unreadable(name, text)
    return text


# -- SQL ------------------------------------------------------------------------------------------

_SIDES = ("client_id", "contact_id")


def where(r: Reader, chosen: ClientFilter, now: int) -> tuple[str, list[Any]]:
    """The filter as ``" AND ..."`` over c (client), and its parameters; without ``brought``, which
    is no matter of SQL (``clientlist.ids`` looks at it)."""
    found = Condition()
    if chosen.kind is not None:
        found.add("c.kind = ?", chosen.kind)
    for column, keys in (("c.source_id", chosen.sources), ("c.industry_id", chosen.industries)):
        if keys:
            found.one_of(column, keys)
    if chosen.made:
        _made(found, r, chosen.made, now)
    if chosen.deals:
        _deals(found, chosen.deals)
    if chosen.owners or chosen.teams or chosen.tags:
        _about_deals(found, r, chosen)
    for test in chosen.fields:
        found.field("c.id", test)
    sql, params = found.sql, found.params
    more: list[tuple[str, list[Any]]] = []
    if chosen.text.strip():
        more.append(_text(r, chosen.text))
    if chosen.quiet_days is not None:
        more.append(_quiet(now - chosen.quiet_days * _DAY))
    if chosen.people is not None:
        more.append(seen_by(chosen.people))
    return sql + "".join(each[0] for each in more), params + [p for each in more for p in each[1]]


def _made(found: Condition, r: Reader, text: str, now: int) -> None:
    """Entered on these days, as the identity of the record tells."""
    days = days_of(text, r.zone.day_of(now))
    if days is None:  # every client was entered some day
        found.add("0")
        return
    first, last = days
    if first > EVER:
        found.add("c.uid >= ?", uid_at(r.zone.start_of(first)))
    if last < NEVER:
        found.add("c.uid < ?", uid_at(r.zone.start_of(last + 1)))


def _deals(found: Condition, deals: Deals) -> None:
    """With or without deals, whose side of it the client may be."""
    kind = {"open": "open", "idle": "open", "won": "won", "none": ""}[deals]
    has = "IN" if deals in ("open", "won") else "NOT IN"
    stages = "AND stage_id IN (SELECT id FROM stage WHERE kind = ?)" if kind else ""
    sides = " UNION ".join(
        f"SELECT {side} FROM deal WHERE deleted_at IS NULL AND {side} IS NOT NULL {stages}"
        for side in _SIDES
    )
    found.add(f"c.id {has} ({sides})", *([kind, kind] if kind else []))


def _about_deals(found: Condition, r: Reader, chosen: ClientFilter) -> None:
    """One deal of the client has it all: one of the people, and one of the tags."""
    deals = Condition()
    if chosen.owners or chosen.teams:
        deals.one_of("d.owner_id", chosen.owners | filters.members(r, chosen.teams))
    if chosen.tags:
        deals.tagged("d.id", chosen.tags)
    sides = " UNION ".join(
        f"SELECT d.{side} FROM deal d WHERE d.deleted_at IS NULL AND d.{side} IS NOT NULL"
        f"{deals.sql}"
        for side in _SIDES
    )
    found.add(f"c.id IN ({sides})", *deals.params, *deals.params)


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
