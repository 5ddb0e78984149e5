"""The oracle itself, against examples worked out by hand from the words of domain.md."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.ranking_oracle import earlier, ranking, reaches
from tests.oracle.story import (
    ANNA,
    BORIS,
    DISPATCHER,
    HELD,
    LOST,
    LOST_TOO,
    NEW,
    NOW,
    SET,
    SIGNED,
    STAGES,
    VERA,
    WON,
    Story,
    at,
    day,
    earns,
)
from tests.oracle.world import Deal, Person, Rate, Stage, Target

# --- reaches and points ------------------------------------------------------------------------


def test_each_stage_is_reached_once_in_a_life() -> None:
    story = Story().deal(
        1,
        (NEW, "2026-11-02T10:00", ANNA),
        (SET, "2026-11-03T10:00"),
        (HELD, "2026-11-04T10:00"),
        (SET, "2026-11-05T10:00"),
        (HELD, "2026-11-06T10:00"),
    )
    row = story.row(ANNA)
    assert row.points == Decimal("4.1")
    assert row.numbers["meetings_scheduled"] == row.numbers["meetings_held"] == 1
    assert row.standing["meeting_held"] == 1


def test_reach_belongs_to_who_is_responsible_with_the_move() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", ANNA), (SET, "2026-11-03T10:00", BORIS))
    story.deal(1, (HELD, "2026-11-03T10:00")).give(1, VERA, "2026-11-03T10:00")
    assert story.row(ANNA).points == Decimal("0.1")
    assert story.row(BORIS).points == Decimal(4)  # both moves came before the change, in order
    assert story.row(VERA).points == 0


def test_three_times_a_tenth_is_three_tenths() -> None:
    story = Story()
    for key in (1, 2, 3):
        story.deal(key, (NEW, "2026-11-02T10:00", ANNA))
    assert str(story.row(ANNA).points) == "0.3"


def test_midnight_belongs_to_the_day_that_begins() -> None:
    story = (
        Story().deal(1, (NEW, "2026-12-01T00:00", ANNA)).deal(2, (NEW, "2026-11-01T00:00", ANNA))
    )
    assert story.row(ANNA).items["requests_new"] == [2]
    assert story.row(ANNA).numbers["in_work"] == 1


def test_what_happens_at_this_very_now_is_included_and_what_follows_is_not() -> None:
    story = (
        Story().deal(1, (NEW, "2026-11-21T12:00", ANNA)).deal(2, (NEW, "2026-11-22T00:00", ANNA))
    )
    row = story.row(ANNA, now=at("2026-11-21T12:00"))
    assert row.items["requests_new"] == row.items["in_work"] == row.items["requests_total"] == [1]
    before = story.row(ANNA, now=at("2026-11-21T12:00") - 1)
    assert before.numbers["requests_new"] == 0


def test_undone_moves_leave_no_trace() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", ANNA), (WON, "2026-11-03T10:00"))
    story.deal(1, (NEW, "2026-11-04T10:00"))
    assert story.row(ANNA).numbers["won"] == 1
    story.undo(2)
    assert story.numbers(ANNA) == {
        "requests_total": 1,
        "requests_new": 1,
        "in_work": 1,
        "deals_without_tasks": 1,
    }
    assert len(reaches(story.world)) == 1  # the move back to "new" has become none


def test_deleted_deals_count_nowhere_and_restored_ones_do() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", ANNA)).task(1, 1, ANNA, "2026-11-02T10:00")
    kept = list(story.world.deals)
    story.world.deals = [replace(deal, deleted=True) for deal in kept]
    assert story.numbers(ANNA) == {}
    story.world.deals = kept
    assert story.row(ANNA).numbers["tasks_total"] == 1


def test_pipelines_that_do_not_count() -> None:
    story = Story().deal(1, (20, "2026-11-02T10:00", ANNA)).task(1, 1, ANNA, "2026-11-02T10:00")
    assert story.numbers(ANNA) == {}
    assert story.row(ANNA).points == 0


def test_points_are_those_of_the_day_of_the_reach() -> None:
    story = Story()
    changed = ((None, Decimal("0.1")), (day("2026-11-10"), Decimal("0.5")))
    story.world.stages[0] = replace(STAGES[0], points=changed)
    story.deal(1, (NEW, "2026-11-09T23:59", ANNA)).deal(2, (NEW, "2026-11-10T00:00", ANNA))
    assert story.row(ANNA).points == Decimal("0.6")
    table = {NEW: earns("2")}
    tried = ranking(story.world, day("2026-11-01"), day("2026-11-30"), NOW, points=table)
    assert tried.row(ANNA).points == 4


def test_skipped_stages_only_where_they_count_and_only_forward() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", ANNA), (SIGNED, "2026-11-03T10:00"))
    story.deal(2, (HELD, "2026-11-02T10:00", BORIS), (NEW, "2026-11-03T10:00"))
    story.deal(3, (NEW, "2026-11-02T10:00", VERA), (LOST, "2026-11-03T10:00"))
    assert story.row(ANNA).points == Decimal("7.1")
    story.world.counts_skipped = True
    assert story.row(ANNA).points == Decimal("11.1")
    assert story.row(BORIS).points == Decimal("3.1")
    assert story.row(VERA).points == Decimal("0.1")
    story.deal(1, (SET, "2026-11-05T10:00"))  # it had passed over that one already
    assert story.row(ANNA).points == Decimal("11.1")


def test_voided_reach_counts_nowhere_and_the_next_entry_does() -> None:
    story = Story().deal(
        1,
        (NEW, "2026-11-02T10:00", ANNA),
        (SET, "2026-11-03T10:00"),
        (NEW, "2026-11-04T10:00"),
        (SET, "2026-12-05T10:00", BORIS),
    )
    story.rule("void", 1, SET, 2)
    assert story.row(ANNA).points == Decimal("0.1")
    assert [r.move for r in reaches(story.world) if r.stage.id == SET] == [4]
    story.rule("restore", 1, SET, 2)
    assert story.row(ANNA).points == Decimal("1.1")


def test_credited_reach_belongs_to_another_person() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", ANNA), (SET, "2026-11-03T10:00"))
    story.rule("credit", 1, SET, 2, BORIS)
    assert (story.row(ANNA).points, story.row(BORIS).points) == (Decimal("0.1"), Decimal(1))
    assert story.row(BORIS).items["meetings_scheduled"] == [1]
    assert story.row(ANNA).numbers["in_work"] == 1


def test_people_out_of_the_ranking_are_skipped() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", DISPATCHER), (SET, "2026-11-03T10:00"))
    assert all(reach.person is None for reach in reaches(story.world))
    story.give(1, ANNA, "2026-12-02T10:00").give(1, BORIS, "2026-12-03T10:00")
    november = story.november()
    assert november.row(ANNA).points == Decimal("1.1")  # on the days of the moves
    assert november.row(ANNA).numbers["requests_new"] == 1
    assert november.row(ANNA).numbers["in_work"] == 0  # in November the dispatcher had it
    assert november.row(BORIS).points == 0
    assert all(row.person.id != DISPATCHER for row in november.rows)


def test_deals_of_nobody_are_in_no_row() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", None), (SET, "2026-11-03T10:00"))
    story.give(1, ANNA, "2026-11-04T10:00")
    row = story.row(ANNA)
    assert row.points == 0
    assert row.numbers["requests_new"] == row.numbers["in_work"] == 1


# --- metrics 1 to 3 and 9 ------------------------------------------------------------------------


def test_a_time_of_no_length_is_no_moment() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T10:00", ANNA), (SET, "2026-11-02T10:00", BORIS))
    row = story.row(ANNA)
    assert row.numbers["requests_total"] == 0
    assert row.numbers["requests_new"] == 1
    assert row.points == Decimal("0.1")
    assert story.row(BORIS).numbers["requests_total"] == 1


def test_requests_of_a_period_were_open_in_it() -> None:
    story = Story()
    story.deal(1, (NEW, "2026-10-02T10:00", ANNA), (LOST, "2026-11-01T00:00"))  # closed in it
    story.deal(2, (NEW, "2026-10-02T10:00", ANNA), (LOST, "2026-10-31T23:59"))
    story.deal(3, (NEW, "2026-11-30T23:59", ANNA))
    story.deal(4, (NEW, "2026-12-01T00:00", ANNA))
    story.deal(5, (NEW, "2026-10-02T10:00", ANNA)).give(5, BORIS, "2026-11-01T00:00")
    story.deal(6, (NEW, "2026-10-02T10:00", ANNA)).give(6, BORIS, "2026-11-01T00:01")
    assert story.row(ANNA).items["requests_total"] == [1, 3, 6]
    assert story.row(BORIS).items["requests_total"] == [5, 6]


def test_closed_on_creation_and_lost_to_won_are_closings() -> None:
    story = Story().deal(1, (NEW, "2026-11-02T00:00", ANNA), (WON, "2026-11-02T00:00"))
    story.deal(2, (NEW, "2026-10-01T00:00", ANNA), (LOST, "2026-10-02T00:00"))
    story.deal(2, (WON, "2026-11-05T00:00", BORIS))
    story.deal(3, (NEW, "2026-10-01T00:00", ANNA), (LOST, "2026-10-02T00:00"))
    story.deal(3, (LOST_TOO, "2026-11-05T00:00"))
    assert story.row(ANNA).items["requests_total"] == [1]
    assert story.row(BORIS).items["requests_total"] == [2]


def test_refusals_stand_at_the_end_and_were_entered_in_the_period() -> None:
    story = Story()
    new = (NEW, "2026-10-01T00:00", ANNA)
    story.deal(1, new, (LOST, "2026-11-02T00:00"))
    story.deal(2, new, (LOST, "2026-11-02T00:00"), (NEW, "2026-11-03T00:00"))  # taken back
    story.deal(3, new, (LOST, "2026-11-02T00:00"), (NEW, "2026-12-03T00:00"))  # later
    story.deal(4, new, (LOST, "2026-10-02T00:00"))
    story.deal(5, new, (LOST, "2026-10-02T00:00"), (LOST_TOO, "2026-11-02T00:00", BORIS))
    story.deal(6, new, (LOST, "2026-11-02T00:00")).give(6, BORIS, "2026-11-05T00:00")
    assert story.row(ANNA).items["lost"] == [1, 3, 6]
    assert story.row(BORIS).items["lost"] == [5]


def test_reasons_that_are_no_refusal() -> None:
    story = Story().deal(1, (NEW, "2026-10-01T00:00", ANNA), (LOST, "2026-11-02T00:00"))
    story.world.moves[1] = replace(story.world.moves[1], refusal=False)
    assert story.row(ANNA).numbers["lost"] == 0
    story.world.deals[0] = replace(story.world.deals[0], refusal=True)  # corrected on the deal
    assert story.row(ANNA).numbers["lost"] == 1
    story.deal(1, (NEW, "2026-12-03T00:00"))
    story.world.deals[0] = replace(story.world.deals[0], refusal=None)
    assert story.row(ANNA).numbers["lost"] == 0


def test_two_stages_of_one_milestone_are_one_deal_and_the_points_of_both() -> None:
    story = Story()
    story.world.stages.append(Stage(14, 1, 4, "open", "meeting_held", earns("2")))
    story.deal(1, (HELD, "2026-11-02T10:00", ANNA), (14, "2026-11-03T10:00"))
    row = story.row(ANNA)
    assert (row.numbers["meetings_held"], row.points) == (1, Decimal(5))


# --- tasks -------------------------------------------------------------------------------------


def test_tasks_open_at_some_moment_and_overdue_at_the_end() -> None:
    story = Story().deal(1, (NEW, "2026-10-01T00:00", ANNA))
    story.task(1, 1, ANNA, "2026-10-01T00:00", closed="2026-11-01T00:00")
    story.task(2, 1, ANNA, "2026-10-01T00:00", due="2026-11-30T23:59", closed="2026-12-01T00:00")
    story.task(3, 1, ANNA, "2026-11-05T00:00", due="2026-12-01T00:00")
    story.task(4, 1, ANNA, "2026-11-05T00:00", closed="2026-11-05T00:00")
    story.task(5, None, ANNA, "2026-11-05T00:00")  # of a client, waiting
    story.fact(3, "2026-11-30T12:00", assignee=BORIS)
    row = story.row(ANNA)
    assert row.items["tasks_total"] == [2, 3, 5]
    assert row.items["tasks_overdue"] == [2]
    assert story.row(BORIS).items["tasks_total"] == [3]
    only = ranking(story.world, day("2026-11-01"), day("2026-11-30"), NOW, pipeline=1)
    assert only.row(ANNA).items["tasks_total"] == [2, 3]


def test_due_at_this_very_now_is_not_overdue_yet() -> None:
    story = Story().task(1, None, ANNA, "2026-11-05T00:00", due="2026-11-21T12:00")
    now = at("2026-11-21T12:00")
    assert story.row(ANNA, now).numbers["tasks_overdue"] == 0
    assert story.row(ANNA, now + 1).numbers["tasks_overdue"] == 1


def test_deals_without_tasks_and_postponements() -> None:
    story = (
        Story().deal(1, (NEW, "2026-11-01T00:00", ANNA)).deal(2, (NEW, "2026-11-01T00:00", ANNA))
    )
    story.task(1, 1, BORIS, "2026-11-05T00:00", closed="2026-12-01T00:00")
    story.task(2, 2, BORIS, "2026-11-05T00:00", closed="2026-11-30T00:00")
    story.fact(1, "2026-11-10T00:00", due=at("2026-12-24T00:00"), postponement=True)
    assert story.row(ANNA).items["deals_without_tasks"] == [2]
    assert story.row(BORIS).postponements == 1


# --- money -------------------------------------------------------------------------------------


def sold(**deal: object) -> Story:
    story = Story().deal(1, (NEW, "2026-11-02T00:00", ANNA), (WON, "2026-11-10T00:00"))
    story.world.deals[0] = replace(Deal(1, Decimal(1000)), **deal)  # type: ignore[arg-type]
    return story


def test_revenue_is_the_present_amount_even_when_re_opened() -> None:
    story = sold().deal(1, (NEW, "2026-11-20T00:00"))
    assert story.row(ANNA).revenue == 1000
    assert story.row(ANNA).items["revenue"] == [(1, Decimal(1000))]


def test_gross_profit_subtracts_own_cost_and_the_children_s() -> None:
    story = sold(cost=Decimal("100.5"))
    story.world.deals += [
        Deal(2, cost=Decimal(200), parent=1),
        Deal(3, cost=Decimal(50), parent=1, deleted=True),
        Deal(4, cost=Decimal(7), parent=2),
    ]
    assert story.row(ANNA).gross_profit == Decimal("699.5")
    assert story.row(ANNA).revenue == 1000


def test_rate_is_that_of_the_day_of_winning() -> None:
    story = sold(currency="USD", amount=Decimal(10), cost=Decimal(1))
    story.world.rates = [
        Rate("USD", Decimal(80)),
        Rate("USD", Decimal(90), day("2026-11-10")),
        Rate("USD", Decimal(95), day("2026-11-11")),
    ]
    assert (story.row(ANNA).revenue, story.row(ANNA).gross_profit) == (Decimal(900), Decimal(810))


def test_currency_without_a_rate_is_left_out_and_named() -> None:
    story = sold(currency="USD")
    answer = story.november()
    assert answer.row(ANNA).revenue == 0
    assert answer.row(ANNA).numbers["won"] == 1
    assert answer.unrated == {"USD"}


def test_a_deal_won_twice_is_one_amount() -> None:
    story = sold()
    story.world.stages.append(Stage(18, 1, 8, "won", "won", earns("5")))
    story.deal(1, (18, "2026-11-12T00:00"))
    row = story.row(ANNA)
    assert (row.numbers["won"], row.revenue, row.points) == (1, Decimal(1000), Decimal("40.1"))


# --- order, rows, ranks, plans -------------------------------------------------------------------


def test_order_by_points_won_revenue_and_name_with_shared_ranks() -> None:
    story = Story()
    story.world.persons.append(Person(4, "Äda"))
    story.deal(1, (SET, "2026-11-02T00:00", VERA))
    story.deal(2, (NEW, "2026-11-02T00:00", BORIS)).deal(3, (NEW, "2026-11-02T00:00", ANNA))
    november = story.november()
    assert [row.person.id for row in november.rows] == [VERA, ANNA, BORIS, 4]
    assert [row.rank for row in november.rows] == [1, 2, 2, 4]


def test_change_of_rank_is_against_the_whole_month_before() -> None:
    story = (
        Story().deal(1, (SET, "2026-10-31T23:59", ANNA)).deal(2, (HELD, "2026-11-01T00:00", BORIS))
    )
    november = story.november(now=at("2026-11-10T00:00"))
    changes = {row.person.id: (row.rank, row.rank_change) for row in november.rows}
    assert changes == {BORIS: (1, 1), ANNA: (2, -1), VERA: (2, 0)}


def test_rows_are_active_managers_and_whoever_has_a_number() -> None:
    story = Story()
    story.world.persons += [
        Person(4, "Left", last_day=day("2026-12-14")),
        Person(5, "Left with a number", last_day=day("2026-11-20")),
        Person(6, "Last day today", last_day=day("2026-12-15")),
        Person(7, "Lead", role="team_lead"),
        Person(8, "Lead with a task", role="team_lead"),
        Person(11, "Not begun", first_day=day("2026-12-16")),
    ]
    story.deal(1, (NEW, "2026-11-02T00:00", 5)).task(1, None, 8, "2026-11-02T00:00")
    shown = {row.person.id for row in story.november().rows}
    assert shown == {ANNA, BORIS, VERA, 5, 6, 8}


def test_ranks_are_within_the_team_shown() -> None:
    story = Story().deal(1, (SET, "2026-11-02T00:00", VERA))
    span = (day("2026-11-01"), day("2026-11-30"), NOW)
    assert {r.person.id for r in ranking(story.world, *span, team=1).rows} == {ANNA, BORIS}
    assert ranking(story.world, *span, team=1).row(ANNA).rank == 1
    assert {r.person.id for r in ranking(story.world, *span, team=3).rows} == {ANNA, BORIS, VERA}


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
        (("2026-11-01", "2026-11-29"), ("2026-10-03", "2026-10-31")),
    ],
)
def test_the_period_before(period: tuple[str, str], before: tuple[str, str]) -> None:
    assert earlier(*map(day, period)) == tuple(map(day, before))


def test_plans_norms_and_levels() -> None:
    story = Story()
    november = 2026 * 12 + 10
    story.world.plans = [
        Target("meetings_scheduled", Decimal(2), november, ANNA),
        Target("points", Decimal("2.0"), november, ANNA),
        Target("won", Decimal(1), november, BORIS),
    ]
    story.world.norms = [
        Target("lost", Decimal(0), None),
        Target("deals_without_tasks", Decimal(5), None),
        Target("deals_without_tasks", Decimal(0), november, None, 3),
    ]
    story.deal(1, (SET, "2026-11-02T00:00", ANNA), (HELD, "2026-11-03T00:00"))
    story.deal(2, (SET, "2026-11-02T00:00", BORIS), (LOST, "2026-11-03T00:00"))
    anna, boris = story.row(ANNA), story.row(BORIS)
    assert anna.levels["meetings_scheduled"] == "half"
    assert anna.levels["points"] == "full"
    assert anna.levels["deals_without_tasks"] == "over"
    assert boris.levels["won"] == "none"
    assert boris.levels["lost"] == "over"
    one = ranking(story.world, day("2026-11-03"), day("2026-11-03"), NOW)
    assert one.row(BORIS).levels["lost"] == "none"
    assert one.row(ANNA).levels["deals_without_tasks"] == "over"
    week = ranking(story.world, day("2026-11-02"), day("2026-11-08"), NOW).row(ANNA)
    assert week.targets["points"] == Fraction(10, 21)
