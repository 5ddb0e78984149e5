"""A team lead's whole day, by mouse and by keyboard alone."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt

from salesdesk.services.control_lists import MORNING
from salesdesk.ui.ranking.words import COLUMNS
from tests.e2e.day_office import TWIN, VOLGA
from tests.e2e.days import Day, day, keys_alone, office
from tests.e2e.desk import ALT, CTRL, KEY, NEW

__all__ = ["day", "keys_alone", "office"]


def opens(day: Day, person: str) -> int:
    """How many open tasks somebody has by the file."""
    sql = (
        "SELECT count(*) FROM task WHERE assignee_id = ? AND state = 'open' AND deleted_at IS NULL"
    )
    return int(day.one(sql, day.office.ids[person]))


def test_a_leads_day_by_mouse(day: Day) -> None:
    day.take("who-list", "Olga Sokolova")
    assert day.titles(NEW) == ["Concrete delivery", "Loader overhaul", "Crane rental"]
    assert {"control", "import"} <= set(day.offered())
    overdue_by_mouse(day)
    results_by_mouse(day)
    stuck_by_mouse(day)
    somebody_is_away_by_mouse(day)
    the_evening_by_mouse(day)
    history_by_mouse(day)
    duplicates_by_mouse(day)
    a_reach_by_mouse(day)


def overdue_by_mouse(day: Day) -> None:
    day.press("nav-control")
    day.shows("control-tile-overdue", "Overdue tasks: 7")
    for row in ("Send proposal", "Get feedback", "Call the client, Loader overhaul"):
        day.take("control-table", row, CTRL)
    assert "3 selected" in day.texts()
    day.press("control-postpone")
    day.fill("control-postpone-reason", "Everybody is at the exhibition")
    day.press("control-postpone-ok")
    assert day.toast() == "3 tasks postponed"
    day.shows("control-tile-overdue", "Overdue tasks: 4")
    assert day.local(day.task("Send proposal")[3]) == "2026-11-23T18:00"
    reason = "SELECT count(*) FROM task_change WHERE reason = ?"
    assert day.one(reason, "Everybody is at the exhibition") == 3
    day.lists("control-habits", "3 ×")
    day.take("control-table", "Hold the meeting", CTRL)
    day.press("control-reassign")
    day.pick("Maria Kim")
    assert day.task("Hold the meeting")[4] == day.office.ids["Maria Kim"]


def results_by_mouse(day: Day) -> None:
    day.press("control-tile-accept")
    day.take("control-table", "Report of the visit", CTRL)
    day.press("control-accept")
    assert day.one("SELECT accepted FROM task WHERE title = 'Report of the visit'") == 1
    day.take("control-table", "Report of the call", CTRL)
    day.press("control-give-back")
    day.press("control-remark-ok")
    assert "Say what is missing." in day.texts()
    day.fill("control-remark-text", "When do they decide?")
    day.press("control-remark-ok")
    assert day.task("Report of the call")[0] == "open"
    assert day.task("Report of the call")[5] == "When do they decide?"
    day.shows("control-tile-accept", "Results to accept: 0")


def stuck_by_mouse(day: Day) -> None:
    day.take("control-stuck", "Concrete delivery")
    assert day.window.open_key == "board"
    assert day.panel.deal_id == day.deal("Concrete delivery")
    day.press("back")
    assert day.window.open_key == "control"
    day.press("control-tile-stuck")
    day.double_click_at(day.place("control-table", "Crane rental"))
    day.settle()
    assert day.panel.deal_id == day.deal("Crane rental")
    day.press("deal-close")
    day.press("nav-control")


def somebody_is_away_by_mouse(day: Day) -> None:
    day.press("control-absences")
    day.press("control-absence-ok")
    assert "Choose who is away." in day.texts()
    day.press("control-absence-who")
    day.pick("Ivan Petrov")
    day.fill("control-absence-last", "27.11.2026")
    day.press("control-absence-substitute")
    day.pick("Maria Kim")
    day.press("control-absence-ok")
    assert day.toast() == "Absence added: Ivan Petrov"
    assert opens(day, "Ivan Petrov") == 2
    day.take("control-away", "Ivan Petrov")
    day.shows("control-hand", "Give all to Maria Kim")
    before = opens(day, "Maria Kim")
    day.press("control-hand")
    assert (opens(day, "Ivan Petrov"), opens(day, "Maria Kim")) == (0, before + 2)
    assert day.toast() == "2 tasks for Maria Kim"


def the_evening_by_mouse(day: Day) -> None:
    day.press("control-time-evening")
    day.shows("control-tile-left", "Not done today: 3")
    day.lists("control-table", "Call the director")


def history_by_mouse(day: Day) -> None:
    day.press("nav-history")
    day.press("history-person")
    day.pick("Maria Kim")
    rows = day.rows("history-list")
    assert rows
    assert all("Maria Kim" in row for row in rows)
    day.take("history-list", "Task added, Remind of the papers")
    assert "Everything goes back as it was." in day.texts()
    day.press("history-undo")
    assert day.toast() == "Taken back: Task added · Remind of the papers"
    gone = "SELECT count(*) FROM task WHERE title = 'Remind of the papers' AND deleted_at IS NULL"
    assert day.one(gone) == 0
    assert "It can be done again; what was done since stays." in day.texts()


def duplicates_by_mouse(day: Day) -> None:
    day.press("nav-clients")
    day.press("clients-duplicates")
    day.until(lambda: day.find("duplicates-list") is not None and bool(day.rows("duplicates-list")))
    assert "the same phone, the same name" in "".join(day.rows("duplicates-list"))
    assert "Moved along: 1 deal." in day.texts()
    day.press("duplicates-merge-ok")
    merged = "SELECT count(*) FROM client WHERE merged_into_id IS NOT NULL"
    assert day.one(merged) == 1
    assert day.toast() == "Merged into “Volga Stroy”"
    kept = day.one("SELECT merged_into_id FROM client WHERE merged_into_id IS NOT NULL")
    deals = "SELECT count(*) FROM deal WHERE client_id = ?"
    assert day.one(deals, kept) == 2
    day.press("undo")
    assert day.one(merged) == 0
    assert day.one(deals, day.office.ids[VOLGA]) == day.one(deals, day.office.ids[TWIN]) == 1


def number(day: Day, name: str, column: str) -> QPoint:
    """A number of somebody in the ranking on the screen."""
    view = day.view("ranking-table")
    index = day.row_of("ranking-table", name)
    rect = view.visualRect(index.siblingAtColumn(COLUMNS.index(column)))
    return view.viewport().mapToGlobal(rect.center())


def a_reach_by_mouse(day: Day) -> None:
    day.press("nav-ranking")
    before = day.points("Maria Kim")
    day.click_at(number(day, "Maria Kim", "points"))
    day.settle()
    day.menu_at(day.place("ranking-lines-list", "Service contract"))
    day.pick("Void this reach")
    day.fill("ranking-ruling-reason", "Signed by another team")
    day.press("ranking-ruling-do")
    assert day.points("Maria Kim") == before - Decimal(7)
    assert day.toast().startswith("Voided: “Service contract”")
    day.menu_at(day.place("ranking-lines-list", "Service contract"))
    day.pick("Take the ruling back")
    day.fill("ranking-ruling-reason", "It was ours")
    day.press("ranking-ruling-do")
    assert day.points("Maria Kim") == before


@pytest.mark.usefixtures("keys_alone")
def test_a_leads_day_by_keyboard_alone(day: Day) -> None:
    day.walk_to("Olga Sokolova")
    day.go(KEY.Key_Return)
    overdue_by_keys(day)
    results_by_keys(day)
    stuck_by_keys(day)
    somebody_is_away_by_keys(day)
    history_by_keys(day)
    duplicates_by_keys(day)
    a_reach_by_keys(day)


def overdue_by_keys(day: Day) -> None:
    day.page("control")
    assert day.focus() == "control-table"
    for row in ("Send proposal", "Get feedback", "Call the client, Loader overhaul"):
        day.walk_to(row)
        day.key(KEY.Key_Space)
    assert "3 selected" in day.texts()
    day.go(KEY.Key_P)
    assert day.focus() == "control-postpone-reason"
    day.write("Everybody is at the exhibition")
    day.go(KEY.Key_Return)
    assert day.toast() == "3 tasks postponed"
    day.shows("control-tile-overdue", "Overdue tasks: 4")
    assert day.focus() == "control-table"
    day.walk_to("Hold the meeting")
    day.go(KEY.Key_R)
    day.pick_by_keys("Maria Kim")
    assert day.task("Hold the meeting")[4] == day.office.ids["Maria Kim"]


def tile(day: Day, key: str) -> None:
    """The number of a tile on the keyboard opens its list."""
    at = MORNING.index(key) + 1
    day.go(Qt.Key(int(KEY.Key_0) + at))
    day.qtbot.wait(150)


def results_by_keys(day: Day) -> None:
    tile(day, "accept")
    day.lists("control-table", "Report of the visit")
    assert day.focus() == "control-table"
    day.walk_to("Report of the visit")
    day.go(KEY.Key_A)
    assert day.one("SELECT accepted FROM task WHERE title = 'Report of the visit'") == 1
    day.shows("control-tile-accept", "Results to accept: 1")
    day.go(KEY.Key_B)
    day.write("When do they decide?")
    day.go(KEY.Key_Return, held=CTRL)
    assert day.local(day.task("Report of the call")[3]) == "2026-11-23T18:00"
    assert day.task("Report of the call")[5] == "When do they decide?"
    day.shows("control-tile-accept", "Results to accept: 0")


def stuck_by_keys(day: Day) -> None:
    tile(day, "stuck")
    day.lists("control-table", "Crane rental")
    day.tab_to("control-table")
    day.walk_to("Crane rental")
    day.go(KEY.Key_Return)
    assert day.window.open_key == "board"
    assert day.panel.deal_id == day.deal("Crane rental")
    day.go(KEY.Key_Left, held=ALT)
    assert day.window.open_key == "control"
    assert day.focus() == "control-table"


def somebody_is_away_by_keys(day: Day) -> None:
    day.back_to("control-absences")
    day.go(KEY.Key_Return)
    assert day.focus() == "control-absence-who"
    day.go(KEY.Key_Return)
    day.pick_by_keys("Ivan Petrov")
    day.tab_to("control-absence-last")
    day.over("27.11.2026")
    day.tab_to("control-absence-substitute")
    day.go(KEY.Key_Return)
    day.pick_by_keys("Maria Kim")
    day.tab_to("control-absence-ok")
    day.go(KEY.Key_Return)
    assert day.toast() == "Absence added: Ivan Petrov"
    day.lists("control-away", "Ivan Petrov")
    day.tab_to("control-away", 60)
    day.go(KEY.Key_Return)
    day.lists("control-table", "Report of the call")
    assert day.focus() == "control-table"
    day.go(KEY.Key_H)
    assert opens(day, "Ivan Petrov") == 0
    assert day.toast() == "2 tasks for Maria Kim"
    day.go(KEY.Key_E)
    day.lists("control-table", "Call the director")
    day.shows("control-tile-left", "Not done today: 3")


def history_by_keys(day: Day) -> None:
    day.page("history")
    assert day.focus() == "history-list"
    day.back_to("history-person")
    day.go(KEY.Key_Return)
    day.pick_by_keys("Maria Kim")
    day.tab_to("history-list")
    day.walk_to("Task added, Remind of the papers")
    day.go(KEY.Key_Return)
    day.tab_to("history-undo")
    assert "Everything goes back as it was." in day.texts()
    day.go(KEY.Key_Return)
    assert day.toast() == "Taken back: Task added · Remind of the papers"


def duplicates_by_keys(day: Day) -> None:
    day.page("clients")
    day.back_to("clients-duplicates")
    day.go(KEY.Key_Return)
    day.lists("duplicates-list", "Volga")
    day.settle()
    assert day.focus() == "duplicates-merge-table"
    day.go(KEY.Key_Return, held=CTRL)
    merged = "SELECT count(*) FROM client WHERE merged_into_id IS NOT NULL"
    assert day.one(merged) == 1
    day.go(KEY.Key_Z, held=CTRL)
    assert day.one(merged) == 0


def a_reach_by_keys(day: Day) -> None:
    day.page("ranking")
    before = day.points("Maria Kim")
    assert day.focus() == "ranking-table"
    for _ in range(5):
        day.key(KEY.Key_Up)
    for _ in range(12):
        index = day.view("ranking-table").currentIndex()
        if "Maria Kim" in str(index.siblingAtColumn(COLUMNS.index("person")).data()):
            break
        day.key(KEY.Key_Down)
    for _ in range(20):
        at = day.view("ranking-table").currentIndex().column() - COLUMNS.index("points")
        if at == 0:
            break
        day.key(KEY.Key_Left if at > 0 else KEY.Key_Right)
    day.go(KEY.Key_Return)
    day.tab_to("ranking-lines-list")
    day.walk_to("Service contract")
    day.menu_key()
    day.pick_by_keys("Void this reach")
    assert day.focus() == "ranking-ruling-reason"
    day.write("Signed by another team")
    day.go(KEY.Key_Return)
    assert day.points("Maria Kim") == before - Decimal(7)
    day.go(KEY.Key_Z, held=CTRL)
    assert day.points("Maria Kim") == before
