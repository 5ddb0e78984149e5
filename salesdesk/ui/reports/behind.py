"""The panel with what is behind a number: the chain of what was asked, the things, their sum."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.moments import Zone
from salesdesk.services.report_table import Behind, Thing
from salesdesk.text import ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.reports.cells import Wording
from salesdesk.ui.reports.query import goal_of
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel

_FIRST, _MORE = 50, 200
_BETWEEN = " › "


class BehindPanel(SidePanel):
    """A click on a thing opens it: ``opened(page, id)``; ``listed()``: show all as a table."""

    opened = Signal(str, int)
    listed = Signal()

    def __init__(self, zone: Zone, parent: QWidget | None = None) -> None:
        super().__init__("reports-behind", "", parent=parent)
        self._zone = zone
        self._items: list[LineItem] = []
        self._shown = _FIRST
        self.chain = label("", "muted", wrap=True)
        self.lines = LineList("reports-behind-list")
        self.more = LinkButton("", "reports-behind-more", self._on_more)
        self.rest = label("", "muted", wrap=True)
        self.as_list = LinkButton("", "reports-behind-table", self.listed.emit)
        for widget in (self.chain, self.lines):
            self.body.addWidget(widget)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.rest)
        self.body.addStretch(1)
        self.foot.addWidget(self.as_list, 0, Qt.AlignmentFlag.AlignLeft)
        self.lines.opened.connect(self._on_opened)

    def show_things(
        self, title: str, chain: Sequence[str], found: Behind, words: Wording, now: int
    ) -> None:
        """List what a number counts, under its name."""
        said = _BETWEEN.join(chain)
        self.set_title(title)
        for widget in (self, self.area, self.lines):
            widget.setAccessibleName(f"{title}, {said}")
        self.chain.setText(said)
        counted = found.holds == "count"
        self._items = [self._item(thing, counted, words, found, now) for thing in found.things]
        self._shown = _FIRST
        self._show()
        self.rest.setText(_rest(found))
        self.rest.setVisible(bool(self.rest.text()))
        self.as_list.setVisible(len(found.things) > 1)
        self.area.verticalScrollBar().setValue(0)

    def _item(
        self, thing: Thing, counted: bool, words: Wording, found: Behind, now: int
    ) -> LineItem:
        when = formats.moment(self._zone, thing.at, now) if thing.at is not None else ""
        number = "" if counted and thing.value == 1 else words.in_full(thing.value, found.holds)
        return LineItem(
            thing.title, "", " · ".join(filter(None, (when, thing.about))), number,
            struck=not thing.counts, quiet=not thing.counts, source=goal_of(thing),
        )  # fmt: skip

    def _show(self) -> None:
        self.lines.set_items(self._items[: self._shown])
        left = len(self._items) - self._shown
        self.more.setVisible(left > 0)
        if left > 0:
            self.more.set_text(ntr("and {n} more…", "and {n} more…", left))

    def _on_more(self) -> None:
        self._shown += _MORE
        self._show()

    def _on_opened(self, item: LineItem) -> None:
        if item.source is not None:
            self.opened.emit(*item.source)

    def retranslate(self) -> None:
        """Set every text anew."""
        super().retranslate()
        self.as_list.set_text(tr("Show as a table"))


def _rest(found: Behind) -> str:
    """What is not listed."""
    if not found.more:
        return ""
    return ntr("{n} more is not listed.", "{n} more are not listed.", found.more)
