"""Contractors as they are found: there are some thousands of them at most."""

import itertools
from collections.abc import Sequence

from salesdesk.models import indexed
from salesdesk.models.fulltext import split
from salesdesk.models.store import Reader
from salesdesk.services.search_memory import Memory, Words


def found(r: Reader, parts: Sequence[str], most: int) -> list[int]:
    """Contractors with words that begin so: of their names and their contact persons', e-mails and
    tax numbers, any digits of their phones. ``most`` of them, the newest first."""
    known = _MEMORY.of(r)
    taken = list(itertools.islice(known.holding(parts), most))
    digits = "".join(parts)
    if len(parts) > 1 and digits.isdecimal():  # a phone typed with blanks and brackets
        taken += itertools.islice(known.holding([digits]), most)
    return list(dict.fromkeys(taken))[:most]


def words(r: Reader) -> frozenset[str]:
    """All their words of letters alone, for what is misspelt."""
    return _MEMORY.of(r).words


def _read(r: Reader) -> Words:
    own: dict[int, list[str]] = {}
    for key, name, phone, email, tax_number in r.rows(
        "SELECT id, name, phone, email, tax_number FROM contractor WHERE deleted_at IS NULL "
        "ORDER BY id DESC"
    ):
        own[key] = [*split(name), *_numbers(phone, email), *split(tax_number or "")]
    for key, name, phone, email in r.rows(
        "SELECT contractor_id, name, phone, email FROM contractor_contact WHERE deleted_at IS NULL"
    ):
        if key in own:
            own[key] += (*split(name), *_numbers(phone, email))
    return own.items()


def _numbers(phone: str | None, email: str | None) -> list[str]:
    return [*indexed.phone_words(phone or ""), *split(email or "")]


_MEMORY = Memory(("contractor", "contractor_contact"), _read)
