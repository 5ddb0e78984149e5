"""The sums of all rows of a ranking, for its last line."""

from operator import attrgetter
from typing import Any

from salesdesk.services.ranking_numbers import Numbers
from salesdesk.services.ranking_rows import METRICS

_SUMMED = (*METRICS, "postponements", "points", "revenue", "gross_profit")
_values_of = attrgetter(*_SUMMED)


def of(lines: list[Numbers], kept: dict[Any, Any]) -> Numbers:
    """The sums of these numbers. Where most of them are the very objects of the last time (which is
    ``kept``), only what differs is added and taken away."""
    known: tuple[list[Numbers], Numbers] | None = kept.get(of)
    found = None if known is None else _from(*known, lines)
    if found is None:
        found = Numbers()
        for line in lines:
            _add(found, line, 1)
    kept[of] = lines, found
    return found


def _from(before: list[Numbers], sums: Numbers, lines: list[Numbers]) -> Numbers | None:
    """What ``sums`` of other lines become; None where it is quicker to begin anew."""
    if len(before) != len(lines):
        return None
    differ = [(was, line) for was, line in zip(before, lines, strict=True) if was is not line]
    if 2 * len(differ) > len(lines) or any(was.unrated for was, _ in differ):
        return None
    found = sums.copy()
    for was, line in differ:
        _add(found, was, -1)
        _add(found, line, 1)
    return found


def _add(total: Numbers, line: Numbers, sign: int) -> None:
    for name, n in zip(_SUMMED, _values_of(line), strict=True):
        if n:
            total.add(name, sign * n)
    for milestone, n in line.standing.items():
        total.standing[milestone] += sign * n
    total.unrated |= line.unrated
