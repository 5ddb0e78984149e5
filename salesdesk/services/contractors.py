"""Contractors: who works for us from outside, their contacts and the services they do. Each verb is
one command.

What they asked for is in ``quotes``, how their work went in ``ratings``; the list is in
``contractorlist``, all about one in ``contractorview``, what is offered to a deal in
``contractor_offers``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.names import clean
from salesdesk.services.records import Asks, Saved, free_name, last_position, named
from salesdesk.text import N_

#: Fields of a contractor that people edit, with what they hold.
EDITABLE: dict[str, str] = {
    "name": "name", "phone": "line", "email": "line", "tax_number": "line", "notes": "lines",
}  # fmt: skip
#: Fields of a person to talk to.
CONTACT_FIELDS = ("name", "duty", "phone", "email")
_GONE = N_("This contractor does not exist any more; nothing was changed.")
_CONTACT_GONE = N_("This contact does not exist any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person to talk to at a contractor."""

    name: str
    duty: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class NewContractor:
    """A contractor to make; ``services`` are names, those that are new go into their list."""

    name: str
    services: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    tax_number: str = ""
    notes: str = ""
    contacts: tuple[NewContact, ...] = ()


def add(
    store: Store, new: NewContractor, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Make a contractor with its services and contacts.

    Raises Invalid for an empty name and for one that another contractor has.
    """
    with store.command("contractor.add", now=now, person=person, origin=origin) as tx:
        row: dict[str, Any] = {**free_name(tx, "contractor", new.name)}
        for name in ("phone", "email", "tax_number", "notes"):
            row[name] = _value(name, getattr(new, name))
        [made] = tx.insert("contractor", [row])
        does(tx, made, [service_of(tx, name) for name in new.services if clean(name)])
        for place, contact in enumerate(new.contacts):
            tx.insert("contractor_contact", [_contact_row(made, contact, place)])
        tx.set_detail(title=row["name"])
    return Saved(tx.command_id, made)


def change(
    store: Store,
    contractor_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set fields of a contractor (see EDITABLE; None empties). Returns the command.

    Raises Invalid with one sentence; nothing is changed then.
    """
    with store.command("contractor.change", now=now, person=person, origin=origin) as tx:
        title = known(tx, contractor_id)
        row: dict[str, Any] = {}
        for name, value in values.items():
            if EDITABLE.get(name) == "name":
                row |= free_name(tx, "contractor", str(value or ""), but=contractor_id)
            else:
                row[name] = _value(name, value)
        tx.update("contractor", [{"id": contractor_id, **row}])
        tx.set_detail(title=title, fields=sorted(values))
    return tx.command_id


def delete(store: Store, contractor_id: int, *, person: int | None, now: int) -> int:
    """Mark a contractor deleted; a team lead's. Raises Refused while there are prices of it or
    payments to it: they would lose their name."""
    with store.command("contractor.delete", now=now, person=person) as tx:
        title = known(tx, contractor_id)
        for table in ("contractor_quote", "payment"):
            if tx.value(
                f"SELECT 1 FROM {table} WHERE contractor_id = ? AND deleted_at IS NULL LIMIT 1",
                (contractor_id,),
            ):
                raise Refused(
                    N_("“{name}” has prices or payments and was not deleted: they would lose "
                       "their name."),
                    name=title,
                )  # fmt: skip
        tx.delete("contractor", [contractor_id])
        tx.set_detail(title=title)
    return tx.command_id


# -- services -------------------------------------------------------------------------------------


def set_services(
    store: Store, contractor_id: int, names: Sequence[str], *, person: int | None, now: int
) -> int:
    """What a contractor does, all of it; services that are new go into their list.
    Returns the command."""
    with store.command("contractor.service", now=now, person=person) as tx:
        title = known(tx, contractor_id)
        wanted = [service_of(tx, name) for name in names if clean(name)]
        dropped = [link for link, service in _links(tx, contractor_id) if service not in wanted]
        tx.delete("contractor_service", dropped)
        does(tx, contractor_id, wanted)
        tx.set_detail(title=title)
        tx.touch("contractor", [contractor_id])
    return tx.command_id


def does(tx: Transaction, contractor_id: int, services: Sequence[int]) -> None:
    """Have a contractor do these services beside those that it does already."""
    there = {service for _, service in _links(tx, contractor_id)}
    tx.insert(
        "contractor_service",
        [
            {"contractor_id": contractor_id, "service_id": service}
            for service in dict.fromkeys(services)
            if service not in there
        ],
    )


def service_of(tx: Transaction, name: str) -> int:
    """The service of that name, put into the list of services if it is new. Raises Invalid for
    an empty name."""
    found = named(tx, "service", name)
    if found is not None:
        return found
    row = {**free_name(tx, "service", name), "position": last_position(tx, "service")}
    return tx.insert("service", [row])[0]


def contractor_of(tx: Transaction, name: str) -> int:
    """The contractor of that name, made if it is new. Raises Invalid for an empty name."""
    found = named(tx, "contractor", name)
    if found is not None:
        return found
    return tx.insert("contractor", [free_name(tx, "contractor", name)])[0]


# -- people to talk to ----------------------------------------------------------------------------


def add_contact(
    store: Store, contractor_id: int, new: NewContact, *, person: int | None, now: int
) -> Saved:
    """Add a person to talk to. Raises Invalid without a name."""
    with store.command("contractor.contact", now=now, person=person) as tx:
        title = known(tx, contractor_id)
        place = tx.value(
            "SELECT coalesce(max(position), -1) + 1 FROM contractor_contact "
            "WHERE contractor_id = ?",
            (contractor_id,),
        )
        [made] = tx.insert("contractor_contact", [_contact_row(contractor_id, new, place)])
        tx.set_detail(title=title, fields=["contact"])
        tx.touch("contractor", [contractor_id])
    return Saved(tx.command_id, made)


def change_contact(
    store: Store, contact_id: int, values: Mapping[str, Any], *, person: int | None, now: int
) -> int:
    """Set fields of a contact (``CONTACT_FIELDS``; None empties). Returns the command."""
    with store.command("contractor.contact", now=now, person=person) as tx:
        contractor, title = _contact(tx, contact_id)
        row: dict[str, Any] = {}
        for name, value in values.items():
            if name not in CONTACT_FIELDS:
                raise Invalid(N_("A contact has no field “{name}” that can be changed."), name=name)
            row[name] = _contact_name(str(value or "")) if name == "name" else _line(value)
        tx.update("contractor_contact", [{"id": contact_id, **row}])
        tx.set_detail(title=title, fields=["contact"])
        tx.touch("contractor", [contractor])
    return tx.command_id


def remove_contact(store: Store, contact_id: int, *, person: int | None, now: int) -> int:
    """Remove a contact; undo brings it back. Returns the command."""
    with store.command("contractor.contact", now=now, person=person) as tx:
        contractor, title = _contact(tx, contact_id)
        tx.delete("contractor_contact", [contact_id])
        tx.set_detail(title=title, fields=["contact"])
        tx.touch("contractor", [contractor])
    return tx.command_id


# -- shared ---------------------------------------------------------------------------------------


def known(a: Asks, contractor_id: int) -> str:
    """The name of a contractor that is there; raises NotFound."""
    found = a.value(
        "SELECT name FROM contractor WHERE id = ? AND deleted_at IS NULL", (contractor_id,)
    )
    if found is None:
        raise NotFound(_GONE)
    return str(found)


def _links(tx: Transaction, contractor_id: int) -> list[tuple[int, int]]:
    """What the contractor does: (link, service)."""
    rows = tx.rows(
        "SELECT id, service_id FROM contractor_service WHERE contractor_id = ? "
        "AND deleted_at IS NULL",
        (contractor_id,),
    )
    return [(row[0], row[1]) for row in rows]


def _contact(tx: Transaction, contact_id: int) -> tuple[int, str]:
    """The contractor of a contact, and its name."""
    row = tx.row(
        "SELECT k.id, k.name FROM contractor_contact x JOIN contractor k ON k.id = x.contractor_id "
        "WHERE x.id = ? AND x.deleted_at IS NULL",
        (contact_id,),
    )
    if row is None:
        raise NotFound(_CONTACT_GONE)
    return int(row[0]), str(row[1])


def _contact_row(contractor_id: int, new: NewContact, place: int) -> dict[str, Any]:
    return {
        "contractor_id": contractor_id, "name": _contact_name(new.name), "duty": _line(new.duty),
        "phone": _line(new.phone), "email": _line(new.email), "position": place,
    }  # fmt: skip


def _contact_name(text: str) -> str:
    name = clean(text)
    if not name:
        raise Invalid(N_("A contact needs a name; nothing was changed."))
    return name


def _value(name: str, value: Any) -> str | None:
    """A field other than the name, as the database keeps it."""
    holds = EDITABLE.get(name)
    if holds == "line":
        return _line(value)
    if holds == "lines":
        return str(value or "").strip() or None
    raise Invalid(N_("A contractor has no field “{name}” that can be changed."), name=name)


def _line(value: Any) -> str | None:
    return clean(str(value or "")) or None
