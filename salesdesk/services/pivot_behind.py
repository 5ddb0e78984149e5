"""The things behind a number of a pivot; where it is a sum they add up to it."""

from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import pivot
from salesdesk.services.pivot_query import Fact, Source
from salesdesk.services.pivot_spec import Axis, Raw, Spec, spec_of
from salesdesk.services.pivot_sums import holds_of, of_one
from salesdesk.services.report_table import MOST_THINGS, Behind, Query, Thing
from salesdesk.text import tr


def behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    """What a cell of ``pivot.read`` counts. ``row`` and ``column`` are the keys of both (no row
    at all is the last line). Of a share: what its part is made of."""
    spec = spec_of(r, query.own)
    source = Source(r, spec, query, now)
    hidden: list[tuple[int, frozenset[Any]]] = []
    if row == pivot.OTHER_ROWS or column == pivot.OTHERS:
        table = pivot.read(r, query, now=now)
        hidden = _hidden(spec, table, row, column)
    if row and row not in (pivot.OTHER_ROWS, pivot.WHOLE):
        for axis, key in zip(spec.rows, row, strict=True):
            _limit(source, axis, key)
    if spec.columns is not None and column.startswith("="):
        _limit(source, spec.columns, pivot.key_of(column))
    wanted = _Wanted(spec, row, column, hidden)
    number = spec.number
    found: dict[int, Fact] = {}
    for fact in source.facts(number, shown=True):
        if wanted.has(fact):
            found.setdefault(fact.key, fact)
    order = sorted(found.values(), key=lambda fact: (-(fact.shown[2] or 0), -fact.key))
    counting = [fact for fact in order if _counts(spec, fact)]
    listed = (counting + [fact for fact in order if not fact.rated])[:MOST_THINGS]
    holds = "count" if number is None else holds_of("sum", number)
    return Behind(
        tuple(_thing(spec, fact) for fact in listed), holds,
        more=max(len(counting) - MOST_THINGS, 0),
    )  # fmt: skip


def _counts(spec: Spec, fact: Fact) -> bool:
    return spec.number is None or fact.value is not None


def _limit(source: Source, axis: Axis, key: Raw) -> None:
    """Have SQLite find what stands there; own dates are told apart afterwards."""
    if axis.dimension.kind != "iso":
        source.only(axis, (key,))


def _hidden(
    spec: Spec, table: Any, row: tuple[Any, ...], column: str
) -> list[tuple[int, frozenset[Any]]]:
    """Keys that are shown by themselves: (0, rows') and (1, columns')."""
    found: list[tuple[int, frozenset[Any]]] = []
    if row == pivot.OTHER_ROWS:
        found.append((0, frozenset(line.key for line in table.rows)))
    if column == pivot.OTHERS:
        shown = [one.key for one in table.columns if one.key.startswith("=")]
        found.append((1, frozenset(pivot.key_of(key) for key in shown)))
    return found


class _Wanted:
    """Whether a thing stands in the cell."""

    def __init__(
        self, spec: Spec, row: tuple[Any, ...], column: str,
        hidden: list[tuple[int, frozenset[Any]]],
    ) -> None:  # fmt: skip
        self._deep = len(spec.rows)
        self._row = row if row and row not in (pivot.OTHER_ROWS, pivot.WHOLE) else None
        self._column = pivot.key_of(column) if column.startswith("=") else None
        self._by_column = column.startswith("=")
        self._hidden = hidden

    def has(self, fact: Fact) -> bool:
        """The thing, at this one of the places where it stands."""
        row, rest = fact.keys[: self._deep], fact.keys[self._deep :]
        if self._row is not None and row != self._row:
            return False
        if self._by_column and rest != (self._column,):
            return False
        return all((rest[0] if which else row) not in shown for which, shown in self._hidden)


def _thing(spec: Spec, fact: Fact) -> Thing:
    title, note, at, deal, task, contractor = fact.shown
    about = note or ""
    if not fact.rated:
        about = " · ".join(filter(None, (about, tr("left out: its currency has no rate"))))
    value = of_one(fact.value, spec.number)
    return Thing(
        title or "", value, about, at, deal, task, contractor_id=contractor, counts=fact.rated
    )
