"""Small forms of the control desk: a postponement of many, a text, an absence, a task."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.absences import Absence
from salesdesk.services.dealview import Choices
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets.buttons import ComboButton, IconButton, PrimaryButton
from salesdesk.ui.widgets.chips import Chip, ChipRow
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import ElidedLabel, label
from salesdesk.ui.widgets.popup import Option, Picker, Popover, show_under

_WIDTH = 320
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class Now:
    """The present as forms need it: the zone, the moment, when the working day ends (minutes)."""

    zone: Zone
    moment: int
    closes: int

    @property
    def today(self) -> int:
        """The local day."""
        return self.zone.day_of(self.moment)

    @property
    def next_week(self) -> int:
        """Monday of the next week."""
        return self.today + 7 - date.fromordinal(self.today).weekday()

    def at(self, day: int, clock: str) -> int:
        """The moment of a day and a typed time of it; raises ValueError."""
        midnight = datetime.combine(date.fromordinal(day), time())
        return self.zone.moment(midnight + timedelta(minutes=read_clock(clock)))


def read_clock(text: str) -> int:
    """Minutes from midnight as people type them: ``18:00``, ``9``, ``930``; raises ValueError."""
    kept = text.strip().replace(".", ":").replace(" ", ":")
    if kept.isdecimal() and len(kept) in (3, 4):
        kept = f"{kept[:-2]}:{kept[-2:]}"
    hour, _, minute = kept.partition(":")
    if not hour.isdecimal() or not (minute or "0").isdecimal() or len(hour) > 2:
        raise ValueError(tr("Not a time. Write it like 18:00."))
    found = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or found >= 1440:
        raise ValueError(tr("Not a time. Write it like 18:00."))
    return found


class Sheet(Popover):
    """A title, fields, a line for what is wrong, one button; Enter takes it."""

    def __init__(self, name: str, title: str, button: str, parent: QWidget | None) -> None:
        super().__init__(name, title, parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.setFixedWidth(_WIDTH)
        self.body.addWidget(ElidedLabel(title, "strong"))
        self.inside = QVBoxLayout()
        self.inside.setSpacing(theme.S)
        self.body.addLayout(self.inside)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.button = PrimaryButton(button, f"{name}-ok", self.take)
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        self._first: QWidget | None = None

    def line(self, name: str, accessible: str, text: str = "", hint: str = "") -> QLineEdit:
        """A field of one line; Enter in it takes the form; the first one gets the focus."""
        field = QLineEdit(text)
        field.setObjectName(f"{self.objectName()}-{name}")
        field.setAccessibleName(accessible)
        field.setPlaceholderText(hint)
        field.selectAll()
        field.returnPressed.connect(self.take)
        self._first = self._first or field
        return field

    def day_line(self, name: str, accessible: str, day: int, today: int) -> QHBoxLayout:
        """A field for a day (see ``_field_of``) with a calendar beside it."""
        field = self.line(name, accessible, formats.day(day))
        row = QHBoxLayout()
        row.setSpacing(theme.XS)
        row.addWidget(field, 1)
        row.addWidget(
            IconButton("calendar", tr("Choose in the calendar"),
                       f"{self.objectName()}-{name}-calendar",
                       lambda: self._pick(field, today))
        )  # fmt: skip
        return row

    def _pick(self, field: QLineEdit, today: int) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        try:
            chosen = formats.read_day(field.text(), today)
        except ValueError:
            chosen = today
        month = calendar(f"{self.objectName()}-month", tr("Day"), chosen,
                         lambda day: self._picked(field, day), self)  # fmt: skip
        show_under(month, field)

    def _picked(self, field: QLineEdit, day: int) -> None:
        field.setText(formats.day(day))
        field.textEdited.emit(field.text())

    def take(self) -> None:
        """Read the fields; ``read`` raises ValueError with what is wrong."""
        try:
            answer = self.read()
        except ValueError as error:
            self.problem.setText(str(error))
            self.problem.setVisible(True)
            self.adjustSize()
            return
        self.close()
        self.give(answer)

    def read(self) -> Any:
        """The answer of the form."""
        raise NotImplementedError

    def give(self, answer: Any) -> None:
        """Hand the answer on."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:
        if self._first is not None:
            self._first.setFocus()


class TextSheet(Sheet):
    """One text; ``given(text)``."""

    given = Signal(str)

    def __init__(
        self, name: str, title: str, button: str, hint: str, needed: str, parent: QWidget
    ) -> None:
        super().__init__(name, title, button, parent)
        self._needed = needed
        self.field = self.line("text", title, "", hint)
        self.inside.addWidget(self.field)

    def read(self) -> str:
        text = self.field.text().strip()
        if not text:
            raise ValueError(self._needed)
        return text

    def give(self, answer: Any) -> None:
        self.given.emit(answer)


class PostponeSheet(Sheet):
    """Until when, and why, once for all that is selected; ``given(moment, reason)``."""

    given = Signal(object, str)

    def __init__(self, title: str, now: Now, parent: QWidget) -> None:
        super().__init__("control-postpone", title, tr("Postpone"), parent)
        self._now = now
        self.reason = self.line("reason", tr("Reason"), "", tr("Why are they postponed?"))
        self.inside.addWidget(self.reason)
        days = [("1", tr("Tomorrow")), ("3", tr("In 3 days")), ("week", tr("Next week"))]
        self.chips = ChipRow(days, "control-postpone-days", tr("Until when"))
        self.chips.chosen.connect(self._on_chip)
        self.inside.addWidget(self.chips)
        row = self.day_line("day", tr("Day"), now.today + 1, now.today)
        self.day = _field_of(row)
        self.day.textEdited.connect(lambda: self.chips.set_value(""))
        self.clock = self.line("time", tr("Time"), f"{now.closes // 60:02}:{now.closes % 60:02}")
        self.clock.setFixedWidth(72)
        row.addWidget(self.clock)
        self.inside.addLayout(row)

    def _on_chip(self, which: str) -> None:
        day = self._now.next_week if which == "week" else self._now.today + int(which)
        self.day.setText(formats.day(day))

    def read(self) -> tuple[int, str]:
        reason = self.reason.text().strip()
        if not reason:
            self.reason.setFocus()
            raise ValueError(tr("Say why: it is kept with each of the tasks."))
        moment = self._now.at(formats.read_day(self.day.text(), self._now.today), self.clock.text())
        if moment <= self._now.moment:
            raise ValueError(tr("Choose a later moment than now."))
        return moment, reason

    def give(self, answer: Any) -> None:
        self.given.emit(*answer)


def _field_of(row: QHBoxLayout) -> QLineEdit:
    """The field of a line for a day."""
    item = row.itemAt(0)
    field = item.widget() if item is not None else None
    assert isinstance(field, QLineEdit)
    return field


class AbsenceSheet(Sheet):
    """Who is away, from when to when, who stands in;
    ``given(person, first day, last day, substitute or None)``."""

    given = Signal(int, int, int, object)

    def __init__(
        self, now: Now, people: list[tuple[int, str]], absence: Absence | None, parent: QWidget
    ) -> None:
        title = tr("Who is away?") if absence is None else tr("Change the absence")
        button = tr("Add") if absence is None else tr("Save")
        super().__init__("control-absence", title, button, parent)
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
        first_row = self.day_line("first", tr("First day away"), first, now.today)
        last_row = self.day_line("last", tr("Last day away"), last, now.today)
        self.first, self.last = _field_of(first_row), _field_of(last_row)
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
    """A task to be added; ``assignee_id`` 0: each deal's responsible person; ``for_deal`` tells
    that it belongs to the deal of the row."""

    title: str
    kind_id: int | None
    assignee_id: int
    due_at: int
    for_deal: bool


class TaskSheet(Sheet):
    """A new task; ``given(Wanted)``. ``about`` names the deal (or deals) it may be for, ``each``
    that it is added to several deals, each with its responsible person."""

    given = Signal(object)

    def __init__(
        self, title: str, now: Now, choices: Choices, me: int | None, about: str, each: bool,
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__("control-task", title, tr("Add the task"), parent)
        self._now, self._choices, self._each = now, choices, each
        self._kind: int | None = None
        self._assignee = _NOBODY if each else me or _NOBODY
        self.title = self.line("title", tr("What is to be done?"), "", tr("What is to be done?"))
        self.inside.addWidget(self.title)
        self.kind = ComboButton("", "control-task-kind", "chip")
        self.kind.set_opens(self._kinds)
        self.kind.setVisible(bool(choices.task_kinds))
        self.assignee = ComboButton("", "control-task-assignee", "chip")
        self.assignee.set_opens(self._people)
        self.about = Chip(about, "control-task-about")
        self.about.setChecked(each)
        self.about.setVisible(bool(about))
        self.about.setEnabled(not each)
        pills = QWidget()
        flow = FlowLayout(pills, 6)
        for widget in (self.kind, self.assignee, self.about):
            flow.addWidget(widget)
        self.inside.addWidget(pills)
        row = self.day_line("day", tr("Day"), now.today + 1, now.today)
        self.day = _field_of(row)
        self.clock = self.line("time", tr("Time"), f"{now.closes // 60:02}:{now.closes % 60:02}")
        self.clock.setFixedWidth(72)
        row.addWidget(self.clock)
        self.inside.addLayout(row)
        self._show()

    def _show(self) -> None:
        kinds = {each.id: each.name for each in self._choices.task_kinds}
        kind = kinds.get(self._kind or 0, tr("Kind"))
        self.kind.set_text(kind, f"{tr('Kind')}: {kind}")
        people = {each.id: each.name for each in self._choices.people}
        nobody = tr("Responsible person") if self._each else tr("Nobody")
        name = people.get(self._assignee, nobody)
        self.assignee.set_text(name, f"{tr('Assignee')}: {name}")
        for button in (self.kind, self.assignee):
            button.updateGeometry()

    def _kinds(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.task_kinds]
        return self._picker(options, "kinds", tr("Kind"), self._kind, self._on_kind)

    def _people(self) -> Picker:
        options = [Option(each.id, each.name) for each in self._choices.people]
        if self._each:
            options.insert(0, Option(_NOBODY, tr("Responsible person")))
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
        due = self._now.at(day, self.clock.text())
        for_deal = self.about.isChecked() and not self.about.isHidden()
        return Wanted(title, self._kind, self._assignee, due, for_deal)

    def give(self, answer: Any) -> None:
        self.given.emit(answer)
