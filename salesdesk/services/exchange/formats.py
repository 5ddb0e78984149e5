"""Formats of columns, found from all their values: the one place to ask for dates and numbers."""

from salesdesk.services.exchange.dates import NO_DATE, DateColumn, When, detect_dates
from salesdesk.services.exchange.numbers import (
    NO_NUMBER,
    Amount,
    NumberColumn,
    currency_code,
    currency_in_heading,
    detect_numbers,
)

__all__ = [
    "NO_DATE",
    "NO_NUMBER",
    "Amount",
    "DateColumn",
    "NumberColumn",
    "When",
    "currency_code",
    "currency_in_heading",
    "detect_dates",
    "detect_numbers",
]
