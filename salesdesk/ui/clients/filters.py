"""The row above the list: search, kind, filters as chips, saved filters, order."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services import client_filters
from salesdesk.services.client_filters import SORTS, ClientFilter, ClientSort
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.clients import words
from salesdesk.ui.clients.parts import parts
from salesdesk.ui.context import Context
from salesdesk.ui.widgets import search
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.filter_parts import Part
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.list_filters import ListFilters
from salesdesk.ui.widgets.popup import Option, Picker

_SORT = "clients/sort"


class _Filters(ListFilters):
    """The filters, and the kind of client beside them."""

    OTHERS = ("kind", "sort")

    def __init__(
        self, context: Context, flow: FlowLayout, owner: QWidget, parts: Callable[[], list[Part]]
    ) -> None:
        self.kinds = ChipRow(
            [("", ""), ("company", ""), ("contact", "")], "clients-kind", "", owner
        )
        flow.addWidget(self.kinds)
        super().__init__(context, "clients", flow, owner, parts, _read)
        self.kinds.chosen.connect(lambda _kind: self._on_changed())

    def order_keys(self, *first: QWidget) -> None:
        super().order_keys(self.field, *first)  # which stands over the chips

    def others(self) -> dict[str, str]:
        kind = self.kinds.value()
        return {"kind": kind} if kind else {}

    def set_others(self, texts: Mapping[str, str]) -> None:
        self.kinds.set_value(texts.get("kind", ""))


class ClientFilters(QWidget):
    """``changed(step)`` when something else is wanted (typing on is no step); ``left()``: Down or
    Enter in the search."""

    changed = Signal(bool)
    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("clients-filters")
        self._context = context
        kept = context.remember.text(_SORT, "name")
        self._sort: ClientSort = next((each for each in SORTS if each == kept), "name")
        self._flow = FlowLayout(None, theme.S)
        self.list = _Filters(context, self._flow, self, lambda: parts(context))
        self.field, self.kinds, self.more = self.list.field, self.list.kinds, self.list.more
        self.sort = ComboButton("", "clients-sort", "chip")
        self.sort.set_opens(self._sorts)
        self.count = label("", "muted")
        self._build()
        self.list.changed.connect(self.changed)
        self.list.left.connect(self.left)
        shortcuts.add(self, "/", N_("Search clients"), self.focus_field, N_("Clients"))

    def _build(self) -> None:
        pills = QHBoxLayout()
        pills.setSpacing(theme.S)
        pills.addLayout(self._flow, 1)
        pills.addWidget(self.sort, 0, Qt.AlignmentFlag.AlignTop)
        search.lay_out(self, self.field, self.count, pills)

    # -- what is chosen ---------------------------------------------------------------------------

    def chosen(self) -> ClientFilter:
        """What the list is to show."""
        return client_filters.from_texts(self.texts())

    def texts(self) -> dict[str, str]:
        """Filter and order as texts by name."""
        sort: dict[str, str] = {} if self._sort == "name" else {"sort": self._sort}
        return self.list.texts() | sort

    def choose(self, texts: Mapping[str, str], sort: str = "") -> None:
        """Show what an address names, without telling; by default in the order of now."""
        self._sort = next((each for each in SORTS if each == sort), self._sort)
        self.list.set_texts(texts)
        self._show_sort()

    def clear(self) -> None:
        """Filter nothing; the order stays."""
        self.list.clear()

    def focus_field(self) -> None:
        """Begin to search."""
        self.list.focus_field()

    def refresh_parts(self) -> None:
        """A list of the workspace has changed: offer and name it anew."""
        self.more.forget_parts()
        self.more.show_chips()

    # -- order ------------------------------------------------------------------------------------

    def _sorts(self) -> Picker:
        options = [Option(each, tr(words.SORTS[each])) for each in SORTS]
        picker = Picker(options, "clients-sort-list", tr("Order"), self._sort, self)
        picker.picked.connect(self._on_sort)
        return picker

    def _on_sort(self, value: ClientSort) -> None:
        self._context.remember.set(_SORT, value)
        self._sort = value
        self._show_sort()
        self.changed.emit(True)

    def _show_sort(self) -> None:
        text = tr(words.SORTS[self._sort])
        self.sort.set_text(text, tr("Order: {how}", how=text))
        self.sort.updateGeometry()

    # -- words ------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text anew."""
        self.kinds.setAccessibleName(tr("Kind"))
        self.kinds.set_texts({"": trp("clients", "All"), "company": tr("Companies"),
                              "contact": tr("Contact persons")})  # fmt: skip
        self.list.retranslate(
            tr("Name, digits of a phone, e-mail or tax number"), tr("Search clients"),
            tr("Filter by source, industry, deals, silence and more"),
        )  # fmt: skip
        self._show_sort()

    def show_count(self, count: int) -> None:
        """How many there are."""
        self.count.setText(
            ntr("{n} client", "{n} clients", count).replace(str(count), formats.whole(count), 1)
        )


def _read(texts: Mapping[str, str]) -> dict[str, str]:
    chosen = {name: text for name, text in texts.items() if name != "sort"}
    return client_filters.to_texts(client_filters.from_texts(chosen))
