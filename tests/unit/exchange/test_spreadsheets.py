"""Workbooks and pages of HTML, read in a child process: good ones, damaged ones, hostile ones."""

import datetime as dt
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from salesdesk.services.exchange.reader import read_table
from salesdesk.services.exchange.rejects import MORE_CELLS
from salesdesk.services.exchange.table import Limits, Table, UnreadableFile

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NOON = dt.datetime.fromisoformat("2024-03-01 12:20:30")
MIDNIGHT = dt.datetime.fromisoformat("2024-03-01")
SHEET = "xl/worksheets/sheet1.xml"


def workbook(path: Path, rows: list[list[Any]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, pattern in (formats or {}).items():
        sheet[place].number_format = pattern
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> None:
    """Put other content into one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)


def sheet_xml(data: str) -> bytes:
    return f'<worksheet xmlns="{SPACE}"><sheetData>{data}</sheetData></worksheet>'.encode()


def with_shared_strings(path: Path, strings: bytes) -> None:
    """Give a workbook a table of shared strings; its only cells point to the first of them."""
    with_part(path, "xl/sharedStrings.xml", f'<sst xmlns="{SPACE}">'.encode() + strings + b"</sst>")
    with zipfile.ZipFile(path) as archive:
        types = archive.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    with_part(path, "[Content_Types].xml", types.replace("</Types>", part).encode())
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 2))
    with_part(path, SHEET, sheet_xml(cells))


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_table(path, limits=limits or Limits())
    text = caught.value.text()
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_cells_become_plain_texts(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["id", "сумма ", "когда", "да", "доля", "текст"],
            [1234567.0, 0.1 + 0.2, NOON, True, 0.3, "007"],
            [12345678901234, 1e-7, MIDNIGHT, False, 0.125, "a\nb"],
            [None] * 6,
            [-1.5, 1e15, dt.date(1999, 12, 31), None, 0, " x "],
        ],
        {"E2": "0%", "E3": "0.00%", "E5": "0%"},
    )
    table = read_table(path)
    assert table.headings == ("id", "сумма", "когда", "да", "доля", "текст")
    assert table.rows == [
        (2, ("1234567", "0.3", "2024-03-01 12:20:30", "TRUE", "30%", "007")),
        (3, ("12345678901234", "0.0000001", "2024-03-01", "FALSE", "12.5%", "a\nb")),
        (5, ("-1.5", "1000000000000000", "1999-12-31", "", "0", " x ")),
    ]
    assert (table.found.kind, table.found.sheet) == ("xlsx", "Sheet")


def test_amounts_have_the_currency_that_their_format_shows(tmp_path: Path) -> None:
    formats = (
        '"$"#,##0.00', "[$€-407]#,##0.00", '#,##0.00\\ "₽"', "[$EUR ]#,##0", "$#,##0_-",
        '#,##0 "руб."', '_-* #,##0.00\\ [$₸-43F]_-;\\-* #,##0.00\\ [$₸-43F]_-', "[$-419]#,##0.00",
        '#,##0.00 "pcs"', "#,##0.00", '_("$"* #,##0.00_)',
    )  # fmt: skip
    path = workbook(
        tmp_path / "a.xlsx",
        [["amount"], *([1234.5] for _ in formats), [7]],
        {f"A{row}": code for row, code in enumerate((*formats, formats[0]), 2)},
    )
    found = [cells[0].removeprefix("1234.5").strip() for _, cells in read_table(path).rows]
    assert found[:7] == ["USD", "EUR", "RUB", "EUR", "USD", "RUB", "KZT"]
    assert found[7:] == ["", "", "", "USD", "7 USD"]


def test_formulas_give_their_saved_values(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, 2]])
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="3">'
    cells += '<c r="A3"><f>1+2</f><v>3</v></c><c r="B3" t="str"><f>X</f><v>три</v></c></row>'
    cells += '<row r="5"><c r="A5"><f>A1</f></c><c r="B5" t="e"><v>#N/A</v></c></row>'
    with_part(
        path, SHEET, sheet_xml(cells.replace("<t>a</t>", "<r><t>a</t></r><rPh><t>z</t></rPh>"))
    )
    table = read_table(path)
    assert table.headings == ("a",)
    assert [(one.row, one.value, one.problem) for one in table.rejects] == [
        (3, "три", MORE_CELLS),
        (5, "#N/A", MORE_CELLS),
    ]


def test_the_first_sheet_with_something_is_read_and_others_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Сделки").append(["id"])
    book["Сделки"].append([7])
    book.create_sheet("Ещё").append(["x"])
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx")
    assert (table.found.sheet, table.rows) == ("Сделки", [(2, ("7",))])
    assert table.notes[0].values == (("sheet", "Сделки"), ("n", 3))
    assert read_table(tmp_path / "a.xlsx", sheet="Ещё").headings == ("x",)
    with pytest.raises(UnreadableFile):
        read_table(tmp_path / "a.xlsx", sheet="none")


def test_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["lists"])
    book.active.sheet_state = "hidden"
    book.create_sheet("Deals").append(["id"])
    book.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx").headings == ("id",)


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.csv", [["id"], ["x"]])
    assert read_table(path).found.kind == "xlsx"


def test_damaged_workbooks(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id", "x"]] + [[n, "text"] for n in range(200)])
    whole = path.read_bytes()
    for size in (4, 100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:size])
        assert "damaged" in refusal(path)
    path.write_bytes(whole)
    with_part(path, SHEET, sheet_xml('<row r="1"><c r="A1"><v>1</v>')[:-10])
    assert "damaged" in refusal(path)


def test_other_archives_and_an_empty_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deals.csv", "id\n1\n")
    assert "archive" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "OpenDocument" in refusal(path)
    workbook(path, [])
    assert "no table" in refusal(path)


def test_old_and_encrypted_workbooks(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    path.write_bytes(magic + bytes(600))
    assert "old binary format" in refusal(path)
    path.write_bytes(magic + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    assert "password" in refusal(path)


def test_a_zip_bomb_is_stopped(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"], [1]])
    with_part(path, SHEET, sheet_xml("<row><c><v>1</v></c></row>" * 400_000))
    assert path.stat().st_size < 200_000
    assert "unpacks" in refusal(path, Limits(unpacked_bytes=5_000_000))
    assert "more than 1000 rows" in refusal(path, Limits(rows=1_000))


def test_shared_strings(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"]])
    with_shared_strings(
        path, "<si><t>имя</t></si><si><r><t>А</t></r><r><t>нна</t></r></si>".encode()
    )
    table = read_table(path)
    assert table.headings == ("имя",)
    assert table.rows == [(2, ("Анна",))]


def test_a_bomb_of_shared_strings_meets_the_memory_limit(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"]])
    little = Limits(child_bytes=160 * 1024 * 1024)
    assert read_table(path, limits=little).headings == ("id",)
    bomb = b"<si><t>" + b"A" * 60_000_000 + b"</t></si>"
    with_shared_strings(path, b"<si><t>id</t></si>" + bomb)
    assert path.stat().st_size < 1_000_000
    assert "memory" in refusal(path, little)


def test_cells_far_away_cost_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"]])
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    with_part(path, SHEET, sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>' + far))
    start = time.perf_counter()
    table = read_table(path)
    assert time.perf_counter() - start < 30
    assert table.rows == []
    assert table.rejects[0].row == 1_048_576
    for far in (
        '<row r="9999999999"><c><v>1</v></c></row>',
        '<row><c r="ZZZZ1"><v>1</v></c></row>',
    ):
        with_part(path, SHEET, sheet_xml(far))
        assert "damaged" in refusal(path)


def test_document_types_and_entities_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"]])
    entities = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    cells = sheet_xml('<row><c t="inlineStr"><is><t>&b;</t></is></c></row>').decode()
    for start in (entities, "<!DOCTYPE x>"):
        with_part(path, SHEET, (start + cells.replace("&b;", "b")).encode())
        assert "damaged" in refusal(path)
    workbook(path, [["id"]])
    with_part(path, "xl/workbook.xml", (entities + "<workbook>&b;</workbook>").encode())
    assert "damaged" in refusal(path)


def test_a_slow_file_is_given_up(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"], [1]])
    assert "took longer" in refusal(path, Limits(child_seconds=0.01))


PAGE = """<html><head><meta http-equiv="Content-type" content="text/html;charset=UTF-8"/></head>
<body><table><tr><td>menu</td></tr></table><table border="1"><thead><tr><th>ID</th><th>Название
 сделки</th><th>Сумма</th></tr></thead><tbody><tr><td>1</td><td>ООО &quot;Ромашка&quot; &amp;
 Ко</td><td>1&nbsp;200,50</td></tr><tr><td> </td><td></td><td></td></tr><tr><td>2</td><td>a<br>b
</td><td></td></tr></tbody></table></body></html>"""


def page(tmp_path: Path, text: str, encoding: str = "utf-8") -> Table:
    path = tmp_path / "deals.xls"
    path.write_bytes(text.encode(encoding))
    return read_table(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_page_of_html_named_xls(tmp_path: Path, encoding: str) -> None:
    table = page(tmp_path, PAGE, encoding)
    assert table.found.kind == "html"
    assert table.headings == ("ID", "Название сделки", "Сумма")
    assert table.rows == [
        (2, ("1", 'ООО "Ромашка" & Ко', "1 200,50")),
        (4, ("2", "a\nb", "")),
    ]


def test_pages_without_a_table_or_with_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text("<html><body><p>Session expired</p></body></html>")
    assert "no table" in refusal(path)
    table = page(tmp_path, "<meta><table><tr><th>id<th>x<tr><td>1<td>2<tr><td colspan=2>3")
    assert table.rows == [(2, ("1", "2")), (3, ("3", ""))]


def test_an_xml_spreadsheet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_text(f'<?xml version="1.0"?><Workbook xmlns="{space}"></Workbook>')
    assert "XML spreadsheet" in refusal(path)


def test_formulas_that_nothing_worked_out_are_told(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["id", "amount"], [1, "=2*3"], [2, 5], [3, "=A4*2"]]
    found = read_table(workbook(tmp_path / "a.xlsx", rows))
    assert [cells for _, cells in found.rows] == [("1", ""), ("2", "5"), ("3", "")]
    assert [note.values for note in found.notes] == [(("n", 2),)]
    without = read_table(workbook(tmp_path / "b.xlsx", [["id", "amount"], [1, 5], [2, None]]))
    assert without.notes == ()
