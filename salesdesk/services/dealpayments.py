"""What the history of a deal says of its payments: one event for each payment and command.

The lines of the log are played from the first to the last, so that each event tells the amount and
the currency that the payment had then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader

Row = tuple[Any, ...]
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
    lines: dict[int, list[Row]] = {}
    for row in sorted(log):
        lines.setdefault(row[2], []).append(row)
    now = _present(r, sorted(lines))
    contractors = _contractors(r, lines, now)
    found: list[Told] = []
    for payment, rows in lines.items():
        if payment in now:
            found += _of_payment(rows, now[payment], contractors)
    return found


def _present(r: Reader, ids: list[int]) -> dict[int, dict[str, Any]]:
    rows = r.rows_of(f"SELECT id, {', '.join(_FIELDS)} FROM payment WHERE id IN ({{ids}})", ids)
    return {row[0]: dict(zip(_FIELDS, row[1:], strict=True)) for row in rows}


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
    state = dict(present)
    for row in reversed(rows):  # back to what it was at first
        if row[3] in state:
            state[row[3]] = row[4]
    found = []
    by_command: dict[int, list[Row]] = {}
    for row in rows:
        by_command.setdefault(row[6], []).append(row)
    for command, group in by_command.items():
        before = dict(state)
        for row in group:
            if row[3] in state:
                state[row[3]] = row[5]
        event = _event(group, before, state)
        if event is not None:
            kind, old, new, holds = event
            about = contractors.get(state["contractor_id"]) or state["note"]
            found.append(
                Told(
                    group[0][0], command, kind, state["direction"], state["currency"], old, new,
                    holds, about,
                )
            )  # fmt: skip
    return found


def _event(
    group: list[Row], before: dict[str, Any], after: dict[str, Any]
) -> tuple[str, Any, Any, str] | None:
    """Kind, old, new and what they hold: the weightiest of what a command changed."""
    fields = {row[3]: row for row in group}
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
