"""``month list|show|close|reopen|bonus`` and what ``ranking`` says of a closed month."""

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from salesdesk.models.store import Store
from salesdesk.services import bonuses, ranking_plans
from tests.cli.conftest import CLOSED_MAP, Run, bring

OCTOBER = 2026 * 12 + 9
LATER = "2026-11-03T10:00"
CLOSED = """id,title,owner,company,stage,created,closed,amount,cost
D1,Crane,Anna Orlova,Sever,Won,2026-10-02 10:00,2026-10-12 10:00,1000000,90000
D2,Racks,Boris Yudin,Sever,Won,2026-10-03 10:00,2026-10-13 10:00,2000.50,0
"""


@pytest.fixture
def month(desk: Run, workspace: Path, tmp_path: Path) -> Run:
    """A workspace with deals won in October, a plan and a table of bonuses."""
    bring(desk, tmp_path, CLOSED, f'{CLOSED_MAP}cost = "cost"\n', LATER)
    with Store.open(workspace) as store:
        with store.read() as r:
            anna = r.value("SELECT id FROM person WHERE name = 'Anna Orlova'")
        table = [bonuses.Step(80, Decimal(5)), bonuses.Step(100, Decimal(7))]
        bonuses.set_steps(store, table, person=None, now=1)
        ranking_plans.set_plan(store, "gross_profit", OCTOBER, Decimal(1_000_000),
                               person_id=anna, person=None, now=1)  # fmt: skip
    return desk


def test_a_month_is_closed_shown_and_paid(month: Run, tmp_path: Path) -> None:
    before = month("ranking", "--from", "2026-10-01", "--to", "2026-10-31", "--json").json
    assert before["closed_at"] is None
    closed = month("month", "close", "2026-10", "--json", now=LATER).json
    assert closed["closed_at"] == "2026-11-03T10:00:00+03:00"
    after = month("ranking", "--from", "2026-10-01", "--to", "2026-10-31", "--json").json
    assert after["closed_at"] == "2026-11-03T10:00:00+03:00"
    assert {**after, "closed_at": None} == before
    bonus = month("month", "bonus", "2026-10", "--json").json
    [anna] = [row for row in bonus["rows"] if row["person"] == "Anna Orlova"]
    assert (anna["bonus"], anna["degree"], anna["from"], anna["percent"]) == (
        "45500.00", "0.91", 80, "5"
    )  # fmt: skip
    assert (bonus["total"], bonus["by"]) == ("45500.00", "gross_profit")
    assert "because the plan of" in month("month", "bonus", "2026-10").out
    path = tmp_path / "bonus.xlsx"
    assert month("month", "bonus", "2026-10", "--output", path).status == 0
    assert load_workbook(path).active["A1"].value == "Person"
    text = month("ranking", "--from", "2026-10-01", "--to", "2026-10-31").out
    assert "Closed on 3\u00a0Nov" in text.splitlines()[0]


def test_a_late_import_is_a_correction(month: Run, tmp_path: Path) -> None:
    month("month", "close", "2026-10", now=LATER)
    late, mapping = tmp_path / "late.csv", tmp_path / "deals.toml"
    late.write_text(CLOSED.replace("D2,", "D3,").replace("2000.50", "300"), "utf-8")
    assert month("import", late, "--as", "deals", "--map", mapping).status == 0
    shown = month("month", "show", "2026-10", "--json").json
    assert shown["closed_at"] == "2026-11-03T10:00:00+03:00"
    found = {(one["person"], one["metric"]): one for one in shown["corrections"]}
    revenue = found["Boris Yudin", "revenue"]
    assert (revenue["closed"], revenue["now"], revenue["difference"]) == (
        "2000.50", "2300.50", "300.00"
    )  # fmt: skip
    assert [cause["kind"] for cause in revenue["causes"]] == ["import.deals"]
    assert [item["title"] for item in revenue["items"]] == ["Racks"]
    assert "Import: late.csv" in month("month", "show", "2026-10").out
    path = tmp_path / "corrections.csv"
    assert month("month", "show", "2026-10", "--output", path).status == 0
    lines = path.read_text("utf-8-sig").splitlines()
    assert "Boris Yudin,Revenue,2000.50,2300.50,300.00,RUB,Import late.csv" in lines
    quarter = month("ranking", "--from", "2026-10-01", "--to", "2026-11-30", "--json")
    assert quarter.json["closed_months"] == [{"month": "2026-10", "moved": True}]
    assert "October\u00a02026 is closed" in quarter.err
    listed = month("month", "list", "--json").json["months"]
    [october] = [one for one in listed if one["month"] == "2026-10"]
    assert (october["over"], october["moved"], october["left"]) == (True, True, True)


def test_a_month_is_opened_again_with_a_reason(month: Run) -> None:
    month("month", "close", "2026-10")
    assert month("month", "reopen", "2026-10").status == 2
    assert month("month", "reopen", "2026-10", "--reason", "one was late").status == 0
    assert month("month", "show", "2026-10", "--json").json["closed_at"] is None
    assert "Month opened again" in month("history").out
    assert month("undo").status == 0
    assert month("month", "show", "2026-10", "--json").json["closed_at"] is not None


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("close", "2026-11"), 1, "not over yet"),
        (("reopen", "2026-10", "--reason", "x"), 1, "not closed"),
        (("bonus", "2026-10"), 1, "not closed yet"),
        (("close", "2026-13"), 2, "no month such as 2026-10"),
        (("close", "October"), 2, "no month such as 2026-10"),
        ((), 2, ""),
    ],
)
def test_what_is_refused(month: Run, words: tuple[str, ...], status: int, said: str) -> None:
    done = month("month", *words)
    assert done.status == status
    assert said in done.err


def test_bonuses_and_corrections_are_not_for_managers(month: Run, workspace: Path) -> None:
    """A manager who was chosen on this machine; as long as somebody leads."""
    from salesdesk.services import people

    with Store.open(workspace) as store:
        people.add_person(store, "Lena", {"role": "team_lead"}, person=None, now=2)
    month("month", "close", "2026-10")
    assert month("month", "close", "2026-09", "--by", "Anna Orlova").status == 1
    done = month("month", "bonus", "2026-10", "--by", "Anna Orlova")
    assert done.status == 1
    assert "team leads" in done.err
    assert month("month", "show", "2026-10", "--by", "Anna Orlova").status == 1
    assert month("month", "list", "--json").status == 0
    for action in ("bonus", "show"):
        assert month("month", action, "2026-10", "--by", "Lena").status == 0


def test_a_month_that_is_not_over_says_how_it_stands(month: Run) -> None:
    assert "has not begun yet" in month("month", "show", "2027-05").out
    assert month("month", "show", "2027-05", "--json").json["doubts"] == []
    assert "it can be closed from 1 Dec 2026 on" in month("month", "show", "2026-11").out


def test_the_table_of_a_ranking_ends_with_the_gross_profit(month: Run) -> None:
    text = month("ranking", "--from", "2026-10-01", "--to", "2026-10-31").out
    assert text.split("\n\n")[1].splitlines()[0].rstrip().endswith("Gross profit")
