"""Converting money into the workspace's currency, at the rate of a day."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

#: A rate is kept in hundred-millionths.
SCALE = 100_000_000
_EVER = -1


@dataclass(slots=True)
class Rates:
    """The rates of a workspace, for sums: money integers in, money integers out."""

    home: str
    _days: dict[str, list[int]] = field(default_factory=dict)
    _rates: dict[str, list[int]] = field(default_factory=dict)

    def knows(self, currency: str) -> bool:
        """Whether amounts of the currency can be converted."""
        return currency == self.home or currency in self._rates

    def rate_of(self, currency: str, day: int) -> int | None:
        """Hundred-millionths of the workspace's currency for one unit on a day.

        Without a rate on or before that day the earliest later one; None without any.
        """
        if currency == self.home:
            return SCALE
        days = self._days.get(currency)
        if days is None:
            return None
        return self._rates[currency][max(bisect_right(days, day) - 1, 0)]

    def convert(self, money: int, currency: str, day: int) -> int | None:
        """``money`` in the workspace's currency, rounded half up; None when the currency has no
        rate. Nothing is nothing in every currency."""
        if money == 0 or currency == self.home:
            return money
        rate = self.rate_of(currency, day)
        return None if rate is None else divided(money * rate, SCALE)


def divided(value: int, by: int) -> int:
    """``value / by`` as the nearest integer, halves away from zero."""
    whole = (2 * abs(value) + by) // (2 * by)
    return whole if value >= 0 else -whole


def load(r: Any) -> Rates:
    """The rates as they stand now, with the workspace's currency (a reader or a transaction)."""
    from salesdesk.services import settings

    rates = Rates(settings.get(r, settings.CURRENCY))
    for currency, day, rate in r.rows(
        "SELECT currency, coalesce(valid_from, ?), rate FROM rate WHERE deleted_at IS NULL "
        "ORDER BY currency, coalesce(valid_from, ?), id",
        (_EVER, _EVER),
    ):
        rates._days.setdefault(currency, []).append(day)
        rates._rates.setdefault(currency, []).append(rate)
    return rates
