"""Values of fields as text: what both ends agreed upon is kept as JSON, exactly."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from salesdesk.services.sync.remote import Value

_DECIMAL = "decimal"
#: Made once: ``json.dumps`` makes one for each text.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def packed(fields: Mapping[str, Value]) -> str:
    """Fields as JSON; equal fields give equal texts."""
    plain = {name: _plain(value) for name, value in fields.items()}
    return _encode(plain)


def unpacked(text: str) -> dict[str, Value]:
    """The fields again; raises ``ValueError`` for a text that ``packed`` did not write."""
    read = json.loads(text)
    if not isinstance(read, dict):
        raise ValueError
    return {name: _value(kept) for name, kept in read.items()}


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return {_DECIMAL: format(value.normalize(), "f")}
    return list(value) if isinstance(value, tuple) else value


def _value(kept: Any) -> Value:
    if isinstance(kept, dict):
        return Decimal(kept[_DECIMAL])
    if isinstance(kept, list):
        return tuple(kept)
    if kept is None or isinstance(kept, str | int | bool):
        return kept
    raise ValueError
