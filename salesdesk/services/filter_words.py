"""How parts of a filter are written as texts: keys of records, ranges of numbers, days, own fields.

``people=3,4``, ``amount=100000..``, ``created=month``, ``f12=red|blue``. What is not understood is
refused in one sentence.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from salesdesk.errors import Invalid
from salesdesk.moments import month_of, month_start, plain
from salesdesk.services.cards import FieldTest, Range
from salesdesk.text import N_

#: Days by name, as they are when they are asked for.
NAMED_DAYS = (
    "today", "tomorrow", "week", "next_week", "month", "quarter", "last_month", "next_month",
    "last_30", "past", "none",
)  # fmt: skip
#: A first day that is before, and a last that is after every day.
EVER, NEVER = 1, 3_600_000


def unreadable(name: str, text: str) -> Invalid:
    """The refusal of a text that is no filter."""
    return Invalid(
        N_("“{name}={text}” is no filter; nothing was filtered by it."), name=name, text=text
    )


# -- keys and numbers -----------------------------------------------------------------------------


def ids_text(ids: frozenset[int]) -> str:
    """Keys as ``3,4``."""
    return ",".join(map(str, sorted(ids)))


def ids_of(name: str, text: str) -> frozenset[int]:
    """The keys of ``3,4``; none of an empty text. Raises Invalid for anything else."""
    parts = text.split(",") if text else []
    if not all(part.isascii() and part.isdecimal() and len(part) < 18 for part in parts):
        raise unreadable(name, text)
    return frozenset(map(int, parts))


def range_text(given: Range) -> str:
    """Two ends as ``100..200``, an open one empty; nothing where both are open."""
    if given == (None, None):
        return ""
    return "..".join("" if end is None else plain(end) for end in given)


def range_of(name: str, text: str) -> Range:
    """The ends of ``100..200``. Raises Invalid for anything else."""
    if not text:
        return None, None
    first, dots, last = text.partition("..")
    if not dots:
        raise unreadable(name, text)
    try:
        ends = [Decimal(end) if end else None for end in (first, last)]
    except InvalidOperation:
        raise unreadable(name, text) from None
    if any(end is not None and not (end.is_finite() and abs(end) < 10**13) for end in ends):
        raise unreadable(name, text)
    return ends[0], ends[1]


# -- own fields -----------------------------------------------------------------------------------


def tests_texts(tests: tuple[FieldTest, ...]) -> dict[str, str]:
    """Tests of own fields as texts by ``f12``."""
    found = {}
    for test in tests:
        if test.how == "has":
            found[f"f{test.field_id}"] = f"~{test.values[0]}"
        else:
            between = "|" if test.how == "is" else ".."
            found[f"f{test.field_id}"] = between.join(map(_escaped, test.values))
    return found


#: What would be read as something else: ``|``, two points, a wave at the beginning, and the stroke.
_SPECIAL = re.compile(r"[\\|]|\.(?=\.|$)|^~")
_PART = re.compile(r"\\(.)|(\||\.\.)|(.)", re.DOTALL)


def choices_text(values: Iterable[str]) -> str:
    """Choices of an own field as ``red|blue``."""
    return "|".join(map(_escaped, values))


def choices_of(text: str) -> list[str]:
    """The choices of ``red|blue``."""
    return [value for value in _parts(text)[1] if value]


def _escaped(value: str) -> str:
    """A value of an own field with a stroke before what would be read as something else."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", value)


def _parts(words: str) -> tuple[str, list[str]]:
    """The values between ``|`` or ``..``, strokes taken away, and which of the two it was first."""
    sign, values = "", [""]
    for literal, between, plain_sign in _PART.findall(words):
        if between and (not sign or sign == between == "|"):
            sign = between
            values.append("")
        else:
            values[-1] += literal or between or plain_sign
    return sign, values


def tests_of(texts: Mapping[str, str]) -> tuple[FieldTest, ...]:
    """The tests of own fields among texts by name."""
    return tuple(
        _test(int(name[1:]), words)
        for name, words in sorted(texts.items())
        if name[:1] == "f" and name[1:].isdecimal() and len(name) < 18 and words
    )


def _test(field_id: int, words: str) -> FieldTest:
    if words.startswith("~"):
        return FieldTest(field_id, "has", (words[1:],))
    sign, values = _parts(words)
    return FieldTest(field_id, "between" if sign == ".." else "is", tuple(values))


# -- days -----------------------------------------------------------------------------------------


def days_text(first: int | None, last: int | None) -> str:
    """Days from first to last (ordinals, both included, ``None`` open) as a filter has them."""
    ends = ("" if day is None else date.fromordinal(day).isoformat() for day in (first, last))
    return "..".join(ends)


def days_in(name: str, text: str) -> str:
    """The text, if it names days. Raises Invalid for anything else."""
    if text:
        read_days(name, text)
    return text


def read_days(name: str, text: str) -> tuple[int, int] | None:
    """First and last day of ``2026-03-01..2026-03-31``; ``None`` for days with a name."""
    if text in NAMED_DAYS:
        return None
    first, dots, last = text.partition("..")
    try:
        if not dots:
            raise ValueError
        return (
            date.fromisoformat(first).toordinal() if first else EVER,
            date.fromisoformat(last).toordinal() if last else NEVER,
        )
    except ValueError:
        raise unreadable(name, text) from None


def days_of(text: str, today: int) -> tuple[int, int] | None:
    """First and last day, both included, of days as a filter has them; ``None`` for ``none`` (what
    has no such date). Raises Invalid for a text that is no days."""
    given = read_days("days", text)
    if given is not None:
        return given
    month = month_of(today)
    monday = today - (today - 1) % 7
    named = {
        "today": (today, today),
        "tomorrow": (today + 1, today + 1),
        "week": (monday, monday + 6),
        "next_week": (monday + 7, monday + 13),
        "month": (month_start(month), month_start(month + 1) - 1),
        "quarter": (month_start(month - month % 3), month_start(month - month % 3 + 3) - 1),
        "last_month": (month_start(month - 1), month_start(month) - 1),
        "next_month": (month_start(month + 1), month_start(month + 2) - 1),
        "last_30": (today - 29, today),
        "past": (EVER, today - 1),
    }
    return named.get(text)
