"""Prices of contractors: what one asked for a service, mostly in a deal. Each verb is one command.

An accepted quote is work: its planned and its actual day are the deadlines. Accepting fills the
deal's cost with the sum of its accepted quotes, in the deal's currency; for one service of a deal
one quote is accepted at a time, unless its work is done. Prices are Decimal, days ordinals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import amount_of, money_of
from salesdesk.names import clean
from salesdesk.services import amounts, board, contractors, payments
from salesdesk.services.records import Saved
from salesdesk.text import N_

_LONGEST_NOTE = 2_000
_GONE = N_("This price does not exist any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class NewQuote:
    """A price to add. The contractor and the service are given by id or by name; those that are new
    land in the directory. Without a currency it is the deal's, else the workspace's; without a
    ``day`` it was given today."""

    price: Decimal
    contractor_id: int | None = None
    contractor: str = ""
    service_id: int | None = None
    service: str = ""
    deal_id: int | None = None
    currency: str | None = None
    day: int | None = None
    planned_day: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting (or not any more) did: the deal's cost now and before, in ``currency``, and
    the quotes that were accepted for the same service until then."""

    command_id: int
    id: int
    cost: Decimal | None
    cost_before: Decimal | None
    currency: str
    replaced: tuple[int, ...] = ()


def add(
    store: Store, new: NewQuote, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Note what a contractor asks. Raises Invalid for a price that is none, and without a
    contractor."""
    with store.command("quote.add", now=now, person=person, origin=origin) as tx:
        row: dict[str, Any] = {
            "contractor_id": _contractor(tx, new), "deal_id": new.deal_id,
            "service_id": _service(tx, new), "price": _price(new.price),
            "currency": _currency(new.currency or _usual_currency(tx, new.deal_id)),
            "day": _given(tx, new.day), "accepted": 0, "planned_day": new.planned_day,
            "actual_day": None, "person_id": person, "note": _note(new.note),
        }  # fmt: skip
        [made] = tx.insert("contractor_quote", [row])
        if row["service_id"] is not None:
            contractors.does(tx, row["contractor_id"], [row["service_id"]])
        _tell(tx, row["contractor_id"], row["deal_id"])
    return Saved(tx.command_id, made)


def change(
    store: Store, quote_id: int, values: Mapping[str, Any], *, person: int | None, now: int
) -> int:
    """Set fields of a quote: price, currency, day, planned_day, service (a name), note; None
    empties. The cost of the deal follows an accepted one. Returns the command.

    Raises Invalid with one sentence, and Refused for an accepted one that would become the second
    of its service.
    """
    with store.command("quote.change", now=now, person=person) as tx:
        quote = _quote(tx, quote_id)
        before = _accepted_sum(tx, quote)
        row = {name: value for field in values for name, value in
               _checked(tx, field, values[field]).items()}  # fmt: skip
        _refuse_second(tx, replace(quote, service_id=row.get("service_id", quote.service_id)))
        tx.update("contractor_quote", [{"id": quote_id, **row}])
        if row.get("service_id") is not None:
            contractors.does(tx, quote.contractor_id, [row["service_id"]])
        if quote.accepted and {"price", "currency"} & row.keys():
            _follow(tx, quote, before)
        _tell(tx, quote.contractor_id, quote.deal_id)
    return tx.command_id


def accept(
    store: Store,
    quote_id: int,
    *,
    planned_day: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Accepted:
    """Take a contractor's offer: the deal's cost is filled, its deadline is kept.

    ``planned_day`` is the day agreed upon (None keeps that of the quote). Another quote accepted
    for the same service of the deal is accepted no more, unless its work is done. Raises Refused
    for one that is accepted already, and for a currency without a rate; Invalid where the cost
    would be too large.
    """
    with store.command("quote.accept", now=now, person=person, origin=origin) as tx:
        quote = _quote(tx, quote_id)
        if quote.accepted:
            raise Refused(N_("This price is accepted already; nothing was changed."))
        replaced = _same_work(tx, quote)
        tx.update("contractor_quote", [{"id": other, "accepted": 0} for other in replaced])
        row: dict[str, Any] = {"id": quote_id, "accepted": 1}
        if planned_day is not None:
            row["planned_day"] = planned_day
        tx.update("contractor_quote", [row])
        cost_before, currency = _cost(tx, quote.deal_id)
        cost = cost_before
        if quote.deal_id is not None:
            cost = _accepted_sum(tx, quote)
            if cost is None:
                _refuse_sum(tx, quote.deal_id)
            tx.update("deal", [{"id": quote.deal_id, "cost": cost}])
        _tell(tx, quote.contractor_id, quote.deal_id)
    return Accepted(
        tx.command_id, quote_id, _amount(cost), _amount(cost_before), currency, tuple(replaced)
    )


def decline(store: Store, quote_id: int, *, person: int | None, now: int) -> Accepted:
    """Accept a quote no more. The deal's cost follows if it is what the accepted ones added up to.
    Raises Refused for one that is not accepted, and once its work is done."""
    with store.command("quote.decline", now=now, person=person) as tx:
        quote = _quote(tx, quote_id)
        if not quote.accepted:
            raise Refused(N_("This price is not accepted; nothing was changed."))
        if quote.actual_day is not None:
            raise Refused(N_("This work is done: empty its day first; nothing was changed."))
        cost_before, currency = _cost(tx, quote.deal_id)
        before = _accepted_sum(tx, quote)
        tx.update("contractor_quote", [{"id": quote_id, "accepted": 0}])
        _follow(tx, quote, before)
        cost, _ = _cost(tx, quote.deal_id)
        _tell(tx, quote.contractor_id, quote.deal_id)
    return Accepted(tx.command_id, quote_id, _amount(cost), _amount(cost_before), currency)


def finish(
    store: Store,
    quote_id: int,
    day: int | None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Note the ``day`` on which accepted work was done; None takes it back. Returns the command.

    Raises Refused for a quote that is not accepted, Invalid for a day that has not come yet.
    """
    with store.command("quote.done", now=now, person=person, origin=origin) as tx:
        quote = _quote(tx, quote_id)
        if not quote.accepted:
            raise Refused(N_("Only accepted work can be done; nothing was changed."))
        if day is not None and day > tx.zone.day_of(now):
            raise Invalid(N_("Work cannot have been done on a day that has not come yet."))
        tx.update("contractor_quote", [{"id": quote_id, "actual_day": day}])
        _tell(tx, quote.contractor_id, quote.deal_id)
    return tx.command_id


def remove(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Remove quotes; undo brings them back. Returns the command. Raises Refused for one that was
    rated."""
    with store.command("quote.remove", now=now, person=person) as tx:
        for quote_id in ids:
            quote = _quote(tx, quote_id)
            if tx.value(
                "SELECT 1 FROM contractor_rating WHERE quote_id = ? AND deleted_at IS NULL LIMIT 1",
                (quote_id,),
            ):
                raise Refused(N_("This work was rated: remove its ratings first."))
            before = _accepted_sum(tx, quote)
            tx.delete("contractor_quote", [quote_id])
            if quote.accepted:
                _follow(tx, quote, before)
            _tell(tx, quote.contractor_id, quote.deal_id)
    return tx.command_id


def plan_payment(
    store: Store,
    quote_id: int,
    *,
    amount: Decimal | None = None,
    planned_day: int | None = None,
    person: int | None,
    now: int,
) -> Saved:
    """Plan a payment to the contractor of an accepted quote: what is left of its price (or
    ``amount``), on the day given (else the day agreed upon). Returns the payment.

    Raises Refused for one that is not accepted or has no deal, and when nothing is left to plan.
    """
    with store.command("payment.add", now=now, person=person) as tx:
        quote = _quote(tx, quote_id)
        if not quote.accepted or quote.deal_id is None:
            raise Refused(N_("A payment is planned for an accepted price of a deal."))
        due = amount if amount is not None else amount_of(unplanned(tx, quote_id))
        if due <= 0:
            raise Refused(N_("All of this price is planned or paid already; nothing was added."))
        day = quote.planned_day if planned_day is None else planned_day
        made = payments.write_new(
            tx,
            quote.deal_id,
            payments.NewPayment(due, "out", quote.currency, planned_day=day),
        )
        tx.update("payment", [{"id": made, "contractor_id": quote.contractor_id}])
        _tell(tx, quote.contractor_id, quote.deal_id)
    return Saved(tx.command_id, made)


def unplanned(a: Any, quote_id: int) -> int:
    """What is left of an accepted price to plan, as money in its currency: the accepted prices of
    the contractor in the deal, its parent and their child deals, less all payments to it in them
    (one child agrees on the work, another one pays for it)."""
    row = a.row(
        "SELECT contractor_id, deal_id, currency, price FROM contractor_quote WHERE id = ?",
        (quote_id,),
    )
    family = (
        "deal_id IN (WITH root (id) AS (SELECT coalesce(parent_id, id) FROM deal WHERE id = ?) "
        "SELECT id FROM root UNION SELECT d.id FROM deal d JOIN root ON d.parent_id = root.id "
        "AND d.deleted_at IS NULL)"
    )
    where = f"contractor_id = ? AND {family} AND currency = ? AND deleted_at IS NULL"
    agreed = a.value(
        f"SELECT coalesce(sum(price), 0) FROM contractor_quote WHERE {where} AND accepted = 1",
        row[:3],
    )
    planned = a.value(
        f"SELECT coalesce(sum(amount), 0) FROM payment WHERE {where} AND direction = 'out'",
        row[:3],
    )
    left: int = min(row[3], agreed - planned)
    return max(0, left)


# -- inside ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Quote:
    id: int
    contractor_id: int
    deal_id: int | None
    service_id: int | None
    currency: str
    accepted: int
    planned_day: int | None
    actual_day: int | None


def _quote(tx: Transaction, quote_id: int) -> _Quote:
    row = tx.row(
        "SELECT id, contractor_id, deal_id, service_id, currency, accepted, planned_day, "
        "actual_day FROM contractor_quote WHERE id = ? AND deleted_at IS NULL",
        (quote_id,),
    )
    if row is None:
        raise NotFound(_GONE)
    return _Quote(*row)


def _same_work(tx: Transaction, quote: _Quote) -> list[int]:
    """Accepted quotes of the same service of the deal whose work is not done."""
    if quote.deal_id is None:
        return []
    rows = tx.rows(
        "SELECT id FROM contractor_quote WHERE deal_id = ? AND service_id IS ? AND accepted = 1 "
        "AND actual_day IS NULL AND deleted_at IS NULL",
        (quote.deal_id, quote.service_id),
    )
    return [row[0] for row in rows]


def _refuse_second(tx: Transaction, quote: _Quote) -> None:
    """One price is accepted for one service of a deal at a time."""
    going_on = bool(quote.accepted) and quote.actual_day is None
    if going_on and any(other != quote.id for other in _same_work(tx, quote)):
        raise Refused(N_("Another price for this service is accepted; nothing was changed."))


def _accepted_sum(tx: Any, quote: _Quote) -> int | None:
    """What the accepted quotes of the deal add up to, in its currency; None without one, where a
    currency has no rate, and for more than can be kept."""
    if quote.deal_id is None:
        return None
    _, wanted = _cost(tx, quote.deal_id)
    rows = _accepted(tx, quote.deal_id)
    if not rows:
        return None
    foreign = any(currency != wanted for _, currency in rows)
    rates = board.rates(tx, board.currency(tx)) if foreign else {}
    total = Decimal(0)
    for price, currency in rows:
        value = payments.converted(amount_of(price), currency, wanted, rates)
        if value is None:
            return None
        total += value
    return money_of(total) if amounts.fits(total) else None


def _accepted(tx: Any, deal_id: int) -> list[tuple[int, str]]:
    """Price and currency of each accepted quote of a deal."""
    rows: list[tuple[int, str]] = tx.rows(
        "SELECT price, currency FROM contractor_quote WHERE deal_id = ? AND accepted = 1 "
        "AND deleted_at IS NULL",
        (deal_id,),
    )
    return rows


def _follow(tx: Transaction, quote: _Quote, before: int | None) -> None:
    """Have the deal's cost follow its accepted quotes, if it is what they added up to ``before``:
    a cost typed by hand stays. Raises Refused or Invalid where they have no sum any more."""
    if quote.deal_id is None or before is None or _cost(tx, quote.deal_id)[0] != before:
        return
    cost = _accepted_sum(tx, quote)
    if cost is None and _accepted(tx, quote.deal_id):
        _refuse_sum(tx, quote.deal_id)
    tx.update("deal", [{"id": quote.deal_id, "cost": cost}])


def _refuse_sum(tx: Transaction, deal_id: int) -> None:
    """Say why the accepted quotes of a deal have no sum: a currency without a rate, or it is too
    large."""
    _, wanted = _cost(tx, deal_id)
    asks: Any = tx  # answers questions as a reader does
    rates = board.rates(asks, board.currency(asks))
    for _, currency in _accepted(tx, deal_id):
        if payments.converted(Decimal(1), currency, wanted, rates) is None:
            raise Refused(
                N_("There is no rate from {currency} to {wanted}, so the cost cannot be filled; "
                   "nothing was changed."),
                currency=currency, wanted=wanted,
            )  # fmt: skip
    raise Invalid(amounts.TOO_LARGE)


def _cost(tx: Any, deal_id: int | None) -> tuple[int | None, str]:
    """The cost of a deal and its currency; the workspace's without a deal."""
    if deal_id is None:
        return None, board.currency(tx)
    row = tx.row("SELECT cost, currency FROM deal WHERE id = ?", (deal_id,))
    assert row is not None
    return row[0], row[1]


def _amount(money: int | None) -> Decimal | None:
    return None if money is None else amount_of(money)


def _contractor(tx: Transaction, new: NewQuote) -> int:
    if new.contractor_id is not None:
        contractors.known(tx, new.contractor_id)
        return new.contractor_id
    if not clean(new.contractor):
        raise Invalid(N_("Say which contractor asks this price; nothing was added."))
    return contractors.contractor_of(tx, new.contractor)


def _service(tx: Transaction, new: NewQuote) -> int | None:
    if new.service_id is not None:
        found: int | None = tx.value(
            "SELECT id FROM service WHERE id = ? AND deleted_at IS NULL", (new.service_id,)
        )
        if found is None:
            raise NotFound(N_("This service does not exist any more; nothing was added."))
        return found
    return contractors.service_of(tx, new.service) if clean(new.service) else None


def _usual_currency(tx: Any, deal_id: int | None) -> str:
    if deal_id is None:
        return board.currency(tx)
    found = tx.value("SELECT currency FROM deal WHERE id = ? AND deleted_at IS NULL", (deal_id,))
    if found is None:
        raise NotFound(N_("This deal does not exist any more; nothing was changed."))
    return str(found)


def _checked(tx: Transaction, field: str, value: Any) -> dict[str, Any]:
    """The columns of a quote for a field; raises Invalid with one sentence."""
    if field == "price":
        return {"price": _price(value)}
    if field == "currency":
        return {"currency": _currency(value)}
    if field == "day":
        return {"day": _given(tx, value)}
    if field == "planned_day":
        return {"planned_day": value}
    if field == "service":
        name = str(value or "")
        return {"service_id": contractors.service_of(tx, name) if clean(name) else None}
    if field == "note":
        return {"note": _note(value)}
    raise Invalid(N_("A price has no field “{name}” that can be changed."), name=field)


def _price(value: Any) -> int:
    kept = amounts.above_nothing(value)
    if kept is None:
        raise Invalid(N_("A price is an amount above 0; nothing was changed."))
    return kept


def _currency(value: Any) -> str:
    code = str(value or "").strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise Invalid(N_("“{value}” is not a currency code such as RUB."), value=value)
    return code


def _given(tx: Transaction, day: int | None) -> int:
    today: int = tx.zone.day_of(tx.now)
    if day is not None and day > today:
        raise Invalid(N_("A price cannot have been given on a day that has not come yet."))
    return today if day is None else day


def _note(value: Any) -> str | None:
    return str(value or "").strip()[:_LONGEST_NOTE] or None


def _tell(tx: Transaction, contractor_id: int, deal_id: int | None) -> None:
    """What the command was about, for the history and for the screens."""
    name = tx.value("SELECT name FROM contractor WHERE id = ?", (contractor_id,))
    title = tx.value("SELECT title FROM deal WHERE id = ?", (deal_id,)) if deal_id else None
    tx.set_detail(title=f"{name} · {title}" if title else name)
    tx.touch("contractor", [contractor_id])
    if deal_id is not None:
        tx.touch("deal", [deal_id])
