"""What the history of a deal says of contractors' prices: one event for each price and command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import logplay
from salesdesk.services.logplay import Row, Step

_FIELDS = (
    "contractor_id", "service_id", "price", "currency", "accepted", "planned_day", "actual_day"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a price.

    ``kind``: ``quote`` (a price was given), ``quote_accepted``, ``quote_declined``,
    ``quote_changed`` (price or currency), ``quote_due`` (the day agreed upon), ``quote_undated``
    (none any more), ``quote_done`` (the day on which the work was done), ``quote_undone`` (it is
    not), ``quote_removed``, ``quote_restored``. ``old`` and ``new`` are raw amounts or days
    (``holds``).
    """

    seq: int
    command_id: int
    kind: str
    contractor: str
    service: str | None
    currency: str
    old: int | None
    new: int | None
    holds: str


def told(r: Reader, log: Sequence[Row]) -> Iterator[Told]:
    """Events from lines (id, table, quote, field, old, new, command) of the log."""
    lines = logplay.by_record(log)
    now = logplay.present(r, "contractor_quote", _FIELDS, sorted(lines))
    names = _names(r, "contractor", "contractor_id", lines, now)
    services = _names(r, "service", "service_id", lines, now)
    for quote, rows in lines.items():
        for step in logplay.steps(rows, now[quote]) if quote in now else ():
            event = _event(step)
            if event is not None:
                kind, old, new, holds = event
                after = step.after
                yield Told(
                    step.seq, step.command_id, kind, names.get(after["contractor_id"], ""),
                    services.get(after["service_id"]), after["currency"], old, new, holds,
                )  # fmt: skip


def _names(
    r: Reader, table: str, column: str, lines: dict[int, list[Row]], now: dict[int, dict[str, Any]]
) -> dict[int, str]:
    """Names of all records that the column has held."""
    ids = {row[column] for row in now.values()}
    ids.update(key for rows in lines.values() for row in rows if row[3] == column
               for key in row[4:6])  # fmt: skip
    found = r.rows_of(f"SELECT id, name FROM {table} WHERE id IN ({{ids}})", sorted(ids - {None}))
    return dict(found)


def _event(step: Step) -> tuple[str, Any, Any, str] | None:
    """Kind, old, new and what they hold: the weightiest of what a command changed."""
    fields, before, after = step.fields, step.before, step.after
    price = after["price"]
    if None in fields:
        return ("quote_accepted" if after["accepted"] else "quote"), None, price, "money"
    if "deleted_at" in fields:
        if fields["deleted_at"][5] is not None:
            return "quote_removed", price, None, "money"
        return "quote_restored", None, price, "money"
    if "accepted" in fields:
        return ("quote_accepted" if after["accepted"] else "quote_declined"), None, price, "money"
    if "actual_day" in fields:
        if after["actual_day"] is None:
            return "quote_undone", None, None, "day"
        return "quote_done", None, after["actual_day"], "day"
    if "price" in fields or "currency" in fields:
        return "quote_changed", before["price"], price, "money"
    if "planned_day" in fields:
        kind = "quote_undated" if after["planned_day"] is None else "quote_due"
        return kind, before["planned_day"], after["planned_day"], "day"
    return None
