"""The form inside the panel that adds a task."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salesdesk.services.dealview import Choices
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.taskforms.forms import Now, clock_text, has_focus, moment_at, read_clock
from salesdesk.ui.widgets.buttons import ComboButton, PrimaryButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, show_under

PICK = -1


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task to be added."""

    title: str
    kind_id: int | None
    assignee_id: int | None
    due_at: int


class AddTaskForm(QFrame):
    """Title, kind, assignee, day and time.

    ``wanted(Wanted)``; ``left()`` when it was closed with the focus in it.
    """

    wanted = Signal(object)
    left = Signal()

    def __init__(self, now: Callable[[], Now]) -> None:
        super().__init__()
        self.setObjectName("deal-add-task")
        self.setProperty("role", "card")
        self._now = now
        self._choices: Choices | None = None
        self._kind: int | None = None
        self._assignee: int | None = None
        self._day = 0
        self.title = QLineEdit()
        self.title.setObjectName("deal-add-task-title")
        self.title.returnPressed.connect(self.take)
        self.kind = ComboButton("", "deal-add-task-kind", "chip")
        self.assignee = ComboButton("", "deal-add-task-assignee", "chip")
        self.due = ComboButton("", "deal-add-task-due", "chip")
        self.kind.set_opens(self._kinds)
        self.assignee.set_opens(self._people)
        self.due.set_opens(self._days)
        self.clock = QLineEdit()
        self.clock.setObjectName("deal-add-task-time")
        self.clock.setProperty("look", "inline")
        self.clock.setFixedWidth(56)
        self.clock.returnPressed.connect(self.take)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.button = PrimaryButton("", "deal-add-task-ok", self.take)
        self._build()
        self.hide()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        column.setSpacing(theme.S)
        column.addWidget(self.title)
        pills = QWidget()
        flow = FlowLayout(pills, 6)
        pills.setStyleSheet(f"QPushButton {{ padding: 0 {theme.S}px; }}")
        for widget in (self.kind, self.assignee, self.due):
            flow.addWidget(widget)
        column.addWidget(pills)
        column.addWidget(self.problem)
        last = QHBoxLayout()
        last.addWidget(self.clock)
        last.addStretch(1)
        last.addWidget(self.button)
        column.addLayout(last)

    def begin(self, choices: Choices, assignee: int | None) -> None:
        """Open it for a deal; what was typed before stays."""
        self._choices = choices
        if self.isHidden():
            now = self._now()
            self._assignee, self._day = assignee, now.today + 1
            self.clock.setText(clock_text(now.closes))
        self.retranslate()
        self.show()
        self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Close it; the title that was typed is forgotten."""
        self.title.clear()
        self._kind = None
        self._say("")
        had_focus = has_focus(self)
        self.hide()
        if had_focus:
            self.left.emit()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.title.setPlaceholderText(tr("What is to be done?"))
        self.title.setAccessibleName(tr("What is to be done?"))
        self.clock.setAccessibleName(tr("Time"))
        self.button.set_text(tr("Add the task"))
        if self._choices is None:
            return
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        people = {each.id: each.name for each in self._choices.people}
        self.kind.setVisible(bool(kinds))
        self._show(self.kind, tr("Kind"), kinds.get(self._kind or 0, tr("Kind")))
        name = people.get(self._assignee or 0, tr("Nobody"))
        self._show(self.assignee, tr("Assignee"), name)
        self._show(self.due, tr("Day"), self._day_text())

    @staticmethod
    def _show(button: ComboButton, spoken: str, text: str) -> None:
        button.set_text(text, f"{spoken}: {text}")
        button.updateGeometry()

    def _day_text(self) -> str:
        distance = self._day - self._now().today
        near = {0: tr("Today"), 1: tr("Tomorrow")}
        return near.get(distance, formats.day_short(self._day))

    def _kinds(self) -> Picker:
        given = self._choices.task_kinds if self._choices is not None else ()
        options = [Option(each.id, each.name) for each in given]
        picker = Picker(options, "deal-kinds", tr("Kind"), self._kind, self)
        picker.picked.connect(self._on_kind)
        return picker

    def _people(self) -> Picker:
        given = self._choices.people if self._choices is not None else ()
        options = [Option(each.id, each.name) for each in given]
        picker = Picker(options, "deal-assignees", tr("Assignee"), self._assignee, self)
        picker.picked.connect(self._on_assignee)
        return picker

    def _days(self) -> Picker:
        now = self._now()
        options = [
            Option(now.today, tr("Today")), Option(now.today + 1, tr("Tomorrow")),
            Option(now.today + 3, tr("In 3 days")), Option(now.next_week, tr("Next week")),
            Option(PICK, tr("Choose a day…")),
        ]  # fmt: skip
        picker = Picker(options, "deal-days", tr("Day"), self._day, self)
        picker.picked.connect(self._on_day)
        return picker

    def _on_kind(self, kind: int) -> None:
        self._kind = kind
        self.retranslate()

    def _on_assignee(self, person: int) -> None:
        self._assignee = person
        self.retranslate()

    def _on_day(self, day: int) -> None:
        if day == PICK:
            from salesdesk.ui.widgets.calendar import calendar

            show_under(calendar("deal-days-month", tr("Day"), self._day, self._on_day, self),
                       self.due)  # fmt: skip
            return
        self._day = day
        self.retranslate()

    def take(self) -> None:
        """Add the task; an empty title takes the name of the kind."""
        kinds = {each.id: each.name for each in self._choices.task_kinds} if self._choices else {}
        title = self.title.text().strip() or kinds.get(self._kind or 0, "")
        try:
            if not title:
                raise ValueError(tr("A task needs a title."))
            due = moment_at(self._now().zone, self._day, read_clock(self.clock.text()))
        except ValueError as error:
            self._say(str(error))
            return
        self.wanted.emit(Wanted(title, self._kind, self._assignee, due))

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
