"""The contractors of a deal: what was asked for its work, and who else could do it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from salesdesk.services import contractor_offers, dealpast
from salesdesk.services.contractor_offers import DealQuotes, Proposal
from salesdesk.services.contractorview import QuoteLine
from salesdesk.services.dealview import DealView
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal import standing
from salesdesk.ui.quoting import words
from salesdesk.ui.quoting.actions import QuoteActions
from salesdesk.ui.quoting.forms import Asked
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.lines import LineItem
from salesdesk.ui.widgets.listsection import ListSection
from salesdesk.ui.widgets.popup import Option, Picker, menu

_CALM_MS = 80
_ANY = 0
_TABLES = frozenset(
    ("contractor", "contractor_quote", "contractor_rating", "contractor_service", "service")
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown: the deal's quotes, and the contractors for a service."""

    quotes: DealQuotes
    service_id: int | None
    proposals: tuple[Proposal, ...]


def _read(
    r: Any, deal_id: int, service: int | None, chosen: bool, as_of: int | None, *, now: int
) -> _Shown:
    """``chosen``: the ``service`` (None: any) was chosen by hand, else the deal's own. ``as_of`` a
    past moment there are only the prices that stood then."""
    if as_of is not None:
        return _Shown(dealpast.quotes_at(r, deal_id, as_of), None, ())
    found = contractor_offers.of_deal(r, deal_id, now=now)
    wanted = service if chosen else found.service_id
    offered = contractor_offers.proposals(r, deal_id, wanted) if found.wanted else ()
    return _Shown(found, wanted, offered)


class QuoteSection(QWidget):
    """Quotes of the deal with what can be done with each, the service, and the contractors for it;
    hidden where a deal has nothing to do with contractors."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("deal-quotes")
        self._context = context
        self._deal: DealView | None = None
        self._shown: _Shown | None = None
        self._service: int | None = None
        self._chosen = False
        self._key = f"deal-quotes-{id(self)}"
        self.actions_of_quotes = QuoteActions(context, self)
        self.given = ListSection("deal-quotes-given")
        self.service = ComboButton("", "deal-quotes-service", "chip")
        self.service.set_opens(self._pick_service)
        self.offered = ListSection("deal-quotes-offered")
        self.offered.title.hide()
        self.says = label("", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.given)
        column.addWidget(self.says)
        column.addWidget(self.service, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.offered)
        self.given.wanted.connect(self.add)
        self.given.list.ruling_asked.connect(self._on_quote)
        self.given.list.opened.connect(self._on_opened)
        self.offered.list.opened.connect(self._on_proposal)
        self._soon = QTimer(self, interval=_CALM_MS, singleShot=True)
        self._soon.timeout.connect(self._ask)
        context.bus.changed.connect(self._on_changed)
        self.hide()

    # -- what is shown ----------------------------------------------------------------------------

    def show_deal(self, deal: DealView) -> None:
        """Show the quotes of a deal, as they stood at the moment of which it is shown."""
        was = self._deal
        if was is None or was.id != deal.id:
            self._chosen = False
        if was is None or (was.id, was.as_of) != (deal.id, deal.as_of):
            self._shown = None
            self.hide()
        self._deal = deal
        self._show()
        self._ask()

    def retranslate(self) -> None:
        """Set every text anew."""
        self._show()

    def _on_changed(self, changes: Any) -> None:
        """A contractor was rated, another price given elsewhere: what is offered is another."""
        if self._deal is not None and _TABLES & changes.tables.keys():
            self._soon.start()

    def _ask(self) -> None:
        deal = self._deal
        panel = self.parentWidget()
        if deal is None or panel is None or not panel.isVisible():
            return
        self._context.read(
            _read, deal.id, self._service, self._chosen, deal.as_of, now=self._context.now(),
            done=lambda shown: self._on_read(shown, deal.as_of), key=self._key,
        )  # fmt: skip

    def _on_read(self, shown: _Shown, as_of: int | None) -> None:
        deal = self._deal
        if deal is not None and (shown.quotes.deal_id, as_of) == (deal.id, deal.as_of):
            self._shown = shown
            self._show()

    def _may(self) -> bool:
        return self._deal is not None and standing.changeable(self._context, self._deal)

    def _show(self) -> None:
        shown, deal = self._shown, self._deal
        if shown is None or deal is None or not shown.quotes.wanted:
            self.hide()
            return
        may = self._may()
        self.setVisible(may or bool(shown.quotes.quotes))
        self.given.set_words(tr("Contractors"), "", tr("Add a price"))
        self.given.add_button.setVisible(may)
        asked = sorted(shown.quotes.quotes, key=lambda one: not one.accepted)
        self.given.show_items([words.of_deal(one, True) for one in asked], False)
        offers = may and deal.stage_kind == "open"
        self._show_service(shown, offers)
        self.offered.setVisible(offers and bool(shown.proposals))
        self.offered.set_words(tr("Contractors for this service"), "")
        others = [_proposal(one) for one in shown.proposals if not one.asked]
        self.offered.show_items(others, False)

    def _show_service(self, shown: _Shown, offers: bool) -> None:
        names = {one.id: one.name for one in shown.quotes.services}
        name = names.get(shown.service_id or _ANY)
        text = tr("Any service") if name is None else name
        self.service.set_text(text, tr("Service: {name}", name=text))
        self.service.setVisible(offers and bool(names))
        self.service.updateGeometry()
        self.says.setVisible(offers and not shown.proposals)
        if name is None:
            said = tr("No contractors yet: a price added here puts its contractor into the list.")
        else:
            said = tr("Nobody is known for “{service}” yet: a price added here puts its "
                      "contractor into the list.", service=name)  # fmt: skip
        self.says.setText(said)

    def _pick_service(self) -> Picker:
        services = self._shown.quotes.services if self._shown is not None else ()
        options = [Option(one.id, one.name) for one in services]
        options.append(Option(_ANY, tr("Any service")))
        current = (self._shown.service_id if self._shown is not None else None) or _ANY
        picker = Picker(options, "deal-quotes-services", tr("Service"), current, self)
        picker.picked.connect(self._on_service)
        return picker

    def _on_service(self, service: int) -> None:
        self._service, self._chosen = service or None, True
        self._ask()

    # -- what can be done -------------------------------------------------------------------------

    def add(self, proposal: Proposal | None = None) -> None:
        """Ask for a price, of a contractor that is proposed or of any."""
        shown, deal = self._shown, self._deal
        if shown is None or deal is None or not self._may():
            return
        names = {one.id: one.name for one in shown.quotes.services}
        service = names.get(shown.service_id or _ANY, "")
        asked = Asked(deal.currency, service=service)
        if proposal is not None:
            price = proposal.price if proposal.currency == deal.currency else None
            asked = Asked(deal.currency, proposal.name, service, price)
        self.actions_of_quotes.add(asked, deal.id, self.given.place())

    def _on_proposal(self, item: LineItem) -> None:
        self.add(item.source)

    def _on_opened(self, item: LineItem) -> None:
        self._on_quote(item, self.given.place())

    def _on_quote(self, item: LineItem, place: QPoint) -> None:
        self.menu_of(item.source, place).popup(place)

    def menu_of(self, quote: QuoteLine, place: QPoint) -> QMenu:
        """What can be done with a quote."""
        to_contractor = (
            "contractor", tr("Open the contractor"),
            lambda: self._context.go("contractors", quote.contractor_id),
        )  # fmt: skip
        if not self._may() or self._shown is None:
            return menu([to_contractor], "quote-menu", self)
        left = self._shown.quotes.unplanned.get(quote.id, Decimal(0))
        return self.actions_of_quotes.menu_of(quote, place, left, more=[to_contractor, None])


def _proposal(one: Proposal) -> LineItem:
    """A contractor that could do it."""
    below = [words.rating(one.averages) or tr("not rated yet")]
    if one.day is not None:
        below.append(tr("last price {day}", day=formats.day(one.day)))
    number = "" if one.price is None else formats.money(one.price, one.currency)
    return LineItem(one.name, below=" · ".join(below), number=number, person=one.id, source=one)
