"""The forecast by probability and date: exact, against a slow recomputation, and its lists."""

import random
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.store import Reader
from salesdesk.services import report_forecast
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Behind, Query, Table
from tests.builders import Desk, day, empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments
from tests.oracle import forecast_oracle
from tests.oracle.adapter import world_of

FAR = Period(day("2025-01-01"), day("2027-12-31"))


@settings(max_examples=1000 if SOAK else 8)
@given(steps=st.lists(STEPS, min_size=10, max_size=50), now=moments(), seed=st.integers(0, 99))
def test_every_month_equals_the_oracle(steps: list[Step], now: int, seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, False)
        for step in steps:
            team.tell(step)
        for stage in team.stages:
            team.desk.update("stage", stage, probability=chance.randrange(101))
        for deal in team.deals:
            on = None if chance.random() < 0.3 else FIRST + chance.randrange(-60, DAYS + 90)
            own = None if chance.random() < 0.6 else chance.randrange(101)
            team.desk.update("deal", deal, expected_day=on, probability=own)
        people = [person for person in team.people if person is not None and person > 0]
        with store.read() as r:
            _compare(r, team, team.at(now), people[seed % 4])


def _compare(r: Reader, team: Team, now: int, person: int) -> None:
    world, usual, extra = world_of(r), forecast_oracle.percents(r), forecast_oracle.extras(r)
    for query, asked in (
        (Query(FAR), {}),
        (Query(FAR, pipeline_id=3), {"pipeline": 3}),
        (Query(FAR, person_id=person), {"persons": {person}}),
        (Query(FAR, team_id=team.groups[1]), {"persons": {p.id for p in world.persons
                                                          if p.team == team.groups[1]}}),
    ):  # fmt: skip
        truth = forecast_oracle.weighted(world, extra, usual, now, **asked)
        table = report_forecast.read(r, query, now=now)
        mine = {row.cells[0]: row.cells[1:4] for row in table.rows if row.cells[1]}
        assert mine == {
            month: (line.deals, forecast_oracle.cents(line.amount),
                    forecast_oracle.cents(line.weighted))
            for month, line in truth.items()
        }  # fmt: skip
    _lists_sum(r, query, table, now, some=2)


def _lists_sum(r: Reader, query: Query, table: Table, now: int, some: int = 99) -> None:
    """What is behind every number adds up to it."""
    rows = [*table.rows[:some], *([table.total] if table.total else [])]
    for row in rows:
        for key in ("deals", "amount", "weighted", "expected"):
            found = report_forecast.behind(r, query, row.key, key, now=now)
            assert _sum(found) == row.cells[table.place(key)], (row.key, key)
            low, high = row.cells[table.place("low")], row.cells[table.place("high")]
            assert isinstance(low, Decimal)
            assert isinstance(high, Decimal)
            assert low <= high


def _sum(found: Behind) -> Decimal:
    return sum((Decimal(str(each.value)) for each in found.things if each.counts), Decimal(0))


def _desk(folder: Path) -> tuple[Desk, list[int]]:
    desk = Desk(empty_store(folder))
    stages = desk.pipeline("Sales")
    for stage, percent in zip(stages, (10, 20, 40, 70, 90, 100, 0), strict=True):
        desk.update("stage", stage, probability=percent)
    return desk, stages


def test_a_month_is_rounded_half_up_once(tmp_path: Path) -> None:
    """Three times 0.05 at 10 percent is 0.015, so 0.02; rounded one by one it would be 0.03."""
    desk, stages = _desk(tmp_path)
    for _ in range(3):
        desk.deal(stages[0], "2026-11-01", amount="0.05", expected_day=day("2026-12-20"))
    with desk.store as store, store.read() as r:
        now = store.zone.start_of(day("2026-11-20"))
        query = Query(Period(day("2026-12-05"), day("2026-12-06")))
        table = report_forecast.read(r, query, now=now)
        [row] = table.rows
        assert row.cells[:4] == (day("2026-12-01"), 3, Decimal("0.15"), Decimal("0.02"))
        _lists_sum(r, query, table, now)


def test_dates_gone_by_missing_dates_and_missing_rates_are_told(tmp_path: Path) -> None:
    desk, stages = _desk(tmp_path)
    desk.rate("USD", "90.5")
    gone = desk.deal(stages[3], "2026-08-01", amount="1000", expected_day=day("2026-09-30"))
    desk.deal(stages[3], "2026-08-01", amount="10", currency="USD", probability=50)
    desk.deal(stages[3], "2026-08-01", amount="10", currency="GBP",
              expected_day=day("2026-12-31"))  # fmt: skip
    with desk.store as store, store.read() as r:
        now = store.zone.start_of(day("2026-11-20"))
        query = Query(Period(day("2026-09-01"), day("2026-12-31")))
        table = report_forecast.read(r, query, now=now)
        assert [row.cells[:4] for row in table.rows] == [
            (day("2026-09-01"), 1, Decimal("1000.00"), Decimal("700.00")),
            (day("2026-12-01"), 1, Decimal("0.00"), Decimal("0.00")),
            (None, 1, Decimal("905.00"), Decimal("452.50")),
        ]
        assert table.rows[0].levels == {"period": "over"}
        assert table.total is not None
        assert table.total.cells[1:4] == (3, Decimal("1905.00"), Decimal("1152.50"))
        assert "1 open deal was expected before today." in table.notes
        assert "1 open deal has no expected close date: the row without a month." in table.notes
        assert "GBP has no rate: its amounts are left out." in table.notes
        [thing] = report_forecast.behind(
            r, query, table.rows[0].key, "weighted", now=now
        ).things  # fmt: skip
        assert (thing.deal_id, thing.about) == (gone, "stage Signed, 70\u00a0%")
        [thing] = report_forecast.behind(r, query, table.rows[2].key, "weighted", now=now).things
        assert thing.about == "own probability 50\u00a0%"
        [thing] = report_forecast.behind(r, query, table.rows[1].key, "amount", now=now).things
        assert (thing.counts, thing.about) == (False, "no rate for its currency")
        late = report_forecast.read(
            r, Query(Period(day("2026-12-01"), day("2026-12-31"))), now=now
        )  # fmt: skip
        assert [row.cells[0] for row in late.rows] == [day("2026-12-01"), None]
        assert "1 of them in months before this period." in late.notes


def test_without_history_the_range_is_that_of_the_probabilities(tmp_path: Path) -> None:
    desk, stages = _desk(tmp_path)
    for _ in range(20):
        desk.deal(stages[3], "2026-11-01", amount="100", expected_day=day("2026-12-20"))
    with desk.store as store, store.read() as r:
        now = store.zone.start_of(day("2026-11-20"))
        table = report_forecast.read(r, Query(FAR), now=now)
        [row] = table.rows
        expected, low, high = row.cells[4:]
        assert expected == Decimal("1400.00")
        assert isinstance(low, Decimal)
        assert isinstance(high, Decimal)
        assert Decimal(1000) <= low < 1400 < high <= Decimal(1700)
        assert any("there is no history" in note for note in table.notes)
        thing = report_forecast.behind(r, Query(FAR), row.key, "low", now=now).things[0]
        assert thing.about.startswith("70\u00a0%: probability and date")


def test_a_period_of_centuries_has_the_months_that_matter(tmp_path: Path) -> None:
    desk, stages = _desk(tmp_path)
    for on in ("1999-12-31", "2026-12-01", "9999-12-31"):
        desk.deal(stages[3], "2026-08-01", amount="1000", expected_day=day(on))
    with desk.store as store, store.read() as r:
        query = Query(Period(day("1000-01-01"), day("9999-12-31")))
        table = report_forecast.read(r, query, now=store.zone.start_of(day("2026-11-20")))
        assert [row.cells[0] for row in table.rows] == [
            day("1999-12-01"), day("2026-12-01"), day("9999-12-01")
        ]  # fmt: skip
        _lists_sum(r, query, table, store.zone.start_of(day("2026-11-20")))


def test_nothing_open_is_an_empty_table(tmp_path: Path) -> None:
    desk, _ = _desk(tmp_path)
    with desk.store as store, store.read() as r:
        table = report_forecast.read(r, Query(FAR), now=store.zone.start_of(day("2026-11-20")))
        assert (table.rows, table.total, table.notes) == ((), None, ())


def test_largest_amounts_stay_exact(tmp_path: Path) -> None:
    desk, stages = _desk(tmp_path)
    desk.rate("USD", "99.12345678")
    for _ in range(40):
        desk.deal(stages[4], "2026-11-01", amount="999999999999.9999", currency="USD")
    with desk.store as store, store.read() as r:
        now = store.zone.start_of(day("2026-11-20"))
        [row] = [row for row in report_forecast.read(r, Query(FAR), now=now).rows if row.cells[1]]
        exact = 40 * Fraction("999999999999.9999") * Fraction("99.12345678")
        assert row.cells[2] == forecast_oracle.cents(exact)
        assert row.cells[3] == forecast_oracle.cents(exact * Fraction(90, 100))
