"""From when on the points that were tried are to hold."""

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services.what_if import Tried
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.entries import ValueEdit
from salesdesk.ui.widgets.kinds import DateKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 300


class ApplyForm(Popover):
    """Asks from which day on; ``given(day)``: an ordinal, or None for all time."""

    given = Signal(object)

    def __init__(self, tried: Tried, today: int, parent: QWidget) -> None:
        super().__init__("ranking-apply", tr("Apply what was tried"), parent)
        self._tried = tried
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        heading = label(tr("Apply what was tried"), "strong")
        self.when = ChipRow(
            [("day", tr("From a day on")), ("ever", tr("For all time"))],
            "ranking-apply-when", tr("From when on"),
        )  # fmt: skip
        self.day = ValueEdit(
            DateKind(lambda: today), "ranking-apply-day", tr("First day"), _next_month(today)
        )
        self.day.taken.connect(self._on_done)
        self.hint = label("", "muted", wrap=True)
        self.hint.setFixedWidth(_WIDTH)
        self.problem = label("", "problem", wrap=True)
        self.problem.setFixedWidth(_WIDTH)
        self.problem.hide()
        self.action = PrimaryButton(tr("Apply"), "ranking-apply-do", self._on_done)
        self.cancel = Button(tr("Cancel"), "ranking-apply-cancel", "plain", self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.action)
        for widget in (heading, self.when, self.day, self.hint, self.problem):
            self.body.addWidget(widget)
        self.body.addLayout(row)
        self.when.chosen.connect(lambda _key: self._show())
        self._show()

    def _show(self) -> None:
        ever = self.when.value() == "ever" or not self._tried.points
        self.when.setVisible(bool(self._tried.points))
        self.day.setVisible(not ever)
        self.hint.setText(" ".join(self._hints(ever)))
        self.adjustSize()

    def _hints(self, ever: bool) -> list[str]:
        found = []
        if self._tried.points:
            found.append(ntr("The points of {n} stage change.", "The points of {n} stages change.",
                             len(self._tried.points)))  # fmt: skip
            found.append(
                tr("Past periods are counted anew; closed months stay as they are.")
                if ever
                else tr("What was reached before keeps its points.")
            )
        if self._tried.skipped is not None:
            found.append(
                tr("Skipped stages count from now on, for all time that is not closed.")
                if self._tried.skipped
                else tr("Skipped stages do not count any more, for all time that is not closed.")
            )
        return found

    def _on_done(self) -> None:
        day: int | None = None
        if self.when.value() != "ever" and self._tried.points:
            try:
                day = int(self.day.needed())
            except ValueError as error:
                self.problem.setText(str(error))
                self.problem.show()
                self.adjustSize()
                return
        self.close()
        self.given.emit(day)


def _next_month(today: int) -> int:
    """The first day of the month to come: points change between months."""
    day = date.fromordinal(today)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1).toordinal()
