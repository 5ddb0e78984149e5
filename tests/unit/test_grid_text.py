"""Blocks of cells as spreadsheets write and take them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.text import set_language
from salesdesk.ui.settings.grid_text import Left, Reader, cells_of, text_of
from salesdesk.ui.widgets.kinds import NumberKind

KIND = NumberKind(0, Decimal(10) ** 12 - 1, 4)
AMOUNTS = st.decimals(0, 10**9, places=2)


@given(rows=st.lists(st.lists(AMOUNTS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_is_copied_out_is_pasted_back_as_it_was(rows: list[list[Decimal]]) -> None:
    for language in ("en", "ru"):
        set_language(language)
        try:
            text = text_of([[KIND.typed(value) for value in row] for row in rows])
            cells = cells_of(text)
            reader = Reader(KIND, cells)
            assert [[reader.read(each, None) for each in row] for row in cells] == rows, text
        finally:
            set_language("en")


def test_what_spreadsheets_write() -> None:
    rows = cells_of('"1 200,5"\t1\u00a0000 ₽\r\n"a\tb"\t-\r\n\r\n')
    reader = Reader(KIND, rows)
    assert rows[1][0] == "a\tb"
    assert reader.read(rows[0][0], None) == Decimal("1200.5")
    assert reader.read(rows[0][1], None) == 1000
    assert reader.is_blank(rows[1][1])
    assert reader.read("+10 %", Decimal(50)) == 55
    for wrong, there in (("a\tb", None), ("-5", None), ("5%", None), ("0.12345", None)):
        with pytest.raises(ValueError):
            reader.read(wrong, there)
    assert cells_of("") == []
    assert Left(["x"], 2, 1).sentence() == (
        "1 cell could not be read and stays as it was: “x”; 2 cells are not yours to change; "
        "1 cell lies outside the table."
    )
