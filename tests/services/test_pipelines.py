"""Pipelines, stages, points, task rules and link rules: what may be saved, and what it changes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.services import deals, link_rules, pipelines, stage_points, task_rules
from salesdesk.services.automation import TaskRule
from salesdesk.services.link_rules import LinkRule
from tests.services.configured import NOW, hire, stage, workspace

BY: dict[str, Any] = {"person": None, "now": NOW}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path) as opened:
        yield opened


@pytest.fixture
def turnkey(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path, "turnkey", name="turnkey.salesdesk") as opened:
        yield opened


def names(store: Store) -> list[str]:
    with store.read() as r:
        return [one.name for one in pipelines.stages(r)]


def deal_in(store: Store, name: str, owner: int | None = None) -> int:
    new = deals.NewDeal("Racks", stage(store, name), owner_id=owner)
    return deals.create(store, new, person=owner, now=NOW).deal_ids[0]


# --- stages ------------------------------------------------------------------------------------


def test_stages_are_found_by_name_id_and_pipeline(turnkey: Store) -> None:
    with turnkey.read() as r:
        held = pipelines.find_stage(r, None, " meeting  HELD ")
        assert pipelines.find_stage(r, held.pipeline_id, str(held.id)) == held
        with pytest.raises(Invalid):
            pipelines.find_stage(r, None, "Estimate ready")
        found = pipelines.find_stage(r, "logistics", "Estimate ready")
        assert pipelines.find_stage(r, None, "Logistics/estimate ready") == found
        with pytest.raises(NotFound, match="Meeting held"):
            pipelines.find_stage(r, held.pipeline_id, "Nowhere")
        with pytest.raises(NotFound, match="Logistics"):
            pipelines.find_pipeline(r, "Nowhere")


def test_a_new_open_stage_stands_before_the_closed_ones(store: Store) -> None:
    with store.read() as r:
        [sales] = pipelines.pipelines(r)
    made = pipelines.add_stage(store, sales.id, "Trial", {"milestone": "meeting_held"}, **BY).id
    assert names(store)[-3:] == ["Trial", "Won", "Lost"]
    with store.read() as r:
        trial = pipelines.stage_of(r, made)
        assert (trial.points, trial.kind) == (Decimal(3), "open")
    lost = pipelines.add_stage(store, sales.id, "Gone", {"kind": "lost"}, **BY).id
    with store.read() as r:
        gone = pipelines.stage_of(r, lost)
        assert (gone.milestone, gone.colour, gone.points) == ("lost", "red", Decimal(0))


@pytest.mark.parametrize(
    "values",
    [
        {"name": "won"},
        {"name": " "},
        {"kind": "maybe"},
        {"colour": "ultraviolet"},
        {"milestone": "lunch"},
        {"probability": 101},
        {"probability": None},
        {"limit_days": 0},
        {"limit_days": "7"},
        {"required": ["shoe size"]},
        {"required": "amount"},
        {"paid_percent": 130},
        {"place": 3},
    ],
)
def test_what_a_stage_cannot_be_changes_nothing(store: Store, values: dict[str, Any]) -> None:
    held = stage(store, "Meeting held")
    with store.read() as r:
        before = pipelines.stage_of(r, held)
    with pytest.raises((Invalid, NotFound)):
        pipelines.change_stage(store, held, {"limit_days": 9, **values}, **BY)
    with store.read() as r:
        assert pipelines.stage_of(r, held) == before


def test_a_stage_with_deals_is_not_deleted(store: Store) -> None:
    held = stage(store, "Meeting held")
    deal = deal_in(store, "Meeting held")
    with pytest.raises(Refused, match="1 deals"):
        pipelines.delete_stage(store, held, **BY)
    with store.read() as r:
        [sales] = pipelines.pipelines(r)
    with pytest.raises(Refused):
        pipelines.delete_pipeline(store, sales.id, **BY)
    deals.move(store, [deal], stage(store, "Won"), **BY)
    with pytest.raises(Refused, match="archive it"):
        pipelines.delete_stage(store, held, **BY)
    signed = stage(store, "Contract signed")
    pipelines.delete_stage(store, signed, **BY)
    assert "Contract signed" not in names(store)
    with store.read() as r:
        assert task_rules.task_rules(r, signed) == []


def reaches(store: Store, deal: int) -> list[str]:
    with store.read() as r:
        found = r.rows(
            "SELECT s.name FROM reach r JOIN stage s ON s.id = r.stage_id WHERE r.deal_id = ? "
            "ORDER BY r.at, s.position",
            (deal,),
        )
    return [row[0] for row in found]


def test_kind_and_order_hold_for_all_time(store: Store) -> None:
    owner = hire(store, "Seller")
    deal = deal_in(store, "New request", owner)
    advance = stage(store, "Advance paid")
    deals.move(store, [deal], advance, person=owner, now=NOW + 1)
    closed = "SELECT closed_at FROM deal WHERE id = ?"
    pipelines.change_stage(store, advance, {"kind": "won"}, **BY)
    with store.read() as r:
        assert r.value(closed, (deal,)) == NOW + 1
    pipelines.change_stage(store, advance, {"kind": "open"}, **BY)
    with store.read() as r:
        assert r.value(closed, (deal,)) is None


def test_a_new_order_counts_what_was_skipped_anew(store: Store) -> None:
    from salesdesk.services import settings

    settings.change(store, {"count_skipped_stages": True}, **BY)
    deal = deal_in(store, "New request", hire(store, "Seller"))
    deals.move(store, [deal], stage(store, "Meeting held"), person=None, now=NOW + 1)
    assert reaches(store, deal) == ["New request", "Meeting scheduled", "Meeting held"]
    with store.read() as r:
        inside = pipelines.stages(r)
    order = [one.id for one in inside]
    scheduled = stage(store, "Meeting scheduled")
    order.remove(scheduled)
    pipelines.reorder_stages(store, inside[0].pipeline_id, [*order, scheduled], **BY)
    assert reaches(store, deal) == ["New request", "Meeting held"]
    with pytest.raises(Invalid):
        pipelines.reorder_stages(store, inside[0].pipeline_id, order, **BY)


# --- points ------------------------------------------------------------------------------------


def history(store: Store, stage_id: int) -> list[tuple[int | None, str]]:
    with store.read() as r:
        found = stage_points.points_history(r, stage_id)
    return [(entry.valid_from, str(entry.points)) for entry in found]


def test_points_hold_from_a_day_on_or_for_all_time(store: Store) -> None:
    held = stage(store, "Meeting held")

    def points(value: str, since: int | None = None) -> None:
        stage_points.set_points(store, held, Decimal(value), valid_from=since, **BY)

    points("4", 739900)
    points("5.5", 739950)
    assert history(store, held) == [(None, "3"), (739900, "4"), (739950, "5.5")]
    with store.read() as r:
        days = (739899, 739900, 739949, 739950)
        worth = [str(pipelines.stage_of(r, held, day=day).points) for day in days]
    assert worth == ["3", "4", "4", "5.5"]
    points("6", 739920)  # from that day on, whatever was planned for later
    assert history(store, held) == [(None, "3"), (739900, "4"), (739920, "6")]
    points("2")
    assert history(store, held) == [(None, "2")]
    for bad in ("NaN", "1000000"):
        with pytest.raises(Invalid):
            points(bad)


# --- task rules --------------------------------------------------------------------------------


def test_a_rule_is_kept_as_given(store: Store) -> None:
    held = stage(store, "Meeting held")
    rule = TaskRule(
        0, held, "  Call  the director ", amount=2, unit="hours", leave_policy="cancel",
        shift_to_working_day=False, must_be_done=True, due_minute=600,
    )  # fmt: skip
    made = task_rules.add_task_rule(store, rule, **BY).id
    with store.read() as r:
        *others, found = task_rules.task_rules(r, held)
    assert found == replace(rule, id=made, title="Call the director", position=len(others))
    task_rules.change_task_rule(store, replace(found, amount=5), **BY)
    ids = [made, *(one.id for one in others)]
    task_rules.reorder_task_rules(store, held, ids, **BY)
    with store.read() as r:
        assert [one.id for one in task_rules.task_rules(r, held)] == ids
    task_rules.delete_task_rule(store, made, **BY)
    with store.read() as r:
        assert made not in {one.id for one in task_rules.task_rules(r)}


@pytest.mark.parametrize(
    "values",
    [
        {"title": " "},
        {"due_rule": "some day"},
        {"unit": "moons"},
        {"amount": -1},
        {"stage_id": 999},
        {"kind_id": 999},
        {"due_rule": "before_date"},
        {"due_rule": "before_date", "date_field": "expected_day", "unit": "hours"},
        {"due_rule": "on_date"},
        {"due_rule": "on_event"},
        {"due_rule": "on_event", "event": "child_enters"},
        {"due_rule": "on_event", "event": "child_enters", "event_stage_id": 999},
        {"due_rule": "on_event", "event": "field_filled", "event_field": "shoe size"},
        {"assignee_rule": "person"},
        {"assignee_rule": "person", "assignee_id": 999},
        {"assignee_rule": "least_loaded"},
        {"leave_policy": "burn"},
        {"due_minute": 1440},
    ],
)
def test_a_rule_that_says_nothing_clear_is_refused(store: Store, values: dict[str, Any]) -> None:
    rule = replace(TaskRule(0, stage(store, "Meeting held"), "Call"), **values)
    with pytest.raises((Invalid, NotFound)):
        task_rules.add_task_rule(store, rule, **BY)


def test_tasks_do_not_wait_for_each_other(store: Store) -> None:
    held = stage(store, "Meeting held")
    with store.read() as r:
        first, second = task_rules.task_rules(r, held)
    waits: dict[str, Any] = {"due_rule": "on_event", "event": "task_done"}
    after = replace(second, event_task_rule_id=first.id, **waits)
    task_rules.change_task_rule(store, after, **BY)
    for rule in (
        replace(first, event_task_rule_id=second.id, **waits),
        replace(first, event_task_rule_id=first.id, **waits),
    ):
        with pytest.raises(Invalid):
            task_rules.change_task_rule(store, rule, **BY)
    with pytest.raises(Invalid):
        task_rules.delete_task_rule(store, first.id, **BY)


# --- link rules --------------------------------------------------------------------------------


def test_a_link_that_closes_a_circle_is_refused(turnkey: Store) -> None:
    with turnkey.read() as r:
        before = link_rules.link_rules(r)
    back = LinkRule(0, stage(turnkey, "New estimate"), "move_parent", stage(turnkey, "Estimate"))
    with pytest.raises(Refused, match="circle"):
        link_rules.add_link_rule(turnkey, back, **BY)
    with turnkey.read() as r:
        assert link_rules.link_rules(r) == before
    harmless = replace(back, stage_id=stage(turnkey, "Cancelled", "Logistics"))
    made = link_rules.add_link_rule(turnkey, harmless, **BY).id
    through = replace(
        harmless,
        id=made,
        stage_id=stage(turnkey, "New estimate"),
        target_stage_id=stage(turnkey, "Estimate"),
    )
    with pytest.raises(Refused):
        link_rules.change_link_rule(turnkey, through, **BY)
    link_rules.delete_link_rule(turnkey, made, **BY)


def test_a_childs_cost_does_not_become_the_parents_a_second_time(turnkey: Store) -> None:
    here, there = stage(turnkey, "Cancelled", "Logistics"), stage(turnkey, "Meeting held")
    twice = LinkRule(0, here, "move_parent", there, filled=("cost",))
    with pytest.raises(Invalid, match="gross profit"):
        link_rules.add_link_rule(turnkey, twice, **BY)


def test_a_child_moves_though_its_parent_is_deleted(turnkey: Store) -> None:
    here, there = stage(turnkey, "Cancelled", "Logistics"), stage(turnkey, "Meeting held")
    link_rules.add_link_rule(turnkey, LinkRule(0, here, "move_parent", there), **BY)
    parent = deal_in(turnkey, "New request")
    new = deals.NewDeal("Truck", stage(turnkey, "New job"), None, parent_id=parent)
    [child] = deals.create(turnkey, new, **BY).deal_ids
    deals.delete(turnkey, [parent], **BY)
    assert deals.move(turnkey, [child], here, **BY).deals_moved == ()
    with turnkey.read() as r:
        assert r.value("SELECT stage_id FROM deal WHERE id = ?", (child,)) == here


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "sell"},
        {"target_stage_id": 999},
        {"target_stage_id": 1},
        {"copied": ("shoe size",)},
        {"filled": ("title",)},
        {"assignee_rule": "person"},
        {"assignee_rule": "least_loaded"},
    ],
)
def test_a_link_that_cannot_be_followed(turnkey: Store, values: dict[str, Any]) -> None:
    new, job = stage(turnkey, "New request"), stage(turnkey, "New job")
    with pytest.raises((Invalid, NotFound)):
        link_rules.add_link_rule(
            turnkey, replace(LinkRule(0, new, "open_child", job), **values), **BY
        )
