"""How late the turns of the window come while something else goes on."""

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

#: A turn is wanted so often (ms); one later than ``LATE_MS`` is seen.
STEP_MS, LATE_MS = 4, 20.0


def gaps(app: QApplication, is_done: Callable[[], bool]) -> list[float]:
    """Milliseconds from turn to turn until it is done."""
    found: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        found.append((now - last) * 1000)
        last = now

    timer = QTimer(interval=STEP_MS)
    timer.timeout.connect(tick)
    timer.start()
    while not is_done():
        app.processEvents()
    timer.stop()
    return found


def late(found: list[float]) -> float:
    """The share of turns that came later than ``LATE_MS`` after they were wanted."""
    return sum(gap > LATE_MS + STEP_MS for gap in found) / max(len(found), 1)
