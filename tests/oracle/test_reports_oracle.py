"""The oracle's reports, against examples worked out by hand."""

from fractions import Fraction

from tests.oracle.reports_oracle import StageTime, funnel, stage_time, transitions
from tests.oracle.story import (
    ANNA,
    BORIS,
    HELD,
    LOST,
    NEW,
    NOW,
    SET,
    SIGNED,
    WON,
    Story,
    at,
    day,
)

NOVEMBER = (day("2026-11-01"), day("2026-11-30"))


def test_transitions_count_moves_by_stage_and_responsible_person() -> None:
    story = Story().deal(
        1,
        (NEW, "2026-11-03T10:00", ANNA),
        (SET, "2026-11-04T10:00", BORIS),
        (NEW, "2026-11-04T11:00"),
        (SET, "2026-11-04T12:00"),
        (SET, "2026-11-04T13:00", ANNA),  # no move, though a change of the responsible person
        (HELD, "2026-12-01T00:00"),
    )
    by_day = transitions(story.world, *NOVEMBER, NOW)
    assert by_day == {
        (day("2026-11-03"), NEW, ANNA, None): [1],
        (day("2026-11-04"), SET, BORIS, None): [2, 4],
        (day("2026-11-04"), NEW, BORIS, None): [3],
    }
    by_week = transitions(story.world, *NOVEMBER, NOW, by="week", person=BORIS)
    assert set(by_week) == {
        (day("2026-11-02"), SET, BORIS, None),
        (day("2026-11-02"), NEW, BORIS, None),
    }
    split = transitions(story.world, *NOVEMBER, NOW, by="month", split_from=True)
    assert split[day("2026-11-01"), SET, BORIS, NEW] == [2, 4]
    assert transitions(story.world, *NOVEMBER, NOW, team=2) == {}


def test_undone_move_between_makes_the_next_one_none() -> None:
    story = Story().deal(1, (NEW, "2026-11-03T10:00", ANNA), (SET, "2026-11-04T10:00"))
    story.deal(1, (NEW, "2026-11-05T10:00"))
    story.undo(2)
    assert sum(map(len, transitions(story.world, *NOVEMBER, NOW).values())) == 1


def test_time_in_stage_is_that_of_moves_out_in_the_period() -> None:
    story = Story()
    story.deal(1, (NEW, "2026-10-30T00:00", ANNA), (SET, "2026-11-02T12:00", BORIS))
    story.deal(2, (NEW, "2026-11-02T00:00", ANNA), (SET, "2026-11-02T00:00"))
    story.deal(3, (NEW, "2026-11-02T00:00", ANNA), (SET, "2026-12-02T00:00"))
    rows = {row.stage.id: row for row in stage_time(story.world, *NOVEMBER, NOW, pipeline=1)}
    assert rows[NEW].days == [Fraction(7, 2), Fraction(0)]
    assert rows[NEW].now == [3]
    assert rows[SET].now == [1, 2]
    assert rows[NEW].mean() == rows[NEW].percentile(Fraction(1, 2)) == Fraction(7, 4)
    mine = stage_time(story.world, *NOVEMBER, NOW, pipeline=1, person=BORIS)
    assert mine[0].days == [Fraction(7, 2)]


def test_percentile_is_interpolated() -> None:
    row = StageTime(Story().world.stages[0], [Fraction(n) for n in (4, 1, 3, 2)])
    assert row.percentile(Fraction(9, 10)) == Fraction(37, 10)
    assert StageTime(row.stage).percentile(Fraction(1, 2)) is None


def test_funnel_counts_this_stage_or_a_later_one_ever() -> None:
    story = Story()
    story.deal(1, (NEW, "2026-11-02T00:00", ANNA), (HELD, "2026-12-02T00:00"))
    story.deal(1, (NEW, "2026-12-03T00:00"))
    story.deal(2, (NEW, "2026-11-02T00:00", ANNA), (SET, "2026-11-03T00:00"))
    story.deal(2, (LOST, "2026-11-04T00:00"))
    story.deal(3, (NEW, "2026-11-02T00:00", BORIS), (WON, "2026-11-03T00:00", ANNA))
    story.deal(4, (LOST, "2026-11-02T00:00", ANNA))
    story.deal(5, (NEW, "2026-12-02T00:00", ANNA))
    steps = funnel(story.world, *NOVEMBER, NOW, pipeline=1)
    assert [step.stage.id for step in steps] == [NEW, SET, HELD, SIGNED, WON]
    assert [step.reached for step in steps] == [3, 3, 2, 1, 1]
    assert [step.entered for step in steps] == [3, 1, 1, 0, 1]
    assert steps[2].from_previous == steps[2].from_first == Fraction(2, 3)
    assert steps[0].from_first == 1
    before = funnel(story.world, *NOVEMBER, at("2026-11-30T00:00"), pipeline=1)
    assert [step.reached for step in before] == [3, 2, 1, 1, 1]
    boris = funnel(story.world, *NOVEMBER, NOW, pipeline=1, person=BORIS)
    assert [step.reached for step in boris] == [1, 1, 1, 1, 1]
    nobody = funnel(story.world, *NOVEMBER, NOW, pipeline=1, team=2)
    assert nobody[1].from_first is None
