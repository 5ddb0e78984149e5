"""The line over the plans: copy the months before, raise by a percentage, copy and paste."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.grid_view import Grid
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import label

_USUAL = Decimal(10)


class PlanTools(QWidget):
    """Works on the cells selected in a grid; ``copy_before`` and ``change_by`` are told to."""

    def __init__(
        self,
        grid: Grid,
        copy_before: Callable[[], object],
        change_by: Callable[[Decimal], object],
    ) -> None:
        super().__init__()
        self._grid, self._change_by = grid, change_by
        self.setObjectName("settings-plans-tools")
        self.before = Button("", "settings-plans-copy-before", "chip", copy_before)
        kind = NumberKind(Decimal(-100), Decimal(900), 2, True, "%")
        self.percent = Entry(kind, "settings-plans-percent", tr("Percentage"), 72, "inline")
        self.percent.set_value(_USUAL)
        self.percent.returnPressed.connect(self._on_change)
        self.change = Button(tr("Change by"), "settings-plans-change-by", "chip", self._on_change)
        self.change.setToolTip(
            tr("Raises the plans selected by the percentage; below zero lowers them")
        )
        self.copy = Button(tr("Copy"), "settings-plans-copy", "chip", grid.copy)
        self.copy.setToolTip(shortcuts.hint(tr("Copy the cells selected"), "Ctrl+C"))
        self.paste = Button(tr("Paste"), "settings-plans-paste", "chip", grid.paste)
        self.paste.setToolTip(shortcuts.hint(tr("Paste cells from a spreadsheet"), "Ctrl+V"))
        self.sum = label("", "muted")
        self.sum.setObjectName("settings-plans-selected")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        for widget in (self.before, self.change, self.percent, self.copy, self.paste):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.sum)
        grid.chosen.connect(self.show_chosen)

    def set_before(self, text: str) -> None:
        """What is copied."""
        self.before.set_text(text)

    def set_allowed(self, may: bool) -> None:
        """Offer what changes plans, or only copying."""
        for widget in (self.before, self.change, self.percent, self.paste):
            widget.setVisible(may)

    def show_chosen(self) -> None:
        """How many numbers are selected, and their sum."""
        numbers = self._grid.numbers()
        said = ""
        if len(numbers) > 1:
            total = formats.decimal(sum(numbers, Decimal(0)))
            said = ntr("{n} number, sum {sum}", "{n} numbers, sum {sum}", len(numbers), sum=total)
        self.sum.setText(said)

    def _on_change(self) -> None:
        if self.percent.commit() and self.percent.value():
            self._change_by(self.percent.value())
