"""Where and when cyclic garbage is collected: between two events of the GUI thread.

Python's collector runs on whatever thread allocates, and destroys there what it finds. A timer or a
model of Qt that is destroyed on a thread which only reads takes the whole program down, some day.
So while a window is open Python's own runs are off, and ``Collector`` has them on the GUI thread.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

_LOOK_MS = 250

_guard = threading.Lock()
_collectors = 0
_resting = 0


class Collector(QObject):
    """Collects on the thread it lives on until it is stopped; nobody else does meanwhile."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        _count(collectors=1)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._on_look)
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again; may be called more than once."""
        if self._timer.isActive():
            self._timer.stop()
            _count(collectors=-1)

    def _on_look(self) -> None:
        """What Python would have done by now: the young often, everything seldom."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if _resting or counts[0] < limits[0]:
            return
        older = counts[1] >= limits[1]
        gc.collect(2 if older and counts[2] >= limits[2] else int(older))


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector rests meanwhile, and never looks at what was made by then.

    For reading a large file: a table of a hundred thousand rows is millions of objects, and each
    full run would look at all of them while no other thread may run, half a second in which nothing
    is painted. Counted references still free it all; only a cycle of that moment would stay. May be
    nested and used by several threads.
    """
    _count(resting=1)
    try:
        yield
    finally:
        _count(resting=-1)


def spare_what_is_there() -> None:
    """Look no more at what stays anyway: modules, and what the window is made of."""
    gc.freeze()


def _count(collectors: int = 0, resting: int = 0) -> None:
    global _collectors, _resting
    with _guard:
        _collectors += collectors
        _resting += resting
        if resting < 0 and not _resting:
            gc.freeze()
        if _collectors or _resting:
            gc.disable()
        else:
            gc.enable()
