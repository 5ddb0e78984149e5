"""People as they are found, by the words of their names; those who left come last."""

from collections.abc import Sequence

from salesdesk.models.fulltext import split
from salesdesk.models.store import Reader
from salesdesk.services.search_memory import Memory, Words


def named(r: Reader, parts: Sequence[str]) -> list[int]:
    """People whose names hold words that begin so."""
    return list(_MEMORY.of(r).holding(parts))


def learn(r: Reader) -> None:
    """Read what the first key would wait for."""
    _MEMORY.of(r)


def _read(r: Reader) -> Words:
    rows = r.rows("SELECT id, name FROM person WHERE deleted_at IS NULL ORDER BY last_day, id")
    return [(key, split(name)) for key, name in rows]


_MEMORY = Memory(("person",), _read)
