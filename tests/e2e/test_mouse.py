"""The board under a hand: cards pulled to a column, to won, to lost; Undo pressed in the toast."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from salesdesk.ui.board.choose import ChoiceList
from salesdesk.ui.board.drag import DropBar
from tests.e2e.desk import CTRL, HELD, KEY, LOST, NEW, SET, SHIFT, SIGNED, WON, Desk


def place_in(desk: Desk, column: str) -> QPoint:
    """Below the cards of a column that is open, or on its strip."""
    lane = desk.lane(column)
    if lane.collapsed:
        return lane.strip.mapToGlobal(lane.strip.rect().center())
    port = lane.cards.port
    return port.mapToGlobal(QPoint(port.width() // 2, port.height() // 2))


def drop_target(desk: Desk, stage: str) -> QPoint:
    """The wide target of a closing stage, which is there only while cards are pulled."""
    bar = desk.window.findChild(DropBar)
    assert isinstance(bar, DropBar)
    names = [column.name for column in bar._columns]
    return bar.mapToGlobal(bar._zones()[names.index(stage)].center())


def reason_list(desk: Desk) -> ChoiceList:
    found = QApplication.activePopupWidget()
    assert isinstance(found, ChoiceList)
    return found


def test_one_card_to_a_column_and_undo_in_the_toast(desk: Desk) -> None:
    before = desk.titles(NEW), desk.titles(HELD)
    desk.drag(desk.card("Loader overhaul"), place_in(desk, HELD))
    assert desk.titles(HELD)[-1] == "Loader overhaul"  # shown before it is written
    desk.settle()
    assert "Loader overhaul" in desk.stored(HELD)
    assert desk.titles(HELD) == [*before[1], "Loader overhaul"]
    assert desk.toast() == "Moved to Meeting held · 2 tasks created · 1 task closed"
    desk.click(desk.window.floats.toast.button)
    desk.settle()
    assert (desk.titles(NEW), desk.titles(HELD)) == before
    assert "Loader overhaul" in desk.stored(NEW)
    assert desk.tasks("Loader overhaul") == {"Call the client": "open"}
    assert desk.toast().startswith("Taken back: ")
    desk.click(desk.window.floats.toast.button)  # now it offers to do it again
    desk.settle()
    assert "Loader overhaul" in desk.stored(HELD)


def test_the_place_between_two_cards(desk: Desk) -> None:
    first, second, third, *rest = desk.titles(NEW)
    lane = desk.lane(NEW)
    rect = lane.cards.card_rect(lane.model.row_of(desk.deal(second)))
    above = lane.cards.port.mapToGlobal(QPoint(rect.center().x(), rect.top() + 4))
    desk.drag(desk.card(third), above)
    desk.settle()
    assert desk.titles(NEW) == [first, third, second, *rest]


def test_several_cards_together(desk: Desk) -> None:
    first, _, third, _ = desk.titles(NEW)
    desk.click_at(desk.card(first))
    desk.click_at(desk.card(third), CTRL)
    desk.drag(desk.card(third), place_in(desk, SIGNED))
    desk.settle()
    assert desk.titles(SIGNED)[-2:] == [first, third]
    assert {first, third} <= desk.stored(SIGNED)
    assert desk.toast().startswith("2 deals moved to Contract signed")
    desk.key(KEY.Key_Z, held=CTRL)
    desk.settle()
    assert {first, third} <= desk.stored(NEW)


def test_a_row_of_cards_by_shift(desk: Desk) -> None:
    shown = desk.titles(NEW)
    desk.click_at(desk.card(shown[0]))
    desk.click_at(desk.card(shown[2]), SHIFT)
    desk.drag(desk.card(shown[1]), place_in(desk, SET))
    desk.settle()
    assert desk.titles(NEW) == shown[3:]
    assert set(shown[:3]) <= desk.stored(SET)


def test_to_won(desk: Desk) -> None:
    desk.drag(desk.card("Bulldozer repair"), place_in(desk, WON))
    desk.settle()
    assert desk.stored(WON) == {"Bulldozer repair"}
    assert desk.lane(WON).model.column.count == 1
    assert desk.toast().startswith("Moved to Won")


def test_to_the_wide_targets(desk: Desk) -> None:
    desk.drag(desk.card("Service contract"), lambda: drop_target(desk, WON))
    desk.settle()
    assert desk.stored(WON) == {"Service contract"}
    desk.drag(desk.card("Crane transport"), lambda: drop_target(desk, LOST))
    desk.key(KEY.Key_1)
    desk.settle()
    assert desk.stored(LOST) == {"Crane transport"}


def test_to_lost_with_a_reason(desk: Desk) -> None:
    desk.drag(desk.card("Warehouse racks"), place_in(desk, LOST))
    choices = reason_list(desk)
    row = choices.list.visualItemRect(choices.list.item(1))
    desk.click_at(choices.list.viewport().mapToGlobal(row.center()))
    desk.settle()
    assert desk.stored(LOST) == {"Warehouse racks"}
    assert desk.toast().startswith("Moved to Lost")
    with desk.store.read() as r:
        sql = "SELECT l.name FROM deal d JOIN lost_reason l ON l.id = d.lost_reason_id"
        assert r.value(sql) == "Chose a competitor"


def test_to_lost_without_a_reason_goes_back(desk: Desk) -> None:
    before = desk.titles(NEW)
    desk.drag(desk.card("Warehouse racks"), place_in(desk, LOST))
    assert reason_list(desk).isVisible()
    desk.key(KEY.Key_Escape)
    desk.settle()
    assert desk.titles(NEW) == before
    assert desk.stored(LOST) == set()


@pytest.mark.parametrize("narrowed", ["", "r"])
def test_cards_that_were_not_lost_after_all_are_still_selected(desk: Desk, narrowed: str) -> None:
    desk.board.filters.field.setText(narrowed)
    desk.settle()
    first, second, *_ = desk.titles(NEW)
    both = [desk.deal(first), desk.deal(second)]
    desk.click_at(desk.card(first))
    desk.click_at(desk.card(second), CTRL)
    desk.drag(desk.card(second), place_in(desk, LOST))
    assert reason_list(desk).isVisible()
    desk.key(KEY.Key_Escape)
    desk.settle()
    assert desk.board.view.selected_ids() == both
    desk.key(KEY.Key_Right, held=CTRL)
    desk.settle()
    assert {first, second} <= desk.stored(SET)


def test_a_drag_that_ends_nowhere_or_is_stopped(desk: Desk) -> None:
    before = desk.titles(NEW)
    rail = desk.window.rail
    desk.drag(desk.card(before[1]), rail.mapToGlobal(rail.rect().center()))
    desk.drag(desk.card(before[1]), place_in(desk, SET), stop=True)
    desk.settle()
    assert desk.titles(NEW) == before
    assert desk.stored(NEW) == set(before)
    assert not desk.board.view.drag.is_on()
    assert desk.toast() == ""


def test_the_ranking_follows_a_move_at_once(desk: Desk) -> None:
    desk.window.open_page("ranking")
    desk.settle()
    before = desk.points("Boris Yudin")
    desk.window.open_page("board")
    desk.settle()
    desk.drag(desk.card("Loader overhaul"), place_in(desk, SET))
    desk.settle()
    desk.window.open_page("ranking")
    desk.settle()
    assert desk.points("Boris Yudin") == before + 1
    desk.key(KEY.Key_Z, held=CTRL)
    desk.settle()
    assert desk.points("Boris Yudin") == before


def test_the_panel_follows_the_card_that_is_chosen(desk: Desk) -> None:
    handle_place = desk.card("Crane transport")
    desk.double_click_at(handle_place)
    desk.settle()
    assert desk.panel.deal_id == desk.deal("Crane transport")
    desk.click_at(desk.card("Fleet telematics"))
    desk.until(lambda: desk.panel.deal_id == desk.deal("Fleet telematics"))


def test_a_board_of_five_stages_fits_beside_a_deal(desk: Desk) -> None:
    desk.window.resize(1440, 900)
    desk.double_click_at(desk.card("Warehouse racks"))
    desk.settle()
    assert desk.panel_is_open()
    assert desk.board.view.horizontalScrollBar().maximum() == 0
