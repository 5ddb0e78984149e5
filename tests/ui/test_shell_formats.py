"""Money, numbers and days, written and read back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.moments import SECOND, Zone
from salesdesk.text import set_language
from salesdesk.ui import formats
from salesdesk.ui.widgets.kinds import MoneyKind, NumberKind

TODAY = 739_941  # 21 November 2026
SPACE = "\u00a0"


def test_money() -> None:
    assert formats.money(Decimal(1_240_000), "RUB") == f"1{SPACE}240{SPACE}000{SPACE}₽"
    assert formats.money(Decimal("1240.5"), "USD") == f"1{SPACE}240.50{SPACE}$"
    assert formats.money(None, "RUB") == "—"
    set_language("ru")
    assert formats.money(Decimal("1240.5"), "XXX") == f"1{SPACE}240,50{SPACE}XXX"


def test_days() -> None:
    assert formats.day(TODAY) == f"21{SPACE}Nov{SPACE}2026"
    assert formats.month(2026 * 12 + 10) == f"November{SPACE}2026"
    set_language("ru")
    assert formats.day(TODAY) == "21.11.2026"


def test_moments() -> None:
    zone = Zone("Europe/Moscow")
    now = 1_795_262_400 * SECOND
    assert formats.near(zone, now, now) == "Today 15:00"
    day = 86_400 * SECOND
    assert formats.near(zone, now - day, now) == "Yesterday 15:00"
    assert formats.near(zone, now + day, now) == "Tomorrow 15:00"
    assert formats.near(zone, now - 3 * day, now) == f"18{SPACE}Nov 15:00"
    assert formats.moment(zone, now - 400 * day, now) == f"17{SPACE}Oct{SPACE}2025 15:00"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1 240 000", "1240000"), ("1240,50", "1240.50"), ("1,240.50", "1240.50"),
        ("1.240,50 €", "1240.50"), ("1 240 000 ₽", "1240000"), ("1,240,000", "1240000"),
        ("12", "12"), (",5", "0.5"), ("7 р.", "7"),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(typed: str, value: str) -> None:
    assert formats.read_decimal(typed) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("250,000", "250000"), ("1.000 €", "1000"), ("-1,500", "-1500"), ("0,500", "0.5"),
        ("1234,000", "1234"), ("12,50", "12.5"), ("1,240.50", "1240.50"),
    ],
)  # fmt: skip
def test_a_sign_before_three_figures_divides_thousands(typed: str, value: str) -> None:
    assert formats.read_decimal(typed, grouped=True) == Decimal(value)


def test_amounts_and_plans_are_read_with_thousands() -> None:
    plan = NumberKind(0, 10**12, 4, grouped=True)
    for kind in (MoneyKind("RUB"), plan, NumberKind(0, 10_000)):
        assert kind.read("1,000") == 1000
    assert NumberKind(0, 10, 6).read("1,125") == Decimal("1.125")  # points and rates
    assert plan.read(plan.typed(Decimal("1.125"))) == Decimal("1.125")
    with pytest.raises(ValueError, match="two decimals"):
        MoneyKind("RUB").read(MoneyKind("RUB").typed(Decimal("1.125")))


@pytest.mark.parametrize("typed", ["", "x", "1-2", "--1", ".", "1e5", "NaN", "Infinity"])
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(ValueError, match="Not a number"):
        formats.read_decimal(typed)


@pytest.mark.parametrize("typed", ["-1", "0.001", "10000000000000"])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        formats.read_money(typed)


@given(st.decimals(0, 10**12, places=2), st.sampled_from(["en", "ru"]))
def test_money_is_read_as_written(amount: Decimal, language: str) -> None:
    set_language(language)
    assert formats.read_money(formats.money(amount, "RUB")) == amount
    assert formats.read_money(formats.decimal(amount)) == amount


@given(st.integers(700_000, 750_000), st.sampled_from(["en", "ru"]))
def test_a_day_is_read_as_written(day: int, language: str) -> None:
    set_language(language)
    assert formats.read_day(formats.day(day), TODAY) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("21.11.2026", TODAY), ("21.11", TODAY), ("2026-11-21", TODAY), ("21 nov", TODAY),
        ("21 ноября", TODAY), ("21/11/26", TODAY), ("+3", TODAY + 3), ("today", TODAY),
        ("завтра", TODAY + 1), ("5.1", TODAY + 45),
    ],
)  # fmt: skip
def test_days_as_people_type_them(typed: str, day: int) -> None:
    assert formats.read_day(typed, TODAY) == day


@pytest.mark.parametrize("typed", [
    "", "31.02.2026", "32.1", "soon", "1.13", "+99999", "0.0.0", "1.1.0001", "2201-01-01",
])  # fmt: skip
def test_what_is_no_day(typed: str) -> None:
    with pytest.raises(ValueError, match="Not a date"):
        formats.read_day(typed, TODAY)
