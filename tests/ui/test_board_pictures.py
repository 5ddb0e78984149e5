"""A card that is painted again is copied, and looks exactly as the first time."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from salesdesk.moments import Zone
from salesdesk.services.cards import CardChild, CardField, DealCard
from salesdesk.ui import theme
from salesdesk.ui.board.paint import CardPainter, Marks, Placed
from salesdesk.ui.board.words import Wording
from salesdesk.ui.widgets import pictures
from salesdesk.ui.widgets.pictures import Pictures
from tests.ui.board_story import NOW

CARD = DealCard(
    id=7, number=7, title="A title that is much too long for one line of a card", company="Orion",
    amount=Decimal(1_240_000), currency="RUB", owner_id=3, owner="Maria Kim", owner_colour=3,
    task_state="overdue", next_task="Call", next_due=NOW, days_in_stage=12, age="stuck",
    stage_id=1,
)  # fmt: skip


@pytest.fixture
def painter(qtbot: QtBot) -> CardPainter:
    return CardPainter(Wording(Zone("Europe/Moscow"), "RUB", NOW))


def painted(painter: CardPainter, card: DealCard, marks: Marks | None = None) -> QImage:
    """What a card looks like on the board's ground."""
    image = QImage(200, 110, QImage.Format.Format_RGB32)
    image.fill(theme.current().background)
    p = QPainter(image)
    painter.paint(p, [Placed(4, 4, 187, painter.heights()[0], card, marks or Marks())])
    p.end()
    return image


def test_the_picture_is_what_was_painted(painter: CardPainter) -> None:
    first = painted(painter, CARD)
    assert painted(painter, CARD) == first  # the picture is made
    assert painted(painter, CARD) == first  # and copied
    selected = painted(painter, CARD, Marks(selected=True, focused=True))
    assert selected != first
    assert painted(painter, CARD) == first  # a ring is not part of it


def test_what_lies_under_a_dragged_card_shows_around_it(painter: CardPainter) -> None:
    """Over other cards nothing of the board's ground may be seen, also when the card is known."""
    ground = QColor(Qt.GlobalColor.magenta)
    images = []
    for ready in (False, True):
        if ready:
            painted(painter, CARD)
            painted(painter, CARD)
        image = QImage(200, 110, QImage.Format.Format_RGB32)
        image.fill(ground)
        p = QPainter(image)
        painter.draw(p, QRect(4, 4, 187, painter.heights()[0]), CARD, Marks())
        p.end()
        images.append(image)
        assert image.pixelColor(1, 1) == ground
    assert images[0] == images[1]


def test_the_ground_copied_with_a_card_is_the_ground_under_it(painter: CardPainter) -> None:
    """But for what rounding makes of its shadow."""
    copied = painted(painter, CARD)
    image = QImage(200, 110, QImage.Format.Format_RGB32)
    image.fill(theme.current().background)
    p = QPainter(image)
    painter.draw(p, QRect(4, 4, 187, painter.heights()[0]), CARD, Marks())
    p.end()
    there, here = bytes(image.constBits()), bytes(copied.constBits())
    assert max(abs(one - other) for one, other in zip(there, here, strict=True)) <= 1


def test_a_card_that_changed_is_painted_anew(painter: CardPainter) -> None:
    first = [painted(painter, CARD) for _ in range(3)][-1]
    other = replace(CARD, title="Another")
    assert painted(painter, other) != first
    painter.forget()
    assert painted(painter, CARD) == first


def test_cards_that_are_painted_together_look_as_alone(painter: CardPainter) -> None:
    """Own fields, children, a long task, nobody's deal: texts of many cards are written at the end,
    each in its font, its colour and its place."""
    plain, (own, chain), gap = painter.heights()
    wide = replace(
        CARD, id=8, amount=None, owner=None, age="warn", next_task="Send the proposal to everybody",
        fields=(CardField("Floors", "number", "12"), CardField("Lift", "text", "yes")),
    )  # fmt: skip
    child = CardChild("Logistics", "Estimate ready", "open", "blue", late=True)
    late = replace(CARD, id=9, children=(child,), title="Kurz")
    heights = [(CARD, plain), (wide, plain + own), (late, plain + chain)]
    cards, top = [], 4
    for card, height in heights:
        cards.append(Placed(4, top, 187, height, card))
        top += height + gap
    images = []
    for shares in ([cards], [[one] for one in cards]):
        image = QImage(200, top, QImage.Format.Format_RGB32)
        image.fill(theme.current().background)
        p = QPainter(image)
        painter.forget()
        for share in shares:
            painter.paint(p, share)
        p.end()
        images.append(image)
    assert images[0] == images[1]
    for one in cards[1:]:
        first = images[0].copy(0, cards[0].top, 200, plain)
        assert images[0].copy(0, one.top, 200, plain) != first


def test_pictures_stay_within_their_bounds(
    painter: CardPainter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_KEEP_PIXELS", 25_000)
    kept = Pictures()

    def ask(n: int) -> bool:
        found = kept.of((n, 100, 100), CARD, QSize(100, 100), 1.0, QColor("white"), lambda _p: None)
        return found is not None

    assert [ask(1), ask(1), ask(2), ask(2), ask(3), ask(3)] == [False, True] * 3
    assert not ask(1)  # the oldest has gone
    assert ask(3)
    assert kept.of((9, 9, 9), CARD, QSize(9, 9), 1.25, QColor("white"), lambda _p: None) is None
