"""A week of tasks: seven days beside each other, tasks dragged (or moved by keys) between them."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QListView,
    QVBoxLayout,
    QWidget,
)

from salesdesk.moments import Zone
from salesdesk.services.task_lists import Item, Week
from salesdesk.text import ntr
from salesdesk.ui import formats, theme
from salesdesk.ui.tasks import words
from salesdesk.ui.tasks.model import MIME, TaskModel, dragged
from salesdesk.ui.tasks.paint import CardPainter
from salesdesk.ui.tasks.view import TaskView

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_FIRST, _LAST = date(1970, 1, 5).toordinal(), date(2199, 12, 31).toordinal()


def monday_of(day: int) -> int:
    """The first day of the week of a day, within the years that are counted in."""
    day = min(max(day, _FIRST), _LAST)
    return day - date.fromordinal(day).weekday()


class DayView(TaskView):
    """The tasks of a day. ``dropped(ids)``; ``stepped(by)``: the arrows lead to another day;
    ``shifted(by)``: with Shift they take the task along."""

    dropped = Signal(object)
    stepped = Signal(int)
    shifted = Signal(int)

    def __init__(self, name: str, tasks: TaskModel) -> None:
        super().__init__(name, tasks, CardPainter(tasks))
        self._lit = False
        self._pressed: QPoint | None = None
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setDragDropMode(QListView.DragDropMode.DragDrop)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        elif event.modifiers() & _SHIFT:
            self.shifted.emit(by)
        else:
            self.stepped.emit(by)

    def pressed_at(self, row: int, where: QPoint) -> None:
        self._pressed = where

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A card that is held and moved is dragged (Qt drags only what its selection has)."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._pressed = None
            super().mouseMoveEvent(event)
            return
        way = (event.position().toPoint() - self._pressed).manhattanLength()
        if way >= QApplication.startDragDistance():
            self._pressed = None
            self.startDrag(Qt.DropAction.MoveAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        super().mouseReleaseEvent(event)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        """Take the task under the pointer along, or all selected ones when it is one of them."""
        index = self.currentIndex()
        if not index.isValid():
            return
        drag = QDrag(self)
        drag.setMimeData(self.tasks.mimeData([index]))
        where = self.visualRect(index)
        drag.setPixmap(self.viewport().grab(where))
        drag.setHotSpot(QPoint(where.width() // 2, where.height() // 2))
        drag.exec(Qt.DropAction.MoveAction)

    def _light(self, on: bool) -> None:
        if on != self._lit:
            self._lit = on
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._lit:
            with QPainter(self.viewport()) as painter:
                painter.fillRect(self.viewport().rect(), theme.current().accent_soft)
        super().paintEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
            self._light(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(False)
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
            ids = dragged(event.mimeData())
            # When the drag is over: its end would close the form that opens.
            QTimer.singleShot(0, self, lambda: self.dropped.emit(ids))


class DayHead(QWidget):
    """The name of a day; today's in a soft pill; how many tasks it has at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._text = self._count = ""
        self._today = False
        self.setFixedHeight(theme.CONTROL_HEIGHT + theme.XS)
        theme.changed.connect(self.update)

    def show_day(self, text: str, count: int, today: bool) -> None:
        """What it says."""
        self._text, self._count = text, formats.whole(count) if count else ""
        self._today = today
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SECONDARY, bold=True))
        inside = self.rect().adjusted(theme.M, 0, -theme.M, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self._today:
            wide = painter.fontMetrics().horizontalAdvance(self._text) + 2 * theme.S
            box = QRectF(inside.left() - theme.S, self.height() / 2 - 11, wide, 22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.accent_soft)
            painter.drawRoundedRect(box, 11, 11)
        painter.setPen(look.accent if self._today else look.text)
        painter.drawText(inside, middle, self._text)
        painter.setFont(theme.font(theme.SMALL, tabular=True))
        painter.setPen(look.muted)
        painter.drawText(inside, middle | Qt.AlignmentFlag.AlignRight, self._count)
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.line)


class WeekView(QWidget):
    """``opened(item)``, ``menu_asked(place)``, ``moved(ids, day, place)``, ``ticked()``."""

    opened = Signal(object)
    menu_asked = Signal(QPoint)
    moved = Signal(object, int, QPoint)
    ticked = Signal()

    def __init__(
        self, zone: Zone, now: Callable[[], int], fetch: Callable[[Sequence[int]], list[Item]]
    ) -> None:
        super().__init__()
        self.setObjectName("tasks-week")
        self._zone, self._now = zone, now
        self.first_day = 0
        self.days: list[DayView] = []
        self.heads = [DayHead() for _ in range(7)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for at in range(7):
            model = TaskModel(zone, now, fetch, self)
            day = DayView(f"tasks-day-{at + 1}", model)
            self.days.append(day)
            self._wire(at, day)
            row.addWidget(self._column(at, day), 1)

    def _column(self, at: int, day: DayView) -> QWidget:
        column = QWidget()
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.heads[at])
        inside.addWidget(day, 1)
        holder = QWidget()
        beside = QHBoxLayout(holder)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(column, 1)
        if at < 6:
            edge = QFrame()
            edge.setProperty("role", "line")
            edge.setFixedWidth(1)
            beside.addWidget(edge)
        return holder

    def _wire(self, at: int, day: DayView) -> None:
        day.opened.connect(lambda row: self.opened.emit(day.tasks.item(row)))
        day.menu_asked.connect(lambda _row, place: self.menu_asked.emit(place))
        day.dropped.connect(lambda ids: self._drop(ids, at))
        day.stepped.connect(lambda by: self._step(at, by))
        day.shifted.connect(lambda by: self._shift(at, by))
        day.tasks.ticked.connect(self.ticked)

    def show_week(self, week: Week, team: bool) -> None:
        """Show a week; the keyboard stays where it is."""
        self.first_day = week.first_day
        for view, ids in zip(self.days, week.days, strict=True):
            view.painter.team = team
            view.tasks.set_ids(ids)
        self.retranslate()

    def retranslate(self) -> None:
        """Say the days anew."""
        today = self._zone.day_of(self._now())
        for at, (head, view) in enumerate(zip(self.heads, self.days, strict=True)):
            day, n = self.first_day + at, len(view.tasks.ids)
            if self.first_day:
                text = f"{formats.weekday(day)} {formats.day_short(day)}"
                head.show_day(text, n, day == today)
                tasks = ntr("{n} task", "{n} tasks", n)
                view.setAccessibleName(f"{words.whole_day(day)}, {tasks}")
            view.tasks.reword()

    # -- who is meant ---------------------------------------------------------------------------

    def current(self) -> DayView:
        """The day that has the keyboard, else the first one that has tasks."""
        focused = next((day for day in self.days if day.hasFocus()), None)
        if focused is None:
            focused = next((day for day in self.days if day.row() >= 0 and day.tasks.ids), None)
        return focused or self.days[0]

    def acted_on(self) -> list[int]:
        """What a command is about: all that is selected, else the task of the keyboard."""
        chosen = [key for day in self.days for key in day.tasks.chosen()]
        return chosen or self.current().acted_on()

    def items(self, ids: Sequence[int]) -> list[Item]:
        """The lines of these tasks."""
        wanted = set(ids)
        return [
            item
            for day in self.days
            for item in day.tasks.items([key for key in day.tasks.ids if key in wanted])
        ]

    def clear_ticks(self) -> None:
        """Select nothing."""
        for day in self.days:
            day.tasks.tick_all(False)

    def place(self) -> QPoint:
        """Where a form about what is meant opens."""
        view = self.current()
        return view.place_of(max(view.row(), 0))

    def focus_day(self, at: int) -> None:
        """Bring the keyboard to a day."""
        self.days[at].setFocus(Qt.FocusReason.OtherFocusReason)

    # -- moving -------------------------------------------------------------------------------

    def _step(self, at: int, by: int) -> None:
        if 0 <= at + by < 7:
            row = self.days[at].row()
            self.focus_day(at + by)
            self.days[at + by].go(max(row, 0))

    def _shift(self, at: int, by: int) -> None:
        ids = self.days[at].acted_on()
        if ids:
            view = self.days[at]
            self.moved.emit(ids, self.first_day + at + by, view.place_of(max(view.row(), 0)))

    def _drop(self, ids: list[int], at: int) -> None:
        place = self.days[at].mapToGlobal(QPoint(theme.S, theme.S))
        self.moved.emit(ids, self.first_day + at, place)
