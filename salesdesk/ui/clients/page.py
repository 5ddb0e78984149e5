"""The page of clients: the list, the panel of one client, likely duplicates, merging."""

from array import array
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from salesdesk.services import clientlist, clients
from salesdesk.services.clientlist import ClientFilter, ClientRow
from salesdesk.services.clients import ClientKind, NewClient
from salesdesk.services.mergefields import Table
from salesdesk.services.records import Saved
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import addresses, shortcuts
from salesdesk.ui.clients.duplicates import DuplicatesView
from salesdesk.ui.clients.filters import ClientFilters
from salesdesk.ui.clients.merge import MergeView
from salesdesk.ui.clients.model import ClientModel
from salesdesk.ui.clients.new import NewClientForm
from salesdesk.ui.clients.panel import ClientPanel
from salesdesk.ui.clients.table import ClientTable
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label

_GROUP = N_("Clients")
_CALM_MS, _TYPED_MS, _FOLLOW_MS = 250, 40, 120
_TABLES = ("client", "client_contact", "deal", "task", "note", "source", "industry", "stage",
           "deal_tag", "field_value", "person", "team", "rate")  # fmt: skip
#: What filters are named by.
_NAMED = {"source", "industry", "tag", "person", "team", "custom_field"}
Asked = ClientFilter


def _ids(r: Any, chosen: ClientFilter, *, now: int) -> "array[int]":
    return clientlist.ids(r, chosen, now=now)


class ClientsPage(Page):
    """The list with its panel; ``show_item`` takes a client's id, ``"duplicates"``, or
    ``("merge", ids)`` and ``("merge_deals", ids)``."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._by_hand = False
        self._from_board = False
        self.title = label("", "heading")
        self.title.setParent(self)  # till the header takes it: shown alone it were a window
        self.duplicates_button = Button("", "clients-duplicates", "plain", self.show_duplicates)
        self.new_button = PrimaryButton("", "clients-new", self.new_client)
        self.filters = ClientFilters(context)
        self.model = ClientModel(context.store.zone, self._ask_rows, self)
        self.model.currency = context.ask(_currency)
        self.table = ClientTable(self.model)
        self.empty = EmptyState("clients-empty", "", "-", self._on_empty, icon="clients")
        self.panel = ClientPanel(context)
        self.merge = MergeView(context)
        self.duplicates = DuplicatesView(context)
        self._build()
        self._connect()
        self._recall()
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
        self.splitter.setObjectName("clients-splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.stack = QStackedWidget()
        for part in (self.splitter, self.merge, self.duplicates):
            self.stack.addWidget(part)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.stack)

    def _connect(self) -> None:
        context = self.context
        self.reading: Reading[ClientFilter, array[int]] = Reading(
            self, context, self._asked, _ids, self._on_ids, tables=_TABLES, calm=_CALM_MS
        )
        self._typing = self._timer(_TYPED_MS, self.reading.refresh)
        self._following = self._timer(_FOLLOW_MS, self._follow)
        self.filters.changed.connect(self._on_filter)
        self.filters.left.connect(self.focus_table)
        self.table.opened.connect(self._open_row)
        self.table.clicked.connect(self._open_row)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.panel.closed.connect(self._on_closed)
        self.panel.client_opened.connect(self._on_opened)
        self.panel.deal_wanted.connect(lambda deal: context.go("board", deal))
        self.panel.person_wanted.connect(lambda key, name: self.new_client((key, name)))
        self.panel.merge_wanted.connect(lambda ids: self.show_merge("client", ids))
        self.panel.merge_deals_wanted.connect(lambda ids: self.show_merge("deal", ids))
        self.merge.left.connect(self._on_left)
        self.merge.merged.connect(self._on_merged)
        self.duplicates.left.connect(self.show_list)
        self.duplicates.counted.connect(self._on_counted)
        context.bus.changed.connect(self._on_changed)
        context.rights_changed.connect(self.reading.stale)
        shortcuts.add(self, "N", N_("New client"), self.new_client, _GROUP)
        shortcuts.add(self, "T", N_("Add a task"), self._on_task, _GROUP)
        shortcuts.add(self, "M", N_("Merge the selected clients"), self.merge_selected, _GROUP)

    def _timer(self, interval: int, run: Any) -> QTimer:
        timer = QTimer(self, interval=interval, singleShot=True)
        timer.timeout.connect(run)
        return timer

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title]

    def header_actions(self) -> list[QWidget]:
        return [self.duplicates_button, self.new_button]

    def activated(self) -> None:
        self.reading.seen()
        self.focus_table()

    def retranslate(self) -> None:
        self.title.setText(tr("Clients"))
        self.duplicates_button.set_text(tr("Likely duplicates"))
        self.new_button.set_text(tr("New client"))
        self.new_button.setToolTip(shortcuts.hint(tr("New client"), "N"))
        self.table.setAccessibleName(tr("Clients"))
        self.filters.retranslate()
        self.merge.retranslate()
        self.duplicates.retranslate()
        self.model.headerDataChanged.emit(
            Qt.Orientation.Horizontal, 0, self.model.columnCount() - 1
        )
        self.table.viewport().update()
        self._show_count()

    def show_item(self, item: object) -> None:
        if isinstance(item, int):
            self.show_client(item)
        elif item == "duplicates":
            self.show_duplicates()
        elif isinstance(item, tuple) and len(item) == 2 and item[0] in ("merge", "merge_deals"):
            self.show_merge("client" if item[0] == "merge" else "deal", list(item[1]))
            self._from_board = item[0] == "merge_deals"

    def address(self) -> Mapping[str, str]:
        client = self.panel.client_id
        return self.filters.texts() | ({} if client is None else {"client": str(client)})

    def go_to(self, parts: Mapping[str, str]) -> None:
        self.show_list()
        before = self.filters.texts()
        self.filters.choose(parts, parts.get("sort", "name"))
        if self.filters.texts() != before:
            self.reading.refresh()
        client = number_in(parts, "client")
        if client:
            self.panel.open_client(client)
        else:
            self.panel.close_panel()

    def _recall(self) -> None:
        """The filter that was left behind, but for what was typed."""
        parts = addresses.read(self.context.remember.text("clients/address")).parts
        self.filters.choose({name: text for name, text in parts.items() if name != "text"})

    # -- the list ---------------------------------------------------------------------------------

    def _asked(self) -> ClientFilter:
        from dataclasses import replace

        return replace(self.filters.chosen(), people=self.context.seen)

    def _on_filter(self, step: bool) -> None:
        self._typing.start()
        self.address_changed.emit(step)

    def _on_ids(self, keys: "array[int]") -> None:
        current = self.panel.client_id or self.table.current_key()
        self.model.now = self.context.now()
        if keys == self.model.keys():
            self.model.forget()
        else:
            self.model.set_keys(keys)
            self._by_hand = True
            if current is not None:
                self.table.go_to(current)
            if not self.table.currentIndex().isValid() and keys:
                self.table.setCurrentIndex(self.model.index(0, 0))
            self._by_hand = False
        self._show_count()

    def _show_count(self) -> None:
        count = self.model.rowCount()
        self.filters.show_count(count)
        waiting = self.reading.is_stale or self.reading.is_reading
        nothing = count == 0 and not waiting
        had = self.table.hasFocus()
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        if nothing and had:
            self.empty.button.setFocus()
        if not nothing:
            return
        if self.filters.chosen().is_empty():
            text = tr("No clients yet. A company or a person you sell to is entered once.")
            self.empty.set_texts(text, tr("New client"))
        else:
            self.empty.set_texts(tr("No client is like that."), tr("Show all"))

    def _on_empty(self) -> None:
        if self.filters.chosen().is_empty():
            self.new_client()
        else:
            self.filters.clear()

    def _ask_rows(self, keys: list[int]) -> None:
        self.context.read(clientlist.rows, keys, now=self.context.now(), done=self._on_rows)

    def _on_rows(self, rows: dict[int, ClientRow]) -> None:
        self.model.put(rows)

    def _on_changed(self, changes: Any) -> None:
        if _NAMED & changes.tables.keys():
            self.filters.refresh_parts()
        if "setting" in changes.tables:
            self.model.currency = self.context.ask(_currency)

    def focus_table(self) -> None:
        """Give the keyboard to the list."""
        if self.table.isVisible():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid() and self.model.rowCount():
                self._by_hand = True
                self.table.setCurrentIndex(self.model.index(0, 0))
                self._by_hand = False

    # -- the panel --------------------------------------------------------------------------------

    def show_client(self, client_id: int) -> None:
        """Open a client beside the list."""
        self.show_list()
        self.panel.open_client(client_id)
        self._by_hand = True
        self.table.go_to(client_id)
        self._by_hand = False

    def _open_row(self, index: QModelIndex) -> None:
        key = self.model.key_at(index.row())
        if key is not None and len(self.table.selected_keys()) == 1:
            self.panel.open_client(key)

    def _on_current(self) -> None:
        """A panel that is open follows the keyboard."""
        if self.panel.isVisible() and not self._by_hand:
            self._following.start()

    def _follow(self) -> None:
        key = self.table.current_key()
        if key is not None and self.panel.isVisible() and len(self.table.selected_keys()) == 1:
            self.panel.open_client(key)

    def _on_opened(self, client_id: int) -> None:
        if self.table.current_key() != client_id:
            self._by_hand = True
            self.table.go_to(client_id)
            self._by_hand = False
        self.address_changed.emit(True)

    def _on_closed(self) -> None:
        self.focus_table()
        self.address_changed.emit(True)

    def _on_task(self) -> None:
        key = self.panel.client_id or self.table.current_key()
        if key is not None:
            self.panel.open_client(key)
            self.panel.tasks.focus_field()

    # -- new, merging, duplicates -----------------------------------------------------------------

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
