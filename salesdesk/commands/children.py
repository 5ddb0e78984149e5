"""``report children``: what its words mean. Child deals by any field of their parent."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from salesdesk.commands import WrongUsage
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader
    from salesdesk.services.periods import Period

#: What is shown to people, of what the document says, and what it is called.
SHOWN = {
    "number": N_("Number"), "title": N_("Title"), "pipeline": N_("Pipeline"),
    "stage": N_("Stage"), "person": N_("Person"), "contractors": N_("Contractor"),
    "planned": N_("Planned"), "actual": N_("Actual"), "late_days": N_("Days late"),
    "parent": N_("Parent deal"), "parent_stage": N_("Stage of the parent"),
}  # fmt: skip
DAYS = ("created", "planned", "actual")
MONEY = ("amount", "cost")


def add_children(parser: argparse.ArgumentParser) -> None:
    """``--parent FIELD=VALUE --contractor NAME --overdue``."""
    parser.add_argument(
        "--parent", action="append", default=[], metavar=tr("FIELD=VALUE"),
        help=tr("children: only those of parents with this field: stage, pipeline, person, team, "
                "company, source, tag, amount, created, expected, entered, text or an own field"),
    )  # fmt: skip
    parser.add_argument(
        "--contractor", metavar=tr("NAME"), help=tr("children: only work of this contractor")
    )
    parser.add_argument(
        "--overdue", action="store_true", help=tr("children: only those later than planned")
    )


def refuse_elsewhere(options: argparse.Namespace) -> None:
    """These words belong to one report."""
    if options.name != "children" and (options.parent or options.contractor or options.overdue):
        raise WrongUsage(tr("--parent, --contractor and --overdue belong to the report “children”"))


def children_document(
    r: "Reader", period: "Period", options: argparse.Namespace, chosen: dict[str, Any]
) -> dict[str, Any]:
    """The document; ``chosen`` has the pipeline, person and team of the children, and now."""
    from salesdesk.services import filters, reports_children

    texts, stages = _parent(r, options.parent)
    now = chosen.pop("now")
    contractor = None
    if options.contractor:
        contractor = _named(r, "contractor", options.contractor)
    asked = reports_children.Asked(
        filters.from_texts(texts), stages, **chosen, contractor_id=contractor,
        overdue=options.overdue,
    )  # fmt: skip
    return reports_children.children_json(reports_children.children(r, period, asked, now=now))


def _parent(r: "Reader", given: list[str]) -> tuple[dict[str, str], frozenset[int] | None]:
    """The filter of the parents as texts by name, and the stages where they may stand."""
    texts: dict[str, str] = {}
    stages: frozenset[int] | None = None
    pipeline = next((each.partition("=")[2] for each in given if each.startswith("pipeline=")), "")
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not value.strip():
            raise WrongUsage(tr("--parent is FIELD=VALUE, not “{text}”", text=each))
        if name in ("stage", "pipeline"):
            here = _stages(r, pipeline, value if name == "stage" else "")
            stages = here if stages is None else stages & here
        elif name in _AS_IS:
            texts[name] = value
        elif name in _IDS:
            field, find = _IDS[name]
            texts[field] = ",".join(filter(None, (texts.get(field), str(find(r, value)))))
        else:
            texts[f"f{_own_field(r, name)}"] = value
    return texts, stages


#: Words of a filter that are written as a filter has them.
_AS_IS = ("amount", "created", "expected", "entered", "text")


def _stages(r: "Reader", pipeline: str, stage: str) -> frozenset[int]:
    from salesdesk.commands.finding import find_pipeline
    from salesdesk.names import key
    from salesdesk.services import pipelines

    inside = find_pipeline(r, pipeline).id if pipeline else None
    everything = pipelines.stages(r, inside, archived=True)
    found = frozenset(one.id for one in everything if not stage or key(one.name) == key(stage))
    if not found:
        pipelines.find_stage(r, inside, stage)  # says which there are
    return found


def _named(r: "Reader", table: str, name: str) -> int:
    from salesdesk.errors import NotFound
    from salesdesk.services.records import named

    found = named(r, table, name)
    if found is None:
        raise NotFound(N_("There is no “{name}”."), name=name)
    return found


def _own_field(r: "Reader", name: str) -> int:
    from salesdesk.errors import NotFound
    from salesdesk.names import key
    from salesdesk.services import own_fields

    wanted = key(name)
    fields = own_fields.known(r).items()
    found = next((kept for own, (kept, _kind) in fields if key(own) == wanted), None)
    if found is None:
        raise NotFound(
            N_("A deal has no field “{name}”; there are {fields} and the own fields."),
            name=name, fields=", ".join(("stage", "pipeline", *_IDS, *_AS_IS)),
        )  # fmt: skip
    return found


def _person(r: "Reader", name: str) -> int:
    from salesdesk.services import people

    return people.find_person(r, name).id


def _team(r: "Reader", name: str) -> int:
    from salesdesk.services import people

    return people.find_team(r, name).id


_IDS: dict[str, tuple[str, Callable[["Reader", str], int]]] = {
    "person": ("people", _person),
    "team": ("teams", _team),
    "company": ("clients", lambda r, name: _named(r, "client", name)),
    "source": ("sources", lambda r, name: _named(r, "source", name)),
    "tag": ("tags", lambda r, name: _named(r, "tag", name)),
}
