"""A backlog that goes out in rounds to both CRMs over loopback: their limits are used and nothing
is refused, and of what got no answer nothing is made twice. Time is the test's: a request takes as
long as the line is told to."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from salesdesk.moments import Zone
from salesdesk.services.sync import amocrm as amo
from salesdesk.services.sync import amocrm_writing, rounds
from salesdesk.services.sync import bitrix24 as bitrix
from salesdesk.services.sync.amocrm import AmoCrm
from salesdesk.services.sync.bitrix24 import Bitrix24
from salesdesk.services.sync.failures import Failure
from tests.conftest import SOAK
from tests.emulators import amocrm, bitrix24, faults
from tests.emulators.amocrm import Account
from tests.emulators.bitrix24 import Portal
from tests.sync.seats import SECOND, Clock, Seat, seat_at

_PIPELINES = {
    "bitrix24": ("0", {"S:NEW": "NEW", "S:MEET": "PREPARATION", "S:PAY": "PREPAYMENT_INVOICE",
                       "S:WON": "WON", "S:LOST": "LOSE"}),
    "amocrm": ("6950551", {"S:NEW": "6950551/58141807", "S:MEET": "6950551/58141811",
                           "S:PAY": "6950551/58141815", "S:WON": "6950551/142",
                           "S:LOST": "6950551/143"}),
}  # fmt: skip
KINDS = tuple(_PIPELINES)
#: Creations whose reply is lost, and deals of a backlog.
LOST = 1_000 if SOAK else 100
BACKLOG = 4_000 if SOAK else 100


class Line(faults.Faults):
    """A line to a server: each request takes some time there and back; ``loses`` tells whether its
    reply never arrives."""

    def __init__(self, clock: Clock, seed: int) -> None:
        super().__init__()
        self.clock = clock
        self.dice = random.Random(seed)
        self.slowest = 0.0
        self.loses: Callable[[], bool] = lambda: False

    def next(self) -> faults.Play:
        return self._play

    def _play(
        self, handler: BaseHTTPRequestHandler, do: Callable[[], tuple[int, bytes]]
    ) -> None:  # fmt: skip
        self.clock.at += round(self.dice.uniform(0, self.slowest / 2) * SECOND)
        status, body = do()
        self.clock.at += round(self.dice.uniform(0, self.slowest / 2) * SECOND)
        if self.loses():
            faults.hang_up(handler)
        else:
            faults.reply(handler, status, body)


@dataclass
class Ends:
    """Both ends of a line: the laptop, the server, and the objects that the server holds."""

    mary: Seat
    server: Any
    line: Line
    deals: dict[int, dict[str, Any]]
    remote: Bitrix24 | AmoCrm


def in_parts_of(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many objects a request, for a backlog of few objects to be one of many requests."""
    monkeypatch.setattr(Bitrix24, "batch", number)
    monkeypatch.setattr(amocrm_writing, "BATCH", number)


@contextmanager
def ends(kind: str, folder: Path, clock: Clock) -> Iterator[Ends]:
    """A laptop and a CRM with its limits."""
    line = Line(clock, 7)
    pipeline, stages = _PIPELINES[kind]
    if kind == "bitrix24":
        portal = Portal(lambda: clock.at / SECOND, limits=True, faults=line)
        with bitrix24.running(portal) as served:
            remote = Bitrix24(served.webhook, clock, Zone("Europe/Moscow"))
            with seat_at(folder, remote, clock, pipeline, stages) as mary:
                yield Ends(mary, served, line, served.items["deal"], remote)
        return
    account = Account(lambda: clock.at / SECOND, limits=True, faults=line)
    with amocrm.running(account) as answering:
        far = AmoCrm(answering.url, answering.token, clock)
        with seat_at(folder, far, clock, pipeline, stages) as mary:
            yield Ends(mary, answering, line, answering.rows["leads"], far)


@pytest.mark.parametrize("kind", KINDS)
def test_the_limits_are_used_and_nothing_is_refused(
    kind: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts_of(1, monkeypatch)
    documented, at_once, slowest = {
        "bitrix24": (2.0, bitrix.BURST, 0.4), "amocrm": (7.0, amo.BURST, 0.03),
    }[kind]  # fmt: skip
    with ends(kind, tmp_path, clock) as both:
        both.mary.round()  # the first reading
        for number in range(BACKLOG):
            both.mary.deal(f"Lift {number}")
        clock.at += 60 * SECOND  # the bucket there is empty again
        both.line.slowest = slowest
        begun, before = clock.at, both.server.requests
        found = rounds.one_round(both.mary.store, both.remote, clock)
        used = (both.server.requests - before - at_once) / ((clock.at - begun) / SECOND)
        assert (found.waiting, found.failed, found.unknown) == (0, 0, 0)
        assert len(both.deals) == BACKLOG
        assert both.server.refused == 0
        assert used >= 0.95 * documented


@pytest.mark.parametrize("kind", KINDS)
def test_no_reply_to_a_creation_arrives(
    kind: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts_of(7, monkeypatch)
    with ends(kind, tmp_path, clock) as both:
        both.mary.round()
        for number in range(LOST):
            both.mary.deal(f"Crane {number}")
        seen: set[int] = set()

        def made_something() -> bool:
            fresh = both.deals.keys() - seen
            seen.update(fresh)
            return bool(fresh)

        both.line.loses = made_something
        for _ in range(LOST):
            with suppress(Failure):  # after some calls without an answer the others wait
                both.mary.round()
            clock.at += 300 * SECOND
            if not both.mary.value("SELECT count(*) FROM sync_queue"):
                break
        assert len(both.deals) == LOST
        assert both.mary.value("SELECT count(*) FROM sync_link WHERE entity = 'deal'") == LOST
        assert both.mary.value("SELECT count(*) FROM deal") == LOST
