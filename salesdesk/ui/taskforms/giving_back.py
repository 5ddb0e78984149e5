"""What is missing in tasks that are given back, and until when, where they were due already."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from salesdesk.services.tasks import TaskLine
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.taskforms.forms import Form, Now, clock_text, moment_at, read_clock
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import show_under


class GivenBack(NamedTuple):
    """The answer: what is missing, and the due moment of those that are late (None: none is)."""

    remark: str
    due_at: int | None


class GiveBackForm(Form):
    """A remark for ``tasks``; where one of them was due before now also a day and a time, at first
    when the next working day ends. ``given(GivenBack)``; Ctrl+Enter takes it from the remark."""

    given = Signal(object)

    def __init__(
        self, name: str, tasks: Sequence[TaskLine], now: Now, *, parent: QWidget | None = None
    ) -> None:
        title = _title(tasks)
        super().__init__(name, title, tr("Give back"), parent)
        self._now = now
        self.field = QPlainTextEdit()
        self.field.setObjectName(f"{name}-text")
        self.field.setAccessibleName(title)
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(72)
        self.field.installEventFilter(self)
        self.starts_at(self.field)
        self.inside.addWidget(self.field)
        self.day: QLineEdit | None = None
        self.clock: QLineEdit | None = None
        if any(task.due_at is not None and task.due_at <= now.moment for task in tasks):
            self._ask_when(name)

    def _ask_when(self, name: str) -> None:
        self.inside.addWidget(label(tr("New due date"), "muted"))
        self.day = self.line("day", tr("Day"), formats.day(self._now.next_working))
        self.clock = self.line("time", tr("Time"), clock_text(self._now.closes))
        self.clock.setFixedWidth(72)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.day, 1)
        row.addWidget(
            IconButton("calendar", tr("Choose in the calendar"), f"{name}-calendar", self._pick)
        )
        row.addWidget(self.clock)
        self.inside.addLayout(row)

    def _pick(self) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        if self.day is None:
            return
        try:
            chosen = formats.read_day(self.day.text(), self._now.today)
        except ValueError:
            chosen = self._now.today
        name = f"{self.objectName()}-month"
        show_under(calendar(name, tr("Day"), chosen, self._on_picked, self), self.day)

    def _on_picked(self, day: int) -> None:
        if self.day is not None:
            self.day.setText(formats.day(day))

    def read(self) -> GivenBack:
        remark = self.field.toPlainText().strip()
        if not remark:
            raise ValueError(tr("Say what is missing."))
        if self.day is None or self.clock is None:
            return GivenBack(remark, None)
        day = formats.read_day(self.day.text(), self._now.today)
        due = moment_at(self._now.zone, day, read_clock(self.clock.text()))
        if due <= self._now.moment:
            raise ValueError(tr("Choose a later moment than now."))
        return GivenBack(remark, due)

    def give(self, answer: GivenBack) -> None:
        self.given.emit(answer)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        return super().eventFilter(watched, event)


def _title(tasks: Sequence[TaskLine]) -> str:
    if len(tasks) == 1:
        return tr("What is missing in “{title}”?", title=tasks[0].title)
    return ntr("What is missing in {n} task?", "What is missing in {n} tasks?", len(tasks))
