"""Every report at the command line: documents, own options, files, wrong words."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from salesdesk.services import report_catalog
from tests.cli.conftest import Run

DAYS = ("--from", "2026-10-01", "--to", "2026-12-31")
NAMES = [name for name in report_catalog.NAMES if name != "pivot"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample team's year."""
    from salesdesk.cli import main

    path = tmp_path_factory.mktemp("sample") / "sample.salesdesk"
    words = ["--workspace", str(path), "--lang", "en", "--now", "2026-11-20T10:00", "init"]
    made = ["--template", "turnkey", "--demo-data", "--timezone", "Europe/Moscow",
            "--currency", "RUB", "--country", "RU"]  # fmt: skip
    assert main([*words, *made]) == 0
    return path


@pytest.fixture
def ask(run: Run, sample: Path) -> Run:
    """``report`` of the sample, in JSON unless told otherwise."""

    def run_words(*words: object, json: bool = True) -> Any:
        told = ["--json"] if json else []
        return run("--workspace", sample, "--now", "2026-11-20T10:00", *told, "report", *words)

    return run_words


def test_all_names_answer(ask: Any) -> None:
    for name in NAMES:
        found = ask(name, *DAYS)
        assert (found.status, found.err) == (0, ""), name
        assert found.json["rows"], name
        shown = ask(name, *DAYS, json=False)
        assert shown.status == 0
        first = "20 Nov" if name == "inactive" else "1 Oct"  # as of now, whatever the period
        assert shown.out.replace("\u00a0", " ").startswith(first), name


def test_documents_that_scripts_know_stay(ask: Any) -> None:
    keys = {
        "transitions": {"period", "pipeline", "stage", "person", "team", "count"},
        "funnel": {"stage", "reached", "conversion_from_first", "conversion_from_previous",
                   "entered"},
        "stage-time": {"stage", "moves_out", "median_days", "mean_days", "p90_days",
                       "now_in_stage"},
        "forecast": {"period", "deals", "amount", "weighted", "low", "high"},
    }  # fmt: skip
    for name, expected in keys.items():
        [row, *_] = ask(name, *DAYS).json["rows"]
        assert expected <= set(row), name
        assert expected == set(row) or name == "forecast"
    document = ask("funnel", *DAYS).json
    assert set(document) == {"pipeline", "created", "rows"}
    assert set(ask("children", *DAYS).json) == {"rows"}


def test_values_are_written_as_promised(ask: Any) -> None:
    found = ask("payments", *DAYS).json
    assert [row["month"] for row in found["rows"]] == ["2026-10-01", "2026-11-01", "2026-12-01"]
    assert found["total"]["planned_in"] == f"{sum(_cents(found, 'planned_in')) / 100:.2f}"
    assert found["currency"] == "RUB"
    assert found["notes"] == ["4 unpaid payments of lost deals are left out."]
    refused = ask("refusals", *DAYS, "--group", "stage", "--across", "person").json["rows"][0]
    assert set(refused) == {"stage", "person", "lost", "amount", "apart", "share"}
    assert len(refused["share"].partition(".")[2]) == 4
    quiet = ask("inactive", *DAYS, "--days", "40", "--having", "none").json["rows"]
    assert {row["person"] for row in quiet} >= {None}, "nobody is null"
    bought = ask("repeat", "--from", "2026-01-01", "--to", "2026-12-31", "--least", "3").json
    assert min(row["won"] for row in bought["rows"]) == 3
    assert bought["rows"][0]["first_day"][:5] == "2026-"
    assert isinstance(bought["rows"][0]["days_between"], str)


def _cents(document: Any, key: str) -> list[int]:
    return [int(row[key].replace(".", "")) for row in document["rows"]]


def test_own_options_belong_to_their_report(ask: Any) -> None:
    for words in (
        ("refusals", "--days", "3"), ("refusals", "--group", "weather"),
        ("inactive", "--days", "0"), ("inactive", "--days", "many"), ("payments", "--overdue"),
        ("workload", "--by", "year"),
    ):  # fmt: skip
        found = ask(*words, *DAYS)
        assert found.status == 2, words
        assert found.json["error"]["message"]
    assert ask("actions", *DAYS, "--person", "Nobody Known").status == 1


def test_an_own_option_asks_for_the_table(ask: Any) -> None:
    document = ask("transitions", *DAYS, "--rows", "people").json
    assert "total" in document
    assert "person" in document["rows"][0]


def test_files(ask: Any, tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    found = ask("payments", *DAYS, "--output", path).json
    assert found["output"] == str(path)
    sheet = load_workbook(path).worksheets[0]
    head, first, *_, last = sheet.iter_rows(values_only=True)
    assert str(head[0]) == "Month"
    assert f"{first[1]:.2f}" == found["rows"][0]["planned_in"]
    assert f"{last[1]:.2f}" == found["total"]["planned_in"]
    assert ask("refusals", *DAYS, "--output", tmp_path / "r.csv", json=False).status == 0
    text = (tmp_path / "r.csv").read_text("utf-8-sig")
    assert text.startswith("Reason,Refusals,")
    assert ask("refusals", *DAYS, "--output", tmp_path / "r.pdf").status == 2
