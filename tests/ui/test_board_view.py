"""The board by mouse, by keys and for a screen reader, on a board in memory."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salesdesk.services.cards import BoardFilter
from salesdesk.ui import theme
from salesdesk.ui.board.choose import ChoiceList
from salesdesk.ui.board.drag import DragPicture, DropBar
from salesdesk.ui.board.lane import Lane
from salesdesk.ui.board.paint import CardPainter
from salesdesk.ui.board.state import Board
from salesdesk.ui.board.view import BoardView
from salesdesk.ui.board.words import Wording
from tests.ui.board_story import NOW, ZONE, Story

# What the offscreen platform says of popups, and QTest of Cyrillic keys.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", "keyToAscii", extend=True)
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
KEY = Qt.Key


class Shown:
    """A board on the screen with what it said."""

    def __init__(self, qtbot: QtBot, counts: list[int]) -> None:
        wording = Wording(ZONE, "RUB", NOW)
        painter = CardPainter(wording)
        self.story = Story(counts)
        self.board = Board(painter.heights(), wording)
        self.view = BoardView(self.board, painter)
        self.qtbot = qtbot
        self.dropped: list[tuple[list[int], int, int]] = []
        self.opened: list[int] = []
        self.view.dropped.connect(lambda *what: self.dropped.append(what))
        self.view.opened.connect(self.opened.append)
        qtbot.addWidget(self.view)
        self.view.resize(1200, 800)
        self.board.open(self.story)
        self.board.complete()
        self.view.show()
        qtbot.waitExposed(self.view)
        self.view.activateWindow()
        self.view.focus_cards()

    def lane(self, at: int) -> Lane:
        return self.view.lanes[at]

    def ids(self, at: int) -> list[int]:
        return list(self.lane(at).model.ids)

    def port(self, at: int) -> QWidget:
        return self.lane(at).cards.viewport()

    def place(self, at: int, row: int) -> QPoint:
        """The middle of a card in its viewport."""
        return self.lane(at).cards.card_rect(row).center()

    def click(self, at: int, row: int, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.port(at), LEFT, held, self.place(at, row))

    def pull(self, at: int, row: int, to: QPoint) -> None:
        """Press on a card and bring it to a global place; the button stays down."""
        port, start = self.port(at), self.place(at, row)
        QTest.mousePress(port, LEFT, NONE, start)
        QTest.mouseMove(port, start + QPoint(30, 10))
        QTest.mouseMove(port, port.mapFromGlobal(to))

    def let_go(self, at: int, to: QPoint) -> None:
        QTest.mouseRelease(self.port(at), LEFT, NONE, self.port(at).mapFromGlobal(to))

    def drag(self, at: int, row: int, to: QPoint) -> None:
        self.pull(at, row, to)
        self.let_go(at, to)

    def above(self, at: int, row: int) -> QPoint:
        """A global place in the upper half of a card: before it."""
        rect = self.lane(at).cards.card_rect(row)
        return self.port(at).mapToGlobal(QPoint(rect.center().x(), rect.top() + 8))

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, held)

    def current(self) -> int:
        lane = self.view.focus_lane()
        assert lane is not None
        return lane.cards.current_id()


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    theme.install(qapp, "light")
    yield qapp
    qapp.setStyleSheet("")


@pytest.fixture
def shown(dressed: QApplication, qtbot: QtBot) -> Shown:
    return Shown(qtbot, [12, 8, 5, 3, 0, 4, 6])


# -- what is shown --------------------------------------------------------------------------------


def test_won_and_lost_are_strips_that_load_when_they_open(shown: Shown) -> None:
    assert [lane.collapsed for lane in shown.view.lanes] == [False] * 5 + [True, True]
    assert not shown.lane(5).model.loaded
    QTest.mouseClick(shown.lane(5).strip, LEFT)
    assert not shown.lane(5).collapsed
    assert shown.ids(5) == shown.story.orders[6]
    assert shown.view.folds() == {6: False}
    QTest.mouseDClick(shown.lane(5).head, LEFT)
    assert shown.lane(5).collapsed


def test_a_column_collapses_by_a_key(shown: Shown) -> None:
    shown.key(KEY.Key_C)
    assert shown.lane(0).collapsed
    assert shown.lane(0).strip.hasFocus()
    shown.key(KEY.Key_Space)
    assert not shown.lane(0).collapsed


def test_first_cards_come_before_the_others(dressed: QApplication, qtbot: QtBot) -> None:
    board = Shown(qtbot, [500, 3, 3, 3, 3, 3, 3])
    assert len(board.ids(0)) == 500
    again = Board(board.board.heights, board.board.wording)
    again.open(board.story)
    again.load(again.columns[:1])
    assert len(again.columns[0].ids) == 16
    qtbot.waitUntil(lambda: len(again.columns[0].ids) == 500)


def test_models_keep_the_rules_of_qt(shown: Shown) -> None:
    testers = [
        QAbstractItemModelTester(
            lane.model, QAbstractItemModelTester.FailureReportingMode.Warning, lane.model
        )
        for lane in shown.view.lanes
    ]
    shown.board.place([1, 2], 3, shown.ids(2)[1])
    shown.board.settle([1, 2])
    shown.story.move([20], 1, 3)
    shown.board.refresh([20])
    assert testers


def test_only_seen_cards_are_read(dressed: QApplication, qtbot: QtBot) -> None:
    board = Shown(qtbot, [20_000, 4, 4, 4, 4, 4, 4])
    cards = board.lane(0).cards
    board.story.reads = 0
    cards.verticalScrollBar().setValue(cards.verticalScrollBar().maximum())
    QApplication.processEvents()
    assert board.story.reads <= 2
    assert cards.indexAt(QPoint(40, cards.viewport().height() - 20)).row() == 19_999


def test_screen_reader_hears_title_company_amount_task_and_days(shown: Shown) -> None:
    cards = shown.lane(1).cards
    spoken = QAccessible.queryAccessibleInterface(cards)
    assert spoken.role() == QAccessible.Role.List
    assert spoken.text(QAccessible.Text.Name) == "Meeting scheduled"
    assert spoken.childCount() == 8
    deal = shown.story.deals[shown.ids(1)[2]]
    name = spoken.child(2).text(QAccessible.Text.Name)
    assert name.startswith(f"{deal.title}, {deal.company}, ")
    assert "₽" in name
    assert "in this stage" in name
    assert spoken.child(2).rect() == QRect(
        cards.viewport().mapToGlobal(cards.card_rect(2).topLeft()), cards.card_rect(2).size()
    )
    head = shown.lane(1).head.accessibleName()
    assert head.startswith("Meeting scheduled, 8 deals, ")
    assert shown.lane(5).strip.accessibleName() == "Won, 4 deals, collapsed"


def test_every_state_is_told_by_shape_and_text(dressed: QApplication, qtbot: QtBot) -> None:
    board = Shown(qtbot, [40, 0, 0, 0, 0, 0, 0])
    painter = board.view.painter
    pictures = {}
    for state in ("overdue", "today", "planned", "waiting", "none"):
        image = painter.dot_image(state).convertToFormat(QImage.Format.Format_Alpha8)
        pictures[state] = bytes(image.constBits())
    del pictures["overdue"]  # a full disc as well; its stroke is drawn in the card's own colour
    assert len(set(pictures.values())) == 4


def test_empty_columns_say_what_to_do(shown: Shown) -> None:
    assert "M" in shown.lane(4).cards.empty_text
    shown.board.choose(BoardFilter(text="nothing like this"), "position")
    assert "filter" in shown.lane(1).cards.empty_text
    assert shown.lane(1).model.column.count == 0


# -- mouse ----------------------------------------------------------------------------------------


def test_click_ctrl_and_shift_select(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.click(0, 1)
    assert shown.view.selected_ids() == [ids[1]]
    shown.click(0, 3, SHIFT)
    assert shown.view.selected_ids() == ids[1:4]
    shown.click(1, 0, CTRL)
    assert shown.view.selected_ids() == [*ids[1:4], shown.ids(1)[0]]
    shown.click(0, 2, CTRL)
    assert shown.view.selected_ids() == [ids[1], ids[3], shown.ids(1)[0]]
    shown.click(2, 0)
    assert shown.view.selected_ids() == [shown.ids(2)[0]]


def test_the_card_under_the_pointer_stands_out(shown: Shown) -> None:
    port, place = shown.port(0), shown.place(0, 1)
    edge = QPoint(place.x(), shown.lane(0).cards.card_rect(1).top())
    before = port.grab().toImage().pixelColor(edge)
    QTest.mouseMove(port, place)
    assert port.grab().toImage().pixelColor(edge) != before
    QTest.mouseMove(port, shown.place(0, 2))
    assert port.grab().toImage().pixelColor(edge) == before


def test_double_click_opens(shown: Shown) -> None:
    QTest.mouseDClick(shown.port(0), LEFT, NONE, shown.place(0, 2))
    assert shown.opened == [shown.ids(0)[2]]


def test_drag_shows_the_card_at_once_and_says_where(shown: Shown) -> None:
    deal, before = shown.ids(0)[1], shown.ids(2)[2]
    shown.pull(0, 1, shown.above(2, 2))
    picture = shown.view.findChild(DragPicture)
    assert picture is not None
    assert picture.isVisible()
    assert shown.lane(2).cards.gap == 2
    assert shown.lane(0).cards.lifted_ids == {deal}
    shown.let_go(0, shown.above(2, 2))
    assert shown.dropped == [([deal], 3, before)]
    assert shown.ids(2)[2] == deal
    assert shown.board.is_pending(deal)
    assert not picture.isVisible()
    assert shown.lane(2).cards.gap is None
    assert shown.lane(2).model.column.count == 6
    assert shown.lane(0).model.column.count == 11
    shown.story.move([deal], 3, before)
    shown.board.settle([deal])
    shown.board.refresh([deal])
    assert shown.ids(2) == shown.story.orders[3]
    assert not shown.board.is_pending(deal)


def test_refused_card_goes_back(shown: Shown) -> None:
    before = shown.ids(0)
    shown.drag(0, 1, shown.above(2, 2))
    assert shown.ids(0) != before
    shown.board.take_back([before[1]])
    shown.board.read_heads()
    assert shown.ids(0) == before
    assert shown.ids(2) == shown.story.orders[3]
    assert shown.lane(0).model.column.count == 12


def test_several_cards_are_dragged_together(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.click(0, 0)
    shown.click(0, 2, CTRL)
    shown.drag(0, 2, shown.above(1, 0))
    assert shown.dropped == [([ids[0], ids[2]], 2, shown.story.orders[2][0])]
    assert shown.ids(1)[:2] == [ids[0], ids[2]]
    assert shown.view.selected_ids() == [ids[0], ids[2]]


def test_drag_inside_a_column_sorts_it(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.drag(0, 0, shown.above(0, 3))
    assert shown.dropped == [([ids[0]], 1, ids[3])]
    assert shown.ids(0)[:4] == [ids[1], ids[2], ids[0], ids[3]]


def test_drop_where_it_was_does_nothing(shown: Shown) -> None:
    before = shown.ids(0)
    shown.drag(0, 1, shown.above(0, 2))
    assert shown.dropped == []
    assert shown.ids(0) == before


def test_escape_cancels_a_drag(shown: Shown) -> None:
    before = shown.ids(0)
    shown.pull(0, 1, shown.above(2, 2))
    shown.key(KEY.Key_Escape)
    assert not shown.view.drag.is_on()
    shown.let_go(0, shown.above(2, 2))
    assert shown.dropped == []
    assert shown.ids(0) == before


def test_won_and_lost_take_cards_at_the_bottom_and_on_their_strips(shown: Shown) -> None:
    first, second = shown.ids(0)[:2]
    bar = shown.view.findChild(DropBar)
    assert bar is not None
    shown.pull(0, 0, shown.above(1, 0))
    assert bar.isVisible()
    lost = bar.mapToGlobal(QPoint(bar.width() - 40, bar.height() // 2))
    QTest.mouseMove(shown.port(0), shown.port(0).mapFromGlobal(lost))
    shown.let_go(0, lost)
    strip = shown.lane(5).strip
    shown.drag(0, 0, strip.mapToGlobal(strip.rect().center()))
    assert shown.dropped == [([first], 7, 0), ([second], 6, 0)]
    assert not bar.isVisible()
    assert shown.lane(6).model.column.count == 7


def test_edges_scroll_while_dragging(shown: Shown, qtbot: QtBot) -> None:
    bar = shown.lane(0).cards.verticalScrollBar()
    assert bar.maximum() > 0
    port = shown.port(0)
    shown.pull(0, 0, port.mapToGlobal(QPoint(60, port.height() - 80)))
    qtbot.waitUntil(lambda: bar.value() == bar.maximum(), timeout=3000)
    shown.key(KEY.Key_Escape)


# -- keys -----------------------------------------------------------------------------------------


def test_arrows_walk_the_board(shown: Shown) -> None:
    assert shown.current() == shown.ids(0)[0]
    shown.key(KEY.Key_Down)
    assert shown.current() == shown.ids(0)[1]
    shown.key(KEY.Key_Right)
    assert shown.current() in shown.ids(1)[:3]
    shown.key(KEY.Key_End)
    assert shown.current() == shown.ids(1)[-1]
    shown.key(KEY.Key_Home)
    assert shown.current() == shown.ids(1)[0]
    assert shown.view.selected_ids() == [shown.ids(1)[0]]
    for _ in range(3):
        shown.key(KEY.Key_Right)
    assert shown.view.focus_lane() is shown.lane(4)
    assert shown.lane(4).head.focused
    shown.key(KEY.Key_Right)
    assert shown.lane(5).strip.hasFocus()
    shown.key(KEY.Key_Return)
    assert shown.view.focus_lane() is shown.lane(5)
    assert not shown.lane(5).collapsed
    shown.key(KEY.Key_Return)
    assert shown.opened == [shown.ids(5)[0]]


def test_pages_and_extending(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.key(KEY.Key_Home)
    shown.key(KEY.Key_Down, SHIFT)
    shown.key(KEY.Key_Down, SHIFT)
    assert shown.view.selected_ids() == ids[:3]
    shown.key(KEY.Key_Up, SHIFT)
    assert shown.view.selected_ids() == ids[:2]
    shown.key(KEY.Key_PageDown)
    assert shown.lane(0).cards.currentIndex().row() > 3
    shown.key(KEY.Key_PageUp)
    assert shown.current() == ids[0]


def test_space_gathers_cards(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.key(KEY.Key_Home)
    shown.key(KEY.Key_Space)
    shown.key(KEY.Key_Space)
    shown.key(KEY.Key_Down)
    shown.key(KEY.Key_Down)
    shown.key(KEY.Key_Space)
    assert shown.view.selected_ids() == [ids[0], ids[2]]
    shown.key(KEY.Key_Escape)
    assert shown.view.selected_ids() == []


def test_ctrl_arrows_move_the_card_and_the_keyboard_follows(shown: Shown) -> None:
    deal, top = shown.ids(0)[0], shown.ids(1)[0]
    shown.key(KEY.Key_Home)
    shown.key(KEY.Key_Right, CTRL)
    assert shown.dropped == [([deal], 2, top)]
    assert shown.current() == deal
    assert shown.ids(1)[0] == deal
    shown.key(KEY.Key_Down, CTRL)
    assert shown.ids(1)[1] == deal
    shown.key(KEY.Key_Up, CTRL)
    assert shown.ids(1)[0] == deal
    shown.key(KEY.Key_Left, CTRL)
    assert shown.ids(0)[0] == deal
    assert shown.current() == deal


@pytest.mark.parametrize("letter", [KEY.Key_M, 0x042C])
def test_m_means_the_key_and_asks_for_the_stage(shown: Shown, letter: int) -> None:
    deal, top = shown.ids(0)[0], shown.ids(2)[0]
    shown.key(KEY.Key_Home)
    focus = QApplication.focusWidget()
    assert focus is not None
    if letter == KEY.Key_M:
        QTest.keyClick(focus, KEY.Key_M)
    else:
        QTest.keyClick(focus, KEY(letter))
    popover = shown.view.findChild(ChoiceList)
    assert popover is not None
    assert popover.list.count() == 6
    QTest.keyClick(popover.list, KEY.Key_Down)
    QTest.keyClick(popover.list, KEY.Key_Return)
    assert shown.dropped == [([deal], 3, top)]


def test_choice_by_digit_and_escape(shown: Shown, qtbot: QtBot) -> None:
    shown.key(KEY.Key_Home)
    shown.view.choose_stage()
    popover = shown.view.findChild(ChoiceList)
    assert popover is not None
    with qtbot.waitSignal(popover.cancelled):
        QTest.keyClick(popover.list, KEY.Key_Escape)
    shown.view.choose_stage()
    popover = shown.view.findChildren(ChoiceList)[-1]
    QTest.keyClick(popover.list, KEY.Key_1)
    assert [what[1] for what in shown.dropped] == [2]


# -- changes from elsewhere -----------------------------------------------------------------------


def test_changes_of_others_arrive_and_the_selection_stays(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.click(0, 4)
    shown.story.move([ids[4]], 2, 0)
    new = shown.story.add(1)
    shown.board.refresh([ids[4], new])
    assert shown.ids(0) == shown.story.orders[1]
    assert shown.ids(1) == shown.story.orders[2]
    assert shown.view.selected_ids() == [ids[4]]


def test_undo_of_a_reorder_is_seen(shown: Shown) -> None:
    ids = shown.ids(0)
    shown.drag(0, 0, shown.above(0, 3))
    shown.story.move([ids[0]], 1, ids[3])
    shown.board.refresh([ids[0]])
    shown.board.settle([ids[0]])
    shown.story.move([ids[0]], 1, ids[1])
    shown.board.refresh([ids[0]])
    assert shown.ids(0) == ids


def test_pending_cards_stay_while_others_are_read(shown: Shown) -> None:
    first, second = shown.ids(0)[:2]
    shown.board.place([first], 2, shown.ids(1)[0])
    shown.story.move([second], 2, 0)
    shown.board.refresh([second])
    assert shown.ids(1)[0] == first
    assert first not in shown.ids(0)
    assert shown.ids(1)[-1] == second


def test_inserting_above_keeps_what_is_seen(shown: Shown) -> None:
    cards = shown.lane(0).cards
    cards.verticalScrollBar().setValue(400)
    before = {row: cards.card_rect(row).top() for row in range(5, 8)}
    ids = shown.ids(0)
    new = shown.story.add(1)
    shown.board.refresh([new])
    assert shown.ids(0) == [new, *ids]
    assert {row: cards.card_rect(row + 1).top() for row in range(5, 8)} == before


def test_sort_by_amount_lights_the_column_only(shown: Shown) -> None:
    shown.board.choose(BoardFilter(), "amount")
    amounts = [shown.story.deals[i].amount or 0 for i in shown.ids(0)]
    assert amounts == sorted(amounts, reverse=True)
    shown.pull(0, 1, shown.above(2, 2))
    assert shown.lane(2).cards.gap == -1
    shown.key(KEY.Key_Escape)


def test_both_themes_paint_sharp_on_a_dense_screen(shown: Shown) -> None:
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        image = QImage(shown.view.size() * 2, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2)
        shown.view.render(image, QPoint())
        look = theme.current()
        ground = shown.view.mapFromGlobal(shown.port(4).mapToGlobal(QPoint(20, 500)))
        assert image.pixelColor(ground * 2).name() == look.background.name()
        card = shown.view.mapFromGlobal(shown.port(0).mapToGlobal(shown.place(0, 0)))
        spot = QPointF(card).toPoint() * 2 - QPoint(0, 64)
        assert image.pixelColor(spot).name() == look.raised.name()
    theme.set_mode("light")
