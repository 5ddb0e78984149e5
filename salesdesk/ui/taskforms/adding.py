"""The form that adds a task for a deal, for a client, or for neither."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services.dealview import Choices
from salesdesk.services.tasks import NewTask
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.taskforms.forms import Form, Now, clock_text, moment_at, read_clock
from salesdesk.ui.taskforms.subject import Subject, SubjectPicker
from salesdesk.ui.widgets.buttons import ComboButton, IconButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.popup import Option, Picker, show_under

_WIDTH = 360


class NewTaskForm(Form):
    """``given(NewTask)``; an empty title takes the name of the kind."""

    given = Signal(object)

    def __init__(
        self, context: Context, now: Now, choices: Choices, assignee: int | None,
        subject: Subject | None = None, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__("new-task", tr("New task"), tr("Add the task"), parent)
        self.setFixedWidth(_WIDTH)
        self._context, self._now, self._choices = context, now, choices
        self._kind: int | None = None
        self._assignee = assignee
        self._subject = subject or Subject()
        self.title = self.line("title", tr("What is to be done?"), "", tr("What is to be done?"))
        self.inside.addWidget(self.title)
        self.subject = ComboButton("", "new-task-subject", "plain")
        self.subject.set_opens(self._subjects)
        self.inside.addWidget(self.subject)
        self.kind = ComboButton("", "new-task-kind", "chip")
        self.kind.set_opens(self._kinds)
        self.assignee = ComboButton("", "new-task-assignee", "chip")
        self.assignee.set_opens(self._people)
        pills = QWidget()
        flow = FlowLayout(pills, 6)
        flow.addWidget(self.kind)
        flow.addWidget(self.assignee)
        self.inside.addWidget(pills)
        # Not before it stands here: shown on its own it would be a window and close this one.
        self.kind.setVisible(bool(choices.task_kinds))
        self.day = self.line("day", tr("Day"), formats.day(now.next_working))
        self.clock = self.line("time", tr("Time"), clock_text(now.closes))
        self._add_when()
        self._show()

    def _add_when(self) -> None:
        self.clock.setFixedWidth(72)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.day, 1)
        row.addWidget(
            IconButton("calendar", tr("Choose in the calendar"), "new-task-calendar", self._pick)
        )
        row.addWidget(self.clock)
        self.inside.addLayout(row)

    def _pick(self) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        try:
            chosen = formats.read_day(self.day.text(), self._now.today)
        except ValueError:
            chosen = self._now.today

        def picked(day: int) -> None:
            self.day.setText(formats.day(day))

        show_under(calendar("new-task-month", tr("Day"), chosen, picked, self), self.day)

    def _show(self) -> None:
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        people = {each.id: each.name for each in self._choices.people}
        kind = kinds.get(self._kind or 0, tr("Kind"))
        self.kind.set_text(kind, f"{tr('Kind')}: {kind}")
        name = people.get(self._assignee or 0, tr("Nobody"))
        self.assignee.set_text(name, f"{tr('Assignee')}: {name}")
        about = self._subject.title or tr("For which deal or client?")
        room = self.subject.fontMetrics().elidedText(
            about, Qt.TextElideMode.ElideRight, _WIDTH - 4 * theme.XL
        )
        self.subject.set_text(room, f"{tr('Deal or client')}: {about}")
        for button in (self.kind, self.assignee):
            button.updateGeometry()

    def _subjects(self) -> SubjectPicker:
        picker = SubjectPicker(self._context, "new-task-subjects", self)
        picker.picked.connect(self._on_subject)
        return picker

    def _on_subject(self, subject: Subject) -> None:
        none = subject.deal_id is None and subject.client_id is None
        self._subject = Subject() if none else subject
        self._show()

    def _kinds(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.task_kinds]
        picker = Picker(options, "new-task-kinds", tr("Kind"), self._kind, self)
        picker.picked.connect(self._on_kind)
        return picker

    def _people(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.people]
        picker = Picker(options, "new-task-people", tr("Assignee"), self._assignee, self)
        picker.picked.connect(self._on_assignee)
        return picker

    def _on_kind(self, kind: int) -> None:
        self._kind = kind
        self._show()

    def _on_assignee(self, person: int) -> None:
        self._assignee = person
        self._show()

    def read(self) -> NewTask:
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        title = self.title.text().strip() or kinds.get(self._kind or 0, "")
        if not title:
            raise ValueError(tr("A task needs a title."))
        day = formats.read_day(self.day.text(), self._now.today)
        due = moment_at(self._now.zone, day, read_clock(self.clock.text()))
        about = self._subject
        return NewTask(title, about.deal_id, about.client_id, self._assignee, due, self._kind)

    def give(self, answer: Any) -> None:
        self.given.emit(answer)
