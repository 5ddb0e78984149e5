"""Link rules: how pipelines are linked. A deal that enters a stage opens a child deal elsewhere, or
a child that enters a stage moves its parent. A circle is refused when a rule is saved."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services.automation import AssigneeRule
from salesdesk.services.people import require_admin
from salesdesk.services.records import (
    Asks,
    Saved,
    last_position,
    must_exist,
    put_in_order,
    same_set,
)
from salesdesk.text import N_

LinkKind = Literal["open_child", "move_parent"]

#: Fields that a child deal takes from its parent, and those that a child fills in there.
COPIED = {
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "source_id": N_("Source"),
    "industry_id": N_("Industry"),
    "start_day": N_("Start date"),
    "expected_day": N_("Expected close date"),
}
FILLED = {"cost": N_("Cost"), "expected_day": N_("Expected close date")}
NO_LINK = N_("There is no such link any more; nothing was changed.")


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Entering ``stage_id`` opens a child at, or moves the parent to, ``target_stage_id``.

    Client and contact always go with a child; ``copied`` names what else does, ``filled`` what a
    child that moves its parent fills in there. ``title`` is the child's (empty: the parent's).
    """

    id: int
    stage_id: int
    kind: LinkKind
    target_stage_id: int
    title: str | None = None
    assignee_rule: AssigneeRule = "responsible"
    assignee_id: int | None = None
    team_id: int | None = None
    copied: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    position: int = 0


_COLUMNS = (
    "id, stage_id, kind, target_stage_id, title, assignee_rule, assignee_id, team_id, copied, "
    "filled, position"
)


def link_rules(r: Asks) -> list[LinkRule]:
    """All links, in their order."""
    found = []
    for row in r.rows(
        f"SELECT {_COLUMNS} FROM link_rule WHERE deleted_at IS NULL ORDER BY position, id"
    ):
        values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
        values["copied"] = tuple(json.loads(values["copied"]))
        values["filled"] = tuple(json.loads(values["filled"]))
        found.append(LinkRule(**values))
    return found


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
    row: dict[str, Any] = {
        "stage_id": rule.stage_id, "kind": rule.kind, "target_stage_id": rule.target_stage_id,
        "title": rule.title or None, "assignee_rule": rule.assignee_rule,
        "assignee_id": rule.assignee_id, "team_id": rule.team_id,
        "copied": json.dumps(list(rule.copied)), "filled": json.dumps(list(rule.filled)),
        "position": rule.position,
    }  # fmt: skip
    if not rule.id:
        return tx.insert("link_rule", [row])[0]
    tx.update("link_rule", [{"id": rule.id, **row}])
    return rule.id


def check(a: Asks, rule: LinkRule) -> None:
    """Raise unless the link can be followed and closes no circle with those saved already."""
    if rule.kind not in get_args(LinkKind) or rule.assignee_rule not in get_args(AssigneeRule):
        raise Invalid(N_("A link opens a child deal or moves the parent."))
    pipelines = {
        row[0]: row[1]
        for row in a.rows("SELECT id, pipeline_id FROM stage WHERE deleted_at IS NULL")
    }
    for stage in (rule.stage_id, rule.target_stage_id):
        if stage not in pipelines:
            raise NotFound(N_("A link names a stage that does not exist."))
    if pipelines[rule.stage_id] == pipelines[rule.target_stage_id]:
        raise Invalid(N_("A link leads from one pipeline to another."))
    for given, known in ((rule.copied, COPIED), (rule.filled, FILLED)):
        for name in given:
            if name not in known:
                raise NotFound(N_("A link cannot carry the field “{name}”."), name=name)
    if rule.assignee_rule == "person" and rule.assignee_id is None:
        raise Invalid(N_("Say who becomes responsible for the child deal."))
    if rule.assignee_rule == "least_loaded" and rule.team_id is None:
        raise Invalid(N_("Say which team becomes responsible for the child deal."))
    _refuse_circle(a, rule)


def _refuse_circle(a: Asks, rule: LinkRule) -> None:
    others = [
        (saved.stage_id, saved.target_stage_id)
        for saved in link_rules(a)
        if saved.id != rule.id or not rule.id
    ]
    path = path_between(others, rule.target_stage_id, rule.stage_id)
    if path is not None:
        names: dict[int, str] = dict(a.rows("SELECT id, name FROM stage"))
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
