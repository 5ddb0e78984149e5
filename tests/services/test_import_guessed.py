"""Stages of an import whose mapping was guessed: a guess asks for none, good rows do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.models.store import Store
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.fields import Kind
from salesdesk.services.exchange.guess import guess_mapping
from salesdesk.services.exchange.importer import ImportResult
from salesdesk.services.exchange.mapping import Mapping, dumps, parse_mapping
from salesdesk.services.exchange.reader import read_table
from salesdesk.ui.imports.draft import settled
from tests.builders import Desk, empty_store
from tests.services.importing import NOW, moves_of

DEALS = (
    "ID;Название сделки;Стадия сделки;Воронка;Сумма;Ответственный;Дата создания\n"
    "1;A;Новая;Продажи;100;Анна;01.03.2024\n"
    "2;B;Сделка успешна;Продажи;200;Анна;02.03.2024\n"
    "3;C;Ремонт;Сервис;300;Борис;03.03.2024\n"
    "4;D;Отменена;Сервис;300;Борис;03.03.2024\n"
)
COLUMNS = """as = "deals"
[columns]
external_id = "ID"
title = "Название сделки"
stage = "Стадия сделки"
pipeline = "Воронка"
created_at = "Дата создания"
"""
BOTH = {
    "Продажи": [("Новая", "open"), ("Сделка успешна", "won")],
    "Сервис": [("Ремонт", "open"), ("Отменена", "lost")],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as opened:
        Desk(opened)
        yield opened


def bring(
    store: Store, folder: Path, text: str, kind: Kind = "deals", mapping: Mapping | None = None
) -> ImportResult:
    """Import a file of this text by the mapping, else by the one that is guessed."""
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    table = read_table(path)
    mapping = settled(table, mapping) if mapping else guess_mapping(table, kind).mapping
    return importer.run(importer.import_table(store, table, mapping, person=None, now=NOW))


def stages_of(store: Store) -> dict[str, list[tuple[str, str]]]:
    """Names and kinds of the stages of each pipeline, as they stand."""
    found: dict[str, list[tuple[str, str]]] = {}
    with store.read() as r:
        for pipeline, name, kind in r.rows(
            "SELECT p.name, s.name, s.kind FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
            "ORDER BY p.id, s.position"
        ):
            found.setdefault(pipeline, []).append((name, kind))
    return found


def test_each_pipeline_gets_the_stages_of_its_own_rows(store: Store, tmp_path: Path) -> None:
    result = bring(store, tmp_path, DEALS)
    assert stages_of(store) == BOTH
    assert result.created_stages == ("Новая", "Сделка успешна", "Ремонт", "Отменена")
    assert result.created_moves == 6
    assert [name for name, _ in moves_of(store, "4")] == ["Ремонт", "Отменена"]
    assert bring(store, tmp_path, DEALS).unchanged == 4


def test_so_does_the_window_with_a_mapping_that_names_no_stages(
    store: Store, tmp_path: Path
) -> None:
    bring(store, tmp_path, DEALS, mapping=parse_mapping(COLUMNS))
    assert stages_of(store) == BOTH


def test_the_first_spelling_of_a_stage_stays(store: Store, tmp_path: Path) -> None:
    rows = ("1,A,Call", "2,B,Contract", "3,C,CALL", "4,D, contract ", "5,E,closed won",
            "6,F,Closed Won")  # fmt: skip
    text = "external_id,title,stage,created_at\n" + "".join(f"{row},2024-03-01\n" for row in rows)
    bring(store, tmp_path, text)
    assert stages_of(store)["Sales"] == [
        ("Call", "open"), ("Contract", "open"), ("closed won", "won"),
    ]  # fmt: skip


def test_stages_that_a_mapping_names_are_made_in_every_pipeline(
    store: Store, tmp_path: Path
) -> None:
    named = '[stages]\n"Новая" = { stage = "Новая" }\n"Отложена" = { stage = "Отложена" }\n'
    bring(store, tmp_path, DEALS, mapping=parse_mapping(COLUMNS + named))
    for stages in stages_of(store).values():
        assert stages[:2] == [("Новая", "open"), ("Отложена", "open")]


def test_a_guess_written_down_names_its_stages(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(DEALS, "utf-8")
    saved = dumps(guess_mapping(read_table(tmp_path / "file.csv"), "deals").mapping)
    bring(store, tmp_path, DEALS, mapping=parse_mapping(saved))
    assert [len(stages) for stages in stages_of(store).values()] == [4, 4]


def test_the_log_of_several_pipelines_ends_each_as_its_rows_do(
    store: Store, tmp_path: Path
) -> None:
    result = bring(
        store,
        tmp_path,
        "deal,pipeline,stage,at\n"
        "1,Sales,New,2024-03-01 10:00\n1,Sales,Won,2024-03-02 10:00\n"
        "2,Service,Lost,2024-03-02 10:00\n2,Service,Job,2024-03-01 10:00\n"
        "3,Stock,Shelf,2024-03-01 10:00\n",
        "moves",
    )
    assert result.created == 5
    assert stages_of(store) == {
        "Sales": [("New", "open"), ("Won", "won")],
        "Service": [("Job", "open"), ("Lost", "lost")],
        "Stock": [("Shelf", "open")],
    }


def test_no_stage_is_made_for_a_refused_row(store: Store, tmp_path: Path) -> None:
    result = bring(
        store,
        tmp_path,
        "external_id,title,owner,stage,created_at\n"
        "1,A,Ann,New,2024-03-01\n2,B,Zed,Odd,2024-13-01\n3,C,Ann,New,2024-03-01\n",
    )
    assert [reject.row for reject in result.rejected] == [3]
    assert result.created_stages == ("New",)
    assert stages_of(store) == {"Sales": [("New", "open")]}


def test_the_order_of_a_sale_is_kept_whatever_row_comes_first(store: Store, tmp_path: Path) -> None:
    bring(
        store,
        tmp_path,
        "external_id,title,pipeline,stage,created_at\n"
        "1,A,Sales,Lost,2024-03-01\n2,B,Sales,Won,2024-03-01\n3,C,Sales,Negotiation,2024-03-01\n"
        "4,D,Service,Proposal,2024-03-01\n5,E,Sales,Proposal,2024-03-01\n"
        "6,F,Sales,New,2024-03-01\n",
    )
    assert [name for name, _ in stages_of(store)["Sales"]] == [
        "New", "Proposal", "Negotiation", "Won", "Lost",
    ]  # fmt: skip
    assert stages_of(store)["Service"] == [("Proposal", "open")]


def test_a_column_called_like_the_key_is_the_key_though_it_repeats_itself(
    store: Store, tmp_path: Path
) -> None:
    rows = "".join(f"D{n // 2},{n},Deal {n // 2},New,2024-03-01\n" for n in range(12))
    result = bring(store, tmp_path, "external_id,number,title,stage,created_at\n" + rows)
    assert (result.created, len(result.rejected)) == (6, 6)
    with store.read() as r:
        assert {row[0] for row in r.rows("SELECT external_id FROM deal")} == {
            f"D{n}" for n in range(6)
        }
