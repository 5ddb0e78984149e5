"""A closed month stays as it was closed, whatever happens later, and tells what has changed."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.services import (
    action_plans,
    closing,
    closing_frozen,
    deals,
    history,
    people,
    periods,
    pipelines,
    plan_blocks,
    ranking,
    ranking_plans,
    rights,
    rulings,
    settings,
    stage_points,
)
from salesdesk.services.plan_blocks import Cell
from salesdesk.services.ranking_points import Points
from salesdesk.ui import month_words
from tests.builders import empty_store
from tests.services.closing_desk import NOVEMBER, OCTOBER, SEPTEMBER, ClosingDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClosingDesk]:
    with empty_store(tmp_path) as store:
        yield ClosingDesk(store)


def answer(desk: ClosingDesk) -> str:
    """The answers of October to the byte: rows, JSON, and the team's."""
    whole, team = desk.ranking(), desk.ranking(team=desk.sales)
    return repr((whole, team)) + json.dumps(ranking.as_json(whole, desk.store.zone))


# --- closing and opening -----------------------------------------------------------------------


def test_a_closed_month_answers_as_it_stood(desk: ClosingDesk) -> None:
    before, team = desk.ranking(), desk.ranking(team=desk.sales)
    desk.close()
    after = desk.ranking()
    assert before.closed is None
    assert repr(after.rows) == repr(before.rows)
    assert repr(after.total) == repr(before.total)
    assert (after.start, after.stop, after.currency) == (before.start, before.stop, "RUB")
    within = desk.ranking(team=desk.sales)
    assert repr((within.rows, within.total)) == repr((team.rows, team.total))
    assert after.closed is not None
    assert (after.closed.at, after.closed.person) == (desk.now, "Lena")
    document = ranking.as_json(after, desk.store.zone)
    assert document["closed_at"].startswith("2026-11-03T10:00:00")
    assert document["closed_at"].endswith("+03:00")
    assert ranking.as_json(before)["closed_at"] is None


def test_a_month_that_goes_on_is_not_closed(desk: ClosingDesk) -> None:
    with pytest.raises(Refused, match="not over yet"):
        desk.close(NOVEMBER)
    midnight = desk.at("2026-12-01T00:00")
    with pytest.raises(Refused, match="not over yet"):
        desk.close(NOVEMBER, now=midnight - 1)
    desk.close(NOVEMBER, now=midnight)


def test_a_month_is_closed_once(desk: ClosingDesk) -> None:
    desk.close()
    with pytest.raises(Refused, match="closed already"):
        desk.close()
    with desk.store.read() as r:
        assert r.value("SELECT count(*) FROM closed_month") == 1


def test_months_are_closed_in_any_order(desk: ClosingDesk) -> None:
    desk.close(OCTOBER)
    desk.close(SEPTEMBER)
    with desk.store.read() as r:
        assert [m.month for m in closing_frozen.every(r, desk.now)] == [SEPTEMBER, OCTOBER]


def test_before_it_was_closed_a_month_was_open(desk: ClosingDesk) -> None:
    desk.close()
    with desk.store.read() as r:
        period = periods.of_months(OCTOBER)
        assert ranking.ranking(r, period, now=desk.now - 1).closed is None
        assert ranking.ranking(r, period, now=desk.now).closed is not None


def test_undo_opens_and_redo_closes_again(desk: ClosingDesk) -> None:
    command = desk.close()
    kept = answer(desk)
    deals.change(desk.store, desk.big, {"amount": Decimal(1)}, **desk.later())
    history.undo(desk.store, command, person=desk.lead, now=desk.now)
    assert desk.ranking().closed is None
    assert desk.ranking().total.revenue == desk.live().total.revenue
    history.redo(desk.store, command, person=desk.lead, now=desk.now)
    assert answer(desk) == kept


def test_an_administrator_opens_a_month_with_a_reason(desk: ClosingDesk) -> None:
    desk.close()
    with pytest.raises(Invalid, match="Say why"):
        closing.reopen(desk.store, OCTOBER, reason=" ", **desk.later())
    with pytest.raises(Refused, match="administrator"):
        closing.reopen(desk.store, OCTOBER, reason="late", person=desk.lead, now=desk.now)
    command = closing.reopen(desk.store, OCTOBER, reason="late", **desk.later())
    assert desk.ranking().closed is None
    with pytest.raises(Refused, match="not closed"):
        closing.reopen(desk.store, OCTOBER, reason="late", **desk.later())
    history.undo(desk.store, command, person=desk.admin, now=desk.now)
    assert desk.ranking().closed is not None


def test_the_latest_closing_holds(desk: ClosingDesk) -> None:
    """Closed, opened, closed again; then the opening is taken back: there are two records."""
    desk.close()
    opened = closing.reopen(desk.store, OCTOBER, reason="late", **desk.later())
    deals.change(desk.store, desk.big, {"amount": Decimal(1)}, **desk.later())
    desk.close()
    kept = answer(desk)
    history.undo(desk.store, opened, person=desk.admin, now=desk.now)
    assert answer(desk) == kept
    closing.reopen(desk.store, OCTOBER, reason="both", **desk.later())
    assert desk.ranking().closed is None


def test_who_may_close(desk: ClosingDesk) -> None:
    with pytest.raises(Refused, match="team lead"):
        desk.close(person=desk.anna)
    desk.close(SEPTEMBER, person=desk.admin)
    with desk.store.read() as r:
        assert not rights.may(r, desk.anna, "lead")
        assert closing.may_reopen(r, desk.admin)
        assert not closing.may_reopen(r, desk.lead)


def test_pipelines_and_tried_points_are_counted_anew(desk: ClosingDesk) -> None:
    desk.close()
    deals.change(desk.store, desk.big, {"amount": Decimal(1)}, **desk.later())
    period = periods.of_months(OCTOBER)
    with desk.store.read() as r:
        pipeline = r.value("SELECT id FROM pipeline")
        of_one = ranking.ranking(r, period, now=desk.now, pipeline_id=pipeline)
        tried = ranking.ranking(r, period, now=desk.now, weights=Points())
    assert of_one.closed is None
    assert tried.closed is None
    assert of_one.total.revenue == desk.live().total.revenue != desk.ranking().total.revenue


def test_a_team_made_later_is_counted_anew(desk: ClosingDesk) -> None:
    desk.close()
    team = people.add_team(desk.store, "East", **desk.later()).id
    people.change_person(desk.store, desk.anna, {"team_id": team}, **desk.later())
    assert desk.ranking(team=team).closed is None
    assert [row.person for row in desk.ranking(team=team).rows] == ["Anna"]
    assert {row.person for row in desk.ranking(team=desk.sales).rows} == {"Anna", "Boris"}


def test_the_next_month_is_compared_with_the_closed_one(desk: ClosingDesk) -> None:
    """Change of rank in November: against October as it was closed."""
    desk.close()
    changes = [(row.person, row.rank_change) for row in desk.ranking(NOVEMBER).rows]
    stage = desk.stages[5]
    rulings.void(desk.store, desk.big, stage, reason="gone", **desk.later())
    assert [(row.person, row.rank_change) for row in desk.ranking(NOVEMBER).rows] == changes


def test_longer_periods_name_the_closed_months_that_have_moved(desk: ClosingDesk) -> None:
    desk.close(SEPTEMBER)
    desk.close(OCTOBER)
    quarter = periods.of_months(SEPTEMBER, 3)
    with desk.store.read() as r:
        before = closing.closed_within(r, quarter, now=desk.now)
        assert ranking.ranking(r, quarter, now=desk.now).closed is None
        assert closing.closed_within(r, periods.of_months(OCTOBER), now=desk.now) == []
    deals.change(desk.store, desk.big, {"amount": Decimal(1)}, **desk.later())
    with desk.store.read() as r:
        after = closing.closed_within(r, quarter, now=desk.now)
    assert before == [(SEPTEMBER, False), (OCTOBER, False)]
    assert after == [(SEPTEMBER, False), (OCTOBER, True)]


def test_what_is_doubtful_before_closing(desk: ClosingDesk) -> None:
    deals.change(desk.store, desk.small, {"amount": None}, **desk.later())
    with desk.store.read() as r:
        found = closing.outlook(r, OCTOBER, now=desk.now)
    doubts = {one.kind: one for one in found.doubts}
    assert doubts["no_amount"].ids == (desk.small,)
    assert doubts["no_plan"].names == ("Boris",)
    assert set(doubts) == {"no_amount", "no_plan", "no_steps"}
    assert (found.plans, found.norms, found.teams, found.is_over) == (1, 1, 2, True)


def test_a_month_without_anybody_says_so_and_one_to_come_is_not_doubtful(
    desk: ClosingDesk,
) -> None:
    for person in (desk.anna, desk.boris):
        desk.desk.update("person", person, in_ranking=0)
    with desk.store.read() as r:
        empty = {one.kind for one in closing.outlook(r, OCTOBER, now=desk.now).doubts}
        assert closing.outlook(r, NOVEMBER + 1, now=desk.now).doubts == ()
    assert "nobody" in empty


# --- corrections -------------------------------------------------------------------------------


def amount(desk: ClosingDesk) -> None:
    deals.change(desk.store, desk.big, {"amount": Decimal(900_000)}, **desk.later())


def late_import(desk: ClosingDesk) -> None:
    desk.desk.deal(desk.stages[1], "2026-10-20T10:00", desk.anna)


def ruling(desk: ClosingDesk) -> None:
    rulings.void(desk.store, desk.big, desk.stages[5], reason="a test deal", **desk.later())


def points_ever(desk: ClosingDesk) -> None:
    stage_points.set_points(desk.store, desk.stages[5], Decimal(40), **desk.later())


def another_rate(desk: ClosingDesk) -> None:
    settings.set_rate(desk.store, "USD", Decimal(100), **desk.later())


def skipped(desk: ClosingDesk) -> None:
    settings.change(desk.store, {"count_skipped_stages": True}, **desk.later())


def milestone(desk: ClosingDesk) -> None:
    pipelines.change_stage(desk.store, desk.stages[0], {"milestone": "meeting_held"},
                           **desk.later())  # fmt: skip


def out_of_ranking(desk: ClosingDesk) -> None:
    people.change_person(desk.store, desk.boris, {"in_ranking": False}, **desk.later())


def deleted(desk: ClosingDesk) -> None:
    deals.delete(desk.store, [desk.small], **desk.later())


LATER: dict[str, tuple[Callable[[ClosingDesk], None], str, str]] = {
    "amount": (amount, "Anna", "revenue"),
    "late import": (late_import, "Anna", "points"),
    "ruling": (ruling, "Anna", "won"),
    "points for all time": (points_ever, "Boris", "points"),
    "rate": (another_rate, "Boris", "gross_profit"),
    "skipped stages": (skipped, "Anna", "points"),
    "milestone": (milestone, "Anna", "meetings_held"),
    "out of the ranking": (out_of_ranking, "Boris", "won"),
    "deleted": (deleted, "Boris", "revenue"),
}


@pytest.mark.parametrize("what", LATER)
def test_a_later_change_is_a_correction(desk: ClosingDesk, what: str) -> None:
    change, person, metric = LATER[what]
    desk.close()
    assert desk.corrections() == ()
    kept = answer(desk)
    change(desk)
    assert answer(desk) == kept
    found = desk.by_metric(person)[metric]
    live = {row.person: row for row in desk.live().rows}
    now: Any = live[person].value(metric) if person in live else 0
    assert found.now == now != found.closed
    assert found.difference == now - found.closed
    with desk.store.read() as r:
        assert [entry.id for entry in found.causes] == [r.value("SELECT max(id) FROM command")]


def test_numbers_that_did_not_change_are_no_corrections(desk: ClosingDesk) -> None:
    desk.close()
    amount(desk)
    found = desk.corrections()
    assert {(one.person, one.metric) for one in found} == {
        ("Anna", "revenue"), ("Anna", "gross_profit")
    }  # fmt: skip
    [revenue] = [one for one in found if one.metric == "revenue"]
    assert revenue.difference == -100_000
    [item] = revenue.items
    assert (item.deal_id, item.was, item.now) == (desk.big, 1_000_000, 900_000)


def test_a_changed_amount_is_no_cause_of_what_counts_deals(desk: ClosingDesk) -> None:
    desk.close()
    amount(desk)
    ruling(desk)
    found = desk.by_metric("Anna")
    assert [entry.kind for entry in found["won"].causes] == ["reach.void"]
    assert [entry.kind for entry in found["revenue"].causes] == ["deal.change", "reach.void"]


def test_what_concerns_other_numbers_or_later_days_is_no_cause(desk: ClosingDesk) -> None:
    desk.close()
    rulings.void(desk.store, desk.big, desk.stages[0], reason="twice", **desk.later())
    deals.move(desk.store, [desk.big], desk.stages[2], **desk.later())
    amount(desk)
    found = desk.by_metric("Anna")
    assert [entry.kind for entry in found["revenue"].causes] == ["deal.change"]
    assert [entry.kind for entry in found["points"].causes] == ["reach.void"]


def test_what_was_taken_back_is_no_correction(desk: ClosingDesk) -> None:
    desk.close()
    amount(desk)
    with desk.store.read() as r:
        command = r.value("SELECT max(id) FROM command")
    history.undo(desk.store, command, person=desk.admin, now=desk.now)
    assert desk.corrections() == ()


def test_taking_back_what_was_before_is_a_correction(desk: ClosingDesk) -> None:
    command = desk.desk.commands[-1]  # the task of the open deal
    desk.close()
    history.undo(desk.store, command, person=desk.admin, now=desk.now)
    found = desk.by_metric("Boris")
    assert set(found) == {"tasks_total", "tasks_overdue", "deals_without_tasks"}
    for one in found.values():
        assert [entry.kind for entry in one.causes] == ["undo"]


def test_taking_back_an_old_move_is_a_correction(desk: ClosingDesk) -> None:
    desk.close()
    history.undo(desk.store, desk.winning, person=desk.admin, now=desk.now)
    found = desk.by_metric("Anna")
    assert {"won", "points", "revenue", "gross_profit", "in_work"} <= set(found)
    for one in found.values():
        assert [(entry.kind, entry.undoes) for entry in one.causes] == [("undo", desk.winning)]


def test_a_child_deal_corrects_the_gross_profit_of_its_parent(desk: ClosingDesk) -> None:
    desk.close()
    desk.desk.deal(desk.stages[0], "2026-11-03T09:00", parent_id=desk.big, cost="1000")
    found = desk.by_metric("Anna")
    assert set(found) == {"gross_profit"}
    assert found["gross_profit"].difference == -1000
    assert len(found["gross_profit"].causes) == 1


def test_plans_norms_and_teams_are_corrected_too(desk: ClosingDesk) -> None:
    desk.close()
    kept = answer(desk)
    given = desk.later()
    ranking_plans.set_plan(desk.store, "gross_profit", OCTOBER, Decimal(5), person_id=desk.anna,
                           **given)  # fmt: skip
    ranking_plans.set_plan(desk.store, "won", OCTOBER, Decimal(2), team_id=desk.sales, **given)
    ranking_plans.set_norm(desk.store, "lost", Decimal(0), **given)
    people.change_person(desk.store, desk.anna, {"team_id": desk.parts}, **given)
    assert answer(desk) == kept
    found = {(one.what, one.person): one for one in desk.corrections()}
    plan, team = found["plan", "Anna"], found["team", "Anna"]
    assert (plan.closed, plan.now, plan.difference) == (1_000_000, 5, -999_995)
    assert (found["plan", "Sales"].closed, found["plan", "Sales"].now) == (None, 2)
    assert (found["norm", ""].closed, found["norm", ""].now) == (3, 0)
    assert (team.closed, team.now, team.difference) == ("Sales", "Parts", None)
    for one in found.values():
        assert len(one.causes) == 1, one


def test_a_correction_of_a_plan_of_actions_says_which_and_names_no_other(
    desk: ClosingDesk,
) -> None:
    call = desk.desk.insert("task_kind", name="Call", name_key="call")
    visit = desk.desk.insert("task_kind", name="Visit", name_key="visit")
    desk.close()
    commands = {
        name: plan_blocks.set_cells(
            desk.store,
            [(Cell(action_plans.metric_of(kind), desk.anna, None, OCTOBER), Decimal(7))],
            **desk.later(),
        ).command_id
        for name, kind in (("Call", call), ("Visit", visit))
    }
    found = desk.corrections()
    assert {one.kind: [cause.id for cause in one.causes] for one in found} == {
        name: [command] for name, command in commands.items()
    }
    assert {month_words.what(one) for one in found} == {"Plan: Done: Call", "Plan: Done: Visit"}


def test_an_open_month_has_no_corrections(desk: ClosingDesk) -> None:
    amount(desk)
    assert desk.corrections() == ()
