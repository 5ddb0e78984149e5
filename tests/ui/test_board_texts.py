"""What of a text fits on a card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from salesdesk.ui import theme
from salesdesk.ui.board.texts import Texts

WORDS = [
    "Send", "the", "proposal", "AVATAR", "To.", "Ye", "Отправить", "предложение", "ГАД",
    "«Вектор»", "№7", "é", "e\u0301", "👩\u200d👩\u200d👧", "שלום", "合同",
]  # fmt: skip


@pytest.fixture(scope="module")
def texts(qapp: object) -> Texts:
    return Texts({"plain": theme.font(theme.SECONDARY), "title": theme.font(theme.BODY, bold=True)})


@given(
    said=st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join),
    room=st.integers(30, 220), font=st.sampled_from(["plain", "title"]),
)  # fmt: skip
def test_no_text_is_wider_than_its_room(texts: Texts, said: str, room: int, font: str) -> None:
    wanted = theme.font(theme.BODY, bold=True) if font == "title" else theme.font(theme.SECONDARY)
    metrics = QFontMetricsF(wanted)
    found = texts.fit(font, said, room)
    assert metrics.horizontalAdvance(found.words) <= room + 0.5  # Qt takes no less for too wide
    if found.words != said:
        assert found.words.endswith("…")
        assert metrics.horizontalAdvance(said) > room - 1
        exact = metrics.elidedText(said, Qt.TextElideMode.ElideRight, room)
        assert exact.startswith(found.words[:-1])
        assert len(exact) - len(found.words) <= 3


def test_signs_that_belong_together_stay_together(texts: Texts, qtbot: QtBot) -> None:
    family = "👩\u200d👩\u200d👧" * 9
    for room in range(30, 120, 7):
        kept = texts.fit("plain", family, room).words.removesuffix("…")
        assert family.startswith(kept)
        assert len(kept) % 5 == 0
