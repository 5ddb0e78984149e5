"""Pivots of stage moves by what the index of moves holds: a million are counted as columns.

All else (fields of the deal, filters of a field) is asked of ``pivot_query``, a row a move.
"""

from datetime import date
from typing import TYPE_CHECKING

from salesdesk.models.store import Reader
from salesdesk.moments import Zone
from salesdesk.services import pivot_dates
from salesdesk.services.pivot_query import Keys
from salesdesk.services.pivot_spec import Axis, Spec
from salesdesk.services.pivot_sums import Sum
from salesdesk.services.report_parts import asked
from salesdesk.services.report_table import Query
from salesdesk.services.reports_moves import Bucket, Filter, whole

if TYPE_CHECKING:
    from salesdesk.services.forecast_stays import Ints

_COLUMNS = frozenset(("person", "stage", "left", "at"))
_EVER = 1 << 61
#: The years whose days are told apart, as ``pivot_dates`` has them.
_FIRST, _LAST = 1980, 2079
#: Sums of microseconds are made of two parts, each of which fits into a column.
_HALF = 30


def cells(r: Reader, spec: Spec, query: Query, now: int) -> dict[Keys, Sum] | None:
    """The cells of a pivot of moves, or None where the columns do not have what is asked for."""
    names = [axis.dimension.key for axis in spec.axes]
    number = None if spec.number is None else spec.number.key
    plain = number in (None, "spent") and not spec.only and spec.date.key == spec.entity.date
    if not spec.entity.moves or not plain or not _COLUMNS.issuperset(names):
        return None
    import numpy as np

    from salesdesk.services import reports_columns

    about = asked(r, query, now)
    parts = [Bucket(0, -_EVER, _EVER)] if spec.all_time else whole(r, query.period, now)
    wanted = {*names, "stage", *(("spent",) if number else ())}
    columns = reports_columns.read(r, about, parts, sorted(wanted))
    columns = _of_pipeline(columns, about)
    keys: list[Ints] = []
    for axis in spec.axes:
        column = columns[axis.dimension.key]
        if axis.dimension.is_date:
            days = _days(column, axis, r.zone)
            if days is None:
                return None
            column = days
        keys.append(column)
    if number is None:
        found = {}
        for *key, n in reports_columns.counted(keys):
            cell = found[_keys(key)] = Sum()
            cell.n = cell.valued = cell.total = n
        return found
    spent = columns["spent"]
    order = np.lexsort((spent, *reversed(keys)))
    return _summed([key[order] for key in keys], spent[order], spec.how == "median")


def _of_pipeline(columns: "dict[str, Ints]", about: Filter) -> "dict[str, Ints]":
    if about.pipeline_id is None:
        return columns
    import numpy as np

    kept = np.isin(columns["stage"], about.stages())
    return {name: column[kept] for name, column in columns.items()}


def _keys(found: list[int]) -> Keys:
    """No person and no stage are 0 in the columns; days never are."""
    return tuple(key or None for key in found)


def _days(at: "Ints", axis: Axis, zone: Zone) -> "Ints | None":
    """The first days of what moments lie in; None where they are out of every calendar."""
    import numpy as np

    if not len(at):
        return at
    low, high = zone.day_of(int(at.min())), zone.day_of(int(at.max()))
    if low < date(_FIRST, 1, 1).toordinal() or high > date(_LAST, 12, 31).toordinal():
        return None
    by = axis.by
    firsts = list(
        pivot_dates.between(pivot_dates.first_of(low, by), pivot_dates.first_of(high, by), by)
    )
    place = np.searchsorted([zone.start_of(day) for day in firsts], at, side="right") - 1
    return np.array(firsts, np.int64)[place]


def _summed(keys: "list[Ints]", values: "Ints", all_values: bool) -> dict[Keys, Sum]:
    """Cells of rows that are in order of their keys, then of their values (-1: it has none)."""
    import numpy as np

    if not len(values):
        return {}
    begins = np.ones(len(values), np.bool_)
    begins[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    [starts] = np.nonzero(begins)
    stops = [*starts[1:].tolist(), len(values)]
    known = np.maximum(values, 0)
    high = np.add.reduceat(known >> _HALF, starts).tolist()
    low = np.add.reduceat(known & ((1 << _HALF) - 1), starts).tolist()
    missing = np.add.reduceat((values < 0).astype(np.int64), starts).tolist()
    labels = zip(*(key[starts].tolist() for key in keys), strict=True)
    found: dict[Keys, Sum] = {}
    for place, (label, start, stop) in enumerate(zip(labels, starts.tolist(), stops, strict=True)):
        cell = found[_keys(list(label))] = Sum()
        cell.n = stop - start
        cell.valued = cell.n - missing[place]
        cell.total = (high[place] << _HALF) + low[place]
        if all_values:
            cell.values = values[start + missing[place] : stop].tolist()
    return found
