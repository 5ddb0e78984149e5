"""The prices of a contractor: every quote as a line, and how they changed as a chart by service."""

from decimal import Decimal

from PySide6.QtCore import QPoint, Signal

from salesdesk.services.contractorview import ContractorView, PriceHistory
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.quoting import words
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.linechart import LineChart, Series
from salesdesk.ui.widgets.listsection import ListSection
from salesdesk.ui.widgets.popup import Option, Picker

_HEIGHT = 130


class PriceSection(ListSection):
    """``wanted()``: another price; ``opened(deal)``; ``asked(quote, place)``: a menu."""

    opened = Signal(object)
    asked = Signal(object, QPoint)

    def __init__(self) -> None:
        super().__init__("contractor-prices")
        self._view: ContractorView | None = None
        self._service: int | None = None
        self._currency = "RUB"
        self.service = ComboButton("", "contractor-prices-service", "chip")
        self.service.set_opens(self._pick)
        self.chart = LineChart("contractor-prices-chart", self._number)
        self.chart.setFixedHeight(_HEIGHT)
        self.column.insertWidget(1, self.service)
        self.column.insertWidget(2, self.chart)
        self.list.opened.connect(self._on_opened)
        self.list.ruling_asked.connect(lambda item, place: self.asked.emit(item.source, place))

    def show_contractor(self, view: ContractorView, another: bool) -> None:
        """Show the prices; the chart of the service with the most of them, unless one is chosen."""
        self._view = view
        if another or self._service not in {one.service_id for one in view.prices}:
            self._service = view.prices[0].service_id if view.prices else None
        self.set_words(
            tr("Prices"),
            tr("No price yet. One that is named in a deal lands here by itself."),
            tr("Add a price"),
        )
        self.add_button.setVisible(not view.deleted)
        several = len({one.service_id for one in view.quotes}) > 1
        items = [words.of_contractor(one, several, not view.deleted) for one in view.quotes]
        self.show_items(items, another)
        self._show_chart()

    def _on_opened(self, item: object) -> None:
        quote = getattr(item, "source", None)
        if quote is not None and quote.deal_id is not None:
            self.opened.emit(quote.deal_id)

    # -- the chart --------------------------------------------------------------------------------

    def shown(self) -> PriceHistory | None:
        """The prices that the chart draws; None where there are too few."""
        prices = self._view.prices if self._view is not None else ()
        found = next((one for one in prices if one.service_id == self._service), None)
        return found if found is not None and len(found.points) > 1 else None

    def _show_chart(self) -> None:
        history = self.shown()
        drawn = [one for one in (self._view.prices if self._view else ()) if len(one.points) > 1]
        if history is None and drawn:
            self._service = drawn[0].service_id
            history = self.shown()
        self.chart.setVisible(history is not None)
        self.service.setVisible(len(drawn) > 1)
        if history is None:
            return
        name = history.service or tr("No service named")
        self._currency = history.currency
        self.service.set_text(name, tr("Service: {name}", name=name))
        values = tuple(float(point.price) for point in history.points)
        labels = [formats.day(point.day) for point in history.points]
        last = formats.money(history.points[-1].price, history.currency)
        spoken = tr(
            "Prices for {service}: {n} of them, the last {price}",
            service=name, n=len(values), price=last,
        )  # fmt: skip
        self.chart.set_data([Series(name, values, strong=True)], labels, "", spoken)

    def _number(self, value: float) -> str:
        return formats.money(Decimal(round(value)), self._currency)

    def _pick(self) -> Picker:
        prices = self._view.prices if self._view is not None else ()
        options = [
            Option(one.service_id, one.service or tr("No service named"))
            for one in prices
            if len(one.points) > 1
        ]
        picker = Picker(
            options, "contractor-prices-services", tr("Service"), self._service, self
        )  # fmt: skip
        picker.picked.connect(self._on_picked)
        return picker

    def _on_picked(self, service: int | None) -> None:
        self._service = service
        self._show_chart()
