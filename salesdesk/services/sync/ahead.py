"""Reading ahead: while a page is taken over, the next one is on its way.

A remote around another one. Behind each page that is not the last, a thread asks for the page that
follows it, and for the history of its deals. The other end is still called by one thread at a time:
every other call waits until that one is answered. What was read ahead is no older than the page
before it would have been after a longer pause, and nothing is sent while pages are read.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from salesdesk.services.sync.failures import Failure
from salesdesk.services.sync.remote import FarMove, FarRecord, Page, Remote, Stream

#: What is asked without a call.
_OWN = ("as_held", "close")


@contextmanager
def reading(remote: Remote, wants: Callable[[FarRecord], bool]) -> Iterator[Remote]:
    """The same remote, reading ahead; ``wants``: whether a deal's history will be asked for. At the
    end of the block no call of its own is under way, unless the program is being interrupted."""
    found = _Ahead(remote, wants)
    try:
        yield cast("Remote", found)
    finally:
        found.rest()


class _Ahead:
    def __init__(self, remote: Remote, wants: Callable[[FarRecord], bool]) -> None:
        self._remote = remote
        self._wants = wants
        self._next: _Reading | None = None
        self._lines: _Lines | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._remote, name)
        if not callable(found) or name in _OWN:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self.rest()
            return found(*args, **kwargs)

        return call

    def rest(self) -> None:
        """Wait for a call that is under way; what it brings is kept."""
        if self._next is not None:
            self._next.join()

    def page(self, stream: Stream, cursor: str) -> Page:
        """As it was read ahead, if this is the page that was."""
        ready, self._next, self._lines = self._next, None, None
        if ready is not None:
            ready.join()
        if ready is None or (ready.stream, ready.cursor) != (stream, cursor):
            page = self._remote.page(stream, cursor)
        else:
            page = ready.answered()
            self._lines = ready.lines
        if page.more and page.cursor != cursor:
            self._next = _Reading(self._remote, self._wants, stream, page.cursor)
            self._next.start()
        return page

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """As they were read with the page."""
        lines, self._lines = self._lines, None
        if lines is not None and lines.deals.issuperset(deals):
            return lines.of(deals)
        self.rest()
        return self._remote.moves_of(deals)


class _Lines:
    """The history of some deals, or why it could not be read."""

    def __init__(self, remote: Remote, deals: Sequence[str]) -> None:
        self.deals = frozenset(deals)
        self._failure: Failure | None = None
        self._found: Sequence[FarMove] = ()
        try:
            self._found = remote.moves_of(deals) if deals else ()
        except Failure as failure:
            self._failure = failure

    def of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """Those of some of them; raises what prevented it."""
        if self._failure is not None:
            raise self._failure
        wanted = set(deals)
        return [line for line in self._found if line.deal in wanted]


class _Reading(threading.Thread):
    """One page on its way, and the history of its deals."""

    def __init__(
        self, remote: Remote, wants: Callable[[FarRecord], bool], stream: Stream, cursor: str
    ) -> None:
        super().__init__(name="sync-ahead", daemon=True)
        self.stream, self.cursor = stream, cursor
        self.lines: _Lines | None = None
        self._remote = remote
        self._wants = wants
        self._page: Page | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Ask; what goes wrong is told to who wants the page."""
        try:
            self._page = page = self._remote.page(self.stream, self.cursor)
            if self.stream == "deal":
                deals = [one.far_id for one in page.records if not one.deleted and self._wants(one)]
                self.lines = _Lines(self._remote, deals)
        except BaseException as error:  # noqa: BLE001 - raised where the page is asked for
            self._error = error

    def answered(self) -> Page:
        """The page; raises what prevented it."""
        if self._page is None or self._error is not None:
            assert self._error is not None
            raise self._error
        return self._page
