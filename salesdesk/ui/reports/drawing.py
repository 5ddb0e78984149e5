"""What a chart of a report draws: labels, series and lying bars, out of the table alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from salesdesk.services.periods import bucket_start
from salesdesk.services.report_table import Chart, Holds, Row, Table, Value
from salesdesk.text import trp
from salesdesk.ui import formats
from salesdesk.ui.reports.cells import (
    Wording,
    bucket,
    exact,
    is_words,
    percent,
    plain,
    short_buckets,
)

#: Lying bars at most, and labels of a chart that has one a row.
MOST_BARS, MOST_LABELS = 10, 40
_TIMES = ("day", "week", "month")
_MOST_BUCKETS = 800


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one colour: a stage's by name, else the ``place``-th of the theme."""

    key: str
    name: str
    colour: str
    place: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Lying:
    """A lying bar of each series (shares of the widest), what is paler behind, and the words."""

    name: str
    values: tuple[float, ...]
    texts: tuple[str, ...]
    pale: float = 0.0
    note: str = ""
    tip: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """``kind`` as a ``Chart`` has it; ``bars`` are of lying ones, ``low`` and ``high`` of a band.
    ``ticks`` are the labels as they stand below the axis.

    ``number`` writes a value, ``left_out`` counts the rows that had no room.
    """

    kind: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    number: Callable[[float], str]
    bars: tuple[Lying, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    left_out: int = 0
    ticks: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """Whether there is nothing above nothing to be drawn."""
        if self.kind == "bars":
            return not any(value > 0 for bar in self.bars for value in (*bar.values, bar.pale))
        return not any(value for each in self.series for value in each.values)


def drawing(table: Table, words: Wording) -> Drawing | None:
    """How a table is drawn; None without a chart, or where it would show nothing."""
    chart = table.chart
    if chart is None or not table.rows:
        return None
    if chart.kind == "bars":
        made = _bars(table, chart, words)
    elif chart.split is not None:
        made = _split(table, chart, words)
    else:
        made = _columns(table, chart, words)
    return None if made.is_empty() else made


def number_of(holds: Holds, currency: str) -> Callable[[float], str]:
    """How values of a column are written on an axis."""
    if holds in ("money", "amount"):
        return lambda value: _short(value, currency)
    if holds == "share":
        return lambda value: percent(_decimal(value, "0.0001"))
    if holds == "days":
        return lambda value: formats.decimal(_decimal(value, "0.1"))
    if holds == "count":
        return lambda value: formats.whole(round(value))
    return lambda value: plain(_decimal(value, "0.01"))


def _decimal(value: float, step: str) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(step), ROUND_HALF_UP)


def _short(value: float, currency: str) -> str:
    """Short money; nothing is a 0 on an axis."""
    amount = _decimal(value, "0.01")
    return formats.short_money(amount, currency) if amount else "0"


def _float(value: Value) -> float | None:
    if value is None or isinstance(value, str):
        return None
    return float(exact(value))


# -- standing columns, lines, bands ----------------------------------------------------------------


def _columns(table: Table, chart: Chart, words: Wording) -> Drawing:
    label = table.place(chart.label)
    rows: list[Row | None] = list(table.rows)
    holds = table.columns[label].holds
    fills = chart.kind in ("columns", "groups")
    if holds in _TIMES:
        by_day = _in_order(table.rows, label, chart.since)
        days = _all_between(list(by_day), holds) if fills else list(by_day)
        labels = tuple(bucket(day, holds) for day in days)
        ticks = short_buckets(days, holds)
        rows = [by_day.get(day) for day in days]
    else:
        rows = rows[:MOST_LABELS]
        labels = ticks = tuple(words.text(row, label) for row in rows if row is not None)
    keys = [key for key in chart.series if any(c.key == key for c in table.columns)]
    series = tuple(_series(table, words, key, place, rows, fills) for place, key in enumerate(keys))
    first = table.columns[table.place(keys[0])].holds if keys else "count"
    left_out = 0 if holds in _TIMES else max(len(table.rows) - MOST_LABELS, 0)
    return Drawing(
        chart.kind, labels, series, number_of(first, table.currency),
        low=_values(table, chart.low, rows), high=_values(table, chart.high, rows),
        left_out=left_out, ticks=ticks,
    )  # fmt: skip


def _series(
    table: Table, words: Wording, key: str, place: int, rows: Sequence[Row | None], fills: bool
) -> Series:
    column = table.columns[table.place(key)]
    values = _values(table, key, rows)
    if fills:
        values = tuple(value or 0.0 for value in values)
    return Series(key, words.name(column), column.colour, place, values)


def _values(table: Table, key: str | None, rows: Sequence[Row | None]) -> tuple[float | None, ...]:
    if key is None:
        return ()
    at = table.place(key)
    return tuple(None if row is None else _float(row.cells[at]) for row in rows)


def _in_order(rows: Sequence[Row], at: int, since: int | None) -> dict[int, Row]:
    """The rows by their day, in the order of the days, however the table is sorted; none of them
    before ``since``."""
    known = {day: row for row in rows if isinstance(day := row.cells[at], int)}
    return {day: known[day] for day in sorted(known) if since is None or day >= since}


def _all_between(days: list[int], holds: Holds) -> list[int]:
    """Days, weeks or months without a row have a place in the chart too."""
    if not days or days[-1] - days[0] > _MOST_BUCKETS * 31:
        return days
    between = {bucket_start(day, holds) for day in range(days[0], days[-1] + 1)} | set(days)
    return sorted(between) if len(between) <= _MOST_BUCKETS else days


def _split(table: Table, chart: Chart, words: Wording) -> Drawing:
    """The values of a column make the series."""
    label, by = table.place(chart.label), table.place(chart.split or "")
    value = table.place(chart.series[0])
    holds = table.columns[label].holds
    found: dict[tuple[Value, str], float] = {}
    names: dict[str, str] = {}
    for row in table.rows:
        name = words.text(row, by) or trp("value", "None")
        names.setdefault(name, row.colour)
        place = (row.cells[label], name)
        found[place] = found.get(place, 0.0) + (_float(row.cells[value]) or 0.0)
    marks: list[Value] = list(dict.fromkeys(row.cells[label] for row in table.rows))
    if holds in _TIMES:
        marks = list(_all_between(sorted(m for m in marks if isinstance(m, int)), holds))
        days = [int(m) for m in marks if isinstance(m, int)]
        labels, ticks = tuple(bucket(day, holds) for day in days), short_buckets(days, holds)
    else:
        marks = marks[:MOST_LABELS]
        labels = ticks = tuple(words.value(mark, holds) for mark in marks)
    series = tuple(
        Series(name, name, colour, place, tuple(found.get((mark, name), 0.0) for mark in marks))
        for place, (name, colour) in enumerate(names.items())
    )
    number = number_of(table.columns[value].holds, table.currency)
    return Drawing(chart.kind, labels, series, number, ticks=ticks)


# -- lying bars ------------------------------------------------------------------------------------


def _bars(table: Table, chart: Chart, words: Wording) -> Drawing:
    label = table.place(chart.label)
    keys = [key for key in chart.series if any(c.key == key for c in table.columns)]
    drawn = _largest(table, keys)
    told = [*keys, *([chart.pale] if chart.pale else [])]
    values = [v for row in drawn for key in told if (v := _of(table, row, key)) is not None]
    most = max(values, default=0.0) or 1.0
    bars = tuple(
        Lying(
            words.text(row, label),
            tuple(max(_of(table, row, key) or 0.0, 0.0) / most for key in keys),
            tuple(_told(table, words, row, key) for key in keys),
            max((_of(table, row, chart.pale) or 0.0) / most, 0.0) if chart.pale else 0.0,
            _note(table, words, row, chart), _tip(table, words, row), row.colour,
        )
        for row in drawn
    )  # fmt: skip
    rows: list[Row | None] = list(drawn)
    series = tuple(_series(table, words, key, at, rows, True) for at, key in enumerate(keys))
    first = table.columns[table.place(keys[0])].holds if keys else "count"
    labels = tuple(bar.name for bar in bars)
    number = number_of(first, table.currency)
    return Drawing("bars", labels, series, number, bars, left_out=len(table.rows) - len(drawn))


def _largest(table: Table, keys: list[str]) -> tuple[Row, ...]:
    """All rows where there is room, else those with the longest bars."""
    if len(table.rows) <= MOST_BARS + 2:
        return table.rows

    def length(row: Row) -> float:
        return sum(_of(table, row, key) or 0.0 for key in keys)

    return tuple(sorted(table.rows, key=length, reverse=True)[:MOST_BARS])


def _of(table: Table, row: Row, key: str | None) -> float | None:
    return None if key is None else _float(row.cells[table.place(key)])


def _told(table: Table, words: Wording, row: Row, key: str) -> str:
    at = table.place(key)
    holds, value = table.columns[at].holds, row.cells[at]
    if value is None:
        return formats.DASH
    if holds == "money":
        return _short(_float(value) or 0.0, table.currency)
    return words.in_full(value, holds)


def _note(table: Table, words: Wording, row: Row, chart: Chart) -> str:
    """What is told in grey behind a bar, each with its name."""
    found = []
    for key in chart.beside:
        column = table.columns[table.place(key)]
        value = row.cells[table.place(key)]
        if value is not None:
            title = words.name(column)
            found.append(f"{title[:1].lower()}{title[1:]} {_told(table, words, row, key)}")
    return " · ".join(found)


def _tip(table: Table, words: Wording, row: Row) -> str:
    """The whole row."""
    lines = [words.text(row, words.label)]
    for at, column in enumerate(table.columns):
        if not is_words(column.holds):
            lines.append(f"{words.title(column)}: {words.text(row, at)}")
    return "\n".join(lines)
