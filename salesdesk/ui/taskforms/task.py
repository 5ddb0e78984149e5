"""The fields that every form for a new task has: title, kind, assignee, day and time."""

from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services.dealview import Choices
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.taskforms.forms import Form, Now, clock_text, moment_at, read_clock
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.popup import Option, Picker

_NOBODY = 0


class Filled(NamedTuple):
    """What stands in the fields; the due moment in microseconds UTC."""

    title: str
    kind_id: int | None
    assignee_id: int | None
    due_at: int


class TaskForm(Form):
    """A form for a new task; an empty title takes the name of the kind.

    ``nobody`` says who gets the task when no person is chosen; ``may_be_nobody``: that can be
    chosen again. What else is asked for goes into ``about``, below the title.
    """

    given = Signal(object)

    def __init__(
        self, name: str, title: str, now: Now, choices: Choices, assignee: int | None,
        nobody: str, may_be_nobody: bool, about: QWidget | None, parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(name, title, tr("Add the task"), parent)
        self._now, self._choices = now, choices
        self._nobody, self._may_be_nobody = nobody, may_be_nobody
        self._kind: int | None = None
        self._assignee = assignee or _NOBODY
        self.title = self.line("title", tr("What is to be done?"), "", tr("What is to be done?"))
        self.inside.addWidget(self.title)
        if about is not None:
            self.inside.addWidget(about)
        self.kind = ComboButton("", f"{name}-kind", "chip")
        self.kind.set_opens(self._kinds)
        self.assignee = ComboButton("", f"{name}-assignee", "chip")
        self.assignee.set_opens(self._people)
        pills = QWidget()
        flow = FlowLayout(pills, 6)
        flow.addWidget(self.kind)
        flow.addWidget(self.assignee)
        self.inside.addWidget(pills)
        # Not before it stands here: shown on its own it would be a window and close this one.
        self.kind.setVisible(bool(choices.task_kinds))
        self.day, row = self.day_row("day", tr("Day"), now.next_working, now.today)
        self.clock = self.line("time", tr("Time"), clock_text(now.closes))
        self.clock.setFixedWidth(72)
        row.addWidget(self.clock)
        self.inside.addLayout(row)
        self._show_pills()

    def _show_pills(self) -> None:
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        people = {each.id: each.name for each in self._choices.people}
        kind = kinds.get(self._kind or 0, tr("Kind"))
        self.kind.set_text(kind, f"{tr('Kind')}: {kind}")
        name = people.get(self._assignee, self._nobody)
        self.assignee.set_text(name, f"{tr('Assignee')}: {name}")
        for button in (self.kind, self.assignee):
            button.updateGeometry()

    def _kinds(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.task_kinds]
        picker = Picker(options, f"{self.objectName()}-kinds", tr("Kind"), self._kind, self)
        picker.picked.connect(self._on_kind)
        return picker

    def _people(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.people]
        if self._may_be_nobody:
            options.insert(0, Option(_NOBODY, self._nobody))
        name = f"{self.objectName()}-people"
        picker = Picker(options, name, tr("Assignee"), self._assignee, self)
        picker.picked.connect(self._on_assignee)
        return picker

    def _on_kind(self, kind: int) -> None:
        self._kind = kind
        self._show_pills()

    def _on_assignee(self, person: int) -> None:
        self._assignee = person
        self._show_pills()

    def filled(self) -> Filled:
        """The fields as they are; raises ValueError with what is wrong."""
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        title = self.title.text().strip() or kinds.get(self._kind or 0, "")
        if not title:
            raise ValueError(tr("A task needs a title."))
        day = formats.read_day(self.day.text(), self._now.today)
        due = moment_at(self._now.zone, day, read_clock(self.clock.text()))
        return Filled(title, self._kind, self._assignee or None, due)

    def give(self, answer: Any) -> None:
        self.given.emit(answer)
