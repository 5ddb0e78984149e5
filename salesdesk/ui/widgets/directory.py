"""A page with a list of records and the panel of one of them beside it."""

from array import array
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from salesdesk.text import tr
from salesdesk.ui import addresses, shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.paged import PagedModel, PagedTable
from salesdesk.ui.widgets.recordpanel import RecordPanel

_TYPED_MS, _FOLLOW_MS = 40, 120


class DirectoryPage(Page):
    """The list follows its filters, the panel follows the list once it is open.

    A page of its own makes ``filters``, ``model``, ``table``, ``panel`` and ``new_button``, then
    calls ``put_together`` and sets ``reading`` (what is asked are the keys in their order);
    ``noun`` names the record in addresses and ``name`` the page in object names.
    """

    name: str
    noun: str
    filters: Any
    model: PagedModel[Any]
    table: PagedTable[Any]
    panel: RecordPanel
    new_button: PrimaryButton
    reading: Reading[Any, "array[int]"]

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._by_hand = False
        self.title = label("", "heading")
        self.title.setParent(self)  # till the header takes it: shown alone it were a window

    def put_together(self) -> None:
        """Filters and list at the left, the panel at the right; in ``splitter``."""
        self.empty = EmptyState(f"{self.name}-empty", "", "-", self._on_empty, icon=self.name)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName(f"{self.name}-splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.body())

    def body(self) -> QWidget:
        """What fills the page; the splitter unless the page has more to show."""
        return self.splitter

    def connect_parts(self) -> None:
        """Let the list follow the filters and the panel the list; ``reading`` is set."""
        self._typing = self._timer(_TYPED_MS, self.reading.refresh)
        self._following = self._timer(_FOLLOW_MS, self._follow)
        self.filters.changed.connect(self._on_filter)
        self.filters.left.connect(self.focus_table)
        self.table.opened.connect(self._open_row)
        self.table.clicked.connect(self._open_row)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.panel.closed.connect(self._on_closed)
        self.panel.record_opened.connect(self._on_opened)
        self.panel.deal_wanted.connect(lambda deal: self.context.go("board", deal))

    def _timer(self, interval: int, run: Callable[[], object]) -> QTimer:
        timer = QTimer(self, interval=interval, singleShot=True)
        timer.timeout.connect(run)
        return timer

    def recall(self) -> None:
        """The filter that was left behind, but for what was typed."""
        parts = addresses.read(self.context.remember.text(f"{self.name}/address")).parts
        self.filters.choose({name: text for name, text in parts.items() if name != "text"})

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title]

    def header_actions(self) -> list[QWidget]:
        return [self.new_button]

    def activated(self) -> None:
        self.reading.seen()
        self.focus_table()

    def say_texts(self, title: str, new: str) -> None:
        """Set every text anew: what the page is called, and its primary action."""
        self.title.setText(title)
        self.table.setAccessibleName(title)
        self.new_button.set_text(new)
        self.new_button.setToolTip(shortcuts.hint(new, "N"))
        self.filters.retranslate()
        last = self.model.columnCount() - 1
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
        self.table.viewport().update()
        self.show_count()

    def choose(self, parts: Mapping[str, str]) -> None:
        """Set the filters as an address has them."""
        self.filters.choose(parts)

    def address(self) -> Mapping[str, str]:
        key = self.panel.record_id
        texts: dict[str, str] = dict(self.filters.texts())
        return texts if key is None else texts | {self.noun: str(key)}

    def go_to(self, parts: Mapping[str, str]) -> None:
        before = self.filters.texts()
        self.choose(parts)
        if self.filters.texts() != before:
            self.reading.refresh()
        key = number_in(parts, self.noun)
        if key:
            self.panel.open_record(key)
        else:
            self.panel.close_panel()

    # -- the list ---------------------------------------------------------------------------------

    def _on_filter(self, step: bool) -> None:
        self._typing.start()
        self.address_changed.emit(step)

    def show_keys(self, keys: "array[int]") -> None:
        """Show the records that were found, the current one staying current."""
        current = self.panel.record_id or self.table.current_key()
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
        self.show_count()

    def show_count(self) -> None:
        """Say how many there are; where there is nothing, what can be done about it."""
        count = self.model.rowCount()
        self.filters.show_count(count)
        nothing = count == 0 and not (self.reading.is_stale or self.reading.is_reading)
        had = self.table.hasFocus()
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        if nothing and had:
            self.empty.button.setFocus()
        if nothing:
            none_yet, new, none_so = self.nothing()
            if self.filters.chosen().is_empty():
                self.empty.set_texts(none_yet, new)
            else:
                self.empty.set_texts(none_so, tr("Show all"))

    def nothing(self) -> tuple[str, str, str]:
        """That there is no record yet, what makes the first, and that none is like the filter."""
        return "", "", ""

    def new_record(self) -> None:
        """Ask for a new record."""

    def _on_empty(self) -> None:
        if self.filters.chosen().is_empty():
            self.new_record()
        else:
            self.filters.clear()

    def focus_table(self) -> None:
        """Give the keyboard to the list."""
        if self.table.isVisible():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid() and self.model.rowCount():
                self._by_hand = True
                self.table.setCurrentIndex(self.model.index(0, 0))
                self._by_hand = False

    # -- the panel --------------------------------------------------------------------------------

    def show_record(self, key: int) -> None:
        """Open a record beside the list."""
        self.panel.open_record(key)
        self._go_to(key)

    def _go_to(self, key: int) -> None:
        self._by_hand = True
        self.table.go_to(key)
        self._by_hand = False

    def follows(self) -> bool:
        """Whether the panel may show the current row."""
        return True

    def _open_row(self, index: QModelIndex) -> None:
        key = self.model.key_at(index.row())
        if key is not None and self.follows():
            self.panel.open_record(key)

    def _on_current(self) -> None:
        """A panel that is open follows the keyboard."""
        if self.panel.isVisible() and not self._by_hand:
            self._following.start()

    def _follow(self) -> None:
        key = self.table.current_key()
        if key is not None and self.panel.isVisible() and self.follows():
            self.panel.open_record(key)

    def _on_opened(self, key: int) -> None:
        if self.table.current_key() != key:
            self._go_to(key)
        self.address_changed.emit(True)

    def _on_closed(self) -> None:
        self.focus_table()
        self.address_changed.emit(True)
