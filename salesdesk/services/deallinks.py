"""What a deal is linked with: its parent and its children, where they stand, what they are worth;
and the stage ahead that opens when enough of the deal is paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import board
from salesdesk.services.cards import StageKind
from salesdesk.services.payments import converted


@dataclass(frozen=True, slots=True)
class LinkedDeal:
    """The parent of the deal, or a child.

    ``since`` is when it entered its stage, ``overdue`` how many of its tasks are overdue; both are
    told of the present only.
    """

    id: int
    number: int
    title: str
    pipeline: str
    stage: str
    amount: Decimal | None
    currency: str
    is_parent: bool
    kind: StageKind = "open"
    colour: str = "slate"
    owner_id: int | None = None
    owner: str | None = None
    since: int | None = None
    cost: Decimal | None = None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Gate:
    """A stage ahead that opens when ``percent`` of ``amount`` are paid; ``paid`` percent are."""

    stage: str
    percent: int
    amount: Decimal
    currency: str
    paid: int


@dataclass(frozen=True, slots=True)
class Profit:
    """What a deal leaves, in ``currency``: its amount less its own cost and the ``costs`` of its
    children. ``unrated`` are currencies of costs that could not be counted."""

    gross: Decimal
    costs: Decimal
    currency: str
    unrated: tuple[str, ...] = ()


_LINKED = (
    "SELECT d.id, d.number, d.title, l.name, s.name, d.amount, d.currency, d.id = ?, s.kind, "
    "s.colour, d.owner_id, p.name, d.since, d.cost, CASE WHEN d.next_due < ? THEN (SELECT count(*) "
    "FROM task t WHERE t.deal_id = d.id AND t.state = 'open' AND t.deleted_at IS NULL "
    "AND t.due_at < ?) ELSE 0 END FROM deal d JOIN stage s ON s.id = d.stage_id "
    "JOIN pipeline l ON l.id = s.pipeline_id LEFT JOIN person p ON p.id = d.owner_id "
    "WHERE d.deleted_at IS NULL AND {where} ORDER BY s.kind <> 'open', d.id"
)


def linked(r: Reader, deal_id: int, parent_id: int | None, *, now: int) -> tuple[LinkedDeal, ...]:
    """The parent, then the children, those still open first."""
    rows = []
    if parent_id is not None:
        rows += r.rows(_LINKED.format(where="d.id = ?"), (parent_id, now, now, parent_id))
    rows += r.rows(_LINKED.format(where="d.parent_id = ?"), (0, now, now, deal_id))
    return tuple(_line(row) for row in rows)


def _line(row: tuple[Any, ...]) -> LinkedDeal:
    key, number, title, pipeline, stage, amount, currency, is_parent, *rest = row
    kind, colour, owner_id, owner, since, cost, overdue = rest
    return LinkedDeal(
        key, number, title, pipeline, stage, _money(amount), currency, bool(is_parent),
        kind, colour, owner_id, owner, since, _money(cost), overdue,
    )  # fmt: skip


def _money(kept: int | None) -> Decimal | None:
    return None if kept is None else amount_of(kept)


def gate(
    r: Reader, stage_id: int, amount: Decimal | None, currency: str, paid: int | None
) -> Gate | None:
    """The next stage of the pipeline that asks for more than the ``paid`` percent of the amount."""
    if not amount:
        return None
    row = r.row(
        "SELECT s.name, s.paid_percent FROM stage s JOIN stage here ON here.id = ? "
        "WHERE s.pipeline_id = here.pipeline_id AND s.position > here.position "
        "AND s.deleted_at IS NULL AND NOT s.archived AND s.paid_percent > ? "
        "ORDER BY s.position, s.id LIMIT 1",
        (stage_id, paid or 0),
    )
    return None if row is None else Gate(row[0], row[1], amount, currency, paid or 0)


def profit(
    r: Reader,
    amount: Decimal | None,
    cost: Decimal | None,
    currency: str,
    children: Sequence[LinkedDeal],
) -> Profit | None:
    """The gross profit of a deal whose children have costs, at the present rates; else None."""
    costly = [one for one in children if not one.is_parent and one.cost]
    if amount is None or not costly:
        return None
    rates: dict[str, Decimal] = {}
    if any(one.currency != currency for one in costly):
        rates = board.rates(r, board.currency(r))
    costs, unrated = Decimal(0), set()
    for one in costly:
        value = converted(one.cost or Decimal(0), one.currency, currency, rates)
        if value is None:
            unrated.add(one.currency)
        else:
            costs += value
    gross = amount - (cost or 0) - costs
    return Profit(gross, costs, currency, tuple(sorted(unrated)))
