"""Lines of a panel that begin with a state: a mark that is pressed, and a text that opens more.

What is painted by hand here is painted once for tasks, payments and linked deals alike.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from salesdesk.ui import theme
from salesdesk.ui.theme import Theme
from salesdesk.ui.widgets import icons

ROW = 28
_DOT = 9
_MARK = 16
Colour = Callable[[Theme], QColor]


class Plain(QAbstractButton):
    """A painted button: Enter presses it too; repaints under the pointer and with the focus."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def lit(self) -> bool:
        """Whether it is under the pointer or has the focus."""
        return self.underMouse() or self.hasFocus()

    def paint_ground(self, painter: QPainter) -> None:
        """The ground and the frame of a line that is lit."""
        if self.lit():
            now = theme.current()
            painter.setPen(QPen(now.accent if self.hasFocus() else now.hover, 1))
            painter.setBrush(now.hover)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)


class Mark(NamedTuple):
    """How a state looks at rest; ``undoes``: a press takes it back."""

    look: Literal["disc", "ring", "check"]
    colour: Colour
    undoes: bool = False


class StateDot(Plain):
    """A state as a disc, a ring or a tick; lit it shows what a press does."""

    def __init__(self) -> None:
        super().__init__("")
        self._mark: Mark | None = None
        self.setFixedSize(_MARK, ROW - 4)

    def show_mark(self, mark: Mark, name: str, verb: str, what: str, state: str) -> None:
        """Stand for another state: ``verb`` is what a press does to ``what``."""
        self._mark = mark
        self.setObjectName(name)
        self.setAccessibleName(f"{verb}: {what}")
        self.setToolTip(f"{state} · {verb}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_MARK, ROW - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, mark = theme.current(), self._mark
        if mark is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.lit() or mark.look == "check":
                colour = now.accent if self.lit() else mark.colour(now)
                box = QRectF(0, (self.height() - _MARK) / 2, _MARK, _MARK)
                painter.setPen(QPen(colour, 1.2))
                painter.drawEllipse(box.adjusted(1, 1, -1, -1))
                sign = "undo" if self.lit() and mark.undoes else "check"
                icons.paint(painter, sign, box.adjusted(3.5, 3.5, -3.5, -3.5), colour)
                return
            box = QRectF(0, (self.height() - _DOT) / 2, _DOT, _DOT)
            if mark.look == "ring":
                painter.setPen(QPen(mark.colour(now), 1.5))
                painter.drawEllipse(box.adjusted(0.75, 0.75, -0.75, -0.75))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(mark.colour(now))
                painter.drawEllipse(box)


class Piece(NamedTuple):
    """A text with its colour."""

    text: str
    colour: Colour


class RowText(Plain):
    """``Send proposal`` with ``· today 18:00`` in grey behind it; what is behind has its room
    first, as long as two fifths are left for the text.

    ``folded_now`` says whether what belongs to the line is folded (None: there is nothing more);
    the right arrow asks to unfold it, the left one to fold it: ``folded(bool)``.
    """

    folded = Signal(bool)

    def __init__(self) -> None:
        super().__init__("")
        self.folded_now: bool | None = None
        self._front: Piece | None = None
        self._behind: Piece | None = None
        self._font = theme.font(theme.SECONDARY)
        self.setFixedHeight(ROW - 2)

    def show_pieces(
        self, name: str, front: Piece, behind: Piece, font: QFont, spoken: str, tip: str
    ) -> None:
        """Stand for another text."""
        self._front, self._behind, self._font = front, behind, font
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setToolTip(tip)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        folds = {Qt.Key.Key_Right: False, Qt.Key.Key_Left: True}.get(Qt.Key(event.key()))
        if folds is not None and self.folded_now is (not folds):
            self.folded.emit(folds)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(80, ROW - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._front is None or self._behind is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_ground(painter)
            room = self.rect().adjusted(theme.XS, 0, -theme.XS, 0)
            small = theme.font(theme.SECONDARY)
            painter.setFont(small)
            needed = painter.fontMetrics().horizontalAdvance(self._behind.text)
            most = max(room.width() - needed, room.width() * 2 // 5)
            painter.setFont(self._font)
            painter.setPen(self._front.colour(theme.current()))
            room.setLeft(room.left() + paint_cut(painter, room, self._front.text, most))
            painter.setFont(small)
            painter.setPen(self._behind.colour(theme.current()))
            paint_cut(painter, room, self._behind.text, room.width())


def paint_cut(painter: QPainter, room: QRect, text: str, most: int) -> int:
    """Write what of a text has its place in ``most`` pixels; returns how wide that is."""
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(most, 0))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)
    return painter.fontMetrics().horizontalAdvance(cut)


class StateRow(QWidget):
    """A state and its text. A row made once is used again for another one."""

    def __init__(self) -> None:
        super().__init__()
        self.dot = StateDot()
        self.text = RowText()
        self.line = QHBoxLayout()
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(0)
        self.line.addWidget(self.dot)
        self.line.addWidget(self.text, 1)

    def has_focus(self) -> bool:
        """Whether the keyboard is on this line."""
        return self.dot.hasFocus() or self.text.hasFocus()
