"""The payments of a deal: what they add up to, a line for each, a form to add and to change."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.services import payments as verbs
from salesdesk.services.dealview import Choices, DealView
from salesdesk.services.payments import NewPayment, PaymentLine
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal import payment_words as words
from salesdesk.ui.deal import standing
from salesdesk.ui.deal.payment_form import Entered, PartForm, PaymentForm
from salesdesk.ui.deal.payment_rows import ChainList, PaidBar, PaymentRow
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.popup import menu, show_under

PAID_KEY = "P"


class PaymentSection(QWidget):
    """The heading, the sums, the form, the lines. ``left()``: the form was closed."""

    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("deal-payments")
        self._context = context
        self._deal: DealView | None = None
        self._choices: Choices | None = None
        self._key: object = None
        #: The rows that are seen, by payment; and all that were made, by place.
        self.rows: dict[int, PaymentRow] = {}
        self._made: list[PaymentRow] = []
        self.title = SectionLabel("")
        self.add_button = LinkButton("", "deal-payment-add", self.add)
        self.total = label("", "strong", wrap=True)
        self.bar = PaidBar()
        self.rest = label("", "muted", wrap=True)
        self.late = label("", "problem", wrap=True)
        self.gate = label("", "muted", wrap=True)
        self.chain = ChainList()
        self.form = PaymentForm(self._context.today, self._contractors)
        self.form.entered.connect(self._on_entered)
        self.form.left.connect(self._on_left)
        self.empty = LinkButton("", "deal-payments-empty", self.add)
        for link in (self.add_button, self.empty):
            link.setStyleSheet("padding: 0;")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(head)
        for widget in (self.total, self.bar, self.rest, self.late, self.gate, self.form):
            column.addWidget(widget)
        column.addLayout(self._lines)
        column.addWidget(self.chain)
        column.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignLeft)

    # -- what is shown ------------------------------------------------------------------------

    def show_deal(self, deal: DealView, choices: Choices) -> None:
        """Show the payments of a deal; nothing is made anew when nothing changed."""
        if self._deal is not None and (self._deal.id, self._deal.as_of) != (deal.id, deal.as_of):
            self.form.hide()
        self._deal, self._choices = deal, choices
        key = (
            deal.payments, deal.sums, deal.chain, deal.gate, self._may(), self._context.language
        )  # fmt: skip
        if key != self._key:
            self._key = key
            self._show_sums(deal)
            self._rebuild(deal)
        self.setVisible(bool(deal.payments or deal.chain) or self._may())

    def retranslate(self) -> None:
        """Set every text anew."""
        self.title.set_text(tr("Payments"))
        self.add_button.set_text(tr("Add"), tr("Add a payment"))
        self.form.retranslate()
        if self._deal is not None and self._choices is not None:
            self.show_deal(self._deal, self._choices)

    def _may(self) -> bool:
        deal = self._deal
        return deal is not None and standing.changeable(self._context, deal)

    def _show_sums(self, deal: DealView) -> None:
        there = bool(deal.payments)
        self.gate.setText(words.gate(deal.gate) if deal.gate is not None else "")
        self.gate.setVisible(deal.gate is not None)
        self.chain.show_chain(deal.chain, self._context.today())
        self.bar.show_sums(deal.sums)
        # Of a deal that only pays contractors it is told what goes out.
        takes_in = deal.chain is None or any(one.direction == "in" for one in deal.payments)
        for widget, text, shown in (
            (self.total, words.total(deal.sums), takes_in),
            (self.rest, words.rest(deal.sums, deal.chain is None), takes_in),
            (self.late, words.late(deal.sums), True),
        ):
            widget.setText(text)
            widget.setVisible(there and shown and bool(text))
        self.bar.setVisible(there and takes_in and not self.bar.isHidden())
        self.add_button.setVisible(there and self._may())
        none_at_all = tr("No payment yet: plan the advance")
        self.empty.set_text(none_at_all if deal.chain is None else tr("Add a payment"))
        self.empty.setVisible(not there and self._may())

    def _rebuild(self, deal: DealView) -> None:
        focused = self.focused()
        places = list(self.rows)
        self.rows.clear()
        for place, line in enumerate(deal.payments):
            row = self._row(place)
            row.show_line(line, self._context.today())
            row.setEnabled(self._may())
            row.show()
            self.rows[line.id] = row
        for row in self._made[len(deal.payments) :]:
            row.hide()
        if focused is not None:
            self._focus_again(focused.id, places.index(focused.id))

    def _focus_again(self, payment: int, place: int) -> None:
        """The keyboard stays on its line; when that is gone, on the one that took its place."""
        rows = list(self.rows.values())
        row = self.rows.get(payment) or (rows[min(place, len(rows) - 1)] if rows else None)
        (row.text if row is not None else self.empty).setFocus()

    def _row(self, place: int) -> PaymentRow:
        """The row in a place; made once, and used again for whatever stands there."""
        if place == len(self._made):
            row = PaymentRow()
            row.dot.clicked.connect(lambda: self._on_dot(self._made[place].payment))
            row.text.clicked.connect(lambda: self._on_text(self._made[place]))
            row.text.installEventFilter(self)
            self._made.append(row)
            self._lines.addWidget(row)
        return self._made[place]

    def _on_text(self, row: PaymentRow) -> None:
        if row.payment is not None:
            show_under(self.menu_of(row.payment), row.text)

    def focused(self) -> PaymentLine | None:
        """The payment whose line has the focus."""
        return next((row.payment for row in self.rows.values() if row.has_focus()), None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            line = self.focused()
            if event.key() == Qt.Key.Key_Delete and line is not None:
                self._remove(line)
                return True
        return super().eventFilter(watched, event)

    def _contractors(self, text: str) -> list[str]:
        return self._context.ask(verbs.find_contractors, text)

    # -- what can be done -----------------------------------------------------------------------

    def add(self) -> None:
        """Open the form for a new payment, with what is not planned yet."""
        deal, choices = self._deal, self._choices
        if deal is None or choices is None or not self._may():
            return
        left = None
        if deal.sums.left is not None:
            left = max(deal.sums.left - deal.sums.planned, Decimal(0))
        self._begin(None, left)

    def _begin(self, line: PaymentLine | None, left: Decimal | None = None) -> None:
        if self._deal is not None and self._choices is not None:
            self.form.begin(line, self._deal.currency, self._choices.currencies, left)

    def pay_next(self) -> None:
        """Mark the payment that has the focus, else the next one to come in, as paid today."""
        if self._deal is None or not self._may():
            return
        line = self.focused()
        if line is None:
            coming = [one for one in self._deal.payments if one.state != "paid"]
            coming.sort(key=lambda one: one.direction == "out")
            line = coming[0] if coming else None
        if line is not None and line.state != "paid":
            self._pay(line, None, None)

    def menu_of(self, line: PaymentLine) -> QMenu:
        """What can be done with a payment."""
        paid = [("unpay", tr("Not paid after all"), lambda: self._unpay(line))]
        planned = [
            ("pay", f"{tr('Paid today')}\t{PAID_KEY}", lambda: self._pay(line, None, None)),
            ("part", tr("Paid in part or on another day…"), lambda: self._later(self._part, line)),
        ]
        return menu(
            [
                *(paid if line.state == "paid" else planned),
                ("change", tr("Change…"), lambda: self._later(self._begin, line)),
                None,
                ("remove", tr("Remove the payment"), lambda: self._remove(line)),
            ],
            "deal-payment-menu",
            self,
        )

    def _later(self, opens: Callable[[PaymentLine], None], line: PaymentLine) -> None:
        """Open something when the menu is gone: its going would close that too."""
        QTimer.singleShot(0, self, lambda: opens(line))

    def _on_dot(self, line: PaymentLine | None) -> None:
        if line is None:
            return
        if line.state == "paid":
            self._unpay(line)
        else:
            self._pay(line, None, None)

    def _part(self, line: PaymentLine) -> None:
        form = PartForm(line, self._context.today(), self)
        form.given.connect(lambda amount, day: self._pay(line, amount, day))
        row = self.rows.get(line.id)
        show_under(form, self.title if row is None else row.text)

    def _pay(self, line: PaymentLine, amount: Decimal | None, day: int | None) -> None:
        self._context.write(
            verbs.pay, line.id, amount=amount, day=day, say=lambda done: words.paid(done, line)
        )

    def _unpay(self, line: PaymentLine) -> None:
        self._context.write(verbs.unpay, line.id, say=lambda _id: tr("Planned again"))

    def _remove(self, line: PaymentLine) -> None:
        self._context.write(verbs.remove, [line.id], say=lambda _id: tr("Payment removed"))

    def _on_entered(self, entered: Entered) -> None:
        if self._deal is None:
            return

        def failed(error: Exception) -> bool:
            if isinstance(error, SalesDeskError):
                self.form.refuse(error.text())
                return True
            return False

        given: dict[str, Any] = {"done": lambda _id: self.form.leave(), "failed": failed}
        if entered.payment_id is None:
            new = NewPayment(**entered.values)
            said = tr("Payment added")
            self._context.write(verbs.add, self._deal.id, new, say=lambda _id: said, **given)
        else:
            said = tr("Payment changed")
            self._context.write(
                verbs.change, entered.payment_id, entered.values, say=lambda _id: said, **given
            )

    def _on_left(self) -> None:
        target = self.add_button if self.add_button.isVisibleTo(self) else self.empty
        target.setFocus()
        self.left.emit()
