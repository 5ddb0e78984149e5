"""Pivots of moves counted as columns are those that are counted row by row."""

import random
import tempfile
from itertools import product
from pathlib import Path

import pytest

from salesdesk.models.store import Reader
from salesdesk.services import pivot, pivot_moves
from salesdesk.services.cards import BoardFilter
from salesdesk.services.periods import Period
from salesdesk.services.pivot_spec import spec_of
from salesdesk.services.report_table import Query, Table
from tests.builders import empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, Team, random_steps

_ROWS = ("person", "stage", "left", "at:day", "at:week", "at:month,left", "at:quarter", "at:year")
_COLUMNS = ("", "person", "stage")
_MEASURES = ("count", "mean:spent", "median:spent", "sum:spent", "share_row:spent", "share_total")


@pytest.mark.parametrize("seed", range(40 if SOAK else 2))
def test_both_ways_of_counting_moves_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, False)
        for step in random_steps(3000 + seed):
            team.tell(step)
        team_of_two = frozenset(one for one in team.people[:2] if one is not None)
        with store.read() as r:
            for rows, columns, measure in product(_ROWS, _COLUMNS, _MEASURES):
                if columns in rows.split(",") or chance.random() < 0.5:
                    continue
                first, last = sorted((chance.randrange(DAYS), chance.randrange(DAYS)))
                own = {"entity": "move", "rows": rows, "columns": columns, "measure": measure,
                       "all": chance.choice("01")}  # fmt: skip
                query = Query(
                    Period(FIRST + first, FIRST + last), own=own,
                    person_id=chance.choice((None, None, team.people[0])),
                    team_id=chance.choice((None, None, team.groups[1])),
                    pipeline_id=chance.choice((None, 1)),
                    deals=BoardFilter(owner_ids=chance.choice((None, team_of_two))),
                )  # fmt: skip
                _compare(r, query, team.at(chance.randrange(DAYS)), monkeypatch)


def _compare(r: Reader, query: Query, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = pivot.read(r, query, now=now)
    with monkeypatch.context() as slowly:
        slowly.setattr(pivot_moves, "cells", lambda *_: None)
        slow: Table = pivot.read(r, query, now=now)
    assert quick == slow, query


def test_what_the_columns_do_not_have_is_counted_row_by_row(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store, store.read() as r:
        for own in ({"rows": "mover"}, {"rows": "stage", "only.stage": "[1]"}, {"rows": "team"}):
            query = Query(Period(FIRST, FIRST), own={"entity": "move", **own})
            assert pivot_moves.cells(r, spec_of(r, query.own), query, 0) is None
