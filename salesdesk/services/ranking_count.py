"""The numbers of everybody in a period and, for the change of rank, in the one before."""

import threading
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import ranking_money, ranking_tally
from salesdesk.services.ranking_corrections import Corrections
from salesdesk.services.ranking_numbers import (
    People,
    Question,
    Span,
    Tallied,
    add_day,
    tallied,
)
from salesdesk.services.ranking_tally import Prefix


def count(
    r: Reader, span: Span, earlier: Span | None, asked: Question, memo: dict[Any, Any]
) -> tuple[People, People]:
    """Everybody's numbers in a span, and what decides the order of an ``earlier`` one (None: of
    nothing).

    ``memo`` (of the configuration) keeps what follows from the tallies of days that have not
    changed: the earlier span, and of a span that ends now all days but today.
    """
    tallies = ranking_tally.of(r)
    stop = span.after - 1 if span.cut else span.after
    bounds = asked.bounds(span.first, stop)
    before = [] if earlier is None else asked.bounds(earlier.first, earlier.after)
    with tallies.lock:
        prefixes = tallies.before(r, bounds + before)
        now, then = prefixes[: len(bounds)], prefixes[len(bounds) :]
        key: Any = ("days", span.first, stop, asked.scope.key)
        known = _known(memo, key, now, asked)
        if known is None:
            known = tallied(tallies, bounds, now, asked, holds=True)
            _keep(memo, key, now, asked, known)
        key = ("earlier", earlier, asked.scope.key)
        past: Tallied | None = _known(memo, key, then, asked) if before else Tallied.nothing()
        fresh = None if past is not None else tallied(tallies, before, then, asked)
    found = _with_today(r, stop, asked, known, memo) if span.cut else known.copy()
    kept, paid = (
        memo.setdefault((name, asked.scope.key), {}) if asked.is_plain else None
        for name in ("later", "money")
    )
    special = Corrections(r, span, asked, found.people, kept).run()
    ranking_money.add(r, span, asked.scope, asked.rates, found.money, special, found.people, paid)
    if past is None:
        assert fresh is not None and earlier is not None
        special = Corrections(r, earlier, asked, fresh.people).run(order_only=True)
        ranking_money.add(r, earlier, asked.scope, asked.rates, fresh.money, special, fresh.people)
        _keep(memo, key, then, asked, fresh)
        past = fresh
    return found.people, past.people


@dataclass(slots=True)
class _Today:
    """What was kept of a day that is not over: the sums of the days before it and its own."""

    day: int
    before: Tallied
    stamp: int
    found: Tallied
    lock: threading.Lock = field(default_factory=threading.Lock)


def _with_today(
    r: Reader, day: int, asked: Question, before: Tallied, memo: dict[Any, Any]
) -> Tallied:
    """``before`` (the sums of the days before ``day``) and the day's own tallies.

    A move changes some eight of a day's thousands of tallies: they alone are added to what is kept.
    """
    key: Any = ("today", asked.scope.key)
    stamp = ranking_tally.stamp_of_day(r, day)
    kept: _Today | None = memo.get(key) if asked.is_plain else None
    if kept is not None and kept.before is before and kept.day == day:
        with kept.lock:
            added = r.store.day_changes.since(day, kept.stamp, stamp)
            if added is not None:
                add_day(day, added, asked, kept.found)
                kept.stamp = stamp
                return kept.found.copy()
    found = before.copy()
    add_day(day, ranking_tally.of_day(r, day), asked, found)
    if not asked.is_plain:
        return found
    shown = found.copy()
    memo[key] = _Today(day, before, stamp, found)
    return shown


def _known(
    memo: dict[Any, Any], key: Any, prefixes: list[Prefix], asked: Question
) -> Tallied | None:
    """What was kept, if it rests on these very sums."""
    kept = memo.get(key) if asked.is_plain else None
    if kept is None or any(a is not b for a, b in zip(kept[0], prefixes, strict=True)):
        return None
    found: Tallied = kept[1]
    return found


def _keep(
    memo: dict[Any, Any], key: Any, prefixes: list[Prefix], asked: Question, found: Tallied
) -> None:
    if asked.is_plain:
        memo[key] = prefixes, found
