"""A value of a field as it is shown, by what it holds: shared by the histories of a deal and of the
workspace."""

import json
from decimal import Decimal

from salesdesk.moments import Zone, amount_of, points_of
from salesdesk.services.rates import SCALE
from salesdesk.text import tr
from salesdesk.ui import formats


def _amount(holds: str, value: int) -> Decimal:
    """A number as the database keeps it, as one for people."""
    if holds == "rate":
        return Decimal(value) / SCALE
    return points_of(value) if holds == "points" else amount_of(value)


def told(value: object, holds: str, zone: Zone, now: int, currency: str = "") -> str:
    """A value in the chosen language. Money is Decimal; ``holds`` as in ``dealhistory``."""
    if value is None:
        return formats.DASH
    if holds == "money" and isinstance(value, Decimal):
        return formats.money(value, currency)
    if holds == "day" and isinstance(value, int):
        return formats.day(value)
    if holds == "moment" and isinstance(value, int):
        return formats.moment(zone, value, now)
    return tr("{n}%", n=value) if holds == "percent" else str(value)


def raw(value: object, holds: str, zone: Zone, now: int, currency: str = "") -> str:
    """The same for a value as the log keeps it; ``holds`` as in ``fieldwords``."""
    from salesdesk.services.fieldwords import WORDS

    if holds == "secret":
        return "••••" if value is not None else formats.DASH
    if value is None or value == "":
        return formats.DASH
    if isinstance(value, int):
        if holds == "yes_no":
            return tr("Yes") if value else tr("No")
        if holds in ("points", "tenths", "rate", "money"):
            amount = _amount(holds, value)
            return told(amount, "money", zone, now, currency) if holds == "money" else (
                formats.decimal(amount)
            )  # fmt: skip
        if holds == "month":
            return formats.month(value)
    if holds == "word" and str(value) in WORDS:
        return tr(WORDS[str(value)])
    if holds == "json":
        return _json(str(value))
    return told(value, holds, zone, now, currency)


def _json(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if isinstance(found, bool):
        return tr("Yes") if found else tr("No")
    if isinstance(found, list):
        return ", ".join(_part(part) for part in found) or formats.DASH
    return str(found) if not isinstance(found, dict) else text


def _part(part: object) -> str:
    """One of a list; a line of a checklist says whether it is ticked."""
    if isinstance(part, list) and len(part) == 2 and isinstance(part[1], bool):
        return f"{'☑' if part[1] else '☐'} {part[0]}"
    return str(part)
