"""A large button of the welcome page: an icon, what it does, and a line about it."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets import icons

_PAD, _PICTURE = 14, 20
_LEFT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class ChoiceButton(QPushButton):
    """A title beside an icon, and ``lines`` lines about it below."""

    def __init__(
        self, icon: str, name: str, run: Callable[[], object], lines: int = 1,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._icon, self._title, self._about, self._lines = icon, "", "", lines
        self.setObjectName(name)
        self.setProperty("look", "choice")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: run())  # noqa: PLW0108 - without the bool

    def set_texts(self, title: str, about: str) -> None:
        """What it does, and a line about it."""
        self._title, self._about = title, about
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self._tip()
        self.update()

    def sizeHint(self) -> QSize:
        title = QFontMetrics(theme.font(theme.BODY, bold=True)).height()
        about = QFontMetrics(theme.font(theme.SECONDARY)).height()
        return QSize(240, title + self._lines * about + 2 * theme.M + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: object) -> None:
        self._tip()

    def _room(self) -> int:
        return self.width() - 2 * _PAD - _PICTURE - theme.M

    def _tip(self) -> None:
        """The whole text as a tool tip where it does not fit."""
        wide = QFontMetrics(theme.font(theme.SECONDARY)).horizontalAdvance(self._about)
        self.setToolTip(self._about if wide > self._lines * self._room() * 0.9 else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            lit = self.isChecked() or self.isDown()
            edge = now.accent if lit or self.hasFocus() else now.line
            ground = now.accent_soft if lit else now.hover if self.underMouse() else now.surface
            painter.setPen(QPen(edge, 1.5 if self.hasFocus() else 1))
            painter.setBrush(ground)
            box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
            strong, small = theme.font(theme.BODY, bold=True), theme.font(theme.SECONDARY)
            high = QFontMetrics(strong).height()
            left, room = _PAD + _PICTURE + theme.M, self._room()
            text = self._words(QFontMetrics(small), room)
            low = text.count("\n") + 1
            whole = high + 2 + low * QFontMetrics(small).height()
            top = (self.height() - whole) / 2
            where = QRectF(_PAD, top + (high - _PICTURE) / 2 + 1, _PICTURE, _PICTURE)
            if self._lines == 1:
                where.moveTop((self.height() - _PICTURE) / 2)
            icons.paint(painter, self._icon, where, now.accent if self.isEnabled() else now.faint)
            painter.setFont(strong)
            painter.setPen(now.text if self.isEnabled() else now.muted)
            shown = QFontMetrics(strong).elidedText(self._title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, top, room, high), _LEFT, shown)
            painter.setFont(small)
            painter.setPen(now.muted)
            painter.drawText(QRectF(left, top + high + 2, room, whole - high), _LEFT, text)

    def _words(self, metrics: QFontMetrics, room: int) -> str:
        """What is said about it in as many lines as there are; the last one elided."""
        found: list[str] = []
        words = self._about.split()
        while words and len(found) < self._lines - 1:
            taken = [words.pop(0)]
            while words and metrics.horizontalAdvance(" ".join([*taken, words[0]])) <= room:
                taken.append(words.pop(0))
            found.append(" ".join(taken))
        if words:
            rest = " ".join(words)
            found.append(metrics.elidedText(rest, Qt.TextElideMode.ElideRight, room))
        return "\n".join(found)
