"""Forms of the control desk: an absence, and a task for each of many deals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from salesdesk.services.absences import Absence
from salesdesk.services.dealview import Choices
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.taskforms.forms import Form, Now, clock_text, moment_at, read_clock
from salesdesk.ui.widgets.buttons import ComboButton, IconButton
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, show_under

_WIDTH = 340
_NOBODY = 0


class Sheet(Form):
    """A form with fields for days."""

    def __init__(
        self, name: str, title: str, button: str, now: Now, parent: QWidget | None
    ) -> None:
        super().__init__(name, title, button, parent)
        self._now = now
        self.setFixedWidth(_WIDTH)

    def day_line(self, name: str, accessible: str, day: int) -> tuple[QLineEdit, QHBoxLayout]:
        """A field for a day, and the row in which it stands before a calendar."""
        field = self.line(name, accessible, formats.day(day))
        row = QHBoxLayout()
        row.setSpacing(theme.XS)
        row.addWidget(field, 1)
        opener = f"{self.objectName()}-{name}-calendar"
        row.addWidget(
            IconButton("calendar", tr("Choose in the calendar"), opener, lambda: self._pick(field))
        )
        return field, row

    def _pick(self, field: QLineEdit) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        try:
            chosen = formats.read_day(field.text(), self._now.today)
        except ValueError:
            chosen = self._now.today
        month = calendar(f"{self.objectName()}-month", tr("Day"), chosen,
                         lambda day: field.setText(formats.day(day)), self)  # fmt: skip
        show_under(month, field)


class AbsenceSheet(Sheet):
    """Who is away, from when to when, who stands in;
    ``given(person, first day, last day, substitute or None)``."""

    given = Signal(int, int, int, object)

    def __init__(
        self, now: Now, people: list[tuple[int, str]], absence: Absence | None, parent: QWidget
    ) -> None:
        title = tr("Who is away?") if absence is None else tr("Change the absence")
        button = tr("Add") if absence is None else tr("Save")
        super().__init__("control-absence", title, button, now, parent)
        self._people = people
        self._who = absence.person_id if absence is not None else _NOBODY
        self._substitute = (absence.substitute_id or _NOBODY) if absence is not None else _NOBODY
        self.who = ComboButton("", "control-absence-who", "plain")
        self.who.set_opens(lambda: self._picker("who"))
        self.who.setEnabled(absence is None)
        self.substitute = ComboButton("", "control-absence-substitute", "plain")
        self.substitute.set_opens(lambda: self._picker("substitute"))
        self.inside.addWidget(self.who)
        first = absence.first_day if absence is not None else now.today
        last = absence.last_day if absence is not None else now.today
        self.first, first_row = self.day_line("first", tr("First day away"), first)
        self.last, last_row = self.day_line("last", tr("Last day away"), last)
        days = QHBoxLayout()
        days.setSpacing(theme.S)
        days.addLayout(first_row)
        days.addWidget(label("–", "muted"))
        days.addLayout(last_row)
        self.inside.addLayout(days)
        self.inside.addWidget(self.substitute)
        self._first = self.who if absence is None else self.first
        self._show()

    def _show(self) -> None:
        names = dict(self._people)
        who = names.get(self._who, tr("Choose a person"))
        self.who.set_text(who, f"{tr('Who')}: {who}")
        name = names.get(self._substitute)
        text = tr("{name} stands in", name=name) if name else tr("Nobody stands in")
        self.substitute.set_text(text, text)

    def _picker(self, which: str) -> Picker:
        options = [Option(key, name) for key, name in self._people]
        current = self._who
        if which == "substitute":
            options = [Option(_NOBODY, tr("Nobody")),
                       *(one for one in options if one.value != self._who)]  # fmt: skip
            current = self._substitute
        made = Picker(options, f"control-absence-{which}-list", tr("Person"), current, self)
        made.picked.connect(lambda value: self._on_picked(which, value))
        return made

    def _on_picked(self, which: str, value: int) -> None:
        if which == "who":
            self._who = value
            if self._substitute == value:
                self._substitute = _NOBODY
        else:
            self._substitute = value
        self._show()

    def read(self) -> tuple[int, int, int, int | None]:
        if not self._who:
            raise ValueError(tr("Choose who is away."))
        first = formats.read_day(self.first.text(), self._now.today)
        last = formats.read_day(self.last.text(), self._now.today)
        if last < first:
            raise ValueError(tr("An absence cannot end before it begins."))
        return self._who, first, last, self._substitute or None

    def give(self, answer: Any) -> None:
        self.given.emit(*answer)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task to be added to each of several deals; without an assignee each goes to the deal's
    responsible person."""

    title: str
    kind_id: int | None
    assignee_id: int | None
    due_at: int


class ManySheet(Sheet):
    """The same task for each of several deals; ``given(Wanted)``."""

    given = Signal(object)

    def __init__(self, title: str, now: Now, choices: Choices, parent: QWidget) -> None:
        super().__init__("control-task", title, tr("Add the task"), now, parent)
        self._choices = choices
        self._kind: int | None = None
        self._assignee = _NOBODY
        self.title = self.line("title", tr("What is to be done?"), "", tr("What is to be done?"))
        self.inside.addWidget(self.title)
        self.kind = ComboButton("", "control-task-kind", "chip")
        self.kind.set_opens(self._kinds)
        self.assignee = ComboButton("", "control-task-assignee", "chip")
        self.assignee.set_opens(self._people)
        pills = QWidget()
        flow = FlowLayout(pills, 6)
        flow.addWidget(self.kind)
        flow.addWidget(self.assignee)
        self.inside.addWidget(pills)
        # Not before it stands here: shown on its own it would be a window and close this one.
        self.kind.setVisible(bool(choices.task_kinds))
        self.day, row = self.day_line("day", tr("Day"), now.next_working)
        self.clock = self.line("time", tr("Time"), clock_text(now.closes))
        self.clock.setFixedWidth(72)
        row.addWidget(self.clock)
        self.inside.addLayout(row)
        self._show()

    def _show(self) -> None:
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        kind = kinds.get(self._kind or 0, tr("Kind"))
        self.kind.set_text(kind, f"{tr('Kind')}: {kind}")
        people = {each.id: each.name for each in self._choices.people}
        name = people.get(self._assignee, tr("Responsible person"))
        self.assignee.set_text(name, f"{tr('Assignee')}: {name}")
        for button in (self.kind, self.assignee):
            button.updateGeometry()

    def _kinds(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.task_kinds]
        return self._picker(options, "kinds", tr("Kind"), self._kind, self._on_kind)

    def _people(self) -> Picker:
        options = [Option(_NOBODY, tr("Responsible person"))]
        options += [Option(each.id, each.name) for each in self._choices.people]
        return self._picker(options, "people", tr("Assignee"), self._assignee, self._on_assignee)

    def _picker(
        self, options: list[Option], name: str, what: str, current: Any,
        picked: Callable[[int], None],
    ) -> Picker:  # fmt: skip
        made = Picker(options, f"control-task-{name}", what, current, self)
        made.picked.connect(picked)
        return made

    def _on_kind(self, kind: int) -> None:
        self._kind = kind
        self._show()

    def _on_assignee(self, person: int) -> None:
        self._assignee = person
        self._show()

    def read(self) -> Wanted:
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        title = self.title.text().strip() or kinds.get(self._kind or 0, "")
        if not title:
            raise ValueError(tr("A task needs a title."))
        day = formats.read_day(self.day.text(), self._now.today)
        due = moment_at(self._now.zone, day, read_clock(self.clock.text()))
        return Wanted(title, self._kind, self._assignee or None, due)

    def give(self, answer: Any) -> None:
        self.given.emit(answer)
