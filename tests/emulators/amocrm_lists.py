"""Lists of the emulated account: pages without totals, filters, orders; and how it refuses."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.emulators import php

if TYPE_CHECKING:
    from tests.emulators.amocrm import Account

#: Orders that are documented, where they are not those of leads.
ORDERS = {"tasks": ("created_at", "complete_till", "id"), "notes": ("id", "updated_at")}


class Refusal(Exception):
    """The account says no."""

    def __init__(self, status: int, detail: str = "", errors: Any = None) -> None:
        self.status, self.detail, self.errors = status, detail, errors
        super().__init__(detail)

    @classmethod
    def of(cls, code: str, path: str) -> "Refusal":
        """A value that is not taken."""
        return cls(400, errors=[{"code": code, "path": path, "detail": "This value is not valid."}])


def listed(account: "Account", path: str, name: str, rows: list[Any], query: Any) -> Any:
    limit, page = int(query.get("limit") or 50), int(query.get("page") or 1)
    if limit > 250:
        raise Refusal(400, "limit")
    part = rows[(page - 1) * limit : page * limit]
    if not part:
        return None
    links = {"self": {"href": f"{account.url}{path}"}}
    if page * limit < len(rows):
        same = php.query({**query, "page": page + 1})
        links["next"] = {"href": f"{account.url}{path}?{same}"}
    return {"_page": page, "_links": links, "_embedded": {name: part}}


def ids(chosen: Any) -> set[int] | None:
    if chosen is None:
        return None
    values = chosen.values() if isinstance(chosen, dict) else chosen
    return {int(one) for one in ([values] if isinstance(values, str) else values)}


def chosen(account: "Account", kind: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = list(account.rows[kind].values())
    deleted = "only_deleted" in str(query.get("with") or "")
    if kind != "tasks":
        rows = [row for row in rows if bool(row["is_deleted"]) == deleted]
    wanted = query.get("filter") or {}
    if account.filters:
        keys = ids(wanted.get("id"))
        rows = [row for row in rows if keys is None or row["id"] in keys]
        since = (wanted.get("updated_at") or {}).get("from")
        rows = [row for row in rows if since is None or row["updated_at"] >= int(since)]
        for key, values in (wanted.get("custom_fields_values") or {}).items():
            texts = {str(one) for one in (values.values() if isinstance(values, dict) else values)}
            rows = [row for row in rows if _own(row, int(key)) & texts]
        if kind == "tasks" and wanted.get("entity_id"):
            owners = ids(wanted["entity_id"]) or set()
            rows = [row for row in rows if row["entity_id"] in owners]
    if query.get("query"):
        text = str(query["query"])
        rows = [row for row in rows if text in json.dumps(row)]
    return ordered(rows, kind, query)


def ordered(
    rows: list[dict[str, Any]], kind: str, query: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows in one of the orders that there are."""
    order = query.get("order") or {}
    column, way = next(iter(order.items()), ("id", "asc"))
    if column not in ORDERS.get(kind, ("id", "created_at", "updated_at")):
        raise Refusal(400, f"order {column}")
    return sorted(rows, key=lambda row: (row[column], row["id"]), reverse=way == "desc")


def shown(row: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it is answered: contacts only when they are asked for."""
    embedded = dict(row.get("_embedded") or {})
    if "contacts" not in str(query.get("with") or ""):
        embedded.pop("contacts", None)
    return {**row, "_embedded": embedded} if "_embedded" in row else dict(row)


def _own(row: Mapping[str, Any], key: int) -> set[str]:
    return {
        str(value["value"])
        for one in row["custom_fields_values"] or ()
        if one["field_id"] == key
        for value in one["values"]
    }
