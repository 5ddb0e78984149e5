"""Reminders: once for a task and its due moment, early if wished, one summary after days away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.services import reminders, tasks
from salesdesk.services.reminders import Memory, Reminder, read_memory
from tests.builders import Desk, empty_store

MINUTE = 60_000_000


class Watch:
    """A person who is reminded, on a clock that goes on by hand."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.maria = desk.person("Maria", role="manager")
        self.now = desk.at("2026-11-20T09:00")
        self.memory = Memory()
        self.look()

    def task(self, due: str, who: int | None = None) -> int:
        return self.desk.task(None, who or self.maria, "2026-11-10T10:00", due)

    def look(self, to: str | int | None = None, early: int = 0) -> Reminder | None:
        if to is not None:
            self.now = self.desk.at(to)
        with self.desk.store.read() as r:
            memory, found = reminders.check(r, self.memory, self.maria, now=self.now, early=early)
        self.memory = read_memory(memory.written())
        assert self.memory == memory
        return found

    def told(self, to: str | int | None = None, early: int = 0) -> list[int]:
        found = self.look(to, early)
        return [] if found is None else [task.id for task in found.due]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(Desk(empty_store(tmp_path)))
    yield made
    made.desk.store.close()


def test_a_task_is_told_once_when_it_is_due(watch: Watch) -> None:
    task = watch.task("2026-11-20T10:00")
    watch.task("2026-11-20T10:00", watch.desk.person("Ivan", role="manager"))
    assert watch.told("2026-11-20T09:59") == []
    assert watch.told("2026-11-20T10:00") == [task]
    assert watch.told("2026-11-20T10:01") == []


def test_another_moment_is_told_again_the_same_one_is_not(watch: Watch) -> None:
    task = watch.task("2026-11-20T10:00")
    assert watch.told("2026-11-20T10:00") == [task]
    due = watch.desk.at("2026-11-20T11:00")
    tasks.postpone(watch.desk.store, [task], due, "later", person=None, now=watch.now)
    assert watch.told("2026-11-20T10:30") == []
    assert watch.told("2026-11-20T11:00") == [task]


def test_early_and_what_comes_in_meanwhile(watch: Watch) -> None:
    task = watch.task("2026-11-20T10:00")
    assert watch.told("2026-11-20T09:45", early=15) == [task]
    added = watch.task("2026-11-20T09:55")
    assert watch.told("2026-11-20T09:46", early=15) == [added]
    assert watch.told("2026-11-20T10:00", early=15) == []
    assert watch.told("2026-11-20T10:01", early=0) == []


def test_what_was_put_off_comes_back_unless_it_is_done(watch: Watch) -> None:
    task, other = watch.task("2026-11-20T10:00"), watch.task("2026-11-20T10:00")
    found = watch.look("2026-11-20T10:00")
    assert found is not None
    watch.memory = watch.memory.put_off(found.pairs, watch.now + 10 * MINUTE)
    assert watch.told("2026-11-20T10:09") == []
    tasks.complete(watch.desk.store, [other], person=None, now=watch.now)
    assert watch.told("2026-11-20T10:10") == [task]
    assert watch.told("2026-11-20T10:30") == []


def test_after_days_away_one_reminder_sums_up(watch: Watch) -> None:
    for at in range(10, 20):
        watch.task(f"2026-11-{at + 11}T12:00")
    watch.task("2026-12-04T18:00")
    found = watch.look("2026-12-04T09:00")
    assert found == Reminder((), True, 10, 10, 1)
    assert watch.look("2026-12-04T09:01") is None
    assert len(watch.told("2026-12-04T18:00")) == 1


def test_a_first_look_and_a_clock_set_back_are_silent(watch: Watch) -> None:
    watch.task("2026-11-19T10:00")
    watch.memory = Memory()
    assert watch.look() is None
    watch.memory = Memory(watch.now + 5)
    assert watch.look() is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"seen": "x"}', "null"])
def test_a_memory_that_makes_no_sense_is_none(text: str) -> None:
    assert read_memory(text) == Memory()


@given(
    dues=st.lists(st.integers(1, 200), min_size=1, max_size=8),
    steps=st.lists(st.tuples(st.integers(1, 40), st.sampled_from((0, 5, 15, 30))), max_size=25),
)
def test_never_twice_and_never_forgotten(
    tmp_path_factory: pytest.TempPathFactory, dues: list[int], steps: list[tuple[int, int]]
) -> None:
    desk = Desk(empty_store(tmp_path_factory.mktemp("reminders")))
    try:
        watch = Watch(desk)
        start = watch.now
        made = [desk.task(None, watch.maria, start, start + due * MINUTE) for due in dues]
        told: list[int] = []
        for step, early in steps:
            told += watch.told(watch.now + step * MINUTE, early)
        assert len(told) == len(set(told))
        passed = (watch.now - start) // MINUTE
        due = {task for task, at in zip(made, dues, strict=True) if at <= passed}
        assert due <= set(told)
    finally:
        desk.store.close()
