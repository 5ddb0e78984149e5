"""The page of contractors: the directory, and the panel of one beside it."""

from array import array
from typing import Any

from PySide6.QtWidgets import QWidget

from salesdesk.services import contractorlist, contractors
from salesdesk.services.contractorlist import ContractorFilter, ContractorRow
from salesdesk.services.contractors import NewContractor
from salesdesk.services.records import Saved
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.contractors.filters import ContractorFilters
from salesdesk.ui.contractors.forms import NewContractorForm
from salesdesk.ui.contractors.model import ContractorModel, ContractorTable
from salesdesk.ui.contractors.panel import ContractorPanel
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.directory import DirectoryPage
from salesdesk.ui.widgets.popup import show_under

_GROUP = N_("Contractors")
_CALM_MS = 250
_TABLES = (
    "contractor", "contractor_service", "contractor_contact", "contractor_quote",
    "contractor_rating", "service", "rate", "setting",
)  # fmt: skip


def _ids(r: Any, chosen: ContractorFilter, *, now: int) -> "array[int]":
    return contractorlist.ids(r, chosen)


class ContractorsPage(DirectoryPage):
    """The list with its panel; ``show_item`` takes a contractor's id."""

    name, noun = "contractors", "contractor"
    filters: ContractorFilters
    panel: ContractorPanel

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.new_button = PrimaryButton("", "contractors-new", self.new_record)
        self.filters = ContractorFilters(context)
        self.model = ContractorModel(self._ask_rows, self)
        self.table = ContractorTable(self.model)
        self.panel = ContractorPanel(context)
        self.put_together()
        self._connect()
        self.recall()
        self.retranslate()

    def _connect(self) -> None:
        self.reading = Reading(
            self, self.context, self.filters.chosen, _ids, self.show_keys, tables=_TABLES,
            calm=_CALM_MS,
        )  # fmt: skip
        self.connect_parts()
        self.panel.service_wanted.connect(self.filters.show_service)
        self.context.bus.changed.connect(self._on_changed)
        shortcuts.add(self, "N", N_("New contractor"), self.new_record, _GROUP)
        shortcuts.add(self, "P", N_("Add a price"), self._on_price, _GROUP)

    def retranslate(self) -> None:
        self.say_texts(tr("Contractors"), tr("New contractor"))

    def show_item(self, item: object) -> None:
        if isinstance(item, int):
            self.show_record(item)

    def nothing(self) -> tuple[str, str, str]:
        none = tr("No contractors yet. Those whose prices are named in deals come here by "
                  "themselves.")  # fmt: skip
        return none, tr("New contractor"), tr("No contractor is like that.")

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

    def _on_price(self) -> None:
        key = self.panel.record_id or self.table.current_key()
        if key is None:
            return
        if self.panel.record_id == key and self.panel.isVisible():
            self.panel.add_price()
        else:
            self.panel.open_record(key)

    def new_record(self) -> None:
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
        self.show_record(saved.id)
