"""The calm strip above a past board: which day, the slider, what changed since, the way back."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.text import N_, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.board.dayslider import DaySlider
from salesdesk.ui.widgets.buttons import ComboButton, IconButton, PrimaryButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.labels import label

if TYPE_CHECKING:
    from salesdesk.ui.widgets.popup import Popover

_GROUP = N_("Board")
#: The least in which a day can be picked on the slider.
_SLIDER = 140


class PastStrip(QFrame):
    """``chosen(day)``: another day; ``left()``: back to today; ``changes(on)``: the list of what
    changed since is wanted or no longer."""

    chosen = Signal(int)
    left = Signal()
    changes = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("past-strip")
        self.setProperty("role", "selection")
        self.today = 0
        self.title = label("", "strong")
        self.note = label("", "muted")
        self.date = ComboButton("", "past-date", "chip")
        self.date.set_opens(self._calendar)
        self.before = IconButton("chevron-left", "", "past-before", lambda: self._step(-1), "quiet")
        self.next = IconButton("chevron-right", "", "past-next", lambda: self._step(1), "quiet")
        self.slider = DaySlider()
        self.slider.chosen.connect(self._on_slid)
        self.since = Chip("", "past-changes")
        self.since.clicked.connect(lambda: self.changes.emit(self.since.isChecked()))
        self.back = PrimaryButton("", "past-today", self.left.emit)
        self._busy = False
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for widget in (self.title, self.date, self.note, self.before):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.slider, 1)
        for button in (self.next, self.since, self.back):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.XS, theme.L, theme.XS)
        column.addLayout(row)
        shortcuts.add(self, "Esc", N_("Back to today"), self.left.emit, _GROUP, everywhere=False)
        shortcuts.listed(self, "Left", N_("A day earlier, with Ctrl a week"), _GROUP)
        self.retranslate()

    def set_days(self, first: int, today: int) -> None:
        """The days that can be looked at."""
        self.today = today
        self.slider.set_range(first, today)
        self.show_day(self.slider.day)

    def show_day(self, day: int) -> None:
        """Show which day it is."""
        self.slider.set_day(day)
        text = formats.day(self.slider.day)
        self.date.set_text(text, tr("Day: {day}", day=text))
        self.slider.setAccessibleName(tr("As of {day}, read-only", day=text))
        self.before.setEnabled(self.slider.day > self.slider.first)
        self.next.setEnabled(self.slider.day < self.slider.last)

    def set_busy(self, busy: bool) -> None:
        """The past is being read."""
        self._busy = busy
        self.title.setText(tr("Reading the past…") if busy else tr("As of"))
        for widget in (self.date, self.before, self.next, self.since):
            widget.setVisible(not busy)
        self._fit()

    def _fit(self) -> None:
        """Between two open panels there is no room for everything: what is known anyway goes first,
        then the slider (the days before and after stay), then the words before the day."""
        spare: list[QWidget] = [self.note, self.slider, self.title]
        if self._busy:
            spare = []
            self.note.hide()
            self.slider.hide()
            self.title.show()
        kept = [self.date, self.before, self.next, self.since, self.back]
        room = self.width() - 2 * theme.L
        needed = sum(widget.sizeHint().width() + theme.S for widget in kept)
        for widget in reversed(spare):
            wide = _SLIDER if widget is self.slider else widget.sizeHint().width()
            needed += wide + theme.S
            widget.setVisible(needed <= room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("The board of a past day"))
        self.title.setText(tr("As of"))
        self.note.setText(tr("read-only"))
        self.date.setToolTip(tr("Pick a day"))
        self.before.set_text(tr("A day earlier"))
        self.next.set_text(tr("A day later"))
        self.since.set_words(tr("What changed since"))
        self.back.set_text(tr("Today"), tr("Back to today"))
        self.back.setToolTip(shortcuts.hint(tr("Back to today"), "Esc"))
        self.slider.setToolTip(tr("Read-only: the board as it stood at the end of that day"))
        self._fit()

    def _step(self, by: int) -> None:
        self._on_slid(self.slider.day + by)

    def _on_slid(self, day: int) -> None:
        self.show_day(day)
        self.chosen.emit(self.slider.day)

    def _calendar(self) -> "Popover":
        from salesdesk.ui.widgets.calendar import calendar

        return calendar("past-calendar", tr("Pick a day"), self.slider.day, self._on_slid, self)
