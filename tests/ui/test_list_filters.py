"""Filters of the pages of tasks and clients: chips, the address, saved filters, a restart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services import client_filters, filter_choices, lists, saved_filters
from salesdesk.ui.clients.page import ClientsPage
from salesdesk.ui.tasks.panel import TasksPage
from salesdesk.ui.widgets.filter_editors import Days, Many, Range
from salesdesk.ui.widgets.saved import SavedFilters
from tests.ui import clients_desk
from tests.ui.clients_desk import ENTER, desk
from tests.ui.tasks_desk import KEY, NONE, Open, Story, opened, story

# What the offscreen platform says of a popup that opens.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["desk", "opened", "story"]
LEFT = Qt.MouseButton.LeftButton
Shown = TypeVar("Shown", bound=QWidget)


def popover(kind: type[Shown]) -> Shown:
    found = QApplication.activePopupWidget()
    assert isinstance(found, kind), found
    return found


def add_kind(opened: Open, typed: str) -> None:
    """Filter by a kind of task, by keyboard."""
    more = opened.page.filters.more
    more.edit("kinds", more.button)
    many = popover(Many)
    QTest.keyClicks(many.field, typed)
    opened.qtbot.waitUntil(lambda: many.list.count() == 1)
    QTest.keyClick(many.field, KEY.Key_Return)
    many.close()
    opened.settle()


def test_tasks_are_filtered_in_every_list_and_the_chip_takes_it_back(opened: Open) -> None:
    page = opened.page
    assert opened.titles() == ["Send the offer", "Greet"]
    assert not page.filters.chips.isVisible()
    add_kind(opened, "offer")
    assert opened.titles() == ["Send the offer"]
    assert page.bar.lists.chip("overdue").text() == "Overdue · 0"
    opened.key(KEY.Key_3)
    assert opened.titles() == ["Visit"]
    opened.key(KEY.Key_1)
    assert page.stack.currentWidget() is page.empty
    chip = page.filters.more.chips["kinds"]
    assert "Kind of task: Offer" in chip.text()
    QTest.mouseClick(chip, LEFT, NONE, QPoint(chip.width() - 12, chip.height() // 2))
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]
    assert not page.filters.chips.isVisible()


def test_the_week_is_filtered_too(opened: Open, story: Story) -> None:
    opened.page.set_view(True)
    opened.settle()
    add_kind(opened, "offer")
    shown = [key for day in opened.page.week.days for key in day.tasks.ids]
    assert shown == [story.noon]


def test_tasks_are_found_by_typing_what_they_are_about(opened: Open) -> None:
    opened.page.show_list("overdue")
    opened.settle()
    QTest.keyClick(opened.page.list, KEY.Key_Slash)
    assert opened.page.filters.field.hasFocus()
    QTest.keyClicks(opened.page.filters.field, "cranes again")
    QTest.qWait(80)
    opened.settle()
    assert opened.titles() == ["Call again"]
    assert opened.window.address().parts["text"] == "cranes again"
    QTest.keyClick(opened.page.filters.field, KEY.Key_Escape)
    QTest.qWait(80)
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]
    assert opened.page.list.hasFocus()


def test_back_and_forward_walk_through_the_filters_of_tasks(opened: Open) -> None:
    opened.page.show_list("overdue")
    add_kind(opened, "offer")
    assert opened.titles() == []
    opened.window.back.click()
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]
    opened.window.ahead.click()
    opened.settle()
    assert opened.titles() == []
    address = str(opened.window.address())
    assert address == f"tasks?view=list&list=overdue&people=mine&kinds={opened.story.offer}"
    opened.context.go_to("tasks?list=planned&due=next_week")
    opened.settle()
    assert opened.titles() == ["Visit"]
    opened.context.go_to("tasks?list=overdue&due=soon")
    opened.settle()
    assert "due=soon" in opened.problems[-1].message
    assert opened.titles() == ["Call again", "Call back"]


def test_a_person_in_the_filter_is_looked_for_among_the_team(opened: Open, story: Story) -> None:
    more = opened.page.filters.more
    assert "assignees" not in more.parts()
    opened.be(story.anna, "team_lead")
    opened.page.show_list("overdue")
    more.edit("assignees", more.button)
    many = popover(Many)
    QTest.keyClicks(many.field, "ivan")
    opened.qtbot.waitUntil(lambda: many.list.count() == 1)
    QTest.keyClick(many.field, KEY.Key_Return)
    many.close()
    opened.settle()
    assert opened.page.is_team
    assert opened.titles() == ["Sign"]
    opened.page.people.set_value(story.maria)
    opened.page.people.chosen.emit(story.maria)
    opened.settle()
    assert opened.page.filters.texts() == {}
    assert opened.titles() == ["Call again", "Call back"]


def test_due_days_and_a_filter_that_is_saved_for_everybody(opened: Open) -> None:
    page = opened.page
    page.show_list("overdue")
    more = page.filters.more
    more.edit("due", more.button)
    QTest.mouseClick(popover(Days).buttons["past"], LEFT)
    opened.settle()
    assert opened.titles() == ["Call again", "Call back"]
    page.filters.list.saved.open()
    saved = popover(SavedFilters)
    QTest.keyClicks(saved.name, "Long due")
    saved.shared.click()
    QTest.keyClick(saved.name, KEY.Key_Return)
    opened.settle()
    page.filters.list.clear_chip.click()
    opened.settle()
    assert page.filters.texts() == {}
    page.filters.list.saved.open()
    QTest.keyClick(popover(SavedFilters).list, KEY.Key_Return)
    opened.settle()
    assert page.filters.texts() == {"due": "past"}
    [kept] = opened.context.ask(saved_filters.saved_filters, "tasks", None)
    assert (kept.name, kept.is_shared) == ("Long due", True)


def test_the_filter_of_tasks_is_there_after_a_restart(
    opened: Open, qtbot: QtBot, story: Story
) -> None:
    add_kind(opened, "offer")
    again = TasksPage(opened.context)
    qtbot.addWidget(again)
    assert again.filters.texts() == {"kinds": str(story.offer)}
    # What is asked for by name is not hidden by it.
    opened.show({"list": "overdue"})
    assert opened.titles() == ["Call again", "Call back"]


def test_the_tools_find_room_in_a_narrow_window(opened: Open) -> None:
    filters = opened.page.filters
    assert filters.tools.y() < filters._bar.height()
    opened.window.resize(820, 600)
    opened.settle()
    assert opened.window.width() < 1000
    assert filters.tools.y() >= filters._bar.height()
    opened.page.list.setFocus()
    opened.key(KEY.Key_Space)
    assert not filters.tools.isVisible()


# -- clients ---------------------------------------------------------------------------------------


def test_clients_are_filtered_by_their_deals_and_what_they_brought(
    desk: clients_desk.Desk,
) -> None:
    filters, more = desk.page.filters, desk.page.filters.more
    desk.add("Baltic Cargo")
    more.edit("deals", more.button)
    desk.pick("No deals at all")
    desk.settle(100)
    assert desk.names() == ["Baltic Cargo"]
    chip = more.chips["deals"]
    assert "No deals at all" in chip.text()
    chip.click()
    desk.pick("With open deals")
    desk.settle(100)
    assert "Baltic Cargo" not in desk.names()
    more.edit("brought", more.button)
    ends = popover(Range)
    QTest.keyClicks(ends.low, "1 000")
    QTest.keyClick(ends.low, ENTER)
    desk.settle(100)
    assert desk.names() == []
    assert desk.page.address() == {"deals": "open", "brought": "1000.."}
    desk.page.go_to({"deals": "none", "sort": "newest"})
    desk.settle(100)
    assert desk.names() == ["Baltic Cargo"]
    assert filters.texts() == {"deals": "none", "sort": "newest"}
    desk.page.go_to({"deals": "lots"})
    desk.settle(100)
    assert "deals=lots" in desk.problems[-1].message
    assert len(desk.names()) == 3


def test_a_kind_of_clients_is_saved_with_the_filter_and_remembered(
    desk: clients_desk.Desk, qtbot: QtBot
) -> None:
    filters = desk.page.filters
    filters.kinds.chip("contact").click()
    desk.settle(100)
    filters.list.saved.open()
    saved = popover(SavedFilters)
    QTest.keyClicks(saved.name, "People")
    QTest.keyClick(saved.name, ENTER)
    desk.settle(100)
    filters.list.clear()
    desk.settle(100)
    assert len(desk.names()) == 2
    filters.list.saved.open()
    QTest.keyClick(popover(SavedFilters).list, ENTER)
    desk.settle(100)
    assert desk.names() == ["Pavel Gromov"]
    assert filters.kinds.value() == "contact"
    desk.context.remember.set("clients/address", "clients?kind=contact&text=pav&quiet=30")
    again = ClientsPage(desk.context)
    qtbot.addWidget(again)
    assert again.filters.texts() == {"kind": "contact", "quiet": "30"}


def test_new_lists_are_offered_at_once(desk: clients_desk.Desk, tmp_path: Path) -> None:
    more = desk.page.filters.more
    assert "f1" not in more.parts()
    lists.add(desk.story.store, "fields", "Town", {"kind": "text", "subject": "client"},
              person=None, now=desk.story.now)  # fmt: skip
    desk.settle(200)
    [town] = [part for key, part in more.parts().items() if key[:1] == "f"]
    assert (town.label, town.kind) == ("Town", "words")


def _stops(page: QWidget) -> list[str]:
    """Where Tab goes on a page, from its first stop to its last."""
    found: list[str] = []
    widget = page.nextInFocusChain()
    while widget is not None and widget is not page:
        tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if tab and widget.isVisible() and page.isAncestorOf(widget):
            found.append(widget.objectName())
        widget = widget.nextInFocusChain()
    return found


def test_tab_goes_along_the_filters_as_the_eye_does(desk: clients_desk.Desk) -> None:
    desk.page.filters.choose({"quiet": "30"})
    desk.settle(100)
    wanted = ["clients-search", "clients-kind-", "clients-kind-company", "clients-kind-contact",
              "clients-filter-add", "clients-saved", "clients-filter-quiet", "clients-clear",
              "clients-sort", "clients-table"]  # fmt: skip
    assert [name for name in _stops(desk.page) if name in wanted] == wanted


def test_a_client_is_found_in_the_background_and_chosen(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    more, context, asked = opened.page.filters.more, opened.page.context, []
    ask = context.ask

    def noted(question: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        asked.append((question, *args))
        return ask(question, *args, **kwargs)

    monkeypatch.setattr(context, "ask", noted)
    more.edit("clients", more.button)
    many = popover(Many)
    assert many.list.item(0).text() == "Searching…"
    QTest.keyClicks(many.field, "agr")
    QTest.keyClick(many.field, KEY.Key_Return)  # faster than the answer
    opened.qtbot.waitUntil(lambda: "clients" in more.texts)
    assert not [each for each in asked if each[0] is filter_choices.find]
    many.field.setText("nobody at all")
    opened.qtbot.waitUntil(lambda: many.list.item(0).text() == "Nothing found")
    QTest.keyClick(many.field, KEY.Key_Return)
    many.close()
    opened.settle()
    assert more.texts == {"clients": "1"}
    assert opened.titles() == ["Send the offer", "Greet"]


def test_choices_with_strokes_in_their_names_are_chosen(desk: clients_desk.Desk) -> None:
    kind = {"kind": "choice", "subject": "client", "options": ["a|b", "1..5", "~"]}
    lists.add(desk.story.store, "fields", "Odd", kind, person=None, now=desk.story.now)
    desk.settle(200)
    more = desk.page.filters.more
    [part] = [part for key, part in more.parts().items() if key[:1] == "f"]
    more.edit(part.key, more.button)
    many = popover(Many)
    for _ in kind["options"]:
        QTest.keyClick(many.field, KEY.Key_Space)
        QTest.keyClick(many.field, KEY.Key_Down)
    many.close()
    assert part.shown(more.texts[part.key]) == "a|b, 1..5 +1"
    [test] = client_filters.from_texts(more.texts).fields
    assert (test.how, test.values) == ("is", ("a|b", "1..5", "~"))
