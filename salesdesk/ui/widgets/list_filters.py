"""What every filtered list has: a text field, the button that adds filters, chips, saved filters.

The page places the widgets: ``field``, ``more.button`` and ``saved`` where they fit, the chips in a
``FlowLayout``. The board has a bar of its own.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.text import tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.filter_parts import ActiveFilters, Part
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.search import SearchField

if TYPE_CHECKING:
    from salesdesk.ui.widgets.popup import Popover


class ListFilters(QObject):
    """The filter of a list as texts by name. A page with widgets of its own for some parts says so
    in ``others``, ``set_others`` and ``OTHERS``, the names of these parts.

    ``changed(step)`` when it is another one (typing on is no step); ``left()`` when Enter, Down or
    Esc leaves the field. ``page`` is the name under which filters are saved; ``read(texts)`` gives
    the texts that the service understands, or raises SalesDeskError, which is said.
    """

    changed = Signal(bool)
    left = Signal()
    OTHERS: tuple[str, ...] = ()

    def __init__(
        self,
        context: Context,
        page: str,
        flow: FlowLayout,
        owner: QWidget,
        parts: Callable[[], list[Part]],
        read: Callable[[Mapping[str, str]], Mapping[str, str]],
    ) -> None:
        super().__init__(owner)
        self._context, self._page, self._flow, self._owner = context, page, flow, owner
        self._read = read
        self.field = SearchField(f"{page}-search", owner)
        self.field.left.connect(self.left)
        self.more = ActiveFilters(f"{page}-filter", flow, owner, parts)
        self.saved = ComboButton("", f"{page}-saved", "chip", owner)
        self.saved.set_opens(self._saved)
        flow.addWidget(self.saved)
        self.clear_chip = Chip("", f"{page}-clear", False, self.clear, owner)
        flow.addWidget(self.clear_chip)
        self.field.textChanged.connect(self._on_text)
        self.more.changed.connect(self._on_changed)

    # -- what is chosen ---------------------------------------------------------------------------

    def texts(self) -> dict[str, str]:
        """The filter as texts by name."""
        typed = self.field.text().strip()
        return self.others() | self.more.texts | ({"text": typed} if typed else {})

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """Filter by this, without telling; by nothing, if it is no filter, which is said."""
        try:
            texts = self._read(texts)
        except SalesDeskError as error:
            self._context.fail(error)
            texts = {}
        self.set_others(texts)
        known = {"text", *self.OTHERS}
        self.more.set_texts({name: text for name, text in texts.items() if name not in known})
        self.field.show_text(texts.get("text", ""))
        self.show_clear()

    def others(self) -> dict[str, str]:
        """The parts that other widgets of the page hold."""
        return {}

    def set_others(self, texts: Mapping[str, str]) -> None:
        """Show these parts in the other widgets of the page."""

    def choose(self, texts: Mapping[str, str]) -> None:
        """Filter by this, and tell."""
        self.set_texts(texts)
        self.changed.emit(True)

    def clear(self) -> None:
        """Filter nothing."""
        self.choose({})

    def drop(self, *names: str) -> None:
        """Leave out parts that mean nothing now, without telling."""
        if self.more.texts.keys() & set(names):
            self.set_texts({k: text for k, text in self.texts().items() if k not in names})

    def show_clear(self) -> None:
        """Behind all chips, when there is something to clear."""
        if self._flow.indexOf(self.clear_chip) < self._flow.count() - 1:
            self._flow.removeWidget(self.clear_chip)
            self._flow.addWidget(self.clear_chip)
        self.clear_chip.setVisible(bool(self.texts()))
        self.order_keys()

    def order_keys(self, *first: QWidget) -> None:
        """Tab goes as the eye does: what stands ``first``, then along the chips."""
        stops = list(first)
        for at in range(self._flow.count()):
            item = self._flow.itemAt(at)
            widget = None if item is None else item.widget()
            if widget is None:
                continue
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                stops.append(widget)
            else:
                stops += widget.findChildren(QAbstractButton)
        for one, after in pairwise(stops):
            QWidget.setTabOrder(one, after)

    def _on_changed(self) -> None:
        self.show_clear()
        self.changed.emit(True)

    def _on_text(self, _text: str) -> None:
        self.show_clear()
        self.changed.emit(False)

    def _saved(self) -> "Popover":
        from salesdesk.ui.widgets.saved import SavedFilters

        popover = SavedFilters(self._context, self._page, self.texts(), self._owner)
        popover.chosen.connect(self.choose)
        return popover

    # -- words and keys ---------------------------------------------------------------------------

    def retranslate(self, placeholder: str, spoken: str, more: str) -> None:
        """Set every text anew: what the field finds, and what can be filtered by (a tool tip)."""
        self.more.retranslate()
        self.more.button.setToolTip(more)
        self.saved.set_text(trp("filters", "Saved"), tr("Saved filters"))
        self.saved.setToolTip(tr("Saved filters"))
        self.clear_chip.set_words(tr("Show all"))
        self.field.retranslate(placeholder, spoken)
        self.show_clear()

    def focus_field(self) -> None:
        """Begin to type."""
        self.field.begin()
