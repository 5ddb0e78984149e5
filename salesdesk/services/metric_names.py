"""What the numbers of the ranking are called."""

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
