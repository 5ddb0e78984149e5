"""Results of the ranking as custom fields of a portal's users.

Only an administrator's key with the scopes below may write them; what the portal refuses is told by
the rights that are missing, as far as it tells them. A user's fields are named ``UF_USR_...``; the
portal puts the prefix before the name that it is given.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync import bitrix24_setup as setup
from salesdesk.services.sync.bitrix24_portal import Call, Portal
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Value, WantedField
from salesdesk.text import N_, tr

#: What a key must be allowed, beside what the sync needs.
SCOPES = ("user.userfield", "user")
_ADMIN = N_("administrator of the portal")
_ADD, _LIST, _UPDATE = "user.userfield.add", "user.userfield.list", "user.update"
_PREFIX, _OWN = "UF_USR_", "SD_"
#: A refusal of all that is asked, which rights may explain.
_REFUSALS = (Kind.PERMISSION, Kind.INVALID, Kind.GONE)


def make_fields(portal: Portal, wanted: Sequence[WantedField]) -> Mapping[str, str]:
    """Make the custom fields of users that are not there yet; raises ``Failure``."""
    own = [one for one in wanted if one.entity == "person"]
    if not own:
        return {}
    try:
        there = _names(portal)
        for one in own:
            name = f"{_OWN}{one.key.upper()}"
            if _PREFIX + name not in there:
                field = rows.field(name, one)
                setup.add_field(portal, _ADD, field, _names, _PREFIX + name)
    except Failure as failure:
        raise _explained(portal, failure, _ADD) from None
    return {f"{one.key}@person": f"{_PREFIX}{_OWN}{one.key.upper()}" for one in own}


def _names(portal: Portal) -> set[str]:
    return {str(one.get("FIELD_NAME")) for one in setup.every(portal, _LIST, {})}


def publish(portal: Portal, results: Sequence[Mapping[str, Value]]) -> None:
    """Set the fields of users; raises ``Failure``. A user who is refused alone, or who works there
    no more, holds up nobody: the next result is tried again."""
    calls: dict[str, Call] = {str(row["far_id"]): (_UPDATE, _update(row)) for row in results}
    if not calls:
        return
    _require_admin(portal)  # others may set their own fields, and would be refused one by one
    try:
        answers = portal.many(calls, writes=True)
    except Failure as failure:
        raise _explained(portal, failure, _UPDATE) from None
    if len(answers) < len(calls):
        raise Failure(Kind.UNKNOWN, method=_UPDATE)
    failed = {key: one for key, one in answers.items() if isinstance(one, Failure)}
    alone = setup.REFUSED_ALONE
    if len(failed) == len(calls) and any(one.kind in alone for one in failed.values()):
        alone = alone if failed.keys().isdisjoint(_working(portal)) else ()
    for one in failed.values():
        if one.kind not in alone:
            raise _explained(portal, one, _UPDATE)


def _working(portal: Portal) -> set[str]:
    """Keys of those who work there."""
    return {one.far_id for one in setup.people(portal) if one.active}


def _update(row: Mapping[str, Value]) -> dict[str, Any]:
    fields = {f"{_PREFIX}{_OWN}{key.upper()}": rows.result(key, value)
              for key, value in row.items() if key not in ("entity", "far_id")}  # fmt: skip
    return {"ID": int(str(row["far_id"])), **fields}


def _require_admin(portal: Portal) -> None:
    if not _is_admin(portal):
        raise Failure(Kind.PERMISSION, tr(_ADMIN), method=_UPDATE)


def _is_admin(portal: Portal) -> bool:
    return setup.yes((portal.call("profile") or {}).get("ADMIN", True))


def _explained(portal: Portal, failure: Failure, method: str) -> Failure:
    """A refusal by the rights that are missing; where none is, by the method and what was said."""
    if failure.kind not in _REFUSALS:
        return failure
    granted = {str(one).casefold() for one in portal.call("scope") or ()}
    lacks = [scope for scope in SCOPES if scope not in granted]
    lacks += [] if _is_admin(portal) else [tr(_ADMIN)]
    if lacks:
        return Failure(Kind.PERMISSION, ", ".join(lacks))
    kind = Kind.INVALID if failure.kind is Kind.INVALID else Kind.PERMISSION
    return Failure(kind, f"{method}: {failure.detail}")
