"""The arithmetic of a column and the differences of orders, against the slow and plain way."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from salesdesk.ui.board.diff import Removal, steps
from salesdesk.ui.board.layout import Layout

PLAIN, EXTRAS, GAP = 81, (17, 28), 9
#: Which of the two further lines a row has.
LINES = st.integers(0, 3)


def plain_layout(tall: list[int]) -> list[tuple[int, int]]:
    """(top, height) of each row, one after the other."""
    found, y = [], 0
    for lines in tall:
        height = PLAIN + EXTRAS[0] * (lines & 1) + EXTRAS[1] * (lines >> 1)
        found.append((y, height))
        y += height + GAP
    return found


def layout_of(tall: list[int]) -> Layout:
    layout = Layout(PLAIN, EXTRAS, GAP)
    layout.load(len(tall), dict(enumerate(tall)))
    return layout


def check(layout: Layout, tall: list[int]) -> None:
    rows = plain_layout(tall)
    assert layout.count == len(tall)
    assert [(layout.top(row), layout.height(row)) for row in range(len(tall))] == rows
    assert layout.tall_rows() == {row: lines for row, lines in enumerate(tall) if lines}
    assert layout.total() == (sum(rows[-1]) if rows else 0)


@given(st.lists(LINES, max_size=40), st.integers(-50, 5000))
def test_every_place_has_its_row(tall: list[int], y: int) -> None:
    layout = layout_of(tall)
    check(layout, tall)
    ends = [top + height + GAP for top, height in plain_layout(tall)]
    expected = 0 if y < 0 else sum(end <= y for end in ends)
    assert layout.row_at(y) == expected


@given(st.lists(LINES, max_size=20), st.data())
def test_inserting_and_removing_keep_the_arithmetic(tall: list[int], data: st.DataObject) -> None:
    layout, tall = layout_of(tall), list(tall)
    for _ in range(6):
        row = data.draw(st.integers(0, len(tall)))
        if data.draw(st.booleans()):
            new = data.draw(st.lists(LINES, min_size=1, max_size=4))
            layout.insert(row, len(new), {row + k: lines for k, lines in enumerate(new)})
            tall[row:row] = new
        else:
            count = data.draw(st.integers(0, len(tall) - row))
            layout.remove(row, count)
            del tall[row : row + count]
        if tall:
            row = data.draw(st.integers(0, len(tall) - 1))
            lines = data.draw(LINES)
            assert layout.set_lines(row, lines) == (tall[row] != lines)
            assert not layout.set_lines(row, lines)
            tall[row] = lines
        check(layout, tall)


ORDERS = st.lists(st.integers(0, 30), unique=True, max_size=25)


@given(ORDERS, ORDERS)
def test_steps_lead_from_one_order_to_the_other(old: list[int], new: list[int]) -> None:
    rows = list(old)
    for step in steps(array("q", old), array("q", new)):
        if isinstance(step, Removal):
            del rows[step.row : step.row + step.rows]
        else:
            rows[step.row : step.row] = step.ids
    assert rows == new


def test_one_moved_card_is_one_removal_and_one_insertion() -> None:
    old = array("q", range(10_000))
    new = array("q", old)
    del new[4000]
    new.insert(7000, 4000)
    found = list(steps(old, new))
    assert [(step.row, type(step).__name__) for step in found] == [
        (4000, "Removal"),
        (7000, "Insertion"),
    ]
    assert list(steps(old, old)) == []
