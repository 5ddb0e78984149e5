"""The forms of contractors' prices: one to add and change, when work was done, how it went, and a
payment to plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from salesdesk.services import ratings
from salesdesk.services.contractorview import QuoteLine
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.quoting import words
from salesdesk.ui.taskforms.forms import Form
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.entries import NameEdit, ValueEdit
from salesdesk.ui.widgets.kinds import DateKind, MoneyKind
from salesdesk.ui.widgets.labels import label

Find = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form of a price begins with. Without a ``contractor`` one is asked for; ``quote`` is
    the one that is changed."""

    currency: str
    contractor: str = ""
    service: str = ""
    price: Decimal | None = None
    planned_day: int | None = None
    quote: QuoteLine | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What was entered."""

    contractor: str
    service: str
    price: Decimal
    planned_day: int | None
    note: str


class QuoteForm(Form):
    """Contractor, service, price, the day by which it would be done, a note; ``given(Given)``."""

    given = Signal(object)

    def __init__(
        self, asked: Asked, contractors: Find, services: Find, today: int, parent: QWidget | None
    ) -> None:
        new = asked.quote is None
        name = asked.contractor
        title = tr("Price of {contractor}", contractor=name) if name else tr("A contractor's price")
        super().__init__("quote-form", title, tr("Add the price") if new else tr("Save"), parent)
        quote = asked.quote
        self._contractor = asked.contractor
        self.contractor = NameEdit("quote-form-contractor", tr("Contractor"), contractors)
        self.service = NameEdit(
            "quote-form-service",
            tr("Service"),
            services,
            quote.service or "" if quote else asked.service,
        )
        self.price = ValueEdit(
            MoneyKind(asked.currency), "quote-form-price", tr("Price"),
            quote.price if quote else asked.price,
        )  # fmt: skip
        self.planned = ValueEdit(
            DateKind(lambda: today), "quote-form-planned", tr("Done by"),
            quote.planned_day if quote else asked.planned_day,
        )  # fmt: skip
        self.note = self.line("note", tr("Note"), (quote.note or "") if quote else "", tr("Note"))
        self._first = None
        self._build(asked)

    def _build(self, asked: Asked) -> None:
        self.contractor.setPlaceholderText(tr("Contractor, a new one too"))
        self.service.setPlaceholderText(tr("Service"))
        for name in (self.contractor, self.service):
            name.returnPressed.connect(self.take)
        for value in (self.price, self.planned):
            value.taken.connect(self.take)
        if not self._contractor:
            self.inside.addWidget(self.contractor)
            self.starts_at(self.contractor)
        self.inside.addWidget(self.service)
        if not asked.service and asked.quote is None:
            self.starts_at(self.service)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.S)
        grid.setVerticalSpacing(2)
        heads = (tr("Price, {sign}", sign=formats.sign(asked.currency)), tr("Done by"))
        for at, (text, field) in enumerate(zip(heads, (self.price, self.planned), strict=True)):
            grid.addWidget(label(text, "small"), 0, at)
            grid.addWidget(field, 1, at)
            grid.setColumnStretch(at, 1)
        self.inside.addLayout(grid)
        self.inside.addWidget(self.note)
        self.starts_at(self.price)

    def read(self) -> Given:
        contractor = self._contractor or self.contractor.text().strip()
        if not contractor:
            raise ValueError(tr("Say which contractor asks this price."))
        try:
            price = self.price.needed()
        except ValueError as error:
            raise ValueError(f"{tr('Price')}: {error}") from error
        if price <= 0:
            raise ValueError(tr("A price is an amount above 0; nothing was changed."))
        return Given(
            contractor, self.service.text().strip(), price, self.planned.value(),
            self.note.text().strip(),
        )  # fmt: skip

    def give(self, answer: Any) -> None:
        self.given.emit(answer)


class DayForm(Form):
    """The day on which work was done, today at the latest; ``given(day)``."""

    given = Signal(int)

    def __init__(
        self, name: str, title: str, button: str, day: int, today: int, parent: QWidget | None
    ) -> None:
        super().__init__(name, title, button, parent)
        self._today = today
        self.day = ValueEdit(DateKind(lambda: today), f"{name}-day", title, day)
        self.day.taken.connect(self.take)
        self.inside.addWidget(self.day)
        self.starts_at(self.day)

    def read(self) -> int:
        found: int = self.day.needed()
        if found > self._today:
            raise ValueError(tr("Work cannot have been done on a day that has not come yet."))
        return found

    def give(self, answer: Any) -> None:
        self.given.emit(answer)


class RateForm(Form):
    """1 to 5 by each criterion, and why; ``given(scores, why)``. What the deadlines deserve is
    proposed from the days."""

    given = Signal(object, str)

    def __init__(self, quote: QuoteLine, parent: QWidget | None) -> None:
        title = tr("How did {contractor} work?", contractor=quote.contractor)
        super().__init__("rate-form", title, trp("work", "Rate"), parent)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.XS)
        grid.setColumnStretch(1, 1)
        self.rows: dict[str, ChipRow] = {}
        for at, name in enumerate(ratings.CRITERIA):
            spoken = words.criterion(name)
            row = ChipRow(
                [(str(n), str(n)) for n in range(1, ratings.BEST + 1)], f"rate-{name}", spoken
            )
            for n in range(1, ratings.BEST + 1):
                row.chip(str(n)).setAccessibleName(f"{spoken}: {n}")
            row.set_value("")
            grid.addWidget(label(spoken, "muted"), at, 0)
            grid.addWidget(row, at, 1)
            self.rows[name] = row
        self.inside.addLayout(grid)
        proposed = ratings.proposed(quote.planned_day, quote.actual_day)
        if proposed is not None:
            self.rows["deadlines"].set_value(str(proposed))
            said = words.lateness(quote.late_days, True)
            self.inside.addWidget(label(tr("Deadlines: {how}", how=said), "muted", wrap=True))
        self.why = self.line("why", tr("Why"), "", tr("Why? The next one to choose reads it."))
        self.inside.addWidget(self.why)
        self._first = self.rows["price"].chip("1")

    def read(self) -> tuple[dict[str, int], str]:
        scores = {name: int(row.value()) for name, row in self.rows.items() if row.value()}
        if not scores:
            raise ValueError(tr("Choose a number by one of them at least."))
        return scores, self.why.text().strip()

    def give(self, answer: Any) -> None:
        self.given.emit(*answer)


class PlanForm(Form):
    """A payment to the contractor: how much, and when; ``given(amount, day)``."""

    given = Signal(object, object)

    def __init__(self, quote: QuoteLine, left: Decimal, today: int, parent: QWidget | None) -> None:
        title = tr("A payment to {contractor}", contractor=quote.contractor)
        super().__init__("plan-payment", title, tr("Plan it"), parent)
        self.amount = ValueEdit(
            MoneyKind(quote.currency), "plan-payment-amount", tr("Amount"), left
        )  # fmt: skip
        day = max(quote.actual_day or quote.planned_day or today, today)
        self.day = ValueEdit(DateKind(lambda: today), "plan-payment-day", tr("Pay by"), day)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for field in (self.amount, self.day):
            field.taken.connect(self.take)
            row.addWidget(field, 1)
        self.inside.addLayout(row)
        self.starts_at(self.amount)

    def read(self) -> tuple[Decimal, int | None]:
        amount = self.amount.needed()
        if amount <= 0:
            raise ValueError(tr("A payment needs an amount above 0; nothing was changed."))
        return amount, self.day.value()

    def give(self, answer: Any) -> None:
        self.given.emit(*answer)
