"""The latest command that stands, taken back as ``salesdesk undo`` takes it."""

from salesdesk.errors import Refused
from salesdesk.models.store import Store
from salesdesk.services import audit, history


def undo_last(store: Store, *, person: int | None, now: int) -> history.UndoResult:
    """Undo it, whoever did it; raises Refused when there is none."""
    with store.read() as r:
        found = audit.commands(r, limit=1, standing=True)
    if not found:
        raise Refused("There is nothing to undo.")
    return history.undo(store, found[0].id, person=person, now=now)
