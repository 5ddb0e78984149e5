"""How fast a remote is called, against the limits that the vendors document, in simulated time."""

import random
from collections import deque
from collections.abc import Callable

import pytest

from salesdesk.services.sync import amocrm, bitrix24
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Breaker, Pace, RealClock, Stopping

_SECOND = 1_000_000


class Watch:
    """A clock that jumps instead of waiting."""

    def __init__(self) -> None:
        self.at = 1_790_000_000 * _SECOND

    def now(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += max(1, round(seconds * _SECOND))


class Leaky:
    """Bitrix24: each call adds one, two drain a second, above 50 the next one is refused."""

    def __init__(self, clock: Watch) -> None:
        self.clock, self.level, self.at = clock, 0.0, clock.now()

    def takes(self) -> bool:
        gone = (self.clock.now() - self.at) / _SECOND
        self.level, self.at = max(0.0, self.level - 2 * gone), self.clock.now()
        if self.level > 50:
            return False
        self.level += 1
        return True


class Rolling:
    """amoCRM: seven calls in any second."""

    def __init__(self, clock: Watch) -> None:
        self.clock, self.seen = clock, deque[int]()

    def takes(self) -> bool:
        now = self.clock.now()
        while self.seen and self.seen[0] <= now - _SECOND:
            self.seen.popleft()
        self.seen.append(now)
        return len(self.seen) <= 7


@pytest.mark.parametrize(
    ("limit", "made", "documented"),
    [
        (Leaky, lambda clock: Pace(clock, bitrix24.RATE, bitrix24.BURST, first=bitrix24.FIRST), 2),
        (Rolling, lambda clock: Pace(clock, amocrm.RATE, amocrm.BURST, window=amocrm.WINDOW), 7),
    ],
)
def test_alone_nothing_is_refused_and_little_is_wasted(
    limit: type[Leaky] | type[Rolling], made: Callable[[Watch], Pace], documented: float
) -> None:
    clock = Watch()
    server, pace, start = limit(clock), made(clock), clock.now()
    calls = round(documented * 600)
    for _ in range(calls):
        pace.take()
        assert server.takes()
        pace.answered()
        pace.accepted()
    took = (clock.now() - start) / _SECOND
    assert calls / took >= 0.95 * documented


@pytest.mark.parametrize("seed", range(20))
def test_an_unsteady_line_is_no_reason_to_be_refused(seed: int) -> None:
    """What counts is when a call arrives: late ones come close to those that follow."""
    rng, clock = random.Random(seed), Watch()
    server = Rolling(clock)
    pace = Pace(clock, amocrm.RATE, amocrm.BURST, window=amocrm.WINDOW)
    for _ in range(200):
        pace.take()
        clock.sleep(rng.choice((0.0, 0.02, 0.3, 0.9)))
        assert server.takes()
        clock.sleep(rng.choice((0.0, 0.05)))
        pace.answered()
        pace.accepted()


def test_a_shared_address_slows_it_down_and_it_recovers_within_a_minute() -> None:
    clock = Watch()
    pace = Pace(clock, 2.0, 45.0)
    for _ in range(3):
        pace.refused()
    assert pace.present == 0.25
    slowed = clock.now()
    while pace.present < 2.0:
        pace.take()
        pace.accepted()
    assert (clock.now() - slowed) / _SECOND <= 60
    for _ in range(20):
        pace.refused()
    assert pace.present == pace.least


def test_a_clock_set_back_breaks_nothing() -> None:
    clock = Watch()
    pace = Pace(clock, 2.0, 1.0)
    pace.take()
    clock.at -= 3 * 86_400 * _SECOND
    before = clock.now()
    pace.take()
    assert 0 < clock.now() - before <= _SECOND


def test_a_blocked_address_is_left_alone() -> None:
    clock = Watch()
    breaker = Breaker(clock)
    breaker.saw(Failure(Kind.BLOCKED))
    with pytest.raises(Failure) as stopped:
        breaker.check()
    assert stopped.value.kind is Kind.BLOCKED
    assert stopped.value.retry_at == clock.now() + 15 * 60 * _SECOND
    clock.sleep(15 * 60)
    breaker.check()


def test_what_is_not_reached_is_asked_less_and_less() -> None:
    clock = Watch()
    breaker, tried = Breaker(clock), 0
    for _ in range(3600):
        clock.sleep(1)
        try:
            breaker.check()
        except Failure:
            continue
        tried += 1
        breaker.saw(Failure(Kind.NOT_SENT))
    assert 10 < tried < 30
    breaker.saw(None)
    breaker.saw(Failure(Kind.NOT_SENT))
    breaker.check()  # a single miss stops nothing


def test_sleep_is_woken_when_the_sync_stops() -> None:
    clock = RealClock(lambda: 0)
    clock.stop()
    with pytest.raises(Stopping):
        clock.sleep(60)
