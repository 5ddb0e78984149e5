"""How fast a remote may be called: a bucket of tokens, slowed down when it refuses, and a breaker.

One office shares one address, and the vendors count by address: so the rate is halved with each
refusal and grows again slowly, call by call, up to what the vendor documents (additive increase,
multiplicative decrease). All time is handed in (``Clock``), so that a backlog of ten minutes is
tried in a second.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from salesdesk.services.sync.failures import Failure, Kind

_SECOND = 1_000_000
#: A second, and a little for clocks that do not run alike.
_WINDOW = 1_015_000


class Clock(Protocol):
    """The time of a sync: the moment (µs UTC), and sleeping until a later one."""

    def now(self) -> int:
        """The moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; may return early when the sync is to stop (``Stopping``)."""
        ...


class Stopping(Exception):
    """The sync is to stop: raised by a clock's ``sleep``; what was recorded is gone on with."""


class RealClock:
    """Time that passes: ``moment`` answers it (µs UTC), and ``stop`` wakes whoever sleeps."""

    def __init__(self, moment: Callable[[], int]) -> None:
        self._moment = moment
        self._stop = threading.Event()

    def now(self) -> int:
        """The moment."""
        return self._moment()

    def sleep(self, seconds: float) -> None:
        """Wait; raises ``Stopping`` when asked to stop."""
        if self._stop.wait(max(0.0, seconds)):
            raise Stopping

    def stop(self) -> None:
        """Wake whoever sleeps, now and from now on."""
        self._stop.set()


@dataclass(slots=True)
class Pace:
    """A bucket: ``rate`` calls a second, ``burst`` at once, ``first`` of them at the beginning (the
    bucket there may not be empty). ``least`` is the slowest it gets.

    ``window``: the other end counts so many calls in any second. It counts when a call arrives,
    which lies between sending and answer: so the call that is ``window`` before must have been
    answered a second ago. Then nothing is refused, however unsteady the line is.
    """

    clock: Clock
    rate: float
    burst: float
    least: float = 0.1
    window: int = 0
    first: float | None = None
    _now_rate: float = field(init=False)
    _tokens: float = field(init=False)
    _at: int = field(init=False)
    _answers: deque[int] = field(init=False)

    def __post_init__(self) -> None:
        self._now_rate = self.rate
        self._tokens = self.burst if self.first is None else self.first
        self._at = self.clock.now()
        self._answers = deque(maxlen=self.window or 1)

    @property
    def present(self) -> float:
        """Calls a second as of now."""
        return self._now_rate

    def take(self) -> None:
        """Wait for a token and take it."""
        self._fill()
        while self._tokens < 1:
            self.clock.sleep((1 - self._tokens) / self._now_rate)
            self._fill()
        self._tokens -= 1
        if self.window and len(self._answers) == self.window:
            wait = self._answers[0] + _WINDOW - self.clock.now()
            if 0 < wait <= _WINDOW:  # a clock set back waits for nothing
                self.clock.sleep(wait / _SECOND)

    def answered(self) -> None:
        """The call that was taken has its answer, or has none and will not get one."""
        self._answers.append(self.clock.now())

    def refused(self) -> None:
        """The other end had too much: half the rate, and no tokens left."""
        self._fill()
        self._now_rate = max(self.least, self._now_rate / 2)
        self._tokens = min(self._tokens, 0.0)

    def accepted(self) -> None:
        """A call went through: a little faster again, back at the full rate within a minute."""
        if self._now_rate < self.rate:
            self._now_rate = min(self.rate, self._now_rate + self.rate / (45 * self._now_rate))

    def _fill(self) -> None:
        now = self.clock.now()
        gone = max(0, now - self._at) / _SECOND  # a clock set back gives nothing and takes nothing
        self._at = now
        self._tokens = min(self.burst, self._tokens + gone * self._now_rate)


#: Pauses after so many calls in a row that did not reach the other end (seconds).
_UNREACHED = (0, 0, 5, 15, 60, 300)
#: How long a blocked address is left alone (seconds).
BLOCKED = 15 * 60


@dataclass(slots=True)
class Breaker:
    """Calls nothing for a while: the other end blocked us, or was not reached again and again."""

    clock: Clock
    _until: int = 0
    _unreached: int = 0
    _kind: Kind = Kind.NOT_SENT

    def open_until(self, until: int) -> None:
        """Call nothing until a moment: an earlier run was told that the address is blocked."""
        self._until, self._kind = until, Kind.BLOCKED

    def check(self) -> None:
        """Raise ``Failure`` while it is open."""
        if self.clock.now() < self._until:
            raise Failure(self._kind, retry_at=self._until)

    def saw(self, failure: Failure | None) -> None:
        """What came of a call (None: an answer)."""
        if failure is None or failure.kind not in (Kind.NOT_SENT, Kind.BLOCKED):
            self._unreached = 0
            return
        self._kind = failure.kind
        if failure.kind is Kind.BLOCKED:
            pause = BLOCKED
        else:
            self._unreached = min(self._unreached + 1, len(_UNREACHED) - 1)
            pause = _UNREACHED[self._unreached]
        self._until = self.clock.now() + pause * _SECOND
        if failure.retry_at is not None:
            self._until = max(self._until, failure.retry_at)
