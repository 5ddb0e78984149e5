"""Whose work the control desk looks at, and what of it is there at all."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND

DAY = DAY_SECONDS * SECOND
_FEW = 1000
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Whose:
    """The work of these ``people`` (None: of everybody), and what is ``nobody``'s."""

    people: frozenset[int] | None = None
    nobody: bool = True

    def has(self, person_id: int | None) -> bool:
        """Whether work of this person (None: of nobody) is looked at."""
        if person_id is None:
            return self.nobody
        return self.people is None or person_id in self.people

    def only(self, person_id: int | None) -> "Whose":
        """The same, limited to one person; to everybody again with None."""
        if person_id is None:
            return self
        return Whose(frozenset((person_id,)) if self.has(person_id) else frozenset(), False)

    def where(self, column: str) -> str:
        """A condition on ``column``, to be put behind another one; empty when there is none."""
        if self.people is None:
            return "" if self.nobody else f" AND {column} IS NOT NULL"
        # Of no people: NULL is equal to nothing. An empty list would leave the index named in the
        # question without a use, which SQLite refuses.
        inside = f"{column} IN ({', '.join(map(str, sorted(self.people))) or 'NULL'})"
        return f" AND ({inside} OR {column} IS NULL)" if self.nobody else f" AND {inside}"


@dataclass(frozen=True, slots=True)
class Days:
    """The moments that the desk is about."""

    now: int
    today: int
    tomorrow: int
    after: int

    @classmethod
    def of(cls, r: Any, now: int) -> "Days":
        """Today and the two days after it, as their first moments."""
        day = r.zone.day_of(now)
        starts = [r.zone.start_of(day + step) for step in range(3)]
        return cls(now, *starts)


def living(r: Reader) -> str:
    """A condition on ``t``: the task's deal is not deleted (deleted deals are few)."""
    gone = r.rows(f"SELECT id FROM deal WHERE deleted_at IS NOT NULL LIMIT {_FEW + 1}")
    if not gone:
        return ""
    inside = ", ".join(str(row[0]) for row in gone)
    if len(gone) > _FEW:
        inside = "SELECT id FROM deal WHERE deleted_at IS NOT NULL"
    return f" AND (t.deal_id IS NULL OR t.deal_id NOT IN ({inside}))"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the desk can be limited to.

    ``root`` names all that the person sees (empty: everybody), ``teams`` are (id, name, depth in
    the tree) of the teams in it, ``seen`` the people (None: everybody).
    """

    root: str
    teams: tuple[tuple[int, str, int], ...]
    seen: frozenset[int] | None


def choices(r: Reader, person_id: int | None, *, now: int) -> Choices:
    """The teams that a person may look at, in the order of their tree."""
    from salesdesk.services import people, rights

    seen = rights.seen_people(r, person_id, day=r.zone.day_of(now))
    known = people.teams(r)
    everybody = people.people(r)
    shown = {team.id for team in known}
    if seen is not None:
        own = {one.team_id for one in everybody if one.id in seen}
        led = {team.id for team in known if team.lead_id == person_id}
        inside = set[int]().union(*(people.teams_within(r, team) for team in led))
        shown = {team.id for team in known if team.id in inside | own}
    found: list[tuple[int, str, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for team in known:
            if team.parent_id == parent and depth < _DEEPEST:
                if team.id in shown:
                    found.append((team.id, team.name, depth))
                walk(team.id, depth + (team.id in shown))

    walk(None, 0)
    tops = [team for team in found if team[2] == 0]
    root = tops[0][1] if seen is not None and len(tops) == 1 else ""
    if root:  # all of it already has the name of the one team at the top
        found = [(key, name, depth) for key, name, depth in found if depth > 0]
    return Choices(root, tuple(found), seen)


def whose(r: Reader, person_id: int | None, team_id: int | None, *, now: int) -> Whose:
    """The work of a team's tree, of what the person sees of it; without a team all of that."""
    from salesdesk.services import people, rights

    seen = rights.seen_people(r, person_id, day=r.zone.day_of(now))
    if team_id is None:
        return Whose(seen)
    members = frozenset(people.team_members(r, team_id))
    return Whose(members if seen is None else members & seen, nobody=False)


def names(r: Reader, ids: Collection[int]) -> dict[int, str]:
    """What people are called, those who were deleted too."""
    return dict(r.rows_of("SELECT id, name FROM person WHERE id IN ({ids})", ids))
