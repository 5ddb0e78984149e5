"""The form that adds a task for a deal, for a client, or for neither."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from salesdesk.services.dealview import Choices
from salesdesk.services.tasks import NewTask
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.taskforms.forms import Now
from salesdesk.ui.taskforms.subject import Subject, SubjectPicker
from salesdesk.ui.taskforms.task import TaskForm
from salesdesk.ui.widgets.buttons import ComboButton

_WIDTH = 360


class NewTaskForm(TaskForm):
    """``given(NewTask)``; an empty title takes the name of the kind."""

    def __init__(
        self, context: Context, now: Now, choices: Choices, assignee: int | None,
        subject: Subject | None = None, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        self.subject = ComboButton("", "new-task-subject", "plain")
        super().__init__(
            "new-task", tr("New task"), now, choices, assignee, tr("Nobody"), False, self.subject,
            parent,
        )  # fmt: skip
        self.setFixedWidth(_WIDTH)
        self._context = context
        self.subject.set_opens(self._subjects)
        self._on_subject(subject or Subject())

    def _on_subject(self, subject: Subject) -> None:
        none = subject.deal_id is None and subject.client_id is None
        self._subject = Subject() if none else subject
        about = self._subject.title or tr("For which deal or client?")
        room = self.subject.fontMetrics().elidedText(
            about, Qt.TextElideMode.ElideRight, _WIDTH - 4 * theme.XL
        )
        self.subject.set_text(room, f"{tr('Deal or client')}: {about}")

    def _subjects(self) -> SubjectPicker:
        picker = SubjectPicker(self._context, "new-task-subjects", self)
        picker.picked.connect(self._on_subject)
        return picker

    def read(self) -> NewTask:
        task, about = self.filled(), self._subject
        return NewTask(
            task.title, about.deal_id, about.client_id, task.assignee_id, task.due_at, task.kind_id
        )
