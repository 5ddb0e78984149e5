"""What an import says of the file that it read."""

from pathlib import Path

import pytest

from tests.cli.conftest import MAP, Run


@pytest.mark.parametrize("mapped", [False, True])
def test_an_import_says_what_it_found_out(desk: Run, tmp_path: Path, mapped: bool) -> None:
    rows = "id;title;owner;company;stage;created;amount\n1;A;;;Новая;5/30/2024;1,50\n"
    (tmp_path / "deals.csv").write_bytes(rows.encode("cp1251"))
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    words = ["import", tmp_path / "deals.csv", "--as", "deals", "--dry-run"]
    words += ["--map", tmp_path / "map.toml"] if mapped else []
    document = desk(*words, "--json").json
    assert document["found"] == {
        "kind": "csv", "encoding": "Windows-1251", "delimiter": "semicolon", "sheet": None,
        "dates": {"created_at": "M/D/Y"}, "decimal": {"amount": ","},
    }  # fmt: skip
    assert document["notes"] == []
    how = "Found: CSV, Windows-1251, semicolon; created_at M/D/Y; amount 0,00"
    assert how in desk(*words).out.splitlines()


def test_a_file_of_rejects_that_cannot_be_written_hides_no_import(
    desk: Run, tmp_path: Path
) -> None:
    (tmp_path / "deals.csv").write_text(
        "id,title,stage,created_at\n1,A,New request,2024-03-01\n2,B,New request,never\n"
    )
    words = (
        "import",
        tmp_path / "deals.csv",
        "--as",
        "deals",
        "--rejects",
        tmp_path / "no" / "r.csv",
    )
    told = desk(*words, "--json")
    assert told.status == 1
    assert (told.json["created"], len(told.json["rejected"])) == (1, 1)
    assert told.json["error"]["title"] == "Not saved"
    assert told.err.count("\n") == 1
    shown = desk(*words)
    assert (shown.status, "rejected: 1" in shown.out) == (1, True)


def test_dates_that_nothing_decides_are_told(desk: Run, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "id,title,stage,created_at,closed_at,expected_close\n1,A,Won,5/30/2024,6/7/2024,06.07.2024\n"
    )
    [note] = desk("import", tmp_path / "deals.csv", "--as", "deals", "--json").json["notes"]
    assert note.startswith("Nothing in “closed_at” tells day and month apart")


def test_a_sheet_of_no_deals_says_that_there_are_others(desk: Run, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Read me"
    book.active.append(["Made on", "1 April"])
    deals = book.create_sheet("Deals")
    for row in (("id", "title", "stage", "created_at"), (1, "A", "New request", "2026-11-02")):
        deals.append(row)
    book.save(tmp_path / "deals.xlsx")
    words = ("import", tmp_path / "deals.xlsx", "--as", "deals")
    refused = desk(*words)
    assert refused.status == 1
    assert refused.err.strip() == (
        "No column of the sheet Read me of deals.xlsx looks like a field of deals: name another of "
        "its 2 sheets with --sheet, or say which column is which with --map."
    )
    assert desk(*words, "--sheet", "Deals", "--json").json["created"] == 1
