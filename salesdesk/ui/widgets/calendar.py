"""A month to pick a day from, as a popover."""

from collections.abc import Callable

from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QToolButton, QWidget

from salesdesk.text import language
from salesdesk.ui import theme
from salesdesk.ui.context import locale_of
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.popup import Popover

#: Julian day number of the day before the one with the ordinal 1.
_JULIAN = 1_721_425


def calendar(
    name: str,
    accessible: str,
    chosen: int,
    pick: Callable[[int], object],
    parent: QWidget | None = None,
) -> Popover:
    """A popover that calls ``pick(day)`` with an ordinal; open it with ``popup.show_under``."""
    popover = Popover(name, accessible, parent)
    days = QCalendarWidget()
    days.setObjectName(f"{name}-month")
    days.setAccessibleName(accessible)
    days.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    days.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
    days.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
    days.setLocale(locale_of(language()))
    days.setMinimumSize(280, 232)
    _dress(days)
    days.setSelectedDate(QDate.fromJulianDay(chosen + _JULIAN))

    def on_picked(on: QDate) -> None:
        popover.close()
        pick(on.toJulianDay() - _JULIAN)

    days.clicked.connect(on_picked)
    days.activated.connect(on_picked)
    popover.body.addWidget(days)
    popover.setFocusProxy(days)
    return popover


def _dress(days: QCalendarWidget) -> None:
    now = theme.current()
    weekend, head = QTextCharFormat(), QTextCharFormat()
    weekend.setForeground(now.muted)
    head.setForeground(now.muted)
    days.setHeaderTextFormat(head)
    for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        days.setWeekdayTextFormat(day, weekend)
    for name, icon in (("prevmonth", "chevron-left"), ("nextmonth", "chevron-right")):
        button = days.findChild(QToolButton, f"qt_calendar_{name}")
        if isinstance(button, QToolButton):
            button.setIcon(icons.icon(icon, now.muted, ratio=days.devicePixelRatioF()))
