"""What has a history stays: pipelines, plans of teams, and what others refer to when the command
that made it is taken back."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Refused
from salesdesk.models.store import Store
from salesdesk.services import (
    board,
    configuration,
    deals,
    history,
    link_rules,
    lists,
    people,
    pipelines,
    plan_blocks,
    stage_ends,
    task_rules,
)
from salesdesk.services.cards import BoardFilter
from salesdesk.services.plan_blocks import Cell
from salesdesk.services.rulebook import LinkRule, TaskRule
from tests.services.configured import NOW, hire, stage, workspace

BY: dict[str, Any] = {"person": None, "now": NOW + 10}
MONTH = 2026 * 12 + 10


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path, "turnkey") as opened:
        yield opened


def value(store: Store, sql: str, *params: Any) -> Any:
    with store.read() as r:
        return r.value(sql, params)


def exported(store: Store) -> str:
    with store.read() as r:
        return configuration.export_configuration(r)


def pipeline(store: Store, name: str) -> int:
    with store.read() as r:
        return pipelines.find_pipeline(r, name).id


def test_a_pipeline_with_a_past_is_not_deleted(store: Store) -> None:
    logistics, here = pipeline(store, "Logistics"), stage(store, "In work", "Logistics")
    [deal] = deals.create(store, deals.NewDeal("Truck", here), **BY).deal_ids
    with pytest.raises(Refused, match="1 deals"):
        pipelines.delete_pipeline(store, logistics, **BY)
    deals.move(store, [deal], stage(store, "New request"), override="wrong pipeline", **BY)
    with pytest.raises(Refused, match=r"Deals have been in “Logistics”: archive its stages"):
        pipelines.delete_pipeline(store, logistics, **BY)
    assert "Logistics" in exported(store)


def test_a_pipeline_goes_with_its_archived_stages(store: Store) -> None:
    logistics, here = pipeline(store, "Logistics"), stage(store, "In work", "Logistics")
    stage_ends.archive_stage(store, here, stage(store, "On the way", "Logistics"), **BY)
    pipelines.delete_pipeline(store, logistics, **BY)
    assert value(store, "SELECT count(*) FROM stage WHERE pipeline_id = ? "
                 "AND deleted_at IS NULL", logistics) == 0  # fmt: skip


def test_a_removed_team_keeps_its_plans(store: Store) -> None:
    team = people.add_team(store, "Movers", **BY).id
    cell = Cell("won", None, team, MONTH)
    plan_blocks.set_cells(store, [(cell, Decimal(7))], **BY)
    gone = people.remove_team(store, team, **BY)
    content = exported(store)
    assert "Movers" not in content
    assert configuration.import_configuration(store, content, **BY).command_id is None
    history.undo(store, gone.command_id, **BY)
    assert "Movers" in exported(store)
    assert value(store, "SELECT value FROM plan WHERE team_id = ?", team) == 70_000


@pytest.mark.parametrize("what", ["plan", "rule"])
def test_a_team_that_others_name_outlives_its_making(store: Store, what: str) -> None:
    made = people.add_team(store, "Movers", **BY)
    if what == "plan":
        cell = Cell("won", None, made.id, MONTH)
        plan_blocks.set_cells(store, [(cell, Decimal(7))], **BY)
    else:
        rule = TaskRule(0, stage(store, "New request"), "Load", assignee_rule="least_loaded",
                        team_id=made.id)  # fmt: skip
        task_rules.add_task_rule(store, rule, **BY)
    assert history.undo(store, made.command_id, **BY).kept == ("Movers",)


def test_a_stage_and_a_person_that_rules_name_outlive_their_making(store: Store) -> None:
    made = pipelines.add_stage(store, pipeline(store, "Logistics"), "Customs", **BY)
    child = LinkRule(0, stage(store, "New request"), "open_child", made.id)
    link_rules.add_link_rule(store, child, **BY)
    assert history.undo(store, made.command_id, **BY).kept == ("Customs",)
    ann = people.add_person(store, "Ann", **BY)
    rule = TaskRule(0, stage(store, "New request"), "Call", assignee_rule="person",
                    assignee_id=ann.id)  # fmt: skip
    task_rules.add_task_rule(store, rule, **BY)
    assert history.undo(store, ann.command_id, **BY).kept == ("Ann",)


def test_rules_of_an_archived_stage_come_back_from_a_file(store: Store) -> None:
    here, ahead = stage(store, "In work", "Logistics"), stage(store, "On the way", "Logistics")
    first = task_rules.add_task_rule(store, TaskRule(0, here, "Load"), **BY).id
    after = TaskRule(0, here, "Drive", due_rule="on_event", event="task_done",
                     event_task_rule_id=first)  # fmt: skip
    task_rules.add_task_rule(store, after, **BY)
    stage_ends.archive_stage(store, here, ahead, **BY)
    content = exported(store)
    assert configuration.import_configuration(store, content, **BY).command_id is None
    assert exported(store) == content


def test_a_broken_link_does_not_hold_up_the_end_of_a_stage(store: Store) -> None:
    bob = hire(store, "Bob")
    logistics = pipeline(store, "Logistics")
    here = pipelines.add_stage(store, logistics, "Customs", **BY).id
    link = LinkRule(0, stage(store, "New request"), "open_child", here,
                    assignee_rule="person", assignee_id=bob)  # fmt: skip
    key = link_rules.add_link_rule(store, link, **BY).id
    with store.command("test", now=NOW + 11) as tx:
        tx.delete("person", [bob])
    ended = stage_ends.archive_stage(store, here, stage(store, "In work", "Logistics"), **BY)
    assert ended.rules == 1
    with store.read() as r:
        [turned] = [one for one in link_rules.link_rules(r) if one.id == key]
    assert turned.target_stage_id == stage(store, "In work", "Logistics")


def test_an_undo_into_an_archived_stage_brings_its_column_back(store: Store) -> None:
    logistics = pipeline(store, "Logistics")
    here, ahead = stage(store, "In work", "Logistics"), stage(store, "On the way", "Logistics")
    two = [
        deals.create(store, deals.NewDeal(name, here), **BY).deal_ids[0] for name in ("A", "B")
    ]  # fmt: skip
    moved = deals.move(store, two, ahead, override="ready", **BY)
    stage_ends.archive_stage(store, here, ahead, **BY)

    def shown() -> dict[str, int]:
        with store.read() as r:
            return {one.name: one.count for one in board.columns(r, logistics)}

    assert "In work" not in shown()
    history.undo(store, moved.command_id, **BY)
    assert shown()["In work"] == 2
    deals.move(store, two[:1], here, before=0, **BY)  # in their column they may be put in order
    with store.read() as r:
        assert list(board.ids(r, here, BoardFilter(), now=NOW))[-1] == two[0]
    deals.move(store, two[:1], ahead, override="ready", **BY)
    with pytest.raises(Refused, match="“In work” is archived"):
        deals.move(store, two, here, **BY)
    deals.move(store, two[1:], ahead, override="ready", **BY)
    assert "In work" not in shown()


@pytest.mark.parametrize("which", ["industries", "sources"])
def test_what_was_kept_goes_when_nothing_names_it_any_more(store: Store, which: str) -> None:
    column = {"industries": "industry_id", "sources": "source_id"}[which]
    made = lists.add(store, which, "Mining", **BY)
    new = deals.NewDeal("Racks", stage(store, "New request"))
    deal = deals.create(store, new, **BY).deal_ids[0]
    named = deals.change(store, deal, {column: made.id}, **BY)
    assert history.undo(store, made.command_id, **BY).kept == ("Mining",)
    history.undo(store, named, **BY)
    with store.read() as r:
        assert made.id not in {one.id for one in lists.items(r, which)}


def test_a_file_does_not_renumber_what_stands_in_its_order(store: Store) -> None:
    here = stage(store, "New request")
    keys = [task_rules.add_task_rule(store, TaskRule(0, here, t), **BY).id for t in "ABC"]
    task_rules.delete_task_rule(store, keys[0], **BY)
    ends, taker = stage(store, "Estimate"), stage(store, "Meeting held")
    stage_ends.archive_stage(store, ends, taker, **BY)  # its links are in no file
    content = exported(store)
    assert configuration.import_configuration(store, content, **BY).command_id is None
    turned = content.replace('title = "B"', 'title = "?"').replace('title = "C"', 'title = "B"')
    turned = turned.replace('title = "?"', 'title = "C"')
    configuration.import_configuration(store, turned, **BY)
    assert exported(store) == turned
