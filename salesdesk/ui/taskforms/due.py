"""When a task (or many) is due: a correction, or a postponement with a reason and quick days."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from salesdesk.services.tasks import TaskLine
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.taskforms.forms import Form, Now, clock_text, moment_at, read_clock
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.popup import show_under

_HOUR = 3_600_000_000


class Dues(NamedTuple):
    """The answer: the due moment of each task by its id, and why."""

    moments: dict[int, int]
    reason: str


class DueForm(Form):
    """A day and a time for ``tasks``; ``given(Dues)``. With ``reason`` it is a postponement.

    Several tasks keep each its own time of day unless one is typed. What is not due yet is
    postponed to a later moment than its own.
    """

    given = Signal(object)

    def __init__(
        self, name: str, tasks: Sequence[TaskLine], now: Now, *, reason: bool, day: int = 0,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, _title(tasks, reason), tr("Postpone") if reason else tr("Save"),
                         parent)  # fmt: skip
        self._now, self._tasks = now, list(tasks)
        self._after = _soonest(tasks, now) if reason else 0
        self.reason: QLineEdit | None = None
        if reason:
            hint = tr("Why is it postponed?") if len(tasks) == 1 else tr("Why are they postponed?")
            self.reason = self.line("reason", tr("Reason"), hint=hint)
            self.inside.addWidget(self.reason)
        self.chips: dict[str, Chip] = {}
        self._add_chips(name, reason)
        due = tasks[0].due_at if not reason and len(tasks) == 1 else None
        first = day or (self._usual() if due is None else now.zone.day_of(due))
        self.day = self.line("day", tr("Day"), formats.day(first))
        same = len(tasks) == 1
        self.clock = self.line(
            "time", tr("Time"), clock_text(now.minutes_of(tasks[0].due_at)) if same else "",
            "" if same else tr("as it was"),
        )  # fmt: skip
        self.clock.setFixedWidth(72 if same else 96)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.day, 1)
        row.addWidget(
            IconButton("calendar", tr("Choose in the calendar"), f"{name}-calendar", self._pick)
        )
        row.addWidget(self.clock)
        self.inside.addLayout(row)
        self.day.textEdited.connect(lambda: self._mark(""))
        self.clock.textEdited.connect(lambda: self._unmark("hour"))
        named = [key for key in ("working", "tomorrow") if key in self.chips]
        usual = next((key for key in named if self._days()[key] == first), "")
        self._mark(usual if due is None and not day else "")

    def _usual(self) -> int:
        """The day that is proposed."""
        last = self._now.zone.day_of(self._after) if self._after else 0
        return self._now.working_after(last)

    def _add_chips(self, name: str, reason: bool) -> None:
        texts = {"hour": tr("In an hour")} if reason else {"today": tr("Today")}
        texts["tomorrow"] = tr("Tomorrow")
        if self._now.next_working != self._now.today + 1:
            texts["working"] = tr("Next working day")
        if self._now.next_week != self._now.next_working:
            texts["week"] = tr("Next Monday")
        texts = {key: text for key, text in texts.items() if self._is_later(key)}
        holder = QWidget()
        flow = FlowLayout(holder, 6)
        for key, text in texts.items():
            chip = Chip(text, f"{name}-{key}")
            chip.clicked.connect(lambda _on=False, key=key: self.choose(key))
            self.chips[key] = chip
            flow.addWidget(chip)
        if texts:
            self.inside.addWidget(holder)

    def _is_later(self, key: str) -> bool:
        """Whether a quick moment is later than what is postponed is due as it is."""
        if key == "hour":
            return self._now.moment + _HOUR > self._after
        return not self._after or self._days()[key] > self._now.zone.day_of(self._after)

    def _days(self) -> dict[str, int]:
        now = self._now
        return {"today": now.today, "tomorrow": now.today + 1, "working": now.next_working,
                "week": now.next_week}  # fmt: skip

    def choose(self, key: str) -> None:
        """Take one of the quick moments."""
        now = self._now
        if key == "hour":
            soon = now.moment + _HOUR
            self.day.setText(formats.day(now.zone.day_of(soon)))
            self.clock.setText(formats.clock(now.zone, soon))
        else:
            self.day.setText(formats.day(self._days()[key]))
            if self.chips.get("hour") is not None and self.chips["hour"].isChecked():
                self._own_times()
        self._mark(key)

    def _own_times(self) -> None:
        one = len(self._tasks) == 1
        self.clock.setText(clock_text(self._now.minutes_of(self._tasks[0].due_at)) if one else "")

    def _mark(self, key: str) -> None:
        self._chosen = key
        for each, chip in self.chips.items():
            chip.setChecked(each == key)

    def _unmark(self, key: str) -> None:
        if self._chosen == key:
            self._mark("")

    def _pick(self) -> None:
        from salesdesk.ui.widgets.calendar import calendar

        try:
            chosen = formats.read_day(self.day.text(), self._now.today)
        except ValueError:
            chosen = self._now.today
        name = f"{self.objectName()}-month"
        show_under(calendar(name, tr("Day"), chosen, self._on_picked, self), self.day)

    def _on_picked(self, day: int) -> None:
        self._mark("")
        self.day.setText(formats.day(day))

    def read(self) -> Dues:
        reason = self.reason.text().strip() if self.reason is not None else ""
        if self.reason is not None and not reason:
            self.reason.setFocus()
            raise ValueError(tr("Say why it is postponed."))
        if self._chosen == "hour":
            return Dues(dict.fromkeys(self._ids(), self._now.moment + _HOUR), reason)
        day = formats.read_day(self.day.text(), self._now.today)
        typed = self.clock.text().strip()
        clock = read_clock(typed) if typed or len(self._tasks) == 1 else None
        moments = {
            task.id: moment_at(
                self._now.zone, day, self._now.minutes_of(task.due_at) if clock is None else clock
            )
            for task in self._tasks
        }
        if self.reason is not None and any(at <= self._now.moment for at in moments.values()):
            raise ValueError(tr("Choose a later moment than now."))
        if all(at <= self._after for at in moments.values()):
            raise ValueError(tr("Choose a later moment than it is due."))
        return Dues(moments, reason)

    def _ids(self) -> list[int]:
        return [task.id for task in self._tasks]

    def give(self, answer: Dues) -> None:
        self.given.emit(answer)


def _soonest(tasks: Sequence[TaskLine], now: Now) -> int:
    """When the first of them is due, if none is yet; else 0."""
    dues = [task.due_at or 0 for task in tasks]
    return min(dues) if min(dues) > now.moment else 0


def _title(tasks: Sequence[TaskLine], reason: bool) -> str:
    if len(tasks) > 1:
        n = len(tasks)
        return ntr("Postpone {n} task", "Postpone {n} tasks", n) if reason else ntr(
            "When is {n} task due?", "When are {n} tasks due?", n
        )  # fmt: skip
    title = tasks[0].title
    return tr("Postpone “{title}”", title=title) if reason else tr(
        "When is “{title}” due?", title=title
    )  # fmt: skip
