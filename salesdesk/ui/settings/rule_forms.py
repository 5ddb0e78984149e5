"""The small forms behind the words of a rule: the task, when it is due, what goes along."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from salesdesk.names import clean
from salesdesk.services import braces
from salesdesk.services.task_rules import TaskRule
from salesdesk.text import N_, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.settings.cells import Choice
from salesdesk.ui.settings.rule_words import Found, clock, field_key
from salesdesk.ui.settings.section import inline
from salesdesk.ui.widgets.buttons import Button, ComboButton, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.entries import ValueEdit
from salesdesk.ui.widgets.kinds import DateKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, Popover

UNITS = {
    "minutes": N_("minutes"),
    "hours": N_("hours"),
    "days": N_("days"),
    "working_days": N_("working days"),
}
DUES = {
    "after_move": N_("After the move"),
    "before_date": N_("Before a date"),
    "on_date": N_("On a date"),
    "on_event": N_("After an event"),
}
EVENTS = {
    "task_done": N_("another task is done"),
    "child_enters": N_("a child deal enters a stage"),
    "field_filled": N_("a field is filled in"),
}
_NO_DUE = {"date_field": None, "fixed_day": None, "event": None, "event_stage_id": None,
           "event_task_rule_id": None, "event_field": None}  # fmt: skip
_WIDTH = 320
_DUE_WIDTH = 440
_MOST = 100_000


class Form(Popover):
    """A title, fields, a line for what is wrong, Cancel and Save; ``given(values)``."""

    given = Signal(object)
    wide = _WIDTH

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(name, title, parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(title, "strong"))
        self.first: QLineEdit | None = None

    def finish(self, save: str = "") -> None:
        """Put what ends every form below its fields; ``save``: what its button says."""
        name = self.objectName()
        self.wrong = label("", "problem", wrap=True)
        self.wrong.setFixedWidth(self.wide)
        self.wrong.hide()
        self.body.addWidget(self.wrong)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(Button(tr("Cancel"), f"{name}-cancel", "plain", self.close))
        self.save = PrimaryButton(save or tr("Save"), f"{name}-save", self._on_save)
        row.addWidget(self.save)
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


class TitleForm(Form):
    """The task: its title and kind, a text with fields of the deal, a checklist (a line each), and
    whether it asks for a result, which the supervisor accepts."""

    wide = 380

    def __init__(self, rule: TaskRule, found: Found, name: str, parent: QWidget) -> None:
        super().__init__(name, tr("Task"), parent)
        self.title = self.field(f"{name}-text", tr("Title of the task"), rule.title, self.wide)
        self.kind = Choice(f"{name}-kind", tr("Kind of task"), self.wide, "plain")
        nothing: list[tuple[Any, str]] = [(None, tr("No kind"))]
        kinds = ((k.id, k.name) for k in found.kinds)
        self.kind.set_options([*nothing, *kinds], tr("Kind of task"))
        self.kind.set_value(rule.kind_id)
        self._own = [item.name for item in found.fields]
        self.insert = ComboButton(tr("Insert a field"), f"{name}-insert", "chip")
        self.insert.setToolTip(tr("A field of the deal, filled in when the task is made"))
        self.insert.set_opens(self._fields)
        self.description = self._lines(f"{name}-description", tr("Text"), rule.description or "",
                                       tr("What the task says, {client} and such filled in",
                                          client="{client}"), 72)  # fmt: skip
        self.checklist = self._lines(f"{name}-checklist", tr("Checklist"),
                                     "\n".join(rule.checklist), tr("One line for each thing to do"),
                                     90)  # fmt: skip
        words = tr("Asks for a result, which the supervisor accepts")
        self.asks = Flag(f"{name}-asks", words, words)
        self.asks.set_value(rule.asks_result)
        self.body.addWidget(self.title)
        self.body.addWidget(self.kind)
        self.body.addWidget(inline(label(tr("Text"), "muted"), 1, self.insert))
        self.body.addWidget(self.description)
        self.body.addWidget(label(tr("Checklist"), "muted"))
        self.body.addWidget(self.checklist)
        self.body.addWidget(self.asks)
        self.finish()

    def _lines(self, name: str, what: str, text: str, hint: str, height: int) -> QPlainTextEdit:
        made = QPlainTextEdit(text)
        made.setObjectName(name)
        made.setAccessibleName(what)
        made.setPlaceholderText(hint)
        made.setTabChangesFocus(True)
        made.setFixedSize(self.wide, height)
        return made

    def _fields(self) -> Picker:
        options = [Option(key, tr(text), key) for key, text in braces.FIELDS.items()]
        options += [Option(name, name) for name in self._own]
        picker = Picker(options, f"{self.objectName()}-fields", tr("Insert a field"), None,
                        self.insert)  # fmt: skip
        picker.picked.connect(self._on_field)
        return picker

    def _on_field(self, name: str) -> None:
        self.description.insertPlainText(f"{{{name}}}")
        self.description.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_save()
            return
        super().keyPressEvent(event)

    def values(self) -> dict[str, Any]:
        title = clean(self.title.text())
        if not title:
            raise ValueError(tr("This cannot be empty."))
        text = self.description.toPlainText().strip() or None
        wrong = braces.unknown(text, self._own)
        if wrong:
            raise ValueError(tr("A deal has no field “{name}”.", name=wrong[0]))
        lines = [clean(line) for line in self.checklist.toPlainText().splitlines()]
        return {
            "title": title, "kind_id": self.kind.value, "asks_result": self.asks.isChecked(),
            "description": text, "checklist": tuple(line for line in lines if line),
        }  # fmt: skip


class DueForm(Form):
    """When the task is due: after the move, before or on a date, after an event; days may carry a
    time of day and give way to working days."""

    wide = _DUE_WIDTH

    def __init__(self, rule: TaskRule, found: Found, name: str, parent: QWidget) -> None:
        super().__init__(name, tr("Due"), parent)
        self.due = ChipRow(
            [(each, tr(text)) for each, text in DUES.items()], f"{name}-rule", tr("Due")
        )
        self.due.set_value(rule.due_rule)
        self.body.addWidget(self.due)
        self._how_long(rule)
        self._before(rule, found)
        self._on_day(rule, found)
        self._after_event(rule, found)
        self._day_parts(rule)
        self.due.chosen.connect(lambda _due: self._fit())
        self.unit.chosen.connect(lambda _unit: self._fit())
        self.awaits.chosen.connect(lambda _event: self._fit())
        self.finish()
        self._fit()

    # -- fields -------------------------------------------------------------------------------

    def _how_long(self, rule: TaskRule) -> None:
        name = self.objectName()
        self.amount = self.field(f"{name}-amount", tr("How many"), str(rule.amount), 64)
        self.unit = ChipRow(
            [(unit, tr(text)) for unit, text in UNITS.items()], f"{name}-unit", tr("Unit")
        )
        self.unit.set_value(rule.unit)
        self.long = inline(self.amount, self.unit, 1)
        self.body.addWidget(self.long)

    def _before(self, rule: TaskRule, found: Found) -> None:
        name = self.objectName()
        self.date = Choice(f"{name}-date", tr("Date of the deal"), _DUE_WIDTH, "plain")
        self.date.set_options(list(found.dates().items()), tr("Date of the deal"))
        self.date.set_value(field_key(rule.date_field))
        self.body.addWidget(self.date)

    def _on_day(self, rule: TaskRule, found: Found) -> None:
        kind = DateKind(today=lambda: found.today)
        self.day = ValueEdit(kind, f"{self.objectName()}-day", tr("Date"), rule.fixed_day)
        self.day.setFixedWidth(160)
        self.day.taken.connect(self._on_save)
        self.body.addWidget(self.day)

    def _after_event(self, rule: TaskRule, found: Found) -> None:
        name = self.objectName()
        self.awaits = Choice(f"{name}-event", tr("It waits until"), _DUE_WIDTH, "plain")
        self.awaits.set_options([(e, tr(text)) for e, text in EVENTS.items()], tr("It waits until"))
        self.awaits.set_value(rule.event)
        self.targets = {
            "task_done": self._target("task", tr("Which task"), _others(rule, found),
                                      rule.event_task_rule_id),
            "child_enters": self._target("stage", tr("Which stage"), _abroad(rule, found),
                                         rule.event_stage_id),
            "field_filled": self._target("field", tr("Which field"), found.fillable(),
                                         field_key(rule.event_field)),
        }  # fmt: skip
        self.body.addWidget(self.awaits)
        for each in self.targets.values():
            self.body.addWidget(each)

    def _target(self, part: str, what: str, options: Mapping[Any, str], value: object) -> Choice:
        made = Choice(f"{self.objectName()}-{part}", what, _DUE_WIDTH, "plain")
        made.set_options(list(options.items()), what)
        made.set_value(value)
        return made

    def _day_parts(self, rule: TaskRule) -> None:
        name = self.objectName()
        text = "" if rule.due_minute is None else clock(rule.due_minute)
        self.time = self.field(f"{name}-time", tr("Time of day"), text, 64)
        self.time.setPlaceholderText("—")
        at = label(tr("at (empty: when the working day ends)"), "muted")
        self.at = inline(self.time, at, 1)
        self.body.addWidget(self.at)
        words = tr("A day off moves on to the next working day")
        self.shift = Flag(f"{name}-shift", words, words)
        self.shift.set_value(rule.shifts())
        self.body.addWidget(self.shift)
        self._shift = rule.shift_to_working_day
        self._touched = False
        self.shift.chosen.connect(self._on_shift)

    def _on_shift(self, _on: bool) -> None:
        self._touched = True

    def _usual_shift(self) -> bool:
        """What happens on days off where nobody has said anything."""
        return self.due.value() == "after_move" and self.unit.value() == "working_days"

    def _fit(self) -> None:
        """Show the fields of what is chosen."""
        due, event = self.due.value(), self.awaits.value
        dated = due in ("before_date", "on_date")
        for unit in ("minutes", "hours"):
            self.unit.chip(unit).setVisible(due != "before_date")
        if due == "before_date" and self.unit.value() in ("minutes", "hours"):
            self.unit.set_value("days")
        self.long.setVisible(due != "on_date")
        self.date.setVisible(due == "before_date")
        self.day.setVisible(due == "on_date")
        self.awaits.setVisible(due == "on_event")
        for each, target in self.targets.items():
            target.setVisible(due == "on_event" and each == event)
        by_day = dated or self.unit.value() in ("days", "working_days")
        self.at.setVisible(by_day)
        self.shift.setVisible(by_day)
        if self._shift is None and not self._touched:
            self.shift.set_value(self._usual_shift())
        self.adjustSize()

    # -- what was filled in ---------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        due = self.due.value()
        found: dict[str, Any] = {"due_rule": due, "due_minute": None, **_NO_DUE}
        if due == "on_date":
            found["fixed_day"] = self.day.needed()
        else:
            found |= {"amount": self._amount(), "unit": self.unit.value()}
        if due == "before_date":
            found["date_field"] = self.date.value
        if due == "on_event":
            found |= self._event()
        if due in ("before_date", "on_date") or self.unit.value() in ("days", "working_days"):
            found["due_minute"] = read_clock(self.time.text())
        found["shift_to_working_day"] = self._shifting()
        return found

    def _amount(self) -> int:
        amount = formats.read_decimal(self.amount.text())
        if amount != int(amount):
            raise ValueError(tr("Only a whole number."))
        if not 0 <= amount <= _MOST:
            raise ValueError(tr("From {low} to {high}.", low="0", high=formats.whole(_MOST)))
        return int(amount)

    def _event(self) -> dict[str, Any]:
        event = self.awaits.value
        column = {"task_done": "event_task_rule_id", "child_enters": "event_stage_id",
                  "field_filled": "event_field"}[event]  # fmt: skip
        wanted = self.targets[event].value
        if wanted is None:
            raise ValueError(tr("There is nothing of that kind to wait for yet."))
        return {"event": event, column: wanted}

    def _shifting(self) -> bool | None:
        """Nothing is kept about days off unless somebody says something else than the usual."""
        if not self._touched:
            return self._shift
        wanted = self.shift.isChecked()
        return None if wanted == self._usual_shift() else wanted


def _others(rule: TaskRule, found: Found) -> dict[Any, str]:
    """The tasks of the pipeline that can be waited for."""
    mine = found.stage(rule.stage_id)
    return {
        each.id: f"{each.title} · {found.stage_name(each.stage_id)}"
        for each in found.rules
        if each.id != rule.id and mine is not None
        and (stage := found.stage(each.stage_id)) is not None
        and stage.pipeline_id == mine.pipeline_id
    }  # fmt: skip


def _abroad(rule: TaskRule, found: Found) -> dict[Any, str]:
    """The stages that child deals can enter, those of other pipelines first."""
    mine = found.stage(rule.stage_id)
    home = None if mine is None else mine.pipeline_id
    stages = sorted(found.living(), key=lambda stage: stage.pipeline_id == home)
    return {stage.id: found.stage_name(stage.id, far=True) for stage in stages}


class FieldsForm(Form):
    """Fields to tick: ``given`` comes with a tuple of their names."""

    def __init__(
        self,
        title: str,
        known: Mapping[str, str],
        chosen: Sequence[str],
        name: str,
        parent: QWidget,
    ) -> None:
        super().__init__(name, title, parent)
        self.flags: dict[str, Flag] = {}
        for each, text in known.items():
            flag = self.flags[each] = Flag(f"{name}-{each}", text, text)
            flag.set_value(each in chosen)
            self.body.addWidget(flag)
        self.finish()

    def values(self) -> dict[str, Any]:
        return {"names": tuple(name for name, flag in self.flags.items() if flag.isChecked())}


class WordsForm(Form):
    """One text, which may be empty: ``given`` comes with it as ``text``."""

    def __init__(self, title: str, text: str, hint: str, name: str, parent: QWidget) -> None:
        super().__init__(name, title, parent)
        self.text = self.field(f"{name}-text", title, text, _WIDTH)
        self.text.setPlaceholderText(hint)
        self.body.addWidget(self.text)
        self.finish()

    def values(self) -> dict[str, Any]:
        return {"text": clean(self.text.text())}


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
