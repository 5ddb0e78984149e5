"""Everything the panel of one deal shows beside its history: questions alone, a few queries each.

Verbs of a deal are in ``deals``, ``dealfields`` and ``tasks``; its history is in ``dealhistory``.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.names import folded
from salesdesk.services import (
    awaiting,
    board,
    chainmoney,
    deallinks,
    lists,
    payments,
    people,
    phones,
    surroundings,
    tasks,
)
from salesdesk.services.cards import Age, StageKind
from salesdesk.services.chainmoney import ChainMoney
from salesdesk.services.dealhistory import LATER, HistoryPage, history
from salesdesk.services.deallinks import Gate, LinkedDeal, Profit
from salesdesk.services.payments import PaymentLine, PaymentSums
from salesdesk.services.phones import Phone
from salesdesk.services.tasks import TaskLine
from salesdesk.text import N_

_DAY = DAY_SECONDS * SECOND
_COMMON = ("RUB", "USD", "EUR", "CNY", "KZT")
FIRST_LINES = 50
#: From so many on the history of a deal is long.
_MANY_TASKS, _MANY_CHANGES = 40, 120
_CHANGES = f"SELECT 1 FROM change WHERE tbl = 'deal' AND {OF_RECORDS} AND row_id = ? LIMIT ?"


@dataclass(frozen=True, slots=True)
class Named:
    """Something to choose by its name; ``more`` says more about it."""

    id: int
    name: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class StageChoice:
    """A stage that a deal can be moved to."""

    id: int
    name: str
    kind: StageKind
    colour: str


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task to choose."""

    id: int
    name: str
    icon: str
    asks_result: bool


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of the workspace's own with this deal's value as text (see ``dealfields``)."""

    id: int
    name: str
    kind: str
    options: tuple[str, ...]
    value: str | None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note, with who wrote it when."""

    id: int
    text: str
    at: int
    author: str | None


@dataclass(frozen=True, slots=True)
class DealView:
    """A deal with all that belongs to it.

    Money is in ``currency``; ``paid`` is what came in by now in that currency; days are ordinals,
    moments microseconds UTC. ``as_of`` is the moment shown when that is not now (``dealpast``);
    such a deal is only looked at. ``company_deals`` counts the deals of the company, this one too.
    ``phone`` is the contact's first one, else the company's. ``stages`` are those of the pipeline;
    ``waits`` says by task what a waiting one waits for (a stage, another task, a field), ``kept``
    which date field one no longer moves along with, since a person has set its due moment (at the
    moment in ``kept_since``). ``chain`` is the money of the deal and its children, None where that
    is no more than ``sums``; ``gate`` the stage ahead that asks for more to be paid; ``profit``
    what the deal leaves when its children have costs.
    """

    id: int
    number: int
    title: str
    amount: Decimal | None
    cost: Decimal | None
    currency: str
    pipeline_id: int
    pipeline: str
    stage_id: int
    stage: str
    stage_kind: StageKind
    stage_colour: str
    stage_probability: int
    limit_days: int | None
    owner_id: int | None
    owner: str | None
    client_id: int | None
    company: str | None
    contact_id: int | None
    contact: str | None
    source_id: int | None
    source: str | None
    industry_id: int | None
    industry: str | None
    start_day: int | None
    expected_day: int | None
    probability: int | None
    lost_reason_id: int | None
    lost_reason: str | None
    parent_id: int | None
    created_at: int | None
    since: int | None
    closed_at: int | None
    external_id: str | None
    deleted: bool
    days_in_stage: int
    age: Age
    company_deals: int
    phone: str | None
    paid: Decimal
    stages: tuple[StageChoice, ...]
    tags: tuple[str, ...]
    fields: tuple[OwnField, ...]
    tasks: tuple[TaskLine, ...]
    waits: dict[int, str]
    linked: tuple[LinkedDeal, ...]
    notes: tuple[NoteLine, ...]
    payments: tuple[PaymentLine, ...]
    sums: PaymentSums
    as_of: int | None = None
    kept: dict[int, str] = field(default_factory=dict)
    kept_since: dict[int, int] = field(default_factory=dict)
    chain: ChainMoney | None = None
    gate: Gate | None = None
    profit: Profit | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of any deal can be set to: short lists, in their order."""

    people: tuple[Named, ...]
    sources: tuple[Named, ...]
    industries: tuple[Named, ...]
    lost_reasons: tuple[Named, ...]
    task_kinds: tuple[TaskKind, ...]
    tags: tuple[str, ...]
    currencies: tuple[str, ...]
    closes: int


@dataclass(frozen=True, slots=True)
class OpenedDeal:
    """What the panel asks for at once when a deal is opened; ``phone`` is the deal's, to call."""

    deal: DealView
    choices: Choices
    history: HistoryPage
    phone: Phone | None = None


def opened(
    r: Reader, deal_id: int, *, now: int, lines: int = FIRST_LINES, known: Choices | None = None,
    later: bool = False,
) -> OpenedDeal:  # fmt: skip
    """A deal, what its fields can be set to (``known`` while that stands), and the newest
    ``lines`` of its history; with ``later`` a long one is ``dealhistory.LATER``.

    Raises NotFound for a deal that never was.
    """
    deal = deal_view(r, deal_id, now=now)
    phone = None if deal.phone is None else phones.phone(deal.phone, phones.region_of(r))
    told = LATER if later and _is_busy(r, deal) else history(r, deal_id, limit=lines)
    return OpenedDeal(deal, known or choices(r, now=now), told, phone)


def _is_busy(r: Reader, deal: DealView) -> bool:
    """Whether so much has happened to a deal that telling it takes some time."""
    if len(deal.tasks) + len(deal.notes) >= _MANY_TASKS:
        return True
    return len(r.rows(_CHANGES, (deal.id, _MANY_CHANGES))) == _MANY_CHANGES


_COLUMNS = (
    "id", "number", "title", "amount", "cost", "currency", "pipeline_id", "pipeline", "stage_id",
    "stage", "stage_kind", "stage_colour", "stage_probability", "limit_days", "owner_id", "owner",
    "client_id", "company", "contact_id", "contact", "source_id", "source", "industry_id",
    "industry", "start_day", "expected_day", "probability", "lost_reason_id", "lost_reason",
    "parent_id", "created_at", "since", "closed_at", "external_id", "deleted",
)  # fmt: skip
_DEAL = (
    "SELECT d.id, d.number, d.title, d.amount, d.cost, d.currency, d.pipeline_id, l.name, "
    "d.stage_id, s.name, s.kind, s.colour, s.probability, s.limit_days, d.owner_id, p.name, "
    "d.client_id, c.name, d.contact_id, k.name, d.source_id, o.name, d.industry_id, i.name, "
    "d.start_day, d.expected_day, d.probability, d.lost_reason_id, e.name, d.parent_id, "
    "d.created_at, d.since, d.closed_at, d.external_id, d.deleted_at IS NOT NULL "
    "FROM deal d JOIN stage s ON s.id = d.stage_id JOIN pipeline l ON l.id = d.pipeline_id "
    "LEFT JOIN person p ON p.id = d.owner_id LEFT JOIN client c ON c.id = d.client_id "
    "LEFT JOIN client k ON k.id = d.contact_id LEFT JOIN source o ON o.id = d.source_id "
    "LEFT JOIN industry i ON i.id = d.industry_id "
    "LEFT JOIN lost_reason e ON e.id = d.lost_reason_id WHERE d.id = ?"
)


def deal_view(r: Reader, deal_id: int, *, now: int) -> DealView:
    """A deal with its tasks, notes, tags, own fields and linked deals; a deleted one too.

    Raises NotFound for a deal that never was (or whose creation was taken back).
    """
    row = r.row(_DEAL, (deal_id,))
    if row is None:
        raise NotFound(N_("This deal does not exist any more."))
    found: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    for name in ("amount", "cost"):
        found[name] = None if found[name] is None else amount_of(found[name])
    found["deleted"] = bool(found["deleted"])
    lines = payments.of_deal(r, deal_id, today=r.zone.day_of(now))
    money = payments.sums_here(r, lines, found["amount"], found["currency"])
    since, limit, kind = found["since"], found["limit_days"], found["stage_kind"]
    listed = tasks.of_deal(r, deal_id, now=now)
    opened = [task.id for task in listed if task.state == "open"]
    kept = awaiting.kept(r, opened)
    linked = deallinks.linked(r, deal_id, found["parent_id"], now=now)
    return DealView(
        **found,
        days_in_stage=0 if since is None else max(0, (now - since) // _DAY),
        age=board.age(since, limit, now) if kind == "open" else "fresh",
        company_deals=_company_deals(r, found["client_id"]),
        phone=_phone(r, found["contact_id"], found["client_id"]),
        paid=money.paid,
        stages=stages_of(r, found["pipeline_id"]),
        tags=_tags(r, deal_id),
        fields=_own_fields(r, deal_id),
        tasks=tuple(listed),
        waits=awaiting.awaited(r, opened),
        kept=kept,
        kept_since=awaiting.when_set_by_hand(r, kept),
        linked=linked,
        notes=_notes(r, deal_id),
        payments=lines,
        sums=money,
        chain=_chain(r, lines, linked, found["currency"], now),
        gate=_gate(r, found, deal_id),
        profit=deallinks.profit(r, found["amount"], found["cost"], found["currency"], linked),
    )


def _gate(r: Reader, found: dict[str, Any], deal_id: int) -> Gate | None:
    """The stage ahead that opens when a share is paid, by whichever deal of the chain."""
    paid = payments.sums_of(r, deal_id, found["amount"], found["currency"]).percent
    return deallinks.gate(r, found["stage_id"], found["amount"], found["currency"], paid)


def _chain(
    r: Reader,
    lines: tuple[PaymentLine, ...],
    linked: tuple[LinkedDeal, ...],
    currency: str,
    now: int,
) -> ChainMoney | None:
    children = [one.id for one in linked if not one.is_parent]
    found = chainmoney.of_chain(r, lines, children, currency, today=r.zone.day_of(now))
    return found if found.is_more() else None


def stages_of(r: Reader, pipeline_id: int) -> tuple[StageChoice, ...]:
    """The stages of a pipeline in their order."""
    return tuple(
        StageChoice(*row)
        for row in r.rows(
            "SELECT id, name, kind, colour FROM stage WHERE pipeline_id = ? "
            "AND deleted_at IS NULL AND archived = 0 ORDER BY position, id",
            (pipeline_id,),
        )
    )


def _company_deals(r: Reader, client_id: int | None) -> int:
    if client_id is None:
        return 0
    sql = "SELECT count(*) FROM deal WHERE client_id = ? AND deleted_at IS NULL"
    return int(r.value(sql, (client_id,)))


def _phone(r: Reader, contact_id: int | None, client_id: int | None) -> str | None:
    found: str | None = r.value(
        "SELECT value FROM client_contact WHERE kind = 'phone' AND deleted_at IS NULL "
        "AND client_id IN (?, ?) ORDER BY client_id <> ?, position, id LIMIT 1",
        (contact_id, client_id, contact_id or 0),
    )
    return found


def _tags(r: Reader, deal_id: int) -> tuple[str, ...]:
    return tuple(
        row[0]
        for row in r.rows(
            "SELECT t.name FROM deal_tag d JOIN tag t ON t.id = d.tag_id "
            "WHERE d.deal_id = ? AND d.deleted_at IS NULL ORDER BY t.name_key",
            (deal_id,),
        )
    )


def _own_fields(r: Reader, deal_id: int) -> tuple[OwnField, ...]:
    return tuple(
        OwnField(key, name, kind, tuple(json.loads(options)), value)
        for key, name, kind, options, value in r.rows(
            "SELECT f.id, f.name, f.kind, f.options, v.value FROM custom_field f "
            "LEFT JOIN field_value v ON v.field_id = f.id AND v.subject_id = ? "
            "AND v.deleted_at IS NULL WHERE f.subject = 'deal' AND f.deleted_at IS NULL "
            "ORDER BY f.position, f.id",
            (deal_id,),
        )
    )


def _notes(r: Reader, deal_id: int) -> tuple[NoteLine, ...]:
    return tuple(
        NoteLine(*row)
        for row in r.rows(
            "SELECT n.id, n.text, n.at, p.name FROM note n "
            "LEFT JOIN person p ON p.id = n.person_id "
            "WHERE n.deal_id = ? AND n.deleted_at IS NULL ORDER BY n.at DESC, n.id DESC",
            (deal_id,),
        )
    )


# -- what the fields can be set to ----------------------------------------------------------------


def choices(r: Reader, *, now: int) -> Choices:
    """The short lists behind the fields; people are those who work here today."""
    known = list(board.rates(r, board.currency(r)))
    return Choices(
        people=tuple(
            Named(person.id, person.name) for person in people.people(r, on_day=r.zone.day_of(now))
        ),
        sources=_named(r, "sources"),
        industries=_named(r, "industries"),
        lost_reasons=_named(r, "lost_reasons"),
        task_kinds=tuple(
            TaskKind(item.id, item.name, item.values["icon"], item.values["asks_result"])
            for item in lists.items(r, "task_kinds")
        ),
        tags=tuple(item.name for item in lists.items(r, "tags")),
        currencies=tuple(dict.fromkeys((*known, *_COMMON))),
        closes=surroundings.calendar(r).closes,
    )


def _named(r: Reader, which: str) -> tuple[Named, ...]:
    return tuple(Named(item.id, item.name) for item in lists.items(r, which))


def find_clients(
    r: Reader, text: str, kind: str, *, company_id: int | None = None, limit: int = 20
) -> list[Named]:
    """Clients of a kind (``company`` or ``contact``) whose name holds ``text``.

    Those of the company come first, then names that begin so; ``more`` is a contact's company.
    """
    typed = folded(text)
    return [
        Named(key, name, more or "")
        for key, name, more in r.rows(
            "SELECT c.id, c.name, f.name FROM client c LEFT JOIN client f ON f.id = c.company_id "
            "WHERE c.kind = ? AND c.deleted_at IS NULL "
            "AND replace(c.name_key, 'ё', 'е') LIKE ? ESCAPE '\\' "
            "ORDER BY coalesce(c.company_id, 0) <> ?, "
            "instr(replace(c.name_key, 'ё', 'е'), ?) <> 1, c.name_key, c.id LIMIT ?",
            (kind, board.like(text), company_id or -1, typed, limit),
        )
    ]


def stages_everywhere(r: Reader) -> list[tuple[str, StageChoice]]:
    """Every stage with its pipeline's name, in order: where a deal can be moved at all."""
    return [
        (row[0], StageChoice(*row[1:]))
        for row in r.rows(
            "SELECT p.name, s.id, s.name, s.kind, s.colour FROM stage s "
            "JOIN pipeline p ON p.id = s.pipeline_id WHERE s.deleted_at IS NULL "
            "AND s.archived = 0 AND p.deleted_at IS NULL "
            "ORDER BY p.position, p.id, s.position, s.id"
        )
    ]
