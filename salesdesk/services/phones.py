"""Phones and e-mails: the key that finds one again, how a phone is shown and called.

A phone is kept as it was typed. Its key is the digits of the whole number with the country's code
(``79125550142``), so that 8, +7 and brackets find the same; an extension is no part of the key.
What is no phone is kept too: its key is the digits it has.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from salesdesk.names import clean, folded

#: The country whose numbers may be typed without a code, when the workspace names none.
USUAL_REGION = "RU"
_EXTENSION = re.compile(
    r"[\s,;(]*(?:;?ext=|(?<![a-zа-я])(?:ext|extn|x|доб|вн|внутр|д)(?![a-zа-я])\.?|#|,{1,2})"
    r"[\s:№.]*(\d{1,7})\)?\s*$",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\D+")
_EMAIL = re.compile(r"[^@\s<>(),;:\"]+@[^@\s<>(),;:\"]+\.[^@\s<>(),;:\".]{2,}")
#: Countries whose numbers have ten digits after +7, with 8 before them inside the country.
_SEVEN = frozenset(("RU", "KZ"))
_LEAST, _MOST = 5, 15


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as people see it.

    ``shown`` is the number written internationally (as typed when it is none), ``local`` as inside
    its country, ``dial`` what a ``tel:`` link holds, ``copied`` what is put on the clipboard.
    ``known``: a number of that length exists in its country.
    """

    typed: str
    shown: str
    local: str
    dial: str
    copied: str
    known: bool


def region_of(r: Any) -> str:
    """The country whose numbers need no code (of a reader or a transaction)."""
    from salesdesk.services import settings

    return str(settings.get(r, settings.COUNTRY) or USUAL_REGION).upper()


def key(kind: str, value: str, region: str = USUAL_REGION) -> str:
    """How a contact (``phone`` or ``email``) is found again: the same for imports and for what is
    typed by hand."""
    return phone_key(value, region) if kind == "phone" else folded(value)


def _digits(text: str) -> str:
    """The digits of a text, those of other scripts as ours."""
    kept = _OTHER.sub("", text)
    return kept if kept.isascii() else "".join(str(unicodedata.decimal(char)) for char in kept)


def split_extension(value: str) -> tuple[str, str]:
    """The number and its extension (empty without one)."""
    found = _EXTENSION.search(value)
    if found is None or len(_OTHER.sub("", value[: found.start()])) < _LEAST:
        return value, ""
    return value[: found.start()].rstrip(" ,;("), found.group(1)


@lru_cache(maxsize=4096)
def phone_key(value: str, region: str = USUAL_REGION) -> str:
    """Digits of the whole number with the country's code, without the extension."""
    number = split_extension(clean(value))[0]
    digits = _digits(number)
    if number.lstrip(" (").startswith("+"):
        return digits
    if region in _SEVEN and len(digits) == 11 and digits[0] in "78":
        return "7" + digits[1:]
    if region in _SEVEN and len(digits) == 10:
        return "7" + digits
    if len(digits) < 7 or (region in _SEVEN and len(digits) <= 11):
        return digits  # a number inside a town has no code to add
    parsed = _parsed(value, region)
    return digits if parsed is None else f"{parsed.country_code}{_national(parsed)}"


def search_keys(typed: str, region: str = USUAL_REGION) -> tuple[str, ...]:
    """Digits to look for inside keys when somebody typed part of a number, maybe with 8 for +7.

    Empty when fewer than three digits were typed, or a letter.
    """
    if re.search(r"[^\W\d_]", typed):
        return ()
    digits = _digits(typed)
    if len(digits) < 3:
        return ()
    found = [digits]
    if digits[0] == "8" and region in _SEVEN and "+" not in typed:
        found.append("7" + digits[1:])
    elif digits[0] == "0" and region not in _SEVEN and "+" not in typed:
        found.append(digits.lstrip("0"))
    return tuple(each for each in dict.fromkeys(found) if each)


@lru_cache(maxsize=2048)
def phone(value: str, region: str = USUAL_REGION) -> Phone:
    """A phone as people see it; loads the numbering plans the first time (a few ten ms)."""
    import phonenumbers

    parsed = _parsed(value, region)
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    reason = None if parsed is None else phonenumbers.is_possible_number_with_reason(parsed)
    if reason != possible:
        digits = "".join(char for char in value if char.isdigit() or char == "+")
        return Phone(value, value, value, f"tel:{digits}", value, False)
    form = phonenumbers.PhoneNumberFormat
    plain = phonenumbers.format_number(parsed, form.E164)
    return Phone(
        value,
        phonenumbers.format_number(parsed, form.INTERNATIONAL),
        phonenumbers.format_number(parsed, form.NATIONAL),
        phonenumbers.format_number(parsed, form.RFC3966),
        f"{plain} ext. {parsed.extension}" if parsed.extension else plain,
        True,
    )


def is_email(value: str) -> bool:
    """Whether a text looks like an e-mail address."""
    return _EMAIL.fullmatch(value.strip()) is not None


def _parsed(value: str, region: str) -> Any:
    """The number that the numbering plans read in a text, or none."""
    import phonenumbers

    number, extension = split_extension(clean(value))
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if extension:
        parsed.extension = extension
    return parsed


def _national(parsed: Any) -> str:
    import phonenumbers

    return str(phonenumbers.national_significant_number(parsed))
