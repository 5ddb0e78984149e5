"""CSV files of all sorts, read as a spreadsheet would count their rows."""

import codecs
import csv
import os
import time
from pathlib import Path

import pytest

from salesdesk.services.exchange.reader import read_table
from salesdesk.services.exchange.rejects import LONG_CELL, MORE_CELLS, OPEN_QUOTE
from salesdesk.services.exchange.table import Limits, Table, UnreadableFile

RUSSIAN = "Название;Этап;Сумма\nПоставка окон;Успешно реализовано;1 200,50\nЁлка;Отказ;7\n"


def read(tmp_path: Path, content: str | bytes, limits: Limits | None = None) -> Table:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, limits=limits or Limits())


def refusal(tmp_path: Path, content: str | bytes, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, content, limits)
    text = caught.value.text()
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (RUSSIAN.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + RUSSIAN.encode(), "UTF-8 with BOM"),
        (codecs.BOM_UTF16_LE + RUSSIAN.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + RUSSIAN.encode("utf-16-be"), "UTF-16"),
        (RUSSIAN.encode("cp1251"), "Windows-1251"),
        (RUSSIAN.encode("koi8-r"), "KOI8-R"),
        (RUSSIAN.encode("cp866"), "CP866"),
    ],
)
def test_finds_the_encoding(tmp_path: Path, data: bytes, name: str) -> None:
    table = read(tmp_path, data)
    assert table.found.encoding == name
    assert table.headings == ("Название", "Этап", "Сумма")
    assert table.rows[1] == (3, ("Ёлка", "Отказ", "7"))


def test_accents_are_not_taken_for_cyrillic(tmp_path: Path) -> None:
    table = read(tmp_path, "name,city\nMüller GmbH,Köln\nCafé,Málaga\n".encode("cp1252"))
    assert table.found.encoding == "Windows-1252"
    assert table.rows[0][1] == ("Müller GmbH", "Köln")


def test_one_cyrillic_word_is_enough_for_windows_1251(tmp_path: Path) -> None:
    table = read(tmp_path, "id,owner\n1,Иванов\n".encode("cp1251"))
    assert table.found.encoding == "Windows-1251"
    assert table.rows[0][1] == ("1", "Иванов")


def test_a_damaged_byte_leaves_utf8_and_is_reported(tmp_path: Path) -> None:
    data = "id;имя\n1;Анна\n2;Борис\n".encode()
    table = read(tmp_path, data.replace("Борис".encode()[:2], b"\xd0\x41"))
    assert table.found.encoding == "UTF-8"
    assert table.found.damaged == 1
    assert "\ufffd" in table.rows[1][1][1]
    assert table.rows[0][1] == ("1", "Анна")
    assert table.notes


def test_text_cut_inside_a_character_is_still_utf8(tmp_path: Path) -> None:
    table = read(tmp_path, "id;имя\n1;Анна\n2;Борис".encode()[:-1])
    assert table.found.encoding == "UTF-8"
    assert table.found.damaged == 1
    assert len(table.rows) == 2


@pytest.mark.parametrize(
    ("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
def test_finds_the_delimiter(tmp_path: Path, sign: str, name: str) -> None:
    rows = [["id", "сумма, ₽", "note"], ["1", "1,5", "a; b, c | d"], ["2", "2,5", "x"]]
    with (tmp_path / "file.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=sign).writerows(rows)
    table = read_table(tmp_path / "file.csv")
    assert table.found.delimiter == name
    assert [list(cells) for _, cells in table.rows] == rows[1:]


def test_decimal_commas_do_not_divide_cells(tmp_path: Path) -> None:
    table = read(tmp_path, "ID;Название;Бюджет, ₽\n1;Окна;100,50\n2;Двери;7,00\n")
    assert table.found.delimiter == "semicolon"
    assert table.rows[0][1] == ("1", "Окна", "100,50")


def test_a_single_column_keeps_its_commas(tmp_path: Path) -> None:
    table = read(tmp_path, "name\nIvanov, Ivan\nPetrov; Petr\n")
    assert table.found.delimiter == "none"
    assert [cells for _, cells in table.rows] == [("Ivanov, Ivan",), ("Petrov; Petr",)]


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    content = 'id,note\n1,"two\nlines"\n\n,\n2,x\r\n3,"a\r\nb"\n4,y'
    assert read(tmp_path, content).rows == [
        (2, ("1", "two\nlines")),
        (5, ("2", "x")),
        (6, ("3", "a\r\nb")),
        (7, ("4", "y")),
    ]


def test_blank_lines_above_the_heading_count(tmp_path: Path) -> None:
    table = read(tmp_path, "\n\nid,x\n1,2\n")
    assert table.headings == ("id", "x")
    assert table.rows == [(4, ("1", "2"))]


def test_old_mac_line_ends(tmp_path: Path) -> None:
    assert read(tmp_path, "id,x\r1,2\r2,3\r").rows == [(2, ("1", "2")), (3, ("2", "3"))]


def test_a_line_naming_the_separator_is_no_row(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=;\nid;a,b\n1;2,3\n")
    assert table.headings == ("id", "a,b")
    assert table.rows == [(2, ("1", "2,3"))]


def test_backslashes_escape_quotation_marks_beside_doubled_ones(tmp_path: Path) -> None:
    content = '"ID";"Название"\n"1";"ООО \\"Ромашка\\""\n"2";"ЗАО ""Лилия"""\n'
    content += '"3";"\\"А\\"; и Б"\n4;5\\" окно\n'
    cells = [row for _, row in read(tmp_path, content).rows]
    assert cells == [
        ("1", 'ООО "Ромашка"'),
        ("2", 'ЗАО "Лилия"'),
        ("3", '"А"; и Б'),
        ("4", '5" окно'),
    ]


def test_a_path_ending_in_a_backslash_is_no_escape(tmp_path: Path) -> None:
    content = 'id,path\n1,"C:\\deals\\"\n2,"D:\\x\\"\n'
    assert [row for _, row in read(tmp_path, content).rows] == [
        ("1", "C:\\deals\\"),
        ("2", "D:\\x\\"),
    ]


def test_short_rows_are_filled_and_long_ones_refused(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2\n1,2,3,,\n1,2,3,four\n5\n")
    assert table.rows == [(2, ("1", "2", "")), (3, ("1", "2", "3")), (5, ("5", "", ""))]
    (reject,) = table.rejects
    assert (reject.row, reject.value, reject.problem) == (4, "four", MORE_CELLS)
    assert table.spoilt == ((4, ("1", "2", "3", "four")),)
    assert table.read == 4


def test_an_open_quotation_mark_spoils_its_row_only(tmp_path: Path) -> None:
    rows = "".join(f"{n},fine\n" for n in range(5, 200))
    table = read(tmp_path, f'id,note\n1,ok\n2,"open\n3,"b ""c"" d"\n4,"open again\n{rows}')
    assert [(one.row, one.problem) for one in table.rejects] == [(3, OPEN_QUOTE), (5, OPEN_QUOTE)]
    assert table.rows[1] == (4, ("3", 'b "c" d'))
    assert len(table.rows) == 2 + 195
    assert table.rows[-1] == (200, ("199", "fine"))


def test_bare_quotation_marks_inside_a_quoted_cell(tmp_path: Path) -> None:
    content = 'id,name\n1,"ООО "Ромашка""\n2,"a "b" c"\n3,"x" y\n4,"ok ""z"""\n'
    cells = [row for _, row in read(tmp_path, content).rows]
    assert cells == [("1", 'ООО "Ромашка"'), ("2", 'a "b" c'), ("3", "x y"), ("4", 'ok "z"')]


def test_blanks_before_a_quotation_mark(tmp_path: Path) -> None:
    content = 'id, title, owner\n1, "Big, fat", "Ann"\n2, "B", Bob\n 3,  "two\nlines", "Z ""y"""\n'
    table = read(tmp_path, content)
    assert table.rejects == ()
    cells = [tuple(map(str.strip, row)) for _, row in table.rows]
    assert cells == [("1", "Big, fat", "Ann"), ("2", "B", "Bob"), ("3", "two\nlines", 'Z "y"')]


def test_a_mark_behind_a_blank_may_belong_to_the_text(tmp_path: Path) -> None:
    table = read(tmp_path, 'id;title\n1; "Luch" Ltd\n2; Volga "A"\n')
    assert [row[1].strip() for _, row in table.rows] == ['"Luch" Ltd', 'Volga "A"']


def test_a_file_of_open_quotation_marks_ends(tmp_path: Path) -> None:
    start = time.perf_counter()
    table = read(tmp_path, "a,b\n" + '2,"x\n' * 30_000)
    assert len(table.rejects) == 30_000
    assert not table.rows
    table = read(tmp_path, "a,b\n" + '1,"x\n' + "2,y\n" * 30_000)
    assert [one.row for one in table.rejects] == [2]
    assert len(table.rows) == 30_000
    assert time.perf_counter() - start < 20


def test_headings_are_trimmed_and_duplicates_stay(tmp_path: Path) -> None:
    table = read(tmp_path, "Бюджет , Note,Note,Note (2),,Note\n1,2,3,4,5,6\n")
    assert table.headings == ("Бюджет", "Note", "Note", "Note (2)", "", "Note")
    addresses = table.addresses()
    assert addresses == ("Бюджет", "Note", "Note (3)", "Note (2)", "Column 5", "Note (4)")
    assert len(set(addresses)) == 6


def test_two_hundred_columns(tmp_path: Path) -> None:
    heading = ",".join(f"c{n}" for n in range(200))
    table = read(tmp_path, f"{heading}\n{','.join('1' * 200)}\n")
    assert len(table.headings) == 200
    assert len(table.rows[0][1]) == 200
    assert "columns" in refusal(tmp_path, ",".join(f"c{n}" for n in range(2_001)) + "\n")


def test_a_huge_cell_is_refused_with_its_row(tmp_path: Path) -> None:
    table = read(tmp_path, f'id,note\n1,"{"x" * 300_000}"\n2,y\n')
    assert [(one.row, one.column, one.problem) for one in table.rejects] == [(2, "note", LONG_CELL)]
    assert len(table.rejects[0].value) < 300
    assert table.rows == [(3, ("2", "y"))]


def test_too_many_rows_or_bytes(tmp_path: Path) -> None:
    content = "a,b\n" + "1,2\n" * 20
    assert "more than 10 rows" in refusal(tmp_path, content, Limits(rows=10))
    assert "MB" in refusal(tmp_path, content, Limits(file_bytes=50))


def test_a_heading_without_rows_is_a_table(tmp_path: Path) -> None:
    table = read(tmp_path, "id,name\n")
    assert table.headings == ("id", "name")
    assert table.rows == []
    assert table.read == 0


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \r\n\t\n", codecs.BOM_UTF8, b",,\n,,\n"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    assert "empty" in refusal(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 40,
        b"id,name\n1,A\0B\n",
        b"\x7fELF\x02\x01\x01" + bytes(100),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"\x1f\x8b\x08\x00" + bytes(range(200)),
        b"\xff\xd8\xff\xe0\x10JFIF",
        os.urandom(5_000),
        bytes(0x80 + n * 7 % 128 for n in range(3_000)),
    ],
)
def test_binary_files(tmp_path: Path, content: bytes) -> None:
    assert "CSV" in refusal(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'[{"id": 1, "title": "A"},\n{"id": 2, "title": "B"}]', "JSON"),
        (b'\xef\xbb\xbf{\n  "deals": [\n    {"id": 1}\n  ]\n}', "JSON"),
        (b'{"id": 1, "title": "A"}\n{"id": 2, "title": "B"}\n', "JSON"),
        (b'<?xml version="1.0"?>\n<deals>\n<deal id="1" title="A"/>\n</deals>', "XML"),
        ('<?xml version="1.0"?><deals><deal id="1"/></deals>'.encode("utf-16"), "XML"),
    ],
)
def test_marked_up_texts_are_no_tables(tmp_path: Path, content: bytes, name: str) -> None:
    assert refusal(tmp_path, content).startswith(f"This is a {name} file, not a table")


def test_headings_with_signs_of_their_own_are_no_markup(tmp_path: Path) -> None:
    for text in ("<id>,<title>\n1,A\n", '[id],"[title]"\n1,A\n', '"{id}","title: new"\n1,A\n'):
        assert len(read(tmp_path, text).rows) == 1


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path, word in ((tmp_path / "none.csv", "no file"), (tmp_path, "folder")):
        with pytest.raises(UnreadableFile) as caught:
            read_table(path)
        assert word in caught.value.text()
        assert str(path) in caught.value.text()
    with pytest.raises(UnreadableFile):
        read_table(str(tmp_path / "a\0b.csv"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFile):
        read_table(tmp_path / "pipe")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(UnreadableFile) as caught:
        read_table(path)
    assert "permission" in caught.value.text()


@pytest.mark.parametrize(
    "title",
    [
        *("Deals of the team;;;;\n", "Deals;;;;\n;;;;\nPeriod;2026;;;\n", ";Deals;;;\n"),
        *("Deals, all of them\n", "Deals\n\n", "Deals\nof the team\n\nPeriod;2026\n"),
    ],
)
def test_a_title_above_the_heading_is_no_part_of_the_table(tmp_path: Path, title: str) -> None:
    table = read(tmp_path, title + "Id;Title;Owner;Stage;Amount\n1;Crane;Ann;New;5\n")
    heading = title.count("\n") + 1
    assert table.headings == ("Id", "Title", "Owner", "Stage", "Amount")
    assert table.rows == [(heading + 1, ("1", "Crane", "Ann", "New", "5"))]
    assert [note.values for note in table.notes] == [(("n", heading),)]
    assert not table.rejects


def test_a_column_of_texts_with_commas_has_no_title(tmp_path: Path) -> None:
    table = read(
        tmp_path, "Name\nIvanov, Ivan, Petrovich\nKim, Maria, Olegovna\nOrlova, Anna, K.\n"
    )
    assert table.headings == ("Name",)
    assert len(table.rows) == 3


def test_a_remark_beside_a_row_of_a_list_makes_no_heading_of_it(tmp_path: Path) -> None:
    text = "name;\nAcme;\nBravo;\nDelta;Moscow;Ivan\nEcho;\n"
    table = read(tmp_path, text)
    assert table.headings == ("name",)
    assert [row for row, _ in table.rows] == [2, 3, 5]
    assert [one.row for one in table.rejects] == [4]
    assert not table.notes


@pytest.mark.parametrize(
    "text",
    [
        "Id;Name;;;\n1;Crane;Ann;New;5\n",  # the row is no heading: it has numbers
        "Note;;;;\nOne;Two;One;Two;Three\n",  # nor where it repeats itself
        "Id;Name;;;\nA;B;C;D;E\n",  # two words are a heading
    ],
)
def test_rows_longer_than_the_heading_stay_refused(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)
    assert (len(table.rows), len(table.rejects)) == (0, 1)
    assert table.headings[0] == text.split(";", maxsplit=1)[0]
