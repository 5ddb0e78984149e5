"""Verbs for what belongs to a deal but is no column of it: client by name, tags, own fields.

Each is one command.
"""

from collections.abc import Sequence

from salesdesk.errors import Invalid
from salesdesk.models.store import Store, Transaction
from salesdesk.names import clean, key
from salesdesk.services import own_fields
from salesdesk.services.moving import deal_fields
from salesdesk.text import N_

#: What the fields of a deal are called.
FIELD_NAMES = {
    "title": N_("Title"),
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "currency": N_("Currency"),
    "client_id": N_("Company"),
    "contact_id": N_("Contact"),
    "phone": N_("Phone"),
    "source_id": N_("Source"),
    "industry_id": N_("Industry"),
    "start_day": N_("Start date"),
    "expected_day": N_("Expected close date"),
    "probability": N_("Probability"),
    "parent_id": N_("Parent deal"),
    "lost_reason_id": N_("Lost because"),
    "paid": N_("Paid"),
    "in_stage": N_("In stage"),
    "tags": N_("Tags"),
    "created": N_("Created"),
    "external_id": N_("External number"),
    "owner_id": N_("Responsible"),
}

_KINDS = {"client_id": "company", "contact_id": "contact"}


def set_client(
    store: Store, deal_id: int, field: str, name: str, *, person: int | None, now: int
) -> int:
    """Make the client of that name the company (``client_id``) or the contact (``contact_id``) of
    a deal, creating one when the name is new; a new contact belongs to the deal's company.

    Returns the command. Raises Invalid for an empty name.
    """
    cleaned = clean(name)
    if not cleaned:
        raise Invalid(N_("A client needs a name; nothing was changed."))
    with store.command("deal.change", now=now, person=person) as tx:
        deal = deal_fields(tx, deal_id)
        client = client_named(tx, cleaned, _KINDS[field], deal["client_id"])
        tx.update("deal", [{"id": deal_id, field: client}])
        tx.set_detail(title=deal["title"], fields=[field])
    return tx.command_id


def client_named(tx: Transaction, name: str, kind: str, company: int | None) -> int:
    """The client of that name and kind (``company`` or ``contact``), made when the name is new; a
    contact of the company is preferred, and a new one belongs to it."""
    if not clean(name):
        raise Invalid(N_("A client needs a name; nothing was changed."))
    found = tx.value(
        "SELECT id FROM client WHERE name_key = ? AND kind = ? AND deleted_at IS NULL "
        "ORDER BY coalesce(company_id, 0) <> ?, id LIMIT 1",
        (key(name), kind, company or -1),
    )
    if found is not None:
        return int(found)
    row = {"kind": kind, "name": clean(name), "name_key": key(name)}
    if kind == "contact":
        return tx.insert("client", [{**row, "company_id": company}])[0]
    return tx.insert("client", [row])[0]


def set_tags(
    store: Store, deal_id: int, tags: Sequence[str], *, person: int | None, now: int
) -> int:
    """Give a deal exactly these tags, by name; new ones are made. Returns the command."""
    wanted = {key(name): clean(name) for name in tags if clean(name)}
    with store.command("deal.tags", now=now, person=person) as tx:
        title = deal_fields(tx, deal_id)["title"]
        has = {
            row[1]: row[0]
            for row in tx.rows(
                "SELECT d.id, t.name_key FROM deal_tag d JOIN tag t ON t.id = d.tag_id "
                "WHERE d.deal_id = ? AND d.deleted_at IS NULL",
                (deal_id,),
            )
        }
        tx.delete("deal_tag", [row for name, row in has.items() if name not in wanted])
        for name_key, name in wanted.items():
            if name_key not in has:
                tx.insert("deal_tag", [{"deal_id": deal_id, "tag_id": _tag(tx, name)}])
        tx.set_detail(title=title)
        tx.touch("deal", [deal_id])
    return tx.command_id


def _tag(tx: Transaction, name: str) -> int:
    sql = "SELECT id FROM tag WHERE name_key = ? AND deleted_at IS NULL"
    found = tx.value(sql, (key(name),))
    if found is not None:
        return int(found)
    return tx.insert("tag", [{"name": name, "name_key": key(name)}])[0]


def set_own_field(
    store: Store, deal_id: int, field_id: int, value: object, *, person: int | None, now: int
) -> int:
    """Set an own field of a deal; None empties it. See ``own_fields.set_value``."""
    with store.command("deal.field", now=now, person=person) as tx:
        title = deal_fields(tx, deal_id)["title"]
        name = own_fields.set_value(tx, "deal", deal_id, field_id, value)
        tx.set_detail(title=title, fields=[name])
        tx.touch("deal", [deal_id])
    return tx.command_id
