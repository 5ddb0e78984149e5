"""Texts of many cards, written at the end: those of one font and colour one after another."""

from typing import Literal

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainter

from salesdesk.ui import theme

#: Colours of the theme that texts on a board have.
Colour = Literal["text", "muted", "warning", "bad", "avatar_text"]


class Lettering:
    """Texts with their places, in ``fonts`` by name."""

    def __init__(self, fonts: dict[str, QFont]) -> None:
        self._fonts = fonts
        self._texts: dict[tuple[str, Colour], list[tuple[QPointF, str]]] = {}

    def add(self, font: str, colour: Colour, x: float, y: float, words: str) -> None:
        """``words`` begin at ``x`` on the base line ``y``."""
        placed = QPointF(x, y), words
        key = font, colour
        if key in self._texts:
            self._texts[key].append(placed)
        else:
            self._texts[key] = [placed]

    def write(self, p: QPainter) -> None:
        """Write all that was added."""
        look = theme.current()
        for (font, colour), texts in self._texts.items():
            p.setFont(self._fonts[font])
            p.setPen(getattr(look, colour))
            for place, words in texts:
                p.drawText(place, words)
