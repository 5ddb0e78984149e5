"""What deals can be filtered by: the cards of the board, and what the reports count."""

from salesdesk.services import filter_choices
from salesdesk.text import tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_lists import AHEAD, PAST, many, own
from salesdesk.ui.widgets.filter_parts import Part


def parts(context: Context, seen: frozenset[int] | None, past: bool = False) -> list[Part]:
    """Person, team, client, tag, source, amount, dates and own fields; of a past board the people
    alone."""
    today = context.store.zone.day_of(context.now())
    people = [
        many(context, "people", tr("Person"), seen, tr("Nobody")),
        many(context, "teams", tr("Team"), None),
    ]
    if past:
        return people
    found = [
        *people,
        many(context, "clients", tr("Client"), None),
        many(context, "tags", tr("Tag"), None),
        many(context, "sources", tr("Source"), None, trp("source", "None")),
        Part("amount", tr("Amount"), "range", amounts=True),
        Part("created", trp("deal", "Created"), "days", days=PAST, today=today),
        Part("expected", tr("Expected close date"), "days", days=AHEAD, today=today),
        Part("entered", tr("In the stage since"), "days", days=PAST, today=today),
    ]
    return found + [own(field, today) for field in context.ask(filter_choices.own_fields)]
