"""What a portal of Bitrix24 is made of: who we are there, pipelines, people, custom fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync.bitrix24_portal import Portal
from salesdesk.services.sync.bitrix24_rows import ENTITY_TYPES, LEADS
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import (
    Account,
    FarField,
    FarPerson,
    FarPipeline,
    FarStage,
    Structure,
    WantedField,
)
from salesdesk.text import N_, tr

#: What the sync needs the webhook to be allowed, and what says the same.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "crm": ("crm",), "task": ("task", "tasks"),
    "user_brief": ("user_brief", "user_basic", "user"),
}  # fmt: skip
#: Refusals that may be about one record among many.
REFUSED_ALONE: tuple[Kind, ...] = (Kind.INVALID, Kind.GONE)
_LEADS = N_("Leads")


def check(portal: Portal) -> Account:
    """Whether the webhook works, and which scopes it lacks."""
    granted = {str(one) for one in portal.call("scope") or ()}
    user = portal.call("profile") or {}
    parts = (str(user.get(name) or "") for name in ("NAME", "LAST_NAME"))
    missing = tuple(one for one, same in SCOPES.items() if not granted.intersection(same))
    host = portal.wire.base.split("/")[2]
    return Account(
        host, host, str(user.get("ID") or ""), " ".join(part for part in parts if part),
        portal.now, missing, may_make_fields=yes(user.get("ADMIN", True)),
    )  # fmt: skip


def structure(portal: Portal, *, leads: bool) -> Structure:
    """Pipelines with their stages, people, custom fields."""
    found = portal.call("crm.category.list", {"entityTypeId": ENTITY_TYPES["deal"]}) or {}
    categories = sorted(found.get("categories") or (), key=lambda one: int(one.get("sort") or 0))
    pipelines = [
        FarPipeline(
            str(one["id"]),
            str(one["name"]),
            _stages(portal, int(one["id"])),
            one.get("isDefault") == "Y",
        )
        for one in categories
    ]
    if leads:
        pipelines.append(FarPipeline(LEADS, tr(_LEADS), _lead_stages(portal), passes_on=True))
    reasons = {
        stage.far_id: stage.name for one in pipelines for stage in one.stages
        if stage.kind == "lost"
    }  # fmt: skip
    return Structure(tuple(pipelines), tuple(people(portal)), reasons, tuple(fields(portal)))


def _stages(portal: Portal, category: int) -> tuple[FarStage, ...]:
    return _statuses(portal, "DEAL_STAGE" if category == 0 else f"DEAL_STAGE_{category}", "")


def _lead_stages(portal: Portal) -> tuple[FarStage, ...]:
    return _statuses(portal, "STATUS", rows.LEAD)


def _statuses(portal: Portal, entity: str, prefix: str) -> tuple[FarStage, ...]:
    found = portal.call(
        "crm.status.list", {"filter": {"ENTITY_ID": entity}, "order": {"SORT": "ASC"}}
    )
    return tuple(
        FarStage(f"{prefix}{one['STATUS_ID']}", str(one["NAME"]), rows.kind_of(one),
                 int(one.get("SORT") or 0))
        for one in sorted(found or (), key=lambda one: int(one.get("SORT") or 0))
    )  # fmt: skip


def people(portal: Portal) -> Iterator[FarPerson]:
    """Who works there, or did."""
    for one in every(portal, "user.get", {"FILTER": {"USER_TYPE": "employee"}}):
        name = f"{one.get('NAME') or ''} {one.get('LAST_NAME') or ''}".strip()
        yield FarPerson(
            str(one["ID"]), name or str(one["ID"]), one.get("EMAIL") or None,
            yes(one.get("ACTIVE", True)),
        )  # fmt: skip


def every(portal: Portal, method: str, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All pages of a list that is paged by ``start``."""
    start: int | None = 0
    while start is not None:
        reply = portal.answer(method, {**params, "start": start})
        yield from reply.get("result") or ()
        following = reply.get("next")
        start = None if following is None or int(following) <= start else int(following)


def fields(portal: Portal) -> Iterator[FarField]:
    """The custom fields of deals."""
    for one in _fields(portal):
        code = str(one["FIELD_NAME"])
        label = one.get("EDIT_FORM_LABEL") or one.get("LIST_COLUMN_LABEL") or code
        yield FarField(code, code, str(label), "deal", str(one.get("USER_TYPE_ID") or ""))


def _fields(portal: Portal) -> Iterator[Mapping[str, Any]]:
    return every(portal, "crm.deal.userfield.list", {"filter": {"LANG": "ru"}})


def choices(portal: Portal) -> dict[str, dict[str, int]]:
    """Keys of the choices of custom fields, by field and text."""
    return {
        str(one["FIELD_NAME"]): {
            str(each["VALUE"]): int(str(each["ID"])) for each in one.get("LIST") or ()
        }
        for one in _fields(portal)
    }


def make_fields(portal: Portal, wanted: Sequence[WantedField]) -> Mapping[str, str]:
    """Make the custom fields of deals that are not there yet; ``originId`` is the identifier."""
    wanted = [one for one in wanted if one.entity == "deal" and one.key != "uid"]
    if not wanted:
        return {}
    there = _names(portal)
    made = {}
    for one in wanted:
        name = f"UF_CRM_SD_{one.key.upper()}"
        if name not in there:
            add_field(portal, "crm.deal.userfield.add", rows.field(name, one), _names, name)
        made[one.key] = name
    return made


def _names(portal: Portal) -> set[str]:
    return {one.code for one in fields(portal)}


def add_field(
    portal: Portal, method: str, field: Mapping[str, Any],
    names: Callable[[Portal], Set[str]], name: str,
) -> None:  # fmt: skip
    """Make a custom field that is to be among ``names`` as ``name`` then; another seat, or a call
    whose answer was lost, may have made it."""
    try:
        portal.call(method, {"fields": field}, True)
    except Failure as failure:
        if failure.kind not in (Kind.INVALID, Kind.UNKNOWN) or name not in names(portal):
            raise


def yes(value: Any) -> bool:
    """A flag, however it is written."""
    return value not in (False, None, 0, "", "0", "N", "n", "false")
