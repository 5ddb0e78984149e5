"""The replay on past Mondays: what was known then and nothing else, against what happened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Store
from salesdesk.services import forecast_replay, forecast_stays, ranking_setup, report_forecast
from salesdesk.services.forecast_replay import HORIZONS, Replay, Said
from salesdesk.services.forecast_verdict import amounts, calibration, sentence, verdict
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query
from salesdesk.services.writer import Stopped
from tests.builders import Desk, day, empty_store
from tests.oracle import lives
from tests.oracle.adapter import world_of
from tests.services.forecasting import ALL, DAY, LAST, PERCENTS, Year, mondays, tell


@pytest.fixture
def year(tmp_path: Path) -> Iterator[Year]:
    found = tell(tmp_path)
    with found.desk.store:
        yield found


def _slowly(year: Year, said: Said, days: int, person: int | None = None) -> tuple[float, ...]:
    """Weighted, happened, deals and dated of a Monday, deal by deal."""
    with year.desk.store.read() as r:
        world = world_of(r)
        extra = {row[0]: row[1:] for row in r.rows(
            "SELECT id, amount, currency, expected_day, probability FROM deal")}  # fmt: skip
    moment, percents = year.at(said.day), dict(zip(year.stages, PERCENTS, strict=False))
    weighted = happened = 0.0
    deals = dated = 0
    for deal in world.deals:
        steps = lives.steps_of(world, deal.id)
        state = None if deal.deleted else lives.state_at(steps, moment)
        if state is None or state.stage is None or state.stage.kind != "open":
            continue
        if person is not None and state.owner != person:
            continue
        money, currency, expected, own = extra[deal.id]
        amount = money / 10_000 * (90 if currency == "USD" else 1)
        deals += 1
        dated += expected is not None
        percent = percents[state.stage.id] if own is None else own
        if expected is not None and said.day <= expected < said.day + days:
            weighted += amount * percent / 100
        happened += amount * any(
            step.stage is not None and step.stage.kind == "won"
            and moment < step.at <= moment + days * DAY for step in steps
        )  # fmt: skip
    return weighted, happened, deals, dated


def test_every_monday_equals_a_slow_recomputation(year: Year) -> None:
    for query, person in ((ALL, None), (Query(Period(1, 1), person_id=year.people[0]), 1)):
        found = year.replay(query)
        for horizon, days in HORIZONS.items():
            lines = found.lines[horizon, "money"]
            assert len(lines) > 20
            for said in lines[::7]:
                weighted, happened, deals, dated = _slowly(year, said, days, person)
                assert said.by_date == pytest.approx(weighted)
                assert (said.deals, said.dated) == (deals, dated)
                over = year.at(said.day) + days * DAY <= year.now
                assert (said.happened is not None) == over
                if over:
                    assert said.happened == pytest.approx(happened)
                assert 0 <= said.low <= said.high


def _told(found: Replay, until: int) -> dict[Any, list[Any]]:
    return {
        key: [(one.day, one.by_date, one.expected, one.low, one.high) for one in line
              if one.day <= until]
        for key, line in found.lines.items()
    }  # fmt: skip


def test_what_comes_later_changes_nothing_said_before(year: Year) -> None:
    before = year.replay()
    cut = day("2026-08-03")  # a Monday
    store, later = year.desk.store, year.at(cut) + 1
    with store.command("test", now=later, origin="cli") as tx:
        for deal in year.deals[::2]:
            tx.update("deal", [{"id": deal, "amount": 99_990_000, "probability": 77,
                                "expected_day": cut + 3, "currency": "RUB"}])  # fmt: skip
        tx.update("stage", [{"id": year.stages[0], "probability": 99}])
        won = {"to_stage_id": year.stages[3], "at": later, "recorded_at": later, "sets_owner": 0}
        tx.insert("stage_move", [{"deal_id": deal, **won} for deal in year.deals[::3]])
    after = year.replay(anew=True)
    assert _told(after, cut) == _told(before, cut)
    assert _told(after, LAST) != _told(before, LAST)
    # The control: what was changed before the Monday does change what is said.
    with store.command("test", now=year.at(cut) - DAY, origin="cli") as tx:
        for deal in year.deals:
            tx.update("deal", [{"id": deal, "probability": 3}])
    assert _told(year.replay(anew=True), cut) != _told(before, cut)


def test_undone_moves_and_deleted_deals_count_nowhere(year: Year) -> None:
    command = 0
    moment = year.at(day("2026-07-15"))
    before = year.replay()
    for deal in year.deals[:25]:
        command = year.desk.move(deal, year.stages[3], moment)
        year.desk.undo(command)
    assert year.replay(anew=True).lines == before.lines
    for deal in year.deals:
        year.desk.delete("deal", deal)
    assert all(not line for line in year.replay(anew=True).lines.values())


def test_it_is_kept_for_the_day_and_can_be_stopped(year: Year) -> None:
    told: list[tuple[int, int]] = []
    found = year.replay(progress=lambda done, whole: told.append((done, whole)))
    assert told == [(done + 1, 52) for done in range(52)]
    assert year.replay() is found
    assert year.replay(anew=True) == found  # equal, whatever was thrown
    with year.desk.store.read() as r:
        assert forecast_replay.kept(r, ALL, now=year.now + DAY) is None
    with pytest.raises(Stopped):
        year.replay(anew=True, stopped=lambda: True)


def test_nothing_ever_happened(tmp_path: Path) -> None:
    desk = Desk(empty_store(tmp_path))
    stages = desk.pipeline("Sales")
    with desk.store as store:
        empty = Year(desk, stages, [], [], store.zone.start_of(LAST))
        found = empty.replay()
        assert all(not line for line in found.lines.values())
        assert found.first_day is None
        assert sentence(verdict(())) == "There is no past Monday to try it on yet."
        assert calibration(verdict(())) == ""


def test_what_became_of_those_like_it_is_counted_right(year: Year) -> None:
    query = Query(Period(LAST, LAST + 60))
    edges = (0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 10_000)
    with year.desk.store.read() as r:
        world = world_of(r)
        table = report_forecast.read(r, query, now=year.now)
        key = table.rows[0].key
        things = report_forecast.behind(r, query, key, "expected", now=year.now).things
    paths = {deal: [step for step in lives.steps_of(world, deal) if step.move]
             for deal in year.deals}  # fmt: skip
    assert len(things) > 5
    for thing in things:
        assert thing.deal_id is not None
        last = paths[thing.deal_id][-1]
        assert last.stage is not None
        stood = round((year.now - last.at) / DAY)
        edge = max(each for each in edges if each <= stood)
        ends = [
            path[-1].stage.kind
            for path in paths.values()
            for at, step in enumerate(path[:-1])
            if step.stage == last.stage and (path[at + 1].at - step.at) // DAY >= edge
            and path[-1].stage is not None and path[-1].stage.kind != "open"
        ]  # fmt: skip
        said = f"of {len(ends)} like it {ends.count('won')} w" if ends else "none like it"
        assert said in thing.about


# -- the verdict ----------------------------------------------------------------------------------


def test_the_verdict_says_who_was_closer_and_by_how_much() -> None:
    found = verdict(mondays(*[(140.0, 90.0, 80.0, 120.0, 100.0)] * 10))
    assert found.missed_by_date == pytest.approx(0.4)
    assert found.missed == pytest.approx(0.1)
    assert found.leans_by_date == pytest.approx(0.4)
    assert found.leans == pytest.approx(-0.1)
    assert (found.better, found.held, found.dated) == ("history", 10, 0.5)
    assert sentence(found) == (
        "History is closer here: it missed by 10\u00a0% on average, probability by 40\u00a0%. "
        "That is 75\u00a0% less."
    )
    assert calibration(found) == (
        "On 10 of 10 Mondays what happened lay in the range; 8 would be right."
    )


def test_the_verdict_says_so_when_history_is_no_better() -> None:
    found = verdict(mondays(*[(100.0, 150.0, 120.0, 180.0, 100.0)] * 10))
    assert found.better == "date"
    assert sentence(found).endswith("Go by probability first.")
    assert calibration(found).endswith("Trust it less than it looks.")
    as_good = verdict(mondays(*[(90.0, 110.0, 0.0, 200.0, 100.0)] * 10))
    assert as_good.better == "date"  # as good is not better


def test_the_verdict_is_silent_where_there_is_too_little() -> None:
    few = verdict(mondays(*[(1.0, 1.0, 0.0, 2.0, 1.0)] * 3))
    assert few.better == "unknown"
    assert sentence(few).startswith("Only 3 Mondays can be judged")
    nothing = verdict(mondays(*[(0.0, 1.0, 0.0, 2.0, 0.0)] * 9))
    assert sentence(nothing).startswith("Nothing was won in these times")
    undated = verdict(mondays(*[(0.0, 9.0, 8.0, 12.0, 10.0)] * 9, dated=0))
    assert sentence(undated).startswith("No open deal had an expected close date")


def test_the_verdict_says_when_money_is_no_fair_measure() -> None:
    facts = [(140.0, 90.0, 80.0, 120.0, 100.0)] * 10
    assert amounts(verdict(mondays(*facts))) == ""
    assert amounts(verdict(mondays(*facts, priced=4))).startswith("Only 40\u00a0% of the open")


def test_a_store_has_its_own_replays(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = tell(tmp_path / "one", 60), tell(tmp_path / "two", 80)
    stores: list[Store] = [one.desk.store, two.desk.store]
    assert one.replay() != two.replay()
    for store in stores:
        store.close()


def test_what_is_kept_follows_what_is_written(year: Year) -> None:
    """After every kind of write the history equals one that is read anew."""

    def same() -> None:
        with year.desk.store.read() as r:
            setup = ranking_setup.of(r)
            kept = forecast_stays.history(r, setup)
            forecast_stays._known.pop(year.desk.store)
            fresh = forecast_stays.history(r, setup)
        for part in ("stays", "segments"):
            for name in getattr(fresh, part).__slots__:
                mine, true = getattr(getattr(kept, part), name), getattr(getattr(fresh, part), name)
                assert mine.tolist() == true.tolist(), name

    same()
    moment = year.at(day("2026-07-15"))
    one, two = year.deals[3], year.deals[50]
    command = year.desk.move(one, year.stages[3], moment)
    same()
    year.desk.give(two, year.people[1], moment)
    year.desk.deal(year.stages[1], moment, year.people[0])
    same()
    year.desk.undo(command)
    same()
    year.desk.redo(command)
    same()
    year.desk.delete("deal", one)
    same()
    year.desk.restore("deal", one)
    year.desk.update("stage", year.stages[3], kind="lost")
    same()
