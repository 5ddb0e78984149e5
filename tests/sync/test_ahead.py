"""Reading ahead brings what reading page by page brings, by one call at a time, and fails as it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesdesk.services.sync import rounds
from salesdesk.services.sync.failures import Failure, Kind
from tests.sync.memory_remote import PAGE, MemoryRemote, Portal
from tests.sync.seats import MINUTE, Clock, Seat, seat
from tests.sync.test_first_pull import moved_about


class Watched:
    """A remote that tells by which threads it is called, and never by two at once."""

    def __init__(self, remote: MemoryRemote) -> None:
        self._remote = remote
        self._free = threading.Lock()
        self.calls: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._remote, name)
        if not callable(found) or name == "as_held":
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            assert self._free.acquire(blocking=False), f"{name} while another call goes on"
            try:
                self.calls.append((threading.current_thread().name, name))
                return found(*args, **kwargs)
            finally:
                self._free.release()

        return call


@pytest.fixture
def there(portal: Portal, clock: Clock) -> list[str]:
    """More deals than a page holds, of which each has a company that comes after it."""
    keys = moved_about(portal, clock, 14)
    for key in keys:
        firm = portal.add("company", {"name": f"Firm {key}", "phones": (), "emails": ()}, by="2")
        portal.edit("deal", key, {"company": firm.far_id}, by="2")
    clock.at += MINUTE
    return keys


@pytest.fixture
def reader(tmp_path: Path, portal: Portal, clock: Clock, there: list[str]) -> Iterator[Seat]:
    """A laptop that has read nothing yet."""
    assert there
    made = seat(tmp_path, portal, clock, "1")
    with made.store:
        yield made


def round_ahead(one: Seat) -> list[tuple[str, str]]:
    """A round that reads ahead; who called what."""
    watched = Watched(one.remote)
    far: Any = watched
    rounds.one_round(one.store, far, one.clock, ahead=True, slice_size=3)
    return watched.calls


def content(one: Seat, keys: list[str]) -> list[Any]:
    """What is here of these deals."""
    deals = [one.here(one.remote.portal.table("deal")[key]) for key in keys]
    clients = [one.value("SELECT c.name FROM deal d JOIN client c ON c.id = d.client_id "
                         "WHERE d.id = ?", deal) for deal in deals]  # fmt: skip
    return [(one.protocol(deal), client) for deal, client in zip(deals, clients, strict=True)]


def test_the_same_is_here_by_one_call_at_a_time(
    tmp_path: Path, portal: Portal, clock: Clock, there: list[str], reader: Seat
) -> None:
    (tmp_path / "other").mkdir()
    other = seat(tmp_path / "other", portal, clock, "1")
    with other.store:
        other.round()
        calls = round_ahead(reader)
        assert content(reader, there) == content(other, there)
    ahead = [what for thread, what in calls if thread == "sync-ahead"]
    assert {"page", "moves_of"} == set(ahead)
    assert reader.value("SELECT count(*) FROM sync_owed") == 0


def test_nothing_is_read_twice(reader: Seat) -> None:
    calls = round_ahead(reader)
    pages = -(-14 // PAGE)
    assert len([1 for _, what in calls if what == "moves_of"]) == pages


def fails_ahead(reader: Seat, what: str) -> Iterator[bool]:
    """What is read ahead first cannot be made out; empty once that has happened."""
    waits = iter([True])

    def fault(when: str, stream: str) -> None:
        ahead = threading.current_thread().name == "sync-ahead"
        if when == "read" and stream == what and ahead and next(waits, False):
            raise Failure(Kind.MALFORMED)

    reader.remote.fault = fault
    return waits


def test_a_page_that_fails_ahead_ends_its_stream_and_the_rest_comes_later(
    reader: Seat, there: list[str]
) -> None:
    fails_ahead(reader, "deal")
    with pytest.raises(Failure):
        round_ahead(reader)
    assert reader.value("SELECT count(*) FROM deal") == PAGE
    round_ahead(reader)
    assert_all_here(reader, there)


def test_a_history_that_fails_ahead_is_made_up_for(reader: Seat, there: list[str]) -> None:
    waits = fails_ahead(reader, "moves")
    round_ahead(reader)
    assert not list(waits)
    assert_all_here(reader, there)
    assert reader.value("SELECT count(*) FROM sync_owed") == 0


def assert_all_here(one: Seat, keys: list[str]) -> None:
    stages = [[stage for stage, _ in protocol] for protocol, _ in content(one, keys)]
    assert stages == [["S:NEW", "S:MEET", "S:PAY"]] * len(keys)


def test_no_call_goes_on_when_a_round_has_ended(reader: Seat) -> None:
    begun, ends = threading.Event(), threading.Event()

    def fault(when: str, stream: str) -> None:
        if threading.current_thread().name == "sync-ahead" and not begun.is_set():
            begun.set()
            assert ends.wait(10)

    def told(*_: object) -> None:
        assert begun.wait(10)
        threading.Timer(0.05, ends.set).start()
        raise Failure(Kind.NOT_SENT)

    reader.remote.fault = fault
    with pytest.raises(Failure):
        rounds.one_round(reader.store, reader.remote, reader.clock, told=told, ahead=True)
    assert ends.is_set()
    assert not [one for one in threading.enumerate() if one.name == "sync-ahead"]
