"""How late the turns of the window come while something else goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

#: A turn is wanted so often (ms); one later than ``LATE_MS`` is seen.
STEP_MS, LATE_MS = 4, 20.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Milliseconds since the turn before, and those that the window's own thread worked in them."""

    gap: float
    own: float


def turns(app: QApplication, is_done: Callable[[], bool]) -> list[Turn]:
    """The turns of the window until it is done."""
    found: list[Turn] = []
    last, worked = time.perf_counter(), time.thread_time()

    def tick() -> None:
        nonlocal last, worked
        now, own = time.perf_counter(), time.thread_time()
        found.append(Turn((now - last) * 1000, (own - worked) * 1000))
        last, worked = now, own

    timer = QTimer(interval=STEP_MS)
    timer.timeout.connect(tick)
    timer.start()
    while not is_done():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    timer.stop()
    return found


def late(found: list[Turn]) -> float:
    """The share of turns that came later than ``LATE_MS`` after they were wanted."""
    return sum(turn.gap > LATE_MS + STEP_MS for turn in found) / max(len(found), 1)
