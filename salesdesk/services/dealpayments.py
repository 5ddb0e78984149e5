"""What the history of a deal says of its payments: one event for each payment and command."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import logplay
from salesdesk.services.logplay import Row, Step

_FIELDS = (
    "direction", "amount", "currency", "planned_day", "actual_day", "contractor_id", "note"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a payment.

    ``kind``: ``payment`` (planned), ``payment_paid``, ``payment_unpaid``, ``payment_changed``
    (amount or currency), ``payment_due`` (its planned day), ``payment_noted`` (whom to, which way,
    a note), ``payment_removed``, ``payment_restored``. ``old`` and ``new`` are raw amounts or days
    (``holds``); ``about`` is the contractor or the note.
    """

    seq: int
    command_id: int
    kind: str
    direction: str
    currency: str
    old: int | None = None
    new: int | None = None
    holds: str = "money"
    about: str | None = None


def told(r: Reader, log: Sequence[Row]) -> list[Told]:
    """Events from lines (id, table, payment, field, old, new, command) of the log."""
    lines = logplay.by_record(log)
    now = logplay.present(r, "payment", _FIELDS, sorted(lines))
    contractors = _contractors(r, lines, now)
    found: list[Told] = []
    for payment, rows in lines.items():
        if payment in now:
            found += _of_payment(rows, now[payment], contractors)
    return found


def _contractors(
    r: Reader, lines: dict[int, list[Row]], now: dict[int, dict[str, Any]]
) -> dict[int, str]:
    ids = {row["contractor_id"] for row in now.values()}
    for rows in lines.values():
        ids.update(key for row in rows if row[3] == "contractor_id" for key in row[4:6])
    return dict(
        r.rows_of("SELECT id, name FROM contractor WHERE id IN ({ids})", sorted(ids - {None}))
    )


def _of_payment(
    rows: list[Row], present: dict[str, Any], contractors: dict[int, str]
) -> list[Told]:
    """One event for each command that touched the payment, in their order."""
    found = []
    for step in logplay.steps(rows, present):
        event = _event(step)
        if event is not None:
            kind, old, new, holds = event
            state = step.after
            about = contractors.get(state["contractor_id"]) or state["note"]
            found.append(
                Told(
                    step.seq, step.command_id, kind, state["direction"], state["currency"], old,
                    new, holds, about,
                )
            )  # fmt: skip
    return found


def _event(step: Step) -> tuple[str, Any, Any, str] | None:
    """Kind, old, new and what they hold: the weightiest of what a command changed."""
    fields, before, after = step.fields, step.before, step.after
    amount = after["amount"]
    if None in fields:
        return ("payment" if after["actual_day"] is None else "payment_paid"), None, amount, "money"
    if "deleted_at" in fields:
        gone = fields["deleted_at"][5] is not None
        if gone:
            return "payment_removed", amount, None, "money"
        return "payment_restored", None, amount, "money"
    if "actual_day" in fields and (before["actual_day"] is None) != (after["actual_day"] is None):
        if after["actual_day"] is None:
            return "payment_unpaid", None, amount, "money"
        return "payment_paid", None, amount, "money"
    if "amount" in fields or "currency" in fields:
        return "payment_changed", before["amount"], amount, "money"
    for name in ("planned_day", "actual_day"):
        if name in fields:
            return "payment_due", before[name], after[name], "day"
    return ("payment_noted", None, amount, "money") if fields else None
