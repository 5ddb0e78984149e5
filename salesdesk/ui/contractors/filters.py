"""The row above the list of contractors: search, service, rating, order."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services import contractorlist
from salesdesk.services.contractorlist import SORTS, ContractorFilter, ServiceName
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker
from salesdesk.ui.widgets.search import SearchField, lay_out

_SORTS = {
    "name": N_("By name"), "rating": N_("Best rated first"), "recent": N_("Latest price first"),
    "price": N_("Cheapest last price first"),
}  # fmt: skip
_LEAST = (4, 3, 2)
_ALL = -1


class ContractorFilters(QWidget):
    """``changed(step)`` when something else is wanted (typing on is no step); ``left()``: Down or
    Enter in the search."""

    changed = Signal(bool)
    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("contractors-filters")
        self._context = context
        self._chosen = ContractorFilter()
        self._services: tuple[ServiceName, ...] = ()
        self.field = SearchField("contractors-search")
        self.field.textEdited.connect(self._on_typed)
        self.field.textChanged.connect(self._on_cleared)
        self.field.left.connect(self.left)
        self.service = ComboButton("", "contractors-service", "chip")
        self.service.set_opens(self._pick_service)
        self.rating = ComboButton("", "contractors-rating", "chip")
        self.rating.set_opens(self._pick_rating)
        self.sort = ComboButton("", "contractors-sort", "chip")
        self.sort.set_opens(self._pick_sort)
        self.count = label("", "muted")
        self._build()
        self.refresh_services()
        shortcuts.add(self, "/", N_("Search contractors"), self.focus_field, N_("Contractors"))

    def _build(self) -> None:
        chips = QHBoxLayout()
        chips.setSpacing(theme.S)
        chips.addWidget(self.service)
        chips.addWidget(self.rating)
        chips.addStretch(1)
        chips.addWidget(self.sort)
        lay_out(self, self.field, self.count, chips)

    # -- what is chosen ---------------------------------------------------------------------------

    def chosen(self) -> ContractorFilter:
        """What the list is to show."""
        return self._chosen

    def texts(self) -> dict[str, str]:
        """Filter and order as texts by name."""
        one = self._chosen
        found = {
            "text": one.text, "service": "" if one.service is None else str(one.service),
            "least": "" if one.least is None else str(one.least),
            "sort": "" if one.sort == "name" else one.sort,
        }  # fmt: skip
        return {name: text for name, text in found.items() if text}

    def choose(self, texts: Mapping[str, str]) -> None:
        """Show what an address names, without telling; what it does not know is passed over."""
        service, least = texts.get("service", ""), texts.get("least", "")
        sort = texts.get("sort", "")
        self._chosen = ContractorFilter(
            texts.get("text", ""),
            int(service) if service.isdecimal() and len(service) < 18 else None,
            int(least) if least in ("1", "2", "3", "4", "5") else None,
            next((each for each in SORTS if each == sort), "name"),
        )
        self._show()

    def show_service(self, name: str) -> None:
        """Filter by the service of that name."""
        found = next((one.id for one in self._services if one.name == name), None)
        self._set(service=found)

    def clear(self) -> None:
        """Filter nothing; the order stays."""
        self._chosen = ContractorFilter(sort=self._chosen.sort)
        self._show()
        self.changed.emit(True)

    def focus_field(self) -> None:
        """Begin to search."""
        self.field.begin()

    def refresh_services(self) -> None:
        """The list of services has changed."""
        self._services = self._context.ask(contractorlist.services)
        self._show()

    def _set(self, **fields: object) -> None:
        from dataclasses import replace

        self._chosen = replace(self._chosen, **fields)  # type: ignore[arg-type]
        self._show()
        self.changed.emit(True)

    def _on_typed(self, text: str) -> None:
        from dataclasses import replace

        self._chosen = replace(self._chosen, text=text)
        self.changed.emit(False)

    def _on_cleared(self, text: str) -> None:
        if not text and self._chosen.text:
            self._on_typed("")

    # -- lists ------------------------------------------------------------------------------------

    def _pick_service(self) -> Picker:
        options = [Option(_ALL, tr("All services"))]
        options += [Option(one.id, one.name) for one in self._services]
        options.append(Option(0, tr("No service named")))
        current = _ALL if self._chosen.service is None else self._chosen.service
        return self._picker(options, "service", tr("Service"), current)

    def _pick_rating(self) -> Picker:
        options = [Option(_ALL, tr("Any rating"))]
        options += [Option(least, _least(least)) for least in _LEAST]
        return self._picker(options, "least", tr("Rating"), self._chosen.least or _ALL)

    def _pick_sort(self) -> Picker:
        options = [Option(each, tr(_SORTS[each])) for each in SORTS]
        return self._picker(options, "sort", tr("Order"), self._chosen.sort)

    def _picker(self, options: list[Option], field: str, spoken: str, current: object) -> Picker:
        picker = Picker(options, f"contractors-{field}-list", spoken, current, self)
        picker.picked.connect(lambda value: self._set(**{field: None if value == _ALL else value}))
        return picker

    # -- words ------------------------------------------------------------------------------------

    def _show(self) -> None:
        one = self._chosen
        if self.field.text() != one.text:
            self.field.setText(one.text)
        if one.service == 0:
            service = tr("No service named")
        else:
            names = {each.id: each.name for each in self._services}
            service = names.get(one.service or 0) or tr("All services")
        rating = tr("Any rating") if one.least is None else _least(one.least)
        for button, text, what in (
            (self.service, service, tr("Service")), (self.rating, rating, tr("Rating")),
            (self.sort, tr(_SORTS[one.sort]), tr("Order")),
        ):  # fmt: skip
            button.set_text(text, f"{what}: {text}")
            button.updateGeometry()
        self.service.set_tone("" if one.service is None else "accent")
        self.rating.set_tone("" if one.least is None else "accent")

    def retranslate(self) -> None:
        """Set every text anew."""
        self.field.retranslate(
            tr("Name, service, digits of a phone, note"), tr("Search contractors")
        )
        self._show()

    def show_count(self, count: int) -> None:
        """How many there are."""
        said = ntr("{n} contractor", "{n} contractors", count)
        self.count.setText(said.replace(str(count), formats.whole(count), 1))


def _least(least: int) -> str:
    return tr("★ {n} and better", n=least)
