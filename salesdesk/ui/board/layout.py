"""Where the cards of a column lie: arithmetic over two card heights. No Qt here."""

from bisect import bisect_left
from collections.abc import Iterable


class Layout:
    """Tops and heights of ``count`` rows, in pixels from the top of the first row.

    Rows are ``plain`` pixels high, the rows in ``tall`` are ``extra`` pixels higher, and ``gap``
    pixels lie between rows. Asking costs O(log of the tall rows); inserting and removing shift the
    tall rows behind the place.
    """

    def __init__(self, plain: int, extra: int, gap: int) -> None:
        self.plain = plain
        self.extra = extra
        self.gap = gap
        self.count = 0
        self._tall: list[int] = []
        self._step = plain + gap

    def load(self, count: int, tall: Iterable[int]) -> None:
        """Take ``count`` rows of which the rows ``tall`` (any order) are tall."""
        self.count = count
        self._tall = sorted(tall)

    def resize(self, plain: int, extra: int, gap: int) -> None:
        """Take other heights (the font or the scale changed) and keep the rows."""
        self.plain, self.extra, self.gap = plain, extra, gap
        self._step = plain + gap

    def insert(self, row: int, count: int, tall: Iterable[int] = ()) -> None:
        """Insert ``count`` rows before ``row``; ``tall`` are final row numbers of new tall rows."""
        at = bisect_left(self._tall, row)
        shifted = [r + count for r in self._tall[at:]]
        self._tall[at:] = [*sorted(tall), *shifted]
        self.count += count

    def remove(self, row: int, count: int) -> None:
        """Remove ``count`` rows from ``row`` on."""
        start = bisect_left(self._tall, row)
        end = bisect_left(self._tall, row + count)
        self._tall[start:] = [r - count for r in self._tall[end:]]
        self.count -= count

    def set_tall(self, row: int, tall: bool) -> bool:
        """Make one row tall or plain; says whether that changed anything."""
        at = bisect_left(self._tall, row)
        is_tall = at < len(self._tall) and self._tall[at] == row
        if is_tall == tall:
            return False
        if tall:
            self._tall.insert(at, row)
        else:
            del self._tall[at]
        return True

    def is_tall(self, row: int) -> bool:
        """Whether the row has the greater height."""
        at = bisect_left(self._tall, row)
        return at < len(self._tall) and self._tall[at] == row

    def tall_rows(self) -> list[int]:
        """The tall rows, in order."""
        return list(self._tall)

    def top(self, row: int) -> int:
        """The top of a row; ``top(count)`` is where the next row would begin."""
        return row * self._step + bisect_left(self._tall, row) * self.extra

    def height(self, row: int) -> int:
        """The height of a row without the gap."""
        return self.plain + (self.extra if self.is_tall(row) else 0)

    def total(self) -> int:
        """The height of all rows, without a gap after the last."""
        return self.top(self.count) - self.gap if self.count else 0

    def row_at(self, y: int) -> int:
        """The row whose band (card and the gap below it) holds ``y``, within ``0..count``.

        Above the first row it is 0, below the last one ``count``.
        """
        if y < 0:
            return 0
        # Tall rows that end at or above y; each of them lowers what follows by ``extra``.
        passed = bisect_left(range(len(self._tall)), True, key=lambda k: self._end_of_tall(k) > y)
        row = (y - passed * self.extra) // self._step
        if passed < len(self._tall):
            row = min(row, self._tall[passed])
        return min(row, self.count)

    def _end_of_tall(self, k: int) -> int:
        return (self._tall[k] + 1) * self._step + (k + 1) * self.extra
