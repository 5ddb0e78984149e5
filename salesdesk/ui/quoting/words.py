"""What the screens say about contractors' prices, deadlines and ratings."""

from decimal import Decimal

from salesdesk.services.contractorview import QuoteLine
from salesdesk.services.ratings import Averages
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats
from salesdesk.ui.widgets.lines import LineItem

CRITERIA = {
    "price": N_("Price"), "quality": N_("Quality"), "deadlines": N_("Deadlines"),
}  # fmt: skip
_TICK = "✓"


def criterion(name: str) -> str:
    """A criterion's name."""
    return tr(CRITERIA.get(name, name))


def score(value: Decimal) -> str:
    """A mean of ratings: ``4.5``."""
    return formats.decimal(value, 1)


def rating(averages: Averages) -> str:
    """``★ 4.5 (3)``; nothing without a rating."""
    if averages.overall is None:
        return ""
    shown = f"★ {score(averages.overall)}"
    return f"{shown} ({averages.count})" if averages.count else shown


def lateness(days: int | None, done: bool) -> str:
    """``on time``, ``3 days late``, ``2 days early``; nothing where nothing can be said."""
    if days is None:
        return ""
    if days > 0:
        return ntr("{n} day late", "{n} days late", days)
    if days < 0 and done:
        return ntr("{n} day early", "{n} days early", -days)
    return trp("work", "on time")


def deadline(quote: QuoteLine) -> str:
    """When accepted work is due or was done, and how late; the day asked for of another quote."""
    if not quote.accepted:
        return "" if quote.planned_day is None else tr("by {day}", day=_short(quote.planned_day))
    parts = []
    if quote.actual_day is not None:
        parts.append(tr("done {day}", day=_short(quote.actual_day)))
    elif quote.planned_day is not None:
        parts.append(tr("due {day}", day=_short(quote.planned_day)))
    late = lateness(quote.late_days, quote.actual_day is not None)
    return ", ".join([*parts, late] if late else parts)


def _short(day: int) -> str:
    return formats.day_short(day)


def of_contractor(quote: QuoteLine, with_service: bool, ruled: bool) -> LineItem:
    """A quote as a line of its contractor's panel."""
    about = tr("Without a deal") if quote.deal is None else f"#{quote.deal_number} {quote.deal}"
    state = trp("price", "accepted") if quote.accepted else trp("price", "not accepted")
    service = quote.service if with_service else None
    below = [formats.day(quote.day), service, state, deadline(quote) if quote.accepted else None]
    return _item(quote, about, below, ruled)


def of_deal(quote: QuoteLine, ruled: bool) -> LineItem:
    """A quote as a line of its deal's panel."""
    given = tr("given {day}", day=_short(quote.day))
    state = trp("price", "accepted") if quote.accepted else given
    return _item(quote, quote.contractor, [quote.service, state, deadline(quote)], ruled)


def _item(quote: QuoteLine, about: str, below: list[str | None], ruled: bool) -> LineItem:
    if quote.score is not None:
        below.append(f"★ {score(quote.score)}")
    return LineItem(
        f"{_TICK} {about}" if quote.accepted else about,
        below=" · ".join(filter(None, [*below, quote.note])),
        number=formats.money(quote.price, quote.currency),
        quiet=not quote.accepted,
        ruled=ruled,
        source=quote,
    )


def accepted(cost: Decimal | None, before: Decimal | None, currency: str) -> str:
    """What accepting did to the cost of the deal."""
    if cost is None:
        return tr("Price accepted")
    shown = formats.money(cost, currency)
    if before is None or before == cost:
        return tr("Price accepted; the cost of the deal is {amount}", amount=shown)
    return tr(
        "Price accepted; the cost of the deal is {amount}, it was {before}",
        amount=shown, before=formats.money(before, currency),
    )  # fmt: skip
