"""Ratings as small bars: a criterion, how full it is of the best, the mean and how many rated."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from salesdesk.ui import theme

_ROW = 22
_BAR = 6
_NUMBER = 64
_STARTS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Bar:
    """A criterion: its name, the share of the best (0..1; None: not rated), and the number."""

    name: str
    share: float | None
    number: str


class RatingBars(QWidget):
    """``show_bars`` draws them anew, one below the other."""

    def __init__(self, name: str, label_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._label = label_width
        self._bars: tuple[Bar, ...] = ()
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[Bar], spoken: str) -> None:
        """Show these; ``spoken`` begins what a screen reader says."""
        self._bars = tuple(bars)
        said = ", ".join(f"{bar.name}: {bar.number}" for bar in bars)
        self.setAccessibleName(f"{spoken}: {said}")
        self.setToolTip(said)
        self.setFixedHeight(_ROW * len(bars))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            room = max(self.width() - self._label - _NUMBER - theme.S, 20)
            for at, bar in enumerate(self._bars):
                top = at * _ROW
                painter.setFont(theme.font())
                painter.setPen(now.muted)
                painter.drawText(QRect(0, top, self._label, _ROW), _STARTS, bar.name)
                track = QRectF(self._label, top + (_ROW - _BAR) / 2, room, _BAR)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(now.track)
                painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
                if bar.share:
                    painter.setBrush(now.accent)
                    track.setWidth(max(track.width() * bar.share, _BAR))
                    painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
                painter.setFont(theme.font(bold=bar.share is not None, tabular=True))
                painter.setPen(now.text if bar.share is not None else now.muted)
                where = QRect(self.width() - _NUMBER, top, _NUMBER, _ROW)
                painter.drawText(where, _STARTS, bar.number)
