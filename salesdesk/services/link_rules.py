"""Link rules: how pipelines are linked. A deal that enters a stage opens a child deal elsewhere, or
a child that enters a stage moves its parent. A circle is refused when a rule is saved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services import carrying, own_fields
from salesdesk.services.carrying import COPIED, FILLED
from salesdesk.services.people import require_admin
from salesdesk.services.records import (
    Asks,
    Saved,
    last_position,
    must_exist,
    put_in_order,
    same_set,
)
from salesdesk.services.rulebook import (
    LINK_RULE,
    AssigneeRule,
    LinkKind,
    LinkRule,
    link_rule,
    link_rule_row,
)
from salesdesk.services.stage_rows import ARCHIVED
from salesdesk.text import N_

__all__ = [
    "COPIED", "FILLED", "LinkKind", "LinkRule", "add_link_rule", "change_link_rule", "check",
    "check_way",
    "delete_link_rule", "link_rules", "path_between", "reorder_link_rules", "write_link_rule",
]  # fmt: skip

NO_LINK = N_("There is no such link any more; nothing was changed.")
_COSTS_TWICE = N_(
    "The costs of child deals are part of the parent's gross profit already: let the cost fill a "
    "field of your own, not the parent's cost; nothing was changed."
)


def link_rules(r: Asks) -> list[LinkRule]:
    """All links, in their order."""
    return [
        link_rule(row)
        for row in r.rows(
            f"SELECT {LINK_RULE} FROM link_rule WHERE deleted_at IS NULL ORDER BY position, id"
        )
    ]


def add_link_rule(
    store: Store, rule: LinkRule, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Add a link; raises ``Refused`` for one that closes a circle, ``Invalid`` for a vague one."""
    with store.command("link_rule.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        key = write_link_rule(tx, replace(rule, id=0, position=last_position(tx, "link_rule")))
    return Saved(tx.command_id, key)


def change_link_rule(
    store: Store, rule: LinkRule, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Save a link as given."""
    with store.command("link_rule.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "link_rule", rule.id, NO_LINK)
        write_link_rule(tx, rule)
    return Saved(tx.command_id, rule.id)


def delete_link_rule(
    store: Store, rule_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Delete a link; the child deals that it opened stay."""
    with store.command("link_rule.delete", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        must_exist(tx, "link_rule", rule_id, NO_LINK)
        tx.delete("link_rule", [rule_id])
    return Saved(tx.command_id, rule_id)


def reorder_link_rules(
    store: Store, ids: Sequence[int], *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Put the links in another order; returns the command id."""
    with store.command("link_rule.order", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        same_set(ids, (rule.id for rule in link_rules(tx)))
        put_in_order(tx, "link_rule", ids)
    return tx.command_id


def write_link_rule(tx: Transaction, rule: LinkRule) -> int:
    """Add a link (``id`` 0) or save it inside a transaction; returns the id."""
    check(tx, rule)
    row = link_rule_row(rule)
    if not rule.id:
        return tx.insert("link_rule", [row])[0]
    tx.update("link_rule", [{"id": rule.id, **row}])
    return rule.id


def check(a: Asks, rule: LinkRule) -> None:
    """Raise unless the link can be followed and closes no circle with those saved already."""
    if rule.kind not in get_args(LinkKind) or rule.assignee_rule not in get_args(AssigneeRule):
        raise Invalid(N_("A link opens a child deal or moves the parent."))
    _check_stages(a, rule)
    own = own_fields.known(a)
    for name in rule.copied:
        if name not in COPIED and name not in own:
            raise NotFound(N_("A link cannot carry the field “{name}”."), name=name)
    for given in rule.filled:
        name, place = carrying.split(given, own)
        if name == "cost" and place is None:
            raise Invalid(_COSTS_TWICE)
        fits = name in FILLED or name in own if place is None else carrying.takes(own, name, place)
        if not fits:
            raise NotFound(N_("A link cannot carry the field “{name}”."), name=given)
    if rule.assignee_rule == "person":
        if rule.assignee_id is None:
            raise Invalid(N_("Say who becomes responsible for the child deal."))
        must_exist(a, "person", rule.assignee_id, N_("There is no such person any more."))
    if rule.assignee_rule == "least_loaded":
        if rule.team_id is None:
            raise Invalid(N_("Say which team becomes responsible for the child deal."))
        must_exist(a, "team", rule.team_id, N_("There is no such team any more."))
    _refuse_circle(a, rule)


def check_way(a: Asks, rule: LinkRule) -> None:
    """The same of its two stages alone, whatever else it points to that is gone."""
    _check_stages(a, rule)
    _refuse_circle(a, rule)


def apart(fields: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Ways from a child's money or day into an own field of its parent: as a link has it in
    ``filled``, the child's field and the own one. ``fields`` are names with their kinds."""
    known = {name: (0, kind) for name, kind in fields.items()}
    return [
        (f"{name}{carrying.ARROW}{place}", name, place)
        for place in fields
        for name in FILLED
        if carrying.takes(known, name, place)
    ]


def _check_stages(a: Asks, rule: LinkRule) -> None:
    stages = {
        row[0]: row[1:]
        for row in a.rows(
            "SELECT id, pipeline_id, name, archived FROM stage WHERE deleted_at IS NULL"
        )
    }
    for stage in (rule.stage_id, rule.target_stage_id):
        if stage not in stages:
            raise NotFound(N_("A link names a stage that does not exist."))
    if stages[rule.stage_id][0] == stages[rule.target_stage_id][0]:
        raise Invalid(N_("A link leads from one pipeline to another."))
    _, name, archived = stages[rule.target_stage_id]
    if archived:
        raise Refused(ARCHIVED, name=name)


def _refuse_circle(a: Asks, rule: LinkRule) -> None:
    others = [
        (saved.stage_id, saved.target_stage_id)
        for saved in link_rules(a)
        if saved.id != rule.id or not rule.id
    ]
    path = path_between(others, rule.target_stage_id, rule.stage_id)
    if path is not None:
        names: dict[int, str] = dict(
            a.rows(
                "SELECT s.id, p.name || ' / ' || s.name FROM stage s "
                "JOIN pipeline p ON p.id = s.pipeline_id"
            )
        )
        circle = [rule.stage_id, *path]
        raise Refused(
            N_("This link would close a circle: {stages}. It was not saved."),
            stages=" → ".join(f"“{names[stage]}”" for stage in circle),
        )


def path_between(edges: Iterable[tuple[int, int]], start: int, end: int) -> list[int] | None:
    """A way from one stage to another along the links, both included; none when there is none."""
    following: dict[int, list[int]] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        if way[-1] == end:
            return way
        for stage in following.get(way[-1], []):
            if stage not in seen:
                seen.add(stage)
                ways.append([*way, stage])
    return None
