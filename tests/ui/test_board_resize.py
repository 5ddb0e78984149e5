"""A column that gets lower: the card that the keyboard is on stays whole, if it was."""

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.test_board_view import KEY, Shown, dressed, shown

__all__ = ["dressed", "shown"]


def is_whole(shown: Shown) -> bool:
    cards = shown.lane(0).cards
    rect = cards.visualRect(cards.currentIndex())
    return rect.top() >= 0 and rect.bottom() < cards.viewport().height()


@pytest.mark.parametrize("away", [False, True])
def test_the_card_of_the_keyboard_stays_whole(shown: Shown, away: bool) -> None:
    cards = shown.lane(0).cards
    last = cards.indexAt(cards.viewport().rect().center()).row() + 1
    shown.key(KEY.Key_Home)
    for _ in range(last):
        shown.key(KEY.Key_Down)
    assert is_whole(shown)
    if away:  # by the wheel: what is not looked at is not brought back
        cards.verticalScrollBar().setValue(cards.verticalScrollBar().maximum())
        assert not is_whole(shown)
    for height in (700, 560, 420):
        shown.view.resize(shown.view.width(), height)
        QApplication.processEvents()
        assert is_whole(shown) is not away
