"""The free pivot among the reports: its own options are texts, chosen on a shelf of its own."""

from salesdesk.services import pivot, pivot_behind
from salesdesk.services.report_table import Report
from salesdesk.text import N_

REPORT = Report(
    "pivot", N_("Pivot"),
    N_("The question that nobody foresaw: deals, tasks, moves or prices by any of their fields."),
    frozenset(("pipeline", "person", "team", "deals")), pivot.read, pivot_behind.behind,
    first_period="year",
)  # fmt: skip
