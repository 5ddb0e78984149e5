"""Parameters in brackets, as PHP reads them: ``fields[name][0]=x`` is a list inside a map."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode


def parsed(query: str) -> dict[str, Any]:
    """The nested values of a query or of an urlencoded body."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        head, *rest = name.replace("]", "").split("[")
        _put(found, [head, *rest], value)
    return {name: _listed(value) for name, value in found.items()}


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    name, *rest = path
    if name == "":
        name = str(len(into))
    if not rest:
        into[name] = value
        return
    below = into.setdefault(name, {})
    if isinstance(below, dict):
        _put(below, rest, value)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {name: _listed(each) for name, each in value.items()}
    if made and list(made) == [str(place) for place in range(len(made))]:
        return list(made.values())
    return made


def query(values: Any, prefix: str = "") -> str:
    """Nested values as a query again."""
    return urlencode(list(_flat(values, prefix)))


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _flat(one, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _flat(one, f"{name}[{place}]")
    else:
        yield name, str(value)
