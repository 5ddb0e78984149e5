"""The writer thread: order, slices, stopping, idle hooks, closing."""

import threading
import time
from collections.abc import Generator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from salesdesk.models import checkpoints, sqlite
from salesdesk.models.store import Store
from salesdesk.services import people
from salesdesk.services.writer import IMPORT, PERSON, SYNC, Closed, Job, Stopped, Writer
from tests.builders import empty_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = empty_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    made = Writer(store)
    yield made
    assert made.close(5)


def test_answers_come_from_one_other_thread_with_the_store(writer: Writer, store: Store) -> None:
    jobs = [writer.submit(lambda given: (given, threading.get_ident())) for _ in range(3)]
    answers = [job.result(2) for job in jobs]
    assert all(given is store for given, _ in answers)
    assert len({thread for _, thread in answers}) == 1
    assert answers[0][1] != threading.get_ident()


def test_an_error_is_handed_to_the_one_who_asked(writer: Writer) -> None:
    def fail(_store: Any) -> int:
        raise ValueError("no")

    job = writer.submit(fail)
    with pytest.raises(ValueError, match="no"):
        job.result(2)
    assert writer.submit(lambda _s: 7).result(2) == 7


def test_the_most_urgent_goes_first(writer: Writer) -> None:
    gate = threading.Event()
    order: list[str] = []
    writer.submit(lambda _s: gate.wait(2))
    writer.submit(lambda _s: order.append("import"), IMPORT)
    writer.submit(lambda _s: order.append("sync"), SYNC)
    first = writer.submit(lambda _s: order.append("person 1"), PERSON)
    writer.submit(lambda _s: order.append("person 2"), PERSON)
    assert not first.done()
    gate.set()
    writer.submit(lambda _s: None, IMPORT).result(2)
    assert order == ["person 1", "person 2", "sync", "import"]


def test_a_person_never_waits_behind_an_import(writer: Writer) -> None:
    started = threading.Event()

    def steps(_store: Any) -> Generator[object, None, str]:
        for at in range(400):
            started.set()
            time.sleep(0.005)
            yield at
        return "imported"

    seen: list[object] = []
    job = writer.submit(steps, IMPORT)
    job.add_progress_callback(seen.append)
    assert started.wait(2)
    assert writer.submit(lambda _s: "moved").result(2) == "moved"
    assert not job.done()
    job.stop()
    with pytest.raises(Stopped):
        job.result(2)
    assert job.stopped()
    assert seen == sorted(cast("list[int]", seen))


def test_two_imports_do_not_mix(writer: Writer) -> None:
    order: list[str] = []

    def steps(name: str) -> Generator[object, None, None]:
        for _ in range(3):
            order.append(name)
            yield None

    gate = threading.Event()
    writer.submit(lambda _s: gate.wait(2))
    writer.submit(lambda _s: steps("a"), IMPORT)
    last = writer.submit(lambda _s: steps("b"), IMPORT)
    gate.set()
    last.result(2)
    assert order == ["a"] * 3 + ["b"] * 3


def test_a_stopped_job_takes_back_in_further_steps(writer: Writer) -> None:
    begun = threading.Event()
    taken_back: list[int] = []

    def steps(_store: Any) -> Generator[object, None, str]:
        try:
            while True:
                begun.set()
                time.sleep(0.001)
                yield "forward"
        except Stopped:
            for at in range(3):
                taken_back.append(at)
                yield "back"
            return "taken back"

    job = writer.submit(steps, IMPORT)
    assert begun.wait(2)
    job.stop()
    assert job.result(2) == "taken back"
    assert taken_back == [0, 1, 2]


def test_stopped_before_it_began(writer: Writer) -> None:
    gate = threading.Event()
    writer.submit(lambda _s: gate.wait(2))
    ran: list[int] = []
    job = writer.submit(lambda _s: ran.append(1))
    job.stop()
    gate.set()
    with pytest.raises(Stopped):
        job.result(2)
    assert ran == []


def test_a_long_command_lets_people_pass(writer: Writer) -> None:
    order: list[str] = []
    inside, waiting = threading.Event(), threading.Event()

    def long(_store: Any) -> None:
        order.append("half")
        inside.set()
        assert waiting.wait(2)
        writer.yield_to_people()
        order.append("rest")

    job = writer.submit(long, IMPORT)
    assert inside.wait(2)
    writer.submit(lambda _s: order.append("import"), IMPORT)
    writer.submit(lambda _s: order.append("person"), PERSON)
    waiting.set()
    job.result(2)
    assert order[:3] == ["half", "person", "rest"]


def test_callbacks(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *error: reported.append(error[1]))
    job = writer.submit(lambda _s: 1)
    job.result(2)
    seen: list[int] = []
    job.add_done_callback(lambda done: seen.append(done.result()))
    assert seen == [1]
    gate = threading.Event()
    bad = writer.submit(lambda _s: gate.wait(2))
    bad.add_done_callback(lambda _job: 1 // 0)
    gate.set()
    assert writer.submit(lambda _s: 2).result(2) == 2
    assert isinstance(reported[0], ZeroDivisionError)


def test_the_idle_writer_checkpoints(writer: Writer, store: Store) -> None:
    """The write-ahead log is in the file: a new writer begins at its start again."""
    wal = store.path.with_name(f"{store.path.name}-wal")

    def add(name: str) -> None:
        writer.submit(lambda given: _add(given, name)).result(5)

    for at in range(20):
        add(f"Person {at}")
    grown = wal.stat().st_size
    time.sleep(0.6)
    add("Last One")
    assert wal.stat().st_size == grown


def _add(store: Store, name: str) -> int:
    return people.add_person(store, name, person=None, now=1).command_id


def test_the_log_of_a_long_job_goes_into_the_file_beside_it(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins anew again and again, though somebody reads now and then; nothing is lost."""
    for name, value in (("_MANY", 40), ("_ANEW", 80), ("_FEW", 10)):
        monkeypatch.setattr(checkpoints, name, value)
    store.connection.execute("PRAGMA wal_autocheckpoint = 0")  # SQLite's own is inside a commit
    lengths = []

    def import_all(given: Store) -> Generator[int, None, None]:
        for n in range(400):
            _add(given, f"Person {n}")
            with given.read() as r:
                assert r.value("SELECT count(*) FROM person") == n + 1
            lengths.append(sqlite.log_length(given.connection))
            yield n

    writer.submit(import_all, IMPORT).result(60)
    assert sum(after < before for before, after in pairwise(lengths)) >= 3
    assert max(lengths) < 2_000
    assert writer.close(5)
    store.close()
    assert not list(store.path.parent.glob("*-wal"))
    with Store.open(store.path) as again, again.read() as r:
        assert r.value("SELECT count(*) FROM person") == 400


def test_a_log_that_cannot_be_copied_stops_nobody(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: Any) -> int:
        raise sqlite.DatabaseError("database or disk is full")

    monkeypatch.setattr(sqlite, "log_length", fail)

    def steps(_given: Store) -> Generator[int, None, str]:
        yield 1
        yield 2
        return "done"

    assert writer.submit(steps, IMPORT).result(5) == "done"
    assert writer.submit(lambda _s: 7).result(2) == 7


def test_closing_finishes_what_people_asked(store: Store) -> None:
    writer = Writer(store)
    gate = threading.Event()
    writer.submit(lambda _s: gate.wait(2))
    mine = writer.submit(lambda _s: "kept")
    theirs = writer.submit(lambda _s: "dropped", IMPORT)
    closing = threading.Thread(target=writer.close)
    closing.start()
    time.sleep(0.02)
    gate.set()
    closing.join(2)
    assert mine.result(2) == "kept"
    assert theirs.stopped()
    with pytest.raises(Closed):
        writer.submit(lambda _s: None)


def test_closing_drops_nothing_that_was_taken_and_not_begun(store: Store) -> None:
    """Between being taken and its first step a job is seen as running."""
    writer = Writer(store)
    taken: Job[str] = Job(lambda _s: "kept", PERSON)
    writer._running.append(taken)
    assert writer.close(1)
    assert taken._step(store)
    assert taken.result(1) == "kept"


@pytest.mark.parametrize("priority", [PERSON, SYNC])
def test_closing_lets_what_is_in_slices_end(store: Store, priority: int) -> None:
    writer = Writer(store)
    begun, gate = threading.Event(), threading.Event()

    def steps() -> Generator[int, None, str]:
        begun.set()
        yield 1
        gate.wait(2)
        yield 2
        return "whole"

    job = writer.submit(lambda _s: steps(), priority)
    assert begun.wait(2)
    assert not writer.close(0.01)
    gate.set()
    assert writer.close(2)
    assert job.result(1) == "whole"


def test_a_writer_that_never_worked_closes_at_once(store: Store) -> None:
    assert Writer(store).close()
