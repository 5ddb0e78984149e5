"""The short lists that an administrator keeps: sources, industries, lost reasons, kinds of task,
services of contractors, tags and the workspace's own fields."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesdesk import names
from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Store, Transaction
from salesdesk.services.people import require_admin
from salesdesk.services.records import (
    Asks,
    Saved,
    free_name,
    last_position,
    mark_dependents,
    put_in_order,
    same_set,
    set_fields,
)
from salesdesk.text import N_, tr

#: Icons of the kinds of task.
TASK_ICONS = (
    "task",
    "phone",
    "calendar",
    "file",
    "edit",
    "check",
    "flag",
    "note",
    "clock",
    "inbox",
)
FIELD_KINDS = ("text", "number", "money", "date", "choice", "yes_no")
FIELD_SUBJECTS = ("deal", "client")


def _flag(value: Any) -> int:
    if value not in (0, 1):
        raise ValueError
    return int(value)


def _one_of(words: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return read


def _options(value: Any) -> str:
    if isinstance(value, str) or not all(isinstance(option, str) for option in value):
        raise ValueError
    return json.dumps([names.clean(option) for option in value], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list: its table, what it is called, and the fields of an entry beside the name."""

    table: str
    title: str
    fields: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    ordered: bool = True


LISTS: dict[str, ListSpec] = {
    "sources": ListSpec("source", N_("Sources")),
    "industries": ListSpec("industry", N_("Industries")),
    "lost_reasons": ListSpec("lost_reason", N_("Reasons of refusal"), {"not_refusal": _flag}),
    "task_kinds": ListSpec(
        "task_kind", N_("Kinds of task"), {"icon": _one_of(TASK_ICONS), "asks_result": _flag}
    ),
    "services": ListSpec("service", N_("Services of contractors")),
    "tags": ListSpec("tag", N_("Tags"), ordered=False),
    "fields": ListSpec(
        "custom_field",
        N_("Own fields"),
        {
            "subject": _one_of(FIELD_SUBJECTS),
            "kind": _one_of(FIELD_KINDS),
            "options": _options,
            "on_card": _flag,
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list; ``values`` holds the fields of the list's spec, yes and no as bool and
    options as a list."""

    id: int
    name: str
    position: int
    values: Mapping[str, Any] = field(default_factory=dict)


def items(r: Asks, which: str) -> list[Item]:
    """The entries of a list of ``LISTS``, in their order (tags by name)."""
    spec = _spec(which)
    columns = ", ".join(["id", "name", "position" if spec.ordered else "0", *spec.fields])
    order = "position, id" if spec.ordered else "name_key"
    return [
        Item(row[0], row[1], row[2], _out(spec, row[3:]))
        for row in r.rows(
            f"SELECT {columns} FROM {spec.table} WHERE deleted_at IS NULL ORDER BY {order}"
        )
    ]


def _out(spec: ListSpec, row: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (name, read), value in zip(spec.fields.items(), row, strict=True):
        found[name] = bool(value) if read is _flag else value
        if read is _options:
            found[name] = json.loads(value)
    return found


def find(r: Asks, which: str, text: str) -> Item:
    """The entry of that name, else of that id; raises ``NotFound``."""
    wanted = names.key(text)
    found = [item for item in items(r, which) if names.key(item.name) == wanted]
    if not found and wanted.isdecimal():
        found = [item for item in items(r, which) if item.id == int(wanted)]
    if not found:
        raise NotFound(
            N_("There is no “{name}” in the list “{title}”."),
            name=names.clean(text),
            title=tr(_spec(which).title),
        )
    return found[0]


def add(
    store: Store,
    which: str,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Add an entry at the end of a list; raises ``Invalid`` for a name that is taken."""
    with store.command("list.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        key = write(tx, which, None, {**(values or {}), "name": name})
    return Saved(tx.command_id, key)


def change(
    store: Store,
    which: str,
    item_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change the name or fields of an entry; what names an own field of deals follows it.

    Whether a lost reason is a refusal holds for all time: its deals are counted anew.
    """
    with store.command("list.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        _must_be_in(tx, which, item_id)
        write(tx, which, item_id, values)
    return Saved(tx.command_id, item_id)


def write(tx: Transaction, which: str, item_id: int | None, values: Mapping[str, Any]) -> int:
    """Add or change an entry inside a transaction; returns the id."""
    spec = _spec(which)
    row: dict[str, Any] = {}
    for name, value in values.items():
        if name == "name":
            row |= free_name(tx, spec.table, str(value), but=item_id)
            continue
        if name not in spec.fields:
            raise NotFound(N_("“{title}” has no field “{name}”."), title=tr(spec.title), name=name)
        try:
            row[name] = spec.fields[name](value)
        except (ValueError, TypeError) as error:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            raise Invalid(N_("{field} cannot be “{value}”."), field=name, value=shown) from error
    if item_id is None:
        if spec.ordered:
            row["position"] = last_position(tx, spec.table)
        return tx.insert(spec.table, [row])[0]
    called = tx.value(f"SELECT name FROM {spec.table} WHERE id = ?", (item_id,))
    if set_fields(tx, spec.table, item_id, row):
        mark_dependents(tx, spec.table, [item_id], row)
    if which == "fields" and row.get("name", called) != called:
        _rename_in_rules(tx, item_id, called, row["name"])
    return item_id


def _rename_in_rules(tx: Transaction, field_id: int, old: str, new: str) -> None:
    from salesdesk.services import field_names

    if tx.value("SELECT subject FROM custom_field WHERE id = ?", (field_id,)) == "deal":
        field_names.follow(tx, old, new)


def remove(
    store: Store, which: str, item_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Take an entry off a list; deals and tasks that carry it keep it."""
    with store.command("list.remove", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        _must_be_in(tx, which, item_id)
        tx.delete(_spec(which).table, [item_id])
    return Saved(tx.command_id, item_id)


def reorder(
    store: Store,
    which: str,
    ids: Sequence[int],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Put a list in another order; returns the command id."""
    spec = _spec(which)
    if not spec.ordered:
        raise Invalid(N_("“{title}” is kept by name."), title=tr(spec.title))
    with store.command("list.order", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        same_set(ids, (item.id for item in items(tx, which)))
        put_in_order(tx, spec.table, ids)
    return tx.command_id


def _spec(which: str) -> ListSpec:
    if which not in LISTS:
        raise NotFound(N_("There is no list “{name}”."), name=which)
    return LISTS[which]


def _must_be_in(tx: Transaction, which: str, item_id: int) -> None:
    if item_id not in {item.id for item in items(tx, which)}:
        raise NotFound(
            N_("This entry of “{title}” is gone; nothing was changed."),
            title=tr(_spec(which).title),
        )
