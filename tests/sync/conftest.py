"""What the tests of the sync share: a clock that jumps, a portal in memory, two laptops on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.emulators import amocrm
from tests.emulators.amocrm import Account
from tests.sync.memory_remote import Portal
from tests.sync.seats import SECOND, Clock, Seat, seat


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(clock: Clock) -> Portal:
    return Portal(clock.now)


@pytest.fixture
def pair(tmp_path: Path, portal: Portal, clock: Clock) -> Iterator[tuple[Seat, Seat]]:
    with ExitStack() as stack:
        mary, max_ = (seat(tmp_path, portal, clock, user) for user in ("1", "2"))
        stack.enter_context(mary.store)
        stack.enter_context(max_.store)
        yield mary, max_


@pytest.fixture
def mary(pair: tuple[Seat, Seat]) -> Seat:
    return pair[0]


@pytest.fixture
def one(tmp_path: Path, portal: Portal, clock: Clock) -> Iterator[Seat]:
    """A laptop that is alone on the portal."""
    made = seat(tmp_path, portal, clock)
    with made.store:
        yield made


@pytest.fixture
def account(clock: Clock) -> Iterator[Account]:
    """amoCRM over loopback."""
    with amocrm.running(Account(lambda: clock.at / SECOND)) as served:
        yield served
