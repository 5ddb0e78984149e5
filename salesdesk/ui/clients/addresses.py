"""The address of the page of clients: its filters and the client that is opened, as texts."""

from collections.abc import Mapping

from salesdesk.services.clientlist import SORTS, ClientFilter, ClientKind, ClientSort

_NUMBERS = {"source": "source_id", "industry": "industry_id", "quiet": "quiet_days"}


def address_of(chosen: ClientFilter, client: int | None) -> dict[str, str]:
    """What an address tells of a list and its panel."""
    found = {"text": chosen.text, "kind": chosen.kind or ""}
    for name, field in _NUMBERS.items():
        value = getattr(chosen, field)
        found[name] = "" if value is None else str(value)
    found["sort"] = "" if chosen.sort == "name" else chosen.sort
    found["client"] = "" if client is None else str(client)
    return {name: value for name, value in found.items() if value}


def filter_of(
    parts: Mapping[str, str], sort: ClientSort = "name"
) -> tuple[ClientFilter, int | None]:
    """The filter and the client that an address names; what it does not know is left out."""
    kind: ClientKind | None = None
    if parts.get("kind") == "company":
        kind = "company"
    elif parts.get("kind") == "contact":
        kind = "contact"
    sort = next((each for each in SORTS if each == parts.get("sort")), sort)
    numbers = {field: _number(parts.get(name)) for name, field in _NUMBERS.items()}
    chosen = ClientFilter(parts.get("text", ""), kind, sort=sort, **numbers)  # type: ignore[arg-type]
    return chosen, _number(parts.get("client"))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
