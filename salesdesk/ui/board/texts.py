"""How wide the texts of a card are, and what of them fits: half of the work of laying one out."""

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

_KEEP = 4000
#: Nearer than this to its room, a text is measured exactly.
_UNSURE = 3


class Fitted(NamedTuple):
    """What is drawn of a text, and how wide that is."""

    words: str
    width: float


class Texts:
    """Measures in ``fonts``, each text once."""

    def __init__(self, fonts: dict[str, QFont]) -> None:
        self._metrics = {name: QFontMetricsF(font) for name, font in fonts.items()}
        self._letters: dict[str, dict[str, float]] = {name: {} for name in fonts}
        self._fitted: dict[tuple[str, str, int], Fitted] = {}

    def line(self, font: str) -> tuple[int, int]:
        """The height of a line, and how much of it lies above the base line."""
        metrics = self._metrics[font]
        return round(metrics.height()), round(metrics.ascent())

    def fit(self, font: str, text: str, room: int) -> Fitted:
        """What of a text fits into so many pixels."""
        key = (font, text, room)
        found = self._fitted.get(key)
        if found is None:
            if len(self._fitted) > _KEEP:
                self._fitted.clear()
            width = self.advance(font, text)
            if width > room - _UNSURE:
                metrics = self._metrics[font]
                words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
                width = metrics.horizontalAdvance(text) if words == text else room
                text = words
            found = self._fitted[key] = Fitted(text, width)
        return found

    def advance(self, font: str, text: str) -> float:
        """How wide a text is by its letters: exact but for pairs that are drawn closer. To lay out
        each text for measuring costs ten times as much."""
        known = self._letters[font]
        try:
            return sum(map(known.__getitem__, text))
        except KeyError:
            metrics = self._metrics[font]
            known.update((letter, metrics.horizontalAdvance(letter)) for letter in {*text})
            return sum(map(known.__getitem__, text))
