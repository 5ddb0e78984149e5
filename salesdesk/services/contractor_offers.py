"""Contractors for a deal: who could do its work, at what price of late, and what was asked."""

from dataclasses import dataclass
from decimal import Decimal

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import contractorlist, quotes, ratings
from salesdesk.services.contractorlist import ContractorFilter, ServiceName
from salesdesk.services.contractorview import QuoteLine, quote_lines
from salesdesk.services.ratings import Averages
from salesdesk.text import N_

_MOST = 50


@dataclass(frozen=True, slots=True)
class Proposal:
    """A contractor for a service: its ratings and its last price for it, on ``day``; ``asked`` once
    it named a price for that service in this very deal."""

    id: int
    name: str
    averages: Averages
    price: Decimal | None
    currency: str
    day: int | None
    asked: bool


@dataclass(frozen=True, slots=True)
class DealQuotes:
    """What the section of contractors in a deal's panel shows.

    ``wanted``: the deal has quotes, or is one of a pipeline that fulfils (does not count in the
    ranking) and asks contractors: one that only collects and pays money asks nobody.
    ``service_id`` is the one proposed for: the latest asked for in the deal, else in its pipeline.
    ``unplanned`` tells by accepted quote how much of it no payment was planned for.
    """

    deal_id: int
    wanted: bool
    currency: str
    service_id: int | None
    services: tuple[ServiceName, ...]
    quotes: tuple[QuoteLine, ...]
    unplanned: dict[int, Decimal]


def of_deal(r: Reader, deal_id: int, *, now: int) -> DealQuotes:
    """The quotes of a deal, the latest first; raises NotFound."""
    row = r.row(
        "SELECT d.currency, coalesce(p.counts, 1), d.pipeline_id FROM deal d "
        "LEFT JOIN pipeline p ON p.id = d.pipeline_id WHERE d.id = ?",
        (deal_id,),
    )
    if row is None:
        raise NotFound(N_("This deal does not exist any more."))
    currency, counts, pipeline = row
    lines = quote_lines(r, "q.deal_id = ?", deal_id, today=r.zone.day_of(now))
    unplanned = {one.id: amount_of(quotes.unplanned(r, one.id)) for one in lines if one.accepted}
    return DealQuotes(
        deal_id, bool(lines) or (not counts and _asks(r, deal_id, pipeline)), currency,
        service_of(r, deal_id, pipeline), contractorlist.services(r), lines, unplanned,
    )  # fmt: skip


def _asks(r: Reader, deal_id: int, pipeline: int | None) -> bool:
    """Whether contractors are asked in a fulfilling pipeline: a deal with payments in a pipeline
    without a single quote collects money for others."""
    paid = "SELECT 1 FROM payment WHERE deal_id = ? AND deleted_at IS NULL LIMIT 1"
    if r.row(paid, (deal_id,)) is None:
        return True
    return (
        r.row(
            "SELECT 1 FROM contractor_quote q JOIN deal d ON d.id = q.deal_id "
            "WHERE d.pipeline_id = ? AND q.deleted_at IS NULL LIMIT 1",
            (pipeline,),
        )
        is not None
    )


def service_of(r: Reader, deal_id: int, pipeline: int | None) -> int | None:
    """The service that a deal is about: of its own latest quote, else of its pipeline's latest,
    else the first of the list."""
    latest = (
        "SELECT q.service_id FROM contractor_quote q JOIN service s ON s.id = q.service_id "
        "{join}WHERE q.deleted_at IS NULL AND s.deleted_at IS NULL AND {where} "
        "ORDER BY q.id DESC LIMIT 1"
    )
    found: int | None = r.value(latest.format(join="", where="q.deal_id = ?"), (deal_id,))
    if found is None and pipeline is not None:
        sql = latest.format(join="JOIN deal d ON d.id = q.deal_id ", where="d.pipeline_id = ?")
        found = r.value(sql, (pipeline,))
    if found is None:
        found = r.value(
            "SELECT id FROM service WHERE deleted_at IS NULL ORDER BY position, id LIMIT 1"
        )
    return found


def proposals(r: Reader, deal_id: int, service_id: int | None) -> tuple[Proposal, ...]:
    """Contractors who do the service (None: all), the best rated first, then the cheapest."""
    keys = contractorlist.ids(r, ContractorFilter(service=service_id))
    overall = ratings.overall(r)
    prices = contractorlist.last_prices(r, service_id)
    asked = {
        row[0]
        for row in r.rows(
            "SELECT contractor_id FROM contractor_quote WHERE deal_id = ? AND service_id IS ? "
            "AND deleted_at IS NULL",
            (deal_id, service_id),
        )
    }

    worth = contractorlist.comparable(r, prices)

    def order(key: int) -> tuple[float, bool, int]:
        return -overall.get(key, 0.0), key not in worth, worth.get(key, 0)

    best = sorted(keys, key=order)[:_MOST]
    rated = ratings.averages(r, best)
    names: dict[int, str] = dict(
        r.rows_of("SELECT id, name FROM contractor WHERE id IN ({ids})", best)
    )
    found = []
    for key in best:
        price, currency, day = prices.get(key, (None, "", None))
        found.append(
            Proposal(
                key,
                names[key],
                rated.get(key, ratings.NO_RATINGS),
                None if price is None else amount_of(price),
                currency,
                day,
                key in asked,
            )
        )
    return tuple(found)
