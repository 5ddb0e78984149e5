"""Money, numbers, days and moments as the chosen language writes them, and read back from typing.

Reading raises ``ValueError`` with a translated sentence that can stand beside the field.
"""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from salesdesk.moments import Zone
from salesdesk.services import amounts
from salesdesk.services.amounts import TOO_LARGE, fits
from salesdesk.text import N_, language, tr

NO_BREAK = "\u00a0"
DASH = "—"
_SCALES = (
    (Decimal(1_000_000_000), N_("{number} B")),
    (Decimal(1_000_000), N_("{number} M")),
    (Decimal(10_000), N_("{number} k")),
)
_MONTH_DAYS = (
    N_("{day} Jan"), N_("{day} Feb"), N_("{day} Mar"), N_("{day} Apr"), N_("{day} May"),
    N_("{day} Jun"), N_("{day} Jul"), N_("{day} Aug"), N_("{day} Sep"), N_("{day} Oct"),
    N_("{day} Nov"), N_("{day} Dec"),
)  # fmt: skip
#: One comma or point before exactly three figures, in a number that does not begin with 0.
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_WEEK = 7
_MONTH_STARTS = (
    ("jan", "янв"), ("feb", "фев"), ("mar", "мар"), ("apr", "апр"), ("may", "ма"), ("jun", "июн"),
    ("jul", "июл"), ("aug", "авг"), ("sep", "сен"), ("oct", "окт"), ("nov", "ноя"), ("dec", "дек"),
)  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"),
    N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def _point(figures: str) -> str:
    return figures.replace(".", ",") if language() == "ru" else figures


def sign(currency: str) -> str:
    """The sign of a currency, or its code."""
    return amounts.sign(currency)


def whole(n: int) -> str:
    """A count: ``8,800``, in Russian ``8 800``."""
    return f"{n:,}".replace(",", NO_BREAK) if language() == "ru" else f"{n:,}"


def decimal(value: Decimal, places: int | None = None) -> str:
    """A decimal with thousands apart; ``places`` digits after the point, else as many as it has."""
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{value:,f}"
    if "." in text and places is None:
        text = text.rstrip("0").rstrip(".")
    return _point(text.replace(",", NO_BREAK))


def typed(value: Decimal) -> str:
    """A decimal to be edited: read as ``grouped`` it is the same again."""
    text = decimal(value)
    return f"{text}0" if _GROUPED.fullmatch(text) else text


def money(amount: Decimal | None, currency: str) -> str:
    """``1 240 000 ₽``, kopecks only when there are some; a dash without an amount."""
    if amount is None:
        return DASH
    units = int(amount)
    figures = f"{units:,}".replace(",", NO_BREAK) if amount == units else decimal(amount, 2)
    return f"{figures}{NO_BREAK}{sign(currency)}"


def short_money(amount: Decimal, currency: str) -> str:
    """``9.2 M ₽``: two or three figures; ``— ₽`` for nothing."""
    if not amount:
        return f"{DASH}{NO_BREAK}{sign(currency)}"
    for scale, pattern in _SCALES:
        if abs(amount) >= scale:
            number = amount / (1000 if scale == 10_000 else scale)
            step = Decimal("0.1") if abs(number) < 100 else Decimal(1)
            figures = decimal(number.quantize(step, ROUND_HALF_UP))
            text = tr(pattern, number=figures).replace(" ", NO_BREAK)
            return f"{text}{NO_BREAK}{sign(currency)}"
    return money(amount.quantize(Decimal(1), ROUND_HALF_UP), currency)


def day(ordinal: int) -> str:
    """A day with its year: ``12 Dec 2026``, in Russian ``12.12.2026``."""
    on = date.fromordinal(ordinal)
    if language() == "ru":
        return f"{on:%d.%m.%Y}"
    return f"{day_short(ordinal)}{NO_BREAK}{on.year}"


def day_short(ordinal: int) -> str:
    """A day of about now: ``18 Nov``."""
    return _day_short(ordinal, language())


@lru_cache(maxsize=1000)
def _day_short(ordinal: int, _language: str) -> str:
    on = date.fromordinal(ordinal)
    return tr(_MONTH_DAYS[on.month - 1], day=on.day).replace(" ", NO_BREAK)


def day_near(ordinal: int, today: int) -> str:
    """A day of this year, ``18 Nov``; of another with its year."""
    same = date.fromordinal(ordinal).year == date.fromordinal(today).year
    return day_short(ordinal) if same else day(ordinal)


def weekday(ordinal: int) -> str:
    """A day of the week, short: ``Tue``."""
    return tr(_WEEKDAYS[date.fromordinal(ordinal).weekday()])


def lately(zone: Zone, at: int, now: int) -> str:
    """A moment that is over, as short as it is clear: ``18:05``, ``Tue 18:05``, else dated."""
    passed = zone.day_of(now) - zone.day_of(at)
    if passed == 0:
        return clock(zone, at)
    if 0 < passed < _WEEK:
        name = weekday(zone.day_of(at))
        return f"{name.lower() if language() == 'ru' else name} {clock(zone, at)}"
    return moment(zone, at, now)


def month(number: int) -> str:
    """A month number (``year * 12 + month - 1``): ``November 2026``."""
    return f"{tr(_MONTHS[number % 12])}{NO_BREAK}{number // 12}"


def clock(zone: Zone, moment: int) -> str:
    """The time of day: ``16:20``."""
    return f"{zone.local(moment):%H:%M}"


def moment(zone: Zone, at: int, now: int) -> str:
    """A moment: ``18 Nov 16:20``, with the year when it is not this one."""
    local = zone.local(at)
    return f"{day_near(local.toordinal(), zone.day_of(now))} {local:%H:%M}"


def near(zone: Zone, at: int, now: int) -> str:
    """A moment beside today: ``Yesterday 15:00``, ``Today 18:00``, else dated."""
    distance = zone.day_of(at) - zone.day_of(now)
    time = clock(zone, at)
    if distance == 0:
        return tr("Today {time}", time=time)
    if distance == -1:
        return tr("Yesterday {time}", time=time)
    if distance == 1:
        return tr("Tomorrow {time}", time=time)
    return moment(zone, at, now)


def read_decimal(text: str, grouped: bool = False) -> Decimal:
    """A number as people type it: blanks and signs dropped, comma or point before the decimals;
    ``grouped``: before exactly three figures it divides thousands, as in files."""
    kept = re.sub(r"[\s\u00a0\u202f]", "", text)
    kept = re.sub(r"[₽$€£₸¥₴₺₹₾]|руб\.?|р\.$", "", kept, flags=re.IGNORECASE)
    if "," in kept and "." in kept:
        thousands = "," if kept.rfind(".") > kept.rfind(",") else "."
        kept = kept.replace(thousands, "")
    elif kept.count(",") > 1 or kept.count(".") > 1 or (grouped and _GROUPED.fullmatch(kept)):
        kept = kept.replace(",", "").replace(".", "")
    kept = kept.replace(",", ".")
    try:
        if not re.fullmatch(r"[-+]?\d*\.?\d*", kept):
            raise InvalidOperation
        return Decimal(kept)
    except InvalidOperation:
        raise ValueError(tr("Not a number. Write it like {example}.", example=_point("1240.50")))  # noqa: B904


def read_money(text: str) -> Decimal:
    """An amount, not negative, with at most two decimals."""
    amount = read_decimal(text, grouped=True)
    if amount < 0:
        raise ValueError(tr("An amount cannot be less than zero."))
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError(tr("An amount has at most two decimals."))
    if not fits(amount):
        raise ValueError(tr(TOO_LARGE))
    return amount


def read_day(text: str, today: int) -> int:
    """A day as people type it: ``21.11.2026``, ``21.11``, ``2026-11-21``, ``21 Nov``, ``+3``; as in
    files, no year outside 1900..2200 is meant."""
    from salesdesk.services.exchange.dates import FIRST_YEAR, LAST_YEAR

    words = text.strip().lower().replace(NO_BREAK, " ")
    shift = {"today": 0, "сегодня": 0, "tomorrow": 1, "завтра": 1, "yesterday": -1, "вчера": -1}
    if words in shift:
        return today + shift[words]
    if re.fullmatch(r"[+-]\d{1,4}", words):
        return today + int(words)
    try:
        found = _dated(words, date.fromordinal(today))
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(words)
        return found.toordinal()
    except (ValueError, OverflowError):
        raise ValueError(tr("Not a date. Write it like {example}.", example=day(today)))  # noqa: B904


def _dated(words: str, today: date) -> date:
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
        return date(*(int(part) for part in found.groups()))
    if found := re.fullmatch(r"(\d{1,2})[./ ](\d{1,2})(?:[./ ](\d{2}|\d{4}))?", words):
        first, second, year = found.groups()
        return _in_year(int(first), int(second), year, today)
    if found := re.fullmatch(r"(\d{1,2}) ([a-zа-я]+)\.?(?: (\d{2}|\d{4}))?", words):
        first, name, year = found.groups()
        for at, starts in enumerate(_MONTH_STARTS, 1):
            if name.startswith(starts):
                return _in_year(int(first), at, year, today)
    raise ValueError(words)


def _in_year(on: int, in_month: int, year: str | None, today: date) -> date:
    """Without a year: the one that is nearest to today."""
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), in_month, on)
    found = [
        date(near_year, in_month, on)
        for near_year in (today.year - 1, today.year, today.year + 1)
        if in_month != 2 or on != 29 or near_year % 4 == 0
    ]
    return min(found, key=lambda each: abs(each - today) + (each < today) * timedelta(1))


def own_text(kind: str, text: str | None, currency: str) -> str:
    """The value of an own field (as ``own_fields`` keeps it) as it is shown."""
    from salesdesk.services.own_fields import own_value

    value = own_value(kind, text)
    if value is None:
        return DASH
    if isinstance(value, bool):
        return tr("Yes") if value else tr("No")
    if isinstance(value, Decimal):
        return money(value, currency) if kind == "money" else decimal(value)
    return day(value) if isinstance(value, int) else value
