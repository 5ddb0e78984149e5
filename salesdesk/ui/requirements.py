"""The small form that opens when a stage asks for more: fields, payments and tasks at once.

What is entered goes with the move as one command. A team lead may move anyway, with a reason.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from salesdesk.services import fulfilling
from salesdesk.services.amounts import LIMIT
from salesdesk.services.fulfilling import Asked, Given
from salesdesk.services.payments import NewPayment
from salesdesk.services.requirements import Missing, MustDo, field_words
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button, ComboButton, LinkButton, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.entries import NameEdit, ValueEdit
from salesdesk.ui.widgets.kinds import DateKind, Kind, MoneyKind, NumberKind, TextKind
from salesdesk.ui.widgets.labels import ElidedLabel, label
from salesdesk.ui.widgets.popup import Option, Picker, Popover

WIDTH = 460
_LABEL, _LABEL_MOST, _DAY = 96, 176, 132
_TALLEST = 460
_DEALS = 6


class RequirementsForm(Popover):
    """Asks for what deals lack. ``given(list of Given)``: move with this; ``anyway(reason)``: move
    without it; ``cancelled()`` when it was closed with neither."""

    given = Signal(object)
    anyway = Signal(str)
    cancelled = Signal()

    def __init__(
        self,
        context: Context,
        missing: Sequence[Missing],
        parent: QWidget | None = None,
    ) -> None:
        title = tr("{stage} asks for more", stage=missing[0].stage)
        super().__init__("move-requirements", title, parent)
        self._context = context
        self._answered = False
        self.setFixedWidth(WIDTH)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(ElidedLabel(title, "strong"))
        names = dict.fromkeys(name for one in missing for name in one.fields)
        asked = context.ask(fulfilling.asked, list(names), now=context.now())
        many = len(missing) > 1
        wide = self._label_width([field_words([name]) for name in names])
        self.parts = [DealPart(context, one, asked, many, wide) for one in missing[:_DEALS]]
        self.body.addWidget(self._parts_area())
        if more := len(missing) - len(self.parts):
            hint = ntr(
                "and {n} more deal asks for something: move fewer at once",
                "and {n} more deals ask for something: move fewer at once", more,
            )  # fmt: skip
            self.body.addWidget(label(hint, "problem", wrap=True))
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        self._add_reason(context.may("override"))
        self._add_buttons(bool(more))

    def _label_width(self, texts: Sequence[str]) -> int:
        """Room for the longest name of a field, within what is fair."""
        metrics = QFontMetrics(theme.font(theme.BODY))
        needed = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        return max(_LABEL, min(needed + theme.XS, _LABEL_MOST))

    def _parts_area(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("role", "body")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.XS, 0)
        column.setSpacing(theme.M)
        for part in self.parts:
            part.taken.connect(self.take)
            column.addWidget(part)
        area = self._area = QScrollArea()
        area.setObjectName("move-requirements-scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        inside.ensurePolished()
        area.setFixedHeight(min(inside.sizeHint().height() + 2, _TALLEST))
        return area

    def _add_reason(self, may_override: bool) -> None:
        self.reason = QLineEdit()
        self.reason.setObjectName("move-requirements-reason")
        self.reason.setProperty("look", "inline")
        self.reason.setAccessibleName(tr("Why is it moved anyway?"))
        self.reason.setPlaceholderText(tr("Why is it moved anyway?"))
        self.reason.returnPressed.connect(self._on_anyway)
        self.reason.hide()
        self.override = LinkButton(
            tr("Move anyway…"), "move-requirements-anyway", self._on_anyway
        )  # fmt: skip
        if not may_override:  # shown without a parent it would be a window of its own
            self.override.hide()
        self.body.addWidget(self.reason)

    def _add_buttons(self, too_many: bool) -> None:
        self.move_button = PrimaryButton(tr("Move"), "move-requirements-ok", self.take)
        if too_many:
            self.move_button.hide()
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.override)
        row.addStretch(1)
        row.addWidget(Button(tr("Cancel"), "move-requirements-cancel", "plain", self.close))
        row.addWidget(self.move_button)
        self.body.addLayout(row)

    # -- opening and closing ----------------------------------------------------------------------

    def open_at(self, place: QPoint) -> None:
        """Open near the global ``place``, inside the screen."""
        self.adjustSize()
        box = QRect(place, self.sizeHint())
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        bounds = screen.availableGeometry()
        box.moveLeft(max(bounds.left(), min(box.left(), bounds.right() - box.width())))
        box.moveTop(max(bounds.top(), min(box.top(), bounds.bottom() - box.height())))
        self.move(box.topLeft())
        self.show()
        self.begin()

    def begin(self) -> None:
        """Put the keyboard where there is something to enter (when it is shown, not before: the
        window below would take the change of focus for its own, and close what opened)."""
        first = next((part.first for part in self.parts if part.first is not None), None)
        (first or self.move_button).setFocus(Qt.FocusReason.PopupFocusReason)

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)
        if not self._answered:
            self._answered = True
            self.cancelled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)

    # -- answers ----------------------------------------------------------------------------------

    def take(self) -> None:
        """Hand on what was entered, or say what is still wrong."""
        try:
            answer = [part.given() for part in self.parts]
        except Lacking as error:
            self._say(str(error))
            self._area.ensureWidgetVisible(error.widget)
            error.widget.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._answer()
        self.given.emit(answer)

    def _on_anyway(self) -> None:
        if self.reason.isHidden():
            self.reason.show()
            self.adjustSize()
            self.reason.setFocus()
            return
        reason = self.reason.text().strip()
        if not reason:
            self._say(tr("The protocol keeps the reason; write one."))
            return
        self._answer()
        self.anyway.emit(reason)

    def _answer(self) -> None:
        self._answered = True
        self.close()

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.show()
        self.adjustSize()


class Lacking(ValueError):
    """What was entered does not do yet, with the field in which that is put right."""

    def __init__(self, text: str, widget: QWidget) -> None:
        super().__init__(text)
        self.widget = widget


class DealPart(QWidget):
    """What one deal lacks; ``taken()`` on Enter in a field. ``first`` gets the focus."""

    taken = Signal()

    def __init__(
        self,
        context: Context,
        missing: Missing,
        asked: dict[str, Asked],
        named: bool,
        label_width: int = _LABEL,
    ) -> None:
        super().__init__()
        self._wide = label_width
        self.setObjectName(f"move-requirements-{missing.deal_id}")
        self._context, self._missing = context, missing
        self._reads: list[tuple[str, QWidget, Callable[[], Any]]] = []
        self._tasks: list[tuple[MustDo, Flag, QLineEdit | None]] = []
        self._payment: tuple[ValueEdit, ValueEdit] | None = None
        self.first: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.S - 2)
        if named:
            self._column.addWidget(ElidedLabel(missing.title, "muted"))
        for name in missing.fields:
            self._add_field(asked[name])
        if missing.percent is not None:
            self._add_payment(missing)
        for task in missing.tasks:
            self._add_task(task)

    # -- what is asked ----------------------------------------------------------------------------

    def _today(self) -> int:
        return self._context.store.zone.day_of(self._context.now())

    def _line(self, text: str, *widgets: QWidget) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        title = ElidedLabel(text, "muted")
        # Its own policy ignores the width, and a layout would give it none.
        title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        title.setFixedWidth(self._wide)
        row.addWidget(title)
        for widget in widgets:
            row.addWidget(widget, 1)
        self._column.addLayout(row)
        self.first = self.first or widgets[0]

    def _add_field(self, asked: Asked) -> None:
        words = field_words([asked.name])
        name = f"{self.objectName()}-{asked.name}"
        if asked.kind in ("choice", "person", "yes_no"):
            widget, read = self._choice(asked, name, words)
        elif asked.kind in ("company", "contact"):
            widget, read = self._client(asked, name, words)
        else:
            edit = ValueEdit(self._kind(asked.kind), name, words)
            edit.taken.connect(self.taken)
            widget, read = edit, edit.needed
        self._reads.append((asked.name, widget, read))
        self._line(self._priced(words) if asked.kind == "money" else words, widget)

    def _priced(self, words: str) -> str:
        """``Site fee, ₽``."""
        return f"{words}, {formats.sign(self._missing.currency)}"

    def _kind(self, kind: str) -> Kind:
        if kind == "money":
            return MoneyKind(self._missing.currency)
        if kind == "day":
            return DateKind(self._today)
        return NumberKind(-LIMIT, LIMIT, places=6) if kind == "number" else TextKind()

    def _choice(self, asked: Asked, name: str, words: str) -> tuple[QWidget, Callable[[], Any]]:
        given = asked.options
        if asked.kind == "yes_no":
            given = ((True, tr("Yes")), (False, tr("No")))
        options = [Option(value, text) for value, text in given]
        chosen: list[Any] = []
        button = ComboButton("", name, "chip")

        def show(text: str) -> None:
            button.set_text(text, f"{words}: {text}")

        def pick(value: Any) -> None:
            chosen[:] = [value]
            show(next(option.text for option in options if option.value == value))

        def opens() -> Picker:
            picker = Picker(options, f"{name}-list", words, chosen[0] if chosen else None, button)
            picker.picked.connect(pick)
            return picker

        def read() -> Any:
            if not chosen:
                raise ValueError(tr("This cannot be empty."))
            return chosen[0]

        show(tr("Choose…"))
        button.set_opens(opens)
        return button, read

    def _client(self, asked: Asked, name: str, words: str) -> tuple[QWidget, Callable[[], Any]]:
        def find(text: str) -> list[str]:
            from salesdesk.services import dealview

            found = self._context.ask(dealview.find_clients, text, asked.kind, limit=8)
            return [one.name for one in found]

        edit = NameEdit(name, words, find)
        edit.returnPressed.connect(self.taken)

        def read() -> str:
            if not edit.text().strip():
                raise ValueError(tr("This cannot be empty."))
            return edit.text().strip()

        return edit, read

    def _add_payment(self, missing: Missing) -> None:
        name = f"{self.objectName()}-payment"
        currency = missing.currency
        amount = ValueEdit(MoneyKind(currency), name, tr("Amount paid"), missing.short)
        day = ValueEdit(DateKind(self._today), f"{name}-day", tr("Paid on"), self._today())
        for field in (amount, day):
            field.taken.connect(self.taken)
        day.setMinimumWidth(_DAY)
        self._payment = (amount, day)
        hint = tr(
            "{share} of {amount} must be paid: {paid} so far",
            share=tr("{n}%", n=missing.percent), paid=tr("{n}%", n=missing.paid_percent),
            amount=formats.money(missing.amount, currency),
        )  # fmt: skip
        self._line(self._priced(trp("payment", "Paid")), amount, day)
        below = label(hint, "small", wrap=True)
        below.setContentsMargins(self._wide + theme.S, 0, 0, 0)
        self._column.addWidget(below)

    def _add_task(self, task: MustDo) -> None:
        name = f"{self.objectName()}-task-{task.id}"
        words = tr("Done: {title}", title=task.title)
        done = Flag(name, words, words)
        self._column.addWidget(done)
        self.first = self.first or done
        result: QLineEdit | None = None
        if task.asks_result:
            result = QLineEdit()
            result.setObjectName(f"{name}-result")
            result.setProperty("look", "inline")
            result.setAccessibleName(tr("What came of it?"))
            result.setPlaceholderText(tr("What came of it?"))
            result.textEdited.connect(lambda text: done.setChecked(bool(text.strip())))
            result.returnPressed.connect(self.taken)
            self._column.addWidget(result)
        self._tasks.append((task, done, result))

    # -- what was entered -------------------------------------------------------------------------

    def given(self) -> Given:
        """What was entered; raises Lacking with the sentence that says what is wrong."""
        fields = {}
        for name, widget, read in self._reads:
            fields[name] = _entered(field_words([name]), widget, read)
        payment = None
        if self._payment is not None:
            payment = self._paid(*self._payment)
        return Given(self._missing.deal_id, fields, self._done(), payment)

    def _paid(self, amount: ValueEdit, day: ValueEdit) -> NewPayment:
        what = trp("payment", "Paid")
        paid, when = _entered(what, amount, amount.needed), _entered(what, day, day.needed)
        if paid <= 0:
            raise Lacking(tr("A payment needs an amount above 0; nothing was changed."), amount)
        if when > self._today():
            raise Lacking(
                tr("A payment cannot have been made on a day that has not come yet."), day
            )
        return NewPayment(paid, actual_day=when)

    def _done(self) -> dict[int, str | None]:
        found: dict[int, str | None] = {}
        for task, done, result in self._tasks:
            text = result.text().strip() if result is not None else None
            if result is not None and not text:
                raise Lacking(tr("“{title}” asks for its result.", title=task.title), result)
            if not done.isChecked():
                raise Lacking(tr("Finish “{title}” first.", title=task.title), done)
            found[task.id] = text
        return found


def _entered(what: str, widget: QWidget, read: Callable[[], Any]) -> Any:
    """What stands in a field; raises Lacking."""
    try:
        return read()
    except ValueError as error:
        raise Lacking(f"{what}: {error}", widget) from error
