"""Filters that were given a name: one's own, or everybody's.

A filter for everybody is changed and removed by whoever may; ``who: mine`` in it means each one's
own deals. All verbs are undoable.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from salesdesk import names
from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Store, Transaction
from salesdesk.services.filter_words import ids_text
from salesdesk.services.records import Asks, Saved
from salesdesk.services.survivors import survivors
from salesdesk.text import N_

_GONE = N_("This filter does not exist any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A named filter of a page; ``texts`` as ``filters.to_texts`` makes them."""

    id: int
    page: str
    name: str
    person_id: int | None
    texts: Mapping[str, str]

    @property
    def is_shared(self) -> bool:
        """Whether everybody sees it."""
        return self.person_id is None


def saved_filters(r: Asks, page: str, person_id: int | None) -> list[SavedFilter]:
    """The filters of a page that this person sees: the own ones, then everybody's, by name. A
    client in them that was merged is the one in which it lives on."""
    rows = r.rows(
        "SELECT id, page, name, person_id, content FROM saved_filter WHERE page = ? "
        "AND deleted_at IS NULL AND (person_id IS NULL OR person_id = ?)",
        (page, person_id),
    )
    found = [
        SavedFilter(key, on, name, own, _living(r, _texts(kept)))
        for key, on, name, own, kept in rows
    ]
    return sorted(found, key=lambda each: (each.is_shared, names.key(each.name), each.id))


def _texts(content: str) -> dict[str, str]:
    """What was kept; nothing at all where another program wrote something else."""
    try:
        read = json.loads(content)
    except ValueError:
        return {}
    if not isinstance(read, dict):
        return {}
    return {name: text for name, text in read.items() if isinstance(text, str)}


def _living(r: Asks, texts: dict[str, str]) -> dict[str, str]:
    clients = texts.get("clients", "")
    if not all(key.isascii() and key.isdecimal() for key in clients.split(",")):
        return texts
    return texts | {"clients": ids_text(survivors(r, "client", map(int, clients.split(","))))}


def save(
    store: Store,
    page: str,
    name: str,
    texts: Mapping[str, str],
    *,
    shared: bool,
    person: int | None,
    now: int,
) -> Saved:
    """Keep a filter under a name; one of that name (own, or everybody's) is replaced.

    Raises Invalid for an empty name and for a filter that chooses nothing. Without a person it is
    everybody's.
    """
    cleaned = _named(name)
    if not texts:
        raise Invalid(N_("There is nothing to save: no filter is chosen."))
    owner = None if shared else person
    content = json.dumps(dict(texts), ensure_ascii=False, sort_keys=True)
    with store.command("filter.save", now=now, person=person) as tx:
        found = _same(tx, page, cleaned, owner)
        row = {"page": page, "name": cleaned, "person_id": owner, "content": content}
        if found is None:
            [found] = tx.insert("saved_filter", [row])
        else:
            tx.update("saved_filter", [{"id": found, **row}])
        tx.set_detail(title=cleaned)
    return Saved(tx.command_id, found)


def rename(store: Store, filter_id: int, name: str, *, person: int | None, now: int) -> int:
    """Give a filter another name; returns the command. Raises Invalid for one that is taken."""
    cleaned = _named(name)
    with store.command("filter.rename", now=now, person=person) as tx:
        page, _, owner = _mine(tx, filter_id, person)
        if _same(tx, page, cleaned, owner) not in (None, filter_id):
            raise Invalid(N_("There is a filter with the name “{name}” already."), name=cleaned)
        tx.update("saved_filter", [{"id": filter_id, "name": cleaned}])
        tx.set_detail(title=cleaned)
    return tx.command_id


def share(store: Store, filter_id: int, shared: bool, *, person: int | None, now: int) -> int:
    """Make a filter everybody's, or one's own again; returns the command."""
    with store.command("filter.share", now=now, person=person) as tx:
        page, name, _ = _mine(tx, filter_id, person)
        owner = None if shared else person
        if _same(tx, page, name, owner) not in (None, filter_id):
            raise Invalid(N_("There is a filter with the name “{name}” already."), name=name)
        tx.update("saved_filter", [{"id": filter_id, "person_id": owner}])
        tx.set_detail(title=name)
    return tx.command_id


def delete(store: Store, filter_id: int, *, person: int | None, now: int) -> int:
    """Remove a filter; returns the command."""
    with store.command("filter.delete", now=now, person=person) as tx:
        _, name, _ = _mine(tx, filter_id, person)
        tx.delete("saved_filter", [filter_id])
        tx.set_detail(title=name)
    return tx.command_id


def _named(name: str) -> str:
    cleaned = names.clean(name)
    if not cleaned:
        raise Invalid(N_("A filter needs a name; nothing was saved."))
    return cleaned


def _mine(tx: Transaction, filter_id: int, person: int | None) -> tuple[str, str, int | None]:
    """Page, name and owner of a filter that this person may change."""
    row = tx.row(
        "SELECT page, name, person_id FROM saved_filter WHERE id = ? AND deleted_at IS NULL",
        (filter_id,),
    )
    if row is None or row[2] not in (None, person):
        raise NotFound(_GONE)
    return row[0], row[1], row[2]


def _same(tx: Transaction, page: str, name: str, owner: int | None) -> int | None:
    """The filter of that name among the same people's."""
    rows = tx.rows(
        "SELECT id, name FROM saved_filter WHERE page = ? AND person_id IS ? "
        "AND deleted_at IS NULL",
        (page, owner),
    )
    wanted = names.key(name)
    return next((key for key, known in rows if names.key(known) == wanted), None)
