"""What the latest transactions added to the sums of days, so that whoever keeps a day's sums in
memory need not read all of its rows again after each move."""

import threading
from collections import deque
from typing import Any

Row = tuple[Any, ...]
#: The modulus of stamps (see ``models.derived_sums``).
MODULUS = 2**61 - 1
#: So many transactions are remembered, each with so many rows at most.
KEPT, MOST_ROWS = 100, 400


class DayChanges:
    """Differences by day, oldest first; written by the writer, read by every thread.

    Stamps tell whether the differences lead from the sums that one has to those in the file: they
    do not where another process wrote in between, or too much was written.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[dict[int, tuple[int, list[Row]]]] = deque(maxlen=KEPT)

    def add(self, days: dict[int, tuple[int, list[Row]]]) -> None:
        """Remember what one committed transaction added: by day, its part of the stamp and rows of
        person, kind, scope, plus and minus."""
        with self._lock:
            if sum(len(rows) for _, rows in days.values()) > MOST_ROWS:
                self._latest.clear()
            elif days:
                self._latest.append(days)

    def since(self, day: int, old: int, new: int) -> list[Row] | None:
        """The rows that lead from stamp ``old`` of a day to ``new``; None when they are unknown."""
        with self._lock:
            latest = list(self._latest)
        missing = (new - old) % MODULUS
        found: list[Row] = []
        for days in reversed(latest):
            if not missing:
                break
            stamp, rows = days.get(day, (0, []))
            missing = (missing - stamp) % MODULUS
            found += rows
        return found if not missing else None
