"""Values of arguments: read strictly (wrong usage otherwise), and resolved in a time zone."""

import argparse
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from salesdesk.moments import Zone, moment_of
from salesdesk.services import amounts
from salesdesk.text import tr

#: What was given: a bare date, a local time, or (aware) a moment.
Given: TypeAlias = date | datetime
FIRST_YEAR, LAST_YEAR = 1900, 2200


def moment_given(text: str) -> Given:
    """An ISO date or moment, the offset as given or none."""
    try:
        found: Given = date.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                tr("“{value}” is no moment such as 2026-11-20T11:20.", value=text)
            ) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(
            tr("“{value}” is not between the years 1900 and 2200.", value=text)
        )
    return found


def day_given(text: str) -> int:
    """An ISO date as a day (ordinal)."""
    found = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    try:
        if found is None:
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            tr("“{value}” is no date such as 2026-11-20.", value=text)
        ) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(
            tr("“{value}” is not between the years 1900 and 2200.", value=text)
        )
    return day.toordinal()


def month_given(text: str) -> int:
    """``2026-10`` as a month number."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        year, month = int(text[:4]), int(text[5:])
        if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12:
            return year * 12 + month - 1
    raise argparse.ArgumentTypeError(tr("“{value}” is no month such as 2026-10.", value=text))


def count_given(text: str) -> int:
    """A whole number from 1 on."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(tr("“{value}” is no number from 1 on.", value=text))
    return int(text)


def file_given(text: str) -> str:
    """The name of a file: not an empty one, which would stand for the folder one is in."""
    if not text:
        raise argparse.ArgumentTypeError(tr("the name of the file is empty."))
    return text


def size_given(text: str) -> tuple[int, int]:
    """``1440x900`` as width and height."""
    found = re.fullmatch(r"([0-9]{3,5})[xX×]([0-9]{3,5})", text)
    if found is None or not all(200 <= int(part) <= 10_000 for part in found.groups()):
        raise argparse.ArgumentTypeError(tr("“{value}” is no size such as 1440x900.", value=text))
    return int(found[1]), int(found[2])


def zone_given(text: str) -> str:
    """The name of a time zone."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(
            tr("“{value}” is no time zone such as Europe/Moscow.", value=text)
        ) from None


def currency_given(text: str) -> str:
    """Three letters."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise argparse.ArgumentTypeError(
            tr("“{value}” is no currency code such as RUB.", value=text)
        )
    return text.upper()


def country_given(text: str) -> str:
    """Two letters."""
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise argparse.ArgumentTypeError(tr("“{value}” is no country code such as RU.", value=text))
    return text.upper()


def moment_in(given: Given, zone: Zone, *, end_of_day: bool = False) -> int:
    """The moment of what was given: a local time in the zone unless it has an offset; a date is
    the start of its day, or (``end_of_day``) its last moment."""
    if not isinstance(given, datetime):
        day = given.toordinal()
        return zone.start_of(day + 1) - 1 if end_of_day else zone.start_of(day)
    return zone.moment(given) if given.tzinfo is None else moment_of(given)


# -- and out again --------------------------------------------------------------------------------


def iso(moment: int | None, zone: Zone) -> str | None:
    """A moment in the zone, with its offset."""
    return None if moment is None else zone.local(moment).isoformat()


def iso_day(day: int | None) -> str | None:
    """A day as ``2026-11-20``."""
    return None if day is None else date.fromordinal(day).isoformat()


def money(amount: Decimal | None) -> str | None:
    """An amount with two decimals, rounded half up."""
    return None if amount is None else amounts.written(amount)
