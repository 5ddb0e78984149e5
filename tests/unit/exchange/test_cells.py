"""Cells that a spreadsheet must not run, and the file of refused rows."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import SalesDeskError
from salesdesk.services.exchange.cells import is_active, plain_cell, safe_cell
from salesdesk.services.exchange.reader import read_table
from salesdesk.services.exchange.rejects import NOT_A_DATE, Reject, write_rejects
from salesdesk.text import set_language

PAYLOADS = [
    *("=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1+1"),
    *('=HYPERLINK("http://x","y")', "+7+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "--1+x"),
    *("=", "+a", "-a", "- one", "@name", "＝1+1", "＋1", "－1+x", "＠x", "\ufeff=1", "\u200b=1"),
    *("+7 912 345=1", "+7(912)&A1", "-5|x", "-1,2,3", "+1 e5", '+"x"', "-(1)", "+(1)"),
    *("=IMPORTXML(A1)", "=1;=2", "\t", "\r", "\n+1", "\0=1", "+A1", "-A1+7", "-7!A1", "@", "+"),
]
HARMLESS = [
    *(
        "",
        "text",
        "a=b",
        "1+1",
        "7",
        "-5",
        "-5.25",
        "-5,25",
        "-1 200 000,50",
        "+7",
        "-12%",
        "-",
        "--",
    ),
    *(
        "+7 912 345-67-89",
        "+79123456789",
        "+7 (912) 345-67-89",
        "+1.202.555.0100",
        "+7-912-345-67-89",
    ),
    *("'quoted", "8 (800) 555-35-35", "ООО «Ромашка»", "e-mail@example.org", "a\nb"),
]


@pytest.mark.parametrize("text", PAYLOADS)
def test_active_cells_are_guarded(text: str) -> None:
    assert safe_cell(text) == "'" + text
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_phones_numbers_and_plain_texts_stay_whole(text: str) -> None:
    assert safe_cell(text) == text
    assert plain_cell(text) == text


@given(st.text(alphabet=st.sampled_from("=+-@'\t\r\n 17().a＝|!"), max_size=12))
def test_guarding_can_be_taken_back(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text or text.startswith("'")
    assert not is_active(safe_cell(text))


def test_refused_rows_become_a_file_that_can_be_mended(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    rejects = [
        Reject(9, "Дата", "=bad", NOT_A_DATE),
        Reject(4, "Дата", "31.02.2017", NOT_A_DATE),
    ]
    cells = {4: ("1", "31.02.2017", "a;b\nc"), 9: ("+7 912 345-67-89", "=bad", "-5")}
    assert write_rejects(path, ("id", "Дата", "note"), rejects, cells) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = read_table(path)
    assert table.headings == ("Row", "Column", "Value", "Reason", "id", "Дата", "note")
    assert table.rows == [
        (2, ("4", "Дата", "31.02.2017", "not a date", "1", "31.02.2017", "a;b\nc")),
        (3, ("9", "Дата", "'=bad", "not a date", "+7 912 345-67-89", "'=bad", "-5")),
    ]


def test_the_reasons_are_in_the_chosen_language_but_not_in_the_record(tmp_path: Path) -> None:
    set_language("ru")
    write_rejects(tmp_path / "a.csv", ("id",), [Reject(2, "id", "", NOT_A_DATE)], {2: ("",)})
    assert Reject(2, "id", "", NOT_A_DATE).problem == "not a date"
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file, delimiter=";"))) == 2


def test_a_place_that_cannot_be_written_keeps_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(SalesDeskError):
        write_rejects(tmp_path / "none" / "a.csv", ("id",), [], {})
    (tmp_path / "folder").mkdir()
    with pytest.raises(SalesDeskError):
        write_rejects(tmp_path / "folder", ("id",), [], {})
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]
