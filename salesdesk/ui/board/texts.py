"""How wide the texts of a card are, and what of them fits: half of the work of laying one out."""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

_KEEP = 4000
#: Nearer than this to its room, a text is measured exactly.
_UNSURE = 3
#: Pairs of letters that are drawn closer make a text narrower by less than this share.
_SURELY = 1.06
#: Letters that stand for themselves, Latin and Cyrillic: texts of these may be cut between any two.
_PLAIN = re.compile(r"[\u0020-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u20a0-\u20c0№]*")
_CUT = "…"


class Fitted(NamedTuple):
    """What is drawn of a text, and how wide that is."""

    words: str
    width: float


class Texts:
    """Measures in ``fonts``; what has to be cut is remembered."""

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
        width = self.advance(font, text)
        if width <= room - _UNSURE:
            return Fitted(text, width)  # most do: to remember it takes longer than to add letters
        key = (font, text, room)
        found = self._fitted.get(key)
        if found is None:
            if len(self._fitted) > _KEEP:
                self._fitted.clear()
            if width > room * _SURELY + _UNSURE and _PLAIN.fullmatch(text):
                found = Fitted(self._cut(font, text, room), room)
            else:
                found = self._fitted_exactly(font, text, room)
            self._fitted[key] = found
        return found

    def _cut(self, font: str, text: str, room: int) -> str:
        """As much of a text as fits with the sign that it goes on: a tenth of the work that it is
        for Qt, which lays the text out several times."""
        taken = room - self.advance(font, _CUT)
        widths = list(accumulate(map(self._letters[font].__getitem__, text)))
        return text[: bisect_right(widths, taken)] + _CUT

    def _fitted_exactly(self, font: str, text: str, room: int) -> Fitted:
        metrics = self._metrics[font]
        words = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        return Fitted(words, metrics.horizontalAdvance(text) if words == text else room)

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
