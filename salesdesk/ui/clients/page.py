"""The page of clients: the list, the panel of one client, likely duplicates, merging."""

from array import array
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from salesdesk.services import clientlist, clients
from salesdesk.services.clientlist import ClientFilter, ClientRow
from salesdesk.services.clients import ClientKind, NewClient
from salesdesk.services.mergefields import Table
from salesdesk.services.records import Saved
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import shortcuts
from salesdesk.ui.clients.duplicates import DuplicatesView
from salesdesk.ui.clients.filters import ClientFilters
from salesdesk.ui.clients.merge import MergeView
from salesdesk.ui.clients.model import ClientModel
from salesdesk.ui.clients.new import NewClientForm
from salesdesk.ui.clients.panel import ClientPanel
from salesdesk.ui.clients.table import ClientTable
from salesdesk.ui.context import Context
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.directory import DirectoryPage

_GROUP = N_("Clients")
_CALM_MS = 250
_TABLES = ("client", "client_contact", "deal", "task", "note", "source", "industry", "stage",
           "deal_tag", "field_value", "person", "team", "rate")  # fmt: skip
#: What filters are named by.
_NAMED = {"source", "industry", "tag", "person", "team", "custom_field"}
Asked = ClientFilter


def _ids(r: Any, chosen: ClientFilter, *, now: int) -> "array[int]":
    return clientlist.ids(r, chosen, now=now)


class ClientsPage(DirectoryPage):
    """The list with its panel; ``show_item`` takes a client's id, ``"duplicates"``, or
    ``("merge", ids)`` and ``("merge_deals", ids)``."""

    name, noun = "clients", "client"
    filters: ClientFilters
    model: ClientModel
    table: ClientTable
    panel: ClientPanel

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._from_board = False
        self.duplicates_button = Button("", "clients-duplicates", "plain", self.show_duplicates)
        self.new_button = PrimaryButton("", "clients-new", self.new_record)
        self.filters = ClientFilters(context)
        self.model = ClientModel(context.store.zone, self._ask_rows, self)
        self.model.currency = context.ask(_currency)
        self.table = ClientTable(self.model)
        self.panel = ClientPanel(context)
        self.merge = MergeView(context)
        self.duplicates = DuplicatesView(context)
        self.put_together()
        self._connect()
        self.recall()
        self.retranslate()

    def body(self) -> QWidget:
        self.stack = QStackedWidget()
        for part in (self.splitter, self.merge, self.duplicates):
            self.stack.addWidget(part)
        return self.stack

    def _connect(self) -> None:
        context = self.context
        self.reading = Reading(
            self, context, self._asked, _ids, self._on_ids, tables=_TABLES, calm=_CALM_MS
        )
        self.connect_parts()
        self.panel.person_wanted.connect(lambda key, name: self.new_client((key, name)))
        self.panel.merge_wanted.connect(lambda ids: self.show_merge("client", ids))
        self.panel.merge_deals_wanted.connect(lambda ids: self.show_merge("deal", ids))
        self.merge.left.connect(self._on_left)
        self.merge.merged.connect(self._on_merged)
        self.duplicates.left.connect(self.show_list)
        self.duplicates.counted.connect(self._on_counted)
        context.bus.changed.connect(self._on_changed)
        context.rights_changed.connect(self.reading.stale)
        shortcuts.add(self, "N", N_("New client"), self.new_record, _GROUP)
        shortcuts.add(self, "T", N_("Add a task"), self._on_task, _GROUP)
        shortcuts.add(self, "M", N_("Merge the selected clients"), self.merge_selected, _GROUP)

    # -- the page as the window sees it -----------------------------------------------------------

    def header_actions(self) -> list[QWidget]:
        return [self.duplicates_button, self.new_button]

    def retranslate(self) -> None:
        self.duplicates_button.set_text(tr("Likely duplicates"))
        self.merge.retranslate()
        self.duplicates.retranslate()
        self.say_texts(tr("Clients"), tr("New client"))

    def show_item(self, item: object) -> None:
        if isinstance(item, int):
            self.show_client(item)
        elif item == "duplicates":
            self.show_duplicates()
        elif isinstance(item, tuple) and len(item) == 2 and item[0] in ("merge", "merge_deals"):
            self.show_merge("client" if item[0] == "merge" else "deal", list(item[1]))
            self._from_board = item[0] == "merge_deals"

    def go_to(self, parts: Mapping[str, str]) -> None:
        self.show_list()
        super().go_to(parts)

    def choose(self, parts: Mapping[str, str]) -> None:
        self.filters.choose(parts, parts.get("sort", "name"))

    # -- the list ---------------------------------------------------------------------------------

    def _asked(self) -> ClientFilter:
        from dataclasses import replace

        return replace(self.filters.chosen(), people=self.context.seen)

    def _on_ids(self, keys: "array[int]") -> None:
        self.model.now = self.context.now()
        self.show_keys(keys)

    def nothing(self) -> tuple[str, str, str]:
        none = tr("No clients yet. A company or a person you sell to is entered once.")
        return none, tr("New client"), tr("No client is like that.")

    def _ask_rows(self, keys: list[int]) -> None:
        self.context.read(clientlist.rows, keys, now=self.context.now(), done=self._on_rows)

    def _on_rows(self, rows: dict[int, ClientRow]) -> None:
        self.model.put(rows)

    def _on_changed(self, changes: Any) -> None:
        if _NAMED & changes.tables.keys():
            self.filters.refresh_parts()
        if "setting" in changes.tables:
            self.model.currency = self.context.ask(_currency)

    # -- the panel --------------------------------------------------------------------------------

    def show_client(self, client_id: int) -> None:
        """Open a client beside the list."""
        self.show_list()
        self.show_record(client_id)

    def follows(self) -> bool:
        return len(self.table.selected_keys()) == 1

    def _on_task(self) -> None:
        key = self.panel.record_id or self.table.current_key()
        if key is not None:
            self.panel.open_record(key)
            self.panel.tasks.focus_field()

    # -- new, merging, duplicates -----------------------------------------------------------------

    def new_record(self) -> None:
        self.new_client()

    def new_client(self, company: tuple[int, str] | None = None) -> None:
        """Ask for a new client (a contact person of ``company``)."""
        kind: ClientKind = "company"
        if company is not None or self.filters.chosen().kind == "contact":
            kind = "contact"
        form = NewClientForm(self.context, kind, company, self)
        form.wanted.connect(self._create)
        form.client_wanted.connect(self.show_client)
        form.deal_wanted.connect(lambda deal: self.context.go("board", deal))
        form.open_under(self.new_button if self.new_button.isVisible() else self.filters)

    def _create(self, new: NewClient) -> None:
        self.context.write(
            clients.add, new, done=self._on_created,
            say=lambda _saved: tr("Created “{title}”", title=new.name),
        )  # fmt: skip

    def _on_created(self, saved: Saved) -> None:
        self.show_client(saved.id)

    def merge_selected(self) -> None:
        """Merge the clients selected in the list."""
        keys = self.table.selected_keys()
        if len(keys) > 1:
            self.show_merge("client", keys)
        else:
            self.context.say(tr("Select two clients or more (Ctrl and a click), then merge them."))

    def show_merge(self, table: Table, ids: list[int]) -> None:
        """Show the merge of these clients or deals."""
        if len(ids) > 1:
            self._from_board = False
            self.stack.setCurrentWidget(self.merge)
            self.merge.open(table, ids)

    def show_duplicates(self) -> None:
        """Show the list of likely duplicates."""
        self.stack.setCurrentWidget(self.duplicates)
        self.duplicates.open()

    def show_list(self) -> None:
        """Show the list of clients again."""
        if self.stack.currentWidget() is not self.splitter:
            self.stack.setCurrentWidget(self.splitter)
            self.focus_table()

    def _on_left(self) -> None:
        """Nothing is merged: back to where it was asked for."""
        back, self._from_board = self._from_board, False
        self.show_list()
        if back:
            self.context.go("board")

    def _on_merged(self, table: str, key: int) -> None:
        back, self._from_board = self._from_board, False
        self.show_list()
        if table == "client":
            self.show_client(key)
        elif back:
            self.context.go("board", key)

    def _on_counted(self, count: int) -> None:
        self.duplicates_button.set_text(
            ntr("{n} likely duplicate", "{n} likely duplicates", count)
            if count
            else tr("Likely duplicates")
        )


def _currency(r: Any) -> str:
    from salesdesk.services import board

    return board.currency(r)
