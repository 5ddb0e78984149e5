"""What a pivot knows a thing by: dimensions, numbers, entities; and those of a deal.

All SQL of a pivot is composed from such entries and the keys of own fields; nothing that a person
typed ever becomes part of a statement (values are bound). ``{now}`` and ``{today}`` in them stand
for the moment and the day of asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from salesdesk.errors import NotFound
from salesdesk.moments import DAY_SECONDS, MONEY_SCALE, SECOND
from salesdesk.services.filter_choices import OwnField
from salesdesk.services.report_table import Holds
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
class Parts:
    """Parts of an entity's things, each with an index that holds these columns of the table (or
    needs no row for them): its FROM, and which things they are. Asked part by part, no row is read
    for what names no other column."""

    each: tuple[tuple[str, str], ...] = ()
    columns: frozenset[str] = frozenset()


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
    parts: Parts = Parts()

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
YES_NO = {"yes": N_("Yes"), "no": N_("No")}
OF_CLIENT: Final = N_("Client: {name}")


def deal_joins(d: str) -> dict[str, str]:
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


def deal_dimensions(d: str) -> list[Dimension]:
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


def own_dimensions(d: str, own: list[OwnField], of_clients: list[OwnField]) -> list[Dimension]:
    """The own fields of the deal, and of its company, as dimensions."""
    found = []
    for each, subject, of in [(f, f"{d}.id", "") for f in own] + [
        (f, f"{d}.client_id", OF_CLIENT) for f in of_clients
    ]:
        kind = _OWN_KINDS.get(each.kind, "text")
        words = YES_NO if each.kind == "yes_no" else {}
        sql = _own_sql(each.id, subject)
        found.append(Dimension(f"f{each.id}", each.name, kind, sql, (), words, named=True, of=of))
    return found


def _rate_moment(d: str) -> str:
    """Of a closed deal the day on which it was closed."""
    return f"CASE WHEN {d}s.kind <> 'open' THEN {d}.closed_at END"


def deal_numbers(d: str) -> list[Number]:
    """What of deals of alias ``d`` can be summed up."""
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


def own_numbers(d: str, own: list[OwnField]) -> list[Number]:
    """Own fields that are numbers or money."""
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
