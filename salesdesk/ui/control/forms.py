"""Forms of the control desk: an absence, and a task for each of many deals."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services.absences import Absence
from salesdesk.services.dealview import Choices
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.taskforms.forms import Form, Now
from salesdesk.ui.taskforms.task import Filled, TaskForm
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker

_WIDTH = 340
_NOBODY = 0


class AbsenceSheet(Form):
    """Who is away, from when to when, who stands in;
    ``given(person, first day, last day, substitute or None)``."""

    given = Signal(int, int, int, object)

    def __init__(
        self, now: Now, people: list[tuple[int, str]], absence: Absence | None, parent: QWidget
    ) -> None:
        title = tr("Who is away?") if absence is None else tr("Change the absence")
        button = tr("Add") if absence is None else tr("Save")
        super().__init__("control-absence", title, button, parent)
        self.setFixedWidth(_WIDTH)
        self._now = now
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
        self.first, first_row = self.day_row("first", tr("First day away"), first, now.today)
        self.last, last_row = self.day_row("last", tr("Last day away"), last, now.today)
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


class ManySheet(TaskForm):
    """The same task for each of several deals; ``given(Filled)``. Without an assignee each task
    goes to its deal's responsible person."""

    def __init__(self, title: str, now: Now, choices: Choices, parent: QWidget) -> None:
        nobody = tr("Responsible person")
        super().__init__("control-task", title, now, choices, None, nobody, True, None, parent)
        self.setFixedWidth(_WIDTH)

    def read(self) -> Filled:
        return self.filled()
