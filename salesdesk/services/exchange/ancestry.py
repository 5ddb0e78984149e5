"""Parents of deals as a file gives them: none may be its own ancestor."""

from collections.abc import Mapping
from typing import Any, TypeAlias

#: A deal that is known by its id, one of the file by its external id.
Node: TypeAlias = int | str


def in_circles(r: Any, told: Mapping[Node, Node]) -> set[Node]:
    """Of deals with the parent that a file gives each: those that would be among their own
    ancestors. Deals that the file says nothing of have the parents that they have."""
    above = {**_stored(r, told), **told}
    found: set[Node] = set()
    seen: set[Node] = set()
    for node in told:
        path: dict[Node, int] = {}
        while node in above and node not in seen and node not in path:
            path[node] = len(path)
            node = above[node]
        if node in path:
            found.update(each for each, place in path.items() if place >= path[node])
        seen.update(path)
    return found


def _stored(r: Any, told: Mapping[Node, Node]) -> dict[Node, Node]:
    """By deal the parent that it has, of those that the file leads to, and of theirs."""
    found: dict[Node, Node] = {}
    wanted = {parent for parent in told.values() if isinstance(parent, int)} - told.keys()
    while wanted:
        rows = r.rows_of(
            "SELECT id, parent_id FROM deal WHERE parent_id IS NOT NULL AND id IN ({ids})",
            sorted(wanted),
        )
        found.update(rows)
        wanted = {parent for _, parent in rows} - told.keys() - found.keys()
    return found
