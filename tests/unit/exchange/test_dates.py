"""Dates of a column: the order is found from all its values."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import from_excel

from salesdesk.services.exchange.formats import detect_dates

MOMENTS = st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2068-12-31"))
HALF_PAST = "2016-10-20 16:55:38"


def one(text: str, *others: str, formats: list[str] | None = None) -> str:
    """ISO text of ``text`` in a column with ``others``."""
    return detect_dates([text, *others], formats).parse(text).at.isoformat(sep=" ")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], "2017-04-03"),
        (["05/06/2017", "12/12/2017"], "2017-04-03"),
        (["10/20/2016"], "2017-03-04"),
        (["20/10/2016"], "2017-04-03"),
        (["10/20/2016", "20/10/2016"], "2017-04-03"),
        (["10/20/2016", "11/21/2016", "20/10/2016"], "2017-03-04"),
        (["31/02/2017", "10/20/2016"], "2017-03-04"),
    ],
)
def test_what_decides_the_order_of_day_and_month(others: list[str], expected: str) -> None:
    assert one("03/04/2017", *others) == expected + " 00:00:00"


@pytest.mark.parametrize(
    "text",
    [
        *("20.10.2016 16:55:38", "20/10/2016 16:55:38", "20-10-2016 16:55:38", "20.10.16 16:55:38"),
        *("20161020T165538", "20161020T165538.000"),
        *("2016-10-20T16:55:38", "2016/10/20 16:55:38", "2016.10.20 16:55:38", "20161020 16:55:38"),
        *("20.10.2016, 16:55:38", "20.10.2016 4:55:38 PM", "10/20/2016 04:55:38pm"),
        *("20 октября 2016 г. 16:55:38", "20 окт 2016 16:55:38", "Oct 20, 2016 4:55:38 PM"),
        *("20.10.2016\u00a016:55:38", "10/20/2016, 4:55:38\u202fPM", "2016-10-20\t16:55:38"),
        *("20\u00a0октября\u00a02016\u00a0г. 16:55:38", "20.10.2016   16:55:38"),
        *("20-Oct-16 16:55:38", "Thu, 20 Oct 2016 16:55:38", "2016-10-20 16:55:38.000"),
    ],
)
def test_ways_to_write_one_moment(text: str) -> None:
    assert one(text) == HALF_PAST
    found = detect_dates([text])
    assert found.parse(text).has_time
    assert found.bad == 0


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Z", 0),
        (" UTC", 0),
        ("+03:00", 3),
        ("+0300", 3),
        ("-05:00", -5),
        ("+03", 3),
        (" MSK", 3),
        (" МСК", 3),
    ],
)
def test_offsets_make_a_date_a_moment(text: str, hours: int) -> None:
    when = detect_dates([f"20.10.2016 16:55{text}"]).parse(f"20.10.2016 16:55{text}")
    offset = timezone(timedelta(hours=hours))
    assert when.at == datetime(2016, 10, 20, 16, 55, tzinfo=offset)
    assert detect_dates(["2016-10-20"]).parse("2016-10-20").at.tzinfo is None


@pytest.mark.parametrize(("text", "hours"), [("Z", 0), ("+0300", 3), ("-05:00", -5)])
def test_iso_without_signs_between(text: str, hours: int) -> None:
    found = detect_dates([f"20161020T1655{text}", f"20161020T165538{text}"])
    offset = timezone(timedelta(hours=hours))
    assert found.order == "YMD"
    at = found.parse(f"20161020T1655{text}").at
    assert (at, at.utcoffset()) == (
        datetime(2016, 10, 20, 16, 55, tzinfo=offset),
        timedelta(hours=hours),
    )
    assert found.parse(f"20161020T165538{text}").has_time
    assert detect_dates(["20161320T165538", "20161020T1655384", "20161020T2560"]).bad == 3


def test_unix_times_need_a_whole_column() -> None:
    assert detect_dates(["1609459200", ""]).parse("1609459200").at == datetime(
        2021, 1, 1, tzinfo=UTC
    )
    assert detect_dates(["1609459200000"]).parse("1609459200000").at.year == 2021
    mixed = detect_dates(["1609459200", "20.10.2016"])
    assert mixed.bad == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("45231", "2023-11-01 00:00:00"), ("45231.75", "2023-11-01 18:00:00"),
        ("45231,75", "2023-11-01 18:00:00"), ("45231.0", "2023-11-01 00:00:00"),
        ("45231.7256944444", "2023-11-01 17:25:00"),
        ("45231.725694444445", "2023-11-01 17:25:00"),
    ],
)  # fmt: skip
def test_days_as_excel_numbers_them(text: str, told: str) -> None:
    """What is left of a date where a cell has lost its format; openpyxl agrees."""
    found = detect_dates([text, "", "36526"])
    assert (found.order, found.decided, found.label, found.bad) == ("serial", True, "Excel", 0)
    when = found.parse(text)
    assert when.at.isoformat(sep=" ") == told
    assert when.has_time is not told.endswith("00:00:00")
    agreed = from_excel(float(text.replace(",", ".")))
    assert isinstance(agreed, datetime)
    assert abs(agreed - when.at) < timedelta(milliseconds=1)


@pytest.mark.parametrize("other", ["4523", "452310", "19999", "80000", "01.02.2017", "45231.5.1"])
def test_days_of_excel_need_a_whole_column(other: str) -> None:
    found = detect_dates(["45231", other])
    assert found.order != "serial"
    assert found.bad >= 1


@pytest.mark.parametrize(
    "text",
    [
        *("31.02.2017", "00.01.2017", "1.13.2017", "2017-02-30", "29.02.2023", "20.10.1899"),
        *("2201-01-01", "hello", "5", "12", "1/2", "20.10/2016", "2016-10-20 24:00:00"),
        *(
            "2016-10-20 12:60",
            "13:00 PM",
            "2016-10-20 13:00 PM",
            "20.10.2016 16:55:38+99:99",
            "x" * 500,
        ),
        *("2016-10-20 10", "٢٠.١٠.٢٠١٦", "20 foo 2016", "1.2.3.4", "20.10.201", "=1+1"),
    ],
)
def test_what_is_not_a_date(text: str) -> None:
    found = detect_dates([text, "20.10.2016"])
    if text == "2016-10-20 10":
        assert found.parse(text).at.hour == 10
        return
    assert found.bad == 1
    with pytest.raises(ValueError) as caught:
        found.parse(text)
    assert str(caught.value) == "not a date"


def test_midnight_and_noon_by_the_half_day_clock() -> None:
    assert one("20.10.2016 12:05 AM") == "2016-10-20 00:05:00"
    assert one("20.10.2016 12:05 PM") == "2016-10-20 12:05:00"
    assert one("20.10.2016 1:05 pm") == "2016-10-20 13:05:00"


def test_two_digit_years() -> None:
    assert one("01.02.68") == "2068-02-01 00:00:00"
    assert one("01.02.69") == "1969-02-01 00:00:00"
    assert one("99-12-31") == "1999-12-31 00:00:00"


def test_what_stands_for_no_date() -> None:
    found = detect_dates(["не закрыта", "Не закрыта", "", " ", "—", "01.02.2017"])
    assert (found.total, found.empty, found.bad) == (6, 5, 0)
    assert all(found.is_blank(text) for text in ("не закрыта", "", "\u00a0"))
    strict = detect_dates(["не закрыта"], blanks=frozenset())
    assert (strict.empty, strict.bad) == (0, 1)


def test_given_formats_hold_alone() -> None:
    column = detect_dates(
        ["2017-05-01", "01.05.2017 10:20", "05/01/2017"], ["%Y-%m-%d", "%d.%m.%Y %H:%M"]
    )
    assert column.parse("2017-05-01") == (datetime.fromisoformat("2017-05-01"), False)
    assert column.parse("01.05.2017 10:20") == (datetime.fromisoformat("2017-05-01 10:20"), True)
    assert column.bad == 1
    assert detect_dates(["05/01/2017"], "%m/%d/%Y").parse("05/01/2017").at.month == 5


def test_a_column_says_how_it_is_written() -> None:
    assert detect_dates(["10/20/2016"]).label == "M/D/Y"
    assert detect_dates(["20.10.2016"]).label == "D.M.Y"
    assert detect_dates(["2016-10-20"]).label == "Y-M-D"
    assert detect_dates(["01.02.2016"]).decided is False
    assert detect_dates([]).total == 0


@given(
    st.lists(MOMENTS, min_size=1, max_size=8),
    st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%y"]),
    st.sampled_from(["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M:%S %p", "T%H:%M:%SZ"]),
)
def test_what_was_written_is_read(moments: list[datetime], day: str, clock: str) -> None:
    moments.append(moments[0].replace(day=28))
    column = detect_dates([at.strftime(day + clock) for at in moments])
    assert column.bad == 0
    for at in moments:
        text = at.strftime(day + clock)
        when = column.parse(text)
        given_back = when.at.replace(tzinfo=None).strftime(day + clock)
        assert given_back == text
        assert when.has_time is bool(clock)


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    column = detect_dates([text, "01.02.2017"])
    if column.bad:
        with pytest.raises(ValueError) as caught:
            column.parse(text)
        assert str(caught.value) == "not a date"
    elif not column.is_blank(text):
        assert 1900 <= column.parse(text).at.year <= 2200
