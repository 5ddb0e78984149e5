"""Clients: companies and contact persons. Each verb is one command.

Questions about one client are in ``clientview``, the list in ``clientlist``, likely duplicates in
``duplicates``, merging in ``merging``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.names import clean, key
from salesdesk.services import own_fields, phones
from salesdesk.services.records import Saved
from salesdesk.text import N_

ClientKind = Literal["company", "contact"]
ContactKind = Literal["phone", "email"]
KINDS: tuple[ClientKind, ...] = ("company", "contact")

#: Fields of a client that people edit, with what they hold.
EDITABLE: dict[str, str] = {
    "name": "text", "kind": "kind", "company_id": "company", "source_id": "source",
    "industry_id": "industry", "tax_number": "line", "notes": "lines",
}  # fmt: skip
_TABLES = {"company": "client", "source": "source", "industry": "industry"}
_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12 = ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to make; ``company`` names the company of a contact person (made when new)."""

    kind: ClientKind
    name: str
    company_id: int | None = None
    company: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    tax_number: str | None = None
    source_id: int | None = None
    industry_id: int | None = None


def add(
    store: Store, new: NewClient, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Make a client with its phones and e-mails. Raises Invalid for an empty name."""
    name = _name(new.name)
    if new.kind not in KINDS:
        raise Invalid(N_("A client is a company or a contact person; nothing was added."))
    with store.command("client.add", now=now, person=person, origin=origin) as tx:
        company = new.company_id
        if company is None and new.kind == "contact" and clean(new.company):
            company = company_of(tx, new.company)
        [made] = tx.insert(
            "client",
            [
                {
                    "kind": new.kind, "name": name, "name_key": key(name),
                    "company_id": company if new.kind == "contact" else None,
                    "tax_number": clean(new.tax_number or "") or None,
                    "source_id": new.source_id, "industry_id": new.industry_id,
                }
            ],
        )  # fmt: skip
        contacts = [("phone", each) for each in new.phones if clean(each)]
        contacts += [("email", each) for each in new.emails if clean(each)]
        region = phones.region_of(tx)
        tx.insert(
            "client_contact",
            [
                {"client_id": made, "position": place, **_contact(kind, value, region)}
                for place, (kind, value) in enumerate(contacts)
            ],
        )
        tx.set_detail(title=name)
    return Saved(tx.command_id, made)


def change(
    store: Store,
    client_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set fields of a client (see EDITABLE; None empties). Returns the command.

    Raises Invalid with one sentence; nothing is changed then.
    """
    with store.command("client.change", now=now, person=person, origin=origin) as tx:
        kind, name = _known(tx, client_id)
        row = {field: _checked(tx, client_id, field, value) for field, value in values.items()}
        if "name" in row:
            row["name_key"] = key(row["name"])
        if row.get("kind", kind) == "company":
            row["company_id"] = None
        tx.update("client", [{"id": client_id, **row}])
        tx.set_detail(title=name, fields=sorted(values))
    return tx.command_id


def set_company(store: Store, client_id: int, name: str, *, person: int | None, now: int) -> int:
    """Make the company of that name a contact person's, creating one when the name is new."""
    with store.command("client.change", now=now, person=person) as tx:
        kind, title = _known(tx, client_id)
        if kind != "contact":
            raise Invalid(N_("Only a contact person belongs to a company; nothing was changed."))
        tx.update("client", [{"id": client_id, "company_id": company_of(tx, _name(name))}])
        tx.set_detail(title=title, fields=["company_id"])
    return tx.command_id


def company_of(tx: Transaction, name: str) -> int:
    """The company of that name, made if there is none."""
    found = tx.value(
        "SELECT id FROM client WHERE name_key = ? AND kind = 'company' AND deleted_at IS NULL "
        "ORDER BY id LIMIT 1",
        (key(name),),
    )
    if found is not None:
        return int(found)
    row = {"kind": "company", "name": clean(name), "name_key": key(name)}
    return tx.insert("client", [row])[0]


# -- phones and e-mails ----------------------------------------------------------------------------


def add_contact(
    store: Store,
    client_id: int,
    kind: ContactKind,
    value: str,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Add a phone or an e-mail, kept as typed. Raises Invalid when the client has it already."""
    with store.command("client.contact", now=now, person=person, origin=origin) as tx:
        _, name = _known(tx, client_id)
        row = _contact(kind, _line(value), phones.region_of(tx))
        _check_new(tx, client_id, row, None)
        place = tx.value(
            "SELECT coalesce(max(position), -1) + 1 FROM client_contact WHERE client_id = ?",
            (client_id,),
        )
        [made] = tx.insert("client_contact", [{"client_id": client_id, "position": place, **row}])
        tx.set_detail(title=name, fields=[kind])
        tx.touch("client", [client_id])
    return Saved(tx.command_id, made)


def change_contact(
    store: Store, contact_id: int, value: str | None, *, person: int | None, now: int
) -> int:
    """Change a phone or an e-mail; nothing removes it. Returns the command."""
    with store.command("client.contact", now=now, person=person) as tx:
        found = tx.row(
            "SELECT x.client_id, x.kind, c.name FROM client_contact x "
            "JOIN client c ON c.id = x.client_id WHERE x.id = ? AND x.deleted_at IS NULL",
            (contact_id,),
        )
        if found is None:
            raise NotFound(N_("This phone or e-mail does not exist any more."))
        client_id, kind, name = found
        if value is None or not clean(value):
            tx.delete("client_contact", [contact_id])
        else:
            row = _contact(kind, clean(value), phones.region_of(tx))
            _check_new(tx, client_id, row, contact_id)
            tx.update("client_contact", [{"id": contact_id, **row}])
        tx.set_detail(title=name, fields=[kind])
        tx.touch("client", [client_id])
    return tx.command_id


def _contact(kind: str, value: str, region: str) -> dict[str, Any]:
    kept = clean(value)
    return {"kind": kind, "value": kept, "value_key": phones.key(kind, kept, region)}


def _check_new(tx: Transaction, client_id: int, row: dict[str, Any], but: int | None) -> None:
    """A client has a number once; another extension of it is another one."""
    for there, value in tx.rows(
        "SELECT id, value FROM client_contact WHERE client_id = ? AND kind = ? "
        "AND value_key = ? AND deleted_at IS NULL",
        (client_id, row["kind"], row["value_key"]),
    ):
        same = phones.split_extension(value)[1] == phones.split_extension(row["value"])[1]
        if there != but and same and row["value_key"]:
            raise Invalid(N_("“{value}” is there already; nothing was added."), value=row["value"])


# -- notes -----------------------------------------------------------------------------------------


def add_note(store: Store, client_id: int, text: str, *, person: int | None, now: int) -> Saved:
    """Add a note to a client."""
    if not text.strip():
        raise Invalid(N_("A note needs some text; nothing was added."))
    with store.command("note.add", now=now, person=person) as tx:
        _, name = _known(tx, client_id)
        row = {"client_id": client_id, "text": text.strip(), "at": now, "person_id": person}
        [made] = tx.insert("note", [row])
        tx.set_detail(title=name)
        tx.touch("client", [client_id])
    return Saved(tx.command_id, made)


def change_note(
    store: Store, note_id: int, text: str | None, *, person: int | None, now: int
) -> int:
    """Change the text of a note; nothing removes it. Returns the command."""
    with store.command("note.change", now=now, person=person) as tx:
        client = tx.value(
            "SELECT client_id FROM note WHERE id = ? AND deleted_at IS NULL", (note_id,)
        )
        if client is None:
            raise NotFound(N_("This note does not exist any more."))
        if text is None or not text.strip():
            tx.delete("note", [note_id])
        else:
            tx.update("note", [{"id": note_id, "text": text.strip()}])
        tx.touch("client", [client])
    return tx.command_id


# -- own fields, deleting --------------------------------------------------------------------------


def set_own_field(
    store: Store, client_id: int, field_id: int, value: object, *, person: int | None, now: int
) -> int:
    """Set an own field of a client; None empties it. See ``own_fields.set_value``."""
    with store.command("client.field", now=now, person=person) as tx:
        _, title = _known(tx, client_id)
        name = own_fields.set_value(tx, "client", client_id, field_id, value)
        tx.set_detail(title=title, fields=[name])
        tx.touch("client", [client_id])
    return tx.command_id


def delete(store: Store, client_id: int, *, person: int | None, now: int) -> int:
    """Mark a client deleted. Raises Refused while deals are its own: they would lose their name."""
    with store.command("client.delete", now=now, person=person) as tx:
        _, name = _known(tx, client_id)
        deals = tx.value(
            "SELECT count(*) FROM deal WHERE deleted_at IS NULL AND (client_id = ? "
            "OR contact_id = ?)",
            (client_id, client_id),
        )
        if deals:
            raise Refused(
                N_("“{name}” has deals and was not deleted. Merge it with another client instead."),
                name=name,
            )
        tx.delete("client", [client_id])
        tx.set_detail(title=name)
    return tx.command_id


# -- inside, and what a number is worth ------------------------------------------------------------


def tax_doubt(number: str | None, region: str) -> str | None:
    """Why a tax number looks wrong (a marked sentence), or None. Nothing is refused for it."""
    digits = "".join((number or "").split())
    if not digits or region != "RU":
        return None
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (10, 12):
        return N_("A Russian tax number has 10 or 12 digits.")
    figures = [int(char) for char in digits]
    if len(figures) == 10:
        right = _check_digit(_INN_10, figures) == figures[9]
    else:
        right = all(
            _check_digit(weights, figures) == figures[place]
            for weights, place in zip(_INN_12, (10, 11), strict=True)
        )
    return None if right else N_("The check digits do not fit: is a digit mistyped?")


def _check_digit(weights: tuple[int, ...], figures: list[int]) -> int:
    return sum(w * f for w, f in zip(weights, figures, strict=False)) % 11 % 10


def _known(tx: Transaction, client_id: int) -> tuple[str, str]:
    """Kind and name of a client that is there."""
    row = tx.row("SELECT kind, name FROM client WHERE id = ? AND deleted_at IS NULL", (client_id,))
    if row is None:
        raise NotFound(N_("This client does not exist any more; nothing was changed."))
    return row[0], row[1]


def _name(text: str) -> str:
    name = clean(text)
    if not name:
        raise Invalid(N_("A client needs a name; nothing was changed."))
    return name


def _line(text: str) -> str:
    kept = clean(text)
    if not kept:
        raise Invalid(N_("There is nothing to add; nothing was changed."))
    return kept


def _checked(tx: Transaction, client_id: int, field: str, value: Any) -> Any:
    """A value for a field as the database keeps it."""
    holds = EDITABLE.get(field)
    if holds is None:
        raise Invalid(N_("A client has no field “{name}” that can be changed."), name=field)
    if holds == "text":
        return _name(str(value or ""))
    if holds == "kind":
        if value not in KINDS:
            raise Invalid(N_("A client is a company or a contact person; nothing was changed."))
        return value
    if value is None:
        return None
    if holds in ("line", "lines"):
        return (clean(str(value)) if holds == "line" else str(value).strip()) or None
    only = " AND kind = 'company'" if holds == "company" else ""
    found = tx.value(
        f"SELECT id FROM {_TABLES[holds]} WHERE id = ? AND deleted_at IS NULL{only}", (value,)
    )
    if found is None or (holds == "company" and found == client_id):
        raise NotFound(N_("What was chosen does not exist any more; nothing was changed."))
    return found
