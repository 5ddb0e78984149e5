"""A section of a panel that is a list: its heading, the first lines, and the way to the rest."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.text import ntr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem, LineList

_SHOWN = 6


class ListSection(QWidget):
    """A heading with a link at its right, a line that says there is nothing, a list of which the
    first lines are seen, and "and n more". ``wanted()``: the link was pressed."""

    wanted = Signal()

    def __init__(self, name: str, first: int = _SHOWN) -> None:
        super().__init__()
        self._first = first
        self.setObjectName(name)
        self._all = False
        self._items: list[LineItem] = []
        self.title = SectionLabel("")
        self.add_button = LinkButton("", f"{name}-add", self.wanted.emit)
        self.add_button.hide()
        self.none = label("", "muted", wrap=True)
        self.list = LineList(f"{name}-list")
        self.more = LinkButton("", f"{name}-more", self._on_more)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.add_button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.XS)
        self.column.addLayout(head)
        for part in (self.none, self.list, self.more):
            self.column.addWidget(part)

    def set_words(self, title: str, none: str, add: str = "") -> None:
        """The texts that do not change with what is shown."""
        self.title.set_text(title)
        self.list.setAccessibleName(title)
        self.none.setText(none)
        self.add_button.set_text(add)

    def show_items(self, items: Sequence[LineItem], another: bool) -> None:
        """Show these; of ``another`` contractor only the first ones."""
        self._items = list(items)
        self._all = self._all and not another
        self._fill()

    def _fill(self) -> None:
        shown = self._items if self._all else self._items[: self._first]
        self.list.set_items(shown)
        self.list.setVisible(bool(shown))
        self.none.setVisible(not shown and bool(self.none.text()))
        hidden = len(self._items) - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", hidden))

    def _on_more(self) -> None:
        self._all = True
        self._fill()

    def place(self) -> QPoint:
        """Where a form of this section opens, on the screen: at the end of its heading."""
        return self.mapToGlobal(QPoint(self.width(), self.title.height() + theme.XS))
