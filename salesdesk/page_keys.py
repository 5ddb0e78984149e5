"""The keys of the pages in the order of the rail: what ``ui/pages.py`` has, told without Qt.

The command line offers them, and the scripts that draw pictures go through them.
"""

PAGES = (
    "board", "tasks", "clients", "contractors", "control", "ranking", "reports", "history",
    "import", "settings", "months", "awards", "sync",
)  # fmt: skip

#: The sections of the settings, in their order.
SETTINGS = (
    "people", "pipelines", "rules", "points", "plans", "bonus", "calendar", "lists", "digest",
    "sync", "appearance", "reminders", "backups",
)  # fmt: skip
