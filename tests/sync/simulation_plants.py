"""Bugs that are planted to see the simulation find them: one a way in which syncs go wrong.

======================= ==========================================================================
``creates_again``       An object whose making got no answer is made again without being looked up.
``cursor_first``        How far a stream was read is kept before what was read: a kill loses a page.
``own_clock``           Reading goes on from the laptop's time instead of the portal's.
``echo_counts``         The line of history that a pushed move leaves is taken for another move.
``theirs_always``       A merge takes what the portal has without looking at what was agreed.
======================= ==========================================================================
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from salesdesk.services.sync import merge, moves, push
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Page, Stream
from tests.sync.simulation_laptops import SECOND, SimulatedRemote

#: So many times a making without an answer is blindly repeated.
_AGAIN = 2


@contextmanager
def creates_again() -> Iterator[None]:
    after = push.Pusher._after

    def blind(self: push.Pusher, plan: Any, failure: Failure, *rest: Any, **more: Any) -> Any:
        row = after(self, plan, failure, *rest, **more)
        lost = failure.kind in (Kind.UNKNOWN, Kind.MALFORMED)
        again = {"state": "waiting", "next_at": 0}
        return {**row, **again} if lost and plan.row.tries < _AGAIN else row

    with mock.patch.object(push.Pusher, "_after", blind):
        yield


@contextmanager
def cursor_first() -> Iterator[None]:
    page = SimulatedRemote.page

    def hasty(self: SimulatedRemote, stream: Stream, cursor: str) -> Page:
        found = page(self, stream, cursor)
        self.keep_cursor(stream, found)
        return found

    with mock.patch.object(SimulatedRemote, "page", hasty):
        yield


@contextmanager
def own_clock() -> Iterator[None]:
    page = SimulatedRemote.page

    def local(self: SimulatedRemote, stream: Stream, cursor: str) -> Page:
        found = page(self, stream, cursor)
        if stream in ("move", "deleted") or found.more or not found.records:
            return found
        return replace(found, cursor=f"{self.own_now() - SECOND}:{1 << 40}")

    with mock.patch.object(SimulatedRemote, "page", local):
        yield


@contextmanager
def echo_counts() -> Iterator[None]:
    no_echoes = mock.patch.object(moves, "_echo_of", return_value=None)
    with no_echoes, mock.patch.object(moves.Moves, "_left", moves.Moves._unknown):
        yield


@contextmanager
def theirs_always() -> Iterator[None]:
    decide = merge._decide

    def careless(entity: Any, name: str, was: Any, mine: Any, other: Any, *rest: Any) -> Any:
        if name == "moves":
            return decide(entity, name, was, mine, other, *rest)
        return (other,)

    with mock.patch.object(merge, "_decide", careless):
        yield


#: By name.
PLANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "creates_again": creates_again,
    "cursor_first": cursor_first,
    "own_clock": own_clock,
    "echo_counts": echo_counts,
    "theirs_always": theirs_always,
}
