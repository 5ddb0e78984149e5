"""Context and bus: reading, writing, undo, and what another process wrote."""

import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from salesdesk.errors import Refused
from salesdesk.models.store import Changes, Store
from salesdesk.services import deals, history, people
from salesdesk.services.writer import IMPORT
from salesdesk.text import N_, set_language
from salesdesk.ui.context import Context, Note, Problem, command_of
from tests.builders import Desk, empty_store
from tests.ui.shell_gallery import NOW, add_person, new_context


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = empty_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def context(qtbot: QtBot, tmp_path: Path, store: Store) -> Iterator[Context]:
    made = new_context(tmp_path, store)
    yield made
    made.close()


def names(r: Any) -> list[str]:
    return [person.name for person in people.people(r)]


def refuse(_store: Store, *, person: int | None, now: int) -> int:
    raise Refused(N_("Not today."))


def test_reading_at_once_and_in_the_background(context: Context, qtbot: QtBot) -> None:
    assert context.ask(names) == ["Anna Orlova"]
    answers: list[tuple[list[str], int]] = []
    context.read(names, done=lambda answer: answers.append((answer, threading.get_ident())))
    assert answers == []
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [(["Anna Orlova"], threading.get_ident())]


def test_only_the_latest_answer_of_a_key_arrives(context: Context, qtbot: QtBot) -> None:
    answers: list[int] = []
    for at in range(20):
        context.read(lambda _r, at=at: at, done=answers.append, key="ranking")
    qtbot.waitUntil(lambda: context.background.pending() == 0)
    assert answers == [19]


def test_a_deleted_widget_is_not_called(context: Context, qtbot: QtBot) -> None:
    import shiboken6

    label = QLabel()
    context.read(lambda _r: "late", done=label.setText)
    shiboken6.delete(label)
    qtbot.waitUntil(lambda: context.background.pending() == 0)


def test_an_error_while_reading_is_shown(context: Context, qtbot: QtBot) -> None:
    with qtbot.waitSignal(context.problem, timeout=2000) as shown:
        context.read(lambda _r: 1 // 0, done=lambda _answer: None)
    assert shown.args is not None
    problem: Problem = shown.args[0]
    assert problem.title == "Something went wrong"
    assert "ZeroDivisionError" in problem.details
    assert "Traceback" not in problem.message


def test_writing_answers_here_and_offers_undo(context: Context, qtbot: QtBot) -> None:
    answers: list[tuple[Any, int]] = []
    with qtbot.waitSignals([context.said, context.bus.changed], timeout=2000):
        context.write(
            add_person,
            done=lambda command: answers.append((command, threading.get_ident())),
            say=lambda _command: "Maria works here now",
        )
    assert answers[0][1] == threading.get_ident()
    assert names_of(context) == ["Anna Orlova", "Maria Kim"]
    assert context.can_undo()
    assert not context.can_redo()


def names_of(context: Context) -> list[str]:
    return sorted(context.ask(names))


def test_undo_and_redo(context: Context, qtbot: QtBot) -> None:
    notes: list[Note] = []
    context.said.connect(notes.append)
    context.write(add_person, say=lambda _command: "Added")
    qtbot.waitUntil(lambda: len(notes) == 1)
    assert notes[0].run is not None
    notes[0].run()
    qtbot.waitUntil(lambda: len(notes) == 2)
    assert notes[1].text.startswith("Taken back: ")
    assert notes[1].action == "Redo"
    assert names_of(context) == ["Anna Orlova"]
    assert (context.can_undo(), context.can_redo()) == (False, True)
    context.redo()
    qtbot.waitUntil(lambda: len(notes) == 3)
    assert names_of(context) == ["Anna Orlova", "Maria Kim"]
    assert (context.can_undo(), context.can_redo()) == (True, False)
    context.undo()
    context.write(add_person, "Ivan Petrov")
    qtbot.waitUntil(lambda: names_of(context) == ["Anna Orlova", "Ivan Petrov"])
    qtbot.waitUntil(lambda: not context.can_redo())


def test_undo_of_what_is_undone_already_is_refused_in_words(context: Context, qtbot: QtBot) -> None:
    commands: list[int] = []
    context.write(add_person, done=commands.append)
    qtbot.waitUntil(lambda: bool(commands))
    with qtbot.waitSignal(context.said, timeout=2000):
        context.undo(commands[0])
    with qtbot.waitSignal(context.problem, timeout=2000):
        context.undo(commands[0])
    assert not context.can_undo()


def test_a_refusal_is_shown_unless_the_page_shows_it(context: Context, qtbot: QtBot) -> None:
    problems: list[Problem] = []
    context.problem.connect(problems.append)
    failed: list[Exception] = []
    context.write(refuse, failed=failed.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert (problems[0].title, problems[0].message) == ("Refused", "Not today.")
    assert isinstance(failed[0], Refused)
    context.write(refuse, failed=lambda _error: True)
    qtbot.waitUntil(lambda: not context.writer.busy())
    qtbot.wait(20)
    assert len(problems) == 1


def test_progress_and_stop_of_long_work(context: Context, qtbot: QtBot) -> None:
    seen: list[int] = []
    stopped: list[Exception] = []
    problems: list[Problem] = []
    context.problem.connect(problems.append)

    def steps(_store: Store, *, person: int | None, now: int) -> Generator[int, None, None]:
        yield from range(100_000)

    job = context.write(steps, progress=seen.append, failed=stopped.append, priority=IMPORT)
    qtbot.waitUntil(lambda: len(seen) > 2)
    job.stop()
    qtbot.waitUntil(lambda: bool(stopped))
    assert seen == sorted(seen)
    assert problems == []


def test_the_window_sees_what_another_process_wrote(
    context: Context, store: Store, qtbot: QtBot
) -> None:
    changes: list[Changes] = []
    context.bus.changed.connect(changes.append)
    context.write(add_person)
    qtbot.waitUntil(lambda: len(changes) == 1)
    for _ in range(3):  # a quiet sync, whose commands leave no line: their keys are free again
        with store.command("sync.pull", now=NOW, origin="sync") as tx:
            tx.books()
    other = (
        "import sys\n"
        "from salesdesk.models.store import Store\n"
        "from salesdesk.services import people\n"
        "with Store.open(sys.argv[1]) as store:\n"
        f"    people.add_person(store, 'Oleg Sidorov', person=None, now={NOW}, origin='cli')\n"
    )
    subprocess.run([sys.executable, "-c", other, str(store.path)], check=True, timeout=60)
    qtbot.waitUntil(lambda: len(changes) == 2, timeout=5000)
    assert changes[1].origin == "cli"
    assert len(changes[1].tables["person"]) == 1
    qtbot.wait(500)
    assert len(changes) == 2


def test_an_undo_by_another_process_tells_the_deals_whose_facts_it_takes_back(
    store: Store,
) -> None:
    desk = Desk(store)
    stage, *_ = desk.pipeline("Sales")
    anna, ivan = desk.person("Anna"), desk.person("Ivan")
    deal = desk.deal(stage, 1, anna)
    command = deals.assign(store, [deal], ivan, person=None, now=NOW)
    for takes in (history.undo, history.redo):  # neither leaves a line in the log
        last = store.last_txn()
        takes(store, command, person=None, now=NOW)
        [told] = store.changes_after(last)
        assert told.tables["deal"] == (deal,)


def test_own_commits_are_told_once(context: Context, qtbot: QtBot) -> None:
    changes: list[Changes] = []
    context.bus.changed.connect(changes.append)
    for name in ("A B", "C D", "E F"):
        context.write(add_person, name)
    qtbot.wait(700)
    assert len(changes) == 3


def test_a_command_of_many_commits_is_told_in_few(
    context: Context, store: Store, qtbot: QtBot
) -> None:
    changes: list[Changes] = []
    context.bus.changed.connect(changes.append)
    rows = 300

    def many(given: Store, *, person: int | None, now: int) -> Generator[int, None, None]:
        command = given.long_command("many", now=now, person=person)
        for at in range(rows):
            with command.transaction(last=at == rows - 1) as tx:
                people.write_person(tx, None, {"name": f"Person {at}"})
            yield at

    context.write(many, priority=IMPORT)
    qtbot.waitUntil(lambda: not context.writer.busy(), timeout=10_000)
    qtbot.waitUntil(lambda: len({i for c in changes for i in c.tables["person"]}) == rows)
    assert len(changes) < rows / 4
    assert changes[0].tables["person"] == changes[0].tables["person"][:1]


def test_language_is_changed_and_remembered(context: Context, qtbot: QtBot) -> None:
    with qtbot.waitSignal(context.language_changed):
        context.set_language("ru")
    assert context.language == "ru"
    assert context.remember.text("window/language") == "ru"
    qtbot.wait(10)
    context.set_language("en")
    set_language("en")
    qtbot.wait(10)


def test_which_results_hold_a_command() -> None:
    class Result:
        command_id = 9

    assert [command_of(each) for each in (7, Result(), None, True, "x")] == [7, 9, None, None, None]
