"""Merging clients, and merging deals: two or more become one, as one command that can be undone.

What belongs to the others goes to the one that stays; the others are marked merged into it and
deleted. Which value of a field stays is chosen field by field. Facts (stage moves, who was
responsible) stay where they happened: a merged-away deal counts nowhere, as a deleted one, and the
history of the one that stays shows its moves (docs/reading-of-the-domain.md). External numbers stay
too; an import that names one finds the survivor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.names import folded, key
from salesdesk.services import own_fields, phones
from salesdesk.services.mergefields import (
    CLIENT_FIELDS,
    DEAL_FIELDS,
    OWN,
    default_source,
    values_of,
)
from salesdesk.text import N_

#: Columns that lead to a client, by table.
_TO_CLIENT = (
    ("deal", "client_id"), ("deal", "contact_id"), ("task", "client_id"), ("note", "client_id"),
    ("client", "company_id"),
)  # fmt: skip
#: Columns that lead to a deal, by table.
_TO_DEAL = (
    ("task", "deal_id"), ("note", "deal_id"), ("payment", "deal_id"), ("deal", "parent_id"),
    ("contractor_quote", "deal_id"),
)  # fmt: skip
#: Rows that a deal has once each: the column that says which.
_ONCE = (("deal_tag", "tag_id"), ("deal_person", "person_id"))


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: its command, the record that stays, and how many went into it."""

    command_id: int
    id: int
    name: str
    count: int


def merge_clients(
    store: Store,
    stays: int,
    others: Sequence[int],
    *,
    choices: Mapping[str, int] | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Merged:
    """Merge clients into ``stays``. ``choices`` says by field (see ``mergefields``) whose value
    stays; where nothing is said, that of ``stays``, else the first other that has one.

    Raises Refused for a company with a contact person, NotFound for one that is gone.
    """
    gone = _others(stays, others)
    with store.command("client.merge", now=now, person=person, origin=origin) as tx:
        names = _names(tx, "client", "name", [stays, *gone])
        if len({row[1] for row in names.values()}) > 1:
            raise Refused(
                N_("A company and a contact person cannot be merged; nothing was changed.")
            )
        row = _chosen(tx, "client", [stays, *gone], choices or {})
        tx.claim("client", [stays, *gone])
        with tx.unwatched():  # deals and tasks of colleagues come along with a client of one's own
            for table, column in _TO_CLIENT:
                _lead(tx, table, column, gone, stays)
            _move_apart(tx, stays, gone)
        _move_contacts(tx, stays, gone)
        if "name" in row:
            row["name_key"] = key(row["name"])
        _settle(tx, "client", stays, gone, row)
        name = row.get("name", names[stays][0])
        tx.set_detail(title=name, merged=[names[each][0] for each in gone], count=len(gone))
    return Merged(tx.command_id, stays, name, len(gone))


def merge_deals(
    store: Store,
    stays: int,
    others: Sequence[int],
    *,
    choices: Mapping[str, int] | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Merged:
    """Merge deals into ``stays``, which keeps its stage and its moves; see ``merge_clients``."""
    gone = _others(stays, others)
    with store.command("deal.merge", now=now, person=person, origin=origin) as tx:
        names = _names(tx, "deal", "title", [stays, *gone])
        row = _chosen(tx, "deal", [stays, *gone], choices or {})
        owner = row.pop("owner_id", None)
        tx.claim("deal", [stays, *gone])
        with tx.unwatched():  # so do child deals that others work on
            for table, column in _TO_DEAL:
                _lead(tx, table, column, gone, stays)
        for table, column in _ONCE:
            _move_once(tx, table, column, stays, gone)
        if "title" in row:
            row["title_key"] = folded(row["title"])
        row["parent_id"] = _parent(tx, stays, gone, row)
        _settle(tx, "deal", stays, gone, row)
        if owner is not None:
            tx.insert("owner_change", [{"deal_id": stays, "person_id": owner, "at": now}])
        name = row.get("title", names[stays][0])
        tx.set_detail(title=name, merged=[names[each][0] for each in gone], count=len(gone))
    return Merged(tx.command_id, stays, name, len(gone))


# -- inside ----------------------------------------------------------------------------------------


def _others(stays: int, others: Iterable[int]) -> list[int]:
    gone = [each for each in dict.fromkeys(others) if each != stays]
    if not gone:
        raise Invalid(N_("There is nothing to merge; nothing was changed."))
    return gone


def _names(tx: Transaction, table: str, column: str, ids: list[int]) -> dict[int, tuple[str, str]]:
    """Name and kind of each record; raises NotFound unless all are there."""
    kind = "kind" if table == "client" else "''"
    found = {
        row[0]: (row[1], row[2])
        for row in tx.rows_of(
            f"SELECT id, {column}, {kind} FROM {table} WHERE deleted_at IS NULL "
            "AND id IN ({ids})",
            ids,
        )
    }
    if len(found) < len(ids):
        raise NotFound(N_("One of them does not exist any more; nothing was merged."))
    return found


def _chosen(
    tx: Transaction, table: str, ids: list[int], choices: Mapping[str, int]
) -> dict[str, Any]:
    """The columns of the survivor that get another one's value; own fields are written at once."""
    stays = ids[0]
    fields = CLIENT_FIELDS if table == "client" else DEAL_FIELDS
    known = values_of(tx, table, ids)
    row: dict[str, Any] = {}
    for name, by_id in known.items():
        source = choices.get(name, default_source(name, by_id, ids))
        if source not in ids:
            raise Invalid(N_("A value can only be taken from what is merged; nothing was changed."))
        if source == stays or by_id.get(source) == by_id.get(stays):
            continue
        if name.startswith(OWN):
            own_fields.put(tx, stays, int(name.removeprefix(OWN)), by_id.get(source))
            continue
        for column in fields[name]:
            row[column] = tx.value(f"SELECT {column} FROM {table} WHERE id = ?", (source,))
    return row


def _lead(tx: Transaction, table: str, column: str, gone: list[int], stays: int) -> None:
    """Rows that led to the others lead to the survivor, deleted ones too."""
    own = " AND merged_into_id IS NULL" if column == "parent_id" else ""
    found = tx.rows_of(f"SELECT id FROM {table} WHERE {column} IN ({{ids}}){own}", gone)
    among = {stays, *gone} if column in ("parent_id", "company_id") else set()
    tx.update(table, [{"id": row[0], column: stays} for row in found if row[0] not in among])


def _move_contacts(tx: Transaction, stays: int, gone: list[int]) -> None:
    """Phones and e-mails that the survivor has not; the same ones stay with the merged."""
    rows = tx.rows_of(
        "SELECT id, client_id, kind, value, value_key, position FROM client_contact "
        "WHERE deleted_at IS NULL AND client_id IN ({ids}) ORDER BY position, id",
        [stays, *gone],
    )
    has = {_mark(row) for row in rows if row[1] == stays}
    place = max((row[5] for row in rows if row[1] == stays), default=-1)
    moved = []
    for row in sorted(rows, key=lambda row: gone.index(row[1]) if row[1] != stays else -1):
        if row[1] != stays and _mark(row) not in has:
            has.add(_mark(row))
            place += 1
            moved.append({"id": row[0], "client_id": stays, "position": place})
    tx.update("client_contact", moved)


def _move_apart(tx: Transaction, stays: int, gone: list[int]) -> None:
    """Whom the merged were said not to be, the survivor is not either; that two of those who are
    merged now are not the same was a mistake, and whatever would be said twice is said once."""
    found = {
        row
        for column in ("client_id", "other_id")
        for row in tx.rows_of(
            "SELECT id, client_id, other_id FROM client_apart WHERE deleted_at IS NULL "
            f"AND {column} IN ({{ids}})",
            [stays, *gone],
        )
    }
    said: set[tuple[int, int]] = set()
    moved, over = [], []
    for row_id, *pair in sorted(found):
        one, other = sorted(stays if client in gone else client for client in pair)
        if one == other or (one, other) in said:
            over.append(row_id)
        else:
            moved.append({"id": row_id, "client_id": one, "other_id": other})
        said.add((one, other))
    tx.update("client_apart", moved)
    tx.delete("client_apart", over)


def _mark(row: tuple[Any, ...]) -> tuple[str, str, str]:
    """What makes a phone or an e-mail the same as another one."""
    kind, value, known = row[2:5]
    return kind, known or value, phones.split_extension(value)[1] if kind == "phone" else ""


def _move_once(tx: Transaction, table: str, column: str, stays: int, gone: list[int]) -> None:
    """Tags and participants that the survivor has not."""
    rows = tx.rows_of(
        f"SELECT id, deal_id, {column} FROM {table} WHERE deleted_at IS NULL "
        "AND deal_id IN ({ids}) ORDER BY id",
        [stays, *gone],
    )
    has = {row[2] for row in rows if row[1] == stays}
    moved = []
    for row_id, deal, what in rows:
        if deal != stays and what not in has:
            has.add(what)
            moved.append({"id": row_id, "deal_id": stays})
    tx.update(table, moved)


def _parent(tx: Transaction, stays: int, gone: list[int], row: Mapping[str, Any]) -> int | None:
    """The survivor's parent: never itself, one merged into it, or one of its own descendants."""
    if "parent_id" in row:
        parent = row["parent_id"]
    else:
        parent = tx.value("SELECT parent_id FROM deal WHERE id = ?", (stays,))
    seen: set[int] = set()
    while parent in gone and parent not in seen:
        seen.add(parent)
        parent = tx.value("SELECT parent_id FROM deal WHERE id = ?", (parent,))
    if parent in (stays, *gone):
        return None
    above = parent
    while above is not None and above not in seen:
        seen.add(above)
        above = tx.value("SELECT parent_id FROM deal WHERE id = ?", (above,))
        if above == stays or above in gone:
            return None
    return None if parent is None else int(parent)


def _settle(
    tx: Transaction, table: str, stays: int, gone: list[int], row: Mapping[str, Any]
) -> None:
    """Mark the others merged, and give the survivor its values."""
    marks: dict[str, Any] = {"merged_into_id": stays, "deleted_at": tx.now}
    if table == "deal":
        marks["parent_id"] = stays  # under the survivor, as its children
    tx.update(table, [{"id": each, **marks} for each in gone])
    if row:
        tx.update(table, [{"id": stays, **row}])
    tx.touch(table, [stays, *gone])
