"""A manager's whole day, by mouse and by keyboard alone."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractItemView

from salesdesk.ui.tasks.paint import places
from tests.e2e.day_office import AGRO
from tests.e2e.days import Day, day, keys_alone, office
from tests.e2e.desk import ADVANCE, ALT, CTRL, HELD, KEY, NEW, SHIFT, SIGNED
from tests.e2e.test_mouse import place_in

__all__ = ["day", "keys_alone", "office"]


def spot(day: Day, title: str, part: str) -> QPoint:
    """A part of a line of tasks on the screen: its ring, its box."""
    view: QAbstractItemView = day.view("tasks-lines")
    rect = view.visualRect(day.row_of("tasks-lines", title))
    middle: QPoint = getattr(places(rect, False), part).center()
    return view.viewport().mapToGlobal(middle)


def has_task(day: Day, title: str, client: str) -> bool:
    sql = (
        "SELECT count(*) FROM task t JOIN client c ON c.id = t.client_id "
        "WHERE t.title = ? AND c.name = ?"
    )
    return bool(day.one(sql, title, client))


def test_a_managers_day_by_mouse(day: Day) -> None:
    day.take("who-list", "Maria Kim")
    assert day.toast() == "Maria Kim works on this computer now"
    assert (day.titles(NEW), day.titles(HELD)) == (
        ["Loader overhaul", "Crane rental"], ["Warehouse racks"],
    )  # fmt: skip
    assert day.offered() == [
        "board", "tasks", "clients", "contractors", "ranking", "reports", "history", "settings",
    ]  # fmt: skip
    tasks_by_mouse(day)
    a_client_by_mouse(day)
    what_is_there_already_by_mouse(day)
    an_advance_by_mouse(day)
    filters_by_mouse(day)
    last_week_by_mouse(day)
    what_was_earned_by_mouse(day)
    what_is_not_offered_by_mouse(day)


def tasks_by_mouse(day: Day) -> None:
    day.press("nav-tasks")
    day.shows("tasks-list-overdue", "Overdue · 5")
    day.click_at(spot(day, "Call the director", "ring"))
    assert "What came of “Call the director”?" in day.texts()
    day.press("tasks-result-ok")
    assert "This task asks for its result." in day.texts()
    day.fill("tasks-result-text", "They agree")
    day.press("tasks-result-ok")
    assert day.task("Call the director")[:3] == ("done", 0, "They agree")
    day.menu_at(day.place("tasks-lines", "Ask about the price"))
    day.pick("No answer")
    assert day.local(day.task("Ask about the price")[3]) == "2026-11-23T15:00"
    assert day.toast() == "No answer: Ask about the price"
    day.press("tasks-list-overdue")
    for title in ("Send proposal", "Send the invoice"):
        day.click_at(spot(day, title, "box"))
    day.press("tasks-do-postpone")
    day.press("tasks-postpone-ok")
    assert "Say why it is postponed." in day.texts()
    day.fill("tasks-postpone-reason", "The client is away")
    day.press("tasks-postpone-ok")
    assert day.toast() == "2 tasks postponed"
    for title in ("Send proposal", "Send the invoice"):
        assert day.task(title)[:2] == ("open", 1)
    day.shows("tasks-list-overdue", "Overdue · 3")
    day.press("tasks-new")
    day.fill("new-task-title", "Congratulate")
    day.press("new-task-subject")
    day.write("agro")
    day.until(lambda: any(AGRO in row for row in day.rows("new-task-subjects-list")))
    clients = [row for row in day.rows("new-task-subjects-list") if row.startswith(AGRO)]
    day.take("new-task-subjects-list", clients[0])
    day.press("new-task-ok")
    assert day.toast() == "Task added: Congratulate"
    assert has_task(day, "Congratulate", AGRO)


def find(day: Day, typed: str, wanted: str) -> None:
    """Type into the palette that is open, until it shows something."""
    day.over(typed)
    day.until(lambda: any(wanted in row for row in day.rows("palette-list")))
    day.settle()


def a_client_by_mouse(day: Day) -> None:
    day.press("rail-find")
    find(day, "фпкщ екфв", AGRO)  # "agro trad" in the wrong layout
    find(day, "5550102", AGRO)
    day.take("palette-list", AGRO)
    assert day.window.open_key == "clients"
    assert day.says("client-title-value") == AGRO
    contact = day.one("SELECT id FROM client_contact WHERE value LIKE '%555-01-02'")
    day.press(f"client-contact-{contact}-value")
    day.over("8 912 555 01 77", KEY.Key_Return)
    assert day.one("SELECT value FROM client_contact WHERE id = ?", contact).endswith("01 77")
    day.until(lambda: "+7 912 555-01-77" in day.says(f"client-contact-{contact}-value"))
    day.until(lambda: "+7 912 555-01-77" in "".join(day.rows("clients-table")))


def what_is_there_already_by_mouse(day: Day) -> None:
    day.press("clients-new")
    day.write("ООО Agro trade")
    day.until(lambda: day.find("new-client-matches-list") is not None)
    assert "An open deal with Agro Trade exists" in day.texts()
    day.key(KEY.Key_Escape)
    assert day.popup() == ""
    day.press("nav-board")
    day.press("board-new")
    day.write("Agro trade wants more")
    day.until(lambda: day.find("new-deal-matches-list") is not None)
    assert "Crane rental" in "".join(day.rows("new-deal-matches-list"))
    day.take("new-deal-matches-list", "Crane rental")
    assert day.panel.deal_id == day.deal("Crane rental")
    day.press("deal-close")


def an_advance_by_mouse(day: Day) -> None:
    deal = day.deal("Service contract")
    day.drag(day.card("Service contract"), place_in(day, ADVANCE))
    day.settle()
    assert day.titles(SIGNED) == ["Service contract"]  # it waits where it was
    name = f"move-requirements-{deal}"
    day.press("move-requirements-ok")
    assert "Source: " in day.texts()
    day.press(f"{name}-source")
    day.pick("Recommendation")
    paid = day.seen(f"{name}-payment")
    assert paid.property("text").replace("\xa0", "").replace(" ", "").startswith("150000")
    day.press("move-requirements-ok")
    assert day.titles(ADVANCE) == ["Service contract"]
    assert day.stored(ADVANCE) == {"Service contract"}
    today = day.store.zone.day_of(day.clock())
    row = "SELECT amount FROM payment WHERE deal_id = ? AND actual_day = ?"
    assert day.one(row, deal, today) == 150_000 * 10_000
    assert day.toast().startswith("Moved to Advance paid")
    day.press("undo")  # the payment and the source go back with the move
    assert day.stored(ADVANCE) == set()
    assert day.one("SELECT count(*) FROM payment WHERE deleted_at IS NULL") == 0
    day.press("redo")
    assert day.stored(ADVANCE) == {"Service contract"}


def filters_by_mouse(day: Day) -> None:
    day.press("board-filter-add")
    day.pick("Client")
    day.take("board-filter-edit-list", AGRO)
    day.key(KEY.Key_Escape)
    day.settle()
    assert (day.titles(NEW), day.titles(HELD)) == (["Crane rental"], [])
    day.press("board-saved")
    day.fill("saved-name", "Agro only")
    day.press("saved-save")
    assert day.toast() == "Saved the filter “Agro only”"
    assert day.one("SELECT name FROM saved_filter WHERE deleted_at IS NULL") == "Agro only"
    day.press("back")
    assert day.titles(HELD) == ["Warehouse racks"]
    day.press("forward")
    assert day.titles(HELD) == []
    day.press("back")
    day.press("board-saved")
    day.take("saved-list", "Agro only")
    assert day.titles(HELD) == []
    day.press("board-chip-clear")
    assert day.titles(HELD) == ["Warehouse racks"]


def last_week_by_mouse(day: Day) -> None:
    day.press("board-past")
    day.until(lambda: day.find("past-before") is not None)
    for _ in range(6):
        day.press("past-before")
    assert "13" in day.says("past-date")
    assert (day.titles(NEW), day.titles(HELD)) == (["Crane rental"], [])
    day.drag(day.card("Crane rental"), place_in(day, HELD))
    day.settle()
    assert "it can only be looked at" in day.toast()
    assert "Crane rental" in day.stored(NEW)
    day.press("past-today")
    assert day.titles(HELD) == ["Warehouse racks"]


def what_was_earned_by_mouse(day: Day) -> None:
    day.press("nav-ranking")
    assert day.points("Maria Kim") == Decimal("25.2")  # two requests, a meeting, a contract, 15
    day.until(lambda: day.find("ranking-lines-list") is not None)
    assert any("Service contract" in row and "15" in row for row in day.rows("ranking-lines-list"))
    day.menu_at(day.place("ranking-lines-list", "Service contract"))
    assert day.popup() == ""  # nothing to decide about one's own reach


def what_is_not_offered_by_mouse(day: Day) -> None:
    day.press("nav-settings")
    assert day.find("settings-import") is None
    day.take("settings-sections", "Pipelines")
    assert day.find("settings-refused") is not None


@pytest.mark.usefixtures("keys_alone")
def test_a_managers_day_by_keyboard_alone(day: Day) -> None:
    day.walk_to("Maria Kim")
    day.go(KEY.Key_Return)
    assert day.context.person_name == "Maria Kim"
    assert day.focus() == "board-column"
    tasks_by_keys(day)
    a_client_by_keys(day)
    what_is_there_already_by_keys(day)
    an_advance_by_keys(day)
    filters_by_keys(day)
    last_week_by_keys(day)
    what_was_earned_by_keys(day)


def tasks_by_keys(day: Day) -> None:
    day.page("tasks")
    assert day.focus() == "tasks-lines"
    day.walk_to("Call the director")
    day.go(KEY.Key_D)
    assert day.focus() == "tasks-result-text"
    day.write("They agree")
    day.go(KEY.Key_Return, held=CTRL)
    assert day.task("Call the director")[:3] == ("done", 0, "They agree")
    day.walk_to("Ask about the price")
    day.go(KEY.Key_X)
    assert day.local(day.task("Ask about the price")[3]) == "2026-11-23T15:00"
    day.go(KEY.Key_1)
    assert day.focus() == "tasks-lines"
    for title in ("Send proposal", "Send the invoice"):
        day.walk_to(title)
        day.key(KEY.Key_Space)
    day.go(KEY.Key_P)
    assert day.focus() == "tasks-postpone-reason"
    day.write("The client is away")
    day.go(KEY.Key_Return)
    assert [day.task(title)[:2] for title in ("Send proposal", "Send the invoice")] == [
        ("open", 1), ("open", 1),
    ]  # fmt: skip
    day.go(KEY.Key_N)
    assert day.focus() == "new-task-title"
    day.write("Congratulate")
    day.tab_to("new-task-subject")
    day.go(KEY.Key_Space)
    day.write("agro")
    day.lists("new-task-subjects-list", AGRO)
    day.pick_by_keys("Agro Trade")
    day.tab_to("new-task-ok")
    day.go(KEY.Key_Return)
    assert day.toast() == "Task added: Congratulate"


def a_client_by_keys(day: Day) -> None:
    day.go(KEY.Key_K, held=CTRL)
    assert day.focus() == "palette-field"
    find(day, "фпкщ екфв", AGRO)
    find(day, "8 912 5550102", AGRO)
    day.go(KEY.Key_Return)
    assert day.window.open_key == "clients"
    day.lists("clients-table", AGRO)
    day.tab_to("client-contact-", 60)
    day.go(KEY.Key_Return)
    day.over("8 912 555 01 77", KEY.Key_Return)
    assert day.one("SELECT count(*) FROM client_contact WHERE value LIKE '%01 77'") == 1
    day.go(KEY.Key_Escape)
    assert day.focus() == "clients-table"


def what_is_there_already_by_keys(day: Day) -> None:
    day.go(KEY.Key_N)
    assert day.focus() == "new-client-name"
    day.write("ООО Agro trade")
    day.until(lambda: day.find("new-client-matches-list") is not None)
    assert "An open deal with Agro Trade exists" in day.texts()
    day.go(KEY.Key_Escape)
    assert day.focus() == "clients-table"
    day.page("board")
    day.go(KEY.Key_N)
    day.write("Agro trade wants more")
    day.until(lambda: day.find("new-deal-matches-list") is not None)
    day.tab_to("new-deal-matches-list")
    day.walk_to("Crane rental")
    day.go(KEY.Key_Return)
    assert day.panel.deal_id == day.deal("Crane rental")
    day.go(KEY.Key_Escape)
    assert day.focus() == "board-column"


def to_card(day: Day, title: str) -> None:
    """Walk with the arrows to a card."""
    for _ in range(8):
        for _row in range(4):
            if day.board.view.selected_ids() == [day.deal(title)]:
                return
            day.key(KEY.Key_Down)
        day.key(KEY.Key_Up, KEY.Key_Up, KEY.Key_Up, KEY.Key_Up)
        day.key(KEY.Key_Right)
    raise AssertionError(f"arrows do not reach {title}")


def an_advance_by_keys(day: Day) -> None:
    to_card(day, "Service contract")
    day.go(KEY.Key_M)
    day.pick_by_keys(ADVANCE)
    name = f"move-requirements-{day.deal('Service contract')}"
    assert day.focus() == f"{name}-source"
    day.go(KEY.Key_Space)
    day.pick_by_keys("Recommendation")
    day.go(KEY.Key_Return, held=CTRL)
    assert day.stored(ADVANCE) == {"Service contract"}
    assert day.one("SELECT amount FROM payment WHERE deleted_at IS NULL") == 150_000 * 10_000
    assert day.focus() == "board-column"
    day.go(KEY.Key_Z, held=CTRL)
    assert day.stored(SIGNED) == {"Service contract"}
    day.go(KEY.Key_Z, held=CTRL | SHIFT)
    assert day.stored(ADVANCE) == {"Service contract"}


def filters_by_keys(day: Day) -> None:
    day.tab_to("board-filter-add", 60)
    day.go(KEY.Key_Space)
    day.pick_by_keys("Client")
    day.write("agro")
    day.lists("board-filter-edit-list", AGRO)
    day.go(KEY.Key_Return, KEY.Key_Escape)
    assert (day.titles(NEW), day.titles(HELD)) == (["Crane rental"], [])
    day.tab_to("board-saved")
    day.go(KEY.Key_Space)
    day.tab_to("saved-name")
    day.write("Agro only")
    day.go(KEY.Key_Return)
    assert day.toast() == "Saved the filter “Agro only”"
    day.go(KEY.Key_Left, held=ALT)
    assert day.titles(HELD) == ["Warehouse racks"]
    day.go(KEY.Key_Right, held=ALT)
    assert day.titles(HELD) == []
    day.go(KEY.Key_Left, held=ALT)


def last_week_by_keys(day: Day) -> None:
    day.key(KEY.Key_Slash)
    day.go(KEY.Key_Escape)
    assert day.focus() == "board-column"
    day.go(KEY.Key_D)
    day.until(lambda: day.find("past-slider") is not None)
    day.settle()
    day.tab_to("past-slider")
    day.go(*[KEY.Key_Left] * 6)
    assert "13" in day.says("past-date")
    assert (day.titles(NEW), day.titles(HELD)) == (["Crane rental"], [])
    day.go(KEY.Key_Escape)
    assert day.titles(HELD) == ["Warehouse racks"]
    assert day.focus() == "board-column"


def what_was_earned_by_keys(day: Day) -> None:
    day.page("ranking")
    assert day.points("Maria Kim") == Decimal("25.2")
    day.page("settings")
    day.walk_to("Pipelines")
    day.settle()
    assert day.find("settings-refused") is not None
    day.go(KEY.Key_5, held=CTRL)  # the control desk
    assert day.window.open_key == "settings"
    assert "for team leads and administrators" in day.toast()
