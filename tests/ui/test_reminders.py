"""Reminders in the window: what is due, later, after days away, never where they are not wanted."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QPushButton

from salesdesk.errors import Invalid
from salesdesk.services.reminders import Memory
from salesdesk.ui.reminders import Reminders
from salesdesk.ui.settings.reminders import RemindersSection
from tests.ui.tasks_desk import Open, Story, opened, story

__all__ = ["opened", "story"]

MINUTE = 60_000_000


@pytest.fixture
def bell(opened: Open) -> Iterator[Reminders]:
    made = Reminders(opened.context, opened.window)
    opened.settle()
    yield made
    made._timer.stop()


def later(opened: Open, bell: Reminders, moment: str) -> None:
    opened.story.now = opened.story.desk.at(moment)
    bell.look()
    opened.settle()


def test_a_task_that_is_due_is_told_and_shown(opened: Open, bell: Reminders, story: Story) -> None:
    assert not bell.strip.isVisible()
    later(opened, bell, "2026-11-20T15:00")
    assert bell.strip.isVisible()
    assert bell.strip.accessibleName() == "Due: Send the offer. Cranes · Agro. Today 15:00"
    bell.strip.show_button.click()
    opened.settle()
    assert not bell.strip.isVisible()
    assert opened.page.model.ids[opened.page.list.row()] == story.noon
    later(opened, bell, "2026-11-20T15:01")
    assert not bell.strip.isVisible()


def test_it_comes_back_when_it_was_put_off(opened: Open, bell: Reminders) -> None:
    later(opened, bell, "2026-11-20T15:00")
    menu = bell.strip._later_menu()
    next(each for each in menu.actions() if each.objectName().endswith("-10")).trigger()
    opened.settle()
    assert not bell.strip.isVisible()
    later(opened, bell, "2026-11-20T15:09")
    assert not bell.strip.isVisible()
    later(opened, bell, "2026-11-20T15:10")
    assert bell.strip.isVisible()


def test_one_that_sums_up_after_days_away(opened: Open, bell: Reminders) -> None:
    later(opened, bell, "2026-12-04T09:00")
    assert bell.strip.title.text() == "3 tasks became overdue while you were away."
    assert not bell.strip.later_button.isVisible()
    bell.strip.show_button.click()
    opened.settle()
    assert len(opened.titles()) == 5
    assert opened.page.kind == "overdue"


def test_nobody_is_reminded_who_does_not_want_it(opened: Open, bell: Reminders) -> None:
    section = RemindersSection(opened.context, "Reminders")
    opened.qtbot.addWidget(section)
    off = section.findChild(QPushButton, "settings-reminders-false")
    assert off is not None
    off.click()
    assert not bell.is_on
    later(opened, bell, "2026-11-20T15:00")
    assert not bell.strip.isVisible()
    assert bell.memory().seen == opened.story.now


def test_each_person_has_an_own_memory(opened: Open, bell: Reminders, story: Story) -> None:
    assert bell.memory().seen == story.now
    opened.be(story.ivan, "manager")
    assert bell.memory() == Memory(story.now)
    assert not bell.tray.is_there
    bell.tray.tell("Due", "now", lambda: None)


@pytest.mark.parametrize("width", [1280, 1600])
def test_it_stands_clear_of_an_error(opened: Open, bell: Reminders, width: int) -> None:
    opened.window.resize(width, 720)
    later(opened, bell, "2026-11-20T15:00")
    corner = bell.strip.geometry()
    opened.context.fail(Invalid("The disk is full."))
    opened.settle()
    errors = opened.window.floats.errors
    assert errors.isVisible()
    assert not bell.strip.geometry().intersects(errors.geometry())
    assert (bell.strip.geometry() == corner) == (width == 1600)
    errors.close_button.click()
    opened.settle()
    assert bell.strip.geometry() == corner
