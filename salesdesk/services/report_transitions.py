"""The report on stage moves: by day, week or month, by person, team, or stage left, a column a
stage entered; or a line for every combination."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import pipelines, reports
from salesdesk.services.board import currency
from salesdesk.services.report_parts import listed_as
from salesdesk.services.report_table import (
    Behind,
    Chart,
    Choice,
    Column,
    Holds,
    Query,
    Report,
    Row,
    Table,
    Thing,
    Value,
)
from salesdesk.services.reports import Transition
from salesdesk.services.reports_moves import Filter, ask, buckets, filter_of
from salesdesk.text import N_, tr

_TOTAL = "total"
_ROWS = {
    "periods": N_("Periods"), "people": N_("People"), "teams": N_("Teams"),
    "from": N_("Stage left"), "each": N_("Every combination"),
}  # fmt: skip
_ABOUT = N_("Moves into this stage; the first one of a deal counts too")


@dataclass(frozen=True, slots=True)
class _Stage:
    name: str
    colour: str
    place: int


def _read(r: Reader, query: Query, *, now: int) -> Table:
    rows = REPORT.chosen(query, "rows")
    found = reports.transitions(
        r, query.period, query.by, now=now, pipeline_id=query.pipeline_id, **query.whose(),
        split_from=rows in ("from", "each"), split_period=rows in ("periods", "each"),
        split_person=rows in ("people", "teams", "each"),
    )  # fmt: skip
    stages = _stages(r)
    if rows == "each":
        return _each(r, found, query.by)
    entered = sorted(
        {row.stage_id for row in found},
        key=lambda key: (stages[key].place if key in stages else len(stages), key),
    )
    names = {row.stage_id: row.stage for row in found}
    return _Pivot(rows, query.by, found, stages).table(entered, names, currency(r))


def _stages(r: Reader) -> dict[int, _Stage]:
    """All stages, in the order of their pipelines."""
    order = {one.id: place for place, one in enumerate(pipelines.pipelines(r))}
    known = sorted(
        pipelines.stages(r, archived=True),
        key=lambda s: (order.get(s.pipeline_id, len(order)), s.position, s.id),
    )
    return {s.id: _Stage(s.name, s.colour, place) for place, s in enumerate(known)}


class _Pivot:
    """Counts by row and stage entered."""

    def __init__(
        self, rows: str, by: str, found: Sequence[Transition], stages: dict[int, _Stage]
    ) -> None:
        self._rows, self._by, self._stages = rows, by, stages
        self._counts: dict[tuple[Any, int], int] = defaultdict(int)
        self._sums: dict[Any, int] = defaultdict(int)
        self._first: dict[Any, Transition] = {}
        for row in found:
            key = self._key(row)
            self._first.setdefault(key, row)
            self._counts[key, row.stage_id] += row.count
            self._sums[key] += row.count

    def table(self, entered: list[int], names: dict[int, str], money: str) -> Table:
        """A column a stage, and the sum behind them."""
        columns = [self._head()]
        columns += [
            Column(f"stage-{key}", names[key], about=_ABOUT, named=True, opens=True,
                   colour=self._stages[key].colour if key in self._stages else "")
            for key in entered
        ]  # fmt: skip
        columns.append(Column(_TOTAL, N_("Total"), about=N_("All moves of the row"), opens=True))
        lines = tuple(self._line(key, entered) for key in self._order())
        sums = [sum(n for (_, own), n in self._counts.items() if own == key) for key in entered]
        total = Row((None, *sums, sum(sums)), (_TOTAL,)) if len(lines) > 1 else None
        series = tuple(column.key for column in columns[1:-1])
        chart = Chart("columns", columns[0].key, series) if lines else None
        return Table(tuple(columns), lines, money, total, chart)

    def _head(self) -> Column:
        if self._rows == "periods":
            holds: Holds = "day"
            holds = "week" if self._by == "week" else "month" if self._by == "month" else holds
            return Column("period", N_("Period"), holds)
        titles = {"people": N_("Manager"), "teams": N_("Team"), "from": N_("Stage left")}
        keys = {"people": "person", "teams": "team", "from": "from"}
        return Column(keys[self._rows], titles[self._rows], "text")

    def _key(self, row: Transition) -> Any:
        if self._rows == "people":
            return row.person_id or 0
        if self._rows == "teams":
            return row.team or ""
        return (row.from_stage_id or 0) if self._rows == "from" else row.first_day

    def _order(self) -> list[Any]:
        if self._rows == "periods":
            return sorted(self._first)
        if self._rows == "from":
            last = len(self._stages)
            places = {key: look.place for key, look in self._stages.items()}
            return sorted(self._first, key=lambda k: (places.get(k, last) if k else -1, k))
        nobody = {0: 1, "": 1}
        return sorted(
            self._first,
            key=lambda k: (nobody.get(k, 0), -self._sums[k], str(self._label(k)).casefold()),
        )

    def _label(self, key: Any) -> Value:
        first = self._first[key]
        if self._rows == "people":
            return first.person or tr("Nobody")
        if self._rows == "teams":
            return first.team or tr("Without a team")
        if self._rows == "from":
            return first.from_stage or tr("Created")
        return first.first_day

    def _line(self, key: Any, entered: list[int]) -> Row:
        counts = [self._counts.get((key, stage), 0) for stage in entered]
        narrows: dict[str, int | str] = {}
        if self._rows == "people" and key:
            narrows = {"person": int(key), "rows": "periods"}
        cells = (self._label(key), *counts, self._sums[key])
        return Row(cells, (self._rows, key), narrows=narrows)


def _each(r: Reader, found: Sequence[Transition], by: str) -> Table:
    """A line for every combination, as scripts like it."""
    holds: Holds = "month" if by == "month" else "week" if by == "week" else "day"
    columns = (
        Column("period", N_("Period"), holds), Column("pipeline", N_("Pipeline"), "text"),
        Column("from", N_("Stage left"), "text"), Column("stage", N_("Stage"), "text"),
        Column("person", N_("Manager"), "text"), Column("team", N_("Team"), "text"),
        Column("count", N_("Moves"), about=N_("How many"), opens=True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (one.first_day, one.pipeline, one.from_stage, one.stage, one.person, one.team,
             one.count),
            ("each", one.first_day, one.stage_id, one.person_id or 0, one.from_stage_id or 0),
        )
        for one in found
    )  # fmt: skip
    total = Row((None,) * 6 + (sum(one.count for one in found),), (_TOTAL,)) if rows else None
    return Table(columns, rows, currency(r), total)


# -- what is behind a number ----------------------------------------------------------------------


def _behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    asked = filter_of(r, query.pipeline_id, query.person_id, query.team_id, query.deals, now=now)
    parts = buckets(r, query.period, now, query.by)
    which, given = _condition(asked, row, column)
    if row[0] in ("periods", "each"):
        parts = [one for one in parts if one.first == row[1]]
    found = list(
        ask(
            r,
            parts,
            "SELECT m.deal_id, deal.title, m.at, m.stage_id, m.person_id, m.from_stage_id "
            f"FROM (SELECT * FROM moves WHERE {reports.wanted(asked)}{which}) m "
            "JOIN deal ON deal.id = m.deal_id ORDER BY m.at DESC, m.id DESC",
            (*asked.given, *given),
        )
    )
    people = {person.id: person.name for person in asked.setup.people}
    stages = asked.setup.stages

    def thing(row: tuple[Any, ...]) -> Thing:
        deal, title, at, stage, person, left = row
        about = " · ".join(filter(None, (_way(stages, left, stage), people.get(person))))
        return Thing(title, about=about, at=at, deal_id=deal)

    return listed_as(found, thing)


def _way(stages: dict[int, Any], left: int | None, entered: int) -> str:
    return (
        f"{stages[left].name} → {stages[entered].name}"
        if left in stages
        else (f"→ {stages[entered].name}")
    )


def _condition(asked: Filter, row: tuple[Any, ...], column: str) -> tuple[str, list[Any]]:
    """Which of the moves a cell counts."""
    sql, given = "", list[Any]()
    if column.startswith("stage-"):
        sql += " AND stage_id = ?"
        given.append(int(column.removeprefix("stage-")))
    kind: str = row[0]
    of_row: dict[str, Callable[[], tuple[str, list[Any]]]] = {
        "people": lambda: (" AND person_id IS ?", [row[1] or None]),
        "teams": lambda: (_of_team(asked, row[1]), []),
        "from": lambda: (" AND from_stage_id IS ?", [row[1] or None]),
        "each": lambda: (
            " AND stage_id = ? AND person_id IS ? AND from_stage_id IS ?",
            [row[2], row[3] or None, row[4] or None],
        ),
    }
    if kind in of_row:
        more, values = of_row[kind]()
        sql, given = sql + more, given + values
    return sql, given


def _of_team(asked: Filter, team: str) -> str:
    inside = [p.id for p in asked.setup.people if (asked.setup.team_named(p) or "") == team]
    named = f"person_id IN ({', '.join(map(str, inside)) or 'NULL'})"
    return f" AND {named}" if team else f" AND ({named} OR person_id IS NULL)"


REPORT = Report(
    "transitions", N_("Stage moves"),
    N_("How many deals moved into each stage, by day, week or month, person or team."),
    frozenset(("by", "pipeline", "person", "team", "deals")), _read, _behind,
    (Choice("rows", N_("Grouped by"), "periods", _ROWS),), first_pipeline=True,
)  # fmt: skip
