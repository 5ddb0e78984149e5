"""Everything the panel of one contractor shows: questions alone, a few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of, money_of
from salesdesk.services import clients, contractorlist, payments, phones, rates, ratings
from salesdesk.services.contractorlist import ServiceName
from salesdesk.services.payments import PaymentLine
from salesdesk.services.phones import Phone
from salesdesk.services.ratings import Averages
from salesdesk.text import N_


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """A person to talk to at a contractor."""

    id: int
    name: str
    duty: str | None
    phone: Phone | None
    email: str | None


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A price that a contractor named. ``late_days`` is how many days its work came late (less than
    0: early), or is late by today; None while it is neither done nor overdue. ``closed``: its work
    may be rated. ``score`` is the mean of its ratings."""

    id: int
    contractor_id: int
    contractor: str
    deal_id: int | None
    deal_number: int | None
    deal: str | None
    service_id: int | None
    service: str | None
    price: Decimal
    currency: str
    day: int
    accepted: bool
    planned_day: int | None
    actual_day: int | None
    late_days: int | None
    closed: bool
    score: Decimal | None
    by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class RatingLine:
    """One score of a piece of work: who said so, when (a day) and why."""

    id: int
    quote_id: int | None
    criterion: str
    score: int
    why: str | None
    person_id: int | None
    person: str | None
    day: int
    deal: str | None


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A price on a day, in the workspace's currency."""

    day: int
    price: Decimal
    accepted: bool


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The prices for one service by day; ``unrated`` names currencies left out."""

    service_id: int | None
    service: str | None
    currency: str
    points: tuple[PricePoint, ...]
    unrated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Accepted work with a planned day: how much of it was done, how much of that on time, the mean
    and the most days that late work was late; how much is still to come, and is late by now."""

    done: int = 0
    on_time: int = 0
    mean_late: Decimal = Decimal(0)
    most_late: int = 0
    coming: int = 0
    overdue: int = 0

    @property
    def share(self) -> int | None:
        """Percent of the work done that was on time, rounded down."""
        return self.on_time * 100 // self.done if self.done else None


@dataclass(frozen=True, slots=True)
class ContractorPayment:
    """A payment to the contractor, with the deal that it is for."""

    deal_id: int
    deal: str
    line: PaymentLine


@dataclass(frozen=True, slots=True)
class PaidSums:
    """Payments to a contractor in the workspace's currency: paid, planned, and of that late."""

    currency: str
    paid: Decimal
    planned: Decimal
    late: Decimal
    unrated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContractorView:
    """A contractor with all that belongs to it. ``all_services`` is the whole list of services.
    ``tax_doubt`` is a marked sentence (``N_``)."""

    id: int
    name: str
    phone: Phone | None
    email: str | None
    tax_number: str | None
    tax_doubt: str | None
    notes: str | None
    external_id: str | None
    deleted: bool
    services: tuple[str, ...]
    all_services: tuple[ServiceName, ...]
    contacts: tuple[ContactPerson, ...]
    averages: Averages
    ratings: tuple[RatingLine, ...]
    quotes: tuple[QuoteLine, ...]
    prices: tuple[PriceHistory, ...]
    deadlines: Deadlines
    payments: tuple[ContractorPayment, ...]
    sums: PaidSums


def opened(r: Reader, contractor_id: int, *, now: int) -> ContractorView:
    """A contractor with contacts, prices, ratings and payments; a deleted one too.

    Raises NotFound for one that never was.
    """
    row = r.row(
        "SELECT id, name, phone, email, tax_number, notes, external_id, deleted_at IS NOT NULL "
        "FROM contractor WHERE id = ?",
        (contractor_id,),
    )
    if row is None:
        raise NotFound(N_("This contractor does not exist any more."))
    today, region = r.zone.day_of(now), phones.region_of(r)
    lines = quote_lines(r, "q.contractor_id = ?", contractor_id, today=today)
    paid = _payments(r, contractor_id, today)
    return ContractorView(
        id=row[0], name=row[1], phone=_phone(row[2], region), email=row[3], tax_number=row[4],
        tax_doubt=clients.tax_doubt(row[4], region), notes=row[5], external_id=row[6],
        deleted=bool(row[7]),
        services=tuple(contractorlist.services_of(r, [contractor_id]).get(contractor_id, ())),
        all_services=contractorlist.services(r),
        contacts=_contacts(r, contractor_id, region),
        averages=ratings.averages(r, [contractor_id]).get(contractor_id, ratings.NO_RATINGS),
        ratings=rating_lines(r, "x.contractor_id = ?", contractor_id),
        quotes=lines, prices=price_histories(r, lines), deadlines=deadlines_of(lines),
        payments=paid, sums=_sums(r, paid, today),
    )  # fmt: skip


def _phone(text: str | None, region: str) -> Phone | None:
    return phones.phone(text, region) if text else None


def _contacts(r: Reader, contractor_id: int, region: str) -> tuple[ContactPerson, ...]:
    return tuple(
        ContactPerson(key, name, duty, _phone(phone, region), email)
        for key, name, duty, phone, email in r.rows(
            "SELECT id, name, duty, phone, email FROM contractor_contact "
            "WHERE contractor_id = ? AND deleted_at IS NULL ORDER BY position, id",
            (contractor_id,),
        )
    )


# -- prices ---------------------------------------------------------------------------------------

_QUOTES = (
    "SELECT q.id, q.contractor_id, k.name, q.deal_id, d.number, d.title, q.service_id, s.name, "
    "q.price, q.currency, q.day, q.accepted, q.planned_day, q.actual_day, "
    "coalesce(g.kind, 'open') <> 'open', (SELECT avg(x.score) FROM contractor_rating x "
    "WHERE x.quote_id = q.id AND x.deleted_at IS NULL), p.name, q.note FROM contractor_quote q "
    "JOIN contractor k ON k.id = q.contractor_id LEFT JOIN deal d ON d.id = q.deal_id "
    "LEFT JOIN stage g ON g.id = d.stage_id LEFT JOIN service s ON s.id = q.service_id "
    "LEFT JOIN person p ON p.id = q.person_id WHERE q.deleted_at IS NULL AND "
)
_TENTH = Decimal("0.1")


def quote_lines(r: Reader, where: str, key: int, *, today: int) -> tuple[QuoteLine, ...]:
    """The quotes that ``where`` (over ``q``, with one parameter) chooses, the latest first."""
    rows = r.rows(f"{_QUOTES}{where} ORDER BY q.day DESC, q.id DESC", (key,))
    return tuple(_quote(row, today) for row in rows)


def _quote(row: tuple[Any, ...], today: int) -> QuoteLine:
    accepted, planned, actual = bool(row[11]), row[12], row[13]
    return QuoteLine(
        id=row[0], contractor_id=row[1], contractor=row[2], deal_id=row[3], deal_number=row[4],
        deal=row[5], service_id=row[6], service=row[7], price=amount_of(row[8]), currency=row[9],
        day=row[10], accepted=accepted, planned_day=planned, actual_day=actual,
        late_days=late_days(accepted, planned, actual, today),
        closed=accepted and (actual is not None or bool(row[14])),
        score=None if row[15] is None else Decimal(str(row[15])).quantize(_TENTH, ROUND_HALF_UP),
        by=row[16], note=row[17],
    )  # fmt: skip


def late_days(accepted: bool, planned: int | None, actual: int | None, today: int) -> int | None:
    """How late work came (early: less than 0) or is by today; None where nothing can be said."""
    if not accepted or planned is None:
        return None
    if actual is not None:
        return actual - planned
    return today - planned if today > planned else None


def deadlines_of(lines: Sequence[QuoteLine]) -> Deadlines:
    """The planned and the actual days of accepted work, compared."""
    work = [one for one in lines if one.accepted and one.planned_day is not None]
    done = [one.late_days or 0 for one in work if one.actual_day is not None]
    late = [days for days in done if days > 0]
    coming = [one for one in work if one.actual_day is None]
    mean = (Decimal(sum(late)) / len(late)).quantize(_TENTH, ROUND_HALF_UP) if late else Decimal(0)
    return Deadlines(
        len(done), len(done) - len(late), mean, max(late, default=0), len(coming),
        sum(one.late_days is not None for one in coming),
    )  # fmt: skip


def price_histories(r: Reader, lines: Sequence[QuoteLine]) -> tuple[PriceHistory, ...]:
    """The prices by service, the service with the most of them first, each by day."""
    known = rates.load(r)
    by: dict[int | None, list[QuoteLine]] = {}
    for one in lines:
        by.setdefault(one.service_id, []).append(one)
    found = []
    for service, quotes in by.items():
        points, unrated = [], set()
        for one in sorted(quotes, key=lambda quote: (quote.day, quote.id)):
            money = known.convert(money_of(one.price), one.currency, one.day)
            if money is None:
                unrated.add(one.currency)
            else:
                points.append(PricePoint(one.day, amount_of(money), one.accepted))
        found.append(
            PriceHistory(
                service, quotes[0].service, known.home, tuple(points), tuple(sorted(unrated))
            )
        )
    found.sort(key=lambda history: -len(history.points))
    return tuple(found)


# -- ratings and payments -------------------------------------------------------------------------


def rating_lines(r: Reader, where: str, key: int) -> tuple[RatingLine, ...]:
    """The ratings that ``where`` (over ``x``, with one parameter) chooses, the latest first."""
    return tuple(
        RatingLine(*row)
        for row in r.rows(
            "SELECT x.id, x.quote_id, x.criterion, x.score, x.why, x.person_id, p.name, x.day, "
            "d.title FROM contractor_rating x LEFT JOIN person p ON p.id = x.person_id "
            "LEFT JOIN contractor_quote q ON q.id = x.quote_id "
            f"LEFT JOIN deal d ON d.id = q.deal_id WHERE x.deleted_at IS NULL AND {where} "
            "ORDER BY x.day DESC, x.quote_id DESC, x.id",
            (key,),
        )
    )


def _payments(r: Reader, contractor_id: int, today: int) -> tuple[ContractorPayment, ...]:
    rows = r.rows(
        "SELECT y.id, y.direction, y.amount, y.currency, y.planned_day, y.actual_day, "
        "y.contractor_id, NULL, y.note, d.id, d.title FROM payment y "
        "JOIN deal d ON d.id = y.deal_id WHERE y.contractor_id = ? AND y.direction = 'out' "
        "AND y.deleted_at IS NULL AND d.deleted_at IS NULL",
        (contractor_id,),
    )
    deals = {row[0]: (row[9], row[10]) for row in rows}
    lines = payments.in_order(payments.line(row, today) for row in rows)
    return tuple(ContractorPayment(*deals[one.id], one) for one in lines)


def _sums(r: Reader, paid: Sequence[ContractorPayment], today: int) -> PaidSums:
    known = rates.load(r)
    totals = {"paid": 0, "planned": 0, "late": 0}
    unrated = set()
    for one in paid:
        line = one.line
        money = known.convert(money_of(line.amount), line.currency, line.actual_day or today)
        if money is None:
            unrated.add(line.currency)
            continue
        totals["paid" if line.state == "paid" else "planned"] += money
        totals["late"] += money if line.state == "late" else 0
    paid_out, planned, late = (amount_of(money) for money in totals.values())
    return PaidSums(known.home, paid_out, planned, late, tuple(sorted(unrated)))
