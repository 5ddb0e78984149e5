"""What each person may see and do: managers their own (or their team's), team leads the tree of
their teams, administrators everything.

Rights guard against slips, not against whoever holds the file (docs/roles.md). Nobody in
particular (``person_id`` empty: a script, or nobody chosen yet) is bound by no role; and while
there is neither a team lead nor an administrator, nobody is. What belongs to nobody is everybody's.
Every write is held against this by ``rights_guard``; here are the questions asked beforehand.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from salesdesk.errors import Refused
from salesdesk.services.records import Asks
from salesdesk.text import N_

#: What can be asked of ``may``. The last four are about the records whose ids are given.
Action = Literal[
    "settings", "people", "stages", "configuration", "admin",  # an administrator's
    "plans", "rulings", "override", "accept", "import", "lead",  # a team lead's
    "deal", "task", "client", "undo",
]  # fmt: skip
ACTIONS: tuple[str, ...] = get_args(Action)
_ADMIN = frozenset({"settings", "people", "stages", "configuration", "admin"})
_LEAD = frozenset({"plans", "rulings", "override", "accept", "lead", "import"})

ONLY_ADMIN = N_("Only an administrator may change this; nothing was changed.")
ONLY_LEAD = N_("Only a team lead or an administrator may do this; nothing was changed.")
ONLY_OWN_FILTER = N_("This filter is somebody else's; nothing was changed.")
_NOT_YOURS = {
    "deal": N_("“{title}” is a deal of {name}: only {name}, their team lead or an administrator "
               "may change it."),
    "task": N_("“{title}” is a task of {name}: only {name}, their team lead or an administrator "
               "may change it."),
    "client": N_("“{title}” is a client of {name}: only {name}, their team lead or an "
                 "administrator may change it."),
    "undo": N_("This was done by {name}: only {name}, their team lead or an administrator may take "
               "it back."),
}  # fmt: skip
_SCRIPT = -1  # stands for the person of a command that nobody in particular ran
_NOBODYS = N_("This was done by a script: only a team lead or an administrator may take it back.")


@dataclass(frozen=True, slots=True)
class _Person:
    role: str
    team_id: int | None
    supervisor_id: int | None


@dataclass(frozen=True)
class Ranks:
    """Who leads whom, as of one reading; ``day`` (an ordinal) is the day of the latest command,
    which stands for today where nobody says which day it is."""

    people: dict[int, _Person]
    parents: dict[int, int | None]
    leads: dict[int, int | None]
    standing_in: tuple[tuple[int, int, int, int], ...]
    has_admin: bool
    has_lead: bool
    managers_see: str
    day: int
    #: Who has not left.
    here: frozenset[int] = frozenset()

    def role(self, person_id: int) -> str:
        """The role; somebody unknown is a manager."""
        found = self.people.get(person_id)
        return found.role if found else "manager"

    def is_free(self, person_id: int | None) -> bool:
        """Whether nothing binds them: nobody, an administrator, anybody while nobody leads."""
        return person_id is None or not self.has_lead or self.role(person_id) == "admin"

    def may_configure(self, person_id: int | None) -> bool:
        """Administrators; anybody while there is none."""
        return person_id is None or not self.has_admin or self.role(person_id) == "admin"

    def may_lead(self, person_id: int | None) -> bool:
        """Team leads and administrators; anybody while there are neither."""
        free = self.is_free(person_id)
        return free or (person_id is not None and self.role(person_id) == "team_lead")

    def led(self, person_id: int) -> frozenset[int]:
        """Whom a team lead leads: the people of the own team, of the teams led, of those inside,
        and whoever names them as supervisor; not themselves."""
        if self.role(person_id) != "team_lead":
            return frozenset()
        own = self.people[person_id].team_id
        teams = {team for team, lead in self.leads.items() if lead == person_id} | {own}
        teams = self._within(teams - {None})
        return frozenset(
            key
            for key, one in self.people.items()
            if key != person_id
            and (one.team_id in teams or self._supervisor(key, one) == person_id)
        )

    def _supervisor(self, key: int, one: _Person) -> int | None:
        if one.supervisor_id is not None and one.supervisor_id != key:
            return one.supervisor_id
        team, seen = one.team_id, set[int]()
        while team is not None and team not in seen:
            if self.leads.get(team) not in (None, key):
                return self.leads[team]
            seen.add(team)
            team = self.parents.get(team)
        return None

    def _within(self, teams: set[Any]) -> set[Any]:
        found, grown = set(teams), True
        while grown:
            inside = {team for team, parent in self.parents.items() if parent in found}
            grown = not inside <= found
            found |= inside
        return found

    def scope(self, person_id: int | None, day: int | None = None) -> frozenset[int] | None:
        """Whose deals, tasks and clients they see and change, those for whom they stand in on
        that ``day`` included; None: everybody's."""
        if person_id is None or self.is_free(person_id):
            return None
        if self.role(person_id) == "team_lead":
            found = self.led(person_id)
        elif self.managers_see == "all":
            return None
        else:
            found = self._mates(person_id) if self.managers_see == "team" else frozenset()
        away = {
            absent
            for absent, substitute, first, last in self.standing_in
            if substitute == person_id and first <= (day or self.day) <= last
        }
        return found | away | {person_id}

    def _mates(self, person_id: int) -> frozenset[int]:
        known = self.people.get(person_id)
        if known is None or known.team_id is None:
            return frozenset()
        return frozenset(key for key, one in self.people.items() if one.team_id == known.team_id)


def ranks(r: Asks) -> Ranks:
    """Who leads whom, as the reader (or the transaction) sees it."""
    rows = r.rows(
        "SELECT id, role, team_id, supervisor_id, last_day FROM person WHERE deleted_at IS NULL"
    )
    teams = r.rows("SELECT id, parent_id, lead_id FROM team WHERE deleted_at IS NULL")
    away = r.rows(
        "SELECT person_id, substitute_id, first_day, last_day FROM absence "
        "WHERE deleted_at IS NULL AND substitute_id IS NOT NULL"
    )
    setting = r.value(
        "SELECT value FROM setting WHERE name = 'managers_see' AND deleted_at IS NULL"
    )
    latest = r.value("SELECT at FROM command ORDER BY id DESC LIMIT 1")
    today = r.zone.day_of(latest or 0)
    present = [row for row in rows if row[4] is None or row[4] >= today]
    here = {row[1] for row in present}
    return Ranks(
        people={row[0]: _Person(*row[1:4]) for row in rows},
        parents={row[0]: row[1] for row in teams},
        leads={row[0]: row[2] for row in teams},
        standing_in=tuple((row[0], row[1], row[2], row[3]) for row in away),
        has_admin="admin" in here,
        has_lead=bool(here & {"admin", "team_lead"}),
        managers_see=str(json.loads(setting)) if setting else "own",
        day=today,
        here=frozenset(row[0] for row in present),
    )


# --- questions -----------------------------------------------------------------------------------


def seen_people(r: Asks, person_id: int | None, *, day: int | None = None) -> frozenset[int] | None:
    """Whose deals, tasks and clients someone sees and changes: ids of people, None for everybody.

    A manager: themselves, their team or everybody, by the workspace's setting; a team lead: the
    tree of the teams; an administrator and nobody in particular: everybody; all of them also those
    for whom they stand in on ``day`` (an ordinal). What belongs to nobody is seen by all.
    """
    return ranks(r).scope(person_id, day)


def may(r: Asks, person_id: int | None, action: str, *ids: int, day: int | None = None) -> bool:
    """Whether someone may do something (see ``Action``); ``ids`` are the records that it is about:
    deals, tasks, clients or (``undo``) commands. Without ids ``deal`` and the like are allowed."""
    known = ranks(r)
    if not may_with(known, person_id, action):
        return False
    return action not in _SUBJECTS or not _strangers(r, known, person_id, action, ids, day)


def may_with(known: Ranks, person_id: int | None, action: str) -> bool:
    """The same for whoever holds the ranks already, of no record in particular. Raises
    ``ValueError`` when there is no such action."""
    if action not in ACTIONS:
        raise ValueError(action)
    if action in _ADMIN:
        return known.may_configure(person_id)
    return action not in _LEAD or known.may_lead(person_id)


def may_decide_for(r: Asks, person_id: int | None, other_id: int) -> bool:
    """Whether someone may decide for another one: an administrator for everybody, a team lead for
    whom they lead (never for themselves)."""
    known = ranks(r)
    return known.is_free(person_id) or other_id in known.led(person_id or 0)


def led_by_another(r: Asks, person_id: int) -> bool:
    """Whether anybody else may decide for someone: an administrator, or a lead of theirs."""
    known = ranks(r)
    return any(
        one.role == "admin" or person_id in known.led(key)
        for key, one in known.people.items()
        if key != person_id and key in known.here
    )


# --- refusals ------------------------------------------------------------------------------------


def require(
    r: Asks,
    person_id: int | None,
    action: str,
    *ids: int,
    day: int | None = None,
    known: Ranks | None = None,
) -> None:
    """Raise ``Refused``, saying who may, unless ``may`` allows it."""
    known = known or ranks(r)
    if action in _ADMIN | _LEAD:
        if not may_with(known, person_id, action):
            raise Refused(ONLY_ADMIN if action in _ADMIN else ONLY_LEAD)
        return
    found = _strangers(r, known, person_id, action, ids, day)
    if found:
        title, owner = found[0]
        if owner == _SCRIPT:
            raise Refused(_NOBODYS)
        name = r.value("SELECT name FROM person WHERE id = ?", (owner,))
        raise Refused(_NOT_YOURS[action], title=title, name=name)


def require_deals(r: Asks, person_id: int | None, ids: Iterable[int]) -> None:
    """Raise ``Refused`` unless someone may change all these deals."""
    require(r, person_id, "deal", *ids)


#: Whose records are: (id, title, owner), a line for each owner of whom one suffices; a record
#: without a line (or with empty owners only) is nobody's. ``{ids}`` are the keys.
_SUBJECTS: dict[str, str] = {
    "deal": "SELECT id, title, owner_id FROM deal WHERE id IN ({ids})",
    "task": (
        "WITH x AS (SELECT id, title, assignee_id, deal_id, supervisor_id FROM task "
        "WHERE id IN ({ids})) SELECT id, title, assignee_id FROM x "
        "UNION ALL SELECT x.id, x.title, d.owner_id FROM x JOIN deal d ON d.id = x.deal_id "
        "UNION ALL SELECT id, title, supervisor_id FROM x"
    ),
    "client": (
        "WITH x AS (SELECT id, name, company_id FROM client WHERE id IN ({ids})), "
        "d AS (SELECT x.id, x.name, deal.owner_id FROM x JOIN deal ON deal.client_id = x.id "
        "WHERE deal.deleted_at IS NULL UNION ALL SELECT x.id, x.name, deal.owner_id FROM x "
        "JOIN deal ON deal.contact_id = x.id WHERE deal.deleted_at IS NULL "
        "UNION ALL SELECT x.id, x.name, deal.owner_id FROM x JOIN deal "
        "ON deal.client_id = x.company_id WHERE deal.deleted_at IS NULL) "
        "SELECT DISTINCT id, name, owner_id FROM d"
    ),
    "undo": f"SELECT id, kind, coalesce(person_id, {_SCRIPT}) FROM command WHERE id IN ({{ids}})",
}


def _strangers(
    r: Asks, known: Ranks, person_id: int | None, action: str, ids: Iterable[int], day: int | None
) -> list[tuple[str, int]]:
    """Of these records the ones that are none of this person's business, with an owner each."""
    keys = list(ids)
    if person_id is None or not keys:
        return []
    if action == "undo":
        free = known.is_free(person_id)
        scope = None if free else known.led(person_id) | {person_id}
        if scope is not None and known.may_lead(person_id):
            scope |= {_SCRIPT}
    else:
        scope = known.scope(person_id, day)
    if scope is None:
        return []
    owners: dict[int, list[tuple[str, int]]] = {}
    for key, title, owner in r.rows_of(_SUBJECTS[action], keys):
        if owner is not None:
            owners.setdefault(key, []).append((title, owner))
    return [found[0] for found in owners.values() if not any(owner in scope for _, owner in found)]
