"""Numbers of a column: decimal sign, thousands and currency are found from all its values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.moments import money_of
from salesdesk.services.amounts import TOO_LARGE
from salesdesk.services.exchange.formats import (
    currency_code,
    currency_in_heading,
    detect_numbers,
)
from salesdesk.services.exchange.numbers import TOO_MUCH

BLANKS = ["", " ", "\u00a0", "\u202f", "'"]


def one(text: str, *others: str, decimal: str | None = None) -> str:
    """Plain text of the number ``text`` in a column with ``others``."""
    return str(detect_numbers([text, *others], decimal).parse(text).value)


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        ("1.234", [], "1234"),
        ("1,234", [], "1234"),
        ("1.234", ["2.5"], "1.234"),
        ("1,234", ["2,5"], "1.234"),
        ("1.234", ["2,5"], "1234"),
        ("1,234", ["1,234,567"], "1234"),
        ("1.234", ["1,234,567"], "1.234"),
        ("1.234", ["1,234.50"], "1.234"),
        ("1,234", ["1.234,50"], "1.234"),
        ("1.234", ["0.125"], "1.234"),
        ("1.234", ["1234.567"], "1.234"),
        ("1.234", ["1.5", "1.234.567"], "1234"),
        ("1 234,567", [], "1234.567"),
        ("0,125", [], "0.125"),
        ("1234,567", [], "1234.567"),
        ("12,34,567.00", [], "1234567.00"),
        ("1 240 000", [], "1240000"),
        ("1\u00a0240\u202f000,5", [], "1240000.5"),
        ("1'234'567.5", [], "1234567.5"),
        ("1’234", [], "1234"),
        (",5", [], "0.5"),
        ("5.", [], "5"),
        ("007", [], "7"),
        ("(100)", [], "-100"),
        ("100-", [], "-100"),
        ("\u2212100", [], "-100"),
        ("+7", [], "7"),
        ("- 5 руб.", [], "-5"),
        ("1e5", [], "100000"),
        ("1.5E+03", [], "1500"),
        ("-0", [], "0"),
        ("0", [], "0"),
    ],
)
def test_separators(text: str, others: list[str], expected: str) -> None:
    assert one(text, *others) == expected


def test_a_decimal_sign_given_by_the_mapping_holds() -> None:
    assert one("1.234", decimal=".") == "1.234"
    assert one("1,234", decimal=",") == "1.234"
    assert one("1.234,5", decimal=",") == "1234.5"
    with pytest.raises(ValueError):
        one("2.5", decimal=",")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("1 000 ₽", "RUB"), ("1000руб.", "RUB"), ("руб. 100", "RUB"), ("100 р", "RUB")),
        *(("$5", "USD"), ("-$5", "USD"), ("$-5", "USD"), ("5 USD", "USD"), ("($5)", "USD")),
        *(("€5", "EUR"), ("5 €", "EUR"), ("£5", "GBP"), ("5 ₸", "KZT"), ("5 грн", "UAH")),
        *(("5 Br", "BYN"), ("¥5", "JPY"), ("5 тенге", "KZT"), ("$ 5 usd", "USD"), ("5", None)),
    ],
)
def test_currencies(text: str, code: str | None) -> None:
    column = detect_numbers([text])
    assert column.parse(text).currency == code
    assert column.currencies == ((code,) if code else ())


@pytest.mark.parametrize(
    "text",
    [
        *("abc", "inf", "-inf", "Infinity", "1.2.3", "1,2,3", "1.23.456", "5 XYZ", "$5 EUR"),
        *("5%", "1-2", "--5", "5)", "(5", "1/2", "½", "٣", "10:20", "2017-01-01", "0x10", "=1+1"),
        *("1" * 101, "+7 912 345-67-89", "1__2", "five", "1e", "e5", ".", ",", "₽", "1 a 2"),
    ],
)
def test_what_is_not_a_number(text: str) -> None:
    column = detect_numbers([text, "7"])
    assert column.bad == 1
    with pytest.raises(ValueError) as caught:
        column.parse(text)
    assert str(caught.value) == "not a number"


@pytest.mark.parametrize("text", ["10000000000000", "1e13", "1e300", "-1e999", "9" * 40])
def test_numbers_that_would_not_fit(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        detect_numbers([text]).parse(text)
    assert str(caught.value) == TOO_LARGE
    assert 900 * money_of(TOO_MUCH - 1) < 2**63 * 100


def test_percentages() -> None:
    values = ["30%", "50", "100 %", ""]
    column = detect_numbers(values, percent=True)
    assert [column.parse(text).value for text in values[:3]] == [30, 50, 100]
    shares = detect_numbers(["0.3", "1", "0,25"], percent=True)
    assert [shares.parse(text).value for text in ("0.3", "1")] == [30, 100]
    for text in ("101", "-1"):
        with pytest.raises(ValueError) as caught:
            detect_numbers([text, "30"], percent=True).parse(text)
        assert "percentage" in str(caught.value)


def test_counts_and_blanks() -> None:
    column = detect_numbers(["1", "", " ", "—", "n/a", "x", "NaN", "\\N", "#N/A", "inf"])
    assert (column.total, column.empty, column.bad) == (10, 7, 2)
    assert column.is_blank("-")


def test_currency_names() -> None:
    assert currency_code(" Rub ") == "RUB"
    assert currency_code("Российский рубль") == "RUB"
    assert currency_code("XYZ") is None
    assert currency_in_heading("Бюджет, ₽") == "RUB"
    assert currency_in_heading("Amount (USD)") == "USD"
    assert currency_in_heading("Amount") is None


@given(
    st.lists(
        st.decimals(min_value=1 - 10**12, max_value=10**12 - 1, places=2, allow_nan=False),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([".", ","]),
    st.sampled_from(BLANKS),
    st.sampled_from(["{}", "{} ₽", "${}", "{}EUR"]),
)
def test_what_was_written_is_read(
    amounts: list[Decimal], sign: str, blank: str, shape: str
) -> None:
    texts = [
        shape.format(f"{amount:,.2f}".replace(".", "#").replace(",", blank).replace("#", sign))
        for amount in amounts
    ]
    column = detect_numbers(texts)
    assert column.bad == 0
    assert [column.parse(text).value for text in texts] == amounts


@given(st.text(max_size=20) | st.text("0123456789.,' -+()eE%₽$", max_size=12))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    column = detect_numbers([text])
    if column.bad:
        with pytest.raises(ValueError) as caught:
            column.parse(text)
        assert str(caught.value) in ("not a number", TOO_LARGE)
    elif not column.is_blank(text):
        assert abs(column.parse(text).value) < TOO_MUCH
