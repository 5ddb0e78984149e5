"""What a stage move does to tasks: due moments, assignees, and the tasks of the stage left."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.moments import SECOND, Zone
from salesdesk.services import automation
from salesdesk.services.automation import (
    Absence,
    Event,
    OpenTask,
    PersonInfo,
    Situation,
    TaskRule,
    actions_for,
    due_of,
)
from salesdesk.services.calendars import WorkCalendar, calendar_of, country_days_off

MOSCOW = Zone("Europe/Moscow")
BERLIN = Zone("Europe/Berlin")
RUSSIAN = calendar_of(MOSCOW, country_days_off("RU", 2026), [2026])
GERMAN = calendar_of(BERLIN, country_days_off("DE", 2026), [2026])
ANNA, BORIS, VERA, LEAD, CHIEF = 1, 2, 3, 10, 20


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def at(text: str, zone: Zone = MOSCOW) -> int:
    return zone.moment(datetime.fromisoformat(text))


def people(**absences: Absence) -> dict[int, PersonInfo]:
    """Anna, Boris and Vera in team 1 under LEAD; CHIEF leads the department above."""
    away = {name: (absence,) for name, absence in absences.items()}
    return {
        ANNA: PersonInfo(ANNA, team_id=1, team_lead_id=LEAD, absences=away.get("anna", ())),
        BORIS: PersonInfo(BORIS, team_id=1, team_lead_id=LEAD, absences=away.get("boris", ())),
        VERA: PersonInfo(VERA, CHIEF, 1, LEAD, absences=away.get("vera", ())),
        LEAD: PersonInfo(LEAD, None, 1, LEAD, absences=away.get("lead", ())),
        CHIEF: PersonInfo(CHIEF, team_id=5),
    }


def situation(**changes: object) -> Situation:
    base = Situation(RUSSIAN, ANNA, people(), left_stage_id=100)
    return replace(base, **changes)  # type: ignore[arg-type]


def rule(**changes: object) -> TaskRule:
    return replace(TaskRule(1, 200, "Call"), **changes)  # type: ignore[arg-type]


# --- after the move ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "unit", "moved", "due"),
    [
        (90, "minutes", "2026-11-20T17:30", "2026-11-20T19:00"),
        (24, "hours", "2026-11-20T17:30", "2026-11-21T17:30"),
        (1, "days", "2026-11-20T10:00", "2026-11-21T18:00"),  # a Saturday, and stays one
        (3, "days", "2026-11-20T23:59", "2026-11-23T18:00"),
        (1, "working_days", "2026-11-20T10:00", "2026-11-23T18:00"),
        (1, "working_days", "2026-11-03T10:00", "2026-11-05T18:00"),  # over Unity Day
        (1, "working_days", "2026-11-21T10:00", "2026-11-23T18:00"),  # moved on a Saturday
        (0, "working_days", "2026-11-21T10:00", "2026-11-23T18:00"),
        (0, "days", "2026-11-20T10:00", "2026-11-20T18:00"),
        (0, "days", "2026-11-20T18:00", "2026-11-23T18:00"),  # the working day is over
        (0, "working_days", "2026-11-20T21:00", "2026-11-23T18:00"),
    ],
)
def test_after_the_move(amount: int, unit: str, moved: str, due: str) -> None:
    made = rule(due_rule="after_move", amount=amount, unit=unit)
    assert due_of(made, situation(), at(moved)) == at(due)


def test_shift_is_a_choice_with_a_default() -> None:
    friday = at("2026-11-20T10:00")
    assert not rule(unit="days").shifts()
    assert rule(unit="working_days").shifts()
    assert not rule(due_rule="before_date", unit="working_days").shifts()
    shifted = rule(unit="days", shift_to_working_day=True)
    assert due_of(shifted, situation(), friday) == at("2026-11-23T18:00")
    hours = rule(unit="hours", amount=24, shift_to_working_day=True)
    assert due_of(hours, situation(), friday + 90 * SECOND) == at("2026-11-23T10:01:30")
    kept = rule(unit="working_days", amount=0, shift_to_working_day=False)
    assert due_of(kept, situation(), at("2026-11-21T10:00")) == at("2026-11-21T18:00")


def test_a_time_of_day_is_wall_clock_time_through_clock_changes() -> None:
    german = situation(calendar=GERMAN)
    moved = at("2026-03-28T10:00", BERLIN)
    tomorrow = rule(unit="days", due_minute=600)
    due = due_of(tomorrow, german, moved)
    assert due == at("2026-03-29T10:00", BERLIN)
    assert due - moved == 23 * 3600 * SECOND
    hours = rule(unit="hours", amount=24)
    assert due_of(hours, german, moved) == at("2026-03-29T11:00", BERLIN)
    gap = rule(unit="days", due_minute=150)  # 02:30 never comes on that night
    assert due_of(gap, german, moved) == at("2026-03-29T03:00", BERLIN)


@given(st.integers(at("2026-01-01T00:00"), at("2026-12-20T00:00")), st.integers(0, 5))
def test_working_days_end_on_a_working_day_and_never_before_the_move(moved: int, n: int) -> None:
    due = due_of(rule(unit="working_days", amount=n), situation(), moved)
    assert due is not None
    assert due > moved
    assert RUSSIAN.is_working(MOSCOW.day_of(due))


# --- other due rules ---------------------------------------------------------------------------


def test_before_a_date_of_the_deal() -> None:
    moved = at("2026-11-10T10:00")
    dates = situation(dates={"expected_close": day("2026-11-25")})
    before = rule(due_rule="before_date", amount=3, date_field="expected_close")
    assert due_of(before, dates, moved) == at("2026-11-22T18:00")  # a Sunday: no shift by default
    shifted = replace(before, shift_to_working_day=True)
    assert due_of(shifted, dates, moved) == at("2026-11-23T18:00")
    working = replace(before, unit="working_days")
    assert due_of(working, dates, moved) == at("2026-11-20T18:00")
    assert due_of(before, situation(), moved) is None
    moved_along = situation(dates={"expected_close": day("2026-11-28")})
    assert due_of(before, moved_along, moved) == at("2026-11-25T18:00")


def test_on_a_fixed_date() -> None:
    fixed = rule(due_rule="on_date", fixed_day=day("2026-11-21"))
    assert due_of(fixed, situation(), 0) == at("2026-11-21T18:00")
    shifted = replace(fixed, shift_to_working_day=True)
    assert due_of(shifted, situation(), 0) == at("2026-11-23T18:00")
    assert due_of(replace(fixed, fixed_day=None), situation(), 0) is None


def test_waits_for_an_event_without_a_due_moment() -> None:
    waiting = rule(due_rule="on_event", event="child_enters", event_stage_id=7, amount=2)
    made = automation.new_task(waiting, situation(), at("2026-11-10T10:00"))
    assert (made.waits, made.due_at) == (True, None)
    assert automation.answers(waiting, Event("child_enters", stage_id=7))
    assert not automation.answers(waiting, Event("child_enters", stage_id=8))
    assert not automation.answers(waiting, Event("field_filled", field="cost"))
    assert due_of(waiting, situation(), at("2026-11-16T12:00")) == at("2026-11-18T18:00")


@pytest.mark.parametrize(
    ("changes", "event", "before"),
    [
        (
            {"event": "task_done", "event_task_rule_id": 5},
            Event("task_done", task_rule_id=5),
            {"done_rules": frozenset({5})},
        ),
        (
            {"event": "field_filled", "event_field": "cost"},
            Event("field_filled", field="cost"),
            {"filled_fields": frozenset({"cost"})},
        ),
        (
            {"event": "child_enters", "event_stage_id": 7},
            Event("child_enters", stage_id=7),
            {"child_stages": frozenset({7})},
        ),
    ],
)
def test_event_of_the_past_counts_from_the_move(
    changes: dict[str, object], event: Event, before: dict[str, object]
) -> None:
    waiting = rule(due_rule="on_event", amount=1, **changes)
    moved = at("2026-11-10T10:00")
    assert automation.answers(waiting, event)
    assert automation.new_task(waiting, situation(), moved).waits
    made = automation.new_task(waiting, situation(**before), moved)
    assert (made.waits, made.due_at) == (False, at("2026-11-11T18:00"))


# --- assignees ---------------------------------------------------------------------------------

TODAY = day("2026-11-10")
AWAY = (TODAY - 1, TODAY + 1)


def assignee(made: TaskRule, where: Situation) -> int | None:
    return automation.assignee_of(made, where, TODAY)


def test_responsible_person_named_person_and_supervisors() -> None:
    assert assignee(rule(), situation()) == ANNA
    assert assignee(rule(), situation(responsible_id=None)) is None
    named = rule(assignee_rule="person", assignee_id=BORIS)
    assert assignee(named, situation(responsible_id=None)) == BORIS
    above = rule(assignee_rule="supervisor")
    assert assignee(above, situation()) == LEAD
    assert assignee(above, situation(responsible_id=VERA)) == CHIEF  # named: before the team's lead
    assert assignee(above, situation(responsible_id=LEAD)) == LEAD  # nobody above: themself


def test_who_left_is_replaced_by_the_supervisor() -> None:
    known = {**people(), BORIS: replace(people()[BORIS], active=False)}
    named = rule(assignee_rule="person", assignee_id=BORIS)
    assert assignee(named, situation(people=known)) == LEAD
    known[LEAD] = replace(known[LEAD], active=False)
    assert assignee(named, situation(people=known)) == ANNA


def test_fewest_open_tasks_in_the_team_and_the_teams_inside() -> None:
    least = rule(assignee_rule="least_loaded", team_id=5)
    load = {ANNA: 4, BORIS: 2, VERA: 2, LEAD: 9, CHIEF: 9}
    where = situation(load=load, team_parents={1: 5, 5: None})
    assert assignee(least, where) == BORIS  # equal to Vera: the one entered first
    absent = people(boris=Absence(*AWAY))
    assert assignee(least, replace(where, people=absent)) == VERA
    assert assignee(replace(least, team_id=77), where) == ANNA  # an empty team


def test_tasks_of_one_move_are_spread() -> None:
    least = rule(assignee_rule="least_loaded", team_id=1)
    rules = [replace(least, id=n, position=n) for n in range(5)]
    made = actions_for(rules, [], situation(load={LEAD: 1}), at("2026-11-10T10:00")).create
    assert [task.assignee_id for task in made] == [ANNA, BORIS, VERA, ANNA, BORIS]


def test_absent_person_is_replaced_by_a_chain_of_substitutes() -> None:
    away = people(anna=Absence(*AWAY, BORIS), boris=Absence(*AWAY, VERA))
    assert assignee(rule(), situation(people=away)) == VERA
    circle = people(anna=Absence(*AWAY, BORIS), boris=Absence(*AWAY, ANNA))
    assert assignee(rule(), situation(people=circle)) == ANNA
    alone = people(anna=Absence(*AWAY))
    assert assignee(rule(), situation(people=alone)) == ANNA
    later = people(anna=Absence(TODAY + 1, TODAY + 9, BORIS))
    assert assignee(rule(), situation(people=later)) == ANNA
    own = people(anna=Absence(*AWAY, ANNA))
    assert assignee(rule(), situation(people=own)) == ANNA


def test_supervisor_of_the_task_is_that_of_the_assignee() -> None:
    made = automation.new_task(rule(), situation(), at("2026-11-10T10:00"))
    assert (made.assignee_id, made.supervisor_id, made.title) == (ANNA, LEAD, "Call")


# --- the stage left ----------------------------------------------------------------------------

OPEN = (
    OpenTask(1, "keep", 11, 100, "keep"),
    OpenTask(2, "complete", 12, 100, "complete"),
    OpenTask(3, "cancel", 13, 100, "cancel"),
    OpenTask(4, "by hand"),
    OpenTask(5, "of another stage", 14, 99, "cancel"),
)
NOW = at("2026-11-10T10:00")


def closed(where: Situation) -> dict[int, str]:
    return {done.task.id: done.how for done in actions_for([], OPEN, where, NOW).close}


def test_tasks_of_the_stage_left_go_by_their_rule() -> None:
    assert closed(situation()) == {2: "complete", 3: "cancel"}
    assert closed(situation(entered_kind="won")) == {2: "complete", 3: "cancel"}
    assert closed(situation(left_stage_id=None)) == {}


def test_lost_deal_cancels_all_its_open_tasks() -> None:
    lost = closed(situation(entered_kind="lost"))
    assert lost == {1: "cancel", 2: "complete", 3: "cancel", 4: "cancel", 5: "cancel"}


def test_tasks_that_must_be_done_hold_the_deal() -> None:
    must = [replace(task, must_be_done=True) for task in OPEN]
    assert [task.id for task in automation.blocking(must, 100)] == [1, 2, 3, 4]
    assert automation.blocking(OPEN, 100) == []


def test_new_tasks_come_in_the_order_of_their_rules() -> None:
    rules = [rule(id=3, position=1), rule(id=2, position=1), rule(id=1, position=2)]
    made = actions_for(rules, OPEN, situation(), NOW).create
    assert [task.rule.id for task in made] == [2, 3, 1]


def test_working_hours_are_the_team_s() -> None:
    early = situation(calendar=WorkCalendar(MOSCOW, closes=15 * 60))
    assert due_of(rule(unit="days"), early, NOW) == at("2026-11-11T15:00")
