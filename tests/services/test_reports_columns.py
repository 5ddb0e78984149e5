"""Stage moves as columns: read as a whole or found one by one, they are the same."""

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Reader
from salesdesk.services import reports, reports_columns
from salesdesk.services.forecast_stays import Ints
from salesdesk.services.periods import Period
from salesdesk.services.reports_moves import buckets, filter_of
from tests.builders import empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, Team, random_steps

_NAMES = ("at", "stage", "left", "spent", "person")


@pytest.mark.parametrize("seed", range(60 if SOAK else 4))
def test_both_ways_of_reading_moves_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, False)
        for step in random_steps(2000 + seed):
            team.tell(step)
        with store.read() as r:
            for _ in range(12):
                first, last = sorted((chance.randrange(DAYS), chance.randrange(DAYS)))
                period, now = Period(FIRST + first, FIRST + last), team.at(chance.randrange(DAYS))
                person = chance.choice((None, team.people[0]))
                found = []
                for many in (1, 1 << 40):
                    monkeypatch.setattr(reports_columns, "_MANY", many)
                    found.append(_read(r, period, now, person))
                assert found[0] == found[1]
                _check_coarser(r, period, now, person)


def _read(r: Reader, period: Period, now: int, person: int | None) -> list[Any]:
    asked = filter_of(r, None, person, None, now=now)
    parts = buckets(r, period, now, "day")
    columns = reports_columns.read(r, asked, parts, _NAMES)
    return sorted(zip(*(columns[name].tolist() for name in _NAMES), strict=True))


def _check_coarser(r: Reader, period: Period, now: int, person: int | None) -> None:
    """What is not split by period or person has the same sums."""
    fine = reports.transitions(r, period, "day", now=now, person_id=person, split_from=True)
    coarse = reports.transitions(r, period, "day", now=now, person_id=person, split_from=True,
                                 split_period=False, split_person=False)  # fmt: skip
    sums: dict[tuple[int, int | None], int] = {}
    for row in fine:
        key = (row.stage_id, row.from_stage_id)
        sums[key] = sums.get(key, 0) + row.count
    assert sums == {(row.stage_id, row.from_stage_id): row.count for row in coarse}


def test_counting_far_apart_values() -> None:
    import numpy as np

    one = np.array([5, 1 << 40, 5, -3], np.int64)
    two = np.array([1, 2, 1, 1 << 50], np.int64)
    assert reports_columns.counted([one, two]) == [
        (-3, 1 << 50, 1), (5, 1, 2), (1 << 40, 2, 1),
    ]  # fmt: skip
    assert reports_columns.counted([one[:0], two[:0]]) == []
    assert reports_columns.counted([]) == []


def test_the_first_move_that_gave_way_tells_who_was_responsible_from_the_beginning() -> None:
    import numpy as np

    def column(*values: int) -> Ints:
        return np.array(values, np.int64)

    deal, at, seq = column(1, 1, 2), column(50, 20, 30), column(1, 2, 3)
    gave_way = np.array([True, True, False])
    since = reports_columns._first_ever(deal, at, seq, gave_way)
    assert (since < 0).tolist() == [False, True, False]
    facts = [deal, since, seq, column(7, 8, 9)]
    asked = column(1, 1, 2, 2, 3), column(10, 50, 29, 30, 30), column(9, 9, 9, 3, 9)
    assert reports_columns._owners(facts, *asked).tolist() == [8, 7, 0, 9, 0]
