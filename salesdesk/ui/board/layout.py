"""Where the cards of a column lie: arithmetic over cards with more lines or fewer. No Qt here."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping

#: Lines that a card may have more than others have, as bits: own fields, and the chain of children.
OWN, CHAIN = 1, 2
#: Pixels that each of these lines adds, in the order of the bits.
Extras = tuple[int, int]
#: Height of a plain card, what the further lines add, and the gap between cards.
Heights = tuple[int, Extras, int]


class Layout:
    """Tops and heights of ``count`` rows, in pixels from the top of the first row.

    Rows are ``plain`` pixels high, a row with further lines (a sum of bits) is higher by their
    ``extras``, and ``gap`` pixels lie between rows. Asking costs O(log of the rows); inserting and
    removing shift the tall rows behind the place.
    """

    def __init__(self, plain: int, extras: Extras, gap: int) -> None:
        self.plain = plain
        self.extras = extras
        self.gap = gap
        self.count = 0
        #: Of each further line the rows that have it, in order.
        self._tall: tuple[list[int], ...] = tuple([] for _ in extras)
        self._step = plain + gap

    def load(self, count: int, tall: Mapping[int, int]) -> None:
        """Take ``count`` rows, of which those in ``tall`` (any order) have further lines."""
        self.count = count
        for bit, rows in enumerate(self._tall):
            rows[:] = _with(tall, bit)

    def resize(self, plain: int, extras: Extras, gap: int) -> None:
        """Take other heights (the font or the scale changed) and keep the rows."""
        self.plain, self.extras, self.gap = plain, extras, gap
        self._step = plain + gap

    def insert(self, row: int, count: int, tall: Mapping[int, int] | None = None) -> None:
        """Insert ``count`` rows before ``row``; ``tall`` by the final numbers of new rows."""
        for bit, rows in enumerate(self._tall):
            at = bisect_left(rows, row)
            rows[at:] = [*_with(tall or {}, bit), *(r + count for r in rows[at:])]
        self.count += count

    def remove(self, row: int, count: int) -> None:
        """Remove ``count`` rows from ``row`` on."""
        for rows in self._tall:
            start, end = bisect_left(rows, row), bisect_left(rows, row + count)
            rows[start:] = [r - count for r in rows[end:]]
        self.count -= count

    def set_lines(self, row: int, lines: int) -> bool:
        """Give one row these further lines; says whether that changed anything."""
        if self.lines(row) == lines:
            return False
        for bit, rows in enumerate(self._tall):
            at = bisect_left(rows, row)
            has = at < len(rows) and rows[at] == row
            if has and not lines >> bit & 1:
                del rows[at]
            elif lines >> bit & 1 and not has:
                rows.insert(at, row)
        return True

    def lines(self, row: int) -> int:
        """The further lines of a row."""
        found = 0
        for bit, rows in enumerate(self._tall):
            at = bisect_left(rows, row)
            if at < len(rows) and rows[at] == row:
                found |= 1 << bit
        return found

    def tall_rows(self) -> dict[int, int]:
        """The rows that have further lines, with these."""
        found: dict[int, int] = {}
        for bit, rows in enumerate(self._tall):
            for row in rows:
                found[row] = found.get(row, 0) | 1 << bit
        return found

    def top(self, row: int) -> int:
        """The top of a row; ``top(count)`` is where the next row would begin."""
        more = 0
        for rows, extra in zip(self._tall, self.extras, strict=True):
            if rows:
                more += bisect_left(rows, row) * extra
        return row * self._step + more

    def height(self, row: int) -> int:
        """The height of a row without the gap."""
        lines = self.lines(row)
        if not lines:
            return self.plain
        return self.plain + sum(
            extra for bit, extra in enumerate(self.extras) if lines >> bit & 1
        )  # fmt: skip

    def total(self) -> int:
        """The height of all rows, without a gap after the last."""
        return self.top(self.count) - self.gap if self.count else 0

    def row_at(self, y: int) -> int:
        """The row whose band (card and the gap below it) holds ``y``, within ``0..count``.

        Above the first row it is 0, below the last one ``count``.
        """
        if y < 0:
            return 0
        return bisect_left(range(self.count), True, key=lambda row: self.top(row + 1) > y)


def _with(tall: Mapping[int, int], bit: int) -> Iterable[int]:
    return sorted(row for row, lines in tall.items() if lines >> bit & 1)
