"""The numbers of everybody in a period and, for the change of rank, in the one before."""

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
    r: Reader, span: Span, earlier: Span, asked: Question, memo: dict[Any, Any]
) -> tuple[People, People]:
    """Everybody's numbers in a span, and what decides the order of an ``earlier`` one.

    ``memo`` (of the configuration) keeps what follows from the tallies of days that have not
    changed: the earlier span, and of a span that ends now all days but today.
    """
    tallies = ranking_tally.of(r)
    stop = span.after - 1 if span.cut else span.after
    bounds, before = asked.bounds(span.first, stop), asked.bounds(earlier.first, earlier.after)
    with tallies.lock:
        prefixes = tallies.before(r, bounds + before)
        now, then = prefixes[: len(bounds)], prefixes[len(bounds) :]
        key: Any = ("days", span.first, stop, asked.scope.pipelines)
        known = _known(memo, key, now, asked)
        if known is None:
            known = tallied(tallies, bounds, now, asked, holds=True)
            _keep(memo, key, now, asked, known)
        found = known.copy()
        key = ("earlier", earlier, asked.scope.pipelines)
        past: Tallied | None = _known(memo, key, then, asked)
        fresh = None if past is not None else tallied(tallies, before, then, asked)
    if span.cut:
        add_day(r, stop, asked, found)
    special = Corrections(r, span, asked, found.people).run()
    ranking_money.add(r, span, asked.scope, asked.rates, found.money, special, found.people)
    if past is None:
        assert fresh is not None
        special = Corrections(r, earlier, asked, fresh.people).run(order_only=True)
        ranking_money.add(r, earlier, asked.scope, asked.rates, fresh.money, special, fresh.people)
        _keep(memo, key, then, asked, fresh)
        past = fresh
    return found.people, past.people


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
