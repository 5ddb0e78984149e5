"""What the page of the reports says: empty states and the ways out of them, saved views."""

from salesdesk.moments import month_of
from salesdesk.services import periods
from salesdesk.services.periods import Period
from salesdesk.services.report_table import Holds, Report, Value
from salesdesk.text import tr
from salesdesk.ui.reports.filters import Filters
from salesdesk.ui.widgets.saved import SavedWords


def period_of(value: Value, holds: Holds) -> Period:
    """The days of a row that stands for a day, a week or a month."""
    day = int(value) if isinstance(value, int) else 1
    if holds == "month":
        return periods.of_months(month_of(day))
    return periods.of_week(day) if holds == "week" else periods.of_day(day)


def nothing(report: Report, filters: Filters) -> tuple[str, str]:
    """What is said in place of a report without rows, and the way out."""
    if filters.is_filtered():
        said = tr("Nothing is like that in these days. Ask for more deals, or other days.")
        return said, tr("Without filters")
    if report.looks_ahead:
        said = tr("Nothing is expected in these days. Look further ahead.")
        return said, "" if _is_wide(filters) else tr("12 months")
    said = tr("Nothing of this happened in these days. Choose more of them.")
    return said, "" if _is_wide(filters) else tr("This year")


def way_out(report: Report, filters: Filters) -> None:
    """Take the way out."""
    if filters.is_filtered():
        filters.clear()
        return
    filters.days.set_period(_wide(filters, report.looks_ahead))


def _wide(filters: Filters, ahead: bool) -> Period:
    today = filters.today()
    return periods.of_months(month_of(today), 12) if ahead else periods.of_year(today)


def _is_wide(filters: Filters) -> bool:
    ahead = filters.days.ahead
    return filters.days.period() == _wide(filters, ahead)


def saved_words() -> SavedWords:
    """How saved views are spoken of."""
    return SavedWords(
        title=tr("Saved views"),
        hint=tr("Choose a report and its filters, then save them here under a name."),
        name=tr("Name of the view"), save_as=tr("Save this view as…"),
        saved=lambda name: tr("Saved the view “{name}”", name=name),
        removed=lambda name: tr("Removed the view “{name}”", name=name),
    )  # fmt: skip
