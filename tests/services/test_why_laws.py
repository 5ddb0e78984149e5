"""The list behind a number adds up to it: every metric, of persons and teams, with a pipeline, with
points tried out and skipped stages tried or counted, on random histories. And why a move earns
nothing."""

import random
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models.asking import Asking
from salesdesk.models.store import Reader
from salesdesk.moments import POINTS_SCALE
from salesdesk.moments import month_of as month_number
from salesdesk.services import closing, ranking_explain, rulings
from salesdesk.services.periods import Period, of_month
from salesdesk.services.ranking import ranking
from salesdesk.services.ranking_explain import EXPLAINED, Explanation
from salesdesk.services.ranking_numbers import STANDING
from salesdesk.services.ranking_points import Points
from tests.builders import Desk, day, empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments, random_steps

NUMBERS = (*EXPLAINED, *(f"standing:{milestone}" for milestone in STANDING))


def _other_points(team: Team) -> Points:
    table = Points()
    table.add(team.stages[2], None, 3 * POINTS_SCALE)
    table.add(team.stages[2], day("2026-03-12"), POINTS_SCALE // 10)
    table.add(team.stages[6], None, -7_000_001)
    return table


def adds_up(r: Reader, period: Period, now: int, **asked: Any) -> None:
    """Every number of every row and of the last line."""
    answer = ranking(r, period, now=now, **asked)
    team = asked.pop("team_id", None)
    people = [row.person_id for row in answer.rows if row.person_id is not None]
    for metric in NUMBERS:
        for row in answer.rows:
            assert row.person_id is not None
            found = ranking_explain.explain(r, period, row.person_id, metric, now=now, **asked)
            assert _sum(found) == found.total == row.value(metric), metric
            if metric in ("points", "requests_total"):
                few = ranking_explain.explain(
                    r, period, row.person_id, metric, now=now, limit=2, depth=3, **asked
                )
                assert few.total == found.total
                assert few.stages == found.stages
                _is_part(few, found)
        both = ranking_explain.explain_people(
            r, period, people, metric, now=now, team_id=team, **asked
        )
        assert _sum(both) == both.total == answer.total.value(metric), metric
        if metric == "points":
            assert sum(one.points for one in both.stages) == both.total


def _sum(found: Explanation) -> Decimal | int:
    if found.metric == "points":
        assert sum(one.points for one in found.stages) == found.total
    assert all(line.value == 0 for line in found.lines if not line.counts)
    return sum(line.value for line in found.lines)


def _is_part(few: Explanation, found: Explanation) -> None:
    """The newest lines; of those that earn nothing those from ``since`` on."""
    counting = [line for line in found.lines if line.counts]
    assert [line for line in few.lines if line.counts] == counting[:2]
    assert few.more == len(counting) - len(counting[:2])
    idle = [line for line in few.lines if not line.counts]
    since = few.since or 0
    assert idle == [line for line in found.lines if not line.counts and (line.at or 0) >= since]


@settings(max_examples=1000 if SOAK else 14)
@given(
    steps=st.lists(STEPS, min_size=10, max_size=50),
    now=moments(),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    skipped=st.booleans(),
)
def test_the_list_of_every_number_adds_up_to_it(
    steps: list[Step], now: int, span: tuple[int, int], skipped: bool
) -> None:
    _play(steps, now, span, skipped)


@pytest.mark.parametrize("seed", range(100 if SOAK else 3))
def test_it_does_in_long_histories(seed: int) -> None:
    chance = random.Random(seed)
    span = (chance.randrange(DAYS), chance.randrange(DAYS))
    _play(random_steps(seed), chance.randrange(DAYS * 6), span, seed % 2 == 0)


def _play(steps: list[Step], now: int, span: tuple[int, int], skipped: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, skipped)
        for step in steps:
            team.tell(step)
        when = team.at(now)
        days = Period(FIRST + min(span), FIRST + max(span))
        other = _other_points(team)
        with store.read() as r:
            adds_up(r, of_month(store.zone.day_of(when)), when)
            adds_up(r, of_month(FIRST + 20), when, team_id=team.groups[span[0] % 3])
            adds_up(r, days, when, weights=other, skipped=not skipped)
            adds_up(r, days, when, pipeline_id=1 + span[1] % 3, skipped=not skipped)
            adds_up(r, of_month(FIRST + 20), when, skipped=not skipped, team_id=team.groups[1])


class Office:
    """Two sellers, a dispatcher who is not in the ranking, and a lead."""

    def __init__(self, folder: Path) -> None:
        self.desk = desk = Desk(empty_store(folder))
        self.anna = desk.person("Anna")
        self.boris = desk.person("Boris")
        self.desk_person = desk.person("Dispatcher", in_ranking=0)
        self.lead = desk.person("Lead", role="team_lead")
        self.stages = desk.pipeline("Sales")
        self.deal = desk.deal(self.stages[0], "2026-11-02T10:00", self.anna, title="Cranes")
        self.now = desk.at("2026-11-20T12:00")

    def idle(self, person: int) -> list[ranking_explain.Line]:
        """What earns a person nothing in November, the oldest first."""
        november = of_month(day("2026-11-15"))
        with self.desk.store.read() as r:
            found = ranking_explain.explain(r, november, person, "points", now=self.now)
        return [line for line in reversed(found.lines) if not line.counts]


@pytest.fixture
def office(tmp_path: Path) -> Any:
    made = Office(tmp_path)
    yield made
    made.desk.store.close()


def test_a_page_reads_what_it_shows(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anna's newest lines among many moves of everybody: few rows, all through indexes."""
    desk, asked = office.desk, [0]
    new, planned, held, *_ = office.stages
    for of_day in range(1, 19):
        for hour, who in ((9, office.anna), (11, office.boris), (13, office.lead)):
            deal = desk.deal(new, f"2026-11-{of_day:02}T{hour:02}:00", who)
            for minute, stage in ((10, planned), (20, held), (30, planned), (40, held)):
                desk.move(deal, stage, f"2026-11-{of_day:02}T{hour:02}:{minute}")
    november = of_month(day("2026-11-15"))
    rows, statements = Asking.rows, set()

    def counted(self: Asking, sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
        found = rows(self, sql, params)
        asked[0] += len(found)
        statements.add((sql, tuple(params)))
        return found

    def page(person: int, limit: int | None) -> Explanation:
        asked[0] = 0
        with desk.store.read() as r:
            return ranking_explain.explain(
                r, november, person, "points", now=office.now, limit=limit, depth=20
            )

    page(office.anna, 5)  # the configuration and the sums are kept from now on
    monkeypatch.setattr(Asking, "rows", counted)
    few = page(office.anna, 5)
    read = asked[0]
    assert (len([line for line in few.lines if line.counts]), few.more) == (5, 50)
    assert read < 60
    monkeypatch.undo()
    with desk.store.read() as r:
        for sql, params in statements:
            plan = [row[3] for row in r.rows(f"EXPLAIN QUERY PLAN {sql}", params)]
            whole = [step for step in plan if step.startswith("SCAN")]
            assert not [step for step in whole if step.split()[1] in _LARGE], (sql, plan)


#: Tables that grow with the work; a scan of one of them reads all of the past.
_LARGE = frozenset(("stage_move", "m", "reach", "hold", "span", "s", "deal", "d", "task"))


def test_entered_again(office: Office) -> None:
    desk, held = office.desk, office.stages[2]
    desk.move(office.deal, held, "2026-11-05T10:00")
    desk.move(office.deal, office.stages[1], "2026-11-06T10:00")
    desk.give(office.deal, office.boris, "2026-11-07T10:00")
    desk.move(office.deal, held, "2026-11-08T10:00")
    [line] = office.idle(office.boris)
    assert (line.stage, line.already_by, line.already) == (
        "Held", "Anna", desk.at("2026-11-05T10:00"),
    )  # fmt: skip
    assert office.idle(office.anna) == []


def test_ruled_about(office: Office) -> None:
    desk, held = office.desk, office.stages[2]
    desk.move(office.deal, held, "2026-11-05T10:00")
    who: dict[str, Any] = {"person": office.lead, "now": office.now}
    command = rulings.void(desk.store, office.deal, held, reason="By phone", **who)
    [line] = office.idle(office.anna)
    assert (line.ruling, line.reason, line.by) == ("void", "By phone", "Lead")
    desk.undo(command)
    assert office.idle(office.anna) == []
    rulings.credit(desk.store, office.deal, held, office.boris, reason="Handed over", **who)
    [line] = office.idle(office.anna)
    assert (line.ruling, line.credited_to, line.by) == ("credit", "Boris", "Lead")


def test_undone_and_deleted(office: Office) -> None:
    desk = office.desk
    desk.undo(desk.move(office.deal, office.stages[5], "2026-11-05T10:00"))
    [line] = office.idle(office.anna)
    assert (line.stage, line.undone, line.deleted) == ("Won", True, False)
    other = desk.deal(office.stages[1], "2026-11-07T10:00", office.anna)
    desk.give(other, office.boris, "2026-11-08T10:00")
    desk.move(other, office.stages[2], "2026-11-09T10:00")
    desk.delete("deal", other)
    assert [line.deleted for line in office.idle(office.anna)] == [False, True]
    assert [(line.stage, line.deleted) for line in office.idle(office.boris)] == [("Held", True)]


def test_not_in_the_ranking(office: Office) -> None:
    desk = office.desk
    desk.give(office.deal, office.desk_person, "2026-11-03T10:00")
    desk.move(office.deal, office.stages[1], "2026-11-04T10:00")
    [line] = office.idle(office.desk_person)
    assert (line.stage, line.instead) == ("Set", "")
    desk.give(office.deal, office.boris, "2026-11-05T10:00")
    [line] = office.idle(office.desk_person)
    assert (line.stage, line.instead) == ("Set", "Boris")


def test_the_list_of_a_closed_month_adds_up_to_what_was_kept(office: Office) -> None:
    """A late move changes no number of a closed month; a line of its list says what has changed."""
    desk = office.desk
    november, december = of_month(day("2026-11-15")), desk.at("2026-12-03T10:00")
    closing.close(desk.store, month_number(november.first_day), person=office.lead, now=december)
    desk.move(office.deal, office.stages[2], "2026-11-20T10:00")
    desk.update("deal", office.deal, amount=10_000)
    with desk.store.read() as r:
        answer = ranking(r, november, now=december)
        assert answer.closed is not None
        people = [row.person_id for row in answer.rows if row.person_id is not None]
        for metric in NUMBERS:
            for row in (*answer.rows, answer.total):
                asked: dict[str, Any] = {"now": december, "limit": 1}
                if row.person_id is None:
                    found = ranking_explain.explain_people(r, november, people, metric, **asked)
                else:
                    found = ranking_explain.explain(r, november, row.person_id, metric, **asked)
                assert found.total == row.value(metric), metric
        whole = ranking_explain.explain(r, november, office.anna, "points", now=december)
        assert [(line.value, line.correction) for line in whole.lines] == [
            (-3, True), (3, False), (Decimal("0.1"), False),
        ]  # fmt: skip
        one_pipeline = ranking_explain.explain(
            r, november, office.anna, "points", now=december, pipeline_id=1
        )
        assert str(one_pipeline.total) == "3.1"
