"""Dates of a column: their format is found from all of its values.

Understood are ``20.10.2016``, ``10/20/2016``, ``2016-10-20`` with ``.``, ``/`` or ``-``, years of
two digits, names of months (English, Russian), ``20161020``, ISO with ``T``, ``Z`` or an offset
(also without signs between: ``20161020T165538Z``), Moscow time as ``MSK``, times with or without
seconds, fractions, AM and PM; a column of nothing but Unix times (seconds or milliseconds), or of
nothing but days as Excel numbers them (cells without the format of a date: 45231.75). Day or month
first is decided by the values that can be read one way only (there is no 31 February, so that one
decides nothing); when nothing decides, the day is first.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from salesdesk.services.exchange.nothing import NO_VALUE
from salesdesk.services.exchange.rejects import NOT_A_DATE

FIRST_YEAR, LAST_YEAR = 1900, 2200

#: What stands for "no date" in exports, compared without case; amoCRM writes ``не закрыта``.
NO_DATE = frozenset(
    (*NO_VALUE, "nat")
    + ("не закрыта", "не закрыто", "не закрыт", "не указана", "не указано", "not closed")
    + ("0000-00-00", "0000-00-00 00:00:00", "00.00.0000")
)

_TIME = (
    r"(?:(?:[T ]|, ?| at | в )\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"\s?(?P<zone>Z|z|UTC|GMT|MSK|МСК|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
)
_NUMERIC = re.compile(
    r"(?P<a>[0-9]{1,4})([./-])(?P<b>[0-9]{1,2})\2(?P<c>[0-9]{1,4})(?: ?г\.?)?" + _TIME
)
_COMPACT = re.compile(r"(?P<a>[0-9]{4})(?P<b>[0-9]{2})(?P<c>[0-9]{2})" + _TIME)
_BASIC = re.compile(
    r"[0-9]{8}T[0-9]{4}(?:[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_NAMED = re.compile(
    r"(?:[^\W\d_]{2,11},?\s+)?"
    r"(?:(?P<d1>[0-9]{1,2})[ .-]\s?(?P<m1>[^\W\d_]{3,9})\.?|"
    r"(?P<m2>[^\W\d_]{3,9})\.?\s(?P<d2>[0-9]{1,2}))[, -]\s?(?P<y>[0-9]{4}|[0-9]{2})(?:\s?г\.?)?"
    + _TIME
)
_MOSCOW = timezone(timedelta(hours=3))
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan янв", "feb фев", "mar мар", "apr апр", "may май мая", "jun июн",
            "jul июл", "aug авг", "sep сен", "oct окт", "nov ноя", "dec дек",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = re.compile(r"[0-9]{9,10}")
_EPOCH_MILLISECONDS = re.compile(r"[0-9]{12,13}")
#: Days since ``_SERIAL_ZERO`` (Excel counts a 29 February 1900 that never was), from 1954 to 2119:
#: amounts of four or six digits are no dates.
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:[.,][0-9]{1,12})?")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - local time


class When(NamedTuple):
    """A date read: naive is local time, aware a moment; ``has_time`` false means a bare date."""

    at: datetime
    has_time: bool


@dataclass(frozen=True, slots=True)
class DateColumn:
    """How the dates of a column are written.

    ``order`` is ``DMY``, ``MDY``, ``YMD``, ``named``, ``epoch``, ``serial`` or ``given``;
    ``decided`` says whether the values (or the mapping) decided it; ``label`` shows it to people
    (``M/D/Y``). ``empty`` and ``bad`` count cells without a date and cells that are no date;
    ``known`` keeps what was read already, by tidied text.
    """

    order: str
    decided: bool = True
    label: str = ""
    formats: tuple[str, ...] = ()
    total: int = 0
    empty: int = 0
    bad: int = 0
    blanks: frozenset[str] = NO_DATE
    known: dict[str, When | None] = field(default_factory=dict, repr=False, compare=False)

    def is_blank(self, text: str) -> bool:
        """Whether a cell says that there is no date."""
        text = _tidied(text)
        return not text or text.casefold() in self.blanks

    def parse(self, text: str) -> When:
        """The date in ``text``; raises ``ValueError`` (its text is the problem) for none."""
        text = _tidied(text)
        if text in self.known:
            found = self.known[text]
        else:
            found = self.known[text] = _reader(self.order, self.formats)(text)
        if found is None:
            raise ValueError(NOT_A_DATE)
        return found


def detect_dates(
    values: Iterable[str],
    formats: str | Sequence[str] | None = None,
    blanks: frozenset[str] = NO_DATE,
) -> DateColumn:
    """Find out how the dates in ``values`` (all cells of a column) are written.

    ``formats`` (strptime) are taken instead when given, the first that fits a value. ``blanks`` are
    texts (case-folded) that stand for no date. Years outside 1900..2200 are no dates.
    """
    texts = list(values)
    filled = [t for t in map(_tidied, texts) if t and t.casefold() not in blanks]
    given = (formats,) if isinstance(formats, str) else tuple(formats or ())
    order, decided = ("given", True) if given else _order(filled)
    known: dict[str, When | None] = {}
    read = _reader(order, given)
    for text in filled:
        if text not in known:
            known[text] = read(text)
    bad = sum(1 for text in filled if known[text] is None)
    label = ", ".join(given) if given else _label(order, filled)
    empty = len(texts) - len(filled)
    return DateColumn(order, decided, label, given, len(texts), empty, bad, blanks, known)


def _tidied(text: str) -> str:
    """Without blanks around, and each run of them inside (no-break ones too) made one."""
    return " ".join(text.split())


def _order(texts: list[str]) -> tuple[str, bool]:
    """The order of day and month, and whether the values decided it."""
    if texts and all(_EPOCH_SECONDS.fullmatch(text) for text in texts):
        return "epoch", True
    if texts and all(_EPOCH_MILLISECONDS.fullmatch(text) for text in texts):
        return "epoch", True
    if texts and all(_SERIAL.fullmatch(text) for text in texts):
        return "serial", True
    day_first = month_first = either = year_first = named = 0
    for text in set(texts):
        match = _NUMERIC.fullmatch(text)
        if match is None:
            named += bool(_NAMED.fullmatch(text))
            year_first += bool(_COMPACT.fullmatch(text) or _BASIC.fullmatch(text))
        elif len(match["a"]) > 2:
            year_first += 1
        else:
            a, b = int(match["a"]), int(match["b"])
            if a <= 12 and b <= 12:
                either += 1
            elif _numeric(match, month_first=b > 12) is not None:
                month_first += b > 12
                day_first += a > 12
    if month_first > day_first:
        return "MDY", True
    if day_first or either:
        return "DMY", day_first > 0
    if named > year_first:
        return "named", True
    return ("YMD", True) if year_first else ("DMY", False)


def _label(order: str, texts: list[str]) -> str:
    if order in ("DMY", "MDY", "YMD"):
        match = next((m for m in map(_NUMERIC.match, texts) if m), None)
        return (match[2] if match else "").join(order)
    return {"epoch": "Unix", "serial": "Excel", "named": "D MMM Y"}.get(order, "")


def _reader(order: str, formats: tuple[str, ...]) -> Callable[[str], When | None]:
    if order == "epoch":
        return _read_epoch
    if order == "serial":
        return _read_serial
    if order == "given":
        return lambda text: _read_given(text, formats)
    month_first = order == "MDY"
    return lambda text: _read_any(text, month_first)


def _read_any(text: str, month_first: bool) -> When | None:
    if len(text) > 60:
        return None
    try:
        if len(text) > 9 and text[4] == text[7] == "-" and (len(text) == 10 or text[10] in " T"):
            return _checked(datetime.fromisoformat(text), len(text) > 10)
        if _BASIC.fullmatch(text):
            return _checked(datetime.fromisoformat(text), True)
    except ValueError:
        pass  # not quite ISO: the patterns below know more ways
    match = _NUMERIC.fullmatch(text)
    if match:
        return _numeric(match, month_first)
    match = _COMPACT.fullmatch(text)
    if match:
        return _built(match, int(match["a"]), int(match["b"]), int(match["c"]))
    match = _NAMED.fullmatch(text)
    if match:
        month = _MONTHS.get((match["m1"] or match["m2"])[:3].casefold())
        if month:
            return _built(match, _year(match["y"]), month, int(match["d1"] or match["d2"]))
    return None


def _numeric(match: re.Match[str], month_first: bool) -> When | None:
    a, b, c = match["a"], match["b"], match["c"]
    if len(a) == 4 and len(c) <= 2:
        return _built(match, int(a), int(b), int(c))
    if len(a) == 2 and len(c) <= 2 and int(a) > 31:
        return _built(match, _year(a), int(b), int(c))
    if len(a) > 2 or len(c) not in (2, 4):
        return None
    day, month = (int(b), int(a)) if month_first else (int(a), int(b))
    return _built(match, _year(c), month, day)


def _year(text: str) -> int:
    number = int(text)
    if len(text) == 4:
        return number
    return number + (2000 if number < 69 else 1900)


def _built(match: re.Match[str], year: int, month: int, day: int) -> When | None:
    """A date out of its parts, and the time in ``match`` if there is one."""
    try:
        if match["hour"] is None:
            return _checked(datetime(year, month, day), False)  # noqa: DTZ001 - local time
        hour = int(match["hour"])
        if match["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
        micro = int((match["fraction"] or "0").ljust(6, "0")[:6])
        at = datetime(  # noqa: DTZ001 - local time
            year, month, day, hour, int(match["minute"]), int(match["second"] or 0), micro
        )
        return _checked(at.replace(tzinfo=_zone(match["zone"])), True)
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in ("MSK", "МСК"):
        return _MOSCOW
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def _read_epoch(text: str) -> When | None:
    if not (_EPOCH_SECONDS.fullmatch(text) or _EPOCH_MILLISECONDS.fullmatch(text)):
        return None
    unit = timedelta(milliseconds=1) if len(text) > 10 else timedelta(seconds=1)
    return _checked(_EPOCH + int(text) * unit, True)


def _read_serial(text: str) -> When | None:
    if not _SERIAL.fullmatch(text):
        return None
    exact = _SERIAL_ZERO + timedelta(days=float(text.replace(",", ".")), microseconds=500)
    at = exact.replace(microsecond=exact.microsecond // 1000 * 1000)  # finer is noise
    return _checked(at, (at.hour, at.minute, at.second, at.microsecond) != (0, 0, 0, 0))


def _read_given(text: str, formats: tuple[str, ...]) -> When | None:
    for pattern in formats:
        try:
            at = datetime.strptime(text, pattern)  # noqa: DTZ007 - local time unless it has %z
        except ValueError:
            continue
        return _checked(at, any(sign in pattern for sign in ("%H", "%I", "%c", "%X")))
    return None


def _checked(at: datetime, has_time: bool) -> When | None:
    return When(at, has_time) if FIRST_YEAR <= at.year <= LAST_YEAR else None
