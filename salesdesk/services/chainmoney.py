"""The money of a deal and of its children together: what came in, what goes out, to whom.

Questions alone; amounts are Decimal in the deal's currency at the present rates, days ordinals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.services import board, payments
from salesdesk.services.payments import PaymentLine

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Flow:
    """Payments one way: ``paid``, ``due`` (planned and not paid yet), and ``late``, the part of it
    whose day has passed, since ``late_since``. ``next_day`` is the nearest day still to come."""

    paid: Decimal = _NOTHING
    due: Decimal = _NOTHING
    late: Decimal = _NOTHING
    late_since: int | None = None
    next_day: int | None = None

    @property
    def whole(self) -> Decimal:
        """Paid and due together."""
        return self.paid + self.due

    def __bool__(self) -> bool:
        return bool(self.paid or self.due)


@dataclass(frozen=True, slots=True)
class ContractorFlow:
    """What goes out to one contractor; payments to nobody named are of ``None``."""

    id: int | None
    name: str | None
    flow: Flow


@dataclass(frozen=True, slots=True)
class ChainMoney:
    """All payments of a deal and its children. ``deals`` counts the children that have payments,
    ``takes_in`` says whether one of them has money coming in; ``unrated`` are currencies that could
    not be counted."""

    currency: str
    incoming: Flow
    outgoing: Flow
    contractors: tuple[ContractorFlow, ...] = ()
    deals: int = 0
    takes_in: bool = False
    unrated: tuple[str, ...] = ()

    def is_more(self) -> bool:
        """Whether it tells more than the deal's own payments from the client."""
        return bool(self.deals or self.outgoing)


def of_chain(
    a: Any, own: Sequence[PaymentLine], children: Sequence[int], currency: str, *, today: int
) -> ChainMoney:
    """The money of a deal with the lines ``own`` and of its children, asked of a reader or a
    transaction."""
    theirs = payments.of_deals(a, children, today=today)
    lines = [*own, *(line for each in theirs.values() for line in each)]
    rates = {}
    if any(one.currency != currency for one in lines):
        rates = board.rates(a, board.currency(a))
    valued: list[tuple[PaymentLine, Decimal]] = []
    unrated = set()
    for one in lines:
        value = payments.converted(one.amount, one.currency, currency, rates)
        if value is None:
            unrated.add(one.currency)
        else:
            valued.append((one, value))
    out = [each for each in valued if each[0].direction == "out"]
    return ChainMoney(
        currency,
        _flow(each for each in valued if each[0].direction == "in"),
        _flow(out),
        _contractors(out),
        len(theirs),
        any(line.direction == "in" for each in theirs.values() for line in each),
        tuple(sorted(unrated)),
    )


def _contractors(out: Sequence[tuple[PaymentLine, Decimal]]) -> tuple[ContractorFlow, ...]:
    """By contractor, late ones first, then by name; those without a name at the end."""
    names = {one.contractor_id: one.contractor for one, _ in out}
    found = [
        ContractorFlow(key, name, _flow(each for each in out if each[0].contractor_id == key))
        for key, name in names.items()
    ]
    found.sort(key=lambda one: (not one.flow.late, one.name is None, (one.name or "").casefold()))
    return tuple(found)


def _flow(lines: Iterable[tuple[PaymentLine, Decimal]]) -> Flow:
    totals = {"paid": _NOTHING, "planned": _NOTHING, "late": _NOTHING}
    late: list[int] = []
    coming: list[int] = []
    for one, value in lines:
        totals[one.state] += value
        if one.planned_day is not None and one.state != "paid":
            (late if one.state == "late" else coming).append(one.planned_day)
    return Flow(
        totals["paid"], totals["planned"] + totals["late"], totals["late"],
        min(late, default=None), min(coming, default=None),
    )  # fmt: skip
