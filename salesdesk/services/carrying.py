"""What goes along a link between a parent deal and its child: columns of the deal, and own fields
by their names. Written inside the command that moved one of the two, with nobody's rights.

What a child fills in may get another place at the parent: ``cost -> Transport price`` writes the
child's cost into the parent's own field. (The parent's own cost is no place for it: the children's
costs are part of the gross profit already.)
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from salesdesk.models.store import Transaction
from salesdesk.moments import amount_of, money_of, plain
from salesdesk.services import amounts, board, own_fields
from salesdesk.services.payments import converted
from salesdesk.services.rulebook import LinkRule
from salesdesk.text import N_

#: Fields that a child deal may take from its parent, and those that it may fill in there; own
#: fields of deals beside them, by name.
COPIED = {
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "source_id": N_("Source"),
    "industry_id": N_("Industry"),
    "start_day": N_("Start date"),
    "expected_day": N_("Expected close date"),
}
FILLED = {
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "start_day": N_("Start date"),
    "expected_day": N_("Expected close date"),
}
MONEY = ("amount", "cost")
#: Between a field of the child and the own field of the parent that takes it.
ARROW = " -> "
#: What always goes with a child.
ALWAYS = ("client_id", "contact_id", "currency")


@dataclass(slots=True)
class Goods:
    """Fields of one deal: columns with their values, own fields (by key) with their texts."""

    row: dict[str, Any] = field(default_factory=dict)
    own: dict[int, str | None] = field(default_factory=dict)


def for_child(tx: Transaction, deal: Mapping[str, Any], link: LinkRule) -> Goods:
    """What a new child takes from its parent (``deal``: its columns)."""
    names = (*ALWAYS, *(name for name in link.copied if name in COPIED))
    row = {name: deal[name] for name in names if name in deal}
    return Goods(row, _own(tx, deal["id"], link.copied, COPIED))


def for_parent(
    tx: Transaction, deal: Mapping[str, Any], link: LinkRule, parent: Mapping[str, Any]
) -> Goods:
    """What a child fills in at its parent; nothing of what it has not itself, and no money in a
    currency that has no rate."""
    apart = any(ARROW in given for given in link.filled)
    known = own_fields.known(tx) if apart else {}
    goods = Goods()
    for given in link.filled:
        name, place = split(given, known)
        value = deal.get(name) if name in FILLED else None
        if name in MONEY and value is not None:
            value = money_in(tx, value, deal["currency"], parent["currency"])
        if value is None:
            continue
        if place is None:
            goods.row[name] = value
        elif takes(known, name, place):
            goods.own[known[place][0]] = as_text(name, value)
    own = _own(tx, deal["id"], link.filled, FILLED)
    goods.own |= {key: text for key, text in own.items() if text}
    return goods


def split(given: str, known: Container[str]) -> tuple[str, str | None]:
    """What a link fills in: the child's field, and the parent's own field that takes it, None for
    the same field. ``known`` are the own fields: one may have an arrow in its name."""
    name, arrow, place = given.partition(ARROW)
    return (name, place) if arrow and given not in known else (given, None)


def takes(known: Mapping[str, tuple[int, str]], name: str, place: str) -> bool:
    """Whether an own field that is there may hold what stands in a column of ``FILLED``."""
    kinds = ("money", "number") if name in MONEY else ("date",)
    return name in FILLED and place in known and known[place][1] in kinds


def as_text(name: str, value: int | None) -> str | None:
    """The value of a column of ``FILLED`` as an own field keeps it."""
    if value is None:
        return None
    return plain(amount_of(value)) if name in MONEY else date.fromordinal(value).isoformat()


def money_in(tx: Transaction, money: int, currency: str, wanted: str) -> int | None:
    """Money in another currency at the present rates; None when one of the two has no rate, and for
    more than can be kept."""
    if currency == wanted:
        return money
    asks: Any = tx  # answers questions as a reader does
    rates = board.rates(asks, board.currency(asks))
    found = converted(amount_of(money), currency, wanted, rates)
    return None if found is None or not amounts.fits(found) else money_of(found)


def _own(
    tx: Transaction, deal_id: int, names: Iterable[str], columns: Mapping[str, str]
) -> dict[int, str | None]:
    """The texts of those own fields of a deal that are there, by key."""
    wanted = [name for name in names if name not in columns]
    if not wanted:
        return {}
    known = own_fields.known(tx)
    keys = [known[name][0] for name in wanted if name in known]
    values: dict[int, str | None] = dict(
        tx.rows_of(
            "SELECT field_id, value FROM field_value WHERE subject_id = ? "
            "AND deleted_at IS NULL AND field_id IN ({ids})",
            keys,
            (deal_id,),
        )
    )
    return {key: values.get(key) for key in keys}


def give(tx: Transaction, deal_id: int, goods: Goods) -> None:
    """Write fields of a deal that is there."""
    if goods.row:
        tx.update("deal", [{"id": deal_id, **goods.row}])
    for key, text in goods.own.items():
        own_fields.put(tx, deal_id, key, text)
