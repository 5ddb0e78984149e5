"""People with a bar each: plan and fact, or the points of a single day. A click explains one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salesdesk.services.levels import Level
from salesdesk.text import ntr
from salesdesk.ui import theme
from salesdesk.ui.ranking.paint import bar

_TALL, _LOW = 40, 30
_BAR = 8


@dataclass(frozen=True, slots=True)
class BarLine:
    """A person: ``share`` of the bar is filled (1 is the plan), ``pace`` marks where it should be;
    ``level`` colours it, None takes the accent."""

    person_id: int
    name: str
    text: str
    share: float
    level: Level | None = None
    pace: float | None = None
    note: str = ""
    tip: Callable[[], str] | None = None


def paint_line(painter: QPainter, where: QRectF, line: BarLine, look: theme.Theme) -> None:
    """A person's name, number and bar."""
    text = QRectF(where.left(), where.top(), where.width(), theme.L + 2)
    painter.setFont(theme.font(theme.BODY, bold=True, tabular=True))
    painter.setPen(look.text)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(text, right, line.text)
    taken = painter.fontMetrics().horizontalAdvance(line.text) + theme.S
    painter.setFont(theme.font(theme.BODY))
    metrics = painter.fontMetrics()
    room = text.width() - taken
    name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    left = metrics.horizontalAdvance(name) + theme.S
    painter.setFont(theme.font(theme.SMALL, tabular=True))
    if line.note and left + painter.fontMetrics().horizontalAdvance(line.note) <= room:
        painter.setPen(look.muted)
        note = text.adjusted(left, 0, -taken, 0)
        painter.drawText(note, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                         line.note)  # fmt: skip
    track = QRectF(where.left(), text.bottom() + 2, where.width(), _BAR)
    colour = look.accent if line.level is None else look.bar(line.level)
    bar(painter, track, line.share, colour, look)
    if line.pace is not None and 0 < line.pace < 1:
        x = track.left() + track.width() * line.pace
        painter.fillRect(QRectF(x - 1, track.top() - 2, 2, _BAR + 4), look.text)


def placed(room: QRectF, lines: Sequence[BarLine], count: int) -> list[tuple[QRectF, BarLine]]:
    """The people of ``count`` that fit in a room, with their places."""
    height = _TALL if count * _TALL <= room.height() else _LOW
    fits = int(room.height() // height)
    if count > fits:
        fits = max(int((room.height() - theme.L) // height), 1)
    return [
        (QRectF(room.left(), room.top() + at * height, room.width(), height), line)
        for at, line in enumerate(lines[:fits])
    ]


def paint_lines(
    painter: QPainter, room: QRectF, lines: Sequence[BarLine], count: int, look: theme.Theme
) -> None:
    """As many people as fit, and how many more there are."""
    places = placed(room, lines, count)
    for where, line in places:
        paint_line(painter, where, line, look)
    more = count - len(places)
    if more and places:
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(look.muted)
        below = QRectF(room.left(), places[-1][0].bottom(), room.width(), theme.L)
        painter.drawText(below, ntr("and {n} more", "and {n} more", more))


class BarList(QWidget):
    """As many people as fit, and how many more there are; ``picked(person_id)`` on a click."""

    picked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._lines: list[BarLine] = []
        self._count = 0
        self.setMouseTracking(True)
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_lines(self, lines: Sequence[BarLine], count: int, spoken: str) -> None:
        """Draw the first of ``count`` people anew; ``spoken`` is for a screen reader."""
        self._lines, self._count = list(lines), count
        self.setAccessibleName(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, _TALL * 5)

    def shown(self) -> list[tuple[QRectF, BarLine]]:
        """The people that fit, with their places."""
        return placed(QRectF(self.rect()), self._lines, self._count)

    def paintEvent(self, _event: QPaintEvent) -> None:
        room = QRectF(self.rect())
        paint_lines(QPainter(self), room, self._lines, self._count, theme.current())

    def _under(self, event: QMouseEvent | QHelpEvent) -> BarLine | None:
        at = event.position() if isinstance(event, QMouseEvent) else event.pos().toPointF()
        return next((line for where, line in self.shown() if where.contains(at)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hand = self._under(event) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        line = self._under(event)
        if line is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(line.person_id)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self._under(event)
            QToolTip.showText(
                event.globalPos(),
                line.tip() if line is not None and line.tip is not None else "",
                self,
            )
            return True
        return super().event(event)
