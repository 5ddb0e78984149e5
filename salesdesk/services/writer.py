"""The one writer thread of the process: a queue with priorities, work in slices, idle hooks.

Everything that writes from the window goes through here, so that two commands never fight for the
file and a person's command never waits behind an import. A job is called with the store; if it
returns a generator, each step of it is one short transaction, and more urgent jobs run between the
steps. No Qt here: callbacks of a job come on the writer thread.
"""

import heapq
import sys
import threading
from collections.abc import Callable, Generator
from types import GeneratorType
from typing import Any, Generic, TypeVar, cast, overload

from salesdesk.models import sqlite
from salesdesk.models.store import Changes, Reader, Store

# The store's types are handed on: the screens may not import the models.
__all__ = [
    "IMPORT", "PERSON", "SYNC", "Changes", "Closed", "Job", "Reader", "Slices", "Stopped", "Store",
    "Writer", "checkpoint", "commands_after",
]  # fmt: skip

T = TypeVar("T")
#: What a sliced job yields after each step (progress, for whoever listens) and returns at the end.
Slices = Generator[object, None, T]

PERSON, SYNC, IMPORT = 0, 1, 2

_IDLE_AFTER = 0.3


class Stopped(Exception):
    """Thrown into a sliced job at its next step when someone asked it to stop."""


class Closed(RuntimeError):
    """The writer takes no more jobs, or the job was dropped because the writer was closed."""


class Job(Generic[T]):
    """A command that was handed in: its answer, its error, and a way to stop it.

    The same methods as ``concurrent.futures.Future`` where they mean the same (that module costs
    10 ms to import). Callbacks run on the writer thread, or at once when the job is done already.
    """

    def __init__(self, run: Callable[[Store], T | Slices[T]], priority: int) -> None:
        self.priority = priority
        self._run = run
        self._steps: Slices[T] | None = None
        self._finished = threading.Event()
        self._guard = threading.Lock()
        self._callbacks: list[Callable[[Job[T]], object]] = []
        self._listeners: list[Callable[[object], object]] = []
        self._answer: T | None = None
        self._error: BaseException | None = None
        self._started = False
        self._stop_asked = False
        self._stop_thrown = False
        self._ticket = 0

    def done(self) -> bool:
        """Whether it has ended, in one way or another."""
        return self._finished.is_set()

    def stopped(self) -> bool:
        """Whether it ended because someone stopped it."""
        return self.done() and isinstance(self._error, Stopped)

    def stop(self) -> None:
        """Ask it to stop: at once if it has not begun, else at its next step.

        A sliced job gets ``Stopped`` at its ``yield`` and may take back in further steps what it
        has done. A job without steps runs to its end.
        """
        self._stop_asked = True

    def result(self, timeout: float | None = None) -> T:
        """The answer; raises what the job raised, or ``TimeoutError`` after ``timeout`` seconds."""
        error = self.exception(timeout)
        if error is not None:
            raise error
        return cast("T", self._answer)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the job raised, or ``None``; waits for its end."""
        if not self._finished.wait(timeout):
            raise TimeoutError
        return self._error

    def add_done_callback(self, callback: Callable[["Job[T]"], object]) -> None:
        """Call ``callback(job)`` when it has ended."""
        with self._guard:
            if not self.done():
                self._callbacks.append(callback)
                return
        callback(self)

    def add_progress_callback(self, callback: Callable[[object], object]) -> None:
        """Call ``callback(value)`` with each value that a sliced job yields."""
        self._listeners.append(callback)

    def _step(self, store: Store) -> bool:
        """Run it, or its next step; ``True`` when it has ended."""
        try:
            if self._advance(store):
                return True
        except BaseException as error:  # noqa: BLE001 - handed to whoever asked
            self._end(None, error)
            return True
        return False

    def _advance(self, store: Store) -> bool:
        if not self._started:
            self._started = True
            if self._stop_asked:
                raise Stopped
            outcome = self._run(store)
            if not isinstance(outcome, GeneratorType):
                self._end(cast("T", outcome), None)
                return True
            self._steps = outcome
        assert self._steps is not None
        try:
            value = self._next(self._steps)
        except StopIteration as end:
            self._end(end.value, None)
            return True
        for listener in self._listeners:
            _call(listener, value)
        return False

    def _next(self, steps: Slices[T]) -> object:
        if self._stop_asked and not self._stop_thrown:
            self._stop_thrown = True
            return steps.throw(Stopped())
        return next(steps)

    def _end(self, answer: T | None, error: BaseException | None) -> None:
        with self._guard:
            if self.done():
                return
            self._answer, self._error = answer, error
            self._finished.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            _call(callback, self)


def _call(callback: Callable[..., object], *args: object) -> object:
    """Call someone else's code; its error is reported and never ends the writer thread."""
    try:
        return callback(*args)
    except Exception:  # noqa: BLE001 - reported, and the thread lives on
        sys.excepthook(*sys.exc_info())
        return None


class Writer:
    """One thread that runs jobs with the store, the most urgent first, else in their order."""

    def __init__(self, store: Store, name: str = "writer") -> None:
        self.store = store
        self._queue: list[tuple[int, int, Job[Any]]] = []
        self._wake = threading.Condition()
        self._count = 0
        self._closing = False
        self._running: list[Job[Any]] = []
        self._thread: threading.Thread | None = None
        self._name = name

    @overload
    def submit(self, run: Callable[[Store], Slices[T]], priority: int = PERSON) -> Job[T]: ...

    @overload
    def submit(self, run: Callable[[Store], T], priority: int = PERSON) -> Job[T]: ...

    def submit(self, run: Callable[[Store], Any], priority: int = PERSON) -> Job[Any]:
        """Queue ``run(store)``; a generator that it returns is run in slices."""
        job: Job[Any] = Job(run, priority)
        with self._wake:
            if self._closing:
                raise Closed("the writer is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._push(job)
            self._wake.notify()
        return job

    def yield_to_people(self) -> None:
        """Run the more urgent jobs that wait; for a long command, between its transactions."""
        if threading.current_thread() is not self._thread or not self._running:
            return
        mine = self._running[-1].priority
        while (job := self._take(below=mine)) is not None:
            self._run_to_end(job)

    def busy(self) -> bool:
        """Whether something runs or waits."""
        with self._wake:
            return bool(self._queue or self._running)

    def close(self, timeout: float | None = None) -> bool:
        """Take no more jobs, finish what people asked for, stop imports; ``False`` on a time-out.

        A job of a person counts from the moment it was handed in: one that was not begun is run,
        one in slices goes to its end. An import takes back what it has done.
        """
        with self._wake:
            self._closing = True
            for job in (*(job for _, _, job in self._queue), *self._running):
                if job.priority >= IMPORT:
                    job.stop()
            self._wake.notify()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _push(self, job: Job[Any]) -> None:
        if not job._ticket:
            self._count += 1
            job._ticket = self._count
        heapq.heappush(self._queue, (job.priority, job._ticket, job))

    def _take(self, below: int | None = None) -> Job[Any] | None:
        with self._wake:
            if not self._queue or (below is not None and self._queue[0][0] >= below):
                return None
            job = heapq.heappop(self._queue)[2]
            self._running.append(job)
            return job

    def _work(self) -> None:
        while True:
            job = self._take()
            if job is not None:
                self._slice(job)
            elif not self._wait():
                return

    def _slice(self, job: Job[Any]) -> None:
        """One step; an unfinished job goes on unless something more urgent waits."""
        while not job._step(self.store):
            self.store.copy_log()
            with self._wake:
                if self._queue and self._queue[0][0] < job.priority:
                    self._running.remove(job)
                    self._push(job)
                    return
        with self._wake:
            self._running.remove(job)

    def _run_to_end(self, job: Job[Any]) -> None:
        while not job._step(self.store):
            self.yield_to_people()
        with self._wake:
            self._running.remove(job)

    def _wait(self) -> bool:
        """Wait for work; once nothing has come for a while, ``checkpoint``. ``False`` when closed
        and empty."""
        rest: float | None = _IDLE_AFTER
        while True:
            with self._wake:
                if not self._queue and not self._closing:
                    self._wake.wait(rest)
                if self._queue:
                    return True
                if self._closing:
                    return False
            if rest is not None:
                _call(checkpoint, self.store)
                rest = None


def checkpoint(store: Store) -> None:
    """Bring the write-ahead log into the file as far as no reader holds it up."""
    with store.write_lock:
        sqlite.checkpoint(store.connection)
        store.tidy()


def commands_after(r: Reader, txn: int) -> set[int]:
    """The commands that wrote after transaction ``txn``; cheap while an import is writing."""
    return {row[0] for row in r.rows("SELECT DISTINCT command_id FROM txn WHERE id > ?", (txn,))}
