"""What the page of clients says, in the chosen language."""

from salesdesk.moments import Zone
from salesdesk.services.clientview import ClientTask, ClientView
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats

KINDS = {"company": N_("Company"), "contact": N_("Contact person")}
FIELDS = {
    "kind": N_("Kind"), "company_id": N_("Company"), "phone": N_("Phone"), "email": N_("E-mail"),
    "tax_number": N_("Tax number"), "industry_id": N_("Industry"), "source_id": N_("First contact"),
    "notes": N_("About the client"), "name": N_("Name"), "external_id": N_("External number"),
    "title": N_("Title"), "owner_id": N_("Responsible"), "client_id": N_("Company"),
    "contact_id": N_("Contact person"), "amount": N_("Amount"), "start_day": N_("Start"),
    "expected_day": N_("Expected close date"), "probability": N_("Probability"),
    "parent_id": N_("Parent deal"),
}  # fmt: skip
SORTS = {
    "name": N_("By name"), "newest": N_("Newest first"), "quiet": N_("Longest without activity"),
    "revenue": N_("By revenue"), "deals": N_("By open deals"),
}  # fmt: skip


def kind(which: str) -> str:
    """Company or contact person."""
    return tr(KINDS[which])


def field(name: str) -> str:
    """A field's name."""
    return tr(FIELDS.get(name, name))


def ago(zone: Zone, at: int, now: int) -> str:
    """``today``, ``yesterday``, ``12 days ago``."""
    days = max(0, zone.day_of(now) - zone.day_of(at))
    if days == 0:
        return trp("activity", "today")
    if days == 1:
        return trp("activity", "yesterday")
    return ntr("{n} day ago", "{n} days ago", days)


def active(client: ClientView, zone: Zone, now: int) -> str:
    """When something happened last."""
    return tr("Last activity: {when}", when=ago(zone, client.active_at, now))


def summary(client: ClientView) -> list[tuple[str, str]]:
    """Pairs of a number and what it is: what the client's deals brought."""
    return [
        (formats.whole(client.open_deals), trp("deals", "open")),
        (formats.whole(client.won_deals), trp("deals", "won")),
        (formats.money(client.revenue, client.currency), trp("deals", "brought")),
        (formats.money(client.paid, client.currency), trp("deals", "paid")),
    ]


def unrated(client: ClientView) -> str:
    """Which currencies are left out of the sums; empty when none is."""
    if not client.unrated:
        return ""
    return tr("Without deals in {codes}: no rate is set.", codes=", ".join(client.unrated))


def task_below(task: ClientTask, zone: Zone, now: int) -> str:
    """The second line of a task: state and moment, whose it is, its result."""
    if task.state == "open":
        when = tr("no date") if task.due_at is None else formats.near(zone, task.due_at, now)
        if task.shown == "overdue":
            when = tr("overdue: {when}", when=when)
    else:
        when = trp("task", "done") if task.state == "done" else trp("task", "cancelled")
        if task.closed_at is not None:
            when = f"{when} · {formats.near(zone, task.closed_at, now)}"
    return " · ".join(filter(None, (when, task.assignee, task.result)))
