"""Everything the panel of one client shows: questions alone, a few queries each."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, money_of
from salesdesk.services import clientlist, clients, phones, rates, tasks
from salesdesk.services.cards import StageKind
from salesdesk.services.clients import ClientKind
from salesdesk.services.dealview import Choices, NoteLine, OwnField, choices
from salesdesk.services.phones import Phone
from salesdesk.services.survivors import survivor
from salesdesk.text import N_

__all__ = [
    "ClientDeal", "ClientTask", "ClientView", "Contact", "OpenedClient", "Person", "client_view",
    "opened", "survivor",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone (``phone`` says how it is shown and called) or an e-mail of a client."""

    id: int
    kind: str
    value: str
    phone: Phone | None
    known: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A contact person of a company."""

    id: int
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class ClientTask:
    """A task of the client itself, without a deal; ``shown`` as in ``tasks.shown_state``."""

    id: int
    title: str
    kind: str | None
    icon: str | None
    assignee_id: int | None
    assignee: str | None
    due_at: int | None
    state: str
    shown: str
    asks_result: bool
    result: str | None
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class ClientDeal:
    """A deal of the client; ``paid`` is what came in by now, in the deal's currency."""

    id: int
    number: int
    title: str
    pipeline: str
    stage: str
    stage_kind: StageKind
    stage_colour: str
    owner_id: int | None
    owner: str | None
    amount: Decimal | None
    currency: str
    paid: Decimal
    created_at: int | None
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client with all that belongs to it.

    ``revenue`` and ``paid`` are in ``currency``, the workspace's own; ``unrated`` names currencies
    without a rate, left out. ``active_at`` is the moment of the last activity. ``tax_doubt`` is a
    marked sentence (``N_``). ``merged_into`` is the client that a merged one lives on in.
    """

    id: int
    kind: ClientKind
    name: str
    company_id: int | None
    company: str | None
    source_id: int | None
    source: str | None
    industry_id: int | None
    industry: str | None
    tax_number: str | None
    tax_doubt: str | None
    about: str | None
    external_id: str | None
    deleted: bool
    made_at: int
    active_at: int
    currency: str
    revenue: Decimal
    paid: Decimal
    unrated: tuple[str, ...]
    contacts: tuple[Contact, ...]
    people: tuple[Person, ...]
    deals: tuple[ClientDeal, ...]
    tasks: tuple[ClientTask, ...]
    notes: tuple[NoteLine, ...]
    fields: tuple[OwnField, ...]

    @property
    def open_deals(self) -> int:
        """How many deals are open."""
        return sum(deal.stage_kind == "open" for deal in self.deals)

    @property
    def won_deals(self) -> int:
        """How many deals were won."""
        return sum(deal.stage_kind == "won" for deal in self.deals)


@dataclass(frozen=True, slots=True)
class OpenedClient:
    """What the panel asks for at once. ``asked`` is the client that was asked for: another one than
    ``client`` when that was merged away."""

    asked: int
    client: ClientView
    choices: Choices


def opened(r: Reader, client_id: int, *, now: int) -> OpenedClient:
    """A client (or the one it was merged into) and what its fields can be set to."""
    found = survivor(r, "client", client_id)
    return OpenedClient(client_id, client_view(r, found, now=now), choices(r, now=now))


_COLUMNS = (
    "id", "kind", "name", "company_id", "company", "source_id", "source", "industry_id", "industry",
    "tax_number", "about", "external_id", "deleted", "uid",
)  # fmt: skip
_CLIENT = (
    "SELECT c.id, c.kind, c.name, c.company_id, f.name, c.source_id, s.name, c.industry_id, "
    "i.name, c.tax_number, c.notes, c.external_id, c.deleted_at IS NOT NULL, c.uid FROM client c "
    "LEFT JOIN client f ON f.id = c.company_id LEFT JOIN source s ON s.id = c.source_id "
    "LEFT JOIN industry i ON i.id = c.industry_id WHERE c.id = ?"
)


def client_view(r: Reader, client_id: int, *, now: int) -> ClientView:
    """A client with contacts, deals, tasks and notes; a deleted one too.

    Raises NotFound for a client that never was.
    """
    row = r.row(_CLIENT, (client_id,))
    if row is None:
        raise NotFound(N_("This client does not exist any more."))
    region = phones.region_of(r)
    deals = _deals(r, client_id)
    revenue, paid, unrated = _brought(r, deals)
    found: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    found["deleted"] = bool(found["deleted"])
    made = clientlist.made_at(found.pop("uid"))
    return ClientView(
        **found,
        tax_doubt=clients.tax_doubt(found["tax_number"], region),
        made_at=made,
        active_at=clientlist.last_activity(r, [client_id])[client_id],
        currency=rates.load(r).home,
        revenue=revenue,
        paid=paid,
        unrated=unrated,
        contacts=_contacts(r, client_id, region),
        people=_people(r, client_id, region),
        deals=deals,
        tasks=_tasks(r, client_id, now),
        notes=_notes(r, client_id),
        fields=_own_fields(r, client_id),
    )


def _contacts(r: Reader, client_id: int, region: str) -> tuple[Contact, ...]:
    found = []
    for key, kind, value in r.rows(
        "SELECT id, kind, value FROM client_contact WHERE client_id = ? AND deleted_at IS NULL "
        "ORDER BY kind = 'email', position, id",
        (client_id,),
    ):
        phone = phones.phone(value, region) if kind == "phone" else None
        known = phones.is_email(value) if phone is None else phone.known
        found.append(Contact(key, kind, value, phone, known))
    return tuple(found)


def _people(r: Reader, client_id: int, region: str) -> tuple[Person, ...]:
    return tuple(
        Person(key, name, None if value is None else phones.phone(value, region).shown)
        for key, name, value in r.rows(
            "SELECT c.id, c.name, (SELECT x.value FROM client_contact x WHERE x.client_id = c.id "
            "AND x.kind = 'phone' AND x.deleted_at IS NULL ORDER BY x.position, x.id LIMIT 1) "
            "FROM client c WHERE c.company_id = ? AND c.deleted_at IS NULL ORDER BY c.name_key",
            (client_id,),
        )
    )


_DEALS = (
    "SELECT d.id, d.number, d.title, l.name, s.name, s.kind, s.colour, d.owner_id, p.name, "
    "d.amount, d.currency, (SELECT coalesce(sum(y.amount), 0) FROM payment y WHERE "
    "y.deal_id = d.id AND y.direction = 'in' AND y.actual_day IS NOT NULL AND y.deleted_at IS NULL "
    "AND y.currency = d.currency), d.created_at, d.closed_at FROM deal d "
    "JOIN stage s ON s.id = d.stage_id JOIN pipeline l ON l.id = s.pipeline_id "
    "LEFT JOIN person p ON p.id = d.owner_id WHERE d.deleted_at IS NULL "
    "AND (d.client_id = ? OR d.contact_id = ?) "
    "ORDER BY CASE s.kind WHEN 'open' THEN 0 ELSE 1 END, "
    "coalesce(d.closed_at, d.created_at) DESC, d.id DESC"
)


def _deals(r: Reader, client_id: int) -> tuple[ClientDeal, ...]:
    found = []
    for row in r.rows(_DEALS, (client_id, client_id)):
        amount = None if row[9] is None else amount_of(row[9])
        cells: tuple[Any, ...] = (*row[:9], amount, row[10], amount_of(row[11]), *row[12:])
        found.append(ClientDeal(*cells))
    return tuple(found)


def _brought(r: Reader, deals: tuple[ClientDeal, ...]) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    """What won deals brought and what was paid, in the workspace's currency: at the rate of the day
    of winning, and of the day of the payment."""
    known = rates.load(r)
    unrated: set[str] = set()

    def home(money: int, code: str, day: int) -> int:
        found = known.convert(money, code, day)
        if found is None:
            unrated.add(code)
        return found or 0

    won = sum(
        home(money_of(deal.amount), deal.currency, r.zone.day_of(deal.closed_at or 0))
        for deal in deals
        if deal.stage_kind == "won" and deal.amount is not None
    )
    paid = sum(
        home(amount, code, day)
        for amount, code, day in r.rows_of(
            "SELECT amount, currency, actual_day FROM payment WHERE direction = 'in' "
            "AND actual_day IS NOT NULL AND deleted_at IS NULL AND deal_id IN ({ids})",
            [deal.id for deal in deals],
        )
    )
    return amount_of(won), amount_of(paid), tuple(sorted(unrated))


_TASKS = (
    "SELECT t.id, t.title, k.name, k.icon, t.assignee_id, p.name, t.due_at, t.state, t.event, "
    "t.asks_result, t.result, t.closed_at FROM task t LEFT JOIN task_kind k ON k.id = t.kind_id "
    "LEFT JOIN person p ON p.id = t.assignee_id WHERE t.client_id = ? AND t.deal_id IS NULL "
    "AND t.deleted_at IS NULL ORDER BY t.state <> 'open', "
    "CASE WHEN t.state = 'open' THEN coalesce(t.due_at, 1 << 62) ELSE -t.closed_at END, t.id"
)


def _tasks(r: Reader, client_id: int, now: int) -> tuple[ClientTask, ...]:
    """Tasks of the client without a deal: open ones by due moment, then closed ones."""
    day_end = r.zone.start_of(r.zone.day_of(now) + 1)
    found = []
    for row in r.rows(_TASKS, (client_id,)):
        shown = tasks.shown_state(row[7], row[6], row[8], now, day_end)
        cells: tuple[Any, ...] = (*row[:8], shown, bool(row[9]), *row[10:])
        found.append(ClientTask(*cells))
    return tuple(found)


def _notes(r: Reader, client_id: int) -> tuple[NoteLine, ...]:
    return tuple(
        NoteLine(*row)
        for row in r.rows(
            "SELECT n.id, n.text, n.at, p.name FROM note n "
            "LEFT JOIN person p ON p.id = n.person_id "
            "WHERE n.client_id = ? AND n.deleted_at IS NULL ORDER BY n.at DESC, n.id DESC",
            (client_id,),
        )
    )


def _own_fields(r: Reader, client_id: int) -> tuple[OwnField, ...]:
    return tuple(
        OwnField(key, name, kind, tuple(json.loads(options)), value)
        for key, name, kind, options, value in r.rows(
            "SELECT f.id, f.name, f.kind, f.options, v.value FROM custom_field f "
            "LEFT JOIN field_value v ON v.field_id = f.id AND v.subject_id = ? "
            "AND v.deleted_at IS NULL WHERE f.subject = 'client' AND f.deleted_at IS NULL "
            "ORDER BY f.position, f.id",
            (client_id,),
        )
    )
