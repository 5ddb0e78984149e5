"""What a pivot knows: entities, what they can be told apart by, what of them can be measured.

All SQL of a pivot is composed from these entries and the keys of own fields; nothing that a person
typed ever becomes part of a statement (values are bound). ``{now}`` and ``{today}`` in them stand
for the moment and the day of asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, MONEY_SCALE, SECOND
from salesdesk.services.filter_choices import OwnField, own_fields
from salesdesk.services.report_table import Holds
from salesdesk.services.reports_moves import AGAIN, OWNER
from salesdesk.text import N_, tr

#: How finely a date is told apart.
BY: Final = ("day", "week", "month", "quarter", "year")
DAY: Final = DAY_SECONDS * SECOND
#: Lists whose entries have a table with ``name``; those with an order of their own keep it.
LISTS: Final = {
    "person": "person", "team": "team", "client": "client", "pipeline": "pipeline",
    "stage": "stage", "source": "source", "industry": "industry", "lost_reason": "lost_reason",
    "tag": "tag", "task_kind": "task_kind", "contractor": "contractor", "service": "service",
    "deal": "deal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something by which things are told apart. ``kind`` says what ``sql`` gives: the key of a list
    (``LISTS``), a word of ``words``, a ``text``, ``number`` or ``yes_no`` as kept, or a date: a
    ``moment``, a ``day`` (ordinal) or an ``iso`` text. ``joins`` are those of the entity that it
    needs. ``several``: a thing may have more than one value. ``title`` is N_ text unless ``named``;
    ``of`` (N_, with ``{name}``) says whose it is, where not the thing's own."""

    key: str
    title: str
    kind: str
    sql: str
    joins: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    named: bool = False
    of: str = ""

    @property
    def is_date(self) -> bool:
        """Whether it is told apart by day, week, month, quarter or year."""
        return self.kind in ("moment", "day", "iso")

    def name(self) -> str:
        """What it is called, in the chosen language."""
        if self.named:
            return tr(self.of, name=self.title) if self.of else self.title
        own = tr(self.title)
        return tr(self.of, name=own[:1].lower() + own[1:]) if self.of else own


@dataclass(frozen=True, slots=True)
class Number:
    """Something to sum up. ``sql`` gives a whole number of ``1 / scale``, or a decimal as text
    (``as_text``). Money names its ``currency`` and the moment or day (``at``) whose rate holds
    (none: today's). ``profit``: the costs of the deal and of its children are taken off."""

    key: str
    title: str
    holds: Holds
    sql: str
    joins: tuple[str, ...] = ()
    scale: int = 1
    currency: str = ""
    at: str = "NULL"
    at_is_day: bool = False
    as_text: bool = False
    named: bool = False
    profit: bool = False

    def name(self) -> str:
        """What it is called, in the chosen language."""
        return self.title if self.named else tr(self.title)


@dataclass(frozen=True, slots=True)
class Entity:
    """What is counted. ``base`` is its FROM with the aliases that the rest uses, ``where`` what
    always holds; ``key`` identifies a thing, ``deal`` is the key of the deal that it is or is of.

    ``person``, ``pipeline``: the dimensions asked for by person and team, and by pipeline;
    ``date``: the one the period is of, unless another is chosen. ``shown``: title, note, moment,
    deal, task and contractor of a thing, as it is listed. ``before``: what a join needs before the
    query, by the join's name: SQL that begins a WITH, and takes the moments of the period twice."""

    name: str
    title: str
    things: str
    base: str
    where: str
    key: str
    deal: str
    person: str
    date: str
    pipeline: str
    shown: tuple[str, str, str, str, str, str]
    joins: Mapping[str, str]
    dimensions: Mapping[str, Dimension]
    numbers: Mapping[str, Number]
    moves: bool = False
    before: Mapping[str, str] = field(default_factory=dict)

    def dimension(self, key: str) -> Dimension:
        """A dimension by its key; raises NotFound."""
        if key not in self.dimensions:
            raise NotFound(N_("A pivot knows no field “{name}” here."), name=key)
        return self.dimensions[key]

    def number(self, key: str) -> Number:
        """A number by its key; raises NotFound."""
        if key not in self.numbers:
            raise NotFound(N_("A pivot knows no number “{name}” here."), name=key)
        return self.numbers[key]


_STATES = {"open": N_("Open"), "won": N_("Won"), "lost": N_("Lost")}
_TASK_STATES = {
    "overdue": N_("Overdue"), "today": N_("Today"), "planned": N_("Planned"),
    "waiting": N_("Waiting"), "done": N_("Done"), "cancelled": N_("Cancelled"),
}  # fmt: skip
_YES_NO = {"yes": N_("Yes"), "no": N_("No")}
_MOVED_AS = {
    "person": N_("By hand"), "cli": N_("Command line"), "rule": N_("By a link"),
    "sync": N_("Synchronisation"), "import": N_("Import"),
}  # fmt: skip
OF_PARENT: Final = N_("Parent: {name}")
OF_DEAL: Final = N_("Deal: {name}")
OF_CLIENT: Final = N_("Client: {name}")


#: Deals that are not deleted: the few that are can be looked up.
_THERE = "NOT IN (SELECT id FROM deal WHERE deleted_at IS NOT NULL)"


def _title(deal: str) -> str:
    return f"(SELECT title FROM deal WHERE id = {deal})"


def _deal_joins(d: str) -> dict[str, str]:
    """What hangs on the deal of alias ``d``."""
    return {
        f"{d}s": f"LEFT JOIN stage {d}s ON {d}s.id = {d}.stage_id",
        f"{d}o": f"LEFT JOIN person {d}o ON {d}o.id = {d}.owner_id",
        f"{d}c": f"LEFT JOIN client {d}c ON {d}c.id = {d}.client_id",
        f"{d}k": f"LEFT JOIN client {d}k ON {d}k.id = {d}.contact_id",
        f"{d}w": f"LEFT JOIN client {d}w ON {d}w.id = {d}k.company_id",
        f"{d}g": f"LEFT JOIN (SELECT DISTINCT deal_id, tag_id FROM deal_tag "
        f"WHERE deleted_at IS NULL) {d}g ON {d}g.deal_id = {d}.id",
        f"{d}q": f"LEFT JOIN (SELECT DISTINCT deal_id, contractor_id FROM contractor_quote "
        f"WHERE accepted = 1 AND deleted_at IS NULL) {d}q ON {d}q.deal_id = {d}.id",
    }


def _deal_dimensions(d: str) -> list[Dimension]:
    """By what deals of alias ``d`` are told apart."""
    c, k, w, s = f"{d}c", f"{d}k", f"{d}w", f"{d}s"
    return [
        Dimension("person", N_("Responsible person"), "person", f"{d}.owner_id"),
        Dimension("team", N_("Team"), "team", f"{d}o.team_id", (f"{d}o",)),
        Dimension("pipeline", N_("Pipeline"), "pipeline", f"{d}.pipeline_id"),
        Dimension("stage", N_("Stage"), "stage", f"{d}.stage_id"),
        Dimension("state", N_("State"), "word", f"{s}.kind", (s,), _STATES),
        Dimension("client", N_("Client"), "client",
                  f"coalesce({d}.client_id, {d}k.company_id, {d}.contact_id)", (f"{d}k",)),
        Dimension("contact", N_("Contact"), "client", f"{d}.contact_id"),
        Dimension("industry", N_("Industry"), "industry",
                  f"coalesce({c}.industry_id, {w}.industry_id, {k}.industry_id, "
                  f"{d}.industry_id)", (c, k, w)),
        Dimension("source", N_("Source"), "source",
                  f"coalesce({c}.source_id, {k}.source_id, {w}.source_id, {d}.source_id)",
                  (c, k, w)),
        Dimension("reason", N_("Reason of the loss"), "lost_reason",
                  f"CASE WHEN {s}.kind = 'lost' THEN {d}.lost_reason_id END", (s,)),
        Dimension("tag", N_("Tag"), "tag", f"{d}g.tag_id", (f"{d}g",), several=True),
        Dimension("contractor", N_("Contractor"), "contractor", f"{d}q.contractor_id",
                  (f"{d}q",), several=True),
        Dimension("currency", N_("Currency"), "text", f"{d}.currency"),
        Dimension("tasks", N_("Next task"), "word",
                  f"CASE WHEN {s}.kind <> 'open' THEN NULL WHEN {d}.open_tasks = 0 THEN 'none' "
                  f"WHEN {d}.next_due < {{now}} THEN 'overdue' ELSE 'planned' END", (s,),
                  {"overdue": N_("Overdue"), "planned": N_("Planned"), "none": N_("No task")}),
        Dimension("created", N_("Created"), "moment", f"{d}.created_at"),
        Dimension("closed", N_("Closed"), "moment", f"{d}.closed_at"),
        Dimension("entered", N_("In the stage since"), "moment", f"{d}.since"),
        Dimension("expected", N_("Expected close"), "day", f"{d}.expected_day"),
        Dimension("start", N_("Start date"), "day", f"{d}.start_day"),
    ]  # fmt: skip


def _own_sql(field_id: int, subject: str) -> str:
    """The value of an own field of the record whose key is ``subject``."""
    return (
        f"(SELECT v.value FROM field_value v WHERE v.subject_id = {subject} "
        f"AND v.field_id = {int(field_id)} AND v.deleted_at IS NULL LIMIT 1)"
    )


_OWN_KINDS = {"number": "number", "money": "number", "date": "iso", "yes_no": "word"}


def _own_dimensions(d: str, own: list[OwnField], of_clients: list[OwnField]) -> list[Dimension]:
    found = []
    for each, subject, of in [(f, f"{d}.id", "") for f in own] + [
        (f, f"{d}.client_id", OF_CLIENT) for f in of_clients
    ]:
        kind = _OWN_KINDS.get(each.kind, "text")
        words = _YES_NO if each.kind == "yes_no" else {}
        sql = _own_sql(each.id, subject)
        found.append(Dimension(f"f{each.id}", each.name, kind, sql, (), words, named=True, of=of))
    return found


def _rate_moment(d: str) -> str:
    """Of a closed deal the day on which it was closed."""
    return f"CASE WHEN {d}s.kind <> 'open' THEN {d}.closed_at END"


def _deal_numbers(d: str) -> list[Number]:
    s = (f"{d}s",)
    at = _rate_moment(d)
    money = {"holds": "money", "joins": s, "scale": MONEY_SCALE, "currency": f"{d}.currency"}
    return [
        Number("amount", N_("Amount"), sql=f"{d}.amount", at=at, **money),  # type: ignore[arg-type]
        Number("cost", N_("Cost"), sql=f"{d}.cost", at=at, **money),  # type: ignore[arg-type]
        Number("profit", N_("Gross profit"), sql=f"{d}.amount", at=at, profit=True,
               **money),  # type: ignore[arg-type]
        Number("in_stage", N_("Days in the stage"), "days",
               f"CASE WHEN {d}s.kind = 'open' THEN {{now}} - {d}.since END", s, DAY),
        Number("open_days", N_("Days from creation to close"), "days",
               f"CASE WHEN {d}s.kind <> 'open' THEN {d}.closed_at - {d}.created_at END", s, DAY),
        Number("late", N_("Days late"), "days",
               f"CASE WHEN {d}s.kind = 'open' AND {d}.expected_day < {{today}} "
               f"THEN {{today}} - {d}.expected_day END", s),
        Number("open_tasks", N_("Open tasks"), "number", f"{d}.open_tasks"),
    ]  # fmt: skip


def _own_numbers(d: str, own: list[OwnField]) -> list[Number]:
    found = []
    for each in own:
        sql = _own_sql(each.id, f"{d}.id")
        if each.kind == "money":
            found.append(
                Number(f"f{each.id}", each.name, "money", sql, (f"{d}s",), MONEY_SCALE,
                       f"{d}.currency", _rate_moment(d), as_text=True, named=True)
            )  # fmt: skip
        elif each.kind == "number":
            found.append(Number(f"f{each.id}", each.name, "number", sql, as_text=True, named=True))
    return found


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
    dimensions = [*_deal_dimensions("d"), *_own_dimensions("d", own, of_clients)]
    dimensions.insert(5, Dimension("parent", N_("Parent deal"), "deal", "d.parent_id"))
    joins = _deal_joins("d")
    base, where = "deal d", "d.deleted_at IS NULL"
    if children:
        base += " JOIN deal p ON p.id = d.parent_id"
        where += " AND p.deleted_at IS NULL"
        joins |= _deal_joins("p")
        parents = [*_deal_dimensions("p"), *_own_dimensions("p", own, of_clients)]
        dimensions += _of("parent", OF_PARENT, parents)
    return _entity(
        dimensions, [*_deal_numbers("d"), *_own_numbers("d", own)],
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


def _tasks(own: list[OwnField], of_clients: list[OwnField]) -> Entity:
    deals = [*_deal_dimensions("d"), *_own_dimensions("d", own, of_clients)]
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
            "d": "LEFT JOIN deal d ON d.id = t.deal_id", **_deal_joins("d"),
        },
        shown=("t.title", _title("t.deal_id"), "t.due_at", "t.deal_id", "t.id", "NULL"),
    )  # fmt: skip


def _moves(own: list[OwnField], of_clients: list[OwnField]) -> Entity:
    deals = [*_deal_dimensions("d"), *_own_dimensions("d", own, of_clients)]
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
            for one in _deal_numbers("d")
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
            "d": "JOIN deal d ON d.id = m.deal_id", **_deal_joins("d"),
        },
        shown=(_title("m.deal_id"), "(SELECT name FROM stage WHERE id = m.to_stage_id)", "m.at",
               "m.deal_id", "NULL", "NULL"),
        before={"a": AGAIN}, moves=True,
    )  # fmt: skip


def _quotes(own: list[OwnField], of_clients: list[OwnField]) -> Entity:
    deals = [*_deal_dimensions("d"), *_own_dimensions("d", own, of_clients)]
    dimensions = [
        Dimension("contractor", N_("Contractor"), "contractor", "q.contractor_id"),
        Dimension("service", N_("Service"), "service", "q.service_id"),
        Dimension("accepted", N_("Accepted"), "word",
                  "CASE WHEN q.accepted = 1 THEN 'yes' ELSE 'no' END", (), _YES_NO),
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
        joins={"d": "LEFT JOIN deal d ON d.id = q.deal_id", **_deal_joins("d")},
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
