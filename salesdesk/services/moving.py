"""What one deal's move does inside a transaction: requirements, protocol, tasks, linked deals."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from salesdesk.errors import Refused
from salesdesk.models.store import Transaction
from salesdesk.services import carrying, checklists, surroundings, task_notes
from salesdesk.services.assigning import assignment_of
from salesdesk.services.automation import Actions, OpenTask, actions_for
from salesdesk.services.requirements import missing, refuse
from salesdesk.services.rulebook import LinkRule
from salesdesk.services.surroundings import Stage
from salesdesk.text import N_

DEPTH = 8
_FIELDS = (
    "id, title, stage_id, owner_id, amount, cost, currency, client_id, contact_id, source_id, "
    "industry_id, expected_day, start_day, parent_id, probability, lost_reason_id, pos, since"
)


@dataclass
class Effects:
    """What the move set off, in the order in which it happened (titles). ``visited`` are the deals
    and stages that the command has moved through. ``stands`` is where and with whom it has left
    each deal, ``given`` how many tasks it gave to whom: the database says neither before its end.
    """

    tasks_created: list[str] = field(default_factory=list)
    tasks_closed: list[str] = field(default_factory=list)
    deals_created: list[str] = field(default_factory=list)
    deals_moved: list[str] = field(default_factory=list)
    visited: set[tuple[int, int]] = field(default_factory=set)
    stands: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    given: Counter[int] = field(default_factory=Counter)
    _open_before: Counter[int] | None = None

    def load(self, tx: Transaction) -> Counter[int]:
        """Open tasks by person, those that the command has made already too."""
        if self._open_before is None:
            self._open_before = surroundings.open_by_person(tx)
        return self._open_before + self.given

    def enter(self, deal_id: int, stage_id: int, owner_id: int | None) -> None:
        """A deal has entered a stage."""
        self.visited.add((deal_id, stage_id))
        self.stands[deal_id] = (stage_id, owner_id)

    def bring_up_to_date(self, deal: dict[str, Any]) -> None:
        """Put in where and with whom the command has left the deal."""
        if deal["id"] in self.stands:
            deal["stage_id"], deal["owner_id"] = self.stands[deal["id"]]


@dataclass(frozen=True)
class Order:
    """How a deal is to be moved; ``done`` are tasks that the same command has closed already."""

    stage: Stage
    mover_as: str = "person"
    lost_reason_id: int | None = None
    override: str | None = None
    pos: float | None = None
    done: frozenset[int] = frozenset()


def deal_fields(tx: Transaction, deal_id: int) -> dict[str, Any]:
    """The fields of a deal that moving needs; raises Refused for a deal that is not there."""
    row = tx.row(f"SELECT {_FIELDS} FROM deal WHERE id = ? AND deleted_at IS NULL", (deal_id,))
    if row is None:
        raise Refused(N_("This deal does not exist any more; nothing was moved."))
    return dict(zip(_FIELDS.split(", "), row, strict=True))


def move_one(
    tx: Transaction, deal: dict[str, Any], order: Order, effects: Effects, depth: int = 0
) -> None:
    """Move one deal, with all that it sets off. Raises MoveRefused."""
    stage, left = order.stage, deal["stage_id"]
    open_tasks = surroundings.open_tasks(tx, deal["id"])
    if order.done:
        open_tasks = [task for task in open_tasks if task.id not in order.done]
    check_requirements(tx, deal, order, open_tasks)
    reason = order.lost_reason_id if stage.kind == "lost" else None
    if reason != deal["lost_reason_id"]:
        tx.update("deal", [{"id": deal["id"], "lost_reason_id": reason}])
    tx.place(deal["id"], deal["pos"], top_of(tx, stage.id) if order.pos is None else order.pos)
    _write_move(tx, deal, order, reason)
    effects.enter(deal["id"], stage.id, deal["owner_id"])
    apply_tasks(tx, deal["id"], deal["owner_id"], left, stage, open_tasks, effects)
    apply_links(tx, deal, stage, effects, depth)


def _write_move(tx: Transaction, deal: dict[str, Any], order: Order, reason: int | None) -> None:
    tx.insert(
        "stage_move",
        [
            {
                "deal_id": deal["id"],
                "to_stage_id": order.stage.id,
                # A clock set back must not lose the move among the past ones, nor among others
                # that come from elsewhere and have the moment of the last one.
                "at": tx.now if tx.now >= (deal["since"] or 0) else deal["since"] + 1,
                "recorded_at": tx.now,
                "mover_id": tx.person,
                "mover_as": order.mover_as,
                "owner_id": deal["owner_id"],
                "sets_owner": 0,
                "amount": deal["amount"],
                "lost_reason_id": reason,
                "override": order.override,
            }
        ],
    )


def check_requirements(
    tx: Transaction, deal: dict[str, Any], order: Order, open_tasks: list[OpenTask]
) -> None:
    """Refuse what the stages do not allow, unless a lead overrides it. Raises MoveRefused."""
    if order.override:
        return
    found = missing(tx, deal, order.stage, open_tasks)
    if found:
        raise refuse([found])


def apply_tasks(
    tx: Transaction,
    deal_id: int,
    owner: int | None,
    left: int | None,
    stage: Stage,
    open_tasks: list[OpenTask],
    effects: Effects,
) -> None:
    """Close the tasks of the stage left as their rules say, create those of the one entered."""
    rules = surroundings.task_rules(tx).get(stage.id, [])
    if not rules and not open_tasks:
        return
    around = surroundings.situation(tx, deal_id, owner, left, stage, rules)
    if any(rule.assignee_rule == "least_loaded" for rule in rules):
        around = replace(around, load=effects.load(tx))
    with tx.unwatched():
        actions = actions_for(rules, open_tasks, around, tx.now)
        write_actions(tx, deal_id, stage.id, actions, effects)


def write_actions(
    tx: Transaction, deal_id: int, stage_id: int, actions: Actions, effects: Effects
) -> None:
    """Write what automation decided."""
    if actions.close:
        tx.insert(
            "task_change",
            [
                {
                    "task_id": close.task.id, "at": tx.now, "fields": 4, "person_id": tx.person,
                    "state": "done" if close.how == "complete" else "cancelled",
                }
                for close in actions.close
            ],
        )  # fmt: skip
        effects.tasks_closed += [close.task.title for close in actions.close]
    if actions.create:
        ids = tx.insert(
            "task",
            [
                {
                    "title": new.title, "kind_id": new.rule.kind_id, "deal_id": deal_id,
                    "supervisor_id": new.supervisor_id, "created_at": tx.now,
                    "rule_id": new.rule.id, "stage_id": stage_id,
                    "must_be_done": int(new.rule.must_be_done),
                    "asks_result": int(new.rule.asks_result),
                    "event": new.awaits,
                    "event_stage_id": new.rule.event_stage_id if new.waits else None,
                    "event_field": new.awaited_field,
                    "event_days": new.rule.amount if new.waits else None,
                    "description": new.description, "checklist": checklists.kept(new.checklist),
                    "note": task_notes.kept(*new.note) if new.note else None,
                }
                for new in actions.create
            ],
        )  # fmt: skip
        tx.insert(
            "task_change",
            [
                {
                    "task_id": key, "at": tx.now, "fields": 7, "assignee_id": new.assignee_id,
                    "due_at": new.due_at, "state": "open", "person_id": tx.person,
                }
                for key, new in zip(ids, actions.create, strict=True)
            ],
        )  # fmt: skip
        effects.tasks_created += [new.title for new in actions.create]
        effects.given.update(new.assignee_id for new in actions.create if new.assignee_id)


def apply_links(
    tx: Transaction, deal: dict[str, Any], stage: Stage, effects: Effects, depth: int
) -> None:
    """Open child deals and move the parent, never deeper than DEPTH nor the same way twice."""
    if depth >= DEPTH:
        return
    for link in surroundings.links(tx).get(stage.id, []):
        target = surroundings.stages(tx).get(link.target_stage_id)
        if target is not None and target.archived:
            target = None
        with tx.unwatched():
            if link.kind == "open_child":
                if target is not None:
                    _open_child(tx, deal, link, target, effects, depth)
            elif deal["parent_id"] is not None:
                _tell_parent(tx, deal, link, target, effects, depth)


def _open_child(
    tx: Transaction,
    deal: dict[str, Any],
    link: LinkRule,
    target: Stage,
    effects: Effects,
    depth: int,
) -> None:
    wanted = link.owner_rule()
    around = surroundings.situation(tx, deal["id"], deal["owner_id"], None, target, [wanted])
    trouble = surroundings.link_troubles(tx).get(link.id)
    load = effects.load(tx) if wanted.assignee_rule == "least_loaded" else {}
    around = replace(around, load=load, troubles={wanted.id: trouble} if trouble else {})
    given = assignment_of(wanted, around, tx.zone.day_of(tx.now))
    owner = given.person_id
    title = link.title or deal["title"]
    goods = carrying.for_child(tx, deal, link)
    row = {"title": title, **goods.row, "parent_id": deal["id"]}
    child = insert_deal(tx, row, target, owner, mover_as="rule")
    carrying.give(tx, child, carrying.Goods(own=goods.own))
    if given.note is not None:
        said = task_notes.words(task_notes.kept(*given.note))
        tx.insert("note", [{"deal_id": child, "text": said, "at": tx.now, "person_id": None}])
    effects.deals_created.append(title)
    effects.enter(child, target.id, owner)
    apply_tasks(tx, child, owner, None, target, [], effects)
    apply_links(tx, {**row, "id": child, "owner_id": owner}, target, effects, depth + 1)


def _tell_parent(
    tx: Transaction,
    deal: dict[str, Any],
    link: LinkRule,
    target: Stage | None,
    effects: Effects,
    depth: int,
) -> None:
    """Fill in the parent's fields, and move it where that is forward (or back is allowed)."""
    key = deal["parent_id"]
    if not tx.value("SELECT deleted_at IS NULL FROM deal WHERE id = ?", (key,)):
        return  # a deleted parent stays where it was, and holds up nobody
    parent = deal_fields(tx, key)
    effects.bring_up_to_date(parent)
    here = surroundings.stages(tx).get(parent["stage_id"])
    if here is None or here.kind != "lost" or link.allows_back:
        goods = carrying.for_parent(tx, deal, link, parent)
        carrying.give(tx, key, goods)
        parent.update(goods.row)
    if target is None or (key, target.id) in effects.visited:
        return
    if surroundings.may_go(here, target, link.allows_back):
        move_one(tx, parent, Order(target, "rule", override="rule"), effects, depth + 1)
        effects.deals_moved.append(parent["title"])


def insert_deal(
    tx: Transaction, row: dict[str, Any], stage: Stage, owner: int | None, mover_as: str
) -> int:
    """Insert a deal with its creation, the first line of its protocol."""
    from salesdesk.names import folded

    number = int(tx.value("SELECT coalesce(max(number), 0) + 1 FROM deal"))
    [deal_id] = tx.insert(
        "deal",
        [{**row, "number": number, "title_key": folded(row["title"]), "pos": top_of(tx, stage.id)}],
    )
    tx.insert(
        "stage_move",
        [
            {
                "deal_id": deal_id, "to_stage_id": stage.id, "at": tx.now, "recorded_at": tx.now,
                "mover_id": tx.person, "mover_as": mover_as, "owner_id": owner, "sets_owner": 1,
                "amount": row.get("amount"),
            }
        ],
    )  # fmt: skip
    return deal_id


def top_of(tx: Transaction, stage_id: int) -> float:
    """The position above all cards of a stage."""
    first = tx.value(
        "SELECT pos FROM deal WHERE stage_id = ? AND deleted_at IS NULL ORDER BY pos LIMIT 1",
        (stage_id,),
    )
    return 0.0 if first is None else float(first) - 1.0


def place_before(tx: Transaction, stage_id: int, before: int) -> float:
    """A position just above card ``before``; 0 means below all."""
    if before:
        spot = tx.row("SELECT pos, stage_id FROM deal WHERE id = ?", (before,))
        if spot is not None and spot[1] == stage_id:
            above = tx.value(
                "SELECT pos FROM deal WHERE stage_id = ? AND deleted_at IS NULL AND pos < ? "
                "ORDER BY pos DESC LIMIT 1",
                (stage_id, spot[0]),
            )
            return float(spot[0]) - 1.0 if above is None else (float(above) + float(spot[0])) / 2
        return top_of(tx, stage_id)
    last = tx.value(
        "SELECT pos FROM deal WHERE stage_id = ? AND deleted_at IS NULL ORDER BY pos DESC LIMIT 1",
        (stage_id,),
    )
    return 0.0 if last is None else float(last) + 1.0
