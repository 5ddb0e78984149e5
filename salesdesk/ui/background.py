"""The screen's only pool: questions asked off the GUI thread, answered on it.

``Background.ask`` calls ``run()`` on a pool thread and ``done(answer)`` on the GUI thread.
Asked again under the same key, an older question is dropped: its answer never arrives.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

T = TypeVar("T")

_THREADS = 2


def still_there(callback: Callable[..., object]) -> bool:
    """Whether the Qt object that a bound method belongs to still exists."""
    owner = getattr(callback, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)


class Deliverer(QObject):
    """Brings calls from any thread to the GUI thread, in their order."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def call(self, run: Callable[[], object]) -> None:
        """Have ``run()`` called on the GUI thread soon."""
        if isValid(self):
            self._arrived.emit(run)

    def _on_arrived(self, run: Callable[[], object]) -> None:
        run()


def apart(
    deliverer: Deliverer,
    name: str,
    run: Callable[[], T],
    done: Callable[[T], object],
    failed: Callable[[Exception], object],
    dropped: tuple[type[Exception], ...] = (),
) -> None:
    """``run()`` on a thread of its own, for what waits for the net or the keyring; then
    ``done(answer)`` or ``failed(error)`` on the GUI thread. Errors of ``dropped`` are not told."""

    def deliver(callback: Callable[[Any], object], value: object) -> None:
        deliverer.call(lambda: callback(value) if still_there(callback) else None)

    def work() -> None:
        try:
            answer = run()
        except dropped:
            return
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            deliver(failed, error)
        else:
            deliver(done, answer)

    threading.Thread(target=work, name=name, daemon=True).start()


class Background(QObject):
    """A small pool of threads for reading."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._deliverer = Deliverer(self)
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._latest: dict[str, int] = {}
        self._count = 0
        self._pending = 0

    def ask(
        self,
        run: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
        key: str | None = None,
    ) -> None:
        """Call ``run()`` in the pool, then ``done(answer)`` or ``failed(error)`` here.

        With a ``key`` only the latest question of that key is answered.
        """
        self._count += 1
        mine = self._count
        if key is not None:
            self._latest[key] = mine
        self._pending += 1

        def wanted() -> bool:
            return key is None or self._latest.get(key) == mine

        def work() -> None:
            if not wanted():
                self._deliverer.call(self._one_less)
                return
            try:
                answer = run()
            except Exception as error:  # noqa: BLE001 - handed to whoever asked
                self._deliverer.call(lambda e=error: self._give(wanted, failed, e))  # type: ignore[misc]
            else:
                self._deliverer.call(lambda: self._give(wanted, done, answer))

        self._start_thread()
        self._work.put(work)

    def forget(self, key: str) -> None:
        """Drop the answer of whatever was asked last under ``key``."""
        self._latest.pop(key, None)

    def pending(self) -> int:
        """How many questions are not answered yet."""
        return self._pending

    def close(self) -> None:
        """Let the threads end after what they are doing."""
        self._latest.clear()
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join(2)

    def _give(
        self, wanted: Callable[[], bool], callback: Callable[[Any], object], value: object
    ) -> None:
        self._one_less()
        if wanted() and still_there(callback):
            callback(value)

    def _one_less(self) -> None:
        self._pending -= 1

    def _start_thread(self) -> None:
        if len(self._threads) < min(_THREADS, self._pending):
            name = f"background-{len(self._threads)}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
