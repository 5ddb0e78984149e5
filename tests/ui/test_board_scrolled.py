"""What a drop paints: cards that only move are copied on the screen, also beside a toast."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.ui import theme
from salesdesk.ui.board.placing import Place
from salesdesk.ui.context import Note
from salesdesk.ui.widgets.toast import covered
from tests.ui.board_desk import new_context, new_desk
from tests.ui.board_page_desk import Open
from tests.ui.test_ranking_page import alike

FROM, TO = "New request", "Meeting scheduled"


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    theme.install(qapp, "light")
    desk = new_desk(tmp_path / "desk.salesdesk", (20, 20, 20, 20, 20, 3, 3))
    context = new_context(desk, tmp_path)
    made = Open(qtbot, desk, context)
    yield made
    made.settle()
    context.close()
    desk.store.close()
    qapp.setStyleSheet("")


class Watch(QObject):
    """What is painted of a widget."""

    def __init__(self, of: QWidget) -> None:
        super().__init__()
        self.painted = QRegion()
        of.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.painted += event.region()
        return False


def on_screen(opened: Open) -> QImage:
    """What stands there, without painting it."""
    return opened.window.screen().grabWindow(opened.window.winId()).toImage()


def is_as_if_painted(opened: Open) -> bool:
    """Whether all that stands there is what would be painted now."""
    return alike(on_screen(opened), opened.window.grab().toImage())


@pytest.mark.parametrize("back", [False, True])
def test_a_drop_below_a_toast_copies_what_only_moves(opened: Open, back: bool) -> None:
    names = (TO, FROM) if back else (FROM, TO)
    lanes = [opened.lane(name) for name in names]
    opened.context.say("Deal 1 was moved to another stage", 1)
    opened.settle()
    ports = [lane.cards.viewport() for lane in lanes]
    assert any(covered(port) for port in ports)
    watches = [Watch(port) for port in ports]
    deal, before = opened.ids(names[0])[0], opened.ids(names[1])[0]
    rest = opened.ids(names[1])[2]
    opened.page.view.move_cards([deal], Place(lanes[1].stage_id, before))
    QApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
    for lane, watch in zip(lanes, watches, strict=True):
        assert not watch.painted.contains(lane.cards.card_rect(4).center())
    assert opened.ids(names[1])[3] == rest
    assert is_as_if_painted(opened)
    opened.settle()
    assert opened.ids(names[1])[0] == deal
    assert is_as_if_painted(opened)


def hover(opened: Open, name: str, row: int) -> None:
    """The pointer comes to rest on a card."""
    cards = opened.lane(name).cards
    QTest.mouseMove(cards.viewport(), cards.card_rect(row).center())
    opened.settle()
    assert cards._hovered == row


def test_a_card_that_leaves_the_pointer_takes_no_frame_along(opened: Open) -> None:
    lane = opened.lane(TO)
    deal = opened.ids(FROM)[0]
    hover(opened, TO, 2)
    before = opened.ids(TO)[0]
    opened.page.view.move_cards([deal], Place(lane.stage_id, before))
    opened.settle()
    opened.window.floats.toast.dismiss()
    opened.settle()
    assert opened.ids(TO)[0] == deal
    assert lane.cards._hovered == -1
    assert is_as_if_painted(opened)
    hover(opened, TO, 3)
    opened.page.view.move_cards([deal], Place(opened.lane(FROM).stage_id, 0))
    opened.settle()
    opened.window.floats.toast.dismiss()
    opened.settle()
    assert opened.ids(TO)[0] == before
    assert is_as_if_painted(opened)


def test_scrolling_below_a_resting_pointer_leaves_no_frame(opened: Open) -> None:
    cards = opened.lane(FROM).cards
    cards.verticalScrollBar().setValue(30)
    opened.settle()
    for row, to in ((1, 110), (2, 77)):
        hover(opened, FROM, row)
        cards.verticalScrollBar().setValue(to)
        opened.settle()
        assert is_as_if_painted(opened)


def test_other_words_leave_alone_what_lies_below(opened: Open) -> None:
    say = opened.window.floats.say
    say(Note("Deal 12 was moved to Meeting held", "Undo", None))
    opened.settle()
    toast = opened.window.floats.toast
    watch, box = Watch(opened.page.view), toast.geometry()
    watches = [Watch(lane.cards.viewport()) for lane in opened.page.view.lanes]
    say(Note("Deal 7 was moved to Meeting held", "Undo", None))
    opened.settle()
    assert toast.geometry() == box
    assert all(one.painted.isEmpty() for one in (watch, *watches))
    assert is_as_if_painted(opened)
    theme.set_mode("dark")
    opened.settle()
    assert is_as_if_painted(opened)
    theme.set_mode("light")
    say(Note("Moved", "Undo", None))
    opened.settle()
    assert toast.width() < box.width() - 64


def test_what_a_toast_covers_of_a_widget(opened: Open) -> None:
    area = opened.window.floats.toast.parentWidget()
    assert isinstance(area, QWidget)
    opened.window.floats.toast.dismiss()
    opened.settle()
    assert covered(area) == 0
    opened.window.floats.say(Note("Deal 12 was moved", "Undo", None))
    opened.settle()
    toast = opened.window.floats.toast.geometry()
    assert covered(area) > area.height() - toast.top()
    beside = QWidget(area)
    beside.setGeometry(QRect(0, 0, toast.left() - 20, area.height()))
    assert covered(beside) == 0
