"""Reading a large file without making the window stand still.

A table of a hundred thousand rows is millions of objects, and each full run of the cyclic collector
looks at all of them while no other thread may run: half a second in which nothing is painted.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_guard = threading.Lock()
_inside = 0


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector rests meanwhile, and never looks at what was made by then.

    Counted references still free it all; only a cycle of that moment would stay. May be nested and
    used by several threads.
    """
    global _inside
    with _guard:
        _inside += 1
        gc.disable()
    try:
        yield
    finally:
        with _guard:
            _inside -= 1
            if not _inside:
                gc.freeze()
                gc.enable()
