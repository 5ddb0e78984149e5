"""The legend of a chart: its entries switch lines on and off, by mouse and keyboard."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.ranking.chartdata import COLOURS, PersonLine
from salesdesk.ui.widgets.popup import menu

_ROW, _DOT, _MOST_ROWS = 20, 7, 2
_MORE = -1


class Legend(QWidget):
    """``switched()`` when a person shows or hides lines; ``shown(person_id)`` says which are."""

    switched = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._lines: list[PersonLine] = []
        self._wanted: dict[int, bool] = {}
        self._at = 0
        self._strong: int | None = None
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_lines(self, lines: Sequence[PersonLine]) -> None:
        """Other lines; who was switched stays so. At first as many are shown as have colours."""
        self._lines = list(lines)
        self._at = min(self._at, max(len(self._lines) - 1, 0))
        self._say()
        self.updateGeometry()
        self.update()

    def shown(self, person_id: int) -> bool:
        """Whether a person's line is to be drawn."""
        at = next((at for at, one in enumerate(self._lines) if one.person_id == person_id), 0)
        return self._wanted.get(person_id, at < COLOURS or person_id == self._strong)

    def set_strong(self, person_id: int | None) -> None:
        """Whose line is drawn stronger: shown too, unless a person has hidden it."""
        self._strong = person_id
        self._say()
        self.update()

    def toggle(self, person_id: int) -> None:
        """Show or hide a line."""
        self._wanted[person_id] = not self.shown(person_id)
        self._tell()

    def only(self, person_id: int) -> None:
        """Show this line alone; when it is alone, all of them again."""
        alone = [one.person_id for one in self._lines if self.shown(one.person_id)] == [person_id]
        self._wanted = {one.person_id: alone or one.person_id == person_id for one in self._lines}
        self._tell()

    def _tell(self) -> None:
        self._say()
        self.update()
        self.switched.emit()

    def _say(self) -> None:
        """The entry of the keyboard in words."""
        said = tr("Lines of the chart")
        if self._lines:
            line = self._lines[self._at]
            state = tr("shown") if self.shown(line.person_id) else tr("hidden")
            said = f"{said}: {line.name}, {state}"
        self.setAccessibleName(said)

    # -- places -------------------------------------------------------------------------------

    def places(self, width: float) -> list[tuple[QRectF, int]]:
        """The entries with their places: the number of the line, or -1 for "and n more"."""
        metrics = QFontMetricsF(theme.font(theme.SECONDARY))
        more = metrics.horizontalAdvance(self._more_text(len(self._lines))) + theme.M
        found: list[tuple[QRectF, int]] = []
        x, row = 0.0, 0
        for at, line in enumerate(self._lines):
            wide = _DOT + theme.XS + 2 + metrics.horizontalAdvance(line.name)
            last = at == len(self._lines) - 1
            room = width - (more if row == _MOST_ROWS - 1 and not last else 0)
            if x and x + wide > room:
                if row == _MOST_ROWS - 1:
                    found.append((QRectF(x, row * _ROW, more, _ROW), _MORE))
                    break
                x, row = 0.0, row + 1
            found.append((QRectF(x, row * _ROW, wide, _ROW), at))
            x += wide + theme.M
        return found

    def _more_text(self, count: int) -> str:
        return ntr("and {n} more", "and {n} more", count)

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.heightForWidth(self.width()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self.places(width)
        return int(places[-1][0].bottom()) if places else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self.draw(painter, self.width(), theme.current())
            if self.hasFocus() and self._lines:
                where = next((w for w, at in self.places(self.width()) if at == self._at), None)
                if where is not None:
                    painter.setPen(QPen(theme.current().accent, 1.2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    box = where.adjusted(-3, 1.5, 3, -1.5).intersected(QRectF(self.rect()))
                    painter.drawRoundedRect(box.adjusted(0.6, 0, -0.6, 0), theme.XS, theme.XS)

    def draw(self, painter: QPainter, width: float, look: theme.Theme) -> None:
        """Paint the entries on any painter."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self.places(width)
        for where, at in places:
            painter.setFont(theme.font(theme.SECONDARY))
            if at == _MORE:
                painter.setPen(look.muted)
                said = self._more_text(len(self._lines) - len(places) + 1)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, said)
                continue
            line = self._lines[at]
            on, colour = self.shown(line.person_id), look.line_of(line.colour)
            dot = QRectF(where.left(), where.top() + 6.5, _DOT, _DOT)
            painter.setPen(QPen(colour if on else look.faint, 1.2))
            painter.setBrush(colour if on else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot if on else dot.adjusted(0.6, 0.6, -0.6, -0.6))
            painter.setPen(look.text if on else look.muted)
            name = where.adjusted(_DOT + theme.XS + 2, 0, theme.S, 0)
            painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, line.name)
            if not on:
                middle = where.center().y() + 0.5
                painter.setPen(QPen(look.faint, 1))
                painter.drawLine(QPointF(name.left(), middle), QPointF(where.right(), middle))

    # -- mouse and keyboard -------------------------------------------------------------------

    def _under(self, where: QPointF) -> int | None:
        places = self.places(self.width())
        return next((at for box, at in places if box.adjusted(-4, 0, 4, 0).contains(where)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hand = self._under(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._under(event.position())
        if at is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if at == _MORE:
            self._open_more()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.only(self._lines[at].person_id)
        else:
            self.toggle(self._lines[at].person_id)

    def _open_more(self) -> None:
        seen = len(self.places(self.width())) - 1
        entries = [
            (str(one.person_id), one.name, lambda one=one: self.toggle(one.person_id))
            for one in self._lines[seen:]
        ]
        made = menu(entries, f"{self._name}-more", self)
        for action, one in zip(made.actions(), self._lines[seen:], strict=True):
            action.setCheckable(True)
            action.setChecked(self.shown(one.person_id))
        made.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if not self._lines:
            super().keyPressEvent(event)
        elif key in step:
            self._at = min(max(self._at + step[key], 0), len(self._lines) - 1)
            self._say()
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            person = self._lines[self._at].person_id
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.only if held else self.toggle)(person)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            over = self._under(QPointF(event.pos()))
            tip = tr("Click: show or hide. Ctrl and click: this one alone, or all again.")
            QToolTip.showText(event.globalPos(), tip if over is not None else "", self)
            return True
        return super().event(event)
