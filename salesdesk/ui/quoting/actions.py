"""What a person does with contractors' prices: each one command, with a toast that offers Undo."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services import contractorlist, payments, quotes, ratings
from salesdesk.services.contractorview import QuoteLine
from salesdesk.services.quotes import NewQuote
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.quoting import words
from salesdesk.ui.quoting.forms import Asked, DayForm, Given, PlanForm, QuoteForm, RateForm
from salesdesk.ui.taskforms.forms import Form
from salesdesk.ui.widgets.popup import menu


class QuoteActions(QObject):
    """Menus and forms over ``holder``, the section whose prices they are."""

    def __init__(self, context: Context, holder: QWidget) -> None:
        super().__init__(holder)
        self._context = context
        self._holder = holder

    # -- forms ------------------------------------------------------------------------------------

    def add(self, asked: Asked, deal_id: int | None, place: QPoint) -> QuoteForm:
        """Ask for a new price, in a deal or without one."""
        form = self._form(asked)
        form.given.connect(lambda given: self._add(given, deal_id, asked))
        self._open(form, place)
        return form

    def _add(self, given: Given, deal_id: int | None, asked: Asked) -> None:
        new = NewQuote(
            given.price, contractor=given.contractor, service=given.service, deal_id=deal_id,
            planned_day=given.planned_day, note=given.note, currency=asked.currency,
        )  # fmt: skip
        self._write(quotes.add, new, said=tr("Price of {name} added", name=given.contractor))

    def _change(self, quote: QuoteLine, place: QPoint) -> None:
        form = self._form(Asked(quote.currency, quote.contractor, quote=quote))

        def save(given: Given) -> None:
            values = {"price": given.price, "planned_day": given.planned_day, "note": given.note}
            if given.service != (quote.service or ""):
                values["service"] = given.service
            self._write(quotes.change, quote.id, values, said=tr("Price changed"))

        form.given.connect(save)
        self._open(form, place)

    def _form(self, asked: Asked) -> QuoteForm:
        context = self._context
        names = [one.name for one in context.ask(contractorlist.services)]

        def find(text: str) -> list[str]:
            typed = text.strip().casefold()
            return [name for name in names if typed in name.casefold()]

        return QuoteForm(
            asked, lambda text: context.ask(payments.find_contractors, text), find,
            context.today(), self._holder,
        )  # fmt: skip

    def done(self, quote: QuoteLine, place: QPoint) -> DayForm:
        """Ask on which day the work was done."""
        today = self._context.today()
        title = tr("Done on")
        form = DayForm("work-done", title, tr("Work is done"), today, today, self._holder)
        form.given.connect(
            lambda day: self._write(quotes.finish, quote.id, day, said=tr("Work done"))
        )
        self._open(form, place)
        return form

    def rate(self, quote: QuoteLine, place: QPoint) -> RateForm:
        """Ask how the work went."""
        form = RateForm(quote, self._holder)
        said = tr("{name} rated", name=quote.contractor)
        form.given.connect(
            lambda scores, why: self._write(ratings.rate, quote.id, scores, why, said=said)
        )
        self._open(form, place)
        return form

    def plan(self, quote: QuoteLine, left: Decimal, place: QPoint) -> PlanForm:
        """Ask for a payment to be planned."""
        form = PlanForm(quote, left, self._context.today(), self._holder)
        form.given.connect(
            lambda amount, day: self._write(
                quotes.plan_payment, quote.id, amount=amount, planned_day=day,
                said=tr("Payment planned"),
            )
        )  # fmt: skip
        self._open(form, place)
        return form

    # -- at once ----------------------------------------------------------------------------------

    def accept(self, quote: QuoteLine) -> None:
        """Take the offer: the cost of the deal is filled."""
        self._context.write(
            quotes.accept, quote.id,
            say=lambda done: words.accepted(done.cost, done.cost_before, done.currency),
        )  # fmt: skip

    def decline(self, quote: QuoteLine) -> None:
        """Accept it no more."""
        self._write(quotes.decline, quote.id, said=tr("Price accepted no more"))

    def remove(self, quote: QuoteLine) -> None:
        """Remove the price."""
        self._write(quotes.remove, [quote.id], said=tr("Price removed"))

    def menu_of(
        self, quote: QuoteLine, place: QPoint, left: Decimal = Decimal(0), *, more: Any = ()
    ) -> QMenu:
        """What can be done with a price; ``left`` of it can be planned as a payment, ``more`` are
        entries that come first."""
        entries: list[Any] = [*more]
        if not quote.accepted:
            entries.append(("accept", tr("Accept the price"), lambda: self.accept(quote)))
        elif quote.actual_day is None:
            entries.append(("done", tr("Done on…"), self._later(self.done, quote, place)))
        if quote.closed:
            entries.append(("rate", tr("Rate the work…"), self._later(self.rate, quote, place)))
        if left > 0:
            entries.append(
                ("plan", tr("Plan a payment…"), self._later(self.plan, quote, left, place))
            )
        entries.append(("change", tr("Change…"), self._later(self._change, quote, place)))
        if quote.accepted and quote.actual_day is None:
            entries.append(("decline", tr("Not accepted after all"), lambda: self.decline(quote)))
        if quote.actual_day is not None:
            said = tr("Work is not done yet")
            undone = lambda: self._write(quotes.finish, quote.id, None, said=said)  # noqa: E731
            entries.append(("undone", tr("Not done yet"), undone))
        entries += [None, ("remove", tr("Remove the price"), lambda: self.remove(quote))]
        return menu(entries, "quote-menu", self._holder)

    def _later(self, opens: Callable[..., object], *given: Any) -> Callable[[], None]:
        """Open something when the menu is gone: its going would close that too."""
        return lambda: QTimer.singleShot(0, self, lambda: _call(opens, given))

    def _open(self, form: Form, place: QPoint) -> None:
        """Open a form at a place, all of it on the screen."""
        form.adjustSize()
        screen = self._holder.screen().availableGeometry()
        left = min(max(place.x() - form.width() + 24, screen.left()), screen.right() - form.width())
        top = min(max(place.y(), screen.top()), screen.bottom() - form.sizeHint().height())
        form.move(left, top)
        form.show()

    def _write(self, verb: Callable[..., Any], *args: Any, said: str, **kwargs: Any) -> None:
        self._context.write(verb, *args, say=lambda _result: said, **kwargs)


def _call(run: Callable[..., object], given: tuple[Any, ...]) -> None:
    run(*given)
