"""The panel of one contractor, beside the list: everything about it, edited in place."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from salesdesk.errors import NotFound
from salesdesk.services import contractorview
from salesdesk.services.contractorview import ContactPerson, ContractorView, QuoteLine, RatingLine
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats
from salesdesk.ui.context import Context
from salesdesk.ui.contractors.edits import FIELDS, Edits
from salesdesk.ui.contractors.forms import ContactForm, ServicePicker
from salesdesk.ui.contractors.prices import PriceSection
from salesdesk.ui.contractors.sections import (
    ContactSection,
    DeadlineSection,
    PaymentSection,
    RatingSection,
    ServiceChips,
)
from salesdesk.ui.quoting import words
from salesdesk.ui.quoting.actions import QuoteActions
from salesdesk.ui.quoting.forms import Asked
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.figures import Figures
from salesdesk.ui.widgets.kinds import MultilineKind, TextKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import menu, show_under
from salesdesk.ui.widgets.reach import ReachRow, open_link
from salesdesk.ui.widgets.recordpanel import RecordPanel

_WIDTHS = (340, 400, 560)
_CALM_MS = 60
_TABLES = (
    "contractor", "contractor_service", "contractor_contact", "contractor_quote",
    "contractor_rating", "service", "payment", "deal", "person", "rate", "setting",
)  # fmt: skip


def _opened(r: Any, contractor_id: int, *, now: int) -> ContractorView:
    return contractorview.opened(r, contractor_id, now=now)


class ContractorPanel(RecordPanel):
    """``service_wanted(name)``: who else does it."""

    service_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, "contractor", _WIDTHS, parent)
        self.opens: Callable[[str], object] = open_link
        self._shown: ContractorView | None = None
        self.edits = Edits(context, self)
        self.quotes = QuoteActions(context, self)
        self.gone = label("", "problem", wrap=True)
        self.services = ServiceChips()
        self.figures = Figures("contractor-figures")
        self.unrated = label("", "muted", wrap=True)
        self.rows: dict[str, FieldRow] = {
            "phone": ReachRow("contractor-phone", True, self._open),
            "email": ReachRow("contractor-email", False, self._open),
            "tax_number": FieldRow("", TextKind(longest=40), "contractor-tax"),
            "notes": FieldRow("", MultilineKind(), "contractor-notes"),
        }
        self.contacts = ContactSection()
        self.ratings = RatingSection()
        self.deadlines = DeadlineSection()
        self.prices = PriceSection()
        self.payments = PaymentSection()
        self.lay_out((
            self.gone, self.services, self.figures, self.unrated, self._fields(), self.contacts,
            self.ratings, self.prices, self.deadlines, self.payments,
        ))  # fmt: skip
        self._connect()
        self.retranslate()
        self.hide()

    def _fields(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for row in self.rows.values():
            column.addWidget(row)
        return holder

    def _connect(self) -> None:
        edits = self.edits
        edits.refused.connect(self._show_again)
        self.title.committed.connect(lambda value: edits.change("name", value))
        for name, row in self.rows.items():
            row.committed.connect(lambda value, name=name: edits.change(name, value))
        self.services.wanted.connect(self._on_add_service)
        self.services.pressed.connect(self._on_service)
        self.contacts.wanted.connect(lambda: self._contact_form(None))
        self.contacts.asked.connect(
            lambda contact, place: self.menu_of_contact(contact).popup(place)
        )
        self.ratings.asked.connect(lambda one, place: self._menu_of_ratings(one).popup(place))
        self.prices.wanted.connect(self.add_price)
        self.prices.opened.connect(self.deal_wanted)
        self.prices.asked.connect(self._on_quote)
        self.payments.opened.connect(self.deal_wanted)
        self.context.language_changed.connect(self.retranslate)
        self.context.rights_changed.connect(self._show_again)
        self.reading = Reading(
            self, self.context, lambda: self.record_id, _opened, self._on_read,
            tables=_TABLES, calm=_CALM_MS, failed=self._on_failed,
        )  # fmt: skip

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Contractor"))
        self.title.set_spoken(trp("contractor", "Name"))
        super().retranslate()
        for name, row in self.rows.items():
            row.set_label(tr(FIELDS[name]))
        self._show_again()

    # -- what is shown ----------------------------------------------------------------------------

    def _on_read(self, view: ContractorView) -> None:
        another = self._shown is None or self._shown.id != view.id
        self._shown = self.edits.view = view
        self._show(view, another)
        if another:
            self.area.verticalScrollBar().setValue(0)
            self.record_opened.emit(view.id)

    def _on_failed(self, error: Exception) -> bool:
        was_shown = self._shown is not None and self._shown.id == self.record_id
        self.close_panel()
        return was_shown and isinstance(error, NotFound)

    def _show_again(self) -> None:
        if self._shown is not None:
            self._show(self._shown, False)

    def _show(self, view: ContractorView, another: bool) -> None:
        self.setUpdatesEnabled(False)
        self.title.set_value(view.name)
        self.title.set_editable(not view.deleted)
        self.gone.setText(tr("This contractor is deleted."))
        self.gone.setVisible(view.deleted)
        self.more_button.setVisible(not view.deleted and self.context.may("lead"))
        self.services.show_contractor(view)
        self._show_figures(view)
        self._show_fields(view)
        self.contacts.show_contractor(view, another)
        self.ratings.show_contractor(view, another, self._may_remove)
        self.deadlines.show_contractor(view)
        self.prices.show_contractor(view, another)
        self.payments.show_contractor(view, another)
        self.setUpdatesEnabled(True)

    def _show_figures(self, view: ContractorView) -> None:
        overall, share = view.averages.overall, view.deadlines.share
        sums = view.sums
        self.figures.show_pairs(
            [
                (formats.DASH if overall is None else f"★ {words.score(overall)}",
                 ntr("{n} rating", "{n} ratings", view.averages.count)),
                (formats.DASH if share is None else f"{share} %", trp("work", "on time")),
                (formats.money(sums.paid, sums.currency), trp("contractor", "paid")),
                (formats.money(sums.planned, sums.currency), trp("contractor", "to pay")),
            ]
        )  # fmt: skip
        codes = sorted({*sums.unrated, *(code for one in view.prices for code in one.unrated)})
        said = tr("Without amounts in {codes}: no rate is set.", codes=", ".join(codes))
        self.unrated.setText(said)
        self.unrated.setVisible(bool(codes))

    def _show_fields(self, view: ContractorView) -> None:
        phone, email = self.rows["phone"], self.rows["email"]
        assert isinstance(phone, ReachRow)
        assert isinstance(email, ReachRow)
        typed = view.phone.typed if view.phone is not None else None
        known = view.phone is None or view.phone.known
        phone.show_reach(tr(FIELDS["phone"]), typed, view.phone, known)
        email.show_reach(tr(FIELDS["email"]), view.email, None)
        self.rows["tax_number"].set_value(view.tax_number)
        self.rows["notes"].set_value(view.notes)
        tax = self.rows["tax_number"]
        if not tax.editing():
            tax.show_problem("" if view.tax_doubt is None else tr(view.tax_doubt), gentle=True)
        for row in self.rows.values():
            row.set_editable(not view.deleted)

    def _open(self, link: str) -> None:
        self.opens(link)

    # -- services and contacts --------------------------------------------------------------------

    def _on_add_service(self) -> None:
        if self._shown is None:
            return
        done = set(self._shown.services)
        names = [one.name for one in self._shown.all_services if one.name not in done]
        picker = ServicePicker(names, self)
        picker.picked.connect(self.edits.add_service)
        show_under(picker, self.services.add_chip)

    def _on_service(self, name: str, chip: QWidget) -> None:
        made = menu(
            [
                ("others", tr("Who else does this"), lambda: self.service_wanted.emit(name)),
                ("drop", tr("Take the service away"), lambda: self.edits.drop_service(name)),
            ],
            "contractor-service-menu", self,
        )  # fmt: skip
        show_under(made, chip)

    def _contact_form(self, contact: ContactPerson | None) -> None:
        form = ContactForm(contact, self)
        if contact is None:
            form.given.connect(self.edits.add_contact)
        else:
            form.given.connect(lambda values: self.edits.change_contact(contact, values))
        show_under(form, self.contacts.title)

    def menu_of_contact(self, contact: ContactPerson) -> QMenu:
        """What can be done with a person to talk to."""
        entries: list[Any] = []
        phone, email = contact.phone, contact.email
        if phone is not None:
            entries.append(
                ("call", tr("Call {phone}", phone=phone.shown), lambda: self.opens(phone.dial))
            )
            entries.append(("copy", tr("Copy the number"), lambda: _copy(phone.copied)))
        if email:
            mail = f"mailto:{email}"
            entries.append(
                ("write", tr("Write to {address}", address=email), lambda: self.opens(mail))
            )
        later = lambda: QTimer.singleShot(0, self, lambda: self._contact_form(contact))  # noqa: E731
        entries += [
            ("change", tr("Change…"), later), None,
            ("remove", tr("Remove the contact"), lambda: self.edits.remove_contact(contact)),
        ]  # fmt: skip
        return menu(entries, "contractor-contact-menu", self)

    # -- prices and ratings -----------------------------------------------------------------------

    def add_price(self) -> None:
        """Ask for a price without a deal."""
        if self._shown is None:
            return
        service = self._shown.services[0] if self._shown.services else ""
        asked = Asked(self._shown.sums.currency, self._shown.name, service)
        self.quotes.add(asked, None, self.prices.place())

    def _on_quote(self, quote: QuoteLine, place: QPoint) -> None:
        more: list[Any] = []
        if quote.deal_id is not None:
            deal = quote.deal_id
            more = [("deal", tr("Open the deal"), lambda: self.deal_wanted.emit(deal)), None]
            if not self.context.may("deal", deal):
                menu(more[:1], "quote-menu", self).popup(place)
                return
        self.quotes.menu_of(quote, place, more=more).popup(place)

    def _may_remove(self, rating: RatingLine) -> bool:
        """One's own, or anybody's for a lead."""
        return rating.person_id in (None, self.context.person_id) or self.context.may("lead")

    def _menu_of_ratings(self, group: Sequence[RatingLine]) -> QMenu:
        run = lambda: self.edits.remove_ratings(group)  # noqa: E731
        return menu([("remove", tr("Remove the rating"), run)], "contractor-rating-menu", self)

    # -- keys and menus ---------------------------------------------------------------------------

    def forget(self) -> None:
        self._shown = None

    def leave_one(self) -> bool:
        row = next((row for row in self.rows.values() if row.editing()), None)
        if row is not None:
            row.cancel()
        return row is not None

    def leave_edits(self) -> None:
        self.title.cancel()
        for row in self.rows.values():
            row.cancel()

    def _on_menu(self) -> None:
        delete = ("delete", tr("Delete the contractor"), self.edits.delete)
        show_under(menu([delete], "contractor-menu-list", self), self.more_button, right=True)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
