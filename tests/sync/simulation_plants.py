"""Bugs that are planted to see the simulation find them: one a way in which syncs go wrong.

======================= ==========================================================================
``creates_again``       An object whose making got no answer is made again without being looked up.
``cursor_first``        How far a stream was read is kept before what was read: a kill loses a page.
``own_clock``           Reading goes on from the laptop's time instead of the portal's.
``echo_counts``         The line of history that a pushed move leaves is taken for another move.
``theirs_always``       A merge takes what the portal has without looking at what was agreed.
======================= ==========================================================================
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from salesdesk.services.sync import moves, pull, push
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.merge import merge
from salesdesk.services.sync.remote import FarMove, FarRecord, Page, Stream
from tests.sync.simulation_laptops import SECOND, SimulatedRemote


@contextmanager
def creates_again() -> Iterator[None]:
    after = push.Pusher._after

    def blind(self: push.Pusher, plan: Any, failure: Failure, *rest: Any, **more: Any) -> Any:
        row = after(self, plan, failure, *rest, **more)
        lost = failure.kind in (Kind.UNKNOWN, Kind.MALFORMED)
        return {**row, "state": "waiting", "next_at": 0} if lost else row

    with mock.patch.object(push.Pusher, "_after", blind):
        yield


@contextmanager
def cursor_first() -> Iterator[None]:
    take = pull.Puller._take_page

    def hasty(
        self: pull.Puller, stream: Stream, records: Sequence[FarRecord],
        lines: Mapping[str, Sequence[FarMove]], last: Mapping[str, Any],
    ) -> None:  # fmt: skip
        with self.store.books() as books:
            books.put("sync_stream", ("remote_id", "name"), [dict(last)])
        take(self, stream, records, lines, last)

    with mock.patch.object(pull.Puller, "_take_page", hasty):
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
    with mock.patch.object(moves, "_echo_of", return_value=None):
        yield


@contextmanager
def theirs_always() -> Iterator[None]:
    def careless(entity: Any, _before: Any, ours: Any, theirs: Any, *rest: Any) -> Any:
        return merge(entity, ours, ours, theirs, *rest)

    with mock.patch.object(pull, "merge", careless):
        yield


#: By name.
PLANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "creates_again": creates_again,
    "cursor_first": cursor_first,
    "own_clock": own_clock,
    "echo_counts": echo_counts,
    "theirs_always": theirs_always,
}
