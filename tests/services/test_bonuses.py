"""Bonuses: the table, the borders of its steps, and the corrections of earlier months."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store
from salesdesk.services import bonuses, closing, configuration, deals, exporting, history, settings
from salesdesk.services.bonuses import Bonus, Step, bonus
from salesdesk.ui import month_words as words
from salesdesk.ui.months import sheets
from tests.builders import empty_store
from tests.services.closing_desk import NOVEMBER, OCTOBER, SEPTEMBER, STEPS, ClosingDesk

D = Decimal


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as made:
        yield made


@pytest.fixture
def desk(store: Store) -> ClosingDesk:
    return ClosingDesk(store)


def of(profit: str, plan: str | None, fact: str | None = None) -> Bonus:
    """The bonus of a gross profit, by its own plan."""
    return bonus(D(profit), D(fact or profit), None if plan is None else D(plan), STEPS)


# --- one sum -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profit", "plan", "share", "amount"),
    [
        ("499999.99", "1000000", None, "0"),
        ("500000", "1000000", "2.5", "12500"),
        ("799900", "1000000", "2.5", "19997.5"),
        ("799999.9999", "1000000", "2.5", "20000"),
        ("800000", "1000000", "5", "40000"),
        ("910000", "1000000", "5", "45500"),
        ("999999.99", "1000000", "5", "50000"),
        ("1000000", "1000000", "7", "70000"),
        ("3000000", "1000000", "7", "210000"),
    ],
)
def test_the_borders_of_the_steps(profit: str, plan: str, share: str | None, amount: str) -> None:
    found = of(profit, plan)
    assert (None if found.step is None else str(found.step.percent)) == share
    assert found.amount == D(amount)


def test_a_degree_that_is_no_finite_decimal() -> None:
    """Two thirds of 3 is not yet 66.67 percent, and 80 percent of it is exactly that."""
    table = [Step(80, D(10))]
    assert bonus(D("2.3999"), D("2.3999"), D(3), table).step is None
    assert bonus(D("2.4"), D("2.4"), D(3), table).amount == D("0.24")


def test_without_a_plan_there_is_no_bonus() -> None:
    for plan in (None, "0"):
        found = of("910000", plan)
        assert (found.degree, found.step, found.amount) == (None, None, D(0))
    assert words.why(of("910000", None), "gross_profit", "RUB") == "No bonus: there was no plan"
    assert words.why(of("910000", "0"), "gross_profit", "RUB") == "No bonus: the plan was 0"


def test_a_loss_pays_nothing_and_takes_nothing_away() -> None:
    assert of("-5000", "1000000").amount == 0
    found = of("-5000", "100", fact="200")  # by another plan, which was met
    assert (found.step, found.amount) == (STEPS[2], D(0))
    assert "gross profit was" in words.why(found, "points", "RUB")


def test_sums_are_rounded_half_up() -> None:
    assert bonus(D("0.1"), D(1), D(1), [Step(0, D(5))]).amount == D("0.01")  # 0.005
    assert bonus(D("0.09"), D(1), D(1), [Step(0, D(5))]).amount == 0  # 0.0045


def test_a_sum_is_explained_in_one_sentence() -> None:
    said = words.why(of("910000", "1000000"), "gross_profit", "RUB").replace("\u00a0", " ")
    assert said == (
        "910 000 ₽ gross profit × 5 % because the plan of 1 000 000 ₽ was met to 91 %: from 80 %"
    )
    cut = words.why(of("799999.9999", "1000000"), "gross_profit", "RUB")
    assert "79.99\u00a0%" in cut
    assert "reaches no step" in words.why(of("1", "1000"), "gross_profit", "RUB")


@given(
    profit=st.decimals(-10_000, 10_000, places=4),
    plan=st.decimals(0, 10_000, places=2),
    starts=st.lists(st.integers(0, 200), unique=True, max_size=5),
)
def test_a_bonus_is_what_plain_arithmetic_says(
    profit: Decimal, plan: Decimal, starts: list[int]
) -> None:
    table = [Step(start, D(start % 37) / 4) for start in starts]
    found = bonus(profit, profit, plan, table)
    shares = [step for step in table if plan > 0 and profit * 100 >= plan * step.from_percent]
    share = max(shares, key=lambda step: step.from_percent).percent if shares else D(0)
    exact = max(profit, D(0)) * share / 100
    assert found.amount == exact.quantize(D("0.01"), ROUND_HALF_UP)


# --- the table ---------------------------------------------------------------------------------


def test_the_table_is_set_changed_and_taken_back(desk: ClosingDesk) -> None:
    desk.set_steps()
    with desk.store.read() as r:
        assert tuple(bonuses.steps(r)) == STEPS
    later = [Step(90, D(6)), Step(80, D(4))]
    command = bonuses.set_steps(desk.store, later, **desk.later())
    with desk.store.read() as r:
        assert bonuses.steps(r) == [Step(80, D(4)), Step(90, D(6))]
    history.undo(desk.store, command, person=desk.admin, now=desk.now)
    with desk.store.read() as r:
        assert tuple(bonuses.steps(r)) == STEPS


@pytest.mark.parametrize(
    "table",
    [
        [Step(80, D(5)), Step(80, D(6))],
        [Step(-1, D(5))],
        [Step(1001, D(5))],
        [Step(80, D("-1"))],
        [Step(80, D("100.01"))],
        [Step(80, D("1.005"))],
        [Step(80, D("NaN"))],
    ],
)
def test_what_is_no_table(desk: ClosingDesk, table: list[Step]) -> None:
    desk.set_steps()
    with pytest.raises(Invalid):
        bonuses.set_steps(desk.store, table, **desk.later())
    with desk.store.read() as r:
        assert tuple(bonuses.steps(r)) == STEPS


def test_the_administrator_sets_the_table(desk: ClosingDesk) -> None:
    with pytest.raises(Refused, match="administrator"):
        bonuses.set_steps(desk.store, STEPS, person=desk.lead, now=desk.now)


def test_undone_in_another_order_the_latest_step_holds(desk: ClosingDesk) -> None:
    desk.set_steps()
    taken = bonuses.set_steps(desk.store, STEPS[:2], **desk.later())
    bonuses.set_steps(desk.store, [*STEPS[:2], Step(100, D(9))], **desk.later())
    history.undo(desk.store, taken, person=desk.admin, now=desk.now)
    with desk.store.read() as r:
        assert [step.from_percent for step in bonuses.steps(r)] == [50, 80, 100]
    bonuses.set_steps(desk.store, STEPS[:1], **desk.later())
    with desk.store.read() as r:
        assert bonuses.steps(r) == [STEPS[0]]


def test_the_configuration_file_has_the_table(desk: ClosingDesk, tmp_path: Path) -> None:
    desk.set_steps()
    with desk.store.read() as r:
        text = configuration.export_configuration(r)
    with empty_store(tmp_path, "other.salesdesk") as other:
        configuration.import_configuration(other, text, person=None, now=1)
        with other.read() as r:
            assert tuple(bonuses.steps(r)) == STEPS
            again = configuration.export_configuration(r)
        table = '{ from = 80, percent = "5" },'
        assert table in again
        assert table in text
        wrong = text.replace("from = 80", "from = 5000")
        with pytest.raises(configuration.ConfigurationRefused, match="between 0 and 1000"):
            configuration.import_configuration(other, wrong, person=None, now=2)


# --- the sheet ---------------------------------------------------------------------------------


def test_only_a_closed_month_is_paid(desk: ClosingDesk) -> None:
    desk.set_steps()
    with pytest.raises(Refused, match="not closed"):
        desk.sheet()
    desk.close()
    sheet = desk.sheet()
    by_name = {line.person: line.bonus for line in sheet.lines}
    assert by_name["Anna"].amount == 45_500
    assert by_name["Boris"].plan is None
    assert (sheet.total, sheet.by) == (D(45_500), "gross_profit")


def test_a_closed_month_keeps_its_table(desk: ClosingDesk) -> None:
    desk.set_steps()
    desk.close()
    before = desk.sheet()
    bonuses.set_steps(desk.store, [], **desk.later())
    settings.change(desk.store, {"bonus_by": "revenue"}, **desk.later())
    assert desk.sheet() == before


@pytest.mark.parametrize(("by", "degree"), [("revenue", D("0.5")), ("points", D("35.1") / 30)])
def test_another_plan_may_count(desk: ClosingDesk, by: str, degree: Decimal) -> None:
    desk.set_steps()
    desk.desk.plan("revenue", OCTOBER, "2000000", person_id=desk.anna)
    desk.desk.plan("points", OCTOBER, "30", person_id=desk.anna)
    settings.change(desk.store, {"bonus_by": by}, **desk.later())
    desk.close()
    line = next(line for line in desk.sheet().lines if line.person == "Anna")
    assert line.bonus.degree == degree
    assert line.bonus.gross_profit == 910_000
    assert line.bonus.amount == (22_750 if by == "revenue" else 63_700)


def test_corrections_become_lines_of_the_next_month(desk: ClosingDesk) -> None:
    """October: 910,000 x 5 %. Then 780,000: 78 % of the plan, 2.5 %. November takes it in once."""
    desk.set_steps()
    closed = desk.close()
    october = desk.sheet()
    deals.change(desk.store, desk.big, {"amount": D(870_000)}, **desk.later())
    desk.now = desk.at("2026-12-02T10:00")
    desk.close(NOVEMBER)
    assert desk.sheet() == october
    [line] = [line for line in desk.sheet(NOVEMBER).lines if line.person == "Anna"]
    [taken] = line.corrections
    assert (taken.month, taken.before.amount, taken.after.amount) == (
        OCTOBER, D(45_500), D(19_500)
    )  # fmt: skip
    assert (line.bonus.amount, taken.amount, line.total) == (D(0), D(-26_000), D(-26_000))
    revenue = desk.by_metric("Anna")["revenue"]
    assert (revenue.difference, revenue.taken, revenue.left) == (D(-130_000), D(870_000), D(0))
    with desk.store.read() as r:
        listed = {one.month: one for one in closing.months(r, now=desk.now)}
    assert (listed[OCTOBER].moved, listed[OCTOBER].left) == (True, False)
    with pytest.raises(Refused, match="took corrections"):
        closing.reopen(desk.store, OCTOBER, reason="again", **desk.later())
    with pytest.raises(Refused, match="took corrections"):
        history.undo(desk.store, closed, **desk.later())
    # What changes now is left for December; what goes back, too.
    deals.change(desk.store, desk.big, {"amount": D(1_000_000)}, **desk.later())
    desk.now = desk.at("2027-01-12T10:00")
    desk.close(NOVEMBER + 1)
    [line] = [line for line in desk.sheet(NOVEMBER + 1).lines if line.person == "Anna"]
    assert [one.amount for one in line.corrections] == [26_000]
    paid = [desk.sheet(month).total for month in (OCTOBER, NOVEMBER, NOVEMBER + 1)]
    assert sum(paid) == 45_500


def test_corrections_may_be_left(desk: ClosingDesk) -> None:
    desk.set_steps()
    desk.close()
    deals.change(desk.store, desk.big, {"amount": D(870_000)}, **desk.later())
    desk.now = desk.at("2026-12-02T10:00")
    desk.close(NOVEMBER, take=False)
    assert all(not line.corrections for line in desk.sheet(NOVEMBER).lines)
    assert desk.by_metric("Anna")["revenue"].taken is None
    with desk.store.read() as r:
        doubts = closing.outlook(r, NOVEMBER + 1, now=desk.now).doubts
    assert [one.ids for one in doubts if one.kind == "corrections"] == [(OCTOBER,)]


def test_an_earlier_month_takes_nothing_of_a_later_one(desk: ClosingDesk) -> None:
    desk.set_steps()
    desk.close()
    deals.change(desk.store, desk.big, {"amount": D(870_000)}, **desk.later())
    desk.close(SEPTEMBER)
    assert all(not line.corrections for line in desk.sheet(SEPTEMBER).lines)


def test_the_correction_of_somebody_who_left_the_ranking_is_a_line(desk: ClosingDesk) -> None:
    desk.set_steps()
    desk.close()
    desk.desk.update("person", desk.anna, in_ranking=0)
    desk.now = desk.at("2026-12-02T10:00")
    desk.close(NOVEMBER)
    [line] = [line for line in desk.sheet(NOVEMBER).lines if line.person == "Anna"]
    assert (line.bonus.amount, line.total) == (D(0), D(-45_500))


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_the_sheet_as_a_file(desk: ClosingDesk, tmp_path: Path, ending: str) -> None:
    from openpyxl import load_workbook

    desk.set_steps()
    desk.desk.update("person", desk.boris, name="=1+1")
    desk.close()
    path = tmp_path / f"bonus{ending}"
    exporting.write_sheet(path, sheets.bonus_sheet(desk.sheet()))
    if ending == ".csv":
        text = path.read_text("utf-8-sig")
        assert "Anna,Sales,910000.00,910000.00,1000000,91.00,5,45500.00,45500.00,910" in text
        assert "'=1+1,Sales" in text
        return
    rows = list(load_workbook(path).active.iter_rows(values_only=True))
    assert rows[0][0] == "Person"
    by_name = {row[0]: row for row in rows}
    assert by_name["Anna"][2:9] == (910_000, 910_000, 1_000_000, 91, 5, 45_500, 45_500)
    assert by_name["=1+1"][7] == 0
    assert by_name["Total"][7:9] == (45_500, 45_500)


def test_the_sheet_says_what_is_to_be_paid_with_corrections(desk: ClosingDesk) -> None:
    desk.set_steps()
    desk.close()
    deals.change(desk.store, desk.big, {"amount": D(870_000)}, **desk.later())
    desk.now = desk.at("2026-12-02T10:00")
    desk.close(NOVEMBER)
    found = sheets.bonus_sheet(desk.sheet(NOVEMBER))
    bonus, pay = found.headings.index("Bonus"), found.headings.index("To pay")
    shown = [(row[0], row[bonus], row[pay]) for row in found.rows]
    assert [row for row in shown if row[0] in ("Anna", "Total")] == [
        ("Anna", D(0), D(-26_000)), ("Anna", D(-26_000), None), ("Total", D(-26_000), D(-26_000))
    ]  # fmt: skip
