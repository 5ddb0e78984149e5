"""The checklist of a task: lines, ticked or not, as the database keeps them and back."""

import json
from collections.abc import Iterable

from salesdesk.names import clean

#: Lines with whether each is ticked, in their order.
Checklist = tuple[tuple[str, bool], ...]


def read(kept: str | None) -> Checklist:
    """The lines of a task; none for an empty value and for one that is no checklist."""
    try:
        found = json.loads(kept) if kept else []
        return tuple((str(line), bool(ticked)) for line, ticked in found)
    except (TypeError, ValueError):
        return ()


def kept(lines: Iterable[tuple[str, bool]]) -> str | None:
    """What the database keeps of lines; empty ones are left out, None is kept of none."""
    found = [[clean(line), bool(ticked)] for line, ticked in lines if clean(line)]
    return json.dumps(found, ensure_ascii=False) if found else None


def unticked(lines: Iterable[str]) -> str | None:
    """The same for the lines of a rule, none of them done yet."""
    return kept((line, False) for line in lines)
