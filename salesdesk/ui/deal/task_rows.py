"""The line of one task: its state, its text, who has it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from salesdesk.services.tasks import TaskLine
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.deal import words
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.avatar import Avatar

_ROW = 28
_DOT = 9
_AVATAR = 18


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
        return self.underMouse() or self.hasFocus()


class StateDot(Plain):
    """The state of a task as a disc or a ring; a press completes the task (or opens it again)."""

    def __init__(self) -> None:
        super().__init__("")
        self._task: TaskLine | None = None
        self.setFixedSize(16, _ROW - 4)

    def show_task(self, task: TaskLine) -> None:
        """Stand for this task from now on."""
        self._task = task
        self.setObjectName(f"deal-task-{task.id}-state")
        verb = tr("Complete") if task.state == "open" else tr("Open again")
        self.setAccessibleName(f"{verb}: {task.title}")
        self.setToolTip(f"{words.task_state(task)} · {verb}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(16, _ROW - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, task = theme.current(), self._task
        if task is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(0, (self.height() - 16) / 2, 16, 16)
        if self.lit() or task.state == "done":
            colour = now.accent if self.lit() else now.muted
            painter.setPen(QPen(colour if self.lit() else now.line, 1.2))
            painter.drawEllipse(middle.adjusted(1, 1, -1, -1))
            mark = "check" if (task.state == "open") != (task.state == "done") else "undo"
            icons.paint(painter, mark, middle.adjusted(3.5, 3.5, -3.5, -3.5), colour)
            return
        box = QRectF(0, (self.height() - _DOT) / 2, _DOT, _DOT)
        if task.shown in ("waiting", "cancelled"):
            painter.setPen(QPen(now.faint, 1.5))
            painter.drawEllipse(box.adjusted(0.75, 0.75, -0.75, -0.75))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.dot(task.shown))
            painter.drawEllipse(box)


class TaskText(Plain):
    """``Send proposal · today 18:00 · auto``; a press opens what can be done with the task."""

    def __init__(self) -> None:
        super().__init__("")
        self._task: TaskLine | None = None
        self._meta = ""
        self.setFixedHeight(_ROW - 2)

    def show_task(self, task: TaskLine, meta: str) -> None:
        """Stand for this task from now on."""
        self._task, self._meta = task, meta
        self.setObjectName(f"deal-task-{task.id}-text")
        spoken = f"{task.title}, {words.task_state(task)}, {meta}"
        self.setAccessibleName(f"{spoken}, {task.assignee}" if task.assignee else spoken)
        lines = [task.title, meta, task.assignee or ""]
        self.setToolTip("\n".join(filter(None, [*lines, task.result])))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, _ROW - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, task = theme.current(), self._task
        if task is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.lit():
            painter.setPen(QPen(now.accent if self.hasFocus() else now.hover, 1))
            painter.setBrush(now.hover)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        room = self.rect().adjusted(theme.XS, 0, -theme.XS, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        small, body = theme.font(theme.SECONDARY), theme.font(theme.SECONDARY)
        body.setStrikeOut(task.state == "cancelled")
        painter.setFont(body)
        wide = painter.fontMetrics().horizontalAdvance(task.title)
        behind = f" · {self._meta}"
        meta_wide = painter.fontMetrics().horizontalAdvance(behind)
        most = max(room.width() - meta_wide, room.width() * 2 // 5)
        elide = Qt.TextElideMode.ElideRight
        title = painter.fontMetrics().elidedText(task.title, elide, most)
        painter.setPen(now.text if task.state == "open" else now.muted)
        painter.drawText(room, middle, title)
        room.setLeft(room.left() + min(wide, painter.fontMetrics().horizontalAdvance(title)))
        painter.setFont(small)
        late = task.shown == "overdue"
        painter.setPen(now.bad if late else now.muted)
        painter.drawText(
            room, middle, painter.fontMetrics().elidedText(behind, elide, room.width())
        )


class TaskRow(QWidget):
    """State, text, and the assignee where that is not the responsible person. A row that was made
    once is used again for another task: what costs is the making."""

    def __init__(self) -> None:
        super().__init__()
        self.task: TaskLine | None = None
        self.dot = StateDot()
        self.text = TaskText()
        self._avatar: Avatar | None = None
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)
        self._line.addWidget(self.dot)
        self._line.addWidget(self.text, 1)
        self.setFixedHeight(_ROW)

    def show_task(self, task: TaskLine, meta: str, owner_id: int | None) -> None:
        """Stand for this task from now on, in a deal that ``owner_id`` is responsible for."""
        self.task = task
        self.setObjectName(f"deal-task-{task.id}")
        self.dot.show_task(task)
        self.text.show_task(task, meta)
        told = task.assignee_id != owner_id or task.assignee is None
        if told and self._avatar is None:
            self._avatar = Avatar(size=_AVATAR, parent=self)
            self._line.addWidget(self._avatar)
        if self._avatar is not None:
            self._avatar.set_person(task.assignee, task.assignee_id or 0)
            self._avatar.setVisible(told)
