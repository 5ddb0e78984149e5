"""Users of the emulated portal and their custom fields: who may write them, and with which scope.

The vendor's documentation that is at hand does not describe these methods; they are as strict as
those of the deals' custom fields.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.emulators.bitrix24_methods import Refusal, paged

if TYPE_CHECKING:
    from tests.emulators.bitrix24 import Portal

_PREFIX = "UF_USR_"
_TYPES = {"string", "integer", "double", "boolean", "datetime", "date", "enumeration"}
_OWN = {"NAME", "LAST_NAME", "EMAIL", "WORK_POSITION", "ACTIVE"}


def _require(portal: "Portal", scope: str, by: int, own: bool = False) -> None:
    """``own``: it is about the caller, who needs not be an administrator."""
    if scope not in portal.scopes:
        raise Refusal(403, "insufficient_scope", "The request requires higher privileges")
    if by not in portal.admins and not own:
        raise Refusal(403, "ACCESS_DENIED", "Access denied!")


def _add(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    _require(portal, "user.userfield", by)
    fields = params.get("fields") or {}
    if not fields.get("FIELD_NAME") or not fields.get("USER_TYPE_ID"):
        raise Refusal(400, "", "FIELD_NAME")
    name = str(fields["FIELD_NAME"]).upper()
    name = name if name.startswith(_PREFIX) else f"{_PREFIX}{name}"
    if len(name) > 50 or not re.fullmatch(r"[A-Z0-9_]+", name) or name in portal.people_fields:
        raise Refusal(400, "ERROR_CORE", name)
    if fields["USER_TYPE_ID"] not in _TYPES:
        raise Refusal(400, "ERROR_CORE", "USER_TYPE_ID")
    key = str(portal.key())
    portal.people_fields[name] = {**fields, "FIELD_NAME": name, "ENTITY_ID": "USER", "ID": key}
    return int(key), {}


def _list(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    _require(portal, "user.userfield", by)
    return paged(portal.people_fields.values(), params)


def _update(portal: "Portal", params: Mapping[str, Any], by: int) -> Any:
    key = str(params.get("ID") or "")
    _require(portal, "user", by, key == str(by))
    if not key:
        raise Refusal(400, "100", "Could not find value for parameter {ID}")
    if key not in portal.people:
        raise Refusal(400, "ERROR_CORE", "User not found")
    known = (_OWN | set(portal.people_fields)) - portal.drops
    portal.people[key] |= {name: value for name, value in params.items() if name in known}
    portal.updates.append(key)
    return True, {}


def _users(portal: "Portal", params: Mapping[str, Any], _by: int) -> Any:
    return paged([{"ID": key, **row} for key, row in portal.people.items()], params)


METHODS: dict[str, Callable[["Portal", Mapping[str, Any], int], Any]] = {
    "user.get": _users, "user.update": _update,
    "user.userfield.add": _add, "user.userfield.list": _list,
}  # fmt: skip
