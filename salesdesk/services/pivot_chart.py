"""How a pivot is drawn when nobody says otherwise: over time upright, else lying."""

from collections.abc import Sequence
from typing import Any

from salesdesk.services.pivot_spec import Spec
from salesdesk.services.report_table import Chart, Column, Row

#: So many series at most: more cannot be told apart.
SERIES_AT_MOST = 8
_BARS_AT_MOST = 40


def chart_of(spec: Spec, columns: Sequence[Column], rows: Sequence[Row]) -> Chart | None:
    """The chart of a pivot; None where there is nothing to see in one."""
    if spec.chart == "none" or not rows:
        return None
    split = "r1" if len(spec.rows) > 1 else None
    shown = [at for at, column in enumerate(columns) if column.key.startswith("=")]
    if split is not None:
        series: tuple[str, ...] = (columns[-1].key,)
    elif shown:
        largest = sorted(shown, key=lambda at: -_height(rows, at))[:SERIES_AT_MOST]
        series = tuple(columns[at].key for at in sorted(largest))
    else:
        series = (columns[-1].key,)
    kind = spec.chart
    if kind == "auto":
        kind = _usual(spec, several=split is not None or len(series) > 1, rows=len(rows))
    return Chart(kind, "r0", series, split)  # type: ignore[arg-type]


def _height(rows: Sequence[Row], at: int) -> Any:
    return sum(abs(cell) for row in rows if isinstance(cell := row.cells[at], int) or cell)  # type: ignore[arg-type, misc]


def _usual(spec: Spec, *, several: bool, rows: int) -> str:
    adds_up = spec.how in ("count", "sum") and not spec.overlaps
    dated = spec.rows[0].dimension.is_date
    if dated:
        if adds_up:
            return "columns" if rows <= _BARS_AT_MOST else "lines"
        return "lines"
    if not several:
        return "bars"
    return "columns" if adds_up else "groups"
