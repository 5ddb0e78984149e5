"""When people are away, and who stands in for them."""

from dataclasses import dataclass

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Store, Transaction
from salesdesk.services.people import NO_PERSON, require_lead
from salesdesk.services.records import Asks, Saved, must_exist
from salesdesk.text import N_


@dataclass(frozen=True, slots=True)
class Absence:
    """Days ``first_day..last_day``, both included."""

    id: int
    person_id: int
    first_day: int
    last_day: int
    substitute_id: int | None = None


def absences(r: Asks, person_id: int | None = None) -> list[Absence]:
    """Absences of one person or of everybody, the earliest first."""
    found = r.rows(
        "SELECT id, person_id, first_day, last_day, substitute_id FROM absence "
        "WHERE deleted_at IS NULL ORDER BY first_day, id"
    )
    return [Absence(*row) for row in found if person_id in (None, row[1])]


def add_absence(
    store: Store,
    person_id: int,
    first_day: int,
    last_day: int,
    substitute_id: int | None = None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Someone is away; a team lead may say so for the own team, an administrator for everybody."""
    with store.command("absence.add", now=now, person=person, origin=origin) as tx:
        must_exist(tx, "person", person_id, NO_PERSON)
        require_lead(tx, person, person_id)
        key = write_absence(tx, None, person_id, first_day, last_day, substitute_id)
    return Saved(tx.command_id, key)


def change_absence(
    store: Store,
    absence_id: int,
    first_day: int,
    last_day: int,
    substitute_id: int | None = None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change the days or the substitute of an absence."""
    with store.command("absence.change", now=now, person=person, origin=origin) as tx:
        away = _whose(tx, absence_id)
        require_lead(tx, person, away)
        write_absence(tx, absence_id, away, first_day, last_day, substitute_id)
    return Saved(tx.command_id, absence_id)


def remove_absence(
    store: Store, absence_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Take an absence away."""
    with store.command("absence.remove", now=now, person=person, origin=origin) as tx:
        require_lead(tx, person, _whose(tx, absence_id))
        tx.delete("absence", [absence_id])
    return Saved(tx.command_id, absence_id)


def write_absence(
    tx: Transaction,
    absence_id: int | None,
    person_id: int,
    first_day: int,
    last_day: int,
    substitute_id: int | None,
) -> int:
    """Add or change an absence inside a transaction; returns the id."""
    if last_day < first_day:
        raise Invalid(N_("An absence cannot end before it begins."))
    if substitute_id is not None:
        must_exist(tx, "person", substitute_id, NO_PERSON)
        if substitute_id == person_id:
            raise Invalid(N_("Nobody can stand in for themselves."))
    row = {"first_day": first_day, "last_day": last_day, "substitute_id": substitute_id}
    if absence_id is None:
        return tx.insert("absence", [{"person_id": person_id, **row}])[0]
    tx.update("absence", [{"id": absence_id, **row}])
    return absence_id


def _whose(tx: Transaction, absence_id: int) -> int:
    found = tx.value(
        "SELECT person_id FROM absence WHERE id = ? AND deleted_at IS NULL", (absence_id,)
    )
    if found is None:
        raise NotFound(N_("There is no such absence any more; nothing was changed."))
    return int(found)
