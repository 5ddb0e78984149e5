"""Reports of the two real files: numbers that were counted in the files themselves, beforehand,
by a few lines of plain Python, and written down here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesdesk.cli import main
from salesdesk.models.store import Store
from salesdesk.services import report_catalog
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Query, Table
from tests.builders import day
from tests.real_files import ACCOUNTS, DEALS, HELPDESK, PIPELINE, needs_files

COMPANIES = """as = "companies"
[columns]
name = "account"
industry = "sector"
"""
#: Of the help desk, activity 6 (the last of every case) is a win, and 8 a loss, to try them.
CASES = """as = "moves"
pipeline = "Help desk"
[columns]
deal = "CaseID"
stage = "ActivityID"
at = "CompleteTimestamp"
[stages]
1 = { stage = "1" }
6 = { stage = "6", kind = "won" }
8 = { stage = "8", kind = "lost" }
"""
Ask = Callable[..., dict[Any, dict[str, Any]]]


def _filled(folder: Path, *files: tuple[Path, str, str]) -> Path:
    path = folder / "real.salesdesk"
    words = ["--workspace", str(path), "--lang", "en", "--now", "2018-01-01"]
    made = ["init", "--template", "empty", "--timezone", "Europe/Moscow", "--currency", "RUB",
            "--country", "RU"]  # fmt: skip
    assert main([*words, *made]) == 0
    for file, kind, mapping in files:
        (folder / "map.toml").write_text(mapping, "utf-8")
        into = ["import", str(file), "--as", kind, "--map", str(folder / "map.toml")]
        assert main([*words, *into]) == 0
    return path


def _asker(path: Path) -> Ask:
    def ask(name: str, first: str, last: str, **own: str) -> dict[Any, dict[str, Any]]:
        """Lines by what they are called; the last one by None."""
        report = report_catalog.report(name)
        with Store.open(path) as store, store.read() as r:
            now = store.zone.start_of(day("2018-01-01"))
            table: Table = report.read(r, Query(Period(day(first), day(last)), own=own), now=now)
        keys = [column.key for column in table.columns]
        assert table.total is not None
        found = {row.cells[0]: dict(zip(keys, row.cells, strict=True)) for row in table.rows}
        return {**found, None: dict(zip(keys, table.total.cells, strict=True))}

    return ask


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    files = (ACCOUNTS, "companies", COMPANIES), (PIPELINE, "deals", DEALS)
    return _asker(_filled(tmp_path_factory.mktemp("maven"), *files))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    return _asker(_filled(tmp_path_factory.mktemp("helpdesk"), (HELPDESK, "moves", CASES)))


@needs_files
def test_refusals_of_a_quarter(sales: Ask) -> None:
    people = sales("refusals", "2017-04-01", "2017-06-30", group="person")
    assert people[None]["lost"] == 778
    assert people["Darcel Schlecht"]["lost"] == 60
    assert people["Vicki Laflamme"]["lost"] == 45
    assert people["Kary Hendrixson"]["lost"] == 39
    assert people["Zane Levy"]["lost"] == 38
    stages = sales("refusals", "2017-04-01", "2017-06-30", group="stage")
    assert stages["Prospecting"]["lost"] == 778


@needs_files
def test_who_bought_again_in_a_year(sales: Ask) -> None:
    found = sales("repeat", "2017-01-01", "2017-12-31")
    assert (found[None]["won"], found[None]["revenue"]) == (4238, 10_005_534)
    assert len(found) == 85 + 1
    kan = found["Kan-code"]
    assert (kan["won"], kan["revenue"]) == (115, 341_455)
    assert (kan["first_day"], kan["last_day"]) == (day("2017-03-04"), day("2017-12-31"))
    assert kan["days_between"] * 114 == 302
    assert found["Hottechi"]["won"] == 111
    assert (found["Konex"]["won"], found["Konex"]["revenue"]) == (108, 269_245)
    assert kan["change"] == 0  # the file tells one amount a deal


@needs_files
def test_deals_by_industry(sales: Ask) -> None:
    found = sales("industry", "2017-01-01", "2017-12-31")
    numbers = {
        "retail": (1296, 1_783_449, 753, 1_783_449, 455),
        "medical": (977, 1_258_435, 549, 1_258_435, 352),
        "technolgy": (1095, 1_447_552, 642, 1_447_552, 383),
        "employment": (290, 396_898, 163, 396_898, 107),
        "No industry": (1054, 0, 0, 0, 0),
        None: (7942, 9_482_003, 3988, 9_482_003, 2418),
    }
    for industry, expected in numbers.items():
        line = found[industry]
        keys = ("deals", "amount", "won", "won_amount", "lost")
        assert tuple(line[key] for key in keys) == expected, industry
    assert found["retail"]["conversion"] * 1296 == 753


@needs_files
def test_stays_that_were_lost_from_which_stage(desk: Ask) -> None:
    """How many cases stood in activity 8 at the end of a month and had come to it in the month, and
    which activity they had come from."""
    months = {
        ("2010-03-01", "2010-03-31"): {"1": 11},
        ("2010-06-01", "2010-06-30"): {"1": 4, "6": 1, "9": 1},
        ("2011-03-01", "2011-03-31"): {"1": 10, "9": 1},
        ("2011-09-01", "2011-09-30"): {"1": 23, "3": 1, "9": 1},
        ("2012-01-01", "2012-01-31"): {"1": 21, "9": 1, "No stage before": 2},
    }
    for (first, last), expected in months.items():
        found = desk("refusals", first, last, group="stage")
        assert found.pop(None)["lost"] == sum(expected.values())
        assert {stage: line["lost"] for stage, line in found.items()} == expected


@needs_files
def test_cases_that_began_in_a_month(desk: Ask) -> None:
    for first, last, born in (
        ("2010-03-01", "2010-03-31", 77), ("2010-06-01", "2010-06-30", 59),
        ("2011-03-01", "2011-03-31", 121), ("2011-09-01", "2011-09-30", 127),
        ("2012-01-01", "2012-01-31", 201), ("2010-01-01", "2010-12-31", 977),
        ("2011-01-01", "2011-12-31", 1518), ("2012-01-01", "2012-12-31", 1309),
    ):  # fmt: skip
        line = desk("source", first, last)["No source"]
        assert (line["deals"], line["won"], line["conversion"]) == (born, born, 1)
