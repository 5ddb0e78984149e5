"""What the numbers of the ranking are called, and in which units they are shown."""

from decimal import Decimal

from salesdesk.moments import amount_of, points_of
from salesdesk.text import N_

METRIC_NAMES: dict[str, str] = {
    "requests_total": N_("Requests in all"),
    "in_work": N_("In work"),
    "requests_new": N_("New requests"),
    "meetings_scheduled": N_("Meetings scheduled"),
    "meetings_held": N_("Meetings held"),
    "contracts_signed": N_("Contracts signed"),
    "advances_paid": N_("Advances paid"),
    "won": N_("Deals won"),
    "lost": N_("Deals lost"),
    "tasks_total": N_("Tasks in all"),
    "tasks_overdue": N_("Overdue"),
    "deals_without_tasks": N_("Without tasks"),
    "postponements": N_("Postponements"),
    "points": N_("Points"),
    "revenue": N_("Revenue"),
    "gross_profit": N_("Gross profit"),
    "actions": N_("Actions"),
}
#: Those that are money.
MONEY = ("revenue", "gross_profit")


def in_units(metric: str, value: int) -> int | Decimal:
    """A value of the database as it is shown: points, an amount, or a count."""
    if metric == "points":
        return points_of(value)
    return amount_of(value) if metric in MONEY else value
