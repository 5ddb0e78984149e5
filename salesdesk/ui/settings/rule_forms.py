"""The small forms behind the words of a task rule: its task, and when that is due."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from salesdesk.names import clean
from salesdesk.services.lists import Item
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import N_, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.settings.cells import Choice
from salesdesk.ui.settings.rule_words import clock
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

UNITS = {
    "minutes": N_("minutes"),
    "hours": N_("hours"),
    "days": N_("days"),
    "working_days": N_("working days"),
}
_WIDTH = 320
_MOST = 100_000


class _Form(Popover):
    """A title, fields, a line for what is wrong, Cancel and Save; ``given(values)``."""

    given = Signal(object)

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(name, title, parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(title, "strong"))
        self.first: QLineEdit | None = None

    def finish(self) -> None:
        """Put what ends every form below its fields."""
        name = self.objectName()
        self.wrong = label("", "problem", wrap=True)
        self.wrong.setFixedWidth(_WIDTH)
        self.wrong.hide()
        self.body.addWidget(self.wrong)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(Button(tr("Cancel"), f"{name}-cancel", "plain", self.close))
        row.addWidget(PrimaryButton(tr("Save"), f"{name}-save", self._on_save))
        self.body.addLayout(row)

    def field(self, name: str, accessible: str, text: str, width: int = 0) -> QLineEdit:
        """A field in which Enter saves."""
        made = QLineEdit(text)
        made.setObjectName(name)
        made.setAccessibleName(accessible)
        if width:
            made.setFixedWidth(width)
        made.returnPressed.connect(self._on_save)
        self.first = self.first or made
        return made

    def values(self) -> dict[str, Any]:
        """What was filled in; raises ``ValueError`` with the sentence to show."""
        raise NotImplementedError

    def showEvent(self, event: object) -> None:
        if self.first is not None:
            self.first.setFocus()
            self.first.selectAll()

    def _on_save(self) -> None:
        try:
            values = self.values()
        except ValueError as error:
            self.wrong.setText(str(error))
            self.wrong.show()
            self.adjustSize()
            return
        self.close()
        self.given.emit(values)


class TitleForm(_Form):
    """The title of the task, its kind, and whether it asks for a result."""

    def __init__(self, rule: TaskRule, kinds: Sequence[Item], name: str, parent: QWidget) -> None:
        super().__init__(name, tr("Task"), parent)
        self.title = self.field(f"{name}-text", tr("Title of the task"), rule.title, _WIDTH)
        self.kind = Choice(f"{name}-kind", tr("Kind of task"), _WIDTH, "plain")
        nothing: list[tuple[Any, str]] = [(None, tr("No kind"))]
        self.kind.set_options([*nothing, *((k.id, k.name) for k in kinds)], tr("Kind of task"))
        self.kind.set_value(rule.kind_id)
        self.asks = Flag(f"{name}-asks", tr("Asks for a result"), tr("Asks for a result"))
        self.asks.set_value(rule.asks_result)
        for widget in (self.title, self.kind, self.asks):
            self.body.addWidget(widget)
        self.finish()

    def values(self) -> dict[str, Any]:
        title = clean(self.title.text())
        if not title:
            raise ValueError(tr("This cannot be empty."))
        return {"title": title, "kind_id": self.kind.value, "asks_result": self.asks.isChecked()}


class DueForm(_Form):
    """How long after the move; days may carry a time of day."""

    def __init__(self, rule: TaskRule, name: str, parent: QWidget) -> None:
        super().__init__(name, tr("Due after the move"), parent)
        self.amount = self.field(f"{name}-amount", tr("How many"), str(rule.amount), 72)
        self.unit = ChipRow(
            [(unit, tr(text)) for unit, text in UNITS.items()], f"{name}-unit", tr("Unit")
        )
        self.unit.set_value(rule.unit)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.amount)
        row.addWidget(self.unit)
        row.addStretch(1)
        self.body.addLayout(row)
        text = "" if rule.due_minute is None else clock(rule.due_minute)
        self.time = self.field(f"{name}-time", tr("Time of day"), text, 72)
        self.time.setPlaceholderText("—")
        self.at = label(tr("at (empty: when the working day ends)"), "muted")
        below = QHBoxLayout()
        below.setSpacing(theme.S)
        below.addWidget(self.time)
        below.addWidget(self.at, 1)
        self.body.addLayout(below)
        self.unit.chosen.connect(lambda _unit: self._fit())
        self.finish()
        self._fit()

    def _fit(self) -> None:
        has_time = self.unit.value() in ("days", "working_days")
        self.time.setEnabled(has_time)
        self.at.setEnabled(has_time)

    def values(self) -> dict[str, Any]:
        amount = formats.read_decimal(self.amount.text())
        if amount != int(amount):
            raise ValueError(tr("Only a whole number."))
        if not 0 <= amount <= _MOST:
            raise ValueError(tr("From {low} to {high}.", low="0", high=formats.whole(_MOST)))
        minute = read_clock(self.time.text()) if self.time.isEnabled() else None
        return {"due_rule": "after_move", "amount": int(amount), "unit": self.unit.value(),
                "due_minute": minute, "date_field": None, "fixed_day": None, "event": None,
                "event_stage_id": None, "event_task_rule_id": None,
                "event_field": None}  # fmt: skip


def read_clock(text: str) -> int | None:
    """A time of day in minutes: ``9``, ``9:30``, ``930``; empty is none."""
    kept = text.strip().replace(".", ":").replace("-", ":")
    if not kept:
        return None
    hour, _, minute = kept.partition(":")
    if not minute and len(hour) in (3, 4):
        hour, minute = hour[:-2], hour[-2:]
    if not (hour.isdecimal() and (minute or "0").isdecimal()):
        raise ValueError(tr("Not a time. Write it like {example}.", example="09:30"))
    found = int(hour) * 60 + int(minute or 0)
    if int(hour) > 24 or int(minute or 0) > 59 or found > 1440:
        raise ValueError(tr("Not a time. Write it like {example}.", example="09:30"))
    return found
