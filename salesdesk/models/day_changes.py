"""What the latest transactions added to the sums of days, and which holds they began, so that
whoever keeps a day in memory need not read all of its rows again after each move."""

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
        self._begun: dict[int, list[Row] | None] = {}

    def add(
        self, txn: int, days: dict[int, tuple[int, list[Row]]], begun: list[Row] | None
    ) -> None:
        """Remember what one committed transaction added: by day, its part of the stamp and rows of
        person, kind, scope, plus and minus; and the holds that it began (see ``begun``), None where
        they are not told."""
        with self._lock:
            self._begun[txn] = begun if begun is None or len(begun) <= MOST_ROWS else None
            if len(self._begun) > KEPT:
                del self._begun[next(iter(self._begun))]
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

    def begun(self, after: int, until: int) -> list[Row] | None:
        """The beginnings of holds that come (1) and go (-1) by the transactions ``after + 1`` to
        ``until``: sign, start, kind, person, scope, item. None when some are unknown, as those of
        another process are."""
        with self._lock:
            found = [self._begun.get(txn) for txn in range(after + 1, until + 1)]
        return None if None in found else [row for rows in found for row in rows or ()]
