"""Parameters in brackets, as PHP reads them: ``fields[name][0]=x`` is a list inside a map; and
answers as it writes them in XML."""

from collections.abc import Iterable, Iterator
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree


def parsed(query: str) -> dict[str, Any]:
    """The nested values of a query or of an urlencoded body."""
    return _nested(parse_qsl(query, keep_blank_values=True))


def multipart(kind: str, body: bytes) -> dict[str, Any]:
    """The nested values of a form in parts; ``kind``: its type, with the boundary."""
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    pairs = []
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and part is not message:
            name = part.get_param("name", header="content-disposition")
            pairs.append((str(name), content.decode()))
    return _nested(pairs)


def _nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
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


def xml(values: Any) -> bytes:
    """Nested values as a document; members of lists are called ``item``."""
    root = ElementTree.Element("response")
    _grow(root, values)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + bytes(ElementTree.tostring(root))


def _grow(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, list):
        value = {str(place): one for place, one in enumerate(value)}
    if isinstance(value, dict):
        for name, one in value.items():
            tag = "item" if str(name).isdecimal() else str(name)
            _grow(ElementTree.SubElement(element, tag), one)
    elif value is True:
        element.text = "1"
    elif value is not None and value is not False:
        element.text = str(value)
