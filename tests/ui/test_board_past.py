"""The board of any day: looked at, not touched; what changed since; the way back."""

from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services import deals, past
from salesdesk.ui import theme
from salesdesk.ui.board.panel import BoardPage
from salesdesk.ui.context import Context
from tests.ui.board_desk import Desk
from tests.ui.board_page_desk import Open, context, desk, pattern
from tests.ui.board_story import NOW

__all__ = ["context", "desk", "pattern"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
KEY = Qt.Key
DAY = DAY_SECONDS * SECOND


@pytest.fixture
def board(qtbot: QtBot, qapp: Any, desk: Desk, context: Context) -> Open:
    theme.install(qapp, "light")
    made = Open(qtbot, desk, context)
    made.qtbot.waitUntil(lambda: made.page.pipeline_id > 0)
    return made


def enter(board: Open, back: int) -> BoardPage:
    """Show the day so many days ago."""
    page = board.page
    page.toggle_past()
    board.qtbot.waitUntil(page.past.is_ready)
    assert page.past.strip is not None
    page.past.strip.slider._choose(board.context.store.zone.day_of(NOW) - back)
    board.settle()
    return page


def as_written(board: Open, moment: int) -> dict[int, list[int]]:
    found = board.context.ask(past.board_at, board.desk.pipeline, moment)
    return {column.id: [card.id for card in column.deals] for column in found}


def shown(board: Open) -> dict[int, list[int]]:
    return {model.column.id: list(model.ids) for model in board.page.board.columns if model.loaded}


@pytest.mark.parametrize("back", [0, 2, 3, 9])
def test_a_past_day_is_the_board_as_it_stood(board: Open, back: int) -> None:
    page = enter(board, back)
    moment = page.moment()
    assert moment is not None
    written = as_written(board, moment)
    assert shown(board) == {stage: written[stage] for stage in shown(board)}
    counts = {c.column.id: c.column.count for c in page.board.columns}
    assert counts == {stage: len(ids) for stage, ids in written.items()}
    some = [ids[0] for ids in shown(board).values() if ids]
    cards = board.context.ask(past.cards_at, some, moment)
    for deal in some:
        card = page.board.cards.get(deal)
        assert card is not None
        assert (card.title, card.owner, card.task_state, card.days_in_stage) == (
            cards[deal].title, cards[deal].owner, cards[deal].task_state,
            cards[deal].days_in_stage,
        )  # fmt: skip


def test_nothing_can_be_moved_there(board: Open) -> None:
    page = enter(board, 1)
    before = shown(board)
    name = next(n for n, s in board.desk.stages.items() if before.get(s))
    dropped: list[object] = []
    page.view.dropped.connect(lambda *drop: dropped.append(drop))
    board.drag(name, 0, board.above("Advance paid", 0))
    board.settle()
    assert shown(board) == before
    assert "only be looked at" in board.toast()
    lane = board.lane(name)
    lane.cards.choose(0)
    lane.cards.setFocus()
    for key, held in (
        (KEY.Key_Right, Qt.KeyboardModifier.ControlModifier),
        (KEY.Key_M, Qt.KeyboardModifier.NoModifier),
        (KEY.Key_T, Qt.KeyboardModifier.NoModifier),
        (KEY.Key_N, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(lane.cards, key, held)
    board.settle()
    assert shown(board) == before
    assert dropped == []
    assert not page.new_button.isEnabled()


def test_the_slider_walks_by_day_and_week(board: Open) -> None:
    page = enter(board, 0)
    strip = page.past.strip
    assert strip is not None
    today = page.past.day
    assert today is not None
    strip.slider.setFocus()
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(strip.slider, KEY.Key_Left)
    assert page.past.day == today - 1
    QTest.keyClick(strip.slider, KEY.Key_Left, ctrl)
    assert page.past.day == max(today - 8, strip.slider.first)
    QTest.keyClick(strip.slider, KEY.Key_Home)
    assert page.past.day == strip.slider.first
    QTest.keyClick(strip.slider, KEY.Key_Left)
    assert page.past.day == strip.slider.first
    assert not strip.before.isEnabled()
    strip.next.click()
    assert page.past.day == strip.slider.first + 1
    assert board.window.address().parts["date"] == date.fromordinal(page.past.day).isoformat()
    QTest.keyClick(strip.slider, KEY.Key_Escape)
    board.settle()
    assert not page.past.is_on()
    assert not page.view.read_only
    assert page.new_button.isEnabled()
    assert shown(board)[board.desk.stages["New request"]] == board.stored("New request")


def test_a_deal_opens_as_it_was_and_the_address_leads_there(board: Open) -> None:
    page = enter(board, 2)
    asked: list[tuple[int, int | None]] = []
    page.deal_opened.connect(lambda deal: asked.append((deal, page.moment())))
    deal = next(ids[0] for ids in shown(board).values() if ids)
    page.open_deal(deal)
    assert asked == [(deal, page.moment())]
    address = str(board.window.address())
    assert page.past.day is not None
    assert f"date={date.fromordinal(page.past.day).isoformat()}&deal={deal}" in address
    page.past.leave()
    board.settle()
    assert asked[-1] == (deal, None)
    page.deal_closed()
    board.context.go_to(address)
    board.qtbot.waitUntil(lambda: page.past.is_on() and page.past.is_ready())
    assert asked[-1] == (deal, page.moment())


def test_what_changed_since_opens_the_deal(board: Open) -> None:
    [deal, *_] = board.ids("Meeting scheduled")
    stage = board.desk.stages["Meeting held"]
    deals.move(board.desk.store, [deal], stage, person=None, now=NOW, override="test")
    board.settle()
    page = enter(board, 1)
    strip = page.past.strip
    assert strip is not None
    strip.since.click()
    board.settle()
    panel = page.past.panel
    assert panel is not None
    assert panel.isVisible()
    items = [panel.lists["moved"].item(row) for row in range(panel.lists["moved"].count())]
    mine = next(item for item in items if item.source == deal)
    assert mine.below == "Meeting scheduled → Meeting held"
    opened: list[object] = []
    page.deal_opened.connect(opened.append)
    panel.lists["moved"].opened.emit(mine)
    assert opened == [deal]
    assert not panel.isVisible()
    page.deal_closed()
    assert panel.isVisible()
    panel.until_changed.emit(page.past.day)
    board.settle()
    assert "Nothing changed" in panel.nothing.text()


def test_the_filter_of_people_holds_in_the_past(board: Open) -> None:
    page = enter(board, 2)
    page.filters.chips["mine"].click()
    board.settle()
    me = board.context.person_id
    owners = {
        card.owner_id
        for ids in shown(board).values()
        for card in board.context.ask(past.cards_at, ids, page.moment()).values()
    }
    assert owners == {me}
    assert not page.filters.field.isVisible()
    assert set(page.filters.more.parts()) == {"people", "teams"}
    page.past.leave()
    board.settle()
    assert page.filters.field.isVisible()
    assert "amount" in page.filters.more.parts()


def test_another_language_and_an_empty_pipeline(board: Open) -> None:
    page = enter(board, 2)
    board.context.set_language("ru")
    board.settle()
    board.context.set_language("en")
    logistics = page.pipelines[1].id
    page.open_pipeline(logistics)
    board.qtbot.waitUntil(page.past.is_ready)
    board.settle()
    moment = page.moment()
    assert moment is not None
    there = board.context.ask(past.board_at, logistics, moment)
    assert [c.column.count for c in page.board.columns] == [c.count for c in there]
