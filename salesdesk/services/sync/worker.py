"""Rounds by themselves, on a thread of their own: every few minutes and soon after local changes.

Nothing here knows Qt. The thread has its own way to the CRM and its own reader; its writes are the
short ones of a round, between which a person's pass. It is told to stop and stops before the next
call; what a call under way has changed is found out at the next start, as after a crash.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from salesdesk.models.store import Changes, Reader, Store
from salesdesk.services.sync import catalog, maps, options, outbox, publish, rounds
from salesdesk.services.sync.failures import Failure
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.pace import Clock, RealClock, Stopping
from salesdesk.services.sync.remote import Remote
from salesdesk.services.sync.turn import Busy, turn
from salesdesk.services.sync.verifying import Verified

#: Seconds: between rounds, after a local change until a round, and at most after the first one.
EVERY, CALM, LATEST = 180.0, 10.0, 60.0
#: Pauses after rounds in a row that did not reach the CRM.
BACKOFF = (15.0, 60.0, 120.0, 300.0, 600.0)
#: How long closing waits for the thread: a call to the net may take longer, and is left alone.
_PATIENCE = 2.0
_BETWEEN = 0.25
#: What ``State.stream`` says while everything is compared with the CRM.
COMPARES = "compare"

#: How a remote is made for a connection; tests hand in another.
Makes = Callable[[Reader, Connection, Clock], Remote]


@dataclass(frozen=True, slots=True)
class State:
    """What the worker is at. ``offline``: the last round did not reach the CRM; ``error``: what
    ended it otherwise (of this machine: no keyring, no key); ``stream`` is being read, or
    ``COMPARES``. ``verified`` is what the last comparison of everything found, at ``verified_at``
    (µs UTC)."""

    running: bool = False
    offline: bool = False
    error: Exception | None = None
    stream: str = ""
    verified: Verified | None = None
    verified_at: int = 0


class StoppableClock(RealClock):
    """The machine's time, and whether the round is to stop; ``called``: it has called the CRM."""

    called = False

    def check(self) -> None:
        """Raise ``Stopping`` when asked to stop."""
        self.sleep(0)
        self.called = True


class _Stoppable:
    """A remote that makes no further call once it is to stop."""

    def __init__(self, remote: Remote, clock: StoppableClock) -> None:
        self._remote = remote
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._remote, name)
        if not callable(found) or name in ("close", "as_held"):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._clock.check()
            return found(*args, **kwargs)

        return call


class Worker:
    """One a process. ``moment()`` is the time (µs UTC), ``told()`` is called from its thread when
    something is to be shown anew."""

    def __init__(
        self,
        store: Store,
        moment: Callable[[], int],
        told: Callable[[], object],
        makes: Makes = catalog.of_connection,
    ) -> None:
        self._store = store
        self._moment = moment
        self._told = told
        self._makes = makes
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._clock = StoppableClock(self._moment)
        self._ends = False
        self._due: float = time.monotonic()
        self._first_change = 0.0
        self._survey = True
        self._compares = False
        #: Asked for while a round went on: a comparison (at its end, or after it), another round.
        self._at_once = self._again = False
        self._misses = 0
        self._told_at = 0.0
        self.state = State()
        self._leave = store.subscribe(self._on_changes)

    # -- from other threads -----------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether a round goes on."""
        return self.state.running

    def start(self) -> None:
        """Begin; again does nothing."""
        with self._condition:
            if self._thread is None and not self._ends:
                self._thread = threading.Thread(target=self._work, name="sync", daemon=True)
                self._thread.start()

    def now(self) -> None:
        """A round at once; where one is at it already another right after it."""
        with self._condition:
            self._again = self._clock.called
        self._hurry()

    def compare(self) -> None:
        """A round at once, and after it everything is compared with the CRM."""
        with self._condition:
            self._compares = self._at_once = True
        self._hurry()

    def _hurry(self) -> None:
        with self._condition:
            self._due, self._misses = time.monotonic(), 0
            self._condition.notify_all()
        self.start()

    def halt(self) -> None:
        """End the round that goes on before its next call; what it did stays done."""
        with self._condition:
            if self.state.running:
                self._again = False
                self._clock.stop()

    def stop(self) -> None:
        """End for good: the window closes."""
        with self._condition:
            if not self._ends:
                self._ends = True
                self._leave()
            self._clock.stop()
            self._condition.notify_all()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE)

    def wait(self, seconds: float = 5.0) -> None:
        """Wait until no round goes on (a disconnecting waits so)."""
        with self._condition:
            self._condition.wait_for(lambda: not self.state.running, seconds)

    def _on_changes(self, changes: Changes) -> None:
        """Something was written here: a round soon, when it has calmed down."""
        if changes.origin == "sync":
            return
        now = time.monotonic()
        with self._condition:
            self._first_change = self._first_change or now
            soon = min(now + CALM, self._first_change + LATEST)
            if not self._misses:  # while offline the pauses hold
                self._due = min(self._due, soon) if self._due < now + CALM else soon
            self._survey = True
            self._condition.notify_all()

    # -- the thread -------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._condition:
                if self._ends:
                    return
                wait = self._due - time.monotonic()
                looks, self._survey = self._survey, False
                if wait > 0 and not looks:
                    self._condition.wait(wait)
                    continue
                self._clock = StoppableClock(self._moment)
                self._at_once, self._again = (each and wait > 0
                                              for each in (self._at_once, self._again))  # fmt: skip
            if looks and wait > 0:
                self._look()
            else:
                self._round()

    def _look(self) -> None:
        """Note in the queue what was written, so that what waits is known without a round."""
        try:
            with self._store.read() as r:
                connection = maps.connection(r)
            if connection is not None:
                outbox.survey(self._store, connection, now=self._clock.now())
        except Exception as error:  # noqa: BLE001 - shown by the screen, as of a round
            self._ended(error)
            return
        self._tell()

    def _round(self) -> None:
        connection = self._wanted()
        if connection is None:
            self._next(EVERY)
            return
        self._show(replace(self.state, running=True, stream=""))
        error: Exception | None = None
        try:
            with turn(self._store):
                self._one(connection)
        except Stopping:
            error = None
        except Exception as failed:  # noqa: BLE001 - shown by the screen
            error = failed
        self._ended(error)

    def _wanted(self) -> Connection | None:
        try:
            with self._store.read() as r:
                found = maps.connection(r)
        except Exception as error:  # noqa: BLE001 - shown by the screen
            self._ended(error)
            return None
        wanted = found is not None and found.state == "on" and not options.is_paused(found.options)
        return found if wanted else None

    def _one(self, connection: Connection) -> None:
        clock = self._clock
        with self._store.read() as r:
            made = self._makes(r, connection, clock)
        remote: Any = _Stoppable(made, clock)
        try:
            rounds.one_round(
                self._store, remote, clock, rules=options.rules(connection.options),
                told=self._on_page, ahead=True,
            )  # fmt: skip
            publish.run(self._store, connection, remote, clock)
            self._compare(remote, clock)
            catalog.keep_address(self._store, connection, made)
        finally:
            made.close()

    def _compare(self, remote: Remote, clock: Clock) -> None:
        """Compare everything, if that was asked for; what the net prevented is tried again."""
        with self._condition:
            wanted, self._compares, self._at_once = self._compares, False, False
        if not wanted:
            return
        self._show(replace(self.state, stream=COMPARES))
        try:
            found = rounds.verify(self._store, remote, clock)
        except Failure:
            with self._condition:
                self._compares = True
            raise
        self._show(replace(self.state, verified=found, verified_at=clock.now()))

    def _on_page(self, stream: str, _read: int, _total: int | None) -> None:
        self._clock.check()
        now = time.monotonic()
        if stream != self.state.stream or now - self._told_at > _BETWEEN:
            self._told_at = now
            self._show(replace(self.state, stream=stream))

    def _ended(self, error: Exception | None) -> None:
        """What comes next, and what is shown."""
        if self._ends:
            self._show(State())
            return
        offline = isinstance(error, Failure) and error.kind.value in ("not_sent", "malformed")
        if error is None:
            self._misses = 0
            self._next(EVERY)
        else:
            pause = BACKOFF[min(self._misses, len(BACKOFF) - 1)]
            self._misses += 1
            if isinstance(error, Failure) and error.retry_at is not None:
                left = (error.retry_at - self._clock.now()) / 1_000_000
                pause = max(pause, min(left, 3600.0))
            self._next(pause)
        keeps = None if isinstance(error, (Failure, Busy)) else error
        self._show(replace(self.state, running=False, stream="", offline=offline, error=keeps))

    def _next(self, pause: float) -> None:
        """The next round, after a pause; at once where one, or a comparison, was asked for
        meanwhile."""
        with self._condition:
            self._first_change = 0.0
            pause = 0.0 if self._at_once or self._again else pause
            self._due = time.monotonic() + pause

    def _show(self, state: State) -> None:
        with self._condition:
            self.state = state
            self._condition.notify_all()
        self._tell()

    def _tell(self) -> None:
        if not self._ends:
            self._told()


__all__ = ["BACKOFF", "CALM", "COMPARES", "EVERY", "Makes", "State", "Worker"]
