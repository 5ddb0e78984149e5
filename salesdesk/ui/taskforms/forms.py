"""What forms about tasks are made of: the present, times as people type them, a form, a text."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from salesdesk.moments import Zone
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets.buttons import IconButton, PrimaryButton
from salesdesk.ui.widgets.labels import ElidedLabel, label
from salesdesk.ui.widgets.popup import Popover, show_under

WIDTH = 304


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


def clock_text(minutes: int) -> str:
    """``18:00``; the end of the day is its last minute."""
    kept = min(minutes, 1439)
    return f"{kept // 60:02}:{kept % 60:02}"


def moment_at(zone: Zone, day: int, minutes: int) -> int:
    """The moment of a time of day in the workspace's zone."""
    midnight = datetime.combine(date.fromordinal(day), time())
    return zone.moment(midnight + timedelta(minutes=minutes))


def has_focus(widget: QWidget) -> bool:
    """Whether the focus is in the widget or anything inside it."""
    focus = QApplication.focusWidget()
    return focus is not None and (focus is widget or widget.isAncestorOf(focus))


@dataclass(frozen=True, slots=True)
class Now:
    """The present as forms need it: the zone, the moment, when the working day ends, and the next
    working day (tomorrow where it is not known)."""

    zone: Zone
    moment: int
    closes: int
    working: int = 0

    @property
    def today(self) -> int:
        """The local day."""
        return self.zone.day_of(self.moment)

    @property
    def next_working(self) -> int:
        """The next working day after today."""
        return max(self.working, self.today + 1)

    def working_after(self, day: int) -> int:
        """A working day after another one; far ahead Monday to Friday are taken for such."""
        after = max(day + 1, self.next_working)
        weekday = date.fromordinal(after).weekday()
        return after if after == self.next_working or weekday < 5 else after + 7 - weekday

    @property
    def next_week(self) -> int:
        """Monday of the next week."""
        return self.today + 7 - date.fromordinal(self.today).weekday()

    def minutes_of(self, moment: int | None) -> int:
        """The time of day of a moment; without one when the working day ends."""
        if moment is None:
            return self.closes
        local = self.zone.local(moment)
        return local.hour * 60 + local.minute


class Form(Popover):
    """A popover with a title, a body, a line for what is wrong, and one button; Enter takes it."""

    def __init__(self, name: str, title: str, button: str, parent: QWidget | None) -> None:
        super().__init__(name, title, parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.setFixedWidth(WIDTH)
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
        """A field of one line; Enter in it takes the form."""
        field = QLineEdit(text)
        field.setObjectName(f"{self.objectName()}-{name}")
        field.setAccessibleName(accessible)
        field.setPlaceholderText(hint)
        field.returnPressed.connect(self.take)
        self.starts_at(field)
        return field

    def day_row(
        self, name: str, accessible: str, day: int, today: int
    ) -> tuple[QLineEdit, QHBoxLayout]:
        """A field for a day, and the row in which it stands before a calendar."""
        field = self.line(name, accessible, formats.day(day))
        opener = f"{self.objectName()}-{name}-calendar"
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(field, 1)
        row.addWidget(
            IconButton(
                "calendar",
                tr("Choose in the calendar"),
                opener,
                lambda: self._pick_day(field, today),
            )
        )
        return field, row

    def _pick_day(self, field: QLineEdit, today: int) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        try:
            chosen = formats.read_day(field.text(), today)
        except ValueError:
            chosen = today
        month = calendar(f"{self.objectName()}-month", tr("Day"), chosen,
                         lambda day: field.setText(formats.day(day)), self)  # fmt: skip
        show_under(month, field)

    def starts_at(self, widget: QWidget) -> None:
        """The first one asked for gets the focus."""
        self._first = self._first or widget

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
        if isinstance(self._first, QLineEdit):  # Tab marks the others when it comes to them
            self._first.selectAll()


class TextForm(Form):
    """One text; ``given(text)``. Many lines (``tall``: shown at once) are taken by Ctrl+Enter."""

    given = Signal(str)

    def __init__(
        self, name: str, title: str, button: str, text: str = "", *, needed: str = "",
        many: bool = False, tall: bool = False, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, title, button, parent)
        self._needed = needed
        self.field: QLineEdit | QPlainTextEdit
        if many:
            self.field = QPlainTextEdit(text)
            self.field.setObjectName(f"{name}-text")
            self.field.setAccessibleName(title)
            self.field.setTabChangesFocus(True)
            self.field.setFixedHeight(144 if tall else 72)
            self.field.installEventFilter(self)
            self.starts_at(self.field)
        else:
            self.field = self.line("text", title, text)
        self.inside.addWidget(self.field)

    def read(self) -> str:
        if isinstance(self.field, QPlainTextEdit):
            text = self.field.toPlainText().strip()
        else:
            text = self.field.text().strip()
        if self._needed and not text:
            raise ValueError(self._needed)
        return text

    def give(self, answer: Any) -> None:
        self.given.emit(answer)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        return super().eventFilter(watched, event)


def present(r: Any, *, now: int) -> Now:
    """The present with the working day of the workspace."""
    from salesdesk.services.surroundings import calendar

    known = calendar(r)
    working = known.add_working_days(r.zone.day_of(now), 1)
    return Now(r.zone, now, known.closes, working)
