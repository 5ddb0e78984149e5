"""What a page of numbers can be limited to: teams, people, pipelines; read at once."""

from dataclasses import dataclass
from typing import Any

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Choices:
    """Teams in the order of their tree, everybody by name, pipelines in their order."""

    #: (id, name, depth in the tree)
    teams: tuple[tuple[int, str, int], ...]
    people: tuple[tuple[int, str], ...]
    #: (id, name, whether it counts in the ranking)
    pipelines: tuple[tuple[int, str, bool], ...]

    def team_options(self, all_of_them: str) -> list[tuple[int, str]]:
        """For a switcher: 0 is all of them, teams inside others stand further right."""
        return [(0, all_of_them), *((key, "   " * deep + name) for key, name, deep in self.teams)]


def choices(r: Any) -> Choices:
    """What can be chosen now."""
    from salesdesk.services import people, pipelines

    teams = people.teams(r)
    found: list[tuple[int, str, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for team in teams:
            if team.parent_id == parent and depth < _DEEPEST:
                found.append((team.id, team.name, depth))
                walk(team.id, depth + 1)

    walk(None, 0)
    return Choices(
        tuple(found),
        tuple((person.id, person.name) for person in people.people(r)),
        tuple((one.id, one.name, one.counts) for one in pipelines.pipelines(r)),
    )
