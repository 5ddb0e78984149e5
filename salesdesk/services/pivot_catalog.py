"""The entities that a pivot can count: deals, child deals, tasks, stage moves, quotes."""

from dataclasses import replace
from typing import Final

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import MONEY_SCALE
from salesdesk.services.filter_choices import OwnField, own_fields
from salesdesk.services.pivot_fields import (
    DAY,
    YES_NO,
    Dimension,
    Entity,
    Number,
    Parts,
    deal_dimensions,
    deal_joins,
    deal_numbers,
    own_dimensions,
    own_numbers,
)
from salesdesk.services.reports_moves import AGAIN, OWNER
from salesdesk.text import N_

_TASK_STATES = {
    "overdue": N_("Overdue"), "today": N_("Today"), "planned": N_("Planned"),
    "waiting": N_("Waiting"), "done": N_("Done"), "cancelled": N_("Cancelled"),
}  # fmt: skip
_MOVED_AS = {
    "person": N_("By hand"), "cli": N_("Command line"), "rule": N_("By a link"),
    "sync": N_("Synchronisation"), "import": N_("Import"),
}  # fmt: skip
OF_PARENT: Final = N_("Parent: {name}")
OF_DEAL: Final = N_("Deal: {name}")
#: Deals that are not deleted: the few that are can be looked up.
_THERE = "NOT IN (SELECT id FROM deal WHERE deleted_at IS NOT NULL)"


def _title(deal: str) -> str:
    return f"(SELECT title FROM deal WHERE id = {deal})"


def _of(prefix: str, of: str, dimensions: list[Dimension], *joins: str) -> list[Dimension]:
    """Somebody else's dimensions: of the parent, of the deal that a task hangs on (``joins``)."""
    return [
        replace(one, key=f"{prefix}.{one.key}", of=of, joins=(*joins, *one.joins))
        for one in dimensions
        if not (one.of and of)  # the client's own fields are offered once
    ]


def _entity(dimensions: list[Dimension], numbers: list[Number], **rest: object) -> Entity:
    return Entity(
        dimensions={one.key: one for one in dimensions},
        numbers={one.key: one for one in numbers},
        **rest,  # type: ignore[arg-type]
    )


def _deals(own: list[OwnField], of_clients: list[OwnField], *, children: bool) -> Entity:
    dimensions = [*deal_dimensions("d"), *own_dimensions("d", own, of_clients)]
    dimensions.insert(5, Dimension("parent", N_("Parent deal"), "deal", "d.parent_id"))
    joins = deal_joins("d")
    base, where = "deal d", "d.deleted_at IS NULL"
    if children:
        base += " JOIN deal p ON p.id = d.parent_id"
        where += " AND p.deleted_at IS NULL"
        joins |= deal_joins("p")
        parents = [*deal_dimensions("p"), *own_dimensions("p", own, of_clients)]
        dimensions += _of("parent", OF_PARENT, parents)
    return _entity(
        dimensions, [*deal_numbers("d"), *own_numbers("d", own)],
        name="child" if children else "deal",
        title=N_("Child deals") if children else N_("Deals"),
        things=N_("Number of child deals") if children else N_("Number of deals"),
        base=base, where=where, key="d.id", person="person", date="created",
        pipeline="pipeline", joins=joins,
        shown=("d.title", "''", "d.created_at", "d.id", "NULL", "NULL"), deal="d.id",
    )  # fmt: skip


_TASK_STATE = (
    "CASE WHEN t.state <> 'open' THEN t.state WHEN t.due_at < {now} THEN 'overdue' "
    "WHEN t.due_at < {tomorrow} THEN 'today' WHEN t.due_at IS NULL AND t.event IS NOT NULL "
    "THEN 'waiting' ELSE 'planned' END"
)


#: Ended tasks and open ones, which are few. What an open one waits for is asked of no ended one.
_TASK_PARTS = Parts(
    (
        ("task t INDEXED BY ix_task_ended", "t.closed_at IS NOT NULL"),
        ("task t INDEXED BY ix_task_due", "t.closed_at IS NULL AND t.state = 'open'"),
    ),
    frozenset(
        ("id", "closed_at", "state", "kind_id", "assignee_id", "deal_id", "due_at", "deleted_at",
         "event")
    ),
)  # fmt: skip


def _tasks(own: list[OwnField], of_clients: list[OwnField]) -> Entity:
    deals = [*deal_dimensions("d"), *own_dimensions("d", own, of_clients)]
    dimensions = [
        Dimension("person", N_("Assignee"), "person", "t.assignee_id"),
        Dimension("team", N_("Team"), "team", "ta.team_id", ("ta",)),
        Dimension("kind", N_("Kind of task"), "task_kind", "t.kind_id"),
        Dimension("state", N_("State"), "word", _TASK_STATE, (), _TASK_STATES),
        Dimension("supervisor", N_("Supervisor"), "person", "t.supervisor_id"),
        Dimension("rule", N_("Where from"), "word",
                  "CASE WHEN t.rule_id IS NULL THEN 'hand' ELSE 'rule' END", (),
                  {"hand": N_("By hand"), "rule": N_("Automatic")}),
        Dimension("client", N_("Client"), "client", "coalesce(t.client_id, d.client_id)", ("d",)),
        Dimension("deal", N_("Deal"), "deal", "t.deal_id"),
        Dimension("created", N_("Created"), "moment", "t.created_at"),
        Dimension("due", N_("Due"), "moment", "t.due_at"),
        Dimension("done", N_("Done"), "moment",
                  "CASE WHEN t.state = 'done' THEN t.closed_at END"),
        *_of("deal", OF_DEAL, deals, "d"),
    ]  # fmt: skip
    ended = "CASE WHEN t.state = 'open' THEN {now} ELSE t.closed_at END"
    late = f"CASE WHEN t.state <> 'cancelled' AND t.due_at < {ended} THEN {ended} - t.due_at END"
    numbers = [
        Number("late", N_("Days late"), "days", late, (), DAY),
        Number("took", N_("Days until done"), "days",
               "CASE WHEN t.state = 'done' THEN t.closed_at - t.created_at END", (), DAY),
        Number("postponed", N_("Postponements"), "number", "t.postponed"),
    ]  # fmt: skip
    return _entity(
        dimensions, numbers,
        name="task", title=N_("Tasks"), things=N_("Number of tasks"),
        base="task t", deal="t.deal_id",
        where=f"t.deleted_at IS NULL AND (t.deal_id IS NULL OR t.deal_id {_THERE})",
        key="t.id", person="person",
        date="due", pipeline="deal.pipeline",
        joins={
            "ta": "LEFT JOIN person ta ON ta.id = t.assignee_id",
            "d": "LEFT JOIN deal d ON d.id = t.deal_id", **deal_joins("d"),
        },
        shown=("t.title", _title("t.deal_id"), "t.due_at", "t.deal_id", "t.id", "NULL"),
        parts=_TASK_PARTS,
    )  # fmt: skip


def _moves(own: list[OwnField], of_clients: list[OwnField]) -> Entity:
    deals = [*deal_dimensions("d"), *own_dimensions("d", own, of_clients)]
    dimensions = [
        Dimension("person", N_("Responsible then"), "person", OWNER, ("s", "a")),
        Dimension("team", N_("Team"), "team", "mo.team_id", ("s", "a", "mo")),
        Dimension("stage", N_("Stage entered"), "stage", "m.to_stage_id"),
        Dimension("left", N_("Stage left"), "stage", "m.from_stage_id"),
        Dimension("pipeline", N_("Pipeline"), "pipeline", "ms.pipeline_id", ("ms",)),
        Dimension("mover", N_("Who moved it"), "person", "m.mover_id"),
        Dimension("how", N_("Moved as"), "word", "m.mover_as", (), _MOVED_AS),
        Dimension("deal", N_("Deal"), "deal", "m.deal_id"),
        Dimension("at", N_("Moved"), "moment", "m.at"),
        *_of("deal", OF_DEAL, deals, "d"),
    ]
    numbers = [
        Number("spent", N_("Days in the stage left"), "days", "m.spent", (), DAY),
        *(
            replace(one, joins=("d", *one.joins))
            for one in deal_numbers("d")
            if one.key == "amount"
        ),
    ]
    return _entity(
        dimensions, numbers,
        name="move", title=N_("Stage moves"), things=N_("Number of moves"),
        base="stage_move m", where=f"+m.undone = 0 AND +m.superseded = 0 AND m.deal_id {_THERE}",
        key="m.id", deal="m.deal_id", person="person", date="at", pipeline="pipeline",
        joins={
            "s": "LEFT JOIN span s ON s.deal_id = m.deal_id AND s.start = m.at "
            "AND s.stage_id = m.to_stage_id",
            "a": "LEFT JOIN again a ON a.deal_id = m.deal_id AND a.at = m.at",
            "mo": f"LEFT JOIN person mo ON mo.id = {OWNER}",
            "ms": "LEFT JOIN stage ms ON ms.id = m.to_stage_id",
            "d": "JOIN deal d ON d.id = m.deal_id", **deal_joins("d"),
        },
        shown=(_title("m.deal_id"), "(SELECT name FROM stage WHERE id = m.to_stage_id)", "m.at",
               "m.deal_id", "NULL", "NULL"),
        before={"a": AGAIN}, moves=True,
    )  # fmt: skip


def _quotes(own: list[OwnField], of_clients: list[OwnField]) -> Entity:
    deals = [*deal_dimensions("d"), *own_dimensions("d", own, of_clients)]
    dimensions = [
        Dimension("contractor", N_("Contractor"), "contractor", "q.contractor_id"),
        Dimension("service", N_("Service"), "service", "q.service_id"),
        Dimension("accepted", N_("Accepted"), "word",
                  "CASE WHEN q.accepted = 1 THEN 'yes' ELSE 'no' END", (), YES_NO),
        Dimension("person", N_("Responsible person"), "person", "d.owner_id", ("d",)),
        Dimension("asked", N_("Who asked"), "person", "q.person_id"),
        Dimension("currency", N_("Currency"), "text", "q.currency"),
        Dimension("deal", N_("Deal"), "deal", "q.deal_id"),
        Dimension("day", N_("Asked on"), "day", "q.day"),
        Dimension("planned", N_("Deadline"), "day", "q.planned_day"),
        Dimension("actual", N_("Delivered"), "day", "q.actual_day"),
        *_of("deal", OF_DEAL, deals, "d"),
    ]  # fmt: skip
    late = (
        "CASE WHEN q.accepted = 1 AND coalesce(q.actual_day, {today}) > q.planned_day "
        "THEN coalesce(q.actual_day, {today}) - q.planned_day END"
    )
    numbers = [
        Number(
            "price",
            N_("Price"),
            "money",
            "q.price",
            (),
            MONEY_SCALE,
            "q.currency",
            "q.day",
            at_is_day=True,
        ),
        Number("late", N_("Days late"), "days", late),
    ]
    return _entity(
        dimensions, numbers,
        name="quote", title=N_("Quotes of contractors"), things=N_("Number of quotes"),
        base="contractor_quote q", deal="q.deal_id",
        where=f"q.deleted_at IS NULL AND (q.deal_id IS NULL OR q.deal_id {_THERE})",
        key="q.id", person="person",
        date="day", pipeline="deal.pipeline",
        joins={"d": "LEFT JOIN deal d ON d.id = q.deal_id", **deal_joins("d")},
        shown=("(SELECT name FROM contractor WHERE id = q.contractor_id)", _title("q.deal_id"),
               "NULL", "q.deal_id", "NULL", "q.contractor_id"),
    )  # fmt: skip


#: The entities by name, in the order in which they are offered.
ENTITIES: Final = ("deal", "child", "task", "move", "quote")


def entity(r: Reader, name: str) -> Entity:
    """An entity as it is in this workspace, own fields included; raises NotFound."""
    own, of_clients = own_fields(r), own_fields(r, "client")
    if name in ("deal", "child"):
        return _deals(own, of_clients, children=name == "child")
    makers = {"task": _tasks, "move": _moves, "quote": _quotes}
    if name not in makers:
        raise NotFound(N_("A pivot cannot count “{name}”."), name=name)
    return makers[name](own, of_clients)
