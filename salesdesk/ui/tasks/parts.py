"""What tasks can be filtered by."""

from salesdesk.text import tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_lists import many
from salesdesk.ui.widgets.filter_parts import Part

_DUE = ("today", "tomorrow", "week", "next_week", "month", "next_month", "past", "none")


def parts(context: Context, seen: frozenset[int] | None, several: bool) -> list[Part]:
    """Kind, due days, client, and of the deal its stage, tags and source; people, where tasks of
    several are there to be seen."""
    today = context.store.zone.day_of(context.now())
    none = trp("source", "None")
    people = [
        many(context, "people", tr("Person"), seen, tr("Nobody"), "assignees"),
        many(context, "teams", tr("Team"), None),
    ]
    return (people if several else []) + [
        many(context, "kinds", tr("Kind of task"), None, tr("No kind")),
        Part("due", tr("Due"), "days", days=_DUE, today=today),
        Part("often", tr("Postponed often"), "flag"),
        many(context, "clients", tr("Client"), None),
        many(context, "pipelines", tr("Pipeline"), None),
        many(context, "stages", tr("Stage of the deal"), None),
        many(context, "tags", tr("Tag of a deal"), None),
        many(context, "sources", tr("Source"), None, none),
    ]
