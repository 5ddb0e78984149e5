"""The weighted forecast, recomputed deal by deal with exact fractions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracle import lives
from tests.oracle.adapter import Asks
from tests.oracle.world import World

#: What the world does not know of a deal: expected day, probability.
Extra = tuple[int | None, int | None]


@dataclass
class Line:
    """A month of expected close (the first day of it; None without one)."""

    deals: int = 0
    amount: Fraction = Fraction(0)
    weighted: Fraction = Fraction(0)


def extras(r: Asks) -> dict[int, Extra]:
    """Expected day and probability of each deal."""
    rows = r.rows("SELECT id, expected_day, probability FROM deal")
    return {row[0]: (row[1], row[2]) for row in rows}


def percents(r: Asks) -> dict[int, int]:
    """The probability of each stage."""
    return dict(r.rows("SELECT id, probability FROM stage"))


def weighted(
    world: World,
    extra: dict[int, Extra],
    usual: dict[int, int],
    now: int,
    *,
    pipeline: int | None = None,
    persons: set[int] | None = None,
) -> dict[int | None, Line]:
    """By month, of the deals that stand open as of now in a pipeline that counts (or the one asked
    for; all where none counts)."""
    counting = {p.id for p in world.pipelines if p.counts} or {p.id for p in world.pipelines}
    wanted = counting if pipeline is None else {pipeline}
    today = world.zone.day_of(now)
    found: dict[int | None, Line] = {}
    for deal in world.deals:
        state = None if deal.deleted else lives.state_at(lives.steps_of(world, deal.id), now)
        if state is None or state.stage is None or state.stage.kind != "open":
            continue
        if state.stage.pipeline not in wanted:
            continue
        if persons is not None and state.owner not in persons:
            continue
        day, own = extra[deal.id]
        month = None if day is None else date.fromordinal(day).replace(day=1).toordinal()
        line = found.setdefault(month, Line())
        line.deals += 1
        rate = rate_of(world, deal.currency, today)
        if deal.amount and rate is not None:
            amount = Fraction(deal.amount) * rate
            line.amount += amount
            line.weighted += amount * (usual[state.stage.id] if own is None else own) / 100
    return found


def rate_of(world: World, currency: str, day: int) -> Fraction | None:
    """The rate of a day: the latest on or before it, else the earliest later one."""
    if currency == world.currency:
        return Fraction(1)
    known = [rate for rate in world.rates if rate.currency == currency]
    before = [rate for rate in known if rate.valid_from is None or rate.valid_from <= day]
    if before:
        return Fraction(max(before, key=lambda rate: rate.valid_from or -1).rate)
    return Fraction(min(known, key=lambda rate: rate.valid_from or -1).rate) if known else None


def cents(value: Fraction) -> Decimal:
    """Rounded half up."""
    return Decimal(int((value * 100 + Fraction(1, 2)) // 1)).scaleb(-2)
