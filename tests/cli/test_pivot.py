"""``pivot`` and ``awards`` at the command line."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import CLOSED_MAP, Run, bring

DEALS = """id,title,owner,company,stage,created,closed,amount
D1,Crane,Anna Orlova,Sever,Won,2026-07-02 10:00,2026-07-12 10:00,1000000
D2,Racks,Boris Yudin,=1+1,Won,2026-08-03 10:00,2026-09-13 10:00,2000.50
D3,Pump,Boris Yudin,Sever,New request,2026-09-03 10:00,,
"""


@pytest.fixture
def told(desk: Run, tmp_path: Path) -> Run:
    """A workspace with three deals of two people."""
    bring(desk, tmp_path, DEALS, CLOSED_MAP)
    return desk


def test_a_pivot_as_a_document_a_text_and_a_file(told: Run, tmp_path: Path) -> None:
    words = ("pivot", "--rows", "closed:month", "--columns", "person", "--date", "closed",
             "--only", "state=won", "--measure", "sum:amount")  # fmt: skip
    found = told(*words, "--json").json
    assert found["columns"] == ["Closed", "Anna Orlova", "Boris Yudin", "Total"]
    assert found["rows"] == [
        ["2026-07-01", "1000000.00", "0.00", "1000000.00"],
        ["2026-08-01", "0.00", "0.00", "0.00"],
        ["2026-09-01", "0.00", "2000.50", "2000.50"],
    ]
    assert found["total"] == [None, "1000000.00", "2000.50", "1002000.50"]
    period = ("--from", "2026-09-01", "--to", "2026-09-30")
    text = told(*words, *period).out.replace("\u00a0", " ")
    assert "September 2026" in text
    assert "July 2026" not in text
    path = tmp_path / "clients.xlsx"
    assert told("pivot", "--rows", "client", "--output", path).status == 0
    cells = [row[0].value for row in load_workbook(path).worksheets[0].iter_rows()]
    assert set(cells) >= {"Sever", "=1+1"}
    kinds = {row[0].data_type for row in load_workbook(path).worksheets[0].iter_rows()}
    assert "f" not in kinds, "a name that looks like a formula stays text"


def test_what_a_pivot_may_be_made_of_and_what_not(told: Run) -> None:
    found = told("pivot", "--of", "task", "--fields", "--json").json
    assert {"key": "due", "name": "Due", "date": True} in found["fields"]
    assert {"key": "late", "name": "Days late"} in found["numbers"]
    for words, said in (
        (("--rows", "moon"), "“moon”"),
        (("--only", "state=blue"), "“blue”"),
        (("--measure", "sum"), "which number"),
    ):
        refused = told("pivot", *words)
        assert (refused.status, said in refused.err) == (1, True)
    for words in (("--from", "2026-01-01"), ("--only", "state"), ("--of", "moon")):
        assert told("pivot", *words).status == 2


def test_awards_are_listed_proposed_confirmed_and_taken_back(told: Run, tmp_path: Path) -> None:
    assert told("awards", "--json").json == {"awards": [], "waiting": ["2026-Q3"]}
    places = told("awards", "propose", "2026-Q3", "--json").json["places"]
    assert [(one["place"], one["person"]) for one in places] == [
        (1, "Boris Yudin"), (2, "Anna Orlova"),
    ]  # fmt: skip
    other = ("--place", "1=Anna Orlova")
    assert "say why" in told("awards", "confirm", "2026-Q3", *other).err
    given = told("awards", "confirm", "2026-Q3", *other, "--reason", "A fair year", "--json").json
    assert [(one["person"], one["reason"]) for one in given["places"]] == [
        ("Anna Orlova", "A fair year")
    ]
    assert "Anna Orlova" in told("awards").out
    path = tmp_path / "certificate.pdf"
    assert told("awards", "certificate", "2026-Q3", "--output", path).status == 0
    assert path.read_bytes().startswith(b"%PDF")
    assert told("awards", "certificate", "2026-Q2", "--output", path).status == 1
    assert told("awards", "withdraw", "2026-Q3").status == 0
    assert told("awards", "--json").json["awards"] == []
    assert told("undo").status == 0
    assert len(told("awards", "--json").json["awards"]) == 1
    assert told("awards", "propose", "2026-13").status == 2
    assert told("awards", "propose", "2026-Q4").status == 1
