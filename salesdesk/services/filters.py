"""What a filter of deals is: as texts by name (an address, a saved filter), and as SQL.

In texts everything is a word by its name: ``people=3,4``, ``amount=100000..``, ``created=month``,
``overdue=1``, ``f12=red|blue``. What is not understood is refused in one sentence.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from salesdesk.errors import Invalid
from salesdesk.moments import DAY_SECONDS, SECOND, Zone, money_of, month_of, month_start, plain
from salesdesk.names import folded
from salesdesk.services.board import like
from salesdesk.services.cards import NOBODY, BoardFilter, FieldTest, Range
from salesdesk.text import N_

_DAY = DAY_SECONDS * SECOND
_SETS: Final = ("people", "teams", "clients", "tags", "sources")
_FLAGS: Final = ("overdue", "no_task", "stuck")
_DATES: Final = ("created", "expected", "entered")
#: Days by name, as they are when they are asked for.
NAMED_DAYS = (
    "today", "week", "month", "quarter", "last_month", "next_month", "last_30", "past", "none",
)  # fmt: skip
#: A first day that is before, and a last that is after every day.
_EVER, _NEVER = 1, 3_600_000


# -- texts ----------------------------------------------------------------------------------------


def to_texts(chosen: BoardFilter) -> dict[str, str]:
    """A filter as texts by name, without what is not chosen (and without what a role may see)."""
    found: dict[str, str] = {}
    if chosen.who:
        found["who"] = chosen.who
    for name in _SETS:
        ids: frozenset[int] = getattr(chosen, name)
        if ids:
            found[name] = ",".join(map(str, sorted(ids)))
    found.update((name, "1") for name in _FLAGS if getattr(chosen, name))
    if chosen.amount != (None, None):
        found["amount"] = "..".join("" if end is None else plain(end) for end in chosen.amount)
    found.update((name, getattr(chosen, name)) for name in _DATES if getattr(chosen, name))
    for test in chosen.fields:
        between = {"is": "|", "between": "..", "has": ""}[test.how]
        words = between.join(test.values)
        found[f"f{test.field_id}"] = f"~{words}" if test.how == "has" else words
    if chosen.text:
        found["text"] = chosen.text
    return found


def from_texts(texts: Mapping[str, str]) -> BoardFilter:
    """The filter of texts by name; other names are passed over.

    Raises Invalid, with the text that cannot be read.
    """
    found: dict[str, Any] = {}
    who = texts.get("who", "")
    if who not in ("", "mine", "team"):
        raise _unreadable("who", who)
    found["who"] = who
    for name in _SETS:
        if texts.get(name):
            found[name] = _ids(name, texts[name])
    found.update((name, texts.get(name) == "1") for name in _FLAGS)
    if texts.get("amount"):
        found["amount"] = _range(texts["amount"])
    for name in _DATES:
        if texts.get(name):
            _read_days(name, texts[name])
            found[name] = texts[name]
    found["fields"] = tuple(
        _test(int(name[1:]), words)
        for name, words in sorted(texts.items())
        if name[:1] == "f" and name[1:].isdecimal() and words
    )
    found["text"] = texts.get("text", "")
    return BoardFilter(**found)


def _unreadable(name: str, text: str) -> Invalid:
    return Invalid(
        N_("“{name}={text}” is no filter; nothing was filtered by it."), name=name, text=text
    )


def _ids(name: str, text: str) -> frozenset[int]:
    parts = text.split(",")
    if not all(part.isdecimal() and len(part) < 18 for part in parts):
        raise _unreadable(name, text)
    return frozenset(map(int, parts))


def _range(text: str) -> Range:
    first, dots, last = text.partition("..")
    if not dots:
        raise _unreadable("amount", text)
    try:
        ends = [Decimal(end) if end else None for end in (first, last)]
    except InvalidOperation:
        raise _unreadable("amount", text) from None
    if any(end is not None and not (end.is_finite() and abs(end) < 10**13) for end in ends):
        raise _unreadable("amount", text)
    return ends[0], ends[1]


def _test(field_id: int, words: str) -> FieldTest:
    if words.startswith("~"):
        return FieldTest(field_id, "has", (words[1:],))
    first, dots, last = words.partition("..")
    if dots:
        return FieldTest(field_id, "between", (first, last))
    return FieldTest(field_id, "is", tuple(words.split("|")))


def days_text(first: int | None, last: int | None) -> str:
    """Days from first to last (ordinals, both included, ``None`` open) as a filter has them."""
    ends = ("" if day is None else date.fromordinal(day).isoformat() for day in (first, last))
    return "..".join(ends)


def _read_days(name: str, text: str) -> tuple[int, int] | None:
    """First and last day of ``2026-03-01..2026-03-31``; ``None`` for days with a name."""
    if text in NAMED_DAYS:
        return None
    first, dots, last = text.partition("..")
    try:
        if not dots:
            raise ValueError
        return (
            date.fromisoformat(first).toordinal() if first else _EVER,
            date.fromisoformat(last).toordinal() if last else _NEVER,
        )
    except ValueError:
        raise _unreadable(name, text) from None


def days_of(text: str, today: int) -> tuple[int, int] | None:
    """First and last day, both included, of days as a filter has them; ``None`` for ``none`` (deals
    without that date). Raises Invalid for a text that is no days."""
    given = _read_days("days", text)
    if given is not None:
        return given
    month = month_of(today)
    monday = today - (today - 1) % 7
    named = {
        "today": (today, today),
        "week": (monday, monday + 6),
        "month": (month_start(month), month_start(month + 1) - 1),
        "quarter": (month_start(month - month % 3), month_start(month - month % 3 + 3) - 1),
        "last_month": (month_start(month - 1), month_start(month) - 1),
        "next_month": (month_start(month + 1), month_start(month + 2) - 1),
        "last_30": (today - 29, today),
        "past": (_EVER, today - 1),
    }
    return named.get(text)


# -- whose ----------------------------------------------------------------------------------------


def resolved(r: Any, chosen: BoardFilter, person_id: int | None) -> BoardFilter:
    """The filter with the people that ``who``, ``people`` and ``teams`` come to."""
    from dataclasses import replace

    groups: list[frozenset[int]] = []
    if chosen.who:
        mine = frozenset() if person_id is None else frozenset({person_id})
        groups.append(mine if chosen.who == "mine" else team_of(r, person_id))
    if chosen.people or chosen.teams:
        groups.append(chosen.people | _members(r, chosen.teams))
    if not groups:
        return replace(chosen, owner_ids=None)
    return replace(chosen, owner_ids=frozenset.intersection(*groups))


def team_of(r: Any, person_id: int | None) -> frozenset[int]:
    """The people of a person's team and of the teams inside it; the person alone without one."""
    if person_id is None:
        return frozenset()
    team = r.value("SELECT team_id FROM person WHERE id = ?", (person_id,))
    mine = frozenset({person_id})
    return mine if team is None else mine | _members(r, [team])


def _members(r: Any, teams: Iterable[int]) -> frozenset[int]:
    wanted = sorted(teams)
    if not wanted:
        return frozenset()
    marks = ", ".join("?" * len(wanted))
    rows = r.rows(
        f"WITH RECURSIVE inside(id) AS (SELECT id FROM team WHERE id IN ({marks}) UNION "
        "SELECT t.id FROM team t JOIN inside ON t.parent_id = inside.id "
        "WHERE t.deleted_at IS NULL) "
        "SELECT id FROM person WHERE team_id IN (SELECT id FROM inside) AND deleted_at IS NULL",
        wanted,
    )
    return frozenset(row[0] for row in rows)


# -- SQL ------------------------------------------------------------------------------------------


def where(chosen: BoardFilter, now: int, zone: Zone) -> tuple[str, list[Any]]:
    """The filter as ``" AND ..."`` over d (deal) and s (its stage), and its parameters."""
    found = _Where()
    if chosen.seen is not None:
        found.one_of("d.owner_id", chosen.seen | {NOBODY})
    if chosen.owner_ids is not None:
        found.one_of("d.owner_id", chosen.owner_ids)
    _states(found, chosen, now)
    _about(found, chosen)
    _dates(found, chosen, now, zone)
    for test in chosen.fields:
        _field(found, test)
    if chosen.text:
        _text(found, chosen.text)
    return found.sql, found.params


class _Where:
    """A condition that grows."""

    def __init__(self) -> None:
        self.sql = ""
        self.params: list[Any] = []

    def add(self, sql: str, *params: Any) -> None:
        self.sql += f" AND {sql}"
        self.params += params

    def one_of(self, column: str, ids: frozenset[int]) -> None:
        """The column is one of the ids; 0 among them stands for none."""
        some = sorted(ids - {NOBODY})
        sql = f"{column} IN ({', '.join('?' * len(some))})"
        self.add(f"({sql} OR {column} IS NULL)" if NOBODY in ids else sql, *some)


def _states(found: _Where, chosen: BoardFilter, now: int) -> None:
    if chosen.overdue:
        found.add("d.next_due < ?", now)
    if chosen.no_task:
        found.add("d.open_tasks = 0 AND s.kind = 'open'")
    if chosen.stuck:
        found.add("s.kind = 'open' AND d.since < ? - s.limit_days * ?", now, _DAY)


def _about(found: _Where, chosen: BoardFilter) -> None:
    if chosen.clients:
        marks = ", ".join("?" * len(chosen.clients))
        ids = sorted(chosen.clients)
        found.add(f"(d.client_id IN ({marks}) OR d.contact_id IN ({marks}))", *ids, *ids)
    if chosen.sources:
        found.one_of("d.source_id", chosen.sources)
    if chosen.tags:
        marks = ", ".join("?" * len(chosen.tags))
        found.add(
            "EXISTS (SELECT 1 FROM deal_tag g WHERE g.deal_id = d.id AND g.deleted_at IS NULL "
            f"AND g.tag_id IN ({marks}))",
            *sorted(chosen.tags),
        )
    low, high = chosen.amount
    if low is not None:
        found.add("coalesce(d.amount, 0) >= ?", money_of(low))
    if high is not None:
        found.add("coalesce(d.amount, 0) <= ?", money_of(high))


def _dates(found: _Where, chosen: BoardFilter, now: int, zone: Zone) -> None:
    today = zone.day_of(now)
    for column, text in (("d.created_at", chosen.created), ("d.since", chosen.entered)):
        days = days_of(text, today) if text else None
        if days is not None:
            first, last = days
            if first > _EVER:
                found.add(f"{column} >= ?", zone.start_of(first))
            if last < _NEVER:
                found.add(f"{column} < ?", zone.start_of(last + 1))
        elif text:
            found.add(f"{column} IS NULL")
    if chosen.expected:
        days = days_of(chosen.expected, today)
        if days is None:
            found.add("d.expected_day IS NULL")
        else:
            found.add("d.expected_day BETWEEN ? AND ?", *days)


def _field(found: _Where, test: FieldTest) -> None:
    sql = (
        "EXISTS (SELECT 1 FROM field_value v WHERE v.subject_id = d.id AND v.field_id = ? "
        "AND v.deleted_at IS NULL AND {how})"
    )
    if test.how == "is":
        marks = ", ".join("?" * len(test.values))
        found.add(sql.format(how=f"v.value IN ({marks})"), test.field_id, *test.values)
    elif test.how == "has":
        # SQLite folds only Latin letters: the text as it was typed, and capitalised.
        typed = test.values[0]
        patterns = {like(typed), _pattern(typed), _pattern(typed.capitalize())}
        either = " OR ".join(["v.value LIKE ? ESCAPE '\\'"] * len(patterns))
        found.add(sql.format(how=f"({either})"), test.field_id, *sorted(patterns))
    else:
        first, last = test.values
        dated = any(end.count("-") == 2 for end in (first, last))
        column = "v.value" if dated else "CAST(v.value AS REAL)"
        for sign, end in ((">=", first), ("<=", last)):
            if end:
                value = end if dated else _number(test.field_id, end)
                found.add(sql.format(how=f"{column} {sign} ?"), test.field_id, value)


def _number(field_id: int, text: str) -> float:
    try:
        return float(Decimal(text))
    except (InvalidOperation, OverflowError):
        raise _unreadable(f"f{field_id}", text) from None


def _text(found: _Where, text: str) -> None:
    """Title or client's name has the text; ``#12`` is the deal of that number."""
    words = folded(text)
    if words.startswith("#") and words[1:].isdecimal() and len(words) < 18:
        found.add("d.number = ?", int(words[1:]))
        return
    found.add(
        "(d.title_key LIKE ? ESCAPE '\\' OR d.client_id IN (SELECT c.id FROM client c "
        "WHERE replace(c.name_key, 'ё', 'е') LIKE ? ESCAPE '\\'))",
        *[like(text)] * 2,
    )


def _pattern(text: str) -> str:
    """``text`` anywhere, written just so."""
    safe = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{safe}%"
