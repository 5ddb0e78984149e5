"""What a lead checks beside the ranking: doubtful moves and rulings; and what is applied of what
was tried, by those who may."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from salesdesk.services import deals
from salesdesk.ui.ranking.applying import ApplyForm
from salesdesk.ui.widgets.reason import ReasonForm
from tests.builders import day
from tests.ui.ranking_desk import KEY, Deals, Open, opened, story  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


def doubtful(opened: Open) -> None:
    """Maria's Loader goes forward and back within hours; Ivan's Rental came from a script."""
    desk, story = opened.story.desk, opened.story
    made = desk.deal(story.stages[0], "2026-11-16T10:00", story.maria, title="Trencher")
    desk.move(made, story.stages[2], "2026-11-18T10:00")
    desk.move(made, story.stages[1], "2026-11-18T13:00")
    desk.move(story.deals["Loader"], story.stages[3], "2026-11-19T10:00", mover_as="cli")
    opened.page.refresh()
    opened.settle()


def review(opened: Open) -> Any:
    """The panel, opened by its button."""
    opened.page.sides.review_button.click()
    opened.settle()
    opened.settle()
    return opened.page.sides.review


def menu_of(opened: Open, at: int) -> dict[str, Any]:
    """What can be done about a line, by key."""
    panel = opened.page.sides.review
    panel._on_menu(panel.lines.item(at), QPoint(300, 300))
    [shown] = [one for one in opened.page.findChildren(QMenu) if one.isVisible()]
    names = {one.objectName().rpartition("-")[2]: one for one in shown.actions() if one.text()}
    shown.close()
    return names


def test_doubtful_moves_are_counted_listed_and_looked_at(opened: Open) -> None:
    doubtful(opened)
    opened.qtbot.waitUntil(lambda: opened.page.sides.review_button.text() == "To check · 2")
    panel = review(opened)
    said = [panel.lines.spoken(item) for item in panel.lines.items]
    assert said[0].startswith("Loader → Signed, +7, 19\u00a0Nov 10:00, by the command line")
    assert said[1].startswith("Trencher → Held, +3, 18\u00a0Nov 10:00, back after 3 hours")
    found = menu_of(opened, 1)
    assert {"deal", "void", "credit", "look", "points"} <= found.keys()
    found["look"].trigger()
    form = opened.popup(ReasonForm)
    form.field.setText("Postponed by the client")
    QTest.keyClick(form.field, KEY.Key_Return)
    opened.settle()
    opened.qtbot.waitUntil(lambda: len(panel.lines.items) == 1)
    panel.kind.chip("looked").click()
    opened.settle()
    [item] = panel.lines.items
    assert "Anna Orlova: Postponed by the client" in panel.lines.spoken(item)
    opened.context.undo()
    opened.qtbot.waitUntil(lambda: not panel.lines.items)
    panel.kind.chip("open").click()
    opened.settle()
    assert len(panel.lines.items) == 2
    panel.all_looked.click()
    form = opened.popup(ReasonForm)
    form.action.click()
    opened.settle()
    opened.qtbot.waitUntil(lambda: not panel.lines.items)
    assert panel.nothing.isVisible()
    panel.kind.chip("looked").click()
    opened.settle()
    menu_of(opened, 0)["list"].trigger()
    opened.settle()
    opened.qtbot.waitUntil(lambda: len(panel.lines.items) == 1)


def test_why_each_is_listed(opened: Open) -> None:
    desk, story = opened.story.desk, opened.story
    task = desk.task(story.deals["Racks"], story.maria, "2026-11-12T10:00", "2026-11-13T10:00")
    for of_day in (13, 15, 17):
        due = desk.at(f"2026-11-{of_day + 2}T10:00")
        desk.fact(task, f"2026-11-{of_day}T09:00", due_at=due, postponement=1)
    recorded = {"recorded_at": desk.at("2026-11-20T10:00")}
    desk.move(story.deals["Loader"], story.stages[3], "2026-11-18T09:00", **recorded)
    desk.move(story.deals["Loader"], story.stages[4], "2026-11-20T09:00", mover_as="import")
    opened.page.refresh()
    opened.settle()
    panel = review(opened)
    why = [item.below.partition("\n")[2] for item in panel.lines.items]
    assert why == ["by an import", "entered 2 days later", "“Call” put off 3 times"]
    assert "task" in menu_of(opened, 2)
    opened.context.set_language("ru")
    opened.settle()
    assert len(panel.lines.items) == 3


def test_reasons_narrow_the_list_and_a_line_opens_its_deal(opened: Open) -> None:
    doubtful(opened)
    panel = review(opened)
    panel.reason._on_picked("back")
    opened.settle()
    assert [item.text for item in panel.lines.items] == ["Trencher"]
    panel.lines.setFocus()
    QTest.keyClick(panel.lines, KEY.Key_Return)
    board = opened.window.page("board")
    assert isinstance(board, Deals)
    assert len(board.shown) == 1


def test_all_rulings_are_listed_and_one_is_taken_back(opened: Open) -> None:
    doubtful(opened)
    panel = review(opened)
    menu_of(opened, 1)["void"].trigger()
    form = opened.popup(ReasonForm)
    form.field.setText("By phone")
    form.action.click()
    opened.settle()
    panel.kind.chip("rulings").click()
    opened.settle()
    opened.qtbot.waitUntil(lambda: len(panel.lines.items) == 1)
    said = panel.lines.spoken(panel.lines.items[0])
    assert said == "Trencher → Held voided, 20\u00a0Nov 18:30, Anna Orlova: By phone"
    menu_of(opened, 0)["restore"].trigger()
    form = opened.popup(ReasonForm)
    form.field.setText("It was a visit")
    form.action.click()
    opened.settle()
    opened.qtbot.waitUntil(lambda: len(panel.lines.items) == 2)
    assert panel.lines.items[1].struck
    assert not panel.lines.items[0].ruled


def test_one_s_own_moves_and_a_manager_s_eyes(opened: Open) -> None:
    story = opened.story
    story.desk.move(story.deals["Cranes"], story.stages[6], "2026-11-20T10:00", mover_as="cli")
    opened.page.refresh()
    opened.settle()
    panel = review(opened)
    assert [item.text for item in panel.lines.items] == ["Cranes"]
    assert menu_of(opened, 0).keys() == {"deal", "points"}  # Anna's own
    assert not panel.all_looked.isVisible()
    opened.context.set_person(story.ivan, "Ivan Petrov", "manager")
    opened.settle()
    assert not opened.page.sides.review_button.isVisible()
    assert not panel.isVisible()


def test_what_is_tried_fits_beside_the_table_in_russian(opened: Open) -> None:
    opened.context.set_language("ru")
    opened.page.sides.try_button.click()
    opened.settle()
    area = opened.page.sides.tryout.area
    inside = area.widget()
    assert inside is not None
    assert inside.minimumSizeHint().width() <= area.viewport().width()


def test_what_is_to_check_fits_beside_the_table_in_russian(opened: Open) -> None:
    doubtful(opened)
    opened.context.set_language("ru")
    panel = review(opened)
    inside = panel.area.widget()
    assert inside.width() <= panel.area.viewport().width()
    for key in ("open", "looked", "rulings"):
        chip = panel.kind.chip(key)
        assert chip.width() >= chip.sizeHint().width()
        assert panel.kind.rect().contains(chip.geometry())
    assert panel.kind.geometry().bottom() < panel.reason.geometry().top()


def test_what_was_tried_is_applied_from_a_day_or_thrown_away(opened: Open) -> None:
    story, page = opened.story, opened.page
    page.sides.try_button.click()
    opened.settle()
    panel = page.sides.tryout
    assert not panel.apply.isVisible()  # a team lead may try, not save
    with story.desk.store.read() as r:
        boss = r.value("SELECT id FROM person WHERE role = 'admin'")
    opened.context.set_person(boss, "Boss", "admin")
    assert panel.apply.isVisible()
    assert not panel.apply.isEnabled()
    panel.weights.row(story.stages[2]).slider.setValue(12)
    QTest.qWait(200)
    opened.settle()
    assert opened.text(story.maria, "points") == "7.2"
    panel.reset.click()
    opened.settle()
    assert opened.text(story.maria, "points") == "4.2"
    panel.weights.row(story.stages[2]).field.setText("8")
    panel.weights.row(story.stages[2]).field.textEdited.emit("8")
    panel.apply.click()
    form = opened.popup(ApplyForm)
    assert form.day.value() == day("2026-12-01")
    form.day.setText("7.11.2026")
    form.action.click()
    opened.settle()
    # Anna held a meeting on the 5th, Maria on the 6th; neither has changed.
    assert opened.text(story.maria, "points") == "4.2"
    assert not panel.reset.isEnabled()
    opened.context.undo()
    opened.settle()
    panel.weights.row(story.stages[2]).slider.setValue(12)
    panel.apply.click()
    form = opened.popup(ApplyForm)
    form.when.chip("ever").click()
    form.action.click()
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.text(story.maria, "points") == "7.2")
    opened.context.undo()
    opened.qtbot.waitUntil(lambda: opened.text(story.maria, "points") == "4.2")


def test_skipped_stages_are_tried(opened: Open) -> None:
    story, page = opened.story, opened.page
    page.sides.try_button.click()
    opened.settle()
    panel = page.sides.tryout
    panel.skipped.click()
    opened.settle()
    QTest.qWait(200)
    opened.settle()
    # Racks went from New to Held on the 6th: Set counts then, and no more on the 10th.
    assert opened.text(story.ivan, "points") == "61"
    assert [(row.now.person, str(row.now.points)) for row in panel.orders.items[:2]] == [
        ("Anna Orlova", "61.1"), ("Ivan Petrov", "61"),
    ]  # fmt: skip
    page.sides.explain(story.ivan, "points")
    opened.settle()
    counted = sum((Decimal(item.source.value) for item in page.sides.panel.lines.items), Decimal(0))
    assert counted == 61
    page.sides.panel.close_panel()
    assert panel.isVisible()  # what is tried stays in sight
    panel.close_panel()
    opened.settle()
    assert opened.text(story.ivan, "points") == "35"


def test_a_task_of_a_list_opens_the_task(opened: Open) -> None:
    opened.click(opened.story.maria, "tasks_overdue")
    asked: list[tuple[str, object]] = []
    opened.context.page_asked.connect(lambda key, item: asked.append((key, item)))
    panel = opened.page.sides.panel
    panel.lines.opened.emit(panel.lines.item(0))
    assert asked == [("tasks", 1)]


def test_moves_that_were_taken_back_are_crossed_out(opened: Open) -> None:
    story = opened.story
    opened.click(story.maria, "points")
    opened.context.write(deals.move, [story.deals["Racks"]], story.stages[5])
    opened.settle()
    opened.context.undo()
    opened.settle()
    opened.qtbot.waitUntil(lambda: any("was taken back" in said for said in opened.lines()))
    [gone] = [item for item in opened.page.sides.panel.lines.items if item.struck]
    assert gone.text == "Racks → Won"
    assert opened.page.sides.panel.title.text() == "Why 4.2 points?"
