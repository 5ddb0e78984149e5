"""Who works here: people, their teams and absences, and what each may do.

A command by nobody in particular (``person`` empty: the workspace is being set up by a script) is
bound by no role; whoever is chosen on this machine is bound by theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from salesdesk import names
from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services import rights
from salesdesk.services.ordering import reorder
from salesdesk.services.records import (
    Asks,
    Saved,
    free_name,
    last_position,
    mark_dependents,
    must_exist,
    set_fields,
)
from salesdesk.text import N_, tr

Role = Literal["manager", "team_lead", "admin"]
ROLES: tuple[str, ...] = get_args(Role)
ROLE_NAMES = {
    "manager": N_("Manager"),
    "team_lead": N_("Team lead"),
    "admin": N_("Administrator"),
}

NO_PERSON = N_("There is no such person any more; nothing was changed.")
NO_TEAM = N_("There is no such team any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works here; days are ordinals, both included."""

    id: int
    name: str
    role: Role = "manager"
    team_id: int | None = None
    supervisor_id: int | None = None
    email: str | None = None
    phone: str | None = None
    in_ranking: bool = True
    first_day: int | None = None
    last_day: int | None = None
    external_id: str | None = None

    def works_on(self, day: int) -> bool:
        """Whether the day lies between the first and the last day of work."""
        return (self.first_day is None or self.first_day <= day) and (
            self.last_day is None or day <= self.last_day
        )


@dataclass(frozen=True, slots=True)
class Team:
    """A department or a group inside one."""

    id: int
    name: str
    parent_id: int | None = None
    lead_id: int | None = None
    position: int = 0


_PERSON_COLUMNS = ", ".join(field.name for field in fields(Person))
_TEAM_COLUMNS = ", ".join(field.name for field in fields(Team))
#: What can be given to ``add_person`` and ``change_person`` beside the name.
PERSON_FIELDS = tuple(field.name for field in fields(Person) if field.name not in ("id", "name"))
TEAM_FIELDS = ("parent_id", "lead_id")


# --- questions ---------------------------------------------------------------------------------


def people(r: Asks, *, on_day: int | None = None) -> list[Person]:
    """Everybody by name, those who left too; with ``on_day`` those who work here that day."""
    found = [
        _person(row)
        for row in r.rows(f"SELECT {_PERSON_COLUMNS} FROM person WHERE deleted_at IS NULL")
    ]
    found.sort(key=lambda person: (person.name.casefold(), person.id))
    return [person for person in found if on_day is None or person.works_on(on_day)]


def _person(row: tuple[Any, ...]) -> Person:
    values = dict(zip(_PERSON_COLUMNS.split(", "), row, strict=True))
    return Person(**{**values, "in_ranking": bool(values["in_ranking"])})


def person_of(r: Asks, person_id: int) -> Person:
    """One person; raises ``NotFound``."""
    row = r.row(
        f"SELECT {_PERSON_COLUMNS} FROM person WHERE id = ? AND deleted_at IS NULL", (person_id,)
    )
    if row is None:
        raise NotFound(NO_PERSON)
    return _person(row)


def teams(r: Asks) -> list[Team]:
    """All teams, in their order."""
    return [
        Team(*row)
        for row in r.rows(
            f"SELECT {_TEAM_COLUMNS} FROM team WHERE deleted_at IS NULL ORDER BY position, id"
        )
    ]


def teams_within(r: Asks, team_id: int) -> set[int]:
    """The team and all teams inside it."""
    return _within({team.id: team.parent_id for team in teams(r)}, team_id)


def _within(parents: Mapping[int, int | None], team_id: int) -> set[int]:
    found, grown = {team_id}, True
    while grown:
        inside = {team for team, parent in parents.items() if parent in found}
        grown = not inside <= found
        found |= inside
    return found


def team_members(r: Asks, team_id: int) -> list[int]:
    """Ids of the people in the team and in the teams inside it, those who left too."""
    inside = teams_within(r, team_id)
    return [person.id for person in people(r) if person.team_id in inside]


def find_person(r: Asks, text: str) -> Person:
    """The person of that name (or part of it, when only one has it), else of that id.

    Raises ``NotFound`` for nobody and ``Invalid`` when several fit.
    """
    everybody = people(r)
    wanted = names.key(text)
    found = [person for person in everybody if names.key(person.name) == wanted]
    if not found and wanted.isdecimal():
        found = [person for person in everybody if person.id == int(wanted)]
    if not found and wanted:
        found = [person for person in everybody if wanted in names.key(person.name).split()]
    if not found:
        raise NotFound(N_("There is no person “{name}” here."), name=names.clean(text))
    return _only(found, text)


def find_team(r: Asks, text: str) -> Team:
    """The team of that name, else of that id; raises ``NotFound``."""
    wanted = names.key(text)
    everything = teams(r)
    found = [team for team in everything if names.key(team.name) == wanted]
    if not found and wanted.isdecimal():
        found = [team for team in everything if team.id == int(wanted)]
    if not found:
        raise NotFound(N_("There is no team “{name}” here."), name=names.clean(text))
    return found[0]


def _only(found: list[Person], text: str) -> Person:
    if len(found) > 1:
        raise Invalid(
            N_("“{name}” may be {people}; say which one."),
            name=names.clean(text),
            people=", ".join(person.name for person in found),
        )
    return found[0]


# --- what each may do --------------------------------------------------------------------------


def may_configure(r: Asks, person_id: int | None) -> bool:
    """Whether someone may change the configuration: administrators; anybody while there is none."""
    return rights.may(r, person_id, "admin")


def require_admin(r: Asks, person_id: int | None) -> None:
    """Raise ``Refused`` unless the person may change the configuration."""
    rights.require(r, person_id, "admin")


def may_lead(r: Asks, person_id: int | None, other_id: int) -> bool:
    """Whether someone may decide for another one: an administrator, a team lead for the people of
    the own team and of the teams led and supervised, not for themselves; anybody while there is
    neither a team lead nor an administrator."""
    return rights.may_decide_for(r, person_id, other_id)


def require_lead(r: Asks, person_id: int | None, other_id: int) -> None:
    """Raise ``Refused`` unless the person may decide for the other one."""
    if not may_lead(r, person_id, other_id):
        raise Refused(
            N_("Only the team lead of {name} or an administrator may do this."),
            name=person_of(r, other_id).name,
        )


# --- verbs: people -----------------------------------------------------------------------------


def add_person(
    store: Store,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Add someone; ``values`` are fields of ``PERSON_FIELDS``. Raises ``Invalid``, ``Refused``."""
    with store.command("person.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        key = write_person(tx, None, {**(values or {}), "name": name})
    return Saved(tx.command_id, key)


def change_person(
    store: Store,
    person_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change fields of someone (``name`` and ``PERSON_FIELDS``).

    Whether a person is in the ranking holds for all time: their deals are counted anew.
    """
    with store.command("person.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "person", person_id, NO_PERSON)
        write_person(tx, person_id, values)
    return Saved(tx.command_id, person_id)


def write_person(tx: Transaction, person_id: int | None, values: Mapping[str, Any]) -> int:
    """Add or change someone inside a transaction; returns the id."""
    row = _checked_person(tx, person_id, values)
    if person_id is None:
        return tx.insert("person", [row])[0]
    old = tx.value("SELECT in_ranking FROM person WHERE id = ?", (person_id,))
    set_fields(tx, "person", person_id, row)
    if row.get("in_ranking", old) != old:
        mark_dependents(tx, "person", [person_id], ["in_ranking"])
    return person_id


def _checked_person(
    tx: Transaction, person_id: int | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field, value in values.items():
        if field == "name":
            row |= free_name(tx, "person", str(value), but=person_id)
        elif field in PERSON_FIELDS:
            row[field] = int(value) if field == "in_ranking" else value
        else:
            raise NotFound(N_("A person has no field “{name}”."), name=field)
    if row.get("role", "manager") not in ROLES:
        raise Invalid(N_("“{role}” is no role."), role=row["role"])
    if row.get("team_id") is not None:
        must_exist(tx, "team", row["team_id"], NO_TEAM)
    if row.get("supervisor_id") is not None:
        must_exist(tx, "person", row["supervisor_id"], NO_PERSON)
        if row["supervisor_id"] == person_id:
            raise Invalid(N_("Nobody is their own supervisor."))
    first, last = _days_of(tx, person_id, row)
    if first is not None and last is not None and last < first:
        raise Invalid(N_("The last day of work cannot come before the first."))
    return row


def _days_of(tx: Transaction, person_id: int | None, row: Mapping[str, Any]) -> tuple[Any, Any]:
    old = tx.row("SELECT first_day, last_day FROM person WHERE id = ?", (person_id,)) or (None,) * 2
    return row.get("first_day", old[0]), row.get("last_day", old[1])


def remove_person(
    store: Store,
    person_id: int,
    *,
    last_day: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Someone leaves: ``last_day`` (default today) is the last one of work, and everything they did
    stays. Someone whom no deal, task, plan or rule ever named was a mistake and is deleted."""
    with store.read() as r:
        kind = "person.leave" if _left_traces(r, person_id) else "person.remove"
    with store.command(kind, now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        first = person_of(tx, person_id).first_day
        if _left_traces(tx, person_id):
            day = tx.zone.day_of(now) if last_day is None else last_day
            day = day if first is None else max(first, day)
            tx.update("person", [{"id": person_id, "last_day": day}])
        else:
            tx.delete("person", [person_id])
    return Saved(tx.command_id, person_id)


def _left_traces(r: Asks, person_id: int) -> bool:
    return any(
        r.row(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", (person_id,)) is not None
        for table, column in (
            ("stage_move", "owner_id"), ("stage_move", "mover_id"), ("owner_change", "person_id"),
            ("task_change", "assignee_id"), ("command", "person_id"), ("plan", "person_id"),
            ("task_rule", "assignee_id"), ("link_rule", "assignee_id"), ("norm", "person_id"),
            ("deal_person", "person_id"), ("contractor_quote", "person_id"),
            ("contractor_rating", "person_id"),
        )
    )  # fmt: skip


def restore_person(
    store: Store, person_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Someone who left (or was deleted) works here again."""
    with store.command("person.restore", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        name = tx.value("SELECT name FROM person WHERE id = ?", (person_id,))
        if name is None:
            raise NotFound(NO_PERSON)
        free_name(tx, "person", name, but=person_id)
        tx.update("person", [{"id": person_id, "last_day": None, "deleted_at": None}])
    return Saved(tx.command_id, person_id)


# --- verbs: teams ------------------------------------------------------------------------------


def add_team(
    store: Store,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Add a team; ``values``: parent_id, lead_id."""
    with store.command("team.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        key = write_team(tx, None, {**(values or {}), "name": name})
    return Saved(tx.command_id, key)


def change_team(
    store: Store,
    team_id: int,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change a team (name, parent_id, lead_id); a team cannot be put inside itself."""
    with store.command("team.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "team", team_id, NO_TEAM)
        write_team(tx, team_id, values)
    return Saved(tx.command_id, team_id)


def write_team(tx: Transaction, team_id: int | None, values: Mapping[str, Any]) -> int:
    """Add or change a team inside a transaction; returns the id."""
    row: dict[str, Any] = {}
    for field, value in values.items():
        if field == "name":
            row |= free_name(tx, "team", str(value), but=team_id)
        elif field in TEAM_FIELDS:
            row[field] = value
        else:
            raise NotFound(N_("A team has no field “{name}”."), name=field)
    if row.get("lead_id") is not None:
        must_exist(tx, "person", row["lead_id"], NO_PERSON)
    parent = row.get("parent_id")
    if parent is not None:
        must_exist(tx, "team", parent, NO_TEAM)
        if team_id is not None and parent in teams_within(tx, team_id):
            raise Invalid(N_("A team cannot be inside itself."))
    if team_id is None:
        return tx.insert("team", [{**row, "position": last_position(tx, "team")}])[0]
    set_fields(tx, "team", team_id, row)
    return team_id


def remove_team(
    store: Store, team_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Remove a team without people; raises ``Refused`` with their number."""
    with store.command("team.remove", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "team", team_id, NO_TEAM)
        inside = [team for team in teams(tx) if team.parent_id == team_id]
        members = [someone for someone in people(tx) if someone.team_id == team_id]
        if inside or members:
            raise Refused(
                N_("There are {people} people and {teams} teams in “{name}”: move them first."),
                people=len(members),
                teams=len(inside),
                name=tx.value("SELECT name FROM team WHERE id = ?", (team_id,)),
            )
        tx.delete("team", [team_id])
    return Saved(tx.command_id, team_id)


def reorder_teams(
    store: Store, ids: Iterable[int], *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Put the teams in another order; returns the command id."""
    return reorder(
        store, "team", ids, lambda tx: (team.id for team in teams(tx)),
        person=person, now=now, origin=origin,
    )  # fmt: skip


def role_name(role: str) -> str:
    """What a role is called, in the chosen language."""
    return tr(ROLE_NAMES[role])
