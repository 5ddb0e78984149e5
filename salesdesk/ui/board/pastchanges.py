"""The list at the side of a past board: what changed since then."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services.past_changes import KINDS, Changed, Changes
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel

if TYPE_CHECKING:
    from salesdesk.ui.widgets.popup import Popover

_TITLES: Mapping[str, str] = {
    "won": N_("Won"),
    "lost": N_("Lost"),
    "moved": N_("Moved on"),
    "new": N_("New"),
    "gone": N_("Not here any more"),
    "owner": N_("Another responsible person"),
    "amount": N_("Another amount"),
}


class ChangesPanel(SidePanel):
    """``deal_wanted(id)``; ``until_changed(day)``: compare with the end of another day."""

    deal_wanted = Signal(object)
    until_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("past-changes-panel", "", parent=parent)
        self.until = 0
        self.today = 0
        self._shown: Changes | None = None
        self.button = ComboButton("", "past-until", "chip")
        self.button.set_opens(self._calendar)
        self.nothing = label("", "muted", wrap=True)
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.nothing)
        self.sections = {kind: SectionLabel(" ") for kind in KINDS}
        self.lists = {kind: LineList(f"past-changes-{kind}") for kind in KINDS}
        for kind in KINDS:
            self.body.addSpacing(theme.XS)
            self.body.addWidget(self.sections[kind])
            self.body.addWidget(self.lists[kind])
            self.lists[kind].opened.connect(lambda item: self.deal_wanted.emit(item.source))
        self.body.addStretch(1)
        self.retranslate()

    def show_days(self, day: int, until: int, today: int) -> None:
        """Which two days are compared."""
        self.until, self.today = until, today
        self.set_title(tr("Changed since {day}", day=formats.day(day)))
        text = tr("now") if until >= today else formats.day(until)
        self.button.set_text(tr("until {day}", day=text))

    def show_changes(self, found: Changes) -> None:
        """Show what changed."""
        self._shown = found
        for kind in KINDS:
            lines = [line for line in found.lines if line.kind == kind]
            count = found.counts.get(kind, 0)
            self.sections[kind].setVisible(bool(lines))
            self.lists[kind].setVisible(bool(lines))
            self.sections[kind].setText(f"{trp('changes', _TITLES[kind])} · {formats.whole(count)}")
            self.lists[kind].setAccessibleName(trp("changes", _TITLES[kind]))
            self.lists[kind].set_items([self._item(line) for line in lines])
        total, shown = sum(found.counts.values()), len(found.lines)
        self.nothing.setVisible(shown < total or not total)
        more = ntr("The first {shown} of {n} change.", "The first {shown} of {n} changes.", total,
                   shown=shown)  # fmt: skip
        self.nothing.setText(more if total else tr("Nothing changed between these days."))

    def _item(self, line: Changed) -> LineItem:
        if line.kind == "amount":
            ends = [formats.money(each, line.currency) for each in (line.old, line.new)]  # type: ignore[arg-type]
        else:
            nobody = {"owner": tr("Nobody"), "new": "", "gone": ""}.get(
                line.kind, trp("changes", "New")
            )
            ends = [str(each or nobody) for each in (line.old, line.new)]
        return LineItem(line.title, below=" → ".join(filter(None, ends)), source=line.deal_id)

    def retranslate(self) -> None:
        """Set every text anew."""
        super().retranslate()
        self.setAccessibleName(tr("What changed since"))
        self.button.setToolTip(tr("Compare with the end of another day"))
        if self._shown is not None:
            self.show_changes(self._shown)

    def _calendar(self) -> "Popover":
        from salesdesk.ui.widgets.calendar import calendar

        name = tr("Compare with the end of another day")
        until = min(self.until, self.today)
        return calendar("past-until-calendar", name, until, self.until_changed.emit, self)
