"""Texts in one font, laid out once: the same words stand in the list from key to key."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

_KEPT = 1_500


class Letters:
    """Measures and draws in ``font``."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._below = self._metrics.height() / 2
        self._kept: dict[str, tuple[QStaticText, float]] = {}

    def width(self, text: str) -> float:
        """How far the pen goes on, in device-independent pixels."""
        return self._laid_out(text)[1]

    def cut(self, text: str, room: float) -> str:
        """The text, or as much of it as fits into ``room``, with dots."""
        if self.width(text) <= room:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def draw(
        self, painter: QPainter, left: float, middle: float, text: str, colour: QColor
    ) -> float:
        """Draw with the letters' middle at the height ``middle``; returns where the text ends."""
        if not text:
            return left
        laid_out, width = self._laid_out(text)
        painter.setFont(self._font)
        painter.setPen(colour)
        painter.drawStaticText(QPointF(left, middle - self._below), laid_out)
        return left + width

    def _laid_out(self, text: str) -> tuple[QStaticText, float]:
        known = self._kept.get(text)
        if known is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            made = QStaticText(text)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.prepare(font=self._font)
            known = self._kept[text] = (made, self._metrics.horizontalAdvance(text))
        return known
