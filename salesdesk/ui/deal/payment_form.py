"""The forms of payments: one that adds or changes a line, and one that pays a part of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services.payments import PaymentLine
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.deal.payment_words import amount as amount_words
from salesdesk.ui.taskforms.forms import Form, has_focus
from salesdesk.ui.widgets.buttons import Button, ComboButton, PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.entries import NameEdit, ValueEdit
from salesdesk.ui.widgets.kinds import DateKind, MoneyKind, TextKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered: the line that is changed (None: a new one) and all its fields."""

    payment_id: int | None
    values: dict[str, Any]


class PaymentForm(QFrame):
    """Direction, amount, days, contractor, note.

    ``entered(Entered)``; ``left()`` when it was closed with the focus in it.
    """

    entered = Signal(object)
    left = Signal()

    def __init__(
        self, today: Callable[[], int], contractors: Callable[[str], Sequence[str]]
    ) -> None:
        super().__init__()
        self.setObjectName("deal-payment-form")
        self.setProperty("role", "card")
        self._line: PaymentLine | None = None
        self._currency = "RUB"
        self._currencies: Sequence[str] = ()
        self.way = ChipRow([("in", ""), ("out", "")], "deal-payment-way", "")
        self.way.chosen.connect(lambda _way: self._arrange())
        self.amount = ValueEdit(MoneyKind("RUB"), "deal-payment-amount", "")
        self.currency = ComboButton("", "deal-payment-currency", "chip")
        self.currency.set_opens(self._pick_currency)
        self.planned = ValueEdit(DateKind(today), "deal-payment-planned", "")
        self.actual = ValueEdit(DateKind(today), "deal-payment-actual", "")
        self.contractor = NameEdit("deal-payment-contractor", "", contractors)
        self.note = ValueEdit(TextKind(longest=2000), "deal-payment-note", "")
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.button = PrimaryButton("", "deal-payment-ok", self.take)
        self.cancel_button = Button("", "deal-payment-cancel", "plain", self.leave)
        self._planned_label, self._actual_label = label("", "small"), label("", "small")
        self._build()
        self.hide()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        column.setSpacing(theme.S)
        column.addWidget(self.way, 0, Qt.AlignmentFlag.AlignLeft)
        money = QHBoxLayout()
        money.setSpacing(theme.S)
        money.addWidget(self.amount, 1)
        money.addWidget(self.currency)
        column.addLayout(money)
        days = QGridLayout()
        days.setHorizontalSpacing(theme.S)
        days.setVerticalSpacing(2)
        for at, (title, field) in enumerate(
            ((self._planned_label, self.planned), (self._actual_label, self.actual))
        ):
            days.addWidget(title, 0, at)
            days.addWidget(field, 1, at)
            days.setColumnStretch(at, 1)
        column.addLayout(days)
        for widget in (self.contractor, self.note, self.problem):
            column.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.button)
        column.addLayout(buttons)
        for field in (self.amount, self.planned, self.actual, self.note):
            field.taken.connect(self.take)
        self.contractor.returnPressed.connect(self.take)

    def begin(
        self, line: PaymentLine | None, currency: str, currencies: Sequence[str], left: Any = None
    ) -> None:
        """Open it for a new payment (of what is left, to begin with), or for one to change."""
        self._line, self._currencies = line, currencies
        self._currency = line.currency if line is not None else currency
        self.way.set_value(line.direction if line is not None else "in")
        self.amount.set_value(line.amount if line is not None else left or None)
        self.planned.set_value(line.planned_day if line is not None else None)
        self.actual.set_value(line.actual_day if line is not None else None)
        self.contractor.setText((line.contractor if line is not None else "") or "")
        self.note.set_value(line.note if line is not None else None)
        self._say("")
        self.retranslate()
        self._arrange()
        self.show()
        self.amount.setFocus(Qt.FocusReason.OtherFocusReason)
        self.amount.selectAll()

    def leave(self) -> None:
        """Close it; what was typed is forgotten."""
        had_focus = has_focus(self)
        self.hide()
        if had_focus:
            self.left.emit()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.way.set_texts({"in": tr("From the client"), "out": tr("To a contractor")})
        self.way.setAccessibleName(tr("Direction"))
        for field, text in (
            (self.amount, tr("Amount")), (self.planned, tr("Planned day")),
            (self.actual, tr("Paid on")), (self.contractor, tr("Contractor")),
            (self.note, tr("Note")),
        ):  # fmt: skip
            field.setAccessibleName(text)
            field.setPlaceholderText(text)
        self._planned_label.setText(tr("Planned day"))
        self._actual_label.setText(tr("Paid on"))
        for field in (self.planned, self.actual):
            field.setPlaceholderText(formats.DASH)
        self.currency.set_text(self._currency, f"{tr('Currency')}: {self._currency}")
        self.button.set_text(trp("payment", "Add") if self._line is None else tr("Save"))
        self.cancel_button.set_text(tr("Cancel"))

    def _arrange(self) -> None:
        self.contractor.setVisible(self.way.value() == "out")

    def _pick_currency(self) -> Picker:
        codes = dict.fromkeys((*self._currencies, self._currency))
        options = [Option(code, f"{code} {formats.sign(code)}") for code in codes]
        picker = Picker(
            options, "deal-payment-currencies", tr("Currency"), self._currency, self
        )  # fmt: skip
        picker.picked.connect(self._on_currency)
        return picker

    def _on_currency(self, code: str) -> None:
        self._currency = code
        self.currency.set_text(code, f"{tr('Currency')}: {code}")

    def take(self) -> None:
        """Hand on what was entered."""
        for field in (self.amount, self.planned, self.actual, self.note):
            try:
                _ = field.needed() if field is self.amount else field.value()
            except ValueError as error:
                self._say(f"{field.accessibleName()}: {error}")
                field.setFocus()
                return
        self._say("")
        way = self.way.value()
        values = {
            "direction": way, "amount": self.amount.value(), "currency": self._currency,
            "planned_day": self.planned.value(), "actual_day": self.actual.value(),
            "contractor": self.contractor.text() if way == "out" else None,
            "note": self.note.value(),
        }  # fmt: skip
        self.entered.emit(Entered(None if self._line is None else self._line.id, values))

    def refuse(self, text: str) -> None:
        """Say why it was not taken; what was entered stays."""
        self._say(text)

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))


class PartForm(Form):
    """How much of a payment came, and when; ``given(amount, day)``."""

    given = Signal(object, object)

    def __init__(self, line: PaymentLine, today: int, parent: QWidget | None = None) -> None:
        title = tr("How much of {amount} was paid?", amount=amount_words(line))
        super().__init__("deal-payment-part", title, tr("Mark as paid"), parent)
        self._line = line
        self.amount = ValueEdit(
            MoneyKind(line.currency), "deal-payment-part-amount", tr("Amount"), line.amount
        )
        self.day = ValueEdit(
            DateKind(lambda: today), "deal-payment-part-day", tr("Paid on"), today
        )  # fmt: skip
        self.says = label("", "muted", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.amount, 1)
        row.addWidget(self.day, 1)
        self.inside.addLayout(row)
        self.inside.addWidget(self.says)
        self.amount.textChanged.connect(self._tell)
        for field in (self.amount, self.day):
            field.taken.connect(self.take)
        self.starts_at(self.amount)
        self.amount.selectAll()
        self._tell()

    def _tell(self) -> None:
        """What it comes to, while it is typed."""
        try:
            paid: Decimal | None = self.amount.value()
        except ValueError:
            paid = None
        if paid is None:
            self.says.setText("")
            return
        rest = self._line.amount - paid
        shown = formats.money(abs(rest), self._line.currency)
        if rest > 0:
            self.says.setText(tr("{amount} stays planned.", amount=shown))
        elif rest < 0:
            self.says.setText(tr("{amount} more than planned.", amount=shown))
        else:
            self.says.setText(tr("All of it."))

    def read(self) -> tuple[Decimal, int]:
        return self.amount.needed(), self.day.needed()

    def give(self, answer: Any) -> None:
        self.given.emit(*answer)
