"""How large a number may be: one limit for all amounts, one sentence for what is above; how amounts
are rounded; the signs of currencies.

Sums of a hundred thousand of the largest stay exact (``models.parts``).
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from salesdesk.errors import Invalid
from salesdesk.moments import money_of
from salesdesk.text import N_

LIMIT: Final = Decimal(10) ** 12
TOO_LARGE: Final = N_("A number must be less than 1,000,000,000,000.")

_CENT = Decimal("0.01")
_SIGNS = {
    "RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "KZT": "₸", "CNY": "¥", "UAH": "₴",
    "TRY": "₺", "INR": "₹", "GEL": "₾",
}  # fmt: skip


def sign(currency: str) -> str:
    """The sign of a currency, or its code."""
    return _SIGNS.get(currency, currency)


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two decimals."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def written(amount: Decimal) -> str:
    """An amount with two decimals, rounded half up: ``2900000.00``, never ``-0.00``."""
    rounded = cents(amount)
    return format(abs(rounded) if rounded == 0 else rounded, "f")


def fits(value: Decimal) -> bool:
    """Whether a number can be kept; one that is none (NaN, infinite) cannot."""
    return value.is_finite() and abs(value) < LIMIT


def kept(value: Decimal) -> int:
    """An amount as the database keeps it; raises Invalid for one that is too large."""
    if not fits(value) or abs(found := money_of(value)) >= money_of(LIMIT):
        raise Invalid(TOO_LARGE)
    return found


def above_nothing(value: Any) -> int | None:
    """The same, where it must be above 0: None when it is not (less than a hundredth of a cent is
    nothing)."""
    if not isinstance(value, Decimal) or not value.is_finite() or value <= 0:
        return None
    return kept(value) or None
