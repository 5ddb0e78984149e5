"""What a person opened lately on this machine, latest first: kept for each workspace and person."""

from salesdesk.services import search
from salesdesk.services.search import Spot
from salesdesk.ui.context import Context

_KEPT = 30


def recent(context: Context) -> list[Spot]:
    """The records, latest first; some may be gone."""
    found = []
    for part in context.remember.text(_name(context)).split():
        kind, _, key = part.partition(":")
        if kind in search.KINDS and key.isdecimal():
            found.append(Spot(kind, int(key)))
    return found


def note(context: Context, kind: str, key: int) -> None:
    """A record was opened."""
    spot = Spot(kind, key)
    kept = [spot, *(each for each in recent(context) if each != spot)][:_KEPT]
    context.remember.set(_name(context), " ".join(f"{each.kind}:{each.id}" for each in kept))


def watch(context: Context) -> None:
    """Note whatever is opened by ``context.go`` from now on."""
    kinds = {"board": "deal", "clients": "client", "contractors": "contractor"}

    def on_asked(page: str, item: object) -> None:
        if page in kinds and isinstance(item, int):
            note(context, kinds[page], item)

    context.page_asked.connect(on_asked)


def _name(context: Context) -> str:
    workspace = context.ask(search.workspace_id)[:12]
    return f"palette/recent-{workspace}-{context.person_id or 0}"
