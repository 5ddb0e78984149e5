"""Texts in one font, laid out once where they are seen again: many words stand in the list from key
to key, and laying out a text to keep it takes twice as long as drawing it."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

_KEPT = 1_500


class Letters:
    """Measures and draws in ``font``."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._below = self._metrics.height() / 2
        self._base = self._metrics.ascent() - self._below
        self._widths: dict[str, float] = {}
        #: None: drawn once
        self._kept: dict[str, QStaticText | None] = {}

    def width(self, text: str) -> float:
        """How far the pen goes on, in device-independent pixels."""
        known = self._widths.get(text)
        if known is None:
            if len(self._widths) >= _KEPT:
                self._widths.clear()
            known = self._widths[text] = self._metrics.horizontalAdvance(text)
        return known

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
        painter.setFont(self._font)
        painter.setPen(colour)
        if text in self._kept:
            painter.drawStaticText(QPointF(left, middle - self._below), self._laid_out(text))
        else:
            self._keep(text, None)
            painter.drawText(QPointF(left, middle + self._base), text)
        return left + self.width(text)

    def _laid_out(self, text: str) -> QStaticText:
        known = self._kept[text]
        if known is None:
            known = QStaticText(text)
            known.setTextFormat(Qt.TextFormat.PlainText)
            known.prepare(font=self._font)
            self._keep(text, known)
        return known

    def _keep(self, text: str, laid_out: QStaticText | None) -> None:
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[text] = laid_out
