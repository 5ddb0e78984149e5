"""The main job without a mouse: a new deal, a move, its tasks, the panel, undo, the ranking."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from salesdesk.services.writer import PERSON
from salesdesk.ui.widgets.help import ShortcutList
from tests.e2e.desk import ADVANCE, CTRL, HELD, KEY, NEW, SET, SHIFT, Desk

# The test library knows no key of another layout by its character.
CYRILLIC = pytest.mark.qt_log_ignore("keyToAscii", "grabbing the keyboard", extend=True)
N, M, T, Z = (Qt.Key(ord(letter)) for letter in "ТЬЕЯ")


def new_deal(desk: Desk, key: Qt.Key = KEY.Key_N) -> None:
    """N, a title, Enter."""
    desk.key(key)
    assert desk.focus() == "new-deal-title"
    desk.type("Concrete pump")
    desk.key(KEY.Key_Return)
    desk.settle()


def test_the_main_job_by_keyboard_alone(desk: Desk) -> None:
    assert desk.window.open_key == "board"
    assert desk.focus() == "board-column"
    new_deal(desk)
    assert desk.titles(NEW)[0] == "Concrete pump"
    assert desk.stored(NEW) == set(desk.titles(NEW))
    assert desk.toast() == "Created “Concrete pump”"
    assert desk.panel_is_open()
    assert desk.tasks("Concrete pump") == {"Call the client": "open"}

    # to another card and back, then to the next stage by the list
    desk.key(KEY.Key_Right)
    assert desk.board.view.selected_ids() == [desk.deal(desk.titles(SET)[0])]
    desk.key(KEY.Key_Left)
    assert desk.board.view.selected_ids() == [desk.deal("Concrete pump")]
    desk.key(KEY.Key_M, KEY.Key_Down, KEY.Key_Return)
    desk.settle()
    assert desk.titles(HELD)[0] == "Concrete pump"
    assert "Concrete pump" in desk.stored(HELD)
    assert desk.toast() == "Moved to Meeting held · 2 tasks created · 1 task closed"
    states = {"Call the client": "done", "Send proposal": "open", "Get feedback": "open"}
    assert desk.tasks("Concrete pump") == states

    # the panel: the amount in place, a task done
    desk.key(KEY.Key_Return)
    desk.settle()
    assert desk.panel_is_open()
    desk.tab_to("deal-amount")
    desk.key(KEY.Key_Return)
    desk.type("150000")
    desk.key(KEY.Key_Return)
    desk.settle()
    assert desk.amount("Concrete pump") == 150_000
    assert desk.toast() == "Amount changed"
    desk.tab_to("deal-task-")
    desk.key(KEY.Key_Return)
    desk.settle()
    done = [title for title, state in desk.tasks("Concrete pump").items() if state == "done"]
    assert sorted(done) == ["Call the client", "Send proposal"]

    # T adds a task; Esc leaves the form, then the panel, and the card has the keyboard again
    desk.key(KEY.Key_T)
    desk.settle()
    assert desk.focus() == "deal-add-task-title"
    desk.type("Write")
    desk.key(KEY.Key_Return)
    desk.settle()
    assert desk.tasks("Concrete pump")["Write"] == "open"
    desk.key(KEY.Key_Escape)
    assert not desk.panel_is_open()
    assert desk.focus() == "board-column"
    assert desk.board.view.selected_ids() == [desk.deal("Concrete pump")]

    all_of_it_back_and_again(desk, {**states, "Send proposal": "done", "Write": "open"})


def all_of_it_back_and_again(desk: Desk, tasks: dict[str, str]) -> None:
    """Back: task added, task done, amount, move, creation; then all of it again."""
    steps = 5
    for _ in range(steps):
        desk.key(KEY.Key_Z, held=CTRL)
        desk.settle()
    assert desk.toast().startswith("Taken back: ")
    assert "Concrete pump" not in desk.titles(NEW) + desk.titles(HELD)
    for _ in range(steps):
        desk.key(KEY.Key_Z, held=CTRL | SHIFT)
        desk.settle()
    assert desk.titles(HELD)[0] == "Concrete pump"
    assert desk.tasks("Concrete pump") == tasks
    assert desk.amount("Concrete pump") == 150_000


def test_the_ranking_knows_the_move_at_once(desk: Desk) -> None:
    ranking = Qt.Key(int(KEY.Key_1) + list(desk.window._specs).index("ranking"))
    desk.key(ranking, held=CTRL)
    desk.settle()
    assert desk.window.open_key == "ranking"
    before = desk.points("Anna Orlova")
    desk.key(KEY.Key_1, held=CTRL)
    desk.board.view.select([desk.deal("Excavator rental")])
    desk.key(KEY.Key_M, KEY.Key_2)
    desk.settle()
    assert "Excavator rental" in desk.stored(HELD)
    desk.key(ranking, held=CTRL)
    desk.settle()
    after = desk.points("Anna Orlova")
    assert after - before == 3


@CYRILLIC
def test_the_same_letters_in_the_russian_layout(desk: Desk) -> None:
    new_deal(desk, N)
    assert desk.titles(NEW)[0] == "Concrete pump"
    desk.key(M, KEY.Key_1)
    desk.settle()
    assert desk.titles(SET)[0] == "Concrete pump"
    desk.key(Z, held=CTRL)
    desk.settle()
    assert desk.titles(NEW)[0] == "Concrete pump"
    desk.key(Z, held=CTRL | SHIFT)
    desk.settle()
    assert desk.titles(SET)[0] == "Concrete pump"
    desk.key(T)
    desk.settle()
    assert desk.focus() == "deal-add-task-title"
    desk.key(KEY.Key_Escape)
    desk.key(KEY.Key_Escape)
    desk.key(Qt.Key.Key_Period)  # the key of "/" gives a full stop in the Russian layout
    assert desk.focus() == "board-filter"


@CYRILLIC
def test_letters_stay_letters_while_a_text_is_typed(desk: Desk) -> None:
    desk.key(KEY.Key_Slash)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    desk.type("nmt/")
    assert field.text() == "nmt/"
    assert not desk.panel_is_open()
    desk.key(KEY.Key_A, held=CTRL)
    desk.key(KEY.Key_Delete, KEY.Key_Escape)
    assert desk.focus() == "board-column"


def test_a_card_moved_on_in_a_breath_stays_where_it_was_put(desk: Desk) -> None:
    title = desk.titles(SET)[0]
    deal = desk.deal(title)
    desk.board.view.select([deal])
    for _ in range(3):
        desk.context.writer.submit(lambda _store: time.sleep(0.08), PERSON)  # a slow disk
        desk.key(KEY.Key_Right, held=CTRL)
    shown: set[str] = set()

    def written() -> bool:
        where = desk.board.board.where(deal)
        shown.add("" if where is None else where.column.name)
        assert desk.board.view.selected_ids() == [deal]
        return title in desk.stored(ADVANCE)

    desk.context.bus.changed.connect(lambda _changes: written())
    desk.until(written)
    desk.settle()
    assert shown == {ADVANCE}
    assert not desk.board.board.is_pending(deal)
    desk.key(KEY.Key_Z, KEY.Key_Z, KEY.Key_Z, held=CTRL)
    desk.settle()
    assert title in desk.stored(SET)
    assert title in desk.titles(SET)


def test_several_cards_by_keys(desk: Desk) -> None:
    first, second = desk.titles(NEW)[:2]
    desk.key(KEY.Key_Space, KEY.Key_Down, KEY.Key_Space)
    assert len(desk.board.view.selected_ids()) in (1, 2)
    desk.board.view.select([desk.deal(first)])
    desk.key(KEY.Key_Down, held=SHIFT)
    assert desk.board.view.selected_ids() == [desk.deal(first), desk.deal(second)]
    desk.key(KEY.Key_Right, held=CTRL)
    desk.settle()
    assert desk.titles(SET)[:2] == [first, second]
    assert desk.toast().startswith("2 deals moved to Meeting scheduled")
    desk.key(KEY.Key_Z, held=CTRL)
    desk.settle()
    assert desk.titles(NEW)[:2] == [first, second]


def test_the_list_of_keys_and_every_page_by_key(desk: Desk) -> None:
    desk.key(KEY.Key_Question)
    assert isinstance(QApplication.focusWidget(), ShortcutList)
    desk.key(KEY.Key_Escape)
    assert desk.focus() == "board-column"
    assert len(desk.window._specs) > 10  # those after the tenth have no key of their own
    for at, page in enumerate(list(desk.window._specs)[:10], 1):
        desk.key(Qt.Key(int(KEY.Key_0) + at % 10), held=CTRL)  # 0 is the tenth
        desk.settle()
        assert desk.window.open_key == page
        focus = QApplication.focusWidget()
        assert focus is not None
        assert desk.window.page(page).isAncestorOf(focus) or desk.window.page(page) is focus


def test_the_keyboard_comes_back_to_what_was_edited_when_something_covered_it(desk: Desk) -> None:
    """The editor in place is no more by then; to reach for it took the program down."""
    desk.context.go("board", 1)
    desk.settle()
    for cover in (desk.window.open_palette, desk.window.show_shortcuts):
        desk.panel.title.setFocus()
        desk.key(KEY.Key_Return)
        cover()
        desk.settle()
        desk.key(KEY.Key_Escape)
        desk.settle()
        assert desk.focus() == f"{desk.panel.title.objectName()}-value"
    assert desk.error() == ("", "")


def test_tab_leaves_what_is_typed_for_the_next_field(desk: Desk) -> None:
    title = desk.titles(NEW)[0]
    desk.click_at(desk.card(title))
    desk.key(KEY.Key_Return)
    desk.settle()
    desk.tab_to("deal-amount")
    desk.key(KEY.Key_Return)
    desk.type("150000")
    desk.key(KEY.Key_Tab)
    desk.settle()
    assert desk.amount(title) == 150_000
    assert desk.focus() == "deal-owner"

    desk.tab_to("deal-source")
    desk.key(KEY.Key_Tab)
    assert desk.focus() == "deal-close-value"
    desk.key(KEY.Key_Return)
    desk.type("+3")
    desk.key(KEY.Key_Tab, held=SHIFT)
    desk.settle()
    assert desk.toast() == "Expected close date changed"
    assert desk.focus() == "deal-source-value"
