"""The page of contractors: the directory, and the panel of one beside it."""

from array import array
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from salesdesk.services import contractorlist, contractors
from salesdesk.services.contractorlist import ContractorFilter, ContractorRow
from salesdesk.services.contractors import NewContractor
from salesdesk.services.records import Saved
from salesdesk.text import N_, tr
from salesdesk.ui import addresses, shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.contractors.filters import ContractorFilters
from salesdesk.ui.contractors.forms import NewContractorForm
from salesdesk.ui.contractors.model import ContractorModel, ContractorTable
from salesdesk.ui.contractors.panel import ContractorPanel
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import show_under

_GROUP = N_("Contractors")
_CALM_MS, _TYPED_MS, _FOLLOW_MS = 250, 40, 120
_ADDRESS = "contractors/address"
_TABLES = (
    "contractor", "contractor_service", "contractor_contact", "contractor_quote",
    "contractor_rating", "service", "rate", "setting",
)  # fmt: skip


def _ids(r: Any, chosen: ContractorFilter, *, now: int) -> "array[int]":
    return contractorlist.ids(r, chosen)


class ContractorsPage(Page):
    """The list with its panel; ``show_item`` takes a contractor's id."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._by_hand = False
        self.title = label("", "heading")
        self.title.setParent(self)  # till the header takes it: shown alone it were a window
        self.new_button = PrimaryButton("", "contractors-new", self.new_contractor)
        self.filters = ContractorFilters(context)
        self.model = ContractorModel(self._ask_rows, self)
        self.table = ContractorTable(self.model)
        self.empty = EmptyState("contractors-empty", "", "-", self._on_empty, icon="contractors")
        self.panel = ContractorPanel(context)
        self._build()
        self._connect()
        parts = addresses.read(context.remember.text(_ADDRESS)).parts
        self.filters.choose({name: text for name, text in parts.items() if name != "text"})
        self.retranslate()

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("contractors-splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)

    def _connect(self) -> None:
        context = self.context
        self.reading: Reading[ContractorFilter, array[int]] = Reading(
            self, context, self.filters.chosen, _ids, self._on_ids, tables=_TABLES, calm=_CALM_MS
        )
        self._typing = self._timer(_TYPED_MS, self.reading.refresh)
        self._following = self._timer(_FOLLOW_MS, self._follow)
        self.filters.changed.connect(self._on_filter)
        self.filters.left.connect(self.focus_table)
        self.table.opened.connect(self._open_row)
        self.table.clicked.connect(self._open_row)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.panel.closed.connect(self._on_closed)
        self.panel.contractor_opened.connect(self._on_opened)
        self.panel.deal_wanted.connect(lambda deal: context.go("board", deal))
        self.panel.service_wanted.connect(self.filters.show_service)
        context.bus.changed.connect(self._on_changed)
        shortcuts.add(self, "N", N_("New contractor"), self.new_contractor, _GROUP)
        shortcuts.add(self, "P", N_("Add a price"), self._on_price, _GROUP)

    def _timer(self, interval: int, run: Any) -> QTimer:
        timer = QTimer(self, interval=interval, singleShot=True)
        timer.timeout.connect(run)
        return timer

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title]

    def header_actions(self) -> list[QWidget]:
        return [self.new_button]

    def activated(self) -> None:
        self.reading.seen()
        self.focus_table()

    def retranslate(self) -> None:
        self.title.setText(tr("Contractors"))
        self.new_button.set_text(tr("New contractor"))
        self.new_button.setToolTip(shortcuts.hint(tr("New contractor"), "N"))
        self.table.setAccessibleName(tr("Contractors"))
        self.filters.retranslate()
        last = self.model.columnCount() - 1
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
        self.table.viewport().update()
        self._show_count()

    def show_item(self, item: object) -> None:
        if isinstance(item, int):
            self.show_contractor(item)

    def address(self) -> Mapping[str, str]:
        key = self.panel.contractor_id
        return self.filters.texts() | ({} if key is None else {"contractor": str(key)})

    def go_to(self, parts: Mapping[str, str]) -> None:
        before = self.filters.texts()
        self.filters.choose(parts)
        if self.filters.texts() != before:
            self.reading.refresh()
        key = number_in(parts, "contractor")
        if key:
            self.panel.open_contractor(key)
        else:
            self.panel.close_panel()

    # -- the list ---------------------------------------------------------------------------------

    def _on_filter(self, step: bool) -> None:
        self._typing.start()
        self.address_changed.emit(step)

    def _on_ids(self, keys: "array[int]") -> None:
        current = self.panel.contractor_id or self.table.current_key()
        if keys == self.model.keys():
            self.model.forget()
        else:
            self._by_hand = True
            self.model.set_keys(keys)
            if current is not None:
                self.table.go_to(current)
            if not self.table.currentIndex().isValid() and keys:
                self.table.setCurrentIndex(self.model.index(0, 0))
            self._by_hand = False
        self._show_count()

    def _show_count(self) -> None:
        count = self.model.rowCount()
        self.filters.show_count(count)
        nothing = count == 0 and not (self.reading.is_stale or self.reading.is_reading)
        had = self.table.hasFocus()
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        if nothing and had:
            self.empty.button.setFocus()
        if not nothing:
            return
        if self.filters.chosen().is_empty():
            text = tr("No contractors yet. Those whose prices are named in deals come here by "
                      "themselves.")  # fmt: skip
            self.empty.set_texts(text, tr("New contractor"))
        else:
            self.empty.set_texts(tr("No contractor is like that."), tr("Show all"))

    def _on_empty(self) -> None:
        if self.filters.chosen().is_empty():
            self.new_contractor()
        else:
            self.filters.clear()

    def _ask_rows(self, keys: list[int]) -> None:
        service = self.filters.chosen().service or None
        self.context.read(
            contractorlist.rows, keys, service=service, today=self.context.today(),
            done=self._on_rows,
        )  # fmt: skip

    def _on_rows(self, rows: dict[int, ContractorRow]) -> None:
        self.model.put(rows)

    def _on_changed(self, changes: Any) -> None:
        if "service" in changes.tables:
            self.filters.refresh_services()

    def focus_table(self) -> None:
        """Give the keyboard to the list."""
        if self.table.isVisible():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid() and self.model.rowCount():
                self._by_hand = True
                self.table.setCurrentIndex(self.model.index(0, 0))
                self._by_hand = False

    # -- the panel --------------------------------------------------------------------------------

    def show_contractor(self, key: int) -> None:
        """Open a contractor beside the list."""
        self.panel.open_contractor(key)
        self._go_to(key)

    def _go_to(self, key: int) -> None:
        self._by_hand = True
        self.table.go_to(key)
        self._by_hand = False

    def _open_row(self, index: QModelIndex) -> None:
        key = self.model.key_at(index.row())
        if key is not None:
            self.panel.open_contractor(key)

    def _on_current(self) -> None:
        """A panel that is open follows the keyboard."""
        if self.panel.isVisible() and not self._by_hand:
            self._following.start()

    def _follow(self) -> None:
        key = self.table.current_key()
        if key is not None and self.panel.isVisible():
            self.panel.open_contractor(key)

    def _on_opened(self, key: int) -> None:
        if self.table.current_key() != key:
            self._go_to(key)
        self.address_changed.emit(True)

    def _on_closed(self) -> None:
        self.focus_table()
        self.address_changed.emit(True)

    def _on_price(self) -> None:
        key = self.panel.contractor_id or self.table.current_key()
        if key is None:
            return
        if self.panel.contractor_id == key and self.panel.isVisible():
            self.panel.add_price()
        else:
            self.panel.open_contractor(key)

    def new_contractor(self) -> None:
        """Ask for a new contractor."""
        typed = "" if self.model.rowCount() else self.filters.chosen().text
        form = NewContractorForm(self, typed)
        form.given.connect(self._create)
        anchor = self.new_button if self.new_button.isVisible() else self.filters
        show_under(form, anchor, right=True)

    def _create(self, new: NewContractor) -> None:
        self.context.write(
            contractors.add, new, done=self._on_created,
            say=lambda _saved: tr("Created “{title}”", title=new.name),
        )  # fmt: skip

    def _on_created(self, saved: Saved) -> None:
        self.show_contractor(saved.id)
