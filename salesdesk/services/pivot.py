"""A free pivot, for the question that no report foresaw: any entity by any of its fields.

What is asked comes as texts by name (``pivot_spec``); the answer is the table of a report, so that
everything that shows, draws and writes reports does so for pivots.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import pivot_dates, pivot_moves
from salesdesk.services.pivot_names import names_of
from salesdesk.services.pivot_query import Keys, Source
from salesdesk.services.pivot_spec import (
    COLUMNS_AT_MOST,
    ROWS_AT_MOST,
    Axis,
    Raw,
    Spec,
    spec_of,
)
from salesdesk.services.pivot_sums import Cells, Sum, counted, distinct, folded, share, summed
from salesdesk.services.pivot_sums import holds_of as measure_holds
from salesdesk.services.pivot_sums import value as value_of
from salesdesk.services.report_table import Column, Query, Row, Table, Value
from salesdesk.text import N_, tr

#: Keys of columns that are no value of a dimension.
OTHERS, TOTAL, VALUE = "others", "total", "value"
#: Keys of the rows of what is not shown by itself, and of all; no row of values is as long.
OTHER_ROWS, WHOLE = (OTHERS, 0, 0), (TOTAL, 0, 0)


def read(r: Reader, query: Query, *, now: int) -> Table:
    """The table of the pivot that ``query.own`` asks for (``pivot_spec.spec_of``)."""
    spec = spec_of(r, query.own)
    return _Answer(r, spec, query, now).table()


def column_key(key: Raw) -> str:
    """The key of the column of a dimension's key: ``=12``, ``="won"``, ``=null``."""
    return f"={json.dumps(key, ensure_ascii=False)}"


def key_of(column: str) -> Raw:
    """What ``column_key`` made a column's key of."""
    found: Raw = json.loads(column.removeprefix("="))
    return found


@dataclass(frozen=True, slots=True)
class _Margins:
    """The cells and what they come to by row, by column and in all."""

    cells: Cells
    rows: Cells
    columns: Cells
    whole: Sum


class _Answer:
    """Counts, puts in order, and limits what is shown."""

    def __init__(self, r: Reader, spec: Spec, query: Query, now: int) -> None:
        self._r, self._spec, self._query, self._now = r, spec, query, now
        self._deep = len(spec.rows)
        self._source = Source(r, spec, query, now)
        self._found = self._margins()
        self._names = [
            names_of(r, axis, self._filled(axis, {keys[at] for keys in self._found.cells}))
            for at, axis in enumerate(spec.axes)
        ]
        self._rows, self._other_rows = self._chosen_rows()
        self._columns, self._other_columns = self._chosen_columns()

    # -- counting ---------------------------------------------------------------------------------

    def _margins(self) -> _Margins:
        spec, deep = self._spec, self._deep
        of_row, of_column = _head(deep), _tail(deep)
        if spec.overlaps:
            facts = list(self._source.facts(spec.number))
            how = spec.how
            return _Margins(
                summed(distinct(facts, tuple), how), summed(distinct(facts, of_row), how),
                summed(distinct(facts, of_column), how),
                summed(distinct(facts, _nothing), how).get((), Sum()),
            )  # fmt: skip
        cells: Cells | None = pivot_moves.cells(self._r, spec, self._query, self._now)
        if cells is None and spec.number is None:
            cells = counted(self._source.counts())
        elif cells is None and spec.number is not None:
            cells = summed(self._source.values(spec.number), spec.how)
        assert cells is not None
        rows = folded(cells, of_row) if spec.columns is not None else cells
        columns = folded(cells, of_column)
        return _Margins(cells, rows, columns, folded(columns, _nothing).get((), Sum()))

    # -- what is shown ----------------------------------------------------------------------------

    def _filled(self, axis: Axis, keys: set[Raw]) -> set[Raw]:
        """Days without anything stand between the others, while there are not too many."""
        dated = [key for key in keys if isinstance(key, int)]
        if not axis.dimension.is_date or len(dated) < 2:
            return keys
        usual = [key for key in dated if pivot_dates.EARLIER < key < pivot_dates.LATER]
        most = COLUMNS_AT_MOST if axis is self._spec.columns else ROWS_AT_MOST
        between = pivot_dates.between(min(usual, default=1), max(usual, default=0), axis.by)
        found = set[Raw]()
        for day in between:
            found.add(day)
            if len(found | keys) > most:
                return keys
        return keys | found

    def _size(self, cell: Sum | None) -> Any:
        """How large a cell is among others, by the measure."""
        if cell is None:
            return 0
        if self._spec.is_share:
            return cell.n if self._spec.number is None else cell.total
        found = value_of(cell, self._spec.how, self._spec.number)
        return 0 if found is None else found

    def _chosen_rows(self) -> tuple[list[Keys], list[Keys]]:
        names = self._names
        first = folded(self._found.rows, lambda keys: keys[:1]) if self._deep > 1 else {}
        there = set(self._found.rows)
        if self._deep == 1:
            there |= {(key,) for key in names[0].labels if key is not None}
        nothing = Sum()

        def order(keys: Keys) -> tuple[Any, ...]:
            size = self._size(self._found.rows.get(keys, nothing))
            if len(keys) == 1:
                return names[0].order(keys[0], size)
            outer = names[0].order(keys[0], self._size(first.get(keys[:1])))
            return (*outer, *names[1].order(keys[1], size))

        shown = self._largest(list(there), self._found.rows, self._spec.rows[0], ROWS_AT_MOST)
        left = [keys for keys in self._found.rows if keys not in shown]
        return sorted(shown, key=order), left

    def _chosen_columns(self) -> tuple[list[Raw], list[Raw]]:
        axis = self._spec.columns
        if axis is None:
            return [], []
        names, sizes = self._names[-1], self._found.columns
        there = set(sizes) | {(key,) for key in names.labels if key is not None}
        shown = self._largest(list(there), sizes, axis, COLUMNS_AT_MOST)
        ordered = sorted(
            (keys[0] for keys in shown),
            key=lambda key: names.order(key, self._size(sizes.get((key,)))),
        )
        return ordered, [keys[0] for keys in sizes if keys not in shown]

    def _largest(self, there: list[Keys], sizes: Cells, axis: Axis, most: int) -> set[Keys]:
        """At most so many: the latest of dates, the largest of all else."""
        if len(there) <= most:
            return set(there)
        if axis.dimension.is_date:
            there.sort(key=lambda keys: (isinstance(keys[0], int), keys[0] or 0), reverse=True)
        else:
            there.sort(key=lambda keys: (-abs(self._size(sizes.get(keys))), str(keys)))
        return set(there[:most])

    # -- the table --------------------------------------------------------------------------------

    def table(self) -> Table:
        """What was counted, as a report."""
        columns = self._heads()
        if not self._found.whole.n:
            rows: tuple[Row, ...] = ()
        else:
            dated = [self._is_dated(at) for at in range(self._deep)]
            rows = tuple(
                self._line(keys, (keys,), self._labels(keys, dated)) for keys in self._rows
            )
            if self._other_rows:
                label = tr("Others ({n})", n=len(self._other_rows))
                blank = [None] * (self._deep - 1)
                rows += (self._line(OTHER_ROWS, self._other_rows, [label, *blank]),)
        total = None
        if len(rows) > 1:
            total = self._line(WHOLE, None, [None] * self._deep)
        from salesdesk.services.pivot_chart import chart_of

        chart = chart_of(self._spec, columns, rows)
        return Table(
            tuple(columns),
            rows,
            self._source.money.currency,
            total,
            chart,
            tuple(self._notes()),
            title_of(self._spec),
        )

    def _heads(self) -> list[Column]:
        heads = []
        for at, axis in enumerate(self._spec.rows):
            holds: Any = axis.by if self._is_dated(at) else "text"
            heads.append(Column(f"r{at}", axis.dimension.name(), holds, named=True))
        spec = self._spec
        measure, about = measure_name(spec), tr(_ABOUT[spec.how])
        holds = measure_holds(spec.how, spec.number)
        if spec.columns is None:
            return [*heads, Column(VALUE, measure, holds, about, named=True, opens=True)]
        names = self._names[-1]
        heads += [
            Column(column_key(key), names.labels[key], holds, about, named=True, opens=True,
                   colour=names.colours.get(key, ""))
            for key in self._columns
        ]  # fmt: skip
        if self._other_columns:
            label = tr("Others ({n})", n=len(self._other_columns))
            heads.append(Column(OTHERS, label, holds, about, named=True, opens=True))
        return [*heads, Column(TOTAL, N_("Total"), holds, about, opens=True)]

    def _is_dated(self, at: int) -> bool:
        """Whether a column of labels can hold days as such."""
        usual = all(
            isinstance(keys[at], int) and pivot_dates.EARLIER < keys[at] < pivot_dates.LATER  # type: ignore[operator]
            for keys in self._rows
        )
        by = self._spec.rows[at].by
        return by in ("day", "week", "month") and usual and not self._other_rows

    def _labels(self, keys: Keys, dated: list[bool]) -> list[Value]:
        return [key if dated[at] else self._names[at].labels[key] for at, key in enumerate(keys)]

    def _line(self, key: tuple[Any, ...], rows: Iterable[Keys] | None, labels: list[Value]) -> Row:
        """A line of these rows taken together; of all rows, where there are none said."""
        found, spec = self._found, self._spec
        if rows is None:
            own, cells = found.whole, found.columns
        else:
            own, cells = self._gathered(rows)
        values = []
        if spec.columns is not None:
            for one in self._columns:
                part = cells.get((one,), _EMPTY)
                values.append(self._number(part, own, found.columns.get((one,), _EMPTY)))
            if self._other_columns:
                part = _together(cells.get((left,)) for left in self._other_columns)
                values.append(self._number(part, own, self._others))
        values.append(self._number(own, own, found.whole))
        return Row((*labels, *values), key)

    def _gathered(self, rows: Iterable[Keys]) -> tuple[Sum, Cells]:
        """What these rows come to, in all and by column."""
        found, keys = self._found, list(rows)
        own = _together(found.rows.get(one) for one in keys)
        if self._spec.columns is None:
            return own, {}
        cells: dict[Keys, Sum] = {}
        for row in keys:
            for column, cell in self._by_row.get(row, {}).items():
                if len(keys) == 1:
                    cells[column] = cell
                else:
                    cells.setdefault(column, Sum()).add(cell)
        return own, cells

    @cached_property
    def _others(self) -> Sum:
        return _together(self._found.columns.get((one,)) for one in self._other_columns)

    @cached_property
    def _by_row(self) -> dict[Keys, dict[Keys, Sum]]:
        found: dict[Keys, dict[Keys, Sum]] = {}
        for keys, cell in self._found.cells.items():
            found.setdefault(keys[: self._deep], {})[keys[self._deep :]] = cell
        return found

    def _number(self, cell: Sum, row: Sum, column: Sum) -> Value:
        spec = self._spec
        if spec.is_share:
            wholes = {"share_row": row, "share_column": column, "share_total": self._found.whole}
            return share(cell, wholes[spec.how], spec.number)
        return value_of(cell, spec.how, spec.number)

    def _notes(self) -> list[str]:
        notes = list(self._source.money.notes())
        if self._spec.overlaps:
            notes.append(
                tr("What has several tags or contractors stands with each of them; the total "
                   "counts it once.")
            )  # fmt: skip
        if self._other_rows:
            notes.append(
                tr("{shown} rows are shown, {left} are taken together as others.",
                   shown=len(self._rows), left=len(self._other_rows))
            )  # fmt: skip
        if self._other_columns:
            notes.append(
                tr("{shown} columns are shown, {left} are taken together as others.",
                   shown=len(self._columns), left=len(self._other_columns))
            )  # fmt: skip
        return notes


_ABOUT = {
    "count": N_("How many there are"), "sum": N_("The sum of all of them"),
    "mean": N_("The mean of those that have a value"),
    "median": N_("Half of those that have a value have less, half have more"),
    "share_row": N_("Share of the row"), "share_column": N_("Share of the column"),
    "share_total": N_("Share of everything"),
}  # fmt: skip


def measure_name(spec: Spec) -> str:
    """What is measured, in the chosen language: “Sum: amount”."""
    things = tr(spec.entity.things)
    if spec.how == "count":
        return things
    number = things if spec.number is None else spec.number.name()
    return f"{tr(HOW_NAMES[spec.how])}: {number[:1].lower()}{number[1:]}"


#: The ways of putting numbers together, as they are called.
HOW_NAMES = {
    "count": N_("Number"), "sum": N_("Sum"), "mean": N_("Mean"), "median": N_("Median"),
    "share_row": N_("Share of the row"), "share_column": N_("Share of the column"),
    "share_total": N_("Share of everything"),
}  # fmt: skip


def title_of(spec: Spec) -> str:
    """What a pivot shows, in the chosen language: “Number of deals: closed × person”."""
    names = [axis.dimension.name() for axis in spec.axes]
    said = " × ".join(f"{name[:1].lower()}{name[1:]}" for name in names)
    return f"{measure_name(spec)} · {said}"


_EMPTY = Sum()


def _together(cells: Iterable[Sum | None]) -> Sum:
    found = [cell for cell in cells if cell is not None]
    if len(found) == 1:
        return found[0]
    whole = Sum()
    for cell in found:
        whole.add(cell)
    return whole


def _head(deep: int) -> Any:
    return lambda keys: keys[:deep]


def _tail(deep: int) -> Any:
    return lambda keys: keys[deep:]


def _nothing(_keys: Keys) -> Keys:
    return ()
