"""Board, move, undo, history and tasks at the command line."""

from pathlib import Path
from typing import Any

import pytest

from salesdesk.services import machine, people, settings
from salesdesk.services.workspaces import open_workspace
from tests.cli.conftest import DEALS, MAP, Outcome, Run, bring

CARD = {
    "id", "external_id", "title", "company", "owner", "amount", "task_state", "next_task",
    "days_in_stage", "created_at", "stage_entered_at",
}  # fmt: skip


def stages_of(board: Outcome) -> dict[str, dict[str, Any]]:
    """The columns by name."""
    return {stage["name"]: stage for stage in board.json["stages"]}


def where(board: Outcome) -> dict[str, str]:
    """In which column each deal stands, by external id."""
    return {
        deal["external_id"]: stage["name"] for stage in board.json["stages"]
        for deal in stage["deals"]
    }  # fmt: skip


# -- board ----------------------------------------------------------------------------------------


def test_board_has_the_shape_that_was_promised(filled: Run) -> None:
    found = filled("--json", "board")
    document = found.json
    assert document["pipeline"] == "Sales"
    assert document["as_of"] == "2026-11-20T11:20:00+03:00"
    stages = stages_of(found)
    assert list(stages) == [
        "New request", "Meeting scheduled", "Meeting held", "Contract signed", "Advance paid",
        "Won", "Lost",
    ]  # fmt: skip
    assert [stage["kind"] for stage in stages.values()] == ["open"] * 5 + ["won", "lost"]
    first = stages["New request"]
    assert {"id", "name", "kind", "count", "amount", "weighted", "deals"} <= set(first)
    assert (first["count"], first["amount"], first["weighted"]) == (2, "1000.00", "100.00")
    cards = {deal["external_id"]: deal for deal in first["deals"]}
    assert set(cards["D1"]) >= CARD
    assert cards["D1"]["amount"] == "1000.00"
    assert cards["D3"]["amount"] is None
    assert cards["D1"]["created_at"] == "2026-11-02T10:00:00+03:00"
    assert cards["D1"]["stage_entered_at"] == "2026-11-02T10:00:00+03:00"
    assert cards["D1"]["days_in_stage"] == 18
    assert (cards["D1"]["task_state"], cards["D1"]["next_task"]) == ("none", None)
    assert (cards["D1"]["owner"], cards["D1"]["company"]) == ("Anna Orlova", "Sever")


def test_board_of_a_day_is_that_of_its_end(filled: Run) -> None:
    filled("move", "D1", "Meeting held", now="2026-11-10T23:59")
    filled("move", "D1", "Won", now="2026-11-11T00:00")
    as_of = {day: where(filled("--json", "board", "--as-of", day)) for day in (
        "2026-11-01", "2026-11-02", "2026-11-09", "2026-11-10", "2026-11-11",
        "2026-11-10T23:58:59", "2026-11-10T23:59",
    )}  # fmt: skip
    assert as_of["2026-11-01"] == {}
    assert as_of["2026-11-02"] == {"D1": "New request"}
    assert as_of["2026-11-09"]["D1"] == "New request"
    assert as_of["2026-11-10"]["D1"] == "Meeting held"
    assert as_of["2026-11-11"]["D1"] == "Won"
    assert as_of["2026-11-10T23:58:59"]["D1"] == "New request"
    assert as_of["2026-11-10T23:59"]["D1"] == "Meeting held"
    told = filled("--json", "board", "--as-of", "2026-11-10").json["as_of"]
    assert told == "2026-11-10T23:59:59.999999+03:00"


def test_now_in_the_past_hides_what_came_later(filled: Run) -> None:
    filled("move", "D1", "Won", now="2026-11-10")
    assert where(filled("--json", "board", now="2026-11-09"))["D1"] == "New request"
    assert where(filled("--json", "board", now="2026-11-10"))["D1"] == "Won"


def test_an_unknown_pipeline_is_refused_with_those_there_are(filled: Run) -> None:
    found = filled("board", "--pipeline", "Logistics")
    assert (found.status, found.out) == (1, "")
    assert "Sales" in found.err


def test_names_are_the_same_without_case_and_blanks(filled: Run) -> None:
    assert filled("--json", "board", "--pipeline", "  SALES ").json["pipeline"] == "Sales"
    assert filled("move", "D1", "meeting  HELD").status == 0


def test_board_for_people(filled: Run) -> None:
    shown = filled("board").out
    assert "New request" in shown
    assert "Crane" in shown
    assert "Anna Orlova" in shown


def test_half_a_cent_is_rounded_up_in_the_card_as_in_the_sum(desk: Run, tmp_path: Path) -> None:
    """An imported amount may have more than two decimals; card and column say the same of it."""
    bring(desk, tmp_path, DEALS.replace("1000\n", "0.125\n"), MAP, "2026-11-05")
    for words in ((), ("--as-of", "2026-11-10")):
        first = stages_of(desk("--json", "board", *words))["New request"]
        assert (first["amount"], first["deals"][0]["amount"]) == ("0.13", "0.13")


# -- move -----------------------------------------------------------------------------------------


def test_move_answers_with_all_that_it_set_off(filled: Run) -> None:
    found = filled("--json", "move", "D1", "Meeting scheduled")
    document = found.json
    assert found.status == 0
    assert (document["from"], document["to"]) == ("New request", "Meeting scheduled")
    assert isinstance(document["deal"], int)
    assert (document["title"], document["external_id"]) == ("Crane", "D1")
    assert document["tasks_created"]
    assert all(isinstance(title, str) for title in document["tasks_created"])
    for name in ("tasks_closed", "deals_created", "deals_moved"):
        assert document[name] == []
    tasks = filled("--json", "tasks").json["tasks"]
    assert {task["title"] for task in tasks} == set(document["tasks_created"])


@pytest.mark.parametrize("word", ["D1", "external:D1", "1", "id:1", "#1", "number:1"])
def test_a_deal_by_id_number_or_external_id(filled: Run, word: str) -> None:
    assert filled("--json", "move", word, "Won").json["title"] == "Crane"


@pytest.mark.parametrize("form", ["{name}", "{id}", "Sales/{name}"])
def test_a_stage_by_name_or_id(filled: Run, form: str) -> None:
    stage = stages_of(filled("--json", "board"))["Won"]
    found = filled("--json", "move", "D1", form.format(**stage))
    assert found.json["to"] == "Won"


def test_a_deal_that_two_words_might_mean_is_said(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "id,title,owner,company,stage,created,amount\n2,Two,,,New request,2026-11-06,\n", "utf-8"
    )
    filled(
        "import", tmp_path / "deals.csv", "--as", "deals", "--map", tmp_path / "deals.toml",
        now="2026-11-06",
    )  # fmt: skip
    found = filled("--json", "move", "2", "Won")
    assert found.json["title"] == "Racks"  # the id, as scripts have it from the board
    assert "external:2" in found.err
    assert filled("--json", "move", "external:2", "Won").json["title"] == "Two"


ABSENT = [
    ("D9", "Won"), ("", "Won"), ("D1", "Nowhere"), ("D1", "999"), ("D1", "Sales/Nowhere"),
    ("D1", ""),
]  # fmt: skip


@pytest.mark.parametrize(("deal", "stage"), ABSENT)
def test_what_is_not_there_is_refused_and_nothing_moves(filled: Run, deal: str, stage: str) -> None:
    before = filled("--json", "history").json
    found = filled("move", deal, stage)
    assert (found.status, found.out) == (1, "")
    assert found.err.count("\n") == 1
    assert filled("--json", "history").json == before


def test_an_unknown_stage_is_refused_with_those_there_are(filled: Run) -> None:
    assert "New request, Meeting scheduled" in filled("move", "D1", "Nowhere").err


def test_a_move_into_the_stage_where_it_stands_is_none(filled: Run) -> None:
    before = filled("--json", "history").json
    document = filled("--json", "move", "D1", "New request").json
    assert document["from"] == document["to"] == "New request"
    assert document["command_id"] is None
    assert filled("--json", "history").json == before


def test_no_move_before_the_deal_came_to_its_stage(filled: Run) -> None:
    filled("move", "D1", "Won", now="2026-11-20")
    found = filled("move", "D1", "Lost", now="2026-11-19")
    assert (found.status, found.err.count("\n")) == (1, 1)
    assert where(filled("--json", "board"))["D1"] == "Won"


def test_who_moved_it_and_as_what(filled: Run) -> None:
    filled("move", "D1", "Won", "--by", "Boris Yudin")
    line = next(x for x in filled("--json", "history", "D1").json["history"] if x["kind"] == "move")
    assert (line["by"], line["as"]) == ("Boris Yudin", "cli")
    assert (line["from"], line["to"], line["points"]) == ("New request", "Won", "35")
    assert line["at"] == "2026-11-20T11:20:00+03:00"


def test_the_person_chosen_on_this_machine_acts(filled: Run, workspace: Path) -> None:
    store = open_workspace(workspace, 0).store
    with store, store.read() as r:
        anna = people.find_person(r, "Anna Orlova").id
    machine.remember_person(workspace, anna)
    filled("move", "D3", "Won")
    assert filled("--json", "history").json["commands"][0]["person"] == "Anna Orlova"


def test_an_unknown_person_moves_nothing(filled: Run) -> None:
    found = filled("move", "D1", "Won", "--by", "Nobody")
    assert found.status == 1
    assert "“Nobody”" in found.err


def test_requirements_and_who_may_override_them(filled: Run, workspace: Path) -> None:
    store = open_workspace(workspace, 0).store
    with store:
        with store.read() as r:
            won = r.value("SELECT id FROM stage WHERE name = 'Won'")
            boris = people.find_person(r, "Boris Yudin").id
        with store.command("stage.change", now=1) as tx:
            tx.update("stage", [{"id": won, "required": '["amount"]'}])
            tx.update("person", [{"id": boris, "role": "team_lead"}])
        settings.change(store, {"managers_see": "all"}, person=None, now=1)
    refused = filled("move", "D3", "Won", "--by", "Anna Orlova")
    assert refused.status == 1
    assert "Amount" in refused.err
    word = filled("move", "D3", "Won", "--by", "Anna Orlova", "--override", "promised")
    assert word.status == 1
    assert "lead" in word.err
    done = filled("--json", "move", "D3", "Won", "--by", "Boris Yudin", "--override", "promised")
    assert done.json["to"] == "Won"
    lines = filled("--json", "history", "D3").json["history"]
    assert any(line["reason"] == "promised" for line in lines)


# -- undo and history -----------------------------------------------------------------------------


def test_undo_restores_all_that_the_move_did(filled: Run) -> None:
    before = filled("--json", "board").json
    filled("move", "D1", "Meeting scheduled")
    assert filled("--json", "tasks").json["tasks"]
    found = filled("--json", "undo")
    assert found.status == 0
    assert [one["kind"] for one in found.json["undone"]] == ["deal.move"]
    assert found.json["undone"][0]["kept"] == []
    assert filled("--json", "board").json == before
    assert filled("--json", "tasks").json["tasks"] == []
    kinds = [(one["kind"], one["undone"]) for one in filled("--json", "history").json["commands"]]
    assert kinds[:2] == [("undo", False), ("deal.move", True)]


def test_undo_of_several_steps_and_of_one_by_id(filled: Run) -> None:
    filled("move", "D1", "Won")
    second = filled("--json", "move", "D2", "Won").json["command_id"]
    filled("move", "D3", "Won")
    filled("undo", "--id", second)
    assert where(filled("--json", "board")) == {
        "D1": "Won", "D2": "Meeting scheduled", "D3": "Won",
    }  # fmt: skip
    assert [one["about"] for one in filled("--json", "undo", "--steps", 2).json["undone"]]
    assert where(filled("--json", "board"))["D1"] == "New request"


def test_undo_of_the_import_too(filled: Run) -> None:
    assert filled("undo").status == 0
    assert where(filled("--json", "board")) == {}


def test_nothing_to_undo_is_a_refusal(desk: Run) -> None:
    found = desk("undo")
    assert (found.status, found.err) == (1, "There is nothing to undo.\n")


def test_more_steps_than_there_are_undo_none(filled: Run) -> None:
    before = filled("--json", "board").json
    found = filled("undo", "--steps", 5)
    assert found.status == 1
    assert filled("--json", "board").json == before


def test_history_lists_the_newest_first(filled: Run) -> None:
    filled("move", "D1", "Won")
    commands = filled("--json", "history").json["commands"]
    assert [one["kind"] for one in commands] == ["deal.move", "import.deals", "init"]
    assert commands[0]["origin"] == "cli"
    assert filled("--json", "history", "--limit", 1).json["commands"] == commands[:1]
    assert "Deal moved" in filled("history").out


def test_history_of_a_deal_for_people(filled: Run) -> None:
    filled("move", "D1", "Won")
    shown = filled("history", "D1").out
    assert "Crane" in shown
    assert "New request" in shown


# -- tasks ----------------------------------------------------------------------------------------


def test_tasks_by_state_and_person(filled: Run) -> None:
    filled("move", "D1", "Meeting scheduled", now="2026-11-16T10:00")
    every = filled("--json", "tasks", now="2026-11-16T10:00").json["tasks"]
    assert every
    assert {task["assignee"] for task in every} == {"Anna Orlova"}
    assert {task["deal_external_id"] for task in every} == {"D1"}
    later = "2026-12-30T10:00"
    overdue = filled("--json", "tasks", "--state", "overdue", now=later).json["tasks"]
    assert [task["id"] for task in overdue] == [task["id"] for task in every]
    assert filled("--json", "tasks", "--person", "Boris Yudin").json["tasks"] == []
    assert filled("--json", "tasks", "--state", "done").json["tasks"] == []
    card = stages_of(filled("--json", "board", now=later))["Meeting scheduled"]["deals"]
    assert {deal["external_id"]: deal["task_state"] for deal in card}["D1"] == "overdue"
    assert filled("tasks", "--person", "Nobody").status == 1


def test_a_manager_takes_back_work_and_no_configuration(filled: Run, workspace: Path) -> None:
    store = open_workspace(workspace, 0).store
    with store:
        with store.read() as r:
            boss = people.find_person(r, "Boris Yudin").id
        people.change_person(store, boss, {"role": "admin"}, person=None, now=1)
    filled("move", "D1", "Won", "--by", "Anna Orlova")
    assert filled("undo", "--by", "Anna Orlova").status == 0
    refused = filled("undo", "--by", "Anna Orlova")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert filled("undo", "--by", "Boris Yudin").status == 0
