"""The text, the checklist and the note of a task: written, ticked, taken back, shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.errors import NotFound, Refused
from salesdesk.services import checklists, dealpast, dealview, history, task_notes, tasks
from salesdesk.services.tasks import TaskLine
from salesdesk.text import set_language
from tests.builders import empty_store
from tests.services.test_waking import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with empty_store(tmp_path) as store:
        yield Office(store)


def shown(office: Office, deal: int) -> TaskLine:
    """The only task of a deal as its panel has it."""
    with office.store.read() as r:
        [task] = dealview.deal_view(r, deal, now=office.now).tasks
    return task


def add(office: Office, deal: int, *lines: str, text: str | None = None) -> int:
    new = tasks.NewTask("Do it", deal, description=text, checklist=lines)
    tasks.add(office.store, new, person=office.person, now=office.now)
    return office.task(deal)


def test_lines_are_ticked_one_by_one_and_each_tick_can_be_undone(office: Office) -> None:
    deal = office.deal()
    task = add(office, deal, "Call", " ", "Write  down")
    assert shown(office, deal).checklist == (("Call", False), ("Write down", False))
    ticked = tasks.tick(office.store, task, 1, True, person=office.person, now=office.now)
    tasks.tick(office.store, task, 0, True, person=office.person, now=office.now)
    tasks.tick(office.store, task, 0, False, person=office.person, now=office.now)
    assert shown(office, deal).checklist == (("Call", False), ("Write down", True))
    past = office.now
    office.now += 1
    tasks.set_checklist(office.store, task, (("Other", True),), person=None, now=office.now)
    assert shown(office, deal).checklist == (("Other", True),)
    with office.store.read() as r:
        [was] = dealpast.deal_at(r, deal, past).tasks
    assert was.checklist == (("Call", False), ("Write down", True))
    with office.store.read() as r:
        last = r.value("SELECT max(id) FROM command")
    history.undo(office.store, last, person=None, now=office.now)
    history.undo(office.store, last - 1, person=None, now=office.now)
    history.undo(office.store, last - 2, person=None, now=office.now)
    history.undo(office.store, ticked, person=None, now=office.now)
    assert shown(office, deal).checklist == (("Call", False), ("Write down", False))


def test_a_line_that_is_gone_or_of_a_closed_task_is_not_ticked(office: Office) -> None:
    deal = office.deal()
    task = add(office, deal, "Call")
    with pytest.raises(NotFound):
        tasks.tick(office.store, task, 1, True, person=office.person, now=office.now)
    tasks.complete(office.store, [task], person=office.person, now=office.now)
    with pytest.raises(Refused):
        tasks.tick(office.store, task, 0, True, person=office.person, now=office.now)
    assert shown(office, deal).checklist == (("Call", False),)


def test_a_text_is_changed_and_taken_away(office: Office) -> None:
    deal = office.deal()
    task = add(office, deal, text="  Ask for the act ")
    assert shown(office, deal).description == "Ask for the act"
    changed = tasks.describe(office.store, task, "Sign", person=office.person, now=office.now)
    tasks.describe(office.store, task, " ", person=office.person, now=office.now)
    assert shown(office, deal).description is None
    with office.store.read() as r:
        last = r.value("SELECT max(id) FROM command")
    history.undo(office.store, last, person=None, now=office.now)
    assert shown(office, deal).description == "Sign"
    history.undo(office.store, changed, person=None, now=office.now)
    assert shown(office, deal).description == "Ask for the act"


def test_a_note_is_worded_when_it_is_read(office: Office) -> None:
    deal = office.deal()
    task = add(office, deal)
    office.desk.update("task", task, note=task_notes.kept("person_left", "Boris"))
    assert shown(office, deal).note == "Meant for Boris, who does not work here any more."
    office.desk.update("task", task, note="Told by hand")
    assert shown(office, deal).note == "Told by hand"
    with pytest.raises(KeyError):
        task_notes.kept("nonsense")


def test_every_note_has_words() -> None:
    set_language("en")
    for code in task_notes.NOTES:
        told = task_notes.words(task_notes.kept(code, "Boris {x}"))
        assert told is not None
        assert "[" not in told


@pytest.mark.parametrize("kept", [None, "", "null", "[1]", "{}", "nonsense", '["a"]'])
def test_what_is_no_checklist_is_an_empty_one(kept: str | None) -> None:
    assert checklists.read(kept) == ()
