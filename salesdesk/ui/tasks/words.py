"""What the page of tasks says: its lists, a line of a list, a day of the week."""

from datetime import date

from salesdesk.moments import Zone
from salesdesk.services.task_lists import Item
from salesdesk.services.tasks import TaskLine
from salesdesk.text import N_, tr, trp
from salesdesk.ui import awaiting, formats

LISTS = {
    "overdue": N_("Overdue"), "today": N_("Today"), "planned": N_("Planned"),
    "waiting": N_("Waiting"), "accept": N_("To accept"), "done": N_("Done"),
}  # fmt: skip
EMPTY = {
    "overdue": N_("Nothing is overdue. What is due next stands under Today and Planned."),
    "today": N_("Nothing more is due today."),
    "planned": N_("Nothing is planned yet. A deal without a task is a deal nobody works on."),
    "waiting": N_("No task waits for an event. Rules of the stages make such tasks."),
    "accept": N_("No result waits to be accepted."),
    "done": N_("Nothing was done in the last 30 days."),
}
#: The button of an empty list, by the list that it leads to (none: to a new task).
LEADS = {"": N_("New task"), "today": N_("Due today"), "overdue": N_("Overdue")}
STATES = {
    "overdue": N_("overdue"), "today": N_("due today"), "planned": N_("planned"),
    "waiting": N_("waiting"), "done": N_("done"), "cancelled": N_("cancelled"),
}  # fmt: skip
_DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


def leads_to(kind: str, overdue: int) -> str:
    """The list that an empty one leads to; nothing where a new task is next."""
    if kind == "today" and overdue:
        return "overdue"
    return "today" if kind in ("overdue", "accept") else ""


def about(item: Item) -> str:
    """The deal and the client behind a task."""
    return " · ".join(part for part in (item.task.deal, item.task.client) if part)


def when(item: Item, zone: Zone, now: int) -> str:
    """Until when (of an open task) or since when it is closed."""
    task = item.task
    at = task.due_at if task.state == "open" else task.closed_at
    if at is not None:
        return formats.near(zone, at, now)
    return awaiting.waits(task.event, item.waits) if task.event else tr("no date")


def remark(item: Item) -> str:
    """Why an open task was given back."""
    if item.task.state != "open" or not item.remark:
        return ""
    return tr("given back: {remark}", remark=item.remark)


def beside(item: Item, zone: Zone) -> str:
    """What stands behind the title: why it was given back, why it stays where it is or whose it
    is, the beginning of what is to be done; or what came of it."""
    task = item.task
    if task.state == "open":
        kept = awaiting.kept(item.kept, item.kept_since, zone) if item.kept else ""
        text = (task.description or "").strip().split("\n", 1)[0]
        return remark(item) or kept or task.note or text
    result = task.result or ""
    return tr("{result} · accepted", result=result) if item.accepted else result


def why(item: Item, zone: Zone) -> str:
    """Why a task stands as it does, a line each."""
    told = awaiting.why(item.task, item.waits, item.kept, item.kept_since, zone)
    given = remark(item)
    return "\n".join(part for part in (given[:1].upper() + given[1:], told) if part)


def progress(task: TaskLine) -> str:
    """``2 of 5 done``; nothing without a checklist."""
    done = sum(ticked for _line, ticked in task.checklist)
    return tr("{done} of {n} done", done=done, n=len(task.checklist)) if task.checklist else ""


def postponed(item: Item) -> str:
    """``2×``, or nothing."""
    return f"{item.task.postponed}×" if item.task.postponed else ""


def spoken(item: Item, zone: Zone, now: int) -> str:
    """A line as a screen reader says it."""
    task = item.task
    parts = [
        task.kind or "", task.title, tr(STATES.get(task.shown, task.shown)),
        when(item, zone, now), about(item), task.assignee or tr("Nobody"), item.phone,
        tr("postponed {n}×", n=task.postponed) if task.postponed else "", progress(task),
        beside(item, zone),
    ]  # fmt: skip
    return ", ".join(part for part in parts if part)


def whole_day(day: int) -> str:
    """``Monday 23 Nov``."""
    return f"{tr(_DAYS[date.fromordinal(day).weekday()])} {formats.day_short(day)}"


def week(first: int) -> str:
    """``23 Nov – 29 Nov 2026``."""
    last = first + 6
    year = date.fromordinal(last).year
    return f"{formats.day_short(first)} – {formats.day_short(last)}{formats.NO_BREAK}{year}"


def list_name(kind: str) -> str:
    """The name of a list."""
    return trp("tasks", LISTS[kind]) if kind == "done" else tr(LISTS[kind])
