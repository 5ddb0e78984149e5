"""Payments of a deal: planned and actual, in from the client and out to contractors.

A line is planned (a day may be set), late (its planned day has passed) or paid (it has an actual
day). Paying a part of a planned line splits it: the part is paid, the rest stays planned. Each verb
is one command. Amounts are Decimal, days ordinals; sums are in the deal's currency at the present
rates, payments in a currency without a rate are left out and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import amount_of, money_of
from salesdesk.names import clean, key
from salesdesk.services import amounts, board
from salesdesk.services.records import Asks
from salesdesk.text import N_

Direction = Literal["in", "out"]
State = Literal["planned", "late", "paid"]

_CENT = Decimal("0.01")
_LONGEST_NOTE = 2_000
_GONE = N_("This payment does not exist any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment as the panel shows it; ``contractor`` is whom money goes out to."""

    id: int
    direction: Direction
    amount: Decimal
    currency: str
    planned_day: int | None
    actual_day: int | None
    contractor_id: int | None
    contractor: str | None
    note: str | None
    state: State


@dataclass(frozen=True, slots=True)
class PaymentSums:
    """What a deal's payments add up to, in ``currency``.

    ``paid``, ``planned`` (agreed, not paid yet) and ``late`` (the part of it whose day has passed)
    are of money in; ``paid_out`` and ``planned_out`` of money out. ``late_count`` counts late lines
    of both. ``left`` is the amount of the deal not paid yet (None without an amount), ``over`` what
    was paid beyond it, ``percent`` the share paid, rounded down.
    """

    currency: str
    paid: Decimal = Decimal(0)
    planned: Decimal = Decimal(0)
    late: Decimal = Decimal(0)
    paid_out: Decimal = Decimal(0)
    planned_out: Decimal = Decimal(0)
    late_count: int = 0
    left: Decimal | None = None
    over: Decimal = Decimal(0)
    percent: int | None = None
    unrated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment to add; without a currency it is in the deal's own. A contractor is given by name
    and made when the name is new."""

    amount: Decimal
    direction: Direction = "in"
    currency: str | None = None
    planned_day: int | None = None
    actual_day: int | None = None
    contractor: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What paying did: the line paid, the line with the rest (if a part was paid), and how much
    more than planned came in."""

    command_id: int
    id: int
    rest_id: int | None = None
    rest: Decimal = Decimal(0)
    over: Decimal = Decimal(0)


# -- questions ------------------------------------------------------------------------------------

_LINES = (
    "SELECT y.id, y.direction, y.amount, y.currency, y.planned_day, y.actual_day, y.contractor_id, "
    "k.name, y.note, y.deal_id, s.kind = 'lost' FROM payment y "
    "JOIN deal d ON d.id = y.deal_id JOIN stage s ON s.id = d.stage_id "
    "LEFT JOIN contractor k ON k.id = y.contractor_id WHERE y.deleted_at IS NULL AND y.deal_id"
)


_CHILDREN = "SELECT id FROM deal WHERE parent_id = ? AND deleted_at IS NULL"


def of_deal(a: Asks, deal_id: int, *, today: int) -> tuple[PaymentLine, ...]:
    """The payments of a deal: what is to be paid by its day, then what was paid, newest first.
    What a lost deal has not paid is late no more: it will not be paid."""
    rows = a.rows(f"{_LINES} = ?", (deal_id,))
    return in_order(line(row, today, lost=bool(row[10])) for row in rows)


def of_deals(a: Asks, deal_ids: Sequence[int], *, today: int) -> dict[int, tuple[PaymentLine, ...]]:
    """The payments of several deals, of those that have any; without what lost ones have not paid,
    as in the report of payments."""
    found: dict[int, list[PaymentLine]] = {}
    for row in a.rows_of(f"{_LINES} IN ({{ids}})", deal_ids):
        given_up = row[10] and row[5] is None
        if not given_up:
            found.setdefault(row[9], []).append(line(row, today))
    return {deal_id: in_order(lines) for deal_id, lines in found.items()}


def line(row: Sequence[Any], today: int, *, lost: bool = False) -> PaymentLine:
    """A line from (id, direction, amount, currency, planned, actual, contractor, name, note); of a
    ``lost`` deal none is late."""
    return PaymentLine(
        row[0], row[1], amount_of(row[2]), row[3], row[4], row[5], row[6], row[7], row[8],
        state_of(None if lost else row[4], row[5], today),
    )  # fmt: skip


def in_order(lines: Any) -> tuple[PaymentLine, ...]:
    """Open lines by their day, then paid ones, the newest first."""
    found = list(lines)
    opened = [one for one in found if one.actual_day is None]
    paid = [one for one in found if one.actual_day is not None]
    opened.sort(key=lambda one: (one.planned_day is None, one.planned_day or 0, one.id))
    paid.sort(key=lambda one: (-(one.actual_day or 0), -one.id))
    return (*opened, *paid)


def state_of(planned_day: int | None, actual_day: int | None, today: int) -> State:
    """Paid once it has an actual day; late from the day after the planned one on."""
    if actual_day is not None:
        return "paid"
    return "late" if planned_day is not None and planned_day < today else "planned"


def sums(
    lines: Sequence[PaymentLine],
    amount: Decimal | None,
    currency: str,
    rates: Mapping[str, Decimal],
) -> PaymentSums:
    """What payments add up to beside a deal's ``amount``; ``rates`` in the workspace's currency."""
    totals = {name: Decimal(0) for name in ("paid", "planned", "late", "paid_out", "planned_out")}
    unrated: set[str] = set()
    late_count = 0
    for one in lines:
        late_count += one.state == "late"
        value = converted(one.amount, one.currency, currency, rates)
        if value is None:
            unrated.add(one.currency)
            continue
        which = "paid" if one.state == "paid" else "planned"
        if one.direction == "in":
            totals[which] += value
            totals["late"] += value if one.state == "late" else 0
        else:
            totals[f"{which}_out"] += value
    left, over, percent = None, Decimal(0), None
    if amount is not None:
        left = max(amount - totals["paid"], Decimal(0))
        over = max(totals["paid"] - amount, Decimal(0))
        percent = int(totals["paid"] * 100 / amount) if amount > 0 else None
    return PaymentSums(
        currency, **totals, late_count=late_count, left=left, over=over, percent=percent,
        unrated=tuple(sorted(unrated)),
    )  # fmt: skip


def converted(
    amount: Decimal, currency: str, wanted: str, rates: Mapping[str, Decimal]
) -> Decimal | None:
    """An amount in another currency, to the cent; None when one of the two has no rate."""
    if currency == wanted:
        return amount
    if currency not in rates or not rates.get(wanted):
        return None
    return (amount * rates[currency] / rates[wanted]).quantize(_CENT, ROUND_HALF_UP)


def sums_of(
    a: Any, deal_id: int, amount: Decimal | None, currency: str, *, today: int = 0
) -> PaymentSums:
    """What was and will be paid for a deal, asked of a reader or a transaction: its own payments,
    and what its child deals collect from the client."""
    children = [row[0] for row in a.rows(_CHILDREN, (deal_id,))]
    collected = [
        line
        for lines in of_deals(a, children, today=today).values()
        for line in lines
        if line.direction == "in"
    ]
    return sums_here(a, [*of_deal(a, deal_id, today=today), *collected], amount, currency)


def sums_here(
    a: Any, lines: Sequence[PaymentLine], amount: Decimal | None, currency: str
) -> PaymentSums:
    """What lines add up to at the present rates, which are asked for only where needed."""
    foreign = any(one.currency != currency for one in lines)
    rates = board.rates(a, board.currency(a)) if foreign else {}
    return sums(lines, amount, currency, rates)


def find_contractors(a: Asks, text: str, *, limit: int = 8) -> list[str]:
    """Names of contractors that hold ``text``, those that begin so first."""
    typed = key(text)
    return [
        row[0]
        for row in a.rows(
            "SELECT name FROM contractor WHERE deleted_at IS NULL AND instr(name_key, ?) > 0 "
            "ORDER BY instr(name_key, ?) <> 1, name_key LIMIT ?",
            (typed, typed, limit),
        )
    ]


# -- verbs ----------------------------------------------------------------------------------------


def add(
    store: Store,
    deal_id: int,
    new: NewPayment,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Add a payment to a deal; returns the command. Raises Invalid with one sentence."""
    with store.command("payment.add", now=now, person=person, origin=origin) as tx:
        title, _ = _deal(tx, deal_id)
        write_new(tx, deal_id, new)
        tx.set_detail(title=title)
    return tx.command_id


def write_new(tx: Transaction, deal_id: int, new: NewPayment) -> int:
    """Insert a payment inside a transaction; returns its id."""
    _title, currency = _deal(tx, deal_id)
    row = _checked(
        tx,
        {
            "direction": new.direction, "amount": new.amount,
            "currency": new.currency or currency, "planned_day": new.planned_day,
            "actual_day": new.actual_day, "contractor": new.contractor, "note": new.note,
        },
    )  # fmt: skip
    [made] = tx.insert("payment", [{"deal_id": deal_id, **row}])
    tx.touch("deal", [deal_id])
    return made


def change(
    store: Store, payment_id: int, values: Mapping[str, Any], *, person: int | None, now: int
) -> int:
    """Set fields of a payment: direction, amount, currency, planned_day, actual_day, contractor (a
    name), note. Returns the command; raises Invalid with one sentence."""
    with store.command("payment.change", now=now, person=person) as tx:
        deal_id, _ = _payment(tx, payment_id)
        tx.update("payment", [{"id": payment_id, **_checked(tx, values)}])
        tx.set_detail(title=_deal(tx, deal_id)[0])
        tx.touch("deal", [deal_id])
    return tx.command_id


def pay(
    store: Store,
    payment_id: int,
    *,
    amount: Decimal | None = None,
    day: int | None = None,
    person: int | None,
    now: int,
) -> Paid:
    """Mark a planned payment as paid on ``day`` (today unless given).

    A smaller ``amount`` splits the line, a larger one becomes the line's amount. Raises Refused for
    one that is paid already, Invalid for an amount that is none or a day that has not come yet.
    """
    with store.command("payment.pay", now=now, person=person) as tx:
        deal_id, paid = _pay(tx, payment_id, amount, day)
        tx.set_detail(title=_deal(tx, deal_id)[0])
        tx.touch("deal", [deal_id])
    return replace(paid, command_id=tx.command_id)


def _pay(
    tx: Transaction, payment_id: int, amount: Decimal | None, day: int | None
) -> tuple[int, Paid]:
    """Mark a line as paid inside a command; the deal, and what that did."""
    deal_id, row = _payment(tx, payment_id)
    if row["actual_day"] is not None:
        raise Refused(N_("This payment is marked as paid already; nothing was changed."))
    planned = amount_of(row["amount"])
    paid = planned if amount is None else amount_of(_amount(amount))
    fields: dict[str, Any] = {"actual_day": tx.zone.day_of(tx.now) if day is None else day}
    if paid != planned:
        fields["amount"] = paid
    tx.update("payment", [{"id": payment_id, **_checked(tx, fields)}])
    rest_id = None
    if paid < planned:
        rest = {**row, "amount": money_of(planned - paid), "deal_id": deal_id}
        [rest_id] = tx.insert("payment", [rest])
    zero = Decimal(0)
    rest_of, over = max(planned - paid, zero), max(paid - planned, zero)
    return deal_id, Paid(tx.command_id, payment_id, rest_id, rest_of, over)


def receive(tx: Transaction, deal_id: int, new: NewPayment) -> None:
    """Money came in, inside a command: it pays the planned lines of the same currency in their
    order, the deal's own first, then those that its children collect, the last of them in part if
    need be; what is more than was planned is a payment of its own."""
    _title, currency = _deal(tx, deal_id)
    today = tx.zone.day_of(tx.now)
    left = amount_of(_amount(new.amount))
    wanted = (_currency(new.currency or currency), new.actual_day)
    left = _settle(tx, of_deal(tx, deal_id, today=today), left, *wanted)
    children = [row[0] for row in tx.rows(_CHILDREN, (deal_id,))] if left else []
    # Whoever takes the money at the sale may not be who collects it: the plan is met all the same.
    with tx.unwatched():
        for child, lines in of_deals(tx, children, today=today).items():
            before, left = left, _settle(tx, lines, left, *wanted)
            if left != before:
                tx.touch("deal", [child])
    if left:
        write_new(tx, deal_id, replace(new, amount=left))
    tx.touch("deal", [deal_id])


_CHILDREN = "SELECT id FROM deal WHERE parent_id = ? AND deleted_at IS NULL ORDER BY id"


def _settle(
    tx: Transaction, lines: Sequence[PaymentLine], left: Decimal, currency: str, day: int | None
) -> Decimal:
    """Pay the planned lines that money comes in by, as far as it goes; what is left of it."""
    for one in lines:
        if left and one.state != "paid" and (one.direction, one.currency) == ("in", currency):
            taken = min(left, one.amount)
            _pay(tx, one.id, taken, day)
            left -= taken
    return left


def unpay(store: Store, payment_id: int, *, person: int | None, now: int) -> int:
    """Take back that a payment was made: it is planned again. Returns the command."""
    return change(store, payment_id, {"actual_day": None}, person=person, now=now)


def remove(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Remove payments; undo brings them back. Returns the command."""
    with store.command("payment.remove", now=now, person=person) as tx:
        deals = {_payment(tx, payment_id)[0] for payment_id in ids}
        tx.delete("payment", ids)
        tx.set_detail(title=_deal(tx, min(deals))[0], count=len(ids))
        tx.touch("deal", sorted(deals))
    return tx.command_id


# -- inside ---------------------------------------------------------------------------------------

_COLUMNS = (
    "direction", "amount", "currency", "planned_day", "actual_day", "contractor_id", "note"
)  # fmt: skip


def _payment(tx: Transaction, payment_id: int) -> tuple[int, dict[str, Any]]:
    row = tx.row(
        f"SELECT deal_id, {', '.join(_COLUMNS)} FROM payment WHERE id = ? AND deleted_at IS NULL",
        (payment_id,),
    )
    if row is None:
        raise NotFound(_GONE)
    return int(row[0]), dict(zip(_COLUMNS, row[1:], strict=True))


def _deal(tx: Transaction, deal_id: int) -> tuple[str, str]:
    row = tx.row("SELECT title, currency FROM deal WHERE id = ? AND deleted_at IS NULL", (deal_id,))
    if row is None:
        raise NotFound(N_("This deal does not exist any more; nothing was changed."))
    return str(row[0]), str(row[1])


def _checked(tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a payment for these fields; raises Invalid with one sentence."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        if name == "amount":
            row["amount"] = _amount(value)
        elif name == "direction":
            row["direction"] = _direction(value)
        elif name == "currency":
            row["currency"] = _currency(value)
        elif name == "planned_day":
            row["planned_day"] = value
        elif name == "actual_day":
            row["actual_day"] = _actual(value, tx.zone.day_of(tx.now))
        elif name == "contractor":
            row["contractor_id"] = _contractor(tx, value)
        elif name == "note":
            row["note"] = (str(value or "").strip() or None) and str(value).strip()[:_LONGEST_NOTE]
        else:
            raise Invalid(N_("A payment has no field “{name}” that can be changed."), name=name)
    return row


def _amount(value: Any) -> int:
    kept = amounts.above_nothing(value)
    if kept is None:
        raise Invalid(N_("A payment needs an amount above 0; nothing was changed."))
    return kept


def _direction(value: Any) -> str:
    if value not in ("in", "out"):
        raise Invalid(N_("A payment comes in or goes out, not “{value}”."), value=value)
    return str(value)


def _currency(value: Any) -> str:
    code = str(value or "").strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise Invalid(N_("“{value}” is not a currency code such as RUB."), value=value)
    return code


def _actual(value: Any, today: int) -> int | None:
    if value is not None and int(value) > today:
        raise Invalid(N_("A payment cannot have been made on a day that has not come yet."))
    return None if value is None else int(value)


def _contractor(tx: Transaction, value: Any) -> int | None:
    name = clean(str(value or ""))
    if not name:
        return None
    sql = "SELECT id FROM contractor WHERE name_key = ? AND deleted_at IS NULL ORDER BY id LIMIT 1"
    found = tx.value(sql, (key(name),))
    if found is not None:
        return int(found)
    return tx.insert("contractor", [{"name": name, "name_key": key(name)}])[0]
