"""What is behind a number of stage moves, time in stage and the funnel adds up to it, on random
histories, whoever is asked for and whichever deals."""

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.services import report_catalog
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Behind, Query, Report, Row, Table
from tests.builders import empty_store
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments

_NAMES = ("transitions", "stage-time", "funnel")
_DAY_MS = Fraction(1, 1000)


@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(STEPS, min_size=10, max_size=50),
    now=moments(),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    by=st.sampled_from(("day", "week", "month")),
    rows=st.sampled_from(("periods", "people", "teams", "from", "each")),
    only=st.booleans(),
)
def test_things_add_up_to_their_number(
    steps: list[Step], now: int, span: tuple[int, int], by: str, rows: str, only: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, False)
        for step in steps:
            team.tell(step)
        when = team.at(now)
        first = team.people[0]
        assert first is not None
        deals = BoardFilter(people=frozenset((first,))) if only else BoardFilter()
        period = Period(FIRST + min(span), FIRST + max(span))
        with store.read() as r:
            for whose in ({}, {"person_id": first}, {"team_id": team.groups[1]}):
                query = Query(period, by, deals=deals, own={"rows": rows}, **whose)
                for name in _NAMES:
                    report = report_catalog.report(name)
                    _adds_up(r, report, query, when)
                    if only:
                        _only_those(r, report, query, when, first)


def _read(r: Reader, report: Report, query: Query, now: int) -> Table:
    found: Table = report.read(r, query, now=now)
    return found


def _behind(r: Reader, report: Report, query: Query, row: Row, column: str, now: int) -> Behind:
    assert report.behind is not None
    return report.behind(r, query, row.key, column, now=now)


def _adds_up(r: Reader, report: Report, query: Query, now: int) -> None:
    table = _read(r, report, query, now)
    for row in (*table.rows, *([table.total] if table.total is not None else [])):
        for column, value in zip(table.columns, row.cells, strict=True):
            if not column.opens or value is None:
                continue
            found = _behind(r, report, query, row, column.key, now)
            if column.holds == "count":
                assert len(found.things) + found.more == value, (report.name, row.key, column.key)
            elif column.key == "mean_days":
                mean = sum((Fraction(one.value) for one in found.things), Fraction())
                assert abs(mean / len(found.things) - Fraction(str(Fraction(value)))) <= _DAY_MS


def _only_those(r: Reader, report: Report, query: Query, now: int, person: int) -> None:
    """A filter of deals leaves exactly the things of the deals that pass it."""
    mine = {key for (key,) in r.rows("SELECT id FROM deal WHERE owner_id = ?", (person,))}
    every = Query(query.period, query.by, query.pipeline_id, query.person_id, query.team_id,
                  own=query.own)  # fmt: skip
    whole = {row.key: row for row in _read(r, report, every, now).rows}
    filtered = {row.key: row for row in _read(r, report, query, now).rows}
    for key, row in whole.items():
        column = {"transitions": "total", "stage-time": "moves_out", "funnel": "reached"}[
            report.name
        ]
        if report.name == "transitions" and query.own["rows"] == "each":
            column = "count"
        found = _behind(r, report, every, row, column, now)
        passing = sum(one.deal_id in mine for one in found.things)
        here = _behind(r, report, query, row, column, now)
        assert len(here.things) == passing
        assert (key in filtered) or passing == 0, (report.name, key)


def test_a_report_without_a_pipeline_says_so(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store, store.read() as r:
        for name in _NAMES[1:]:
            report: Any = report_catalog.report(name)
            with pytest.raises(NotFound, match="no pipeline"):
                report.read(r, Query(Period(FIRST, FIRST)), now=0)
