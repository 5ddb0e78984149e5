"""The rules of the import of deals (cli.md), one by one, on a real file and a real workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.models.store import Store
from salesdesk.services import board, deals, history
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.mapping import parse_mapping
from salesdesk.services.exchange.reader import read_table
from tests.builders import Desk, empty_store
from tests.services.importing import (
    DEALS,
    HEAD,
    MOVES,
    NOW,
    bring,
    everything,
    moves_of,
    owners_of,
    standing,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        Desk(opened)
        yield opened


def test_history_that_the_file_proves(store: Store, tmp_path: Path) -> None:
    result = bring(
        store, tmp_path,
        HEAD
        + "1,A,Ann,New,2024-01-10,,,100\n"
        + "2,B,Ann,Talk,2024-01-10,,2024-02-01,100\n"
        + "3,C,Ann,Won,2024-01-10,2024-03-01,,100\n"
        + "4,D,Ann,Talk,2024-01-10,,,100\n"
        + "5,E,Ann,Won,,2024-03-01,,100\n"
        + "6,F,Ann,Won,2024-01-10,,2024-02-05,100\n"
        + "7,G,Ann,Talk,,,,100\n"
        + "8,H,Ann,,2024-01-10,,,100\n",
    )  # fmt: skip
    assert (result.read, result.created, result.created_deals) == (8, 8, 8)
    assert result.created_people == ("Ann",)
    assert result.created_stages == ("New", "Talk", "Won", "Lost")
    assert moves_of(store, "1") == [("New", "2024-01-10 00:00")]
    assert moves_of(store, "2") == [("New", "2024-01-10 00:00"), ("Talk", "2024-02-01 00:00")]
    assert moves_of(store, "3") == [("New", "2024-01-10 00:00"), ("Won", "2024-03-01 00:00")]
    assert moves_of(store, "4") == [("New", "2024-01-10 00:00"), ("Talk", "2024-01-10 00:00")]
    assert moves_of(store, "5") == [("New", "2024-03-01 00:00"), ("Won", "2024-03-01 00:00")]
    assert moves_of(store, "6") == [("New", "2024-01-10 00:00"), ("Won", "2024-02-05 00:00")]
    assert moves_of(store, "7") == [("New", "2024-06-01 12:00"), ("Talk", "2024-06-01 12:00")]
    assert moves_of(store, "8") == [("New", "2024-01-10 00:00")]


def test_a_bare_date_is_never_before_the_creation_of_that_day(store: Store, tmp_path: Path) -> None:
    bring(
        store, tmp_path,
        HEAD
        + "1,A,Ann,Won,2024-01-10 15:30,2024-01-10,,1\n"
        + "2,B,Ann,Won,2024-01-10,2024-01-10,,1\n",
    )  # fmt: skip
    assert moves_of(store, "1") == [("New", "2024-01-10 15:30"), ("Won", "2024-01-10 15:30")]
    assert moves_of(store, "2") == [("New", "2024-01-10 00:00"), ("Won", "2024-01-10 00:00")]


def test_closed_before_created_is_rejected_and_its_names_are_not_made(
    store: Store, tmp_path: Path
) -> None:
    result = bring(
        store, tmp_path,
        HEAD + "1,A,Zed,Strange,2024-01-10,2024-01-09,,1\n2,B,Ann,New,31.02.2024,,,1\n",
    )  # fmt: skip
    assert [(one.row, one.column, one.value) for one in result.rejected] == [
        (2, "closed", "2024-01-09"),
        (3, "created", "31.02.2024"),
    ]
    assert result.created_people == ()
    assert "Strange" not in result.created_stages


def test_all_or_nothing_imports_nothing(store: Store, tmp_path: Path) -> None:
    before = everything(store)
    result = bring(
        store, tmp_path, HEAD + "1,A,Ann,New,2024-01-10,,,1\n2,B,Ann,New,x,,,1\n",
        all_or_nothing=True,
    )  # fmt: skip
    assert result.refused_whole
    assert result.created == 0
    assert everything(store) == before


def test_a_dry_run_tells_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    before = everything(store)
    result = bring(store, tmp_path, HEAD + "1,A,Ann,New,2024-01-10,,,1\n", dry_run=True)
    assert result.created == 1
    assert result.created_people == ("Ann",)
    assert everything(store) == before


def test_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    text = (
        HEAD
        + "1,A,Ann,Talk,2024-01-10,,2024-02-01,100\n2,B,Bob,Won,2024-01-10,2024-03-01,,5.5\n"
        + "3,C,,Lost,,2024-03-01,,\n"
    )
    bring(store, tmp_path, text)
    before = everything(store)
    again = bring(store, tmp_path, text, now=NOW + 10**12)
    assert (again.unchanged, again.command_id) == (3, None)
    assert everything(store) == before


def test_the_same_id_twice_in_one_file(store: Store, tmp_path: Path) -> None:
    row = "1,A,Ann,New,2024-01-10,,,100\n"
    result = bring(store, tmp_path, HEAD + row + row + row.replace("100", "200"))
    assert (result.created, result.unchanged) == (1, 1)
    assert [(one.row, one.column) for one in result.rejected] == [(4, "id")]


def test_a_later_file_moves_a_known_deal_once(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, HEAD + "1,A,Ann,Talk,2024-01-10,,2024-02-01,100\n")
    later = HEAD + "1,A,Bob,Won,2024-01-10,2024-05-01,,150\n"
    assert bring(store, tmp_path, later).updated == 1
    expected = [
        ("New", "2024-01-10 00:00"), ("Talk", "2024-02-01 00:00"), ("Won", "2024-05-01 00:00"),
    ]  # fmt: skip
    assert moves_of(store, "1") == expected
    assert owners_of(store, "1") == [("Ann", "2024-01-10"), ("Bob", "2024-05-01")]
    assert bring(store, tmp_path, later).unchanged == 1
    assert moves_of(store, "1") == expected


def test_a_row_without_history_writes_no_move(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, HEAD + "1,A,Ann,Talk,2024-01-10,,,100\n")
    mapping = 'as = "deals"\n[columns]\nexternal_id = "id"\namount = "amount"\n'
    assert bring(store, tmp_path, "id,amount\n1,250\n", mapping).updated == 1
    assert len(moves_of(store, "1")) == 2
    with store.read() as r:
        assert r.value("SELECT amount FROM deal WHERE external_id = '1'") == 2_500_000


def test_unlisted_stages_follow_by_appearance_and_closed_ones_stand_last(
    store: Store, tmp_path: Path
) -> None:
    mapping = DEALS.replace('New = { stage = "New" }\n', "")
    bring(store, tmp_path, HEAD + "1,A,Ann,Won,2024-01-10,,,1\n2,B,,Zeta,,,,\n3,C,,Alpha,,,,\n",
          mapping)  # fmt: skip
    with store.read() as r:
        columns = board.columns(r, board.pipelines(r)[0].id)
        rows = r.rows("SELECT name, milestone FROM stage ORDER BY position")
        points: dict[str, int] = dict(r.rows("SELECT s.name, p.points FROM stage_points p "
                             "JOIN stage s ON s.id = p.stage_id"))  # fmt: skip
        assert r.value("SELECT counts FROM pipeline") == 1
    assert [column.name for column in columns] == ["Talk", "Zeta", "Alpha", "Won", "Lost"]
    assert rows[0] == ("Talk", "meeting_held")
    assert rows[3:] == [("Won", "won"), ("Lost", "lost")]
    assert points == {"Talk": 3_000_000, "Won": 35_000_000}


def test_a_stage_that_costs_points(store: Store, tmp_path: Path) -> None:
    mapping = DEALS.replace("Lost = { stage", 'Lost = { points = "-1.5", stage')
    bring(store, tmp_path, HEAD + "1,A,Ann,Lost,2024-01-10,,,1\n", mapping)
    with store.read() as r:
        assert r.value("SELECT p.points FROM stage_points p JOIN stage s ON s.id = p.stage_id "
                       "WHERE s.name = 'Lost'") == -1_500_000  # fmt: skip


def test_names_are_the_same_without_case_and_blanks(store: Store, tmp_path: Path) -> None:
    result = bring(
        store, tmp_path,
        HEAD + "1,A,Анна Орлова,New,,,,\n2,B,анна\u00a0 орлова,NEW,,,,\n",
    )  # fmt: skip
    assert result.created_people == ("Анна Орлова",)
    assert standing(store, "2") == ("New", "Анна Орлова")


def test_children_of_a_refused_row_are_refused_and_nobody_is_its_own_parent(
    store: Store, tmp_path: Path
) -> None:
    mapping = DEALS.replace('amount = "amount"', 'amount = "amount"\nparent = "parent"')
    text = HEAD.strip() + (
        ",parent\n1,One,,New,2024-01-05,2024-01-02,,,\n2,Two,,New,2024-01-05,,,,1\n"
        "3,Three,,New,2024-01-05,,,,2\n4,Four,,New,2024-01-05,,,,4\n"
    )
    result = bring(store, tmp_path, text, mapping)
    assert [(one.row, one.column) for one in result.rejected] == [
        (2, "closed"), (3, "parent"), (4, "parent"),
    ]  # fmt: skip
    assert result.created == 1
    again = bring(store, tmp_path, text, mapping)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


def test_parents_may_come_later_in_the_file(store: Store, tmp_path: Path) -> None:
    mapping = DEALS.replace('amount = "amount"', 'amount = "amount"\nparent = "parent"')
    head = HEAD.strip() + ",parent\n"
    result = bring(store, tmp_path, head + "1,A,,New,,,,,2\n2,B,,New,,,,,\n3,C,,New,,,,,9\n",
                   mapping)  # fmt: skip
    assert [(one.row, one.column, one.value) for one in result.rejected] == [(4, "parent", "9")]
    with store.read() as r:
        rows = r.rows("SELECT d.title, p.title FROM deal d LEFT JOIN deal p ON p.id = d.parent_id")
    assert sorted(rows, key=str) == [("A", "B"), ("B", None)]


def test_no_deal_becomes_its_own_ancestor(store: Store, tmp_path: Path) -> None:
    mapping = DEALS.replace('amount = "amount"', 'amount = "amount"\nparent = "parent"')
    head = HEAD.strip() + ",parent\n"
    text = head + "1,A,,New,,,,,3\n2,B,,New,,,,,1\n3,C,,New,,,,,2\n4,D,,New,,,,,3\n5,E,,New,,,,,\n"
    result = bring(store, tmp_path, text, mapping)
    assert [(one.row, one.column) for one in result.rejected] == [
        (2, "parent"), (3, "parent"), (4, "parent"), (5, "parent"),
    ]  # fmt: skip
    assert result.created == 1
    # and against what is here: E over F over G, then G over E
    assert not bring(store, tmp_path, head + "6,F,,New,,,,,5\n7,G,,New,,,,,6\n", mapping).rejected
    [bad] = bring(store, tmp_path, head + "5,E,,New,,,,,7\n8,H,,New,,,,,7\n", mapping).rejected
    assert (bad.row, bad.value, bad.problem) == (2, "7", "the deal would be a parent of itself")
    with store.read() as r:
        rows = r.rows("SELECT d.title, p.title FROM deal d LEFT JOIN deal p ON p.id = d.parent_id")
    assert dict(rows) == {"E": None, "F": "E", "G": "F", "H": "G"}


def test_one_undo_takes_all_of_it_back_and_redo_brings_it_again(
    store: Store, tmp_path: Path
) -> None:
    before = {table: rows for table, rows in everything(store).items() if table != "stage_total"}
    result = bring(store, tmp_path, HEAD + "1,A,Ann,Talk,2024-01-10,,,100\n2,B,Bob,Won,,,,5\n")
    after = everything(store)
    assert result.command_id is not None
    history.undo(store, result.command_id, person=None, now=NOW + 1)
    with store.read() as r:
        for table in ("deal", "person", "stage", "pipeline"):
            assert r.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL") == 0
        for table in ("span", "reach", "hold", "won_line"):
            assert r.rows(f"SELECT * FROM {table}") == before[table]
    history.redo(store, result.command_id, person=None, now=NOW + 2)
    assert everything(store) == after


def test_undo_keeps_what_a_person_has_worked_on(store: Store, tmp_path: Path) -> None:
    result = bring(store, tmp_path, HEAD + "1,A,Ann,New,2024-01-10,,,100\n2,B,Ann,New,,,,5\n")
    with store.read() as r:
        deal = r.value("SELECT id FROM deal WHERE external_id = '1'")
        stage = r.value("SELECT id FROM stage WHERE name = 'Talk'")
    deals.move(store, [deal], stage, person=None, now=NOW + 1)
    assert result.command_id is not None
    undone = history.undo(store, result.command_id, person=None, now=NOW + 2)
    assert "A" in undone.kept
    assert "B" not in undone.kept
    assert standing(store, "1") == ("Talk", "Ann")
    assert [stage for stage, _ in moves_of(store, "1")] == ["New", "Talk"]


def test_a_cancel_in_the_middle_leaves_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = "".join(f"{n},T{n},Ann,Talk,2024-01-10,,,1\n" for n in range(300))
    path.write_text(HEAD + rows, encoding="utf-8")
    steps = importer.import_table(
        store, read_table(path), parse_mapping(DEALS), person=None, now=NOW, slice_seconds=1e-6
    )
    written = [step for step, _ in zip(steps, range(8), strict=False)]
    assert written[-1].phase == "write"
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    with store.read() as r:
        assert r.value("SELECT count(*) FROM deal WHERE deleted_at IS NULL") == 0
        assert r.value("SELECT count(*) FROM command WHERE state = 'running'") == 0


def test_real_moves_take_the_place_of_assumed_ones_and_the_owner_stays(
    store: Store, tmp_path: Path
) -> None:
    bring(store, tmp_path, HEAD + "1,A,Ann,Won,2024-01-10,2024-03-01,,100\n")
    result = bring(
        store, tmp_path,
        "case,stage,at\n1,New,2024-01-05 10:00\n1,Talk,2024-01-20 10:00\n1,Won,2024-03-01 12:00\n",
        MOVES,
    )  # fmt: skip
    assert result.created == 3
    assert moves_of(store, "1") == [
        ("New", "2024-01-05 10:00"), ("Talk", "2024-01-20 10:00"), ("Won", "2024-03-01 12:00"),
    ]  # fmt: skip
    assert owners_of(store, "1") == [("Ann", "2024-01-05")]
    again = bring(store, tmp_path, HEAD + "1,A,Ann,Won,2024-01-10,2024-03-01,,100\n")
    assert again.unchanged == 1


def test_numbers_go_on_while_people_make_deals(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, HEAD + "0,Z,Ann,New,2024-01-10,,,1\n")
    path = tmp_path / "many.csv"
    rows = "".join(f"x{n},T{n},Ann,New,2024-01-10,,,1\n" for n in range(60))
    path.write_text(HEAD + rows, encoding="utf-8")
    steps = importer.import_table(
        store, read_table(path), parse_mapping(DEALS), person=None, now=NOW, slice_seconds=1e-6
    )
    with store.read() as r:
        stage = r.value("SELECT id FROM stage WHERE name = 'New'")
    for step in steps:
        if step.phase == "write":
            deals.create(store, deals.NewDeal("Mine", stage), person=None, now=NOW)
    with store.read() as r:
        numbers = [row[0] for row in r.rows("SELECT number FROM deal")]
    assert len(numbers) == len(set(numbers)) > 61


def test_a_parent_of_twenty_digits_is_no_number(store: Store, tmp_path: Path) -> None:
    mapping = DEALS.replace('amount = "amount"', 'amount = "amount"\nparent = "parent"')
    head = HEAD.strip() + ",parent\n"
    text = head + "1,A,,New,,,,,12345678901234567890\n"
    result = bring(store, tmp_path, text, mapping)
    assert [one.column for one in result.rejected] == ["parent"]
