"""What a filter of deals is: as texts by name (an address, a saved filter), and as SQL.

In texts everything is a word by its name: ``people=3,4``, ``amount=100000..``, ``created=month``,
``overdue=1``, ``f12=red|blue``. What is not understood is refused in one sentence.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from salesdesk.moments import DAY_SECONDS, SECOND, Zone, money_of
from salesdesk.names import folded
from salesdesk.services.board import like
from salesdesk.services.cards import NOBODY, BoardFilter
from salesdesk.services.conditions import Condition
from salesdesk.services.filter_words import (
    NAMED_DAYS,
    days_in,
    days_of,
    days_text,
    ids_of,
    ids_text,
    range_of,
    range_text,
    tests_of,
    tests_texts,
    unreadable,
)
from salesdesk.services.survivors import survivors

__all__ = [
    "NAMED_DAYS", "days_of", "days_text", "from_texts", "members", "resolved", "team_of",
    "to_texts", "where",
]  # fmt: skip

_DAY = DAY_SECONDS * SECOND
_SETS: Final = ("people", "teams", "clients", "tags", "sources")
_FLAGS: Final = ("overdue", "no_task", "stuck")
_DATES: Final = ("created", "expected", "entered")


# -- texts ----------------------------------------------------------------------------------------


def to_texts(chosen: BoardFilter) -> dict[str, str]:
    """A filter as texts by name, without what is not chosen (and without what a role may see)."""
    found = {"who": str(chosen.who)}
    found |= {name: ids_text(getattr(chosen, name)) for name in _SETS}
    found |= {name: "1" for name in _FLAGS if getattr(chosen, name)}
    found["amount"] = range_text(chosen.amount)
    found |= {name: getattr(chosen, name) for name in _DATES}
    found |= tests_texts(chosen.fields)
    found["text"] = chosen.text
    return {name: text for name, text in found.items() if text}


def from_texts(texts: Mapping[str, str]) -> BoardFilter:
    """The filter of texts by name; other names are passed over.

    Raises Invalid, with the text that cannot be read.
    """
    found: dict[str, Any] = {}
    who = texts.get("who", "")
    if who not in ("", "mine", "team"):
        raise unreadable("who", who)
    found["who"] = who
    found.update((name, ids_of(name, texts.get(name, ""))) for name in _SETS)
    found.update((name, texts.get(name) == "1") for name in _FLAGS)
    found["amount"] = range_of("amount", texts.get("amount", ""))
    found.update((name, days_in(name, texts.get(name, ""))) for name in _DATES)
    found["fields"] = tests_of(texts)
    found["text"] = texts.get("text", "")
    return BoardFilter(**found)


# -- whose ----------------------------------------------------------------------------------------


def resolved(r: Any, chosen: BoardFilter, person_id: int | None) -> BoardFilter:
    """The filter with the people that ``who``, ``people`` and ``teams`` come to, and of merged
    clients those in which they live on."""
    from dataclasses import replace

    if chosen.clients:
        chosen = replace(chosen, clients=survivors(r, "client", chosen.clients))
    groups: list[frozenset[int]] = []
    if chosen.who:
        mine = frozenset() if person_id is None else frozenset({person_id})
        groups.append(mine if chosen.who == "mine" else team_of(r, person_id))
    if chosen.people or chosen.teams:
        groups.append(chosen.people | members(r, chosen.teams))
    if not groups:
        return replace(chosen, owner_ids=None)
    return replace(chosen, owner_ids=frozenset.intersection(*groups))


def team_of(r: Any, person_id: int | None) -> frozenset[int]:
    """The people of a person's team and of the teams inside it; the person alone without one."""
    if person_id is None:
        return frozenset()
    team = r.value("SELECT team_id FROM person WHERE id = ?", (person_id,))
    mine = frozenset({person_id})
    return mine if team is None else mine | members(r, [team])


def members(r: Any, teams: Iterable[int]) -> frozenset[int]:
    """The people of these teams and of the teams inside them."""
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
    found = Condition()
    if chosen.seen is not None:
        found.one_of("d.owner_id", chosen.seen | {NOBODY})
    if chosen.owner_ids is not None:
        found.one_of("d.owner_id", chosen.owner_ids)
    _states(found, chosen, now)
    _about(found, chosen)
    _dates(found, chosen, now, zone)
    for test in chosen.fields:
        found.field("d.id", test)
    if chosen.text:
        _text(found, chosen.text)
    return found.sql, found.params


def _states(found: Condition, chosen: BoardFilter, now: int) -> None:
    if chosen.overdue:
        found.add("d.next_due < ?", now)
    if chosen.no_task:
        found.add("d.open_tasks = 0 AND s.kind = 'open'")
    if chosen.stuck:
        found.add("s.kind = 'open' AND d.since < ? - s.limit_days * ?", now, _DAY)


def _about(found: Condition, chosen: BoardFilter) -> None:
    if chosen.clients:
        marks = ", ".join("?" * len(chosen.clients))
        ids = sorted(chosen.clients)
        found.add(f"(d.client_id IN ({marks}) OR d.contact_id IN ({marks}))", *ids, *ids)
    if chosen.sources:
        found.one_of("d.source_id", chosen.sources)
    if chosen.tags:
        found.tagged("d.id", chosen.tags)
    low, high = chosen.amount
    if low is not None:
        found.add("coalesce(d.amount, 0) >= ?", money_of(low))
    if high is not None:
        found.add("coalesce(d.amount, 0) <= ?", money_of(high))


def _dates(found: Condition, chosen: BoardFilter, now: int, zone: Zone) -> None:
    today = zone.day_of(now)
    found.moments("d.created_at", chosen.created, today, zone)
    found.moments("d.since", chosen.entered, today, zone)
    if chosen.expected:
        days = days_of(chosen.expected, today)
        if days is None:
            found.add("d.expected_day IS NULL")
        else:
            found.add("d.expected_day BETWEEN ? AND ?", *days)


def _text(found: Condition, text: str) -> None:
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
