"""The few numbers at the head of a panel."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from salesdesk.ui import theme

_HEIGHT = 46


class Figures(QWidget):
    """Some numbers side by side, each with what it is below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFixedHeight(_HEIGHT)
        self._pairs: list[tuple[str, str]] = []
        theme.changed.connect(self.update)

    def show_pairs(self, pairs: list[tuple[str, str]]) -> None:
        """Show these; amounts take more of the room than counts."""
        self._pairs = pairs
        self.setAccessibleName(", ".join(f"{what}: {figure}" for figure, what in pairs))
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.quiet)
            painter.drawRoundedRect(self.rect(), theme.RADIUS, theme.RADIUS)
            left, gap = float(theme.M), float(theme.L)
            wides = [self._needs(figure, what) for figure, what in self._pairs]
            room = self.width() - 2 * theme.M - gap * (len(wides) - 1)
            share = min(1.0, room / max(sum(wides), 1))
            gap += max(0.0, room - sum(wides)) / max(len(wides) - 1, 1)
            for (figure, what), wide in zip(self._pairs, wides, strict=True):
                self._pair(painter, round(left), round(wide * share), figure, what)
                left += wide * share + gap

    @staticmethod
    def _needs(figure: str, what: str) -> int:
        above = QFontMetrics(theme.font(theme.BODY, bold=True, tabular=True))
        below = QFontMetrics(theme.font(theme.SMALL))
        return max(above.horizontalAdvance(figure), below.horizontalAdvance(what)) + 2

    @staticmethod
    def _pair(painter: QPainter, left: int, wide: int, figure: str, what: str) -> None:
        now, cut = theme.current(), Qt.TextElideMode.ElideRight
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.font(theme.BODY, bold=True, tabular=True))
        painter.setPen(now.text)
        shown = painter.fontMetrics().elidedText(figure, cut, wide)
        painter.drawText(left, 5, wide, 20, flags, shown)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(now.muted)
        shown = painter.fontMetrics().elidedText(what, cut, wide)
        painter.drawText(left, 24, wide, 16, flags, shown)
