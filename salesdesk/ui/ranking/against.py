"""What the numbers are compared with: the period before, the same a year ago, days of one's own."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.errors import Invalid
from salesdesk.moments import month_of
from salesdesk.services import periods
from salesdesk.services.periods import Period
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.period import DaysPopover, days_text
from salesdesk.ui.widgets.popup import menu, show_under

_WEEK, _YEAR_OF_WEEKS = 7, 364
_KEY = "ranking/against"
#: The sign, and the button that has nothing else.
_SIGN, _SIGN_WIDTH = 14, 43
NAMED = ("", "before", "year")


def year_before(period: Period) -> Period:
    """The same a year ago: whole months as months, whole weeks 52 weeks earlier (so that Mondays
    stand against Mondays), other days by their dates (29 February is then the 28th)."""
    months = period.whole_months()
    if months:
        return periods.of_months(month_of(period.first_day) - 12, months)
    if period == periods.of_week(period.first_day):
        return Period(period.first_day - _YEAR_OF_WEEKS, period.last_day - _YEAR_OF_WEEKS)
    return Period(_year_earlier(period.first_day), _year_earlier(period.last_day))


def _year_earlier(day: int) -> int:
    there = date.fromordinal(day)
    last = 28 if (there.month, there.day) == (2, 29) else there.day
    return there.replace(year=there.year - 1, day=last).toordinal()


def as_far(other: Period, period: Period, today: int) -> Period:
    """As many days of the other period as have gone of a period that still goes on: on the 20th
    the first twenty days stand against twenty."""
    if not period.contains(today) or period.last_day == today:
        return other
    gone = today - period.first_day + 1
    return Period(other.first_day, min(other.first_day + gone - 1, other.last_day))


class AgainstButton(ComboButton):
    """``changed()`` comes when a person chooses; ``period(of, today)`` is what was chosen."""

    changed = Signal()

    def __init__(
        self, name: str, of: Callable[[], Period], today: Callable[[], int], remember: Remember,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__("", name, "chip", parent)
        self._of, self._today, self._remember = of, today, remember
        self._kind, self._days = "", periods.of_day(1)
        self.set_opens(self._menu)
        self.set_address(remember.text(_KEY))

    def period(self) -> Period | None:
        """The days to compare with; None when nothing is compared."""
        of, today = self._of(), self._today()
        if self._kind == "before":
            return as_far(of.previous(), of, today)
        if self._kind == "year":
            return as_far(year_before(of), of, today)
        return self._days if self._kind else None

    def address(self) -> str:
        """What is chosen as an address has it: ``before``, ``year``, ``2026-03-01..2026-03-31``."""
        if self._kind != "days":
            return self._kind
        ends = (self._days.first_day, self._days.last_day)
        return "..".join(date.fromordinal(day).isoformat() for day in ends)

    def set_address(self, text: str) -> None:
        """Choose what an address has, without telling; what cannot be read compares nothing."""
        self._kind = text if text in NAMED else ""
        if text not in NAMED:
            try:
                first, last = (date.fromisoformat(end).toordinal() for end in text.split(".."))
                self._kind, self._days = "days", Period(first, last)
            except (ValueError, Invalid):
                pass  # an address of another time: nothing is compared
        self.refresh()

    def refresh(self) -> None:
        """Say what is chosen; other days, another language."""
        period = self.period()
        if period is None:
            self.set_text("", tr("Compare with other days"))  # a sign alone: the header is full
            self.setToolTip(tr("Compare with other days"))
        else:
            days = days_text(period.first_day, period.last_day)
            self.set_text(tr("vs {days}", days=days), tr("Compared with {days}", days=days))
            self.setToolTip(tr("Compared with {days}", days=days))
        self.set_tone("accent" if period is not None else "")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint if self.text() else QSize(_SIGN_WIDTH, hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.text():
            top = (self.height() - _SIGN) / 2
            where = QRectF(theme.S + 2, top, _SIGN, _SIGN)
            icons.paint(QPainter(self), "swap", where, theme.current().muted)

    def _menu(self) -> QMenu:
        entries = [
            ("none", tr("Do not compare"), lambda: self._choose("")),
            None,
            ("before", tr("The period before"), lambda: self._choose("before")),
            ("year", tr("The same a year ago"), lambda: self._choose("year")),
            ("days", tr("Other days…"), self._open_days),
        ]
        return menu(entries, f"{self.objectName()}-menu", self, self._kind or "none")

    def _choose(self, kind: str) -> None:
        self._kind = kind
        self._chosen()

    def _open_days(self) -> None:
        shown = self.period() or self._of().previous()
        popover = DaysPopover(f"{self.objectName()}-days", shown, self._today(), self)
        popover.chosen.connect(self._on_days)
        show_under(popover, self)

    def _on_days(self, period: Period) -> None:
        self._kind, self._days = "days", period
        self._chosen()

    def _chosen(self) -> None:
        self._remember.set(_KEY, self.address())
        self.refresh()
        self.changed.emit()
