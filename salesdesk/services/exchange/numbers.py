"""Numbers of a column: decimal sign, thousands and currency are found from all of its values.

Blanks (no-break ones too) and apostrophes inside a number are dropped. Of ``.`` and ``,`` the last
one in a number is its decimal sign when both occur; one that occurs more than once divides
thousands. One separator before exactly three digits stands for thousands, unless the column shows
that it is the decimal sign. Values are exact decimals below ten trillions.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from salesdesk.services.amounts import LIMIT, TOO_LARGE
from salesdesk.services.exchange.nothing import NO_VALUE
from salesdesk.services.exchange.rejects import NOT_A_NUMBER, NOT_A_PERCENTAGE

#: Amounts at and above this are refused: in ten-thousandths, sums of many must fit 64 bits.
TOO_MUCH = LIMIT

#: What stands for "no number", compared without case.
NO_NUMBER = NO_VALUE

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"
)
_SIGNS = {
    "₽": "RUB", "руб": "RUB", "руб.": "RUB", "р": "RUB", "р.": "RUB", "рублей": "RUB",
    "рубль": "RUB", "рубли": "RUB", "rur": "RUB", "российский рубль": "RUB",
    "$": "USD", "us$": "USD", "долл": "USD", "долл.": "USD", "доллар": "USD",
    "долларов": "USD", "доллар сша": "USD", "€": "EUR", "евро": "EUR", "£": "GBP",
    "₸": "KZT", "тг": "KZT", "тг.": "KZT", "тенге": "KZT", "₴": "UAH", "грн": "UAH",
    "грн.": "UAH", "br": "BYN", "byr": "BYN", "бел. руб.": "BYN", "бел.руб.": "BYN",
    "¥": "JPY", "cn¥": "CNY", "元": "CNY", "юань": "CNY", "юаней": "CNY", "₹": "INR",
    "₺": "TRY", "zł": "PLN", "kč": "CZK", "₩": "KRW", "₾": "GEL", "₼": "AZN", "֏": "AMD",
    "₪": "ILS", "сум": "UZS", "сом": "KGS", "฿": "THB", "₫": "VND", "r$": "BRL",
    "a$": "AUD", "c$": "CAD", "hk$": "HKD", "fr.": "CHF",
}  # fmt: skip
_CURRENCIES = {code.casefold(): code for code in _CODES.split()} | _SIGNS

_LONGEST = 100
_SPACE = " \u00a0\u202f\u2009\u2007\t"
_PLAIN = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,2})?(?:\n|\Z))*")
_SIMPLE = re.compile(r"-?[0-9]{1,15}(?:([.,])(?:[0-9]{1,2}|[0-9]{4,15}))?")
_BODY = re.compile(rf"([0-9.,'’`{_SPACE}]+)([eE][+-]?[0-9]{{1,3}})?")
_GROUPED = {
    ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+"),
    ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}"),  # or 1,00,000
}
_DROPPED = str.maketrans("", "", _SPACE + "'’`")


class Amount(NamedTuple):
    """A number read, and the currency that its cell names (an ISO code)."""

    value: Decimal
    currency: str | None


class _Parts(NamedTuple):
    """A cell taken apart; ``body`` has digits and separators only."""

    body: str
    negative: bool
    power: str
    currency: str | None
    percent: bool


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """How the numbers of a column are written.

    ``decimal`` are the signs that divide decimals, ``thousands`` those that divide thousands.
    ``scale`` is 100 for a column of shares (0.3 for 30 %). ``currencies`` says which currencies
    the cells name; ``empty`` and ``bad`` count cells without a number and cells that are none.
    ``known`` keeps what was read already, by trimmed text: an amount or the problem.
    """

    decimal: frozenset[str]
    thousands: frozenset[str]
    percent: bool = False
    scale: int = 1
    currencies: tuple[str, ...] = ()
    total: int = 0
    empty: int = 0
    bad: int = 0
    blanks: frozenset[str] = NO_NUMBER
    known: dict[str, Amount | str] = field(default_factory=dict, repr=False, compare=False)

    def is_blank(self, text: str) -> bool:
        """Whether a cell says that there is no number."""
        text = text.strip()
        return not text or text.casefold() in self.blanks

    def parse(self, text: str) -> Amount:
        """The number in ``text`` (a percentage as 0..100).

        Raises ``ValueError``; its text is the problem.
        """
        text = text.strip()
        known = self.known.get(text)
        if known is None:
            known = self.known[text] = self._read(text)
        if isinstance(known, str):
            raise ValueError(known)
        return known

    def _read(self, text: str) -> Amount | str:
        simple = _SIMPLE.fullmatch(text)
        if simple and (simple[1] is None or simple[1] in self.decimal):
            return self._judged(Decimal(text.replace(",", ".")), None, False)
        parts = _parts(text)
        plain = None if parts is None else self._plain(parts)
        if parts is None or plain is None or (parts.percent and not self.percent):
            return NOT_A_NUMBER
        value = Decimal(plain + parts.power)
        if parts.power:
            if not TOO_MUCH > value > -TOO_MUCH:
                return TOO_LARGE
            value = Decimal(format(value, "f"))
        return self._judged(-value if parts.negative else value, parts.currency, parts.percent)

    def _judged(self, value: Decimal, currency: str | None, percent: bool) -> Amount | str:
        if not -TOO_MUCH < value < TOO_MUCH:
            return TOO_LARGE
        if self.percent:
            value = value if percent else value * self.scale
            if not 0 <= value <= 100:
                return NOT_A_PERCENTAGE
        return Amount(value or abs(value), currency)

    def _plain(self, parts: _Parts) -> str | None:
        """The digits with a point before the decimals, or none if the separators make no sense."""
        body = parts.body
        last = max(body.rfind("."), body.rfind(","))
        if last < 0:
            return body
        sign = body[last]
        if not self._is_decimal(sign, parts):
            return _ungrouped(body, sign)
        whole = _ungrouped(body[:last], "," if sign == "." else ".")
        return None if whole is None else f"{whole or 0}.{body[last + 1 :]}"

    def _is_decimal(self, sign: str, parts: _Parts) -> bool:
        if parts.body.count(sign) > 1:
            return False
        if _shown(parts.body) == sign:
            return sign in self.decimal
        return sign in self.decimal and sign not in self.thousands


def detect_numbers(
    values: Iterable[str],
    decimal: str | None = None,
    percent: bool = False,
    blanks: frozenset[str] = NO_NUMBER,
) -> NumberColumn:
    """Find out how the numbers in ``values`` (all cells of a column) are written.

    ``decimal`` (``.`` or ``,``) is taken as the only decimal sign when given. ``percent`` columns
    take ``30%``, ``30`` and, where all are fractions up to 1, ``0.3``.
    """
    texts = list(values)
    stripped = [text.strip() for text in texts]
    filled = [t for t in stripped if t and t.casefold() not in blanks]
    unique = set(filled)
    if decimal != "," and not percent and _PLAIN.fullmatch("\n".join(unique)):
        read: dict[str, Amount | str] = {text: Amount(Decimal(text), None) for text in unique}
        signs = frozenset("." if any("." in text for text in unique) else "")
        empty = len(texts) - len(filled)
        return NumberColumn(signs, frozenset(), total=len(texts), empty=empty, known=read)
    signs, groups = _signs(unique) if decimal is None else _given(decimal)
    column = NumberColumn(signs, groups, percent, blanks=blanks)
    results = {text: column._read(text) for text in unique}
    scale = _scale(results) if percent else 1
    if scale != 1:
        column = NumberColumn(signs, groups, percent, scale, blanks=blanks)
        results = {text: column._read(text) for text in results}
    bad = sum(1 for text in filled if isinstance(results[text], str))
    named = Counter(one.currency for one in results.values() if isinstance(one, Amount))
    currencies = tuple(code for code, _ in named.most_common() if code)
    empty = len(texts) - len(filled)
    return NumberColumn(
        signs, groups, percent, scale, currencies, len(texts), empty, bad, blanks, results
    )


def currency_code(text: str) -> str | None:
    """The ISO code that a sign, code or name of a currency stands for, or none."""
    return _CURRENCIES.get(" ".join(text.split()).casefold())


def currency_in_heading(heading: str) -> str | None:
    """The currency at the end of a heading: ``Бюджет, ₽``, ``Amount (USD)``."""
    match = re.search(r"[,(\[ ]\s*([^\s,()\[\]]+)[)\]]?\s*$", heading)
    return currency_code(match.group(1)) if match else None


def _parts(text: str) -> _Parts | None:
    """A cell taken apart into what stands before, in and after the number; none for no number."""
    text = text.strip().replace("\u2212", "-").replace("–", "-")
    digits = [place for place, sign in enumerate(text) if sign in "0123456789"]
    if not digits or len(text) > _LONGEST:
        return None
    first, last = digits[0], digits[-1] + 1
    if text[first - 1 : first] in (".", ",") and not text[first - 2 : first - 1].isalpha():
        first -= 1
    body = _BODY.fullmatch(text[first:last])
    if body is None:
        return None
    before, after = text[:first].strip(), text[last:].removeprefix(".").strip()
    percent = after.endswith("%")
    if percent:
        after = after[:-1].strip()
    bracketed = "(" in before and after.endswith(")")
    if bracketed:
        before, after = before.replace("(", "", 1), after[:-1]
    minus = before.count("-") + after.count("-")
    if minus + before.count("+") + bracketed > 1:
        return None
    names = [before.replace("-", "").replace("+", ""), after.replace("-", "")]
    codes = {currency_code(name) for name in names if name.strip()}
    if None in codes or len(codes) > 1:
        return None
    bare = body[1].translate(_DROPPED)
    currency = next(iter(codes), None)
    return _Parts(bare, bool(minus or bracketed), body[2] or "", currency, percent)


def _shown(body: str) -> str | None:
    """The decimal sign that a number shows beyond doubt, or none."""
    last = max(body.rfind("."), body.rfind(","))
    if last < 0 or body.count(body[last]) > 1:
        return None
    sign, whole, decimals = body[last], body[:last], body[last + 1 :]
    other = "," if sign == "." else "."
    thousands = len(decimals) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
    return None if thousands and other not in whole else sign


def _signs(texts: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Which signs divide decimals, and which thousands, by what the numbers show."""
    decimal, thousands = set[str](), set[str]()
    for text in texts:
        simple = _SIMPLE.fullmatch(text)
        if simple:
            decimal.update(simple[1] or ())
            continue
        parts = _parts(text)
        if parts is None:
            continue
        shown = _shown(parts.body)
        whole = parts.body.rpartition(shown)[0] if shown else parts.body
        groups = {sign for sign in ".," if _GROUPED[sign].fullmatch(whole)}
        if shown:
            decimal.add(shown)
            thousands |= groups
        else:
            thousands.update(sign for sign in groups if parts.body.count(sign) > 1)
    if not decimal and len(thousands) == 1:
        decimal = {"."} if "," in thousands else {","}
    return frozenset(decimal), frozenset(thousands)


def _given(decimal: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(decimal), frozenset("," if decimal == "." else ".")


def _ungrouped(text: str, sign: str) -> str | None:
    """``text`` without the thousands separator ``sign``, or none if it stands in wrong places."""
    if text.isdigit() or not text:
        return text
    return text.replace(sign, "") if _GROUPED[sign].fullmatch(text) else None


def _scale(results: dict[str, Amount | str]) -> int:
    """100 when a column holds fractions up to 1 and no percent sign, else 1."""
    values = [(text, one.value) for text, one in results.items() if not isinstance(one, str)]
    fractions = any(0 < value < 1 for _, value in values)
    small = all(value <= 1 for _, value in values)
    return 100 if fractions and small and not any("%" in text for text, _ in values) else 1
