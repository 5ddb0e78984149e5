"""When people are away, who stands in for them, and which tasks are theirs to take over."""

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Away:
    """An absence that has not ended, in words; ``now`` tells that it has begun, ``tasks`` how many
    open tasks should be done by someone else."""

    absence: Absence
    name: str
    substitute: str | None
    now: bool
    tasks: int


def away(r: Any, people: frozenset[int] | None = None, *, now: int) -> list[Away]:
    """Absences of these people (None: of everybody) that end today or later, the earliest first."""
    today = r.zone.day_of(now)
    found = [
        Absence(*row[:5])
        for row in r.rows(
            "SELECT id, person_id, first_day, last_day, substitute_id FROM absence "
            "WHERE deleted_at IS NULL AND last_day >= ? ORDER BY first_day, id",
            (today,),
        )
        if people is None or row[1] in people
    ]
    named = {one.person_id for one in found} | {one.substitute_id or 0 for one in found}
    names = dict(r.rows_of("SELECT id, name FROM person WHERE id IN ({ids})", named))
    until = max((one.last_day for one in found), default=today) + 1
    dues = _open_tasks(r, {one.person_id for one in found}, r.zone.start_of(until))
    return [
        Away(
            one, names.get(one.person_id, ""), names.get(one.substitute_id or 0),
            one.first_day <= today, len(_within(r, one, dues.get(one.person_id, []), today)),
        )
        for one in found
    ]  # fmt: skip


def tasks_to_hand_over(r: Any, absence_id: int, *, now: int) -> list[int]:
    """Open tasks of someone absent that are due before they are back, by due moment: of an absence
    that has begun the late ones too, of a coming one those that are due in it."""
    row = r.row(
        "SELECT id, person_id, first_day, last_day, substitute_id FROM absence "
        "WHERE id = ? AND deleted_at IS NULL",
        (absence_id,),
    )
    if row is None:
        return []
    absence = Absence(*row)
    until = r.zone.start_of(absence.last_day + 1)
    mine = _open_tasks(r, {absence.person_id}, until).get(absence.person_id, [])
    return _within(r, absence, mine, r.zone.day_of(now))


def _open_tasks(r: Any, people: set[int], until: int) -> dict[int, list[tuple[int, int]]]:
    """(due moment, task) of the open tasks of people that are due before a moment, in order."""
    found: dict[int, list[tuple[int, int]]] = {}
    if not people:
        return found
    inside = ", ".join(map(str, sorted(people)))
    for person, due, task in r.rows(
        "SELECT t.assignee_id, t.due_at, t.id FROM task t LEFT JOIN deal d ON d.id = t.deal_id "
        "WHERE t.state = 'open' AND t.deleted_at IS NULL AND t.due_at < ? "
        f"AND t.assignee_id IN ({inside}) AND d.deleted_at IS NULL ORDER BY t.due_at, t.id",
        (until,),
    ):
        found.setdefault(person, []).append((due, task))
    return found


def _within(r: Any, absence: Absence, dues: list[tuple[int, int]], today: int) -> list[int]:
    until = r.zone.start_of(absence.last_day + 1)
    since = r.zone.start_of(absence.first_day) if absence.first_day > today else None
    return [task for due, task in dues if due < until and (since is None or due >= since)]


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


def end_absence(
    store: Store, absence_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Someone is back today: yesterday was the last day away. An absence that would have begun
    today or later is taken away."""
    with store.command("absence.end", now=now, person=person, origin=origin) as tx:
        require_lead(tx, person, _whose(tx, absence_id))
        today = tx.zone.day_of(now)
        first = tx.value("SELECT first_day FROM absence WHERE id = ?", (absence_id,))
        if first < today:
            tx.update("absence", [{"id": absence_id, "last_day": today - 1}])
        else:
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
