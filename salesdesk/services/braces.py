"""Texts with fields of a deal in braces: ``Call {client} about {amount}``.

A rule keeps the text as it was written; it is filled in when its task is made. Names are keys of
``FIELDS`` or own fields of deals by their names, without case. What is not known stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from salesdesk.moments import Zone, amount_of, plain
from salesdesk.names import key
from salesdesk.services.records import Asks
from salesdesk.text import N_, language, tr

#: What may stand in braces, with what it is called; own fields beside them.
FIELDS: dict[str, str] = {
    "title": N_("Title"),
    "number": N_("Number"),
    "client": N_("Company"),
    "contact": N_("Contact"),
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "responsible": N_("Responsible"),
    "source": N_("Source"),
    "start_day": N_("Start date"),
    "expected_day": N_("Expected close date"),
}
#: Other names that stages and imported configurations have for them.
_ALSO = {"expected_close": "expected_day", "company": "client", "owner": "responsible"}
_BRACES = re.compile(r"\{([^{}]*)\}")
_EMPTY = "–"
_THIN = "\u00a0"


def names_in(text: str | None) -> list[str]:
    """What stands in braces, as it is written there."""
    return _BRACES.findall(text or "")


def unknown(text: str | None, own: Iterable[str]) -> list[str]:
    """What stands in braces and is no field of a deal; ``own`` are the names of own fields."""
    known = {*FIELDS, *_ALSO, *(key(name) for name in own)}
    return [name for name in names_in(text) if key(name) not in known]


def filled(text: str | None, words: Mapping[str, str]) -> str | None:
    """The text with the fields filled in (``words_of``); what is not among them stays."""
    if text is None:
        return None
    return _BRACES.sub(lambda found: words.get(key(found[1]), found[0]), text)


def renamed(text: str, old: str, new: str) -> str:
    """The text with an own field called otherwise; a name that means a column of the deal stays."""
    if key(old) in FIELDS or key(old) in _ALSO:
        return text
    return _BRACES.sub(lambda found: f"{{{new}}}" if key(found[1]) == key(old) else found[0], text)


def words_of(a: Asks, deal_id: int, responsible: int | None) -> dict[str, str]:
    """What each field of a deal is filled in with, by key; an empty one with a dash.

    The responsible person is handed in: within the command that sets one the deal has them not yet.
    """
    row = a.row(
        "SELECT d.title, d.number, c.name, k.name, d.amount, d.cost, d.currency, s.name, "
        "d.start_day, d.expected_day FROM deal d LEFT JOIN client c ON c.id = d.client_id "
        "LEFT JOIN client k ON k.id = d.contact_id LEFT JOIN source s ON s.id = d.source_id "
        "WHERE d.id = ?",
        (deal_id,),
    )
    assert row is not None
    title, number, client, contact, amount, cost, currency, source, start, expected = row
    owner = a.value("SELECT name FROM person WHERE id = ?", (responsible,))
    found = {
        "title": title, "number": str(number), "client": client or contact, "contact": contact,
        "amount": _money(amount, currency), "cost": _money(cost, currency), "responsible": owner,
        "source": source, "start_day": _day(start), "expected_day": _day(expected),
    }  # fmt: skip
    words = {name: value or _EMPTY for name, value in found.items()}
    words |= {name: words[same] for name, same in _ALSO.items()}
    for name, kind, value in a.rows(
        "SELECT f.name, f.kind, v.value FROM custom_field f LEFT JOIN field_value v "
        "ON v.field_id = f.id AND v.subject_id = ? AND v.deleted_at IS NULL "
        "WHERE f.subject = 'deal' AND f.deleted_at IS NULL",
        (deal_id,),
    ):
        words.setdefault(key(name), _own(kind, value, currency) or _EMPTY)
    return words


def _money(money: int | None, currency: str) -> str | None:
    return None if money is None else _amount(amount_of(money), currency)


def _amount(amount: Decimal, currency: str) -> str:
    whole, point, part = plain(amount).partition(".")
    grouped = f"{int(whole):,}".replace(",", _THIN)
    if whole.startswith("-") and not grouped.startswith("-"):
        grouped = f"-{grouped}"
    mark = "," if language() == "ru" else "."
    return f"{grouped}{mark + part if point else ''}{_THIN}{currency}"


def moment_text(zone: Zone, at: int) -> str:
    """A moment in a text that is kept or sent: ``2026-11-20 14:05``, in Russian
    ``20.11.2026 14:05``."""
    return f"{_day(zone.day_of(at))} {zone.local(at):%H:%M}"


def _day(day: int | None) -> str | None:
    if day is None:
        return None
    at = date.fromordinal(day)
    return f"{at:%d.%m.%Y}" if language() == "ru" else at.isoformat()


def _own(kind: str, value: Any, currency: str) -> str | None:
    """The value of an own field; a text that does not fit its kind stays as it is."""
    if not value:
        return None
    try:
        if kind == "date":
            return _day(date.fromisoformat(value).toordinal())
        if kind == "money":
            return _amount(Decimal(value), currency)
    except (InvalidOperation, ValueError):
        return str(value)
    if kind == "yes_no" and value in ("yes", "no"):
        return tr("Yes") if value == "yes" else tr("No")
    return str(value)
