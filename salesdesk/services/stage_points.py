"""What reaching a stage earns, and from which day on."""

from dataclasses import dataclass
from decimal import Decimal

from salesdesk.errors import Invalid
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import points_int, points_of
from salesdesk.services.people import require_admin
from salesdesk.services.records import Asks, must_exist
from salesdesk.text import N_

#: Points by milestone when nobody says otherwise.
DEFAULT_POINTS = {
    "new": Decimal("0.1"),
    "meeting_scheduled": Decimal(1),
    "meeting_held": Decimal(3),
    "contract_signed": Decimal(7),
    "advance_paid": Decimal(15),
    "won": Decimal(35),
    "lost": Decimal(0),
}
_LIMIT = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a stage from a day on (empty: since ever)."""

    id: int
    stage_id: int
    valid_from: int | None
    points: Decimal


def points_history(r: Asks, stage_id: int | None = None) -> list[Points]:
    """What a stage (or every stage) earned from when on, the earliest first."""
    found = r.rows(
        "SELECT id, stage_id, valid_from, points FROM stage_points WHERE deleted_at IS NULL "
        "ORDER BY stage_id, coalesce(valid_from, 0), id"
    )
    return [
        Points(key, stage, day, points_of(points))
        for key, stage, day, points in found
        if stage_id in (None, stage)
    ]


def set_points(
    store: Store,
    stage_id: int,
    points: Decimal,
    *,
    valid_from: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set the points of a stage; returns the command id.

    From the day ``valid_from`` on, whatever was planned for later days, or for all time when it is
    empty. Raises ``Invalid`` for a number that points cannot be.
    """
    with store.command("points.set", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "stage", stage_id, N_("There is no such stage any more."))
        write_points(tx, stage_id, points, valid_from)
    return tx.command_id


def write_points(tx: Transaction, stage_id: int, points: Decimal, valid_from: int | None) -> None:
    """Set points inside a transaction (see ``set_points``)."""
    if not points.is_finite() or not -_LIMIT < points < _LIMIT:
        raise Invalid(N_("Points cannot be “{value}”."), value=points)
    kept, later = None, []
    for entry in points_history(tx, stage_id):
        if entry.valid_from == valid_from:
            kept = entry.id
        elif valid_from is None or (entry.valid_from or 0) > valid_from:
            later.append(entry.id)
    tx.delete("stage_points", later)
    if kept is not None:
        tx.update("stage_points", [{"id": kept, "points": points_int(points)}])
        return
    tx.insert(
        "stage_points",
        [{"stage_id": stage_id, "valid_from": valid_from, "points": points_int(points)}],
    )
