"""What clients can be filtered by."""

from salesdesk.services import filter_choices
from salesdesk.text import ntr, tr, trp
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_lists import PAST, many, one, own
from salesdesk.ui.widgets.filter_parts import Part

_QUIET = (7, 14, 30, 60, 90, 180, 365)


def parts(context: Context) -> list[Part]:
    """Source, industry, silence, deals and what they brought, people, tags, dates, own fields."""
    today = context.store.zone.day_of(context.now())
    none = trp("source", "None")
    found = [
        many(context, "sources", tr("First contact"), None, none, "source"),
        many(context, "industries", tr("Industry"), None, none, "industry"),
        _silence(),
        one("deals", tr("Deals"), {
            "open": tr("With open deals"), "idle": tr("No open deals"),
            "won": tr("With won deals"), "none": tr("No deals at all"),
        }),
        Part("brought", trp("deals", "Brought"), "range", amounts=True),
        many(context, "people", tr("Responsible"), context.seen, tr("Nobody"), "owners"),
        many(context, "teams", tr("Team"), None),
        many(context, "tags", tr("Tag of a deal"), None),
        Part("made", trp("client", "Entered"), "days", days=PAST, today=today),
    ]  # fmt: skip
    fields = context.ask(filter_choices.own_fields, "client")
    return found + [own(field, today) for field in fields]


def _silence() -> Part:
    """So many days without activity: those offered, or what an address names."""

    def said(value: str) -> str:
        return ntr("Nothing for {n} day", "Nothing for {n} days", int(value))

    return Part(
        "quiet", tr("Activity"), "one",
        lambda _typed: [(str(days), said(str(days))) for days in _QUIET],
        lambda values: [said(value) for value in values],
    )  # fmt: skip
