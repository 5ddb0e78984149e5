"""import and export at the command line."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import real_files
from tests.cli.conftest import DEALS, MAP, ZONE, Run
from tests.real_files import HELPDESK, PIPELINE, needs_files

SHAPE = {
    "read", "created", "updated", "unchanged", "rejected", "created_deals", "created_stages",
    "created_people",
}  # fmt: skip
BAD = """id,title,owner,company,stage,created,amount
G1,Good,Ivan,Sever,New request,2026-11-02,1
B1,Bad day,Zoe,Sever,New request,2026-02-31,2

B2,Bad sum,Zoe,Sever,New request,2026-11-02,many
G2,Good too,Ivan,Sever,Quite new,2026-11-03,3
"""


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def bad(tmp_path: Path) -> tuple[Any, ...]:
    """Words that import a file with two bad rows."""
    (tmp_path / "bad.csv").write_text(BAD, "utf-8")
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    return "import", tmp_path / "bad.csv", "--as", "deals", "--map", tmp_path / "map.toml"


def test_import_answers_with_the_shape_promised(desk: Run, bad: tuple[Any, ...]) -> None:
    found = desk("--json", *bad)
    assert found.status == 0
    document = found.json
    assert set(document) >= SHAPE
    assert (document["read"], document["created"], document["created_deals"]) == (4, 2, 2)
    assert document["rejected"] == [
        {"row": 3, "column": "created", "value": "2026-02-31", "problem": "not a date"},
        {"row": 5, "column": "amount", "value": "many", "problem": "not a number"},
    ]
    assert document["created_stages"] == ["Quite new"]
    assert document["created_people"] == ["Ivan"]
    again = desk("--json", *bad).json
    assert (again["created"], again["unchanged"], again["command_id"]) == (0, 2, None)


def test_all_or_nothing_imports_nothing_and_is_a_failure(desk: Run, bad: tuple[Any, ...]) -> None:
    found = desk("--json", *bad, "--all-or-nothing")
    assert found.status == 1
    assert len(found.json["rejected"]) == 2
    assert found.json["error"]["message"] == found.err.strip()
    assert sum(s["count"] for s in desk("--json", "board").json["stages"]) == 0


def test_a_dry_run_changes_nothing(desk: Run, bad: tuple[Any, ...]) -> None:
    before = desk("--json", "history").json
    found = desk("--json", *bad, "--dry-run")
    assert (found.status, found.json["created"], found.json["dry_run"]) == (0, 2, True)
    assert desk("--json", "history").json == before


def test_rejected_rows_as_a_file(desk: Run, bad: tuple[Any, ...], tmp_path: Path) -> None:
    found = desk(*bad, "--rejects", tmp_path / "rejects.csv")
    assert found.status == 0
    assert "not a date" in found.out
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").count("\n") == 3


def test_an_import_without_a_map_is_guessed(desk: Run, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "ID,Название сделки,Ответственный,Этап сделки,Дата создания,Бюджет\n"
        "7,Кран,Анна,New request,02.11.2026,1 000\n",
        "utf-8",
    )
    found = desk("--json", "import", tmp_path / "deals.csv", "--as", "deals")
    assert found.status == 0, found.err
    assert found.json["created_deals"] == 1


def test_tasks_are_known_again_without_a_map(desk: Run, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text("external_id,title,assignee\nT1,Call,Анна\nT2,Mail,NULL\n", "utf-8")
    first = desk("--json", "import", path, "--as", "tasks").json
    assert (first["created"], "NULL" in first["created_people"]) == (2, False)
    again = desk("--json", "import", path, "--as", "tasks").json
    assert (again["created"], again["unchanged"]) == (0, 2)


def test_without_a_map_bad_dates_are_refused_and_not_their_column(
    desk: Run, tmp_path: Path
) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(
        "deal,stage,at,by\nA,New,2026-03-01 10:00,NULL\nA,Talk,bad,Eve\nB,New,31.02.2026,-\n",
        "utf-8",
    )
    found = desk("--json", "import", path, "--as", "moves")
    assert found.status == 0, found.err
    assert (found.json["created"], found.json["created_people"]) == (1, [])
    refused = [(one["row"], one["column"], one["value"]) for one in found.json["rejected"]]
    assert refused == [(3, "at", "bad"), (4, "at", "31.02.2026")]


@pytest.mark.parametrize("mapped", [False, True])
def test_the_pipeline_asked_for_goes_before_a_guessed_column(
    desk: Run, tmp_path: Path, mapped: bool
) -> None:
    (tmp_path / "deals.csv").write_text(
        "id,title,stage,pipeline,created_at\n"
        "1,Crane,Ordered,Works,2026-11-02\n2,Rack,Packed,Stock,2026-11-02\n",
        "utf-8",
    )
    (tmp_path / "map.toml").write_text(
        'as = "deals"\n[columns]\nexternal_id = "id"\ntitle = "title"\nstage = "stage"\n'
        'pipeline = "pipeline"\ncreated_at = "created_at"\n',
        "utf-8",
    )
    words = ["import", tmp_path / "deals.csv", "--as", "deals", "--pipeline", "One"]
    found = desk("--json", *words, *(["--map", tmp_path / "map.toml"] if mapped else []))
    assert found.status == 0, found.err
    assert found.json["created_stages"] == ["Ordered", "Packed"]
    assert ("pipeline" in found.json["columns"]) is mapped
    assert (desk("board", "--pipeline", "One").status == 0) is not mapped
    assert (desk("board", "--pipeline", "Works").status == 0) is mapped


def _wide(path: Path) -> None:
    path.write_text(",".join(f"c{n}" for n in range(200)) + "\n" + "1," * 199 + "1\n", "utf-8")


FILES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "empty": lambda path: path.write_bytes(b""),
    "binary": lambda path: path.write_bytes(os.urandom(4000)),
    "truncated": lambda path: path.write_bytes(b"PK\x03\x04" + os.urandom(600)),
    "wide": _wide,
    "encoding": lambda path: path.write_bytes("a,b\nя,ю\n".encode("utf-32")),
    "folder": lambda path: path.mkdir(),
    "picture": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)),
}


@pytest.mark.parametrize("how", FILES)
@pytest.mark.parametrize("mapped", [True, False])
def test_a_file_that_is_no_table_is_one_sentence(
    filled: Run, tmp_path: Path, how: str, mapped: bool
) -> None:
    path = tmp_path / "file.csv"
    FILES[how](path)
    before = filled("--json", "history").json
    words: tuple[Any, ...] = ("--map", tmp_path / "deals.toml") if mapped else ()
    found = filled("--json", "import", path, "--as", "deals", *words)
    assert found.status == 1
    assert found.json["error"]["message"] == found.err.strip().splitlines()[-1]
    assert filled("--json", "history").json == before


@pytest.mark.parametrize(
    "content", ["= x", 'as = "moves"\n', 'as = "deals"\n[columns]\ntitle = "nothing"\n']
)
def test_a_mapping_that_cannot_be_used(filled: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.toml").write_text(content, "utf-8")
    for name in ("bad.toml", "missing.toml"):
        found = filled("import", tmp_path / "deals.csv", "--as", "deals", "--map", tmp_path / name)
        assert (found.status, found.out) == (1, "")
        assert found.err.count("\n") == 1


# -- export ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "what", ["deals", "moves", "tasks", "companies", "contacts", "contractors", "ranking"]
)
def test_every_table_goes_out(filled: Run, tmp_path: Path, what: str, suffix: str) -> None:
    filled("move", "D1", "Meeting scheduled")
    path = tmp_path / f"{what}.{suffix}"
    found = filled("--json", "export", what, "--output", path)
    assert found.status == 0, found.err
    assert found.json["output"] == str(path)
    rows = {"deals": 3, "moves": 5, "companies": 2, "ranking": 2}
    if what in rows:
        assert found.json["rows"] == rows[what]
    if suffix == "csv":
        assert len(read_csv(path)) == found.json["rows"]
    else:
        from openpyxl import load_workbook

        book = load_workbook(path)
        assert book.active is not None
        assert book.active.max_row == found.json["rows"] + 1


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_contractors_come_in_with_their_services_and_go_out_again(
    filled: Run, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / "in.csv"
    file.write_text(
        "id,Contractor,Services,INN,Phone,Rating,Notes\n"
        'k1,Lift Ltd,"Crane; rigging, transport\nCRANE",7701,8 912 555-01-42,4,Ask for Ann\n'
        "k2,Move Co,Transport,,,,\n"
        "k3,Odd,Rigging,,,9,\n"
    )
    found = filled("--json", "import", file, "--as", "contractors").json
    assert (found["created"], len(found["rejected"])) == (2, 1)
    assert found["rejected"][0]["problem"] == "not a rating from 1 to 5"
    path = tmp_path / f"out.{suffix}"
    assert filled("export", "contractors", "--output", path).status == 0
    again = filled("--json", "import", path, "--as", "contractors").json
    assert (again["read"], again["unchanged"]) == (2, 2)
    if suffix == "csv":
        first, second = read_csv(path)
        assert first["services"] == "Crane; rigging; transport"
        assert (first["tax_number"], first["rating"], second["services"]) == (
            "7701", "4", "transport",
        )  # fmt: skip
    file.write_text('id,Contractor,Services\nk2,Move Co,"rigging, Storage"\n')
    assert filled("--json", "import", file, "--as", "contractors").json["updated"] == 1
    filled("export", "contractors", "--output", tmp_path / "b.csv")
    assert read_csv(tmp_path / "b.csv")[1]["services"] == "rigging; transport; Storage"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again(filled: Run, tmp_path: Path, suffix: str) -> None:
    filled("move", "D2", "Won")
    for what in ("deals", "companies"):
        path = tmp_path / f"{what}.{suffix}"
        filled("export", what, "--output", path)
        found = filled("--json", "import", path, "--as", what)
        assert found.status == 0, found.err
        assert found.json["rejected"] == []
        assert found.json["unchanged"] == found.json["read"], found.json
    before = filled("--json", "board").json
    path = tmp_path / f"moves.{suffix}"
    filled("export", "moves", "--output", path)
    for _ in range(2):  # what an import of deals had assumed gives way to the same, reported
        found = filled("--json", "import", path, "--as", "moves")
        assert found.json["rejected"] == []
    assert found.json["unchanged"] == found.json["read"]
    assert filled("--json", "board").json == before


def test_namesakes_are_told_apart_by_what_an_export_calls_them(desk: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("name,phone\nIrina Belova,\nIrina Belova,8 912 555-01-42\n", "utf-8")
    found = desk("--json", "import", path, "--as", "contacts").json
    assert found["created"] == 1
    assert found["rejected"][0]["problem"] == (
        "the same name as another row, without an external id to tell them apart"
    )
    keys = ("019aa051-8768-70c3-806a-f423a46a71ae", "019aa051-8768-70c3-806a-f423a46a71af")
    rows = (f"{key},Irina Belova,8 912 555-01-4{n}\n" for n, key in enumerate(keys))
    path.write_text("external_id,name,phone\n" + "".join(rows), "utf-8")
    found = desk("--json", "import", path, "--as", "contacts").json
    assert (found["created"], found["updated"]) == (1, 1)  # one was here by her name
    assert desk("--json", "import", path, "--as", "contacts").json["unchanged"] == 2
    desk("export", "contacts", "--output", path)
    assert [row["phone"] for row in read_csv(path)] == ["8 912 555-01-40", "8 912 555-01-41"]


def test_records_without_an_external_id_come_in_again(desk: Run, tmp_path: Path) -> None:
    """Into the same workspace nothing changes; into another one they are tied as they were."""
    head = "title,company,stage,created_at,parent\n"
    for what, text in (
        ("deals", f"{head}Crane,Sever,New request,2026-11-02,\n"),
        ("deals", f"{head}Paper,Sever,Meeting scheduled,2026-11-03,1\n"),
        ("tasks", "title,deal,due\nCall,1,2026-11-30\nWrite,2,2026-12-01\n"),
        ("contacts", "name,phone\nIrina Belova,8 912 555-01-42\nOlga Belova,\n"),
    ):
        (tmp_path / "in.csv").write_text(text, "utf-8")
        assert desk("import", tmp_path / "in.csv", "--as", what).status == 0
    kinds = ("companies", "contacts", "deals", "moves", "tasks")
    for what in kinds:
        path = tmp_path / f"{what}.csv"
        desk("export", what, "--output", path)
        if what == "moves":  # what an import of deals had assumed gives way to the same, reported
            desk("import", path, "--as", what)
        found = desk("--json", "import", path, "--as", what).json
        assert found["unchanged"] == found["read"] > 0, what
    other = ("--workspace", tmp_path / "other.salesdesk")
    desk(*other, "init", "--template", "empty", *ZONE)
    for what in ("deals", *kinds, *kinds):
        path = tmp_path / f"{what}.csv"
        assert desk(*other, "--json", "import", path, "--as", what).json["rejected"] == []
    for what in kinds:
        desk(*other, "export", what, "--output", tmp_path / "again.csv")
        first, again = (read_csv(tmp_path / f"{name}.csv") for name in (what, "again"))
        if what == "companies":  # deals had named it before its own file came: one of that name
            first[0]["external_id"] = again[0]["external_id"]
        for one in (*first, *again):
            one.pop("as", None)
        assert first == again, what


FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1+1", " =1+1")


def test_no_cell_is_a_formula(filled: Run, tmp_path: Path) -> None:
    rows = [f'F{n},"{title}",,"{title}",New request,2026-11-06,1'
            for n, title in enumerate(FORMULAS)]  # fmt: skip
    (tmp_path / "f.csv").write_text("\n".join([DEALS.splitlines()[0], *rows]), "utf-8")
    filled("import", tmp_path / "f.csv", "--as", "deals", "--map", tmp_path / "deals.toml")
    filled("export", "deals", "--output", tmp_path / "out.csv")
    filled("export", "deals", "--output", tmp_path / "out.xlsx")
    for row in read_csv(tmp_path / "out.csv"):
        for cell in (row["title"], row["company"]):
            assert cell.lstrip()[:1] not in tuple("=+-@＝\t"), cell
    from openpyxl import load_workbook

    book = load_workbook(tmp_path / "out.xlsx")
    assert book.active is not None
    assert {cell.data_type for row in book.active.iter_rows() for cell in row}.isdisjoint({"f"})


def test_the_ranking_and_reports_as_files(filled: Run, tmp_path: Path) -> None:
    days = ("--from", "2026-11-01", "--to", "2026-11-30")
    found = filled("--json", "ranking", *days, "--output", tmp_path / "r.csv")
    assert [row["person"] for row in found.json["rows"]] == [
        row["person"] for row in read_csv(tmp_path / "r.csv")
    ]
    for name in ("transitions", "stage-time", "funnel"):
        path = tmp_path / f"{name}.csv"
        rows = filled("--json", "report", name, *days, "--output", path).json["rows"]
        assert len(read_csv(path)) == len(rows)
        assert filled("report", name, *days).status == 0


@pytest.mark.parametrize("swapped", [False, True])
def test_points_of_one_pipelines_stage_hold_wherever_they_stand(
    filled: Run, tmp_path: Path, swapped: bool
) -> None:
    lines = ['"Sales/New request" = "5"', '"New request" = "1"']
    rows = "\n".join(lines[::-1] if swapped else lines)
    (tmp_path / "w.toml").write_text(f"[points]\n{rows}\n", encoding="utf-8")
    words = ("--from", "2026-11-01", "--to", "2026-11-30", "--weights", tmp_path / "w.toml")
    found = filled("--json", "ranking", *words).json
    assert found["total"]["points"] == "15"


def test_ranking_with_weights_and_explanation(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[points]\n"New request" = "10"\n', "utf-8")
    days = ("--from", "2026-11-01", "--to", "2026-11-30")
    found = filled(
        "--json", "ranking", *days, "--weights", tmp_path / "w.toml", "--explain", "Anna Orlova"
    )
    points = {row["person"]: row["points"] for row in found.json["rows"]}
    assert points == {"Anna Orlova": "20", "Boris Yudin": "10"}
    lines = found.json["numbers"]["points"]["lines"]
    assert sum(float(line["value"]) for line in lines) == 20
    assert {line["at"][-6:] for line in lines} == {"+03:00"}
    (tmp_path / "w.toml").write_text('[points]\n"Nowhere" = "10"\n', "utf-8")
    refused = filled("ranking", *days, "--weights", tmp_path / "w.toml")
    assert (refused.status, refused.err.count("\n")) == (1, 1)


def test_doubtful_moves(filled: Run, tmp_path: Path) -> None:
    days = ("--from", "2026-11-01", "--to", "2026-11-30")
    found = filled("--json", "ranking", "--doubtful", *days).json
    assert (found["from"], found["to"]) == ("2026-11-01", "2026-11-30")
    assert found["moves"]  # an import made them
    assert {reason for move in found["moves"] for reason in move["reasons"]} <= {
        "back", "late", "postponed", "outside",
    }  # fmt: skip
    assert {move["at"][-6:] for move in found["moves"]} == {"+03:00"}
    path = tmp_path / "d.csv"
    assert filled("ranking", "--doubtful", *days, "--output", path).status == 0
    assert len(read_csv(path)) == len(found["moves"])
    assert filled("--json", "ranking", "--doubtful", "--looked-at", *days).json["moves"] == []
    assert filled("ranking", "--doubtful", *days).out.count("\n") == len(found["moves"]) + 2
    for more in (("--doubtful", "--explain", "Anna"), ("--looked-at",)):
        assert filled("ranking", *more, *days).status == 2


# -- the real files -------------------------------------------------------------------------------


@pytest.fixture
def bare(run: Run, tmp_path: Path) -> Run:
    """Words on an empty workspace."""
    path = tmp_path / "bare.salesdesk"
    assert run("--workspace", path, "init", "--template", "empty", *ZONE).status == 0

    def run_words(*words: object) -> Any:
        return run("--workspace", path, "--now", "2018-01-01", "--json", *words)

    return run_words


def _iso(us_date: str) -> str:
    month, day, year = us_date.split("/")
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _expected(rows: list[dict[str, str]], day: str) -> dict[str, set[str]]:
    """Which deals the file says stood where at the end of a day (those with a date)."""
    found: dict[str, set[str]] = {"Prospecting": set(), "Engaging": set(), "Won": set(),
                                  "Lost": set()}  # fmt: skip
    for row in rows:
        if not row["engage_date"] or _iso(row["engage_date"]) > day:
            continue
        closed = row["close_date"] and _iso(row["close_date"]) <= day
        stage = row["deal_stage"]
        if stage in ("Won", "Lost") and not closed:
            stage = "Prospecting"
        found[stage].add(row["opportunity_id"])
    return found


@needs_files
def test_the_real_pipeline_and_its_past(bare: Run, tmp_path: Path) -> None:
    (tmp_path / "maven.toml").write_text(real_files.DEALS, "utf-8")
    words = ("import", PIPELINE, "--as", "deals", "--map", tmp_path / "maven.toml")
    found = bare(*words).json
    assert (found["read"], found["created_deals"], found["rejected"]) == (8800, 8800, [])
    assert found["created_stages"] == ["Prospecting", "Engaging", "Won", "Lost"]
    assert len(found["created_people"]) == 30
    rows = read_csv(PIPELINE)
    for day in ("2016-10-19", "2016-12-31", "2017-03-01", "2017-06-30", "2017-12-31"):
        shown = {
            stage["name"]: {deal["external_id"] for deal in stage["deals"]}
            for stage in bare("board", "--as-of", day).json["stages"]
        }
        assert shown == _expected(rows, day), day
    won = {stage["name"]: stage for stage in bare("board").json["stages"]}["Won"]
    total = sum(int(row["close_value"]) for row in rows if row["deal_stage"] == "Won")
    assert (won["count"], won["amount"]) == (4238, f"{total}.00")
    again = bare(*words).json
    assert (again["unchanged"], again["created"], again["command_id"]) == (8800, 0, None)
    assert bare("undo").status == 0
    assert bare("board").status == 1  # not even the pipeline is left


@needs_files
def test_the_real_event_log(bare: Run, tmp_path: Path) -> None:
    found = bare("import", HELPDESK, "--as", "moves")
    assert found.status == 0, found.err
    rows = read_csv(HELPDESK)
    cases = {row["CaseID"] for row in rows}
    assert (found.json["read"], found.json["created_deals"]) == (len(rows), len(cases))
    last: dict[str, tuple[str, str]] = {}
    for row in rows:
        if row["CompleteTimestamp"] >= last.get(row["CaseID"], ("", ""))[0]:
            last[row["CaseID"]] = (row["CompleteTimestamp"], row["ActivityID"])
    shown = {
        deal["external_id"]: stage["name"]
        for stage in bare("board").json["stages"]
        for deal in stage["deals"]
    }
    assert shown == {case: stage for case, (_, stage) in last.items()}
    assert bare("check", "--rebuild").status == 0


def test_a_workbook_has_formats_and_colours(filled: Run, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    days = ("--from", "2026-11-01", "--to", "2026-11-30")
    path = tmp_path / "ranking.xlsx"
    found = filled("--json", "ranking", *days, "--output", path).json
    sheet = load_workbook(path).worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for at, row in enumerate(found["rows"], 2):
        for key in ("rank", "person", "won", "points", "revenue"):
            cell = sheet.cell(at, heads[key])
            assert str(cell.value) == str(row[key]) or float(cell.value) == float(row[key])
            assert (cell.fill.fill_type is None) == (row["levels"].get(key, "none") == "none")
    assert "#,##0.00" in sheet.cell(2, heads["revenue"]).number_format
    path = tmp_path / "funnel.xlsx"
    found = filled("--json", "report", "funnel", *days, "--output", path).json
    sheet = load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(found["rows"][0])
    assert [cell.number_format for cell in sheet[2]][2:4] == ["0.0%", "0.0%"]
    assert [row[0] for row in sheet.iter_rows(2, values_only=True)] == [
        row["stage"] for row in found["rows"]
    ]


def test_without_a_map_the_field_that_is_not_found_is_named(desk: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    for text, what, said in (
        ("Deal,Stage\nA,New\n", "moves", "A column is needed for the field Moment (at)."),
        (
            "Foo,Bar\nA,1\n", "tasks",
            "No column of in.csv looks like a field of tasks: say which is which with --map.",
        ),
    ):  # fmt: skip
        path.write_text(text, "utf-8")
        found = desk("import", path, "--as", what)
        assert (found.status, found.err.strip()) == (1, said)
